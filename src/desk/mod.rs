//! The desk: a model where typed requests are served by attendants grouped in servers that may fail.
//!
//! One logical step has seven phases (repairs, faults, arrivals, dispatch, patience, work, log), and these are the
//! definition of the model. In continuous time a turn is an instant at which something is due: services end first,
//! then come phases 1 to 5. The actors and their tasks:
//!
//! | phase | actor |
//! | --- | --- |
//! | begin and end of a turn, its row, conservation | `coordinator` |
//! | 1, 2: attendants that come up and go down | `faults` |
//! | 3: new requests, with all their random values | `generator` |
//! | 2, 3, 4: the `buffer`, dispatch, failover, rebalancing | `supervisor` |
//! | 4, 5: the assignment of requests to attendants, patience | `server` |
//! | 6: the work | `attendant` |
//!
//! They form a tree of request and reply (`message`). An actor is woken only in turns in which it has something to
//! do: each of its answers gives the next such time.

mod account;
mod attendant;
mod audit;
mod buffer;
mod clock;
mod coordinator;
mod faults;
mod generator;
mod history;
mod intervals;
mod level;
mod measures;
mod message;
mod record;
mod server;
mod summary;
mod supervisor;
#[cfg(test)]
mod wakes;

pub use history::{History, HistoryBin};
pub use intervals::DeskInterval;
pub use summary::{
    AttendantSummary, BufferSummary, ClassSummary, DeskSummary, FaultSummary, HeldSummary,
    LostShares, RequestCounts, ServerSummary, ServiceLevelSummary,
};

pub use coordinator::Unfinished;

use crate::actor::script::Script;
use crate::actor::trial::{self, Schedule, Tried};
use crate::actor::{
    Actor, ActorId, Input, Network, Outbox, Recording, RunError, Runtime, Surroundings, Wants,
};
use crate::digest::Digest;
use crate::planted::{self, Fault};
use crate::random::Rounding;
use crate::scenario::Desk;
use crate::station::Happening;
use crate::station::attendants::{Roster, Skills};
use crate::station::requests::{Waiting, ranking};
use crate::stats::BatchMeans;
use crate::time::Time;
use account::Actors;
use attendant::Attendant;
use clock::Clock;
use coordinator::Coordinator;
use faults::FaultInjector;
use generator::Generator;
use intervals::OnClock;
use message::Message;
use record::Register;
use server::Server;
use std::sync::Arc;
use supervisor::Supervisor;

/// The result of a run of a desk.
#[derive(Clone, Debug)]
pub struct DeskOutcome {
    /// The fingerprint of the records and the summary.
    pub digest: Digest,
    /// All measures that the contract defines.
    pub summary: DeskSummary,
    /// The time at which the run ended.
    pub end: f64,
    /// Whether the run was wound up before its end.
    pub interrupted: bool,
    /// The reason why requests are still in the system of a run that was to serve them all.
    pub unfinished: Option<Unfinished>,
    /// The course of the run, for a chart.
    pub history: History,
    /// The waits of measured requests in batches, in the order in which services begin: for an interval from one
    /// run.
    pub waiting_batches: BatchMeans,
}

/// Runs a desk once; `recording` selects the records to be made. Interventions of the conductor are applied between
/// two turns.
///
/// # Errors
/// See [`RunError`].
pub fn run(
    scenario: &Desk,
    replication: u64,
    runtime: Runtime,
    recording: Recording,
    around: Surroundings<'_, Happening>,
) -> Result<DeskOutcome, RunError> {
    let network = network(scenario, replication, recording);
    settle(scenario, runtime.run(network, around)?)
}

/// Runs a desk once under a schedule; `moves` is roughly its length. See [`trial::run`].
pub fn trial(
    scenario: &Desk,
    schedule: &Schedule,
    moves: u64,
    recording: Recording,
    around: Surroundings<'_, Happening>,
) -> Tried<DeskOutcome> {
    let network = network(scenario, 0, recording);
    trial::run(network, schedule, moves, around).and_then(|actors| settle(scenario, actors))
}

/// Runs a desk once on threads, and counts messages and waiting; see [`trial::counted`].
pub fn counted(
    scenario: &Desk,
    channel_capacity: usize,
    around: Surroundings<'_, Happening>,
) -> Tried<DeskOutcome> {
    let network = network(scenario, 0, Recording::Nothing);
    trial::counted(network, channel_capacity, around).and_then(|actors| settle(scenario, actors))
}

