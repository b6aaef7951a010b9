//! Events in a model, and the flat rows of its tables: the one enum that models record and from which the log, the
//! tables, the timeline, the page and every explanation are made.
//!
//! Stages, classes, servers and attendants are indexes from 0 here, except that a stage's servers count from 1;
//! code that writes for people resolves the names.

use super::event::StationEvent;
use super::visit::{CustomerEnd, StationVisit};
use crate::scenario::Desk;
use crate::time::Time;

/// One event, as a model records it.
///
/// The events that a model records depend on its [`Recording`](crate::actor::Recording): the rows of the tables
/// ([`Passage`](Happening::Passage), [`Ended`](Happening::Ended), [`Fault`](Happening::Fault),
/// [`Step`](Happening::Step)), or these and every change of state.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// A customer reaches a stage of a line and waits there.
    Reached {
        /// The stage's position, from 0.
        stage: u32,
        /// The customer's number.
        customer: u64,
        /// The time.
        time: f64,
    },
    /// A customer's service at a stage begins, and its end is known; the departure is that of the end of service,
    /// as far as is known.
    Began(Visit),
    /// A customer leaves a stage; the whole visit is known.
    Left(Visit),
    /// A customer finds no place at the first stage.
    Lost {
        /// Its number.
        customer: u64,
        /// The time.
        time: f64,
    },
    /// A customer has left the line, or was lost.
    Passage(Passage),
    /// The state of a customer or a server at a station with people and machines changes; in the order of the
    /// changes.
    Station(StationEvent),
    /// A visit to a station with people and machines has ended; in the order of ending.
    Visited(StationVisit),
    /// The record of a customer of such stations is complete; in the order of ending.
    Finished(CustomerEnd),
    /// The state of a request at a desk changes.
    Request(RequestEvent),
    /// A request has ended; in no order across actors, each id once.
    Ended(RequestRecord),
    /// An attendant went down or came up, was slowed, or came on or went off duty; in the order of the events.
    Fault(FaultRecord),
    /// A step of a desk is over, or an instant at which something was due; in order of time.
    Step(StepRecord),
}

/// An event in the life of a request between its arrival and its end.
///
/// Together with the other records these cover every change of state of a desk. All of a step or an instant come
/// before its row, and within it in the order of cause and effect; events at different servers in the same phase
/// come in any order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RequestEvent {
    /// The step or the instant.
    pub time: Time,
    /// The request.
    pub request: u64,
    /// Index into the scenario's classes.
    pub class: u32,
    /// The change.
    pub kind: RequestEventKind,
}

/// A change of a request's state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RequestEventKind {
    /// It arrives and enters the buffer, unless its row follows at once: then it is rejected.
    Arrived,
    /// It goes from the supervisor to a server, and waits there.
    Dispatched {
        /// Index of the server.
        server: u32,
    },
    /// Its service begins.
    Started {
        /// Index of the server.
        server: u32,
        /// Index of the attendant within it.
        attendant: u32,
        /// Which attempt, from 1.
        attempt: u64,
        /// The time from now to the end of the service if nothing interrupts it.
        lasts: f64,
    },
    /// It was interrupted, or no attendant here can serve it any more: it goes back to the supervisor and waits
    /// ahead of the buffer.
    HandedOver {
        /// Index of the server it comes from.
        server: u32,
        /// The attendant it was with; none if it waited.
        attendant: Option<u32>,
    },
    /// A free attendant of another server takes it over: it leaves the queue here and starts there.
    Moved {
        /// Index of the server it leaves.
        from: u32,
        /// Index of the server it goes to.
        to: u32,
        /// Index of the attendant there.
        attendant: u32,
    },
    /// Its client has waited too long for the answer and leaves. Its request is withdrawn, and its row follows, or
    /// it stays and is served without a client.
    TimedOut {
        /// The time since its arrival.
        after: f64,
        /// Whether its request is withdrawn too.
        withdrawn: bool,
        /// The server and the attendant serving it, if any.
        with: Option<(u32, u32)>,
    },
    /// The attendant who completed it begins its wrap-up.
    WrapUp {
        /// Index of the server.
        server: u32,
        /// Index of the attendant within it.
        attendant: u32,
        /// The duration of the wrap-up.
        lasts: f64,
    },
    /// The speed of the attendant with it changes during its service or the wrap-up after it, because a slow-down
    /// begins or ends.
    SpeedChanged {
        /// Index of the server.
        server: u32,
        /// Index of the attendant within it.
        attendant: u32,
        /// The time from now to the end of the service or wrap-up at the new speed if nothing interrupts it.
        lasts: f64,
    },
    /// Its client will retry, with a new request.
    ComesAgain {
        /// The time until then.
        after: f64,
        /// Which of its tries that will be, from 1.
        attempt: u64,
    },
    /// Its patience has run out and it gives up; its row follows.
    GaveUp {
        /// Index of the server at which it waited; none with the supervisor.
        server: Option<u32>,
        /// The time it waited.
        waited: f64,
    },
}

