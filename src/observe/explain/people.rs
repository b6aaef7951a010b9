//! The life of a customer of a line of people and machines. The run is repeated with every change of state recorded:
//! the state of the stations gives the customers ahead, and the activity of each server meanwhile.

use super::line::{CustomerLife, at, idle_for_a_place, instant, long};
use super::{Chapter, Reason, listed, marked};
use crate::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use crate::digest::Digest;
use crate::number::of_them;
use crate::observe::floor::Floor;
use crate::observe::room::ServerState;
use crate::scenario::Tandem;
use crate::station::{
    CustomerEnd, CutOff, Happening, Onward, StationEvent, StationEventKind as Event, VisitOutcome,
};
use crate::tandem::{self, CHUNK};
use parking_lot::Mutex;

/// The most spells of a server listed for one wait.
const SHOWN: usize = 3;

/// Repeats a run and follows one customer; see [`explain_customer`](super::explain_customer).
pub(super) fn explain(
    line: &Tandem,
    customer: u64,
) -> Result<(Digest, u64, Option<CustomerLife>), RunError> {
    let follower = Follower(Mutex::new(Teller::new(line, customer)));
    let around = Surroundings {
        conductor: &(),
        recorder: &follower,
    };
    let everything = Recording::Everything;
    let outcome = tandem::run(line, 0, Runtime::Inline, CHUNK, everything, around)?;
    let teller = follower.0.into_inner();
    let arrived = outcome.summary.customers.arrived;
    let life = teller.life(outcome.summary.clock);
    Ok((outcome.digest, arrived, life))
}

struct Follower<'a>(Mutex<Teller<'a>>);

impl Recorder<Happening> for Follower<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut teller = self.0.lock();
        for record in records.drain(..) {
            match record {
                Happening::Station(event) => teller.take(&event),
                Happening::Finished(end) if end.customer == teller.customer => {
                    teller.end = Some(end);
                }
                _ => {}
            }
        }
    }
}

/// The life of the customer so far, and the state of the line.
struct Teller<'a> {
    line: &'a Tandem,
    customer: u64,
    floor: Floor,
    chapters: Vec<Chapter<f64>>,
    wait: Option<Wait>,
    /// Time at which its work was interrupted at a server that keeps it, or at which it was blocked.
    held: Option<f64>,
    /// The stage and server that a customer of higher priority is about to take from it.
    preempted: Option<(u32, u32)>,
    /// Its present stage.
    stage: u32,
    end: Option<CustomerEnd>,
}

/// A wait underway.
struct Wait {
    from: f64,
    /// Customers at the station when it began.
    before: Vec<u64>,
    /// Customers who have taken a server since.
    took: Vec<u64>,
    /// By server: its states, each with its start and end.
    spells: Vec<Vec<(ServerState, f64, f64)>>,
}

impl<'a> Teller<'a> {
    fn new(line: &'a Tandem, customer: u64) -> Teller<'a> {
        Teller {
            line,
            customer,
            floor: Floor::new(line),
            chapters: Vec::new(),
            wait: None,
            held: None,
            preempted: None,
            stage: 0,
            end: None,
        }
    }

    fn name(&self, stage: u32) -> &'a str {
        &self.line.stages[stage as usize].name
    }

    /// `server 2 of press`, or `press` if servers have no numbers.
    fn server(&self, event: &StationEvent) -> String {
        match event.server {
            Some(server) => format!("server {server} of {}", self.name(event.stage)),
            None => self.name(event.stage).to_owned(),
        }
    }

    fn tell(&mut self, time: f64, event: &'static str, text: String) {
        self.chapters.push(at(time, event, text));
    }

    fn take(&mut self, event: &StationEvent) {
        let is_own = event.customer.map(|who| who.number) == Some(self.customer);
        let changed = self.floor.take(event);
        if let Some(wait) = self.wait.as_mut().filter(|_| event.stage == self.stage) {
            if let (Some((state, since)), Some(server)) = (changed, event.server) {
                let from = since.max(wait.from);
                wait.spells[server as usize - 1].push((state, from, event.time));
            }
            let takes = matches!(
                event.kind,
                Event::SetUp { .. } | Event::Began { .. } | Event::Resumed { .. }
            );
            if let Some(who) = event.customer.filter(|_| takes && !is_own)
                && !wait.took.contains(&who.number)
                && self.preempted.is_none()
            {
                wait.took.push(who.number);
            }
        }
        if is_own {
            self.own(event);
        } else if self.preempted.is_some()
            && self.preempted == event.server.map(|server| (event.stage, server))
            && let Some(who) = event.customer
        {
            self.preempted = None;
            let text = format!(
                "#{}, of higher priority, takes {}; it waits again, at the head of its own priority.",
                who.number,
                self.server(event)
            );
            // The wait that follows began at this event.
            self.tell(event.time, "cut off", text);
        }
    }

