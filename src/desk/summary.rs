//! The summary of a desk: every measure the contract names, as it is serialised.

use super::intervals::DeskInterval;
use crate::stats::Statistics;
use serde::{Deserialize, Deserializer, Serialize};

/// The measures of one run; all times in steps, or in units of continuous time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskSummary {
    /// The steps done, where it goes by steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// In continuous time, when the last one left who had a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<f64>,
    /// The length of the window: from the end of the warm-up to the last arrival.
    pub window: f64,
    /// How many requests there were, and what became of them.
    pub requests: RequestCounts,
    /// Start of the first service minus arrival, over requests whose service began.
    pub waiting: Statistics,
    /// From the arrival to the end of the service, over completed requests.
    pub sojourn: Statistics,
    /// The time in service that counted, over completed requests.
    pub service: Statistics,
    /// From the arrival to giving up, over those who gave up.
    pub time_to_abandon: Statistics,
    /// The share of those offered and not rejected who waited longer than zero.
    pub waited_fraction: Option<f64>,
    /// What share of the requests offered was lost, by cause.
    pub lost: LostShares,
    /// Clients whose first try is measured.
    pub clients: u64,
    /// Their tries, by client.
    pub tries_per_client: Option<f64>,
    /// Requests completed while their clients waited.
    pub completed_in_time: u64,
    /// The same in a step or a unit of time of the window.
    pub goodput: Option<f64>,
    /// Attendants' time in service on requests not completed while the client waited, and on pieces begun anew of the
    /// others.
    pub wasted_work: f64,
    /// The share answered in time, where a class has a service level.
    pub service_level: Option<ServiceLevelSummary>,
    /// Class by class, in file order.
    pub classes: Vec<ClassSummary>,
    /// The same by intervals of time, where the scenario asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<DeskInterval>,
    /// Requests in the buffer.
    pub buffer: BufferSummary,
    /// Busy / (busy + idle), over all attendants.
    pub occupancy: Option<f64>,
    /// Faults, and what they did.
    pub faults: FaultSummary,
    /// Server by server, in file order.
    pub servers: Vec<ServerSummary>,
}

impl DeskSummary {
    /// Whether somebody may have waited: those who gave up included, and those still there, of whose waits nothing is
    /// measured.
    #[must_use]
    pub fn may_have_waited(&self) -> bool {
        self.waited_fraction > Some(0.0) || self.requests.in_system > 0
    }
}

/// How many requests there were, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCounts {
    /// All.
    pub generated: u64,
    /// Their work was done.
    pub completed: u64,
    /// They found the buffer or the system full.
    pub rejected: u64,
    /// They gave up before their service ever began.
    pub abandoned: u64,
    /// They were interrupted once too often, or their work was lost.
    pub failed: u64,
    /// They were withdrawn, since their clients had waited too long.
    pub timed_out: u64,
    /// Of those completed, after their clients had gone.
    pub late: u64,
    /// They were still there when the run ended.
    pub in_system: u64,
    /// Those that arrived from the end of the warm-up on.
    pub measured: u64,
}

/// The share of the requests offered that were lost, by cause. Offered are those measured, less those still
/// waiting whose service has not begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LostShares {
    /// For whatever cause.
    pub total: Option<f64>,
    /// The buffer or the system was full.
    pub rejected: Option<f64>,
    /// They gave up waiting.
    pub abandoned: Option<f64>,
    /// They failed.
    pub failed: Option<f64>,
    /// They were withdrawn.
    pub timed_out: Option<f64>,
}

/// The measures of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassSummary {
    /// Its name.
    pub name: String,
    /// How many requests it had, and what became of them.
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
    /// What share of its requests was lost, by cause.
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
    /// The share answered in time, where the scenario says what that is.
    pub service_level: Option<ServiceLevelSummary>,
}

/// The share of requests answered within a time, by the formulas in use. An answer is the first start of the
/// service.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceLevelSummary {
    /// The longest wait of an answer in time; null where classes differ.
    pub within: Option<f64>,
    /// Answered in time / offered.
    pub of_offered: Option<f64>,
    /// Answered in time / answered.
    pub of_answered: Option<f64>,
    /// Answered in time / (offered less those who gave up within the time).
    pub of_offered_less_quick: Option<f64>,
    /// (Answered in time and those who gave up within the time) / offered.
    pub with_quick: Option<f64>,
    /// Answered in time / (answered and those who gave up after the time).
    pub of_answered_and_late: Option<f64>,
    /// The share of those offered that should be answered in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// Whether `of_offered` meets it, where there is a target; null where nobody was offered.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub met: Option<Option<bool>>,
}

/// A value that is there, if only as null.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<bool>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Requests in the buffer over the window, in steps at the end of each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BufferSummary {
    /// Mean over time.
    pub mean: Option<f64>,
    /// At most, for longer than zero.
    pub max: Option<u64>,
    /// At the end.
    #[serde(rename = "final")]
    pub last: Option<u64>,
    /// Steps, or instants, at which a request found it full.
    pub full_steps: u64,
}

/// Faults, and what they did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultSummary {
    /// How often an attendant went down.
    pub count: u64,
    /// How often one came up again.
    pub repairs: u64,
    /// Requests cut off in service.
    pub interrupted: u64,
    /// Requests handed over and not failed, each time, and those moved by rebalancing.
    pub reallocated: u64,
    /// The share of the attendants' time on duty that they were up.
    pub availability: Option<f64>,
    /// Mean time down, over the outages of attendants that ended.
    pub repair_time_mean: Option<f64>,
    /// The longest outage of an attendant, the run's end cutting it off.
    pub outage_longest: Option<f64>,
}

/// The measures of one server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerSummary {
    /// Its name.
    pub name: String,
    /// The most requests it may hold; none is no limit.
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
    /// How often its attendants went down.
    pub faults: u64,
    /// How often they came up again.
    pub repairs: u64,
    /// Mean time down, over the outages of its attendants that ended.
    pub repair_time_mean: Option<f64>,
    /// The longest spell in which none of its attendants was up; null if there was none.
    pub outage_longest: Option<f64>,
    /// Attendant by attendant.
    pub attendants: Vec<AttendantSummary>,
}

/// Requests held by a server, over the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldSummary {
    /// Mean over time.
    pub mean: Option<f64>,
    /// At most, for longer than zero.
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
    /// How often it went down.
    pub faults: u64,
    /// How often it came up again.
    pub repairs: u64,
    /// Of the window with a request in service, in steps; or, in continuous time, `busy_time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_steps: Option<u64>,
    /// Up without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_steps: Option<u64>,
    /// Down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_steps: Option<u64>,
    /// Off duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_steps: Option<u64>,
    /// Slowed on duty, busy or idle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_steps: Option<u64>,
    /// Of the window with a request in service, in continuous time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_time: Option<f64>,
    /// Up without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_time: Option<f64>,
    /// Down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_time: Option<f64>,
    /// Off duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_time: Option<f64>,
    /// Slowed on duty, busy or idle.
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
    /// Its longest outage, the run's end cutting it off; null if there was none.
    pub outage_longest: Option<f64>,
}

impl AttendantSummary {
    /// How it spent the window: busy, idle, down, off duty.
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
