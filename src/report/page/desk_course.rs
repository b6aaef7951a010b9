//! Summaries of the records of a desk: courses over time, waits by class, and the state of each attendant
//! over time.

use super::columns::Columns;
use super::repeat::Course;
use super::spread::Spread;
use crate::desk::DeskSummary;
use crate::report::chart::{Ink, Line, Span, Strip};
use crate::station::{
    FaultEvent, Happening, RequestEventKind, RequestOutcome, RequestRecord, StepRecord,
};

/// The limits up to which the states of attendants are shown: steps, services in continuous time, and attendants.
const STRIP_STEPS: f64 = 400.0;
const STRIP_SERVICES: f64 = 10_000.0;
pub(super) const STRIPS: usize = 64;

/// States of an attendant, as numbered in a strip.
const BUSY: usize = 0;
const IDLE: usize = 1;
const DOWN: usize = 2;
const OFF: usize = 3;

/// Quantities over time.
#[derive(Clone, Debug)]
pub(super) struct Courses {
    pub(super) generated: Columns,
    pub(super) completed: Columns,
    pub(super) rejected: Columns,
    pub(super) abandoned: Columns,
    pub(super) failed: Columns,
    pub(super) timed_out: Columns,
    pub(super) buffer: Columns,
    pub(super) at_servers: Columns,
    pub(super) up: Columns,
    pub(super) on_duty: Columns,
    pub(super) in_service: Columns,
    stepped: bool,
    /// In continuous time, the last row: its levels hold until the next.
    last: Option<StepRecord>,
}

impl Courses {
    fn new(columns: &Columns, stepped: bool) -> Courses {
        let columns = || columns.clone();
        Courses {
            generated: columns(),
            completed: columns(),
            rejected: columns(),
            abandoned: columns(),
            failed: columns(),
            timed_out: columns(),
            buffer: columns(),
            at_servers: columns(),
            up: columns(),
            on_duty: columns(),
            in_service: columns(),
            stepped,
            last: None,
        }
    }

    fn take(&mut self, row: &StepRecord) {
        let time = row.time.get();
        let counts = [
            (&mut self.generated, row.generated),
            (&mut self.completed, row.completed),
            (&mut self.rejected, row.rejected),
            (&mut self.abandoned, row.abandoned),
            (&mut self.failed, row.failed),
            (&mut self.timed_out, row.timed_out),
        ];
        for (columns, number) in counts {
            match self.stepped {
                true => columns.value(time, number as f64),
                false => columns.add(time, number as f64),
            }
        }
        if self.stepped {
            for (columns, level) in self.levels(row) {
                columns.value(time, level as f64);
            }
        } else {
            self.hold_until(time);
            self.last = Some(*row);
        }
    }

    /// Holds the levels of the last row up to this time.
    fn hold_until(&mut self, time: f64) {
        if let Some(row) = self.last {
            for (columns, level) in self.levels(&row) {
                columns.hold(row.time.get(), time, level as f64);
            }
        }
    }

    fn levels(&mut self, row: &StepRecord) -> [(&mut Columns, u64); 5] {
        [
            // Requests handed over also wait with the supervisor.
            (&mut self.buffer, row.buffer + row.handed_over),
            (&mut self.at_servers, row.waiting_at_servers),
            (&mut self.up, row.attendants_up),
            (&mut self.on_duty, row.on_duty),
            (&mut self.in_service, row.in_service),
        ]
    }

    /// Counts per step or per unit of time.
    pub(super) fn each(&self, columns: &Columns, name: &str, ink: Ink) -> Line {
        match self.stepped {
            true => columns.mean(name, ink),
            false => columns.rate(name, ink),
        }
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

/// The data folded from the records of a desk.
#[derive(Clone, Debug)]
pub(super) struct DeskCourse {
    over_time: Courses,
    /// By class.
    pub(super) waiting: Vec<Spread>,
    /// The index of each server's first attendant among all attendants.
    first: Vec<usize>,
    /// By attendant: its state, the start of that state, and the states before.
    states: Vec<(usize, f64, Strip)>,
    /// By attendant: the end of its wrap-up, during one.
    wraps: Vec<Option<f64>>,
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
        let columns = match summary.steps {
            Some(steps) => Columns::of_steps(steps),
            None => Columns::of_time(0.0, end, summary.requests.generated),
        };
        for server in &summary.servers {
            first.push(states.len());
            states.extend(server.attendants.iter().map(|attendant| {
                let strip = Strip {
                    name: attendant.name.clone(),
                    spans: Vec::new(),
                };
                // An attendant who never works is off duty from the beginning; others come on duty in time.
                let [busy, idle, down, off] = attendant.spent();
                let never = busy + idle + down == 0.0 && off > 0.0;
                (if never { OFF } else { IDLE }, begin, strip)
            }));
        }
        DeskCourse {
            over_time: Courses::new(&columns, stepped),
            waiting: summary
                .classes
                .iter()
                .map(|class| Spread::new(&class.waiting, stepped))
                .collect(),
            first,
            wraps: vec![None; states.len()],
            states,
            strip_end,
            end,
        }
    }

    /// The courses over time, up to the end of the run.
    pub(super) fn over_time(&mut self) -> &Courses {
        self.over_time.hold_until(self.end);
        self.over_time.last = None;
        &self.over_time
    }

    /// Changes the state of an attendant from this time on.
    fn turn(&mut self, server: u32, attendant: u32, from: f64, state: usize) {
        let place = self.first[server as usize] + attendant as usize;
        // A wrap-up ends before, or is interrupted.
        if let Some(over) = self.wraps[place].take().filter(|&over| over < from) {
            self.put(place, over, IDLE);
        }
        self.put(place, from, state);
    }

    fn put(&mut self, place: usize, from: f64, state: usize) {
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
            self.turn(server, attendant, end.get() + self.last_step(), IDLE);
        }
    }

