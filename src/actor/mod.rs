//! Actors, the network that links them, and the runtimes that let them act.
//!
//! An actor is a plain struct. It names the one input it wants next and turns that message into new
//! state and an outbox; it knows no thread, clock, channel, file or global random number. A runtime
//! decides only who acts when:
//!
//! - [`inline`]: all in the calling thread, for speed;
//! - [`threads`]: every actor on a thread of its own, over bounded channels;
//! - [`trial`]: one thread with bounded channels modelled, under any schedule on demand; or threads that
//!   are perturbed, killed and watched.
//!
//! Since an actor never chooses between inputs by which is there first, the network is a Kahn
//! network: what each actor reads and sends follows from the actors alone, not from the schedule.

pub mod channel;
mod conductor;
mod fifo;
mod graph;
pub mod inline;
pub mod script;
pub mod threads;
pub mod trial;

pub use conductor::{Change, Conductor, Intervention, Wish};

use fifo::Fifo;
use std::fmt;
use std::time::Duration;
use thiserror::Error;
use trial::{Schedule, Strategy};

/// The place of an actor in its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub usize);

/// One of an actor's inputs, or one of its outputs, counted apart from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(pub usize);

/// What an actor wants next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wants {
    /// To act by itself, without a message: a source, a coordinator at the start of a step. It says
    /// at which logical time, for whoever paces the run; nothing else depends on it.
    Turn(f64),
    /// The next message of this input.
    Message(Port),
    /// Nothing, for ever: it is done.
    Nothing,
}

/// What a runtime hands to an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<M> {
    /// Its turn.
    Turn,
    /// Its turn, with the wish that the run be wound up: a source closes, a coordinator ends.
    Stop,
    /// What a person does to the model before the actor's next turn; only a model that says so is
    /// given any.
    Intervention(Intervention),
    /// The message it wanted.
    Message(M),
}

/// What an actor puts out in one turn: messages to others, and records of what happened.
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

    /// Puts a record on file, if anybody keeps one.
    pub fn record(&mut self, record: R) {
        self.records.push(record);
    }

    /// Takes out the message sent first.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(Port, M)> {
        self.sends.pop()
    }

    /// Puts the records away that are on file already, since the turn is done again.
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

/// Keeps the records of a run: tables, a live view, a test. It is called from the thread of the
/// actor whose records they are, in that actor's order, and may empty the list or leave it.
pub trait Recorder<R>: Sync {
    /// Takes the records of one turn.
    fn record(&self, records: &mut Vec<R>);
}

/// Keeps nothing.
impl<R> Recorder<R> for () {
    fn record(&self, _records: &mut Vec<R>) {}
}

/// What a model puts on file. Its digest is the same for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recording {
    /// Nothing.
    #[default]
    Nothing,
    /// The rows of its tables.
    Tables,
    /// These, and every change of state as it happens, for those who watch.
    Everything,
}

/// What surrounds a run without being part of it.
pub struct Surroundings<'a, R> {
    /// Asked before every turn that an actor takes by itself: an `AtomicBool` that winds the run up
    /// when it is set, or more.
    pub conductor: &'a dyn Conductor,
    /// Who keeps the records.
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
    /// The turn, at this logical time, of an actor that acts by itself.
    fn turn<M>(&self, clock: f64) -> Input<M> {
        match self.conductor.before(clock) {
            Wish::Go => Input::Turn,
            Wish::Stop => Input::Stop,
            Wish::Intervene(intervention) => Input::Intervention(intervention),
        }
    }
}

/// A part of a model that acts. It can be cloned, so that one that died is brought back as it was.
pub trait Actor: Clone + Send {
    /// What it receives and sends: one enum for a whole model.
    type Message: Clone + Send;
    /// What it puts on file: one enum for a whole model.
    type Record: Send;

    /// The name people know it by.
    fn name(&self) -> &str;

    /// What it wants next, from its state alone.
    fn wants(&self) -> Wants;

