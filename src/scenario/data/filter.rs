//! The selection of a data file's rows by the value of a column.

use super::cell::{self, Cell};
use super::quoted;
use super::rows::{Column, Rows};
use crate::problem::{KeyPath, Problem};
use crate::scenario::error::choices;
use crate::scenario::input::{self, Is};

/// A selection of rows in progress.
pub(in crate::scenario) struct Filter {
    column: Column,
    is: String,
    number: Option<f64>,
    matched: bool,
    /// Some other values of the column, while none has matched.
    others: Vec<String>,
}

impl Filter {
    /// A selection of the rows of a source; `at` is the key of the selection.
    pub(in crate::scenario) fn new(
        filter: &input::Where,
        rows: &mut Rows,
        at: &KeyPath,
    ) -> Result<Filter, Problem> {
        let (is, number) = match &filter.is {
            Is::Truth(truth) => (truth.to_string(), None),
            Is::Number(number) => (number.to_string(), Some(*number)),
            Is::Text(text) => (text.trim().to_owned(), None),
        };
        Ok(Filter {
            column: rows.column(&filter.column, &at.key("column"))?,
            is,
            number,
            matched: false,
            others: Vec::new(),
        })
    }

    /// Whether the current row is selected.
    pub(in crate::scenario) fn takes(&mut self, rows: &Rows) -> bool {
        const SHOWN: usize = 8;
        let text = rows.text(self.column);
        let taken = text == self.is
            || self.number.is_some_and(|number| {
                let cell = cell::read(&text, rows.has_decimal_commas());
                matches!(cell, Some(Cell::Number(found)) if found == number)
            });
        self.matched |= taken;
        if !self.matched && self.others.len() < SHOWN && !self.others.iter().any(|o| *o == text) {
            self.others.push(text.into_owned());
        }
        taken
    }

    /// The problem of a selection that matched no row.
    pub(in crate::scenario) fn without_rows(&self, rows: &Rows, at: &KeyPath) -> Option<Problem> {
        if self.matched {
            return None;
        }
        let message = format!("no row of {} has {} there", rows.name(), quoted(&self.is));
        let others: Vec<&str> = self.others.iter().map(String::as_str).collect();
        Some(Problem::value(&at.key("is"), message).help(choices(&self.is, &others)))
    }
}
