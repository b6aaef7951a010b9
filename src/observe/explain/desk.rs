//! The life of a request of a desk.

use super::super::room::desk::{Fold, Whereabouts};
use super::super::room::{AttendantState, ServerRoom};
use super::{Chapter, Reason, listed, marked};
use crate::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use crate::desk;
use crate::digest::Digest;
use crate::number::{agreeing, of_them};
use crate::scenario::{Desk, InterruptedWork, Queue};
use crate::station::{
    FaultEvent, FaultRecord, Happening, RequestEvent, RequestEventKind, RequestOutcome,
    RequestRecord,
};
use crate::time::Time;
use parking_lot::Mutex;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequestLife {
    /// Its number.
    pub request: u64,
    /// The name of its class.
    pub class: String,
    /// How it ended, as the `requests` table has it.
    pub outcome: &'static str,
    /// The step or the time of its arrival.
    pub arrival: Time,
    /// The step in which its service first began, or the time.
    pub first_start: Option<Time>,
    /// The step in which it ended, or the time.
    pub end: Option<Time>,
    /// How often its service began.
    pub attempts: u64,
    /// What happened, in order.
    pub chapters: Vec<Chapter<Time>>,
}

/// Repeats a run and follows one request. Gives the run's digest, how many requests there were, and the
/// request's life if there was such a one.
///
/// # Errors
/// See [`RunError`].
pub fn explain_request(
    scenario: &Desk,
    request: u64,
) -> Result<(Digest, u64, Option<RequestLife>), RunError> {
    let watcher = Watcher(Mutex::new(Following::new(scenario, request)));
    let around = Surroundings {
        conductor: &(),
        recorder: &watcher,
    };
    let outcome = desk::run(scenario, 0, Runtime::Inline, Recording::Everything, around)?;
    let end = outcome.summary.clock.map(Time::at);
    let life = watcher.0.into_inner().life(end);
    Ok((outcome.digest, outcome.summary.requests.generated, life))
}

struct Watcher<'a>(Mutex<Following<'a>>);

impl Recorder<Happening> for Watcher<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut following = self.0.lock();
        records.iter().for_each(|record| following.take(record));
    }
}

/// Why a server could not be given the request.
#[derive(Clone, Debug)]
enum Refusal {
    /// No attendant with its skill is up.
    NobodyUp(Reason),
    /// The server of this number held so many requests, its most.
    Full(usize, u64),
}

/// A wait as it stands at an instant.
#[derive(Debug, Default)]
struct Wait {
    /// Where it waits, in words.
    place: String,
    /// Those ahead, nearest to service first.
    ahead: Vec<u64>,
    /// Why each server that could have taken it did not.
    why: Vec<Hindrance>,
}

/// Why a server did not take the request.
#[derive(Clone, Debug)]
struct Hindrance {
    /// The reason at one instant.
    reason: Reason,
    /// The same without those whom it names, who change while a queue goes on.
    lasting: String,
}

impl Hindrance {
    /// A reason that names nobody who changes.
    fn steady(reason: Reason) -> Hindrance {
        let lasting = reason.text.clone();
        Hindrance { reason, lasting }
    }
}

impl Wait {
    /// Whether `later` is this wait still, as far as a sentence on it goes: in the same place for the same reasons, with
    /// fewer ahead or as many.
    fn goes_on_in(&self, later: &Wait) -> bool {
        let alike = self.why.iter().zip(&later.why).all(|(one, other)| {
            let is_shorter = later.ahead.len() < self.ahead.len();
            one.reason == other.reason
                || is_shorter
                    && (&one.reason.server, &one.lasting) == (&other.reason.server, &other.lasting)
        });
        let came_before = |one| self.ahead.contains(one);
        self.place == later.place
            && self.why.len() == later.why.len()
            && alike
            && later.ahead.iter().all(came_before)
    }
}

/// A desk as it stands and the one who is followed.
struct Following<'a> {
    desk: &'a Desk,
    request: u64,
    fold: Fold,
    /// Class and arrival of everybody in the system.
    known: BTreeMap<u64, (u32, Time)>,
    now: Time,
    /// Why each server could not take it when requests went to servers in this step.
    refusals: Vec<Refusal>,
    /// The wait that the last chapter tells of, as it now stands.
    wait: Wait,
    row: Option<RequestRecord>,
    chapters: Vec<Chapter<Time>>,
    /// Requests whose clients come again: when, after how long, and which try that is.
    returns: Vec<(u64, Time, f64, u64)>,
}

