//! The measures of a line by intervals of time.

use super::summary::QueueLengthSummary;
use crate::lockstep::Run;
use crate::scenario::{Horizon, Tandem};
use crate::stats::Statistics;
use serde::{Deserialize, Serialize};

/// The measures of one interval of time, warm-up included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntervalSummary {
    /// Its beginning; it ends where the next one begins.
    pub from: f64,
    /// Customers who reached the line in it.
    pub arrivals: u64,
    /// Customers who reached the line in it and were served to the end, at whatever time.
    pub departures: u64,
    /// Times waited by these customers, over the whole line.
    pub waiting: Statistics,
    /// Customers waiting in the interval, at all stages together.
    pub queue_length: QueueLengthSummary,
    /// Busy share of the servers' time in the interval, over all stages; none if their servers are unlimited.
    pub utilisation: Option<f64>,
}

/// The measures of each interval that a line reports, from a run that is over.
pub(super) fn summaries(line: &Tandem, run: &Run<'_>) -> Vec<IntervalSummary> {
    // The busy share of unlimited servers is not defined.
    let stages = line.stages.iter().zip(&run.stations);
    let stages: Vec<(u32, Vec<f64>)> = stages
        .filter_map(|(stage, station)| Some((stage.servers.most()?, station.busy_by_interval())))
        .collect();
    let servers: f64 = stages.iter().map(|&(most, _)| f64::from(most)).sum();
    let each = run.intervals(ends_early(line)).into_iter().enumerate();
    let each = each.map(|(index, interval)| {
        let lasts = interval.to - interval.from;
        let busy = |(_, areas): &(u32, Vec<f64>)| areas.get(index).copied().unwrap_or(0.0);
        let busy: f64 = stages.iter().map(busy).sum();
        let over = |total: f64, whole: f64| (whole > 0.0).then(|| total / whole);
        IntervalSummary {
            from: interval.from,
            arrivals: interval.customers.arrivals,
            departures: interval.customers.departures,
            waiting: interval.customers.waiting.statistics(),
            queue_length: QueueLengthSummary {
                mean: over(interval.queue.area, lasts),
                max: (lasts > 0.0).then_some(interval.queue.max),
                max_at: interval.queue.max_at,
            },
            utilisation: over(busy, servers * lasts),
        }
    });
    each.collect()
}

/// Whether a run is to end before the last of its intervals: its line is another line, cut to a part of its length.
fn ends_early(line: &Tandem) -> bool {
    let end = match line.horizon {
        Horizon::Until(until) => Some(until),
        Horizon::Customers(_) => None,
    };
    line.intervals.is_some_and(|one| one.end != end)
}
