//! Numbers formatted for people: three significant figures, thousands separated.

use std::time::Duration;

/// Formats a whole number with its thousands separated: `1 509`.
#[must_use]
pub fn count(number: u64) -> String {
    apart(&number.to_string())
}

/// The non-breaking spaces: one of ordinary width, and a narrow one between thousands.
pub const UNBREAKABLE: [char; 2] = ['\u{a0}', '\u{202f}'];

/// Replaces the spaces within numbers by non-breaking ones: between thousands, before `%` and around `±`.
#[must_use]
pub fn unbroken(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let kept = letters.iter().enumerate().map(|(at, &letter)| {
        let before = at > 0 && (digit(at - 1) || letters[at - 1] == '±');
        let thousands = digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4);
        match (letter, letters.get(at + 1)) {
            (' ', Some('%' | '±')) if before => UNBREAKABLE[0],
            (' ', _) if at > 0 && letters[at - 1] == '±' => UNBREAKABLE[0],
            (' ', _) if before && thousands => UNBREAKABLE[1],
            _ => letter,
        }
    });
    kept.collect()
}

fn apart(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Formats a count of things: `1 stage`, `2 stages`, `2 entries`.
#[must_use]
pub fn of_them(number: u64, what: &str) -> String {
    let things = match (number, what.strip_suffix("ry")) {
        (1, _) => what.to_owned(),
        (_, Some(stem)) => format!("{stem}ries"),
        _ => format!("{what}s"),
    };
    format!("{} {things}", count(number))
}

/// The form of a verb that goes with a count of things: `is` or `are`.
#[must_use]
pub fn agreeing(number: u64, one: &'static str, many: &'static str) -> &'static str {
    if number == 1 { one } else { many }
}

/// Formats a share as a percentage: `41 %`, or `0.4 %` if a whole number would be too coarse.
#[must_use]
pub fn percent(share: f64) -> String {
    // A share of -0 is 0.
    let percent = 100.0 * share + 0.0;
    if (99.5..100.0).contains(&percent) {
        // A share below 1 is never rounded to 100 %.
        format!("{:.1} %", percent.min(99.9))
    } else if percent == 0.0 || percent >= 9.95 {
        format!("{} %", with_decimals(percent, 0))
    } else if percent >= 0.095 {
        format!("{percent:.1} %")
    } else {
        "<0.1 %".to_owned()
    }
}

/// Formats a share given by a person as a percentage with all of its digits: `97.5 %`.
#[must_use]
pub fn given_percent(share: f64) -> String {
    format!("{} %", given(moved(share, 2)))
}

/// Formats a number given by a person with all of its digits, thousands separated: `1 234.5`.
#[must_use]
pub fn given(number: f64) -> String {
    let text = format!("{number}");
    let places = text
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    with_decimals(number, places)
}

/// Moves the decimal point of a number to the right, or to the left if `places` is negative. It works on the decimal
/// text, since a multiplication would round.
#[must_use]
pub fn moved(number: f64, places: i32) -> f64 {
    format!("{number}e{places}").parse().unwrap_or(number)
}

/// Formats a share as [`percent`] does, with more decimals if it would otherwise appear on the wrong side of one of
/// these limits.
#[must_use]
pub fn percent_beside(share: f64, limits: &[f64]) -> String {
    let limits: Vec<f64> = limits.iter().map(|&limit| moved(limit, 2)).collect();
    beside(moved(share, 2), percent(share), " %", &limits)
}

/// Formats a number as [`plain`] does, with more decimals if it would otherwise appear on the wrong side of one of
/// these limits.
#[must_use]
pub fn plain_beside(number: f64, limits: &[f64]) -> String {
    beside(number, plain(number), "", limits)
}

/// Formats the end of an interval with as many decimals as [`plain`], rounded away from the interval, and with more if
/// it would otherwise appear on the wrong side of one of these limits.
#[must_use]
pub fn bound_beside(number: f64, is_upper: bool, limits: &[f64]) -> String {
    let outward = |places: usize| {
        let rounded: f64 = format!("{number:.places$}").parse().unwrap_or(number);
        let unit = 10f64.powi(-i32::try_from(places).unwrap_or(0));
        match is_upper {
            true if rounded < number => with_decimals(rounded + unit, places),
            false if rounded > number => with_decimals(rounded - unit, places),
            _ => with_decimals(rounded, places),
        }
    };
    let mut finer = (decimals(number)..=PLACES).map(outward);
    let agrees = |text: &String| is_beside(number, text, limits);
    finer.find(agrees).unwrap_or_else(|| given(number))
}

