//! The results folder, in which a final name never has incomplete content.
//!
//! Every file is first a [`Draft`] under a temporary name in the same folder. When all are complete,
//! [`Folder::publish`] syncs and renames them; the manifest comes last, so that a folder with a manifest is complete.
//! Files that are not published are deleted with their drafts; drafts of a process that was killed are deleted by the
//! next run into the folder. A run holds a lock on the folder while it writes into it; the lock ends with the process,
//! and a second run is refused.
//!
//! A study also keeps a folder `rows` there, which grows while it runs: see [`RowFolder`](super::RowFolder).

use super::draft::{Draft, WriteError, is_draft, remove_abandoned, sync_folder};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The file that marks a results folder; written last, deleted first.
const MANIFEST: &str = "manifest.json";

/// Names of all files that filas writes; overwriting a folder deletes any of them left from the earlier run.
const OURS: &[&str] = &[
    MANIFEST,
    "summary.json",
    "scenario.toml",
    "report.html",
    "patch.toml",
    "other.toml",
    "events.parquet",
    "events.csv",
    "visits.parquet",
    "visits.csv",
    "customers.parquet",
    "customers.csv",
    "steps.parquet",
    "steps.csv",
    "levels.parquet",
    "levels.csv",
    "requests.parquet",
    "requests.csv",
    "faults.parquet",
    "faults.csv",
    "intervals.parquet",
    "intervals.csv",
    "orders.parquet",
    "orders.csv",
    "replications.parquet",
    "replications.csv",
    "cells.parquet",
    "cells.csv",
    "differences.parquet",
    "differences.csv",
    "settings.parquet",
    "settings.csv",
];

/// The folder of a study's finished rows, a [`RowFolder`](super::RowFolder), inside its results folder.
pub(super) const ROWS: &str = "rows";

/// The file in the folder of rows that identifies the study; written first.
pub(super) const STUDY: &str = "study.json";

/// The reason a folder cannot take results.
#[derive(Debug, Error)]
pub enum FolderError {
    /// It holds the results of an earlier run.
    #[error("{} holds earlier results; name another folder, or replace them with --overwrite", .0.display())]
    Taken(PathBuf),
    /// It holds an unfinished study.
    #[error("{} holds an unfinished study; continue it with --resume, or replace it with --overwrite", .0.display())]
    Unfinished(PathBuf),
    /// It holds results without rows.
    #[error("{} holds results that cannot be resumed; name another folder, or replace them with --overwrite", .0.display())]
    NotAStudy(PathBuf),
    /// It holds other files.
    #[error("{} holds files that are not results of filas; name a new or an empty folder", .0.display())]
    Foreign(PathBuf),
    /// Another process writes into it.
    #[error("{} is being written by another run; wait until that has ended, or name another folder", .0.display())]
    InUse(PathBuf),
    /// It is a file.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A folder ready to take the results of one run.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whether it was created for this run, and is to be deleted if nothing is published.
    made: bool,
    published: bool,
    /// The lock on the folder, if the system can lock folders.
    _lock: Option<Lock>,
}

impl Folder {
    /// Creates the folder, or takes an empty one, or, if `overwrite` is set, one of an earlier run.
    ///
    /// # Errors
    /// See [`FolderError`]; nothing is changed on an error.
    pub fn open(path: &Path, overwrite: bool) -> Result<Folder, FolderError> {
        Folder::take(path, || match found_in(path)? {
            Found::Manifest | Found::Study if overwrite => Ok(()),
            Found::Manifest => Err(FolderError::Taken(path.to_owned())),
            Found::Study => Err(FolderError::Unfinished(path.to_owned())),
            Found::Nothing => Ok(()),
        })
    }

    /// Creates the folder, or takes an empty one, or one of a study with its rows.
    ///
    /// # Errors
    /// See [`FolderError`]; nothing is changed on an error.
    pub fn resume(path: &Path) -> Result<Folder, FolderError> {
        Folder::take(path, || match found_in(path)? {
            Found::Manifest if !is_study(path) => Err(FolderError::NotAStudy(path.to_owned())),
            _ => Ok(()),
        })
    }

