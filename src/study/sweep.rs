//! A grid of scenarios that differ in a few keys, replicated under common random numbers.
//!
//! All cells have the same seed and the same replication numbers, so that two of them differ only by what was
//! changed; differences are taken replication by replication against the first cell. Cells and replications are one
//! sequence of jobs: replication 0 of every cell, then 1, and so on, so that an interruption leaves every cell with
//! the same number.

use super::completion::Completion;
use super::goal::{Goal, Look};
use super::ledger::Row;
use super::measures::{Fold, Layout};
use super::replicate::{judged, one};
use super::round::{Conditions, Filled, StudyError, fill};
use crate::digest::Digest;
use crate::scenario::Scenario;
use crate::stats::{Interval, Sample};
use serde::{Deserialize, Serialize};

/// The maximum number of cells of a grid.
pub const CELLS_MAX: usize = 10_000;

/// A key of the scenario and the values it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// The dotted key.
    pub key: String,
    /// The values, as they would be given to `--set`.
    pub values: Vec<String>,
}

impl Axis {
    /// Reads `KEY=LIST`: values separated by commas, each a TOML value or a text, or whole numbers from first to
    /// last (`1..5`), or numbers at a fixed step (`0.5..0.9/0.1`).
    ///
    /// # Errors
    /// The mistake, as a sentence.
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
            // Checked before the next item is expanded: a list of ranges can hold any number.
            if values.len() > CELLS_MAX {
                return Err(format!("more than {CELLS_MAX} values"));
            }
        }
        Ok(Axis {
            key: key.to_owned(),
            values,
        })
    }
}

/// The parts of a list at the commas outside brackets and quotes.
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

/// The values of `first..last`, whole numbers, or of `first..last/step`; both ends are included.
fn range(first: &str, last: &str) -> Result<Vec<String>, String> {
    let too_many = || format!("{first}..{last} has more than {CELLS_MAX} values");
    if let Some((end, step)) = last.split_once(':') {
        return Err(format!(
            "`{first}..{last}` has its step after a colon, as in `filas find`; here, write {first}..{end}/{step}"
        ));
    }
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
        // Twelve digits, so that 0.1 three times is 0.3.
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

/// The results of one cell of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The measures it has.
    pub layout: Layout,
    /// Number of replications.
    pub replications: u64,
    /// The fold of their digests, in order.
    pub digest: Digest,
    /// Whether they are the same run, as they are if nothing is random.
    pub is_one_run: bool,
    /// The interval of every measure.
    pub intervals: Vec<Interval>,
    /// The interval of the difference of each measure from the first cell's, pair by pair; none if the first cell
    /// has no such measure.
    pub differences: Vec<Option<Interval>>,
}

impl Cell {
    /// Whether a measure has a value in any replication.
    #[must_use]
    pub fn has_value(&self, key: &str) -> bool {
        seen(self, key).is_some_and(|(interval, _)| interval.n > 0)
    }
}

/// The results of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Swept {
    /// The cells, in order.
    pub cells: Vec<Cell>,
    /// The cells in which each measure compared is smallest and largest; none for a share, whose study is
    /// incomplete.
    pub ends: Vec<Ends>,
    /// Progress. All cells have the same number of replications, also after an interruption; for a share it is the
    /// smallest number that any cell has.
    pub completion: Completion,
}

/// The cells in which a measure is smallest and largest, as far as they can be distinguished statistically.
///
/// With the confidence of the study *every* cell left out of `least` truly has more than the one it begins with,
/// since the intervals of the paired differences hold for all pairs of cells at once (Bonferroni); likewise for
/// `greatest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ends {
    /// The key of the measure.
    pub measure: String,
    /// By index, the cell with the smallest mean, then those that cannot be distinguished from it; empty if no cell
    /// has a value.
    pub least: Vec<usize>,
    /// The same for the largest mean.
    pub greatest: Vec<usize>,
}

