//! The frame of a plot: its grid, its ticks, and the axis labels with their units.

use super::drawing::Hold;
use super::pen::Pen;
use super::scale::{Axis, Scale, Ticks};
use super::text::{TICK, width};

/// The scales of a plot's axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) x: Scale,
    pub(super) y: Scale,
    /// The y at which free space begins, below the plot and its labels.
    pub(super) below: f64,
}

impl Plot {
    pub(super) fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.at(x), self.y.at(y))
    }

    pub(super) fn left(&self) -> f64 {
        self.x.places.0
    }

    pub(super) fn right(&self) -> f64 {
        self.x.places.1
    }

    pub(super) fn bottom(&self) -> f64 {
        self.y.places.0
    }

    pub(super) fn top(&self) -> f64 {
        self.y.places.1
    }
}

/// An axis and the range of its values.
pub(super) type Ranged<'a> = (&'a Axis, Option<(f64, f64)>);

/// Draws the frame of a plot of this height, leaving `right` units free on its right.
pub(super) fn plot(
    pen: &mut Pen<'_>,
    (top, height): (f64, f64),
    (x_axis, x_range): Ranged<'_>,
    (y_axis, y_range): Ranged<'_>,
    right: f64,
) -> Plot {
    let y_ticks = Ticks::new(y_axis, y_range, height / 42.0, true);
    let widest = widest(&y_ticks);
    let left = widest + 8.0;
    let mut top = top;
    if !y_axis.label.is_empty() {
        pen.name_axis(top, &y_axis.label);
        top += 24.0;
    } else {
        top += 8.0;
    }
    let bottom = top + height;
    let y = Scale {
        low: y_ticks.low,
        high: y_ticks.high,
        places: (bottom, top),
    };
    let (x, below) = x_axis_below(pen, (x_axis, x_range), (left, right), (top, bottom));
    for (value, label) in &y_ticks.marks {
        let at = y.at(*value);
        pen.grid((left, at), (x.places.1, at));
        pen.faint((left - 6.0, at + 4.0), Hold::End, TICK, label);
    }
    pen.axis((left, bottom), (x.places.1, bottom));
    Plot { x, y, below }
}

fn widest(ticks: &Ticks) -> f64 {
    let widths = ticks.marks.iter().map(|(_, label)| width(label, TICK));
    widths.fold(0.0, f64::max)
}

/// Draws an x axis below the area between `top` and `bottom`: grid lines, ticks and the label.
/// Returns the scale and the y at which free space begins below.
pub(super) fn x_axis_below(
    pen: &mut Pen<'_>,
    ranged: Ranged<'_>,
    sides: (f64, f64),
    (top, bottom): (f64, f64),
) -> (Scale, f64) {
    let (x, ticks) = x_scale(pen, ranged, sides);
    grid_across(pen, (&x, &ticks), (top, bottom));
    let below = labels_below(pen, (ranged.0, &x, &ticks), bottom);
    (x, below)
}

/// The scale and the ticks of an x axis that leaves these widths free on its sides.
pub(super) fn x_scale(
    pen: &Pen<'_>,
    (axis, range): Ranged<'_>,
    (left, right): (f64, f64),
) -> (Scale, Ticks) {
    let room = (pen.frame.width - left - right).max(40.0);
    // Fewer ticks if their labels are wide, so that none overlaps the next.
    let mut most = (room / 64.0).clamp(2.0, 10.0);
    let mut ticks = Ticks::new(axis, range, most, false);
    while most > 1.0 && (widest(&ticks) + 14.0) * ticks.marks.len() as f64 > room {
        most -= 1.0;
        ticks = Ticks::new(axis, range, most, false);
    }
    let half = ticks
        .marks
        .last()
        .map_or(0.0, |(_, label)| width(label, TICK) / 2.0);
    let end = pen.frame.width - right.max(half.min(40.0));
    let x = Scale {
        low: ticks.low,
        high: ticks.high,
        places: (left, end),
    };
    (x, ticks)
}

/// Draws the grid lines of an x axis between `top` and `bottom`.
pub(super) fn grid_across(
    pen: &mut Pen<'_>,
    (x, ticks): (&Scale, &Ticks),
    (top, bottom): (f64, f64),
) {
    for (value, _) in &ticks.marks {
        let at = x.at(*value);
        pen.grid((at, top), (at, bottom));
    }
}

/// Writes the ticks and the label of an x axis below `bottom`; returns the y at which free space begins.
pub(super) fn labels_below(
    pen: &mut Pen<'_>,
    (axis, x, ticks): (&Axis, &Scale, &Ticks),
    bottom: f64,
) -> f64 {
    for (value, label) in &ticks.marks {
        pen.faint((x.at(*value), bottom + 17.0), Hold::Middle, TICK, label);
    }
    if axis.label.is_empty() {
        return bottom + 24.0;
    }
    let at = ((x.places.0 + x.places.1) / 2.0, bottom + 34.0);
    pen.name(at, Hold::Middle, TICK, pen.frame.width, &axis.label);
    bottom + 42.0
}
