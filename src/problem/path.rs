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

    /// The path extended by a key.
    #[must_use]
    pub fn key(&self, key: &str) -> KeyPath {
        let mut path = self.clone();
        path.0.push(Segment::Key(key.to_owned()));
        path
    }

    /// The path extended by a place in a list.
    #[must_use]
    pub fn index(&self, index: usize) -> KeyPath {
        let mut path = self.clone();
        path.0.push(Segment::Index(index));
        path
    }

    /// The parts of a dotted key as typed: a part that contains a dot is quoted; letters of any script need no quotes.
    #[must_use]
    pub fn parts(key: &str) -> Vec<String> {
        if let Ok(parts) = toml_edit::Key::parse(key) {
            return parts.iter().map(|part| part.get().to_owned()).collect();
        }
        let (mut quote, mut from, mut parts) = (None, 0, Vec::new());
        for (at, letter) in key.char_indices() {
            match (quote, letter) {
                (Some(open), _) if letter == open => quote = None,
                (None, '"' | '\'') if key[from..at].trim().is_empty() => quote = Some(letter),
                (None, '.') => {
                    parts.push(&key[from..at]);
                    from = at + 1;
                }
                _ => {}
            }
        }
        parts.push(&key[from..]);
        if quote.is_some() {
            // A quote that is not closed is a letter like any other.
            parts = key.split('.').collect();
        }
        let unquoted = |part: &str| match toml_edit::Key::parse(part).as_deref() {
            Ok([key]) => key.get().to_owned(),
            _ => part.trim().to_owned(),
        };
        parts.into_iter().map(unquoted).collect()
    }

    /// Whether this path leads to `other` or to a table or list that contains it.
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

#[cfg(test)]
mod tests {
    use super::KeyPath;

    #[test]
    fn a_key_parts_at_its_dots_and_only_a_part_with_a_dot_needs_quotes() {
        for (key, parts) in [
            ("stages.0.servers", &["stages", "0", "servers"][..]),
            (
                "servers.\"two.five\".held",
                &["servers", "two.five", "held"],
            ),
            ("classes.técnica.lost", &["classes", "técnica", "lost"]),
            ("classes.'técnica'.lost", &["classes", "técnica", "lost"]),
            ("técnica.\"two.five\"", &["técnica", "two.five"]),
            ("técnica.\"two.five", &["técnica", "\"two", "five"]),
            ("a..b", &["a", "", "b"]),
        ] {
            assert_eq!(KeyPath::parts(key), parts, "{key}");
        }
    }
}
