//! Stressed threads: every actor on a thread of its own, as in a plain run, but perturbed, killed,
//! brought back, watched and counted.
//!
//! A kill is a panic that unwinds the actor's thread. What an actor needs to live on is kept outside
//! of it: its channels, the snapshot of its last commit, and the message it had in hand. Its supervisor
//! (the calling thread, which waits for all of them) finds it dead and starts a new thread from these.
//! A turn is committed after its last send; what a thread sends again after a death is dropped at the
//! channel's door, by its number. Dropped there and not by the receiver, since a repetition that took
//! a place in a channel would break the bound on messages underway by which nothing jams.

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

/// A message on its way, with its number in its channel; or the news that the run is given up.
type Numbered<M> = Option<(u64, M)>;

/// The channel ends of one actor, each with its place among the links.
struct Ends<M> {
    inputs: Vec<(Receiver<Numbered<M>>, usize)>,
    outputs: Vec<(Sender<Numbered<M>>, usize)>,
}

/// What an actor needs to live on.
struct Saved<A: Actor> {
    /// As of the last commit; taken out where nobody is killed.
    actor: Option<A>,
    /// What it had in hand, and the channel it came from.
    kept: Option<(Input<A::Message>, Option<usize>)>,
    turn: u64,
    attempt: u32,
    /// Whether it died of this message by itself.
    died_of_it: bool,
    /// The turns whose records are on file.
    filed: u64,
    /// The number of the next message of each output.
    next: Vec<u64>,
}

/// A place where an actor lives, whichever thread it has just now.
struct Berth<A: Actor> {
    name: String,
    ends: Mutex<Option<Arc<Ends<A::Message>>>>,
    saved: Mutex<Saved<A>>,
    post: Post,
    recent: Mutex<Recent>,
    turns: AtomicU64,
    /// The channel its input came from, counted from 1; 0 for a turn of its own.
    took_from: AtomicU64,
    /// Microseconds spent waiting for places and for messages, and the longest single wait.
    blocked: AtomicU64,
    idle: AtomicU64,
    longest: AtomicU64,
}

/// All that the threads of a run share.
struct Crew<'a, A: Actor> {
    berths: Vec<Berth<A>>,
    links: Vec<Link>,
    books: Vec<Books>,
    /// How long each wait for a place was, by channel.
    waits: Vec<Mutex<Vec<Duration>>>,
    capacity: usize,
    kills: Kills,
    perturbation: Option<Perturbation>,
    given_up: AtomicBool,
    begun: Instant,
    around: Surroundings<'a, A::Record>,
    seen: Mutex<Seen>,
}

/// How a thread ended that was not killed.
enum Ending<A> {
    Done(Box<A>),
    /// Its peer was gone before it was done.
    Abandoned(Waiting),
    /// The run was given up.
    GivenUp,
}

/// What the panic of a planned kill carries.
struct Killed;

/// Runs a network to its end on stressed threads: as the schedule says, or without one unperturbed and
/// only counted.
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

    /// Whether anybody stands waiting for this actor.
    fn is_missed(&self, actor: usize) -> bool {
        watch::waited_for(&self.readings().0, &self.links, actor)
    }

    fn readings(&self) -> (Vec<&Post>, Vec<&Books>) {
        let posts = self.berths.iter().map(|berth| &berth.post);
        (posts.collect(), self.books.iter().collect())
    }

    /// Tells whoever waits for a message that the run is given up. Who does not wait yet is told the next
    /// time, or finds it in the channel.
    fn call_off(&self) {
        for berth in &self.berths {
            let ends = berth.ends.lock();
            let outputs = ends.iter().flat_map(|ends| &ends.outputs);
            for (sender, _) in outputs {
                // Where there is no place, there is something to receive.
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

    /// What is known when all is over.
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

/// The value that a share `p` of a sorted list does not exceed; zero where it is empty.
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

    /// A wait is over.
    fn waited(&self, sum: &AtomicU64, wait: Duration) {
        let micros = wait.as_micros() as u64;
        sum.fetch_add(micros, SeqCst);
        self.longest.fetch_max(micros, SeqCst);
    }
}
