//! What customers met at a stage, added to what each met before; at vector speed.

use super::message::Customers;
use crate::lanes::Work;
use std::ops::Range;

/// Working out when services end that begin at `starts`, and how long each customer waited; gives whether
/// every service ends later than it begins.
pub(super) struct Waited<'a> {
    /// When the customers reached the stage.
    arrivals: &'a [f64],
    waiting: &'a mut [f64],
    service: &'a mut [f64],
    queues_joined: &'a mut [u32],
    starts: &'a [f64],
    services: &'a [f64],
    waits: &'a mut [f64],
    ends: &'a mut [f64],
}

impl<'a> Waited<'a> {
    /// For these customers, whose services are `[starts, services]`; `[waits, ends]` are found.
    pub(super) fn new(
        customers: &'a mut Customers,
        piece: Range<usize>,
        [starts, services]: [&'a [f64]; 2],
        [waits, ends]: [&'a mut [f64]; 2],
    ) -> Waited<'a> {
        Waited {
            arrivals: &customers.times[piece.clone()],
            waiting: customers.waiting.piece_mut(piece.clone()),
            service: customers.service.piece_mut(piece.clone()),
            queues_joined: customers.queues_joined.piece_mut(piece),
            starts,
            services,
            waits,
            ends,
        }
    }
}

impl Work for Waited<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let length = self.arrivals.len();
        let (services, starts) = (&self.services[..length], &self.starts[..length]);
        let (waits, ends) = (&mut self.waits[..length], &mut self.ends[..length]);
        let mut all_later = true;
        for i in 0..length {
            ends[i] = starts[i] + services[i];
            all_later &= ends[i] > starts[i];
            waits[i] = starts[i] - self.arrivals[i];
        }
        for (total, wait) in self.waiting.iter_mut().zip(&*waits) {
            *total += wait;
        }
        for (total, service) in self.service.iter_mut().zip(services) {
            *total += service;
        }
        for (joined, &wait) in self.queues_joined.iter_mut().zip(&*waits) {
            *joined += u32::from(wait > 0.0);
        }
        all_later
    }
}
