//! A problem with an input, and its place: the path of a key, or a place in a file.
//!
//! Checks in every module report [`Problem`]s; the `scenario` module finds the line of each problem's path.

mod path;
mod place;

pub use path::{KeyPath, Segment};
pub use place::{Place, printable};

/// Whether a problem is about a key or about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The key itself, which should be absent or have another name.
    Key,
    /// The value.
    Value,
}

/// Something wrong, its remedy, and its place.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The finding: one line in lower case, without a full stop.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
    /// The place.
    pub whereabouts: Whereabouts,
}

/// The place of a problem.
#[derive(Clone, Debug)]
pub enum Whereabouts {
    /// At a key or value of the scenario.
    Document {
        /// The key.
        path: KeyPath,
        /// Whether the key or its value is meant.
        on: On,
        /// Other keys that contributed to it.
        others: Vec<KeyPath>,
    },
    /// In another file.
    Elsewhere(Box<Place>),
}

impl Problem {
    /// A problem with the value at a path.
    #[must_use]
    pub fn value(path: &KeyPath, message: impl Into<String>) -> Problem {
        Problem::on(On::Value, path, message)
    }

    /// A problem with the key at a path.
    #[must_use]
    pub fn key(path: &KeyPath, message: impl Into<String>) -> Problem {
        Problem::on(On::Key, path, message)
    }

    fn on(on: On, path: &KeyPath, message: impl Into<String>) -> Problem {
        Problem {
            message: message.into(),
            help: None,
            whereabouts: Whereabouts::Document {
                path: path.clone(),
                on,
                others: Vec::new(),
            },
        }
    }

    /// A problem in another file.
    #[must_use]
    pub fn elsewhere(place: Place, message: impl Into<String>) -> Problem {
        Problem {
            message: message.into(),
            help: None,
            whereabouts: Whereabouts::Elsewhere(Box::new(place)),
        }
    }

    /// The path in the scenario, unless the place is in another file.
    #[must_use]
    pub fn path(&self) -> Option<&KeyPath> {
        match &self.whereabouts {
            Whereabouts::Document { path, .. } => Some(path),
            Whereabouts::Elsewhere(_) => None,
        }
    }

    /// Adds a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// Adds another key that contributed to the problem; if an option set that key, the option is named.
    #[must_use]
    pub fn also(mut self, path: KeyPath) -> Problem {
        if let Whereabouts::Document { others, .. } = &mut self.whereabouts {
            others.push(path);
        }
        self
    }
}
