//! The report of a study of orders: the ranking, with intervals of what each order costs against the
//! best, pair by pair.

use super::document::{Document, Section, Table};
use super::results::{Results, ResultsError, list, number, text};
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals};
use crate::report::number::{column, count, of_them, percent, plain};
use serde_json::Value;

/// Orders that a chart shows.
const SHOWN: usize = 40;

fn arrows(order: &[Value]) -> String {
    order
        .iter()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(" → ")
}

fn plus_minus(mean: Option<f64>, half: Option<f64>) -> String {
    match (mean, half) {
        (Some(_), Some(_)) => {
            let cells = column(&[mean, half], "–");
            format!("{} ± {}", cells[0], cells[1])
        }
        (Some(mean), None) => plain(mean),
        _ => "–".to_owned(),
    }
}

/// What an objective is in, and what it is called.
fn objective(key: &str, unit: &str) -> (String, String) {
    match key {
        "waiting.mean" => ("mean wait".to_owned(), unit.to_owned()),
        "sojourn.mean" => ("mean sojourn".to_owned(), unit.to_owned()),
        "queues_joined.mean" => ("queues joined".to_owned(), "queues".to_owned()),
        "idle_time.mean" => ("mean idle time".to_owned(), unit.to_owned()),
        "idle_time.max" => ("largest idle time".to_owned(), unit.to_owned()),
        key => (key.to_owned(), unit.to_owned()),
    }
}

pub(super) fn order(results: &Results) -> Result<Document, ResultsError> {
    let summary = &results.summary;
    let unit = results.unit();
    let tried = summary
        .get("orders_tried")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    let runs = summary.get("runs").and_then(Value::as_u64).unwrap_or(0);
    let confidence = number(summary, "confidence").unwrap_or(0.95);
    let mut document = Document {
        facts: vec![
            of_them(tried, "order"),
            of_them(runs, "run"),
            format!("{} confidence", percent(confidence)),
        ],
        answer: answer(summary, &unit, confidence),
        ..Document::default()
    };
    if summary.get("search").and_then(Value::as_bool) == Some(true) {
        document.notices.push(format!(
            "The line is too long to try every order: a search looked at {}, and only the best it found were compared.",
            of_them(tried, "order")
        ));
    }
    let others = list(summary, "objectives");
    let answers = if others.is_empty() {
        std::slice::from_ref(summary)
    } else {
        others
    };
    for one in answers {
        document.sections.push(ranking(one, &unit));
    }
    document.sections.push(published(summary));
    Ok(document)
}

fn answer(summary: &Value, unit: &str, confidence: f64) -> String {
    let (called, unit) = objective(text(summary, "objective").unwrap_or_default(), unit);
    let best = list(summary, "orders").first().cloned().unwrap_or_default();
    let of = plus_minus(number(&best, "mean"), number(&best, "half_width"));
    let mut said = format!(
        "Put them as {}: {called} {of} {unit}",
        arrows(list(summary, "best"))
    );
    if let Some(gain) = summary.get("gain") {
        let filed = arrows(list(gain, "order"));
        let mean = number(gain, "mean").map_or("–".to_owned(), plain);
        said += &match number(gain, "fraction") {
            Some(share) if share > 0.0 => {
                format!("; as filed ({filed}) {mean}, so {} less.", percent(share))
            }
            _ => "; that is the order as filed.".to_owned(),
        };
    }
    let candidates = list(summary, "candidates").len();
    match candidates {
        0 | 1 => said += &format!(" It is the best, {} sure.", percent(confidence)),
        number => {
            said += &format!(
                " {number} orders can still be the best, {} sure.",
                percent(confidence)
            )
        }
    }
    said
}

