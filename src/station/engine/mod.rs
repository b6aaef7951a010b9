//! A service station: the rules for what happens there at one instant, phase by phase.
//!
//! At one instant services and set-ups end; servers come up, then go down; customers arrive; services begin;
//! patience ends. The same phases follow again as the next round while anything new is due. The driver of the
//! stations calls each phase in this order for all of them. The station decides which customers wait, which server
//! serves which customer, and which customers give up or fail; the driver decides which customers find a place and
//! where they go. The phases are in `services`, `outages` and `customers`.

mod customers;
mod outages;
mod services;

use super::calendar::{Calendar, Pieces, What};
use super::draws::{Chance, StationDraws};
use super::event::{StationEvent, StationEventKind, Subject};
use super::measures::Measures;
use super::person::{Place, Slot, Visitors};
use super::server::{Hold, Server, ServerTime};
use super::sharing::Sharing;
use super::visit::{Gone, VisitOutcome};
use super::waiting::Waiting;
use crate::scenario::{Discipline, Intervals, Servers, Stage};
use crate::time::Moment;
use std::collections::VecDeque;
use std::sync::Arc;

/// A station.
#[derive(Clone, Debug)]
pub struct Station {
    position: u32,
    rules: Arc<Stage>,
    /// Whether its servers are identical and created as needed.
    unnumbered: bool,
    priorities: Arc<[i64]>,
    visitors: Visitors,
    waiting: Waiting,
    servers: Vec<Server>,
    /// Servers that can take a customer, in the order in which they are taken.
    free: VecDeque<Free>,
    calendar: Calendar,
    plan: Option<Pieces>,
    /// Whether the number on duty no longer changes.
    plan_is_over: bool,
    /// The number of servers on duty under the plan now, and the largest number later.
    duty: u32,
    duty_later: u32,
    /// Repairs underway, and servers waiting for one: first failed first, then by number.
    repairs: u32,
    unrepaired: VecDeque<(u64, u32)>,
    draws: StationDraws,
    /// Numbers of arrivals and of first begins of service so far.
    arrived: u64,
    begun: u64,
    /// Numbers of customers at servers, and of those among them whose service has ended.
    at_servers: u64,
    finished: u64,
    /// Customers who arrived in this round and may lose their patience.
    newcomers: Vec<Slot>,
    /// The customers in service, if they share the servers.
    sharing: Option<Sharing>,
    /// The number of customers present when the run ended.
    unfinished: u64,
    /// A time before which no window closes.
    certain: f64,
    measures: Measures,
    /// The events since the last [`take_events`](Station::take_events); none if events are not recorded.
    events: Option<Vec<StationEvent>>,
}

/// A free server: fastest first, then idle longest, then the lowest number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Free {
    /// The bits of its speed, complemented.
    slowness: u64,
    since: u64,
    server: u32,
}

/// The numbers of customers at a station.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Customers at servers.
    pub at_servers: u64,
    /// Customers who wait to continue an interrupted service.
    pub cut_off: u64,
    /// Customers who wait and whose service has never begun.
    pub fresh: u64,
}

impl Counts {
    /// The number of places taken at a station with this many servers: customers at servers and interrupted ones
    /// together count as at most the number of servers.
    #[must_use]
    pub fn places(self, servers: u64) -> u64 {
        (self.at_servers + self.cut_off).min(servers) + self.fresh
    }

    /// The number of customers without a server.
    #[must_use]
    pub fn waiting(self) -> u64 {
        self.cut_off + self.fresh
    }

    /// The number of customers present.
    #[must_use]
    pub fn all(self) -> u64 {
        self.at_servers + self.cut_off + self.fresh
    }
}

impl Station {
    /// An empty station at time 0. `priorities` has one entry per class and is not empty.
    #[must_use]
    pub fn new(
        position: u32,
        rules: Arc<Stage>,
        priorities: Arc<[i64]>,
        chance: Chance<'_>,
    ) -> Station {
        let duty = rules.servers.at_first();
        let unnumbered = rules.is_unnumbered();
        let duty = duty.filter(|_| !unnumbered).unwrap_or(0);
        let most = rules.servers.most();
        let shared = rules.discipline == Discipline::ProcessorSharing;
        let sharing = shared.then(|| Sharing::new(most));
        let most = most.filter(|_| !unnumbered).unwrap_or(0);
        let servers = (0..most).map(|n| Server::new(rules.speed(n as usize), n < duty));
        let mut station = Station {
            position,
            visitors: Visitors::default(),
            waiting: Waiting::new(rules.discipline, &priorities),
            servers: servers.collect(),
            free: VecDeque::new(),
            calendar: Calendar::default(),
            plan: match &rules.servers {
                Servers::Plan(plan) => Some(Pieces::new(plan)),
                _ => None,
            },
            plan_is_over: false,
            duty,
            duty_later: 0,
            repairs: 0,
            unrepaired: VecDeque::new(),
            draws: StationDraws::new(&rules, priorities.len(), chance),
            arrived: 0,
            begun: 0,
            at_servers: 0,
            finished: 0,
            newcomers: Vec::new(),
            sharing,
            unfinished: 0,
            certain: 0.0,
            measures: Measures::default(),
            events: None,
            unnumbered,
            rules,
            priorities,
        };
        for server in 0..duty {
            station.become_free(server);
        }
        for server in 0..most {
            station.wind_fault_clock(server, Moment::ZERO);
        }
        station.plan_next();
        station
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.rules.name
    }

