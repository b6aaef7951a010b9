//! Checks the shape of a document against the schema: keys, kinds of values, ranges of single values.
//!
//! The schema is generated from the types in `input`, so each rule is written once there and used three times: by
//! serde, in `filas schema`, and in the errors created here. Serde could refuse the same documents, but not list
//! what is allowed, suggest the nearest name, or name the path.

use super::clock::{Clock, Quantity, UNITS, Wrong};
use super::error::{choices, listed, nearest};
use super::tree::{Entry, Node, Tree};
use crate::number::{agreeing, of_them};
use crate::problem::{KeyPath, Problem, Segment, printable};
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use toml_edit::InlineTable;

/// Checks a document, given the schema of all scenario files; returns its model, and the texts that stand for
/// numbers.
pub(super) fn judge(
    tree: &Tree,
    schema: &Value,
    clock: &Clock,
) -> Result<(Model, Vec<Meaning>), Problem> {
    let top = KeyPath::default();
    let model_path = top.key("model");
    let expected = "the first line of a scenario is `model = \"tandem\"`, `model = \"network\"` or \
                    `model = \"desk\"`";
    let (model, form) = match tree.get("model").map(|value| &value.node) {
        None => {
            let is_meant = |key: &&str| nearest(key, ["model"]).is_some();
            return Err(match tree.keys().find(is_meant) {
                Some(key) => {
                    let message = format!("unknown key {} at the top of the file", quoted(key));
                    Problem::key(&top.key(key), message)
                        .help(format!("did you mean `model`? {expected}"))
                }
                None => Problem::value(&model_path, "missing key `model`").help(expected),
            });
        }
        Some(Node::Text(text)) if text == "tandem" => (Model::Tandem, "TandemFile"),
        Some(Node::Text(text)) if text == "network" => (Model::Network, "NetworkFile"),
        Some(Node::Text(text)) if text == "desk" => (Model::Desk, "DeskFile"),
        Some(Node::Text(text)) => {
            return Err(
                Problem::value(&model_path, format!("unknown model {}", quoted(text)))
                    .help(choices(text, &["tandem", "network", "desk"])),
            );
        }
        Some(other) => {
            let found = describe(other);
            return Err(
                Problem::value(&model_path, format!("`model` is {found}, not a name"))
                    .help(expected),
            );
        }
    };
    let judge = Judge {
        root: schema,
        form,
        clock,
        meanings: RefCell::default(),
        counts: Cell::new(false),
    };
    judge.value(tree, &schema["$defs"][form], &top)?;
    Ok((model, judge.meanings.into_inner()))
}

/// The meaning of a text of the document.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    /// Its place.
    pub(super) path: KeyPath,
    /// Its value.
    pub(super) value: toml_edit::Value,
}

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    Tandem,
    Network,
    Desk,
}

struct Judge<'a> {
    root: &'a Value,
    /// The form of the document's model.
    form: &'static str,
    clock: &'a Clock,
    meanings: RefCell<Vec<Meaning>>,
    /// Whether numbers are counts here, and so have no unit.
    counts: Cell<bool>,
}

