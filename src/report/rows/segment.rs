//! Segments: files of finished rows, written once and never changed.
//!
//! A segment consists of 64-bit little-endian words: a magic word, the identity of the rows, the
//! number of rows, and the first and last row number; then for each row its number, its digest, its
//! number of values, and their bits; and at the end a check over all words before. Rows are in the
//! order of their numbers. The check changes with every change of a single word, so a flipped bit
//! is always found; a file that is too short or too long is damaged too.

use super::super::draft::{Draft, WriteError};
use crate::digest::Digest;
use crate::study::Row;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// `filas\0r1`, as the first eight bytes of a file.
const MAGIC: u64 = u64::from_le_bytes(*b"filas\0r1");

const HEAD: u64 = 5;
const WORD: u64 = 8;

/// The ending of a segment's name.
pub(super) const ENDING: &str = ".rows";

/// A complete segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) rows: u64,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Segment {
    /// Whether it is in this folder.
    pub(super) fn is_in(&self, folder: &Path) -> bool {
        self.path.parent() == Some(folder)
    }
}

/// The reason a segment cannot be used.
#[derive(Debug)]
pub(super) enum Unusable {
    /// It was changed after it was written.
    Damaged,
    /// Its rows are those of another study.
    Foreign,
    /// It cannot be read.
    Unread(io::Error),
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Unusable {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Unusable::Damaged,
            _ => Unusable::Unread(error),
        }
    }
}

/// A segment that is being written.
pub(super) struct SegmentWriter {
    draft: Draft,
    check: Digest,
    left: u64,
}

impl SegmentWriter {
    /// Begins a segment of `rows` rows. Its name contains `mark`, which distinguishes it from
    /// others with the same numbers.
    pub(super) fn begin(
        folder: &Path,
        id: u64,
        rows: u64,
        (first, last): (u64, u64),
        mark: u64,
    ) -> Result<SegmentWriter, WriteError> {
        let name = format!("{first:010}-{last:010}-{rows}-{mark:016x}{ENDING}");
        let mut writer = SegmentWriter {
            draft: Draft::begin(folder, &name)?,
            check: Digest::EMPTY,
            left: rows,
        };
        writer.words(&[MAGIC, id, rows, first, last])?;
        Ok(writer)
    }

    pub(super) fn push(&mut self, number: u64, row: &Row) -> Result<(), WriteError> {
        self.left = self.left.checked_sub(1).expect("as many rows as announced");
        self.words(&[number, row.digest.state(), row.values.len() as u64])?;
        for value in &row.values {
            self.words(&[value.to_bits()])?;
        }
        Ok(())
    }

    /// Completes the segment and gives it its final name.
    pub(super) fn publish(mut self) -> Result<PathBuf, WriteError> {
        assert_eq!(self.left, 0, "as many rows as announced");
        let check = self.check.value();
        self.words(&[check])?;
        self.draft.publish()
    }

    fn words(&mut self, words: &[u64]) -> Result<(), WriteError> {
        for word in words {
            self.check.fold(*word);
            if let Err(source) = self.draft.write_all(&word.to_le_bytes()) {
                return Err(WriteError::new(self.draft.path(), source));
            }
        }
        Ok(())
    }
}

/// Number of rows in a file according to its name; for display only.
pub(super) fn rows_by_name(name: &str) -> Option<u64> {
    let parts: Vec<&str> = name.strip_suffix(ENDING)?.split('-').collect();
    parts.get(2)?.parse().ok()
}

/// Verifies a whole segment against its check, and appends the number of every row.
pub(super) fn verify(path: &Path, id: u64, numbers: &mut Vec<u64>) -> Result<Segment, Unusable> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if !length.is_multiple_of(WORD) || length < (HEAD + 1) * WORD {
        return Err(Unusable::Damaged);
    }
    let mut words = Words::of(file);
    let [magic, of, rows, first, last] = words.head()?;
    // The check is verified first, so that nothing in a damaged file is trusted, not even its
    // length.
    let mut whole = Words::of(File::open(path)?);
    for _ in 1..length / WORD {
        whole.next()?;
    }
    let check = whole.check.value();
    if magic != MAGIC || whole.next()? != check {
        return Err(Unusable::Damaged);
    }
    if of != id {
        return Err(Unusable::Foreign);
    }
    for _ in 0..rows {
        numbers.push(words.next()?);
        words.next()?;
        let values = words.next()?;
        words.skip(values)?;
    }
    Ok(Segment {
        path: path.to_owned(),
        rows,
        first,
        last,
    })
}

/// The rows of a segment, one after the other.
#[derive(Debug)]
pub(super) struct SegmentReader {
    words: Words,
    left: u64,
    number: u64,
    row: Row,
}

impl SegmentReader {
    /// Opens a segment before its first row.
    pub(super) fn open(segment: &Segment) -> io::Result<SegmentReader> {
        let mut words = Words::of(File::open(&segment.path)?);
        words.head()?;
        Ok(SegmentReader {
            words,
            left: segment.rows,
            number: 0,
            row: Row::default(),
        })
    }

    /// Moves to the next row and returns its number; `None` at the end.
    pub(super) fn advance(&mut self) -> io::Result<Option<u64>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.number = self.words.next()?;
        self.row.digest = Digest::from_state(self.words.next()?);
        let count = self.words.next()?;
        self.row.values.clear();
        for _ in 0..count {
            self.row.values.push(f64::from_bits(self.words.next()?));
        }
        Ok(Some(self.number))
    }

    /// Number and contents of the current row.
    pub(super) fn row(&self) -> (u64, &Row) {
        (self.number, &self.row)
    }
}

/// A file read as words.
#[derive(Debug)]
struct Words {
    file: BufReader<File>,
    check: Digest,
}

impl Words {
    fn of(file: File) -> Words {
        Words {
            file: BufReader::with_capacity(1 << 16, file),
            check: Digest::EMPTY,
        }
    }

    #[inline]
    fn next(&mut self) -> io::Result<u64> {
        let mut word = [0; WORD as usize];
        self.file.read_exact(&mut word)?;
        let word = u64::from_le_bytes(word);
        self.check.fold(word);
        Ok(word)
    }

    fn head(&mut self) -> io::Result<[u64; HEAD as usize]> {
        let mut head = [0; HEAD as usize];
        for word in &mut head {
            *word = self.next()?;
        }
        Ok(head)
    }

    fn skip(&mut self, words: u64) -> io::Result<()> {
        let bytes = words.checked_mul(WORD).and_then(|n| i64::try_from(n).ok());
        let bytes = bytes.ok_or(io::ErrorKind::InvalidData)?;
        self.file.seek_relative(bytes)
    }
}
