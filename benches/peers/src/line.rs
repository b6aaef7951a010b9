//! A line of stages with exponential laws, and its measures.

use nexosim::Message;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Identical stages in series, with services of mean 1.
pub(crate) struct Line {
    pub(crate) stages: usize,
    pub(crate) servers: u32,
    pub(crate) rate: f64,
    pub(crate) customers: u64,
}

impl Line {
    pub(crate) fn new(stages: usize, servers: u32, rate: f64, customers: u64) -> Line {
        Line {
            stages,
            servers,
            rate,
            customers,
        }
    }
}

/// Draws an exponential variate of mean 1.
pub(crate) fn exponential(rng: &mut Xoshiro256PlusPlus) -> f64 {
    Exp1.sample(rng)
}

/// A customer in the line.
#[derive(Clone, Copy, Debug, Message, Serialize, Deserialize)]
pub(crate) struct Customer {
    pub(crate) arrival: f64,
    /// The time at which it joined its current queue.
    pub(crate) joined: f64,
    pub(crate) waited: f64,
    pub(crate) queues: u32,
}

impl Customer {
    pub(crate) fn new(now: f64) -> Customer {
        Customer {
            arrival: now,
            joined: now,
            waited: 0.0,
            queues: 0,
        }
    }
}

/// A stage in an event-list simulation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Station {
    queue: VecDeque<Customer>,
    busy: u32,
    servers: u32,
    /// Busy servers and queue length, integrated over time up to `since`, and the longest queue.
    busy_time: f64,
    queue_time: f64,
    since: f64,
    longest: usize,
}

impl Station {
    pub(crate) fn new(servers: u32) -> Station {
        Station {
            servers,
            ..Station::default()
        }
    }

    fn pass(&mut self, now: f64) {
        let spell = now - self.since;
        self.busy_time += spell * f64::from(self.busy);
        self.queue_time += spell * self.queue.len() as f64;
        self.since = now;
    }

    /// Adds a customer, which starts at once or waits; returns it if it starts.
    pub(crate) fn arrive(&mut self, mut customer: Customer, now: f64) -> Option<Customer> {
        self.pass(now);
        customer.joined = now;
        if self.busy < self.servers {
            self.busy += 1;
            return Some(customer);
        }
        self.queue.push_back(customer);
        self.longest = self.longest.max(self.queue.len());
        None
    }

    /// Lets a customer leave; returns the next to start, if any waits.
    pub(crate) fn leave(&mut self, now: f64) -> Option<Customer> {
        self.pass(now);
        let Some(mut customer) = self.queue.pop_front() else {
            self.busy -= 1;
            return None;
        };
        customer.waited += now - customer.joined;
        customer.queues += 1;
        Some(customer)
    }
}

/// Measures of the customers that left.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    n: u64,
    waited: (f64, f64, f64),
    sojourn: (f64, f64, f64),
    queues: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, customer: &Customer, now: f64) {
        let note = |sums: &mut (f64, f64, f64), value: f64| {
            *sums = (sums.0 + value, sums.1 + value * value, sums.2.max(value));
        };
        self.n += 1;
        self.queues += u64::from(customer.queues);
        note(&mut self.waited, customer.waited);
        note(&mut self.sojourn, now - customer.arrival);
    }

    pub(crate) fn join(&mut self, other: &Tally) {
        let join = |one: &mut (f64, f64, f64), more: (f64, f64, f64)| {
            *one = (one.0 + more.0, one.1 + more.1, one.2.max(more.2));
        };
        self.n += other.n;
        self.queues += other.queues;
        join(&mut self.waited, other.waited);
        join(&mut self.sojourn, other.sojourn);
    }

    pub(crate) fn answers(&self) -> String {
        let n = self.n as f64;
        let sd = |sums: (f64, f64, f64)| ((sums.1 - sums.0 * sums.0 / n) / (n - 1.0)).sqrt();
        format!(
            "\"waiting\": {}, \"waiting_sd\": {}, \"waiting_max\": {}, \"sojourn\": {}, \"sojourn_sd\": {}, \"queues\": {}",
            self.waited.0 / n,
            sd(self.waited),
            self.waited.2,
            self.sojourn.0 / n,
            sd(self.sojourn),
            self.queues as f64 / n
        )
    }
}
