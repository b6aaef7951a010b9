//! The coordinator of stations on one clock: it goes from instant to instant at which something is due, and at
//! each through the phases, round by round, asking the stations concerned.
//!
//! It decides what joins several stations: who has a place, who is blocked, who arrives where. It is a state
//! machine that says whom it asks what ([`Coordinator::advance`]) and takes the answers
//! ([`Coordinator::absorb`]), so it runs the same with stations at hand and with stations that are actors.

use super::arrivals::Arrivals;
use super::ask::{Answer, Ask, State};
use super::jam::{Deadlocked, Jams, Waits};
use super::recordings::Shortage;
use super::routes::Routes;
use super::sink::Sink;
use super::system::{Ends, Full, System};
use crate::scenario::{Horizon, To, WarmUp};
use crate::station::{
    Ended, Gone, Onward, Person, StationEvent, StationEventKind, StationVisit, Subject,
    VisitOutcome,
};
use crate::time::Moment;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// Rounds of one instant, besides ten for each customer in the system, after which a model does not move on.
const ROUNDS_MAX: u64 = 1000;

/// The coordinator.
#[derive(Clone, Debug)]
pub(super) struct Coordinator {
    stations: Vec<Known>,
    routes: Routes,
    full: Full,
    ends: Ends,
    /// The most customers in the system.
    capacity: u64,
    /// The end of the run, where it does not drain.
    stop_at: Option<f64>,
    /// The station at which customers are made where it is never starved.
    source: u32,
    /// Whether customers of a class stay for ever.
    stays: Vec<bool>,
    /// From when on visits of those are measured, and when all windows open if they have not.
    measured_from: f64,
    opens: Option<f64>,
    jams: Jams,
    now: Moment,
    step: Step,
    arrivals: Arrivals,
    pub(super) sink: Sink,
    /// Services that have ended in this phase, with their stations.
    ended: Vec<(u32, Ended)>,
    /// Customers who are to be released, in the order of leaving, and those who are being released.
    leaving: Vec<Leaving>,
    released: Vec<Leaving>,
    /// Customers underway, who arrive in the next phase of arrivals, and those who do in this one.
    moving: VecDeque<Moving>,
    arriving: VecDeque<Moving>,
    /// The station that was asked to take a customer, and that customer's last visit.
    taking: Option<(u32, Option<LastVisit>)>,
    /// Customers from outside who arrive at this instant.
    outside: VecDeque<Person>,
    /// The most rounds this instant may have.
    rounds_max: u64,
    /// What is asked next.
    asks: Vec<(u32, Ask)>,
    /// Whether the run was wound up before its horizon.
    pub(super) interrupted: bool,
    /// What keeps the run from its end.
    failure: Option<Endless>,
    /// The recording that is too short for the run.
    shortage: Option<Shortage>,
}

/// An instant that does not come to an end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Endless {
    pub(super) time: f64,
    /// The stations at which something is still due, by position.
    pub(super) stations: Vec<u32>,
}

/// What the coordinator knows of a station and its places.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) state: State,
    servers: u64,
    /// Servers and waiting places; none where there is no limit.
    places: Option<u64>,
    /// The station at which a service that begins here reserves a place.
    reserves: Option<u32>,
    /// Places promised to customers who have not arrived, by reservation too.
    promised: u64,
    /// Customers on the way.
    on_way: u64,
    /// Customers who wait for a place here.
    pub(super) blocked: VecDeque<Blocked>,
    /// Number of customers who found no place here.
    lost: u64,
    /// Whether somebody arrived in this round.
    touched: bool,
}

impl Known {
    fn free_places(&self) -> u64 {
        let taken = self.state.counts.places(self.servers) + self.promised;
        self.places
            .map_or(u64::MAX, |places| places - taken.min(places))
    }

    /// Whether one more customer can come.
    pub(super) fn has_place(&self) -> bool {
        self.free_places() > 0
    }
}

/// A server of a station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) station: u32,
    pub(super) server: u32,
}

/// A customer who waits for a place with its server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocked {
    pub(super) at: At,
    pub(super) way: Way,
    /// The customer's number.
    pub(super) number: u64,
    /// Its place in the order in which customers were blocked, wherever they were.
    pub(super) order: u64,
}

/// A customer who leaves a server, once the station has let it go.
#[derive(Clone, Debug)]
struct Leaving {
    at: At,
    way: Way,
    released: Option<(Person, StationVisit)>,
}

