//! The page of keys in the guide is what the schema says, with examples from scenarios that load.
//!
//! `FILAS_GUIDE=write` writes it anew.

use super::cli::json;
use super::guide::{folder, pages, scenarios, writes};
use filas::scenario::shipped::SHIPPED;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

const PAGE: &str = "keys.md";

/// An example longer than this is left out.
const EXAMPLE_MAX: usize = 110;

const HEAD: &str = "\
<!-- Written by `FILAS_GUIDE=write cargo test --test suite guide_keys`; the descriptions are those of src/scenario/input/. -->

# Keys of a scenario

A scenario is a file in [TOML](https://toml.io). This page lists every key, as `filas schema` gives them to editors. An unknown key
is an error that names the nearest one.

- *Duration*, *instant* and *rate*: numbers in the scenario's `time_unit`. Where that is one of `ns`, `us`, `ms`, `s`, `min`, `h` and
  `d`, a text with a unit may stand in place of the number: `\"90 s\"` for a duration, `\"40 per h\"` for a rate, `\"8:30\"` for an
  instant. A desk of `steps` counts in steps.
- *Law*: one of the [laws of chance](#laws-of-chance), as an inline table.
- *Name*: 1 to 64 letters, digits, `_`, `.` or `-`.
- `[]` after a key stands for each table of a list.
- Keys that may be left out have the default that is stated, or the behaviour that their description states.

On the command line a key is written with dots, as in `--set stages.triage.servers=2`.
";

/// The schema, and what has been seen of it.
struct Reference {
    definitions: Map<String, Value>,
    /// The shortest example of each key, by definition and key.
    examples: BTreeMap<(String, String), String>,
    /// Each definition's path of keys where it is met first, and the models that reach it.
    places: Vec<(String, String, BTreeSet<String>)>,
}

/// The name of the definition that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// The schemas of which a value has to fit one.
fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    schema["anyOf"].as_array().or(schema["oneOf"].as_array())
}

/// Whether a schema is a table of keys with names of their own.
fn has_keys(schema: &Value) -> bool {
    schema["properties"]
        .as_object()
        .is_some_and(|keys| !keys.is_empty())
}

/// Whether a definition has a section: it is a table, or may be one.
fn tabled(definition: &Value) -> bool {
    let mut all = alternatives(definition).into_iter().flatten();
    definition["type"] == "object" || all.any(has_keys)
}

/// A value as TOML in one line.
fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(keys) => {
            let keys = keys
                .iter()
                .map(|(key, value)| format!("{key} = {}", inline(value)));
            format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

impl Reference {
    fn new() -> Reference {
        let schema = json(&["schema"]);
        let definitions = schema["$defs"].as_object().unwrap().clone();
        let mut reference = Reference {
            definitions,
            examples: BTreeMap::new(),
            places: Vec::new(),
        };
        for root in alternatives(&schema).expect("a scenario is of one of the models") {
            let root = referred(root).unwrap().to_owned();
            let words = &reference.definitions[&root]["properties"]["model"];
            let model = reference.definitions[referred(words).unwrap()]["enum"][0].clone();
            reference.place(&root, "", model.as_str().unwrap());
        }
        let shipped = SHIPPED.iter().map(|shipped| shipped.text.to_owned());
        let pages = pages();
        let shown = pages.iter().flat_map(|page| scenarios(&page.text));
        for text in shipped.chain(shown.map(|(_, text)| text)) {
            let table: toml::Table = text.parse().expect("scenarios are TOML");
            let value = serde_json::to_value(table).unwrap();
            for root in alternatives(&schema).unwrap() {
                if reference.fits(root, &value) {
                    reference.visit(root, &value, "");
                    break;
                }
            }
        }
        reference
    }

    /// Notes that a definition is reached at this path of keys, and all that are reached from it.
    fn place(&mut self, name: &str, path: &str, model: &str) {
        let known = self.places.iter_mut().find(|place| place.0 == name);
        match known {
            Some(place) if place.2.contains(model) => return,
            Some(place) => {
                place.2.insert(model.to_owned());
            }
            None => {
                let models = BTreeSet::from([model.to_owned()]);
                self.places.push((name.to_owned(), path.to_owned(), models));
            }
        }
        let definition = self.definitions[name].clone();
        self.place_inside(&definition, path, model);
    }

    fn place_inside(&mut self, schema: &Value, path: &str, model: &str) {
        if let Some(name) = referred(schema) {
            self.place(name, path, model);
        }
        for alternative in alternatives(schema).into_iter().flatten() {
            self.place_inside(alternative, path, model);
        }
        if schema["items"].is_object() {
            self.place_inside(&schema["items"], &format!("{path}[]"), model);
        }
        if schema["additionalProperties"].is_object() {
            self.place_inside(
                &schema["additionalProperties"],
                &format!("{path}.NAME"),
                model,
            );
        }
        for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            self.place_inside(inner, &path, model);
        }
    }

    /// Whether a value has the form that a schema asks for; ranges do not matter.
    fn fits(&self, schema: &Value, value: &Value) -> bool {
        if let Some(name) = referred(schema) {
            return self.fits(&self.definitions[name], value);
        }
        if let Some(all) = alternatives(schema) {
            return all.iter().any(|one| self.fits(one, value));
        }
        if let Some(words) = schema["enum"].as_array() {
            return words.contains(value);
        }
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => Vec::from_iter(kind.as_str()),
        };
        match value {
            Value::Bool(_) => kinds.contains(&"boolean"),
            Value::String(_) => kinds.contains(&"string"),
            Value::Number(number) => {
                kinds.contains(&"number") || kinds.contains(&"integer") && number.is_u64()
            }
            Value::Array(items) => {
                kinds.contains(&"array")
                    && items.iter().all(|item| self.fits(&schema["items"], item))
            }
            Value::Object(keys) => kinds.contains(&"object") && self.keys_fit(schema, keys),
            Value::Null => false,
        }
    }

    fn keys_fit(&self, schema: &Value, keys: &Map<String, Value>) -> bool {
        let required = schema["required"].as_array().into_iter().flatten();
        let mut required = required.filter_map(Value::as_str);
        let other = &schema["additionalProperties"];
        required.all(|key| keys.contains_key(key))
            && keys
                .iter()
                .all(|(key, value)| match &schema["properties"][key] {
                    Value::Null => {
                        other != &Value::Bool(false)
                            && (other.is_boolean() || self.fits(other, value))
                    }
                    inner => self.fits(inner, value),
                })
    }

    /// Takes a value's keys as examples.
    fn visit(&mut self, schema: &Value, value: &Value, home: &str) {
        if let Some(name) = referred(schema) {
            let definition = self.definitions[name].clone();
            return self.visit(&definition, value, name);
        }
        if let Some(all) = alternatives(schema) {
            if let Some(one) = all.iter().find(|one| self.fits(one, value)) {
                self.visit(one, value, home);
            }
            return;
        }
        for item in value.as_array().into_iter().flatten() {
            self.visit(&schema["items"], item, home);
        }
        for (key, value) in value.as_object().into_iter().flatten() {
            let inner = &schema["properties"][key];
            if inner.is_null() {
                self.visit(&schema["additionalProperties"], value, home);
                continue;
            }
            let example = inline(value);
            let place = (home.to_owned(), key.clone());
            let known = self.examples.get(&place);
            if example.len() <= EXAMPLE_MAX && known.is_none_or(|known| example.len() < known.len())
            {
                self.examples.insert(place, example);
            }
            let inside = if referred(inner).is_some() {
                String::new()
            } else {
                format!("{home}.{key}")
            };
            self.visit(inner, value, &inside);
        }
    }

    /// The heading of a definition's section.
    fn title(&self, name: &str) -> String {
        let (_, path, models) = self.places.iter().find(|place| place.0 == name).unwrap();
        if name == "Law" {
            return "Laws of chance".to_owned();
        }
        let last = path.rsplit('.').next().unwrap();
        match (path.as_str(), models.len()) {
            ("", _) => format!("The top of a {}", models.first().unwrap()),
            (_, 1) => format!("`{path}` of a {}", models.first().unwrap()),
            _ => {
                let namesakes = self
                    .places
                    .iter()
                    .filter(|place| place.1 == *path && tabled(&self.definitions[&place.0]));
                let keys = self.definitions[name]["properties"].as_object();
                match (namesakes.count(), keys.and_then(|keys| keys.keys().next())) {
                    (2.., Some(first)) => format!("`{last}` with `{first}`"),
                    _ => format!("`{last}` in any table"),
                }
            }
        }
    }

    fn link(&self, name: &str) -> String {
        let title = self.title(name);
        let anchor: String = title
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '_' => Some(c.to_ascii_lowercase()),
                _ => None,
            })
            .collect();
        let shown = if name == "Law" { "law" } else { "table" };
        format!("[{shown}](#{anchor})")
    }

    /// The values that a schema allows, in words.
    fn kind(&self, schema: &Value) -> String {
        if let Some(name) = referred(schema) {
            let definition = &self.definitions[name];
            if let (Some(all), true) = (
                alternatives(definition),
                name != "Law" && tabled(definition),
            ) {
                let kinds = all.iter().map(|one| match has_keys(one) {
                    true => self.link(name),
                    false => self.kind(one),
                });
                return kinds.collect::<Vec<_>>().join(" or ");
            }
            return match (name, definition["type"].as_str()) {
                ("Law", _) if schema["x-count"].is_boolean() => {
                    format!("{} of whole numbers", self.link(name))
                }
                ("Law", _) => self.link(name),
                (_, Some("object")) => self.link(name),
                _ => self.kind(definition),
            };
        }
        if let Some(all) = alternatives(schema) {
            let mut kinds: Vec<String> = all.iter().map(|one| self.kind(one)).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
        if let Some(words) = schema["enum"].as_array() {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            return words.join(", ");
        }
        let quantity = schema["x-quantity"].as_str();
        let named = match (quantity, &schema["type"]) {
            (Some(quantity), _) => quantity.to_owned(),
            _ if schema["x-date"].is_boolean() => {
                match schema["type"].to_string().contains("number") {
                    true => "time of day or instant".to_owned(),
                    false => "time of day".to_owned(),
                }
            }
            (_, Value::Array(_)) if schema["minimum"] == 1 => "column name or number".to_owned(),
            (_, Value::Array(_)) => "number or text".to_owned(),
            (_, Value::String(kind)) => match kind.as_str() {
                "integer" => "whole number".to_owned(),
                "boolean" => "`true` or `false`".to_owned(),
                "string" if schema["pattern"].is_string() => "name".to_owned(),
                "string" => "text".to_owned(),
                "array" => return format!("list, of each: {}", self.kind(&schema["items"])),
                "object" if schema["additionalProperties"].is_object() => {
                    return format!(
                        "table, of each name: {}",
                        self.kind(&schema["additionalProperties"])
                    );
                }
                "object" if has_keys(schema) => {
                    let keys = schema["properties"].as_object().into_iter().flatten();
                    let keys = keys.map(|(key, inner)| format!("`{key}` ({})", self.kind(inner)));
                    format!("table with {}", keys.collect::<Vec<_>>().join(", "))
                }
                "object" => "table".to_owned(),
                kind => kind.to_owned(),
            },
            _ => "value".to_owned(),
        };
        named + &range(schema)
    }

    /// The lines of a table's keys.
    fn keys(&self, schema: &Value, home: &str, page: &mut String) {
        let required: Vec<&str> = schema["required"]
            .as_array()
            .map(|keys| keys.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
            let text = inner["description"].as_str();
            let name = referred(inner);
            let text = text.or_else(|| self.definitions[name?]["description"].as_str());
            let text = text.unwrap_or("").replace('\n', " ");
            let text = if text.is_empty() {
                text
            } else {
                format!(" {text}")
            };
            let mut facts = vec![self.kind(inner)];
            if required.contains(&key.as_str()) {
                facts.push("required".to_owned());
            }
            if !inner["default"].is_null() {
                facts.push(format!("default `{}`", inner["default"]));
            }
            writeln!(page, "- **`{key}`**:{text}  ").unwrap();
            write!(page, "  {}.", facts.join("; ")).unwrap();
            let place = (home.to_owned(), key.clone());
            match self.examples.get(&place) {
                Some(example) => writeln!(page, " Example: `{key} = {example}`").unwrap(),
                None => page.push('\n'),
            }
        }
        self.other_keys(schema, page);
    }

    /// The line of a table's keys that are names given elsewhere, after the others.
    fn other_keys(&self, schema: &Value, page: &mut String) {
        if has_keys(schema) && schema["additionalProperties"].is_object() {
            let kind = self.kind(&schema["additionalProperties"]);
            writeln!(page, "- any other name: {kind}.").unwrap();
        }
    }

    /// The section of the laws, each with its parameters.
    fn laws(&self, page: &mut String) {
        for one in alternatives(&self.definitions["Law"]).unwrap() {
            let (name, law) = one["properties"]
                .as_object()
                .unwrap()
                .iter()
                .next()
                .unwrap();
            let text = law["description"].as_str().unwrap_or("").replace('\n', " ");
            write!(page, "\n### `{name}`\n\n{text}").unwrap();
            let place = ("Law".to_owned(), name.clone());
            match self.examples.get(&place) {
                Some(example) => writeln!(page, " Example: `{{ {name} = {example} }}`\n").unwrap(),
                None => page.push_str("\n\n"),
            }
            let home = format!("Law.{name}");
            match referred(law) {
                Some(definition) => self.keys(&self.definitions[definition], definition, page),
                None => self.keys(law, &home, page),
            }
        }
    }

    fn page(&self) -> String {
        let mut page = HEAD.to_owned();
        let alone = self.places.iter().filter(|place| place.2.len() == 1);
        let shared = self.places.iter().filter(|place| place.2.len() > 1);
        for (name, ..) in alone.chain(shared) {
            let definition = &self.definitions[name];
            if !tabled(definition) {
                continue;
            }
            write!(page, "\n## {}\n\n", self.title(name)).unwrap();
            if let Some(text) = definition["description"].as_str() {
                writeln!(page, "{}\n", text.replace('\n', " ")).unwrap();
            }
            if name == "Law" {
                self.laws(&mut page);
                continue;
            }
            self.keys(definition, name, &mut page);
            for one in alternatives(definition).into_iter().flatten() {
                self.keys(one, name, &mut page);
            }
        }
        page
    }
}

