//! Customers whose service has begun and who are not sent on yet.

use super::super::super::column::keep;
use super::super::super::message::Customers;
use crate::station::Visit;
use crate::time::Moment;

/// These customers, in the order in which their services began; a column for each property.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// The customers as they came: their times are those of their arrivals at the stage. Only their rounds are
    /// those of the instants at which they leave.
    pub(super) customers: Customers,
    pub(super) trails: Vec<Vec<Visit>>,
    pub(super) servers: Vec<u32>,
    /// Customers and their servers, as the digest takes them.
    pub(super) visits: Vec<u64>,
    pub(super) idle_from: Vec<f64>,
    pub(super) starts: Vec<f64>,
    /// The round of its instant in which each began.
    pub(super) start_rounds: Vec<u32>,
    pub(super) services: Vec<f64>,
}

impl Held {
    /// The number of customers.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The moment at which a customer leaves.
    pub(super) fn end(&self, at: usize) -> Moment {
        Moment {
            time: self.starts[at] + self.services[at],
            round: self.customers.rounds.get(at),
        }
    }

    /// Makes room for `more` customers in the columns that are filled in place.
    pub(super) fn make_room(&mut self, more: usize) {
        let length = self.len() + more;
        self.servers.resize(length, 0);
        self.start_rounds.resize(length, 0);
        for column in [&mut self.idle_from, &mut self.starts, &mut self.services] {
            column.resize(length, 0.0);
        }
    }

    /// Shortens the columns that are filled in place to `length`.
    pub(super) fn give_back_room(&mut self, length: usize) {
        self.servers.truncate(length);
        self.start_rounds.truncate(length);
        for column in [&mut self.idle_from, &mut self.starts, &mut self.services] {
            column.truncate(length);
        }
    }

    /// Keeps only the customers at these indices, which ascend.
    pub(super) fn keep(&mut self, places: &[u32]) {
        if !self.trails.is_empty() {
            for (to, &from) in places.iter().enumerate() {
                self.trails.swap(to, from as usize);
            }
            self.trails.truncate(places.len());
        }
        self.customers.keep(places);
        keep(&mut self.servers, places);
        keep(&mut self.visits, places);
        keep(&mut self.start_rounds, places);
        for column in [&mut self.idle_from, &mut self.starts, &mut self.services] {
            keep(column, places);
        }
    }

    pub(super) fn visit(&self, at: usize, stage: u32) -> Visit {
        let end = self.end(at).time;
        Visit {
            customer: self.customers.numbers[at],
            stage,
            server: self.servers[at] + 1,
            arrival: self.customers.times[at],
            service_start: self.starts[at],
            service_end: end,
            departure: end,
        }
    }
}
