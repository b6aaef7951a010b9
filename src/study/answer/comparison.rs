//! The findings of a comparison of two scenarios.

use super::{Answer, Asked, Measure, capital, ended_in_a_deadlock, one_run};
use crate::number::{agreeing, count, given_percent, of_them, percent, plain};
use crate::problem::KeyPath;
use crate::scenario::{Change, Scenario};
use crate::study::compare::{Compared, Difference};
use crate::study::measures::usual;

/// The change, as a share of the first value, from which the second is stated as a multiple of the first.
const TIMES: f64 = 10.0;

/// The maximum number of changes named in a sentence.
const NAMED: usize = 4;

/// The measures to answer for if none is asked for and the usual one has no value in both scenarios: the first that
/// has one.
const OTHERS: [&str; 3] = ["waiting.mean", "sojourn.mean", "throughput"];

/// The answer for the measures asked for, the first as the main one; the second scenario is compared with the
/// first.
#[must_use]
pub fn comparison(
    scenario: &Scenario,
    found: &Compared,
    changed: &[Change],
    asked: &Asked,
) -> Answer {
    let of = |key: &str| found.measures.iter().find(|measure| measure.key == key);
    let is_telling = |key: &&str| of(key).is_some_and(|measure| measure.difference.n > 0);
    let usual = usual(scenario);
    let main = match asked.measures.first() {
        Some(key) => key.as_str(),
        None => {
            let mut keys = [usual.as_str()].into_iter().chain(OTHERS);
            keys.find(is_telling).unwrap_or(&usual)
        }
    };
    let pairs = found.completion.replications;
    let mut answer = Answer {
        measure: Some(main.to_owned()),
        confidence: Some(asked.confidence),
        headline: match of(main) {
            Some(difference) => sentence(scenario, difference),
            None => "Neither scenario has such a measure.".to_owned(),
        },
        ..Answer::default()
    };
    let others = asked.measures.iter().skip(1).filter_map(|key| of(key));
    let others = others.map(|difference| sentence(scenario, difference));
    answer.notes.extend(others);
    if found.is_one_run {
        answer.sureness = Some(one_run(&format!(
            "{} of each scenario",
            of_them(pairs, "replication")
        )));
    } else if pairs >= 2 {
        answer.sureness = Some(format!(
            "{} sure of each interval by itself, by {} of runs with common random numbers{}.",
            given_percent(asked.confidence),
            of_them(pairs, "pair"),
            match of(main).map(|measure| measure.difference.n) {
                Some(n) if n < pairs => format!("; of this measure {} had both values", count(n)),
                _ => String::new(),
            }
        ));
        answer.notes.push(together(found, asked.confidence));
    }
    let [a, b] = found.blocked;
    let of = format!(
        "of {}, {} of A and {} of B",
        of_them(2 * pairs, "run"),
        count(a),
        count(b)
    );
    answer
        .notes
        .extend(ended_in_a_deadlock(a + b, &of, 2 * pairs));
    answer.notes.push(differs(changed));
    answer.notes.extend(only_one_has(found));
    if found.completion.interrupted {
        let text = format!(
            "It was stopped before its end: this is the answer of {}.",
            of_them(pairs, "pair")
        );
        answer.unsettled.push(text);
    } else if let (Some(precision), false) = (asked.precision, found.completion.met)
        && found.completion.is_whole()
    {
        answer.unsettled.push(format!(
            "A precision of {} of the greater mean was not reached with {}: raise --max.",
            given_percent(precision),
            of_them(pairs, "pair")
        ));
    }
    if pairs == 1 {
        let text = "One pair of runs gives no interval: raise -n.";
        answer.unsettled.push(text.to_owned());
    }
    answer
}

