//! The recursion for a stage with several servers before one without limits (Kiefer and Wolfowitz
//! 1955): start = max(arrival, when the first server is free), end = start + service.
//!
//! It does what a [station](super::super::stage) does there, several times faster: no event is looked for, since
//! services begin in the order of arrivals. Customers leave in the order in which their services end; one
//! is sent on when nobody can end before, which is certain once a service begins that late. The tests
//! hold all this equal to an event list.

mod door;
mod free;
mod held;
mod soonest;

use super::super::measures::{Begun, Left, Spell, StageMeasures, visitor};
use super::super::message::{Chunk, Customers, LineMessage};
use super::super::services::Services;
use super::super::summary::StageSummary;
use super::waited::{Spans, Waited};
use crate::actor::{Input, Outbox, Port, Wants};
use crate::digest::Digest;
use crate::lanes::widest;
use crate::station::Visit;
use crate::time::Moment;
use door::Door;
use free::{Free, Served};
use held::Held;
use std::ops::Range;

/// How many customers are worked on at a time, at least: few enough to stay in the first-level cache. With
/// more servers it is as many as they are, since with every piece those in service are moved.
const PIECE: usize = 256;

/// A stage with several servers, without limits.
#[derive(Clone, Debug)]
pub(in crate::tandem) struct SeveralServers {
    pub(in crate::tandem) name: String,
    position: u32,
    services: Services,
    /// Where customers can be lost, which only the first stage of a line can do.
    door: Option<Door>,
    pub(in crate::tandem) measures: StageMeasures,
    /// Whether visits are put on file.
    recording: bool,
    free: Free,
    held: Held,
    /// The places of those who leave, and what they met: kept for their room.
    leaving: Vec<u32>,
    left: Leaving,
    /// What came in the last chunk, emptied to be filled again.
    spare: Customers,
    /// When the last service began: nobody who is still to come ends by then.
    last_start: Moment,
    done: bool,
}

impl SeveralServers {
    pub(in crate::tandem) fn new(
        (name, position, servers): (String, u32, u32),
        buffer: Option<u64>,
        services: Services,
        measures: StageMeasures,
        recording: bool,
    ) -> SeveralServers {
        SeveralServers {
            name,
            position,
            services,
            door: buffer.map(Door::new),
            measures,
            recording,
            free: Free::new(servers),
            held: Held::default(),
            leaving: Vec::new(),
            left: Leaving::default(),
            spare: Customers::default(),
            last_start: Moment::ZERO,
            done: false,
        }
    }

    pub(in crate::tandem) fn wants(&self) -> Wants {
        if self.done {
            Wants::Nothing
        } else {
            Wants::Message(Port(0))
        }
    }

    pub(in crate::tandem) fn handle<R>(
        &mut self,
        input: Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, R>,
    ) {
        let Input::Message(LineMessage::Customers(mut chunk)) = input else {
            unreachable!("a stage without limits receives customers only");
        };
        self.done = chunk.last;
        let count = chunk.customers.len();
        let mut trails = std::mem::take(&mut chunk.trails).into_iter();
        let mut sent = std::mem::take(&mut self.spare);
        let mut leaving = std::mem::take(&mut self.leaving);
        // Also an empty chunk lets those leave who are left, if it is the last.
        let size = PIECE.max(self.free.servers());
        for begin in (0..count.max(1)).step_by(size) {
            let piece = begin..count.min(begin + size);
            let known = self.held.len();
            self.held.trails.extend(trails.by_ref().take(piece.len()));
            let in_order = self.begin(&mut chunk, piece.clone(), &mut leaving);
            let until = match self.done && piece.end == count {
                true => Moment::NEVER,
                false => self.last_start,
            };
            self.leave_until(until, in_order, &mut leaving);
            self.send(&leaving, &mut sent);
            if self.measures.is_open() {
                self.measure(known);
            } else {
                self.measure_one_by_one(known, &leaving);
            }
            self.take_trails(&leaving, &mut chunk.trails);
            self.forget_who_left();
        }
        self.spare = std::mem::replace(&mut chunk.customers, sent);
        self.spare.clear();
        self.leaving = leaving;
        outbox.send(Port(0), LineMessage::Customers(chunk));
    }

