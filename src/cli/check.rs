//! `filas check FILE`: whether a scenario is valid, and what it means.

use super::options::{CHANNEL_CAPACITY, OutputFormat, OutputOptions, ScenarioOptions};
use super::{Exit, Failure, output};
use crate::report::number::{count, plain};
use crate::scenario::{self, Estimate, Loaded, Origin, Scenario};
use crate::{desk, tandem};
use serde_json::json;
use std::path::PathBuf;

/// Which scenario, and how it is shown.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The scenario
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Print the graph of its actors and channels instead, in the language of Graphviz (DOT)
    #[arg(long, conflicts_with = "format")]
    graph: bool,

    #[command(flatten)]
    scenario: ScenarioOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn check(arguments: &Arguments) -> Result<Exit, Failure> {
    let loaded = arguments.scenario.load(Origin::File(&arguments.file))?;
    let estimate = scenario::estimate(&loaded.scenario);
    arguments.output.warn(&loaded.warnings);
    let text = match arguments.output.format {
        _ if arguments.graph => graph(&loaded.scenario),
        OutputFormat::Text => text(&loaded, &estimate),
        OutputFormat::Json => json(&loaded, &estimate),
    };
    output::print(&text)?;
    Ok(Exit::Done)
}

/// Who sends to whom, over channels as large as a run has them unless asked otherwise.
fn graph(scenario: &Scenario) -> String {
    match scenario {
        Scenario::Tandem(line) => tandem::graph(line, CHANNEL_CAPACITY as usize),
        Scenario::Desk(desk) => desk::graph(desk),
    }
}

/// The scenario as a scenario file, the estimate as a comment at its head: it can be run as it is.
fn text(loaded: &Loaded, estimate: &Estimate) -> String {
    let thread = if estimate.threads == 1 { "" } else { "s" };
    let text = format!(
        "# {} thread{thread}; about {} events, {} MB of memory, {} s on one core\n{}",
        count(estimate.threads),
        count(estimate.events),
        plain(estimate.memory_bytes as f64 / 1e6),
        plain(estimate.seconds),
        loaded.normalised()
    );
    text.trim_end().to_owned() + "\n"
}

fn json(loaded: &Loaded, estimate: &Estimate) -> String {
    let scenario: serde_json::Value =
        toml::from_str(&loaded.normalised()).expect("what we write, we can read");
    let document = json!({
        "scenario": scenario,
        "estimate": {
            "threads": estimate.threads,
            "events": estimate.events,
            "memory_bytes": estimate.memory_bytes,
            "seconds": estimate.seconds,
        },
        "warnings": loaded.warnings,
    });
    let text = serde_json::to_string_pretty(&document).expect("a document is plain data");
    text + "\n"
}
