//! Stress: runs one scenario under many schedules, channel capacities, chunks and kills, and checks
//! that all give one result.
//!
//! - `plan`: the schedules, as an endless list;
//! - `subject`: the scenario, shortened so that it can be run often, and its result in one thread;
//! - `desk`, `people`: the situations of a desk, or of people and machines, that arose in it;
//! - `divergence`: the first record in which two runs differ;
//! - `speed`: throughput against channel capacity and chunk;
//! - `report`: the findings.
//!
//! Trying schedules proves nothing about the others: for those the guarantee rests on the structure
//! of the models, in which no actor ever chooses between inputs (see [`crate::actor`]). A trial
//! with a different result shows that this structure was broken somewhere.
//!
//! # Measured
//!
//! All on two cores that were also busy with builds (load 4 to 14), release build unless stated.
//!
//! - *The long run.* Once, over the ten shipped scenarios, 50,000 random schedules, 50,000 of PCT
//!   and 1,000 on threads each (`filas stress FILE --strategy random --schedules 50000 --first
//!   100000`, and so on): 1,000,000 explored, 928,718 of them different, and 10,000 on threads;
//!   1.18 billion moves, 55 million sends that waited, 3.2 million actors killed. One digest for
//!   each scenario, no message lost or handled twice, no deadlock. Snapshots were still taken after
//!   every turn at that time.
//! - *Thirty seconds without options* try 24,000 to 93,000 explored schedules and 550 to 1,600 on
//!   threads on an otherwise idle machine, fewest for the line of a hundred stages: one digest
//!   each. Before snapshots became smaller, and next to builds, it was 10,500 to 23,700 and 380 to
//!   1,000.
//! - *Restarts.* 64,315 threads were killed in the long run: by scenario, the median restart took
//!   0.1 to 0.3 ms, the 99th percentile 3.5 to 4.4 ms, the longest 19 ms.
//! - *Deadlocks* planted on threads were named 20 ms after no actor could go on, and 21 ms after at
//!   the latest (next to builds 28 to 32 and 168 ms), 100 times out of 100 for each of three;
//!   10,000 healthy runs raised no alarm (`cargo test --features planted --test alarms`, a
//!   development build).
//! - *Counting* over channels of 256, on a quiet machine (`cargo bench --bench counting`, three
//!   times): a line takes 0.93 to 1.03 of the time, a desk 0.99 to 1.07. While receives still had a
//!   timeout, each armed a timer, and it was 1.14.
//! - *Perturbed threads sleep at once*, for the reason given in `actor/channel.rs`. With yields
//!   first, four busy loops beside it left five runs of the desk in 6 s; now 21.

mod desk;
mod divergence;
mod people;
mod plan;
mod report;
mod speed;
mod subject;

pub use plan::{CAPACITIES, CHUNKS, Family};
pub use report::{Failure, Report, Restarts, Schedules, StrategyCount, Verdict};
pub use speed::{Baseline, BaselineError, Compared, Speed, SpeedCell, SpeedLoss};
pub use subject::{Shortened, Subject};

use crate::actor::RunError;
use crate::actor::trial::{Schedule, Strategy};
use crate::scenario::Scenario;
use crate::stats::Tally;
use plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Limits of a stress test and the kind of schedules it tries.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Approximate time to spend; `None` if only `schedules` limits it.
    pub time: Option<Duration>,
    /// Largest number of schedules to try.
    pub schedules: Option<u64>,
    /// Kind of schedules to try.
    pub family: Family,
    /// Number of the first schedule; another number tries other schedules.
    pub first: u64,
    /// Whether the scenario is run at its full length.
    pub whole: bool,
}

/// The stop flag and the progress callback of a stress test.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a function says nothing")]
pub struct Conduct<'a> {
    /// Stops the stress test when set, at any time.
    pub stop: &'a AtomicBool,
    /// Called after each schedule.
    pub progress: &'a dyn Fn(),
}

/// Share of the time after which explored schedules end, and after which threaded ones end.
const EXPLORED_UNTIL: f64 = 0.55;
const THREADED_UNTIL: f64 = 0.9;

/// Without a time limit, one in this many schedules is on threads, if every kind is tried.
const THREADED_ONE_IN: u64 = 32;