    /// Takes what it wanted and acts.
    fn handle(
        &mut self,
        input: Input<Self::Message>,
        outbox: &mut Outbox<Self::Message, Self::Record>,
    );
}

/// A channel from one actor's output to another's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Who sends, and through which of its outputs.
    pub from: (ActorId, Port),
    /// Who receives, and at which of its inputs.
    pub to: (ActorId, Port),
}

/// Actors and the channels between them, declared before anything runs.
#[derive(Clone, Debug)]
pub struct Network<A> {
    actors: Vec<A>,
    links: Vec<Link>,
    /// How many inputs and outputs each actor has.
    ports: Vec<(usize, usize)>,
    /// For a channel of answers, how many of the messages it answers may be unanswered.
    answers: Vec<Option<usize>>,
}

impl<A: Actor> Network<A> {
    /// A network of these actors, without channels yet. The order of actors is the order in which
    /// their results are combined.
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

    /// Declares the channel by which `from` answers what `to` sends it, a message for a message, and
    /// promises that no more than `unanswered` messages are ever underway on the two. Where
    /// channels make a cycle, it must be of such pairs.
    pub fn link_back(&mut self, from: ActorId, to: ActorId, unanswered: usize) {
        self.link(from, to);
        self.answers.pop();
        self.answers.push(Some(unanswered));
    }

    /// The same network of other actors, made one by one from its own.
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

/// Who lets the actors act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// All in the calling thread.
    Inline,
    /// A thread each, over channels of this capacity (0: sender and receiver meet).
    Threads {
        /// How many messages a channel holds.
        channel_capacity: usize,
    },
    /// One thread, channels of this capacity modelled, who moves next chosen at random by `seed`.
    Explore {
        /// How many messages a channel holds.
        channel_capacity: usize,
        /// Names the schedule.
        seed: u64,
    },
}

impl Runtime {
    /// Lets the actors act until each wants nothing more, and gives them back in their order.
    ///
    /// Before an actor takes a turn of its own, the conductor of the surroundings is asked.
    ///
    /// # Errors
    /// [`RunError::Deadlock`] where actors wait for each other; [`RunError::Panic`] where one died.
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

/// Why a run came to no end.
#[derive(Debug, Error)]
pub enum RunError {
    /// Actors wait for each other.
    #[error("deadlock: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Deadlock(Vec<Waiting>),
    /// The channels could jam, so nothing was begun.
    #[error("the channels among {} can jam: {why}", cycle.join(", "))]
    Unsafe {
        /// The actors whose channels they are.
        cycle: Vec<String>,
        /// What is missing.
        why: String,
    },
    /// An actor panicked.
    #[error("actor {actor} panicked: {reason}")]
    Panic {
        /// Its name.
        actor: String,
        /// What the panic said.
        reason: String,
    },
    /// A trace of recorded values was too short for the run.
    #[error("the trace for {what} has {had} values, but the run needs at least {needed}")]
    Trace {
        /// What its values are for.
        what: String,
        /// How many values there are.
        had: u64,
        /// How many are needed.
        needed: u64,
    },
    /// A thread could not be started.
    #[error("no thread could be started for actor {actor}: {source}; use --engine inline")]
    Thread {
        /// Its name.
        actor: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// One actor that cannot go on, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Who waits.
    pub actor: String,
    /// Whether it waits to send; otherwise it waits to receive.
    pub sending: bool,
    /// The other end of the channel.
    pub peer: String,
    /// How full the channel is, where channels are bounded and somebody knows.
    pub channel: Option<Fill>,
    /// For how long.
    pub waited: Waited,
}

/// How full a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// How many messages are in it.
    pub holds: usize,
    /// How many go into it.
    pub capacity: usize,
}

/// How long somebody has waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// Nobody looked.
    Unknown,
    /// So long, on threads.
    Time(Duration),
    /// While so many moves were made by others, in one thread.
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
            Waited::Moves(moves) => known.push(format!("for {moves} moves")),
        }
        match known.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", known.join(", ")),
        }
    }
}
