//! The findings of a single run in four cards: served, lost, the wait, the busiest.

use crate::desk::DeskSummary;
use crate::number::{count, fine, given_percent, of_them, percent, plain};
use crate::stats::Statistics;
use crate::study::certainty::MeanInterval;
use crate::tandem::{LineSummary, StageSummary};

/// One of the main figures of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its subject.
    pub about: About,
    /// Its name.
    pub name: String,
    /// The figure with its unit.
    pub value: String,
    /// An explanation in a few words.
    pub note: String,
}

/// The subject of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Customers or requests served.
    Completed,
    /// Customers or requests lost.
    Lost,
    /// Waits.
    Waiting,
    /// The busiest server or stage.
    Busy,
}

impl About {
    /// Its name, for the style of a page.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            About::Completed => "completed",
            About::Lost => "failed",
            About::Waiting => "waiting",
            About::Busy => "busy",
        }
    }
}

/// The cards of a run of a desk; `unit` is the unit of its times, `interval` that of the mean wait, if the run has
/// one.
#[must_use]
pub fn desk_cards(summary: &DeskSummary, unit: &str, interval: Option<MeanInterval>) -> Vec<Card> {
    let requests = &summary.requests;
    let lost = requests.rejected + requests.abandoned + requests.failed + requests.timed_out;
    let causes = [
        (requests.rejected, "rejected"),
        (requests.abandoned, "gave up"),
        (requests.failed, "failed"),
        (requests.timed_out, "timed out"),
    ];
    let all = (requests.generated, "request");
    let busiest = summary.servers.iter().filter_map(|server| {
        let share = server.utilisation?;
        Some((server.name.as_str(), share))
    });
    let mut cards = outcomes(all, requests.completed, lost, &causes, requests.in_system);
    let nobody = match summary.may_have_waited() {
        true => "nobody whose service began waited",
        false => "nobody waits",
    };
    cards.extend(wait((&summary.waiting, nobody), unit, interval));
    cards.extend(busy("busiest server", busiest));
    cards
}

/// The cards of a run of a line; `unit` is the unit of its times, `interval` that of the mean wait, if the run has
/// one.
#[must_use]
pub fn line_cards(summary: &LineSummary, unit: &str, interval: Option<MeanInterval>) -> Vec<Card> {
    let customers = &summary.customers;
    let causes = [
        (customers.lost, "found no place"),
        (customers.balked.unwrap_or(0), "did not join"),
        (customers.abandoned.unwrap_or(0), "gave up"),
        (customers.failed.unwrap_or(0), "failed"),
        (customers.scrapped.unwrap_or(0), "scrap"),
    ];
    let all = (customers.arrived, "customer");
    let lost = customers.unserved();
    let left = customers.unfinished.unwrap_or(0);
    let busiest = summary.stages.iter().filter_map(|stage: &StageSummary| {
        let share = stage.utilisation?;
        Some((stage.name.as_str(), share))
    });
    let mut cards = outcomes(all, customers.departed, lost, &causes, left);
    let nobody = match summary.somebody_waited() {
        true => "nobody who was served waited",
        false => "nobody waits",
    };
    cards.extend(wait((&summary.waiting, nobody), unit, interval));
    cards.extend(busy(&format!("busiest {}", summary.noun()), busiest));
    cards
}

fn outcomes(
    (all, what): (u64, &str),
    served: u64,
    lost: u64,
    causes: &[(u64, &str)],
    left: u64,
) -> Vec<Card> {
    let share = |number: u64| match all {
        0 => "–".to_owned(),
        all => percent(number as f64 / all as f64),
    };
    let mut behind = format!("{} of {}", count(served), of_them(all, what));
    if left > 0 {
        behind += &format!("; {} still there", count(left));
    }
    let causes = causes.iter().filter(|(number, _)| *number > 0);
    let causes: Vec<String> = causes
        .map(|(number, cause)| format!("{} {cause}", count(*number)))
        .collect();
    let why = match causes.as_slice() {
        [] => "none".to_owned(),
        causes => causes.join(", "),
    };
    let card = |about, name: &str, value, note| Card {
        about,
        name: name.to_owned(),
        value,
        note,
    };
    vec![
        card(About::Completed, "served", share(served), behind),
        card(About::Lost, "lost", share(lost), why),
    ]
}

/// The card of waits; `nobody` is the text if all waits are 0.
fn wait(
    (waiting, nobody): (&Statistics, &str),
    unit: &str,
    interval: Option<MeanInterval>,
) -> Option<Card> {
    let mean = waiting.mean?;
    let late = match waiting.p95 {
        Some(p95) if p95 > 0.0 => format!("one in twenty more than {}", plain(p95)),
        _ if mean == 0.0 => nobody.to_owned(),
        _ => "fewer than one in twenty wait".to_owned(),
    };
    let (value, sure) = match interval {
        Some(seen) => {
            let width = Some(0.5 * (seen.high - seen.low));
            let [mean, low, high] = [mean, seen.low, seen.high].map(|end| fine(end, width));
            let sure = given_percent(seen.confidence);
            (mean, format!("{sure} sure of {low} to {high}; "))
        }
        None => (plain(mean), String::new()),
    };
    Some(Card {
        about: About::Waiting,
        name: "mean wait".to_owned(),
        value: format!("{value} {unit}"),
        note: sure + &late,
    })
}

fn busy<'a>(name: &str, all: impl Iterator<Item = (&'a str, f64)>) -> Option<Card> {
    let busiest = all.reduce(|most, one| if one.1 > most.1 { one } else { most });
    let (who, share) = busiest?;
    Some(Card {
        about: About::Busy,
        name: name.to_owned(),
        value: who.to_owned(),
        note: format!("at work {} of the time", percent(share)),
    })
}
