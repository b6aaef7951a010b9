//! The request or customer to explain where no number is given: the one that waited longest, or the first one lost.

use crate::actor::{Recorder, Recording, RunError, Runtime, Surroundings};
use crate::model::Model;
use crate::scenario::Scenario;
use crate::station::{
    CustomerEnd, Happening, Passage, RequestOutcome, RequestRecord, VisitOutcome,
};
use parking_lot::Mutex;

/// A request or customer that stands out in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The one with the longest wait, served or not; of equals the first by number.
    Longest,
    /// The first one to end without being served; of equals the first by number.
    Lost,
}

/// The one that was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen {
    /// The number of the request or customer.
    pub number: u64,
    /// The number of those it was chosen from: all who ended, or all who were lost.
    pub of: u64,
}

/// The request or customer that stands out in the first replication of a scenario; `None` if none ended, or none was
/// lost.
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
    let chosen = best.first.map(|(_, number)| Chosen {
        number,
        of: best.count,
    });
    Ok(chosen)
}

/// The end of a request or customer, as far as a choice needs it.
struct Life {
    number: u64,
    waiting: f64,
    end: f64,
    lost: bool,
}

/// The best one so far.
#[derive(Default)]
struct Best {
    /// Its rank, the least being the best, and its number.
    first: Option<(f64, u64)>,
    count: u64,
}

struct Seen {
    choice: Choice,
    best: Mutex<Best>,
}

impl Recorder<Happening> for Seen {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut best = self.best.lock();
        for life in records.iter().filter_map(life) {
            let order = match self.choice {
                Choice::Longest => -life.waiting,
                Choice::Lost if life.lost => life.end,
                Choice::Lost => continue,
            };
            best.count += 1;
            let this = (order, life.number);
            let is_before =
                |one: (f64, u64)| this.0.total_cmp(&one.0).then(this.1.cmp(&one.1)).is_lt();
            if best.first.is_none_or(is_before) {
                best.first = Some(this);
            }
        }
    }
}

fn life(happening: &Happening) -> Option<Life> {
    match happening {
        Happening::Ended(row) => of_request(row),
        Happening::Finished(end) => of_customer(end),
        Happening::Passage(passage) => Some(of_passage(passage)),
        _ => None,
    }
}

fn of_request(row: &RequestRecord) -> Option<Life> {
    let end = row.end?.get();
    let until = row.first_start.map_or(end, |start| start.get());
    Some(Life {
        number: row.id,
        waiting: until - row.arrival.get(),
        end,
        lost: !matches!(
            row.outcome,
            RequestOutcome::Completed | RequestOutcome::InSystem
        ),
    })
}

fn of_customer(end: &CustomerEnd) -> Option<Life> {
    let departure = end.departure?;
    Some(Life {
        number: end.customer,
        waiting: end.waiting,
        end: departure,
        lost: !matches!(end.outcome, VisitOutcome::Served | VisitOutcome::Unfinished),
    })
}

fn of_passage(passage: &Passage) -> Life {
    let customer = &passage.customer;
    Life {
        number: customer.customer,
        waiting: customer.waiting,
        end: customer.departure,
        lost: customer.lost,
    }
}
