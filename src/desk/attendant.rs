//! An attendant: serves one request at a time, may go down, be slowed or go off duty. It is woken only when a
//! service starts or finishes, or when one of these states begins or ends. The end of a service is known when it
//! starts, so the time in between needs no message; busy and down time are added up by intervals.

use super::clock::Clock;
use super::intervals::{OnClock, Spans, Spent};
use super::message::{ChangeKind, Duty, Message, Start, Work};
use super::record::Register;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::planted;
use crate::scenario::InterruptedWork;
use crate::station::requests::Request;
use crate::station::{Happening, RequestEventKind, RequestOutcome};
use crate::time::Time;
use std::sync::Arc;

/// One attendant.
#[derive(Clone, Debug)]
pub(super) struct Attendant {
    name: Arc<str>,
    /// The index of the server, and its own index within it.
    place: (u32, u32),
    clock: Clock,
    work: InterruptedWork,
    register: Register,
    serving: Option<Service>,
    /// The beginning of its current wrap-up, if it is in one, and the number and class of the request.
    wrapping: Option<(Time, (u64, u32))>,
    /// The times since which it is down, off duty and slowed, if it is.
    down_since: Option<Time>,
    off_since: Option<Time>,
    slow_since: Option<Time>,
    /// The time up to which time down or slowed is counted.
    counts_since: Time,
    /// Whether it was on duty when it went down.
    counted: bool,
    tally: AttendantTally,
    /// The use of its time by interval, if the desk reports intervals.
    spans: Option<Box<Spans>>,
    done: bool,
}

/// A service underway.
#[derive(Clone, Debug)]
struct Service {
    request: Request,
    since: Time,
    ends: Time,
    /// The speed in work per unit of time, and the time since which it applies.
    speed: f64,
    paced: Time,
}

/// The work and the times of an attendant in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct AttendantTally {
    pub(super) completed: u64,
    pub(super) faults: u64,
    pub(super) repairs: u64,
    /// Time within the window.
    pub(super) busy: f64,
    pub(super) down: f64,
    pub(super) off: f64,
    /// The part of the time on duty during which it was slowed.
    pub(super) slow: f64,
    /// Time in the whole run: in service or wrap-up, and in wrap-up alone.
    pub(super) busy_ever: f64,
    pub(super) wrapped_ever: f64,
    /// Outages that ended, except slow-downs, and the time down in them, in the window or not.
    pub(super) outages: u64,
    pub(super) repair_time: f64,
    /// The longest of all outages, the last one clipped at the end of the run.
    pub(super) longest_outage: f64,
}

