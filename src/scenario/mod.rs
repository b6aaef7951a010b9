//! The input language. Past this door every value is valid.
//!
//! The types here are what the rest of the program works with: checked, normalised, with every
//! default filled in and every file read. [`load()`] makes them: it parses the file and changes it by
//! options (`set`), judges its shape by the schema (`input`, `shape`), checks what joins several keys
//! (`line`, `arrivals`, `stage`, `traces`, `desk`, `law`), reads texts that name times (`clock`) and data files (`data`, `recording`), and
//! places what is wrong (`tree`, `error`). [`normalised`] goes the other way; [`edit`] changes a text on its
//! way here; [`shipped`] are the scenarios that come with the program.

mod about;
mod arrivals;
mod changes;
mod check;
mod clients;
mod clock;
mod column;
mod data;
mod desk;
pub mod edit;
mod entries;
mod error;
mod input;
mod law;
mod line;
mod load;
mod network;
mod patch;
mod pipeline;
mod reach;
mod recording;
mod report;
mod routing;
mod set;
mod shape;
mod shifts;
pub mod shipped;
mod stage;
mod station;
mod traces;
mod traffic;
mod tree;
mod write;

pub use changes::{Change, changes};
#[cfg(test)]
pub(crate) use check::goes_by_events;
pub use check::{Estimate, entering, estimate, estimate_line, loads};
pub use clients::{Loss, Retry, Timeout};
pub use clock::Start;
pub use column::{ColumnChoice, column};
pub use data::{FILE_BYTES_MAX, ReadFile};
pub use entries::Entries;
#[cfg(any(feature = "cli", feature = "page"))]
pub(crate) use error::choices;
pub use error::{Part, ScenarioError};
pub use input::schema;
#[cfg(feature = "page")]
pub(crate) use load::too_large_for;
pub use load::{Limits, Loaded, Origin, Overrides, SCENARIO_FILE_MAX, load, read_from};
pub use patch::Patch;
pub use pipeline::OneClock;
pub use report::Intervals;
pub use routing::{ByClass, Course, Deadlock, Link, Next, Routing, Stop, To};
pub use shifts::{Shift, ShiftLeaving, Spells};
pub use station::{
    Discipline, FaultClock, FaultWork, Leaving, PerClass, Plain, Plan, PlanPiece, Preemption,
    Servers, Service, Stage, StageFaults,
};
pub use traffic::traffic;
pub use write::normalised;

pub use crate::theory::saturated_line::Blocking;

use crate::random::Law;
use crate::time::{Step, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A checked scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Scenario {
    /// Customers pass stages in series.
    Tandem(Tandem),
    /// Typed requests are served by attendants grouped in servers.
    Desk(Desk),
}

/// A line of stages in series, or a network of stations, which is one with routes.
#[derive(Clone, Debug, PartialEq)]
pub struct Tandem {
    /// The scenario's name.
    pub name: String,
    /// From which all chance follows.
    pub seed: u64,
    /// What one unit of time is called, for people.
    pub time_unit: Option<String>,
    /// The time of day at time 0, where one is given.
    pub start: Option<Start>,
    /// How customers reach the line.
    pub arrivals: LineArrivals,
    /// How many customers come at each arrival, a law of whole numbers; `None` is one. Where classes have
    /// their own arrivals, it is theirs ([`Flow::batch`]).
    pub batch: Option<Law>,
    /// The coefficient of variation of a factor of all arrival rates, drawn once in each replication from
    /// a gamma law of mean 1; `None` is no such factor.
    pub busy_day: Option<f64>,
    /// The classes of customers, in file order; empty where all are alike.
    pub classes: Vec<CustomerClass>,
    /// When no more customers enter.
    pub horizon: Horizon,
    /// Whether the run ends at [`Horizon::Until`] and leaves unfinished what is there.
    pub stop: bool,
    /// Which customers enter no measure.
    pub warm_up: WarmUp,
    /// The intervals for which measures are reported too.
    pub intervals: Option<Intervals>,
    /// What happens where the next stage has no place.
    pub blocking: Blocking,
    /// The stages, in order; at least one. Those of a network are its stations.
    pub stages: Vec<Stage>,
    /// Where customers go, in a network of stations; `None` is from each stage to the next.
    pub routing: Option<Routing>,
}

impl Tandem {
    /// A line of customers who are all alike, without a warm-up, of seed 1.
    #[must_use]
    pub fn new(name: &str, arrivals: LineArrivals, horizon: Horizon, stages: Vec<Stage>) -> Tandem {
        Tandem {
            name: name.to_owned(),
            seed: 1,
            time_unit: None,
            start: None,
            arrivals,
            batch: None,
            busy_day: None,
            classes: Vec::new(),
            horizon,
            stop: false,
            warm_up: WarmUp::Customers(0),
            intervals: None,
            blocking: Blocking::AfterService,
            stages,
            routing: None,
        }
    }

    /// Whether it is a line of the old keys: all customers alike, each arriving by itself, every stage
    /// [plain](Stage::plain), and the run not cut off or reported in intervals.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.classes.is_empty()
            && self.batch.is_none()
            && self.busy_day.is_none()
            && !self.stop
            && self.intervals.is_none()
            && self.routing.is_none()
            && matches!(self.warm_up, WarmUp::Customers(_))
            && self.stages.iter().all(|stage| stage.plain().is_some())
    }

    /// The number of classes; one where all customers are alike.
    #[must_use]
    pub fn class_count(&self) -> usize {
        self.classes.len().max(1)
    }
}

