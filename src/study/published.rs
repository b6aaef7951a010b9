//! Published rules on the order of queues in series, and the check whether they apply to a line.
//!
//! - Whitt (1985), "The best order for queues in series", *Management Science* 31; Suresh and Whitt
//!   (1990), "Arranging queues in series", *ibid.* 36: as a rule of thumb, less variable service first.
//! - Tembe and Wolff (1974), "The optimal order of service in tandem queues", *Operations Research* 22:
//!   of services that do not overlap, the longer first.
//! - Friedman (1965), "Reduction methods for tandem queuing systems", *Operations Research* 13: with
//!   constant services customers leave the line at the same times in any order.
//! - Weber (1979), "The interchangeability of ./M/1 queues in series", *Journal of Applied Probability*
//!   16: with exponential single servers they leave at times of the same law in any order, whatever the
//!   arrivals.

use super::order::Objective;
use super::permutation::Order;
use super::ranking::Ranking;
use crate::random::Law;
use crate::scenario::{LineArrivals, Servers, Stage, Tandem};
use serde::{Deserialize, Serialize};

/// A published rule, applied to one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The rule, in a few words.
    #[serde(rename = "rule")]
    pub name: String,
    /// The source.
    pub source: String,
    /// Whether it applies here.
    pub applies: bool,
    /// The reason why it does not apply, if it does not.
    pub unless: Option<String>,
    /// Its verdict on this line.
    pub says: Says,
    /// The order that it predicts to be the best, by the names of the stages.
    pub order: Option<Vec<String>>,
    /// Whether the study agrees with it; none if it does not apply.
    pub agrees: Option<bool>,
}

/// The verdict of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    /// One order is the best.
    Best,
    /// All orders have the same means.
    Alike,
    /// All orders are identical for every customer.
    Identical,
}

/// The order "less variable first": by ascending squared coefficient of variation; of equals, the one with the
/// longer mean first, then as filed.
#[must_use]
pub fn less_variable_first(scenario: &Tandem) -> Order {
    sorted(scenario, |a, b| {
        let by_mean = mean(b).total_cmp(&mean(a));
        variability(a).cmp(&variability(b)).then(by_mean)
    })
}

/// The squared coefficient of variation, rounded to ignore its last bits.
fn variability(stage: &Stage) -> u64 {
    (stage.service.mean_and_cv2().1 * 1e9).round() as u64
}

fn mean(stage: &Stage) -> f64 {
    stage.service.mean_and_cv2().0
}

fn longer_first(scenario: &Tandem) -> Order {
    sorted(scenario, |a, b| mean(b).total_cmp(&mean(a)))
}

fn sorted(scenario: &Tandem, by: impl Fn(&Stage, &Stage) -> std::cmp::Ordering) -> Order {
    let stages = &scenario.stages;
    let mut order: Order = (0..).take(stages.len()).collect();
    order.sort_by(|&a, &b| by(&stages[usize::from(a)], &stages[usize::from(b)]));
    order
}

/// Every rule, applied to the line and the results of a study of it.
#[must_use]
pub fn rules(scenario: &Tandem, ranking: &Ranking) -> Vec<Rule> {
    let first = |reasons: &[(bool, &'static str)]| {
        let found = reasons.iter().find(|(fails, _)| *fails);
        found.map(|&(_, reason)| reason)
    };
    let stages = &scenario.stages;
    let every = |holds: fn(&Stage) -> bool| stages.iter().all(holds);
    let people = (!scenario.is_plain(), "there are people and machines");
    let limited = (
        !every(|stage| stage.buffer.is_none()),
        "there are finite buffers",
    );
    let saturated = (
        scenario.arrivals == LineArrivals::Saturated,
        "the arrivals are saturated",
    );
    let other = (
        !matches!(ranking.objective, Objective::Waiting | Objective::Sojourn),
        "it is about waiting and sojourn",
    );
    let several = (
        !every(|stage| stage.servers == Servers::Count(1)),
        "a stage has several servers",
    );
    let constant = |stage: &Stage| stage.service.mean_and_cv2().1 == 0.0;
    let alike = stages
        .iter()
        .all(|stage| variability(stage) == variability(&stages[0]));
    let alone = (stages.len() < 2, "there is one stage");
    let candidate = |order: &Order| ranking.candidates().any(|ranked| ranked.order == *order);
    let least_variable = less_variable_first(scenario);
    let longest = longer_first(scenario);
    let names = |order: &Order| {
        order
            .iter()
            .map(|&at| stages[usize::from(at)].name.clone())
            .collect()
    };
    let rule = |name: &str, source: &str, unless: Option<&str>, says, agrees: bool| Rule {
        name: name.to_owned(),
        source: source.to_owned(),
        applies: unless.is_none(),
        unless: unless.map(str::to_owned),
        order: None,
        says,
        agrees: unless.is_none().then_some(agrees),
    };
    let rising =
        |order: &Order| order.is_sorted_by_key(|&place| variability(&stages[usize::from(place)]));
    let mut rules = vec![
        rule(
            "less variable first",
            "Whitt 1985; Suresh and Whitt 1990",
            first(&[
                alone,
                people,
                other,
                saturated,
                limited,
                several,
                (alike, "all services vary alike"),
                (
                    !every(|stage| stage.service.mean_and_cv2().1.is_finite()),
                    "a service has no variance",
                ),
            ]),
            Says::Best,
            ranking.candidates().any(|ranked| rising(&ranked.order)),
        ),
        rule(
            "of services that do not overlap, the longer first",
            "Tembe and Wolff 1974",
            first(&[
                alone,
                people,
                other,
                saturated,
                limited,
                several,
                (every(constant), "all services are constant"),
                (!stand_apart(scenario, &longest), "services overlap"),
            ]),
            Says::Best,
            candidate(&longest),
        ),
        rule(
            "constant services: every order is the same",
            "Friedman 1965",
            first(&[
                alone,
                people,
                other,
                saturated,
                limited,
                (!every(constant), "services are not all constant"),
            ]),
            Says::Identical,
            ranking.is_all_identical(),
        ),
        rule(
            "exponential single servers: every order is alike",
            "Weber 1979",
            first(&[
                alone,
                people,
                other,
                saturated,
                limited,
                several,
                (
                    !every(|stage| {
                        stage
                            .service
                            .laws()
                            .all(|law| matches!(law, Law::Exponential(_)))
                    }),
                    "services are not all exponential",
                ),
            ]),
            Says::Alike,
            ranking.orders.iter().all(|ranked| ranked.candidate),
        ),
    ];
    for (rule, order) in rules.iter_mut().zip([&least_variable, &longest]) {
        rule.order = Some(names(order));
    }
    rules
}

/// Whether no service of a stage exceeds any of the stage before, in an order sorted by length.
fn stand_apart(scenario: &Tandem, longest: &Order) -> bool {
    let reach = |place: u16| {
        let laws = scenario.stages[usize::from(place)].service.laws();
        let supports = laws.map(Law::support);
        supports.fold((f64::INFINITY, 0.0), |all: (f64, f64), one| {
            (all.0.min(one.0), all.1.max(one.1))
        })
    };
    longest
        .windows(2)
        .all(|pair| reach(pair[0]).0 >= reach(pair[1]).1)
}
