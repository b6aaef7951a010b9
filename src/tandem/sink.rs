//! The sink: customers leave the line here, and their totals over the whole line are tallied.

use super::kernels::waited::Spans;
use super::message::{Chunk, Customers, LineMessage, Lost};
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::digest::{Digest, RecordDigest};
use crate::lanes::{Least, Work, widest};
use crate::planted::{self, Fault};
use crate::station::{CustomerRecord, Happening, Passage};
use crate::stats::{BatchMeans, Tally};
use std::collections::VecDeque;
use std::ops::Range;

/// Number of customers processed at a time: few enough that their columns stay in the first-level cache.
const PIECE: usize = 256;

/// Collects customers who leave the line, in the order of leaving.
#[derive(Clone, Debug)]
pub(super) struct Sink {
    warm_up: u64,
    recording: Recording,
    done: bool,
    pub(super) lost: u64,
    /// Lost customers who came after the warm-up.
    pub(super) lost_later: u64,
    pub(super) departed: u64,
    /// The time at which the first measured customer reached the line.
    pub(super) first_measured: f64,
    /// The line's last departure.
    pub(super) clock: f64,
    /// Whether the line has one stage: the stage then tallies waits and services for both.
    alone: bool,
    pub(super) waiting: Tally,
    /// The same waits in batches, in the order of leaving.
    pub(super) waiting_batches: BatchMeans,
    pub(super) service: Tally,
    pub(super) blocked: Tally,
    pub(super) sojourn: Tally,
    pub(super) queues_joined: u64,
    pub(super) queues_joined_max: u32,
    pub(super) digest: RecordDigest,
    pub(super) digest_of_lost: Digest,
    lost_unrecorded: VecDeque<Lost>,
    rooms: Box<Rooms>,
    /// The values that the planted fault of a parallel sum adds up.
    #[cfg(feature = "planted")]
    kept: Vec<f64>,
}

/// Buffers in which the columns of a piece are assembled.
#[derive(Clone, Debug)]
struct Rooms {
    waiting: [f64; PIECE],
    service: [f64; PIECE],
    blocked: [f64; PIECE],
    sojourns: [f64; PIECE],
    queues_joined: [u32; PIECE],
}

impl Default for Rooms {
    fn default() -> Self {
        Rooms {
            waiting: [0.0; PIECE],
            service: [0.0; PIECE],
            blocked: [0.0; PIECE],
            sojourns: [0.0; PIECE],
            queues_joined: [0; PIECE],
        }
    }
}

impl Sink {
    pub(super) fn new(warm_up: u64, stages: usize, recording: Recording) -> Sink {
        Sink {
            warm_up,
            recording,
            done: false,
            alone: stages == 1,
            lost: 0,
            lost_later: 0,
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
            digest: RecordDigest::default(),
            digest_of_lost: Digest::EMPTY,
            lost_unrecorded: VecDeque::new(),
            rooms: Box::default(),
            #[cfg(feature = "planted")]
            kept: Vec::new(),
        }
    }

    #[cfg(feature = "planted")]
    fn sum_in_parallel(&mut self) {
        if planted::is(Fault::ParallelSum) && self.done {
            // Folded one by one: added up once more, their last bits would be lost.
            for sum in planted::parallel_sums(&self.kept) {
                self.digest_of_lost.fold_number(sum);
            }
        }
    }

    /// The number of measured customers.
    pub(super) fn measured(&self) -> u64 {
        self.sojourn.n()
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
        outbox: &mut Outbox<LineMessage, Happening>,
    ) {
        let Input::Message(LineMessage::Customers(chunk)) = input else {
            unreachable!("the sink receives customers only");
        };
        self.done = chunk.last;
        self.lost += chunk.lost.len() as u64;
        for lost in &chunk.lost {
            self.lost_later += u64::from(lost.number > self.warm_up);
            self.digest_of_lost.fold(lost.number);
        }
        self.take(&chunk.customers);
        #[cfg(feature = "planted")]
        self.sum_in_parallel();
        if self.recording >= Recording::Tables {
            self.record(*chunk, outbox);
        }
    }

