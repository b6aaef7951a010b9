//! `filas replicate FILE`: many independent replications, and an interval for every measure.
#![allow(
    clippy::disallowed_methods,
    reason = "how long a study took and when it was made are told here, beside the results"
)]

use super::options::{LogOptions, OutputFormat, OutputOptions, ResultOptions, ScenarioOptions};
use super::progress::Progress;
use super::publish::{Leaving, publish};
use super::report::{ReportOptions, beside};
use super::study_options::{self, WorkOptions, confidence};
use super::text::{self, StudyTelling, inside};
use super::{Exit, Failure, output, stop};
use crate::report::study::{Head, Keyed, Replications, Theory, json};
use crate::report::tables;
use crate::scenario::{Loaded, Origin, Scenario};
use crate::study::warm_up::{self, WarmUp};
use crate::study::{self, Conduct, Fit, Goal, Layout, Replicated};
use crate::tandem;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// Replications, unless asked otherwise.
const COUNT: u64 = 20;

/// The most replications for a precision, unless asked otherwise.
const MAX: u64 = 10_000;

/// The most replications at all.
const COUNT_MAX: u64 = 100_000_000;

/// Which scenario, how often, and what becomes of it.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The scenario
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// How many replications; with --precision, how many before the first look
    #[arg(short, long = "replications", value_name = "N", default_value_t = COUNT,
          value_parser = clap::value_parser!(u64).range(1..=COUNT_MAX))]
    n: u64,

    /// Add replications until each --measure is known to this fraction of its mean: 0.01 is 1 %
    #[arg(long, value_name = "FRACTION", value_parser = fraction, requires = "measure")]
    precision: Option<f64>,

    /// Show this measure only, a dotted key of the summary such as waiting.mean; repeatable
    #[arg(long, value_name = "KEY")]
    measure: Vec<String>,

    /// How sure the intervals are
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    confidence: f64,

    /// With --precision, the most replications
    #[arg(long, value_name = "N", default_value_t = MAX, requires = "precision",
          value_parser = clap::value_parser!(u64).range(2..=COUNT_MAX))]
    max: u64,

    /// Leave out the first customers of each run: so many, or `auto` to find out by MSER-5 on pilot
    /// runs [default: the scenario's]
    #[arg(long, value_name = "CUSTOMERS", value_parser = warm_up_option)]
    warm_up: Option<WarmUpOption>,

    #[command(flatten)]
    scenario: ScenarioOptions,

    #[command(flatten)]
    results: ResultOptions,

    #[command(flatten)]
    report: ReportOptions,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    work: WorkOptions,

    #[command(flatten)]
    log: LogOptions,
}

/// A warm-up as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WarmUpOption {
    Auto,
    Customers(u64),
}

fn warm_up_option(text: &str) -> Result<WarmUpOption, String> {
    match text.parse() {
        _ if text == "auto" => Ok(WarmUpOption::Auto),
        Ok(customers) => Ok(WarmUpOption::Customers(customers)),
        Err(_) => Err("a warm-up is a number of customers, or `auto`".to_owned()),
    }
}

fn fraction(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value.is_finite() => Ok(value),
        _ => Err("a precision is a fraction of the mean, as 0.01 is 1 %".to_owned()),
    }
}

