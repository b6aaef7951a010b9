//! One table: rows handed on, cell by cell, to the files that hold it.

use super::Formats;
use super::csv_file::CsvFile;
#[cfg(feature = "tables")]
use super::parquet_file::ParquetFile;
use crate::report::{Draft, Folder, WriteError};
use std::fmt;

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

impl Cell<'_> {
    fn fits(self, kind: Kind) -> bool {
        match self {
            Cell::Whole(_) => kind == Kind::Whole,
            Cell::Number(_) => kind == Kind::Number,
            Cell::Text(_) => kind == Kind::Text,
            Cell::Flag(_) => kind == Kind::Flag,
            Cell::Empty => true,
        }
    }
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
    kinds: Vec<Kind>,
    #[cfg(feature = "tables")]
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
        #[cfg(feature = "tables")]
        let parquet = match formats.parquet {
            true => Some(ParquetFile::begin(
                folder.draft(&format!("{name}.parquet"))?,
                columns,
            )?),
            false => None,
        };
        let csv = match formats.csv {
            true => Some(CsvFile::begin(
                folder.draft(&format!("{name}.csv"))?,
                columns,
            )?),
            false => None,
        };
        Ok(Table {
            kinds: columns.iter().map(|&(_, kind)| kind).collect(),
            #[cfg(feature = "tables")]
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
        assert_eq!(cells.len(), self.kinds.len(), "a cell for every column");
        for (&kind, cell) in self.kinds.iter().zip(cells) {
            assert!(cell.fits(kind), "{cell:?} stands in a column of {kind:?}");
        }
        #[cfg(feature = "tables")]
        if let Some(file) = &mut self.parquet {
            file.push(cells)?;
        }
        if let Some(file) = &mut self.csv {
            file.push(cells)?;
        }
        Ok(())
    }

    /// Writes what is left and gives the files.
    ///
    /// # Errors
    /// If the system will not write.
    pub fn finish(self) -> Result<Vec<Draft>, WriteError> {
        let mut drafts = Vec::new();
        #[cfg(feature = "tables")]
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
            .field("kinds", &self.kinds)
            .finish_non_exhaustive()
    }
}