/// The difference in one measure, in a sentence.
fn sentence(scenario: &Scenario, of: &Difference) -> String {
    let measure = Measure::of(&of.key, scenario);
    let name = &measure.name;
    let value = |side: usize| measure.value(of.sides[side].mean, of.sides[side].half_width);
    let (Some(mean), Some(_), Some(_)) = (of.difference.mean, of.sides[0].mean, of.sides[1].mean)
    else {
        return format!("{} has no value to compare.", capital(name));
    };
    if of.is_none() {
        return format!("{} is the same in every pair: {}.", capital(name), value(0));
    }
    let size = measure.difference(Some(mean.abs()), of.difference.half_width);
    let share = match (of.relative(), of.sides[0].mean) {
        (Some(share), Some(base)) if share > TIMES && base > 0.0 => {
            format!(", {} times as much", plain((1.0 + share).round()))
        }
        (Some(share), _) => format!(", {}", percent(share.abs())),
        (None, _) => String::new(),
    };
    let way = if mean < 0.0 { "less" } else { "more" };
    match of.difference.half_width {
        Some(_) if !of.is_clear_alone() => format!(
            "{} does not differ by more than chance: B has {} against {} in A, {size} {way}.",
            capital(name),
            value(1),
            value(0),
        ),
        _ => format!(
            "{} is {} in B against {} in A: {size} {way}{share}.",
            capital(name),
            value(1),
            value(0),
        ),
    }
}

/// The number of differences that stand out, and the number to be expected by chance alone.
fn together(found: &Compared, confidence: f64) -> String {
    let all = found.looked_at;
    if all == 0 {
        return "No measure differs in any pair.".to_owned();
    }
    let alone = found.measures.iter().filter(|one| one.is_clear_alone());
    let jointly = found.measures.iter().filter(|one| one.is_clear());
    let (alone, jointly) = (
        alone.filter(|one| !one.is_none()).count(),
        jointly.filter(|one| !one.is_none()).count(),
    );
    let by_chance = all as f64 * (1.0 - confidence);
    let by_chance = match by_chance < 1.0 {
        true => "less than one".to_owned(),
        false => format!("about {}", count(by_chance.round() as u64)),
    };
    format!(
        "{} of {} that differ at all {} clear of chance one by one, where chance alone would make {by_chance} \
         seem so; {} when all are judged together at {} (Bonferroni).",
        count(alone as u64),
        of_them(all as u64, "measure"),
        agreeing(alone as u64, "is", "are"),
        match jointly {
            0 => "none is".to_owned(),
            1 => "1 still is".to_owned(),
            n => format!("{} still are", count(n as u64)),
        },
        given_percent(confidence),
    )
}

/// The changes from one scenario to the other, in a sentence.
fn differs(changed: &[Change]) -> String {
    if changed.is_empty() {
        return "The scenarios do not differ.".to_owned();
    }
    let named = changed.iter().take(NAMED).map(|one| {
        let [old, new] = one.values();
        format!("{} from {old} to {new}", one.key)
    });
    let more = match changed.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {} more", count(more as u64)),
    };
    format!("Changed: {}{more}.", named.collect::<Vec<_>>().join("; "))
}

/// The measures that only one scenario has, with their stages, classes or servers.
fn only_one_has(found: &Compared) -> Option<String> {
    let [a, b] = &found.alone;
    let of = |alone: &[String]| {
        let mut names: Vec<String> = Vec::new();
        for name in alone.iter().filter_map(|key| entry(key)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        match (names.as_slice(), more) {
            ([], _) => String::new(),
            (names, 0) => format!(" (of {})", names.join(", ")),
            (names, more) => format!(
                " (of {} and {})",
                names.join(", "),
                of_them(more as u64, "other")
            ),
        }
    };
    let only = |alone: &[String], side: char| {
        (!alone.is_empty()).then(|| {
            let number = of_them(alone.len() as u64, "measure");
            format!("{number} that only {side} has{}", of(alone))
        })
    };
    let parts: Vec<String> = only(a, 'A').into_iter().chain(only(b, 'B')).collect();
    (!parts.is_empty()).then(|| format!("Not compared: {}.", parts.join(", and ")))
}

/// The name of the stage, station, class or server that a key belongs to.
fn entry(key: &str) -> Option<String> {
    let parts = KeyPath::parts(key);
    let [list, name, _, ..] = parts.as_slice() else {
        return None;
    };
    let lists = ["stages", "stations", "classes", "servers"];
    lists.contains(&list.as_str()).then(|| name.clone())
}
