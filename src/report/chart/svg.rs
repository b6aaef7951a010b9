//! A drawing as SVG.

use super::drawing::{BAND_OPACITY, Drawing, Hold, Letters, Mark, OUTLINE, Paint, Place};
use super::ink::{Colour, FONT, Ink, Texture, Theme};
use super::text::{escaped, place};
use std::fmt::Write;

impl Drawing<'_> {
    /// Formats the drawing as an `svg` element.
    pub(super) fn svg(&self) -> String {
        let (id, theme) = (self.frame.id, self.frame.theme);
        let (mut high, mut wide) = (String::new(), String::new());
        place(&mut high, self.height);
        place(&mut wide, self.frame.width);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\""
        );
        let ground = match theme {
            Theme::Page => {
                let _ = write!(svg, " class=\"chart\" width=\"{wide}\"");
                String::new()
            }
            Theme::Light => {
                let (text, paper) = (Colour::Text.of(theme), Colour::Paper.of(theme));
                let _ = write!(
                    svg,
                    " width=\"{wide}\" height=\"{high}\" font-family=\"{FONT}\" fill=\"{text}\" \
                     color=\"{text}\""
                );
                format!("<rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>")
            }
        };
        let (title, says) = (escaped(&self.title), escaped(&self.says));
        let _ = write!(
            svg,
            "><title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{says}</desc>{ground}"
        );
        let mut writer = Writer {
            id,
            theme,
            svg,
            textures: Vec::new(),
        };
        for mark in &self.marks {
            writer.write(mark);
        }
        writer.svg += "</svg>";
        writer.svg
    }
}

struct Writer<'a> {
    id: &'a str,
    theme: Theme,
    svg: String,
    /// Inks whose patterns have been written.
    textures: Vec<Ink>,
}

