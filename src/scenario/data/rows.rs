//! The rows of a data file, one after the other and only as far as needed.
//!
//! A file is delimited text or JSON lines, according to its name (`.jsonl`, `.ndjson`). At most one line of it is
//! in memory. A damaged row is an error with the file's name, the line and the column.

mod refusal;

use super::cell::{self, Cell};
use super::delimited::{self, Separator};
use super::json_line::{self, Value};
use super::{FILE_BYTES_MAX, quoted};
use crate::digest::Digest;
use crate::number::of_them;
use crate::problem::{KeyPath, Problem};
use crate::scenario::clock::{UNITS, Unit};
use crate::scenario::error::choices;
use crate::scenario::input::ColumnName;
use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead, Read};
use std::ops::Range;

/// The remedy for a cell without a value.
const NO_GAPS: &str =
    "every row that is read needs a value: fill it in, or choose rows with `where` beside `column`";

/// The maximum length of a line, in bytes.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// A file or a list of rows, of which one is the current row.
pub(in crate::scenario) struct Rows {
    source: Source,
    reader: Box<dyn BufRead>,
    format: Format,
    line: String,
    number: usize,
    /// Whether the first line is a row and has not been returned yet.
    first_is_row: bool,
    /// The columns to be read, by their position or key.
    wanted: Vec<Wanted>,
    keys: Vec<String>,
    /// Columns that no row has had so far, each with the key that names it.
    unseen: Vec<(Column, KeyPath)>,
    cells: Vec<Range<usize>>,
    values: Vec<Value>,
    bytes: u64,
    digest: Digest,
}

/// The source of rows.
#[derive(Clone, Debug)]
enum Source {
    /// A file: its name in the scenario, and the key that names it.
    File { name: String, at: KeyPath },
    /// A list in the scenario.
    List { at: KeyPath },
}

#[derive(Debug)]
enum Format {
    Delimited {
        separator: Separator,
        /// The names of the columns; empty if the first line is a row.
        names: Vec<String>,
        width: usize,
    },
    Json {
        /// The keys of the first line, or of all rows of a list.
        names: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug)]
struct Wanted {
    /// The index of its cell in a delimited line.
    cell: usize,
}

