//! The sink: customers leave the line here, and what each met on the whole line is tallied.

use super::message::{Chunk, Customer, LineMessage, Lost};
use super::visit::{CustomerRecord, LineRecord, Passage};
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::digest::Digest;
use crate::planted::{self, Fault};
use crate::stats::{BatchMeans, Tally};
use std::collections::VecDeque;

/// Takes in who leaves the line, in the order of leaving.
#[derive(Clone, Debug)]
pub(super) struct Sink {
    warm_up: u64,
    recording: Recording,
    done: bool,
    pub(super) lost: u64,
    pub(super) departed: u64,
    /// When the first measured customer reached the line.
    pub(super) first_measured: f64,
    /// The line's last departure.
    pub(super) clock: f64,
    pub(super) waiting: Tally,
    /// The same waits in batches, in the order of leaving.
    pub(super) waiting_batches: BatchMeans,
    pub(super) service: Tally,
    pub(super) blocked: Tally,
    pub(super) sojourn: Tally,
    pub(super) queues_joined: u64,
    pub(super) queues_joined_max: u32,
    pub(super) digest: Digest,
    pub(super) digest_of_lost: Digest,
    lost_unrecorded: VecDeque<Lost>,
    /// What the measured customers of a chunk met, on its way into the four tallies.
    columns: [Vec<f64>; 4],
    /// What the fault of a sum in parallel sums up.
    #[cfg(feature = "planted")]
    kept: Vec<f64>,
}

impl Sink {
    pub(super) fn new(warm_up: u64, recording: Recording) -> Sink {
        Sink {
            warm_up,
            recording,
            done: false,
            lost: 0,
            departed: 0,
            first_measured: f64::INFINITY,
            clock: 0.0,
            waiting: Tally::default(),
            waiting_batches: BatchMeans::default(),
            service: Tally::default(),
            blocked: Tally::default(),
            sojourn: Tally::default(),
            queues_joined: 0,
            queues_joined_max: 0,
            digest: Digest::EMPTY,
            digest_of_lost: Digest::EMPTY,
            lost_unrecorded: VecDeque::new(),
            columns: Default::default(),
            #[cfg(feature = "planted")]
            kept: Vec::new(),
        }
    }

    #[cfg(feature = "planted")]
    fn sum_in_parallel(&mut self) {
        if planted::is(Fault::ParallelSum) {
            self.kept.extend(&self.columns[0]);
            if self.done {
                self.digest.fold_number(planted::parallel_sum(&self.kept));
            }
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
            self.digest_of_lost.fold(lost.number);
        }
        for (place, customer) in chunk.customers.iter().enumerate() {
            let before = self.digest;
            self.take(customer);
            let last = place > 0 && place + 1 == chunk.customers.len();
            if planted::is(Fault::BlindDigest) && last {
                self.digest = before;
            }
        }
        #[cfg(feature = "planted")]
        self.sum_in_parallel();
        self.waiting.add_all(&self.columns[0]);
        self.waiting_batches.add_all(&self.columns[0]);
        self.service.add_all(&self.columns[1]);
        self.blocked.add_all(&self.columns[2]);
        self.sojourn.add_all(&self.columns[3]);
        self.columns.iter_mut().for_each(Vec::clear);
        if self.recording >= Recording::Tables {
            self.record(*chunk, outbox);
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

    /// Puts a chunk on file: each lost customer just before the first with a higher number who leaves.
    /// The chunk tells of the lost as soon as it can, so its own order would depend on its size.
    fn record(&mut self, chunk: Chunk, outbox: &mut Outbox<LineMessage, LineRecord>) {
        self.lost_unrecorded.extend(chunk.lost);
        for (customer, visits) in chunk.customers.into_iter().zip(chunk.trails) {
            self.record_lost(customer.number, outbox);
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
            outbox.record(LineRecord::Passage(Passage { customer, visits }));
        }
        if chunk.last {
            self.record_lost(u64::MAX, outbox);
        }
    }

    fn record_lost(&mut self, below: u64, outbox: &mut Outbox<LineMessage, LineRecord>) {
        while let Some(lost) = self
            .lost_unrecorded
            .pop_front_if(|lost| lost.number < below)
        {
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
            outbox.record(LineRecord::Passage(Passage { customer, visits }));
        }
    }
}
