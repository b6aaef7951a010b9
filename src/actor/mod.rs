//! Actors, the network that links them, and the runtimes that let them act.
//!
//! An actor is a plain struct. It names the one input it wants next and turns that message into new
//! state and an outbox; it uses no thread, clock, channel, file or global random number. A runtime
//! only decides which actor acts when:
//!
//! - [`inline`]: all in the calling thread, for speed;
//! - [`threads`]: every actor on a thread of its own, over bounded channels;
//! - [`trial`]: one thread with modelled bounded channels, under any chosen schedule; or threads
//!   that are perturbed, killed and watched.
//!
//! An actor never chooses between inputs by which arrives first, so the network is a Kahn network:
//! what each actor reads and sends follows from the actors alone, not from the schedule.

pub mod channel;
mod conductor;
mod fifo;
mod graph;
pub mod inline;
pub mod script;
pub mod threads;
pub mod trial;

use crate::number::of_them;
pub use conductor::{Change, Conductor, Intervention, Wish};

use fifo::Fifo;
use std::fmt;
use std::time::Duration;
use thiserror::Error;
use trial::{Schedule, Strategy};

/// Index of an actor in its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub usize);

/// Index of an actor's input, or of its output; inputs and outputs are each numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(pub usize);

/// The input an actor wants next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wants {
    /// A turn of its own, without a message: a source, or a coordinator at the start of a step. The
    /// value is the turn's logical time, used only to pace the run.
    Turn(f64),
    /// The next message of this input.
    Message(Port),
    /// Nothing ever again: it is done.
    Nothing,
}

/// The input a runtime hands to an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<M> {
    /// A turn of its own.
    Turn,
    /// A turn of its own in which the run is to be ended: a source closes, a coordinator ends.
    Stop,
    /// A person's action on the model before the actor's next turn. Only models that support
    /// interventions receive any.
    Intervention(Intervention),
    /// The message the actor wanted.
    Message(M),
}

/// The output of one turn of an actor: messages to others, and records of what happened.
#[derive(Clone, Debug)]
pub struct Outbox<M, R> {
    sends: Fifo<(Port, M)>,
    records: Vec<R>,
}

impl<M, R> Default for Outbox<M, R> {
    fn default() -> Self {
        Outbox {
            sends: Fifo::default(),
            records: Vec::new(),
        }
    }
}

impl<M, R> Outbox<M, R> {
    /// Sends a message through an output.
    #[inline]
    pub fn send(&mut self, output: Port, message: M) {
        self.sends.push((output, message));
    }

    /// Adds a record of what happened, for the run's recorder.
    pub fn record(&mut self, record: R) {
        self.records.push(record);
    }

    /// Removes and returns the message sent first.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(Port, M)> {
        self.sends.pop()
    }

    /// Drops records that were filed in an earlier attempt at the turn.
    fn forget_records(&mut self) {
        self.records.clear();
    }

    #[inline]
    fn file(&mut self, recorder: &dyn Recorder<R>) {
        if !self.records.is_empty() {
            recorder.record(&mut self.records);
            self.records.clear();
        }
    }
}

/// A sink for the records of a run: tables, a live view, a test. It is called from the thread of
/// the actor that made the records, in that actor's order, and may empty the list or leave it.
pub trait Recorder<R>: Sync {
    /// Takes the records of one turn.
    fn record(&self, records: &mut Vec<R>);
}

/// Discards all records.
impl<R> Recorder<R> for () {
    fn record(&self, _records: &mut Vec<R>) {}
}

/// The records a model makes. Its digest does not depend on this choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recording {
    /// Nothing.
    #[default]
    Nothing,
    /// The rows of its tables.
    Tables,
    /// The rows of its tables and every change of state as it happens, for live views.
    Everything,
}

/// The conductor and recorder of a run, which are not part of its model.
pub struct Surroundings<'a, R> {
    /// Asked before every turn that an actor takes by itself. An `AtomicBool` serves as a stop
    /// flag.
    pub conductor: &'a dyn Conductor,
    /// Receives the records.
    pub recorder: &'a dyn Recorder<R>,
}

