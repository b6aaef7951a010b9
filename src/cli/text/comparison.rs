//! The text of a comparison: the answer, and the measures that matter.

use super::number::of_them;
use super::study::{StudyTelling, close, is_telling, notes, opening, title};
use super::{Ink, Paper};
use crate::report::comparison::{Compare, Comparison};
use crate::scenario::Scenario;

/// The most measures shown, unless they were requested by name.
const MEASURES: usize = 24;

/// The text of a comparison.
#[must_use]
pub fn comparison(
    scenario: &Scenario,
    study: &Comparison,
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let pairs = format!("{} of runs", of_them(study.replications, "pair"));
    let named = format!("A {}, B {}", study.a, study.b);
    let mut text = title(scenario, [named, pairs], telling, paper);
    text += &opening(&study.answer, paper);
    let all = study.measures.0.len();
    // Of measures not requested by name, those that matter most.
    let is_shown = |key: &str, seen: &Compare| {
        let differs = (seen.difference.min, seen.difference.max) != (Some(0.0), Some(0.0));
        all <= MEASURES || differs && is_telling(key, &seen.difference)
    };
    let table = study.table(is_shown).in_words(Some(scenario));
    let shown = table.rows.len().min(MEASURES);
    text += &paper.table(&table, 0..shown);
    if shown < all {
        let hint = format!(
            "{shown} of {}; all of them with --format json",
            of_them(all as u64, "measure")
        );
        text += &paper.paragraph(Some(Ink::Faint), &hint);
    }
    text += &notes(&study.answer, paper);
    text + &close(
        &study.digest,
        "the same for any --jobs and on every engine",
        telling,
        paper,
    )
}