    /// Lets the services of some customers begin, of whom the lost are told to the chunk; lists who left their servers, as [`Free::serve`] does.
    fn begin(&mut self, chunk: &mut Chunk, piece: Range<usize>, leaving: &mut Vec<u32>) -> bool {
        let before = self.door.as_ref().map(|_| self.free.clone());
        let held = &mut self.held;
        let known = held.len();
        held.make_room(piece.len());
        let services = &mut held.services[known..];
        self.services
            .of_all(&chunk.customers.numbers[piece.clone()], services);
        let in_order = self.serve(&mut chunk.customers, piece.clone(), known, leaving);
        let (in_order, piece) = match (&mut self.door, before) {
            (Some(_), Some(before)) => self.decide(chunk, piece, known, before, in_order, leaving),
            _ => (in_order, piece),
        };
        let held = &mut self.held;
        if self.recording {
            held.trails.resize_with(held.starts.len(), Vec::new);
        }
        let visits = chunk.customers.numbers[piece.clone()]
            .iter()
            .zip(&held.servers[known..]);
        held.visits
            .extend(visits.map(|(&number, &server)| visitor(number, server)));
        held.customers.extend(&chunk.customers, piece);
        if let (Some(&time), Some(&round)) = (held.starts.last(), held.start_rounds.last()) {
            self.last_start = Moment { time, round };
        }
        in_order
    }

    /// Gives each customer of a piece a server; see [`Free::serve`].
    fn serve(
        &mut self,
        customers: &mut Customers,
        piece: Range<usize>,
        known: usize,
        leaving: &mut Vec<u32>,
    ) -> bool {
        let held = &mut self.held;
        let mut served = Served {
            arrivals: &customers.times[piece.clone()],
            services: &held.services[known..],
            rounds: &mut customers.rounds,
            piece,
            starts: &mut held.starts[known..],
            start_rounds: &mut held.start_rounds[known..],
            idle_from: &mut held.idle_from[known..],
            servers: &mut held.servers[known..],
            first: known as u32,
        };
        self.free.serve(&mut served, leaving)
    }

    /// Takes out of a piece, of which all were given servers, those for whom there was no place, and gives the
    /// others servers anew, from the state before.
    fn decide(
        &mut self,
        chunk: &mut Chunk,
        piece: Range<usize>,
        known: usize,
        before: Free,
        in_order: bool,
        leaving: &mut Vec<u32>,
    ) -> (bool, Range<usize>) {
        let (door, held) = (self.door.as_mut().expect("a door decides"), &mut self.held);
        // Customers reach a line in the first round of an instant.
        let arrivals = chunk.customers.times[piece.clone()].iter();
        let arrivals = arrivals.map(|&time| Moment::at(time));
        let starts = held.starts[known..].iter().zip(&held.start_rounds[known..]);
        let starts = starts.map(|(&time, &round)| Moment { time, round });
        if door.lets_all_in(arrivals.clone(), starts) {
            return (in_order, piece);
        }
        let services = &mut held.services[known..];
        let places = door.let_in(arrivals, services, &mut before.clone());
        self.free = before;
        for (to, &from) in (known..).zip(&places) {
            held.services[to] = held.services[known + from as usize];
        }
        held.give_back_room(known + places.len());
        chunk.lose_all_but(&places, piece.clone(), piece.start);
        let piece = piece.start..piece.start + places.len();
        chunk.customers.rounds.clear_piece(piece.clone());
        let in_order = self.serve(&mut chunk.customers, piece.clone(), known, leaving);
        (in_order, piece)
    }

    /// Adds the places of those who leave their servers until then, and puts all in the order of leaving, in
    /// which the first of them may be already.
    fn leave_until(&mut self, until: Moment, in_order: bool, leaving: &mut Vec<u32>) {
        let mut others = self.free.leave_until(until);
        others.sort_unstable();
        let held = &self.held;
        let last = leaving.last().map(|&place| held.end(place as usize).time);
        let later = others.first().zip(last);
        let in_order = in_order && later.is_none_or(|(&(end, _), last)| last < end.time);
        leaving.extend(others.iter().map(|&(_, place)| place));
        if !in_order {
            leaving.sort_by_key(|&place| (held.end(place as usize), place));
        }
    }

    /// Puts these into what is sent, with what they met here.
    fn send(&mut self, leaving: &[u32], sent: &mut Customers) {
        let (held, left) = (&self.held, &mut self.left);
        let before = sent.len();
        held.customers.gather(leaving, sent);
        left.gather(held, leaving);
        widest(Waited {
            arrivals: &sent.times[before..],
            starts: &left.starts,
            services: &left.services,
            waits: &mut left.waits,
            ends: &mut left.ends,
        });
        let piece = before..sent.len();
        sent.meet(piece.clone(), &[&left.waits], &[&left.services]);
        sent.times[piece].copy_from_slice(&left.ends);
        assert!(
            left.ends
                .iter()
                .fold(true, |all, end| all & end.is_finite()),
            "{}: the clock ran away",
            self.name
        );
    }

