//! The findings of a run, of replications, of a grid, of a comparison, of a search for a setting or of a race
//! of orders, in words.
//!
//! The answer is worded only here: the terminal, the JSON documents, the report and the web page show its sentences
//! unchanged. It answers for the measure that was asked for, says how sure that is, calls a tie a tie, and names
//! what was not settled.

mod cards;
mod comparison;
mod finding;
mod line;
mod measure;
mod orders;
mod replications;
mod run;
mod setting;
mod sweep;

pub use cards::{About, Card, desk_cards, line_cards};
pub use comparison::comparison;
pub use finding::{finding, named as setting};
pub use measure::{Measure, possible, possible_interval};
pub use orders::{named, orders};
pub use replications::{Asked, replications};
pub use run::run;
pub use sweep::{named as cell, sweep};

use crate::number::count;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The key of the measure asked for; `None` for a single run, which answers for all its main measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The answer in a sentence.
    pub headline: String,
    /// The sureness, in a sentence; `None` if nothing is known about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sureness: Option<String>,
    /// The confidence of the intervals and of `sureness`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Orders or settings that cannot be told from the best one.
    pub ties: Vec<String>,
    /// Further findings, in sentences.
    pub notes: Vec<String>,
    /// Questions that are not settled, and what to do about them, in sentences.
    pub unsettled: Vec<String>,
}

impl Answer {
    /// The headline and how sure it is.
    #[must_use]
    pub fn text(&self) -> String {
        let sureness = self.sureness.iter().map(String::as_str);
        let sentences: Vec<&str> = [self.headline.as_str()]
            .into_iter()
            .chain(sureness)
            .collect();
        sentences.join(" ")
    }

    /// This answer, followed by another of the same study.
    #[must_use]
    pub fn and(mut self, other: Answer) -> Answer {
        self.notes.push(other.text());
        self.notes.extend(other.notes);
        for sentence in other.unsettled {
            if !self.unsettled.contains(&sentence) {
                self.unsettled.push(sentence);
            }
        }
        self
    }
}

/// The sentence in place of a confidence if all replications are the same run.
fn one_run(replications: &str) -> String {
    format!(
        "All {replications} are one and the same run: where nothing is left to chance, one run is the answer."
    )
}

/// The number of runs of a network that ended because its stations blocked each other, if any did; `of` says out of
/// how many, and `all` is that number.
fn ended_in_a_deadlock(blocked: u64, of: &str, all: u64) -> Option<String> {
    let ended = match (blocked, all) {
        (0, _) => return None,
        (_, 1) => "it ended".to_owned(),
        (1, _) => "that one ended".to_owned(),
        _ => "those ended".to_owned(),
    };
    Some(format!(
        "The network blocked itself in {} {of}: {ended} there, in a deadlock.",
        count(blocked)
    ))
}

/// Joins names or clauses, with "and" before the last.
#[must_use]
pub fn listed<S: Borrow<str>>(parts: &[S]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.borrow().to_owned(),
        [first @ .., last] => format!("{} and {}", first.join(", "), last.borrow()),
    }
}

/// The text with its first letter capitalised.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