/// Where a customer goes after its service, and as what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) to: To,
    pub(super) class: u32,
    /// How it leaves, if it leaves the system.
    pub(super) outcome: VisitOutcome,
}

/// A customer underway.
#[derive(Clone, Debug)]
struct Moving {
    to: u32,
    person: Person,
    last: LastVisit,
}

/// The last visit of a customer underway, whose outcome depends on whether it joins, and when it ended.
pub(super) type LastVisit = (Moment, StationVisit);

/// Where the coordinator is in an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Between two instants.
    Instant,
    /// Services are to end.
    End,
    /// Services have ended.
    Decide,
    Turn,
    /// Those underway are about to arrive.
    Gather,
    Arrive,
    Begin(u32),
    /// A customer has arrived whose service begins at once.
    Supplied,
    Patience,
    /// All phases of a round are over.
    Round,
    /// The run is over, and the stations are closed.
    Over,
}

impl Coordinator {
    pub(super) fn new(
        system: &System,
        replication: u64,
        states: Vec<State>,
        arrivals: Arrivals,
        sink: Sink,
    ) -> Coordinator {
        let stations = system
            .stations
            .iter()
            .zip(states)
            .map(|(node, state)| Known {
                state,
                servers: match node.stage.servers.most() {
                    Some(most) if !node.stage.is_unnumbered() => u64::from(most),
                    _ => u64::from(u32::MAX),
                },
                places: node.stage.places(),
                reserves: node.reserves,
                promised: 0,
                on_way: 0,
                blocked: VecDeque::new(),
                lost: 0,
                touched: false,
            });
        let stays: Vec<bool> = system.classes.iter().map(|class| class.stays).collect();
        let measured_from = system.measured_from();
        let opens = stays.contains(&true) && system.warm_up != WarmUp::Customers(0);
        Coordinator {
            stations: stations.collect(),
            source: system.classes[0].enter,
            stays,
            measured_from,
            opens: opens.then_some(measured_from),
            jams: Jams::new(system),
            routes: Routes::new(system, replication),
            full: system.full,
            ends: system.ends,
            capacity: system.capacity.unwrap_or(u64::MAX),
            stop_at: match system.horizon {
                Horizon::Until(until) if system.stop => Some(until),
                _ => None,
            },
            now: Moment::ZERO,
            step: Step::Instant,
            arrivals,
            sink,
            ended: Vec::new(),
            leaving: Vec::new(),
            released: Vec::new(),
            moving: VecDeque::new(),
            arriving: VecDeque::new(),
            taking: None,
            outside: VecDeque::new(),
            rounds_max: 0,
            asks: Vec::new(),
            interrupted: false,
            failure: None,
            shortage: None,
        }
    }

    /// The current moment.
    pub(super) fn now(&self) -> Moment {
        self.now
    }

    /// Number of customers made.
    pub(super) fn made(&self) -> &Arrivals {
        &self.arrivals
    }

    /// What kept the run from its end.
    pub(super) fn failure(&self) -> Option<&Endless> {
        self.failure.as_ref()
    }

    /// The recording that was too short for the run.
    pub(super) fn shortage(&self) -> Option<&Shortage> {
        self.shortage.as_ref()
    }

    /// Whether a recording is too short for who has arrived, or for who arrives next; the run is then over.
    fn runs_short(&mut self) -> bool {
        self.shortage = self.arrivals.shortage();
        if self.shortage.is_some() {
            self.end();
        }
        self.shortage.is_some()
    }

    /// Whether the run is over.
    pub(super) fn is_over(&self) -> bool {
        self.step == Step::Over
    }

    /// Lets nobody in any more; what is in the system is served to its end.
    pub(super) fn wind_up(&mut self) {
        self.interrupted = true;
        self.arrivals.close();
        if self.stays.contains(&true) {
            self.stop_at = Some(self.now.time);
        }
    }

