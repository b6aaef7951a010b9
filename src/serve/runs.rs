//! The runs of the page: at most `AT_ONCE` run at a time and `QUEUE` wait; the newest finished runs are kept.
//!
//! A run has its own threads and writes its results into a temporary folder that is removed with the server.
//! An unfinished run is ended and forgotten when it has had no watcher for `GRACE`: a closed tab leaves no
//! run behind.
#![allow(
    clippy::disallowed_methods,
    reason = "the time since a run was last watched is wall-clock time"
)]

use super::answer::Refusal;
use super::live::Picture;
use super::performance::{Finished, Sight, perform};
use super::results::change;
use super::results_place::ResultsPlace;
use super::scenarios::{Draft, Shelf};
use crate::observe::control::Control;
use crate::scenario::{Loaded, Overrides, changes};
use axum::http::StatusCode;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The maximum number of runs at a time.
pub const AT_ONCE: usize = 2;

/// The maximum number of runs waiting in the queue.
pub const QUEUE: usize = 8;

/// The number of finished runs that are kept, the newest ones.
const KEPT: usize = 24;

/// The time without a watcher after which a run is ended.
pub const GRACE: Duration = Duration::from_secs(8);

/// One run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) number: u64,
    pub(super) draft: Draft,
    pub(super) loaded: Loaded,
    pub(super) control: Control,
    pub(super) sight: Sight,
    /// Whether it was started at a limited pace, to be watched customer by customer.
    pub(super) paced: bool,
    pub(super) folder: PathBuf,
    /// The keys in which it differs from its file, in words.
    changed: Vec<String>,
    pub(super) shelf: Arc<Shelf>,
    pub(super) picture: Picture,
    state: Mutex<State>,
    watched: Mutex<Watched>,
}

#[derive(Debug)]
enum State {
    Queued,
    Running,
    Done(Arc<Finished>),
    Failed(String),
}

/// The watchers of a run.
#[derive(Debug)]
struct Watched {
    by: usize,
    /// The time at which the last watcher left.
    left: Instant,
}

/// Counts as one watcher of a run until it is dropped.
#[derive(Debug)]
pub(super) struct Eye(Arc<Run>);

impl Drop for Eye {
    fn drop(&mut self) {
        let mut watched = self.0.watched.lock();
        watched.by -= 1;
        watched.left = Instant::now();
    }
}

impl Run {
    /// Adds a watcher.
    pub(super) fn eye(self: &Arc<Run>) -> Eye {
        self.watched.lock().by += 1;
        Eye(Arc::clone(self))
    }

    fn forsaken(&self, now: Instant) -> bool {
        let watched = self.watched.lock();
        watched.by == 0 && now.duration_since(watched.left) > GRACE
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(*self.state.lock(), State::Done(_) | State::Failed(_))
    }

    /// The result of the run, if it is done.
    pub(super) fn finished(&self) -> Option<Arc<Finished>> {
        match &*self.state.lock() {
            State::Done(finished) => Some(Arc::clone(finished)),
            _ => None,
        }
    }

    /// The state of the run as JSON for the page.
    pub(super) fn told(&self) -> Value {
        let scenario = &self.loaded.scenario;
        let (state, error, digest) = match &*self.state.lock() {
            State::Queued => ("queued", None, None),
            State::Running => ("running", None, None),
            State::Done(finished) => ("done", None, Some(finished.digest.to_string())),
            State::Failed(error) => ("failed", Some(error.clone()), None),
        };
        json!({
            "run": self.number,
            "scenario": self.draft.id,
            "model": scenario.model(),
            "name": scenario.name(),
            // Text, because JavaScript numbers cannot represent every seed.
            "seed": scenario.seed().to_string(),
            "state": state,
            "error": error,
            "digest": digest,
            "by_hand": !self.control.journal().is_empty(),
            "changed": self.changed,
        })
    }
}

/// All runs of one server.
#[derive(Debug)]
pub(super) struct Hall {
    place: ResultsPlace,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    runs: BTreeMap<u64, Arc<Run>>,
    waiting: VecDeque<u64>,
    running: usize,
    last: u64,
    threads: Vec<JoinHandle<()>>,
    closing: bool,
}

impl Hall {
    pub(super) fn new() -> std::io::Result<Hall> {
        Ok(Hall {
            place: ResultsPlace::new(&std::env::temp_dir())?,
            inner: Mutex::new(Inner::default()),
        })
    }

