//! The form of a desk file.

use super::line::BusyDay;
use super::{Law, LineRecording, Rates, Recording, Report, Seed, Times};
use crate::scenario::{Dispatch, FaultClock, InterruptedWork, Loss, Overflow, Queue, ShiftLeaving};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A service desk: typed requests, served by attendants who are grouped in servers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct DeskFile {
    /// The kind of model.
    #[serde(rename = "model")]
    pub(in crate::scenario) _model: DeskModel,
    /// The scenario's name; default: the file's name.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: Option<String>,
    /// The seed from which all chance follows; default 1.
    pub(in crate::scenario) seed: Option<Seed>,
    /// The name of one step, or of one unit of continuous time; where it is `ns`, `us`, `ms`, `s`, `min`, `h` or `d`, times may be texts such as
    /// `"90 s"`, `"40 per h"` or `"8:30"`.
    pub(in crate::scenario) time_unit: Option<String>,
    /// The time of day at time 0, from which times of day are counted; default `"0:00"`.
    #[serde(rename = "start")]
    #[schemars(extend("x-date" = true))]
    pub(in crate::scenario) _start: Option<String>,
    /// The number of steps, for a desk in whole steps; a desk in continuous time has `horizon.until` instead.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) steps: Option<u64>,
    /// The end of arrivals in continuous time, and the warm-up.
    #[serde(default)]
    pub(in crate::scenario) horizon: DeskHorizon,
    /// The greatest number of requests in the system, in service and waiting; any more are rejected. If left out, no
    /// limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) system_capacity: Option<u64>,
    /// The arrivals of requests of all classes; if left out, each class has its own.
    pub(in crate::scenario) arrivals: Option<DeskArrivals>,
    /// How much one day differs from another, if classes have their own arrivals; otherwise it is a key of `arrivals`.
    pub(in crate::scenario) busy_day: Option<BusyDay>,
    /// The kinds of requests.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) classes: Vec<Class>,
    /// Where requests wait before they go to a server.
    #[serde(default)]
    pub(in crate::scenario) buffer: Buffer,
    /// How requests are sent to servers.
    #[serde(default)]
    pub(in crate::scenario) supervisor: Supervisor,
    /// When attendants go down and come up; if left out, never.
    #[serde(default)]
    pub(in crate::scenario) faults: Faults,
    /// When an answer is in time, for classes without a `service_level` of their own.
    pub(in crate::scenario) service_level: Option<ServiceLevel>,
    /// The shifts that attendants can have; attendants without one are always on duty.
    #[serde(default)]
    pub(in crate::scenario) shifts: Vec<Shift>,
    /// Reports beside the totals of a run.
    #[serde(default)]
    pub(in crate::scenario) report: Report,
    /// The servers.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) servers: Vec<Server>,
}

/// The end of arrivals in continuous time, and the warm-up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct DeskHorizon {
    /// The last instant at which requests arrive.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "instant"))]
    pub(in crate::scenario) until: Option<f64>,
    /// The warm-up: requests that arrive before this time are left out of all measures; default 0.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub(in crate::scenario) warm_up: Option<f64>,
    /// Whether the run ends at `until`; default false: the requests in the system at that time are still served.
    pub(in crate::scenario) stop: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::scenario) enum DeskModel {
    Desk,
}

/// The arrivals of requests of all classes: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-exactly-one" = ["per_step", "interarrival", "times", "rates", "trace"]))]
pub(in crate::scenario) struct DeskArrivals {
    /// The number of arrivals in a step, split by the classes' shares: a law of whole numbers.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) per_step: Option<Law>,
    /// The law of the times between arrivals, in continuous time; the classes share them.
    pub(in crate::scenario) interarrival: Option<Law>,
    /// Absolute times of arrival in continuous time, in non-decreasing order; the classes share them.
    pub(in crate::scenario) times: Option<Times>,
    /// Poisson arrivals with a rate that changes through the day, per step or unit of time, repeating with the last
    /// `until`; the classes share them.
    pub(in crate::scenario) rates: Option<Rates>,
    /// Recorded requests.
    pub(in crate::scenario) trace: Option<Recording>,
    /// The number of requests at each arrival, in continuous time: a law of whole numbers; default 1.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) batch: Option<Law>,
    /// How much one day differs from another: one random factor of all rates in each replication; default none.
    pub(in crate::scenario) busy_day: Option<BusyDay>,
}

