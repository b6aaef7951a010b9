//! Phases 2 and 3: servers come up, then go down.

use super::{At, Outcome, System, Work, every, planned};

impl System<'_> {
    pub(super) fn come_up(&mut self) {
        let mut repaired = Vec::new();
        for (station, here) in self.stations.iter().enumerate() {
            for (server, one) in here.servers.iter().enumerate() {
                if one.repair_end == Some(self.now) {
                    repaired.push((station, server));
                }
            }
        }
        for (station, server) in repaired {
            self.repaired(station, server);
        }
        for station in 0..self.stations.len() {
            let count = planned(&self.spec.stations[station], self.now);
            for server in 0..self.stations[station].servers.len() {
                let one = &mut self.stations[station].servers[server];
                if server < count && !one.on_duty {
                    one.on_duty = true;
                    if one.holder.is_none() {
                        one.idle_since = self.now;
                    }
                    self.moved = true;
                }
            }
        }
    }

    pub(super) fn repaired(&mut self, station: usize, server: usize) {
        self.moved = true;
        let holder = self.stations[station].servers[server].holder;
        let slowed = self.stations[station].servers[server].slowed;
        if let Some(v) = holder.filter(|_| slowed) {
            self.pause(v);
        }
        let faults = self.faults(station);
        let one = &mut self.stations[station].servers[server];
        (one.down, one.slowed, one.repair_end) = (false, false, None);
        one.fault += 1;
        one.served = 0.0;
        one.next_fault = (!faults.busy).then(|| self.now + every(faults, server, one));
        match holder {
            Some(v) => self.resume(v),
            None if !slowed => one.idle_since = self.now,
            None => {}
        }
        let here = &mut self.stations[station];
        here.repairing -= 1;
        // Chosen: of those that failed at one instant the lowest number, whatever the round.
        let first = (0..here.broken.len()).min_by(|&a, &b| {
            let key = |at: usize| (here.servers[here.broken[at]].failed_at, here.broken[at]);
            key(a).partial_cmp(&key(b)).expect("times are numbers")
        });
        if let Some(first) = first {
            let next = here.broken.remove(first);
            self.begin_repair(station, next);
        }
    }

    pub(super) fn begin_repair(&mut self, station: usize, server: usize) {
        let faults = self.faults(station);
        let here = &mut self.stations[station];
        here.repairing += 1;
        let one = &mut here.servers[server];
        let lengths = &faults.repair[server];
        // Chosen: the repair of a fault has the number of the time that led to it.
        one.repair_end = Some(self.now + lengths[one.fault % lengths.len()]);
    }

    pub(super) fn go_down(&mut self) {
        let mut due = Vec::new();
        for (station, here) in self.stations.iter().enumerate() {
            for server in 0..here.servers.len() {
                if self.fault_due(station, server) == Some(self.now) {
                    due.push((station, server));
                }
            }
        }
        for (station, server) in due {
            self.moved = true;
            let faults = self.faults(station);
            let one = &mut self.stations[station].servers[server];
            if !one.on_duty && one.holder.is_none() {
                one.fault += 1;
                one.next_fault = Some(self.now + every(faults, server, one));
            } else {
                self.fault(station, server);
            }
        }
        for station in 0..self.stations.len() {
            let spec = &self.spec.stations[station];
            let count = planned(spec, self.now);
            for server in count..self.stations[station].servers.len() {
                let one = &mut self.stations[station].servers[server];
                if !one.on_duty {
                    continue;
                }
                one.on_duty = false;
                self.moved = true;
                let interrupt = spec.plan.as_ref().is_some_and(|plan| plan.interrupt);
                if let Some(v) = one.holder.filter(|_| interrupt)
                    && self.visits[v].at != At::Blocked
                {
                    self.pause(v);
                    self.cut_off(v);
                }
            }
        }
    }

    pub(super) fn fault(&mut self, station: usize, server: usize) {
        let faults = self.faults(station);
        let one = &mut self.stations[station].servers[server];
        one.failed_at = self.now;
        one.next_fault = None;
        let at_work = one.holder.filter(|&v| self.visits[v].at != At::Blocked);
        if let Some(v) = at_work {
            self.pause(v);
        }
        let one = &mut self.stations[station].servers[server];
        if faults.slow.is_some() {
            one.slowed = true;
            if let Some(v) = at_work {
                self.resume(v);
            }
        } else {
            one.down = true;
            if let Some(v) = at_work {
                match faults.work {
                    Work::Resume => {}
                    Work::Restart => self.begin_anew(v),
                    Work::Requeue => self.cut_off(v),
                    Work::Lost => self.leave(v, Outcome::Failed),
                }
            }
        }
        let here = &mut self.stations[station];
        if faults.crew.is_none_or(|crew| here.repairing < crew) {
            self.begin_repair(station, server);
        } else {
            here.broken.push(server);
        }
    }

    /// When the next fault of a server is due, as far as it is known.
    pub(super) fn fault_due(&self, station: usize, server: usize) -> Option<f64> {
        let faults = self.spec.stations[station].faults.as_ref()?;
        let one = &self.stations[station].servers[server];
        if one.down || one.slowed {
            return None;
        }
        if !faults.busy {
            return one.next_fault;
        }
        let live = &self.visits[one.holder?];
        let serves = live.at == At::Service && live.end.is_finite();
        serves.then(|| live.resumed + (every(faults, server, one) - one.served))
    }
}
