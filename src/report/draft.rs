//! Files that are written beside their names: nothing unreadable ever bears a final name.
//!
//! A [`Draft`] is written under a temporary name in the folder where it belongs, synced, and renamed; in
//! between there is nothing to see. What does not come so far goes away with its draft.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use thiserror::Error;

const DRAFT_PREFIX: &str = ".filas-";
const DRAFT_SUFFIX: &str = ".part";

/// The system would not write.
#[derive(Debug, Error)]
#[error("cannot write {}", path.display())]
pub struct WriteError {
    /// What was being written.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl WriteError {
    /// The error of writing `path`.
    pub fn new(path: impl Into<PathBuf>, source: impl Into<io::Error>) -> WriteError {
        WriteError {
            path: path.into(),
            source: source.into(),
        }
    }
}

/// A file that is being written, under a temporary name; dropped, it is gone.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Draft {
    /// Begins a file of this name in this folder.
    ///
    /// # Errors
    /// If the system will not make it.
    pub fn begin(folder: &Path, name: &str) -> Result<Draft, WriteError> {
        let path = folder.join(name);
        let mut builder = tempfile::Builder::new();
        builder.prefix(DRAFT_PREFIX).suffix(DRAFT_SUFFIX);
        // Temporary files are private by default; results are as readable as any file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        match builder.tempfile_in(folder) {
            Ok(file) => Ok(Draft {
                path,
                file: BufWriter::with_capacity(1 << 16, file),
            }),
            Err(source) => Err(WriteError { path, source }),
        }
    }

    /// Begins a file beside the name it will have.
    ///
    /// # Errors
    /// If the system will not make it.
    pub fn beside(path: &Path) -> Result<Draft, WriteError> {
        let folder = path.parent().filter(|at| !at.as_os_str().is_empty());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Draft::begin(folder.unwrap_or(Path::new(".")), &name)
    }

    /// The name it has until it is done.
    #[must_use]
    pub fn temporary(&self) -> PathBuf {
        self.file.get_ref().path().to_owned()
    }

    /// The name it will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a whole text.
    ///
    /// # Errors
    /// If the system will not take it.
    pub fn write_text(&mut self, text: &str) -> Result<(), WriteError> {
        self.write_all(text.as_bytes())
            .map_err(|source| WriteError::new(&self.path, source))
    }

    /// Makes its bytes last.
    ///
    /// # Errors
    /// If the system will not take them.
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

    /// As [`Draft::publish`], but never in place of a file that is there.
    ///
    /// # Errors
    /// If a file bears the name already, or the system refuses.
    pub fn publish_new(self) -> Result<PathBuf, WriteError> {
        let Synced { path, file } = self.synced()?;
        match file.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) => return Err(WriteError::new(path, error.error)),
        }
        sync_folder_of(&path)?;
        Ok(path)
    }

    /// Makes its bytes last, gives it its name, and makes that last.
    ///
    /// # Errors
    /// If the system refuses.
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

/// A draft whose bytes last, without its name yet.
#[derive(Debug)]
pub(super) struct Synced {
    path: PathBuf,
    file: NamedTempFile,
}

impl Synced {
    /// Gives it its name.
    pub(super) fn rename(self) -> Result<PathBuf, WriteError> {
        match self.file.persist(&self.path) {
            Ok(_) => Ok(self.path),
            Err(error) => Err(WriteError::new(self.path, error.error)),
        }
    }
}

/// Makes the name of a file last through a loss of power.
fn sync_folder_of(path: &Path) -> Result<(), WriteError> {
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder last through a loss of power.
pub(super) fn sync_folder(path: &Path) -> Result<(), WriteError> {
    // Only Unix lets a folder be opened as a file.
    if cfg!(unix) {
        File::open(path)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| WriteError::new(path, source))?;
    }
    Ok(())
}

/// Takes away the drafts in a folder, for a process that leaves at once; best effort. A folder that
/// holds nothing else goes too.
pub fn sweep(path: &Path) {
    let drafts = fs::read_dir(path).into_iter().flatten().flatten();
    for draft in drafts.filter(|entry| is_draft(&entry.file_name())) {
        let _ = fs::remove_file(draft.path());
    }
    let _ = fs::remove_dir(path);
}

/// Whether a file of this name is a draft.
pub(super) fn is_draft(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with(DRAFT_PREFIX) && name.ends_with(DRAFT_SUFFIX)
}
