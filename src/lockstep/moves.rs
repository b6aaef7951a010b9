//! Customers who leave a station: the end of their service, blocking, release, and the way on.

use super::coordinator::Coordinator;
use super::places::{At, Blocked, Leaving, Moving, Released, Way};
use super::system::{Ends, Full};
use crate::scenario::To;
use crate::station::{
    Gone, Onward, Person, StationEvent, StationEventKind, StationVisit, Subject, VisitOutcome,
};
use std::cmp::Reverse;

impl Coordinator {
    /// Phase 1: customers whose services have ended leave, are blocked, or are lost.
    pub(super) fn decide(&mut self) {
        if let ended @ [_, _, ..] = self.ended.as_mut_slice() {
            match self.ends {
                Ends::LaterFirst => ended.sort_by_key(|one| (Reverse(one.stage), one.began)),
                Ends::AsBegun => ended.sort_by_key(|one| {
                    let (began, order) = one.began;
                    (began, one.stage, order)
                }),
            }
        }
        for index in 0..self.ended.len() {
            let one = self.ended[index];
            let station = one.stage;
            let at = At {
                station,
                server: one.server,
            };
            let way = self
                .routes
                .way(&one, |station| self.stations.number(station));
            if one.scrapped {
                self.give_back(station);
            }
            if !self.depart(at, way, one.number) {
                let (number, class) = (one.number, one.class);
                let numbered = self.stations.known[station as usize].servers < u64::from(u32::MAX);
                let server = numbered.then_some(at.server + 1);
                let who = Subject { number, class };
                self.tell(station, who, server, StationEventKind::Blocked);
            }
        }
        self.ended.clear();
    }

    /// Frees a place that was reserved.
    pub(super) fn give_back(&mut self, station: u32) {
        if let Some(next) = self.stations.known[station as usize].reserves {
            self.stations.known[next as usize].promised -= 1;
            self.fill_places(next);
        }
    }

    /// Records an event of a customer at a station.
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

    /// Lets a customer leave its server, or blocks it. Returns whether it leaves.
    fn depart(&mut self, at: At, way: Way, number: u64) -> bool {
        if let To::Station(next) = way.to {
            // A customer that returns to its own station gives up its place and takes it again at once.
            let returns = next == at.station;
            let stations = &mut self.stations;
            let reserved = stations.known[at.station as usize].reserves.is_some();
            let loses = self.full == Full::Loses;
            if !returns && !reserved && !loses && !stations.has_place(next) {
                let order = self.jams.blocked_next();
                let blocked = Blocked {
                    at,
                    way,
                    number,
                    order,
                };
                stations.known[next as usize].blocked.push_back(blocked);
                return false;
            }
            // A customer that may be lost has no place before it arrives.
            let promises = !reserved && (returns || !loses);
            let known = &mut stations.known[next as usize];
            known.promised += u64::from(promises);
            known.on_way += 1;
        }
        self.leave(at, way);
        self.fill_places(at.station);
        true
    }

    /// Lists a customer to be released.
    fn leave(&mut self, at: At, way: Way) {
        self.leaving.push(Leaving { at, way });
        self.stations.known[at.station as usize].leaving += 1;
    }

    /// Gives the free places of this station to the customers blocked longest for it, who leave.
    #[inline]
    pub(super) fn fill_places(&mut self, station: u32) {
        if self.jams.some_blocked() {
            self.let_blocked_go(station);
        }
    }

    fn let_blocked_go(&mut self, station: u32) {
        while self.stations.has_place(station)
            && let Some(one) = self.stations.known[station as usize].blocked.pop_front()
        {
            self.jams.unblocked();
            self.depart(one.at, one.way, one.number);
        }
    }

    /// Sends released customers on, in the order of leaving.
    pub(super) fn send_released_on(&mut self) {
        let mut releasing = std::mem::take(&mut self.releasing);
        let mut released = std::mem::take(&mut self.released);
        for (leaving, released) in releasing.drain(..).zip(released.drain(..)) {
            self.send_on(leaving.way, released.expect("the station has let it go"));
        }
        self.releasing = releasing;
        self.released = released;
    }

    /// Sends on a released customer: to the next station, in the next phase of arrivals, or out of the system.
    #[inline]
    pub(super) fn send_on(&mut self, way: Way, (mut person, visit): Released) {
        if self.sink.wants_events() {
            self.tell_who_leaves(way, &person, &visit);
        }
        let To::Station(to) = way.to else {
            let outcome = way.outcome;
            let visit = StationVisit { outcome, ..visit };
            return self.sink.ended(&person, visit, self.now);
        };
        let from = visit.stage;
        self.note_cycle(&mut person, from);
        person.class = way.class;
        self.routes.set_out(&mut person, to);
        let last = self.sink.visited(visit, self.now);
        self.moving.push_back(Moving {
            from,
            to,
            person,
            last,
        });
    }

    #[cold]
    fn tell_who_leaves(&mut self, way: Way, person: &Person, visit: &StationVisit) {
        let to = match (way.to, way.outcome) {
            (To::Station(to), _) => Onward::Station(to),
            (To::Out, VisitOutcome::Scrapped) => Onward::Scrap,
            (To::Out, _) => Onward::Out,
        };
        let blocked = self.now.time - visit.service_end.unwrap_or(self.now.time);
        let left = StationEventKind::Left { blocked, to };
        self.tell(visit.stage, Subject::from(person), visit.server, left);
    }

    /// Notes that a customer who stays for ever leaves a station: if it is its entry, a cycle ends and the next
    /// begins.
    fn note_cycle(&mut self, person: &mut Person, station: u32) {
        let class = person.came_as;
        if !self.stays[class as usize] || self.routes.entry(class) != station {
            return;
        }
        let now = self.now.time;
        let since = person.cycle_since.replace(now);
        self.sink.left_entry(class, since, now);
    }

    /// Lets customers who wait for each other all leave and take each other's places.
    pub(super) fn swap(&mut self, stuck: &[u32]) {
        for Blocked {
            at, way, number, ..
        } in self.jams.cycle(&self.stations, stuck)
        {
            let To::Station(next) = way.to else {
                unreachable!("blocked for a station");
            };
            let target = &mut self.stations.known[next as usize];
            target.blocked.retain(|other| other.number != number);
            self.jams.unblocked();
            target.promised += 1;
            target.on_way += 1;
            self.leave(at, way);
        }
        for station in 0..self.stations.len() as u32 {
            self.fill_places(station);
        }
    }

    /// Reserves places at the next station for services that began.
    pub(super) fn reserve(&mut self, station: u32, begun: u64) {
        if let Some(next) = self.stations.known[station as usize].reserves {
            self.stations.known[next as usize].promised += begun;
        }
    }

    /// Processes a customer who has left a station without being sent on.
    pub(super) fn give_up(&mut self, station: u32, Gone { person, visit }: Gone) {
        if visit.outcome == VisitOutcome::Failed {
            self.give_back(station);
        }
        self.sink.ended(&person, visit, self.now);
    }
}
