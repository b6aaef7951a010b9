//! Stressed threads: every actor on a thread of its own, as in a plain run, but perturbed, killed,
//! brought back, watched and counted.
//!
//! A kill is a panic that unwinds the actor's thread. What an actor needs to live on is kept outside
//! of it: its channels, the snapshot of its last commit, and the message it had in hand. Its supervisor
//! (the calling thread, which waits for all of them) finds it dead and starts a new thread from these.
//! A turn is committed after its last send; what a thread sends again after a death is dropped at the
//! channel's door, by its number. Dropped there and not by the receiver, since a repetition that took
//! a place in a channel would break the bound on messages underway by which nothing jams.

use super::super::channel::{Receiver, Sender, Unsent, bounded, now};
use super::super::threads::{STACK, reason};
use super::super::{Actor, Input, Link, Network, Outbox, Port, RunError, Surroundings, Wants};
use super::super::{Waited, Waiting};
use super::Trialled;
use super::kill::{Doom, Kills};
use super::perturb::{Disturbed, Perturbation};
use super::schedule::Schedule;
use super::seen::{Act, ActorSeen, ChannelSeen, Recent, Seen, Situation};
use super::watch::{self, Books, Doing, Post};
use crate::planted::{self, Fault};
use parking_lot::Mutex;
use std::any::Any;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// How often the watchdog looks.
const WATCH_EVERY: Duration = Duration::from_millis(20);

/// How soon a thread that waits finds out that the run is given up.
const GIVE_UP_WITHIN: Duration = Duration::from_millis(50);

/// More restarts than this are no plan but a disease.
const RESTARTS_MAX: u64 = 1_000_000;

/// A message on its way, with its number in its channel.
type Numbered<M> = (u64, M);

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
    crew.settle_books(&mut seen, ended.is_err());
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

    fn deadlock(&self) -> Option<Vec<Waiting>> {
        let (posts, books) = self.readings();
        let names: Vec<String> = self.berths.iter().map(|berth| berth.name.clone()).collect();
        let now = self.begun.elapsed();
        watch::cycle(&posts, &books, &self.links, self.capacity, &names, now)
    }

    /// What is known when all is over.
    fn settle_books(&self, seen: &mut Seen, failed: bool) {
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
        if failed {
            let name = |actor: usize| self.berths[actor].name.clone();
            let last = self.berths.iter().map(|berth| {
                let told = berth.recent.lock().told(&self.links, &name);
                (berth.name.clone(), told)
            });
            seen.last = last.collect();
        }
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
                next: vec![0; ends.outputs.len()],
            }),
            ends: Mutex::new(Some(Arc::new(ends))),
            post: Post::default(),
            recent: Mutex::default(),
            turns: AtomicU64::new(0),
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

/// Whose thread is over, and since when.
type Note = (usize, Instant);

/// Tells the supervisor that a thread is over, however that came about.
struct Obituary {
    actor: usize,
    notes: Sender<Note>,
}

impl Drop for Obituary {
    fn drop(&mut self) {
        // There is a place for every actor's note; and who listens outlives all threads.
        let _ = self.notes.offer((self.actor, now()));
    }
}

/// Starts the threads, brings back the dead, watches, and collects.
struct Supervisor<'scope, 'env, A: Actor> {
    crew: &'env Crew<'env, A>,
    scope: &'scope Scope<'scope, 'env>,
    threads: Vec<Option<ScopedJoinHandle<'scope, Ending<A>>>>,
    notes: (Sender<Note>, Receiver<Note>),
    done: Vec<Option<A>>,
    alive: usize,
    abandoned: Vec<Waiting>,
    failed: Option<RunError>,
}

impl<'scope, 'env, A: Actor> Supervisor<'scope, 'env, A> {
    fn new(crew: &'env Crew<'env, A>, scope: &'scope Scope<'scope, 'env>) -> Self {
        let actors = crew.berths.len();
        Supervisor {
            crew,
            scope,
            threads: (0..actors).map(|_| None).collect(),
            notes: bounded(actors.max(1)),
            done: (0..actors).map(|_| None).collect(),
            alive: 0,
            abandoned: Vec::new(),
            failed: None,
        }
    }