impl<'a> Following<'a> {
    fn new(desk: &'a Desk, request: u64) -> Following<'a> {
        Following {
            desk,
            request,
            fold: Fold::new(desk),
            known: BTreeMap::new(),
            now: Time::ZERO,
            refusals: Vec::new(),
            wait: Wait::default(),
            row: None,
            chapters: Vec::new(),
            returns: Vec::new(),
        }
    }

    /// Its life, if there was such a request; with the time on the clock at which the run ended, where that is not
    /// its last step.
    fn life(mut self, end: Option<Time>) -> Option<RequestLife> {
        let row = self.row?;
        if row.outcome == RequestOutcome::InSystem {
            self.now = end.map_or(self.now, |end| end.max(self.now));
            let text = "The run ends while it is still at the desk.".to_owned();
            self.tell("in system", text);
        }
        let (clock, chapters) = (self.desk.clock(), self.chapters.into_iter());
        Some(RequestLife {
            request: row.id,
            class: self.desk.classes[row.class as usize].name.clone(),
            outcome: row.outcome.name(),
            arrival: row.arrival,
            first_start: row.first_start,
            end: row.end,
            attempts: row.attempts,
            chapters: chapters
                .map(|chapter| chapter.by(clock, Time::get))
                .collect(),
        })
    }

    fn class(&self) -> Option<usize> {
        Some(self.known.get(&self.request)?.0 as usize)
    }

    fn take(&mut self, record: &Happening) {
        let now = match record {
            Happening::Step(row) => row.time,
            Happening::Request(event) => event.time,
            Happening::Fault(row) => row.time,
            // Of those whom the run's end finds, nothing more is to be told.
            Happening::Ended(row) => row.end.unwrap_or(self.now),
            _ => return,
        };
        if now > self.now {
            self.now = now;
            self.fold.reach(now);
            self.refuse();
        }
        self.before(record);
        self.fold.take(record);
        self.after(record);
    }

    /// What has to be seen while everything still stands as it was.
    fn before(&mut self, record: &Happening) {
        match record {
            Happening::Request(event) if event.kind == RequestEventKind::Arrived => {
                self.known.insert(event.request, (event.class, event.time));
            }
            Happening::Request(event) if event.request == self.request => self.event(event),
            Happening::Fault(row) => self.pace(row),
            Happening::Step(_) => self.wait(),
            _ => {}
        }
    }

    fn after(&mut self, record: &Happening) {
        match record {
            Happening::Request(event) => {
                if let RequestEventKind::ComesAgain { after, attempt } = event.kind {
                    let then = event.time.after(after);
                    self.returns.push((event.request, then, after, attempt));
                }
                if event.kind == RequestEventKind::Arrived && event.request == self.request {
                    self.arrived(event);
                }
                let before_work = matches!(
                    event.kind,
                    RequestEventKind::Arrived
                        | RequestEventKind::Dispatched { .. }
                        | RequestEventKind::HandedOver { .. }
                );
                if before_work {
                    self.refuse();
                }
            }
            Happening::Fault(_) => self.refuse(),
            Happening::Ended(row) => {
                if row.id == self.request {
                    self.came_again(row);
                    self.ended(row);
                }
                self.known.remove(&row.id);
            }
            _ => {}
        }
    }

    fn tell(&mut self, event: &'static str, text: String) {
        self.chapters.push(Chapter {
            from: self.now,
            until: self.now,
            clock: None,
            event,
            text,
            ahead: Vec::new(),
            reasons: Vec::new(),
        });
    }

    fn server(&self, server: u32) -> &ServerRoom {
        &self.fold.room.servers[server as usize]
    }

    fn attendant(&self, server: u32, attendant: u32) -> &str {
        &self.server(server).attendants[attendant as usize].name
    }

    fn arrived(&mut self, event: &RequestEvent) {
        let class = &self.desk.classes[event.class as usize].name;
        let buffer = self.fold.room.buffer;
        // It is counted already.
        let before = buffer.length - 1;
        let places = match buffer.capacity {
            Some(_) => format!("the buffer holds {}", of(before, buffer.capacity)),
            None => format!("{} in the buffer", of_them(before, "request")),
        };
        let text = format!("#{} arrives, of class {class}; {places}.", event.request);
        self.tell("arrives", text);
    }

    /// Tells, after its arrival, that it is a further try, and of which request where only one can be meant.
    fn came_again(&mut self, row: &RequestRecord) {
        if row.attempt < 2 {
            return;
        }
        let returns = self.returns.iter();
        let mut before =
            returns.filter(|&&(_, then, _, attempt)| (then, attempt) == (row.arrival, row.attempt));
        let text = match (before.next(), before.next()) {
            (Some(&(request, _, after, _)), None) => format!(
                "Its client has come again, {} after #{request}: try {}.",
                self.desk.lasting(after),
                row.attempt
            ),
            _ => format!("Its client has come again: try {}.", row.attempt),
        };
        let told = self.chapters.len();
        self.tell("came again", text);
        let again = &mut self.chapters[told];
        (again.from, again.until) = (row.arrival, row.arrival);
        let first = told.min(1);
        self.chapters[first..].rotate_right(1);
    }

    fn event(&mut self, event: &RequestEvent) {
        let waited = |from: Time| self.desk.lasting(event.time.since(from));
        match event.kind {
            // The row that follows says so.
            RequestEventKind::Arrived | RequestEventKind::GaveUp { .. } => {}
            RequestEventKind::TimedOut {
                after, withdrawn, ..
            } => {
                let then = match withdrawn {
                    true => "it goes, and its request is withdrawn",
                    false => "it goes, and the work goes on for nobody",
                };
                let after = self.desk.lasting(after);
                let text = format!("Its client has waited {after} for an answer: {then}.");
                self.tell("timed out", text);
            }
            RequestEventKind::WrapUp {
                server,
                attendant,
                lasts,
            } => {
                let name = self.attendant(server, attendant).to_owned();
                let lasts = self.desk.lasting(lasts);
                self.tell("wrap-up", format!("{name} has {lasts} of work after it."));
            }
            RequestEventKind::ComesAgain { after, attempt } => {
                let after = self.desk.lasting(after);
                let text = format!("Its client comes again {after} later: try {attempt}.");
                self.tell("comes again", text);
            }
            RequestEventKind::Dispatched { server } => {
                let server = self.server(server);
                let text = format!(
                    "It goes to server {}, which then holds {}.",
                    server.name,
                    of(server.held() + 1, server.capacity)
                );
                self.tell("dispatched", text);
            }
            RequestEventKind::Started {
                server,
                attendant,
                attempt,
                lasts,
            } => {
                let name = self.attendant(server, attendant).to_owned();
                let arrival = self
                    .known
                    .get(&event.request)
                    .map_or(event.time, |one| one.1);
                let text = match attempt {
                    1 => format!(
                        "{name} begins to serve it, {} after its arrival: {} of work.",
                        waited(arrival),
                        self.desk.lasting(lasts)
                    ),
                    _ => format!(
                        "{name} begins to serve it, attempt {attempt}: {} of work.",
                        self.desk.lasting(lasts)
                    ),
                };
                self.tell("starts", text);
            }
            RequestEventKind::HandedOver {
                server,
                attendant: Some(attendant),
            } => {
                let name = self.attendant(server, attendant).to_owned();
                let begun = self.server(server).attendants[attendant as usize].since;
                let done = self.desk.lasting(event.time.since(begun));
                let fate = match self.desk.faults.work {
                    InterruptedWork::Restart => format!("the {done} of work done are done again"),
                    InterruptedWork::Resume => format!("the {done} of work done are kept"),
                    InterruptedWork::Lost => "the work is lost".to_owned(),
                };
                let text = format!(
                    "{name} {} and interrupts it; {fate}. It goes back to the supervisor, ahead of \
                     the buffer.",
                    self.why_interrupted(server, attendant)
                );
                self.tell("interrupted", text);
            }
            RequestEventKind::HandedOver {
                server,
                attendant: None,
            } => {
                let text = format!(
                    "Nobody with its skill is up any more at server {}, where it waited: it goes back to \
                     the supervisor, ahead of the buffer.",
                    self.server(server).name
                );
                self.tell("handed over", text);
            }
            RequestEventKind::Moved {
                from,
                to,
                attendant,
            } => {
                let text = format!(
                    "{} of server {} has nothing to do and takes it over from the queue at {}.",
                    self.attendant(to, attendant),
                    self.server(to).name,
                    self.server(from).name
                );
                self.tell("moved", text);
            }
        }
    }

    /// Its attendant is slowed, or works at its own speed again.
    fn pace(&mut self, row: &FaultRecord) {
        let with = self.fold.whereabouts.get(&self.request);
        let (server, attendant) = (row.server, row.attendant);
        if !matches!(with, Some(&Whereabouts::With(s, a)) if (s, a) == (server, attendant)) {
            return;
        }
        let slowed = self.server(server).attendants[attendant as usize].slowed;
        let name = self.attendant(server, attendant).to_owned();
        match row.event {
            FaultEvent::Slow => {
                let text = format!("{name} is slowed, and goes on with it for longer.");
                self.tell("slowed", text);
            }
            FaultEvent::Repair if slowed => {
                let text = format!("{name} goes on with it at its own speed again.");
                self.tell("repaired", text);
            }
            _ => {}
        }
    }

    /// The fault comes after, so that only shifts are known here.
    fn why_interrupted(&self, server: u32, attendant: u32) -> &'static str {
        let group = &self.desk.servers[server as usize];
        let shift = group.shift(attendant as usize);
        let ends = shift.is_some_and(|shift| {
            let now = self.now.get() - self.desk.on_clock(0.0).get();
            let spells = self.desk.shifts[shift].joined();
            let mut spells = spells.take_while(|spell| spell[0] < now);
            spells.any(|spell| spell[1] == now)
        });
        if ends { "goes off duty" } else { "goes down" }
    }

