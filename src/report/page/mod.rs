//! The report: a results folder as one HTML page that opens with the answer, shows it in charts and tables, compares it
//! with theory, and gives the command to reproduce it.
//!
//! [`Document`] is the report as plain data, made by [`mod@document`] from a folder alone; data that the summary does
//! not contain come from repeating the run, with its digest checked (`repeat`). The page and the pictures for slides
//! are two ways of writing the same document.

mod attendants;
mod columns;
mod comparison;
mod desk;
mod desk_course;
mod desk_intervals;
mod document;
mod finding;
mod intervals;
mod line;
mod line_course;
mod order;
mod people;
mod repeat;
mod results;
mod short_names;
mod spread;
mod stress;
mod study;
mod sweep;

pub use comparison::comparison;
pub use desk_intervals::desk_intervals;
pub use document::{Document, Section, Table};
pub use finding::finding;
pub use intervals::{intervals, telling_intervals};
pub use order::order;
pub use people::{class_times, ends, ends_at, servers_time};
pub use results::ResultsError;
pub use study::replications;
pub use sweep::sweep;

use super::chart::{Frame, Theme};
use super::study::Theory;
use super::{Draft, WriteError, shell};
use crate::number::{column, count};
use crate::stats::Statistics;
use crate::study::answer::capital;
use results::{Kind, Results, list, text};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The report on a results folder.
///
/// # Errors
/// See [`ResultsError`].
pub fn document(folder: &Path) -> Result<Document, ResultsError> {
    let results = Results::read(folder)?;
    let mut document = match results.kind {
        Kind::DeskRun => desk::desk(&results)?,
        Kind::LineRun => line::line(&results)?,
        Kind::Replications => study::of_folder(&results)?,
        Kind::Sweep => {
            let loaded = results.scenario.as_ref().ok();
            sweep(
                &results.summary_as()?,
                loaded.map(|loaded| &loaded.scenario),
            )
        }
        Kind::Comparison => {
            let loaded = results.scenario.as_ref().ok();
            comparison(
                &results.summary_as()?,
                loaded.map(|loaded| &loaded.scenario),
            )
        }
        Kind::Finding => finding(&results.summary_as()?),
        Kind::Order => order(&results.summary_as()?, &results.unit()),
        Kind::Stress => stress::stress(&results)?,
    };
    let name = text(&results.summary, "name").unwrap_or("results");
    let model = text(&results.summary, "model").unwrap_or_default();
    let kind = match results.kind {
        Kind::DeskRun | Kind::LineRun => "run",
        Kind::Replications => "replications",
        Kind::Sweep => "sweep",
        Kind::Comparison => "comparison",
        Kind::Finding => "the best setting",
        Kind::Order => "orders of the stages",
        Kind::Stress => "stress test",
    };
    document.title = format!("{name}: {kind}");
    let mut facts = vec![model.to_owned()];
    facts.append(&mut document.facts);
    facts.extend(
        results
            .summary
            .get("seed")
            .map(|seed| format!("seed {seed}")),
    );
    facts.extend(text(&results.summary, "digest").map(|digest| format!("digest {digest}")));
    document.facts = facts;
    if matches!(results.kind, Kind::DeskRun | Kind::LineRun) {
        let place = document.sections.len().min(2);
        document.sections.insert(place, warnings(&results));
        document.sections.push(theory(&results));
    }
    document.sections.push(reproduce(&results));
    Ok(document)
}

/// Writes a document into its folder as `report.html`; returns its path.
///
/// # Errors
/// If the system will not write.
pub fn write(document: &Document, folder: &Path) -> Result<PathBuf, WriteError> {
    let mut draft = Draft::begin(folder, "report.html")?;
    draft.write_text(&document.html())?;
    draft.publish()
}

/// Writes every chart of a document into a folder, which is created if needed: `01-processed.svg` and (with the feature
/// `png`) `.png`, in the light theme, on white. Returns the number of charts.
///
/// # Errors
/// If the system will not write, or a picture cannot be made.
pub fn write_pictures(document: &Document, folder: &Path) -> Result<usize, WriteError> {
    std::fs::create_dir_all(folder).map_err(|source| WriteError::new(folder, source))?;
    let mut written = 0;
    for chart in document.charts() {
        written += 1;
        let frame = Frame {
            id: "chart",
            width: Frame::SLIDE,
            theme: Theme::Light,
            titled: true,
        };
        let name = format!("{written:02}-{}", slug(&chart.title));
        write_picture(folder, &format!("{name}.svg"), chart.svg(&frame).as_bytes())?;
        #[cfg(feature = "png")]
        {
            let name = format!("{name}.png");
            let pixels = chart.png(&frame).map_err(|error| {
                WriteError::new(folder.join(&name), std::io::Error::other(error))
            })?;
            write_picture(folder, &name, &pixels)?;
        }
    }
    Ok(written)
}

