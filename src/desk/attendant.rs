//! An attendant: serves one request at a time, may go down, and is woken only when it starts, finishes,
//! goes down or comes up. The length of a service is known when it starts, so the time in between needs
//! no message; busy and down time are added up by intervals.

use super::clock::Clock;
use super::message::{Duty, Message, Start};
use super::record::Register;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::planted;
use crate::scenario::InterruptedWork;
use crate::station::requests::Request;
use crate::station::{Happening, RequestEventKind, RequestOutcome};
use crate::time::Time;
use std::sync::Arc;

/// One who serves.
#[derive(Clone, Debug)]
pub(super) struct Attendant {
    name: Arc<str>,
    /// Indexes of the server and within it.
    place: (u32, u32),
    clock: Clock,
    work: InterruptedWork,
    register: Register,
    serving: Option<Service>,
    /// Since when it is down, where it is.
    down_since: Option<Time>,
    tally: AttendantTally,
    done: bool,
}

/// A service underway.
#[derive(Clone, Debug)]
struct Service {
    request: Request,
    since: Time,
    ends: Time,
    /// Work done in a unit of time.
    speed: f64,
}

/// What an attendant did in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct AttendantTally {
    pub(super) completed: u64,
    pub(super) faults: u64,
    pub(super) repairs: u64,
    /// Time within the window.
    pub(super) busy: f64,
    pub(super) down: f64,
    /// Time down in outages that ended, in the window or not.
    pub(super) repair_time: f64,
    /// Of all outages, the last one clipped to the run.
    pub(super) longest_outage: f64,
}

impl Attendant {
    pub(super) fn new(
        name: Arc<str>,
        place: (u32, u32),
        work: InterruptedWork,
        clock: Clock,
        recording: Recording,
    ) -> Attendant {
        Attendant {
            name,
            place,
            clock,
            work,
            register: Register::new(recording),
            serving: None,
            down_since: None,
            tally: AttendantTally::default(),
            done: false,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn register(&self) -> &Register {
        &self.register
    }

    pub(super) fn tally(&self) -> &AttendantTally {
        &self.tally
    }

    pub(super) fn wants(&self) -> Wants {
        if self.done {
            Wants::Nothing
        } else {
            Wants::Message(Port(0))
        }
    }

    pub(super) fn handle(
        &mut self,
        input: Input<Message>,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        match input {
            Input::Message(Message::Duty(mut duty)) => {
                self.act(&mut duty, outbox);
                outbox.send(Port(0), Message::Duties(duty));
            }
            Input::Message(Message::Close(end)) => self.close(end, outbox),
            other => unreachable!("no message for an attendant: {other:?}"),
        }
    }

    fn act(&mut self, duty: &mut Duty, outbox: &mut Outbox<Message, Happening>) {
        let now = duty.now;
        if duty.repaired {
            self.come_up(now);
        }
        if duty.failed {
            duty.interrupted = self.go_down(now);
        }
        if let Some(start) = duty.start.take() {
            self.start(start, now, outbox);
        }
        if duty.finish {
            duty.finished = Some(self.finish(now, outbox));
        }
        planted::complete(self.place);
    }

    fn come_up(&mut self, now: Time) {
        let since = self.down_since.take();
        let since = since.expect("only who is down comes up");
        self.tally.repairs += 1;
        self.tally.repair_time += now.since(since);
        self.end_outage(since, now);
    }

    fn end_outage(&mut self, since: Time, now: Time) {
        self.tally.down += self.clock.measured(since, now);
        self.tally.longest_outage = self.tally.longest_outage.max(now.since(since));
    }

    /// Gives back what it was at, with the work still to be done.
    fn go_down(&mut self, now: Time) -> Option<Request> {
        self.down_since = Some(now);
        self.tally.faults += 1;
        let service = self.serving.take()?;
        let mut request = service.request;
        let worked = now.since(service.since);
        self.tally.busy += self.clock.measured(service.since, now);
        request.worked += worked;
        match self.work {
            InterruptedWork::Restart => request.remaining = request.service,
            InterruptedWork::Resume => {
                request.served += worked;
                let done = worked * service.speed;
                request.remaining = (request.remaining - done).max(0.0);
            }
            InterruptedWork::Lost => {}
        }
        Some(request)
    }

    /// What becomes of a request with the beginning of a service.
    fn start(&mut self, start: Start, now: Time, outbox: &mut Outbox<Message, Happening>) {
        let Start {
            mut request,
            ends,
            speed,
        } = start;
        assert!(
            self.serving.is_none() && self.down_since.is_none(),
            "attendant {} is given #{} at {now} while it is busy or down",
            self.name(),
            request.id
        );
        request.first_start.get_or_insert(now);
        request.attempts += 1;
        request.served_by = Some(self.place);
        let kind = RequestEventKind::Started {
            server: self.place.0,
            attendant: self.place.1,
            attempt: request.attempts,
            lasts: ends.since(now),
        };
        self.register.event(now, &request, kind, outbox);
        self.serving = Some(Service {
            request,
            since: now,
            ends,
            speed,
        });
    }

    /// The service is over; gives the time in service that counted.
    fn finish(&mut self, now: Time, outbox: &mut Outbox<Message, Happening>) -> f64 {
        let service = self.serving.take();
        let mut service = service.expect("a service ends that began");
        let ends = service.ends;
        assert!(
            ends == self.clock.ended_by(now),
            "the service of #{} ends at {now}, not when its work is done",
            service.request.id
        );
        let worked = ends.since(service.since);
        self.tally.busy += self.clock.measured(service.since, ends);
        self.tally.completed += 1;
        service.request.served += worked;
        service.request.worked += worked;
        let end = Some(self.clock.told(ends));
        let row = service.request.record(RequestOutcome::Completed, end);
        self.register.request(row, outbox);
        service.request.served
    }

    fn close(&mut self, end: Time, outbox: &mut Outbox<Message, Happening>) {
        if let Some(service) = self.serving.take() {
            self.tally.busy += self.clock.measured(service.since, end);
            let row = service.request.record(RequestOutcome::InSystem, None);
            self.register.request(row, outbox);
        }
        if let Some(since) = self.down_since {
            self.end_outage(since, end);
        }
        let (tally, window) = (&self.tally, self.clock.window(end));
        assert!(
            tally.busy + tally.down <= window * (1.0 + 1e-9),
            "an attendant was busy or down for longer than the run"
        );
        self.done = true;
    }
}
