//! The keys in which two scenarios differ.
//!
//! The texts as run are compared key by key. A difference of spelling alone (`"90 s"` for `1.5` minutes, a
//! default written out) is none: where the second scenario with the first one's value is the second
//! scenario still, nothing was changed.

use super::{Limits, Loaded, Origin, Overrides, Scenario, load};
use serde_json::Value;
use std::path::Path;

/// A key whose values differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The dotted key, entries of lists of tables by index.
    pub key: String,
    /// Its value in the first scenario; null where it is not set.
    pub old: Value,
    /// Its value in the second.
    pub new: Value,
}

/// Keys of which spelling is told from meaning, each by loading the scenario once more.
const TOLD_APART: usize = 200;

/// What differs from the first scenario to the second, in the order of the first one's keys.
#[must_use]
pub fn changes(first: &Loaded, second: &Loaded) -> Vec<Change> {
    if first.scenario == second.scenario {
        return files(first, second);
    }
    let (old, new) = (leaves(&first.text), leaves(&second.text));
    let value = |leaves: &[(String, toml::Value)], key: &str| {
        let found = leaves.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.clone())
    };
    let keys = old.iter().chain(&new).map(|(key, _)| key);
    let mut seen: Vec<&String> = Vec::new();
    let mut changes = Vec::new();
    for key in keys {
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let (a, b) = (value(&old, key), value(&new, key));
        if same(a.as_ref(), b.as_ref()) {
            continue;
        }
        if changes.len() < TOLD_APART && is_spelling(second, key, a.as_ref()) {
            continue;
        }
        changes.push(Change {
            key: key.clone(),
            old: json(a),
            new: json(b),
        });
    }
    changes.extend(files(first, second));
    changes
}

/// Data files of one name that hold other values.
fn files(first: &Loaded, second: &Loaded) -> Vec<Change> {
    let other = |path: &Path| second.files.iter().find(|file| file.path == path);
    let changed = first.files.iter().filter_map(|file| {
        let other = other(&file.path).filter(|other| other.digest != file.digest)?;
        Some(Change {
            key: file.path.display().to_string(),
            old: Value::from(format!("digest {}", file.digest)),
            new: Value::from(format!("digest {}", other.digest)),
        })
    });
    changed.collect()
}

/// The values of a text under their dotted keys; a list is one value unless it is of tables.
fn leaves(text: &str) -> Vec<(String, toml::Value)> {
    let mut leaves = Vec::new();
    if let Ok(table) = toml::from_str::<toml::Table>(text) {
        for (key, value) in table {
            walk(&part(&key), value, &mut leaves);
        }
    }
    leaves
}

fn walk(at: &str, value: toml::Value, leaves: &mut Vec<(String, toml::Value)>) {
    match value {
        toml::Value::Table(table) if !table.is_empty() => {
            for (key, value) in table {
                walk(&format!("{at}.{}", part(&key)), value, leaves);
            }
        }
        toml::Value::Array(entries) if entries.iter().any(toml::Value::is_table) => {
            for (index, value) in entries.into_iter().enumerate() {
                walk(&format!("{at}.{index}"), value, leaves);
            }
        }
        value => leaves.push((at.to_owned(), value)),
    }
}

/// A key as part of a dotted one.
fn part(key: &str) -> String {
    toml_edit::Key::new(key).to_string().trim().to_owned()
}

fn same(a: Option<&toml::Value>, b: Option<&toml::Value>) -> bool {
    let number = |value: Option<&toml::Value>| match value? {
        toml::Value::Integer(number) => Some(*number as f64),
        toml::Value::Float(number) => Some(*number),
        _ => None,
    };
    a == b || number(a).is_some_and(|a| number(b) == Some(a))
}

/// Whether a scenario stays the same with another spelling of this key.
fn is_spelling(loaded: &Loaded, key: &str, value: Option<&toml::Value>) -> bool {
    let value = value.map_or("unset".to_owned(), toml::Value::to_string);
    let set = [(key.to_owned(), value)];
    with(loaded, &set).is_some_and(|scenario| scenario == loaded.scenario)
}

fn with(loaded: &Loaded, set: &[(String, String)]) -> Option<Scenario> {
    let path = Path::new(loaded.scenario.name());
    let origin = match &loaded.folder {
        Some(folder) => Origin::Kept {
            path,
            text: &loaded.text,
            folder,
        },
        None => Origin::Embedded {
            name: loaded.scenario.name(),
            text: &loaded.text,
        },
    };
    let overrides = Overrides {
        set: set.to_vec(),
        limits: Limits {
            max_actors: u64::MAX,
            max_events: u64::MAX,
            max_memory: u64::MAX,
        },
        ..Overrides::default()
    };
    load(origin, &overrides).ok().map(|loaded| loaded.scenario)
}

fn json(value: Option<toml::Value>) -> Value {
    match value {
        None => Value::Null,
        Some(toml::Value::Datetime(date)) => Value::from(date.to_string()),
        Some(value) => serde_json::to_value(value).unwrap_or(Value::Null),
    }
}
