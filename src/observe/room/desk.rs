//! The room of a desk: servers with their attendants, the buffer, counters, the last steps.
//!
//! A desk that counts steps is shown as in phase 6: an attendant who completes a service in a step is shown busy until
//! an event of the next step is known, or services of one step would never be visible. In continuous time the attendant
//! is free at once.

use crate::actor::Recorder;
use crate::scenario::Desk;
use crate::station::{
    FaultEvent, FaultRecord, Happening, RequestEvent, RequestEventKind, RequestOutcome,
    RequestRecord, StepRecord,
};
use crate::time::Time;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// Number of entries kept of each series.
const SERIES: usize = 240;

/// The present state of a desk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeskRoom {
    /// The scenario's name.
    pub name: String,
    /// Whether it counts steps.
    pub stepped: bool,
    /// The time at which arrivals end, counted from 0: the number of steps of a desk that counts them.
    pub span: f64,
    /// The last step completed, 0 before the first; or the last instant.
    pub time: Time,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// The servers, in file order.
    pub servers: Vec<ServerRoom>,
    /// Requests with the supervisor.
    pub buffer: BufferRoom,
    /// Counts of requests so far.
    pub counts: DeskCounts,
    /// The last steps.
    pub series: DeskSeries,
    /// The whole run.
    #[serde(skip)]
    pub course: DeskCourse,
}

/// A server and its attendants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServerRoom {
    /// Its name.
    pub name: String,
    /// The most requests it holds; `None` for no limit.
    pub capacity: Option<u64>,
    /// Requests waiting here.
    pub waiting: u64,
    /// Its attendants, by number.
    pub attendants: Vec<AttendantRoom>,
}

impl ServerRoom {
    /// Requests in service here.
    #[must_use]
    pub fn in_service(&self) -> u64 {
        let serves = |attendant: &&AttendantRoom| attendant.serving.is_some();
        self.attendants.iter().filter(serves).count() as u64
    }

    /// Requests held here, in service and waiting.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.in_service() + self.waiting
    }
}

/// An attendant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttendantRoom {
    /// Its name.
    pub name: String,
    /// The classes it serves, by index.
    pub skills: Vec<usize>,
    /// Its state.
    pub state: AttendantState,
    /// Step or time at which it entered that state.
    pub since: Time,
    /// The request it serves, if it is busy.
    pub serving: Option<InService>,
    /// Number of requests it has completed.
    pub completed: u64,
    /// Number of times it went down or was slowed.
    pub faults: u64,
    /// Whether it is slowed.
    pub slowed: bool,
}

/// The state of an attendant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AttendantState {
    /// Up, without work.
    Idle,
    /// Serving.
    Busy,
    /// Down.
    Down,
    /// Off duty.
    Off,
}

/// A request in service.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct InService {
    /// Its number.
    pub request: u64,
    /// Its class, by index.
    pub class: u32,
    /// The number of the attempt, from 1.
    pub attempt: u64,
    /// The step or instant at which the service ends if nothing interrupts it.
    pub ends: Time,
}

/// Requests with the supervisor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BufferRoom {
    /// In the buffer.
    pub length: u64,
    /// Its capacity; `None` for no limit.
    pub capacity: Option<u64>,
    /// Handed over by servers, waiting ahead of the buffer.
    pub handed_over: u64,
}

/// Counts of requests so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeskCounts {
    /// Generated, rejected ones included.
    pub generated: u64,
    /// Completed.
    pub completed: u64,
    /// Rejected for want of a place.
    pub rejected: u64,
    /// Gave up waiting.
    pub abandoned: u64,
    /// Interrupted once too often, or with their work lost.
    pub failed: u64,
    /// Withdrawn because their clients had waited too long.
    pub timed_out: u64,
    /// Interrupted in service.
    pub interrupted: u64,
    /// Handed over, or moved to a free attendant.
    pub reallocated: u64,
    /// Faults of attendants.
    pub faults: u64,
}

/// The last steps, or intervals of equal length in continuous time, the newest last; all lists have the same length.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeskSeries {
    /// The length of an entry.
    pub width: f64,
    /// Number of entries so far, including those no longer kept.
    pub entries: u64,
    /// Completed in it.
    pub completed: VecDeque<u64>,
    /// Rejected, abandoned or failed in it.
    pub lost: VecDeque<u64>,
    /// In the buffer at its end.
    pub buffer: VecDeque<u64>,
}

impl DeskSeries {
    fn new(width: f64) -> DeskSeries {
        DeskSeries {
            width,
            entries: 0,
            completed: VecDeque::new(),
            lost: VecDeque::new(),
            buffer: VecDeque::new(),
        }
    }

