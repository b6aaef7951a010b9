//! `filas completions SHELL`: what a shell needs to complete our commands.

use super::{Exit, Failure, output};
use clap_complete::Shell;

/// Which shell.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The shell to complete in
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn completions(
    arguments: &Arguments,
    mut command: clap::Command,
) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "filas", &mut text);
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
