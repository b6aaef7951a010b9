//! The timeline of a desk. Step s lasts from s - 1 to s; continuous time is not changed.

use super::{Event, Trace, Track};
use crate::scenario::Desk;
use crate::station::{
    FaultEvent, FaultRecord, Happening, RequestEvent, RequestEventKind, RequestOutcome,
    RequestRecord, StepRecord,
};
use crate::time::Time;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The process of the desk itself, for its counters.
const DESK: usize = 0;

/// The track of a server that marks requests taken away from its queue.
const QUEUE: usize = 0;

/// The service in progress of an attendant.
#[derive(Clone, Copy, Debug)]
struct Service {
    request: u64,
    class: u32,
    attempt: u64,
    since: Time,
}

/// A time off duty or slowed: its name, the server and attendant, and its start.
type Spell = (&'static str, (u32, u32), f64);

/// A wrap-up.
#[derive(Clone, Copy, Debug)]
struct Wrap {
    request: u64,
    place: (u32, u32),
    since: f64,
    end: f64,
}

/// The trace of a desk.
#[derive(Debug)]
pub(super) struct DeskTimeline<W> {
    trace: Trace<W>,
    name: String,
    classes: Vec<String>,
    servers: Vec<String>,
    /// By server and attendant.
    services: Vec<Vec<Option<Service>>>,
    down: Vec<Vec<Option<Time>>>,
    waiting: Vec<Counter>,
    levels: [Counter; 6],
    /// By request: the number of its arrows so far, and the start of the next one.
    arrows: BTreeMap<u64, (u64, Option<(Track, f64)>)>,
    /// The server at which each request waits.
    queues: BTreeMap<u64, u32>,
    /// Wrap-ups underway, and spells off duty or slowed.
    wraps: Vec<Wrap>,
    spells: Vec<Spell>,
    /// The events of the step. Servers act concurrently, so they are put in order before they are written.
    events: Vec<Event>,
    /// Both ends of the arrows of the step, with their numbers.
    flows: Vec<(u64, [Event; 2])>,
    /// The time at which step 1 begins.
    origin: f64,
    stepped: bool,
}

/// A counter, written when it has changed.
#[derive(Clone, Debug, Default)]
struct Counter {
    value: u64,
    written: Option<u64>,
}

/// The spells of attendants who begin off duty.
fn off_at_first(desk: &Desk) -> Vec<Spell> {
    let mut off = Vec::new();
    for (server, group) in desk.servers.iter().enumerate() {
        for attendant in 0..group.attendants.len() {
            if !desk.begins_on_duty(server, attendant) {
                off.push(("off duty", (server as u32, attendant as u32), 0.0));
            }
        }
    }
    off
}

fn track(server: u32, attendant: u32) -> Track {
    (server as usize + 1, attendant as usize + 1)
}

impl<W: Write> DeskTimeline<W> {
    pub(super) fn begin(desk: &Desk, mut trace: Trace<W>) -> io::Result<DeskTimeline<W>> {
        let mut about: Vec<Event> = Event::process(DESK, &desk.name).into();
        for (index, server) in (0..).zip(&desk.servers) {
            let pid = index as usize + 1;
            about.extend(Event::process(pid, &server.name));
            about.push(Event::track((pid, QUEUE), "taken away from the queue"));
            for number in 0..server.attendants.len() as u32 {
                about.push(Event::track(
                    track(index, number),
                    &server.attendant(number),
                ));
            }
        }
        about.iter().try_for_each(|event| trace.put(event))?;
        let sizes = desk.servers.iter().map(|server| server.attendants.len());
        Ok(DeskTimeline {
            trace,
            name: desk.name.clone(),
            classes: desk
                .classes
                .iter()
                .map(|class| class.name.clone())
                .collect(),
            servers: desk
                .servers
                .iter()
                .map(|server| server.name.clone())
                .collect(),
            services: sizes.clone().map(|size| vec![None; size]).collect(),
            down: sizes.map(|size| vec![None; size]).collect(),
            waiting: vec![Counter::default(); desk.servers.len()],
            levels: Default::default(),
            arrows: BTreeMap::new(),
            queues: BTreeMap::new(),
            wraps: Vec::new(),
            spells: off_at_first(desk),
            events: Vec::new(),
            flows: Vec::new(),
            origin: desk.on_clock(0.0).get(),
            stepped: desk.steps().is_some(),
        })
    }

    pub(super) fn take(&mut self, record: &Happening) -> io::Result<()> {
        match record {
            Happening::Request(event) => self.event(event),
            Happening::Ended(row) => self.end(row),
            Happening::Fault(row) => self.fault(row),
            Happening::Step(row) => return self.step(row),
            _ => {}
        }
        Ok(())
    }

    /// The beginning of the turn at this time.
    fn begin_of(&self, time: Time) -> f64 {
        time.get() - self.origin
    }

    fn event(&mut self, event: &RequestEvent) {
        let begin = self.begin_of(event.time);
        match event.kind {
            RequestEventKind::Arrived | RequestEventKind::GaveUp { .. } => {}
            RequestEventKind::ComesAgain { .. } => {}
            RequestEventKind::TimedOut {
                withdrawn, with, ..
            } => {
                if let (true, Some(place)) = (withdrawn, with) {
                    self.close(place, begin, "withdrawn: its client waited too long");
                }
                let how = if withdrawn {
                    ""
                } else {
                    ", and its work goes on"
                };
                let name = format!("#{} waited too long{how}", event.request);
                self.events
                    .push(Event::instant(name, "loss", (DESK, 0), begin));
            }
            RequestEventKind::WrapUp {
                server,
                attendant,
                lasts,
            } => {
                let since = begin + self.last_step();
                self.wraps.push(Wrap {
                    request: event.request,
                    place: (server, attendant),
                    since,
                    end: since + lasts,
                });
            }
            RequestEventKind::SpeedChanged {
                server,
                attendant,
                lasts,
            } => {
                let place = (server, attendant);
                if let Some(wrap) = self.wraps.iter_mut().find(|wrap| wrap.place == place) {
                    wrap.end = begin + lasts;
                }
            }
            RequestEventKind::Dispatched { server } => {
                self.waiting[server as usize].value += 1;
                self.queues.insert(event.request, server);
            }
            RequestEventKind::HandedOver {
                server,
                attendant: Some(attendant),
            } => {
                self.close((server, attendant), begin, "interrupted");
                self.arrow_from(event.request, track(server, attendant), begin - 0.5);
            }
            RequestEventKind::HandedOver {
                server,
                attendant: None,
            } => self.taken_away(event, server, "nobody can serve it here"),
            RequestEventKind::Moved { from, to, .. } => {
                let whither = format!("to {}", self.servers[to as usize]);
                self.taken_away(event, from, &whither);
            }
            RequestEventKind::Started {
                server,
                attendant,
                attempt,
                ..
            } => {
                self.leave_queue(event.request);
                self.end_wrap((server, attendant), begin);
                self.services[server as usize][attendant as usize] = Some(Service {
                    request: event.request,
                    class: event.class,
                    attempt,
                    since: event.time,
                });
                self.arrow_to(event.request, track(server, attendant), begin);
            }
        }
    }

    /// The length of a turn: a step, or zero in continuous time.
    fn last_step(&self) -> f64 {
        if self.stepped { 1.0 } else { 0.0 }
    }

    /// Writes a wrap-up, up to `at` if it is interrupted.
    fn wrapped(&mut self, wrap: Wrap, at: f64) {
        let (server, attendant) = wrap.place;
        let end = wrap.end.min(at);
        if end > wrap.since {
            self.events.push(Event::slice(
                format!("#{} wrap-up", wrap.request),
                "wrap-up",
                track(server, attendant),
                (wrap.since, end),
                json!({ "request": wrap.request }),
            ));
        }
    }

    /// Ends the wrap-up of an attendant, complete or interrupted.
    fn end_wrap(&mut self, place: (u32, u32), at: f64) {
        if let Some(found) = self.wraps.iter().position(|wrap| wrap.place == place) {
            let wrap = self.wraps.remove(found);
            self.wrapped(wrap, at);
        }
    }

    fn leave_queue(&mut self, request: u64) {
        if let Some(server) = self.queues.remove(&request) {
            self.waiting[server as usize].value -= 1;
        }
    }

    /// Marks a request taken away from the queue of a server, from which an arrow leads on.
    fn taken_away(&mut self, event: &RequestEvent, server: u32, why: &str) {
        self.leave_queue(event.request);
        let begin = self.begin_of(event.time);
        let track = (server as usize + 1, QUEUE);
        let class = &self.classes[event.class as usize];
        self.events.push(Event::slice(
            format!("#{} {class}", event.request),
            "reallocation",
            track,
            (begin, begin + 0.25),
            json!({ "request": event.request, "why": why }),
        ));
        self.arrow_from(event.request, track, begin);
    }

    fn arrow_from(&mut self, request: u64, track: Track, ts: f64) {
        let arrow = self.arrows.entry(request).or_default();
        arrow.1 = Some((track, ts));
    }

    fn arrow_to(&mut self, request: u64, track: Track, ts: f64) {
        let Some(arrow) = self.arrows.get_mut(&request) else {
            return;
        };
        if let Some((from, since)) = arrow.1.take() {
            // Each arrow has its own number, the same on every engine.
            let id = request << 12 | (arrow.0 & 0xfff);
            arrow.0 += 1;
            let ends = [
                Event::arrow("s", id, from, since),
                Event::arrow("f", id, track, ts),
            ];
            self.flows.push((id, ends));
        }
    }

    /// Ends a service at this time.
    fn close(&mut self, (server, attendant): (u32, u32), at: f64, how: &str) {
        let service = self.services[server as usize][attendant as usize].take();
        if let Some(Service {
            request,
            class,
            attempt,
            since,
        }) = service
        {
            let class = &self.classes[class as usize];
            self.events.push(Event::slice(
                format!("#{request} {class}"),
                "service",
                track(server, attendant),
                (since.get() - self.origin, at),
                json!({ "request": request, "class": class, "attempt": attempt, "end": how }),
            ));
        }
    }

    fn end(&mut self, row: &RequestRecord) {
        self.arrows.remove(&row.id);
        let place = row.server.zip(row.attendant);
        match (row.outcome, row.end, place) {
            (RequestOutcome::Completed, Some(time), Some(place)) => {
                self.close(place, time.get(), "completed");
            }
            (RequestOutcome::Failed, Some(time), Some(place)) => {
                self.close(place, self.begin_of(time), "failed");
            }
            (RequestOutcome::Rejected, Some(time), _) => {
                let name = format!("#{} rejected", row.id);
                let at = self.begin_of(time);
                self.events
                    .push(Event::instant(name, "loss", (DESK, 0), at));
            }
            (RequestOutcome::TimedOut, ..) => self.leave_queue(row.id),
            (RequestOutcome::Abandoned, Some(time), _) => {
                self.leave_queue(row.id);
                let name = format!("#{} gave up", row.id);
                let at = self.begin_of(time);
                self.events
                    .push(Event::instant(name, "loss", (DESK, 0), at));
            }
            _ => {}
        }
    }

    fn fault(&mut self, row: &FaultRecord) {
        let since = &mut self.down[row.server as usize][row.attendant as usize];
        match row.event {
            FaultEvent::Fault => {
                *since = Some(row.time);
                let at = self.begin_of(row.time);
                self.end_wrap((row.server, row.attendant), at);
            }
            FaultEvent::Repair => {
                let since = since.take();
                let at = self.begin_of(row.time);
                self.up(row.server, row.attendant, since, at);
                self.end_spell(row, "slowed", at);
            }
            FaultEvent::Slow => self.begin_spell(row, "slowed"),
            FaultEvent::OffDuty => {
                let at = self.begin_of(row.time);
                let since = self.down[row.server as usize][row.attendant as usize].take();
                self.up(row.server, row.attendant, since, at);
                self.end_wrap((row.server, row.attendant), at);
                self.end_spell(row, "slowed", at);
                self.begin_spell(row, "off duty");
            }
            FaultEvent::OnDuty => {
                let at = self.begin_of(row.time);
                self.end_spell(row, "off duty", at);
                let since = &mut self.down[row.server as usize][row.attendant as usize];
                *since = row.waits.then_some(row.time);
            }
        }
    }

    fn begin_spell(&mut self, row: &FaultRecord, what: &'static str) {
        let place = (row.server, row.attendant);
        self.spells.push((what, place, self.begin_of(row.time)));
    }

    fn end_spell(&mut self, row: &FaultRecord, what: &'static str, at: f64) {
        let place = (row.server, row.attendant);
        let found = |spell: &Spell| (spell.0, spell.1) == (what, place);
        if let Some(found) = self.spells.iter().position(found) {
            let spell = self.spells.remove(found);
            self.spell(spell, at);
        }
    }

    fn spell(&mut self, (what, (server, attendant), since): Spell, at: f64) {
        let track = track(server, attendant);
        let lasts = at - since;
        let key = if self.stepped { "steps" } else { "time" };
        if lasts > 0.0 {
            self.events.push(Event::slice(
                what,
                "duty",
                track,
                (since, at),
                json!({ key: lasts }),
            ));
        }
    }

    fn up(&mut self, server: u32, attendant: u32, since: Option<Time>, at: f64) {
        if let Some(since) = since {
            let spell = (self.begin_of(since), at);
            let lasts = at - spell.0;
            let key = if self.stepped { "steps" } else { "time" };
            self.events.push(Event::slice(
                "down",
                "outage",
                track(server, attendant),
                spell,
                json!({ key: lasts }),
            ));
        }
    }

    /// Ends a step: writes its events, and the levels that have changed.
    fn step(&mut self, row: &StepRecord) -> io::Result<()> {
        self.write_events()?;
        let begin = self.begin_of(row.time);
        let names = [
            "buffer",
            "handed over",
            "waiting at servers",
            "in service",
            "attendants up",
            "on duty",
        ];
        let values = [
            row.buffer,
            row.handed_over,
            row.waiting_at_servers,
            row.in_service,
            row.attendants_up,
            row.on_duty,
        ];
        for ((counter, name), value) in self.levels.iter_mut().zip(names).zip(values) {
            counter.value = value;
            counter.write(&mut self.trace, name, DESK, begin)?;
        }
        for (server, counter) in self.waiting.iter_mut().enumerate() {
            let name = format!("waiting at {}", self.servers[server]);
            counter.write(&mut self.trace, &name, server + 1, begin)?;
        }
        Ok(())
    }

    fn write_events(&mut self) -> io::Result<()> {
        // The events of one attendant keep their order.
        self.events.sort_by_key(|event| (event.pid, event.tid));
        let events = std::mem::take(&mut self.events);
        events.iter().try_for_each(|event| self.trace.put(event))?;
        self.flows.sort_by_key(|flow| flow.0);
        let flows = std::mem::take(&mut self.flows);
        let mut ends = flows.iter().flat_map(|flow| &flow.1);
        ends.try_for_each(|event| self.trace.put(event))
    }

    /// Ends all open spells with the run.
    pub(super) fn finish(mut self, end: f64) -> io::Result<W> {
        let end = end - self.origin;
        for server in 0..self.services.len() as u32 {
            for attendant in 0..self.services[server as usize].len() as u32 {
                self.close((server, attendant), end, "the run ended");
                self.end_wrap((server, attendant), end);
                let since = self.down[server as usize][attendant as usize].take();
                self.up(server, attendant, since, end);
            }
        }
        for spell in std::mem::take(&mut self.spells) {
            self.spell(spell, end);
        }
        self.write_events()?;
        self.trace.end(&self.name)
    }
}

impl Counter {
    fn write<W: Write>(
        &mut self,
        trace: &mut Trace<W>,
        name: &str,
        pid: usize,
        ts: f64,
    ) -> io::Result<()> {
        if self.written != Some(self.value) {
            self.written = Some(self.value);
            trace.put(&Event::counter(name, pid, ts, self.value))?;
        }
        Ok(())
    }
}
