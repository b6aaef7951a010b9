//! The sends and receives of a network without its computations: the baseline for a runtime's
//! overhead.
//!
//! The order in which each actor reads and sends follows from the actors alone, so one run in one
//! thread yields every operation of every schedule. Replayed over bare channels with one number for
//! each message, the same operations cost what channels and threads must cost; the rest of a run's
//! time is its runtime's overhead.

use super::channel::{Receiver, Sender, bounded};
use super::inline::Wiring;
use super::{Actor, Input, Network, Outbox, RunError, Runtime, Surroundings, Wants};
use std::thread;

/// One operation of an actor on a channel, given by its index among the network's links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It takes a message.
    Receive(usize),
    /// It sends a message.
    Send(usize),
}

/// The operations of each actor, in its own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    operations: Vec<Vec<Operation>>,
    links: usize,
}

impl Script {
    /// Records the operations of these actors by running them in this thread.
    ///
    /// # Errors
    /// See [`Runtime::run`].
    pub fn of<A: Actor>(network: Network<A>) -> Result<Script, RunError> {
        let wiring = Wiring::new(&network);
        let links = network.links.len();
        let network = network.map(|(index, actor)| Noting {
            actor,
            inputs: wiring.inputs[index].clone(),
            outputs: wiring.outputs[index].clone(),
            operations: Vec::new(),
        });
        let around = Surroundings {
            conductor: &(),
            recorder: &(),
        };
        let actors = Runtime::Inline.run(network, around)?;
        Ok(Script {
            operations: actors.into_iter().map(|actor| actor.operations).collect(),
            links,
        })
    }

    /// Total number of messages sent.
    #[must_use]
    pub fn messages(&self) -> usize {
        let sends = |operations: &Vec<Operation>| {
            operations
                .iter()
                .filter(|operation| matches!(operation, Operation::Send(_)))
                .count()
        };
        self.operations.iter().map(sends).sum()
    }

    /// The operations of each actor, in the network's order.
    #[must_use]
    pub fn operations(&self) -> &[Vec<Operation>] {
        &self.operations
    }

    /// Performs the same operations with one thread for each actor, over bare channels of this
    /// capacity.
    ///
    /// # Panics
    /// If the system cannot start a thread.
    pub fn replay(&self, channel_capacity: usize) {
        let mut ends: Vec<Ends> = (0..self.links)
            .map(|_| bounded(channel_capacity))
            .map(|(sender, receiver)| (Some(sender), Some(receiver)))
            .collect();
        thread::scope(|scope| {
            for operations in &self.operations {
                let mut own: Vec<Ends> = (0..self.links).map(|_| (None, None)).collect();
                for operation in operations {
                    match *operation {
                        Operation::Send(link) if own[link].0.is_none() => {
                            own[link].0 = ends[link].0.take();
                        }
                        Operation::Receive(link) if own[link].1.is_none() => {
                            own[link].1 = ends[link].1.take();
                        }
                        _ => {}
                    }
                }
                thread::Builder::new()
                    .stack_size(super::threads::STACK)
                    .spawn_scoped(scope, move || perform(operations, &own))
                    .expect("a thread for each actor");
            }
        });
    }
}

/// The two ends of a channel, each present if this actor uses it.
type Ends = (Option<Sender<u64>>, Option<Receiver<u64>>);

/// Performs an actor's operations on its own channel ends.
fn perform(operations: &[Operation], ends: &[Ends]) {
    for operation in operations {
        match *operation {
            Operation::Send(link) => {
                let sender = ends[link].0.as_ref().expect("one actor sends on a link");
                sender.send(link as u64).expect("its receiver waits");
            }
            Operation::Receive(link) => {
                let receiver = ends[link].1.as_ref().expect("one actor receives on a link");
                receiver.receive().expect("its sender still sends");
            }
        }
    }
}

/// An actor whose operations are recorded.
#[derive(Clone)]
struct Noting<A> {
    actor: A,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    operations: Vec<Operation>,
}

impl<A: Actor> Actor for Noting<A> {
    type Message = A::Message;
    type Record = A::Record;

    fn name(&self) -> &str {
        self.actor.name()
    }

    fn wants(&self) -> Wants {
        self.actor.wants()
    }

    fn handle(&mut self, input: Input<A::Message>, outbox: &mut Outbox<A::Message, A::Record>) {
        if let Wants::Message(port) = self.actor.wants() {
            self.operations
                .push(Operation::Receive(self.inputs[port.0]));
        }
        self.actor.handle(input, outbox);
        let sends = outbox.sends.iter();
        let sends = sends.map(|(port, _)| Operation::Send(self.outputs[port.0]));
        self.operations.extend(sends);
    }
}
