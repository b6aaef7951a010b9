//! `filas theory FILE`: the closed form that fits, or the first assumption that fails.

use super::options::{OutputFormat, OutputOptions, ScenarioOptions};
use super::{Exit, Failure, output, text};
use crate::report::study::{TheoryOfScenario, json};
use crate::scenario::Origin;
use crate::study::Fit;
use std::path::PathBuf;

/// Which scenario, and how it is shown.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The scenario
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    scenario: ScenarioOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn theory(arguments: &Arguments) -> Result<Exit, Failure> {
    let loaded = arguments.scenario.load(Origin::File(&arguments.file))?;
    arguments.output.warn(&loaded.warnings);
    let fit = Fit::of(&loaded.scenario);
    output::print(&match arguments.output.format {
        OutputFormat::Text => text::theory(&loaded.scenario, &fit, &output::paper()),
        OutputFormat::Json => json(&TheoryOfScenario::of(&loaded.scenario, &fit)),
    })?;
    Ok(Exit::Done)
}
