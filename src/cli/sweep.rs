//! `filas sweep FILE --vary KEY=LIST`: a grid over scenario keys, replicated and compared.
#![allow(
    clippy::disallowed_methods,
    reason = "how long a study took and when it was made are told here, beside the results"
)]

use super::options::{LogOptions, OutputFormat, OutputOptions, ResultOptions, ScenarioOptions};
use super::progress::Progress;
use super::publish::{Leaving, publish, quoted};
use super::report::{ReportOptions, beside};
use super::study_options::{self, WorkOptions, confidence};
use super::text::{self, StudyTelling};
use super::{Exit, Failure, output, stop};
use crate::report::study::{GridCell, Head, Keyed, Sweep, json};
use crate::report::tables;
use crate::scenario::{Loaded, Origin, Scenario};
use crate::study::sweep::{Axis, Swept, grid, sweep as run_grid};
use crate::study::{Conduct, Layout};
use crate::tandem;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

const COUNT_MAX: u64 = 10_000_000;

/// Which scenario, which keys, how often, and what becomes of it.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The scenario
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Vary a key over values: KEY=1..5, KEY=0.5,0.7,0.9 or KEY=0.5..0.9/0.1; repeatable, for a grid
    #[arg(long, value_name = "KEY=LIST", required = true, value_parser = Axis::parse)]
    vary: Vec<Axis>,

    /// How many replications of each cell
    #[arg(short, long = "replications", value_name = "N", default_value_t = 20,
          value_parser = clap::value_parser!(u64).range(1..=COUNT_MAX))]
    n: u64,

    /// Compare this measure, a dotted key of the summary; repeatable [default: waiting.mean in the
    /// text, every measure in JSON and tables]
    #[arg(long, value_name = "KEY")]
    measure: Vec<String>,

    /// How sure the intervals are
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = confidence)]
    confidence: f64,

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

pub(super) fn sweep(arguments: &Arguments) -> Result<Exit, Failure> {
    let origin = Origin::File(&arguments.file);
    let settings = grid(&arguments.vary).map_err(Failure::Usage)?;
    let cells = settings
        .iter()
        .map(|set| cell(arguments, origin, set))
        .collect::<Result<Vec<Loaded>, _>>()?;
    let base = arguments.scenario.load(origin)?;
    arguments.output.warn(&base.warnings);
    let scenarios: Vec<Scenario> = cells.into_iter().map(|loaded| loaded.scenario).collect();
    known_measures(&arguments.measure, &scenarios)?;
    let crew = arguments.work.crew()?;
    let folder = arguments.results.folder()?;
    let log = arguments.log.begin()?;
    let stop = stop::listen(log.clone(), arguments.results.out.clone());
    let (started, clock) = (SystemTime::now(), Instant::now());
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
    let swept = run_grid(&scenarios, arguments.n, conduct);
    progress.end();
    // Whatever became of the study, the log of it is kept.
    let logged = log.map_or(Ok(()), |log| log.finish());
    let swept = swept.map_err(study_options::failed)?;
    let document = document(arguments, &base.scenario, &settings, &swept);
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
                precision: None,
                warm_up_found: None,
                next: &study_options::where_results_are(out, &arguments.output),
            };
            text::sweep(
                &base.scenario,
                &settings,
                &swept,
                &telling,
                &output::paper(),
            )
        }
    };
    if let Some(folder) = folder {
        let formats = arguments.results.formats();
        let drafts = match formats.any() {
            true => tables::study::cells(&folder, formats, &settings, &swept, &arguments.measure)?,
            false => Vec::new(),
        };
        let vary = arguments.vary.iter().map(|axis| {
            let list = format!("{}={}", axis.key, axis.values.join(","));
            format!(" --vary {}", quoted(&list))
        });
        let leaving = Leaving {
            loaded: &base,
            engine: arguments.work.engine.name(),
            runtime: arguments.work.options(),
            digest: swept.digest,
            interrupted: swept.interrupted,
            json: &document,
            reproduce: format!(
                "filas sweep scenario.toml{} -n {} --confidence {}",
                vary.collect::<String>(),
                swept.cells.first().map_or(0, |cell| cell.rows.len()),
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
    if swept.interrupted {
        study_options::tell(&arguments.output, "interrupted before it was done");
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::Done)
}

/// The scenario of one cell; what is wrong with it is told with the cell.
fn cell(
    arguments: &Arguments,
    origin: Origin<'_>,
    set: &[(String, String)],
) -> Result<Loaded, Failure> {
    let named = set.iter().map(|(key, value)| format!("{key}={value}"));
    match arguments.scenario.load_with(origin, set) {
        Err(Failure::Scenario(error)) => Err(Failure::Cell {
            cell: named.collect::<Vec<_>>().join(" "),
            error,
        }),
        other => other,
    }
}

/// Refuses a measure that some cell does not have.
fn known_measures(measures: &[String], scenarios: &[Scenario]) -> Result<(), Failure> {
    if measures.is_empty() {
        return Ok(());
    }
    for scenario in scenarios {
        let layout = Layout::of(scenario).map_err(study_options::failed)?;
        for measure in measures {
            layout.find(measure)?;
        }
    }
    Ok(())
}

fn document(
    arguments: &Arguments,
    scenario: &Scenario,
    settings: &[Vec<(String, String)>],
    swept: &Swept,
) -> String {
    let cells = settings.iter().zip(&swept.cells).map(|(set, cell)| {
        let wanted =
            |key: &str| arguments.measure.is_empty() || arguments.measure.iter().any(|m| m == key);
        let keys = cell.layout.keys().iter().enumerate();
        let keys: Vec<(usize, &str)> = keys
            .map(|(at, key)| (at, key.as_str()))
            .filter(|(_, key)| wanted(key))
            .collect();
        GridCell {
            set: Keyed(
                set.iter()
                    .map(|(key, value)| (key.as_str(), plain(value)))
                    .collect(),
            ),
            replications: cell.rows.len() as u64,
            digest: cell.digest,
            measures: Keyed(
                keys.iter()
                    .map(|&(at, key)| (key, cell.intervals[at]))
                    .collect(),
            ),
            difference: Keyed(
                keys.iter()
                    .filter_map(|&(at, key)| Some((key, cell.differences[at]?)))
                    .collect(),
            ),
        }
    });
    json(&Sweep {
        head: Head::of(scenario, arguments.work.engine.name()),
        replications: swept.cells.first().map_or(0, |cell| cell.rows.len() as u64),
        confidence: arguments.confidence,
        digest: swept.digest,
        interrupted: swept.interrupted,
        cells: cells.collect(),
    })
}

/// A value as JSON: what TOML reads it as, or the text itself.
fn plain(value: &str) -> serde_json::Value {
    let read: Result<toml::Table, _> = toml::from_str(&format!("value = {value}"));
    let value_of = |table: toml::Table| serde_json::to_value(table.get("value")?).ok();
    let read = read.ok().filter(|table| table.len() == 1);
    read.and_then(value_of)
        .unwrap_or_else(|| serde_json::Value::from(value))
}
