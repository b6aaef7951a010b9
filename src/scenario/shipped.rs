//! The scenarios that come with the program, and their names on the command line.
//!
//! Each is the text of a file in `scenarios/`. None reads a file beside it, so each can be run, or written
//! anywhere, on its own.

use super::ScenarioError;
use super::error::{listed, nearest};
use crate::problem::printable;
use std::io::ErrorKind;
use std::path::{Component, Path};

/// A scenario that comes with the program.
#[derive(Debug)]
pub struct Shipped {
    /// Its name, as in `filas run clinic`.
    pub name: &'static str,
    /// The file's name, for errors.
    pub shown: &'static str,
    /// The scenario file.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal)*) => {
        /// The scenarios that come with the program, in the order in which a newcomer should see them.
        pub const SHIPPED: &[Shipped] = &[$(Shipped {
            name: $name,
            shown: concat!("shipped/", $name, ".toml"),
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        }),*];
    };
}

shipped! {
    "desk" "clinic" "call-centre" "call-day" "emergency-room" "bakery" "machining" "failover" "failover-drill"
    "restarts" "retry-storm" "buffers" "two-stage"
    "inference" "job-shop" "hospital" "web-service" "repair-shop" "gridlock"
    "original-desk" "original-line"
}

impl Shipped {
    /// The scenario that runs if none is named.
    #[must_use]
    pub fn usual() -> &'static Shipped {
        &SHIPPED[0]
    }

    /// The scenario with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Shipped> {
        SHIPPED.iter().find(|shipped| shipped.name == name)
    }

    /// The name of the file it is written to unless another is given.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.toml", self.name)
    }

    /// The question in its first comment.
    #[must_use]
    pub fn question(&self) -> String {
        question(self.text)
    }

    /// The name of its model.
    #[must_use]
    pub fn model(&self) -> &'static str {
        model(self.text).unwrap_or_default()
    }

    /// The shipped scenario that a word on the command line names, or `None` if it names a file. Only a single word
    /// can name one, and a file of that name takes precedence.
    ///
    /// # Errors
    /// If the word is neither, with the nearest names.
    pub fn or_file(word: &Path) -> Result<Option<&'static Shipped>, ScenarioError> {
        let shipped = single_word(word).and_then(Shipped::named);
        match std::fs::metadata(word) {
            // A folder is not a scenario, but may have the name of one, as a results folder does.
            Ok(about) if !about.is_dir() => Ok(None),
            Ok(_) => Ok(shipped),
            Err(error) if error.kind() == ErrorKind::NotFound && !is_link(word) => {
                shipped.map(Some).ok_or_else(|| neither(word))
            }
            Err(_) => Ok(None),
        }
    }
}

/// The question in a scenario's first comment.
#[must_use]
pub fn question(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix('#').unwrap_or_default();
    first.trim().chars().take(200).collect()
}

/// The model that a text names, even where the text is not valid TOML.
#[must_use]
pub fn model(text: &str) -> Option<&'static str> {
    let line = text.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix("model")?;
        Some(rest.trim_start().strip_prefix('=')?.trim())
    })?;
    ["tandem", "network", "desk"].into_iter().find(|model| {
        let rest = line.strip_prefix(['"', '\'']).unwrap_or(line);
        rest.starts_with(model)
    })
}

/// The text of a path that is one name without a folder.
fn single_word(path: &Path) -> Option<&str> {
    let mut components = path.components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(name)), None) => name.to_str(),
        _ => None,
    }
}

/// Whether the path is a link. A broken link is a file to be reported, not a name.
fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|shipped| shipped.name)
}

/// The error of a word that names neither a file nor a shipped scenario.
fn neither(word: &Path) -> ScenarioError {
    let shown = printable(&word.display().to_string());
    let message = format!("there is no file `{shown}`, and no shipped scenario of that name");
    let folder = word.parent().unwrap_or(Path::new(""));
    let name = word.file_name().unwrap_or_default().to_string_lossy();
    let mut known = files_in(folder);
    if single_word(word).is_some() {
        known.extend(names().map(str::to_owned));
    }
    let near = nearest(&name, known.iter().map(String::as_str));
    let near = near.map(|near| folder.join(near).display().to_string());
    ScenarioError::new(message, Some(suggestion(near.as_deref())))
}

fn suggestion(near: Option<&str>) -> String {
    let names: Vec<&str> = names().collect();
    let all = format!(
        "shipped are {}; `filas new` says what each is about",
        listed(&names)
    );
    match near {
        Some(near) => format!("did you mean `{}`? {all}", printable(near)),
        None => all,
    }
}

/// The names of the scenario files in a folder, in order; only some for a large folder.
fn files_in(folder: &Path) -> Vec<String> {
    const LOOKED_MAX: usize = 1000;
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries
        .take(LOOKED_MAX)
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    names.sort();
    names
}
