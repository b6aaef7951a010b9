//! One run of the page: on threads, watched, with its tables filed and its results left in a folder.
#![allow(
    clippy::disallowed_methods,
    reason = "when a run was made is told beside its results"
)]

use super::runs::Run;
use super::telling::{self, Line};
use crate::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use crate::desk::{self, DeskRecord};
use crate::digest::Digest;
use crate::observe::feed::{Feed, Place};
use crate::observe::room::{DeskRoom, DeskWatch, LineRoom, LineWatch};
use crate::report::page::Document;
use crate::report::publish::{Leaving, publish};
use crate::report::tables::{DeskTables, Filing, Formats, LineTables, Tables};
use crate::report::{Draft, Folder, RuntimeOptions, Setting, Summary, WriteError};
use crate::scenario::{self, Desk, Loaded, Overrides, Patch, Scenario, Tandem};
use crate::tandem::{self, LineEvent, LineRecord};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::time::SystemTime;

/// Messages a channel between threads holds.
const CHANNEL_CAPACITY: usize = 4;

/// Tables are written for runs of up to so many events, by estimate; larger ones have their summary.
pub const TABLED_MAX: u64 = 3_000_000;

/// The newest records, for the log.
const FEED: usize = 4096;

/// What came of a run.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) digest: Digest,
    /// `summary.json`.
    pub(super) json: String,
    /// Its report, once somebody has asked.
    pub(super) report: OnceLock<Result<Document, String>>,
    /// The scenario as run: with what was done by hand in it.
    pub(super) loaded: Loaded,
}

/// What is seen of a run.
#[derive(Debug)]
pub(super) enum Sight {
    /// Of a desk.
    Desk(DeskWatch, Feed<DeskRecord>),
    /// Of a line.
    Line(LineWatch, Feed<LineEvent>),
}

/// What a view shows.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(untagged)]
pub(super) enum Room {
    /// Of a desk.
    Desk(DeskRoom),
    /// Of a line.
    Line(LineRoom),
}

impl Sight {
    pub(super) fn new(scenario: &Scenario) -> Sight {
        match scenario {
            Scenario::Desk(desk) => Sight::Desk(DeskWatch::new(desk), Feed::new(FEED)),
            Scenario::Tandem(line) => Sight::Line(LineWatch::new(line), Feed::new(FEED)),
        }
    }

    pub(super) fn room(&self, clock: f64) -> Room {
        match self {
            Sight::Desk(watch, _) => Room::Desk(watch.room()),
            Sight::Line(watch, _) => Room::Line(watch.room(clock)),
        }
    }

    /// When what is seen ends.
    pub(super) fn end(&self) -> f64 {
        match self {
            Sight::Desk(watch, _) => watch.room().step as f64,
            Sight::Line(watch, _) => watch.last_departure(),
        }
    }

    /// The lines of the log after this place.
    pub(super) fn log(&self, scenario: &Scenario, place: &mut Place) -> Vec<Line> {
        match (self, scenario) {
            (Sight::Desk(_, feed), Scenario::Desk(desk)) => {
                let records = feed.read(place, FEED);
                let told = records.iter().map(|record| telling::of_desk(desk, record));
                told.flatten().collect()
            }
            (Sight::Line(_, feed), Scenario::Tandem(line)) => {
                let events = feed.read(place, FEED);
                let told = events.iter().map(|event| telling::of_line(line, event));
                told.flatten().collect()
            }
            _ => unreachable!("a sight is of its scenario's model"),
        }
    }
}

/// Files, and lets those who watch see.
struct Witness<'a, T> {
    sight: &'a Sight,
    filing: Option<Filing<'a, T>>,
}

impl Recorder<DeskRecord> for Witness<'_, DeskTables> {
    fn record(&self, records: &mut Vec<DeskRecord>) {
        if let Sight::Desk(watch, feed) = self.sight {
            watch.record(records);
            records.iter().for_each(|record| feed.push(*record));
        }
        if let Some(filing) = &self.filing {
            filing.record(records);
        }
    }
}

impl Recorder<LineRecord> for Witness<'_, LineTables> {
    fn record(&self, records: &mut Vec<LineRecord>) {
        if let Sight::Line(watch, feed) = self.sight {
            watch.record(records);
            for record in records.iter() {
                if let LineRecord::Event(event) = record {
                    feed.push(*event);
                }
            }
        }
        if let Some(filing) = &self.filing {
            filing.record(records);
        }
    }
}

/// Runs it, and leaves its results in its folder.
pub(super) fn perform(run: &Run) -> Result<Finished, String> {
    let ran = catch_unwind(AssertUnwindSafe(|| ran(run)));
    ran.unwrap_or_else(|_| Err("filas met a defect of its own; its terminal tells more".to_owned()))
}

