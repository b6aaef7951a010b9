//! The supervisor: owns the buffer, sends requests to servers, takes back requests that faults interrupt, and moves
//! work to free attendants. It asks only servers that have something to do in a turn.
//!
//! A turn consists of rounds, in each of which every server concerned gets one order and answers once: ends
//! (continuous time), outages (phases 1 and 2), work (phase 4), settling (requests taken over leave, patience runs
//! out), taking over. Answers are merged in the order of the servers, whichever comes first. In continuous time
//! work, settling and taking over are repeated while a freed place lets a request go on; in steps that waits for
//! the next step.

mod answer;
mod calendar;
mod central;
mod clients;
mod dispatch;
mod failover;
mod mirror;
mod rebalance;

use super::buffer::Buffer;
use super::clock::Clock;
use super::faults::wants_notes;
use super::measures::Measures;
use super::message::{Again, Message, Note, NoteKind, Occasion, Pause, StepReport, Task};
use super::record::Register;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::random::{Purpose, Stream};
use crate::scenario::{Desk, InterruptedWork, Loss, Queue};
use crate::station::attendants::Roster;
use crate::station::requests::{Ranking, Request};
use crate::station::{Happening, RequestEventKind, RequestOutcome};
use crate::time::Time;
use calendar::Calendar;
use clients::Clients;
pub(super) use clients::{may_come_at_once, withdraws};
use dispatch::Dispatcher;
pub(super) use mirror::apply;
use mirror::{Elsewhere, Mirror};
use rebalance::Move;
use std::sync::Arc;

/// The coordinator's edge; server k is at port k + 1.
const COORDINATOR: Port = Port(0);

/// A turn is always in progress while the supervisor acts.
const UNDERWAY: &str = "a turn is underway";

type Out = Outbox<Message, Happening>;

/// Controls the servers.
#[derive(Clone, Debug)]
pub(super) struct Supervisor {
    register: Register,
    clock: Clock,
    /// Whether requests wait in the buffer until an attendant is free.
    central: bool,
    /// Every rank that an attendant has for a class, ascending.
    ranks: Vec<i64>,
    /// Whether any attendant has the skill of a class.
    known: Vec<bool>,
    system_capacity: Option<u64>,
    in_system: u64,
    work: InterruptedWork,
    max_attempts: Option<u64>,
    rebalance: bool,
    buffer: Buffer,
    dispatcher: Dispatcher,
    mirrors: Vec<Mirror>,
    /// The next times at which servers have something to do, unless they are sent something.
    busy: Calendar,
    /// The next times at which requests waiting at servers give up.
    impatient: Calendar,
    /// Servers with something set aside for their next work: requests, or attendants who come up.
    supplied: Vec<usize>,
    elsewhere: Elsewhere,
    clients: Clients,
    /// Whether turns pause before phase 3, and whether services are noted for the fault injector.
    pauses: bool,
    takes_notes: bool,
    notes: Vec<Note>,
    /// The next part of the turn after a pause.
    pause: Pause,
    /// Clients who retry, for the coordinator.
    again: Vec<Again>,
    measures: Measures,
    now: Time,
    round: Round,
    /// The servers asked in this round, ascending, and the number that have answered.
    awaited: Vec<usize>,
    answered: usize,
    /// The servers to be asked in the next round, ascending.
    asked: Vec<usize>,
    /// The coordinator's form, on which the answer is filled in.
    occasion: Option<Box<Occasion>>,
    /// The requests interrupted in this turn: server, attendant, request; ascending.
    cut_off: Vec<(u32, u32, u64)>,
    moves: Vec<Move>,
    /// Requests on their way between servers: destination, attendant, request.
    moving: Vec<(u32, u32, Request)>,
    /// The attendants who completed a service with this step: server, attendant, and whether the attendant is free
    /// then.
    finished: Vec<(u32, u32, bool)>,
    /// The attendants whose wrap-up ended with this step.
    freed: Vec<(u32, u32)>,
    passed_over: Vec<bool>,
    /// The same for groups of attendants.
    groups_passed_over: Vec<bool>,
    /// Whether a server holds fewer requests than in phase 4, so that requests in the buffer may go on.
    room_made: bool,
    report: StepReport,
}

/// The current request to the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    End,
    Outage,
    Work,
    Settle,
    TakeOver,
    /// None: the turn is paused and the coordinator looks at the results so far.
    Paused,
    /// None: the turn is over.
    Over,
    /// None: the run is over.
    Closed,
}

