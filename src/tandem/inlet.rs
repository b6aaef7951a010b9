//! The inlet of a stage: the arriving customers, their order, and how far ahead it is known.
//!
//! Customers join the queue in the order of their arrivals. If they are sent on when they leave the stage before,
//! they come in that order; if they are sent when their service there begins (blocking before service), the inlet
//! sorts them and holds back those whom another might still overtake. At a first stage with limited places,
//! customers who find none are lost. A saturated first stage generates a customer whenever a service can begin.

use super::message::{Chunk, Customer, Lost};
use super::services::Services;
use crate::scenario::Horizon;
use crate::station::Visit;
use crate::time::Moment;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A customer who has joined the queue.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) customer: Customer,
    pub(super) trail: Vec<Visit>,
    pub(super) service: f64,
}

/// The way in which customers arrive.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// In the order in which they reach the stage; there is always a place.
    Open,
    /// As `Open`, but a customer who finds no place is lost; `freed` has the moments at which places became free,
    /// in order.
    Door {
        coming: VecDeque<Queued>,
        /// Places never taken so far.
        unused: u64,
        freed: VecDeque<Moment>,
    },
    /// In the order in which their service began at the stage before, which has `upstream` servers; this stage has
    /// `places` places.
    Ahead {
        pending: BinaryHeap<Reverse<Pending>>,
        upstream: usize,
        places: u64,
        begun: u64,
    },
    /// A customer whenever a service can begin.
    Saturated {
        horizon: Horizon,
        made: u64,
        /// The number of customers for whom the stages' traces have values, and whether more were needed.
        values: u64,
        short: bool,
    },
}

/// A customer who arrives later; ordered by arrival, then by the order of services.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    reaches: Moment,
    order: u64,
    queued: Queued,
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.reaches, self.order).cmp(&(other.reaches, other.order))
    }
}

/// The inlet of a stage.
#[derive(Clone, Debug)]
pub(super) struct Inlet {
    pub(super) entry: Entry,
    pub(super) services: Services,
    queue: VecDeque<Queued>,
    /// No customer who is not yet known arrives before this moment.
    horizon: Moment,
    /// Whether no further customers follow.
    closed: bool,
    /// Customers lost here or before, to be passed on.
    lost: Vec<Lost>,
}

impl Inlet {
    pub(super) fn new(entry: Entry, services: Services) -> Inlet {
        Inlet {
            entry,
            services,
            queue: VecDeque::new(),
            horizon: Moment::ZERO,
            closed: false,
            lost: Vec::new(),
        }
    }

    /// Takes the customers of a chunk, and returns it emptied.
    pub(super) fn receive(&mut self, mut chunk: Box<Chunk>) -> Box<Chunk> {
        self.lost.append(&mut chunk.lost);
        let mut trails = chunk.trails.drain(..);
        for customer in chunk.customers.iter() {
            let reaches = customer.reaches();
            let queued = Queued {
                customer,
                trail: trails.next().unwrap_or_default(),
                service: self.services.of(customer.number),
            };
            match &mut self.entry {
                Entry::Open => {
                    self.horizon = reaches;
                    self.queue.push_back(queued);
                }
                Entry::Door { coming, .. } => {
                    self.horizon = reaches;
                    coming.push_back(queued);
                }
                Entry::Ahead { pending, begun, .. } => {
                    *begun += 1;
                    pending.push(Reverse(Pending {
                        reaches,
                        order: *begun,
                        queued,
                    }));
                }
                Entry::Saturated { .. } => unreachable!("a saturated stage has no upstream"),
            }
        }
        drop(trails);
        chunk.customers.clear();
        if let Some(begun) = chunk.begun.take() {
            self.horizon = begun;
        }
        self.closed |= chunk.last;
        chunk
    }

    /// Moves customers whose order is certain to the queue. `next_finish` is the end of the next service in
    /// progress, if there is one, and `left` the number of customers who have left the stage.
    pub(super) fn settle(&mut self, next_finish: Option<Moment>, left: u64) {
        let closed = self.closed;
        let mut nobody_queues = self.queue.is_empty();
        if let Entry::Ahead {
            pending,
            upstream,
            places,
            begun,
        } = &mut self.entry
        {
            while let Some(Reverse(next)) = pending.peek() {
                let all_servers_known = pending.len() == *upstream;
                // With every place taken, no other service begins there before the next customer leaves here; that
                // is not before this one arrives, if no customer waits who might be faster.
                let all_places_taken = nobody_queues
                    && *begun - left == *places
                    && next_finish.is_none_or(|finish| next.reaches <= finish);
                if closed || next.reaches <= self.horizon || all_servers_known || all_places_taken {
                    let Some(Reverse(next)) = pending.pop() else {
                        break;
                    };
                    self.horizon = self.horizon.max(next.reaches);
                    self.queue.push_back(next.queued);
                    nobody_queues = false;
                } else {
                    break;
                }
            }
        }
    }

