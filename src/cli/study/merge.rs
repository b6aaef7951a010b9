//! `filas merge DIR...`: joins the shards of a study.
//!
//! The study is carried out once more, with rows in place of runs, so its result is the same as on one machine, to the
//! last bit. If rows are missing, it prints the commands that make them.

use super::options::{folder_of, runtime_options, where_results_are};
use super::{By, Place, Study, Telling, compare, find, leave, order, replicate, sweep, words};
use crate::cli::options::{Engine, OutputOptions, ResultOptions};
use crate::cli::progress::Progress;
use crate::cli::study::words::line;
use crate::cli::{Exit, Failure, output, stop};
use crate::number::{agreeing, of_them};
use crate::report::AboutError;
use crate::report::rows::{self, About, RowFolder};
use crate::scenario::{self, Limits, Loaded, Origin, Overrides};
use crate::study::{Conditions, RowSource, Share, Workers};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

/// The most commands that are listed one by one.
const SHOWN: usize = 100;

/// The shards to join, and the use of the results.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The results folders of the shards, in any order
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,

    /// Folder of the scenario's data files, if not where they were
    #[arg(long, value_name = "DIR")]
    inputs: Option<PathBuf>,

    #[command(flatten)]
    results: ResultOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(in crate::cli) fn merge(arguments: &Arguments) -> Result<Exit, Failure> {
    let read = arguments.folders.iter().map(PathBuf::as_path);
    arguments.results.spare(read)?;
    let mut parts: Vec<(&Path, About)> = Vec::new();
    for folder in &arguments.folders {
        let about = rows::about(folder)?;
        match parts.first() {
            Some((_, first)) => first.same_study(&about, folder)?,
            None => same_program(&about, folder)?,
        }
        parts.push((folder, about));
    }
    let about = &parts[0].1;
    let kind = about.rows.as_object().and_then(|kinds| kinds.iter().next());
    let (kind, options) = kind.ok_or_else(|| damaged(parts[0].0))?;
    let read = || read_again(arguments, &parts);
    let place = parts[0].0;
    match kind.as_str() {
        replicate::ROWS => {
            let question = parsed(&about.question, place)?;
            join(
                arguments,
                &parts,
                replicate::Replicate::new(read()?, question)?,
            )
        }
        compare::ROWS => {
            let (other, question) = (parsed(options, place)?, parsed(&about.question, place)?);
            let data = arguments.inputs.as_deref();
            join(
                arguments,
                &parts,
                compare::Pair::again(read()?, &other, question, data)?,
            )
        }
        sweep::ROWS => {
            let (vary, question) = (parsed(options, place)?, parsed(&about.question, place)?);
            let load = |set: &[(String, String)]| load(arguments, about, set);
            read()?;
            join(arguments, &parts, sweep::Grid::new(vary, question, load)?)
        }
        find::ROWS => {
            let (race, shown) = (parsed(options, place)?, parsed(&about.question, place)?);
            let load = |set: &[(String, String)]| load(arguments, about, set);
            read()?;
            join(
                arguments,
                &parts,
                find::Settings::new(race, shown, Box::new(load))?,
            )
        }
        order::ROWS => {
            let (race, question) = (parsed(options, place)?, parsed(&about.question, place)?);
            join(
                arguments,
                &parts,
                order::Orders::new(read()?, race, question)?,
            )
        }
        _ => Err(damaged(place)),
    }
}

fn damaged(folder: &Path) -> Failure {
    Failure::Rows(AboutError::Damaged(folder.join("rows/study.json")).into())
}

fn parsed<T: DeserializeOwned>(value: &Value, folder: &Path) -> Result<T, Failure> {
    serde_json::from_value(value.clone()).map_err(|_| damaged(folder))
}

/// Refuses rows of another program, which need not give the same result.
fn same_program(about: &About, folder: &Path) -> Result<(), Failure> {
    let mine = About {
        filas: env!("CARGO_PKG_VERSION").to_owned(),
        build: rows::build().to_owned(),
        ..about.clone()
    };
    Ok(mine.same_rows(about, folder)?)
}

/// The scenario of the shards, with more settings.
fn load(arguments: &Arguments, about: &About, set: &[(String, String)]) -> Result<Loaded, Failure> {
    let folder = match &arguments.inputs {
        Some(folder) => folder.clone(),
        None => folder_of(&about.file),
    };
    let origin = Origin::Kept {
        path: &about.file,
        text: &about.scenario,
        folder: &folder,
    };
    let overrides = Overrides {
        set: set.to_vec(),
        // It was accepted when the shards were made.
        limits: Limits {
            max_actors: u64::MAX,
            max_events: u64::MAX,
            max_memory: u64::MAX,
        },
        ..Overrides::default()
    };
    Ok(scenario::load(origin, &overrides)?)
}

/// Like [`load`], with the very files that the shards read.
fn read_again(arguments: &Arguments, parts: &[(&Path, About)]) -> Result<Loaded, Failure> {
    let about = &parts[0].1;
    let loaded = load(arguments, about, &[])?;
    let inputs = crate::cli::publish::inputs(&loaded);
    for (mine, theirs) in inputs.iter().zip(&about.inputs) {
        if mine != theirs {
            let text = format!(
                "`{}` is not the file that the shards read; say with --inputs where that is",
                mine.path
            );
            return Err(Failure::Usage(text));
        }
    }
    Ok(loaded)
}

