//! The pen: collects the marks of a drawing.

use super::Frame;
use super::axes::Plot;
use super::drawing::{Drawing, Hold, Letters, Mark, Paint, Place};
use super::ink::{Colour, Ink};
use super::lines::Line;
use super::reading::Reading;
use super::scale::{Axis, Scale, Unit};
use super::text::{LABEL, TICK, TITLE, fitted, width, wrapped};

/// The shape of a legend's sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sample {
    Surface,
    Line,
    /// Lower than the surface, like some states.
    Low,
    Thin,
}

#[derive(Debug)]
pub(super) struct Pen<'a> {
    pub(super) frame: Frame<'a>,
    marks: Vec<Mark>,
    reading: Reading,
}

impl<'a> Pen<'a> {
    pub(super) fn new(frame: Frame<'a>) -> Pen<'a> {
        Pen {
            frame,
            marks: Vec::new(),
            reading: Reading::default(),
        }
    }

    /// Starts values over this axis, to be read from `top` downwards.
    pub(super) fn read_along(&mut self, axis: &Axis, x: &Scale, top: f64) {
        self.reading.begin(axis, x, top);
    }

    /// Ends the area in which values are read.
    pub(super) fn read_to(&mut self, bottom: f64) {
        self.reading.bottom = bottom;
    }

    /// Makes the values of a line readable.
    pub(super) fn read(&mut self, name: &str, line: &Line, plot: &Plot, unit: Unit) {
        self.reading.take(name, line, plot, unit);
    }

    /// Makes one value for each place readable: its place, its name along the axis, its height and its text.
    pub(super) fn read_bars(
        &mut self,
        name: &str,
        ink: Ink,
        bars: Vec<(f64, String, f64, String)>,
    ) {
        self.reading.bars(name, ink, bars);
    }

    /// Whether the drawing is so narrow that labels are placed above what they name.
    pub(super) fn narrow(&self) -> bool {
        self.frame.width < 440.0
    }

    /// Writes a text in the text colour.
    pub(super) fn label(&mut self, at: Place, hold: Hold, size: f64, text: &str) {
        self.write(at, hold, size, text, Letters::Plain);
    }

    /// Writes a text in a fainter colour.
    pub(super) fn faint(&mut self, at: Place, hold: Hold, size: f64, text: &str) {
        self.write(at, hold, size, text, Letters::Faint);
    }

    /// Writes an outlined text, readable on any background.
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

    /// Writes the name of an upright axis above it, from `top` on.
    pub(super) fn name_axis(&mut self, top: f64, name: &str) {
        self.name((0.0, top + TICK), Hold::Start, TICK, self.frame.width, name);
    }

    /// Writes a name shortened to `room`, with the whole name as its tooltip.
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

    /// Draws a line of the grid.
    pub(super) fn grid(&mut self, from: Place, to: Place) {
        self.rule(from, to, Colour::Grid, &[]);
    }

    /// Draws a line with a meaning: a limit, a mean.
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

    /// Draws a line through places, with the dashes of its ink.
    pub(super) fn line(&mut self, places: &[Place], ink: Ink, width: f64) {
        if !places.is_empty() {
            self.marks.push(Mark::Line {
                places: places.to_vec(),
                ink,
                width,
            });
        }
    }

    /// Draws a translucent area with these corners.
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

    /// Draws surfaces of one ink (x, y, width, height), as one mark.
    pub(super) fn surfaces(&mut self, surfaces: &[(f64, f64, f64, f64)], ink: Ink) {
        if !surfaces.is_empty() {
            self.marks.push(Mark::Surfaces {
                surfaces: surfaces.to_vec(),
                ink,
            });
        }
    }

    /// Draws surfaces of one ink and height (x, middle, width), as one mark: more compact than
    /// [`Pen::surfaces`] when there are very many.
    pub(super) fn strips(&mut self, strips: &[(f64, f64, f64)], height: f64, ink: Ink) {
        self.stroke(strips, height, Paint::Ink(ink));
    }

    /// Does the same in a colour whose strength grows with `share`, from 0 to 1.
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

    /// Draws the title; returns the y at which free space begins below it.
    pub(super) fn title(&mut self, title: &str) -> f64 {
        let lines = wrapped(title, TITLE, self.frame.width - 8.0);
        for (number, line) in lines.iter().enumerate() {
            let y = TITLE + 20.0 * number as f64;
            self.label((0.0, y), Hold::Start, TITLE, line);
        }
        20.0 * lines.len() as f64 + 8.0
    }

    /// Draws a legend in as many rows as it needs; returns the y at which free space begins below
    /// it.
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

    /// Draws a sample of an ink; `y` is its middle.
    pub(super) fn sample(&mut self, (x, y): (f64, f64), ink: Ink, sample: Sample) {
        match sample {
            Sample::Line => self.line(&[(x, y), (x + 18.0, y)], ink, 2.2),
            Sample::Surface => self.surfaces(&[(x, y - 6.0, 18.0, 12.0)], ink),
            Sample::Low => self.surfaces(&[(x, y, 18.0, 6.0)], ink),
            Sample::Thin => self.surfaces(&[(x, y - 1.0, 18.0, 2.0)], ink),
        }
    }

    /// Completes the drawing, with this height.
    pub(super) fn finish(self, title: &str, says: &str, height: f64) -> Drawing<'a> {
        Drawing {
            frame: self.frame,
            title: title.to_owned(),
            says: says.to_owned(),
            height: height.ceil(),
            marks: self.marks,
            reading: self.reading,
        }
    }
}
