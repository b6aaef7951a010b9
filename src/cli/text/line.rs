//! The text of a run of a line.

use super::number::{column, count, of_them, percent, plain};
use super::study::opening;
use super::{Ink, Paper, Telling, statistics};
use crate::report::page::{
    Table, class_times, ends, ends_at, intervals, servers_time, telling_intervals,
};
use crate::scenario::{Blocking, Start, Tandem, WarmUp};
use crate::stats::Statistics;
use crate::study::answer::Answer;
use crate::tandem::{LineOutcome, LineSummary, StageSummary, TimeShares};

/// The most stages on a screen; if there are more, [`TELLING`] are shown.
const SHOWN: usize = 20;
const TELLING: usize = 10;

/// The most intervals that are all shown; if there are more, [`TELLING`] are shown.
const INTERVALS: usize = 24;

/// The text summary of a line.
pub(super) fn line(
    scenario: &Tandem,
    outcome: &LineOutcome,
    answer: &Answer,
    telling: &Telling,
    paper: &Paper,
) -> String {
    let summary = &outcome.summary;
    let units = Units::of(scenario);
    let mut text = title(scenario, summary, telling, paper);
    text += &opening(answer, paper);
    text += &customers(summary, &units, paper);
    text.push('\n');
    text += &facts(scenario, summary, &units, paper);
    let of_people = [
        ends(summary),
        class_times(summary, &units.head).filter(|_| !summary.is_closed()),
        ends_at(summary),
    ];
    for table in of_people.into_iter().flatten() {
        text += &format!("\n{}", paper.table(&table, 0..table.rows.len().min(SHOWN)));
    }
    text += &format!("\n{}\n", stages(scenario, summary, paper));
    if let Some(table) = servers_time(summary) {
        let rows = 0..table.rows.len().min(SHOWN);
        text += &format!("{}\n", paper.table(&table, rows));
    }
    text += &by_interval(summary, &units, paper);
    text
}

/// The name of the unit of time, in its three forms.
struct Units {
    /// After a number, with a space before it; empty if the scenario names none.
    after: String,
    /// As in "0.8 a min".
    per: String,
    /// At the head of a column of times.
    head: String,
    /// The time of day at time 0.
    start: Option<Start>,
}

impl Units {
    fn of(scenario: &Tandem) -> Units {
        match &scenario.time_unit {
            Some(unit) => Units {
                after: format!(" {unit}"),
                per: format!("per {unit}"),
                head: unit.clone(),
                start: scenario.start,
            },
            None => Units {
                after: String::new(),
                per: "per unit of time".to_owned(),
                head: String::new(),
                start: None,
            },
        }
    }

    /// A time of the run, as a time of day if the scenario gives its start.
    fn instant(&self, time: f64) -> String {
        match self.start {
            Some(start) => start.at(time),
            None => format!("{}{}", plain(time), self.after),
        }
    }
}

fn title(scenario: &Tandem, summary: &LineSummary, telling: &Telling, paper: &Paper) -> String {
    let servers: Option<u64> = {
        let servers = scenario.stages.iter().map(|stage| stage.servers.most());
        servers.map(|most| most.map(u64::from)).sum()
    };
    let servers = servers.map_or("unlimited servers".to_owned(), |most| {
        of_them(most, "server")
    });
    let [seed, engine, took] = telling.title();
    paper.title(&[
        scenario.name.clone(),
        scenario.model().to_owned(),
        of_them(summary.customers.arrived, "customer"),
        seed,
        format!(
            "{}, {}",
            of_them(scenario.stages.len() as u64, scenario.noun()),
            servers
        ),
        engine,
        took,
    ])
}

