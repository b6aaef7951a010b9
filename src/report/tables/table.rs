//! One table: rows passed on, cell by cell, to the files that hold it.

use super::Formats;
use super::csv_file::CsvFile;
#[cfg(feature = "tables")]
use super::parquet_file::ParquetFile;
use crate::report::{Draft, Folder, WriteError};
use crate::scenario::Start;
use std::fmt;

/// The kind of values in a column.
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
    /// The same for steps, if something ended at the end of the step, which gives its time of day.
    ThroughStep(u64),
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
            Cell::Whole(_) | Cell::ThroughStep(_) => kind == Kind::Whole,
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

impl From<Option<f64>> for Cell<'_> {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Cell::Empty, Cell::Number)
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Cell::Empty, Cell::Text)
    }
}

/// The columns whose numbers are instants, in time or in steps.
const INSTANTS: [&str; 10] = [
    "gone",
    "from",
    "time",
    "step",
    "arrival",
    "first_start",
    "service_start",
    "service_end",
    "departure",
    "end",
];

/// A table that is being written.
pub struct Table {
    kinds: Vec<Kind>,
    /// If instants are also written as times of day: the start of their clock, and for each column whether it contains
    /// instants.
    clock: Option<(Start, Vec<bool>)>,
    #[cfg(feature = "tables")]
    parquet: Option<ParquetFile>,
    csv: Option<CsvFile>,
}

impl Table {
    /// Begins a table with these columns, in these formats. With the start of a clock, a column of instants is followed
    /// by one of their times of day: `arrival` by `arrival_clock`.
    ///
    /// # Errors
    /// If the files cannot be created.
    pub fn begin(
        folder: &Folder,
        name: &str,
        columns: &[(&str, Kind)],
        (formats, clock): (Formats, Option<Start>),
    ) -> Result<Table, WriteError> {
        let is_instant = |name: &str| clock.is_some() && INSTANTS.contains(&name);
        let clocks = columns.iter().map(|(name, _)| format!("{name}_clock"));
        let clocks: Vec<String> = clocks.collect();
        let mut written = Vec::new();
        for (&(name, kind), clock) in columns.iter().zip(&clocks) {
            written.push((name, kind));
            if is_instant(name) {
                written.push((clock, Kind::Text));
            }
        }
        #[cfg(feature = "tables")]
        let parquet = match formats.parquet {
            true => {
                let draft = folder.draft(&format!("{name}.parquet"))?;
                Some(ParquetFile::begin(draft, &written)?)
            }
            false => None,
        };
        let csv = match formats.csv {
            true => {
                let draft = folder.draft(&format!("{name}.csv"))?;
                Some(CsvFile::begin(draft, &written)?)
            }
            false => None,
        };
        let instants = columns.iter().map(|(name, _)| is_instant(name));
        Ok(Table {
            kinds: columns.iter().map(|&(_, kind)| kind).collect(),
            clock: clock.map(|start| (start, instants.collect())),
            #[cfg(feature = "tables")]
            parquet,
            csv,
        })
    }

    /// Adds one row, with a cell for every column.
    ///
    /// # Errors
    /// If the system will not write.
    ///
    /// # Panics
    /// If a cell is not of its column's kind, which is an error in this program.
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
        let Some((start, instants)) = &self.clock else {
            return self.write(cells);
        };
        let time_of_day = |(cell, is_instant): (&Cell<'_>, &bool)| match *cell {
            Cell::Whole(step) if *is_instant => start.at(step as f64),
            Cell::ThroughStep(step) if *is_instant => start.at(step as f64 + 1.0),
            Cell::Number(time) if *is_instant => start.at(time),
            _ => String::new(),
        };
        let clocks: Vec<String> = cells.iter().zip(instants).map(time_of_day).collect();
        let mut written = Vec::with_capacity(2 * cells.len());
        for ((&cell, clock), &is_instant) in cells.iter().zip(&clocks).zip(instants) {
            written.push(cell);
            match cell {
                _ if !is_instant => {}
                Cell::Empty => written.push(Cell::Empty),
                _ => written.push(Cell::Text(clock)),
            }
        }
        self.write(&written)
    }

    fn write(&mut self, cells: &[Cell<'_>]) -> Result<(), WriteError> {
        #[cfg(feature = "tables")]
        if let Some(file) = &mut self.parquet {
            file.push(cells)?;
        }
        if let Some(file) = &mut self.csv {
            file.push(cells)?;
        }
        Ok(())
    }

    /// Writes buffered rows and returns the files.
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
