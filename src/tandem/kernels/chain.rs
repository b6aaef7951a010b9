//! The recursion for stages with one server, in series (Lindley 1952; with finite buffers Avi-Itzhak 1965): start =
//! max(arrival, departure of the customer before), end = start + service. With blocking after service a customer
//! leaves at max(end, the time when a place of the next stage is free), which is the departure there of the
//! customer as many positions before as there are places; with blocking before service, the start waits for this
//! place. The departure from one stage is the arrival at the next.
//!
//! It computes the same as a [station](super::super::stage), many times faster: customers are processed in place, a
//! piece of a chunk at a time, and measured column by column. Within a piece the recursion goes customer by
//! customer through the stages, so that the processor works on one stage while the end of the service before at
//! another is still being computed. One actor holds one stage or several in a row: the numbers are the same. The
//! tests compare all this with the station and with an event list.

use super::super::lookahead::Lookahead;
use super::super::measures::{Begun, Left, Spell, StageMeasures};
use super::super::message::{Chunk, Customers, LineMessage};
use super::super::services::Services;
use super::super::summary::StageSummary;
use super::places::{Instant, Places, Plain};
use super::waited::{Spans, Waited};
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::digest::Digest;
use crate::lanes::{LANES, widest};
use crate::scenario::Horizon;
use crate::station::{Happening, Visit};
use crate::time::Moment;
use std::ops::Range;

/// Number of customers processed at a time: few enough that all columns of a stage stay in the first-level cache.
const PIECE: usize = 256;

/// The length of a column. If it were a power of two, the same index of many columns would map to the same place in
/// the cache.
const COLUMN: usize = PIECE + LANES;

/// The index, in the columns of ends and departures, of the customer before the first, so that the first is at the
/// beginning of a cache line.
const BEFORE: usize = LANES - 1;

/// Number of unlimited stages each customer passes before the next follows.
const TOGETHER: usize = 5;

/// Stages with one server, in series.
#[derive(Clone, Debug)]
pub(in crate::tandem) struct Chain {
    name: String,
    stages: Vec<SingleServer>,
    rows: Vec<Row>,
    /// Whether a place of the next stage is reserved when a service begins.
    reserves: bool,
    /// Number of customers who have taken a place; the same at every stage.
    passed: u64,
    /// Whether every moment stored is in the first round of its instant.
    calm: bool,
    /// The supply of customers, if the first stage is never starved.
    supply: Option<Supply>,
    recording: Recording,
    done: bool,
}

/// A stage with one server.
#[derive(Clone, Debug)]
pub(in crate::tandem) struct SingleServer {
    name: String,
    position: u32,
    services: Services,
    /// The departure of the last customer.
    free: Moment,
    /// The places of the stage, if they are limited.
    places: Option<Places>,
    pub(in crate::tandem) measures: StageMeasures,
}

/// The values of a piece of a chunk at a stage. Each column begins at a cache line.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Row {
    services: [f64; COLUMN],
    starts: [f64; COLUMN],
    waits: [f64; COLUMN],
    /// The end of the service before the first, at [`BEFORE`], followed by those of the customers.
    ends: [f64; COLUMN],
    /// The same for departures, if the chain has limits; otherwise departures are the ends.
    departures: [f64; COLUMN],
    /// Departures minus ends, if the chain has limits.
    blocked: [f64; COLUMN],
}

impl Row {
    const EMPTY: Row = Row {
        services: [0.0; COLUMN],
        starts: [0.0; COLUMN],
        waits: [0.0; COLUMN],
        ends: [0.0; COLUMN],
        departures: [0.0; COLUMN],
        blocked: [0.0; COLUMN],
    };

    /// The ends of the first `length` services.
    fn ends(&self, length: usize) -> &[f64] {
        &self.ends[LANES..LANES + length]
    }

    /// The times at which the server becomes free, beginning with the one before the first customer.
    fn frees(&self, limited: bool, length: usize) -> &[f64] {
        let column = if limited {
            &self.departures
        } else {
            &self.ends
        };
        &column[BEFORE..=BEFORE + length]
    }
}

