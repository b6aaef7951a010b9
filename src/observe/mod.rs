//! Observation of a run without changing it, and interventions that its scenario could have contained.
//!
//! - [`log`]: events as sentences, by level, target and field, to a terminal, a file or a feed.
//! - [`ordered`]: events in the order of logical time, the same on every engine.
//! - [`feed`]: copies for any number of readers, in bounded memory; the writer never waits.
//! - [`room`]: the state that a view shows, folded from the records; start here to observe a run.
//! - [`explain`]: the life of one request or customer, and the reasons for its waits.
//! - [`view`]: the terminal view, on any backend; `cli/live.rs` owns the terminal.
//! - [`timeline`]: a run as a trace for Perfetto, in logical time.
//! - [`limit`]: limits on the events and the memory of a run.
//! - [`metrics`]: counters and gauges for Prometheus.
//! - [`spans`]: a run as spans for tracing tools; `otlp`: in the form of OpenTelemetry.
//! - [`control`]: pause, step, speed, stop, interventions; [`journal`]: the interventions, as a patch.
//!
//! Every observer gets copies; none can change a run. Digests with and without observers are equal.

pub mod control;
pub mod explain;
pub mod feed;
mod floor;
pub mod journal;
pub mod limit;
#[cfg(any(feature = "cli", feature = "page"))]
pub mod log;
pub mod metrics;
pub mod ordered;
#[cfg(feature = "page")]
pub mod otlp;
pub mod room;
pub mod spans;
pub mod timeline;
#[cfg(feature = "cli")]
pub mod view;
