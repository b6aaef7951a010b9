//! `filas explain DIR --request N`: the life of one request or customer of a run, from the run
//! itself, which is repeated from its results folder.

use super::options::OutputFormat;
use super::publish::command;
use super::{Exit, Failure, output, text};
use crate::actor::RunError;
use crate::digest::Digest;
use crate::model::Model;
use crate::number::of_them;
use crate::observe::explain::{Choice, choose, explain_customer, explain_request};
use crate::report::{as_run, filed_scenario, unaltered};
use crate::scenario::{Desk, Loaded, Scenario, Tandem};
use serde::Deserialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The request or customer to explain.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The results folder of a run
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    #[command(flatten)]
    whom: Whom,

    /// Print sentences for people, or one JSON document
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = OutputFormat::Text)]
    format: OutputFormat,
}

#[derive(Clone, Copy, Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Whom {
    /// The request of a desk, by its number in the table `requests`
    #[arg(long, value_name = "N")]
    request: Option<u64>,

    /// The customer of a line, by its number in the table `customers`
    #[arg(long, value_name = "N")]
    customer: Option<u64>,

    /// The request or customer that waited longest of those whose service began
    #[arg(long)]
    longest: bool,

    /// The first request or customer that was lost: rejected, gave up, failed or timed out
    #[arg(long)]
    lost: bool,
}

/// The part of a manifest that is needed to repeat its run.
#[derive(Debug, Deserialize)]
struct Made {
    digest: String,
    inputs: Vec<Input>,
}

#[derive(Debug, Deserialize)]
struct Input {
    path: String,
    digest: String,
}

pub(super) fn explain(arguments: &Arguments) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    let manifest: Value = parsed(folder, "manifest.json", &read(folder, "manifest.json")?)?;
    let made = parsed(folder, "manifest.json", &manifest.to_string())?;
    let summary = read(folder, "summary.json")?;
    unaltered(&manifest, summary.as_bytes())
        .map_err(|why| foreign(folder, "summary.json", &why))?;
    let summary: Value = parsed(folder, "summary.json", &summary)?;
    let is_run = ["requests", "customers"]
        .iter()
        .any(|key| summary.get(key).is_some());
    if !is_run {
        return Err(Failure::Usage(format!(
            "{} holds a study of many runs, and `explain` tells of one; run the scenario with `filas run`",
            folder.display()
        )));
    }
    let loaded = load(folder, &made, (&manifest, &summary))?;
    let (line, desk) = (loaded.scenario.line(), loaded.scenario.desk());
    let (chosen, head) = match arguments.whom.choice() {
        Some(choice) => {
            let (number, head) = chosen(&loaded.scenario, choice)?;
            (Some(number), head)
        }
        None => (None, String::new()),
    };
    let (request, customer) = (arguments.whom.request, arguments.whom.customer);
    let (said, json, digest) = if let (Some(desk), Some(request)) = (desk, request.or(chosen)) {
        of_desk(desk, request)?
    } else if let (Some(line), Some(customer)) = (line, customer.or(chosen)) {
        of_line(line, customer)?
    } else {
        return Err(Failure::Usage(match line {
            None => "this is a desk, where there are requests: use `--request N`".to_owned(),
            Some(_) => "this is a line, where there are customers: use `--customer N`".to_owned(),
        }));
    };
    if digest.to_string() != made.digest {
        return Err(Failure::Differs {
            folder: folder.clone(),
            filed: made.digest,
            found: digest.to_string(),
        });
    }
    output::print(&match arguments.format {
        OutputFormat::Text => head + &said,
        OutputFormat::Json => json,
    })?;
    Ok(Exit::Done)
}

impl Whom {
    /// The property by which the one to explain is chosen, if no number is given.
    fn choice(self) -> Option<Choice> {
        match (self.longest, self.lost) {
            (true, _) => Some(Choice::Longest),
            (_, true) => Some(Choice::Lost),
            _ => None,
        }
    }
}

