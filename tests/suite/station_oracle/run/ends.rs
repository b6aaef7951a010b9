//! Phases 1 and 6: services and set-ups end, and patience does.

use super::{At, Ends, Live, Outcome, System, every};
use std::cmp::Reverse;

impl System<'_> {
    pub(super) fn ends(&mut self) {
        let due = |live: &Live| live.end == self.now;
        let mut due: Vec<usize> = (0..self.visits.len())
            .filter(|&v| due(&self.visits[v]))
            .collect();
        due.sort_by_key(|&v| {
            let live = &self.visits[v];
            match self.spec.ends {
                Ends::LaterStationsFirst => (Reverse(live.visit.station), live.began, 0),
                Ends::AsBegun => (Reverse(0), live.began, live.visit.station),
            }
        });
        for v in due {
            self.moved = true;
            self.pause(v);
            match self.visits[v].at {
                At::SetUp => self.serve(v),
                At::Service | At::Ended => self.service_ended(v),
                at => panic!("{at:?} ends"),
            }
        }
    }

    pub(super) fn service_ended(&mut self, v: usize) {
        let (station, _) = self.place(v);
        self.visits[v].visit.service_end = Some(self.now);
        let busy = self.spec.stations[station].faults.as_ref();
        if let Some(faults) = busy.filter(|faults| faults.busy)
            && let Some(server) = self.holds(v)
        {
            let one = &mut self.stations[station].servers[server];
            // A fault due at this very instant does not happen.
            if one.served >= every(faults, server, one) {
                one.fault += 1;
                one.served = 0.0;
            }
        }
        if self.spec.stations[station].scraps(&self.visits[v].visit) {
            return self.leave(v, Outcome::Scrapped);
        }
        let loses = self.spec.routes.as_ref().is_some_and(|routes| routes.loses);
        match self.next_station(v) {
            None => self.leave(v, Outcome::Served),
            Some(next)
                if self.visits[v].reserved.is_some()
                    || next == station
                    || loses
                    || self.has_place(next) =>
            {
                self.move_on(v, next);
            }
            Some(next) => {
                self.visits[v].at = At::Blocked;
                self.blocked_at.insert(v, self.blocked_at.len());
                self.stations[next].blocked.push_back(v);
            }
        }
    }

    pub(super) fn patience(&mut self) {
        for station in 0..self.stations.len() {
            let waiting = self.stations[station].waiting.clone();
            for v in waiting {
                let live = &self.visits[v];
                if live.began.is_none() && live.deadline <= self.now {
                    self.moved = true;
                    self.leave(v, Outcome::Abandoned);
                }
            }
        }
    }
}
