//! What was found: the verdict, what was tried, and on failure where to look and what repeats it.

use super::{Conduct, SpeedLoss};
use super::{Shortened, Speed, Subject};
use crate::actor::trial::{Schedule, Situation, Situations, Strategy};
use crate::actor::{RunError, Waiting};
use crate::digest::Digest;
use crate::scenario::Scenario;
use std::time::{Duration, Instant};

/// How often a failing schedule is tried again, to see whether it always fails.
pub(super) const REPRODUCE: u64 = 10;

/// What came of it all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All schedules gave the results of one thread.
    Same,
    /// One gave other results.
    Diverged,
    /// In one, actors waited for each other.
    Deadlock,
    /// In one, something did not hold that always holds.
    Invariant,
    /// All gave the same, but nothing was hard enough to show anything.
    NotStressed,
}

impl Verdict {
    /// What scripts call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Diverged => "diverged",
            Verdict::Deadlock => "deadlock",
            Verdict::Invariant => "invariant",
            Verdict::NotStressed => "not stressed",
        }
    }

    pub(super) fn of(error: &RunError) -> Verdict {
        match error {
            RunError::Deadlock(_) | RunError::Unsafe { .. } => Verdict::Deadlock,
            _ => Verdict::Invariant,
        }
    }
}

/// How many schedules were tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedules {
    /// In one thread.
    pub explored: u64,
    /// Of these, how many differ in who moved when.
    pub distinct: u64,
    /// On threads.
    pub threaded: u64,
}

/// What was tried of one strategy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StrategyCount {
    /// Schedules.
    pub schedules: u64,
    /// Explored ones that differ from all before.
    pub distinct: u64,
    /// Actors killed.
    pub kills: u64,
    /// Numbers beyond the last schedule of an exhaustive search.
    pub beyond: u64,
}

/// How long those who were killed were away.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Restarts {
    /// How many.
    pub n: usize,
    /// The middle one.
    pub p50: Duration,
    /// What 99 of 100 did not exceed.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}

impl Restarts {
    pub(super) fn of(sorted: &[Duration]) -> Restarts {
        let at = |p: f64| {
            let rank = (p * sorted.len() as f64).ceil() as usize;
            let value = sorted.get(rank.saturating_sub(1));
            value.copied().unwrap_or_default()
        };
        Restarts {
            n: sorted.len(),
            p50: at(0.5),
            p99: at(0.99),
            max: at(1.0),
        }
    }
}

/// What went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The schedule under which it did; none where it does in one thread too.
    pub schedule: Option<Schedule>,
    /// What happened, in a sentence.
    pub what: String,
    /// Who waited for whom, where actors waited for each other.
    pub waiting: Vec<Waiting>,
    /// The first record that differs.
    pub first_difference: Option<String>,
    /// What each actor did last.
    pub last: Vec<(String, Vec<String>)>,
    /// How often the schedule failed again, of so many times.
    pub reproduced: Option<u64>,
}

impl Failure {
    /// Of how many times [`Failure::reproduced`] tells.
    pub const TRIED_AGAIN: u64 = REPRODUCE;

    pub(super) fn in_one_thread(error: &RunError) -> Failure {
        Failure {
            schedule: None,
            what: format!("in one thread already: {error}"),
            waiting: waiting(error),
            first_difference: None,
            last: Vec::new(),
            reproduced: None,
        }
    }

    pub(super) fn of(schedule: &Schedule, error: &RunError) -> Failure {
        Failure {
            schedule: Some(*schedule),
            what: error.to_string(),
            waiting: waiting(error),
            first_difference: None,
            last: Vec::new(),
            reproduced: None,
        }
    }

    pub(super) fn books(schedule: &Schedule, lost: u64, duplicated: u64) -> Failure {
        Failure {
            schedule: Some(*schedule),
            what: format!("{lost} messages were lost, {duplicated} handled more than once"),
            waiting: Vec::new(),
            first_difference: None,
            last: Vec::new(),
            reproduced: None,
        }
    }

    pub(super) fn diverged(
        schedule: &Schedule,
        digest: Digest,
        truth: Digest,
        first_difference: Option<String>,
    ) -> Failure {
        Failure {
            schedule: Some(*schedule),
            what: format!("digest {digest}, but {truth} in one thread"),
            waiting: Vec::new(),
            first_difference,
            last: Vec::new(),
            reproduced: None,
        }
    }
}

fn waiting(error: &RunError) -> Vec<Waiting> {
    match error {
        RunError::Deadlock(waiting) => waiting.clone(),
        _ => Vec::new(),
    }
}

/// Everything that was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// What came of it all.
    pub verdict: Verdict,
    /// The digest in one thread, and so of all schedules where the verdict says so.
    pub digest: Digest,
    /// The scenario as it was tried.
    pub scenario: Scenario,
    /// What it was cut to.
    pub shortened: Option<Shortened>,
    /// How many schedules were tried.
    pub schedules: Schedules,
    /// The same by strategy.
    pub strategies: Vec<(Strategy, StrategyCount)>,
    /// The one schedule that was asked for.
    pub replayed: Option<Schedule>,
    /// Messages and turns, of all schedules.
    pub moves: u64,
    /// Actors killed.
    pub kills: u64,
    /// Messages given again after a death.
    pub redone: u64,
    /// Messages sent again after a death, and dropped.
    pub repeats: u64,
    /// Messages lost.
    pub lost: u64,
    /// Messages handled more than once.
    pub duplicated: u64,
    /// Deadlocks.
    pub deadlocks: u64,
    /// Sends that waited for a place.
    pub blocked_sends: u64,
    /// How long those who were killed were away.
    pub restarts: Restarts,
    /// What came about in the runtime.
    pub situations: Situations,
    /// What came about in the model, or did not.
    pub met: Vec<(&'static str, bool)>,
    /// What went wrong, if anything did.
    pub failure: Option<Failure>,
    /// Throughput, where it was timed.
    pub speed: Option<Speed>,
    /// Where it became slower than an earlier report says.
    pub losses: Vec<SpeedLoss>,
    /// Whether it was wound up from outside.
    pub interrupted: bool,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    pub(super) fn begin(subject: &Subject, shortened: Option<Shortened>) -> Report {
        Report {
            verdict: Verdict::Same,
            digest: subject.truth,
            scenario: subject.scenario.clone(),
            shortened,
            schedules: Schedules::default(),
            strategies: Vec::new(),
            replayed: None,
            moves: 0,
            kills: 0,
            redone: 0,
            repeats: 0,
            lost: 0,
            duplicated: 0,
            deadlocks: 0,
            blocked_sends: 0,
            restarts: Restarts::default(),
            situations: Situations::default(),
            met: subject.met.clone(),
            failure: None,
            speed: None,
            losses: Vec::new(),
            interrupted: false,
            took: Duration::ZERO,
        }
    }

    /// Adds throughput, timed until the deadline.
    pub(super) fn measure(
        &mut self,
        scenario: &Scenario,
        deadline: Option<Instant>,
        conduct: Conduct<'_>,
    ) -> Result<(), RunError> {
        self.speed = Some(Speed::of(scenario, deadline, conduct)?);
        Ok(())
    }

    /// All situations, of runtime and model, and whether they came about.
    #[must_use]
    pub fn situations(&self) -> Vec<(&'static str, bool)> {
        let of_runtime = Situation::ALL
            .iter()
            .map(|&situation| (situation.name(), self.situations.has(situation)));
        of_runtime.chain(self.met.iter().copied()).collect()
    }
}
