//! What a command leaves in its results folder, and the command line that did it.
#![allow(
    clippy::disallowed_methods,
    reason = "the manifest says when a run was made"
)]

use super::Failure;
use crate::digest::Digest;
use crate::report::{Draft, Folder, InputFile, Manifest, RuntimeOptions, timestamp};
use crate::scenario::{Loaded, ReadFile, Scenario};
use std::time::SystemTime;

/// What a run or a study leaves in its folder, beside its tables.
pub(super) struct Leaving<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) engine: &'static str,
    pub(super) runtime: RuntimeOptions,
    pub(super) digest: Digest,
    pub(super) interrupted: bool,
    pub(super) json: &'a str,
    /// The command that makes it again, inside the folder.
    pub(super) reproduce: String,
    pub(super) started: SystemTime,
}

/// Writes what belongs to the folder besides the tables, and gives everything its name.
pub(super) fn publish(
    folder: Folder,
    mut drafts: Vec<Draft>,
    leaving: Leaving<'_>,
) -> Result<(), Failure> {
    let loaded = leaving.loaded;
    for (name, text) in [
        ("summary.json", leaving.json),
        ("scenario.toml", &loaded.text),
    ] {
        let mut draft = folder.draft(name)?;
        draft.write_text(text)?;
        drafts.push(draft);
    }
    let mut scenario_digest = Digest::EMPTY;
    scenario_digest.fold_bytes(loaded.text.as_bytes());
    let name = |draft: &Draft| {
        let name = draft.path().file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let manifest = Manifest {
        filas: env!("CARGO_PKG_VERSION"),
        command: words.collect(),
        reproduce: leaving.reproduce,
        scenario_digest: scenario_digest.to_string(),
        digest: leaving.digest.to_string(),
        seed: seed_of(&loaded.scenario),
        engine: leaving.engine,
        runtime: leaving.runtime,
        inputs: inputs(loaded),
        folder: folder_of_inputs(loaded),
        outputs: drafts.iter().map(name).collect(),
        interrupted: leaving.interrupted,
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        started: timestamp(leaving.started),
        finished: timestamp(SystemTime::now()),
    };
    Ok(folder.publish(drafts, || manifest.json())?)
}

/// The folder of the files that the scenario read, wherever the manifest is looked at from.
fn folder_of_inputs(loaded: &Loaded) -> Option<String> {
    let folder = loaded
        .folder
        .as_ref()
        .filter(|_| !loaded.files.is_empty())?;
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    Some(folder.to_string_lossy().into_owned())
}

/// The files a scenario read.
pub(super) fn inputs(loaded: &Loaded) -> Vec<InputFile> {
    let file = |file: &ReadFile| InputFile {
        path: file.path.to_string_lossy().into_owned(),
        bytes: file.bytes,
        digest: file.digest.to_string(),
    };
    loaded.files.iter().map(file).collect()
}

/// The seed of a scenario.
pub(super) fn seed_of(scenario: &Scenario) -> u64 {
    match scenario {
        Scenario::Tandem(tandem) => tandem.seed,
        Scenario::Desk(desk) => desk.seed,
    }
}

/// The command line of this process, fit for a shell.
pub(super) fn command() -> String {
    let mut words = std::env::args_os();
    words.next();
    let words = words.map(|word| quoted(&word.to_string_lossy()));
    std::iter::once("filas".to_owned())
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
