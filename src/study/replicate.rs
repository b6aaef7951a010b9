//! Independent replications of one scenario, until there are enough of them.
//!
//! Replication r draws from the streams of number r, so replication 0 is the plain run. They are folded in order of
//! their numbers, and the rounds towards a precision depend on the results alone ([`Goal`]): neither depends on the
//! number of workers, or where they are.

use super::completion::Completion;
use super::goal::{Goal, Look};
use super::ledger::Row;
use super::measures::{Fold, Layout};
use super::replication;
use super::round::{Conditions, Filled, StudyError, fill};
use crate::actor::RunError;
use crate::scenario::Scenario;
use crate::stats::Interval;

/// The results of replications.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replicated {
    /// Progress.
    pub completion: Completion,
    /// The number of replications planned in the rounds so far.
    pub wanted: u64,
    /// Whether all replications are the same run, as they are if nothing is random.
    pub is_one_run: bool,
    /// The interval of every measure of the layout.
    pub intervals: Vec<Interval>,
}

/// Replicates a scenario until the goal is met.
///
/// # Errors
/// See [`StudyError`].
///
/// # Panics
/// If the goal names a measure that the layout does not have.
pub fn replicate(
    scenario: &Scenario,
    layout: &Layout,
    goal: &Goal,
    conditions: Conditions<'_>,
) -> Result<Replicated, StudyError> {
    let judged = judged(goal, layout);
    let mut fold = Fold::new(layout);
    let mut wanted = goal.first();
    let mut missing = Vec::new();
    let (met, interrupted) = loop {
        let run = |number| one(scenario, layout, number, conditions);
        let filled = fill(fold.rows..wanted, conditions, run)?;
        if let Filled::Missing(numbers) = filled {
            missing = numbers;
            fold = of_share(layout, wanted, conditions)?;
            break (false, false);
        }
        conditions
            .ledger
            .each(fold.rows..wanted, &mut |number, row| {
                if number == fold.rows {
                    fold.take(row);
                }
            })?;
        let seen = judged.iter().map(|&at| &fold.samples[at]);
        match goal.look(fold.rows, wanted, conditions.confidence, seen) {
            Look::Met => break (true, false),
            _ if filled == Filled::Interrupted => break (false, true),
            Look::Most => break (false, false),
            Look::Wanted(more) => wanted = more,
        }
    };
    let completion = Completion {
        replications: fold.rows,
        digest: fold.digest,
        met,
        interrupted,
        missing,
    };
    Ok(Replicated {
        completion,
        wanted,
        is_one_run: fold.is_one_run(),
        intervals: fold.intervals(conditions.confidence),
    })
}

/// The measures that a goal examines, by index.
pub(super) fn judged(goal: &Goal, layout: &Layout) -> Vec<usize> {
    let place = |key: &String| layout.find(key).expect("the goal's measures are there");
    match goal {
        Goal::Count(_) => Vec::new(),
        Goal::Precision { measures, .. } => measures.iter().map(place).collect(),
    }
}

/// The fold of the rows that belong to a share.
fn of_share(layout: &Layout, wanted: u64, conditions: Conditions<'_>) -> Result<Fold, StudyError> {
    let mut fold = Fold::new(layout);
    let share = conditions.share();
    conditions.ledger.each(0..wanted, &mut |number, row| {
        if share.holds(number) {
            fold.take(row);
        }
    })?;
    Ok(fold)
}

/// One replication as a row; `None` if it was cut short.
pub(super) fn one(
    scenario: &Scenario,
    layout: &Layout,
    number: u64,
    conditions: Conditions<'_>,
) -> Result<Option<Row>, RunError> {
    let Conditions { runtime, stop, .. } = conditions;
    let run = replication::run(scenario, number, runtime, stop)?;
    Ok((!run.interrupted()).then(|| Row {
        digest: run.digest(),
        values: layout.row(&run),
    }))
}