fn write_picture(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
    let mut draft = Draft::begin(folder, name)?;
    draft
        .write_all(bytes)
        .map_err(|error| WriteError::new(draft.path(), error))?;
    draft.publish()?;
    Ok(())
}

/// A title as part of a file's name.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().take(60) {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.trim_matches('-').to_owned()
}

/// Some statistics as a table, each column aligned.
fn measures_table(caption: String, rows: &[(String, Statistics)]) -> Table {
    statistics(caption, "n|mean|sd|least|p50|p90|p95|p99|most", rows)
}

/// These columns of some statistics as a table, each aligned.
#[must_use]
pub fn statistics(caption: String, head: &str, rows: &[(String, Statistics)]) -> Table {
    let mut cells: Vec<Vec<String>> = rows.iter().map(|(name, _)| vec![name.clone()]).collect();
    for column_head in head.split('|') {
        let pick = |s: &Statistics| match column_head {
            "n" => Some(s.n as f64),
            "mean" => s.mean,
            "sd" => s.sd,
            "least" => s.min,
            "p50" => s.p50,
            "p90" => s.p90,
            "p95" => s.p95,
            "p99" => s.p99,
            _ => s.max,
        };
        let values: Vec<Option<f64>> = rows.iter().map(|(_, s)| pick(s)).collect();
        for (row, cell) in cells.iter_mut().zip(column(&values, "–")) {
            row.push(cell);
        }
    }
    Table::new(caption, 1, &format!("|{head}"), cells)
}

/// The values of theory beside those of the run; or the reason why there are none.
fn theory(results: &Results) -> Section {
    let mut section = Section::new("Theory beside simulation");
    let Some(fit) = repeat::fit(results) else {
        return section;
    };
    let theory = Theory::of(&fit);
    let sentence = theory.sentence();
    if !fit.applies {
        section.text.push(sentence);
        return section;
    }
    section.text.push(format!(
        "{sentence} One run is one draw: `filas replicate` says how far chance reaches."
    ));
    let table = theory.beside_run(|key| results.measure(key));
    let loaded = results.scenario.as_ref().ok();
    section
        .tables
        .push(table.in_words(loaded.map(|loaded| &loaded.scenario)));
    section
}

/// The warnings of the scenario's check, which often explain the results.
fn warnings(results: &Results) -> Section {
    let mut section = Section::new("What the check of the scenario warns of");
    if let Ok(loaded) = &results.scenario {
        let warnings = loaded.warnings.iter();
        let warnings = warnings.map(|warning| format!("{}.", capital(&warning.to_string())));
        section.text.extend(warnings);
    }
    section
}

/// The command that reproduces the results, and the contents of the folder.
fn reproduce(results: &Results) -> Section {
    let mut section = Section::new("How to reproduce it");
    let manifest = &results.manifest;
    let word = |key: &str| text(manifest, key).unwrap_or("?");
    section.text.push(format!(
        "Made with filas {} on {}, from {} to {}. Inside this folder, the first line below makes it again; \
         the digest must then be {}, on every engine, machine and schedule.",
        word("filas"),
        word("platform"),
        word("started"),
        word("finished"),
        word("digest"),
    ));
    section.commands.push(word("reproduce").to_owned());
    let typed: Vec<&str> = list(manifest, "command")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    // The page makes runs of many scenarios; its own command reproduces none of them.
    if !typed.is_empty() && typed.get(1) != Some(&"serve") {
        section
            .commands
            .push(format!("# as typed: {}", shell::command(typed)));
    }
    let files: Vec<&str> = list(manifest, "outputs")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    section.text.push(format!(
        "In the folder: {}, manifest.json.",
        files.join(", ")
    ));
    let tables = |file: &&str| file.ends_with(".parquet") || file.ends_with(".csv");
    if !files.iter().any(tables) {
        section.text.push("It holds no tables: the same command with --tables parquet or --tables csv writes them.".to_owned());
    }
    let inputs: Vec<Vec<String>> = list(manifest, "inputs")
        .iter()
        .map(|input| {
            let word = |key: &str| text(input, key).unwrap_or("?").to_owned();
            let bytes = input
                .get("bytes")
                .and_then(Value::as_u64)
                .map_or("?".to_owned(), count);
            vec![word("path"), word("digest"), bytes]
        })
        .collect();
    if !inputs.is_empty() {
        let caption = "Files that the scenario read";
        section
            .tables
            .push(Table::new(caption, 2, "file|digest|bytes", inputs));
    }
    section
}
