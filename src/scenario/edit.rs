//! Changes a scenario's text one value at a time, as a form does, and keeps its comments.
//!
//! The text remains the source: a form shows its [`outline`] and asks for a [`Change`]; the result is a text like
//! any other, to be checked by [`load()`](super::load()). Only the existence of the place of a change is checked
//! here.

use super::error::ScenarioError;
use super::set::replace;
use super::tree::{Node, Tree};
use crate::problem::{KeyPath, Segment};
use serde::Deserialize;
use serde_json::Value as Json;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

/// A change of one place of a scenario.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Change {
    /// Sets the place to this value, whether it had one or not.
    Set {
        /// The place.
        path: KeyPath,
        /// Its value.
        value: Json,
    },
    /// Removes the place: a key with its value, or an entry of a list.
    Remove {
        /// The place.
        path: KeyPath,
    },
    /// Appends an entry to a list, which is created if it does not exist.
    Append {
        /// The list.
        path: KeyPath,
        /// The new entry.
        value: Json,
    },
}

/// The values of a scenario's text as JSON, unchecked.
///
/// # Errors
/// If the text is not TOML.
pub fn outline(text: &str) -> Result<Json, ScenarioError> {
    let document = super::load::parse("scenario", text)?;
    Ok(json(&Tree::of(&document)))
}

fn json(tree: &Tree) -> Json {
    match &tree.node {
        Node::Table(entries) => {
            let entries = entries
                .iter()
                .map(|entry| (entry.key.clone(), json(&entry.value)));
            Json::Object(entries.collect())
        }
        Node::List(values) => Json::Array(values.iter().map(json).collect()),
        Node::Text(text) | Node::Date(text) => Json::String(text.clone()),
        Node::Whole(number) => Json::from(*number),
        // Nonfinite numbers have no form in JSON; they are not valid values either.
        Node::Real(number) => {
            serde_json::Number::from_f64(*number).map_or_else(|| Json::from("inf"), Json::Number)
        }
        Node::Truth(truth) => Json::Bool(*truth),
    }
}

/// Applies the change to the text.
///
/// # Errors
/// If the text is not TOML, or the place of the change does not exist.
pub fn change(text: &str, change: &Change) -> Result<String, ScenarioError> {
    let mut document: DocumentMut = super::load::parse("scenario", text)?.into_mut();
    match change {
        Change::Set { path, value } => {
            let value = toml(value, &path.0)?;
            put(&mut document, &path.0, value)?;
        }
        Change::Remove { path } => remove(&mut document, &path.0)?,
        Change::Append { path, value } => append(&mut document, &path.0, value)?,
    }
    Ok(document.to_string())
}

/// Sets a place to this value, whether it had one or not; tables on the path are created.
pub(super) fn put(
    document: &mut DocumentMut,
    path: &[Segment],
    value: Value,
) -> Result<(), ScenarioError> {
    let (last, around) = path.split_last().ok_or_else(|| missing(path))?;
    let parent = reach(document.as_item_mut(), around)?;
    match (last, parent) {
        (Segment::Index(index), parent) => {
            let tables = parent.is_array_of_tables();
            let item = parent.get_mut(*index).ok_or_else(|| missing(path))?;
            if tables && !value.is_inline_table() {
                let message = format!("`{}` is a table, and cannot become {value}", dotted(path));
                return Err(ScenarioError::new(message, None));
            }
            replace(item, value);
        }
        (Segment::Key(key), Item::Table(table)) => match table.get_mut(key) {
            Some(item) => replace(item, value),
            None => {
                // At the top a table gets a header of its own, as is usual.
                let item = match value {
                    Value::InlineTable(new) if around.is_empty() => Item::Table(new.into_table()),
                    value => Item::Value(value),
                };
                table.insert(key, item);
            }
        },
        (Segment::Key(key), Item::Value(Value::InlineTable(table))) => match table.get_mut(key) {
            Some(old) => {
                let mut new = value;
                *new.decor_mut() = old.decor().clone();
                *old = new;
            }
            None => {
                table.insert(key, value);
            }
        },
        _ => return Err(missing(path)),
    }
    Ok(())
}

/// Removes a key with its value, or an entry of a list.
pub(super) fn remove(document: &mut DocumentMut, path: &[Segment]) -> Result<(), ScenarioError> {
    let (last, around) = path.split_last().ok_or_else(|| missing(path))?;
    let parent = find(document.as_item_mut(), around).ok_or_else(|| missing(path))?;
    let removed = match (last, parent) {
        (Segment::Key(key), Item::Table(table)) => table.remove(key).is_some(),
        (Segment::Key(key), Item::Value(Value::InlineTable(table))) => table.remove(key).is_some(),
        (Segment::Index(index), Item::ArrayOfTables(tables)) if *index < tables.len() => {
            tables.remove(*index);
            true
        }
        (Segment::Index(index), Item::Value(Value::Array(array))) if *index < array.len() => {
            array.remove(*index);
            true
        }
        _ => false,
    };
    if removed { Ok(()) } else { Err(missing(path)) }
}