    /// Goes on until stations are to be asked, and says which and what; nothing when the run is over.
    pub(super) fn advance(&mut self) -> &mut Vec<(u32, Ask)> {
        self.asks.clear();
        loop {
            self.send_released_on();
            if !self.leaving.is_empty() {
                self.ask_to_release();
            }
            if !self.asks.is_empty() {
                break;
            }
            match self.step {
                Step::Instant => self.next_instant(),
                Step::End => {
                    self.ask_those_due(&Ask::End);
                    self.step = Step::Decide;
                }
                Step::Decide => {
                    self.decide();
                    self.step = Step::Turn;
                }
                Step::Turn => {
                    self.ask_those_due(&Ask::Turn);
                    self.step = Step::Gather;
                }
                Step::Gather => {
                    std::mem::swap(&mut self.moving, &mut self.arriving);
                    self.step = Step::Arrive;
                }
                Step::Arrive => self.next_arrival(),
                Step::Begin(station) => self.next_begin(station),
                Step::Supplied => {
                    self.asks.push((self.source, Ask::Begin(1)));
                    self.step = Step::Begin(self.source);
                }
                Step::Patience => {
                    self.ask_those_due(&Ask::Patience);
                    self.step = Step::Round;
                }
                Step::Round => {
                    self.next_round();
                    if self.step == Step::Instant {
                        break;
                    }
                }
                Step::Over => break,
            }
        }
        &mut self.asks
    }

    /// Takes the answer of a station.
    pub(super) fn absorb(&mut self, station: u32, answer: &mut Answer) {
        let known = &mut self.stations[station as usize];
        known.state = answer.state;
        self.sink.happened(answer.events.drain(..));
        if self.is_over() {
            for Gone { person, visit } in answer.gone.drain(..) {
                self.sink.unfinished(&person, visit, self.now);
            }
            return;
        }
        self.ended
            .extend(answer.ended.drain(..).map(|ended| (station, ended)));
        let mut asked = self.released.iter_mut();
        for released in answer.left.drain(..) {
            let one = asked.find(|one| one.at.station == station && one.released.is_none());
            one.expect("it was to be released").released = Some(released);
        }
        if let Some((_, last)) = self.taking.take() {
            match (last, answer.balked.take()) {
                (last, Some(person)) => self.sink.balked(&person, last, station, self.now),
                (Some((left, visit)), None) => self.sink.visited(visit, left),
                (None, None) => {}
            }
        }
        if answer.begun > 0 {
            self.reserve(station, answer.begun);
        }
        for gone in answer.gone.drain(..) {
            self.give_up(station, gone);
        }
        self.fill_places(station);
    }

    /// When the next instant is, as far as is known between two.
    pub(super) fn next_instant_time(&self) -> f64 {
        let due = self.stations.iter().map(|known| known.state.next.time);
        let due = due.fold(f64::INFINITY, f64::min);
        if self.can_supply() {
            return self.now.time;
        }
        match self.arrivals.next() {
            Some(arrival) => arrival.min(due),
            None if self.sink.inside() == 0 && !self.arrivals.can_supply(due) => f64::INFINITY,
            None => due,
        }
    }

    /// When the run was stopped by the clock, where it was.
    pub(super) fn stopped_at(&self) -> Option<f64> {
        self.stop_at.filter(|_| self.is_over())
    }

    /// Takes back the list of what was asked, emptied.
    pub(super) fn take_back(&mut self, asks: Vec<(u32, Ask)>) {
        self.asks = asks;
    }

    fn next_instant(&mut self) {
        if self.runs_short() {
            return;
        }
        let time = self.next_instant_time();
        let last = self.stop_at.unwrap_or(f64::MAX);
        if let Some(opens) = self.opens.filter(|&opens| opens <= time.min(last)) {
            self.opens = None;
            let everyone = 0..self.stations.len() as u32;
            self.asks
                .extend(everyone.map(|station| (station, Ask::Open(opens))));
            return;
        }
        if let Some(by_interval) = &mut self.sink.by_interval {
            let waiting = self.stations.iter();
            let waiting = waiting.map(|known| known.state.counts.waiting()).sum();
            by_interval.wait(
                self.now.time,
                time.min(self.stop_at.unwrap_or(time)),
                waiting,
            );
        }
        if time > last {
            if time == f64::INFINITY && self.sink.inside() > 0 && self.jams.end_runs() {
                let there = (0..).zip(&self.stations);
                let there = there.filter(|(_, known)| known.state.counts.all() > 0);
                let stations = there.map(|(station, _)| station).collect();
                self.jam(stations);
            }
            return self.end();
        }
        self.now = Moment::at(time);
        self.rounds_max = ROUNDS_MAX + 10 * (self.sink.inside() + 1);
        if self.arrivals.next() == Some(time) {
            let mut outside = Vec::new();
            self.arrivals.take(time, &mut outside);
            self.rounds_max += 10 * outside.len() as u64;
            self.outside.extend(outside);
            if self.runs_short() {
                return;
            }
        }
        self.step = Step::End;
    }

