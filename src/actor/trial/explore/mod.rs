//! The explore runtime: the same actors in one thread, with modelled bounded channels, under any
//! schedule.
//!
//! A move is one actor taking the input it wants and acting on it, or one message passing from an
//! outbox into its channel. The schedule chooses among the possible moves ([`super::oracle`]). If
//! no move is possible and some actor is not done, the actors wait for each other: this is a
//! deadlock, reported with each waiting actor and the one it waits for.
//!
//! If the schedule kills, actors die and return as they do on threads, but by plan instead of by
//! panic: from the last snapshot, with their message given again (`deaths`). An actor that panics
//! by itself is not restored: with the same message it would panic again. `ending` collects the
//! outcome.

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

/// Runs a network to its end under one schedule. `moves` is the approximate number of moves it
/// takes.
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

/// An actor and its state in the schedule.
struct Seat<A: Actor> {
    actor: A,
    outbox: Outbox<A::Message, A::Record>,
    /// The message it is about to send; until it is sent, the actor does nothing else.
    held: Option<(Port, A::Message)>,
    /// Number of the move since which it could not go on.
    waits_since: u64,
    /// State to restore it from, saved at the start of a turn that is to end in its death.
    saved: Option<A>,
    kept: Option<Input<A::Message>>,
    /// The channel its input came from.
    taken_from: Option<usize>,
    /// Whether the input is to be given again.
    again: bool,
    turn: u64,
    attempt: u32,
    /// Number of further sends after which it dies, if it dies in this turn.
    dies_after: Option<usize>,
    dies_committed: bool,
    sent: usize,
    /// Whether the records of this turn have been filed.
    filed: bool,
    recent: Recent,
}

/// A channel, and the counters that show that nothing is lost or repeated.
struct Channel<M> {
    queue: VecDeque<(u64, M)>,
    /// The number of the sender's next message, and of the first one after its last commit.
    next: u64,
    committed: u64,
    /// Messages that entered, that were taken, and that were handled completely.
    entered: u64,
    taken: u64,
    handled: u64,
}

/// The state of an explored run.
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

    /// Whether the sender's next message already entered the channel before the sender died.
    fn is_repeat(&self, link: usize) -> bool {
        self.channels[link].next < self.channels[link].entered
    }

    /// Whether a message can enter a channel now. A channel of capacity 0 accepts one only while
    /// its receiver is waiting for it.
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

    /// Updates the actors that a move may have freed or stopped: the actor itself, the other end of
    /// the channel it used, and, with channels of capacity 0, the sender for which it now waits.
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

    /// Notes that an actor which has just moved cannot go on.
    fn note_wait(&mut self, actor: usize) {
        if self.seats[actor].held.is_some() {
            self.seen.blocked_sends += 1;
            self.seen.situations.add(Situation::SendBlocked);
        } else if self.seats[actor].actor.wants() != Wants::Nothing {
            self.seen.situations.add(Situation::ReceiveWaited);
        }
    }

    /// Files the records of a turn once, before any actor can act on the messages it sends.
    fn file(&mut self, actor: usize) {
        let seat = &mut self.seats[actor];
        if std::mem::replace(&mut seat.filed, true) {
            seat.outbox.forget_records();
        } else {
            seat.outbox.file(self.around.recorder);
        }
    }

    /// Passes one message into its channel. Returns the receiving actor.
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

    /// Lets the actor take its input and act. Returns the sender of the message taken, if any.
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
            // Snapshot the actor before a turn in which it is to be killed; other turns need none.
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

    /// Continues after a message was handled or sent: with the next send, the commit, or the death.
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
