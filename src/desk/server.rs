//! A server: a group of attendants and the requests that wait for them. It assigns requests to attendants, wakes
//! only attendants whose work begins or ends, and reports the results of every order to the supervisor.
//!
//! An attendant here is a *server* in queueing theory; a server here is a group of them.

use super::clock::Clock;
use super::level::Level;
use super::message::{
    ChangeKind, Duty, Finished, Message, ServerOrder, ServerReport, Start, Started, Task,
};
use super::record::Register;
use super::supervisor::apply;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::planted::{self, Fault};
use crate::random::Rounding;
use crate::station::Happening;
use crate::station::attendants::Roster;
use crate::station::requests::{Key, Request, Waiting};
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// The supervisor's edge; attendant k is at port k + 1.
const SUPERVISOR: Port = Port(0);

/// A group of attendants.
#[derive(Clone, Debug)]
pub(super) struct Server {
    name: Arc<str>,
    index: u32,
    clock: Clock,
    register: Register,
    capacity: Option<u64>,
    roster: Roster,
    waiting: Waiting,
    /// The service of each attendant, if it serves.
    serving: Vec<Option<Serving>>,
    /// The wrap-up of each attendant, if it is in one.
    wrapping: Vec<Option<Wrapping>>,
    /// The factor of each attendant's speed: below 1 while it is slowed.
    pace: Vec<f64>,
    /// Per class, whether a request is withdrawn when its client has waited too long.
    withdraws: Arc<[bool]>,
    in_service: u64,
    /// The ends of services and wrap-ups that last beyond the turn they began in, with the attendants; void if the
    /// service was interrupted.
    endings: BinaryHeap<Reverse<(Time, u32)>>,
    /// Rounds services whose length differs because of the attendant's speed.
    rounding: Rounding,
    /// The same for wrap-ups.
    wrapping_up: Rounding,
    held: Level,
    outages: Outages,
    /// Classes for which no attendant is free; kept to reuse the allocation.
    passed_over: Vec<bool>,
    /// The order in progress.
    errand: Errand,
    done: bool,
}

/// A service, as its server keeps it.
#[derive(Clone, Copy, Debug)]
struct Serving {
    id: u64,
    class: u32,
    arrival: Time,
    ends: Time,
    /// The remaining work, in time at speed 1, when its speed last changed; that time; and the speed.
    left: f64,
    since: Time,
    speed: f64,
    /// The wrap-up after it, in time at speed 1.
    wrap_up: f64,
    /// The number of the service among those of its request, and the number of its changes of speed.
    attempt: u64,
    changes: u64,
}

/// A wrap-up.
#[derive(Clone, Copy, Debug)]
struct Wrapping {
    ends: Time,
    left: f64,
    since: Time,
    speed: f64,
    /// The attendant's own speed, when it is not slowed.
    own: f64,
    /// The name of the service for draws: the request and the attempt.
    name: (u64, u64),
    changes: u64,
}

impl Wrapping {
    fn name(&self) -> (u64, u64) {
        named(self.name, self.changes)
    }
}

/// The name of a draw after this many changes of speed.
fn named((id, attempt): (u64, u64), changes: u64) -> (u64, u64) {
    (id, attempt | changes << 32)
}

/// An order in progress: the duties handed out, and the answers awaited in ascending number of the attendant.
#[derive(Clone, Debug)]
struct Errand {
    now: Time,
    /// Per attendant the form that goes to it and comes back.
    duties: Vec<Option<Box<Duty>>>,
    /// The attendants with a duty; ascending once they are sent.
    awaited: Vec<u32>,
    answered: usize,
    /// Requests completed with this step; they count as held until its end.
    finished_in_step: u64,
    /// Whether attendants who become free now can still be put to work in this turn.
    before_work: bool,
    /// The supervisor's order, on which the answer is filled in.
    order: Option<Box<ServerOrder>>,
    /// The requests that came with the order; kept to reuse the allocation.
    sent: Vec<(u32, Key)>,
}

