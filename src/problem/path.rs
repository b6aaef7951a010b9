//! Paths of keys into a document.

use serde::Deserialize;
use std::fmt;

/// A step into a document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Segment {
    /// To an entry of a list, from 0.
    Index(usize),
    /// To a key of a table.
    Key(String),
}

/// A dotted path into a document, such as `stages.0.service`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct KeyPath(pub Vec<Segment>);

impl KeyPath {
    /// The path of these keys, from the top.
    #[must_use]
    pub fn to(keys: &[&str]) -> KeyPath {
        keys.iter()
            .fold(KeyPath::default(), |path, key| path.key(key))
    }

    /// The path one key further.
    #[must_use]
    pub fn key(&self, key: &str) -> KeyPath {
        let mut path = self.clone();
        path.0.push(Segment::Key(key.to_owned()));
        path
    }

    /// The path one place of a list further.
    #[must_use]
    pub fn index(&self, index: usize) -> KeyPath {
        let mut path = self.clone();
        path.0.push(Segment::Index(index));
        path
    }

    /// Whether this leads to `other` or to something around it.
    #[must_use]
    pub fn covers(&self, other: &KeyPath) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, segment) in self.0.iter().enumerate() {
            if depth > 0 {
                f.write_str(".")?;
            }
            match segment {
                Segment::Key(key) => write!(f, "{}", toml_edit::Key::new(key).display_repr())?,
                Segment::Index(index) => write!(f, "{index}")?,
            }
        }
        Ok(())
    }
}
