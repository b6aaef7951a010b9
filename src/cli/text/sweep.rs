//! What a grid of scenarios has to say: where it is best, then a row per cell.

use super::number::{column, count, duration, percent, plain};
use super::{Ink, Paper, StudyTelling};
use crate::scenario::Scenario;
use crate::stats::Interval;
use crate::study::sweep::{Cell, Swept, seen};

/// Cells shown; of more, those with the lowest and the highest values.
const SHOWN: usize = 60;

/// The measure that is compared unless others are named.
const MEASURE: &str = "waiting.mean";

/// The text of a grid.
#[must_use]
pub fn sweep(
    scenario: &Scenario,
    settings: &[Vec<(String, String)>],
    swept: &Swept,
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let n = swept.course.replications;
    let mut parts = vec![
        scenario.name().to_owned(),
        format!("{} cells", count(settings.len() as u64)),
        format!("{} replications each", count(n)),
        format!("seed {}", scenario.seed()),
    ];
    parts.extend(scenario.time_unit().map(|unit| format!("times in {unit}")));
    parts.push(telling.by.to_owned());
    parts.push(duration(telling.took));
    let mut text = paper.title(&parts) + "\n";
    let default = [MEASURE.to_owned()];
    let measures = match telling.named {
        [] => &default[..],
        named => named,
    };
    for (at, measure) in measures.iter().enumerate() {
        if at == 0 {
            text += &answer(settings, swept, measure, telling, paper);
        }
        text += &table(settings, swept, measure, paper);
        text += "\n";
    }
    text += &telling.share;
    if swept.course.interrupted {
        let word = paper.paint(Ink::Failed, "interrupted");
        text += &format!(
            "  {word}: every cell has the {} replications done\n",
            count(n)
        );
    }
    let digest = paper.paint(Ink::Strong, &swept.course.digest.to_string());
    text += &format!("  digest {digest}   the same for any --jobs and on every engine\n");
    for next in telling.next {
        text += &format!("  {}\n", paper.paint(Ink::Faint, next));
    }
    text
}

/// The name of a cell: what was set, without what all keys have in common.
fn named(set: &[(String, String)]) -> String {
    let short = |key: &str| {
        let parts: Vec<&str> = key.split('.').collect();
        parts[parts.len().saturating_sub(3)..].join(".")
    };
    let set = set
        .iter()
        .map(|(key, value)| format!("{}={value}", short(key)));
    set.collect::<Vec<_>>().join(" ")
}

fn answer(
    settings: &[Vec<(String, String)>],
    swept: &Swept,
    measure: &str,
    telling: &StudyTelling<'_>,
    paper: &Paper,
) -> String {
    let mean = |cell: &Cell| seen(cell, measure).and_then(|(interval, _)| interval.mean);
    let known: Vec<(usize, f64)> = swept
        .cells
        .iter()
        .enumerate()
        .filter_map(|(at, cell)| Some((at, mean(cell)?)))
        .collect();
    let least = known.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let most = known.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(least), Some(most)) = (least, most) else {
        return format!("  {measure} was seen in no cell.\n\n");
    };
    let sign = if paper.unicode { "±" } else { "+-" };
    let value = |at: usize| {
        let (interval, _) = seen(&swept.cells[at], measure).unwrap_or_default();
        let cells = column(&[interval.mean, interval.half_width], "?");
        format!("{} {sign} {}", cells[0], cells[1])
    };
    let with = |at: usize| {
        let name = named(&settings[at]);
        let cut = paper.name(&name, name.chars().count().min(92));
        format!("    {cut}")
    };
    let sure = percent(telling.confidence);
    format!(
        "  {measure} is least, {} ({sure} sure), with\n{}\n  and greatest, {}, with\n{}\n\n",
        value(least.0),
        with(least.0),
        value(most.0),
        with(most.0)
    )
}

