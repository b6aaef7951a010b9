//! The recursion for a stage with several servers and no limits on either side (Kiefer and Wolfowitz
//! 1955): start = max(arrival, when the first server is free), end = start + service.
//!
//! It does what [`super::stage::Stage`] does there, several times faster: no event is looked for, since
//! services begin in the order of arrivals. Customers leave in the order in which their services end; one
//! is sent on when nobody can end before, which is certain once a service begins that late. The tests
//! hold all this equal to an event list.

use super::log;
use super::measures::{Begun, Left, Spell, StageMeasures, visitor};
use super::message::{Chunk, Customers, LineMessage};
use super::services::Services;
use super::summary::StageSummary;
use super::visit::Visit;
use crate::actor::{Input, Outbox, Port, Wants};
use crate::digest::Digest;
use crate::time::Moment;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// With so many servers at most, those in service are put in order by moving each to its place.
const FEW: usize = 16;

/// A stage with several servers, without limits.
#[derive(Clone, Debug)]
pub(super) struct SeveralServers {
    pub(super) name: String,
    position: u32,
    services: Services,
    /// Whether customers come in the order of their numbers, none missing.
    in_order: bool,
    measures: StageMeasures,
    /// Whether visits are put on file.
    recording: bool,
    free: Free,
    held: Held,
    /// When the last service began: nobody who is still to come ends by then.
    last_start: Moment,
    done: bool,
}

/// A service, and the server that gives it.
struct Claimed {
    start: Moment,
    end: Moment,
    /// Since when the server was idle.
    idle_from: f64,
    server: u32,
}

/// When each server is free, by time and then by number: the one to be taken stands first.
#[derive(Clone, Debug)]
struct Free(BinaryHeap<Reverse<Key>>);

/// A time and two small numbers, as one number by which they are ordered.
type Key = u128;

/// A moment and whom it is about.
fn key(Moment { time, round }: Moment, place: u32) -> Key {
    Key::from(time.to_bits()) << 64 | Key::from(round) << 32 | Key::from(place)
}

impl Free {
    fn new(servers: u32) -> Free {
        let key = |server| Reverse(Free::key(Moment::ZERO, server));
        Free((0..servers).map(key).collect())
    }

    /// The round stands last: it distinguishes, but does not order.
    fn key(Moment { time, round }: Moment, server: u32) -> Key {
        Key::from(time.to_bits()) << 64 | Key::from(server) << 32 | Key::from(round)
    }

    fn parts(key: Key) -> (Moment, u32) {
        let time = f64::from_bits((key >> 64) as u64);
        let round = key as u32;
        (Moment { time, round }, (key >> 32) as u32)
    }

    /// Gives a customer who arrives then a server.
    fn claim(&mut self, arrival: Moment, service: f64) -> Claimed {
        let mut first = self.0.peek_mut().expect("a stage has servers");
        let (since, server) = Free::parts(first.0);
        if since.round > 0 && arrival.time <= since.time {
            drop(first);
            return self.claim_within_an_instant(arrival, service, since.time);
        }
        let start = arrival.max(since);
        let end = start.after(service);
        *first = Reverse(Free::key(end, server));
        Claimed {
            start,
            end,
            idle_from: since.time,
            server,
        }
    }

    /// The same where servers become free in different rounds of this instant, before which none is: of
    /// those free when the service begins the one with the lowest number.
    #[cold]
    fn claim_within_an_instant(&mut self, arrival: Moment, service: f64, time: f64) -> Claimed {
        let mut tied = Vec::new();
        while let Some(first) = self.0.peek_mut() {
            let (since, server) = Free::parts(first.0);
            if since.time > time {
                break;
            }
            tied.push((since, server));
            PeekMut::pop(first);
        }
        let earliest = tied.iter().map(|&(since, _)| since).min();
        let start = arrival.max(earliest.expect("a server is free then"));
        let end = start.after(service);
        let chosen = tied.iter().position(|&(since, _)| since <= start);
        let (since, server) = tied.remove(chosen.expect("the earliest is free then"));
        let others = tied
            .iter()
            .map(|&(since, other)| Reverse(Free::key(since, other)));
        self.0.extend(others);
        self.0.push(Reverse(Free::key(end, server)));
        Claimed {
            start,
            end,
            idle_from: since.time,
            server,
        }
    }