    /// The run ends: at its end by the clock, or when nobody is left.
    fn end(&mut self) {
        if let Some(stop_at) = self.stop_at {
            self.now = Moment::at(stop_at);
        }
        self.step = Step::Over;
        let everyone = 0..self.stations.len() as u32;
        self.asks
            .extend(everyone.map(|station| (station, Ask::Close)));
    }

    fn ask_those_due(&mut self, ask: &Ask) {
        for (station, known) in (0..).zip(&self.stations) {
            if known.state.next == self.now {
                self.asks.push((station, ask.clone()));
            }
        }
    }

    /// Phase 1: customers whose services have ended leave, or are blocked, or lost.
    fn decide(&mut self) {
        let mut ended = std::mem::take(&mut self.ended);
        match self.ends {
            Ends::LaterFirst => {
                ended.sort_by_key(|&(station, ref one)| (Reverse(station), one.began));
            }
            Ends::AsBegun => ended.sort_by_key(|&(station, ref one)| {
                let (began, order) = one.began;
                (began, station, order)
            }),
        }
        for (station, one) in ended.drain(..) {
            let at = At {
                station,
                server: one.server,
            };
            let number = |known: &Known| known.state.counts.all() + known.on_way;
            let numbers: Vec<u64> = match self.routes.needs_numbers(station) {
                true => self.stations.iter().map(number).collect(),
                false => Vec::new(),
            };
            let way = self.routes.way(station, &one, &numbers);
            if one.scrapped {
                self.give_back(station);
            }
            if !self.depart(at, way, one.number) {
                let (number, class) = (one.number, one.class);
                let numbered = self.stations[station as usize].servers < u64::from(u32::MAX);
                let server = numbered.then_some(at.server + 1);
                let who = Subject { number, class };
                self.tell(station, who, server, StationEventKind::Blocked);
            }
        }
        self.ended = ended;
    }

    /// A place that was reserved is free again.
    fn give_back(&mut self, station: u32) {
        if let Some(next) = self.stations[station as usize].reserves {
            self.stations[next as usize].promised -= 1;
            self.fill_places(next);
        }
    }

    /// Puts down what happens to a customer at a station.
    fn tell(&mut self, stage: u32, who: Subject, server: Option<u32>, kind: StationEventKind) {
        self.sink.happened([StationEvent {
            time: self.now.time,
            stage,
            customer: Some(who),
            server,
            kind,
        }]);
    }

    /// A customer leaves its server, or is blocked. Gives whether it leaves.
    fn depart(&mut self, at: At, way: Way, number: u64) -> bool {
        if let To::Station(next) = way.to {
            // A customer that returns to its own station gives up its place and takes it again at once.
            let returns = next == at.station;
            let reserved = self.stations[at.station as usize].reserves.is_some();
            let loses = self.full == Full::Loses;
            if !returns && !reserved && !loses && !self.has_place(next) {
                let order = self.jams.blocked_next();
                let blocked = Blocked {
                    at,
                    way,
                    number,
                    order,
                };
                self.stations[next as usize].blocked.push_back(blocked);
                return false;
            }
            // A customer that may be lost has no place before it arrives.
            let promises = !reserved && (returns || !loses);
            let known = &mut self.stations[next as usize];
            known.promised += u64::from(promises);
            known.on_way += 1;
        }
        self.leaving.push(Leaving {
            at,
            way,
            released: None,
        });
        self.stations[at.station as usize].state.counts.at_servers -= 1;
        self.fill_places(at.station);
        true
    }

    fn has_place(&self, station: u32) -> bool {
        self.free_places(station) > 0
    }

    fn free_places(&self, station: u32) -> u64 {
        self.stations[station as usize].free_places()
    }

    /// Those who have been blocked longest for this station take its free places, and leave.
    fn fill_places(&mut self, station: u32) {
        while self.has_place(station)
            && let Some(one) = self.stations[station as usize].blocked.pop_front()
        {
            self.depart(one.at, one.way, one.number);
        }
    }

