//! What customers met at a stage, added to what each met before; at vector speed.

use crate::lanes::Work;

/// Working out when services end that begin at `starts`, and how long each customer waited; gives whether
/// every service ends later than it begins.
pub(super) struct Waited<'a> {
    /// When the customers reached the stage.
    pub(super) arrivals: &'a [f64],
    pub(super) starts: &'a [f64],
    pub(super) services: &'a [f64],
    /// Found: how long they waited here, and when their services end.
    pub(super) waits: &'a mut [f64],
    pub(super) ends: &'a mut [f64],
    /// Added to: what they met so far.
    pub(super) waiting: &'a mut [f64],
    pub(super) service: &'a mut [f64],
    pub(super) queues_joined: &'a mut [u32],
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
