//! The life of one request or customer: its events and their reasons, from a run that is repeated with one observer.
//! The tables do not contain the requests ahead of it and the activity of each server meanwhile.

mod choice;
mod desk;
mod line;
mod people;

pub use choice::{Choice, Chosen, choose};
pub use desk::{RequestLife, explain_request};
pub use line::{CustomerLife, explain_customer};

use crate::scenario::Start;
use crate::study::answer::listed;
use serde::Serialize;

/// An event in a life, or a wait.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chapter<T> {
    /// Start: a step or a time.
    pub from: T,
    /// End; equal to `from` for an event of no duration.
    pub until: T,
    /// The times of day of both, if the scenario gives its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<[String; 2]>,
    /// A short name of the event, for programs.
    pub event: &'static str,
    /// A sentence that describes the event.
    pub text: String,
    /// For a wait: the requests or customers ahead, nearest to service first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ahead: Vec<u64>,
    /// For a wait: the reasons why servers that could have taken it did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

impl<T: Copy> Chapter<T> {
    /// Adds the times of day.
    fn by(self, start: Option<Start>, time: impl Fn(T) -> f64) -> Chapter<T> {
        let clock = start.map(|start| [self.from, self.until].map(|at| start.at(time(at))));
        Chapter { clock, ..self }
    }
}

/// The reason why a server did not take a request or customer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// The server.
    pub server: String,
    /// The reason, in words.
    pub text: String,
}

/// The first four numbers with their marks, and a count of the others: `#1, #2, #3, #4 and 2 more`.
fn marked(numbers: &[u64]) -> String {
    const SHOWN: usize = 4;
    let mut text: Vec<String> = numbers
        .iter()
        .take(SHOWN)
        .map(|n| format!("#{n}"))
        .collect();
    match numbers.len().saturating_sub(SHOWN) {
        0 => {}
        more => text.push(format!("{more} more")),
    }
    listed(&text)
}