    fn own(&mut self, event: &StationEvent) {
        let (time, name) = (event.time, self.name(event.stage));
        let (model, noun) = (self.model(), self.line.noun());
        let server = self.server(event);
        match event.kind {
            Event::Arrived => {
                let text = match self.chapters.is_empty() {
                    true => format!("#{} reaches the {model}, at {noun} {name}.", self.customer),
                    false => format!("It reaches {noun} {name}."),
                };
                self.tell(time, "reaches", text);
                self.stage = event.stage;
                self.begin_wait(time);
            }
            Event::Lost => {
                let text = format!("It finds no place at {name}, and is lost.");
                self.turned_away(event, "lost", text);
            }
            Event::Balked { found } => {
                let would = of_them(found, "customer");
                let text = format!("It would wait at {name} behind {would}, and does not join.");
                self.turned_away(event, "balks", text);
            }
            Event::SetUp { lasts, .. } => {
                self.end_pause(time);
                let text = format!(
                    "{} is set up for it, for {}.",
                    capital(&server),
                    self.long(lasts)
                );
                self.tell(time, "set-up", text);
            }
            Event::Began { work, .. } => {
                self.end_pause(time);
                let work = self.long(work);
                let text = match event.server {
                    Some(_) => format!("{} begins to serve it, {work} of work.", capital(&server)),
                    None => format!("Its service at {name} begins, for {work}."),
                };
                self.tell(time, "starts", text);
            }
            Event::Resumed { left } => {
                self.end_pause(time);
                let left = self.long(left);
                let text = format!("{} goes on with it, {left} of work left.", capital(&server));
                self.tell(time, "goes on", text);
            }
            Event::CutOff { stays: true, .. } => self.held = Some(time),
            Event::CutOff { by, .. } => {
                match by {
                    CutOff::Preemption => {
                        self.preempted = event.server.map(|server| (event.stage, server));
                    }
                    CutOff::Fault | CutOff::Plan => {
                        let goes = if by == CutOff::Plan {
                            "off duty"
                        } else {
                            "down"
                        };
                        let text = format!(
                            "{} goes {goes}; it waits again, at the head of its priority.",
                            capital(&server)
                        );
                        self.tell(time, "cut off", text);
                    }
                }
                self.held = None;
                self.begin_wait(time);
            }
            Event::Blocked => self.held = Some(time),
            Event::GaveUp { waited } => {
                self.end_pause(time);
                let text = format!(
                    "Its patience of {} ends, and it leaves the {model}.",
                    self.long(waited)
                );
                self.tell(time, "gives up", text);
            }
            Event::Failed => {
                let text = format!(
                    "{} goes down, and its work is lost: it has failed.",
                    capital(&server)
                );
                self.tell(time, "fails", text);
            }
            Event::Left { blocked, to } => {
                if blocked > 0.0 {
                    self.blocked(event, blocked, to);
                }
                self.held = None;
                if to == Onward::Scrap {
                    self.tell(time, "scrapped", format!("It leaves {name} as scrap."));
                }
            }
            Event::Down | Event::Slowed { .. } | Event::Up | Event::OnDuty | Event::OffDuty => {}
        }
    }

