//! The findings of a single run.

use super::Answer;
use crate::desk::DeskSummary;
use crate::model::{Model, Outcome};
use crate::number::{count, of_them, percent, plain};
use crate::scenario::{Desk, Horizon, Overflow, Scenario, Tandem};
use crate::tandem::{LineSummary, StageSummary};
use crate::time::Time;

/// The least share of requests left in the system that is worth a word.
const WORTH_A_WORD: f64 = 0.01;

/// The answer of a run.
///
/// # Panics
/// If the outcome is of another model than the scenario.
#[must_use]
pub fn run(scenario: &Scenario, outcome: &Outcome) -> Answer {
    let stopped = outcome.interrupted();
    match (Model::of(scenario), outcome) {
        (Model::Line(model), Outcome::Line(outcome)) => line(model, &outcome.summary, stopped),
        (Model::Desk(model), Outcome::Desk(outcome)) => desk(model, &outcome.summary, stopped),
        _ => unreachable!("an outcome is of its scenario's model"),
    }
}

/// The outcomes of a desk's requests, and their waits.
fn desk(desk: &Desk, summary: &DeskSummary, stopped: bool) -> Answer {
    let unsettled = match (summary.steps, summary.clock) {
        (Some(steps), _) => format!(
            "The run was stopped after step {} of {}: these are the results up to there.",
            count(steps),
            plain(desk.span())
        ),
        (None, clock) => format!(
            "The run was stopped at {}, before {}: these are the results up to there.",
            desk.moment(Time::at(clock.unwrap_or(0.0))),
            desk.moment(Time::at(desk.span()))
        ),
    };
    Answer {
        headline: requests(desk, summary),
        unsettled: stopped.then_some(unsettled).into_iter().collect(),
        ..Answer::default()
    }
}

fn requests(desk: &Desk, summary: &DeskSummary) -> String {
    let requests = &summary.requests;
    if requests.generated == 0 {
        return "No request came.".to_owned();
    }
    let part = |number: u64| number as f64 / requests.generated as f64;
    let mut text = format!(
        "{} of {} were served",
        percent(part(requests.completed)),
        of_them(requests.generated, "request")
    );
    let causes = [
        (requests.rejected, "rejected"),
        (requests.abandoned, "abandoned"),
        (requests.failed, "failed"),
    ];
    let lost = causes.iter().filter(|(number, _)| *number > 0);
    let lost: Vec<String> = lost
        .map(|(number, cause)| format!("{} {cause}", percent(part(*number))))
        .collect();
    text += &match lost.as_slice() {
        [] => ", none was lost".to_owned(),
        lost => format!(", {}", lost.join(", ")),
    };
    if part(requests.in_system) >= WORTH_A_WORD {
        text += &format!(
            ", and {} were still in the system at the end",
            percent(part(requests.in_system))
        );
    }
    text += &match summary.waiting.mean {
        Some(0.0) => "; no request waited".to_owned(),
        Some(mean) => format!(
            "; requests waited {} {} on average",
            plain(mean),
            desk.unit()
        ),
        None => String::new(),
    };
    if desk.overflow == Overflow::Stop && summary.buffer.full_steps > 0 {
        text += &match summary.steps {
            Some(steps) => format!(
                "; the full buffer ended the run in step {} of {}",
                count(steps),
                plain(desk.span())
            ),
            None => format!(
                "; the full buffer ended the run at {}",
                desk.moment(Time::at(summary.window + desk.warm_up))
            ),
        };
    }
    text + "."
}

/// The waits of customers on a line, and where they wait most.
fn line(line: &Tandem, summary: &LineSummary, stopped: bool) -> Answer {
    let unit = line
        .time_unit
        .as_ref()
        .map_or(String::new(), |unit| format!(" {unit}"));
    let customers = summary.customers;
    let of = match line.horizon {
        Horizon::Customers(wanted) => format!(" of {}", count(wanted)),
        Horizon::Until(_) => String::new(),
    };
    let unsettled = format!(
        "The run was stopped after {}{of} customers: these are the results up to there.",
        count(customers.arrived)
    );
    let lost = (customers.lost > 0).then(|| {
        format!(
            "; {} of {} found no place and were lost",
            percent(customers.lost as f64 / customers.arrived as f64),
            of_them(customers.arrived, "customer")
        )
    });
    Answer {
        headline: waits(summary, &unit) + &lost.unwrap_or_default() + ".",
        unsettled: stopped.then_some(unsettled).into_iter().collect(),
        ..Answer::default()
    }
}

fn waits(summary: &LineSummary, unit: &str) -> String {
    let (Some(mean), Some(p95)) = (summary.waiting.mean, summary.waiting.p95) else {
        return "No customer was measured".to_owned();
    };
    if mean == 0.0 {
        return "No customer waited".to_owned();
    }
    let mut text = format!("Customers wait {}{unit} on average", plain(mean));
    let waited = |stage: &StageSummary| stage.waiting.mean.unwrap_or(0.0);
    let total: f64 = summary.stages.iter().map(waited).sum();
    if summary.stages.len() > 1 {
        let worst = summary.stages.iter().fold(&summary.stages[0], |worst, s| {
            if waited(s) > waited(worst) { s } else { worst }
        });
        text += &format!(
            ", {} of it at {}",
            percent(waited(worst) / total),
            worst.name
        );
    }
    text + &match p95 {
        0.0 => "; fewer than one in twenty wait at all".to_owned(),
        p95 => format!("; one in twenty waits more than {}", plain(p95)),
    }
}