impl Errand {
    fn report(&mut self) -> &mut ServerReport {
        &mut self.order.as_mut().expect(UNDERWAY).report
    }
}

/// An order is always in progress while a server acts.
const UNDERWAY: &str = "an order is underway";

/// Periods in which no attendant was up.
#[derive(Clone, Copy, Debug, Default)]
struct Outages {
    since: Option<Time>,
    longest: f64,
}

impl Server {
    pub(super) fn new(
        (name, index): (Arc<str>, u32),
        (clock, rounding, wrapping_up): (Clock, Rounding, Rounding),
        capacity: Option<u64>,
        roster: Roster,
        waiting: Waiting,
        withdraws: Arc<[bool]>,
        recording: Recording,
    ) -> Server {
        let attendants = roster.attendants();
        let passed_over = vec![false; waiting.classes()];
        Server {
            name,
            index,
            clock,
            register: Register::new(recording),
            capacity,
            roster,
            waiting,
            serving: vec![None; attendants],
            wrapping: vec![None; attendants],
            pace: vec![1.0; attendants],
            withdraws,
            in_service: 0,
            endings: BinaryHeap::new(),
            rounding,
            wrapping_up,
            held: Level::new(clock),
            outages: Outages::default(),
            passed_over,
            errand: Errand {
                now: Time::ZERO,
                duties: (0..attendants).map(|_| Some(Box::default())).collect(),
                awaited: Vec::with_capacity(attendants),
                answered: 0,
                finished_in_step: 0,
                before_work: false,
                order: None,
                sent: Vec::new(),
            },
            done: false,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn register(&self) -> &Register {
        &self.register
    }

    /// The number of requests held: the area up to the end of the run, and the maximum.
    pub(super) fn held(&self, end: Time) -> (f64, u64) {
        self.held.over(end)
    }

    /// The longest period in which none of its attendants was up.
    pub(super) fn longest_outage(&self) -> f64 {
        self.outages.longest
    }

    pub(super) fn wants(&self) -> Wants {
        let errand = &self.errand;
        match errand.awaited.get(errand.answered) {
            _ if self.done => Wants::Nothing,
            Some(&attendant) => Wants::Message(Port(attendant as usize + 1)),
            None => Wants::Message(SUPERVISOR),
        }
    }

    pub(super) fn handle(
        &mut self,
        input: Input<Message>,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        match input {
            Input::Message(Message::Order(order)) => {
                self.errand.awaited.clear();
                self.errand.answered = 0;
                self.follow(order, outbox);
                self.send_duties(outbox);
            }
            Input::Message(Message::Duties(duty)) => {
                let attendant = self.errand.awaited[self.errand.answered];
                self.errand.answered += 1;
                self.note(attendant, duty);
            }
            Input::Message(Message::Close(end)) => return self.close(end, outbox),
            other => unreachable!("no message for a server: {other:?}"),
        }
        if self.errand.answered == self.errand.awaited.len() {
            let order = self.settle_books();
            outbox.send(SUPERVISOR, Message::Report(order));
        }
    }

    #[inline(never)]
    fn follow(&mut self, mut order: Box<ServerOrder>, outbox: &mut Outbox<Message, Happening>) {
        let (now, task) = (order.now, order.task);
        self.errand.before_work = matches!(task, Task::End | Task::Outage);
        self.at(now);
        match task {
            Task::End => {
                let timed_out = std::mem::take(&mut order.timed_out);
                self.errand.order = Some(order);
                if !self.clock.stepped() {
                    self.end_services(now);
                }
                for (class, key) in timed_out {
                    self.time_out(class, key, now);
                }
            }
            Task::Outage => {
                let mut changes = std::mem::take(&mut order.changes);
                self.errand.order = Some(order);
                for (attendant, kind) in changes.drain(..) {
                    self.change(now, attendant, kind);
                }
                self.errand.order.as_mut().expect(UNDERWAY).changes = changes;
                self.note_outage(now);
                self.give_back_who_waits_for_nobody();
            }
            Task::Work | Task::WorkAndSettle => {
                self.let_in(&mut order.requests);
                self.take_over(order, now);
                self.put_to_work(now);
                if task == Task::Work {
                    self.list_newcomers();
                }
                if self.clock.stepped() {
                    self.end_services(now);
                }
                if task == Task::WorkAndSettle {
                    self.let_go(now, outbox);
                }
            }
            Task::Settle => {
                for (class, key) in order.moved.drain(..) {
                    let request = self.waiting.take(class as usize, key);
                    let request = request.expect("only who waits here is taken over");
                    order.report.returned.push(request);
                }
                self.errand.order = Some(order);
                self.let_go(now, outbox);
            }
            Task::TakeOver => self.take_over(order, now),
        }
    }

    /// Starts the requests that were given to attendants.
    fn take_over(&mut self, mut order: Box<ServerOrder>, now: Time) {
        let mut taken_over = std::mem::take(&mut order.taken_over);
        self.errand.order = Some(order);
        for (attendant, request) in taken_over.drain(..) {
            self.roster.take(attendant);
            self.start(attendant, request, true, now);
        }
        self.errand.order.as_mut().expect(UNDERWAY).taken_over = taken_over;
    }

    /// Adds the requests that came with the order to the waiting ones.
    fn let_in(&mut self, requests: &mut Vec<Request>) {
        self.errand.sent.clear();
        for request in requests.drain(..) {
            self.errand.sent.push((request.class, request.key()));
            self.waiting.insert(request);
        }
    }

    /// Reports the requests that came with the order and still wait.
    fn list_newcomers(&mut self) {
        if self.waiting.length() > 0 {
            let order = self.errand.order.as_mut().expect(UNDERWAY);
            let sent = self.errand.sent.iter().copied();
            let waiting = &mut self.waiting;
            let still = sent.filter(|&(class, key)| waiting.list(class, key));
            order.report.queued.extend(still);
        }
    }

    /// Sets the time at which the server acts.
    fn at(&mut self, now: Time) {
        if now > self.errand.now {
            self.errand.now = now;
            self.errand.finished_in_step = 0;
        }
    }

    /// Applies a change of an attendant's state.
    fn change(&mut self, now: Time, attendant: u32, kind: ChangeKind) {
        self.duty_of(attendant).changes.push(kind);
        apply(&mut self.roster, attendant, kind, now);
        let at = attendant as usize;
        match kind {
            ChangeKind::Fault { .. } | ChangeKind::OffDuty => {
                if matches!(kind, ChangeKind::Fault { .. }) {
                    self.pace[at] = 1.0;
                }
                self.wrapping[at] = None;
                if self.serving[at].take().is_some() {
                    self.in_service -= 1;
                }
            }
            ChangeKind::Slow { factor, .. } => self.set_pace(attendant, factor, now),
            ChangeKind::Repair { slowed: true, .. } => self.set_pace(attendant, 1.0, now),
            ChangeKind::Repair { .. }
            | ChangeKind::OnDuty { .. }
            | ChangeKind::Stay
            | ChangeKind::Leaving => {}
        }
    }

    /// Changes the speed of an attendant.
    fn set_pace(&mut self, attendant: u32, factor: f64, now: Time) {
        let at = attendant as usize;
        self.pace[at] = factor;
        let stepped = self.clock.stepped();
        if let Some(one) = &mut self.serving[at] {
            one.left -= now.since(one.since) * one.speed;
            one.since = now;
            one.speed = self.roster.skills().speed(attendant, one.class) * factor;
            one.changes += 1;
            let mut lasts = one.left.max(0.0) / one.speed;
            if stepped {
                let name = named((one.id, one.attempt), one.changes);
                lasts = self.rounding.nth(lasts, name);
            }
            one.ends = now.after(lasts);
            let pace = (one.ends, one.speed);
            self.endings.push(Reverse((one.ends, attendant)));
            self.duty_of(attendant).pace = Some(pace);
        }
        if let Some(one) = &mut self.wrapping[at] {
            one.left -= now.since(one.since) * one.speed;
            one.since = now;
            one.speed = one.own * factor;
            one.changes += 1;
            let mut lasts = one.left.max(0.0) / one.speed;
            if stepped {
                lasts = self.wrapping_up.nth(lasts, one.name());
            }
            one.ends = now.after(lasts);
            let pace = (one.ends, one.speed);
            self.endings.push(Reverse((one.ends, attendant)));
            self.duty_of(attendant).pace = Some(pace);
        }
    }

    /// Notes the time since which no attendant on duty is up.
    fn note_outage(&mut self, now: Time) {
        let out = self.roster.on_duty_count() > 0 && self.roster.up_count() == 0;
        match (out, self.outages.since) {
            (true, None) => self.outages.since = Some(now),
            (false, Some(since)) => {
                self.outages.longest = self.outages.longest.max(now.since(since));
                self.outages.since = None;
            }
            _ => {}
        }
    }

    fn give_back_who_waits_for_nobody(&mut self) {
        for class in 0..self.waiting.classes() {
            if self.waiting.of_class(class) > 0 && self.roster.up_with_skill(class) == 0 {
                while let Some(request) = self.waiting.take_first(class) {
                    self.errand.report().returned.push(request);
                }
            }
        }
    }

    /// Phase 4 within the server: gives waiting requests, by rank and in order, to free attendants with the skill.
    fn put_to_work(&mut self, now: Time) {
        if self.waiting.length() == 0 {
            return;
        }
        for at in 0..self.roster.skills().ranks().len() {
            let rank = self.roster.skills().ranks()[at];
            self.passed_over.fill(false);
            while let Some(class) = self.waiting.first(&self.passed_over) {
                let Some(attendant) = self.roster.take_first_free(class, rank) else {
                    self.passed_over[class] = true;
                    continue;
                };
                let request = self.waiting.take_first(class);
                self.start(attendant, request.expect("it was found first"), false, now);
            }
        }
    }

    fn start(&mut self, attendant: u32, request: Request, given: bool, now: Time) {
        let (class, key) = (request.class, request.key());
        let speed = self.roster.skills().speed(attendant, class) * self.pace[attendant as usize];
        let mut lasts = request.remaining / speed;
        if self.clock.stepped() {
            lasts = self.rounding.nth(lasts, (request.id, request.attempts));
        }
        let ends = now.after(lasts);
        let serving = Serving {
            id: request.id,
            class,
            arrival: request.arrival,
            ends,
            left: request.remaining,
            since: now,
            speed,
            wrap_up: request.wrap_up,
            attempt: request.attempts,
            changes: 0,
        };
        self.errand.report().started.push(Started {
            attendant,
            class,
            key,
            arrival: request.arrival,
            first: request.first_start.is_none(),
            for_nobody: request.gone.is_some(),
            listed: request.listed,
            given,
        });
        self.serving[attendant as usize] = Some(serving);
        self.in_service += 1;
        self.duty_of(attendant).start = Some(Start {
            request,
            ends,
            speed,
        });
        // A service of one step ends in the turn in which it begins.
        if self.clock.stepped() && ends == self.clock.ended_by(now) {
            self.end_service(attendant);
        } else {
            self.endings.push(Reverse((ends, attendant)));
        }
    }

    /// Ends the services that are due in this turn.
    fn end_services(&mut self, now: Time) {
        let by = self.clock.ended_by(now);
        while let Some((ends, attendant)) = self.next_ending() {
            assert!(ends >= by, "a service was not ended when it was due");
            if ends > by {
                break;
            }
            self.endings.pop();
            if self.wraps_until(attendant) == Some(ends) {
                self.wrapping[attendant as usize] = None;
                self.duty_of(attendant).freed = true;
                self.errand.report().freed.push((attendant, ends));
                self.roster.release(attendant, ends);
            } else {
                self.end_service(attendant);
            }
        }
    }

    /// Ends a service in this turn, and begins the wrap-up if there is one.
    fn end_service(&mut self, attendant: u32) {
        // A service that was slowed and no longer is may be due twice.
        let duty = self.errand.duties[attendant as usize].as_ref();
        if duty.is_some_and(|duty| duty.called && duty.finish) {
            return;
        }
        let serving = self.serving[attendant as usize];
        let serving = serving.expect("only a service that began ends");
        let mut lasts = serving.wrap_up / serving.speed;
        if self.clock.stepped() {
            let name = (serving.id, serving.attempt);
            lasts = self.wrapping_up.from_zero(lasts, name);
        }
        let wraps_up = Some(serving.ends.after(lasts)).filter(|end| *end > serving.ends);
        if let Some(ends) = wraps_up {
            self.wrapping[attendant as usize] = Some(Wrapping {
                ends,
                left: serving.wrap_up,
                since: serving.ends,
                speed: serving.speed,
                own: self.roster.skills().speed(attendant, serving.class),
                name: (serving.id, serving.attempt),
                changes: 0,
            });
            self.endings.push(Reverse((ends, attendant)));
        }
        let duty = self.duty_of(attendant);
        duty.finish = true;
        duty.wraps_up = wraps_up;
    }

    /// Times out this request, whose client has waited too long, unless it is completed in this turn.
    fn time_out(&mut self, class: u32, key: Key, now: Time) {
        let withdraws = self.withdraws[class as usize];
        if withdraws {
            if let Some(request) = self.waiting.take(class as usize, key) {
                self.errand.report().withdrawn.push((None, request));
                return;
            }
        } else if self.waiting.lose_client(class as usize, key, now) {
            self.errand.report().left_behind.push((None, key));
            return;
        }
        let served = |one: &Option<Serving>| one.is_some_and(|one| one.id == key);
        let attendant = self.serving.iter().position(served);
        let attendant = attendant.expect("a request that is at a server waits or is served") as u32;
        let duty = self.duty_of(attendant);
        if duty.finish {
            return;
        }
        duty.timed_out = Some(withdraws);
        if !withdraws {
            let entry = (Some(attendant), key);
            self.errand.report().left_behind.push(entry);
        }
    }

    fn wraps_until(&self, attendant: u32) -> Option<Time> {
        self.wrapping[attendant as usize].map(|wrapping| wrapping.ends)
    }

    /// The service or wrap-up that ends next; void entries are discarded.
    fn next_ending(&mut self) -> Option<(Time, u32)> {
        while let Some(&Reverse((ends, attendant))) = self.endings.peek() {
            let serving = &self.serving[attendant as usize];
            let serves = serving.as_ref().is_some_and(|one| one.ends == ends);
            if serves || self.wraps_until(attendant) == Some(ends) {
                return Some((ends, attendant));
            }
            self.endings.pop();
        }
        None
    }

    /// Phase 5: removes requests whose patience runs out.
    fn let_go(&mut self, now: Time, outbox: &mut Outbox<Message, Happening>) {
        while let Some(request) = self.waiting.take_fed_up(now) {
            self.register
                .gives_up(Some(self.index), &request, now, outbox);
            self.errand.report().gave_up.push(request);
        }
    }

    /// The duty to be sent to this attendant.
    fn duty_of(&mut self, attendant: u32) -> &mut Duty {
        let duty = self.errand.duties[attendant as usize].as_mut();
        let duty = duty.expect("an attendant at rest has no duty");
        if !duty.called {
            duty.called = true;
            duty.now = self.errand.now;
            self.errand.awaited.push(attendant);
        }
        duty
    }

    fn send_duties(&mut self, outbox: &mut Outbox<Message, Happening>) {
        self.errand.awaited.sort_unstable();
        for &attendant in &self.errand.awaited {
            if let Some(duty) = self.errand.duties[attendant as usize].take() {
                outbox.send(Port(attendant as usize + 1), Message::Duty(duty));
            }
        }
    }

    fn note(&mut self, attendant: u32, mut duty: Box<Duty>) {
        if let Some(request) = duty.interrupted.take() {
            let interrupted = &mut self.errand.report().interrupted;
            interrupted.push((attendant, request));
        }
        if let Some(request) = duty.withdrawn.take() {
            self.serving[attendant as usize] = None;
            self.in_service -= 1;
            self.roster.release(attendant, self.errand.now);
            let entry = (Some(attendant), request);
            self.errand.report().withdrawn.push(entry);
        }
        if let Some(work) = duty.finished {
            let served = self.serving[attendant as usize].take();
            let served = served.expect("only a service that began is completed");
            self.in_service -= 1;
            self.errand.finished_in_step += u64::from(self.clock.stepped());
            let frees = duty.wraps_up.is_none();
            if frees {
                self.roster.release(attendant, served.ends);
            }
            self.errand.report().finished.push(Finished {
                attendant,
                id: served.id,
                class: served.class,
                arrival: served.arrival,
                end: served.ends,
                work,
                frees,
            });
        }
        duty.clear();
        self.errand.duties[attendant as usize] = Some(duty);
    }

    /// Completes the answer to the supervisor, and the books.
    fn settle_books(&mut self) -> Box<ServerOrder> {
        let now = self.errand.now;
        let held = self.waiting.length() + self.in_service;
        let reading = held + self.errand.finished_in_step;
        assert!(
            self.capacity.is_none_or(|most| reading <= most),
            "server {} holds {reading} at {now}, more than its capacity",
            self.name()
        );
        self.held.set(now, reading, held);
        let mut order = self.errand.order.take().expect(UNDERWAY);
        let report = &mut order.report;
        if planted::is(Fault::RepliesByCompletion) {
            let made =
                |&(attendant, _): &(u32, Request)| planted::completed((self.index, attendant));
            report.interrupted.sort_by_key(made);
        }
        planted::complete((self.index, u32::MAX));
        report.waiting = self.waiting.length();
        report.in_service = self.in_service;
        report.deadline = self.waiting.next_deadline();
        // An attendant who comes up in phase 1 can be put to work in phase 4 of this turn, and so in continuous
        // time can one who completes a service; in steps the latter is free from the next step on.
        let soonest = match self.clock.stepped() && !self.errand.before_work {
            true => now.after(1.0),
            false => now,
        };
        let ends = self.next_ending().map_or(Time::NEVER, |ending| ending.0);
        let turn = match self.clock.stepped() {
            true => self.clock.told(ends),
            false => ends,
        };
        report.next = if self.can_put_to_work() {
            soonest.min(turn)
        } else {
            turn
        };
        order
    }

    fn can_put_to_work(&self) -> bool {
        self.waiting.length() > 0
            && (0..self.waiting.classes())
                .any(|class| self.waiting.of_class(class) > 0 && self.roster.has_free(class))
    }

    #[inline(never)]
    fn close(&mut self, end: Time, outbox: &mut Outbox<Message, Happening>) {
        while let Some(request) = self.waiting.take_any() {
            self.register.left(&request, outbox);
        }
        if let Some(since) = self.outages.since {
            self.outages.longest = self.outages.longest.max(end.since(since));
        }
        for attendant in 0..self.serving.len() {
            outbox.send(Port(attendant + 1), Message::Close(end));
        }
        self.done = true;
    }
}
