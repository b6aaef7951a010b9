//! A station of a pipeline: it advances from one of its own moments to the next, as far as its inputs are known.
//!
//! It reads the input that is known least far, the first of equals: so one message of each in turn. When all are
//! known equally far, it runs its phases up to there and sends the results to all stations that depend on them. If
//! it needs a place further on and none is known to be free, it asks, and continues after the answer from the phase
//! it is in.

use super::feed::{Awaited, Blocked, Feed};
use super::message::{
    Coming, Customers, During, Ends, Exit, Freed, Last, Phase, Places, Rank, Span,
};
use super::source::Supply;
use crate::actor::{Input, Outbox, Port, Wants};
use crate::lockstep::Message;
use crate::lockstep::coordinator::Endless;
use crate::lockstep::routes::Routes;
use crate::scenario::To;
use crate::station::{Ended, Gone, Happening, Person, Station, StationVisit, VisitOutcome};
use crate::time::Moment;
use std::collections::VecDeque;

/// A station as an actor that needs no common clock.
#[derive(Clone, Debug)]
pub struct Stage {
    pub(in crate::lockstep) name: String,
    pub(in crate::lockstep) station: Station,
    pub(in crate::lockstep) position: u32,
    rules: Rules,
    routes: Routes,
    /// The customers it generates itself, if it is never starved and so has no inputs; and the number generated in
    /// this turn.
    pub(in crate::lockstep) supply: Option<Box<Supply>>,
    made: usize,
    /// The customers known to come, by input.
    inputs: Vec<VecDeque<Coming>>,
    /// The input that is read next.
    reading: usize,
    /// The stations it feeds, in the order of the outputs to them. Then follow the output to the sink and, if
    /// others wait for places here, that to the station they are at.
    feeds: Vec<Feed>,
    /// Its own places, if others wait for them.
    own: Option<Own>,
    /// Number of customers here who wait for a place further on.
    blocked: usize,
    /// The station further on whose answer is awaited.
    asking: Option<usize>,
    /// The span of time that its inputs cover.
    span: Span,
    /// The question that it still has to answer, by the moment before which no other customer arrives; none arrives
    /// at all before the answer names a free place.
    asked: Option<Moment>,
    now: Moment,
    step: Step,
    /// Whether anything of the station itself is due now.
    due: bool,
    /// The next round, if a server became free after services could begin in this one.
    again: Moment,
    /// The last moment that a station further on is known to have run.
    ran: Moment,
    visits: Vec<Last>,
    exits: Vec<Exit>,
    /// The end by the clock, or the last departure from here; windows do not close earlier.
    certain: f64,
    /// Number of customers who found no place.
    pub(in crate::lockstep) lost: u64,
    /// Buffers for the results of a phase.
    ended: Vec<Ended>,
    gone: Vec<Gone>,
    /// An instant that does not end.
    pub(in crate::lockstep) endless: Option<Endless>,
    done: bool,
}

/// The places of a station that one other station fills.
#[derive(Clone, Debug, Default)]
struct Own {
    /// Number of places taken by customers who have arrived.
    taken: u64,
    /// The places given up that the other station does not know about.
    freed: Vec<Freed>,
}

/// The phase of a moment that a station has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Between two moments.
    Moment,
    /// Blocked customers go on, as far as places are free by this phase.
    LetGo(During),
}

/// The rounds of one instant, besides ten for each customer here, after which a station counts as stuck. A
/// coordinator gives up sooner.
const ROUNDS_MAX: u64 = 100_000;

/// Rules of a station of a pipeline that come from the system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Servers and waiting places, if these are limited.
    pub(super) places: Option<u64>,
    /// Number of servers, if they have numbers.
    pub(super) servers: u64,
    /// Whether customers at another station wait for its places.
    pub(super) awaited: bool,
    /// Whether among services that end together those of later stations end first.
    pub(super) later_first: bool,
    /// The end of the run, if it does not drain.
    pub(super) stop_at: Option<f64>,
}