    /// Adds a row at this time after the start.
    fn add(&mut self, time: f64, row: &StepRecord) {
        let place = (time / self.width) as u64;
        let before = self.buffer.back().copied().unwrap_or(0);
        // Entries older than the series reaches need not be filled in.
        self.entries = self.entries.max(place.saturating_sub(SERIES as u64));
        while self.entries <= place {
            self.entries += 1;
            for (list, value) in [
                (&mut self.completed, 0),
                (&mut self.lost, 0),
                (&mut self.buffer, before),
            ] {
                if list.len() == SERIES {
                    list.pop_front();
                }
                list.push_back(value);
            }
        }
        if let (Some(completed), Some(lost), Some(buffer)) = (
            self.completed.back_mut(),
            self.lost.back_mut(),
            self.buffer.back_mut(),
        ) {
            *completed += row.completed;
            *lost += row.rejected + row.abandoned + row.failed + row.timed_out;
            *buffer = row.buffer;
        }
    }
}

/// A run from its beginning, in spells of equal length: of one step, or of more the longer the run is.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskCourse {
    /// The length of a spell.
    pub width: f64,
    /// The spells.
    pub spells: Vec<Spell>,
    /// In the buffer now.
    buffer: u64,
}

/// Counts of a spell of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spell {
    /// Number of rows it contains; for a desk that counts steps, of its steps so far.
    pub rows: u64,
    /// Completed in it.
    pub completed: u64,
    /// Rejected, abandoned, failed or timed out in it.
    pub lost: u64,
    /// In the buffer at its end; over several steps, the greatest number at the end of one.
    pub buffer: u64,
}

impl DeskCourse {
    fn new(width: f64) -> DeskCourse {
        DeskCourse {
            width,
            spells: Vec::new(),
            buffer: 0,
        }
    }

    /// Adds a row at this time after the start.
    fn add(&mut self, time: f64, row: &StepRecord) {
        while time / self.width >= SERIES as f64 {
            self.width *= 2.0;
            let pairs = self.spells.chunks(2);
            self.spells = pairs
                .map(|pair| pair.iter().copied().fold(Spell::default(), Spell::with))
                .collect();
        }
        let place = (time / self.width) as usize;
        while self.spells.len() <= place {
            self.spells.push(Spell {
                buffer: if self.spells.len() < place {
                    self.buffer
                } else {
                    0
                },
                ..Spell::default()
            });
        }
        let now = Spell {
            rows: 1,
            completed: row.completed,
            lost: row.rejected + row.abandoned + row.failed + row.timed_out,
            buffer: row.buffer,
        };
        self.spells[place] = self.spells[place].with(now);
        self.buffer = row.buffer;
    }
}

impl Spell {
    /// Combines both into one spell.
    fn with(self, other: Spell) -> Spell {
        Spell {
            rows: self.rows + other.rows,
            completed: self.completed + other.completed,
            lost: self.lost + other.lost,
            buffer: self.buffer.max(other.buffer),
        }
    }
}

/// Keeps the room of a desk that is run with [`Recording::Everything`](crate::actor::Recording).
#[derive(Debug)]
pub struct DeskWatch(Mutex<Fold>);

impl DeskWatch {
    /// The room before the first step.
    #[must_use]
    pub fn new(desk: &Desk) -> DeskWatch {
        DeskWatch(Mutex::new(Fold::new(desk)))
    }

    /// The present room.
    #[must_use]
    pub fn room(&self) -> DeskRoom {
        self.0.lock().room.clone()
    }
}

impl Recorder<Happening> for DeskWatch {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut fold = self.0.lock();
        records.iter().for_each(|record| fold.take(record));
    }
}

/// The place of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::observe) enum Whereabouts {
    Buffer,
    HandedOver,
    WaitingAt(u32),
    With(u32, u32),
}

/// The room, and the place of each request.
#[derive(Debug)]
pub(in crate::observe) struct Fold {
    pub(in crate::observe) room: DeskRoom,
    pub(in crate::observe) whereabouts: BTreeMap<u64, Whereabouts>,
    /// Attendants who completed a service: the step, the server and the attendant.
    finishing: Vec<(Time, u32, u32)>,
    /// Attendants in wrap-up: its last step or the instant of its end, the server and the attendant.
    wrapping: Vec<(Time, u32, u32)>,
}

