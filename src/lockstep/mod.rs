//! Stations on one clock: a coordinator advances logical time to the earliest moment at which anything is due, and
//! asks the stations concerned, phase by phase.
//!
//! On threads every station is an actor, linked with the coordinator by request and reply. In one thread the
//! coordinator holds the stations itself and calls them without messages; coordinator and stations are the same, so
//! the results are the same. If every station needs to know only its arrivals and the free places at stations
//! that it alone fills, stations that are actors run without a coordinator, as a [`pipeline`].

mod arrivals;
mod ask;
mod asking;
mod coordinator;
mod due;
mod intervals;
mod jam;
mod moves;
pub mod pipeline;
mod places;
mod recordings;
mod routes;
mod run;
mod sink;
mod system;

pub use intervals::{IntervalCustomers, IntervalMeasures, IntervalQueue};
pub use jam::{Deadlocked, Waits};
pub use run::{Customers, Run};
pub use system::{Class, Ends, Full, Node, System};

use crate::actor::{Actor, ActorId, Input, Network, Outbox, Port, Recording, Runtime, Wants};
use crate::planted;
use crate::scenario::{LineArrivals, WarmUp};
use crate::station::{Chance, Happening, Station};
use crate::time::Moment;
use arrivals::Arrivals;
use ask::{Answer, Ask, State};
use coordinator::Coordinator;
use sink::Sink;
use std::collections::VecDeque;
use std::sync::Arc;

/// Instants handled in one turn if they are not observed one by one.
const INSTANTS: usize = 64;

/// A message between the coordinator and a station.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A question and its moment.
    Ask(Box<Question>),
    /// The answer to a question.
    Answer(Box<Reply>),
    /// In a pipeline, the customers who reach a station during a span of time.
    Customers(Box<pipeline::Customers>),
    /// In a pipeline, the free places at a station that was asked for one.
    Places(Box<pipeline::Places>),
    /// In a pipeline, the visits and customers that have ended at a station during a span of time.
    Ends(Box<pipeline::Ends>),
}

/// A question to a station.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    ask: Ask,
    now: Moment,
    /// A time before which no window closes.
    certain: f64,
}

/// The answer of a station.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply(Answer);

/// An actor of stations on one clock.
#[derive(Clone, Debug)]
pub enum LockstepActor {
    /// The coordinator, with the stations in one thread.
    Coordinator(Box<CoordinatorActor>),
    /// A station.
    Station(Box<StationActor>),
    /// The source of a pipeline.
    Source(Box<pipeline::Source>),
    /// A station of a pipeline.
    Stage(Box<pipeline::Stage>),
    /// The sink of a pipeline.
    Collector(Box<pipeline::Collector>),
}

/// The coordinator as an actor.
#[derive(Clone, Debug)]
pub struct CoordinatorActor {
    coordinator: Coordinator,
    /// Whether the stations are actors.
    apart: bool,
    /// Stations whose answers are awaited, in order.
    awaited: VecDeque<u32>,
    instants: usize,
    done: bool,
}

/// A station as an actor.
#[derive(Clone, Debug)]
pub struct StationActor {
    name: String,
    station: Station,
    done: bool,
}

/// The actors of a system, and the channels between them. `chunk` is the number of customers from outside per
/// message of a pipeline.
#[must_use]
pub fn network(
    system: &System,
    replication: u64,
    runtime: Runtime,
    chunk: usize,
    recording: Recording,
) -> Network<LockstepActor> {
    planted::begin();
    let arrivals = Arrivals::new(system, replication);
    let mut stations = stations(system, replication, recording, &arrivals);
    let sink = Sink::new(system, recording);
    let together = runtime == Runtime::Inline;
    let ahead = may_run_ahead(runtime, recording);
    if let Some(feeds) = system.feeds.as_ref().filter(|_| ahead) {
        let system = (system, feeds.as_slice());
        return pipeline::network(system, replication, chunk, stations, arrivals, sink);
    }
    let states: Vec<State> = stations.iter_mut().map(State::of).collect();
    let (at_hand, apart) = match together {
        true => (stations, Vec::new()),
        false => (Vec::new(), stations),
    };
    let coordinator = Coordinator::new(system, replication, &states, at_hand, arrivals, sink);
    let names = system.stations.iter().map(|node| node.stage.name.clone());
    let actors = names.zip(apart).map(|(name, station)| {
        LockstepActor::Station(Box::new(StationActor {
            name,
            station,
            done: false,
        }))
    });
    let actors: Vec<LockstepActor> = actors.collect();
    let coordinator = CoordinatorActor {
        coordinator,
        apart: !together,
        awaited: VecDeque::new(),
        instants: match recording {
            Recording::Everything => 1,
            _ => INSTANTS,
        },
        done: false,
    };
    let count = actors.len();
    let coordinator = LockstepActor::Coordinator(Box::new(coordinator));
    let mut network = Network::new([vec![coordinator], actors].concat());
    for station in 1..=count {
        network.link(ActorId(0), ActorId(station));
        network.link_back(ActorId(station), ActorId(0), 1);
    }
    network
}

