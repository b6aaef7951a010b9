//! The table of a study: a row per replication, with every measure.

use super::{Cell, Formats, Kind, Table};
use crate::report::{Draft, Folder, WriteError};
use crate::study::{Layout, Replication};

/// Writes the table `replications`: replication, digest, and a column per measure.
///
/// # Errors
/// If the system will not write.
pub fn replications(
    folder: &Folder,
    formats: Formats,
    layout: &Layout,
    rows: &[Replication],
) -> Result<Vec<Draft>, WriteError> {
    let mut columns = vec![("replication", Kind::Whole), ("digest", Kind::Text)];
    let keys = layout.keys().iter();
    columns.extend(keys.map(|key| (key.as_str(), Kind::Number)));
    let mut table = Table::begin(folder, "replications", &columns, formats)?;
    for (number, row) in (0..).zip(rows) {
        let digest = row.digest.to_string();
        let mut cells = vec![Cell::Whole(number), Cell::Text(&digest)];
        cells.extend(row.measures.iter().map(|&value| number_cell(value)));
        table.push_all(&cells)?;
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
