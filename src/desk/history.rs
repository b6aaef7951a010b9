//! The course of a run in few numbers, for a chart in the terminal: exact while the steps are few,
//! neighbouring steps folded together when they grow many.

use crate::station::StepRecord;
use crate::time::Step;

/// The most bins there are.
const BINS: usize = 256;

/// What happened step by step, or in bins of as many steps each, the last of which may hold fewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// How many steps a full bin holds: a power of two.
    pub width: u64,
    /// In order.
    pub bins: Vec<HistoryBin>,
}

/// What happened in some neighbouring steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryBin {
    /// The first of them.
    pub first: Step,
    /// How many.
    pub steps: u64,
    /// Requests completed in them.
    pub processed: u64,
    /// Requests rejected in them.
    pub rejected: u64,
    /// Requests failed in them.
    pub failed: u64,
    /// Sum of the requests in the buffer at the end of each.
    pub buffer: u64,
}

impl Default for History {
    fn default() -> Self {
        History {
            width: 1,
            bins: Vec::new(),
        }
    }
}

impl History {
    /// Takes in the next step.
    pub(super) fn add(&mut self, row: &StepRecord) {
        let full = self.bins.last().is_none_or(|bin| bin.steps == self.width);
        if full && self.bins.len() == BINS {
            self.fold();
        }
        if self.bins.last().is_none_or(|bin| bin.steps == self.width) {
            self.bins.push(HistoryBin {
                first: row.step,
                ..HistoryBin::default()
            });
        }
        if let Some(bin) = self.bins.last_mut() {
            bin.steps += 1;
            bin.processed += row.completed;
            bin.rejected += row.rejected;
            bin.failed += row.failed;
            bin.buffer += row.buffer;
        }
    }

    /// Every two bins become one.
    fn fold(&mut self) {
        self.width *= 2;
        let joined = self.bins.chunks(2).map(|pair| {
            pair[1..].iter().fold(pair[0], |sum, bin| HistoryBin {
                first: sum.first,
                steps: sum.steps + bin.steps,
                processed: sum.processed + bin.processed,
                rejected: sum.rejected + bin.rejected,
                failed: sum.failed + bin.failed,
                buffer: sum.buffer + bin.buffer,
            })
        });
        self.bins = joined.collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_steps_are_kept_as_they_are_and_many_are_folded() {
        for steps in [1, 255, 256, 257, 1000, 100_000] {
            let mut history = History::default();
            for step in 1..=steps {
                history.add(&StepRecord {
                    step,
                    completed: step,
                    buffer: 1,
                    ..StepRecord::default()
                });
            }
            let sum = |part: fn(&HistoryBin) -> u64| history.bins.iter().map(part).sum::<u64>();
            assert!(history.bins.len() <= BINS);
            assert_eq!(sum(|bin| bin.steps), steps);
            assert_eq!(sum(|bin| bin.buffer), steps);
            assert_eq!(sum(|bin| bin.processed), steps * (steps + 1) / 2);
            assert_eq!(history.width == 1, steps <= 256);
        }
    }
}