    fn take(&mut self, customers: &Customers) {
        let Some(&last) = customers.times.last() else {
            return;
        };
        let in_order = widest(InOrder(&customers.times));
        assert!(
            self.clock <= customers.times[0] && in_order,
            "the line's clock ran back"
        );
        self.clock = last;
        self.departed += customers.len() as u64;
        let mut seen = customers.len();
        if planted::is(Fault::BlindDigest) && seen > 1 {
            seen -= 1;
        }
        let rooms = &mut *self.rooms;
        for piece in pieces(seen) {
            let numbers = &customers.numbers[piece.clone()];
            let times = &customers.times[piece.clone()];
            let waiting = customers.waiting.piece(piece.clone(), &mut rooms.waiting);
            let blocked = customers.blocked.piece(piece, &mut rooms.blocked);
            self.digest.fold_columns(numbers, [times, waiting, blocked]);
        }
        let measured = |&number: &u64| number > self.warm_up;
        if self.warm_up == 0 || customers.numbers.iter().all(measured) {
            self.measure(customers);
        } else {
            let mut measured = Customers::default();
            let later = customers.iter().filter(|one| one.number > self.warm_up);
            later.for_each(|one| measured.push(one));
            self.measure(&measured);
        }
    }

    /// Adds the totals of measured customers to the tallies.
    fn measure(&mut self, customers: &Customers) {
        let rooms = &mut *self.rooms;
        for piece in pieces(customers.len()) {
            let waiting = customers.waiting.piece(piece.clone(), &mut rooms.waiting);
            #[cfg(feature = "planted")]
            if planted::is(Fault::ParallelSum) {
                self.kept.extend(waiting);
            }
            self.waiting_batches.add_all(waiting);
            if !self.alone {
                self.waiting.add_all(waiting);
                let service = customers.service.piece(piece.clone(), &mut rooms.service);
                self.service.add_all(service);
            }
            let blocked = customers.blocked.piece(piece.clone(), &mut rooms.blocked);
            self.blocked.add_all(blocked);
            let sojourns = &mut rooms.sojourns[..piece.len()];
            let met = widest(Met {
                times: &customers.times[piece.clone()],
                entered: &customers.entered[piece.clone()],
                queues_joined: customers
                    .queues_joined
                    .piece(piece, &mut rooms.queues_joined),
                sojourns,
            });
            self.sojourn.add_all(sojourns);
            self.queues_joined += met.joined;
            self.queues_joined_max = self.queues_joined_max.max(met.joined_max);
            self.first_measured = self.first_measured.min(met.first_entered);
        }
    }

    /// Records a chunk, with each lost customer just before the first with a higher number who leaves. The chunk
    /// reports lost customers as soon as possible, so its own order would depend on its size.
    fn record(&mut self, chunk: Chunk, outbox: &mut Outbox<LineMessage, Happening>) {
        self.lost_unrecorded.extend(chunk.lost);
        for (customer, visits) in chunk.customers.iter().zip(chunk.trails) {
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
            outbox.record(Happening::Passage(Passage { customer, visits }));
        }
        if chunk.last {
            self.record_lost(u64::MAX, outbox);
        }
    }

    fn record_lost(&mut self, below: u64, outbox: &mut Outbox<LineMessage, Happening>) {
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
            outbox.record(Happening::Passage(Passage { customer, visits }));
        }
    }
}

/// The pieces of `count` customers.
fn pieces(count: usize) -> impl Iterator<Item = Range<usize>> {
    let begins = (0..count).step_by(PIECE);
    begins.map(move |begin| begin..count.min(begin + PIECE))
}

/// Computes the times of some customers on the line, the number of queues they joined, and the earliest arrival at
/// the line among them.
struct Met<'a> {
    times: &'a [f64],
    entered: &'a [f64],
    queues_joined: &'a [u32],
    sojourns: &'a mut [f64],
}

/// The results over all of them.
struct MetByAll {
    joined: u64,
    joined_max: u32,
    first_entered: f64,
}

impl Work for Met<'_> {
    type Output = MetByAll;

    #[inline(always)]
    fn run(self) -> MetByAll {
        Spans {
            from: self.entered,
            to: self.times,
            lengths: self.sojourns,
        }
        .run();
        let (mut joined, mut joined_max) = (0, 0);
        for &queues in self.queues_joined {
            joined += u64::from(queues);
            joined_max = joined_max.max(queues);
        }
        MetByAll {
            joined,
            joined_max,
            first_entered: Least(self.entered).run(),
        }
    }
}

/// Checks that no instant is before the previous one.
struct InOrder<'a>(&'a [f64]);

impl Work for InOrder<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let pairs = self.0.iter().zip(&self.0[1..]);
        pairs.fold(true, |sorted, (before, after)| sorted & (before <= after))
    }
}
