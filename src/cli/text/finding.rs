//! The text of a search for the best setting.

use super::number::{count, of_them};
use super::study::{StudyTelling, close, notes, opening, title};
use super::{Ink, Paper};
use crate::report::finding::Finding;
use crate::scenario::Scenario;

/// The most settings shown, unless all are requested.
const SETTINGS: usize = 16;

/// The text of a search, with all settings that were run or the first.
#[must_use]
pub fn finding(
    scenario: &Scenario,
    study: &Finding,
    all: bool,
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let settings = of_them(study.settings_count, "setting");
    let runs = of_them(study.runs, "run");
    let mut text = title(scenario, [settings, runs], telling, paper);
    text += &opening(&study.answer, paper);
    let table = study.table();
    let shown = match all {
        true => table.rows.len(),
        false => table.rows.len().min(SETTINGS),
    };
    text += &paper.table(&table, 0..shown);
    if shown < table.rows.len() {
        let more = count((table.rows.len() - shown) as u64);
        let hint = format!("and {more} more that were run: --all shows them, --out DIR files them");
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
