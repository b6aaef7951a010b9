//! Options that the studies share: the scenario, the workers and their place, the confidence.

use super::on::Cluster;
use super::{By, End, Study, about};
use crate::actor::Runtime;
#[cfg(feature = "page")]
use crate::cli::metrics::MetricsOptions;
use crate::cli::options::{
    Engine, LogOptions, OutputOptions, ResultOptions, ScenarioOptions, whole,
};
use crate::cli::source::Source;
use crate::cli::{Failure, output};
use crate::number::of_them;
use crate::report::rows::RowFolder;
use crate::report::{Folder, RuntimeOptions, Setting};
use crate::scenario::Loaded;
use crate::study::{Goal, Share, Workers};
use crate::tandem;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The capacity of a channel between threads.
const CHANNEL_CAPACITY: usize = 4;

/// The most workers: more would only wait for each other.
const JOBS_MAX: u64 = 1024;

/// The most replications for a precision, by default.
const MAX: u64 = 10_000;

/// The most shards that are submitted.
const SHARES_MAX: u64 = 10_000;

/// The most replications in any case.
const COUNT_MAX: u64 = 100_000_000;

/// The options of every study.
#[derive(Debug, Args)]
pub(super) struct StudyOptions {
    /// Confidence of the answer
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    pub(super) confidence: f64,

    #[command(flatten)]
    pub(super) scenario: ScenarioOptions,

    #[command(flatten)]
    pub(super) results: ResultOptions,

    #[command(flatten)]
    pub(super) output: OutputOptions,

    #[command(flatten)]
    pub(super) work: WorkOptions,

    #[command(flatten)]
    pub(super) spread: SpreadOptions,

    #[command(flatten)]
    pub(super) log: LogOptions,

    #[cfg(feature = "page")]
    #[command(flatten)]
    pub(super) metrics: MetricsOptions,
}

impl StudyOptions {
    /// Loads the scenario and prints its warnings.
    pub(super) fn load(&self) -> Result<Loaded, Failure> {
        let loaded = self.scenario.load()?;
        self.accept(&loaded)?;
        Ok(loaded)
    }

    /// Prints the warnings of a scenario, unless it cannot be run in the place requested.
    pub(super) fn accept(&self, loaded: &Loaded) -> Result<(), Failure> {
        // Shards read it from the results folder, which does not contain its data files.
        let on_stdin = matches!(self.scenario.source()?, Source::Stdin(_));
        if let (true, Some(_), Some(file)) = (on_stdin, &self.spread.on, loaded.files.first()) {
            return Err(Failure::Usage(format!(
                "with --on, a scenario from stdin can read no files, and this one reads `{}`; save it \
                 in a file beside that",
                file.path.display()
            )));
        }
        self.output.warn(&loaded.warnings);
        Ok(())
    }

    /// The folder for results, if one is requested.
    pub(super) fn folder(&self) -> Result<Option<Folder>, Failure> {
        match &self.results.out {
            Some(out) if self.spread.resume => Ok(Some(Folder::resume(out)?)),
            _ => {
                let read = self.spread.after.as_deref();
                self.results.spare(read.into_iter())?;
                self.results.folder()
            }
        }
    }

    /// The study's rows in its folder.
    pub(super) fn rows(&self, folder: &Folder, study: &impl Study) -> Result<RowFolder, Failure> {
        let about = about(study, self.scenario.source()?.path(), self.by());
        let rows = match self.spread.resume {
            false => RowFolder::create(folder.path(), &about)?,
            true => {
                let (rows, damaged) = RowFolder::resume(folder.path(), &about)?;
                for path in damaged {
                    let text = format!("{} is damaged; its runs are done again", path.display());
                    self.warn(&text);
                }
                rows
            }
        };
        if let Some(after) = &self.spread.after {
            about.same_study(&crate::report::rows::about(after)?, after)?;
            if let Some(path) = rows.read_from(after)?.first() {
                let text = format!("{} is damaged: merge the shards again", path.display());
                return Err(Failure::Usage(text));
            }
        }
        Ok(rows)
    }

    /// The workers that make the rows.
    pub(super) fn by(&self) -> By {
        By {
            engine: self.work.engine().name(),
            share: self.spread.share(),
        }
    }

    /// Reports whether the goal was reached.
    pub(super) fn tell(&self, end: &End) {
        if end.interrupted {
            self.warn(match self.results.out {
                Some(_) => "interrupted before it was done; the same command with --resume goes on",
                None => "interrupted before it was done",
            });
        } else if let Some(unmet) = &end.unmet {
            self.warn(unmet);
        }
    }

    fn warn(&self, text: &str) {
        if !self.output.quiet {
            output::warn(text);
        }
    }
}

/// The workers. Nothing here changes a result.
#[derive(Debug, Args)]
#[command(next_help_heading = "Runtime (changes speed only, never a result)")]
pub(super) struct WorkOptions {
    /// Number of replications run at a time [default: one for each core]
    #[arg(long, short, value_name = "J", value_parser = whole(1..=JOBS_MAX))]
    pub(super) jobs: Option<u64>,

