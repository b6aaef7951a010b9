//! The bounded buffer between the arrivals and the servers, and the requests handed over, which wait ahead of it
//! and take none of its places. A plain struct, owned by the supervisor.

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
    /// An empty buffer.
    pub(super) fn new(capacity: Option<u64>, ranking: &Arc<Ranking>) -> Buffer {
        Buffer {
            capacity,
            handed_over: Waiting::new(Arc::clone(ranking)),
            entered: Waiting::new(Arc::clone(ranking)),
        }
    }

    /// The number of requests in its places.
    pub(super) fn length(&self) -> u64 {
        self.entered.length()
    }

    /// The number of requests that were handed over and still wait here.
    pub(super) fn handed_over(&self) -> u64 {
        self.handed_over.length()
    }

    /// Whether there is a place for one more request.
    pub(super) fn has_place(&self) -> bool {
        self.capacity.is_none_or(|most| self.length() < most)
    }

    /// Adds a new request to the buffer; there must be a place.
    pub(super) fn enter(&mut self, request: Request) {
        self.entered.insert(request);
    }

    /// Adds a request that its server can no longer serve.
    pub(super) fn hand_over(&mut self, request: Request) {
        self.handed_over.insert(request);
    }

    /// The class of the first request in order, except for classes passed over; and whether it was handed over.
    pub(super) fn first(&self, passed_over: &[bool]) -> Option<(usize, bool)> {
        if let Some(class) = self.handed_over.first(passed_over) {
            return Some((class, true));
        }
        Some((self.entered.first(passed_over)?, false))
    }

    /// Removes and returns the first request of a class, among those handed over or those in the buffer's places.
    pub(super) fn take_first(&mut self, class: usize, handed_over: bool) -> Option<Request> {
        if handed_over {
            self.handed_over.take_first(class)
        } else {
            self.entered.take_first(class)
        }
    }

    /// Removes and returns the request with this key.
    pub(super) fn take(&mut self, class: usize, key: Key) -> Option<Request> {
        let handed_over = self.handed_over.take(class, key);
        handed_over.or_else(|| self.entered.take(class, key))
    }

    /// Notes that the client of this request has left.
    pub(super) fn lose_client(&mut self, class: usize, key: Key, now: Time) {
        let waits = self.handed_over.lose_client(class, key, now)
            || self.entered.lose_client(class, key, now);
        assert!(waits, "#{key} does not wait with the supervisor");
    }

    /// Whether it holds more requests than it has places.
    pub(super) fn overflows(&self) -> bool {
        self.capacity.is_some_and(|most| self.length() > most)
    }

    /// Removes and returns the request that entered last.
    pub(super) fn take_last(&mut self) -> Option<Request> {
        self.entered.take_last()
    }

    /// The number of requests of a class that wait, handed over or in its places.
    pub(super) fn of_class(&self, class: usize) -> usize {
        self.handed_over.of_class(class) + self.entered.of_class(class)
    }

    /// The time at which the next request gives up.
    pub(super) fn next_deadline(&mut self) -> Time {
        let handed_over = self.handed_over.next_deadline();
        handed_over.min(self.entered.next_deadline())
    }

    /// Removes and returns one request that gives up at `now` or earlier.
    pub(super) fn take_fed_up(&mut self, now: Time) -> Option<Request> {
        let handed_over = self.handed_over.take_fed_up(now);
        handed_over.or_else(|| self.entered.take_fed_up(now))
    }

    /// Removes and returns any request, at the end of the run.
    pub(super) fn take_any(&mut self) -> Option<Request> {
        let handed_over = self.handed_over.take_any();
        handed_over.or_else(|| self.entered.take_any())
    }
}
