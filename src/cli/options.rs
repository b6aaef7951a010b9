//! Options that several commands share.

use super::publish::quoted;
use super::{Failure, output, report};
use crate::actor::Runtime;
use crate::observe::feed::Feed;
use crate::observe::log::{Filter, Format as LogFormat, Log, Said};
use crate::report::tables::Formats;
use crate::report::{Folder, RuntimeOptions, Setting};
use crate::scenario::{self, Limits, Loaded, Origin, Overrides, Patch};
use crate::tandem;
use clap::{Args, ValueEnum};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The most a channel may hold: the runtime sets the room aside beforehand.
const CHANNEL_CAPACITY_MAX: u64 = 1 << 16;

/// Messages in a channel, unless asked otherwise: enough that a sender seldom waits for a receiver
/// that has work.
pub(super) const CHANNEL_CAPACITY: u64 = 4;

const CHUNK_MAX: u64 = 1 << 20;

/// What is run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scenario")]
pub(super) struct ScenarioOptions {
    /// Take this seed instead of the scenario's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Set a key of the scenario, as in stages.0.servers=2; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,

    /// Lay a piece of a scenario over it, such as what was done by hand in a live run; repeatable
    #[arg(long, value_name = "FILE")]
    patch: Vec<PathBuf>,

    /// Refuse a scenario of more actors than this
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_actors)]
    max_actors: u64,

    /// Refuse a scenario of more events than this, by estimate
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_events)]
    max_events: u64,

    /// Refuse a scenario that would take more memory than this, by estimate, in MiB
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_memory >> 20)]
    max_memory: u64,
}

impl ScenarioOptions {
    /// Reads and checks the scenario.
    pub(super) fn load(&self, origin: Origin<'_>) -> Result<Loaded, Failure> {
        self.load_with(origin, &[])
    }

    /// Reads and checks the scenario with one patch more.
    pub(super) fn load_patched(&self, origin: Origin<'_>, patch: Patch) -> Result<Loaded, Failure> {
        let mut overrides = self.overrides(&[])?;
        overrides.patches.push(patch);
        Ok(scenario::load(origin, &overrides)?)
    }

    /// What was said of the scenario beside its file, fit for a shell, with a blank before each.
    pub(super) fn as_given(&self) -> String {
        let patches = self.patch.iter();
        let mut said: Vec<String> = patches
            .map(|path| format!("--patch {}", quoted(&path.to_string_lossy())))
            .collect();
        let set = self.set.iter();
        said.extend(set.map(|(key, value)| format!("--set {}", quoted(&format!("{key}={value}")))));
        said.extend(self.seed.map(|seed| format!("--seed {seed}")));
        said.iter().map(|one| format!(" {one}")).collect()
    }

    /// Reads and checks the scenario with more settings, which come last.
    pub(super) fn load_with(
        &self,
        origin: Origin<'_>,
        more: &[(String, String)],
    ) -> Result<Loaded, Failure> {
        Ok(scenario::load(origin, &self.overrides(more)?)?)
    }

    /// What changes a scenario before it is judged.
    fn overrides(&self, more: &[(String, String)]) -> Result<Overrides, Failure> {
        let patches = self.patch.iter().map(|path| Patch::read(path));
        Ok(Overrides {
            patches: patches.collect::<Result<_, _>>()?,
            set: [&self.set, more].concat(),
            seed: self.seed,
            limits: Limits {
                max_actors: self.max_actors,
                max_events: self.max_events,
                max_memory: self.max_memory.saturating_mul(1 << 20),
            },
        })
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("a setting is KEY=VALUE, as in stages.0.servers=2".to_owned()),
    }
}

/// Who lets the actors act. Nothing here changes a result.
#[derive(Debug, Args)]
#[command(next_help_heading = "Runtime (changes speed only, never a result)")]
pub(super) struct EngineOptions {
    /// A thread per actor, or all actors in one thread
    #[arg(long, value_enum, default_value_t = Engine::Threads)]
    pub(super) engine: Engine,

    /// Messages a channel between threads holds; 0: sender and receiver meet
    #[arg(long, value_name = "N", default_value_t = CHANNEL_CAPACITY,
          value_parser = clap::value_parser!(u64).range(..=CHANNEL_CAPACITY_MAX))]
    channel_capacity: u64,

    #[arg(long, value_name = "N",
          help = format!("Customers a message carries at most [default: {} between threads, {} in one]",
                         tandem::CHUNK_BETWEEN_THREADS, tandem::CHUNK),
          value_parser = clap::value_parser!(u64).range(1..=CHUNK_MAX))]
    chunk: Option<u64>,
}

/// An engine by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Engine {
    /// Every actor on a thread of its own, over bounded channels
    Threads,
    /// All actors in one thread: the fastest
    Inline,
}

impl Engine {
    pub(super) fn name(self) -> &'static str {
        match self {
            Engine::Threads => "threads",
            Engine::Inline => "inline",
        }
    }

    pub(super) fn runtime(self, channel_capacity: usize) -> Runtime {
        match self {
            Engine::Threads => Runtime::Threads { channel_capacity },
            Engine::Inline => Runtime::Inline,
        }
    }

    /// The engine of that name.
    pub(super) fn named(name: &str) -> Option<Engine> {
        let engines = Engine::value_variants().iter().copied();
        engines.clone().find(|engine| engine.name() == name)
    }
}

impl EngineOptions {
    pub(super) fn runtime(&self) -> Runtime {
        self.engine.runtime(self.channel_capacity as usize)
    }

