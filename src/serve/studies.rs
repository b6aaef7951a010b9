//! Studies from the page: replications, grids, the best order. One runs at a time, at most `QUEUE` wait, and
//! each has its progress. A study ends early when it is cancelled or its progress is no longer requested.
//!
//! The result of a study is its report, the document that `filas report` makes of the same study.
#![allow(
    clippy::disallowed_methods,
    reason = "the time since a study was last asked for is wall-clock time"
)]

use super::Rooms;
use super::answer::{Refusal, Sent, apart};
use super::question::{Question, Task, prepared};
use super::results::shown;
use super::runs::GRACE;
use super::scenarios::{Draft, Shelf};
use crate::report::OrderReport;
use crate::report::page::{self, Section};
use crate::report::study::{Keyed, Replications, Sweep};
use crate::study::answer::Asked;
use crate::study::order;
use crate::study::sweep::{grid, sweep};
use crate::study::{ClosedForm, Conditions, Goal, InMemory, Share, Workers, replicate};
use axum::Json;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

/// The maximum number of studies waiting in the queue.
const QUEUE: usize = 4;
/// The number of finished studies that are kept.
const KEPT: usize = 12;

/// One study.
struct Study {
    number: u64,
    stop: AtomicBool,
    done: AtomicU64,
    wanted: AtomicU64,
    what: Mutex<String>,
    state: Mutex<State>,
    asked: Mutex<Instant>,
}

enum State {
    Queued(Box<Task>),
    Running,
    Done(Value),
    Cancelled,
    Failed(String),
}

impl Study {
    fn told(&self) -> Value {
        let (state, error, found) = match &*self.state.lock() {
            State::Queued(_) => ("queued", None, None),
            State::Running => ("running", None, None),
            State::Done(found) => ("done", None, Some(found.clone())),
            State::Cancelled => ("cancelled", None, None),
            State::Failed(error) => ("failed", Some(error.clone()), None),
        };
        json!({
            "study": self.number,
            "state": state,
            "error": error,
            "found": found,
            "progress": {
                "done": self.done.load(Ordering::Relaxed),
                "wanted": self.wanted.load(Ordering::Relaxed),
                "what": *self.what.lock(),
            },
        })
    }

    fn is_over(&self) -> bool {
        !matches!(*self.state.lock(), State::Queued(_) | State::Running)
    }
}

/// All studies of one server.
#[derive(Default)]
pub(super) struct Workshop(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    studies: BTreeMap<u64, Arc<Study>>,
    waiting: VecDeque<u64>,
    running: Option<JoinHandle<()>>,
    last: u64,
    closing: bool,
}

impl std::fmt::Debug for Workshop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workshop").finish_non_exhaustive()
    }
}

