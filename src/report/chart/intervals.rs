//! Estimates with their intervals: one dot and bar per row, over a common axis.

use super::axes::x_axis_below;
use super::drawing::Hold;
use super::ink::Ink;
use super::listed;
use super::pen::Pen;
use super::rows::Rows;
use super::scale::{Axis, range, said};
use super::text::{TICK, width};

/// Estimates over a common axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// The axis of the estimated quantity.
    pub axis: Axis,
    /// The estimates, one per row.
    pub rows: Vec<Estimate>,
    /// A value to compare with, and its label.
    pub mark: Option<(f64, String)>,
}

/// An estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Name of the row.
    pub name: String,
    /// Point estimate.
    pub mean: f64,
    /// Interval, if there is one.
    pub interval: Option<(f64, f64)>,
    /// Colour of the row.
    pub ink: Ink,
    /// Text beside the row, saying what the ink means.
    pub note: String,
}

impl Intervals {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let notes = self.rows.iter().map(|row| width(&row.note, TICK));
        let right = match notes.fold(0.0, f64::max) {
            0.0 => 8.0,
            widest => (widest + 12.0).min(pen.frame.width * 0.3),
        };
        let top = if self.mark.is_some() {
            top + 20.0
        } else {
            top + 4.0
        };
        let rows = Rows::new(
            pen,
            self.rows.iter().map(|row| row.name.as_str()),
            top,
            14.0,
        );
        let bottom = rows.bottom(self.rows.len()) + 2.0;
        let ends = self.rows.iter().flat_map(|row| {
            let (low, high) = row.interval.unwrap_or((row.mean, row.mean));
            [row.mean, low, high]
        });
        let seen = range(ends.chain(self.mark.iter().map(|mark| mark.0)));
        // A small margin, so that no dot is on the edge.
        let seen = seen.map(|(low, high)| match self.axis.cropped {
            true => (low - 0.04 * (high - low), high + 0.04 * (high - low)),
            false => (low, high),
        });
        let left = rows.left + 6.0;
        let (x, below) = x_axis_below(pen, (&self.axis, seen), (left, right), (top, bottom));
        if let Some((value, label)) = &self.mark {
            let at = x.at(*value);
            pen.mark((at, top - 4.0), (at, bottom));
            let wide = width(label, TICK);
            let from = (at - wide / 2.0).clamp(0.0, (pen.frame.width - wide).max(0.0));
            pen.label((from, top - 8.0), Hold::Start, TICK, label);
        }
        for (at, row) in self.rows.iter().enumerate() {
            rows.name(pen, at, &row.name);
            let y = rows.y(at) + rows.bar / 2.0;
            if let Some((low, high)) = row.interval {
                let (from, to) = (x.at(low), x.at(high));
                pen.line(&[(from, y), (to, y)], plain(row.ink), 2.0);
                let tick = (rows.bar / 3.0).min(4.0);
                for end in [from, to] {
                    pen.line(&[(end, y - tick), (end, y + tick)], plain(row.ink), 1.4);
                }
            }
            if row.mean.is_finite() {
                pen.dot(
                    (x.at(row.mean), y),
                    (rows.bar / 3.0).clamp(1.5, 4.0),
                    row.ink,
                );
            }
            if !row.note.is_empty() && rows.bar >= 9.0 {
                pen.name(
                    (pen.frame.width - right + 8.0, y + 4.0),
                    Hold::Start,
                    TICK,
                    right - 8.0,
                    &row.note,
                );
            }
        }
        below
    }

    pub(super) fn says(&self) -> String {
        let unit = self.axis.unit;
        let row = |row: &Estimate| {
            let interval = row.interval.map_or(String::new(), |(low, high)| {
                format!(", between {} and {}", said(low, unit), said(high, unit))
            });
            let note = match row.note.as_str() {
                "" => String::new(),
                note => format!(" ({note})"),
            };
            format!("{}: {}{interval}{note}", row.name, said(row.mean, unit))
        };
        format!(
            "{}. {}.",
            self.axis.label,
            listed(self.rows.iter().map(row))
        )
    }
}

/// The ink of an interval's bar, which is never dashed, since its ends matter.
fn plain(ink: Ink) -> Ink {
    match ink {
        Ink::Series(_) => Ink::Busy,
        Ink::Failed | Ink::Rejected | Ink::Abandoned | Ink::Down | Ink::Blocked => Ink::Faint,
        ink => ink,
    }
}
