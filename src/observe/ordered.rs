//! Events in the order of logical time, the same on every engine.
//!
//! Actors record as they act, and on threads the records of different actors come in no fixed order. The records of one
//! actor keep their order; those of different actors are put in order here, before they are worded, and handed on as
//! soon as it is certain that no earlier one can follow.
//!
//! - A desk's step is put in order when its row comes, which is its last record: outages, their effects on requests,
//!   arrivals, dispatch, service starts, requests taken over and their services, requests given up, completions; within
//!   each by server and attendant. In continuous time service ends come first, as the rules require, except those of
//!   services that began at that instant.
//! - A line is put in order by time. Each stage records its own events in the order of time, so everything earlier than
//!   the last event of every stage is certain. At one instant customers leave first, the later stages before the
//!   earlier ones, unless their service began at that instant; the rest follows by stage, in the stage's own order.
//! - A line of people and machines is in order already: its coordinator records events as they happen.
//!
//! At most the events of one step are held back, or the visits in progress between a line's stages.

use crate::actor::Recorder;
use crate::model::Model;
use crate::scenario::Scenario;
use crate::station::{Happening, RequestEventKind, RequestOutcome};
use parking_lot::Mutex;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fmt;

/// A receiver of events whose type need not be named.
pub type HandOn<'a> = Box<dyn Fn(&Happening) + Send + Sync + 'a>;

/// The recorder that hands on events in the order of logical time; events still held back at the end are handed on when
/// it is dropped.
pub struct Ordered<F: Fn(&Happening)> {
    held: Mutex<Held>,
    hand_on: F,
}

impl<F: Fn(&Happening)> fmt::Debug for Ordered<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ordered").finish_non_exhaustive()
    }
}

impl<F: Fn(&Happening)> Ordered<F> {
    /// A recorder for a run of this scenario with [`Recording::Everything`](crate::actor::Recording).
    #[must_use]
    pub fn new(scenario: &Scenario, hand_on: F) -> Ordered<F> {
        let steps = scenario.desk().is_none_or(|desk| desk.steps().is_some());
        let held = Mutex::new(Held::new(Model::of(scenario).stages(), steps));
        Ordered { held, hand_on }
    }
}

impl<F: Fn(&Happening) + Sync> Recorder<Happening> for Ordered<F> {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut held = self.held.lock();
        for record in records.iter() {
            held.take(record, &self.hand_on);
        }
    }
}

impl<F: Fn(&Happening)> Drop for Ordered<F> {
    fn drop(&mut self) {
        let held = self.held.get_mut();
        held.end_step(&self.hand_on);
        held.pass(f64::INFINITY, &self.hand_on);
    }
}

#[derive(Debug)]
struct Held {
    /// The events of the step or instant so far.
    step: Vec<Happening>,
    /// Whether time counts whole steps, at whose end services end.
    steps: bool,
    /// The time that each stage of a line has reached.
    clocks: Vec<f64>,
    /// The time that all stages have reached.
    certain: f64,
    ahead: BinaryHeap<Reverse<Ahead>>,
    recorded: u64,
}

/// An event of a line that may not be the next one.
#[derive(Debug)]
struct Ahead {
    time: f64,
    /// Departures from the last stage to the first, then the other events from the first stage to the last.
    rank: i64,
    number: u64,
    happening: Happening,
}

impl Ahead {
    fn key(&self) -> (i64, u64) {
        (self.rank, self.number)
    }
}

impl PartialEq for Ahead {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ahead {}

impl PartialOrd for Ahead {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ahead {
    fn cmp(&self, other: &Self) -> Ordering {
        let times = self.time.total_cmp(&other.time);
        times.then_with(|| self.key().cmp(&other.key()))
    }
}

impl Held {
    fn new(stages: usize, steps: bool) -> Held {
        Held {
            step: Vec::new(),
            steps,
            clocks: vec![0.0; stages],
            certain: 0.0,
            ahead: BinaryHeap::new(),
            recorded: 0,
        }
    }

    fn take(&mut self, record: &Happening, hand_on: &impl Fn(&Happening)) {
        match record {
            Happening::Step(_) => {
                self.step.push(record.clone());
                self.end_step(hand_on);
            }
            Happening::Fault(_) | Happening::Request(_) | Happening::Ended(_) => {
                self.step.push(record.clone());
            }
            Happening::Began(visit) => {
                let start = visit.service_start;
                self.expect(record, start, i64::from(visit.stage));
                self.reach(visit.stage, start, hand_on);
            }
            Happening::Left(visit) => {
                let stage = i64::from(visit.stage);
                let rank = match visit.service_start < visit.departure {
                    true => -1 - stage,
                    false => stage,
                };
                self.expect(record, visit.departure, rank);
                // The stage records it at the end of service, though the customer may leave later.
                self.reach(visit.stage, visit.service_end, hand_on);
            }
            Happening::Lost { time, .. } => {
                self.expect(record, *time, 0);
                self.reach(0, *time, hand_on);
            }
            // The coordinator records them in order.
            Happening::Station(_) => hand_on(record),
            Happening::Reached { .. }
            | Happening::Passage(_)
            | Happening::Visited(_)
            | Happening::Finished(_) => {}
        }
    }

