//! The course of a run in a few numbers, for a chart in the terminal: exact while there are few steps; neighbouring
//! steps or periods are merged when there are many.

use super::clock::Clock;
use crate::station::StepRecord;
use crate::time::Time;

/// The maximum number of bins.
const BINS: usize = 256;

/// The number of equal periods into which continuous time is first divided.
const SPELLS: f64 = (1u64 << 20) as f64;

/// The course of a run in periods of equal length, the last of which may be shorter.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The length of a full bin; in steps, a power of two.
    pub width: f64,
    /// The bins, in order.
    pub bins: Vec<HistoryBin>,
    /// The time of the last row, and the length of the buffer since then.
    last: (f64, u64),
}

/// The events in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HistoryBin {
    /// The length of the part of it that has passed.
    pub length: f64,
    /// Requests completed in it.
    pub processed: u64,
    /// Requests rejected in it.
    pub rejected: u64,
    /// Requests failed in it.
    pub failed: u64,
    /// The area under the length of the buffer.
    pub buffer: f64,
}

impl History {
    /// An empty history.
    pub(super) fn new(clock: Clock) -> History {
        let first = if clock.stepped() { 1.0 } else { 0.0 };
        let width = match clock.stepped() {
            true => 1.0,
            false => (clock.until().get() / SPELLS).max(f64::MIN_POSITIVE),
        };
        History {
            width,
            bins: Vec::new(),
            last: (first, 0),
        }
    }

    /// Adds the next row.
    pub(super) fn add(&mut self, row: &StepRecord, clock: Clock) {
        let origin = if clock.stepped() { 1.0 } else { 0.0 };
        let time = row.time;
        let span = clock.until().get() - origin;
        self.reach(time.get().min(clock.until().get()) - origin, origin);
        if time > clock.until() {
            return;
        }
        // Events at the very end belong to the last bin.
        let bin = self.bin((time.get() - origin).min(span * (1.0 - f64::EPSILON)));
        bin.processed += row.completed;
        bin.rejected += row.rejected;
        bin.failed += row.failed;
        self.last.1 = row.buffer;
    }

    /// Ends the history with the run.
    pub(super) fn close(&mut self, end: Time, clock: Clock) {
        let origin = if clock.stepped() { 1.0 } else { 0.0 };
        self.reach(end.min(clock.until()).get() - origin, origin);
    }

    /// Adds the current length of the buffer up to `time` after the beginning.
    fn reach(&mut self, time: f64, origin: f64) {
        let (last, length) = self.last;
        let mut from = last - origin;
        while from < time {
            self.bin(from);
            let index = (from / self.width) as usize;
            let to = ((index + 1) as f64 * self.width).min(time);
            let bin = &mut self.bins[index];
            bin.length += to - from;
            bin.buffer += length as f64 * (to - from);
            if to <= from {
                break;
            }
            from = to;
        }
        self.last.0 = self.last.0.max(time + origin);
    }

    /// The bin of this time after the beginning; bins are merged until it exists.
    fn bin(&mut self, time: f64) -> &mut HistoryBin {
        while time >= self.width * BINS as f64 {
            self.fold();
        }
        let index = (time / self.width) as usize;
        if index >= self.bins.len() {
            self.bins.resize(index + 1, HistoryBin::default());
        }
        &mut self.bins[index]
    }

    /// Merges every two bins into one.
    fn fold(&mut self) {
        self.width *= 2.0;
        let joined = self.bins.chunks(2).map(|pair| {
            pair[1..].iter().fold(pair[0], |sum, bin| HistoryBin {
                length: sum.length + bin.length,
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
    use crate::desk::wakes::desk;
    use crate::scenario::{DeskArrivals, DeskHorizon};

    #[test]
    fn few_steps_are_kept_as_they_are_and_many_are_folded() {
        for steps in [1, 255, 256, 257, 1000, 100_000] {
            let clock = Clock::of(&desk(steps, DeskArrivals::PerClass, 0.0));
            let mut history = History::new(clock);
            for step in 1..=steps {
                let row = StepRecord {
                    time: Time::of(step),
                    completed: step,
                    buffer: 1,
                    ..StepRecord::default()
                };
                history.add(&row, clock);
            }
            history.close(Time::of(steps + 1), clock);
            let sum = |part: fn(&HistoryBin) -> f64| history.bins.iter().map(part).sum::<f64>();
            assert!(history.bins.len() <= BINS);
            assert_eq!(sum(|bin| bin.length), steps as f64);
            assert_eq!(sum(|bin| bin.buffer), steps as f64);
            let processed = history.bins.iter().map(|bin| bin.processed).sum::<u64>();
            assert_eq!(processed, steps * (steps + 1) / 2);
            assert_eq!(history.width == 1.0, steps <= 256);
        }
    }

    #[test]
    fn continuous_time_falls_into_bins_of_equal_length() {
        let mut desk = desk(1, DeskArrivals::PerClass, 0.0);
        desk.horizon = DeskHorizon::Until {
            until: 512.0,
            end: None,
        };
        let clock = Clock::of(&desk);
        let mut history = History::new(clock);
        for (time, buffer) in [(1.0, 3), (300.5, 1), (600.0, 9)] {
            let row = StepRecord {
                time: Time::at(time),
                completed: 1,
                buffer,
                ..StepRecord::default()
            };
            history.add(&row, clock);
        }
        history.close(Time::at(700.0), clock);
        assert_eq!((history.width, history.bins.len()), (2.0, 256));
        let area: f64 = history.bins.iter().map(|bin| bin.buffer).sum();
        assert_eq!(area, 3.0 * 299.5 + 211.5);
        assert_eq!(history.bins[0].buffer, 3.0);
        assert_eq!(history.bins.iter().map(|bin| bin.processed).sum::<u64>(), 2);
    }
}
