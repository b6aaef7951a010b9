//! A run made again from its results folder, for what its summary cannot tell: courses, spreads, who
//! was in which state when.
//!
//! Nothing is read from the tables: one thread makes the records again as fast as they could be read,
//! in memory that does not grow, in whatever form tables were kept and also where none were. The digest
//! says whether it is the very same run; if it is not, or if it cannot be made, that is said instead.

use super::results::{Results, text};
use crate::actor::{Recorder, Recording, Runtime, Surroundings};
use crate::desk::DeskRecord;
use crate::report::number::plain;
use crate::scenario::{Horizon, Scenario, estimate};
use crate::study::Fit;
use crate::tandem::LineRecord;
use parking_lot::Mutex;

/// Seconds that a report may take for one run, by estimate.
const SECONDS: f64 = 60.0;

/// What folds records into what is shown.
pub(super) trait Course<R>: Send {
    fn take(&mut self, record: &R);
}

struct Folding<'a, T>(Mutex<&'a mut T>);

impl<R, T: Course<R>> Recorder<R> for Folding<'_, T> {
    fn record(&self, records: &mut Vec<R>) {
        let mut course = self.0.lock();
        records.iter().for_each(|record| course.take(record));
        records.clear();
    }
}

/// The scenario of a run, ready to be made again.
fn repeatable(results: &Results) -> Result<Scenario, String> {
    let loaded = results.scenario.as_ref().map_err(|error| {
        format!("scenario.toml cannot be read as it stands here ({error}); put copies of the files that it reads beside it")
    })?;
    let mut scenario = loaded.scenario.clone();
    if results.interrupted() {
        // A run that was wound up equals one that was to end there.
        let done = |key: &str| results.measure(key).unwrap_or(0.0) as u64;
        match &mut scenario {
            Scenario::Desk(desk) => desk.steps = done("steps"),
            Scenario::Tandem(line) => line.horizon = Horizon::Customers(done("customers.arrived")),
        }
    }
    let seconds = estimate(&scenario).seconds;
    if seconds > SECONDS {
        return Err(format!(
            "making it again would take about {} s",
            plain(seconds)
        ));
    }
    Ok(scenario)
}

/// Makes the run of a desk again.
pub(super) fn desk(results: &Results, course: &mut impl Course<DeskRecord>) -> Result<(), String> {
    let Scenario::Desk(desk) = repeatable(results)? else {
        return Err("scenario.toml is of another model".to_owned());
    };
    let recorder = Folding(Mutex::new(course));
    let around = Surroundings {
        conductor: &(),
        recorder: &recorder,
    };
    let ran = crate::desk::run(&desk, 0, Runtime::Inline, Recording::Everything, around);
    let ran = ran.map_err(|error| error.to_string())?;
    same(results, &ran.digest.to_string())
}

/// Makes the run of a line again.
pub(super) fn line(results: &Results, course: &mut impl Course<LineRecord>) -> Result<(), String> {
    let Scenario::Tandem(line) = repeatable(results)? else {
        return Err("scenario.toml is of another model".to_owned());
    };
    let recorder = Folding(Mutex::new(course));
    let around = Surroundings {
        conductor: &(),
        recorder: &recorder,
    };
    let (runtime, chunk) = (Runtime::Inline, crate::tandem::CHUNK);
    let ran = crate::tandem::run(&line, 0, runtime, chunk, Recording::Tables, around);
    let ran = ran.map_err(|error| error.to_string())?;
    same(results, &ran.digest.to_string())
}

/// Makes some replications of a desk again; gives how many.
pub(super) fn replications<T: Course<DeskRecord>>(
    results: &Results,
    count: u64,
    course: impl Fn() -> T,
) -> Result<Vec<T>, String> {
    let Scenario::Desk(desk) = repeatable(results)? else {
        return Err("scenario.toml is of another model".to_owned());
    };
    let affordable = SECONDS / estimate(&Scenario::Desk(desk.clone())).seconds.max(1e-6);
    let mut courses = Vec::new();
    for replication in 0..count.min(affordable as u64) {
        let mut one = course();
        let recorder = Folding(Mutex::new(&mut one));
        let around = Surroundings {
            conductor: &(),
            recorder: &recorder,
        };
        let (runtime, recording) = (Runtime::Inline, Recording::Tables);
        let ran = crate::desk::run(&desk, replication, runtime, recording, around);
        ran.map_err(|error| error.to_string())?;
        courses.push(one);
    }
    Ok(courses)
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

/// What theory says of the scenario, if it can be read.
pub(super) fn fit(results: &Results) -> Option<Fit> {
    let loaded = results.scenario.as_ref().ok()?;
    Some(Fit::of(&loaded.scenario))
}
