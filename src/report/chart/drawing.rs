//! A drawing: its marks in drawing order, independent of SVG and pixels.

use super::Frame;
use super::ink::{Colour, Ink};
use super::reading::Reading;

/// A point, in units of the frame, from the upper left corner.
pub(super) type Place = (f64, f64);

/// The part of a text that is at its anchor point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Start,
    Middle,
    End,
}

/// The way a text contrasts with the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    Plain,
    Faint,
    /// With an outline [`OUTLINE`] wide in the colour of the paper.
    Outlined,
}

/// Width of a text's outline.
pub(super) const OUTLINE: f64 = 4.0;

/// Opacity of a band.
pub(super) const BAND_OPACITY: f64 = 0.22;

/// The fill of strips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Paint {
    /// The colour and the texture of an ink.
    Ink(Ink),
    /// A colour and its opacity, from 0 to 1.
    Shade(Colour, f64),
}

/// One mark.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    Text {
        at: Place,
        hold: Hold,
        size: f64,
        text: String,
        letters: Letters,
        /// The whole text, if it is shortened.
        whole: Option<String>,
    },
    /// A straight line, one unit wide.
    Rule {
        from: Place,
        to: Place,
        colour: Colour,
        dashes: &'static [f32],
    },
    Line {
        places: Vec<Place>,
        ink: Ink,
        width: f64,
    },
    Band {
        places: Vec<Place>,
        colour: Colour,
    },
    Dot {
        at: Place,
        radius: f64,
        colour: Colour,
    },
    /// Each (x, y, width, height).
    Surfaces {
        surfaces: Vec<(f64, f64, f64, f64)>,
        ink: Ink,
    },
    /// Each (x, middle, width), all of one height.
    Strips {
        strips: Vec<(f64, f64, f64)>,
        height: f64,
        paint: Paint,
    },
}

/// A finished drawing.
#[derive(Clone, Debug)]
pub(super) struct Drawing<'a> {
    pub(super) frame: Frame<'a>,
    /// Title of the chart, as a phrase.
    pub(super) title: String,
    /// Description of the chart, in sentences.
    pub(super) says: String,
    pub(super) height: f64,
    pub(super) marks: Vec<Mark>,
    /// The values that a page shows under the pointer.
    pub(super) reading: Reading,
}