    fn supervise(mut self) -> Result<Vec<A>, RunError> {
        let actors = self.crew.berths.len();
        let starts = match &self.crew.perturbation {
            Some(perturbation) => perturbation.starts(actors),
            None => (0..actors).collect(),
        };
        for actor in starts {
            self.start(actor, None);
        }
        let mut looked = now();
        while self.alive > 0 {
            let note = self.notes.1.receive_within(WATCH_EVERY);
            if let Ok(Some((actor, died))) = note {
                self.over(actor, died);
            }
            if self.failed.is_none() && looked.elapsed() >= WATCH_EVERY {
                looked = now();
                if let Some(cycle) = self.crew.deadlock() {
                    self.give_up(RunError::Deadlock(cycle));
                }
            }
        }
        match self.failed {
            Some(error) => Err(error),
            None if self.abandoned.is_empty() => {
                let actors = self.done.into_iter();
                Ok(actors.map(|actor| actor.expect("all are done")).collect())
            }
            None => Err(RunError::Deadlock(self.abandoned)),
        }
    }

    fn give_up(&mut self, error: RunError) {
        self.crew.given_up.store(true, SeqCst);
        self.failed.get_or_insert(error);
    }

    /// Gives an actor a thread: its first, or after a death another.
    fn start(&mut self, actor: usize, died: Option<Instant>) {
        let crew = self.crew;
        let obituary = Obituary {
            actor,
            notes: self.notes.0.clone(),
        };
        let spawned = thread::Builder::new()
            .name(crew.berths[actor].name.clone())
            .stack_size(STACK)
            .spawn_scoped(self.scope, move || {
                let _obituary = obituary;
                if let Some(died) = died {
                    crew.seen.lock().restarts.push(died.elapsed());
                }
                Life::new(crew, actor).live()
            });
        match spawned {
            Ok(thread) => {
                self.threads[actor] = Some(thread);
                self.alive += 1;
            }
            Err(source) => {
                let actor = crew.berths[actor].name.clone();
                self.give_up(RunError::Thread { actor, source });
            }
        }
    }

    /// A thread is over.
    fn over(&mut self, actor: usize, died: Instant) {
        let Some(thread) = self.threads[actor].take() else {
            return;
        };
        self.alive -= 1;
        match thread.join() {
            Ok(Ending::Done(finished)) => {
                self.done[actor] = Some(*finished);
                // Whoever still waits for it learns that nothing will come.
                self.crew.berths[actor].ends.lock().take();
            }
            Ok(Ending::Abandoned(waiting)) => {
                self.abandoned.push(waiting);
                self.crew.berths[actor].ends.lock().take();
            }
            Ok(Ending::GivenUp) => {}
            Err(panic) if self.crew.given_up.load(SeqCst) => drop(panic),
            Err(panic) => self.bring_back(actor, panic.as_ref(), died),
        }
    }

    fn bring_back(&mut self, actor: usize, panic: &(dyn Any + Send), died: Instant) {
        let crew = self.crew;
        let berth = &crew.berths[actor];
        let mut saved = berth.saved.lock();
        berth.recent.lock().note(saved.turn, Act::Killed);
        if !panic.is::<Killed>() {
            let again = std::mem::replace(&mut saved.died_of_it, true);
            if again || !crew.kills.armed() {
                let from = saved.kept.as_ref().and_then(|(_, from)| *from);
                let from = from.map(|link| crew.links[link].from.0.0);
                let from = from.map(|from| crew.berths[from].name.as_str());
                let error = super::bug(&berth.name, &reason(panic), saved.turn, from, again);
                drop(saved);
                return self.give_up(error);
            }
        }
        if planted::is(Fault::LostOnRestart) {
            saved.kept = None;
        }
        if saved.kept.is_some() {
            saved.attempt += 1;
        }
        let mut seen = crew.seen.lock();
        seen.kills += 1;
        if saved.attempt > 1 {
            seen.situations.add(Situation::KilledAgain);
        }
        let too_many = seen.kills > RESTARTS_MAX;
        drop((seen, saved));
        if too_many {
            let reason = format!("the budget of {RESTARTS_MAX} restarts is used up");
            let actor = berth.name.clone();
            return self.give_up(RunError::Panic { actor, reason });
        }
        self.start(actor, Some(died));
    }
}

/// Why a life ends early.
enum Cut {
    Gone,
    GivenUp,
}

/// An actor on a thread: from its start or its restart to its end or its death.
struct Life<'a, 'b, A: Actor> {
    crew: &'a Crew<'b, A>,
    index: usize,
    berth: &'a Berth<A>,
    ends: Arc<Ends<A::Message>>,
    actor: A,
    outbox: Outbox<A::Message, A::Record>,
    again: Option<(Input<A::Message>, Option<usize>)>,
    turn: u64,
    attempt: u32,
    /// The number of the next message of each output.
    next: Vec<u64>,
    disturbed: Option<Disturbed>,
}

