//! `summary.json`: the head every model shares, then the model's own measures.

use crate::desk::DeskSummary;
use crate::digest::Digest;
use crate::tandem::LineSummary;
use serde::Serialize;

/// The document a run puts on stdout with `--format json`, and in the results folder.
#[derive(Clone, Debug, Serialize)]
pub struct Summary<'a> {
    filas: &'static str,
    model: &'static str,
    name: &'a str,
    /// Only where a model has a unit of time; null if the scenario names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_unit: Option<Option<&'a str>>,
    seed: u64,
    engine: &'a str,
    digest: String,
    interrupted: bool,
    #[serde(flatten)]
    measures: Measures<'a>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Measures<'a> {
    Line(&'a LineSummary),
    Desk(&'a DeskSummary),
}

impl<'a> Summary<'a> {
    /// The summary of a line.
    #[must_use]
    pub fn of_line(
        (name, time_unit): (&'a str, Option<&'a str>),
        seed: u64,
        engine: &'a str,
        (digest, interrupted): (Digest, bool),
        measures: &'a LineSummary,
    ) -> Summary<'a> {
        Summary {
            filas: env!("CARGO_PKG_VERSION"),
            model: "tandem",
            name,
            time_unit: Some(time_unit),
            seed,
            engine,
            digest: digest.to_string(),
            interrupted,
            measures: Measures::Line(measures),
        }
    }

    /// The summary of a desk.
    #[must_use]
    pub fn of_desk(
        name: &'a str,
        seed: u64,
        engine: &'a str,
        (digest, interrupted): (Digest, bool),
        measures: &'a DeskSummary,
    ) -> Summary<'a> {
        Summary {
            filas: env!("CARGO_PKG_VERSION"),
            model: "desk",
            name,
            time_unit: None,
            seed,
            engine,
            digest: digest.to_string(),
            interrupted,
            measures: Measures::Desk(measures),
        }
    }

    /// The JSON document, with a line break at its end.
    ///
    /// Numbers are written in the shortest form that reads back to the same bits; what has no
    /// observations is null.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a summary is plain data");
        text.push('\n');
        text
    }
}