struct Ran {
    digest: Digest,
    interrupted: bool,
    json: String,
    drafts: Vec<Draft>,
}

fn ran(run: &Run) -> Result<Finished, String> {
    let started = SystemTime::now();
    let folder = Folder::open(&run.folder, true).map_err(|error| error.to_string())?;
    let scenario = &run.loaded.scenario;
    let tabled = scenario::estimate(scenario).events <= TABLED_MAX;
    let ran = match scenario {
        Scenario::Desk(desk) => of_desk(run, desk, tabled.then_some(&folder)),
        Scenario::Tandem(line) => of_line(run, line, tabled.then_some(&folder)),
    }?;
    let loaded = as_run(run)?;
    let leaving = Leaving {
        loaded: &loaded,
        engine: "threads",
        runtime: RuntimeOptions {
            channel_capacity: Setting::One(CHANNEL_CAPACITY),
            chunk: Setting::One(chunk(run)),
        },
        digest: ran.digest,
        interrupted: ran.interrupted,
        json: &ran.json,
        reproduce: "filas run scenario.toml".to_owned(),
        started,
    };
    publish(folder, ran.drafts, leaving).map_err(|error| error.to_string())?;
    Ok(Finished {
        digest: ran.digest,
        json: ran.json,
        report: OnceLock::new(),
        loaded,
    })
}

/// The scenario with what was done by hand laid over it: it gives the same run again.
fn as_run(run: &Run) -> Result<Loaded, String> {
    let journal = run.control.journal();
    match &run.loaded.scenario {
        Scenario::Desk(desk) if !journal.is_empty() => {
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

/// A run that is watched from the beginning is told customer by customer.
fn chunk(run: &Run) -> usize {
    if run.paced {
        1
    } else {
        tandem::usual_chunk(RUNTIME)
    }
}

fn formats() -> Formats {
    Formats {
        parquet: true,
        csv: true,
    }
}

const RUNTIME: Runtime = Runtime::Threads {
    channel_capacity: CHANNEL_CAPACITY,
};

fn of_desk(run: &Run, desk: &Desk, folder: Option<&Folder>) -> Result<Ran, String> {
    let begin = |folder: &Folder| DeskTables::begin(folder, formats(), desk);
    let (outcome, drafts) = witnessed(run, folder.map(begin), |around| {
        let outcome = desk::run(desk, 0, RUNTIME, Recording::Everything, around);
        run.control.finish(run.sight.end());
        outcome
    })?;
    let digest = (outcome.digest, outcome.interrupted);
    let summary = Summary::of_desk(&desk.name, desk.seed, "threads", digest, &outcome.summary);
    Ok(Ran {
        digest: outcome.digest,
        interrupted: outcome.interrupted,
        json: summary.json(),
        drafts,
    })
}

fn of_line(run: &Run, line: &Tandem, folder: Option<&Folder>) -> Result<Ran, String> {
    let begin = |folder: &Folder| {
        let stages = line.stages.iter().map(|stage| stage.name.clone());
        LineTables::begin(folder, formats(), stages.collect())
    };
    let (outcome, drafts) = witnessed(run, folder.map(begin), |around| {
        let outcome = tandem::run(line, 0, RUNTIME, chunk(run), Recording::Everything, around);
        run.control.finish(run.sight.end());
        outcome
    })?;
    let digest = (outcome.digest, outcome.interrupted);
    let names = (line.name.as_str(), line.time_unit.as_deref());
    let summary = Summary::of_line(names, line.seed, "threads", digest, &outcome.summary);
    Ok(Ran {
        digest: outcome.digest,
        interrupted: outcome.interrupted,
        json: summary.json(),
        drafts,
    })
}

/// A run whose records are seen, and filed if there are tables.
fn witnessed<'a, T: Tables, O>(
    run: &'a Run,
    tables: Option<Result<T, WriteError>>,
    go: impl FnOnce(Surroundings<'_, T::Record>) -> Result<O, RunError>,
) -> Result<(O, Vec<Draft>), String>
where
    Witness<'a, T>: Recorder<T::Record>,
{
    let told = |error: WriteError| format!("{error}: {}", error.source);
    let tables = tables.transpose().map_err(told)?;
    let witness = Witness {
        sight: &run.sight,
        filing: tables.map(|tables| Filing::new(tables, run.control.flag())),
    };
    let outcome = go(Surroundings {
        conductor: &run.control,
        recorder: &witness,
    });
    let outcome = outcome.map_err(|error| error.to_string())?;
    let drafts = match witness.filing {
        Some(filing) => filing.finish().map_err(told)?,
        None => Vec::new(),
    };
    Ok((outcome, drafts))
}
