//! The source of a scenario: a file, the scenarios that come with the program, or stdin.

use super::{Failure, call, output};
use crate::report::data_folder;
use crate::scenario::shipped::Shipped;
use crate::scenario::{Origin, read_from};
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// The word that stands for stdin.
pub(super) const STDIN: &str = "-";

/// The name of stdin in errors, and of a scenario from there that has no name.
const STDIN_SHOWN: &str = "stdin";

/// The source of a scenario.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A file of the user.
    File(PathBuf),
    /// A scenario shipped with the program.
    Shipped(&'static Shipped),
    /// The scenario of a results folder, whose data files are in another folder.
    Filed {
        path: PathBuf,
        text: String,
        folder: PathBuf,
    },
    /// A text read from stdin, or given by a call; it reads data files from the current folder.
    Stdin(String),
}

impl Source {
    /// Finds the source that a word on the command line names; stdin is read here.
    pub(super) fn of(word: Option<&Path>) -> Result<Source, Failure> {
        let Some(word) = word else {
            return Ok(Source::Shipped(Shipped::usual()));
        };
        if let Some(text) = call::text(word) {
            return Ok(Source::Stdin(text));
        }
        if word == Path::new(STDIN) {
            if io::stdin().is_terminal() {
                output::note("filas: reading a scenario from the terminal; end it with Ctrl-D");
            }
            return Ok(Source::Stdin(read_from(STDIN_SHOWN, io::stdin().lock())?));
        }
        Ok(match Shipped::or_file(word)? {
            Some(shipped) => Source::Shipped(shipped),
            None => Source::File(word.to_owned()),
        })
    }

    /// The scenario in the folder of a run, with its data files beside it or, if they are not there, where they were;
    /// `None` if the folder holds no run.
    pub(super) fn of_run(folder: &Path) -> Option<Source> {
        let manifest = fs::read_to_string(folder.join("manifest.json")).ok()?;
        let manifest: serde_json::Value = serde_json::from_str(&manifest).ok()?;
        let path = folder.join("scenario.toml");
        let text = fs::read_to_string(&path).ok()?;
        let folder = data_folder(folder, &manifest);
        Some(Source::Filed { path, text, folder })
    }

    pub(super) fn origin(&self) -> Origin<'_> {
        match self {
            Source::File(path) => Origin::File(path),
            Source::Filed { path, text, folder } => Origin::Kept { path, text, folder },
            Source::Shipped(shipped) => Origin::Embedded {
                name: shipped.shown,
                text: shipped.text,
            },
            Source::Stdin(text) => Origin::Kept {
                path: Path::new(STDIN_SHOWN),
                text,
                folder: Path::new("."),
            },
        }
    }

    /// The path that represents the scenario in results: its file, or a name in the folder in which its data files are
    /// looked for.
    pub(super) fn path(&self) -> &Path {
        match self {
            Source::File(path) | Source::Filed { path, .. } => path,
            Source::Shipped(shipped) => Path::new(shipped.shown),
            Source::Stdin(_) => Path::new(STDIN_SHOWN),
        }
    }

    /// Warns of a file that was probably meant when a shipped scenario is run: the one that `filas new` wrote here, if
    /// it was changed since.
    pub(super) fn warning(&self, word: Option<&Path>) -> Option<String> {
        let (Source::Shipped(shipped), Some(_)) = (self, word) else {
            return None;
        };
        let file = shipped.file();
        let changed = fs::read(&file).is_ok_and(|bytes| bytes != shipped.text.as_bytes());
        changed.then(|| {
            format!(
                "`{}` is the shipped scenario; the file in this folder is `{file}`, and it differs",
                shipped.name
            )
        })
    }
}
