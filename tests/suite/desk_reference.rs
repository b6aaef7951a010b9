//! A plain reference simulator of the desk, written independently: the seven phases of a step.
//!
//! The desk itself is built of actors. This file knows nothing of them and shares no line with them: there is
//! one list of requests, each with its place (`Place`), and everything else a rule needs (the free
//! attendants, the requests a server holds, the first in a queue) is found by searching the whole list.
//! Nothing is stored twice, so nothing can become inconsistent. Given the same draws through [`Chance`], the
//! desk and this file must agree exactly: rows, counts, values.
//!
//! It does not draw, read scenarios, validate them, name things or aim for speed. Steps and ids count from 1;
//! classes, servers and attendants are indexes from 0, here, in the specification and in every row.

use std::cmp::Reverse;

/// The rule by which the supervisor chooses among the eligible servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The first in the file.
    FirstAvailable,
    /// The first after the last one chosen, cyclically.
    RoundRobin,
    /// Any of them, with equal probability.
    Random,
    /// The smallest held / (attendants up with the skill).
    LeastLoaded,
    /// The less loaded of two that are drawn.
    PowerOfTwo,
    /// The one with the free attendant of the skill who has been idle longest; where none is free, the least loaded.
    LongestIdle,
}

/// The consequence for the run when a new request finds the buffer full and is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// The run continues.
    Reject,
    /// The step is finished and is the last one.
    Stop,
}

/// The effect of an interruption on the work already done on a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InterruptedWork {
    /// It is done again from the beginning.
    Restart,
    /// It is kept; only the rest remains to be done.
    Resume,
    /// The request has failed.
    Lost,
}

/// A class of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClassSpec {
    /// Its name.
    pub(crate) name: String,
    /// Higher goes first.
    pub(crate) priority: i64,
}

/// An attendant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AttendantSpec {
    /// The classes it can serve, each once.
    pub(crate) skills: Vec<usize>,
}

/// A server: a group of attendants with waiting places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerSpec {
    /// Its name.
    pub(crate) name: String,
    /// Most requests it holds, in service and waiting; `None`: no limit.
    pub(crate) capacity: Option<usize>,
    /// Its attendants, in order of number.
    pub(crate) attendants: Vec<AttendantSpec>,
}

/// The attendants affected by a scripted fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Every attendant of this server that is up.
    Server(usize),
    /// This attendant (server, attendant), if it is up.
    Attendant(usize, usize),
}

/// The effect of an entry of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScriptedEvent {
    /// Attendants that are up go down for this many steps, at least 1; `None`: for good.
    Fault(Option<u64>),
    /// Attendants that are down come up.
    Repair,
}

/// A scripted fault or repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScriptEntry {
    /// The step in which it strikes.
    pub(crate) step: u64,
    /// The attendants it affects.
    pub(crate) target: Target,
    /// Its effect on them.
    pub(crate) event: ScriptedEvent,
}

/// A desk, without its random laws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeskSpec {
    /// Steps to run.
    pub(crate) steps: u64,
    /// The classes, in file order.
    pub(crate) classes: Vec<ClassSpec>,
    /// Places of the buffer; `None`: no limit.
    pub(crate) buffer: Option<usize>,
    /// The consequence of an overflow.
    pub(crate) overflow: Overflow,
    /// The rule by which the supervisor chooses a server.
    pub(crate) policy: Policy,
    /// Whether free attendants take over requests that wait at other servers.
    pub(crate) rebalance: bool,
    /// A request interrupted after this many service starts has failed; `None`: no limit.
    pub(crate) max_attempts: Option<u64>,
    /// The effect of an interruption on work already done.
    pub(crate) work: InterruptedWork,
    /// Scripted faults and repairs, in file order.
    pub(crate) script: Vec<ScriptEntry>,
    /// The servers, in file order.
    pub(crate) servers: Vec<ServerSpec>,
}

/// A request as it is generated: everything about it that is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// Its class.
    pub(crate) class: usize,
    /// Steps of work, at least 1.
    pub(crate) service: u64,
    /// Steps it waits before giving up, at least 1; `None`: for ever.
    pub(crate) patience: Option<u64>,
}

/// The source of every draw. Each is requested exactly when and as often as stated here.
pub(crate) trait Chance {
    /// Once a step: the new requests, in the order they enter.
    fn arrivals(&mut self, step: u64) -> Vec<Drawn>;
    /// Once a step for each attendant that is up after repairs and script, in order of server and attendant.
    fn fails(&mut self, step: u64, server: usize, attendant: usize) -> bool;
    /// Right after each `fails` that said yes: steps down, at least 1; `None`: for good.
    fn repair(&mut self, server: usize, attendant: usize) -> Option<u64>;
    /// `random`, for each request with an eligible server, even if it is only one: an index among them, in file order.
    fn choose(&mut self, among: usize) -> usize;
    /// `power-of-two`, for each request with at least two eligible servers: two different indexes among them.
    fn choose_two(&mut self, among: usize) -> (usize, usize);
}

/// The final status of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestOutcome {
    /// Its work is done.
    Completed,
    /// It found the buffer full.
    Rejected,
    /// It gave up before its service ever began.
    Abandoned,
    /// It was interrupted once too often, or its work was lost.
    Failed,
    /// None of these by the end of the run.
    InSystem,
}

/// A row of the `steps` table: events of the step, then the state at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepRow {
    /// The step, from 1.
    pub(crate) step: u64,
    /// New requests, rejected ones included.
    pub(crate) generated: usize,
    /// New requests that found the buffer full.
    pub(crate) rejected: usize,
    /// Requests the supervisor sent to a server, from those handed over and from the buffer.
    pub(crate) dispatched: usize,
    /// Requests handed over and not failed, plus those moved by rebalancing.
    pub(crate) reallocated: usize,
    /// Requests cut off in service, failed or not.
    pub(crate) interrupted: usize,
    /// Requests completed.
    pub(crate) completed: usize,
    /// Requests that gave up.
    pub(crate) abandoned: usize,
    /// Requests that failed.
    pub(crate) failed: usize,
    /// Requests in the buffer at the end of the step.
    pub(crate) buffer: usize,
    /// Requests handed over and still with the supervisor at the end of the step.
    pub(crate) handed_over: usize,
    /// Requests waiting at servers at the end of the step.
    pub(crate) waiting_at_servers: usize,
    /// Requests in service in phase 6, before completions.
    pub(crate) in_service: usize,
    /// Attendants up in phase 6.
    pub(crate) attendants_up: usize,
}

/// A row of the `requests` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestRow {
    /// From 1, in the order generated, rejected ones included.
    pub(crate) id: usize,
    /// Its class.
    pub(crate) class: usize,
    /// The step it was generated.
    pub(crate) arrival: u64,
    /// The step its service first began.
    pub(crate) first_start: Option<u64>,
    /// The step it was completed, rejected, abandoned or failed.
    pub(crate) end: Option<u64>,
    /// One of these outcomes, or none.
    pub(crate) outcome: RequestOutcome,
    /// Service starts.
    pub(crate) attempts: u64,
    /// The server of the last attendant who served it, or serves it still.
    pub(crate) server: Option<usize>,
    /// The last attendant who served it, or serves it still.
    pub(crate) attendant: Option<usize>,
}