impl<'a> Judge<'a> {
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self
                .root
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or(schema),
            None => schema,
        }
    }

    /// All the alternatives a schema allows, including those inside alternatives.
    fn options(&self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolve(schema);
        match schema.get("oneOf").or_else(|| schema.get("anyOf")) {
            Some(Value::Array(options)) => options
                .iter()
                .flat_map(|option| self.options(option))
                .collect(),
            _ => vec![schema],
        }
    }

    fn value(&self, tree: &Tree, schema: &'a Value, path: &KeyPath) -> Result<(), Problem> {
        let options = self.options(schema);
        if let [only] = options.as_slice() {
            return self.single(tree, only, path);
        }
        let fits = |option: &&&Value| kinds(option).iter().any(|kind| tree.is_a(kind));
        let fitting: Vec<&Value> = options.iter().filter(fits).copied().collect();
        match (&tree.node, fitting.as_slice()) {
            (_, []) => Err(self.wrong_kind(tree, &options, path)),
            (Node::Text(text), [only]) if !may_be(text, only) => {
                let problem = self.wrong_kind(tree, &options, path);
                Err(match nearest(text, words_of(only)) {
                    Some(word) => problem.help(format!("did you mean \"{word}\"?")),
                    None => problem,
                })
            }
            (_, [only]) => self.single(tree, only, path),
            (Node::Table(entries), tagged) => match table_of(entries, tagged) {
                Some(table) => {
                    // Its keys have units, although a law of counts in its place would have none.
                    let counts = self.counts.replace(false);
                    let judged = self.single(tree, table, path);
                    self.counts.set(counts);
                    judged
                }
                None => self.tagged(entries, tagged, path),
            },
            (Node::Text(text), words) => {
                let words: Vec<&str> = words.iter().copied().flat_map(words_of).collect();
                self.word(text, &words, path)
            }
            (_, [first, ..]) => self.single(tree, first, path),
        }
    }

    /// Checks a table whose single key names one of several alternatives.
    fn tagged(
        &self,
        entries: &[Entry],
        options: &[&'a Value],
        path: &KeyPath,
    ) -> Result<(), Problem> {
        let tags: Vec<(&str, &'a Value)> = options
            .iter()
            .filter_map(|option| option.get("properties").and_then(Value::as_object))
            .flatten()
            .map(|(tag, inner)| (tag.as_str(), inner))
            .collect();
        let names: Vec<&str> = tags.iter().map(|(tag, _)| *tag).collect();
        let shape = "a law is a table whose single key names it, such as `{ exponential = { mean = 2.0 } }`";
        if entries.is_empty() {
            return Err(Problem::value(path, format!("`{path}` names no law"))
                .help(format!("{shape}; allowed here: {}", listed(&names))));
        }
        for entry in entries {
            if !names.contains(&entry.key.as_str()) {
                let message = format!("unknown law {} for `{path}`", quoted(&entry.key));
                return Err(
                    Problem::key(&path.key(&entry.key), message).help(choices(&entry.key, &names))
                );
            }
        }
        let [only] = entries else {
            let found: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
            let mut problem = Problem::key(
                &path.key(&entries[1].key),
                format!("`{path}` names more than one law: {}", listed(&found)),
            );
            for entry in entries {
                problem = problem.also(path.key(&entry.key));
            }
            let option = format!("an option sets all of it: `--set '{path}={{ ... }}'`");
            return Err(problem.help(format!("{shape}; {option}")));
        };
        match tags.iter().find(|(tag, _)| *tag == only.key) {
            Some((tag, inner)) => self.value(&only.value, inner, &path.key(tag)),
            None => Ok(()),
        }
    }

    fn single(&self, tree: &Tree, schema: &'a Value, path: &KeyPath) -> Result<(), Problem> {
        if let (Node::Date(text), Some(Value::Bool(true))) = (&tree.node, schema.get("x-date")) {
            self.meanings.borrow_mut().push(Meaning {
                path: path.clone(),
                value: text.as_str().into(),
            });
            return Ok(());
        }
        if let Node::Text(text) | Node::Date(text) = &tree.node
            && let Some(quantity) = quantity_of(schema)
        {
            return self.quantity(text, quantity, schema, path);
        }
        if !kinds(schema).iter().any(|kind| tree.is_a(kind)) {
            return Err(self.wrong_kind(tree, &[schema], path));
        }
        match &tree.node {
            Node::Table(entries) => self.table(tree, entries, schema, path),
            Node::List(values) => {
                length(values.len(), schema, path)?;
                let Some(inner) = schema.get("items") else {
                    return Ok(());
                };
                values
                    .iter()
                    .enumerate()
                    .try_for_each(|(index, value)| self.value(value, inner, &path.index(index)))
            }
            Node::Text(text) => match words_of(schema) {
                words if words.is_empty() => Ok(()),
                words => self.word(text, &words, path),
            },
            Node::Whole(number) => range(*number as f64, &number.to_string(), schema, path),
            Node::Real(number) => {
                if !number.is_finite() {
                    return Err(Problem::value(
                        path,
                        format!(
                            "`{path}` is {}, but must be a finite number",
                            describe(&tree.node)
                        ),
                    ));
                }
                range(*number, &number.to_string(), schema, path)
            }
            Node::Truth(_) | Node::Date(_) => Ok(()),
        }
    }

    /// Checks a text in place of a number that measures time.
    fn quantity(
        &self,
        text: &str,
        quantity: Quantity,
        schema: &'a Value,
        path: &KeyPath,
    ) -> Result<(), Problem> {
        let refuse = |allowed: &str, help: String| {
            let message = format!(
                "`{path}` is the text {}, but must be a number{allowed}",
                quoted(text)
            );
            Err(Problem::value(path, message).help(help))
        };
        if self.counts.get() {
            let help = "this law counts arrivals, which have no unit of time";
            return refuse("", help.to_owned());
        }
        match self.clock.number(quantity, text) {
            Ok(number) => {
                range(
                    number,
                    &format!("{} ({number})", quoted(text)),
                    schema,
                    path,
                )?;
                let value = match schema.get("x-key").and_then(Value::as_str) {
                    // The number alone would have another meaning.
                    Some(key) => InlineTable::from_iter([(key, number)]).into(),
                    None => number.into(),
                };
                self.meanings.borrow_mut().push(Meaning {
                    path: path.clone(),
                    value,
                });
                Ok(())
            }
            Err(Wrong::Text(examples)) => refuse(
                &format!(" or a text such as {examples}"),
                format!("units are {UNITS}"),
            ),
            Err(Wrong::NoUnit) => refuse(
                "",
                format!("a text may name a unit where `time_unit` is one of {UNITS}"),
            ),
        }
    }

    fn table(
        &self,
        tree: &Tree,
        entries: &[Entry],
        schema: &'a Value,
        path: &KeyPath,
    ) -> Result<(), Problem> {
        if schema.get("additionalProperties") == Some(&Value::Bool(true)) {
            return Ok(());
        }
        if let Some(inner @ Value::Object(_)) = schema.get("additionalProperties") {
            // A table with arbitrary keys, whose values have the same schema, except for named ones.
            let named = schema.get("properties");
            return entries.iter().try_for_each(|entry| {
                let inner = named.and_then(|all| all.get(&entry.key)).unwrap_or(inner);
                self.value(&entry.value, inner, &path.key(&entry.key))
            });
        }
        let empty = Map::new();
        let properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let names: Vec<&str> = properties.keys().map(String::as_str).collect();
        for entry in entries {
            if !properties.contains_key(&entry.key) {
                let place = if path.0.is_empty() {
                    "at the top of the file".to_owned()
                } else {
                    format!("in `{path}`")
                };
                let message = format!("unknown key {} {place}", quoted(&entry.key));
                let is_near = nearest(&entry.key, names.iter().copied()).is_some();
                let help = match self.elsewhere(&entry.key, path).filter(|_| !is_near) {
                    Some(place) => format!("{place}; allowed here: {}", listed(&names)),
                    None => choices(&entry.key, &names),
                };
                return Err(Problem::key(&path.key(&entry.key), message).help(help));
            }
        }
        // Existing keys are checked first, so that a misspelt key is not reported as a missing one.
        for entry in entries {
            if let Some(inner) = schema.get("properties").and_then(|all| all.get(&entry.key)) {
                let counts = self.counts.get();
                self.counts.set(counts || inner.get("x-count").is_some());
                let judged = self.value(&entry.value, inner, &path.key(&entry.key));
                self.counts.set(counts);
                judged?;
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if tree.get(key).is_none() {
                let place = if path.0.is_empty() {
                    String::new()
                } else {
                    format!(" in `{path}`")
                };
                let problem = Problem::value(&path.key(key), format!("missing key `{key}`{place}"));
                return Err(match properties.get(key).and_then(|p| self.about(p)) {
                    Some(text) => problem.help(format!("`{key}`: {text}")),
                    None => problem,
                });
            }
        }
        Ok(())
    }

    /// The same key in another model: at the top of its file, or in its tables if this one is in a table.
    fn elsewhere(&self, key: &str, path: &KeyPath) -> Option<String> {
        let keys = path.0.iter();
        let depth = keys.filter(|part| matches!(part, Segment::Key(_))).count();
        if depth > 1 {
            return None;
        }
        let models = [
            ("TandemFile", "tandem"),
            ("NetworkFile", "network"),
            ("DeskFile", "desk"),
        ];
        let mut others = models.into_iter().filter(|(form, _)| *form != self.form);
        others.find_map(|(form, model)| self.in_model(key, depth, form, model))
    }

    fn in_model(&self, key: &str, depth: usize, form: &str, model: &str) -> Option<String> {
        let mut places = vec![(String::new(), &self.root["$defs"][form], 0)];
        while let Some((place, schema, at)) = places.pop() {
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, inner) in properties.into_iter().flatten() {
                let place = match place.as_str() {
                    "" => name.clone(),
                    place => format!("{place}.{name}"),
                };
                if name == key && at == depth {
                    return Some(format!(
                        "`{place}` is a key of a {model} (`model = \"{model}\"`)"
                    ));
                }
                if at < depth {
                    let inner = self.resolve(inner.get("items").unwrap_or(inner));
                    places.insert(0, (place, inner, at + 1));
                }
            }
        }
        None
    }

    /// The description of a key in the schema, as one line that begins in lower case.
    fn about(&self, schema: &'a Value) -> Option<String> {
        let text = schema
            .get("description")
            .or_else(|| self.resolve(schema).get("description"))?
            .as_str()?;
        let text = text.replace('\n', " ");
        let mut letters = text.trim_end_matches('.').chars();
        let first = letters.next()?;
        Some(first.to_lowercase().chain(letters).collect())
    }

    fn word(&self, text: &str, words: &[&str], path: &KeyPath) -> Result<(), Problem> {
        if words.contains(&text) {
            return Ok(());
        }
        let list: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        let list = list.join(", ");
        Err(
            Problem::value(path, format!("`{path}` is {}", quoted(text))).help(
                match nearest(text, words.iter().copied()) {
                    Some(name) => format!("did you mean \"{name}\"? allowed here: {list}"),
                    None => format!("allowed here: {list}"),
                },
            ),
        )
    }

    fn wrong_kind(&self, tree: &Tree, options: &[&'a Value], path: &KeyPath) -> Problem {
        let laws = options.len() > 4;
        let mut wanted: Vec<String> = Vec::new();
        for option in options {
            let words = words_of(option);
            if options.len() > 1 && !words.is_empty() {
                wanted.extend(words.iter().map(|word| format!("\"{word}\"")));
                continue;
            }
            for kind in kinds(option) {
                if kind == "string" && quantity_of(option).is_some() {
                    continue;
                }
                let word = match kind {
                    "integer" => "a whole number",
                    "number" => "a number",
                    "string" => "text in quotes",
                    "boolean" => "true or false",
                    "array" => "a list",
                    "object" if laws => "a law",
                    _ => "a table",
                };
                if !wanted.iter().any(|other| other == word) {
                    wanted.push(word.to_owned());
                }
            }
        }
        let found = describe(&tree.node);
        let message = format!("`{path}` is {found}, but must be {}", one_of(&wanted));
        let problem = Problem::value(path, message);
        match &tree.node {
            Node::Real(number) if wanted[0] == "a whole number" && !number.is_finite() => {
                problem.help(match path.0.last() {
                    Some(Segment::Key(key)) if key == "servers" => {
                        "write `\"unlimited\"` where nobody ever waits for a server"
                    }
                    _ => "leave the key out for no limit",
                })
            }
            Node::Real(number) if wanted[0] == "a whole number" && number.fract() == 0.0 => {
                problem.help(format!("write {number}, without a decimal point"))
            }
            Node::Text(text) if is_number_for(text, &wanted) => {
                problem.help(format!("write {}, without quotes", text.trim()))
            }
            Node::Text(text) if NO_LIMIT.contains(&text.to_lowercase().as_str()) => {
                let about = options.iter().find_map(|option| self.about(option));
                match about.is_some_and(|about| about.contains("if left out, no limit")) {
                    true => problem.help("leave the key out for no limit"),
                    false => problem,
                }
            }
            Node::Text(text) if laws => {
                let names: Vec<&str> = options
                    .iter()
                    .filter_map(|option| option.get("properties").and_then(Value::as_object))
                    .flat_map(|tags| tags.keys().map(String::as_str))
                    .collect();
                problem.help(format!(
                    "a law is a table such as `{{ exponential = {{ mean = 2.0 }} }}`; {}",
                    choices(text, &names)
                ))
            }
            Node::Whole(number) if laws => problem.help(format!(
                "for a value that is always the same write `{{ constant = {{ value = {number} }} }}`"
            )),
            Node::Real(number) if laws => problem.help(format!(
                "for a value that is always the same write `{{ constant = {{ value = {number} }} }}`"
            )),
            Node::Table(_) => match self.as_list(options, path) {
                Some(help) => problem.help(help),
                None => problem,
            },
            Node::Whole(_) | Node::Real(_) => match keys_of(options, &tree.node) {
                Some(help) => problem.help(help),
                None => problem,
            },
            _ => problem,
        }
    }

    /// The notation of a table as the entry of a list, if a list of tables is wanted.
    fn as_list(&self, options: &[&'a Value], path: &KeyPath) -> Option<String> {
        let items = options.iter().find_map(|option| option.get("items"))?;
        let is_table = kinds(self.resolve(items)).contains(&"object");
        let key = path.0.last().filter(|_| is_table)?;
        let Segment::Key(key) = key else {
            return None;
        };
        Some(match path.0.len() {
            1 => format!("each entry of the list begins with `[[{key}]]`"),
            _ => format!("write `{key} = [{{ ... }}]`"),
        })
    }
}

/// Texts in common use for "no limit".
const NO_LIMIT: [&str; 6] = [
    "unlimited",
    "infinite",
    "infinity",
    "inf",
    "none",
    "unbounded",
];

/// Whether a text is a number of a wanted kind.
fn is_number_for(text: &str, wanted: &[String]) -> bool {
    let text = text.trim();
    let is = |word: &str| wanted.iter().any(|one| one == word);
    let is_real = || text.parse::<f64>().is_ok_and(f64::is_finite);
    is("a whole number") && text.parse::<i64>().is_ok() || is("a number") && is_real()
}

/// The keys of the only wanted table, with this number under one of them if that is enough.
fn keys_of(options: &[&Value], number: &Node) -> Option<String> {
    let [only] = options else {
        return None;
    };
    let properties = only.get("properties")?.as_object()?;
    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
    let required = only.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_choice = only.get("maxProperties").and_then(Value::as_u64) == Some(1);
    let alone = match (required.as_slice(), is_choice) {
        ([one], _) => Some(*one),
        ([], true) => names.first().copied(),
        _ => None,
    };
    let number = match number {
        Node::Whole(number) => number.to_string(),
        Node::Real(number) => format!("{number:?}"),
        _ => return None,
    };
    let are = agreeing(names.len() as u64, "key is", "keys are");
    let keys = format!("its {are} {}", listed(&names));
    Some(match alone {
        Some(key) => format!("{keys}, as in `{{ {key} = {number} }}`"),
        None => keys,
    })
}

impl Tree {
    /// Whether this is of a kind that a schema names. A whole number is accepted as a float.
    fn is_a(&self, kind: &str) -> bool {
        matches!(
            (&self.node, kind),
            (Node::Table(_), "object")
                | (Node::List(_), "array")
                | (Node::Text(_), "string")
                | (Node::Whole(_), "integer" | "number")
                | (Node::Real(_), "number")
                | (Node::Truth(_), "boolean")
        )
    }
}

/// The quantity that a number measures, if a text with a unit may stand for it.
fn quantity_of(schema: &Value) -> Option<Quantity> {
    Quantity::of(schema.get("x-quantity")?.as_str()?)
}

fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A list of alternatives, with "or" before the last.
fn one_of(alternatives: &[String]) -> String {
    match alternatives {
        [first @ .., second, last] => [first, &[format!("{second} or {last}")]]
            .concat()
            .join(", "),
        one => one.concat(),
    }
}

/// Whether a text is one of those a schema allows; true if any text is allowed.
fn may_be(text: &str, schema: &Value) -> bool {
    let words = words_of(schema);
    words.is_empty() || words.contains(&text)
}

/// The texts a schema allows; empty if any text is allowed.
fn words_of(schema: &Value) -> Vec<&str> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(Value::String(word)), _) => vec![word],
        (_, Some(Value::Array(words))) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn length(found: usize, schema: &Value, path: &KeyPath) -> Result<(), Problem> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_u64);
    let entries = of_them(found as u64, "entry");
    if let Some(least) = limit("minItems").filter(|least| (found as u64) < *least) {
        let message = format!("`{path}` has {entries}, but must have at least {least}");
        return Err(Problem::value(path, message));
    }
    if let Some(most) = limit("maxItems").filter(|most| found as u64 > *most) {
        let message = format!("`{path}` has {entries}, but must have at most {most}");
        return Err(Problem::value(path, message));
    }
    Ok(())
}

