//! The source: customers reach the line by the law, the table or the trace of the scenario.

use super::message::{Chunk, Customer, LineMessage};
use crate::actor::{Input, Outbox, Port, Wants};
use crate::random::{Law, Purpose, Sampler, Stream};
use crate::scenario::{Horizon, LineArrivals, RatePiece};
use std::sync::Arc;

/// The name by which its stream goes.
pub(super) const NAME: &str = "arrivals";

/// Makes the customers of a line, a chunk each turn.
#[derive(Clone, Debug)]
pub(super) struct Source {
    instants: Instants,
    horizon: Horizon,
    chunk: usize,
    made: u64,
    gaps: Vec<f64>,
    done: bool,
    stopped: bool,
}

/// Where the instants of arrival come from.
#[derive(Clone, Debug)]
enum Instants {
    Renewal { gaps: Sampler, clock: f64 },
    Times(Arc<[f64]>),
    Rates(ChangingRate),
}

impl Source {
    /// A source for these arrivals; `None` where the first stage makes its own customers.
    pub(super) fn new(
        arrivals: &LineArrivals,
        horizon: Horizon,
        chunk: usize,
        seed: u64,
        replication: u64,
    ) -> Option<Source> {
        let stream = Stream::new(seed, replication, NAME, Purpose::Arrivals);
        let instants = match arrivals {
            LineArrivals::Renewal(law) => Instants::Renewal {
                gaps: Sampler::new(law, stream),
                clock: 0.0,
            },
            LineArrivals::Times(times) => Instants::Times(Arc::clone(times)),
            LineArrivals::Rates(pieces) => Instants::Rates(ChangingRate::new(pieces, stream)),
            LineArrivals::Saturated => return None,
        };
        Some(Source {
            instants,
            horizon,
            chunk,
            made: 0,
            gaps: Vec::new(),
            done: false,
            stopped: false,
        })
    }

    pub(super) fn wants(&self) -> Wants {
        if self.done {
            Wants::Nothing
        } else {
            Wants::Turn
        }
    }

    /// How many customers it made.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    /// Whether it was told to stop before its horizon.
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn handle<R>(
        &mut self,
        input: &Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, R>,
    ) {
        let mut customers = Vec::new();
        if *input == Input::Stop {
            self.done = true;
            self.stopped = true;
        } else {
            customers.reserve_exact(self.chunk);
            self.fill(&mut customers);
        }
        let chunk = Chunk {
            customers,
            last: self.done,
            ..Chunk::default()
        };
        outbox.send(Port(0), LineMessage::Customers(Box::new(chunk)));
    }

    /// Makes the next customers, at most a chunk, and notices the horizon.
    fn fill(&mut self, customers: &mut Vec<Customer>) {
        let (most, until) = match self.horizon {
            Horizon::Customers(all) => (
                (all - self.made).min(self.chunk as u64) as usize,
                f64::INFINITY,
            ),
            Horizon::Until(until) => (self.chunk, until),
        };
        let short = match &mut self.instants {
            Instants::Renewal { gaps, clock } => {
                self.gaps.resize(most, 0.0);
                let drawn = gaps.fill(&mut self.gaps);
                for gap in &self.gaps[..drawn] {
                    *clock += gap;
                    if *clock > until {
                        self.done = true;
                        break;
                    }
                    self.made += 1;
                    customers.push(Customer::new(self.made, *clock));
                }
                drawn < most
            }
            Instants::Times(times) => {
                let left = &times[self.made as usize..];
                for &time in left.iter().take(most).take_while(|&&time| time <= until) {
                    self.made += 1;
                    customers.push(Customer::new(self.made, time));
                }
                customers.len() < most
            }
            Instants::Rates(rate) => {
                while customers.len() < most {
                    let time = rate.next();
                    if time > until {
                        self.done = true;
                        break;
                    }
                    self.made += 1;
                    customers.push(Customer::new(self.made, time));
                }
                false
            }
        };
        self.done |= short || self.horizon == Horizon::Customers(self.made);
    }
}

/// A Poisson process whose rate changes over time, by inversion of the cumulated rate (Cinlar 1975):
/// the instants at which it has grown by independent exponentials of mean 1.
#[derive(Clone, Debug)]
struct ChangingRate {
    pieces: Vec<RatePiece>,
    unit: Sampler,
    /// How many arrive in a table, on average.
    expected: f64,
    /// How often the table was gone through, and where it stands now.
    rounds: f64,
    piece: usize,
    /// Time within the table.
    clock: f64,
}

impl ChangingRate {
    fn new(pieces: &[RatePiece], stream: Stream) -> ChangingRate {
        let begins = std::iter::once(0.0).chain(pieces.iter().map(|piece| piece.until));
        let expected = begins
            .zip(pieces)
            .map(|(begin, piece)| (piece.until - begin) * piece.rate)
            .sum();
        ChangingRate {
            expected,
            pieces: pieces.to_vec(),
            unit: Sampler::new(&Law::Exponential { mean: 1.0 }, stream),
            rounds: 0.0,
            piece: 0,
            clock: 0.0,
        }
    }

    fn next(&mut self) -> f64 {
        let mut growth = self.unit.draw().expect("an exponential law has no end");
        // Whole tables are stepped over at once: a rate may be so low that millions pass.
        let tables = (growth / self.expected).floor();
        if tables > 0.0 {
            growth = (growth - tables * self.expected).max(0.0);
            self.rounds += tables;
        }
        loop {
            let RatePiece { until, rate } = self.pieces[self.piece];
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
        let period = self.pieces[self.pieces.len() - 1].until;
        self.rounds * period + self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_so_low_that_millions_of_tables_pass_takes_no_longer() {
        let pieces = [RatePiece {
            until: 1.0,
            rate: 1e-12,
        }];
        let mut rate = ChangingRate::new(&pieces, Stream::new(1, 0, NAME, Purpose::Arrivals));
        let mean = (0..1000).map(|_| rate.next()).last().unwrap() / 1000.0;
        assert!((mean / 1e12 - 1.0).abs() < 0.15, "{mean}");
    }

    #[test]
    fn a_changing_rate_brings_as_many_as_it_says_in_each_piece() {
        let pieces = [
            RatePiece {
                until: 10.0,
                rate: 5.0,
            },
            RatePiece {
                until: 30.0,
                rate: 0.0,
            },
            RatePiece {
                until: 40.0,
                rate: 20.0,
            },
        ];
        let mut rate = ChangingRate::new(&pieces, Stream::new(1, 0, NAME, Purpose::Arrivals));
        let (mut first, mut third, mut before) = (0, 0, 0.0);
        loop {
            let time = rate.next();
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
        // Means 5,000 and 20,000: four deviations.
        assert!((first - 5000_i32).abs() < 283, "{first}");
        assert!((third - 20_000_i32).abs() < 566, "{third}");
    }
}