/// A piece of the customers, and their arrivals at a stage.
#[derive(Clone, Copy, Debug)]
struct Came<'a> {
    numbers: &'a [u64],
    arrivals: &'a [f64],
}

impl Chain {
    /// A chain of one stage.
    pub(in crate::tandem) fn new(
        stage: SingleServer,
        reserves: bool,
        recording: Recording,
    ) -> Chain {
        Chain {
            name: stage.name.clone(),
            stages: vec![stage],
            rows: vec![Row::EMPTY],
            reserves,
            passed: 0,
            calm: true,
            supply: None,
            recording,
            done: false,
        }
    }

    /// Appends the stages of the next chain.
    pub(in crate::tandem) fn join(&mut self, next: Chain) {
        self.name = format!("{}+{}", self.name, next.name);
        self.stages.extend(next.stages);
        let rows = match self.goes_by_departures() {
            true => self.stages.len(),
            false => self.stages.len().min(TOGETHER),
        };
        self.rows.resize(rows, Row::EMPTY);
    }

    /// The name of the chain: the stages' names, joined.
    pub(in crate::tandem) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::tandem) fn stages(&self) -> &[SingleServer] {
        &self.stages
    }

    /// Sets the supply of a first stage that is never starved.
    pub(in crate::tandem) fn supplied(mut self, supply: Supply) -> Chain {
        self.supply = Some(supply);
        self
    }

    /// The supply of a first stage that is never starved.
    pub(in crate::tandem) fn supply(&self) -> Option<&Supply> {
        self.supply.as_ref()
    }

    /// Whether customers must pass all stages one by one: because one stage delays another, or makes its customers
    /// arrive.
    fn goes_by_departures(&self) -> bool {
        self.supply.is_some() || self.stages.iter().any(|stage| stage.places.is_some())
    }

    pub(in crate::tandem) fn wants(&self) -> Wants {
        match &self.supply {
            _ if self.done => Wants::Nothing,
            Some(supply) => Wants::Turn(supply.lookahead.due()),
            None => Wants::Message(Port(0)),
        }
    }

    pub(in crate::tandem) fn handle(
        &mut self,
        input: Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, Happening>,
    ) {
        let mut chunk = match (input, &mut self.supply) {
            (Input::Message(LineMessage::Customers(chunk)), None) => chunk,
            (Input::Turn, Some(supply)) => supply.next(),
            (Input::Stop, Some(supply)) => supply.stop(),
            _ => unreachable!("a chain receives customers, or makes them"),
        };
        let length = chunk.customers.len();
        if self.recording >= Recording::Tables {
            chunk.trails.resize_with(length, Vec::new);
        }
        if self.goes_by_departures() {
            self.pass_limited(&mut chunk);
        } else {
            for begin in (0..length).step_by(PIECE) {
                self.pass_unlimited(&mut chunk, begin..length.min(begin + PIECE), outbox);
            }
        }
        if let Some(supply) = &mut self.supply {
            supply.note(&mut chunk, self.passed);
        }
        self.done = chunk.last;
        outbox.send(Port(0), LineMessage::Customers(chunk));
    }

    fn pass_unlimited(
        &mut self,
        chunk: &mut Chunk,
        piece: Range<usize>,
        outbox: &mut Outbox<LineMessage, Happening>,
    ) {
        for stages in self.stages.chunks_mut(TOGETHER) {
            let rows = &mut self.rows[..stages.len()];
            let numbers = &chunk.customers.numbers[piece.clone()];
            for (stage, row) in stages.iter_mut().zip(&mut *rows) {
                stage.draw(numbers, row);
                row.ends[BEFORE] = stage.free.time;
            }
            starts_together(rows, &chunk.customers.times[piece.clone()]);
            for (index, stage) in stages.iter_mut().enumerate() {
                let (before, rows) = rows.split_at_mut(index);
                let row = &mut rows[0];
                let (customers, trails) = (&mut chunk.customers, &mut chunk.trails);
                let before = before.last().map(|row| &row.ends);
                let came = Came::new(&customers.numbers, &customers.times, piece.clone(), before);
                if self.recording >= Recording::Tables {
                    let trails = &mut trails[piece.clone()];
                    stage.record(row, false, came, trails, self.recording, outbox);
                }
                let all_later = stage.measure_piece(row, false, came);
                if all_later {
                    customers.rounds.clear_piece(piece.clone());
                    stage.free = Moment::at(row.ends[BEFORE + piece.len()]);
                } else {
                    let rounds = customers.rounds.piece_mut(piece.clone());
                    stage.count_rounds(row, came.arrivals, rounds);
                }
            }
            go_on(rows, false, &mut chunk.customers, piece.clone());
        }
    }

    /// Lets the customers of a chunk pass if places are limited. Customers who find none at the first stage are
    /// removed from it.
    fn pass_limited(&mut self, chunk: &mut Chunk) {
        let length = chunk.customers.len();
        let mut kept = 0;
        for begin in (0..length).step_by(PIECE) {
            let piece = begin..length.min(begin + PIECE);
            let (accepted, rounds) = self.find_departures(&chunk.customers, piece.clone());
            if self.supply.is_none() {
                chunk.lose_all_but(&accepted, piece, kept);
            }
            let piece = kept..kept + accepted.len();
            kept = piece.end;
            let Chunk {
                customers, trails, ..
            } = &mut *chunk;
            if self.supply.is_some() {
                // A customer arrives when its service begins.
                let starts = &self.rows[0].starts[..piece.len()];
                customers.times[piece.clone()].copy_from_slice(starts);
                customers.entered[piece.clone()].copy_from_slice(starts);
            }
            for (index, stage) in self.stages.iter_mut().enumerate() {
                let (before, rows) = self.rows.split_at_mut(index);
                let row = &mut rows[0];
                let before = before.last().map(|row| &row.departures);
                let came = Came::new(&customers.numbers, &customers.times, piece.clone(), before);
                stage.measure_piece(row, true, came);
                if self.recording >= Recording::Tables {
                    // Events of changes of state come only from lines of stations.
                    let mut nowhere = Outbox::default();
                    let trails = &mut trails[piece.clone()];
                    stage.record(row, true, came, trails, Recording::Tables, &mut nowhere);
                }
            }
            match rounds {
                Some(rounds) => customers
                    .rounds
                    .piece_mut(piece.clone())
                    .copy_from_slice(&rounds),
                None => customers.rounds.clear_piece(piece.clone()),
            }
            go_on(&self.rows, true, customers, piece);
        }
        chunk.truncate(kept);
    }

    /// Computes the starts and departures of the customers of a piece at every stage. Returns the indices, in the
    /// piece, of those who are not lost, and the rounds in which they leave the chain, unless all are the first.
    fn find_departures(
        &mut self,
        customers: &Customers,
        piece: Range<usize>,
    ) -> (Vec<u32>, Option<Vec<u32>>) {
        let arrivals = &customers.times[piece.clone()];
        let Some(&first) = arrivals.first() else {
            return (Vec::new(), None);
        };
        let first = first.max(match self.supply {
            Some(_) => self.stages[0].free.time,
            None => 0.0,
        });
        let numbers = &customers.numbers[piece.clone()];
        for stage in &mut self.stages {
            if let Some(places) = &mut stage.places {
                places.make_room(self.passed, arrivals.len() as u64, first);
            }
        }
        if self.calm && customers.rounds.is_zero(piece.clone()) {
            let passage = self.pass(numbers, arrivals.iter().map(|&time| Plain(time)));
            if passage.all_later {
                return (passage.accepted, None);
            }
        }
        let moments = arrivals.iter().zip(piece).map(|(&time, at)| Moment {
            time,
            round: customers.rounds.get(at),
        });
        let passage = self.pass(numbers, moments);
        let passed = self.passed;
        self.calm = (self.stages.iter_mut()).all(|stage| stage.calm_down(passed));
        (passage.accepted, Some(passage.rounds))
    }

    /// The recursion itself, in instants or, if services may take no time, in moments. Its result is kept only if
    /// it is right: moments always, instants if every service ends later than it begins.
    fn pass<T: Instant>(&mut self, numbers: &[u64], arrivals: impl Iterator<Item = T>) -> Passage {
        let saturated = self.supply.is_some();
        let last_start = self.supply.as_ref().map_or(f64::INFINITY, Supply::until);
        let Chain { stages, rows, .. } = self;
        for (stage, row) in stages.iter_mut().zip(&mut *rows) {
            stage.draw(numbers, row);
            row.departures[BEFORE] = stage.free.time;
        }
        let mut free: Vec<T> = stages.iter().map(|stage| T::from(stage.free)).collect();
        let mut passage = Passage {
            accepted: Vec::with_capacity(numbers.len()),
            rounds: Vec::new(),
            all_later: true,
        };
        'customers: for (index, arrival) in arrivals.enumerate().take(PIECE) {
            let place = passage.accepted.len();
            let passed = self.passed + place as u64;
            if let Some(door) = &stages[0].places
                && arrival < door.freed(passed)
            {
                continue;
            }
            let mut now = if saturated { free[0] } else { arrival };
            for at in 0..free.len() {
                let next = match stages.get(at + 1) {
                    Some(next) => next
                        .places
                        .as_ref()
                        .map_or(T::ZERO, |next| next.freed(passed)),
                    None => T::ZERO,
                };
                let row = &mut rows[at];
                let service = row.services[index];
                let able = now.later_of(free[at]);
                let start = if self.reserves {
                    able.later_of(next)
                } else {
                    able
                };
                if at == 0 && start.time() > last_start {
                    break 'customers;
                }
                let end = start.after(service);
                passage.all_later &= end.time() > start.time();
                now = if self.reserves {
                    end
                } else {
                    end.later_of(next)
                };
                row.services[place] = service;
                row.starts[place] = start.time();
                row.ends[LANES + place] = end.time();
                row.departures[LANES + place] = now.time();
                free[at] = now;
                if let Some(places) = &mut stages[at].places {
                    places.leave(passed, now);
                }
            }
            passage.accepted.push(index as u32);
            if let Some(round) = now.round() {
                passage.rounds.push(round);
            }
        }
        if passage.all_later || T::HAS_ROUNDS {
            self.passed += passage.accepted.len() as u64;
            for (stage, free) in stages.iter_mut().zip(free) {
                stage.free = free.into();
            }
        }
        passage
    }
}

