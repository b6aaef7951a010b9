//! Work that is done in pieces: it begins, pauses, goes on and is cut off.

use super::{At, System};

impl System<'_> {
    /// The work a server does in a unit of time.
    pub(super) fn speed(&self, v: usize) -> f64 {
        let (station, _) = self.place(v);
        let Some(server) = self.holds(v) else {
            return 1.0;
        };
        let spec = &self.spec.stations[station];
        let slow = spec.faults.as_ref().and_then(|faults| faults.slow);
        // Chosen: a slowed server has its own speed times the factor.
        match slow.filter(|_| self.stations[station].servers[server].slowed) {
            Some(slow) => spec.speeds[server] * slow,
            None => spec.speeds[server],
        }
    }

    /// Where servers are shared: the service given up to now, and the ends of all in service there.
    fn share(&mut self, station: usize, change: impl FnOnce(&mut Self)) {
        let servers = self.spec.stations[station]
            .servers
            .map_or(f64::INFINITY, |all| all as f64);
        let in_service = |system: &Self| -> Vec<usize> {
            let served = system.stations[station].served.iter().copied();
            served
                .filter(|&v| system.visits[v].at == At::Service)
                .collect()
        };
        let before = in_service(self).len() as f64;
        let here = &mut self.stations[station];
        if before > 0.0 {
            here.v += (self.now - here.v_at) * (servers / before).min(1.0);
        }
        here.v_at = self.now;
        change(self);
        let there = in_service(self);
        let rate = (servers / there.len() as f64).min(1.0);
        for v in there {
            let left = self.visits[v].v_end - self.stations[station].v;
            self.visits[v].end = self.now + left.max(0.0) / rate;
        }
    }

    /// Work goes on from now, if the server is up.
    pub(super) fn resume(&mut self, v: usize) {
        let (station, _) = self.place(v);
        if self.spec.stations[station].shared {
            // It is not in service before the change.
            self.visits[v].at = At::Waiting;
            return self.share(station, |system| {
                let given = system.stations[station].v;
                let live = &mut system.visits[v];
                live.at = At::Service;
                live.resumed = system.now;
                live.v_end = given + live.left;
            });
        }
        if let Some(server) = self.holds(v)
            && self.stations[station].servers[server].down
        {
            return;
        }
        let speed = self.speed(v);
        let live = &mut self.visits[v];
        live.resumed = self.now;
        live.end = match live.at {
            At::SetUp => self.now + live.setup_left,
            At::Service => self.now + live.left / speed,
            At::Waiting | At::Ended | At::Blocked | At::Gone => f64::INFINITY,
        };
    }

    /// Counts the work done up to now, if any goes on; until it is resumed nothing is done.
    pub(super) fn pause(&mut self, v: usize) {
        if !self.visits[v].end.is_finite() {
            return;
        }
        let (station, _) = self.place(v);
        if self.spec.stations[station].shared {
            return self.share(station, |system| {
                let now = system.now;
                let live = &mut system.visits[v];
                live.visit.service += now - live.resumed;
                live.resumed = now;
                live.end = f64::INFINITY;
                live.at = At::Ended;
            });
        }
        let speed = self.speed(v);
        let holds = self.holds(v);
        let live = &mut self.visits[v];
        let passed = self.now - live.resumed;
        live.end = f64::INFINITY;
        match live.at {
            At::SetUp => {
                live.visit.setup += passed;
                live.setup_left -= passed;
            }
            At::Service => {
                live.visit.service += passed;
                live.left -= passed * speed;
                if let Some(server) = holds {
                    let one = &mut self.stations[station].servers[server];
                    if !one.slowed {
                        one.served += passed;
                    }
                }
            }
            at => panic!("{at:?} works"),
        }
    }

    /// All the work, or the set-up, is to be done again.
    pub(super) fn begin_anew(&mut self, v: usize) {
        let (station, _) = self.place(v);
        let live = &mut self.visits[v];
        match live.at {
            At::SetUp => {
                let setup = self.spec.stations[station].setup(&live.visit);
                live.setup_left = setup.expect("a set-up");
            }
            _ => live.left = live.work,
        }
    }

    /// A customer loses its server and waits again.
    pub(super) fn cut_off(&mut self, v: usize) {
        let (station, _) = self.place(v);
        self.free(v);
        let live = &mut self.visits[v];
        live.at = At::Waiting;
        live.cut_off = true;
        live.visit.cut_off += 1;
        self.stations[station].waiting.push(v);
        self.give_places(station);
    }

    /// A customer lets its server go.
    pub(super) fn free(&mut self, v: usize) {
        let (station, _) = self.place(v);
        let holds = self.holds(v);
        let here = &mut self.stations[station];
        here.served.retain(|&other| other != v);
        if let Some(server) = holds {
            here.servers[server].holder = None;
            here.servers[server].idle_since = self.now;
        }
    }
}
