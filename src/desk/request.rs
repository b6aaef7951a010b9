//! A request on its way through the desk. It is moved, never copied: from the generator to the buffer,
//! to a server, to an attendant and back, so that at any time it is with exactly one actor. (It can be
//! cloned, for the snapshot of an actor that may be killed; no model does.)

use crate::station::{RequestOutcome, RequestRecord};
use crate::time::Step;

/// One thing to be done for somebody. It is small and lies where it is: on its way through the desk
/// nothing is allocated for it.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// From 1, in the order generated, rejected ones included.
    pub(super) id: u64,
    /// The step in which it was generated.
    pub(super) arrival: Step,
    /// The step in which it gives up if its service has not begun; [`Step::MAX`] is never.
    pub(super) deadline: Step,
    /// Steps of work in all.
    pub(super) service: u64,
    /// Steps of work still to be done.
    pub(super) remaining: u64,
    /// How often its service began.
    pub(super) attempts: u64,
    /// The step in which its service first began.
    pub(super) first_start: Option<Step>,
    /// Index into the scenario's classes.
    pub(super) class: u32,
    /// Whether it was reported as waiting at a server, for others to take over.
    pub(super) listed: bool,
    /// The server and the attendant who served it last, or serve it.
    pub(super) served_by: Option<(u32, u32)>,
}

/// What orders the requests of one class, and finds one again: arrival step, then id. Since ids rise with
/// the steps of arrival, that is the order of ids alone.
pub(super) type Key = u64;

impl Request {
    /// Its place in the order of its class.
    pub(super) fn key(&self) -> Key {
        self.id
    }

    /// The steps since it arrived.
    pub(super) fn waited(&self, step: Step) -> u64 {
        step - self.arrival
    }

    /// Its row, now that its way is over: in `end`, or with the run.
    pub(super) fn record(&self, outcome: RequestOutcome, end: Option<Step>) -> RequestRecord {
        RequestRecord {
            id: self.id,
            class: self.class,
            arrival: self.arrival,
            first_start: self.first_start,
            end,
            outcome,
            attempts: self.attempts,
            server: self.served_by.map(|(server, _)| server),
            attendant: self.served_by.map(|(_, attendant)| attendant),
        }
    }
}
