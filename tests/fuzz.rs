//! Fuzzing for as long as is wanted: `FILAS_FUZZ=1000000 cargo test --release --test fuzz -- --nocapture`.
//!
//! The same tests are in the suites, with few cases. Here so many are tried of each kind of input (scenarios,
//! traces, requests), each is timed, and none may take a second or 256 MiB. Once it were more than ten million, on
//! a busy machine: 3.37 million scenarios, as many traces and 3.6 million requests. No panic; the longest took
//! 0.28 s, the most memory was 11 MiB.

/// Starts the program and speaks HTTP to it.
#[allow(dead_code, reason = "the tests of the page ask for more of it")]
#[path = "serve/server.rs"]
mod server;

/// Requests that nobody means.
#[path = "serve/fuzz.rs"]
mod requests;

/// Scenarios and traces that nobody means.
#[path = "suite/fuzz.rs"]
mod texts;
