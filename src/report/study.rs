//! The documents of studies: `summary.json` of their results folders, also shown by the terminal, the report and the
//! web page.

use super::page::Table;
use crate::number::{column, fine, of_them, with_error};
use crate::scenario::{Entries, Scenario};
use crate::stats::Interval;
use crate::study::answer::{self, Answer, Asked};
use crate::study::sweep::{Ends, Swept};
use crate::study::{Assumption, ClosedForm, Layout, Replicated, Share};
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;

/// The head of the document of every study.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    filas: String,
    model: String,
    name: String,
    /// Only for models with a unit of time; null if the scenario names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_unit: Option<Option<String>>,
    seed: u64,
    engine: String,
}

impl Head {
    /// The head of a study of this scenario.
    #[must_use]
    pub fn of(scenario: &Scenario, engine: &str) -> Head {
        Head {
            filas: env!("CARGO_PKG_VERSION").to_owned(),
            model: scenario.model().to_owned(),
            name: scenario.name().to_owned(),
            time_unit: scenario.stated_unit().map(|unit| unit.map(str::to_owned)),
            seed: scenario.seed(),
            engine: engine.to_owned(),
        }
    }

    /// The scenario's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Values under keys, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyed<K, T>(pub Vec<(K, T)>);

impl<T> Keyed<String, T> {
    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&T> {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value)
    }
}

impl<K: Serialize, T: Serialize> Serialize for Keyed<K, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Keyed<String, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for Entries<T> {
            type Value = Keyed<String, T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values under keys")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Keyed(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// The document of `filas replicate`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replications {
    /// Its subject.
    #[serde(flatten)]
    pub head: Head,
    /// The share of a study that it covers, if it is a shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Number of replications.
    pub replications: u64,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// All digests, folded in order.
    pub digest: String,
    /// Whether it was stopped before the goal.
    pub interrupted: bool,
    /// The answer in words.
    pub answer: Answer,
    /// Number of customers of the warm-up in each run; null for a desk.
    pub warm_up: Option<u64>,
    /// Whether the requested precision was reached; null if none was requested.
    pub precision_reached: Option<bool>,
    /// An interval for every measure, its ends limited to possible values of the measure.
    pub measures: Keyed<String, Interval>,
    /// The closed form of the scenario.
    pub theory: Theory,
    /// For each measure of the closed form, whether the interval contains its value.
    pub inside: Keyed<String, Option<bool>>,
}

impl Replications {
    /// The document of replications made by an engine, all or a share of them.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        (engine, share): (&str, Share),
        layout: &Layout,
        (found, fit): (&Replicated, &ClosedForm),
        asked: &Asked,
    ) -> Replications {
        let keys = match asked.measures.as_slice() {
            [] => layout.keys(),
            named => named,
        };
        let interval = |key: &String| {
            let seen = found.intervals[layout.place(key)?];
            Some(answer::possible_interval(key, seen))
        };
        let measures = keys
            .iter()
            .filter_map(|key| Some((key.clone(), interval(key)?)));
        let judged = fit.measures.iter();
        let judged =
            judged.filter_map(|(key, value)| Some((key.clone(), interval(key)?.holds(*value))));
        Replications {
            head: Head::of(scenario, engine),
            shard: (!share.is_whole()).then(|| share.to_string()),
            replications: found.completion.replications,
            confidence: asked.confidence,
            digest: found.completion.digest.to_string(),
            interrupted: found.completion.interrupted,
            answer: answer::replications(scenario, layout, found, fit, asked),
            warm_up: scenario.line().and_then(|line| line.warm_up.customers()),
            precision_reached: asked.precision.map(|_| found.completion.met),
            measures: Keyed(measures.collect()),
            theory: Theory::of(fit),
            inside: Keyed(judged.collect()),
        }
    }

    /// A row for each of these measures with its interval.
    #[must_use]
    pub fn table(&self, is_shown: impl Fn(&str, &Interval) -> bool) -> Table {
        let shown = self
            .measures
            .0
            .iter()
            .filter(|(key, seen)| is_shown(key, seen));
        let rows = shown.map(|(key, seen)| {
            let figures = [seen.mean, seen.half_width, seen.sd, seen.min, seen.max];
            let figure =
                |value: Option<f64>| value.map_or("–".to_owned(), |v| fine(v, seen.half_width));
            let mut row = vec![key.clone()];
            row.extend(figures.map(figure));
            row.push(match seen.n == self.replications {
                true => String::new(),
                false => format!("in {}", of_them(seen.n, "replication")),
            });
            row
        });
        let caption = "Measures; ± is half the interval's width";
        Table::new(caption, 1, "measure|mean|±|sd|least|most|", rows.collect())
    }

    /// Theory beside the simulation, if a closed form applies; the scenario gives the keys of measures that were
    /// requested by name.
    #[must_use]
    pub fn theory_table(&self, scenario: Option<&Scenario>) -> Table {
        let entries = scenario.map(Entries::of);
        let is_of = |asked: &str, key: &str| {
            let entries = entries.as_ref().filter(|_| asked != key);
            let numbered = entries.map(|entries| entries.numbered(asked));
            numbered.as_deref().unwrap_or(asked) == key
        };
        let seen_of = |key: &str| {
            let mut measures = self.measures.0.iter();
            measures.find(|(asked, _)| is_of(asked, key))
        };
        let rows = self.theory.measures.0.iter().filter_map(|(key, value)| {
            let seen = match self.measures.get(key) {
                Some(seen) => seen,
                None => &seen_of(key)?.1,
            };
            let verdict = match self.inside.get(key) {
                _ if self.theory.approximation => "",
                Some(Some(true)) => "inside",
                Some(Some(false)) => "outside",
                _ => "",
            };
            Some(vec![
                key.clone(),
                fine(*value, seen.half_width),
                with_error(seen.mean, seen.half_width),
                verdict.to_owned(),
            ])
        });
        let caption = format!("{}, and these replications", self.theory.model);
        Table::new(caption, 1, "measure|formula|simulation|", rows.collect())
    }
}

