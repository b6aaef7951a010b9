//! Summaries of the records of a desk: courses over time, waits by class, and the state of each attendant
//! over time.

use super::repeat::Course;
use super::spread::Spread;
use crate::desk::DeskSummary;
use crate::report::chart::{Ink, Line, Span, Strip, Thinned};
use crate::station::{
    FaultEvent, Happening, RequestEventKind, RequestOutcome, RequestRecord, StepRecord,
};
use crate::time::Time;

/// Columns of a course: a chart is not much wider.
const COLUMNS: usize = 400;

/// The most steps of which the states of attendants are shown, services in continuous time, and attendants.
const STRIP_STEPS: f64 = 400.0;
const STRIP_SERVICES: f64 = 10_000.0;
pub(super) const STRIPS: usize = 64;

/// States of an attendant, as a strip numbers them.
const BUSY: usize = 0;
const IDLE: usize = 1;
const DOWN: usize = 2;

/// A measure over time: each turn's, and their sum so far.
#[derive(Clone, Debug)]
pub(super) struct Series {
    each: Thinned,
    sum: Thinned,
    total: u64,
    stepped: bool,
}

impl Series {
    fn new(width: f64, stepped: bool) -> Series {
        Series {
            each: Thinned::new(COLUMNS, width),
            sum: Thinned::new(COLUMNS, width),
            total: 0,
            stepped,
        }
    }

    fn push(&mut self, time: Time, value: u64) {
        self.total += value;
        self.each.push(time.get(), value as f64);
        self.sum.push(time.get(), self.total as f64);
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn each(&self, name: &str, ink: Ink) -> Line {
        Line {
            // Between two instants a level stays as it is.
            stepped: !self.stepped,
            ..line(name, ink, self.each.points())
        }
    }

    pub(super) fn sum(&self, name: &str, ink: Ink) -> Line {
        line(name, ink, self.sum.points())
    }
}

pub(super) fn line(name: &str, ink: Ink, points: Vec<(f64, f64)>) -> Line {
    Line {
        name: name.to_owned(),
        ink,
        points,
        band: Vec::new(),
        stepped: false,
    }
}

/// All that is folded from the records of a desk.
#[derive(Clone, Debug)]
pub(super) struct DeskCourse {
    pub(super) completed: Series,
    pub(super) rejected: Series,
    pub(super) abandoned: Series,
    pub(super) failed: Series,
    pub(super) buffer: Series,
    pub(super) up: Series,
    pub(super) in_service: Series,
    /// By class.
    pub(super) waiting: Vec<Spread>,
    /// Each server's first attendant among all.
    first: Vec<usize>,
    /// By attendant: its state, since when, and what was before.
    states: Vec<(usize, f64, Strip)>,
    /// The end of the strips, and that of the run.
    strip_end: f64,
    end: f64,
}

impl DeskCourse {
    pub(super) fn new(summary: &DeskSummary) -> DeskCourse {
        let mut first = Vec::new();
        let mut states = Vec::new();
        let stepped = summary.steps.is_some();
        let end = match (summary.steps, summary.clock) {
            (Some(steps), _) => steps as f64 + 1.0,
            (None, clock) => clock.unwrap_or(0.0).max(f64::MIN_POSITIVE),
        };
        let many = summary.requests.completed as f64;
        let strip_end = match stepped {
            true => end.min(STRIP_STEPS + 1.0),
            false => end * (STRIP_SERVICES / many.max(1.0)).min(1.0),
        };
        let begin = if stepped { 1.0 } else { 0.0 };
        let width = if stepped { 1.0 } else { end / COLUMNS as f64 };
        let series = || Series::new(width, stepped);
        for server in &summary.servers {
            first.push(states.len());
            states.extend(server.attendants.iter().map(|attendant| {
                let strip = Strip {
                    name: attendant.name.clone(),
                    spans: Vec::new(),
                };
                (IDLE, begin, strip)
            }));
        }
        DeskCourse {
            completed: series(),
            rejected: series(),
            abandoned: series(),
            failed: series(),
            buffer: series(),
            up: series(),
            in_service: series(),
            waiting: summary
                .classes
                .iter()
                .map(|class| Spread::new(&class.waiting, stepped))
                .collect(),
            first,
            states,
            strip_end,
            end,
        }
    }

    fn step(&mut self, row: &StepRecord) {
        for (series, value) in [
            (&mut self.completed, row.completed),
            (&mut self.rejected, row.rejected),
            (&mut self.abandoned, row.abandoned),
            (&mut self.failed, row.failed),
            (&mut self.buffer, row.buffer),
            (&mut self.up, row.attendants_up),
            (&mut self.in_service, row.in_service),
        ] {
            series.push(row.time, value);
        }
    }

    /// An attendant is in another state from this time on.
    fn turn(&mut self, server: u32, attendant: u32, from: f64, state: usize) {
        let place = self.first[server as usize] + attendant as usize;
        let from = from.min(self.strip_end);
        let (old, since, strip) = &mut self.states[place];
        if place < STRIPS && from > *since {
            strip.spans.push(Span {
                from: *since,
                to: from,
                state: *old,
            });
        }
        (*old, *since) = (state, from);
    }

    fn request(&mut self, request: &RequestRecord) {
        if let Some(start) = request.first_start {
            let waited = start.since(request.arrival);
            self.waiting[request.class as usize].push(waited);
        }
        let who = request.server.zip(request.attendant);
        if let (RequestOutcome::Completed, Some((server, attendant)), Some(end)) =
            (request.outcome, who, request.end)
        {
            let last_step = if self.completed.stepped { 1.0 } else { 0.0 };
            self.turn(server, attendant, end.get() + last_step, IDLE);
        }
    }

    /// The time up to which strips are shown, or how many steps, if that is not all.
    pub(super) fn shown(&self) -> Option<f64> {
        let steps = if self.completed.stepped { 1.0 } else { 0.0 };
        (self.strip_end < self.end).then_some(self.strip_end - steps)
    }

    /// The strips of the first attendants.
    pub(super) fn strips(&mut self) -> Vec<Strip> {
        let end = self.strip_end;
        for server in 0..self.first.len() {
            let last = self
                .first
                .get(server + 1)
                .copied()
                .unwrap_or(self.states.len());
            for place in self.first[server]..last {
                let state = self.states[place].0;
                self.turn(
                    server as u32,
                    (place - self.first[server]) as u32,
                    end,
                    state,
                );
            }
        }
        let shown = self.states.iter().take(STRIPS);
        shown.map(|(_, _, strip)| strip.clone()).collect()
    }
}

impl Course for DeskCourse {
    fn take(&mut self, record: &Happening) {
        match record {
            Happening::Step(row) => self.step(row),
            Happening::Ended(request) => self.request(request),
            Happening::Fault(fault) => {
                let state = match fault.event {
                    FaultEvent::Fault => DOWN,
                    FaultEvent::Repair => IDLE,
                };
                self.turn(fault.server, fault.attendant, fault.time.get(), state);
            }
            Happening::Request(event) => match event.kind {
                RequestEventKind::Started {
                    server, attendant, ..
                } => self.turn(server, attendant, event.time.get(), BUSY),
                RequestEventKind::Moved { to, attendant, .. } => {
                    self.turn(to, attendant, event.time.get(), BUSY);
                }
                _ => {}
            },
            _ => {}
        }
    }
}
