//! A stage: the rules of one station of the line, as far as its inputs allow.
//!
//! A stage goes through its own events in the order of [`Moment`]s: finishes, then arrivals, then service starts.
//! With blocking after service, a customer starts at max(arrival, next idle server), and the k-th to finish leaves
//! at max(finish, credit k), which frees the server and the place. With blocking before service, the n-th start is
//! at max(arrival, next idle server, credit n), and the customer is sent on then, with the time at which it will
//! arrive. When it cannot continue it waits for exactly one input: for credits if the next event needs a place of
//! the next stage, otherwise for customers.

use super::inlet::{Inlet, Queued};
use super::lookahead::Lookahead;
use super::measures::{Spell, StageMeasures};
use super::message::{Chunk, Credits, LineMessage, Lost};
use super::outlet::Outlet;
use super::servers::{InService, Servers};
use super::summary::StageSummary;
use crate::actor::{Input, Outbox, Port, Recording, Wants};
use crate::digest::Digest;
use crate::planted::{self, Fault};
use crate::scenario::Blocking;
use crate::station::{Happening, Visit};
use crate::time::Moment;

/// The output through which credits go back.
const UPSTREAM: Port = Port(1);

/// A stage with any number of servers, any buffers, either kind of blocking.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) position: u32,
    pub(super) inlet: Inlet,
    pub(super) servers: Servers,
    pub(super) outlet: Outlet,
    pub(super) measures: StageMeasures,
    /// Whether a place of the next stage is taken when service begins.
    pub(super) reserves: bool,
    /// The inputs of customers and credits; none if there are none.
    pub(super) upstream: Option<Port>,
    pub(super) downstream: Option<Port>,
    /// Whether the stage before waits for credits from here, and those not yet sent.
    pub(super) gives_credits: bool,
    pub(super) freed: Vec<Moment>,
    /// The emptied chunk whose answer is due.
    pub(super) owed: Option<Box<Chunk>>,
    pub(super) recording: Recording,
    /// The time at which the last service began.
    pub(super) begun: f64,
    pub(super) stopped: bool,
    /// The due times of its turns, if it generates its own customers.
    pub(super) lookahead: Lookahead,
    pub(super) wants: Wants,
}

/// The next action of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The next customer to finish leaves.
    Leave,
    /// The customer at the door is admitted or lost.
    Decide,
    /// The head of the queue begins service.
    Start(Moment),
    /// Wait until the next stage reports a free place.
    AwaitPlace,
    /// Wait until more customers come.
    AwaitCustomers,
    /// Everything is done.
    Over,
}

impl Stage {
    /// Whether customers are sent on at the start of their service, in a line of this kind.
    pub(super) fn reserves(blocking: Blocking, outlet: &Outlet) -> bool {
        blocking == Blocking::BeforeService && outlet.is_limited()
    }

    pub(super) fn handle(
        &mut self,
        input: Input<LineMessage>,
        outbox: &mut Outbox<LineMessage, Happening>,
    ) {
        match input {
            Input::Message(LineMessage::Customers(chunk)) => {
                // The last chunk needs no answer: its sender has no further customers.
                let answers = self.gives_credits && !chunk.last;
                self.tell_who_comes(&chunk, outbox);
                let spare = self.inlet.receive(chunk);
                self.owed = answers.then_some(spare);
            }
            Input::Message(LineMessage::Credits(answer)) => self.outlet.receive(answer),
            Input::Turn => {}
            Input::Intervention(_) => unreachable!("a line takes no interventions"),
            Input::Stop => {
                self.inlet.close();
                self.stopped = true;
            }
        }
        self.wants = self.advance(outbox);
    }

