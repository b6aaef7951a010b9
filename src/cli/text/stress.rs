//! The text of a stress test: the verdict, its grounds, and on failure the command that repeats it.

use super::{Ink, Paper};
use crate::number::{count, duration, of_them, percent, plain};
use crate::report::page::Table;
use crate::scenario::Scenario;
use crate::stats::Interval;
use crate::stress::{Compared, Failure, Report, Speed, Verdict};
use std::time::Duration;

/// The most channels and actors that are listed one by one.
const SHOWN: usize = 8;

/// The text of a report; `again` is the command that repeats a failure.
#[must_use]
pub fn stress(scenario: &Scenario, report: &Report, again: Option<&str>, paper: &Paper) -> String {
    let mut text = title(scenario, report, paper);
    text += &format!("\n  {}\n", answer(report, paper));
    if let Some(failure) = &report.failure {
        text += &told(failure, again, paper);
    }
    text += "\n";
    text += &tried(report, paper);
    if let Some(speed) = &report.speed {
        text += &throughput(speed, paper);
        text += &waits(speed, paper);
    }
    for loss in &report.losses {
        text += &format!(
            "  {}: channels of {}, messages of {}: {} a second at most, {} at least before\n",
            paper.paint(Ink::Failed, "slower"),
            loss.capacity,
            loss.chunk,
            plain(loss.is.round()),
            plain(loss.was.round())
        );
    }
    if let Some(compared) = &report.compared {
        text += &paper.paragraph(None, &against_earlier(*compared, report.losses.len()));
    }
    text += &situations(report, paper);
    if report.interrupted {
        let word = paper.paint(Ink::Failed, "interrupted");
        text += &format!("  {word}: this is what was tried up to there\n");
    }
    let digest = paper.paint(Ink::Strong, &report.digest.to_string());
    text += &format!("  digest {digest}   of the scenario as it was tried, in one thread\n");
    for note in report.answer().notes {
        text += &paper.paragraph(None, &note);
    }
    text
}

fn title(scenario: &Scenario, report: &Report, paper: &Paper) -> String {
    let mut parts = vec![
        scenario.name().to_owned(),
        scenario.model().to_owned(),
        format!("seed {}", scenario.seed()),
    ];
    if let Some(cut) = &report.shortened {
        parts.push(format!("cut to {cut}"));
    }
    parts.push(duration(report.took));
    paper.title(&parts)
}

/// The answer, its beginning in colour.
fn answer(report: &Report, paper: &Paper) -> String {
    let ink = match report.verdict {
        Verdict::Same => Ink::Completed,
        _ => Ink::Failed,
    };
    let words = report.verdict.words();
    let headline = report.answer().headline;
    headline.replacen(words, &paper.paint(ink, words), 1)
}

/// The failure, and the command that repeats it.
fn told(failure: &Failure, again: Option<&str>, paper: &Paper) -> String {
    let mut text = String::new();
    if failure.waiting.is_empty() {
        text += &format!("  {}\n", failure.what);
    }
    for one in failure.waiting.iter().take(SHOWN) {
        text += &format!("    {one}\n");
    }
    if failure.waiting.len() > SHOWN {
        let more = failure.waiting.len() - SHOWN;
        text += &format!("    and {} more\n", of_them(more as u64, "actor"));
    }
    if let Some(first) = &failure.first_difference {
        text += &format!("  first difference: {first}\n");
    }
    for (actor, last) in failure.last.iter().take(SHOWN) {
        let last = &last[last.len().saturating_sub(3)..];
        text += &format!("    {}  {}\n", paper.name(actor, 14), last.join("; "));
    }
    if let (Some(schedule), Some(times)) = (failure.schedule, failure.reproduced) {
        text += &format!(
            "  schedule {schedule} failed again in {times} of {} tries\n",
            Failure::TRIED_AGAIN
        );
        if !schedule.strategy.is_explored() {
            text +=
                "  (on threads a schedule repeats what disturbs and kills, not who comes first)\n";
        }
    }
    if let Some(again) = again {
        text += &format!("  to see it again:  {}\n", paper.paint(Ink::Strong, again));
    }
    text
}

/// The schedules tried, by strategy.
fn tried(report: &Report, paper: &Paper) -> String {
    if report.strategies.is_empty() {
        return String::new();
    }
    let rows = report.strategies.iter().map(|(strategy, seen)| {
        let different = match strategy.is_explored() {
            true => count(seen.distinct),
            false => "–".to_owned(),
        };
        vec![
            strategy.to_string(),
            count(seen.schedules),
            different,
            count(seen.kills),
        ]
    });
    let table = Table::new("", 1, "strategy|schedules|different|kills", rows.collect());
    let mut text = paper.table(&table, 0..table.rows.len());
    text += &format!(
        "\n  {} waited for a place\n  {} killed, {} given again, {} sent again and dropped\n",
        of_them(report.blocked_sends, "send"),
        of_them(report.kills, "actor"),
        of_them(report.redone, "message"),
        count(report.repeats)
    );
    text += &format!(
        "  {} lost, {} handled twice\n",
        count(report.lost),
        count(report.duplicated)
    );
    let back = &report.restarts;
    if back.n > 0 {
        text += &format!(
            "  a killed thread was back after {}, 99 of 100 within {}\n",
            short(back.p50),
            short(back.p99)
        );
    }
    text + "\n"
}

