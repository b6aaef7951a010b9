//! One replication of a scenario, without records.

use super::flatten::Flatten;
use crate::actor::{Recording, RunError, Runtime, Surroundings};
use crate::model::{Model, Outcome};
use crate::scenario::Scenario;
use serde::Serialize;
use std::sync::atomic::AtomicBool;

/// Runs replication `number` of a scenario.
pub(super) fn run(
    scenario: &Scenario,
    number: u64,
    runtime: Runtime,
    stop: &AtomicBool,
) -> Result<Outcome, RunError> {
    let around = Surroundings {
        conductor: stop,
        recorder: &(),
    };
    Model::of(scenario).run(number, runtime, None, Recording::Nothing, around)
}

/// Adds the leaves of a summary.
pub(super) fn flatten(outcome: &Outcome, leaves: &mut Flatten) {
    outcome.serialize(leaves).expect("a summary is plain data");
}