    fn ended(&mut self, row: &RequestRecord) {
        self.row = Some(*row);
        let by = row.server.zip(row.attendant);
        let by = by.map_or(String::new(), |(s, a)| self.attendant(s, a).to_owned());
        let waited = row
            .first_start
            .map_or(0.0, |start| start.since(row.arrival));
        match row.outcome {
            RequestOutcome::Completed => {
                let last_step = if self.desk.steps().is_some() {
                    1.0
                } else {
                    0.0
                };
                let sojourn = row
                    .end
                    .map_or(0.0, |end| end.since(row.arrival) + last_step);
                let text = format!(
                    "{by} completes it. It waited {} and was {} at the desk in all.",
                    self.desk.lasting(waited),
                    self.desk.lasting(sojourn)
                );
                self.tell("completed", text);
            }
            RequestOutcome::Rejected => {
                let full = match self.desk.system_capacity {
                    Some(_) => "no place at the desk",
                    None => "no place in the buffer",
                };
                let text = format!("It finds {full}, and is rejected.");
                self.tell("rejected", text);
            }
            RequestOutcome::Abandoned => {
                let waited = row.end.map_or(0.0, |end| end.since(row.arrival));
                let text = format!(
                    "Its patience is at an end after {}: it gives up.",
                    self.desk.lasting(waited)
                );
                self.tell("abandoned", text);
            }
            RequestOutcome::Failed => {
                let text = match self.desk.faults.work {
                    InterruptedWork::Lost => {
                        format!(
                            "{by} goes down and interrupts it; its work is lost: it has failed."
                        )
                    }
                    _ => format!(
                        "{by} goes down and interrupts it in attempt {}, its last: it has failed.",
                        row.attempts
                    ),
                };
                self.tell("failed", text);
            }
            // The event before said so, or the end of the run will.
            RequestOutcome::TimedOut | RequestOutcome::InSystem => {}
        }
    }