/// The closed form of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Theory {
    pub(crate) applies: bool,
    pub(crate) model: String,
    pub(crate) approximation: bool,
    /// The first assumption that fails.
    pub(crate) fails: Option<String>,
    assumptions: Vec<Assumption>,
    pub(crate) measures: Keyed<String, f64>,
}

/// The absolute value below which a result of a formula is zero except for rounding.
const NOISE: f64 = 1e-12;

impl Theory {
    /// The closed form in words.
    #[must_use]
    pub fn of(fit: &ClosedForm) -> Theory {
        Theory {
            applies: fit.applies,
            model: fit.model.clone(),
            approximation: fit.approximation,
            fails: fit.fails().map(str::to_owned),
            assumptions: fit.assumptions.clone(),
            measures: Keyed(fit.measures.clone()),
        }
    }

    /// Theory beside a single run, whose measures are given by key.
    #[must_use]
    pub fn beside_run(&self, measure: impl Fn(&str) -> Option<f64>) -> Table {
        let rows = self.measures.0.iter().filter_map(|(key, value)| {
            let seen = measure(key)?;
            let cells = column(&[Some(*value), Some(seen)], "–");
            // No relative error is given for a sum that should be zero.
            let apart = match *value {
                value if value.abs() < NOISE => "–".to_owned(),
                value => format!("{:+.1} %", 100.0 * (seen / value - 1.0)),
            };
            Some(vec![key.clone(), cells[0].clone(), cells[1].clone(), apart])
        });
        let caption = format!("{}, and this run", self.model);
        Table::new(
            caption,
            1,
            "measure|formula|simulation|apart",
            rows.collect(),
        )
    }

    /// Whether a closed form applies, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let model = &self.model;
        match &self.fails {
            Some(reason) => {
                format!("No closed form applies: the nearest, {model}, assumes that {reason}.")
            }
            None => format!("{} applies.", answer::capital(model)),
        }
    }
}

/// The document of `filas theory`.
#[derive(Clone, Debug, Serialize)]
pub struct TheoryOfScenario {
    filas: &'static str,
    /// The scenario's name; `model` is the closed form here.
    name: String,
    #[serde(flatten)]
    theory: Theory,
}

impl TheoryOfScenario {
    /// The verdict of this closed form on this scenario.
    #[must_use]
    pub fn of(scenario: &Scenario, fit: &ClosedForm) -> TheoryOfScenario {
        TheoryOfScenario {
            filas: env!("CARGO_PKG_VERSION"),
            name: Head::of(scenario, "").name,
            theory: Theory::of(fit),
        }
    }
}

/// The document of `filas sweep`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// Its subject.
    #[serde(flatten)]
    pub head: Head,
    /// The share of a study that it covers, if it is a shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Number of replications of each cell.
    pub replications: u64,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// The digests of the cells, folded in order.
    pub digest: String,
    /// Whether it was stopped before the end.
    pub interrupted: bool,
    /// The answer in words.
    pub answer: Answer,
    /// For each measure compared, the cells with the least and the greatest mean, by number from 0.
    pub ends: Vec<Ends>,
    /// Whether the requested precision was reached; null if none was requested.
    pub precision_reached: Option<bool>,
    /// The cells, the last key changing fastest.
    pub cells: Vec<GridCell>,
}

