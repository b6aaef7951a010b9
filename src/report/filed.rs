//! Replications read back from a results folder, for a study of two such folders.
//!
//! The rows must give the digest in `summary.json`; a folder that was altered is refused, with its place.

use super::rows::{self, About, AboutError, RowFolder, RowsError};
use crate::digest::Digest;
use crate::study::Share;
use crate::study::ledger::{KeepError, Ledger};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The replications of a results folder.
#[derive(Debug)]
pub struct Filed {
    /// The folder.
    pub folder: PathBuf,
    /// The identity of the study.
    pub about: About,
    /// Their rows.
    pub rows: RowFolder,
    /// Number of replications.
    pub replications: u64,
}

/// The reason why the replications of a folder cannot be read.
#[derive(Debug, Error)]
pub enum FiledError {
    /// It holds results of another kind, or none.
    #[error("{} holds {what}; `filas replicate FILE --out DIR` makes a folder that can be compared", .folder.display())]
    Other {
        /// The folder.
        folder: PathBuf,
        /// Its contents.
        what: String,
    },
    /// Its study was not finished.
    #[error("{} holds {what}", .folder.display())]
    Unfinished {
        /// The folder.
        folder: PathBuf,
        /// Its contents, and the remedy.
        what: String,
    },
    /// A file of it is damaged, or was altered.
    #[error("{} {what}; make the replications again with the command that made them", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage.
        what: &'static str,
    },
    /// Its rows cannot be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// Its rows cannot be read.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

impl Filed {
    /// Reads a folder of `filas replicate --out`.
    ///
    /// # Errors
    /// See [`FiledError`].
    pub fn open(folder: &Path) -> Result<Filed, FiledError> {
        let other = |what: &str| FiledError::Other {
            folder: folder.to_owned(),
            what: what.to_owned(),
        };
        let damaged = |name: &str, what| FiledError::Damaged {
            path: folder.join(name),
            what,
        };
        let about = match rows::about(folder) {
            Ok(about) => about,
            Err(AboutError::None(_)) => return Err(other("no replications")),
            Err(error) => return Err(RowsError::from(error).into()),
        };
        if about.rows.get("replicate").is_none() {
            let kinds = about.rows.as_object().and_then(|kinds| kinds.keys().next());
            let kind = kinds.map_or("unknown", String::as_str);
            return Err(other(&format!(
                "the rows of another kind of study, `{kind}`"
            )));
        }
        let unfinished = |what: String| FiledError::Unfinished {
            folder: folder.to_owned(),
            what,
        };
        if about.share.parse() != Ok(Share::WHOLE) {
            let share = &about.share;
            let what = format!("share {share} of a study only; join the shares with `filas merge`");
            return Err(unfinished(what));
        }
        if !folder.join("manifest.json").is_file() {
            let what = "an unfinished study; go on with it by its command and --resume";
            return Err(unfinished(what.to_owned()));
        }
        if fs::read_to_string(folder.join("scenario.toml"))
            .ok()
            .as_ref()
            != Some(&about.scenario)
        {
            let what = "is not the scenario that the rows are of";
            return Err(damaged("scenario.toml", what));
        }
        let summary = fs::read_to_string(folder.join("summary.json")).ok();
        let summary = summary.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let summary = summary.ok_or_else(|| damaged("summary.json", "is damaged"))?;
        let rows = RowFolder::reading(&about);
        if let Some(path) = rows.read_from(folder)?.into_iter().next() {
            let what = "is damaged";
            return Err(FiledError::Damaged { path, what });
        }
        let stated = summary.get("replications").and_then(Value::as_u64);
        let replications = stated.ok_or_else(|| damaged("summary.json", "is damaged"))?;
        let (mut digest, mut next) = (Digest::EMPTY, 0);
        rows.each(0..replications, &mut |number, row| {
            next += u64::from(number == next);
            digest.fold(row.digest.value());
        })?;
        let digest = digest.to_string();
        if next < replications || summary.get("digest").and_then(Value::as_str) != Some(&digest) {
            let what = "is not the summary of the rows beside it: one of them was altered";
            return Err(damaged("summary.json", what));
        }
        Ok(Filed {
            folder: folder.to_owned(),
            about,
            rows,
            replications,
        })
    }
}
