//! The event-list oracle for people and machines: a second, plain implementation of the rules of a station, to
//! compare the simulator with.
//!
//! It is written from the rules alone, shares no code with `filas`, and knows no laws, files or randomness: arrivals
//! and all draws are given as values. Time goes from one instant at which something is due to the next; an instant
//! is rounds of six phases, until a round changes nothing (`run`). Measures are not accumulated: each is
//! computed afterwards from the visits and from the history of every server and queue (`measures`). Customers go
//! along a path of stations, so a line is one path for all; nothing else in here knows that stations are in a row,
//! but the order in which services end at one instant.
//!
//! In a network (`routes`) customers go where their class and their station say, in loops too.
//!
//! Where the rules leave a choice, it is stated beside the code under *Chosen*.

mod by_hand;
pub(crate) mod intervals;
pub(crate) mod measures;
pub(crate) mod routes;
mod run;
pub(crate) mod summary;

use routes::Routes;
pub(crate) use run::{entering, simulate, simulate_within};

use std::rc::Rc;

/// The rule for a full next station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocking {
    /// A customer who finished holds the server until the next station has a place.
    AfterService,
    /// Service begins only when a place of the next station is free, and reserves it.
    BeforeService,
}

/// The order in which services end that end at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Later stations first, at one station in the order in which they began: a line.
    LaterStationsFirst,
    /// In the order in which they began: a network.
    AsBegun,
}

/// When no more customers enter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Horizon {
    /// After this many.
    Customers(usize),
    /// After this time; one who arrives exactly then enters.
    Until(f64),
}

/// Who enters no measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WarmUp {
    /// The first, by number.
    Customers(usize),
    /// Those who arrive before a time.
    Time(f64),
}

/// Where customers come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Flows from outside, in file order; at one instant each in its turn, with all it has.
    Flows(Vec<Flow>),
    /// The first station is never starved. Each customer's class, by number from 1, as many as can enter.
    Saturated(Vec<usize>),
}

/// One flow from outside.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    /// Whether its instants are absolute, so that windows open at the first arrival.
    pub(crate) absolute: bool,
    /// Instants, which do not fall, each with the classes of those who come.
    pub(crate) arrivals: Vec<(f64, Vec<usize>)>,
}

/// Which of those waiting is served first, within one priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Discipline {
    Fifo,
    Lifo,
    Random,
    Shortest,
}

/// Whether a customer of higher priority takes the server of one in service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preemption {
    None,
    Resume,
    Restart,
}

/// A number of servers that changes at planned instants.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// (from, count): from 0, rising.
    pub(crate) pieces: Vec<(f64, usize)>,
    pub(crate) repeat: Option<f64>,
    /// Whether a server that goes off duty is interrupted, or finishes.
    pub(crate) interrupt: bool,
}

/// What a fault does to the work it cuts off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Resume,
    Restart,
    Requeue,
    Lost,
}

/// When servers go down and come up.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    /// The times to the next fault of each server, used cyclically, as are those of repairs.
    pub(crate) every: Vec<Vec<f64>>,
    pub(crate) repair: Vec<Vec<f64>>,
    /// Whether the clock runs only while the server serves.
    pub(crate) busy: bool,
    pub(crate) crew: Option<usize>,
    pub(crate) work: Work,
    pub(crate) slow: Option<f64>,
}

/// The work of services, by customer (from 0).
#[derive(Clone, Debug)]
pub(crate) enum Services {
    Same(Vec<f64>),
    /// By the server taken first.
    ByServer(Vec<Vec<f64>>),
}

/// One station. Draws are by customer (from 0).
#[derive(Clone, Debug)]
pub(crate) struct StationSpec {
    /// `None` is unlimited; of a plan the greatest number.
    pub(crate) servers: Option<usize>,
    pub(crate) plan: Option<Plan>,
    /// Waiting places; `None` is no limit.
    pub(crate) buffer: Option<usize>,
    /// One for each server.
    pub(crate) speeds: Vec<f64>,
    pub(crate) services: Services,
    /// The set-up of a customer's class, where it has one.
    pub(crate) setups: Vec<Option<f64>>,
    pub(crate) discipline: Discipline,
    /// Uniform numbers, one for each choice at random.
    pub(crate) choices: Vec<f64>,
    pub(crate) preemption: Preemption,
    /// Chances by the number found, the last for all greater; empty is always.
    pub(crate) join: Vec<f64>,
    /// Uniform numbers: a customer joins if its own is below the chance.
    pub(crate) join_draws: Vec<f64>,
    pub(crate) patience: Vec<Option<f64>>,
    pub(crate) faults: Option<Faults>,
    pub(crate) scrapped: Vec<bool>,
    /// Where draws depend on the visit or on the class at the time, these hold in place of those above.
    pub(crate) drawn: Option<Drawn>,
    /// Whether all in service share the servers.
    pub(crate) shared: bool,
}

/// A draw of a customer (from 0), of its class at the time and of its visit (from 1).
#[derive(Clone)]
pub(crate) struct Draw(pub(crate) Rc<DrawFn>);

type DrawFn = dyn Fn(usize, usize, usize) -> Option<f64>;

impl std::fmt::Debug for Draw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a draw")
    }
}

impl Draw {
    fn of(&self, visit: &Visit) -> Option<f64> {
        (self.0)(visit.customer - 1, visit.class, visit.number)
    }
}

/// Draws of visits.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) service: Draw,
    pub(crate) setup: Draw,
    pub(crate) patience: Draw,
    pub(crate) scrap: Draw,
}

