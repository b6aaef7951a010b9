//! The README shows what the program prints, and its scenario is the one that is shipped.

use super::cli::told;
use std::fs;

fn file(name: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

/// A summary without how long it took, which is never the same.
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