/// The event in a row of the `faults` table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultEvent {
    /// An attendant went down.
    Fault,
    /// An attendant came up.
    Repair,
}

/// A row of the `faults` table, in the order things happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FaultRow {
    /// The step.
    pub(crate) step: u64,
    /// The attendant's server.
    pub(crate) server: usize,
    /// The attendant.
    pub(crate) attendant: usize,
    /// Down or up.
    pub(crate) event: FaultEvent,
    /// Id of the request this fault interrupted, failed or not.
    pub(crate) request: Option<usize>,
}

/// Counts and values over all requests, or over those of one class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestSummary {
    /// All of them.
    pub(crate) generated: usize,
    /// Those completed.
    pub(crate) completed: usize,
    /// Those rejected.
    pub(crate) rejected: usize,
    /// Those abandoned.
    pub(crate) abandoned: usize,
    /// Those failed.
    pub(crate) failed: usize,
    /// All others.
    pub(crate) in_system: usize,
    /// First service start - arrival, of each request that began service, by id.
    pub(crate) waiting: Vec<u64>,
    /// Completion - arrival + 1, of each completed request, by id.
    pub(crate) sojourn: Vec<u64>,
}

/// A level read once a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    /// Mean over the steps done.
    pub(crate) mean: Option<f64>,
    /// The largest reading.
    pub(crate) max: Option<usize>,
    /// The last reading.
    pub(crate) last: Option<usize>,
}

/// An attendant's tallies; busy + idle + down = steps done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AttendantSummary {
    /// Requests it completed.
    pub(crate) completed: usize,
    /// Times it went down.
    pub(crate) faults: usize,
    /// Steps with a request in service, in phase 6 before completions.
    pub(crate) busy_steps: u64,
    /// Steps up and not busy.
    pub(crate) idle_steps: u64,
    /// Steps down.
    pub(crate) down_steps: u64,
}

/// A server's measures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServerSummary {
    /// Requests its attendants completed.
    pub(crate) completed: usize,
    /// Busy attendant-steps / all attendant-steps.
    pub(crate) utilisation: Option<f64>,
    /// Up attendant-steps / all attendant-steps.
    pub(crate) availability: Option<f64>,
    /// Requests held, in service and waiting, in phase 6 before completions.
    pub(crate) held: Level,
    /// Its attendants.
    pub(crate) attendants: Vec<AttendantSummary>,
}

/// Counts over all faults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FaultSummary {
    /// Times an attendant went down.
    pub(crate) count: usize,
    /// Times an attendant came up again.
    pub(crate) repairs: usize,
    /// Requests cut off in service.
    pub(crate) interrupted: usize,
    /// Requests handed over and not failed, each time, plus those moved by rebalancing.
    pub(crate) reallocated: usize,
    /// Up attendant-steps / all attendant-steps.
    pub(crate) availability: Option<f64>,
}

/// All a run yields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The `steps` table, one row for each step done.
    pub(crate) steps: Vec<StepRow>,
    /// The `requests` table, by id.
    pub(crate) requests: Vec<RequestRow>,
    /// The `faults` table.
    pub(crate) faults: Vec<FaultRow>,
    /// Counts and values over all requests.
    pub(crate) total: RequestSummary,
    /// The same for each class.
    pub(crate) classes: Vec<RequestSummary>,
    /// Requests in the buffer at the end of a step.
    pub(crate) buffer: Level,
    /// Counts over all faults.
    pub(crate) fault_summary: FaultSummary,
    /// The servers' measures.
    pub(crate) servers: Vec<ServerSummary>,
}

/// Runs the desk: the seven phases, step after step.
///
/// # Panics
/// If requests do not add up at the end of a step, or a rule about places is broken.
pub(crate) fn simulate(spec: &DeskSpec, chance: &mut dyn Chance) -> Outcome {
    let mut desk = Desk::new(spec);
    for step in 1..=spec.steps {
        desk.row = StepRow {
            step,
            ..StepRow::default()
        };
        desk.repairs();
        desk.faults(chance);
        desk.arrivals(chance);
        desk.dispatch(chance);
        desk.patience();
        desk.work();
        desk.log();
        if spec.overflow == Overflow::Stop && desk.row.rejected > 0 {
            break;
        }
    }
    desk.outcome()
}

/// The place of a request. Each is in exactly one place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Buffer,
    HandedOver,
    WaitingAt(usize),
    InService(usize, usize),
    Ended(RequestOutcome),
}

/// A request; its id is its index + 1.
struct Request {
    drawn: Drawn,
    arrival: u64,
    remaining: u64,
    place: Place,
    first_start: Option<u64>,
    end: Option<u64>,
    attempts: u64,
    served_by: Option<(usize, usize)>,
}

/// Whether an attendant is up. If it is down, the step of its repair, if there is one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    Down { repaired_in: Option<u64> },
}

/// An attendant. The request it serves is recorded in the request.
#[derive(Clone, Copy)]
struct Attendant {
    state: State,
    idle_since: u64,
    tally: AttendantSummary,
}

struct Desk<'a> {
    spec: &'a DeskSpec,
    requests: Vec<Request>,
    attendants: Vec<Vec<Attendant>>,
    last_chosen: Option<usize>,
    held_readings: Vec<Vec<usize>>,
    row: StepRow,
    steps: Vec<StepRow>,
    faults: Vec<FaultRow>,
}

