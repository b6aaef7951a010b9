//! The state at an instant of the stations of a line with people and machines, folded from their events: the customers
//! waiting, and the state of each server. The live view, the timeline and the explanation of a life use it.

use super::room::ServerState;
use crate::scenario::Tandem;
use crate::station::{Onward, StationEvent, StationEventKind as Event};
use std::collections::{BTreeSet, VecDeque};

/// The stations, in order.
#[derive(Clone, Debug)]
pub(super) struct Floor {
    pub(super) stations: Vec<Station>,
    pub(super) ends: Ends,
}

/// The number of customers that have arrived, and of those that have left, by outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    pub(super) arrived: u64,
    pub(super) departed: u64,
    pub(super) lost: u64,
    pub(super) balked: u64,
    pub(super) abandoned: u64,
    pub(super) failed: u64,
    pub(super) scrapped: u64,
}

/// A station at an instant.
#[derive(Clone, Debug)]
pub(super) struct Station {
    /// Customers without a server, in order of arrival; those interrupted stand at the head.
    pub(super) waiting: VecDeque<u64>,
    pub(super) servers: Vec<Server>,
    /// Customers in service, if servers have no numbers.
    pub(super) served: BTreeSet<u64>,
    /// Customers who have left after their service.
    pub(super) departed: u64,
}

/// A server at an instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server {
    holds: Holds,
    up: bool,
    on_duty: bool,
    /// Time at which it entered its state.
    pub(super) since: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Nobody,
    SettingUp(u64),
    Serving(u64),
    Blocked(u64),
    Stopped(u64),
}

impl Server {
    /// The server's state; of several that apply, the first, as in the summary.
    pub(super) fn state(&self) -> ServerState {
        match self.holds {
            Holds::Blocked(customer) => ServerState::Blocked { customer },
            Holds::Stopped(customer) => ServerState::Down {
                customer: Some(customer),
            },
            Holds::SettingUp(customer) => ServerState::SetUp { customer },
            Holds::Serving(customer) => ServerState::Busy { customer },
            Holds::Nobody if !self.on_duty => ServerState::Off,
            Holds::Nobody if !self.up => ServerState::Down { customer: None },
            Holds::Nobody => ServerState::Idle,
        }
    }
}

impl Station {
    /// Removes a customer who takes a server or gives up from the queue.
    fn wait_no_more(&mut self, customer: u64) {
        let place = self.waiting.iter().position(|&one| one == customer);
        place.map(|place| self.waiting.remove(place));
    }

    /// The states of the servers, by number.
    pub(super) fn states(&self) -> impl Iterator<Item = ServerState> {
        self.servers.iter().map(Server::state)
    }
}

impl Floor {
    /// The stations before the first arrival.
    pub(super) fn new(line: &Tandem) -> Floor {
        let station = |stage: &crate::scenario::Stage| {
            let most = stage.servers.most();
            let most = most.filter(|_| !stage.is_unnumbered()).unwrap_or(0);
            let on_duty = stage.servers.at_first().unwrap_or(0);
            let servers = (0..most).map(|number| Server {
                holds: Holds::Nobody,
                up: true,
                on_duty: number < on_duty,
                since: 0.0,
            });
            Station {
                waiting: VecDeque::new(),
                servers: servers.collect(),
                served: BTreeSet::new(),
                departed: 0,
            }
        };
        Floor {
            stations: line.stages.iter().map(station).collect(),
            ends: Ends::default(),
        }
    }

    /// Number of customers in the line.
    pub(super) fn present(&self) -> u64 {
        let ends = &self.ends;
        let early = ends.balked + ends.abandoned + ends.failed + ends.scrapped;
        ends.arrived - ends.lost - ends.departed - early
    }

    /// Applies an event. Returns the former state of its server and the start of that state, if the state has changed.
    pub(super) fn take(&mut self, event: &StationEvent) -> Option<(ServerState, f64)> {
        self.count(event);
        let station = &mut self.stations[event.stage as usize];
        let customer = event.customer.map_or(0, |who| who.number);
        match event.kind {
            Event::Arrived => station.waiting.push_back(customer),
            Event::CutOff { stays: false, .. } => station.waiting.push_front(customer),
            Event::GaveUp { .. } => station.wait_no_more(customer),
            Event::SetUp { .. } | Event::Began { .. } | Event::Resumed { .. } => {
                station.wait_no_more(customer);
                if event.server.is_none() {
                    station.served.insert(customer);
                }
            }
            Event::Left { .. } => {
                station.served.remove(&customer);
                station.departed += 1;
            }
            _ => {}
        }
        let server = &mut station.servers[event.server? as usize - 1];
        let before = (server.state(), server.since);
        match event.kind {
            Event::SetUp { .. } => server.holds = Holds::SettingUp(customer),
            Event::Began { .. } | Event::Resumed { .. } => server.holds = Holds::Serving(customer),
            Event::CutOff { stays: true, .. } => server.holds = Holds::Stopped(customer),
            Event::Blocked => server.holds = Holds::Blocked(customer),
            Event::CutOff { stays: false, .. } | Event::Left { .. } | Event::Failed => {
                server.holds = Holds::Nobody;
            }
            Event::Down => server.up = false,
            Event::Up => server.up = true,
            Event::OnDuty => server.on_duty = true,
            Event::OffDuty => server.on_duty = false,
            _ => {}
        }
        if server.state() == before.0 {
            return None;
        }
        server.since = event.time;
        Some(before)
    }

    fn count(&mut self, event: &StationEvent) {
        let ends = &mut self.ends;
        if let Some(who) = event.customer {
            // Customers are numbered in order of arrival, those lost included.
            ends.arrived = ends.arrived.max(who.number);
        }
        match event.kind {
            Event::Lost => ends.lost += 1,
            Event::Balked { .. } => ends.balked += 1,
            Event::GaveUp { .. } => ends.abandoned += 1,
            Event::Failed => ends.failed += 1,
            Event::Left {
                to: Onward::Out, ..
            } => ends.departed += 1,
            Event::Left {
                to: Onward::Scrap, ..
            } => ends.scrapped += 1,
            _ => {}
        }
    }
}
