//! The findings of a single run of a line.

use super::run::WORTH_A_WORD;
use super::{Answer, listed};
use crate::lockstep::Deadlocked;
use crate::number::{count, of_them, percent, plain};
use crate::scenario::{Horizon, Tandem};
use crate::station::VisitOutcome;
use crate::tandem::{ClassSummary, CustomerCounts, LineOutcome, LineSummary, StageSummary};

/// The maximum number of classes described in a sentence; for more there is a table.
const CLASSES: usize = 4;

/// The waits of customers on a line, the stage with the longest waits, and the customers who were not served.
pub(super) fn line(line: &Tandem, outcome: &LineOutcome, stopped: bool) -> Answer {
    let summary = &outcome.summary;
    let unit = line
        .time_unit
        .as_ref()
        .map_or(String::new(), |unit| format!(" {unit}"));
    let came = summary.customers.arrived;
    let came = match line.horizon {
        Horizon::Customers(wanted) => format!("{} of {}", count(came), of_them(wanted, "customer")),
        Horizon::Until(_) => of_them(came, "customer"),
    };
    let unsettled = format!("The run was stopped after {came}: these are the results up to there.");
    let cycles = cycles(line, summary, &unit);
    Answer {
        headline: match summary.is_closed() {
            true => cycles
                .clone()
                .unwrap_or_else(|| "No cycle was measured.".to_owned()),
            false => waits(summary, &unit) + &unserved(summary) + &left(&summary.customers) + ".",
        },
        notes: classes(summary, &unit)
            .into_iter()
            .chain(cycles.filter(|_| !summary.is_closed()))
            .collect(),
        unsettled: stopped
            .then_some(unsettled)
            .into_iter()
            .chain(
                outcome
                    .deadlocked
                    .as_ref()
                    .map(|end| deadlock(line, end, &unit)),
            )
            .collect(),
        ..Answer::default()
    }
}

/// The stations that blocked each other permanently.
fn deadlock(line: &Tandem, end: &Deadlocked, unit: &str) -> String {
    let name = |station: u32| &line.stages[station as usize].name;
    let when = format!(
        "The run ended in a deadlock at time {}{unit}",
        plain(end.time)
    );
    if end.waits.is_empty() {
        let there: Vec<&str> = end.stations.iter().map(|&one| &name(one)[..]).collect();
        return format!(
            "{when}: customers are at {}, and nothing is due any more.",
            listed(&there)
        );
    }
    let waits: Vec<String> = (end.waits.iter())
        .map(|one| {
            let (station, target) = (name(one.station), name(one.target));
            format!(
                "#{} at {station} waits for a place at {target}",
                one.customer
            )
        })
        .collect();
    let waits: Vec<&str> = waits.iter().map(String::as_str).collect();
    format!("{when}: {}.", listed(&waits))
}

/// The cycles of customers who stay for ever.
fn cycles(line: &Tandem, summary: &LineSummary, unit: &str) -> Option<String> {
    let routing = line.routing.as_ref()?;
    let classes = summary.classes.iter().zip(&routing.courses);
    let cycles = classes.filter_map(|(class, course)| {
        let mean = class.cycle_time?.mean?;
        let entry = &line.stages[course.enter? as usize].name;
        let between = format!("from leaving {entry} to leaving it again");
        Some(format!("{} {}{unit} ({between})", class.name, plain(mean)))
    });
    let cycles: Vec<String> = cycles.take(CLASSES).collect();
    let cycles: Vec<&str> = cycles.iter().map(String::as_str).collect();
    (!cycles.is_empty()).then(|| format!("A cycle takes on average: {}.", listed(&cycles)))
}

fn waits(summary: &LineSummary, unit: &str) -> String {
    let people = summary.customers.has_people();
    // Waits are those of customers served to the end.
    let those = match summary.customers.unserved() > summary.customers.lost {
        true => " who are served",
        false => "",
    };
    let (Some(mean), Some(p95)) = (summary.waiting.mean, summary.waiting.p95) else {
        return match people && summary.customers.measured > 0 {
            true => "No measured customer was served".to_owned(),
            false => "No customer was measured".to_owned(),
        };
    };
    if mean == 0.0 {
        return match those.is_empty() && !summary.somebody_waited() {
            true => "No customer waited".to_owned(),
            false => "No customer who was served waited".to_owned(),
        };
    }
    let mut text = format!("Customers{those} wait {}{unit} on average", plain(mean));
    let waited = |stage: &StageSummary| stage.waiting.mean.unwrap_or(0.0);
    let total: f64 = summary.stages.iter().map(waited).sum();
    if summary.stages.len() > 1 {
        let worst = summary.stages.iter().fold(&summary.stages[0], |worst, s| {
            if waited(s) > waited(worst) { s } else { worst }
        });
        text += &match people {
            // A stage's mean covers all customers whose service began there, served to the end or not.
            true => format!(", longest at {}", worst.name),
            false => format!(
                ", {} of it at {}",
                percent(waited(worst) / total),
                worst.name
            ),
        };
    }
    text + &match p95 {
        0.0 => "; fewer than one in twenty wait at all".to_owned(),
        p95 => format!("; one in twenty waits more than {}", plain(p95)),
    }
}

