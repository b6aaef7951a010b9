//! The coordinator's knowledge of a station and its places, and of customers between two stations.

use super::ask::State;
use super::system::Node;
use crate::scenario::To;
use crate::station::{Person, StationVisit, VisitOutcome};
use crate::time::Moment;
use std::collections::VecDeque;

/// The coordinator's knowledge of a station and its places.
#[derive(Clone, Debug)]
pub(super) struct Known {
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
            servers: match node.stage.servers.most() {
                Some(most) if !node.stage.is_unnumbered() => u64::from(most),
                _ => u64::from(u32::MAX),
            },
            places: node.stage.places(),
            reserves: node.reserves,
            promised: 0,
            on_way: 0,
            blocked: VecDeque::new(),
            lost: 0,
            touched: false,
        }
    }

    /// Number of customers there and on the way there.
    pub(super) fn number(&self) -> u64 {
        self.state.counts.all() + self.on_way
    }

    /// Number of customers who can come.
    #[inline]
    pub(super) fn free_places(&self) -> u64 {
        let Some(places) = self.places else {
            return u64::MAX;
        };
        let taken = self.state.counts.places(self.servers) + self.promised;
        places - taken.min(places)
    }

    /// Whether one more customer can come.
    #[inline]
    pub(super) fn has_place(&self) -> bool {
        self.free_places() > 0
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

/// A customer who leaves a server, once the station has let it go.
#[derive(Clone, Debug)]
pub(super) struct Leaving {
    pub(super) at: At,
    pub(super) way: Way,
    pub(super) released: Option<(Box<Person>, StationVisit)>,
}

/// The way of a customer after its service, and its class on that way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) to: To,
    pub(super) class: u32,
    /// The outcome, if it leaves the system.
    pub(super) outcome: VisitOutcome,
}

/// A customer underway.
#[derive(Clone, Debug)]
pub(super) struct Moving {
    pub(super) to: u32,
    pub(super) person: Box<Person>,
    pub(super) last: LastVisit,
}

/// The last visit of a customer underway, whose outcome depends on whether it joins, and when it ended.
pub(super) type LastVisit = (Moment, StationVisit);
