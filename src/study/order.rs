//! The best order of a line's stages, under common random numbers.
//!
//! All orders race ([`super::selection`]), once for each objective over the same replications: an order is
//! simulated as long as it can still be the best by one of them. Up to eight stages every order runs; for longer
//! lines the orders that a search finds ([`super::search`]).

use super::comparable::{Incomparable, comparable};
use super::ledger::KeepError;
use super::permutation::{Order, Round, Runs, all_orders};
use super::published::{self, Rule};
use super::ranking::{RankedOrder, Ranking, estimate};
use super::round::{Conditions, StudyError};
use super::search;
use super::selection::{Indifference, Race};
use crate::actor::RunError;
use crate::digest::Digest;
use crate::number::of_them;
use crate::scenario::{self, Tandem};
use crate::stats::Interval;
use crate::tandem::LineMeans;
use std::sync::atomic::AtomicBool;
use thiserror::Error;

/// The maximum number of stages for every order to run.
pub const ALL_ORDERS_MAX: usize = 8;

/// The default zone of indifference: a hundredth of the compared value.
pub const INDIFFERENCE_SHARE: f64 = 0.01;

/// Replications before the first look.
const FIRST: u64 = 16;

/// The default number of replications of an order: as many as fit in this number of visits of customers to stages
/// (about a minute), but enough for a verdict.
const VISITS: u64 = 4_000_000_000;
/// The same after a search, which has used its share.
const VISITS_SEARCHED: u64 = 500_000_000;
const ENOUGH: u64 = 48;
const MOST: u64 = 100_000;

/// The measure to be minimised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// The mean time waited over the whole line.
    Waiting,
    /// The mean number of stages at which a customer waits.
    QueuesJoined,
    /// The mean idle time of the stages.
    IdleTime,
    /// The idle time of the stage that is idle longest.
    IdleTimeMax,
    /// The mean time from arrival to departure.
    Sojourn,
}

impl Objective {
    /// All objectives.
    pub const ALL: [Objective; 5] = [
        Objective::Waiting,
        Objective::QueuesJoined,
        Objective::IdleTime,
        Objective::IdleTimeMax,
        Objective::Sojourn,
    ];

    /// Its key in the summary.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Objective::Waiting => "waiting.mean",
            Objective::QueuesJoined => "queues_joined.mean",
            Objective::IdleTime => "idle_time.mean",
            Objective::IdleTimeMax => "idle_time.max",
            Objective::Sojourn => "sojourn.mean",
        }
    }

    /// A second measure, shown beside the first; smaller is better.
    #[must_use]
    pub fn beside(self) -> Objective {
        match self {
            Objective::QueuesJoined => Objective::Waiting,
            _ => Objective::QueuesJoined,
        }
    }

    /// Its value; none if no customer was measured.
    #[must_use]
    pub fn of(self, means: &LineMeans) -> Option<f64> {
        match self {
            Objective::Waiting => means.waiting,
            Objective::QueuesJoined => means.queues_joined,
            Objective::IdleTime => means.idle_time,
            Objective::IdleTimeMax => means.idle_time_max,
            Objective::Sojourn => means.sojourn,
        }
    }
}

/// The question of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The measures to be minimised, the first as the main one; at least one.
    pub objectives: Vec<Objective>,
    /// The difference from the best that does not matter; by default a share of the best.
    pub indifference: Option<f64>,
    /// The maximum number of replications of an order.
    pub max: Option<u64>,
}

/// The progress of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Replications so far.
    pub replications: u64,
    /// Number of orders still simulated.
    pub racing: usize,
    /// Total number of orders.
    pub orders: usize,
    /// Whether the search is still looking for orders to race.
    pub searching: bool,
}

