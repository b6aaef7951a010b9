//! Summaries of the records of a line: the distributions of waits and services, and the course of queues.

use super::columns::Columns;
use super::repeat::Course;
use super::spread::Spread;
use crate::report::chart::{Ink, Line};
use crate::scenario::WarmUp;
use crate::station::{Happening, StationEvent, StationEventKind, VisitOutcome};
use crate::tandem::LineSummary;
use std::collections::BTreeMap;

/// The number of visits up to which every arrival and start is kept, so that queues are exact; for more visits, the
/// mean in each of some intervals.
const EXACT: u64 = 500_000;

/// The data folded from the records of a line.
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
    /// Customers by the time at which they arrived, were served to the end, or left unserved.
    pub(super) arrived: Columns,
    pub(super) served: Columns,
    pub(super) not_served: Columns,
    /// Customers who wait again because their service was interrupted, with the time of the interruption.
    cut_off: BTreeMap<u64, f64>,
}

/// Queue lengths by stage.
#[derive(Clone, Debug)]
enum Queues {
    /// Instants at which the queue changed, and the change.
    Exact(Vec<Vec<(f64, i8)>>),
    /// Time waited in each interval.
    Means(Vec<Columns>),
}

impl LineCourse {
    pub(super) fn new(summary: &LineSummary, warm_up: WarmUp, opens: f64) -> LineCourse {
        let stages = summary.stages.len();
        let visits = summary.customers.arrived * stages as u64;
        let customers = summary.customers.arrived;
        let columns = Columns::of_time(opens, summary.clock, customers);
        LineCourse {
            warm_up,
            opens,
            closes: summary.clock,
            waiting: Spread::new(&summary.waiting, false),
            service: Spread::new(&summary.service, false),
            queues_joined: vec![0; stages + 1],
            queues: match visits <= EXACT {
                true => Queues::Exact(vec![Vec::new(); stages]),
                false => Queues::Means(vec![columns.clone(); stages]),
            },
            arrived: columns.clone(),
            served: columns.clone(),
            not_served: columns,
            cut_off: BTreeMap::new(),
        }
    }

    /// The course of a stage's queue.
    pub(super) fn queue(&mut self, stage: usize, name: &str, ink: Ink) -> Line {
        let changes = match &mut self.queues {
            Queues::Exact(stages) => &mut stages[stage],
            Queues::Means(stages) => return stages[stage].total(name, ink),
        };
        // At equal times departures are applied before arrivals, so the queue is not overstated.
        changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut columns = self.arrived.clone_empty();
        let (mut length, mut since) = (0_i64, self.opens);
        for &(time, change) in changes.iter() {
            columns.hold(since, time, length as f64);
            length += i64::from(change);
            since = time;
        }
        columns.hold(since, self.closes, length as f64);
        columns.mean(name, ink)
    }
}

impl LineCourse {
    /// Adds a wait at a stage from one instant to another.
    fn wait(&mut self, stage: u32, from: f64, to: f64) {
        if to <= from {
            return;
        }
        match &mut self.queues {
            Queues::Exact(stages) => {
                stages[stage as usize].extend([(from, 1), (to, -1)]);
            }
            Queues::Means(stages) => stages[stage as usize].hold(from, to, 1.0),
        }
    }

    /// Handles an interrupted service, whose customer waits until it goes on.
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

    /// Handles a customer who was served to the end.
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
                self.arrived.add(one.arrival, 1.0);
                let left = match one.lost {
                    true => &mut self.not_served,
                    false => &mut self.served,
                };
                left.add(one.departure, 1.0);
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
            Happening::Finished(one) => {
                self.arrived.add(one.arrival, 1.0);
                let is_served = one.outcome == VisitOutcome::Served;
                if let Some(departure) = one.departure {
                    match is_served {
                        true => self.served.add(departure, 1.0),
                        false => self.not_served.add(departure, 1.0),
                    }
                }
                if is_served {
                    let times = (one.waiting, one.service);
                    self.serve(one.customer, one.arrival, times, one.queues_joined);
                }
            }
            _ => {}
        }
    }
}
