//! The shares of a study that several processes do together, and the numbers of each.
//!
//! Numbers are dealt in rounds of K, and each round begins one position further on: number n goes to share (n / K +
//! n) mod K. So shares differ by at most one number, whatever is added later; and the cells of a grid, which have
//! consecutive numbers, are spread over the shares even if their count divides K.

use std::fmt;
use std::str::FromStr;

/// The maximum number of shares.
const SHARES_MAX: u64 = 100_000;

/// One of K shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// Its index, from 0.
    index: u64,
    of: u64,
}

impl Share {
    /// The share that is the whole study.
    pub const WHOLE: Share = Share { index: 0, of: 1 };

    /// All shares of a study split into `of`, at least one.
    pub fn all(of: u64) -> impl Iterator<Item = Share> {
        (0..of.max(1)).map(move |index| Share {
            index,
            of: of.max(1),
        })
    }

    /// Whether a number is in the share.
    #[must_use]
    pub fn holds(self, number: u64) -> bool {
        (number / self.of + number % self.of) % self.of == self.index
    }

    /// Whether it is the whole study.
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
