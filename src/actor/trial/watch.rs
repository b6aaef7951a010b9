//! The posts on which threads note what they are doing, and the watchdog that reads them.
//!
//! An actor posts what it waits for before it waits, and posts that it goes on before it counts the
//! message that passed. A wait is real if, by its channel's counters, no message has passed
//! uncounted. The watchdog can therefore look at any moment, without a clock, and actors in a cycle
//! of real waits wait for ever. A run that is merely slow raises no alarm.

use super::super::{Fill, Link, Waited, Waiting};
use super::deadlock;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

/// An actor's current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// Acting, or doing nothing that a peer waits for.
    Acting,
    /// Waiting for a place in this channel.
    Sending(usize),
    /// Waiting for a message from this channel.
    Receiving(usize),
}

/// The place where an actor posts its current state.
#[derive(Debug, Default)]
pub(super) struct Post {
    doing: AtomicU64,
    /// Number of changes so far.
    changes: AtomicU64,
    /// Time of the last change, in microseconds since the start of the run.
    since: AtomicU64,
}

impl Post {
    pub(super) fn write(&self, doing: Doing, now: Duration) {
        let word = match doing {
            Doing::Acting => 0,
            Doing::Sending(link) => (link as u64) << 2 | 1,
            Doing::Receiving(link) => (link as u64) << 2 | 2,
        };
        self.since.store(now.as_micros() as u64, SeqCst);
        self.doing.store(word, SeqCst);
        self.changes.fetch_add(1, SeqCst);
    }

    fn read(&self) -> Doing {
        let word = self.doing.load(SeqCst);
        match (word & 3, (word >> 2) as usize) {
            (0, _) => Doing::Acting,
            (1, link) => Doing::Sending(link),
            (_, link) => Doing::Receiving(link),
        }
    }
}

/// The counters of a channel.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Messages that entered, counted by the sender.
    pub(super) entered: AtomicU64,
    /// Messages taken, counted by the receiver.
    pub(super) taken: AtomicU64,
    /// Messages handled completely.
    pub(super) handled: AtomicU64,
    /// Largest number of messages it held.
    pub(super) high_water: AtomicU64,
    /// Number of waits for a place.
    pub(super) blocked: AtomicU64,
}

/// A cycle of waiting actors followed by all others that wait, if there is a cycle.
pub(super) fn cycle(
    posts: &[&Post],
    books: &[&Books],
    links: &[Link],
    capacity: usize,
    names: &[String],
    now: Duration,
) -> Option<Vec<Waiting>> {
    let changes = || -> Vec<u64> {
        let count = |post: &&Post| post.changes.load(SeqCst);
        posts.iter().map(count).collect()
    };
    let before = changes();
    let doing: Vec<Doing> = posts.iter().map(|post| post.read()).collect();
    let since: Vec<u64> = posts.iter().map(|post| post.since.load(SeqCst)).collect();
    let entered: Vec<u64> = books.iter().map(|book| book.entered.load(SeqCst)).collect();
    let taken: Vec<u64> = books.iter().map(|book| book.taken.load(SeqCst)).collect();
    if before != changes() {
        return None;
    }
    let waits_for = |actor: usize| -> Option<usize> {
        match doing[actor] {
            Doing::Acting => None,
            Doing::Sending(link) => {
                let receiver = links[link].to.0.0;
                let full = entered[link] >= taken[link] + capacity as u64;
                let meets = capacity == 0 && doing[receiver] == Doing::Receiving(link);
                (full && !meets).then_some(receiver)
            }
            Doing::Receiving(link) => {
                let sender = links[link].from.0.0;
                let empty = entered[link] == taken[link];
                (empty && doing[sender] != Doing::Sending(link)).then_some(sender)
            }
        }
    };
    let points_at: Vec<Option<usize>> = (0..posts.len()).map(waits_for).collect();
    deadlock::cycle(&points_at)?;
    let waiting = (0..posts.len()).filter_map(|actor| {
        let peer = points_at[actor]?;
        let (sending, link) = match doing[actor] {
            Doing::Acting => return None,
            Doing::Sending(link) => (true, link),
            Doing::Receiving(link) => (false, link),
        };
        Some(Waiting {
            actor: names[actor].clone(),
            sending,
            peer: names[peer].clone(),
            channel: Some(Fill {
                holds: entered[link].saturating_sub(taken[link]) as usize,
                capacity,
            }),
            waited: Waited::Time(now.saturating_sub(Duration::from_micros(since[actor]))),
        })
    });
    Some(deadlock::cycle_first(waiting.collect()))
}

/// Whether any actor waits for this one to send or to receive.
pub(super) fn waited_for(posts: &[&Post], links: &[Link], actor: usize) -> bool {
    posts.iter().any(|post| match post.read() {
        Doing::Acting => false,
        Doing::Sending(link) => links[link].to.0.0 == actor,
        Doing::Receiving(link) => links[link].from.0.0 == actor,
    })
}
