//! Limits of a run in progress: the number of its events, and the memory that the program takes.
//!
//! A scenario is refused beforehand if its estimate exceeds a limit. The estimate is based on means, so a law with a
//! heavy tail, or an unbounded queue, can outgrow it. Events are counted by turns of the source or coordinator; the
//! memory is that of the whole program as the system reports it (on Linux; elsewhere it is unknown, and not limited). A
//! run that is stopped keeps its results so far.

use crate::actor::{Conductor, Recording, Runtime, Wish};
use crate::model::Model;
use crate::number::of_them;
use crate::scenario::{Limits, Scenario, estimate};
use crate::tandem;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Number of turns from one check of the memory to the next.
const TURNS_A_LOOK: u64 = 256;

/// Size of a page of memory, in bytes, on every system known to have `/proc/self/statm`.
const PAGE: u64 = 4096;

/// The limit at which a run was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// The limit on the number of events.
    Events(u64),
    /// The memory in use and the limit, in bytes.
    Memory(u64, u64),
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Reached::Events(most) => write!(
                f,
                "the run was stopped after {}, more than its estimate foretold; \
                 what it had is kept, and `--max-events {}` lets it go on for longer",
                of_them(most, "event"),
                most.saturating_mul(10)
            ),
            Reached::Memory(bytes, most) => write!(
                f,
                "the run was stopped when the program took {} MiB of memory, over the limit of {} MiB; \
                 what it had is kept, and `--max-memory {}` lets it go on for longer",
                bytes >> 20,
                most >> 20,
                (most >> 20).saturating_mul(2)
            ),
        }
    }
}

/// A conductor that also stops a run at a limit.
pub struct Limited<'a> {
    conductor: &'a dyn Conductor,
    limits: Limits,
    /// Number of events counted for each turn.
    events_a_turn: u64,
    turns: AtomicU64,
    reached: OnceLock<Reached>,
}

impl fmt::Debug for Limited<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limited")
            .field("limits", &self.limits)
            .field("reached", &self.reached)
            .finish_non_exhaustive()
    }
}

impl<'a> Limited<'a> {
    /// Limits a run of this scenario, whose messages carry at most `chunk` customers.
    #[must_use]
    pub fn new(
        conductor: &'a dyn Conductor,
        scenario: &Scenario,
        chunk: usize,
        (runtime, recording): (Runtime, Recording),
        limits: Limits,
    ) -> Limited<'a> {
        let model = Model::of(scenario);
        let ahead = model.has_source(runtime, recording);
        let line = scenario.line().filter(|_| ahead);
        let steps = scenario.desk().and_then(|desk| desk.steps());
        let events_a_turn = match (line, steps) {
            (Some(line), _) => {
                let customers = tandem::customers_a_turn(line, (runtime, recording), chunk);
                customers as u64 * line.stages.len() as u64
            }
            (None, Some(steps)) => estimate(scenario).events / steps.max(1),
            (None, None) => 1,
        };
        Limited {
            conductor,
            limits,
            events_a_turn: events_a_turn.max(1),
            turns: AtomicU64::new(0),
            reached: OnceLock::new(),
        }
    }

    /// The limit at which the run was stopped, if it was.
    #[must_use]
    pub fn reached(&self) -> Option<Reached> {
        self.reached.get().copied()
    }

    /// The limit that a run has exceeded after this many turns.
    fn over(&self, turns: u64) -> Option<Reached> {
        let most = self.limits.max_events;
        if turns.saturating_mul(self.events_a_turn) > most {
            return Some(Reached::Events(most));
        }
        if turns.is_multiple_of(TURNS_A_LOOK) {
            let most = self.limits.max_memory;
            return memory()
                .filter(|&bytes| bytes > most)
                .map(|bytes| Reached::Memory(bytes, most));
        }
        None
    }
}

impl Conductor for Limited<'_> {
    fn before(&self, clock: f64) -> Wish {
        let wish = self.conductor.before(clock);
        if wish != Wish::Go {
            return wish;
        }
        match self.over(self.turns.fetch_add(1, Ordering::Relaxed)) {
            None => Wish::Go,
            Some(reached) => {
                let _ = self.reached.set(reached);
                Wish::Stop
            }
        }
    }
}

/// Bytes of memory that the program takes; `None` if the system does not report them.
fn memory() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let resident: u64 = pages.split(' ').nth(1)?.parse().ok()?;
    Some(resident * PAGE)
}
