//! Logical time, and the total order of events.
//!
//! A desk counts [`Step`]s. A line runs in continuous time, where several things may happen at one
//! instant. These are ordered in *rounds*: all finishes, then all arrivals, then all service
//! starts; a service of length zero that starts in one round finishes in the next round of the same
//! instant. A [`Moment`] is an instant and its round, and its order is the order of events. The
//! order in which messages arrive never breaks a tie.
//!
//! No wall clock is read here or anywhere below the command line.

use std::cmp::Ordering;

/// A logical step of a desk; the first one is step 1.
pub type Step = u64;

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

    /// The end of a service of this length that starts now: in the first round of a later instant,
    /// or, if adding the length does not change the clock, in the next round of this one.
    #[must_use]
    pub fn after(self, duration: f64) -> Moment {
        let time = self.time + duration;
        if time > self.time {
            Moment { time, round: 0 }
        } else {
            Moment {
                time: self.time,
                round: self.round + 1,
            }
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