impl Stage {
    pub(super) fn new(
        name: &str,
        (position, station): (u32, Station),
        rules: Rules,
        routes: Routes,
        (inputs, feeds): (usize, Vec<Feed>),
        supply: Option<Box<Supply>>,
    ) -> Stage {
        Stage {
            // A station without inputs has nothing to do.
            done: inputs == 0 && supply.is_none(),
            again: match supply {
                Some(_) => Moment::ZERO,
                None => Moment::NEVER,
            },
            ran: Moment::ZERO,
            supply,
            made: 0,
            name: name.to_owned(),
            station,
            position,
            rules,
            routes,
            inputs: vec![VecDeque::new(); inputs],
            reading: 0,
            feeds,
            own: rules.awaited.then(Own::default),
            blocked: 0,
            asking: None,
            span: Span {
                until: Moment::ZERO,
                last: false,
            },
            asked: None,
            now: Moment::ZERO,
            step: Step::Moment,
            due: false,
            visits: Vec::new(),
            exits: Vec::new(),
            certain: rules.stop_at.unwrap_or(0.0),
            lost: 0,
            ended: Vec::new(),
            gone: Vec::new(),
            endless: None,
        }
    }

    pub(in crate::lockstep) fn wants(&self) -> Wants {
        if self.done {
            return Wants::Nothing;
        }
        Wants::Message(Port(match self.asking {
            None if self.supply.is_some() => return Wants::Turn(self.now.time),
            None => self.reading,
            // The answers come in after the customers, in the order of the stations.
            Some(feed) => {
                let before = self.feeds[..feed].iter();
                let awaited = before.filter(|feed| feed.places.is_some());
                self.inputs.len() + awaited.count()
            }
        }))
    }

    /// Generates its own customers, some each turn.
    pub(in crate::lockstep) fn take_turn(
        &mut self,
        input: &Input<Message>,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        let supply = self.supply.as_mut().expect("it makes customers");
        supply.take_turn(input);
        self.span.until = supply.end();
        self.made = 0;
        self.go_on(outbox);
    }

    /// Takes the customers of an input.
    pub(in crate::lockstep) fn handle(
        &mut self,
        customers: Customers,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        let Customers { coming, span, asks } = customers;
        self.inputs[self.reading].extend(coming);
        self.span = span;
        self.asked = asks;
        if asks.is_none() {
            self.reading += 1;
            if self.reading < self.inputs.len() {
                return;
            }
            self.reading = 0;
        }
        self.go_on(outbox);
    }

    /// Takes the answer of the station that was asked for a place.
    pub(in crate::lockstep) fn learn(
        &mut self,
        places: Places,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        let feed = self.asking.take().expect("a station was asked");
        self.ran = self.ran.max(places.ran);
        let awaited = self.feeds[feed].places.as_mut();
        awaited.expect("it has places to wait for").learn(places);
        self.go_on(outbox);
    }

    /// Runs as far as the inputs are known, and sends the results.
    fn go_on(&mut self, outbox: &mut Outbox<Message, Happening>) {
        if let Some(feed) = self.advance() {
            let next = self.next_leaving();
            let message = self.feeds[feed].message(self.span, Some(next));
            outbox.send(Port(feed), Message::Customers(Box::new(message)));
            self.asking = Some(feed);
        } else if self.asked.take().is_some() {
            let own = self.own.as_mut().expect("it has places to wait for");
            let freed = std::mem::take(&mut own.freed);
            let ran = self.ran.max(self.now);
            let port = Port(self.feeds.len() + 1);
            outbox.send(port, Message::Places(Box::new(Places { freed, ran })));
        } else {
            self.done = self.span.last;
            self.send(outbox);
        }
    }