impl Supervisor {
    pub(super) fn new(
        scenario: &Desk,
        replication: u64,
        rosters: Vec<Roster>,
        ranking: &Arc<Ranking>,
        recording: Recording,
    ) -> Supervisor {
        let stream = Stream::new(scenario.seed, replication, "supervisor", Purpose::Dispatch);
        let capacities = scenario.servers.iter().map(|group| group.capacity);
        let mirrors: Vec<Mirror> = capacities
            .zip(rosters)
            .map(|(capacity, roster)| Mirror::new(capacity, roster))
            .collect();
        let on_duty = mirrors
            .iter()
            .map(|mirror| mirror.roster.on_duty_count())
            .sum();
        let mut ranks: Vec<i64> = mirrors
            .iter()
            .flat_map(|mirror| mirror.roster.skills().ranks().iter().copied())
            .collect();
        ranks.sort_unstable();
        ranks.dedup();
        let skilled = |class: usize| {
            let mut attendants = scenario.servers.iter().flat_map(|group| &group.attendants);
            attendants.any(|skills| skills.iter().any(|skill| skill.class == class))
        };
        let central = scenario.queue == Queue::Central;
        Supervisor {
            register: Register::new(recording),
            clock: Clock::of(scenario),
            central,
            ranks,
            known: (0..scenario.classes.len()).map(skilled).collect(),
            system_capacity: scenario.system_capacity,
            in_system: 0,
            work: scenario.faults.work,
            max_attempts: scenario.max_attempts,
            rebalance: scenario.rebalance && !central,
            buffer: Buffer::new(scenario.buffer, ranking),
            dispatcher: Dispatcher::new(scenario.dispatch, stream, scenario.classes.len()),
            busy: Calendar::new(mirrors.len()),
            impatient: Calendar::new(mirrors.len()),
            supplied: Vec::new(),
            mirrors,
            elsewhere: Elsewhere::new(ranking),
            clients: Clients::new(scenario),
            pauses: may_come_at_once(scenario),
            takes_notes: wants_notes(scenario),
            notes: Vec::new(),
            pause: Pause::Over,
            again: Vec::new(),
            measures: Measures::new(scenario),
            now: Time::ZERO,
            round: Round::Over,
            awaited: Vec::new(),
            answered: 0,
            asked: Vec::new(),
            occasion: None,
            cut_off: Vec::new(),
            moves: Vec::new(),
            moving: Vec::new(),
            finished: Vec::new(),
            freed: Vec::new(),
            passed_over: vec![false; scenario.classes.len()],
            groups_passed_over: Vec::new(),
            room_made: false,
            report: StepReport {
                attendants_up: on_duty,
                on_duty,
                ..StepReport::default()
            },
        }
    }

    pub(super) fn register(&self) -> &Register {
        &self.register
    }

    pub(super) fn measures(&self) -> &Measures {
        &self.measures
    }

    pub(super) fn wants(&self) -> Wants {
        match self.awaited.get(self.answered) {
            _ if self.round == Round::Closed => Wants::Nothing,
            Some(&server) => Wants::Message(Port(server + 1)),
            None => Wants::Message(COORDINATOR),
        }
    }

    pub(super) fn handle(&mut self, input: Input<Message>, out: &mut Out) {
        match input {
            Input::Message(Message::Begin(occasion)) if self.round == Round::Paused => {
                match self.pause {
                    Pause::Ended => self.go_on_with_outages(occasion, out),
                    Pause::BeforeArrivals | Pause::Over => self.go_on(occasion, out),
                }
            }
            Input::Message(Message::Begin(occasion)) => self.begin(occasion, out),
            Input::Message(Message::Report(order)) => {
                let server = self.awaited[self.answered];
                self.answered += 1;
                self.absorb(server, order, out);
            }
            Input::Message(Message::Close(end)) => return self.close(end, out),
            other => unreachable!("no message for the supervisor: {other:?}"),
        }
        while self.answered == self.awaited.len() && !self.rests() {
            self.awaited.clear();
            self.answered = 0;
            self.next_round(out);
        }
    }

    /// Whether the coordinator acts next.
    fn rests(&self) -> bool {
        matches!(self.round, Round::Paused | Round::Over)
    }

