//! Stations on one clock: a coordinator advances logical time to the earliest moment at which something is due,
//! and asks the stations concerned, phase by phase.
//!
//! On threads every station is an actor, linked with the coordinator by request and reply. In one thread the
//! coordinator holds the stations itself, and asks them without a message; it is the same coordinator and the
//! same stations, so it gives the same results. Where no station needs to know more than who comes and when, stations that
//! are actors do without a coordinator, as a [`pipeline`].

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
mod sink;
mod system;

pub use intervals::{IntervalCustomers, IntervalMeasures, IntervalQueue};
pub use jam::{Deadlocked, Waits};
pub use system::{Class, Ends, Full, Node, System};

use crate::actor::{
    Actor, ActorId, Input, Network, Outbox, Port, Recording, RunError, Runtime, Wants,
};
use crate::digest::Digest;
use crate::planted;
use crate::scenario::{LineArrivals, WarmUp};
use crate::station::{Chance, Happening, Station};
use crate::stats::{BatchMeans, Tally};
use crate::time::Moment;
use arrivals::Arrivals;
use ask::{Answer, Ask, State};
use coordinator::{Coordinator, Endless};
use jam::Jams;
use recordings::Shortage;
use sink::{Outcomes, Sink};
use std::collections::VecDeque;
use std::sync::Arc;

/// Instants handled in one turn where nobody watches them one by one.
const INSTANTS: usize = 64;

/// A message between the coordinator and a station.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// What is asked, and at which moment.
    Ask(Box<Question>),
    /// What comes of it.
    Answer(Box<Reply>),
    /// In a pipeline, the customers who reach a station over a span of time.
    Customers(Box<pipeline::Customers>),
    /// In a pipeline, what has ended at a station over a span of time.
    Ends(Box<pipeline::Ends>),
}

/// What is asked of a station.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    ask: Ask,
    now: Moment,
    /// A time at which, or after which, windows close.
    certain: f64,
}

/// What a station answers.
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

/// The actors of a system, and the channels between them. `chunk` is the number of customers from outside whom the
/// messages of a pipeline bring at a time.
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
    // Changes of state are put down in an order that only one clock gives.
    let ahead = !together && recording != Recording::Everything;
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

