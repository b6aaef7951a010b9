//! A grid of scenarios that differ in a few keys, replicated under common random numbers.
//!
//! All cells have the same seed and the same replication numbers, so that what differs between two of
//! them is what was changed; differences are taken replication by replication against the first cell.
//! Cells and replications are one row of work: replication 0 of every cell, then 1, and so on, so that
//! an interruption leaves every cell with as many.

use super::measures::Layout;
use super::replicate::{Conduct, Replication, one};
use crate::actor::RunError;
use crate::digest::Digest;
use crate::scenario::Scenario;
use crate::stats::Interval;

/// The most cells of a grid.
pub const CELLS_MAX: usize = 10_000;

/// A key of the scenario and the values it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The dotted key.
    pub key: String,
    /// As they would be given to `--set`.
    pub values: Vec<String>,
}

impl Axis {
    /// Reads `KEY=LIST`: values parted by commas, each a TOML value or a text, or whole numbers from
    /// first to last (`1..5`), or numbers a step apart (`0.5..0.9/0.1`).
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn parse(text: &str) -> Result<Axis, String> {
        let example =
            "as in stages.0.servers=1..5 or arrivals.interarrival.exponential.rate=0.5,0.7";
        let Some((key, list)) = text.split_once('=') else {
            return Err(format!("a key to vary is KEY=LIST, {example}"));
        };
        let (key, list) = (key.trim(), list.trim());
        if key.is_empty() || list.is_empty() {
            return Err(format!("a key to vary is KEY=LIST, {example}"));
        }
        let mut values = Vec::new();
        for item in items(list) {
            match item.split_once("..") {
                Some((first, last)) if !item.starts_with(['"', '\'', '{', '[']) => {
                    values.extend(range(first.trim(), last.trim())?);
                }
                _ if item.is_empty() => return Err(format!("`{list}` has an empty value")),
                _ => values.push(item.to_owned()),
            }
        }
        if values.len() > CELLS_MAX {
            return Err(format!("more than {CELLS_MAX} values"));
        }
        Ok(Axis {
            key: key.to_owned(),
            values,
        })
    }
}

/// The parts of a list at the commas that stand in no bracket and no quotes.
fn items(list: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut from, mut parts) = (0_i32, None, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(list[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(list[from..].trim());
    parts
}

/// `first..last`, whole, or `first..last/step`; both ends belong to it.
fn range(first: &str, last: &str) -> Result<Vec<String>, String> {
    let too_many = || format!("{first}..{last} has more than {CELLS_MAX} values");
    if let Some((last, step)) = last.split_once('/') {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        let (Some(low), Some(high), Some(step)) = (number(first), number(last), number(step))
        else {
            return Err(format!(
                "`{first}..{last}/{step}` is not a range of numbers"
            ));
        };
        if step <= 0.0 || low > high {
            return Err(format!("`{first}..{last}/{step}` does not rise"));
        }
        let count = ((high - low) / step + 1e-9).floor();
        if count >= CELLS_MAX as f64 {
            return Err(too_many());
        }
        // Twelve figures, so that 0.1 three times is 0.3.
        let value = |k: u32| {
            let value = low + f64::from(k) * step;
            let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
            format!("{rounded}")
        };
        return Ok((0..=count as u32).map(value).collect());
    }
    let (Ok(low), Ok(high)) = (first.parse::<i64>(), last.parse::<i64>()) else {
        return Err(format!(
            "`{first}..{last}` is not a range of whole numbers; with a step, write {first}..{last}/0.1"
        ));
    };
    if low > high {
        return Err(format!("`{first}..{last}` does not rise"));
    }
    if high.abs_diff(low) >= CELLS_MAX as u64 {
        return Err(too_many());
    }
    Ok((low..=high).map(|value| value.to_string()).collect())
}

/// The settings of every cell of a grid, the last key changing fastest.
///
/// # Errors
/// If there are more than [`CELLS_MAX`].
pub fn grid(axes: &[Axis]) -> Result<Vec<Vec<(String, String)>>, String> {
    let mut cells: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for axis in axes {
        if cells.len() * axis.values.len() > CELLS_MAX {
            return Err(format!("the grid has more than {CELLS_MAX} cells"));
        }
        let with = |cell: &Vec<(String, String)>, value: &String| {
            let mut cell = cell.clone();
            cell.push((axis.key.clone(), value.clone()));
            cell
        };
        cells = cells
            .iter()
            .flat_map(|cell| axis.values.iter().map(move |value| with(cell, value)))
            .collect();
    }
    Ok(cells)
}

/// What one cell of a grid came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The measures it has.
    pub layout: Layout,
    /// Its replications, in order of their numbers from 0.
    pub rows: Vec<Replication>,
    /// Their digests, folded in order.
    pub digest: Digest,
    /// The interval of every measure.
    pub intervals: Vec<Interval>,
    /// The interval of what each measure differs by from the first cell's, pair by pair; none where the
    /// first cell has no such measure.
    pub differences: Vec<Option<Interval>>,
}

/// What a grid came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Swept {
    /// The cells, in order.
    pub cells: Vec<Cell>,
    /// Their digests, folded in order.
    pub digest: Digest,
    /// Whether it was wound up before it was done; all cells have as many replications even so.
    pub interrupted: bool,
}

