//! The messages along a line: customers in chunks downstream, credits upstream.

use super::column::{Column, keep};
use super::kernels::waited::{Added, Meetings};
use crate::lanes::widest;
use crate::station::Visit;
use crate::time::Moment;
use std::ops::Range;

/// A customer on the way, with its totals so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Customer {
    /// Its number, from 1, in the order in which customers reach the line.
    pub(super) number: u64,
    /// The time at which it reaches the next stage; see [`Customer::reaches`].
    pub(super) time: f64,
    pub(super) round: u32,
    pub(super) queues_joined: u32,
    /// The time at which it reached the line.
    pub(super) entered: f64,
    pub(super) waiting: f64,
    pub(super) service: f64,
    pub(super) blocked: f64,
}

impl Customer {
    /// A customer who reaches the line at this instant.
    pub(super) fn new(number: u64, time: f64) -> Customer {
        Customer {
            number,
            time,
            round: 0,
            queues_joined: 0,
            entered: time,
            waiting: 0.0,
            service: 0.0,
            blocked: 0.0,
        }
    }

    /// The moment at which it reaches the next stage.
    pub(super) fn reaches(&self) -> Moment {
        Moment {
            time: self.time,
            round: self.round,
        }
    }

    /// Sets the moment at which it reaches the next stage.
    pub(super) fn leave(&mut self, moment: Moment) {
        self.time = moment.time;
        self.round = moment.round;
    }
}

/// Customers on the way, a column for each of their properties, so that operations on all of them work on whole
/// blocks of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Customers {
    pub(super) numbers: Vec<u64>,
    pub(super) times: Vec<f64>,
    pub(super) entered: Vec<f64>,
    pub(super) rounds: Column<u32>,
    pub(super) queues_joined: Column<u32>,
    pub(super) waiting: Column<f64>,
    pub(super) service: Column<f64>,
    pub(super) blocked: Column<f64>,
}