/// The reason why there is no answer.
#[derive(Debug, Error)]
pub enum OrderError {
    /// The orders cannot be compared.
    #[error(transparent)]
    Incomparable(#[from] Incomparable),
    /// There is nothing to compare.
    #[error(
        "no customer was measured in {}; give the line a longer horizon",
        of_them(*.0, "replication")
    )]
    NothingMeasured(u64),
    /// A run did not finish.
    #[error(transparent)]
    Run(RunError),
    /// A row could not be stored or read.
    #[error(transparent)]
    Keep(KeepError),
    /// The round waits for others to do these jobs.
    #[error("{} of this round: left for others to do", of_them(.0.len() as u64, "job"))]
    Missing(Vec<u64>),
    /// It was stopped before the first look; the value is the number of orders.
    #[error(
        "stopped before one replication of all {0} orders was complete; fewer stages or customers take less time"
    )]
    Interrupted(usize),
}

impl From<StudyError> for OrderError {
    fn from(error: StudyError) -> OrderError {
        match error {
            StudyError::Run(error) => OrderError::Run(error),
            StudyError::Keep(error) => OrderError::Keep(error),
        }
    }
}

/// The results of a study.
#[derive(Clone, Debug)]
pub struct OrderStudy {
    /// Names of the stages, in the scenario's order.
    pub stages: Vec<String>,
    /// The confidence with which the best is among the candidates.
    pub confidence: f64,
    /// A ranking for each objective asked for.
    pub rankings: Vec<Ranking>,
    /// Published rules for the first objective, and whether each applies here.
    pub published: Vec<Rule>,
    /// The number of orders that a search tried, if only those that it found were compared.
    pub search: Option<u64>,
    /// Number of replications of all orders together.
    pub runs: u64,
    /// Replications left out because no customer was measured in them.
    pub left_out: u64,
    /// Whether it was wound up before its end.
    pub interrupted: bool,
    /// A fingerprint of every observation.
    pub digest: Digest,
}

/// Finds the best order of the stages; the candidates include it with the confidence of the conditions.
///
/// `watch` is called with the progress after each round.
///
/// # Errors
/// See [`OrderError`].
///
/// # Panics
/// If no objective is asked for.
pub fn order(
    scenario: &Tandem,
    question: &Question,
    conditions: Conditions<'_>,
    watch: &mut dyn FnMut(Progress),
) -> Result<OrderStudy, OrderError> {
    assert!(!question.objectives.is_empty(), "nothing is asked");
    comparable(scenario)?;
    let runs = Runs::new(scenario, conditions);
    let stages = scenario.stages.len();
    let (orders, tried) = if stages <= ALL_ORDERS_MAX {
        (all_orders(stages), None)
    } else {
        let found = search::search(&runs, question.objectives[0], watch)?;
        (found.orders, Some(found.tried))
    };
    let field = race(&runs, orders, question, tried.is_some(), watch)?;
    Ok(field.study(&runs, tried))
}

/// Orders and their observations.
struct Field {
    /// The orders, sorted.
    orders: Vec<Order>,
    /// A value for each replication, by objective and order.
    values: [Vec<Vec<f64>>; 5],
    races: Vec<(Objective, Race)>,
    left_out: u64,
    interrupted: bool,
}