    /// Sends the events of a span of time that is over.
    fn send(&mut self, outbox: &mut Outbox<Message, Happening>) {
        let span = self.span;
        let inputs = self.inputs.iter();
        assert!(
            inputs.into_iter().all(VecDeque::is_empty) || self.endless.is_some(),
            "all who were known to come have arrived"
        );
        for (output, feed) in self.feeds.iter_mut().enumerate() {
            if let Some(places) = &mut feed.places {
                places.end_span();
            }
            let customers = Box::new(feed.message(span, None));
            outbox.send(Port(output), Message::Customers(customers));
        }
        let unfinished = match self.rules.stop_at {
            Some(stop_at) if self.done && self.station.counts().all() > 0 => {
                self.station.close(Moment::at(stop_at))
            }
            _ => Vec::new(),
        };
        let room = (self.visits.len(), self.exits.len());
        let ends = Ends {
            visits: std::mem::replace(&mut self.visits, Vec::with_capacity(room.0)),
            exits: std::mem::replace(&mut self.exits, Vec::with_capacity(room.1)),
            unfinished,
            span,
        };
        outbox.send(Port(self.feeds.len()), Message::Ends(Box::new(ends)));
    }

    /// The moment before which no other customer arrives further on.
    fn next_leaving(&self) -> Moment {
        match self.step {
            Step::LetGo(During::Ends | During::Turns) => self.now,
            _ => self.now.next_round(),
        }
    }

    /// Runs its moments as far as its inputs are known; returns the station further on that must be asked for a
    /// place before it can go on.
    fn advance(&mut self) -> Option<usize> {
        loop {
            let Step::LetGo(during) = self.step else {
                if let Some(feed) = self.unknown() {
                    return Some(feed);
                }
                if !self.next_moment() {
                    return None;
                }
                if self.due {
                    self.end();
                }
                self.step = Step::LetGo(During::Ends);
                continue;
            };
            self.let_go(during);
            if let Some(feed) = self.unknown() {
                return Some(feed);
            }
            let now = self.now;
            self.step = match during {
                During::Ends => {
                    if self.due {
                        self.station.turn(now, &mut self.gone);
                        self.give_up(Phase::Failed);
                        self.note_freed(During::Turns);
                    }
                    Step::LetGo(During::Turns)
                }
                During::Turns => Step::LetGo(During::Arrivals),
                During::Arrivals => {
                    if self.may_come(now) {
                        return None;
                    }
                    self.take_arrivals();
                    Step::LetGo(During::Begins(self.position))
                }
                During::Begins(station) if station == self.position => {
                    self.station.begin(now, u64::MAX);
                    self.make();
                    self.note_freed(during);
                    Step::LetGo(During::Begins(u32::MAX))
                }
                During::Begins(_) => {
                    if self.station.next_due() == now {
                        self.station.give_up(now, &mut self.gone);
                        self.give_up(Phase::Patience);
                        self.note_freed(During::Patience);
                    }
                    Step::LetGo(During::Patience)
                }
                During::Patience => Step::Moment,
            };
        }
    }

    /// Whether a customer not yet known may arrive at this moment.
    fn may_come(&self, at: Moment) -> bool {
        self.asked.is_some_and(|from| at >= from) && self.has_told()
    }

    /// Whether there is a free place that the asking station does not know about yet.
    fn has_told(&self) -> bool {
        self.own.as_ref().is_some_and(|own| !own.freed.is_empty())
    }

    /// The station further on that must be asked for a place.
    fn unknown(&self) -> Option<usize> {
        let unknown = |feed: &Feed| feed.places.as_ref().is_some_and(Awaited::is_unknown);
        match self.blocked {
            0 => None,
            _ => self.feeds.iter().position(unknown),
        }
    }

    /// Advances to the next moment, if it is known.
    fn next_moment(&mut self) -> bool {
        let due = self.station.next_due();
        let arrival = self.next_arrival();
        let mut now = due.min(arrival.map_or(Moment::NEVER, |(at, _, _)| at));
        now = now.min(self.again);
        if self.blocked > 0 {
            let places = self.feeds.iter().filter_map(|feed| feed.places.as_ref());
            now = places.filter_map(Awaited::next).fold(now, Moment::min);
        }
        if self.ends_turn(now) || now >= self.span.until || self.endless.is_some() {
            return false;
        }
        if self.asked.is_some_and(|from| now > from) && self.has_told() {
            return false;
        }
        let here = self.station.counts().all();
        if self.span.last && arrival.is_none() && here == 0 {
            return false;
        }
        if u64::from(now.round) > ROUNDS_MAX + 10 * here {
            self.endless = Some(Endless {
                time: now.time,
                stations: vec![self.position],
            });
        }
        assert!(now >= self.now, "the clock of {} ran back", self.name);
        self.station.expect_close(self.certain);
        self.now = now;
        self.due = due == now;
        self.again = Moment::NEVER;
        true
    }

