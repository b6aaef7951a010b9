//! Deaths on the explored floor: the snapshot taken at each commit, and what comes back from it.

use super::super::seen::{Act, Situation};
use super::{Floor, Snapshots};
use crate::actor::{Actor, Outbox, Wants};
use crate::planted::{self, Fault};

impl<A: Actor> Floor<'_, A> {
    /// Whether anybody stands waiting for what an actor was about when it died.
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

    /// The turn is over: nothing of it is done again.
    pub(super) fn commit(&mut self, actor: usize) {
        self.file(actor);
        let seat = &mut self.seats[actor];
        seat.filed = false;
        seat.turn += 1;
        seat.attempt = 0;
        seat.died_of_it = false;
        if let Some(link) = seat.taken_from.take() {
            self.channels[link].handled += 1;
        }
        if self.kills.armed() {
            if !planted::is(Fault::TwiceOnRestart) {
                seat.kept = None;
            }
            let dies = std::mem::take(&mut seat.dies_committed);
            if dies || self.snapshots == Snapshots::All {
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

    /// The actor is lost, and brought back from its last snapshot.
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

    /// The actor panicked. Where there are snapshots it is brought back, once; then it is a bug.
    pub(super) fn die_by_itself(&mut self, actor: usize, reason: &str) {
        if self.kills.armed() && self.snapshots == Snapshots::WhereDoomed {
            self.lacks_snapshot = true;
            return;
        }
        let seat = &mut self.seats[actor];
        if self.kills.armed() && !std::mem::replace(&mut seat.died_of_it, true) {
            let how = Situation::KilledUnsent;
            return self.die(actor, how);
        }
        let from = seat
            .taken_from
            .map(|link| self.links[link].from.0.0)
            .map(|from| self.seats[from].actor.name().to_owned());
        let seat = &self.seats[actor];
        self.failed = Some(super::super::bug(
            seat.actor.name(),
            reason,
            seat.turn,
            from.as_deref(),
            self.kills.armed(),
        ));
    }
}