/// The seven phases.
impl Desk<'_> {
    /// The attendants affected by an entry of the script.
    fn concerned(&self, entry: &ScriptEntry) -> Vec<(usize, usize)> {
        let mut everyone: Vec<(usize, usize)> = self.everyone().into_iter().collect();
        everyone.retain(|&(server, attendant)| match entry.target {
            Target::Server(target) => server == target,
            Target::Attendant(of, target) => (server, attendant) == (of, target),
        });
        everyone
    }

    /// Phase 1: repairs that are due.
    fn repairs(&mut self) {
        let step = self.row.step;
        for (server, attendant) in self.everyone() {
            let who = &mut self.attendants[server][attendant];
            let due = State::Down {
                repaired_in: Some(step),
            };
            if who.state == due {
                who.state = State::Up;
                who.idle_since = step;
                self.note(server, attendant, FaultEvent::Repair, None);
            }
        }
    }

    /// Phase 2: the script, then random faults, then requests waiting where no attendant can serve them any
    /// more.
    fn faults(&mut self, chance: &mut dyn Chance) {
        let step = self.row.step;
        for entry in self.spec.script.iter().filter(|entry| entry.step == step) {
            for (server, attendant) in self.concerned(entry) {
                match (entry.event, self.is_up(server, attendant)) {
                    (ScriptedEvent::Fault(down_for), true) => {
                        self.go_down(server, attendant, down_for);
                    }
                    (ScriptedEvent::Repair, false) => {
                        let who = &mut self.attendants[server][attendant];
                        who.state = State::Up;
                        who.idle_since = step;
                        self.note(server, attendant, FaultEvent::Repair, None);
                    }
                    _ => {}
                }
            }
        }
        for (server, attendant) in self.everyone() {
            if self.is_up(server, attendant) && chance.fails(step, server, attendant) {
                let down_for = chance.repair(server, attendant);
                self.go_down(server, attendant, down_for);
            }
        }
        for r in 0..self.requests.len() {
            if let Place::WaitingAt(server) = self.requests[r].place
                && self.up_with_skill(server, self.requests[r].drawn.class) == 0
            {
                self.hand_over(r);
            }
        }
    }

    /// Phase 3.
    fn arrivals(&mut self, chance: &mut dyn Chance) {
        let step = self.row.step;
        for drawn in chance.arrivals(step) {
            assert!(drawn.service >= 1, "a service takes at least one step");
            self.requests.push(Request {
                drawn,
                arrival: step,
                remaining: drawn.service,
                place: Place::Buffer,
                first_start: None,
                end: None,
                attempts: 0,
                served_by: None,
            });
            self.row.generated += 1;
            let found = self.count(Place::Buffer) - 1;
            if self.spec.buffer.is_some_and(|places| found >= places) {
                self.end(self.requests.len() - 1, RequestOutcome::Rejected);
                self.row.rejected += 1;
            }
        }
    }

    /// Phase 4: the supervisor to servers, each server to its attendants, then rebalancing.
    fn dispatch(&mut self, chance: &mut dyn Chance) {
        let mut waiting = self.in_order(|r| r.place == Place::HandedOver);
        waiting.extend(self.in_order(|r| r.place == Place::Buffer));
        for r in waiting {
            if let Some(server) = self.choose_server(self.requests[r].drawn.class, chance) {
                self.requests[r].place = Place::WaitingAt(server);
                self.row.dispatched += 1;
            }
        }

        for server in 0..self.spec.servers.len() {
            for r in self.in_order(|r| r.place == Place::WaitingAt(server)) {
                let class = self.requests[r].drawn.class;
                let free = self.free_attendants(server);
                if let Some(&who) = free.iter().find(|&&who| self.can(server, who, class)) {
                    self.start(r, server, who);
                }
            }
        }

        if self.spec.rebalance {
            for server in 0..self.spec.servers.len() {
                for who in self.free_attendants(server) {
                    let elsewhere = self.in_order(|r| {
                        matches!(r.place, Place::WaitingAt(other) if other != server)
                            && self.can(server, who, r.drawn.class)
                    });
                    if self.has_room(server)
                        && let Some(&first) = elsewhere.first()
                    {
                        self.start(first, server, who);
                        self.row.reallocated += 1;
                    }
                }
            }
        }
    }

    /// Phase 5.
    fn patience(&mut self) {
        for r in 0..self.requests.len() {
            let request = &self.requests[r];
            let gone = matches!(request.place, Place::Ended(_));
            let waited = self.row.step - request.arrival;
            let fed_up = request.drawn.patience.is_some_and(|p| waited >= p);
            if !gone && request.first_start.is_none() && fed_up {
                self.end(r, RequestOutcome::Abandoned);
                self.row.abandoned += 1;
            }
        }
    }

    /// Phase 6: the readings, then the work, then completions.
    fn work(&mut self) {
        for server in 0..self.spec.servers.len() {
            let held = self.held(server);
            self.held_readings[server].push(held);
        }
        for (server, attendant) in self.everyone() {
            let up = self.is_up(server, attendant);
            let served = self.served_by(server, attendant);
            assert!(up || served.is_none(), "an attendant works while down");
            self.row.attendants_up += usize::from(up);
            let who = &mut self.attendants[server][attendant];
            match served {
                _ if !up => who.tally.down_steps += 1,
                None => who.tally.idle_steps += 1,
                Some(r) => {
                    who.tally.busy_steps += 1;
                    self.row.in_service += 1;
                    self.requests[r].remaining -= 1;
                    if self.requests[r].remaining == 0 {
                        who.tally.completed += 1;
                        who.idle_since = self.row.step + 1;
                        self.end(r, RequestOutcome::Completed);
                        self.row.completed += 1;
                    }
                }
            }
        }
    }

    /// Phase 7: the row, and the checks of every step.
    fn log(&mut self) {
        self.row.buffer = self.count(Place::Buffer);
        self.row.handed_over = self.count(Place::HandedOver);
        self.row.waiting_at_servers = (0..self.spec.servers.len())
            .map(|server| self.count(Place::WaitingAt(server)))
            .sum();
        self.steps.push(self.row);

        let all = |column: fn(&StepRow) -> usize| self.steps.iter().map(column).sum::<usize>();
        let ended = all(|row| row.completed + row.rejected + row.abandoned + row.failed);
        let in_service = self.row.in_service - self.row.completed;
        let in_system =
            self.row.buffer + self.row.handed_over + self.row.waiting_at_servers + in_service;
        assert_eq!(all(|row| row.generated), ended + in_system, "conservation");
        assert!(
            self.spec.buffer.is_none_or(|most| self.row.buffer <= most),
            "the buffer holds more than its capacity"
        );
        for (server, its) in self.spec.servers.iter().enumerate() {
            assert!(
                its.capacity.is_none_or(|most| self.held(server) <= most),
                "a server holds more than its capacity"
            );
        }
    }
}

/// Events of an attendant or a request.
impl Desk<'_> {
    fn go_down(&mut self, server: usize, attendant: usize, down_for: Option<u64>) {
        assert_ne!(down_for, Some(0), "a fault lasts at least one step");
        let interrupted = self.served_by(server, attendant);
        let who = &mut self.attendants[server][attendant];
        who.state = State::Down {
            repaired_in: down_for.map(|steps| self.row.step + steps),
        };
        who.tally.faults += 1;
        self.note(server, attendant, FaultEvent::Fault, interrupted);
        if let Some(r) = interrupted {
            self.interrupt(r);
        }
    }

    fn interrupt(&mut self, r: usize) {
        self.row.interrupted += 1;
        let used_up = self.spec.max_attempts == Some(self.requests[r].attempts);
        if self.spec.work == InterruptedWork::Lost || used_up {
            self.end(r, RequestOutcome::Failed);
            self.row.failed += 1;
            return;
        }
        if self.spec.work == InterruptedWork::Restart {
            self.requests[r].remaining = self.requests[r].drawn.service;
        }
        self.hand_over(r);
    }

    fn hand_over(&mut self, r: usize) {
        self.requests[r].place = Place::HandedOver;
        self.row.reallocated += 1;
    }

    fn start(&mut self, r: usize, server: usize, attendant: usize) {
        let busy = self.served_by(server, attendant).is_some();
        assert!(!busy, "an attendant serves one request at a time");
        let request = &mut self.requests[r];
        request.place = Place::InService(server, attendant);
        request.first_start.get_or_insert(self.row.step);
        request.attempts += 1;
        request.served_by = Some((server, attendant));
    }

    fn end(&mut self, r: usize, outcome: RequestOutcome) {
        self.requests[r].place = Place::Ended(outcome);
        self.requests[r].end = Some(self.row.step);
    }

    fn note(&mut self, server: usize, attendant: usize, event: FaultEvent, cut: Option<usize>) {
        self.faults.push(FaultRow {
            step: self.row.step,
            server,
            attendant,
            event,
            request: cut.map(|r| r + 1),
        });
    }

    fn choose_server(&mut self, class: usize, chance: &mut dyn Chance) -> Option<usize> {
        let eligible: Vec<usize> = (0..self.spec.servers.len())
            .filter(|&server| self.has_room(server) && self.up_with_skill(server, class) > 0)
            .collect();
        let first = *eligible.first()?;
        let chosen = match self.spec.policy {
            Policy::FirstAvailable => first,
            Policy::RoundRobin => *eligible
                .iter()
                .find(|&&server| self.last_chosen.is_none_or(|last| server > last))
                .unwrap_or(&first),
            Policy::Random => eligible[chance.choose(eligible.len())],
            Policy::LeastLoaded => self.least_loaded(&eligible, class),
            Policy::PowerOfTwo if eligible.len() == 1 => first,
            Policy::PowerOfTwo => {
                let (one, other) = chance.choose_two(eligible.len());
                assert_ne!(one, other, "two different servers are drawn");
                let in_file_order = [eligible[one.min(other)], eligible[one.max(other)]];
                self.least_loaded(&in_file_order, class)
            }
            Policy::LongestIdle => self.longest_idle(&eligible, class),
        };
        self.last_chosen = Some(chosen);
        Some(chosen)
    }
}

