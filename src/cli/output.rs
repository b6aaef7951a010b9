//! stdout and stderr, and what they can show.

use super::text::Paper;
use super::{Failure, call};
use std::env;
use std::io::{self, IsTerminal, Write};

/// The most columns a line of results takes: more are hard to read.
pub(super) const WIDEST: usize = 100;

/// Lines are no narrower than this, on whatever terminal.
const NARROWEST: usize = 40;

/// Writes results to stdout, at once and to the end.
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

/// Writes a line to stderr; a closed stderr is no reason to fail.
pub(super) fn note(text: &str) {
    if !call::note(text) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// Writes a line to stderr that the next one replaces.
pub(super) fn prompt(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "\r{text}\x1b[K").and_then(|()| stderr.flush());
}

/// The contents of stdout.
pub(super) fn paper() -> Paper {
    Paper {
        unicode: unicode(),
        colour: colour(&io::stdout()),
        width: width(),
    }
}

/// The columns of stdout, at most [`WIDEST`]: as `COLUMNS` says, or the terminal; all of them in a pipe.
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

/// Whether the locale is one of UTF-8.
pub(super) fn unicode() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .is_some_and(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}