    /// Why each server could not be given the request, as things stand when requests go to servers.
    fn refuse(&mut self) {
        let Some(class) = self.class() else {
            return;
        };
        self.refusals.clear();
        for (index, server) in self.fold.room.servers.iter().enumerate() {
            let skilled = skilled(server, class);
            if skilled.is_empty() {
                continue;
            }
            let down: Vec<String> = down_of(&skilled);
            if down.len() == skilled.len() {
                self.refusals.push(Refusal::NobodyUp(Reason {
                    server: server.name.clone(),
                    text: format!("nobody with its skill is up ({})", away(&skilled)),
                }));
            } else if server.capacity.is_some_and(|most| server.held() >= most) {
                self.refusals.push(Refusal::Full(index, server.held()));
            }
        }
    }

    /// Those reasons in words. Who is in service at a server that was full is told as the row of the step
    /// has it, after services have begun.
    fn reasons(&self, class: usize) -> Vec<Hindrance> {
        let reason = |refusal: &Refusal| {
            let (index, held) = match refusal {
                Refusal::NobodyUp(reason) => return Hindrance::steady(reason.clone()),
                Refusal::Full(index, held) => (*index, *held),
            };
            let server = &self.fold.room.servers[index];
            let (in_service, waiting) = (server.in_service(), server.waiting);
            let full = match in_service + waiting == held {
                true => format!("full: holds {},", of(held, server.capacity)),
                false => "was full when requests were given out;".to_owned(),
            };
            let reason = Reason {
                server: server.name.clone(),
                text: format!("{full} {in_service} in service and {waiting} waiting"),
            };
            Hindrance {
                reason,
                lasting: "was full when requests were given out".to_owned(),
            }
        };
        let mut why: Vec<Hindrance> = self.refusals.iter().map(reason).collect();
        if self.desk.queue == Queue::Central {
            let others = self.fold.room.servers.iter();
            let others =
                others.filter(|server| why.iter().all(|known| known.reason.server != server.name));
            let busy: Vec<Hindrance> = others
                .filter_map(|server| all_busy(server, class))
                .collect();
            why.extend(busy);
            let servers = &self.fold.room.servers;
            why.sort_by_key(|why| servers.iter().position(|one| one.name == why.reason.server));
        }
        why
    }

