//! One table: columns filled row by row, handed on in batches to the files that hold it.

use super::Formats;
use super::csv_file::CsvFile;
use super::parquet_file::ParquetFile;
use crate::report::{Draft, Folder, WriteError};
use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::fmt;
use std::sync::Arc;

/// Rows held back before they are handed on: enough to pay for a batch, little enough to forget.
const BATCH: usize = 8192;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Whole,
    /// Real numbers.
    Number,
    /// Names and words.
    Text,
    /// Yes or no.
    Flag,
}

impl Kind {
    fn data_type(self) -> DataType {
        match self {
            // Signed, so that whoever subtracts two columns gets what they expect.
            Kind::Whole => DataType::Int64,
            Kind::Number => DataType::Float64,
            Kind::Text => DataType::Utf8,
            Kind::Flag => DataType::Boolean,
        }
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// For a column of [`Kind::Whole`].
    Whole(u64),
    /// For a column of [`Kind::Number`].
    Number(f64),
    /// For a column of [`Kind::Text`].
    Text(&'a str),
    /// For a column of [`Kind::Flag`].
    Flag(bool),
    /// No value, in any column.
    Empty,
}

impl From<Option<u64>> for Cell<'_> {
    fn from(value: Option<u64>) -> Self {
        value.map_or(Cell::Empty, Cell::Whole)
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Cell::Empty, Cell::Text)
    }
}

/// A table that is being written.
pub struct Table {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    parquet: Option<ParquetFile>,
    csv: Option<CsvFile>,
}

impl Table {
    /// Begins a table with these columns, in these forms.
    ///
    /// # Errors
    /// If the system will not make the files.
    pub fn begin(
        folder: &Folder,
        name: &str,
        columns: &[(&str, Kind)],
        formats: Formats,
    ) -> Result<Table, WriteError> {
        let fields: Vec<Field> = columns
            .iter()
            .map(|&(column, kind)| Field::new(column, kind.data_type(), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let parquet = match formats.parquet {
            true => Some(ParquetFile::begin(
                folder.draft(&format!("{name}.parquet"))?,
                &schema,
            )?),
            false => None,
        };
        let csv = match formats.csv {
            true => Some(CsvFile::begin(
                folder.draft(&format!("{name}.csv"))?,
                &schema,
            )?),
            false => None,
        };
        Ok(Table {
            schema,
            columns: columns.iter().map(|&(_, kind)| Column::new(kind)).collect(),
            rows: 0,
            parquet,
            csv,
        })
    }

    /// Takes one row in, with a cell for every column.
    ///
    /// # Errors
    /// If the system will not write.
    ///
    /// # Panics
    /// If a cell is not of its column's kind: the model's tables are ours alone.
    pub fn push<const N: usize>(&mut self, cells: [Cell<'_>; N]) -> Result<(), WriteError> {
        self.push_all(&cells)
    }

    /// As [`Table::push`], for a table whose columns are not known beforehand.
    ///
    /// # Errors
    /// If the system will not write.
    ///
    /// # Panics
    /// As [`Table::push`].
    pub fn push_all(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        assert_eq!(cells.len(), self.columns.len(), "a cell for every column");
        for (column, &cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        self.rows += 1;
        if self.rows == BATCH {
            self.hand_on()?;
        }
        Ok(())
    }

    fn hand_on(&mut self) -> Result<(), WriteError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .expect("every row has a cell for every column");
        if let Some(file) = &mut self.parquet {
            file.write(&batch)?;
        }
        if let Some(file) = &mut self.csv {
            file.write(&batch)?;
        }
        Ok(())
    }

    /// Writes what is left and gives the files.
    ///
    /// # Errors
    /// If the system will not write.
    pub fn finish(mut self) -> Result<Vec<Draft>, WriteError> {
        self.hand_on()?;
        let mut drafts = Vec::new();
        if let Some(file) = self.parquet {
            drafts.push(file.finish()?);
        }
        if let Some(file) = self.csv {
            drafts.push(file.finish()?);
        }
        Ok(drafts)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

enum Column {
    Whole(Int64Builder),
    Number(Float64Builder),
    Text(StringBuilder),
    Flag(BooleanBuilder),
}

impl Column {
    fn new(kind: Kind) -> Column {
        match kind {
            Kind::Whole => Column::Whole(Int64Builder::with_capacity(BATCH)),
            Kind::Number => Column::Number(Float64Builder::with_capacity(BATCH)),
            Kind::Text => Column::Text(StringBuilder::new()),
            Kind::Flag => Column::Flag(BooleanBuilder::new()),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Column::Whole(column), Cell::Whole(value)) => {
                column.append_value(i64::try_from(value).expect("whole numbers stay below 2^63"));
            }
            (Column::Number(column), Cell::Number(value)) => column.append_value(value),
            (Column::Text(column), Cell::Text(value)) => column.append_value(value),
            (Column::Flag(column), Cell::Flag(value)) => column.append_value(value),
            (Column::Whole(column), Cell::Empty) => column.append_null(),
            (Column::Number(column), Cell::Empty) => column.append_null(),
            (Column::Text(column), Cell::Empty) => column.append_null(),
            (Column::Flag(column), Cell::Empty) => column.append_null(),
            (_, cell) => panic!("{cell:?} stands in a column of another kind"),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Whole(column) => Arc::new(column.finish()),
            Column::Number(column) => Arc::new(column.finish()),
            Column::Text(column) => Arc::new(column.finish()),
            Column::Flag(column) => Arc::new(column.finish()),
        }
    }
}
