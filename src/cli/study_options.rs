//! What the commands that run a scenario many times share: who does the work, and what is told of it.

use super::options::{Engine, OutputOptions};
use super::{Failure, output};
use crate::actor::{RunError, Runtime};
use crate::report::RuntimeOptions;
use crate::study::Crew;
use crate::tandem;
use clap::Args;
use std::path::Path;

/// Messages in a channel between threads.
const CHANNEL_CAPACITY: usize = 4;

/// The most workers: more only wait for each other.
const JOBS_MAX: u64 = 1024;

/// Who does the work. Nothing here changes a result.
#[derive(Debug, Args)]
#[command(next_help_heading = "Runtime (changes speed only, never a result)")]
pub(super) struct WorkOptions {
    /// How many replications are run at a time [default: one for each core]
    #[arg(long, short, value_name = "J", value_parser = clap::value_parser!(u64).range(1..=JOBS_MAX))]
    jobs: Option<u64>,

    /// All actors of a replication in one thread, or a thread per actor
    #[arg(long, value_enum, default_value_t = Engine::Inline)]
    pub(super) engine: Engine,
}

impl WorkOptions {
    pub(super) fn crew(&self) -> Result<Crew, Failure> {
        Ok(Crew::new(self.jobs.unwrap_or(0) as usize)?)
    }

    pub(super) fn runtime(&self) -> Runtime {
        match self.engine {
            Engine::Inline => Runtime::Inline,
            Engine::Threads => Runtime::Threads {
                channel_capacity: CHANNEL_CAPACITY,
            },
        }
    }

    pub(super) fn options(&self) -> RuntimeOptions {
        RuntimeOptions {
            channel_capacity: CHANNEL_CAPACITY,
            chunk: tandem::CHUNK,
        }
    }
}

/// A confidence, strictly between 0 and 1.
pub(super) fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("a confidence lies between 0 and 1, as 0.95 does".to_owned()),
    }
}

/// A run that came to no end, with the command that shows it again.
pub(super) fn failed(error: RunError) -> Failure {
    Failure::Run {
        error,
        again: super::publish::command(),
    }
}

/// The hint that says where the results are, or how to have them.
pub(super) fn where_results_are(out: Option<&Path>, output: &OutputOptions) -> Vec<String> {
    match out {
        _ if output.quiet => Vec::new(),
        Some(out) => vec![format!("results in {}", out.display())],
        None => {
            vec!["--format json for every measure; --out DIR for a row per replication".to_owned()]
        }
    }
}

/// Says on stderr what became of a goal, unless asked to be quiet.
pub(super) fn tell(output: &OutputOptions, text: &str) {
    if !output.quiet {
        output::note(&format!("warning: {text}"));
    }
}
