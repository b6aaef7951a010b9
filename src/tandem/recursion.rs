//! The recursion for a stage with one server and no limits on either side (Lindley 1952):
//! start = max(arrival, end of the service before), departure = start + service.
//!
//! It does what [`super::stage::Stage`] does there, ten times faster: chunks pass through in place.
//! The tests hold the two equal.

use super::log;
use super::measures::{Carried, Row, Spell, StageMeasures};
use super::message::{Chunk, Customer, LineMessage};
use super::services::Services;
use super::summary::StageSummary;
use super::visit::{LineEvent, LineRecord, Visit};
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::digest::Digest;
use crate::time::Moment;

/// A stage with one server, without limits.
#[derive(Clone, Debug)]
pub(super) struct Recursion {
    pub(super) name: String,
    position: u32,
    services: Services,
    /// Whether customers come in the order of their numbers, none missing.
    in_order: bool,
    values: Vec<f64>,
    row: Row,
    /// When the server is idle next.
    free: Moment,
    measures: StageMeasures,
    recording: Recording,
    done: bool,
}

impl Recursion {
    pub(super) fn new(
        name: String,
        position: u32,
        services: Services,
        in_order: bool,
        measures: StageMeasures,
        recording: Recording,
    ) -> Recursion {
        Recursion {
            name,
            position,
            services,
            in_order,
            values: Vec::new(),
            row: Row::default(),
            free: Moment::ZERO,
            measures,
            recording,
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

    pub(super) fn handle(
        &mut self,
        input: Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, LineRecord>,
    ) {
        let Input::Message(LineMessage::Customers(mut chunk)) = input else {
            unreachable!("a stage without limits receives customers only");
        };
        self.done = chunk.last;
        self.draw(&chunk);
        if log::is_on() {
            self.log(&chunk);
        }
        if self.recording >= Recording::Tables {
            self.record(&mut chunk, outbox);
        }
        self.pass(&mut chunk);
        outbox.send(Port(0), LineMessage::Customers(chunk));
    }

    /// Draws the services of a chunk.
    fn draw(&mut self, chunk: &Chunk) {
        for lost in &chunk.lost {
            self.services.take(lost.number);
        }
        self.values.resize(chunk.customers.len(), 0.0);
        match chunk.customers.first() {
            Some(first) if self.in_order => {
                self.services.take_in_order(first.number, &mut self.values);
            }
            _ => {
                for (value, customer) in self.values.iter_mut().zip(&chunk.customers) {
                    *value = self.services.take(customer.number);
                }
            }
        }
    }

    /// Lets the customers of a chunk pass.
    fn pass(&mut self, chunk: &mut Chunk) {
        let Some(first) = chunk.customers.first() else {
            return;
        };
        let carried = self
            .measures
            .carry(first.number, self.in_order, self.free.time);
        match carried {
            Some(carried) => self.pass_in_a_row(carried, &mut chunk.customers),
            None => self.pass_one_by_one(&mut chunk.customers),
        }
        assert!(
            self.free.time.is_finite(),
            "{}: the clock ran away",
            self.name
        );
    }

    fn pass_in_a_row(&mut self, mut carried: Carried, customers: &mut [Customer]) {
        let mut free = self.free;
        self.row.resize(customers.len());
        let row = &mut self.row;
        let columns = row
            .arrivals
            .iter_mut()
            .zip(&mut row.starts)
            .zip(&mut row.waits);
        for ((customer, &service), ((arrival, start), wait)) in
            customers.iter_mut().zip(&self.values).zip(columns)
        {
            *arrival = customer.time;
            let spell = serve(customer, &mut free, service);
            *start = spell.start;
            *wait = spell.start - *arrival;
            carried.visit(customer.number, spell);
        }
        self.free = free;
        self.measures.passed(carried, &self.row, &self.values);
    }

    fn pass_one_by_one(&mut self, customers: &mut [Customer]) {
        for (customer, &service) in customers.iter_mut().zip(&self.values) {
            let arrival = customer.time;
            let spell = serve(customer, &mut self.free, service);
            self.measures
                .start(customer.number, arrival, spell.start, service);
            self.measures.leave(customer.number, 0, spell);
        }
    }

    /// The visits that [`Recursion::pass`] is about to make.
    fn visits<'a>(&'a self, customers: &'a [Customer]) -> impl Iterator<Item = Visit> + 'a {
        let mut free = self.free.time;
        customers
            .iter()
            .zip(&self.values)
            .map(move |(customer, service)| {
                let service_start = customer.time.max(free);
                free = service_start + service;
                Visit {
                    customer: customer.number,
                    stage: self.position,
                    server: 1,
                    arrival: customer.time,
                    service_start,
                    service_end: free,
                    departure: free,
                }
            })
    }

    fn record(&self, chunk: &mut Chunk, outbox: &mut Outbox<LineMessage, LineRecord>) {
        chunk.trails.resize_with(chunk.customers.len(), Vec::new);
        for (visit, trail) in self.visits(&chunk.customers).zip(&mut chunk.trails) {
            trail.push(visit);
            if self.recording == Recording::Everything {
                outbox.record(LineRecord::Event(LineEvent::Left(visit)));
            }
        }
    }

    fn log(&self, chunk: &Chunk) {
        for visit in self.visits(&chunk.customers) {
            let waited = visit.service_start - visit.arrival;
            log::begins(&self.name, visit.customer, 0, visit.service_start, waited);
            log::leaves(&self.name, &visit);
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

/// The recursion itself: serves a customer, who then is on the way to the next stage, and says what
/// the server did. `free` is when the server is idle next.
#[inline]
fn serve(customer: &mut Customer, free: &mut Moment, service: f64) -> Spell {
    let arrival = customer.time;
    let idle_from = free.time;
    let start = if arrival > idle_from {
        arrival
    } else {
        idle_from
    };
    let end = start + service;
    *free = if end > start {
        Moment::at(end)
    } else {
        (*free).max(customer.reaches()).after(service)
    };
    let waiting = start - arrival;
    customer.waiting += waiting;
    customer.queues_joined += u32::from(waiting > 0.0);
    customer.service += service;
    customer.leave(*free);
    Spell {
        idle_from,
        start,
        end,
        departure: end,
    }
}
