//! The form of a tandem file.

use super::{ColumnName, Instants, Law, Origin, Rates, Report, Seed, Stage, Where};
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
    /// The arrivals of customers of all classes; if left out, each class has its own.
    pub(in crate::scenario) arrivals: Option<LineArrivals>,
    /// How much one day differs from another, if classes have their own arrivals; otherwise it is a key of `arrivals`.
    pub(in crate::scenario) busy_day: Option<BusyDay>,
    /// The classes of customers; if left out, all customers are of one class.
    #[serde(default)]
    pub(in crate::scenario) classes: Vec<CustomerClass>,
    /// When no more customers enter; may be left out if the arrivals come from a file, all of which are then taken.
    #[serde(default)]
    pub(in crate::scenario) horizon: Horizon,
    /// Rules for the whole line.
    #[serde(default)]
    pub(in crate::scenario) line: Line,
    /// Reports beside the totals of a run.
    #[serde(default)]
    pub(in crate::scenario) report: Report,
    /// The stages, in order.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) stages: Vec<Stage>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::scenario) enum TandemModel {
    Tandem,
}

/// The arrivals of customers: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-exactly-one" = ["interarrival", "times", "rates", "trace", "saturated"]))]
pub(in crate::scenario) struct LineArrivals {
    /// The law of the times between arrivals; the first customer arrives after one of them.
    pub(in crate::scenario) interarrival: Option<Law>,
    /// Absolute times of arrival in non-decreasing order: a column of a file, or a list.
    pub(in crate::scenario) times: Option<Times>,
    /// Poisson arrivals with a rate that changes over time, repeating with the last `until`: pieces, or
    /// counts of arrivals in pieces of equal length.
    pub(in crate::scenario) rates: Option<Rates>,
    /// Recorded customers, one row each.
    pub(in crate::scenario) trace: Option<LineRecording>,
    /// Whether there is always a customer for the first stage, so that it is never starved.
    pub(in crate::scenario) saturated: Option<bool>,
    /// The number of customers at each arrival: a law of whole numbers; default 1.
    #[schemars(extend("x-count" = true))]
    pub(in crate::scenario) batch: Option<Law>,
    /// How much one day differs from another: one random factor of all rates in each replication; default none.
    pub(in crate::scenario) busy_day: Option<BusyDay>,
}

/// A random factor of all arrival rates, of mean 1, drawn once in each replication.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct BusyDay {
    /// The coefficient of variation of the factor, which follows a gamma law.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub(in crate::scenario) cv: f64,
}

/// A class of customers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct CustomerClass {
    /// Its name, unique among the classes; any but `other`.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: String,
    /// Its share of all customers; shares add up to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) share: Option<f64>,
    /// The arrivals of its customers, if there is no table `arrivals` for all classes.
    pub(in crate::scenario) arrivals: Option<LineArrivals>,
    /// The class with the highest number is served first; default 0.
    #[serde(default)]
    pub(in crate::scenario) priority: i64,
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
    /// A `.csv`, `.tsv`, `.jsonl` or `.ndjson` file, relative to the scenario file and inside its folder.
    pub(in crate::scenario) file: Option<String>,
    /// The rows themselves, in place of a file: tables whose keys are the columns.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) values: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// The column of arrival times, in non-decreasing order.
    pub(in crate::scenario) arrival: ColumnName,
    /// The column of class names; if left out, classes are drawn by their shares.
    pub(in crate::scenario) class: Option<ColumnName>,
    /// Which rows are taken; default all.
    #[serde(rename = "where")]
    pub(in crate::scenario) filter: Option<Where>,
    /// The origin of the times, as for `times`.
    pub(in crate::scenario) origin: Option<Origin>,
    /// Whether the rows are sorted by their times; default false. Traces of the same file are sorted by the same column.
    #[serde(default)]
    pub(in crate::scenario) sort: bool,
}

/// When no more customers enter: exactly one of `customers` and `until`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-exactly-one" = ["customers", "until"]))]
pub(in crate::scenario) struct Horizon {
    /// The number of customers after which no more enter, including those who are lost.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) customers: Option<u64>,
    /// The time after which no more customers enter; those inside are still served, unless `stop` is true.
    #[schemars(range(min = 0.0), extend("x-quantity" = "instant"))]
    pub(in crate::scenario) until: Option<f64>,
    /// Whether the run ends at `until`, with customers inside unfinished; default false.
    #[serde(default)]
    pub(in crate::scenario) stop: bool,
    /// The warm-up, which is left out of all measures: the first customers, as a number, or all who arrive before a time,
    /// as a text such as `"2 h"` or as `{ time = 120.0 }`; default 0.
    #[serde(default)]
    pub(in crate::scenario) warm_up: WarmUp,
}

/// The warm-up: a number of customers, or those who arrive before a time.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::scenario) enum WarmUp {
    Customers(u64),
    Time { time: f64 },
}

impl Default for WarmUp {
    fn default() -> Self {
        WarmUp::Customers(0)
    }
}

impl JsonSchema for WarmUp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WarmUp".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let quantity = "duration";
        schemars::json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "minimum": 0.0, "x-quantity": quantity, "x-key": "time" },
            {
                "type": "object",
                "properties": { "time": { "type": "number", "minimum": 0.0, "x-quantity": quantity } },
                "required": ["time"],
                "additionalProperties": false,
            },
        ] })
    }
}

/// Rules for the whole line.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Line {
    /// What happens if the next stage has no place: a finished customer holds its server until there is one
    /// (after-service, the default), or no service begins before there is one (before-service).
    #[serde(default)]
    pub(in crate::scenario) blocking: Blocking,
}
