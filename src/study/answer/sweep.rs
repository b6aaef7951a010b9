//! The findings of a grid of settings, for one measure.

use super::setting::settings as in_words;
use super::{Answer, Measure, capital, ended_in_a_deadlock, one_run};
use crate::number::{count, given_percent, of_them};
use crate::scenario::Scenario;
use crate::study::sweep::{Cell, Ends, Swept, seen};

/// The maximum number of settings named in a sentence.
const NAMED: usize = 3;

/// The settings of a cell: `KEY=VALUE` of every key.
#[must_use]
pub fn named(set: &[(String, String)]) -> String {
    let set = set.iter().map(|(key, value)| format!("{key}={value}"));
    set.collect::<Vec<_>>().join(" ")
}

/// The first of these settings, and the number of the others.
fn some(settings: impl ExactSizeIterator<Item = String>) -> String {
    let more = settings.len().saturating_sub(NAMED);
    let names = settings.take(NAMED).collect::<Vec<_>>().join("; ");
    match more {
        0 => names,
        more => format!("{names} and {} more", count(more as u64)),
    }
}

/// The answer for the measures that were compared, the first as the main one.
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
    answer.notes.extend(deadlocks(found));
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

/// The number of runs that ended in a deadlock, and the number of settings with such runs.
fn deadlocks(found: &Swept) -> Option<String> {
    let blocked = |cell: &Cell| cell.layout.blocked(|measure| cell.intervals[measure].n);
    let runs = found.cells.iter().map(|cell| cell.replications).sum();
    let settings = found.cells.iter().filter(|cell| blocked(cell) > 0).count();
    let of = format!(
        "of {}, in {} of {}",
        of_them(runs, "run"),
        count(settings as u64),
        of_them(found.cells.len() as u64, "setting")
    );
    ended_in_a_deadlock(found.cells.iter().map(blocked).sum(), &of, runs)
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
    let with = |at: usize| format!("{} with {}", value(at), in_words(&settings[at], scenario));
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
    let is_valued = |at: &usize| found.cells[*at].has_value(&ends.measure);
    let (valued, without): (Vec<usize>, Vec<usize>) = (0..settings.len()).partition(is_valued);
    if !without.is_empty() {
        answer.notes.push(format!(
            "{name} has no value with {}.",
            some(without.iter().map(|&at| in_words(&settings[at], scenario)))
        ));
    }
    let (all, sure) = (valued.len(), given_percent(confidence));
    let tied = &ends.least[1..];
    answer.ties = tied.iter().map(|&at| named(&settings[at])).collect();
    if all == 1 {
        answer.headline = format!("{name} is {}.", with(least));
        return answer;
    }
    let mean = |at: usize| seen(&found.cells[at], &ends.measure).and_then(|(seen, _)| seen.mean);
    // The extreme cell of a wide interval may tie with all others although these differ among themselves.
    if mean(least) == mean(greatest) {
        answer.headline = format!("{name} is the same in every setting: {}.", value(least));
    } else if ends.least.len() == all && ends.greatest.len() == all {
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
    if valued.iter().all(|&at| found.cells[at].is_one_run) {
        let n = of_them(found.completion.replications, "replication");
        answer.sureness = Some(one_run(&format!("{n} of a setting")));
        return answer;
    }
    // Settings without a value are not counted.
    let those = match without.is_empty() {
        true => of_them(all as u64, "setting"),
        false => format!("{} that have a value", of_them(all as u64, "setting")),
    };
    let words = |at: &usize| in_words(&settings[*at], scenario);
    let one_of = |ends: &[usize]| {
        let number = of_them(ends.len() as u64, "setting");
        let tied = some(ends[1..].iter().map(words));
        format!("one of {number}: a tie with {tied}")
    };
    answer.sureness = Some(match (ends.least.len(), ends.greatest.len()) {
        (1, _) => format!("{sure} sure that no other of the {those} has less."),
        (least, greatest) if least == all && greatest == all => {
            format!("At {sure} confidence it is a tie of all {those}.")
        }
        (least, 1) if least == all => format!(
            "{sure} sure that no other of the {those} has more; any of them can be the least."
        ),
        (least, _) if least == all => format!(
            "{sure} sure only that the greatest is {}; any of the {those} can be the least.",
            one_of(&ends.greatest)
        ),
        _ => format!(
            "{sure} sure only that the least is {}.",
            one_of(&ends.least)
        ),
    });
    answer
}
