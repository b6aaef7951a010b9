//! Dotted keys of a summary with the entries of lists by number, as in the summary, or by name, which two scenarios
//! may share whatever the order of entries.

use super::Scenario;
use crate::problem::KeyPath;

/// The lists of a summary whose entries have names, each by its key, with the names in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries(Vec<(String, Vec<String>)>);

impl Entries {
    /// The lists of the summary of a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Entries {
        Entries(scenario.entries())
    }

    /// A key with numbers in place of names. A number takes precedence over a name, and a name with a dot is
    /// quoted.
    #[must_use]
    pub fn numbered(&self, key: &str) -> String {
        let mut numbered = String::new();
        for part in KeyPath::parts(key) {
            let known = self.names(&numbered);
            let number = part.parse().ok();
            let number = number.filter(|&number: &usize| number < known.len());
            let number = number.or_else(|| known.iter().position(|name| *name == part));
            match number {
                Some(number) => push(&mut numbered, &number.to_string()),
                None => push(&mut numbered, &part),
            }
        }
        numbered
    }

    /// A key of the summary with names in place of numbers.
    #[must_use]
    pub fn named(&self, key: &str) -> String {
        let (mut numbered, mut named) = (String::new(), String::new());
        for part in key.split('.') {
            let known = self.names(&numbered);
            let number = part.parse().ok();
            match number.and_then(|number: usize| known.get(number)) {
                Some(name) => push(&mut named, &quoted(name)),
                None => push(&mut named, part),
            }
            push(&mut numbered, part);
        }
        named
    }

    /// The names of the entries of the list under this key; empty if there is no such list.
    fn names(&self, list: &str) -> &[String] {
        let list = self.0.iter().find(|(known, _)| known == list);
        list.map_or(&[], |(_, names)| names.as_slice())
    }
}

fn push(key: &mut String, part: &str) {
    if !key.is_empty() {
        key.push('.');
    }
    key.push_str(part);
}

/// A name as a part of a dotted key.
fn quoted(name: &str) -> String {
    toml_edit::Key::new(name).to_string().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Entries;

    #[test]
    fn keys_go_by_number_and_by_name_and_back() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let entries = Entries(vec![
            ("servers".to_owned(), names(&["A", "two.five", "0"])),
            ("classes".to_owned(), names(&["técnica"])),
            ("servers.1.attendants".to_owned(), names(&["x-1", "x-2"])),
        ]);
        for (number, name) in [
            ("servers.0.held.mean", "servers.A.held.mean"),
            (
                "servers.1.attendants.1.busy",
                "servers.\"two.five\".attendants.x-2.busy",
            ),
            ("servers.3.held", "servers.3.held"),
            ("waiting.mean", "waiting.mean"),
        ] {
            assert_eq!(entries.named(number), name);
            assert_eq!(entries.numbered(name), number);
        }
        // Letters of any script need no quotes.
        let spellings = ["classes.técnica.lost", "classes.\"técnica\".lost"];
        assert_eq!(
            spellings.map(|key| entries.numbered(key)),
            ["classes.0.lost"; 2]
        );
        // A number takes precedence over a name.
        assert_eq!(entries.numbered("servers.0.x"), "servers.0.x");
    }
}
