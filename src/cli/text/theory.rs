//! What theory has to say, alone and beside a simulation.

use super::number::column;
use super::{Ink, Paper};
use crate::scenario::Scenario;
use crate::stats::Interval;
use crate::study::Fit;
use serde::Serialize;

/// The most rows beside a simulation.
const SHOWN: usize = 24;

/// The ends of the keys that are told beside a single run.
const TOLD_BESIDE_A_RUN: [&str; 6] = [
    "waiting.mean",
    "sojourn.mean",
    "throughput",
    "queues_joined.mean",
    "utilisation",
    "lost.rejected",
];

/// The text of `filas theory`.
#[must_use]
pub fn theory(scenario: &Scenario, fit: &Fit, paper: &Paper) -> String {
    let unit = scenario.time_unit();
    let mut parts = vec![scenario.name().to_owned(), "theory".to_owned()];
    parts.extend(unit.map(|unit| format!("times in {unit}")));
    let mut text = paper.title(&parts) + "\n";
    text += &match fit.fails() {
        Some(reason) => format!(
            "  No closed form applies. The nearest is {}, which assumes that\n  {}.\n",
            fit.model,
            paper.paint(Ink::Failed, reason)
        ),
        None if fit.approximation => format!("  {}: only approximate.\n", fit.model),
        None => format!("  {}: exact in the long run.\n", fit.model),
    };
    text += "\n";
    for assumption in &fit.assumptions {
        let (ink, sign) = match (assumption.holds, paper.unicode) {
            (true, true) => (Ink::Completed, "✔"),
            (true, false) => (Ink::Completed, "yes"),
            (false, true) => (Ink::Failed, "✕"),
            (false, false) => (Ink::Failed, "no "),
        };
        text += &format!("  {} {}\n", paper.paint(ink, sign), assumption.name);
    }
    if fit.applies {
        text += "\n";
        for (key, value) in &fit.measures {
            let cell = column(&[Some(*value)], "").remove(0);
            text += &format!("  {}{cell:>14}\n", paper.name(key, 34));
        }
    }
    text
}

/// Theory beside replications: formula, simulation, and whether the interval holds the formula. One
/// line where no form applies.
pub(super) fn beside_intervals(
    fit: &Fit,
    named: &[String],
    interval: &dyn Fn(&str) -> Option<Interval>,
    paper: &Paper,
) -> String {
    if let Some(reason) = fit.fails() {
        let text = format!("  theory  none: it would assume that {reason}");
        let cut = paper.name(&text, text.chars().count().min(100));
        return paper.paint(Ink::Faint, &cut) + "\n";
    }
    let sign = if paper.unicode { "±" } else { "+-" };
    let head = format!(
        "  {:<34}{:>12}{:>14}  {sign:>2}",
        "theory beside simulation", "formula", "simulation"
    );
    let mut text = format!("  {}\n{}\n", fit.model, paper.paint(Ink::Faint, &head));
    let wanted = |key: &String| named.is_empty() || named.contains(key);
    let measures = fit.measures.iter().filter(|(key, _)| wanted(key));
    for (key, value) in measures.take(SHOWN) {
        let Some(seen) = interval(key) else { continue };
        let cells = column(&[Some(*value), seen.mean, seen.half_width], paper.none());
        let verdict = match inside(&seen, *value) {
            _ if fit.approximation => String::new(),
            Some(true) => paper.paint(Ink::Completed, "inside"),
            Some(false) => paper.paint(Ink::Failed, "outside"),
            None => String::new(),
        };
        text += &format!(
            "  {}{:>12}{:>14}  {sign:>2}{:>10}  {verdict}\n",
            paper.name(key, 34),
            cells[0],
            cells[1],
            cells[2]
        );
    }
    text
}

/// Theory beside a single run: formula, simulation, and how far apart.
pub(super) fn beside_run(fit: &Fit, summary: &impl Serialize, paper: &Paper) -> String {
    if !fit.applies {
        return String::new();
    }
    let summary = serde_json::to_value(summary).expect("a summary is plain data");
    let seen = |key: &str| {
        let at = format!("/{}", key.replace('.', "/"));
        summary.pointer(&at)?.as_f64()
    };
    let head = format!(
        "  {:<34}{:>12}{:>14}{:>10}",
        "theory beside simulation", "formula", "simulation", "apart"
    );
    let mut text = format!("  {}\n{}\n", fit.model, paper.paint(Ink::Faint, &head));
    let told = |key: &str| TOLD_BESIDE_A_RUN.iter().any(|end| key.ends_with(end));
    let measures = fit.measures.iter().filter(|(key, _)| told(key));
    for (key, value) in measures.take(SHOWN / 2) {
        let Some(seen) = seen(key) else { continue };
        let cells = column(&[Some(*value), Some(seen)], paper.none());
        let apart = if *value == 0.0 {
            String::new()
        } else {
            format!("{:+.1} %", 100.0 * (seen / value - 1.0))
        };
        text += &format!(
            "  {}{:>12}{:>14}{apart:>10}\n",
            paper.name(key, 34),
            cells[0],
            cells[1]
        );
    }
    text + "\n"
}

/// Whether an interval holds a value, but for rounding; none where there is no interval.
#[must_use]
pub fn inside(seen: &Interval, value: f64) -> Option<bool> {
    let slack = 1e-12 * value.abs();
    Some(seen.low? - slack <= value && value <= seen.high? + slack)
}
