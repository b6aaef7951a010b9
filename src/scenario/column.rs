//! A column of a data file by itself, without a scenario.

use super::clock::{Clock, Unit};
use super::data::series::{Take, durations, instants};
use super::error::ScenarioError;
use super::load::Door;
use super::{Limits, input};
use crate::problem::{KeyPath, Problem, Whereabouts};
use std::path::Path;

/// A column of a file, and the processing of its cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnChoice {
    /// Its name, or its number from 1.
    pub column: String,
    /// A column that is subtracted.
    pub minus: Option<String>,
    /// A factor by which every value is multiplied.
    pub scale: Option<f64>,
    /// A column and the value it has in the rows taken.
    pub filter: Option<(String, String)>,
    /// The unit of the values, such as `min`, for times of day and instants.
    pub time_unit: Option<String>,
    /// Whether the column holds instants, whose differences between rows are wanted.
    pub gaps: bool,
}

impl ColumnChoice {
    fn form(&self, path: &Path) -> input::Column {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        input::Column {
            values: None,
            file: Some(file.into_owned()),
            column: Some(named(&self.column)),
            minus: self.minus.as_deref().map(named),
            scale: self.scale,
            filter: self.filter.as_ref().map(|(column, is)| input::Where {
                column: named(column),
                is: input::Is::Text(is.clone()),
            }),
        }
    }

    /// The keys and values by which a scenario in the file's folder names the column.
    #[must_use]
    pub fn toml(&self, path: &Path) -> String {
        self.form(path).toml()
    }
}

/// Reads a column of nonnegative numbers; returns them with any warnings.
///
/// # Errors
/// If the file, a column or a cell is not valid.
pub fn column(
    path: &Path,
    choice: &ColumnChoice,
) -> Result<(Vec<f64>, Vec<String>), ScenarioError> {
    read(path, choice).map_err(|problem| {
        let help = problem.help.and_then(|help| in_options(&help));
        let error = ScenarioError::new(problem.message, help);
        match problem.whereabouts {
            Whereabouts::Elsewhere(place) => error.at(*place),
            // Options have no line to show.
            Whereabouts::Document { .. } => error,
        }
    })
}

fn read(path: &Path, choice: &ColumnChoice) -> Result<(Vec<f64>, Vec<String>), Problem> {
    let at = KeyPath::default();
    let unit = match &choice.time_unit {
        None => None,
        Some(name) => Some(Unit::of(name).ok_or_else(|| {
            let message = format!("{} is no unit of time", super::shape::quoted(name));
            Problem::value(&at.key("time_unit"), message)
                .help(format!("units are {}", super::clock::UNITS))
        })?),
    };
    let mut door = Door::beside(path, Limits::default());
    door.clock = Clock { unit, start: None };
    let form = choice.form(path);
    let values = if choice.gaps {
        // Gaps do not depend on an origin.
        let form = input::Instants {
            column: form,
            origin: Some(input::Origin::Text("first".to_owned())),
            ..input::Instants::default()
        };
        let times = instants(form, &at, Take::All, &mut door)?;
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    } else {
        durations(form, &at, (Take::All, true), &mut door)?.to_vec()
    };
    Ok((values, door.warnings))
}

/// A remedy with the names of options in place of a scenario's keys; none if it uses a key that has no option.
fn in_options(help: &str) -> Option<String> {
    const NONE: [&str; 3] = ["`start`", "`sort = true`", "`origin`"];
    const OPTIONS: [(&str, &str); 2] = [
        ("`time_unit` must be", "give `--time-unit`:"),
        ("`minus`", "`--minus`"),
    ];
    let has_options = !NONE.iter().any(|key| help.contains(key));
    let named = |help: String, (key, option): &(&str, &str)| help.replace(key, option);
    has_options.then(|| OPTIONS.iter().fold(help.to_owned(), named))
}

/// A column by its number, if a number was written.
fn named(column: &str) -> input::ColumnName {
    match column.parse() {
        Ok(number) => input::ColumnName::Number(number),
        Err(_) => input::ColumnName::Name(column.to_owned()),
    }
}
