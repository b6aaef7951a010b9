//! The input language: scenarios whose every value is valid.
//!
//! The types here are those that the rest of the program uses: checked, normalised, with every default filled in
//! and every file read. [`load()`] creates them: it parses the file and changes it by options (`set`), checks its
//! shape against the schema (`input`, `shape`), checks rules that concern several keys (`line`, `arrivals`,
//! `stage`, `traces`, `desk`, `law`), reads texts that denote times (`clock`) and data files (`data`, `recording`),
//! and finds the positions of errors (`tree`, `error`). [`normalised`] is the reverse; [`edit`] changes a text
//! before it is loaded; [`shipped`] are the scenarios that come with the program.

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
    /// The seed of all random streams.
    pub seed: u64,
    /// The name of one unit of time, for users.
    pub time_unit: Option<String>,
    /// The time of day at time 0, if given.
    pub start: Option<Start>,
    /// The arrivals of customers.
    pub arrivals: LineArrivals,
    /// The number of customers per arrival, a law of whole numbers; `None` means one. If classes have their own
    /// arrivals, each has its own ([`Flow::batch`]).
    pub batch: Option<Law>,
    /// The coefficient of variation of a common factor of all arrival rates, drawn once per replication from a
    /// gamma law with mean 1; `None` means no such factor.
    pub busy_day: Option<f64>,
    /// The classes of customers, in file order; empty if all are alike.
    pub classes: Vec<CustomerClass>,
    /// The end of arrivals.
    pub horizon: Horizon,
    /// Whether the run ends at [`Horizon::Until`] and leaves customers present unfinished.
    pub stop: bool,
    /// The customers excluded from the measures.
    pub warm_up: WarmUp,
    /// The intervals for which measures are also reported.
    pub intervals: Option<Intervals>,
    /// The rule for a next stage without a place.
    pub blocking: Blocking,
    /// The stages, in order; at least one. Those of a network are its stations.
    pub stages: Vec<Stage>,
    /// The routes of customers, in a network of stations; `None` means from each stage to the next.
    pub routing: Option<Routing>,
}

impl Tandem {
    /// A line of customers who are all alike, without a warm-up, with seed 1.
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

    /// Whether it uses only the basic keys: all customers alike and arriving one by one, every stage
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

    /// The number of classes; one if all customers are alike.
    #[must_use]
    pub fn class_count(&self) -> usize {
        self.classes.len().max(1)
    }
}

/// The arrivals of customers at a line.
#[derive(Clone, Debug, PartialEq)]
pub enum LineArrivals {
    /// Independent times between arrivals; the first arrives after one of them.
    Renewal(Law),
    /// At these non-decreasing instants.
    Times(Arc<Vec<f64>>),
    /// Poisson with a rate that is valid until a time, repeating with the last `until` as period.
    Rates(Vec<RatePiece>),
    /// The first stage is never starved.
    Saturated,
    /// At recorded non-decreasing instants, with recorded classes.
    Recorded {
        /// The instants.
        times: Arc<Vec<f64>>,
        /// The same number of indexes into `Tandem::classes`.
        classes: Arc<Vec<usize>>,
    },
    /// Each class with arrivals of its own, in the order of the classes.
    PerClass(Vec<Flow>),
    /// This many at time 0, of a class whose customers stay for ever; 0 for a class that customers only become.
    Population(u64),
}

impl LineArrivals {
    /// Whether they are a fixed number of recorded instants; false for arrivals per class.
    pub(crate) fn are_recorded(&self) -> bool {
        matches!(self, LineArrivals::Times(_) | LineArrivals::Recorded { .. })
    }
}

/// The arrivals of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The arrivals: renewal, times or rates, or from the beginning.
    pub arrivals: LineArrivals,
    /// The number of customers per arrival, a law of whole numbers; `None` means one.
    pub batch: Option<Law>,
}

/// A class of customers.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerClass {
    /// Its name.
    pub name: String,
    /// Its share of all customers, if classes are drawn; shares add up to 1.
    pub share: f64,
    /// Its priority; higher goes first.
    pub priority: i64,
}

/// A piece of a rate that changes over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePiece {
    /// The end of the piece; it begins where the previous one ends, the first at 0.
    pub until: f64,
    /// Arrivals per unit of time (or per step).
    pub rate: f64,
}

