//! Mapping of values to places: linear scales, round ticks and their labels.

use crate::number;
use crate::scenario::Start;

/// The format of an axis's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Real numbers.
    #[default]
    Number,
    /// Whole numbers: no tick is between two of them.
    Whole,
    /// Shares of 1, written as percentages.
    Share,
    /// Times of a run, written as times of day.
    TimeOfDay(Start),
}

/// An axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// Name of the quantity with its unit: `min waited`.
    pub label: String,
    /// Format of its values.
    pub unit: Unit,
    /// Whether it shows only the range of the values; otherwise it begins at zero.
    pub cropped: bool,
    /// A range that it always shows, whatever the values.
    pub always: Option<(f64, f64)>,
}

impl Axis {
    /// An axis of real numbers from zero.
    #[must_use]
    pub fn numbers(label: impl Into<String>) -> Axis {
        Axis {
            label: label.into(),
            ..Axis::default()
        }
    }

    /// An axis of times of a run that begins at a time of day.
    #[must_use]
    pub fn times_of_day(start: Start) -> Axis {
        Axis {
            label: "time of day".to_owned(),
            unit: Unit::TimeOfDay(start),
            ..Axis::default()
        }
    }

    /// An axis of whole numbers from zero.
    #[must_use]
    pub fn whole(label: impl Into<String>) -> Axis {
        Axis {
            label: label.into(),
            unit: Unit::Whole,
            ..Axis::default()
        }
    }

    /// An axis of shares from zero.
    #[must_use]
    pub fn shares(label: impl Into<String>) -> Axis {
        Axis {
            label: label.into(),
            unit: Unit::Share,
            ..Axis::default()
        }
    }

    /// The axis with a range that is always shown, so that it does not change as values arrive.
    #[must_use]
    pub fn always(self, low: f64, high: f64) -> Axis {
        Axis {
            always: Some((low, high)),
            ..self
        }
    }

    /// The axis beginning at the least value.
    #[must_use]
    pub fn cropped(self) -> Axis {
        Axis {
            cropped: true,
            ..self
        }
    }
}

/// The range of the finite values among these; `None` if there are none.
pub(super) fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.into_iter().filter(|value| value.is_finite());
    finite.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

/// A linear mapping of values to places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    /// The places of `low` and `high`.
    pub(super) places: (f64, f64),
}

impl Scale {
    pub(super) fn at(&self, value: f64) -> f64 {
        let (from, to) = self.places;
        // Halved, so that the difference of the extreme numbers does not overflow.
        let share = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        from + share.clamp(-1.0, 2.0) * (to - from)
    }
}

/// The ticks of an axis and their labels.
#[derive(Clone, Debug)]
pub(super) struct Ticks {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Value and label.
    pub(super) marks: Vec<(f64, String)>,
}

impl Ticks {
    /// About `most` round values for a range, and no more; with `whole_range`, the axis ends on them.
    pub(super) fn new(
        axis: &Axis,
        seen: Option<(f64, f64)>,
        most: f64,
        whole_range: bool,
    ) -> Ticks {
        const GREATEST: f64 = 1e300;
        let always = axis.always.into_iter().flat_map(|(low, high)| [low, high]);
        let values = seen.into_iter().flat_map(|(low, high)| [low, high]);
        let (low, high) = range(always.chain(values)).unwrap_or((0.0, 1.0));
        let (mut low, mut high) = (low.max(-GREATEST), high.min(GREATEST));
        if !axis.cropped {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if low == high {
            let room = match axis.unit {
                _ if low == 0.0 => 1.0,
                Unit::Whole => 1.0,
                _ => low.abs() * 0.1,
            };
            (low, high) = match axis.cropped {
                true => (low - room, high + room),
                false => (low, high + room),
            };
        }
        let mut step = round_step((high - low) / most.max(1.0));
        if let Unit::TimeOfDay(start) = axis.unit {
            step = start
                .round_step((high - low) / most.max(1.0))
                .unwrap_or(step);
        }
        if axis.unit == Unit::Whole {
            step = step.max(1.0);
        }
        let (mut first, mut last) = ((low / step).ceil(), (high / step).floor());
        if whole_range {
            (first, last) = ((low / step).floor(), (high / step).ceil());
            (low, high) = (first * step, last * step);
        }
        let count = (last - first).clamp(0.0, 100.0) as usize;
        let values = (0..=count).map(|number| (first + number as f64) * step);
        let values: Vec<f64> = values.collect();
        let marks = values
            .iter()
            .map(|&value| (value, label(value, step, axis.unit)));
        Ticks {
            low,
            high,
            marks: marks.collect(),
        }
    }
}

/// The next of 1, 2, 5, 10, ... that is not below `least`.
fn round_step(least: f64) -> f64 {
    if least.is_nan() || least <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor()).max(f64::MIN_POSITIVE);
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// A tick's label, with as many decimals as the step needs.
fn label(value: f64, step: f64, unit: Unit) -> String {
    let value = if value.abs() < step * 1e-6 {
        0.0
    } else {
        value
    };
    match unit {
        Unit::TimeOfDay(start) => start.at(value),
        Unit::Share => {
            let places = decimals(step * 100.0);
            format!("{:.places$} %", value * 100.0)
        }
        Unit::Number | Unit::Whole => {
            if value == 0.0 {
                "0".to_owned()
            } else if step < 1e-5 || (value.abs() >= 1e7 && !is_far(value, step)) {
                power_of_ten(value, step)
            } else {
                number::with_decimals(value, decimals(step))
            }
        }
    }
}

fn decimals(step: f64) -> usize {
    (-(step * 1.000_001).log10().floor()).clamp(0.0, 9.0) as usize
}

/// Whether neighbouring ticks differ only beyond the figures of a power of ten, but not beyond those of a number
/// written out.
fn is_far(value: f64, step: f64) -> bool {
    value.abs() / step > 1e6 && value.abs() < 1e15
}

/// `2×10⁹`: format for numbers too large or too small to be written out.
fn power_of_ten(value: f64, step: f64) -> String {
    let exponent = value.abs().log10().floor();
    let places = (exponent - (step * 1.000_001).log10().floor()).clamp(0.0, 6.0) as usize;
    let written = format!("{value:.places$e}");
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let raised = exponent.chars().map(|c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32('⁰' as u32 + (c as u32 - '0' as u32)).unwrap_or(c),
    });
    format!("{mantissa}×10{}", raised.collect::<String>())
}

