//! `--set KEY=VALUE`: changes a document before it is judged, and keeps its comments.
//!
//! A changed document is checked like any other. So that an error in a set value names the option and
//! not a line that the file does not have, each change leaves a [`Setting`].

use super::error::{ScenarioError, listed};
use crate::problem::{KeyPath, Place, Segment, printable};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};

/// An option that changed the document.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// The option as given, such as `--set stages.0.servers=2`.
    pub(super) option: String,
    /// What it changed.
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

/// Sets a key to a value: a TOML value if the text is one, else the text itself.
///
/// A number in the key is an index where a list stands; a list of tables may also be entered by the
/// `name` of one, in quotes where the name has a dot. The value `unset` takes the key away.
pub(super) fn apply(
    document: &mut DocumentMut,
    key: &str,
    text: &str,
) -> Result<Setting, ScenarioError> {
    let option = format!("--set {key}={text}");
    let keys: Vec<String> = match Key::parse(key) {
        Ok(keys) => keys.iter().map(|key| key.get().to_owned()).collect(),
        Err(_) => key.split('.').map(str::to_owned).collect(),
    };
    if keys.iter().any(String::is_empty) {
        let message = format!("`{}` is not a dotted key", printable(key));
        let help = "write for example `--set stages.0.servers=2`".to_owned();
        return Err(ScenarioError::new(message, Some(help)).at(Setting {
            option,
            path: KeyPath::default(),
        }
        .place()));
    }
    if text.trim() == "unset" {
        return unset(document, &keys)
            .map_err(|(path, message, help)| {
                ScenarioError::new(message, help).at(Setting {
                    option: option.clone(),
                    path,
                }
                .place())
            })
            .map(|path| Setting {
                option: option.clone(),
                path,
            });
    }
    let value: Value = text
        .trim()
        .parse()
        .unwrap_or_else(|_| Value::from(text.trim()));
    let mut path = KeyPath::default();
    match into_item(document.as_item_mut(), &keys, value, &mut path) {
        Ok(()) => Ok(Setting { option, path }),
        Err((message, help)) => {
            let place = Setting { option, path }.place();
            Err(ScenarioError::new(message, help).at(place))
        }
    }
}

/// Takes a key away; says where it stood.
fn unset(
    document: &mut DocumentMut,
    keys: &[String],
) -> Result<KeyPath, (KeyPath, String, Option<String>)> {
    let mut path = KeyPath::default();
    let mut here = Some(document.as_item());
    for key in keys {
        let list = match here {
            Some(Item::ArrayOfTables(tables)) => Some(tables.iter().map(|t| name_of(t)).collect()),
            Some(Item::Value(Value::Array(array))) => Some(names_in(array)),
            _ => None,
        };
        match list {
            Some(names) => match index_of(key, names, &path) {
                Ok(index) => {
                    here = here.and_then(|here| here.get(index));
                    path.0.push(Segment::Index(index));
                }
                Err((message, help)) => return Err((path, message, help)),
            },
            None => {
                here = here.and_then(|here| here.get(key));
                path.0.push(Segment::Key(key.clone()));
            }
        }
    }
    super::edit::remove(document, &path.0).map_err(|_| {
        let message = format!("`{path}` is not there, so it cannot be taken away");
        (path.clone(), message, None)
    })?;
    Ok(path)
}

/// Sets the seed; one beyond TOML's whole numbers is written as text.
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

/// Puts a value in place of one that is there.
pub(super) fn put(item: &mut Item, path: &KeyPath, value: Value) {
    let mut here = item;
    for segment in &path.0 {
        let inside = match segment {
            Segment::Key(key) => here.get_mut(key.as_str()),
            Segment::Index(index) => here.get_mut(*index),
        };
        here = inside.expect("a path of the document leads to a value");
    }
    *here = Item::Value(value);
}

type Refusal = (String, Option<String>);

fn into_item(
    item: &mut Item,
    keys: &[String],
    value: Value,
    path: &mut KeyPath,
) -> Result<(), Refusal> {
    let Some((key, rest)) = keys.split_first() else {
        replace(item, value);
        return Ok(());
    };
    match item {
        Item::Value(inner) => into_value(inner, keys, value, path),
        Item::ArrayOfTables(tables) => {
            let names = tables.iter().map(|table| name_of(table)).collect();
            let index = index_of(key, names, path)?;
            path.0.push(Segment::Index(index));
            match tables.get_mut(index) {
                Some(table) if !rest.is_empty() => into_table(table, rest, value, path),
                Some(table) => {
                    let Value::InlineTable(new) = value else {
                        let message = format!("`{path}` is a table, and cannot become {value}");
                        return Err((message, None));
                    };
                    *table = new.into_table();
                    Ok(())
                }
                None => Err((format!("`{path}` is not there"), None)),
            }
        }
        Item::Table(table) => into_table(table, keys, value, path),
        Item::None => {
            let mut table = Table::new();
            into_table(&mut table, keys, value, path)?;
            *item = Item::Table(table);
            Ok(())
        }
    }
}

fn into_table(
    table: &mut Table,
    keys: &[String],
    value: Value,
    path: &mut KeyPath,
) -> Result<(), Refusal> {
    let Some((key, rest)) = keys.split_first() else {
        return Ok(());
    };
    path.0.push(Segment::Key(key.clone()));
    let entry = table.entry(key).or_insert(Item::None);
    into_item(entry, rest, value, path)
}

fn into_value(
    here: &mut Value,
    keys: &[String],
    value: Value,
    path: &mut KeyPath,
) -> Result<(), Refusal> {
    let Some((key, rest)) = keys.split_first() else {
        *here = dressed(value, here);
        return Ok(());
    };
    match here {
        Value::InlineTable(table) => {
            path.0.push(Segment::Key(key.clone()));
            if rest.is_empty() {
                table.insert(key, value);
                return Ok(());
            }
            let inner = table
                .entry(key)
                .or_insert_with(|| Value::InlineTable(InlineTable::new()));
            into_value(inner, rest, value, path)
        }
        Value::Array(array) => {
            let index = index_of(key, names_in(array), path)?;
            path.0.push(Segment::Index(index));
            match array.get_mut(index) {
                Some(inner) => into_value(inner, rest, value, path),
                None => Err((format!("`{path}` is not there"), None)),
            }
        }
        other => {
            let message = format!(
                "`{path}` is {}, so there is no `{}` in it to set",
                other.to_string().trim(),
                printable(key)
            );
            let help = format!("to put a table in its place write `--set '{path}={{ ... }}'`");
            Err((message, Some(help)))
        }
    }
}

/// The new value with the space and the comments of the old one around it.
fn dressed(mut new: Value, old: &Value) -> Value {
    *new.decor_mut() = old.decor().clone();
    new
}

/// Puts a value in place of an item. A table stays a table with a header of its own, so that the
/// comments above it stay too.
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

/// The place of a list that a key means: its index from 0, or the name of a table in it.
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
    match key.parse::<usize>() {
        Ok(index) => Err((
            format!("`{path}` has {count} entries, so there is no `{path}.{index}`"),
            help,
        )),
        Err(_) => Err((
            format!(
                "`{path}` is a list of {count} entries, and none is `{}`",
                printable(key)
            ),
            help,
        )),
    }
}