/// The time at which the windows of all stations open, where that does not depend on who arrives: the first
/// arrival where any arrivals are absolute times, otherwise 0.
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
            (LockstepActor::Collector(collector), Input::Message(Message::Ends(ends))) => {
                collector.handle(*ends, outbox);
            }
            (LockstepActor::Stage(_) | LockstepActor::Collector(_), _) => {
                unreachable!("customers reach stations, and what ends the sink")
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
            None => Wants::Turn(self.coordinator.next_instant_time()),
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

    /// Goes on until answers are awaited, or a turn is over.
    fn go_on(&mut self, outbox: &mut Outbox<Message, Happening>) {
        let mut instants = 0;
        loop {
            let asks = std::mem::take(self.coordinator.advance());
            if !asks.is_empty() {
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

    /// Sends what is asked of stations that are actors.
    fn ask(&mut self, asks: Vec<(u32, Ask)>, outbox: &mut Outbox<Message, Happening>) {
        let now = self.coordinator.now();
        let certain = self.coordinator.sink.clock;
        for (station, ask) in asks {
            let question = Box::new(Question { ask, now, certain });
            outbox.send(Port(station as usize), Message::Ask(question));
            self.awaited.push_back(station);
        }
    }
}

/// What is left of a run: the stations as they ended, and how customers ended.
#[derive(Debug)]
pub struct Run<'a> {
    /// The stations, in order.
    pub stations: Vec<&'a Station>,
    sink: &'a Sink,
    arrivals: &'a Arrivals,
    /// The number of customers who found no place, by station.
    lost: Vec<u64>,
    /// When the run was stopped by the clock, where it was.
    stopped_at: Option<f64>,
    /// What is known of stations that block each other, where there can be any.
    jams: Option<&'a Jams>,
    interrupted: bool,
}

/// What customers met over the whole system.
#[derive(Clone, Copy, Debug)]
pub struct Customers<'a> {
    /// All that were made.
    pub arrived: u64,
    /// Those served to the end.
    pub served: u64,
    /// Those who found no place from outside.
    pub lost: u64,
    /// Those who did not join a queue.
    pub balked: u64,
    /// Those whose patience ended.
    pub abandoned: u64,
    /// Those who left as scrap.
    pub scrapped: u64,
    /// Those whose work a fault cut off for good.
    pub failed: u64,
    /// Those still there when the run ended.
    pub unfinished: u64,
    /// Measured customers who had a place.
    pub measured: u64,
    /// Measured customers who were served.
    pub measured_served: u64,
    /// Times waited, of measured customers who were served; so are the next three.
    pub waiting: &'a Tally,
    /// Times served.
    pub service: &'a Tally,
    /// Times blocked.
    pub blocked: &'a Tally,
    /// Times from arrival to departure.
    pub sojourn: &'a Tally,
}

impl<'a> Customers<'a> {
    fn of(ends: &'a Outcomes, arrived: u64) -> Customers<'a> {
        Customers {
            arrived,
            served: ends.served,
            lost: ends.lost,
            balked: ends.balked,
            abandoned: ends.abandoned,
            scrapped: ends.scrapped,
            failed: ends.failed,
            unfinished: ends.unfinished,
            measured: ends.measured,
            measured_served: ends.measured_served,
            waiting: &ends.waiting,
            service: &ends.service,
            blocked: &ends.blocked,
            sojourn: &ends.sojourn,
        }
    }

    /// Those who ended, however they did.
    #[must_use]
    pub fn ended(&self) -> u64 {
        let gone = self.lost + self.balked + self.abandoned + self.scrapped + self.failed;
        self.served + gone + self.unfinished
    }
}

impl<'a> Run<'a> {
    /// What is left of these actors, all done.
    ///
    /// # Errors
    /// [`RunError::Endless`] if an instant did not end, [`RunError::Trace`] if a recording was too short.
    ///
    /// # Panics
    /// If customers were not conserved.
    pub fn of(actors: &'a mut [LockstepActor]) -> Result<Run<'a>, RunError> {
        let (run, shortage, failure) = match actors.split_first_mut() {
            Some((LockstepActor::Coordinator(first), others)) => Run::on_one_clock(first, others),
            Some((LockstepActor::Source(source), others)) => Run::along_pipeline(source, others),
            _ => unreachable!("the coordinator or the source is the first actor"),
        };
        if let Some(shortage) = shortage {
            let Shortage { what, had, needed } = shortage.clone();
            return Err(RunError::Trace { what, had, needed });
        }
        if let Some(failure) = failure {
            return Err(RunError::Endless {
                time: failure.time,
                stations: failure.stations.clone(),
            });
        }
        let all = run.customers();
        assert_eq!(all.arrived, all.ended(), "customers were not conserved");
        Ok(run)
    }

    fn on_one_clock(
        first: &'a CoordinatorActor,
        others: &'a [LockstepActor],
    ) -> (Run<'a>, Option<&'a Shortage>, Option<&'a Endless>) {
        let coordinator = &first.coordinator;
        let actors = others.iter().filter_map(|actor| match actor {
            LockstepActor::Station(actor) => Some(&actor.station),
            _ => None,
        });
        let run = Run {
            stations: coordinator.stations.at_hand.iter().chain(actors).collect(),
            sink: &coordinator.sink,
            arrivals: coordinator.made(),
            lost: coordinator.lost().collect(),
            stopped_at: coordinator.stopped_at(),
            jams: Some(coordinator.jams()),
            interrupted: coordinator.interrupted,
        };
        (run, coordinator.shortage(), coordinator.failure())
    }

    fn along_pipeline(
        source: &'a pipeline::Source,
        others: &'a mut [LockstepActor],
    ) -> (Run<'a>, Option<&'a Shortage>, Option<&'a Endless>) {
        let Some((LockstepActor::Collector(collector), stages)) = others.split_last_mut() else {
            unreachable!("the sink is the last actor");
        };
        // Servers come and go as long as somebody is there or may come.
        let last = match source.stop_at {
            Some(stop_at) if collector.sink.all.unfinished > 0 => stop_at,
            Some(_) => source.last.max(collector.instant),
            None => collector.sink.clock,
        };
        let stages = stages.iter_mut().filter_map(|actor| match actor {
            LockstepActor::Stage(stage) => {
                stage.run_until(last);
                Some(&**stage)
            }
            _ => None,
        });
        let mut stages: Vec<&pipeline::Stage> = stages.collect();
        stages.sort_by_key(|stage| stage.position);
        let run = Run {
            sink: &collector.sink,
            arrivals: &source.arrivals,
            lost: stages.iter().map(|stage| stage.lost).collect(),
            stations: stages.iter().map(|stage| &stage.station).collect(),
            stopped_at: source.stop_at,
            jams: None,
            interrupted: source.interrupted,
        };
        let endless = stages.iter().filter_map(|stage| stage.endless.as_ref());
        let first = endless.min_by(|one, other| one.time.total_cmp(&other.time));
        (run, source.shortage.as_ref(), first)
    }

    /// All customers.
    #[must_use]
    pub fn customers(&self) -> Customers<'_> {
        Customers::of(&self.sink.all, self.arrivals.made())
    }

    /// The customers of each class.
    #[must_use]
    pub fn classes(&self) -> Vec<Customers<'_>> {
        let made = self.arrivals.made_of();
        let classes = self.sink.classes.iter().zip(made);
        classes
            .map(|(ends, &made)| Customers::of(ends, made))
            .collect()
    }

    /// The stages at which customers waited, of those measured who were served: in all, and the most of one.
    #[must_use]
    pub fn queues_joined(&self) -> (u64, u32) {
        (self.sink.queues_joined, self.sink.queues_joined_max)
    }

    /// When the windows close: the last leaving of anybody who had a place, or the end of a run that stops.
    #[must_use]
    pub fn clock(&self) -> f64 {
        self.stopped_at.unwrap_or(self.sink.clock)
    }

    /// What the run ended in, if stations blocked each other.
    #[must_use]
    pub fn deadlocked(&self) -> Option<&Deadlocked> {
        self.jams.and_then(|jams| jams.ended.as_ref())
    }

    /// The number of customers who found no place, by station.
    pub fn lost(&self) -> impl Iterator<Item = u64> {
        self.lost.iter().copied()
    }

    /// How often customers who waited for each other moved all at once.
    #[must_use]
    pub fn swaps(&self) -> u64 {
        self.jams.map_or(0, |jams| jams.swapped)
    }

    /// The times from leaving the entry to leaving it again, by class; of customers who stay for ever.
    #[must_use]
    pub fn cycles(&self) -> &[Tally] {
        &self.sink.cycles
    }

    /// How often customers of a class that stays for ever left their entry per unit of measured time.
    #[must_use]
    pub fn cycle_rate(&self, class: usize) -> Option<f64> {
        self.sink.cycle_rate(class, self.clock())
    }

    /// When the first measured customer who had a place reached the system.
    #[must_use]
    pub fn first_measured(&self) -> Option<f64> {
        self.sink.first_measured
    }

    /// The waits of measured customers who were served in batches, in the order of leaving.
    #[must_use]
    pub fn waiting_batches(&self) -> &BatchMeans {
        &self.sink.waiting_batches
    }

    /// What happened in each interval, where they are reported.
    #[must_use]
    pub fn intervals(&self) -> Vec<IntervalMeasures> {
        let by_interval = self.sink.by_interval.as_ref();
        by_interval.map_or(Vec::new(), |one| one.measures(self.clock()))
    }

    /// The fingerprint of the records.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.sink.digest.digest()
    }

    /// Whether the run was wound up before its horizon.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.interrupted
    }
}
