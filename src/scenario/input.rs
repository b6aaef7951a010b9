//! The forms a scenario file may take, before any check: what serde reads and the schema describes.
//!
//! The doc comments here are the descriptions in the JSON Schema. Ranges that hold for a key by
//! itself stand here too, as limits of the schema, and are checked by `shape`; what joins several
//! keys is checked in `law`, `line` and `desk`.

use schemars::JsonSchema;
use schemars::transform::{RecursiveTransform, Transform};
use serde::Deserialize;

/// The whole of a scenario file.
#[derive(JsonSchema)]
#[serde(untagged)]
#[schemars(title = "A scenario of filas")]
#[expect(
    dead_code,
    reason = "only its schema is used; the model's name picks the form"
)]
enum ScenarioFile {
    Tandem(TandemFile),
    Desk(DeskFile),
}

/// The JSON Schema of scenario files.
#[must_use]
pub fn schema() -> serde_json::Value {
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
        if let Some(serde_json::Value::Array(kinds)) = object.get_mut("type") {
            kinds.retain(|kind| kind != "null");
            if let [only] = kinds.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
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

/// A line of stages in series, passed by customers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TandemFile {
    /// The kind of model.
    #[serde(rename = "model")]
    pub(super) _model: TandemModel,
    /// The scenario's name; default: the file's name.
    pub(super) name: Option<String>,
    /// The seed from which all chance follows; default 1.
    pub(super) seed: Option<Seed>,
    /// What one unit of time is called, for people.
    pub(super) time_unit: Option<String>,
    /// How customers reach the line.
    pub(super) arrivals: LineArrivals,
    /// When no more customers enter; may be left out where the arrivals are a file, which are then
    /// all taken.
    #[serde(default)]
    pub(super) horizon: Horizon,
    /// What holds for the line as a whole.
    #[serde(default)]
    pub(super) line: Line,
    /// The stages, in order.
    #[schemars(length(min = 1))]
    pub(super) stages: Vec<Stage>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TandemModel {
    Tandem,
}

/// A seed: a whole number from 0 to 2^63 - 1, or, up to 2^64 - 1, one written as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Seed {
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

/// How customers reach a line: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LineArrivals {
    /// The law of the times between arrivals; the first customer arrives after one of them.
    pub(super) interarrival: Option<Law>,
    /// Absolute times of arrival, which do not fall: a column of a file, or a list.
    pub(super) times: Option<Times>,
    /// Poisson arrivals with a rate that changes over time, repeating with the last `until`.
    #[schemars(length(min = 1))]
    pub(super) rates: Option<Vec<RatePiece>>,
    /// Whether the first stage is never starved.
    pub(super) saturated: Option<bool>,
}

/// Absolute times: a column of a file, or a list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Times {
    Column(Column),
    List(Vec<f64>),
}

/// A column of numbers of a CSV file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    /// The file, relative to the scenario's and within its folder.
    pub(super) file: String,
    /// The column's name in the file's first line.
    pub(super) column: String,
}

/// A piece of a rate that changes over time; the first begins at 0, each other where the one before ends.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RatePiece {
    /// The end of the piece, in units of time (tandem) or as its last step (desk).
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub(super) until: f64,
    /// Arrivals per unit of time, or per step.
    #[schemars(range(min = 0.0))]
    pub(super) rate: f64,
}

/// When no more customers enter: exactly one of `customers` and `until`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Horizon {
    /// After this many have reached the line, lost ones included.
    #[schemars(range(min = 1))]
    pub(super) customers: Option<u64>,
    /// After this time; the line then drains.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub(super) until: Option<f64>,
    /// How many customers, by order of arrival, enter no measure; default 0.
    #[serde(default)]
    pub(super) warm_up: u64,
}

/// What holds for a line as a whole.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// What happens where the next stage has no place; default after-service.
    #[serde(default)]
    pub(super) blocking: Blocking,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Blocking {
    #[default]
    AfterService,
    BeforeService,
}

/// A stage of a line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stage {
    /// Its name, unique in the line: 1 to 64 letters, digits, `_`, `.` or `-`.
    pub(super) name: String,
    /// How many servers; default 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(super) servers: u32,
    /// Waiting places, not counting those in service; left out: no limit.
    pub(super) buffer: Option<u64>,
    /// The law of a service.
    pub(super) service: Law,
}

fn one() -> u32 {
    1
}

