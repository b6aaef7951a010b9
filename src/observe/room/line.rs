//! The room of a line at an instant: its stages with their waiting customers, and the states of the servers.
//!
//! A stage records a visit as soon as it is known, which may be long before the clock shown reaches it. Visits are
//! therefore kept until they are past, and the room is made for a given time.

use super::people::PeopleFold;
use crate::actor::Recorder;
use crate::scenario::{Horizon, LineArrivals, Tandem};
use crate::station::{Happening, Visit};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// Number of samples kept.
const SAMPLES: usize = 240;

/// The most visits kept before those past for the first stage are counted and dropped, even if no view asks for the
/// room.
const VISITS_MAX: usize = 200_000;

/// A line at an instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineRoom {
    /// The scenario's name.
    pub name: String,
    /// The name of the time unit.
    pub time_unit: Option<String>,
    /// The instant.
    pub clock: f64,
    /// Number of customers that reach the line in all, if that is the horizon.
    pub customers: Option<u64>,
    /// Time of the last arrivals, if that is the horizon.
    pub until: Option<f64>,
    /// Counts of customers so far.
    pub counts: LineCounts,
    /// The stages, in order.
    pub stages: Vec<StageRoom>,
    /// Samples of earlier instants.
    pub samples: VecDeque<LineSample>,
}

/// Counts of customers so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LineCounts {
    /// Reached the line, lost ones included.
    pub arrived: u64,
    /// Found no place.
    pub lost: u64,
    /// Left the line served.
    pub departed: u64,
    /// In the line now.
    pub present: u64,
    /// Left it otherwise; only with people and machines.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub early: Option<LeftEarly>,
}

/// Counts of customers who left a line without being served to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftEarly {
    /// Did not join a queue.
    pub balked: u64,
    /// Gave up waiting.
    pub abandoned: u64,
    /// Failed with their server.
    pub failed: u64,
    /// Left as scrap.
    pub scrapped: u64,
}

/// A stage at an instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageRoom {
    /// Its name.
    pub name: String,
    /// Number of waiting places; `None` for no limit.
    pub buffer: Option<u64>,
    /// Customers waiting.
    pub waiting: u64,
    /// The servers, by number.
    pub servers: Vec<ServerState>,
    /// Customers in service, if there are as many servers as customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_service: Option<u64>,
    /// Customers who have left it.
    pub departed: u64,
}

impl StageRoom {
    /// Number of servers in service.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.count(|state| matches!(state, ServerState::Busy { .. }))
    }

    /// Number of servers held by a customer who is blocked.
    #[must_use]
    pub fn blocked(&self) -> usize {
        self.count(|state| matches!(state, ServerState::Blocked { .. }))
    }

    /// Number of servers in a state of this kind.
    #[must_use]
    pub fn count(&self, is: fn(&ServerState) -> bool) -> usize {
        self.servers.iter().filter(|state| is(state)).count()
    }

    /// Number of servers that are free and have no customer to serve.
    #[must_use]
    pub fn starved(&self) -> usize {
        self.count(|state| matches!(state, ServerState::Idle))
    }
}

/// The state of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum ServerState {
    /// It serves no customer.
    Idle,
    /// It serves this customer.
    Busy {
        /// The customer's number.
        customer: u64,
    },
    /// This customer's service has ended, and it waits for a place at the next stage.
    Blocked {
        /// The customer's number.
        customer: u64,
    },
    /// It is set up for this customer.
    SetUp {
        /// The customer's number.
        customer: u64,
    },
    /// It is under repair, or waits for it.
    Down {
        /// The customer whose work waits for the repair.
        #[serde(skip_serializing_if = "Option::is_none")]
        customer: Option<u64>,
    },
    /// It is off duty.
    Off,
}

impl ServerState {
    /// The customer that it holds.
    #[must_use]
    pub fn customer(self) -> Option<u64> {
        match self {
            ServerState::Busy { customer }
            | ServerState::Blocked { customer }
            | ServerState::SetUp { customer } => Some(customer),
            ServerState::Down { customer } => customer,
            ServerState::Idle | ServerState::Off => None,
        }
    }
}

/// The state of the line at an earlier instant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LineSample {
    /// The instant.
    pub clock: f64,
    /// Number of customers that had left the line.
    pub departed: u64,
    /// Number of customers in it.
    pub present: u64,
}

/// Keeps the room of a line that is run with [`Recording::Everything`](crate::actor::Recording).
#[derive(Debug)]
pub struct LineWatch(Mutex<Kept>);