/// Replicates every cell so many times.
///
/// # Errors
/// The error of the lowest replication, and in it of the first cell, that came to no end.
pub fn sweep(
    cells: &[Scenario],
    replications: u64,
    conduct: Conduct<'_>,
) -> Result<Swept, RunError> {
    let layouts: Vec<Layout> = cells.iter().map(Layout::of).collect::<Result<_, _>>()?;
    let width = cells.len() as u64;
    (conduct.expect)(width * replications);
    let job = |number: u64| {
        let cell = (number % width) as usize;
        one(&cells[cell], &layouts[cell], number / width, conduct)
    };
    let done = conduct
        .crew
        .work(0..width * replications, conduct.stop, job, conduct.done)?;
    let interrupted = (done.len() as u64) < width * replications;
    let whole = done.len() / cells.len();
    let mut rows: Vec<Vec<Replication>> = vec![Vec::with_capacity(whole); cells.len()];
    for (number, row) in done.into_iter().enumerate().take(whole * cells.len()) {
        rows[number % cells.len()].push(row);
    }
    let mut digest = Digest::EMPTY;
    let (first_layout, first) = (layouts.first().cloned(), rows.first().cloned());
    let mut swept = Vec::with_capacity(cells.len());
    for (layout, rows) in layouts.into_iter().zip(rows) {
        let mut of_cell = Digest::EMPTY;
        rows.iter().for_each(|row| of_cell.fold(row.digest.value()));
        digest.fold(of_cell.value());
        let against = |(at, key): (usize, &String)| {
            let (layout, first) = (first_layout.as_ref()?, first.as_ref()?);
            let there = layout.find(key).ok()?;
            let pairs = rows.iter().zip(first);
            let difference =
                |(row, base): (&Replication, &Replication)| row.measures[at] - base.measures[there];
            let differences = pairs.map(difference).filter(|value| !value.is_nan());
            let differences: Vec<f64> = differences.collect();
            Some(Interval::of(&differences, conduct.confidence))
        };
        swept.push(Cell {
            digest: of_cell,
            intervals: layout.intervals(&rows, conduct.confidence),
            differences: layout.keys().iter().enumerate().map(against).collect(),
            layout,
            rows,
        });
    }
    Ok(Swept {
        cells: swept,
        digest,
        interrupted,
    })
}

/// Where a measure stands in a cell, and its interval.
#[must_use]
pub fn seen(cell: &Cell, key: &str) -> Option<(Interval, Option<Interval>)> {
    let at = cell.layout.find(key).ok()?;
    Some((cell.intervals[at], cell.differences[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        Axis::parse(text).unwrap().values
    }

    #[test]
    fn lists_and_ranges_are_read() {
        assert_eq!(values("a.b=1..5"), ["1", "2", "3", "4", "5"]);
        assert_eq!(values("a=0.5,0.7, 0.9"), ["0.5", "0.7", "0.9"]);
        assert_eq!(values("a=1..3,10"), ["1", "2", "3", "10"]);
        assert_eq!(
            values("a=0.1..0.5/0.1"),
            ["0.1", "0.2", "0.3", "0.4", "0.5"]
        );
        assert_eq!(values("a=-1..1"), ["-1", "0", "1"]);
        let laws = "{ uniform = { low = 1, high = 2 } },{ constant = { value = 1 } }";
        assert_eq!(values(&format!("s={laws}")).len(), 2);
        assert_eq!(values("d=\"a,b\",c"), ["\"a,b\"", "c"]);
        for wrong in [
            "a",
            "=1",
            "a=",
            "a=1,,2",
            "a=5..1",
            "a=1..x",
            "a=0..1/0",
            "a=0..9999999",
        ] {
            assert!(Axis::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_grid_is_in_order_of_rows() {
        let axes = [
            Axis::parse("a=1,2").unwrap(),
            Axis::parse("b=x,y,z").unwrap(),
        ];
        let cells = grid(&axes).unwrap();
        let short = |cell: &Vec<(String, String)>| format!("{}{}", cell[0].1, cell[1].1);
        let short: Vec<String> = cells.iter().map(short).collect();
        assert_eq!(short, ["1x", "1y", "1z", "2x", "2y", "2z"]);
        assert!(grid(&vec![Axis::parse("a=1..200").unwrap(); 2]).is_err());
    }
}
