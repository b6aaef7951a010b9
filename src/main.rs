//! The `filas` program: parses the command line, runs the command, and reports how it ended.

use filas::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::parse().and_then(cli::dispatch) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.tell().into(),
    }
}
