//! An error in a file is reported with its place, the allowed values and the nearest name.
//!
//! The table is `wrong_scenarios.txt`: each case changes one text of a sound scenario into another,
//! followed by the whole message the user then sees. After messages change, write the table again
//! with `FILAS_WRITE_TABLE=1 cargo test --test suite wrong`, and read it.

use filas::scenario::{Loaded, Origin, Overrides, ScenarioError, load, schema};
use serde_json::Value;
use std::fs;
use std::path::Path;

const TABLE: &str = include_str!("wrong_scenarios.txt");

/// A sound scenario of each model, and a line of people and machines; in file order the cases refer to them by these names.
const SOUND: [(&str, &str); 4] = [
    ("tandem", include_str!("sound_tandem.toml")),
    ("people", include_str!("sound_people.toml")),
    ("network", include_str!("sound_network.toml")),
    ("desk", include_str!("sound_desk.toml")),
];

fn sound(model: &str) -> &'static str {
    let found = SOUND.iter().find(|(name, _)| *name == model);
    found
        .unwrap_or_else(|| panic!("no sound scenario `{model}`"))
        .1
}

/// The outcome of loading a sound scenario in which `old` has become `new`.
fn load_case(header: &str) -> Result<Loaded, ScenarioError> {
    let parts = header.split_once(": ").zip(header.split_once(" => "));
    let Some(((model, _), (_, new))) = parts else {
        panic!("not a case: {header}");
    };
    let old = &header[model.len() + 2..header.len() - new.len() - " => ".len()];
    let (old, new) = (old.replace("\\n", "\n"), new.replace("\\n", "\n"));
    let text = sound(model);
    assert!(text.contains(&old), "`{old}` is not in the sound {model}");
    let text = text.replacen(&old, &new, 1);
    let origin = Origin::Embedded {
        name: "x.toml",
        text: &text,
    };
    load(origin, &Overrides::default())
}

/// The message the user sees of a case.
fn message(header: &str) -> String {
    match load_case(header) {
        Ok(_) => format!("{header}\nno error\n"),
        Err(error) => {
            let plain = error.plain().replace(&every_law(), "(every law)");
            format!("{header}\n{plain}\n")
        }
    }
}

/// The names of all laws as a message lists them, which the table leaves out.
fn every_law() -> String {
    let schema = schema();
    let laws = schema["$defs"]["Law"]["oneOf"].as_array();
    let laws = laws.expect("a law is one of several").iter();
    let names: Vec<String> = laws
        .map(|law| format!("`{}`", law["required"][0].as_str().expect("its name")))
        .collect();
    names.join(", ")
}

#[test]
fn the_sound_scenarios_are_sound() {
    for (name, text) in SOUND {
        if let Err(error) = load(Origin::Embedded { name, text }, &Overrides::default()) {
            panic!("{}", error.plain());
        }
    }
}

#[test]
fn every_wrong_file_is_refused_in_these_words() {
    let cases = TABLE.split("### ").skip(1);
    if std::env::var_os("FILAS_WRITE_TABLE").is_some() {
        let messages = cases.map(|case| message(case.lines().next().unwrap_or_default()));
        let table: String = messages.map(|message| format!("### {message}\n")).collect();
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/suite/wrong_scenarios.txt"
        );
        std::fs::write(path, table).expect("the table can be written");
        return;
    }
    let mut checked = 0;
    for case in cases {
        let header = case.lines().next().unwrap_or_default();
        assert_eq!(case.trim_end(), message(header).trim_end());
        checked += 1;
    }
    assert!(checked > 90, "only {checked} cases were found");
}

#[test]
fn every_message_is_one_line_in_lower_case_without_a_full_stop() {
    for case in TABLE.split("### ").skip(1) {
        let message = case.lines().nth(1).unwrap_or_default();
        let message = message
            .split_once(": ")
            .map_or(message, |(_, message)| message);
        assert!(!message.ends_with('.'), "{message}");
        assert!(!message.starts_with(char::is_uppercase), "{message}");
    }
}

/// The schemas a value may have: references followed, alternatives laid open.
fn alternatives<'a>(schema: &'a Value, whole: &'a Value) -> Vec<&'a Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = whole.pointer(reference.trim_start_matches('#'));
        return alternatives(found.expect("a reference leads somewhere"), whole);
    }
    match schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        Some(options) => {
            let options = options.iter();
            options.flat_map(|one| alternatives(one, whole)).collect()
        }
        None => vec![schema],
    }
}

/// Whether a dotted path leads to something that a scenario may have.
fn is_in(path: &str, schema: &Value) -> bool {
    let mut here = alternatives(schema, schema);
    for step in path.split('.') {
        let inside = here.iter().map(|one| match step.parse::<usize>() {
            Ok(_) => &one["items"],
            // A table may have keys of its own, as that of skills has.
            Err(_) if !one["properties"][step].is_null() => &one["properties"][step],
            Err(_) => &one["additionalProperties"],
        });
        let found = inside.filter(|found| found.is_object());
        here = found
            .flat_map(|found| alternatives(found, schema))
            .collect();
    }
    !here.is_empty()
}

#[test]
fn every_place_an_error_names_is_one_that_a_scenario_may_have() {
    let schema = schema();
    assert!(is_in("classes.0.service.mixture.of.2.gamma.cv", &schema));
    assert!(!is_in("classes.0.servce", &schema));
    let mut checked = 0;
    for case in TABLE.split("### ").skip(1) {
        let header = case.lines().next().unwrap_or_default();
        let Err(error) = load_case(header) else {
            continue;
        };
        // A key that is not known is named as it was found.
        let unknown = error.to_string().starts_with("unknown");
        if let Some(key) = error.key().filter(|key| !key.is_empty() && !unknown) {
            assert!(is_in(key, &schema), "`{key}` in: {header}");
            checked += 1;
        }
    }
    assert!(checked > 80, "only {checked} keys were found");
}

#[test]
fn every_key_that_a_check_spells_is_one_of_the_schema() {
    let schema = schema();
    let mut known = std::collections::BTreeSet::new();
    let mut pending = vec![&schema];
    while let Some(value) = pending.pop() {
        match value {
            Value::Object(entries) => {
                if let Some(properties) = value["properties"].as_object() {
                    known.extend(properties.keys().map(String::as_str));
                }
                pending.extend(entries.values());
            }
            Value::Array(values) => pending.extend(values),
            _ => {}
        }
    }
    let mut spelt = 0;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in ["scenario", "random/laws"] {
        for file in fs::read_dir(root.join(folder)).unwrap() {
            let file = file.unwrap().path();
            let Some(text) = fs::read_to_string(&file).ok() else {
                continue;
            };
            let keys = text.split(".key(\"").skip(1).chain(
                text.split("KeyPath::to(&[\"")
                    .skip(1)
                    .flat_map(|rest| rest.split("])").next().unwrap_or_default().split(", \"")),
            );
            for key in keys {
                let key = key.split('"').next().unwrap_or_default();
                assert!(known.contains(key), "`{key}` in {}", file.display());
                spelt += 1;
            }
        }
    }
    assert!(spelt > 60, "only {spelt} keys were found");
}
