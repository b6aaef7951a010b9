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
    /// How many logical steps; in its place, `horizon` has an `until` in continuous time.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) steps: Option<u64>,
    /// The end of arrivals in continuous time, and the warm-up.
    #[serde(default)]
    pub(in crate::scenario) horizon: DeskHorizon,
    /// The most requests in the system, in service and waiting; one more is rejected. Left out: no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) system_capacity: Option<u64>,
    /// How requests of all classes come; left out, each class has its own arrivals.
    pub(in crate::scenario) arrivals: Option<DeskArrivals>,
    /// How much whole days differ, where classes have their own arrivals; otherwise it stands in `arrivals`.
    pub(in crate::scenario) busy_day: Option<BusyDay>,
    /// The kinds of requests.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) classes: Vec<Class>,
    /// Where requests wait before they go to a server.
    #[serde(default)]
    pub(in crate::scenario) buffer: Buffer,
    /// Who sends requests to servers.
    #[serde(default)]
    pub(in crate::scenario) supervisor: Supervisor,
    /// When attendants go down and come up; left out: never.
    #[serde(default)]
    pub(in crate::scenario) faults: Faults,
    /// When an answer counts as in time, for classes that do not say.
    pub(in crate::scenario) service_level: Option<ServiceLevel>,
    /// When attendants are on duty who have a shift; others always are.
    #[serde(default)]
    pub(in crate::scenario) shifts: Vec<Shift>,
    /// What a run reports beside its totals.
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
    /// The time from the beginning in which requests arrive that enter no measure; default 0.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub(in crate::scenario) warm_up: Option<f64>,
    /// Whether the run ends at `until`; default false: those in the system then are served.
    pub(in crate::scenario) stop: Option<bool>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::scenario) enum DeskModel {
    Desk,
}

/// How requests of all classes come: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-exactly-one" = ["per_step", "interarrival", "times", "rates", "trace"]))]
pub(in crate::scenario) struct DeskArrivals {
    /// How many come in a step, split by the classes' shares: a law of whole numbers.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) per_step: Option<Law>,
    /// The law of the times between arrivals, in continuous time; the classes share them.
    pub(in crate::scenario) interarrival: Option<Law>,
    /// Absolute times of arrival in continuous time, which do not fall; the classes share them.
    pub(in crate::scenario) times: Option<Times>,
    /// Poisson arrivals with a rate that changes through the day, per step or unit of time; the classes share
    /// them.
    pub(in crate::scenario) rates: Option<Rates>,
    /// Recorded requests.
    pub(in crate::scenario) trace: Option<Recording>,
    /// How many requests come at each arrival, in continuous time: a law of whole numbers; default 1.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) batch: Option<Law>,
    /// How much whole days differ: one random factor of all rates in each replication; default none.
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
    /// How they come, where there is no table `arrivals` for all classes: how many in a step, or as in such a
    /// table.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) arrivals: Option<ClassArrivals>,
    /// Time of work; in steps a value that is not whole is rounded up or down at random, and is at least 1.
    pub(in crate::scenario) service: Law,
    /// The time it waits before it gives up; left out: for ever.
    pub(in crate::scenario) patience: Option<Law>,
    /// Higher goes first; default 0.
    #[serde(default)]
    pub(in crate::scenario) priority: i64,
    /// The attendant's work after a request is completed, in which it serves nobody; left out: none.
    pub(in crate::scenario) wrap_up: Option<Law>,
    /// When a client waits no more for its answer; left out: never.
    pub(in crate::scenario) timeout: Option<Timeout>,
    /// Which clients come again; left out: none.
    pub(in crate::scenario) retry: Option<Retry>,
    /// When an answer counts as in time.
    pub(in crate::scenario) service_level: Option<ServiceLevel>,
}

/// When a client waits no more for its answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Timeout {
    /// The law of the time from its arrival to then.
    pub(in crate::scenario) after: Law,
    /// Whether its request goes with it; default false: the work goes on, for nobody.
    #[serde(default)]
    pub(in crate::scenario) withdraw: bool,
}

/// Which clients come again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Retry {
    /// After which ends of a try.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) after: Vec<Loss>,
    /// The chance of coming again after one of these; default 1.
    #[serde(default = "surely")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) probability: f64,
    /// The law of the time until then.
    pub(in crate::scenario) delay: Law,
    /// The most further tries of one client; left out: no limit.
    pub(in crate::scenario) most: Option<u64>,
}

fn surely() -> f64 {
    1.0
}

/// How requests of a class come: so many in a step by a law of whole numbers, or a table as for all classes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::scenario) enum ClassArrivals {
    Flow(Box<ClassFlow>),
    Law(Law),
}

