//! Two scenarios under common random numbers: the difference in each measure, pair by pair.
//!
//! Both run the same replication numbers from the same seed, so that the two runs of a pair differ only by what was
//! changed. Rows are numbered through both: replication r of the first scenario is 2 r, of the second 2 r + 1, so
//! that an interruption leaves whole pairs.
//!
//! Each interval holds its own difference with the confidence of the study. Of m measures examined together some
//! would seem to differ by chance alone, m (1 - confidence) on average; so a second set of intervals holds all
//! differences at once, each at 1 - (1 - confidence) / m (Bonferroni).

use super::completion::Completion;
use super::goal::{Goal, Look};
use super::ledger::{KeepError, Ledger, Row};
use super::measures::Fold;
use super::pairing::Pairing;
use super::replicate::one;
use super::round::{Conditions, Filled, StudyError, fill};
use crate::digest::Digest;
use crate::scenario::Scenario;
use crate::stats::{Interval, Sample};
use std::ops::Range;
use std::time::Duration;

/// A measure of both scenarios.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its key in the first scenario's summary; in the second an entry with the same name may have another number.
    pub key: String,
    /// Its value in each scenario.
    pub sides: [Interval; 2],
    /// The second minus the first, over the pairs in which both have a value.
    pub difference: Interval,
    /// The same, wide enough to hold together with those of all measures.
    pub together: Interval,
}

impl Difference {
    /// Whether the measure was the same in every pair.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.difference.min == Some(0.0) && self.difference.max == Some(0.0)
    }

    /// Whether the difference is more than chance, taken by itself.
    #[must_use]
    pub fn is_clear_alone(&self) -> bool {
        self.difference.holds(0.0) == Some(false)
    }

    /// Whether the difference is more than chance, taken together with all others.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.together.holds(0.0) == Some(false)
    }

    /// The change as a share of the first scenario's value.
    #[must_use]
    pub fn relative(&self) -> Option<f64> {
        let base = self.sides[0].mean?.abs();
        (base > 0.0).then_some(self.difference.mean? / base)
    }
}

/// The results of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Progress; replications are pairs.
    pub completion: Completion,
    /// The number of pairs planned in the rounds so far.
    pub wanted: u64,
    /// Whether the replications of each scenario are one and the same run, as they are if nothing is random.
    pub is_one_run: bool,
    /// Every measure that both have, in the first scenario's order.
    pub measures: Vec<Difference>,
    /// Number of measures that differ in some pair: those that chance can make seem to differ.
    pub looked_at: usize,
    /// Number of runs of each scenario that ended in a deadlock.
    pub blocked: [u64; 2],
    /// The measures that only one scenario has, by their keys with names in place of numbers.
    pub alone: [Vec<String>; 2],
}

/// Compares two scenarios until the goal is met; a precision is that of the differences, as a fraction of the
/// larger of the two means.
///
/// # Errors
/// See [`StudyError`].
///
/// # Panics
/// If the goal names a measure that one of them does not have.
pub fn compare(
    scenarios: [&Scenario; 2],
    pairing: &Pairing,
    goal: &Goal,
    conditions: Conditions<'_>,
) -> Result<Compared, StudyError> {
    let judged: Vec<usize> = match goal {
        Goal::Count(_) => Vec::new(),
        Goal::Precision { measures, .. } => measures
            .iter()
            .map(|key| pairing.find(key).expect("both have the goal's measures"))
            .collect(),
    };
    let mut pairs = Pairs::new(pairing);
    let mut wanted = goal.first();
    let mut missing = Vec::new();
    let (met, interrupted) = loop {
        let job = |number: u64| {
            let side = (number % 2) as usize;
            let layout = &pairing.layouts()[side];
            one(scenarios[side], layout, number / 2, conditions)
        };
        let round = 2 * pairs.count..2 * wanted;
        let filled = fill(round.clone(), conditions, job)?;
        if let Filled::Missing(numbers) = filled {
            missing = numbers;
            break (false, false);
        }
        let mut next = round.start;
        conditions.ledger.each(round, &mut |number, row| {
            if number == next {
                next += 1;
                pairs.take(row);
            }
        })?;
        let seen = judged.iter().map(|&at| pairs.judged(at));
        let seen: Vec<(Sample, f64)> = seen.collect();
        let seen = seen.iter().map(|(sample, scale)| (sample, *scale));
        match goal.look_beside(pairs.count, wanted, conditions.confidence, seen) {
            Look::Met => break (true, false),
            _ if filled == Filled::Interrupted => break (false, true),
            Look::Most => break (false, false),
            Look::Wanted(more) => wanted = more,
        }
    };
    let mut digest = Digest::EMPTY;
    let sides = pairs.folds.iter();
    sides.for_each(|fold| digest.fold(fold.digest.value()));
    let completion = Completion {
        replications: pairs.count,
        digest,
        met,
        interrupted,
        missing,
    };
    Ok(pairs.compared(completion, wanted, conditions.confidence))
}

