//! The sink: customers leave the line here, and what each met on the whole line is tallied.

use super::message::{Chunk, Customer, LineMessage};
use super::visit::{CustomerRecord, LineRecord};
use crate::actor::{Input, Outbox, Port, Wants};
use crate::digest::Digest;
use crate::stats::Tally;

/// Takes in who leaves the line, in the order of leaving.
#[derive(Clone, Debug)]
pub(super) struct Sink {
    warm_up: u64,
    recording: bool,
    done: bool,
    pub(super) lost: u64,
    pub(super) departed: u64,
    /// When the first measured customer reached the line.
    pub(super) first_measured: f64,
    /// The line's last departure.
    pub(super) clock: f64,
    pub(super) waiting: Tally,
    pub(super) service: Tally,
    pub(super) blocked: Tally,
    pub(super) sojourn: Tally,
    pub(super) queues_joined: u64,
    pub(super) queues_joined_max: u32,
    pub(super) digest: Digest,
    /// What the measured customers of a chunk met, on its way into the four tallies.
    columns: [Vec<f64>; 4],
}

impl Sink {
    pub(super) fn new(warm_up: u64, recording: bool) -> Sink {
        Sink {
            warm_up,
            recording,
            done: false,
            lost: 0,
            departed: 0,
            first_measured: f64::INFINITY,
            clock: 0.0,
            waiting: Tally::default(),
            service: Tally::default(),
            blocked: Tally::default(),
            sojourn: Tally::default(),
            queues_joined: 0,
            queues_joined_max: 0,
            digest: Digest::EMPTY,
            columns: Default::default(),
        }
    }

    pub(super) fn wants(&self) -> Wants {
        if self.done {
            Wants::Nothing
        } else {
            Wants::Message(Port(0))
        }
    }

    pub(super) fn handle(
        &mut self,
        input: Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, LineRecord>,
    ) {
        let Input::Message(LineMessage::Customers(chunk)) = input else {
            unreachable!("the sink receives customers only");
        };
        self.done = chunk.last;
        self.lost += chunk.lost.len() as u64;
        for lost in &chunk.lost {
            self.digest.fold(lost.number);
        }
        for customer in &chunk.customers {
            self.take(customer);
        }
        self.waiting.add_all(&self.columns[0]);
        self.service.add_all(&self.columns[1]);
        self.blocked.add_all(&self.columns[2]);
        self.sojourn.add_all(&self.columns[3]);
        self.columns.iter_mut().for_each(Vec::clear);
        if self.recording {
            record(chunk, outbox);
        }
    }

    fn take(&mut self, customer: &Customer) {
        assert!(customer.time >= self.clock, "the line's clock ran back");
        self.clock = customer.time;
        self.departed += 1;
        self.digest.fold_record([
            customer.number,
            customer.time.to_bits(),
            customer.waiting.to_bits(),
            customer.blocked.to_bits(),
        ]);
        if customer.number > self.warm_up {
            self.first_measured = self.first_measured.min(customer.entered);
            self.columns[0].push(customer.waiting);
            self.columns[1].push(customer.service);
            self.columns[2].push(customer.blocked);
            self.columns[3].push(customer.time - customer.entered);
            self.queues_joined += u64::from(customer.queues_joined);
            self.queues_joined_max = self.queues_joined_max.max(customer.queues_joined);
        }
    }
}

/// Puts a chunk on file: those lost, then those who leave.
fn record(chunk: Chunk, outbox: &mut Outbox<LineMessage, LineRecord>) {
    for lost in chunk.lost {
        let customer = CustomerRecord {
            customer: lost.number,
            arrival: lost.time,
            departure: lost.time,
            waiting: 0.0,
            service: 0.0,
            blocked: 0.0,
            queues_joined: 0,
            lost: true,
        };
        let visits = Vec::new();
        outbox.record(LineRecord { customer, visits });
    }
    for (customer, visits) in chunk.customers.into_iter().zip(chunk.trails) {
        let customer = CustomerRecord {
            customer: customer.number,
            arrival: customer.entered,
            departure: customer.time,
            waiting: customer.waiting,
            service: customer.service,
            blocked: customer.blocked,
            queues_joined: customer.queues_joined,
            lost: false,
        };
        outbox.record(LineRecord { customer, visits });
    }
}
