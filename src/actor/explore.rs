//! The explore runtime: the same actors in one thread, bounded channels modelled, any schedule.
//!
//! A move is one actor taking the input it wants, or one message passing from an outbox into its
//! channel. Which of the moves that are possible comes next is drawn from a stream named by the
//! schedule's seed. Where no move is possible and somebody is not done, the actors wait for each
//! other: a deadlock, reported with who waits on whom.

use super::inline::Wiring;
use super::{Actor, Input, Network, Outbox, Port, RunError, Surroundings, Waiting, Wants};
use crate::random::{Purpose, Stream};
use std::collections::VecDeque;

/// Runs a network to its end under one schedule; see [`super::Runtime::run`].
pub(super) fn run<A: Actor>(
    network: Network<A>,
    channel_capacity: usize,
    seed: u64,
    around: Surroundings<'_, A::Record>,
) -> Result<Vec<A>, RunError> {
    let wiring = Wiring::new(&network);
    let mut floor = Floor {
        queues: network.links.iter().map(|_| VecDeque::new()).collect(),
        outboxes: network.actors.iter().map(|_| Outbox::default()).collect(),
        held: network.actors.iter().map(|_| None).collect(),
        capacity: channel_capacity,
        wiring,
        network,
    };
    let mut schedule = Stream::new(seed, 0, "explore", Purpose::Schedule);
    let mut movable = Vec::new();
    loop {
        movable.clear();
        movable.extend((0..floor.held.len()).filter(|&actor| floor.can_move(actor)));
        if movable.is_empty() {
            return floor.finish();
        }
        let chosen = schedule.below(movable.len() as u64) as usize;
        floor.make_move(movable[chosen], around);
    }
}

/// Everything that a schedule moves.
struct Floor<A: Actor> {
    network: Network<A>,
    wiring: Wiring,
    capacity: usize,
    queues: Vec<VecDeque<A::Message>>,
    outboxes: Vec<Outbox<A::Message, A::Record>>,
    /// The message an actor is about to send; while there is one it does nothing else.
    held: Vec<Option<(Port, A::Message)>>,
}

impl<A: Actor> Floor<A> {
    fn can_move(&self, actor: usize) -> bool {
        match &self.held[actor] {
            Some((port, _)) => self.has_room(self.wiring.outputs[actor][port.0]),
            None => match self.network.actors[actor].wants() {
                Wants::Turn(_) => true,
                Wants::Message(port) => !self.queues[self.wiring.inputs[actor][port.0]].is_empty(),
                Wants::Nothing => false,
            },
        }
    }

    /// Whether a message can pass into a channel now. A channel without capacity takes one only
    /// while its receiver stands waiting for it.
    fn has_room(&self, link: usize) -> bool {
        let filled = self.queues[link].len();
        if self.capacity > 0 {
            return filled < self.capacity;
        }
        let (receiver, port) = self.network.links[link].to;
        let waits = self.held[receiver.0].is_none()
            && self.network.actors[receiver.0].wants() == Wants::Message(port);
        filled == 0 && waits
    }

    fn make_move(&mut self, actor: usize, around: Surroundings<'_, A::Record>) {
        if let Some((port, message)) = self.held[actor].take() {
            self.queues[self.wiring.outputs[actor][port.0]].push_back(message);
        } else {
            let input = match self.network.actors[actor].wants() {
                Wants::Turn(clock) => around.turn(clock),
                Wants::Message(port) => {
                    let queue = &mut self.queues[self.wiring.inputs[actor][port.0]];
                    Input::Message(queue.pop_front().expect("a move was found possible"))
                }
                Wants::Nothing => unreachable!("an actor that is done was moved"),
            };
            self.network.actors[actor].handle(input, &mut self.outboxes[actor]);
            self.outboxes[actor].file(around.recorder);
        }
        self.held[actor] = self.outboxes[actor].next();
    }

    fn finish(self) -> Result<Vec<A>, RunError> {
        let Network { actors, links } = self.network;
        let name = |actor: usize| actors[actor].name().to_owned();
        let waiting: Vec<Waiting> = (0..actors.len())
            .filter_map(|actor| {
                let (sending, peer) = match (&self.held[actor], actors[actor].wants()) {
                    (Some((port, _)), _) => {
                        (true, links[self.wiring.outputs[actor][port.0]].to.0.0)
                    }
                    (None, Wants::Message(port)) => {
                        (false, links[self.wiring.inputs[actor][port.0]].from.0.0)
                    }
                    (None, _) => return None,
                };
                Some(Waiting {
                    actor: name(actor),
                    sending,
                    peer: name(peer),
                })
            })
            .collect();
        if waiting.is_empty() {
            Ok(actors)
        } else {
            Err(RunError::Deadlock(waiting))
        }
    }
}
