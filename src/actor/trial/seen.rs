//! Observations of a run under a schedule: how it went, as opposed to its results.

use super::super::Link;
use std::collections::VecDeque;
use std::time::Duration;

/// A situation that a schedule may or may not bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Situation {
    /// A channel was full.
    ChannelFull,
    /// An actor waited for a place in a channel.
    SendBlocked,
    /// An actor waited for a message.
    ReceiveWaited,
    /// Sender and receiver met, in a channel of capacity 0.
    Met,
    /// An actor was killed holding a message it had not handled.
    KilledBefore,
    /// An actor was killed after it handled a message and before it sent anything.
    KilledUnsent,
    /// An actor was killed between two sends.
    KilledBetweenSends,
    /// An actor was killed after the last send of a turn and before the commit.
    KilledSent,
    /// An actor was killed right after a turn was committed.
    KilledCommitted,
    /// One message killed its actor more than once.
    KilledAgain,
    /// A message that an actor sent again after its death was dropped on entry to the channel.
    RepeatDropped,
    /// A peer was waiting for an actor that was dead.
    MissedWhileDead,
}

impl Situation {
    /// All situations, in order.
    pub const ALL: [Situation; 12] = [
        Situation::ChannelFull,
        Situation::SendBlocked,
        Situation::ReceiveWaited,
        Situation::Met,
        Situation::KilledBefore,
        Situation::KilledUnsent,
        Situation::KilledBetweenSends,
        Situation::KilledSent,
        Situation::KilledCommitted,
        Situation::KilledAgain,
        Situation::RepeatDropped,
        Situation::MissedWhileDead,
    ];

    /// Name shown to users.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Situation::ChannelFull => "channel full",
            Situation::SendBlocked => "send blocked",
            Situation::ReceiveWaited => "receiver waited",
            Situation::Met => "sender and receiver met",
            Situation::KilledBefore => "killed before a message was handled",
            Situation::KilledUnsent => "killed before the first send",
            Situation::KilledBetweenSends => "killed between two sends",
            Situation::KilledSent => "killed after the last send",
            Situation::KilledCommitted => "killed after the commit",
            Situation::KilledAgain => "killed twice by plan over one message",
            Situation::RepeatDropped => "repeated message dropped",
            Situation::MissedWhileDead => "waited for while dead",
        }
    }
}

/// A set of situations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situations(u32);

impl Situations {
    /// Adds a situation.
    #[inline]
    pub fn add(&mut self, situation: Situation) {
        self.0 |= 1 << situation as u32;
    }

    /// Adds the situations of another run.
    pub fn join(&mut self, other: Situations) {
        self.0 |= other.0;
    }

    /// Whether a situation is in the set.
    #[must_use]
    pub fn has(self, situation: Situation) -> bool {
        self.0 & (1 << situation as u32) != 0
    }
}

/// Observations of one run.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Messages and turns handled, messages sent, kills: the events that a schedule orders.
    pub moves: u64,
    /// Fingerprint that tells an explored schedule from others.
    pub fingerprint: u64,
    /// Whether the schedule's number is beyond the last of an exhaustive search.
    pub beyond: bool,
    /// Actors killed and restored.
    pub kills: u64,
    /// Messages given to an actor again after its death.
    pub redone: u64,
    /// Messages sent again after a death and dropped on entry to the channel.
    pub repeats: u64,
    /// Messages that entered a channel but were never handled completely.
    pub lost: u64,
    /// Messages handled completely more than once.
    pub duplicated: u64,
    /// Number of times an actor waited for a place in a channel.
    pub blocked_sends: u64,
    /// Situations that arose.
    pub situations: Situations,
    /// Time from each death to the first act of the new thread.
    pub restarts: Vec<Duration>,
    /// Counts by channel, if they were taken.
    pub channels: Vec<ChannelSeen>,
    /// Times by actor, if they were measured.
    pub actors: Vec<ActorSeen>,
    /// The last acts of each actor.
    pub last: LastActs,
}

/// Counts of one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelSeen {
    /// Name of the sending actor.
    pub from: String,
    /// Name of the receiving actor.
    pub to: String,
    /// Capacity, in messages.
    pub capacity: usize,
    /// Largest number of messages it held.
    pub high_water: usize,
    /// Messages sent.
    pub sends: u64,
    /// Sends that waited for a place.
    pub blocked_sends: u64,
    /// Total time of these waits.
    pub blocked: Duration,
    /// The 99th percentile of these waits.
    pub blocked_p99: Duration,
}

/// The share of a run that an actor spent in each state.
#[derive(Clone, Debug, PartialEq)]
pub struct ActorSeen {
    /// Its name.
    pub name: String,
    /// Number of its turns.
    pub turns: u64,
    /// Share of time in which it could act.
    pub running: f64,
    /// Share of time in which it waited for a place to send to.
    pub blocked: f64,
    /// Share of time in which it waited for a message.
    pub idle: f64,
    /// The longest single wait.
    pub longest_wait: Duration,
}

/// One act of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Turn,
    Took(usize),
    Sent(usize),
    Dropped(usize),
    Killed,
    Again,
}

/// The last acts of an actor.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<(u64, Act)>);

/// Number of acts kept.
const KEPT: usize = 6;

impl Recent {
    #[inline]
    pub(super) fn note(&mut self, at: u64, act: Act) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((at, act));
    }
}

/// The last acts of each actor of a run, kept as data and worded by [`LastActs::told`] only when
/// needed.
#[derive(Clone, Debug, Default)]
pub struct LastActs {
    pub(super) names: Vec<String>,
    pub(super) links: Vec<Link>,
    pub(super) recent: Vec<Recent>,
}

impl LastActs {
    /// The acts of each actor in words, oldest first.
    #[must_use]
    pub fn told(&self) -> Vec<(String, Vec<String>)> {
        let from = |link: usize| &self.names[self.links[link].from.0.0];
        let to = |link: usize| &self.names[self.links[link].to.0.0];
        let tell = |&(at, act): &(u64, Act)| {
            let text = match act {
                Act::Turn => "took its turn".to_owned(),
                Act::Took(link) => format!("took a message from {}", from(link)),
                Act::Sent(link) => format!("sent to {}", to(link)),
                Act::Dropped(link) => format!("sent to {} again, dropped", to(link)),
                Act::Killed => "was killed".to_owned(),
                Act::Again => "was given its message again".to_owned(),
            };
            format!("{at}: {text}")
        };
        let actors = self.names.iter().zip(&self.recent);
        actors
            .map(|(name, recent)| (name.clone(), recent.0.iter().map(tell).collect()))
            .collect()
    }
}
