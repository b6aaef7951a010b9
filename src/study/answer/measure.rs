//! The measures of the summary as people name them, with their units.

use crate::number::with_error;
use crate::scenario::Scenario;
use Unit::{PerTime, Plain, Share, Time};

/// The unit of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Time,
    PerTime,
    Share,
    /// Things that its name says already, or nothing.
    Plain,
}

/// A measure of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Its name in a sentence: `the mean wait at triage`.
    pub name: String,
    /// Written behind a value, with a space before it; empty where there is none.
    pub unit: String,
    /// By what a value is multiplied: shares are shown in percent.
    scale: f64,
}

impl Measure {
    /// The measure under a key of the summary of this scenario. A key that has no name in words goes by
    /// itself.
    #[must_use]
    pub fn of(key: &str, scenario: &Scenario) -> Measure {
        let (place, rest) = part(key, scenario).unwrap_or((String::new(), key));
        let Some((name, unit)) = figure(rest).or_else(|| statistic(rest)) else {
            return Measure {
                name: key.to_owned(),
                unit: String::new(),
                scale: 1.0,
            };
        };
        let time = scenario.time_unit();
        Measure {
            name: name + &place,
            unit: match unit {
                Time => time.map_or(String::new(), |time| format!(" {time}")),
                PerTime => format!(" per {}", time.unwrap_or("unit of time")),
                Share => " %".to_owned(),
                Plain => String::new(),
            },
            scale: if unit == Share { 100.0 } else { 1.0 },
        }
    }

    /// Its name with its unit, as a title: `mean wait at triage, min`.
    #[must_use]
    pub fn title(&self) -> String {
        let name = self.name.strip_prefix("the ").unwrap_or(&self.name);
        match self.unit.trim() {
            "" | "%" => name.to_owned(),
            unit => format!("{name}, {unit}"),
        }
    }

    /// Whether its values are shares, shown in percent.
    #[must_use]
    pub fn is_share(&self) -> bool {
        self.scale != 1.0
    }

    /// A value in its unit, with half the width of its interval: `22.4 ± 1.2 min`.
    #[must_use]
    pub fn value(&self, mean: Option<f64>, half_width: Option<f64>) -> String {
        let scaled = |value: Option<f64>| value.map(|value| self.scale * value);
        with_error(scaled(mean), scaled(half_width)) + &self.unit
    }
}

/// A single figure, by what of its key comes after the stage, class or server.
fn figure(rest: &str) -> Option<(String, Unit)> {
    let (name, unit) = match rest {
        "throughput" => ("the throughput", PerTime),
        "clock" => ("the time of the last departure", Time),
        "queues_joined.mean" => ("the mean number of queues joined", Plain),
        "queues_joined.max" => ("the greatest number of queues joined", Plain),
        "idle_time.mean" => ("the mean idle time", Time),
        "idle_time.max" => ("the idle time of the idlest stage", Time),
        "idle_time" => ("the idle time", Time),
        "idle_longest" => ("the longest idle spell", Time),
        "blocked_time" => ("the time blocked", Time),
        "queue_length_max.length" => ("the longest queue of all", Plain),
        "utilisation" => ("the busy share of the time", Share),
        "availability" => ("the share of the time up", Share),
        "faults.availability" => ("the share of the time attendants are up", Share),
        "waited_fraction" => ("the share of customers who wait", Share),
        "lost.total" => ("the share of requests lost", Share),
        "service_level.of_offered" => (
            "the share of the requests offered that are answered in time",
            Share,
        ),
        "occupancy" => ("the busy share of the time on duty and up", Share),
        "service_level.of_answered" => ("the share of answered requests that were in time", Share),
        "goodput" => ("the goodput", PerTime),
        "requests.generated" => ("the number of requests", Plain),
        "requests.in_system" => ("the number of requests in the system at the end", Plain),
        "buffer.final" => ("the number in the buffer at the end", Plain),
        "faults" | "faults.count" => ("the number of faults", Plain),
        _ => {
            let (group, kind) = rest.split_once('.')?;
            let kind = kind.replace('_', " ");
            return Some(match group {
                "requests" | "faults" => (format!("the number of requests {kind}"), Plain),
                "customers" => (format!("the number of customers {kind}"), Plain),
                "lost" => (format!("the share of requests {kind}"), Share),
                _ => return None,
            });
        }
    };
    Some((name.to_owned(), unit))
}

/// The name of a statistic of a quantity, as in `waiting.p95`.
fn statistic(rest: &str) -> Option<(String, Unit)> {
    let (quantity, statistic) = rest.split_once('.')?;
    let (name, unit) = match quantity {
        "waiting" => ("wait", Time),
        "service" => ("service time", Time),
        "blocked" => ("time blocked", Time),
        "sojourn" => ("sojourn", Time),
        "queue_length" => ("queue", Plain),
        "buffer" => ("number in the buffer", Plain),
        "held" => ("number of requests held", Plain),
        _ => return None,
    };
    let which = match statistic {
        "mean" => "mean",
        "sd" => "standard deviation of the",
        "min" => "least",
        "max" => "greatest",
        "p50" => "median",
        other => {
            let percentile = other.strip_prefix('p')?;
            return Some((format!("the {percentile}th percentile of the {name}"), unit));
        }
    };
    Some((format!("the {which} {name}"), unit))
}

/// The stage, class, server or attendant that a key is of, in words, and what comes after it.
fn part<'a>(key: &'a str, scenario: &Scenario) -> Option<(String, &'a str)> {
    // Attendants come after their servers, whose keys theirs begin with.
    let mut entries = scenario.entries().into_iter().rev();
    entries.find_map(|(list, names)| {
        let rest = key.strip_prefix(&list)?.strip_prefix('.')?;
        let (at, rest) = rest.split_once('.')?;
        let name = names.get(at.parse::<usize>().ok()?)?;
        let of = match list.as_str() {
            "stages" | "stations" => "at",
            _ => "of",
        };
        Some((format!(" {of} {name}"), rest))
    })
}
