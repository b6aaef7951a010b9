//! One run of the page: on threads, observed, with its tables filed and its results written to a folder.
#![allow(
    clippy::disallowed_methods,
    reason = "when a run was made is told beside its results"
)]

use super::runs::Run;
use super::scenarios::LIMITS;
use crate::actor::{Recorder, Recording, Runtime, Surroundings};
use crate::digest::Digest;
use crate::model::{Model, Outcome};
use crate::observe::feed::{Feed, Place};
use crate::observe::limit::Limited;
use crate::observe::log::{Kind, Sentence};
use crate::observe::ordered::Ordered;
use crate::observe::room::{Room, Watch};
use crate::report::page::Document;
use crate::report::publish::{Leaving, publish};
use crate::report::tables::{self, Filing, Formats};
use crate::report::{Draft, Folder, RuntimeOptions, Setting, Summary, WriteError};
use crate::scenario::{self, Loaded, Overrides, Patch, Scenario};
use crate::station::Happening;
use crate::tandem;
use serde::Serialize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::time::SystemTime;

/// The capacity of a channel between threads.
const CHANNEL_CAPACITY: usize = 4;

/// The maximum estimated number of events of a run with tables; larger runs have only their summary.
pub const TABLED_MAX: u64 = 3_000_000;

/// The number of newest records kept for the log.
const FEED: usize = 4096;

/// The result of a run.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) digest: Digest,
    /// `summary.json`.
    pub(super) json: String,
    /// Its report, once it was requested.
    pub(super) report: OnceLock<Result<Document, String>>,
    /// The scenario as run, with the interventions in it.
    pub(super) loaded: Loaded,
}

/// The records and the state of a run that are shown.
#[derive(Debug)]
pub(super) struct Sight {
    watch: Watch,
    feed: Feed<Happening>,
}

impl Sight {
    pub(super) fn new(scenario: &Scenario) -> Sight {
        Sight {
            watch: Watch::new(scenario),
            feed: Feed::new(FEED),
        }
    }

    pub(super) fn room(&self, clock: f64) -> Room {
        self.watch.room(clock)
    }

    /// The time of the last event known.
    pub(super) fn end(&self) -> f64 {
        self.watch.end()
    }

    /// The lines of the log after this place, for changes of state that a person may want to follow.
    pub(super) fn log(&self, scenario: &Scenario, place: &mut Place) -> Vec<Line> {
        let records = self.feed.read(place, FEED);
        let told = records.iter().filter_map(|record| {
            let sentence = Sentence::of(scenario, record)?;
            let shown = !matches!(sentence.kind, Kind::Step | Kind::Arrives | Kind::Sent);
            shown.then(|| Line {
                clock: sentence.time,
                time_of_day: sentence.clock.clone(),
                who: sentence.who().to_owned(),
                sign: sentence.sign,
                what: sentence.words().to_string(),
                kind: sentence.kind.name(),
            })
        });
        told.collect()
    }
}

/// A line of the log: time, actor, sign, words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Line {
    /// Step or time.
    pub(super) clock: f64,
    /// The same as a time of day, if the scenario gives its start.
    time_of_day: Option<String>,
    who: String,
    sign: char,
    what: String,
    /// For colour, beside the sign.
    kind: &'static str,
}

/// Files the records, and passes them to the observers.
struct Witness<'a, F: Fn(&Happening)> {
    watch: &'a Watch,
    ordered: Ordered<F>,
    filing: Option<Filing<'a>>,
}

impl<F: Fn(&Happening) + Sync> Recorder<Happening> for Witness<'_, F> {
    fn record(&self, records: &mut Vec<Happening>) {
        self.watch.record(records);
        self.ordered.record(records);
        if let Some(filing) = &self.filing {
            filing.record(records);
        }
    }
}

