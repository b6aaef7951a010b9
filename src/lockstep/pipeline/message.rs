//! Messages along a pipeline: the customers who reach a station, the free places there, and the visits that have
//! ended.
//!
//! Every message downstream covers a span of time. It holds all events from the end of the previous message up to
//! [`Span::until`], so it also says that no other event of its kind happens before then. Only a station that needs
//! a place further on sends its customers before the end of a span, and asks.

use crate::station::{Began, Gone, Person, StationVisit};
use crate::time::Moment;

/// The end of the time that a message covers; the same for all messages of one turn of the source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    /// The first moment after it: later messages contain nothing earlier.
    pub(super) until: Moment,
    /// Whether nothing follows.
    pub(super) last: bool,
}

/// The order of a customer among those with the same event at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// On a line, where later stations come first, the distance of the station from the end; otherwise 0.
    ahead: u32,
    /// The begin of the customer's last service; customers from outside come last.
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

/// The visit that a customer has ended, and the moment at which it left: that of its arrival or, if customers had
/// already arrived then, the one before.
pub(super) type Last = (Moment, StationVisit);

/// A place that a customer has given up, and the moment and phase from which it can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Freed {
    pub(super) at: Moment,
    pub(super) during: During,
}

/// The phases of a moment in which a place can become free.
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
    /// A question for a free place, if the sender cannot go on without one: no other customer arrives before this
    /// moment, and none at all before a place is free.
    pub(super) asks: Option<Moment>,
}

/// The answer of a station that was asked for a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    /// The places that have become free since the last question, in order. If there are none, none becomes free in
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
    /// Its last visit; none if it never joined any station.
    pub(super) visit: Option<Last>,
    /// Whether it found no place.
    pub(super) lost: bool,
}

/// The reason for a customer's end, and its phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Its service has ended.
    Served,
    /// A fault interrupted its work for good.
    Failed,
    /// It arrives and finds no place, or balks.
    Refused,
    /// Its patience ends.
    Patience,
}

/// Visits and customers that have ended at a station.
#[derive(Clone, Debug, PartialEq)]
pub struct Ends {
    /// Visits of customers who went on, by the time at which they ended.
    pub(super) visits: Vec<Last>,
    /// Customers who ended, in order.
    pub(super) exits: Vec<Exit>,
    /// Customers present when the run was stopped by the clock.
    pub(super) unfinished: Vec<Gone>,
    pub(super) span: Span,
}
