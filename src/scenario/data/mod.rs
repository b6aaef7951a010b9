//! Data files beside a scenario: found, read as far as needed, and turned into numbers.
//!
//! A file must be relative to the scenario, a regular file, and inside the scenario's folder also after links are
//! resolved. [`rows`] reads it line by line, in any format; [`filter`] selects rows; [`series`] converts a column
//! to durations, instants or counts, and [`origin`] is the origin of instants.

mod cell;
mod delimited;
pub(in crate::scenario) mod filter;
mod json_line;
pub(in crate::scenario) mod origin;
pub(in crate::scenario) mod rows;
pub(in crate::scenario) mod series;
mod write;

pub(in crate::scenario) use super::shape::quoted;
use crate::digest::Digest;
use crate::problem::{KeyPath, Problem, printable};
use rows::Rows;
use std::fs::File;
use std::io::BufReader;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The maximum number of bytes read from a file.
pub const FILE_BYTES_MAX: u64 = 1 << 30;

/// A file that was read for a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// Its path in the scenario.
    pub path: PathBuf,
    /// The number of bytes read, from its beginning.
    pub bytes: u64,
    /// A fingerprint of these bytes.
    pub digest: Digest,
}

/// Opens the files of a scenario and records what was read from them.
#[derive(Debug)]
pub(super) struct Files {
    folder: Option<PathBuf>,
    pub(super) read: Vec<ReadFile>,
    /// The maximum number of bytes for all values read, and the number held so far.
    bytes_max: u64,
    bytes_held: u64,
    /// The order in which the rows of a file are taken, if they were sorted.
    orders: Vec<Sorted>,
}

/// Rows of a file that were sorted.
#[derive(Debug)]
struct Sorted {
    /// The column of times by which they were sorted.
    by: super::input::Column,
    order: Arc<[u32]>,
}

impl Files {
    /// Files beside the scenario in this folder, with at most this many bytes of values in memory; a scenario
    /// without a folder cannot read any.
    pub(super) fn beside(folder: Option<PathBuf>, memory_max: u64) -> Files {
        Files {
            folder,
            read: Vec::new(),
            bytes_max: memory_max,
            bytes_held: 0,
            orders: Vec::new(),
        }
    }

    /// The rows of a file, positioned before the first.
    pub(super) fn open(&self, file: &str, at: &KeyPath) -> Result<Rows, Problem> {
        let path = self.find(file, at)?;
        let reader = File::open(&path).map_err(|error| {
            let message = format!("{} cannot be read: {}", quoted(file), reason(&error));
            Problem::value(at, message)
        })?;
        let reader = BufReader::with_capacity(1 << 16, reader);
        Rows::of_file(Box::new(reader), file, at)
    }

    /// Records how far a file was read.
    pub(super) fn close(&mut self, rows: &Rows) {
        let Some((name, bytes, digest)) = rows.progress() else {
            return;
        };
        let path = PathBuf::from(name);
        match self.read.iter_mut().find(|read| read.path == path) {
            Some(read) if read.bytes >= bytes => {}
            Some(read) => (read.bytes, read.digest) = (bytes, digest),
            None => self.read.push(ReadFile {
                path,
                bytes,
                digest,
            }),
        }
    }

    /// The path of a file, if a scenario may read it.
    fn find(&self, file: &str, at: &KeyPath) -> Result<PathBuf, Problem> {
        let shown = quoted(file);
        let refuse = |message: String| Problem::value(at, message);
        let Some(folder) = &self.folder else {
            return Err(refuse(format!(
                "{shown} cannot be read: this scenario is not a file in a folder"
            ))
            .help("save the scenario in a folder, beside the files it names"));
        };
        let relative = Path::new(file);
        let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if file.is_empty() || !relative.components().all(plain) {
            return Err(
                refuse(format!("{shown} may leave the scenario's folder")).help(
                    "a file is named relative to the scenario, and stands in its folder or below",
                ),
            );
        }
        let cannot = |error: &std::io::Error| {
            refuse(format!("{shown} cannot be read: {}", reason(error))).help(format!(
                "files are looked for in {}",
                printable(&folder.display().to_string())
            ))
        };
        let home = folder.canonicalize().map_err(|error| cannot(&error))?;
        let real = home
            .join(relative)
            .canonicalize()
            .map_err(|error| cannot(&error))?;
        if !real.starts_with(&home) {
            return Err(refuse(format!(
                "{shown} is a link that leaves the scenario's folder"
            ))
            .help("copy the file beside the scenario"));
        }
        // Checked before opening, since opening a pipe would wait for a writer.
        let about = std::fs::metadata(&real).map_err(|error| cannot(&error))?;
        if !about.is_file() {
            return Err(refuse(format!("{shown} is not a regular file")));
        }
        Ok(real)
    }
}

/// Reads a file, but no more than `most` bytes plus one even if it grows meanwhile.
pub(super) fn read_at_most(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(std::io::Error::other(format!(
            "it has more than {most} bytes"
        )));
    }
    Ok(bytes)
}

/// The reason given by the system, in lower case and without its error number.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string().to_lowercase(),
    }
}

/// The number, from 1, of the line that contains a byte.
pub(super) fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
}