impl Customers {
    /// Customers who reach the line at these instants; the first has this number.
    pub(super) fn entering(first: u64, times: Vec<f64>) -> Customers {
        let count = times.len();
        Customers {
            numbers: (first..first + count as u64).collect(),
            entered: times.clone(),
            times,
            rounds: Column::zeros(count),
            queues_joined: Column::zeros(count),
            waiting: Column::zeros(count),
            service: Column::zeros(count),
            blocked: Column::zeros(count),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Appends a customer.
    pub(super) fn push(&mut self, customer: Customer) {
        self.numbers.push(customer.number);
        self.times.push(customer.time);
        self.entered.push(customer.entered);
        self.rounds.push(customer.round);
        self.queues_joined.push(customer.queues_joined);
        self.waiting.push(customer.waiting);
        self.service.push(customer.service);
        self.blocked.push(customer.blocked);
    }

    /// The customer at this index.
    pub(super) fn get(&self, index: usize) -> Customer {
        Customer {
            number: self.numbers[index],
            time: self.times[index],
            entered: self.entered[index],
            round: self.rounds.get(index),
            queues_joined: self.queues_joined.get(index),
            waiting: self.waiting.get(index),
            service: self.service.get(index),
            blocked: self.blocked.get(index),
        }
    }

    /// The customers, one after the other.
    pub(super) fn iter(&self) -> impl Iterator<Item = Customer> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Adds the waits and services of some customers at some stages to their totals: a row of waits and one of
    /// services for each stage, none of them `-0.0`. If no totals are stored yet, a single row is written instead
    /// of added.
    pub(super) fn meet(&mut self, piece: Range<usize>, waits: &[&[f64]], services: &[&[f64]]) {
        let begin = piece.start;
        let new = self.waiting.is_untold_from(begin)
            && self.service.is_untold_from(begin)
            && self.queues_joined.is_untold_from(begin);
        if let ([waits], [services]) = (waits, services)
            && new
        {
            self.waiting.tell(begin, waits.iter().copied());
            self.service.tell(begin, services.iter().copied());
            let joined = waits.iter().map(|&wait| u32::from(wait > 0.0));
            self.queues_joined.tell(begin, joined);
            return;
        }
        widest(Meetings {
            waits,
            services,
            waiting: self.waiting.piece_mut(piece.clone()),
            service: self.service.piece_mut(piece.clone()),
            queues_joined: self.queues_joined.piece_mut(piece),
        });
    }

    /// Adds the blocked times of some customers at some stages to their totals: a row for each stage.
    pub(super) fn block(&mut self, piece: Range<usize>, blocked: &[&[f64]]) {
        if blocked
            .iter()
            .any(|row| row.iter().any(|&length| length > 0.0))
        {
            widest(Added {
                rows: blocked,
                totals: self.blocked.piece_mut(piece),
            });
        }
    }

    /// Moves those at these indices of a piece, none of whom has any totals yet, to the indices from `to` on.
    fn close_up(&mut self, piece: Range<usize>, places: &[u32], to: usize) {
        if places.len() == piece.len() && piece.start == to {
            return;
        }
        for (to, &place) in (to..).zip(places) {
            let from = piece.start + place as usize;
            self.numbers[to] = self.numbers[from];
            self.times[to] = self.times[from];
            self.entered[to] = self.entered[from];
        }
    }

    /// Keeps only the first `length` customers.
    fn truncate(&mut self, length: usize) {
        self.numbers.truncate(length);
        self.times.truncate(length);
        self.entered.truncate(length);
        self.rounds.truncate(length);
        self.queues_joined.truncate(length);
        self.waiting.truncate(length);
        self.service.truncate(length);
        self.blocked.truncate(length);
    }

    /// Appends the customers at these indices to `to`, in this order.
    pub(super) fn gather(&self, places: &[u32], to: &mut Customers) {
        let (before, count) = (to.len(), self.len());
        let after = before + places.len();
        to.numbers.resize(after, 0);
        to.times.resize(after, 0.0);
        to.entered.resize(after, 0.0);
        let (times, entered) = (&self.times[..count], &self.entered[..count]);
        let columns = to.numbers[before..]
            .iter_mut()
            .zip(&mut to.times[before..])
            .zip(&mut to.entered[before..]);
        // In one loop, so that each index is looked up and bounds-checked once.
        for (&place, ((number, time), since)) in places.iter().zip(columns) {
            let place = place as usize;
            *number = self.numbers[place];
            *time = times[place];
            *since = entered[place];
        }
        self.rounds.gather(places, &mut to.rounds);
        self.queues_joined.gather(places, &mut to.queues_joined);
        self.waiting.gather(places, &mut to.waiting);
        self.service.gather(places, &mut to.service);
        self.blocked.gather(places, &mut to.blocked);
    }

    /// Appends some of the customers of `from`.
    pub(super) fn extend(&mut self, from: &Customers, piece: Range<usize>) {
        self.numbers.extend_from_slice(&from.numbers[piece.clone()]);
        self.times.extend_from_slice(&from.times[piece.clone()]);
        self.entered.extend_from_slice(&from.entered[piece.clone()]);
        self.rounds.extend(&from.rounds, piece.clone());
        self.queues_joined
            .extend(&from.queues_joined, piece.clone());
        self.waiting.extend(&from.waiting, piece.clone());
        self.service.extend(&from.service, piece.clone());
        self.blocked.extend(&from.blocked, piece);
    }

    /// Keeps only the customers at these indices, which ascend.
    pub(super) fn keep(&mut self, places: &[u32]) {
        keep(&mut self.numbers, places);
        keep(&mut self.times, places);
        keep(&mut self.entered, places);
        self.rounds.keep(places);
        self.queues_joined.keep(places);
        self.waiting.keep(places);
        self.service.keep(places);
        self.blocked.keep(places);
    }

    /// Removes all customers.
    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.times.clear();
        self.entered.clear();
        self.rounds.clear();
        self.queues_joined.clear();
        self.waiting.clear();
        self.service.clear();
        self.blocked.clear();
    }
}

/// A customer who found no place at the first stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lost {
    pub(super) number: u64,
    pub(super) time: f64,
}

