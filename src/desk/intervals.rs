//! Measures of a desk by intervals of time, warm-up included: requests by their arrival, attendants by the use of
//! their time in each.

use super::clock::Clock;
use super::measures::Durations;
use crate::scenario::{Desk, Intervals};
use crate::stats::Statistics;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The measures of one interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskInterval {
    /// Its beginning; it ends where the next one begins.
    pub from: f64,
    /// Requests that arrived in it, except those still waiting whose service has not begun.
    pub offered: u64,
    /// Requests that arrived in it and whose service began while their client waited.
    pub answered: u64,
    /// Requests that arrived in it and found no place.
    pub rejected: u64,
    /// Requests that arrived in it and gave up waiting.
    pub abandoned: u64,
    /// Start of the first service minus arrival, over requests whose service began.
    pub waiting: Statistics,
    /// The share of the requests offered that was answered in time, of classes with a service level.
    pub service_level: Option<f64>,
    /// Busy / (busy + idle) of all attendants in the interval.
    pub occupancy: Option<f64>,
    /// The mean number of attendants on duty, down or not.
    pub on_duty: Option<f64>,
}

/// The intervals of a desk on its clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct OnClock {
    intervals: Intervals,
    /// The time at which the run begins.
    origin: f64,
}

impl OnClock {
    pub(super) fn of(desk: &Desk) -> Option<OnClock> {
        Some(OnClock {
            intervals: desk.intervals?,
            origin: Clock::of(desk).at(0.0).get(),
        })
    }

    /// The interval of an arrival.
    pub(super) fn index(&self, arrival: Time) -> usize {
        self.intervals.of(arrival.get() - self.origin)
    }

    fn count(&self) -> usize {
        self.intervals.count(0.0)
    }
}

/// Requests that arrived in one interval.
#[derive(Clone, Debug)]
pub(super) struct Arrived {
    pub(super) answered: u64,
    pub(super) rejected: u64,
    pub(super) abandoned: u64,
    /// Requests whose client had left before a service began.
    pub(super) unanswered: u64,
    pub(super) waiting: Durations,
    /// Of classes with a service level: requests answered in time, and offered.
    pub(super) in_time: u64,
    pub(super) judged: u64,
}

impl Arrived {
    /// An empty entry for each interval.
    pub(super) fn all(on_clock: Option<OnClock>, stepped: bool) -> Vec<Arrived> {
        let none = Arrived {
            answered: 0,
            rejected: 0,
            abandoned: 0,
            unanswered: 0,
            waiting: Durations::new(stepped),
            in_time: 0,
            judged: 0,
        };
        vec![none; on_clock.map_or(0, |on_clock| on_clock.count())]
    }

    /// Adds requests that came at the instant at which the run ended: none of them has waited.
    fn join(&mut self, others: &Arrived) {
        self.answered += others.answered;
        self.rejected += others.rejected;
        self.abandoned += others.abandoned;
        self.unanswered += others.unanswered;
        self.in_time += others.in_time;
        self.judged += others.judged;
        for _ in 0..others.waiting.count() {
            self.waiting.add(0.0);
        }
    }
}

/// The use of an attendant's time, by interval.
#[derive(Clone, Debug)]
pub(super) struct Spans {
    on_clock: OnClock,
    busy: Vec<f64>,
    down: Vec<f64>,
    off: Vec<f64>,
}

/// The use of a period of an attendant's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    Busy,
    Down,
    Off,
}

impl Spans {
    pub(super) fn new(on_clock: OnClock) -> Spans {
        let none = vec![0.0; on_clock.count()];
        Spans {
            on_clock,
            busy: none.clone(),
            down: none.clone(),
            off: none,
        }
    }

    pub(super) fn add(&mut self, spent: Spent, (since, until): (Time, Time)) {
        let sums = match spent {
            Spent::Busy => &mut self.busy,
            Spent::Down => &mut self.down,
            Spent::Off => &mut self.off,
        };
        let origin = self.on_clock.origin;
        let span = (since.get() - origin, until.get() - origin);
        let intervals = self.on_clock.intervals;
        intervals.split(span, |index, from, to| sums[index] += to - from);
    }
}

/// The measures of each interval of a run that ended at `end`.
pub(super) fn summaries(
    on_clock: OnClock,
    arrived: &[Arrived],
    attendants: &[&Spans],
    end: Time,
) -> Vec<DeskInterval> {
    // For a run that ends early, there are no intervals after its end.
    let intervals = on_clock
        .intervals
        .cut((end.get() - on_clock.origin).max(0.0));
    let (arrived, after) = arrived.split_at(intervals.count(0.0));
    let mut arrived = arrived.to_vec();
    // Requests that came at the end of the run, if an interval begins there, belong to the interval before.
    if let (Some(last), Some(edge)) = (arrived.last_mut(), after.first()) {
        last.join(edge);
    }
    let each = arrived.iter().enumerate();
    let each = each.map(|(index, arrived)| {
        let from = intervals.begin(index);
        let lasts = intervals.ending(index, 0.0) - from;
        let sum = |of: fn(&Spans) -> &[f64]| {
            let each = attendants.iter().map(|spans| of(spans)[index]);
            each.sum::<f64>()
        };
        let (busy, down, off) = (
            sum(|one| &one.busy),
            sum(|one| &one.down),
            sum(|one| &one.off),
        );
        let on_duty = attendants.len() as f64 * lasts - off;
        let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let offered = arrived.waiting.count() + arrived.rejected;
        DeskInterval {
            from,
            offered: offered + arrived.abandoned + arrived.unanswered,
            answered: arrived.answered,
            rejected: arrived.rejected,
            abandoned: arrived.abandoned,
            waiting: arrived.waiting.statistics(),
            service_level: ratio(arrived.in_time as f64, arrived.judged as f64),
            occupancy: ratio(busy, on_duty - down),
            on_duty: ratio(on_duty, lasts),
        }
    });
    each.collect()
}
