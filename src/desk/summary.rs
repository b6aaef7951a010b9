//! The summary of a desk: every measure that the contract names, in serialised form.

use super::intervals::DeskInterval;
use crate::stats::Statistics;
use serde::{Deserialize, Deserializer, Serialize};

/// The measures of one run; all times in steps, or in units of continuous time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskSummary {
    /// The number of steps, for a desk in steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// In continuous time, the time at which the last request that had a place left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<f64>,
    /// The length of the window: from the end of the warm-up to the last arrival.
    pub window: f64,
    /// The numbers of requests, by outcome.
    pub requests: RequestCounts,
    /// Start of the first service minus arrival, over requests whose service began.
    pub waiting: Statistics,
    /// From the arrival to the end of the service, over completed requests.
    pub sojourn: Statistics,
    /// The time in service that counted, over completed requests.
    pub service: Statistics,
    /// From the arrival to giving up, over requests that gave up.
    pub time_to_abandon: Statistics,
    /// The share of requests offered and not rejected that waited longer than zero.
    pub waited_fraction: Option<f64>,
    /// The shares of requests offered that were lost, by cause.
    pub lost: LostShares,
    /// Clients whose first try is measured.
    pub clients: u64,
    /// The mean number of their tries per client.
    pub tries_per_client: Option<f64>,
    /// Requests completed while their clients waited.
    pub completed_in_time: u64,
    /// The same per step or unit of time of the window.
    pub goodput: Option<f64>,
    /// Attendants' time in service on requests not completed while the client waited, and on work of the others
    /// that was restarted.
    pub wasted_work: f64,
    /// The share answered in time, if a class has a service level.
    pub service_level: Option<ServiceLevelSummary>,
    /// The measures of each class, in file order.
    pub classes: Vec<ClassSummary>,
    /// The measures by intervals of time, if the scenario asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<DeskInterval>,
    /// Requests in the buffer.
    pub buffer: BufferSummary,
    /// Busy / (busy + idle), over all attendants.
    pub occupancy: Option<f64>,
    /// Faults, and their effects.
    pub faults: FaultSummary,
    /// The measures of each server, in file order.
    pub servers: Vec<ServerSummary>,
}

impl DeskSummary {
    /// Whether any request may have waited: includes those that gave up, and those still present, whose waits are
    /// not measured.
    #[must_use]
    pub fn may_have_waited(&self) -> bool {
        self.waited_fraction > Some(0.0) || self.requests.in_system > 0
    }
}

/// The numbers of requests, by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCounts {
    /// All requests.
    pub generated: u64,
    /// Requests whose work was done.
    pub completed: u64,
    /// Requests that found the buffer or the system full.
    pub rejected: u64,
    /// Requests that gave up before their service first began.
    pub abandoned: u64,
    /// Requests that were interrupted once too often, or whose work was lost.
    pub failed: u64,
    /// Requests withdrawn because their clients had waited too long.
    pub timed_out: u64,
    /// Completed requests whose clients had left.
    pub late: u64,
    /// Requests still present when the run ended.
    pub in_system: u64,
    /// Requests that arrived at or after the end of the warm-up.
    pub measured: u64,
}

/// The shares of the requests offered that were lost, by cause. Requests offered are those measured, except those
/// still waiting whose service has not begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LostShares {
    /// For any cause.
    pub total: Option<f64>,
    /// Because the buffer or the system was full.
    pub rejected: Option<f64>,
    /// Because they gave up waiting.
    pub abandoned: Option<f64>,
    /// Because they failed.
    pub failed: Option<f64>,
    /// Because they were withdrawn.
    pub timed_out: Option<f64>,
}

/// The measures of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassSummary {
    /// Its name.
    pub name: String,
    /// The numbers of its requests, by outcome.
    pub requests: RequestCounts,
    /// As for all requests.
    pub waiting: Statistics,
    /// As for all requests.
    pub sojourn: Statistics,
    /// As for all requests.
    pub service: Statistics,
    /// As for all requests.
    pub time_to_abandon: Statistics,
    /// As for all requests.
    pub waited_fraction: Option<f64>,
    /// The shares of its requests that were lost, by cause.
    pub lost: LostShares,
    /// As for all requests.
    pub clients: u64,
    /// As for all requests.
    pub tries_per_client: Option<f64>,
    /// As for all requests.
    pub completed_in_time: u64,
    /// As for all requests.
    pub goodput: Option<f64>,
    /// As for all requests.
    pub wasted_work: f64,
    /// The share answered in time, if the class has a service level.
    pub service_level: Option<ServiceLevelSummary>,
}

