//! The outlet of a stage: the chunk being filled, and the credits of the next stage.
//!
//! If the next stage has limited places, it sends back the times at which they became free, in order: the first
//! ones are free from the beginning. It answers each chunk with exactly one message of credits, possibly empty,
//! when it has done everything that the chunk allows; the number of unanswered chunks is limited so that the two
//! channels and the two actors never deadlock (2c + 1 for capacity c).

use super::message::{Chunk, Credits, Customer, LineMessage};
use crate::actor::{Outbox, Port};
use crate::station::Visit;
use crate::time::Moment;
use std::collections::VecDeque;

/// The output through which customers go on.
const DOWNSTREAM: Port = Port(0);

/// The outlet of a stage.
#[derive(Clone, Debug)]
pub(super) struct Outlet {
    chunk: Box<Chunk>,
    size: usize,
    places: Option<Places>,
    closed: bool,
}

/// Places of the next stage.
#[derive(Clone, Debug)]
struct Places {
    /// Places never taken so far.
    unused: u64,
    /// The moments at which others became free.
    freed: VecDeque<Moment>,
    unanswered: usize,
    unanswered_most: usize,
    /// Emptied chunks and lists that came back.
    #[expect(clippy::vec_box, reason = "the boxes themselves are sent again")]
    spare_chunks: Vec<Box<Chunk>>,
    spare_lists: Vec<Vec<Moment>>,
}

impl Outlet {
    /// An outlet that fills chunks of `size`. `places` are those of the next stage, if limited.
    pub(super) fn new(size: usize, places: Option<u64>, unanswered_most: usize) -> Outlet {
        Outlet {
            chunk: Box::default(),
            size,
            places: places.map(|places| Places {
                unused: places,
                freed: VecDeque::new(),
                unanswered: 0,
                unanswered_most,
                spare_chunks: Vec::new(),
                spare_lists: Vec::new(),
            }),
            closed: false,
        }
    }

    /// Whether the next stage has limited places.
    pub(super) fn is_limited(&self) -> bool {
        self.places.is_some()
    }

    /// The moment from which the next place may be taken: time 0 if one is free already; none if it is not known
    /// yet.
    pub(super) fn place(&self) -> Option<Moment> {
        match &self.places {
            None => Some(Moment::ZERO),
            Some(places) if places.unused > 0 => Some(Moment::ZERO),
            Some(places) => places.freed.front().copied(),
        }
    }

    /// Takes the next place.
    pub(super) fn take_place(&mut self) {
        if let Some(places) = &mut self.places {
            if places.unused > 0 {
                places.unused -= 1;
            } else {
                places.freed.pop_front().expect("a place was known");
            }
        }
    }

    /// Processes the next stage's answer to a chunk.
    pub(super) fn receive(&mut self, mut answer: Credits) {
        let places = self
            .places
            .as_mut()
            .expect("only a limited stage sends credits");
        places.unanswered -= 1;
        places.freed.extend(answer.freed.drain(..));
        places.spare_lists.push(answer.freed);
        places.spare_chunks.push(answer.spare);
    }

    /// Adds a customer. `begun` is the begin of its service, if it is sent at that moment.
    pub(super) fn push(&mut self, customer: Customer, trail: Vec<Visit>, begun: Option<Moment>) {
        if !trail.is_empty() {
            self.chunk.trails.push(trail);
        }
        self.chunk.customers.push(customer);
        self.chunk.begun = begun;
    }

    /// Whether the chunk is full.
    pub(super) fn is_full(&self) -> bool {
        self.chunk.customers.len() >= self.size
    }

    /// Whether a chunk may be sent now; otherwise an answer must be awaited.
    pub(super) fn may_send(&self) -> bool {
        self.places
            .as_ref()
            .is_none_or(|places| places.unanswered < places.unanswered_most)
    }

    /// Whether answers are still to come.
    pub(super) fn awaits_answers(&self) -> bool {
        self.places
            .as_ref()
            .is_some_and(|places| places.unanswered > 0)
    }

    /// The chunk being filled, to add lost customers.
    pub(super) fn chunk(&mut self) -> &mut Chunk {
        &mut self.chunk
    }

    /// Whether there is something to send.
    pub(super) fn holds_something(&self) -> bool {
        !self.chunk.is_empty()
    }

    /// Sends the chunk.
    pub(super) fn send<R>(&mut self, outbox: &mut Outbox<LineMessage, R>) {
        let mut next = Box::<Chunk>::default();
        if let Some(places) = &mut self.places {
            next = places.spare_chunks.pop().unwrap_or_default();
            if !self.chunk.last {
                places.unanswered += 1;
                self.chunk.spare = places.spare_lists.pop().unwrap_or_default();
            }
        }
        let chunk = std::mem::replace(&mut self.chunk, next);
        self.closed |= chunk.last;
        outbox.send(DOWNSTREAM, LineMessage::Customers(chunk));
    }

    /// Whether the last chunk was sent.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }
}
