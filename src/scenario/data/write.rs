//! The TOML that names a column, as it was given: for the scenario as it was run.

use crate::scenario::input::{self, ColumnName, Is, Origin};

/// `KEY = VALUE` of each key that has a value, in this order.
fn given<const N: usize>(keys: [(&str, Option<String>); N]) -> Vec<String> {
    let keys = keys.into_iter();
    keys.filter_map(|(key, value)| Some(format!("{key} = {}", value?)))
        .collect()
}

/// The TOML of a name of a column.
fn name(column: &ColumnName) -> String {
    match column {
        ColumnName::Number(number) => number.to_string(),
        ColumnName::Name(name) => text(name),
    }
}

fn text(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

impl input::Where {
    /// Its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        let is = match &self.is {
            Is::Truth(truth) => truth.to_string(),
            Is::Number(number) => format!("{number:?}"),
            Is::Text(is) => text(is),
        };
        format!("{{ column = {}, is = {is} }}", name(&self.column))
    }
}

impl input::Column {
    /// The keys and values of its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        given([
            ("file", self.file.as_deref().map(text)),
            ("column", self.column.as_ref().map(name)),
            ("minus", self.minus.as_ref().map(name)),
            ("scale", self.scale.map(|scale| format!("{scale:?}"))),
            ("where", self.filter.as_ref().map(input::Where::toml)),
        ])
        .join(", ")
    }
}

impl input::Instants {
    /// The keys and values of its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        let mut toml = self.column.toml();
        if let Some(origin) = &self.origin {
            toml += &format!(", origin = {}", origin.toml());
        }
        if self.sort {
            toml += ", sort = true";
        }
        toml
    }
}

impl Origin {
    /// Its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        match self {
            Origin::Number(number) => format!("{number:?}"),
            Origin::Text(origin) => text(origin),
        }
    }
}

impl input::Recording {
    /// The keys and values of its TOML, a line each.
    pub(in crate::scenario) fn toml(&self) -> String {
        given([
            ("file", self.file.as_deref().map(text)),
            ("values", self.values.as_deref().map(rows)),
            ("arrival", Some(name(&self.arrival))),
            ("class", self.class.as_ref().map(name)),
            ("service", self.service.as_ref().map(name)),
            ("patience", self.patience.as_ref().map(name)),
            ("step", Some(format!("{:?}", self.step))),
            ("where", self.filter.as_ref().map(input::Where::toml)),
            ("origin", self.origin.as_ref().map(Origin::toml)),
            ("sort", self.sort.then(|| "true".to_owned())),
        ])
        .join("\n")
    }
}

impl input::LineRecording {
    /// The keys and values of its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        given([
            ("file", self.file.as_deref().map(text)),
            ("values", self.values.as_deref().map(rows)),
            ("arrival", Some(name(&self.arrival))),
            ("class", self.class.as_ref().map(name)),
            ("where", self.filter.as_ref().map(input::Where::toml)),
            ("origin", self.origin.as_ref().map(Origin::toml)),
            ("sort", self.sort.then(|| "true".to_owned())),
        ])
        .join(", ")
    }
}

/// A list of rows.
fn rows(rows: &[serde_json::Map<String, serde_json::Value>]) -> String {
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!("[{}]", rows.join(", "))
}

/// A row of a list of recorded requests, as an inline table.
fn row(cells: &serde_json::Map<String, serde_json::Value>) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|(key, value)| {
            let value = match value {
                serde_json::Value::String(cell) => text(cell),
                other => other.to_string(),
            };
            format!("{} = {value}", toml_edit::Key::new(key).display_repr())
        })
        .collect();
    format!("{{ {} }}", cells.join(", "))
}