    /// Forgets those who left.
    fn forget_who_left(&mut self) {
        let staying = self.free.occupants(self.held.len());
        self.held.keep(&staying);
        for (place, &server) in (0..).zip(&self.held.servers) {
            self.free.occupied(server, place);
        }
    }

    /// Measures who began since so many were known, and who was sent on.
    fn measure(&mut self, known: usize) {
        let (held, left) = (&self.held, &mut self.left);
        let arrivals = &held.customers.times[known..];
        let starts = &held.starts[known..];
        left.waits.resize(arrivals.len(), 0.0);
        widest(Spans {
            from: arrivals,
            to: starts,
            lengths: &mut left.waits,
        });
        self.measures.begin_all(Begun {
            numbers: &held.customers.numbers[known..],
            arrivals,
            starts,
            waits: &left.waits,
            services: &held.services[known..],
        });
        self.measures.leave_all(Left {
            visits: &left.visits,
            idle_from: &left.idle_from,
            starts: &left.starts,
            ends: &left.ends,
            departures: &left.ends,
        });
    }

    /// Measures in the order in which all this happened: at one instant, who leaves comes first.
    fn measure_one_by_one(&mut self, known: usize, leaving: &[u32]) {
        let mut leaving = leaving.iter().map(|&place| place as usize).peekable();
        let held = &self.held;
        for place in known..=held.starts.len() {
            let begins = held.starts.get(place).map(|&time| Moment {
                time,
                round: held.start_rounds[place],
            });
            let before = |&left: &usize| begins.is_none_or(|begins| held.end(left) <= begins);
            while let Some(left) = leaving.next_if(before) {
                let end = held.end(left).time;
                let spell = Spell {
                    idle_from: held.idle_from[left],
                    start: held.starts[left],
                    end,
                    departure: end,
                };
                let number = held.customers.numbers[left];
                self.measures.leave(number, held.servers[left], spell);
            }
            if let Some(Moment { time, .. }) = begins {
                let number = held.customers.numbers[place];
                let (arrival, service) = (held.customers.times[place], held.services[place]);
                self.measures.start(number, arrival, time, service);
            }
        }
    }

    /// The trails of those who leave go on with them.
    fn take_trails(&mut self, leaving: &[u32], trails: &mut Vec<Vec<Visit>>) {
        if self.recording {
            for &place in leaving {
                let place = place as usize;
                let visit = self.held.visit(place, self.position);
                let mut trail = std::mem::take(&mut self.held.trails[place]);
                trail.push(visit);
                trails.push(trail);
            }
        }
    }

    /// What the stage measured, once it is done.
    pub(in crate::tandem) fn summary(&self, clock: f64) -> StageSummary {
        self.measures.summary(&self.name, clock, &self.free.since())
    }

    /// Its idle time alone.
    pub(in crate::tandem) fn idle_time(&self, clock: f64) -> Option<f64> {
        self.measures
            .idle_time(&self.name, clock, &self.free.since())
    }

    pub(in crate::tandem) fn digest(&self) -> Digest {
        self.measures.digest()
    }
}

/// Those who are sent on, in the order of leaving: a column for each property, kept for its room.
#[derive(Clone, Debug, Default)]
struct Leaving {
    visits: Vec<u64>,
    idle_from: Vec<f64>,
    starts: Vec<f64>,
    services: Vec<f64>,
    /// How long they waited here, and when they leave. Once they are sent on, there is room for the waits of
    /// those who begin.
    waits: Vec<f64>,
    ends: Vec<f64>,
}

impl Leaving {
    /// Takes them from these places; what they met is still to be found.
    fn gather(&mut self, held: &Held, places: &[u32]) {
        self.visits.resize(places.len(), 0);
        for column in [
            &mut self.idle_from,
            &mut self.starts,
            &mut self.services,
            &mut self.waits,
            &mut self.ends,
        ] {
            column.resize(places.len(), 0.0);
        }
        let count = held.len();
        let visits = &held.visits[..count];
        let (idle_from, starts) = (&held.idle_from[..count], &held.starts[..count]);
        let services = &held.services[..count];
        let columns = self
            .visits
            .iter_mut()
            .zip(&mut self.idle_from)
            .zip(&mut self.starts)
            .zip(&mut self.services);
        // Together, so that each place is looked up, and held against the end, once.
        for (&place, (((visit, since), start), service)) in places.iter().zip(columns) {
            let place = place as usize;
            *visit = visits[place];
            *since = idle_from[place];
            *start = starts[place];
            *service = services[place];
        }
    }
}
