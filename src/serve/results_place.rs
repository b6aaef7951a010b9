//! The temporary folder in which a server keeps the results of its runs and studies.
//!
//! It is deleted when the server ends. A running server holds a lock on its folder; a folder left behind by a server
//! that was killed is not locked, and the next server to start deletes it.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use tempfile::TempDir;

const PREFIX: &str = "filas-serve-";

/// A temporary folder, deleted when dropped.
#[derive(Debug)]
pub(super) struct ResultsPlace {
    folder: TempDir,
    /// The lock on the folder, if the system can lock folders.
    _lock: Option<File>,
}

impl ResultsPlace {
    /// Creates a folder in `parent`, and deletes those left there by servers that have ended.
    pub(super) fn new(parent: &Path) -> io::Result<ResultsPlace> {
        remove_abandoned(parent);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let lock = File::open(folder.path()).ok();
        Ok(ResultsPlace {
            _lock: lock.filter(|lock| lock.try_lock().is_ok()),
            folder,
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Deletes the folders in `parent` that no running server has locked, ignoring errors.
fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_ours && is_folder {
            let path = entry.path();
            if File::open(&path).is_ok_and(|folder| folder.try_lock().is_ok()) {
                let _ = fs::remove_dir_all(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_killed_servers_go_and_those_of_living_ones_stay() {
        let parent = tempfile::tempdir().unwrap();
        let abandoned = parent.path().join("filas-serve-killed");
        fs::create_dir_all(abandoned.join("run-1")).unwrap();
        fs::create_dir(parent.path().join("another's")).unwrap();
        let first = ResultsPlace::new(parent.path()).unwrap();
        assert!(!abandoned.exists());
        let second = ResultsPlace::new(parent.path()).unwrap();
        assert!(first.path().exists() && second.path().exists());
        let path = first.path().to_owned();
        drop(first);
        assert!(!path.exists());
        assert!(parent.path().join("another's").exists());
    }
}