    /// Ends the run: servers came and went up to this time, although no customer was here.
    pub(in crate::lockstep) fn run_until(&mut self, time: f64) {
        self.station.expect_close(time);
        while self.endless.is_none() {
            let due = self.station.next_due();
            if due.time > time {
                break;
            }
            self.station.turn(due, &mut self.gone);
        }
        assert!(self.gone.is_empty(), "nobody is here any more");
    }

    /// Whether a turn in which it generates customers itself ends before the next moment. The last turn goes on to
    /// the end.
    fn ends_turn(&mut self, next: Moment) -> bool {
        let Some(supply) = &self.supply else {
            return false;
        };
        let can_supply = supply.arrivals.can_supply(next.time) && supply.shortage.is_none();
        self.span.last = !can_supply || next >= self.span.until;
        let instant = self.now.time;
        let over = !self.span.last
            && self.made >= supply.chunk
            && next.time > instant
            && self.ran.time <= instant;
        if over {
            self.span.until = Moment::at(instant.next_up());
        }
        over
    }

    /// Generates customers whose services begin at once.
    fn make(&mut self) {
        let Some(supply) = &mut self.supply else {
            return;
        };
        let station = &mut self.station;
        while station.free_servers() > 0
            && station.counts().waiting() == 0
            && supply.shortage.is_none()
            && let Some(mut person) = supply.arrivals.supply(self.now.time)
        {
            if supply.runs_short() {
                return;
            }
            self.made += 1;
            person.stop += 1;
            let joined = station.arrive(person, self.now, u64::MAX);
            assert!(joined.is_ok(), "who can begin at once joins");
            station.begin(self.now, 1);
        }
    }

    /// Whether a service could begin, for a customer present or for a newly generated one.
    fn can_begin(&self) -> bool {
        let makes = |supply: &Supply| supply.arrivals.can_supply(self.now.time);
        let station = &self.station;
        let makes = self.supply.as_deref().is_some_and(makes) && station.free_servers() > 0;
        station.can_begin() || makes
    }

    /// The moment at which the next customer arrives, and its input.
    fn next_arrival(&self) -> Option<(Moment, Rank, usize)> {
        let inputs = self.inputs.iter().enumerate();
        let next = inputs.filter_map(|(input, coming)| {
            let first = coming.front()?;
            Some((first.at, first.rank, input))
        });
        next.min()
    }

    /// Phase 1: services end, and their customers go on or are blocked.
    fn end(&mut self) {
        let mut ended = std::mem::take(&mut self.ended);
        self.station.end(self.now, &mut ended);
        if ended.len() > 1 {
            ended.sort_by_key(|one| one.began);
        }
        for one in ended.drain(..) {
            let way = self
                .routes
                .way(&one, |_| unreachable!("nobody asks for numbers"));
            let leaves = Blocked {
                server: one.server,
                way,
                rank: Rank::after(self.position, one.began, self.rules.later_first),
            };
            let feed = self.feed(way.to);
            let places = feed.and_then(|feed| self.feeds[feed].places.as_mut());
            match places {
                Some(places) => {
                    places.blocked.push_back(leaves);
                    self.blocked += 1;
                }
                None => self.leave(leaves, self.now),
            }
        }
        self.ended = ended;
        self.note_freed(During::Ends);
    }

    /// The output to a station.
    fn feed(&self, to: To) -> Option<usize> {
        let To::Station(to) = to else {
            return None;
        };
        let feed = self.feeds.iter().position(|feed| feed.station == to);
        Some(feed.expect("it feeds that station"))
    }