fn range(number: f64, found: &str, schema: &Value, path: &KeyPath) -> Result<(), Problem> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let refuse = |allowed: String| {
        let message = format!("`{path}` is {found}, but must be {allowed}");
        Err(Problem::value(path, message))
    };
    if let Some(least) = limit("minimum").filter(|least| number < *least) {
        return refuse(format!("at least {least}"));
    }
    if let Some(bound) = limit("exclusiveMinimum").filter(|bound| number <= *bound) {
        return refuse(format!("above {bound}"));
    }
    if let Some(most) = limit("maximum").filter(|most| number > *most) {
        return refuse(format!("at most {most}"));
    }
    Ok(())
}

/// A name as found, in back quotes, cut if it is very long.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let clean = printable(text);
    if clean.chars().count() <= SHOWN {
        format!("`{clean}`")
    } else {
        let start: String = clean.chars().take(SHOWN).collect();
        format!("`{start}...`")
    }
}

fn describe(node: &Node) -> String {
    match node {
        Node::Table(_) => "a table".to_owned(),
        Node::List(_) => "a list".to_owned(),
        Node::Text(text) => format!("the text {}", quoted(text)),
        Node::Whole(number) => format!("the number {number}"),
        Node::Real(number) if number.is_nan() => "nan".to_owned(),
        Node::Real(number) if number.is_infinite() => format!("{number}"),
        Node::Real(number) => format!("the number {number:?}"),
        Node::Truth(truth) => format!("{truth}"),
        Node::Date(date) => format!("the date {date}"),
    }
}

/// The alternative that is a table of several keys, if it has all of these entries' keys.
fn table_of<'a>(entries: &[Entry], options: &[&'a Value]) -> Option<&'a Value> {
    let known = |option: &Value, key: &str| {
        option
            .get("properties")
            .is_some_and(|keys| keys.get(key).is_some())
    };
    let of_several = options
        .iter()
        .filter(|option| option.get("x-exactly-one").is_some());
    of_several
        .copied()
        .find(|option| entries.iter().any(|entry| known(option, &entry.key)))
}