fn append(document: &mut DocumentMut, path: &[Segment], value: &Json) -> Result<(), ScenarioError> {
    if find(document.as_item_mut(), path).is_none() {
        put(document, path, Array::new().into())?;
    }
    let value = toml(value, path)?;
    let list = find(document.as_item_mut(), path).ok_or_else(|| missing(path))?;
    match (list, value) {
        (Item::ArrayOfTables(tables), Value::InlineTable(new)) => {
            let mut table = new.into_table();
            table.decor_mut().set_prefix("\n");
            tables.push(table);
        }
        (Item::Value(Value::Array(array)), mut value) => {
            // Like the entries before it: each on a line of its own, or all on one.
            let before = array
                .iter()
                .last()
                .map(|last| last.decor().prefix().cloned());
            if let Some(Some(prefix)) = before {
                value.decor_mut().set_prefix(prefix);
                array.push_formatted(value);
            } else {
                array.push(value);
            }
        }
        _ => return Err(missing(path)),
    }
    Ok(())
}

/// The text of a line with its stages in another order, given by their positions: everything in a stage moves with
/// it, including comments, but its buffer stays at the position.
///
/// # Errors
/// If the text is not TOML, or has no such stages.
pub fn reorder(text: &str, order: &[u16]) -> Result<String, ScenarioError> {
    let mut document: DocumentMut = super::load::parse("scenario", text)?.into_mut();
    let path = [Segment::Key("stages".to_owned())];
    let has =
        |stages: usize| order.len() == stages && order.iter().all(|&at| usize::from(at) < stages);
    match find(document.as_item_mut(), &path) {
        Some(Item::ArrayOfTables(stages)) if has(stages.len()) => {
            let mut old: Vec<Table> = stages.iter().cloned().collect();
            // Headers keep their positions in the file they were read from, unless these are removed.
            old.iter_mut().for_each(forget_position);
            let buffers = old.iter_mut().map(|stage| stage.remove_entry("buffer"));
            let buffers: Vec<_> = buffers.collect();
            stages.clear();
            for (&place, buffer) in order.iter().zip(buffers) {
                let mut stage = old[usize::from(place)].clone();
                if let Some((key, buffer)) = buffer {
                    stage.insert_formatted(&key, buffer);
                }
                stages.push(stage);
            }
        }
        Some(Item::Value(Value::Array(stages))) if has(stages.len()) => {
            let mut old: Vec<Value> = stages.iter().cloned().collect();
            let buffers = old
                .iter_mut()
                .map(|stage| stage.as_inline_table_mut()?.remove("buffer"));
            let buffers: Vec<Option<Value>> = buffers.collect();
            for (position, (&place, buffer)) in order.iter().zip(buffers).enumerate() {
                let mut stage = old[usize::from(place)].clone();
                if let (Some(table), Some(buffer)) = (stage.as_inline_table_mut(), buffer) {
                    table.insert("buffer", buffer);
                }
                // The first entry of a list has less space before it than the others.
                *stage.decor_mut() = old[position].decor().clone();
                stages.replace_formatted(position, stage);
            }
        }
        _ => return Err(missing(&path)),
    }
    Ok(document.to_string())
}

fn forget_position(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => forget_position(table),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(forget_position),
            _ => {}
        }
    }
}

/// The item at a path, if it exists.
pub(super) fn find<'a>(mut item: &'a mut Item, path: &[Segment]) -> Option<&'a mut Item> {
    for step in path {
        item = inside(item, step)?;
    }
    Some(item)
}

/// As [`find`], but creates missing tables.
fn reach<'a>(mut item: &'a mut Item, path: &[Segment]) -> Result<&'a mut Item, ScenarioError> {
    for (depth, step) in path.iter().enumerate() {
        if let (Segment::Key(key), None) = (step, inside(item, step)) {
            match item {
                Item::Table(table) if depth == 0 => {
                    table.insert(key, Item::Table(Table::new()));
                }
                Item::Table(table) => {
                    table.insert(key, Item::Value(Value::InlineTable(InlineTable::new())));
                }
                Item::Value(Value::InlineTable(table)) => {
                    table.insert(key, Value::InlineTable(InlineTable::new()));
                }
                _ => return Err(missing(&path[..=depth])),
            }
        }
        item = inside(item, step).ok_or_else(|| missing(&path[..=depth]))?;
    }
    Ok(item)
}

