//! The life of a request of a desk.
//!
//! - here: its events, in order;
//! - `waits`: its place of waiting, the requests ahead of it, and why no server takes it.

mod waits;

use super::super::room::ServerRoom;
use super::super::room::desk::{Fold, Whereabouts};
use super::Chapter;
use crate::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use crate::desk;
use crate::digest::Digest;
use crate::number::of_them;
use crate::scenario::{Desk, InterruptedWork};
use crate::station::{
    FaultEvent, FaultRecord, Happening, RequestEvent, RequestEventKind, RequestOutcome,
    RequestRecord,
};
use crate::time::Time;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::BTreeMap;
use waits::{Refusal, Wait, of};

/// The life of one request, as `filas explain` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequestLife {
    /// Its number.
    pub request: u64,
    /// The name of its class.
    pub class: String,
    /// Its outcome, as in the `requests` table.
    pub outcome: &'static str,
    /// Step or time of its arrival.
    pub arrival: Time,
    /// Step or time at which its service first began.
    pub first_start: Option<Time>,
    /// Step or time of its end.
    pub end: Option<Time>,
    /// Number of times its service began.
    pub attempts: u64,
    /// Its events and waits, in order.
    pub chapters: Vec<Chapter<Time>>,
}

/// Repeats a run and follows one request. Returns the run's digest, the number of requests generated, and the life of
/// the request if it exists.
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

/// The present state of a desk, and the request that is followed.
struct Following<'a> {
    desk: &'a Desk,
    request: u64,
    fold: Fold,
    /// Class and arrival of each request in the system.
    known: BTreeMap<u64, (u32, Time)>,
    now: Time,
    /// The reasons why servers could not take the request when requests were dispatched in this step.
    refusals: Vec<Refusal>,
    /// The present state of the wait in the last chapter.
    wait: Wait,
    /// Requests with an event since that wait was last updated.
    moved: Vec<u64>,
    row: Option<RequestRecord>,
    chapters: Vec<Chapter<Time>>,
    /// Requests whose clients retry: the request, the time of the retry, the delay, and the number of the attempt.
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
            moved: Vec::new(),
            row: None,
            chapters: Vec::new(),
            returns: Vec::new(),
        }
    }

    /// The life of the request, if it exists; `end` is the time on the clock at which the run ended, if that is not its
    /// last step.
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
            // A request that is in the system when the run ends has no end of its own.
            Happening::Ended(row) => row.end.unwrap_or(self.now),
            _ => return,
        };
        if now > self.now {
            self.now = now;
            self.fold.reach(now);
            self.refuse();
        }
        match record {
            Happening::Request(event) => self.moved.push(event.request),
            Happening::Ended(row) => self.moved.push(row.id),
            _ => {}
        }
        self.before(record);
        self.fold.take(record);
        self.after(record);
    }

    /// Handles what depends on the state before the event.
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
        // The buffer already counts it.
        let before = buffer.length - 1;
        let places = match buffer.capacity {
            Some(_) => format!("the buffer holds {}", of(before, buffer.capacity)),
            None => format!("{} in the buffer", of_them(before, "request")),
        };
        let text = format!("#{} arrives, of class {class}; {places}.", event.request);
        self.tell("arrives", text);
    }

    /// Adds, after its arrival, that it is a retry, and of which request if only one can be meant.
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
            // The row that follows reports it.
            RequestEventKind::Arrived | RequestEventKind::GaveUp { .. } => {}
            // The slow-down or repair reports it.
            RequestEventKind::SpeedChanged { .. } => {}
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

    /// Adds that its attendant is slowed, or works at its own speed again.
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

    /// The reason for an interruption. A fault is recorded after it, so only the end of a shift can be known here.
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
            // The event before reported it, or the end of the run will.
            RequestOutcome::TimedOut | RequestOutcome::InSystem => {}
        }
    }
}
