//! A server: a group of attendants and the requests that wait for them. It decides which attendant
//! serves whom, wakes only attendants for whom something begins or ends, and tells the supervisor what
//! came of every order.
//!
//! Queueing theory's *server* is our attendant; ours is a group of them.

use super::level::Level;
use super::message::{Duty, Finished, Message, ServerOrder, ServerReport, Shift, Started, Task};
use super::record::Register;
use super::request::{Key, Request};
use super::roster::Roster;
use super::waiting::Waiting;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::planted::{self, Fault};
use crate::station::{Happening, RequestOutcome};
use crate::time::Step;
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
    register: Register,
    capacity: Option<u64>,
    roster: Roster,
    waiting: Waiting,
    /// Whom each attendant serves, if anybody.
    serving: Vec<Option<Serving>>,
    in_service: u64,
    /// When services end, of those that last beyond the step they began in, and with whom; void where
    /// the service was cut off.
    endings: BinaryHeap<Reverse<(Step, u32)>>,
    held: Level,
    outages: Outages,
    /// Classes for whom nobody is free, kept from call to call.
    passed_over: Vec<bool>,
    /// The order underway.
    errand: Errand,
    done: bool,
}

/// A service as its server sees it.
#[derive(Clone, Copy, Debug)]
struct Serving {
    class: u32,
    arrival: Step,
    ends: Step,
}

/// An order underway: duties handed out, answers awaited by rising number of the attendant.
#[derive(Clone, Debug)]
struct Errand {
    step: Step,
    /// Per attendant the form that goes to it and comes back.
    duties: Vec<Option<Box<Duty>>>,
    /// Who has a duty; rising once they are sent.
    awaited: Vec<u32>,
    answered: usize,
    /// Of those completed in `held_step`, for the reading of phase 6.
    finished_in_step: u64,
    /// The last step in which the server had an order.
    last_step: Step,
    /// Whether attendants are down whose interrupted work has to be given back.
    outage: bool,
    /// What the supervisor sent and waits for, filled in meanwhile.
    order: Option<Box<ServerOrder>>,
    /// Who came with the order, kept for its room.
    sent: Vec<(u32, Key)>,
}

impl Errand {
    fn report(&mut self) -> &mut ServerReport {
        &mut self.order.as_mut().expect(UNDERWAY).report
    }
}

/// The supervisor is owed an answer while a server acts.
const UNDERWAY: &str = "an order is underway";

/// Spells in which no attendant was up.
#[derive(Clone, Copy, Debug, Default)]
struct Outages {
    since: Option<Step>,
    longest: u64,
}