/// The data kept of a line.
#[derive(Debug)]
enum Kept {
    Visits(Fold),
    People(PeopleFold),
}

impl LineWatch {
    /// The room before the first arrival.
    #[must_use]
    pub fn new(line: &Tandem) -> LineWatch {
        LineWatch(Mutex::new(match line.is_plain() {
            true => Kept::Visits(Fold::new(line)),
            false => Kept::People(PeopleFold::new(line)),
        }))
    }

    /// The room at this time, which must not decrease from call to call.
    #[must_use]
    pub fn room(&self, clock: f64) -> LineRoom {
        match &mut *self.0.lock() {
            Kept::Visits(fold) => {
                fold.pass(clock);
                fold.room(clock)
            }
            Kept::People(fold) => fold.room(clock),
        }
    }

    /// The latest departure from the line known so far, or the latest event with people and machines.
    #[must_use]
    pub fn last_departure(&self) -> f64 {
        match &*self.0.lock() {
            Kept::Visits(fold) => fold.last_departure,
            Kept::People(fold) => fold.last_event,
        }
    }
}

impl Recorder<Happening> for LineWatch {
    fn record(&self, records: &mut Vec<Happening>) {
        match &mut *self.0.lock() {
            Kept::Visits(fold) => {
                records.iter().for_each(|record| fold.take(record));
                if fold.visits > VISITS_MAX {
                    let reached = fold.reached;
                    fold.pass(reached);
                }
            }
            Kept::People(fold) => records.iter().for_each(|record| fold.take(record)),
        }
    }
}

/// A visit as far as it is known.
#[derive(Clone, Copy, Debug)]
struct Stay {
    arrival: f64,
    /// Once the service has begun: whether the departure is certain, and the rest.
    visit: Option<(bool, Visit)>,
}

#[derive(Debug)]
struct Station {
    name: String,
    buffer: Option<u64>,
    servers: u32,
    /// By customer, until they are past.
    stays: BTreeMap<u64, Stay>,
    departed: u64,
}

#[derive(Debug)]
struct Fold {
    title: Title,
    /// Whether the first stage makes its own customers, who arrive when they are served.
    saturated: bool,
    stations: Vec<Station>,
    /// Times at which customers were lost.
    losses: VecDeque<f64>,
    counts: LineCounts,
    samples: Samples,
    visits: usize,
    /// The latest arrival known at the first stage.
    reached: f64,
    last_departure: f64,
}

impl Fold {
    fn new(line: &Tandem) -> Fold {
        let station = |stage: &crate::scenario::Stage| Station {
            name: stage.name.clone(),
            buffer: stage.buffer,
            servers: stage.servers.most().unwrap_or(0),
            stays: BTreeMap::new(),
            departed: 0,
        };
        Fold {
            title: Title::of(line),
            saturated: line.arrivals == LineArrivals::Saturated,
            stations: line.stages.iter().map(station).collect(),
            losses: VecDeque::new(),
            counts: LineCounts::default(),
            samples: Samples::default(),
            visits: 0,
            reached: 0.0,
            last_departure: 0.0,
        }
    }

    fn take(&mut self, event: &Happening) {
        let (stage, customer, stay) = match *event {
            Happening::Reached {
                stage,
                customer,
                time: arrival,
            } => {
                let visit = None;
                (stage, customer, Stay { arrival, visit })
            }
            Happening::Began(visit) => (visit.stage, visit.customer, Stay::of(visit, false)),
            Happening::Left(visit) => {
                if visit.stage as usize + 1 == self.stations.len() {
                    self.last_departure = self.last_departure.max(visit.departure);
                }
                (visit.stage, visit.customer, Stay::of(visit, true))
            }
            Happening::Lost { customer, time } => {
                if self.stations[0].stays.remove(&customer).is_some() {
                    self.visits -= 1;
                }
                return self.losses.push_back(time);
            }
            _ => return,
        };
        if stage == 0 {
            self.reached = self.reached.max(stay.arrival);
        }
        let before = self.stations[stage as usize].stays.insert(customer, stay);
        self.visits += usize::from(before.is_none());
    }