/// Queries about the desk. Every answer is computed afresh.
impl Desk<'_> {
    /// Every (server, attendant), in order.
    fn everyone(&self) -> Vec<(usize, usize)> {
        let servers = self.spec.servers.iter().enumerate();
        servers
            .flat_map(|(server, its)| (0..its.attendants.len()).map(move |who| (server, who)))
            .collect()
    }

    fn is_up(&self, server: usize, attendant: usize) -> bool {
        self.attendants[server][attendant].state == State::Up
    }

    fn can(&self, server: usize, attendant: usize, class: usize) -> bool {
        self.spec.servers[server].attendants[attendant]
            .skills
            .contains(&class)
    }

    fn up_with_skill(&self, server: usize, class: usize) -> usize {
        (0..self.attendants[server].len())
            .filter(|&who| self.is_up(server, who) && self.can(server, who, class))
            .count()
    }

    /// The request this attendant has in service.
    fn served_by(&self, server: usize, attendant: usize) -> Option<usize> {
        let here = Place::InService(server, attendant);
        self.requests.iter().position(|r| r.place == here)
    }

    /// Attendants of a server that are up and idle: fewest skills, then longest idle, then lowest number.
    fn free_attendants(&self, server: usize) -> Vec<usize> {
        let mut free: Vec<usize> = (0..self.attendants[server].len())
            .filter(|&who| self.is_up(server, who) && self.served_by(server, who).is_none())
            .collect();
        free.sort_by_key(|&who| {
            let skills = self.spec.servers[server].attendants[who].skills.len();
            (skills, self.attendants[server][who].idle_since, who)
        });
        free
    }

    /// The server whose free attendant with the skill has been idle longest, the earlier at a tie.
    fn longest_idle(&self, eligible: &[usize], class: usize) -> usize {
        let mut idle = Vec::new();
        for &server in eligible {
            for who in self.free_attendants(server) {
                if self.can(server, who, class) {
                    idle.push((self.attendants[server][who].idle_since, server));
                }
            }
        }
        match idle.iter().min() {
            Some((_, server)) => *server,
            None => self.least_loaded(eligible, class),
        }
    }

    fn count(&self, place: Place) -> usize {
        self.requests.iter().filter(|r| r.place == place).count()
    }

    /// Requests at a server, waiting and in service.
    fn held(&self, server: usize) -> usize {
        let here = |r: &&Request| match r.place {
            Place::WaitingAt(at) | Place::InService(at, _) => at == server,
            _ => false,
        };
        self.requests.iter().filter(here).count()
    }

    fn has_room(&self, server: usize) -> bool {
        let capacity = self.spec.servers[server].capacity;
        capacity.is_none_or(|most| self.held(server) < most)
    }

    /// The smallest held / (attendants up with the skill), the fractions compared exactly; among equals the first.
    fn least_loaded(&self, servers: &[usize], class: usize) -> usize {
        let load = |server: usize| (self.held(server), self.up_with_skill(server, class));
        let mut best = servers[0];
        for &server in &servers[1..] {
            let ((held, up), (best_held, best_up)) = (load(server), load(best));
            if held * best_up < best_held * up {
                best = server;
            }
        }
        best
    }

    /// The matching requests: higher priority first, then earlier arrival, then lower id.
    fn in_order(&self, wanted: impl Fn(&Request) -> bool) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.requests.len())
            .filter(|&r| wanted(&self.requests[r]))
            .collect();
        found.sort_by_key(|&r| {
            let request = &self.requests[r];
            let priority = self.spec.classes[request.drawn.class].priority;
            (Reverse(priority), request.arrival, r)
        });
        found
    }
}

