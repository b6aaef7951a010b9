//! The coordinator of stations on one clock: it advances from instant to instant at which anything is due, and at
//! each goes through the phases, round by round, asking the stations concerned.
//!
//! It makes the decisions that involve several stations: which customers find a place, which are blocked, and where
//! they arrive. It is a state machine that calls stations in its own thread directly, and otherwise lists its
//! questions ([`Coordinator::advance`]) and takes the answers ([`Coordinator::absorb`]), so it behaves the same
//! with stations in its thread and with stations that are actors. The cost of an instant grows only with the
//! logarithm of the number of stations.

use super::arrivals::Arrivals;
use super::ask::{Ask, State};
use super::due::Due;
use super::jam::{Deadlocked, Jams, Waits};
use super::places::{Blocked, Known, LastVisit, Leaving, Moving, Released, Stations};
use super::recordings::Shortage;
use super::routes::Routes;
use super::sink::Sink;
use super::system::{Ends, Full, System};
use crate::scenario::WarmUp;
use crate::station::{Ended, Gone, Person, Station, StationEventKind, Subject};
use crate::time::Moment;
use std::collections::VecDeque;

/// The rounds of one instant, besides ten for each customer in the system, after which a model counts as stuck.
const ROUNDS_MAX: u64 = 1000;

/// The coordinator.
#[derive(Clone, Debug)]
pub(super) struct Coordinator {
    pub(super) stations: Stations,
    /// The next moment at which anything of each station is due.
    pub(super) due: Due,
    pub(super) routes: Routes,
    pub(super) full: Full,
    pub(super) ends: Ends,
    /// The maximum number of customers in the system.
    capacity: u64,
    /// The end of the run, if it does not drain.
    stop_at: Option<f64>,
    /// The end of a run that is wound up, if it has not drained before.
    gives_up: Option<f64>,
    /// Whether events may be due for ever while all customers are stuck.
    may_not_end: bool,
    /// The station at which customers are generated if it is never starved.
    source: u32,
    /// Whether customers of each class stay for ever.
    pub(super) stays: Vec<bool>,
    /// The time from which visits of customers who stay for ever are measured, and the time at which all windows
    /// open unless they are open.
    pub(super) measured_from: f64,
    opens: Option<f64>,
    pub(super) jams: Jams,
    pub(super) now: Moment,
    step: Step,
    arrivals: Arrivals,
    pub(super) sink: Sink,
    /// Services that have ended in this phase.
    pub(super) ended: Vec<Ended>,
    /// Customers to be released, in the order of leaving; those being released; and those of them that the stations
    /// have released.
    pub(super) leaving: Vec<Leaving>,
    pub(super) releasing: Vec<Leaving>,
    pub(super) released: Vec<Option<Released>>,
    /// Customers underway who arrive in the next phase of arrivals, and those who arrive in this one.
    pub(super) moving: VecDeque<Moving>,
    arriving: VecDeque<Moving>,
    /// The station that was asked to take a customer, and that customer's last visit.
    pub(super) taking: Option<(u32, Option<LastVisit>)>,
    /// Customers from outside who arrive at this instant.
    outside: VecDeque<Box<Person>>,
    /// The maximum number of rounds of this instant.
    rounds_max: u64,
    /// The next questions to stations that are actors.
    pub(super) asks: Vec<(u32, Ask)>,
    /// Buffers for stations to be asked, and for customers who give up.
    pub(super) concerned: Vec<u32>,
    /// Whether servers may come up or go down in this round.
    pub(super) turns: bool,
    pub(super) gone: Vec<Gone>,
    /// Whether the run was wound up before its horizon.
    pub(super) interrupted: bool,
    /// The reason why the run cannot end.
    failure: Option<Endless>,
    /// The recording that is too short for the run.
    shortage: Option<Shortage>,
}

/// An instant that does not end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Endless {
    pub(super) time: f64,
    /// The stations at which something is still due, by position.
    pub(super) stations: Vec<u32>,
}

/// The position of the coordinator within an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Between two instants.
    Instant,
    /// Services end next, after customers have swapped their places.
    End,
    /// Services have ended.
    Decide,
    Turn,
    /// Customers underway are about to arrive.
    Gather,
    Arrive,
    Begin(u32),
    /// A customer whose service begins at once has arrived.
    Supplied,
    /// All phases of a round are over.
    Round,
    /// The run is over, and the stations are closed.
    Over,
}

