//! Places in a file or an option, and the excerpt of the line that is shown.

use std::fmt;
use std::ops::Range;

/// The part of a line in a file (or of an option) that an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name, or the option with its text.
    pub name: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The first column, in characters counted from 1.
    pub column: usize,
    /// The printable text of the line; of a very long one, the part around the column.
    pub text: String,
    /// Number of characters of `text` before those marked.
    pub before: usize,
    /// Number of marked characters of `text`, at least 1.
    pub width: usize,
}

impl Place {
    /// The place of a span of bytes in a text; a span over several lines is cut to its first.
    pub(crate) fn in_text(name: &str, text: &str, span: &Range<usize>) -> Place {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[line_start..]
            .find('\n')
            .map_or(text.len(), |at| line_start + at);
        let mut end = span.end.clamp(start, line_end.max(start));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = text[line_start..start].chars().count();
        let width = text[start..end].trim_end().chars().count().max(1);
        let line = printable(text[line_start..line_end].trim_end_matches('\r'));
        let excerpt = Excerpt::of(&line, before, width);
        Place {
            name: name.to_owned(),
            line: text[..line_start].matches('\n').count() + 1,
            column: before + 1,
            text: excerpt.text,
            before: excerpt.before,
            width: excerpt.width,
        }
    }

    /// The place of a span of bytes in a line, which is the `number`-th of its file.
    pub(crate) fn in_line(name: &str, number: usize, line: &str, span: &Range<usize>) -> Place {
        let mut place = Place::in_text(name, line, span);
        place.line = number;
        place
    }

    pub(crate) fn is_option(&self) -> bool {
        self.name.starts_with("--")
    }
}

/// The part of a line that is shown.
struct Excerpt {
    text: String,
    before: usize,
    width: usize,
}

impl Excerpt {
    /// The longest line shown whole, and the number of characters of a longer one shown before the marked part.
    const LONGEST: usize = 160;
    const LEAD: usize = 60;

    /// The `width` characters after the first `before` of a line, with their surroundings.
    fn of(line: &str, before: usize, width: usize) -> Excerpt {
        let length = line.chars().count();
        if length <= Excerpt::LONGEST {
            let text = line.to_owned();
            return Excerpt {
                text,
                before,
                width,
            };
        }
        let from = before.saturating_sub(Excerpt::LEAD);
        let mut text: String = line.chars().skip(from).take(Excerpt::LONGEST).collect();
        if from + Excerpt::LONGEST < length {
            text.push('…');
        }
        if from > 0 {
            text.insert(0, '…');
        }
        let before = before - from + usize::from(from > 0);
        Excerpt {
            width: width.min(text.chars().count().saturating_sub(before).max(1)),
            text,
            before,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_option() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}:{}:{}", self.name, self.line, self.column)
        }
    }
}

/// Replaces the characters with which a file could disturb a terminal: control characters, and those that change the
/// direction of writing. Each is replaced by one character, so columns are kept.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_characters_and_stays_on_its_line() {
        let text = "a = 1\nnäme = \"é\nf\"\n";
        let start = text.find('"').expect("there is a quote");
        let place = Place::in_text("x", text, &(start..text.len()));
        assert_eq!((place.line, place.column, place.width), (2, 8, 2));
        assert_eq!(place.text, "näme = \"é");
        let past = Place::in_text("x", text, &(900..901));
        assert_eq!((past.line, past.column, past.width), (4, 1, 1));
    }

    #[test]
    fn of_a_long_line_the_part_meant_is_shown() {
        let text = format!("{}x = 12{}", "é".repeat(1_000), "y".repeat(1_000));
        let start = text.find('x').expect("there is an x");
        let place = Place::in_text("f", &text, &(start..start + 6));
        assert_eq!((place.column, place.width), (1_001, 6));
        let shown: Vec<char> = place.text.chars().collect();
        assert_eq!(shown.len(), Excerpt::LONGEST + 2);
        assert_eq!(
            shown[place.before..place.before + 6]
                .iter()
                .collect::<String>(),
            "x = 12"
        );
        let all = Place::in_text("f", &text, &(start..text.len()));
        assert_eq!(all.before + all.width, all.text.chars().count());
        let end = Place::in_text("f", &text, &(text.len()..text.len()));
        assert_eq!(end.width, 1);
    }

    #[test]
    fn a_file_cannot_turn_the_writing_round() {
        let place = Place::in_text("f", "a = \"\u{202e}b\u{1b}[2J\"", &(0..1));
        assert_eq!(place.text, "a = \"\u{fffd}b\u{fffd}[2J\"");
    }
}
