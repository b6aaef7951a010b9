//! The end of a command: exit codes, and the only place where errors are printed.

use super::output;
use super::text::{Ink, Paper};
use crate::actor::RunError;
use crate::observe::log::LogError;
use crate::report::filed::FiledError;
use crate::report::page::ResultsError;
use crate::report::tables::study::TableError;
use crate::report::{AboutError, FolderError, RowsError, WriteError};
use crate::scenario::shipped::SHIPPED;
use crate::scenario::{Part, ScenarioError};
#[cfg(feature = "page")]
use crate::serve::ServeError;
use crate::study::ledger::KeepError;
use crate::study::order::OrderError;
use crate::study::pairing::Unpaired;
use crate::study::{NoWorkers, UnknownMeasure};
use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use thiserror::Error;

/// The exit code of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It ran, but a check failed or the results could not be written.
    Failed = 1,
    /// Bad usage or a bad scenario; nothing was written.
    Refused = 2,
    /// Actors waited for each other.
    Deadlock = 3,
    /// Stopped by a signal; finished results are kept.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// The reason why a command failed.
#[derive(Debug, Error)]
pub enum Failure {
    /// The command line is not valid, or asks for help.
    #[error(transparent)]
    CommandLine(clap::Error),
    /// The scenario is wrong.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The results folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The results folder cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The replications of a folder cannot be read.
    #[error(transparent)]
    Filed(#[from] FiledError),
    /// A file of the results could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Rows of a study could not be kept or read, or belong to another study.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// The log could not be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The run failed.
    #[error("{error}")]
    Run {
        /// The reason.
        error: RunError,
        /// The command that repeats it.
        again: String,
    },
    /// The scenario of one cell of a grid is wrong.
    #[error("in the cell {cell}: {error}")]
    Cell {
        /// The settings of the cell.
        cell: String,
        /// The mistake.
        error: ScenarioError,
    },
    /// The scenario of a setting is wrong.
    #[error("with {setting}: {error}")]
    Setting {
        /// The setting.
        setting: String,
        /// The mistake.
        error: ScenarioError,
    },
    /// A study was stopped before it had any result.
    #[error("stopped before there was anything to say")]
    NothingYet,
    /// The command asks for something that cannot be done.
    #[error("{0}")]
    Usage(String),
    /// Orders cannot be compared.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The command is for another model.
    #[error(
        "`filas {command}` is for {model} scenarios, and this is none; shipped ones are {}",
        shipped(model)
    )]
    OtherModel {
        /// The command.
        command: &'static str,
        /// The model it is for.
        model: &'static str,
    },
    /// A repeated run differs from the one whose results are filed.
    #[error(
        "the run repeated from {} has the digest {found}, its results have {filed}: they are of another \
         version of filas, or were changed",
        folder.display()
    )]
    Differs {
        /// The results folder.
        folder: PathBuf,
        /// The digest there.
        filed: String,
        /// The digest found.
        found: String,
    },
    /// The live view could not be drawn.
    #[error("the live view could not be shown")]
    Terminal(#[source] io::Error),
    /// There is no such measure.
    #[error(transparent)]
    Measure(#[from] UnknownMeasure),
    /// A measure by which settings were to be judged had no value in any run.
    #[error(
        "`{measure}` had no value in any of the first {runs} runs, so settings cannot be judged by it; {remedy}"
    )]
    NoValue {
        /// Its key.
        measure: String,
        /// Number of runs.
        runs: u64,
        /// A measure to use instead.
        remedy: String,
    },
    /// The measure does not exist in both scenarios.
    #[error(transparent)]
    Unpaired(#[from] Unpaired),
    /// The workers could not be started.
    #[error(transparent)]
    Workers(#[from] NoWorkers),
    /// The page could not be served.
    #[error(transparent)]
    #[cfg(feature = "page")]
    Serve(#[from] ServeError),
    /// A cluster did not carry out a request.
    #[error("{0}")]
    Cluster(String),
    /// The results could not be written to stdout.
    #[error("cannot write to stdout")]
    Stdout(#[source] io::Error),
}

impl From<AboutError> for Failure {
    fn from(error: AboutError) -> Failure {
        Failure::Rows(error.into())
    }
}

impl From<KeepError> for Failure {
    fn from(error: KeepError) -> Failure {
        // Rows are kept in a folder, or in memory, which cannot fail.
        match error.into_inner().downcast::<RowsError>() {
            Ok(error) => Failure::Rows(*error),
            Err(other) => Failure::Usage(other.to_string()),
        }
    }
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Failure {
        match error {
            TableError::Write(error) => Failure::Write(error),
            TableError::Keep(error) => error.into(),
        }
    }
}

impl Failure {
    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Failure::CommandLine(error) if !error.use_stderr() => Exit::Done,
            Failure::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Failure::Run { error, .. } => match error {
                RunError::Deadlock(_) => Exit::Deadlock,
                RunError::Trace { .. } => Exit::Refused,
                _ => Exit::Failed,
            },
            Failure::Order(OrderError::Interrupted(_)) | Failure::NothingYet => Exit::Interrupted,
            Failure::Order(
                OrderError::Incomparable(_) | OrderError::Run(RunError::Trace { .. }),
            )
            | Failure::OtherModel { .. } => Exit::Refused,
            Failure::Order(OrderError::Run(RunError::Deadlock(_))) => Exit::Deadlock,
            Failure::Rows(RowsError::About(_) | RowsError::Differ { .. }) => Exit::Refused,
            #[cfg(feature = "page")]
            Failure::Serve(ServeError::System(_) | ServeError::Key(_)) => Exit::Failed,
            #[cfg(feature = "page")]
            Failure::Serve(_) => Exit::Refused,
            Failure::Order(_)
            | Failure::Folder(FolderError::Write(_))
            | Failure::Write(_)
            | Failure::Rows(_)
            | Failure::Log(_)
            | Failure::Workers(_)
            | Failure::Differs { .. }
            | Failure::NoValue { .. }
            | Failure::Terminal(_)
            | Failure::Cluster(_)
            | Failure::Stdout(_) => Exit::Failed,
            Failure::CommandLine(_)
            | Failure::Scenario(_)
            | Failure::Cell { .. }
            | Failure::Setting { .. }
            | Failure::Usage(_)
            | Failure::Measure(_)
            | Failure::Unpaired(_)
            | Failure::Results(_)
            | Failure::Filed(_)
            | Failure::Folder(_) => Exit::Refused,
        }
    }

    /// The text without colour and without the word `error` before it; `None` if help was requested.
    pub(super) fn said(&self) -> Option<String> {
        match self {
            _ if self.exit() == Exit::Done => None,
            Failure::CommandLine(error) => {
                let text = error.render().to_string();
                Some(text.trim_start_matches("error: ").trim_end().to_owned())
            }
            failure => Some(failure.in_full()),
        }
    }

    /// The text, with its causes and the command that repeats it.
    fn in_full(&self) -> String {
        match self {
            Failure::Scenario(error) => shown(error),
            Failure::Cell { cell, error } => format!("in the cell {cell}: {}", shown(error)),
            Failure::Setting { setting, error } => format!("with {setting}: {}", shown(error)),
            Failure::Run { error, again } => format!("{error}\n = to see it again: {again}"),
            other => chain(other),
        }
    }

    /// Prints the failure on stderr, once and with its causes, and returns the exit code.
    #[must_use]
    pub fn tell(self) -> Exit {
        let exit = self.exit();
        match &self {
            // Help and the version go to stdout, which its reader may close early.
            Failure::CommandLine(error) => match self.said() {
                Some(text) if output::is_json() => output::error(&text),
                _ => drop(error.print()),
            },
            Failure::Stdout(_) if exit == Exit::Done => {}
            failure => output::error(&failure.in_full()),
        }
        exit
    }
}

/// The names of the shipped scenarios of a model.
fn shipped(model: &str) -> String {
    let of_model = SHIPPED.iter().filter(|shipped| shipped.model() == model);
    let names: Vec<String> = of_model.map(|one| format!("`{}`", one.name)).collect();
    names.join(", ")
}

/// An error with its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

/// An error in a scenario, in the colours that stderr shows.
fn shown(error: &ScenarioError) -> String {
    let paper = Paper {
        unicode: output::unicode(),
        colour: output::colour(&io::stderr()) && !output::is_json(),
        width: output::WIDEST,
    };
    error.painted(|part, text| match part {
        Part::Place | Part::Margin => paper.paint(Ink::Faint, text),
        Part::Message => paper.paint(Ink::Strong, text),
        Part::Mark => paper.paint(Ink::Failed, text),
    })
}