    /// The path of a results folder of this name.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Starts a run, or puts it into the queue.
    pub(super) fn begin(
        self: &Arc<Hall>,
        shelf: &Arc<Shelf>,
        draft: Draft,
        pace: Option<f64>,
        paused: bool,
    ) -> Result<Arc<Run>, Refusal> {
        let loaded = shelf
            .load(&draft, &Overrides::default())
            .map_err(|error| Refusal::wrong(error.plain()))?;
        let filed = shelf.filed(&draft.id);
        let changed = filed.map_or_else(Vec::new, |filed| changes(&filed, &loaded));
        let changed = changed
            .iter()
            .map(|one| change(one, &loaded.scenario))
            .collect();
        let mut inner = self.inner.lock();
        if inner.closing || inner.waiting.len() >= QUEUE {
            let text = format!("{QUEUE} runs are waiting already; wait until one of them ends");
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, text));
        }
        inner.last += 1;
        let number = inner.last;
        let control = Control::new(pace);
        control.pause(paused);
        let run = Arc::new(Run {
            number,
            sight: Sight::new(&loaded.scenario),
            folder: self.folder(&format!("run-{number}")),
            changed,
            shelf: Arc::clone(shelf),
            picture: Picture::default(),
            draft,
            loaded,
            control,
            paced: pace.is_some() || paused,
            state: Mutex::new(State::Queued),
            watched: Mutex::new(Watched {
                by: 0,
                left: Instant::now(),
            }),
        });
        inner.runs.insert(number, Arc::clone(&run));
        inner.waiting.push_back(number);
        self.go_on(&mut inner);
        Ok(run)
    }

    /// Starts queued runs while fewer than `AT_ONCE` are running.
    fn go_on(self: &Arc<Hall>, inner: &mut Inner) {
        inner.threads.retain(|thread| !thread.is_finished());
        while inner.running < AT_ONCE
            && !inner.closing
            && let Some(number) = inner.waiting.pop_front()
        {
            let Some(run) = inner.runs.get(&number).cloned() else {
                continue;
            };
            inner.running += 1;
            *run.state.lock() = State::Running;
            let hall = Arc::clone(self);
            let body = {
                let run = Arc::clone(&run);
                move || {
                    let state = match perform(&run) {
                        Ok(finished) => State::Done(Arc::new(finished)),
                        Err(error) => State::Failed(error),
                    };
                    *run.state.lock() = state;
                    drop(run);
                    let mut inner = hall.inner.lock();
                    inner.running -= 1;
                    hall.forget(&mut inner);
                    hall.go_on(&mut inner);
                }
            };
            let thread = std::thread::Builder::new().name(format!("run-{number}"));
            match thread.spawn(body) {
                Ok(thread) => inner.threads.push(thread),
                Err(error) => {
                    inner.running -= 1;
                    *run.state.lock() = State::Failed(format!("no thread for the run: {error}"));
                }
            }
        }
    }

    /// Forgets the oldest finished runs beyond `KEPT`.
    fn forget(&self, inner: &mut Inner) {
        let over = inner.runs.values().filter(|run| run.is_over());
        let over: Vec<u64> = over.map(|run| run.number).collect();
        for number in over.iter().take(over.len().saturating_sub(KEPT)) {
            self.remove(inner, *number);
        }
    }

    fn remove(&self, inner: &mut Inner, number: u64) {
        inner.waiting.retain(|waiting| *waiting != number);
        if let Some(run) = inner.runs.remove(&number) {
            run.control.stop();
            // A run that is being ended may still write there; then the folder is removed with the server.
            let _ = std::fs::remove_dir_all(&run.folder);
        }
    }

    /// Ends the runs that have had no watcher for `GRACE`.
    pub(super) fn look_around(&self) {
        let now = Instant::now();
        let mut inner = self.inner.lock();
        let forsaken = |run: &&Arc<Run>| !run.is_over() && run.forsaken(now);
        let forsaken: Vec<u64> = inner
            .runs
            .values()
            .filter(forsaken)
            .map(|run| run.number)
            .collect();
        for number in forsaken {
            self.remove(&mut inner, number);
        }
    }

    pub(super) fn run(&self, number: u64) -> Result<Arc<Run>, Refusal> {
        let found = self.inner.lock().runs.get(&number).cloned();
        found.ok_or_else(|| Refusal::missing("this run does not exist any more"))
    }

    pub(super) fn list(&self) -> Vec<Value> {
        let inner = self.inner.lock();
        inner.runs.values().rev().map(|run| run.told()).collect()
    }

    /// Ends all runs and waits for their threads.
    pub(super) fn close(&self) {
        let threads = {
            let mut inner = self.inner.lock();
            inner.closing = true;
            inner.waiting.clear();
            inner.runs.values().for_each(|run| run.control.stop());
            std::mem::take(&mut inner.threads)
        };
        for thread in threads {
            // A run that panicked has reported it already.
            let _ = thread.join();
        }
    }
}
