//! The timeline: a run as a trace for Perfetto or `chrome://tracing`, in logical time, streamed to disk during the run.
//!
//! The format is the Trace Event Format's JSON. One second of the trace is one step, or one unit of time. A desk has a
//! process for each server with a track for each attendant: services, outages; a line has a process for each stage with
//! a track for each server: services, blocked time, set-ups, outages. Counters show the buffer and the queues; arrows
//! lead from the place where a request was interrupted or taken away to the place where it was started again. The wall
//! clock does not appear.

mod desk;
mod line;
mod people;

use crate::actor::Recorder;
use crate::model::Model;
use crate::scenario::{Scenario, Start};
use crate::station::Happening;
use desk::DeskTimeline;
use line::LineTimeline;
use parking_lot::Mutex;
use people::PeopleTimeline;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Microseconds of the trace per step or unit of time.
const UNIT: f64 = 1e6;

/// Follows a run of either model with [`Recording::Everything`](crate::actor::Recording).
#[derive(Debug)]
pub struct Timeline<'a, W> {
    following: Following<Writing<W>>,
    stop: &'a AtomicBool,
}

/// The trace of a model, as far as written.
enum Writing<W> {
    Desk(Box<DeskTimeline<W>>),
    Line(LineTimeline<W>),
    People(PeopleTimeline<W>),
}

impl<'a, W: Write + Send> Timeline<'a, W> {
    /// Begins the trace. The first error sets `stop`, and [`Timeline::finish`] returns it.
    ///
    /// # Errors
    /// If the trace cannot be written.
    pub fn begin(
        scenario: &Scenario,
        file: W,
        stop: &'a AtomicBool,
    ) -> io::Result<Timeline<'a, W>> {
        let trace = Trace::begin(file, scenario.start())?;
        let writing = match Model::of(scenario) {
            Model::Desk(desk) => Writing::Desk(Box::new(DeskTimeline::begin(desk, trace)?)),
            Model::Line(line) if !line.is_plain() => {
                Writing::People(PeopleTimeline::begin(line, trace)?)
            }
            Model::Line(line) => Writing::Line(LineTimeline::begin(line, trace)?),
        };
        let following = Following::new(writing);
        Ok(Timeline { following, stop })
    }

    /// Ends the trace of a run that ended at this time ([`Outcome::end`](crate::model::Outcome::end)), and returns the
    /// file.
    ///
    /// # Errors
    /// The first error met.
    pub fn finish(self, end: f64) -> io::Result<W> {
        match self.following.into_inner()? {
            Writing::Desk(desk) => desk.finish(end),
            Writing::Line(line) => line.finish(),
            Writing::People(line) => line.finish(end),
        }
    }
}

impl<W: Write + Send> Recorder<Happening> for Timeline<'_, W> {
    fn record(&self, records: &mut Vec<Happening>) {
        self.following.go_on(self.stop, |writing| {
            records.iter().try_for_each(|record| match writing {
                Writing::Desk(desk) => desk.take(record),
                Writing::Line(line) => line.take(record),
                Writing::People(line) => line.take(record),
            })
        });
    }
}

/// One event of the trace.
#[derive(Clone, Debug, Serialize)]
struct Event {
    name: String,
    ph: &'static str,
    ts: f64,
    pid: usize,
    tid: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    /// Binds the end of an arrow to the slice that contains it (`e`).
    #[serde(skip_serializing_if = "Option::is_none")]
    bp: Option<&'static str>,
    /// The scope of an instant (`t`: its track).
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Value>,
}

impl Event {
    fn new(name: impl Into<String>, ph: &'static str, (pid, tid): Track, ts: f64) -> Event {
        Event {
            name: name.into(),
            ph,
            ts: ts * UNIT,
            pid,
            tid,
            dur: None,
            cat: None,
            id: None,
            bp: None,
            s: None,
            args: None,
        }
    }

    /// An event that lasts from one time to another.
    fn slice(
        name: impl Into<String>,
        cat: &'static str,
        track: Track,
        (from, to): (f64, f64),
        args: Value,
    ) -> Event {
        Event {
            dur: Some((to - from) * UNIT),
            cat: Some(cat),
            args: Some(args),
            ..Event::new(name, "X", track, from)
        }
    }