/// A row per measure of a customer's way through the line.
fn customers(summary: &LineSummary, units: &Units, paper: &Paper) -> String {
    if summary.is_closed() {
        // Customers of a closed network are never served to the end; their cycles are complete.
        let classes = summary.classes_that_came();
        let cycles = classes
            .filter_map(|class| Some((format!("cycle of {}", class.name), class.cycle_time?)));
        let cycles: Vec<(String, Statistics)> = cycles.collect();
        return statistics(&units.head, &cycles, paper);
    }
    let mut measures = vec![("waiting", summary.waiting), ("service", summary.service)];
    if summary.blocked.max.is_some_and(|most| most > 0.0) {
        measures.push(("blocked", summary.blocked));
    }
    measures.push(("sojourn", summary.sojourn));
    statistics(&units.head, &measures, paper)
}

/// Single figures, each in a line with its place and time.
fn facts(scenario: &Tandem, summary: &LineSummary, units: &Units, paper: &Paper) -> String {
    let unit = &units.after;
    let mut facts: Vec<(&str, String)> = Vec::new();
    let customers = summary.customers;
    if customers.lost > 0 && !customers.has_people() {
        let share = percent(customers.lost as f64 / customers.arrived as f64);
        let text = format!(
            "{} of {} ({share}) found no place at {}",
            count(customers.lost),
            count(customers.arrived),
            summary.stages[0].name
        );
        facts.push(("lost", paper.paint(Ink::Failed, &text)));
    }
    if let (Some(mean), Some(max)) = (summary.queues_joined.mean, summary.queues_joined.max) {
        // In a network a customer may visit a station several times.
        let of = match summary.is_network() {
            true => String::new(),
            false => format!(" of {}", count(summary.stages.len() as u64)),
        };
        let text = format!("{}{of} on average, at most {max}", plain(mean));
        facts.push(("queues joined", text));
    }
    let idle = &summary.idle_time;
    if let (Some(mean), Some(max), Some(stage)) = (idle.mean, idle.max, &idle.max_stage) {
        let text = format!(
            "{}{unit} a server on average, most {} at {stage}",
            plain(mean),
            plain(max)
        );
        facts.push(("idle", text));
    }
    let longest = &summary.queue_length_max;
    match (longest.length, &longest.stage) {
        (Some(length), Some(stage)) if length > 0 => {
            let at = summary
                .stages
                .iter()
                .find(|s| s.name == *stage)
                .and_then(|s| s.queue_length.max_at)
                .map_or(String::new(), |at| {
                    format!(", first at {}", units.instant(at))
                });
            facts.push(("longest queue", format!("{} at {stage}{at}", count(length))));
        }
        _ => facts.push(("longest queue", "none".to_owned())),
    }
    if let Some(throughput) = summary.throughput.filter(|_| !summary.is_closed()) {
        let ended = match scenario.stop {
            true => "stopped",
            false => "the last left",
        };
        let text = format!(
            "{} {}, {ended} at {}",
            plain(throughput),
            units.per,
            units.instant(summary.clock)
        );
        facts.push(("throughput", text));
    }
    if scenario.warm_up != WarmUp::Customers(0) && !summary.is_closed() {
        let text = format!(
            "{} after the warm-up",
            of_them(customers.measured, "customer")
        );
        facts.push(("measured", text));
    }
    let line = |(name, text): (&str, String)| format!("  {name:<15}{text}\n");
    facts.into_iter().map(line).collect()
}

