//! A station of a pipeline: it goes from one of its own moments to the next, as far as its inputs are known.
//!
//! It reads the input that is known least far, the first of equals: so one message of each in turn. When all are known
//! equally far, it runs its phases up to there and says to all who depend on it what has come of that.

use super::message::{Coming, Customers, Ends, Exit, Phase, Rank, Span};
use crate::actor::{Outbox, Port, Wants};
use crate::lockstep::Message;
use crate::lockstep::coordinator::Endless;
use crate::lockstep::places::Way;
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
    /// The customers known to come, by input.
    inputs: Vec<VecDeque<Coming>>,
    /// The input that is read next.
    reading: usize,
    /// The stations it feeds, in the order of the outputs to them; the last output is that to the sink.
    feeds: Vec<u32>,
    coming: Vec<Vec<Coming>>,
    visits: Vec<(Moment, StationVisit)>,
    exits: Vec<Exit>,
    /// The end by the clock, or the last leaving from here; windows close then or later.
    certain: f64,
    /// Number of customers who found no place.
    pub(in crate::lockstep) lost: u64,
    /// Room for what a phase gives.
    ended: Vec<Ended>,
    gone: Vec<Gone>,
    /// An instant that does not come to an end.
    pub(in crate::lockstep) endless: Option<Endless>,
    done: bool,
}

/// The rounds of one instant, besides ten for each customer here, after which a station does not move on. A coordinator
/// gives up sooner.
const ROUNDS_MAX: u64 = 100_000;

/// Rules of a station of a pipeline that are not the station's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Servers and waiting places, where these are limited, and the number of servers.
    pub(super) places: Option<(u64, u64)>,
    /// Whether of services that end together those of later stations end first.
    pub(super) later_first: bool,
    /// The end of the run, where it does not drain.
    pub(super) stop_at: Option<f64>,
}

impl Stage {
    pub(super) fn new(
        name: &str,
        (position, station): (u32, Station),
        rules: Rules,
        routes: Routes,
        (inputs, feeds): (usize, Vec<u32>),
    ) -> Stage {
        Stage {
            name: name.to_owned(),
            station,
            position,
            rules,
            routes,
            inputs: vec![VecDeque::new(); inputs],
            reading: 0,
            coming: vec![Vec::new(); feeds.len()],
            feeds,
            visits: Vec::new(),
            exits: Vec::new(),
            certain: rules.stop_at.unwrap_or(0.0),
            lost: 0,
            ended: Vec::new(),
            gone: Vec::new(),
            endless: None,
            // Nobody ever comes to a station without inputs.
            done: inputs == 0,
        }
    }

    pub(in crate::lockstep) fn wants(&self) -> Wants {
        match self.done {
            true => Wants::Nothing,
            false => Wants::Message(Port(self.reading)),
        }
    }

    pub(in crate::lockstep) fn handle(
        &mut self,
        customers: Customers,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        let Customers { coming, span } = customers;
        assert!(
            self.inputs[self.reading].is_empty() || self.endless.is_some(),
            "all who were known to come have arrived"
        );
        self.inputs[self.reading] = coming.into();
        self.reading += 1;
        if self.reading < self.inputs.len() {
            return;
        }
        self.reading = 0;
        self.advance(span);
        self.done = span.last;
        self.send(span, outbox);
    }

