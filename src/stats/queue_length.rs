//! The length of a first-in-first-out queue over time, computed from its customers' times.
//!
//! Customers join in the order of their arrivals and are served in that order, so the pairs
//! (arrival, service start) in that order determine the length: the area under it is the sum of the
//! waits, and it is above a record R exactly when the customer R places ahead has not yet started
//! (`start[i - R] > arrival[i]`). Only the last R + 1 starts are needed: memory grows with the
//! longest queue, not with the number of customers.

use super::LaneSum;
use crate::lanes::{Work, widest};

/// Largest number of customers processed together; this many starts are kept beyond the record.
const BLOCK: usize = 256;

/// Queue length (those waiting, not those in service) over a window of time.
#[derive(Clone, Debug)]
pub struct QueueLength {
    /// The latest starts, at `index & mask`: the record and one block more.
    starts: Vec<f64>,
    seen: u64,
    record: u64,
    record_at: Option<f64>,
    area: LaneSum,
    open: bool,
}

impl Default for QueueLength {
    fn default() -> Self {
        QueueLength {
            starts: vec![f64::NEG_INFINITY; 2 * BLOCK],
            seen: 0,
            record: 0,
            record_at: None,
            area: LaneSum::default(),
            open: false,
        }
    }
}

impl QueueLength {
    /// Opens the window at `time`, counting the queue present then. Must be called before the first
    /// customer who arrives at `time` is added. Nothing is measured before.
    pub fn open(&mut self, time: f64) {
        let found = (1..=self.seen.min(self.starts.len() as u64))
            .map(|back| self.start(self.seen - back))
            .take_while(|&start| start > time);
        let (mut length, mut area) = (0, LaneSum::default());
        for start in found {
            length += 1;
            area.add(start - time);
        }
        self.open = true;
        self.area = area;
        self.record = length;
        self.record_at = Some(time);
    }

    /// Adds the next customer, in the order of arrivals; neither time may be earlier than the one
    /// before.
    #[inline]
    pub fn add(&mut self, arrival: f64, start: f64) {
        if self.open {
            self.area.add(start - arrival);
        }
        let index = self.index(self.seen);
        self.starts[index] = start;
        self.compare(arrival);
    }

    /// Adds the next customers, as if one after the other.
    pub fn add_all(&mut self, mut arrivals: &[f64], mut starts: &[f64]) {
        if self.open {
            self.area.add_spans(arrivals, starts);
        }
        while !arrivals.is_empty() {
            // Takes a run that is contiguous in memory, both for these customers and for those
            // ahead of them.
            let (to, from) = (self.index(self.seen), self.ahead());
            let length = arrivals
                .len()
                .min(BLOCK)
                .min(self.starts.len() - to.max(from));
            let (now, later) = arrivals.split_at(length);
            self.starts[to..to + length].copy_from_slice(&starts[..length]);
            let nobody_more = widest(NoneAbove {
                starts: &self.starts[from..from + length],
                arrivals: now,
            });
            if nobody_more {
                self.seen += length as u64;
            } else {
                now.iter().for_each(|&arrival| self.compare(arrival));
            }
            arrivals = later;
            starts = &starts[length..];
        }
    }

    /// Compares the next customer, whose start is stored, with the record. When the record grows by
    /// one, one more customer must be kept.
    #[inline]
    fn compare(&mut self, arrival: f64) {
        if self.starts[self.ahead()] > arrival {
            self.set_record(arrival);
        }
        self.seen += 1;
    }

    #[cold]
    fn set_record(&mut self, arrival: f64) {
        self.record += 1;
        self.record_at = Some(arrival);
        let length = self.starts.len();
        if self.record as usize + BLOCK > length {
            let mut wider = vec![f64::NEG_INFINITY; 2 * length];
            // Some of the current block may be stored already.
            let end = self.seen + BLOCK as u64;
            for index in end.saturating_sub(length as u64)..end {
                wider[index as usize & (2 * length - 1)] = self.start(index);
            }
            self.starts = wider;
        }
    }

    /// The index at which this customer's start is stored.
    fn index(&self, customer: u64) -> usize {
        customer as usize & (self.starts.len() - 1)
    }

    /// The index of the start of the customer that is as many places ahead of the next one as the
    /// record; minus infinity is stored there if there was none.
    fn ahead(&self) -> usize {
        self.index(self.seen.wrapping_sub(self.record))
    }

    fn start(&self, customer: u64) -> f64 {
        self.starts[self.index(customer)]
    }

    /// The integral of the length over the window.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.area.total()
    }

    /// The greatest length in the window that lasted longer than zero, and the time at which it was
    /// first reached; that time is the opening for the queue found there, even an empty one.
    #[must_use]
    pub fn max(&self) -> (u64, Option<f64>) {
        (self.record, self.record_at)
    }
}

/// Finds whether no customer arrives before the start of the one the record ahead of it.
struct NoneAbove<'a> {
    starts: &'a [f64],
    arrivals: &'a [f64],
}

impl Work for NoneAbove<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let pairs = self.starts.iter().zip(self.arrivals);
        pairs.fold(true, |none, (start, arrival)| none & (start <= arrival))
    }
}
