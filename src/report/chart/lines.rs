//! Lines over a common axis: a quantity over time, or a measure against the parameter varied. Bands
//! are the intervals around them.

use super::axes::{Plot, plot};
use super::drawing::Hold;
use super::ink::Ink;
use super::listed;
use super::pen::{Pen, Sample};
use super::scale::{Axis, range, said};
use super::text::{TICK, width};
use super::thin::thinned;

/// Lines and the marks beside them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// The axis they run over.
    pub x: Axis,
    /// The axis of their values.
    pub y: Axis,
    /// The lines.
    pub series: Vec<Line>,
    /// Limits and instants for comparison.
    pub marks: Vec<Mark>,
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name, written at its end.
    pub name: String,
    /// Its colour and dashes.
    pub ink: Ink,
    /// Points by rising x; a value that is not finite is a gap.
    pub points: Vec<(f64, f64)>,
    /// For each x, the ends of the interval there.
    pub band: Vec<(f64, f64, f64)>,
    /// Whether a value holds until the next, as a count does.
    pub stepped: bool,
}

/// A value to compare the lines with.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// An instant, or another value on the x axis.
    X(f64, String),
    /// A level on the y axis.
    Y(f64, String),
}

/// Largest number of lines named at their ends; more are named in a legend.
const AT_THE_LINE: usize = 8;

impl Lines {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let names = || self.series.iter().map(|line| width(&line.name, TICK));
        let widest = names().fold(0.0, f64::max);
        let at_the_line = (2..=AT_THE_LINE).contains(&self.series.len())
            && widest + 34.0 < pen.frame.width * 0.28;
        let mut top = top;
        let right = match at_the_line {
            true => widest + 34.0,
            false => 8.0,
        };
        if !at_the_line && self.series.len() > 1 {
            let items = self.series.iter();
            let items: Vec<_> = items
                .map(|line| (line.ink, Sample::Line, line.name.as_str()))
                .collect();
            top = pen.legend(&items, top);
        }
        let height = if pen.narrow() { 160.0 } else { 190.0 };
        let xs = |line: &Line| line.points.iter().map(|point| point.0).collect::<Vec<_>>();
        let ys = |line: &Line| {
            let bands = line.band.iter().flat_map(|&(_, low, high)| [low, high]);
            let points = line.points.iter().map(|point| point.1);
            points.chain(bands).collect::<Vec<_>>()
        };
        let levels = self.marks.iter().filter_map(|mark| match mark {
            Mark::Y(level, _) => Some(*level),
            Mark::X(..) => None,
        });
        let x_range = range(self.series.iter().flat_map(xs));
        let y_range = range(self.series.iter().flat_map(ys).chain(levels));
        let plot = plot(
            pen,
            (top, height),
            (&self.x, x_range),
            (&self.y, y_range),
            right,
        );
        if x_range.is_none() {
            let middle = (
                (plot.left() + plot.right()) / 2.0,
                (plot.top() + plot.bottom()) / 2.0,
            );
            pen.faint(middle, Hold::Middle, TICK, "nothing was observed");
            return plot.below;
        }
        pen.read_along(&self.x, &plot.x, plot.top());
        pen.read_to(plot.bottom());
        self.draw_inside(pen, &plot, at_the_line);
        plot.below
    }

    /// Draws the marks and the lines into a plot, and makes their values readable.
    pub(super) fn draw_inside(&self, pen: &mut Pen<'_>, plot: &Plot, at_the_line: bool) {
        self.draw_marks(pen, plot);
        // Lines listed first are drawn on top.
        for line in self.series.iter().rev() {
            line.draw(pen, plot);
        }
        if at_the_line {
            self.name_lines(pen, plot);
        }
        for line in &self.series {
            let name = match line.name.as_str() {
                "" => &self.y.label,
                name => name,
            };
            pen.read(name, line, plot, self.y.unit);
        }
    }

    fn draw_marks(&self, pen: &mut Pen<'_>, plot: &Plot) {
        for mark in &self.marks {
            match mark {
                Mark::X(x, label) => {
                    let at = plot.x.at(*x);
                    if at < plot.left() || at > plot.right() {
                        continue;
                    }
                    pen.mark((at, plot.top()), (at, plot.bottom()));
                    let middle = (plot.left() + plot.right()) / 2.0;
                    let (hold, by) = match at > middle {
                        true => (Hold::End, -4.0),
                        false => (Hold::Start, 4.0),
                    };
                    pen.on_marks((at + by, plot.top() + 11.0), hold, TICK, label);
                }
                Mark::Y(y, label) => {
                    let at = plot.y.at(*y);
                    pen.mark((plot.left(), at), (plot.right(), at));
                    // Above the line, unless that would be outside the plot.
                    let by = if at - 16.0 < plot.top() { 13.0 } else { -4.0 };
                    pen.on_marks((plot.left() + 6.0, at + by), Hold::Start, TICK, label);
                }
            }
        }
    }

    /// Writes each name at the end of its line, moving names only as far as needed to separate them.
    fn name_lines(&self, pen: &mut Pen<'_>, plot: &Plot) {
        const APART: f64 = 16.0;
        let end = |line: &Line| {
            let seen = line.points.iter().rev().find(|point| point.1.is_finite());
            seen.map_or(plot.bottom(), |point| plot.y.at(point.1))
        };
        let mut places: Vec<(f64, &Line)> =
            self.series.iter().map(|line| (end(line), line)).collect();
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut least = plot.top() + 4.0;
        for (place, _) in &mut places {
            *place = place.max(least);
            least = *place + APART;
        }
        let mut most = plot.bottom();
        for (place, _) in places.iter_mut().rev() {
            *place = place.min(most);
            most = *place - APART;
        }
        for (place, line) in places {
            if line.name.is_empty() {
                continue;
            }
            pen.sample((plot.right() + 6.0, place), line.ink, Sample::Line);
            pen.label(
                (plot.right() + 28.0, place + 4.0),
                Hold::Start,
                TICK,
                &line.name,
            );
        }
    }

    pub(super) fn says(&self) -> String {
        let line = |line: &Line| {
            let points = line.points.iter().filter(|point| point.1.is_finite());
            let value = |value: f64| said(value, self.y.unit);
            let seen = range(points.clone().map(|point| point.1));
            match (points.clone().next(), points.clone().next_back(), seen) {
                (Some(first), Some(last), Some((low, high))) => format!(
                    "{}: from {} to {}, between {} and {}",
                    line.name,
                    value(first.1),
                    value(last.1),
                    value(low),
                    value(high)
                ),
                _ => format!("{}: nothing observed", line.name),
            }
        };
        let over = match self.x.label.as_str() {
            "" => String::new(),
            label => format!(" over {label}"),
        };
        format!(
            "{}{over}. {}.",
            self.y.label,
            listed(self.series.iter().map(line))
        )
    }
}