/// The events in a step or at an instant, and the levels at its end: a row of the `steps` table, or of `levels`,
/// which has a row for each instant at which a level changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepRecord {
    /// The step, from 1, or the instant.
    pub time: Time,
    /// New requests, rejected ones included.
    pub generated: u64,
    /// New requests that found the buffer full.
    pub rejected: u64,
    /// Requests sent to a server, from those handed over and from the buffer.
    pub dispatched: u64,
    /// Requests handed over and not failed, and those moved by rebalancing.
    pub reallocated: u64,
    /// Requests interrupted in service, failed or not.
    pub interrupted: u64,
    /// Requests completed.
    pub completed: u64,
    /// Requests that gave up waiting.
    pub abandoned: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Requests withdrawn because their clients had waited too long.
    pub timed_out: u64,
    /// Requests in the buffer at the end of the step.
    pub buffer: u64,
    /// Requests handed over and still with the supervisor at the end of the step.
    pub handed_over: u64,
    /// Requests waiting at servers at the end of the step.
    pub waiting_at_servers: u64,
    /// Requests in service: in a step, in phase 6, before completions.
    pub in_service: u64,
    /// Attendants on duty and up: in a step, in phase 6.
    pub attendants_up: u64,
    /// Attendants on duty, down or not: in a step, in phase 6.
    pub on_duty: u64,
}

impl StepRecord {
    /// Joins the counts of a later record of the same instant.
    pub(crate) fn join(&mut self, later: &StepRecord) {
        self.generated += later.generated;
        self.rejected += later.rejected;
        self.dispatched += later.dispatched;
        self.reallocated += later.reallocated;
        self.interrupted += later.interrupted;
        self.completed += later.completed;
        self.abandoned += later.abandoned;
        self.failed += later.failed;
        self.timed_out += later.timed_out;
        *self = StepRecord {
            generated: self.generated,
            rejected: self.rejected,
            dispatched: self.dispatched,
            reallocated: self.reallocated,
            interrupted: self.interrupted,
            completed: self.completed,
            abandoned: self.abandoned,
            failed: self.failed,
            timed_out: self.timed_out,
            ..*later
        };
    }

    /// The levels at its end.
    pub(crate) fn levels(&self) -> [u64; 6] {
        [
            self.buffer,
            self.handed_over,
            self.waiting_at_servers,
            self.in_service,
            self.on_duty,
            self.attendants_up,
        ]
    }

    /// All columns, in order, except the time.
    pub(crate) fn counts(&self) -> [u64; 15] {
        [
            self.generated,
            self.rejected,
            self.dispatched,
            self.reallocated,
            self.interrupted,
            self.completed,
            self.abandoned,
            self.failed,
            self.buffer,
            self.handed_over,
            self.waiting_at_servers,
            self.in_service,
            self.attendants_up,
            self.timed_out,
            self.on_duty,
        ]
    }
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOutcome {
    /// Its work is done.
    Completed,
    /// It found the buffer full.
    Rejected,
    /// It gave up before its service first began.
    Abandoned,
    /// It was interrupted once too often, or its work was lost.
    Failed,
    /// It was withdrawn because its client had waited too long for the answer.
    TimedOut,
    /// The run ended first.
    InSystem,
}

impl RequestOutcome {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RequestOutcome::Completed => "completed",
            RequestOutcome::Rejected => "rejected",
            RequestOutcome::Abandoned => "abandoned",
            RequestOutcome::Failed => "failed",
            RequestOutcome::TimedOut => "timed-out",
            RequestOutcome::InSystem => "in-system",
        }
    }
}

