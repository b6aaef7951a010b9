//! Summaries of the records of a line: the distributions of waits and services, and the course of queues.

use super::repeat::Course;
use super::spread::Spread;
use crate::report::chart::Thinned;
use crate::station::Happening;
use crate::tandem::LineSummary;

/// Columns of a course: a chart is not much wider.
const COLUMNS: usize = 360;

/// Visits of which every arrival and start is kept, so that queues are shown to the customer; of more,
/// the mean in each of [`COLUMNS`] intervals.
const EXACT: u64 = 500_000;

/// All that is folded from the records of a line.
#[derive(Clone, Debug)]
pub(super) struct LineCourse {
    warm_up: u64,
    /// The time at which the course of queues begins.
    opens: f64,
    pub(super) waiting: Spread,
    pub(super) service: Spread,
    pub(super) queues_joined: Vec<u64>,
    queues: Queues,
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
    pub(super) fn new(summary: &LineSummary, warm_up: u64, opens: f64) -> LineCourse {
        let stages = summary.stages.len();
        let visits = summary.customers.arrived * stages as u64;
        let width = ((summary.clock - opens) / COLUMNS as f64).max(f64::MIN_POSITIVE);
        LineCourse {
            warm_up,
            opens,
            waiting: Spread::new(&summary.waiting, false),
            service: Spread::new(&summary.service, false),
            queues_joined: vec![0; stages + 1],
            queues: match visits <= EXACT {
                true => Queues::Exact(vec![Vec::new(); stages]),
                false => Queues::Means(width, vec![vec![0.0; COLUMNS + 1]; stages]),
            },
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

impl Course for LineCourse {
    fn take(&mut self, record: &Happening) {
        let Happening::Passage(passage) = record else {
            return;
        };
        let customer = &passage.customer;
        for visit in &passage.visits {
            let (from, to) = (visit.arrival, visit.service_start);
            if to <= from {
                continue;
            }
            match &mut self.queues {
                Queues::Exact(stages) => {
                    stages[visit.stage as usize].extend([(from, 1), (to, -1)]);
                }
                Queues::Means(width, stages) => {
                    let held = &mut stages[visit.stage as usize];
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
        if !customer.lost && customer.customer > self.warm_up {
            self.waiting.push(customer.waiting);
            self.service.push(customer.service);
            let joined = (customer.queues_joined as usize).min(self.queues_joined.len() - 1);
            self.queues_joined[joined] += 1;
        }
    }
}
