//! Phase 4: customers arrive, and join or balk.

use super::{At, Customer, Live, Outcome, System, Visit};

impl System<'_> {
    pub(super) fn arrivals(&mut self) {
        let loses = self.spec.routes.as_ref().is_some_and(|routes| routes.loses);
        let transit = std::mem::take(&mut self.transit);
        self.moved |= !transit.is_empty();
        for (customer, station) in transit {
            let asks = loses && self.customers[customer].station != station;
            if !asks {
                self.stations[station].promised -= 1;
            } else if !self.has_place(station) {
                let one = &mut self.customers[customer];
                (one.outcome, one.left, one.station) = (Outcome::Lost, Some(self.now), station);
                self.present -= 1;
                let mut before = self.visits.iter_mut().rev();
                let last = before.find(|live| live.visit.customer == customer + 1);
                last.expect("it was somewhere").visit.outcome = Outcome::Lost;
                continue;
            }
            self.arrive(customer, station);
        }
        while let Some(&(time, class)) = self.outside.last()
            && time <= self.now
        {
            self.moved = true;
            self.outside.pop();
            let customer = self.enter(class);
            let station = self.entry(customer);
            let most = self.spec.routes.as_ref().and_then(|routes| routes.capacity);
            if self.has_place(station) && most.is_none_or(|most| self.present < most) {
                self.present += 1;
                self.arrive(customer, station);
            } else {
                self.customers[customer].outcome = Outcome::Lost;
            }
        }
    }

    /// One more customer.
    pub(super) fn enter(&mut self, class: usize) -> usize {
        self.customers.push(Customer {
            class,
            arrival: self.now,
            left: None,
            outcome: Outcome::Unfinished,
            station: 0,
        });
        let customer = self.customers.len() - 1;
        self.class.push(class);
        self.stops.push(0);
        self.customers[customer].station = self.entry(customer);
        customer
    }

    /// The station at which a customer enters.
    fn entry(&self, customer: usize) -> usize {
        match &self.spec.routes {
            Some(routes) => routes.courses[self.customers[customer].class].enter,
            None => self.path(customer)[0],
        }
    }

    /// A customer who has a place joins, or balks.
    pub(super) fn arrive(&mut self, customer: usize, station: usize) {
        self.customers[customer].station = station;
        self.stops[customer] += 1;
        let (waiting, idle) = (
            self.stations[station].waiting.len(),
            self.can_start(station),
        );
        let spec = &self.spec.stations[station];
        if let Some(last) = spec.join.len().checked_sub(1)
            && idle <= waiting
            && spec.join_draws[customer] >= spec.join[(waiting - idle).min(last)]
        {
            let entry = !self
                .visits
                .iter()
                .any(|live| live.visit.customer == customer + 1);
            let one = &mut self.customers[customer];
            one.outcome = Outcome::Balked;
            one.left = (!entry).then_some(self.now);
            self.present -= 1;
            self.stations[station].history.balked.push(customer + 1);
            let mut before = self.visits.iter_mut().rev();
            if let Some(last) = before.find(|live| live.visit.customer == customer + 1) {
                last.visit.outcome = Outcome::Balked;
            }
            return self.give_places(station);
        }
        self.wait(customer, station);
    }

    /// A customer waits.
    pub(super) fn wait(&mut self, customer: usize, station: usize) -> usize {
        let spec = &self.spec.stations[station];
        let class = self.class[customer];
        let before = self.visits.iter();
        let before = before
            .filter(|live| (live.visit.customer, live.visit.station) == (customer + 1, station));
        let visit = Visit {
            customer: customer + 1,
            station,
            class,
            number: before.count() + 1,
            arrival: self.now,
            service_start: None,
            service_end: None,
            departure: None,
            server: None,
            setup: 0.0,
            service: 0.0,
            cut_off: 0,
            outcome: Outcome::Unfinished,
        };
        let v = self.visits.len();
        self.visits.push(Live {
            at: At::Waiting,
            priority: self.spec.priorities[class],
            arrived: v,
            deadline: spec
                .patience_of(&visit)
                .map_or(f64::INFINITY, |patience| self.now + patience),
            visit,
            began: None,
            cut_off: false,
            work: 0.0,
            left: 0.0,
            setup_left: 0.0,
            resumed: 0.0,
            end: f64::INFINITY,
            reserved: None,
            v_end: 0.0,
            ended: None,
        });
        self.stations[station].waiting.push(v);
        v
    }

    /// How many who wait could begin now: servers idle, up and on duty, as far as places further on allow it.
    pub(super) fn can_start(&self, station: usize) -> usize {
        let here = &self.stations[station];
        let idle = here
            .servers
            .iter()
            .filter(|server| server.is_free())
            .count();
        match self.reserves(station) {
            Some(next) => idle.min(self.places_free(next).unwrap_or(usize::MAX)),
            None => idle,
        }
    }
}