impl<R> Clone for Surroundings<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Surroundings<'_, R> {}

impl<R> fmt::Debug for Surroundings<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

impl<R> Surroundings<'_, R> {
    /// Input for an actor's own turn at this logical time, after asking the conductor.
    fn turn<M>(&self, clock: f64) -> Input<M> {
        match self.conductor.before(clock) {
            Wish::Go => Input::Turn,
            Wish::Stop => Input::Stop,
            Wish::Intervene(intervention) => Input::Intervention(intervention),
        }
    }
}

/// An acting part of a model. It can be cloned, so that an actor that died can be restored.
pub trait Actor: Clone + Send {
    /// The messages it receives and sends: one enum for a whole model.
    type Message: Clone + Send;
    /// The records it makes: one enum for a whole model.
    type Record: Send;

    /// Name shown to users.
    fn name(&self) -> &str;

    /// The input it wants next, which depends on its state alone.
    fn wants(&self) -> Wants;

    /// Handles the input it wanted.
    fn handle(
        &mut self,
        input: Input<Self::Message>,
        outbox: &mut Outbox<Self::Message, Self::Record>,
    );
}

/// A channel from one actor's output to another's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The sending actor and its output.
    pub from: (ActorId, Port),
    /// The receiving actor and its input.
    pub to: (ActorId, Port),
}

/// Actors and the channels between them, declared before anything runs.
#[derive(Clone, Debug)]
pub struct Network<A> {
    actors: Vec<A>,
    links: Vec<Link>,
    /// Number of inputs and of outputs of each actor.
    ports: Vec<(usize, usize)>,
    /// For an answer channel, the largest number of messages that may be unanswered.
    answers: Vec<Option<usize>>,
}

