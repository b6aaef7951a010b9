//! `manifest.json`: the origin of the results, and the command to reproduce them.
//!
//! It is the only file of a results folder that contains wall-clock times, the machine and the command line; all others
//! are the same whenever and wherever the run is repeated.

use crate::date;
use crate::digest::Digest;
use crate::model::Model;
use crate::scenario::{Limits, Loaded, Origin, Overrides, Scenario, ScenarioError, load};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The origin of a run's results.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// Version of filas.
    pub filas: &'static str,
    /// The command line as typed.
    pub command: Vec<String>,
    /// A command that reproduces this folder, from inside it or from anywhere, given the same
    /// inputs.
    pub reproduce: String,
    /// Digest of `scenario.toml` in this folder.
    pub scenario_digest: String,
    /// Digest of `summary.json` in this folder.
    pub summary_digest: String,
    /// The results' digest.
    pub digest: String,
    /// The seed.
    pub seed: u64,
    /// The engine.
    pub engine: &'static str,
    /// Options that change speed only.
    pub runtime: RuntimeOptions,
    /// The trace files read.
    pub inputs: Vec<InputFile>,
    /// The folder of these files, if there are any.
    pub folder: Option<String>,
    /// The files written beside this one.
    pub outputs: Vec<String>,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// The number of customers or steps, or the time of a desk, after which the run was to end, if that is not in the
    /// scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_after: Option<f64>,
    /// The operating system and the processor's family.
    pub platform: String,
    /// Number of cores the run could use.
    pub cores: usize,
    /// Start of the run, in UTC.
    pub started: String,
    /// End of the run, in UTC.
    pub finished: String,
}

/// Options of the runtime.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RuntimeOptions {
    /// Number of messages a channel holds.
    pub channel_capacity: Setting,
    /// Largest number of customers in a message.
    pub chunk: Setting,
}

/// The value of a runtime option: a number, or a list if the runs used several in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// One value for all runs.
    One(usize),
    /// These values in turn.
    Each(&'static [usize]),
}

/// A file that the scenario read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Path as written in the scenario.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Its digest.
    pub digest: String,
}

/// Digest of a text in a results folder.
pub(super) fn text_digest(text: &[u8]) -> String {
    let mut digest = Digest::EMPTY;
    digest.fold_bytes(text);
    digest.to_string()
}

/// Checks the text of `summary.json` against its digest in the manifest. A manifest without one was written by an
/// earlier version, and is not checked.
///
/// # Errors
/// If the file was altered: a sentence that says so.
pub fn unaltered(manifest: &Value, summary: &[u8]) -> Result<(), &'static str> {
    match manifest.get("summary_digest").and_then(Value::as_str) {
        Some(digest) if digest != text_digest(summary) => {
            Err("it was altered after the run: manifest.json has another digest of it")
        }
        _ => Ok(()),
    }
}

/// The scenario in a results folder, with the data files beside it or, if they are not there, where they were when it
/// ran. It was within the limits that applied then; no limits are applied again.
///
/// # Errors
/// If it, or a file that it reads, can no longer be read.
pub fn filed_scenario(folder: &Path, manifest: &Value) -> Result<Loaded, ScenarioError> {
    let path = &folder.join("scenario.toml");
    let overrides = Overrides {
        limits: Limits {
            max_actors: u64::MAX,
            max_events: u64::MAX,
            max_memory: u64::MAX,
        },
        ..Overrides::default()
    };
    let Ok(text) = &fs::read_to_string(path) else {
        return load(Origin::File(path), &overrides);
    };
    let folder = &data_folder(folder, manifest);
    load(Origin::Kept { path, text, folder }, &overrides)
}

/// The folder of the data files of a run whose results are in `folder`: that one if it has all of them, else the one
/// from which they were read.
#[must_use]
pub fn data_folder(folder: &Path, manifest: &Value) -> PathBuf {
    let inputs = manifest.get("inputs").and_then(Value::as_array);
    let mut names = inputs
        .into_iter()
        .flatten()
        .filter_map(|input| input.get("path")?.as_str());
    let are_beside = names.all(|name| folder.join(name).exists());
    let made_in = manifest.get("folder").and_then(Value::as_str);
    made_in
        .filter(|_| !are_beside)
        .map_or(folder, Path::new)
        .to_owned()
}

/// The scenario whose run gives the results of a folder: a run that was stopped, or that was to stop after a while,
/// equals a run that ends there. `measure` returns a number of the summary by its dotted key.
pub fn as_run(
    scenario: &Scenario,
    manifest: &Value,
    measure: impl Fn(&str) -> Option<f64>,
) -> Scenario {
    let model = Model::of(scenario);
    let wound_up = manifest.get("interrupted").and_then(Value::as_bool) == Some(true);
    let length = match wound_up {
        true => Some(measure(model.length_key()).unwrap_or(0.0)),
        false => manifest.get("stop_after").and_then(Value::as_f64),
    };
    length.map_or_else(|| scenario.clone(), |length| model.ending_after(length))
}

impl Manifest {
    /// Formats the manifest as JSON, with a line break at its end.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a manifest is plain data");
        text.push('\n');
        text
    }
}

/// Formats an instant as RFC 3339 in UTC, to the millisecond.
#[must_use]
pub fn timestamp(instant: SystemTime) -> String {
    let since = instant.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    let milliseconds = since.subsec_millis();
    format!("{}.{milliseconds:03}Z", date::date_and_time(seconds))
}

/// Formats nanoseconds since 1970 as RFC 3339 in UTC, to the nanosecond; earlier times as the start of 1970.
pub(super) fn date_and_time(nanoseconds: i128) -> String {
    const SECOND: i128 = 1_000_000_000;
    let since = nanoseconds.max(0);
    let seconds = i64::try_from(since / SECOND).unwrap_or(i64::MAX);
    format!("{}.{:09}Z", date::date_and_time(seconds), since % SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn timestamps_know_the_calendar() {
        let at = |seconds| timestamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(at(1_709_251_199), "2024-02-29T23:59:59.000Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00.000Z");
        assert_eq!(date_and_time(0), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(
            date_and_time(951_782_400_000_000_001),
            "2000-02-29T00:00:00.000000001Z"
        );
    }
}
