//! Horizontal bars in rows: a whole divided into parts, or amounts side by side.

use super::axes::x_axis_below;
use super::drawing::Hold;
use super::ink::Ink;
use super::listed;
use super::pen::{Pen, Sample};
use super::rows::Rows;
use super::scale::{Axis, Unit, range, said};
use super::text::{TICK, fitted, width};

/// Wholes divided into parts, one stacked bar per row.
#[derive(Clone, Debug, PartialEq)]
pub struct Stacked {
    /// The axis of the lengths.
    pub axis: Axis,
    /// The parts, in the order in which they are stacked.
    pub parts: Vec<(String, Ink)>,
    /// The name and the length of each part.
    pub rows: Vec<(String, Vec<f64>)>,
}

/// Amounts side by side: in every row one bar per series, with its value at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// Name, ink and unit of each series.
    pub series: Vec<(String, Ink, Unit)>,
    /// The name of a row, and a value for each series; a value that is not finite is missing.
    pub rows: Vec<(String, Vec<f64>)>,
    /// Whether the series share one scale.
    pub scales: Scales,
}

/// The scaling of the series of [`Bars`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scales {
    /// One scale for all; the bars of a row are below one another.
    Shared,
    /// A scale and a panel for each series.
    Own,
}

impl Stacked {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let parts = self.parts.iter();
        let parts: Vec<_> = parts
            .map(|(name, ink)| (*ink, Sample::Surface, name.as_str()))
            .collect();
        let top = pen.legend(&parts, top) + 4.0;
        let names = self.rows.iter().map(|(name, _)| name.as_str());
        let rows = Rows::new(pen, names, top, 20.0);
        let bottom = rows.bottom(self.rows.len()) + 2.0;
        let sums = self.rows.iter().map(|(_, lengths)| sum(lengths));
        let seen = range(sums);
        let (x, below) = x_axis_below(pen, (&self.axis, seen), (rows.left, 8.0), (top, bottom));
        // The parts of all rows, by ink: one mark each.
        let mut surfaces = vec![Vec::new(); self.parts.len()];
        let mut labels = Vec::new();
        for (row, (name, lengths)) in self.rows.iter().enumerate() {
            rows.name(pen, row, name);
            let mut from = 0.0;
            for (part, &length) in lengths.iter().enumerate().take(self.parts.len()) {
                if !length.is_finite() || length <= 0.0 {
                    continue;
                }
                let (left, right) = (x.at(from), x.at(from + length));
                from += length;
                surfaces[part].push((left, rows.y(row), right - left, rows.bar));
                let label = said(length, self.axis.unit);
                if rows.bar >= 14.0 && width(&label, TICK) + 10.0 < right - left {
                    labels.push((
                        (left + right) / 2.0,
                        rows.y(row) + rows.bar / 2.0 + 4.0,
                        label,
                    ));
                }
            }
        }
        for ((_, ink), surfaces) in self.parts.iter().zip(&surfaces) {
            pen.surfaces(surfaces, *ink);
        }
        for (x, y, label) in labels {
            pen.on_marks((x, y), Hold::Middle, TICK, &label);
        }
        below
    }

    pub(super) fn says(&self) -> String {
        let row = |(name, lengths): &(String, Vec<f64>)| {
            let parts = self.parts.iter().zip(lengths);
            let parts = parts
                .map(|((part, _), &length)| format!("{part} {}", said(length, self.axis.unit)));
            format!("{name}: {}", parts.collect::<Vec<_>>().join(", "))
        };
        format!("{}.", listed(self.rows.iter().map(row)))
    }
}

fn sum(lengths: &[f64]) -> f64 {
    let real = lengths.iter().filter(|length| length.is_finite());
    real.map(|length| length.max(0.0)).sum()
}

