//! A run repeated from its results folder, for data that its summary does not contain: courses, spreads, and states
//! over time.
//!
//! Nothing is read from the tables: one thread makes the records again as fast as they could be read, in constant
//! memory, for tables of any form or none. The digest shows whether it is the same run; if it is not, or if it cannot
//! be made, the report says so instead.

use super::results::{Results, text};
use crate::actor::{Recorder, Recording, Runtime, Surroundings};
use crate::model::{Model, Outcome};
use crate::number::plain;
use crate::report::as_run;
use crate::scenario::{Scenario, estimate};
use crate::station::Happening;
use crate::study::ClosedForm;
use parking_lot::Mutex;

/// The most seconds that a report may spend on one run, by estimate.
const SECONDS: f64 = 60.0;

/// A fold of records into a chart.
pub(super) trait Course: Send {
    fn take(&mut self, record: &Happening);
}

struct Folding<'a, T>(Mutex<&'a mut T>);

impl<T: Course> Recorder<Happening> for Folding<'_, T> {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut course = self.0.lock();
        records.iter().for_each(|record| course.take(record));
        records.clear();
    }
}

/// The scenario of a run, ready to be repeated.
fn repeatable(results: &Results) -> Result<Scenario, String> {
    let loaded = results.scenario.as_ref().map_err(|error| {
        format!("scenario.toml cannot be read as it stands here ({error}); put copies of the files that it reads beside it")
    })?;
    let measure = |key: &str| results.measure(key);
    let scenario = as_run(&loaded.scenario, &results.manifest, measure);
    let seconds = estimate(&scenario).seconds;
    if seconds > SECONDS {
        return Err(format!(
            "making it again would take about {} s",
            plain(seconds)
        ));
    }
    Ok(scenario)
}

/// Repeats the run, with the records that the course folds; returns its outcome.
pub(super) fn run(
    results: &Results,
    recording: Recording,
    course: &mut impl Course,
) -> Result<Outcome, String> {
    let scenario = repeatable(results)?;
    let outcome = made(&scenario, 0, recording, course)?;
    same(results, &outcome.digest().to_string())?;
    Ok(outcome)
}

/// Repeats some replications; returns the course of each.
pub(super) fn replications<T: Course>(
    results: &Results,
    count: u64,
    course: impl Fn() -> T,
) -> Result<Vec<T>, String> {
    let scenario = repeatable(results)?;
    let affordable = SECONDS / estimate(&scenario).seconds.max(1e-6);
    let mut courses = Vec::new();
    for replication in 0..count.min(affordable as u64) {
        let mut one = course();
        made(&scenario, replication, Recording::Tables, &mut one)?;
        courses.push(one);
    }
    Ok(courses)
}

fn made(
    scenario: &Scenario,
    replication: u64,
    recording: Recording,
    course: &mut impl Course,
) -> Result<Outcome, String> {
    let recorder = Folding(Mutex::new(course));
    let around = Surroundings {
        conductor: &(),
        recorder: &recorder,
    };
    let made = Model::of(scenario).run(replication, Runtime::Inline, None, recording, around);
    made.map_err(|error| error.to_string())
}

fn same(results: &Results, digest: &str) -> Result<(), String> {
    let filed = text(&results.summary, "digest").unwrap_or_default();
    match digest == filed {
        true => Ok(()),
        false => Err(format!(
            "the run made again has the digest {digest} and not {filed}: another version of filas made these results"
        )),
    }
}

/// The closed form of the scenario, if it can be read.
pub(super) fn fit(results: &Results) -> Option<ClosedForm> {
    let loaded = results.scenario.as_ref().ok()?;
    Some(ClosedForm::of(&loaded.scenario))
}
