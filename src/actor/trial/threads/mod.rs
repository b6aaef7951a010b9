//! Stressed threads: every actor on a thread of its own, as in a plain run, but perturbed, killed,
//! restored, watched and counted.
//!
//! A kill is a panic that unwinds the actor's thread. The state needed to restore an actor is kept
//! outside it: its channels, the snapshot of its last commit, and the message it was handling. Its
//! supervisor (the calling thread, which waits for all of them) notices the death and starts a new
//! thread from that state. A turn is committed after its last send; a message sent again after a
//! death is recognised by its number and dropped on entry to the channel. The receiver could not
//! drop it instead: a repeated message in a channel would break the bound on messages under way
//! that prevents a jam.

mod life;
mod supervisor;

use super::Trialled;
use super::kill::Kills;
use super::perturb::Perturbation;
use super::schedule::Schedule;
use super::seen::{ActorSeen, ChannelSeen, Recent, Seen, Situation};
use super::watch::{self, Books, Post};
use crate::actor::channel::{Receiver, Sender, bounded, now};
use crate::actor::{Actor, Link, Network, Surroundings};
use crate::actor::{Input, Waiting};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};
use supervisor::Supervisor;

/// A message under way with its number in its channel; `None` announces that the run is given up.
type Numbered<M> = Option<(u64, M)>;

/// The channel ends of one actor, each with its index among the links.
struct Ends<M> {
    inputs: Vec<(Receiver<Numbered<M>>, usize)>,
    outputs: Vec<(Sender<Numbered<M>>, usize)>,
}

/// The state from which an actor is restored.
struct Saved<A: Actor> {
    /// The actor as of the last commit; taken out if the run has no kills.
    actor: Option<A>,
    /// The input being handled, and the channel it came from.
    kept: Option<(Input<A::Message>, Option<usize>)>,
    turn: u64,
    attempt: u32,
    /// Whether handling this input already made it panic by itself.
    died_of_it: bool,
    /// Number of turns whose records have been filed.
    filed: u64,
    /// Number of the next message, by output.
    next: Vec<u64>,
}

/// The lasting place of an actor, whichever thread it currently has.
struct Berth<A: Actor> {
    name: String,
    ends: Mutex<Option<Arc<Ends<A::Message>>>>,
    saved: Mutex<Saved<A>>,
    post: Post,
    recent: Mutex<Recent>,
    turns: AtomicU64,
    /// The channel of its input, numbered from 1; 0 for a turn of its own.
    took_from: AtomicU64,
    /// Microseconds spent waiting for places, waiting for messages, and in the longest single wait.
    blocked: AtomicU64,
    idle: AtomicU64,
    longest: AtomicU64,
}

/// The state shared by all threads of a run.
struct Crew<'a, A: Actor> {
    berths: Vec<Berth<A>>,
    links: Vec<Link>,
    books: Vec<Books>,
    /// Duration of each wait for a place, by channel.
    waits: Vec<Mutex<Vec<Duration>>>,
    capacity: usize,
    kills: Kills,
    perturbation: Option<Perturbation>,
    given_up: AtomicBool,
    begun: Instant,
    around: Surroundings<'a, A::Record>,
    seen: Mutex<Seen>,
}

/// The end of a thread that was not killed.
enum Ending<A> {
    Done(Box<A>),
    /// Its peer was gone before it was done.
    Abandoned(Waiting),
    /// The run was given up.
    GivenUp,
}

/// The payload of a planned kill's panic.
struct Killed;

/// Runs a network to its end on stressed threads under the schedule; without one, the threads are
/// unperturbed and only counted.
pub(super) fn run<A: Actor>(
    network: Network<A>,
    channel_capacity: usize,
    schedule: Option<&Schedule>,
    around: Surroundings<'_, A::Record>,
) -> Trialled<A> {
    let crew = Crew::new(network, channel_capacity, schedule, around);
    let ended = thread::scope(|scope| Supervisor::new(&crew, scope).supervise());
    let mut seen = std::mem::take(&mut *crew.seen.lock());
    crew.settle_books(&mut seen);
    Trialled {
        ending: ended,
        seen,
    }
}