    /// The value of a counter from here on.
    fn counter(name: impl Into<String>, pid: usize, ts: f64, value: u64) -> Event {
        Event {
            args: Some(json!({ "value": value })),
            ..Event::new(name, "C", (pid, 0), ts)
        }
    }

    /// One end of an arrow.
    fn arrow(ph: &'static str, id: u64, track: Track, ts: f64) -> Event {
        Event {
            cat: Some("reallocation"),
            id: Some(id),
            bp: (ph == "f").then_some("e"),
            ..Event::new("reallocated", ph, track, ts)
        }
    }

    /// An event at an instant.
    fn instant(name: impl Into<String>, cat: &'static str, track: Track, ts: f64) -> Event {
        Event {
            cat: Some(cat),
            s: Some("t"),
            ..Event::new(name, "i", track, ts)
        }
    }

    /// The event with times of day added to its arguments; `None` unless it is a slice or an instant.
    fn with_times_of_day(&self, start: Start) -> Option<Event> {
        let at = |ts: f64| start.at(ts / UNIT).into();
        let mut event = self.clone();
        let args = event.args.get_or_insert_with(|| json!({}));
        match (self.ph, self.dur) {
            ("X", Some(dur)) => {
                args["from"] = at(self.ts);
                args["to"] = at(self.ts + dur);
            }
            ("i", _) => args["at"] = at(self.ts),
            _ => return None,
        }
        Some(event)
    }

    /// The name of a process and its position.
    fn process(pid: usize, name: &str) -> [Event; 2] {
        let about = |what: &str, args| Event {
            args: Some(args),
            ..Event::new(what, "M", (pid, 0), 0.0)
        };
        [
            about("process_name", json!({ "name": name })),
            about("process_sort_index", json!({ "sort_index": pid })),
        ]
    }

    /// The name of a track.
    fn track(track: Track, name: &str) -> Event {
        Event {
            args: Some(json!({ "name": name })),
            ..Event::new("thread_name", "M", track, 0.0)
        }
    }
}

/// A process and one of its tracks.
type Track = (usize, usize);

/// The file, written event by event.
#[derive(Debug)]
struct Trace<W> {
    file: W,
    first: bool,
    /// The time of day at its beginning, if the scenario gives one.
    start: Option<Start>,
}

impl<W: Write> Trace<W> {
    fn begin(mut file: W, start: Option<Start>) -> io::Result<Trace<W>> {
        file.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n")?;
        Ok(Trace {
            file,
            first: true,
            start,
        })
    }

    fn put(&mut self, event: &Event) -> io::Result<()> {
        if !self.first {
            self.file.write_all(b",\n")?;
        }
        self.first = false;
        match self.start.and_then(|start| event.with_times_of_day(start)) {
            Some(event) => serde_json::to_writer(&mut self.file, &event)?,
            None => serde_json::to_writer(&mut self.file, event)?,
        }
        Ok(())
    }

    fn end(mut self, name: &str) -> io::Result<W> {
        let mut about = json!({ "scenario": name, "clock": "1 s is one step or unit of time" });
        if let Some(start) = self.start {
            about["start"] = start.to_string().into();
        }
        write!(self.file, "\n],\"otherData\":{about}}}\n")?;
        self.file.flush()?;
        Ok(self.file)
    }
}

/// The writer that follows a run of one model, until the first error.
struct Following<T> {
    state: Mutex<io::Result<T>>,
}

impl<T> Following<T> {
    fn new(state: T) -> Following<T> {
        let state = Mutex::new(Ok(state));
        Following { state }
    }

    /// Makes a step, unless there was an error before; an error sets `stop`.
    fn go_on(&self, stop: &AtomicBool, step: impl FnOnce(&mut T) -> io::Result<()>) {
        let mut state = self.state.lock();
        if let Ok(inner) = state.as_mut()
            && let Err(error) = step(inner)
        {
            *state = Err(error);
            stop.store(true, Ordering::Relaxed);
        }
    }

    fn into_inner(self) -> io::Result<T> {
        self.state.into_inner()
    }
}

impl<T> fmt::Debug for Following<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Following").finish_non_exhaustive()
    }
}