    /// Creates or takes a folder that `admits` accepts. It is checked again after the folder is locked, as another run
    /// may have ended in it meanwhile.
    fn take(
        path: &Path,
        admits: impl Fn() -> Result<(), FolderError>,
    ) -> Result<Folder, FolderError> {
        admits()?;
        let made = !path.exists();
        fs::create_dir_all(path).map_err(|source| WriteError::new(path, source))?;
        let folder = Folder {
            path: path.to_owned(),
            made,
            published: false,
            _lock: lock(path)?,
        };
        admits()?;
        remove_abandoned(path);
        Ok(folder)
    }

    /// Path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates a draft in the folder.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn draft(&self, name: &str) -> Result<Draft, WriteError> {
        Draft::begin(&self.path, name)
    }

    /// Gives every draft its final name, in this order, and then writes the manifest. Files left by an earlier run are
    /// deleted, except the rows if `has_rows` says that they belong to these results.
    ///
    /// # Errors
    /// If a file cannot be written; then there is no manifest.
    pub fn publish(
        mut self,
        drafts: Vec<Draft>,
        has_rows: bool,
        manifest: impl FnOnce() -> String,
    ) -> Result<(), WriteError> {
        let whole = drafts
            .into_iter()
            .map(Draft::synced)
            .collect::<Result<Vec<_>, _>>()?;
        self.remove_earlier()?;
        if !has_rows {
            super::rows::discard(&self.path);
        }
        self.published = true;
        for draft in whole {
            draft.rename()?;
        }
        let mut last = self.draft(MANIFEST)?;
        last.write_text(&manifest())?;
        last.synced()?.rename()?;
        sync_folder(&self.path)
    }

    /// Keeps the folder as it is, with a study's rows and without publishing.
    pub fn keep(mut self) {
        self.published = true;
    }

    /// Deletes the files left by an earlier run, its manifest first.
    fn remove_earlier(&self) -> Result<(), WriteError> {
        for name in OURS {
            let path = self.path.join(name);
            match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(WriteError { path, source });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.made && !self.published {
            // This fails while a draft is open or if the folder holds another file; then it stays.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// A locked folder.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    /// Unlocks the folder, even if a process that is just being started still has a copy of the file.
    fn drop(&mut self) {
        // A lock that cannot be released ends with the file.
        let _ = self.0.unlock();
    }
}

/// Locks a folder; `None` if the system cannot lock one.
fn lock(path: &Path) -> Result<Option<Lock>, FolderError> {
    let Ok(folder) = File::open(path) else {
        return Ok(None);
    };
    match folder.try_lock() {
        Ok(()) => Ok(Some(Lock(folder))),
        Err(TryLockError::WouldBlock) => Err(FolderError::InUse(path.to_owned())),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// The contents of a folder that may take results.
enum Found {
    Nothing,
    /// Results, complete or stopped early.
    Manifest,
    /// Rows of a study without results.
    Study,
}

fn found_in(path: &Path) -> Result<Found, FolderError> {
    let failed = |source| WriteError::new(path, source);
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(failed(error).into()),
        Ok(found) if !found.is_dir() => return Err(FolderError::NotAFolder(path.to_owned())),
        Ok(_) => {}
    }
    if path.join(MANIFEST).is_file() {
        Ok(Found::Manifest)
    } else if is_study(path) {
        Ok(Found::Study)
    } else if holds_files(path).map_err(failed)? {
        Err(FolderError::Foreign(path.to_owned()))
    } else {
        Ok(Found::Nothing)
    }
}

fn is_study(path: &Path) -> bool {
    path.join(ROWS).is_dir()
}

/// Whether a folder contains anything but drafts that a killed run could not delete.
fn holds_files(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        if !is_draft(&entry?.file_name()) {
            return Ok(true);
        }
    }
    Ok(false)
}
