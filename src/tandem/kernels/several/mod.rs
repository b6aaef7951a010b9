//! The recursion for a stage with several servers before one without limits (Kiefer and Wolfowitz 1955): start =
//! max(arrival, time at which the first server is free), end = start + service.
//!
//! It computes the same as a [station](super::super::stage), several times faster: there is no search for events,
//! since services begin in the order of arrivals. Customers leave in the order in which their services end; one is
//! sent on when no other can end before, which is certain once a service begins that late. The tests compare all
//! this with an event list.

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

/// The minimum number of customers processed at a time: few enough to stay in the first-level cache. With more
/// servers than this it is the number of servers, since the customers in service are moved with every piece.
const PIECE: usize = 256;

/// A stage with several servers, without limits.
#[derive(Clone, Debug)]
pub(in crate::tandem) struct SeveralServers {
    pub(in crate::tandem) name: String,
    position: u32,
    services: Services,
    /// The door, if customers can be lost, which is possible only at the first stage of a line.
    door: Option<Door>,
    pub(in crate::tandem) measures: StageMeasures,
    /// Whether visits are recorded.
    recording: bool,
    free: Free,
    held: Held,
    /// The indices and measures of customers who leave; kept to reuse the allocations.
    leaving: Vec<u32>,
    left: Leaving,
    /// The customers of the last chunk, emptied to be filled again.
    spare: Customers,
    /// The last start of a service: no customer still to come ends by then.
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
        // An empty chunk also lets the remaining customers leave, if it is the last.
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

    /// Begins the services of some customers, and notes the lost ones in the chunk; lists those who left their
    /// servers, as [`Free::serve`] does.
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

    /// Removes from a piece, in which all were given servers, the customers for whom there was no place, and
    /// assigns servers to the others again, from the state before.
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

    /// Adds the indices of customers who leave their servers by `until`, and sorts all by the order of leaving;
    /// `in_order` says that those listed already are sorted.
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

    /// Appends these customers to those sent, with their times here.
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

    /// Removes the customers who left.
    fn forget_who_left(&mut self) {
        let staying = self.free.occupants(self.held.len());
        self.held.keep(&staying);
        for (place, &server) in (0..).zip(&self.held.servers) {
            self.free.occupied(server, place);
        }
    }

    /// Measures the customers who began after the first `known`, and those sent on.
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

    /// Measures in the order of events: at one instant, customers who leave come first.
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

    /// Moves the trails of customers who leave to `trails`.
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

    /// The measures of the stage, once it is done.
    pub(in crate::tandem) fn summary(&self, clock: f64) -> StageSummary {
        self.measures.summary(&self.name, clock, &self.free.since())
    }

    /// Its idle time only.
    pub(in crate::tandem) fn idle_time(&self, clock: f64) -> Option<f64> {
        self.measures
            .idle_time(&self.name, clock, &self.free.since())
    }

    pub(in crate::tandem) fn digest(&self) -> Digest {
        self.measures.digest()
    }
}

/// Customers who are sent on, in the order of leaving: a column for each property, kept to reuse the allocation.
#[derive(Clone, Debug, Default)]
struct Leaving {
    visits: Vec<u64>,
    idle_from: Vec<f64>,
    starts: Vec<f64>,
    services: Vec<f64>,
    /// Their waits here, and the times at which they leave. After they are sent on, the waits of customers who
    /// begin use this column.
    waits: Vec<f64>,
    ends: Vec<f64>,
}

impl Leaving {
    /// Copies the customers at these indices; their waits are still to be computed.
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
        // In one loop, so that each index is looked up and bounds-checked once.
        for (&place, (((visit, since), start), service)) in places.iter().zip(columns) {
            let place = place as usize;
            *visit = visits[place];
            *since = idle_from[place];
            *start = starts[place];
            *service = services[place];
        }
    }
}
