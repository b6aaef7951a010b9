//! The end of a service at a station, and the record of a visit.

use super::person::{Began, Person};

/// A service that has ended; its customer holds its server until it is released.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ended {
    /// The station's position, from 0.
    pub stage: u32,
    /// The moment at which the customer first took a server here, and its order at the station.
    pub began: Began,
    /// The server, by index.
    pub server: u32,
    /// The customer's number.
    pub number: u64,
    /// The index of its class.
    pub class: u32,
    /// The number of the visit to this station, from 1.
    pub visit: u32,
    /// The number of stations it has been sent to.
    pub stop: u32,
    /// Whether it leaves as scrap.
    pub scrapped: bool,
}

/// A customer who left a station without being sent on.
#[derive(Clone, Debug, PartialEq)]
pub struct Gone {
    /// The customer.
    pub person: Box<Person>,
    /// Its visit, with its outcome.
    pub visit: StationVisit,
}

/// A visit of a customer to a station: a row of the table `visits` for people and machines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationVisit {
    /// The customer's number, from 1.
    pub customer: u64,
    /// The station's position, from 0.
    pub stage: u32,
    /// The index of the customer's class while it was here.
    pub class: u32,
    /// The number of the visit to the station, from 1.
    pub visit: u32,
    /// The number of the server it took last, from 1; none if it took none or servers have no numbers.
    pub server: Option<u32>,
    /// The time at which it reached the station.
    pub arrival: f64,
    /// Time of set-up.
    pub setup: f64,
    /// The time at which it first took a server.
    pub service_start: Option<f64>,
    /// Time served.
    pub service: f64,
    /// The time at which its service ended.
    pub service_end: Option<f64>,
    /// The time at which it left the station.
    pub departure: Option<f64>,
    /// The outcome of the visit.
    pub outcome: VisitOutcome,
}

/// A customer over the whole system: a row of the table `customers` for people and machines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CustomerEnd {
    /// The customer's number, from 1.
    pub customer: u64,
    /// The index of the class it arrived as.
    pub class: u32,
    /// The time at which it reached the system.
    pub arrival: f64,
    /// The time at which it left the system.
    pub departure: Option<f64>,
    /// Time waited at all stations.
    pub waiting: f64,
    /// Time served at all stations.
    pub service: f64,
    /// Time blocked at all stations.
    pub blocked: f64,
    /// Number of stations at which it waited.
    pub queues_joined: u32,
    /// Its outcome.
    pub outcome: VisitOutcome,
    /// Whether it ever joined a station.
    pub joined: bool,
    /// The position of the station at which it ended.
    pub stage: Option<u32>,
}

/// The outcome of a visit, or of a customer over the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitOutcome {
    /// It went on to the next station.
    Next,
    /// It left the system served.
    Served,
    /// It left the system as scrap after its service.
    Scrapped,
    /// Its patience ended before its service began.
    Abandoned,
    /// A fault interrupted its work for good.
    Failed,
    /// It found no place at the next station.
    Lost,
    /// It did not join the queue it found at the next station.
    Balked,
    /// The run ended first.
    Unfinished,
}

impl VisitOutcome {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            VisitOutcome::Next => "next",
            VisitOutcome::Served => "served",
            VisitOutcome::Scrapped => "scrapped",
            VisitOutcome::Abandoned => "abandoned",
            VisitOutcome::Failed => "failed",
            VisitOutcome::Lost => "lost",
            VisitOutcome::Balked => "balked",
            VisitOutcome::Unfinished => "unfinished",
        }
    }
}