impl Bars {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        match self.scales {
            Scales::Shared => self.draw_shared(pen, top),
            Scales::Own => self.draw_panels(pen, top),
        }
    }

    fn greatest(&self, series: usize) -> f64 {
        let values = self
            .rows
            .iter()
            .filter_map(|(_, values)| values.get(series));
        values
            .copied()
            .filter(|value| value.is_finite())
            .fold(0.0, f64::max)
    }

    /// Width of the widest value label of a series.
    fn widest(&self, series: usize) -> f64 {
        let (_, _, unit) = &self.series[series];
        let values = self
            .rows
            .iter()
            .filter_map(|(_, values)| values.get(series));
        values
            .map(|&value| width(&said(value, *unit), TICK))
            .fold(0.0, f64::max)
    }

    fn draw_shared(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let count = self.series.len().max(1);
        let mut top = top;
        if count > 1 {
            let series = self.series.iter();
            let items: Vec<_> = series
                .map(|(name, ink, _)| (*ink, Sample::Surface, name.as_str()))
                .collect();
            top = pen.legend(&items, top) + 4.0;
        }
        let names = self.rows.iter().map(|(name, _)| name.as_str());
        let rows = Rows::new(pen, names, top, 16.0 * count as f64);
        let widest = (0..self.series.len())
            .map(|at| self.widest(at))
            .fold(0.0, f64::max);
        let most = (0..self.series.len())
            .map(|at| self.greatest(at))
            .fold(0.0, f64::max);
        let room = (pen.frame.width - rows.left - widest - 8.0).max(20.0);
        let thick = rows.bar / count as f64;
        let bottom = rows.bottom(self.rows.len());
        // Names may stand above their bars, over the axis.
        pen.axis((rows.left, top), (rows.left, bottom));
        for (row, (name, values)) in self.rows.iter().enumerate() {
            rows.name(pen, row, name);
            for (at, ((_, ink, unit), &value)) in self.series.iter().zip(values).enumerate() {
                let y = rows.y(row) + thick * at as f64;
                bar(
                    pen,
                    (rows.left, y, room, thick - 1.0),
                    (value, most),
                    (*ink, *unit),
                );
            }
        }
        bottom + 4.0
    }

    fn draw_panels(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let count = self.series.len().max(1) as f64;
        let head = top + 20.0;
        let names = self.rows.iter().map(|(name, _)| name.as_str());
        let rows = Rows::new(pen, names, head, 16.0);
        let bottom = rows.bottom(self.rows.len());
        let panel = (pen.frame.width - rows.left) / count;
        for (at, (name, ink, unit)) in self.series.iter().enumerate() {
            let left = rows.left + panel * at as f64;
            let shown = fitted(name, TICK, panel - 10.0);
            pen.label((left, top + TICK), Hold::Start, TICK, &shown);
            let room = (panel - self.widest(at) - 16.0).max(8.0);
            let most = self.greatest(at);
            for (row, (_, values)) in self.rows.iter().enumerate() {
                let value = values.get(at).copied().unwrap_or(f64::NAN);
                bar(
                    pen,
                    (left, rows.y(row), room, rows.bar),
                    (value, most),
                    (*ink, *unit),
                );
            }
            pen.axis((left, head), (left, bottom));
        }
        for (row, (name, _)) in self.rows.iter().enumerate() {
            rows.name(pen, row, name);
        }
        bottom + 4.0
    }

    pub(super) fn says(&self) -> String {
        let row = |(name, values): &(String, Vec<f64>)| {
            let values = self.series.iter().zip(values);
            let values = values.map(|((series, _, unit), &value)| match value.is_finite() {
                true => format!("{series} {}", said(value, *unit)),
                false => format!("{series} not observed"),
            });
            format!("{name}: {}", values.collect::<Vec<_>>().join(", "))
        };
        format!("{}.", listed(self.rows.iter().map(row)))
    }
}

/// Draws a bar from the left, with its value at its end if rows are high enough to read it.
fn bar(
    pen: &mut Pen<'_>,
    (left, y, room, thick): (f64, f64, f64, f64),
    (value, most): (f64, f64),
    (ink, unit): (Ink, Unit),
) {
    let thick = thick.max(1.0);
    if !value.is_finite() {
        return;
    }
    let length = if most > 0.0 {
        (value / most).clamp(0.0, 1.0) * room
    } else {
        0.0
    };
    if length > 0.0 {
        pen.surfaces(&[(left, y, length.max(0.5), thick)], ink);
    }
    if thick >= 10.0 {
        let at = (left + length + 5.0, y + thick / 2.0 + 4.0);
        pen.label(at, Hold::Start, TICK, &said(value, unit));
    }
}