impl Workshop {
    fn begin(
        self: &Arc<Workshop>,
        shelf: &Shelf,
        draft: &Draft,
        question: &Question,
    ) -> Result<Arc<Study>, Refusal> {
        let task = prepared(shelf, draft, question).map_err(Refusal::wrong)?;
        let mut inner = self.0.lock();
        if inner.closing || inner.waiting.len() >= QUEUE {
            let text = format!("{QUEUE} studies are waiting already; wait until one of them ends");
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, text));
        }
        inner.last += 1;
        let study = Arc::new(Study {
            number: inner.last,
            stop: AtomicBool::new(false),
            done: AtomicU64::new(0),
            wanted: AtomicU64::new(0),
            what: Mutex::new("replications".to_owned()),
            state: Mutex::new(State::Queued(Box::new(task))),
            asked: Mutex::new(Instant::now()),
        });
        inner.studies.insert(study.number, Arc::clone(&study));
        inner.waiting.push_back(study.number);
        self.go_on(&mut inner);
        Ok(study)
    }

    fn go_on(self: &Arc<Workshop>, inner: &mut Inner) {
        while inner.running.is_none()
            && !inner.closing
            && let Some(number) = inner.waiting.pop_front()
        {
            let Some(study) = inner.studies.get(&number).cloned() else {
                continue;
            };
            let task = match std::mem::replace(&mut *study.state.lock(), State::Running) {
                State::Queued(task) => task,
                other => {
                    *study.state.lock() = other;
                    continue;
                }
            };
            let workshop = Arc::clone(self);
            let thread = std::thread::Builder::new().name(format!("study-{number}"));
            let shown = Arc::clone(&study);
            let begun = thread.spawn(move || {
                let ended = catch_unwind(AssertUnwindSafe(|| done(&study, &task)));
                let defect =
                    || Err("internal error; see the terminal running filas serve".to_owned());
                let state = match ended.unwrap_or_else(|_| defect()) {
                    Ok(Some(found)) => State::Done(found),
                    Ok(None) => State::Cancelled,
                    Err(error) => State::Failed(error),
                };
                *study.state.lock() = state;
                let mut inner = workshop.0.lock();
                inner.running = None;
                let over = inner.studies.values().filter(|study| study.is_over());
                let over: Vec<u64> = over.map(|study| study.number).collect();
                for number in over.iter().take(over.len().saturating_sub(KEPT)) {
                    inner.studies.remove(number);
                }
                workshop.go_on(&mut inner);
            });
            match begun {
                Ok(thread) => inner.running = Some(thread),
                Err(error) => {
                    *shown.state.lock() =
                        State::Failed(format!("no thread for the study: {error}"));
                }
            }
        }
    }

    fn study(&self, number: u64) -> Result<Arc<Study>, Refusal> {
        let found = self.0.lock().studies.get(&number).cloned();
        found.ok_or_else(|| Refusal::missing("this study does not exist any more"))
    }

    /// Ends the studies whose progress is no longer requested.
    pub(super) fn look_around(&self) {
        let now = Instant::now();
        let inner = self.0.lock();
        let studies = inner.studies.values().filter(|study| !study.is_over());
        for study in studies {
            if now.duration_since(*study.asked.lock()) > GRACE {
                cancel(study);
            }
        }
    }

    /// Ends all studies and waits for the one that runs.
    pub(super) fn close(&self) {
        let running = {
            let mut inner = self.0.lock();
            inner.closing = true;
            inner.studies.values().for_each(|study| cancel(study));
            inner.running.take()
        };
        if let Some(running) = running {
            // A study that panicked has reported it already.
            let _ = running.join();
        }
    }
}

fn cancel(study: &Study) {
    study.stop.store(true, Ordering::Relaxed);
    let mut state = study.state.lock();
    if matches!(*state, State::Queued(_)) {
        *state = State::Cancelled;
    }
}

