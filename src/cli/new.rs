//! `filas new [TEMPLATE] [FILE]`: lists the shipped scenarios, or writes one of them to a file.

use super::publish::quoted;
use super::text::wrapped;
use super::{Exit, Failure, output};
use crate::report::{Draft, WriteError};
use crate::scenario::shipped::{SHIPPED, Shipped};
use clap::ValueHint;
use clap::builder::{PossibleValue, PossibleValuesParser};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The scenario, and the file to write.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A shipped scenario; without it, all are listed with the question each asks
    #[arg(value_name = "TEMPLATE", value_parser = templates(), hide_possible_values = true)]
    template: Option<String>,

    /// The file to write, a folder to write it into, or - for stdout [default: TEMPLATE.toml]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
}

/// The names of the shipped scenarios, for the command line and its completions.
fn templates() -> PossibleValuesParser {
    let named = |shipped: &Shipped| PossibleValue::new(shipped.name).help(shipped.question());
    SHIPPED.iter().map(named).collect::<Vec<_>>().into()
}

pub(super) fn new(arguments: &Arguments) -> Result<Exit, Failure> {
    let Some(name) = &arguments.template else {
        output::print(&list())?;
        return Ok(Exit::Done);
    };
    let shipped = Shipped::named(name).expect("clap lets no other name pass");
    let file = match &arguments.file {
        Some(file) if file == Path::new("-") => {
            output::print(shipped.text)?;
            return Ok(Exit::Done);
        }
        Some(folder) if folder.is_dir() => folder.join(shipped.file()),
        Some(file) => file.clone(),
        None => PathBuf::from(shipped.file()),
    };
    write(shipped, &file)?;
    output::print(&format!("{}\n", file.display()))?;
    let file = quoted(&file.to_string_lossy());
    output::note(&format!("run it with: filas run {file}"));
    Ok(Exit::Done)
}

/// Writes a shipped scenario to a file that does not exist yet.
fn write(shipped: &Shipped, file: &Path) -> Result<(), Failure> {
    let there = || {
        Failure::Usage(format!(
            "`{}` is there already and is left as it is; name another file: filas new {} FILE",
            file.display(),
            shipped.name
        ))
    };
    if file.symlink_metadata().is_ok() {
        return Err(there());
    }
    let mut draft = Draft::beside(file)?;
    draft.write_text(shipped.text)?;
    // Another process may have created it meanwhile.
    match draft.publish_new() {
        Err(WriteError { source, .. }) if source.kind() == ErrorKind::AlreadyExists => Err(there()),
        written => Ok(written.map(drop)?),
    }
}

/// The width of the list, for a terminal of 80 columns.
const COLUMNS: usize = 80;

/// The shipped scenarios with their models and questions.
fn list() -> String {
    let width = SHIPPED.iter().map(|shipped| shipped.name.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for shipped in SHIPPED {
        let head = format!("{:width$}  {:6}  ", shipped.name, shipped.model());
        let question = wrapped(&shipped.question(), COLUMNS - head.len());
        let indent = " ".repeat(head.len());
        text += &format!("{head}{}\n", question.join(&format!("\n{indent}")));
    }
    text += "\nfilas new NAME   writes one to NAME.toml, to be changed\n\
             filas run NAME   runs it as it is\n";
    text
}