/// A column to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) struct Column(usize);

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("source", &self.source)
            .field("format", &self.format)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Rows {
    /// The rows of an opened file; `at` is the key that names it.
    pub(super) fn of_file(
        reader: Box<dyn BufRead>,
        name: &str,
        at: &KeyPath,
    ) -> Result<Rows, Problem> {
        let name_lower = name.to_lowercase();
        let json = [".jsonl", ".ndjson"]
            .iter()
            .any(|end| name_lower.ends_with(end));
        let source = Source::File {
            name: name.to_owned(),
            at: at.clone(),
        };
        Rows::new(source, reader, json)
    }

    /// The rows of a list of tables in the scenario, each written as a line of JSON.
    pub(in crate::scenario) fn of_list(
        rows: &[serde_json::Map<String, serde_json::Value>],
        at: &KeyPath,
    ) -> Result<Rows, Problem> {
        let mut text = String::new();
        for row in rows {
            text += &serde_json::Value::Object(row.clone()).to_string();
            text.push('\n');
        }
        let reader = Box::new(std::io::Cursor::new(text.into_bytes()));
        let mut list = Rows::new(Source::List { at: at.clone() }, reader, true)?;
        let mut names: Vec<String> = rows.iter().flat_map(|row| row.keys().cloned()).collect();
        names.sort_unstable();
        names.dedup();
        list.format = Format::Json { names };
        Ok(list)
    }

    fn new(source: Source, reader: Box<dyn BufRead>, json: bool) -> Result<Rows, Problem> {
        let mut rows = Rows {
            source,
            reader,
            format: Format::Json { names: Vec::new() },
            line: String::new(),
            number: 0,
            first_is_row: true,
            wanted: Vec::new(),
            keys: Vec::new(),
            unseen: Vec::new(),
            cells: Vec::new(),
            values: Vec::new(),
            bytes: 0,
            digest: Digest::EMPTY,
        };
        if !rows.read_line()? || rows.line.trim().is_empty() {
            return Err(rows.refuse("has nothing in its first line"));
        }
        rows.format = if json {
            rows.json()?
        } else {
            rows.delimited()?
        };
        Ok(rows)
    }

    /// Examines the first line of a delimited file.
    fn delimited(&mut self) -> Result<Format, Problem> {
        let line = self.line.as_str();
        let name = match &self.source {
            Source::File { name, .. } => name.as_str(),
            Source::List { .. } => "",
        };
        let start = line.trim_start();
        if start.starts_with('{') {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            return Err(self
                .refuse("holds JSON, where its name says it is delimited text")
                .help(format!("call a file of one object a line `{stem}.jsonl`")));
        }
        if start.starts_with("[{") || start == "[" {
            return Err(self
                .refuse("is a list of JSON, where its name says it is delimited text")
                .help("write one object a line, as `jq -c '.[]'` does, in a file that ends in `.jsonl`"));
        }
        if line.contains('\r') {
            return Err(self
                .refuse("has lines that end with a carriage return alone")
                .help("save it with the line ends of Unix (LF) or Windows (CRLF)"));
        }
        let separator = Separator::of(line);
        let mut names = Vec::new();
        let comma = separator.leaves_commas();
        let mut all_values = true;
        let width = delimited::cells(line, separator, |_, span| {
            let text = delimited::text(&line[span]);
            all_values = all_values && cell::read(&text, comma).is_some();
            names.push(text.into_owned());
        });
        let width = width.map_err(|at| self.unclosed(at))?;
        self.first_is_row = all_values;
        if all_values {
            names.clear();
        }
        Ok(Format::Delimited {
            separator,
            names,
            width,
        })
    }

    /// Examines the first line of JSON lines.
    fn json(&self) -> Result<Format, Problem> {
        match serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(&self.line) {
            Ok(first) => Ok(Format::Json {
                names: first.keys().cloned().collect(),
            }),
            Err(error) => Err(self.no_object(&error)),
        }
    }

    /// Reads the next line into `line`, without its end; returns whether there was one.
    fn read_line(&mut self) -> Result<bool, Problem> {
        let mut bytes = std::mem::take(&mut self.line).into_bytes();
        bytes.clear();
        let mut limited = (&mut self.reader).take(LINE_BYTES_MAX + 1);
        if let Err(error) = limited.read_until(b'\n', &mut bytes) {
            let why = super::reason(&error);
            return Err(self.refuse(&format!("cannot be read: {why}")));
        }
        if bytes.is_empty() {
            return Ok(false);
        }
        self.number += 1;
        if bytes.len() as u64 > LINE_BYTES_MAX {
            let message = format!(
                "has more than {LINE_BYTES_MAX} bytes (1 MiB) in line {}",
                self.number
            );
            return Err(self.refuse(&message).help("a row is a line of text"));
        }
        self.bytes += bytes.len() as u64;
        if self.bytes > FILE_BYTES_MAX {
            let message = format!("goes on after {FILE_BYTES_MAX} bytes (1 GiB)");
            return Err(self
                .refuse(&message)
                .help("of a recording no more is read than `[horizon] customers` needs"));
        }
        self.digest.fold_bytes(&bytes);
        if self.number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        match String::from_utf8(bytes) {
            Ok(line) => self.line = line,
            Err(_) => {
                let message = format!("is not UTF-8 text: line {}", self.number);
                return Err(self.refuse(&message).help(
                    "save it as text with the encoding UTF-8; a workbook or a compressed file must \
                     first become a `.csv` file",
                ));
            }
        }
        Ok(true)
    }

    /// The part of a file that was read: its name, the number of bytes from its beginning, and their fingerprint.
    pub(super) fn progress(&self) -> Option<(&str, u64, Digest)> {
        match &self.source {
            Source::File { name, .. } => Some((name, self.bytes, self.digest)),
            Source::List { .. } => None,
        }
    }

    /// Requests a column of the rows selected, or of all; `at` is the key that names it. Lines of JSON may be of
    /// several kinds, so the first of those selected need not be the first of all.
    pub(in crate::scenario) fn column_of(
        &mut self,
        chosen: bool,
        column: &ColumnName,
        at: &KeyPath,
    ) -> Result<Column, Problem> {
        if let (true, Format::Json { names }, ColumnName::Name(name)) =
            (chosen, &self.format, column)
            && !names.contains(name)
        {
            let column = self.ask(0, name.clone());
            self.unseen.push((column, at.clone()));
            return Ok(column);
        }
        self.column(column, at)
    }

    /// Requests a column; `at` is the key that names it.
    pub(in crate::scenario) fn column(
        &mut self,
        column: &ColumnName,
        at: &KeyPath,
    ) -> Result<Column, Problem> {
        let cell = match &self.format {
            Format::Json { names } => match column {
                ColumnName::Name(name) if names.contains(name) => 0,
                ColumnName::Name(name) => return Err(self.no_column(name, names, at)),
                ColumnName::Number(_) => {
                    let message = format!("{} has keys, not numbered columns", self.name());
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    return Err(Problem::value(at, message).help(choices("", &names)));
                }
            },
            Format::Delimited { names, width, .. } => match column {
                ColumnName::Number(number) => match usize::try_from(*number) {
                    Ok(number) if (1..=*width).contains(&number) => number - 1,
                    _ => {
                        let message = format!("{} has no column {number}", self.name());
                        return Err(Problem::value(at, message)
                            .help(format!("its columns are numbered from 1 to {width}")));
                    }
                },
                ColumnName::Name(name) if names.is_empty() => {
                    let message = format!(
                        "{} has no column {}: its first line is a row of values, not of names",
                        self.name(),
                        quoted(name)
                    );
                    return Err(Problem::value(at, message).help(format!(
                        "name a column by its number, from 1 to {width}, such as `column = 1`"
                    )));
                }
                ColumnName::Name(name) => {
                    if names.iter().filter(|other| *other == name).count() > 1 {
                        let message =
                            format!("{} has more than one column {}", self.name(), quoted(name));
                        return Err(Problem::value(at, message)
                            .help("give each column a name of its own, or name it by its number"));
                    }
                    match names.iter().position(|other| other == name) {
                        Some(cell) => cell,
                        None => return Err(self.no_column(name, names, at)),
                    }
                }
            },
        };
        let key = match column {
            ColumnName::Name(name) => name.clone(),
            ColumnName::Number(number) => number.to_string(),
        };
        Ok(self.ask(cell, key))
    }

    /// Adds a column to be read; a key of JSON lines that is read already is not added again.
    fn ask(&mut self, cell: usize, key: String) -> Column {
        let known = self.keys.iter().position(|known| *known == key);
        if let (Format::Json { .. }, Some(known)) = (&self.format, known) {
            return Column(known);
        }
        self.wanted.push(Wanted { cell });
        self.keys.push(key);
        self.cells.push(0..0);
        Column(self.wanted.len() - 1)
    }

    /// Moves to the next row; returns whether there is one.
    pub(in crate::scenario) fn next(&mut self) -> Result<bool, Problem> {
        if self.number == 1 && self.first_is_row {
            self.first_is_row = false;
        } else {
            if !self.read_line()? {
                return Ok(false);
            }
            if self.line.trim().is_empty() {
                return self.only_empty_lines_follow();
            }
        }
        match &self.format {
            Format::Delimited {
                separator, width, ..
            } => {
                let (wanted, cells) = (&self.wanted, &mut self.cells);
                let found = delimited::cells(&self.line, *separator, |index, span| {
                    for (column, place) in wanted.iter().zip(&mut *cells) {
                        if column.cell == index {
                            *place = span.clone();
                        }
                    }
                });
                match found {
                    Ok(found) if found == *width => Ok(true),
                    Ok(found) => {
                        let columns = of_them(found as u64, "column");
                        let what = format!("has {columns}, but the first line has {width}");
                        let problem = self.broken(0..self.line.len(), &what);
                        Err(if *width == 1 || separator.name() == Some("commas") {
                            problem.help(
                                "cells are parted by tabs, semicolons or commas; where it is commas, \
                                 decimals stand after a point",
                            )
                        } else {
                            problem
                        })
                    }
                    Err(at) => Err(self.unclosed(at)),
                }
            }
            Format::Json { .. } => {
                match json_line::read(&self.line, &self.keys, &mut self.values) {
                    Ok(()) => Ok(true),
                    Err(error) => Err(self.no_object(&error)),
                }
            }
        }
    }

    /// Notes that the current row is selected.
    pub(in crate::scenario) fn chosen(&mut self) {
        if !self.unseen.is_empty() {
            let values = &self.values;
            let is_absent = |column: Column| values[column.0] == Value::Absent;
            self.unseen.retain(|(column, _)| is_absent(*column));
        }
    }

    /// The problem of a column that none of the rows selected has.
    pub(in crate::scenario) fn never_seen(&self) -> Option<Problem> {
        let (column, at) = self.unseen.first()?;
        let Format::Json { names } = &self.format else {
            return None;
        };
        let name = &self.keys[column.0];
        let message = format!(
            "no row chosen of {} has a column {}",
            self.name(),
            quoted(name)
        );
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Some(Problem::value(at, message).help(choices(name, &names)))
    }

    /// Whether only empty lines follow; an empty line is an error otherwise.
    fn only_empty_lines_follow(&mut self) -> Result<bool, Problem> {
        let empty = self.number;
        while self.read_line()? {
            if !self.line.trim().is_empty() {
                self.line.clear();
                self.number = empty;
                return Err(self.broken(0..0, "is empty"));
            }
        }
        Ok(false)
    }

    /// A cell's text, without surrounding blanks; empty if there is none.
    pub(in crate::scenario) fn text(&self, column: Column) -> Cow<'_, str> {
        match &self.format {
            Format::Delimited { .. } => delimited::text(&self.line[self.cells[column.0].clone()]),
            Format::Json { .. } => match &self.values[column.0] {
                Value::Text(text) => text.as_str().into(),
                Value::Number(number) => number.to_string().into(),
                Value::Nested => "a list or an object".into(),
                Value::Absent | Value::Null => "".into(),
            },
        }
    }

    /// Whether a cell may have a decimal comma.
    pub(super) fn has_decimal_commas(&self) -> bool {
        match &self.format {
            Format::Delimited { separator, .. } => separator.leaves_commas(),
            Format::Json { .. } => false,
        }
    }

    /// The value of a cell.
    pub(super) fn cell(&self, column: Column) -> Result<Cell, Problem> {
        if let (Format::Json { .. }, Some(Value::Number(number))) =
            (&self.format, self.values.get(column.0))
        {
            return Ok(Cell::Number(*number));
        }
        let text = self.text(column);
        if let Some(cell) = cell::read(&text, self.has_decimal_commas()) {
            return Ok(cell);
        }
        if let Some((_, at)) = self.unseen.iter().find(|(unseen, _)| *unseen == column) {
            return Err(self.no_key(&self.keys[column.0], at));
        }
        if text.is_empty() {
            return Err(self.wrong(column, "is empty, not a number").help(NO_GAPS));
        }
        let problem = self.wrong(column, &format!("is {}, not a number", quoted(&text)));
        Err(if text.starts_with(char::is_alphabetic) {
            problem.help(NO_GAPS)
        } else if text.contains(',') && text.contains('.') {
            problem.help("write numbers without signs between thousands, as in 1000.5")
        } else if cell::with_comma(&text).is_some() {
            problem.help(match self.format {
                Format::Json { .. } => "decimals of JSON stand after a point",
                Format::Delimited { .. } => {
                    "a comma may part decimals where the cells are parted by semicolons or tabs"
                }
            })
        } else if text.contains([':', '-', '/']) {
            problem.help(
                "times are understood as `8:30`, `08:30:15.5`, `2024-05-10T08:30:00Z` or \
                 `2024-05-10 08:30:00.5`",
            )
        } else if text.ends_with(char::is_alphabetic) {
            problem.help(
                "a cell holds a number alone, in the scenario's `time_unit`; for another unit, `scale` beside \
                 `column` is a factor",
            )
        } else {
            problem
        })
    }

    /// A cell's duration, finite and not negative; never `-0.0`: a number of units, or hours, minutes and seconds.
    /// (`2:30` is refused, because its first number may be hours or minutes.)
    pub(in crate::scenario) fn duration(
        &self,
        column: Column,
        unit: Option<Unit>,
    ) -> Result<f64, Problem> {
        let text = self.text(column);
        let refuse = |what| self.wrong(column, &format!("is {}, {what}", quoted(&text)));
        match (self.cell(column)?, unit) {
            (Cell::Number(number), _) if number.is_finite() && number >= 0.0 => Ok(number + 0.0),
            (Cell::Number(_), _) => Err(refuse("but must be a finite number that is not negative")
                .help("`where` beside `column` chooses rows")),
            (Cell::TimeOfDay(_), None) => Err(refuse("but the unit of time is not known")
                .help(format!("`time_unit` must be {UNITS}"))),
            (Cell::TimeOfDay(nanoseconds), Some(unit)) if text.matches(':').count() == 2 => {
                Ok(unit.of_nanoseconds(nanoseconds.into()))
            }
            (Cell::TimeOfDay(_), _) => Err(refuse("a time of day, where a duration is needed")
                .help("a duration is a number, such as 2.5, or has seconds, too, such as 0:02:30")),
            (Cell::Instant { .. }, _) => {
                Err(refuse("an instant, where a duration is needed").help("a number is a duration"))
            }
        }
    }
}
