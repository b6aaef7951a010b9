//! Stations that block each other: a set of full stations in which every server is held by a customer who waits for
//! a place at a station of the set. Nothing inside the set can ever move by itself.

use super::places::{Blocked, Stations};
use super::system::System;
use crate::scenario::To;
use std::collections::VecDeque;

/// A set of stations that block each other, by position, and the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadlocked {
    /// The time.
    pub time: f64,
    /// The stations.
    pub stations: Vec<u32>,
    /// Customers each of whom waits for the place of the next, the last for that of the first; none if nothing is
    /// due for another reason.
    pub waits: Vec<Waits>,
}

/// A customer who holds a server of one station and waits for a place at another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// The customer's number.
    pub customer: u64,
    /// The station it is at.
    pub station: u32,
    /// The station it wants to go to.
    pub target: u32,
}

impl Waits {
    pub(super) fn of(blocked: &Blocked) -> Waits {
        Waits {
            customer: blocked.number,
            station: blocked.at.station,
            target: target(blocked),
        }
    }
}

/// State of the detection of stations that block each other.
#[derive(Clone, Debug)]
pub(super) struct Jams {
    /// Whether a run ends if stations block each other; a line has no cycle of them.
    possible: bool,
    /// Whether a cycle of customers swaps places instead of ending the run.
    swaps: bool,
    /// The number of such swaps.
    pub(super) swapped: u64,
    /// The number of customers blocked so far, and of customers blocked now.
    blocked: u64,
    blocked_now: u64,
    /// The deadlock that ended the run, if any.
    pub(super) ended: Option<Deadlocked>,
}

impl Jams {
    pub(super) fn new(system: &System) -> Jams {
        Jams {
            possible: system.may_deadlock,
            swaps: system.swaps,
            swapped: 0,
            blocked: 0,
            blocked_now: 0,
            ended: None,
        }
    }

    /// Whether a run with nothing due ends as deadlocked while customers are present.
    pub(super) fn end_runs(&self) -> bool {
        self.possible
    }

    /// Counts one more blocked customer and returns its place in the order of all.
    pub(super) fn blocked_next(&mut self) -> u64 {
        self.blocked += 1;
        self.blocked_now += 1;
        self.blocked
    }

    /// Whether any customer is blocked.
    #[inline]
    pub(super) fn some_blocked(&self) -> bool {
        self.blocked_now > 0
    }

    /// Counts a blocked customer that moves on.
    pub(super) fn unblocked(&mut self) {
        self.blocked_now -= 1;
    }

    /// Whether a cycle of customers swaps places; counts it if so.
    pub(super) fn swap(&mut self) -> bool {
        self.swapped += u64::from(self.swaps);
        self.swaps
    }

    /// The largest set of stations that block each other, if there is one.
    pub(super) fn find(&self, stations: &Stations) -> Option<Vec<u32>> {
        if !self.possible || !self.some_blocked() {
            return None;
        }
        let stuck = |station| stations.is_stuck(station) && !stations.has_place(station);
        let mut set: Vec<bool> = (0..stations.len() as u32).map(stuck).collect();
        loop {
            let mut changed = false;
            for (target, known) in stations.known.iter().enumerate() {
                if set[target] {
                    continue;
                }
                for blocked in &known.blocked {
                    changed |= std::mem::take(&mut set[blocked.at.station as usize]);
                }
            }
            if !changed {
                break;
            }
        }
        let stuck = (0..).zip(&set).filter(|(_, stuck)| **stuck);
        let stuck: Vec<u32> = stuck.map(|(station, _)| station).collect();
        (!stuck.is_empty()).then_some(stuck)
    }

    /// A cycle of customers each of whom waits for a place at the station of the next: from the customer blocked
    /// last to its target, there to the customer blocked first, and so on until a station repeats.
    pub(super) fn cycle(&self, stations: &Stations, set: &[u32]) -> Vec<Blocked> {
        let known = stations.known.iter();
        let waiting: VecDeque<&Blocked> = known.flat_map(|known| &known.blocked).collect();
        let there = waiting.iter().filter(|one| set.contains(&one.at.station));
        let Some(last) = there.max_by_key(|one| one.order) else {
            return Vec::new();
        };
        let mut way = vec![**last];
        loop {
            let at = target(&way[way.len() - 1]);
            if let Some(first) = way.iter().position(|one| one.at.station == at) {
                way.drain(..first);
                return way;
            }
            let here = waiting.iter().filter(|one| one.at.station == at);
            let Some(first) = here.min_by_key(|one| one.order) else {
                return Vec::new();
            };
            way.push(**first);
        }
    }
}

fn target(blocked: &Blocked) -> u32 {
    match blocked.way.to {
        To::Station(station) => station,
        To::Out => unreachable!("there is always a place outside"),
    }
}
