//! Events in a model, and the flat rows that its tables are made of: the one enum that models put
//! on file and that the log, the tables, the timeline, the page and every explanation are made from.
//!
//! Stages, classes, servers and attendants are indexes from 0 here, but for a stage's servers, which count
//! from 1; whoever writes for people resolves the names.

use super::event::StationEvent;
use super::visit::{CustomerEnd, StationVisit};
use crate::scenario::Desk;
use crate::time::Time;

/// One thing that happens, as a model puts it on file.
///
/// The events that a model puts out depend on its [`Recording`](crate::actor::Recording): the rows of the tables
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
    /// A customer's service at a stage begins, and it is known when it ends; the departure is that of
    /// the end of service, as far as is known.
    Began(Visit),
    /// A customer leaves a stage, and all of the visit is known.
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
    /// The state of a customer or a server at a station with people and machines changes; in the order in which
    /// that happens.
    Station(StationEvent),
    /// A visit to a station with people and machines has ended; in the order of ending.
    Visited(StationVisit),
    /// A customer of such stations has ended; in the order of ending.
    Finished(CustomerEnd),
    /// The state of a request at a desk changes.
    Request(RequestEvent),
    /// A request's way is over; in no order across actors, each id once.
    Ended(RequestRecord),
    /// An attendant went down or came up; in the order in which it happened.
    Fault(FaultRecord),
    /// A step of a desk is over, or an instant at which something was due; in the order of time.
    Step(StepRecord),
}

/// An event in the life of a request between its arrival and its end.
///
/// With the other records these tell every change of state of a desk. All those of a step or an instant
/// come before its row, and within it in the order of cause and effect; what different servers do in the
/// same phase comes in any order.
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
    /// It arrives and enters the buffer, unless its row follows: then there is no place.
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
    /// It was interrupted, or nobody here can serve it any more: it goes back to the supervisor and
    /// waits ahead of the buffer.
    HandedOver {
        /// Index of the server it comes from.
        server: u32,
        /// The attendant it was with; none if it waited.
        attendant: Option<u32>,
    },
    /// Somebody free at another server takes it over: it leaves the queue here and starts there.
    Moved {
        /// Index of the server it leaves.
        from: u32,
        /// Index of the server it goes to.
        to: u32,
        /// Index of the attendant there.
        attendant: u32,
    },
    /// Its client has waited too long for the answer: it goes, and its request with it, whose row follows, or stays
    /// and is served for nobody.
    TimedOut {
        /// The time since its arrival.
        after: f64,
        /// Whether its request goes too.
        withdrawn: bool,
        /// The attendant it was with, if any, after its server.
        with: Option<(u32, u32)>,
    },
    /// The attendant who completed it begins the work after it.
    WrapUp {
        /// Index of the server.
        server: u32,
        /// Index of the attendant within it.
        attendant: u32,
        /// The time it will take.
        lasts: f64,
    },
    /// Its client will come again, as a new request.
    ComesAgain {
        /// The time until then.
        after: f64,
        /// Which try that will be, from 1.
        attempt: u64,
    },
    /// Its patience has run out and it gives up; its row follows.
    GaveUp {
        /// Index of the server where it waited; none with the supervisor.
        server: Option<u32>,
        /// The time it waited.
        waited: f64,
    },
}

/// What happened in a step or at an instant, and how things then stood: a row of the `steps` table, or of
/// `levels`, which has an instant at which a level changed.
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
    /// Requests cut off in service, failed or not.
    pub interrupted: u64,
    /// Requests completed.
    pub completed: u64,
    /// Requests that gave up waiting.
    pub abandoned: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Requests withdrawn since their clients had waited too long.
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
    /// Joins what happened later at the same instant.
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

    /// All columns, in order, but for the time.
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
    /// It gave up before its service ever began.
    Abandoned,
    /// It was interrupted once too often, or its work was lost.
    Failed,
    /// It was withdrawn, since its client had waited too long for the answer.
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
    /// From 1, in the order generated, rejected ones included.
    pub id: u64,
    /// Index into the scenario's classes.
    pub class: u32,
    /// The step or the instant of its arrival.
    pub arrival: Time,
    /// The step in which its service first began, or the instant.
    pub first_start: Option<Time>,
    /// The step in which it was completed, rejected, abandoned or failed, or the instant.
    pub end: Option<Time>,
    /// Which of these, if any.
    pub outcome: RequestOutcome,
    /// The number of times its service began.
    pub attempts: u64,
    /// The server of the attendant who served it last, or serves it still.
    pub server: Option<u32>,
    /// The attendant who served it last, or serves it still.
    pub attendant: Option<u32>,
    /// The client whose try it is, from 1 in the order of first tries.
    pub client: u64,
    /// Which try, from 1.
    pub attempt: u64,
    /// When the client had waited too long for the answer, if it had.
    pub gone: Option<Time>,
}

impl RequestRecord {
    /// When it was over, on the clock of its desk: a service lasts until the step in which it ends is over; whoever is
    /// turned away, gives up or fails does so when a step begins.
    #[must_use]
    pub fn over(&self, desk: &Desk) -> Option<Time> {
        match self.outcome {
            RequestOutcome::Completed => self.end.map(|end| desk.end_of_turn(end)),
            _ => self.end,
        }
    }
}

/// A row of the `faults` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEvent {
    /// An attendant went down.
    Fault,
    /// An attendant came up, or works at its own speed again.
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
    /// What became of it.
    pub event: FaultEvent,
    /// The request cut off by it, failed or not.
    pub request: Option<u64>,
    /// Of a fault, how long it will last, none where it is for good; of a repair, how long it lasted. No
    /// table has it.
    pub lasts: Option<f64>,
    /// Whether it waits for a crew to repair it; whether it came on duty in an outage. No table has it.
    pub waits: bool,
}

/// One customer at one stage.
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
    /// The time at which the customer left the stage: later than the end of service where it was blocked.
    pub departure: f64,
}

/// One customer over the whole line. Of a lost one only the number and the arrival say anything:
/// its departure equals its arrival, and all else is zero.
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
    /// At how many stages it waited.
    pub queues_joined: u32,
    /// Whether it found no place at the first stage.
    pub lost: bool,
}

/// A customer who has left the line, put on file in the order of leaving, its visits in the order of
/// stages. A lost one stands just before the first with a higher number who leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The customer as a whole.
    pub customer: CustomerRecord,
    /// Its visits; none if it was lost.
    pub visits: Vec<Visit>,
}