fn join<S: Study>(
    arguments: &Arguments,
    parts: &[(&Path, About)],
    study: S,
) -> Result<Exit, Failure> {
    let about = &parts[0].1;
    let folder = arguments.results.folder()?;
    let stop = stop::listen(None, arguments.results.out.clone());
    let (started, clock) = (SystemTime::now(), Instant::now());
    let whole = About {
        share: Share::WHOLE.to_string(),
        ..about.clone()
    };
    let rows = match &folder {
        Some(folder) => RowFolder::create(folder.path(), &whole)?,
        None => RowFolder::reading(about),
    };
    for (part, _) in parts {
        let damaged = match &folder {
            Some(_) => rows.adopt(part)?,
            None => rows.read_from(part)?,
        };
        for path in damaged {
            output::warn(&format!("{} is damaged", path.display()));
        }
    }
    let workers = Workers::new(1)?;
    let nobody = |_: &[u64]| ();
    let conditions = Conditions {
        source: RowSource::Others(&nobody),
        ledger: &rows,
        confidence: study.confidence(),
        stop,
        ..Conditions::by(&workers, &rows)
    };
    let found = study.run(conditions, &Progress::begin(true))?;
    let end = study.end(&found);
    if !end.missing.is_empty() {
        let out = arguments.results.out.as_deref();
        tell_missing(parts, &end.missing, out);
        // The existing rows are kept for the next round.
        if let Some(folder) = folder {
            folder.keep();
        }
        return Ok(Exit::Failed);
    }
    let engine = Engine::named(&about.engine).ok_or_else(|| damaged(parts[0].0))?;
    let telling = Telling {
        by: By {
            engine: engine.name(),
            share: Share::WHOLE,
        },
        who: format!("{}, {}", about.engine, of_them(parts.len() as u64, "shard")),
        took: clock.elapsed(),
    };
    let place = Place {
        folder,
        formats: arguments.results.formats(),
        ledger: &rows,
        runtime: runtime_options(engine),
        started,
    };
    let exit = leave(&study, &found, &arguments.output, telling, place)?;
    let hint = where_results_are(arguments.results.out.as_deref(), "tables");
    arguments.output.hint(&[hint]);
    arguments.results.page(&arguments.output)?;
    if let (Some(unmet), false) = (&end.unmet, arguments.output.quiet) {
        output::warn(&unmet.to_string());
    }
    Ok(exit)
}

/// Prints the commands that make the missing rows.
fn tell_missing(parts: &[(&Path, About)], missing: &[u64], out: Option<&Path>) {
    let shares = |(folder, about): &(&Path, About)| {
        let share: Share = about.share.parse().ok()?;
        Some((share, folder.to_path_buf()))
    };
    let there: BTreeMap<Share, PathBuf> = parts.iter().filter_map(shares).collect();
    let of = there.keys().map(|share| share.of()).max().unwrap_or(1);
    let wanted: Vec<Share> = Share::all(of)
        .filter(|share| missing.iter().any(|&number| share.holds(number)))
        .collect();
    let command = &parts[0].1.command;
    let first = there.iter().find(|(share, _)| share.of() == of);
    let named = first.map_or((parts[0].0, Share::WHOLE), |(share, folder)| {
        (folder.as_path(), *share)
    });
    let runs = missing.len() as u64;
    output::note(&format!(
        "error: {} of this round {} missing; these commands make {}:",
        of_them(runs, "run"),
        agreeing(runs, "is", "are"),
        agreeing(runs, "it", "them")
    ));
    for share in wanted.iter().take(SHOWN) {
        let folder = match there.get(share) {
            Some(folder) => folder.clone(),
            None => beside(named, share.number()),
        };
        let words = words::of_share(command, *share, &folder, out);
        output::note(&format!("  {}", line(&words)));
    }
    if wanted.len() > SHOWN {
        output::note(&format!("  and so on, {} shards in all", wanted.len()));
    }
    if out.is_none() && is_later_round(parts, missing) {
        output::note(
            "  they begin where this merge ends: merge with --out DIR first, then add --after DIR",
        );
    }
}

/// A folder for a shard, named like an existing one if that has its own number in its name.
fn beside((there, share): (&Path, Share), number: u64) -> PathBuf {
    let name = there.file_name().unwrap_or_default().to_string_lossy();
    let own = share.number().to_string();
    let is_digit = |c: char| c.is_ascii_digit();
    let is_whole = |&(at, _): &(usize, &str)| {
        !name[..at].ends_with(is_digit) && !name[at + own.len()..].starts_with(is_digit)
    };
    let found = name.rmatch_indices(&own).find(is_whole);
    there.with_file_name(match found {
        Some((at, _)) => format!("{}{number}{}", &name[..at], &name[at + own.len()..]),
        None => format!("shard-{number}-of-{}", share.of()),
    })
}

/// Whether the missing rows belong to a round that follows a complete one, so that shards need the rows of others.
fn is_later_round(parts: &[(&Path, About)], missing: &[u64]) -> bool {
    let rounds = parts[0].1.question.pointer("/goal/precision");
    let in_rounds = [order::ROWS, find::ROWS]
        .iter()
        .any(|kind| parts[0].1.rows.get(kind).is_some())
        || rounds.is_some_and(|p| !p.is_null());
    in_rounds && missing.first().is_some_and(|&number| number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_as_those_that_are_there() {
        let named = |there: &str| {
            let path = beside((Path::new(there), "5/8".parse().unwrap()), 6);
            path.to_str().unwrap().to_owned()
        };
        assert_eq!(named("a/5-shard-5"), "a/5-shard-6");
        assert_eq!(named("a/5"), "a/6");
        assert_eq!(named("a/part5b"), "a/part6b");
        assert_eq!(named("a/55"), "a/shard-6-of-8");
    }
}
