//! Places: who has one, who takes one that is freed, and who leaves.

use super::{At, Blocking, Outcome, StationSpec, System};

impl System<'_> {
    pub(super) fn has_place(&self, station: usize) -> bool {
        self.places_free(station).is_none_or(|places| places > 0)
    }

    /// How many places are free; `None` is no limit.
    pub(super) fn places_free(&self, station: usize) -> Option<usize> {
        let spec = &self.spec.stations[station];
        let (servers, buffer) = (spec.servers?, spec.buffer?);
        let here = &self.stations[station];
        if spec.shared {
            let taken = here.served.len() + here.waiting.len() + here.promised;
            return Some((servers + buffer).saturating_sub(taken));
        }
        let served = here.servers.iter().filter(|one| one.holder.is_some());
        let cut_off = here
            .waiting
            .iter()
            .filter(|&&v| self.visits[v].cut_off)
            .count();
        let began = (served.count() + cut_off).min(servers);
        let taken = began + (here.waiting.len() - cut_off) + here.promised;
        Some((servers + buffer).saturating_sub(taken))
    }

    /// The station where a service that begins here reserves a place.
    pub(super) fn reserves(&self, station: usize) -> Option<usize> {
        if let Some(routes) = &self.spec.routes {
            return routes.reserves[station];
        }
        let next = station + 1;
        let limited = |spec: &StationSpec| spec.servers.is_some() && spec.buffer.is_some();
        let before = self.spec.blocking == Blocking::BeforeService;
        (before && self.spec.stations.get(next).is_some_and(limited)).then_some(next)
    }

    /// Free places are taken by those blocked for them.
    pub(super) fn give_places(&mut self, station: usize) {
        while self.has_place(station)
            && let Some(v) = self.stations[station].blocked.pop_front()
        {
            self.move_on(v, station);
        }
    }

    /// A customer leaves for the next station, where it has a place.
    pub(super) fn move_on(&mut self, v: usize, next: usize) {
        let (station, customer) = self.place(v);
        self.moved = true;
        self.free(v);
        // Who may be lost has no promise, but for one who comes again to where it is.
        let loses = self.spec.routes.as_ref().is_some_and(|routes| routes.loses);
        if self.visits[v].reserved.is_none() && (!loses || next == station) {
            self.stations[next].promised += 1;
        }
        self.end(v, Outcome::Next);
        self.transit.push((customer, next));
        self.give_places(station);
    }

    /// A customer leaves the system.
    pub(super) fn leave(&mut self, v: usize, outcome: Outcome) {
        let (station, customer) = self.place(v);
        self.free(v);
        self.stations[station].waiting.retain(|&other| other != v);
        if let Some(next) = self.visits[v]
            .reserved
            .filter(|_| outcome != Outcome::Served)
        {
            self.stations[next].promised -= 1;
            self.give_places(next);
        }
        self.end(v, outcome);
        let one = &mut self.customers[customer];
        (one.outcome, one.left) = (outcome, Some(self.now));
        self.present -= 1;
        self.give_places(station);
    }

    pub(super) fn end(&mut self, v: usize, outcome: Outcome) {
        let live = &mut self.visits[v];
        live.at = At::Gone;
        live.visit.outcome = outcome;
        live.visit.departure = Some(self.now);
        live.ended = Some((self.now, self.round));
    }
}
