//! The findings of a grid of settings, for one measure.

use super::{Answer, Measure, capital};
use crate::number::{count, of_them, percent};
use crate::scenario::Scenario;
use crate::study::sweep::{Ends, Swept, seen};

/// Settings of a tie that are named in a sentence.
const NAMED: usize = 3;

/// The settings of a cell: `KEY=VALUE` of every key.
#[must_use]
pub fn named(set: &[(String, String)]) -> String {
    let set = set.iter().map(|(key, value)| format!("{key}={value}"));
    set.collect::<Vec<_>>().join(" ")
}

/// The answer for the measures that were compared, the first foremost.
#[must_use]
pub fn sweep(
    scenario: &Scenario,
    settings: &[Vec<(String, String)>],
    found: &Swept,
    confidence: f64,
) -> Answer {
    let answers = found.ends.iter();
    let mut answers = answers.map(|ends| of_measure(scenario, settings, found, ends, confidence));
    let mut answer = answers.next().unwrap_or_default();
    answer = answers.fold(answer, Answer::and);
    if found.completion.interrupted {
        let text = "It was stopped before its end: every setting has the replications done.";
        answer.unsettled.insert(0, text.to_owned());
    } else if found.completion.is_whole() && !found.completion.met {
        answer.unsettled.push(format!(
            "The precision asked for was not reached with {}: raise --max.",
            of_them(found.completion.replications, "replication")
        ));
    }
    answer
}

fn of_measure(
    scenario: &Scenario,
    settings: &[Vec<(String, String)>],
    found: &Swept,
    ends: &Ends,
    confidence: f64,
) -> Answer {
    let measure = Measure::of(&ends.measure, scenario);
    let value = |at: usize| {
        let (interval, _) = seen(&found.cells[at], &ends.measure).unwrap_or_default();
        measure.value(interval.mean, interval.half_width)
    };
    let with = |at: usize| format!("{} with {}", value(at), named(&settings[at]));
    let name = capital(&measure.name);
    let mut answer = Answer {
        measure: Some(ends.measure.clone()),
        confidence: Some(confidence),
        ..Answer::default()
    };
    let (Some(&least), Some(&greatest)) = (ends.least.first(), ends.greatest.first()) else {
        answer.headline = format!("{name} has no value in any setting.");
        return answer;
    };
    let (all, sure) = (settings.len(), percent(confidence));
    let tied = &ends.least[1..];
    answer.ties = tied.iter().map(|&at| named(&settings[at])).collect();
    if all == 1 {
        answer.headline = format!("{name} is {}.", with(least));
        return answer;
    }
    if ends.least.len() == all {
        answer.headline = format!(
            "No setting can be told from another: {} lies between {} and {}.",
            measure.name,
            with(least),
            with(greatest)
        );
    } else {
        answer.headline = format!(
            "{name} is least, {}, and greatest, {}.",
            with(least),
            with(greatest)
        );
    }
    if found.completion.replications < 2 {
        let text = "One replication of each setting gives no interval: raise -n.";
        answer.unsettled.push(text.to_owned());
        return answer;
    }
    let names: Vec<&str> = answer.ties.iter().take(NAMED).map(String::as_str).collect();
    let more = match tied.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {} more", count(more as u64)),
    };
    answer.sureness = Some(match tied.len() {
        0 => format!("{sure} sure that no other of the {all} settings has less."),
        n if n + 1 == all => format!("At {sure} confidence it is a tie of all {all} settings."),
        n => format!(
            "{sure} sure only that the least is one of {}: a tie with {}{more}.",
            of_them(n as u64 + 1, "setting"),
            names.join(", ")
        ),
    });
    answer
}
