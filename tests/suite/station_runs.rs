//! Runs of made-up lines of people and machines, with their records.

use crate::station_cases::Case;
use filas::actor::{Recorder, Recording, Runtime, Surroundings};
use filas::scenario::{Origin, Overrides, Scenario, Tandem, load};
use filas::station::Happening;
use filas::tandem::{self, LineOutcome};
use std::sync::Mutex;

/// Takes the records of a run.
#[derive(Default)]
pub(crate) struct Records(Mutex<Vec<Happening>>);

impl Records {
    pub(crate) fn into_records(self) -> Vec<Happening> {
        self.0.into_inner().unwrap()
    }
}

impl Recorder<Happening> for Records {
    fn record(&self, records: &mut Vec<Happening>) {
        self.0.lock().unwrap().append(records);
    }
}

/// The line of a scenario's text.
pub(crate) fn line(text: &str) -> Tandem {
    let name = "case.toml";
    let loaded = load(Origin::Embedded { name, text }, &Overrides::default());
    let loaded = loaded.unwrap_or_else(|error| panic!("{}\n{text}", error.plain()));
    let Scenario::Tandem(line) = loaded.scenario else {
        panic!("a case is a line");
    };
    line
}

/// The line of a case, where it has people and machines.
pub(crate) fn line_of(case: &Case) -> Option<Tandem> {
    let line = line(&case.toml);
    (!line.is_plain()).then_some(line)
}

/// Runs a line once.
pub(crate) fn run(
    line: &Tandem,
    runtime: Runtime,
    recording: Recording,
) -> (LineOutcome, Vec<Happening>) {
    let records = Records::default();
    let around = Surroundings {
        conductor: &(),
        recorder: &records,
    };
    let outcome = tandem::run(line, 0, runtime, 1, recording, around);
    (outcome.unwrap(), records.into_records())
}
