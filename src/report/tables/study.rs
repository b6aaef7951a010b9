//! The tables of studies: for replications a row each, with every measure; for a grid a row per cell and measure.

use super::{Cell, Formats, Kind, Table};
use crate::report::{Draft, Folder, WriteError};
use crate::study::answer::possible_interval;
use crate::study::ledger::{KeepError, Ledger};
use crate::study::sweep::Swept;
use crate::study::{Layout, Share};
use std::ops::Range;

/// Writes the table `replications`: replication, digest, and a column per measure, for those of `numbers` that belong
/// to the share.
///
/// # Errors
/// If the system will not write, or the rows cannot be read.
pub fn replications(
    folder: &Folder,
    formats: Formats,
    layout: &Layout,
    (ledger, numbers, share): (&dyn Ledger, Range<u64>, Share),
) -> Result<Vec<Draft>, TableError> {
    let mut columns = vec![("replication", Kind::Whole), ("digest", Kind::Text)];
    let keys = layout.keys().iter();
    columns.extend(keys.map(|key| (key.as_str(), Kind::Number)));
    let mut table = Table::begin(folder, "replications", &columns, (formats, None))?;
    let mut written = Ok(());
    ledger.each(numbers, &mut |number, row| {
        if written.is_ok() && share.holds(number) {
            let digest = row.digest.to_string();
            let mut cells = vec![Cell::Whole(number), Cell::Text(&digest)];
            cells.extend(row.values.iter().map(|&value| number_cell(value)));
            written = table.push_all(&cells);
        }
    })?;
    written?;
    Ok(table.finish()?)
}

/// A failure to write a table of rows.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The system would not write.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The rows could not be read.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

/// Writes the table `cells`: the settings (a column for each key), measure, its interval, and the interval of its
/// difference from the first cell.
///
/// # Errors
/// If the system will not write.
pub fn cells(
    folder: &Folder,
    formats: Formats,
    settings: &[Vec<(String, String)>],
    swept: &Swept,
    measures: &[String],
) -> Result<Vec<Draft>, WriteError> {
    const NUMBERS: [&str; 7] = ["mean", "sd", "half_width", "low", "high", "min", "max"];
    const DIFFERENCES: [&str; 4] = [
        "difference_mean",
        "difference_half_width",
        "difference_low",
        "difference_high",
    ];
    let mut columns = vec![("cell", Kind::Whole)];
    let keys = settings.first().into_iter().flatten();
    columns.extend(keys.map(|(key, _)| (key.as_str(), Kind::Text)));
    columns.extend([("measure", Kind::Text), ("n", Kind::Whole)]);
    columns.extend(
        NUMBERS
            .iter()
            .chain(&DIFFERENCES)
            .map(|&name| (name, Kind::Number)),
    );
    let mut table = Table::begin(folder, "cells", &columns, (formats, None))?;
    for (number, (set, cell)) in (0..).zip(settings.iter().zip(&swept.cells)) {
        let shown: Vec<(usize, &String)> = match measures {
            [] => cell.layout.keys().iter().enumerate().collect(),
            named => named
                .iter()
                .filter_map(|key| Some((cell.layout.place(key)?, key)))
                .collect(),
        };
        for (at, key) in shown {
            let seen = possible_interval(key, cell.intervals[at]);
            let apart = cell.differences[at].unwrap_or_default();
            let mut row = vec![Cell::Whole(number)];
            row.extend(set.iter().map(|(_, value)| Cell::Text(value)));
            row.extend([Cell::Text(key), Cell::Whole(seen.n)]);
            let numbers = [
                seen.mean,
                seen.sd,
                seen.half_width,
                seen.low,
                seen.high,
                seen.min,
                seen.max,
                apart.mean,
                apart.half_width,
                apart.low,
                apart.high,
            ];
            row.extend(numbers.map(|value| value.map_or(Cell::Empty, Cell::Number)));
            table.push_all(&row)?;
        }
    }
    table.finish()
}

fn number_cell(value: f64) -> Cell<'static> {
    if value.is_nan() {
        Cell::Empty
    } else {
        Cell::Number(value)
    }
}