    /// The moment before which no customer arrives who is not in the queue. `left` is the number of customers who
    /// have left the stage, `next_finish` the end of the next service in progress.
    pub(super) fn known_until(&self, next_finish: Option<Moment>, left: u64) -> Moment {
        match &self.entry {
            Entry::Open => self.end_or(self.horizon),
            Entry::Door { coming, .. } => match coming.front() {
                Some(next) => next.customer.reaches(),
                None => self.end_or(self.horizon),
            },
            Entry::Ahead {
                pending,
                places,
                begun,
                ..
            } => {
                let mut known = self.end_or(self.horizon);
                if let (true, Some(finish)) = (*begun - left == *places, next_finish) {
                    known = known.max(finish);
                }
                match pending.peek() {
                    Some(Reverse(next)) => known.min(next.reaches),
                    None => known,
                }
            }
            Entry::Saturated { .. } => self.end_or(Moment::ZERO),
        }
    }

    fn end_or(&self, moment: Moment) -> Moment {
        if self.closed { Moment::NEVER } else { moment }
    }

    /// The arrival of the head of the queue; for a saturated stage, time 0 while it generates customers.
    pub(super) fn head(&self) -> Option<Moment> {
        if let Entry::Saturated { .. } = self.entry {
            return (!self.closed).then_some(Moment::ZERO);
        }
        self.queue.front().map(|head| head.customer.reaches())
    }

    /// Takes the head of the queue, whose service begins now; none after the horizon.
    pub(super) fn take(&mut self, start: Moment) -> Option<Queued> {
        let Entry::Saturated {
            horizon,
            made,
            values,
            short,
        } = &mut self.entry
        else {
            return self.queue.pop_front();
        };
        let over = match *horizon {
            Horizon::Customers(most) => *made >= most,
            Horizon::Until(until) => start.time > until,
        };
        *short = !over && made == values;
        if over || *short {
            self.closed = true;
            return None;
        }
        *made += 1;
        let mut customer = Customer::new(*made, start.time);
        customer.leave(start);
        if *horizon == Horizon::Customers(*made) {
            self.closed = true;
        }
        Some(Queued {
            customer,
            trail: Vec::new(),
            service: self.services.of(customer.number),
        })
    }

    /// The arrival of the next customer at the door, if no event of the stage comes before; see [`Inlet::decide`].
    pub(super) fn at_the_door(&self) -> Option<Moment> {
        match &self.entry {
            Entry::Door { coming, .. } => coming.front().map(|next| next.customer.reaches()),
            _ => None,
        }
    }

    /// Admits the next customer if a place is free by then; otherwise the customer is lost, and returned.
    pub(super) fn decide(&mut self) -> Option<Lost> {
        let Entry::Door {
            coming,
            unused,
            freed,
        } = &mut self.entry
        else {
            unreachable!("only a door decides");
        };
        let next = coming.pop_front().expect("somebody stands before the door");
        let reaches = next.customer.reaches();
        if *unused > 0 {
            *unused -= 1;
        } else if freed.front().is_some_and(|&place| place <= reaches) {
            freed.pop_front();
        } else {
            let lost = Lost {
                number: next.customer.number,
                time: reaches.time,
            };
            self.lost.push(lost);
            return Some(lost);
        }
        self.queue.push_back(next);
        None
    }

    /// Notes that a place became free.
    pub(super) fn free(&mut self, place: Moment) {
        if let Entry::Door { freed, .. } = &mut self.entry {
            freed.push_back(place);
        }
    }

    /// Stops generating customers.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// Whether no more customers will come.
    pub(super) fn is_over(&self) -> bool {
        let ahead = match &self.entry {
            Entry::Door { coming, .. } => coming.len(),
            Entry::Ahead { pending, .. } => pending.len(),
            Entry::Open | Entry::Saturated { .. } => 0,
        };
        self.closed && ahead == 0 && self.queue.is_empty()
    }

    /// The customers lost since the last call.
    pub(super) fn take_lost(&mut self) -> Vec<Lost> {
        std::mem::take(&mut self.lost)
    }

    /// The number of values of the stages' traces that a saturated stage would have needed at least, if there were
    /// too few.
    pub(super) fn needed(&self) -> Option<u64> {
        match self.entry {
            Entry::Saturated {
                short: true, made, ..
            } => Some(made + 1),
            _ => None,
        }
    }

    /// The number of customers a saturated stage generated.
    pub(super) fn made(&self) -> u64 {
        match self.entry {
            Entry::Saturated { made, .. } => made,
            _ => 0,
        }
    }
}
