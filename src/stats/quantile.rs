//! A bounded, deterministic sketch of a distribution.
//!
//! Observations are counted in buckets of 128 to the octave, taken from the leading bits of the
//! floating-point number itself, as in an HDR histogram; a quantile is the lower edge of its
//! bucket, which lies within 1/128 of the true one. Zero has a bucket of its own, so it is exact,
//! and so is every whole number up to 255. The quantiles do not depend on the order of
//! observations.

use super::tally::rank_of;
use crate::lanes::{LANES, Work, widest};
use std::ops::Range;

/// Mantissa bits that choose the bucket within an octave.
const BITS: u32 = 7;
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - BITS;

/// Number of observations processed together.
const BLOCK: usize = 128;

/// Number of octaves added below what is needed when the range is widened, since new minima tend to
/// follow.
const AHEAD: u64 = 4;

/// The first bucket of the normal numbers; smaller ones (below 2^-1022) are counted there.
const LEAST: u64 = 1 << BITS;

/// Counts of observations by size.
#[derive(Clone, Debug)]
pub struct QuantileSketch {
    /// The first `LANES` places count zeros, spread over lanes because repeated increments of one
    /// place wait for each other; the next ones count the buckets `base` + 1 and up. The counts are
    /// small integers, so that those of a whole line stay in cache; before one can overflow, all
    /// are carried over.
    counts: Vec<u32>,
    /// Counts carried over, by place; empty until the first carry.
    carried: Vec<u64>,
    base: u64,
    n: u64,
    /// Number of observations that may still be counted before counts are carried over.
    room: u32,
}

impl Default for QuantileSketch {
    fn default() -> Self {
        QuantileSketch {
            counts: vec![0; LANES],
            carried: Vec::new(),
            base: f64::INFINITY.to_bits() >> SHIFT,
            n: 0,
            room: u32::MAX,
        }
    }
}

impl QuantileSketch {
    /// Counts one observation: finite and not negative.
    #[inline]
    pub fn add(&mut self, value: f64) {
        self.expect(1);
        self.count(value, 1);
    }

    /// Reserves capacity for `more` observations about to be counted.
    #[inline]
    fn expect(&mut self, more: u32) {
        self.n += u64::from(more);
        if more > self.room {
            self.carry_over();
        }
        self.room -= more;
    }

    #[cold]
    fn carry_over(&mut self) {
        self.carried.resize(self.counts.len(), 0);
        for (carried, count) in self.carried.iter_mut().zip(&mut self.counts) {
            *carried += u64::from(std::mem::take(count));
        }
        self.room = u32::MAX;
    }

    #[inline(always)]
    fn count(&mut self, value: f64, times: u32) {
        let bits = value.to_bits();
        // Zeros are not told from other values by a branch, which would be unpredictable.
        let above = (bits >> SHIFT).saturating_sub(self.base) as usize;
        let inside = (above != 0) | (bits == 0);
        match self.counts.get_mut(LANES - 1 + above) {
            Some(count) if inside => *count += times,
            _ => self.count_outside(bits >> SHIFT, times),
        }
    }

    /// Counts the same observation `times` times.
    pub fn add_equal(&mut self, value: f64, times: u32) {
        self.expect(times);
        self.count(value, times);
    }

    /// Counts many observations.
    pub fn add_all(&mut self, values: &[f64]) {
        let mut room = Room([0; BLOCK]);
        for values in values.chunks(BLOCK) {
            let places = &mut room.0[..values.len()];
            let inside = widest(Places {
                sketch: self,
                values,
                places,
            });
            if inside {
                self.expect(values.len() as u32);
                let counts = &mut self.counts[..];
                for &place in &*places {
                    counts[place as usize] += 1;
                }
            } else {
                values.iter().for_each(|&value| self.add(value));
            }
        }
    }

    /// Widens the range of buckets by whole octaves, then counts.
    #[cold]
    #[inline(never)]
    fn count_outside(&mut self, bucket: u64, times: u32) {
        let octave = 1 << BITS;
        let bucket = bucket.max(LEAST);
        if self.counts.len() == LANES {
            self.base = bucket / octave * octave - 1;
        }
        if bucket <= self.base {
            let floor = (bucket / octave).saturating_sub(AHEAD).max(1) * octave;
            let more = (self.base + 1 - floor) as usize;
            insert_zeros(&mut self.counts, more);
            if !self.carried.is_empty() {
                insert_zeros(&mut self.carried, more);
            }
            self.base = floor - 1;
        }
        let index = LANES - 1 + (bucket - self.base) as usize;
        if index >= self.counts.len() {
            let octaves = (bucket - self.base).div_ceil(octave);
            self.counts.resize((octaves * octave) as usize + LANES, 0);
        }
        self.counts[index] += times;
    }