/// The supply of customers of a first stage that is never starved.
#[derive(Clone, Debug)]
pub(in crate::tandem) struct Supply {
    horizon: Horizon,
    /// Number of customers for whom the stages' traces have values.
    values: u64,
    chunk: usize,
    made: u64,
    /// Number of customers asked for so far.
    asked: u64,
    lookahead: Lookahead,
    /// Whether the stages' traces were too short.
    short: bool,
    stopped: bool,
}

impl Supply {
    pub(in crate::tandem) fn new(
        horizon: Horizon,
        values: u64,
        chunk: usize,
        lookahead: Lookahead,
    ) -> Supply {
        Supply {
            horizon,
            values,
            chunk,
            made: 0,
            asked: 0,
            lookahead,
            short: false,
            stopped: false,
        }
    }

    /// Number of customers generated.
    pub(in crate::tandem) fn made(&self) -> u64 {
        self.made
    }

    /// Whether it was stopped before its horizon.
    pub(in crate::tandem) fn stopped(&self) -> bool {
        self.stopped
    }

    /// The number of values that the stages' traces would have needed at least, if there were too few.
    pub(in crate::tandem) fn needed(&self) -> Option<u64> {
        self.short.then_some(self.made + 1)
    }

    fn until(&self) -> f64 {
        match self.horizon {
            Horizon::Customers(_) => f64::INFINITY,
            Horizon::Until(until) => until,
        }
    }

