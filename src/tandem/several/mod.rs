//! The recursion for a stage with several servers and no limits on either side (Kiefer and Wolfowitz
//! 1955): start = max(arrival, when the first server is free), end = start + service.
//!
//! It does what [`super::stage::Stage`] does there, several times faster: no event is looked for, since
//! services begin in the order of arrivals. Customers leave in the order in which their services end; one
//! is sent on when nobody can end before, which is certain once a service begins that late. The tests
//! hold all this equal to an event list.

mod free;
mod held;
mod soonest;

use super::measures::{Begun, Left, Spell, StageMeasures, visitor};
use super::message::{Customers, LineMessage};
use super::services::Services;
use super::summary::StageSummary;
use super::waited::{Spans, Waited};
use crate::actor::{Input, Outbox, Port, Wants};
use crate::digest::Digest;
use crate::lanes::widest;
use crate::station::Visit;
use crate::time::Moment;
use free::{Free, Served};
use held::Held;
use std::ops::Range;

/// How many customers are worked on at a time, at least: few enough to stay in the first-level cache. With
/// more servers it is as many as they are, since with every piece those in service are moved.
const PIECE: usize = 256;

/// A stage with several servers, without limits.
#[derive(Clone, Debug)]
pub(super) struct SeveralServers {
    pub(super) name: String,
    position: u32,
    services: Services,
    /// Whether customers come in the order of their numbers, none missing.
    in_order: bool,
    pub(super) measures: StageMeasures,
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
    pub(super) fn new(
        (name, position, servers): (String, u32, u32),
        services: Services,
        in_order: bool,
        measures: StageMeasures,
        recording: bool,
    ) -> SeveralServers {
        SeveralServers {
            name,
            position,
            services,
            in_order,
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

    pub(super) fn wants(&self) -> Wants {
        if self.done {
            Wants::Nothing
        } else {
            Wants::Message(Port(0))
        }
    }

    pub(super) fn handle<R>(
        &mut self,
        input: Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, R>,
    ) {
        let Input::Message(LineMessage::Customers(mut chunk)) = input else {
            unreachable!("a stage without limits receives customers only");
        };
        self.done = chunk.last;
        for lost in &chunk.lost {
            self.services.take(lost.number);
        }
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
            let in_order = self.begin(&mut chunk.customers, piece.clone(), &mut leaving);
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

    /// Lets the services of some customers begin; lists who left their servers, as [`Free::serve`] does.
    fn begin(
        &mut self,
        customers: &mut Customers,
        piece: Range<usize>,
        leaving: &mut Vec<u32>,
    ) -> bool {
        let held = &mut self.held;
        let known = held.len();
        held.make_room(piece.len());
        if self.recording {
            held.trails.resize_with(held.starts.len(), Vec::new);
        }
        let services = &mut held.services[known..];
        let numbers = &customers.numbers[piece.clone()];
        self.services.take_all(numbers, self.in_order, services);
        let mut served = Served {
            arrivals: &customers.times[piece.clone()],
            services,
            rounds: &mut customers.rounds,
            piece: piece.clone(),
            starts: &mut held.starts[known..],
            start_rounds: &mut held.start_rounds[known..],
            idle_from: &mut held.idle_from[known..],
            servers: &mut held.servers[known..],
            first: known as u32,
        };
        let in_order = self.free.serve(&mut served, leaving);
        let visits = customers.numbers[piece.clone()]
            .iter()
            .zip(&held.servers[known..]);
        held.visits
            .extend(visits.map(|(&number, &server)| visitor(number, server)));
        held.customers.extend(customers, piece);
        if let (Some(&time), Some(&round)) = (held.starts.last(), held.start_rounds.last()) {
            self.last_start = Moment { time, round };
        }
        in_order
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
    pub(super) fn summary(&self, clock: f64) -> StageSummary {
        self.measures.summary(&self.name, clock, &self.free.since())
    }

    /// Its idle time alone.
    pub(super) fn idle_time(&self, clock: f64) -> Option<f64> {
        self.measures
            .idle_time(&self.name, clock, &self.free.since())
    }

    pub(super) fn digest(&self) -> Digest {
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
