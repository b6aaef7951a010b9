//! The form of a tandem file.

use super::{ColumnName, Instants, Law, Origin, Rates, Seed, Where};
use crate::scenario::Blocking;
use schemars::JsonSchema;
use serde::Deserialize;

/// A line of stages in series, passed by customers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct TandemFile {
    /// The kind of model.
    #[serde(rename = "model")]
    pub(in crate::scenario) _model: TandemModel,
    /// The scenario's name; default: the file's name.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: Option<String>,
    /// The seed from which all chance follows; default 1.
    pub(in crate::scenario) seed: Option<Seed>,
    /// The name of one unit of time; where it is `ns`, `us`, `ms`, `s`, `min`, `h` or `d`, times may be
    /// texts such as `"90 s"`, `"40 per h"` or `"8:30"`.
    pub(in crate::scenario) time_unit: Option<String>,
    /// The time of day at time 0, from which times of day are counted; default `"0:00"`.
    #[serde(rename = "start")]
    #[schemars(extend("x-date" = true))]
    pub(in crate::scenario) _start: Option<String>,
    /// How customers reach the line.
    pub(in crate::scenario) arrivals: LineArrivals,
    /// When no more customers enter; may be left out where the arrivals are a file, which are then
    /// all taken.
    #[serde(default)]
    pub(in crate::scenario) horizon: Horizon,
    /// What holds for the line as a whole.
    #[serde(default)]
    pub(in crate::scenario) line: Line,
    /// The stages, in order.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) stages: Vec<Stage>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::scenario) enum TandemModel {
    Tandem,
}

/// How customers reach a line: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-exactly-one" = ["interarrival", "times", "rates", "trace", "saturated"]))]
pub(in crate::scenario) struct LineArrivals {
    /// The law of the times between arrivals; the first customer arrives after one of them.
    pub(in crate::scenario) interarrival: Option<Law>,
    /// Absolute times of arrival, which do not fall: a column of a file, or a list.
    pub(in crate::scenario) times: Option<Times>,
    /// Poisson arrivals with a rate that changes over time, repeating with the last `until`: pieces, or
    /// counts of arrivals in pieces of equal length.
    pub(in crate::scenario) rates: Option<Rates>,
    /// Recorded customers, one row each.
    pub(in crate::scenario) trace: Option<LineRecording>,
    /// Whether the first stage is never starved.
    pub(in crate::scenario) saturated: Option<bool>,
}

/// Absolute times: a column of a file, or a list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::scenario) enum Times {
    Column(Instants),
    List(
        #[schemars(length(min = 1), extend("items" = serde_json::json!({ "type": "number", "x-quantity": "instant" })))]
         Vec<f64>,
    ),
}

/// Recorded customers: a column of their arrivals, or a list of rows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct LineRecording {
    /// A `.csv`, `.tsv`, `.jsonl` or `.ndjson` file, relative to the scenario's and within its folder.
    pub(in crate::scenario) file: String,
    /// The column of arrival times, which do not fall.
    pub(in crate::scenario) arrival: ColumnName,
    /// Which rows are taken; default all.
    #[serde(rename = "where")]
    pub(in crate::scenario) filter: Option<Where>,
    /// The origin of the times, as for `times`.
    pub(in crate::scenario) origin: Option<Origin>,
    /// Whether the rows are put in the order of their times; default false. Traces of the same file and
    /// `where` follow.
    #[serde(default)]
    pub(in crate::scenario) sort: bool,
}

/// When no more customers enter: exactly one of `customers` and `until`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-exactly-one" = ["customers", "until"]))]
pub(in crate::scenario) struct Horizon {
    /// After this many have reached the line, lost ones included.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) customers: Option<u64>,
    /// After this time; the line then drains.
    #[schemars(range(min = 0.0), extend("x-quantity" = "instant"))]
    pub(in crate::scenario) until: Option<f64>,
    /// How many customers, by order of arrival, enter no measure; default 0.
    #[serde(default)]
    pub(in crate::scenario) warm_up: u64,
}

/// What holds for a line as a whole.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Line {
    /// What happens where the next stage has no place; default after-service.
    #[serde(default)]
    pub(in crate::scenario) blocking: Blocking,
}

/// A stage of a line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Stage {
    /// Its name, unique in the line: 1 to 64 letters, digits, `_`, `.` or `-`.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: String,
    /// How many servers; default 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(in crate::scenario) servers: u32,
    /// Waiting places, not counting those in service; left out: no limit.
    pub(in crate::scenario) buffer: Option<u64>,
    /// The law of a service.
    pub(in crate::scenario) service: Law,
}

fn one() -> u32 {
    1
}
