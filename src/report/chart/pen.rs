//! The pen: collects the marks of a drawing.

use super::Frame;
use super::drawing::{Drawing, Hold, Letters, Mark, Paint, Place};
use super::ink::{Colour, Ink};
use super::text::{LABEL, TICK, TITLE, fitted, width, wrapped};

/// How an item of a legend looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sample {
    Surface,
    Line,
    /// As wide as the surface, but less high: as some states are drawn.
    Low,
    Thin,
}

#[derive(Debug)]
pub(super) struct Pen<'a> {
    pub(super) frame: Frame<'a>,
    marks: Vec<Mark>,
}

impl<'a> Pen<'a> {
    pub(super) fn new(frame: Frame<'a>) -> Pen<'a> {
        Pen {
            frame,
            marks: Vec::new(),
        }
    }

    /// Whether there is so little room that labels stand above what they name.
    pub(super) fn narrow(&self) -> bool {
        self.frame.width < 560.0
    }

    /// A text in the colour of texts.
    pub(super) fn label(&mut self, at: Place, hold: Hold, size: f64, text: &str) {
        self.write(at, hold, size, text, Letters::Plain);
    }

    /// A text in a fainter colour.
    pub(super) fn faint(&mut self, at: Place, hold: Hold, size: f64, text: &str) {
        self.write(at, hold, size, text, Letters::Faint);
    }

    /// A text that can be read on any ground.
    pub(super) fn on_marks(&mut self, at: Place, hold: Hold, size: f64, text: &str) {
        self.write(at, hold, size, text, Letters::Outlined);
    }

    fn write(&mut self, at: Place, hold: Hold, size: f64, text: &str, letters: Letters) {
        self.marks.push(Mark::Text {
            at,
            hold,
            size,
            text: text.to_owned(),
            letters,
            whole: None,
        });
    }

    /// A name that is shortened to its room, whole in its title.
    pub(super) fn name(&mut self, at: Place, hold: Hold, size: f64, room: f64, name: &str) {
        let shown = fitted(name, size, room);
        let whole = (shown != name).then(|| name.to_owned());
        self.marks.push(Mark::Text {
            at,
            hold,
            size,
            text: shown,
            letters: Letters::Plain,
            whole,
        });
    }

    /// A line of the grid.
    pub(super) fn grid(&mut self, from: Place, to: Place) {
        self.rule(from, to, Colour::Grid, &[]);
    }

    /// A line with a meaning: a limit, a mean.
    pub(super) fn mark(&mut self, from: Place, to: Place) {
        self.rule(from, to, Colour::Faint, &[4.0, 3.0]);
    }

    pub(super) fn axis(&mut self, from: Place, to: Place) {
        self.rule(from, to, Colour::Faint, &[]);
    }

    fn rule(&mut self, from: Place, to: Place, colour: Colour, dashes: &'static [f32]) {
        self.marks.push(Mark::Rule {
            from,
            to,
            colour,
            dashes,
        });
    }

    /// A line through places, with the dashes of its ink.
    pub(super) fn line(&mut self, places: &[Place], ink: Ink, width: f64) {
        if !places.is_empty() {
            self.marks.push(Mark::Line {
                places: places.to_vec(),
                ink,
                width,
            });
        }
    }

    /// A surface within places, half seen through.
    pub(super) fn band(&mut self, places: &[Place], ink: Ink) {
        if !places.is_empty() {
            self.marks.push(Mark::Band {
                places: places.to_vec(),
                colour: ink.colour(),
            });
        }
    }

    pub(super) fn dot(&mut self, at: Place, radius: f64, ink: Ink) {
        self.marks.push(Mark::Dot {
            at,
            radius,
            colour: ink.colour(),
        });
    }

    /// Surfaces of one ink (x, y, width, height), in one mark.
    pub(super) fn surfaces(&mut self, surfaces: &[(f64, f64, f64, f64)], ink: Ink) {
        if !surfaces.is_empty() {
            self.marks.push(Mark::Surfaces {
                surfaces: surfaces.to_vec(),
                ink,
            });
        }
    }

    /// Surfaces of one ink and height (x, middle, width), in one mark: shorter than surfaces of any
    /// height, where there are very many.
    pub(super) fn strips(&mut self, strips: &[(f64, f64, f64)], height: f64, ink: Ink) {
        self.stroke(strips, height, Paint::Ink(ink));
    }

    /// The same in a colour that is the stronger the greater the share.
    pub(super) fn shades(
        &mut self,
        cells: &[(f64, f64, f64)],
        height: f64,
        (ink, share): (Ink, f64),
    ) {
        let opacity = 0.06 + 0.84 * share.clamp(0.0, 1.0);
        self.stroke(cells, height, Paint::Shade(ink.colour(), opacity));
    }

    fn stroke(&mut self, strips: &[(f64, f64, f64)], height: f64, paint: Paint) {
        if !strips.is_empty() {
            self.marks.push(Mark::Strips {
                strips: strips.to_vec(),
                height,
                paint,
            });
        }
    }

    /// The title; gives where there is room below it.
    pub(super) fn title(&mut self, title: &str) -> f64 {
        let lines = wrapped(title, TITLE, self.frame.width - 8.0);
        for (number, line) in lines.iter().enumerate() {
            let y = TITLE + 20.0 * number as f64;
            self.label((0.0, y), Hold::Start, TITLE, line);
        }
        20.0 * lines.len() as f64 + 8.0
    }

    /// A legend, in as many rows as it takes; gives where there is room below it.
    pub(super) fn legend(&mut self, items: &[(Ink, Sample, &str)], top: f64) -> f64 {
        const SAMPLE: f64 = 24.0;
        if items.is_empty() {
            return top;
        }
        let (mut x, mut y) = (0.0, top + LABEL);
        for &(ink, sample, name) in items {
            let room = self.frame.width - SAMPLE;
            let needs = SAMPLE + width(name, TICK).min(room);
            if x > 0.0 && x + needs > self.frame.width {
                (x, y) = (0.0, y + 19.0);
            }
            self.sample((x, y - 4.0), ink, sample);
            self.name((x + SAMPLE, y), Hold::Start, TICK, room, name);
            x += needs + 16.0;
        }
        y + 10.0
    }

    /// What an ink looks like; `y` is the middle.
    pub(super) fn sample(&mut self, (x, y): (f64, f64), ink: Ink, sample: Sample) {
        match sample {
            Sample::Line => self.line(&[(x, y), (x + 18.0, y)], ink, 2.2),
            Sample::Surface => self.surfaces(&[(x, y - 6.0, 18.0, 12.0)], ink),
            Sample::Low => self.surfaces(&[(x, y, 18.0, 6.0)], ink),
            Sample::Thin => self.surfaces(&[(x, y - 1.0, 18.0, 2.0)], ink),
        }
    }

    /// The whole drawing, of this height.
    pub(super) fn finish(self, title: &str, says: &str, height: f64) -> Drawing<'a> {
        Drawing {
            frame: self.frame,
            title: title.to_owned(),
            says: says.to_owned(),
            height: height.ceil(),
            marks: self.marks,
        }
    }
}
