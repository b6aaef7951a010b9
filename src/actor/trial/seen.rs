//! What was seen of a run under a schedule, beside its results: how it went, not what came out.

use super::super::Link;
use std::collections::VecDeque;
use std::time::Duration;

/// A situation that a schedule may or may not bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Situation {
    /// A channel was full.
    ChannelFull,
    /// Somebody had to wait for a place in a channel.
    SendBlocked,
    /// Somebody had to wait for a message.
    ReceiveWaited,
    /// Sender and receiver met, in a channel that holds nothing.
    Met,
    /// An actor was killed with a message in hand that it had not handled.
    KilledBefore,
    /// An actor was killed after it had handled a message and sent nothing of what it caused.
    KilledUnsent,
    /// An actor was killed between two sends.
    KilledBetweenSends,
    /// An actor was killed when all was sent and nothing committed.
    KilledSent,
    /// An actor was killed right after a turn was committed.
    KilledCommitted,
    /// One message killed its actor more than once.
    KilledAgain,
    /// A message that an actor sent again after its death was dropped at the channel's door.
    RepeatDropped,
    /// A peer stood waiting for an actor that was dead.
    MissedWhileDead,
}

impl Situation {
    /// All of them, in order.
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

    /// What people call it.
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

/// Some situations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situations(u32);

impl Situations {
    /// Adds one.
    #[inline]
    pub fn add(&mut self, situation: Situation) {
        self.0 |= 1 << situation as u32;
    }

    /// Adds those of another run.
    pub fn join(&mut self, other: Situations) {
        self.0 |= other.0;
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(self, situation: Situation) -> bool {
        self.0 & (1 << situation as u32) != 0
    }
}

/// What was seen of one run.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Messages and turns handled, messages sent, kills: what a schedule orders.
    pub moves: u64,
    /// Of an explored schedule: by which it is told apart from others.
    pub fingerprint: u64,
    /// The schedule's number lies beyond the last of an exhaustive search.
    pub beyond: bool,
    /// Actors killed, and brought back.
    pub kills: u64,
    /// Messages given to an actor again after its death.
    pub redone: u64,
    /// Messages sent again after a death, and dropped at the channel's door.
    pub repeats: u64,
    /// Messages that went into a channel and that nobody handled to the end.
    pub lost: u64,
    /// Messages handled to the end more than once.
    pub duplicated: u64,
    /// How often somebody had to wait for a place in a channel.
    pub blocked_sends: u64,
    /// What came about.
    pub situations: Situations,
    /// From each death to the first act of the new thread.
    pub restarts: Vec<Duration>,
    /// Of each channel, where they were counted.
    pub channels: Vec<ChannelSeen>,
    /// Of each actor, where they were timed.
    pub actors: Vec<ActorSeen>,
    /// What each actor did last.
    pub last: LastActs,
}

/// What was counted of a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelSeen {
    /// Who sends.
    pub from: String,
    /// Who receives.
    pub to: String,
    /// How many messages it holds.
    pub capacity: usize,
    /// The most it held.
    pub high_water: usize,
    /// Messages sent.
    pub sends: u64,
    /// Of these, how many had to wait for a place.
    pub blocked_sends: u64,
    /// For how long in all.
    pub blocked: Duration,
    /// The wait that 99 of 100 of those who waited did not exceed.
    pub blocked_p99: Duration,
}

/// How an actor spent a run.
#[derive(Clone, Debug, PartialEq)]
pub struct ActorSeen {
    /// Its name.
    pub name: String,
    /// Turns it had.
    pub turns: u64,
    /// The share of time in which it could act.
    pub running: f64,
    /// The share in which it waited for a place to send to.
    pub blocked: f64,
    /// The share in which it waited for a message.
    pub idle: f64,
    /// The longest single wait.
    pub longest_wait: Duration,
}

/// One thing an actor did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Turn,
    Took(usize),
    Sent(usize),
    Dropped(usize),
    Killed,
    Again,
}

/// The last things an actor did.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<(u64, Act)>);

/// How many are kept.
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

/// What each actor of a run did last. It is put into words only where somebody asks.
#[derive(Clone, Debug, Default)]
pub struct LastActs {
    pub(super) names: Vec<String>,
    pub(super) links: Vec<Link>,
    pub(super) recent: Vec<Recent>,
}

impl LastActs {
    /// Actor by actor, what it did, oldest first.
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
