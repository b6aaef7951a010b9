//! The inline runtime: all actors in the calling thread.
//!
//! Whoever was just sent the message it wants goes first, its sender after it. So what was made is
//! used up before more is made, and queues between actors stay as short as the actors allow.

use super::{Actor, Input, Network, Outbox, RunError, Surroundings, Waited, Waiting, Wants};
use std::collections::VecDeque;

/// Runs a network to its end; see [`super::Runtime::run`].
pub(super) fn run<A: Actor>(
    network: Network<A>,
    around: Surroundings<'_, A::Record>,
) -> Result<Vec<A>, RunError> {
    let wiring = Wiring::new(&network);
    let Network {
        mut actors, links, ..
    } = network;
    let mut queues: Vec<VecDeque<A::Message>> = links.iter().map(|_| VecDeque::new()).collect();
    let acts = |actor: &A| matches!(actor.wants(), Wants::Turn(_));
    let mut listed: Vec<bool> = actors.iter().map(acts).collect();
    let mut stack: Vec<usize> = (0..actors.len()).rev().filter(|&a| listed[a]).collect();
    let mut outbox = Outbox::default();
    let mut woken = Vec::new();
    while let Some(current) = stack.pop() {
        listed[current] = false;
        loop {
            let input = match actors[current].wants() {
                Wants::Turn(clock) => around.turn(clock),
                Wants::Message(port) => match queues[wiring.inputs[current][port.0]].pop_front() {
                    Some(message) => Input::Message(message),
                    None => break,
                },
                Wants::Nothing => break,
            };
            actors[current].handle(input, &mut outbox);
            outbox.file(around.recorder);
            while let Some((port, message)) = outbox.next() {
                let link = wiring.outputs[current][port.0];
                let (receiver, input) = links[link].to;
                queues[link].push_back(message);
                if !listed[receiver.0] && actors[receiver.0].wants() == Wants::Message(input) {
                    listed[receiver.0] = true;
                    woken.push(receiver.0);
                }
            }
            if !woken.is_empty() {
                listed[current] = true;
                stack.push(current);
                stack.extend(woken.drain(..).rev());
                break;
            }
        }
    }
    let waiting = wiring.waiting(&actors, &links);
    if waiting.is_empty() {
        Ok(actors)
    } else {
        Err(RunError::Deadlock(waiting))
    }
}

/// Which link stands behind each actor's ports.
pub(super) struct Wiring {
    /// Per actor and input.
    pub(super) inputs: Vec<Vec<usize>>,
    /// Per actor and output.
    pub(super) outputs: Vec<Vec<usize>>,
}

impl Wiring {
    pub(super) fn new<A: Actor>(network: &Network<A>) -> Wiring {
        let mut inputs = vec![Vec::new(); network.actors.len()];
        let mut outputs = inputs.clone();
        for (index, link) in network.links.iter().enumerate() {
            outputs[link.from.0.0].push(index);
            inputs[link.to.0.0].push(index);
        }
        Wiring { inputs, outputs }
    }

    /// Everyone who still wants a message.
    fn waiting<A: Actor>(&self, actors: &[A], links: &[super::Link]) -> Vec<Waiting> {
        (0..actors.len())
            .filter_map(|index| match actors[index].wants() {
                Wants::Message(port) => {
                    let peer = links[self.inputs[index][port.0]].from.0;
                    Some(Waiting {
                        actor: actors[index].name().to_owned(),
                        sending: false,
                        peer: actors[peer.0].name().to_owned(),
                        channel: None,
                        waited: Waited::Unknown,
                    })
                }
                Wants::Turn(_) | Wants::Nothing => None,
            })
            .collect()
    }
}
