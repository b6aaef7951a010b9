//! Trials: a network run to its end under a schedule that is named, watched and perhaps deadly.
//!
//! What comes out must not depend on any of it: that is what a trial is for. How it went is told
//! beside the results, as [`Seen`].
//!
//! - `schedule`: the name of a schedule, as people copy it;
//! - `explore`: all actors in one thread, who moves next chosen by `oracle`;
//! - `threads`: a thread each, perturbed by `perturb`, watched by `watch`;
//! - `kill`: whose turn ends in its actor's death; `deadlock`: who waits for whom in a circle.

mod deadlock;
mod explore;
mod kill;
mod oracle;
mod perturb;
mod schedule;
mod seen;
mod threads;
mod watch;

pub use schedule::{KILLS_OF, NoSchedule, Schedule, Strategy};
pub use seen::{ActorSeen, ChannelSeen, LastActs, Seen, Situation, Situations};

use super::{Actor, Network, RunError, Surroundings};

/// How a trial ended, and what was seen of it.
#[derive(Debug)]
pub struct Trialled<A> {
    /// The actors, when all is done; or why it came to no end.
    pub ending: Result<Vec<A>, RunError>,
    /// How it went.
    pub seen: Seen,
}

impl<A> Trialled<A> {
    /// With something made of the actors.
    pub fn and_then<T>(self, make: impl FnOnce(Vec<A>) -> Result<T, RunError>) -> Tried<T> {
        Tried {
            ending: self.ending.and_then(make),
            seen: self.seen,
        }
    }
}

/// What a model makes of a trial.
#[derive(Debug)]
pub struct Tried<T> {
    /// Its outcome; or why it came to no end.
    pub ending: Result<T, RunError>,
    /// How it went.
    pub seen: Seen,
}

impl<T> Tried<T> {
    /// With something made of the outcome.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Tried<U> {
        Tried {
            ending: self.ending.map(make),
            seen: self.seen,
        }
    }
}

/// Runs a network to its end under a schedule.
///
/// `moves` is about how many moves an explored run of it has, where that is known: a strategy that
/// changes its mind does so within them.
pub fn run<A: Actor>(
    network: Network<A>,
    schedule: &Schedule,
    moves: u64,
    around: Surroundings<'_, A::Record>,
) -> Trialled<A> {
    let capacity = schedule.channel_capacity;
    match network.check(capacity) {
        Err(error) => Trialled {
            ending: Err(error),
            seen: Seen::default(),
        },
        Ok(()) if schedule.strategy.is_explored() => explore::run(network, schedule, moves, around),
        Ok(()) => threads::run(network, capacity, Some(schedule), around),
    }
}

/// Runs a network to its end on threads as they are, but counts what passes and who waits.
pub fn counted<A: Actor>(
    network: Network<A>,
    channel_capacity: usize,
    around: Surroundings<'_, A::Record>,
) -> Trialled<A> {
    match network.check(channel_capacity) {
        Err(error) => Trialled {
            ending: Err(error),
            seen: Seen::default(),
        },
        Ok(()) => threads::run(network, channel_capacity, None, around),
    }
}

/// What is said of an actor that panicked by itself.
fn bug(actor: &str, reason: &str, turn: u64, from: Option<&str>, again: bool) -> RunError {
    let input = match from {
        Some(from) => format!("a message from {from}"),
        None => "a turn of its own".to_owned(),
    };
    let again = match again {
        true => ", and again when it was given that again",
        false => "",
    };
    RunError::Panic {
        actor: actor.to_owned(),
        reason: format!("{reason} (on {input}, after {turn} others{again})"),
    }
}