/// The graph of a desk's actors and channels, in the language of Graphviz.
#[must_use]
pub fn graph(scenario: &Desk) -> String {
    network(scenario, 0, Recording::Nothing).dot()
}

/// The number of a desk's actors.
#[must_use]
pub fn actors(scenario: &Desk) -> usize {
    network(scenario, 0, Recording::Nothing).actors().len()
}

/// One of the desk's actors.
#[derive(Clone, Debug)]
enum DeskActor {
    Coordinator(Box<Coordinator>),
    Generator(Box<Generator>),
    Faults(Box<FaultInjector>),
    Supervisor(Box<Supervisor>),
    Server(Box<Server>),
    Attendant(Box<Attendant>),
}

impl Actor for DeskActor {
    type Message = Message;
    type Record = Happening;

    fn name(&self) -> &str {
        match self {
            DeskActor::Coordinator(_) => "coordinator",
            DeskActor::Generator(_) => "generator",
            DeskActor::Faults(_) => "faults",
            DeskActor::Supervisor(_) => "supervisor",
            DeskActor::Server(server) => server.name(),
            DeskActor::Attendant(attendant) => attendant.name(),
        }
    }

    fn wants(&self) -> Wants {
        match self {
            DeskActor::Coordinator(actor) => actor.wants(),
            DeskActor::Generator(actor) => actor.wants(),
            DeskActor::Faults(actor) => actor.wants(),
            DeskActor::Supervisor(actor) => actor.wants(),
            DeskActor::Server(actor) => actor.wants(),
            DeskActor::Attendant(actor) => actor.wants(),
        }
    }

    fn handle(&mut self, input: Input<Message>, outbox: &mut Outbox<Message, Happening>) {
        match self {
            DeskActor::Coordinator(actor) => actor.handle(input, outbox),
            DeskActor::Generator(actor) => actor.handle(input, outbox),
            DeskActor::Faults(actor) => actor.handle(input, outbox),
            DeskActor::Supervisor(actor) => actor.handle(input, outbox),
            DeskActor::Server(actor) => actor.handle(input, outbox),
            DeskActor::Attendant(actor) => actor.handle(input, outbox),
        }
    }
}

/// The messages that the actors of a desk send and receive; see [`Script`].
///
/// # Errors
/// See [`RunError`].
pub fn script(scenario: &Desk) -> Result<Script, RunError> {
    Script::of(network(scenario, 0, Recording::Nothing))
}

