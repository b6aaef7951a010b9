//! The findings of a stress test: the verdict, the counts, and for a failure its place and a
//! command to repeat it.

use super::{Compared, Conduct, SpeedLoss};
use super::{Shortened, Speed, Subject};
use crate::actor::trial::{Schedule, Situation, Situations, Strategy};
use crate::actor::{RunError, Waiting};
use crate::digest::Digest;
use crate::number::{agreeing, count, of_them};
use crate::scenario::Scenario;
use crate::stats::Tally;
use crate::study::answer::Answer;
use std::time::{Duration, Instant};

/// Number of times a failing schedule is tried again, to see whether it always fails.
pub(super) const REPRODUCE: u64 = 10;

/// The conclusion of a stress test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All schedules gave the results of one thread.
    Same,
    /// A schedule gave other results.
    Diverged,
    /// Under a schedule, actors waited for each other.
    Deadlock,
    /// Under a schedule, an invariant was violated.
    Invariant,
    /// All schedules gave the same results, but nothing was ever blocked or killed.
    NotStressed,
}

impl Verdict {
    /// Name used by scripts.
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

    /// The beginning of the answer.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Same => "The same result",
            Verdict::Diverged => "Another result",
            Verdict::Deadlock => "Deadlock",
            Verdict::Invariant => "Something broke",
            Verdict::NotStressed => "Not stressed",
        }
    }

    pub(super) fn of(error: &RunError) -> Verdict {
        match error {
            RunError::Deadlock(_) | RunError::Unsafe { .. } => Verdict::Deadlock,
            _ => Verdict::Invariant,
        }
    }
}

/// Numbers of schedules tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedules {
    /// In one thread.
    pub explored: u64,
    /// Explored schedules that differ from all others in the order of moves.
    pub distinct: u64,
    /// On threads.
    pub threaded: u64,
}

/// Counts for one strategy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StrategyCount {
    /// Schedules.
    pub schedules: u64,
    /// Explored schedules that differ from all before.
    pub distinct: u64,
    /// Actors killed.
    pub kills: u64,
    /// Numbers beyond the last schedule of an exhaustive search.
    pub beyond: u64,
}

/// Durations from the death of an actor to the first act of its new thread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Restarts {
    /// Number of restarts.
    pub n: u64,
    /// Median, within 1 %.
    pub p50: Duration,
    /// 99th percentile, within 1 %.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}

impl Restarts {
    pub(super) fn of(seconds: &Tally) -> Restarts {
        let all = seconds.statistics();
        let time = |seconds: Option<f64>| Duration::from_secs_f64(seconds.unwrap_or(0.0));
        Restarts {
            n: all.n,
            p50: time(all.p50),
            p99: time(all.p99),
            max: time(all.max),
        }
    }
}

/// A failure, and the information to diagnose it.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The schedule under which it occurred; `None` if it occurs in one thread too.
    pub schedule: Option<Schedule>,
    /// The failure in a sentence.
    pub what: String,
    /// The waiting actors and their peers, if actors waited for each other.
    pub waiting: Vec<Waiting>,
    /// The first record that differs.
    pub first_difference: Option<String>,
    /// The last acts of each actor.
    pub last: Vec<(String, Vec<String>)>,
    /// Number of times the schedule failed again, out of [`Failure::TRIED_AGAIN`].
    pub reproduced: Option<u64>,
}

impl Failure {
    /// Number of repetitions of a failing schedule.
    pub const TRIED_AGAIN: u64 = REPRODUCE;