/// The end of arrivals; the line drains after it, or stops ([`Tandem::stop`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Horizon {
    /// After this many have reached the line, lost ones included.
    Customers(u64),
    /// After this time; a customer who arrives exactly at it enters.
    Until(f64),
}

/// The customers excluded from the measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WarmUp {
    /// The first ones, by order of arrival.
    Customers(u64),
    /// Those who arrive before a time; one who arrives exactly then is measured.
    Time(f64),
}

impl WarmUp {
    /// The number of customers, if it is a number.
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
    /// The seed of all random streams.
    pub seed: u64,
    /// The name of one step or one unit of time, for users.
    pub time_unit: Option<String>,
    /// The time of day at time 0, if given.
    pub start: Option<Start>,
    /// The clock on which it runs, and the length of the run.
    pub horizon: DeskHorizon,
    /// The time from the beginning during which arriving requests are excluded from the measures.
    pub warm_up: f64,
    /// The intervals for which measures are also reported.
    pub intervals: Option<Intervals>,
    /// The arrivals of requests.
    pub arrivals: DeskArrivals,
    /// The number of requests per arrival, a law of whole numbers; `None` means one. If classes have their own
    /// arrivals, each has its own ([`Class::batch`]).
    pub batch: Option<Law>,
    /// The coefficient of variation of a common factor of all arrival rates, drawn once per replication from a
    /// gamma law with mean 1; `None` means no such factor.
    pub busy_day: Option<f64>,
    /// The kinds of requests, in file order.
    pub classes: Vec<Class>,
    /// The maximum number of requests in the system, waiting and in service; `None` means no limit.
    pub system_capacity: Option<u64>,
    /// The maximum number of requests in the buffer; `None` means no limit.
    pub buffer: Option<u64>,
    /// The rule for a request that finds the buffer full.
    pub overflow: Overflow,
    /// The place where requests wait.
    pub queue: Queue,
    /// The rule that chooses the server of a waiting request.
    pub dispatch: Dispatch,
    /// Whether free attendants take over work that waits at other servers.
    pub rebalance: bool,
    /// The number of interruptions at which a request fails; `None` means no limit.
    pub max_attempts: Option<u64>,
    /// Faults and repairs of attendants.
    pub faults: Faults,
    /// The times at which attendants with a shift are on duty.
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
        /// The end of the run, at that instant or later; `None` if the requests in the system are served first.
        end: Option<f64>,
    },
}

impl Desk {
    /// A desk with every default, with seed 1.
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

    /// The number of steps, for a desk in steps.
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

    /// The maximum number of requests in the system at once; `None` if there is no limit, or none that is known.
    #[must_use]
    pub fn places(&self) -> Option<u64> {
        let here = match self.queue {
            Queue::Central => {
                let waiting = self.buffer;
                waiting.map(|places| places.saturating_add(self.attendants()))
            }
            // The places of the only server, and those of the buffer once it is full; every arrival passes through
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

    /// The time on its clock that is `time` after its beginning: step 1 begins at 0.
    #[must_use]
    pub fn on_clock(&self, time: f64) -> Time {
        Time::at(match self.horizon {
            DeskHorizon::Steps(_) => time + 1.0,
            DeskHorizon::Until { .. } => time,
        })
    }

    /// The end, on its clock, of the turn at this time: that of the step, or the instant itself.
    #[must_use]
    pub fn end_of_turn(&self, time: Time) -> Time {
        match self.horizon {
            DeskHorizon::Steps(_) => time.after(1.0),
            DeskHorizon::Until { .. } => time,
        }
    }
}

/// The arrivals of requests at a desk.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskArrivals {
    /// All together, split by the classes' shares (`Class::share`).
    Shared(Arrivals),
    /// Each class with its own (`Class::arrivals`).
    PerClass,
    /// Recorded requests, in order of their arrivals.
    Recorded(Arc<Vec<RecordedRequest>>),
}

/// The arrivals of requests of all classes, or of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// In each step a number with this law of whole numbers.
    PerStep(Law),
    /// Poisson with a rate that changes over time; the table repeats. In steps a piece covers the steps after the
    /// previous piece up to `until`.
    Rates(Vec<RatePiece>),
    /// Independent times between arrivals; the first arrives after one of them. Not in steps.
    Renewal(Law),
    /// At these non-decreasing instants. Not in steps.
    Times(Arc<Vec<f64>>),
}

