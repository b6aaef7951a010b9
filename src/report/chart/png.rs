//! A drawing as pixels, for slides: the very SVG, in the font that the program brings along, so that
//! the same drawing gives the same picture on every machine.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, LazyLock};
use thiserror::Error;

/// DejaVu Sans, without the letters of scripts that few names are written in (its licence is beside
/// it); letters that it lacks are drawn as boxes.
const FONT: &[u8] = include_bytes!("dejavu-sans.ttf");

/// A drawing that cannot be made pixels.
#[derive(Debug, Error)]
#[error("cannot turn the drawing into a picture: {0}")]
pub struct Unreadable(String);

/// Pixels to a unit: sharp on a screen of high density and on a projector.
const ZOOM: f32 = 2.0;

/// A drawing of its own theme as PNG.
///
/// # Errors
/// If it is no drawing, or one of no size or too large a one.
pub fn png(svg: &str) -> Result<Vec<u8>, Unreadable> {
    static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(FONT.to_vec());
        Arc::new(fonts)
    });
    let options = Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    let unreadable = |error: &dyn std::fmt::Display| Unreadable(error.to_string());
    let tree = Tree::from_str(svg, &options).map_err(|error| unreadable(&error))?;
    let size = tree.size().to_int_size();
    let size = size
        .scale_by(ZOOM)
        .ok_or_else(|| unreadable(&"it has no size"))?;
    let pixels = Pixmap::new(size.width(), size.height());
    let mut pixels = pixels.ok_or_else(|| unreadable(&"it is too large"))?;
    let zoom = Transform::from_scale(ZOOM, ZOOM);
    resvg::render(&tree, zoom, &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| unreadable(&error))
}
