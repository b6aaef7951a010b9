//! The recursion for stages with one server and no limits on either side (Lindley 1952):
//! start = max(arrival, end of the service before), end = start + service; and the end at one stage is
//! the arrival at the next.
//!
//! It does what [`super::stage::Stage`] does there, many times faster: customers pass through in place,
//! a piece of a chunk at a time, and what they did is measured column by column. Within a piece the
//! recursion goes customer by customer through several stages, so that the processor works on one
//! stage while at another it still waits for the end of the service before. One actor may hold one
//! stage or several in a row: the numbers are the same. The tests hold all this equal to the stage and
//! to an event list.

use super::column::Column;
use super::measures::{Begun, Left, Spell, StageMeasures};
use super::message::{Chunk, Customers, LineMessage};
use super::services::Services;
use super::summary::StageSummary;
use super::waited::Waited;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::digest::Digest;
use crate::lanes::{LANES, widest};
use crate::station::{Happening, Visit};
use crate::time::Moment;
use std::ops::Range;

/// How many customers are worked on at a time: few enough that all columns of a stage stay in the
/// first-level cache.
const PIECE: usize = 256;

/// The length of a column. Were it a power of two, the same place of many columns would have the same
/// place in the cache.
const COLUMN: usize = PIECE + LANES;

/// Where in the column of ends the one before the first stands, so that the first stands where a cache line
/// begins.
const BEFORE: usize = LANES - 1;

/// Through how many stages each customer goes before the next follows.
const TOGETHER: usize = 5;

/// Stages with one server, without limits, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Recursion {
    name: String,
    stages: Vec<SingleServer>,
    rows: Vec<Row>,
    recording: Recording,
    done: bool,
}

/// A stage with one server, without limits.
#[derive(Clone, Debug)]
pub(super) struct SingleServer {
    name: String,
    position: u32,
    services: Services,
    /// Whether customers come in the order of their numbers, none missing.
    in_order: bool,
    /// When the server is idle next.
    free: Moment,
    pub(super) measures: StageMeasures,
}

/// What a piece of a chunk does at a stage. Each column begins where a cache line does.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Row {
    services: [f64; COLUMN],
    starts: [f64; COLUMN],
    waits: [f64; COLUMN],
    /// When the service before the first ended, at [`BEFORE`], and then that of each.
    ends: [f64; COLUMN],
}

impl Row {
    const EMPTY: Row = Row {
        services: [0.0; COLUMN],
        starts: [0.0; COLUMN],
        waits: [0.0; COLUMN],
        ends: [0.0; COLUMN],
    };

    /// When the services of so many end.
    fn ends(&self, length: usize) -> &[f64] {
        &self.ends[LANES..LANES + length]
    }
}

/// A piece of the customers, and when they reach a stage.
#[derive(Clone, Copy, Debug)]
struct Came<'a> {
    numbers: &'a [u64],
    arrivals: &'a [f64],
}

impl Recursion {
    /// A recursion over one stage.
    pub(super) fn new(stage: SingleServer, recording: Recording) -> Recursion {
        Recursion {
            name: stage.name.clone(),
            stages: vec![stage],
            rows: vec![Row::EMPTY],
            recording,
            done: false,
        }
    }

    /// Takes the stages that follow into this recursion.
    pub(super) fn join(&mut self, next: Recursion) {
        self.name = format!("{}+{}", self.name, next.name);
        self.stages.extend(next.stages);
        self.rows
            .resize(self.stages.len().min(TOGETHER), Row::EMPTY);
    }

    /// The stages' names.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn stages(&self) -> &[SingleServer] {
        &self.stages
    }

    pub(super) fn wants(&self) -> Wants {
        if self.done {
            Wants::Nothing
        } else {
            Wants::Message(Port(0))
        }
    }

    pub(super) fn handle(
        &mut self,
        input: Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, Happening>,
    ) {
        let Input::Message(LineMessage::Customers(mut chunk)) = input else {
            unreachable!("a stage without limits receives customers only");
        };
        self.done = chunk.last;
        let length = chunk.customers.len();
        if self.recording >= Recording::Tables {
            chunk.trails.resize_with(length, Vec::new);
        }
        for stage in &mut self.stages {
            stage.skip_lost(&chunk);
        }
        for begin in (0..length).step_by(PIECE) {
            let piece = begin..length.min(begin + PIECE);
            for stages in self.stages.chunks_mut(TOGETHER) {
                let rows = &mut self.rows[..stages.len()];
                pass(stages, rows, &chunk.customers, piece.clone());
                let Chunk {
                    customers, trails, ..
                } = &mut *chunk;
                for (index, stage) in stages.iter_mut().enumerate() {
                    let (before, rows) = rows.split_at_mut(index);
                    let row = &mut rows[0];
                    let came = Came {
                        numbers: &customers.numbers[piece.clone()],
                        // Where one service ends, the customer reaches the next stage.
                        arrivals: before
                            .last()
                            .map_or(&customers.times[piece.clone()], |row| row.ends(piece.len())),
                    };
                    if self.recording >= Recording::Tables {
                        stage.record(
                            row,
                            came,
                            &mut trails[piece.clone()],
                            self.recording,
                            outbox,
                        );
                    }
                    stage.leave(row, came, &mut customers.rounds, piece.clone());
                }
                go_on(rows, customers, piece.clone());
            }
        }
        outbox.send(Port(0), LineMessage::Customers(chunk));
    }
}

