//! What a study of orders leaves: the JSON document, and the table `orders` with a row per order.

use super::tables::{Cell, Formats, Kind, Table};
use super::{Draft, Folder, WriteError};
use crate::scenario::Tandem;
use crate::stats::Interval;
use crate::study::order::{Objective, OrderStudy};
use crate::study::published::{Rule, Says};
use crate::study::standing::{Answer, Standing};
use serde::Serialize;
use std::collections::BTreeMap;

/// The document that `filas order --format json` puts on stdout, and `summary.json`.
#[derive(Debug, Serialize)]
pub struct OrderReport<'a> {
    filas: &'static str,
    model: &'static str,
    name: &'a str,
    time_unit: Option<&'a str>,
    seed: u64,
    digest: String,
    interrupted: bool,
    confidence: f64,
    /// Whether only orders that a search found were compared; and how many it tried.
    search: bool,
    orders_tried: u64,
    /// Runs of all orders together.
    runs: u64,
    left_out: u64,
    #[serde(flatten)]
    first: AnswerReport<'a>,
    objectives: Vec<AnswerReport<'a>>,
    published: Vec<RuleReport<'a>>,
}

type Names<'a> = Vec<&'a str>;

#[derive(Debug, Serialize)]
struct AnswerReport<'a> {
    objective: &'static str,
    indifference: f64,
    /// Whether the candidates are one order, or all within the indifference of the best.
    settled: bool,
    tie: bool,
    best: Names<'a>,
    candidates: Vec<Names<'a>>,
    identical: Vec<Vec<Names<'a>>>,
    gain: Gain<'a>,
    orders: Vec<OrderRow<'a>>,
}

/// What the best order saves against the order in the file.
#[derive(Debug, Serialize)]
struct Gain<'a> {
    order: Names<'a>,
    mean: f64,
    difference: Option<f64>,
    half_width: Option<f64>,
    fraction: Option<f64>,
}

#[derive(Debug, Serialize)]
struct OrderRow<'a> {
    order: Names<'a>,
    mean: f64,
    half_width: Option<f64>,
    replications: u64,
    candidate: bool,
    /// The plain mean of this order's own replications.
    observed_mean: f64,
    against_best: Difference,
    measures: BTreeMap<&'static str, f64>,
}

#[derive(Debug, Serialize)]
struct Difference {
    n: u64,
    mean: Option<f64>,
    half_width: Option<f64>,
}

#[derive(Debug, Serialize)]
struct RuleReport<'a> {
    rule: &'static str,
    source: &'static str,
    applies: bool,
    unless: Option<&'static str>,
    says: &'static str,
    order: Option<Names<'a>>,
    agrees: Option<bool>,
}

impl<'a> OrderReport<'a> {
    /// The document of a study.
    #[must_use]
    pub fn new(scenario: &'a Tandem, study: &'a OrderStudy) -> OrderReport<'a> {
        let reports = || study.answers.iter().map(|answer| report(study, answer));
        let first = &study.answers[0];
        OrderReport {
            filas: env!("CARGO_PKG_VERSION"),
            model: "tandem",
            name: &scenario.name,
            time_unit: scenario.time_unit.as_deref(),
            seed: scenario.seed,
            digest: study.digest.to_string(),
            interrupted: study.interrupted,
            confidence: study.confidence,
            search: study.search.is_some(),
            orders_tried: study.search.unwrap_or(first.orders.len() as u64),
            runs: study.runs,
            left_out: study.left_out,
            first: report(study, first),
            objectives: match study.answers.len() {
                1 => Vec::new(),
                _ => reports().collect(),
            },
            published: study
                .published
                .iter()
                .map(|rule| rule_report(study, rule))
                .collect(),
        }
    }

    /// The JSON document, with a line break at its end.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a study is plain data");
        text.push('\n');
        text
    }
}

fn names<'a>(study: &'a OrderStudy, order: &[u16]) -> Names<'a> {
    let name = |&place: &u16| study.stages[usize::from(place)].as_str();
    order.iter().map(name).collect()
}

