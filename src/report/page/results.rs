//! A results folder read back: its manifest, its summary and its scenario, and the kind of results. A damaged or
//! foreign folder is refused, with its place and the remedy.

use crate::report::chart::Axis;
use crate::report::{filed_scenario, unaltered};
use crate::scenario::{LineArrivals, Loaded, Scenario, Start};
use crate::study::answer::Answer;
use crate::study::certainty::MeanInterval;
use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The reason why there is no report of a folder.
#[derive(Debug, Error)]
pub enum ResultsError {
    /// It is no folder of results.
    #[error("{} holds no results of filas: {why}; `filas run --out DIR` makes such a folder", folder.display())]
    NoResults {
        /// The folder.
        folder: PathBuf,
        /// The missing file.
        why: &'static str,
    },
    /// A file of it cannot be read, or has contents that filas never writes.
    #[error("{} is damaged: {why}; make the results again with the command that made them", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage.
        why: String,
    },
}

/// The kind of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    DeskRun,
    LineRun,
    Replications,
    Sweep,
    Comparison,
    Finding,
    Order,
    Stress,
}

/// A results folder.
#[derive(Debug)]
pub(super) struct Results {
    pub(super) folder: PathBuf,
    pub(super) manifest: Value,
    pub(super) summary: Value,
    /// The scenario as run; or the reason why it can no longer be read, for example a missing data file.
    pub(super) scenario: Result<Loaded, String>,
    pub(super) kind: Kind,
}

/// The largest document that is read, in bytes: a study of ten thousand cells is far smaller.
const DOCUMENT_MAX: u64 = 1 << 30;

impl Results {
    pub(super) fn read(folder: &Path) -> Result<Results, ResultsError> {
        let none = |why| ResultsError::NoResults {
            folder: folder.to_owned(),
            why,
        };
        if !folder.is_dir() {
            return Err(none("it is no folder"));
        }
        if !folder.join("manifest.json").is_file() {
            return Err(none("there is no manifest.json"));
        }
        let manifest = document(&folder.join("manifest.json"))?;
        let path = folder.join("summary.json");
        let summary = document(&path)?;
        let damaged = |why: &str| ResultsError::Damaged {
            path: path.clone(),
            why: why.to_owned(),
        };
        let written = bytes(&path).unwrap_or_default();
        unaltered(&manifest, &written).map_err(damaged)?;
        if text(&manifest, "digest").is_none()
            || text(&manifest, "digest") != text(&summary, "digest")
        {
            return Err(damaged("its digest is not the one in manifest.json"));
        }
        let has = |key: &str| summary.get(key).is_some();
        let kind = match text(&summary, "model") {
            _ if has("verdict") => Kind::Stress,
            _ if has("cells") => Kind::Sweep,
            _ if has("orders") => Kind::Order,
            _ if has("settings") && has("best") => Kind::Finding,
            _ if has("measures") && has("changed") => Kind::Comparison,
            _ if has("measures") && has("replications") => Kind::Replications,
            Some("desk") if has("steps") || has("clock") => Kind::DeskRun,
            Some("tandem") if has("stages") => Kind::LineRun,
            Some("network") if has("stations") => Kind::LineRun,
            _ => return Err(damaged("it is none of the documents that filas writes")),
        };
        Ok(Results {
            scenario: filed_scenario(folder, &manifest).map_err(|error| error.to_string()),
            folder: folder.to_owned(),
            manifest,
            summary,
            kind,
        })
    }

    /// The summary as it was written.
    pub(super) fn summary_as<T: serde::de::DeserializeOwned>(&self) -> Result<T, ResultsError> {
        T::deserialize(&self.summary).map_err(|error| ResultsError::Damaged {
            path: self.folder.join("summary.json"),
            why: error.to_string(),
        })
    }

    /// The answer of a run, as worded in its summary.
    pub(super) fn answer(&self) -> Result<Answer, ResultsError> {
        #[derive(Deserialize)]
        struct Answered {
            answer: Answer,
        }
        Ok(self.summary_as::<Answered>()?.answer)
    }

    /// A measure by its dotted key.
    pub(super) fn measure(&self, key: &str) -> Option<f64> {
        let place = format!("/{}", key.replace('.', "/"));
        self.summary.pointer(&place).and_then(Value::as_f64)
    }

    /// The interval of the mean wait stated by a single run, if there is one.
    pub(super) fn interval(&self) -> Option<MeanInterval> {
        let stated = self.summary.pointer("/waiting/interval")?;
        MeanInterval::deserialize(stated).ok()
    }

    pub(super) fn interrupted(&self) -> bool {
        self.summary.get("interrupted").and_then(Value::as_bool) == Some(true)
    }

    /// The start of the clock of its records, if the scenario gives one.
    pub(super) fn clock(&self) -> Option<Start> {
        self.scenario.as_ref().ok()?.scenario.clock()
    }

    /// Whether it is of a desk that counts steps.
    pub(super) fn stepped(&self) -> bool {
        let desk = self.scenario.as_ref().ok();
        let steps = desk.and_then(|loaded| loaded.scenario.desk()?.steps());
        steps.is_some() || self.summary.get("steps").is_some()
    }

    /// The time at which a line opens: the first arrival if arrivals are recorded, else 0.
    pub(super) fn opens(&self) -> f64 {
        let scenario = self.scenario.as_ref().ok().map(|loaded| &loaded.scenario);
        match scenario.and_then(Scenario::line).map(|line| &line.arrivals) {
            Some(LineArrivals::Times(times) | LineArrivals::Recorded { times, .. }) => {
                times.first().copied().unwrap_or(0.0)
            }
            _ => 0.0,
        }
    }

    /// An axis of times of a line, from its opening, or of a desk in continuous time.
    pub(super) fn time_axis(&self) -> Axis {
        let axis = self
            .clock()
            .map_or_else(|| Axis::numbers(self.unit()), Axis::times_of_day);
        match self.opens() > 0.0 {
            true => axis.cropped(),
            false => axis,
        }
    }

    /// An axis of the clock of a desk.
    pub(super) fn desk_axis(&self) -> Axis {
        if !self.stepped() {
            return self.time_axis();
        }
        self.clock()
            .map_or_else(|| Axis::whole("step"), Axis::times_of_day)
    }

    /// The unit of time that the scenario names.
    pub(super) fn unit_named(&self) -> Option<&str> {
        text(&self.summary, "time_unit")
    }

    /// The unit of time, if the scenario names one; `steps` for a desk that counts steps.
    pub(super) fn unit(&self) -> String {
        let named = text(&self.summary, "time_unit").map(str::to_owned);
        named.unwrap_or_else(|| match text(&self.summary, "model") {
            Some("desk") if self.stepped() => "steps".to_owned(),
            _ => "units of time".to_owned(),
        })
    }
}

fn document(path: &Path) -> Result<Value, ResultsError> {
    let damaged = |why: String| ResultsError::Damaged {
        path: path.to_owned(),
        why,
    };
    let bytes = bytes(path).map_err(|error| damaged(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))
}

/// The first [`DOCUMENT_MAX`] bytes of a file.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(DOCUMENT_MAX)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A text of a document.
pub(super) fn text<'a>(document: &'a Value, key: &str) -> Option<&'a str> {
    document.get(key).and_then(Value::as_str)
}

/// A number of a document.
pub(super) fn number(document: &Value, key: &str) -> Option<f64> {
    document.get(key).and_then(Value::as_f64)
}

/// A list of a document; empty if it is not a list.
pub(super) fn list<'a>(document: &'a Value, key: &str) -> &'a [Value] {
    document
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