/// Lets orders race for each objective until all races are settled.
fn race(
    runs: &Runs<'_>,
    mut orders: Vec<Order>,
    question: &Question,
    searched: bool,
    watch: &mut dyn FnMut(Progress),
) -> Result<Field, OrderError> {
    orders.sort();
    orders.dedup();
    let indifference = match question.indifference {
        Some(zone) => Indifference::Absolute(zone),
        None => Indifference::Share(INDIFFERENCE_SHARE),
    };
    let race = |&objective| {
        let race = Race::new(orders.len(), runs.conditions().confidence, indifference);
        (objective, race)
    };
    let mut field = Field {
        values: std::array::from_fn(|_| vec![Vec::new(); orders.len()]),
        races: question.objectives.iter().map(race).collect(),
        orders,
        left_out: 0,
        interrupted: false,
    };
    let visits_per_pass = {
        let estimate = scenario::estimate_line(runs.scenario);
        estimate.events / runs.scenario.stages.len() as u64
    };
    let enough = if searched { VISITS_SEARCHED } else { VISITS };
    let (mut n, mut visits) = (0, 0);
    loop {
        let racing = field.racing();
        let most = question
            .max
            .unwrap_or(if visits >= enough { ENOUGH } else { MOST });
        let step = if n == 0 { FIRST } else { (n / 8).max(4) };
        let step = step.min(most.saturating_sub(n));
        if racing.is_empty() || step == 0 {
            break;
        }
        let batch: Vec<Order> = racing.iter().map(|&o| field.orders[o].clone()).collect();
        match runs.replicate(&batch, n..n + step)? {
            Round::Means(table) => table.iter().for_each(|row| field.observe(&racing, row)),
            Round::Interrupted => {
                field.interrupted = true;
                break;
            }
            Round::Missing(numbers) => return Err(OrderError::Missing(numbers)),
        }
        n += step;
        visits += step * runs.passes(&batch) * visits_per_pass;
        if field.left_out == n {
            return Err(OrderError::NothingMeasured(n));
        }
        field.races.iter_mut().for_each(|(_, race)| race.look());
        watch(Progress {
            replications: n,
            racing: field.racing().len(),
            orders: field.orders.len(),
            searching: false,
        });
        if runs.is_stopped() {
            field.interrupted = true;
            break;
        }
    }
    if n == 0 {
        return Err(OrderError::Interrupted(field.orders.len()));
    }
    Ok(field)
}

impl Field {
    /// The orders to simulate next, by index.
    fn racing(&self) -> Vec<usize> {
        let racing = self.races.iter().filter(|(_, race)| !race.is_settled());
        let mut racing: Vec<usize> = racing
            .flat_map(|(_, race)| race.racing().iter().copied())
            .collect();
        racing.sort_unstable();
        racing.dedup();
        // A single order has no rival, but is measured all the same.
        if self.orders.len() == 1 && self.values[0][0].is_empty() {
            racing.push(0);
        }
        racing
    }

    /// Adds a replication of the racing orders.
    fn observe(&mut self, racing: &[usize], row: &[LineMeans]) {
        let values: Option<Vec<[f64; 5]>> = row
            .iter()
            .map(|means| {
                let mut values = [0.0; 5];
                for (value, objective) in values.iter_mut().zip(Objective::ALL) {
                    *value = objective.of(means)?;
                }
                Some(values)
            })
            .collect();
        let Some(values) = values else {
            self.left_out += 1;
            return;
        };
        for (&order, row) in racing.iter().zip(&values) {
            for (column, &value) in self.values.iter_mut().zip(row) {
                column[order].push(value);
            }
        }
        // Instants are as fine as the clock's last bit, and a customer passes a few of them per stage.
        let clock = row
            .iter()
            .fold(0.0, |most: f64, means| most.max(means.clock));
        let grain = 4.0 * f64::EPSILON * clock * self.orders[0].len() as f64;
        for (objective, race) in &mut self.races {
            if race.is_settled() {
                continue;
            }
            let column = *objective as usize;
            let values: Vec<f64> = race
                .racing()
                .iter()
                .map(|order| {
                    let at = racing.binary_search(order).expect("it was simulated");
                    values[at][column]
                })
                .collect();
            race.observe(&values, grain);
        }
    }