/// A cell of a grid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GridCell {
    /// The settings.
    pub set: Keyed<String, Value>,
    /// Number of replications.
    pub replications: u64,
    /// Their digests, folded in order.
    pub digest: String,
    /// An interval for every measure, its ends limited to possible values of the measure.
    pub measures: Keyed<String, Interval>,
    /// An interval for the difference of every measure from the first cell's, pair by pair.
    pub difference: Keyed<String, Interval>,
}

impl Sweep {
    /// The document of a grid made by an engine, all or a share of it; without named measures it has all.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        (engine, share): (&str, Share),
        (settings, found): (&[Vec<(String, String)>], &Swept),
        asked: &Asked,
    ) -> Sweep {
        let cells = settings.iter().zip(&found.cells).map(|(set, cell)| {
            // Requested measures keep the keys by which they were requested.
            let keys: Vec<(usize, &String)> = match asked.measures.as_slice() {
                [] => cell.layout.keys().iter().enumerate().collect(),
                named => named
                    .iter()
                    .filter_map(|key| Some((cell.layout.place(key)?, key)))
                    .collect(),
            };
            let set = set.iter().map(|(key, value)| (key.clone(), plain(value)));
            let measures = keys.iter();
            let measures = measures.map(|&(at, key)| {
                let seen = answer::possible_interval(key, cell.intervals[at]);
                (key.clone(), seen)
            });
            let difference = keys.iter();
            let difference =
                difference.filter_map(|&(at, key)| Some((key.clone(), cell.differences[at]?)));
            GridCell {
                set: Keyed(set.collect()),
                replications: cell.replications,
                digest: cell.digest.to_string(),
                measures: Keyed(measures.collect()),
                difference: Keyed(difference.collect()),
            }
        });
        Sweep {
            head: Head::of(scenario, engine),
            shard: (!share.is_whole()).then(|| share.to_string()),
            replications: found.completion.replications,
            confidence: asked.confidence,
            digest: found.completion.digest.to_string(),
            interrupted: found.completion.interrupted,
            answer: answer::sweep(scenario, settings, found, asked.confidence),
            ends: found.ends.clone(),
            precision_reached: asked.precision.map(|_| found.completion.met),
            cells: cells.collect(),
        }
    }

    /// A row for each cell with its settings, a measure, and the difference from the first cell.
    #[must_use]
    pub fn table(&self, measure: &str) -> Table {
        let ends = self.ends.iter().find(|ends| ends.measure == measure);
        let note = |at: usize| {
            let Some(ends) = ends else { return "" };
            let place = |cells: &[usize]| cells.iter().position(|&cell| cell == at);
            match (place(&ends.least), place(&ends.greatest)) {
                (Some(0), _) => "least",
                (_, Some(0)) => "greatest",
                (Some(_), Some(_)) => "a tie with both",
                (Some(_), None) => "a tie with the least",
                (None, Some(_)) => "a tie with the greatest",
                (None, None) => "",
            }
        };
        let rows = self.cells.iter().enumerate().map(|(at, cell)| {
            let seen = cell.measures.get(measure).copied().unwrap_or_default();
            let against = cell.difference.get(measure).copied().unwrap_or_default();
            let mut row: Vec<String> = cell.set.0.iter().map(|(_, value)| text(value)).collect();
            row.push(with_error(seen.mean, seen.half_width));
            row.push(match at {
                0 => String::new(),
                _ => with_error(against.mean, against.half_width),
            });
            row.push(note(at).to_owned());
            row
        });
        let keys = self.cells.first().map_or(&[][..], |cell| &cell.set.0);
        let mut head: Vec<String> = keys.iter().map(|(key, _)| key.clone()).collect();
        head.extend([measure, "against the first, paired", ""].map(str::to_owned));
        Table {
            caption: format!("{measure}, and its difference from the first cell, pair by pair"),
            words: keys.len(),
            head,
            rows: rows.collect(),
        }
    }
}

/// A value of a setting as typed.
pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as JSON: as TOML reads it, or the text itself.
fn plain(value: &str) -> Value {
    let read: Result<toml::Table, _> = toml::from_str(&format!("value = {value}"));
    let value_of = |table: toml::Table| serde_json::to_value(table.get("value")?).ok();
    let read = read.ok().filter(|table| table.len() == 1);
    read.and_then(value_of)
        .unwrap_or_else(|| Value::from(value))
}

/// The document of a share of a round of `filas order`, which has no answer yet.
#[derive(Clone, Debug, Serialize)]
pub struct OrderShare {
    /// Its subject.
    #[serde(flatten)]
    pub head: Head,
    /// The share.
    pub shard: String,
    /// Number of the round's runs left to other shares.
    pub for_others: u64,
}

/// A document as JSON, with a line break at its end.
#[must_use]
pub fn json(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a document is plain data");
    text.push('\n');
    text
}
