//! The measures of a station during a run.
//!
//! Its window opens when the first measured customer arrives there, or when the model says so; it closes when the
//! model says so. Levels are averaged over the window; the maximum is over values that lasted longer than zero.

use crate::stats::{LaneSum, Tally};

/// Counts and tallies of a station. Counts are of the whole run, tallies of measured customers.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// The time at which the window opened.
    pub opened: Option<f64>,
    /// Times from arrival to the first begin of service.
    pub waiting: Tally,
    /// Times served, of services that ended.
    pub service: Tally,
    /// Times waited by customers who gave up.
    pub time_to_abandon: Tally,
    /// Customers without a server.
    pub queue: Level,
    /// Customers in service: at servers, and not blocked there.
    pub in_service: Level,
    /// Customers who took a place.
    pub arrivals: u64,
    /// Customers whose service ended, scrapped ones included.
    pub departures: u64,
    /// Customers who did not join the queue they found.
    pub balked: u64,
    /// Customers whose patience ended.
    pub abandoned: u64,
    /// Customers whose work a fault interrupted for good.
    pub failed: u64,
    /// Customers who left as scrap after their service.
    pub scrapped: u64,
    /// Customers who came from outside and found no place.
    pub lost: u64,
}

impl Measures {
    /// Opens the window.
    pub(super) fn open(&mut self, now: f64) {
        self.opened = Some(now);
        self.queue.open(now);
        self.in_service.open(now);
    }
}

/// A number that changes over time.
#[derive(Clone, Debug, Default)]
pub struct Level {
    value: u64,
    since: f64,
    opened: bool,
    area: LaneSum,
    max: u64,
    max_at: Option<f64>,
}

impl Level {
    pub(super) fn open(&mut self, now: f64) {
        self.since = now;
        self.opened = true;
    }

    /// Sets the number from `now` on.
    #[inline]
    pub fn set(&mut self, now: f64, value: u64) {
        if now > self.since {
            self.book(now);
        }
        self.value = value;
    }

    /// The number, and the time up to which it is booked.
    pub(super) fn underway(&self) -> (u64, f64) {
        (self.value, self.since)
    }

    fn book(&mut self, now: f64) {
        if self.opened {
            if self.value > 0 {
                self.area.add(self.value as f64 * (now - self.since));
            }
            if self.value > self.max || self.max_at.is_none() {
                self.max = self.value;
                self.max_at = Some(self.since);
            }
        }
        self.since = now;
    }

    /// The area under the number until now, its maximum, and the time at which that was first reached.
    #[must_use]
    pub fn until(&self, now: f64) -> (f64, u64, Option<f64>) {
        let mut level = self.clone();
        level.set(now, 0);
        (level.area.total(), level.max, level.max_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_lasts_no_time_is_not_the_greatest() {
        let mut level = Level::default();
        level.set(1.0, 3);
        level.open(2.0);
        for (now, value) in [(4.0, 9), (4.0, 1), (5.0, 4), (7.0, 0)] {
            level.set(now, value);
        }
        assert_eq!(level.until(9.0), (6.0 + 1.0 + 8.0, 4, Some(5.0)));
    }
}
