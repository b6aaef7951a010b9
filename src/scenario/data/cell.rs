//! The value of a cell of a data file: a number, a time of day, or an instant of ISO 8601.

use crate::date::days_since_1970;
use crate::scenario::clock::{DAY, leading_number, leading_time_of_day, time_of_day};

/// A cell that was understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// A number, which may still be negative or not finite.
    Number(f64),
    /// Nanoseconds since midnight.
    TimeOfDay(i64),
    /// Nanoseconds since 1970-01-01, by its zone, or by local time if it has none.
    Instant {
        /// The nanoseconds.
        nanoseconds: i128,
        /// Whether a zone was named.
        zoned: bool,
    },
}

/// Reads a cell without surrounding blanks.
pub(super) fn read(text: &str, decimal_comma: bool) -> Option<Cell> {
    if let Ok(number) = text.parse() {
        return Some(Cell::Number(number));
    }
    if decimal_comma && let Some(number) = with_comma(text) {
        return Some(Cell::Number(number));
    }
    if let Some(nanoseconds) = time_of_day(text, decimal_comma) {
        return Some(Cell::TimeOfDay(nanoseconds));
    }
    instant(text, decimal_comma)
}

/// A number with a decimal comma.
pub(super) fn with_comma(text: &str) -> Option<f64> {
    let (whole, decimals) = text.split_once(',')?;
    let plain = |c: char| c.is_ascii_digit();
    let fits = whole.trim_start_matches(['-', '+']).chars().all(plain)
        && decimals.starts_with(plain)
        && !decimals.contains(['.', ',']);
    if fits {
        text.replacen(',', ".", 1).parse().ok()
    } else {
        None
    }
}

/// An instant such as `2024-05-10T08:30:00.5Z`, `2024-05-10 08:30` or `2024-05-10`.
pub(in crate::scenario) fn instant(text: &str, decimal_comma: bool) -> Option<Cell> {
    let (year, rest) = leading_number(text.as_bytes(), 4..=4)?;
    let (month, rest) = leading_number(rest.strip_prefix(b"-")?, 2..=2)?;
    let (day, rest) = leading_number(rest.strip_prefix(b"-")?, 2..=2)?;
    let days = i128::from(days_since_1970(year, month, day)?);
    let (of_day, rest) = match rest {
        [] => (0, rest),
        [b'T' | b't' | b' ', time @ ..] => leading_time_of_day(time, decimal_comma)?,
        _ => return None,
    };
    let zoned = !rest.is_empty();
    let offset = match zoned {
        true => zone(rest.trim_ascii_start())?,
        false => 0,
    };
    Some(Cell::Instant {
        nanoseconds: days * i128::from(DAY) + i128::from(of_day - offset),
        zoned,
    })
}

/// Nanoseconds by which a zone is ahead of universal time: `Z`, `+02`, `+0200` or `-03:30`.
fn zone(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        b"Z" | b"z" => return Some(0),
        [sign @ (b'+' | b'-'), rest @ ..] => (sign, rest),
        _ => return None,
    };
    let (hours, rest) = leading_number(rest, 2..=2)?;
    let (minutes, rest) = match rest {
        [] => (0, rest),
        [b':', rest @ ..] | rest => leading_number(rest, 2..=2)?,
    };
    let ahead = (hours * 60 + minutes) * 60_000_000_000;
    let fits = rest.is_empty() && hours < 24 && minutes < 60;
    fits.then_some(if *sign == b'-' { -ahead } else { ahead })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i128, zoned: bool) -> Option<Cell> {
        let nanoseconds = seconds * 1_000_000_000;
        Some(Cell::Instant { nanoseconds, zoned })
    }

    #[test]
    fn cells_are_numbers_times_of_day_or_instants() {
        assert_eq!(read("-1.5e3", false), Some(Cell::Number(-1500.0)));
        assert_eq!(read("0,75", true), Some(Cell::Number(0.75)));
        assert_eq!(read("0,75", false), None);
        let half = Cell::TimeOfDay(12_920_500_000_000);
        assert_eq!(read("03:35:20.5", false), Some(half));
        assert_eq!(read("03:35:20,5", true), Some(half));
        // Independent values: `date -u -d "2024-02-29 12:00" +%s` and similar.
        assert_eq!(read("2024-02-29T12:00:00Z", false), at(1_709_208_000, true));
        assert_eq!(read("2024-02-29 12:00", false), at(1_709_208_000, false));
        assert_eq!(read("2024-02-29", false), at(1_709_164_800, false));
        assert_eq!(
            read("2024-02-29 14:00:00+02:00", false),
            at(1_709_208_000, true)
        );
        assert_eq!(
            read("2024-02-29T08:30:00-0330", false),
            at(1_709_208_000, true)
        );
        assert_eq!(read("1969-12-31T23:59:59+00", false), at(-1, true));
        assert_eq!(read("2000-03-01", false), at(951_868_800, false));
        for text in [
            "",
            "four",
            "2023-02-29",
            "2024-13-01",
            "2024-1-1",
            "2024-01-01T25:00",
            "5/10/2024 8:30",
            "1,2,3",
            "1.234,5",
            "2024-01-01T00:00+2",
            "2024-01-01TZ",
            "8h",
        ] {
            assert_eq!(read(text, true), None, "{text}");
        }
    }
}
