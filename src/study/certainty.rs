//! How far chance reaches in a single run: the interval of its mean wait, or the reason there is none.
//!
//! Batches of a run tell only where its parts are alike, and where the run is long against its memory: the
//! number of customers over which waits are correlated. Whether it is long enough should not depend on the run
//! itself, since a calm one seems long. So the memory is taken from the scenario where that is possible: for
//! a queue of load r with arrivals and services of squared coefficients of variation a and s, in heavy
//! traffic about 2 (a + s) / (1 - r)^2 customers, whatever the number of servers (the autocorrelations of reflected
//! Brownian motion; of an M/M/1 at load 0.8 it is 82 by the exact formula and 100 by this one); more where s is above 1.

use crate::model::{Model, Outcome};
use crate::number::{count, fine, given_percent, of_them};
use crate::random::Law;
use crate::scenario::{
    Arrivals, Desk, DeskArrivals, LineArrivals, Scenario, Servers, Stage, Tandem,
};
use crate::stats::{Doubt, MEMORIES_KNOWN, RunInterval};
use serde::{Deserialize, Serialize};

/// The confidence of the interval of a single run.
pub const CONFIDENCE: f64 = 0.95;

/// What is known of the mean wait of a single run.
#[derive(Clone, Debug, PartialEq)]
pub struct Certainty {
    /// The interval; none where `why` says why not.
    pub interval: Option<MeanInterval>,
    /// The reason there is no interval.
    pub why: Option<String>,
    /// Either in words; none where no wait differs from another.
    pub sentence: Option<String>,
}

/// The interval of the mean wait of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanInterval {
    /// The mean.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end; it lies further from the mean where long waits are rare.
    pub high: f64,
    /// The confidence.
    pub confidence: f64,
    /// Number of batches it is made from.
    pub batches: u64,
    /// Number of waits in each.
    pub size: u64,
}

/// The memory of a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Memory {
    /// About this many customers.
    Customers(f64),
    /// It has one, but no formula here.
    Unknown,
    /// Its parts are not alike, for this reason.
    NotAlike(&'static str),
}

/// What is known of the mean wait of this run.
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
        // Of a known memory the load is below 1, so that there is a steady state.
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
                of_them(memory.round() as u64, "customer"),
                count((MEMORIES_KNOWN * memory / 1000.0).ceil() as u64 * 1000)
            ),
            _ => "it is too short, since waits are correlated over much of it".to_owned(),
        }),
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

const CHANGING: &str =
    "arrivals are recorded or change with time, so that the parts of the run are not alike";
const DEADLOCKED: &str = "the run ended in a deadlock";
const STAYING: &str = "customers who never leave have no wait that is over";
const BUSY_DAY: &str = "a run is one day, busy or calm, and says nothing of the others";
const PLANNED: &str = "servers come and go by plan, so that the parts of the run are not alike";
const OVERLOAD: &str =
    "waits grow for as long as it goes on, and there is no steady state to know the mean of";

/// 2 (a + s) / (1 - r)^2, infinite where there is no steady state. Services that vary more than exponential ones are
/// now and then very long, and a run without such a service seems calm, so that its interval misses the mean too often: by a
/// measurement at s = 9 one in nine. So s^2 times as many customers are asked for.
fn heavy_traffic(load: f64, arrivals_cv2: f64, service_cv2: f64) -> f64 {
    let rare = service_cv2.max(1.0).powi(2);
    match load < 1.0 {
        true => (2.0 * (arrivals_cv2 + service_cv2) / (1.0 - load).powi(2) * rare).max(1.0),
        false => f64::INFINITY,
    }
}

