//! The command line of this process, and the files that a command writes to its results folder.

pub(super) use crate::report::publish::{Leaving, inputs, publish};
pub(super) use crate::report::shell::quoted;

use super::call;
use crate::report::shell;
use crate::scenario::Loaded;

/// The command line of this process as words, the program's name first.
pub(super) fn typed() -> Vec<String> {
    let words = std::iter::once(call::name()).chain(call::words());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// The command line of this process, quoted for a shell.
pub(super) fn command() -> String {
    let words = typed();
    let words = words.iter().skip(1).map(String::as_str);
    shell::command(std::iter::once("filas").chain(words))
}

/// The command that reproduces results from inside their folder; `command` takes the scenario's file. That is the
/// scenario in the folder or, if it reads other files, a copy of it in their folder.
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
