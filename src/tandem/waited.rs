//! What becomes of customers at a stage, once it is known when their services begin; at vector speed.

use crate::lanes::Work;

/// Working out when services end that begin at `starts`, how long each customer waited, and whether it had to;
/// gives whether every service ends later than it begins.
pub(super) struct Waited<'a> {
    /// When the customers reached the stage.
    pub(super) arrivals: &'a [f64],
    pub(super) starts: &'a [f64],
    pub(super) services: &'a [f64],
    /// Found: how long they waited here, when their services end, and how many queues, one or none, they joined.
    pub(super) waits: &'a mut [f64],
    pub(super) ends: &'a mut [f64],
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
        for (joined, &wait) in self.queues_joined.iter_mut().zip(&*waits) {
            *joined = u32::from(wait > 0.0);
        }
        all_later
    }
}

/// Finding how long it was from each instant to another.
pub(super) struct Spans<'a> {
    pub(super) from: &'a [f64],
    pub(super) to: &'a [f64],
    pub(super) lengths: &'a mut [f64],
}

impl Work for Spans<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ends = self.from.iter().zip(self.to);
        for (length, (from, to)) in self.lengths.iter_mut().zip(ends) {
            *length = to - from;
        }
    }
}