/// The number of the request or customer chosen, and a sentence that gives the reason.
fn chosen(scenario: &Scenario, choice: Choice) -> Result<(u64, String), Failure> {
    let served = Model::of(scenario).served().to_lowercase();
    let one = served.trim_end_matches('s');
    let chosen = choose(scenario, choice).map_err(failed)?;
    let chosen = chosen.ok_or_else(|| {
        Failure::Usage(match choice {
            Choice::Longest => format!("no service of a {one} of this run began"),
            Choice::Lost => format!("no {one} of this run was lost"),
        })
    })?;
    let of = of_them(chosen.of, one);
    let head = match (choice, chosen.of) {
        (Choice::Longest, 1) if chosen.waiting == 0.0 => {
            format!("The only {one} whose service began, which did not wait:\n")
        }
        (Choice::Longest, _) if chosen.waiting == 0.0 => {
            format!("None of the {of} whose service began waited; the first of them:\n")
        }
        (Choice::Longest, 1) => format!("The only {one} whose service began:\n"),
        (Choice::Longest, _) => format!("The longest wait of the {of} whose service began:\n"),
        (Choice::Lost, 1) => format!("The only {one} that was lost:\n"),
        (Choice::Lost, _) => format!("The first of the {of} that were lost:\n"),
    };
    Ok((chosen.number, head))
}

fn of_desk(desk: &Desk, request: u64) -> Result<(String, String, Digest), Failure> {
    let (digest, generated, life) = explain_request(desk, request).map_err(failed)?;
    let life = life.ok_or_else(|| nobody("request", request, generated))?;
    let said = text::request_life(&life, desk, &output::paper());
    Ok((said, document(&life), digest))
}

fn of_line(line: &Tandem, customer: u64) -> Result<(String, String, Digest), Failure> {
    let (digest, arrived, life) = explain_customer(line, customer).map_err(failed)?;
    let life = life.ok_or_else(|| nobody("customer", customer, arrived))?;
    let said = text::customer_life(&life, line.time_unit.as_deref(), &output::paper());
    Ok((said, document(&life), digest))
}

fn failed(error: RunError) -> Failure {
    Failure::Run {
        error,
        again: command(),
    }
}

fn nobody(what: &str, number: u64, count: u64) -> Failure {
    Failure::Usage(match count {
        0 => format!("there is no {what} {number}: the run had none at all"),
        _ => format!("there is no {what} {number}: they run from 1 to {count}"),
    })
}

fn document(life: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(life).expect("a life is plain data");
    text.push('\n');
    text
}

/// A file of the folder.
fn read(folder: &Path, name: &str) -> Result<String, Failure> {
    fs::read_to_string(folder.join(name)).map_err(|error| foreign(folder, name, &error))
}

/// A JSON document of the folder.
fn parsed<T: serde::de::DeserializeOwned>(
    folder: &Path,
    name: &str,
    text: &str,
) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| foreign(folder, name, &error))
}

/// Refuses a folder because of one of its files.
fn foreign(folder: &Path, name: &str, what: &dyn std::fmt::Display) -> Failure {
    Failure::Usage(format!(
        "{} is not the results folder of a finished run: {}: {what}",
        folder.display(),
        folder.join(name).display()
    ))
}

/// The scenario as it was run.
fn load(
    folder: &Path,
    made: &Made,
    (manifest, summary): (&Value, &Value),
) -> Result<Loaded, Failure> {
    let mut loaded = filed_scenario(folder, manifest)?;
    for (input, found) in made.inputs.iter().zip(&loaded.files) {
        if input.digest != found.digest.to_string() {
            return Err(Failure::Usage(format!(
                "{} is not what it was when the run was made, so the run cannot be repeated",
                input.path
            )));
        }
    }
    let measure = |key: &str| {
        let place = format!("/{}", key.replace('.', "/"));
        summary.pointer(&place).and_then(Value::as_f64)
    };
    loaded.scenario = as_run(&loaded.scenario, manifest, measure);
    Ok(loaded)
}
