//! `rows/study.json`: the identity of the rows beside it, so that only rows of one study are
//! joined.
//!
//! Rows are the same if scenario, seed, input files, engine, version and build are the same, and
//! any options that the kind of study makes them depend on; a study is the same if its question is
//! the same too. The file ends with a check over its own bytes.

use crate::digest::Digest;
use crate::report::draft::{Draft, WriteError};
use crate::report::folder::STUDY;
use crate::report::manifest::InputFile;
use crate::report::shell;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use thiserror::Error;

/// Text before the check.
const CHECK: &str = ",\n  \"check\": \"";

/// The identity of rows and of their study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Version of filas.
    pub filas: String,
    /// Fingerprint of the program that made the rows: see [`build`].
    pub build: String,
    /// The seed.
    pub seed: u64,
    /// The engine.
    pub engine: String,
    /// The scenario as run.
    pub scenario: String,
    /// The files the scenario read.
    pub inputs: Vec<InputFile>,
    /// The kind of study, and the options on which its rows depend.
    pub rows: Value,
    /// The question asked of the rows.
    pub question: Value,
    /// Path of the scenario file.
    pub file: PathBuf,
    /// Words of the command, without those for the folder and the workers.
    pub command: Vec<String>,
    /// The share of the work done in this folder.
    pub share: String,
}

/// The reason rows do not identify themselves as those of this study.
#[derive(Debug, Error)]
pub enum AboutError {
    /// There is no such file.
    #[error("{} holds no rows of a study", .0.display())]
    None(PathBuf),
    /// It was changed after it was written.
    #[error("{} is damaged", .0.display())]
    Damaged(PathBuf),
    /// The rows are of another study.
    #[error("{} holds rows of {what}", .folder.display())]
    Other {
        /// The folder.
        folder: PathBuf,
        /// The difference.
        what: String,
    },
    /// It cannot be read.
    #[error("cannot read {}", .0.display())]
    Unread(PathBuf, #[source] io::Error),
}

impl About {
    /// A digest of the rows' identity.
    #[must_use]
    pub fn id(&self) -> u64 {
        let mut digest = Digest::EMPTY;
        let mut text = |text: &str| digest.fold_bytes(text.as_bytes());
        text(&self.filas);
        text(&self.build);
        text(&self.engine);
        text(&self.scenario);
        for input in &self.inputs {
            text(&input.path);
            text(&input.digest);
        }
        text(&self.rows.to_string());
        digest.fold(self.seed);
        digest.value()
    }

    /// Checks that rows in `folder`, identified by `other`, are the same as these.
    ///
    /// # Errors
    /// [`AboutError::Other`].
    pub fn same_rows(&self, other: &About, folder: &Path) -> Result<(), AboutError> {
        let what = if self.filas != other.filas {
            format!(
                "another version of filas: {}, not {}",
                other.filas, self.filas
            )
        } else if self.build != other.build {
            format!(
                "another build of filas ({}, not {}): rows are joined only if the very same program \
                 made them",
                other.build, self.build
            )
        } else if self.seed != other.seed {
            format!("another seed: {}, not {}", other.seed, self.seed)
        } else if self.scenario != other.scenario {
            format!(
                "another scenario{}",
                first_difference(&self.scenario, &other.scenario)
            )
        } else if let Some((mine, _)) = (self.inputs.iter())
            .zip(&other.inputs)
            .find(|(mine, theirs)| mine.digest != theirs.digest)
        {
            format!("another scenario: its `{}` held other values", mine.path)
        } else if self.engine != other.engine {
            format!("another engine: {}, not {}", other.engine, self.engine)
        } else if self.rows != other.rows || self.id() != other.id() {
            format!("another study: {}", self.commands(other))
        } else {
            return Ok(());
        };
        Err(AboutError::Other {
            folder: folder.to_owned(),
            what,
        })
    }

    /// Checks as [`About::same_rows`] does, and that the question is the same.
    ///
    /// # Errors
    /// [`AboutError::Other`].
    pub fn same_study(&self, other: &About, folder: &Path) -> Result<(), AboutError> {
        self.same_rows(other, folder)?;
        if self.question == other.question {
            return Ok(());
        }
        Err(AboutError::Other {
            folder: folder.to_owned(),
            what: format!("another question: {}", self.commands(other)),
        })
    }

    /// Another study's command against this one's, as a phrase for a message.
    fn commands(&self, other: &About) -> String {
        let of = |about: &About| {
            let words = about.command.iter().map(String::as_str);
            shell::command(std::iter::once("filas").chain(words))
        };
        format!("that of `{}`, not of `{}`", of(other), of(self))
    }

    /// Reads the identity of the rows in this folder.
    ///
    /// # Errors
    /// See [`AboutError`].
    pub(super) fn read(rows: &Path) -> Result<About, AboutError> {
        let path = rows.join(STUDY);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = rows.parent().unwrap_or(rows);
                return Err(AboutError::None(folder.to_owned()));
            }
            Err(error) => return Err(AboutError::Unread(path, error)),
            Ok(bytes) => bytes,
        };
        let about = String::from_utf8(bytes).ok().and_then(|text| {
            let at = text.rfind(CHECK)?;
            let about: About = serde_json::from_str(&format!("{}\n}}", &text[..at])).ok()?;
            (about.text() == text).then_some(about)
        });
        about.ok_or(AboutError::Damaged(path))
    }

    /// Writes it to this folder.
    pub(super) fn write(&self, rows: &Path) -> Result<(), WriteError> {
        let mut draft = Draft::begin(rows, STUDY)?;
        draft.write_text(&self.text())?;
        draft.publish().map(drop)
    }

    fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("it is plain data");
        let text = text.trim_end_matches("\n}");
        let mut check = Digest::EMPTY;
        check.fold_bytes(text.as_bytes());
        format!("{text}{CHECK}{check}\"\n}}\n")
    }
}

/// The first line in which two scenarios differ, as a phrase for a message.
fn first_difference(mine: &str, theirs: &str) -> String {
    let pair = mine.lines().zip(theirs.lines()).find(|(a, b)| a != b);
    pair.map_or(String::new(), |(mine, theirs)| {
        let short = |line: &str| line.trim().chars().take(60).collect::<String>();
        format!(": `{}`, not `{}`", short(theirs), short(mine))
    })
}

/// The file of this program, if it is a library that another program has loaded.
static LIBRARY: OnceLock<PathBuf> = OnceLock::new();

/// States the file from which another program has loaded this one, before anything is done.
pub fn loaded_from(library: PathBuf) {
    // A second statement is about the same file.
    let _ = LIBRARY.set(library);
}

/// A fingerprint of the running program's file. A copied program has the same one; a build by
/// another compiler or with other options does not.
#[must_use]
pub fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        // On Linux this finds the program even if its file was replaced.
        let running = PathBuf::from("/proc/self/exe");
        let path = match LIBRARY.get() {
            Some(library) => Ok(library.clone()),
            None if running.exists() => Ok(running),
            None => std::env::current_exe(),
        };
        let digest = path.and_then(File::open).and_then(|mut file| {
            let mut digest = Digest::EMPTY;
            let mut piece = vec![0; 1 << 20];
            loop {
                let mut filled = 0;
                while filled < piece.len() {
                    match file.read(&mut piece[filled..])? {
                        0 => break,
                        more => filled += more,
                    }
                }
                digest.fold_bytes(&piece[..filled]);
                if filled < piece.len() {
                    return Ok(digest);
                }
            }
        });
        digest.map_or("unknown".to_owned(), |digest| digest.to_string())
    })
}
