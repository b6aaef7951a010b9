//! stdout and stderr, and their abilities.

use super::text::{Paper, wrapped};
use super::{Failure, call};
use crate::observe::log::COMMAND;
use serde_json::json;
use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// The most columns in a line of results: longer lines are hard to read.
pub(super) const WIDEST: usize = 100;

/// The fewest columns in a line, on any terminal.
const NARROWEST: usize = 40;

/// Writes results to stdout, without delay and in full.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    if call::print(text) {
        return Ok(());
    }
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::Stdout)
}

/// Whether every line of stderr is a JSON object, like those of the log.
static JSON: AtomicBool = AtomicBool::new(false);

/// Makes every line of stderr a JSON object from here on, if the command line asks for such a log without a file.
pub(super) fn as_asked(words: &[OsString]) {
    let is_json = words
        .windows(2)
        .any(|pair| pair[0] == "--log-format" && pair[1] == "json")
        || words.iter().any(|word| word == "--log-format=json");
    let is_file = |word: &OsString| {
        let word = word.to_string_lossy();
        word == "--log-file" || word.starts_with("--log-file=")
    };
    let is_in_file = words.iter().any(is_file);
    JSON.store(is_json && !is_in_file, Ordering::Relaxed);
}

/// Whether every line of stderr is a JSON object.
pub(super) fn is_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// Whether stderr is a terminal on which text is wanted.
pub(super) fn is_for_people() -> bool {
    io::stderr().is_terminal() && !is_json()
}

/// Writes a line to stderr; a closed stderr is no error.
pub(super) fn note(text: &str) {
    said("INFO", "", text);
}

/// Writes a warning to stderr.
pub(super) fn warn(text: &str) {
    said("WARN", "warning: ", text);
}

/// Writes an error to stderr.
pub(super) fn error(text: &str) {
    said("ERROR", "error: ", text);
}

fn said(level: &str, head: &str, text: &str) {
    let whole = format!("{head}{text}");
    if call::note(&whole) {
        return;
    }
    let text = if is_json() {
        json!({ "level": level, "message": text, "target": COMMAND }).to_string()
    } else if level == "WARN" && io::stderr().is_terminal() {
        let size = ratatui::crossterm::terminal::size();
        let columns = size.map_or(WIDEST, |(columns, _)| columns.into());
        wrapped(&whole, columns.clamp(NARROWEST, WIDEST)).join("\n")
    } else {
        whole
    };
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a line to stderr that the next one replaces.
pub(super) fn prompt(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "\r{text}\x1b[K").and_then(|()| stderr.flush());
}

/// The properties of stdout.
pub(super) fn paper() -> Paper {
    Paper {
        unicode: unicode(),
        colour: colour(&io::stdout()),
        width: width(),
    }
}

/// The width of stdout in columns, at most [`WIDEST`]: as in `COLUMNS`, or that of the terminal; the maximum in a pipe.
fn width() -> usize {
    let stated = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let shown = || {
        let is_terminal = io::stdout().is_terminal();
        let size = is_terminal.then(|| ratatui::crossterm::terminal::size().ok());
        size.flatten().map(|(columns, _)| usize::from(columns))
    };
    let columns = stated.or_else(shown).unwrap_or(WIDEST);
    columns.clamp(NARROWEST, WIDEST)
}

/// Whether a stream shows colour: only a terminal does, and only if `NO_COLOR` is not set.
pub(super) fn colour(stream: &impl IsTerminal) -> bool {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
    stream.is_terminal() && !refused && !dumb && !call::is_on()
}

/// Whether the locale uses UTF-8.
pub(super) fn unicode() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .is_some_and(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}
