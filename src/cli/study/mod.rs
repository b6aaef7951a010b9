//! The steps of every study: load, prepare, run round by round, report, leave the results.
//!
//! [`Study`] is the part that a command adds. A study may be done here as a whole or in part; it may continue an
//! earlier one that was stopped; and `merge` ends in the same place, with rows made elsewhere.
#![allow(
    clippy::disallowed_methods,
    reason = "how long a study took and when it was made are told here, beside the results"
)]

pub(super) mod compare;
pub(super) mod find;
pub(super) mod merge;
mod on;
pub(super) mod options;
pub(super) mod order;
pub(super) mod replicate;
pub(super) mod sweep;
mod words;

use super::options::{OutputFormat, OutputOptions};
use super::progress::Progress;
use super::publish::{Leaving, inputs, publish, reproduce, typed};
use super::source::Source;
use super::text::{self, Paper};
use super::{Exit, Failure, output, stop};
use crate::digest::Digest;
use crate::number;
use crate::report::rows::{self, About, RowFolder};
use crate::report::tables::Formats;
use crate::report::{Draft, Folder, RuntimeOptions};
use crate::scenario::{Loaded, Scenario};
use crate::study::ledger::{InMemory, Ledger};
use crate::study::{Completion, Conditions, RowSource, Share, StudyError, Workers};
use on::{Cluster, Shards};
use options::{GoalOptions, StudyOptions, where_results_are};
use parking_lot::Mutex;
use serde_json::Value;
use std::path::Path;
use std::time::{Instant, SystemTime};

/// A study: the question of a command, and the report of its answer.
trait Study {
    /// Its results.
    type Found;

    /// The scenario, as run.
    fn loaded(&self) -> &Loaded;

    /// The kind of study, and the options on which its rows depend.
    fn rows(&self) -> Value;

    /// The question put to the rows.
    fn question(&self) -> Value;

    /// An option whose value the study has found, so that shards need not find it again.
    fn found_out(&self) -> Option<(&'static str, String)> {
        None
    }

    /// The confidence of the answer.
    fn confidence(&self) -> f64;