pub(super) fn replicate(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut loaded = arguments.scenario.load(Origin::File(&arguments.file))?;
    arguments.output.warn(&loaded.warnings);
    let layout = Layout::of(&loaded.scenario).map_err(study_options::failed)?;
    let named = arguments.measure.iter().map(|key| layout.find(key));
    let named = named.collect::<Result<Vec<usize>, _>>()?;
    let crew = arguments.work.crew()?;
    let folder = arguments.results.folder()?;
    let log = arguments.log.begin()?;
    let stop = stop::listen(log.clone(), arguments.results.out.clone());
    let (started, clock) = (SystemTime::now(), Instant::now());
    let goal = match arguments.precision {
        None => Goal::Count(arguments.n),
        Some(relative) => Goal::Precision {
            relative,
            measures: named.clone(),
            first: arguments.n.min(arguments.max),
            max: arguments.max,
        },
    };
    let progress = Progress::begin(arguments.output.quiet);
    let conduct = Conduct {
        crew: &crew,
        runtime: arguments.work.runtime(),
        chunk: tandem::CHUNK,
        confidence: arguments.confidence,
        stop,
        expect: &|more| progress.expect(more),
        done: &|| progress.done(),
    };
    let found = warmed_up(arguments, &mut loaded, conduct);
    let replicated = match &found {
        Ok(_) => study::replicate(&loaded.scenario, &layout, &goal, conduct),
        // The log is to be kept all the same.
        Err(_) => Ok(Replicated::default()),
    };
    progress.end();
    // Whatever became of the study, the log of it is kept.
    let logged = log.map_or(Ok(()), |log| log.finish());
    let (found, replicated) = (found?, replicated.map_err(study_options::failed)?);
    let shown = match named.is_empty() {
        true => (0..layout.keys().len()).collect(),
        false => named,
    };
    let fit = Fit::of(&loaded.scenario);
    let document = document(
        arguments,
        &loaded.scenario,
        &layout,
        (&replicated, &fit),
        &shown,
    );
    let said = match arguments.output.format {
        OutputFormat::Json => document.clone(),
        OutputFormat::Text => {
            let out = arguments.results.out.as_deref();
            let telling = StudyTelling {
                engine: arguments.work.engine.name(),
                jobs: crew.workers(),
                took: clock.elapsed(),
                confidence: arguments.confidence,
                named: &arguments.measure,
                precision: arguments.precision,
                warm_up_found: found,
                next: &study_options::where_results_are(out, &arguments.output),
            };
            text::replications(
                &loaded.scenario,
                &layout,
                (&replicated, &fit),
                &telling,
                &output::paper(),
            )
        }
    };
    if let Some(folder) = folder {
        let formats = arguments.results.formats();
        let drafts = match formats.any() {
            true => tables::study::replications(&folder, formats, &layout, &replicated.rows)?,
            false => Vec::new(),
        };
        let leaving = Leaving {
            loaded: &loaded,
            engine: arguments.work.engine.name(),
            runtime: arguments.work.options(),
            digest: replicated.digest,
            interrupted: replicated.interrupted,
            json: &document,
            reproduce: format!(
                "filas replicate scenario.toml -n {} --confidence {}",
                replicated.rows.len(),
                arguments.confidence
            ),
            started,
        };
        publish(folder, drafts, leaving)?;
    }
    output::print(&said)?;
    beside(
        arguments.results.out.as_deref(),
        &arguments.report,
        &arguments.output,
    )?;
    logged?;
    Ok(if replicated.interrupted {
        study_options::tell(&arguments.output, "interrupted before it was done");
        Exit::Interrupted
    } else if !replicated.met {
        let text = format!(
            "the precision was not reached with {} replications: raise --max",
            replicated.rows.len()
        );
        study_options::tell(&arguments.output, &text);
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// Sets the warm-up asked for; gives the number of customers where it was found on pilot runs.
fn warmed_up(
    arguments: &Arguments,
    loaded: &mut Loaded,
    conduct: Conduct<'_>,
) -> Result<Option<u64>, Failure> {
    let Some(asked) = arguments.warm_up else {
        return Ok(None);
    };
    let Scenario::Tandem(line) = &loaded.scenario else {
        let text = "only a line has a warm-up: a desk is measured from its first step";
        return Err(Failure::Usage(text.to_owned()));
    };
    let (customers, found) = match asked {
        WarmUpOption::Customers(customers) => (customers, None),
        WarmUpOption::Auto => match warm_up::find(line, conduct).map_err(study_options::failed)? {
            WarmUp::Customers(customers) => (customers, Some(customers)),
            WarmUp::TooShort(short) => {
                let text = format!("no warm-up was found: {short}; set a longer `horizon`");
                return Err(Failure::Usage(text));
            }
            // The study that follows will find itself interrupted too.
            WarmUp::Interrupted => return Ok(None),
        },
    };
    let set = ("horizon.warm_up".to_owned(), customers.to_string());
    let origin = Origin::File(&arguments.file);
    *loaded = arguments.scenario.load_with(origin, &[set])?;
    Ok(found)
}

fn document(
    arguments: &Arguments,
    scenario: &Scenario,
    layout: &Layout,
    (replicated, fit): (&Replicated, &Fit),
    shown: &[usize],
) -> String {
    let judged = fit.measures.iter().filter_map(|(key, value)| {
        let seen = replicated.intervals[layout.find(key).ok()?];
        Some((key.as_str(), inside(&seen, *value)))
    });
    let measure = |&at: &usize| (layout.keys()[at].as_str(), replicated.intervals[at]);
    json(&Replications {
        head: Head::of(scenario, arguments.work.engine.name()),
        replications: replicated.rows.len() as u64,
        confidence: arguments.confidence,
        digest: replicated.digest,
        interrupted: replicated.interrupted,
        warm_up: match scenario {
            Scenario::Tandem(line) => Some(line.warm_up),
            Scenario::Desk(_) => None,
        },
        precision_reached: arguments.precision.map(|_| replicated.met),
        measures: Keyed(shown.iter().map(measure).collect()),
        theory: Theory::of(fit),
        inside: Keyed(judged.collect()),
    })
}