    /// Number of observations in these places.
    fn total(&self, places: Range<usize>) -> u64 {
        let counts = self.counts[places.clone()].iter();
        let carried = self.carried.iter().take(places.end).skip(places.start);
        counts.map(|&count| u64::from(count)).sum::<u64>() + carried.sum::<u64>()
    }

    /// Number of observations equal to zero.
    #[must_use]
    pub fn zeros(&self) -> u64 {
        self.total(0..LANES)
    }

    /// Number of observations.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// For each p, in rising order, the least x with F(x) >= p, at most 0.8 % too low; zero without
    /// observations.
    #[must_use]
    pub fn quantiles<const N: usize>(&self, p: [f64; N]) -> [f64; N] {
        let n = self.n;
        if n == 0 {
            return [0.0; N];
        }
        // The number of observations in the places before `end`.
        let (mut end, mut seen) = (LANES, self.zeros());
        p.map(|p| {
            let rank = rank_of(p, n);
            // Passes many places at a time while all of them lie below the rank, then fewer.
            for places in [BLOCK, BLOCK / 8, 1] {
                while seen < rank {
                    let stretch = end..self.counts.len().min(end + places);
                    let many = self.total(stretch.clone());
                    if seen + many >= rank && places > 1 {
                        break;
                    }
                    (end, seen) = (stretch.end, seen + many);
                }
            }
            match end - LANES {
                0 => 0.0,
                buckets => f64::from_bits((self.base + buckets as u64) << SHIFT),
            }
        })
    }
}

/// Inserts `more` empty places after the places of the zeros.
fn insert_zeros<T: Copy + Default>(counts: &mut Vec<T>, more: usize) {
    let length = counts.len();
    counts.resize(length + more, T::default());
    counts.copy_within(LANES..length, LANES + more);
    counts[LANES..LANES + more].fill(T::default());
}

/// The places of a block, aligned so that no row of them straddles two cache lines, which would
/// delay reading it back.
#[repr(align(64))]
struct Room([u32; BLOCK]);

/// Finds the places at which observations are counted; returns whether every value is zero or lies
/// within the existing buckets.
struct Places<'a> {
    sketch: &'a QuantileSketch,
    values: &'a [f64],
    places: &'a mut [u32],
}

/// The place at which a zero is counted, by its index in the block.
const LANE: [u64; BLOCK] = {
    let mut lanes = [0; BLOCK];
    let mut at = 0;
    while at < BLOCK {
        lanes[at] = at as u64 % LANES as u64;
        at += 1;
    }
    lanes
};

