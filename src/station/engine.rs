//! A service station: the rules for what happens there at one instant, phase by phase.
//!
//! At one instant services and set-ups end; servers come up, then go down; customers arrive; services begin;
//! patience ends; and all again, as the next round, while something new is due. Whoever drives a station asks it
//! for each phase in this order, of this and of all other stations. The station decides who waits, who is served
//! by whom, and who gives up or fails; the driver decides who finds a place and where customers go.

use super::calendar::{Calendar, Phase, Pieces, What};
use super::draws::{Chance, StationDraws};
use super::event::{CutOff, StationEvent, StationEventKind, Subject};
use super::measures::Measures;
use super::person::{Began, Person, Place, Slot, Visitor, Visitors};
use super::server::{Hold, Server, ServerTime};
use super::sharing::Sharing;
use super::visit::{Ended, Gone, StationVisit, VisitOutcome};
use super::waiting::{Key, Waiting};
use crate::scenario::{
    Discipline, FaultClock, FaultWork, Intervals, Leaving, Preemption, Servers, Stage, StageFaults,
};
use crate::time::Moment;
use std::collections::VecDeque;
use std::sync::Arc;

/// A station.
#[derive(Clone, Debug)]
pub struct Station {
    position: u32,
    rules: Arc<Stage>,
    /// Whether its servers are alike, and made as they are needed.
    unnumbered: bool,
    priorities: Arc<[i64]>,
    visitors: Visitors,
    waiting: Waiting,
    servers: Vec<Server>,
    /// Servers that can take a customer, in the order in which they are taken.
    free: VecDeque<Free>,
    calendar: Calendar,
    plan: Option<Pieces>,
    /// Whether the number on duty changes no more.
    plan_is_over: bool,
    /// Number of servers the plan wants now, and the most that it wants later.
    duty: u32,
    duty_later: u32,
    /// Repairs underway, and servers that wait for one: first failed first, then by number.
    repairs: u32,
    unrepaired: VecDeque<(u64, u32)>,
    draws: StationDraws,
    /// Arrivals and first begins so far.
    arrived: u64,
    begun: u64,
    /// Customers at servers, and those of them whose service has ended.
    at_servers: u64,
    finished: u64,
    /// Those who arrived in this round and may lose their patience.
    newcomers: Vec<Slot>,
    /// Those in service, where they share the servers.
    sharing: Option<Sharing>,
    /// Customers who were there when the run ended.
    unfinished: u64,
    /// A time at which, or after which, windows close.
    certain: f64,
    measures: Measures,
    /// What has happened since this was last asked; none where nobody wants to know.
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

/// Who is at a station, as far as its places are concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Customers at servers.
    pub at_servers: u64,
    /// Customers who wait to go on.
    pub cut_off: u64,
    /// Customers who wait and have never begun.
    pub fresh: u64,
}

impl Counts {
    /// The number of places taken of a station with this many servers: those at servers and those cut off count
    /// together as at most the servers.
    #[must_use]
    pub fn places(self, servers: u64) -> u64 {
        (self.at_servers + self.cut_off).min(servers) + self.fresh
    }

    /// Customers without a server.
    #[must_use]
    pub fn waiting(self) -> u64 {
        self.cut_off + self.fresh
    }

    /// All who are there.
    #[must_use]
    pub fn all(self) -> u64 {
        self.at_servers + self.cut_off + self.fresh
    }
}

impl Station {
    /// An empty station at time 0. `priorities` are those of the classes, one at least.
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

    /// Windows close at this time or later.
    pub fn expect_close(&mut self, certain: f64) {
        self.certain = certain;
    }

    /// Keeps the busy time of its servers by these intervals, too.
    pub fn report(&mut self, intervals: Intervals) {
        let servers = self.servers.iter_mut();
        servers.for_each(|server| server.report(intervals));
    }

