//! The command line of this process, and what a command leaves in its results folder.

pub(super) use crate::report::publish::{Leaving, inputs, publish};

use super::call;
use crate::scenario::Loaded;

/// The command line of this process as words, the program's name first.
pub(super) fn typed() -> Vec<String> {
    let words = std::iter::once(call::name()).chain(call::words());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// The command line of this process, fit for a shell.
pub(super) fn command() -> String {
    let words = call::words()
        .into_iter()
        .map(|word| quoted(&word.to_string_lossy()));
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

/// The command that makes results again from inside their folder; `command` gets the scenario's file.
/// The scenario is the one in the folder, or if it reads other files, a copy of it in their folder.
pub(super) fn reproduce(loaded: &Loaded, command: impl FnOnce(&str) -> String) -> String {
    let folder = loaded.folder.as_ref();
    let Some(folder) = folder.filter(|_| !loaded.files.is_empty()) else {
        return command("scenario.toml");
    };
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let copy = folder.join(format!("{}.as-run.toml", loaded.scenario.name()));
    let copy = quoted(&copy.to_string_lossy());
    format!("cp scenario.toml {copy} && {}", command(&copy))
}