    /// All actors of a replication in one thread, or a thread per actor
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    engine: EngineChoice,
}

/// An engine of replications as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EngineChoice {
    /// Inline: the replications keep all cores busy already
    Auto,
    /// Every actor of a replication on a thread of its own, over bounded channels
    Threads,
    /// All actors of a replication in one thread
    Inline,
}

impl WorkOptions {
    pub(super) fn workers(&self) -> Result<Workers, Failure> {
        Ok(Workers::new(self.jobs.unwrap_or(0) as usize)?)
    }

    pub(super) fn engine(&self) -> Engine {
        match self.engine {
            EngineChoice::Auto | EngineChoice::Inline => Engine::Inline,
            EngineChoice::Threads => Engine::Threads,
        }
    }

    pub(super) fn runtime(&self) -> Runtime {
        self.engine().runtime(CHANNEL_CAPACITY)
    }
}

/// The runtime's options in a study, in the form of the manifest.
pub(super) fn runtime_options(engine: Engine) -> RuntimeOptions {
    RuntimeOptions {
        channel_capacity: Setting::One(CHANNEL_CAPACITY),
        chunk: Setting::One(tandem::usual_chunk(engine.runtime(CHANNEL_CAPACITY))),
    }
}

/// A study that is done in parts.
#[derive(Debug, Args)]
#[command(next_help_heading = "Past one machine, and past one night")]
pub(super) struct SpreadOptions {
    /// Do the I-th of K shares only; `filas merge` joins them
    #[arg(long, value_name = "I/K", requires = "out")]
    shard: Option<Share>,

    /// The shards joined so far, for the next round of a study that works in rounds
    #[arg(long, value_name = "DIR", requires = "shard")]
    after: Option<PathBuf>,

    /// Go on with the study in the folder of --out, or begin it
    #[arg(long, requires = "out", conflicts_with = "overwrite")]
    resume: bool,

    /// Have the shards done by slurm, dask=HOST:PORT or parallel, wait, and merge them
    #[arg(
        long,
        value_name = "CLUSTER",
        requires = "out",
        conflicts_with = "shard"
    )]
    pub(super) on: Option<Cluster>,

    /// With --on, in how many shards
    #[arg(long, value_name = "K", default_value_t = 64, requires = "on",
          value_parser = whole(1..=SHARES_MAX))]
    pub(super) shards: u64,

    /// With --on, print what would be submitted, and do nothing
    #[arg(long, requires = "on")]
    pub(super) dry_run: bool,
}

impl SpreadOptions {
    /// Whether the study is to be done in parts, or resumed.
    pub(super) fn is_asked_for(&self) -> bool {
        self.shard.is_some() || self.on.is_some() || self.resume
    }

    /// The work that is done here.
    pub(super) fn share(&self) -> Share {
        self.shard.unwrap_or(Share::WHOLE)
    }
}

/// The number of replications.
#[derive(Clone, Debug, PartialEq, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GoalOptions {
    /// Number of replications; with --precision, the number before the first look
    #[arg(short, long = "replications", value_name = "N", default_value_t = 20, allow_negative_numbers = true,
          value_parser = whole(1..=COUNT_MAX))]
    pub(super) n: u64,

    /// Add replications until each --measure is known to this fraction of its mean: 0.01 is 1 %
    #[arg(long, value_name = "FRACTION", value_parser = fraction, requires = "measure")]
    pub(super) precision: Option<f64>,

    /// Show this measure only, a dotted key of the summary such as waiting.mean; repeatable
    #[arg(long, value_name = "KEY")]
    pub(super) measure: Vec<String>,

    /// With --precision, the most replications
    #[arg(long, value_name = "N", default_value_t = MAX, requires = "precision",
          value_parser = whole(2..=COUNT_MAX))]
    pub(super) max: u64,
}

impl GoalOptions {
    /// The goal in the form of the study.
    pub(super) fn goal(&self) -> Goal {
        match self.precision {
            None => Goal::Count(self.n),
            Some(relative) => Goal::Precision {
                relative,
                measures: self.measure.clone(),
                first: self.n.min(self.max),
                max: self.max,
            },
        }
    }

    /// The message about a precision that was not reached.
    pub(super) fn unmet(&self, replications: u64) -> String {
        format!(
            "the precision was not reached with {}: raise --max",
            of_them(replications, "replication")
        )
    }
}

/// A confidence, strictly between 0 and 1.
fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("a confidence lies between 0 and 1, as 0.95 does".to_owned()),
    }
}

fn fraction(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("a precision is a fraction of the mean, as 0.01 is 1 %".to_owned()),
    }
}

/// The folder to which the paths in a scenario are relative.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The hint that gives the place of the results, or the option to keep them.
pub(in crate::cli) fn where_results_are(out: Option<&Path>, what: &str) -> String {
    match out {
        Some(out) => format!("results in {}", out.display()),
        None => format!("--format json for every measure; --out DIR for {what}"),
    }
}
