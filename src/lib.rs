//! `filas` simulates service systems as real concurrent actors: customers who pass a line of stages or a
//! network of stations, or requests served by a desk of attendants who may fail. ("Filas" are queues, in Portuguese and in
//! Spanish.) This page is the map: what the parts are, how they hang together, and what always holds.
//!
//! # In seven sentences
//!
//! 1. A model is a set of actors; an actor is a plain struct that names the input it wants next and
//!    turns that message into new state and an outbox. It knows no thread, clock, channel, file or
//!    global random number.
//! 2. A runtime only decides who runs when: in one thread, on a thread per actor over bounded
//!    channels, or under any schedule on demand. Results are the same to the last bit.
//! 3. All order is one key, in [`time`]. All chance is one type, a stream named by seed, replication,
//!    actor and purpose, in [`random`]. A draw belongs to an owner and an index, whatever order draws are
//!    asked for in.
//! 4. A model puts out flat records and exact tallies, nothing else; every table, sentence of the log,
//!    chart and statistic comes from those. What happens is one enum, [`station::Happening`].
//! 5. Watching cannot change a run; what a person does to one is a patch of its scenario, in [`observe`].
//! 6. What we promise is a test; what we forbid is a tidy test.
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
//! A line whose stages have plain servers runs as a pipeline of actors that need no common clock ([`tandem`]). As soon
//! as it has people and machines (classes, patience, plans, breakdowns: [`scenario::Stage`]), or routes, its stages are
//! [`station`]s, in [`lockstep`]. In one thread they are on one clock: a coordinator goes from instant to instant and asks the
//! stations concerned, phase by phase. On threads they are a pipeline too where each can go by its inputs, and by the free
//! places of stations that it alone fills ([`lockstep::pipeline`]), and otherwise asked by the coordinator
//! ([`scenario::OneClock`] says why). Each rule of a queue is written once, in [`station`], for both models.
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
//! | floor | modules | what is there, and what is not |
//! | --- | --- | --- |
//! | 7 | [`cli`] | clap, stdout, stderr, colour; a command carried out inside another program ([`cli::call`]), as by the Python module |
//! | 6 | [`report`], [`observe`], [`serve`] | tables, manifest, charts, the page, the rows of a study; the log, feed, room and control of a run that is watched; the web page. No figure is computed here |
//! | 5 | [`stress`] | one scenario under many schedules, capacities and kills |
//! | 5 | [`study`] | many runs: replications, intervals, grids, which closed form fits; what a run or a study found, worded once ([`study::answer`]). The only user of rayon |
//! | 5 | [`fit`] | which law of chance a recorded column follows |
//! | 4 | [`model`] | whichever model: run, trial, graph, actors. The only place that chooses between the models |
//! | 3 | [`desk`], [`tandem`] | the models, which never know each other |
//! | 3 | [`lockstep`] | stations on one clock: a coordinator that goes from instant to instant and asks the stations concerned; routes between them; stations that block each other; stations that need no common clock, as a pipeline |
//! | 2 | [`station`] | what a service station is: who waits, who is served by whom, faults and plans; and what happens, whichever the model, in one enum |
//! | 1 | [`scenario`] | the input language; past this door every value is valid |
//! | 0 | [`time`], [`random`], [`actor`], [`stats`], [`theory`], [`digest`], [`lanes`], [`number`], [`problem`], [`planted`] | no model, no file, no wall clock |
//!
//! Threads and channels are in [`actor`] alone, and `actor/channel.rs` is the only file that knows
//! crossbeam. Below floor 5 nothing iterates over a hash map and nothing reads the wall clock.
//!
//! # Features
//!
//! All are on by default; without them the library is models, studies, reports and what watches a run.
//!
//! | feature | brings |
//! | --- | --- |
//! | `cli` | the program: `cli`, the log, the terminal view |
//! | `page` | the web page: `serve` |
//! | `tables` | tables as Parquet; as CSV they are written without it |
//! | `png` | charts as PNG; as SVG they are drawn without it |
//!
//! # What always holds
//!
//! - The result of a run is a function of scenario, seed and version; its [`digest`] says so in
//!   sixteen figures. Not of the runtime, channel capacity, chunk size, schedule, watchers, locale or
//!   folder.
//! - Checked in release builds too: nothing is created or lost on the way, clocks never run back, no
//!   queue exceeds its capacity, nobody serves two at once.
//! - A study is a function of its rows, whoever made them, and rows of one build, scenario and seed are
//!   the same everywhere: so shards are joined, and a killed study goes on, to the last bit ([`study`]).
//! - Nothing unreadable ever bears a final name: files are written beside it, synced, and renamed.
//!
//! # Glossary
//!
//! A *customer* passes the *stages* of a *line*, or goes by *routes* between the *stations* of a *network*, and makes a
//! *visit* at each; a network is a line with a [`scenario::Routing`], and every station is a stage; a *request* of a *class*
//! is served by an *attendant* of a desk. A stage's *servers* are its parallel places of service; a
//! desk's *server* is a group of attendants, so that queueing theory's server is there an *attendant*.
//! *Waiting* is service start minus arrival, *sojourn* departure minus arrival, *blocked* departure
//! minus service end. *Queue length* counts those waiting, not those in service. A *warm-up* enters no
//! measure; the *horizon* is where arrivals end. *Model capacity* (a buffer) changes results, *channel
//! capacity* must not; *faults* are of the model and in logical time, *kills* are of the program.

/// The examples of the guide, which are run with those of the documentation.
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
