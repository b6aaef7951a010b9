//! Waits, ends and totals of customers at a stage, from the starts of their services; vectorised.

use crate::lanes::{LANES, Work};

/// Computes the ends of services that begin at `starts`, and the wait of each customer; returns whether every
/// service ends later than it begins.
pub(super) struct Waited<'a> {
    /// Arrivals of the customers at the stage.
    pub(super) arrivals: &'a [f64],
    pub(super) starts: &'a [f64],
    pub(super) services: &'a [f64],
    /// Output: their waits here, and the ends of their services.
    pub(super) waits: &'a mut [f64],
    pub(super) ends: &'a mut [f64],
}

impl Work for Waited<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let length = self.arrivals.len();
        let (services, starts) = (&self.services[..length], &self.starts[..length]);
        let (waits, ends) = (&mut self.waits[..length], &mut self.ends[..length]);
        let mut all_later = true;
        for i in 0..length {
            ends[i] = starts[i] + services[i];
            all_later &= ends[i] > starts[i];
            waits[i] = starts[i] - self.arrivals[i];
        }
        all_later
    }
}

/// Adds the times of customers at some stages, one after the other, to their totals so far: a row of waits and one
/// of services for each stage.
pub(in crate::tandem) struct Meetings<'a> {
    pub(in crate::tandem) waits: &'a [&'a [f64]],
    pub(in crate::tandem) services: &'a [&'a [f64]],
    pub(in crate::tandem) waiting: &'a mut [f64],
    pub(in crate::tandem) service: &'a mut [f64],
    /// A customer who waits counts as having joined a queue.
    pub(in crate::tandem) queues_joined: &'a mut [u32],
}

impl Work for Meetings<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        add_rows(self.waiting, self.waits, |sum, wait| *sum += wait);
        add_rows(self.service, self.services, |sum, service| *sum += service);
        add_rows(self.queues_joined, self.waits, |count, wait| {
            *count += u32::from(wait > 0.0);
        });
    }
}

/// Adds to each total its number of every row, in their order.
pub(in crate::tandem) struct Added<'a> {
    pub(in crate::tandem) rows: &'a [&'a [f64]],
    pub(in crate::tandem) totals: &'a mut [f64],
}

impl Work for Added<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        add_rows(self.totals, self.rows, |sum, number| *sum += number);
    }
}

/// Adds to each total its number of every row, in their order.
#[inline(always)]
fn add_rows<T: Copy>(totals: &mut [T], rows: &[&[f64]], add: impl Fn(&mut T, f64)) {
    let (blocks, rest) = totals.as_chunks_mut::<LANES>();
    let whole = blocks.len() * LANES;
    for (block, totals) in blocks.iter_mut().enumerate() {
        // A copy, so that it may stay in registers.
        let mut sums = *totals;
        for row in rows {
            let numbers = &row[block * LANES..][..LANES];
            for lane in 0..LANES {
                add(&mut sums[lane], numbers[lane]);
            }
        }
        *totals = sums;
    }
    for (at, total) in (whole..).zip(rest) {
        rows.iter().for_each(|row| add(total, row[at]));
    }
}

/// Computes the time from each instant to another.
pub(in crate::tandem) struct Spans<'a> {
    pub(in crate::tandem) from: &'a [f64],
    pub(in crate::tandem) to: &'a [f64],
    pub(in crate::tandem) lengths: &'a mut [f64],
}

impl Work for Spans<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ends = self.from.iter().zip(self.to);
        for (length, (from, to)) in self.lengths.iter_mut().zip(ends) {
            *length = to - from;
        }
    }
}