/// A row per stage; for a long line, the most telling stages.
fn stages(scenario: &Tandem, summary: &LineSummary, paper: &Paper) -> String {
    let shown = telling_stages(summary);
    let starved = match scenario.blocking {
        Blocking::AfterService => "starved",
        // Here an idle server may also wait for a place ahead; the summary does not distinguish them.
        Blocking::BeforeService => "idle",
    };
    let of = |pick: fn(&StageSummary) -> Option<f64>| {
        let values: Vec<Option<f64>> = shown.iter().map(|s| pick(s)).collect();
        column(&values, "–")
    };
    let (waiting, queue) = (of(|s| s.waiting.mean), of(|s| s.queue_length.mean));
    let rows = shown.iter().zip(waiting.into_iter().zip(queue));
    let rows = rows.map(|(stage, (waiting, queue))| {
        let shares = stage.time_shares();
        let time = shares.unwrap_or_default();
        let share = |x: Option<f64>| x.map_or("–".to_owned(), percent);
        let servers = match stage.servers {
            Some(1) => String::new(),
            Some(servers) => format!(" ×{servers}"),
            None => " ×∞".to_owned(),
        };
        vec![
            format!("{}{servers}", stage.name),
            waiting,
            share(stage.waited_fraction),
            paper.bar((Ink::Busy, time.busy), (Ink::Blocked, time.blocked)),
            share(stage.utilisation),
            queue,
            stage.queue_length.max.map_or("–".to_owned(), count),
            match (shares, stage.in_service.and_then(|level| level.mean)) {
                (None, Some(mean)) => format!("{} in service", plain(mean)),
                _ => elsewise(&time, starved),
            },
        ]
    });
    let noun = summary.noun();
    let head = format!("{noun}|waiting|waited|busy, blocked|busy|queue|most|");
    let mut text = paper.table(&Table::new("", 1, &head, rows.collect()), 0..shown.len());
    if shown.len() < summary.stages.len() {
        let note = format!(
            "{} of {} {noun}s, where most is waited; all of them with --format json",
            shown.len(),
            summary.stages.len()
        );
        text += &paper.paragraph(Some(Ink::Faint), &note);
    }
    text
}

/// A row per interval; if there are many, those with the longest waits.
fn by_interval(summary: &LineSummary, units: &Units, paper: &Paper) -> String {
    let Some(table) = intervals(summary, &units.head, units.start) else {
        return String::new();
    };
    let all = table.rows.len();
    let shown = match all <= INTERVALS {
        true => (0..all).collect(),
        false => telling_intervals(summary, TELLING),
    };
    let mut text = paper.table(&table, shown.iter().copied());
    if shown.len() < all {
        let note = format!(
            "{} of {all} intervals, where the wait is longest; all of them with --format json",
            shown.len()
        );
        text += &paper.paragraph(Some(Ink::Faint), &note);
    }
    text + "\n"
}

/// The commonest reason why its servers were not busy: no customers, no place ahead, set-ups, faults, or no duty.
fn elsewise(time: &TimeShares, starved: &str) -> String {
    let reasons = [
        (starved, time.idle),
        ("blocked", time.blocked),
        ("set-up", time.setup),
        ("down", time.down),
        ("off duty", time.off),
    ];
    let first = reasons[0];
    let (word, share) = reasons
        .into_iter()
        .fold(first, |most, one| if one.1 > most.1 { one } else { most });
    match share < 0.000_5 {
        true => String::new(),
        false => format!("{word} {}", percent(share)),
    }
}

/// All stages; if there are many, those with the longest waits, the one with the longest queue and the one most idle,
/// in the order of the line.
fn telling_stages(summary: &LineSummary) -> Vec<&StageSummary> {
    let stages = &summary.stages;
    if stages.len() <= SHOWN {
        return stages.iter().collect();
    }
    let named = |name: &Option<String>| {
        let name = name.as_deref();
        stages.iter().position(|s| Some(s.name.as_str()) == name)
    };
    let mut picked: Vec<usize> = [
        named(&summary.queue_length_max.stage),
        named(&summary.idle_time.max_stage),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut by_waiting: Vec<usize> = (0..stages.len()).collect();
    let waited = |index: usize| stages[index].waiting.mean.unwrap_or(0.0);
    by_waiting.sort_by(|&a, &b| waited(b).total_cmp(&waited(a)).then(a.cmp(&b)));
    picked.extend(by_waiting);
    let mut first = Vec::with_capacity(TELLING);
    for index in picked {
        if first.len() < TELLING && !first.contains(&index) {
            first.push(index);
        }
    }
    first.sort_unstable();
    first.into_iter().map(|index| &stages[index]).collect()
}
