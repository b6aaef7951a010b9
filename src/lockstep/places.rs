//! The coordinator's knowledge of a station and its places, and of customers between two stations.

use super::ask::State;
use super::due::Due;
use super::system::Node;
use crate::scenario::To;
use crate::station::{Counts, Person, Station, StationVisit, VisitOutcome};
use std::collections::VecDeque;

/// All stations, as the coordinator sees them. Stations in its own thread are looked at when a question about them
/// comes up; those that are actors are in the state that their last answer told.
#[derive(Clone, Debug)]
pub(super) struct Stations {
    pub(super) known: Vec<Known>,
    /// The stations, in one thread; none where they are actors.
    pub(super) at_hand: Vec<Station>,
    /// A bit for each station: whether it is to be looked at when services begin, and whether something there has
    /// changed, where it is at hand, since it was last put down when it is due.
    marks: Vec<Marks>,
    /// Whether something has changed anywhere since then.
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

    /// Something has changed at a station at hand; it is to be looked at when services begin.
    #[inline]
    pub(super) fn change(&mut self, station: u32) {
        let marks = &mut self.marks[station as usize / 64];
        marks.changed |= 1 << (station % 64);
        marks.awake |= 1 << (station % 64);
        self.changed = true;
    }

    /// A station is, or is not, to be looked at when services begin.
    #[inline]
    pub(super) fn set_awake(&mut self, station: u32, awake: bool) {
        let marks = &mut self.marks[station as usize / 64];
        marks.awake = marks.awake & !(1 << (station % 64)) | u64::from(awake) << (station % 64);
    }

    /// The first station from this one on that is to be looked at when services begin.
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

    /// Puts down when those of the stations at hand that have changed are due next.
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

    /// The customers there who are not about to leave.
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

    /// The number of customers there and on the way there.
    pub(super) fn number(&self, station: u32) -> u64 {
        self.counts(station).all() + self.known[station as usize].on_way
    }

    /// The number of customers who can come.
    #[inline]
    pub(super) fn free_places(&self, station: u32) -> u64 {
        let known = &self.known[station as usize];
        let Some(places) = known.places else {
            return u64::MAX;
        };
        let taken = self.counts(station).places(known.servers) + known.promised;
        places - taken.min(places)
    }

    /// Whether one more customer can come.
    #[inline]
    pub(super) fn has_place(&self, station: u32) -> bool {
        self.free_places(station) > 0
    }

    /// The number of services that may begin at a station as far as places further on are concerned.
    #[inline]
    pub(super) fn allowance(&self, station: u32) -> u64 {
        let next = self.known[station as usize].reserves;
        next.map_or(u64::MAX, |next| self.free_places(next))
    }

    /// Whether a service could begin there, if there are places further on.
    #[inline]
    pub(super) fn can_begin(&self, station: u32) -> bool {
        match self.at_hand.get(station as usize) {
            Some(one) => one.can_begin(),
            None => self.known[station as usize].state.can_begin,
        }
    }

    /// The number of servers there that could take a customer.
    pub(super) fn free_servers(&self, station: u32) -> u64 {
        match self.at_hand.get(station as usize) {
            Some(one) => one.free_servers(),
            None => self.known[station as usize].state.free,
        }
    }

    /// Whether nobody who is there will ever move, unless a place is free further on.
    pub(super) fn is_still(&self, station: u32) -> bool {
        match self.at_hand.get(station as usize) {
            Some(one) => one.is_still(),
            None => self.known[station as usize].state.still,
        }
    }

    /// Whether no server is on duty there now or later.
    pub(super) fn is_closed(&self, station: u32) -> bool {
        match self.at_hand.get(station as usize) {
            Some(one) => one.is_closed(),
            None => self.known[station as usize].state.closed,
        }
    }

    /// Whether nothing can ever move there but by a place further on.
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
    /// The state it told last, if it is an actor.
    pub(super) state: State,
    pub(super) servers: u64,
    /// Servers and waiting places; none where there is no limit.
    places: Option<u64>,
    /// The station at which a service that begins here reserves a place.
    pub(super) reserves: Option<u32>,
    /// Places promised to customers who have not arrived, by reservation too.
    pub(super) promised: u64,
    /// Customers on the way.
    pub(super) on_way: u64,
    /// Customers who are to be released.
    pub(super) leaving: u64,
    /// Customers who wait for a place here.
    pub(super) blocked: VecDeque<Blocked>,
    /// Number of customers who found no place here.
    pub(super) lost: u64,
    /// Whether somebody arrived in this round who could begin.
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

/// A customer who waits for a place with its server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocked {
    pub(super) at: At,
    pub(super) way: Way,
    /// The customer's number.
    pub(super) number: u64,
    /// Its place in the order in which customers were blocked, wherever they were.
    pub(super) order: u64,
}

/// A customer who leaves a server as soon as the station lets it go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaving {
    pub(super) at: At,
    pub(super) way: Way,
}

/// A customer whom its station has let go.
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
