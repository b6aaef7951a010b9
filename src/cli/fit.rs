//! `filas fit FILE --column C`: the law that a recorded column follows, and how well it fits.

use super::options::{OutputFormat, OutputOptions};
use super::{Exit, Failure, output, text};
use crate::fit::{Fitted, Sample, fit as fit_laws, order, p_value};
use crate::report::fit::{Answer, Judged, chart};
use crate::scenario::{ColumnChoice, column};
use std::path::PathBuf;

/// Number of laws that are shown, with their p-values.
const SHOWN: usize = 5;

/// The seed of the samples drawn for p-values.
const SEED: u64 = 1;

/// The file and its column.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The data file: .csv, .tsv, .jsonl or .ndjson
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The column, by its name in the first line or its number from 1
    #[arg(long, value_name = "COLUMN")]
    column: String,

    /// Subtract this column, row by row
    #[arg(long, value_name = "COLUMN")]
    minus: Option<String>,

    /// Multiply every value by this
    #[arg(long, value_name = "FACTOR", value_parser = positive)]
    scale: Option<f64>,

    /// Take only the rows in which a column has this value
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = equation)]
    filter: Option<(String, String)>,

    /// Read the column as instants, and fit the times between rows
    #[arg(long)]
    gaps: bool,

    /// Count times of day and instants in this unit: ns, us, ms, s, min, h or d
    #[arg(long, value_name = "UNIT")]
    time_unit: Option<String>,

    /// Write both distribution functions as a picture (SVG)
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,

    #[command(flatten)]
    output: OutputOptions,
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "it must be a number above 0".to_owned())
}

fn equation(text: &str) -> Result<(String, String), String> {
    let parts = text
        .split_once('=')
        .filter(|(column, _)| !column.is_empty());
    let parts = parts.map(|(column, value)| (column.to_owned(), value.to_owned()));
    parts.ok_or_else(|| "write COLUMN=VALUE, such as type=technical".to_owned())
}

pub(super) fn fit(arguments: &Arguments) -> Result<Exit, Failure> {
    let choice = ColumnChoice {
        column: arguments.column.clone(),
        minus: arguments.minus.clone(),
        scale: arguments.scale,
        filter: arguments.filter.clone(),
        time_unit: arguments.time_unit.clone(),
        gaps: arguments.gaps,
    };
    let (values, warnings) = column(&arguments.file, &choice)?;
    arguments.output.warn(&warnings);
    let Some(sample) = Sample::new(values) else {
        return Err(Failure::Usage(
            "a law is fitted to two values or more".to_owned(),
        ));
    };
    let judged = |fit: Fitted| Judged {
        p_value: p_value(&fit, &sample, SEED),
        fit,
    };
    let answer = Answer {
        order: order(&sample),
        fits: fit_laws(&sample)
            .into_iter()
            .take(SHOWN)
            .map(judged)
            .collect(),
        sample: &sample,
    };
    if let Some(path) = &arguments.chart {
        std::fs::write(path, chart(&answer)).map_err(|error| {
            Failure::Usage(format!("cannot write `{}`: {error}", path.display()))
        })?;
    }
    output::print(&match arguments.output.format {
        OutputFormat::Text => text::fit(&arguments.file, &choice, &answer, &output::paper()),
        OutputFormat::Json => answer.json(),
    })?;
    Ok(Exit::Done)
}