    fn expect(&mut self, record: &Happening, time: f64, rank: i64) {
        self.recorded += 1;
        self.ahead.push(Reverse(Ahead {
            time,
            rank,
            number: self.recorded,
            happening: record.clone(),
        }));
    }

    /// Notes that a stage has reached this time.
    fn reach(&mut self, stage: u32, time: f64, hand_on: &impl Fn(&Happening)) {
        let clock = &mut self.clocks[stage as usize];
        let was_last = *clock <= self.certain;
        *clock = clock.max(time);
        if was_last {
            self.certain = self.clocks.iter().copied().fold(f64::INFINITY, f64::min);
            self.pass(self.certain, hand_on);
        }
    }

    /// Hands on the events before this time.
    fn pass(&mut self, time: f64, hand_on: &impl Fn(&Happening)) {
        while let Some(Reverse(next)) = self.ahead.peek()
            && next.time < time
        {
            hand_on(&next.happening);
            self.ahead.pop();
        }
    }

    fn end_step(&mut self, hand_on: &impl Fn(&Happening)) {
        let mut taken_over: Vec<u64> = Vec::new();
        for record in &self.step {
            if let Happening::Request(event) = record
                && let RequestEventKind::Moved { .. } = event.kind
            {
                taken_over.push(event.request);
            }
        }
        taken_over.sort_unstable();
        let began: Vec<u64> = match self.steps {
            true => Vec::new(),
            false => self.step.iter().filter_map(began).collect(),
        };
        // Events with the same place come from one actor, and keep their order.
        self.step.sort_by_key(|record| {
            let place = place(record, &taken_over);
            let first = !self.steps && ended(record).is_some_and(|who| !began.contains(&who));
            (!first, place)
        });
        self.step.drain(..).for_each(|record| hand_on(&record));
    }
}

/// The request whose service begins.
fn began(record: &Happening) -> Option<u64> {
    match record {
        Happening::Request(event) => {
            matches!(event.kind, RequestEventKind::Started { .. }).then_some(event.request)
        }
        _ => None,
    }
}

/// The request whose service ends.
fn ended(record: &Happening) -> Option<u64> {
    match record {
        Happening::Request(event) => {
            matches!(event.kind, RequestEventKind::WrapUp { .. }).then_some(event.request)
        }
        Happening::Ended(row) => (row.outcome == RequestOutcome::Completed).then_some(row.id),
        _ => None,
    }
}

/// The place of an event within its step: phase, server, attendant; for a request that ends with an actor not named in
/// its row, phase and number.
fn place(record: &Happening, taken_over: &[u64]) -> (u8, u32, u32) {
    match record {
        Happening::Fault(_) => (0, 0, 0),
        Happening::Request(event) => match event.kind {
            RequestEventKind::TimedOut { .. } => (0, 0, 0),
            RequestEventKind::SpeedChanged {
                server, attendant, ..
            } => (1, server, attendant),
            RequestEventKind::HandedOver { .. } => (2, 0, 0),
            RequestEventKind::Arrived => (3, 0, 0),
            RequestEventKind::Dispatched { .. } => (4, 0, 0),
            RequestEventKind::Started {
                server, attendant, ..
            } => match taken_over.binary_search(&event.request) {
                Err(_) => (5, server, attendant),
                Ok(_) => (7, server, attendant),
            },
            RequestEventKind::Moved { .. } => (6, 0, 0),
            RequestEventKind::GaveUp { server, .. } => (8, server.unwrap_or(u32::MAX), 0),
            RequestEventKind::ComesAgain { .. } => {
                (9, (event.request >> 32) as u32, event.request as u32)
            }
            RequestEventKind::WrapUp {
                server, attendant, ..
            } => (10, server, attendant),
        },
        Happening::Ended(row) => match row.outcome {
            RequestOutcome::TimedOut => (0, 0, 0),
            RequestOutcome::Failed => (2, 0, 0),
            RequestOutcome::Rejected => (3, 0, 0),
            RequestOutcome::Abandoned => (9, (row.id >> 32) as u32, row.id as u32),
            RequestOutcome::Completed => {
                let at = (row.server.unwrap_or(0), row.attendant.unwrap_or(0));
                (10, at.0, at.1)
            }
            RequestOutcome::InSystem => (12, (row.id >> 32) as u32, row.id as u32),
        },
        _ => (11, 0, 0),
    }
}
