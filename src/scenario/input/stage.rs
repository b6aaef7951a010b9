//! The form of a stage of a line: its servers, its services, and its people and machines.

use super::Law;
use crate::scenario::{Discipline, FaultClock, FaultWork, Leaving, Preemption};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A stage of a line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Stage {
    /// Its name, unique in the line: 1 to 64 letters, digits, `_`, `.` or `-`.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: String,
    /// The number of servers, `"unlimited"`, or a plan over time; default 1.
    #[serde(default = "one")]
    pub(in crate::scenario) servers: Servers,
    /// The number of waiting places, without the places at the servers; if left out, no limit.
    pub(in crate::scenario) buffer: Option<u64>,
    /// The speed of each server: a service of length v takes v / speed; default 1 for all.
    #[schemars(length(min = 1), extend("items" = serde_json::json!({ "type": "number", "exclusiveMinimum": 0.0 })))]
    pub(in crate::scenario) speeds: Option<Vec<f64>>,
    /// The law of a service: one for all, one for each class, or one for each server.
    pub(in crate::scenario) service: Service,
    /// The law of the set-up time that a server needs before it serves another class than its last; default none.
    pub(in crate::scenario) setup: Option<ClassLaws>,
    /// Which waiting customer of the highest priority is served first: the first to arrive (fifo, the default), the last
    /// (lifo), one at random, or the one with the shortest service; with processor-sharing all are served at once.
    #[serde(default)]
    pub(in crate::scenario) discipline: Discipline,
    /// Whether a customer of higher priority takes the server of one in service, whose work then goes on later (resume) or
    /// begins again (restart); default none.
    #[serde(default)]
    pub(in crate::scenario) preemption: Preemption,
    /// The chance of joining if 0, 1, 2 and so on customers are waiting; the last holds for all greater numbers. If left
    /// out, all join.
    #[schemars(length(min = 1), inner(range(min = 0.0, max = 1.0)))]
    pub(in crate::scenario) join: Option<Vec<f64>>,
    /// The time a customer waits here for the beginning of its service before it gives up and leaves; if left out, it
    /// never gives up.
    pub(in crate::scenario) patience: Option<ClassLaws>,
    /// When servers go down and come up; if left out, they never go down.
    pub(in crate::scenario) faults: Option<Faults>,
    /// The chance of leaving as scrap after the service here; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) scrap: f64,
}

fn one() -> Servers {
    Servers::Count(1)
}

/// How many servers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(in crate::scenario) enum Servers {
    Count(#[schemars(range(min = 1, max = 1_000_000))] u32),
    Unlimited(Unlimited),
    Plan(Plan),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(in crate::scenario) enum Unlimited {
    Unlimited,
}

/// A number of servers that changes at planned instants.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Plan {
    /// The number of servers on duty from each instant on; the first is 0.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) plan: Vec<PlanEntry>,
    /// The length of time after which the plan begins again; if left out, the last number stays.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "duration"))]
    pub(in crate::scenario) repeat: Option<f64>,
    /// Whether a server that goes off duty finishes its service first; default finish.
    #[serde(default)]
    pub(in crate::scenario) leaving: Leaving,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct PlanEntry {
    /// The instant from which this number holds.
    #[schemars(range(min = 0.0), extend("x-quantity" = "instant"))]
    pub(in crate::scenario) from: f64,
    /// The number of servers on duty: those numbered from 1 to this.
    #[schemars(range(max = 1_000_000))]
    pub(in crate::scenario) count: u32,
}

/// The laws of a service.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(in crate::scenario) enum Service {
    Law(Law),
    ByClass(ByClass),
    ByServer(ByServer),
}

/// One law for all classes, or one for each.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(in crate::scenario) enum ClassLaws {
    Law(Law),
    ByClass(ByClass),
}

/// A law for each class.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ByClass {
    /// The laws, by the names of the classes; `other` is for all classes that are not named.
    pub(in crate::scenario) by_class: BTreeMap<String, Law>,
}

/// A law for each server.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ByServer {
    /// The laws, in the order of the servers' numbers.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) by_server: Vec<Law>,
}

/// When the servers of a stage go down and come up, each by draws of its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Faults {
    /// The law of the time from 0, or from the end of a repair, to a server's next fault.
    pub(in crate::scenario) every: Law,
    /// Whether that time always passes (calendar, the default) or only while the server serves (busy).
    #[serde(default)]
    pub(in crate::scenario) clock: FaultClock,
    /// The law of a repair.
    pub(in crate::scenario) repair: Law,
    /// The number of servers of this stage that can be repaired at once; the first to fail is the first repaired. Stages
    /// cannot share a crew. If left out, no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) crew: Option<u32>,
    /// What a fault does to the work it cuts off: it goes on after the repair (resume, the default), begins again (restart),
    /// is finished by any server (requeue), or its customer fails and leaves (lost).
    #[serde(default)]
    pub(in crate::scenario) work: FaultWork,
    /// A factor of the server's speed until it is repaired: the server is slowed and does not stop.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) slow: Option<f64>,
}