/// A time much shorter than a second.
fn short(time: Duration) -> String {
    match time.as_micros() {
        micros @ ..1000 => format!("{micros} us"),
        micros => format!("{} ms", plain((micros as f64 / 100.0).round() / 10.0)),
    }
}

/// Throughput against capacity and chunk.
fn throughput(speed: &Speed, paper: &Paper) -> String {
    let mut chunks: Vec<usize> = speed.cells.iter().map(|cell| cell.chunk).collect();
    let mut capacities: Vec<usize> = speed.cells.iter().map(|cell| cell.capacity).collect();
    for list in [&mut chunks, &mut capacities] {
        list.sort_unstable();
        list.dedup();
    }
    let mut head = format!("{} a second", speed.unit);
    for chunk in &chunks {
        head += &match chunks.len() {
            1 => "||".to_owned(),
            _ => format!("|{chunk} a message|"),
        };
    }
    let mut rows = Vec::new();
    for &capacity in &capacities {
        let mut row = vec![format!("channels hold {capacity}")];
        for &chunk in &chunks {
            let here = (capacity, chunk);
            let mut cells = speed.cells.iter();
            let cell = cells.find(|cell| (cell.capacity, cell.chunk) == here);
            let seen = cell.map_or_else(Interval::default, |cell| cell.throughput);
            let share = seen.half_width.zip(seen.mean);
            let share = share.map(|(half, mean)| format!("± {}", percent((half / mean).min(9.99))));
            let is_knee = speed.knee == Some(here) && speed.knee_is_told();
            let mark = if is_knee { " *" } else { "" };
            row.push(count(seen.mean.unwrap_or(0.0) as u64));
            row.push(share.unwrap_or_default() + mark);
        }
        rows.push(row);
    }
    let table = Table::new("", 1, &head, rows);
    let mut text = paper.table(&table, 0..table.rows.len());
    if !speed.knee_is_told() {
        text += "  the intervals are too wide to say from which capacity on more pays little: run longer, or on an idle machine\n";
    } else if let Some((capacity, chunk)) = speed.knee {
        let chunk = match chunks.len() {
            1 => String::new(),
            _ => format!(" with {chunk} a message"),
        };
        text += &format!("  * more than channels of {capacity}{chunk} pays less than a tenth\n");
    }
    text + "\n"
}

/// The waits of threads, in the counted run.
fn waits(speed: &Speed, paper: &Paper) -> String {
    let mut channels: Vec<_> = speed.channels.iter().collect();
    channels.sort_by(|a, b| b.blocked.cmp(&a.blocked).then(b.sends.cmp(&a.sends)));
    let rows = channels.iter().take(SHOWN).map(|seen| {
        vec![
            format!("{} → {}", seen.from, seen.to),
            seen.high_water.to_string(),
            count(seen.sends),
            count(seen.blocked_sends),
            short(seen.blocked),
            short(seen.blocked_p99),
        ]
    });
    let head = format!("channels of {}|held|sends|blocked|for|p99", speed.counted.0);
    let table = Table::new("", 1, &head, rows.collect());
    let mut text = paper.table(&table, 0..table.rows.len());
    let mut actors: Vec<_> = speed.actors.iter().collect();
    actors.sort_by(|a, b| b.running.total_cmp(&a.running));
    let rows = actors.iter().take(SHOWN).map(|seen| {
        vec![
            seen.name.clone(),
            percent(seen.running),
            percent(seen.blocked),
            percent(seen.idle),
            count(seen.turns),
            short(seen.longest_wait),
        ]
    });
    let head = "actors|running|blocked|idle|turns|longest wait";
    let table = Table::new("", 1, head, rows.collect());
    text += &paper.table(&table, 0..table.rows.len());
    if let Some(fairness) = crate::report::stress::fairness(&speed.actors) {
        text += &format!("  fairness of the time they ran: {fairness:.2} (1: all alike)\n");
    }
    text + "\n"
}

/// A sentence on the comparison with an earlier report as a whole.
fn against_earlier(compared: Compared, slower: usize) -> String {
    let Compared {
        combinations,
        untold,
    } = compared;
    let all = of_them(combinations as u64, "combination");
    let mut said = match slower {
        0 => format!("None of {all} is slower than in the earlier report."),
        _ => format!("{all} could be set against the earlier report."),
    };
    if untold > 0 {
        let some = count(untold as u64);
        said += &format!(
            " Of {some} nothing can be told, since their intervals are missing or wider than the mean: raise --time."
        );
    }
    said
}

/// The situations that arose and those that did not.
fn situations(report: &Report, paper: &Paper) -> String {
    let all = report.situations();
    let mut text = String::new();
    for (label, came) in [("reached", true), ("not reached", false)] {
        let some = all.iter().filter(|(_, did)| *did == came);
        let some: Vec<&str> = some.map(|(name, _)| *name).collect();
        if !some.is_empty() {
            text += &paper.paragraph(None, &format!("{label}: {}", some.join(", ")));
        }
    }
    if !report.beyond.is_empty() {
        let some = report.beyond.join(", ");
        let told = format!("the whole scenario, which `--whole` tries, also reaches: {some}");
        text += &paper.paragraph(Some(Ink::Failed), &told);
    }
    text
}