    /// Starts the next round after all servers have answered.
    fn next_round(&mut self, out: &mut Out) {
        match self.round {
            Round::End => {
                self.let_clients_go(out);
                let occasion = self.occasion.take().expect(UNDERWAY);
                match occasion.ends_first {
                    true => self.rest(Pause::Ended, occasion, out),
                    false => self.go_on_with_outages(occasion, out),
                }
            }
            Round::Outage => {
                let mut occasion = self.occasion.take().expect(UNDERWAY);
                self.file_changes(&mut occasion, out);
                match self.pauses {
                    true => self.rest(Pause::BeforeArrivals, occasion, out),
                    false => self.go_on(occasion, out),
                }
            }
            Round::Work => {
                if self.rebalance {
                    rebalance::plan(
                        &mut self.mirrors,
                        &mut self.elsewhere,
                        &mut self.groups_passed_over,
                        &mut self.moves,
                    );
                    self.report.reallocated += self.moves.len() as u64;
                }
                self.round = Round::Settle;
                self.order_settling(out);
            }
            Round::Settle => {
                self.round = Round::TakeOver;
                self.order_taking_over(out);
            }
            Round::TakeOver => {
                self.let_go(out);
                if !self.clock.stepped() && self.may_go_on() {
                    self.give_work(out);
                } else {
                    self.round = Round::Over;
                    self.end_turn(out);
                }
            }
            Round::Paused | Round::Over | Round::Closed => unreachable!("nobody was asked"),
        }
    }

    /// Pauses the turn, and returns the form to the coordinator.
    fn rest(&mut self, pause: Pause, mut occasion: Box<Occasion>, out: &mut Out) {
        self.round = Round::Paused;
        self.pause = pause;
        occasion.report = StepReport {
            pause,
            ..self.report
        };
        self.hand_in(&mut occasion);
        out.send(COORDINATOR, Message::Done(occasion));
    }

    /// Moves retries and notes to the coordinator's form.
    fn hand_in(&mut self, occasion: &mut Occasion) {
        std::mem::swap(&mut occasion.again, &mut self.again);
        std::mem::swap(&mut occasion.notes, &mut self.notes);
    }

    /// Starts phases 1 and 2.
    fn go_on_with_outages(&mut self, occasion: Box<Occasion>, out: &mut Out) {
        self.round = Round::Outage;
        self.order_outages(&occasion, out);
        self.occasion = Some(occasion);
    }

    /// Starts phases 3 and 4.
    fn go_on(&mut self, mut occasion: Box<Occasion>, out: &mut Out) {
        self.let_in(&mut occasion.arrivals, out);
        self.occasion = Some(occasion);
        self.give_work(out);
    }

    /// Sends the orders filled in for the servers to be asked.
    fn ask(&mut self, task: Task, out: &mut Out) {
        std::mem::swap(&mut self.awaited, &mut self.asked);
        for &server in &self.awaited {
            if let Some(mut order) = self.mirrors[server].order.take() {
                order.now = self.now;
                order.task = task;
                out.send(Port(server + 1), Message::Order(order));
            }
        }
    }

    /// Begins a turn: in continuous time services end first; then come phases 1 and 2, in which servers are told
    /// the changes of their attendants.
    fn begin(&mut self, occasion: Box<Occasion>, out: &mut Out) {
        self.now = occasion.now;
        // Levels stay; the counts of a turn start at zero.
        self.report = StepReport {
            waiting_at_servers: self.report.waiting_at_servers,
            in_service: self.report.in_service,
            attendants_up: self.report.attendants_up,
            on_duty: self.report.on_duty,
            ..StepReport::default()
        };
        self.room_made = false;
        self.occasion = Some(occasion);
        // If no server has anything to end, the round is over at once.
        self.order_ends(out);
    }

    /// Phase 3: new requests enter the buffer, or find it full.
    fn let_in(&mut self, arrivals: &mut Vec<Request>, out: &mut Out) {
        for request in arrivals.drain(..) {
            self.measures.arrived(&request);
            self.register
                .event(self.now, &request, RequestEventKind::Arrived, out);
            self.in_system += 1;
            let beyond = self
                .system_capacity
                .is_some_and(|most| self.in_system > most);
            // Whether the buffer of a central queue is full is known only after every request that can start has
            // started.
            let full = !beyond && !self.central && !self.buffer.has_place();
            self.report.overflowed |= full;
            if beyond || full {
                self.reject(&request, out);
            } else {
                self.clients.enter(&request);
                self.buffer.enter(request);
            }
        }
    }

    fn reject(&mut self, request: &Request, out: &mut Out) {
        self.in_system -= 1;
        self.report.rejected += 1;
        self.measures.rejected(request.class, request.arrival);
        let row = request.record(RequestOutcome::Rejected, Some(self.now));
        self.register.request(row, out);
        self.lose(request, Loss::Rejected, out);
    }

    /// Phase 4 up to the servers' own part.
    fn give_work(&mut self, out: &mut Out) {
        self.room_made = false;
        if self.central {
            self.assign(out);
        } else {
            self.dispatch(out);
        }
        self.round = Round::Work;
        self.order_work(out);
    }

