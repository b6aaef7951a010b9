//! The life of one request or customer: what happened to it and why, from a run that is repeated with
//! one watcher. Tables alone cannot tell who was ahead of it and what each server was at meanwhile.

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

/// Something that happens in a life, or a wait.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chapter<T> {
    /// From when: a step, or a time.
    pub from: T,
    /// Until when; the same as `from` where it takes no time.
    pub until: T,
    /// The times of day of both, where the scenario gives its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<[String; 2]>,
    /// One word for a program.
    pub event: &'static str,
    /// What happens, as a sentence.
    pub text: String,
    /// For a wait: those ahead, nearest to service first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ahead: Vec<u64>,
    /// For a wait: why each server that could have taken it did not.
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

/// Why a server did not take somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// The server.
    pub server: String,
    /// What kept it.
    pub text: String,
}

/// Some numbers with their marks: `#1, #2, #3 and 4 more`.
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
