//! Arrivals at a rate that changes over time.

use super::{Law, Sampler, Stream};
use crate::random::laws::Exponential;

/// A Poisson process whose rate changes over time, by inversion of the cumulative rate (Cinlar 1975): the instants
/// at which it has grown by independent exponentials with mean 1.
#[derive(Clone, Debug)]
pub struct ChangingRate {
    /// The end of each piece and its rate.
    pieces: Vec<(f64, f64)>,
    unit: Sampler,
    /// Mean number of arrivals in one pass of the table.
    expected: f64,
    /// Number of finished passes of the table, and the current piece.
    rounds: f64,
    piece: usize,
    /// Time within the table.
    clock: f64,
}

impl ChangingRate {
    /// Creates the process from the end and the rate of each piece (the first begins at 0); the
    /// table repeats. At least one rate must be positive.
    #[must_use]
    pub fn new(pieces: Vec<(f64, f64)>, stream: Stream) -> ChangingRate {
        let begins = std::iter::once(0.0).chain(pieces.iter().map(|&(until, _)| until));
        let expected = begins
            .zip(&pieces)
            .map(|(begin, &(until, rate))| (until - begin) * rate)
            .sum();
        ChangingRate {
            expected,
            pieces,
            unit: Sampler::new(&Law::Exponential(Exponential { mean: 1.0 }), stream),
            rounds: 0.0,
            piece: 0,
            clock: 0.0,
        }
    }

    /// Draws the next arrival instant.
    pub fn instant(&mut self) -> f64 {
        let mut growth = self.unit.draw().expect("an exponential law has no end");
        // Whole passes are skipped at once: the rate may be so low that millions go by.
        let tables = (growth / self.expected).floor();
        if tables > 0.0 {
            growth = (growth - tables * self.expected).max(0.0);
            self.rounds += tables;
        }
        loop {
            let (until, rate) = self.pieces[self.piece];
            let left = (until - self.clock) * rate;
            if growth < left {
                self.clock += growth / rate;
                break;
            }
            growth -= left;
            self.clock = until;
            self.piece += 1;
            if self.piece == self.pieces.len() {
                self.piece = 0;
                self.clock = 0.0;
                self.rounds += 1.0;
            }
        }
        let period = self.pieces[self.pieces.len() - 1].0;
        self.rounds * period + self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn a_rate_so_low_that_millions_of_tables_pass_takes_no_longer() {
        let pieces = [(1.0, 1e-12)];
        let mut rate = ChangingRate::new(
            pieces.to_vec(),
            Stream::new(1, 0, "arrivals", Purpose::Arrivals),
        );
        let mean = (0..1000).map(|_| rate.instant()).last().unwrap() / 1000.0;
        assert!((mean / 1e12 - 1.0).abs() < 0.15, "{mean}");
    }

    #[test]
    fn a_changing_rate_brings_as_many_as_it_says_in_each_piece() {
        let pieces = [(10.0, 5.0), (30.0, 0.0), (40.0, 20.0)];
        let mut rate = ChangingRate::new(
            pieces.to_vec(),
            Stream::new(1, 0, "arrivals", Purpose::Arrivals),
        );
        let (mut first, mut third, mut before) = (0, 0, 0.0);
        loop {
            let time = rate.instant();
            assert!(time >= before);
            before = time;
            if time > 4000.0 {
                break;
            }
            match time % 40.0 {
                t if t < 10.0 => first += 1,
                t if t < 30.0 => panic!("an arrival at {time}, where the rate is zero"),
                _ => third += 1,
            }
        }
        // Means 5,000 and 20,000: four standard deviations.
        assert!((first - 5000_i32).abs() < 283, "{first}");
        assert!((third - 20_000_i32).abs() < 566, "{third}");
    }
}