fn of_line(line: &Tandem) -> Memory {
    let changes = |arrivals: &LineArrivals| {
        !matches!(
            arrivals,
            LineArrivals::Renewal(_)
                | LineArrivals::Saturated
                | LineArrivals::PerClass(_)
                | LineArrivals::Population(_)
        )
    };
    let own = match &line.arrivals {
        LineArrivals::PerClass(flows) => flows.iter().any(|flow| changes(&flow.arrivals)),
        other => changes(other),
    };
    let stays = match &line.arrivals {
        LineArrivals::PerClass(flows) => {
            let mut flows = flows.iter();
            flows.all(|flow| matches!(flow.arrivals, LineArrivals::Population(_)))
        }
        _ => false,
    };
    if stays {
        return Memory::NotAlike(STAYING);
    }
    let is_planned = |stage: &Stage| matches!(stage.servers, Servers::Plan(_));
    if own {
        return Memory::NotAlike(CHANGING);
    }
    if line.busy_day.is_some() {
        return Memory::NotAlike(BUSY_DAY);
    }
    if line.stages.iter().any(is_planned) {
        return Memory::NotAlike(PLANNED);
    }
    let LineArrivals::Renewal(gap) = &line.arrivals else {
        return Memory::Unknown;
    };
    let is_limited = line.stages.iter().any(|stage| stage.buffer.is_some());
    if is_limited || !line.is_plain() {
        return Memory::Unknown;
    }
    let (between, mut cv2) = (gap.mean(), gap.cv2());
    let mut memory: f64 = 1.0;
    for stage in &line.stages {
        let (mean, service_cv2) = stage.service.mean_and_cv2();
        let Some(servers) = stage.servers.most().map(f64::from) else {
            continue;
        };
        let load = mean / between / servers;
        if load >= 1.0 {
            return Memory::NotAlike(OVERLOAD);
        }
        memory = memory.max(heavy_traffic(load, cv2, service_cv2));
        // The variability of what the stage lets out (Whitt 1983, "The queueing network analyzer").
        let square = load * load;
        cv2 = 1.0 + (1.0 - square) * (cv2 - 1.0) + square * (service_cv2 - 1.0) / servers.sqrt();
    }
    known(memory)
}

/// A memory, where moments exist.
fn known(memory: f64) -> Memory {
    match memory.is_finite() {
        true => Memory::Customers(memory),
        false => Memory::Unknown,
    }
}

fn of_desk(desk: &Desk) -> Memory {
    let changes = |arrivals: &Arrivals| matches!(arrivals, Arrivals::Rates(_) | Arrivals::Times(_));
    let own = match &desk.arrivals {
        DeskArrivals::Recorded(_) => true,
        DeskArrivals::Shared(arrivals) => changes(arrivals),
        DeskArrivals::PerClass => {
            let arrivals = desk
                .classes
                .iter()
                .filter_map(|class| class.arrivals.as_ref());
            arrivals.into_iter().any(changes)
        }
    };
    if own {
        return Memory::NotAlike(CHANGING);
    }
    if desk.busy_day.is_some() {
        return Memory::NotAlike(BUSY_DAY);
    }
    if !desk.shifts.is_empty() {
        return Memory::NotAlike(
            "attendants come and go by shifts, so that the parts of the run are not alike",
        );
    }
    if !desk.faults.script.is_empty() {
        return Memory::NotAlike(
            "faults come by a script, so that the parts of the run are not alike",
        );
    }
    match (&desk.arrivals, desk.steps()) {
        (DeskArrivals::Shared(Arrivals::Renewal(gap)), None) if is_one_queue(desk) => {
            let (mean, cv2) = mixed(desk);
            let servers: usize = desk
                .servers
                .iter()
                .map(|server| server.attendants.len())
                .sum();
            let load = mean / gap.mean() / servers as f64;
            match load < 1.0 {
                true => known(heavy_traffic(load, gap.cv2(), cv2)),
                false => Memory::NotAlike(OVERLOAD),
            }
        }
        _ => Memory::Unknown,
    }
}

/// Whether a desk is one queue for attendants who are all alike, and keeps every request until it is served.
fn is_one_queue(desk: &Desk) -> bool {
    let faults = &desk.faults;
    let stays = desk
        .classes
        .iter()
        .all(|class| class.patience.is_none() && class.timeout.is_none() && class.retry.is_none());
    let knows_all = desk
        .servers
        .iter()
        .flat_map(|server| &server.attendants)
        .all(|skills| {
            skills.len() == desk.classes.len() && skills.iter().all(|skill| skill.speed == 1.0)
        });
    let is_kept = desk.buffer.is_none() && desk.system_capacity.is_none();
    let is_up = faults.probability == 0.0 && faults.every.is_none();
    let is_roomy = desk.servers.iter().all(|server| server.capacity.is_none());
    stays && knows_all && is_kept && is_up && is_roomy && desk.batch.is_none()
}

/// Mean and squared coefficient of variation of an attendant's work for a request of any class.
fn mixed(desk: &Desk) -> (f64, f64) {
    let of = |law: &Law| (law.mean(), law.variance());
    let (mut mean, mut square) = (0.0, 0.0);
    for class in &desk.classes {
        let (served, spread) = of(&class.service);
        let (after, spread_after) = class.wrap_up.as_ref().map_or((0.0, 0.0), of);
        let work = served + after;
        mean += class.share * work;
        square += class.share * (spread + spread_after + work * work);
    }
    (mean, square / (mean * mean) - 1.0)
}
