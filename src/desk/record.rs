//! The flat records of a desk, which become its tables, and the register in which an actor enters its
//! own: they go into its digest whether or not anybody keeps them.
//!
//! Classes, servers and attendants are indexes from 0 here; whoever writes tables resolves the names.

use super::audit::Ledger;
use super::message::Message;
use super::request::Request;
use crate::actor::{Outbox, Recording};
use crate::digest::Digest;
use crate::time::Step;

/// What the desk puts on file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskRecord {
    /// A step is over; in the order of steps.
    Step(StepRecord),
    /// A request's way is over; in no order across actors, each id once.
    Request(RequestRecord),
    /// An attendant went down or came up; in the order in which it happened.
    Fault(FaultRecord),
    /// A change of state, for those who watch; see [`DeskEvent`].
    Event(DeskEvent),
}

/// What becomes of a request between its arrival and its end.
///
/// With the other records these tell every change of state of a desk. All those of a step come before
/// its row, and within a step in the order of cause and effect; what different servers do in the same
/// phase comes in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeskEvent {
    /// The step.
    pub step: Step,
    /// The request.
    pub request: u64,
    /// Index into the scenario's classes.
    pub class: u32,
    /// What happens to it.
    pub kind: DeskEventKind,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskEventKind {
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
        /// The how many-th time.
        attempt: u64,
        /// Steps of work to be done.
        steps: u64,
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
}

/// A row of the `steps` table: what happened in the step, and how things then stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepRecord {
    /// The step, from 1.
    pub step: Step,
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
    /// Requests in the buffer at the end of the step.
    pub buffer: u64,
    /// Requests handed over and still with the supervisor at the end of the step.
    pub handed_over: u64,
    /// Requests waiting at servers at the end of the step.
    pub waiting_at_servers: u64,
    /// Requests in service in phase 6, before completions.
    pub in_service: u64,
    /// Attendants up in phase 6.
    pub attendants_up: u64,
}

impl StepRecord {
    /// All columns, in order.
    fn columns(&self) -> [u64; 14] {
        [
            self.step,
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
        ]
    }
}

/// How a request's way ended.
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
    /// The run ended first.
    InSystem,
}

impl RequestOutcome {
    /// What tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RequestOutcome::Completed => "completed",
            RequestOutcome::Rejected => "rejected",
            RequestOutcome::Abandoned => "abandoned",
            RequestOutcome::Failed => "failed",
            RequestOutcome::InSystem => "in_system",
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
    /// The step in which it was generated.
    pub arrival: Step,
    /// The step in which its service first began.
    pub first_start: Option<Step>,
    /// The step in which it was completed, rejected, abandoned or failed.
    pub end: Option<Step>,
    /// Which of these, if any.
    pub outcome: RequestOutcome,
    /// How often its service began.
    pub attempts: u64,
    /// The server of the attendant who served it last, or serves it still.
    pub server: Option<u32>,
    /// The attendant who served it last, or serves it still.
    pub attendant: Option<u32>,
}

/// What a row of the `faults` table tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEvent {
    /// An attendant went down.
    Fault,
    /// An attendant came up.
    Repair,
}

impl FaultEvent {
    /// What tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FaultEvent::Fault => "fault",
            FaultEvent::Repair => "repair",
        }
    }
}

/// A row of the `faults` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultRecord {
    /// The step.
    pub step: Step,
    /// Index into the scenario's servers.
    pub server: u32,
    /// Index into the server's attendants.
    pub attendant: u32,
    /// Down or up.
    pub event: FaultEvent,
    /// The request cut off by it, failed or not.
    pub request: Option<u64>,
}

/// Where an actor enters its records.
#[derive(Clone, Debug)]
pub(super) struct Register {
    recording: Recording,
    digest: Digest,
    ledger: Ledger,
}

impl Register {
    pub(super) fn new(recording: Recording) -> Register {
        Register {
            recording,
            digest: Digest::EMPTY,
            ledger: Ledger::default(),
        }
    }

    /// The fingerprint of all records entered so far.
    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    /// Which requests ended here.
    pub(super) fn ledger(&self) -> Ledger {
        self.ledger
    }

    pub(super) fn step(&mut self, row: StepRecord, outbox: &mut Outbox<Message, DeskRecord>) {
        row.columns()
            .iter()
            .for_each(|&word| self.digest.fold(word));
        if self.recording >= Recording::Tables {
            outbox.record(DeskRecord::Step(row));
        }
    }

    pub(super) fn request(&mut self, row: RequestRecord, outbox: &mut Outbox<Message, DeskRecord>) {
        self.ledger.enter(row.id);
        let or_zero = |index: Option<u32>| index.map_or(0, |index| u64::from(index) + 1);
        for word in [
            row.id,
            u64::from(row.class),
            row.arrival,
            row.first_start.unwrap_or(0),
            row.end.unwrap_or(0),
            row.outcome as u64,
            row.attempts,
            or_zero(row.server) << 32 | or_zero(row.attendant),
        ] {
            self.digest.fold(word);
        }
        if self.recording >= Recording::Tables {
            outbox.record(DeskRecord::Request(row));
        }
    }

    /// For those who watch; no digest knows of it.
    pub(super) fn event(
        &self,
        step: Step,
        request: &Request,
        kind: DeskEventKind,
        outbox: &mut Outbox<Message, DeskRecord>,
    ) {
        if self.recording == Recording::Everything {
            outbox.record(DeskRecord::Event(DeskEvent {
                step,
                request: request.id,
                class: request.class,
                kind,
            }));
        }
    }

    pub(super) fn fault(&mut self, row: FaultRecord, outbox: &mut Outbox<Message, DeskRecord>) {
        self.digest.fold(row.step);
        self.digest
            .fold(u64::from(row.server) << 32 | u64::from(row.attendant));
        self.digest.fold(row.event as u64);
        self.digest.fold(row.request.unwrap_or(0));
        if self.recording >= Recording::Tables {
            outbox.record(DeskRecord::Fault(row));
        }
    }
}
