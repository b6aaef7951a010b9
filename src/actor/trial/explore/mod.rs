//! The explore runtime: the same actors in one thread, bounded channels modelled, any schedule.
//!
//! A move is one actor taking the input it wants and acting on it, or one message passing from an
//! outbox into its channel. Which of the moves that are possible comes next is the schedule's choice
//! ([`super::oracle`]). Where no move is possible and somebody is not done, the actors wait for each
//! other: a deadlock, reported with who waits on whom.
//!
//! Where the schedule kills, actors die and come back here as they do on threads, only by plan instead
//! of by panic: from the last snapshot, with their message given again (`deaths`). Who panics by itself is not
//! brought back: the same actor with the same message would do it again. `ending` tells what is left.

mod deaths;
mod ending;

use super::super::inline::Wiring;
use super::super::threads::reason;
use super::super::{Actor, Input, Link, Network, Outbox, Port, RunError, Surroundings, Wants};
use super::Trialled;
use super::kill::{Doom, Kills};
use super::oracle::{Movable, Oracle};
use super::schedule::Schedule;
use super::seen::{Act, Recent, Seen, Situation};
use crate::digest::Digest;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a network to its end under one schedule. `moves` is about how many moves that takes.
pub(super) fn run<A: Actor>(
    network: Network<A>,
    schedule: &Schedule,
    moves: u64,
    around: Surroundings<'_, A::Record>,
) -> Trialled<A> {
    let mut floor = Floor::new(network, schedule, around);
    let mut oracle = Oracle::new(schedule, floor.seats.len(), moves);
    while !floor.movable.is_empty() && floor.failed.is_none() {
        let chosen = oracle.choose(&floor.movable);
        floor.order.fold(chosen as u64);
        floor.make_move(chosen);
    }
    floor.seen.beyond = oracle.is_beyond();
    floor.finish()
}

/// An actor and what it is about.
struct Seat<A: Actor> {
    actor: A,
    outbox: Outbox<A::Message, A::Record>,
    /// The message it is about to send; while there is one it does nothing else.
    held: Option<(Port, A::Message)>,
    /// Since which move it could not go on.
    waits_since: u64,
    /// What is needed to bring it back, from the begin of a turn that ends in its death.
    saved: Option<A>,
    kept: Option<Input<A::Message>>,
    /// From which channel the input came.
    taken_from: Option<usize>,
    /// The input is to be given again.
    again: bool,
    turn: u64,
    attempt: u32,
    /// After how many more sends it dies, if it does.
    dies_after: Option<usize>,
    dies_committed: bool,
    sent: usize,
    /// Whether the records of this turn are on file.
    filed: bool,
    recent: Recent,
}

/// A channel, and the books by which nothing is lost or repeated.
struct Channel<M> {
    queue: VecDeque<(u64, M)>,
    /// The number of the sender's next message, and of the one after its last commit.
    next: u64,
    committed: u64,
    /// Messages that went in, that were taken, and that were handled to the end.
    entered: u64,
    taken: u64,
    handled: u64,
}

/// Everything that a schedule moves.
struct Floor<'a, A: Actor> {
    seats: Vec<Seat<A>>,
    channels: Vec<Channel<A::Message>>,
    links: Vec<Link>,
    wiring: Wiring,
    capacity: usize,
    kills: Kills,
    movable: Movable,
    order: Digest,
    seen: Seen,
    failed: Option<RunError>,
    around: Surroundings<'a, A::Record>,
}

