//! Tables and paragraphs within the width of the terminal: long text takes several lines, and nothing is cut.

use super::{Ink, Paper};
use crate::number::{UNBREAKABLE, unbroken};
use crate::report::page::Table;

/// The gap between two columns, and the gap if the table is otherwise too wide.
const GAPS: [usize; 2] = [3, 2];

impl Paper {
    /// A text as it can be shown: plain ASCII if there is no Unicode.
    #[must_use]
    pub fn plain(&self, text: &str) -> String {
        if self.unicode {
            return text.to_owned();
        }
        let signs = [
            ("±", "+-"),
            ("→", ">"),
            ("–", "-"),
            ("●", "*"),
            ("·", "-"),
            ("×", "x"),
        ];
        signs.iter().fold(text.to_owned(), |text, (sign, ascii)| {
            text.replace(sign, ascii)
        })
    }

    /// A paragraph, two spaces from the margin.
    pub(super) fn paragraph(&self, ink: Option<Ink>, text: &str) -> String {
        let lines = wrapped(&self.plain(text), self.width - 2);
        let line = |line: &String| match ink {
            Some(ink) => format!("  {}\n", self.paint(ink, line)),
            None => format!("  {line}\n"),
        };
        lines.iter().map(line).collect()
    }

    /// These rows of a table: words on the left, figures aligned on the right, remarks under an empty head. Words that
    /// leave no room for the figures beside them are placed in lines of their own above.
    pub(super) fn table(&self, table: &Table, rows: impl IntoIterator<Item = usize>) -> String {
        let plain = |row: &Vec<String>| row.iter().map(|cell| self.plain(cell)).collect();
        let rows: Vec<Vec<String>> = rows.into_iter().map(|at| plain(&table.rows[at])).collect();
        let head: Vec<String> = plain(&table.head);
        let longest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
        let cells = |at: usize| rows.iter().map(move |row| row[at].as_str());
        let is_left = |at: usize| at < table.words || table.head[at].is_empty();
        // A head may be broken as words may; figures stay on one line.
        let least = |at: usize| {
            let head = least(&head[at]);
            head.max(match is_left(at) {
                true => longest(&mut cells(at).map(self::least)),
                false => longest(&mut cells(at).map(width)),
            })
        };
        let widest = |at: usize| longest(&mut cells(at).map(width)).max(width(&head[at]));
        let widest: Vec<usize> = (0..head.len()).map(widest).collect();
        let over = |widths: &[usize], gap: usize| {
            (2 + widths.iter().map(|width| width + gap).sum::<usize>())
                .saturating_sub(gap + self.width)
        };
        let narrowed = |gap: usize| {
            let mut widths = widest.clone();
            while over(&widths, gap) > 0 {
                let slack = |at: &usize| widths[*at] - least(*at);
                match (0..widths.len())
                    .max_by_key(slack)
                    .filter(|at| slack(at) > 0)
                {
                    Some(at) => widths[at] -= slack(&at).min(over(&widths, gap)),
                    None => break,
                }
            }
            widths
        };
        let fits = |gap: &usize| over(&narrowed(*gap), *gap) == 0;
        let gap = GAPS.into_iter().find(fits).unwrap_or(GAPS[0]);
        let mut widths = narrowed(gap);
        let is_stacked = table.words == 1 && over(&widths, gap) > 0;
        if is_stacked {
            widths[0] = 0;
        }
        let write = |row: &Vec<String>, ink: Option<Ink>| {
            let (mut row, mut text) = (row.clone(), String::new());
            if is_stacked {
                text += &self.paragraph(ink, &std::mem::take(&mut row[0]));
            }
            let cells = row.iter().zip(&widths);
            let cells: Vec<Vec<String>> =
                cells.map(|(cell, width)| wrapped(cell, *width)).collect();
            for at in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
                let mut line = String::from("  ");
                for (column, (cell, &room)) in cells.iter().zip(&widths).enumerate() {
                    let part = cell.get(at).map_or("", String::as_str);
                    let fill = " ".repeat(room.saturating_sub(width(part)));
                    line += &" ".repeat(if column == 0 { 0 } else { gap });
                    line += &match is_left(column) {
                        true => format!("{part}{fill}"),
                        false => format!("{fill}{part}"),
                    };
                }
                let line = line.trim_end();
                text += &ink.map_or(line.to_owned(), |ink| self.paint(ink, line));
                text.push('\n');
            }
            text
        };
        let body: String = rows.iter().map(|row| write(row, None)).collect();
        write(&head, Some(Ink::Faint)) + &body
    }
}

