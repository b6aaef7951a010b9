//! The results folder: nothing unreadable ever bears a final name.
//!
//! Every file is a [`Draft`] first, under a temporary name in the same folder. When all of them are
//! whole, [`Folder::publish`] syncs and renames them; the manifest comes last, so that a folder with a
//! manifest is complete. What is not published goes away with its draft.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use thiserror::Error;

/// The file that makes a folder a results folder; written last, removed first.
const MANIFEST: &str = "manifest.json";

/// Every name we give a file; of these, an overwritten folder keeps none from the earlier run.
const OURS: [&str; 17] = [
    MANIFEST,
    "summary.json",
    "scenario.toml",
    "report.html",
    "patch.toml",
    "visits.parquet",
    "visits.csv",
    "customers.parquet",
    "customers.csv",
    "steps.parquet",
    "steps.csv",
    "requests.parquet",
    "requests.csv",
    "faults.parquet",
    "faults.csv",
    "orders.parquet",
    "orders.csv",
];

const DRAFT_PREFIX: &str = ".filas-";
const DRAFT_SUFFIX: &str = ".part";

/// Why a folder cannot take results.
#[derive(Debug, Error)]
pub enum FolderError {
    /// It holds the results of an earlier run.
    #[error("{} holds earlier results; name another folder, or replace them with --overwrite", .0.display())]
    Taken(PathBuf),
    /// It holds something else.
    #[error("{} holds files that are not results of filas; name a new or an empty folder", .0.display())]
    Foreign(PathBuf),
    /// It is a file.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The system refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

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

/// A folder that is ready to take the results of one run.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whether we made it, and so take it away again if nothing is published.
    made: bool,
    published: bool,
}