    /// Runs it, as far as the rows allow.
    fn run(&self, conditions: Conditions<'_>, progress: &Progress) -> Result<Self::Found, Failure>;

    /// Its end.
    fn end(&self, found: &Self::Found) -> End;

    /// The JSON document.
    fn document(&self, found: &Self::Found, by: By) -> String;

    /// The text for people.
    fn text(&self, found: &Self::Found, telling: &Telling, paper: &Paper) -> String;

    /// Writes further requested results outside the results folder; returns a line about them.
    fn leave(&self, _found: &Self::Found) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    /// Its tables.
    fn tables(
        &self,
        found: &Self::Found,
        folder: &Folder,
        formats: Formats,
        rows: (&dyn Ledger, Share),
    ) -> Result<Vec<Draft>, Failure>;

    /// Further files of its results folder.
    fn beside(&self, _folder: &Folder) -> Result<Vec<Draft>, Failure> {
        Ok(Vec::new())
    }

    /// The command that reproduces it on one machine from this scenario file.
    fn reproduce(&self, found: &Self::Found, scenario: &str) -> String;
}

/// The end of a study.
#[derive(Clone, Debug, Default)]
struct End {
    digest: Digest,
    interrupted: bool,
    /// The goal that was not reached, and the remedy.
    unmet: Option<String>,
    /// Whether runs of a network ended in a deadlock, in a study whose answer is that deadlock.
    deadlocked: bool,
    /// The runs that others have to do before the study can go on.
    missing: Vec<u64>,
}

impl End {
    /// The end of a study of replications with this goal.
    fn of(completion: &Completion, goal: &GoalOptions) -> End {
        let unmet = completion.is_whole() && !completion.met;
        End {
            digest: completion.digest,
            interrupted: completion.interrupted,
            unmet: unmet.then(|| goal.unmet(completion.replications)),
            deadlocked: false,
            missing: completion.missing.clone(),
        }
    }
}

/// The workers that made the rows.
#[derive(Clone, Copy, Debug)]
struct By {
    engine: &'static str,
    share: Share,
}

/// The facts stated beside the results.
#[derive(Clone, Debug)]
struct Telling {
    by: By,
    /// The workers as named in the title: engine and workers, or shards.
    who: String,
    took: std::time::Duration,
}

/// Carries a study out. It is prepared after the workers are started, so that it can use pilot runs.
fn carry_out<S: Study>(
    options: &StudyOptions,
    prepare: impl FnOnce(Conditions<'_>) -> Result<S, Failure>,
) -> Result<Exit, Failure> {
    let workers = options.work.workers()?;
    if let Some(cluster) = &options.spread.on {
        if options.spread.dry_run {
            return dry(options, cluster, &workers, prepare);
        }
        cluster.is_there()?;
    }
    let folder = options.folder()?;
    let log = options.log.begin()?;
    let stop = stop::listen(log.clone(), options.results.out.clone());
    let (started, clock) = (SystemTime::now(), Instant::now());
    let progress = Progress::begin(options.output.quiet);
    #[cfg(feature = "page")]
    let _served = options.metrics.serve(progress.metrics())?;
    let memory = InMemory::default();
    let conditions = Conditions {
        workers: &workers,
        source: RowSource::Here(options.spread.share()),
        ledger: &memory,
        runtime: options.work.runtime(),
        confidence: options.confidence,
        stop,
        expect: &|more| progress.expect(more),
        done: &|| progress.done(),
    };
    let by = options.by();
    let ran = prepare(conditions).and_then(|study| {
        let rows = match &folder {
            Some(folder) => Some(options.rows(folder, &study)?),
            None => None,
        };
        let ledger: &dyn Ledger = rows.as_ref().map_or(&memory, |rows| rows);
        let conditions = Conditions {
            ledger,
            ..conditions
        };
        let found = match (&options.spread.on, &rows) {
            (Some(cluster), Some(rows)) => {
                elsewhere(options, &study, cluster, rows, conditions, &progress)
            }
            _ => study.run(conditions, &progress),
        };
        let found = match (found, &folder) {
            // The run would fail there again, so no rows are kept.
            (Err(failure @ Failure::Run { .. }), Some(folder)) => {
                rows::discard(folder.path());
                return Err(failure);
            }
            (found, _) => found?,
        };
        if let Some(rows) = &rows {
            rows.tidy()?;
        }
        Ok((study, rows, found))
    });
    progress.end();
    // The log is kept, whatever the outcome of the study.
    let logged = log.map_or(Ok(()), |log| log.finish());
    let (study, rows, found) = ran?;
    let telling = Telling {
        by,
        who: format!(
            "{}, {}",
            by.engine,
            number::of_them(workers.count() as u64, "job")
        ),
        took: clock.elapsed(),
    };
    let leaving = Place {
        folder,
        formats: options.results.formats(),
        ledger: rows.as_ref().map_or(&memory, |rows| rows),
        runtime: options::runtime_options(options.work.engine()),
        started,
    };
    let exit = leave(&study, &found, &options.output, telling, leaving)?;
    let hint = where_results_are(options.results.out.as_deref(), "tables");
    options.output.hint(&[hint]);
    options.results.page(&options.output)?;
    logged?;
    let end = study.end(&found);
    options.tell(&end);
    Ok(exit)
}

/// Carries out a study whose rows are made by a cluster.
fn elsewhere<S: Study>(
    options: &StudyOptions,
    study: &S,
    cluster: &Cluster,
    rows: &RowFolder,
    conditions: Conditions<'_>,
    progress: &Progress,
) -> Result<S::Found, Failure> {
    let shards = shards(options, study, cluster)?;
    let failure = Mutex::new(None);
    let call = |missing: &[u64]| {
        if let Err(error) = shards.make(missing, rows, progress, conditions.stop) {
            *failure.lock() = Some(error);
        }
    };
    let source = RowSource::Others(&call);
    let found = study.run(
        Conditions {
            source,
            ..conditions
        },
        progress,
    )?;
    match failure.into_inner() {
        Some(failure) => Err(failure),
        None => Ok(found),
    }
}

/// Prints what would be submitted for the next round.
fn dry<S: Study>(
    options: &StudyOptions,
    cluster: &Cluster,
    workers: &Workers,
    prepare: impl FnOnce(Conditions<'_>) -> Result<S, Failure>,
) -> Result<Exit, Failure> {
    let memory = InMemory::default();
    let conditions = Conditions {
        confidence: options.confidence,
        ..Conditions::by(workers, &memory)
    };
    let study = prepare(conditions)?;
    let rows = RowFolder::reading(&about(
        &study,
        options.scenario.source()?.path(),
        options.by(),
    ));
    let shards = shards(options, &study, cluster)?;
    rows.read_from(shards.out)?;
    let said = Mutex::new(String::new());
    let call = |missing: &[u64]| *said.lock() = shards.dry(missing);
    let conditions = Conditions {
        source: RowSource::Others(&call),
        ledger: &rows,
        ..conditions
    };
    study.run(conditions, &Progress::begin(true))?;
    let said = said.into_inner();
    let nothing = said.is_empty();
    let said = match options.output.format {
        OutputFormat::Json => {
            let command = (!nothing).then_some(said);
            format!("{}\n", serde_json::json!({ "submission": command }))
        }
        OutputFormat::Text if nothing => "nothing is missing: the study is whole\n".to_owned(),
        OutputFormat::Text => said,
    };
    output::print(&said)?;
    Ok(Exit::Done)
}

/// The shards of a study on a cluster.
fn shards<'a>(
    options: &'a StudyOptions,
    study: &'a impl Study,
    cluster: &'a Cluster,
) -> Result<Shards<'a>, Failure> {
    let out = options.results.out.as_deref().unwrap_or(Path::new("."));
    let scenario = match options.scenario.source()? {
        Source::Stdin(text) => Some((text.as_str(), on::scenario_in(out))),
        Source::File(_) | Source::Shipped(_) | Source::Filed { .. } => None,
    };
    let file = scenario.as_ref().map(|(_, path)| path.as_path());
    Ok(Shards {
        on: cluster,
        most: options.spread.shards,
        out,
        command: words::for_shards(study.found_out(), file),
        name: study.loaded().scenario.name(),
        jobs: options.work.jobs,
        scenario,
    })
}

/// The results folder, and the facts about the results to be written there.
struct Place<'a> {
    folder: Option<Folder>,
    formats: Formats,
    ledger: &'a dyn Ledger,
    runtime: RuntimeOptions,
    started: SystemTime,
}

