//! The register in which an actor of a desk enters its records: they go into its digest whether or not they are
//! kept.

use super::audit::{Books, Ledger};
use super::message::{Message, Work};
use crate::actor::{Outbox, Recording};
use crate::digest::Digest;
use crate::station::requests::Request;
use crate::station::{
    FaultRecord, Happening, RequestEvent, RequestEventKind, RequestOutcome, RequestRecord,
    StepRecord,
};
use crate::time::Time;

/// The records of an actor.
#[derive(Clone, Debug)]
pub(super) struct Register {
    recording: Recording,
    digest: Digest,
    ledger: Ledger,
    books: Books,
    left: Vec<(u32, Time, Work)>,
}

impl Register {
    pub(super) fn new(recording: Recording) -> Register {
        Register {
            recording,
            digest: Digest::EMPTY,
            ledger: Ledger::default(),
            books: Books::default(),
            left: Vec::new(),
        }
    }

    /// The fingerprint of all records entered so far.
    pub(super) fn digest(&self) -> Digest {
        self.digest
    }

    /// The ids of the requests that ended here.
    pub(super) fn ledger(&self) -> Ledger {
        self.ledger
    }

    pub(super) fn step(&mut self, row: StepRecord, outbox: &mut Outbox<Message, Happening>) {
        self.digest.fold(row.time.get().to_bits());
        row.counts().iter().for_each(|&word| self.digest.fold(word));
        if self.recording >= Recording::Tables {
            outbox.record(Happening::Step(row));
        }
    }

    pub(super) fn request(&mut self, row: RequestRecord, outbox: &mut Outbox<Message, Happening>) {
        self.ledger.enter(row.id);
        let bits = |time: Option<Time>| time.unwrap_or(Time::NEVER).get().to_bits();
        let or_zero = |index: Option<u32>| index.map_or(0, |index| u64::from(index) + 1);
        for word in [
            row.id,
            u64::from(row.class),
            row.arrival.get().to_bits(),
            bits(row.first_start),
            bits(row.end),
            row.outcome as u64,
            row.attempts,
            or_zero(row.server) << 32 | or_zero(row.attendant),
            row.client,
            row.attempt,
            bits(row.gone),
        ] {
            self.digest.fold(word);
        }
        if self.recording >= Recording::Tables {
            outbox.record(Happening::Ended(row));
        }
    }

    /// Records a request that is in the system when the run ends.
    pub(super) fn left(&mut self, request: &Request, outbox: &mut Outbox<Message, Happening>) {
        let work = Work::on(request);
        self.books.left(work);
        if work.worked > 0.0 {
            self.left.push((request.class, request.arrival, work));
        }
        let row = request.record(RequestOutcome::InSystem, None);
        self.request(row, outbox);
    }

    /// The use of the attendants' time, on the requests left here.
    pub(super) fn books(&self) -> Books {
        self.books
    }

    /// The class and arrival of each request left here that attendants worked on, and the work.
    pub(super) fn worked_on(&self) -> &[(u32, Time, Work)] {
        &self.left
    }

    /// Puts out an event for observers; it is not part of any digest.
    pub(super) fn event(
        &self,
        time: Time,
        request: &Request,
        kind: RequestEventKind,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        self.event_of(time, (request.id, request.class), kind, outbox);
    }

    /// The same for a request with this number and class.
    pub(super) fn event_of(
        &self,
        time: Time,
        (request, class): (u64, u32),
        kind: RequestEventKind,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        if self.recording == Recording::Everything {
            outbox.record(Happening::Request(RequestEvent {
                time,
                request,
                class,
                kind,
            }));
        }
    }

    /// Records that a request that waited with the supervisor, or at a server, gives up.
    pub(super) fn gives_up(
        &mut self,
        server: Option<u32>,
        request: &Request,
        now: Time,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        let waited = request.waited(now);
        let kind = RequestEventKind::GaveUp { server, waited };
        self.event(now, request, kind, outbox);
        let row = request.record(RequestOutcome::Abandoned, Some(now));
        self.request(row, outbox);
    }

    pub(super) fn fault(&mut self, row: FaultRecord, outbox: &mut Outbox<Message, Happening>) {
        self.digest.fold(row.time.get().to_bits());
        self.digest
            .fold(u64::from(row.server) << 32 | u64::from(row.attendant));
        self.digest.fold(row.event as u64);
        self.digest.fold(row.request.unwrap_or(0));
        if self.recording >= Recording::Tables {
            outbox.record(Happening::Fault(row));
        }
    }
}
