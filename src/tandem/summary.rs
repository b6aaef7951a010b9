//! The summary of a line: every measure the contract names, as it is serialised.

use crate::stats::Statistics;
use serde::{Deserialize, Serialize};

/// The measures of one run, in the scenario's time unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineSummary {
    /// The line's last departure.
    pub clock: f64,
    /// Measured departures per unit of time, from the first measured arrival to the last departure.
    pub throughput: Option<f64>,
    /// How many customers there were.
    pub customers: CustomerCounts,
    /// Time waited over the whole line, per measured customer.
    pub waiting: Statistics,
    /// Time in service over the whole line, per measured customer.
    pub service: Statistics,
    /// Time blocked over the whole line, per measured customer.
    pub blocked: Statistics,
    /// Departure minus arrival, per measured customer.
    pub sojourn: Statistics,
    /// At how many stages a measured customer waited.
    pub queues_joined: QueuesJoined,
    /// Idle time of the stages.
    pub idle_time: IdleTime,
    /// The longest queue of all, and where it was.
    pub queue_length_max: LongestQueue,
    /// Stage by stage, in order.
    pub stages: Vec<StageSummary>,
}

/// How many customers there were in the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerCounts {
    /// Who reached the line.
    pub arrived: u64,
    /// Who found no place at the first stage.
    pub lost: u64,
    /// Who left the line served.
    pub departed: u64,
    /// Who entered the measures: after the warm-up, not lost.
    pub measured: u64,
}

/// At how many stages a measured customer waited.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueuesJoined {
    /// On average.
    pub mean: Option<f64>,
    /// At most.
    pub max: Option<u64>,
}

/// Idle time per server, over the stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdleTime {
    /// Plain mean over the stages.
    pub mean: Option<f64>,
    /// The largest of the stages.
    pub max: Option<f64>,
    /// Which stage that is; the first of equals.
    pub max_stage: Option<String>,
}

/// The longest queue of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LongestQueue {
    /// How many waited.
    pub length: Option<u64>,
    /// At which stage; the first of equals.
    pub stage: Option<String>,
}

/// The measures of one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageSummary {
    /// The stage's name.
    pub name: String,
    /// How many servers it has.
    pub servers: u32,
    /// Who came to it and was not lost, in the whole run.
    pub arrivals: u64,
    /// Who left it, in the whole run.
    pub departures: u64,
    /// Service start minus arrival, per measured visit.
    pub waiting: Statistics,
    /// The share of measured visits that waited.
    pub waited_fraction: Option<f64>,
    /// Service end minus service start, per measured visit.
    pub service: Statistics,
    /// Busy share of the window, without blocked time.
    pub utilisation: Option<f64>,
    /// Idle time per server in the window.
    pub idle_time: Option<f64>,
    /// The longest idle spell of any one server, clipped to the window.
    pub idle_longest: Option<f64>,
    /// Blocked time per server in the window.
    pub blocked_time: Option<f64>,
    /// Those waiting, not those in service, over the window.
    pub queue_length: QueueLengthSummary,
}

/// Queue length over a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueLengthSummary {
    /// Mean over time.
    pub mean: Option<f64>,
    /// The greatest length that lasted longer than zero.
    pub max: Option<u64>,
    /// When that was first reached; none if nobody ever waited.
    pub max_at: Option<f64>,
}