    /// The next customers, whose arrivals are not known yet.
    fn next(&mut self) -> Box<Chunk> {
        let most = match self.horizon {
            Horizon::Customers(most) => most,
            Horizon::Until(_) => u64::MAX,
        };
        let left = most.min(self.values) - self.made;
        let count = left.min(self.chunk as u64);
        self.asked = self.made + count;
        Box::new(Chunk {
            customers: Customers::entering(self.made + 1, vec![0.0; count as usize]),
            ..Chunk::default()
        })
    }

    fn stop(&mut self) -> Box<Chunk> {
        self.stopped = true;
        Box::new(Chunk {
            last: true,
            ..Chunk::default()
        })
    }

    /// Updates the state after `passed` customers have passed.
    fn note(&mut self, chunk: &mut Chunk, passed: u64) {
        self.made = passed;
        if let Some(&time) = chunk.customers.entered.last() {
            self.lookahead.made_until(time);
        }
        let over = self.horizon == Horizon::Customers(passed) || passed < self.asked;
        // Another customer would have come, but the traces have no values for it.
        self.short = !over && !self.stopped && passed == self.values;
        chunk.last |= over || self.short;
    }
}

/// The results of [`Chain::pass`], besides the rows.
struct Passage {
    /// The indices in the piece of those who were not lost.
    accepted: Vec<u32>,
    /// The rounds in which these leave, if rounds are needed.
    rounds: Vec<u32>,
    /// Whether every service ends later than it begins.
    all_later: bool,
}