    /// Counts the visits that are over at this time, and drops them.
    fn pass(&mut self, clock: f64) {
        let last = self.stations.len() - 1;
        for (position, station) in self.stations.iter_mut().enumerate() {
            let gone = |stay: &Stay| {
                let certain = stay.visit.filter(|(certain, _)| *certain);
                certain.is_some_and(|(_, visit)| visit.departure <= clock)
            };
            let before = station.stays.len();
            station.stays.retain(|_, stay| !gone(stay));
            let left = before - station.stays.len();
            self.visits -= left;
            station.departed += left as u64;
            if position == last {
                self.counts.departed += left as u64;
            }
        }
        while self.losses.pop_front_if(|time| *time <= clock).is_some() {
            self.counts.lost += 1;
        }
    }

    fn room(&mut self, clock: f64) -> LineRoom {
        let saturated = self.saturated;
        let stages: Vec<StageRoom> = self
            .stations
            .iter()
            .enumerate()
            .map(|(position, station)| station.room(clock, saturated && position == 0))
            .collect();
        let here = |stay: &&Stay| stay.arrival <= clock;
        let present_at = |station: &Station| station.stays.values().filter(here).count() as u64;
        let first = &self.stations[0];
        let waiting_nowhere = if saturated {
            stages[0]
                .servers
                .iter()
                .filter(|state| **state != ServerState::Idle)
                .count() as u64
        } else {
            present_at(first)
        };
        let mut counts = self.counts;
        counts.arrived = first.departed + waiting_nowhere + counts.lost;
        counts.present = counts.arrived - counts.lost - counts.departed;
        self.samples.add(clock, &counts);
        self.title.room(clock, counts, stages, &self.samples)
    }
}

/// The part of a room that does not change.
#[derive(Debug)]
pub(super) struct Title {
    name: String,
    time_unit: Option<String>,
    horizon: Horizon,
}

impl Title {
    pub(super) fn of(line: &Tandem) -> Title {
        Title {
            name: line.name.clone(),
            time_unit: line.time_unit.clone(),
            horizon: line.horizon,
        }
    }

    /// The room at a time.
    pub(super) fn room(
        &self,
        clock: f64,
        counts: LineCounts,
        stages: Vec<StageRoom>,
        samples: &Samples,
    ) -> LineRoom {
        LineRoom {
            name: self.name.clone(),
            time_unit: self.time_unit.clone(),
            clock,
            customers: match self.horizon {
                Horizon::Customers(customers) => Some(customers),
                Horizon::Until(_) => None,
            },
            until: match self.horizon {
                Horizon::Customers(_) => None,
                Horizon::Until(until) => Some(until),
            },
            counts,
            stages,
            samples: samples.kept.clone(),
        }
    }
}

/// Samples over time, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Samples {
    kept: VecDeque<LineSample>,
    /// The least time between two samples.
    width: f64,
}

impl Samples {
    /// Keeps a sample if it is far enough from the last; if there are too many, drops every other one.
    pub(super) fn add(&mut self, clock: f64, counts: &LineCounts) {
        let last = self.kept.back();
        if last.is_some_and(|last| clock < last.clock + self.width || clock == last.clock) {
            return;
        }
        self.kept.push_back(LineSample {
            clock,
            departed: counts.departed,
            present: counts.present,
        });
        if self.kept.len() > SAMPLES {
            let mut keep = false;
            self.kept.retain(|_| {
                keep = !keep;
                keep
            });
            let (first, last) = (self.kept[0], self.kept[self.kept.len() - 1]);
            self.width = (last.clock - first.clock) / self.kept.len() as f64;
        }
    }
}

impl Stay {
    fn of(visit: Visit, certain: bool) -> Stay {
        Stay {
            arrival: visit.arrival,
            visit: Some((certain, visit)),
        }
    }
}

impl Station {
    fn room(&self, clock: f64, saturated: bool) -> StageRoom {
        let mut servers = vec![ServerState::Idle; self.servers as usize];
        let mut waiting = 0;
        for (&customer, stay) in &self.stays {
            if stay.arrival > clock {
                continue;
            }
            match stay.visit {
                Some((certain, visit)) if visit.service_start <= clock => {
                    // Blocking is known only when the customer leaves; until then it counts as in service.
                    let blocked = certain && visit.service_end <= clock;
                    servers[visit.server as usize - 1] = if blocked {
                        ServerState::Blocked { customer }
                    } else {
                        ServerState::Busy { customer }
                    };
                }
                _ => waiting += u64::from(!saturated),
            }
        }
        StageRoom {
            name: self.name.clone(),
            buffer: self.buffer,
            waiting,
            servers,
            in_service: None,
            departed: self.departed,
        }
    }
}