fn report<'a>(study: &'a OrderStudy, answer: &Answer) -> AnswerReport<'a> {
    let place = answer.objective as usize;
    let of = |standing: &Standing| names(study, &standing.order);
    let best = &answer.orders[0];
    let filed = &answer.orders[answer.as_filed];
    let filed_mean = filed.estimates[place].mean;
    let Interval {
        mean: difference,
        half_width,
        ..
    } = filed.against_best[place];
    AnswerReport {
        objective: answer.objective.key(),
        indifference: answer.zone,
        settled: answer.settled,
        tie: answer.candidates().count() > 1,
        best: of(best),
        candidates: answer.candidates().map(of).collect(),
        identical: answer
            .identical
            .iter()
            .map(|group| group.iter().map(|&at| of(&answer.orders[at])).collect())
            .collect(),
        gain: Gain {
            order: of(filed),
            mean: filed_mean,
            difference,
            half_width,
            fraction: difference
                .filter(|_| filed_mean > 0.0)
                .map(|difference| difference / filed_mean),
        },
        orders: answer.orders.iter().map(|s| row(study, s, place)).collect(),
    }
}

fn row<'a>(study: &'a OrderStudy, standing: &Standing, place: usize) -> OrderRow<'a> {
    let estimate = standing.estimates[place];
    let measures = Objective::ALL.iter().zip(&standing.estimates);
    OrderRow {
        order: names(study, &standing.order),
        mean: estimate.mean,
        half_width: estimate.half_width,
        replications: standing.replications,
        candidate: standing.candidate,
        observed_mean: estimate.observed,
        against_best: Difference {
            n: standing.against_best[place].n,
            mean: standing.against_best[place].mean,
            half_width: standing.against_best[place].half_width,
        },
        measures: measures.map(|(o, e)| (o.key(), e.mean)).collect(),
    }
}

fn rule_report<'a>(study: &'a OrderStudy, rule: &Rule) -> RuleReport<'a> {
    RuleReport {
        rule: rule.name,
        source: rule.source,
        applies: rule.unless.is_none(),
        unless: rule.unless,
        says: match rule.says {
            Says::Best(_) => "best",
            Says::Alike => "alike",
            Says::Same => "identical",
        },
        order: match &rule.says {
            Says::Best(order) => Some(names(study, order)),
            Says::Alike | Says::Same => None,
        },
        agrees: rule.agrees,
    }
}

/// The table `orders`: a row per objective and order, best first.
///
/// # Errors
/// If the system will not write.
pub fn order_table(
    study: &OrderStudy,
    folder: &Folder,
    formats: Formats,
) -> Result<Vec<Draft>, WriteError> {
    let columns = [
        ("objective", Kind::Text),
        ("rank", Kind::Whole),
        ("order", Kind::Text),
        ("mean", Kind::Number),
        ("half_width", Kind::Number),
        ("replications", Kind::Whole),
        ("candidate", Kind::Flag),
        ("observed_mean", Kind::Number),
        ("against_best_mean", Kind::Number),
        ("against_best_half_width", Kind::Number),
        ("waiting_mean", Kind::Number),
        ("queues_joined_mean", Kind::Number),
        ("idle_time_mean", Kind::Number),
        ("idle_time_max", Kind::Number),
        ("sojourn_mean", Kind::Number),
    ];
    let number = |value: Option<f64>| value.map_or(Cell::Empty, Cell::Number);
    let mut table = Table::begin(folder, "orders", &columns, formats)?;
    for answer in &study.answers {
        for (rank, standing) in (1..).zip(&answer.orders) {
            let place = answer.objective as usize;
            let (estimate, against) = (standing.estimates[place], standing.against_best[place]);
            let order = names(study, &standing.order).join(" ");
            let [waiting, queues, idle, idle_max, sojourn] =
                standing.estimates.map(|estimate| estimate.mean);
            table.push([
                Cell::Text(answer.objective.key()),
                Cell::Whole(rank),
                Cell::Text(&order),
                Cell::Number(estimate.mean),
                number(estimate.half_width),
                Cell::Whole(standing.replications),
                Cell::Flag(standing.candidate),
                Cell::Number(estimate.observed),
                number(against.mean),
                number(against.half_width),
                Cell::Number(waiting),
                Cell::Number(queues),
                Cell::Number(idle),
                Cell::Number(idle_max),
                Cell::Number(sojourn),
            ])?;
        }
    }
    table.finish()
}
