//! Histograms: touching bars over a common axis, with the mean and quantiles marked.

use super::axes::{Plot, plot};
use super::drawing::Hold;
use super::ink::Ink;
use super::pen::Pen;
use super::scale::{Axis, Unit, range, said};
use super::text::{TICK, width, wrapped};
use crate::number::of_them;

/// Bars over neighbouring intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The axis of the values, with their unit.
    pub x: Axis,
    /// The axis of the heights: shares of all values, or counts.
    pub y: Axis,
    /// The bins, in order of value.
    pub bins: Vec<Bin>,
    /// Colour of the bars.
    pub ink: Ink,
    /// Marked values and their labels: a mean, quantiles.
    pub marks: Vec<(f64, String)>,
}

/// The count or share of values from `low` up to but not including `high`; for whole numbers `high`
/// is `low + 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Least value in the bin.
    pub low: f64,
    /// Least value above the bin.
    pub high: f64,
    /// Height of the bar.
    pub height: f64,
    /// Whether all greater values are counted in this bin too.
    pub open: bool,
}

impl Histogram {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let whole = self.x.unit == Unit::Whole;
        // The bar of a whole number is centred on the number.
        let shift = if whole { 0.5 } else { 0.0 };
        let ends = self
            .bins
            .iter()
            .flat_map(|bin| [bin.low - shift, bin.high - shift]);
        let x_range = range(ends);
        let y_range = range(self.bins.iter().map(|bin| bin.height));
        let height = if pen.narrow() { 140.0 } else { 160.0 };
        let axis = self.x.clone().cropped();
        let (mut top, mut y_axis, mut names) = (top, self.y.clone(), Vec::new());
        if let Some((low, high)) = x_range {
            pen.name_axis(top, &y_axis.label);
            y_axis.label.clear();
            names = self.names(pen.frame.width, (low, high));
            let lines = names.iter().map(|name| name.lines.len()).max().unwrap_or(0);
            top += 16.0 + LINE * lines as f64;
        }
        let plot = plot(
            pen,
            (top, height),
            (&axis, x_range),
            (&y_axis, y_range),
            8.0,
        );
        if self.bins.is_empty() {
            let middle = (
                (plot.left() + plot.right()) / 2.0,
                (plot.top() + plot.bottom()) / 2.0,
            );
            pen.faint(middle, Hold::Middle, TICK, "nothing was observed");
            return plot.below;
        }
        let fine = self.bins.len() > 80;
        let mut surfaces = Vec::with_capacity(self.bins.len());
        let mut rest = Vec::new();
        for bin in &self.bins {
            let (left, right) = (plot.x.at(bin.low - shift), plot.x.at(bin.high - shift));
            let gap = if fine { 0.0 } else { 1.0 };
            let (y, bottom) = (plot.y.at(bin.height), plot.bottom());
            let surface = (left, y, (right - left - gap).max(0.5), bottom - y);
            if bin.height > 0.0 {
                match bin.open {
                    true => rest.push(surface),
                    false => surfaces.push(surface),
                }
            }
        }
        self.read(pen, &plot, shift);
        pen.surfaces(&surfaces, self.ink);
        // The last bar also counts all greater values, and therefore looks different.
        pen.surfaces(&rest, Ink::Faint);
        if let (Some(bin), Some(&(x, y, wide, _))) = (self.bins.last(), rest.first()) {
            let label = format!("{} and more", said(bin.low, self.x.unit));
            pen.on_marks((x + wide, y - 5.0), Hold::End, TICK, &label);
        }
        draw_marks(pen, &plot, names);
        plot.below
    }

    /// The names of the marks that lie on the axis, in ascending order of value, each in lines short enough for all
    /// names to stand side by side.
    fn names(&self, width: f64, (low, high): (f64, f64)) -> Vec<Name> {
        let mut marks: Vec<&(f64, String)> = self.marks.iter().collect();
        marks.retain(|mark| mark.0 >= low && mark.0 <= high);
        marks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let room = (width + APART) / marks.len().max(1) as f64 - APART;
        let name = |(value, label): &(f64, String)| Name {
            value: *value,
            lines: wrapped(label, TICK, room),
        };
        marks.into_iter().map(name).collect()
    }

    /// Makes the height of each bar readable.
    fn read(&self, pen: &mut Pen<'_>, plot: &Plot, shift: f64) {
        let value = |value: f64| said(value, self.x.unit);
        let bars = self.bins.iter().map(|bin| {
            let middle = (bin.low + bin.high) / 2.0 - shift;
            let which = match (bin.open, shift > 0.0) {
                (true, _) => format!("{} and more", value(bin.low)),
                (false, true) => value(bin.low),
                (false, false) => format!("{} to {}", value(bin.low), value(bin.high)),
            };
            let height = said(bin.height, self.y.unit);
            (plot.x.at(middle), which, plot.y.at(bin.height), height)
        });
        let bars = bars.collect();
        pen.read_along(&self.x, &plot.x, plot.top());
        pen.read_to(plot.bottom());
        pen.read_bars(&self.y.label, self.ink, bars);
    }

    pub(super) fn says(&self) -> String {
        let most = self
            .bins
            .iter()
            .max_by(|a, b| a.height.total_cmp(&b.height));
        let marks: Vec<&str> = self.marks.iter().map(|(_, label)| label.as_str()).collect();
        let Some(most) = most else {
            return format!("{}: nothing observed.", self.x.label);
        };
        format!(
            "{} in {}; the most, {}, from {} on. {}.",
            self.x.label,
            of_them(self.bins.len() as u64, "interval"),
            said(most.height, self.y.unit),
            said(most.low, self.x.unit),
            marks.join(", ")
        )
    }
}

/// Height of a line of a name, and the gap between two names.
const LINE: f64 = 14.0;
const APART: f64 = 8.0;

/// The name of a mark.
struct Name {
    value: f64,
    lines: Vec<String>,
}

impl Name {
    fn width(&self) -> f64 {
        let widths = self.lines.iter().map(|line| width(line, TICK));
        widths.fold(0.0, f64::max)
    }
}

/// Draws each mark with its name above the plot, clear of bars and other marks. Names are moved only as far as needed
/// to separate them, and a line leads from each to its mark.
fn draw_marks(pen: &mut Pen<'_>, plot: &Plot, names: Vec<Name>) {
    let mut places: Vec<f64> = names.iter().map(|name| plot.x.at(name.value)).collect();
    let mut least = 0.0;
    for (place, name) in places.iter_mut().zip(&names) {
        *place = place.max(least + name.width() / 2.0);
        least = *place + name.width() / 2.0 + APART;
    }
    let mut most = pen.frame.width;
    for (place, name) in places.iter_mut().zip(&names).rev() {
        *place = place.min(most - name.width() / 2.0);
        most = *place - name.width() / 2.0 - APART;
    }
    let below = plot.top() - 10.0;
    for (place, name) in places.into_iter().zip(&names) {
        let at = plot.x.at(name.value);
        pen.mark((place, below), (at, plot.top()));
        pen.mark((at, plot.top()), (at, plot.bottom()));
        for (above, line) in name.lines.iter().rev().enumerate() {
            let y = below - 4.0 - LINE * above as f64;
            pen.label((place, y), Hold::Middle, TICK, line);
        }
    }
}
