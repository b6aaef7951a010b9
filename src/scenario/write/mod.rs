//! Writes a checked scenario back as TOML, with every default filled in.

mod desk;
mod line;
mod network;

use super::{Intervals, RatePiece, Scenario, Start, input};
use crate::random::Law;
use crate::random::laws::Parameter;
use serde::Serialize;
use std::fmt::Write;
use std::sync::Arc;

/// The columns of files from which values came.
#[derive(Clone, Debug, Default)]
pub(super) struct References {
    columns: Vec<Reference>,
    pub(super) recording: Option<input::Recording>,
}

#[derive(Clone, Debug)]
struct Reference {
    values: Arc<Vec<f64>>,
    /// The keys and values that name it.
    toml: String,
}

impl References {
    pub(super) fn remember(&mut self, values: &Arc<Vec<f64>>, toml: String) {
        self.columns.push(Reference {
            values: Arc::clone(values),
            toml,
        });
    }

    fn find(&self, values: &Arc<Vec<f64>>) -> Option<&Reference> {
        self.columns
            .iter()
            .find(|reference| Arc::ptr_eq(&reference.values, values))
    }
}

/// The scenario with every default filled in, as TOML text that loads again to an equal one without any other file:
/// values that came from files are written out.
#[must_use]
pub fn normalised(scenario: &Scenario) -> String {
    text(scenario, &References::default())
}

pub(super) fn text(scenario: &Scenario, references: &References) -> String {
    let mut text = String::new();
    let written = match scenario {
        Scenario::Tandem(tandem) => line::line(&mut text, tandem, references),
        Scenario::Desk(desk) => desk::desk(&mut text, desk, references),
    };
    assert!(written.is_ok(), "writing to a string cannot fail");
    text
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

/// A choice among words, as serde names it.
fn word(choice: impl Serialize) -> String {
    let word = serde_json::to_string(&choice);
    word.expect("a choice is a word")
}

/// A number that reads back to the same bits; whole numbers have a decimal point, like TOML floats.
fn number(number: f64) -> String {
    format!("{number:?}")
}

fn numbers(values: &[f64]) -> String {
    list(values.iter().map(|value| number(*value)))
}

fn list(written: impl Iterator<Item = String>) -> String {
    format!("[{}]", written.collect::<Vec<_>>().join(", "))
}

fn seed(seed: u64) -> String {
    match i64::try_from(seed) {
        Ok(seed) => seed.to_string(),
        Err(_) => quoted(&seed.to_string()),
    }
}

fn law(law: &Law, references: &References) -> String {
    let written = law.parameters().into_iter().map(|(key, parameter)| {
        let value = match parameter {
            Parameter::Number(value) => number(value),
            Parameter::Whole(value) => value.to_string(),
            Parameter::Numbers(values) => numbers(values),
            Parameter::Rows(rows) => list(rows.iter().map(|row| numbers(row))),
            Parameter::Inner(inner) => self::law(inner, references),
            Parameter::Laws(laws) => list(laws.iter().map(|inner| self::law(inner, references))),
            Parameter::Recorded(values) => match references.find(values) {
                Some(reference) => return reference.toml.clone(),
                None => numbers(values),
            },
            Parameter::Truth(truth) => truth.to_string(),
        };
        format!("{key} = {value}")
    });
    let written: Vec<String> = written.collect();
    format!("{{ {} = {{ {} }} }}", law.name(), written.join(", "))
}

fn rates(pieces: &[RatePiece]) -> String {
    let piece = |piece: &RatePiece| {
        let (until, rate) = (number(piece.until), number(piece.rate));
        format!("{{ until = {until}, rate = {rate} }}")
    };
    list(pieces.iter().map(piece))
}

/// The reports of a run besides its totals.
fn report(out: &mut String, intervals: Option<Intervals>) -> std::fmt::Result {
    match intervals {
        Some(Intervals { length, .. }) => {
            writeln!(out, "\n[report]\ninterval = {}", number(length))
        }
        None => Ok(()),
    }
}

/// The unit of time, and the time of day at which a run begins.
fn time(out: &mut String, unit: Option<&str>, start: Option<Start>) -> std::fmt::Result {
    if let Some(unit) = unit {
        writeln!(out, "time_unit = {}", quoted(unit))?;
    }
    if let Some(start) = start {
        writeln!(out, "start = \"{start}\"")?;
    }
    Ok(())
}