    /// Advances as far as possible and returns the missing input.
    fn advance(&mut self, outbox: &mut Outbox<LineMessage, Happening>) -> Wants {
        if self.outlet.is_closed() {
            return self.drain();
        }
        loop {
            if self.outlet.is_full() {
                if !self.outlet.may_send() {
                    return self.answer_of_next_stage();
                }
                self.send(outbox);
                if self.upstream.is_none() {
                    self.lookahead.made_until(self.begun);
                    return Wants::Turn(self.lookahead.due());
                }
            }
            match self.next_event() {
                Event::Leave => self.leave(outbox),
                Event::Decide => {
                    if let Some(Lost { number, time }) = self.inlet.decide() {
                        let customer = number;
                        self.tell(Happening::Lost { customer, time }, outbox);
                    }
                }
                Event::Start(moment) => self.start(moment, outbox),
                waits => {
                    self.outlet.chunk().lost.extend(self.inlet.take_lost());
                    self.outlet.chunk().last = waits == Event::Over;
                    if self.outlet.holds_something() {
                        if !self.outlet.may_send() {
                            return self.answer_of_next_stage();
                        }
                        self.send(outbox);
                    }
                    return match waits {
                        Event::AwaitPlace => self.answer_of_next_stage(),
                        Event::AwaitCustomers => self.more_customers(outbox),
                        _ => self.drain(),
                    };
                }
            }
        }
    }

    /// The next event in the order of moments, or the input needed to know it.
    fn next_event(&mut self) -> Event {
        let next_finish = self.servers.next_finish();
        let left = self.measures.departures();
        self.inlet.settle(next_finish, left);
        let idle = self.servers.earliest_idle();
        let head = self.inlet.head();
        let place = if self.reserves {
            self.outlet.place()
        } else {
            Some(Moment::ZERO)
        };
        // No service begins before this; without a place it may begin later still.
        let next_start = idle.map(|idle| {
            let arrival = head.unwrap_or_else(|| self.inlet.known_until(next_finish, left));
            idle.max(arrival).max(place.unwrap_or(Moment::ZERO))
        });
        let door = self.inlet.at_the_door();
        if let Some(finish) = next_finish
            && next_start.is_none_or(|start| finish <= start)
            && door.is_none_or(|door| finish <= door)
        {
            let must_wait = !self.reserves && self.outlet.place().is_none();
            return if must_wait {
                Event::AwaitPlace
            } else {
                Event::Leave
            };
        }
        if let (Some(_), Some(start)) = (head, next_start)
            && door.is_none_or(|door| start <= door)
        {
            return if place.is_some() {
                Event::Start(start)
            } else {
                Event::AwaitPlace
            };
        }
        if door.is_some() {
            Event::Decide
        } else if self.inlet.is_over() && self.servers.all_idle() {
            Event::Over
        } else {
            Event::AwaitCustomers
        }
    }

    /// Begins the service of the head of the queue.
    fn start(&mut self, start: Moment, outbox: &mut Outbox<LineMessage, Happening>) {
        let Some(Queued {
            mut customer,
            mut trail,
            service,
        }) = self.inlet.take(start)
        else {
            return;
        };
        let arrival = customer.time;
        let (idle_from, server) = self.servers.claim(start);
        let finish = start.after(service);
        assert!(
            arrival <= start.time && finish.time.is_finite(),
            "{}: the clock ran away",
            self.name
        );
        self.measures
            .start(customer.number, arrival, start.time, service);
        let waiting = start.time - arrival;
        customer.waiting += waiting;
        customer.queues_joined += u32::from(waiting > 0.0);
        customer.service += service;
        customer.leave(finish);
        let mut held = InService {
            customer,
            trail: Vec::new(),
            arrival,
            idle_from: idle_from.time,
            start,
            finish,
            server,
        };
        self.begun = start.time;
        if self.recording == Recording::Everything {
            let visit = held.visit(self.position, finish.time);
            self.tell(Happening::Began(visit), outbox);
        }
        if self.reserves {
            self.outlet.take_place();
            if self.recording >= Recording::Tables {
                trail.push(held.visit(self.position, finish.time));
            }
            self.outlet.push(customer, trail, Some(start));
        } else {
            held.trail = trail;
        }
        self.servers.begin(held);
    }

