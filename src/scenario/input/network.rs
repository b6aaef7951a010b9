//! The form of a network file: stations, the routes between them, and the classes of customers on them.

use super::{BusyDay, Horizon, LineArrivals, Report, Seed, Stage};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Stations linked by routes, visited by customers of one or several classes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct NetworkFile {
    /// The kind of model.
    #[serde(rename = "model")]
    pub(in crate::scenario) _model: NetworkModel,
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
    /// The arrivals of customers of all classes from outside, divided by shares; left out if each class has its own
    /// arrivals or population.
    pub(in crate::scenario) arrivals: Option<LineArrivals>,
    /// How much one day differs from another, if classes have their own arrivals; otherwise it is a key of `arrivals`.
    pub(in crate::scenario) busy_day: Option<BusyDay>,
    /// The classes of customers; if left out, all customers are of one class and enter at the first station.
    #[serde(default)]
    pub(in crate::scenario) classes: Vec<NetworkClass>,
    /// When no more customers enter; may be left out if the arrivals come from a file, all of which are then taken.
    #[serde(default)]
    pub(in crate::scenario) horizon: Horizon,
    /// Rules for the whole network.
    #[serde(default)]
    pub(in crate::scenario) line: Rules,
    /// The greatest number of customers in the network; any more from outside are lost. If left out, no limit.
    #[schemars(range(min = 1))]
    pub(in crate::scenario) system_capacity: Option<u64>,
    /// Reports beside the totals of a run.
    #[serde(default)]
    pub(in crate::scenario) report: Report,
    /// The stations.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) stations: Vec<Station>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::scenario) enum NetworkModel {
    Network,
}

/// A class of customers of a network.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct NetworkClass {
    /// Its name, unique among the classes; any but `other`.
    #[schemars(extend("pattern" = super::NAME))]
    pub(in crate::scenario) name: String,
    /// Its share of all customers, if there is a table `arrivals` for all classes; shares add up to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) share: Option<f64>,
    /// The arrivals of its customers from outside, if there is no table `arrivals` for all classes.
    pub(in crate::scenario) arrivals: Option<LineArrivals>,
    /// A number of customers who are there from the beginning and never leave, in place of arrivals.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(in crate::scenario) population: Option<u64>,
    /// The station at which its customers enter; default: the first of its `route`. A class without arrivals, which
    /// customers become only at a station, has none.
    pub(in crate::scenario) enter: Option<String>,
    /// The stations it visits in order, in place of their `next`. The last is `out`; a population has no `out` and begins
    /// again.
    #[schemars(length(min = 1))]
    pub(in crate::scenario) route: Option<Vec<String>>,
    /// The class with the highest number is served first; default 0.
    #[serde(default)]
    pub(in crate::scenario) priority: i64,
}

/// Rules for the whole network.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Rules {
    /// What happens if the next station has no place: a finished customer holds its server until there is one
    /// (after-service, the default), no service begins before there is one (before-service), or the customer is lost
    /// (lose).
    #[serde(default)]
    pub(in crate::scenario) blocking: NetworkBlocking,
    /// What happens if full stations wait for each other: the run ends (stop, the default), or the customers swap places
    /// (swap).
    #[serde(default)]
    pub(in crate::scenario) deadlock: crate::scenario::Deadlock,
}

/// What happens where the next station of a network has no place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub(in crate::scenario) enum NetworkBlocking {
    /// A customer who finished holds its server until there is one.
    #[default]
    AfterService,
    /// A service begins only when there is one, and reserves it.
    BeforeService,
    /// A customer who finished is lost.
    Lose,
}

/// A station: the keys of a stage, and where customers go next.
#[derive(Debug, Deserialize)]
pub(in crate::scenario) struct Station {
    /// The keys of a stage of a line.
    #[serde(flatten)]
    pub(in crate::scenario) stage: Stage,
    /// The keys of the way on.
    #[serde(flatten)]
    pub(in crate::scenario) links: Links,
}

/// Where customers go after their service at a station.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::scenario) struct Links {
    /// Where customers go next: a station or `out`, chances of these, a rule such as `{ shortest = ["a", "b"] }`, or one
    /// of these for each class. A class with a `route` follows that instead.
    pub(in crate::scenario) next: Option<Next>,
    /// The class that customers of each class become after their service here, or chances of classes; default unchanged.
    #[serde(default)]
    pub(in crate::scenario) becomes: BTreeMap<String, Becomes>,
}

impl JsonSchema for Station {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Station".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = Stage::json_schema(generator);
        let links = Links::json_schema(generator);
        let links = links.get("properties").and_then(|all| all.as_object());
        let links = links.cloned().unwrap_or_default();
        if let Some(keys) = schema
            .get_mut("properties")
            .and_then(|all| all.as_object_mut())
        {
            keys.extend(links);
        }
        let about = "A station: the keys of a stage of a line, and where customers go next.";
        schema.insert("description".to_owned(), about.into());
        schema
    }
}

/// Where customers go next.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::scenario) enum Next {
    /// To a station, or out.
    To(String),
    /// Chances by names, or a rule by its own.
    Table(BTreeMap<String, Rule>),
}

/// A value in a table of the way on.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::scenario) enum Rule {
    Chance(f64),
    Places(Vec<String>),
    ByClass(BTreeMap<String, Next>),
}

impl JsonSchema for Next {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Next".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let places = |about: &str| {
            serde_json::json!({
                "description": about, "type": "array", "minItems": 1, "items": { "type": "string" },
            })
        };
        let next = generator.subschema_for::<Next>();
        schemars::json_schema!({
            "description": "Where customers go next.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": {
                        "by_class": {
                            "description": "One of these for each class, by name; `other` is for all classes that are not named.",
                            "type": "object",
                            "additionalProperties": next,
                        },
                        "shortest": places("The station with the fewest customers in it or on their way to it; ties go to the first in the list."),
                        "round_robin": places("Each of these stations in turn."),
                        "random": places("One of these stations, with equal chance."),
                    },
                    "additionalProperties": { "type": "number", "minimum": 0.0, "maximum": 1.0 },
                },
            ],
        })
    }
}

/// What customers of a class become.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::scenario) enum Becomes {
    /// This class.
    Class(String),
    /// Chances of classes.
    Chances(BTreeMap<String, f64>),
}

impl JsonSchema for Becomes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Becomes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "string" },
            {
                "type": "object",
                "additionalProperties": { "type": "number", "minimum": 0.0, "maximum": 1.0 },
            },
        ] })
    }
}