impl Coordinator {
    pub(super) fn new(
        system: &System,
        replication: u64,
        states: &[State],
        at_hand: Vec<Station>,
        arrivals: Arrivals,
        sink: Sink,
    ) -> Coordinator {
        let known = system.stations.iter().zip(states);
        let known = known.map(|(node, &state)| Known::new(node, state));
        let stays: Vec<bool> = system.classes.iter().map(|class| class.stays).collect();
        let measured_from = system.measured_from();
        let opens = stays.contains(&true) && system.warm_up != WarmUp::Customers(0);
        Coordinator {
            stations: Stations::new(known.collect(), at_hand),
            due: Due::new(states.iter().map(|state| state.next)),
            source: system.classes[0].enter,
            stays,
            measured_from,
            opens: opens.then_some(measured_from),
            jams: Jams::new(system),
            routes: Routes::new(system, replication),
            full: system.full,
            ends: system.ends,
            capacity: system.capacity.unwrap_or(u64::MAX),
            stop_at: system.stop_at(),
            gives_up: None,
            may_not_end: system.may_not_end,
            now: Moment::ZERO,
            step: Step::Instant,
            arrivals,
            sink,
            ended: Vec::new(),
            leaving: Vec::new(),
            releasing: Vec::new(),
            released: Vec::new(),
            moving: VecDeque::new(),
            arriving: VecDeque::new(),
            taking: None,
            outside: VecDeque::new(),
            rounds_max: 0,
            asks: Vec::new(),
            concerned: Vec::new(),
            turns: false,
            gone: Vec::new(),
            interrupted: false,
            failure: None,
            shortage: None,
        }
    }

    /// The current moment.
    pub(super) fn now(&self) -> Moment {
        self.now
    }

    /// The arrivals, with the number of customers generated.
    pub(super) fn made(&self) -> &Arrivals {
        &self.arrivals
    }

    /// The instant that did not end, if there was one.
    pub(super) fn failure(&self) -> Option<&Endless> {
        self.failure.as_ref()
    }

    /// The recording that was too short for the run.
    pub(super) fn shortage(&self) -> Option<&Shortage> {
        self.shortage.as_ref()
    }

    /// Whether a recording is too short for the customers so far or for the next arrival; the run is then over.
    #[inline]
    fn runs_short(&mut self) -> bool {
        let Some(shortage) = self.arrivals.shortage() else {
            return false;
        };
        self.shortage = Some(shortage);
        self.end();
        true
    }

    /// Whether the run is over.
    pub(super) fn is_over(&self) -> bool {
        self.step == Step::Over
    }

    /// Stops all arrivals; the customers in the system are served to the end.
    pub(super) fn wind_up(&mut self) {
        // Work that restarts again and again may never end.
        self.gives_up.get_or_insert(2.0 * self.now.time);
        self.interrupted = true;
        self.arrivals.close();
        if self.stays.contains(&true) {
            self.stop_at = Some(self.now.time);
        }
    }

