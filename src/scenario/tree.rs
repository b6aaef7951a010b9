//! A parsed document with the position of every key and value.
//!
//! The TOML library has spans only per item; here they are in one plain tree, which the check of shapes walks and
//! in which an error finds its line.

use crate::problem::{KeyPath, On, Segment};
use std::ops::Range;
use toml_edit::{Array, Document, InlineTable, Item, Table, Value};

/// A value of the document and its position, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) span: Range<usize>,
    pub(super) node: Node,
}

/// The kinds of values.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Table(Vec<Entry>),
    List(Vec<Tree>),
    Text(String),
    Whole(i64),
    Real(f64),
    Truth(bool),
    Date(String),
}

/// A key of a table with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) span: Range<usize>,
    pub(super) value: Tree,
}

impl Tree {
    /// The tree of a document that has just been parsed.
    pub(super) fn of<S: AsRef<str>>(document: &Document<S>) -> Tree {
        from_table(document.as_table(), &(0..0))
    }

    /// The keys of a table, in their order; none for another kind of value.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let entries = match &self.node {
            Node::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|entry| entry.key.as_str())
    }

    /// The value of a key, if this is a table that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Tree> {
        match &self.node {
            Node::Table(entries) => entries
                .iter()
                .find(|entry| entry.key == key)
                .map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The span in bytes that a path leads to: that of its key or of its value. If the path goes further than the
    /// document, it is that of the last existing part.
    pub(super) fn locate(&self, path: &KeyPath, on: On) -> Range<usize> {
        let mut here = self;
        let mut span = self.span.clone();
        for (depth, segment) in path.0.iter().enumerate() {
            let last = depth + 1 == path.0.len();
            match (segment, &here.node) {
                (Segment::Key(key), Node::Table(entries)) => {
                    let Some(entry) = entries.iter().find(|entry| entry.key == *key) else {
                        // A key missing at the top of a file is shown at its first key, below the header.
                        return match entries.first() {
                            Some(first) if depth == 0 => first.span.clone(),
                            _ => span,
                        };
                    };
                    here = &entry.value;
                    span = match (last, on, &here.node) {
                        (true, On::Key, _) => entry.span.clone(),
                        _ => here.span.clone(),
                    };
                }
                (Segment::Index(index), Node::List(values)) => {
                    let Some(value) = values.get(*index) else {
                        return span;
                    };
                    here = value;
                    span = here.span.clone();
                }
                _ => return span,
            }
        }
        span
    }

    /// The value to which a path leads, if it is one of this document.
    pub(super) fn at(&self, path: &KeyPath) -> Option<&Tree> {
        let mut segments = path.0.iter();
        segments.try_fold(self, |here, segment| match (segment, &here.node) {
            (Segment::Key(key), Node::Table(_)) => here.get(key),
            (Segment::Index(index), Node::List(values)) => values.get(*index),
            _ => None,
        })
    }

    /// Whether a path leads to a value of this document.
    pub(super) fn has(&self, path: &KeyPath) -> bool {
        self.at(path).is_some()
    }
}

fn from_table(table: &Table, parent: &Range<usize>) -> Tree {
    let span = table.span().unwrap_or_else(|| parent.clone());
    let entries = table
        .iter()
        .map(|(name, item)| {
            let key_span = table.key(name).and_then(toml_edit::Key::span);
            let fallback = key_span.clone().unwrap_or_else(|| span.clone());
            Entry {
                key: name.to_owned(),
                value: from_item(item, &fallback),
                span: key_span.unwrap_or(fallback),
            }
        })
        .collect();
    Tree {
        span,
        node: Node::Table(entries),
    }
}

fn from_item(item: &Item, parent: &Range<usize>) -> Tree {
    match item {
        Item::None => Tree {
            span: parent.clone(),
            node: Node::Table(Vec::new()),
        },
        Item::Value(value) => from_value(value, parent),
        Item::Table(table) => from_table(table, parent),
        Item::ArrayOfTables(tables) => Tree {
            span: tables
                .iter()
                .next()
                .and_then(Table::span)
                .unwrap_or_else(|| parent.clone()),
            node: Node::List(
                tables
                    .iter()
                    .map(|table| from_table(table, parent))
                    .collect(),
            ),
        },
    }
}

fn from_value(value: &Value, parent: &Range<usize>) -> Tree {
    let span = value.span().unwrap_or_else(|| parent.clone());
    let node = match value {
        Value::String(text) => Node::Text(text.value().clone()),
        Value::Integer(number) => Node::Whole(*number.value()),
        Value::Float(number) => Node::Real(*number.value()),
        Value::Boolean(truth) => Node::Truth(*truth.value()),
        Value::Datetime(date) => Node::Date(date.value().to_string()),
        Value::Array(array) => Node::List(from_array(array, &span)),
        Value::InlineTable(table) => Node::Table(from_inline(table, &span)),
    };
    Tree { span, node }
}

fn from_array(array: &Array, parent: &Range<usize>) -> Vec<Tree> {
    array
        .iter()
        .map(|value| from_value(value, parent))
        .collect()
}

fn from_inline(table: &InlineTable, parent: &Range<usize>) -> Vec<Entry> {
    table
        .iter()
        .map(|(name, value)| {
            let span = table
                .key(name)
                .and_then(toml_edit::Key::span)
                .unwrap_or_else(|| parent.clone());
            Entry {
                key: name.to_owned(),
                value: from_value(value, &span),
                span,
            }
        })
        .collect()
}
