//! The command line: the only code that uses clap, stdout, stderr and colour. One file per command.
//!
//! stdout carries results only; logs, progress, warnings and errors go to stderr. The end of a command is an [`Exit`];
//! the reason why it failed is a [`Failure`].

pub mod call;
mod check;
mod completions;
mod explain;
mod failure;
mod fit;
mod interventions;
mod live;
mod man;
#[cfg(feature = "page")]
mod metrics;
mod new;
mod options;
#[cfg(feature = "page")]
mod otlp;
mod output;
mod progress;
mod publish;
mod report;
mod run;
mod schema;
#[cfg(feature = "page")]
mod serve;
mod source;
mod step;
mod stop;
mod stress;
mod study;
pub mod text;
mod theory;
mod watch;

pub use failure::{Exit, Failure};

use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "filas",
    version,
    about = "Service systems simulated as real concurrent actors",
    long_about = "Service systems simulated as real concurrent actors: one scenario, one result, \
                  on any schedule.\n\nTry `filas run`, which needs no file, and `filas new`, which lists the \
                  scenarios that come with the program.",
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 a check failed or a file could not be written; 2 bad usage \
                  or a bad scenario; 3 deadlock; 130 interrupted."
)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario once
    Run(Box<run::Arguments>),
    /// List the scenarios that come with the program, or write one to a file, to begin with
    New(new::Arguments),
    /// Tell the life of one request or customer of a run: each wait, who was ahead, and why
    Explain(explain::Arguments),
    /// Find the order of a line's stages that is best, and say how sure that is
    Order(Box<study::order::Arguments>),
    /// Find the best setting of whole-number keys that meets requirements, and say how sure that is
    Find(Box<study::find::Arguments>),
    /// Run it many times: an interval for every measure
    Replicate(Box<study::replicate::Arguments>),
    /// Compare two scenarios pair by pair: what differs, and what of it is more than chance
    Compare(Box<study::compare::Arguments>),
    /// Run a grid over its keys, and compare
    Sweep(Box<study::sweep::Arguments>),
    /// Make one page of a results folder: the answer, charts, tables, how to reproduce it
    Report(report::Arguments),
    /// Join the shards of a study, made with --shard
    Merge(Box<study::merge::Arguments>),
    /// Run it under many schedules, capacities and kills: one result, or what differed
    Stress(Box<stress::Arguments>),
    /// Print what queueing theory says of a scenario, where a closed form applies
    Theory(theory::Arguments),
    /// Find the law that a recorded column follows, and say how well it fits
    Fit(fit::Arguments),
    /// Validate a scenario: print it with every default, an estimate and warnings
    Check(check::Arguments),
    /// Open the page: edit a scenario in the browser, run it and watch it live
    #[cfg(feature = "page")]
    Serve(serve::Arguments),
    /// Print the JSON Schema of scenario files
    Schema(schema::Arguments),
    /// Print completions for a shell
    Completions(completions::Arguments),
    /// Print the manual page, or write the pages of all commands into a folder
    Man(man::Arguments),
}

/// Reads the command line of this process.
///
/// # Errors
/// Bad usage; also a request for help or the version, which is printed and ends with success.
pub fn parse() -> Result<CommandLine, Failure> {
    parse_from(&std::env::args_os().collect::<Vec<_>>())
}

/// Reads a command line of these words, the first of which is the name of the program.
fn parse_from(words: &[OsString]) -> Result<CommandLine, Failure> {
    output::as_asked(words);
    CommandLine::try_parse_from(words).map_err(Failure::CommandLine)
}

/// Runs the command of a command line.
///
/// # Errors
/// See [`Failure`].
pub fn dispatch(line: CommandLine) -> Result<Exit, Failure> {
    match line.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::New(arguments) => new::new(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Find(arguments) => study::find::find(&arguments),
        Command::Order(arguments) => study::order::order(&arguments),
        Command::Replicate(arguments) => study::replicate::replicate(&arguments),
        Command::Compare(arguments) => study::compare::compare(&arguments),
        Command::Sweep(arguments) => study::sweep::sweep(&arguments),
        Command::Merge(arguments) => study::merge::merge(&arguments),
        Command::Stress(arguments) => stress::stress(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Theory(arguments) => theory::theory(&arguments),
        Command::Fit(arguments) => fit::fit(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        #[cfg(feature = "page")]
        Command::Serve(arguments) => serve::serve(&arguments),
        Command::Schema(arguments) => schema::schema(&arguments),
        Command::Completions(arguments) => {
            completions::completions(&arguments, CommandLine::command())
        }
        Command::Man(arguments) => man::man(&arguments, CommandLine::command()),
    }
}
