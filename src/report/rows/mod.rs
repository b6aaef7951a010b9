//! The folder `rows` of a study: finished rows, kept on disk while the study runs.
//!
//! `study.json` identifies the rows ([`About`]); the rows themselves are in segments, files that
//! are written under a temporary name, synced and renamed, and never changed after that. A segment
//! is closed if the last one was closed a second ago, if a row took that long by itself, or if it
//! is large. A kill thus costs at most the rows being computed and about a second of short rows per
//! worker, and a million short replications do not cost a million syncs. The origin of rows does
//! not matter: a row may be present twice if both are the same. A damaged segment is ignored.
//!
//! The same folder serves to resume a killed study and to join shards.
#![allow(
    clippy::disallowed_methods,
    reason = "how much work a kill may cost is a matter of the wall clock"
)]

mod about;
mod segment;

pub use about::{About, AboutError, build, loaded_from};

use super::draft::{Draft, WriteError, sweep};
use super::folder::{ROWS, STUDY};
use crate::digest::Digest;
use crate::study::ledger::{KeepError, Ledger, Row};
use parking_lot::Mutex;
use segment::{ENDING, Segment, SegmentReader, SegmentWriter, Unusable, rows_by_name, verify};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Shortest time between closing two segments, unless they are large.
const PAUSE: Duration = Duration::from_secs(1);

/// Number of values in a segment at which it is closed.
const LARGE: usize = 4 << 20;

/// Number of segments above which those of a finished study are joined, and largest number read
/// side by side.
const SEGMENTS_LEFT: usize = 16;
const SEGMENTS_OPEN: usize = 256;

/// The reason rows cannot be kept or read.
#[derive(Debug, Error)]
pub enum RowsError {
    /// They are of another study, or are not identified.
    #[error(transparent)]
    About(#[from] AboutError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A file cannot be read.
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// Two rows of the same number differ, though one program made both.
    #[error("row {number} differs between {} and {}; filas stress can find out why runs differ", .one.display(), .other.display())]
    Differ {
        /// Number of the row.
        number: u64,
        /// Segment with one version.
        one: PathBuf,
        /// Segment with the other version.
        other: PathBuf,
    },
}

/// Finished rows in a folder `rows`, and perhaps in those of other results folders.
#[derive(Debug)]
pub struct RowFolder {
    /// Folder in which rows are written; `None` for reading only.
    own: Option<PathBuf>,
    id: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    segments: Vec<Segment>,
    /// Number of every row in a segment.
    numbers: Vec<u64>,
    pending: Vec<(u64, Row)>,
    values: usize,
    closed: Instant,
}

impl RowFolder {
    /// Creates an empty set of rows without a folder to write to.
    #[must_use]
    pub fn reading(about: &About) -> RowFolder {
        RowFolder {
            own: None,
            id: about.id(),
            state: Mutex::new(State {
                segments: Vec::new(),
                numbers: Vec::new(),
                pending: Vec::new(),
                values: 0,
                closed: Instant::now(),
            }),
        }
    }

    /// Begins a study in this results folder, deleting rows of an earlier one.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn create(results: &Path, about: &About) -> Result<RowFolder, RowsError> {
        discard(results);
        let own = results.join(ROWS);
        fs::create_dir_all(&own).map_err(|source| WriteError::new(&own, source))?;
        about.write(&own)?;
        Ok(RowFolder {
            own: Some(own),
            ..RowFolder::reading(about)
        })
    }

