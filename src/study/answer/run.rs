//! The findings of a single run.

use super::Answer;
use super::line::line;
use crate::desk::{DeskOutcome, DeskSummary, Unfinished};
use crate::model::{Model, Outcome};
use crate::number::{agreeing, count, of_them, percent, plain};
use crate::scenario::{Desk, DeskHorizon, Overflow, Scenario};
use crate::study::certainty::certainty;
use crate::time::Time;

/// The smallest share of requests or customers left in the system that is worth mentioning.
pub(super) const WORTH_A_WORD: f64 = 0.01;

/// The answer of a run.
///
/// # Panics
/// If the outcome is that of a different model than the scenario.
#[must_use]
pub fn run(scenario: &Scenario, outcome: &Outcome) -> Answer {
    let stopped = outcome.interrupted();
    let mut answer = match (Model::of(scenario), outcome) {
        (Model::Line(model), Outcome::Line(outcome)) => line(model, outcome, stopped),
        (Model::Desk(model), Outcome::Desk(outcome)) => desk(model, outcome),
        _ => unreachable!("an outcome is of its scenario's model"),
    };
    let certainty = certainty(scenario, outcome);
    answer.confidence = certainty.interval.map(|interval| interval.confidence);
    answer.sureness = certainty.sentence;
    answer
}

/// The outcomes of a desk's requests, and their waits.
fn desk(desk: &Desk, outcome: &DeskOutcome) -> Answer {
    let summary = &outcome.summary;
    let stopped = match (summary.steps, summary.clock) {
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
        unsettled: match outcome.interrupted {
            true => vec![stopped],
            false => left(desk, outcome).into_iter().collect(),
        },
        ..Answer::default()
    }
}

/// The reason why requests are still in the system at the end of a run in continuous time.
fn left(desk: &Desk, outcome: &DeskOutcome) -> Option<String> {
    let left = outcome.summary.requests.in_system;
    let DeskHorizon::Until { end, .. } = desk.horizon else {
        return None;
    };
    let were = agreeing(left, "was", "were");
    let left =
        (left > 0).then(|| format!("{} {were} still in the system", of_them(left, "request")))?;
    Some(match outcome.unfinished {
        Some(Unfinished::NobodyServes) => format!(
            "{left} at the end: no attendant who is left can serve {}.",
            match outcome.summary.requests.in_system {
                1 => "it any more, and it does not give up",
                _ => "them any more, and none of them gives up",
            }
        ),
        Some(Unfinished::TooLong) => format!(
            "{left} when ten times the time of the last arrival had passed, where a run ends in any case: \
             probably more work came than attendants can do."
        ),
        None => {
            let end = desk.moment(Time::at(end?));
            format!("{left} at {end}, where the run was to stop.")
        }
    })
}

fn requests(desk: &Desk, summary: &DeskSummary) -> String {
    let requests = &summary.requests;
    if requests.generated == 0 {
        return "No request came.".to_owned();
    }
    let part = |number: u64| number as f64 / requests.generated as f64;
    let mut text = format!(
        "{} of {} {} served",
        percent(part(requests.completed)),
        of_them(requests.generated, "request"),
        agreeing(requests.generated, "was", "were")
    );
    if requests.late > 0 {
        // The clients of the others had left.
        text += &format!(
            " ({} in time)",
            percent(part(requests.completed - requests.late))
        );
    }
    let causes = [
        (requests.rejected, "rejected"),
        (requests.abandoned, "abandoned"),
        (requests.failed, "failed"),
        (requests.timed_out, "timed out"),
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
            ", and {} {} still in the system at the end",
            percent(part(requests.in_system)),
            agreeing(requests.generated, "was", "were")
        );
    }
    text += &match summary.waiting.mean {
        Some(0.0) if summary.may_have_waited() => {
            "; no request whose service began had to wait".to_owned()
        }
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
