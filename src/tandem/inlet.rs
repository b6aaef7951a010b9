//! The inlet of a stage: who comes, in which order, and how far ahead that is known.
//!
//! Customers join the queue in the order of their arrivals. Where they are sent when they leave the
//! stage before, they come in that order; where they are sent when their service there begins
//! (blocking before service), the inlet sorts them and keeps those back whom another might still
//! overtake. A first stage with limited places loses who finds none. A saturated first stage makes a
//! customer whenever a service can begin.

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

/// How customers come.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// In the order in which they reach the stage, and there is always room.
    Open,
    /// As `Open`, but one who finds no place is lost; when places became free, in order.
    Door {
        coming: VecDeque<Queued>,
        /// Places free since the beginning.
        unused: u64,
        freed: VecDeque<Moment>,
    },
    /// In the order in which their service began at the stage before, which has so many servers;
    /// this stage has so many places.
    Ahead {
        pending: BinaryHeap<Reverse<Pending>>,
        upstream: usize,
        places: u64,
        begun: u64,
    },
    /// One whenever a service can begin.
    Saturated {
        horizon: Horizon,
        made: u64,
        /// For how many customers the stages' traces have values, and whether more were wanted.
        values: u64,
        short: bool,
    },
}

/// One whose arrival lies ahead, ordered by arrival, then by the order of services.
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
    /// Nobody who is not yet known arrives before.
    horizon: Moment,
    /// Nobody follows.
    closed: bool,
    /// Those lost here or before, to be told onwards.
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

    /// Takes in a chunk and returns it emptied.
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

    /// Lets those join the queue whose order is certain. `next_finish` is when the next service in
    /// progress ends, if there is one, and `left` how many have left the stage.
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
                // With every place taken nobody's service begins before the next one leaves here;
                // that is not before this one arrives, if nobody waits who might be faster.
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

    /// Before when nobody arrives who is not in the queue. `left` is how many have left the stage,
    /// `next_finish` when the next service in progress ends.
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

    /// When the head of the queue arrived; of a saturated stage, the beginning of time while it
    /// makes customers.
    pub(super) fn head(&self) -> Option<Moment> {
        if let Entry::Saturated { .. } = self.entry {
            return (!self.closed).then_some(Moment::ZERO);
        }
        self.queue.front().map(|head| head.customer.reaches())
    }

    /// Takes the head of the queue, whose service begins now; none if the horizon has come.
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

    /// The next one to stand before the door, if nothing of the stage comes before; see
    /// [`Inlet::decide`].
    pub(super) fn at_the_door(&self) -> Option<Moment> {
        match &self.entry {
            Entry::Door { coming, .. } => coming.front().map(|next| next.customer.reaches()),
            _ => None,
        }
    }

    /// Lets the next one in if a place is free by then; otherwise it is lost, and returned.
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

    /// A place became free.
    pub(super) fn free(&mut self, place: Moment) {
        if let Entry::Door { freed, .. } = &mut self.entry {
            freed.push_back(place);
        }
    }

    /// Makes no more customers.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// Nobody is left to come.
    pub(super) fn is_over(&self) -> bool {
        let ahead = match &self.entry {
            Entry::Door { coming, .. } => coming.len(),
            Entry::Ahead { pending, .. } => pending.len(),
            Entry::Open | Entry::Saturated { .. } => 0,
        };
        self.closed && ahead == 0 && self.queue.is_empty()
    }

    /// Those lost since this was last asked.
    pub(super) fn take_lost(&mut self) -> Vec<Lost> {
        std::mem::take(&mut self.lost)
    }

    /// How many values of the stages' traces a saturated stage would at least have needed, if there
    /// were too few.
    pub(super) fn needed(&self) -> Option<u64> {
        match self.entry {
            Entry::Saturated {
                short: true, made, ..
            } => Some(made + 1),
            _ => None,
        }
    }

    /// How many customers a saturated stage made.
    pub(super) fn made(&self) -> u64 {
        match self.entry {
            Entry::Saturated { made, .. } => made,
            _ => 0,
        }
    }
}
