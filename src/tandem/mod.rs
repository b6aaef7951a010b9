//! The line: a model where customers pass stages in series.
//!
//! The line is a pipeline of actors: a [`source`], a stage for each station, a [`sink`]. Customers go downstream in
//! chunks; if a stage has limited places, credits go back upstream. A chunk is the message, so its size and the
//! capacity of the channels affect only the speed of a run.
//!
//! With people and machines, and for a network of stations with routes, the stations are on one clock:
//! [`crate::lockstep`].
//!
//! A stage is a [`stage::Stage`], which searches for its next event. For the simplest stages there are [`kernels`],
//! which compute the same numbers faster.

mod column;
mod inlet;
mod intervals;
mod kernels;
mod lookahead;
mod measures;
mod message;
mod orders;
mod outlet;
mod pace;
mod people;
mod servers;
mod services;
mod sink;
mod source;
mod stage;
mod summary;

pub use intervals::IntervalSummary;
pub use orders::{LineMeans, means_in_orders, orders_share_prefixes};
pub use pace::{CHUNK, CHUNK_BETWEEN_THREADS, usual_chunk};
pub use summary::{
    ClassSummary, CustomerCounts, DeadlockSummary, IdleTime, InService, LineSummary, LongestQueue,
    QueueLengthSummary, QueuesJoined, StageSummary, TimeShares,
};

use crate::actor::script::Script;
use crate::actor::trial::{self, Schedule, Tried};
use crate::actor::{Actor, ActorId, Input, Network, Outbox, Port, RunError, Runtime};
use crate::actor::{Recording, Surroundings, Wants};
use crate::digest::Digest;
use crate::lockstep::{self, Deadlocked, System};
use crate::planted::{self, Fault};
use crate::scenario::{self, Horizon, LineArrivals, Tandem};
use crate::station::Happening;
use crate::stats::BatchMeans;
use inlet::{Entry, Inlet};
use kernels::chain::{Chain, SingleServer, Supply};
use kernels::several::SeveralServers;
use kernels::{Kernel, choose};
use lookahead::Lookahead;
use measures::StageMeasures;
use message::LineMessage;
use outlet::Outlet;
use pace::Pace;
use servers::Servers;
use services::Services;
use sink::Sink;
use source::Source;
use stage::Stage;
use std::collections::{BinaryHeap, VecDeque};

/// The result of a run of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineOutcome {
    /// The fingerprint of the records and the summary.
    pub digest: Digest,
    /// All measures that the contract defines.
    pub summary: LineSummary,
    /// Whether the run was wound up before its horizon.
    pub interrupted: bool,
    /// The waits of measured customers in batches, in the order of leaving: for an interval from one run.
    pub waiting_batches: BatchMeans,
    /// The stations of a network that blocked each other permanently, if any did.
    pub deadlocked: Option<Deadlocked>,
}

/// Runs a line once.
///
/// `chunk` is the maximum number of customers in a message; it affects only speed, and how far ahead of the clock
/// that paces a run events are known: a paced run should use 1. `recording` selects the records to be made. A line
/// takes no interventions.
///
/// # Errors
/// See [`RunError`].
///
/// # Panics
/// If the measures contradict each other or customers are not conserved, which is a bug.
pub fn run(
    scenario: &Tandem,
    replication: u64,
    runtime: Runtime,
    chunk: usize,
    recording: Recording,
    around: Surroundings<'_, Happening>,
) -> Result<LineOutcome, RunError> {
    if !scenario.is_plain() {
        let network = lockstep::network(
            &System::of(scenario),
            replication,
            runtime,
            chunk,
            recording,
        );
        return people::settle(scenario, runtime.run(network, around)?);
    }
    let network = wire(scenario, replication, runtime, chunk.max(1), recording);
    let actors = runtime.run(network, around)?;
    settle(scenario, &actors)
}

