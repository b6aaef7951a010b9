//! Summaries of the records of a line: the distributions of waits and services, and the course of queues.

use super::repeat::Course;
use super::spread::Spread;
use crate::report::chart::Thinned;
use crate::scenario::WarmUp;
use crate::station::{Happening, StationEvent, StationEventKind, VisitOutcome};
use crate::tandem::LineSummary;
use std::collections::BTreeMap;

/// Columns of a course: a chart is not much wider.
const COLUMNS: usize = 360;

/// Visits of which every arrival and start is kept, so that queues are shown to the customer; of more,
/// the mean in each of [`COLUMNS`] intervals.
const EXACT: u64 = 500_000;

/// All that is folded from the records of a line.
#[derive(Clone, Debug)]
pub(super) struct LineCourse {
    warm_up: WarmUp,
    /// The time at which the course of queues begins.
    opens: f64,
    /// The time at which the run ends.
    closes: f64,
    pub(super) waiting: Spread,
    pub(super) service: Spread,
    pub(super) queues_joined: Vec<u64>,
    queues: Queues,
    /// Those who wait again because their service was cut off, since when.
    cut_off: BTreeMap<u64, f64>,
}

/// Queue lengths by stage.
#[derive(Clone, Debug)]
enum Queues {
    /// Instants at which one came or went: time, and by how much.
    Exact(Vec<Vec<(f64, i8)>>),
    /// Time waited in each interval of this width.
    Means(f64, Vec<Vec<f64>>),
}

impl LineCourse {
    pub(super) fn new(summary: &LineSummary, warm_up: WarmUp, opens: f64) -> LineCourse {
        let stages = summary.stages.len();
        let visits = summary.customers.arrived * stages as u64;
        let width = ((summary.clock - opens) / COLUMNS as f64).max(f64::MIN_POSITIVE);
        LineCourse {
            warm_up,
            opens,
            closes: summary.clock,
            waiting: Spread::new(&summary.waiting, false),
            service: Spread::new(&summary.service, false),
            queues_joined: vec![0; stages + 1],
            queues: match visits <= EXACT {
                true => Queues::Exact(vec![Vec::new(); stages]),
                false => Queues::Means(width, vec![vec![0.0; COLUMNS + 1]; stages]),
            },
            cut_off: BTreeMap::new(),
        }
    }

    /// Whether queues are means over intervals.
    pub(super) fn averaged(&self) -> Option<f64> {
        match self.queues {
            Queues::Exact(_) => None,
            Queues::Means(width, _) => Some(width),
        }
    }

    /// The course of a stage's queue.
    pub(super) fn queue(&mut self, stage: usize) -> Vec<(f64, f64)> {
        match &mut self.queues {
            Queues::Exact(stages) => {
                let changes = &mut stages[stage];
                // At equal times departures come before arrivals, so that the queue is not overstated.
                changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let mut thinned = Thinned::new(COLUMNS, 1e-9);
                let mut length = 0_i64;
                thinned.push(self.opens, 0.0);
                for (at, &(time, change)) in changes.iter().enumerate() {
                    length += i64::from(change);
                    // What lasts no time is not seen.
                    if changes.get(at + 1).is_none_or(|next| next.0 > time) {
                        thinned.push(time, length as f64);
                    }
                }
                thinned.points()
            }
            Queues::Means(width, stages) => {
                let middle = |at: usize| self.opens + (at as f64 + 0.5) * *width;
                let means = stages[stage].iter().take(COLUMNS).enumerate();
                means
                    .map(|(at, waited)| (middle(at), waited / *width))
                    .collect()
            }
        }
    }
}

impl LineCourse {
    /// Somebody waited at a stage from one instant to another.
    fn wait(&mut self, stage: u32, from: f64, to: f64) {
        if to <= from {
            return;
        }
        match &mut self.queues {
            Queues::Exact(stages) => {
                stages[stage as usize].extend([(from, 1), (to, -1)]);
            }
            Queues::Means(width, stages) => {
                let held = &mut stages[stage as usize];
                let last = held.len() - 1;
                let (from, to) = (from - self.opens, to - self.opens);
                let (first, end) = ((from / *width) as usize, (to / *width) as usize);
                let (first, end) = (first.min(last), end.min(last));
                for (at, held) in (first..).zip(&mut held[first..=end]) {
                    let begins = at as f64 * *width;
                    *held += (to.min(begins + *width) - from.max(begins)).max(0.0);
                }
            }
        }
    }

    /// A service was cut off, and its customer waits until it goes on.
    fn wait_again(&mut self, event: &StationEvent) {
        let Some(who) = event.customer else {
            return;
        };
        match event.kind {
            StationEventKind::CutOff { stays: false, .. } => {
                self.cut_off.insert(who.number, event.time);
            }
            StationEventKind::SetUp { .. }
            | StationEventKind::Began { .. }
            | StationEventKind::Resumed { .. } => {
                if let Some(since) = self.cut_off.remove(&who.number) {
                    self.wait(event.stage, since, event.time);
                }
            }
            _ => {}
        }
    }

    /// A customer was served to the end.
    fn serve(&mut self, number: u64, arrival: f64, (waiting, service): (f64, f64), joined: u32) {
        let measured = match self.warm_up {
            WarmUp::Customers(first) => number > first,
            WarmUp::Time(from) => arrival >= from,
        };
        if measured {
            self.waiting.push(waiting);
            self.service.push(service);
            let joined = (joined as usize).min(self.queues_joined.len() - 1);
            self.queues_joined[joined] += 1;
        }
    }
}

impl Course for LineCourse {
    fn take(&mut self, record: &Happening) {
        match record {
            Happening::Passage(passage) => {
                let one = &passage.customer;
                for visit in &passage.visits {
                    self.wait(visit.stage, visit.arrival, visit.service_start);
                }
                if !one.lost {
                    let times = (one.waiting, one.service);
                    self.serve(one.customer, one.arrival, times, one.queues_joined);
                }
            }
            Happening::Visited(visit) => {
                let until = visit.service_start.or(visit.departure);
                self.wait(visit.stage, visit.arrival, until.unwrap_or(self.closes));
            }
            Happening::Station(event) => self.wait_again(event),
            Happening::Finished(one) if one.outcome == VisitOutcome::Served => {
                let times = (one.waiting, one.service);
                self.serve(one.customer, one.arrival, times, one.queues_joined);
            }
            _ => {}
        }
    }
}
