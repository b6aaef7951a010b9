//! Heat maps: one cell for each row and column, coloured more strongly the greater its value, with
//! the value written in it if there is space.

use super::drawing::Hold;
use super::ink::Ink;
use super::listed;
use super::pen::Pen;
use super::scale::{Unit, range, said};
use super::text::{TICK, fitted, width};

/// Cells in rows and columns.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Name of the values.
    pub label: String,
    /// Format of the values.
    pub unit: Unit,
    /// Colour of the cells.
    pub ink: Ink,
    /// Name of the column variable, and the column names.
    pub columns: (String, Vec<String>),
    /// Name of the row variable, and the row names.
    pub rows: (String, Vec<String>),
    /// Values by row; a value that is not finite is missing.
    pub values: Vec<Vec<f64>>,
}

/// Number of colour strengths besides the weakest.
const LEVELS: usize = 20;

impl HeatMap {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let seen = range(self.values.iter().flatten().copied());
        let (low, high) = seen.unwrap_or((0.0, 1.0));
        let share = |value: f64| match high > low {
            true => (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
            false => 0.5,
        };
        let mut y = self.scale_bar(pen, top, (low, high));
        let widest = |names: &[String]| {
            let widths = names.iter().map(|name| width(name, TICK));
            widths.fold(0.0, f64::max)
        };
        let left = (widest(&self.rows.1).min(pen.frame.width * 0.3) + 8.0).max(12.0);
        let (across, down) = (self.columns.1.len().max(1), self.rows.1.len().max(1));
        let wide = ((pen.frame.width - left - 2.0) / across as f64).min(160.0);
        let tall = (1600.0 / down as f64).clamp(4.0, 30.0);
        pen.name(
            (0.0, y + TICK),
            Hold::Start,
            TICK,
            pen.frame.width,
            &format!("{} ↓   {} →", self.rows.0, self.columns.0),
        );
        y += 36.0;
        // Column names, if they fit: all of them, or every n-th.
        let every = ((widest(&self.columns.1).min(120.0) + 8.0) / wide)
            .ceil()
            .max(1.0) as usize;
        for (at, name) in self.columns.1.iter().enumerate().step_by(every) {
            let middle = (left + wide * (at as f64 + 0.5)).max(left);
            let room = wide * every as f64;
            let shown = fitted(name, TICK, room.min(pen.frame.width - left));
            let half = width(&shown, TICK) / 2.0;
            let middle = middle.min(pen.frame.width - half).max(half);
            pen.faint((middle, y - 6.0), Hold::Middle, TICK, &shown);
        }
        // Cells of one strength are one mark; their values are drawn on top.
        let gap = if tall > 8.0 && wide > 8.0 { 1.5 } else { 0.0 };
        let (mut cells, mut labels) = (vec![Vec::new(); LEVELS + 1], Vec::new());
        let often = (14.0 / tall).ceil().max(1.0) as usize;
        for (row, name) in self.rows.1.iter().enumerate() {
            let top = y + tall * row as f64;
            if row.is_multiple_of(often) {
                pen.name(
                    (left - 8.0, top + tall / 2.0 + 4.0),
                    Hold::End,
                    TICK,
                    left - 8.0,
                    name,
                );
            }
            let values = self.values.get(row).map_or(&[][..], Vec::as_slice);
            for (at, &value) in values.iter().enumerate().take(across) {
                let (x, label) = (left + wide * at as f64, said(value, self.unit));
                if !value.is_finite() {
                    continue;
                }
                let level = (share(value) * LEVELS as f64).round() as usize;
                cells[level.min(LEVELS)].push((x, top + (tall - gap) / 2.0, wide - gap));
                if tall >= 16.0 && width(&label, TICK) + 6.0 < wide {
                    let middle = (x + wide / 2.0, top + tall / 2.0 + 3.5);
                    labels.push((middle, label));
                }
            }
        }
        for (level, cells) in cells.iter().enumerate() {
            let share = level as f64 / LEVELS as f64;
            pen.shades(cells, tall - gap, (self.ink, share));
        }
        for (middle, label) in labels {
            pen.on_marks(middle, Hold::Middle, TICK, &label);
        }
        y + tall * down as f64 + 6.0
    }

    /// Draws the legend: the values of the weakest and the strongest colour.
    fn scale_bar(&self, pen: &mut Pen<'_>, top: f64, (low, high): (f64, f64)) -> f64 {
        const STEPS: usize = 6;
        let y = top + 13.0;
        let low = format!("{} {}", self.label, said(low, self.unit));
        let low = fitted(&low, TICK, pen.frame.width * 0.5);
        pen.label((0.0, y), Hold::Start, TICK, &low);
        let from = width(&low, TICK) + 8.0;
        for step in 0..STEPS {
            let cell = (from + 16.0 * step as f64, y - 4.5, 16.0);
            let share = step as f64 / (STEPS - 1) as f64;
            pen.shades(&[cell], 13.0, (self.ink, share));
        }
        let end = from + 16.0 * STEPS as f64 + 8.0;
        pen.label((end, y), Hold::Start, TICK, &said(high, self.unit));
        y + 10.0
    }

    pub(super) fn says(&self) -> String {
        let mut cells = Vec::new();
        for (row, values) in self.rows.1.iter().zip(&self.values) {
            for (column, &value) in self.columns.1.iter().zip(values) {
                if value.is_finite() {
                    cells.push((
                        value,
                        format!("{row}, {column}: {}", said(value, self.unit)),
                    ));
                }
            }
        }
        cells.sort_by(|a, b| a.0.total_cmp(&b.0));
        let order = format!("{} by {} and {}", self.label, self.rows.0, self.columns.0);
        let cells = cells.into_iter().map(|(_, cell)| cell);
        format!("{order}, the least first. {}.", listed(cells))
    }
}