    fn send(&mut self, span: Span, outbox: &mut Outbox<Message, Happening>) {
        for (output, coming) in self.coming.iter_mut().enumerate() {
            let room = Vec::with_capacity(coming.len());
            let coming = std::mem::replace(coming, room);
            let customers = Customers { coming, span };
            outbox.send(Port(output), Message::Customers(Box::new(customers)));
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

    /// Runs all moments of a span of time; of the last one, as far as customers are concerned.
    fn advance(&mut self, span: Span) {
        loop {
            let due = self.station.next_due();
            let arrival = self.next_arrival();
            let now = due.min(arrival.map_or(Moment::NEVER, |(at, _, _)| at));
            if now >= span.until || self.endless.is_some() {
                break;
            }
            if span.last && arrival.is_none() && self.station.counts().all() == 0 {
                break;
            }
            if u64::from(now.round) > ROUNDS_MAX + 10 * self.station.counts().all() {
                self.endless = Some(Endless {
                    time: now.time,
                    stations: vec![self.position],
                });
            }
            self.station.expect_close(self.certain);
            if due == now {
                self.end(now);
                self.station.turn(now, &mut self.gone);
                self.give_up(now, Phase::Failed);
            }
            let mut input = arrival.filter(|(at, _, _)| *at == now);
            while let Some((_, _, from)) = input {
                let coming = self.inputs[from].pop_front();
                self.arrive(coming.expect("somebody arrives"));
                input = self.next_arrival().filter(|(at, _, _)| *at == now);
            }
            self.station.begin(now, u64::MAX);
            if self.station.next_due() == now {
                self.station.give_up(now, &mut self.gone);
                self.give_up(now, Phase::Patience);
            }
        }
    }

    /// The run is over: up to this time servers came and went, though nobody was here.
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

    /// The moment at which the next customer arrives, and its input.
    fn next_arrival(&self) -> Option<(Moment, Rank, usize)> {
        let inputs = self.inputs.iter().enumerate();
        let next = inputs.filter_map(|(input, coming)| {
            let first = coming.front()?;
            Some((first.at, first.rank, input))
        });
        next.min()
    }

    /// Phase 1: services end, and their customers go on.
    fn end(&mut self, now: Moment) {
        let mut ended = std::mem::take(&mut self.ended);
        self.station.end(now, &mut ended);
        if ended.len() > 1 {
            ended.sort_by_key(|one| one.began);
        }
        for one in ended.drain(..) {
            let way = self
                .routes
                .way(&one, |_| unreachable!("nobody asks for numbers"));
            let (person, visit) = self.station.release(one.server, now);
            self.certain = self.certain.max(now.time);
            let rank = Rank::after(self.position, one.began, self.rules.later_first);
            self.go_on(now, rank, way, person, visit);
        }
        self.ended = ended;
    }

    fn go_on(
        &mut self,
        at: Moment,
        rank: Rank,
        way: Way,
        mut person: Box<Person>,
        visit: StationVisit,
    ) {
        let To::Station(to) = way.to else {
            let outcome = way.outcome;
            let visit = Some(StationVisit { outcome, ..visit });
            return self.exit(at, Phase::Served, rank, person, visit, false);
        };
        person.class = way.class;
        person.stop += 1;
        let output = self.feeds.iter().position(|&fed| fed == to);
        self.coming[output.expect("it feeds that station")].push(Coming {
            at,
            rank,
            person,
            last: Some(visit),
        });
    }

    /// Phase 4: a customer arrives.
    fn arrive(&mut self, coming: Coming) {
        let Coming {
            at,
            rank,
            person,
            last,
        } = coming;
        let lost = self
            .rules
            .places
            .is_some_and(|(places, servers)| self.station.counts().places(servers) >= places);
        let refused = match lost {
            true => Some(person),
            false => self.station.arrive(person, at, u64::MAX).err(),
        };
        match refused {
            Some(person) => {
                self.lost += u64::from(lost);
                let outcome = match lost {
                    true => VisitOutcome::Lost,
                    false => VisitOutcome::Balked,
                };
                let visit = last.map(|visit| StationVisit { outcome, ..visit });
                self.exit(at, Phase::Refused, rank, person, visit, lost);
            }
            None => self.visits.extend(last.map(|visit| (at, visit))),
        }
    }

    /// Customers leave without having been served.
    fn give_up(&mut self, at: Moment, phase: Phase) {
        let mut gone = std::mem::take(&mut self.gone);
        for (order, Gone { person, visit }) in gone.drain(..).enumerate() {
            self.certain = self.certain.max(at.time);
            let rank = Rank::of(self.position, order);
            self.exit(at, phase, rank, person, Some(visit), false);
        }
        self.gone = gone;
    }

    fn exit(
        &mut self,
        at: Moment,
        phase: Phase,
        rank: Rank,
        person: Box<Person>,
        visit: Option<StationVisit>,
        lost: bool,
    ) {
        self.exits.push(Exit {
            at,
            phase,
            rank,
            person,
            visit,
            lost,
        });
    }
}
