//! The pen: writes marks as SVG, each with the colour of its ink, and what wraps them up.

use super::Frame;
use super::ink::{Colour, FONT, Ink, Texture, Theme};
use super::text::{LABEL, TICK, TITLE, escaped, fitted, place, width, wrapped};
use std::fmt::Write;

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Start,
    Middle,
    End,
}

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
    text: String,
    textures: Vec<Ink>,
}

impl<'a> Pen<'a> {
    pub(super) fn new(frame: Frame<'a>) -> Pen<'a> {
        Pen {
            frame,
            text: String::new(),
            textures: Vec::new(),
        }
    }

    /// Whether there is so little room that labels stand above what they name.
    pub(super) fn narrow(&self) -> bool {
        self.frame.width < 560.0
    }

    fn colour(&self, colour: Colour) -> &'static str {
        colour.of(self.frame.theme)
    }

    fn attribute(&mut self, name: &str, value: f64) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        place(&mut self.text, value);
        self.text.push('"');
    }

    /// A text in the colour of texts, or a fainter one.
    pub(super) fn label(&mut self, (x, y): (f64, f64), hold: Hold, size: f64, text: &str) {
        self.write_label((x, y), hold, size, text, "");
    }

    pub(super) fn faint(&mut self, (x, y): (f64, f64), hold: Hold, size: f64, text: &str) {
        let fill = format!(" fill=\"{}\"", self.colour(Colour::Faint));
        self.write_label((x, y), hold, size, text, &fill);
    }

    /// A text that can be read on any ground.
    pub(super) fn on_marks(&mut self, (x, y): (f64, f64), hold: Hold, size: f64, text: &str) {
        let ground = format!(
            " stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
            self.colour(Colour::Paper)
        );
        self.write_label((x, y), hold, size, text, &ground);
    }

    fn write_label(&mut self, (x, y): (f64, f64), hold: Hold, size: f64, text: &str, more: &str) {
        self.text.push_str("<text");
        self.attribute("x", x);
        self.attribute("y", y);
        self.attribute("font-size", size);
        self.text.push_str(match hold {
            Hold::Start => "",
            Hold::Middle => " text-anchor=\"middle\"",
            Hold::End => " text-anchor=\"end\"",
        });
        self.text.push_str(more);
        self.text.push('>');
        self.text.push_str(&escaped(text));
        self.text.push_str("</text>");
    }

    /// A name that is shortened to its room, whole in its title.
    pub(super) fn name(
        &mut self,
        (x, y): (f64, f64),
        hold: Hold,
        size: f64,
        room: f64,
        name: &str,
    ) {
        let shown = fitted(name, size, room);
        if shown == name {
            return self.label((x, y), hold, size, name);
        }
        let whole = escaped(name);
        let _ = write!(self.text, "<g><title>{whole}</title>");
        self.label((x, y), hold, size, &shown);
        self.text.push_str("</g>");
    }

    /// A line of the grid.
    pub(super) fn grid(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.rule(from, to, Colour::Grid, None);
    }

    /// A line with a meaning: a limit, a mean.
    pub(super) fn mark(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.rule(from, to, Colour::Faint, Some("4 3"));
    }

    pub(super) fn axis(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.rule(from, to, Colour::Faint, None);
    }

    fn rule(&mut self, from: (f64, f64), to: (f64, f64), colour: Colour, dashes: Option<&str>) {
        self.text.push_str("<path d=\"M");
        for (index, value) in [from.0, from.1, to.0, to.1].into_iter().enumerate() {
            if index > 0 {
                self.text.push(' ');
            }
            place(&mut self.text, value);
        }
        let colour = self.colour(colour);
        let _ = write!(self.text, "\" stroke=\"{colour}\"");
        if let Some(dashes) = dashes {
            let _ = write!(self.text, " stroke-dasharray=\"{dashes}\"");
        }
        self.text.push_str("/>");
    }

    /// A line through places, with the dashes of its ink.
    pub(super) fn line(&mut self, places: &[(f64, f64)], ink: Ink, stroke: f64) {
        if places.is_empty() {
            return;
        }
        let colour = self.colour(ink.colour());
        self.text.push_str("<path d=\"");
        self.trace(places);
        let _ = write!(
            self.text,
            "\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{stroke}\" stroke-linejoin=\"round\""
        );
        if let Some(dashes) = ink.dashes() {
            let _ = write!(self.text, " stroke-dasharray=\"{dashes}\"");
        }
        self.text.push_str("/>");
    }

    /// A surface within places, half seen through.
    pub(super) fn band(&mut self, places: &[(f64, f64)], ink: Ink) {
        if places.is_empty() {
            return;
        }
        let colour = self.colour(ink.colour());
        self.text.push_str("<path d=\"");
        self.trace(places);
        let _ = write!(self.text, "z\" fill=\"{colour}\" fill-opacity=\"0.22\"/>");
    }

    fn trace(&mut self, places: &[(f64, f64)]) {
        for (index, &(x, y)) in places.iter().enumerate() {
            self.text.push(if index == 0 { 'M' } else { ' ' });
            place(&mut self.text, x);
            self.text.push(' ');
            place(&mut self.text, y);
        }
    }

    pub(super) fn dot(&mut self, (x, y): (f64, f64), radius: f64, ink: Ink) {
        let colour = self.colour(ink.colour());
        self.text.push_str("<circle");
        self.attribute("cx", x);
        self.attribute("cy", y);
        self.attribute("r", radius);
        let _ = write!(self.text, " fill=\"{colour}\"/>");
    }

    /// Surfaces of one ink (x, y, width, height), in one mark.
    pub(super) fn surfaces(&mut self, surfaces: &[(f64, f64, f64, f64)], ink: Ink) {
        if surfaces.is_empty() {
            return;
        }
        let fill = self.fill(ink);
        self.text.push_str("<path d=\"");
        for &(x, y, width, height) in surfaces {
            for (letter, value) in [
                ('M', x),
                (' ', y),
                ('h', width),
                ('v', height),
                ('h', -width),
            ] {
                self.text.push(letter);
                place(&mut self.text, value);
            }
            self.text.push('z');
        }
        let _ = write!(self.text, "\" fill=\"{fill}\"/>");
    }

    /// Surfaces of one ink and height (x, middle, width), in one mark: shorter than surfaces of any
    /// height, where there are very many.
    pub(super) fn strips(&mut self, strips: &[(f64, f64, f64)], height: f64, ink: Ink) {
        let paint = self.fill(ink);
        self.strokes(strips, height, &paint);
    }

    fn strokes(&mut self, strips: &[(f64, f64, f64)], height: f64, paint: &str) {
        if strips.is_empty() {
            return;
        }
        self.text.push_str("<path d=\"");
        for &(x, middle, width) in strips {
            for (letter, value) in [('M', x), (' ', middle), ('h', width)] {
                self.text.push(letter);
                place(&mut self.text, value);
            }
        }
        let _ = write!(self.text, "\" stroke=\"{paint}\"");
        self.attribute("stroke-width", height);
        self.text.push_str("/>");
    }

    /// The same in a colour that is the stronger the greater the share.
    pub(super) fn shades(
        &mut self,
        cells: &[(f64, f64, f64)],
        height: f64,
        (ink, share): (Ink, f64),
    ) {
        let opacity = 0.06 + 0.84 * share.clamp(0.0, 1.0);
        let colour = self.colour(ink.colour());
        let paint = format!("{colour}\" stroke-opacity=\"{opacity:.2}");
        self.strokes(cells, height, &paint);
    }

    /// What fills the surfaces of an ink: its colour, or a pattern of it, written where first needed.
    fn fill(&mut self, ink: Ink) -> String {
        let (colour, texture) = (ink.colour(), ink.texture());
        if texture == Texture::Plain {
            return self.colour(colour).to_owned();
        }
        let id = format!("{}-{colour:?}-{texture:?}", self.frame.id).to_lowercase();
        if !self.textures.contains(&ink) {
            self.textures.push(ink);
            let (front, back) = (self.colour(colour), self.colour(Colour::Paper));
            let (angle, mark) = match texture {
                Texture::Rising => (45, "<rect width=\"1.6\" height=\"6\""),
                Texture::Falling => (-45, "<rect width=\"1.6\" height=\"6\""),
                _ => (0, "<circle cx=\"3\" cy=\"3\" r=\"1.3\""),
            };
            let _ = write!(
                self.text,
                "<pattern id=\"{id}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
                 patternTransform=\"rotate({angle})\"><rect width=\"6\" height=\"6\" \
                 fill=\"{front}\"/>{mark} fill=\"{back}\"/></pattern>"
            );
        }
        format!("url(#{id})")
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

    /// The whole drawing.
    pub(super) fn finish(self, title: &str, says: &str, height: f64) -> String {
        let Frame {
            id, width, theme, ..
        } = self.frame;
        let (mut high, mut wide) = (String::new(), String::new());
        place(&mut high, height.ceil());
        place(&mut wide, width);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\""
        );
        let ground = match theme {
            Theme::Page => {
                svg += " class=\"chart\"";
                String::new()
            }
            Theme::Light | Theme::Dark => {
                let (text, paper) = (Colour::Text.of(theme), Colour::Paper.of(theme));
                let _ = write!(
                    svg,
                    " width=\"{wide}\" height=\"{high}\" font-family=\"{FONT}\" fill=\"{text}\" \
                     color=\"{text}\""
                );
                format!("<rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>")
            }
        };
        let (title, says) = (escaped(title), escaped(says));
        let _ = write!(
            svg,
            "><title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{says}</desc>{ground}"
        );
        svg += &self.text;
        svg += "</svg>";
        svg
    }
}