impl<'a, A: Actor> Floor<'a, A> {
    fn new(
        network: Network<A>,
        schedule: &Schedule,
        around: Surroundings<'a, A::Record>,
    ) -> Floor<'a, A> {
        let kills = Kills::of(schedule);
        let wiring = Wiring::new(&network);
        let Network { actors, links, .. } = network;
        let seats = actors.into_iter().map(|actor| Seat {
            saved: None,
            actor,
            outbox: Outbox::default(),
            held: None,
            waits_since: 0,
            kept: None,
            taken_from: None,
            again: false,
            turn: 0,
            attempt: 0,
            dies_after: None,
            dies_committed: false,
            filed: false,
            sent: 0,
            recent: Recent::default(),
        });
        let channels = links.iter().map(|_| Channel {
            queue: VecDeque::new(),
            next: 0,
            committed: 0,
            entered: 0,
            taken: 0,
            handled: 0,
        });
        let seats: Vec<Seat<A>> = seats.collect();
        let mut floor = Floor {
            movable: Movable::none_of(seats.len()),
            channels: channels.collect(),
            capacity: schedule.channel_capacity,
            order: Digest::EMPTY,
            seen: Seen::default(),
            failed: None,
            seats,
            links,
            wiring,
            kills,
            around,
        };
        (0..floor.seats.len()).for_each(|actor| floor.refresh(actor));
        floor
    }

    fn can_move(&self, actor: usize) -> bool {
        let seat = &self.seats[actor];
        match &seat.held {
            Some((port, _)) => {
                let link = self.wiring.outputs[actor][port.0];
                self.is_repeat(link) || self.has_room(link)
            }
            None if seat.again => true,
            None => match seat.actor.wants() {
                Wants::Turn(_) => true,
                Wants::Message(port) => {
                    let link = self.wiring.inputs[actor][port.0];
                    !self.channels[link].queue.is_empty()
                }
                Wants::Nothing => false,
            },
        }
    }

    /// Whether the sender's next message went into the channel before the sender died.
    fn is_repeat(&self, link: usize) -> bool {
        self.channels[link].next < self.channels[link].entered
    }

    /// Whether a message can pass into a channel now. A channel without capacity takes one only
    /// while its receiver stands waiting for it.
    fn has_room(&self, link: usize) -> bool {
        let filled = self.channels[link].queue.len();
        if self.capacity > 0 {
            return filled < self.capacity;
        }
        let (receiver, port) = self.links[link].to;
        let seat = &self.seats[receiver.0];
        let waits =
            seat.held.is_none() && !seat.again && seat.actor.wants() == Wants::Message(port);
        filled == 0 && waits
    }

    fn refresh(&mut self, actor: usize) {
        let can_move = self.can_move(actor);
        self.movable.set(actor, can_move);
    }

    /// After a move, whoever it may have let go or stopped: the actor itself, the other end of the
    /// channel it used, and over channels without capacity whoever sends where it now waits.
    fn refresh_after(&mut self, actor: usize, peer: Option<usize>) {
        self.refresh(actor);
        if let Some(peer) = peer {
            self.refresh(peer);
        }
        let seat = &self.seats[actor];
        if self.capacity == 0
            && seat.held.is_none()
            && let Wants::Message(port) = seat.actor.wants()
        {
            let link = self.wiring.inputs[actor][port.0];
            self.refresh(self.links[link].from.0.0);
        }
    }

    fn make_move(&mut self, actor: usize) {
        self.seen.moves += 1;
        let peer = match self.seats[actor].held.take() {
            Some((port, message)) => Some(self.send(actor, port, message)),
            None => self.act(actor),
        };
        self.seats[actor].waits_since = self.seen.moves;
        self.refresh_after(actor, peer);
        if !self.movable.has(actor) {
            self.note_wait(actor);
        }
    }

    /// An actor that has just moved cannot go on.
    fn note_wait(&mut self, actor: usize) {
        if self.seats[actor].held.is_some() {
            self.seen.blocked_sends += 1;
            self.seen.situations.add(Situation::SendBlocked);
        } else if self.seats[actor].actor.wants() != Wants::Nothing {
            self.seen.situations.add(Situation::ReceiveWaited);
        }
    }

    /// The records of a turn are filed once, before anybody can act on what it sends.
    fn file(&mut self, actor: usize) {
        let seat = &mut self.seats[actor];
        if std::mem::replace(&mut seat.filed, true) {
            seat.outbox.forget_records();
        } else {
            seat.outbox.file(self.around.recorder);
        }
    }

    /// One message passes into its channel. Gives who receives there.
    fn send(&mut self, actor: usize, port: Port, message: A::Message) -> usize {
        self.file(actor);
        let link = self.wiring.outputs[actor][port.0];
        let at = self.seen.moves;
        let channel = &mut self.channels[link];
        let seat = &mut self.seats[actor];
        if channel.next < channel.entered {
            self.seen.repeats += 1;
            self.seen.situations.add(Situation::RepeatDropped);
            seat.recent.note(at, Act::Dropped(link));
        } else {
            channel.queue.push_back((channel.next, message));
            channel.entered += 1;
            seat.recent.note(at, Act::Sent(link));
            if channel.queue.len() == self.capacity {
                self.seen.situations.add(Situation::ChannelFull);
            } else if self.capacity == 0 {
                self.seen.situations.add(Situation::Met);
            }
        }
        channel.next += 1;
        seat.sent += 1;
        self.go_on(actor);
        self.links[link].to.0.0
    }

    /// The actor takes what it wants and acts. Gives who sends where it took a message.
    fn act(&mut self, actor: usize) -> Option<usize> {
        let mut freed = None;
        let seat = &mut self.seats[actor];
        let at = self.seen.moves;
        let doom = self.kills.doom(actor, seat.turn, seat.attempt);
        let input = if std::mem::take(&mut seat.again) {
            self.seen.redone += 1;
            seat.recent.note(at, Act::Again);
            let kept = seat.kept.clone();
            self.note_missed(actor);
            kept.expect("it is kept until it is committed")
        } else {
            let input = match seat.actor.wants() {
                Wants::Turn(clock) => {
                    seat.recent.note(at, Act::Turn);
                    seat.taken_from = None;
                    self.around.turn(clock)
                }
                Wants::Message(port) => {
                    let link = self.wiring.inputs[actor][port.0];
                    let channel = &mut self.channels[link];
                    let (number, message) = channel.queue.pop_front().expect("it could move");
                    assert!(number == channel.taken, "a channel keeps its order");
                    channel.taken += 1;
                    seat.recent.note(at, Act::Took(link));
                    seat.taken_from = Some(link);
                    freed = Some(self.links[link].from.0.0);
                    Input::Message(message)
                }
                Wants::Nothing => unreachable!("an actor that is done was moved"),
            };
            // It is as it was at its last commit: of other turns nobody needs to know that.
            if doom.is_some() {
                seat.kept = Some(input.clone());
                seat.saved = Some(seat.actor.clone());
            }
            input
        };
        let seat = &mut self.seats[actor];
        if doom == Some(Doom::Before) {
            self.die(actor, Situation::KilledBefore);
            return freed;
        }
        let turn = AssertUnwindSafe(|| seat.actor.handle(input, &mut seat.outbox));
        if let Err(panic) = catch_unwind(turn) {
            self.fail(actor, &reason(panic.as_ref()));
            return freed;
        }
        let seat = &mut self.seats[actor];
        seat.sent = 0;
        seat.dies_after = doom.and_then(|doom| doom.after_sends(seat.outbox.sends.len()));
        seat.dies_committed = doom == Some(Doom::Committed);
        self.go_on(actor);
        freed
    }

    /// After handling a message or sending one: on to the next to be sent, or to the commit, or dead.
    fn go_on(&mut self, actor: usize) {
        let seat = &mut self.seats[actor];
        let next = seat.outbox.next();
        if seat.dies_after == Some(seat.sent) {
            let how = match (&next, seat.sent) {
                (_, 0) => Situation::KilledUnsent,
                (Some(_), _) => Situation::KilledBetweenSends,
                (None, _) => Situation::KilledSent,
            };
            return self.die(actor, how);
        }
        match next {
            Some(next) => seat.held = Some(next),
            None => self.commit(actor),
        }
    }
}
