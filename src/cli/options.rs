//! Options that several commands share.

use super::publish::quoted;
use super::source::{STDIN, Source};
use super::{Failure, output, report};
use crate::actor::Runtime;
use crate::observe::feed::Feed;
use crate::observe::log::{Filter, Format as LogFormat, Log, Said, Shown};
use crate::report::tables::Formats;
use crate::report::{Folder, RuntimeOptions, Setting};
use crate::scenario::{self, Limits, Loaded, Overrides, Patch, Scenario};
use crate::tandem;
use clap::{Args, ValueEnum, ValueHint};
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A parser of whole numbers in a range.
pub(super) fn whole(range: RangeInclusive<u64>) -> impl Fn(&str) -> Result<u64, String> + Clone {
    move |text| {
        let number = text.parse().ok();
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                format!(
                    "it must be a whole number from {} to {}",
                    range.start(),
                    range.end()
                )
            })
    }
}

/// The largest capacity of a channel, since the runtime allocates it beforehand.
const CHANNEL_CAPACITY_MAX: u64 = 1 << 16;

/// The default capacity of a channel: enough that a sender seldom waits for a receiver that has work.
pub(super) const CHANNEL_CAPACITY: u64 = 4;

const CHUNK_MAX: u64 = 1 << 20;

/// The scenario.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scenario")]
pub(super) struct ScenarioOptions {
    /// A scenario file, the name of a shipped scenario (see `filas new`), or - for stdin [default: desk]
    ///
    /// A file comes before a shipped scenario of the same name; ./NAME is always a file. The data files
    /// that a scenario names are looked for beside it, those of a scenario from stdin in the current
    /// folder.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = None::<&str>)]
    scenario_file: Option<PathBuf>,

    /// Take this seed instead of the scenario's
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole(0..=u64::MAX))]
    seed: Option<u64>,

    /// Set a key of the scenario, as in stages.0.servers=2; repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,

    /// Apply a patch of the scenario, such as the interventions of a live run; repeatable
    #[arg(long, value_name = "FILE")]
    patch: Vec<PathBuf>,

    /// Refuse a scenario of more actors than this
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_actors, value_parser = whole(0..=u64::MAX))]
    max_actors: u64,

    /// Refuse a scenario of more events than this, by estimate; a run that outgrows its estimate is stopped
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_events, value_parser = whole(0..=u64::MAX))]
    max_events: u64,

    /// Refuse a scenario that would take more memory than this, by estimate, in MiB; a run that outgrows its
    /// estimate is stopped
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_memory >> 20)]
    max_memory: u64,

    /// The scenario that `scenario_file` names, once it was looked up.
    #[arg(skip)]
    source: OnceLock<Source>,
}

impl ScenarioOptions {
    /// Opens the source of the scenario. Stdin is read once, at the first call.
    pub(super) fn source(&self) -> Result<&Source, Failure> {
        if let Some(source) = self.source.get() {
            return Ok(source);
        }
        let source = Source::of(self.scenario_file.as_deref())?;
        Ok(self.source.get_or_init(|| source))
    }

    /// Reads and checks the scenario.
    pub(super) fn load(&self) -> Result<Loaded, Failure> {
        self.load_with(&[])
    }

    /// Sets the source that the scenario's word stands for.
    pub(super) fn stands_for(&self, source: Source) {
        self.source.get_or_init(|| source);
    }

    /// The word that names the scenario.
    pub(super) fn word(&self) -> Option<&Path> {
        self.scenario_file.as_deref()
    }

    /// Whether options change the scenario.
    pub(super) fn changes_it(&self) -> bool {
        self.seed.is_some() || !self.set.is_empty() || !self.patch.is_empty()
    }