/// The most decimals shown.
const PLACES: usize = 15;

/// Whether a text shows a number on the right side of each limit.
fn is_beside(number: f64, text: &str, limits: &[f64]) -> bool {
    let shown: Option<f64> = text.replace(' ', "").parse().ok();
    let side = |number: f64, limit: &f64| number.partial_cmp(limit);
    let same = |limit| shown.and_then(|shown| side(shown, limit)) == side(number, limit);
    limits.iter().all(same)
}

/// Returns `text` if it shows the number on the right side of each limit, else the number with the fewest decimals that
/// do.
fn beside(number: f64, text: String, unit: &str, limits: &[f64]) -> String {
    let agrees = |text: &String| is_beside(number, text.trim_end_matches(unit), limits);
    if agrees(&text) {
        return text;
    }
    let digits = text.trim_end_matches(unit);
    let shown = digits.find('.').map_or(0, |point| digits.len() - point - 1);
    let mut finer = (shown + 1..=PLACES).map(|places| with_decimals(number, places) + unit);
    finer.find(agrees).unwrap_or(text)
}

/// Formats a real number to three significant figures.
#[must_use]
pub fn plain(number: f64) -> String {
    fixed(number, decimals(number))
}

/// Formats a number to the second figure of its uncertainty, or to three figures if that is missing
/// or zero.
#[must_use]
pub fn fine(number: f64, uncertainty: Option<f64>) -> String {
    match uncertainty {
        Some(half) if half >= 1e-9 && number.abs() < 1e12 => {
            with_decimals(number, (1.0 - half.log10().floor()).max(0.0) as usize)
        }
        _ => plain(number),
    }
}

/// Formats a mean with its half-width: `5.163 ± 0.010`; `–` if there is no mean.
#[must_use]
pub fn with_error(mean: Option<f64>, half_width: Option<f64>) -> String {
    match (mean, half_width) {
        (Some(mean), Some(half)) => {
            format!("{} ± {}", fine(mean, Some(half)), fine(half, Some(half)))
        }
        (Some(mean), None) => plain(mean),
        (None, _) => "–".to_owned(),
    }
}

/// Whether a number is whole, so that decimals would add nothing.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0
}

/// Formats a column of real numbers, aligned on the decimal point; `none` stands for a missing one.
#[must_use]
pub fn column(numbers: &[Option<f64>], none: &str) -> Vec<String> {
    let present = || numbers.iter().flatten().map(|x| x.abs());
    let largest = present().fold(0.0, f64::max);
    let least = present().filter(|&x| x > 0.0).fold(f64::INFINITY, f64::min);
    // Small numbers in a column of large ones still show a figure or two.
    let places = match decimals(largest) {
        _ if numbers.iter().flatten().all(|&x| is_whole(x)) => 0,
        places if least < 1.0 => places.max(2),
        places if least < 10.0 => places.max(1),
        places => places,
    };
    let text = |number: &Option<f64>| number.map_or(none.to_owned(), |x| fixed(x, places));
    numbers.iter().map(text).collect()
}

/// Number of decimals that leaves three significant figures.
fn decimals(number: f64) -> usize {
    let magnitude = number.abs();
    if is_whole(number) {
        return 0;
    }
    [100.0, 10.0, 1.0, 0.1]
        .iter()
        .position(|&bound| magnitude >= bound * 0.999_5)
        .unwrap_or(4)
}

fn fixed(number: f64, places: usize) -> String {
    let magnitude = number.abs();
    if magnitude >= 1e12 || (magnitude > 0.0 && magnitude < 0.5e-3) {
        return format!("{number:.2e}");
    }
    with_decimals(number, places)
}

/// Formats a real number with `places` decimals, thousands separated.
#[must_use]
pub fn with_decimals(number: f64, places: usize) -> String {
    let text = format!("{:.places$}", number.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    // A number rounded to zero has no sign.
    let is_zero = text.chars().all(|letter| matches!(letter, '0' | '.'));
    let sign = if number < 0.0 && !is_zero { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", apart(whole))
}

/// Formats a duration in milliseconds, seconds, or minutes and seconds, according to its length.
#[must_use]
pub fn duration(took: Duration) -> String {
    let seconds = took.as_secs_f64();
    if seconds < 1.0 {
        format!("{:.0} ms", (1000.0 * seconds).max(1.0))
    } else if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = took.as_secs();
        format!("{} min {:02} s", count(whole / 60), whole % 60)
    }
}
