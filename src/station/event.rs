//! Events at a station with people and machines: every change of state of its customers and servers.

use super::person::Person;

/// A change of state at a station; changes are recorded in the order in which they happen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationEvent {
    /// The time.
    pub time: f64,
    /// The station's position, from 0.
    pub stage: u32,
    /// The customer concerned; none for an event of a server without one.
    pub customer: Option<Subject>,
    /// The number of the server concerned, from 1; none if none is concerned or servers have no numbers.
    pub server: Option<u32>,
    /// The kind of event.
    pub kind: StationEventKind,
}

/// The customer an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its number, from 1.
    pub number: u64,
    /// The index of its class.
    pub class: u32,
}

impl From<&Person> for Subject {
    fn from(person: &Person) -> Subject {
        Subject {
            number: person.number,
            class: person.class,
        }
    }
}

/// The kind of a change of state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StationEventKind {
    /// A customer takes a place and waits.
    Arrived,
    /// It finds no place and leaves.
    Lost,
    /// It does not join the queue that it finds.
    Balked {
        /// The number of customers it would have waited behind.
        found: u64,
    },
    /// A server is set up for it.
    SetUp {
        /// The duration of the set-up, or the part of it that is left.
        lasts: f64,
        /// The time it waited, if this is its first server of the visit.
        waited: Option<f64>,
    },
    /// Its service begins.
    Began {
        /// The work.
        work: f64,
        /// The time it waited, if this is its first server of the visit.
        waited: Option<f64>,
    },
    /// Its service resumes, or starts again.
    Resumed {
        /// The work that is left.
        left: f64,
    },
    /// Its set-up or service is interrupted.
    CutOff {
        /// The cause of the interruption.
        by: CutOff,
        /// Whether it stays with its server; otherwise it waits at the head of its priority.
        stays: bool,
    },
    /// Its service has ended, and there is no place for it further on.
    Blocked,
    /// It leaves after its service.
    Left {
        /// The time it was blocked.
        blocked: f64,
        /// Its destination.
        to: Onward,
    },
    /// Its patience ends.
    GaveUp {
        /// The time it waited.
        waited: f64,
    },
    /// A fault interrupts its work for good.
    Failed,
    /// A server goes down.
    Down,
    /// A server works at this share of its speed.
    Slowed {
        /// The share.
        to: f64,
    },
    /// A server is repaired.
    Up,
    /// A server comes on duty.
    OnDuty,
    /// A server goes off duty, once it is without a customer.
    OffDuty,
}

/// The cause of an interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutOff {
    /// A fault of the server.
    Fault,
    /// The plan takes the server off duty.
    Plan,
    /// A customer of higher priority takes the server.
    Preemption,
}

impl CutOff {
    /// Its name in spans and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CutOff::Fault => "fault",
            CutOff::Plan => "plan",
            CutOff::Preemption => "preemption",
        }
    }
}

/// The destination of a customer after its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onward {
    /// To the station at this position.
    Station(u32),
    /// Out of the system, served.
    Out,
    /// Out of the system as scrap.
    Scrap,
}
