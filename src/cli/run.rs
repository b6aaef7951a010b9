//! `filas run [FILE]`: one run, its summary, and its results folder if requested.
#![allow(
    clippy::disallowed_methods,
    reason = "how long a run took and when it was made are told here, beside the results"
)]

use super::live;
#[cfg(feature = "page")]
use super::metrics::MetricsOptions;
use super::options::{
    Engine, EngineOptions, LogOptions, OutputFormat, OutputOptions, ResultOptions, RunEngine,
    ScenarioOptions,
};
#[cfg(feature = "page")]
use super::otlp::{Otlp, OtlpOptions};
use super::progress::Progress;
use super::publish::{Leaving, command, publish, quoted, reproduce, typed};
use super::text::{self, Telling};
use super::watch::{Recorders, Session, WatchOptions};
use super::{Exit, Failure, interventions, output, stop};
use crate::actor::{Recorder, Recording, Surroundings};
use crate::model::{Model, Outcome};
use crate::number;
use crate::observe::limit::{Limited, Reached};
use crate::observe::log::Log;
#[cfg(feature = "page")]
use crate::observe::metrics::Metrics;
use crate::observe::room::Watch;
use crate::observe::timeline::Timeline;
use crate::report::tables::{self, EventLog, Filing};
use crate::report::{Draft, Folder, Summary};
use crate::scenario::{self, Loaded, Scenario};
use crate::station::Happening;
#[cfg(feature = "page")]
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// The scenario, and the use of the results.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioOptions,

    #[command(flatten)]
    results: ResultOptions,

    /// Write an event log for process mining too: the table `events`, a row for each step of a case
    #[arg(long, requires = "out", help_heading = "Results")]
    events: bool,

    /// End the run after N customers or steps, or at time N of a desk or a closed network, with the results a run has that
    /// is stopped there; it counts as finished
    #[arg(long, value_name = "N", value_parser = length, help_heading = "Scenario")]
    stop_after: Option<f64>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    watch: WatchOptions,

    #[cfg(feature = "page")]
    #[command(flatten)]
    metrics: MetricsOptions,

    #[cfg(feature = "page")]
    #[command(flatten)]
    otlp: OtlpOptions,

    #[command(flatten)]
    engine: EngineOptions,

    #[command(flatten)]
    log: LogOptions,
}

impl Arguments {
    /// Whether metrics are served during the run.
    fn has_metrics(&self) -> bool {
        #[cfg(feature = "page")]
        return self.metrics.are_wanted();
        #[cfg(not(feature = "page"))]
        false
    }

    /// Whether every change of state is needed, for a file or for observers; a log may need them, too.
    fn tells_all(&self, has_timeline: bool) -> bool {
        #[cfg(feature = "page")]
        let has_spans = self.otlp.are_wanted();
        #[cfg(not(feature = "page"))]
        let has_spans = false;
        has_timeline || self.events || self.watch.live || self.has_metrics() || has_spans
    }
}

fn length(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(length) if length >= 0.0 && f64::is_finite(length) => Ok(length),
        _ => Err("a length is a number of customers, steps or units of time, 0 or more".to_owned()),
    }
}

