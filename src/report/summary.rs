//! `summary.json`: the head shared by all models, then the model's own measures.

use crate::lockstep::Deadlocked;
use crate::model::Outcome;
use crate::scenario::Scenario;
use crate::study::answer::{self, Answer};
use crate::study::certainty::{Certainty, certainty};
use serde::Serialize;
use serde_json::Value;

/// The document that a run writes to stdout with `--format json`, and to the results folder.
#[derive(Clone, Debug, Serialize)]
pub struct Summary<'a> {
    filas: &'static str,
    model: &'static str,
    name: &'a str,
    /// For a line, null if the scenario names none; for a desk, present only if the scenario names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_unit: Option<Option<&'a str>>,
    /// The time of day at time 0, if the scenario gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    seed: u64,
    engine: &'a str,
    digest: String,
    interrupted: bool,
    /// The answer in words.
    answer: Answer,
    /// The stations of a network that blocked each other permanently, if any did.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadlocked: Option<Deadlock<'a>>,
    #[serde(flatten)]
    measures: &'a Outcome,
    /// The certainty of the mean wait, added to it as `waiting.interval`. Studies of many runs have no such measure.
    #[serde(skip)]
    certainty: Certainty,
}

/// Stations that blocked each other permanently.
#[derive(Clone, Debug, Serialize)]
struct Deadlock<'a> {
    time: f64,
    stations: Vec<&'a str>,
    waits: Vec<Waiting<'a>>,
}

/// A customer that holds a server of one station and waits for a place at another.
#[derive(Clone, Debug, Serialize)]
struct Waiting<'a> {
    customer: u64,
    station: &'a str,
    target: &'a str,
}

impl<'a> Deadlock<'a> {
    fn of(scenario: &'a Scenario, found: &Deadlocked) -> Option<Deadlock<'a>> {
        let line = scenario.line()?;
        let name = |station: u32| &line.stages[station as usize].name[..];
        let waits = found.waits.iter().map(|one| Waiting {
            customer: one.customer,
            station: name(one.station),
            target: name(one.target),
        });
        Some(Deadlock {
            time: found.time,
            stations: found.stations.iter().map(|&one| name(one)).collect(),
            waits: waits.collect(),
        })
    }
}

impl<'a> Summary<'a> {
    /// The summary of a run of this scenario.
    #[must_use]
    pub fn of(scenario: &'a Scenario, engine: &'a str, outcome: &'a Outcome) -> Summary<'a> {
        Summary {
            filas: env!("CARGO_PKG_VERSION"),
            model: scenario.model(),
            name: scenario.name(),
            time_unit: scenario.stated_unit(),
            start: scenario.start().map(|start| start.to_string()),
            seed: scenario.seed(),
            engine,
            digest: outcome.digest().to_string(),
            interrupted: outcome.interrupted(),
            answer: answer::run(scenario, outcome),
            deadlocked: outcome
                .deadlocked()
                .and_then(|found| Deadlock::of(scenario, found)),
            measures: outcome,
            certainty: certainty(scenario, outcome),
        }
    }

    /// The JSON document, with a line break at its end.
    ///
    /// Numbers are written in the shortest form that reads back to the same bits; a measure without observations is
    /// null.
    #[must_use]
    pub fn json(&self) -> String {
        let mut document = serde_json::to_value(self).expect("a summary is plain data");
        if let Some(waiting) = document.get_mut("waiting").and_then(Value::as_object_mut) {
            let interval = serde_json::to_value(self.certainty.interval);
            waiting.insert("interval".to_owned(), interval.expect("it is plain data"));
            if let Some(why) = &self.certainty.why {
                waiting.insert("interval_why".to_owned(), Value::from(why.as_str()));
            }
        }
        let mut text = serde_json::to_string_pretty(&document).expect("a summary is plain data");
        text.push('\n');
        text
    }
}
