//! The ASCII characters that replace the signs of the log on a terminal without Unicode; each sign has its own.

/// The character in ASCII; `?` if there is none.
#[must_use]
pub fn ascii(sign: char) -> char {
    match sign {
        '→' => '>',
        '▶' => '*',
        '✔' => 'v',
        '▣' => '#',
        '⇄' => '%',
        '▷' => ')',
        '↻' => '@',
        '⊘' => '-',
        '✕' => 'x',
        '▲' => '^',
        '▼' => '_',
        '·' => '.',
        '…' => '~',
        c if c.is_ascii() => c,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::ascii;
    use std::collections::BTreeSet;

    #[test]
    fn every_sign_has_a_character_of_its_own() {
        let signs: Vec<char> = include_str!("sentence.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | `")?.chars().next())
            .collect();
        assert!(signs.len() > 10, "{signs:?}");
        let one_each: BTreeSet<char> = signs.iter().map(|&sign| ascii(sign)).collect();
        assert_eq!(one_each.len(), signs.len(), "{signs:?}");
        assert!(!one_each.contains(&'?') && one_each.iter().all(char::is_ascii));
    }
}
