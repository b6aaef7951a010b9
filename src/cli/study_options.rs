//! What the commands that run a scenario many times share: options, and what they leave on disk.

use super::options::{Engine, OutputOptions};
use super::{Failure, output};
use crate::actor::{RunError, Runtime};
use crate::digest::Digest;
use crate::report::{Draft, Folder, InputFile, Manifest, RuntimeOptions, timestamp};
use crate::scenario::{Loaded, Scenario};
use crate::study::Crew;
use crate::tandem;
use clap::Args;
use std::path::Path;
use std::time::SystemTime;

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

    fn options(&self) -> RuntimeOptions {
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
        again: super::run::command(),
    }
}

/// What a study leaves in its folder.
pub(super) struct Leaving<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) work: &'a WorkOptions,
    pub(super) digest: Digest,
    pub(super) interrupted: bool,
    pub(super) json: &'a str,
    /// The command that makes it again, inside the folder.
    pub(super) reproduce: String,
    pub(super) started: SystemTime,
}

/// Writes what belongs to the folder besides the tables, and gives everything its name.
pub(super) fn publish(
    folder: Folder,
    mut drafts: Vec<Draft>,
    leaving: Leaving<'_>,
) -> Result<(), Failure> {
    let loaded = leaving.loaded;
    for (name, text) in [
        ("summary.json", leaving.json),
        ("scenario.toml", &loaded.text),
    ] {
        let mut draft = folder.draft(name)?;
        draft.write_text(text)?;
        drafts.push(draft);
    }
    let mut scenario_digest = Digest::EMPTY;
    scenario_digest.fold_bytes(loaded.text.as_bytes());
    let name = |draft: &Draft| {
        let name = draft.path().file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let inputs = loaded.files.iter().map(|file| InputFile {
        path: file.path.to_string_lossy().into_owned(),
        bytes: file.bytes,
        digest: file.digest.to_string(),
    });
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let manifest = Manifest {
        filas: env!("CARGO_PKG_VERSION"),
        command: words.collect(),
        reproduce: leaving.reproduce,
        scenario_digest: scenario_digest.to_string(),
        digest: leaving.digest.to_string(),
        seed: seed_of(&loaded.scenario),
        engine: leaving.work.engine.name(),
        runtime: leaving.work.options(),
        inputs: inputs.collect(),
        outputs: drafts.iter().map(name).collect(),
        interrupted: leaving.interrupted,
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        started: timestamp(leaving.started),
        finished: timestamp(SystemTime::now()),
    };
    Ok(folder.publish(drafts, || manifest.json())?)
}

fn seed_of(scenario: &Scenario) -> u64 {
    match scenario {
        Scenario::Tandem(tandem) => tandem.seed,
        Scenario::Desk(desk) => desk.seed,
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