/// Lets a piece of the customers pass some stages: draws their services, and finds when each begins.
fn pass(stages: &mut [SingleServer], rows: &mut [Row], customers: &Customers, piece: Range<usize>) {
    for (stage, row) in stages.iter_mut().zip(&mut *rows) {
        stage.draw(&customers.numbers[piece.clone()], &mut row.services);
        row.ends[BEFORE] = stage.free.time;
    }
    let arrivals = &customers.times[piece];
    match rows {
        [a] => starts::<1>([a], arrivals),
        [a, b] => starts::<2>([a, b], arrivals),
        [a, b, c] => starts::<3>([a, b, c], arrivals),
        [a, b, c, d] => starts::<4>([a, b, c, d], arrivals),
        [a, b, c, d, e] => starts::<TOGETHER>([a, b, c, d, e], arrivals),
        _ => unreachable!("so many stages do not go together"),
    }
}

/// What a piece of the customers met at some stages is added up, and they are sent on.
fn go_on(rows: &[Row], customers: &mut Customers, piece: Range<usize>) {
    let length = piece.len();
    let (mut waits, mut services): ([&[f64]; TOGETHER], [&[f64]; TOGETHER]) = Default::default();
    for (index, row) in rows.iter().enumerate() {
        waits[index] = &row.waits[..length];
        services[index] = &row.services[..length];
    }
    let stages = rows.len();
    customers.meet(piece.clone(), &waits[..stages], &services[..stages]);
    customers.times[piece].copy_from_slice(rows[stages - 1].ends(length));
}

/// The recursion itself: when the services of customers begin, who reach the first of some stages at
/// these instants.
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
    pub(super) fn new(
        name: String,
        position: u32,
        services: Services,
        in_order: bool,
        measures: StageMeasures,
    ) -> SingleServer {
        SingleServer {
            name,
            position,
            services,
            in_order,
            free: Moment::ZERO,
            measures,
        }
    }

    /// Drops the services of those who were lost before.
    fn skip_lost(&mut self, chunk: &Chunk) {
        for lost in &chunk.lost {
            self.services.take(lost.number);
        }
    }

    /// Draws the services of some customers.
    fn draw(&mut self, numbers: &[u64], services: &mut [f64; COLUMN]) {
        let services = &mut services[..numbers.len()];
        self.services.take_all(numbers, self.in_order, services);
    }

    /// The customers of a piece leave, on the way to the next stage.
    fn leave(
        &mut self,
        row: &mut Row,
        came: Came<'_>,
        rounds: &mut Column<u32>,
        piece: Range<usize>,
    ) {
        let length = piece.len();
        let all_later = widest(Waited {
            arrivals: came.arrivals,
            starts: &row.starts[..length],
            services: &row.services[..length],
            waits: &mut row.waits[..length],
            ends: &mut row.ends[LANES..LANES + length],
        });
        let (starts, ends) = (&row.starts[..length], row.ends(length));
        let begun = Begun {
            numbers: came.numbers,
            arrivals: came.arrivals,
            starts,
            waits: &row.waits[..length],
            services: &row.services[..length],
        };
        let left = Left {
            visits: came.numbers,
            idle_from: &row.ends[BEFORE..BEFORE + length],
            starts,
            ends,
        };
        if self.measures.is_open() {
            self.measures.begin_all(begun);
            self.measures.leave_all(left);
        } else {
            self.measure_one_by_one(begun, left);
        }
        if all_later {
            rounds.clear_piece(piece);
            self.free = Moment::at(row.ends[BEFORE + length]);
        } else {
            self.count_rounds(row, came.arrivals, rounds.piece_mut(piece));
        }
        assert!(
            self.free.time.is_finite(),
            "{}: the clock ran away",
            self.name
        );
    }

    fn measure_one_by_one(&mut self, begun: Begun<'_>, left: Left<'_>) {
        for (index, &number) in begun.numbers.iter().enumerate() {
            let spell = Spell {
                idle_from: left.idle_from[index],
                start: left.starts[index],
                end: left.ends[index],
                departure: left.ends[index],
            };
            let (arrival, service) = (begun.arrivals[index], begun.services[index]);
            self.measures.start(number, arrival, spell.start, service);
            self.measures.leave(number, 0, spell);
        }
    }

    /// In which round of its instant each service ends, where some take no time.
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

    /// The visits of the customers of a piece.
    fn visits<'a>(&'a self, row: &'a Row, came: Came<'a>) -> impl Iterator<Item = Visit> + 'a {
        let customers = came.numbers.iter().zip(came.arrivals).enumerate();
        customers.map(move |(index, (&customer, &arrival))| {
            let service_start = row.starts[index];
            let service_end = service_start + row.services[index];
            Visit {
                customer,
                stage: self.position,
                server: 1,
                arrival,
                service_start,
                service_end,
                departure: service_end,
            }
        })
    }

    fn record(
        &self,
        row: &Row,
        came: Came<'_>,
        trails: &mut [Vec<Visit>],
        recording: Recording,
        outbox: &mut Outbox<LineMessage, Happening>,
    ) {
        for (visit, trail) in self.visits(row, came).zip(trails) {
            trail.push(visit);
            if recording == Recording::Everything {
                outbox.record(Happening::Began(visit));
                outbox.record(Happening::Left(visit));
            }
        }
    }

    /// What the stage measured, once it is done.
    pub(super) fn summary(&self, clock: f64) -> StageSummary {
        self.measures.summary(&self.name, clock, &[self.free.time])
    }

    /// Its idle time alone.
    pub(super) fn idle_time(&self, clock: f64) -> Option<f64> {
        let free = [self.free.time];
        self.measures.idle_time(&self.name, clock, &free)
    }

    pub(super) fn digest(&self) -> Digest {
        self.measures.digest()
    }
}
