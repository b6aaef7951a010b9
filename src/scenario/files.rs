//! Columns of numbers and words from CSV files beside a scenario.
//!
//! A file must be relative to the scenario, a regular file, inside the scenario's folder also after
//! links are resolved, and at most 1 GiB. Its first line names the columns. A bad cell is an error
//! with the file's name, the line and the column.

use super::error::choices;
use super::shape::quoted;
use crate::digest::Digest;
use crate::problem::{KeyPath, Place, Problem, printable};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The largest file that is read, in bytes.
pub const TRACE_FILE_MAX: u64 = 1 << 30;

/// A file that was read for a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// As the scenario names it.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// A fingerprint of its bytes.
    pub digest: Digest,
}

/// Reads files for a scenario, each once.
#[derive(Debug)]
pub(super) struct Files {
    folder: Option<PathBuf>,
    texts: BTreeMap<String, Arc<String>>,
    pub(super) read: Vec<ReadFile>,
}

impl Files {
    /// Files beside the scenario in this folder; a scenario without one can read none.
    pub(super) fn beside(folder: Option<PathBuf>) -> Files {
        Files {
            folder,
            texts: BTreeMap::new(),
            read: Vec::new(),
        }
    }

    /// A column of numbers, each finite and not negative.
    pub(super) fn numbers(
        &mut self,
        file: &str,
        column: &str,
        file_at: &KeyPath,
        column_at: &KeyPath,
    ) -> Result<Vec<f64>, Problem> {
        let sheet = self.sheet(file, file_at)?;
        let index = sheet.column(column, column_at)?;
        let mut values = Vec::new();
        sheet.each(|row| {
            values.push(row.number(index)?);
            Ok(())
        })?;
        Ok(values)
    }

    /// The rows of a file, to be read one by one.
    pub(super) fn sheet(&mut self, file: &str, at: &KeyPath) -> Result<Sheet, Problem> {
        let text = match self.texts.get(file) {
            Some(text) => Arc::clone(text),
            None => self.open(file, at)?,
        };
        let mut reader = reader(&text);
        let header = reader
            .headers()
            .map_err(|error| broken_row(file, &text, &error))?;
        let columns = header.iter().map(str::to_owned).collect();
        Ok(Sheet {
            file: file.to_owned(),
            text,
            columns,
        })
    }

    fn open(&mut self, file: &str, at: &KeyPath) -> Result<Arc<String>, Problem> {
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
        // Asked before opening, since opening a pipe would wait for a writer.
        let about = std::fs::metadata(&real).map_err(|error| cannot(&error))?;
        if !about.is_file() {
            return Err(refuse(format!("{shown} is not a regular file")));
        }
        if about.len() > TRACE_FILE_MAX {
            let bytes = about.len();
            return Err(refuse(format!(
                "{shown} has {bytes} bytes, but a file may have at most {TRACE_FILE_MAX} (1 GiB)"
            )));
        }
        let bytes = read_at_most(&real, TRACE_FILE_MAX).map_err(|error| cannot(&error))?;
        let mut digest = Digest::EMPTY;
        digest.fold_bytes(&bytes);
        self.read.push(ReadFile {
            path: relative.to_owned(),
            bytes: bytes.len() as u64,
            digest,
        });
        let mut text = String::from_utf8(bytes).map_err(|error| {
            let line = line_of(error.as_bytes(), error.utf8_error().valid_up_to());
            refuse(format!("{shown} is not UTF-8 text: line {line}"))
        })?;
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        let text = Arc::new(text);
        self.texts.insert(file.to_owned(), Arc::clone(&text));
        Ok(text)
    }
}

/// Reads a file, but no more of it than allowed even if it grows meanwhile.
pub(super) fn read_at_most(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(most + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(std::io::Error::other(format!(
            "it has more than {most} bytes"
        )));
    }
    Ok(bytes)
}

/// Why the system refused, in lower case and without its error number.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string().to_lowercase(),
    }
}

/// The number, from 1, of the line that holds a byte.
pub(super) fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
}

/// A CSV file whose header has been read.
#[derive(Debug)]
pub(super) struct Sheet {
    file: String,
    text: Arc<String>,
    columns: Vec<String>,
}

impl Sheet {
    /// The index of a column.
    pub(super) fn column(&self, name: &str, at: &KeyPath) -> Result<usize, Problem> {
        if self.columns.iter().filter(|column| *column == name).count() > 1 {
            let message = format!(
                "{} has more than one column {}",
                quoted(&self.file),
                quoted(name)
            );
            return Err(Problem::value(at, message).help("give each column a name of its own"));
        }
        self.columns
            .iter()
            .position(|column| column == name)
            .ok_or_else(|| {
                let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
                let message = format!("{} has no column {}", quoted(&self.file), quoted(name));
                Problem::value(at, message).help(choices(name, &names))
            })
    }

