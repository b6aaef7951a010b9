//! The text of theory, alone and beside a simulation.

use super::number::column;
use super::{Ink, Paper};
use crate::report::page::Table;
use crate::report::study::Theory;
use crate::scenario::Scenario;
use crate::study::ClosedForm;
use serde::Serialize;

/// The most rows beside a run.
const SHOWN: usize = 12;

/// The ends of the keys shown beside a single run.
const TOLD_BESIDE_A_RUN: [&str; 15] = [
    "waiting.mean",
    "sojourn.mean",
    "throughput",
    "cycle_time.mean",
    "cycle_rate",
    "queues_joined.mean",
    "utilisation",
    "lost.total",
    "lost.rejected",
    "lost.abandoned",
    "tries_per_client",
    "waited_fraction",
    "occupancy",
    "time_to_abandon.mean",
    "service_level.of_offered",
];

/// The text of `filas theory`.
#[must_use]
pub fn theory(scenario: &Scenario, fit: &ClosedForm, paper: &Paper) -> String {
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
        let rows = fit.measures.iter().map(|(key, value)| {
            let cell = column(&[Some(*value)], "").remove(0);
            vec![key.clone(), cell.trim().to_owned()]
        });
        let table = Table::new("", 1, "measure|formula", rows.collect());
        text += &paper.table(&table.in_words(Some(scenario)), 0..fit.measures.len());
    }
    text
}

/// Theory beside a single run: formula, simulation, and their difference.
pub(super) fn beside_run(
    scenario: &Scenario,
    fit: &ClosedForm,
    summary: &impl Serialize,
    paper: &Paper,
) -> String {
    if !fit.applies {
        return String::new();
    }
    let summary = serde_json::to_value(summary).expect("a summary is plain data");
    let seen = |key: &str| {
        let is_told = TOLD_BESIDE_A_RUN.iter().any(|end| key.ends_with(end));
        let at = format!("/{}", key.replace('.', "/"));
        summary.pointer(&at).filter(|_| is_told)?.as_f64()
    };
    let theory = Theory::of(fit);
    let table = theory.beside_run(seen).in_words(Some(scenario));
    let rows = paper.table(&table, 0..table.rows.len().min(SHOWN));
    format!("{}{rows}\n", paper.paragraph(None, &theory.sentence()))
}