impl Folder {
    /// Makes the folder, or takes an empty one, or, if `overwrite` says so, one of an earlier run.
    ///
    /// # Errors
    /// See [`FolderError`]; nothing has been changed then.
    pub fn open(path: &Path, overwrite: bool) -> Result<Folder, FolderError> {
        let failed = |source| WriteError::new(path, source);
        let made = match fs::metadata(path) {
            Ok(found) if !found.is_dir() => {
                return Err(FolderError::NotAFolder(path.to_owned()));
            }
            Ok(_) => {
                if holds_files(path).map_err(failed)? {
                    if !path.join(MANIFEST).is_file() {
                        return Err(FolderError::Foreign(path.to_owned()));
                    }
                    if !overwrite {
                        return Err(FolderError::Taken(path.to_owned()));
                    }
                }
                false
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(path).map_err(failed)?;
                true
            }
            Err(error) => return Err(failed(error).into()),
        };
        Ok(Folder {
            path: path.to_owned(),
            made,
            published: false,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a file under a temporary name.
    ///
    /// # Errors
    /// If the system will not make it.
    pub fn draft(&self, name: &str) -> Result<Draft, WriteError> {
        let path = self.path.join(name);
        match drafts().tempfile_in(&self.path) {
            Ok(file) => Ok(Draft {
                path,
                file: BufWriter::with_capacity(1 << 16, file),
            }),
            Err(source) => Err(WriteError { path, source }),
        }
    }

    /// Gives every draft its final name, in this order, the manifest after all others.
    ///
    /// # Errors
    /// If the system refuses; then there is no manifest.
    pub fn publish(
        mut self,
        drafts: Vec<Draft>,
        manifest: impl FnOnce() -> String,
    ) -> Result<(), WriteError> {
        let whole = drafts
            .into_iter()
            .map(Draft::synced)
            .collect::<Result<Vec<_>, _>>()?;
        self.remove_earlier()?;
        self.published = true;
        for (path, file) in whole {
            rename(file, path)?;
        }
        let mut last = self.draft(MANIFEST)?;
        last.write_text(&manifest())?;
        let (path, file) = last.synced()?;
        rename(file, path)?;
        self.sync()
    }

    /// Takes away what an earlier run left under our names, its manifest first.
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

    /// Makes the new names last through a loss of power.
    fn sync(&self) -> Result<(), WriteError> {
        // Only Unix lets a folder be opened as a file.
        if cfg!(unix) {
            File::open(&self.path)
                .and_then(|folder| folder.sync_all())
                .map_err(|source| WriteError::new(&self.path, source))?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.made && !self.published {
            // It fails where a draft is still open or somebody put a file there: then it stays.
            let _ = fs::remove_dir(&self.path);
        }
    }
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

fn is_draft(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with(DRAFT_PREFIX) && name.ends_with(DRAFT_SUFFIX)
}

/// Whether there is anything in a folder but drafts that a killed run could not take away.
fn holds_files(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        if !is_draft(&entry?.file_name()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What drafts look like.
fn drafts() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(DRAFT_PREFIX).suffix(DRAFT_SUFFIX);
    // Temporary files are private by default; results are as readable as any file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn rename(file: NamedTempFile, path: PathBuf) -> Result<(), WriteError> {
    match file.persist(&path) {
        Ok(_) => Ok(()),
        Err(error) => Err(WriteError::new(path, error.error)),
    }
}

/// A file that is being written, under a temporary name; dropped, it is gone.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Draft {
    /// The name it will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a file by itself, beside the name it will have.
    ///
    /// # Errors
    /// If the system will not make it.
    pub fn beside(path: &Path) -> Result<Draft, WriteError> {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        match drafts().tempfile_in(folder) {
            Ok(file) => Ok(Draft {
                path: path.to_owned(),
                file: BufWriter::with_capacity(1 << 16, file),
            }),
            Err(source) => Err(WriteError::new(path, source)),
        }
    }

    /// Gives it its name, in place of what bears it.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn keep(self) -> Result<(), WriteError> {
        let (path, file) = self.synced()?;
        rename(file, path)
    }

    /// The name it has until then.
    #[must_use]
    pub fn temporary(&self) -> PathBuf {
        self.file.get_ref().path().to_owned()
    }

    /// Writes a whole text.
    ///
    /// # Errors
    /// If the system will not take it.
    pub fn write_text(&mut self, text: &str) -> Result<(), WriteError> {
        self.write_all(text.as_bytes())
            .map_err(|source| WriteError::new(&self.path, source))
    }

    fn synced(self) -> Result<(PathBuf, NamedTempFile), WriteError> {
        let path = self.path;
        let file = self
            .file
            .into_inner()
            .map_err(|error| WriteError::new(&path, error.into_error()))?;
        match file.as_file().sync_all() {
            Ok(()) => Ok((path, file)),
            Err(source) => Err(WriteError { path, source }),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(folder: Folder, name: &str) {
        let mut draft = folder.draft(name).unwrap();
        draft.write_text("text").unwrap();
        folder.publish(vec![draft], || "{}".to_owned()).unwrap();
    }

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_not_published_leaves_no_trace() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("new");
        let folder = Folder::open(&path, false).unwrap();
        let mut draft = folder.draft("visits.csv").unwrap();
        draft.write_text("half a").unwrap();
        assert_eq!(names(&path).len(), 1);
        assert!(!path.join("visits.csv").exists());
        drop(draft);
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn earlier_results_are_replaced_only_if_asked_for_and_then_wholly() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("results");
        publish(Folder::open(&path, false).unwrap(), "visits.csv");
        assert_eq!(names(&path), ["manifest.json", "visits.csv"]);
        assert!(matches!(
            Folder::open(&path, false),
            Err(FolderError::Taken(_))
        ));
        fs::write(path.join("notes.txt"), "mine").unwrap();
        publish(Folder::open(&path, true).unwrap(), "visits.parquet");
        assert_eq!(
            names(&path),
            ["manifest.json", "notes.txt", "visits.parquet"]
        );
    }

    #[test]
    fn a_folder_with_other_files_is_never_written_to() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("thesis.tex"), "years").unwrap();
        for overwrite in [false, true] {
            assert!(matches!(
                Folder::open(place.path(), overwrite),
                Err(FolderError::Foreign(_))
            ));
        }
        let file = place.path().join("thesis.tex");
        assert!(matches!(
            Folder::open(&file, true),
            Err(FolderError::NotAFolder(_))
        ));
    }

    #[test]
    fn drafts_left_by_a_killed_run_are_no_obstacle() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join(".filas-x1.part"), "half").unwrap();
        assert!(Folder::open(place.path(), false).is_ok());
    }

    #[test]
    fn a_sweep_takes_drafts_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join(".filas-x1.part"), "half").unwrap();
        fs::write(place.path().join("notes.txt"), "mine").unwrap();
        sweep(place.path());
        assert_eq!(names(place.path()), ["notes.txt"]);
    }
}