impl StationSpec {
    /// The work of a visit, by the server it takes first.
    fn work(&self, visit: &Visit, server: Option<usize>) -> f64 {
        match (&self.drawn, &self.services) {
            (Some(drawn), _) => drawn.service.of(visit).expect("a service"),
            (None, Services::Same(work)) => work[visit.customer - 1],
            (None, Services::ByServer(work)) => work[server.expect("a server")][visit.customer - 1],
        }
    }

    fn setup(&self, visit: &Visit) -> Option<f64> {
        match &self.drawn {
            Some(drawn) => drawn.setup.of(visit),
            None => self.setups[visit.customer - 1],
        }
    }

    fn patience_of(&self, visit: &Visit) -> Option<f64> {
        match &self.drawn {
            Some(drawn) => drawn.patience.of(visit),
            None => self.patience[visit.customer - 1],
        }
    }

    fn scraps(&self, visit: &Visit) -> bool {
        match &self.drawn {
            Some(drawn) => drawn.scrap.of(visit).is_some(),
            None => self.scrapped[visit.customer - 1],
        }
    }
}

impl StationSpec {
    /// Some servers who are alike and always there, and customers who stay.
    pub(crate) fn new(servers: usize, services: &[f64]) -> StationSpec {
        StationSpec {
            servers: Some(servers),
            plan: None,
            buffer: None,
            speeds: vec![1.0; servers],
            services: Services::Same(services.to_vec()),
            setups: vec![None; services.len()],
            discipline: Discipline::Fifo,
            choices: Vec::new(),
            preemption: Preemption::None,
            join: Vec::new(),
            join_draws: vec![0.5; services.len()],
            patience: vec![None; services.len()],
            faults: None,
            scrapped: vec![false; services.len()],
            drawn: None,
            shared: false,
        }
    }
}

/// A whole system.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) source: Source,
    /// The priority of each class; at least one class.
    pub(crate) priorities: Vec<i64>,
    pub(crate) horizon: Horizon,
    pub(crate) stop: bool,
    pub(crate) warm_up: WarmUp,
    pub(crate) blocking: Blocking,
    pub(crate) ends: Ends,
    pub(crate) stations: Vec<StationSpec>,
    /// The stations of each customer in order; empty: all stations, for all, in order.
    pub(crate) paths: Vec<Vec<usize>>,
    /// Where customers go, in a network.
    pub(crate) routes: Option<Routes>,
}

impl Spec {
    /// A line of customers who are all alike and come at these instants.
    pub(crate) fn line(times: &[f64], stations: Vec<StationSpec>) -> Spec {
        let arrivals = times.iter().map(|&time| (time, vec![0])).collect();
        Spec {
            source: Source::Flows(vec![Flow {
                absolute: false,
                arrivals,
            }]),
            priorities: vec![0],
            horizon: Horizon::Customers(times.len()),
            stop: false,
            warm_up: WarmUp::Customers(0),
            blocking: Blocking::AfterService,
            ends: Ends::LaterStationsFirst,
            stations,
            paths: Vec::new(),
            routes: None,
        }
    }
}

/// How a visit, or a customer, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The visit: went on. The customer: was served to the end.
    Served,
    /// The visit alone: went on to the next station.
    Next,
    Scrapped,
    Abandoned,
    Failed,
    Lost,
    Balked,
    Unfinished,
}

/// One customer at one station. What did not happen is `None`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Visit {
    /// From 1.
    pub(crate) customer: usize,
    /// From 0.
    pub(crate) station: usize,
    pub(crate) class: usize,
    /// Which visit of the customer at this station, from 1.
    pub(crate) number: usize,
    pub(crate) arrival: f64,
    /// The first begin, when a server was taken.
    pub(crate) service_start: Option<f64>,
    pub(crate) service_end: Option<f64>,
    /// When it left, however it left.
    pub(crate) departure: Option<f64>,
    /// The last server, from 1.
    pub(crate) server: Option<usize>,
    /// All time in set-up.
    pub(crate) setup: f64,
    /// All time served.
    pub(crate) service: f64,
    /// How often it lost its server.
    pub(crate) cut_off: usize,
    pub(crate) outcome: Outcome,
}

/// One customer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Customer {
    pub(crate) class: usize,
    pub(crate) arrival: f64,
    /// When it left the system; `None` where it did not, and where it never had a place.
    pub(crate) left: Option<f64>,
    pub(crate) outcome: Outcome,
    /// The station where it ended, from 0; `None` where it is unfinished.
    pub(crate) station: usize,
}

/// What a server does; of several that fit the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Blocked,
    DownWithWork,
    SetUp,
    Busy,
    Off,
    Down,
    Idle,
}

/// The history of a station.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// What each server does from each instant on.
    pub(crate) servers: Vec<Vec<(f64, Doing)>>,
    /// The number without a server from each instant on.
    pub(crate) queue: Vec<(f64, usize)>,
    /// The number in service from each instant on, of unlimited servers.
    pub(crate) in_service: Vec<(f64, usize)>,
    /// Where servers are not numbered: the number in service and the number blocked from each instant on.
    pub(crate) sharing: Vec<(f64, (usize, usize))>,
    /// Those who balked here.
    pub(crate) balked: Vec<usize>,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    /// In the order in which they ended: (time, round, station, customer); unfinished ones last, by customer.
    pub(crate) visits: Vec<Visit>,
    /// By number.
    pub(crate) customers: Vec<Customer>,
    /// The last leaving of anybody who had a place, or the end of a run that was stopped.
    pub(crate) clock: f64,
    pub(crate) stations: Vec<History>,
    /// When stations blocked each other for good, and which.
    pub(crate) deadlocked: Option<(f64, Vec<usize>)>,
    /// How often customers who waited for each other moved.
    pub(crate) swaps: usize,
}