impl<'a> Came<'a> {
    /// A piece of these customers. They arrive at these times or, if the chain has a stage before, at the
    /// departures in this column.
    fn new(
        numbers: &'a [u64],
        times: &'a [f64],
        piece: Range<usize>,
        before: Option<&'a [f64; COLUMN]>,
    ) -> Came<'a> {
        Came {
            numbers: &numbers[piece.clone()],
            arrivals: match before {
                Some(column) => &column[LANES..LANES + piece.len()],
                None => &times[piece],
            },
        }
    }
}

/// Adds the times of a piece of the customers at some stages to the customers, and sets their departures.
fn go_on(rows: &[Row], limited: bool, customers: &mut Customers, piece: Range<usize>) {
    let length = piece.len();
    let columns = |of: fn(&Row) -> &[f64; COLUMN]| -> Vec<&[f64]> {
        rows.iter().map(|row| &of(row)[..length]).collect()
    };
    let waits = columns(|row| &row.waits);
    let services = columns(|row| &row.services);
    customers.meet(piece.clone(), &waits, &services);
    if limited {
        customers.block(piece.clone(), &columns(|row| &row.blocked));
    }
    let last = rows.last().expect("a chain has a stage");
    customers.times[piece].copy_from_slice(&last.frees(limited, length)[1..]);
}

/// Computes the starts of services of customers who reach the first of some unlimited stages at these instants.
fn starts_together(rows: &mut [Row], arrivals: &[f64]) {
    match rows {
        [a] => starts::<1>([a], arrivals),
        [a, b] => starts::<2>([a, b], arrivals),
        [a, b, c] => starts::<3>([a, b, c], arrivals),
        [a, b, c, d] => starts::<4>([a, b, c, d], arrivals),
        [a, b, c, d, e] => starts::<TOGETHER>([a, b, c, d, e], arrivals),
        _ => unreachable!("at most {TOGETHER} stages go together"),
    }
}

/// The recursion without limits.
fn starts<const STAGES: usize>(rows: [&mut Row; STAGES], arrivals: &[f64]) {
    let mut free = rows.each_ref().map(|row| row.ends[BEFORE]);
    for (index, &arrival) in arrivals.iter().enumerate().take(PIECE) {
        let mut time = arrival;
        for stage in 0..STAGES {
            let start = if time > free[stage] {
                time
            } else {
                free[stage]
            };
            rows[stage].starts[index] = start;
            time = start + rows[stage].services[index];
            free[stage] = time;
        }
    }
}

impl SingleServer {
    /// A stage at this position; `places` are its servers and waiting places, if these are limited.
    pub(in crate::tandem) fn new(
        (name, position): (String, u32),
        places: Option<u64>,
        services: Services,
        measures: StageMeasures,
    ) -> SingleServer {
        SingleServer {
            name,
            position,
            services,
            free: Moment::ZERO,
            places: places.map(Places::new),
            measures,
        }
    }

    /// Draws the services of some customers.
    fn draw(&mut self, numbers: &[u64], row: &mut Row) {
        self.services
            .of_all(numbers, &mut row.services[..numbers.len()]);
    }

