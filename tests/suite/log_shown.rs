//! The log as people and programs get it: ASCII where the locale knows no more, JSON on every line where JSON is
//! asked for, a warning where it is empty, and steps that are shown where a run is paced.

use super::cli::filas;
use serde_json::Value;

/// Standard error of a command, and its exit code.
fn stderr(words: &[&str], locale: &str) -> (String, Option<i32>) {
    let mut command = filas(words);
    let output = command.env("LC_ALL", locale).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    (text, output.status.code())
}

#[test]
fn a_log_is_ascii_where_the_locale_knows_no_more_and_a_file_is_the_same_everywhere() {
    let place = tempfile::tempdir().unwrap();
    let files = ["C", "C.UTF-8"].map(|locale| {
        let file = place.path().join(locale);
        let words = [
            "run",
            "--log",
            "debug",
            "--log-file",
            file.to_str().unwrap(),
        ];
        stderr(&words, locale);
        std::fs::read_to_string(file).unwrap()
    });
    assert_eq!(files[0], files[1]);
    for format in ["pretty", "compact"] {
        let words = ["run", "--log", "trace", "--log-format", format];
        let [(ascii, _), (unicode, _)] = ["C", "C.UTF-8"].map(|locale| stderr(&words, locale));
        assert!(ascii.is_ascii(), "{format}");
        assert!(!unicode.is_ascii(), "{format}");
        assert_eq!(ascii.chars().count(), unicode.chars().count());
        let differs = |(one, other): &(char, char)| one != other;
        let signs: std::collections::BTreeSet<(char, char)> =
            unicode.chars().zip(ascii.chars()).filter(differs).collect();
        let stand_ins: std::collections::BTreeSet<char> =
            signs.iter().map(|(_, ascii)| *ascii).collect();
        assert_eq!(signs.len(), stand_ins.len(), "one for each: {signs:?}");
        assert!(signs.len() > 4, "{signs:?}");
    }
}

#[test]
fn every_line_of_a_json_log_is_json_warnings_hints_and_errors_included() {
    let level = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(line["message"].is_string(), "{line}");
        line["level"].as_str().unwrap().to_owned()
    };
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let out = ["--out", out.to_str().unwrap(), "--report"];
    let log = ["--log", "info", "--log-format", "json"];
    let (text, code) = stderr(&[&["run"], &log[..], &out[..]].concat(), "C.UTF-8");
    let levels: Vec<String> = text.lines().map(level).collect();
    assert_eq!(code, Some(0));
    assert!(levels.iter().any(|level| level == "WARN"), "{text}");
    assert!(text.contains("report.html"), "{text}");
    for wrong in [
        &["run", "nowhere.toml", "--log-format=json"][..],
        &["run", "--log-format", "json", "--set", "steps=-1"],
        &["run", "--log-format", "json", "--colour"],
        &["replicate", "clinic", "--log-format", "json", "-n", "0"],
    ] {
        let (text, code) = stderr(wrong, "C.UTF-8");
        assert_eq!(code, Some(2), "{text}");
        let levels: Vec<String> = text.lines().map(level).collect();
        assert_eq!(levels.last().map(String::as_str), Some("ERROR"), "{text}");
    }
}

#[test]
fn a_log_that_is_empty_says_so() {
    for filter in ["info", "customer=999999999"] {
        let (text, code) = stderr(&["run", "clinic", "--log", filter], "C.UTF-8");
        assert_eq!(code, Some(0));
        let wanted = format!("no event of this run matches `--log {filter}`");
        assert!(text.contains(&wanted), "{text}");
        assert!(text.contains("debug and trace"), "{text}");
    }
    for words in [
        &["run", "clinic", "--log", "off"][..],
        &["run", "clinic", "--log", "info", "--quiet"],
    ] {
        assert_eq!(stderr(words, "C.UTF-8").0, "");
    }
}

#[test]
fn a_paced_run_shows_its_steps_without_being_asked_for_a_log() {
    let (text, _) = stderr(&["run", "--pace", "100000"], "C.UTF-8");
    let steps = text.lines().filter(|line| line.contains(" coordinator "));
    let steps: Vec<&str> = steps.collect();
    assert_eq!(steps.len(), 100, "{text}");
    // A line names no loss that did not happen, and fits in 80 columns.
    assert!(steps.iter().all(|line| !line.contains(" 0 rejected")));
    assert!(steps.iter().any(|line| line.contains(" rejected")));
    assert!(steps.iter().all(|line| line.chars().count() <= 80));
    let customers = "horizon.customers=600";
    let line = ["run", "clinic", "--set", customers, "--pace", "1e8"];
    let (text, _) = stderr(&line, "C.UTF-8");
    assert!(text.contains("▶ #600 "), "{text}");
    assert_eq!(stderr(&["run", "--pace", "1e6", "-q"], "C.UTF-8").0, "");
}