/// Runs a study and returns its report; `None` if it was cancelled before it had any result.
fn done(study: &Study, task: &Task) -> Result<Option<Value>, String> {
    let workers = Workers::new(0).map_err(|error| error.to_string())?;
    let ledger = InMemory::default();
    let expect = |more| {
        study.wanted.fetch_add(more, Ordering::Relaxed);
    };
    let one = || {
        study.done.fetch_add(1, Ordering::Relaxed);
    };
    let conditions = Conditions {
        stop: &study.stop,
        expect: &expect,
        done: &one,
        ..Conditions::by(&workers, &ledger)
    };
    let by = ("inline", Share::WHOLE);
    let (mut document, digest, reproduce) = match task {
        Task::Replicate(loaded, layout, count, measure) => {
            let scenario = &loaded.scenario;
            let replicated = replicate(scenario, layout, &Goal::Count(*count), conditions);
            let replicated = replicated.map_err(|error| error.to_string())?;
            let n = replicated.completion.replications;
            if n == 0 {
                return Ok(None);
            }
            let found = (&replicated, &ClosedForm::of(scenario));
            let mut study = Replications::new(scenario, by, layout, found, &asked(measure));
            // The page shows all measures, not only the requested one.
            let all = layout.keys().iter().cloned().zip(replicated.intervals);
            study.measures = Keyed(all.collect());
            let document = page::replications(&study, Some(scenario));
            let again = format!("filas replicate scenario.toml -n {n} --measure {measure}");
            (document, study.digest, again)
        }
        Task::Sweep(axis, base, cells, count, measure) => {
            let measures = std::slice::from_ref(measure);
            let swept = sweep(cells, &Goal::Count(*count), measures, conditions);
            let swept = swept.map_err(|error| error.to_string())?;
            let n = swept.completion.replications;
            if n == 0 {
                return Ok(None);
            }
            let settings = grid(std::slice::from_ref(axis))?;
            let study = Sweep::new(&base.scenario, by, (&settings, &swept), &asked(measure));
            let (key, values) = (&axis.key, axis.values.join(","));
            let again = format!(
                "filas sweep scenario.toml --vary '{key}={values}' -n {n} --measure {measure}"
            );
            let document = page::sweep(&study, Some(&base.scenario));
            (document, study.digest, again)
        }
        Task::Order(loaded, objective) => {
            let line = loaded.scenario.line();
            let line = line.expect("a desk was refused at the beginning");
            let asked = order::Question {
                objectives: vec![*objective],
                indifference: None,
                max: None,
            };
            // The rounds of a race report its progress: single replications are not counted beside them.
            let conditions = Conditions {
                expect: &|_| (),
                done: &|| (),
                ..conditions
            };
            let mut watch = |seen: order::Progress| {
                // The total is unknown, and the search counts from the beginning again.
                study.done.fetch_max(seen.replications, Ordering::Relaxed);
                *study.what.lock() = match seen.searching {
                    true => format!("replications; {} orders tried", seen.orders),
                    false => format!(
                        "replications; {} of {} orders can still be the best",
                        seen.racing, seen.orders
                    ),
                };
            };
            let study = match order::order(line, &asked, conditions, &mut watch) {
                Ok(study) => OrderReport::new(line, &study),
                Err(order::OrderError::Interrupted(_)) => return Ok(None),
                Err(error) => return Err(error.to_string()),
            };
            let unit = line.time_unit.as_deref().unwrap_or("units of time");
            let again = format!("filas order scenario.toml --objective {}", objective.key());
            (page::order(&study, unit), study.digest, again)
        }
    };
    document.facts.push(format!("digest {digest}"));
    let mut section = Section::new("How to reproduce it");
    section.commands.push(reproduce);
    document.sections.push(section);
    Ok(Some(shown(&document, "found")))
}

fn asked(measure: &str) -> Asked {
    Asked {
        measures: vec![measure.to_owned()],
        confidence: 0.95,
        precision: None,
    }
}

/// A study to start.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    id: String,
    text: String,
    question: Question,
}

pub(super) async fn begin(
    Shared(rooms): Shared<Arc<Rooms>>,
    Sent(wanted): Sent<Wanted>,
) -> Result<Json<Value>, Refusal> {
    let begun = apart(move || {
        let Wanted { id, text, question } = wanted;
        rooms
            .workshop
            .begin(&rooms.shelf, &Draft { id, text }, &question)
    });
    Ok(Json(begun.await??.told()))
}

pub(super) async fn told(
    Shared(rooms): Shared<Arc<Rooms>>,
    Path(number): Path<u64>,
) -> Result<Json<Value>, Refusal> {
    let study = rooms.workshop.study(number)?;
    *study.asked.lock() = Instant::now();
    Ok(Json(study.told()))
}

/// An empty body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

pub(super) async fn stop(
    Shared(rooms): Shared<Arc<Rooms>>,
    Path(number): Path<u64>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Result<Json<Value>, Refusal> {
    let study = rooms.workshop.study(number)?;
    cancel(&study);
    Ok(Json(study.told()))
}
