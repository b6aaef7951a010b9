//! `filas report DIR`: one self-contained HTML page from a results folder, and its charts for slides.

use super::{Exit, Failure, output};
use crate::report::page;
use std::path::{Path, PathBuf};

/// Which folder.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The results folder, as made by --out
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Write each chart into this folder too, as PNG and as SVG
    #[arg(long, value_name = "DIR")]
    png: Option<PathBuf>,
}

pub(super) fn report(arguments: &Arguments) -> Result<Exit, Failure> {
    let path = write(&arguments.folder, arguments.png.as_deref())?;
    output::print(&format!("{}\n", path.display()))?;
    Ok(Exit::Done)
}

/// Writes the report of a folder, and its charts if asked; gives where the page is.
pub(super) fn write(folder: &Path, png: Option<&Path>) -> Result<PathBuf, Failure> {
    let document = page::document(folder)?;
    let path = page::write(&document, folder)?;
    if let Some(png) = png {
        page::write_pictures(&document, png)?;
    }
    Ok(path)
}
