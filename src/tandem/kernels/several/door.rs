//! The door of a stage with several servers: a customer who finds no place is lost.
//!
//! Services begin in the order of arrivals, so the waiting places are full exactly while the customer as many
//! positions before as there are waiting places has not begun.

use super::super::places::Places;
use super::free::Free;
use crate::time::Moment;

/// Admits customers for whom there is a place.
#[derive(Clone, Debug)]
pub(super) struct Door {
    /// The waiting places; a place becomes free when a service begins.
    waiting: Places,
    /// Number of customers admitted.
    passed: u64,
}

impl Door {
    /// A door before this many waiting places.
    pub(super) fn new(buffer: u64) -> Door {
        Door {
            waiting: Places::new(buffer),
            passed: 0,
        }
    }

    /// Whether there is a place for each of some customers, given their arrivals and the starts of their services
    /// if all are admitted. If so, they are admitted.
    pub(super) fn lets_all_in(
        &mut self,
        arrivals: impl ExactSizeIterator<Item = Moment> + Clone,
        starts: impl Iterator<Item = Moment>,
    ) -> bool {
        let Some(first) = arrivals.clone().next() else {
            return true;
        };
        let (count, passed) = (arrivals.len() as u64, self.passed);
        self.waiting.make_room(passed, count, first.time);
        for (customer, start) in (passed..).zip(starts) {
            self.waiting.leave(customer, start);
        }
        let mut customers = (passed..).zip(arrivals);
        let all = customers.all(|(customer, arrival)| arrival >= self.waiting.freed(customer));
        if all {
            self.passed += count;
        }
        all
    }

    /// Admits those of some customers for whom there is a place, given their arrivals and services; returns their
    /// indices. `free` is updated with the services of those admitted.
    pub(super) fn let_in(
        &mut self,
        arrivals: impl Iterator<Item = Moment>,
        services: &[f64],
        free: &mut Free,
    ) -> Vec<u32> {
        let mut places = Vec::with_capacity(services.len());
        for ((arrival, &service), place) in arrivals.zip(services).zip(0..) {
            // Without waiting places its own start decides.
            let begins = arrival.max(free.soonest());
            self.waiting.leave(self.passed, begins);
            if arrival >= self.waiting.freed(self.passed) {
                let (start, ..) = free.claim(arrival, service);
                self.waiting.leave(self.passed, start);
                self.passed += 1;
                places.push(place);
            }
        }
        places
    }
}
