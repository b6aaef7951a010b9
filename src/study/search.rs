//! A search among the orders of a line too long to try all of them.
//!
//! It begins with the rule "less variable first", with the order that is best according to a decomposition of the
//! line into single queues (Whitt 1983, "The queueing network analyzer": waiting by the heavy-traffic formula of
//! Kingman, variability passed on from stage to stage), with sortings of the stages by other measures of
//! variability, and with the order in the file. From the best of them it continues by moves of one stage: a handful
//! at a time, all on the same replications, and the best is taken if a paired t-statistic says that it is better.
//! Those replications are the search's own; the final orders race against each other on others, so that the verdict
//! is not biased by the choice. A search cannot know the best of all orders.

use super::order::{Objective, OrderError, Progress};
use super::permutation::{Order, Round, Runs};
use super::published::less_variable_first;
use crate::random::{Purpose, Stream};
use crate::scenario::{self, LineArrivals, Tandem};
use crate::stats::Interval;

/// The first replication number of the search, apart from those of the race.
const FIRST_REPLICATION: u64 = 1 << 40;

/// Common replications on which moves are compared.
const REPLICATIONS: u64 = 12;

/// Moves tried at a time.
const MOVES: usize = 12;

/// The number of visits of customers to stages that the search may simulate: about ten seconds.
const VISITS: u64 = 400_000_000;

/// Rounds without a better order after which it ends.
const PATIENCE: u32 = 40;

/// The ratio of a paired difference to its standard error from which it counts as better.
const CLEARLY: f64 = 3.0;

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// The orders worth a race: the best found, those on the way to it, the rule's, the file's.
    pub orders: Vec<Order>,
    /// Number of orders simulated.
    pub tried: u64,
}

/// Searches for good orders by this objective.
///
/// # Errors
/// The error of a run that failed.
pub fn search(
    runs: &Runs<'_>,
    objective: Objective,
    watch: &mut dyn FnMut(Progress),
) -> Result<Found, OrderError> {
    let scenario = runs.scenario;
    let stages = scenario.stages.len();
    let filed: Order = (0..).take(stages).collect();
    let rule = less_variable_first(scenario);
    let mut starts = vec![filed, rule.clone(), decomposed(scenario, rule)];
    starts.extend(sorted(scenario));
    starts.sort();
    starts.dedup();
    let mut tried = starts.len() as u64;
    let first = scores(runs, objective, &starts)?;
    let least = |scores: &[Vec<f64>]| {
        let sum = |place: &usize| scores[*place].iter().sum::<f64>();
        let places = 0..scores.len();
        places.min_by(|a, b| sum(a).total_cmp(&sum(b)))
    };
    let at = least(&first).expect("there are starts");
    let (mut here, mut score) = (starts[at].clone(), first[at].clone());
    let mut path = vec![here.clone()];
    let mut stream = Stream::new(scenario.seed, 0, "order", Purpose::Schedule);
    let estimate = scenario::estimate_line(scenario);
    let mut visits = 0;
    let mut idle = 0;
    while visits < VISITS && idle < PATIENCE && !runs.is_stopped() {
        let mut moves: Vec<Order> = (0..MOVES).map(|_| moved(&here, &mut stream)).collect();
        moves.sort();
        moves.dedup();
        let found = scores(runs, objective, &moves)?;
        tried += moves.len() as u64;
        visits += REPLICATIONS * moves.len() as u64 * estimate.events;
        idle += 1;
        if let Some(best) = least(&found)
            && is_clearly_below(&found[best], &score)
        {
            here.clone_from(&moves[best]);
            score.clone_from(&found[best]);
            path.push(here.clone());
            idle = 0;
        }
        watch(Progress {
            replications: REPLICATIONS,
            racing: path.len(),
            orders: tried as usize,
            searching: true,
        });
    }
    // The last few steps may have been luck: the race decides.
    let recent = path.len().saturating_sub(4);
    let mut orders = starts;
    orders.extend(path.drain(recent..));
    orders.sort();
    orders.dedup();
    Ok(Found { orders, tried })
}

/// The values of these orders in the search's replications, a list per order.
fn scores(
    runs: &Runs<'_>,
    objective: Objective,
    orders: &[Order],
) -> Result<Vec<Vec<f64>>, OrderError> {
    let replications = FIRST_REPLICATION..FIRST_REPLICATION + REPLICATIONS;
    let table = match runs.replicate(orders, replications)? {
        Round::Means(table) => table,
        Round::Interrupted => return Err(OrderError::Interrupted(orders.len())),
        Round::Missing(numbers) => return Err(OrderError::Missing(numbers)),
    };
    let column = |order| {
        let values = table.iter().filter_map(|row| objective.of(&row[order]));
        values.collect()
    };
    Ok((0..orders.len()).map(column).collect())
}

