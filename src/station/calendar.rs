//! The events due at a station, ordered by moment and within one moment by phase; and the plan of its servers.

use super::person::Slot;
use crate::scenario::Plan;
use crate::time::Moment;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The phases of a round in which events fall due, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Services and set-ups end.
    End,
    /// Servers come up: repairs, then plans.
    Up,
    /// Servers go down: faults, then plans.
    Down,
    /// Patience ends.
    Patience,
}

/// An event that falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A service or a set-up ends, unless the server's epoch has changed by then.
    End { server: u32, epoch: u32 },
    /// A repair ends.
    Repair { server: u32 },
    /// A server fails, unless the epoch of its fault clock has changed by then.
    Fault { server: u32, epoch: u32 },
    /// The number on duty changes to `count`.
    Duty { count: u32 },
    /// The patience of the customer with this order ends, if it is still waiting.
    Patience { slot: Slot, order: u64 },
}

/// An entry of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    at: Moment,
    phase: Phase,
    /// The order within the phase.
    order: u64,
    what: What,
}

impl Ord for Due {
    #[inline]
    fn cmp(&self, other: &Due) -> Ordering {
        // Times are not negative; the time alone usually decides.
        if self.at.time < other.at.time {
            return Ordering::Less;
        }
        if self.at.time > other.at.time {
            return Ordering::Greater;
        }
        (self.at, self.phase, self.order).cmp(&(other.at, other.phase, other.order))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The events due at a station.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    due: BinaryHeap<Reverse<Due>>,
}

/// Plans come after all repairs and faults of a phase.
const AFTER_ALL: u64 = u64::MAX;

impl Calendar {
    /// Enters the end of a service or set-up; ends at the same moment are ordered by when they first began.
    pub(super) fn end(&mut self, at: Moment, order: u64, server: u32, epoch: u32) {
        self.push(at, Phase::End, order, What::End { server, epoch });
    }

    pub(super) fn repair(&mut self, at: Moment, server: u32) {
        let order = u64::from(server);
        self.push(at, Phase::Up, order, What::Repair { server });
    }

    pub(super) fn fault(&mut self, at: Moment, server: u32, epoch: u32) {
        let order = u64::from(server);
        self.push(at, Phase::Down, order, What::Fault { server, epoch });
    }

    /// Enters a change of the number of servers on duty from `before` to `count`.
    pub(super) fn duty(&mut self, at: Moment, before: u32, count: u32) {
        let phase = if count > before {
            Phase::Up
        } else {
            Phase::Down
        };
        self.push(at, phase, AFTER_ALL, What::Duty { count });
    }

    pub(super) fn patience(&mut self, at: Moment, order: u64, slot: Slot) {
        self.push(at, Phase::Patience, order, What::Patience { slot, order });
    }

    fn push(&mut self, at: Moment, phase: Phase, order: u64, what: What) {
        self.due.push(Reverse(Due {
            at,
            phase,
            order,
            what,
        }));
    }

    /// The first entry: its moment, its phase and the event.
    #[inline]
    pub(super) fn first(&self) -> Option<(Moment, Phase, What)> {
        let Reverse(due) = self.due.peek()?;
        Some((due.at, due.phase, due.what))
    }

    /// Whether something may be due at this moment.
    #[inline]
    pub(super) fn may_be_due(&self, now: Moment) -> bool {
        let first = self.due.peek();
        first.is_some_and(|Reverse(due)| due.at == now)
    }

    /// Drops the first entry.
    pub(super) fn drop_first(&mut self) {
        self.due.pop();
    }

    /// Takes the next entry of this moment and phase.
    #[inline]
    pub(super) fn take(&mut self, now: Moment, phase: Phase) -> Option<What> {
        let Reverse(due) = *self.due.peek()?;
        let here = due.at == now && due.phase == phase;
        here.then(|| {
            self.due.pop();
            due.what
        })
    }
}

/// The pieces of a plan, in order.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    plan: Plan,
    /// The next piece, and the number of times the plan has been repeated before it.
    next: usize,
    repeats: u64,
}

impl Pieces {
    /// The plan from its second piece on; the first one is in force at time 0.
    pub(super) fn new(plan: &Plan) -> Pieces {
        Pieces {
            plan: plan.clone(),
            next: 1,
            repeats: 0,
        }
    }

    /// The most servers on duty from the next change on; 0 if there is none.
    pub(super) fn most_to_come(&self) -> u32 {
        let to_come = match self.plan.repeat {
            Some(_) => &self.plan.pieces[..],
            None => &self.plan.pieces[self.next..],
        };
        to_come.iter().map(|piece| piece.count).max().unwrap_or(0)
    }

    /// The next change: its time, and the number on duty from then on.
    pub(super) fn next(&mut self) -> Option<(f64, u32)> {
        if self.next == self.plan.pieces.len() {
            self.plan.repeat?;
            self.next = 0;
            self.repeats += 1;
        }
        let piece = self.plan.pieces[self.next];
        self.next += 1;
        let offset = self.plan.repeat.unwrap_or(0.0) * self.repeats as f64;
        Some((offset + piece.from, piece.count))
    }
}