    /// Lets blocked customers leave for the places that are free by this phase.
    fn let_go(&mut self, during: During) {
        if self.blocked == 0 {
            return;
        }
        let late = during > During::Begins(self.position);
        let arrival = match during {
            During::Ends | During::Turns => self.now,
            _ => self.now.next_round(),
        };
        let by = Freed {
            at: self.now,
            during,
        };
        for feed in 0..self.feeds.len() {
            while let Some((blocked, freed)) = self.feeds[feed]
                .places
                .as_mut()
                .and_then(|places| places.take(by))
            {
                self.blocked -= 1;
                self.leave(blocked, arrival);
                // If services begin at several stations in one phase, the one at which the first place was freed.
                let since = match (during, freed) {
                    (During::Begins(_), Some(freed)) => freed.during,
                    _ => during,
                };
                self.note_freed(since);
                if late && self.can_begin() {
                    self.again = self.now.next_round();
                }
            }
        }
    }

    /// Notes the places given up here.
    fn note_freed(&mut self, during: During) {
        let Some(own) = &mut self.own else {
            return;
        };
        let taken = self.station.counts().places(self.rules.servers);
        assert!(taken <= own.taken, "places are taken by who arrives");
        let freed = Freed {
            at: self.now,
            during,
        };
        own.freed.extend((taken..own.taken).map(|_| freed));
        own.taken = taken;
    }

    /// Lets a customer whose service has ended leave; if it goes on, it arrives further on at `arrival`.
    fn leave(&mut self, blocked: Blocked, arrival: Moment) {
        let Blocked { server, way, rank } = blocked;
        let (mut person, visit) = self.station.release(server, self.now);
        self.certain = self.certain.max(self.now.time);
        let Some(feed) = self.feed(way.to) else {
            let outcome = way.outcome;
            let visit = StationVisit { outcome, ..visit };
            let visit = Some((self.now, visit));
            return self.exit(Phase::Served, rank, person, visit, false);
        };
        person.class = way.class;
        person.stop += 1;
        self.feeds[feed].send(arrival, rank, person, (self.now, visit));
    }

    /// Phase 4: customers arrive.
    fn take_arrivals(&mut self) {
        while let Some((at, _, from)) = self.next_arrival()
            && at == self.now
        {
            let coming = self.inputs[from].pop_front();
            self.arrive(coming.expect("somebody arrives"));
        }
    }

    fn arrive(&mut self, coming: Coming) {
        let Coming {
            at,
            rank,
            person,
            last,
        } = coming;
        let taken = || self.station.counts().places(self.rules.servers);
        let lost = self.rules.places.is_some_and(|places| taken() >= places);
        assert!(!lost || self.own.is_none(), "who comes has a place");
        let refused = match lost {
            true => Some(person),
            false => self.station.arrive(person, at, u64::MAX).err(),
        };
        if let Some(own) = &mut self.own {
            let during = During::Arrivals;
            match refused {
                Some(_) => own.freed.push(Freed { at, during }),
                None => own.taken += 1,
            }
        }
        match refused {
            Some(person) => {
                self.lost += u64::from(lost);
                let outcome = match lost {
                    true => VisitOutcome::Lost,
                    false => VisitOutcome::Balked,
                };
                let visit = last.map(|(left, visit)| (left, StationVisit { outcome, ..visit }));
                self.exit(Phase::Refused, rank, person, visit, lost);
            }
            None => self.visits.extend(last),
        }
    }

    /// Processes customers who leave without having been served.
    fn give_up(&mut self, phase: Phase) {
        let mut gone = std::mem::take(&mut self.gone);
        for (order, Gone { person, visit }) in gone.drain(..).enumerate() {
            self.certain = self.certain.max(self.now.time);
            let rank = Rank::of(self.position, order);
            self.exit(phase, rank, person, Some((self.now, visit)), false);
        }
        self.gone = gone;
    }

    fn exit(
        &mut self,
        phase: Phase,
        rank: Rank,
        person: Box<Person>,
        visit: Option<Last>,
        lost: bool,
    ) {
        self.exits.push(Exit {
            at: self.now,
            phase,
            rank,
            person,
            visit,
            lost,
        });
    }
}