    /// Sets a time before which no window closes.
    pub fn expect_close(&mut self, certain: f64) {
        self.certain = certain;
    }

    /// Also records the busy time of its servers by these intervals.
    pub fn report(&mut self, intervals: Intervals) {
        let servers = self.servers.iter_mut();
        servers.for_each(|server| server.report(intervals));
        if let Some(sharing) = &mut self.sharing {
            sharing.report(intervals);
        }
    }

    /// The busy time of its servers in each interval, up to the last with any.
    #[must_use]
    pub fn busy_by_interval(&self) -> Vec<f64> {
        if let Some(sharing) = &self.sharing {
            return sharing.busy_by_interval();
        }
        let mut total: Vec<f64> = Vec::new();
        for server in &self.servers {
            let areas = server.busy_by_interval();
            total.resize(total.len().max(areas.len()), 0.0);
            for (total, area) in total.iter_mut().zip(areas) {
                *total += area;
            }
        }
        total
    }

    /// The number of pieces of servers' time kept until it is known whether they lie in the window.
    #[cfg(test)]
    pub(crate) fn uncertain(&self) -> usize {
        self.servers.iter().map(Server::uncertain).sum()
    }

    /// Records every change of state from now on; see [`Station::take_events`].
    pub fn put_down_events(&mut self) {
        self.events = Some(Vec::new());
    }

    /// Moves the events since the last call to the end of a list, in order.
    pub fn take_events(&mut self, list: &mut Vec<StationEvent>) {
        if let Some(events) = &mut self.events {
            list.append(events);
        }
    }

    #[inline(always)]
    fn tell(
        &mut self,
        now: Moment,
        who: Option<Slot>,
        server: impl Into<Option<u32>>,
        kind: StationEventKind,
    ) {
        if self.events.is_some() {
            self.put_down(now, who, server.into(), kind);
        }
    }

    #[cold]
    fn put_down(
        &mut self,
        now: Moment,
        who: Option<Slot>,
        server: Option<u32>,
        kind: StationEventKind,
    ) {
        if let Some(events) = &mut self.events {
            let person = |slot| &self.visitors[slot].person;
            let numbered = !self.unnumbered;
            events.push(StationEvent {
                time: now.time,
                stage: self.position,
                customer: who.map(person).map(|person| Subject::from(&**person)),
                server: server.filter(|_| numbered).map(|server| server + 1),
                kind,
            });
        }
    }