/// Runs a line once under a schedule; `moves` is roughly its length. See [`trial::run`].
pub fn trial(
    scenario: &Tandem,
    schedule: &Schedule,
    moves: u64,
    recording: Recording,
    around: Surroundings<'_, Happening>,
) -> Tried<LineOutcome> {
    let runtime = Runtime::Threads {
        channel_capacity: schedule.channel_capacity,
    };
    if !scenario.is_plain() {
        let network =
            lockstep::network(&System::of(scenario), 0, runtime, schedule.chunk, recording);
        let tried = trial::run(network, schedule, moves, around);
        return tried.and_then(|actors| people::settle(scenario, actors));
    }
    let network = wire(scenario, 0, runtime, schedule.chunk.max(1), recording);
    trial::run(network, schedule, moves, around).and_then(|actors| settle(scenario, &actors))
}

/// Runs a line once on threads, and counts messages and waiting; see [`trial::counted`].
pub fn counted(
    scenario: &Tandem,
    channel_capacity: usize,
    chunk: usize,
    around: Surroundings<'_, Happening>,
) -> Tried<LineOutcome> {
    let runtime = Runtime::Threads { channel_capacity };
    if !scenario.is_plain() {
        let network =
            lockstep::network(&System::of(scenario), 0, runtime, chunk, Recording::Nothing);
        let tried = trial::counted(network, channel_capacity, around);
        return tried.and_then(|actors| people::settle(scenario, actors));
    }
    let network = wire(scenario, 0, runtime, chunk.max(1), Recording::Nothing);
    trial::counted(network, channel_capacity, around).and_then(|actors| settle(scenario, &actors))
}

/// The graph of a line's actors and channels of this capacity, in the Graphviz language.
#[must_use]
pub fn graph(scenario: &Tandem, channel_capacity: usize) -> String {
    let runtime = Runtime::Threads { channel_capacity };
    if !scenario.is_plain() {
        return lockstep::network(&System::of(scenario), 0, runtime, CHUNK, Recording::Nothing)
            .dot();
    }
    wire(scenario, 0, runtime, CHUNK, Recording::Nothing).dot()
}

/// The number of a line's actors on threads.
#[must_use]
pub fn actors(scenario: &Tandem, recording: Recording) -> usize {
    let runtime = Runtime::Threads {
        channel_capacity: 1,
    };
    if !scenario.is_plain() {
        // A pipeline has a sink and, unless its first station is never starved, a source; one clock needs a
        // coordinator.
        let starves = scenario.arrivals != LineArrivals::Saturated;
        let others = 1 + usize::from(starves && runs_ahead(scenario, runtime, recording));
        return scenario.stages.len() + others;
    }
    let network = wire(scenario, 0, runtime, CHUNK, Recording::Nothing);
    network.actors().len()
}

/// Whether the stations of a line that is not plain, or of a network, run ahead of each other.
#[must_use]
pub fn runs_ahead(scenario: &Tandem, runtime: Runtime, recording: Recording) -> bool {
    lockstep::may_run_ahead(runtime, recording) && scenario.feeds().is_ok()
}

/// The outcome of a run that is over, from its actors.
fn settle(scenario: &Tandem, actors: &[LineActor]) -> Result<LineOutcome, RunError> {
    match shortage(&actors[0], scenario) {
        Some(shortage) => Err(shortage),
        None => Ok(outcome(actors)),
    }
}

/// The error if the stages' traces had too few values for the customers of the first actor.
fn shortage(first: &LineActor, scenario: &Tandem) -> Option<RunError> {
    let needed = match first {
        LineActor::Source(source) => source.needed()?,
        LineActor::Stage(stage) => stage.inlet.needed()?,
        LineActor::Chain(chain) => chain.supply()?.needed()?,
        LineActor::Several(_) | LineActor::Sink(_) => return None,
    };
    let (name, had) = shortest_trace(&scenario.stages)?;
    Some(RunError::Trace {
        what: format!("the services of stage {name}"),
        had,
        needed,
    })
}