/// A row per cell: the mean, and the paired difference against the first.
fn table(
    settings: &[Vec<(String, String)>],
    swept: &Swept,
    measure: &str,
    paper: &Paper,
) -> String {
    let sign = if paper.unicode { "±" } else { "+-" };
    let (names, keys) = columns(settings, paper);
    let pairs: Vec<(Interval, Interval)> = swept
        .cells
        .iter()
        .map(|cell| seen(cell, measure).unwrap_or_default())
        .map(|(interval, difference)| (interval, difference.unwrap_or_default()))
        .collect();
    let of = |pick: &dyn Fn(&(Interval, Interval)) -> Option<f64>| {
        column(&pairs.iter().map(pick).collect::<Vec<_>>(), paper.none())
    };
    let (mean, half) = (of(&|p| p.0.mean), of(&|p| p.0.half_width));
    let (apart, apart_half) = (of(&|p| p.1.mean), of(&|p| p.1.half_width));
    let head = format!(
        "  {keys}{:>14}  {sign:>2}{:>9}   {:>12}  {sign:>2}",
        measure_head(measure),
        "",
        "against 1st"
    );
    let mut text = paper.paint(Ink::Faint, &head) + "\n";
    for at in shown(&pairs) {
        let difference = match at {
            0 => String::new(),
            _ => format!(
                "   {:>12}  {sign:>2}{:>9}",
                signed(&apart[at]),
                apart_half[at]
            ),
        };
        let verdict = match (pairs[at].1.low, pairs[at].1.high) {
            (Some(low), Some(high)) if at > 0 && low <= 0.0 && high >= 0.0 => "  unclear",
            _ => "",
        };
        text += &format!(
            "  {}{:>14}  {sign:>2}{:>9}{difference}{}\n",
            names[at],
            mean[at],
            half[at],
            paper.paint(Ink::Faint, verdict)
        );
    }
    if pairs.len() > SHOWN {
        let note = format!(
            "  {SHOWN} of {} cells, the lowest and the highest; all of them with --format json\n",
            plain(pairs.len() as f64)
        );
        text += &paper.paint(Ink::Faint, &note);
    }
    text
}

/// The settings of every cell in columns, and the keys at their heads; all of one width.
fn columns(settings: &[Vec<(String, String)>], paper: &Paper) -> (Vec<String>, String) {
    const ROOM: usize = 32;
    let first = settings.first().map_or(&[][..], Vec::as_slice);
    let most = (ROOM / first.len().max(1)).saturating_sub(2).max(4);
    let mut names = vec![String::new(); settings.len()];
    let mut heads = String::new();
    for (axis, (key, _)) in first.iter().enumerate() {
        let values: Vec<&str> = settings.iter().map(|set| set[axis].1.as_str()).collect();
        let longest = values.iter().map(|value| value.chars().count()).max();
        let longest = longest.unwrap_or(0).max(key.chars().count());
        let width = longest.min(most);
        for (name, value) in names.iter_mut().zip(values) {
            *name += &format!("{}  ", paper.name(value, width));
        }
        // Of a long key the end says most.
        let skipped = key.chars().count().saturating_sub(width);
        let end: String = key.chars().skip(skipped).collect();
        heads += &format!("{end:<width$}  ");
    }
    (names, heads)
}

fn measure_head(measure: &str) -> String {
    let kept: Vec<char> = measure.chars().rev().take(14).collect();
    kept.into_iter().rev().collect()
}

fn signed(cell: &str) -> String {
    match cell.starts_with('-') || cell.trim_start_matches(['0', '.']).is_empty() {
        true => cell.to_owned(),
        false => format!("+{cell}"),
    }
}

/// All cells, or of many the first, the lowest and the highest, in order.
fn shown(pairs: &[(Interval, Interval)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    if pairs.len() > SHOWN {
        let mean = |at: &usize| pairs[*at].0.mean.unwrap_or(f64::NAN);
        order.sort_by(|a, b| mean(a).total_cmp(&mean(b)));
        let ends = order[..SHOWN / 2]
            .iter()
            .chain(&order[order.len() - SHOWN / 2..]);
        order = ends.copied().collect();
        order.sort_unstable();
    }
    order
}
