//! The results of a study of orders: the JSON document, also shown by the terminal, the report and the web page, and
//! the table `orders` with a row per order.

use super::page::Table as Listing;
use super::tables::{Cell, Formats, Kind, Table};
use super::{Draft, Folder, WriteError};
use crate::number::{count, plain, with_error};
use crate::scenario::Tandem;
use crate::study::answer::{self, Answer, named};
use crate::study::order::{Objective, OrderStudy};
use crate::study::published::Rule;
use crate::study::ranking::{RankedOrder, Ranking};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The document that `filas order --format json` writes to stdout, and `summary.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderReport {
    filas: String,
    model: String,
    name: String,
    time_unit: Option<String>,
    seed: u64,
    pub(crate) digest: String,
    interrupted: bool,
    pub(crate) confidence: f64,
    /// Whether only orders found by a search were compared; and the number it tried.
    search: bool,
    pub(crate) orders_tried: u64,
    /// Runs of all orders together.
    pub(crate) runs: u64,
    left_out: u64,
    #[serde(flatten)]
    first: RankingReport,
    objectives: Vec<RankingReport>,
    pub(crate) published: Vec<Rule>,
}

/// The findings for one objective.
#[derive(Debug, Serialize, Deserialize)]
pub struct RankingReport {
    pub(crate) answer: Answer,
    pub(crate) objective: String,
    indifference: f64,
    /// Whether the candidates are one order, or all within the indifference of the best.
    settled: bool,
    tie: bool,
    best: Vec<String>,
    candidates: Vec<Vec<String>>,
    identical: Vec<Vec<Vec<String>>>,
    gain: Gain,
    pub(crate) orders: Vec<OrderRow>,
}

/// The gain of the best order over the order in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Gain {
    order: Vec<String>,
    mean: f64,
    difference: Option<f64>,
    half_width: Option<f64>,
    fraction: Option<f64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OrderRow {
    pub(crate) order: Vec<String>,
    pub(crate) mean: f64,
    pub(crate) half_width: Option<f64>,
    replications: u64,
    pub(crate) candidate: bool,
    /// The mean of this order's own replications.
    observed_mean: f64,
    pub(crate) against_best: Difference,
    measures: BTreeMap<String, f64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Difference {
    n: u64,
    pub(crate) mean: Option<f64>,
    pub(crate) half_width: Option<f64>,
}

impl OrderReport {
    /// The document of a study.
    #[must_use]
    pub fn new(line: &Tandem, study: &OrderStudy) -> OrderReport {
        let report = |ranking: &Ranking| report(line, study, ranking);
        let first = &study.rankings[0];
        OrderReport {
            filas: env!("CARGO_PKG_VERSION").to_owned(),
            model: "tandem".to_owned(),
            name: line.name.clone(),
            time_unit: line.time_unit.clone(),
            seed: line.seed,
            digest: study.digest.to_string(),
            interrupted: study.interrupted,
            confidence: study.confidence,
            search: study.search.is_some(),
            orders_tried: study.search.unwrap_or(first.orders.len() as u64),
            runs: study.runs,
            left_out: study.left_out,
            first: report(first),
            objectives: match study.rankings.len() {
                1 => Vec::new(),
                _ => study.rankings.iter().map(report).collect(),
            },
            published: study.published.clone(),
        }
    }

    /// The findings, one per objective; the first is the requested one.
    #[must_use]
    pub fn rankings(&self) -> &[RankingReport] {
        match self.objectives.as_slice() {
            [] => std::slice::from_ref(&self.first),
            all => all,
        }
    }
}

impl RankingReport {
    /// The orders by the names of their stages, best first.
    pub fn orders(&self) -> impl Iterator<Item = &[String]> {
        self.orders.iter().map(|row| row.order.as_slice())
    }

    /// An order as it is displayed.
    pub(crate) fn arrows(order: &[String]) -> String {
        order.join(" → ")
    }

    /// The name of the objective for the head of a column or an axis.
    pub(crate) fn heading(&self) -> &'static str {
        heading(&self.objective)
    }

    /// Whether an order is the one in the file.
    pub(crate) fn is_filed(&self, row: &OrderRow) -> bool {
        row.order == self.gain.order
    }

    /// A row for each order, best first.
    pub(crate) fn table(&self) -> Listing {
        let beside = match self.objective.as_str() {
            "queues_joined.mean" => "waiting.mean",
            _ => "queues_joined.mean",
        };
        let mut groups = self.identical.iter();
        let alike = groups.find(|group| group.contains(&self.best));
        let rows = self.orders.iter().enumerate().map(|(at, row)| {
            let is_alike = alike.is_some_and(|group| group.contains(&row.order));
            let against = with_error(row.against_best.mean, row.against_best.half_width);
            let mark = if row.candidate { "●" } else { " " };
            let filed = if self.is_filed(row) { " as filed" } else { "" };
            vec![
                RankingReport::arrows(&row.order),
                with_error(Some(row.mean), row.half_width),
                match at {
                    0 => String::new(),
                    _ if is_alike => "identical".to_owned(),
                    _ if against.starts_with('-') => against,
                    _ => format!("+{against}"),
                },
                plain(row.measures[beside]),
                count(row.replications),
                format!("{mark}{filed}"),
            ]
        });
        let (objective, beside) = (self.heading(), heading(beside));
        let head = format!("order|{objective}|against the best, paired|{beside}|runs|");
        let caption = "Orders, the best first; ● can be the best";
        Listing::new(caption, 1, &head, rows.collect())
    }
}

fn heading(objective: &str) -> &'static str {
    match objective {
        "waiting.mean" => "waiting",
        "queues_joined.mean" => "queues joined",
        "idle_time.mean" => "idle time",
        "idle_time.max" => "idle time, most",
        _ => "sojourn",
    }
}

fn report(line: &Tandem, study: &OrderStudy, ranking: &Ranking) -> RankingReport {
    let place = ranking.objective as usize;
    let of = |ranked: &RankedOrder| named(study, &ranked.order);
    let filed = &ranking.orders[ranking.as_filed];
    let (filed_mean, saved) = (filed.estimates[place].mean, filed.against_best[place]);
    let group = |group: &Vec<usize>| group.iter().map(|&at| of(&ranking.orders[at])).collect();
    RankingReport {
        answer: answer::orders(line, study, ranking),
        objective: ranking.objective.key().to_owned(),
        indifference: ranking.zone,
        settled: ranking.settled,
        tie: ranking.candidates().count() > 1,
        best: of(&ranking.orders[0]),
        candidates: ranking.candidates().map(of).collect(),
        identical: ranking.identical.iter().map(group).collect(),
        gain: Gain {
            order: of(filed),
            mean: filed_mean,
            difference: saved.mean,
            half_width: saved.half_width,
            fraction: saved
                .mean
                .filter(|_| filed_mean > 0.0)
                .map(|saved| saved / filed_mean),
        },
        orders: ranking
            .orders
            .iter()
            .map(|s| row(study, s, place))
            .collect(),
    }
}

fn row(study: &OrderStudy, ranked: &RankedOrder, place: usize) -> OrderRow {
    let (estimate, against) = (ranked.estimates[place], ranked.against_best[place]);
    let measures = Objective::ALL.iter().zip(&ranked.estimates);
    OrderRow {
        order: named(study, &ranked.order),
        mean: estimate.mean,
        half_width: estimate.half_width,
        replications: ranked.replications,
        candidate: ranked.candidate,
        observed_mean: estimate.observed,
        against_best: Difference {
            n: against.n,
            mean: against.mean,
            half_width: against.half_width,
        },
        measures: measures
            .map(|(o, e)| (o.key().to_owned(), e.mean))
            .collect(),
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
    let mut table = Table::begin(folder, "orders", &columns, (formats, None))?;
    for ranking in &study.rankings {
        for (rank, ranked) in (1..).zip(&ranking.orders) {
            let place = ranking.objective as usize;
            let (estimate, against) = (ranked.estimates[place], ranked.against_best[place]);
            let order = named(study, &ranked.order).join(" ");
            let [waiting, queues, idle, idle_max, sojourn] =
                ranked.estimates.map(|estimate| estimate.mean);
            table.push([
                Cell::Text(ranking.objective.key()),
                Cell::Whole(rank),
                Cell::Text(&order),
                Cell::Number(estimate.mean),
                number(estimate.half_width),
                Cell::Whole(ranked.replications),
                Cell::Flag(ranked.candidate),
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
