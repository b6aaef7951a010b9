//! The forms a scenario file may take, before any check: what serde reads and the schema describes.
//!
//! The doc comments here are the descriptions in the JSON Schema. Ranges of a single key are also defined here, as
//! limits of the schema, and are checked by `shape`; rules that concern several keys are checked in `law`, `line`
//! and `desk`.

mod data;
mod desk;
mod law;
mod line;
mod network;
mod report;
mod stage;

pub(super) use data::{Column, ColumnName, Counts, Instants, Is, Origin, Rates, Recording, Where};
pub(super) use desk::{
    Class, ClassArrivals, ClassFlow, DeskArrivals, DeskFile, DeskHorizon, Faults, Retry,
    ScriptEntry, ScriptEvent, Server, ServiceLevel, Shift, Skill, Skills, Spell,
};
pub(super) use law::Law;
pub(super) use line::{
    BusyDay, CustomerClass, Horizon, LineArrivals, LineRecording, TandemFile, Times, WarmUp,
};
pub(super) use network::{
    Becomes, NetworkBlocking, NetworkClass, NetworkFile, Next, Rule, Station,
};
pub(super) use report::Report;
pub(super) use stage::{ByClass, ClassLaws, Faults as StageFaults, Plan, Servers, Service, Stage};

use schemars::JsonSchema;
use schemars::transform::{RecursiveTransform, Transform};
use serde::Deserialize;
use std::sync::LazyLock;

/// The whole of a scenario file.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(title = "A scenario of filas")]
#[expect(
    dead_code,
    reason = "only its schema is used; the model's name picks the form"
)]
enum ScenarioFile {
    Tandem(Box<TandemFile>),
    Network(Box<NetworkFile>),
    Desk(Box<DeskFile>),
}

/// The JSON Schema of scenario files.
#[must_use]
pub fn schema() -> serde_json::Value {
    SCHEMA.clone()
}

/// Built once: a sweep loads a scenario for each point of its grid.
pub(super) static SCHEMA: LazyLock<serde_json::Value> = LazyLock::new(make_schema);

fn make_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(ScenarioFile);
    // TOML has no null, so a key that may be left out is not one that may be null.
    RecursiveTransform(|schema: &mut schemars::Schema| {
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        if object
            .get("default")
            .is_some_and(serde_json::Value::is_null)
        {
            object.remove("default");
        }
        // A choice among words is listed as one `enum`.
        let words = object.get("oneOf").and_then(|options| {
            let words = options
                .as_array()?
                .iter()
                .map(|option| option.get("const").cloned());
            words.collect::<Option<Vec<_>>>()
        });
        if let Some(words) = words {
            object.remove("oneOf");
            object.insert("type".to_owned(), "string".into());
            object.insert("enum".to_owned(), words.into());
        }
        if let Some(serde_json::Value::Array(kinds)) = object.get_mut("type") {
            kinds.retain(|kind| kind != "null");
            if let [only] = kinds.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        // A time may be a number or a text with a unit.
        if object.contains_key("x-quantity") && !object.contains_key("x-key") {
            object.insert("type".to_owned(), serde_json::json!(["number", "string"]));
        }
        if let Some(serde_json::Value::Array(options)) = object.get_mut("anyOf") {
            options.retain(|option| option.get("type").is_none_or(|kind| kind != "null"));
            if let [serde_json::Value::Object(only)] = options.as_mut_slice() {
                let only = std::mem::take(only);
                object.remove("anyOf");
                for (key, value) in only {
                    object.entry(key).or_insert(value);
                }
            }
        }
    })
    .transform(&mut schema);
    schema.to_value()
}

/// A name, as a pattern that every regular expression engine supports: letters of any script, digits, `_`, `.`,
/// `-`.
const NAME: &str = r"^[^\s!-,/:-@\[-^`{-~]{1,64}$";

/// A seed: a whole number from 0 to 2^63 - 1, or, up to 2^64 - 1, one written as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::scenario) enum Seed {
    Whole(u64),
    Text(String),
}

impl JsonSchema for Seed {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seed".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["integer", "string"],
            "minimum": 0,
            "pattern": "^[0-9]{1,20}$",
        })
    }
}

/// A piece of a rate that changes over time; the first begins at 0, each of the others at the end of the one before.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RatePiece {
    /// The end of the piece: an instant, or in a desk of steps its last step. After the last piece the first begins again.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "instant"))]
    pub(in crate::scenario) until: f64,
    /// Arrivals per unit of time, or per step.
    #[schemars(range(min = 0.0), extend("x-quantity" = "rate"))]
    pub(in crate::scenario) rate: f64,
}
