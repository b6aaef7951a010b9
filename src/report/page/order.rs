//! The report of a study of orders: the ranking, with intervals of the cost of each order against the best, pair by
//! pair.

use super::document::{Document, Section, Table};
use crate::number::{count, given_percent, of_them};
use crate::report::OrderReport;
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals};
use crate::report::order::{OrderRow, RankingReport};
use crate::study::answer::capital;
use crate::study::published::Rule;

/// The most orders in a chart.
const SHOWN: usize = 40;

/// The report of `filas order`; `unit` is the unit of time.
#[must_use]
pub fn order(report: &OrderReport, unit: &str) -> Document {
    let rankings = report.rankings();
    let mut document = Document::of(&rankings[0].answer);
    document.facts = vec![
        of_them(report.orders_tried, "order"),
        of_them(report.runs, "run"),
        format!("{} confidence", given_percent(report.confidence)),
    ];
    let sections = rankings.iter().enumerate();
    document
        .sections
        .extend(sections.map(|(at, one)| ranking(one, at == 0, unit)));
    document.sections.push(published(&report.published));
    document
}

fn ranking(ranking: &RankingReport, is_first: bool, unit: &str) -> Section {
    let called = ranking.heading();
    let mut section = Section::new(format!("The ranking by {called}"));
    if !is_first {
        section.text.push(ranking.answer.text());
        section
            .text
            .extend(ranking.answer.unsettled.iter().cloned());
    }
    section.text.extend(ranking.answer.notes.iter().cloned());
    let unit = match ranking.objective.as_str() {
        "queues_joined.mean" => "",
        _ => unit,
    };
    let label = |text: String| {
        if unit.is_empty() {
            text
        } else {
            format!("{text}, {unit}")
        }
    };
    let estimate = |row: &OrderRow, mean: f64, half: Option<f64>| {
        let notes = [
            (ranking.is_filed(row), "as filed"),
            (row.candidate, "can be the best"),
        ];
        let notes: Vec<&str> = notes
            .iter()
            .filter(|(has, _)| *has)
            .map(|(_, note)| *note)
            .collect();
        Estimate {
            name: RankingReport::arrows(&row.order),
            mean,
            interval: half.map(|half| (mean - half, mean + half)),
            ink: if row.candidate {
                Ink::Completed
            } else {
                Ink::Idle
            },
            note: notes.join(", "),
        }
    };
    let shown = ranking.orders.iter().take(SHOWN);
    let against = shown.clone().filter_map(|row| {
        let against = &row.against_best;
        Some(estimate(row, against.mean?, against.half_width))
    });
    let more = match ranking.orders.len() > SHOWN {
        true => format!(
            " (the first {SHOWN} of {})",
            count(ranking.orders.len() as u64)
        ),
        false => String::new(),
    };
    let against = Intervals {
        axis: Axis::numbers(label(format!("{called} more than the best"))),
        rows: against.collect(),
        mark: Some((0.0, "the best".to_owned())),
    };
    let absolute = Intervals {
        axis: Axis::numbers(label(called.to_owned())).cropped(),
        rows: shown
            .map(|row| estimate(row, row.mean, row.half_width))
            .collect(),
        mark: None,
    };
    section.charts = vec![
        Chart::new(
            format!("Against the best, pair by pair{more}"),
            Body::Intervals(against),
        ),
        Chart::new(
            format!("{} of each order{more}", capital(called)),
            Body::Intervals(absolute),
        ),
    ];
    section.tables.push(ranking.table());
    section
}

fn published(rules: &[Rule]) -> Section {
    let mut section = Section::new("What is published");
    let rows = rules.iter().map(|rule| {
        let unless = rule.unless.as_ref();
        let applies = unless.map_or("yes".to_owned(), |unless| format!("no: {unless}"));
        let says = rule.order.as_ref();
        let says = says.map_or("all are alike".to_owned(), |order| {
            RankingReport::arrows(order)
        });
        let agrees = match rule.agrees {
            Some(true) => "agrees",
            Some(false) => "differs",
            None => "–",
        };
        vec![
            rule.name.clone(),
            rule.source.clone(),
            applies,
            says,
            agrees.to_owned(),
        ]
    });
    let rows = rows.collect();
    let head = "rule|source|applies|says|this study";
    section.tables.push(Table::new(
        "Published rules beside this study",
        5,
        head,
        rows,
    ));
    section
}