    /// Reads and checks a second scenario, changed by the same options, with this seed; returns its file too. `source`
    /// is its source, if that is known.
    pub(super) fn load_other(
        &self,
        word: &Path,
        source: Option<Source>,
        seed: u64,
    ) -> Result<(PathBuf, Loaded), Failure> {
        let source = match source {
            Some(source) => source,
            None => Source::of(Some(word))?,
        };
        let stdin = Some(Path::new(STDIN));
        if (self.word(), Some(word)) == (stdin, stdin) {
            let text = "only one of two scenarios can come from stdin; save the other in a file";
            return Err(Failure::Usage(text.to_owned()));
        }
        let overrides = Overrides {
            seed: Some(seed),
            ..self.overrides(&[])?
        };
        let mut loaded = scenario::load(source.origin(), &overrides)?;
        loaded.warnings.extend(source.warning(Some(word)));
        let file = source.path();
        Ok((
            std::path::absolute(file).unwrap_or_else(|_| file.to_owned()),
            loaded,
        ))
    }

    /// Reads and checks the scenario with one more patch.
    pub(super) fn load_patched(&self, patch: Patch) -> Result<Loaded, Failure> {
        let mut overrides = self.overrides(&[])?;
        overrides.patches.push(patch);
        Ok(scenario::load(self.source()?.origin(), &overrides)?)
    }

    /// Reads and checks the scenario with more settings, which come last.
    pub(super) fn load_with(&self, more: &[(String, String)]) -> Result<Loaded, Failure> {
        let source = self.source()?;
        let mut loaded = scenario::load(source.origin(), &self.overrides(more)?)?;
        let warning = source.warning(self.scenario_file.as_deref());
        loaded.warnings.extend(warning);
        Ok(loaded)
    }

    /// The scenario as named, quoted for a shell, with a blank before it; empty if none was named.
    pub(super) fn named(&self) -> String {
        let file = self.scenario_file.as_ref();
        file.map_or(String::new(), |file| {
            format!(" {}", quoted(&file.to_string_lossy()))
        })
    }

    /// The options that change the scenario, quoted for a shell, with a blank before each.
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

    /// The changes to a scenario before it is checked.
    fn overrides(&self, more: &[(String, String)]) -> Result<Overrides, Failure> {
        let patches = self.patch.iter().map(|path| Patch::read(path));
        Ok(Overrides {
            patches: patches.collect::<Result<_, _>>()?,
            set: [&self.set, more].concat(),
            seed: self.seed,
            limits: self.limits(),
        })
    }

    /// The limits of a run, checked before it and during it.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            max_actors: self.max_actors,
            max_events: self.max_events,
            max_memory: self.max_memory.saturating_mul(1 << 20),
        }
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

/// The engine that runs the actors. Nothing here changes a result.
#[derive(Debug, Args)]
#[command(next_help_heading = "Runtime (changes speed only, never a result)")]
pub(super) struct EngineOptions {
    /// A thread per actor, or all actors in one thread
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    engine: EngineChoice,

    /// Messages a channel between threads holds; 0: sender and receiver meet
    #[arg(long, value_name = "N", default_value_t = CHANNEL_CAPACITY,
          value_parser = whole(0..=CHANNEL_CAPACITY_MAX))]
    channel_capacity: u64,

    #[arg(long, value_name = "N",
          help = format!("Customers a message carries at most [default: {} between threads, {} in one]",
                         tandem::CHUNK_BETWEEN_THREADS, tandem::CHUNK),
          value_parser = whole(1..=CHUNK_MAX))]
    chunk: Option<u64>,
}

/// An engine as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EngineChoice {
    /// Threads; inline for a run that would take threads over 2 s and is not watched or paced
    Auto,
    /// Every actor on a thread of its own, over bounded channels
    Threads,
    /// All actors in one thread: the fastest
    Inline,
}

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Threads,
    Inline,
}

/// The expected duration on threads, in seconds, above which one thread is used instead.
const THREADS_SECONDS_MAX: f64 = 2.0;

