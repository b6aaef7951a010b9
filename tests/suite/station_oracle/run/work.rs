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

    /// Work goes on from now, if the server is up.
    pub(super) fn resume(&mut self, v: usize) {
        let (station, _) = self.place(v);
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
            At::Waiting | At::Blocked | At::Gone => f64::INFINITY,
        };
    }

    /// Counts the work done up to now, if any goes on; until it is resumed nothing is done.
    pub(super) fn pause(&mut self, v: usize) {
        if !self.visits[v].end.is_finite() {
            return;
        }
        let (station, _) = self.place(v);
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
        let (station, customer) = self.place(v);
        let live = &mut self.visits[v];
        match live.at {
            At::SetUp => {
                live.setup_left = self.spec.stations[station].setups[customer].expect("a set-up");
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
