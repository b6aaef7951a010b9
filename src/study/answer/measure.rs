//! The measures of the summary by their names in words, with their units.

use crate::number::{bound_beside, given, moved, plain, plain_beside, with_error};
use crate::scenario::{Entries, Scenario};
use crate::stats::Interval;
use Unit::{PerTime, Plain, Share, Time};

/// The unit of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Time,
    PerTime,
    Share,
    /// None, or a count whose name says what is counted.
    Plain,
}

/// A measure of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Its name in a sentence: `the mean wait at triage`.
    pub name: String,
    /// The unit written after a value, with a space before it; empty if there is none.
    pub unit: String,
    /// The factor for displayed values: shares are shown in percent.
    scale: f64,
}

impl Measure {
    /// The measure under a key of the summary of this scenario. A key without a name in words is its own name.
    #[must_use]
    pub fn of(key: &str, scenario: &Scenario) -> Measure {
        let entries = Entries::of(scenario);
        let numbered = entries.numbered(key);
        let key = numbered.as_str();
        let place = part(key, scenario).or_else(|| interval(key, scenario));
        let (place, rest) = place.unwrap_or((String::new(), key));
        let Some((name, unit)) = figure(rest).or_else(|| statistic(rest)) else {
            return Measure {
                name: key.to_owned(),
                unit: String::new(),
                scale: 1.0,
            };
        };
        let time = scenario.time_unit();
        let name = match scenario.line() {
            Some(_) => name.replace("requests lost", "customers lost"),
            None => name,
        };
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

    /// A value given by the user, with all of its digits.
    #[must_use]
    pub fn given(&self, value: f64) -> String {
        given(self.scaled(value)) + &self.unit
    }

    /// A value in its unit, with as many digits as needed to show on which side of these limits it is.
    #[must_use]
    pub fn beside(&self, value: Option<f64>, limits: &[f64]) -> String {
        let Some(value) = value else {
            return self.value(None, None);
        };
        let limits: Vec<f64> = limits.iter().map(|&limit| self.scaled(limit)).collect();
        plain_beside(self.scaled(value), &limits) + &self.unit
    }

    /// An end of an interval in its unit, rounded away from the interval, with as many digits as needed to show on
    /// which side of this limit it is.
    #[must_use]
    pub fn bound(&self, end: f64, is_upper: bool, limit: f64) -> String {
        bound_beside(self.scaled(end), is_upper, &[self.scaled(limit)]) + &self.unit
    }

    fn scaled(&self, value: f64) -> f64 {
        match self.is_share() {
            true => moved(value, 2),
            false => value,
        }
    }

    /// A value in its unit, with half the width of its interval: `22.4 ± 1.2 min`.
    #[must_use]
    pub fn value(&self, mean: Option<f64>, half_width: Option<f64>) -> String {
        let scaled = |value: Option<f64>| value.map(|value| self.scale * value);
        with_error(scaled(mean), scaled(half_width)) + &self.unit
    }

    /// A difference between two values: that of two shares is in percentage points, since a percentage could be
    /// read as a part of one of them.
    #[must_use]
    pub fn difference(&self, mean: Option<f64>, half_width: Option<f64>) -> String {
        let unit = match self.is_share() {
            true => " percentage points".to_owned(),
            false => self.unit.clone(),
        };
        Measure {
            unit,
            ..self.clone()
        }
        .value(mean, half_width)
    }
}

/// The ends of an interval of a mean, limited to the possible range of the measure: a share is from 0 to 1, and all
/// other measures are counts or times, so at least 0. `seen` are the minimum and maximum observed, which stay
/// inside.
#[must_use]
pub fn possible(is_share: bool, ends: [Option<f64>; 2], seen: [f64; 2]) -> [Option<f64>; 2] {
    let [low, high] = ends;
    let most = match is_share {
        true => seen[1].max(1.0),
        false => f64::INFINITY,
    };
    [
        low.map(|low| low.max(seen[0].min(0.0))),
        high.map(|high| high.min(most)),
    ]
}

/// An interval of a mean with its ends limited to the [`possible`] range; its half-width does not change.
#[must_use]
pub fn possible_interval(key: &str, interval: Interval) -> Interval {
    let (Some(least), Some(greatest)) = (interval.min, interval.max) else {
        return interval;
    };
    let [low, high] = possible(
        is_share(key),
        [interval.low, interval.high],
        [least, greatest],
    );
    Interval {
        low,
        high,
        ..interval
    }
}

/// Whether the measure of a key is a share, by the longest known suffix of the key.
fn is_share(key: &str) -> bool {
    let ends = std::iter::successors(Some(key), |rest| Some(rest.split_once('.')?.1));
    let mut units = ends.filter_map(|rest| figure(rest).or_else(|| statistic(rest)));
    units.next().is_some_and(|(_, unit)| unit == Share)
}

/// Single figures, by the part of their key after the stage, class, server or interval: name and unit.
#[rustfmt::skip]
const FIGURES: [(&str, &str, Unit); 70] = [
    ("throughput", "the throughput", PerTime),
    ("cycle_rate", "the rate of cycles", PerTime),
    ("clock", "the time of the last departure", Time),
    ("steps", "the length of the window", Time),
    ("window", "the length of the window", Time),
    ("from", "the beginning of the interval", Time),
    ("queues_joined.mean", "the mean number of queues joined", Plain),
    ("queues_joined.max", "the greatest number of queues joined", Plain),
    ("idle_time.mean", "the mean idle time", Time),
    ("idle_time.max", "the idle time of the idlest stage", Time),
    ("idle_time", "the idle time", Time),
    ("idle_steps", "the idle time", Time),
    ("idle_longest", "the longest idle spell", Time),
    ("blocked_time", "the time blocked", Time),
    ("busy_time", "the busy time", Time),
    ("busy_steps", "the busy time", Time),
    ("down_time", "the time down", Time),
    ("down_steps", "the time down", Time),
    ("off_time", "the time off duty", Time),
    ("off_steps", "the time off duty", Time),
    ("slow_time", "the time slowed", Time),
    ("slow_steps", "the time slowed", Time),
    ("setup_time", "the time in set-up", Time),
    ("outage_longest", "the longest outage", Time),
    ("repair_time_mean", "the mean time to repair", Time),
    ("queue_length_max.length", "the longest queue of all", Plain),
    ("queue_length.max_at", "the time of the longest queue", Time),
    ("utilisation", "the busy share of the time", Share),
    ("availability", "the share of the time up", Share),
    ("faults.availability", "the share of the time attendants are up", Share),
    ("waited_fraction", "the share of customers who wait", Share),
    ("lost.total", "the share of requests lost", Share),
    ("occupancy", "the busy share of the time on duty and up", Share),
    ("service_level", "the share of the requests offered that are answered in time", Share),
    ("service_level.of_offered", "the share of the requests offered that are answered in time", Share),
    ("service_level.of_answered", "the share of answered requests that were in time", Share),
    ("service_level.of_answered_and_late", "the share answered in time of the requests answered or given up later", Share),
    ("service_level.of_offered_less_quick", "the share answered in time of the requests offered and not given up within that time", Share),
    ("service_level.with_quick", "the share of the requests offered that are answered, or given up, within that time", Share),
    ("service_level.within", "the time within which requests are to be answered", Time),
    ("service_level.target", "the target of the service level", Share),
    ("goodput", "the goodput", PerTime),
    ("wasted_work", "the work wasted", Time),
    ("completed_in_time", "the number of requests completed in time", Plain),
    ("tries_per_client", "the mean number of tries of a client", Plain),
    ("requests.generated", "the number of requests", Plain),
    ("requests.in_system", "the number of requests in the system at the end", Plain),
    ("buffer.final", "the number in the buffer at the end", Plain),
    ("buffer.full_steps", "the time for which the buffer was full", Time),
    ("servers", "the number of servers", Plain),
    ("capacity", "the number of requests held at most", Plain),
    ("on_duty", "the mean number on duty", Plain),
    ("deadlock.time", "the time of the deadlock", Time),
    ("deadlock.swaps", "the number of times customers changed places", Plain),
    ("faults", "the number of faults", Plain),
    ("faults.count", "the number of faults", Plain),
    ("repairs", "the number of repairs", Plain),
    ("clients", "the number of clients", Plain),
    ("abandoned", "the number who gave up", Plain),
    ("balked", "the number who did not join", Plain),
    ("failed", "the number whose work failed", Plain),
    ("lost", "the number who found no place", Plain),
    ("unfinished", "the number still there at the end", Plain),
    ("arrivals", "the number of arrivals", Plain),
    ("departures", "the number of departures", Plain),
    ("scrapped", "the number of pieces scrapped", Plain),
    ("offered", "the number of requests offered", Plain),
    ("answered", "the number of requests answered", Plain),
    ("rejected", "the number of requests rejected", Plain),
    ("completed", "the number of requests completed", Plain),
];

/// A single figure, by the part of its key after the stage, class, server or interval.
fn figure(rest: &str) -> Option<(String, Unit)> {
    if let Some((_, name, unit)) = FIGURES.iter().find(|(key, ..)| *key == rest) {
        return Some(((*name).to_owned(), *unit));
    }
    let (group, kind) = rest.split_once('.')?;
    if kind.contains('.') || kind == "n" {
        return None;
    }
    if group == "faults" && FIGURES.iter().any(|(key, ..)| *key == kind) {
        return figure(kind);
    }
    let kind = kind.replace('_', " ");
    match group {
        "requests" | "faults" => Some((format!("the number of requests {kind}"), Plain)),
        "customers" => Some((format!("the number of customers {kind}"), Plain)),
        "lost" => Some((format!("the share of requests {kind}"), Share)),
        _ => None,
    }
}

/// The name of a statistic of a quantity, as in `waiting.p95`.
fn statistic(rest: &str) -> Option<(String, Unit)> {
    let (quantity, statistic) = rest.split_once('.')?;
    let (name, unit) = match quantity {
        "waiting" => ("wait", Time),
        "service" => ("service time", Time),
        "blocked" => ("time blocked", Time),
        "sojourn" => ("sojourn", Time),
        "cycle_time" => ("cycle time", Time),
        "time_to_abandon" => ("time to abandon", Time),
        "queue_length" => ("queue", Plain),
        "in_service" => ("number in service", Plain),
        "buffer" => ("number in the buffer", Plain),
        "held" => ("number of requests held", Plain),
        _ => return None,
    };
    let which = match statistic {
        "n" => return Some((format!("the number of values of the {name}"), Plain)),
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

/// The interval that a key belongs to, in words, and the rest of the key.
fn interval<'a>(key: &'a str, scenario: &Scenario) -> Option<(String, &'a str)> {
    let (at, rest) = key.strip_prefix("intervals.")?.split_once('.')?;
    let at: usize = at.parse().ok()?;
    let (intervals, start) = match (scenario.line(), scenario.desk()) {
        (Some(line), _) => (line.intervals, line.start),
        (_, Some(desk)) => (desk.intervals, desk.start),
        _ => (None, None),
    };
    let begin = intervals?.begin(at);
    let begin = match start {
        Some(start) => start.at(begin),
        None => {
            let unit = scenario.time_unit().unwrap_or_default();
            format!("{} {unit}", plain(begin)).trim().to_owned()
        }
    };
    Some((format!(" in the interval from {begin}"), rest))
}

/// The stage, class, server or attendant that a key belongs to, in words, and the rest of the key.
pub(super) fn part<'a>(key: &'a str, scenario: &Scenario) -> Option<(String, &'a str)> {
    // The keys of attendants begin with those of their servers, so attendants are tried first.
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