/// The share of requests answered within a time, by each of the formulas in use. A request is answered when its
/// service first starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceLevelSummary {
    /// The longest wait of an answer in time; null if classes differ.
    pub within: Option<f64>,
    /// Answered in time / offered.
    pub of_offered: Option<f64>,
    /// Answered in time / answered.
    pub of_answered: Option<f64>,
    /// Answered in time / (offered, except those who gave up within the time).
    pub of_offered_less_quick: Option<f64>,
    /// (Answered in time and those who gave up within the time) / offered.
    pub with_quick: Option<f64>,
    /// Answered in time / (answered and those who gave up after the time).
    pub of_answered_and_late: Option<f64>,
    /// The share of requests offered that should be answered in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// Whether `of_offered` meets the target, if there is one; null if no request was offered.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub met: Option<Option<bool>>,
}

/// A value that is present, possibly null.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<bool>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Requests in the buffer over the window; in steps, at the end of each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BufferSummary {
    /// Mean over time.
    pub mean: Option<f64>,
    /// Maximum, over values that lasted longer than zero.
    pub max: Option<u64>,
    /// At the end of the window, or of a run that ended before.
    #[serde(rename = "final")]
    pub last: Option<u64>,
    /// Steps, or instants, at which a request found it full.
    pub full_steps: u64,
}

/// Faults, and their effects.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultSummary {
    /// The number of times an attendant went down.
    pub count: u64,
    /// The number of times an attendant came up again.
    pub repairs: u64,
    /// Requests interrupted in service.
    pub interrupted: u64,
    /// Requests handed over and not failed, each time, and those moved by rebalancing.
    pub reallocated: u64,
    /// The share of the attendants' time on duty during which they were up.
    pub availability: Option<f64>,
    /// Mean time down, over the outages of attendants that ended.
    pub repair_time_mean: Option<f64>,
    /// The longest outage of an attendant, clipped at the end of the run.
    pub outage_longest: Option<f64>,
}

/// The measures of one server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerSummary {
    /// Its name.
    pub name: String,
    /// The maximum number of requests it may hold; none for no limit.
    pub capacity: Option<u64>,
    /// Requests its attendants completed.
    pub completed: u64,
    /// Busy / all of its attendants' time.
    pub utilisation: Option<f64>,
    /// Busy / (busy + idle).
    pub occupancy: Option<f64>,
    /// Up / all of its attendants' time.
    pub availability: Option<f64>,
    /// Requests it held, in service and waiting; in steps, before completions.
    pub held: HeldSummary,
    /// The number of times its attendants went down.
    pub faults: u64,
    /// The number of times they came up again.
    pub repairs: u64,
    /// Mean time down, over the outages of its attendants that ended.
    pub repair_time_mean: Option<f64>,
    /// The longest period in which none of its attendants was up; null if there was none.
    pub outage_longest: Option<f64>,
    /// The measures of each attendant.
    pub attendants: Vec<AttendantSummary>,
}

/// Requests held by a server, over the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldSummary {
    /// Mean over time.
    pub mean: Option<f64>,
    /// Maximum, over values that lasted longer than zero.
    pub max: Option<u64>,
}

/// The measures of one attendant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttendantSummary {
    /// Its name.
    pub name: String,
    /// The names of the classes it serves.
    pub skills: Vec<String>,
    /// Requests it completed.
    pub completed: u64,
    /// The number of times it went down.
    pub faults: u64,
    /// The number of times it came up again.
    pub repairs: u64,
    /// Steps of the window with a request in service; in continuous time see `busy_time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_steps: Option<u64>,
    /// Steps up without a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_steps: Option<u64>,
    /// Steps down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_steps: Option<u64>,
    /// Steps off duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_steps: Option<u64>,
    /// Steps slowed on duty, busy or idle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_steps: Option<u64>,
    /// Time of the window with a request in service, in continuous time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_time: Option<f64>,
    /// Time up without a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_time: Option<f64>,
    /// Time down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_time: Option<f64>,
    /// Time off duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_time: Option<f64>,
    /// Time slowed on duty, busy or idle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_time: Option<f64>,
    /// Busy / window.
    pub utilisation: Option<f64>,
    /// Busy / (busy + idle).
    pub occupancy: Option<f64>,
    /// Up / window.
    pub availability: Option<f64>,
    /// Mean time down, over its outages that ended.
    pub repair_time_mean: Option<f64>,
    /// Its longest outage, clipped at the end of the run; null if there was none.
    pub outage_longest: Option<f64>,
}

impl AttendantSummary {
    /// The use of the window: busy, idle, down, off duty.
    #[must_use]
    pub fn spent(&self) -> [f64; 4] {
        let steps = [
            self.busy_steps,
            self.idle_steps,
            self.down_steps,
            self.off_steps,
        ];
        let times = [
            self.busy_time,
            self.idle_time,
            self.down_time,
            self.off_time,
        ];
        let part = |at: usize| steps[at].map(|steps| steps as f64).or(times[at]);
        [0, 1, 2, 3].map(|at| part(at).unwrap_or(0.0))
    }
}
