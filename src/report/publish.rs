//! Writes the files of a results folder other than its tables: the summary, the scenario as run, and last the manifest.
#![allow(
    clippy::disallowed_methods,
    reason = "the manifest says when a run was made"
)]

use super::{
    Draft, Folder, InputFile, Manifest, RuntimeOptions, WriteError, manifest::text_digest,
    timestamp,
};
use crate::digest::Digest;
use crate::scenario::{Loaded, ReadFile};
use std::time::SystemTime;

/// The contents of a results folder besides its tables.
#[derive(Debug)]
pub struct Leaving<'a> {
    /// The scenario as run.
    pub loaded: &'a Loaded,
    /// Name of the engine.
    pub engine: &'static str,
    /// Options that change speed only.
    pub runtime: RuntimeOptions,
    /// The results' digest.
    pub digest: Digest,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// The length after which it was to end, if that is not in the scenario.
    pub stop_after: Option<f64>,
    /// Whether the rows in the folder belong to these results, which are then a study's.
    pub has_rows: bool,
    /// Text of `summary.json`.
    pub json: &'a str,
    /// The command line as typed.
    pub command: Vec<String>,
    /// The command that reproduces the results, run inside the folder.
    pub reproduce: String,
    /// Start of the run.
    pub started: SystemTime,
}

/// Writes the files of the folder besides the tables, and gives every file its final name.
///
/// # Errors
/// If a file cannot be written; then there is no manifest.
pub fn publish(
    folder: Folder,
    mut drafts: Vec<Draft>,
    leaving: Leaving<'_>,
) -> Result<(), WriteError> {
    let loaded = leaving.loaded;
    for (name, text) in [
        ("summary.json", leaving.json),
        ("scenario.toml", &loaded.text),
    ] {
        let mut draft = folder.draft(name)?;
        draft.write_text(text)?;
        drafts.push(draft);
    }
    let name = |draft: &Draft| {
        let name = draft.path().file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let manifest = Manifest {
        filas: env!("CARGO_PKG_VERSION"),
        command: leaving.command,
        reproduce: leaving.reproduce,
        scenario_digest: text_digest(loaded.text.as_bytes()),
        summary_digest: text_digest(leaving.json.as_bytes()),
        digest: leaving.digest.to_string(),
        seed: loaded.scenario.seed(),
        engine: leaving.engine,
        runtime: leaving.runtime,
        inputs: inputs(loaded),
        folder: folder_of_inputs(loaded),
        outputs: drafts.iter().map(name).collect(),
        interrupted: leaving.interrupted,
        stop_after: leaving.stop_after,
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        started: timestamp(leaving.started),
        finished: timestamp(SystemTime::now()),
    };
    folder.publish(drafts, leaving.has_rows, || manifest.json())
}

/// Absolute path of the folder of the files that the scenario read, if it read any.
fn folder_of_inputs(loaded: &Loaded) -> Option<String> {
    let folder = loaded
        .folder
        .as_ref()
        .filter(|_| !loaded.files.is_empty())?;
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    Some(folder.to_string_lossy().into_owned())
}

/// The files a scenario read.
#[must_use]
pub fn inputs(loaded: &Loaded) -> Vec<InputFile> {
    let file = |file: &ReadFile| InputFile {
        path: file.path.to_string_lossy().into_owned(),
        bytes: file.bytes,
        digest: file.digest.to_string(),
    };
    loaded.files.iter().map(file).collect()
}