/// How requests of a class come: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-exactly-one" = ["interarrival", "times", "rates", "trace"]))]
pub(in crate::scenario) struct ClassFlow {
    /// The law of the times between arrivals, in continuous time.
    pub(in crate::scenario) interarrival: Option<Law>,
    /// Absolute times of arrival in continuous time, which do not fall.
    pub(in crate::scenario) times: Option<Times>,
    /// Poisson arrivals with a rate that changes through the day, per step or unit of time.
    pub(in crate::scenario) rates: Option<Rates>,
    /// Recorded arrivals in continuous time, one row each.
    pub(in crate::scenario) trace: Option<LineRecording>,
    /// How many requests come at each arrival, in continuous time: a law of whole numbers; default 1.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) batch: Option<Law>,
}

/// When an answer counts as in time.
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
    /// The most requests it holds; left out: no limit.
    pub(in crate::scenario) capacity: Option<u64>,
    /// What happens when a request finds it full; default reject.
    #[serde(default)]
    pub(in crate::scenario) overflow: Overflow,
}

/// Who sends requests to servers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::scenario) struct Supervisor {
    /// Where requests wait: at the server chosen for them, or in the buffer until an attendant is free; default
    /// servers.
    pub(in crate::scenario) queue: Queue,
    /// How the server of a waiting request is chosen; default least-loaded.
    pub(in crate::scenario) dispatch: Option<Dispatch>,
    /// Whether free attendants take over work that waits at other servers; default true.
    pub(in crate::scenario) rebalance: Option<bool>,
    /// A request interrupted this many times has failed; left out: no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) max_attempts: Option<u64>,
}

/// When attendants go down and come up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::scenario) struct Faults {
    /// Chance of going down, per attendant that is up and step; default 0. In steps alone.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) probability: f64,
    /// In continuous time, the law of the time from 0, or from the end of a repair, to an attendant's next fault.
    pub(in crate::scenario) every: Option<Law>,
    /// Whether that time passes always (calendar) or only while the attendant serves (busy); default calendar.
    pub(in crate::scenario) clock: Option<FaultClock>,
    /// The time down after a fault by chance; left out: for good.
    pub(in crate::scenario) repair: Option<Law>,
    /// The most repairs of faults by chance at once, first failed first; left out: no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) crew: Option<u32>,
    /// The factor of an attendant's speed until it is repaired, in place of going down by chance.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) slow: Option<f64>,
    /// What an interruption does to work already done; default restart.
    pub(in crate::scenario) work: InterruptedWork,
    /// Faults and repairs that happen for certain.
    pub(in crate::scenario) script: Vec<ScriptEntry>,
}

/// A fault or a repair that happens for certain, to a server or to one attendant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ScriptEntry {
    /// In which step, counted from 1.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) step: Option<u64>,
    /// At which instant, in continuous time.
    #[schemars(range(min = 0.0), extend("x-quantity" = "instant"))]
    pub(in crate::scenario) at: Option<f64>,
    /// All attendants of this server.
    pub(in crate::scenario) server: Option<String>,
    /// This attendant, such as `B-3`.
    pub(in crate::scenario) attendant: Option<String>,
    /// What happens: they go down, or who of them is down comes up; default fault.
    #[serde(default)]
    pub(in crate::scenario) event: ScriptEvent,
    /// The time down after a fault, in steps at least 1; left out: for good.
    #[schemars(range(min = 0.0), extend("x-quantity" = "duration"))]
    pub(in crate::scenario) down_for: Option<f64>,
    /// The factor of their speed after a fault, in place of going down.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) slow: Option<f64>,
}

/// When some attendants are on duty.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Shift {
    /// Its name, unique among the shifts.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: String,
    /// Beginning and end of each spell on duty; an end by the time of day that is not after the beginning is on the
    /// next day.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) spells: Vec<Spell>,
    /// The length of time after which the spells come again; left out: never.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "duration"))]
    pub(in crate::scenario) repeat: Option<f64>,
    /// What an attendant does whose spell ends while it serves; default finish.
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
    /// The most requests it holds, in service and waiting; left out: no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) capacity: Option<u64>,
    /// Its attendants.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) attendants: Vec<Attendants>,
}

/// Attendants who are alike.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Attendants {
    /// The classes they can serve: a list, or a table with rank and speed of each.
    pub(in crate::scenario) skills: Skills,
    /// How many they are; default 1.
    #[serde(default = "one_attendant")]
    #[schemars(range(min = 1))]
    pub(in crate::scenario) count: u64,
    /// The shift in which they are on duty; left out: always.
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
    /// Lower goes first; default 1.
    pub(in crate::scenario) rank: Option<i64>,
    /// The work they do in a unit of time; default 1.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) speed: Option<f64>,
}

fn one_attendant() -> u64 {
    1
}
