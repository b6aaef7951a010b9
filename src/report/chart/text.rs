//! Text in drawings: its width, line breaks, shortening, and escaping so that no name can become
//! markup.

use std::fmt::Write;

/// The three sizes of type.
pub(super) const TITLE: f64 = 16.0;
pub(super) const LABEL: f64 = 13.0;
pub(super) const TICK: f64 = 12.0;

/// Largest width of a text, in the units of its size. The font that will draw it is unknown; the
/// widths are those of DejaVu Sans, the widest of the usual ones.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' | ' ' | '\u{a0}' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '"' | '`' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.98,
        'A'..='Z' | '×' | '±' | '→' | '≥' | '≤' | '<' | '>' | '=' | '+' | '#' | '~' => 0.8,
        '\u{300}'..='\u{36f}' => 0.0,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => 1.05,
        '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{1f000}'..='\u{3fffd}' => 1.05,
        c if c.is_uppercase() => 0.8,
        _ => 0.64,
    }
}

/// Shortens a text to at most `room` by leaving out its middle, since names often begin or end
/// alike.
pub(super) fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let mut kept = letters.len().saturating_sub(1);
    loop {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let shorter: String = letters[..head]
            .iter()
            .chain(&['…'])
            .chain(&letters[letters.len() - tail..])
            .collect();
        if kept == 0 || width(&shorter, size) <= room {
            return shorter;
        }
        kept -= 1;
    }
}

/// Breaks a text into lines at its spaces; a word wider than `room` is shortened.
pub(super) fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fitted(word, size, room)),
        }
    }
    lines
}

/// Escapes a text for use in markup, between tags and in attributes; characters not allowed in a
/// document are left out.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            // Characters that reverse the text direction could make one name look like another.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c => safe.push(c),
        }
    }
    safe
}

/// A coordinate in a drawing, rounded to tenths of a unit.
pub(super) fn tenths(value: f64) -> i64 {
    (value.clamp(-1e7, 1e7) * 10.0).round() as i64
}

/// Writes a coordinate with one decimal, which is finer than visible.
pub(super) fn place(text: &mut String, value: f64) {
    let tenths = tenths(value);
    let (whole, tenth) = (tenths.abs() / 10, tenths.abs() % 10);
    if tenths < 0 {
        text.push('-');
    }
    // Writing to a String cannot fail.
    let _ = match tenth {
        0 => write!(text, "{whole}"),
        tenth => write!(text, "{whole}.{tenth}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_become_markup() {
        assert_eq!(
            escaped("<b onload='x'>&\"\u{0}\u{202e}"),
            "&lt;b onload=&#39;x&#39;&gt;&amp;&quot;"
        );
    }

    #[test]
    fn what_is_too_long_loses_its_middle() {
        let name = "northern-registration-counter-01";
        let short = fitted(name, LABEL, 120.0);
        assert!(width(&short, LABEL) <= 120.0, "{short}");
        assert!(
            short.starts_with("north") && short.ends_with("01"),
            "{short}"
        );
        assert_eq!(fitted("triage", LABEL, 120.0), "triage");
        assert_eq!(fitted("triage", LABEL, 1.0), "…");
    }

    #[test]
    fn lines_break_at_spaces() {
        let lines = wrapped("how long customers wait at each stage", LABEL, 140.0);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), "how long customers wait at each stage");
    }

    #[test]
    fn places_have_one_decimal_and_are_finite() {
        let of = |value| {
            let mut text = String::new();
            place(&mut text, value);
            text
        };
        assert_eq!(
            [0.04, 12.25, -3.0, -0.5].map(of),
            ["0", "12.3", "-3", "-0.5"]
        );
        assert_eq!(of(f64::NAN), "0");
        assert_eq!(of(f64::INFINITY), "10000000");
    }
}