impl Attendant {
    pub(super) fn new(
        name: Arc<str>,
        place: (u32, u32),
        (work, on_duty): (InterruptedWork, bool),
        (clock, intervals): (Clock, Option<OnClock>),
        recording: Recording,
    ) -> Attendant {
        let origin = clock.at(0.0);
        Attendant {
            name,
            place,
            clock,
            work,
            register: Register::new(recording),
            serving: None,
            wrapping: None,
            down_since: None,
            off_since: (!on_duty).then_some(origin),
            slow_since: None,
            counts_since: origin,
            counted: false,
            spans: intervals.map(|on_clock| Box::new(Spans::new(on_clock))),
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

    /// The use of its time by interval, if the desk reports intervals.
    pub(super) fn spans(&self) -> Option<&Spans> {
        self.spans.as_deref()
    }

    fn spend(&mut self, spent: Spent, since: Time, until: Time) -> f64 {
        if let Some(spans) = &mut self.spans {
            spans.add(spent, (since, until));
        }
        self.clock.measured(since, until)
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
        for at in 0..duty.changes.len() {
            if let Some(request) = self.change(duty.changes[at], now) {
                duty.interrupted = Some(request);
            }
        }
        if let Some((ends, speed)) = duty.pace {
            self.set_pace(ends, speed, now, outbox);
        }
        match duty.timed_out {
            Some(true) => duty.withdrawn = Some(self.withdraw(now)),
            Some(false) => {
                let service = self.serving.as_mut();
                service.expect("a client waits for a service").request.gone = Some(now);
            }
            None => {}
        }
        if duty.freed {
            self.end_wrap_up(self.clock.ended_by(now));
        }
        if let Some(start) = duty.start.take() {
            self.start(start, now, outbox);
        }
        if duty.finish {
            duty.finished = Some(self.finish(now, duty.wraps_up, outbox));
        }
        planted::complete(self.place);
    }

    /// Applies a change of its state; returns the request in service if that is interrupted.
    fn change(&mut self, kind: ChangeKind, now: Time) -> Option<Request> {
        match kind {
            ChangeKind::Repair { slowed, .. } => {
                self.come_up(slowed, now);
                None
            }
            ChangeKind::Slow { counted, .. } => {
                (self.slow_since, self.counted) = (Some(now), counted);
                self.counts_since = now;
                self.tally.faults += u64::from(counted);
                None
            }
            ChangeKind::Fault { counted, .. } => {
                self.end_slow_down(now);
                (self.down_since, self.counted) = (Some(now), counted);
                self.counts_since = now;
                self.tally.faults += u64::from(counted);
                self.break_off(now)
            }
            ChangeKind::OnDuty { .. } => {
                let since = self.off_since.take();
                let since = since.expect("only who is off duty comes on duty");
                self.tally.off += self.spend(Spent::Off, since, now);
                self.counts_since = now;
                None
            }
            ChangeKind::Stay | ChangeKind::Leaving => None,
            ChangeKind::OffDuty => {
                self.count_down_time(now);
                self.count_slow_time(now);
                self.off_since = Some(now);
                self.break_off(now)
            }
        }
    }

    fn come_up(&mut self, slowed: bool, now: Time) {
        self.tally.repairs += u64::from(self.counted);
        if slowed {
            return self.end_slow_down(now);
        }
        let since = self.down_since;
        let since = since.expect("only who is down comes up");
        self.count_down_time(now);
        self.down_since = None;
        if self.counted {
            self.tally.outages += 1;
            self.tally.repair_time += now.since(since);
            self.tally.longest_outage = self.tally.longest_outage.max(now.since(since));
        }
    }

    fn end_slow_down(&mut self, now: Time) {
        self.count_slow_time(now);
        self.slow_since = None;
    }

    /// Counts the time down on duty since it was last counted.
    fn count_down_time(&mut self, now: Time) {
        if self.down_since.is_some() && self.off_since.is_none() {
            self.tally.down += self.spend(Spent::Down, self.counts_since, now);
            self.counts_since = now;
        }
    }

    fn count_slow_time(&mut self, now: Time) {
        if self.slow_since.is_some() && self.off_since.is_none() {
            self.tally.slow += self.clock.measured(self.counts_since, now);
            self.counts_since = now;
        }
    }

    /// Changes the speed of the service or wrap-up, and its end.
    fn set_pace(
        &mut self,
        ends: Time,
        speed: f64,
        now: Time,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        let request = match (&mut self.serving, self.wrapping) {
            (Some(service), _) => {
                service.request.remaining -= now.since(service.paced) * service.speed;
                (service.ends, service.speed, service.paced) = (ends, speed, now);
                (service.request.id, service.request.class)
            }
            (None, Some((_, request))) => request,
            // An outage at this instant has interrupted it.
            (None, None) => return,
        };
        let (server, attendant) = self.place;
        let kind = RequestEventKind::SpeedChanged {
            server,
            attendant,
            lasts: ends.since(now),
        };
        self.register.event_of(now, request, kind, outbox);
    }

    /// Interrupts the service or wrap-up; returns the request, with the remaining work.
    fn break_off(&mut self, now: Time) -> Option<Request> {
        if self.wrapping.is_some() {
            self.end_wrap_up(now);
        }
        let service = self.serving.take()?;
        let mut request = service.request;
        let worked = self.worked(service.since, now);
        request.worked += worked;
        match self.work {
            InterruptedWork::Restart => request.remaining = request.service,
            InterruptedWork::Resume => {
                request.served += worked;
                let done = now.since(service.paced) * service.speed;
                request.remaining = (request.remaining - done).max(0.0);
            }
            InterruptedWork::Lost => {}
        }
        Some(request)
    }

    /// Whether it is on duty and up.
    fn is_there(&self) -> bool {
        self.down_since.is_none() && self.off_since.is_none()
    }

    /// Counts a busy period, and returns its length.
    fn worked(&mut self, since: Time, until: Time) -> f64 {
        self.tally.busy += self.spend(Spent::Busy, since, until);
        self.tally.busy_ever += until.since(since);
        until.since(since)
    }

    /// Ends a wrap-up, completed or interrupted.
    fn end_wrap_up(&mut self, at: Time) {
        let (since, _) = self.wrapping.take().expect("a wrap-up ends that began");
        // A wrap-up that a fault interrupts before it began has taken no time.
        let lasted = self.worked(since, at.max(since));
        self.tally.wrapped_ever += lasted;
    }

    /// Returns the request in service, because its client has stopped waiting.
    fn withdraw(&mut self, now: Time) -> Request {
        let service = self.serving.take();
        let mut service = service.expect("what is withdrawn is in service");
        service.request.worked += self.worked(service.since, now);
        service.request
    }

    /// Starts a service.
    fn start(&mut self, start: Start, now: Time, outbox: &mut Outbox<Message, Happening>) {
        let Start {
            mut request,
            ends,
            speed,
        } = start;
        assert!(
            self.serving.is_none() && self.wrapping.is_none() && self.is_there(),
            "attendant {} is given #{} at {now} while it is busy, down or off duty",
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
            paced: now,
        });
    }

    /// Ends the service, and begins the wrap-up if there is one.
    fn finish(
        &mut self,
        now: Time,
        wraps_up: Option<Time>,
        outbox: &mut Outbox<Message, Happening>,
    ) -> Work {
        let service = self.serving.take();
        let mut service = service.expect("a service ends that began");
        let ends = service.ends;
        assert!(
            ends == self.clock.ended_by(now),
            "the service of #{} ends at {now}, not when its work is done",
            service.request.id
        );
        let worked = self.worked(service.since, ends);
        self.tally.completed += 1;
        service.request.served += worked;
        service.request.worked += worked;
        let end = Some(self.clock.told(ends));
        let row = service.request.record(RequestOutcome::Completed, end);
        self.register.request(row, outbox);
        if let Some(until) = wraps_up {
            self.wrapping = Some((ends, (service.request.id, service.request.class)));
            let (server, attendant) = self.place;
            let kind = RequestEventKind::WrapUp {
                server,
                attendant,
                lasts: until.since(ends),
            };
            self.register.event(now, &service.request, kind, outbox);
        }
        Work::on(&service.request)
    }

    fn close(&mut self, end: Time, outbox: &mut Outbox<Message, Happening>) {
        if let Some(mut service) = self.serving.take() {
            let worked = self.worked(service.since, end);
            service.request.served += worked;
            service.request.worked += worked;
            self.register.left(&service.request, outbox);
        }
        if self.wrapping.is_some() {
            self.end_wrap_up(end);
        }
        self.count_down_time(end);
        self.count_slow_time(end);
        if let Some(since) = self.down_since.filter(|_| self.counted) {
            self.tally.longest_outage = self.tally.longest_outage.max(end.since(since));
        }
        if let Some(since) = self.off_since {
            self.tally.off += self.spend(Spent::Off, since, end);
        }
        let (tally, window) = (&self.tally, self.clock.window(end));
        assert!(
            tally.busy + tally.down + tally.off <= window * (1.0 + 1e-9),
            "an attendant was busy, down or off duty for longer than the run"
        );
        self.done = true;
    }
}