/// Whether stations that need no common clock run without one. In one thread there is nothing to gain, and changes
/// of state are recorded in the order of one clock.
#[must_use]
pub fn may_run_ahead(runtime: Runtime, recording: Recording) -> bool {
    runtime != Runtime::Inline && recording != Recording::Everything
}

/// The stations of a system, empty, at time 0.
fn stations(
    system: &System,
    replication: u64,
    recording: Recording,
    arrivals: &Arrivals,
) -> Vec<Station> {
    let priorities = system.classes.iter().map(|class| class.priority);
    let priorities: Arc<[i64]> = priorities.collect();
    (0..)
        .zip(&system.stations)
        .map(|(position, node)| {
            let chance = Chance {
                seed: system.seed,
                replication,
                name: &node.stage.name,
            };
            let rules = Arc::clone(&node.stage);
            let mut station = Station::new(position, rules, Arc::clone(&priorities), chance);
            if let Some(opening) = opening(system, arrivals) {
                station.open_window(opening);
            }
            if let Some(intervals) = system.intervals {
                station.report(intervals);
            }
            if recording == Recording::Everything {
                station.put_down_events();
            }
            station
        })
        .collect()
}

/// The time at which the windows of all stations open, if it does not depend on which customers arrive: the first
/// arrival if any arrivals are absolute times, otherwise 0.
fn opening(system: &System, arrivals: &Arrivals) -> Option<f64> {
    let recorded = |arrivals: &LineArrivals| {
        matches!(
            arrivals,
            LineArrivals::Times(_) | LineArrivals::Recorded { .. }
        )
    };
    let absolute = match &system.arrivals {
        LineArrivals::PerClass(flows) => flows.iter().any(|flow| recorded(&flow.arrivals)),
        one => recorded(one),
    };
    let opening = match absolute {
        true => arrivals.next().unwrap_or(0.0),
        false => 0.0,
    };
    (system.warm_up == WarmUp::Customers(0)).then_some(opening)
}

impl Actor for LockstepActor {
    type Message = Message;
    type Record = Happening;

    fn name(&self) -> &str {
        match self {
            LockstepActor::Coordinator(_) => "coordinator",
            LockstepActor::Station(station) => &station.name,
            LockstepActor::Source(_) => "source",
            LockstepActor::Stage(stage) => &stage.name,
            LockstepActor::Collector(_) => "sink",
        }
    }

    fn wants(&self) -> Wants {
        match self {
            LockstepActor::Coordinator(actor) => actor.wants(),
            LockstepActor::Station(station) if station.done => Wants::Nothing,
            LockstepActor::Station(_) => Wants::Message(Port(0)),
            LockstepActor::Source(source) => source.wants(),
            LockstepActor::Stage(stage) => stage.wants(),
            LockstepActor::Collector(collector) => collector.wants(),
        }
    }

    fn handle(&mut self, input: Input<Message>, outbox: &mut Outbox<Message, Happening>) {
        match (self, input) {
            (LockstepActor::Coordinator(actor), input) => actor.handle(input, outbox),
            (LockstepActor::Station(station), input) => station.handle(input, outbox),
            (LockstepActor::Source(source), input) => source.handle(&input, outbox),
            (LockstepActor::Stage(stage), Input::Message(Message::Customers(customers))) => {
                stage.handle(*customers, outbox);
            }
            (LockstepActor::Stage(stage), Input::Message(Message::Places(places))) => {
                stage.learn(*places, outbox);
            }
            (LockstepActor::Collector(collector), Input::Message(Message::Ends(ends))) => {
                collector.handle(*ends, outbox);
            }
            (LockstepActor::Stage(stage), input @ (Input::Turn | Input::Stop)) => {
                stage.take_turn(&input, outbox);
            }
            (LockstepActor::Stage(_) | LockstepActor::Collector(_), _) => {
                unreachable!("customers and places reach stations, and what ends the sink")
            }
        }
    }
}