/// One request of a recorded day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedRequest {
    /// The time from the beginning to its arrival; in steps a whole number, the beginning of its step.
    pub arrival: f64,
    /// Index into `Desk::classes`.
    pub class: usize,
    /// Its service, if recorded; otherwise drawn from the law of the class.
    pub service: Option<f64>,
    /// Its patience, if recorded; otherwise drawn from the law of the class.
    pub patience: Option<f64>,
}

/// A kind of request.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Its share of all requests, if they are split by shares; shares add up to 1.
    pub share: f64,
    /// Its own arrivals, with [`DeskArrivals::PerClass`].
    pub arrivals: Option<Arrivals>,
    /// The number of requests per arrival of its own; `None` means one.
    pub batch: Option<Law>,
    /// The law of a service. In steps a value that is not whole is rounded up or down at random, so that means are
    /// kept, and is at least 1.
    pub service: Law,
    /// The time it waits before it gives up, rounded like a service; `None` means for ever.
    pub patience: Option<Law>,
    /// Its priority; higher goes first.
    pub priority: i64,
    /// The wrap-up after a request is completed; in steps it may be 0.
    pub wrap_up: Option<Law>,
    /// The time limit of its clients for their answer.
    pub timeout: Option<Timeout>,
    /// The rule for retries of its clients.
    pub retry: Option<Retry>,
    /// The time within which an answer counts as in time.
    pub service_level: Option<ServiceLevel>,
}

impl Class {
    /// A class with this law of services, and every default.
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

/// The time within which an answer counts as in time, and the share that should be.
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

/// Faults and repairs of attendants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// The probability of going down, per step and attendant that is up; 0 in continuous time.
    pub probability: f64,
    /// In continuous time, the law of the time from 0, or from the end of a repair, to the next fault of an attendant.
    pub every: Option<Law>,
    /// The clock on which that time runs.
    pub clock: FaultClock,
    /// The time down after a fault by chance, in steps rounded like a service; `None` means permanently.
    pub repair: Option<Law>,
    /// The maximum number of simultaneous repairs of faults by chance, first failed first; `None` means no limit.
    pub crew: Option<u32>,
    /// The factor of an attendant's speed after a fault by chance, instead of going down.
    pub slow: Option<f64>,
    /// The effect of an interruption on work already done.
    pub work: InterruptedWork,
    /// Scripted faults and repairs, in file order.
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

/// A scripted fault or repair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScriptEntry {
    /// The step or instant.
    pub at: Time,
    /// Index into `Desk::servers`.
    pub server: usize,
    /// Index into the server's attendants; `None` means all of them.
    pub attendant: Option<usize>,
    /// The kind of event.
    pub event: ScriptEvent,
}

/// The kind of an entry of the script.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScriptEvent {
    /// Attendants that are up go down, in phase 2.
    Fault {
        /// The time down; `None` means permanently.
        down_for: Option<f64>,
    },
    /// Attendants that are up and not slowed are slowed, in phase 2.
    Slow {
        /// The time slowed; `None` means permanently.
        down_for: Option<f64>,
        /// The factor of its speed.
        factor: f64,
    },
    /// Attendants that are down or slowed, for any reason, come up, in phase 2.
    Repair,
}

/// A group of attendants with a limit on the requests it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerGroup {
    /// Its name; its attendants are NAME-1, NAME-2, ...
    pub name: String,
    /// The maximum number of requests it holds, in service and waiting; `None` means no limit.
    pub capacity: Option<u64>,
    /// The skills of each attendant, by ascending class, with `count` expanded.
    pub attendants: Vec<Vec<Skill>>,
    /// The shift of each, an index into `Desk::shifts`; `None` means always on duty. Empty if none has a shift.
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

/// A class that an attendant can serve, with its rank and speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Skill {
    /// Index into `Desk::classes`.
    pub class: usize,
    /// Its rank; lower goes first.
    pub rank: i64,
    /// Work per unit of time.
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