    fn ask_to_release(&mut self) {
        if let [one] = self.leaving.as_slice() {
            let At { station, server } = one.at;
            self.asks.push((station, Ask::Release(vec![server])));
            std::mem::swap(&mut self.leaving, &mut self.released);
            return;
        }
        let mut servers: Vec<Vec<u32>> = vec![Vec::new(); self.stations.len()];
        for leaving in &self.leaving {
            servers[leaving.at.station as usize].push(leaving.at.server);
        }
        for (station, servers) in (0..).zip(servers) {
            if !servers.is_empty() {
                self.asks.push((station, Ask::Release(servers)));
            }
        }
        std::mem::swap(&mut self.leaving, &mut self.released);
    }

    /// Customers who were let go arrive at the next station in the next phase of arrivals, or are out.
    fn send_released_on(&mut self) {
        let mut released = std::mem::take(&mut self.released);
        for Leaving { way, released, .. } in released.drain(..) {
            let (mut person, visit) = released.expect("the station has let it go");
            let to = match (way.to, way.outcome) {
                (To::Station(to), _) => Onward::Station(to),
                (To::Out, VisitOutcome::Scrapped) => Onward::Scrap,
                (To::Out, _) => Onward::Out,
            };
            let blocked = self.now.time - visit.service_end.unwrap_or(self.now.time);
            let left = StationEventKind::Left { blocked, to };
            self.tell(visit.stage, Subject::from(&person), visit.server, left);
            let To::Station(to) = way.to else {
                let outcome = way.outcome;
                self.sink
                    .ended(&person, StationVisit { outcome, ..visit }, self.now);
                continue;
            };
            self.note_cycle(&mut person, visit.stage);
            person.class = way.class;
            self.routes.set_out(&mut person, to);
            let last = (self.now, visit);
            self.moving.push_back(Moving { to, person, last });
        }
        self.released = released;
    }

    /// A customer who stays for ever leaves a station: if it is its entry, a cycle ends and the next begins.
    fn note_cycle(&mut self, person: &mut Person, station: u32) {
        let class = person.came_as;
        if !self.stays[class as usize] || self.routes.entry(class) != station {
            return;
        }
        let now = self.now.time;
        if let Some(since) = person.cycle_since.replace(now)
            && since >= self.measured_from
        {
            self.sink.cycled(class, now - since);
        }
    }

    /// Phase 4: those underway arrive in the order of leaving, then those from outside.
    fn next_arrival(&mut self) {
        if let Some(Moving { to, person, last }) = self.arriving.pop_front() {
            let (_, visit) = &last;
            let asks = self.full == Full::Loses && visit.stage != to;
            let known = &mut self.stations[to as usize];
            known.on_way -= 1;
            known.promised -= u64::from(!asks);
            if asks && !self.has_place(to) {
                self.lose(&person, Some(last), to);
            } else {
                self.let_arrive(to, person, Some(last));
            }
        } else if let Some(mut person) = self.outside.pop_front() {
            let to = self.routes.entry(person.class);
            if self.has_place(to) && self.sink.inside() < self.capacity {
                self.routes.set_out(&mut person, to);
                self.let_arrive(to, person, None);
            } else {
                self.lose(&person, None, to);
            }
        } else {
            self.step = Step::Begin(0);
        }
    }

    /// A customer finds no place at this station; its last visit, if it had one.
    fn lose(&mut self, person: &Person, last: Option<LastVisit>, station: u32) {
        self.stations[station as usize].lost += 1;
        self.tell(station, Subject::from(person), None, StationEventKind::Lost);
        self.sink.lost(person, last, station, self.now);
    }

    /// The number of customers who found no place, by station.
    pub(super) fn lost(&self) -> impl Iterator<Item = u64> {
        self.stations.iter().map(|known| known.lost)
    }

    fn let_arrive(&mut self, station: u32, mut person: Person, last: Option<LastVisit>) {
        if self.stays[person.came_as as usize] {
            person.measured = self.now.time >= self.measured_from;
        }
        if last.is_none() {
            self.sink.entered();
        }
        let able = self.allowance(station);
        self.stations[station as usize].touched = true;
        self.taking = Some((station, last));
        self.asks.push((station, Ask::Arrive(person, able)));
    }

    /// The number of services that may begin at a station as far as places further on are concerned.
    fn allowance(&self, station: u32) -> u64 {
        let next = self.stations[station as usize].reserves;
        next.map_or(u64::MAX, |next| self.free_places(next))
    }

