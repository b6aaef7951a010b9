//! A drawing as pixels, for slides, in a font that is part of the program: the same drawing gives
//! the same picture on every machine.

use super::drawing::{
    BAND_OPACITY, Drawing, Hold, Letters, Mark, OUTLINE, Paint as Filling, Place,
};
use super::ink::{Colour, Ink, Texture};
use super::text::tenths;
use thiserror::Error;
use tiny_skia::{
    Color, FillRule, FilterQuality, LineJoin, Paint, Path, PathBuilder, Pattern, Pixmap, Rect,
    Shader, SpreadMode, Stroke, StrokeDash, Transform,
};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// DejaVu Sans, without rarely used scripts (its licence is beside it); missing letters are drawn
/// as boxes.
const FONT: &[u8] = include_bytes!("dejavu-sans.ttf");

/// Pixels per unit: sharp on a high-density screen and on a projector.
const ZOOM: f32 = 2.0;

/// The side of a texture's pattern, in units.
const PATTERN: f32 = 6.0;

/// A drawing that cannot be converted to pixels.
#[derive(Debug, Error)]
#[error("cannot convert the drawing to PNG: {0}")]
pub struct PictureError(String);

impl Drawing<'_> {
    /// The drawing as PNG, on white.
    ///
    /// # Errors
    /// If it is too large.
    pub(super) fn png(&self) -> Result<Vec<u8>, PictureError> {
        let pixels = |units: f64| (units as f32 * ZOOM).ceil() as u32;
        let (width, height) = (pixels(self.frame.width), pixels(self.height));
        let pixmap = Pixmap::new(width, height);
        let pixmap = pixmap
            .ok_or_else(|| PictureError(format!("{width} by {height} pixels are too many")))?;
        let mut canvas = Canvas {
            pixmap,
            face: Face::parse(FONT, 0).expect("the program's own font can be read"),
        };
        canvas.pixmap.fill(canvas.colour(Colour::Paper, 1.0));
        for mark in &self.marks {
            canvas.draw(mark);
        }
        canvas
            .pixmap
            .encode_png()
            .map_err(|error| PictureError(error.to_string()))
    }
}

struct Canvas {
    pixmap: Pixmap,
    face: Face<'static>,
}

impl Canvas {
    fn draw(&mut self, mark: &Mark) {
        match mark {
            Mark::Text {
                at,
                hold,
                size,
                text,
                letters,
                whole: _,
            } => self.text((*at, *hold), *size as f32, text, *letters),
            Mark::Rule {
                from,
                to,
                colour,
                dashes,
            } => self.line(&[*from, *to], *colour, 1.0, dashes),
            Mark::Line { places, ink, width } => {
                self.line(places, ink.colour(), *width as f32, ink.dashes());
            }
            Mark::Band { places, colour } => {
                let paint = plain(self.colour(*colour, BAND_OPACITY as f32));
                self.fill(trace(places, true), &paint);
            }
            Mark::Dot { at, radius, colour } => {
                let (x, y) = point(*at);
                let paint = plain(self.colour(*colour, 1.0));
                self.fill(PathBuilder::from_circle(x, y, tenth(*radius)), &paint);
            }
            Mark::Surfaces { surfaces, ink } => {
                let rectangles = surfaces.iter().map(|&(x, y, width, height)| {
                    rectangle(tenth(x), tenth(y), tenth(width), tenth(height))
                });
                self.rectangles(rectangles, Filling::Ink(*ink));
            }
            Mark::Strips {
                strips,
                height,
                paint,
            } => {
                let height = tenth(*height);
                let rectangles = strips.iter().map(|&(x, middle, width)| {
                    rectangle(tenth(x), tenth(middle) - height / 2.0, tenth(width), height)
                });
                self.rectangles(rectangles, *paint);
            }
        }
    }

    fn colour(&self, colour: Colour, opacity: f32) -> Color {
        let [red, green, blue] = colour.rgb();
        let mut colour = Color::from_rgba8(red, green, blue, 255);
        colour.set_alpha(opacity);
        colour
    }

    fn fill(&mut self, path: Option<Path>, paint: &Paint<'_>) {
        // A path without extent draws nothing.
        if let Some(path) = path {
            let zoom = Transform::from_scale(ZOOM, ZOOM);
            self.pixmap
                .fill_path(&path, paint, FillRule::Winding, zoom, None);
        }
    }

    fn stroke(&mut self, path: Option<Path>, paint: &Paint<'_>, stroke: &Stroke) {
        if let Some(path) = path {
            let zoom = Transform::from_scale(ZOOM, ZOOM);
            self.pixmap.stroke_path(&path, paint, stroke, zoom, None);
        }
    }

