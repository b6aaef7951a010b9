//! What runs on one clock: stations, customers of several classes, and where they go next.

use crate::random::Law;
use crate::scenario::{
    Blocking, CustomerClass, Flow, Horizon, Intervals, LineArrivals, Stage, Tandem, WarmUp,
};
use std::sync::Arc;

/// Stations and customers, as the coordinator needs them.
#[derive(Clone, Debug)]
pub struct System {
    /// The seed from which all chance follows.
    pub seed: u64,
    /// The stations, in order; at least one.
    pub stations: Vec<Node>,
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
}

/// A station and where customers go from it.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its rules.
    pub stage: Arc<Stage>,
    /// Where customers go after their service.
    pub next: Next,
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
}

/// Where a customer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// To a station.
    Station(u32),
    /// Out of the system.
    Out,
}

/// The rule by which customers leave a station.
#[derive(Clone, Debug)]
pub enum Next {
    /// All to one place.
    All(To),
    /// By chance.
    Chances(Vec<(To, f64)>),
    /// By class; none where a class never comes.
    ByClass(Vec<Option<Next>>),
    /// To the station with the least number in it or on the way, the first of equals.
    Shortest(Vec<u32>),
    /// To each in turn.
    RoundRobin(Vec<To>),
    /// To any, all alike.
    Random(Vec<To>),
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
    /// A line: every station leads to the one after it.
    #[must_use]
    pub fn line(line: &Tandem) -> System {
        let count = line.stages.len() as u32;
        let stations = (1..).zip(&line.stages).map(|(after, stage)| Node {
            stage: Arc::new(stage.clone()),
            next: Next::All(match after < count {
                true => To::Station(after),
                false => To::Out,
            }),
            becomes: Vec::new(),
        });
        let class = |class: &CustomerClass| Class {
            name: class.name.clone(),
            share: class.share,
            priority: class.priority,
            enter: 0,
            route: None,
        };
        let alike = CustomerClass {
            name: String::new(),
            share: 1.0,
            priority: 0,
        };
        System {
            seed: line.seed,
            stations: stations.collect(),
            classes: match line.classes.as_slice() {
                [] => vec![class(&alike)],
                classes => classes.iter().map(class).collect(),
            },
            has_classes: !line.classes.is_empty(),
            arrivals: line.arrivals.clone(),
            batch: line.batch.clone(),
            busy_day: line.busy_day,
            horizon: line.horizon,
            stop: line.stop,
            warm_up: line.warm_up,
            intervals: line.intervals,
            full: line.blocking.into(),
            capacity: None,
            ends: Ends::LaterFirst,
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
