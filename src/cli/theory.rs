//! `filas theory FILE`: the closed form that applies, or the first assumption that fails.

use super::options::{OutputFormat, OutputOptions, ScenarioOptions};
use super::{Exit, Failure, output, text};
use crate::report::study::{TheoryOfScenario, json};
use crate::study::ClosedForm;

/// The scenario, and the form of the output.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn theory(arguments: &Arguments) -> Result<Exit, Failure> {
    let loaded = arguments.scenario.load()?;
    arguments.output.warn(&loaded.warnings);
    let fit = ClosedForm::of(&loaded.scenario);
    output::print(&match arguments.output.format {
        OutputFormat::Text => text::theory(&loaded.scenario, &fit, &output::paper()),
        OutputFormat::Json => json(&TheoryOfScenario::of(&loaded.scenario, &fit)),
    })?;
    Ok(Exit::Done)
}