/// The statistics of pairs while they are added.
struct Pairs<'a> {
    pairing: &'a Pairing,
    folds: [Fold; 2],
    differences: Vec<Sample>,
    /// The first row of the pair that is being added.
    first: Option<Row>,
    count: u64,
}

impl<'a> Pairs<'a> {
    fn new(pairing: &'a Pairing) -> Pairs<'a> {
        Pairs {
            pairing,
            folds: pairing.layouts().each_ref().map(Fold::new),
            differences: vec![Sample::default(); pairing.places().len()],
            first: None,
            count: 0,
        }
    }

    fn take(&mut self, row: &Row) {
        let Some(first) = self.first.take() else {
            self.first = Some(row.clone());
            return;
        };
        self.count += 1;
        for (sample, [a, b]) in self.differences.iter_mut().zip(self.pairing.places()) {
            let difference = row.values[*b] - first.values[*a];
            if !difference.is_nan() {
                sample.add(difference);
            }
        }
        self.folds[0].take(&first);
        self.folds[1].take(row);
    }

    /// The differences of a measure, and the larger of its means.
    fn judged(&self, at: usize) -> (Sample, f64) {
        let places = self.pairing.places()[at];
        let mean = |side: usize| {
            let sample = self.folds[side].samples[places[side]];
            sample.interval(0.5).mean.map_or(0.0, f64::abs)
        };
        (self.differences[at], mean(0).max(mean(1)))
    }

    fn compared(self, completion: Completion, wanted: u64, confidence: f64) -> Compared {
        let differs = |sample: &&Sample| {
            let seen = sample.interval(confidence);
            seen.n > 0 && (seen.min, seen.max) != (Some(0.0), Some(0.0))
        };
        let looked_at = self.differences.iter().filter(differs).count();
        let together = 1.0 - (1.0 - confidence) / looked_at.max(1) as f64;
        let all = self.differences.iter().zip(self.pairing.places());
        let measures = all.map(|(sample, places)| Difference {
            key: self.pairing.layouts()[0].keys()[places[0]].clone(),
            sides: [0, 1].map(|side| self.folds[side].samples[places[side]].interval(confidence)),
            difference: sample.interval(confidence),
            together: sample.interval(together),
        });
        Compared {
            measures: measures.collect(),
            completion,
            wanted,
            is_one_run: self.folds.iter().all(Fold::is_one_run),
            looked_at,
            blocked: [0, 1].map(|side| {
                let samples = &self.folds[side].samples;
                self.pairing.layouts()[side].blocked(|measure| samples[measure].n())
            }),
            alone: [0, 1].map(|side| self.pairing.alone(side)),
        }
    }
}

/// Rows read alternately from the ledgers of two studies of replications.
pub struct ByTurns<'a>(pub [&'a dyn Ledger; 2]);

/// Number of pairs read at a time.
const BLOCK: u64 = 4096;

impl Ledger for ByTurns<'_> {
    fn missing(&self, numbers: Range<u64>) -> Vec<u64> {
        let replications = numbers.start / 2..numbers.end.div_ceil(2);
        let mut missing = Vec::new();
        for (side, ledger) in (0..).zip(self.0) {
            let of_side = ledger.missing(replications.clone()).into_iter();
            missing.extend(of_side.map(|number| 2 * number + side));
        }
        missing.retain(|number| numbers.contains(number));
        missing.sort_unstable();
        missing
    }

    fn put(&self, _number: u64, _row: Row, _took: Duration) -> Result<(), KeepError> {
        unreachable!("rows that are read are not made")
    }

    fn settle(&self) -> Result<(), KeepError> {
        Ok(())
    }

    fn each(&self, numbers: Range<u64>, visit: &mut dyn FnMut(u64, &Row)) -> Result<(), KeepError> {
        let mut from = numbers.start / 2;
        let end = numbers.end.div_ceil(2);
        while from < end {
            let to = end.min(from + BLOCK);
            let mut rows = Vec::new();
            for (side, ledger) in (0..).zip(self.0) {
                ledger.each(from..to, &mut |number, row| {
                    rows.push((2 * number + side, row.clone()));
                })?;
            }
            rows.sort_by_key(|(number, _)| *number);
            let wanted = rows.iter().filter(|(number, _)| numbers.contains(number));
            wanted.for_each(|(number, row)| visit(*number, row));
            from = to;
        }
        Ok(())
    }
}

impl std::fmt::Debug for ByTurns<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ByTurns")
    }
}