impl Fold {
    pub(in crate::observe) fn new(desk: &Desk) -> Fold {
        let server = |(index, group): (usize, &crate::scenario::ServerGroup)| ServerRoom {
            name: group.name.clone(),
            capacity: group.capacity,
            waiting: 0,
            attendants: (0..)
                .zip(&group.attendants)
                .map(|(number, skills)| AttendantRoom {
                    name: group.attendant(number),
                    skills: skills.iter().map(|skill| skill.class).collect(),
                    state: match desk.begins_on_duty(index, number as usize) {
                        true => AttendantState::Idle,
                        false => AttendantState::Off,
                    },
                    slowed: false,
                    since: Time::ZERO,
                    serving: None,
                    completed: 0,
                    faults: 0,
                })
                .collect(),
        };
        let width = match desk.steps() {
            Some(_) => 1.0,
            None => desk.span() / SERIES as f64,
        };
        Fold {
            room: DeskRoom {
                name: desk.name.clone(),
                stepped: desk.steps().is_some(),
                span: desk.span(),
                time: Time::ZERO,
                classes: desk
                    .classes
                    .iter()
                    .map(|class| class.name.clone())
                    .collect(),
                servers: desk.servers.iter().enumerate().map(server).collect(),
                buffer: BufferRoom {
                    capacity: desk.buffer,
                    ..BufferRoom::default()
                },
                counts: DeskCounts::default(),
                series: DeskSeries::new(width),
                course: DeskCourse::new(width),
            },
            whereabouts: BTreeMap::new(),
            finishing: Vec::new(),
            wrapping: Vec::new(),
        }
    }

    pub(in crate::observe) fn take(&mut self, record: &Happening) {
        match record {
            Happening::Step(row) => self.step(row),
            Happening::Ended(row) => self.end(row),
            Happening::Fault(row) => self.fault(row),
            Happening::Request(event) => self.event(event),
            _ => {}
        }
    }

    fn attendant(&mut self, (server, attendant): (u32, u32)) -> &mut AttendantRoom {
        &mut self.room.servers[server as usize].attendants[attendant as usize]
    }

    /// Advances to this time: attendants who completed a service before it become free.
    pub(in crate::observe) fn reach(&mut self, time: Time) {
        while let Some(place) = self.finishing.iter().position(|done| done.0 < time) {
            let (done, server, attendant) = self.finishing.swap_remove(place);
            let who = self.attendant((server, attendant));
            who.state = AttendantState::Idle;
            who.serving = None;
            who.since = done.after(1.0);
        }
        let stepped = self.room.stepped;
        let over = |done: Time| if stepped { done < time } else { done <= time };
        while let Some(place) = self.wrapping.iter().position(|done| over(done.0)) {
            let (done, server, attendant) = self.wrapping.swap_remove(place);
            let who = self.attendant((server, attendant));
            who.state = AttendantState::Idle;
            who.since = if stepped { done.after(1.0) } else { done };
        }
    }

    fn step(&mut self, row: &StepRecord) {
        self.reach(row.time);
        self.room.time = row.time;
        self.room.counts.interrupted += row.interrupted;
        self.room.counts.reallocated += row.reallocated;
        let origin = if self.room.stepped { 1.0 } else { 0.0 };
        self.room.series.add(row.time.get() - origin, row);
        self.room.course.add(row.time.get() - origin, row);
    }

    fn event(&mut self, event: &RequestEvent) {
        self.reach(event.time);
        let now = match event.kind {
            RequestEventKind::Arrived => {
                self.room.counts.generated += 1;
                Whereabouts::Buffer
            }
            RequestEventKind::HandedOver { .. } => Whereabouts::HandedOver,
            RequestEventKind::Dispatched { server } => Whereabouts::WaitingAt(server),
            // Its row follows.
            RequestEventKind::GaveUp { .. } | RequestEventKind::TimedOut { .. } => return,
            RequestEventKind::ComesAgain { .. } => return,
            RequestEventKind::WrapUp {
                server,
                attendant,
                lasts,
            } => return self.wrap_up(event.time, (server, attendant), lasts),
            RequestEventKind::SpeedChanged {
                server,
                attendant,
                lasts,
            } => return self.change_speed(event.time, (server, attendant), lasts),
            // It has no place until its service starts there.
            RequestEventKind::Moved { .. } => return self.leave(event.request),
            RequestEventKind::Started {
                server,
                attendant,
                attempt,
                lasts,
            } => {
                let last_step = if self.room.stepped { 1.0 } else { 0.0 };
                let who = self.attendant((server, attendant));
                who.state = AttendantState::Busy;
                who.since = event.time;
                who.serving = Some(InService {
                    request: event.request,
                    class: event.class,
                    attempt,
                    ends: event.time.after(lasts - last_step),
                });
                Whereabouts::With(server, attendant)
            }
        };
        self.leave(event.request);
        match now {
            Whereabouts::Buffer => self.room.buffer.length += 1,
            Whereabouts::HandedOver => self.room.buffer.handed_over += 1,
            Whereabouts::WaitingAt(server) => self.room.servers[server as usize].waiting += 1,
            Whereabouts::With(..) => {}
        }
        self.whereabouts.insert(event.request, now);
    }

