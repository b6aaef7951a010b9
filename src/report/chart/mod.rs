//! Charts from plain data, as SVG and as PNG: the only module that draws.
//!
//! A [`Chart`] holds the data and their kind; a [`Frame`] gives the size, the theme and the id. The
//! SVG consists of text only: scaled by its `viewBox`, coloured by custom properties of the page
//! (see [`STYLE`]) or by its own colours, with a title and a description for screen readers.
//! Nothing is conveyed by colour alone: marks have textures, lines have dashes and names beside
//! them. There is no script, no style attribute and no external resource. All figures are computed
//! by the callers; a chart only places them.

mod axes;
mod bars;
mod drawing;
mod heat_map;
mod histogram;
mod ink;
mod intervals;
mod lines;
mod panels;
mod pen;
#[cfg(feature = "png")]
mod png;
mod reading;
mod rows;
mod scale;
mod strips;
mod svg;
mod text;
mod thin;

pub use bars::{Bars, Scales, Stacked};
pub use heat_map::HeatMap;
pub use histogram::{Bin, Histogram};
pub use ink::{Ink, STYLE, Theme};
pub use intervals::{Estimate, Intervals};
pub use lines::{Line, Lines, Mark};
pub use panels::{Panel, Panels, Shade};
#[cfg(feature = "png")]
pub use png::PictureError;
pub use reading::{Read, Reading};
pub use scale::{Axis, Unit};
pub use strips::{Span, Strip, Strips};
pub use text::escaped;
pub use thin::Thinned;

use drawing::Drawing;
use pen::Pen;
use std::fmt::Write;

/// A chart with its title.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Title, as a phrase.
    pub title: String,
    /// The data and their kind.
    pub body: Body,
}

/// The kinds of charts.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Lines over a common axis, with bands.
    Lines(Lines),
    /// Several quantities over one axis, in panels.
    Panels(Panels),
    /// Histogram of values.
    Histogram(Histogram),
    /// Stacked bars: wholes divided into parts, one per row.
    Stacked(Stacked),
    /// Amounts side by side, some bars per row.
    Bars(Bars),
    /// States over time, one strip per row.
    Strips(Strips),
    /// Estimates with their intervals, one per row.
    Intervals(Intervals),
    /// A value for each row and column.
    HeatMap(HeatMap),
}

/// The size and style of a chart.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Prefix of every id in the drawing: letters, digits and `-`, unique on its page.
    pub id: &'a str,
    /// The width in units, of which a label is 13 high; the height depends on the content.
    pub width: f64,
    /// The source of the colours.
    pub theme: Theme,
    /// Whether the title is drawn; a page may have it above the drawing instead.
    pub titled: bool,
}

impl Frame<'_> {
    /// Width for a slide or a page of paper.
    pub const SLIDE: f64 = 720.0;
    /// Width for half a screen.
    pub const WIDE: f64 = 500.0;
    /// Width for a telephone.
    pub const NARROW: f64 = 340.0;
    /// Width between a whole and half a screen.
    pub const MIDDLE: f64 = 720.0;
    /// Width for a whole screen.
    pub const BROAD: f64 = 1000.0;
}

impl Chart {
    /// Creates a chart of these data.
    #[must_use]
    pub fn new(title: impl Into<String>, body: Body) -> Chart {
        Chart {
            title: title.into(),
            body,
        }
    }

    /// The chart as an `svg` element.
    #[must_use]
    pub fn svg(&self, frame: &Frame<'_>) -> String {
        self.draw(frame).svg()
    }

    /// The chart as an `svg` element, and its values for display under the pointer.
    #[must_use]
    pub fn svg_and_reading(&self, frame: &Frame<'_>) -> (String, Reading) {
        let drawing = self.draw(frame);
        (drawing.svg(), drawing.reading)
    }

    /// The widths in which a page needs the chart, each with the class of its container; the page shows the one that
    /// fits.
    #[must_use]
    pub fn widths(&self) -> &'static [(&'static str, f64)] {
        match self.is_broad() {
            true => &[
                ("broad", Frame::BROAD),
                ("middle", Frame::MIDDLE),
                ("half", Frame::WIDE),
                ("narrow", Frame::NARROW),
            ],
            false => &[("wide", Frame::WIDE), ("narrow", Frame::NARROW)],
        }
    }

    /// Whether it takes the whole width of a page: charts of the course of a run do.
    #[must_use]
    pub fn is_broad(&self) -> bool {
        matches!(&self.body, Body::Panels(_) | Body::Strips(_))
    }

    /// The chart as PNG, dark on white.
    ///
    /// # Errors
    /// If the picture would be too large.
    #[cfg(feature = "png")]
    pub fn png(&self, frame: &Frame<'_>) -> Result<Vec<u8>, PictureError> {
        self.draw(frame).png()
    }

    fn draw<'a>(&self, frame: &Frame<'a>) -> Drawing<'a> {
        let mut pen = Pen::new(*frame);
        let top = match frame.titled {
            true => pen.title(&self.title),
            false => 0.0,
        };
        let height = match &self.body {
            Body::Lines(lines) => lines.draw(&mut pen, top),
            Body::Panels(panels) => panels.draw(&mut pen, top),
            Body::Histogram(histogram) => histogram.draw(&mut pen, top),
            Body::Stacked(stacked) => stacked.draw(&mut pen, top),
            Body::Bars(bars) => bars.draw(&mut pen, top),
            Body::Strips(strips) => strips.draw(&mut pen, top),
            Body::Intervals(intervals) => intervals.draw(&mut pen, top),
            Body::HeatMap(map) => map.draw(&mut pen, top),
        };
        pen.finish(&self.title, &self.says(), height)
    }

    /// A description of the chart in a few sentences, for readers who cannot see it.
    #[must_use]
    pub fn says(&self) -> String {
        match &self.body {
            Body::Lines(lines) => lines.says(),
            Body::Panels(panels) => panels.says(),
            Body::Histogram(histogram) => histogram.says(),
            Body::Stacked(stacked) => stacked.says(),
            Body::Bars(bars) => bars.says(),
            Body::Strips(strips) => strips.says(),
            Body::Intervals(intervals) => intervals.says(),
            Body::HeatMap(map) => map.says(),
        }
    }
}

/// Largest number of items named in a description, since a screen reader reads them all.
const NAMED: usize = 12;

/// Joins items as `a; b; c; and 3 more`.
fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let all = items.len();
    let mut text = items.take(NAMED).collect::<Vec<_>>().join("; ");
    if all > NAMED {
        let _ = write!(text, "; and {} more", all - NAMED);
    }
    text
}