    /// At the end of a step: if it waits, who is ahead and why nobody took it.
    fn wait(&mut self) {
        let Some(class) = self.class() else {
            return;
        };
        let place = self.fold.whereabouts.get(&self.request).copied();
        let (place, why) = match place {
            Some(Whereabouts::Buffer) => ("waits in the buffer".to_owned(), self.reasons(class)),
            Some(Whereabouts::HandedOver) => {
                let text = "waits with the supervisor, ahead of the buffer".to_owned();
                (text, self.reasons(class))
            }
            Some(Whereabouts::WaitingAt(server)) => {
                let name = &self.server(server).name;
                (
                    format!("waits at server {name}"),
                    self.nobody_free(class, server),
                )
            }
            Some(Whereabouts::With(..)) | None => return,
        };
        let ahead = self.ahead();
        let now = Wait { place, ahead, why };
        let stepped = self.desk.steps().is_some();
        let told = |step: &str, behind: String| match stepped {
            true => format!("At the end of {step} step it {}, {behind}.", now.place),
            false => format!("It {}, {behind}.", now.place),
        };
        let behind = |ahead: &[u64]| match ahead {
            [] => "nobody ahead of it".to_owned(),
            some => format!("behind {}", marked(some)),
        };
        // A wait goes on: as long as only fewer are ahead of it, it is one.
        if let Some(last) = self.chapters.last_mut()
            && last.event == "waits"
            && (!stepped || last.until.after(1.0) == self.now)
            && self.wait.goes_on_in(&now)
        {
            let left = now.ahead.len() as u64;
            let fewer = match (last.ahead.len() as u64, left) {
                (before, left) if before == left => String::new(),
                (_, 0) => "; in the end nobody is ahead of it".to_owned(),
                _ => format!(
                    "; in the end {left} {} still ahead of it",
                    agreeing(left, "is", "are")
                ),
            };
            last.until = self.now;
            last.text = told("each", behind(&last.ahead) + &fewer);
            for (reason, other) in last.reasons.iter_mut().zip(&now.why) {
                if *reason != other.reason {
                    reason.text.clone_from(&other.lasting);
                }
            }
            self.wait = now;
            return;
        }
        self.chapters.push(Chapter {
            from: self.now,
            until: self.now,
            clock: None,
            event: "waits",
            text: told("the", behind(&now.ahead)),
            ahead: now.ahead.clone(),
            reasons: now.why.iter().map(|why| why.reason.clone()).collect(),
        });
        self.wait = now;
    }

    /// Why nobody with the skill serves one who waits at a server: there, and where rebalancing could
    /// have moved it.
    fn nobody_free(&self, class: usize, here: u32) -> Vec<Hindrance> {
        let mut reasons = Vec::new();
        for (index, server) in (0..).zip(&self.fold.room.servers) {
            let skilled = skilled(server, class);
            if skilled.is_empty() || (index != here && !self.desk.rebalance) {
                continue;
            }
            let busy = skilled.iter().filter_map(|attendant| {
                let serving = attendant.serving?;
                Some((&attendant.name, serving.request))
            });
            let busy: Vec<_> = busy.collect();
            let named = busy.iter();
            let named = named.map(|(name, request)| format!("{name} serves #{request}"));
            let mut parts: Vec<String> = named.collect();
            for attendant in &skilled {
                let word = match attendant.state {
                    AttendantState::Down => "down",
                    AttendantState::Off => "off duty",
                    AttendantState::Busy if attendant.serving.is_none() => {
                        "at work after a service"
                    }
                    _ => continue,
                };
                parts.push(format!("{} is {word}", attendant.name));
            }
            let free = skilled.len() - parts.len();
            if free > 0 {
                // Rebalancing gives somebody free no work only where the server is full.
                let when = match server.capacity.is_some_and(|most| server.held() >= most) {
                    true => format!("holds {}", of(server.held(), server.capacity)),
                    false => "was full when work was moved".to_owned(),
                };
                let free = of_them(free as u64, "free attendant");
                parts.push(format!(
                    "it {when}, so that its {free} could take nobody over"
                ));
            }
            let others = busy.iter().map(|(name, _)| format!("{name} serves others"));
            let others: Vec<String> = others.chain(parts[busy.len()..].iter().cloned()).collect();
            reasons.push(Hindrance {
                reason: Reason {
                    server: server.name.clone(),
                    text: listed(&parts),
                },
                lasting: listed(&others),
            });
        }
        reasons
    }