impl Work for Places<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        const SIGN: u64 = 1 << 63;
        let base = self.sketch.base;
        let before = base.wrapping_sub(LANES as u64 - 1);
        // Floating-point numbers are compared at vector speed on every processor, integers are not;
        // a value that is too large carries into the sign bit.
        let least = f64::from_bits((base + 1) << SHIFT);
        let buckets = (self.sketch.counts.len() - LANES) as u64;
        let carry = SIGN - ((base + 1 + buckets) << SHIFT);
        let (mut below, mut above) = (0, 0);
        for ((place, &value), lane) in self.places.iter_mut().zip(self.values).zip(&LANE) {
            let bits = value.to_bits();
            let counted = u64::from(value >= least).wrapping_neg();
            let bucket = (bits >> SHIFT).wrapping_sub(before);
            *place = ((bucket & counted) | (lane & !counted)) as u32;
            // A value below the buckets must be zero.
            below |= bits & !counted;
            above |= bits.wrapping_add(carry);
        }
        below == 0 && above & SIGN == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_within_one_percent_below_the_true_ones() {
        let mut sketch = QuantileSketch::default();
        let values: Vec<f64> = (1..=100_000).map(|i| (f64::from(i) * 1e-4).exp()).collect();
        values.iter().for_each(|&value| sketch.add(value));
        let wanted = [0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 1.0];
        for (p, seen) in wanted.into_iter().zip(sketch.quantiles(wanted)) {
            let exact = values[((p * 1e5_f64).round() as usize).max(1) - 1];
            assert!(
                seen <= exact && seen >= exact * 0.992,
                "{p}: {seen} {exact}"
            );
        }
    }

    #[test]
    fn zeros_and_small_whole_numbers_are_exact() {
        let mut sketch = QuantileSketch::default();
        (0..=255).rev().for_each(|i| sketch.add(f64::from(i)));
        assert_eq!(sketch.quantiles([1.0 / 256.0]), [0.0]);
        for i in 0..=255 {
            assert_eq!(sketch.quantiles([f64::from(i + 1) / 256.0]), [f64::from(i)]);
        }
    }

    #[test]
    fn the_least_and_the_greatest_numbers_fit() {
        let mut sketch = QuantileSketch::default();
        sketch.add(f64::MAX);
        sketch.add(f64::MIN_POSITIVE / 1e10);
        sketch.add(1.0);
        assert_eq!(sketch.n(), 3);
        assert_eq!(sketch.quantiles([0.1, 0.5]), [f64::MIN_POSITIVE, 1.0]);
    }

    #[test]
    fn equal_observations_and_zeros_are_counted_like_others() {
        let (mut one_by_one, mut together) = (QuantileSketch::default(), QuantileSketch::default());
        for values in [[0.0; 5], [3.0; 5], [0.0, 1e-3, 0.0, 3.0, 1e9], [1e-9; 5]] {
            values.iter().for_each(|&value| one_by_one.add(value));
            together.add_all(&values);
        }
        let wanted = [0.3, 0.5, 0.7, 0.9, 1.0];
        assert_eq!(one_by_one.quantiles(wanted), together.quantiles(wanted));
        assert_eq!(one_by_one.zeros(), together.zeros());
        assert_eq!((together.zeros(), together.n()), (7, 20));
    }

    #[test]
    fn counts_are_carried_over_before_they_overflow() {
        let of = |i: u32| match i % 3 {
            0 => 0.0,
            _ => f64::from(i % 1000),
        };
        // In the second, the range grows on both sides after counts were carried over.
        for values in [
            (0..3000).map(of).collect::<Vec<_>>(),
            (0..3000)
                .map(|i| of(i) * f64::from(i).powi(3 - 2 * (i % 4) as i32))
                .collect(),
        ] {
            let mut plain = QuantileSketch::default();
            values.iter().for_each(|&value| plain.add(value));
            for size in [1, 100, 128, 1000] {
                let mut carrying = QuantileSketch::default();
                for some in values.chunks(size) {
                    // Set the counter as if no further observation could be counted.
                    carrying.room = 0;
                    carrying.add_all(some);
                    assert!(carrying.room > 0);
                }
                assert!(carrying.counts.iter().sum::<u32>() <= 1000);
                assert_eq!(carrying.zeros(), plain.zeros());
                for place in LANES..plain.counts.len() {
                    let place = place..place + 1;
                    assert_eq!(carrying.total(place.clone()), plain.total(place));
                }
                assert_eq!(carrying.n(), plain.n());
                let wanted = [0.1, 0.34, 0.5, 0.9, 0.99, 1.0];
                assert_eq!(carrying.quantiles(wanted), plain.quantiles(wanted));
            }
        }
    }

    #[test]
    fn blocks_are_counted_like_single_observations_at_every_edge() {
        // Zeros among others, both ends of octaves, and values outside the range at the time they
        // are added.
        let mut values: Vec<f64> = (0..5000_u32)
            .map(|i| f64::from(i.wrapping_mul(2_654_435_761) >> 20) / 64.0)
            .map(|value| if value < 12.0 { 0.0 } else { value })
            .collect();
        let edges = [1.0, 2.0, 4.0, 64.0, 1024.0, f64::MIN_POSITIVE, 1e-310];
        for (at, edge) in edges.into_iter().enumerate() {
            values[100 * at + 50] = edge;
            values[100 * at + 3050] = edge.next_down();
        }
        let mut single = QuantileSketch::default();
        values.iter().for_each(|&value| single.add(value));
        for size in [1, 7, 128, 129, 300, 5000] {
            let mut blocks = QuantileSketch::default();
            values.chunks(size).for_each(|some| blocks.add_all(some));
            assert_eq!(blocks.zeros(), single.zeros());
            let buckets = |sketch: &QuantileSketch| (sketch.base, sketch.counts[LANES..].to_vec());
            assert_eq!(buckets(&blocks), buckets(&single), "{size}");
        }
    }
}
