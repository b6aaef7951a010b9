//! The bounded buffer between the arrivals and the servers, and those handed over, who wait ahead of it
//! and take none of its places. A plain struct: the supervisor owns it.

use crate::station::requests::{Key, Ranking, Request, Waiting};
use crate::time::Time;
use std::sync::Arc;

/// Requests with the supervisor.
#[derive(Clone, Debug)]
pub(super) struct Buffer {
    capacity: Option<u64>,
    handed_over: Waiting,
    entered: Waiting,
}

impl Buffer {
    /// An empty one.
    pub(super) fn new(capacity: Option<u64>, ranking: &Arc<Ranking>) -> Buffer {
        Buffer {
            capacity,
            handed_over: Waiting::new(Arc::clone(ranking)),
            entered: Waiting::new(Arc::clone(ranking)),
        }
    }

    /// How many are in its places.
    pub(super) fn length(&self) -> u64 {
        self.entered.length()
    }

    /// How many were handed over and still wait here.
    pub(super) fn handed_over(&self) -> u64 {
        self.handed_over.length()
    }

    /// Whether there is a place for one more.
    pub(super) fn has_place(&self) -> bool {
        self.capacity.is_none_or(|most| self.length() < most)
    }

    /// A new request enters, where there is a place.
    pub(super) fn enter(&mut self, request: Request) {
        self.entered.insert(request);
    }

    /// One whose server cannot serve it any more.
    pub(super) fn hand_over(&mut self, request: Request) {
        self.handed_over.insert(request);
    }

    /// The class of the first in order, `passed_over` classes left aside; and whether it was handed over.
    #[inline]
    pub(super) fn first(&self, passed_over: &[bool]) -> Option<(usize, bool)> {
        if let Some(class) = self.handed_over.first(passed_over) {
            return Some((class, true));
        }
        Some((self.entered.first(passed_over)?, false))
    }

    /// Takes out the first of a class, among those handed over or those in the buffer's places.
    pub(super) fn take_first(&mut self, class: usize, handed_over: bool) -> Option<Request> {
        if handed_over {
            self.handed_over.take_first(class)
        } else {
            self.entered.take_first(class)
        }
    }

    /// Takes this one out.
    pub(super) fn take(&mut self, class: usize, key: Key) -> Option<Request> {
        let handed_over = self.handed_over.take(class, key);
        handed_over.or_else(|| self.entered.take(class, key))
    }

    /// The client of this one has gone.
    pub(super) fn lose_client(&mut self, class: usize, key: Key, now: Time) {
        let waits = self.handed_over.lose_client(class, key, now)
            || self.entered.lose_client(class, key, now);
        assert!(waits, "#{key} does not wait with the supervisor");
    }

    /// Whether more are in its places than it has.
    pub(super) fn overflows(&self) -> bool {
        self.capacity.is_some_and(|most| self.length() > most)
    }

    /// Takes out the one that entered last.
    pub(super) fn take_last(&mut self) -> Option<Request> {
        self.entered.take_last()
    }

    /// How many of a class wait, handed over or in its places.
    pub(super) fn of_class(&self, class: usize) -> usize {
        self.handed_over.of_class(class) + self.entered.of_class(class)
    }

    /// When the next one gives up.
    pub(super) fn next_deadline(&mut self) -> Time {
        let handed_over = self.handed_over.next_deadline();
        handed_over.min(self.entered.next_deadline())
    }

    /// Takes out one that gives up by now.
    pub(super) fn take_fed_up(&mut self, now: Time) -> Option<Request> {
        let handed_over = self.handed_over.take_fed_up(now);
        handed_over.or_else(|| self.entered.take_fed_up(now))
    }

    /// Takes out anyone: the run is over.
    pub(super) fn take_any(&mut self) -> Option<Request> {
        let handed_over = self.handed_over.take_any();
        handed_over.or_else(|| self.entered.take_any())
    }
}
