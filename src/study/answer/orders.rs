//! The findings of a race of orders, for one objective.

use super::Answer;
use crate::number::{count, fine, given_percent, of_them, percent, with_error};
use crate::scenario::Tandem;
use crate::study::order::{Objective, OrderStudy};
use crate::study::ranking::{RankedOrder, Ranking};

/// An order by the names of its stages.
#[must_use]
pub fn named(study: &OrderStudy, order: &[u16]) -> Vec<String> {
    let name = |&place: &u16| study.stages[usize::from(place)].clone();
    order.iter().map(name).collect()
}

/// The answer for one of the objectives of a study.
#[must_use]
pub fn orders(line: &Tandem, study: &OrderStudy, ranking: &Ranking) -> Answer {
    let unit = match (ranking.objective, &line.time_unit) {
        (Objective::QueuesJoined, _) => " queues".to_owned(),
        (_, Some(unit)) => format!(" {unit}"),
        (_, None) => String::new(),
    };
    let arrows = |ranked: &RankedOrder| named(study, &ranked.order).join(" → ");
    let (orders, tied) = (ranking.orders.len(), ranking.candidates().count());
    let among = match study.search {
        None if orders == 2 => "both orders".to_owned(),
        None => format!("all {} orders", count(orders as u64)),
        Some(_) => format!("the {} orders a search ended with", count(orders as u64)),
    };
    let best = ranking.orders[0].estimates[ranking.objective as usize];
    let clause = format!(
        "{} {}{unit}",
        subject(ranking.objective),
        with_error(Some(best.mean), best.half_width)
    );
    let zone = format!("{}{unit}", fine(ranking.zone, Some(ranking.zone)));
    let (first, less) = (arrows(&ranking.orders[0]), less_than_filed(ranking));
    let is_race = orders > 1 && !ranking.is_all_identical();
    let is_open = is_race && !ranking.settled;
    let headline = match ranking.orders[ranking.as_filed].candidate {
        _ if orders == 1 => format!("There is one order: {clause}."),
        _ if !is_race => {
            format!("Keep them as they are: {among} are identical, run by run; {clause}.")
        }
        true if is_open && ranking.as_filed == 0 => {
            format!("Not settled: {first}, as filed, is ahead; {clause}.")
        }
        true if is_open => format!(
            "Not settled: {first} is ahead, but the order as filed can still be the best; {clause}."
        ),
        false if is_open => format!("Not settled: {first} is ahead; {clause}, {less} as filed."),
        true if tied > 1 => {
            format!("Keep them as they are: no order is better by more than {zone}; {clause}.")
        }
        true => format!("Keep them as they are: no order is better; {clause}."),
        false => format!("Put them as {first}: {clause}, {less} as filed."),
    };
    let sure = given_percent(study.confidence);
    let sureness = match tied {
        1 => format!("{sure} sure that it is the best of {among}."),
        n if is_open => format!("{sure} sure only that the best of {among} is one of {n}."),
        n if n == orders => format!("{sure} sure: a tie of {among}."),
        n => format!("{sure} sure: a tie of {n} of {among}, all within {zone} of each other."),
    };
    let unsettled = match study.interrupted {
        true => Some("It was stopped before its end: this is what is known so far."),
        false => is_open.then_some(
            "It ended before one order won or the others were known to be as good: raise --max.",
        ),
    };
    let mut notes = Vec::new();
    if let Some(tried) = study.search {
        notes.push(format!(
            "A search tried {} orders; there are too many to try all, so it is no proof.",
            count(tried)
        ));
    }
    notes.extend(best_by_another(ranking, &arrows));
    // Published rules apply to the first objective.
    if ranking.objective == study.rankings[0].objective && orders > 1 {
        notes.extend(published(study));
    }
    if study.left_out > 0 {
        let left_out = of_them(study.left_out, "replication");
        notes.push(format!("Left out: {left_out} without a measured customer."));
    }
    let ties = ranking.candidates().skip(1).filter(|_| ranking.settled);
    Answer {
        measure: Some(ranking.objective.key().to_owned()),
        headline,
        sureness: is_race.then_some(sureness),
        confidence: Some(study.confidence),
        ties: ties.map(arrows).collect(),
        notes,
        unsettled: unsettled.into_iter().map(str::to_owned).collect(),
    }
}

fn subject(objective: Objective) -> &'static str {
    match objective {
        Objective::Waiting => "customers wait",
        Objective::QueuesJoined => "customers stand in",
        Objective::IdleTime => "servers stand idle for",
        Objective::IdleTimeMax => "the servers of the idlest stage stand idle for",
        Objective::Sojourn => "customers stay",
    }
}

/// The saving of the best order, as in `11 % less than the 5.82`.
fn less_than_filed(ranking: &Ranking) -> String {
    let (filed, place) = (
        &ranking.orders[ranking.as_filed],
        ranking.objective as usize,
    );
    let estimate = filed.estimates[place];
    let number = fine(estimate.mean, estimate.half_width);
    match filed.against_best[place].mean {
        Some(saved) if saved > 0.0 => {
            format!("{} less than the {number}", percent(saved / estimate.mean))
        }
        _ => format!("against {number}"),
    }
}

/// The order that is best by the measure shown beside the objective, if it is clearly another one.
fn best_by_another(ranking: &Ranking, arrows: &dyn Fn(&RankedOrder) -> String) -> Option<String> {
    let beside = ranking.objective.beside();
    let of = |ranked: &RankedOrder| ranked.estimates[beside as usize];
    let number = |ranked: &RankedOrder| fine(of(ranked).mean, of(ranked).half_width);
    let best = &ranking.orders[0];
    let least = ranking
        .orders
        .iter()
        .min_by(|a, b| of(a).mean.total_cmp(&of(b).mean))?;
    let is_clear = least.against_best[beside as usize].high? < 0.0;
    let what = match beside {
        Objective::Waiting => "Customers wait least",
        _ => "Customers stand in the fewest queues",
    };
    let (order, least, best) = (arrows(least), number(least), number(best));
    is_clear.then(|| format!("{what} in another order: {order} ({least} against {best})."))
}

fn published(study: &OrderStudy) -> Vec<String> {
    let applying = study.published.iter().filter(|rule| rule.applies);
    let sentences = applying.map(|rule| {
        let order = rule.order.as_ref();
        let order = order.map_or(String::new(), |order| {
            format!(", here {}", order.join(" → "))
        });
        let verdict = if rule.agrees == Some(true) {
            "agrees"
        } else {
            "disagrees"
        };
        format!(
            "Published: {}{order} ({}); this study {verdict}.",
            rule.name, rule.source
        )
    });
    let sentences: Vec<String> = sentences.collect();
    match sentences.is_empty() {
        true => vec!["No published rule applies here.".to_owned()],
        false => sentences,
    }
}
