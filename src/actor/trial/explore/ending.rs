//! The end of an explored run: the actors or a deadlock, and the observations of the run.

use super::super::{Trialled, deadlock};
use super::Floor;
use crate::actor::{Actor, Fill, RunError, Waited, Waiting, Wants};

impl<A: Actor> Floor<'_, A> {
    pub(super) fn finish(mut self) -> Trialled<A> {
        let mut seen = std::mem::take(&mut self.seen);
        seen.fingerprint = self.order.value();
        let waiting: Vec<Waiting> = (0..self.seats.len())
            .filter_map(|actor| self.waiting(actor, seen.moves))
            .collect();
        for channel in &self.channels {
            seen.lost += channel.entered.saturating_sub(channel.handled);
            seen.duplicated += channel.handled.saturating_sub(channel.entered);
        }
        let failed = self.failed.take().or_else(|| {
            let waits = !waiting.is_empty();
            waits.then(|| RunError::Deadlock(deadlock::cycle_first(waiting)))
        });
        let names = self.seats.iter().map(|seat| seat.actor.name().to_owned());
        seen.last.names = names.collect();
        seen.last.links = self.links;
        let mut actors = Vec::with_capacity(self.seats.len());
        for seat in self.seats {
            seen.last.recent.push(seat.recent);
            actors.push(seat.actor);
        }
        let ending = failed.map_or(Ok(actors), Err);
        Trialled { ending, seen }
    }

    /// The channel an actor is waiting on, if it cannot go on.
    fn waiting(&self, actor: usize, now: u64) -> Option<Waiting> {
        let seat = &self.seats[actor];
        let (sending, link) = match (&seat.held, seat.actor.wants()) {
            (Some((port, _)), _) => (true, self.wiring.outputs[actor][port.0]),
            (None, Wants::Message(port)) => (false, self.wiring.inputs[actor][port.0]),
            (None, _) => return None,
        };
        let (from, to) = (self.links[link].from.0.0, self.links[link].to.0.0);
        let peer = if sending { to } else { from };
        Some(Waiting {
            actor: seat.actor.name().to_owned(),
            sending,
            peer: self.seats[peer].actor.name().to_owned(),
            channel: Some(Fill {
                holds: self.channels[link].queue.len(),
                capacity: self.capacity,
            }),
            waited: Waited::Moves(now - seat.waits_since),
        })
    }
}
