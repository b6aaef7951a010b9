//! The `filas` program: asks the command line what to do, does it, and says how it ended.

use filas::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::parse().and_then(cli::dispatch) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.tell().into(),
    }
}
