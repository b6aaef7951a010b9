//! The distribution of values, counted in intervals fixed beforehand, so that a hundred million values need no more
//! memory than ten.

use crate::number::{percent, plain};
use crate::report::chart::{Axis, Unit};
use crate::report::chart::{Bin, Histogram, Ink};
use crate::stats::Statistics;

/// The most intervals.
const BINS: f64 = 48.0;

/// Counts of values by interval, from zero; values beyond the last are counted together.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    width: f64,
    whole: bool,
    counts: Vec<u64>,
    beyond: u64,
}

impl Spread {
    /// For values with known statistics: up to the greatest or, if a few are very large, not much beyond the 99th
    /// percentile.
    pub(super) fn new(known: &Statistics, whole: bool) -> Spread {
        let most = known.max.unwrap_or(0.0).max(0.0);
        let usual = known.p99.map_or(most, |p99| p99 * 1.25);
        let end = if most <= usual * 1.5 { most } else { usual };
        let mut width = round_up(end / BINS);
        if whole {
            width = width.max(1.0).ceil();
        }
        Spread {
            width,
            whole,
            counts: vec![0; (end / width).floor() as usize + 1],
            beyond: 0,
        }
    }

    pub(super) fn push(&mut self, value: f64) {
        match self.counts.get_mut((value / self.width) as usize) {
            Some(count) => *count += 1,
            None => self.beyond += 1,
        }
    }

    /// The spread as a histogram of shares, with the mean and quantiles marked.
    pub(super) fn histogram(
        &self,
        label: String,
        of: &str,
        known: &Statistics,
        ink: Ink,
    ) -> Histogram {
        let all = self.counts.iter().sum::<u64>() + self.beyond;
        let share = |count: u64| count as f64 / all.max(1) as f64;
        let single = self.whole && self.width == 1.0;
        let mut bins: Vec<Bin> = (0..)
            .zip(&self.counts)
            .map(|(at, &count)| Bin {
                low: f64::from(at) * self.width,
                high: f64::from(at + 1) * self.width,
                height: share(count),
                open: false,
            })
            .collect();
        if self.beyond > 0 {
            let low = bins.len() as f64 * self.width;
            bins.push(Bin {
                low,
                high: low + self.width,
                height: share(self.beyond),
                open: true,
            });
        }
        if all == 0 {
            bins.clear();
        }
        let marks = [
            (known.mean, "mean"),
            (known.p50, "half at most"),
            (known.p95, "95 % at most"),
            (known.p99, "99 % at most"),
        ];
        let marks = marks.into_iter().filter_map(|(value, name)| {
            let value = value?;
            Some((value, format!("{name} {}", plain(value))))
        });
        Histogram {
            x: Axis {
                label,
                unit: if single { Unit::Whole } else { Unit::Number },
                ..Axis::default()
            },
            y: Axis::shares(format!("of {of}")),
            bins,
            ink,
            marks: marks.collect(),
        }
    }

    /// The share of values that are zero, in words, for whole numbers counted one by one.
    pub(super) fn none(&self) -> Option<String> {
        let all = self.counts.iter().sum::<u64>() + self.beyond;
        let single = self.whole && self.width == 1.0 && all > 0;
        single.then(|| percent(self.counts[0] as f64 / all as f64))
    }
}

/// The least of 1, 2, 2.5, 5, 10, ... that is not below `least`.
fn round_up(least: f64) -> f64 {
    if least.is_nan() || least <= 0.0 || !least.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= least);
    factor.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once_and_a_tail_is_cut() {
        let known = Statistics {
            n: 1000,
            max: Some(900.0),
            p99: Some(20.0),
            ..Statistics::default()
        };
        let mut spread = Spread::new(&known, false);
        for value in 0..1000 {
            spread.push(if value == 999 {
                900.0
            } else {
                f64::from(value % 20)
            });
        }
        let histogram = spread.histogram("min".into(), "customers", &known, Ink::Waiting);
        let all: f64 = histogram.bins.iter().map(|bin| bin.height).sum();
        assert!((all - 1.0).abs() < 1e-12);
        let last = histogram.bins.last().unwrap();
        assert!(last.open && last.low < 30.0 && (last.height - 0.001).abs() < 1e-12);
        assert!(histogram.bins.len() <= 51);
    }

    #[test]
    fn whole_numbers_have_an_interval_each_where_they_are_few() {
        let known = Statistics {
            n: 3,
            max: Some(5.0),
            p99: Some(5.0),
            ..Statistics::default()
        };
        let mut spread = Spread::new(&known, true);
        [0.0, 5.0, 5.0]
            .into_iter()
            .for_each(|value| spread.push(value));
        let histogram = spread.histogram("steps".into(), "requests", &known, Ink::Waiting);
        assert_eq!(histogram.bins.len(), 6);
        assert_eq!(spread.none().as_deref(), Some("33 %"));
    }
}
