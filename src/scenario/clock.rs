//! Units of time, texts that denote a time, and the time of day at which a run begins.
//!
//! A scenario counts time in numbers of its `time_unit`. If the unit is one of [`Unit`], a duration may be written
//! with a unit of its own (`"90 s"`), a rate as `"100 per 30 min"` and an instant as a time of day, counted from
//! `start`. A time of day is a whole number of nanoseconds; it is divided once, by the unit.

use super::tree::{Node, Tree};
use crate::problem::{KeyPath, Problem};
use std::fmt;

/// Nanoseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000_000;

/// The units allowed in a text, for messages.
pub(super) const UNITS: &str = "`ns`, `us`, `ms`, `s`, `min`, `h` or `d`";

/// A unit of time whose length is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
}

impl Unit {
    /// The unit of a symbol such as `min`.
    pub(super) fn of(symbol: &str) -> Option<Unit> {
        Some(match symbol {
            "ns" => Unit::Nanosecond,
            "us" => Unit::Microsecond,
            "ms" => Unit::Millisecond,
            "s" => Unit::Second,
            "min" => Unit::Minute,
            "h" => Unit::Hour,
            "d" => Unit::Day,
            _ => return None,
        })
    }

    /// Its length. Of any two units the shorter divides the longer.
    fn nanoseconds(self) -> i64 {
        match self {
            Unit::Nanosecond => 1,
            Unit::Microsecond => 1_000,
            Unit::Millisecond => 1_000_000,
            Unit::Second => 1_000_000_000,
            Unit::Minute => 60_000_000_000,
            Unit::Hour => 3_600_000_000_000,
            Unit::Day => DAY,
        }
    }

    /// A whole number of nanoseconds in this unit.
    pub(super) fn of_nanoseconds(self, nanoseconds: i128) -> f64 {
        nanoseconds as f64 / self.nanoseconds() as f64
    }

    /// An amount of another unit in this one, rounded once.
    fn convert(self, amount: f64, from: Unit) -> f64 {
        let (mine, other) = (self.nanoseconds(), from.nanoseconds());
        if other >= mine {
            amount * (other / mine) as f64
        } else {
            amount / (mine / other) as f64
        }
    }
}

/// The time of day at time 0 of a run, with the unit of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    nanoseconds: i64,
    unit: Unit,
}

impl Start {
    /// Midnight, on a clock with this unit; seconds, if its length is not known.
    pub(super) fn midnight(unit: Option<&str>) -> Start {
        Start {
            nanoseconds: 0,
            unit: unit.and_then(Unit::of).unwrap_or(Unit::Second),
        }
    }

    /// The length of a day in units of time.
    pub(super) fn day(self) -> f64 {
        DAY as f64 / self.unit.nanoseconds() as f64
    }

    /// Nanoseconds from the first midnight to a time of the run, rounded down.
    #[must_use]
    pub fn nanoseconds_at(self, time: f64) -> i128 {
        let passed = time * self.unit.nanoseconds() as f64;
        i128::from(self.nanoseconds) + passed.floor() as i128
    }

    /// The time of day `time` units of time earlier, to the nanosecond.
    #[must_use]
    pub fn earlier(self, time: f64) -> Start {
        Start {
            nanoseconds: self.nanoseconds - (time * self.unit.nanoseconds() as f64).round() as i64,
            ..self
        }
    }