impl Line {
    fn draw(&self, pen: &mut Pen<'_>, plot: &Plot) {
        // One column for every two units of width, the width of a line: closer points could not be
        // distinguished.
        let columns = ((plot.right() - plot.left()) / 2.0).max(1.0) as usize;
        let side = |pick: fn(&(f64, f64, f64)) -> f64| {
            let points = self.band.iter().map(|point| (point.0, pick(point)));
            let points: Vec<_> = points.filter(|point| point.1.is_finite()).collect();
            let points = thinned(&points, columns);
            points
                .into_iter()
                .map(|point| plot.at(point))
                .collect::<Vec<_>>()
        };
        let mut around = side(|point| point.1);
        around.extend(side(|point| point.2).into_iter().rev());
        pen.band(&around, self.ink);
        for part in self.points.split(|point| !point.1.is_finite()) {
            let places: Vec<_> = thinned(part, columns)
                .into_iter()
                .map(|point| plot.at(point))
                .collect();
            let few = places.len() * 6 <= columns;
            if places.len() == 1 || (few && !self.stepped) {
                for &place in &places {
                    pen.dot(place, 3.0, self.ink);
                }
            }
            match self.stepped && part.len() <= columns {
                true => pen.line(&stairs(&places), self.ink, 1.8),
                false => pen.line(&places, self.ink, 1.8),
            }
        }
    }
}

fn stairs(places: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut stairs = Vec::with_capacity(2 * places.len());
    for pair in places.windows(2) {
        stairs.extend([pair[0], (pair[1].0, pair[0].1)]);
    }
    stairs.extend(places.last());
    stairs
}
