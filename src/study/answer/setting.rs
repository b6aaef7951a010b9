//! The settings of a grid in words: `3 servers at triage`.

use super::measure::part;
use crate::number::of_them;
use crate::scenario::{Entries, Scenario};

/// The settings of a cell of a grid in a sentence.
pub(super) fn settings(set: &[(String, String)], scenario: &Scenario) -> String {
    let words = set.iter().map(|(key, value)| {
        in_words(key, value, scenario).unwrap_or_else(|| format!("{key}={value}"))
    });
    let words: Vec<String> = words.collect();
    match words.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        one => one.concat(),
    }
}

/// A setting in words, if there are some for its key and its value is a number.
fn in_words(key: &str, value: &str, scenario: &Scenario) -> Option<String> {
    let key = Entries::of(scenario).numbered(key);
    let key = key.as_str();
    if let Some(server) = one_group(key, scenario) {
        return Some(format!("{} at {server}", things(value, "attendant")?));
    }
    let (place, rest) = part(key, scenario).unwrap_or((String::new(), key));
    let _: f64 = value.parse().ok()?;
    let unit = scenario.time_unit();
    let time = unit.map_or(value.to_owned(), |unit| format!("{value} {unit}"));
    let per = unit.unwrap_or("unit of time");
    let is_class = place.starts_with(" of ");
    Some(match rest.split('.').collect::<Vec<_>>().as_slice() {
        ["servers"] if !place.is_empty() => format!("{}{place}", things(value, "server")?),
        ["population"] if is_class => format!("{}{place}", things(value, "customer")?),
        ["buffer"] => format!("a buffer of {value}{place}"),
        ["capacity"] => format!("a capacity of {value}{}", place.replacen(" of ", " at ", 1)),
        ["system_capacity"] => format!("a system capacity of {value}"),
        ["priority"] if is_class => format!(
            "a priority of {value}{}",
            place.replacen(" of ", " for ", 1)
        ),
        ["steps"] => things(value, "step")?,
        [what @ ("service" | "patience"), _, "mean"] => format!("a mean {what} of {time}{place}"),
        [what @ ("service" | "patience"), _, "cv"] => {
            format!("a cv of {value} of the {what}{place}")
        }
        ["arrivals", "interarrival", _, "mean"] => {
            format!("a mean of {time} between arrivals{place}")
        }
        ["arrivals", "interarrival", _, "rate"] => format!("{value} arrivals per {per}{place}"),
        _ => return None,
    })
}

/// The server whose attendants are counted under a key, if they are alike, so that they are one group.
fn one_group<'a>(key: &str, scenario: &'a Scenario) -> Option<&'a str> {
    let at = key
        .strip_prefix("servers.")?
        .strip_suffix(".attendants.0.count")?;
    let server = scenario.desk()?.servers.get(at.parse::<usize>().ok()?)?;
    let mut attendants = server.attendants.iter();
    let first = attendants.next()?;
    attendants
        .all(|other| other == first)
        .then_some(&server.name)
}

/// A count of things, if the value is one.
fn things(value: &str, what: &str) -> Option<String> {
    Some(of_them(value.parse().ok()?, what))
}