/// Replicates every cell until the goal is met in each: all have the same number, so that they can be compared pair
/// by pair. The cells are compared by `measures`.
///
/// # Errors
/// See [`StudyError`]: of runs, the error of the lowest replication, and in it of the first cell, that did not
/// finish.
///
/// # Panics
/// If the goal names a measure that a cell does not have.
pub fn sweep(
    cells: &[Scenario],
    goal: &Goal,
    measures: &[String],
    conditions: Conditions<'_>,
) -> Result<Swept, StudyError> {
    let layouts: Vec<Layout> = cells.iter().map(Layout::of).collect::<Result<_, _>>()?;
    let judged: Vec<Vec<usize>> = layouts.iter().map(|layout| judged(goal, layout)).collect();
    let width = cells.len() as u64;
    let mut grid = Grid::new(&layouts);
    let mut wanted = goal.first();
    let mut missing = Vec::new();
    let (met, interrupted) = loop {
        let job = |number: u64| {
            let cell = (number % width) as usize;
            one(&cells[cell], &layouts[cell], number / width, conditions)
        };
        let round = width * grid.replications..width * wanted;
        let filled = fill(round.clone(), conditions, job)?;
        if let Filled::Missing(numbers) = filled {
            missing = numbers;
            grid = Grid::new(&layouts);
            let share = conditions.share();
            let all = 0..width * wanted;
            conditions.ledger.each(all, &mut |number, row| {
                if share.holds(number) {
                    grid.folds[(number % width) as usize].take(row);
                }
            })?;
            grid.replications = grid.folds.iter().map(|fold| fold.rows).min().unwrap_or(0);
            break (false, false);
        }
        let mut next = round.start;
        conditions.ledger.each(round, &mut |number, row| {
            if number == next {
                next += 1;
                grid.take(row);
            }
        })?;
        let samples = grid.folds.iter().zip(&judged);
        let samples = samples.flat_map(|(fold, places)| places.iter().map(|&at| &fold.samples[at]));
        match goal.look(grid.replications, wanted, conditions.confidence, samples) {
            Look::Met => break (true, false),
            _ if filled == Filled::Interrupted => break (false, true),
            Look::Most => break (false, false),
            Look::Wanted(more) => wanted = more,
        }
    };
    let replications = grid.replications;
    let cells = grid.cells(layouts, conditions.confidence);
    let mut digest = Digest::EMPTY;
    cells
        .iter()
        .for_each(|cell| digest.fold(cell.digest.value()));
    let completion = Completion {
        replications,
        digest,
        met,
        interrupted,
        missing,
    };
    let ends = match completion.missing.is_empty() {
        true => {
            let is_known = |key: &&String| cells[0].layout.place(key).is_some();
            let measures: Vec<String> = measures.iter().filter(is_known).cloned().collect();
            ends(&cells, &measures, replications, conditions)?
        }
        false => Vec::new(),
    };
    Ok(Swept {
        cells,
        ends,
        completion,
    })
}

/// Reads the rows once more and compares all cells with the two at the ends, pair by pair.
fn ends(
    cells: &[Cell],
    measures: &[String],
    replications: u64,
    conditions: Conditions<'_>,
) -> Result<Vec<Ends>, StudyError> {
    let width = cells.len();
    let place = |measure: &String| {
        cells
            .iter()
            .map(|cell| cell.layout.place(measure))
            .collect()
    };
    let places: Vec<Vec<Option<usize>>> = measures.iter().map(place).collect();
    // The cells at the two ends; the first of equals.
    let extremes = places.iter().map(|places| {
        let means = places.iter().zip(cells).enumerate();
        let means =
            means.filter_map(|(at, (place, cell))| Some((at, cell.intervals[(*place)?].mean?)));
        let means: Vec<(usize, f64)> = means.collect();
        let least = means.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let greatest = means.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some([least.0, greatest.0])
    });
    let extremes: Vec<Option<[usize; 2]>> = extremes.collect();
    let mut samples = vec![[(); 2].map(|()| vec![Sample::default(); width]); measures.len()];
    let mut values = vec![vec![f64::NAN; width]; measures.len()];
    conditions
        .ledger
        .each(0..width as u64 * replications, &mut |number, row| {
            let cell = (number % width as u64) as usize;
            for (values, places) in values.iter_mut().zip(&places) {
                values[cell] = places[cell].map_or(f64::NAN, |place| row.values[place]);
            }
            if cell + 1 < width {
                return;
            }
            for ((samples, values), extremes) in samples.iter_mut().zip(&values).zip(&extremes) {
                for (samples, extreme) in samples.iter_mut().zip(extremes.iter().flatten()) {
                    for (sample, value) in samples.iter_mut().zip(values) {
                        let difference = value - values[*extreme];
                        if !difference.is_nan() {
                            sample.add(difference);
                        }
                    }
                }
            }
        })?;
    let pairs = (width as f64 * (width as f64 - 1.0) / 2.0).max(1.0);
    let confidence = 1.0 - (1.0 - conditions.confidence) / pairs;
    // Cells whose values are in other replications than those of the extreme one cannot be distinguished from it.
    let tied = |samples: &[Sample], measure: &str, extreme: usize| {
        let others = samples.iter().enumerate().filter(|(at, sample)| {
            let is_apart = sample.interval(confidence).holds(0.0) == Some(false);
            *at != extreme && cells[*at].has_value(measure) && !is_apart
        });
        std::iter::once(extreme)
            .chain(others.map(|(at, _)| at))
            .collect()
    };
    let found = measures.iter().zip(&samples).zip(extremes);
    Ok(found
        .map(|((measure, [low, high]), extremes)| Ends {
            measure: measure.clone(),
            least: extremes.map_or(Vec::new(), |[least, _]| tied(low, measure, least)),
            greatest: extremes.map_or(Vec::new(), |[_, greatest]| tied(high, measure, greatest)),
        })
        .collect())
}