/// The range of a number or the length of a list, in words, after a comma.
fn range(schema: &Value) -> String {
    let mut range = String::new();
    for (key, word) in [
        ("minimum", "at least"),
        ("exclusiveMinimum", "above"),
        ("maximum", "at most"),
    ] {
        if let Some(limit) = schema[key].as_f64() {
            write!(range, ", {word} {limit}").unwrap();
        }
    }
    if schema["type"].is_array() && schema["minimum"] == 1 {
        range.clear();
    }
    range
}

#[test]
fn the_reference_of_keys_is_what_the_schema_says() {
    let reference = Reference::new();
    let titles = reference
        .places
        .iter()
        .map(|place| reference.title(&place.0));
    let tables = titles.zip(&reference.places);
    let tables = tables.filter(|(_, place)| tabled(&reference.definitions[&place.0]));
    let mut titles: Vec<String> = tables.map(|(title, _)| title).collect();
    titles.sort();
    let count = titles.len();
    titles.dedup();
    assert_eq!(
        titles.len(),
        count,
        "two tables have one heading: {titles:?}"
    );
    let wanted = reference.page();
    let path = folder().join(PAGE);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if writes() {
        fs::write(&path, wanted).unwrap();
        return;
    }
    let remedy = "FILAS_GUIDE=write cargo test --test suite guide_keys";
    assert!(
        found == wanted,
        "{PAGE} is not what the schema says: {remedy} writes it"
    );
}

#[test]
fn every_key_of_the_schema_stands_in_the_reference() {
    let page = fs::read_to_string(folder().join(PAGE)).unwrap();
    let schema = json(&["schema"]);
    let mut keys = BTreeSet::new();
    let mut pending = vec![&schema];
    while let Some(value) = pending.pop() {
        if let Some(properties) = value["properties"].as_object() {
            keys.extend(properties.keys().cloned());
        }
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(inner) => pending.extend(inner.values()),
            _ => {}
        }
    }
    assert!(keys.len() > 80);
    for key in keys {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
}
