//! The line's log: one event per change of state, in logical time.
//!
//! Events bear the target `filas::line`, the level `debug`, and the fields `time`, `stage`, `customer`
//! and `server` (from 1); the legend of all signs is in `observe/log/format.rs`. Here: `▶` a service begins, `✔` a customer leaves the stage, `▣` it
//! leaves after having been blocked, `✕` it finds no place and is lost. Each stage tells its own events
//! in its own order; on threads the stages' events mix as they come.

use crate::station::Visit;
use tracing::{Level, debug, enabled};

/// Whether anybody listens; to be asked once a turn.
pub(super) fn is_on() -> bool {
    enabled!(target: "filas::line", Level::DEBUG)
}

/// A service begins.
pub(super) fn begins(stage: &str, customer: u64, server: u32, time: f64, waited: f64) {
    let server = server + 1;
    debug!(
        target: "filas::line", time, stage, customer, server, waited,
        "{stage} ▶ #{customer} at server {server}, waited {waited:.3}",
    );
}

/// A customer leaves a stage.
pub(super) fn leaves(stage: &str, visit: &Visit) {
    let Visit {
        customer,
        server,
        departure: time,
        ..
    } = *visit;
    let blocked = visit.departure - visit.service_end;
    if blocked > 0.0 {
        debug!(
            target: "filas::line", time, stage, customer, server, blocked,
            "{stage} ▣ #{customer} leaves server {server}, blocked for {blocked:.3}",
        );
    } else {
        debug!(
            target: "filas::line", time, stage, customer, server,
            "{stage} ✔ #{customer} leaves server {server}",
        );
    }
}

/// A customer finds no place at the first stage.
pub(super) fn loses(stage: &str, customer: u64, time: f64) {
    debug!(target: "filas::line", time, stage, customer, "{stage} ✕ #{customer} lost");
}