    /// Those who wait at the same place and come before it.
    fn ahead(&self) -> Vec<u64> {
        let rank = |request: u64| {
            let (class, arrival) = self.known.get(&request).copied().unwrap_or((0, Time::ZERO));
            let place = self.fold.whereabouts.get(&request).copied();
            let (group, place) = match place {
                Some(Whereabouts::HandedOver) => (0, u32::MAX),
                Some(Whereabouts::Buffer) => (1, u32::MAX),
                Some(Whereabouts::WaitingAt(server)) => (0, server),
                Some(Whereabouts::With(..)) | None => return None,
            };
            let priority = self.desk.classes[class as usize].priority;
            Some((place, (group, Reverse(priority), arrival, request)))
        };
        let Some((here, own)) = rank(self.request) else {
            return Vec::new();
        };
        let others = self.fold.whereabouts.keys().filter_map(|&other| {
            let (place, order) = rank(other)?;
            (place == here && order < own).then_some((order, other))
        });
        let mut others: Vec<_> = others.collect();
        others.sort_unstable();
        others.into_iter().map(|(_, request)| request).collect()
    }
}

/// The attendants of a server who can serve this class.
fn skilled(server: &ServerRoom, class: usize) -> Vec<&super::super::room::AttendantRoom> {
    let attendants = server.attendants.iter();
    attendants
        .filter(|attendant| attendant.skills.contains(&class))
        .collect()
}

fn down_of(attendants: &[&super::super::room::AttendantRoom]) -> Vec<String> {
    let down = attendants.iter().filter(|attendant| {
        attendant.state == AttendantState::Down || attendant.state == AttendantState::Off
    });
    down.map(|attendant| attendant.name.clone()).collect()
}

/// That all attendants of a server who can serve this class and are there are at work, if they are.
fn all_busy(server: &ServerRoom, class: usize) -> Option<Hindrance> {
    /// Attendants who are named.
    const NAMED: usize = 4;
    let skilled = skilled(server, class);
    let at_work = skilled.iter();
    let at_work = at_work.filter(|attendant| attendant.state == AttendantState::Busy);
    let names: Vec<String> = at_work.map(|attendant| attendant.name.clone()).collect();
    if names.is_empty() || names.len() + down_of(&skilled).len() < skilled.len() {
        return None;
    }
    let busy = match names.len() {
        0..=NAMED => format!("{} busy", listed(&names)),
        number => format!("{number} busy"),
    };
    let away = away(&skilled);
    let away = match away.as_str() {
        "" => String::new(),
        away => format!(", {away}"),
    };
    Some(Hindrance::steady(Reason {
        server: server.name.clone(),
        text: format!("nobody with its skill is free ({busy}{away})"),
    }))
}

/// Who of these attendants is down, and who is off duty.
fn away(attendants: &[&super::super::room::AttendantRoom]) -> String {
    let states = [
        (AttendantState::Down, "down"),
        (AttendantState::Off, "off duty"),
    ];
    let parts = states.iter().filter_map(|(state, word)| {
        let of_it = attendants
            .iter()
            .filter(|attendant| attendant.state == *state);
        let names: Vec<String> = of_it.map(|attendant| attendant.name.clone()).collect();
        (!names.is_empty()).then(|| format!("{} {word}", listed(&names)))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// `4 of 5`, or `4` where there is no limit.
fn of(held: u64, capacity: Option<u64>) -> String {
    match capacity {
        Some(capacity) => format!("{held} of {capacity}"),
        None => held.to_string(),
    }
}
