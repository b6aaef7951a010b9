//! What runs on one clock: stations, customers of several classes, and where they go next.

use crate::random::Law;
use crate::scenario::{
    Blocking, CustomerClass, Deadlock, Flow, Horizon, Intervals, LineArrivals, Next, Stage, Tandem,
    To, WarmUp,
};
use std::sync::Arc;

/// Stations and customers, as the coordinator needs them.
#[derive(Clone, Debug)]
pub struct System {
    /// The seed from which all chance follows.
    pub seed: u64,
    /// The stations, in order; at least one.
    pub stations: Vec<Node>,
    /// For each station those that it feeds, where all can run ahead of each other; `None` where they need one clock.
    pub feeds: Option<Vec<Vec<u32>>>,
    /// The loop of each station, by a number; none if no customer can return to it.
    pub loops: Vec<Option<u32>>,
    /// The classes; one at least.
    pub classes: Vec<Class>,
    /// Whether there are classes to speak of.
    pub has_classes: bool,
    /// How customers come from outside.
    pub arrivals: LineArrivals,
    /// The number of customers of an arrival; `None` is one.
    pub batch: Option<Law>,
    /// The coefficient of variation of a factor of all rates.
    pub busy_day: Option<f64>,
    /// When nobody enters any more.
    pub horizon: Horizon,
    /// Whether the run ends then.
    pub stop: bool,
    /// Who enters no measure.
    pub warm_up: WarmUp,
    /// The intervals for which measures are reported too.
    pub intervals: Option<Intervals>,
    /// What happens where the next station has no place.
    pub full: Full,
    /// The most customers in the system; `None` is no limit.
    pub capacity: Option<u64>,
    /// The order in which services end that end at one instant.
    pub ends: Ends,
    /// Whether customers who wait for each other all move, where nobody else can.
    pub swaps: bool,
    /// Whether the run ends where customers wait for each other.
    pub may_deadlock: bool,
    /// Whether things may be due for ever while all customers are stuck: at a station whose servers have left for good, as
    /// servers elsewhere come and go.
    pub may_not_end: bool,
}

/// A station and where customers go from it.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its rules.
    pub stage: Arc<Stage>,
    /// Where customers go after their service; `None` where all have routes.
    pub next: Option<Next>,
    /// The station at which a service reserves a place when it begins.
    pub reserves: Option<u32>,
    /// For each class the chances of the classes that it becomes after its service; empty where it stays.
    pub becomes: Vec<Vec<(u32, f64)>>,
}

/// A class of customers.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Its share, where classes are drawn.
    pub share: f64,
    /// Higher goes first.
    pub priority: i64,
    /// The station at which it enters.
    pub enter: u32,
    /// The stations it visits in order, whatever they say; after the last it leaves.
    pub route: Option<Arc<[u32]>>,
    /// Whether its route begins again in place of leaving.
    pub repeats: bool,
    /// Whether its customers are there from the beginning and never leave.
    pub stays: bool,
}

/// What happens where the next station has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The customer holds its server until there is one.
    BlocksAfterService,
    /// A service begins only when there is one, and reserves it.
    BlocksBeforeService,
    /// The customer is lost.
    Loses,
}

impl From<Blocking> for Full {
    fn from(blocking: Blocking) -> Full {
        match blocking {
            Blocking::AfterService => Full::BlocksAfterService,
            Blocking::BeforeService => Full::BlocksBeforeService,
        }
    }
}

/// The order in which services end that end at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Later stations first, at one station in the order in which they began: a line.
    LaterFirst,
    /// In the order in which they began, then of stations: a network.
    AsBegun,
}

impl System {
    /// The system of a line or network.
    #[must_use]
    pub fn of(line: &Tandem) -> System {
        let alike = CustomerClass {
            name: String::new(),
            share: 1.0,
            priority: 0,
        };
        let classes = match line.classes.as_slice() {
            [] => std::slice::from_ref(&alike),
            classes => classes,
        };
        let routing = line.routing.as_ref();
        let classes = classes.iter().enumerate().map(|(class, one)| {
            let course = routing.map(|routing| &routing.courses[class]);
            Class {
                name: one.name.clone(),
                share: one.share,
                priority: one.priority,
                enter: course.and_then(|course| course.enter).unwrap_or(0),
                route: course.and_then(|course| course.route.clone()),
                repeats: course.is_some_and(|course| course.repeats),
                stays: line.stays(class),
            }
        });
        let closes = line.stages.iter().any(Stage::closes);
        System {
            seed: line.seed,
            stations: (0..line.stages.len())
                .map(|position| Node::of(line, position))
                .collect(),
            feeds: line.feeds().ok(),
            loops: line.loops(),
            classes: classes.collect(),
            has_classes: !line.classes.is_empty(),
            arrivals: line.arrivals.clone(),
            batch: line.batch.clone(),
            busy_day: line.busy_day,
            horizon: line.horizon,
            stop: line.stop,
            warm_up: line.warm_up,
            intervals: line.intervals,
            full: match routing {
                Some(routing) if routing.loses => Full::Loses,
                _ => line.blocking.into(),
            },
            capacity: routing.and_then(|routing| routing.system_capacity),
            ends: match routing {
                Some(_) => Ends::AsBegun,
                None => Ends::LaterFirst,
            },
            swaps: routing.is_some_and(|routing| routing.deadlock == Deadlock::Swap),
            may_deadlock: routing.is_some() || closes && !line.stop,
            may_not_end: closes && line.stages.iter().any(Stage::comes_and_goes),
        }
    }

    /// The end of the run, where it does not drain.
    pub(super) fn stop_at(&self) -> Option<f64> {
        match self.horizon {
            Horizon::Until(until) if self.stop => Some(until),
            _ => None,
        }
    }

    /// The end of the warm-up, where it is a time.
    pub(super) fn measured_from(&self) -> f64 {
        match self.warm_up {
            WarmUp::Time(time) => time,
            WarmUp::Customers(_) => 0.0,
        }
    }

    /// The arrivals of each class, where they have their own.
    #[must_use]
    pub fn flows(&self) -> &[Flow] {
        match &self.arrivals {
            LineArrivals::PerClass(flows) => flows,
            _ => &[],
        }
    }
}

impl Node {
    fn of(line: &Tandem, position: usize) -> Node {
        let stage = Arc::new(line.stages[position].clone());
        if let Some(routing) = &line.routing {
            let link = &routing.links[position];
            return Node {
                stage,
                next: link.next.clone(),
                reserves: routing.reserves.get(position).copied().flatten(),
                becomes: link.becomes.clone(),
            };
        }
        let after = position as u32 + 1;
        let next = line.stages.get(position + 1);
        let limited = next.is_some_and(|next| next.places().is_some());
        let reserves = limited && line.blocking == Blocking::BeforeService;
        Node {
            stage,
            next: Some(Next::All(match next {
                Some(_) => To::Station(after),
                None => To::Out,
            })),
            reserves: reserves.then_some(after),
            becomes: Vec::new(),
        }
    }
}
