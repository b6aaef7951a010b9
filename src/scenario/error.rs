//! Errors in a scenario, with their positions.
//!
//! A check states a [`Problem`] by the path of the key concerned. Its position is found later: in the file, with
//! line and column and the line itself, or at the option that set the value.

use super::set::Setting;
use super::tree::Tree;
use crate::problem::{Place, Problem, Whereabouts, printable};

/// The reason why a scenario was refused: what was found, what is allowed, and where.
///
/// Displayed as one line, in lower case and without a full stop. [`ScenarioError::plain`] gives the full text, with
/// the line of the file.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct ScenarioError(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    message: String,
    help: Option<String>,
    place: Option<Place>,
    key: Option<String>,
}

impl ScenarioError {
    pub(super) fn new(message: impl Into<String>, help: Option<String>) -> ScenarioError {
        ScenarioError(Box::new(Inner {
            message: message.into(),
            help,
            place: None,
            key: None,
        }))
    }

    pub(super) fn at(mut self, place: Place) -> ScenarioError {
        self.0.place = Some(place);
        self
    }

    /// Its position, unless it concerns the file as a whole.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// The dotted key it concerns, such as `stages.0.servers`, if any.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The remedy: the names or values allowed, and the nearest name, if known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The whole error as plain text of several lines: position and message, the line with a mark under it, the
    /// remedy.
    #[must_use]
    pub fn plain(&self) -> String {
        self.painted(|_, text| text.to_owned())
    }

    /// The text of [`ScenarioError::plain`], with each part formatted by `paint`.
    #[must_use]
    pub fn painted(&self, paint: impl Fn(Part, &str) -> String) -> String {
        let mut text = String::new();
        if let Some(place) = self.place() {
            text += &paint(Part::Place, &format!("{place}: "));
        }
        text += &paint(Part::Message, &self.0.message);
        if let Some(place) = self.place().filter(|place| !place.is_option()) {
            let number = place.line.to_string();
            let gap = " ".repeat(number.len());
            let indent = " ".repeat(place.before);
            let mark = paint(Part::Mark, &"^".repeat(place.width));
            let [numbered, blank] =
                [&number, &gap].map(|at| paint(Part::Margin, &format!(" {at} | ")));
            text += &format!("\n{numbered}{}\n{blank}{indent}{mark}", place.text);
        }
        if let Some(help) = self.remedy() {
            text += &format!("\n {}{help}", paint(Part::Margin, "= help: "));
        }
        text
    }
}

/// The parts of a displayed error, each of which may have its own style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The place.
    Place,
    /// The finding.
    Message,
    /// The margin beside the line and before the remedy.
    Margin,
    /// The mark under the part of the line concerned.
    Mark,
}

/// The document as it was read and the changes made to it by options.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    pub(super) file: &'a Tree,
    pub(super) settings: &'a [Setting],
}

impl Source<'_> {
    /// Adds the position of a problem: at an option that set the value, otherwise in the file as it was read.
    pub(super) fn place(&self, problem: Problem) -> ScenarioError {
        let mut error = ScenarioError::new(problem.message, problem.help);
        let (path, on, others) = match problem.whereabouts {
            Whereabouts::Elsewhere(place) => return error.at(*place),
            Whereabouts::Document { path, on, others } => (path, on, others),
        };
        error.0.key = Some(path.to_string());
        let set = std::iter::once(&path).chain(&others).find_map(|path| {
            let covers = |setting: &&Setting| {
                setting.path.covers(path) || (path.covers(&setting.path) && !self.file.has(path))
            };
            self.settings.iter().rev().find(covers)
        });
        error.at(match set {
            Some(setting) => setting.place(),
            None => Place::in_text(self.name, self.text, &self.file.locate(&path, on)),
        })
    }
}

/// Names in common use, and the corresponding names here.
const ALSO_CALLED: [(&str, &str); 8] = [
    ("capacity", "buffer"),
    ("line", "tandem"),
    ("places", "buffer"),
    ("queue", "buffer"),
    ("stages", "stations"),
    ("station", "stage"),
    ("stations", "stages"),
    ("std", "sd"),
];

/// The name in `allowed` nearest to what was found, if any is near: by its letters, otherwise by its meaning.
pub(super) fn nearest<'a>(
    found: &str,
    allowed: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    nearest_letters(found, allowed.clone()).or_else(|| {
        let mut called = ALSO_CALLED.iter().filter(|(name, _)| *name == found);
        called.find_map(|(_, called)| allowed.clone().into_iter().find(|name| name == called))
    })
}

fn nearest_letters<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = found.to_lowercase();
    let near = |name: &str| {
        let name = name.to_lowercase();
        let distance = strsim::damerau_levenshtein(&folded, &name);
        let prefix = folded.len() >= 3 && (name.starts_with(&folded) || folded.starts_with(&name));
        let limit = name.chars().count().max(folded.chars().count()) / 3;
        (distance <= limit || prefix).then_some(distance)
    };
    allowed
        .into_iter()
        .filter_map(|name| near(name).map(|distance| (distance, name)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A help text with the nearest name and the list of all names allowed.
pub(crate) fn choices(found: &str, allowed: &[&str]) -> String {
    let list = listed(allowed);
    match nearest(found, allowed.iter().copied()) {
        Some(name) => format!("did you mean `{name}`? allowed here: {list}"),
        None => format!("allowed here: {list}"),
    }
}

/// Names in back quotes, separated by commas; a long list is cut.
pub(super) fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 40;
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let mut list = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{}`", printable(name)))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        list += &format!(" and {} more", names.len() - SHOWN);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let names = ["exponential", "erlang", "rate"];
        assert_eq!(nearest("expnential", names), Some("exponential"));
        assert_eq!(nearest("EXP", names), Some("exponential"));
        assert_eq!(nearest("rat", names), Some("rate"));
        assert_eq!(nearest("zebra", names), None);
        assert_eq!(nearest("B", ["A", "b"]), Some("b"));
        assert_eq!(nearest("D", ["A", "b"]), None);
        assert_eq!(nearest("line", ["tandem", "desk"]), Some("tandem"));
        // Neither of them means the other.
        assert_eq!(nearest("cv", ["mean", "sd"]), None);
    }
}
