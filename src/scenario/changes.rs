//! The keys in which two scenarios differ.
//!
//! The texts as run are compared key by key. A difference of spelling alone (`"90 s"` for `1.5` minutes, a default
//! written out) is no change: if the second scenario stays the same with the first one's value, nothing was
//! changed. Entries of a list of tables are compared with those of the same name; a list whose entries are in
//! another order is a change of its own.

use super::{Limits, Loaded, Origin, Overrides, Scenario, load};
use serde_json::Value;
use std::path::Path;

/// A key whose values differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The dotted key in the first scenario. An entry of a list of tables is identified by its number there; one
    /// that only the second scenario has, by its name.
    pub key: String,
    /// Its value in the first scenario; null if it is not set. The key of a list whose entries are in another order
    /// has their names.
    pub old: Value,
    /// Its value in the second.
    pub new: Value,
}

impl Change {
    /// Its two values for a sentence; for long ones the part in which they differ.
    #[must_use]
    pub fn values(&self) -> [String; 2] {
        let text = |value: &Value| match value {
            Value::Null => "unset".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        differing([text(&self.old), text(&self.new)])
    }
}

/// Two texts, cut to the part in which they differ if one of them is long.
fn differing(texts: [String; 2]) -> [String; 2] {
    /// The maximum number of letters of a text that are shown.
    const SHOWN: usize = 40;
    /// Letters shown of the common text before and after.
    const AROUND: usize = 12;
    let letters = texts
        .each_ref()
        .map(|text| text.chars().collect::<Vec<_>>());
    let [old, new] = &letters;
    if old.len().max(new.len()) <= SHOWN {
        return texts;
    }
    let common = |pairs: &mut dyn Iterator<Item = (&char, &char)>| {
        pairs.take_while(|(one, other)| one == other).count()
    };
    let before = common(&mut old.iter().zip(new));
    let after = common(&mut old[before..].iter().rev().zip(new[before..].iter().rev()));
    letters.map(|text| {
        let mut from = before.saturating_sub(AROUND);
        let mut to = (text.len() - after + AROUND).min(text.len());
        // A sign of a cut takes the place of a letter.
        from = if from > 1 { from } else { 0 };
        to = if text.len() - to > 1 { to } else { text.len() };
        to = to.min(from + SHOWN);
        let shown: String = text[from..to].iter().collect();
        let sign = |is_cut| if is_cut { "…" } else { "" };
        format!("{}{shown}{}", sign(from > 0), sign(to < text.len()))
    })
}

/// The number of keys for which spelling is distinguished from meaning, each by loading the scenario once more.
const TOLD_APART: usize = 200;

/// The differences between the first scenario and the second, in the order of the first one's keys.
#[must_use]
pub fn changes(first: &Loaded, second: &Loaded) -> Vec<Change> {
    if first.scenario == second.scenario {
        return files(first, second);
    }
    let table = |loaded: &Loaded| toml::from_str(&loaded.text).unwrap_or_default();
    let (a, b): (toml::Table, toml::Table) = (table(first), table(second));
    let mut differences = Vec::new();
    tables(&Way::default(), Some(&a), Some(&b), &mut differences);
    let mut changes: Vec<Change> = Vec::new();
    for difference in differences {
        let Difference { way, old, new } = difference;
        if changes.len() < TOLD_APART
            && let Some(key) = &way.second
            && is_spelling(second, key, old.as_ref())
        {
            continue;
        }
        changes.push(Change {
            key: way.key,
            old: json(old),
            new: json(new),
        });
    }
    changes.extend(files(first, second));
    changes
}

/// The path to a value.
#[derive(Clone, Debug, Default)]
struct Way {
    /// Its key as shown to users.
    key: String,
    /// Its key in the second scenario; none in an entry that the second does not have.
    second: Option<String>,
}

impl Way {
    /// The path on to `key` as shown to users, and to `second` in the second scenario.
    fn to(&self, key: &str, second: Option<&str>) -> Way {
        let join = |way: &str, part: &str| match way {
            "" => part.to_owned(),
            way => format!("{way}.{part}"),
        };
        let so_far = match self.key.as_str() {
            "" => Some(""),
            _ => self.second.as_deref(),
        };
        Way {
            key: join(&self.key, key),
            second: so_far.zip(second).map(|(way, part)| join(way, part)),
        }
    }
}

/// A value that differs.
#[derive(Debug)]
struct Difference {
    way: Way,
    old: Option<toml::Value>,
    new: Option<toml::Value>,
}

fn tables(
    way: &Way,
    a: Option<&toml::Table>,
    b: Option<&toml::Table>,
    found: &mut Vec<Difference>,
) {
    let keys = |table: Option<&toml::Table>| -> Vec<String> {
        table.map_or_else(Vec::new, |table| table.keys().cloned().collect())
    };
    let mut all = keys(a);
    let others = keys(b).into_iter().filter(|key| !all.contains(key));
    let others: Vec<String> = others.collect();
    all.extend(others);
    for key in all {
        let value = |table: Option<&toml::Table>| table.and_then(|table| table.get(&key)).cloned();
        let part = part(&key);
        values(&way.to(&part, Some(&part)), value(a), value(b), found);
    }
}

/// Compares two values; a list is one value unless it is of tables.
fn values(way: &Way, a: Option<toml::Value>, b: Option<toml::Value>, found: &mut Vec<Difference>) {
    let kind = |value: &toml::Value| match value {
        toml::Value::Table(table) if !table.is_empty() => 1,
        toml::Value::Array(entries) if entries.iter().any(toml::Value::is_table) => 2,
        _ => 0,
    };
    let kinds = (a.as_ref().map(kind), b.as_ref().map(kind));
    match kinds {
        (Some(one), Some(other)) if one != other => {
            values(way, a, None, found);
            values(way, None, b, found);
        }
        (Some(1), _) | (_, Some(1)) => {
            let table = |value: &Option<toml::Value>| value.as_ref()?.as_table().cloned();
            tables(way, table(&a).as_ref(), table(&b).as_ref(), found);
        }
        (Some(2), _) | (_, Some(2)) => {
            let list = |value: Option<toml::Value>| match value {
                Some(toml::Value::Array(entries)) => entries,
                _ => Vec::new(),
            };
            lists(way, list(a), list(b), found);
        }
        _ if same(a.as_ref(), b.as_ref()) => {}
        _ => found.push(Difference {
            way: way.clone(),
            old: a,
            new: b,
        }),
    }
}

/// Compares two lists of tables: entries by name if all have one, otherwise by number.
fn lists(way: &Way, a: Vec<toml::Value>, b: Vec<toml::Value>, found: &mut Vec<Difference>) {
    let (Some(of_a), Some(of_b)) = (names(&a), names(&b)) else {
        for at in 0..a.len().max(b.len()) {
            let number = at.to_string();
            let way = way.to(&number, Some(&number));
            values(&way, a.get(at).cloned(), b.get(at).cloned(), found);
        }
        return;
    };
    let common = |names: &[String], others: &[String]| -> Vec<String> {
        let common = names.iter().filter(|name| others.contains(name));
        common.cloned().collect()
    };
    let orders = [common(&of_a, &of_b), common(&of_b, &of_a)];
    if orders[0] != orders[1] {
        let [old, new] = orders.map(|names| Some(toml::Value::from(names)));
        let way = Way {
            second: None,
            ..way.clone()
        };
        found.push(Difference { way, old, new });
    }
    for (at, (name, value)) in of_a.iter().zip(a).enumerate() {
        let there = of_b.iter().position(|other| other == name);
        let second = there.map(|there| there.to_string());
        let way = way.to(&at.to_string(), second.as_deref());
        values(
            &way,
            Some(value),
            there.map(|there| b[there].clone()),
            found,
        );
    }
    for (at, (name, value)) in of_b.iter().zip(&b).enumerate() {
        if !of_a.contains(name) {
            let way = way.to(&part(name), Some(&at.to_string()));
            values(&way, None, Some(value.clone()), found);
        }
    }
}

/// The names of a list of tables, if all have different ones.
fn names(entries: &[toml::Value]) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for entry in entries {
        let name = entry.get("name")?.as_str()?;
        if names.iter().any(|known| known == name) {
            return None;
        }
        names.push(name.to_owned());
    }
    Some(names)
}

/// Data files of the same name with different contents.
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