impl StationActor {
    fn handle(&mut self, input: Input<Message>, outbox: &mut Outbox<Message, Happening>) {
        let Input::Message(Message::Ask(question)) = input else {
            unreachable!("a station is asked");
        };
        self.done = question.ask == Ask::Close;
        let mut answer = Answer::default();
        let Question { ask, now, certain } = *question;
        answer.act(&mut self.station, ask, now, certain);
        outbox.send(Port(0), Message::Answer(Box::new(Reply(answer))));
    }
}

impl CoordinatorActor {
    fn wants(&self) -> Wants {
        match self.awaited.front() {
            Some(&station) => Wants::Message(Port(station as usize)),
            None if self.done => Wants::Nothing,
            None => Wants::Turn(self.coordinator.next_turn()),
        }
    }

    fn handle(&mut self, input: Input<Message>, outbox: &mut Outbox<Message, Happening>) {
        match input {
            Input::Message(Message::Answer(reply)) => {
                let station = self.awaited.pop_front().expect("an answer is awaited");
                let Reply(mut answer) = *reply;
                self.coordinator.absorb(station, &mut answer);
            }
            Input::Turn => {}
            Input::Stop => self.coordinator.wind_up(),
            Input::Message(_) | Input::Intervention(_) => {
                unreachable!("the coordinator takes turns and answers")
            }
        }
        if self.awaited.is_empty() {
            self.go_on(outbox);
        }
        for record in self.coordinator.sink.records().drain(..) {
            outbox.record(record);
        }
    }

    /// Runs until answers are awaited or a turn is over.
    fn go_on(&mut self, outbox: &mut Outbox<Message, Happening>) {
        let mut instants = 0;
        loop {
            let asks = self.coordinator.advance();
            if !asks.is_empty() {
                let asks = std::mem::take(asks);
                return self.ask(asks, outbox);
            }
            instants += 1;
            self.done = self.coordinator.is_over();
            if self.done {
                self.coordinator.sink.end_instant();
            }
            if self.done || instants == self.instants || self.apart {
                return;
            }
        }
    }

    /// Sends the questions to stations that are actors.
    fn ask(&mut self, asks: Vec<(u32, Ask)>, outbox: &mut Outbox<Message, Happening>) {
        let now = self.coordinator.now();
        let certain = self.coordinator.certain();
        for (station, ask) in asks {
            let question = Box::new(Question { ask, now, certain });
            outbox.send(Port(station as usize), Message::Ask(question));
            self.awaited.push_back(station);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Surroundings;
    use crate::scenario::{Origin, Overrides, load};

    #[test]
    fn where_nobody_ever_leaves_the_time_of_servers_is_not_kept_piece_by_piece() {
        let text = r#"
            model = "network"
            horizon = { until = 4000.0 }
            classes = [{ name = "a", population = 5, enter = "s0" }]
            [[stations]]
            name = "s0"
            next = "s1"
            service = { exponential = { mean = 1.0 } }
            servers = { plan = [{ from = 0, count = 20 }, { from = 4, count = 40 }], repeat = 8 }
            [[stations]]
            name = "s1"
            next = "s0"
            service = { exponential = { mean = 1.0 } }
        "#;
        let name = "closed";
        let loaded = load(Origin::Embedded { name, text }, &Overrides::default()).unwrap();
        let system = System::of(loaded.scenario.line().unwrap());
        let around = Surroundings {
            conductor: &(),
            recorder: &(),
        };
        let actors = network(&system, 0, Runtime::Inline, 1, Recording::Nothing);
        let mut actors = Runtime::Inline.run(actors, around).unwrap();
        let run = Run::of(&mut actors).unwrap();
        let kept: usize = run.stations.iter().map(|one| one.uncertain()).sum();
        assert!(kept < 100, "{kept} pieces");
    }
}
