//! A drawing: its marks in the order in which they are drawn, as yet neither SVG nor pixels.

use super::Frame;
use super::ink::{Colour, Ink};

/// A place, in units of the frame, from the upper left corner.
pub(super) type Place = (f64, f64);

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Start,
    Middle,
    End,
}

/// How a text stands out from what is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    Plain,
    Faint,
    /// With an outline in the colour of the paper, [`OUTLINE`] wide.
    Outlined,
}

/// How wide the outline of a text is.
pub(super) const OUTLINE: f64 = 3.0;

/// How much of a band covers what is behind it.
pub(super) const BAND_OPACITY: f64 = 0.22;

/// What fills strips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Paint {
    /// The colour and the texture of an ink.
    Ink(Ink),
    /// A colour that covers what is behind it in part, from 0 to 1.
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
        /// What the text says where it is not shortened.
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

/// A drawing that is done.
#[derive(Clone, Debug)]
pub(super) struct Drawing<'a> {
    pub(super) frame: Frame<'a>,
    /// What it shows, as a phrase.
    pub(super) title: String,
    /// What is to be seen, in sentences.
    pub(super) says: String,
    pub(super) height: f64,
    pub(super) marks: Vec<Mark>,
}