    /// The most customers in a message.
    pub(super) fn chunk(&self) -> usize {
        let usual = tandem::usual_chunk(self.runtime());
        self.chunk.map_or(usual, |chunk| chunk as usize)
    }

    pub(super) fn options(&self) -> RuntimeOptions {
        RuntimeOptions {
            channel_capacity: Setting::One(self.channel_capacity as usize),
            chunk: Setting::One(self.chunk()),
        }
    }
}

/// What stdout says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputOptions {
    /// Print a text for people, or one JSON document
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = OutputFormat::Text)]
    pub(super) format: OutputFormat,

    /// Say nothing but the results: no warnings, no hints
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl OutputOptions {
    /// Tells a scenario's warnings on stderr.
    pub(super) fn warn(&self, warnings: &[String]) {
        if !self.quiet {
            for warning in warnings {
                output::note(&format!("warning: {warning}"));
            }
        }
    }
}

/// The form of what stdout says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// What is left on disk.
#[derive(Debug, Args)]
#[command(next_help_heading = "Results")]
pub(super) struct ResultOptions {
    /// Write the results into this folder: summary, manifest, scenario, tables
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Replace earlier results in that folder
    #[arg(long, requires = "out")]
    overwrite: bool,

    /// In which form the tables are written [default: parquet]
    #[arg(long, value_enum, value_name = "FORM", requires = "out")]
    tables: Option<TableForms>,

    /// Write the results as a page too: report.html in the folder of --out
    #[arg(long, requires = "out")]
    report: bool,

    /// Write each chart of the report into this folder, as PNG and as SVG
    #[cfg(feature = "png")]
    #[arg(long, value_name = "DIR", requires = "out")]
    png: Option<PathBuf>,
}

/// The forms of tables, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TableForms {
    /// Parquet
    #[cfg(feature = "tables")]
    Parquet,
    /// Comma-separated values
    Csv,
    /// Both
    #[cfg(feature = "tables")]
    Both,
    /// No tables
    None,
}

impl ResultOptions {
    /// The folder for results, if any is wanted.
    pub(super) fn folder(&self) -> Result<Option<Folder>, Failure> {
        match &self.out {
            Some(path) => Ok(Some(Folder::open(path, self.overwrite)?)),
            None => Ok(None),
        }
    }

    /// The page of the results that were left, if it is wanted.
    pub(super) fn page(&self, output: &OutputOptions) -> Result<(), Failure> {
        #[cfg(feature = "png")]
        let pictures = self.png.as_deref();
        #[cfg(not(feature = "png"))]
        let pictures = None;
        let wanted = self.report || pictures.is_some();
        let Some(folder) = self.out.as_deref().filter(|_| wanted) else {
            return Ok(());
        };
        let path = report::write(folder, pictures)?;
        if !output.quiet {
            output::note(&format!("report in {}", path.display()));
        }
        Ok(())
    }

    /// The forms of tables.
    pub(super) fn formats(&self) -> Formats {
        match self.tables {
            None => Formats::USUAL,
            #[cfg(feature = "tables")]
            Some(TableForms::Parquet) => Formats::PARQUET,
            Some(TableForms::Csv) => Formats::CSV,
            #[cfg(feature = "tables")]
            Some(TableForms::Both) => Formats::ALL,
            Some(TableForms::None) => Formats::NONE,
        }
    }
}

/// What is logged, and where to.
#[derive(Debug, Args)]
#[command(next_help_heading = "Log")]
pub(super) struct LogOptions {
    /// Log what this lets through: levels and fields, parted by commas
    ///
    /// A level: error, warn, info, debug, trace; or one for a kind of actor, as in
    /// filas::attendant=debug. A field: attendant=B-3 shows only events that bear this value; several
    /// values of one field are alternatives, different fields must all hold. Fields alone mean every
    /// level. Examples: --log debug,attendant=B-3   --log filas::attendant=debug,request=17
    #[arg(long, value_name = "FILTER", value_parser = log_filter)]
    log: Option<String>,

    /// How a line of the log looks
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogLook::Pretty)]
    log_format: LogLook,

    /// Write the log to this file instead of stderr; without --log, from level info on
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
}

/// Only whether it is a filter: what clap keeps must be cloned, and a filter cannot be.
fn log_filter(text: &str) -> Result<String, crate::observe::log::FilterError> {
    Filter::parse(text).map(|_| text.to_owned())
}

/// The look of a line of the log, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogLook {
    /// In columns
    Pretty,
    /// Without the columns, with whole targets
    Compact,
    /// A JSON object a line
    Json,
}

impl LogOptions {
    /// Begins the log, if one is wanted.
    pub(super) fn begin(&self) -> Result<Option<Log>, Failure> {
        self.begin_with(None)
    }

    /// Begins the log, with a feed for a view, if there is one.
    pub(super) fn begin_with(&self, feed: Option<Arc<Feed<Said>>>) -> Result<Option<Log>, Failure> {
        let filter = match (&self.log, &self.log_file) {
            (Some(filter), _) => filter,
            (None, _) if feed.is_some() => "debug",
            (None, Some(_)) => "info",
            (None, None) => return Ok(None),
        };
        let filter = Filter::parse(filter).expect("checked with the command line");
        let format = match self.log_format {
            LogLook::Pretty => LogFormat::Pretty,
            LogLook::Compact => LogFormat::Compact,
            LogLook::Json => LogFormat::Json,
        };
        let colour = output::colour(&io::stderr());
        let log = Log::begin(filter, format, self.log_file.as_deref(), feed, colour)?;
        Ok(Some(log))
    }
}
