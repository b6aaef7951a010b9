//! The best setting of a few whole-number keys: the least cost, or the best measure, that meets requirements.
//!
//! All settings see the same replications (common random numbers). Up to [`ALL_SETTINGS_MAX`] of them race
//! (`race`), so that the answer covers every one; if there are more, a search (`search`) selects those that race,
//! and the answer says so. Verdicts are tests that may be applied after every round, and the error of all of them
//! together is at most 1 - confidence; the results do not depend on where the rows are computed.
//!
//! Measured (`cargo test --release --test finding`): of 200 studies at 95 % each, of nine questions whose answer is
//! known from a formula or a Markov chain, all were right. Equal spending gives every setting as many runs as the
//! one that had most; of that, staffing by Erlang C took 21, 10 and 2 % at three sizes, by Erlang A 25, 14 and 3 %,
//! buffers of three and four stages 28 and 18 %, and servers of a closed network 15 %.

mod asked;
mod by_measure;
mod field;
mod race;
mod search;
mod space;

use crate::number::of_them;
pub use asked::{Aim, Comparison, Requirement, Subject};
pub use field::Verdict;
pub use space::{Choice, Setting, Space};

use super::ledger::KeepError;
use super::round::{Conditions, StudyError};
use crate::actor::RunError;
use crate::digest::Digest;
use crate::scenario::Scenario;
use field::{Allowances, Entrant, Field};
use race::{FIRST, Raced, allowances};
use thiserror::Error;

/// The maximum number of settings for all of them to race.
pub const ALL_SETTINGS_MAX: u128 = 4000;

/// The same if the aim is a measure: then every setting runs.
const ALL_MEASURED_MAX: u128 = 1000;

/// Settings beside the best that are run to show the effect of one step more or less, and their replications.
const BESIDE: usize = 12;
const BESIDE_RUNS: u64 = 32;

/// The question of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The settings to choose from.
    pub space: Space,
    /// The requirements.
    pub requirements: Vec<Requirement>,
    /// The quantity to minimise or maximise.
    pub aim: Aim,
    /// The difference of a measure that does not matter; by default a share of the best.
    pub indifference: Option<f64>,
    /// The maximum number of replications of a setting.
    pub max: Option<u64>,
}

impl Question {
    /// Whether all settings race.
    #[must_use]
    pub fn is_exhaustive(&self) -> bool {
        let most = match self.aim.measure() {
            None => ALL_SETTINGS_MAX,
            Some(_) => ALL_MEASURED_MAX,
        };
        self.space.count() <= most
    }
}

/// The progress of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Runs so far.
    pub runs: u64,
    /// Settings that take part.
    pub settings: usize,
    /// The settings whose verdict is known, or not needed.
    pub settled: usize,
    /// Whether the search for settings to race is still going on.
    pub searching: bool,
}

/// The reason why there is no answer.
#[derive(Debug, Error)]
pub enum FindError<E> {
    /// A setting is not a valid scenario.
    #[error("a setting is no scenario")]
    Setting(E),
    /// A run did not finish.
    #[error(transparent)]
    Run(RunError),
    /// A row could not be stored or read.
    #[error(transparent)]
    Keep(KeepError),
    /// A measure of the question had no value in any run of the first round.
    #[error("`{measure}` had no value in any of {}", of_them(*.runs, "run"))]
    NoValue {
        /// Its key.
        measure: String,
        /// Number of runs.
        runs: u64,
    },
    /// The round waits for others to do these jobs.
    #[error("{} of this round: left for others to do", of_them(.0.len() as u64, "job"))]
    Missing(Vec<u64>),
    /// It was stopped before there was a result.
    #[error("stopped before there was anything to say")]
    Interrupted,
}

impl<E> From<StudyError> for FindError<E> {
    fn from(error: StudyError) -> FindError<E> {
        match error {
            StudyError::Run(error) => FindError::Run(error),
            StudyError::Keep(error) => FindError::Keep(error),
        }
    }
}

/// A measure of a setting: its mean, and the ends of the interval from which its verdict follows, limited to the
/// possible range of the measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The mean over the replications.
    pub mean: Option<f64>,
    /// The lower end; none if there are too few replications.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// The position of a setting relative to the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the best, or the nearest if none meets the requirements.
    Best,
    /// It fails a requirement.
    Fails,
    /// A setting that meets all requirements is better, or as cheap; or it seems worse than the best by more than
    /// the zone of indifference, and is known not to be better by more than that.
    NotNeeded,
    /// It seems as good as the best, or worse by no more than the zone of indifference.
    AsGood,
    /// It could be better than the best: that is not settled.
    Open,
}

/// A setting and its results.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Its values, in the order of the choices.
    pub setting: Setting,
    /// Its value for the aim; none for a measure without runs. If it had fewer runs than the best, which may have
    /// been busy or calm ones, it is the value of the best plus the mean difference in common replications.
    pub value: Option<f64>,
    /// Whether it meets the requirements.
    pub verdict: Verdict,
    /// Its position relative to the best.
    pub standing: Standing,
    /// Number of its replications.
    pub replications: u64,
    /// The measures of the requirements, in their order; then that of the aim, if it is one.
    pub measures: Vec<Bounds>,
}

impl Tried {
    /// Whether its means so far meet these requirements, possibly by chance.
    #[must_use]
    pub fn seems_to_meet(&self, requirements: &[Requirement]) -> bool {
        let mut each = requirements.iter().zip(&self.measures);
        each.all(|(requirement, seen)| {
            seen.mean
                .is_some_and(|mean| requirement.margin(mean) >= 0.0)
        })
    }
}

