//! The system that runs on one clock: stations, customers of several classes, and their routes.

use crate::random::Law;
use crate::scenario::{
    Blocking, CustomerClass, Deadlock, Flow, Horizon, Intervals, LineArrivals, Next, Stage, Tandem,
    To, WarmUp,
};
use std::sync::Arc;

/// Stations and customers, as the coordinator needs them.
#[derive(Clone, Debug)]
pub struct System {
    /// The seed of all random streams.
    pub seed: u64,
    /// The stations, in order; at least one.
    pub stations: Vec<Node>,
    /// For each station the stations it feeds, if all can run ahead of each other; `None` if they need one clock.
    pub feeds: Option<Vec<Vec<u32>>>,
    /// The number of the loop of each station; none if no customer can return to it.
    pub loops: Vec<Option<u32>>,
    /// The classes; at least one.
    pub classes: Vec<Class>,
    /// Whether the scenario defines classes.
    pub has_classes: bool,
    /// The arrivals from outside.
    pub arrivals: LineArrivals,
    /// The number of customers per arrival; `None` means one.
    pub batch: Option<Law>,
    /// The coefficient of variation of the common factor of all rates.
    pub busy_day: Option<f64>,
    /// The end of arrivals.
    pub horizon: Horizon,
    /// Whether the run ends at the horizon too.
    pub stop: bool,
    /// The customers excluded from the measures.
    pub warm_up: WarmUp,
    /// The intervals for which measures are also reported.
    pub intervals: Option<Intervals>,
    /// The rule for a next station without a place.
    pub full: Full,
    /// The maximum number of customers in the system; `None` means no limit.
    pub capacity: Option<u64>,
    /// The order of services that end at one instant.
    pub ends: Ends,
    /// Whether customers who wait for each other all move if no other customer can.
    pub swaps: bool,
    /// Whether the run ends if customers wait for each other.
    pub may_deadlock: bool,
    /// Whether events may be due for ever while all customers are stuck: at a station whose servers have left for
    /// good, as servers elsewhere come and go.
    pub may_not_end: bool,
}

/// A station and the ways on from it.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its rules.
    pub stage: Arc<Stage>,
    /// The destinations of customers after their service; `None` if all have routes.
    pub next: Option<Next>,
    /// The station at which a service reserves a place when it begins.
    pub reserves: Option<u32>,
    /// For each class the probabilities of the classes that it becomes after its service; empty if it does not
    /// change.
    pub becomes: Vec<Vec<(u32, f64)>>,
}

/// A class of customers.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Its share, if classes are drawn.
    pub share: f64,
    /// Its priority; higher goes first.
    pub priority: i64,
    /// The station at which it enters.
    pub enter: u32,
    /// The stations it visits in order, whatever `next` of the stations says; after the last it leaves.
    pub route: Option<Arc<[u32]>>,
    /// Whether its route starts again instead of leaving.
    pub repeats: bool,
    /// Whether its customers are present from the beginning and never leave.
    pub stays: bool,
}

/// The rule for a next station without a place.
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

/// The order of services that end at one instant.
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

    /// The end of the run, if it does not drain.
    pub(super) fn stop_at(&self) -> Option<f64> {
        match self.horizon {
            Horizon::Until(until) if self.stop => Some(until),
            _ => None,
        }
    }

    /// The end of the warm-up, if it is a time.
    pub(super) fn measured_from(&self) -> f64 {
        match self.warm_up {
            WarmUp::Time(time) => time,
            WarmUp::Customers(_) => 0.0,
        }
    }

    /// The arrivals of each class, if each class has its own.
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