/// The cells of a grid while complete replications are added.
struct Grid {
    folds: Vec<Fold>,
    differences: Vec<Vec<Option<Sample>>>,
    /// The index of each measure of each cell among the measures of the first cell.
    in_first: Vec<Vec<Option<usize>>>,
    /// The rows of the replication that is being added.
    row: Vec<Row>,
    replications: u64,
}

impl Grid {
    fn new(layouts: &[Layout]) -> Grid {
        let in_first = |layout: &Layout| {
            let keys = layout.keys().iter();
            let there = keys.map(|key| layouts[0].place(key));
            there.collect::<Vec<Option<usize>>>()
        };
        let in_first: Vec<Vec<Option<usize>>> = layouts.iter().map(in_first).collect();
        let none = |there: &Vec<Option<usize>>| {
            let none = there.iter().map(|at| at.map(|_| Sample::default()));
            none.collect()
        };
        Grid {
            folds: layouts.iter().map(Fold::new).collect(),
            differences: in_first.iter().map(none).collect(),
            in_first,
            row: Vec::with_capacity(layouts.len()),
            replications: 0,
        }
    }

    /// Adds the next cell's row of a replication.
    fn take(&mut self, row: &Row) {
        self.row.push(row.clone());
        if self.row.len() < self.folds.len() {
            return;
        }
        self.replications += 1;
        for (cell, row) in self.row.iter().enumerate() {
            self.folds[cell].take(row);
            let there = self.in_first[cell].iter().zip(&mut self.differences[cell]);
            for ((at, sample), value) in there.zip(&row.values) {
                if let (Some(at), Some(sample)) = (at, sample) {
                    let difference = value - self.row[0].values[*at];
                    if !difference.is_nan() {
                        sample.add(difference);
                    }
                }
            }
        }
        self.row.clear();
    }

    fn cells(self, layouts: Vec<Layout>, confidence: f64) -> Vec<Cell> {
        let found = self.folds.into_iter().zip(self.differences);
        let interval = |sample: Option<Sample>| sample.map(|sample| sample.interval(confidence));
        let cell = |(layout, (fold, differences)): (Layout, (Fold, Vec<Option<Sample>>))| Cell {
            layout,
            replications: fold.rows,
            digest: fold.digest,
            is_one_run: fold.is_one_run(),
            intervals: fold.intervals(confidence),
            differences: differences.into_iter().map(interval).collect(),
        };
        layouts.into_iter().zip(found).map(cell).collect()
    }
}

/// The interval of a measure in a cell, and that of its difference from the first cell's.
#[must_use]
pub fn seen(cell: &Cell, key: &str) -> Option<(Interval, Option<Interval>)> {
    let at = cell.layout.place(key)?;
    Some((cell.intervals[at], cell.differences[at]))
}
