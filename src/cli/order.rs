//! `filas order FILE`: which order of a line's stages is best.

use super::options::{
    Engine, LogOptions, OutputFormat, OutputOptions, ResultOptions, ScenarioOptions,
};
use super::text::{self, OrderTelling};
use super::{Exit, Failure, output, run, stop};
use crate::actor::Runtime;
use crate::digest::Digest;
use crate::report::{
    Folder, InputFile, Manifest, OrderReport, RuntimeOptions, order_table, timestamp,
};
use crate::scenario::{Loaded, Origin, Scenario};
use crate::study::order::{self, Objective, OrderStudy, Progress, Question};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// Messages in a channel, where replications run on threads.
const CHANNEL_CAPACITY: usize = 4;

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
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = share)]
    confidence: f64,

    /// How much worse than the best does not matter, in the objective's unit [default: 1 % of the best]
    #[arg(long, value_name = "D", value_parser = not_negative)]
    indifference: Option<f64>,

    /// The most replications of an order [default: what a minute or so allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,

    /// Workers [default: one for each core]
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,

    /// Show every order in the text
    #[arg(long)]
    all: bool,

    /// How each replication runs; the result is the same
    #[arg(long, value_enum, default_value_t = Engine::Inline)]
    engine: Engine,

    #[command(flatten)]
    scenario: ScenarioOptions,

    #[command(flatten)]
    results: ResultOptions,

    #[command(flatten)]
    output: OutputOptions,

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

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "not a number".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let share = number(text)?;
    if share > 0.0 && share < 1.0 {
        Ok(share)
    } else {
        Err("must lie between 0 and 1".to_owned())
    }
}

fn not_negative(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if (0.0..f64::INFINITY).contains(&number) {
        Ok(number)
    } else {
        Err("must be 0 or more".to_owned())
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
    let folder = arguments.results.folder()?;
    let log = arguments.log.begin()?;
    let stop = stop::listen(log.clone());
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
        jobs: arguments.jobs.unwrap_or(0) as usize,
        runtime: match arguments.engine {
            Engine::Inline => Runtime::Inline,
            Engine::Threads => Runtime::Threads {
                channel_capacity: CHANNEL_CAPACITY,
            },
        },
    };
    let mut ticker = Ticker::new(arguments.output.quiet);
    let study = order::order(scenario, &question, stop, &mut |progress| {
        ticker.tell(progress);
    });
    ticker.clear();
    let logged = log.map_or(Ok(()), |log| log.finish());
    let study = study?;
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
        publish(arguments, &loaded, folder, &study, &json, started)?;
    }
    output::print(&said)?;
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
    let file = run::quoted(&arguments.file.to_string_lossy());
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

fn publish(
    arguments: &Arguments,
    loaded: &Loaded,
    folder: Folder,
    study: &OrderStudy,
    json: &str,
    started: SystemTime,
) -> Result<(), Failure> {
    let formats = arguments.results.formats();
    let mut drafts = match formats.any() {
        true => order_table(study, &folder, formats)?,
        false => Vec::new(),
    };
    for (name, text) in [("summary.json", json), ("scenario.toml", &loaded.text)] {
        let mut draft = folder.draft(name)?;
        draft.write_text(text)?;
        drafts.push(draft);
    }
    let mut scenario_digest = Digest::EMPTY;
    scenario_digest.fold_bytes(loaded.text.as_bytes());
    let input = |file: &crate::scenario::ReadFile| InputFile {
        path: file.path.to_string_lossy().into_owned(),
        bytes: file.bytes,
        digest: file.digest.to_string(),
    };
    let name = |draft: &crate::report::Draft| {
        let name = draft.path().file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let objectives = arguments.objectives.iter();
    let objectives: String = objectives
        .map(|objective| format!(" --objective {}", objective.key()))
        .collect();
    let option = |name: &str, value: Option<String>| {
        value.map_or(String::new(), |value| format!(" --{name} {value}"))
    };
    let manifest = Manifest {
        filas: env!("CARGO_PKG_VERSION"),
        command: std::env::args_os()
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
        reproduce: format!(
            "filas order scenario.toml{objectives} --confidence {}{}{}",
            arguments.confidence,
            option(
                "indifference",
                arguments.indifference.map(|d| d.to_string())
            ),
            option("max", arguments.max.map(|n| n.to_string())),
        ),
        scenario_digest: scenario_digest.to_string(),
        digest: study.digest.to_string(),
        seed: run::seed_of(&loaded.scenario),
        engine: arguments.engine.name(),
        runtime: RuntimeOptions {
            channel_capacity: CHANNEL_CAPACITY,
            chunk: crate::tandem::CHUNK,
        },
        inputs: loaded.files.iter().map(input).collect(),
        outputs: drafts.iter().map(name).collect(),
        interrupted: study.interrupted,
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        started: timestamp(started),
        finished: timestamp(SystemTime::now()),
    };
    Ok(folder.publish(drafts, || manifest.json())?)
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
