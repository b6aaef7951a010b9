//! `filas report DIR`: one self-contained HTML page from a results folder, and its charts for slides.

use super::{Exit, Failure, output};
use crate::report::page;
use std::path::{Path, PathBuf};

/// The folder.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The results folder, as made by --out
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Write each chart into this folder too, as PNG and as SVG
    #[cfg(feature = "png")]
    #[arg(long, value_name = "DIR")]
    png: Option<PathBuf>,
}

pub(super) fn report(arguments: &Arguments) -> Result<Exit, Failure> {
    #[cfg(feature = "png")]
    let pictures = arguments.png.as_deref();
    #[cfg(not(feature = "png"))]
    let pictures = None;
    let path = write(&arguments.folder, pictures)?;
    output::print(&format!("{}\n", path.display()))?;
    Ok(Exit::Done)
}

/// Writes the report of a folder, and its charts if requested; returns the path of the page.
pub(super) fn write(folder: &Path, pictures: Option<&Path>) -> Result<PathBuf, Failure> {
    let document = page::document(folder)?;
    let path = page::write(&document, folder)?;
    if let Some(pictures) = pictures {
        page::write_pictures(&document, pictures)?;
    }
    Ok(path)
}
