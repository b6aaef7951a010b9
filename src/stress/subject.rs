//! The scenario of a stress test, shortened so that it can be run often, and its result in one
//! thread.

use super::{desk, people};
use crate::actor::trial::{self, Schedule, Strategy, Tried};
use crate::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use crate::digest::Digest;
use crate::model::{Model, Outcome};
use crate::number::{count, plain};
use crate::scenario::{Scenario, estimate};
use crate::station::Happening;
use crate::tandem::LineOutcome;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// Approximate limit on the moves of an explored run with one customer in each message: about a
/// millisecond.
const MOVES: u64 = 1_500;

/// The largest factor by which a shortened scenario is lengthened so that it reaches the situations of the whole
/// one.
const LONGER: f64 = 4.0;

/// The maximum estimated number of events of a whole scenario that is run to see which situations it reaches.
const WHOLE_MAX: u64 = 200_000;

/// Situations of a model, and whether each arose.
pub(super) type Met = Vec<(&'static str, bool)>;

/// A scenario prepared for stress.
#[derive(Debug)]
pub struct Subject {
    /// The scenario as it is run.
    pub scenario: Scenario,
    /// Its digest in one thread.
    pub truth: Digest,
    /// The error of the run in one thread, if it fails even there.
    pub(super) failed: Option<RunError>,
    /// Situations of the model, and whether each arose in that run.
    pub(super) met: Met,
    /// Situations that arise in the whole scenario, but not in this one, which is shortened.
    pub(super) beyond: Vec<&'static str>,
}

/// The original and the shortened length of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortened {
    /// Unit of the length: customers, steps, or the time until which customers enter.
    pub unit: &'static str,
    /// Length in the scenario.
    pub from: f64,
    /// Length used.
    pub to: f64,
}

impl fmt::Display for Shortened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            "until" => write!(f, "until {} of {}", plain(self.to), plain(self.from)),
            unit => {
                let (to, from) = (count(self.to as u64), count(self.from as u64));
                write!(f, "{to} of {from} {unit}")
            }
        }
    }
}

/// All records of a run, in the order in which they were filed.
#[derive(Default)]
struct Kept(Mutex<Vec<Happening>>);

impl Recorder<Happening> for Kept {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut kept = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        kept.append(records);
    }
}

/// Surroundings without a recorder.
pub(super) fn unwatched(stop: &AtomicBool) -> Surroundings<'_, Happening> {
    Surroundings {
        conductor: stop,
        recorder: &(),
    }
}

impl Subject {
    /// Prepares a scenario; unless the `whole` is wanted, it is shortened so that it can be run
    /// often.
    ///
    /// # Errors
    /// If it cannot end for a reason of its own, such as a trace that is too short.
    pub(super) fn new(
        scenario: &Scenario,
        whole: bool,
        stop: &AtomicBool,
    ) -> Result<(Subject, Option<Shortened>), RunError> {
        let (tried, mut shortened) = match whole {
            true => (scenario.clone(), None),
            false => shortened(scenario, MOVES, 1, stop),
        };
        let mut subject = Subject::of(tried);
        if let Some(cut) = &mut shortened {
            subject.lengthen(scenario, cut, stop);
        }
        shortened = shortened.filter(|cut| cut.to < cut.from);
        match subject.in_one_thread(stop) {
            Ok((digest, met)) => (subject.truth, subject.met) = (digest, met),
            Err(error @ (RunError::Trace { .. } | RunError::Thread { .. })) => return Err(error),
            Err(error) => subject.failed = Some(error),
        }
        Ok((subject, shortened))
    }

    fn of(scenario: Scenario) -> Subject {
        Subject {
            scenario,
            truth: Digest::EMPTY,
            failed: None,
            met: Vec::new(),
            beyond: Vec::new(),
        }
    }

    /// Lengthens a shortened scenario, up to [`LONGER`] times, if it then reaches more of the situations that the
    /// whole one does, and records those it still does not reach. A whole scenario that would take long is not run.
    fn lengthen(&mut self, whole: &Scenario, cut: &mut Shortened, stop: &AtomicBool) {
        if estimate(whole).events > WHOLE_MAX {
            return;
        }
        let arose = |scenario: Scenario| {
            let (_, met) = Subject::of(scenario).in_one_thread(stop).ok()?;
            let arose = met.into_iter().filter(|(_, arose)| *arose);
            Some(arose.map(|(name, _)| name).collect::<Vec<_>>())
        };
        let Some(all) = arose(whole.clone()) else {
            return;
        };
        let longest = (cut.to * LONGER).min(cut.from);
        let mut length = cut.to;
        let mut fewest = usize::MAX;
        loop {
            let scenario = Model::of(whole).cut_to(length);
            let Some(here) = arose(scenario.clone()) else {
                return;
            };
            let beyond = all.iter().filter(|name| !here.contains(name)).copied();
            let beyond: Vec<&str> = beyond.collect();
            if beyond.len() < fewest {
                fewest = beyond.len();
                cut.to = length;
                (self.scenario, self.beyond) = (scenario, beyond);
            }
            if fewest == 0 || length >= longest {
                return;
            }
            length = (2.0 * length).min(longest);
        }
    }