impl<'a, A: Actor> Crew<'a, A> {
    fn new(
        network: Network<A>,
        capacity: usize,
        schedule: Option<&Schedule>,
        around: Surroundings<'a, A::Record>,
    ) -> Crew<'a, A> {
        let Network { actors, links, .. } = network;
        let mut ends: Vec<Ends<A::Message>> = actors
            .iter()
            .map(|_| Ends {
                inputs: Vec::new(),
                outputs: Vec::new(),
            })
            .collect();
        for (index, link) in links.iter().enumerate() {
            let (sender, receiver) = bounded(capacity);
            ends[link.from.0.0].outputs.push((sender, index));
            ends[link.to.0.0].inputs.push((receiver, index));
        }
        let quiet = Schedule {
            strategy: super::Strategy::Threads,
            seed: 0,
            channel_capacity: capacity,
            chunk: 1,
            kills: 0,
        };
        let perturb = |schedule: &Schedule| Perturbation::new(schedule.seed, actors.len());
        Crew {
            perturbation: schedule.map(perturb),
            kills: Kills::of(schedule.unwrap_or(&quiet)),
            berths: actors
                .into_iter()
                .zip(ends)
                .map(|(actor, ends)| Berth::new(actor, ends))
                .collect(),
            books: links.iter().map(|_| Books::default()).collect(),
            waits: links.iter().map(|_| Mutex::default()).collect(),
            links,
            capacity,
            given_up: AtomicBool::new(false),
            begun: now(),
            around,
            seen: Mutex::default(),
        }
    }

    fn note(&self, situation: Situation) {
        self.seen.lock().situations.add(situation);
    }

    /// Whether any actor is waiting for this one.
    fn is_missed(&self, actor: usize) -> bool {
        watch::waited_for(&self.readings().0, &self.links, actor)
    }

    fn readings(&self) -> (Vec<&Post>, Vec<&Books>) {
        let posts = self.berths.iter().map(|berth| &berth.post);
        (posts.collect(), self.books.iter().collect())
    }

    /// Wakes every actor waiting for a message by announcing that the run is given up. An actor not
    /// waiting yet finds the announcement in its channel or notices at its next wait.
    fn call_off(&self) {
        for berth in &self.berths {
            let ends = berth.ends.lock();
            let outputs = ends.iter().flat_map(|ends| &ends.outputs);
            for (sender, _) in outputs {
                // A full channel needs no announcement: its receiver has a message to receive.
                let _ = sender.offer(None);
            }
        }
    }

    fn deadlock(&self) -> Option<Vec<Waiting>> {
        let (posts, books) = self.readings();
        let names: Vec<String> = self.berths.iter().map(|berth| berth.name.clone()).collect();
        let now = self.begun.elapsed();
        watch::cycle(&posts, &books, &self.links, self.capacity, &names, now)
    }

    /// Completes the observations once all threads have ended.
    fn settle_books(&self, seen: &mut Seen) {
        let took = self.begun.elapsed().as_secs_f64().max(1e-9);
        for (link, books) in self.links.iter().zip(&self.books) {
            let (entered, handled) = (books.entered.load(SeqCst), books.handled.load(SeqCst));
            seen.lost += entered.saturating_sub(handled);
            seen.duplicated += handled.saturating_sub(entered);
            seen.moves += entered + handled;
            seen.blocked_sends += books.blocked.load(SeqCst);
            if books.blocked.load(SeqCst) > 0 {
                seen.situations.add(Situation::SendBlocked);
            }
            let high_water = books.high_water.load(SeqCst) as usize;
            if self.capacity == 0 && entered > 0 {
                seen.situations.add(Situation::Met);
            } else if high_water >= self.capacity && entered > 0 {
                seen.situations.add(Situation::ChannelFull);
            }
            let at = seen.channels.len();
            let mut waits = std::mem::take(&mut *self.waits[at].lock());
            waits.sort_unstable();
            let name = |actor: usize| self.berths[actor].name.clone();
            seen.channels.push(ChannelSeen {
                from: name(link.from.0.0),
                to: name(link.to.0.0),
                capacity: self.capacity,
                high_water: high_water.min(self.capacity),
                sends: entered,
                blocked_sends: books.blocked.load(SeqCst),
                blocked: waits.iter().sum(),
                blocked_p99: quantile(&waits, 0.99),
            });
        }
        for berth in &self.berths {
            let seconds = |micros: &AtomicU64| micros.load(SeqCst) as f64 / 1e6;
            let (blocked, idle) = (seconds(&berth.blocked) / took, seconds(&berth.idle) / took);
            if idle > 0.0 {
                seen.situations.add(Situation::ReceiveWaited);
            }
            seen.actors.push(ActorSeen {
                name: berth.name.clone(),
                turns: berth.turns.load(SeqCst),
                running: (1.0 - blocked - idle).max(0.0),
                blocked,
                idle,
                longest_wait: Duration::from_micros(berth.longest.load(SeqCst)),
            });
        }
        let names = self.berths.iter().map(|berth| berth.name.clone());
        seen.last.names = names.collect();
        seen.last.links.clone_from(&self.links);
        let recent = self.berths.iter().map(|berth| berth.recent.lock().clone());
        seen.last.recent = recent.collect();
    }
}

/// The `p`-quantile of a sorted list; zero if the list is empty.
pub(super) fn quantile(sorted: &[Duration], p: f64) -> Duration {
    let at = (p * sorted.len() as f64).ceil() as usize;
    sorted
        .get(at.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

impl<A: Actor> Berth<A> {
    fn new(actor: A, ends: Ends<A::Message>) -> Berth<A> {
        Berth {
            name: actor.name().to_owned(),
            saved: Mutex::new(Saved {
                actor: Some(actor),
                kept: None,
                turn: 0,
                attempt: 0,
                died_of_it: false,
                filed: 0,
                next: vec![0; ends.outputs.len()],
            }),
            ends: Mutex::new(Some(Arc::new(ends))),
            post: Post::default(),
            recent: Mutex::default(),
            turns: AtomicU64::new(0),
            took_from: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
            idle: AtomicU64::new(0),
            longest: AtomicU64::new(0),
        }
    }

    /// Adds a finished wait to the sums.
    fn waited(&self, sum: &AtomicU64, wait: Duration) {
        let micros = wait.as_micros() as u64;
        sum.fetch_add(micros, SeqCst);
        self.longest.fetch_max(micros, SeqCst);
    }
}