/// The results of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The settings that raced, and those beside the best.
    pub tried: Vec<Tried>,
    /// The index of the best or, if none meets the requirements, of the nearest.
    pub best: usize,
    /// The settings one step from the best, by index.
    pub beside: Vec<usize>,
    /// Whether no better setting was left open.
    pub settled: bool,
    /// Total number of settings.
    pub settings: u128,
    /// Number of settings that a search tried, if not all raced.
    pub searched: Option<u64>,
    /// Number of runs of all settings.
    pub runs: u64,
    /// Number of runs that ended in a deadlock of a network.
    pub blocked: u64,
    /// The zone of indifference, if the aim is a measure.
    pub zone: Option<f64>,
    /// Whether it was wound up before its end.
    pub interrupted: bool,
    /// A fingerprint of all runs.
    pub digest: Digest,
}

impl Found {
    /// Whether the best is known to meet all requirements.
    #[must_use]
    pub fn meets(&self) -> bool {
        self.tried[self.best].verdict == Verdict::Yes
    }

    /// The settings that could be better than the best.
    pub fn open(&self) -> impl Iterator<Item = &Tried> {
        let tried = self.tried.iter();
        tried.filter(|one| one.standing == Standing::Open)
    }
}

/// Finds the best setting, with the confidence of the conditions. `load` creates the scenario of a setting; `watch`
/// is called with the progress after each round.
///
/// # Errors
/// See [`FindError`].
pub fn find<E>(
    question: &Question,
    load: impl Fn(&[i64]) -> Result<Scenario, E>,
    conditions: Conditions<'_>,
    watch: &mut dyn FnMut(Progress),
) -> Result<Found, FindError<E>> {
    let mut field = Field::new(question, conditions, load);
    let exhaustive = question.is_exhaustive();
    let (settings, searched) = match exhaustive {
        true => (question.space.all(), None),
        false => {
            let (settings, tried) = search::search(&mut field, watch)?;
            (settings, Some(tried))
        }
    };
    let raced = settings.len();
    for setting in settings {
        field.add(setting);
    }
    let allowances = allowances(question, raced, conditions.confidence);
    let race = field.race(allowances, watch)?;
    let Some(best) = race.best else {
        return Err(FindError::Interrupted);
    };
    let beside = beside(&mut field, best, raced, allowances)?;
    Ok(found(field, &race, best, beside, searched, allowances))
}

/// Runs the settings one step from the best; returns their indices.
fn beside<E, L: Fn(&[i64]) -> Result<Scenario, E>>(
    field: &mut Field<'_, L>,
    best: usize,
    raced: usize,
    allowances: Allowances,
) -> Result<Vec<usize>, FindError<E>> {
    if field.interrupted {
        return Ok(Vec::new());
    }
    let mut near = field
        .question
        .space
        .neighbours(&field.entrants[best].setting, 1);
    near.truncate(BESIDE);
    let wanted = field.entrants[best].runs().clamp(FIRST, BESIDE_RUNS);
    let mut places = Vec::new();
    for setting in near {
        let known = field.entrants.iter().position(|one| one.setting == setting);
        let at = match known {
            Some(at) => at,
            None => {
                let at = field.add(setting);
                field.entrants[at].is_out = true;
                at
            }
        };
        places.push(at);
    }
    let more = places
        .iter()
        .map(|&at| (at, wanted.saturating_sub(field.entrants[at].runs())));
    let more: Vec<(usize, u64)> = more.filter(|(_, more)| *more > 0).collect();
    field.observe(&more)?;
    for &at in places.iter().filter(|&&at| at < raced) {
        field.judge(at, allowances);
    }
    Ok(places)
}

fn found<E, L: Fn(&[i64]) -> Result<Scenario, E>>(
    field: Field<'_, L>,
    race: &Raced,
    best: usize,
    beside: Vec<usize>,
    searched: Option<u64>,
    allowances: Allowances,
) -> Found {
    let question = field.question;
    let sign = question.aim.sign();
    let is_measure = question.aim.measure().is_some();
    let is_near = |at: usize| {
        let worse = field.value_by(at, best) - field.aim_of(best);
        race.zone.is_some_and(|zone| worse <= zone)
    };
    let standing = |at: usize, entrant: &Entrant| match () {
        () if at == best => Standing::Best,
        () if entrant.verdict == Verdict::No => Standing::Fails,
        () if entrant.is_out => Standing::NotNeeded,
        () if is_measure && race.settled && is_near(at) => Standing::AsGood,
        () if is_measure && race.settled => Standing::NotNeeded,
        () => Standing::Open,
    };
    let tried = field.entrants.iter().enumerate().map(|(at, entrant)| {
        let value = match entrant.cost {
            Some(cost) => Some(sign * cost),
            None => Some(sign * field.value_by(at, best)).filter(|value| value.is_finite()),
        };
        let measures = 0..entrant.values.len();
        let measures = measures.map(|place| field.bounds(at, place, allowances));
        Tried {
            setting: entrant.setting.clone(),
            value: value.map(|value| if value == 0.0 { 0.0 } else { value }),
            verdict: entrant.verdict,
            standing: standing(at, entrant),
            replications: entrant.runs(),
            measures: measures.collect(),
        }
    });
    Found {
        tried: tried.collect(),
        best,
        beside,
        settled: race.settled,
        settings: question.space.count(),
        searched,
        runs: field.runs,
        blocked: field.blocked,
        zone: race.zone,
        interrupted: field.interrupted,
        digest: field.digest,
    }
}
