//! `filas` simulates service systems as real concurrent actors: customers who pass through a line of stages or a
//! network of stations, or requests served by a desk of attendants who may fail. ("Filas" are queues, in Portuguese and
//! in Spanish.) This page describes the parts, how they fit together, and the guarantees that always hold.
//!
//! # In seven sentences
//!
//! 1. A model is a set of actors; an actor is a plain struct that names the input it wants next and turns that message
//!    into new state and an outbox. It uses no thread, clock, channel, file or global random number generator.
//! 2. A runtime only decides when each actor runs: in one thread, on a thread per actor over bounded channels, or under
//!    any given schedule. Results are the same to the last bit.
//! 3. Events are ordered by one key, in [`time`]. Randomness has one type, a stream named by seed, replication, actor
//!    and purpose, in [`random`]. A draw is identified by its owner and its index, regardless of the order in which
//!    draws are made.
//! 4. A model outputs flat records and exact tallies, nothing else; every table, line of the log, chart and statistic
//!    is computed from them. The events of all models are one enum, [`station::Happening`].
//! 5. Observing a run cannot change it; a change made to it by hand is a patch of its scenario, in [`observe`].
//! 6. Every promise has a test; every prohibition has a test in `tests/suite/tidy.rs`.
//! 7. Every failure prints the one command that reproduces it.
//!
//! # The main path
//!
//! `main` → [`cli`]`::run` → [`scenario::load`] → [`model::Model::run`], which is [`tandem::run`] or
//! [`desk::run`] → an [`actor::Runtime`] → records and tallies → [`stats`] → [`report`]. In code:
//!
//! ```
//! use filas::actor::{Recording, Runtime, Surroundings};
//! use filas::model::Model;
//! use filas::scenario::{Origin, Overrides, load};
//! use std::sync::atomic::AtomicBool;
//!
//! let text = r#"
//!     model = "tandem"
//!     name = "bakery"
//!     arrivals = { interarrival = { exponential = { mean = 2.0 } } }
//!     horizon = { customers = 1000 }
//!     stages = [ { name = "counter", service = { exponential = { mean = 1.5 } } } ]
//! "#;
//! let name = "bakery.toml";
//! let loaded = load(Origin::Embedded { name, text }, &Overrides::default())?;
//! let bakery = Model::of(&loaded.scenario);
//! let stop = AtomicBool::new(false);
//! let around = Surroundings { conductor: &stop, recorder: &() };
//! let inline = bakery.run(0, Runtime::Inline, None, Recording::Nothing, around)?;
//! let threads = Runtime::Threads { channel_capacity: 4 };
//! let threads = bakery.run(0, threads, None, Recording::Nothing, around)?;
//! assert_eq!(inline.digest(), threads.digest());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # People and machines
//!
//! A line whose stages have plain servers runs as a pipeline of actors that need no common clock ([`tandem`]). With
//! people and machines (classes, patience, plans, breakdowns: [`scenario::Stage`]), or with routes, its stages are
//! [`station`]s, in [`lockstep`]. In one thread they share one clock: a coordinator advances from instant to instant
//! and calls the stations concerned, phase by phase. On threads they also form a pipeline if each can proceed from its
//! inputs and from the free places of stations that it alone fills ([`lockstep::pipeline`]); otherwise the coordinator
//! calls them ([`scenario::OneClock`] gives the reason). Each rule of a queue is written once, in [`station`], for both
//! models.
//!
//! ```
//! # use filas::actor::{Recording, Runtime, Surroundings};
//! # use filas::model::{Model, Outcome};
//! # use filas::scenario::{Origin, Overrides, load};
//! let text = r#"
//!     model = "tandem"
//!     arrivals = { interarrival = { exponential = { mean = 2.0 } } }
//!     horizon = { customers = 1000 }
//!
//!     [[stages]]
//!     name = "press"
//!     service = { exponential = { mean = 1.5 } }
//!     patience = { exponential = { mean = 10.0 } }
//!     faults = { every = { exponential = { mean = 50.0 } }, repair = { constant = { value = 5.0 } } }
//! "#;
//! # let name = "press.toml";
//! # let loaded = load(Origin::Embedded { name, text }, &Overrides::default())?;
//! # let around = Surroundings { conductor: &(), recorder: &() };
//! # let press = Model::of(&loaded.scenario);
//! let outcome = press.run(0, Runtime::Inline, None, Recording::Nothing, around)?;
//! # let Outcome::Line(line) = outcome else { unreachable!("it is a line") };
//! let customers = line.summary.customers;
//! assert!(customers.abandoned > Some(0));
//! // Every customer ends once.
//! let ends: u64 = customers.ends().iter().map(|(_, number)| number).sum();
//! assert_eq!(ends, 1000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Floors
//!
//! Imports go down only, and `tests/suite/tidy.rs` enforces it.
//!
//! | floor | modules | contents |
//! | --- | --- | --- |
//! | 7 | [`cli`] | clap, stdout, stderr, colour; a command run inside another program ([`cli::call`]), such as the Python module |
//! | 6 | [`report`], [`observe`], [`serve`] | tables, manifest, charts, the page, the rows of a study; the log, feed, room and control of a run under observation; the web page. No figure is computed here |
//! | 5 | [`stress`] | one scenario under many schedules, capacities and kills |
//! | 5 | [`study`] | many runs: replications, intervals, grids, the closed form that applies; the findings of a run or a study, worded once ([`study::answer`]). The only user of rayon |
//! | 5 | [`fit`] | the probability law that a recorded column follows |
//! | 4 | [`model`] | either model: run, trial, graph, actors. The only place that chooses between the models |
//! | 3 | [`desk`], [`tandem`] | the models, neither of which uses the other |
//! | 3 | [`lockstep`] | stations on one clock: a coordinator that advances from instant to instant and calls the stations concerned; routes between stations; stations that block each other; stations that need no common clock, as a pipeline |
//! | 2 | [`station`] | a service station: its queue, servers, faults and plans; and the events of either model, in one enum |
//! | 1 | [`scenario`] | the input language; every value it returns is valid |
//! | 0 | [`time`], [`random`], [`actor`], [`stats`], [`theory`], [`digest`], [`lanes`], [`number`], [`problem`], [`planted`] | no model, no file, no wall clock |
//!
//! Threads and channels are used in [`actor`] alone, and `actor/channel.rs` is the only file that uses crossbeam. Below
//! floor 5 nothing iterates over a hash map and nothing reads the wall clock.
//!
//! # Features
//!
//! All are on by default. Without them the library consists of models, studies, reports and observation of runs.
//!
//! | feature | brings |
//! | --- | --- |
//! | `cli` | the program: `cli`, the log, the terminal view |
//! | `page` | the web page: `serve` |
//! | `tables` | tables as Parquet; CSV is always available |
//! | `png` | charts as PNG; SVG is always available |
//!
//! # What always holds
//!
//! - The result of a run is a function of scenario, seed and version, and not of the runtime, channel capacity, chunk
//!   size, schedule, observers, locale or folder. Its [`digest`], sixteen hexadecimal digits, identifies the result.
//! - Release builds also check that no customer or request is created or lost on the way, that no clock runs backwards,
//!   that no queue exceeds its capacity, and that no server or attendant serves two at once.
//! - A study is a function of its rows, regardless of the process that computed them, and rows of one build, scenario
//!   and seed are the same everywhere. Shards can therefore be joined, and a killed study resumed, with results
//!   identical to the last bit ([`study`]).
//! - A file under its final name is complete: it is written under another name beside it, synced, and renamed.
//!
//! # Glossary
//! A *customer* passes through the *stages* of a *line*, or follows *routes* between the *stations* of a *network*, and
//! makes a *visit* at each; a network is a line with a [`scenario::Routing`], and every station is a stage; a *request*
//! of a *class* is served by an *attendant* of a desk. A stage's *servers* are its parallel places of service; a desk's
//! *server* is a group of attendants, so the server of queueing theory is there an *attendant*. *Waiting* is service
//! start minus arrival, *sojourn* departure minus arrival, *blocked* departure minus service end. *Queue length* counts
//! those waiting, not those in service. A *warm-up* is excluded from all measures; the *horizon* is where arrivals end.
//! *Model capacity* (a buffer) changes results, *channel capacity* must not; *faults* belong to the model and occur in
//! logical time, *kills* belong to the program.

/// The examples of the guide, run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/src/rust.md")]
#[derive(Debug)]
pub struct GuideFromRust;

#[cfg(feature = "cli")]
pub mod cli;

pub mod observe;
pub mod report;
#[cfg(feature = "page")]
pub mod serve;

pub mod fit;
pub mod stress;
pub mod study;

pub mod lockstep;
pub mod model;

pub mod desk;
pub mod tandem;

pub mod station;

pub mod scenario;

pub mod actor;
mod date;
pub mod digest;
pub mod lanes;
pub mod number;
pub mod planted;
pub mod problem;
pub mod random;
pub mod stats;
pub mod theory;
pub mod time;