    /// Phase 5: services begin, station by station.
    fn next_begin(&mut self, from: u32) {
        for station in from..self.stations.len() as u32 {
            let allowance = self.allowance(station);
            if station == self.source
                && self.can_supply()
                && let Some(person) = self.arrivals.supply(self.now.time)
            {
                if self.runs_short() {
                    return;
                }
                self.let_arrive(station, person, None);
                self.step = Step::Supplied;
                return;
            }
            let known = &mut self.stations[station as usize];
            if std::mem::take(&mut known.touched) || (known.state.can_begin && allowance > 0) {
                self.asks.push((station, Ask::Begin(allowance)));
                // A saturated station may take more customers once those who wait have begun.
                let again = station == self.source && self.arrivals.can_supply(self.now.time);
                self.step = Step::Begin(station + u32::from(!again));
                return;
            }
        }
        self.step = Step::Patience;
    }

    /// Whether a customer could begin at once who is made for it.
    fn can_supply(&self) -> bool {
        let known = &self.stations[self.source as usize];
        self.arrivals.can_supply(self.now.time)
            && known.state.free > 0
            && known.state.counts.waiting() == 0
            && self.allowance(self.source) > 0
            && self.sink.inside() < self.capacity
    }

    /// Services that began have reserved places at the next station.
    fn reserve(&mut self, station: u32, begun: u64) {
        if let Some(next) = self.stations[station as usize].reserves {
            self.stations[next as usize].promised += begun;
        }
    }

    /// A customer has left a station without being sent on.
    fn give_up(&mut self, station: u32, Gone { person, visit }: Gone) {
        if visit.outcome == VisitOutcome::Failed {
            self.give_back(station);
        }
        self.sink.ended(&person, visit, self.now);
    }

    /// Another round of this instant, if something new is due.
    fn next_round(&mut self) {
        let due = (0..).zip(&self.stations).any(|(station, known)| {
            known.state.next.time == self.now.time
                || (known.state.can_begin && self.allowance(station) > 0)
        });
        if due || !self.moving.is_empty() || self.can_supply() {
            self.now.round += 1;
            self.step = Step::End;
            if u64::from(self.now.round) > self.rounds_max {
                self.failure = Some(self.endless());
                self.end();
            }
            return;
        }
        if let Some(stuck) = self.jams.find(&self.stations) {
            if self.jams.swap() {
                self.now.round += 1;
                self.swap(&stuck);
                self.step = Step::End;
                return;
            }
            self.jam(stuck);
            return self.end();
        }
        self.sink.end_instant();
        self.step = Step::Instant;
    }

    /// The run ends, since the customers at these stations wait for each other.
    fn jam(&mut self, stations: Vec<u32>) {
        let cycle = self.jams.cycle(&self.stations, &stations);
        let waits = |blocked: &Blocked| Waits::of(blocked);
        self.jams.ended = Some(Deadlocked {
            time: self.now.time,
            stations,
            waits: cycle.iter().map(waits).collect(),
        });
        self.stop_at = Some(self.now.time);
    }

    /// Customers who wait for each other all leave, and take the places of one another.
    fn swap(&mut self, stuck: &[u32]) {
        for Blocked {
            at, way, number, ..
        } in self.jams.cycle(&self.stations, stuck)
        {
            let To::Station(next) = way.to else {
                unreachable!("blocked for a station");
            };
            let target = &mut self.stations[next as usize];
            target.blocked.retain(|other| other.number != number);
            target.promised += 1;
            target.on_way += 1;
            self.stations[at.station as usize].state.counts.at_servers -= 1;
            self.leaving.push(Leaving {
                at,
                way,
                released: None,
            });
        }
        for station in 0..self.stations.len() as u32 {
            self.fill_places(station);
        }
    }

    /// What the run ended in, if its customers waited for each other, and how often such customers moved.
    pub(super) fn jams(&self) -> &Jams {
        &self.jams
    }

    /// What does not come to an end at this instant.
    fn endless(&self) -> Endless {
        let due = (0..)
            .zip(&self.stations)
            .filter(|(_, known)| known.state.next.time == self.now.time || known.state.can_begin);
        Endless {
            time: self.now.time,
            stations: due.map(|(station, _)| station).collect(),
        }
    }
}