    /// Lets the next customer to finish leave, at once or when there is a place.
    fn leave(&mut self, outbox: &mut Outbox<LineMessage, Happening>) {
        let finish = self.servers.next_finish().expect("somebody is in service");
        let departure = if self.reserves {
            finish
        } else {
            let place = self.outlet.place().expect("a place was known");
            self.outlet.take_place();
            finish.max(place)
        };
        let mut held = self.servers.leave(departure);
        self.inlet.free(departure);
        if self.gives_credits {
            self.freed.push(departure);
        }
        let spell = Spell {
            idle_from: held.idle_from,
            start: held.start.time,
            end: finish.time,
            departure: departure.time,
        };
        self.measures
            .leave(held.customer.number, held.server, spell);
        if self.recording == Recording::Everything {
            let visit = held.visit(self.position, departure.time);
            self.tell(Happening::Left(visit), outbox);
        }
        if !self.reserves {
            if self.recording >= Recording::Tables {
                let visit = held.visit(self.position, departure.time);
                held.trail.push(visit);
            }
            held.customer.blocked += departure.time - finish.time;
            held.customer.leave(departure);
            self.outlet.push(held.customer, held.trail, None);
        }
    }

    /// Records a change of state, if these are recorded.
    fn tell(&self, event: Happening, outbox: &mut Outbox<LineMessage, Happening>) {
        if self.recording == Recording::Everything {
            outbox.record(event);
        }
    }

    /// Records the customers who reach the stage; at the door it is not yet known whether they find a place.
    fn tell_who_comes(&self, chunk: &Chunk, outbox: &mut Outbox<LineMessage, Happening>) {
        if self.recording == Recording::Everything {
            for customer in chunk.customers.iter() {
                let reached = Happening::Reached {
                    stage: self.position,
                    customer: customer.number,
                    time: customer.time,
                };
                outbox.record(reached);
            }
        }
    }

    fn send(&mut self, outbox: &mut Outbox<LineMessage, Happening>) {
        let lost = self.inlet.take_lost();
        self.outlet.chunk().lost.extend(lost);
        self.outlet.send(outbox);
    }

    fn answer_of_next_stage(&self) -> Wants {
        Wants::Message(self.downstream.expect("only a limited stage makes us wait"))
    }

    /// Asks for more customers, after answering the sender of the last ones.
    fn more_customers(&mut self, outbox: &mut Outbox<LineMessage, Happening>) -> Wants {
        let owed = self.owed.take();
        if let Some(mut spare) = owed.filter(|_| !planted::is(Fault::WaitForEachOther)) {
            let next = std::mem::take(&mut spare.spare);
            let freed = std::mem::replace(&mut self.freed, next);
            outbox.send(UPSTREAM, LineMessage::Credits(Credits { freed, spare }));
        }
        Wants::Message(
            self.upstream
                .expect("a saturated stage always knows what comes"),
        )
    }

    /// Waits for the remaining answers.
    fn drain(&self) -> Wants {
        if self.outlet.awaits_answers() {
            self.answer_of_next_stage()
        } else {
            Wants::Nothing
        }
    }

    /// The measures of the stage, once it is done.
    pub(super) fn summary(&self, clock: f64) -> StageSummary {
        self.measures
            .summary(&self.name, clock, &self.servers.idle_since())
    }

    /// Its idle time only.
    pub(super) fn idle_time(&self, clock: f64) -> Option<f64> {
        let free = self.servers.idle_since();
        self.measures.idle_time(&self.name, clock, &free)
    }

    pub(super) fn digest(&self) -> Digest {
        self.measures.digest()
    }
}

impl InService {
    fn visit(&self, stage: u32, departure: f64) -> Visit {
        Visit {
            customer: self.customer.number,
            stage,
            server: self.server + 1,
            arrival: self.arrival,
            service_start: self.start.time,
            service_end: self.finish.time,
            departure,
        }
    }
}