    /// Its measures so far.
    #[must_use]
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// The numbers of customers present.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            at_servers: self.at_servers,
            cut_off: self.waiting.cut_off(),
            fresh: self.waiting.fresh(),
        }
    }

    /// The next moment at which anything of the station is due: [`Moment::NEVER`] if nothing is.
    #[inline]
    pub fn next_due(&mut self) -> Moment {
        while let Some((at, _, what)) = self.calendar.first() {
            if self.is_valid(what) {
                return at;
            }
            self.calendar.drop_first();
        }
        Moment::NEVER
    }

    /// Whether anything of the station may be due at this moment; if false, nothing is.
    #[inline]
    pub fn may_be_due(&self, now: Moment) -> bool {
        self.calendar.may_be_due(now)
    }

    #[inline]
    fn is_valid(&self, what: What) -> bool {
        match what {
            What::End { server, epoch } => match &self.sharing {
                Some(sharing) => sharing.epoch == epoch,
                None => self.servers[server as usize].epoch == epoch,
            },
            What::Fault { server, epoch } => self.servers[server as usize].clock.epoch == epoch,
            What::Patience { slot, order } => {
                let visitor = self.visitors.get(slot);
                visitor.is_some_and(|one| one.order == order && one.place == Place::Fresh)
            }
            What::Repair { .. } | What::Duty { .. } => true,
        }
    }

    /// The number of servers that can take a customer.
    #[must_use]
    pub fn free_servers(&self) -> u64 {
        self.free.len() as u64
    }

    /// The number of customers present when the run ended.
    #[must_use]
    pub fn counts_left(&self) -> u64 {
        self.unfinished
    }

    /// Whether a service could begin if the phase for it came now.
    #[must_use]
    #[inline]
    pub fn can_begin(&self) -> bool {
        self.waiting.length() > 0
            && (!self.free.is_empty() || self.unnumbered || self.victim().is_some())
    }

    /// Whether nothing can move here until a place further on becomes free: every server that is on duty now or
    /// later holds a customer whose service has ended, none is under repair, and no waiting customer can give up.
    #[must_use]
    #[inline]
    pub fn is_stuck(&self) -> bool {
        self.finished > 0 && self.finished == self.at_servers && self.holds_all_it_serves()
    }

    /// Whether every customer present stays for ever unless a place further on becomes free: none is in service,
    /// and no waiting customer can give up or find a server.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.finished == self.at_servers
            && (self.waiting.length() == 0 || self.holds_all_it_serves())
    }

    /// Whether no server is on duty now or later.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.plan_is_over && self.duty == 0 && matches!(self.rules.servers, Servers::Plan(_))
    }

    fn holds_all_it_serves(&self) -> bool {
        if self.rules.servers == Servers::Unlimited {
            return false;
        }
        if self.sharing.is_some() {
            return true;
        }
        let serves = |(number, one): &(u32, &Server)| !one.is_off() || *number < self.duty_later;
        let held = |(_, one): (u32, &Server)| matches!(one.hold, Hold::Finished { .. }) && one.up;
        let mut impatient = self.rules.patience.all().flatten();
        let waits = || {
            self.visitors
                .iter()
                .any(|one| one.deadline.is_some() && one.place == Place::Fresh)
        };
        let mut servers = (0..).zip(&self.servers).filter(serves);
        servers.all(held) && (impatient.next().is_none() || !waits())
    }

    /// Opens the window of the station, unless it is open.
    pub fn open_window(&mut self, now: f64) {
        if self.measures.opened.is_none() {
            self.measures.open(now);
            for server in &mut self.servers {
                server.open_window(now);
            }
            if let Some(sharing) = &mut self.sharing {
                sharing.open_window(now);
            }
        }
    }

    /// Ends the run and returns the visits of the customers still present, by customer.
    pub fn close(&mut self, now: Moment) -> Vec<Gone> {
        for server in 0..self.servers.len() as u32 {
            self.pause(server, now, false);
        }
        if let Some(sharing) = &mut self.sharing {
            sharing.book_interval(now.time);
        }
        let there = self.visitors.all();
        self.unfinished = there.len() as u64;
        let there = there.into_iter().map(|slot| {
            let (person, visit) = self.leave(slot, now, VisitOutcome::Unfinished);
            Gone { person, visit }
        });
        there.collect()
    }

    /// The time of the servers in the window that closes now, as totals over all servers. None if servers are
    /// unlimited or no window has opened.
    #[must_use]
    pub fn server_time(&self, now: f64) -> Option<ServerTime> {
        let opened = self.measures.opened.filter(|&opened| opened <= now)?;
        if self.rules.servers == Servers::Unlimited {
            return None;
        }
        Some(match &self.sharing {
            Some(sharing) => sharing.server_time(opened, now),
            None => ServerTime::of(&self.servers, (opened, now)),
        })
    }

    fn free_place(&self, server: u32) -> Option<usize> {
        self.free.iter().position(|free| free.server == server)
    }

    /// Marks a server without a customer idle from now on, if it is up and on duty.
    #[inline]
    fn become_idle(&mut self, server: u32, now: Moment) {
        if self.servers[server as usize].is_free() {
            self.servers[server as usize].idle_since = now.time;
            self.become_free(server);
        }
    }

    #[inline]
    fn become_free(&mut self, server: u32) {
        let one = &self.servers[server as usize];
        if self.unnumbered {
            // All are identical.
            let (slowness, since) = (0, 0);
            self.free.push_back(Free {
                slowness,
                since,
                server,
            });
            return;
        }
        let free = Free {
            slowness: !one.speed.to_bits(),
            since: one.idle_since.to_bits(),
            server,
        };
        // Usually it has been idle for the shortest time.
        if self.free.back().is_none_or(|last| *last < free) {
            self.free.push_back(free);
        } else {
            let place = self.free.partition_point(|other| *other < free);
            self.free.insert(place, free);
        }
    }

    #[inline]
    fn note_queue(&mut self, now: Moment) {
        self.measures.queue.set(now.time, self.waiting.length());
    }

    #[inline]
    fn note_in_service(&mut self, now: Moment) {
        let served = self.at_servers - self.finished;
        self.measures.in_service.set(now.time, served);
    }
}