    /// The word for all the stations together.
    fn model(&self) -> &'static str {
        match self.line.is_network() {
            true => "network",
            false => "line",
        }
    }

    fn long(&self, duration: f64) -> String {
        long(self.line, duration)
    }

    /// Adds that the customer is lost or balks, with the state of the station.
    fn turned_away(&mut self, event: &StationEvent, kind: &'static str, text: String) {
        if self.chapters.is_empty() {
            let reaches = format!("#{} reaches the {}.", self.customer, self.model());
            self.tell(event.time, "reaches", reaches);
        }
        let station = &self.floor.stations[event.stage as usize];
        let reasons = (1..).zip(&station.servers).map(|(number, server)| Reason {
            server: format!("{} {number}", self.name(event.stage)),
            text: doing(server.state()),
        });
        self.chapters.push(Chapter {
            reasons: reasons.collect(),
            ahead: station.waiting.iter().copied().collect(),
            ..at(event.time, kind, text)
        });
    }

    fn begin_wait(&mut self, from: f64) {
        let station = &self.floor.stations[self.stage as usize];
        let served = station.states().filter_map(ServerState::customer);
        self.wait = Some(Wait {
            from,
            before: station.waiting.iter().copied().chain(served).collect(),
            took: Vec::new(),
            spells: vec![Vec::new(); station.servers.len()],
        });
    }

    /// Ends its wait, or the pause while its server was down.
    fn end_pause(&mut self, time: f64) {
        if let Some(wait) = self.wait.take() {
            self.end_wait(&wait, time);
        }
        if let Some(from) = self.held.take().filter(|&from| from < time) {
            let text = format!(
                "Its server goes down and keeps it for {}, until it is repaired.",
                self.long(time - from)
            );
            self.chapters.push(Chapter {
                until: time,
                ..at(from, "cut off", text)
            });
        }
    }

    fn end_wait(&mut self, wait: &Wait, time: f64) {
        if time <= wait.from {
            return;
        }
        let station = &self.floor.stations[self.stage as usize];
        let took = wait.took.iter().copied();
        let (ahead, overtook): (Vec<u64>, Vec<u64>) =
            took.partition(|one| wait.before.contains(one));
        let mut text = format!(
            "It waits {} at {}",
            self.long(time - wait.from),
            self.name(self.stage)
        );
        text += &match ahead.as_slice() {
            [] => ", nobody ahead of it".to_owned(),
            some => format!(", behind {}", marked(some)),
        };
        match overtook.as_slice() {
            [] => {}
            some => text += &format!("; {} came later and went first", marked(some)),
        }
        let mut reasons = Vec::new();
        for ((number, server), spells) in (1..).zip(&station.servers).zip(&wait.spells) {
            let mut spells = spells.clone();
            let from = server.since.max(wait.from);
            if server.state().customer() != Some(self.customer) {
                spells.push((server.state(), from, f64::INFINITY));
            }
            spells.retain(|&(_, from, to)| to > from && from < time);
            reasons.push(Reason {
                server: format!("{} {number}", self.name(self.stage)),
                text: self.spells(&spells),
            });
        }
        self.chapters.push(Chapter {
            until: time,
            ahead,
            reasons,
            ..at(wait.from, "waits", text + ".")
        });
    }

    /// The activity of a server during a wait, in order.
    fn spells(&self, spells: &[(ServerState, f64, f64)]) -> String {
        let told = spells.iter().take(SHOWN).map(|&(state, from, to)| {
            let doing = match state {
                ServerState::Idle => idle_for_a_place(self.line, self.stage, from),
                state => doing(state),
            };
            match to.is_finite() {
                true => format!("{doing} until {}", instant(self.line, to)),
                false => doing,
            }
        });
        let mut told: Vec<String> = told.collect();
        if spells.len() > SHOWN {
            told.push(of_them((spells.len() - SHOWN) as u64, "more spell"));
        }
        match told.as_slice() {
            [] => "takes it".to_owned(),
            told => listed(told),
        }
    }

    /// Adds a spell of blocking after service.
    fn blocked(&mut self, event: &StationEvent, blocked: f64, to: Onward) {
        let Onward::Station(next) = to else {
            return;
        };
        let station = &self.floor.stations[next as usize];
        let text = format!(
            "It is served, and holds its server for {} more: no place of {} is free.",
            self.long(blocked),
            self.name(next)
        );
        self.chapters.push(Chapter {
            until: event.time,
            ahead: station.waiting.iter().copied().collect(),
            ..at(event.time - blocked, "blocked", text)
        });
    }

    /// The life of the customer, if it exists.
    fn life(mut self, clock: f64) -> Option<CustomerLife> {
        let end = self.end?;
        match end.outcome {
            VisitOutcome::Served => {
                let text = format!(
                    "It leaves the {}: {} waited, {} in service, {} blocked.",
                    self.model(),
                    self.long(end.waiting),
                    self.long(end.service),
                    self.long(end.blocked)
                );
                self.tell(end.departure.unwrap_or(clock), "leaves", text);
            }
            VisitOutcome::Unfinished => {
                if let Some(wait) = self.wait.take() {
                    self.end_wait(&wait, clock);
                }
                let text = format!("The run ends; it is still at {}.", self.name(self.stage));
                self.tell(clock, "unfinished", text);
            }
            _ => {}
        }
        let chapters = self.chapters.into_iter();
        let start = self.line.start;
        Some(CustomerLife {
            customer: end.customer,
            outcome: end.outcome.name(),
            arrival: end.arrival,
            departure: end.departure,
            waiting: end.waiting,
            service: end.service,
            blocked: end.blocked,
            chapters: chapters
                .map(|chapter| chapter.by(start, |time| time))
                .collect(),
        })
    }
}

/// The state of a server, in words.
fn doing(state: ServerState) -> String {
    match state {
        ServerState::Idle => "idle".to_owned(),
        ServerState::Busy { customer } => format!("serves #{customer}"),
        ServerState::Blocked { customer } => format!("held by #{customer}"),
        ServerState::SetUp { customer } => format!("set up for #{customer}"),
        ServerState::Down { customer: None } => "down".to_owned(),
        ServerState::Down {
            customer: Some(customer),
        } => format!("down with #{customer}"),
        ServerState::Off => "off duty".to_owned(),
    }
}

fn capital(text: &str) -> String {
    crate::study::answer::capital(text)
}