    /// The length of a turn: a step, or zero in continuous time.
    fn last_step(&self) -> f64 {
        if self.over_time.stepped { 1.0 } else { 0.0 }
    }

    /// The time, or the number of steps, up to which strips are shown, if that is not all.
    pub(super) fn shown(&self) -> Option<f64> {
        let steps = if self.over_time.stepped { 1.0 } else { 0.0 };
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
                let wraps = self.wraps[place].is_some_and(|over| over >= end);
                let state = if wraps { BUSY } else { self.states[place].0 };
                let attendant = (place - self.first[server]) as u32;
                self.turn(server as u32, attendant, end, state);
            }
        }
        let shown = self.states.iter().take(STRIPS);
        shown.map(|(_, _, strip)| strip.clone()).collect()
    }
}

impl Course for DeskCourse {
    fn take(&mut self, record: &Happening) {
        match record {
            Happening::Step(row) => self.over_time.take(row),
            Happening::Ended(request) => self.request(request),
            Happening::Fault(fault) => {
                let place = self.first[fault.server as usize] + fault.attendant as usize;
                if fault.event == FaultEvent::OnDuty {
                    // If this is its first event, it was off duty.
                    self.states[place].0 = OFF;
                }
                let now = self.states[place].0;
                let state = match fault.event {
                    FaultEvent::Fault => DOWN,
                    FaultEvent::Repair if now == DOWN => IDLE,
                    // Its activity does not change, but its pace does.
                    FaultEvent::Repair | FaultEvent::Slow => return,
                    FaultEvent::OnDuty if fault.waits => DOWN,
                    FaultEvent::OnDuty => IDLE,
                    FaultEvent::OffDuty => OFF,
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
                RequestEventKind::TimedOut {
                    withdrawn: true,
                    with: Some((server, attendant)),
                    ..
                } => self.turn(server, attendant, event.time.get(), IDLE),
                RequestEventKind::WrapUp {
                    server,
                    attendant,
                    lasts,
                } => {
                    let begin = event.time.get() + self.last_step();
                    self.turn(server, attendant, begin, BUSY);
                    let place = self.first[server as usize] + attendant as usize;
                    self.wraps[place] = Some(begin + lasts);
                }
                RequestEventKind::SpeedChanged {
                    server,
                    attendant,
                    lasts,
                } => {
                    let place = self.first[server as usize] + attendant as usize;
                    if let Some(over) = &mut self.wraps[place] {
                        *over = event.time.get() + lasts;
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::{Recorder, Recording, Runtime, Surroundings};
    use crate::scenario::{Origin, Overrides, load};
    use std::sync::Mutex;

    /// All changes of state of attendants, at times that need no rounding.
    const TEXT: &str = r#"
model = "desk"
horizon = { until = 64.0, stop = true }
faults = { script = [ { at = 9.0, server = "A", down_for = 3.0 }, { at = 30.5, attendant = "A-3", down_for = 1.5 }, { at = 33.25, attendant = "A-3", slow = 0.5, down_for = 11.25 } ] }
[[classes]]
name = "calls"
arrivals = { interarrival = { constant = { value = 0.75 } } }
service = { discrete = { values = [1.0, 2.5], probabilities = [0.5, 0.5] } }
wrap_up = { constant = { value = 0.5 } }
timeout = { after = { constant = { value = 4.0 } }, withdraw = true }
[[shifts]]
name = "early"
spells = [ [5, 12], [14, 20] ]
repeat = 24
leaving = "hand-over"
[[shifts]]
name = "never"
spells = [ [80, 90] ]
[[servers]]
name = "A"
attendants = [ { skills = ["calls"], shift = "early" }, { skills = ["calls"], shift = "never" }, { skills = ["calls"] } ]
"#;

    #[derive(Default)]
    struct Kept(Mutex<Vec<Happening>>);

    impl Recorder<Happening> for Kept {
        fn record(&self, records: &mut Vec<Happening>) {
            self.0.lock().unwrap().append(records);
        }
    }

    #[test]
    fn strips_show_what_the_summary_says_attendants_did() {
        let origin = Origin::Embedded {
            name: "x",
            text: TEXT,
        };
        let loaded = load(origin, &Overrides::default()).unwrap();
        let desk = loaded.scenario.desk().unwrap();
        let kept = Kept::default();
        let around = Surroundings {
            conductor: &(),
            recorder: &kept,
        };
        let run = crate::desk::run(desk, 0, Runtime::Inline, Recording::Everything, around);
        let summary = run.unwrap().summary;
        let mut course = DeskCourse::new(&summary);
        let records = kept.0.into_inner().unwrap();
        records.iter().for_each(|record| course.take(record));
        let strips = course.strips();
        assert!(summary.requests.timed_out > 0 && course.shown().is_none());
        for (strip, attendant) in strips.iter().zip(&summary.servers[0].attendants) {
            let of = |state| {
                let spans = strip.spans.iter().filter(|span| span.state == state);
                spans.map(|span| span.to - span.from).sum::<f64>()
            };
            let shown = [of(BUSY), of(IDLE), of(DOWN), of(OFF)];
            for (shown, spent) in shown.iter().zip(attendant.spent()) {
                assert!((shown - spent).abs() < 1e-9, "{shown} {spent} {strip:?}");
            }
        }
    }
}