/// The share of customers who were not served, and the reasons.
fn unserved(summary: &LineSummary) -> String {
    let customers = &summary.customers;
    let part = |number: u64| percent(number as f64 / customers.arrived as f64);
    let causes = customers.ends().into_iter().filter(|&(end, number)| {
        number > 0 && !matches!(end, VisitOutcome::Served | VisitOutcome::Unfinished)
    });
    let mut causes: Vec<(VisitOutcome, u64)> = causes.collect();
    causes.sort_by_key(|&(_, number)| std::cmp::Reverse(number));
    let of = of_them(customers.arrived, "customer");
    match causes.as_slice() {
        [] => String::new(),
        [(cause, number)] => {
            let place = place(summary, *cause).map_or(String::new(), |place| format!(", {place}"));
            format!("; {} of {of} {}{place}", part(*number), fate(*cause))
        }
        all => {
            let each = all.iter().map(|&(cause, number)| {
                let place =
                    place(summary, cause).map_or(String::new(), |place| format!(" ({place})"));
                format!("{} {}{place}", part(number), fate(cause))
            });
            let each: Vec<String> = each.collect();
            format!(
                "; {} of {of} were not served: {}",
                part(customers.unserved()),
                each.join(", ")
            )
        }
    }
}

/// The places at which customers ended in this way, if there are several at which they could have.
fn place(summary: &LineSummary, end: VisitOutcome) -> Option<String> {
    // A customer lost on a line is lost at its entry.
    if summary.stages.len() < 2 || end == VisitOutcome::Lost && !summary.is_network() {
        return None;
    }
    let ended = |stage: &StageSummary| {
        let mut ends = stage.ends().into_iter();
        ends.find(|(one, _)| *one == end)
            .map_or(0, |(_, number)| number)
    };
    let all: u64 = summary.stages.iter().map(ended).sum();
    let most = summary.stages.iter().max_by_key(|stage| ended(stage))?;
    match ended(most) {
        0 => None,
        number if number == all => Some(format!("at {}", most.name)),
        _ => Some(format!("most of them at {}", most.name)),
    }
}

/// The way in which a customer ended who was not served, in words.
fn fate(end: VisitOutcome) -> &'static str {
    match end {
        VisitOutcome::Lost => "found no place and were lost",
        VisitOutcome::Balked => "did not join a queue",
        VisitOutcome::Abandoned => "gave up waiting",
        VisitOutcome::Failed => "failed with their server",
        VisitOutcome::Scrapped => "left as scrap",
        VisitOutcome::Served | VisitOutcome::Next => "were served",
        VisitOutcome::Unfinished => "were still there at the end",
    }
}

/// Customers present at the end, if their share is worth mentioning.
fn left(customers: &CustomerCounts) -> String {
    let unfinished = customers.unfinished.unwrap_or(0);
    let share = unfinished as f64 / customers.arrived.max(1) as f64;
    match share >= WORTH_A_WORD {
        true => format!("; {} {}", percent(share), fate(VisitOutcome::Unfinished)),
        false => String::new(),
    }
}

/// The wait of each class, and its customers who were not served.
fn classes(summary: &LineSummary, unit: &str) -> Option<String> {
    let classes = summary.classes_that_came();
    let classes: Vec<&ClassSummary> = classes.filter(|class| class.cycle_time.is_none()).collect();
    if classes.len() < 2 || classes.len() > CLASSES {
        return None;
    }
    let each = classes.iter().map(|class| {
        let wait = match class.waiting.mean {
            Some(mean) => format!("{} waits {}{unit} on average", class.name, plain(mean)),
            None => format!("nobody of {} was measured and served", class.name),
        };
        let customers = &class.customers;
        match customers.unserved() {
            0 => wait,
            number => format!(
                "{wait}, {} of them not served",
                percent(number as f64 / customers.arrived as f64)
            ),
        }
    });
    let each: Vec<String> = each.collect();
    Some(format!("By class: {}.", each.join("; ")))
}