/// The outcome of a run.
struct Ran {
    outcome: Outcome,
    /// The summary for people; empty if it is not shown.
    text: String,
    drafts: Vec<Draft>,
    timeline: Option<Draft>,
    /// The limit at which it was stopped.
    reached: Option<Reached>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut loaded = arguments.scenario.load()?;
    if let Some(length) = arguments.stop_after {
        loaded.scenario = Model::of(&loaded.scenario).ending_after(length);
    }
    arguments.log.check(&loaded.scenario)?;
    arguments.watch.refuse_without_terminal()?;
    if arguments.events && !arguments.results.formats().any() {
        let message =
            "`--events` writes a table, and `--tables none` asks for none; leave one of them out";
        return Err(Failure::Usage(message.to_owned()));
    }
    arguments.output.warn(&loaded.warnings);
    let folder = arguments.results.folder()?;
    let timeline = arguments.watch.timeline()?;
    let feed = arguments.watch.live.then(live::feed);
    let level = arguments
        .watch
        .logs(&loaded.scenario, arguments.output.quiet);
    let log = arguments.log.begin_with(feed.clone(), level)?;
    let stop = stop::listen(log.clone(), arguments.results.out.clone());
    let estimate = scenario::estimate(&loaded.scenario);
    let needs = log.as_ref().map(|log| log.needs(&loaded.scenario));
    let told = arguments.tells_all(timeline.is_some()) || needs == Some(Recording::Everything);
    let session = Session {
        told,
        engine: arguments.engine.of_run(
            match told {
                true => estimate.threads_told_seconds,
                false => estimate.threads_seconds,
            },
            arguments.watch.is_watched() || arguments.has_metrics(),
        ),
        progress: Progress::begin(
            arguments.output.quiet || arguments.watch.draws() || arguments.log.is_on_stderr(level),
        ),
        span: estimate.span,
        pacer: arguments.watch.pacer(stop, &loaded.scenario),
        stop,
        log,
        feed,
    };
    let started = SystemTime::now();
    let ran = watched(arguments, &loaded, (folder.as_ref(), timeline), &session);
    // The log is kept, whatever the outcome of the run.
    let logged = session.log.as_ref().map_or(Ok(()), Log::finish);
    let mut ran = ran?;
    if !arguments.output.quiet && session.feed.is_none() {
        arguments
            .log
            .warn_if_empty(session.log.as_ref(), &loaded.scenario);
    }
    let outcome = &ran.outcome;
    let json = Summary::of(&loaded.scenario, session.engine.name(), outcome).json();
    let journal = session.journal();
    let touched = interventions::touched(&journal, &loaded, &arguments.scenario)?;
    let exit = match (outcome.interrupted(), ran.reached) {
        (true, Some(_)) => Exit::Failed,
        (true, None) => Exit::Interrupted,
        (false, _) if outcome.deadlocked().is_some() => Exit::Failed,
        (false, _) => Exit::Done,
    };
    let said = match arguments.output.format {
        OutputFormat::Text => ran.text.clone(),
        OutputFormat::Json => json.clone(),
    };
    if let Some(folder) = folder {
        let touched = touched.as_ref();
        let draft = touched.map(|touched| touched.draft(&folder)).transpose()?;
        ran.drafts.extend(draft);
        let leaving = Leaving {
            loaded: touched.map_or(&loaded, |touched| &touched.loaded),
            engine: session.engine.name(),
            runtime: session.engine.options(),
            digest: outcome.digest(),
            interrupted: outcome.interrupted(),
            has_rows: false,
            stop_after: arguments.stop_after,
            json: &json,
            command: typed(),
            reproduce: reproduce(&loaded, |scenario| {
                let asked = arguments
                    .stop_after
                    .map(|length| format!(" --stop-after {length}"));
                let end = match outcome.ending(&loaded.scenario) {
                    end if end.is_empty() => asked.unwrap_or_default(),
                    end => end,
                };
                format!(
                    "filas run {scenario} --engine {}{end}",
                    session.engine.name()
                )
            }),
            started,
        };
        publish(folder, ran.drafts, leaving)?;
    }
    if let Some(timeline) = ran.timeline {
        timeline.publish()?;
    }
    output::print(&said)?;
    arguments.output.hint(&next(arguments, &session.engine));
    if let Some(reached) = ran.reached {
        output::warn(&reached.to_string());
    }

    arguments.results.page(&arguments.output)?;
    if let Some(touched) = touched {
        let end = outcome.ending(&loaded.scenario);
        let out = arguments.results.out.as_deref();
        touched.tell(&arguments.scenario, out, end);
    }
    logged?;
    Ok(exit)
}

/// Runs the scenario with all its recorders.
fn watched(
    arguments: &Arguments,
    loaded: &Loaded,
    (folder, timeline): (Option<&Folder>, Option<Draft>),
    session: &Session,
) -> Result<Ran, Failure> {
    let scenario = &loaded.scenario;
    let failed = |error| arguments.watch.timeline_failed(error);
    let timeline = timeline.map(|file| Timeline::begin(scenario, file, session.stop));
    let timeline = timeline.transpose().map_err(failed)?;
    let watch = arguments.watch.live.then(|| Watch::new(scenario));
    // The recorder is dropped, which writes its last lines, before the log is finished.
    let logging = session.log.as_ref().map(|log| log.of_run(scenario));
    let mut recorders: Vec<&dyn Recorder<Happening>> = Vec::new();
    recorders.extend(watch.iter().map(|recorder| recorder as &dyn Recorder<_>));
    recorders.extend(timeline.iter().map(|recorder| recorder as &dyn Recorder<_>));
    #[cfg(feature = "page")]
    let metrics = (arguments.has_metrics()).then(|| Arc::new(Metrics::new(scenario)));
    #[cfg(feature = "page")]
    let _served = match metrics.clone() {
        Some(scraped) => arguments.metrics.serve(move || scraped.text())?,
        None => None,
    };
    #[cfg(feature = "page")]
    recorders.extend((metrics.as_deref().iter()).map(|&recorder| recorder as &dyn Recorder<_>));
    #[cfg(feature = "page")]
    let otlp = arguments.otlp.open(loaded)?;
    #[cfg(feature = "page")]
    let spans = otlp
        .as_ref()
        .map(|otlp| otlp.recorder(scenario, session.stop));
    #[cfg(feature = "page")]
    recorders.extend(spans.iter().map(|spans| spans as &dyn Recorder<_>));
    let watching = match recorders.is_empty() {
        true => Recording::Nothing,
        false => Recording::Everything,
    };
    let log = session.log.as_ref();
    let recording = watching.max(log.map_or(Recording::Nothing, |log| log.needs(scenario)));
    recorders.extend(logging.iter().map(|recorder| recorder as &dyn Recorder<_>));
    let clock = Instant::now();
    let (outcome, reached, drafts) = session.perform((watch.as_ref(), scenario.clock()), || {
        filed(
            arguments,
            scenario,
            folder,
            session,
            (recording, &recorders),
        )
    })?;
    #[cfg(feature = "page")]
    {
        if let Some(spans) = spans {
            spans.finish(outcome.end());
        }
        otlp.map(Otlp::finish).transpose()?;
    }
    let timeline = timeline.map(|timeline| timeline.finish(outcome.end()));
    let timeline = timeline.transpose().map_err(failed)?;
    let text = match arguments.output.format {
        OutputFormat::Json => String::new(),
        OutputFormat::Text => {
            let telling = Telling {
                digest: outcome.digest().to_string(),
                ..telling(session, loaded, clock)
            };
            text::run(scenario, &outcome, &telling, &output::paper())
        }
    };
    Ok(Ran {
        text,
        outcome,
        drafts,
        timeline,
        reached,
    })
}

