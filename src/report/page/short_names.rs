//! Short names of keys for the labels of charts, which have no room for whole ones: the parts in which the keys of a
//! study differ.

use crate::problem::KeyPath;

/// A short name for each of these keys, no two alike.
pub(super) fn short_names(keys: &[&str]) -> Vec<String> {
    let all: Vec<Vec<String>> = keys.iter().map(|key| KeyPath::parts(key)).collect();
    let short = |own: &Vec<String>| match all.len() {
        1 => own[tail(own)..].join("."),
        _ => differing(own, &all).join("."),
    };
    all.iter().map(short).collect()
}

fn is_number(part: &str) -> bool {
    part.parse::<u64>().is_ok()
}

/// The start of the last two parts of a key, or of the last three if the first of the two is a number.
fn tail(key: &[String]) -> usize {
    let from = key.len().saturating_sub(2);
    match is_number(&key[from]) {
        true => from.saturating_sub(1),
        false => from,
    }
}

/// The parts of a key that differ from those of others in the same places; with the part before them if they are
/// numbers alone.
fn differing(own: &[String], all: &[Vec<String>]) -> Vec<String> {
    let in_all = |is_common: &dyn Fn(&Vec<String>) -> bool| all.iter().all(is_common);
    let from = (0..own.len())
        .take_while(|&at| in_all(&|other| other.get(at) == Some(&own[at])))
        .count();
    let from_end = |key: &[String], at: usize| key.iter().rev().nth(at).cloned();
    let after = (0..own.len() - from)
        .take_while(|&at| in_all(&|other| from_end(other, at) == from_end(own, at)))
        .count();
    let alike = in_all(&|other| other.len() == own.len());
    let places =
        (from..own.len() - after).filter(|&at| !alike || !in_all(&|other| other[at] == own[at]));
    let places: Vec<usize> = places.collect();
    let kept = |at: &usize| own[*at].clone();
    match places.first() {
        None => own.to_vec(),
        Some(&first) if first > 0 && places.iter().all(|&at| is_number(&own[at])) => {
            [first - 1].iter().chain(&places).map(kept).collect()
        }
        Some(_) => places.iter().map(kept).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_differ_where_their_keys_do() {
        for (keys, right) in [
            (
                &[
                    "servers.sales.attendants.0.count",
                    "servers.both.attendants.0.count",
                    "servers.both.attendants.1.count",
                ][..],
                &["sales.0", "both.0", "both.1"][..],
            ),
            (
                &["stages.0.servers", "stages.1.servers"],
                &["stages.0", "stages.1"],
            ),
            (
                &["stages.0.servers", "buffer.capacity"],
                &["stages.0.servers", "buffer.capacity"],
            ),
            (&["servers.A.attendants.0.count"], &["attendants.0.count"]),
            (&["stages.triage.servers"], &["triage.servers"]),
            (&["steps"], &["steps"]),
        ] {
            assert_eq!(short_names(keys), right, "{keys:?}");
        }
    }
}