fn is_clearly_below(values: &[f64], score: &[f64]) -> bool {
    let differences: Vec<f64> = values.iter().zip(score).map(|(a, b)| a - b).collect();
    let interval = Interval::of(&differences, 0.5);
    match (interval.mean, interval.sd) {
        (Some(mean), Some(sd)) => -mean > CLEARLY * sd / (differences.len() as f64).sqrt(),
        _ => false,
    }
}

/// Moves a random stage to another random position, all equally likely.
fn moved(order: &Order, stream: &mut Stream) -> Order {
    let mut moved = order.clone();
    let from = stream.below(order.len() as u64) as usize;
    let stage = moved.remove(from);
    let to = stream.below(moved.len() as u64) as usize;
    moved.insert(if to >= from { to + 1 } else { to }, stage);
    moved
}

/// The stages sorted by several measures that grow with variability or fall with the mean.
fn sorted(scenario: &Tandem) -> Vec<Order> {
    let measures: [fn(f64, f64) -> f64; 5] = [
        |mean, cv2| cv2 * mean * mean,
        |mean, cv2| cv2 * mean,
        |mean, cv2| cv2 / mean,
        |mean, cv2| cv2 + mean * 1e-6,
        |mean, _| -mean,
    ];
    let by = |measure: fn(f64, f64) -> f64| {
        let of = |&place: &u16| {
            let service = &scenario.stages[usize::from(place)].service;
            let (mean, cv2) = service.mean_and_cv2();
            measure(mean, cv2)
        };
        let mut order: Order = (0..).take(scenario.stages.len()).collect();
        order.sort_by(|a, b| of(a).total_cmp(&of(b)));
        order
    };
    measures.into_iter().map(by).collect()
}

/// The best order according to the decomposition, by moves of one stage from `order`.
fn decomposed(scenario: &Tandem, order: Order) -> Order {
    let Some(model) = Decomposition::of(scenario) else {
        return order;
    };
    let mut here = order;
    let mut least = model.waiting(&here);
    loop {
        let before = least;
        for from in 0..here.len() {
            for to in 0..here.len() {
                let mut next = here.clone();
                let stage = next.remove(from);
                next.insert(to, stage);
                let waiting = model.waiting(&next);
                if waiting < least * (1.0 - 1e-9) {
                    (here, least) = (next, waiting);
                }
            }
        }
        if least >= before {
            return here;
        }
    }
}

/// The line as single queues, each fed by the departures from the one before.
struct Decomposition {
    arrivals_cv2: f64,
    /// Load, squared coefficient of variation, mean, and servers of each stage.
    stages: Vec<[f64; 4]>,
}

impl Decomposition {
    /// The decomposition; none without a rate of arrivals, or if moments do not exist.
    fn of(scenario: &Tandem) -> Option<Decomposition> {
        let LineArrivals::Renewal(law) = &scenario.arrivals else {
            return None;
        };
        let (gap, arrivals_cv2) = (law.mean(), law.cv2());
        let stage = |stage: &scenario::Stage| {
            let (mean, cv2) = stage.service.mean_and_cv2();
            let servers = stage.servers.most().map_or(f64::INFINITY, f64::from);
            // An overloaded queue has no mean wait; a run has an end.
            let load = (mean / gap / servers).min(0.99);
            [load, cv2, mean, servers]
        };
        let stages: Vec<[f64; 4]> = scenario.stages.iter().map(stage).collect();
        let known = stages.iter().flatten().all(|x| x.is_finite());
        (known && gap > 0.0 && arrivals_cv2.is_finite()).then_some(Decomposition {
            arrivals_cv2,
            stages,
        })
    }

    /// The mean wait over the whole line.
    fn waiting(&self, order: &[u16]) -> f64 {
        let mut cv2 = self.arrivals_cv2;
        let mut waiting = 0.0;
        for &place in order {
            let [load, service_cv2, mean, servers] = self.stages[usize::from(place)];
            // Sakasegawa 1977 for several servers; Kingman for one.
            let busy = load.powf((2.0 * (servers + 1.0)).sqrt() - 1.0);
            waiting += mean / servers * busy / (1.0 - load) * (cv2 + service_cv2) / 2.0;
            let square = load * load;
            cv2 =
                1.0 + (1.0 - square) * (cv2 - 1.0) + square * (service_cv2 - 1.0) / servers.sqrt();
        }
        waiting
    }
}