fn ranking(answer: &Value, unit: &str) -> Section {
    let key = text(answer, "objective").unwrap_or_default();
    let (called, unit) = objective(key, unit);
    let mut section = Section::new(format!("The ranking by {called}"));
    let orders = list(answer, "orders");
    let filed = answer.get("gain").map(|gain| arrows(list(gain, "order")));
    let note = |order: &Value| {
        let mut notes = Vec::new();
        if filed.as_ref() == Some(&arrows(list(order, "order"))) {
            notes.push("as filed");
        }
        if order.get("candidate").and_then(Value::as_bool) == Some(true) {
            notes.push("can be the best");
        }
        notes.join(", ")
    };
    let estimate = |order: &Value, mean: Option<f64>, half: Option<f64>| {
        let mean = mean?;
        let candidate = order.get("candidate").and_then(Value::as_bool) == Some(true);
        Some(Estimate {
            name: arrows(list(order, "order")),
            mean,
            interval: half.map(|half| (mean - half, mean + half)),
            ink: if candidate { Ink::Completed } else { Ink::Idle },
            note: note(order),
        })
    };
    let shown = orders.iter().take(SHOWN);
    let against = shown.clone().filter_map(|order| {
        let against = order.get("against_best")?;
        estimate(
            order,
            number(against, "mean"),
            number(against, "half_width"),
        )
    });
    let intervals = Intervals {
        axis: Axis::numbers(format!("{called} more than the best, {unit}")),
        rows: against.collect(),
        mark: Some((0.0, "the best".to_owned())),
    };
    let more = match orders.len() > SHOWN {
        true => format!(" (the first {SHOWN} of {})", count(orders.len() as u64)),
        false => String::new(),
    };
    section.charts.push(Chart {
        title: format!("Against the best, pair by pair{more}"),
        body: Body::Intervals(intervals),
    });
    let absolute = shown
        .filter_map(|order| estimate(order, number(order, "mean"), number(order, "half_width")));
    section.charts.push(Chart {
        title: format!("{called} of each order{more}"),
        body: Body::Intervals(Intervals {
            axis: Axis::numbers(format!("{called}, {unit}")).cropped(),
            rows: absolute.collect(),
            mark: None,
        }),
    });
    let rows = orders.iter().map(|order| {
        let against = order.get("against_best").cloned().unwrap_or_default();
        let measure = |key: &str| {
            let value = order.get("measures").and_then(|all| number(all, key));
            value.map_or("–".to_owned(), plain)
        };
        vec![
            arrows(list(order, "order")),
            plus_minus(number(order, "mean"), number(order, "half_width")),
            plus_minus(number(&against, "mean"), number(&against, "half_width")),
            measure("waiting.mean"),
            measure("queues_joined.mean"),
            measure("idle_time.mean"),
            order
                .get("replications")
                .and_then(Value::as_u64)
                .map_or("–".into(), count),
            note(order),
        ]
    });
    let head = [
        "order",
        called.as_str(),
        "against the best",
        "wait",
        "queues joined",
        "idle",
        "replications",
        "",
    ];
    section.tables.push(Table {
        caption: format!("All orders, best first, in {unit}"),
        head: head.map(str::to_owned).to_vec(),
        words: 1,
        rows: rows.collect(),
    });
    section
}

fn published(summary: &Value) -> Section {
    let mut section = Section::new("What is published");
    let rows = list(summary, "published").iter().map(|rule| {
        let word = |key: &str| text(rule, key).unwrap_or("–").to_owned();
        let says = match rule.get("order").and_then(Value::as_array) {
            Some(order) => arrows(order),
            None => word("says"),
        };
        let applies = match text(rule, "unless") {
            Some(unless) => format!("no: {unless}"),
            None => "yes".to_owned(),
        };
        let agrees = rule.get("agrees").and_then(Value::as_bool);
        let agrees = agrees.map_or("–", |agrees| if agrees { "agrees" } else { "differs" });
        vec![
            word("rule"),
            word("source"),
            applies,
            says,
            agrees.to_owned(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let head = ["rule", "source", "applies", "says", "this study"];
        section.tables.push(Table {
            caption: "Published rules beside this study".to_owned(),
            head: head.map(str::to_owned).to_vec(),
            words: 5,
            rows,
        });
    }
    section
}
