//! A sum in lanes: the n-th number goes to lane n mod 8, and the lanes are added up at the end.
//!
//! A block of numbers can thus be added at vector speed, with the same bits as one by one.

use crate::lanes::{LANES, Work, greater, ragged, widest};

/// A running sum.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LaneSum {
    lanes: [f64; LANES],
    count: u64,
}

impl LaneSum {
    /// Adds the next number.
    #[inline]
    pub fn add(&mut self, number: f64) {
        self.lanes[self.count as usize % LANES] += number;
        self.count += 1;
    }

    /// Adds numbers, one after the other.
    pub fn add_all(&mut self, numbers: &[f64]) {
        let (before, rest) = numbers.split_at(ragged(self.count, numbers.len()));
        before.iter().for_each(|&number| self.add(number));
        let (rows, after) = rest.as_chunks();
        widest(AddNumbers { sum: self, rows });
        after.iter().for_each(|&number| self.add(number));
    }

    /// Adds the differences `ends[i] - begins[i]`, one after the other, and returns the greatest of
    /// them, or zero if all are negative.
    ///
    /// # Panics
    /// If the columns differ in length.
    pub fn add_spans(&mut self, begins: &[f64], ends: &[f64]) -> f64 {
        assert_eq!(begins.len(), ends.len(), "a span has a begin and an end");
        let head = ragged(self.count, ends.len());
        let mut greatest = 0.0_f64;
        let mut one = |sum: &mut LaneSum, begin: f64, end: f64| {
            sum.add(end - begin);
            greatest = greatest.max(end - begin);
        };
        for (begin, end) in begins[..head].iter().zip(&ends[..head]) {
            one(self, *begin, *end);
        }
        let (begins, begins_after) = begins[head..].as_chunks();
        let (ends, ends_after) = ends[head..].as_chunks();
        let in_rows = widest(AddSpans {
            sum: self,
            begins,
            ends,
        });
        for (begin, end) in begins_after.iter().zip(ends_after) {
            one(self, *begin, *end);
        }
        greatest.max(in_rows)
    }

    /// Number of numbers added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.lanes.iter().sum()
    }
}

/// Adds whole rows of numbers, beginning in lane 0.
struct AddNumbers<'a> {
    sum: &'a mut LaneSum,
    rows: &'a [[f64; LANES]],
}

impl Work for AddNumbers<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut lanes = self.sum.lanes;
        for row in self.rows {
            for lane in 0..LANES {
                lanes[lane] += row[lane];
            }
        }
        self.sum.lanes = lanes;
        self.sum.count += (self.rows.len() * LANES) as u64;
    }
}

/// Adds whole rows of differences, beginning in lane 0, and returns the greatest, at least zero.
struct AddSpans<'a> {
    sum: &'a mut LaneSum,
    begins: &'a [[f64; LANES]],
    ends: &'a [[f64; LANES]],
}

impl Work for AddSpans<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = self.sum.lanes;
        let mut greatest = [0.0; LANES];
        for (begin, end) in self.begins.iter().zip(self.ends) {
            for lane in 0..LANES {
                let span = end[lane] - begin[lane];
                lanes[lane] += span;
                greatest[lane] = greater(greatest[lane], span);
            }
        }
        self.sum.lanes = lanes;
        self.sum.count += (self.ends.len() * LANES) as u64;
        greatest.into_iter().fold(0.0, f64::max)
    }
}