    /// The results.
    fn study(self, runs: &Runs<'_>, search: Option<u64>) -> OrderStudy {
        let mut digest = Digest::EMPTY;
        for values in self.values.iter().flatten() {
            digest.fold(values.len() as u64);
            values.iter().for_each(|&value| digest.fold_number(value));
        }
        let confidence = runs.conditions().confidence;
        let rankings: Vec<Ranking> = self
            .races
            .iter()
            .map(|(objective, race)| self.ranking(runs, *objective, race))
            .collect();
        let scenario = runs.scenario;
        let published = published::rules(scenario, &rankings[0]);
        OrderStudy {
            stages: scenario.stages.iter().map(|s| s.name.clone()).collect(),
            confidence,
            published,
            rankings,
            search,
            runs: self.values[0]
                .iter()
                .map(|values| values.len() as u64)
                .sum(),
            left_out: self.left_out,
            interrupted: self.interrupted,
            digest,
        }
    }

    fn ranking(&self, runs: &Runs<'_>, objective: Objective, race: &Race) -> Ranking {
        let Conditions {
            workers,
            confidence,
            ..
        } = runs.conditions();
        let identity = self.orders.iter().position(|order| order.is_sorted());
        let identity = identity.expect("the scenario's own order takes part");
        // If the race found none better, the file's own order, or the one that the rule of thumb names; otherwise
        // the leader.
        let named = published::less_variable_first(runs.scenario);
        let named = self.orders.binary_search(&named).ok();
        let mut alike = [Some(identity), named].into_iter().flatten();
        let best = alike.find(|&order| race.is_as_good_as_the_leader(order));
        let best = best.unwrap_or_else(|| race.leader());
        let ranked = |order: u64| {
            let order = order as usize;
            let ranked = self.ranked(objective, race, order, best, confidence);
            Ok::<_, std::convert::Infallible>(Some((order, ranked)))
        };
        let never = AtomicBool::new(false);
        let Ok(mut ranked) = workers.work(0..self.orders.len() as u64, &never, ranked, &|| {});
        let column = objective as usize;
        ranked.sort_by(|(a, x), (b, y)| {
            let (p, q) = (x.estimates[column].mean, y.estimates[column].mean);
            // The best comes first among those that are equal to it.
            (p.total_cmp(&q))
                .then((*a != best).cmp(&(*b != best)))
                .then(a.cmp(b))
        });
        let first = ranked.iter().position(|(order, _)| *order == best);
        let first = ranked.remove(first.expect("the best is one of them"));
        ranked.insert(0, first);
        let mut places = vec![0; ranked.len()];
        for (place, (order, _)) in ranked.iter().enumerate() {
            places[*order] = place;
        }
        let groups = race.identical();
        let group = |group: &Vec<usize>| {
            let mut group: Vec<usize> = group.iter().map(|&order| places[order]).collect();
            group.sort_unstable();
            group
        };
        Ranking {
            objective,
            zone: race.zone().unwrap_or(0.0),
            settled: race.is_settled(),
            identical: groups.iter().map(group).collect(),
            as_filed: places[identity],
            orders: ranked.into_iter().map(|(_, ranked)| ranked).collect(),
        }
    }

    fn ranked(
        &self,
        objective: Objective,
        race: &Race,
        order: usize,
        best: usize,
        confidence: f64,
    ) -> RankedOrder {
        let column = &self.values[objective as usize];
        let paired = |values: &[Vec<f64>]| -> Vec<f64> {
            let pairs = values[order].iter().zip(&values[best]);
            pairs.map(|(a, b)| a - b).collect()
        };
        let mut against_best = self
            .values
            .each_ref()
            .map(|column| Interval::of(&paired(column), confidence));
        let seen = race.paired(order, best);
        if seen.mean == 0.0 && seen.sd == 0.0 {
            // Equal up to rounding counts as equal.
            let nothing = vec![0.0; column[order].len()];
            against_best[objective as usize] = Interval::of(&nothing, confidence);
        }
        RankedOrder {
            order: self.orders[order].clone(),
            estimates: std::array::from_fn(|objective| {
                let values = &self.values[objective];
                estimate(&values[order], &values[best], confidence)
            }),
            against_best,
            replications: column[order].len() as u64,
            candidate: race.racing().contains(&order),
        }
    }
}
