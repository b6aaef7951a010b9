//! An attendant: serves one request at a time, may go down, and is woken only when it starts, finishes,
//! goes down or comes up. The length of a service is known when it starts, so the steps in between
//! need no message; busy and down time are added up by intervals.

use super::message::{Duty, Message};
use super::record::Register;
use super::request::Request;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::planted;
use crate::scenario::InterruptedWork;
use crate::station::{Happening, RequestEventKind, RequestOutcome};
use crate::time::Step;
use std::sync::Arc;

/// One who serves.
#[derive(Clone, Debug)]
pub(super) struct Attendant {
    name: Arc<str>,
    /// Indexes of the server and within it.
    place: (u32, u32),
    work: InterruptedWork,
    register: Register,
    /// The request in service, and the step in which this service began.
    serving: Option<(Request, Step)>,
    /// Since which step it is down, where it is.
    down_since: Option<Step>,
    tally: AttendantTally,
    done: bool,
}

/// What an attendant did in a run; all times in steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AttendantTally {
    pub(super) completed: u64,
    pub(super) faults: u64,
    pub(super) repairs: u64,
    pub(super) busy: u64,
    pub(super) down: u64,
    /// Of the outages that ended.
    pub(super) repair_time: u64,
    /// Of all outages, the last one clipped to the run.
    pub(super) longest_outage: u64,
}

impl Attendant {
    pub(super) fn new(
        name: Arc<str>,
        place: (u32, u32),
        work: InterruptedWork,
        recording: Recording,
    ) -> Attendant {
        Attendant {
            name,
            place,
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
            Input::Message(Message::Close(steps)) => self.close(steps, outbox),
            other => unreachable!("no message for an attendant: {other:?}"),
        }
    }

    fn act(&mut self, duty: &mut Duty, outbox: &mut Outbox<Message, Happening>) {
        let step = duty.step;
        if duty.repaired {
            self.come_up(step);
        }
        if duty.failed {
            duty.interrupted = self.go_down(step);
        }
        duty.finished = duty.finish;
        if let Some(request) = &mut duty.start {
            duty.finished = request.remaining == 1;
            self.start(request, step, outbox);
            self.serving = duty.start.take().map(|request| (request, step));
        }
        if duty.finished {
            self.finish(step, outbox);
        }
        planted::complete(self.place);
    }

    fn come_up(&mut self, step: Step) {
        let since = self.down_since.take();
        let outage = step - since.expect("only who is down comes up");
        self.tally.repairs += 1;
        self.tally.down += outage;
        self.tally.repair_time += outage;
        self.tally.longest_outage = self.tally.longest_outage.max(outage);
    }

    /// Gives back what it was at, with the work still to be done.
    fn go_down(&mut self, step: Step) -> Option<Request> {
        self.down_since = Some(step);
        self.tally.faults += 1;
        let (mut request, since) = self.serving.take()?;
        let worked = step - since;
        self.tally.busy += worked;
        match self.work {
            InterruptedWork::Restart => request.remaining = request.service,
            InterruptedWork::Resume => request.remaining -= worked,
            InterruptedWork::Lost => {}
        }
        Some(request)
    }

    /// What becomes of a request with the beginning of a service.
    fn start(&self, request: &mut Request, step: Step, outbox: &mut Outbox<Message, Happening>) {
        assert!(
            self.serving.is_none() && self.down_since.is_none(),
            "attendant {} is given #{} in step {step} while it is busy or down",
            self.name(),
            request.id
        );
        request.first_start.get_or_insert(step);
        request.attempts += 1;
        request.served_by = Some(self.place);
        let kind = RequestEventKind::Started {
            server: self.place.0,
            attendant: self.place.1,
            attempt: request.attempts,
            steps: request.remaining,
        };
        self.register.event(step, request, kind, outbox);
    }

    fn finish(&mut self, step: Step, outbox: &mut Outbox<Message, Happening>) {
        let served = self.serving.as_ref();
        let &(ref request, since) = served.expect("a service ends that began");
        assert!(
            since.saturating_add(request.remaining - 1) == step,
            "the service of #{} ends in step {step}, not when its work is done",
            request.id
        );
        self.tally.busy += step - since + 1;
        self.tally.completed += 1;
        let row = request.record(RequestOutcome::Completed, Some(step));
        self.serving = None;
        self.register.request(row, outbox);
    }

    fn close(&mut self, steps: Step, outbox: &mut Outbox<Message, Happening>) {
        if let Some((request, since)) = self.serving.take() {
            self.tally.busy += steps + 1 - since;
            let row = request.record(RequestOutcome::InSystem, None);
            self.register.request(row, outbox);
        }
        if let Some(since) = self.down_since {
            let outage = steps + 1 - since;
            self.tally.down += outage;
            self.tally.longest_outage = self.tally.longest_outage.max(outage);
        }
        assert!(
            self.tally.busy + self.tally.down <= steps,
            "an attendant was busy or down for longer than the run"
        );
        self.done = true;
    }
}