/// A service desk: typed requests, served by attendants who are grouped in servers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskFile {
    /// The kind of model.
    #[serde(rename = "model")]
    pub(super) _model: DeskModel,
    /// The scenario's name; default: the file's name.
    pub(super) name: Option<String>,
    /// The seed from which all chance follows; default 1.
    pub(super) seed: Option<Seed>,
    /// How many logical steps.
    #[schemars(range(min = 1))]
    pub(super) steps: u64,
    /// How requests of all classes come; left out, each class has its own arrivals.
    pub(super) arrivals: Option<DeskArrivals>,
    /// The kinds of requests.
    #[schemars(length(min = 1))]
    pub(super) classes: Vec<Class>,
    /// Where requests wait before they go to a server.
    #[serde(default)]
    pub(super) buffer: Buffer,
    /// Who sends requests to servers.
    #[serde(default)]
    pub(super) supervisor: Supervisor,
    /// When attendants go down and come up; left out: never.
    #[serde(default)]
    pub(super) faults: Faults,
    /// When an answer counts as in time, for classes that do not say.
    pub(super) service_level: Option<ServiceLevel>,
    /// The servers.
    #[schemars(length(min = 1))]
    pub(super) servers: Vec<Server>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum DeskModel {
    Desk,
}

/// How requests of all classes come: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskArrivals {
    /// How many come in a step, split by the classes' shares: a law of whole numbers.
    pub(super) per_step: Option<Law>,
    /// Poisson totals per step with a mean that changes through the day, split by the shares.
    #[schemars(length(min = 1))]
    pub(super) rates: Option<Vec<RatePiece>>,
    /// Recorded requests.
    pub(super) trace: Option<Recording>,
}

/// Recorded requests: columns of a CSV file, one row a request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Recording {
    /// The file, relative to the scenario's and within its folder.
    pub(super) file: String,
    /// The column of arrival times, counted from 0, which do not fall.
    pub(super) arrival: String,
    /// The column of class names; may be left out where there is one class.
    pub(super) class: Option<String>,
    /// The column of service times, in the unit of the arrivals; an empty cell is drawn from the class's law.
    pub(super) service: Option<String>,
    /// The column of patience, in the unit of the arrivals; an empty cell is drawn from the class's law.
    pub(super) patience: Option<String>,
    /// How many units of time are one step; default 1. An arrival at t comes in step floor(t / step) + 1.
    #[serde(default = "unit")]
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub(super) step: f64,
}

fn unit() -> f64 {
    1.0
}

/// A kind of request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Class {
    /// Its name, unique among the classes; attendants name it as a skill.
    pub(super) name: String,
    /// Its share of all requests; shares add up to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(super) share: Option<f64>,
    /// How many come in a step, where there is no table `arrivals` for all classes.
    pub(super) arrivals: Option<ClassArrivals>,
    /// Steps of work; a value is rounded up to a whole number, at least 1.
    pub(super) service: Law,
    /// Steps it waits before it gives up; left out: for ever.
    pub(super) patience: Option<Law>,
    /// Higher goes first; default 0.
    #[serde(default)]
    pub(super) priority: i64,
    /// When an answer counts as in time.
    pub(super) service_level: Option<ServiceLevel>,
}

/// How many requests of a class arrive in a step: a law of whole numbers, or a table of rates.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ClassArrivals {
    Rates(ClassRates),
    Law(Law),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassRates {
    /// Poisson with a mean per step that changes through the day.
    #[schemars(length(min = 1))]
    pub(super) rates: Vec<RatePiece>,
}

/// When an answer counts as in time.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceLevel {
    /// The most steps a request may wait for its first service.
    pub(super) within: u64,
}

/// Where requests wait before they go to a server.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Buffer {
    /// The most requests it holds; left out: no limit.
    pub(super) capacity: Option<u64>,
    /// What happens when a request finds it full; default reject.
    #[serde(default)]
    pub(super) overflow: Overflow,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Overflow {
    #[default]
    Reject,
    Stop,
}

/// Who sends requests to servers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Supervisor {
    /// How the server of a waiting request is chosen; default least-loaded.
    pub(super) dispatch: Dispatch,
    /// Whether free attendants take over work that waits at other servers; default true.
    pub(super) rebalance: bool,
    /// A request interrupted this many times has failed; left out: no limit.
    #[schemars(range(min = 1))]
    pub(super) max_attempts: Option<u64>,
}