/// How customers reach a line.
#[derive(Clone, Debug, PartialEq)]
pub enum LineArrivals {
    /// Independent times between arrivals; the first arrives after one of them.
    Renewal(Law),
    /// At these instants, which do not fall.
    Times(Arc<Vec<f64>>),
    /// Poisson with a rate that holds until a time, repeating with the last `until` as period.
    Rates(Vec<RatePiece>),
    /// The first stage is never starved.
    Saturated,
    /// At recorded instants, which do not fall, with recorded classes.
    Recorded {
        /// The instants.
        times: Arc<Vec<f64>>,
        /// As many indexes into `Tandem::classes`.
        classes: Arc<Vec<usize>>,
    },
    /// Each class by arrivals of its own, in the order of the classes.
    PerClass(Vec<Flow>),
    /// So many at time 0, of a class whose customers stay for ever; none of one that customers become.
    Population(u64),
}

impl LineArrivals {
    /// Whether they come at instants that were recorded, and no more of them; not of several classes.
    pub(crate) fn are_recorded(&self) -> bool {
        matches!(self, LineArrivals::Times(_) | LineArrivals::Recorded { .. })
    }
}

/// The arrivals of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// When they come: renewal, times or rates, or from the beginning.
    pub arrivals: LineArrivals,
    /// How many customers come at each arrival, a law of whole numbers; `None` is one.
    pub batch: Option<Law>,
}

/// A class of customers.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerClass {
    /// Its name.
    pub name: String,
    /// Its share of all customers, where classes are drawn; shares add up to 1.
    pub share: f64,
    /// Higher goes first.
    pub priority: i64,
}

/// A piece of a rate that changes over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePiece {
    /// The end of the piece; it begins where the one before ends, the first at 0.
    pub until: f64,
    /// Arrivals per unit of time (or per step).
    pub rate: f64,
}

/// When no more customers enter; the line drains after it, or stops ([`Tandem::stop`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Horizon {
    /// After this many have reached the line, lost ones included.
    Customers(u64),
    /// After this time; one who arrives exactly at it enters.
    Until(f64),
}

/// Which customers enter no measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WarmUp {
    /// The first, by order of arrival.
    Customers(u64),
    /// Those who arrive before a time; one who arrives exactly then is measured.
    Time(f64),
}

impl WarmUp {
    /// The number of customers, where it is one.
    #[must_use]
    pub fn customers(self) -> Option<u64> {
        match self {
            WarmUp::Customers(customers) => Some(customers),
            WarmUp::Time(_) => None,
        }
    }
}

