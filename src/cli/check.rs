//! `filas check FILE`: checks a scenario, and prints it with every default.

use super::options::{CHANNEL_CAPACITY, OutputFormat, OutputOptions, ScenarioOptions};
use super::text::wrapped;
use super::{Exit, Failure, output};
use crate::actor::Recording;
use crate::model::Model;
use crate::number::{count, of_them, plain};
use crate::scenario::{self, Estimate, Loaded, Scenario};
use serde_json::json;

/// The longest line of a comment, without its sign.
const WIDTH: usize = 98;

/// The scenario, and the form of the output.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Print the graph of its actors and channels instead, in the language of Graphviz (DOT)
    #[arg(long, conflicts_with = "format")]
    graph: bool,

    #[command(flatten)]
    scenario: ScenarioOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn check(arguments: &Arguments) -> Result<Exit, Failure> {
    let loaded = arguments.scenario.load()?;
    let estimate = scenario::estimate(&loaded.scenario);
    let model = Model::of(&loaded.scenario);
    let threads = model.actors(Recording::Nothing);
    arguments.output.warn(&loaded.warnings);
    let text = match arguments.output.format {
        _ if arguments.graph => model.graph(CHANNEL_CAPACITY as usize),
        OutputFormat::Text => text(&loaded, threads, &estimate),
        OutputFormat::Json => json(&loaded, threads, &estimate),
    };
    output::print(&text)?;
    Ok(Exit::Done)
}

/// The scenario as a scenario file that can be run, with the estimate as a comment at its head.
fn text(loaded: &Loaded, threads: usize, estimate: &Estimate) -> String {
    let text = format!(
        "# {}{}; about {} events, {} MB of memory, {} s on one core, {} s on threads\n{}{}",
        of_them(threads as u64, "thread"),
        clock(&loaded.scenario),
        count(estimate.events),
        plain(estimate.memory_bytes as f64 / 1e6),
        plain(estimate.seconds),
        plain(estimate.threads_seconds),
        loads(&loaded.scenario),
        loaded.normalised()
    );
    text.trim_end().to_owned() + "\n"
}

/// A non-breaking space.
const JOINED: char = '\u{a0}';

/// The names of stages, stations or servers with their loads.
fn named_loads(scenario: &Scenario) -> Vec<(String, Option<f64>)> {
    let entries = scenario.entries().into_iter();
    let names = entries
        .filter(|(list, _)| list != "classes")
        .map(|one| one.1);
    let names = names.take(1).flatten();
    names.zip(scenario::loads(scenario)).collect()
}

/// The loads as a comment; empty if none is known.
fn loads(scenario: &Scenario) -> String {
    let known = named_loads(scenario).into_iter();
    let known = known.filter_map(|(name, load)| Some(format!("{name}{JOINED}{:.2}", load?)));
    let known: Vec<String> = known.collect();
    if known.is_empty() {
        return String::new();
    }
    let lines = wrapped(&format!("load: {}", known.join(", ")), WIDTH);
    let line = |line: &String| format!("# {}\n", line.replace(JOINED, " "));
    lines.iter().map(line).collect()
}

/// Whether the threads share one clock, and the reason, as part of a sentence.
fn clock(scenario: &Scenario) -> String {
    match scenario.why_one_clock() {
        Some(why) => format!(" on one clock, since {why}"),
        None if scenario.is_on_one_clock() => " on one clock".to_owned(),
        None => String::new(),
    }
}

fn json(loaded: &Loaded, threads: usize, estimate: &Estimate) -> String {
    let scenario: serde_json::Value =
        toml::from_str(&loaded.normalised()).expect("what we write, we can read");
    let document = json!({
        "scenario": scenario,
        "estimate": {
            "threads": threads,
            "one_clock": loaded.scenario.is_on_one_clock(),
            "one_clock_why": loaded.scenario.why_one_clock().map(|why| why.to_string()),
            "events": estimate.events,
            "memory_bytes": estimate.memory_bytes,
            "seconds": estimate.seconds,
            "threads_seconds": estimate.threads_seconds,
        },
        "loads": named_loads(&loaded.scenario)
            .into_iter()
            .map(|(name, load)| json!({ "name": name, "load": load }))
            .collect::<Vec<_>>(),
        "warnings": loaded.warnings,
    });
    let text = serde_json::to_string_pretty(&document).expect("a document is plain data");
    text + "\n"
}