/// Tries a scenario under many schedules.
///
/// # Errors
/// If the scenario cannot end even in one thread for a reason of its own, such as a trace that is
/// too short; or if no thread can be started.
pub fn stress(
    scenario: &Scenario,
    effort: &Effort,
    conduct: Conduct<'_>,
) -> Result<Report, RunError> {
    let clock = now();
    let (subject, shortened) = Subject::new(scenario, effort.whole, conduct.stop)?;
    let mut trials = Trials::new(&subject, shortened, conduct);
    let deadline = |share: f64| effort.time.map(|time| clock + time.mul_f64(share));
    if effort.family != Family::Threads {
        let most = effort.schedules.map(|most| match effort.family {
            Family::All => most - most / THREADED_ONE_IN,
            _ => most,
        });
        let until = match effort.family {
            Family::All => EXPLORED_UNTIL,
            _ => 1.0,
        };
        let plan = Plan::explored(effort.family, effort.first);
        trials.try_all(plan, most, deadline(until));
    }
    if matches!(effort.family, Family::All | Family::Threads) {
        let most = effort.schedules.map(|most| match effort.family {
            Family::All => most / THREADED_ONE_IN,
            _ => most,
        });
        let plan = Plan::threaded(effort.first);
        let until = match effort.family {
            Family::All => THREADED_UNTIL,
            _ => 1.0,
        };
        trials.try_all(plan, most, deadline(until));
    }
    if effort.family == Family::All && trials.may_go_on() {
        trials.report.measure(scenario, deadline(1.0), conduct)?;
    }
    Ok(trials.finish(clock))
}

/// Runs one schedule, and several times again if it fails.
///
/// # Errors
/// See [`stress`].
pub fn replay(
    scenario: &Scenario,
    schedule: &Schedule,
    whole: bool,
    conduct: Conduct<'_>,
) -> Result<Report, RunError> {
    let clock = now();
    let (subject, shortened) = Subject::new(scenario, whole, conduct.stop)?;
    let mut trials = Trials::new(&subject, shortened, conduct);
    trials.report.replayed = Some(*schedule);
    trials.attempt(schedule);
    Ok(trials.finish(clock))
}

#[allow(
    clippy::disallowed_methods,
    reason = "how long is tried is a matter of the wall clock; what comes out is not"
)]
fn now() -> Instant {
    Instant::now()
}

/// The state of a stress test.
struct Trials<'a> {
    subject: &'a Subject,
    conduct: Conduct<'a>,
    report: Report,
    fingerprints: BTreeSet<u64>,
    by_strategy: BTreeMap<Strategy, StrategyCount>,
    /// Of the seconds from each death to the restart: a tally, since a long test kills without end.
    restarts: Tally,
    /// Number of moves of a run, by capacity and chunk.
    moves: BTreeMap<(usize, usize), u64>,
}

