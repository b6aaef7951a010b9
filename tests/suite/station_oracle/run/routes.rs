//! The way on in a network, and stations that block each other.

use super::{At, System};
use crate::station_oracle::routes::{Way, fall};

impl System<'_> {
    /// Where a customer goes after the visit it is in, and as what; `None` is out.
    pub(super) fn routed(&mut self, v: usize) -> Option<usize> {
        let (station, customer) = self.place(v);
        let routes = self.spec.routes.as_ref().expect("a network");
        let class = self.class[customer];
        let course = &routes.courses[class];
        if let Some(route) = &course.route {
            let done = self.stops[customer];
            return match course.stays {
                true => Some(route[done % route.len()]),
                false => route.get(done).copied(),
            };
        }
        let link = &routes.links[station];
        let visit = self.visits[v].visit.clone();
        if let Some(chances) = link.becomes.get(class).filter(|all| !all.is_empty()) {
            self.class[customer] = fall(chances, link.class.of(&visit).expect("a number"));
        }
        let (way, list) = match &link.way {
            Way::ByClass(ways, of) => {
                let list = of[self.class[customer]];
                (&ways[list], list)
            }
            way => (way, 0),
        };
        let u = || link.to.of(&visit).expect("a number");
        match way {
            Way::To(to) => *to,
            Way::Chances(chances) => fall(chances, u()),
            Way::Random(places) => places[(u() * places.len() as f64) as usize],
            Way::Shortest(stations) => {
                let count = |&station: &usize| {
                    let there = self.visits.iter();
                    let there =
                        there.filter(|live| live.at != At::Gone && live.visit.station == station);
                    let coming = self.transit.iter().filter(|(_, to)| *to == station);
                    there.count() + coming.count()
                };
                stations
                    .iter()
                    .copied()
                    .min_by_key(|station| count(station))
            }
            Way::RoundRobin(places) => {
                let turn = self.turns.entry((station, list)).or_insert(0);
                *turn += 1;
                places[(*turn - 1) % places.len()]
            }
            Way::ByClass(..) => panic!("no class has classes"),
        }
    }

    /// A set of full stations in which every server is blocked for a station of the set; the rounds of an instant are
    /// done.
    pub(super) fn deadlock(&self) -> Vec<usize> {
        let held = |station: usize| -> Vec<usize> {
            let visits = self.visits.iter().enumerate();
            let here =
                visits.filter(|(_, live)| live.visit.station == station && live.at != At::Gone);
            here.filter(|(_, live)| live.at != At::Waiting)
                .map(|(v, _)| v)
                .collect()
        };
        let mut set: Vec<usize> = (0..self.stations.len()).collect();
        set.retain(|&station| {
            let spec = &self.spec.stations[station];
            let here = &self.stations[station];
            let patient = here.waiting.iter().all(|&v| {
                let live = &self.visits[v];
                live.began.is_some() || live.deadline.is_infinite()
            });
            let blocked = held(station)
                .iter()
                .all(|&v| self.visits[v].at == At::Blocked);
            let served = here.servers.iter().enumerate().all(|(server, one)| {
                if one.holder.is_none() && !one.on_duty && !self.returns_to_duty(station, server) {
                    return true;
                }
                one.holder.is_some() && !one.down
            });
            let full = spec.buffer.is_some() && spec.servers.is_some() && !self.has_place(station);
            full && patient && blocked && served && !held(station).is_empty()
        });
        loop {
            let before = set.len();
            let members = set.clone();
            set.retain(|&station| {
                let targets = held(station).into_iter().map(|v| self.target(v));
                targets.into_iter().all(|target| members.contains(&target))
            });
            if set.len() == before {
                return set;
            }
        }
    }

    /// Whether a server that is off duty comes on duty again.
    fn returns_to_duty(&self, station: usize, server: usize) -> bool {
        let Some(plan) = &self.spec.stations[station].plan else {
            return true;
        };
        let more = |from: f64| plan.repeat.is_some() || from > self.now;
        plan.pieces
            .iter()
            .any(|&(from, count)| count > server && more(from))
    }

    /// The station for which a customer is blocked.
    fn target(&self, v: usize) -> usize {
        let blocked = |station: &usize| self.stations[*station].blocked.contains(&v);
        (0..self.stations.len())
            .find(blocked)
            .expect("it is blocked")
    }

    /// The cycle of customers who wait for each other moves.
    pub(super) fn swap(&mut self, set: &[usize]) {
        let order = |v: &usize| self.blocked_at[v];
        let there: Vec<usize> = self.blocked_at.keys().copied().collect();
        let there = there
            .into_iter()
            .filter(|&v| self.visits[v].at == At::Blocked);
        let inside: Vec<usize> = there.filter(|&v| set.contains(&self.place(v).0)).collect();
        let mut chain = vec![inside.iter().copied().max_by_key(order).expect("somebody")];
        let cycle = loop {
            let next = self.target(chain[chain.len() - 1]);
            if let Some(at) = chain.iter().position(|&v| self.place(v).0 == next) {
                break chain.split_off(at);
            }
            let here = inside.iter().copied().filter(|&v| self.place(v).0 == next);
            chain.push(here.min_by_key(order).expect("somebody is blocked there"));
        };
        self.swaps += 1;
        self.round += 1;
        let moves: Vec<(usize, usize)> = cycle.iter().map(|&v| (v, self.target(v))).collect();
        // All give up their places and take those of one another before anybody else does.
        for &(v, target) in &moves {
            self.stations[target].blocked.retain(|&other| other != v);
            self.stations[target].promised += 1;
            self.free(v);
        }
        for &(v, target) in &moves {
            let (_, customer) = self.place(v);
            self.end(v, crate::station_oracle::Outcome::Next);
            self.transit.push((customer, target));
        }
        for station in 0..self.stations.len() {
            self.give_places(station);
        }
    }
}
