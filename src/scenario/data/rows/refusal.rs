//! Errors and warnings about the rows of a data file, with their positions.

use super::super::cell;
use super::super::quoted;
use super::{Column, Format, Rows, Source};
use crate::problem::{KeyPath, Place, Problem};
use crate::scenario::error::choices;
use crate::scenario::input::ColumnName;
use std::ops::Range;

impl Rows {
    pub(super) fn no_column(&self, name: &str, names: &[String], at: &KeyPath) -> Problem {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut help = choices(name, &names);
        if let Format::Delimited { separator, .. } = &self.format
            && let Some(separator) = separator.name().filter(|separator| *separator != "commas")
        {
            help += &format!("; its columns are parted by {separator}");
        }
        let message = format!("{} has no column {}", self.name(), quoted(name));
        Problem::value(at, message).help(help)
    }

    /// The problem of a key that the first selected row does not have.
    pub(super) fn no_key(&self, name: &str, at: &KeyPath) -> Problem {
        let object = serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(&self.line);
        let names = object.map_or(Vec::new(), |object| object.keys().cloned().collect());
        let message = format!(
            "{} has no column {} in line {}, the first of the rows chosen",
            self.name(),
            quoted(name),
            self.number
        );
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Problem::value(at, message).help(choices(name, &names))
    }

    /// A warning if a column is named by its number and the first line looks like a row.
    pub(in crate::scenario) fn doubtful_first_line(&self, column: &ColumnName) -> Option<String> {
        let (
            Format::Delimited {
                names, separator, ..
            },
            ColumnName::Number(number),
        ) = (&self.format, column)
        else {
            return None;
        };
        let name = names.get(usize::try_from(*number).ok()?.checked_sub(1)?)?;
        cell::read(name, separator.leaves_commas())?;
        Some(format!(
            "line 1 of {} is taken as the names of its columns, since not all of it is numbers, though \
             column {number} has {} there",
            self.name(),
            quoted(name)
        ))
    }

    /// A complaint about a cell; `what` says what is wrong with it.
    pub(in crate::scenario) fn wrong(&self, column: Column, what: &str) -> Problem {
        let key = &self.keys[column.0];
        let name = match &self.source {
            Source::List { at } => {
                let path = at.index(self.number.saturating_sub(1)).key(key);
                let message = format!("`{path}` {what}");
                return Problem::value(&path, message);
            }
            Source::File { name, .. } => name,
        };
        let (whereabouts, span) = match &self.format {
            Format::Json { .. } => (format!("key {}", quoted(key)), self.value_span(key)),
            Format::Delimited { names, .. } => {
                let cell = self.wanted[column.0].cell;
                let named = match names.get(cell) {
                    Some(name) => format!("column {} ({})", cell + 1, quoted(name)),
                    None => format!("column {}", cell + 1),
                };
                let span = self.cells[column.0].clone();
                let text = &self.line[span.clone()];
                let start = span.start + (text.len() - text.trim_start().len());
                (named, start..start + text.trim().len())
            }
        };
        let place = Place::in_line(name, self.number, &self.line, &span);
        let message = format!("{} line {} {whereabouts} {what}", quoted(name), self.number);
        Problem::elsewhere(place, message)
    }

    /// The approximate position of the value of a key in a line of JSON.
    fn value_span(&self, key: &str) -> Range<usize> {
        let shown = serde_json::Value::from(key).to_string();
        let Some(at) = self.line.find(&shown) else {
            return 0..self.line.len();
        };
        let after = at + shown.len();
        let rest = &self.line[after..];
        let start = after + (rest.len() - rest.trim_start_matches([' ', ':']).len());
        let length = self.line[start..]
            .find([',', '}'])
            .unwrap_or(self.line.len() - start);
        start..start + length
    }

    /// A complaint about the current row.
    pub(in crate::scenario) fn broken(&self, span: Range<usize>, what: &str) -> Problem {
        match &self.source {
            Source::List { at } => {
                let path = at.index(self.number.saturating_sub(1));
                Problem::value(&path, format!("`{path}` {what}"))
            }
            Source::File { name, .. } => {
                let place = Place::in_line(name, self.number, &self.line, &span);
                let message = format!("{} line {} {what}", quoted(name), self.number);
                Problem::elsewhere(place, message)
            }
        }
    }

    pub(super) fn unclosed(&self, at: usize) -> Problem {
        self.broken(at..at + 1, "has a quote that is not closed")
            .help("a cell stands on one line; a quote inside a quoted cell is written twice")
    }

    pub(super) fn no_object(&self, error: &serde_json::Error) -> Problem {
        let text = error.to_string();
        let what = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(what, _)| what);
        let at = error.column().saturating_sub(1).min(self.line.len());
        self.broken(at..at + 1, &format!("is not a line of JSON: {what}"))
            .help("each line of a `.jsonl` file is one object, such as `{\"arrival\": 0.5}`")
    }

    /// A complaint about the file as a whole.
    pub(in crate::scenario) fn refuse(&self, what: &str) -> Problem {
        match &self.source {
            Source::File { at, .. } => Problem::value(at, format!("{} {what}", self.name())),
            Source::List { at } => Problem::value(at, format!("`{at}` {what}")),
        }
    }

    /// The name of the source in messages.
    pub(in crate::scenario) fn name(&self) -> String {
        match &self.source {
            Source::File { name, .. } => quoted(name),
            Source::List { at } => format!("`{at}`"),
        }
    }
}
