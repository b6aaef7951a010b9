//! Logical time, and the total order of events.
//!
//! A desk counts [`Step`]s or runs in continuous time; its actors see either as a [`Time`]. A line runs in continuous
//! time, where several events may happen at one instant. These are ordered in *rounds*: all finishes, then all
//! arrivals, then all service starts; a service of length zero that starts in one round finishes in the next round of
//! the same instant. A [`Moment`] is an instant and its round, and its order is the order of events. The order in which
//! messages arrive never breaks a tie.
//!
//! No wall clock is read here or anywhere below the command line.

use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// A logical step of a desk; the first one is step 1.
pub type Step = u64;

/// A time on the clock of a desk: an instant or, if the desk counts steps, the number of a step, which is whole. Finite
/// and not negative, except for [`Time::NEVER`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Time(f64);

impl Time {
    /// The beginning of time.
    pub const ZERO: Time = Time(0.0);

    /// Later than every event.
    pub const NEVER: Time = Time(f64::INFINITY);

    /// The time of this number.
    ///
    /// # Panics
    /// If it is negative or not a number.
    #[must_use]
    pub fn at(time: f64) -> Time {
        assert!(time >= 0.0, "{time} is no time of a clock");
        // A negative zero is zero.
        Time(time + 0.0)
    }

    /// The beginning of a step.
    #[must_use]
    pub fn of(step: Step) -> Time {
        Time(step as f64)
    }

    /// The time as a number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// The time that is `duration` later.
    #[must_use]
    pub fn after(self, duration: f64) -> Time {
        Time(self.0 + duration)
    }

    /// The duration from an earlier time to this one.
    #[must_use]
    pub fn since(self, earlier: Time) -> f64 {
        self.0 - earlier.0
    }

    /// Whether it is later than every event.
    #[must_use]
    pub fn is_never(self) -> bool {
        self.0 == f64::INFINITY
    }
}

impl Eq for Time {}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        // Bits are ordered like the numbers, since none is negative.
        self.0.to_bits().cmp(&other.0.to_bits())
    }
}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Writes a whole time as a whole number, as steps are.
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
        if self.0.fract() == 0.0 && self.0 <= WHOLE_MAX {
            serializer.serialize_u64(self.0 as u64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An instant of continuous time and the round within it: the key by which a line's events are
/// ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The instant, in the scenario's time unit; finite, not negative, never `-0.0`.
    pub time: f64,
    /// Number of services of length zero that have ended one after the other at this instant.
    pub round: u32,
}

impl Moment {
    /// The beginning of time.
    pub const ZERO: Moment = Moment {
        time: 0.0,
        round: 0,
    };

    /// A moment later than every event.
    pub const NEVER: Moment = Moment {
        time: f64::INFINITY,
        round: u32::MAX,
    };

    /// The first round of an instant.
    #[must_use]
    pub fn at(time: f64) -> Moment {
        Moment { time, round: 0 }
    }

    /// The next round of this instant.
    #[must_use]
    pub fn next_round(self) -> Moment {
        Moment {
            time: self.time,
            round: self.round + 1,
        }
    }

    /// The end of a service of this length that starts now: in the first round of a later instant,
    /// or, if adding the length does not change the clock, in the next round of this one.
    #[must_use]
    pub fn after(self, duration: f64) -> Moment {
        let time = self.time + duration;
        if time > self.time {
            Moment { time, round: 0 }
        } else {
            self.next_round()
        }
    }
}

impl Eq for Moment {}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time
            .total_cmp(&other.time)
            .then(self.round.cmp(&other.round))
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_of_length_zero_ends_in_the_next_round() {
        let start = Moment::at(3.0);
        assert!(start.after(0.0) > start);
        assert!(start.after(0.0) < start.after(1e-9));
        assert_eq!(start.after(0.0).after(2.0), Moment::at(5.0));
    }

    #[test]
    fn a_service_too_short_for_the_clock_counts_as_zero() {
        let late = Moment::at(1e18);
        assert_eq!(late.after(1.0), late.after(0.0));
    }
}
