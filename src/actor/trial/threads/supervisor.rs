//! The supervisor of stressed threads: starts them, restores killed actors, watches, and collects.

use super::super::seen::{Act, Situation};
use super::life::Life;
use super::{Actor, Crew, Ending, Killed};
use crate::actor::RunError;
use crate::actor::Waiting;
use crate::actor::channel::{Receiver, Sender, bounded, now};
use crate::actor::threads::{STACK, reason};
use crate::planted::{self, Fault};
use std::any::Any;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// Interval between checks of the watchdog.
const WATCH_EVERY: Duration = Duration::from_millis(20);

/// Largest number of restarts in a run; more than this is a fault.
const RESTARTS_MAX: u64 = 1_000_000;

/// The actor whose thread ended, and the time it ended.
type Note = (usize, Instant);

/// Notifies the supervisor, when dropped, that a thread has ended for any reason.
struct Obituary {
    actor: usize,
    notes: Sender<Note>,
}

impl Drop for Obituary {
    fn drop(&mut self) {
        // The channel has a place for every actor's note, and the supervisor outlives all threads.
        let _ = self.notes.offer((self.actor, now()));
    }
}

/// Starts the threads, restores killed actors, watches, and collects.
pub(super) struct Supervisor<'scope, 'env, A: Actor> {
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
    pub(super) fn new(crew: &'env Crew<'env, A>, scope: &'scope Scope<'scope, 'env>) -> Self {
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

    pub(super) fn supervise(mut self) -> Result<Vec<A>, RunError> {
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
            if looked.elapsed() >= WATCH_EVERY {
                looked = now();
                if self.failed.is_some() {
                    self.crew.call_off();
                } else if let Some(cycle) = self.crew.deadlock() {
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
        self.crew.call_off();
        self.failed.get_or_insert(error);
    }

    /// Starts a thread for an actor: its first, or another after a death.
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

    /// Handles the end of a thread.
    fn over(&mut self, actor: usize, died: Instant) {
        let Some(thread) = self.threads[actor].take() else {
            return;
        };
        self.alive -= 1;
        match thread.join() {
            Ok(Ending::Done(finished)) => {
                self.done[actor] = Some(*finished);
                // Closing its channels tells waiting actors that nothing more will come.
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
                let from = berth.took_from.load(SeqCst).checked_sub(1);
                let from = from.map(|link| crew.links[link as usize].from.0.0);
                let from = from.map(|from| crew.berths[from].name.as_str());
                let turn = berth.turns.load(SeqCst);
                let error = super::super::bug(&berth.name, &reason(panic), turn, from, again);
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