impl<'a, 'b, A: Actor> Life<'a, 'b, A> {
    fn new(crew: &'a Crew<'b, A>, index: usize) -> Life<'a, 'b, A> {
        let berth = &crew.berths[index];
        let ends = berth.ends.lock().clone().expect("its channels are there");
        let mut saved = berth.saved.lock();
        let actor = match crew.kills.armed() {
            true => saved.actor.clone(),
            false => saved.actor.take(),
        };
        let life = saved.turn * 16 + u64::from(saved.attempt);
        let again = saved.kept.clone();
        if again.is_some() {
            berth.recent.lock().note(saved.turn, Act::Again);
            crew.seen.lock().redone += 1;
        }
        Life {
            crew,
            index,
            berth,
            ends,
            actor: actor.expect("its snapshot is there"),
            outbox: Outbox::default(),
            again,
            turn: saved.turn,
            attempt: saved.attempt,
            next: saved.next.clone(),
            disturbed: crew
                .perturbation
                .map(|perturbation| perturbation.of(index, &berth.name, life)),
        }
    }

    fn live(mut self) -> Ending<A> {
        if self.turn + u64::from(self.attempt) > 0 && self.crew.is_missed(self.index) {
            self.crew.note(Situation::MissedWhileDead);
        }
        loop {
            let (input, from) = match self.again.take() {
                Some(again) => again,
                None => match self.next_input() {
                    Ok(Some(input)) => input,
                    Ok(None) => return Ending::Done(Box::new(self.actor)),
                    Err(ending) => return ending,
                },
            };
            let doom = self.crew.kills.doom(self.index, self.turn, self.attempt);
            if doom == Some(Doom::Before) {
                self.die(Situation::KilledBefore);
            }
            self.actor.handle(input, &mut self.outbox);
            if let Err(ending) = self.send_all(doom) {
                return ending;
            }
            self.commit(from);
            if doom == Some(Doom::Committed) {
                self.die(Situation::KilledCommitted);
            }
        }
    }