    /// Refuses what a reader of CSV lets pass and is probably damage: an empty line before a row, and a
    /// cell over several lines, as a quote makes that is not closed.
    fn whole(&self, record: &csv::StringRecord) -> Result<(), Problem> {
        let start = record.position().map_or(0, |at| at.byte() as usize);
        let broken = |at: usize, what: &str| {
            let place = Place::in_text(&self.file, &self.text, &(at..at));
            let message = format!("{} line {} {what}", quoted(&self.file), place.line);
            Err(Problem::elsewhere(place, message))
        };
        if past_empty_lines(&self.text, start) > start {
            return broken(start, "is empty");
        }
        if record.iter().any(|cell| cell.contains('\n')) {
            return broken(start, "has a quote that is not closed");
        }
        Ok(())
    }

    /// Calls `take` with each row; a file without rows is fine here.
    pub(super) fn each(
        &self,
        mut take: impl FnMut(&Row<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut reader = reader(&self.text);
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {
                    self.whole(&record)?;
                    take(&Row {
                        sheet: self,
                        record: &record,
                    })?;
                }
                Ok(false) => return Ok(()),
                Err(error) => return Err(broken_row(&self.file, &self.text, &error)),
            }
        }
    }
}

/// A row of a sheet.
#[derive(Debug)]
pub(super) struct Row<'a> {
    sheet: &'a Sheet,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// A cell's text, without space around it.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or("")
    }

    /// A cell's number, finite and not negative; never `-0.0`.
    pub(super) fn number(&self, column: usize) -> Result<f64, Problem> {
        let cell = self.cell(column);
        match cell.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(number + 0.0),
            Ok(_) => Err(self.wrong(
                column,
                &format!(
                    "is {}, but must be a finite number that is not negative",
                    quoted(cell)
                ),
            )),
            Err(_) if cell.is_empty() => Err(self.wrong(column, "is empty, not a number")),
            Err(_) => Err(self.wrong(column, &format!("is {}, not a number", quoted(cell)))),
        }
    }

    /// A complaint about a cell: what it is or does.
    pub(super) fn wrong(&self, column: usize, what: &str) -> Problem {
        let name = quoted(self.sheet.columns.get(column).map_or("", String::as_str));
        let span = self.span(column);
        let place = Place::in_text(&self.sheet.file, &self.sheet.text, &span);
        let message = format!(
            "{} line {} column {} ({name}) {what}",
            quoted(&self.sheet.file),
            place.line,
            column + 1
        );
        Problem::elsewhere(place, message)
    }

    /// Where a cell stands in the file, without space around it.
    fn span(&self, column: usize) -> Range<usize> {
        let whole = self.cell_span(column);
        let cell = &self.sheet.text[whole.clone()];
        let start = whole.start + (cell.len() - cell.trim_start().len());
        start..(start + cell.trim().len())
    }

    /// Where a cell stands in the file. Quoted cells are passed over, commas inside them included.
    fn cell_span(&self, column: usize) -> Range<usize> {
        let text = &self.sheet.text;
        let start = self.record.position().map_or(0, |at| at.byte() as usize);
        let row = past_empty_lines(text, start);
        let (mut cell, mut from, mut inside) = (0, row, false);
        for (at, byte) in text.as_bytes().iter().enumerate().skip(row) {
            match byte {
                b'"' => inside = !inside,
                b',' | b'\n' | b'\r' if !inside => {
                    if cell == column || *byte != b',' {
                        return from..at;
                    }
                    cell += 1;
                    from = at + 1;
                }
                _ => {}
            }
        }
        from..text.len()
    }
}

/// A reader of CSV skips empty lines before a row, but counts the row from them.
fn past_empty_lines(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at.min(text.len())..];
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    at.min(text.len()) + empty.count()
}

fn broken_row(file: &str, text: &str, error: &csv::Error) -> Problem {
    let at = error.position().map_or(0, |at| at.byte() as usize);
    let place = Place::in_text(file, text, &(past_empty_lines(text, at)..text.len()));
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("has {len} columns, but the first line has {expected_len}"),
        _ => error.to_string().to_lowercase(),
    };
    let message = format!("{} line {} {what}", quoted(file), place.line);
    Problem::elsewhere(place, message)
}
