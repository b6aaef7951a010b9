//! A level over time, updated only when it may have changed: its mean over the window, and the maximum over values
//! that lasted longer than zero.

use super::clock::Clock;
use crate::time::Time;

/// The area under a level, and its maximum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    clock: Clock,
    /// The time at which it was last set.
    at: Time,
    /// Its value until the end of that turn, which lasts for a step or for no time.
    reading: u64,
    /// Its value since then.
    resting: u64,
    area: f64,
    max: u64,
}

impl Level {
    /// A level that is zero.
    pub(super) fn new(clock: Clock) -> Level {
        Level {
            clock,
            at: Time::ZERO,
            reading: 0,
            resting: 0,
            area: 0.0,
            max: 0,
        }
    }

    /// Sets the level to `reading` in the turn at `now`, which may still change within the turn, and to `resting`
    /// after it.
    pub(super) fn set(&mut self, now: Time, reading: u64, resting: u64) {
        if now > self.at {
            (self.area, self.max) = self.over(now);
            self.at = now;
        }
        self.reading = reading;
        self.resting = resting;
    }

    /// The area up to `end` within the window, and the maximum there.
    pub(super) fn over(&self, end: Time) -> (f64, u64) {
        let turn = self.clock.ended_by(self.at).min(end);
        let (mut area, mut max) = (self.area, self.max);
        for (value, from, to) in [(self.reading, self.at, turn), (self.resting, turn, end)] {
            let lasts = self.clock.measured(from, to);
            if lasts > 0.0 {
                area += value as f64 * lasts;
                max = max.max(value);
            }
        }
        (area, max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::wakes::desk;
    use crate::scenario::{DeskArrivals, DeskHorizon};

    #[test]
    fn quiet_steps_are_read_too() {
        // Readings 0 0 5 2 2 7 1 1.
        let clock = Clock::of(&desk(20, DeskArrivals::PerClass, 0.0));
        let mut level = Level::new(clock);
        level.set(Time::of(3), 4, 4);
        level.set(Time::of(3), 5, 2);
        level.set(Time::of(6), 7, 1);
        assert_eq!(level.over(Time::of(7)), (16.0, 7));
        assert_eq!(level.over(Time::of(9)), (18.0, 7));
        assert_eq!(Level::new(clock).over(Time::of(1)), (0.0, 0));
    }

    #[test]
    fn a_level_that_lasts_no_time_and_one_outside_the_window_do_not_count() {
        let mut desk = desk(20, DeskArrivals::PerClass, 0.0);
        desk.horizon = DeskHorizon::Until {
            until: 10.0,
            end: None,
        };
        desk.warm_up = 2.0;
        let mut level = Level::new(Clock::of(&desk));
        for (at, value) in [(0.0, 8), (1.5, 1), (3.0, 9), (3.0, 2), (9.0, 0), (11.0, 7)] {
            level.set(Time::at(at), value, value);
        }
        assert_eq!(level.over(Time::at(12.0)), (1.0 + 12.0, 2));
    }
}