    /// What the actor wants next, once it is there; nothing where it is done.
    #[expect(
        clippy::type_complexity,
        reason = "an input and the channel it came from"
    )]
    fn next_input(&mut self) -> Result<Option<(Input<A::Message>, Option<usize>)>, Ending<A>> {
        let (input, from) = match self.actor.wants() {
            Wants::Turn(clock) => (self.crew.around.turn(clock), None),
            Wants::Message(port) => {
                let link = self.ends.inputs[port.0].1;
                let message = self.receive(port);
                let message = message.map_err(|cut| self.cut_short(cut, false, link))?;
                (Input::Message(message), Some(link))
            }
            Wants::Nothing => return Ok(None),
        };
        self.remember(from.map_or(Act::Turn, Act::Took));
        if self.crew.kills.armed() {
            self.berth.saved.lock().kept = Some((input.clone(), from));
        }
        Ok(Some((input, from)))
    }

    fn remember(&self, act: Act) {
        if self.disturbed.is_some() {
            self.berth.recent.lock().note(self.turn, act);
        }
    }

    fn cut_short(&self, cut: Cut, sending: bool, link: usize) -> Ending<A> {
        match cut {
            Cut::GivenUp => Ending::GivenUp,
            Cut::Gone => {
                let link = self.crew.links[link];
                let peer = if sending { link.to } else { link.from }.0.0;
                Ending::Abandoned(Waiting {
                    actor: self.berth.name.clone(),
                    sending,
                    peer: self.crew.berths[peer].name.clone(),
                    channel: None,
                    waited: Waited::Unknown,
                })
            }
        }
    }

    fn receive(&mut self, port: Port) -> Result<A::Message, Cut> {
        if let Some(disturbed) = &mut self.disturbed {
            disturbed.before_operation();
        }
        let (receiver, link) = &self.ends.inputs[port.0];
        let (number, message) = match receiver.poll() {
            Ok(Some(numbered)) => numbered,
            Err(_) => return Err(Cut::Gone),
            Ok(None) => {
                let from = self.crew.begun.elapsed();
                self.berth.post.write(Doing::Receiving(*link), from);
                let received = loop {
                    match receiver.receive_within(GIVE_UP_WITHIN) {
                        Ok(Some(numbered)) => break Ok(numbered),
                        Ok(None) if self.crew.given_up.load(SeqCst) => break Err(Cut::GivenUp),
                        Ok(None) => {}
                        Err(_) => break Err(Cut::Gone),
                    }
                };
                let until = self.crew.begun.elapsed();
                self.berth.post.write(Doing::Acting, until);
                self.berth.waited(&self.berth.idle, until - from);
                received?
            }
        };
        let due = self.crew.books[*link].taken.fetch_add(1, SeqCst);
        assert!(number == due, "a channel lost or repeated a message");
        Ok(message)
    }

    /// Sends what the turn caused, unless its actor dies of it.
    fn send_all(&mut self, doom: Option<Doom>) -> Result<(), Ending<A>> {
        let dies_after = doom.and_then(|doom| doom.after_sends(self.outbox.sends.len()));
        let mut sent = 0;
        loop {
            let next = self.outbox.next();
            if dies_after == Some(sent) {
                self.die(match (next, sent) {
                    (_, 0) => Situation::KilledUnsent,
                    (Some(_), _) => Situation::KilledBetweenSends,
                    (None, _) => Situation::KilledSent,
                });
            }
            let Some((port, message)) = next else {
                return Ok(());
            };
            let link = self.ends.outputs[port.0].1;
            let done = self.send(port, message);
            done.map_err(|cut| self.cut_short(cut, true, link))?;
            sent += 1;
        }
    }

    fn send(&mut self, port: Port, message: A::Message) -> Result<(), Cut> {
        if let Some(disturbed) = &mut self.disturbed {
            disturbed.before_operation();
        }
        let (sender, link) = &self.ends.outputs[port.0];
        let books = &self.crew.books[*link];
        let number = self.next[port.0];
        self.next[port.0] += 1;
        // The channel's door: what went in before its sender died does not go in again.
        if number < books.entered.load(SeqCst) {
            self.crew.seen.lock().repeats += 1;
            self.crew.note(Situation::RepeatDropped);
            self.remember(Act::Dropped(*link));
            return Ok(());
        }
        match sender.offer((number, message)) {
            Ok(()) => {}
            Err(Unsent::Disconnected) => return Err(Cut::Gone),
            Err(Unsent::Full(mut unsent)) => {
                books.blocked.fetch_add(1, SeqCst);
                let from = self.crew.begun.elapsed();
                self.berth.post.write(Doing::Sending(*link), from);
                let sent = loop {
                    match sender.send_within(unsent, GIVE_UP_WITHIN) {
                        Ok(()) => break Ok(()),
                        Err(Unsent::Full(_)) if self.crew.given_up.load(SeqCst) => {
                            break Err(Cut::GivenUp);
                        }
                        Err(Unsent::Full(message)) => unsent = message,
                        Err(Unsent::Disconnected) => break Err(Cut::Gone),
                    }
                };
                let until = self.crew.begun.elapsed();
                self.berth.post.write(Doing::Acting, until);
                self.berth.waited(&self.berth.blocked, until - from);
                self.crew.waits[*link].lock().push(until - from);
                sent?;
            }
        }
        let entered = books.entered.fetch_add(1, SeqCst) + 1;
        let fill = entered.saturating_sub(books.taken.load(SeqCst));
        books.high_water.fetch_max(fill, SeqCst);
        self.remember(Act::Sent(*link));
        Ok(())
    }

    /// The turn is over: its records are filed, and nothing of it is done again.
    fn commit(&mut self, from: Option<usize>) {
        self.outbox.file(self.crew.around.recorder);
        if let Some(link) = from {
            self.crew.books[link].handled.fetch_add(1, SeqCst);
        }
        self.berth.turns.fetch_add(1, SeqCst);
        self.turn += 1;
        self.attempt = 0;
        if self.crew.kills.armed() {
            let mut saved = self.berth.saved.lock();
            saved.actor = Some(self.actor.clone());
            if !planted::is(Fault::TwiceOnRestart) {
                saved.kept = None;
            }
            saved.turn = self.turn;
            saved.attempt = 0;
            saved.died_of_it = false;
            saved.next.clone_from(&self.next);
        }
    }

    /// Unwinds this thread, without the noise of a panic that nobody planned.
    fn die(&self, how: Situation) -> ! {
        self.crew.note(how);
        resume_unwind(Box::new(Killed))
    }
}