/// A value formatted for a label beside a mark.
pub(super) fn said(value: f64, unit: Unit) -> String {
    match unit {
        Unit::TimeOfDay(start) => start.at(value),
        Unit::Share => number::percent(value),
        Unit::Whole | Unit::Number => number::plain(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, range: (f64, f64)) -> Vec<String> {
        let ticks = Ticks::new(axis, Some(range), 5.0, true);
        ticks.marks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_cover_the_range() {
        let numbers = Axis::numbers("min");
        assert_eq!(
            labels(&numbers, (0.0, 9.3)),
            ["0", "2", "4", "6", "8", "10"]
        );
        assert_eq!(
            labels(&numbers, (0.0, 0.93)),
            ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(&numbers, (0.0, 1_258_000.0)),
            ["0", "500 000", "1 000 000", "1 500 000"]
        );
        assert_eq!(labels(&Axis::whole("step"), (0.0, 1.0)), ["0", "1"]);
        assert_eq!(
            labels(&Axis::shares("up"), (0.0, 1.0)),
            ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]
        );
        assert_eq!(
            labels(&numbers.cropped(), (97.2, 101.0)),
            ["97", "98", "99", "100", "101"]
        );
    }

    #[test]
    fn ticks_far_from_zero_are_told_apart() {
        assert_eq!(
            labels(
                &Axis::numbers("s").cropped(),
                (1_715_299_980.0, 1_715_299_984.0)
            ),
            [
                "1 715 299 980",
                "1 715 299 981",
                "1 715 299 982",
                "1 715 299 983",
                "1 715 299 984"
            ]
        );
    }

    #[test]
    fn huge_and_tiny_values_have_short_labels() {
        let numbers = Axis::numbers("");
        assert_eq!(
            labels(&numbers, (0.0, 4e12)),
            ["0", "1×10¹²", "2×10¹²", "3×10¹²", "4×10¹²"]
        );
        assert_eq!(
            labels(&numbers, (0.0, 2e-9)),
            ["0", "5×10⁻¹⁰", "1×10⁻⁹", "1.5×10⁻⁹", "2×10⁻⁹"].map(|label| label
                .replace("1×10⁻⁹", "1.0×10⁻⁹")
                .replace("2×10⁻⁹", "2.0×10⁻⁹"))
        );
        for range in [
            (0.0, f64::MAX),
            (f64::MIN, f64::MAX),
            (0.0, f64::MIN_POSITIVE),
            (5.0, 5.0),
        ] {
            let found = labels(&numbers, range);
            assert!((1..=12).contains(&found.len()), "{range:?}: {found:?}");
            assert!(
                found.iter().all(|label| label.len() < 24),
                "{range:?}: {found:?}"
            );
        }
    }

    #[test]
    fn a_scale_maps_the_ends_to_the_ends() {
        let scale = Scale {
            low: 2.0,
            high: 4.0,
            places: (100.0, 0.0),
        };
        assert_eq!(
            [2.0, 3.0, 4.0].map(|value| scale.at(value)),
            [100.0, 50.0, 0.0]
        );
        let widest = Scale {
            low: -1e300,
            high: 1e300,
            places: (0.0, 10.0),
        };
        assert_eq!(widest.at(0.0), 5.0);
    }
}