    /// Continues the study in this results folder, or begins it. Deletes damaged files and returns
    /// their paths.
    ///
    /// # Errors
    /// If the rows are of another study, or a file cannot be read or written.
    pub fn resume(results: &Path, about: &About) -> Result<(RowFolder, Vec<PathBuf>), RowsError> {
        let own = results.join(ROWS);
        let files = segments_in(&own)?;
        let mut damaged = Vec::new();
        let found = match About::read(&own) {
            Ok(found) => {
                about.same_rows(&found, results)?;
                Some(found)
            }
            Err(AboutError::None(_)) if files.is_empty() => {
                return Ok((RowFolder::create(results, about)?, damaged));
            }
            Err(AboutError::Damaged(path)) => {
                // Each segment identifies its rows too.
                let id = about.id();
                let foreign = |path: &PathBuf| {
                    matches!(verify(path, id, &mut Vec::new()), Err(Unusable::Foreign))
                };
                if files.iter().any(foreign) {
                    return Err(AboutError::Damaged(path).into());
                }
                damaged.push(path);
                None
            }
            Err(error) => return Err(error.into()),
        };
        sweep(&own);
        let folder = RowFolder {
            own: Some(own.clone()),
            ..RowFolder::reading(about)
        };
        for path in folder.read_from(results)? {
            fs::remove_file(&path).map_err(|source| WriteError::new(&path, source))?;
            damaged.push(path);
        }
        if found.as_ref() != Some(about) {
            about.write(&own)?;
        }
        Ok((folder, damaged))
    }

    /// Adds the rows of a results folder, read in place; returns the damaged files, from which
    /// nothing is taken.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn read_from(&self, results: &Path) -> Result<Vec<PathBuf>, RowsError> {
        let mut damaged = Vec::new();
        let (mut segments, mut numbers) = (Vec::new(), Vec::new());
        for path in segments_in(&results.join(ROWS))? {
            match verify(&path, self.id, &mut numbers) {
                Ok(segment) => segments.push(segment),
                Err(Unusable::Damaged | Unusable::Foreign) => damaged.push(path),
                Err(Unusable::Unread(error)) => return Err(RowsError::Read(path, error)),
            }
        }
        self.state.lock().add(segments, numbers);
        Ok(damaged)
    }

    /// Copies the rows of a results folder here, file by file; returns the damaged files, from
    /// which nothing is taken.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    ///
    /// # Panics
    /// If there is no folder to write to.
    pub fn adopt(&self, results: &Path) -> Result<Vec<PathBuf>, RowsError> {
        let own = self.own.as_ref().expect("there is a folder to write");
        let mut damaged = Vec::new();
        for path in segments_in(&results.join(ROWS))? {
            let mut numbers = Vec::new();
            let segment = match verify(&path, self.id, &mut numbers) {
                Ok(segment) => segment,
                Err(Unusable::Damaged | Unusable::Foreign) => {
                    damaged.push(path);
                    continue;
                }
                Err(Unusable::Unread(error)) => return Err(RowsError::Read(path, error)),
            };
            let name = path.file_name().unwrap_or_default();
            if own.join(name).exists() {
                continue;
            }
            let mut draft = Draft::begin(own, &name.to_string_lossy())?;
            let copied = File::open(&path).and_then(|mut file| io::copy(&mut file, &mut draft));
            copied.map_err(|source| WriteError::new(draft.path(), source))?;
            let path = draft.publish()?;
            self.state
                .lock()
                .add(vec![Segment { path, ..segment }], numbers);
        }
        if self.state.lock().segments.len() > SEGMENTS_OPEN {
            self.join()?;
        }
        Ok(damaged)
    }

    /// Joins the segments if there are many.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn tidy(&self) -> Result<(), RowsError> {
        let Some(own) = &self.own else {
            return Ok(());
        };
        let mine = |segment: &&Segment| segment.is_in(own);
        let many = self.state.lock().segments.iter().filter(mine).count() > SEGMENTS_LEFT;
        if many {
            self.join()?;
        }
        Ok(())
    }

    /// Rewrites all segments of this folder, joining as many as may be read side by side; a kill
    /// meanwhile leaves some rows twice.
    fn join(&self) -> Result<(), RowsError> {
        let own = self.own.as_ref().expect("there is a folder to write");
        let mut state = self.state.lock();
        state.segments.sort_by_key(|segment| segment.first);
        let all = std::mem::take(&mut state.segments);
        let (mine, others): (Vec<Segment>, Vec<Segment>) =
            all.into_iter().partition(|segment| segment.is_in(own));
        let mut joined = Vec::new();
        for group in mine.chunks(SEGMENTS_OPEN) {
            // Counted first, since a segment begins with its number of rows.
            let (mut rows, mut mark) = (0, Digest::EMPTY);
            let (mut first, mut last) = (u64::MAX, 0);
            side_by_side(group, 0..u64::MAX, &mut |number, row| {
                rows += 1;
                mark.fold(number);
                mark.fold(row.digest.state());
                (first, last) = (first.min(number), last.max(number));
                Ok(())
            })?;
            let mut writer = SegmentWriter::begin(own, self.id, rows, (first, last), mark.value())?;
            side_by_side(group, 0..u64::MAX, &mut |number, row| {
                Ok(writer.push(number, row)?)
            })?;
            let path = writer.publish()?;
            joined.push(Segment {
                path,
                rows,
                first,
                last,
            });
        }
        for old in mine {
            let kept = joined.iter().any(|segment| segment.path == old.path);
            if !kept && let Err(source) = fs::remove_file(&old.path) {
                return Err(WriteError::new(old.path, source).into());
            }
        }
        state.segments = joined;
        state.segments.extend(others);
        Ok(())
    }

    fn close(&self, mut rows: Vec<(u64, Row)>) -> Result<(), RowsError> {
        rows.sort_unstable_by_key(|&(number, _)| number);
        let (Some(&(first, _)), Some(&(last, _))) = (rows.first(), rows.last()) else {
            return Ok(());
        };
        let own = self.own.as_ref().expect("there is a folder to write");
        let mut mark = Digest::EMPTY;
        for (number, row) in &rows {
            mark.fold(*number);
            mark.fold(row.digest.state());
        }
        let count = rows.len() as u64;
        let mut writer = SegmentWriter::begin(own, self.id, count, (first, last), mark.value())?;
        for (number, row) in &rows {
            writer.push(*number, row)?;
        }
        let segment = Segment {
            path: writer.publish()?,
            rows: count,
            first,
            last,
        };
        let numbers = rows.iter().map(|&(number, _)| number).collect();
        self.state.lock().add(vec![segment], numbers);
        Ok(())
    }
}

