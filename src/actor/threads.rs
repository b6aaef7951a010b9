//! The threads runtime: every actor on a thread of its own, over bounded channels.

use super::channel::{Receiver, Sender, bounded};
use super::{Actor, Input, Network, Outbox, RunError, Surroundings, Waited, Waiting, Wants};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

/// Stack size of an actor's thread, in bytes. Actors keep their state on the heap, so it can be
/// small.
pub(super) const STACK: usize = 512 * 1024;

/// The end of an actor's thread.
enum Ending<A> {
    Done(A),
    /// Its peer was gone before it was done: the peer panicked, or broke its side of the protocol.
    Abandoned(Waiting),
    Panicked(String),
}

/// Runs a network to its end; see [`super::Runtime::run`].
pub(super) fn run<A: Actor>(
    network: Network<A>,
    channel_capacity: usize,
    around: Surroundings<'_, A::Record>,
) -> Result<Vec<A>, RunError> {
    let names: Vec<String> = network.actors.iter().map(|a| a.name().to_owned()).collect();
    let mut ends: Vec<Ends<A::Message>> = names.iter().map(|_| Ends::default()).collect();
    for link in &network.links {
        let (sender, receiver) = bounded(channel_capacity);
        ends[link.from.0.0].outputs.push((sender, link.to.0.0));
        ends[link.to.0.0].inputs.push((receiver, link.from.0.0));
    }
    let names = names.as_slice();
    let endings = thread::scope(|scope| {
        let mut handles = Vec::with_capacity(names.len());
        for (index, (actor, ends)) in network.actors.into_iter().zip(ends).enumerate() {
            let spawned = thread::Builder::new()
                .name(names[index].clone())
                .stack_size(STACK)
                .spawn_scoped(scope, move || live(actor, index, &ends, names, around));
            match spawned {
                Ok(handle) => handles.push(handle),
                // Threads already started see their channels close, and end.
                Err(source) => {
                    let actor = names[index].clone();
                    return Err(RunError::Thread { actor, source });
                }
            }
        }
        Ok(handles
            .into_iter()
            .map(|handle| handle.join().expect("panics of actors are caught"))
            .collect::<Vec<_>>())
    })?;
    settle(endings, names)
}

/// The channel ends of one actor, each with the actor at the other end.
struct Ends<M> {
    inputs: Vec<(Receiver<M>, usize)>,
    outputs: Vec<(Sender<M>, usize)>,
}

impl<M> Default for Ends<M> {
    fn default() -> Self {
        Ends {
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }
}

/// Runs one actor to its end.
fn live<A: Actor>(
    mut actor: A,
    index: usize,
    ends: &Ends<A::Message>,
    names: &[String],
    around: Surroundings<'_, A::Record>,
) -> Ending<A> {
    let abandoned = |sending, peer: usize| {
        Ending::Abandoned(Waiting {
            actor: names[index].clone(),
            sending,
            peer: names[peer].clone(),
            channel: None,
            waited: Waited::Unknown,
        })
    };
    let mut outbox = Outbox::default();
    loop {
        let input = match actor.wants() {
            Wants::Turn(clock) => around.turn(clock),
            Wants::Message(port) => {
                let (receiver, peer) = &ends.inputs[port.0];
                match receiver.receive() {
                    Ok(message) => Input::Message(message),
                    Err(_) => return abandoned(false, *peer),
                }
            }
            Wants::Nothing => return Ending::Done(actor),
        };
        let turn = AssertUnwindSafe(|| actor.handle(input, &mut outbox));
        if let Err(panic) = catch_unwind(turn) {
            return Ending::Panicked(reason(panic.as_ref()));
        }
        outbox.file(around.recorder);
        while let Some((port, message)) = outbox.next() {
            let (sender, peer) = &ends.outputs[port.0];
            if sender.send(message).is_err() {
                return abandoned(true, *peer);
            }
        }
    }
}

/// Message of a panic.
#[must_use]
pub fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".to_owned())
}

/// Returns the actors if all are done; otherwise the panic that ended the run, or the waiting
/// actors.
fn settle<A>(endings: Vec<Ending<A>>, names: &[String]) -> Result<Vec<A>, RunError> {
    let mut actors = Vec::with_capacity(endings.len());
    let mut abandoned = Vec::new();
    for (ending, name) in endings.into_iter().zip(names) {
        match ending {
            Ending::Done(actor) => actors.push(actor),
            Ending::Abandoned(waiting) => abandoned.push(waiting),
            Ending::Panicked(reason) => {
                let actor = name.clone();
                return Err(RunError::Panic { actor, reason });
            }
        }
    }
    if abandoned.is_empty() {
        Ok(actors)
    } else {
        Err(RunError::Deadlock(abandoned))
    }
}
