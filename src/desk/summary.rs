//! The summary of a desk: every measure the contract names, as it is serialised.

use crate::stats::Statistics;
use serde::{Deserialize, Serialize};

/// The measures of one run; all times in steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskSummary {
    /// The steps done.
    pub steps: u64,
    /// How many requests there were, and what became of them.
    pub requests: RequestCounts,
    /// Step of the first service start minus arrival step, over requests whose service began.
    pub waiting: Statistics,
    /// Completion step minus arrival step plus one, over completed requests.
    pub sojourn: Statistics,
    /// What share of the requests was lost, by cause.
    pub lost: LostShares,
    /// Class by class, in file order.
    pub classes: Vec<ClassSummary>,
    /// Requests in the buffer at the end of a step.
    pub buffer: BufferSummary,
    /// Faults, and what they did.
    pub faults: FaultSummary,
    /// Server by server, in file order.
    pub servers: Vec<ServerSummary>,
}

/// How many requests there were, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCounts {
    /// All.
    pub generated: u64,
    /// Their work was done.
    pub completed: u64,
    /// They found the buffer full.
    pub rejected: u64,
    /// They gave up before their service ever began.
    pub abandoned: u64,
    /// They were interrupted once too often, or their work was lost.
    pub failed: u64,
    /// They were still there when the run ended.
    pub in_system: u64,
}

/// The share of all requests offered that were lost, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LostShares {
    /// For whatever cause.
    pub total: Option<f64>,
    /// The buffer was full.
    pub rejected: Option<f64>,
    /// They gave up waiting.
    pub abandoned: Option<f64>,
    /// They failed.
    pub failed: Option<f64>,
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
    /// What share of its requests was lost, by cause.
    pub lost: LostShares,
    /// The share answered in time, where the scenario says what that is.
    pub service_level: Option<ServiceLevelSummary>,
}

/// How many requests were answered in time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceLevelSummary {
    /// The service is to begin within this many steps after the arrival step.
    pub within: u64,
    /// In how many requests it did.
    pub answered: u64,
    /// Their share of all offered.
    pub share: Option<f64>,
}

/// Requests in the buffer at the end of a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BufferSummary {
    /// Mean over the steps.
    pub mean: Option<f64>,
    /// At most.
    pub max: Option<u64>,
    /// In the last step.
    #[serde(rename = "final")]
    pub last: Option<u64>,
    /// Steps in which a request found it full.
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
    /// Up attendant-steps / all attendant-steps.
    pub availability: Option<f64>,
    /// Mean steps down, over the outages of attendants that ended.
    pub repair_time_mean: Option<f64>,
    /// The longest outage of an attendant, the run's end cutting it off.
    pub outage_longest: Option<u64>,
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
    /// Busy attendant-steps / all attendant-steps.
    pub utilisation: Option<f64>,
    /// Up attendant-steps / all attendant-steps.
    pub availability: Option<f64>,
    /// Requests it held, in service and waiting, before completions.
    pub held: HeldSummary,
    /// How often its attendants went down.
    pub faults: u64,
    /// How often they came up again.
    pub repairs: u64,
    /// Mean steps down, over the outages of its attendants that ended.
    pub repair_time_mean: Option<f64>,
    /// The longest spell in which none of its attendants was up; null if there was none.
    pub outage_longest: Option<u64>,
    /// Attendant by attendant.
    pub attendants: Vec<AttendantSummary>,
}

/// Requests held by a server, over the steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldSummary {
    /// Mean over the steps.
    pub mean: Option<f64>,
    /// At most.
    pub max: Option<u64>,
}

/// The measures of one attendant; busy + idle + down = steps.
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
    /// Steps with a request in service.
    pub busy_steps: u64,
    /// Steps up without one.
    pub idle_steps: u64,
    /// Steps down.
    pub down_steps: u64,
    /// Busy steps / all steps.
    pub utilisation: Option<f64>,
    /// Up steps / all steps.
    pub availability: Option<f64>,
    /// Mean steps down, over its outages that ended.
    pub repair_time_mean: Option<f64>,
    /// Its longest outage, the run's end cutting it off; null if there was none.
    pub outage_longest: Option<u64>,
}
