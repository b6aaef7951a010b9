//! Charts from plain data, as SVG and as PNG: the only place where anything is drawn.
//!
//! A [`Chart`] says what it shows; a [`Frame`] says how large, in which theme, and under which id. The
//! SVG is text all through: scaled by its `viewBox`, coloured by custom properties of the page (see
//! [`STYLE`]) or by its own, with a title and a description for those who do not see it. Nothing is
//! told by colour alone: marks have textures, lines have dashes and their names beside them. No script,
//! no style attribute, nothing from elsewhere. Whoever has the data computes the figures; here they are
//! only placed.

mod axes;
mod bars;
mod drawing;
mod heat_map;
mod histogram;
mod ink;
mod intervals;
mod lines;
mod pen;
#[cfg(feature = "png")]
mod png;
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
#[cfg(feature = "png")]
pub use png::PictureError;
pub use scale::{Axis, Unit};
pub use strips::{Span, Strip, Strips};
pub use text::escaped;
pub use thin::Thinned;

use drawing::Drawing;
use pen::Pen;
use std::fmt::Write;

/// What is shown, under a title that says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows, as a phrase.
    pub title: String,
    /// The data and their kind.
    pub body: Body,
}

/// The kinds of charts.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Lines over a common axis, with bands.
    Lines(Lines),
    /// How often values fall where.
    Histogram(Histogram),
    /// What a whole is made of, a bar a row.
    Stacked(Stacked),
    /// Amounts side by side, some bars a row.
    Bars(Bars),
    /// Who was in which state when, a strip a row.
    Strips(Strips),
    /// Estimates with their intervals, a dot a row.
    Intervals(Intervals),
    /// A value for every two of two lists.
    HeatMap(HeatMap),
}

/// How a chart is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Begins every id in the drawing: letters, digits and `-`, unlike any other on the page.
    pub id: &'a str,
    /// The width in units, of which a label is 13 high; the height follows from what is drawn.
    pub width: f64,
    /// Where colours come from.
    pub theme: Theme,
    /// Whether the title is drawn; on a page it may stand above the drawing instead.
    pub titled: bool,
}

impl Frame<'_> {
    /// The width for half a screen or a page of paper.
    pub const WIDE: f64 = 720.0;
    /// The width for a telephone or a column.
    pub const NARROW: f64 = 400.0;
}

impl Chart {
    /// A chart of these data.
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

    /// The chart as PNG, dark on white.
    ///
    /// # Errors
    /// If it is too large for a picture.
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
            Body::Histogram(histogram) => histogram.draw(&mut pen, top),
            Body::Stacked(stacked) => stacked.draw(&mut pen, top),
            Body::Bars(bars) => bars.draw(&mut pen, top),
            Body::Strips(strips) => strips.draw(&mut pen, top),
            Body::Intervals(intervals) => intervals.draw(&mut pen, top),
            Body::HeatMap(map) => map.draw(&mut pen, top),
        };
        pen.finish(&self.title, &self.says(), height)
    }

    /// What the chart shows, in a sentence or a few: for those who do not see it.
    #[must_use]
    pub fn says(&self) -> String {
        match &self.body {
            Body::Lines(lines) => lines.says(),
            Body::Histogram(histogram) => histogram.says(),
            Body::Stacked(stacked) => stacked.says(),
            Body::Bars(bars) => bars.says(),
            Body::Strips(strips) => strips.says(),
            Body::Intervals(intervals) => intervals.says(),
            Body::HeatMap(map) => map.says(),
        }
    }
}

/// The most items a description names: a screen reader reads them all.
const NAMED: usize = 12;

/// `a; b; c; and 3 more`.
fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let all = items.len();
    let mut text = items.take(NAMED).collect::<Vec<_>>().join("; ");
    if all > NAMED {
        let _ = write!(text, "; and {} more", all - NAMED);
    }
    text
}