/// The engine of a run, and the options that change its speed.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunEngine {
    pub(super) engine: Engine,
    channel_capacity: usize,
    chunk: Option<usize>,
    /// The seconds that threads were expected to take, if that is the reason why the run is inline.
    pub(super) threads_would_take: Option<f64>,
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
        let engines = [Engine::Threads, Engine::Inline];
        engines.into_iter().find(|engine| engine.name() == name)
    }
}

impl EngineOptions {
    /// The engine of a run that takes about `seconds` seconds on threads. A run that is observed or paced uses threads
    /// unless requested otherwise.
    pub(super) fn of_run(&self, seconds: f64, is_watched: bool) -> RunEngine {
        let (engine, threads_would_take) = match self.engine {
            EngineChoice::Auto if !is_watched && seconds > THREADS_SECONDS_MAX => {
                (Engine::Inline, Some(seconds))
            }
            EngineChoice::Auto | EngineChoice::Threads => (Engine::Threads, None),
            EngineChoice::Inline => (Engine::Inline, None),
        };
        RunEngine {
            engine,
            channel_capacity: self.channel_capacity as usize,
            chunk: self.chunk.map(|chunk| chunk as usize),
            threads_would_take,
        }
    }
}

impl RunEngine {
    pub(super) fn name(&self) -> &'static str {
        self.engine.name()
    }

    pub(super) fn runtime(&self) -> Runtime {
        self.engine.runtime(self.channel_capacity)
    }

    /// The most customers in a message.
    pub(super) fn chunk(&self) -> usize {
        let usual = tandem::usual_chunk(self.runtime());
        self.chunk.unwrap_or(usual)
    }

    pub(super) fn options(&self) -> RuntimeOptions {
        RuntimeOptions {
            channel_capacity: Setting::One(self.channel_capacity),
            chunk: Setting::One(self.chunk()),
        }
    }
}

/// The contents of stdout.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputOptions {
    /// Print a text for people, or one JSON document
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = OutputFormat::Text)]
    pub(super) format: OutputFormat,

    /// Print the results alone: no warnings, no hints
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl OutputOptions {
    /// Prints a scenario's warnings on stderr.
    pub(super) fn warn(&self, warnings: &[String]) {
        if !self.quiet {
            for warning in warnings {
                output::warn(warning);
            }
        }
    }

    /// Shows hints on what to do next, if stderr is a terminal: they are for people, not for scripts.
    pub(super) fn hint(&self, hints: &[String]) {
        if !self.quiet && self.format == OutputFormat::Text && output::is_for_people() {
            hints
                .iter()
                .for_each(|hint| output::note(&format!("  {hint}")));
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

/// The files to write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Results")]
pub(super) struct ResultOptions {
    /// Write the results into this folder: summary, manifest, scenario, tables
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Replace earlier results in that folder
    #[arg(long, requires = "out")]
    overwrite: bool,

    /// Form of the tables [default: parquet]
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
    /// The folder for results, if one is requested.
    pub(super) fn folder(&self) -> Result<Option<Folder>, Failure> {
        match &self.out {
            Some(path) => Ok(Some(Folder::open(path, self.overwrite)?)),
            None => Ok(None),
        }
    }

    /// Refuses to replace a folder whose rows are read.
    pub(super) fn spare<'a>(
        &self,
        mut read: impl Iterator<Item = &'a Path>,
    ) -> Result<(), Failure> {
        let Some(out) = self.out.as_deref().filter(|_| self.overwrite) else {
            return Ok(());
        };
        let same = |folder: &Path| match (out.canonicalize(), folder.canonicalize()) {
            (Ok(out), Ok(folder)) => out == folder,
            _ => false,
        };
        if read.any(same) {
            let text = format!(
                "`{}` is a folder whose rows are read here, and `--overwrite` would delete them first; name another \
                 folder with `--out`",
                out.display()
            );
            return Err(Failure::Usage(text));
        }
        Ok(())
    }

    /// Makes the page of the results, if it is requested.
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

/// The contents of the log, and its place.
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

    /// Format of a line of the log
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogLook::Pretty)]
    log_format: LogLook,

    /// Write the log to this file instead of stderr; without --log, from level info on
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
}