impl State {
    fn add(&mut self, segments: Vec<Segment>, numbers: Vec<u64>) {
        self.segments.extend(segments);
        self.numbers.extend(numbers);
    }
}

impl Ledger for RowFolder {
    fn missing(&self, numbers: Range<u64>) -> Vec<u64> {
        let mut state = self.state.lock();
        state.numbers.sort_unstable();
        state.numbers.dedup();
        let from = state.numbers.partition_point(|&n| n < numbers.start);
        let mut there = state.numbers[from..].iter().peekable();
        numbers
            .filter(|number| there.next_if_eq(&number).is_none())
            .collect()
    }

    fn put(&self, number: u64, row: Row, took: Duration) -> Result<(), KeepError> {
        let mut state = self.state.lock();
        state.values += row.values.len();
        state.pending.push((number, row));
        let now = Instant::now();
        let due = took >= PAUSE || now - state.closed >= PAUSE || state.values >= LARGE;
        if !due {
            return Ok(());
        }
        state.closed = now;
        state.values = 0;
        let rows = std::mem::take(&mut state.pending);
        // Released so that other workers can go on meanwhile.
        drop(state);
        self.close(rows).map_err(KeepError::new)
    }

    fn settle(&self) -> Result<(), KeepError> {
        let rows = std::mem::take(&mut self.state.lock().pending);
        self.close(rows).map_err(KeepError::new)
    }

    fn each(&self, numbers: Range<u64>, visit: &mut dyn FnMut(u64, &Row)) -> Result<(), KeepError> {
        let mut segments = self.state.lock().segments.clone();
        segments.sort_by_key(|segment| segment.first);
        let visit = &mut |number, row: &Row| {
            visit(number, row);
            Ok(())
        };
        side_by_side(&segments, numbers, visit).map_err(KeepError::new)
    }
}