    /// The shortest length of time that is round on a clock and not below `least`, in units of time; none if that
    /// is below a second.
    #[must_use]
    pub fn round_step(self, least: f64) -> Option<f64> {
        const SECOND: i64 = 1_000_000_000;
        const ROUND: [i64; 19] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600,
            43_200, 86_400, 604_800,
        ];
        let unit = self.unit.nanoseconds() as f64;
        let seconds = least * unit / SECOND as f64;
        let reaches = |step: &f64| *step >= seconds * (1.0 - 1e-9);
        let round = ROUND.into_iter().map(|step| step as f64);
        // Beyond a week: 10, 20, 50, 100 days and so on.
        let days = (1..12)
            .flat_map(|power| [1.0, 2.0, 5.0].map(|days| 86_400.0 * days * 10_f64.powi(power)));
        let step = round.chain(days).find(reaches)?;
        (seconds > 0.5).then_some(step * SECOND as f64 / unit)
    }

    /// The time of day at a time of the run, to the millisecond: `08:30`, `08:30:15`, `08:30:15.250`; with the
    /// number of days since the first midnight, if it is not on the first day.
    #[must_use]
    pub fn at(self, time: f64) -> String {
        const MILLISECOND: f64 = 1e6;
        if !time.is_finite() || time.abs() > 1e15 {
            return time.to_string();
        }
        let passed = time * self.unit.nanoseconds() as f64;
        let milliseconds = ((self.nanoseconds as f64 + passed) / MILLISECOND).round() as i128;
        let day = i128::from(DAY) / 1_000_000;
        let (days, within) = (milliseconds.div_euclid(day), milliseconds.rem_euclid(day));
        let (seconds, rest) = (within / 1_000, within % 1_000);
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let mut text = format!("{hours:02}:{minutes:02}");
        if seconds > 0 || rest > 0 {
            text += &format!(":{seconds:02}");
        }
        if rest > 0 {
            text += &format!(".{rest:03}");
        }
        if days != 0 {
            text += &format!(" {days:+} d");
        }
        text
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, rest) = (
            self.nanoseconds / 60_000_000_000,
            self.nanoseconds % 60_000_000_000,
        );
        write!(f, "{:02}:{:02}", minutes / 60, minutes % 60)?;
        if rest > 0 {
            let (seconds, fraction) = (rest / 1_000_000_000, rest % 1_000_000_000);
            write!(f, ":{seconds:02}")?;
            if fraction > 0 {
                let digits = format!("{fraction:09}");
                write!(f, ".{}", digits.trim_end_matches('0'))?;
            }
        }
        Ok(())
    }
}

/// The time of a scenario: its unit, if known, and its start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    pub(super) unit: Option<Unit>,
    pub(super) start: Option<Start>,
}

impl Clock {
    /// The clock of a document, before its other keys are checked.
    pub(super) fn of(tree: &Tree) -> Result<Clock, Problem> {
        let unit = match tree.get("time_unit").map(|value| &value.node) {
            Some(Node::Text(symbol)) => Unit::of(symbol),
            _ => None,
        };
        let at = KeyPath::to(&["start"]);
        let text = match tree.get("start").map(|value| &value.node) {
            Some(Node::Text(text) | Node::Date(text)) => text,
            // Any other kind is refused with the shape.
            _ => return Ok(Clock { unit, start: None }),
        };
        let Some(unit) = unit else {
            let message = "`start` is a time of day, but the unit of time is not known";
            return Err(Problem::value(&at, message)
                .also(KeyPath::to(&["time_unit"]))
                .help(format!("`time_unit` must be {UNITS}")));
        };
        match time_of_day(text, false) {
            Some(nanoseconds) if nanoseconds < DAY => Ok(Clock {
                unit: Some(unit),
                start: Some(Start { nanoseconds, unit }),
            }),
            _ => Err(Problem::value(
                &at,
                format!(
                    "`start` is {}, not a time of day",
                    super::shape::quoted(text)
                ),
            )
            .help("write it as `\"8:30\"` or `\"08:30:15\"`")),
        }
    }

    /// The time of day at time 0, in nanoseconds since midnight.
    fn start(&self) -> i64 {
        self.start.map_or(0, |start| start.nanoseconds)
    }

    /// Nanoseconds from time 0 to a time of day; one before the start is on the next day.
    pub(super) fn since_start(&self, nanoseconds: i64) -> i64 {
        let passed = nanoseconds - self.start();
        if passed < 0 { passed + DAY } else { passed }
    }

    /// The time of day `passed` nanoseconds after time 0.
    pub(super) fn time_of_day(&self, passed: i64) -> String {
        let nanoseconds = (self.start() + passed).rem_euclid(DAY);
        let unit = Unit::Nanosecond;
        Start { nanoseconds, unit }.to_string()
    }

