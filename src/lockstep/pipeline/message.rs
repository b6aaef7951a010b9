//! Messages along a pipeline: the customers who reach a station, places that are free there, and the visits that have
//! ended.
//!
//! Every message downstream covers a span of time. It holds all that happened from where the one before it ended up to
//! [`Span::until`], so it also says that nothing else of its kind happens before then. Only a station that needs a place
//! further on sends what it has before the end of a span, and asks.

use crate::station::{Began, Gone, Person, StationVisit};
use crate::time::Moment;

/// The end of the time that a message covers. All messages of the same turn of the source end alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    /// The first moment after it: nothing that comes later is earlier.
    pub(super) until: Moment,
    /// Whether nothing follows at all.
    pub(super) last: bool,
}

/// The place of a customer among those of whom the same happens at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// On a line, where later stations come first, how far the station is from the end; otherwise 0.
    ahead: u32,
    /// The begin of the service that the customer comes from; those from outside come last.
    began: Moment,
    station: u32,
    order: u64,
}

impl Rank {
    /// The rank of a customer who leaves this station after a service that began then.
    pub(super) fn after(station: u32, (began, order): Began, later_first: bool) -> Rank {
        Rank {
            ahead: if later_first { u32::MAX - station } else { 0 },
            began,
            station,
            order,
        }
    }

    /// The rank of a customer from outside.
    pub(super) fn outside(number: u64) -> Rank {
        Rank {
            ahead: u32::MAX,
            began: Moment::NEVER,
            station: u32::MAX,
            order: number,
        }
    }

    /// The rank of one of several customers who leave this station together without a service.
    pub(super) fn of(station: u32, order: usize) -> Rank {
        Rank {
            ahead: 0,
            began: Moment::ZERO,
            station,
            order: order as u64,
        }
    }
}

/// A customer on the way to a station.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Coming {
    /// The moment at which it arrives.
    pub(super) at: Moment,
    pub(super) rank: Rank,
    pub(super) person: Box<Person>,
    /// Its visit to the station before, whose outcome depends on whether it joins; none from outside.
    pub(super) last: Option<Last>,
}

/// The visit that a customer has ended, and the moment at which it left: that at which it arrives, or, where customers
/// had arrived already, the one before.
pub(super) type Last = (Moment, StationVisit);

/// A place that a customer has given up, and from when on it can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Freed {
    pub(super) at: Moment,
    pub(super) during: During,
}

/// The phases of a moment, as far as they tell when a place becomes free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum During {
    /// Services end.
    Ends,
    /// Servers come up and go down.
    Turns,
    /// Customers arrive.
    Arrivals,
    /// Services begin, at this station.
    Begins(u32),
    /// Patience ends.
    Patience,
}

/// The customers from one sender to a station, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Customers {
    pub(super) coming: Vec<Coming>,
    pub(super) span: Span,
    /// A question for a free place, without which the sender cannot go on: no other customer arrives before this moment,
    /// and none at all before a place is free.
    pub(super) asks: Option<Moment>,
}

/// The answer of a station that was asked for a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    /// The places that have become free since it was asked before, in order. If there are none, none becomes free in
    /// this span of time.
    pub(super) freed: Vec<Freed>,
    /// The last moment that the station, or one further on, has run.
    pub(super) ran: Moment,
}

/// The end of a customer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exit {
    pub(super) at: Moment,
    pub(super) phase: Phase,
    pub(super) rank: Rank,
    pub(super) person: Box<Person>,
    /// Its last visit; none where it never joined any station.
    pub(super) visit: Option<Last>,
    /// Whether it found no place.
    pub(super) lost: bool,
}

/// Reason for and phase of a customer's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Its service has ended.
    Served,
    /// A fault cut off its work for good.
    Failed,
    /// It arrives and finds no place, or does not join.
    Refused,
    /// Its patience ends.
    Patience,
}

/// Visits and customers that have ended at a station.
#[derive(Clone, Debug, PartialEq)]
pub struct Ends {
    /// Visits of customers who went on, by when they ended.
    pub(super) visits: Vec<Last>,
    /// Customers who ended, in order.
    pub(super) exits: Vec<Exit>,
    /// Customers who were there when the run was stopped by the clock.
    pub(super) unfinished: Vec<Gone>,
    pub(super) span: Span,
}
