//! The inline runtime: all actors in the calling thread.
//!
//! Whoever was just sent the message it wants goes first, its sender after it. So what was made is
//! used up before more is made, and queues between actors stay as short as the actors allow.

use super::{Actor, Input, Network, Outbox, Port, RunError, Surroundings, Waited, Waiting, Wants};
use std::collections::VecDeque;

/// What an actor is about to do.
enum State<M> {
    /// To take a turn of its own, at this time.
    Turn(f64),
    /// To take this message, the one it wanted.
    Ready(M),
    /// To wait for the next message of this link.
    Waits(usize),
    /// Nothing any more; or it acts at this moment.
    Rests,
}

impl<M> State<M> {
    fn can_act(&self) -> bool {
        matches!(self, State::Turn(_) | State::Ready(_))
    }
}

/// Runs a network to its end; see [`super::Runtime::run`].
pub(super) fn run<A: Actor>(
    network: Network<A>,
    around: Surroundings<'_, A::Record>,
) -> Result<Vec<A>, RunError> {
    let wiring = Wiring::new(&network);
    let Network {
        mut actors, links, ..
    } = network;
    // Only what its receiver does not wait for lies in a queue.
    let mut queues: Vec<VecDeque<A::Message>> = links.iter().map(|_| VecDeque::new()).collect();
    let routes = Routes::new(&wiring, &links);
    // An actor is asked what it wants once, after it has acted: it depends on its state alone.
    let wanted = |index: usize, actor: &A, queues: &mut [VecDeque<A::Message>]| match actor.wants()
    {
        Wants::Turn(clock) => State::Turn(clock),
        Wants::Message(port) => {
            let link = routes.input(index, port);
            match queues[link].pop_front() {
                Some(message) => State::Ready(message),
                None => State::Waits(link),
            }
        }
        Wants::Nothing => State::Rests,
    };
    let mut states: Vec<State<A::Message>> = Vec::with_capacity(actors.len());
    for (index, actor) in actors.iter().enumerate() {
        states.push(wanted(index, actor, &mut queues));
    }
    // Who acts next, and everybody else who can act, the next of them last.
    let can_act = |&index: &usize| states[index].can_act();
    let mut stack: Vec<usize> = (0..actors.len()).rev().filter(can_act).collect();
    let mut next = stack.pop();
    let mut others = Vec::new();
    let mut outbox = Outbox::default();
    while let Some(current) = next.take().or_else(|| stack.pop()) {
        let input = match std::mem::replace(&mut states[current], State::Rests) {
            State::Ready(message) => Input::Message(message),
            State::Turn(clock) => around.turn(clock),
            State::Waits(_) | State::Rests => unreachable!("only who can act is listed"),
        };
        let actor = &mut actors[current];
        actor.handle(input, &mut outbox);
        outbox.file(around.recorder);
        states[current] = wanted(current, actor, &mut queues);
        if states[current].can_act() {
            stack.push(current);
        }
        while let Some((port, message)) = outbox.next() {
            let (link, receiver) = routes.output(current, port);
            match &mut states[receiver] {
                State::Waits(awaited) if *awaited == link => {
                    states[receiver] = State::Ready(message);
                    match next {
                        None => next = Some(receiver),
                        Some(_) => others.push(receiver),
                    }
                }
                _ => queues[link].push_back(message),
            }
        }
        if !others.is_empty() {
            stack.extend(others.drain(..).rev());
        }
    }
    let waiting = wiring.waiting(&actors, &links);
    if waiting.is_empty() {
        Ok(actors)
    } else {
        Err(RunError::Deadlock(waiting))
    }
}

/// The same as [`Wiring`], laid out flat.
struct Routes {
    /// Link behind each input, of one actor after the other.
    inputs: Vec<usize>,
    /// Link behind each output and who receives it.
    outputs: Vec<(usize, usize)>,
    /// Where each actor's inputs and outputs begin.
    begins: Vec<(usize, usize)>,
}

impl Routes {
    fn new(wiring: &Wiring, links: &[super::Link]) -> Routes {
        let mut routes = Routes {
            inputs: Vec::with_capacity(links.len()),
            outputs: Vec::with_capacity(links.len()),
            begins: Vec::with_capacity(wiring.inputs.len()),
        };
        for (inputs, outputs) in wiring.inputs.iter().zip(&wiring.outputs) {
            let begin = (routes.inputs.len(), routes.outputs.len());
            routes.begins.push(begin);
            routes.inputs.extend(inputs);
            let outputs = outputs.iter().map(|&link| (link, links[link].to.0.0));
            routes.outputs.extend(outputs);
        }
        routes
    }

    fn input(&self, actor: usize, port: Port) -> usize {
        self.inputs[self.begins[actor].0 + port.0]
    }

    fn output(&self, actor: usize, port: Port) -> (usize, usize) {
        self.outputs[self.begins[actor].1 + port.0]
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
