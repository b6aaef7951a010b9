//! The statistical uncertainty of a single run: the interval of its mean wait, or the reason why there is none.
//!
//! Batches of a run are meaningful only if its parts are alike, and if the run is long compared with its memory:
//! the number of customers over which waits are correlated. Whether it is long enough should not be judged by the
//! run itself, since a calm one seems long: in a measurement the intervals of only those runs that seem just long
//! enough hold the mean in 70 to 90 % of cases. So the [memory](Memory) is taken from the scenario if possible.

mod memory;

use crate::model::{Model, Outcome};
use crate::number::{count, fine, given_percent, of_them};
use crate::scenario::Scenario;
use crate::stats::{Doubt, MEMORIES_KNOWN, RunInterval};
use memory::{Memory, OVERLOAD, of_desk, of_line};
use serde::{Deserialize, Serialize};

/// The confidence of the interval of a single run.
pub const CONFIDENCE: f64 = 0.95;

/// The knowledge about the mean wait of a single run.
#[derive(Clone, Debug, PartialEq)]
pub struct Certainty {
    /// The interval; none if `why` gives a reason.
    pub interval: Option<MeanInterval>,
    /// The reason there is no interval.
    pub why: Option<String>,
    /// The interval or the reason in words; none if all waits are equal.
    pub sentence: Option<String>,
}

/// The interval of the mean wait of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanInterval {
    /// The mean.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end; it is further from the mean if long waits are rare.
    pub high: f64,
    /// The confidence.
    pub confidence: f64,
    /// Number of batches.
    pub batches: u64,
    /// Number of waits in each.
    pub size: u64,
}

/// Estimates the mean wait of this run, or says why that is not possible.
#[must_use]
pub fn certainty(scenario: &Scenario, outcome: &Outcome) -> Certainty {
    let memory = match (scenario.line(), scenario.desk()) {
        (Some(_), _) if outcome.deadlocked().is_some() => Memory::NotAlike(DEADLOCKED),
        (Some(line), _) => of_line(line),
        (_, Some(desk)) => of_desk(desk),
        _ => Memory::Unknown,
    };
    let known = match memory {
        Memory::NotAlike(why) => return Certainty::none(why.to_owned()),
        Memory::Customers(memory) => Some(memory),
        Memory::Unknown => None,
    };
    let (waiting, batches) = outcome.waiting();
    let doubt = match batches.interval(CONFIDENCE, &waiting, known) {
        Ok(seen) => return of_interval(scenario, waiting.mean.unwrap_or(0.0), seen),
        Err(doubt) => doubt,
    };
    match doubt {
        Doubt::Equal => Certainty {
            interval: None,
            why: Some("all waits are equal".to_owned()),
            sentence: None,
        },
        // With a known memory the load is below 1, so there is a steady state.
        Doubt::Rising if known.is_some() => {
            Certainty::none("it is too short, since waits still grew at its end".to_owned())
        }
        Doubt::Rising => Certainty::none(OVERLOAD.to_owned()),
        Doubt::Correlated => Certainty::none(
            "it is too short, since even its longest batches are correlated".to_owned(),
        ),
        Doubt::TooShort => Certainty::none(match known {
            Some(memory) if memory > 1.0 => format!(
                "it is too short, since waits are correlated over about {}, and some {} would do",
                of_them(memory.round() as u64, one_of(scenario)),
                count((MEMORIES_KNOWN * memory / 1000.0).ceil() as u64 * 1000)
            ),
            _ => "it is too short, since waits are correlated over much of it".to_owned(),
        }),
    }
}

/// The word for one who waits.
fn one_of(scenario: &Scenario) -> &'static str {
    match scenario.desk() {
        Some(_) => "request",
        None => "customer",
    }
}

fn of_interval(scenario: &Scenario, mean: f64, seen: RunInterval) -> Certainty {
    let interval = MeanInterval {
        mean,
        low: seen.low,
        high: seen.high,
        confidence: CONFIDENCE,
        batches: seen.batches as u64,
        size: seen.size,
    };
    let unit = scenario
        .time_unit()
        .map_or(String::new(), |unit| format!(" {unit}"));
    let served = Model::of(scenario).served().to_lowercase();
    Certainty {
        sentence: Some(sentence(&interval, &unit, &served)),
        interval: Some(interval),
        why: None,
    }
}

impl Certainty {
    fn none(why: String) -> Certainty {
        Certainty {
            sentence: Some(format!(
                "One run does not say how sure that is: {why}; `filas replicate` does."
            )),
            interval: None,
            why: Some(why),
        }
    }
}

/// The interval in words.
fn sentence(interval: &MeanInterval, unit: &str, served: &str) -> String {
    let width = Some(0.5 * (interval.high - interval.low));
    format!(
        "{} sure that the mean wait is between {} and {}{unit}, by {} batches of {} {served}.",
        given_percent(interval.confidence),
        fine(interval.low, width),
        fine(interval.high, width),
        interval.batches,
        count(interval.size)
    )
}

const DEADLOCKED: &str = "the run ended in a deadlock";