impl Server {
    pub(super) fn new(
        (name, index): (Arc<str>, u32),
        capacity: Option<u64>,
        roster: Roster,
        waiting: Waiting,
        attendants: usize,
        recording: Recording,
    ) -> Server {
        let passed_over = vec![false; waiting.classes()];
        Server {
            name,
            index,
            register: Register::new(recording),
            capacity,
            roster,
            waiting,
            serving: vec![None; attendants],
            in_service: 0,
            endings: BinaryHeap::new(),
            held: Level::default(),
            outages: Outages::default(),
            passed_over,
            errand: Errand {
                step: 0,
                duties: (0..attendants).map(|_| Some(Box::default())).collect(),
                awaited: Vec::with_capacity(attendants),
                answered: 0,
                finished_in_step: 0,
                last_step: 0,
                outage: false,
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

    /// Sum over the steps, and maximum, of how many it held.
    pub(super) fn held(&self, steps: Step) -> (u128, u64) {
        self.held.over(steps)
    }

    /// The longest spell in which none of its attendants was up.
    pub(super) fn longest_outage(&self) -> u64 {
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
            Input::Message(Message::Close(steps)) => return self.close(steps, outbox),
            other => unreachable!("no message for a server: {other:?}"),
        }
        if self.errand.answered == self.errand.awaited.len() {
            let order = self.settle_books();
            outbox.send(SUPERVISOR, Message::Report(order));
        }
    }

    #[inline(never)]
    fn follow(&mut self, mut order: Box<ServerOrder>, outbox: &mut Outbox<Message, Happening>) {
        let (step, task) = (order.step, order.task);
        self.errand.outage = task == Task::Outage;
        self.at(step);
        match task {
            Task::Outage => {
                self.shift(step, &order.shifts);
                order.shifts.clear();
                self.errand.order = Some(order);
                self.give_back_who_waits_for_nobody();
            }
            Task::Work | Task::WorkAndSettle => {
                self.shift(step, &order.shifts);
                order.shifts.clear();
                self.let_in(&mut order.requests);
                self.errand.order = Some(order);
                self.put_to_work(step);
                if task == Task::Work {
                    self.list_newcomers();
                }
                self.end_services(step);
                if task == Task::WorkAndSettle {
                    self.let_go(step, outbox);
                }
            }
            Task::Settle => {
                for (class, key) in order.moved.drain(..) {
                    let request = self.waiting.take(class as usize, key);
                    let request = request.expect("only who waits here is taken over");
                    order.report.returned.push(request);
                }
                self.errand.order = Some(order);
                self.let_go(step, outbox);
            }
            Task::TakeOver => {
                let mut taken_over = std::mem::take(&mut order.taken_over);
                self.errand.order = Some(order);
                for (attendant, request) in taken_over.drain(..) {
                    self.roster.take(attendant);
                    self.start(attendant, request, step);
                }
                self.errand.order.as_mut().expect(UNDERWAY).taken_over = taken_over;
            }
        }
    }

    /// Those who came with the order wait.
    fn let_in(&mut self, requests: &mut Vec<Request>) {
        self.errand.sent.clear();
        for request in requests.drain(..) {
            self.errand.sent.push((request.class, request.key()));
            self.waiting.insert(request);
        }
    }

    /// Reports who came with the order and waits still.
    fn list_newcomers(&mut self) {
        if self.waiting.length() > 0 {
            let order = self.errand.order.as_mut().expect(UNDERWAY);
            let sent = self.errand.sent.iter().copied();
            let waiting = &mut self.waiting;
            let still = sent.filter(|&(class, key)| waiting.list(class, key));
            order.report.queued.extend(still);
        }
    }

    /// The server acts in this step.
    fn at(&mut self, step: Step) {
        self.errand.step = step;
        if step > self.errand.last_step {
            self.errand.last_step = step;
            self.errand.finished_in_step = 0;
        }
    }

    /// Attendants come up and go down.
    fn shift(&mut self, step: Step, shifts: &[Shift]) {
        for shift in shifts {
            let duty = self.duty_of(shift.attendant);
            duty.repaired = shift.repaired;
            duty.failed = shift.failed;
            if shift.repaired {
                self.roster.come_up(shift.attendant, step);
            }
            if shift.failed {
                self.roster.go_down(shift.attendant);
                if self.serving[shift.attendant as usize].take().is_some() {
                    self.in_service -= 1;
                }
            }
        }
        match (self.roster.up_count(), self.outages.since) {
            (0, None) => self.outages.since = Some(step),
            (1.., Some(since)) => {
                self.outages.longest = self.outages.longest.max(step - since);
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

    /// Phase 4 within the server: those who wait, in order, to the free attendants with the skill.
    fn put_to_work(&mut self, step: Step) {
        if self.waiting.length() == 0 {
            return;
        }
        self.passed_over.fill(false);
        while let Some(class) = self.waiting.first(&self.passed_over) {
            let Some(attendant) = self.roster.take_first_free(class) else {
                self.passed_over[class] = true;
                continue;
            };
            let request = self.waiting.take_first(class);
            self.start(attendant, request.expect("it was found first"), step);
        }
    }

    fn start(&mut self, attendant: u32, request: Request, step: Step) {
        let ends = step.saturating_add(request.remaining - 1);
        let (class, key) = (request.class, request.key());
        self.errand.report().started.push(Started {
            attendant,
            class,
            key,
            arrival: request.arrival,
            first: request.first_start.is_none(),
            listed: request.listed,
        });
        self.serving[attendant as usize] = Some(Serving {
            class,
            arrival: request.arrival,
            ends,
        });
        self.in_service += 1;
        if ends > step {
            self.endings.push(Reverse((ends, attendant)));
        }
        self.duty_of(attendant).start = Some(request);
    }

    /// Wakes those whose service ends in this step.
    fn end_services(&mut self, step: Step) {
        while let Some((ends, attendant)) = self.next_ending() {
            assert!(ends >= step, "a service was not ended in its step");
            if ends > step {
                break;
            }
            self.endings.pop();
            self.duty_of(attendant).finish = true;
        }
    }

    /// The service that ends next, void entries thrown away.
    fn next_ending(&mut self) -> Option<(Step, u32)> {
        while let Some(&Reverse((ends, attendant))) = self.endings.peek() {
            let serving = &self.serving[attendant as usize];
            if serving.as_ref().is_some_and(|one| one.ends == ends) {
                return Some((ends, attendant));
            }
            self.endings.pop();
        }
        None
    }

    /// Phase 5: those whose patience runs out leave.
    fn let_go(&mut self, step: Step, outbox: &mut Outbox<Message, Happening>) {
        while let Some(request) = self.waiting.take_fed_up(step) {
            let (class, key): (u32, Key) = (request.class, request.key());
            self.errand.report().gave_up.push((class, key));
            self.register
                .gives_up(Some(self.index), &request, step, outbox);
        }
    }

    /// The duty to be sent to this attendant.
    fn duty_of(&mut self, attendant: u32) -> &mut Duty {
        let duty = self.errand.duties[attendant as usize].as_mut();
        let duty = duty.expect("an attendant at rest has no duty");
        if duty.step != self.errand.step {
            duty.step = self.errand.step;
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
        if duty.finished {
            let served = self.serving[attendant as usize].take();
            let served = served.expect("only a service that began is completed");
            self.in_service -= 1;
            self.errand.finished_in_step += 1;
            self.roster.release(attendant, self.errand.step + 1);
            self.errand.report().finished.push(Finished {
                attendant,
                class: served.class,
                arrival: served.arrival,
            });
        }
        duty.clear();
        self.errand.duties[attendant as usize] = Some(duty);
    }

    /// What the supervisor is told, with the books in order.
    fn settle_books(&mut self) -> Box<ServerOrder> {
        let step = self.errand.step;
        let held = self.waiting.length() + self.in_service;
        let reading = held + self.errand.finished_in_step;
        assert!(
            self.capacity.is_none_or(|most| reading <= most),
            "server {} holds {reading} in step {step}, more than its capacity",
            self.name()
        );
        self.held.set(step, reading, held);
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
        // Who comes up in phase 1 can be put to work in this step's phase 4; who completes a service,
        // in the next one's.
        let soonest = if self.errand.outage { step } else { step + 1 };
        let ending = self.next_ending().map_or(Step::MAX, |ending| ending.0);
        report.next = if self.can_put_to_work() {
            soonest.min(ending)
        } else {
            ending
        };
        order
    }

    fn can_put_to_work(&self) -> bool {
        self.waiting.length() > 0
            && (0..self.waiting.classes())
                .any(|class| self.waiting.of_class(class) > 0 && self.roster.has_free(class))
    }

    #[inline(never)]
    fn close(&mut self, steps: Step, outbox: &mut Outbox<Message, Happening>) {
        while let Some(request) = self.waiting.take_any() {
            let row = request.record(RequestOutcome::InSystem, None);
            self.register.request(row, outbox);
        }
        if let Some(since) = self.outages.since {
            self.outages.longest = self.outages.longest.max(steps + 1 - since);
        }
        for attendant in 0..self.serving.len() {
            outbox.send(Port(attendant + 1), Message::Close(steps));
        }
        self.done = true;
    }
}
