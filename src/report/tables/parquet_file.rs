//! A table as Parquet: compressed with Snappy, in row groups of bounded size, with encodings that suit the columns.
//!
//! Columns are filled row by row in memory and written as a row group when it is full. The file does not record when or
//! where it was written: the same rows give the same bytes.

use super::table::{Cell, Kind};
use crate::report::{Draft, WriteError};
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The most rows in a group: the least a reader can skip.
const ROWS_MAX: usize = 128 * 1024;

/// The most cells in a group: some 8 MB in memory, whatever the number of columns.
const CELLS_MAX: usize = 1 << 20;

pub(super) struct ParquetFile {
    path: PathBuf,
    writer: SerializedFileWriter<Draft>,
    columns: Vec<Column>,
    rows: usize,
    rows_max: usize,
}

impl ParquetFile {
    pub(super) fn begin(draft: Draft, columns: &[(&str, Kind)]) -> Result<ParquetFile, WriteError> {
        let path = draft.path().to_owned();
        let (schema, properties) = (Arc::new(schema(columns)), Arc::new(properties(columns)));
        match SerializedFileWriter::new(draft, schema, properties) {
            Ok(writer) => Ok(ParquetFile {
                path,
                writer,
                columns: columns.iter().map(|&(_, kind)| Column::new(kind)).collect(),
                rows: 0,
                rows_max: ROWS_MAX.min(CELLS_MAX / columns.len().max(1)).max(1),
            }),
            Err(error) => Err(WriteError::new(path, system(error))),
        }
    }

    /// Adds one row, whose cells are of their columns' kinds.
    pub(super) fn push(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        for (column, &cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        self.rows += 1;
        if self.rows == self.rows_max {
            self.write_group()?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), WriteError> {
        self.rows = 0;
        self.try_write_group()
            .map_err(|error| WriteError::new(&self.path, system(error)))
    }

    fn try_write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            let writer = group.next_column()?.expect("a writer for every column");
            column.write(writer)?;
        }
        group.close()?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Draft, WriteError> {
        if self.rows > 0 {
            self.write_group()?;
        }
        let path = self.path;
        self.writer
            .into_inner()
            .map_err(|error| WriteError::new(path, system(error)))
    }
}

fn schema(columns: &[(&str, Kind)]) -> Type {
    let fields = columns.iter().map(|&(name, kind)| {
        let (physical, logical) = match kind {
            // Signed, so that the difference of two columns can be negative.
            Kind::Whole => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Flag => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build();
        Arc::new(field.expect("every kind is a type of Parquet"))
    });
    Type::group_type_builder("schema")
        .with_fields(fields.collect())
        .build()
        .expect("columns make a schema")
}

fn properties(columns: &[(&str, Kind)]) -> WriterProperties {
    let mut properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    for &(name, kind) in columns {
        let column = ColumnPath::from(name);
        // Names repeat; times and running numbers do not, and a dictionary of them is useless.
        properties = match kind {
            Kind::Number => properties.set_column_dictionary_enabled(column, false),
            Kind::Whole => properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED),
            Kind::Text | Kind::Flag => properties,
        };
    }
    properties.build()
}

/// The rows of one column since the last row group.
struct Column {
    values: Values,
    /// For each row, 1 if it has a value and 0 if not: Parquet's definition levels.
    levels: Vec<i16>,
}

/// The values of a column, without missing ones.
enum Values {
    Whole(Vec<i64>),
    Number(Vec<f64>),
    /// All texts concatenated, and the end of each.
    Text(Vec<u8>, Vec<usize>),
    Flag(Vec<bool>),
}

impl Column {
    fn new(kind: Kind) -> Column {
        Column {
            values: match kind {
                Kind::Whole => Values::Whole(Vec::new()),
                Kind::Number => Values::Number(Vec::new()),
                Kind::Text => Values::Text(Vec::new(), Vec::new()),
                Kind::Flag => Values::Flag(Vec::new()),
            },
            levels: Vec::new(),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        self.levels.push(i16::from(cell != Cell::Empty));
        match (&mut self.values, cell) {
            (_, Cell::Empty) => {}
            (Values::Whole(values), Cell::Whole(value) | Cell::ThroughStep(value)) => {
                values.push(i64::try_from(value).expect("whole numbers stay below 2^63"));
            }
            (Values::Number(values), Cell::Number(value)) => values.push(value),
            (Values::Text(text, ends), Cell::Text(value)) => {
                text.extend_from_slice(value.as_bytes());
                ends.push(text.len());
            }
            (Values::Flag(values), Cell::Flag(value)) => values.push(value),
            (_, cell) => unreachable!("{cell:?} stands in a column of another kind"),
        }
    }

    /// Writes the rows and clears them.
    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(&self.levels[..]);
        match &mut self.values {
            Values::Whole(values) => {
                let writer = writer.typed::<Int64Type>();
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Number(values) => {
                let writer = writer.typed::<DoubleType>();
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Text(text, ends) => {
                let writer = writer.typed::<ByteArrayType>();
                writer.write_batch(&texts(text, ends), levels, None)?;
                text.clear();
                ends.clear();
            }
            Values::Flag(values) => {
                let writer = writer.typed::<BoolType>();
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        writer.close()
    }
}

/// The texts that end at these places, as slices of one shared buffer.
fn texts(text: &[u8], ends: &[usize]) -> Vec<ByteArray> {
    let whole = ByteArray::from(text.to_vec());
    let starts = std::iter::once(&0).chain(ends);
    let slices = starts.zip(ends);
    slices
        .map(|(&start, &end)| whole.slice(start, end - start))
        .collect()
}

/// The system's error contained in the writer's.
fn system(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}
