//! The values of a chart by their places, in words: what a page shows for the place under the pointer.

use super::axes::Plot;
use super::ink::{Ink, Theme};
use super::lines::Line;
use super::scale::{Axis, Scale, Unit, said};
use serde::Serialize;

/// The values of a chart, by their places in its drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reading {
    /// Left and right end of the axis.
    pub ends: (f64, f64),
    /// Top of the area in which values are read.
    pub top: f64,
    /// Bottom of it.
    pub bottom: f64,
    /// Places along the axis, from the left, and their names.
    pub along: Vec<(f64, String)>,
    /// The quantities.
    pub series: Vec<Read>,
    #[serde(skip)]
    axis: Axis,
}

/// The values of one quantity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Read {
    /// Its name.
    pub name: String,
    /// Its colour, for the style of a page.
    pub colour: &'static str,
    /// Whether a value holds until the next.
    pub stepped: bool,
    /// Place along the axis, height, and the value in words.
    pub points: Vec<(f64, f64, String)>,
}

impl Reading {
    /// Whether nothing can be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    pub(super) fn begin(&mut self, axis: &Axis, x: &Scale, top: f64) {
        self.axis = axis.clone();
        self.ends = x.places;
        self.top = top;
    }

    pub(super) fn take(&mut self, name: &str, line: &Line, plot: &Plot, unit: Unit) {
        let inside = |at: f64| at >= self.ends.0 - 0.5 && at <= self.ends.1 + 0.5;
        let points = line.points.iter().filter(|point| point.1.is_finite());
        let points = points.map(|&(x, y)| (plot.x.at(x), plot.y.at(y), said(y, unit)));
        let points: Vec<_> = points.filter(|point| inside(point.0)).collect();
        if points.len() > self.along.len() {
            let along = line.points.iter().map(|&(x, _)| {
                let text = match (&self.axis.unit, self.axis.label.as_str()) {
                    (Unit::TimeOfDay(_), _) | (_, "") => said(x, self.axis.unit),
                    (_, label) => format!("{label} {}", said(x, self.axis.unit)),
                };
                (plot.x.at(x), text)
            });
            self.along = along.filter(|place| inside(place.0)).collect();
        }
        self.series.push(Read {
            name: name.to_owned(),
            colour: line.ink.colour().of(Theme::Page),
            stepped: line.stepped,
            points,
        });
    }

    pub(super) fn bars(&mut self, name: &str, ink: Ink, bars: Vec<(f64, String, f64, String)>) {
        let label = &self.axis.label;
        let along = bars.iter();
        self.along = along
            .map(|(x, which, ..)| (*x, format!("{which} {label}")))
            .collect();
        self.series.push(Read {
            name: name.to_owned(),
            colour: ink.colour().of(Theme::Page),
            stepped: false,
            points: bars
                .into_iter()
                .map(|(x, _, y, text)| (x, y, text))
                .collect(),
        });
    }
}