/// Runs the scenario, and writes its results to its folder.
pub(super) fn perform(run: &Run) -> Result<Finished, String> {
    let ran = catch_unwind(AssertUnwindSafe(|| ran(run)));
    ran.unwrap_or_else(|_| Err("internal error; see the terminal that runs filas serve".to_owned()))
}

fn ran(run: &Run) -> Result<Finished, String> {
    let started = SystemTime::now();
    let folder = Folder::open(&run.folder, true).map_err(|error| error.to_string())?;
    let scenario = &run.loaded.scenario;
    let tabled = scenario::estimate(scenario).events <= TABLED_MAX;
    let (outcome, drafts) = witnessed(run, tabled.then_some(&folder))?;
    let json = Summary::of(scenario, "threads", &outcome).json();
    let loaded = as_run(run)?;
    let leaving = Leaving {
        loaded: &loaded,
        engine: "threads",
        runtime: RuntimeOptions {
            channel_capacity: Setting::One(CHANNEL_CAPACITY),
            chunk: Setting::One(chunk(run)),
        },
        digest: outcome.digest(),
        interrupted: outcome.interrupted(),
        has_rows: false,
        stop_after: None,
        json: &json,
        command: std::env::args_os()
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
        reproduce: format!("filas run scenario.toml{}", outcome.ending(scenario)),
        started,
    };
    publish(folder, drafts, leaving).map_err(|error| error.to_string())?;
    Ok(Finished {
        digest: outcome.digest(),
        json,
        report: OnceLock::new(),
        loaded,
    })
}

/// The scenario with the interventions applied, which gives the same run again.
fn as_run(run: &Run) -> Result<Loaded, String> {
    let journal = run.control.journal();
    match run.loaded.scenario.desk() {
        Some(desk) if !journal.is_empty() => {
            let patch = Patch {
                name: "what was done by hand".to_owned(),
                text: journal.patch(desk),
            };
            let overrides = Overrides {
                patches: vec![patch],
                ..Overrides::default()
            };
            let patched = run.shelf.load(&run.draft, &overrides);
            patched.map_err(|error| error.plain())
        }
        _ => Ok(run.loaded.clone()),
    }
}

/// A paced run has one customer in each message.
fn chunk(run: &Run) -> usize {
    if run.paced {
        1
    } else {
        tandem::usual_chunk(RUNTIME)
    }
}

const RUNTIME: Runtime = Runtime::Threads {
    channel_capacity: CHANNEL_CAPACITY,
};

/// Makes a run whose records are observed, and filed if there is a folder for tables.
fn witnessed(run: &Run, folder: Option<&Folder>) -> Result<(Outcome, Vec<Draft>), String> {
    let told = |error: WriteError| format!("{error}: {}", error.source);
    let scenario = &run.loaded.scenario;
    let tables = folder.map(|folder| tables::begin(folder, Formats::ALL, scenario));
    let tables = tables.transpose().map_err(told)?;
    let witness = Witness {
        watch: &run.sight.watch,
        ordered: Ordered::new(scenario, |record| run.sight.feed.push(record.clone())),
        filing: tables.map(|tables| Filing::new(tables, run.control.flag())),
    };
    let limited = Limited::new(
        &run.control,
        scenario,
        chunk(run),
        (RUNTIME, Recording::Everything),
        LIMITS,
    );
    let around = Surroundings {
        conductor: &limited,
        recorder: &witness,
    };
    let (chunk, recording) = (Some(chunk(run)), Recording::Everything);
    let outcome = Model::of(scenario).run(0, RUNTIME, chunk, recording, around);
    run.control.finish(run.sight.end());
    let outcome = outcome.map_err(|error| error.to_string())?;
    let mut drafts = match witness.filing {
        Some(filing) => filing.finish().map_err(told)?,
        None => Vec::new(),
    };
    if let Some(folder) = folder {
        let more = tables::intervals(folder, Formats::ALL, (scenario, &outcome));
        drafts.extend(more.map_err(told)?);
    }
    Ok((outcome, drafts))
}