/// A kind of request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Class {
    /// Its name, unique among the classes; attendants name it as a skill.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: String,
    /// Its share of all requests; shares add up to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) share: Option<f64>,
    /// Its arrivals, if there is no table `arrivals` for all classes: the number in a step, or the keys of such a
    /// table.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) arrivals: Option<ClassArrivals>,
    /// The time of work; in steps it is at least 1, and a value that is not whole is rounded up or down at random.
    pub(in crate::scenario) service: Law,
    /// The time it waits before it gives up; if left out, it never does.
    pub(in crate::scenario) patience: Option<Law>,
    /// The class with the highest number is served first; default 0.
    #[serde(default)]
    pub(in crate::scenario) priority: i64,
    /// The attendant's work after a request is completed, during which it serves no other; if left out, none.
    pub(in crate::scenario) wrap_up: Option<Law>,
    /// When a client stops waiting for its answer; if left out, never.
    pub(in crate::scenario) timeout: Option<Timeout>,
    /// Which clients come again after a try that was lost; if left out, none.
    pub(in crate::scenario) retry: Option<Retry>,
    /// When an answer is in time.
    pub(in crate::scenario) service_level: Option<ServiceLevel>,
}

/// When a client stops waiting for its answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Timeout {
    /// The law of the time from its arrival until it stops waiting.
    pub(in crate::scenario) after: Law,
    /// Whether its request is withdrawn then; default false: the request is served all the same, and is late.
    #[serde(default)]
    pub(in crate::scenario) withdraw: bool,
}

/// Which clients come again after a try that was lost.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Retry {
    /// The outcomes of a try after which the client comes again.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) after: Vec<Loss>,
    /// The chance of coming again after one of these; default 1.
    #[serde(default = "surely")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) probability: f64,
    /// The law of the time until the next try.
    pub(in crate::scenario) delay: Law,
    /// The greatest number of further tries of one client; if left out, no limit.
    pub(in crate::scenario) most: Option<u64>,
}

fn surely() -> f64 {
    1.0
}

/// The arrivals of a class: the number in a step by a law of whole numbers, or a table as for all classes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::scenario) enum ClassArrivals {
    Flow(Box<ClassFlow>),
    Law(Law),
}

/// The arrivals of a class: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-exactly-one" = ["interarrival", "times", "rates", "trace"]))]
pub(in crate::scenario) struct ClassFlow {
    /// The law of the times between arrivals, in continuous time.
    pub(in crate::scenario) interarrival: Option<Law>,
    /// Absolute times of arrival in continuous time, in non-decreasing order.
    pub(in crate::scenario) times: Option<Times>,
    /// Poisson arrivals with a rate that changes through the day, per step or unit of time, repeating with the last
    /// `until`.
    pub(in crate::scenario) rates: Option<Rates>,
    /// Recorded arrivals in continuous time, one row each.
    pub(in crate::scenario) trace: Option<LineRecording>,
    /// The number of requests at each arrival, in continuous time: a law of whole numbers; default 1.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) batch: Option<Law>,
}

/// When an answer is in time.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ServiceLevel {
    /// The longest time a request may wait for its first service.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub(in crate::scenario) within: f64,
    /// The share of the requests offered that should be answered in time.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) target: Option<f64>,
}

/// Where requests wait before they go to a server.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Buffer {
    /// The greatest number of requests that wait in it; if left out, no limit. Where each server has a queue
    /// (`supervisor.queue = "servers"`) and no `capacity`, requests leave it at once, and it limits nothing.
    pub(in crate::scenario) capacity: Option<u64>,
    /// What happens to a request that finds it full: it is rejected (reject, the default), or it is rejected and the run
    /// ends with that step or instant (stop).
    #[serde(default)]
    pub(in crate::scenario) overflow: Overflow,
}

/// How requests are sent to servers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::scenario) struct Supervisor {
    /// Where requests wait: at the server chosen for them (servers, the default), or in the buffer until an attendant is
    /// free (central).
    pub(in crate::scenario) queue: Queue,
    /// How the server of a waiting request is chosen: the first in the file, each in turn, any with equal chance, the one
    /// with the fewest requests for each attendant who is up (least-loaded, the default), the less loaded of two drawn, or
    /// the one whose free attendant has been idle longest.
    pub(in crate::scenario) dispatch: Option<Dispatch>,
    /// Whether free attendants take over requests that wait at other servers; default true.
    pub(in crate::scenario) rebalance: Option<bool>,
    /// The number of interruptions at which a request fails; if left out, no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) max_attempts: Option<u64>,
}