    /// The digest of a run in one thread, and the situations that arose.
    fn in_one_thread(&self, stop: &AtomicBool) -> Result<(Digest, Met), RunError> {
        caught(|| {
            let kept = Kept::default();
            let around = Surroundings {
                recorder: &kept,
                ..unwatched(stop)
            };
            // For desks, and lines of people and machines, every change of state is recorded.
            let people = self.scenario.line().filter(|line| !line.is_plain());
            let plain = people.is_none() && self.scenario.line().is_some();
            let recording = match plain {
                true => Recording::Tables,
                false => Recording::Everything,
            };
            let runtime = Runtime::Inline;
            let outcome = Model::of(&self.scenario).run(0, runtime, None, recording, around)?;
            let records = kept.0.into_inner().unwrap_or_default();
            let met = match &outcome {
                Outcome::Line(outcome) => match people {
                    Some(line) => people::met(line, outcome, &records),
                    None => met_in_line(outcome, &records),
                },
                Outcome::Desk(outcome) => match self.scenario.desk() {
                    Some(desk) => desk::met(desk, outcome, &records),
                    None => unreachable!("a desk gives what a desk gives"),
                },
            };
            Ok((outcome.digest(), met))
        })
    }

    /// Runs it once under a schedule.
    pub(super) fn trial(
        &self,
        schedule: &Schedule,
        moves: u64,
        stop: &AtomicBool,
    ) -> Tried<Digest> {
        tried(&self.scenario, schedule, moves, stop)
    }

    /// The records of a run under a schedule, or in one thread without one.
    pub(super) fn records(
        &self,
        schedule: Option<(&Schedule, u64)>,
        stop: &AtomicBool,
    ) -> Result<Vec<Happening>, RunError> {
        caught(|| {
            let kept = Kept::default();
            let around = Surroundings {
                recorder: &kept,
                ..unwatched(stop)
            };
            let (model, recording) = (Model::of(&self.scenario), Recording::Tables);
            match schedule {
                Some((schedule, moves)) => model.trial(schedule, moves, recording, around).ending?,
                None => model.run(0, Runtime::Inline, None, recording, around)?,
            };
            Ok(kept.0.into_inner().unwrap_or_default())
        })
    }
}

/// Runs a scenario once under a schedule.
pub(super) fn tried(
    scenario: &Scenario,
    schedule: &Schedule,
    moves: u64,
    stop: &AtomicBool,
) -> Tried<Digest> {
    let mut seen = trial::Seen::default();
    let ending = caught(|| {
        let model = Model::of(scenario);
        let tried = model.trial(schedule, moves, Recording::Nothing, unwatched(stop));
        seen = tried.seen;
        Ok(tried.ending?.digest())
    });
    Tried { ending, seen }
}

/// Runs it, turning a panic of the final audit into an error.
fn caught<T>(run: impl FnOnce() -> Result<T, RunError>) -> Result<T, RunError> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        Err(RunError::Panic {
            actor: "audit".to_owned(),
            reason: crate::actor::threads::reason(panic.as_ref()),
        })
    })
}

fn met_in_line(outcome: &LineOutcome, records: &[Happening]) -> Met {
    let mut instants = std::collections::BTreeSet::new();
    let mut tie = false;
    for record in records {
        let Happening::Passage(passage) = record else {
            continue;
        };
        for visit in &passage.visits {
            // The bit patterns of non-negative times are in the order of the times.
            tie |= !instants.insert((visit.stage, visit.arrival.to_bits()));
        }
    }
    let summary = &outcome.summary;
    let positive = |most: Option<f64>| most.is_some_and(|most| most > 0.0);
    vec![
        ("a customer waited", positive(summary.waiting.max)),
        ("a customer was blocked", positive(summary.blocked.max)),
        ("a customer was lost", summary.customers.lost > 0),
        ("two customers tied", tie),
    ]
}

/// Shortens a scenario so that an explored run of it, with `chunk` customers in a message, has at
/// most about `most` moves.
pub(super) fn shortened(
    scenario: &Scenario,
    most: u64,
    chunk: usize,
    stop: &AtomicBool,
) -> (Scenario, Option<Shortened>) {
    let model = Model::of(scenario);
    let (unit, from) = model.length();
    let schedule = Schedule {
        strategy: Strategy::RoundRobin,
        seed: 0,
        channel_capacity: 1,
        chunk,
        kills: 0,
    };
    // From below: double the length until it is too long.
    let mut length = match unit {
        "until" => from / f64::from(1u32 << 20),
        _ => 2.0_f64.min(from),
    };
    loop {
        let next = (length * 2.0).min(from);
        let cut = model.cut_to(next);
        let tried = tried(&cut, &schedule, 0, stop);
        if tried.ending.is_err() || tried.seen.moves > most {
            // Then in proportion, so that the limit is well used.
            let over = tried.seen.moves.max(1) as f64;
            let fits = next * (most as f64 / over).min(1.0);
            length = if unit == "until" { fits } else { fits.floor() };
            length = length.max(if unit == "until" { 0.0 } else { 1.0 });
            break;
        }
        length = next;
        if length >= from {
            return (scenario.clone(), None);
        }
    }
    let told = Shortened {
        unit,
        from,
        to: length,
    };
    (model.cut_to(length), Some(told))
}

/// The unit of a scenario's length, and the number of units in a run.
pub(super) fn units(
    scenario: &Scenario,
    stop: &AtomicBool,
) -> Result<(&'static str, f64), RunError> {
    let model = Model::of(scenario);
    match model.length() {
        ("steps", steps) => Ok(("steps", steps)),
        _ => {
            let (runtime, recording) = (Runtime::Inline, Recording::Nothing);
            let outcome = model.run(0, runtime, None, recording, unwatched(stop))?;
            let (unit, count) = match &outcome {
                Outcome::Desk(outcome) => ("requests", outcome.summary.requests.generated as f64),
                Outcome::Line(_) => ("customers", outcome.length()),
            };
            Ok((unit, count))
        }
    }
}
