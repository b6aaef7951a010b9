//! Trials: complete runs of a network under a named schedule that is watched and may kill actors.
//!
//! A trial shows that the results do not depend on the schedule. Observations of the run are
//! returned beside its results, as [`Seen`].
//!
//! - `schedule`: the name of a schedule, as users copy it;
//! - `explore`: all actors in one thread; `oracle` chooses which moves next;
//! - `threads`: one thread for each actor, perturbed by `perturb`, watched by `watch`;
//! - `kill`: the turns that end in their actor's death; `deadlock`: the cycle of waiting actors.

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

/// The end of a trial and the observations of it.
#[derive(Debug)]
pub struct Trialled<A> {
    /// The actors, if all are done; otherwise the reason the run did not end.
    pub ending: Result<Vec<A>, RunError>,
    /// Observations of the run.
    pub seen: Seen,
}

impl<A> Trialled<A> {
    /// Applies `make` to the actors and keeps the observations.
    pub fn and_then<T>(self, make: impl FnOnce(Vec<A>) -> Result<T, RunError>) -> Tried<T> {
        Tried {
            ending: self.ending.and_then(make),
            seen: self.seen,
        }
    }
}

/// A model's outcome of a trial.
#[derive(Debug)]
pub struct Tried<T> {
    /// The outcome, or the reason the run did not end.
    pub ending: Result<T, RunError>,
    /// Observations of the run.
    pub seen: Seen,
}

impl<T> Tried<T> {
    /// Applies `make` to the outcome and keeps the observations.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Tried<U> {
        Tried {
            ending: self.ending.map(make),
            seen: self.seen,
        }
    }
}

/// Runs a network to its end under a schedule.
///
/// `moves` is the approximate number of moves of an explored run, where known; `pct` strategies
/// place their changes of priority within it.
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

/// Runs a network to its end on unperturbed threads, counting messages and waits.
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

/// The error for an actor that panicked by itself.
fn bug(actor: &str, reason: &str, turn: u64, from: Option<&str>, again: bool) -> RunError {
    let input = match from {
        Some(from) => format!("a message from {from}"),
        None => "a turn of its own".to_owned(),
    };
    let again = match again {
        true => ", and again when that was repeated",
        false => "",
    };
    RunError::Panic {
        actor: actor.to_owned(),
        reason: format!("{reason} (on {input}, after {turn} others{again})"),
    }
}