/// A service desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Desk {
    /// The scenario's name.
    pub name: String,
    /// From which all chance follows.
    pub seed: u64,
    /// The name of one step or one unit of time, for people.
    pub time_unit: Option<String>,
    /// The time of day at time 0, where one is given.
    pub start: Option<Start>,
    /// On which clock it runs, and how long.
    pub horizon: DeskHorizon,
    /// The time from the beginning in which requests arrive that enter no measure.
    pub warm_up: f64,
    /// The intervals for which measures are reported too.
    pub intervals: Option<Intervals>,
    /// How requests come.
    pub arrivals: DeskArrivals,
    /// How many requests come at each arrival, a law of whole numbers; `None` is one. Where classes have their
    /// own arrivals, it is theirs ([`Class::batch`]).
    pub batch: Option<Law>,
    /// The coefficient of variation of a factor of all arrival rates, drawn once in each replication from a gamma
    /// law of mean 1; `None` is no such factor.
    pub busy_day: Option<f64>,
    /// The kinds of requests, in file order.
    pub classes: Vec<Class>,
    /// The most requests in the system, waiting and in service; `None` is no limit.
    pub system_capacity: Option<u64>,
    /// The most requests the buffer holds; `None` is no limit.
    pub buffer: Option<u64>,
    /// What happens to a request that finds the buffer full.
    pub overflow: Overflow,
    /// Where requests wait.
    pub queue: Queue,
    /// How a waiting request's server is chosen.
    pub dispatch: Dispatch,
    /// Whether free attendants take over work that waits at other servers.
    pub rebalance: bool,
    /// A request interrupted this many times has failed; `None` is no limit.
    pub max_attempts: Option<u64>,
    /// When attendants go down and come up.
    pub faults: Faults,
    /// When attendants are on duty who have a shift.
    pub shifts: Vec<Shift>,
    /// The servers, in file order; at least one.
    pub servers: Vec<ServerGroup>,
}

/// The clock of a desk, and the length of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DeskHorizon {
    /// This many logical steps.
    Steps(Step),
    /// Continuous time, up to this one.
    Until {
        /// The last instant at which requests arrive.
        until: f64,
        /// When the run ends, there or later; otherwise those in the system then are served.
        end: Option<f64>,
    },
}

impl Desk {
    /// A desk with every default, of seed 1.
    #[must_use]
    pub fn new(
        name: &str,
        horizon: DeskHorizon,
        arrivals: DeskArrivals,
        classes: Vec<Class>,
        servers: Vec<ServerGroup>,
    ) -> Desk {
        Desk {
            name: name.to_owned(),
            seed: 1,
            time_unit: None,
            start: None,
            horizon,
            warm_up: 0.0,
            intervals: None,
            arrivals,
            batch: None,
            busy_day: None,
            classes,
            system_capacity: None,
            buffer: None,
            overflow: Overflow::Reject,
            queue: Queue::Servers,
            dispatch: Dispatch::LeastLoaded,
            rebalance: true,
            max_attempts: None,
            faults: Faults::default(),
            shifts: Vec::new(),
            servers,
        }
    }

    /// The number of steps, if it goes by steps.
    #[must_use]
    pub fn steps(&self) -> Option<Step> {
        match self.horizon {
            DeskHorizon::Steps(steps) => Some(steps),
            DeskHorizon::Until { .. } => None,
        }
    }

    /// The number of attendants, of all servers.
    #[must_use]
    pub fn attendants(&self) -> u64 {
        let each = self.servers.iter().map(|server| server.attendants.len());
        each.sum::<usize>() as u64
    }

    /// The most requests in the system at once; `None` is no limit, or none that is known.
    #[must_use]
    pub fn places(&self) -> Option<u64> {
        let here = match self.queue {
            Queue::Central => {
                let waiting = self.buffer;
                waiting.map(|places| places.saturating_add(self.attendants()))
            }
            // The places of the only server, and those of the buffer once it is full; one who comes always passes through
            // the buffer.
            Queue::Servers => match self.servers.as_slice() {
                [server] => {
                    let both = server.capacity.zip(self.buffer);
                    both.map(|(capacity, buffer)| capacity.saturating_add(buffer))
                }
                _ => None,
            },
        };
        let most = here.into_iter().chain(self.system_capacity).min();
        most.map(|most| most.max(1))
    }

