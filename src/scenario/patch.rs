//! `--patch FILE`: a piece of a scenario applied to another, before options and before it is checked.
//!
//! Tables are merged and values replace existing ones; but the entries of `faults.script` are appended to the
//! existing ones, so that interventions in a live run are a patch, and patches add up.

use super::error::ScenarioError;
use super::load::{parse, read};
use super::set::Setting;
use crate::problem::{KeyPath, Place, Segment, printable};
use std::path::Path;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// A piece of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Its name in errors: its file.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Patch {
    /// Reads a patch from a file.
    ///
    /// # Errors
    /// If the file cannot be read, is not text, or is larger than a scenario may be.
    pub fn read(path: &Path) -> Result<Patch, ScenarioError> {
        let name = printable(&path.display().to_string());
        let text = read(path, &name)?;
        Ok(Patch { name, text })
    }
}

/// Applies a patch to the document; returns its changes.
pub(super) fn apply(
    document: &mut DocumentMut,
    patch: &Patch,
) -> Result<Vec<Setting>, ScenarioError> {
    let piece = parse(&patch.name, &patch.text)?.into_mut();
    let mut lay = Lay {
        patch,
        settings: Vec::new(),
    };
    let path = KeyPath::default();
    lay.over(document.as_table_mut(), piece.as_table(), &path)?;
    Ok(lay.settings)
}

/// Whether the path is that of the list whose entries are appended.
fn adds_up(path: &KeyPath) -> bool {
    *path == KeyPath::to(&["faults", "script"])
}

struct Lay<'a> {
    patch: &'a Patch,
    settings: Vec<Setting>,
}

impl Lay<'_> {
    fn changed(&mut self, path: KeyPath, what: &str) {
        let option = format!("--patch {}: {path}={}", self.patch.name, what.trim());
        self.settings.push(Setting { option, path });
    }

    fn over(
        &mut self,
        base: &mut dyn TableLike,
        piece: &dyn TableLike,
        path: &KeyPath,
    ) -> Result<(), ScenarioError> {
        for (key, new) in piece.iter() {
            let mut path = path.clone();
            path.0.push(Segment::Key(key.to_owned()));
            if let Some(table) = new.as_table_like() {
                let old = base.entry(key).or_insert_with(|| Item::Table(Table::new()));
                if let Some(old) = old.as_table_like_mut() {
                    self.over(old, table, &path)?;
                    continue;
                }
            }
            if adds_up(&path) {
                let old = base
                    .entry(key)
                    .or_insert_with(|| Item::Value(Array::new().into()));
                self.append(old, new, &path)?;
                continue;
            }
            self.changed(path, &new.to_string());
            base.insert(key, new.clone());
        }
        Ok(())
    }

    /// Appends the entries of a list of tables to another, in the notation of the latter.
    fn append(&mut self, old: &mut Item, new: &Item, path: &KeyPath) -> Result<(), ScenarioError> {
        let Some(entries) = entries(new) else {
            let message = format!("`{path}` in a patch is a list of tables");
            let place = Place::in_text(
                &self.patch.name,
                &self.patch.text,
                &new.span().unwrap_or(0..0),
            );
            return Err(ScenarioError::new(message, None).at(place));
        };
        for entry in entries {
            let mut path = path.clone();
            let length = match &*old {
                Item::ArrayOfTables(tables) => tables.len(),
                Item::Value(Value::Array(array)) => array.len(),
                // A value that is not a list stays as it is, to be refused later.
                _ => return Ok(()),
            };
            path.0.push(Segment::Index(length));
            self.changed(path, &entry.to_string());
            match old {
                Item::ArrayOfTables(tables) => tables.push(entry.into_table()),
                Item::Value(Value::Array(array)) => array.push_formatted(dressed(entry, array)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The tables of a list, in any notation.
fn entries(list: &Item) -> Option<Vec<InlineTable>> {
    let inline = |table: &Table| table.clone().into_inline_table();
    let of_tables = |tables: &ArrayOfTables| tables.iter().map(inline).collect();
    match list {
        Item::ArrayOfTables(tables) => Some(of_tables(tables)),
        Item::Value(Value::Array(array)) => array
            .iter()
            .map(|value| value.as_inline_table().cloned())
            .collect(),
        _ => None,
    }
}

/// An entry on a line of its own, if the others of the list are.
fn dressed(entry: InlineTable, list: &Array) -> Value {
    let before = list.iter().last().and_then(|last| last.decor().prefix());
    let before = before.and_then(|prefix| prefix.as_str()).unwrap_or(" ");
    let before = before
        .rsplit_once('\n')
        .map_or(" ".to_owned(), |(_, indent)| format!("\n{indent}"));
    Value::InlineTable(entry).decorated(before, "")
}
