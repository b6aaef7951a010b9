//! Watching a run without touching it. Every watcher gets copies; none can change what happens.
//!
//! [`log`] is the log: events of the actors, by level, target and field.

pub mod log;
