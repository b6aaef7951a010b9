//! Phase 5: services begin.

use super::{At, Discipline, Preemption, Source, System};
use std::cmp::Reverse;

impl System<'_> {
    pub(super) fn begins(&mut self) {
        for station in 0..self.stations.len() {
            while self.begin_one(station) {
                self.moved = true;
            }
        }
    }

    pub(super) fn begin_one(&mut self, station: usize) -> bool {
        let spec = &self.spec.stations[station];
        if self
            .reserves(station)
            .is_some_and(|next| !self.has_place(next))
        {
            return false;
        }
        if spec.servers.is_none() || spec.shared {
            if self.stations[station].waiting.is_empty() {
                return false;
            }
            let next = self.choose(station);
            self.take(next, None);
            return true;
        }
        let free = self.free_server(station);
        if self.stations[station].waiting.is_empty() {
            if station == 0 && free.is_some() && self.may_enter() {
                let Source::Saturated(classes) = &self.spec.source else {
                    unreachable!("only a saturated station makes customers");
                };
                let customer = self.enter(classes[self.customers.len()]);
                self.present += 1;
                let v = self.wait(customer, station);
                self.take(v, free);
                return true;
            }
            return false;
        }
        let server = match free {
            Some(server) => server,
            None => {
                let Some(server) = self.victim(station) else {
                    return false;
                };
                let v = self.stations[station].servers[server]
                    .holder
                    .expect("a victim");
                self.pause(v);
                if spec.preemption == Preemption::Restart {
                    self.begin_anew(v);
                }
                // The next is chosen among those who wait; the victim is not one of them yet.
                let next = self.choose(station);
                self.cut_off(v);
                self.take(next, Some(server));
                self.give_places(station);
                return true;
            }
        };
        let next = self.choose(station);
        self.take(next, Some(server));
        // One who begins before others who were cut off counts with them as at most the servers.
        self.give_places(station);
        true
    }

    /// The fastest free server, then the one idle longest, then the lowest number.
    pub(super) fn free_server(&self, station: usize) -> Option<usize> {
        let servers = &self.stations[station].servers;
        let speeds = &self.spec.stations[station].speeds;
        let free = (0..servers.len()).filter(|&server| servers[server].is_free());
        free.min_by(|&a, &b| {
            let key = |server: usize| (-speeds[server], servers[server].idle_since, server);
            key(a).partial_cmp(&key(b)).expect("numbers")
        })
    }

    /// The server of the lowest priority in service, of these who began last, if one who waits has a higher.
    /// Chosen: one who finishes off duty keeps its server, which would otherwise be taken by another.
    pub(super) fn victim(&self, station: usize) -> Option<usize> {
        if self.spec.stations[station].preemption == Preemption::None {
            return None;
        }
        let here = &self.stations[station];
        let highest = here
            .waiting
            .iter()
            .map(|&v| self.visits[v].priority)
            .max()?;
        let in_service = here.servers.iter().enumerate().filter_map(|(server, one)| {
            let live = &self.visits[one.holder?];
            let served = !one.down && one.on_duty && live.at != At::Blocked;
            served.then_some((live.priority, Reverse(live.began), server))
        });
        let (lowest, _, server) = in_service.min()?;
        (highest > lowest).then_some(server)
    }

    /// The next to be served.
    pub(super) fn choose(&mut self, station: usize) -> usize {
        let spec = &self.spec.stations[station];
        let here = &mut self.stations[station];
        let visits = &self.visits;
        let highest = here.waiting.iter().map(|&v| visits[v].priority).max();
        let waiting = here.waiting.iter().copied();
        let first: Vec<usize> = waiting
            .filter(|&v| Some(visits[v].priority) == highest)
            .collect();
        let cut_off = first.iter().copied().filter(|&v| visits[v].cut_off);
        // Chosen: those cut off come first under every discipline, and no number is drawn for them.
        if let Some(v) = cut_off.min_by_key(|&v| visits[v].began) {
            return v;
        }
        let mut first = first;
        first.sort_by_key(|&v| visits[v].arrived);
        match spec.discipline {
            Discipline::Fifo => first[0],
            Discipline::Lifo => first[first.len() - 1],
            Discipline::Shortest => {
                let work = |v: usize| spec.work(&visits[v].visit, None);
                let less = |&a: &usize, &b: &usize| work(a).total_cmp(&work(b));
                first.into_iter().min_by(less).expect("somebody waits")
            }
            Discipline::Random if first.len() == 1 => first[0],
            Discipline::Random => {
                let u = spec.choices[here.choices];
                here.choices += 1;
                first[(u * first.len() as f64) as usize]
            }
        }
    }

    /// A customer takes a server.
    pub(super) fn take(&mut self, v: usize, server: Option<usize>) {
        let (station, _) = self.place(v);
        let reserves = self.reserves(station);
        let spec = &self.spec.stations[station];
        self.stations[station].waiting.retain(|&other| other != v);
        let live = &mut self.visits[v];
        if live.began.is_none() {
            live.began = Some(self.begun);
            self.begun += 1;
            live.visit.service_start = Some(self.now);
            live.work = spec.work(&live.visit, server);
            live.left = live.work;
        }
        live.cut_off = false;
        live.visit.server = server.map(|server| server + 1);
        if let Some(next) = reserves.filter(|_| live.reserved.is_none()) {
            live.reserved = Some(next);
            self.stations[next].promised += 1;
        }
        let Some(server) = server else {
            self.stations[station].served.push(v);
            return self.serve(v);
        };
        let one = &mut self.stations[station].servers[server];
        one.holder = Some(v);
        let other = one.set_for.is_some_and(|class| class != live.visit.class);
        match spec.setup(&live.visit).filter(|_| other) {
            Some(setup) => {
                live.at = At::SetUp;
                live.setup_left = setup;
                self.resume(v);
            }
            None => self.serve(v),
        }
    }

    /// A service begins, or goes on.
    pub(super) fn serve(&mut self, v: usize) {
        let (station, _) = self.place(v);
        let live = &mut self.visits[v];
        live.at = At::Service;
        if let Some(server) = live.visit.server {
            self.stations[station].servers[server - 1].set_for = Some(live.visit.class);
        }
        self.resume(v);
    }
}