/// The actors and the tree that links them: coordinator, generator, faults, supervisor, then every server
/// with its attendants after it.
fn network(scenario: &Desk, replication: u64, recording: Recording) -> Network<DeskActor> {
    planted::begin();
    let classes = scenario.classes.len();
    let clock = Clock::of(scenario);
    let rounding = |name: &str| Rounding::new(scenario.seed, replication, name);
    let (speed, wrap_up) = (rounding("speed"), rounding("wrap-up"));
    let withdraws = supervisor::withdraws(scenario);
    let intervals = OnClock::of(scenario);
    let ranking = ranking(scenario.classes.iter().map(|class| class.priority));
    let mut servers = Vec::new();
    let mut rosters = Vec::new();
    for (index, group) in (0..).zip(&scenario.servers) {
        let mut roster = Roster::new(Arc::new(Skills::new(&group.attendants, classes)));
        let on_duty = |number: u32| scenario.begins_on_duty(index as usize, number as usize);
        let off = (0..group.attendants.len() as u32).filter(|&number| !on_duty(number));
        off.for_each(|number| roster.go_off_duty(number, Time::ZERO));
        rosters.push(roster.clone());
        let server = Server::new(
            (group.name.as_str().into(), index),
            (clock, speed, wrap_up),
            group.capacity,
            roster,
            Waiting::new(Arc::clone(&ranking)),
            Arc::clone(&withdraws),
            recording,
        );
        let attendants = (0..group.attendants.len() as u32).map(|number| {
            let work = scenario.faults.work;
            Attendant::new(
                group.attendant(number).into(),
                (index, number),
                (work, on_duty(number)),
                (clock, intervals),
                recording,
            )
        });
        servers.push((server, attendants.collect::<Vec<_>>()));
    }
    let on_duty = rosters.iter().map(Roster::on_duty_count).sum();
    let generator = Generator::new(scenario, replication);
    let first = generator.next();
    let mut faults = FaultInjector::new(scenario, replication);
    let firsts = (first, faults.next(), faults.next_up());
    let supervisor = Supervisor::new(scenario, replication, rosters, &ranking, recording);

    let coordinator = Coordinator::new(scenario, firsts, (on_duty, on_duty), recording);
    let mut actors = vec![
        DeskActor::Coordinator(Box::new(coordinator)),
        DeskActor::Generator(Box::new(generator)),
        DeskActor::Faults(Box::new(faults)),
        DeskActor::Supervisor(Box::new(supervisor)),
    ];
    // Parents before children, so that a child's first port is its parent's.
    let mut edges = vec![(0, 1), (0, 2), (0, 3)];
    for (server, attendants) in servers {
        let at = actors.len();
        actors.push(DeskActor::Server(Box::new(server)));
        edges.push((3, at));
        for attendant in attendants {
            edges.push((at, actors.len()));
            actors.push(DeskActor::Attendant(Box::new(attendant)));
        }
    }
    let mut network = Network::new(actors);
    for (parent, child) in edges {
        network.link(ActorId(parent), ActorId(child));
        // The first two attendants of the first server, if it has two.
        let answers = match child {
            5 | 6 if planted::is(Fault::SwappedEnds) => 11 - child,
            child => child,
        };
        network.link_back(ActorId(answers), ActorId(parent), 1);
    }
    network
}

/// The outcome of a run that is over, from its actors.
fn settle(scenario: &Desk, mut actors: Vec<DeskActor>) -> Result<DeskOutcome, RunError> {
    let mut servers: Vec<(&Server, Vec<&Attendant>)> = Vec::new();
    let mut registers: Vec<&Register> = Vec::new();
    let [first, generator, injector, second, rest @ ..] = actors.as_slice() else {
        unreachable!("a desk has its first four actors");
    };
    let (
        DeskActor::Coordinator(coordinator),
        DeskActor::Generator(generator),
        DeskActor::Faults(faults),
        DeskActor::Supervisor(supervisor),
    ) = (first, generator, injector, second)
    else {
        unreachable!("a desk has its first four actors in order");
    };
    registers.extend([coordinator.register(), supervisor.register()]);
    for actor in rest {
        match actor {
            DeskActor::Server(server) => {
                registers.push(server.register());
                servers.push((server, Vec::new()));
            }
            DeskActor::Attendant(attendant) => {
                registers.push(attendant.register());
                let (_, attendants) = servers.last_mut().expect("a server comes first");
                attendants.push(attendant);
            }
            _ => unreachable!("servers and attendants come last"),
        }
    }
    let missing = generator.shortage();
    let missing = missing.or_else(|| Some(("repairs".to_owned(), faults.shortage()?)));
    if let Some((what, (had, needed))) = missing {
        let had = had as u64;
        return Err(RunError::Trace { what, had, needed });
    }

    let ended = registers.iter().map(|register| register.ledger());
    let ended = ended.reduce(audit::Ledger::joined).unwrap_or_default();
    audit::every_request_ends_once(generator.ledger(), ended);
    let actors_over = Actors {
        coordinator,
        generator,
        supervisor,
        servers,
        registers: &registers,
    };
    actors_over.check_work();
    let summary = actors_over.summary(scenario);
    let mut digest = Digest::EMPTY;
    for register in &registers {
        digest.fold(register.digest().value());
    }
    digest.fold_bytes(&serde_json::to_vec(&summary).expect("a summary is plain data"));
    let waiting_batches = supervisor.measures().waiting_batches.clone();
    let end = coordinator.end().get();
    let (interrupted, unfinished) = (coordinator.interrupted(), coordinator.unfinished());
    let DeskActor::Coordinator(coordinator) = actors.swap_remove(0) else {
        unreachable!("the coordinator is the first actor");
    };
    Ok(DeskOutcome {
        digest,
        summary,
        end,
        interrupted,
        unfinished,
        waiting_batches,
        history: coordinator.into_history(),
    })
}