    /// The number that a text denotes, or what is wrong with it.
    pub(super) fn number(&self, quantity: Quantity, text: &str) -> Result<f64, Wrong> {
        let unit = self.unit.ok_or(Wrong::NoUnit)?;
        let duration = |text: &str| duration(text, unit);
        match quantity {
            Quantity::Duration => duration(text).ok_or(Wrong::Text("\"90 s\" or \"1.5 h\"")),
            Quantity::Rate => {
                rate(text, unit).ok_or(Wrong::Text("\"40 per h\" or \"100 per 30 min\""))
            }
            Quantity::Instant => time_of_day(text, false)
                .map(|of_day| unit.of_nanoseconds(self.since_start(of_day).into()))
                .or_else(|| duration(text))
                .ok_or(Wrong::Text("\"8:30\", \"08:30:15\" or \"90 min\"")),
        }
    }
}

/// The quantity that a number of a scenario measures, if it may also be a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Duration,
    Rate,
    Instant,
}

impl Quantity {
    /// The quantity named by `x-quantity` in a schema.
    pub(super) fn of(name: &str) -> Option<Quantity> {
        Some(match name {
            "duration" => Quantity::Duration,
            "rate" => Quantity::Rate,
            "instant" => Quantity::Instant,
            _ => return None,
        })
    }
}

/// The reason why a text denotes no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The scenario's unit of time is not known.
    NoUnit,
    /// The text has no valid form; the value gives examples of valid ones.
    Text(&'static str),
}