fn inside<'a>(item: &'a mut Item, step: &Segment) -> Option<&'a mut Item> {
    match step {
        Segment::Index(index) => item.get_mut(*index),
        // Indexing by a missing key would create it.
        Segment::Key(key) => item
            .get(key)
            .is_some()
            .then(|| item.get_mut(key.as_str()))?,
    }
}

fn toml(value: &Json, path: &[Segment]) -> Result<Value, ScenarioError> {
    Ok(match value {
        Json::Null => {
            let message = format!("`{}` cannot be nothing", dotted(path));
            let help = "take the key away to leave it out";
            return Err(ScenarioError::new(message, Some(help.to_owned())));
        }
        Json::Bool(truth) => Value::from(*truth),
        Json::String(text) => Value::from(text.as_str()),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        Json::Array(values) => {
            let values = values.iter().map(|value| toml(value, path));
            Value::Array(values.collect::<Result<Array, _>>()?)
        }
        Json::Object(entries) => {
            let mut table = InlineTable::new();
            for (key, value) in entries {
                table.insert(key, toml(value, path)?);
            }
            Value::InlineTable(table)
        }
    })
}

fn dotted(path: &[Segment]) -> KeyPath {
    KeyPath(path.to_vec())
}

fn missing(path: &[Segment]) -> ScenarioError {
    ScenarioError::new(format!("`{}` is not there", dotted(path)), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LINE: &str = "# Why?\nmodel = \"tandem\"\nseed = 7 # lucky\n\n[horizon]\ncustomers = 10\n\n\
        # The first.\n[[stages]]\nname = \"a\"\nservice = { exponential = { mean = 2.0 } } # slow\n";

    fn changed(text: &str, json: Json) -> String {
        let wanted: Change = serde_json::from_value(json).expect("it is a change");
        change(text, &wanted).expect("the place is there")
    }

    #[test]
    fn a_value_changes_and_the_comments_stay() {
        let path = json!(["stages", 0, "service", "exponential", "mean"]);
        let text = changed(LINE, json!({ "do": "set", "path": path, "value": 2.5 }));
        assert_eq!(text, LINE.replace("2.0", "2.5"));
        let text = changed(LINE, json!({ "do": "set", "path": ["seed"], "value": 8 }));
        assert_eq!(text, LINE.replace("= 7", "= 8"));
    }

    #[test]
    fn what_is_not_there_is_begun() {
        let path = json!(["faults", "repair"]);
        let value = json!({ "geometric": { "mean": 4 } });
        let text = changed(LINE, json!({ "do": "set", "path": path, "value": value }));
        let outline = outline(&text).expect("it is TOML");
        assert_eq!(outline["faults"], json!({ "repair": value }));
        assert!(text.contains("[faults]"), "{text}");
    }

    #[test]
    fn entries_come_and_go() {
        let stage = json!({ "name": "b", "service": { "constant": { "value": 1 } } });
        let text = changed(
            LINE,
            json!({ "do": "append", "path": ["stages"], "value": stage }),
        );
        let stages = outline(&text).expect("it is TOML")["stages"].clone();
        assert_eq!(stages[1], stage);
        assert!(
            text.ends_with("\n[[stages]]\nname = \"b\"\nservice = { constant = { value = 1 } }\n")
        );
        let text = changed(&text, json!({ "do": "remove", "path": ["stages", 1] }));
        assert_eq!(text, LINE);
        let text = changed(
            LINE,
            json!({ "do": "remove", "path": ["stages", 0, "service"] }),
        );
        assert!(!text.contains("service"), "{text}");
    }

    #[test]
    fn a_place_that_is_not_there_is_named() {
        for wrong in [
            json!({ "do": "set", "path": ["stages", 3, "name"], "value": "x" }),
            json!({ "do": "set", "path": ["seed", "deep"], "value": 1 }),
            json!({ "do": "set", "path": ["seed", 0], "value": 1 }),
            json!({ "do": "set", "path": [], "value": 1 }),
            json!({ "do": "set", "path": ["seed"], "value": null }),
            json!({ "do": "remove", "path": ["stages", 1] }),
            json!({ "do": "remove", "path": ["nothing"] }),
            json!({ "do": "append", "path": ["seed"], "value": 1 }),
        ] {
            let wanted: Change = serde_json::from_value(wrong.clone()).expect("it is a change");
            assert!(change(LINE, &wanted).is_err(), "{wrong}");
        }
    }
}