/// The stage whose trace of services has the fewest values, and their number.
fn shortest_trace(stages: &[scenario::Stage]) -> Option<(&str, u64)> {
    stages
        .iter()
        .filter_map(|stage| {
            let stage = stage.expect_plain();
            Some((stage.name, stage.service.length()?))
        })
        .min_by_key(|&(_, values)| values)
}

/// The messages that the actors of a line send and receive under this runtime; see [`Script`].
///
/// # Errors
/// See [`RunError`].
pub fn script(scenario: &Tandem, runtime: Runtime, chunk: usize) -> Result<Script, RunError> {
    if !scenario.is_plain() {
        return Script::of(lockstep::network(
            &System::of(scenario),
            0,
            runtime,
            chunk,
            Recording::Nothing,
        ));
    }
    Script::of(wire(scenario, 0, runtime, chunk.max(1), Recording::Nothing))
}

/// The actors of a line and the channels between them.
fn wire(
    scenario: &Tandem,
    replication: u64,
    runtime: Runtime,
    chunk: usize,
    recording: Recording,
) -> Network<LineActor> {
    planted::begin();
    let source = Source::new(
        &scenario.arrivals,
        scenario.horizon,
        chunk,
        shortest_trace(&scenario.stages).map_or(u64::MAX, |(_, values)| values),
        Lookahead::of(&scenario.stages),
        (scenario.seed, replication),
    );
    let plan = Plan {
        scenario,
        replication,
        chunk,
        recording,
        pace: Pace::of(runtime),
        kernels: choose(scenario, runtime, recording),
    };
    let mut actors: Vec<LineActor> = source
        .map(|source| LineActor::Source(Box::new(source)))
        .into_iter()
        .collect();
    let mut limited = Vec::new();
    for (position, stage) in scenario.stages.iter().enumerate() {
        let actor = plan.stage(position);
        let actor = match actors.last_mut() {
            Some(before) if runtime == Runtime::Inline => before.join(actor),
            _ => Some(actor),
        };
        actors.extend(actor);
        // Stages of one chain share the state of each other's places.
        if position > 0 && stage.buffer.is_some() && plan.kernels[position] == Kernel::Station {
            limited.push(actors.len() - 1);
        }
    }
    actors.push(LineActor::Sink(Box::new(Sink::new(
        scenario.warm_up.customers().unwrap_or(0),
        scenario.stages.len(),
        recording,
    ))));
    let last = actors.len() - 1;
    let unanswered = plan.pace.unanswered;
    let mut network = Network::new(actors);
    for upstream in 0..last {
        network.link(ActorId(upstream), ActorId(upstream + 1));
    }
    for actor in limited {
        network.link_back(ActorId(actor), ActorId(actor - 1), unanswered);
    }
    network
}

/// The time at which the windows of a line without warm-up open: the first arrival if arrivals are absolute times,
/// otherwise 0.
fn opening(scenario: &Tandem) -> f64 {
    let first = match &scenario.arrivals {
        LineArrivals::Times(times) => times.first(),
        _ => None,
    };
    let comes = |&time: &f64| match scenario.horizon {
        Horizon::Until(until) => time <= until,
        Horizon::Customers(_) => true,
    };
    first.copied().filter(comes).unwrap_or(0.0)
}

/// The maximum number of customers per turn of the actor that supplies a plain line, with messages of at most
/// `chunk`; for a first stage that generates its own, the number that fits into the next.
#[must_use]
pub fn customers_a_turn(
    scenario: &Tandem,
    (runtime, recording): (Runtime, Recording),
    chunk: usize,
) -> usize {
    let own = scenario.is_plain() && scenario.arrivals == LineArrivals::Saturated;
    if !own || choose(scenario, runtime, recording)[0] != Kernel::Station {
        return chunk;
    }
    let places = scenario.stages.get(1).and_then(scenario::Stage::places);
    Pace::of(runtime).chunk(chunk, places)
}