impl Default for Supervisor {
    fn default() -> Self {
        Supervisor {
            dispatch: Dispatch::default(),
            rebalance: true,
            max_attempts: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Dispatch {
    FirstAvailable,
    RoundRobin,
    Random,
    #[default]
    LeastLoaded,
    PowerOfTwo,
}

/// When attendants go down and come up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Faults {
    /// Chance of going down, per attendant that is up and step; default 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(super) probability: f64,
    /// Steps down after a fault by chance; left out: for good.
    pub(super) repair: Option<Law>,
    /// What an interruption does to work already done; default restart.
    pub(super) work: Work,
    /// Faults that happen for certain.
    pub(super) script: Vec<ScriptedFault>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Work {
    #[default]
    Restart,
    Resume,
    Lost,
}

/// A fault that happens for certain, to a server or to one attendant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptedFault {
    /// In which step, counted from 1.
    #[schemars(range(min = 1))]
    pub(super) step: u64,
    /// All attendants of this server.
    pub(super) server: Option<String>,
    /// This attendant, such as `B-3`.
    pub(super) attendant: Option<String>,
    /// Steps down; left out: for good.
    #[schemars(range(min = 1))]
    pub(super) down_for: Option<u64>,
}

/// A group of attendants with a limit on the requests it holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    /// Its name, unique among the servers.
    pub(super) name: String,
    /// The most requests it holds, in service and waiting; left out: no limit.
    #[schemars(range(min = 1))]
    pub(super) capacity: Option<u64>,
    /// Its attendants.
    #[schemars(length(min = 1))]
    pub(super) attendants: Vec<Attendants>,
}

/// Attendants who are alike.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Attendants {
    /// The classes they can serve.
    #[schemars(length(min = 1))]
    pub(super) skills: Vec<String>,
    /// How many they are; default 1.
    #[serde(default = "one_attendant")]
    #[schemars(range(min = 1))]
    pub(super) count: u64,
}

fn one_attendant() -> u64 {
    1
}

/// A law of chance: a table whose single key names it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Law {
    /// Always the same value.
    Constant {
        #[schemars(range(min = 0.0))]
        value: f64,
    },
    /// Exponential; exactly one of `mean` and `rate`.
    Exponential {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        mean: Option<f64>,
        /// One divided by the mean.
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        rate: Option<f64>,
    },
    /// Uniform between `low` and `high`.
    Uniform {
        #[schemars(range(min = 0.0))]
        low: f64,
        #[schemars(range(min = 0.0))]
        high: f64,
    },
    /// Triangular from `low` to `high` with its peak at `mode`.
    Triangular {
        #[schemars(range(min = 0.0))]
        low: f64,
        #[schemars(range(min = 0.0))]
        mode: f64,
        #[schemars(range(min = 0.0))]
        high: f64,
    },
    /// Normal, redrawn until it is not negative.
    Normal {
        mean: f64,
        #[schemars(range(min = 0.0))]
        sd: f64,
    },
    /// Lognormal with the variable's own mean and cv = sd / mean.
    Lognormal {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        mean: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        cv: f64,
    },
    /// Gamma with this mean and cv = sd / mean.
    Gamma {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        mean: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1000.0))]
        cv: f64,
    },
    /// The sum of `k` exponentials, with this mean in all.
    Erlang {
        #[schemars(range(min = 1, max = 100_000))]
        k: u32,
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        mean: f64,
    },
    /// Weibull.
    Weibull {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        shape: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        scale: f64,
    },
    /// Pareto, from `scale` upward.
    Pareto {
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        scale: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0))]
        shape: f64,
    },
    /// Exponential with mean `means[i]` with probability `probabilities[i]`.
    Hyperexponential {
        #[schemars(length(min = 1, max = 1000), inner(range(min = 0.0, max = 1.0)))]
        probabilities: Vec<f64>,
        #[schemars(length(min = 1, max = 1000), extend("items" = serde_json::json!({ "type": "number", "exclusiveMinimum": 0.0 })))]
        means: Vec<f64>,
    },
    /// Any of these values, alike likely, drawn with replacement: a list, or a column of a file.
    Empirical {
        #[schemars(length(min = 1), inner(range(min = 0.0)))]
        values: Option<Vec<f64>>,
        file: Option<String>,
        column: Option<String>,
    },
    /// These values, once, in order: a column of a file, or a list.
    Trace {
        #[schemars(length(min = 1), inner(range(min = 0.0)))]
        values: Option<Vec<f64>>,
        file: Option<String>,
        column: Option<String>,
    },
    /// Poisson.
    Poisson {
        #[schemars(range(min = 0.0, max = 1e12))]
        mean: f64,
    },
    /// Any whole number from `low` to `high`, both included.
    UniformInt { low: u64, high: u64 },
    /// How many of `n` independent trials succeed, each with probability `p`.
    Binomial {
        #[schemars(range(max = 1_000_000_000_000_u64))]
        n: u64,
        #[schemars(range(min = 0.0, max = 1.0))]
        p: f64,
    },
    /// Geometric on 1, 2, ...
    Geometric {
        #[schemars(range(min = 1.0, max = 1e12))]
        mean: f64,
    },
    /// Negative binomial on 0, 1, ...
    NegativeBinomial {
        #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1e12))]
        mean: f64,
        #[schemars(extend("exclusiveMinimum" = 0.0), range(max = 1000.0))]
        cv: f64,
    },
}