/// Some customers in the order in which they were sent on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chunk {
    pub(super) customers: Customers,
    /// The visits of each customer so far; empty if no records are kept.
    pub(super) trails: Vec<Vec<Visit>>,
    /// The customers lost at the first stage since the last chunk.
    pub(super) lost: Vec<Lost>,
    /// If customers are sent when their service begins: the begin of the last one here. No later customer begins,
    /// or arrives, before it.
    pub(super) begun: Option<Moment>,
    /// Whether no further chunks follow.
    pub(super) last: bool,
    /// An empty list for the answer, so that nothing is allocated per message.
    pub(super) spare: Vec<Moment>,
}

impl Chunk {
    /// Of the customers of a piece, who reach the line, admits only those at these indices: they move to the
    /// indices from `to` on, the others are lost.
    pub(super) fn lose_all_but(&mut self, places: &[u32], piece: Range<usize>, to: usize) {
        let mut accepted = places.iter().peekable();
        if places.len() < piece.len() {
            for (place, at) in (0..).zip(piece.clone()) {
                if accepted.next_if(|&&next| next == place).is_none() {
                    self.lost.push(Lost {
                        number: self.customers.numbers[at],
                        time: self.customers.times[at],
                    });
                }
            }
        }
        self.customers.close_up(piece, places, to);
    }

    /// Keeps only the first `length` customers.
    pub(super) fn truncate(&mut self, length: usize) {
        self.customers.truncate(length);
        self.trails.truncate(length);
    }

    /// Whether it has any content.
    pub(super) fn is_empty(&self) -> bool {
        self.customers.is_empty() && self.lost.is_empty() && !self.last
    }
}

/// The answer of a stage with limited places to a chunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Credits {
    /// The moments at which places became free since the last answer, in order.
    pub(super) freed: Vec<Moment>,
    /// The chunk, emptied, to be filled again.
    pub(super) spare: Box<Chunk>,
}

/// The messages of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum LineMessage {
    /// Downstream; boxed, since a message is moved when it is sent.
    Customers(Box<Chunk>),
    /// Upstream, the answer to one chunk.
    Credits(Credits),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_customers_meet_is_added_in_the_order_of_the_stages() {
        let number = |k: usize, stage: usize| ((k * 7 + stage * 3) % 5) as f64 * 0.1;
        for stages in 1..=5 {
            let rows = |shift: usize| {
                let row = |stage| (0..21).map(|k| number(k + shift, stage)).collect();
                (0..stages).map(row).collect::<Vec<Vec<f64>>>()
            };
            let (waits, services) = (rows(0), rows(1));
            let mut customers = Customers::entering(1, vec![0.0; 30]);
            let mut plain = vec![(0.0, 0.0, 0); 30];
            // New places, old ones, some of each; places between pieces are left alone.
            for piece in [4..25, 4..25, 0..21, 9..30] {
                for (k, met) in plain[piece.clone()].iter_mut().enumerate() {
                    for stage in 0..stages {
                        met.0 += waits[stage][k];
                        met.1 += services[stage][k];
                        met.2 += u32::from(waits[stage][k] > 0.0);
                    }
                }
                let waits: Vec<&[f64]> = waits.iter().map(Vec::as_slice).collect();
                let services: Vec<&[f64]> = services.iter().map(Vec::as_slice).collect();
                customers.meet(piece, &waits, &services);
            }
            for (one, met) in customers.iter().zip(plain) {
                assert_eq!((one.waiting, one.service, one.queues_joined), met);
            }
        }
    }
}