/// The settings from which every stage is built.
struct Plan<'a> {
    scenario: &'a Tandem,
    replication: u64,
    chunk: usize,
    recording: Recording,
    pace: Pace,
    /// The kernel of each stage.
    kernels: Vec<Kernel>,
}

impl Plan<'_> {
    fn stage(&self, position: usize) -> LineActor {
        let Tandem {
            stages,
            seed,
            warm_up,
            blocking,
            ..
        } = self.scenario;
        let stage = stages[position].expect_plain();
        let name = stage.name.to_owned();
        let services = Services::new(stage.service, *seed, self.replication, stage.name);
        let warm_up = warm_up.customers().unwrap_or(0);
        let measures =
            StageMeasures::new(warm_up, opening(self.scenario), stage.service.may_be_zero());
        let place = u32::try_from(position).expect("a line has few stages");
        let saturated = position == 0 && self.scenario.arrivals == LineArrivals::Saturated;
        let next_places = stages.get(position + 1).and_then(scenario::Stage::places);
        match self.kernels[position] {
            Kernel::Chain => {
                let stage =
                    SingleServer::new((name, place), stages[position].places(), services, measures);
                let reserves = *blocking == scenario::Blocking::BeforeService;
                let chain = Chain::new(stage, reserves, self.recording);
                return LineActor::Chain(Box::new(match saturated {
                    true => chain.supplied(self.supply()),
                    false => chain,
                }));
            }
            Kernel::Several => {
                return LineActor::Several(Box::new(SeveralServers::new(
                    (name, place, stage.servers),
                    stage.buffer,
                    services,
                    measures,
                    self.recording == Recording::Tables,
                )));
            }
            Kernel::Station => {}
        }
        let off_by_one = usize::from(planted::is(Fault::CreditOffByOne));
        let outlet = Outlet::new(
            self.pace.chunk(self.chunk, next_places),
            next_places,
            self.pace.unanswered + off_by_one,
        );
        let limited = position > 0 && stage.buffer.is_some();
        LineActor::Stage(Box::new(Stage {
            name,
            position: place,
            inlet: Inlet::new(self.entry(position, saturated), services),
            servers: Servers::new(stage.servers),
            measures,
            reserves: Stage::reserves(*blocking, &outlet),
            outlet,
            upstream: (!saturated).then_some(Port(0)),
            downstream: next_places.map(|_| Port(usize::from(!saturated))),
            gives_credits: limited,
            freed: Vec::new(),
            owed: None,
            recording: self.recording,
            begun: 0.0,
            lookahead: Lookahead::of(stages),
            stopped: false,
            wants: if saturated {
                Wants::Turn(0.0)
            } else {
                Wants::Message(Port(0))
            },
        }))
    }

    /// The supply of customers of a first stage that is never starved.
    fn supply(&self) -> Supply {
        let Tandem {
            stages, horizon, ..
        } = self.scenario;
        let values = shortest_trace(stages).map_or(u64::MAX, |(_, values)| values);
        Supply::new(*horizon, values, self.chunk, Lookahead::of(stages))
    }

    fn entry(&self, position: usize, saturated: bool) -> Entry {
        let Tandem {
            stages,
            horizon,
            blocking,
            ..
        } = self.scenario;
        match stages[position].places() {
            _ if saturated => Entry::Saturated {
                horizon: *horizon,
                made: 0,
                values: shortest_trace(stages).map_or(u64::MAX, |(_, values)| values),
                short: false,
            },
            Some(places) if position == 0 => Entry::Door {
                coming: VecDeque::new(),
                freed: VecDeque::new(),
                unused: places,
            },
            Some(places) if *blocking == scenario::Blocking::BeforeService => Entry::Ahead {
                pending: BinaryHeap::new(),
                upstream: stages[position - 1].expect_plain().servers as usize,
                places,
                begun: 0,
            },
            _ => Entry::Open,
        }
    }
}

