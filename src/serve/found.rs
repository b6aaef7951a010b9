//! What studies found, for the page: an answer in a sentence, a table, a chart, the command that finds it
//! again.

use super::live::picture;
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals, Line, Lines};
use crate::stats::Interval;
use crate::study::order::{Objective, OrderStudy};
use crate::study::sweep::{Axis as Varied, Swept, seen};
use crate::study::{Fit, Layout, Replicated};
use serde_json::{Value, json};

/// The most orders that are shown.
const ORDERS: usize = 24;

/// `5.163 ± 0.010`: as many decimals as the width is worth two figures.
fn with_width(interval: &Interval) -> String {
    match interval.mean {
        Some(mean) => plus_minus(mean, interval.half_width),
        None => "–".to_owned(),
    }
}

fn plus_minus(mean: f64, half_width: Option<f64>) -> String {
    match half_width {
        Some(half) if half > 0.0 => {
            let places = (1.0 - half.log10().floor()).clamp(0.0, 9.0) as usize;
            format!("{mean:.places$} ± {half:.places$}")
        }
        Some(_) => format!("{mean:.4} ± 0"),
        None => format!("{mean:.4}"),
    }
}

fn row(cells: Vec<Value>, best: bool) -> Value {
    json!({ "cells": cells, "best": best })
}

fn estimates(title: String, axis: &str, rows: Vec<Estimate>, mark: Option<(f64, String)>) -> Chart {
    Chart {
        title,
        body: Body::Intervals(Intervals {
            axis: Axis::numbers(axis).cropped(),
            rows,
            mark,
        }),
    }
}

fn estimate(name: &str, interval: &Interval, ink: Ink, note: &str) -> Option<Estimate> {
    Some(Estimate {
        name: name.to_owned(),
        mean: interval.mean?,
        interval: interval.low.zip(interval.high),
        ink,
        note: note.to_owned(),
    })
}

