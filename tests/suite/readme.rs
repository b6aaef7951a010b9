//! The README shows the program's output, and its scenario is the shipped one.

use super::cli::told;
use std::fs;

fn file(name: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

/// A summary without its elapsed time, which always differs.
fn timeless(text: &str) -> String {
    let (title, rest) = text.split_once('\n').unwrap();
    let (title, _took) = title.rsplit_once(" · ").unwrap();
    format!("{title}\n{rest}")
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let clinic = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/clinic.toml");
    for words in [&["run", "--quiet"][..], &["run", clinic, "--quiet"]] {
        let text = timeless(&told(words).0);
        assert!(
            file("README.md").contains(&text),
            "the README should show\n{text}"
        );
    }
}

#[test]
fn the_scenario_of_the_readme_is_the_one_that_is_shipped() {
    let clinic = file("scenarios/clinic.toml");
    let (_, scenario) = clinic.split_once("\n\n").unwrap();
    assert!(file("README.md").contains(scenario.trim_end()));
}