    /// Since when each server is idle, by number.
    fn since(&self) -> Vec<f64> {
        let mut since = vec![0.0; self.0.len()];
        for Reverse(key) in &self.0 {
            let (moment, server) = Free::parts(*key);
            since[server as usize] = moment.time;
        }
        since
    }
}

/// Those whose service has begun and who are not sent on yet, in the order in which it began; a column
/// for each property. Their times are when they leave.
#[derive(Clone, Debug, Default)]
struct Held {
    customers: Customers,
    trails: Vec<Vec<Visit>>,
    servers: Vec<u32>,
    arrivals: Vec<f64>,
    idle_from: Vec<f64>,
    starts: Vec<f64>,
    /// In which round of its instant each began.
    start_rounds: Vec<u32>,
    waits: Vec<f64>,
    services: Vec<f64>,
}

impl Held {
    /// Forgets all but those at these places, which rise.
    fn keep(&mut self, places: &[u32]) {
        let mut kept = Customers::default();
        self.customers.gather(places, &mut kept);
        self.customers = kept;
        if !self.trails.is_empty() {
            let take = |&place: &u32| std::mem::take(&mut self.trails[place as usize]);
            self.trails = places.iter().map(take).collect();
        }
        keep(&mut self.servers, places);
        keep(&mut self.start_rounds, places);
        for column in [
            &mut self.arrivals,
            &mut self.idle_from,
            &mut self.starts,
            &mut self.waits,
            &mut self.services,
        ] {
            keep(column, places);
        }
    }

