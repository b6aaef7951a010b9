//! `filas stress FILE`: whether any schedule, channel capacity or kill changes the result.
#![allow(
    clippy::disallowed_methods,
    reason = "when it was made is told here, beside the results"
)]

use super::options::{
    LogOptions, OutputFormat, OutputOptions, ResultOptions, ScenarioOptions, whole,
};
use super::publish::{Leaving, publish, reproduce, typed};
use super::study::failed;
use super::study::options::where_results_are;
use super::{Exit, Failure, output, progress::Progress, stop, text};
use crate::actor::trial::Schedule;
use crate::report::stress::document;
use crate::report::study::Head;
use crate::report::{RuntimeOptions, Setting};
use crate::scenario::Loaded;
use crate::stress::{self, Baseline, Conduct, Effort, Family, Report, Verdict};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The default duration.
const TIME: Duration = Duration::from_secs(30);

/// The longest duration, in seconds.
const TIME_MAX: f64 = 30.0 * 24.0 * 3600.0;

/// The scenario, the effort, and the use of the results.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Try for this long: seconds, or with a unit, as in 90s, 5m, 2h [default: 30s; without a limit
    /// where --schedules is given alone]
    #[arg(long, value_name = "TIME", value_parser = time)]
    time: Option<Duration>,

    /// Try at most this many schedules
    #[arg(long, value_name = "N", value_parser = whole(1..=u64::MAX))]
    schedules: Option<u64>,

    /// Try schedules of this kind only
    #[arg(long, value_enum, value_name = "KIND", default_value_t = Kind::All)]
    strategy: Kind,

    /// Try this one schedule again, as a report names it
    #[arg(long, value_name = "STRING", conflicts_with_all = ["time", "schedules", "strategy", "first", "baseline"])]
    replay: Option<Schedule>,

    /// Begin with this schedule: another number tries others than before
    #[arg(long, value_name = "N", default_value_t = 0)]
    first: u64,

    /// Try the scenario at its whole length, however few schedules that leaves time for
    #[arg(long)]
    whole: bool,

    /// Compare throughput with an earlier report (its JSON), and say where it was lost
    #[arg(long, value_name = "OLD.json")]
    baseline: Option<PathBuf>,

    /// Plant this fault in the program first
    #[cfg(feature = "planted")]
    #[arg(long, value_name = "FAULT", value_parser = fault)]
    plant: Option<crate::planted::Fault>,

    #[command(flatten)]
    scenario: ScenarioOptions,

    #[command(flatten)]
    results: ResultOptions,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    log: LogOptions,
}

/// A kind of schedules, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Every kind
    All,
    /// The next actor to move is drawn at random
    Random,
    /// Random priorities that change a few times (PCT)
    Pct,
    /// All actors by turns
    Rr,
    /// Real threads: perturbed, killed, brought back
    Threads,
}

fn time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "s" | "" => Some(1.0),
        "ms" => Some(0.001),
        "m" | "min" => Some(60.0),
        "h" => Some(3600.0),
        _ => None,
    };
    match (digits.parse::<f64>(), unit) {
        (Ok(value), Some(unit)) if value > 0.0 && value * unit <= TIME_MAX => {
            Ok(Duration::from_secs_f64(value * unit))
        }
        _ => Err("a time is positive and at most 30 days: 30s, 5m or 2h".to_owned()),
    }
}

/// A fault by its name.
#[cfg(feature = "planted")]
fn fault(name: &str) -> Result<crate::planted::Fault, String> {
    let all = crate::planted::Fault::ALL;
    let found = all.into_iter().find(|fault| fault.name() == name);
    found.ok_or_else(|| {
        format!(
            "the faults are {}",
            all.map(|fault| fault.name()).join(", ")
        )
    })
}

