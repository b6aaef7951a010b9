//! Customers who leave a station: whose service has ended, who is blocked, who is let go, and who goes on where.

use super::coordinator::Coordinator;
use super::places::{At, Blocked, Leaving, Moving, Way};
use super::system::{Ends, Full};
use crate::scenario::To;
use crate::station::{
    Gone, Onward, Person, StationEvent, StationEventKind, StationVisit, Subject, VisitOutcome,
};
use std::cmp::Reverse;

impl Coordinator {
    /// Phase 1: customers whose services have ended leave, or are blocked, or lost.
    pub(super) fn decide(&mut self) {
        let mut ended = std::mem::take(&mut self.ended);
        if ended.len() > 1 {
            match self.ends {
                Ends::LaterFirst => ended.sort_by_key(|one| (Reverse(one.stage), one.began)),
                Ends::AsBegun => ended.sort_by_key(|one| {
                    let (began, order) = one.began;
                    (began, one.stage, order)
                }),
            }
        }
        for one in ended.drain(..) {
            let station = one.stage;
            let at = At {
                station,
                server: one.server,
            };
            let stations = &self.stations;
            let number = |station: u32| stations[station as usize].number();
            let way = self.routes.way(&one, number);
            if one.scrapped {
                self.give_back(station);
            }
            if !self.depart(at, way, one.number) {
                self.note_blocked(station);
                let (number, class) = (one.number, one.class);
                let numbered = self.stations[station as usize].servers < u64::from(u32::MAX);
                let server = numbered.then_some(at.server + 1);
                let who = Subject { number, class };
                self.tell(station, who, server, StationEventKind::Blocked);
            }
        }
        self.ended = ended;
    }

    /// A place that was reserved is free again.
    pub(super) fn give_back(&mut self, station: u32) {
        if let Some(next) = self.stations[station as usize].reserves {
            self.stations[next as usize].promised -= 1;
            self.fill_places(next);
        }
    }

    /// Puts down what happens to a customer at a station.
    pub(super) fn tell(
        &mut self,
        stage: u32,
        who: Subject,
        server: Option<u32>,
        kind: StationEventKind,
    ) {
        if !self.sink.wants_events() {
            return;
        }
        self.sink.happened([StationEvent {
            time: self.now.time,
            stage,
            customer: Some(who),
            server,
            kind,
        }]);
    }

    /// A customer leaves its server, or is blocked. Gives whether it leaves.
    fn depart(&mut self, at: At, way: Way, number: u64) -> bool {
        if let To::Station(next) = way.to {
            // A customer that returns to its own station gives up its place and takes it again at once.
            let returns = next == at.station;
            let reserved = self.stations[at.station as usize].reserves.is_some();
            let loses = self.full == Full::Loses;
            if !returns && !reserved && !loses && !self.has_place(next) {
                let order = self.jams.blocked_next();
                let blocked = Blocked {
                    at,
                    way,
                    number,
                    order,
                };
                self.stations[next as usize].blocked.push_back(blocked);
                return false;
            }
            // A customer that may be lost has no place before it arrives.
            let promises = !reserved && (returns || !loses);
            let known = &mut self.stations[next as usize];
            known.promised += u64::from(promises);
            known.on_way += 1;
        }
        self.leaving.push(Leaving {
            at,
            way,
            released: None,
        });
        self.stations[at.station as usize].state.counts.at_servers -= 1;
        self.fill_places(at.station);
        true
    }

    pub(super) fn has_place(&self, station: u32) -> bool {
        self.free_places(station) > 0
    }

    pub(super) fn free_places(&self, station: u32) -> u64 {
        self.stations[station as usize].free_places()
    }

    /// Those who have been blocked longest for this station take its free places, and leave.
    #[inline]
    pub(super) fn fill_places(&mut self, station: u32) {
        if !self.stations[station as usize].blocked.is_empty() {
            self.let_blocked_go(station);
        }
    }

    fn let_blocked_go(&mut self, station: u32) {
        while !self.stations[station as usize].blocked.is_empty() && self.has_place(station) {
            let known = &mut self.stations[station as usize];
            let one = known.blocked.pop_front().expect("somebody is blocked");
            self.jams.unblocked();
            self.depart(one.at, one.way, one.number);
        }
    }

    /// Customers who were let go arrive at the next station in the next phase of arrivals, or are out.
    pub(super) fn send_released_on(&mut self) {
        let mut released = std::mem::take(&mut self.released);
        for Leaving { way, released, .. } in released.drain(..) {
            let (mut person, visit) = released.expect("the station has let it go");
            let to = match (way.to, way.outcome) {
                (To::Station(to), _) => Onward::Station(to),
                (To::Out, VisitOutcome::Scrapped) => Onward::Scrap,
                (To::Out, _) => Onward::Out,
            };
            let blocked = self.now.time - visit.service_end.unwrap_or(self.now.time);
            let left = StationEventKind::Left { blocked, to };
            self.tell(visit.stage, Subject::from(&*person), visit.server, left);
            let To::Station(to) = way.to else {
                let outcome = way.outcome;
                self.sink
                    .ended(&person, StationVisit { outcome, ..visit }, self.now);
                continue;
            };
            self.note_cycle(&mut person, visit.stage);
            person.class = way.class;
            self.routes.set_out(&mut person, to);
            let last = (self.now, visit);
            self.moving.push_back(Moving { to, person, last });
        }
        self.released = released;
    }

    /// A customer who stays for ever leaves a station: if it is its entry, a cycle ends and the next begins.
    fn note_cycle(&mut self, person: &mut Person, station: u32) {
        let class = person.came_as;
        if !self.stays[class as usize] || self.routes.entry(class) != station {
            return;
        }
        let now = self.now.time;
        if let Some(since) = person.cycle_since.replace(now)
            && since >= self.measured_from
        {
            self.sink.cycled(class, now - since);
        }
    }

    /// Customers who wait for each other all leave, and take the places of one another.
    pub(super) fn swap(&mut self, stuck: &[u32]) {
        for Blocked {
            at, way, number, ..
        } in self.jams.cycle(&self.stations, stuck)
        {
            let To::Station(next) = way.to else {
                unreachable!("blocked for a station");
            };
            let target = &mut self.stations[next as usize];
            target.blocked.retain(|other| other.number != number);
            self.jams.unblocked();
            target.promised += 1;
            target.on_way += 1;
            self.stations[at.station as usize].state.counts.at_servers -= 1;
            self.leaving.push(Leaving {
                at,
                way,
                released: None,
            });
        }
        for station in 0..self.stations.len() as u32 {
            self.fill_places(station);
        }
    }

    /// Services that began have reserved places at the next station.
    pub(super) fn reserve(&mut self, station: u32, begun: u64) {
        if let Some(next) = self.stations[station as usize].reserves {
            self.stations[next as usize].promised += begun;
        }
    }

    /// A customer has left a station without being sent on.
    pub(super) fn give_up(&mut self, station: u32, Gone { person, visit }: Gone) {
        if visit.outcome == VisitOutcome::Failed {
            self.give_back(station);
        }
        self.sink.ended(&person, visit, self.now);
    }
}
