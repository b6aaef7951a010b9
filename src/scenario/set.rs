//! `--set KEY=VALUE`: changes a document before it is checked, and keeps its comments.
//!
//! A changed document is checked like any other. So that an error in a set value names the option and not a line
//! that the file does not have, each change leaves a [`Setting`].

use super::edit;
use super::error::{ScenarioError, listed};
use crate::number::of_them;
use crate::problem::{KeyPath, Place, printable};
use toml_edit::{Array, DocumentMut, Item, TableLike, Value};

/// An option that changed the document.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// The option as given, such as `--set stages.0.servers=2`.
    pub(super) option: String,
    /// The path that it changed.
    pub(super) path: KeyPath,
}

impl Setting {
    pub(super) fn place(&self) -> Place {
        const SHOWN: usize = 200;
        let option = printable(&self.option);
        let option: String = option.chars().take(SHOWN).collect();
        let column = option.find('=').map_or(1, |at| at + 2);
        Place {
            line: 1,
            column,
            before: column - 1,
            width: option.chars().count().saturating_sub(column - 1).max(1),
            text: option.clone(),
            name: option,
        }
    }
}

/// Sets a key to a value: a TOML value if the text is one, otherwise the text itself.
///
/// A number in the key is an index if it follows a list; a list of tables may also be indexed by the `name` of one,
/// in quotes if the name has a dot. The value `unset` removes the key.
pub(super) fn apply(
    document: &mut DocumentMut,
    key: &str,
    text: &str,
) -> Result<Setting, ScenarioError> {
    let option = format!("--set {key}={text}");
    let keys = KeyPath::parts(key);
    if keys.iter().any(String::is_empty) {
        let message = format!("`{}` is not a dotted key", printable(key));
        let help = "write for example `--set stages.0.servers=2`".to_owned();
        return Err(ScenarioError::new(message, Some(help)).at(Setting {
            option,
            path: KeyPath::default(),
        }
        .place()));
    }
    let text = text.trim();
    let changed = resolve(document, &keys).and_then(|path| {
        if text == "unset" {
            let gone = format!("`{path}` is not there, so it cannot be taken away");
            edit::remove(document, &path.0).map_err(|_| (gone, None))?;
        } else {
            let value: Value = text.parse().unwrap_or_else(|_| Value::from(text));
            edit::put(document, &path.0, value)
                .map_err(|error| (error.to_string(), error.remedy().map(str::to_owned)))?;
        }
        Ok(path)
    });
    match changed {
        Ok(path) => Ok(Setting { option, path }),
        Err((message, help)) => {
            let path = KeyPath::default();
            let place = Setting { option, path }.place();
            Err(ScenarioError::new(message, help).at(place))
        }
    }
}

/// Sets the seed; one beyond TOML's integers is written as text.
pub(super) fn apply_seed(document: &mut DocumentMut, seed: u64) -> Setting {
    let value = match i64::try_from(seed) {
        Ok(seed) => Value::from(seed),
        Err(_) => Value::from(seed.to_string()),
    };
    replace(document.entry("seed").or_insert(Item::None), value);
    Setting {
        option: format!("--seed {seed}"),
        path: KeyPath::to(&["seed"]),
    }
}

/// The place in this text that a key denotes, with entries of lists by number; the key itself if there can be none.
pub(super) fn place(text: &str, key: &str) -> String {
    let document = text.parse::<DocumentMut>().ok();
    let path = document.and_then(|mut document| resolve(&mut document, &KeyPath::parts(key)).ok());
    path.map_or_else(|| key.to_owned(), |path| path.to_string())
}

type Refusal = (String, Option<String>);

/// The path that keys denote in this document, as far as it exists: after a list, an index or a name.
fn resolve(document: &mut DocumentMut, keys: &[String]) -> Result<KeyPath, Refusal> {
    let mut path = KeyPath::default();
    for key in keys {
        let names = match edit::find(document.as_item_mut(), &path.0) {
            Some(Item::ArrayOfTables(tables)) => {
                Some(tables.iter().map(|table| name_of(table)).collect())
            }
            Some(Item::Value(Value::Array(array))) => Some(names_in(array)),
            Some(Item::Value(other)) if !other.is_inline_table() => {
                let message = format!(
                    "`{path}` is {}, so there is no `{}` in it to set",
                    other.to_string().trim(),
                    printable(key)
                );
                let help = format!("to put a table in its place write `--set '{path}={{ ... }}'`");
                return Err((message, Some(help)));
            }
            _ => None,
        };
        path = match names {
            Some(names) => path.index(index_of(key, names, &path)?),
            None => path.key(key),
        };
    }
    Ok(path)
}

/// The new value with the space and the comments around the old one.
fn dressed(mut new: Value, old: &Value) -> Value {
    *new.decor_mut() = old.decor().clone();
    new
}

/// Replaces an item by a value. A table stays a table with a header of its own, so that the comments above it stay
/// too.
pub(super) fn replace(item: &mut Item, value: Value) {
    *item = match (&*item, value) {
        (Item::Value(old), value) => Item::Value(dressed(value, old)),
        (Item::Table(old), Value::InlineTable(new)) => {
            let mut table = new.into_table();
            *table.decor_mut() = old.decor().clone();
            table.set_position(old.position());
            Item::Table(table)
        }
        (_, value) => Item::Value(value),
    };
}

fn name_of(table: &dyn TableLike) -> Option<String> {
    table.get("name")?.as_str().map(str::to_owned)
}

fn names_in(array: &Array) -> Vec<Option<String>> {
    array
        .iter()
        .map(|value| value.as_inline_table().and_then(|table| name_of(table)))
        .collect()
}

/// The index in a list that a key denotes: its number from 0, or the name of a table in it.
fn index_of(key: &str, names: Vec<Option<String>>, path: &KeyPath) -> Result<usize, Refusal> {
    let count = names.len();
    if let Some(index) = key.parse().ok().filter(|&index: &usize| index < count) {
        return Ok(index);
    }
    if let Some(index) = names.iter().position(|name| name.as_deref() == Some(key)) {
        return Ok(index);
    }
    let begun = names
        .iter()
        .flatten()
        .find(|name| name.starts_with(&format!("{key}.")));
    if let Some(name) = begun {
        let message = format!("`{path}` has no entry `{}`", printable(key));
        let help = format!("a name with a dot is quoted: `--set '{path}.\"{name}\"...=...'`");
        return Err((message, Some(help)));
    }
    let names: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
    let help = match count {
        0 => None,
        _ if names.is_empty() => Some(format!("indexes run from 0 to {}", count - 1)),
        _ => Some(format!(
            "indexes run from 0 to {}; names are {}",
            count - 1,
            listed(&names)
        )),
    };
    let entries = of_them(count as u64, "entry");
    match key.parse::<usize>() {
        Ok(index) => Err((
            format!("`{path}` has {entries}, so there is no `{path}.{index}`"),
            help,
        )),
        Err(_) => Err((
            format!(
                "`{path}` is a list of {entries}, and none is `{}`",
                printable(key)
            ),
            help,
        )),
    }
}