impl<'a> Trials<'a> {
    fn new(subject: &'a Subject, shortened: Option<Shortened>, conduct: Conduct<'a>) -> Trials<'a> {
        let mut report = Report::begin(subject, shortened);
        if let Some(error) = &subject.failed {
            report.failure = Some(Failure::in_one_thread(error));
            report.verdict = Verdict::of(error);
        }
        Trials {
            subject,
            conduct,
            report,
            fingerprints: BTreeSet::new(),
            by_strategy: BTreeMap::new(),
            restarts: Tally::default(),
            moves: BTreeMap::new(),
        }
    }

    fn may_go_on(&self) -> bool {
        self.report.failure.is_none() && !self.conduct.stop.load(Ordering::Relaxed)
    }

    /// Tries schedules in turn until their number is reached, time is up, or one fails.
    fn try_all(&mut self, plan: Plan, most: Option<u64>, deadline: Option<Instant>) {
        for (tried, schedule) in (0..).zip(plan) {
            let enough = most.is_some_and(|most| tried >= most);
            let late = deadline.is_some_and(|deadline| now() >= deadline);
            if enough || late || !self.may_go_on() {
                return;
            }
            self.attempt(&schedule);
            (self.conduct.progress)();
        }
    }

    /// Tries one schedule, and again several times if it failed.
    fn attempt(&mut self, schedule: &Schedule) {
        let Some(found) = self.judge(schedule, true) else {
            return;
        };
        let mut reproduced = 0;
        for _ in 0..report::REPRODUCE {
            if self.conduct.stop.load(Ordering::Relaxed) {
                break;
            }
            reproduced += u64::from(self.judge(schedule, false).is_some());
        }
        let (verdict, mut failure) = found;
        failure.reproduced = Some(reproduced);
        self.report.verdict = verdict;
        self.report.failure = Some(failure);
    }

    /// Runs a schedule and returns what is wrong, if anything.
    fn judge(&mut self, schedule: &Schedule, counts: bool) -> Option<(Verdict, Failure)> {
        let moves = match schedule.strategy {
            Strategy::Pct { .. } => self.moves_of(schedule),
            _ => 0,
        };
        let tried = self.subject.trial(schedule, moves, self.conduct.stop);
        if self.conduct.stop.load(Ordering::Relaxed) {
            return None;
        }
        let seen = tried.seen;
        if counts {
            self.count(schedule, &seen);
            for restart in &seen.restarts {
                self.restarts.add(restart.as_secs_f64());
            }
        }
        let odd = (seen.lost, seen.duplicated) != (0, 0);
        let (verdict, mut failure) = match tried.ending {
            Ok(digest) if digest == self.subject.truth && !odd => return None,
            Ok(digest) if digest == self.subject.truth => (
                Verdict::Invariant,
                Failure::books(schedule, seen.lost, seen.duplicated),
            ),
            Ok(digest) => {
                let (subject, stop) = (self.subject, self.conduct.stop);
                let first = divergence::first(subject, schedule, moves, stop);
                (
                    Verdict::Diverged,
                    Failure::diverged(schedule, digest, self.subject.truth, first),
                )
            }
            Err(error) => (Verdict::of(&error), Failure::of(schedule, &error)),
        };
        failure.last = seen.last.told();
        Some((verdict, failure))
    }

    /// The approximate number of moves of a run under this schedule.
    fn moves_of(&mut self, schedule: &Schedule) -> u64 {
        let key = (schedule.channel_capacity, schedule.chunk);
        if let Some(&moves) = self.moves.get(&key) {
            return moves;
        }
        let by_turns = Schedule {
            strategy: Strategy::RoundRobin,
            seed: 0,
            kills: 0,
            ..*schedule
        };
        let tried = self.subject.trial(&by_turns, 0, self.conduct.stop);
        self.moves.insert(key, tried.seen.moves);
        tried.seen.moves
    }

    fn count(&mut self, schedule: &Schedule, seen: &crate::actor::trial::Seen) {
        let report = &mut self.report;
        let of = self.by_strategy.entry(schedule.strategy).or_default();
        of.schedules += 1;
        if schedule.strategy.is_explored() {
            report.schedules.explored += 1;
            let mut name = crate::digest::Digest::EMPTY;
            for word in [
                seen.fingerprint,
                schedule.channel_capacity as u64,
                schedule.chunk as u64,
            ] {
                name.fold(word);
            }
            if self.fingerprints.insert(name.value()) {
                report.schedules.distinct += 1;
                of.distinct += 1;
            }
            of.beyond += u64::from(seen.beyond);
        } else {
            report.schedules.threaded += 1;
        }
        of.kills += seen.kills;
        report.moves += seen.moves;
        report.kills += seen.kills;
        report.redone += seen.redone;
        report.repeats += seen.repeats;
        report.lost += seen.lost;
        report.duplicated += seen.duplicated;
        report.blocked_sends += seen.blocked_sends;
        report.situations.join(seen.situations);
    }

    fn finish(mut self, clock: Instant) -> Report {
        self.report.restarts = Restarts::of(&self.restarts);
        self.report.strategies = self.by_strategy.into_iter().collect();
        self.report.interrupted = self.conduct.stop.load(Ordering::Relaxed);
        if self.report.verdict == Verdict::Deadlock {
            self.report.deadlocks = 1;
        }
        let calm = self.report.blocked_sends == 0 && self.report.kills == 0;
        if calm && self.report.verdict == Verdict::Same {
            self.report.verdict = Verdict::NotStressed;
        }
        self.report.took = clock.elapsed();
        self.report
    }
}