/// The beginning and the end of a run.
impl<'a> Desk<'a> {
    fn new(spec: &'a DeskSpec) -> Self {
        let fresh = Attendant {
            state: State::Up,
            idle_since: 0,
            tally: AttendantSummary::default(),
        };
        let servers = spec.servers.iter();
        Desk {
            spec,
            requests: Vec::new(),
            attendants: servers.map(|s| vec![fresh; s.attendants.len()]).collect(),
            last_chosen: None,
            held_readings: vec![Vec::new(); spec.servers.len()],
            row: StepRow::default(),
            steps: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn outcome(self) -> Outcome {
        let rows = self
            .requests
            .iter()
            .enumerate()
            .map(|(r, request)| RequestRow {
                id: r + 1,
                class: request.drawn.class,
                arrival: request.arrival,
                first_start: request.first_start,
                end: request.end,
                outcome: match request.place {
                    Place::Ended(outcome) => outcome,
                    _ => RequestOutcome::InSystem,
                },
                attempts: request.attempts,
                server: request.served_by.map(|(server, _)| server),
                attendant: request.served_by.map(|(_, attendant)| attendant),
            });
        let requests: Vec<RequestRow> = rows.collect();

        let by_class = |class| requests.iter().filter(move |row| row.class == class);
        let classes = (0..self.spec.classes.len()).map(|class| summarise(by_class(class)));
        let servers = self.attendants.iter().zip(&self.held_readings);
        let buffer: Vec<usize> = self.steps.iter().map(|row| row.buffer).collect();
        let events = |event| self.faults.iter().filter(|row| row.event == event).count();
        let everyone: Vec<AttendantSummary> = self
            .attendants
            .iter()
            .flatten()
            .map(|who| who.tally)
            .collect();
        Outcome {
            total: summarise(requests.iter()),
            classes: classes.collect(),
            buffer: level(&buffer),
            fault_summary: FaultSummary {
                count: events(FaultEvent::Fault),
                repairs: events(FaultEvent::Repair),
                interrupted: self.steps.iter().map(|row| row.interrupted).sum(),
                reallocated: self.steps.iter().map(|row| row.reallocated).sum(),
                availability: share(&everyone, |who| who.busy_steps + who.idle_steps),
            },
            servers: servers
                .map(|(attendants, held)| {
                    let tallies: Vec<AttendantSummary> =
                        attendants.iter().map(|who| who.tally).collect();
                    ServerSummary {
                        completed: tallies.iter().map(|who| who.completed).sum(),
                        utilisation: share(&tallies, |who| who.busy_steps),
                        availability: share(&tallies, |who| who.busy_steps + who.idle_steps),
                        held: level(held),
                        attendants: tallies,
                    }
                })
                .collect(),
            requests,
            steps: self.steps,
            faults: self.faults,
        }
    }
}

fn summarise<'a>(rows: impl Iterator<Item = &'a RequestRow>) -> RequestSummary {
    let mut sum = RequestSummary::default();
    for row in rows {
        sum.generated += 1;
        match row.outcome {
            RequestOutcome::Completed => sum.completed += 1,
            RequestOutcome::Rejected => sum.rejected += 1,
            RequestOutcome::Abandoned => sum.abandoned += 1,
            RequestOutcome::Failed => sum.failed += 1,
            RequestOutcome::InSystem => sum.in_system += 1,
        }
        if let Some(start) = row.first_start {
            sum.waiting.push(start - row.arrival);
        }
        if let (RequestOutcome::Completed, Some(end)) = (row.outcome, row.end) {
            sum.sojourn.push(end - row.arrival + 1);
        }
    }
    sum
}

fn level(readings: &[usize]) -> Level {
    let sum: usize = readings.iter().sum();
    Level {
        mean: (!readings.is_empty()).then(|| sum as f64 / readings.len() as f64),
        max: readings.iter().max().copied(),
        last: readings.last().copied(),
    }
}

/// The chosen attendant-steps over all attendant-steps.
fn share(whom: &[AttendantSummary], part: fn(&AttendantSummary) -> u64) -> Option<f64> {
    let part: u64 = whom.iter().map(part).sum();
    let tally = |who: &AttendantSummary| who.busy_steps + who.idle_steps + who.down_steps;
    let whole: u64 = whom.iter().map(tally).sum();
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws specified in advance; it also records the questions it was asked.
    #[derive(Default)]
    struct Told {
        arrivals: Vec<(u64, Drawn)>,
        /// Step, server, attendant, steps down.
        faults: Vec<(u64, usize, usize, Option<u64>)>,
        choices: Vec<usize>,
        pairs: Vec<(usize, usize)>,
        asked_fails: Vec<(u64, usize, usize)>,
        asked_among: Vec<usize>,
    }

    impl Chance for Told {
        fn arrivals(&mut self, step: u64) -> Vec<Drawn> {
            let now = self.arrivals.iter().filter(|(when, _)| *when == step);
            now.map(|(_, drawn)| *drawn).collect()
        }
        fn fails(&mut self, step: u64, server: usize, attendant: usize) -> bool {
            self.asked_fails.push((step, server, attendant));
            let next = self.faults.first();
            next.is_some_and(|&(when, of, who, _)| (when, of, who) == (step, server, attendant))
        }
        fn repair(&mut self, _server: usize, _attendant: usize) -> Option<u64> {
            self.faults.remove(0).3
        }
        fn choose(&mut self, among: usize) -> usize {
            self.asked_among.push(among);
            self.choices.remove(0)
        }
        fn choose_two(&mut self, among: usize) -> (usize, usize) {
            self.asked_among.push(among);
            self.pairs.remove(0)
        }
    }

    /// These arrivals, as (step, class, service), with unlimited patience; no random faults.
    fn told(arrivals: &[(u64, usize, u64)]) -> Told {
        let drawn = |&(step, class, service): &(u64, usize, u64)| {
            let patience = None;
            (
                step,
                Drawn {
                    class,
                    service,
                    patience,
                },
            )
        };
        Told {
            arrivals: arrivals.iter().map(drawn).collect(),
            ..Told::default()
        }
    }

    /// Servers as (capacity, skills of each attendant); two classes, the second more urgent; first-available, no
    /// rebalancing, no limits.
    fn desk(steps: u64, servers: &[(Option<usize>, &[&[usize]])]) -> DeskSpec {
        let class = |(name, priority): (&str, i64)| ClassSpec {
            name: name.to_owned(),
            priority,
        };
        let server = |(number, &(capacity, skills)): (usize, &(Option<usize>, &[&[usize]]))| {
            let attendant = |skills: &&[usize]| AttendantSpec {
                skills: skills.to_vec(),
            };
            ServerSpec {
                name: format!("S{}", number + 1),
                capacity,
                attendants: skills.iter().map(attendant).collect(),
            }
        };
        DeskSpec {
            steps,
            classes: [("calm", 0), ("urgent", 5)].map(class).to_vec(),
            buffer: None,
            overflow: Overflow::Reject,
            policy: Policy::FirstAvailable,
            rebalance: false,
            max_attempts: None,
            work: InterruptedWork::Restart,
            script: Vec::new(),
            servers: servers.iter().enumerate().map(server).collect(),
        }
    }

    fn fault(step: u64, server: usize, attendant: usize, down_for: Option<u64>) -> ScriptEntry {
        let target = Target::Attendant(server, attendant);
        ScriptEntry {
            step,
            target,
            event: ScriptedEvent::Fault(down_for),
        }
    }

    fn column<T>(outcome: &Outcome, of: fn(&StepRow) -> T) -> Vec<T> {
        outcome.steps.iter().map(of).collect()
    }

    fn each<T>(outcome: &Outcome, of: fn(&RequestRow) -> T) -> Vec<T> {
        outcome.requests.iter().map(of).collect()
    }

    fn fault_rows(outcome: &Outcome) -> Vec<(u64, usize, FaultEvent, Option<usize>)> {
        let row = |row: &FaultRow| (row.step, row.attendant, row.event, row.request);
        outcome.faults.iter().map(row).collect()
    }

    #[test]
    fn work_is_counted_in_whole_steps_and_levels_are_read_before_completions() {
        // Request 1 works in steps 1 and 2 and ends in 2. Its attendant is free again in phase 4 of step 3, where
        // request 2 starts and, needing one step, ends. The server holds 2, 2, 1, 0 in phase 6.
        let outcome = simulate(
            &desk(4, &[(None, &[&[0]])]),
            &mut told(&[(1, 0, 2), (1, 0, 1)]),
        );
        assert_eq!(each(&outcome, |r| r.end), [Some(2), Some(3)]);
        assert_eq!(outcome.total.waiting, [0, 2]);
        assert_eq!(outcome.total.sojourn, [2, 3]);
        assert_eq!(column(&outcome, |s| s.in_service), [1, 1, 1, 0]);
        assert_eq!(column(&outcome, |s| s.waiting_at_servers), [1, 1, 0, 0]);
        let server = &outcome.servers[0];
        assert_eq!(
            (server.held.mean, server.held.max),
            (Some(5.0 / 4.0), Some(2))
        );
        assert_eq!(server.utilisation, Some(0.75));
        let attendant = server.attendants[0];
        assert_eq!((attendant.busy_steps, attendant.idle_steps), (3, 1));
    }

    #[test]
    fn down_for_three_steps_at_step_two_is_up_again_in_step_five() {
        let mut spec = desk(6, &[(None, &[&[0]])]);
        spec.script = vec![fault(2, 0, 0, Some(3))];
        let outcome = simulate(&spec, &mut told(&[]));
        assert_eq!(column(&outcome, |s| s.attendants_up), [1, 0, 0, 0, 1, 1]);
        let rows = [
            (2, 0, FaultEvent::Fault, None),
            (5, 0, FaultEvent::Repair, None),
        ];
        assert_eq!(fault_rows(&outcome), rows);
        assert_eq!(outcome.fault_summary.availability, Some(0.5));
        assert_eq!(outcome.servers[0].attendants[0].down_steps, 3);
    }

    #[test]
    fn a_script_hits_only_those_that_are_up_and_chance_asks_only_those_left_up() {
        // Attendant 0 is down in steps 1 and 2. The fault of the whole server in step 2 finds only attendant 1 up, and
        // leaves the repair of attendant 0 in step 3 as it is. Attendant 1 is down in steps 2 to 4.
        let mut spec = desk(5, &[(None, &[&[0], &[0]])]);
        let whole_server = ScriptEntry {
            step: 2,
            target: Target::Server(0),
            event: ScriptedEvent::Fault(Some(3)),
        };
        spec.script = vec![fault(1, 0, 0, Some(2)), whole_server];
        let mut chance = told(&[]);
        let outcome = simulate(&spec, &mut chance);
        assert_eq!(column(&outcome, |s| s.attendants_up), [1, 0, 1, 1, 2]);
        assert_eq!(outcome.fault_summary.count, 2);
        let asked = [(1, 0, 1), (3, 0, 0), (4, 0, 0), (5, 0, 0), (5, 0, 1)];
        assert_eq!(chance.asked_fails, asked);
    }

    #[test]
    fn a_fault_of_a_server_counts_once_for_each_attendant() {
        let mut spec = desk(2, &[(None, &[&[0], &[0]]), (None, &[&[0]])]);
        let target = Target::Server(0);
        spec.script = vec![ScriptEntry {
            step: 1,
            target,
            event: ScriptedEvent::Fault(None),
        }];
        let outcome = simulate(&spec, &mut told(&[]));
        assert_eq!(outcome.fault_summary.count, 2);
        assert_eq!(column(&outcome, |s| s.attendants_up), [1, 1]);
        assert_eq!(outcome.servers[0].availability, Some(0.0));
    }

    #[test]
    fn a_scripted_repair_ends_any_outage_and_its_own_end_then_means_nothing() {
        // Down in step 1 until step 6; up by script in 3, and down again in 4 for a step. The repair of step 6
        // finds it up, and so does that of the script in 7.
        let mut spec = desk(8, &[(None, &[&[0]])]);
        let repair = |step| ScriptEntry {
            step,
            target: Target::Server(0),
            event: ScriptedEvent::Repair,
        };
        spec.script = vec![
            fault(1, 0, 0, Some(5)),
            repair(3),
            fault(4, 0, 0, Some(1)),
            repair(7),
        ];
        let outcome = simulate(&spec, &mut told(&[]));
        assert_eq!(
            column(&outcome, |s| s.attendants_up),
            [0, 0, 1, 0, 1, 1, 1, 1]
        );
        let counts = &outcome.fault_summary;
        assert_eq!((counts.count, counts.repairs), (2, 2));
    }

    #[test]
    fn one_repaired_in_this_step_may_fail_again_in_it() {
        // Down in step 1 by script; up and down again in step 2 by chance; up in step 3; in step 4 down for good.
        let mut spec = desk(9, &[(None, &[&[0]])]);
        spec.script = vec![fault(1, 0, 0, Some(1))];
        let mut chance = told(&[]);
        chance.faults = vec![(2, 0, 0, Some(1)), (4, 0, 0, None)];
        let outcome = simulate(&spec, &mut chance);
        assert_eq!(
            column(&outcome, |s| s.attendants_up),
            [0, 0, 1, 0, 0, 0, 0, 0, 0]
        );
        let counts = outcome.fault_summary;
        assert_eq!((counts.count, counts.repairs), (3, 2));
    }

    #[test]
    fn interrupted_work_is_repeated_kept_or_lost() {
        // Three steps of work begin in step 1; the attendant is down in step 2 only, so one step was done.
        // Restart: 3, 4, 5. Resume: 3, 4. Lost: failed in 2, not handed over.
        let run = |work| {
            let mut spec = desk(6, &[(None, &[&[0]])]);
            spec.script = vec![fault(2, 0, 0, Some(1))];
            spec.work = work;
            let outcome = simulate(&spec, &mut told(&[(1, 0, 3)]));
            assert_eq!(outcome.faults[0].request, Some(1));
            assert_eq!(outcome.fault_summary.interrupted, 1);
            let row = outcome.requests[0];
            let reallocated = outcome.fault_summary.reallocated;
            (row.outcome, row.end, row.attempts, reallocated)
        };
        let completed = RequestOutcome::Completed;
        assert_eq!(run(InterruptedWork::Restart), (completed, Some(5), 2, 1));
        assert_eq!(run(InterruptedWork::Resume), (completed, Some(4), 2, 1));
        let failed = RequestOutcome::Failed;
        assert_eq!(run(InterruptedWork::Lost), (failed, Some(2), 1, 0));
    }

    #[test]
    fn the_interruption_of_the_last_attempt_is_a_failure() {
        // Starts in 1 and 3, interrupted in 2 (handed over) and 4 (attempts used up).
        let mut spec = desk(6, &[(None, &[&[0]])]);
        spec.script = vec![fault(2, 0, 0, Some(1)), fault(4, 0, 0, Some(1))];
        spec.max_attempts = Some(2);
        let outcome = simulate(&spec, &mut told(&[(1, 0, 3)]));
        assert_eq!(column(&outcome, |s| s.interrupted), [0, 1, 0, 1, 0, 0]);
        assert_eq!(column(&outcome, |s| s.reallocated), [0, 1, 0, 0, 0, 0]);
        assert_eq!(column(&outcome, |s| s.failed), [0, 0, 0, 1, 0, 0]);
        let row = outcome.requests[0];
        assert_eq!((row.outcome, row.end), (RequestOutcome::Failed, Some(4)));
        assert_eq!(
            (row.attempts, row.server, row.attendant),
            (2, Some(0), Some(0))
        );
        assert_eq!(outcome.total.waiting, [0]);
    }

    #[test]
    fn handed_over_requests_go_first_whatever_their_priority_and_take_no_buffer_place() {
        // Request 1 (calm) is cut off in step 2. The buffer of one place is still empty: urgent 2 enters, urgent 3 is
        // rejected. In step 3 request 1 goes first, works in 3 and 4; request 2 starts in 5.
        let mut spec = desk(5, &[(Some(1), &[&[0, 1]])]);
        spec.buffer = Some(1);
        spec.script = vec![fault(2, 0, 0, Some(1))];
        let outcome = simulate(&spec, &mut told(&[(1, 0, 2), (2, 1, 1), (2, 1, 1)]));
        assert_eq!(each(&outcome, |r| r.end), [Some(4), Some(5), Some(2)]);
        assert_eq!(outcome.requests[2].outcome, RequestOutcome::Rejected);
        assert_eq!(column(&outcome, |s| s.handed_over), [0, 1, 0, 0, 0]);
        assert_eq!(column(&outcome, |s| s.buffer), [0, 1, 1, 1, 0]);
        assert_eq!(outcome.classes[0].sojourn, [4]);
        assert_eq!(outcome.classes[1].waiting, [3]);
    }

    #[test]
    fn those_who_wait_where_nobody_up_has_the_skill_are_handed_over() {
        // Step 1: calm 1 and urgent 3 are served at server 0, calm 2 and urgent 4 wait there. Step 2: its only calm
        // attendant goes down; 1 is cut off, 2 is handed over too, both go to server 1, where 2 waits. 4 stays.
        let mut spec = desk(2, &[(None, &[&[0], &[1]]), (None, &[&[0]])]);
        spec.script = vec![fault(2, 0, 0, None)];
        let arrivals = [(1, 0, 5), (1, 0, 5), (1, 1, 5), (1, 1, 5)];
        let outcome = simulate(&spec, &mut told(&arrivals));
        assert_eq!(column(&outcome, |s| s.interrupted), [0, 1]);
        assert_eq!(column(&outcome, |s| s.reallocated), [0, 2]);
        assert_eq!(column(&outcome, |s| s.dispatched), [4, 2]);
        assert_eq!(column(&outcome, |s| s.waiting_at_servers), [2, 2]);
        assert_eq!(each(&outcome, |r| r.server), [Some(1), None, Some(0), None]);
        assert_eq!(each(&outcome, |r| r.attempts), [2, 0, 1, 0]);
        assert_eq!(outcome.servers[1].held.last, Some(2));
    }

    #[test]
    fn higher_priority_goes_first_then_earlier_arrival_then_lower_id() {
        // 1 works in steps 1 and 2; then urgent 3 and 4 of step 2 pass calm 2 of step 1 and calm 5 of step 2.
        let spec = desk(6, &[(Some(1), &[&[0, 1]])]);
        let arrivals = [(1, 0, 2), (1, 0, 1), (2, 1, 1), (2, 1, 1), (2, 0, 1)];
        let outcome = simulate(&spec, &mut told(&arrivals));
        let starts = each(&outcome, |r| r.first_start);
        assert_eq!(starts, [Some(1), Some(5), Some(3), Some(4), Some(6)]);
    }

    #[test]
    fn one_that_cannot_go_on_does_not_hold_up_the_next() {
        // At the supervisor: server 0 has room for one, so urgent 2 stays in the buffer; calm 3 goes on to server 1.
        // At a server with room for all: urgent 2 waits for the busy attendant; calm 3 starts with the other.
        let one_place = desk(1, &[(Some(1), &[&[1]]), (None, &[&[0]])]);
        let arrivals = [(1, 1, 9), (1, 1, 9), (1, 0, 9)];
        let outcome = simulate(&one_place, &mut told(&arrivals));
        assert_eq!(each(&outcome, |r| r.server), [Some(0), None, Some(1)]);
        assert_eq!(outcome.buffer.last, Some(1));

        let roomy = desk(1, &[(None, &[&[1], &[0]])]);
        let outcome = simulate(&roomy, &mut told(&arrivals));
        assert_eq!(each(&outcome, |r| r.attendant), [Some(0), None, Some(1)]);
        assert_eq!(outcome.steps[0].waiting_at_servers, 1);
    }

    #[test]
    fn least_loaded_divides_by_the_attendants_up_with_the_skill() {
        // Two against one: 0/2 = 0/1 first; 1/2 > 0/1 second; 1/2 < 1/1 first; 2/2 = 1/1 first: 3 and 1.
        // With one of the two down: first, second, first (1/1 = 1/1), second (2/1 > 1/1): 2 and 2.
        // The urgent attendant of server 0 counts in neither.
        let mut spec = desk(1, &[(None, &[&[0], &[0], &[1]]), (None, &[&[0]])]);
        spec.policy = Policy::LeastLoaded;
        let held = |spec: &DeskSpec| {
            let outcome = simulate(spec, &mut told(&[(1, 0, 9); 4]));
            [0, 1].map(|server| outcome.servers[server].held.last)
        };
        assert_eq!(held(&spec), [Some(3), Some(1)]);
        spec.script = vec![fault(1, 0, 0, None)];
        assert_eq!(held(&spec), [Some(2), Some(2)]);
    }

    #[test]
    fn longest_idle_goes_by_free_attendants_of_the_skill_and_then_by_load() {
        // The urgent attendant of server 0, idle from the start, counts for nothing. A tie is the earlier server's;
        // 2: server 1 (idle from 0, not 2); 3: server 0 (2, not 3); 4: server 1, the only one free; 5: none is free,
        // 1/1 = 1/1; 6: 2/1 > 1/1.
        let mut spec = desk(6, &[(None, &[&[0], &[1]]), (None, &[&[0]])]);
        spec.policy = Policy::LongestIdle;
        let arrivals = [
            (1, 0, 1),
            (2, 0, 1),
            (3, 0, 9),
            (4, 0, 9),
            (5, 0, 9),
            (6, 0, 9),
        ];
        let outcome = simulate(&spec, &mut told(&arrivals));
        let servers = each(&outcome, |r| r.server);
        assert_eq!(servers[..4], [0, 1, 0, 1].map(Some));
        let held = |outcome: &Outcome| [0, 1].map(|server| outcome.servers[server].held.last);
        assert_eq!(held(&outcome), [Some(2), Some(2)]);
        // Services begin when all are dispatched, so until then an attendant is free for all of a step.
        let outcome = simulate(&spec, &mut told(&[(1, 0, 9), (1, 0, 9)]));
        assert_eq!(held(&outcome), [Some(2), Some(0)]);
    }

    #[test]
    fn round_robin_has_one_pointer_for_all_classes_and_skips_the_ineligible() {
        // Server 1 is calm only. Step 1: calm to 0; step 2: urgent to 2, past 1; step 3: calm round to 0;
        // step 4: calm to 1; step 5: urgent to 2.
        let both: &[usize] = &[0, 1];
        let mut spec = desk(
            5,
            &[(None, &[both; 3]), (None, &[&[0]]), (None, &[both; 3])],
        );
        spec.policy = Policy::RoundRobin;
        let arrivals = [(1, 0, 9), (2, 1, 9), (3, 0, 9), (4, 0, 9), (5, 1, 9)];
        let outcome = simulate(&spec, &mut told(&arrivals));
        let servers = each(&outcome, |r| r.server);
        assert_eq!(servers, [Some(0), Some(2), Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn random_and_power_of_two_draw_among_the_eligible_in_file_order() {
        // Server 0 is urgent only, so calm requests draw among servers 1 and 2.
        let mut spec = desk(
            3,
            &[
                (None, &[&[1]]),
                (None, &[&[0], &[0]]),
                (None, &[&[0], &[0]]),
            ],
        );
        let arrivals = [(1, 0, 9), (2, 0, 9), (3, 1, 9)];
        spec.policy = Policy::Random;
        let mut chance = told(&arrivals);
        chance.choices = vec![1, 0, 0];
        let outcome = simulate(&spec, &mut chance);
        assert_eq!(each(&outcome, |r| r.server), [Some(2), Some(1), Some(0)]);
        assert_eq!(chance.asked_among, [2, 2, 1]);

        // A tie is the earlier server's, whatever the order drawn; then 1/2 > 0/2; a lone server is not drawn.
        spec.policy = Policy::PowerOfTwo;
        let mut chance = told(&arrivals);
        chance.pairs = vec![(1, 0), (0, 1)];
        let outcome = simulate(&spec, &mut chance);
        assert_eq!(each(&outcome, |r| r.server), [Some(1), Some(2), Some(0)]);
        assert_eq!(chance.asked_among, [2, 2]);
    }

    #[test]
    fn the_free_attendant_with_fewest_skills_then_longest_idle_then_lowest_number_serves() {
        // 1: attendant 1 (fewer skills than 0, lower number than 2), idle again from step 2.
        // 2: attendant 2 (idle from 0), idle from 3. 3: attendant 1 (from 2), idle from 4. Attendant 2, down in step 3,
        // is idle from its repair in step 4, which ties: 4 goes to attendant 1, 5 to 2, 6 to 0.
        let mut spec = desk(4, &[(None, &[&[0, 1], &[0], &[0]])]);
        spec.script = vec![fault(3, 0, 2, Some(1))];
        let arrivals = [
            (1, 0, 1),
            (2, 0, 1),
            (3, 0, 1),
            (4, 0, 1),
            (4, 0, 1),
            (4, 0, 1),
        ];
        let outcome = simulate(&spec, &mut told(&arrivals));
        let attendants = each(&outcome, |r| r.attendant.unwrap_or(9));
        assert_eq!(attendants, [1, 2, 1, 1, 2, 0]);

        // With attendant 1 down in step 3 instead, 2 takes request 3 too and ends it: both are idle from step 4.
        spec.script = vec![fault(3, 0, 1, Some(1))];
        let outcome = simulate(&spec, &mut told(&arrivals));
        let attendants = each(&outcome, |r| r.attendant.unwrap_or(9));
        assert_eq!(attendants, [1, 2, 2, 1, 2, 0]);

        // Without that fault attendant 2 has been idle longer in step 4.
        spec.script.clear();
        let outcome = simulate(&spec, &mut told(&arrivals));
        let attendants = each(&outcome, |r| r.attendant.unwrap_or(9));
        assert_eq!(attendants, [1, 2, 1, 2, 1, 0]);
    }

    #[test]
    fn a_free_attendant_takes_over_one_request_that_waits_elsewhere() {
        // All go to server 0, which serves 3 (urgent). Server 1 takes over 4, urgent too, before 1 and 2.
        let mut spec = desk(1, &[(None, &[&[0, 1]]), (None, &[&[0, 1]])]);
        let arrivals = [(1, 0, 9), (1, 0, 9), (1, 1, 9), (1, 1, 9)];
        let outcome = simulate(&spec, &mut told(&arrivals));
        assert_eq!(each(&outcome, |r| r.server), [None, None, Some(0), None]);
        spec.rebalance = true;
        let outcome = simulate(&spec, &mut told(&arrivals));
        assert_eq!(each(&outcome, |r| r.server), [None, None, Some(0), Some(1)]);
        let row = outcome.steps[0];
        assert_eq!((row.dispatched, row.reallocated), (4, 1));
        assert_eq!(row.waiting_at_servers, 2);
    }

    #[test]
    fn rebalancing_respects_the_capacity_of_the_server_that_takes_over() {
        // Calm 1 and 2 go to server 0, urgent 3 to server 1, whose other attendant could serve 2 if there is a place.
        let taken_over = |capacity| {
            let mut spec = desk(1, &[(None, &[&[0]]), (Some(capacity), &[&[1], &[0]])]);
            spec.rebalance = true;
            let outcome = simulate(&spec, &mut told(&[(1, 0, 9), (1, 0, 9), (1, 1, 9)]));
            outcome.requests[1].server
        };
        assert_eq!(taken_over(1), None);
        assert_eq!(taken_over(2), Some(1));
    }

    #[test]
    fn only_a_request_whose_service_never_began_gives_up() {
        // All are patient for 2 steps. 1 works in steps 1 and 2. 2 starts in step 3, before patience is looked at; 3
        // gives up then. 2 is cut off in step 4 and waits, but its service has begun: it works again in 7 and 8.
        let mut spec = desk(8, &[(Some(2), &[&[0]])]);
        spec.script = vec![fault(4, 0, 0, Some(3))];
        let mut chance = told(&[(1, 0, 2); 3]);
        for (_, drawn) in &mut chance.arrivals {
            drawn.patience = Some(2);
        }
        let outcome = simulate(&spec, &mut chance);
        assert_eq!(each(&outcome, |r| r.end), [Some(2), Some(8), Some(3)]);
        assert_eq!(outcome.requests[2].outcome, RequestOutcome::Abandoned);
        assert_eq!(column(&outcome, |s| s.abandoned), [0, 0, 1, 0, 0, 0, 0, 0]);
        assert_eq!(outcome.total.waiting, [0, 2]);
    }

    #[test]
    fn an_overflow_rejects_or_ends_the_run_with_the_step_finished() {
        // The buffer empties only in phase 4, so 2 and 3 find request 1 in its one place. The step is finished: 1 starts
        // and is done. With `stop` that is all; with `reject` 4 enters in step 2.
        let mut spec = desk(3, &[(None, &[&[0]])]);
        spec.buffer = Some(1);
        let arrivals = [(1, 0, 1), (1, 0, 1), (1, 0, 1), (2, 0, 9)];
        let counts = |outcome: &Outcome| {
            let total = &outcome.total;
            (
                total.generated,
                total.completed,
                total.rejected,
                total.in_system,
            )
        };
        let outcome = simulate(&spec, &mut told(&arrivals));
        assert_eq!((outcome.steps.len(), counts(&outcome)), (3, (4, 1, 2, 1)));
        spec.overflow = Overflow::Stop;
        let outcome = simulate(&spec, &mut told(&arrivals));
        assert_eq!((outcome.steps.len(), counts(&outcome)), (1, (3, 1, 2, 0)));
        assert_eq!(each(&outcome, |r| r.end), [Some(1), Some(1), Some(1)]);
    }
}
