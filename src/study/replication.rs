//! One replication of any model: the place where the models meet.

use super::walk::Walk;
use crate::actor::{Recording, RunError, Runtime, Surroundings};
use crate::desk::{self, DeskSummary};
use crate::digest::Digest;
use crate::scenario::Scenario;
use crate::tandem::{self, LineSummary};
use serde::Serialize;
use std::sync::atomic::AtomicBool;

/// A run of a model, whichever.
#[derive(Clone, Debug)]
pub(super) struct ModelRun {
    pub(super) digest: Digest,
    pub(super) interrupted: bool,
    pub(super) summary: ModelSummary,
}

/// The summary of a model, whichever.
#[derive(Clone, Debug)]
pub(super) enum ModelSummary {
    Line(Box<LineSummary>),
    Desk(Box<DeskSummary>),
}

impl ModelSummary {
    /// Walks over every leaf.
    pub(super) fn walk(&self, walk: &mut Walk) {
        match self {
            ModelSummary::Line(summary) => summary.serialize(walk),
            ModelSummary::Desk(summary) => summary.serialize(walk),
        }
        .expect("a summary is plain data");
    }
}

/// Runs replication `number` of a scenario, without records.
pub(super) fn run(
    scenario: &Scenario,
    number: u64,
    runtime: Runtime,
    stop: &AtomicBool,
) -> Result<ModelRun, RunError> {
    match scenario {
        Scenario::Tandem(line) => {
            let around = Surroundings {
                conductor: stop,
                recorder: &(),
            };
            let chunk = tandem::usual_chunk(runtime);
            let outcome = tandem::run(line, number, runtime, chunk, Recording::Nothing, around)?;
            Ok(ModelRun {
                digest: outcome.digest,
                interrupted: outcome.interrupted,
                summary: ModelSummary::Line(Box::new(outcome.summary)),
            })
        }
        Scenario::Desk(desk) => {
            let around = Surroundings {
                conductor: stop,
                recorder: &(),
            };
            let outcome = desk::run(desk, number, runtime, Recording::Nothing, around)?;
            Ok(ModelRun {
                digest: outcome.digest,
                interrupted: outcome.interrupted,
                summary: ModelSummary::Desk(Box::new(outcome.summary)),
            })
        }
    }
}
