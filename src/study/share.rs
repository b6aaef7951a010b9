//! The shares of a study that several processes do together, and the numbers of each.
//!
//! Numbers are dealt in hands of K, and each hand begins one place further on: number n goes to share
//! (n / K + n) mod K. So shares differ by one number at most, whatever is added later; and the cells of a
//! grid, which follow each other in the numbers, go round even where their count divides K.

use std::fmt;
use std::str::FromStr;

/// The most shares.
const SHARES_MAX: u64 = 100_000;

/// One of K shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// From 0.
    index: u64,
    of: u64,
}

impl Share {
    /// Everything.
    pub const WHOLE: Share = Share { index: 0, of: 1 };

    /// All shares of a study in this many, at least one.
    pub fn all(of: u64) -> impl Iterator<Item = Share> {
        (0..of.max(1)).map(move |index| Share {
            index,
            of: of.max(1),
        })
    }

    /// Whether a number is in it.
    #[must_use]
    pub fn holds(self, number: u64) -> bool {
        (number / self.of + number % self.of) % self.of == self.index
    }

    /// Whether it is everything.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.of == 1
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> u64 {
        self.index + 1
    }

    /// The number of shares.
    #[must_use]
    pub fn of(self) -> u64 {
        self.of
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Share, String> {
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(i, k)| Some((i.parse().ok()?, k.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) && of <= SHARES_MAX => Ok(Share {
                index: number - 1,
                of,
            }),
            _ => Err(format!(
                "a share is I/K with I from 1 to K and K at most {SHARES_MAX}, as in 3/8"
            )),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number(), self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_in_one_share_and_shares_are_even() {
        for of in [1, 2, 3, 8, 64, 100] {
            let mut sizes = vec![0; of as usize];
            for number in 0..1000 {
                let mut holders = Share::all(of).filter(|share| share.holds(number));
                sizes[holders.next().unwrap().index as usize] += 1;
                assert_eq!(holders.next(), None);
            }
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            assert!(most - least <= 1, "{of}: {least} to {most}");
        }
    }

    #[test]
    fn cells_of_a_grid_go_round_the_shares() {
        // 4 cells among 4 shares: each share gets each cell in turn.
        let share: Share = "2/4".parse().unwrap();
        let cells: Vec<u64> = (0..16).filter(|&n| share.holds(n)).map(|n| n % 4).collect();
        assert_eq!(cells, [1, 0, 3, 2]);
    }

    #[test]
    fn shares_are_read_and_written() {
        let share: Share = "3/8".parse().unwrap();
        assert_eq!(
            (share.to_string(), share.number(), share.of()),
            ("3/8".to_owned(), 3, 8)
        );
        for wrong in [
            "", "3", "0/8", "9/8", "1/0", "a/b", "1/8/2", "-1/3", "1/999999",
        ] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