    /// The time at which arrivals end, counted from 0.
    #[must_use]
    pub fn span(&self) -> f64 {
        match self.horizon {
            DeskHorizon::Steps(steps) => steps as f64,
            DeskHorizon::Until { until, .. } => until,
        }
    }

    /// The time on its clock that is this long after its beginning: step 1 begins at 0.
    #[must_use]
    pub fn on_clock(&self, time: f64) -> Time {
        Time::at(match self.horizon {
            DeskHorizon::Steps(_) => time + 1.0,
            DeskHorizon::Until { .. } => time,
        })
    }

    /// The end, on its clock, of what lasts through the turn of this time: that of the step, or the instant itself.
    #[must_use]
    pub fn end_of_turn(&self, time: Time) -> Time {
        match self.horizon {
            DeskHorizon::Steps(_) => time.after(1.0),
            DeskHorizon::Until { .. } => time,
        }
    }
}

/// How requests come to a desk.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskArrivals {
    /// All together, split by the classes' shares (`Class::share`).
    Shared(Arrivals),
    /// Each class has its own (`Class::arrivals`).
    PerClass,
    /// Recorded requests, in order of their arrivals.
    Recorded(Arc<Vec<RecordedRequest>>),
}

/// How requests of all classes, or of one, come.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// In each step as many as this law of whole numbers says.
    PerStep(Law),
    /// Poisson with a rate that changes over time; the table repeats. In steps a piece holds for those after
    /// the piece before up to `until`.
    Rates(Vec<RatePiece>),
    /// Independent times between arrivals; the first arrives after one of them. Not in steps.
    Renewal(Law),
    /// At these instants, which do not fall. Not in steps.
    Times(Arc<Vec<f64>>),
}

/// One request of a recorded day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedRequest {
    /// The time from the beginning to its arrival; in steps a whole one, that of the step's beginning.
    pub arrival: f64,
    /// Index into `Desk::classes`.
    pub class: usize,
    /// Time of work, where recorded; otherwise drawn from the class.
    pub service: Option<f64>,
    /// The time it waits, where recorded; otherwise drawn from the class.
    pub patience: Option<f64>,
}

/// A kind of request.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Share of all requests, where they are split by shares; shares add up to 1.
    pub share: f64,
    /// Its own arrivals, with [`DeskArrivals::PerClass`].
    pub arrivals: Option<Arrivals>,
    /// How many requests come at each of its own arrivals; `None` is one.
    pub batch: Option<Law>,
    /// The law of a service. In steps a value that is not whole is rounded up or down at random, so that
    /// means are kept, and is at least 1.
    pub service: Law,
    /// How long it waits before it gives up, rounded like a service; `None` is for ever.
    pub patience: Option<Law>,
    /// Higher goes first.
    pub priority: i64,
    /// The attendant's work after a request is completed; in steps it may be 0.
    pub wrap_up: Option<Law>,
    /// When its clients stop waiting for their answer.
    pub timeout: Option<Timeout>,
    /// Which of its clients come again.
    pub retry: Option<Retry>,
    /// When an answer counts as in time.
    pub service_level: Option<ServiceLevel>,
}

impl Class {
    /// A class with these services, and every default.
    #[must_use]
    pub fn new(name: &str, service: Law) -> Class {
        Class {
            name: name.to_owned(),
            share: 1.0,
            arrivals: None,
            batch: None,
            service,
            patience: None,
            priority: 0,
            wrap_up: None,
            timeout: None,
            retry: None,
            service_level: None,
        }
    }
}

/// When an answer counts as in time, and how many should.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceLevel {
    /// The longest wait for the first service.
    pub within: f64,
    /// The share of the requests offered that should be answered in time.
    pub target: Option<f64>,
}

/// What happens to a request that finds the buffer full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Overflow {
    /// It is rejected.
    #[default]
    Reject,
    /// It is rejected, the step is finished and is the last.
    Stop,
}