    pub(super) fn in_one_thread(error: &RunError) -> Failure {
        Failure {
            schedule: None,
            what: format!("even in one thread: {error}"),
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
            what: format!(
                "{} {} lost, {duplicated} handled more than once",
                of_them(lost, "message"),
                agreeing(lost, "was", "were")
            ),
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

/// All findings of a stress test.
#[derive(Clone, Debug)]
pub struct Report {
    /// The conclusion.
    pub verdict: Verdict,
    /// The digest in one thread, and under all schedules if the verdict says so.
    pub digest: Digest,
    /// The scenario as it was run.
    pub scenario: Scenario,
    /// The length it was cut to, if it was shortened.
    pub shortened: Option<Shortened>,
    /// Numbers of schedules tried.
    pub schedules: Schedules,
    /// The same by strategy.
    pub strategies: Vec<(Strategy, StrategyCount)>,
    /// The schedule replayed, if a single one was asked for.
    pub replayed: Option<Schedule>,
    /// Messages and turns handled, over all schedules.
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
    /// Durations from deaths to restarts.
    pub restarts: Restarts,
    /// Situations that arose in the runtime.
    pub situations: Situations,
    /// Situations of the model, and whether each arose.
    pub met: Vec<(&'static str, bool)>,
    /// Those that arise in the whole scenario, but not at the length it was cut to.
    pub beyond: Vec<&'static str>,
    /// The failure, if there was one.
    pub failure: Option<Failure>,
    /// Throughput, if it was measured.
    pub speed: Option<Speed>,
    /// Combinations that are slower than in an earlier report.
    pub losses: Vec<SpeedLoss>,
    /// The part of the earlier report that could be compared with, if there is one.
    pub compared: Option<Compared>,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
    /// Time it took.
    pub took: Duration,
}

/// The limits of what many schedules show.
const NOTE: &str = "That is a search and no proof: it holds for all other schedules because no actor ever chooses \
                    between its inputs.";

impl Report {
    /// The answer: whether any schedule changed the result.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let seen = &self.schedules;
        let explored = format!(
            "{} explored ({} different)",
            count(seen.explored),
            count(seen.distinct)
        );
        let tried = match (seen.explored, seen.threaded) {
            (0, threaded) => format!("{} on threads", count(threaded)),
            (_, 0) => explored,
            (_, threaded) => format!("{explored}, {} on threads", count(threaded)),
        };
        let failure = self.failure.as_ref();
        let rest = match self.verdict {
            Verdict::Same if self.replayed.is_some() => " under this schedule".to_owned(),
            Verdict::Same => format!(" every time: {tried}"),
            Verdict::NotStressed if self.replayed.is_some() => {
                ": the same result under this schedule, but no send blocked, no actor killed"
                    .to_owned()
            }
            Verdict::NotStressed => format!(": {tried}, no send blocked, no actor killed"),
            _ if failure.is_some_and(|failure| failure.schedule.is_none()) => {
                " in one thread already: no schedule is needed".to_owned()
            }
            _ => format!(" after {tried}"),
        };
        let proof = (self.verdict == Verdict::Same).then(|| NOTE.to_owned());
        let cut = self.shortened.as_ref();
        Answer {
            headline: format!("{}{rest}.", self.verdict.words()),
            notes: proof.into_iter().collect(),
            unsettled: cut.map(|cut| self.told(cut)).into_iter().collect(),
            ..Answer::default()
        }
    }

    /// The length it was cut to, and what that leaves out.
    fn told(&self, cut: &Shortened) -> String {
        if self.beyond.is_empty() {
            return format!("The scenario was cut to {cut}.");
        }
        format!(
            "The scenario was cut to {cut}; the whole of it, which `--whole` tries, also reaches: {}.",
            self.beyond.join(", ")
        )
    }

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
            beyond: subject.beyond.clone(),
            failure: None,
            speed: None,
            losses: Vec::new(),
            compared: None,
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

    /// All situations, of runtime and model, and whether each arose.
    #[must_use]
    pub fn situations(&self) -> Vec<(&'static str, bool)> {
        let of_runtime = Situation::ALL
            .iter()
            .map(|&situation| (situation.name(), self.situations.has(situation)));
        of_runtime.chain(self.met.iter().copied()).collect()
    }
}
