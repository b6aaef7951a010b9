//! The outlet of a stage: the chunk being filled, and the credits of the next stage.
//!
//! Where the next stage has limited places, it sends back when each became free, in order: the first
//! ones are free from the beginning. It answers each chunk with exactly one message of credits,
//! perhaps empty, when it has done all that the chunk allows; so many chunks may be unanswered as
//! keep the two channels and the two actors from ever jamming (2c + 1 for capacity c).

use super::message::{Chunk, Customer, LineMessage};
use super::visit::Visit;
use crate::actor::{Outbox, Port};
use crate::time::Moment;
use std::collections::VecDeque;

/// The output through which customers go on.
const DOWNSTREAM: Port = Port(0);

/// The outlet of a stage.
#[derive(Clone, Debug)]
pub(super) struct Outlet {
    chunk: Chunk,
    size: usize,
    credits: Option<Credits>,
    closed: bool,
}

/// Places of the next stage.
#[derive(Clone, Debug)]
struct Credits {
    /// Places free since the beginning.
    unused: u64,
    /// When others became free.
    freed: VecDeque<Moment>,
    unanswered: usize,
    unanswered_most: usize,
}

impl Outlet {
    /// An outlet that fills chunks of `size`. `places` are those of the next stage, if limited.
    pub(super) fn new(size: usize, places: Option<u64>, unanswered_most: usize) -> Outlet {
        Outlet {
            chunk: Chunk::default(),
            size,
            credits: places.map(|places| Credits {
                unused: places,
                freed: VecDeque::new(),
                unanswered: 0,
                unanswered_most,
            }),
            closed: false,
        }
    }

    /// Whether the next stage has limited places.
    pub(super) fn is_limited(&self) -> bool {
        self.credits.is_some()
    }

    /// From when the next place may be taken: always, or a moment, or none known yet.
    pub(super) fn place(&self) -> Option<Moment> {
        match &self.credits {
            None => Some(Moment::ZERO),
            Some(credits) if credits.unused > 0 => Some(Moment::ZERO),
            Some(credits) => credits.freed.front().copied(),
        }
    }

    /// Takes the next place.
    pub(super) fn take_place(&mut self) {
        if let Some(credits) = &mut self.credits {
            if credits.unused > 0 {
                credits.unused -= 1;
            } else {
                credits.freed.pop_front().expect("a place was known");
            }
        }
    }

    /// The next stage's answer to a chunk.
    pub(super) fn receive(&mut self, freed: Vec<Moment>) {
        let credits = self
            .credits
            .as_mut()
            .expect("only a limited stage sends credits");
        credits.unanswered -= 1;
        credits.freed.extend(freed);
    }

    /// Sends a customer on. `begun` is when its service began, where it is sent then.
    pub(super) fn push(&mut self, customer: Customer, trail: Vec<Visit>, begun: Option<Moment>) {
        if !trail.is_empty() {
            self.chunk.trails.push(trail);
        }
        self.chunk.customers.push(customer);
        self.chunk.begun = begun;
    }

    /// Whether the chunk has its size.
    pub(super) fn is_full(&self) -> bool {
        self.chunk.customers.len() >= self.size
    }

    /// Whether a chunk may be sent now; otherwise an answer must be waited for.
    pub(super) fn may_send(&self) -> bool {
        self.credits
            .as_ref()
            .is_none_or(|credits| credits.unanswered < credits.unanswered_most)
    }

    /// Whether answers are still to come.
    pub(super) fn awaits_answers(&self) -> bool {
        self.credits
            .as_ref()
            .is_some_and(|credits| credits.unanswered > 0)
    }

    /// The chunk being filled, to tell it who was lost.
    pub(super) fn chunk(&mut self) -> &mut Chunk {
        &mut self.chunk
    }

    /// Whether there is something to send.
    pub(super) fn holds_something(&self) -> bool {
        !self.chunk.is_empty()
    }

    /// Sends the chunk.
    pub(super) fn send<R>(&mut self, outbox: &mut Outbox<LineMessage, R>) {
        let next = Chunk {
            customers: Vec::with_capacity(self.size.min(64)),
            ..Chunk::default()
        };
        let chunk = std::mem::replace(&mut self.chunk, next);
        if let (Some(credits), false) = (&mut self.credits, chunk.last) {
            credits.unanswered += 1;
        }
        self.closed |= chunk.last;
        outbox.send(DOWNSTREAM, LineMessage::Customers(chunk));
    }

    /// Whether the last chunk was sent.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }
}
