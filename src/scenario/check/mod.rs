//! What is allowed but probably not meant, and what a run will cost.

mod desk;
mod line;
mod pace;

use super::{RatePiece, Scenario, Start};
use crate::number::plain;

pub use line::{entering, estimate_line};
#[cfg(test)]
pub(crate) use pace::goes_by_events;

/// What a run is expected to cost; rough, and for one run without tables.
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
    /// The same where every change of state is recorded, in the order of one clock.
    pub threads_told_seconds: f64,
    /// Steps, or units of time until the last arrival.
    pub span: f64,
}

/// Visits a second of stations on one clock, in one thread.
const VISITS_CLOCK: f64 = 2.8e6;
/// Seconds that a desk takes in one thread for a step, for a server in a step, for an attendant in a step, and for a
/// request of a desk in steps.
const STEP: f64 = 90e-9;
const SERVER_STEP: f64 = 22e-9;
const ATTENDANT_STEP: f64 = 1.5e-9;
const STEP_REQUEST: f64 = 0.5e-6;
/// Seconds that a request of a desk takes in continuous time, in one thread.
const REQUEST: f64 = 1.2e-6;
/// Visits a second on threads: of single-server stages without limits, of other lines without a common clock, and of
/// stations on one clock.
const THREAD_VISITS: [f64; 3] = [50e6, 5e6, 0.7e6];
/// Messages between the actors of a desk for a request in continuous time.
const MESSAGES_A_REQUEST: f64 = 18.0;
/// Seconds an actor of a desk takes for a step on a thread of its own, where it is woken for it.
const THREAD_STEP: f64 = 5e-6;
/// Seconds that customers take from one stage's thread to the next, whose places are limited, until
/// the answer is there.
const THREAD_MESSAGE: f64 = 5e-6;
/// Seconds a visit takes where stations are on one clock and each on a thread of its own: the coordinator asks them
/// instant by instant, phase by phase.
const THREAD_VISIT: f64 = 65e-6;
/// Customers who go together where places are limited: one for so many places.
const PLACES_A_CUSTOMER: f64 = 8.0;
/// The program itself.
const MEMORY_BASE: u64 = 13 << 20;
/// What an actor and its tallies take.
const MEMORY_ACTOR: u64 = 44 << 10;
/// What an attendant and its tallies take.
const MEMORY_ATTENDANT: u64 = 8 << 10;
/// What a customer takes who waits, in a line without a common clock and on one.
const MEMORY_CUSTOMER: [f64; 2] = [16.0, 280.0];
/// What a customer takes who is there from the beginning and stays.
const MEMORY_STAYS: f64 = 740.0;
/// What a request takes that waits, of a desk in steps and in continuous time.
const MEMORY_REQUEST: [f64; 2] = [420.0, 250.0];
/// An interval of a report: a tally of waits.
const MEMORY_INTERVAL: u64 = 4 << 10;
/// A server of a line: when it is free, in the order of all of them, and who is with it.
const MEMORY_SERVER: u64 = 128;

/// Estimates what a run will cost.
#[must_use]
pub fn estimate(scenario: &Scenario) -> Estimate {
    match scenario {
        Scenario::Tandem(tandem) => estimate_line(tandem),
        Scenario::Desk(desk) => desk::estimate(desk),
    }
}

/// The load of each stage of a line, station of a network or server of a desk, in file order: the work that comes to it
/// over the work it can do. `None` where no such number is known: without a limit of servers, for customers who always
/// wait or stay for ever, for arrivals without a rate.
///
/// At a desk any attendant with the skill may serve a request; the work of each class counts as spread evenly over them.
#[must_use]
pub fn loads(scenario: &Scenario) -> Vec<Option<f64>> {
    match scenario {
        Scenario::Tandem(tandem) => line::loads(tandem),
        Scenario::Desk(desk) => desk::loads(desk),
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

/// Warns of rates that begin again, within a run of this length, at another time of day than they began.
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

/// A number of things from an estimate; what is not a number or infinite is as many as can be.
fn whole(number: f64) -> u64 {
    if number.is_nan() {
        u64::MAX
    } else {
        number.ceil() as u64
    }
}

/// Adds what is probably not meant.
pub(super) fn warn(scenario: &Scenario, warnings: &mut Vec<String>) {
    match scenario {
        Scenario::Tandem(tandem) => line::warn(tandem, warnings),
        Scenario::Desk(desk) => desk::warn(desk, warnings),
    }
}
