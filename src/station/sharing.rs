//! Processor sharing: all customers in service share the servers. With n customers and c servers each is served at
//! rate min(1, c / n).
//!
//! V is the service received so far by a hypothetical customer who is always present; it is updated at every change
//! of n. A customer who begins at V with work v ends when V reaches V + v; of equals the one that began first ends
//! first. So a change of n does not change the order of ending, and its cost does not grow with n (Kleinrock 1976,
//! 4.4).

use super::measures::Level;
use super::server::{BusyTime, ServerTime};
use crate::scenario::Intervals;
use std::collections::BTreeSet;

/// The customers who share the servers of a station.
#[derive(Clone, Debug)]
pub(super) struct Sharing {
    /// Number of servers; infinite if servers are unlimited.
    servers: f64,
    /// V, and the time up to which it is known.
    given: f64,
    since: f64,
    /// V at the end of each service, the order of beginning, and the index of its place.
    ends: BTreeSet<(u64, u64, u32)>,
    /// Changes whenever the next end changes.
    pub(super) epoch: u32,
    /// Busy servers, servers that only hold blocked customers, and whether all are taken.
    busy: Level,
    blocked: Level,
    taken: Spells,
    /// Busy time by intervals of the run, if they are reported.
    by_interval: Option<Box<BusyTime>>,
}

/// The longest time during which a condition did not hold.
#[derive(Clone, Copy, Debug, Default)]
struct Spells {
    holds: bool,
    since: f64,
    longest: f64,
}

impl Sharing {
    pub(super) fn new(servers: Option<u32>) -> Sharing {
        Sharing {
            servers: servers.map_or(f64::INFINITY, f64::from),
            given: 0.0,
            since: 0.0,
            ends: BTreeSet::new(),
            epoch: 0,
            busy: Level::default(),
            blocked: Level::default(),
            taken: Spells::default(),
            by_interval: None,
        }
    }

    /// Also records busy time by these intervals.
    pub(super) fn report(&mut self, intervals: Intervals) {
        self.by_interval = Some(Box::new(BusyTime::new(intervals)));
    }

    /// Busy time by intervals, up to the last with any.
    pub(super) fn busy_by_interval(&self) -> Vec<f64> {
        let busy = self.by_interval.as_ref();
        busy.map_or(Vec::new(), |busy| busy.areas().to_vec())
    }

    fn rate(&self) -> f64 {
        (self.servers / self.ends.len() as f64).min(1.0)
    }

    fn advance(&mut self, now: f64) {
        if self.ends.is_empty() {
            self.given = 0.0;
        } else {
            self.given += (now - self.since) * self.rate();
        }
        self.since = now;
    }

    /// Begins a service of this work; `order` is the order of beginning.
    pub(super) fn begin(&mut self, work: f64, order: u64, place: u32, now: f64) {
        self.advance(now);
        let end = self.given + work;
        self.ends.insert((end.to_bits(), order, place));
        self.epoch += 1;
    }

    /// The place of the service that ends next, and the time until then.
    pub(super) fn next(&self) -> Option<(u32, f64)> {
        let &(end, _, place) = self.ends.first()?;
        let left = f64::from_bits(end) - self.given;
        Some((place, (left / self.rate()).max(0.0)))
    }

    /// Removes and returns the places of the services that end now; the next end must be due.
    pub(super) fn end(&mut self, now: f64) -> Vec<u32> {
        let Some(&(end, ..)) = self.ends.first() else {
            return Vec::new();
        };
        self.given = f64::from_bits(end);
        self.since = now;
        self.epoch += 1;
        let mut ended = Vec::new();
        while let Some(&(other, _, place)) = self.ends.first()
            && other == end
        {
            self.ends.pop_first();
            ended.push(place);
        }
        ended
    }

    /// Books busy time up to `now`; to be called before the number of busy servers changes, and at the end of the
    /// run.
    pub(super) fn book_interval(&mut self, now: f64) {
        if let Some(by_interval) = &mut self.by_interval {
            let (busy, since) = self.busy.underway();
            by_interval.add(busy, (since, now));
            self.busy.set(now, busy);
        }
    }

    /// Opens the window.
    pub(super) fn open_window(&mut self, now: f64) {
        self.book_interval(now);
        self.busy.open(now);
        self.blocked.open(now);
        self.taken = Spells {
            since: now,
            longest: 0.0,
            ..self.taken
        };
    }

    /// Records the number of blocked customers, and the number in service from `ends`.
    pub(super) fn note(&mut self, blocked: u64, now: f64) {
        if self.servers.is_infinite() {
            return;
        }
        let all = self.servers as u64;
        let busy = all.min(self.ends.len() as u64);
        let blocked = blocked.min(all - busy);
        self.book_interval(now);
        self.busy.set(now, busy);
        self.blocked.set(now, blocked);
        self.taken.set(busy + blocked == all, now);
    }

    /// The time of the servers in the window from `opened` to `now`.
    pub(super) fn server_time(&self, opened: f64, now: f64) -> ServerTime {
        let (busy, ..) = self.busy.until(now);
        let (blocked, ..) = self.blocked.until(now);
        let mut taken = self.taken;
        taken.set(true, now);
        ServerTime {
            servers: self.servers as u32,
            busy,
            idle: ((now - opened) * self.servers - busy - blocked).max(0.0),
            blocked,
            setup: 0.0,
            down: 0.0,
            off: 0.0,
            idle_longest: taken.longest,
        }
    }
}

impl Spells {
    fn set(&mut self, holds: bool, now: f64) {
        if !self.holds {
            self.longest = self.longest.max(now - self.since);
        }
        if holds != self.holds {
            // A period of length zero does not split another.
            if self.holds && now == self.since {
                self.holds = false;
                return;
            }
            self.holds = holds;
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_in_service_share_the_servers_alike() {
        let mut sharing = Sharing::new(Some(1));
        sharing.begin(4.0, 0, 7, 10.0);
        assert_eq!(sharing.next(), Some((7, 4.0)));
        sharing.begin(1.0, 1, 8, 12.0);
        // Two customers share one server, so a work of 1 takes 2.
        assert_eq!(sharing.next(), Some((8, 2.0)));
        assert_eq!(sharing.end(14.0), [8]);
        assert_eq!(sharing.next(), Some((7, 1.0)));
        assert_eq!(sharing.end(15.0), [7]);
        assert_eq!(sharing.next(), None);
    }

    #[test]
    fn equal_ends_are_in_the_order_of_beginning_and_few_do_not_share() {
        let mut sharing = Sharing::new(Some(2));
        sharing.begin(3.0, 5, 1, 0.0);
        sharing.begin(3.0, 4, 2, 0.0);
        assert_eq!(sharing.next(), Some((2, 3.0)));
        sharing.begin(3.0, 6, 0, 0.0);
        assert_eq!(sharing.next(), Some((2, 4.5)));
        assert_eq!(sharing.end(4.5), [2, 1, 0]);
    }
}