pub(super) fn replications(layout: &Layout, found: &Replicated, fit: &Fit, measure: &str) -> Value {
    let keys = || layout.keys().iter().zip(&found.intervals);
    let asked = keys().find(|(key, _)| *key == measure);
    let asked = asked.map(|(_, interval)| *interval).unwrap_or_default();
    let theory = fit.measure(measure);
    let judged = theory.map_or(String::new(), |value| {
        let inside = asked.low.zip(asked.high);
        let inside = inside.is_some_and(|(low, high)| (low..=high).contains(&value));
        let verdict = if inside { "inside" } else { "outside" };
        format!(
            " Theory ({}) says {value:.4}: {verdict} the interval.",
            fit.model
        )
    });
    // What was asked for first; the parts of stages, servers and classes after the whole.
    let mut shown: Vec<(&String, &Interval)> =
        keys().filter(|(_, seen)| seen.mean.is_some()).collect();
    let is_part = |key: &str| {
        key.split('.')
            .any(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    shown.sort_by_key(|(key, _)| (*key != measure, is_part(key)));
    let rows = shown.iter().map(|(key, seen)| {
        let cells = vec![
            json!(key),
            json!(seen.mean),
            json!(seen.half_width),
            json!(seen.sd),
            json!(seen.min),
            json!(seen.max),
            json!(fit.measure(key)),
        ];
        row(cells, *key == measure)
    });
    let rows: Vec<Value> = rows.collect();
    let parts = keys().filter(|(key, _)| is_part(key) && key.ends_with("waiting.mean"));
    let parts: Vec<Estimate> = parts
        .filter_map(|(key, seen)| estimate(key, seen, Ink::Waiting, ""))
        .collect();
    let chart = estimates(
        "Mean waiting, by part".to_owned(),
        "waiting",
        parts.clone(),
        None,
    );
    let charts = match parts.len() {
        0 | 1 => Vec::new(),
        _ => vec![picture(&chart, "found-0")],
    };
    json!({
        "sentence": format!("{measure} is {}.{judged}", with_width(&asked)),
        "note": format!("{} replications, 95 % confidence, digest {}", found.course.replications, found.course.digest),
        "head": ["measure", "mean", "±", "sd", "least", "greatest", "theory"],
        "rows": rows,
        "charts": charts,
        "reproduce": format!("filas replicate scenario.toml -n {}", found.course.replications),
    })
}

pub(super) fn grid(axis: &Varied, found: &Swept, measure: &str) -> Value {
    let cells = axis.values.iter().zip(&found.cells);
    let cells: Vec<(&String, Interval, Option<Interval>)> = cells
        .filter_map(|(value, cell)| {
            let (interval, difference) = seen(cell, measure)?;
            Some((value, interval, difference))
        })
        .collect();
    let means = || {
        cells
            .iter()
            .filter_map(|(value, seen, _)| Some((*value, seen.mean?)))
    };
    let least = means().min_by(|a, b| a.1.total_cmp(&b.1));
    let most = means().max_by(|a, b| a.1.total_cmp(&b.1));
    let sentence = match least.zip(most) {
        Some((least, most)) => format!(
            "{measure} is least with {} = {} ({:.4}) and greatest with {} ({:.4}).",
            axis.key, least.0, least.1, most.0, most.1
        ),
        None => format!("{measure} has no value anywhere."),
    };
    let rows = cells.iter().map(|(value, seen, difference)| {
        let difference = difference.as_ref().map_or("–".to_owned(), with_width);
        let is_least = least.is_some_and(|least| least.0 == *value);
        row(
            vec![json!(value), json!(with_width(seen)), json!(difference)],
            is_least,
        )
    });
    let rows: Vec<Value> = rows.collect();
    let numbers: Vec<Option<f64>> = axis.values.iter().map(|value| value.parse().ok()).collect();
    let rising = numbers.iter().all(Option::is_some) && numbers.is_sorted();
    let title = format!("{measure} over {}", axis.key);
    let chart = if rising && cells.len() > 1 {
        let place = |value: &str| value.parse::<f64>().unwrap_or(f64::NAN);
        let line = Line {
            name: measure.to_owned(),
            ink: Ink::Waiting,
            points: cells
                .iter()
                .map(|(value, seen, _)| (place(value), seen.mean.unwrap_or(f64::NAN)))
                .collect(),
            band: cells
                .iter()
                .filter_map(|(value, seen, _)| Some((place(value), seen.low?, seen.high?)))
                .collect(),
            stepped: false,
        };
        Chart {
            title,
            body: Body::Lines(Lines {
                x: Axis::numbers(axis.key.as_str()),
                y: Axis::numbers(measure),
                series: vec![line],
                marks: Vec::new(),
            }),
        }
    } else {
        let rows = cells.iter();
        let rows = rows.filter_map(|(value, seen, _)| estimate(value, seen, Ink::Waiting, ""));
        estimates(title, measure, rows.collect(), None)
    };
    json!({
        "sentence": sentence,
        "note": format!(
            "{} replications of each of {} cells under common random numbers, 95 % confidence, digest {}",
            found.course.replications,
            found.cells.len(),
            found.course.digest
        ),
        "head": [axis.key, measure, "against the first, paired"],
        "rows": rows,
        "charts": [picture(&chart, "found-0")],
        "reproduce": format!(
            "filas sweep scenario.toml --vary '{}={}' -n {} --measure {measure}",
            axis.key,
            axis.values.join(","),
            found.course.replications
        ),
    })
}

pub(super) fn orders(found: &OrderStudy) -> Value {
    let answer = &found.answers[0];
    let objective = answer.objective;
    let at = Objective::ALL.iter().position(|known| *known == objective);
    let at = at.expect("an objective is one of all");
    let named = |order: &[u16]| {
        let names = order
            .iter()
            .map(|&place| found.stages[usize::from(place)].as_str());
        names.collect::<Vec<_>>().join(" → ")
    };
    let value = |standing: &crate::study::standing::Standing| {
        let seen = standing.estimates[at];
        plus_minus(seen.mean, seen.half_width)
    };
    let (best, filed) = (&answer.orders[0], &answer.orders[answer.as_filed]);
    let candidates = answer.candidates().count();
    let key = objective.key();
    let against = match answer.as_filed {
        0 => "that is the order as filed".to_owned(),
        _ => format!("as filed it is {}", value(filed)),
    };
    let percent = 100.0 * found.confidence;
    let sure = match candidates {
        1 => format!(
            "{percent:.0} % sure it is the best of {}",
            answer.orders.len()
        ),
        _ => format!("{candidates} orders can still be the best"),
    };
    let rows = answer.orders.iter().take(ORDERS).map(|standing| {
        let against = match std::ptr::eq(standing, best) {
            true => "–".to_owned(),
            false => with_width(&standing.against_best[at]),
        };
        let cells = vec![
            json!(named(&standing.order)),
            json!(value(standing)),
            json!(against),
            json!(standing.replications),
            json!(if standing.candidate { "●" } else { "" }),
        ];
        row(cells, standing.candidate)
    });
    let rows: Vec<Value> = rows.collect();
    let drawn = answer.orders.iter().take(ORDERS).map(|standing| {
        let seen = standing.estimates[at];
        Estimate {
            name: named(&standing.order),
            mean: seen.mean,
            interval: seen
                .half_width
                .map(|half| (seen.mean - half, seen.mean + half)),
            ink: if standing.candidate {
                Ink::Completed
            } else {
                Ink::Idle
            },
            note: (if standing.candidate {
                "can be the best"
            } else {
                ""
            })
            .to_owned(),
        }
    });
    let chart = estimates(format!("{key} of the orders"), key, drawn.collect(), None);
    let more = match answer.orders.len().saturating_sub(ORDERS) {
        0 => String::new(),
        more => format!(", {more} more orders not shown"),
    };
    json!({
        "sentence": format!(
            "Put them as {}: {key} is {}; {against}. {sure}.",
            named(&best.order),
            value(best)
        ),
        "note": format!("{} replications in all, digest {}{more}", found.runs, found.digest),
        "head": ["order", key, "against the best, paired", "replications", "candidate"],
        "rows": rows,
        "charts": [picture(&chart, "found-0")],
        "reproduce": format!("filas order scenario.toml --objective {key}"),
    })
}
