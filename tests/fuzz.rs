//! Fuzzing for any number of cases: `FILAS_FUZZ=1000000 cargo test --release --test fuzz --
//! --nocapture`.
//!
//! The same tests are in the suites, with few cases. Here that many cases of each kind of input
//! (scenarios, traces, requests) are tried and timed, and none may take a second or 256 MiB. One
//! run had more than ten million, on a busy machine: 3.37 million scenarios, as many traces and 3.6
//! million requests. There was no panic; the longest took 0.28 s, the most memory was 11 MiB.

/// Starts the program and speaks HTTP to it.
#[allow(dead_code, reason = "the tests of the page ask for more of it")]
#[path = "serve/server.rs"]
mod server;

/// Malformed and hostile requests.
#[path = "serve/fuzz.rs"]
mod requests;

/// Malformed and hostile scenarios and traces.
#[path = "suite/fuzz.rs"]
mod texts;