/// Only checks that the text is a filter: clap clones its values, and a filter cannot be cloned.
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
    /// Whether lines of the log go to stderr; `level` is the level unless requested otherwise.
    pub(super) fn is_on_stderr(&self, level: Option<&str>) -> bool {
        let level = self.log.as_deref().or(level);
        level.is_some_and(|level| level != "off") && self.log_file.is_none()
    }

    /// Warns if a requested log is empty.
    pub(super) fn warn_if_empty(&self, log: Option<&Log>, scenario: &Scenario) {
        let Some(filter) = self.log.as_deref().filter(|&filter| filter != "off") else {
            return;
        };
        if log.is_some_and(Log::is_empty) {
            let levels = match scenario.desk() {
                Some(_) => "info, debug and trace",
                None => "debug and trace",
            };
            output::warn(&format!(
                "the log is empty: no event of this run matches `--log {filter}`; those of a {} are of the \
                 levels {levels}",
                scenario.model()
            ));
        }
    }

    /// Begins the log of a study, if one is requested. Its runs are concurrent and have no common time, so their events
    /// are not logged; the log says so.
    pub(super) fn begin(&self) -> Result<Option<Log>, Failure> {
        let log = self.begin_with(None, None)?;
        if log.is_some() {
            tracing::warn!(
                target: crate::observe::log::COMMAND,
                "the events of many runs are not logged; `filas run` logs those of one"
            );
        }
        Ok(log)
    }

    /// Refuses a filter that matches no event of a run of this scenario.
    pub(super) fn check(&self, scenario: &Scenario) -> Result<(), Failure> {
        let wrong = |error| Failure::Usage(format!("invalid value for `--log`: {error}"));
        let filter = self.log.as_deref();
        filter.map_or(Ok(()), |filter| {
            Filter::check(filter, scenario).map_err(wrong)
        })
    }

    /// Begins the log, with a feed for a view if there is one; `level` is the level unless requested otherwise.
    pub(super) fn begin_with(
        &self,
        feed: Option<Arc<Feed<Said>>>,
        level: Option<&str>,
    ) -> Result<Option<Log>, Failure> {
        let filter = match (&self.log, &self.log_file) {
            (Some(filter), _) => filter,
            (None, _) if feed.is_some() => "debug",
            (None, Some(_)) => level.unwrap_or("info"),
            (None, None) => match level {
                Some(level) => level,
                None => return Ok(None),
            },
        };
        let filter = Filter::parse(filter).expect("checked with the command line");
        let format = match self.log_format {
            LogLook::Pretty => LogFormat::Pretty,
            LogLook::Compact => LogFormat::Compact,
            LogLook::Json => LogFormat::Json,
        };
        let shown = Shown {
            colour: output::colour(&io::stderr()),
            unicode: output::unicode(),
        };
        let log = Log::begin(filter, format, self.log_file.as_deref(), feed, shown)?;
        Ok(Some(log))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_leaves_threads_only_where_they_take_long_and_nobody_watches() {
        let options = |engine| EngineOptions {
            engine,
            channel_capacity: CHANNEL_CAPACITY,
            chunk: None,
        };
        for (engine, seconds, is_watched, expected) in [
            (EngineChoice::Auto, 1.9, false, Engine::Threads),
            (EngineChoice::Auto, 2.1, false, Engine::Inline),
            (EngineChoice::Auto, 2.1, true, Engine::Threads),
            (EngineChoice::Threads, 2.1, false, Engine::Threads),
            (EngineChoice::Inline, 1.9, true, Engine::Inline),
        ] {
            let run = options(engine).of_run(seconds, is_watched);
            assert_eq!(run.engine, expected, "{engine:?} {seconds} {is_watched}");
            let said = (engine == EngineChoice::Auto && expected == Engine::Inline).then_some(2.1);
            assert_eq!(run.threads_would_take, said);
        }
    }
}
