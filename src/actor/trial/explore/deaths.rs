//! Planned deaths in the explore runtime: a killed actor returns from its last commit, with its
//! message.

use super::super::seen::{Act, Situation};
use super::Floor;
use crate::actor::{Actor, Outbox, Wants};
use crate::planted::{self, Fault};

impl<A: Actor> Floor<'_, A> {
    /// Notes if a peer is waiting for the message that an actor was about to send when it died.
    pub(super) fn note_missed(&mut self, actor: usize) {
        let waits = |&link: &usize| {
            let (receiver, port) = self.links[link].to;
            let seat = &self.seats[receiver.0];
            self.channels[link].queue.is_empty()
                && seat.held.is_none()
                && seat.actor.wants() == Wants::Message(port)
        };
        if self.wiring.outputs[actor].iter().any(waits) {
            self.seen.situations.add(Situation::MissedWhileDead);
        }
    }

    /// Ends a turn for good: nothing of it is repeated.
    pub(super) fn commit(&mut self, actor: usize) {
        self.file(actor);
        let seat = &mut self.seats[actor];
        seat.filed = false;
        seat.turn += 1;
        seat.attempt = 0;
        if let Some(link) = seat.taken_from.take() {
            self.channels[link].handled += 1;
        }
        if self.kills.armed() {
            if !planted::is(Fault::TwiceOnRestart) {
                seat.kept = None;
            }
            let dies = std::mem::take(&mut seat.dies_committed);
            if dies {
                seat.saved = Some(seat.actor.clone());
            }
            for &link in &self.wiring.outputs[actor] {
                self.channels[link].committed = self.channels[link].next;
            }
            if dies {
                self.die(actor, Situation::KilledCommitted);
            }
        }
    }

    /// Loses the actor and restores it from its last snapshot.
    pub(super) fn die(&mut self, actor: usize, how: Situation) {
        let seat = &mut self.seats[actor];
        self.seen.kills += 1;
        self.seen.situations.add(how);
        seat.recent.note(self.seen.moves, Act::Killed);
        seat.actor = seat.saved.clone().expect("snapshots are taken");
        seat.outbox = Outbox::default();
        seat.held = None;
        seat.dies_after = None;
        seat.dies_committed = false;
        if planted::is(Fault::LostOnRestart) {
            seat.kept = None;
        }
        seat.again = seat.kept.is_some();
        if seat.again {
            seat.attempt += 1;
            if seat.attempt > 1 {
                self.seen.situations.add(Situation::KilledAgain);
            }
        }
        for &link in &self.wiring.outputs[actor] {
            self.channels[link].next = self.channels[link].committed;
        }
    }

    /// Records that the actor panicked by itself: a bug.
    pub(super) fn fail(&mut self, actor: usize, reason: &str) {
        let seat = &self.seats[actor];
        let from = seat
            .taken_from
            .map(|link| self.links[link].from.0.0)
            .map(|from| self.seats[from].actor.name().to_owned());
        self.failed = Some(super::super::bug(
            seat.actor.name(),
            reason,
            seat.turn,
            from.as_deref(),
            false,
        ));
    }
}
