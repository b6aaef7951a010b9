//! The inline runtime: all actors in the calling thread.
//!
//! An actor that was just sent the message it wants acts first, and its sender after it. Messages
//! are thus consumed before more are made, and queues between actors stay as short as the actors
//! allow.

use super::{Actor, Input, Network, Outbox, Port, RunError, Surroundings, Waited, Waiting, Wants};
use std::collections::VecDeque;

/// An actor and its next action.
struct Seat<A: Actor> {
    actor: A,
    state: State<A::Message>,
    /// Index of its first output in the list of routes.
    outputs: usize,
}

/// An actor's next action.
enum State<M> {
    /// Take a turn of its own, at this logical time.
    Turn(f64),
    /// Handle this message, the one it wanted.
    Ready(M),
    /// Wait for the next message of this input.
    Waits(Port),
    /// None: it is done, or it is acting at this moment.
    Rests,
}

impl<M> State<M> {
    fn can_act(&self) -> bool {
        matches!(self, State::Turn(_) | State::Ready(_))
    }
}

/// The link, receiver and input that an output leads to.
struct Route {
    link: usize,
    receiver: usize,
    input: Port,
}

/// Runs a network to its end; see [`super::Runtime::run`].
pub(super) fn run<A: Actor>(
    network: Network<A>,
    around: Surroundings<'_, A::Record>,
) -> Result<Vec<A>, RunError> {
    let wiring = Wiring::new(&network);
    let Network { actors, links, .. } = network;
    let mut early = Early {
        queues: links.iter().map(|_| VecDeque::new()).collect(),
        waiting: 0,
    };
    let mut routes: Vec<Route> = Vec::with_capacity(links.len());
    let mut seats: Vec<Seat<A>> = Vec::with_capacity(actors.len());
    for (index, actor) in actors.into_iter().enumerate() {
        let state = early.state_of(&actor, &wiring.inputs[index]);
        seats.push(Seat {
            actor,
            state,
            outputs: routes.len(),
        });
        routes.extend(wiring.outputs[index].iter().map(|&link| Route {
            link,
            receiver: links[link].to.0.0,
            input: links[link].to.1,
        }));
    }
    // All actors that can act; the next one is last.
    let can_act = |&index: &usize| seats[index].state.can_act();
    let mut stack: Vec<usize> = (0..seats.len()).rev().filter(can_act).collect();
    let mut outbox = Outbox::default();
    while let Some(current) = stack.pop() {
        let seat = &mut seats[current];
        let input = match std::mem::replace(&mut seat.state, State::Rests) {
            State::Ready(message) => Input::Message(message),
            State::Turn(clock) => around.turn(clock),
            State::Waits(_) | State::Rests => unreachable!("only who can act is listed"),
        };
        seat.actor.handle(input, &mut outbox);
        outbox.file(around.recorder);
        // `wants` is asked once, after the actor has acted: the answer depends on its state alone.
        seat.state = early.state_of(&seat.actor, &wiring.inputs[current]);
        if seat.state.can_act() {
            stack.push(current);
        }
        let outputs = seat.outputs;
        let before = stack.len();
        while let Some((port, message)) = outbox.next() {
            let route = &routes[outputs + port.0];
            let receiver = &mut seats[route.receiver];
            match receiver.state {
                State::Waits(awaited) if awaited == route.input => {
                    receiver.state = State::Ready(message);
                    stack.push(route.receiver);
                }
                _ => early.put(route.link, message),
            }
        }
        if stack.len() > before + 1 {
            stack[before..].reverse();
        }
    }
    let actors: Vec<A> = seats.into_iter().map(|seat| seat.actor).collect();
    let waiting = wiring.waiting(&actors, &links);
    if waiting.is_empty() {
        Ok(actors)
    } else {
        Err(RunError::Deadlock(waiting))
    }
}

/// Messages whose receivers are not waiting for them yet.
struct Early<M> {
    /// Per link.
    queues: Vec<VecDeque<M>>,
    /// Total number of these messages, mostly 0.
    waiting: usize,
}

impl<M> Early<M> {
    /// Next action of an actor with these inputs, once it has acted.
    #[inline]
    fn state_of<A: Actor<Message = M>>(&mut self, actor: &A, inputs: &[usize]) -> State<M> {
        match actor.wants() {
            Wants::Turn(clock) => State::Turn(clock),
            Wants::Message(port) if self.waiting == 0 => State::Waits(port),
            Wants::Message(port) => self
                .take(inputs[port.0])
                .map_or(State::Waits(port), State::Ready),
            Wants::Nothing => State::Rests,
        }
    }

    fn put(&mut self, link: usize, message: M) {
        self.queues[link].push_back(message);
        self.waiting += 1;
    }

    fn take(&mut self, link: usize) -> Option<M> {
        let message = self.queues[link].pop_front();
        self.waiting -= usize::from(message.is_some());
        message
    }
}

/// The link behind each port of each actor.
pub(super) struct Wiring {
    /// Links by actor and input.
    pub(super) inputs: Vec<Vec<usize>>,
    /// Links by actor and output.
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

    /// Actors that still want a message, and the peers they want it from.
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