/// The actors of a line.
#[derive(Clone, Debug)]
enum LineActor {
    Source(Box<Source>),
    Stage(Box<Stage>),
    Chain(Box<Chain>),
    Several(Box<SeveralServers>),
    Sink(Box<Sink>),
}

impl LineActor {
    /// Merges the next stage into this actor if both are chains, or returns it. In one thread nothing is gained by
    /// keeping them apart, and a chain of several stages hides the latency of each.
    fn join(&mut self, next: LineActor) -> Option<LineActor> {
        match (self, next) {
            (LineActor::Chain(run), LineActor::Chain(next)) => {
                run.join(*next);
                None
            }
            (_, next) => Some(next),
        }
    }
}

impl Actor for LineActor {
    type Message = LineMessage;
    type Record = Happening;

    fn name(&self) -> &str {
        match self {
            LineActor::Source(_) => source::NAME,
            LineActor::Stage(stage) => &stage.name,
            LineActor::Chain(run) => run.name(),
            LineActor::Several(stage) => &stage.name,
            LineActor::Sink(_) => "sink",
        }
    }

    fn wants(&self) -> Wants {
        match self {
            LineActor::Source(source) => source.wants(),
            LineActor::Stage(stage) => stage.wants,
            LineActor::Chain(run) => run.wants(),
            LineActor::Several(stage) => stage.wants(),
            LineActor::Sink(sink) => sink.wants(),
        }
    }

    fn handle(&mut self, input: Input<LineMessage>, outbox: &mut Outbox<LineMessage, Happening>) {
        match self {
            LineActor::Source(source) => source.handle(&input, outbox),
            LineActor::Stage(stage) => stage.handle(input, outbox),
            LineActor::Chain(run) => run.handle(input, outbox),
            LineActor::Several(stage) => stage.handle(input, outbox),
            LineActor::Sink(sink) => sink.handle(input, outbox),
        }
    }
}

/// The outcome of a run, from its actors.
fn outcome(actors: &[LineActor]) -> LineOutcome {
    let (Some(LineActor::Sink(sink)), Some(first)) = (actors.last(), actors.first()) else {
        unreachable!("a line begins with a source or a stage and ends in a sink");
    };
    let (arrived, interrupted) = match first {
        LineActor::Source(source) => (source.made(), source.stopped()),
        LineActor::Stage(stage) => (stage.inlet.made(), stage.stopped),
        LineActor::Chain(chain) => {
            let supply = chain
                .supply()
                .expect("a chain that comes first is supplied");
            (supply.made(), supply.stopped())
        }
        _ => unreachable!("nobody brings customers"),
    };
    assert_eq!(
        arrived,
        sink.lost + sink.departed,
        "customers were not conserved"
    );
    let mut records: Vec<Digest> = Vec::new();
    let mut stages = Vec::new();
    let mut take = |stage: StageSummary, record: Digest| {
        records.push(record);
        stages.push(stage);
    };
    for actor in actors {
        match actor {
            LineActor::Stage(stage) => take(stage.summary(sink.clock), stage.digest()),
            LineActor::Several(stage) => take(stage.summary(sink.clock), stage.digest()),
            LineActor::Chain(run) => {
                for stage in run.stages() {
                    take(stage.summary(sink.clock), stage.digest());
                }
            }
            LineActor::Source(_) | LineActor::Sink(_) => {}
        }
    }
    let summary = LineSummary::new(arrived, sink, stages);
    records.extend([sink.digest.digest(), sink.digest_of_lost]);
    let digest = summary.digest(records);
    LineOutcome {
        digest,
        summary,
        interrupted,
        waiting_batches: sink.waiting_batches.clone(),
        deadlocked: None,
    }
}