    /// Measures the visits of a piece, and returns whether every service ends later than it begins.
    fn measure_piece(&mut self, row: &mut Row, limited: bool, came: Came<'_>) -> bool {
        let length = came.arrivals.len();
        let all_later = widest(Waited {
            arrivals: came.arrivals,
            starts: &row.starts[..length],
            services: &row.services[..length],
            waits: &mut row.waits[..length],
            ends: &mut row.ends[LANES..LANES + length],
        });
        if limited {
            widest(Spans {
                from: &row.ends[LANES..LANES + length],
                to: &row.departures[LANES..LANES + length],
                lengths: &mut row.blocked[..length],
            });
        }
        let starts = &row.starts[..length];
        let frees = row.frees(limited, length);
        let begun = Begun {
            numbers: came.numbers,
            arrivals: came.arrivals,
            starts,
            waits: &row.waits[..length],
            services: &row.services[..length],
        };
        let left = Left {
            visits: came.numbers,
            idle_from: &frees[..length],
            starts,
            ends: row.ends(length),
            departures: &frees[1..],
        };
        if self.measures.is_open() {
            self.measures.begin_all(begun);
            self.measures.leave_all(left);
        } else {
            self.measure_one_by_one(begun, left);
        }
        assert!(
            frees[length].is_finite(),
            "{}: the clock ran away",
            self.name
        );
        all_later
    }

    fn measure_one_by_one(&mut self, begun: Begun<'_>, left: Left<'_>) {
        for (index, &number) in begun.numbers.iter().enumerate() {
            let spell = Spell {
                idle_from: left.idle_from[index],
                start: left.starts[index],
                end: left.ends[index],
                departure: left.departures[index],
            };
            let (arrival, service) = (begun.arrivals[index], begun.services[index]);
            self.measures.start(number, arrival, spell.start, service);
            self.measures.leave(number, 0, spell);
        }
    }

    /// Computes the round of its instant in which each service ends, if some take no time.
    fn count_rounds(&mut self, row: &Row, arrivals: &[f64], rounds: &mut [u32]) {
        for ((&time, round), &service) in arrivals.iter().zip(rounds).zip(&row.services) {
            let reaches = Moment {
                time,
                round: *round,
            };
            self.free = self.free.max(reaches).after(service);
            *round = self.free.round;
        }
    }

    /// Whether everything stored for the stage is in the first round of its instant.
    fn calm_down(&mut self, passed: u64) -> bool {
        let places = self.places.as_mut();
        self.free.round == 0 && places.is_none_or(|places| places.calm_down(passed))
    }

    /// Adds the visits of a piece to the customers' trails.
    fn record(
        &self,
        row: &Row,
        limited: bool,
        came: Came<'_>,
        trails: &mut [Vec<Visit>],
        recording: Recording,
        outbox: &mut Outbox<LineMessage, Happening>,
    ) {
        let customers = came.numbers.iter().zip(came.arrivals).enumerate();
        for ((index, (&customer, &arrival)), trail) in customers.zip(trails) {
            let service_start = row.starts[index];
            let service_end = service_start + row.services[index];
            let visit = Visit {
                customer,
                stage: self.position,
                server: 1,
                arrival,
                service_start,
                service_end,
                departure: match limited {
                    true => row.departures[LANES + index],
                    false => service_end,
                },
            };
            trail.push(visit);
            if recording == Recording::Everything {
                outbox.record(Happening::Began(visit));
                outbox.record(Happening::Left(visit));
            }
        }
    }

    /// The measures of the stage, once it is done.
    pub(in crate::tandem) fn summary(&self, clock: f64) -> StageSummary {
        self.measures.summary(&self.name, clock, &[self.free.time])
    }

    /// Its idle time only.
    pub(in crate::tandem) fn idle_time(&self, clock: f64) -> Option<f64> {
        let free = [self.free.time];
        self.measures.idle_time(&self.name, clock, &free)
    }

    pub(in crate::tandem) fn digest(&self) -> Digest {
        self.measures.digest()
    }
}
