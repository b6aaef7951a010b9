//! Warnings about what is allowed but probably a mistake, and the estimated cost of a run.

mod desk;
mod line;
mod pace;

use super::{RatePiece, Scenario, Start};
use crate::number::plain;
use crate::random::Law;

pub use line::{entering, estimate_line};
#[cfg(test)]
pub(crate) use pace::goes_by_events;

/// The estimated cost of a run; rough, and for one run without tables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Visits of a line; requests of a desk, and in steps those of its attendants.
    pub events: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Seconds on one core with the `inline` runtime.
    pub seconds: f64,
    /// Seconds on two cores with the `threads` runtime.
    pub threads_seconds: f64,
    /// The same if every change of state is recorded, in the order of one clock.
    pub threads_told_seconds: f64,
    /// Steps, or units of time until the last arrival.
    pub span: f64,
}

/// Visits per second of stations on one clock, in one thread.
const VISITS_CLOCK: f64 = 2.8e6;
/// Seconds of a desk in one thread per step, per server in a step, per attendant in a step, and per request of a
/// desk in steps.
const STEP: f64 = 90e-9;
const SERVER_STEP: f64 = 22e-9;
const ATTENDANT_STEP: f64 = 1.5e-9;
const STEP_REQUEST: f64 = 0.5e-6;
/// Seconds per request of a desk in continuous time, in one thread.
const REQUEST: f64 = 1.2e-6;
/// Visits per second on threads: of single-server stages without limits, of other lines without a common clock, and
/// of stations on one clock.
const THREAD_VISITS: [f64; 3] = [50e6, 5e6, 0.7e6];
/// Messages between the actors of a desk per request in continuous time.
const MESSAGES_A_REQUEST: f64 = 18.0;
/// Seconds per step of an actor of a desk on a thread of its own, if it is woken for the step.
const THREAD_STEP: f64 = 5e-6;
/// Seconds per message with customers from one stage's thread to the next, whose places are limited, until the
/// answer arrives.
const THREAD_MESSAGE: f64 = 5e-6;
/// Seconds per visit if stations are on one clock and each on a thread of its own: the coordinator asks them
/// instant by instant, phase by phase.
const THREAD_VISIT: f64 = 65e-6;
/// Places per customer in a message, if places are limited.
const PLACES_A_CUSTOMER: f64 = 8.0;
/// Memory of the program itself, in bytes; those below are in bytes too.
const MEMORY_BASE: u64 = 13 << 20;
/// Memory of an actor with its tallies.
const MEMORY_ACTOR: u64 = 44 << 10;
/// Memory of an attendant with its tallies.
const MEMORY_ATTENDANT: u64 = 8 << 10;
/// Memory of a waiting customer, in a line without a common clock and on one.
const MEMORY_CUSTOMER: [f64; 2] = [16.0, 280.0];
/// Memory of a customer who is present from the beginning and stays.
const MEMORY_STAYS: f64 = 740.0;
/// Memory of a waiting request, of a desk in steps and in continuous time.
const MEMORY_REQUEST: [f64; 2] = [420.0, 250.0];
/// Memory of an interval of a report: a tally of waits.
const MEMORY_INTERVAL: u64 = 4 << 10;
/// Memory of a server of a line: the time at which it is free, its place in the order of all, and its customer.
const MEMORY_SERVER: u64 = 128;

/// Estimates the cost of a run.
#[must_use]
pub fn estimate(scenario: &Scenario) -> Estimate {
    match scenario {
        Scenario::Tandem(tandem) => estimate_line(tandem),
        Scenario::Desk(desk) => desk::estimate(desk),
    }
}

/// The load of each stage of a line, station of a network or server of a desk, in file order: the work that arrives
/// over its capacity. `None` if no such number is known: with unlimited servers, for customers who always wait or
/// stay for ever, for arrivals without a rate.
///
/// At a desk any attendant with the skill may serve a request; the work of each class counts as spread evenly over
/// them.
#[must_use]
pub fn loads(scenario: &Scenario) -> Vec<Option<f64>> {
    match scenario {
        Scenario::Tandem(tandem) => line::loads(tandem),
        Scenario::Desk(desk) => desk::loads(desk),
    }
}

/// The rate of arrivals with these times between them until a time. Where their mean is infinite, few of those within the
/// run are that long: the mean of the parts up to its end counts, which is right to a factor of two (Erickson 1973).
fn renewals(between: &Law, until: f64) -> f64 {
    match between.mean() {
        f64::INFINITY => 1.0 / between.mean_up_to(until),
        mean => 1.0 / mean,
    }
}

/// The mean of a rate over its period.
fn mean_rate(pieces: &[RatePiece]) -> f64 {
    let mut begin = 0.0;
    let mut area = 0.0;
    for piece in pieces {
        area += (piece.until - begin) * piece.rate;
        begin = piece.until;
    }
    area / begin
}

/// Warns of rates that repeat, within a run of this length, at another time of day than they began.
fn warn_of_drift(start: Option<Start>, rates: &[RatePiece], span: f64, warnings: &mut Vec<String>) {
    let (Some(start), Some(last)) = (start, rates.last()) else {
        return;
    };
    let (day, period) = (start.day(), last.until);
    let is_whole = |number: f64| (number - number.round()).abs() < 1e-9;
    if period >= span || is_whole(period / day) || is_whole(day / period) {
        return;
    }
    let warning = format!(
        "rates that begin at {} begin again at {}, after {} units of time, and so on at other times of every day: a \
         last piece of rate 0 with `until = {}` keeps them to theirs",
        start.at(0.0),
        start.at(period),
        plain(period),
        plain(day * (period / day).ceil())
    );
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

/// A number of things from an estimate; NaN or infinity becomes the maximum.
fn whole(number: f64) -> u64 {
    if number.is_nan() {
        u64::MAX
    } else {
        number.ceil() as u64
    }
}

/// Adds warnings about likely mistakes.
pub(super) fn warn(scenario: &Scenario, warnings: &mut Vec<String>) {
    match scenario {
        Scenario::Tandem(tandem) => line::warn(tandem, warnings),
        Scenario::Desk(desk) => desk::warn(desk, warnings),
    }
}