/// Writes the results to their folder and prints them.
fn leave<S: Study>(
    study: &S,
    found: &S::Found,
    asked: &OutputOptions,
    telling: Telling,
    place: Place<'_>,
) -> Result<Exit, Failure> {
    let left = study.leave(found)?;
    let end = study.end(found);
    let document = study.document(found, telling.by);
    let said = match asked.format {
        OutputFormat::Json => document.clone(),
        OutputFormat::Text => study.text(found, &telling, &output::paper()),
    };
    if let Some(folder) = place.folder {
        let by = telling.by;
        let mut drafts = match place.formats.any() {
            true => study.tables(found, &folder, place.formats, (place.ledger, by.share))?,
            false => Vec::new(),
        };
        drafts.extend(study.beside(&folder)?);
        let leaving = Leaving {
            loaded: study.loaded(),
            engine: by.engine,
            runtime: place.runtime,
            digest: end.digest,
            interrupted: end.interrupted,
            has_rows: true,
            stop_after: None,
            json: &document,
            command: typed(),
            reproduce: reproduce(study.loaded(), |scenario| study.reproduce(found, scenario)),
            started: place.started,
        };
        publish(folder, drafts, leaving)?;
    }
    output::print(&said)?;
    if let Some(left) = left.filter(|_| !asked.quiet) {
        output::note(&left);
    }
    Ok(match &end {
        _ if end.interrupted => Exit::Interrupted,
        _ if end.unmet.is_some() || end.deadlocked => Exit::Failed,
        _ => Exit::Done,
    })
}

/// The identity of a study's rows, in this program.
fn about(study: &impl Study, file: &Path, by: By) -> About {
    let loaded = study.loaded();
    About {
        filas: env!("CARGO_PKG_VERSION").to_owned(),
        build: rows::build().to_owned(),
        seed: loaded.scenario.seed(),
        engine: by.engine.to_owned(),
        scenario: loaded.text.clone(),
        inputs: inputs(loaded),
        rows: study.rows(),
        question: study.question(),
        file: std::path::absolute(file).unwrap_or_else(|_| file.to_owned()),
        command: words::of_this_study(),
        share: by.share.to_string(),
    }
}

/// An error of a study, with the command that repeats a failed run.
pub(super) fn failed(error: StudyError) -> Failure {
    match error {
        StudyError::Run(error) => Failure::Run {
            error,
            again: super::publish::command(),
        },
        StudyError::Keep(error) => error.into(),
    }
}

/// Refuses to compare scenarios of different models, or with times in different units; `named` are their names.
fn same_kind(named: [&str; 2], scenarios: [&Scenario; 2]) -> Result<(), Failure> {
    let [a, b] = scenarios;
    if a.model() != b.model() {
        let text = format!(
            "`{}` is a {} scenario and `{}` a {} scenario: what they have in common is not comparable; \
             name two scenarios of one model",
            named[0],
            a.model(),
            named[1],
            b.model()
        );
        return Err(Failure::Usage(text));
    }
    if a.time_unit() != b.time_unit() {
        let unit = |scenario: &Scenario| match scenario.time_unit() {
            Some(unit) => format!("in {unit}"),
            None => "without a unit".to_owned(),
        };
        let text = format!(
            "the times of `{}` are {} and those of `{}` {}, so that their difference says nothing; \
             give both one `time_unit`",
            named[0],
            unit(a),
            named[1],
            unit(b)
        );
        return Err(Failure::Usage(text));
    }
    Ok(())
}

/// The line of the text on a share; empty for a whole study.
fn of_share(by: By, missing: usize, paper: &Paper) -> String {
    if by.share.is_whole() {
        return String::new();
    }
    let word = paper.paint(text::Ink::Strong, &format!("share {}", by.share));
    format!(
        "  {word} of this round only: {} {} for others to do; `filas merge` joins them all\n",
        number::of_them(missing as u64, "run"),
        number::agreeing(missing as u64, "is", "are")
    )
}