/// When attendants go down and come up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::scenario) struct Faults {
    /// The chance that an attendant who is up goes down in a step; default 0. Only for desks in steps.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) probability: f64,
    /// The law of the time from 0, or from the end of a repair, to an attendant's next fault. Only for desks in
    /// continuous time.
    pub(in crate::scenario) every: Option<Law>,
    /// Whether that time always passes (calendar, the default) or only while the attendant serves (busy).
    pub(in crate::scenario) clock: Option<FaultClock>,
    /// The time down after a fault by chance; if left out, the attendant never comes up again.
    pub(in crate::scenario) repair: Option<Law>,
    /// The number of attendants of the desk that can be repaired at once after faults by chance; the first to fail is the
    /// first repaired. If left out, no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) crew: Option<u32>,
    /// A factor of the attendant's speed until it is repaired: the attendant is slowed by faults by chance and does not go
    /// down.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) slow: Option<f64>,
    /// What an interruption does to work already done: it is done again (restart, the default), kept (resume), or the
    /// request fails (lost).
    pub(in crate::scenario) work: InterruptedWork,
    /// Faults and repairs that happen for certain.
    pub(in crate::scenario) script: Vec<ScriptEntry>,
}

/// A fault or a repair that happens for certain, to a server or to one attendant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ScriptEntry {
    /// The step, counted from 1, for a desk in steps.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) step: Option<u64>,
    /// The instant, for a desk in continuous time.
    #[schemars(range(min = 0.0), extend("x-quantity" = "instant"))]
    pub(in crate::scenario) at: Option<f64>,
    /// All attendants of this server.
    pub(in crate::scenario) server: Option<String>,
    /// This attendant, such as `B-3`.
    pub(in crate::scenario) attendant: Option<String>,
    /// Whether they go down (fault, the default), or those that are down come up (repair).
    #[serde(default)]
    pub(in crate::scenario) event: ScriptEvent,
    /// The time down after a fault, in steps at least 1; if left out, they stay down until a `repair`.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub(in crate::scenario) down_for: Option<f64>,
    /// A factor of their speed after the fault: they are slowed and do not go down.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) slow: Option<f64>,
}

/// A shift: the times at which its attendants are on duty.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Shift {
    /// Its name, unique among the shifts.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: String,
    /// The spells on duty, as a list of pairs `[beginning, end]`; if both are times of day and the end is not after the
    /// beginning, the end is on the next day.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) spells: Vec<Spell>,
    /// The length of time after which the spells come again; if left out, they do not.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "duration"))]
    pub(in crate::scenario) repeat: Option<f64>,
    /// What an attendant does if its spell ends while it serves: it finishes the service and its wrap-up (finish, the
    /// default), or leaves at once and its request is handed over (hand-over).
    #[serde(default)]
    pub(in crate::scenario) leaving: ShiftLeaving,
}

/// Beginning and end of a spell.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(in crate::scenario) struct Spell(pub(in crate::scenario) f64, pub(in crate::scenario) f64);

impl JsonSchema for Spell {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Spell".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "array",
            "items": { "type": "number", "minimum": 0.0, "x-quantity": "instant" },
            "minItems": 2,
            "maxItems": 2,
        })
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum ScriptEvent {
    #[default]
    Fault,
    Repair,
}

/// A group of attendants with a limit on the requests it holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Server {
    /// Its name, unique among the servers.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: String,
    /// The greatest number of requests it holds, in service and waiting; if left out, no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) capacity: Option<u64>,
    /// Its attendants.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) attendants: Vec<Attendants>,
}

/// A group of attendants with the same skills and shift.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Attendants {
    /// The classes they can serve: a list, or a table with rank and speed of each.
    pub(in crate::scenario) skills: Skills,
    /// The number of attendants; default 1.
    #[serde(default = "one_attendant")]
    #[schemars(range(min = 1))]
    pub(in crate::scenario) count: u64,
    /// The shift in which they are on duty; if left out, always.
    pub(in crate::scenario) shift: Option<String>,
}

/// The classes that attendants can serve.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::scenario) enum Skills {
    Names(#[schemars(length(min = 1))] Vec<String>),
    Ranked(BTreeMap<String, Skill>),
}

/// How well attendants serve a class.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::scenario) struct Skill {
    /// The attendants with the lowest rank for a class are preferred; default 1.
    pub(in crate::scenario) rank: Option<i64>,
    /// The work they do in a unit of time; default 1.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) speed: Option<f64>,
}

fn one_attendant() -> u64 {
    1
}
