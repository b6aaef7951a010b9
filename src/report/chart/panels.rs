//! Several quantities over one common axis, in panels below one another; periods are shaded across all.

use super::axes::{Plot, grid_across, labels_below, x_scale};
use super::drawing::Hold;
use super::ink::Ink;
use super::lines::{Line, Lines, Mark};
use super::listed;
use super::pen::{Pen, Sample};
use super::scale::{Axis, Scale, Ticks, range};
use super::text::{TICK, width};

/// Panels over one common axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panels {
    /// The axis they share.
    pub x: Axis,
    /// The panels, from above.
    pub panels: Vec<Panel>,
    /// Periods that are shaded in all panels.
    pub shades: Vec<Shade>,
    /// The meaning of the shading.
    pub shaded: String,
}

/// One panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The axis of its values; its label is the panel's title.
    pub y: Axis,
    /// Its lines.
    pub series: Vec<Line>,
    /// Levels for comparison.
    pub marks: Vec<Mark>,
}

/// A shaded period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shade {
    /// Its start.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// Its strength, from 0 to 1.
    pub share: f64,
}

/// Number of strengths of shades: periods of one strength are one mark.
const STRENGTHS: f64 = 8.0;

/// The strength of a shade whose share is 1.
const STRONGEST: f64 = 0.45;

impl Panels {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let height = if pen.narrow() { 64.0 } else { 76.0 };
        let ticks: Vec<Ticks> = self
            .panels
            .iter()
            .map(|panel| Ticks::new(&panel.y, panel.range(), height / 30.0, true))
            .collect();
        let labels = ticks.iter().flat_map(|ticks| &ticks.marks);
        let left = labels.map(|(_, label)| width(label, TICK));
        let left = left.fold(0.0, f64::max) + 8.0;
        let names = self.panels.iter().flat_map(|panel| &panel.series);
        let widest = names
            .map(|line| width(&line.name, TICK))
            .fold(0.0, f64::max);
        let at_the_line = !pen.narrow() && widest + 34.0 < pen.frame.width * 0.28;
        let right = if at_the_line { widest + 34.0 } else { 8.0 };
        let xs = self.panels.iter().flat_map(|panel| &panel.series);
        let xs = range(xs.flat_map(|line| line.points.iter().map(|point| point.0)));
        let (x, x_ticks) = x_scale(pen, (&self.x, xs), (left, right));
        let mut top = match self.shades.is_empty() {
            true => top,
            false => {
                pen.shades(&[(0.0, top + 9.0, 18.0)], 12.0, (Ink::Down, STRONGEST));
                pen.name(
                    (24.0, top + 13.0),
                    Hold::Start,
                    TICK,
                    pen.frame.width - 24.0,
                    &self.shaded,
                );
                top + 23.0
            }
        };
        pen.read_along(&self.x, &x, top);
        for (panel, ticks) in self.panels.iter().zip(&ticks) {
            let room = pen.frame.width;
            pen.name((0.0, top + TICK), Hold::Start, TICK, room, &panel.y.label);
            top += 22.0;
            if !at_the_line && panel.series.len() > 1 {
                let items = panel.series.iter();
                let items: Vec<_> = items
                    .map(|line| (line.ink, Sample::Line, line.name.as_str()))
                    .collect();
                top = pen.legend(&items, top - 4.0);
            }
            let bottom = top + height;
            let y = Scale {
                low: ticks.low,
                high: ticks.high,
                places: (bottom, top),
            };
            let plot = Plot {
                x,
                y,
                below: bottom,
            };
            self.shade(pen, &plot);
            grid_across(pen, (&x, &x_ticks), (top, bottom));
            panel.draw(pen, &plot, ticks, at_the_line);
            top = bottom + 12.0;
        }
        let bottom = top - 12.0;
        pen.read_to(bottom);
        labels_below(pen, (&self.x, &x, &x_ticks), bottom)
    }

    fn shade(&self, pen: &mut Pen<'_>, plot: &Plot) {
        let mut strengths = vec![Vec::new(); STRENGTHS as usize + 1];
        let middle = (plot.top() + plot.bottom()) / 2.0;
        for shade in &self.shades {
            let (from, to) = (plot.x.at(shade.from), plot.x.at(shade.to));
            let (from, to) = (from.max(plot.left()), to.min(plot.right()));
            let strength = (shade.share.clamp(0.0, 1.0) * STRENGTHS).ceil();
            if strength > 0.0 && to > from {
                strengths[strength as usize].push((from, middle, to - from));
            }
        }
        for (strength, cells) in strengths.iter().enumerate() {
            let share = STRONGEST * strength as f64 / STRENGTHS;
            pen.shades(cells, plot.bottom() - plot.top(), (Ink::Down, share));
        }
    }

    pub(super) fn says(&self) -> String {
        let panel = |panel: &Panel| {
            let lines = Lines {
                y: panel.y.clone(),
                series: panel.series.clone(),
                ..Lines::default()
            };
            lines.says().trim_end_matches('.').to_owned()
        };
        let over = match self.x.label.as_str() {
            "" => String::new(),
            label => format!("Over {label}. "),
        };
        format!("{over}{}.", listed(self.panels.iter().map(panel)))
    }
}

impl Panel {
    fn range(&self) -> Option<(f64, f64)> {
        let bands = self.series.iter().flat_map(|line| &line.band);
        let bands = bands.flat_map(|&(_, low, high)| [low, high]);
        let points = self.series.iter().flat_map(|line| &line.points);
        let levels = self.marks.iter().filter_map(|mark| match mark {
            Mark::Y(level, _) => Some(*level),
            Mark::X(..) => None,
        });
        range(points.map(|point| point.1).chain(bands).chain(levels))
    }

    fn draw(&self, pen: &mut Pen<'_>, plot: &Plot, ticks: &Ticks, at_the_line: bool) {
        for (value, label) in &ticks.marks {
            let at = plot.y.at(*value);
            pen.grid((plot.left(), at), (plot.right(), at));
            pen.faint((plot.left() - 6.0, at + 4.0), Hold::End, TICK, label);
        }
        let bottom = plot.bottom();
        pen.axis((plot.left(), bottom), (plot.right(), bottom));
        let lines = Lines {
            y: self.y.clone(),
            series: self.series.clone(),
            marks: self.marks.clone(),
            ..Lines::default()
        };
        lines.draw_inside(pen, plot, at_the_line);
    }
}