    /// The busy time of its servers in each interval, as far as there was any.
    #[must_use]
    pub fn busy_by_interval(&self) -> Vec<f64> {
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

    /// Puts down every change of state from now on; see [`Station::take_events`].
    pub fn put_down_events(&mut self) {
        self.events = Some(Vec::new());
    }

    /// Moves what has happened since this was last asked to the end of a list, in order.
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

    /// Who is there.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            at_servers: self.at_servers,
            cut_off: self.waiting.cut_off(),
            fresh: self.waiting.fresh(),
        }
    }

    /// The next moment at which something of the station is due: [`Moment::NEVER`] if nothing is.
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

    /// Whether something of the station may be due at this moment; if not, nothing is.
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

    /// Number of servers that could take a customer.
    #[must_use]
    pub fn free_servers(&self) -> u64 {
        self.free.len() as u64
    }

    /// Number of customers who were there when the run ended.
    #[must_use]
    pub fn counts_left(&self) -> u64 {
        self.unfinished
    }

    /// Whether a service could begin now if it were the turn of services.
    #[must_use]
    #[inline]
    pub fn can_begin(&self) -> bool {
        self.waiting.length() > 0
            && (!self.free.is_empty() || self.unnumbered || self.victim().is_some())
    }

    /// Whether nothing can ever move here but by a place further on: every server that serves now or later is held by a
    /// customer whose service has ended, none is under repair, and nobody who waits can give up.
    #[must_use]
    #[inline]
    pub fn is_stuck(&self) -> bool {
        self.finished > 0 && self.finished == self.at_servers && self.holds_all_it_serves()
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

    // Phase 1.

    /// Services and set-ups that are due end. Lists customers whose service has ended: they hold their servers until
    /// they are [released](Station::release).
    pub fn end(&mut self, now: Moment, ended: &mut Vec<Ended>) {
        while let Some(what) = self.calendar.take(now, Phase::End) {
            let What::End { server, .. } = what else {
                unreachable!("only services and set-ups end");
            };
            if !self.is_valid(what) {
                continue;
            }
            if let Some(sharing) = &mut self.sharing {
                for place in sharing.end(now.time) {
                    let one = &self.servers[place as usize];
                    let slot = one.slot().expect("somebody is in service");
                    ended.push(self.finish(slot, place, now));
                }
                self.await_shared_end(now);
                continue;
            }
            match self.servers[server as usize].hold {
                Hold::SettingUp { slot, .. } => self.go_on(slot, server, now, None),
                Hold::Serving { slot, .. } => ended.push(self.finish(slot, server, now)),
                _ => unreachable!("the server is at work"),
            }
        }
    }

    #[inline(always)]
    fn finish(&mut self, slot: Slot, server: u32, now: Moment) -> Ended {
        self.pause(server, now, true);
        let one = &mut self.servers[server as usize];
        one.hold = Hold::Finished { slot };
        one.epoch += 1;
        self.finished += 1;
        let visitor = &mut self.visitors[slot];
        visitor.ended = Some(now.time);
        let scrapped = self.draws.scraps(&visitor.person, self.rules.scrap);
        if visitor.person.measured {
            self.measures.service.add(visitor.served);
        }
        self.measures.scrapped += u64::from(scrapped);
        Ended {
            stage: self.position,
            began: visitor.began.expect("a service ends that began"),
            server,
            number: visitor.person.number,
            class: visitor.person.class,
            visit: visitor.person.visit,
            stop: visitor.person.stop,
            scrapped,
        }
    }

    /// Lets the customer whose service has ended at this server go, in any phase.
    pub fn release(&mut self, server: u32, now: Moment) -> (Box<Person>, StationVisit) {
        let one = &mut self.servers[server as usize];
        let Hold::Finished { slot } = one.hold else {
            unreachable!("the service has ended");
        };
        one.book(now.time, self.certain);
        one.hold = Hold::Nobody;
        self.at_servers -= 1;
        self.finished -= 1;
        if let Some(sharing) = &mut self.sharing {
            sharing.note(self.finished, now.time);
        }
        self.measures.departures += 1;
        self.note_in_service(now);
        self.become_idle(server, now);
        self.leave(slot, now, VisitOutcome::Next)
    }

    // Phases 2 and 3.

    /// Servers that are due come up, then others go down. Lists customers who have failed.
    pub fn turn(&mut self, now: Moment, gone: &mut Vec<Gone>) {
        self.come_up(now);
        self.go_down(now, gone);
    }

    /// Servers that are due come up: repairs, then the plan.
    fn come_up(&mut self, now: Moment) {
        while let Some(what) = self.calendar.take(now, Phase::Up) {
            match what {
                What::Repair { server } => self.repair(server, now),
                What::Duty { count } => {
                    for server in self.duty..count {
                        self.servers[server as usize].book(now.time, self.certain);
                        self.servers[server as usize].on_duty = true;
                        self.tell(now, None, server, StationEventKind::OnDuty);
                        self.become_idle(server, now);
                    }
                    self.duty = count;
                    self.plan_next();
                }
                _ => unreachable!("repairs and plans bring servers up"),
            }
        }
    }

    fn repair(&mut self, server: u32, now: Moment) {
        self.repairs -= 1;
        if let Some((_, next)) = self.unrepaired.pop_front() {
            self.begin_repair(next, now);
        }
        let one = &mut self.servers[server as usize];
        let slowed = one.factor < 1.0;
        one.book(now.time, self.certain);
        one.up = true;
        self.wind_fault_clock(server, now);
        self.tell(now, None, server, StationEventKind::Up);
        if slowed {
            self.change_pace(server, 1.0, now);
            return;
        }
        match self.servers[server as usize].hold {
            Hold::Stopped {
                slot,
                set_up_left: Some(left),
            } => self.set_up(slot, server, (left, None), now),
            Hold::Stopped { slot, .. } => self.go_on(slot, server, now, None),
            Hold::Nobody => self.become_idle(server, now),
            _ => {}
        }
    }

    /// Servers that are due go down: faults, then the plan. Lists customers who have failed.
    fn go_down(&mut self, now: Moment, gone: &mut Vec<Gone>) {
        while let Some(what) = self.calendar.take(now, Phase::Down) {
            match what {
                What::Fault { server, epoch } => {
                    if self.servers[server as usize].clock.epoch == epoch {
                        self.fail(server, now, gone);
                    }
                }
                What::Duty { count } => self.send_off(count, now),
                _ => unreachable!("faults and plans bring servers down"),
            }
        }
    }

    fn fail(&mut self, server: u32, now: Moment, gone: &mut Vec<Gone>) {
        if self.servers[server as usize].is_off() {
            if !self.plan_is_over {
                self.wind_fault_clock(server, now);
            }
            return;
        }
        let rules = Arc::clone(&self.rules);
        let faults = rules.faults.as_ref().expect("a fault has its law");
        self.servers[server as usize].clock.epoch += 1;
        if let Some(slow) = faults.slow {
            self.stop_clock(server);
            self.tell(now, None, server, StationEventKind::Slowed { to: slow });
            self.change_pace(server, slow, now);
        } else {
            self.tell(now, None, server, StationEventKind::Down);
            self.stop(server, faults, now, gone);
        }
        if faults.crew.is_none_or(|crew| self.repairs < crew) {
            self.begin_repair(server, now);
        } else {
            let failed = (now.time.to_bits(), server);
            let place = self.unrepaired.partition_point(|other| *other < failed);
            self.unrepaired.insert(place, failed);
        }
    }

    /// A server stands still from now on.
    fn stop(&mut self, server: u32, faults: &StageFaults, now: Moment, gone: &mut Vec<Gone>) {
        let place = self.free_place(server);
        self.pause(server, now, false);
        self.stop_clock(server);
        let one = &mut self.servers[server as usize];
        one.up = false;
        let (slot, mut set_up_left) = match one.hold {
            Hold::Nobody => {
                if let Some(place) = place {
                    self.free.remove(place);
                }
                return;
            }
            Hold::Finished { .. } | Hold::Stopped { .. } => return,
            Hold::Serving { slot, .. } => (slot, None),
            Hold::SettingUp { slot, until } => (slot, Some(until - now.time)),
        };
        one.epoch += 1;
        let visitor = &mut self.visitors[slot];
        match faults.work {
            FaultWork::Resume => {}
            // What was cut off begins anew: the set-up, or the work.
            FaultWork::Restart if set_up_left.is_some() => {
                set_up_left = self.draws.setup(&visitor.person);
            }
            FaultWork::Restart => visitor.left = visitor.work.expect("the work is drawn"),
            FaultWork::Requeue => {
                one.hold = Hold::Nobody;
                return self.return_to_queue(slot, (server, CutOff::Fault), now);
            }
            FaultWork::Lost => {
                one.hold = Hold::Nobody;
                self.at_servers -= 1;
                self.note_in_service(now);
                self.measures.failed += 1;
                self.tell(now, Some(slot), server, StationEventKind::Failed);
                let (person, visit) = self.leave(slot, now, VisitOutcome::Failed);
                gone.push(Gone { person, visit });
                return;
            }
        }
        one.hold = Hold::Stopped { slot, set_up_left };
        let by = CutOff::Fault;
        let cut_off = StationEventKind::CutOff { by, stays: true };
        self.tell(now, Some(slot), server, cut_off);
    }

    fn begin_repair(&mut self, server: u32, now: Moment) {
        self.repairs += 1;
        let number = self.servers[server as usize].clock.draws;
        let repair = self.draws.repair(server, number);
        self.calendar.repair(now.after(repair), server);
    }

    /// The plan wants this many servers, fewer than before.
    fn send_off(&mut self, count: u32, now: Moment) {
        let interrupts = match &self.rules.servers {
            Servers::Plan(plan) => plan.leaving == Leaving::Interrupt,
            _ => false,
        };
        for server in count..self.duty {
            if let Some(place) = self.free_place(server) {
                self.free.remove(place);
            }
            if interrupts {
                self.pause(server, now, false);
            }
            let one = &mut self.servers[server as usize];
            one.book(now.time, self.certain);
            one.on_duty = false;
            let hold = one.hold;
            self.tell(now, None, server, StationEventKind::OffDuty);
            if !interrupts {
                continue;
            }
            if let Hold::SettingUp { slot, .. }
            | Hold::Serving { slot, .. }
            | Hold::Stopped { slot, .. } = hold
            {
                let one = &mut self.servers[server as usize];
                one.hold = Hold::Nobody;
                one.epoch += 1;
                self.return_to_queue(slot, (server, CutOff::Plan), now);
            }
        }
        self.duty = count;
        self.plan_next();
    }

    fn plan_next(&mut self) {
        self.duty_later = match &self.plan {
            Some(plan) => plan.most_to_come(),
            None => u32::MAX,
        };
        match self.plan.as_mut().and_then(Pieces::next) {
            Some((time, count)) => self.calendar.duty(Moment::at(time), self.duty, count),
            None => self.plan_is_over = true,
        }
    }

    // Phase 4.

    /// A customer who has a place arrives, and decides whether to join. `able` is the number of services that could
    /// begin at once as far as places further on are concerned.
    ///
    /// # Errors
    /// The customer, if it does not join.
    pub fn arrive(
        &mut self,
        person: Box<Person>,
        now: Moment,
        able: u64,
    ) -> Result<(), Box<Person>> {
        if !self.rules.join.is_empty() && !self.joins(&person, now, able) {
            return Err(person);
        }
        if self.measures.opened.is_none() && person.measured {
            self.open_window(now.time);
        }
        self.measures.arrivals += 1;
        self.arrived += 1;
        let work =
            (self.rules.discipline == Discipline::Shortest).then(|| self.draws.service(&person, 0));
        let deadline = self.draws.patience(&person).map(|patience| {
            let time = now.time + patience;
            if time > now.time {
                Moment::at(time)
            } else {
                now
            }
        });
        let class = person.class;
        let slot = self.visitors.insert(Visitor {
            person,
            arrival: now,
            order: self.arrived,
            work,
            left: work.unwrap_or(0.0),
            began: None,
            served: 0.0,
            set_up: 0.0,
            ended: None,
            server: 0,
            place: Place::Fresh,
            deadline,
        });
        let key = self.key(slot);
        self.waiting.join(slot, class, key);
        self.note_queue(now);
        self.tell(now, Some(slot), None, StationEventKind::Arrived);
        if let Some(deadline) = deadline {
            // One whose service may begin at once has to wait for nothing.
            if self.can_begin() {
                self.newcomers.push(slot);
            } else {
                self.calendar.patience(deadline, self.arrived, slot);
            }
        }
        Ok(())
    }

    /// Whether a customer joins those who wait, by their number when every idle server has taken one.
    fn joins(&mut self, person: &Person, now: Moment, able: u64) -> bool {
        let idle = (self.free.len() as u64).min(able);
        let found = self.waiting.length() as i64 - idle as i64;
        let join = &self.rules.join;
        let (Ok(found), Some(&last)) = (usize::try_from(found), join.last()) else {
            return true;
        };
        let chance = join.get(found).copied().unwrap_or(last);
        if self.draws.joins(person, chance) {
            return true;
        }
        self.measures.balked += 1;
        if let Some(events) = &mut self.events {
            let found = found as u64;
            events.push(StationEvent {
                time: now.time,
                stage: self.position,
                customer: Some(Subject::from(person)),
                server: None,
                kind: StationEventKind::Balked { found },
            });
        }
        false
    }

    fn key(&self, slot: Slot) -> Key {
        let visitor = &self.visitors[slot];
        Key {
            order: visitor.order,
            service: visitor.work.unwrap_or(0.0),
        }
    }

    /// The window of the station opens, if it has not.
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

    // Phase 5.

    /// Services begin, at most this many; gives their number.
    pub fn begin(&mut self, now: Moment, most: u64) -> u64 {
        let mut begun = 0;
        while begun < most && self.waiting.length() > 0 {
            let server = if self.unnumbered {
                self.free.pop_back().map_or_else(
                    || {
                        self.servers.push(Server::unnumbered());
                        (self.servers.len() - 1) as u32
                    },
                    |free| free.server,
                )
            } else if let Some(free) = self.free.pop_front() {
                free.server
            } else if let Some(server) = self.victim() {
                self.preempt(server, now);
                server
            } else {
                break;
            };
            let draws = &mut self.draws;
            let slot = self.waiting.take(|| draws.unit());
            self.start(slot.expect("somebody waits"), server, now);
            begun += 1;
        }
        if begun > 0 && self.sharing.is_some() {
            self.await_shared_end(now);
        }
        while let Some(slot) = self.newcomers.pop() {
            if let Some(visitor) = self.visitors.get(slot)
                && visitor.place == Place::Fresh
                && let Some(deadline) = visitor.deadline
            {
                self.calendar.patience(deadline, visitor.order, slot);
            }
        }
        begun
    }

    /// The server whose customer has to give way to the first of those who wait: of those in service of the lowest
    /// priority, the one who began last.
    #[inline]
    fn victim(&self) -> Option<u32> {
        match self.rules.preemption {
            Preemption::None => None,
            Preemption::Resume | Preemption::Restart => self.lowest_in_service(),
        }
    }

    fn lowest_in_service(&self) -> Option<u32> {
        let priority = self.waiting.priority()?;
        let in_service = (0..).zip(&self.servers).filter_map(|(number, server)| {
            let (Hold::SettingUp { slot, .. } | Hold::Serving { slot, .. }) = server.hold else {
                return None;
            };
            // One who only finishes before it goes off duty is left alone.
            let visitor = server.on_duty.then(|| &self.visitors[slot])?;
            let class = self.priorities[visitor.person.class as usize];
            Some((class, std::cmp::Reverse(visitor.began), number))
        });
        let (lowest, _, server) = in_service.min()?;
        (lowest < priority).then_some(server)
    }

    /// Cuts off the service at this server for one who is to take it.
    fn preempt(&mut self, server: u32, now: Moment) {
        self.pause(server, now, false);
        let one = &mut self.servers[server as usize];
        let slot = one.slot().expect("somebody is in service");
        let serving = matches!(one.hold, Hold::Serving { .. });
        one.book(now.time, self.certain);
        one.hold = Hold::Nobody;
        one.epoch += 1;
        if serving && self.rules.preemption == Preemption::Restart {
            let visitor = &mut self.visitors[slot];
            visitor.left = visitor.work.unwrap_or(0.0);
        }
        self.return_to_queue(slot, (server, CutOff::Preemption), now);
    }

    /// A customer takes a server.
    #[inline]
    fn start(&mut self, slot: Slot, server: u32, now: Moment) {
        self.at_servers += 1;
        self.note_queue(now);
        self.note_in_service(now);
        let visitor = &mut self.visitors[slot];
        visitor.place = Place::AtServer;
        visitor.server = server;
        if visitor.work.is_none() {
            let work = self.draws.service(&visitor.person, server as usize);
            (visitor.work, visitor.left) = (Some(work), work);
        }
        let mut first = None;
        if visitor.began.is_none() {
            visitor.began = Some((now, self.begun));
            self.begun += 1;
            let waited = now.time - visitor.arrival.time;
            first = Some(waited);
            visitor.person.waiting += waited;
            visitor.person.queues_joined += u32::from(waited > 0.0);
            if visitor.person.measured {
                self.measures.waiting.add(waited);
            }
        }
        let set_for = self.servers[server as usize].set_for;
        let other = set_for.is_some_and(|class| class != visitor.person.class);
        let length = match other {
            true => self.draws.setup(&visitor.person),
            false => None,
        };
        match length {
            Some(length) => self.set_up(slot, server, (length, first), now),
            None => self.go_on(slot, server, now, first),
        }
    }

    /// Sets a server up for a customer, for this long; the time the customer waited, where it takes its first server.
    fn set_up(
        &mut self,
        slot: Slot,
        server: u32,
        (lasts, waited): (f64, Option<f64>),
        now: Moment,
    ) {
        let set_up = StationEventKind::SetUp { lasts, waited };
        self.tell(now, Some(slot), server, set_up);
        let end = now.after(lasts);
        let one = &mut self.servers[server as usize];
        one.book(now.time, self.certain);
        one.hold = Hold::SettingUp {
            slot,
            until: end.time,
        };
        one.epoch += 1;
        let epoch = one.epoch;
        let (_, order) = self.began(slot);
        self.calendar.end(end, order, server, epoch);
        self.visitors[slot].set_up -= now.time;
    }

    /// A service begins or goes on; the time the customer waited, where it takes its first server.
    #[inline]
    fn go_on(&mut self, slot: Slot, server: u32, now: Moment, waited: Option<f64>) {
        let visitor = &self.visitors[slot];
        let kind = match visitor.served > 0.0 {
            true => StationEventKind::Resumed { left: visitor.left },
            false => StationEventKind::Began {
                work: visitor.left,
                waited,
            },
        };
        self.tell(now, Some(slot), server, kind);
        self.serve(slot, server, now);
    }

    /// Serves a customer with what is left of its work.
    #[inline(always)]
    fn serve(&mut self, slot: Slot, server: u32, now: Moment) {
        match self.servers[server as usize].hold {
            Hold::Nobody => self.servers[server as usize].book(now.time, self.certain),
            _ => self.pause(server, now, false),
        }
        let visitor = &self.visitors[slot];
        let one = &mut self.servers[server as usize];
        one.set_for = Some(visitor.person.class);
        one.hold = Hold::Serving {
            slot,
            since: now.time,
        };
        one.epoch += 1;
        if let Some(sharing) = &mut self.sharing {
            let (_, order) = visitor.began.expect("it began");
            sharing.begin(visitor.left, order, server, now.time);
            return;
        }
        let end = now.after(one.takes(visitor.left));
        assert!(end.time.is_finite(), "the clock ran away");
        let order = visitor.began.expect("it began").1;
        self.calendar.end(end, order, server, one.epoch);
        self.run_clock(server, now, end);
    }

    /// The end of the next of those services that share the servers is put down.
    fn await_shared_end(&mut self, now: Moment) {
        let finished = self.finished;
        let Some(sharing) = &mut self.sharing else {
            return;
        };
        sharing.note(finished, now.time);
        if let Some((server, left)) = sharing.next() {
            let end = now.after(left);
            assert!(end.time.is_finite(), "the clock ran away");
            self.calendar.end(end, 0, server, sharing.epoch);
        }
    }

    fn began(&self, slot: Slot) -> Began {
        self.visitors[slot].began.expect("it has begun")
    }

    // Phase 6.

    /// Patience that is due ends. Lists those who give up.
    pub fn give_up(&mut self, now: Moment, gone: &mut Vec<Gone>) {
        while let Some(what) = self.calendar.take(now, Phase::Patience) {
            let What::Patience { slot, .. } = what else {
                unreachable!("only patience ends");
            };
            if !self.is_valid(what) {
                continue;
            }
            let key = self.key(slot);
            let visitor = &self.visitors[slot];
            self.waiting.give_up(slot, visitor.person.class, key);
            self.measures.abandoned += 1;
            if visitor.person.measured {
                let waited = now.time - visitor.arrival.time;
                self.measures.time_to_abandon.add(waited);
            }
            self.note_queue(now);
            let waited = now.time - self.visitors[slot].arrival.time;
            self.tell(now, Some(slot), None, StationEventKind::GaveUp { waited });
            let (person, visit) = self.leave(slot, now, VisitOutcome::Abandoned);
            gone.push(Gone { person, visit });
        }
    }

    // The end.

    /// The visits of those who are still there when the run ends, by customer.
    pub fn close(&mut self, now: Moment) -> Vec<Gone> {
        for server in 0..self.servers.len() as u32 {
            self.pause(server, now, false);
        }
        let there = self.visitors.all();
        self.unfinished = there.len() as u64;
        let there = there.into_iter().map(|slot| {
            let (person, visit) = self.leave(slot, now, VisitOutcome::Unfinished);
            Gone { person, visit }
        });
        there.collect()
    }

    /// How the servers have spent their time in the window that closes now: totals over all of them. None where
    /// there are as many servers as customers, and where no window opened.
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

    // What several phases use.

    /// One whose service was cut off goes to the head of its priority; its server is with nobody by now.
    fn return_to_queue(&mut self, slot: Slot, (server, by): (u32, CutOff), now: Moment) {
        let cut_off = StationEventKind::CutOff { by, stays: false };
        self.tell(now, Some(slot), server, cut_off);
        self.at_servers -= 1;
        let began = self.began(slot);
        let visitor = &mut self.visitors[slot];
        visitor.place = Place::CutOff;
        self.waiting
            .return_cut_off(slot, visitor.person.class, began);
        self.note_queue(now);
        self.note_in_service(now);
    }

    /// Books what a server has done to its customer until now. `ends` says whether that is the end of the service.
    fn pause(&mut self, server: u32, now: Moment, ends: bool) {
        let one = &mut self.servers[server as usize];
        let mut anew = false;
        match &mut one.hold {
            Hold::Serving { slot, since } => {
                let served = now.time - *since;
                let pace = one.speed * one.factor;
                *since = now.time;
                let visitor = &mut self.visitors[*slot];
                visitor.served += served;
                visitor.left = if ends {
                    0.0
                } else {
                    (visitor.left - served * pace).max(0.0)
                };
                if let Some((since, due)) = one.clock.running.take() {
                    one.clock.left -= now.time - since;
                    one.clock.epoch += 1;
                    anew = ends && due <= now.time;
                }
            }
            Hold::SettingUp { slot, .. } => self.visitors[*slot].set_up += now.time,
            _ => {}
        }
        one.book(now.time, self.certain);
        // A fault due when a service ends does not happen, and its clock starts anew.
        if anew {
            self.wind_fault_clock(server, now);
        }
    }

    /// The speed of a server changes by a fault or its repair.
    fn change_pace(&mut self, server: u32, factor: f64, now: Moment) {
        self.pause(server, now, false);
        let one = &mut self.servers[server as usize];
        one.factor = factor;
        if let Hold::Serving { slot, .. } = one.hold {
            self.serve(slot, server, now);
        } else if let Hold::SettingUp { slot, .. } = one.hold {
            // A set-up keeps its time, and so its end.
            self.visitors[slot].set_up -= now.time;
        }
    }

    fn counts_busy_time(&self) -> bool {
        let faults = self.rules.faults.as_ref();
        faults.is_some_and(|faults| faults.clock == FaultClock::Busy)
    }

    /// Draws the time to the next fault of a server.
    fn wind_fault_clock(&mut self, server: u32, now: Moment) {
        if self.rules.faults.is_none() {
            return;
        }
        let clock = &mut self.servers[server as usize].clock;
        clock.draws += 1;
        clock.epoch += 1;
        let every = self.draws.every(server, clock.draws);
        clock.left = every;
        if !self.counts_busy_time() {
            let epoch = self.servers[server as usize].clock.epoch;
            self.calendar.fault(now.after(every), server, epoch);
        }
    }

    /// Lets the clock of busy time run while a service lasts; a fault is put down if it comes before the end.
    #[inline]
    fn run_clock(&mut self, server: u32, now: Moment, end: Moment) {
        if !self.counts_busy_time() {
            return;
        }
        let one = &mut self.servers[server as usize];
        if one.factor < 1.0 {
            return;
        }
        let fault = now.after(one.clock.left);
        one.clock.running = Some((now.time, fault.time));
        if fault.time < end.time {
            self.calendar.fault(fault, server, one.clock.epoch);
        }
    }

    /// The clock of a server that is down or slowed stands.
    fn stop_clock(&mut self, server: u32) {
        self.servers[server as usize].clock.running = None;
    }

    fn free_place(&self, server: u32) -> Option<usize> {
        self.free.iter().position(|free| free.server == server)
    }

    /// A server without a customer is idle from now on, if it is up and on duty.
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
            // All are alike.
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
        // Mostly it has been idle for the shortest time.
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
        self.measures.in_service.set(now.time, self.at_servers);
    }

    /// A customer leaves the station, for whatever reason.
    fn leave(
        &mut self,
        slot: Slot,
        now: Moment,
        outcome: VisitOutcome,
    ) -> (Box<Person>, StationVisit) {
        let Visitor {
            mut person,
            arrival,
            began,
            served,
            set_up,
            ended,
            server,
            ..
        } = self.visitors.remove(slot);
        person.service += served;
        if let (VisitOutcome::Next, Some(ended)) = (outcome, ended) {
            person.blocked += now.time - ended;
        }
        let numbered = !self.unnumbered;
        let visit = StationVisit {
            customer: person.number,
            stage: self.position,
            class: person.class,
            visit: person.visit,
            server: began.filter(|_| numbered).map(|_| server + 1),
            arrival: arrival.time,
            setup: set_up,
            service_start: began.map(|(moment, _)| moment.time),
            service: served,
            service_end: ended,
            departure: (outcome != VisitOutcome::Unfinished).then_some(now.time),
            outcome,
        };
        (person, visit)
    }
}
