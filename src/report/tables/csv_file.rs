//! A table as CSV: a head line, then a line per row. A number is written in the shortest form that reads back to the
//! same bits; a missing value is empty.

use super::table::{Cell, Kind};
use crate::report::{Draft, WriteError};
use std::io::{self, Write};
use std::path::PathBuf;

pub(super) struct CsvFile {
    path: PathBuf,
    writer: csv::Writer<Draft>,
    /// The text of one cell, kept to reuse its memory.
    text: Vec<u8>,
}

impl CsvFile {
    pub(super) fn begin(draft: Draft, columns: &[(&str, Kind)]) -> Result<CsvFile, WriteError> {
        let path = draft.path().to_owned();
        let mut writer = csv::WriterBuilder::new()
            .buffer_capacity(1 << 16)
            .from_writer(draft);
        match writer.write_record(columns.iter().map(|(name, _)| name)) {
            Ok(()) => Ok(CsvFile {
                path,
                writer,
                text: Vec::new(),
            }),
            Err(error) => Err(WriteError::new(path, error)),
        }
    }

    pub(super) fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        self.try_push(cells)
            .map_err(|source| WriteError::new(&self.path, source))
    }

    fn try_push(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        for &cell in cells {
            self.text.clear();
            write_cell(&mut self.text, cell)?;
            self.writer.write_field(&self.text)?;
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Draft, WriteError> {
        let path = self.path;
        self.writer
            .into_inner()
            .map_err(|error| WriteError::new(path, error.into_error()))
    }
}

fn write_cell(text: &mut Vec<u8>, cell: Cell<'_>) -> io::Result<()> {
    match cell {
        Cell::Whole(value) | Cell::ThroughStep(value) => write!(text, "{value}"),
        // `{:?}` keeps the decimal point of whole values, so that the column reads back as real numbers.
        Cell::Number(value) => write!(text, "{value:?}"),
        Cell::Flag(value) => write!(text, "{value}"),
        Cell::Text(value) => text.write_all(value.as_bytes()),
        Cell::Empty => Ok(()),
    }
}