    /// Phase 4, the supervisor's part: sends every waiting request, in order, to the server the policy chooses.
    fn dispatch(&mut self, out: &mut Out) {
        let now = self.now;
        self.passed_over.fill(false);
        while let Some((class, handed_over)) = self.buffer.first(&self.passed_over) {
            // Servers only fill up in this phase, so if one request of a class must stay, the whole class stays.
            let Some(server) = self.dispatcher.choose(class, &self.mirrors) else {
                self.passed_over[class] = true;
                continue;
            };
            let request = self.buffer.take_first(class, handed_over);
            let request = request.expect("it was found first");
            let kind = RequestEventKind::Dispatched {
                server: server as u32,
            };
            self.register.event(now, &request, kind, out);
            self.clients.place(request.id, Some(server as u32));
            let mirror = &mut self.mirrors[server];
            mirror.waiting += 1;
            mirror.held += 1;
            let requests = &mut mirror.form().requests;
            if requests.is_empty() {
                self.supplied.push(server);
            }
            requests.push(request);
            self.report.dispatched += 1;
        }
    }

    fn order_work(&mut self, out: &mut Out) {
        let (now, settle) = (self.now, !self.rebalance);
        // If attendants of a server went down in this turn, those who came up are at work already.
        let mirrors = &mut self.mirrors;
        self.asked.extend(
            self.supplied
                .drain(..)
                .filter(|&server| mirrors[server].form().gives_work()),
        );
        self.busy.due(now, &mut self.asked);
        if settle {
            self.impatient.due(now, &mut self.asked);
        }
        self.asked.sort_unstable();
        self.asked.dedup();
        let task = if settle {
            Task::WorkAndSettle
        } else {
            Task::Work
        };
        self.ask(task, out);
    }

    /// Phase 5, the supervisor's part.
    fn let_go(&mut self, out: &mut Out) {
        while let Some(request) = self.buffer.take_fed_up(self.now) {
            self.in_system -= 1;
            self.report.abandoned += 1;
            self.measures
                .abandoned(request.class, request.arrival, self.now);
            self.register.gives_up(None, &request, self.now, out);
            self.lose(&request, Loss::Abandoned, out);
        }
    }

    /// Phase 6, the supervisor's part, and the report.
    fn end_turn(&mut self, out: &mut Out) {
        let free = self.now.after(1.0);
        for (server, attendant, frees) in self.finished.drain(..) {
            let mirror = &mut self.mirrors[server as usize];
            mirror.finished -= 1;
            mirror.held -= 1;
            if frees {
                mirror.roster.release(attendant, free);
            }
        }
        for (server, attendant) in self.freed.drain(..) {
            let mirror = &mut self.mirrors[server as usize];
            mirror.roster.release(attendant, free);
        }
        self.report.buffer = self.buffer.length();
        self.report.handed_over = self.buffer.handed_over();
        self.report.next = self.next();
        self.report.hope = self.report.next.is_never() && self.hopes();
        let mut occasion = self.occasion.take().expect(UNDERWAY);
        occasion.report = self.report;
        self.hand_in(&mut occasion);
        out.send(COORDINATOR, Message::Done(occasion));
    }

    /// Whether a place that was freed since phase 4 lets a request go on.
    fn may_go_on(&self) -> bool {
        let waits = self.buffer.length() + self.buffer.handed_over() > 0;
        let moves = self.rebalance && rebalance::possible(&self.mirrors, &self.elsewhere);
        moves || (waits && self.room_made)
    }

    /// Notes a change of an attendant for the fault injector, if it needs them.
    fn note(&mut self, server: u32, attendant: u32, at: Time, kind: NoteKind) {
        if self.takes_notes {
            self.notes.push(Note {
                server,
                attendant,
                at,
                kind,
            });
        }
    }

    /// Whether any attendant has the skill for a request that waits with the supervisor.
    fn hopes(&self) -> bool {
        let known = self.known.iter().enumerate();
        known
            .filter(|(_, known)| **known)
            .any(|(class, _)| self.buffer.of_class(class) > 0)
    }

    /// The next time at which there is something to do, unless something comes from outside.
    fn next(&mut self) -> Time {
        if self.clock.stepped() && self.may_go_on() {
            return self.now.after(1.0);
        }
        let servers = self.busy.soonest().min(self.impatient.soonest());
        let clients = self.clients.next();
        self.buffer.next_deadline().min(servers).min(clients)
    }

    fn close(&mut self, end: Time, out: &mut Out) {
        while let Some(request) = self.buffer.take_any() {
            self.register.left(&request, out);
        }
        for server in 0..self.mirrors.len() {
            out.send(Port(server + 1), Message::Close(end));
        }
        self.round = Round::Closed;
    }
}