impl<A: Actor> Network<A> {
    /// Creates a network of these actors, without channels yet. Results are combined in the order
    /// of the actors.
    #[must_use]
    pub fn new(actors: Vec<A>) -> Network<A> {
        Network {
            ports: vec![(0, 0); actors.len()],
            actors,
            links: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Declares a channel. An actor's inputs and outputs are numbered in the order in which their
    /// channels are declared.
    pub fn link(&mut self, from: ActorId, to: ActorId) {
        let output = self.ports[from.0].1;
        let input = self.ports[to.0].0;
        self.ports[from.0].1 += 1;
        self.ports[to.0].0 += 1;
        self.links.push(Link {
            from: (from, Port(output)),
            to: (to, Port(input)),
        });
        self.answers.push(None);
    }

    /// Declares the channel on which `from` answers the messages of `to`, one answer for each
    /// message that asks for one, and promises that at most `unanswered` of these are ever under way
    /// on the two channels. Every cycle of channels must consist of such pairs.
    pub fn link_back(&mut self, from: ActorId, to: ActorId, unanswered: usize) {
        self.link(from, to);
        self.answers.pop();
        self.answers.push(Some(unanswered));
    }

    /// Replaces each actor by one made from it, keeping the channels.
    pub(crate) fn map<B>(self, make: impl FnMut((usize, A)) -> B) -> Network<B> {
        Network {
            actors: self.actors.into_iter().enumerate().map(make).collect(),
            links: self.links,
            ports: self.ports,
            answers: self.answers,
        }
    }

    /// The actors, in order.
    #[must_use]
    pub fn actors(&self) -> &[A] {
        &self.actors
    }

    /// The actors, without their channels.
    #[must_use]
    pub fn into_actors(self) -> Vec<A> {
        self.actors
    }

    /// The channels, in the order of declaration.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }
}

/// A way to run the actors of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// All actors in the calling thread.
    Inline,
    /// One thread for each actor, over channels of this capacity (0: sender and receiver meet).
    Threads {
        /// Number of messages a channel holds.
        channel_capacity: usize,
    },
    /// One thread and modelled channels of this capacity; `seed` draws which actor moves next.
    Explore {
        /// Number of messages a channel holds.
        channel_capacity: usize,
        /// Seed of the schedule.
        seed: u64,
    },
}

impl Runtime {
    /// Runs the actors until each wants nothing more, and returns them in their order.
    ///
    /// Asks the surroundings' conductor before each turn that an actor takes by itself.
    ///
    /// # Errors
    /// [`RunError::Deadlock`] if actors wait for each other; [`RunError::Panic`] if one panicked.
    pub fn run<A: Actor>(
        self,
        network: Network<A>,
        around: Surroundings<'_, A::Record>,
    ) -> Result<Vec<A>, RunError> {
        match self {
            Runtime::Inline => inline::run(network, around),
            Runtime::Threads { channel_capacity } => {
                network.check(channel_capacity)?;
                threads::run(network, channel_capacity, around)
            }
            Runtime::Explore {
                channel_capacity,
                seed,
            } => {
                let schedule = Schedule {
                    strategy: Strategy::Random,
                    seed,
                    channel_capacity,
                    chunk: 1,
                    kills: 0,
                };
                trial::run(network, &schedule, 0, around).ending
            }
        }
    }
}

/// A run that did not reach its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// Actors wait for each other.
    #[error("deadlock: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Deadlock(Vec<Waiting>),
    /// The channels could jam, so the run was not started.
    #[error("the channels among {} can jam: {why}", cycle.join(", "))]
    Unsafe {
        /// Names of the actors on the cycle of channels.
        cycle: Vec<String>,
        /// The condition that is not met.
        why: String,
    },
    /// An actor panicked.
    #[error("actor {actor} panicked: {reason}")]
    Panic {
        /// Its name.
        actor: String,
        /// Message of the panic.
        reason: String,
    },
    /// A trace of recorded values was too short for the run.
    #[error(
        "the trace for {what} has {}, but the run needs at least {needed}; a recording is used once, in order: give it \
         more values, or begin it again with `repeat = true` where the key takes that",
        of_them(*had, "value")
    )]
    Trace {
        /// The quantity the trace supplies.
        what: String,
        /// Number of values in the trace.
        had: u64,
        /// Number of values needed.
        needed: u64,
    },
    /// An instant of a model does not come to an end.
    #[error(
        "at time {time} something is due again and again, at {}",
        list(stations)
    )]
    Endless {
        /// The instant.
        time: f64,
        /// The names of the stations at which something is still due.
        stations: Vec<String>,
    },
    /// A thread could not be started.
    #[error("no thread could be started for actor {actor}: {source}; use --engine inline")]
    Thread {
        /// Its name.
        actor: String,
        /// The operating system's error.
        source: std::io::Error,
    },
}

fn list(stations: &[String]) -> String {
    let named = stations.iter().map(|station| format!("`{station}`"));
    named.collect::<Vec<_>>().join(", ")
}

/// An actor that cannot go on, and the channel it waits on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Name of the waiting actor.
    pub actor: String,
    /// Whether it waits to send; otherwise it waits to receive.
    pub sending: bool,
    /// The other end of the channel.
    pub peer: String,
    /// Number of messages in the channel, where channels are bounded and the number is known.
    pub channel: Option<Fill>,
    /// Duration of the wait so far.
    pub waited: Waited,
}

/// Number of messages in a channel, and its capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Messages in the channel.
    pub holds: usize,
    /// Capacity of the channel, in messages.
    pub capacity: usize,
}

/// The duration of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// Not measured.
    Unknown,
    /// Wall-clock time, on threads.
    Time(Duration),
    /// Number of moves made by other actors meanwhile, in one thread.
    Moves(u64),
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, direction) = if self.sending {
            ("send", "to")
        } else {
            ("receive", "from")
        };
        let Waiting { actor, peer, .. } = self;
        write!(f, "{actor} waits to {verb} {direction} {peer}")?;
        let mut known = Vec::new();
        if let Some(Fill { holds, capacity }) = self.channel {
            known.push(format!("the channel holds {holds} of {capacity}"));
        }
        match self.waited {
            Waited::Unknown => {}
            Waited::Time(time) => known.push(format!("for {} ms", time.as_millis())),
            Waited::Moves(moves) => known.push(format!("for {}", of_them(moves, "move"))),
        }
        match known.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", known.join(", ")),
        }
    }
}