/// Runs the scenario with all its recorders, and files its records in tables, if there is a folder for them and tables
/// are requested.
fn filed(
    arguments: &Arguments,
    scenario: &Scenario,
    folder: Option<&Folder>,
    session: &Session,
    (recording, recorders): (Recording, &[&dyn Recorder<Happening>]),
) -> Result<(Outcome, Option<Reached>, Vec<Draft>), Failure> {
    let formats = arguments.results.formats();
    let folder = folder.filter(|_| formats.any());
    let tables = folder.map(|folder| tables::begin(folder, formats, scenario));
    let tables = tables.transpose()?;
    let filing = tables.map(|tables| Filing::new(tables, session.stop));
    let events = folder.filter(|_| arguments.events);
    let events = events.map(|folder| EventLog::begin(folder, formats, scenario, session.stop));
    let events = events.transpose()?;
    let recording = match (&filing, &events) {
        (_, Some(_)) => Recording::Everything,
        (Some(_), None) => recording.max(Recording::Tables),
        (None, None) => recording,
    };
    let mut all = recorders.to_vec();
    all.extend(events.iter().map(|events| events as &dyn Recorder<_>));
    all.extend(filing.iter().map(|filing| filing as &dyn Recorder<_>));
    let chunk = session.pacer.chunk(session.engine.chunk());
    let runtime = session.engine.runtime();
    let limits = arguments.scenario.limits();
    let (outcome, reached) = session.conduct(|conductor| {
        let limited = Limited::new(conductor, scenario, chunk, (runtime, recording), limits);
        let around = Surroundings {
            conductor: &limited,
            recorder: &Recorders(&all),
        };
        let outcome = Model::of(scenario).run(0, runtime, Some(chunk), recording, around);
        (outcome, limited.reached())
    });
    let outcome = outcome.map_err(|error| Failure::Run {
        error,
        again: command(),
    })?;
    let mut drafts = filing.map_or(Ok(Vec::new()), Filing::finish)?;
    drafts.extend(events.map_or(Ok(Vec::new()), EventLog::finish)?);
    if let Some(folder) = folder {
        drafts.extend(tables::intervals(folder, formats, (scenario, &outcome))?);
    }
    Ok((outcome, reached, drafts))
}

/// The facts about the run that the text states beside its results.
fn telling(session: &Session, loaded: &Loaded, clock: Instant) -> Telling {
    let engine = &session.engine;
    let recording = match session.told {
        true => Recording::Everything,
        false => Recording::Nothing,
    };
    Telling {
        seed: loaded.scenario.seed(),
        engine: match engine.threads_would_take {
            Some(_) => "inline (auto)",
            None => engine.name(),
        },
        threads: match engine.engine {
            Engine::Inline => 1,
            Engine::Threads => Model::of(&loaded.scenario).actors(recording),
        },
        took: clock.elapsed(),
        digest: String::new(),
    }
}

/// Commands to try after this run.
fn next(arguments: &Arguments, engine: &RunEngine) -> Vec<String> {
    let file = arguments.scenario.named();
    let mut next = Vec::new();
    if let Some(seconds) = engine.threads_would_take {
        let took = number::duration(Duration::from_secs_f64(seconds.min(1e9)));
        next.push(format!(
            "--engine threads   for a thread per actor, which takes about {took}"
        ));
    }
    match &arguments.results.out {
        Some(out) => {
            let folder = quoted(&out.to_string_lossy());
            next.push(format!("results in {}", out.display()));
            next.push(format!("filas report {folder}   for one page with charts"));
        }
        None => next.push(format!(
            "filas run{file} --out DIR   for tables and the manifest"
        )),
    }
    next.push(format!(
        "filas replicate{file}   for intervals, from many runs"
    ));
    next.push(format!(
        "filas check{file}   for what the scenario says, in full"
    ));
    next
}
