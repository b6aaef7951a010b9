//! The forms in which a scenario names recorded data.

use schemars::JsonSchema;
use serde::Deserialize;

/// A column by its name or key, or by its number from 1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(in crate::scenario) enum ColumnName {
    Number(u64),
    Name(String),
}

impl JsonSchema for ColumnName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ColumnName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "integer"], "minimum": 1 })
    }
}

/// A choice of rows: those in which a column has a value.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Where {
    /// The column.
    pub(in crate::scenario) column: ColumnName,
    /// The value its cell has in the rows that are taken.
    pub(in crate::scenario) is: Is,
}

/// The value of a cell.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(in crate::scenario) enum Is {
    Truth(bool),
    Number(f64),
    Text(String),
}

impl JsonSchema for Is {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Is".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// Numbers: a list, or a column of a data file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(in crate::scenario) struct Column {
    /// The values themselves, in place of a file.
    #[schemars(length(min = 1), extend("items" = serde_json::json!({ "type": "number", "minimum": 0.0, "x-quantity": "duration" })))]
    pub(in crate::scenario) values: Option<Vec<f64>>,
    /// A `.csv`, `.tsv`, `.jsonl` or `.ndjson` file, relative to the scenario file and inside its folder.
    pub(in crate::scenario) file: Option<String>,
    /// The column's name in the file's first line, or its number from 1.
    pub(in crate::scenario) column: Option<ColumnName>,
    /// A column that is subtracted, row by row.
    pub(in crate::scenario) minus: Option<ColumnName>,
    /// A factor by which every value is multiplied.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) scale: Option<f64>,
    /// The rows that are taken; default all.
    #[serde(rename = "where")]
    pub(in crate::scenario) filter: Option<Where>,
}

/// The values of a column of absolute times are instants, not durations.
fn of_instants(column: &mut schemars::Schema) {
    if let Some(items) = column.pointer_mut("/properties/values/items") {
        items["x-quantity"] = "instant".into();
    }
}

/// Absolute times in non-decreasing order.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false), transform = of_instants)]
pub(in crate::scenario) struct Instants {
    #[serde(flatten)]
    pub(in crate::scenario) column: Column,
    /// The origin of the times: `"first"` (the first of them), `"zero"`, or an instant. Default for instants of ISO
    /// 8601: the first of all recordings that name no origin; for times of day `start`, else zero.
    pub(in crate::scenario) origin: Option<Origin>,
    /// Whether the rows are sorted by their times; default false. Traces of the same file are sorted by the same column.
    #[serde(default)]
    pub(in crate::scenario) sort: bool,
}

/// The origin of times.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(in crate::scenario) enum Origin {
    Number(f64),
    Text(String),
}

impl JsonSchema for Origin {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Origin".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number"], "x-date": true })
    }
}

/// A rate that changes over time: its pieces, or counts of arrivals in pieces of equal length.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::scenario) enum Rates {
    Counts(Counts),
    Pieces(#[schemars(length(min = 1))] Vec<super::RatePiece>),
}

/// Counts of arrivals in consecutive pieces of equal length from time 0.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(in crate::scenario) struct Counts {
    /// The counts themselves, in place of a file.
    #[schemars(length(min = 1), inner(range(min = 0.0)))]
    pub(in crate::scenario) values: Option<Vec<f64>>,
    /// A data file, relative to the scenario file and inside its folder.
    pub(in crate::scenario) file: Option<String>,
    /// The column of counts, by its name or its number from 1.
    pub(in crate::scenario) column: Option<ColumnName>,
    /// A factor by which every count is multiplied.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) scale: Option<f64>,
    /// The rows that are taken; default all.
    #[serde(rename = "where")]
    pub(in crate::scenario) filter: Option<Where>,
    /// The length of each piece.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "duration"))]
    pub(in crate::scenario) every: f64,
}

/// Recorded requests of a desk: columns of a data file or a list of rows, one row for each request.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Recording {
    /// A `.csv`, `.tsv`, `.jsonl` or `.ndjson` file, relative to the scenario file and inside its folder.
    pub(in crate::scenario) file: Option<String>,
    /// The rows themselves, in place of a file: tables whose keys are the columns.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) values: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// The column of arrival times, in non-decreasing order.
    pub(in crate::scenario) arrival: ColumnName,
    /// The column of class names; may be left out if there is one class.
    pub(in crate::scenario) class: Option<ColumnName>,
    /// The column of service times, in the unit of the arrivals; an empty cell is drawn from the class's law.
    pub(in crate::scenario) service: Option<ColumnName>,
    /// The column of patience, in the unit of the arrivals; an empty cell is drawn from the class's law.
    pub(in crate::scenario) patience: Option<ColumnName>,
    /// The units of time in one step; default 1. An arrival at t comes in step floor(t / step) + 1.
    #[serde(default = "unit")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "duration"))]
    pub(in crate::scenario) step: f64,
    /// The rows that are taken; default all.
    #[serde(rename = "where")]
    pub(in crate::scenario) filter: Option<Where>,
    /// The origin of the times, as for `times` of a line.
    pub(in crate::scenario) origin: Option<Origin>,
    /// Whether the rows are sorted by their times; default false.
    #[serde(default)]
    pub(in crate::scenario) sort: bool,
}

fn unit() -> f64 {
    1.0
}