/// The width of a text in columns; sequences that only set a colour take none.
fn width(text: &str) -> usize {
    let mut parts = text.split("\x1b[");
    let first = parts.next().map_or(0, |part| part.chars().count());
    let rest = parts.map(|part| part.chars().skip_while(|&c| c != 'm').skip(1).count());
    first + rest.sum::<usize>()
}

/// The parts of a word between which a line may be broken: after points, except decimal points.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(word);
    std::iter::from_fn(move || {
        let left = rest?;
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let may_break = |&(at, _): &(usize, &str)| {
            let (before, after) = (&left[..at], &left[at + 1..]);
            !(is_digit(before.chars().next_back()) && is_digit(after.chars().next()))
        };
        let point = left.match_indices('.').find(may_break);
        let (part, others) = left.split_at(point.map_or(left.len(), |(at, _)| at + 1));
        rest = (!others.is_empty()).then_some(others);
        Some(part)
    })
}

/// The width of the longest part of a text in which a line is not broken. Lines are broken at spaces, except those
/// within a number, and after points of keys.
fn least(text: &str) -> usize {
    let text = unbroken(text);
    let parts = text.split(' ').flat_map(parts);
    parts.map(width).max().unwrap_or(0)
}

/// A text in lines of at most `most` characters, broken at spaces. Only a word longer than a line is broken: after a
/// point of a key, or anywhere.
pub(in crate::cli) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in unbroken(text).split(' ') {
        let last = lines.last_mut().expect("there is a line");
        let space = usize::from(!last.is_empty());
        if width(last) + space + width(word) <= most {
            last.push_str(&" "[..space]);
            last.push_str(word);
            continue;
        }
        if !last.is_empty() {
            lines.push(String::new());
        }
        for part in parts(word) {
            let last = lines.last().expect("there is a line");
            if !last.is_empty() && width(last) + width(part) > most {
                lines.push(String::new());
            }
            for letter in part.chars() {
                if width(lines.last().expect("there is a line")) == most.max(1) {
                    lines.push(String::new());
                }
                lines.last_mut().expect("there is a line").push(letter);
            }
        }
    }
    let spaced = |line: String| line.replace(UNBREAKABLE, " ");
    lines.into_iter().map(spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_broken_after_its_points_and_a_number_is_not() {
        let broken = |word| parts(word).collect::<Vec<_>>();
        assert_eq!(broken("stages.0.servers"), ["stages.", "0.", "servers"]);
        let cost = broken("5.25*servers.east.0.count");
        assert_eq!(cost, ["5.25*servers.", "east.", "0.", "count"]);
        assert_eq!(broken(""), [""]);
        assert_eq!(broken("ends."), ["ends."]);
    }

    #[test]
    fn a_table_too_wide_breaks_no_number() {
        let row = |from: &str| {
            [from, "5 905", "1 547", "2 870", "99.8 %"]
                .map(str::to_owned)
                .to_vec()
        };
        let head = "from|offered|given up|wait|busy";
        let table = Table::new("", 1, head, vec![row("60 000"), row("540 000")]);
        for width in 40..60 {
            let paper = Paper {
                unicode: true,
                colour: false,
                width,
            };
            let text = paper.table(&table, 0..2);
            for number in ["60 000", "540 000", "5 905", "99.8 %"] {
                assert!(text.contains(number), "{width}: {number}\n{text}");
            }
            assert!(
                text.lines().all(|line| line.chars().count() <= width),
                "{width}\n{text}"
            );
        }
    }

    #[test]
    fn no_line_is_broken_within_a_number_or_before_its_sign() {
        let text = "25 % of 50 000 customers in 1 234 567 min did not join 9 queues";
        for most in 12..60 {
            let lines = wrapped(text, most);
            assert_eq!(lines.join(" "), text);
            for line in &lines {
                assert!(line.len() <= most, "{line}");
                assert!(
                    !line.starts_with('%') && !line.starts_with("000"),
                    "{lines:?}"
                );
                assert!(
                    !line.starts_with("234") && !line.starts_with("567"),
                    "{lines:?}"
                );
            }
        }
    }
}
