//! The request or customer to explain if no number is given: the one that waited longest for its service, or the first
//! one lost.

use crate::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use crate::model::Model;
use crate::scenario::Scenario;
use crate::station::{
    CustomerEnd, Happening, Passage, RequestOutcome, RequestRecord, VisitOutcome,
};
use crate::time::Time;
use parking_lot::Mutex;
use std::collections::BTreeSet;

/// The property by which a request or customer of a run is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The one with the longest wait of all whose service began, whether or not it ended; ties go to the lower number.
    /// On a line or in a network the wait is the sum over all stations.
    Longest,
    /// The first one to end without being served; ties go to the lower number.
    Lost,
}

/// The request or customer that was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// The number of the request or customer.
    pub number: u64,
    /// The number of candidates: all whose service began, or all who were lost.
    pub of: u64,
    /// Its waiting time.
    pub waiting: f64,
}

/// Chooses a request or customer in the first replication of a scenario; `None` if no service began, or none was lost.
///
/// # Errors
/// See [`RunError`].
pub fn choose(scenario: &Scenario, choice: Choice) -> Result<Option<Chosen>, RunError> {
    let seen = Seen {
        choice,
        best: Mutex::default(),
    };
    let around = Surroundings {
        conductor: &(),
        recorder: &seen,
    };
    Model::of(scenario).run(0, Runtime::Inline, None, Recording::Tables, around)?;
    let best = seen.best.into_inner();
    let chosen = best.first.map(|(_, life)| Chosen {
        number: life.number,
        of: best.count,
        waiting: life.waiting,
    });
    Ok(chosen)
}

/// The data of a request or customer that a choice needs.
#[derive(Clone, Copy)]
struct Life {
    number: u64,
    waiting: f64,
    /// Whether its service began.
    began: bool,
    /// Time at which it was lost, if it was.
    lost: Option<f64>,
}

/// The best candidate so far.
#[derive(Default)]
struct Best {
    /// Its sort key, the least being the best, and its data.
    first: Option<(f64, Life)>,
    count: u64,
    /// Customers in the system whose service has begun: their visits are recorded before their ends.
    began: BTreeSet<u64>,
}

impl Best {
    fn life(&mut self, happening: &Happening) -> Option<Life> {
        match happening {
            Happening::Visited(visit) => {
                if visit.service_start.is_some() {
                    self.began.insert(visit.customer);
                }
                None
            }
            Happening::Finished(end) => {
                let began = self.began.remove(&end.customer);
                Some(of_customer(end, began))
            }
            Happening::Ended(row) => Some(of_request(row)),
            Happening::Passage(passage) => Some(of_passage(passage)),
            _ => None,
        }
    }
}

struct Seen {
    choice: Choice,
    best: Mutex<Best>,
}

impl Recorder<Happening> for Seen {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut best = self.best.lock();
        for record in records.iter() {
            let Some(life) = best.life(record) else {
                continue;
            };
            let order = match (self.choice, life.lost) {
                (Choice::Longest, _) if life.began => -life.waiting,
                (Choice::Lost, Some(when)) => when,
                _ => continue,
            };
            best.count += 1;
            let is_before = |(first, one): (f64, Life)| {
                let order = order.total_cmp(&first);
                order.then(life.number.cmp(&one.number)).is_lt()
            };
            if best.first.is_none_or(is_before) {
                best.first = Some((order, life));
            }
        }
    }
}

fn of_request(row: &RequestRecord) -> Life {
    let is_lost = !matches!(
        row.outcome,
        RequestOutcome::Completed | RequestOutcome::InSystem
    );
    let until = row.first_start.or(row.end);
    Life {
        number: row.id,
        waiting: until.map_or(0.0, |until| until.since(row.arrival)),
        began: row.first_start.is_some(),
        lost: row.end.map(Time::get).filter(|_| is_lost),
    }
}

fn of_customer(end: &CustomerEnd, began: bool) -> Life {
    let is_lost = !matches!(end.outcome, VisitOutcome::Served | VisitOutcome::Unfinished);
    Life {
        number: end.customer,
        waiting: end.waiting,
        began,
        lost: end.departure.filter(|_| is_lost),
    }
}

fn of_passage(passage: &Passage) -> Life {
    let customer = &passage.customer;
    Life {
        number: customer.customer,
        waiting: customer.waiting,
        began: !customer.lost,
        lost: customer.lost.then_some(customer.departure),
    }
}
