//! The source of a pipeline: customers from outside, sent to the stations at which they enter.

use super::message::{Coming, Customers, Rank, Span};
use crate::actor::{Input, Outbox, Port, Wants};
use crate::lockstep::Message;
use crate::lockstep::arrivals::Arrivals;
use crate::lockstep::recordings::Shortage;
use crate::station::Happening;
use crate::time::Moment;
use std::collections::VecDeque;

/// Generates customers, some each turn.
#[derive(Clone, Debug)]
pub struct Source {
    pub(in crate::lockstep) supply: Supply,
    /// The output to the station at which each class enters.
    outputs: Vec<Port>,
    /// Number of outputs.
    stations: usize,
    done: bool,
}

/// The supply of customers: that of a source, or of a station that is never starved.
#[derive(Clone, Debug)]
pub(in crate::lockstep) struct Supply {
    pub(in crate::lockstep) arrivals: Arrivals,
    /// Number of customers of a turn; customers of one instant stay together.
    pub(super) chunk: usize,
    /// The end of the run, if it does not drain.
    pub(super) stop_at: Option<f64>,
    /// Whether the run was wound up before its horizon.
    pub(in crate::lockstep) interrupted: bool,
    /// The recording that is too short for the run.
    pub(in crate::lockstep) shortage: Option<Shortage>,
}

impl Supply {
    pub(super) fn new(arrivals: Arrivals, chunk: usize, stop_at: Option<f64>) -> Supply {
        Supply {
            arrivals,
            chunk,
            stop_at,
            interrupted: false,
            shortage: None,
        }
    }

    /// Begins a turn.
    pub(super) fn take_turn(&mut self, input: &Input<Message>) {
        if *input == Input::Stop {
            self.interrupted = true;
            self.arrivals.close();
        }
    }

    /// The end of time: all rounds of the last instant are run.
    pub(super) fn end(&self) -> Moment {
        match self.stop_at {
            Some(stop_at) => Moment::at(stop_at.next_up()),
            None => Moment::NEVER,
        }
    }

    /// Whether a recording is too short for the customers so far, or for the next arrival.
    pub(super) fn runs_short(&mut self) -> bool {
        self.shortage = self.arrivals.shortage();
        self.shortage.is_some()
    }
}

impl Source {
    /// A source whose classes enter through these outputs; there are `stations` outputs.
    pub(super) fn new(supply: Supply, outputs: Vec<Port>, stations: usize) -> Source {
        Source {
            supply,
            outputs,
            stations,
            done: false,
        }
    }

    pub(in crate::lockstep) fn wants(&self) -> Wants {
        match self.done {
            true => Wants::Nothing,
            // Without any arrival the end is known from the beginning.
            false => Wants::Turn(self.supply.arrivals.next().unwrap_or(0.0)),
        }
    }

    pub(in crate::lockstep) fn handle(
        &mut self,
        input: &Input<Message>,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        self.supply.take_turn(input);
        let mut coming: Vec<Vec<Coming>> = (0..self.stations).map(|_| Vec::new()).collect();
        let next = self.make(&mut coming);
        let until = next.map_or(self.supply.end(), Moment::at);
        self.done = next.is_none();
        let last = self.done;
        for (port, coming) in coming.into_iter().enumerate() {
            let span = Span { until, last };
            let customers = Customers {
                coming,
                span,
                asks: None,
            };
            outbox.send(Port(port), Message::Customers(Box::new(customers)));
        }
    }

    /// Generates the customers of one turn and returns the next instant with an arrival, if there is one.
    fn make(&mut self, coming: &mut [Vec<Coming>]) -> Option<f64> {
        let mut made = 0;
        let mut people = VecDeque::new();
        loop {
            if self.supply.runs_short() {
                return None;
            }
            let now = self.supply.arrivals.next()?;
            if made >= self.supply.chunk {
                return Some(now);
            }
            self.supply.arrivals.take(now, &mut people);
            if self.supply.runs_short() {
                return None;
            }
            made += people.len().max(1);
            for mut person in people.drain(..) {
                person.stop += 1;
                let Port(output) = self.outputs[person.class as usize];
                coming[output].push(Coming {
                    at: Moment::at(now),
                    rank: Rank::outside(person.number),
                    person,
                    last: None,
                });
            }
        }
    }
}
