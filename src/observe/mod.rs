//! Watching a run without touching it, and touching it only where the scenario could have said so.
//!
//! - [`log`]: what happens in sentences, by level, target and field, to a terminal, a file or a feed.
//! - [`ordered`]: what happens in the order of logical time, the same on every engine.
//! - [`feed`]: copies for any number of readers, in bounded room; who writes never waits.
//! - [`room`]: what a view shows, folded from the records; begin there to watch a run.
//! - [`explain`]: the life of one request or customer, and why it waited.
//! - [`view`]: the terminal view, on any backend; `cli/live.rs` holds the terminal.
//! - [`timeline`]: a run as a trace for Perfetto, in logical time.
//! - [`limit`]: events and memory that a run may take.
//! - [`metrics`]: counters and gauges for Prometheus.
//! - [`spans`]: a run as spans for tracing tools; `otlp`: in the form of OpenTelemetry.
//! - [`control`]: pause, step, speed, stop, interventions; [`journal`]: what was done, as a patch.
//!
//! Every watcher gets copies; none can change what happens. Digests with and without are equal.

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
