//! A station further on: the customers on the way there and, if customers wait for its places, the free places.
//!
//! The station before it is the only one that fills those places, so it counts them. When a customer needs a place
//! and none is known to be free, it asks for the places given up since. All places are taken then, so the station
//! further on can run by itself until one is free. The answer settles when the blocked customer leaves, or that it
//! does not leave within the span of time.

use super::message::{Coming, Customers, Freed, Last, Places, Rank, Span};
use crate::lockstep::places::Way;
use crate::station::Person;
use crate::time::Moment;
use std::collections::VecDeque;

/// A station to which customers are sent.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    pub(super) station: u32,
    coming: Vec<Coming>,
    pub(super) places: Option<Awaited>,
}

/// The places of a station for which customers at the station before it wait.
#[derive(Clone, Debug)]
pub(super) struct Awaited {
    /// The number of places that have never been taken.
    untaken: u64,
    /// The places that were given up and have not been taken again.
    freed: VecDeque<Freed>,
    /// Whether no place becomes free in this span of time.
    none: bool,
    /// Customers who wait for a place.
    pub(super) blocked: VecDeque<Blocked>,
}

/// A customer whose service has ended and who holds its server until it goes on.
#[derive(Clone, Debug)]
pub(super) struct Blocked {
    pub(super) server: u32,
    pub(super) way: Way,
    pub(super) rank: Rank,
}

impl Feed {
    /// A feed for a station; `places` is its number of places, if customers wait for them.
    pub(super) fn new(station: u32, places: Option<u64>) -> Feed {
        Feed {
            station,
            coming: Vec::new(),
            places: places.map(|untaken| Awaited {
                untaken,
                freed: VecDeque::new(),
                none: false,
                blocked: VecDeque::new(),
            }),
        }
    }

    /// Adds a customer on the way.
    pub(super) fn send(&mut self, at: Moment, rank: Rank, person: Box<Person>, last: Last) {
        self.coming.push(Coming {
            at,
            rank,
            person,
            last: Some(last),
        });
    }

    /// The message with the customers on the way.
    pub(super) fn message(&mut self, span: Span, asks: Option<Moment>) -> Customers {
        let room = Vec::with_capacity(self.coming.len());
        Customers {
            coming: std::mem::replace(&mut self.coming, room),
            span,
            asks,
        }
    }
}

impl Awaited {
    /// Whether a customer waits for a place and the station must be asked when the next one is free.
    pub(super) fn is_unknown(&self) -> bool {
        let known = self.untaken > 0 || self.none || !self.freed.is_empty();
        !known && !self.blocked.is_empty()
    }

    /// The moment at which the first blocked customer goes on, if it does in this span of time.
    pub(super) fn next(&self) -> Option<Moment> {
        self.blocked.front()?;
        self.freed.front().map(|freed| freed.at)
    }

    /// Lets the first blocked customer take a place that is free by then; returns when that place was given up.
    pub(super) fn take(&mut self, by: Freed) -> Option<(Blocked, Option<Freed>)> {
        self.blocked.front()?;
        let freed = match self.untaken {
            0 => Some(self.freed.pop_front_if(|freed| *freed <= by)?),
            _ => {
                self.untaken -= 1;
                None
            }
        };
        Some((self.blocked.pop_front()?, freed))
    }

    /// Notes an answer.
    pub(super) fn learn(&mut self, places: Places) {
        self.none = places.freed.is_empty();
        self.freed.extend(places.freed);
    }

    /// Ends a span of time.
    pub(super) fn end_span(&mut self) {
        self.none = false;
    }
}
