//! The reference of the guide names everything there is: commands, options, measures, columns of tables.

use super::cli::told;
use super::guide::folder;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

fn page(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// The names in a page that are set as code, also those within a longer piece of code.
fn named(page: &str) -> BTreeSet<&str> {
    let pieces = page.split('`').skip(1).step_by(2);
    let words = pieces.flat_map(|piece| piece.split([' ', '.', ',', '[', '=']));
    words.collect()
}

/// The commands of the program, without `help`.
fn commands() -> Vec<String> {
    let (help, _, code) = told(&["--help"]);
    assert_eq!(code, 0);
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names = list.lines().filter_map(|line| {
        let line = line.strip_prefix("  ")?;
        line.split(' ').next().filter(|name| !name.is_empty())
    });
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_and_option_stands_in_the_guide() {
    let page = page("commands.md");
    let named = named(&page);
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in &commands {
        assert!(named.contains(command.as_str()), "{command}");
        let (help, _, _) = told(&[command, "--help"]);
        let words = help
            .lines()
            .flat_map(|line| line.trim_start().split([' ', ',']).take(3));
        for option in words.filter(|word| word.starts_with("--") && word.len() > 2) {
            assert!(
                named.contains(option) || option == "--help",
                "{command} {option}"
            );
        }
    }
}

/// Every key of a summary.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Object(inner) => {
            for (key, value) in inner {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_measure_of_a_run_is_defined_in_the_guide() {
    let page = page("measures.md");
    let named = named(&page);
    for scenario in [
        "clinic",
        "emergency-room",
        "desk",
        "call-day",
        "retry-storm",
        "hospital",
        "web-service",
        "gridlock",
    ] {
        let mut found = BTreeSet::new();
        let words = ["run", scenario, "--format", "json", "--quiet"];
        // The grid that blocks itself ends with 1, and has a summary all the same.
        keys(&serde_json::from_str(&told(&words).0).unwrap(), &mut found);
        for key in found {
            assert!(named.contains(key.as_str()), "{scenario}: {key}");
        }
    }
}

#[test]
fn every_table_of_a_run_and_its_columns_stand_in_the_guide() {
    let page = page("files.md");
    let named = named(&page);
    for scenario in ["clinic", "emergency-room", "desk", "call-day", "hospital"] {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let words = [
            "run",
            scenario,
            "--tables",
            "csv",
            "--quiet",
            "--out",
            out.to_str().unwrap(),
        ];
        assert_eq!(told(&words).2, 0, "{scenario}");
        for entry in fs::read_dir(&out).unwrap() {
            let path = entry.unwrap().path();
            let table = path.file_stem().unwrap().to_str().unwrap();
            if path.extension().is_none_or(|kind| kind != "csv") {
                continue;
            }
            assert!(named.contains(table), "{scenario}: {table}");
            let text = fs::read_to_string(&path).unwrap();
            for column in text.lines().next().unwrap().split(',') {
                let column = column.strip_suffix("_clock").unwrap_or(column);
                let told_as_levels = table == "levels" || table == "intervals" || table == "faults";
                assert!(
                    told_as_levels || named.contains(column),
                    "{scenario}: {table}: {column}"
                );
            }
        }
    }
}
