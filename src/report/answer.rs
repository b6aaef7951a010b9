//! The first sentence on a run: what the text on a terminal and the report both open with.

use super::number::{of_them, percent, plain};
use crate::desk::DeskSummary;
use crate::tandem::{LineSummary, StageSummary};

/// How many requests were served, and where the others were lost.
#[must_use]
pub fn desk(summary: &DeskSummary) -> String {
    let requests = &summary.requests;
    if requests.generated == 0 {
        return "No request came.".to_owned();
    }
    let share = |part: u64| percent(part as f64 / requests.generated as f64);
    let mut text = format!(
        "{} of {} were served",
        share(requests.completed),
        of_them(requests.generated, "request")
    );
    let causes = [
        (requests.rejected, "rejected"),
        (requests.abandoned, "abandoned"),
        (requests.failed, "failed"),
    ];
    let lost: Vec<String> = causes
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, cause)| format!("{} {cause}", share(*number)))
        .collect();
    text += &match lost.as_slice() {
        [] => "; none was lost".to_owned(),
        lost => format!(", {}", lost.join(", ")),
    };
    text + "."
}

/// How long customers wait, and where.
#[must_use]
pub fn line(summary: &LineSummary, unit: Option<&str>) -> String {
    let (Some(mean), Some(p95)) = (summary.waiting.mean, summary.waiting.p95) else {
        return "No customer was measured.".to_owned();
    };
    if mean == 0.0 {
        return "Nobody waited.".to_owned();
    }
    let unit = unit.map_or(String::new(), |unit| format!(" {unit}"));
    let mut text = format!("Customers wait {}{unit} on average", plain(mean));
    let waited = |stage: &StageSummary| stage.waiting.mean.unwrap_or(0.0);
    let total: f64 = summary.stages.iter().map(waited).sum();
    if summary.stages.len() > 1 {
        let worst = summary.stages.iter().fold(&summary.stages[0], |worst, s| {
            if waited(s) > waited(worst) { s } else { worst }
        });
        text += &format!(
            ", {} of it at {}",
            percent(waited(worst) / total),
            worst.name
        );
    }
    text + &format!("; one in twenty waits more than {}.", plain(p95))
}