/// A duration such as `90 s`, in a unit.
fn duration(text: &str, unit: Unit) -> Option<f64> {
    let text = text.trim();
    let at = text.find(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E'))?;
    let (amount, symbol) = text.split_at(at);
    let from = Unit::of(symbol)?;
    let amount = number(amount.trim())?;
    Some(unit.convert(amount, from))
}

/// A rate such as `100 per 30 min`, per unit.
fn rate(text: &str, unit: Unit) -> Option<f64> {
    let (count, time) = text.split_once(" per ")?;
    let (count, time) = (number(count.trim())?, time.trim());
    let length = match Unit::of(time) {
        Some(from) => unit.convert(1.0, from),
        None => duration(time, unit)?,
    };
    let rate = count / length;
    (length > 0.0 && rate.is_finite()).then_some(rate)
}

/// A finite number of plain digits.
fn number(text: &str) -> Option<f64> {
    let plain = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    text.parse::<f64>()
        .ok()
        .filter(|number| plain && number.is_finite())
}

/// Nanoseconds since midnight of a time of day: hours of one or two digits, minutes, and optionally seconds with up
/// to nine decimals; `24:00` is the end of the day.
pub(super) fn time_of_day(text: &str, decimal_comma: bool) -> Option<i64> {
    let (nanoseconds, rest) = leading_time_of_day(text.as_bytes(), decimal_comma)?;
    rest.is_empty().then_some(nanoseconds)
}

/// The time of day at the beginning of a text, and the rest of the text.
pub(super) fn leading_time_of_day(text: &[u8], decimal_comma: bool) -> Option<(i64, &[u8])> {
    let (hours, rest) = leading_number(text, 1..=2)?;
    let (minutes, mut rest) = leading_number(rest.strip_prefix(b":")?, 2..=2)?;
    let (mut seconds, mut nanoseconds) = (0, 0);
    if let Some(after) = rest.strip_prefix(b":") {
        (seconds, rest) = leading_number(after, 1..=2)?;
        if let [point, decimals @ ..] = rest
            && (*point == b'.' || (decimal_comma && *point == b','))
        {
            let (fraction, after) = leading_number(decimals, 1..=9)?;
            let places = decimals.len() - after.len();
            nanoseconds = fraction * 10_i64.pow(9 - places as u32);
            rest = after;
        }
    }
    let all = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + nanoseconds;
    (minutes < 60 && seconds < 60 && all <= DAY).then_some((all, rest))
}

/// The number at the beginning of a text, of this many digits, and the rest of the text.
pub(super) fn leading_number(
    text: &[u8],
    count: std::ops::RangeInclusive<usize>,
) -> Option<(i64, &[u8])> {
    let (mut number, mut digits) = (0, 0);
    while digits < *count.end()
        && let Some(digit) = text.get(digits).filter(|byte| byte.is_ascii_digit())
    {
        number = 10 * number + i64::from(digit - b'0');
        digits += 1;
    }
    (digits >= *count.start()).then(|| (number, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_on_a_clock_are_round_however_long_they_are() {
        let start = Start {
            nanoseconds: 0,
            unit: Unit::Hour,
        };
        for (least, round) in [
            (0.3, 0.5),
            (0.9, 1.0),
            (6.0, 7.0),
            (8.0, 10.0),
            (15.5, 20.0),
            (300.0, 500.0),
        ] {
            assert_eq!(
                start.round_step(24.0 * least),
                Some(24.0 * round),
                "{least} days"
            );
        }
    }

    fn clock(unit: Unit, start: i64) -> Clock {
        let start = Some(Start {
            nanoseconds: start,
            unit,
        });
        Clock {
            unit: Some(unit),
            start,
        }
    }

    #[test]
    fn texts_are_numbers_of_the_unit() {
        let clock = clock(Unit::Minute, 0);
        for (quantity, text, number) in [
            (Quantity::Duration, "90 s", 1.5),
            (Quantity::Duration, "1.5h", 90.0),
            (Quantity::Duration, "1e3 ms", 1.0 / 60.0),
            (Quantity::Duration, "2 d", 2_880.0),
            (Quantity::Duration, "3 min", 3.0),
            (Quantity::Rate, "100 per 30 min", 100.0 / 30.0),
            (Quantity::Rate, "40 per h", 40.0 / 60.0),
            (Quantity::Instant, "8:30", 510.0),
            (Quantity::Instant, "08:30:15", 510.25),
            (Quantity::Instant, "24:00", 1_440.0),
            (Quantity::Instant, "90 s", 1.5),
        ] {
            assert_eq!(clock.number(quantity, text), Ok(number), "{text}");
        }
        for text in [
            "90",
            "s",
            "90 sec",
            "nan s",
            "inf s",
            "1,5 h",
            "",
            "8:30",
            "1 h 30 min",
        ] {
            assert!(clock.number(Quantity::Duration, text).is_err(), "{text}");
        }
        for text in [
            "25:00", "8:60", "8:3", "8:30:60", ":30", "24:00:01", "8:30:15.", "-8:30",
        ] {
            assert!(clock.number(Quantity::Instant, text).is_err(), "{text}");
        }
        for text in ["5 per 0 s", "5 per", "per h", "5 per x", "5 h"] {
            assert!(clock.number(Quantity::Rate, text).is_err(), "{text}");
        }
        let none = Clock::default();
        assert_eq!(none.number(Quantity::Duration, "90 s"), Err(Wrong::NoUnit));
    }

    #[test]
    fn a_time_of_day_before_the_start_is_the_next_days() {
        let clock = clock(Unit::Minute, 510 * 60_000_000_000);
        assert_eq!(clock.number(Quantity::Instant, "9:00"), Ok(30.0));
        assert_eq!(clock.number(Quantity::Instant, "8:30"), Ok(0.0));
        assert_eq!(clock.number(Quantity::Instant, "8:00"), Ok(1_410.0));
    }

    #[test]
    fn a_time_of_a_run_is_said_as_a_time_of_day() {
        let start = clock(Unit::Minute, 510 * 60_000_000_000).start.unwrap();
        assert_eq!(start.to_string(), "08:30");
        assert_eq!(start.at(0.0), "08:30");
        assert_eq!(start.at(32.25), "09:02:15");
        assert_eq!(start.at(0.001), "08:30:00.060");
        assert_eq!(start.at(930.0), "00:00 +1 d");
        assert_eq!(start.at(-511.0), "23:59 -1 d");
    }
}
