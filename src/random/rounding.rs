//! Durations rounded to whole steps: up or down at random, so that means are kept.

use super::{Purpose, Stream};

/// The longest duration in steps; a longer one ends after every simulation anyway.
const LONGEST: f64 = 9_007_199_254_740_992.0;

/// The draws by which the durations of one kind are rounded to whole numbers of steps.
///
/// The draw of a duration belongs to its number, in whatever order durations are rounded: it is the first word of
/// the stream of this name, mixed with the number by the finaliser of `SplitMix64`.
#[derive(Clone, Copy, Debug)]
pub struct Rounding {
    word: u64,
}

impl Rounding {
    /// The draws for durations of this name.
    #[must_use]
    pub fn new(seed: u64, replication: u64, name: &str) -> Rounding {
        let mut stream = Stream::new(seed, replication, name, Purpose::Rounding);
        Rounding {
            word: stream.next_word(),
        }
    }

    /// Rounds a duration: `value` rounded down, or up with a probability equal to its fractional part; at least 1.
    /// The pair of numbers names it among those of its kind.
    #[must_use]
    pub fn nth(&self, value: f64, name: (u64, u64)) -> f64 {
        self.from_zero(value, name).max(1.0)
    }

    /// The same for a duration that may be 0.
    #[must_use]
    pub fn from_zero(&self, value: f64, (number, piece): (u64, u64)) -> f64 {
        let value = value.min(LONGEST);
        let floor = value.floor();
        if value > floor && self.unit(number, piece) < value - floor {
            floor + 1.0
        } else {
            floor
        }
    }

    fn unit(&self, number: u64, piece: u64) -> f64 {
        let mix = |word: u64| {
            let mut x = word;
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            x ^ (x >> 31)
        };
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let word = mix(self.word.wrapping_add(number.wrapping_mul(GOLDEN)));
        let word = mix(word.wrapping_add(piece.wrapping_mul(GOLDEN)));
        (word >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_kept_but_for_values_under_one() {
        let rounding = Rounding::new(1, 0, "service");
        let mean = |value: f64| {
            let sum: f64 = (0..100_000).map(|k| rounding.nth(value, (k, 0))).sum();
            sum / 100_000.0
        };
        // Five standard errors of a draw of up or down.
        for value in [1.5, 2.25, 7.9] {
            let share: f64 = value % 1.0;
            let error = (share * (1.0 - share) / 1e5).sqrt();
            assert!((mean(value) - value).abs() < 5.0 * error, "{value}");
        }
        assert_eq!((mean(0.0), mean(0.4), mean(3.0)), (1.0, 1.0, 3.0));
        assert_eq!(rounding.nth(f64::MAX, (1, 0)), LONGEST);
    }

    #[test]
    fn draws_of_neighbouring_numbers_and_pieces_are_unrelated() {
        let rounding = Rounding::new(1, 0, "service");
        let draw = |number, piece| rounding.unit(number, piece) - 0.5;
        let n = 20_000;
        for (more, again) in [(1, 0), (0, 1), (1, 1)] {
            let products = (0..n).map(|k| draw(k, 0) * draw(k + more, again));
            let correlation = products.sum::<f64>() * 12.0 / (n as f64).sqrt();
            assert!(correlation.abs() < 4.5, "{correlation}");
        }
    }
}
