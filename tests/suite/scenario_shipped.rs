//! Every shipped scenario loads, its normalised form is the same scenario, and its estimated cost
//! is right.

use super::cli::told;
use filas::scenario::{Loaded, Origin, Overrides, load, normalised};
use std::path::{Path, PathBuf};

pub(crate) fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(folder).expect("the folder of scenarios is there");
    let paths = entries.map(|entry| entry.expect("an entry is readable").path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 10, "too few scenarios: {paths:?}");
    paths
}

pub(crate) fn loaded(path: &Path) -> Loaded {
    match load(Origin::File(path), &Overrides::default()) {
        Ok(loaded) => loaded,
        Err(error) => panic!("{}", error.plain()),
    }
}

#[test]
fn every_shipped_scenario_opens_with_its_question_and_the_command_to_run_it() {
    for path in shipped() {
        let text = loaded(&path).text;
        let header: Vec<&str> = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .collect();
        assert!(header[0].ends_with('?'), "{path:?} opens with no question");
        assert!(
            header.iter().any(|line| line.starts_with("#   filas run")),
            "{path:?} does not say how to run it"
        );
    }
}

#[test]
fn a_shipped_scenario_bears_the_name_of_its_file() {
    for path in shipped() {
        let scenario = loaded(&path).scenario;
        let name = scenario.name();
        let stem = path
            .file_stem()
            .expect("a file has a name")
            .to_string_lossy();
        assert!(
            name == stem || (stem == "desk" && name == "atendimento"),
            "{name} in {path:?}"
        );
    }
}

#[test]
fn the_normalised_form_of_every_shipped_scenario_loads_to_the_same_scenario() {
    for path in shipped() {
        let first = loaded(&path);
        let text = normalised(&first.scenario);
        assert_eq!(text, first.normalised(), "{path:?} names no files");
        let origin = Origin::Embedded {
            name: "normalised",
            text: &text,
        };
        let second = load(origin, &Overrides::default());
        let second = second.unwrap_or_else(|error| panic!("{}\n{text}", error.plain()));
        assert_eq!(first.scenario, second.scenario, "{path:?}");
    }
}

#[test]
fn every_shipped_scenario_is_expected_to_finish_in_about_a_second() {
    for path in shipped() {
        let cost = filas::scenario::estimate(&loaded(&path).scenario);
        assert!(cost.seconds < 1.5, "{path:?} would take {cost:?}");
    }
}

#[test]
fn the_threads_that_are_shown_are_the_nodes_of_the_graph() {
    for path in shipped() {
        let file = path.to_str().expect("a path is text");
        let graph = told(&["check", file, "--graph"]).0;
        let nodes = graph.matches(" [label=").count();
        let shown = told(&["check", file, "--format", "json"]).0;
        let shown: serde_json::Value = serde_json::from_str(&shown).expect("it is JSON");
        assert_eq!(shown["estimate"]["threads"], nodes, "{file}");
    }
}