    /// Begins a wrap-up, at the end of a service, whose row comes first.
    fn wrap_up(&mut self, now: Time, place: (u32, u32), lasts: f64) {
        self.finishing.retain(|done| (done.1, done.2) != place);
        let stepped = self.room.stepped;
        let who = self.attendant(place);
        let since = if stepped { now.after(1.0) } else { now };
        who.state = AttendantState::Busy;
        who.serving = None;
        who.since = since;
        // In steps, the wrap-up ends with the step before the one in which the attendant is free.
        let last_step = if stepped { 1.0 } else { 0.0 };
        let over = Time::at(since.after(lasts).get() - last_step);
        self.wrapping.push((over, place.0, place.1));
    }

    /// Moves the end of the service or wrap-up of an attendant whose speed changes.
    fn change_speed(&mut self, now: Time, place: (u32, u32), lasts: f64) {
        let last_step = if self.room.stepped { 1.0 } else { 0.0 };
        let over = now.after(lasts - last_step);
        for done in &mut self.wrapping {
            if (done.1, done.2) == place {
                done.0 = over;
            }
        }
        if let Some(serving) = &mut self.attendant(place).serving {
            serving.ends = over;
        }
    }

    /// Removes a request from its place.
    fn leave(&mut self, request: u64) {
        match self.whereabouts.remove(&request) {
            Some(Whereabouts::Buffer) => self.room.buffer.length -= 1,
            Some(Whereabouts::HandedOver) => self.room.buffer.handed_over -= 1,
            Some(Whereabouts::WaitingAt(server)) => {
                self.room.servers[server as usize].waiting -= 1;
            }
            Some(Whereabouts::With(server, attendant)) => {
                let who = self.attendant((server, attendant));
                if who
                    .serving
                    .is_some_and(|serving| serving.request == request)
                {
                    who.serving = None;
                    who.state = AttendantState::Idle;
                }
            }
            None => {}
        }
    }

    /// Records the end of a request.
    fn end(&mut self, row: &RequestRecord) {
        let Some(time) = row.end else {
            // The run ended first: the request stays where it is.
            return;
        };
        self.reach(time);
        let counts = &mut self.room.counts;
        match row.outcome {
            RequestOutcome::Completed => counts.completed += 1,
            RequestOutcome::Rejected => counts.rejected += 1,
            RequestOutcome::Abandoned => counts.abandoned += 1,
            RequestOutcome::Failed => counts.failed += 1,
            RequestOutcome::TimedOut => counts.timed_out += 1,
            RequestOutcome::InSystem => {}
        }
        let with =
            (row.server.zip(row.attendant)).filter(|_| row.outcome == RequestOutcome::Completed);
        match with {
            Some(place) => {
                self.whereabouts.remove(&row.id);
                let stepped = self.room.stepped;
                let who = self.attendant(place);
                who.completed += 1;
                if stepped {
                    self.finishing.push((time, place.0, place.1));
                } else {
                    who.state = AttendantState::Idle;
                    who.serving = None;
                    who.since = time;
                }
            }
            None => self.leave(row.id),
        }
    }

    fn fault(&mut self, row: &FaultRecord) {
        self.reach(row.time);
        let fault = matches!(row.event, FaultEvent::Fault | FaultEvent::Slow);
        self.room.counts.faults += u64::from(fault);
        let place = (row.server, row.attendant);
        if matches!(row.event, FaultEvent::Fault | FaultEvent::OffDuty) {
            self.wrapping.retain(|done| (done.1, done.2) != place);
        }
        let who = self.attendant(place);
        who.faults += u64::from(fault);
        let state = match row.event {
            FaultEvent::Fault => AttendantState::Down,
            FaultEvent::OnDuty if row.waits => AttendantState::Down,
            FaultEvent::Repair if who.state == AttendantState::Down => AttendantState::Idle,
            FaultEvent::OnDuty => AttendantState::Idle,
            FaultEvent::OffDuty => AttendantState::Off,
            // Its activity does not change.
            FaultEvent::Repair | FaultEvent::Slow => {
                who.slowed = row.event == FaultEvent::Slow;
                return;
            }
        };
        who.slowed &= state != AttendantState::Down && state != AttendantState::Off;
        (who.state, who.since) = (state, row.time);
    }
}
