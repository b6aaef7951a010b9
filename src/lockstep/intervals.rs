//! Measures of a system by intervals of time: arrivals and their outcomes, and the number waiting.
//!
//! A customer belongs to the interval in which it reached the system, however long it stays. The number waiting, at
//! all stations together, is averaged over each interval. The warm-up is included.

use crate::scenario::Intervals;
use crate::station::{Person, VisitOutcome};
use crate::stats::Tally;

/// Measures by interval.
#[derive(Clone, Debug)]
pub(super) struct ByInterval {
    intervals: Intervals,
    customers: Vec<IntervalCustomers>,
    queue: Vec<IntervalQueue>,
    /// The last arrival among customers who have ended.
    last: f64,
    /// Customers with that arrival if it is where an interval begins: if the run ends then too, they belong to the
    /// interval before.
    on_edge: Vec<(VisitOutcome, f64)>,
}

/// The measures of one interval.
#[derive(Clone, Debug)]
pub struct IntervalMeasures {
    /// Its beginning.
    pub from: f64,
    /// Its end: where the next one begins, or the run ends.
    pub to: f64,
    /// The customers who arrived in it.
    pub customers: IntervalCustomers,
    /// The number waiting over it.
    pub queue: IntervalQueue,
}

/// The customers who arrived in an interval.
#[derive(Clone, Debug, Default)]
pub struct IntervalCustomers {
    /// All customers.
    pub arrivals: u64,
    /// Customers served to the end, at whatever time.
    pub departures: u64,
    /// Times waited over the whole system by customers served.
    pub waiting: Tally,
}

/// The number of customers waiting over an interval, at all stations together.
#[derive(Clone, Copy, Debug, Default)]
pub struct IntervalQueue {
    /// The area under the number waiting.
    pub area: f64,
    /// The maximum, over values that lasted longer than zero.
    pub max: u64,
    /// The time at which the maximum was first reached in the interval; none if the run did not reach the interval.
    pub max_at: Option<f64>,
}

impl IntervalCustomers {
    fn take(&mut self, outcome: VisitOutcome, waiting: f64) {
        self.arrivals += 1;
        if outcome == VisitOutcome::Served {
            self.departures += 1;
            self.waiting.add(waiting);
        }
    }
}

impl ByInterval {
    pub(super) fn new(intervals: Intervals) -> ByInterval {
        ByInterval {
            intervals,
            customers: Vec::new(),
            queue: Vec::new(),
            last: 0.0,
            on_edge: Vec::new(),
        }
    }

    /// Records the end of a customer, with any outcome.
    pub(super) fn end(&mut self, person: &Person, outcome: VisitOutcome) {
        if person.entered > self.last {
            self.settle(self.last);
            self.last = person.entered;
        }
        let index = self.intervals.of(person.entered);
        if person.entered == self.last && person.entered == self.intervals.begin(index) {
            self.on_edge.push((outcome, person.waiting));
        } else {
            entry(&mut self.customers, index).take(outcome, person.waiting);
        }
    }

    /// Assigns the customers in `on_edge` to the interval of this time.
    fn settle(&mut self, time: f64) {
        if !self.on_edge.is_empty() {
            let one = entry(&mut self.customers, self.intervals.of(time));
            for (outcome, waiting) in self.on_edge.drain(..) {
                one.take(outcome, waiting);
            }
        }
    }

    /// Records that this many customers wait from one instant to another, or to the end of the last interval.
    pub(super) fn wait(&mut self, from: f64, to: f64, waiting: u64) {
        let queue = &mut self.queue;
        self.intervals.split((from, to), |index, from, to| {
            let one = entry(queue, index);
            one.area += waiting as f64 * (to - from);
            if waiting > one.max || one.max_at.is_none() {
                (one.max, one.max_at) = (waiting, Some(from));
            }
        });
    }

    /// The measures of each interval of a run whose last customer left at `close`. A lost customer may have come
    /// later. For a run that ends early, there are no intervals after its end.
    pub(super) fn measures(&self, close: f64, ends_early: bool) -> Vec<IntervalMeasures> {
        let close = close.max(self.last);
        let intervals = match ends_early || self.intervals.end.is_none() {
            true => self.intervals.cut(close),
            false => self.intervals,
        };
        let mut whole = self.clone();
        whole.settle(match intervals.end == Some(self.last) {
            true => self.last.next_down().max(0.0),
            false => self.last,
        });
        let each = (0..intervals.count(close)).map(|index| IntervalMeasures {
            from: intervals.begin(index),
            to: intervals.ending(index, close),
            customers: whole.customers.get(index).cloned().unwrap_or_default(),
            queue: whole.queue.get(index).copied().unwrap_or_default(),
        });
        each.collect()
    }
}

fn entry<T: Clone + Default>(list: &mut Vec<T>, index: usize) -> &mut T {
    if list.len() <= index {
        list.resize(index + 1, T::default());
    }
    &mut list[index]
}
