//! `filas man [DIR]`: manual pages, for packagers of the program.

use super::{Exit, Failure, output};
use crate::report::{Draft, WriteError};
use clap::{Command, ValueHint};
use clap_mangen::Man;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder for the pages.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Write a page for each command into this folder; without it, print the page of filas itself
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
}

pub(super) fn man(arguments: &Arguments, command: Command) -> Result<Exit, Failure> {
    // There is no page for `help`, which only prints others.
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let Some(folder) = &arguments.folder else {
        let mut page = Vec::new();
        let rendered = Man::new(command).render(&mut page);
        rendered.expect("memory takes what is written");
        output::print(&String::from_utf8_lossy(&page))?;
        return Ok(Exit::Done);
    };
    fs::create_dir_all(folder).map_err(|error| WriteError::new(folder, error))?;
    let commands = command.get_subcommands().cloned();
    let mut written = String::new();
    for command in commands.chain([command.clone()]) {
        let path = write(Man::new(command), folder)?;
        written += &format!("{}\n", path.display());
    }
    output::print(&written)?;
    Ok(Exit::Done)
}

/// Writes a page into a folder, under its usual name.
fn write(page: Man, folder: &Path) -> Result<PathBuf, WriteError> {
    let mut draft = Draft::begin(folder, &page.get_filename())?;
    let rendered = page.render(&mut draft).and_then(|()| draft.flush());
    rendered.map_err(|error| WriteError::new(draft.path(), error))?;
    draft.publish()
}
