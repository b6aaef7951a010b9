//! A table as Parquet: zstd, row groups of bounded size, encodings fit for what the columns hold.
//!
//! The file says nothing of when or where it was written: the same rows give the same bytes.

use crate::report::{Draft, WriteError};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Rows of a group: what a writer holds in memory, and the least a reader can skip.
const ROW_GROUP: usize = 128 * 1024;

pub(super) struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<Draft>,
}

impl ParquetFile {
    pub(super) fn begin(draft: Draft, schema: &SchemaRef) -> Result<ParquetFile, WriteError> {
        let path = draft.path().to_owned();
        match ArrowWriter::try_new(draft, Arc::clone(schema), Some(properties(schema))) {
            Ok(writer) => Ok(ParquetFile { path, writer }),
            Err(error) => Err(WriteError::new(path, system(error))),
        }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        self.writer
            .write(batch)
            .map_err(|error| WriteError::new(&self.path, system(error)))
    }

    pub(super) fn finish(self) -> Result<Draft, WriteError> {
        let path = self.path;
        self.writer
            .into_inner()
            .map_err(|error| WriteError::new(path, system(error)))
    }
}

fn properties(schema: &Schema) -> WriterProperties {
    let level = ZstdLevel::try_new(1).expect("1 is a level of zstd");
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP));
    for field in schema.fields() {
        let column = ColumnPath::from(field.name().as_str());
        // Names repeat; times and running numbers do not, and a dictionary of them is lost work.
        properties = match field.data_type() {
            DataType::Float64 => properties.set_column_dictionary_enabled(column, false),
            DataType::Int64 => properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED),
            _ => properties,
        };
    }
    properties.build()
}

/// What the system said, from under what the writer made of it.
fn system(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}
