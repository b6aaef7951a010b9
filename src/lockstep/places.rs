//! The coordinator's knowledge of a station and its places, and of customers between two stations.

use super::ask::State;
use super::due::Due;
use super::system::Node;
use crate::scenario::To;
use crate::station::{Counts, Person, Station, StationVisit, VisitOutcome};
use std::collections::VecDeque;

/// All stations, as the coordinator sees them. Stations in its own thread are inspected when needed; for stations
/// that are actors the state is that of their last answer.
#[derive(Clone, Debug)]
pub(super) struct Stations {
    pub(super) known: Vec<Known>,
    /// The stations, if they are in one thread; empty if they are actors.
    pub(super) at_hand: Vec<Station>,
    /// One bit per station: whether it is to be considered when services begin; and whether a station in this
    /// thread has changed since its next due moment was last updated.
    marks: Vec<Marks>,
    /// Whether any station has changed since then.
    changed: bool,
}

/// Marks of 64 stations.
#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    awake: u64,
    changed: u64,
}

impl Stations {
    pub(super) fn new(known: Vec<Known>, at_hand: Vec<Station>) -> Stations {
        Stations {
            marks: vec![Marks::default(); known.len().div_ceil(64)],
            changed: false,
            known,
            at_hand,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether the stations are in the thread of the coordinator.
    pub(super) fn are_at_hand(&self) -> bool {
        !self.at_hand.is_empty()
    }

    /// Notes a change at a station in this thread; it is to be considered when services begin.
    #[inline]
    pub(super) fn change(&mut self, station: u32) {
        let marks = &mut self.marks[station as usize / 64];
        marks.changed |= 1 << (station % 64);
        marks.awake |= 1 << (station % 64);
        self.changed = true;
    }

    /// Sets whether a station is to be considered when services begin.
    #[inline]
    pub(super) fn set_awake(&mut self, station: u32, awake: bool) {
        let marks = &mut self.marks[station as usize / 64];
        marks.awake = marks.awake & !(1 << (station % 64)) | u64::from(awake) << (station % 64);
    }

    /// The first station from this one on that is to be considered when services begin.
    #[inline]
    pub(super) fn next_awake(&self, from: u32) -> Option<u32> {
        let mut word = from as usize / 64;
        let mut bits = self.marks.get(word)?.awake & (u64::MAX << (from % 64));
        while bits == 0 {
            word += 1;
            bits = self.marks.get(word)?.awake;
        }
        Some(word as u32 * 64 + bits.trailing_zeros())
    }

    /// Updates the next due moments of the stations in this thread that have changed.
    #[inline]
    pub(super) fn put_down(&mut self, due: &mut Due) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        for (marks, stations) in self.marks.iter_mut().zip(0..) {
            let mut bits = std::mem::take(&mut marks.changed);
            while bits != 0 {
                let station = stations * 64 + bits.trailing_zeros();
                bits &= bits - 1;
                due.set(station, self.at_hand[station as usize].next_due());
            }
        }
    }

    /// The customers at a station who are not about to leave.
    #[inline]
    pub(super) fn counts(&self, station: u32) -> Counts {
        let known = &self.known[station as usize];
        let mut counts = match self.at_hand.get(station as usize) {
            Some(one) => one.counts(),
            None => known.state.counts,
        };
        counts.at_servers -= known.leaving;
        counts
    }

    /// The number of customers at a station and on the way there.
    pub(super) fn number(&self, station: u32) -> u64 {
        self.counts(station).all() + self.known[station as usize].on_way
    }

    /// The number of further customers a station has places for.
    #[inline]
    pub(super) fn free_places(&self, station: u32) -> u64 {
        let known = &self.known[station as usize];
        let Some(places) = known.places else {
            return u64::MAX;
        };
        let taken = self.counts(station).places(known.servers) + known.promised;
        places - taken.min(places)
    }

    /// Whether a station has a place for one more customer.
    #[inline]
    pub(super) fn has_place(&self, station: u32) -> bool {
        self.free_places(station) > 0
    }

    /// The number of services that may begin at a station as far as places further on allow.
    #[inline]
    pub(super) fn allowance(&self, station: u32) -> u64 {
        let next = self.known[station as usize].reserves;
        next.map_or(u64::MAX, |next| self.free_places(next))
    }

    /// Whether a service could begin at a station if there are places further on.
    #[inline]
    pub(super) fn can_begin(&self, station: u32) -> bool {
        match self.at_hand.get(station as usize) {
            Some(one) => one.can_begin(),
            None => self.known[station as usize].state.can_begin,
        }
    }

    /// The number of servers at a station that can take a customer.
    pub(super) fn free_servers(&self, station: u32) -> u64 {
        match self.at_hand.get(station as usize) {
            Some(one) => one.free_servers(),
            None => self.known[station as usize].state.free,
        }
    }

    /// Whether no customer at a station will ever move unless a place further on becomes free.
    pub(super) fn is_still(&self, station: u32) -> bool {
        match self.at_hand.get(station as usize) {
            Some(one) => one.is_still(),
            None => self.known[station as usize].state.still,
        }
    }

    /// Whether no server is on duty at a station now or later.
    pub(super) fn is_closed(&self, station: u32) -> bool {
        match self.at_hand.get(station as usize) {
            Some(one) => one.is_closed(),
            None => self.known[station as usize].state.closed,
        }
    }

    /// Whether nothing at a station can ever move until a place further on becomes free.
    pub(super) fn is_stuck(&self, station: u32) -> bool {
        match self.at_hand.get(station as usize) {
            Some(one) => one.is_stuck(),
            None => self.known[station as usize].state.stuck,
        }
    }
}

/// The coordinator's knowledge of a station and its places.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The last state it reported, if it is an actor.
    pub(super) state: State,
    pub(super) servers: u64,
    /// Servers and waiting places; none if there is no limit.
    places: Option<u64>,
    /// The station at which a service that begins here reserves a place.
    pub(super) reserves: Option<u32>,
    /// Places promised to customers who have not arrived, including reservations.
    pub(super) promised: u64,
    /// Customers on the way.
    pub(super) on_way: u64,
    /// Customers to be released.
    pub(super) leaving: u64,
    /// Customers who wait for a place here.
    pub(super) blocked: VecDeque<Blocked>,
    /// Number of customers who found no place here.
    pub(super) lost: u64,
    /// Whether a customer who could begin arrived in this round.
    pub(super) touched: bool,
}

