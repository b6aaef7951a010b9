//! An error in a file is reported with its place, the allowed values and the nearest name.
//!
//! The table is `wrong_scenarios.txt`: each case changes one text of a sound scenario into another,
//! followed by the whole message the user then sees. After messages change, write the table again
//! with `FILAS_WRITE_TABLE=1 cargo test --test suite wrong`, and read it.

use filas::scenario::{Origin, Overrides, load, schema};

const TABLE: &str = include_str!("wrong_scenarios.txt");

/// A sound scenario of each model; in file order the cases refer to them by these names.
const SOUND: [(&str, &str); 2] = [
    ("tandem", include_str!("sound_tandem.toml")),
    ("desk", include_str!("sound_desk.toml")),
];

fn sound(model: &str) -> &'static str {
    let found = SOUND.iter().find(|(name, _)| *name == model);
    found
        .unwrap_or_else(|| panic!("no sound scenario `{model}`"))
        .1
}

/// The message the user sees after `old` has become `new` in a sound scenario.
fn message(header: &str) -> String {
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
    match load(origin, &Overrides::default()) {
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