pub(super) fn stress(arguments: &Arguments) -> Result<Exit, Failure> {
    #[cfg(feature = "planted")]
    crate::planted::plant(arguments.plant);
    let loaded = arguments.scenario.load()?;
    arguments.output.warn(&loaded.warnings);
    let head = Head::of(&loaded.scenario, ENGINE);
    let earlier = arguments.baseline.as_ref();
    let earlier = earlier
        .map(|path| baseline(path, head.name()))
        .transpose()?;
    let folder = arguments.results.folder()?;
    let log = arguments.log.begin()?;
    let stop = stop::listen(log.clone(), arguments.results.out.clone());
    let started = SystemTime::now();
    let progress = Progress::begin(arguments.output.quiet);
    let conduct = Conduct {
        stop,
        progress: &|| progress.one_more("schedules"),
    };
    let found = match &arguments.replay {
        Some(schedule) => stress::replay(&loaded.scenario, schedule, arguments.whole, conduct),
        None => stress::stress(&loaded.scenario, &effort(arguments), conduct),
    };
    progress.end();
    // The log is kept, whatever the outcome.
    let logged = log.map_or(Ok(()), |log| log.finish());
    let mut report = found.map_err(|error| failed(error.into()))?;
    if let (Some(earlier), Some(speed)) = (&earlier, &report.speed) {
        report.losses = speed.losses_since(earlier);
        report.compared = Some(speed.compared(earlier));
    }
    let again = again(arguments, &report);
    let json = document(&head, &report, again.as_deref());
    let said = match arguments.output.format {
        OutputFormat::Json => json.clone(),
        OutputFormat::Text => text::stress(
            &loaded.scenario,
            &report,
            again.as_deref(),
            &output::paper(),
        ),
    };
    if let Some(folder) = folder {
        publish(
            folder,
            Vec::new(),
            leaving(arguments, &loaded, &report, &json, started),
        )?;
    }
    output::print(&said)?;
    let out = arguments.results.out.as_deref();
    let hint = where_results_are(out, "the results and --report for a page");
    arguments.output.hint(&[hint]);
    arguments.results.page(&arguments.output)?;
    logged?;
    Ok(exit(&report))
}

/// The throughput of an earlier report of the scenario of this name.
fn baseline(path: &Path, name: &str) -> Result<Baseline, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!("--baseline {}: {error}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    Baseline::read(&text, name).map_err(|error| wrong(&error))
}

/// The name of the engine in the report: all of them.
const ENGINE: &str = "all";

fn effort(arguments: &Arguments) -> Effort {
    Effort {
        time: match (arguments.time, arguments.schedules) {
            (None, Some(_)) => None,
            (time, _) => Some(time.unwrap_or(TIME)),
        },
        schedules: arguments.schedules,
        family: match arguments.strategy {
            Kind::All => Family::All,
            Kind::Random => Family::Random,
            Kind::Pct => Family::Pct,
            Kind::Rr => Family::RoundRobin,
            Kind::Threads => Family::Threads,
        },
        first: arguments.first,
        whole: arguments.whole,
    }
}

fn exit(report: &Report) -> Exit {
    match report.verdict {
        Verdict::Deadlock => Exit::Deadlock,
        Verdict::Diverged | Verdict::Invariant => Exit::Failed,
        _ if report.interrupted => Exit::Interrupted,
        Verdict::NotStressed => Exit::Failed,
        Verdict::Same if report.losses.is_empty() => Exit::Done,
        Verdict::Same => Exit::Failed,
    }
}

/// The command that repeats the failing schedule on the same scenario, with its settings. A failure in one thread
/// occurs before the first schedule.
fn again(arguments: &Arguments, report: &Report) -> Option<String> {
    let failure = report.failure.as_ref()?;
    let file = arguments.scenario.named();
    let settings = arguments.scenario.as_given();
    let whole = if arguments.whole { " --whole" } else { "" };
    #[cfg(feature = "planted")]
    let settings = match arguments.plant {
        Some(fault) => format!("{settings} --plant {}", fault.name()),
        None => settings,
    };
    let which = match failure.schedule {
        Some(schedule) => format!("--replay {schedule}"),
        None => "--schedules 1".to_owned(),
    };
    Some(format!("filas stress{file}{settings}{whole} {which}"))
}

fn leaving<'a>(
    arguments: &Arguments,
    loaded: &'a Loaded,
    report: &Report,
    json: &'a str,
    started: SystemTime,
) -> Leaving<'a> {
    let whole = if arguments.whole { " --whole" } else { "" };
    Leaving {
        loaded,
        engine: ENGINE,
        runtime: match &report.replayed {
            Some(schedule) => RuntimeOptions {
                channel_capacity: Setting::One(schedule.channel_capacity),
                chunk: Setting::One(schedule.chunk),
            },
            None => RuntimeOptions {
                channel_capacity: Setting::Each(&stress::CAPACITIES),
                chunk: Setting::Each(&stress::CHUNKS),
            },
        },
        digest: report.digest,
        interrupted: report.interrupted,
        has_rows: false,
        stop_after: None,
        json,
        command: typed(),
        reproduce: reproduce(loaded, |scenario| {
            let schedule = report.failure.as_ref().and_then(|failure| failure.schedule);
            match schedule {
                Some(schedule) => format!("filas stress {scenario}{whole} --replay {schedule}"),
                None => format!("filas stress {scenario}{whole} --first {}", arguments.first),
            }
        }),
        started,
    }
}