impl Known {
    pub(super) fn new(node: &Node, state: State) -> Known {
        Known {
            state,
            servers: node.stage.places_at_servers(),
            places: node.stage.places(),
            reserves: node.reserves,
            promised: 0,
            on_way: 0,
            leaving: 0,
            blocked: VecDeque::new(),
            lost: 0,
            touched: false,
        }
    }
}

/// A server of a station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) station: u32,
    pub(super) server: u32,
}

/// A customer who holds its server while it waits for a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocked {
    pub(super) at: At,
    pub(super) way: Way,
    /// The customer's number.
    pub(super) number: u64,
    /// Its place in the order in which customers were blocked, at any station.
    pub(super) order: u64,
}

/// A customer who leaves a server as soon as the station releases it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaving {
    pub(super) at: At,
    pub(super) way: Way,
}

/// A customer released by its station.
pub(super) type Released = (Box<Person>, StationVisit);

/// The way of a customer after its service, and its class on that way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) to: To,
    pub(super) class: u32,
    /// The outcome, if it leaves the system.
    pub(super) outcome: VisitOutcome,
}

/// A customer underway, the station that it comes from, and its visit there.
#[derive(Clone, Debug)]
pub(super) struct Moving {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) person: Box<Person>,
    pub(super) last: LastVisit,
}

/// The place of a visit among those that have ended at this instant; its outcome depends on whether the customer joins
/// at the next station.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastVisit(pub(super) usize);