    fn line(&mut self, places: &[Place], colour: Colour, width: f32, dashes: &[f32]) {
        // A pattern of odd length is applied twice, as in SVG.
        let dashes = match dashes.len() % 2 {
            0 => dashes.to_vec(),
            _ => [dashes, dashes].concat(),
        };
        let stroke = Stroke {
            width,
            line_join: LineJoin::Round,
            dash: StrokeDash::new(dashes, 0.0),
            ..Stroke::default()
        };
        let paint = plain(self.colour(colour, 1.0));
        self.stroke(trace(places, false), &paint, &stroke);
    }

    fn rectangles(&mut self, rectangles: impl Iterator<Item = Option<Rect>>, filling: Filling) {
        let mut path = PathBuilder::new();
        for rectangle in rectangles.flatten() {
            path.push_rect(rectangle);
        }
        let path = path.finish();
        let tile;
        let paint = match filling {
            Filling::Shade(colour, opacity) => plain(self.colour(colour, opacity as f32)),
            Filling::Ink(ink) => match ink.texture().angle() {
                None => plain(self.colour(ink.colour(), 1.0)),
                Some(angle) => {
                    tile = self.tile(ink);
                    let size = Transform::from_scale(1.0 / ZOOM, 1.0 / ZOOM);
                    let turned = size.post_concat(Transform::from_rotate(angle));
                    Paint {
                        shader: Pattern::new(
                            tile.as_ref(),
                            SpreadMode::Repeat,
                            FilterQuality::Bicubic,
                            1.0,
                            turned,
                        ),
                        ..Paint::default()
                    }
                }
            },
        };
        self.fill(path, &paint);
    }

    /// The pattern of an ink, in pixels.
    fn tile(&self, ink: Ink) -> Pixmap {
        let side = (PATTERN * ZOOM) as u32;
        let mut tile = Canvas {
            pixmap: Pixmap::new(side, side).expect("a pattern is small"),
            face: self.face.clone(),
        };
        tile.pixmap.fill(self.colour(ink.colour(), 1.0));
        let mark = match ink.texture() {
            Texture::Dotted => PathBuilder::from_circle(3.0, 3.0, 1.3),
            _ => rectangle(0.0, 0.0, 1.6, PATTERN).map(PathBuilder::from_rect),
        };
        let paint = plain(self.colour(Colour::Paper, 1.0));
        tile.fill(mark, &paint);
        tile.pixmap
    }

    fn text(&mut self, (at, hold): (Place, Hold), size: f32, text: &str, letters: Letters) {
        let scale = size / f32::from(self.face.units_per_em());
        let glyphs: Vec<GlyphId> = text
            .chars()
            .map(|letter| self.face.glyph_index(letter).unwrap_or(GlyphId(0)))
            .collect();
        let advance = |glyph: &GlyphId| {
            f32::from(self.face.glyph_hor_advance(*glyph).unwrap_or_default()) * scale
        };
        let width: f32 = glyphs.iter().map(advance).sum();
        let (x, y) = point(at);
        let start = match hold {
            Hold::Start => x,
            Hold::Middle => x - width / 2.0,
            Hold::End => x - width,
        };
        let mut outline = Outline {
            path: PathBuilder::new(),
            origin: (start, y),
            scale,
        };
        for glyph in &glyphs {
            // A blank has no outline.
            let _ = self.face.outline_glyph(*glyph, &mut outline);
            outline.origin.0 += advance(glyph);
        }
        let path = outline.path.finish();
        if letters == Letters::Outlined {
            let stroke = Stroke {
                width: OUTLINE as f32,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            let paper = plain(self.colour(Colour::Paper, 1.0));
            self.stroke(path.clone(), &paper, &stroke);
        }
        let colour = match letters {
            Letters::Plain | Letters::Outlined => Colour::Text,
            Letters::Faint => Colour::Faint,
        };
        let paint = plain(self.colour(colour, 1.0));
        self.fill(path, &paint);
    }
}

/// Collects the outlines of glyphs, at their places and in units of the frame.
struct Outline {
    path: PathBuilder,
    origin: (f32, f32),
    scale: f32,
}

impl Outline {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        // The y axis points up in fonts and down in drawings.
        let (left, base) = self.origin;
        (left + x * self.scale, base - y * self.scale)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

fn plain(colour: Color) -> Paint<'static> {
    Paint {
        shader: Shader::SolidColor(colour),
        ..Paint::default()
    }
}

/// A length rounded as in the SVG.
fn tenth(value: f64) -> f32 {
    (tenths(value) as f64 / 10.0) as f32
}

fn point((x, y): Place) -> (f32, f32) {
    (tenth(x), tenth(y))
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> Option<Rect> {
    Rect::from_xywh(x, y, width, height)
}

fn trace(places: &[Place], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (index, &place) in places.iter().enumerate() {
        let (x, y) = point(place);
        match index {
            0 => path.move_to(x, y),
            _ => path.line_to(x, y),
        }
    }
    if closed {
        path.close();
    }
    path.finish()
}