    /// Advances until stations that are actors must be asked, and returns the questions; or to the end of an
    /// instant or of the run.
    pub(super) fn advance(&mut self) -> &mut Vec<(u32, Ask)> {
        self.asks.clear();
        loop {
            if !self.asks.is_empty() {
                break;
            }
            if !self.releasing.is_empty() {
                self.send_released_on();
            }
            if !self.leaving.is_empty() {
                self.ask_to_release();
                continue;
            }
            match self.step {
                Step::Instant => self.next_instant(),
                Step::End => self.begin_round(),
                Step::Decide => {
                    self.decide();
                    self.step = if self.turns { Step::Turn } else { Step::Gather };
                }
                Step::Turn => {
                    self.ask_to_turn();
                    self.step = Step::Gather;
                }
                Step::Gather => {
                    std::mem::swap(&mut self.moving, &mut self.arriving);
                    self.step = Step::Arrive;
                }
                Step::Arrive => self.next_arrivals(),
                Step::Begin(station) => self.begin_from(station),
                Step::Supplied => {
                    self.ask_to_begin(self.source, 1);
                    self.step = Step::Begin(self.source);
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

    /// The time of the next instant, as far as it is known between two.
    fn next_instant_time(&self) -> f64 {
        let due = self.due.first_time();
        if self.can_supply() {
            return self.now.time;
        }
        match self.arrivals.next() {
            Some(arrival) => arrival.min(due),
            // Servers come and go until the end of a run that stops by the clock.
            None if self.stop_at.is_none()
                && self.sink.inside() == 0
                && !self.arrivals.can_supply(due) =>
            {
                f64::INFINITY
            }
            None if self.may_not_end && self.stop_at.is_none() && self.nobody_moves() => {
                f64::INFINITY
            }
            None => due,
        }
    }

    /// Whether every customer in the system stays in place for ever, whatever else is due, and none arrives.
    fn nobody_moves(&self) -> bool {
        let supplied = self.arrivals.can_supply(self.now.time);
        let mut stations = 0..self.stations.len() as u32;
        (!supplied || self.stations.is_closed(self.source))
            && stations.all(|station| self.stations.is_still(station))
    }

    /// The time of the next turn: that of the next instant, or of the end of the run.
    pub(super) fn next_turn(&self) -> f64 {
        let next = self.next_instant_time();
        match self.stop_at {
            Some(stop_at) => next.min(stop_at),
            None if next == f64::INFINITY => self.now.time,
            None => next,
        }
    }

    /// A time before which no window closes: the end by the clock, or the last departure so far.
    #[inline]
    pub(super) fn certain(&self) -> f64 {
        self.stop_at.unwrap_or(self.sink.clock)
    }

    /// The time at which the run was stopped by the clock, if it was.
    pub(super) fn stopped_at(&self) -> Option<f64> {
        self.stop_at.filter(|_| self.is_over())
    }

    fn next_instant(&mut self) {
        if self.runs_short() {
            return;
        }
        let time = self.next_instant_time();
        if self.gives_up.is_some_and(|end| time > end) && time < f64::INFINITY {
            self.stop_at = Some(self.now.time);
        }
        let last = self.stop_at.unwrap_or(f64::MAX);
        if let Some(opens) = self.opens.filter(|&opens| opens <= time.min(last)) {
            self.opens = None;
            return self.ask_all(&Ask::Open(opens));
        }
        // With nothing due, the customers present wait for each other: a run that is to drain ends here.
        let nothing_is_due = time == f64::INFINITY && self.stop_at.is_none();
        let deadlocked = nothing_is_due && self.sink.inside() > 0 && self.jams.end_runs();
        if let Some(by_interval) = self.sink.by_interval.as_mut().filter(|_| !deadlocked) {
            let stations = 0..self.stations.len() as u32;
            let waiting = stations.map(|station| self.stations.counts(station).waiting());
            let waiting = waiting.sum();
            by_interval.wait(
                self.now.time,
                time.min(self.stop_at.unwrap_or(time)),
                waiting,
            );
        }
        if time > last {
            if deadlocked {
                let there = 0..self.stations.len() as u32;
                let there = there.filter(|&station| self.stations.counts(station).all() > 0);
                self.jam(there.collect());
            }
            return self.end();
        }
        self.now = Moment::at(time);
        self.rounds_max = ROUNDS_MAX + 10 * (self.sink.inside() + 1);
        if self.arrivals.next() == Some(time) {
            self.arrivals.take(time, &mut self.outside);
            self.rounds_max += 10 * self.outside.len() as u64;
            if self.runs_short() {
                return;
            }
        }
        self.begin_round();
    }

    /// Phase 1: services end.
    fn begin_round(&mut self) {
        self.step = Step::Decide;
        self.ask_to_end();
    }

    /// Ends the run: at its end by the clock, or when no customer is left.
    fn end(&mut self) {
        if let Some(stop_at) = self.stop_at {
            self.now = Moment::at(stop_at);
        }
        self.step = Step::Over;
        self.ask_all(&Ask::Close);
    }

    /// Whether stations must be asked before anything else happens.
    #[inline]
    fn waits(&self) -> bool {
        !self.asks.is_empty() || !self.leaving.is_empty()
    }

    /// Phase 4: customers underway arrive in the order of leaving, then those from outside.
    fn next_arrivals(&mut self) {
        while !self.waits() {
            if let Some(moving) = self.arriving.pop_front() {
                self.end_move(moving);
            } else if let Some(mut person) = self.outside.pop_front() {
                let to = self.routes.entry(person.class);
                if self.stations.has_place(to) && self.sink.inside() < self.capacity {
                    self.routes.set_out(&mut person, to);
                    self.let_arrive(to, person, None);
                } else {
                    self.lose(&person, None, to);
                }
            } else {
                self.begin_from(0);
                return;
            }
        }
    }

    /// Lets a customer underway arrive.
    fn end_move(&mut self, moving: Moving) {
        let Moving {
            from,
            to,
            person,
            last,
        } = moving;
        let asks = self.full == Full::Loses && from != to;
        let known = &mut self.stations.known[to as usize];
        known.on_way -= 1;
        known.promised -= u64::from(!asks);
        if asks && !self.stations.has_place(to) {
            self.lose(&person, Some(last), to);
        } else {
            self.let_arrive(to, person, Some(last));
        }
    }

    /// Records the loss of a customer who finds no place at this station; `last` is its last visit, if it had one.
    fn lose(&mut self, person: &Person, last: Option<LastVisit>, station: u32) {
        self.stations.known[station as usize].lost += 1;
        self.tell(station, Subject::from(person), None, StationEventKind::Lost);
        self.sink.lost(person, last, station, self.now);
    }

    /// The number of customers who found no place, by station.
    pub(super) fn lost(&self) -> impl Iterator<Item = u64> {
        self.stations.known.iter().map(|known| known.lost)
    }

    fn let_arrive(&mut self, station: u32, mut person: Box<Person>, last: Option<LastVisit>) {
        if self.stays[person.came_as as usize] {
            person.measured = self.now.time >= self.measured_from;
        }
        if last.is_none() {
            self.sink.entered();
        }
        self.ask_to_arrive(station, person, last);
    }

    /// Phase 5: services begin, station by station, from this one on; then phase 6: patience ends.
    fn begin_from(&mut self, mut from: u32) {
        self.step = Step::Begin(from);
        let supplies = |coordinator: &Coordinator, from: u32| {
            coordinator.arrivals.can_supply(coordinator.now.time) && from <= coordinator.source
        };
        while !self.waits() {
            let awake = self.stations.next_awake(from);
            let source = supplies(self, from).then_some(self.source);
            let Some(station) = awake.into_iter().chain(source).min() else {
                self.stations.put_down(&mut self.due);
                self.step = Step::Round;
                return self.ask_to_give_up();
            };
            if station == self.source
                && self.can_supply()
                && let Some(mut person) = self.arrivals.supply(self.now.time)
            {
                if self.runs_short() {
                    return;
                }
                self.routes.set_out(&mut person, station);
                self.step = Step::Supplied;
                return self.let_arrive(station, person, None);
            }
            let allowance = self.stations.allowance(station);
            let known = &mut self.stations.known[station as usize];
            let touched = std::mem::take(&mut known.touched);
            let can_begin = self.stations.can_begin(station);
            if !can_begin {
                self.stations.set_awake(station, false);
            }
            let asks = can_begin && (touched || allowance > 0);
            // A station that was asked is considered again: a saturated one may take more customers, and a customer
            // who took a place freed by the begin of a service may have left a server here.
            from = station + u32::from(!asks);
            if asks {
                self.ask_to_begin(station, allowance);
            }
            self.step = Step::Begin(from);
        }
    }

    /// Whether a newly generated customer could begin service at once.
    fn can_supply(&self) -> bool {
        let (stations, source) = (&self.stations, self.source);
        self.arrivals.can_supply(self.now.time)
            && stations.free_servers(source) > 0
            && stations.counts(source).waiting() == 0
            && stations.allowance(source) > 0
            && self.sink.inside() < self.capacity
    }

    /// Whether a service could begin at any station.
    fn some_can_begin(&self) -> bool {
        let mut next = self.stations.next_awake(0);
        while let Some(station) = next {
            if self.stations.can_begin(station) && self.stations.allowance(station) > 0 {
                return true;
            }
            next = self.stations.next_awake(station + 1);
        }
        false
    }

    /// Starts another round of this instant if anything new is due.
    fn next_round(&mut self) {
        self.stations.put_down(&mut self.due);
        let due = self.due.first_time() == self.now.time;
        if due || self.some_can_begin() || !self.moving.is_empty() || self.can_supply() {
            self.now.round += 1;
            if u64::from(self.now.round) > self.rounds_max {
                self.failure = Some(self.endless());
                return self.end();
            }
            return self.begin_round();
        }
        if let Some(stuck) = self.jams.find(&self.stations) {
            if self.jams.swap() {
                self.now.round += 1;
                self.swap(&stuck);
                // Customers who leave do so before services end.
                self.step = Step::End;
                return;
            }
            self.jam(stuck);
            return self.end();
        }
        self.sink.end_instant();
        self.step = Step::Instant;
    }

    /// Ends the run because the customers at these stations wait for each other.
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

    /// The deadlock that ended the run, if any, and the number of swaps.
    pub(super) fn jams(&self) -> &Jams {
        &self.jams
    }

    /// The stations at which this instant does not end.
    fn endless(&self) -> Endless {
        let due = (0..self.stations.len() as u32).filter(|&station| {
            self.due.of(station).time == self.now.time || self.stations.can_begin(station)
        });
        Endless {
            time: self.now.time,
            stations: due.collect(),
        }
    }
}
