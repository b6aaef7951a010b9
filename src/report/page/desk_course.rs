//! Summaries of the records of a desk: courses over the steps, waits by class, and the state of each
//! attendant over time.

use super::repeat::Course;
use super::spread::Spread;
use crate::desk::DeskSummary;
use crate::report::chart::{Ink, Line, Span, Strip, Thinned};
use crate::station::{
    FaultEvent, Happening, RequestEventKind, RequestOutcome, RequestRecord, StepRecord,
};
use crate::time::Step;

/// Columns of a course: a chart is not much wider.
const COLUMNS: usize = 400;

/// The most steps of which the states of attendants are shown, and attendants.
pub(super) const STRIP_STEPS: u64 = 400;
pub(super) const STRIPS: usize = 64;

/// States of an attendant, as a strip numbers them.
const BUSY: usize = 0;
const IDLE: usize = 1;
const DOWN: usize = 2;

/// A measure over the steps: each step's, and their sum so far.
#[derive(Clone, Debug)]
pub(super) struct Series {
    each: Thinned,
    sum: Thinned,
    total: u64,
}

impl Series {
    fn new() -> Series {
        Series {
            each: Thinned::new(COLUMNS, 1.0),
            sum: Thinned::new(COLUMNS, 1.0),
            total: 0,
        }
    }

    fn push(&mut self, step: Step, value: u64) {
        self.total += value;
        self.each.push(step as f64, value as f64);
        self.sum.push(step as f64, self.total as f64);
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn each(&self, name: &str, ink: Ink) -> Line {
        line(name, ink, self.each.points())
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
    states: Vec<(usize, Step, Strip)>,
}

impl DeskCourse {
    pub(super) fn new(summary: &DeskSummary) -> DeskCourse {
        let mut first = Vec::new();
        let mut states = Vec::new();
        for server in &summary.servers {
            first.push(states.len());
            states.extend(server.attendants.iter().map(|attendant| {
                let strip = Strip {
                    name: attendant.name.clone(),
                    spans: Vec::new(),
                };
                (IDLE, 1, strip)
            }));
        }
        DeskCourse {
            completed: Series::new(),
            rejected: Series::new(),
            abandoned: Series::new(),
            failed: Series::new(),
            buffer: Series::new(),
            up: Series::new(),
            in_service: Series::new(),
            waiting: summary
                .classes
                .iter()
                .map(|class| Spread::new(&class.waiting, true))
                .collect(),
            first,
            states,
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
            series.push(row.step, value);
        }
    }

    /// An attendant is in another state from this step on.
    fn turn(&mut self, server: u32, attendant: u32, from: Step, state: usize) {
        let place = self.first[server as usize] + attendant as usize;
        let from = from.min(STRIP_STEPS + 1);
        let (old, since, strip) = &mut self.states[place];
        if place < STRIPS && from > *since {
            strip.spans.push(Span {
                from: *since as f64,
                to: from as f64,
                state: *old,
            });
        }
        (*old, *since) = (state, from);
    }

    fn request(&mut self, request: &RequestRecord) {
        if let Some(start) = request.first_start {
            let waited = start - request.arrival;
            self.waiting[request.class as usize].push(waited as f64);
        }
        let who = request.server.zip(request.attendant);
        if let (RequestOutcome::Completed, Some((server, attendant)), Some(end)) =
            (request.outcome, who, request.end)
        {
            self.turn(server, attendant, end + 1, IDLE);
        }
    }

    /// The strips of the first attendants, over the first steps of this many.
    pub(super) fn strips(&mut self, steps: Step) -> Vec<Strip> {
        let end = steps.min(STRIP_STEPS) + 1;
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
                self.turn(fault.server, fault.attendant, fault.step, state);
            }
            Happening::Request(event) => match event.kind {
                RequestEventKind::Started {
                    server, attendant, ..
                } => self.turn(server, attendant, event.step, BUSY),
                RequestEventKind::Moved { to, attendant, .. } => {
                    self.turn(to, attendant, event.step, BUSY);
                }
                _ => {}
            },
            _ => {}
        }
    }
}
