//! `filas order FILE`: which order of a line's stages is best.
#![allow(
    clippy::disallowed_methods,
    reason = "how long a study took and when it was made are told here, beside the results"
)]

use super::options::{LogOptions, OutputFormat, OutputOptions, ResultOptions, ScenarioOptions};
use super::publish::{Leaving, command, publish, quoted};
use super::report::{ReportOptions, beside};
use super::study_options::{WorkOptions, confidence};
use super::text::{self, OrderTelling};
use super::{Exit, Failure, output, stop};
use crate::report::{Folder, OrderReport, order_table};
use crate::scenario::{Loaded, Origin, Scenario};
use crate::study::order::{self, Objective, OrderError, OrderStudy, Progress, Question};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// Which line, and what is asked.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The scenario: a tandem
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// What is to be as small as possible; repeatable
    #[arg(
        long = "objective",
        value_name = "KEY",
        value_enum,
        default_value = "waiting.mean"
    )]
    objectives: Vec<Objective>,

    /// With which the candidates hold the best order, between 0 and 1
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    confidence: f64,

    /// How much worse than the best does not matter, in the objective's unit [default: 1 % of the best]
    #[arg(long, value_name = "D", value_parser = not_negative)]
    indifference: Option<f64>,

    /// The most replications of an order [default: what a minute or so allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,

    /// Show every order in the text
    #[arg(long)]
    all: bool,

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

impl ValueEnum for Objective {
    fn value_variants<'a>() -> &'a [Self] {
        &Objective::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.key()))
    }
}

fn not_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..f64::INFINITY).contains(&value) => Ok(value),
        _ => Err("a difference is 0 or more, in the unit of what is compared".to_owned()),
    }
}

pub(super) fn order(arguments: &Arguments) -> Result<Exit, Failure> {
    let loaded = arguments.scenario.load(Origin::File(&arguments.file))?;
    let Scenario::Tandem(scenario) = &loaded.scenario else {
        return Err(Failure::OtherModel {
            command: "order",
            model: "tandem",
        });
    };
    order::comparable(scenario)?;
    arguments.output.warn(&loaded.warnings);
    let crew = arguments.work.crew()?;
    let folder = arguments.results.folder()?;
    let log = arguments.log.begin()?;
    let stop = stop::listen(log.clone(), arguments.results.out.clone());
    let (started, clock) = (SystemTime::now(), Instant::now());
    let mut objectives = Vec::new();
    for &objective in &arguments.objectives {
        if !objectives.contains(&objective) {
            objectives.push(objective);
        }
    }
    let question = Question {
        objectives,
        confidence: arguments.confidence,
        indifference: arguments.indifference,
        max: arguments.max,
        runtime: arguments.work.runtime(),
    };
    let mut ticker = Ticker::new(arguments.output.quiet);
    let study = order::order(scenario, &question, &crew, stop, &mut |progress| {
        ticker.tell(progress);
    });
    ticker.clear();
    let logged = log.map_or(Ok(()), |log| log.finish());
    let study = study.map_err(|error| match error {
        OrderError::Run(error) => Failure::Run {
            error,
            again: command(),
        },
        error => Failure::Order(error),
    })?;
    let json = OrderReport::new(scenario, &study).json();
    let said = match arguments.output.format {
        OutputFormat::Json => json.clone(),
        OutputFormat::Text => {
            let telling = OrderTelling {
                took: clock.elapsed(),
                all: arguments.all,
                next: next(arguments, &study),
            };
            text::order(scenario, &study, &telling, &output::paper())
        }
    };
    if let Some(folder) = folder {
        file(arguments, &loaded, folder, &study, &json, started)?;
    }
    output::print(&said)?;
    beside(
        arguments.results.out.as_deref(),
        &arguments.report,
        &arguments.output,
    )?;
    logged?;
    Ok(match study.interrupted {
        true => Exit::Interrupted,
        false => Exit::Done,
    })
}

/// What to do next.
fn next(arguments: &Arguments, study: &OrderStudy) -> Vec<String> {
    if arguments.output.quiet {
        return Vec::new();
    }
    let file = quoted(&arguments.file.to_string_lossy());
    let mut next = Vec::new();
    if study.answers.len() == 1 {
        next.push(format!(
            "filas order {file} --objective queues_joined.mean   for another objective"
        ));
    }
    match &arguments.results.out {
        Some(out) => next.push(format!("results in {}", out.display())),
        None => next.push(format!(
            "filas order {file} --out DIR   for a table of all orders"
        )),
    }
    next
}

/// Leaves the study in its folder.
fn file(
    arguments: &Arguments,
    loaded: &Loaded,
    folder: Folder,
    study: &OrderStudy,
    json: &str,
    started: SystemTime,
) -> Result<(), Failure> {
    let formats = arguments.results.formats();
    let drafts = match formats.any() {
        true => order_table(study, &folder, formats)?,
        false => Vec::new(),
    };
    let objectives = arguments.objectives.iter();
    let objectives: String = objectives
        .map(|objective| format!(" --objective {}", objective.key()))
        .collect();
    let option = |name: &str, value: Option<String>| {
        value.map_or(String::new(), |value| format!(" --{name} {value}"))
    };
    let leaving = Leaving {
        loaded,
        engine: arguments.work.engine.name(),
        runtime: arguments.work.options(),
        digest: study.digest,
        interrupted: study.interrupted,
        json,
        reproduce: format!(
            "filas order scenario.toml{objectives} --confidence {}{}{}",
            arguments.confidence,
            option(
                "indifference",
                arguments.indifference.map(|d| d.to_string())
            ),
            option("max", arguments.max.map(|n| n.to_string())),
        ),
        started,
    };
    publish(folder, drafts, leaving)
}

/// Says on a terminal's stderr how far the study is, in one line that it writes again and again.
struct Ticker {
    on: bool,
    width: usize,
}

impl Ticker {
    fn new(quiet: bool) -> Ticker {
        Ticker {
            on: !quiet && io::stderr().is_terminal(),
            width: 0,
        }
    }

    fn tell(&mut self, progress: Progress) {
        let text = match progress.searching {
            true => format!("searching: {} orders tried", progress.orders),
            false => format!(
                "{} replications: {} of {} orders can still be the best",
                progress.replications, progress.racing, progress.orders
            ),
        };
        self.write(&text);
    }

    fn clear(&mut self) {
        self.write("");
        self.write("");
    }

    fn write(&mut self, text: &str) {
        if self.on {
            let width = self.width;
            self.width = text.len();
            // A terminal that does not take it is no reason to fail.
            let _ = write!(io::stderr().lock(), "\r{text:width$}\r{text}");
        }
    }
}
