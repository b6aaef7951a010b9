//! The source of a pipeline: customers from outside, sent to the stations at which they enter.

use super::message::{Coming, Customers, Rank, Span};
use crate::actor::{Input, Outbox, Port, Wants};
use crate::lockstep::Message;
use crate::lockstep::arrivals::Arrivals;
use crate::lockstep::recordings::Shortage;
use crate::station::Happening;
use crate::time::Moment;
use std::collections::VecDeque;

/// Makes customers, some each turn.
#[derive(Clone, Debug)]
pub struct Source {
    pub(in crate::lockstep) arrivals: Arrivals,
    /// The output to the station at which each class enters.
    outputs: Vec<Port>,
    /// Number of outputs.
    stations: usize,
    /// Number of customers of a turn; those of one instant stay together.
    chunk: usize,
    /// The end of the run, where it does not drain.
    pub(in crate::lockstep) stop_at: Option<f64>,
    /// Whether the run was wound up before its horizon.
    pub(in crate::lockstep) interrupted: bool,
    /// The recording that is too short for the run.
    pub(in crate::lockstep) shortage: Option<Shortage>,
    done: bool,
}

impl Source {
    /// A source whose classes enter by these outputs, of which there are as many as `stations`.
    pub(super) fn new(
        arrivals: Arrivals,
        outputs: Vec<Port>,
        stations: usize,
        chunk: usize,
        stop_at: Option<f64>,
    ) -> Source {
        Source {
            arrivals,
            outputs,
            stations,
            chunk,
            stop_at,
            interrupted: false,
            shortage: None,
            done: false,
        }
    }

    pub(in crate::lockstep) fn wants(&self) -> Wants {
        match self.done {
            true => Wants::Nothing,
            // Without any arrival the end is known from the beginning.
            false => Wants::Turn(self.arrivals.next().unwrap_or(0.0)),
        }
    }

    pub(in crate::lockstep) fn handle(
        &mut self,
        input: &Input<Message>,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        if *input == Input::Stop {
            self.interrupted = true;
            self.arrivals.close();
        }
        let mut coming: Vec<Vec<Coming>> = (0..self.stations).map(|_| Vec::new()).collect();
        let next = self.make(&mut coming);
        let until = match (next, self.stop_at) {
            (Some(next), _) => Moment::at(next),
            // All rounds of the last instant are run.
            (None, Some(stop_at)) => Moment::at(stop_at.next_up()),
            (None, None) => Moment::NEVER,
        };
        self.done = next.is_none();
        let last = self.done;
        for (port, coming) in coming.into_iter().enumerate() {
            let span = Span { until, last };
            let customers = Customers { coming, span };
            outbox.send(Port(port), Message::Customers(Box::new(customers)));
        }
    }

    /// Makes the customers of one turn; gives the next instant at which some arrive, if there is one.
    fn make(&mut self, coming: &mut [Vec<Coming>]) -> Option<f64> {
        let mut made = 0;
        let mut people = VecDeque::new();
        loop {
            self.shortage = self.arrivals.shortage();
            if self.shortage.is_some() {
                return None;
            }
            let now = self.arrivals.next()?;
            if made >= self.chunk {
                return Some(now);
            }
            self.arrivals.take(now, &mut people);
            self.shortage = self.arrivals.shortage();
            if self.shortage.is_some() {
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
