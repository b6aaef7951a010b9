//! `filas report DIR`: one self-contained HTML page from a results folder, and its charts for slides.

use super::options::OutputOptions;
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
fn write(folder: &Path, png: Option<&Path>) -> Result<PathBuf, Failure> {
    let document = page::document(folder)?;
    let path = page::write(&document, folder)?;
    if let Some(png) = png {
        page::write_pictures(&document, png)?;
    }
    Ok(path)
}

/// The report that a command was asked to write beside its results.
pub(super) fn beside(
    results: Option<&Path>,
    options: &ReportOptions,
    output: &OutputOptions,
) -> Result<(), Failure> {
    let Some(folder) = results.filter(|_| options.report || options.png.is_some()) else {
        return Ok(());
    };
    let path = write(folder, options.png.as_deref())?;
    if !output.quiet {
        output::note(&format!("report in {}", path.display()));
    }
    Ok(())
}

/// Whether results are to be shown as a page too.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Results")]
pub(super) struct ReportOptions {
    /// Write the results as a page too: report.html in the folder of --out
    #[arg(long, requires = "out")]
    report: bool,

    /// Write each chart of the report into this folder, as PNG and as SVG
    #[arg(long, value_name = "DIR", requires = "out")]
    png: Option<PathBuf>,
}