/// A row of the `requests` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// Its number, from 1, in the order generated, rejected ones included.
    pub id: u64,
    /// Index into the scenario's classes.
    pub class: u32,
    /// The step or the instant of its arrival.
    pub arrival: Time,
    /// The step in which its service first began, or the instant.
    pub first_start: Option<Time>,
    /// The step or the instant in which it ended; none if the run ended first.
    pub end: Option<Time>,
    /// Its outcome.
    pub outcome: RequestOutcome,
    /// The number of times its service began.
    pub attempts: u64,
    /// The server of the attendant who served it last, or serves it still.
    pub server: Option<u32>,
    /// The attendant who served it last, or serves it still.
    pub attendant: Option<u32>,
    /// Its client, numbered from 1 in the order of first tries.
    pub client: u64,
    /// Which of its client's tries it is, from 1.
    pub attempt: u64,
    /// The time at which its client had waited too long for the answer, if it did.
    pub gone: Option<Time>,
}

impl RequestRecord {
    /// The time at which it ended, on the clock of its desk: a service lasts until the end of the step in which it
    /// is completed; every other end is at the beginning of a step.
    #[must_use]
    pub fn over(&self, desk: &Desk) -> Option<Time> {
        match self.outcome {
            RequestOutcome::Completed => self.end.map(|end| desk.end_of_turn(end)),
            _ => self.end,
        }
    }
}

/// An event of an attendant, as the `faults` table names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEvent {
    /// An attendant went down.
    Fault,
    /// An attendant came up, or works at its full speed again.
    Repair,
    /// An attendant was slowed.
    Slow,
    /// An attendant came on duty.
    OnDuty,
    /// An attendant went off duty.
    OffDuty,
}

impl FaultEvent {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FaultEvent::Fault => "fault",
            FaultEvent::Repair => "repair",
            FaultEvent::Slow => "slow",
            FaultEvent::OnDuty => "on-duty",
            FaultEvent::OffDuty => "off-duty",
        }
    }
}

/// A row of the `faults` table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultRecord {
    /// The step or the instant.
    pub time: Time,
    /// Index into the scenario's servers.
    pub server: u32,
    /// Index into the server's attendants.
    pub attendant: u32,
    /// The event.
    pub event: FaultEvent,
    /// The request interrupted by it, failed or not.
    pub request: Option<u64>,
    /// Of a fault, its duration, none if it is permanent; of a repair, the duration of the outage. Not in any
    /// table.
    pub lasts: Option<f64>,
    /// Whether it waits for a repair crew, or came on duty during an outage. Not in any table.
    pub waits: bool,
}

/// The visit of one customer to one stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visit {
    /// The customer's number, from 1.
    pub customer: u64,
    /// The stage's position, from 0.
    pub stage: u32,
    /// The server's number, from 1.
    pub server: u32,
    /// The time at which the customer reached the stage.
    pub arrival: f64,
    /// The time at which the service began.
    pub service_start: f64,
    /// The time at which the service ended.
    pub service_end: f64,
    /// The time at which the customer left the stage: later than the end of service if it was blocked.
    pub departure: f64,
}

/// One customer over the whole line. For a lost one only the number and the arrival have a meaning: its departure
/// equals its arrival, and all else is zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CustomerRecord {
    /// The customer's number, from 1.
    pub customer: u64,
    /// The time at which it reached the line.
    pub arrival: f64,
    /// The time at which it left the line.
    pub departure: f64,
    /// Time waited at all stages.
    pub waiting: f64,
    /// Time in service at all stages.
    pub service: f64,
    /// Time blocked at all stages.
    pub blocked: f64,
    /// The number of stages at which it waited.
    pub queues_joined: u32,
    /// Whether it found no place at the first stage.
    pub lost: bool,
}

/// A customer who has left the line, recorded in the order of leaving, its visits in the order of stages. A lost
/// one comes just before the first with a higher number that leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The customer as a whole.
    pub customer: CustomerRecord,
    /// Its visits; none if it was lost.
    pub visits: Vec<Visit>,
}