/// Reads segments, sorted by their first numbers, side by side in the order of their numbers;
/// visits a row present more than once only once.
fn side_by_side(
    segments: &[Segment],
    numbers: Range<u64>,
    visit: &mut dyn FnMut(u64, &Row) -> Result<(), RowsError>,
) -> Result<(), RowsError> {
    let overlap = |segment: &&Segment| segment.first < numbers.end && segment.last >= numbers.start;
    let segments: Vec<&Segment> = segments.iter().filter(overlap).collect();
    let mut waiting = segments.iter().enumerate().peekable();
    let mut readers: Vec<Option<SegmentReader>> = segments.iter().map(|_| None).collect();
    // The next number of each open segment; the earlier segment comes first among equal ones.
    let mut heads: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut before: Option<(u64, usize, Row)> = None;
    loop {
        let least = heads
            .peek()
            .map_or(u64::MAX, |Reverse((number, _))| *number);
        if let Some((at, segment)) = waiting.next_if(|(_, segment)| segment.first <= least) {
            let failed = |error| RowsError::Read(segment.path.clone(), error);
            let mut reader = SegmentReader::open(segment).map_err(failed)?;
            if let Some(number) = reader.advance().map_err(failed)? {
                heads.push(Reverse((number, at)));
                readers[at] = Some(reader);
            }
            continue;
        }
        let Some(Reverse((number, at))) = heads.pop() else {
            return Ok(());
        };
        if number >= numbers.end {
            return Ok(());
        }
        let reader = readers[at].as_mut().expect("it is open");
        let (_, row) = reader.row();
        let seen = before.as_ref().filter(|(last, ..)| *last == number);
        if let Some((_, earlier, seen)) = seen {
            if !row.is_same(seen) {
                return Err(RowsError::Differ {
                    number,
                    one: segments[*earlier].path.clone(),
                    other: segments[at].path.clone(),
                });
            }
        } else if number >= numbers.start {
            visit(number, row)?;
            // Only a row that another segment may hold too needs to be kept.
            if !heads.is_empty() || waiting.peek().is_some_and(|(_, s)| s.first <= number) {
                before = Some((number, at, row.clone()));
            }
        }
        let path = &segments[at].path;
        match reader.advance() {
            Ok(Some(next)) => heads.push(Reverse((next, at))),
            Ok(None) => readers[at] = None,
            Err(error) => return Err(RowsError::Read(path.clone(), error)),
        }
    }
}

/// Reads the identity of the rows in a results folder.
///
/// # Errors
/// See [`AboutError`].
pub fn about(results: &Path) -> Result<About, AboutError> {
    About::read(&results.join(ROWS))
}

/// Number of rows in a results folder, from the names of its files; for display only.
#[must_use]
pub fn count(results: &Path) -> u64 {
    let entries = fs::read_dir(results.join(ROWS)).into_iter().flatten();
    let names = entries.flatten().map(|entry| entry.file_name());
    names
        .filter_map(|name| rows_by_name(&name.to_string_lossy()))
        .sum()
}

/// Deletes the rows of a results folder, their identity first, so that the rest belongs to no
/// study.
pub fn discard(results: &Path) {
    let own = results.join(ROWS);
    let _ = fs::remove_file(own.join(STUDY));
    for path in segments_in(&own).unwrap_or_default() {
        let _ = fs::remove_file(path);
    }
    // Deletes drafts too, and the folder if nothing else is in it.
    sweep(&own);
}

/// The segments in a folder, sorted by name; empty if there is no folder.
fn segments_in(rows: &Path) -> Result<Vec<PathBuf>, RowsError> {
    let failed = |error| RowsError::Read(rows.to_owned(), error);
    let entries = match fs::read_dir(rows) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let is_draft = path.file_name().is_some_and(super::draft::is_draft);
        if !is_draft && path.extension() == Some(OsStr::new(ENDING.trim_start_matches('.'))) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