    fn visit(&self, at: usize, stage: u32) -> Visit {
        let end = self.customers.times[at];
        Visit {
            customer: self.customers.numbers[at],
            stage,
            server: self.servers[at] + 1,
            arrival: self.arrivals[at],
            service_start: self.starts[at],
            service_end: end,
            departure: end,
        }
    }
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
        let known = self.held.starts.len();
        self.begin(&mut chunk);
        let (leaving, staying) = self.who_leaves();
        let watched = log::is_on();
        if self.measures.is_open() && !watched {
            self.measures.begin_all(Begun {
                numbers: &self.held.customers.numbers[known..],
                arrivals: &self.held.arrivals[known..],
                starts: &self.held.starts[known..],
                waits: &self.held.waits[known..],
                services: &self.held.services[known..],
            });
            self.measures.leave_all(Left {
                visits: &self.visitors(&leaving),
                idle_from: &gather(&self.held.idle_from, &leaving),
                starts: &gather(&self.held.starts, &leaving),
                ends: &gather(&self.held.customers.times, &leaving),
            });
        } else {
            self.measure_one_by_one(known, &leaving, watched);
        }
        self.send(chunk, &leaving, outbox);
        self.held.keep(&staying);
    }

    /// Lets the services of a chunk's customers begin.
    fn begin(&mut self, chunk: &mut Chunk) {
        let customers = &mut chunk.customers;
        let count = customers.len();
        for lost in &chunk.lost {
            self.services.take(lost.number);
        }
        let held = &mut self.held;
        let known = held.starts.len();
        held.services.resize(known + count, 0.0);
        let services = &mut held.services[known..];
        self.services
            .take_all(&customers.numbers, self.in_order, services);
        held.arrivals.extend_from_slice(&customers.times);
        for (index, &service) in services.iter().enumerate() {
            let arrival = customers.times[index];
            let reaches = Moment {
                time: arrival,
                round: customers.rounds[index],
            };
            let claimed = self.free.claim(reaches, service);
            let wait = claimed.start.time - arrival;
            held.waits.push(wait);
            held.starts.push(claimed.start.time);
            held.start_rounds.push(claimed.start.round);
            held.servers.push(claimed.server);
            held.idle_from.push(claimed.idle_from);
            customers.times[index] = claimed.end.time;
            customers.rounds[index] = claimed.end.round;
            customers.waiting[index] += wait;
            customers.service[index] += service;
            customers.queues_joined[index] += u32::from(wait > 0.0);
            self.last_start = claimed.start;
        }
        assert!(
            customers.times.iter().all(|time| time.is_finite()),
            "{}: the clock ran away",
            self.name
        );
        held.customers.append(customers);
        held.trails.append(&mut chunk.trails);
        if self.recording {
            held.trails.resize_with(known + count, Vec::new);
        }
    }

    /// The places of those held who end when the last service began or before, in the order of leaving,
    /// and of the others; all leave at the end.
    fn who_leaves(&self) -> (Vec<u32>, Vec<u32>) {
        let customers = &self.held.customers;
        let ends = customers.times.iter().zip(&customers.rounds);
        let mut keys: Vec<Key> = (0..)
            .zip(ends)
            .map(|(place, (&time, &round))| key(Moment { time, round }, place))
            .collect();
        put_in_order(&mut keys, self.free.0.len());
        let until = match self.done {
            true => Moment::NEVER,
            false => self.last_start,
        };
        let leaving = keys.partition_point(|&end| end <= key(until, u32::MAX));
        let places = |keys: &[Key]| keys.iter().map(|&key| key as u32).collect::<Vec<u32>>();
        let mut staying = places(&keys[leaving..]);
        staying.sort_unstable();
        (places(&keys[..leaving]), staying)
    }

    /// Who leaves from which server, as the digest takes them.
    fn visitors(&self, places: &[u32]) -> Vec<u64> {
        let visitor = |&place: &u32| {
            let number = self.held.customers.numbers[place as usize];
            visitor(number, self.held.servers[place as usize])
        };
        places.iter().map(visitor).collect()
    }

    /// Measures, and logs, in the order in which all this happened: at one instant, who leaves comes
    /// first.
    fn measure_one_by_one(&mut self, known: usize, leaving: &[u32], watched: bool) {
        let mut leaving = leaving.iter().map(|&place| place as usize).peekable();
        let held = &self.held;
        for place in known..=held.starts.len() {
            let begins = held.starts.get(place).map(|&time| Moment {
                time,
                round: held.start_rounds[place],
            });
            let before = |&left: &usize| {
                let end = held.customers.get(left).reaches();
                begins.is_none_or(|begins| end <= begins)
            };
            while let Some(left) = leaving.next_if(before) {
                let spell = Spell {
                    idle_from: held.idle_from[left],
                    start: held.starts[left],
                    end: held.customers.times[left],
                    departure: held.customers.times[left],
                };
                let number = held.customers.numbers[left];
                self.measures.leave(number, held.servers[left], spell);
                if watched {
                    log::leaves(&self.name, &held.visit(left, self.position));
                }
            }
            if let Some(Moment { time, .. }) = begins {
                let number = held.customers.numbers[place];
                let (arrival, service) = (held.arrivals[place], held.services[place]);
                self.measures.start(number, arrival, time, service);
                if watched {
                    let waited = held.waits[place];
                    log::begins(&self.name, number, held.servers[place], time, waited);
                }
            }
        }
    }

    /// Sends those on who leave.
    fn send<R>(
        &mut self,
        mut chunk: Box<Chunk>,
        leaving: &[u32],
        outbox: &mut Outbox<LineMessage, R>,
    ) {
        if self.recording {
            for &place in leaving {
                let place = place as usize;
                let visit = self.held.visit(place, self.position);
                let mut trail = std::mem::take(&mut self.held.trails[place]);
                trail.push(visit);
                chunk.trails.push(trail);
            }
        }
        self.held.customers.gather(leaving, &mut chunk.customers);
        outbox.send(Port(0), LineMessage::Customers(chunk));
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

/// Leaves of a column only the values at these places, which rise.
fn keep<T: Copy>(column: &mut Vec<T>, places: &[u32]) {
    for (to, &from) in places.iter().enumerate() {
        column[to] = column[from as usize];
    }
    column.truncate(places.len());
}

/// The values of a column at these places.
fn gather<T: Copy>(column: &[T], places: &[u32]) -> Vec<T> {
    places.iter().map(|&place| column[place as usize]).collect()
}

/// Sorts keys that lie near their places, if servers are few.
fn put_in_order(keys: &mut [Key], servers: usize) {
    if servers > FEW {
        return keys.sort_unstable();
    }
    for end in 1..keys.len() {
        let key = keys[end];
        let mut place = end;
        while place > 0 && keys[place - 1] > key {
            keys[place] = keys[place - 1];
            place -= 1;
        }
        keys[place] = key;
    }
}
