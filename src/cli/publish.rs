//! The command line of this process, and what a command leaves in its results folder.

pub(super) use crate::report::publish::{Leaving, inputs, publish};

/// The command line of this process, fit for a shell.
pub(super) fn command() -> String {
    let mut words = std::env::args_os();
    words.next();
    let words = words.map(|word| quoted(&word.to_string_lossy()));
    std::iter::once("filas".to_owned())
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
