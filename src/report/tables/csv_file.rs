//! A table as CSV: a head line, then a line per row. A number is written in the shortest form that
//! reads back to the same bits; what has no value is empty.

use crate::report::{Draft, WriteError};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use std::io::{self, Write};
use std::path::PathBuf;

pub(super) struct CsvFile {
    path: PathBuf,
    writer: csv::Writer<Draft>,
    /// The text of one cell, kept for its memory.
    cell: Vec<u8>,
}

impl CsvFile {
    pub(super) fn begin(draft: Draft, schema: &SchemaRef) -> Result<CsvFile, WriteError> {
        let path = draft.path().to_owned();
        let mut writer = csv::WriterBuilder::new()
            .buffer_capacity(1 << 16)
            .from_writer(draft);
        match writer.write_record(schema.fields().iter().map(|field| field.name())) {
            Ok(()) => Ok(CsvFile {
                path,
                writer,
                cell: Vec::new(),
            }),
            Err(error) => Err(WriteError::new(path, error)),
        }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        self.try_write(batch)
            .map_err(|source| WriteError::new(&self.path, source))
    }

    fn try_write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        for row in 0..batch.num_rows() {
            for column in batch.columns() {
                self.cell.clear();
                write_cell(&mut self.cell, column, row)?;
                self.writer.write_field(&self.cell)?;
            }
            self.writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Draft, WriteError> {
        let path = self.path;
        self.writer
            .into_inner()
            .map_err(|error| WriteError::new(path, error.into_error()))
    }
}

fn write_cell(text: &mut Vec<u8>, column: &dyn Array, row: usize) -> io::Result<()> {
    if column.is_null(row) {
        return Ok(());
    }
    match column.data_type() {
        DataType::Int64 => write!(text, "{}", column.as_primitive::<Int64Type>().value(row)),
        // `{:?}` keeps the point of a whole number, so that the column reads back as real numbers.
        DataType::Float64 => {
            write!(
                text,
                "{:?}",
                column.as_primitive::<Float64Type>().value(row)
            )
        }
        DataType::Boolean => write!(text, "{}", column.as_boolean().value(row)),
        _ => text.write_all(column.as_string::<i32>().value(row).as_bytes()),
    }
}