/// Where requests wait for an attendant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Queue {
    /// At the server that the dispatch policy chooses.
    #[default]
    Servers,
    /// In the buffer, until an attendant with the skill is free.
    Central,
}

/// How the server of a waiting request is chosen among the eligible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dispatch {
    /// The first in the file.
    FirstAvailable,
    /// The first after the last one chosen, cyclically.
    RoundRobin,
    /// Any, alike likely.
    Random,
    /// The smallest held / (attendants up with the skill).
    #[default]
    LeastLoaded,
    /// Two different ones drawn; the less loaded.
    PowerOfTwo,
    /// The one whose free attendant with the skill has been idle longest; where none is free, the least loaded.
    LongestIdle,
}

/// When attendants go down and come up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// Chance of going down, per attendant that is up and step; 0 in continuous time.
    pub probability: f64,
    /// In continuous time, the law of the time from 0, or from the end of a repair, to the next fault of an attendant.
    pub every: Option<Law>,
    /// When that time passes.
    pub clock: FaultClock,
    /// The time down after a fault by chance, in steps rounded like a service; `None` is for good.
    pub repair: Option<Law>,
    /// The most repairs of faults by chance at once, first failed first; `None` is no limit.
    pub crew: Option<u32>,
    /// The factor of an attendant's speed after a fault by chance, in place of going down.
    pub slow: Option<f64>,
    /// What an interruption does to work already done.
    pub work: InterruptedWork,
    /// Faults and repairs that happen for certain, in file order.
    pub script: Vec<ScriptEntry>,
}

/// What an interruption does to work already done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InterruptedWork {
    /// It is done again from the start.
    #[default]
    Restart,
    /// It is kept.
    Resume,
    /// The request has failed.
    Lost,
}

/// A fault or a repair that happens for certain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScriptEntry {
    /// In which step, or at which instant.
    pub at: Time,
    /// Index into `Desk::servers`.
    pub server: usize,
    /// Index into the server's attendants; `None` is all of them.
    pub attendant: Option<usize>,
    /// Which of the two.
    pub event: ScriptEvent,
}

/// What an entry of the script does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScriptEvent {
    /// Who is up goes down, in phase 2.
    Fault {
        /// The time it is down; `None` is for good.
        down_for: Option<f64>,
    },
    /// Who is up and not slowed is slowed, in phase 2.
    Slow {
        /// The time it is slowed; `None` is for good.
        down_for: Option<f64>,
        /// The factor of its speed.
        factor: f64,
    },
    /// Who is down or slowed, by whatever cause, comes up, in phase 1.
    Repair,
}

/// A group of attendants with a limit on the requests it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerGroup {
    /// Its name; its attendants are NAME-1, NAME-2, ...
    pub name: String,
    /// The most requests it holds, in service and waiting; `None` is no limit.
    pub capacity: Option<u64>,
    /// The skills of each attendant, by rising class, `count` written out.
    pub attendants: Vec<Vec<Skill>>,
    /// The shift of each, an index into `Desk::shifts`; `None` is always on duty. Empty where none has one.
    pub shifts: Vec<Option<usize>>,
}

impl ServerGroup {
    /// Attendants with these skills who are always on duty, without a limit.
    #[must_use]
    pub fn new(name: &str, attendants: Vec<Vec<Skill>>) -> ServerGroup {
        ServerGroup {
            name: name.to_owned(),
            capacity: None,
            attendants,
            shifts: Vec::new(),
        }
    }

    /// The shift of an attendant, by number from 0.
    #[must_use]
    pub fn shift(&self, attendant: usize) -> Option<usize> {
        self.shifts.get(attendant).copied().flatten()
    }
}

/// A class that an attendant can serve, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Skill {
    /// Index into `Desk::classes`.
    pub class: usize,
    /// Lower goes first.
    pub rank: i64,
    /// The work done in a unit of time.
    pub speed: f64,
}

/// A skill of rank 1 and speed 1.
impl From<usize> for Skill {
    fn from(class: usize) -> Skill {
        Skill {
            class,
            rank: 1,
            speed: 1.0,
        }
    }
}
