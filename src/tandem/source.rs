//! The source: customers reach the line by the law, the table or the trace of the scenario.

use super::lookahead::Lookahead;
use super::message::{Chunk, Customers, LineMessage};
use crate::actor::{Input, Outbox, Port, Wants};
use crate::random::{ChangingRate, Purpose, Sampler, Stream};
use crate::scenario::{Horizon, LineArrivals};
use std::sync::Arc;

/// The name of its random stream.
pub(super) const NAME: &str = "arrivals";

/// Generates the customers of a line, a chunk each turn.
#[derive(Clone, Debug)]
pub(super) struct Source {
    instants: Instants,
    horizon: Horizon,
    chunk: usize,
    /// The number of customers for whom the stages' traces have values.
    values: u64,
    made: u64,
    lookahead: Lookahead,
    done: bool,
    stopped: bool,
}

/// The source of the instants of arrival.
#[derive(Clone, Debug)]
enum Instants {
    Renewal { gaps: Sampler, clock: f64 },
    Times(Arc<Vec<f64>>),
    Rates(ChangingRate),
}

impl Source {
    /// A source for these arrivals; `None` if the first stage generates its own customers.
    pub(super) fn new(
        arrivals: &LineArrivals,
        horizon: Horizon,
        chunk: usize,
        values: u64,
        lookahead: Lookahead,
        (seed, replication): (u64, u64),
    ) -> Option<Source> {
        let stream = Stream::new(seed, replication, NAME, Purpose::Arrivals);
        let instants = match arrivals {
            LineArrivals::Renewal(law) => Instants::Renewal {
                gaps: Sampler::new(law, stream),
                clock: 0.0,
            },
            LineArrivals::Times(times) => Instants::Times(Arc::clone(times)),
            LineArrivals::Rates(pieces) => {
                let pieces = pieces.iter().map(|piece| (piece.until, piece.rate));
                Instants::Rates(ChangingRate::new(pieces.collect(), stream))
            }
            LineArrivals::Saturated => return None,
            LineArrivals::Recorded { .. }
            | LineArrivals::PerClass(_)
            | LineArrivals::Population(_) => {
                unreachable!("a plain line has no classes")
            }
        };
        Some(Source {
            instants,
            horizon,
            chunk,
            values,
            made: 0,
            lookahead,
            done: false,
            stopped: false,
        })
    }

    pub(super) fn wants(&self) -> Wants {
        if self.done {
            Wants::Nothing
        } else {
            Wants::Turn(self.lookahead.due())
        }
    }

    /// The number of customers generated.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    /// Whether it was stopped before its horizon.
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn handle<R>(
        &mut self,
        input: &Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, R>,
    ) {
        let first = self.made + 1;
        let mut times = Vec::new();
        if *input == Input::Stop {
            self.done = true;
            self.stopped = true;
        } else {
            times.reserve_exact(self.chunk);
            self.fill(&mut times);
            if self.made > self.values {
                let beyond = (self.made - self.values) as usize;
                times.truncate(times.len().saturating_sub(beyond));
                self.count_the_rest();
            }
        }
        if let Some(&time) = times.last() {
            self.lookahead.made_until(time);
        }
        let customers = Customers::entering(first, times);
        let chunk = Chunk {
            customers,
            last: self.done,
            ..Chunk::default()
        };
        outbox.send(Port(0), LineMessage::Customers(Box::new(chunk)));
    }

    /// Counts the values that would have been needed after the stages' traces ran out, as far as that can be
    /// counted quickly.
    fn count_the_rest(&mut self) {
        let enough = self.values.saturating_add(100_000_000);
        let mut uncalled = Vec::new();
        while !self.done && self.made < enough {
            uncalled.clear();
            self.fill(&mut uncalled);
        }
        self.done = true;
    }

    /// The number of values of the stages' traces that would have been needed, if there were too few.
    pub(super) fn needed(&self) -> Option<u64> {
        (self.made > self.values).then_some(self.made)
    }

    /// Fills in the next arrivals, at most a chunk, and detects the horizon.
    fn fill(&mut self, arrivals: &mut Vec<f64>) {
        let (most, until) = match self.horizon {
            Horizon::Customers(all) => (
                (all - self.made).min(self.chunk as u64) as usize,
                f64::INFINITY,
            ),
            Horizon::Until(until) => (self.chunk, until),
        };
        match &mut self.instants {
            Instants::Renewal { gaps, clock } => {
                arrivals.resize(most, 0.0);
                let drawn = gaps.fill(arrivals);
                arrivals.truncate(drawn);
                // A copy, so that the sum may stay in a register.
                let mut now = *clock;
                for arrival in &mut *arrivals {
                    now += *arrival;
                    *arrival = now;
                }
                *clock = now;
            }
            Instants::Times(times) => {
                arrivals.extend(times[self.made as usize..].iter().take(most));
            }
            Instants::Rates(rate) => {
                arrivals.extend((0..most).map(|_| rate.instant()));
            }
        }
        let in_time = arrivals.partition_point(|&arrival| arrival <= until);
        arrivals.truncate(in_time);
        self.made += in_time as u64;
        self.done |= in_time < most || self.horizon == Horizon::Customers(self.made);
    }
}
