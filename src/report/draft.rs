//! Files written under a temporary name, so that a final name never has incomplete content.
//!
//! A [`Draft`] is written under a temporary name in its final folder, synced, and renamed. A draft that is dropped
//! before that is deleted. Its file is locked while its process lives, which distinguishes a draft left by a killed
//! process from one that is being written.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use thiserror::Error;

const DRAFT_PREFIX: &str = ".filas-";
const DRAFT_SUFFIX: &str = ".part";

/// A file or folder could not be written.
#[derive(Debug, Error)]
#[error("cannot write {}", path.display())]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// The operating system's error.
    pub source: io::Error,
}

impl WriteError {
    /// Creates the error of writing `path`.
    pub fn new(path: impl Into<PathBuf>, source: impl Into<io::Error>) -> WriteError {
        WriteError {
            path: path.into(),
            source: source.into(),
        }
    }
}

/// The system's error without the temporary name, which means nothing to a user.
fn without_temporary(folder: &Path, error: &io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => {
            let text = format!("there is no folder {}", folder.display());
            io::Error::new(io::ErrorKind::NotFound, text)
        }
        kind => io::Error::new(kind, kind.to_string()),
    }
}

/// A file being written under a temporary name; dropping it deletes it.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Draft {
    /// Creates a draft of this name in this folder.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn begin(folder: &Path, name: &str) -> Result<Draft, WriteError> {
        let path = folder.join(name);
        let mut builder = tempfile::Builder::new();
        builder.prefix(DRAFT_PREFIX).suffix(DRAFT_SUFFIX);
        // Temporary files are private by default; results are as readable as any other file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        match builder.tempfile_in(folder) {
            Ok(file) => {
                // If files cannot be locked, abandoned drafts are kept.
                let _ = file.as_file().try_lock();
                Ok(Draft {
                    path,
                    file: BufWriter::with_capacity(1 << 16, file),
                })
            }
            Err(source) => Err(WriteError::new(path, without_temporary(folder, &source))),
        }
    }

    /// Creates a draft in the folder of `path`, to be given that name.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn beside(path: &Path) -> Result<Draft, WriteError> {
        let folder = path.parent().filter(|at| !at.as_os_str().is_empty());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Draft::begin(folder.unwrap_or(Path::new(".")), &name)
    }

    /// Temporary path of the draft.
    #[must_use]
    pub fn temporary(&self) -> PathBuf {
        self.file.get_ref().path().to_owned()
    }

    /// Final path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a whole text.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_text(&mut self, text: &str) -> Result<(), WriteError> {
        self.write_all(text.as_bytes())
            .map_err(|source| WriteError::new(&self.path, source))
    }

    /// Syncs the contents to disk.
    ///
    /// # Errors
    /// If they cannot be written.
    pub(super) fn synced(self) -> Result<Synced, WriteError> {
        let path = self.path;
        let file = self
            .file
            .into_inner()
            .map_err(|error| WriteError::new(&path, error.into_error()))?;
        match file.as_file().sync_all() {
            Ok(()) => Ok(Synced { path, file }),
            Err(source) => Err(WriteError { path, source }),
        }
    }

    /// Like [`Draft::publish`], but never replaces an existing file.
    ///
    /// # Errors
    /// If a file of that name exists, or it cannot be written.
    pub fn publish_new(self) -> Result<PathBuf, WriteError> {
        let Synced { path, file } = self.synced()?;
        match file.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) => return Err(WriteError::new(path, error.error)),
        }
        sync_folder_of(&path)?;
        Ok(path)
    }

    /// Syncs the contents, renames the file to its final name, and syncs the folder.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn publish(self) -> Result<PathBuf, WriteError> {
        let path = self.synced()?.rename()?;
        sync_folder_of(&path)?;
        Ok(path)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A draft whose contents are synced but that is not renamed yet.
#[derive(Debug)]
pub(super) struct Synced {
    path: PathBuf,
    file: NamedTempFile,
}

impl Synced {
    /// Renames the file to its final name.
    pub(super) fn rename(self) -> Result<PathBuf, WriteError> {
        match self.file.persist(&self.path) {
            Ok(_) => Ok(self.path),
            Err(error) => Err(WriteError::new(self.path, error.error)),
        }
    }
}

/// Syncs the folder of a file, so that its name survives a loss of power.
fn sync_folder_of(path: &Path) -> Result<(), WriteError> {
    path.parent().map_or(Ok(()), sync_folder)
}

/// Syncs a folder, so that the names in it survive a loss of power.
pub(super) fn sync_folder(path: &Path) -> Result<(), WriteError> {
    // Only Unix allows opening a folder as a file.
    if cfg!(unix) {
        File::open(path)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| WriteError::new(path, source))?;
    }
    Ok(())
}

/// Deletes the drafts in a folder, ignoring errors, for a process about to exit. A folder that contains nothing else is
/// deleted too.
pub fn sweep(path: &Path) {
    let drafts = fs::read_dir(path).into_iter().flatten().flatten();
    for draft in drafts.filter(|entry| is_draft(&entry.file_name())) {
        let _ = fs::remove_file(draft.path());
    }
    let _ = fs::remove_dir(path);
}

/// Deletes the drafts in a folder whose processes have ended, ignoring errors.
pub(super) fn remove_abandoned(folder: &Path) {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    for draft in files.filter(|entry| is_draft(&entry.file_name())) {
        let path = draft.path();
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether a file of this name is a draft.
pub(super) fn is_draft(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with(DRAFT_PREFIX) && name.ends_with(DRAFT_SUFFIX)
}
