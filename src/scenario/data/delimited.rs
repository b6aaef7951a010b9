//! A line of a delimited file, split into its cells.
//!
//! The separator is found from the first line: a tab if it has one, otherwise a semicolon, otherwise a comma. A
//! cell that begins with a double quote ends with the next one that is not doubled; separators between them are
//! text. A quote that is not closed on its line is an error.

use std::borrow::Cow;
use std::ops::Range;

/// The separator of the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Separator {
    /// The byte; none if the first line has only one cell.
    byte: Option<u8>,
}

impl Separator {
    /// The separator of a file, from its first line.
    pub(super) fn of(line: &str) -> Separator {
        let bytes = line.as_bytes();
        let (mut commas, mut semicolons) = (false, false);
        // Whether a quote here opens a cell: only blanks come between it and the last separator.
        let (mut at, mut blank) = (0, true);
        while at < bytes.len() {
            match bytes[at] {
                b'\t' => return Separator { byte: Some(b'\t') },
                b';' => (semicolons, blank) = (true, true),
                b',' => (commas, blank) = (true, true),
                b'"' if blank => match closing(bytes, at) {
                    Some(end) => (at, blank) = (end, false),
                    None => break,
                },
                byte => blank = blank && byte == b' ',
            }
            at += 1;
        }
        let byte = match (semicolons, commas) {
            (true, _) => Some(b';'),
            (false, true) => Some(b','),
            (false, false) => None,
        };
        Separator { byte }
    }

    /// Whether a comma in a cell may be a decimal comma.
    pub(super) fn leaves_commas(self) -> bool {
        self.byte != Some(b',')
    }

    /// Its name in messages.
    pub(super) fn name(self) -> Option<&'static str> {
        Some(match self.byte? {
            b'\t' => "tabs",
            b';' => "semicolons",
            _ => "commas",
        })
    }
}

/// Calls `take` with the number and the range of each cell; returns their number, or the position of an opening
/// quote that is not closed.
pub(super) fn cells(
    line: &str,
    separator: Separator,
    mut take: impl FnMut(usize, Range<usize>),
) -> Result<usize, usize> {
    let bytes = line.as_bytes();
    let Some(separator) = separator.byte else {
        let (start, text) = (0, line.trim_start());
        if text.starts_with('"') && closing(bytes, line.len() - text.len()).is_none() {
            return Err(line.len() - text.len());
        }
        take(0, start..line.len());
        return Ok(1);
    };
    let (mut count, mut from, mut at) = (0, 0, 0);
    let mut blank = true;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == separator {
            take(count, from..at);
            count += 1;
            from = at + 1;
            blank = true;
        } else if byte == b'"' && blank {
            at = closing(bytes, at).ok_or(at)?;
            blank = false;
        } else if byte != b' ' || !blank {
            // Within a cell only its end matters.
            blank = false;
            let end = bytes[at..].iter().position(|&byte| byte == separator);
            at = end.map_or(bytes.len(), |length| at + length);
            continue;
        }
        at += 1;
    }
    take(count, from..bytes.len());
    Ok(count + 1)
}

/// The position of the closing quote.
fn closing(bytes: &[u8], opening: usize) -> Option<usize> {
    let mut at = opening + 1;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            if bytes.get(at + 1) != Some(&b'"') {
                return Some(at);
            }
            at += 1;
        }
        at += 1;
    }
    None
}

/// A cell's text without surrounding blanks and quotes.
pub(super) fn text(cell: &str) -> Cow<'_, str> {
    let cell = cell.trim();
    let inside = cell
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inside {
        Some(inside) if inside.contains('"') => inside.replace("\"\"", "\"").into(),
        Some(inside) => inside.trim().into(),
        None => cell.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(line: &str) -> Vec<String> {
        let mut parts = Vec::new();
        let count = cells(line, Separator::of(line), |index, cell| {
            assert_eq!(index, parts.len());
            parts.push(text(&line[cell]).into_owned());
        });
        assert_eq!(count, Ok(parts.len()));
        parts
    }

    #[test]
    fn the_separator_is_found_outside_quotes() {
        assert_eq!(parted("a,b"), ["a", "b"]);
        assert_eq!(parted("0,5;1,5"), ["0,5", "1,5"]);
        assert_eq!(parted("a;b\tc"), ["a;b", "c"]);
        assert_eq!(parted("\"a;b\",c"), ["a;b", "c"]);
        assert_eq!(parted("alone"), ["alone"]);
        assert_eq!(parted("\"a \"\"b\"\"\", c ,"), ["a \"b\"", "c", ""]);
        assert_eq!(parted("a\"b,c"), ["a\"b", "c"]);
    }

    #[test]
    fn a_quote_that_is_not_closed_is_found() {
        for (line, at) in [("a,\"b", 2), ("\"a,b", 0), ("a, \"b\"\"", 3)] {
            assert_eq!(
                cells(line, Separator { byte: Some(b',') }, |_, _| ()),
                Err(at)
            );
        }
        assert_eq!(cells("\"a", Separator { byte: None }, |_, _| ()), Err(0));
    }
}