// Writing to a String cannot fail.
impl Writer<'_> {
    fn write(&mut self, mark: &Mark) {
        match mark {
            Mark::Text {
                at,
                hold,
                size,
                text,
                letters,
                whole,
            } => {
                if let Some(whole) = whole {
                    let _ = write!(self.svg, "<g><title>{}</title>", escaped(whole));
                }
                self.text((*at, *hold), *size, text, *letters);
                if whole.is_some() {
                    self.svg += "</g>";
                }
            }
            Mark::Rule {
                from,
                to,
                colour,
                dashes,
            } => {
                self.svg += "<path d=\"M";
                for (index, value) in [from.0, from.1, to.0, to.1].into_iter().enumerate() {
                    if index > 0 {
                        self.svg.push(' ');
                    }
                    place(&mut self.svg, value);
                }
                let _ = write!(self.svg, "\" stroke=\"{}\"", colour.of(self.theme));
                self.dashes(dashes);
                self.svg += "/>";
            }
            Mark::Line { places, ink, width } => {
                let colour = ink.colour().of(self.theme);
                self.svg += "<path d=\"";
                self.trace(places);
                let _ = write!(
                    self.svg,
                    "\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
                     stroke-linejoin=\"round\""
                );
                self.dashes(ink.dashes());
                self.svg += "/>";
            }
            Mark::Band { places, colour } => {
                let colour = colour.of(self.theme);
                self.svg += "<path d=\"";
                self.trace(places);
                let _ = write!(
                    self.svg,
                    "z\" fill=\"{colour}\" fill-opacity=\"{BAND_OPACITY}\"/>"
                );
            }
            Mark::Dot { at, radius, colour } => {
                self.svg += "<circle";
                self.attribute("cx", at.0);
                self.attribute("cy", at.1);
                self.attribute("r", *radius);
                let _ = write!(self.svg, " fill=\"{}\"/>", colour.of(self.theme));
            }
            Mark::Surfaces { surfaces, ink } => {
                let fill = self.fill(*ink);
                self.svg += "<path d=\"";
                for &(x, y, width, height) in surfaces {
                    self.steps(&[
                        ('M', x),
                        (' ', y),
                        ('h', width),
                        ('v', height),
                        ('h', -width),
                    ]);
                    self.svg.push('z');
                }
                let _ = write!(self.svg, "\" fill=\"{fill}\"/>");
            }
            Mark::Strips {
                strips,
                height,
                paint,
            } => {
                let stroke = match *paint {
                    Paint::Ink(ink) => self.fill(ink),
                    Paint::Shade(colour, opacity) => {
                        let colour = colour.of(self.theme);
                        format!("{colour}\" stroke-opacity=\"{opacity:.2}")
                    }
                };
                self.svg += "<path d=\"";
                for &(x, middle, width) in strips {
                    self.steps(&[('M', x), (' ', middle), ('h', width)]);
                }
                let _ = write!(self.svg, "\" stroke=\"{stroke}\"");
                self.attribute("stroke-width", *height);
                self.svg += "/>";
            }
        }
    }

    fn text(&mut self, (at, hold): (Place, Hold), size: f64, text: &str, letters: Letters) {
        self.svg += "<text";
        self.attribute("x", at.0);
        self.attribute("y", at.1);
        self.attribute("font-size", size);
        self.svg += match hold {
            Hold::Start => "",
            Hold::Middle => " text-anchor=\"middle\"",
            Hold::End => " text-anchor=\"end\"",
        };
        let _ = match letters {
            Letters::Plain => Ok(()),
            Letters::Faint => write!(self.svg, " fill=\"{}\"", Colour::Faint.of(self.theme)),
            Letters::Outlined => write!(
                self.svg,
                " stroke=\"{}\" stroke-width=\"{OUTLINE}\" stroke-linejoin=\"round\" \
                 paint-order=\"stroke\"",
                Colour::Paper.of(self.theme)
            ),
        };
        self.svg.push('>');
        self.svg += &escaped(text);
        self.svg += "</text>";
    }

    fn attribute(&mut self, name: &str, value: f64) {
        let _ = write!(self.svg, " {name}=\"");
        place(&mut self.svg, value);
        self.svg.push('"');
    }

    fn dashes(&mut self, dashes: &[f32]) {
        if !dashes.is_empty() {
            let dashes: Vec<String> = dashes.iter().map(f32::to_string).collect();
            let _ = write!(self.svg, " stroke-dasharray=\"{}\"", dashes.join(" "));
        }
    }

    fn trace(&mut self, places: &[Place]) {
        for (index, &(x, y)) in places.iter().enumerate() {
            self.steps(&[(if index == 0 { 'M' } else { ' ' }, x), (' ', y)]);
        }
    }

    fn steps(&mut self, steps: &[(char, f64)]) {
        for &(letter, value) in steps {
            self.svg.push(letter);
            place(&mut self.svg, value);
        }
    }

    /// The fill of an ink's surfaces: its colour, or its pattern, which is written when first
    /// needed.
    fn fill(&mut self, ink: Ink) -> String {
        let (colour, texture) = (ink.colour(), ink.texture());
        let (front, back) = (colour.of(self.theme), Colour::Paper.of(self.theme));
        let Some(angle) = texture.angle() else {
            return front.to_owned();
        };
        let id = format!("{}-{colour:?}-{texture:?}", self.id).to_lowercase();
        if !self.textures.contains(&ink) {
            self.textures.push(ink);
            let mark = match texture {
                Texture::Dotted => "<circle cx=\"3\" cy=\"3\" r=\"1.3\"",
                _ => "<rect width=\"1.6\" height=\"6\"",
            };
            let _ = write!(
                self.svg,
                "<pattern id=\"{id}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
                 patternTransform=\"rotate({angle})\"><rect width=\"6\" height=\"6\" \
                 fill=\"{front}\"/>{mark} fill=\"{back}\"/></pattern>"
            );
        }
        format!("url(#{id})")
    }
}
