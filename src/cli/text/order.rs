//! What a study of orders has to say: what to do, how sure that is, what it gains; then the ranking.

use super::number::{count, duration, percent};
use super::{Ink, Paper};
use crate::scenario::Tandem;
use crate::stats::Interval;
use crate::study::order::{Objective, OrderStudy};
use crate::study::published::{Rule, Says};
use crate::study::standing::{Answer, Estimate, Standing};
use std::time::Duration;

/// Rows of a ranking, unless all are asked for.
const SHOWN: usize = 12;

/// The widest an order is in a sentence, and in the ranking.
const SENTENCE: usize = 60;
const COLUMN: usize = 34;

/// What the text tells of a study beside its results.
#[derive(Clone, Debug)]
pub struct OrderTelling {
    /// How long it took, by the wall clock.
    pub took: Duration,
    /// Whether every order is shown.
    pub all: bool,
    /// What to do next; commands that exist.
    pub next: Vec<String>,
}

/// The text of a study of orders.
#[must_use]
pub fn order(
    scenario: &Tandem,
    study: &OrderStudy,
    telling: &OrderTelling,
    paper: &Paper,
) -> String {
    let page = Page {
        study,
        paper,
        unit: scenario.time_unit.as_deref(),
    };
    let mut text = paper.title(&[
        scenario.name.clone(),
        "orders of a tandem".to_owned(),
        format!("{} stages", scenario.stages.len()),
        format!("seed {}", scenario.seed),
        format!("{} runs", count(study.runs)),
        duration(telling.took),
    ]);
    for answer in &study.answers {
        text += &format!("\n{}\n", page.answer(answer));
        text += &page.ranking(answer, telling.all);
    }
    text += &page.published();
    if study.left_out > 0 {
        text += &format!(
            "  {} replications in which nobody was measured are left out\n",
            count(study.left_out)
        );
    }
    if study.interrupted {
        let word = paper.paint(Ink::Failed, "interrupted");
        text += &format!("  {word}: this is what is known up to there\n");
    }
    let digest = paper.paint(Ink::Strong, &study.digest.to_string());
    text += &format!("  digest {digest}   the same for any --jobs\n");
    for next in &telling.next {
        text += &format!("  {}\n", paper.paint(Ink::Faint, next));
    }
    text
}

struct Page<'a> {
    study: &'a OrderStudy,
    paper: &'a Paper,
    unit: Option<&'a str>,
}

impl Page<'_> {
    fn arrow(&self) -> &'static str {
        if self.paper.unicode { " → " } else { " > " }
    }

    fn plus_minus(&self) -> &'static str {
        if self.paper.unicode { "±" } else { "+-" }
    }

    /// An order by its stages' names, its middle left out where it is too long.
    fn order(&self, order: &[u16], between: &str, width: usize) -> String {
        let name = |&place: &u16| self.study.stages[usize::from(place)].as_str();
        let names: Vec<&str> = order.iter().map(name).collect();
        let whole = names.join(between);
        if whole.chars().count() <= width {
            return whole;
        }
        let cut = if self.paper.unicode { "…" } else { "..." };
        let room = |text: &str| text.chars().count() + between.len() + 2;
        let last = names[names.len() - 1];
        let (mut text, mut left) = (String::new(), width.saturating_sub(room(last)));
        for name in &names {
            if room(name) > left {
                break;
            }
            left -= room(name) - 2;
            text += name;
            text += between;
        }
        let text = text + cut + between + last;
        self.paper.name(&text, width).trim_end().to_owned()
    }

    fn unit(&self, objective: Objective) -> String {
        match (objective, self.unit) {
            (Objective::QueuesJoined, _) => " queues".to_owned(),
            (_, Some(unit)) => format!(" {unit}"),
            (_, None) => String::new(),
        }
    }

    /// The sentences on top.
    fn answer(&self, answer: &Answer) -> String {
        let place = answer.objective as usize;
        let best = &answer.orders[0];
        let estimate = best.estimates[place];
        let unit = self.unit(answer.objective);
        let amount = format!("{}{unit}", self.estimate(estimate));
        let (whom, verb) = match answer.objective {
            Objective::Waiting => ("customers", "wait"),
            Objective::QueuesJoined => ("customers", "stand in"),
            Objective::IdleTime => ("servers", "stand idle for"),
            Objective::IdleTimeMax => ("the idlest stage's servers", "stand idle for"),
            Objective::Sojourn => ("customers", "stay"),
        };
        let candidates = answer.candidates().count();
        let orders = answer.orders.len();
        let shown = self.order(&best.order, self.arrow(), SENTENCE);
        let shown = self.paper.paint(Ink::Strong, &shown);
        let zone = format!("{}{unit}", fine(answer.zone, Some(answer.zone)));
        let mut lines = Vec::new();
        if orders == 1 {
            lines.push(format!("There is one order: {whom} {verb} {amount}."));
        } else if answer.is_all_identical() {
            lines.push(format!(
                "Keep them as they are: all {} orders are identical, run by run; {whom} {verb} {amount}.",
                count(orders as u64)
            ));
        } else if candidates == orders && answer.settled {
            lines.push(format!(
                "Keep them as they are: no order is better. A tie of all {}, within {zone} of each other;",
                count(orders as u64)
            ));
            lines.push(format!("{whom} {verb} {amount}."));
        } else {
            lines.push(format!("Put them as {shown}:"));
            lines.push(format!("{whom} {verb} {amount}{}.", self.gain(answer)));
        }
        if orders > 1 && !answer.is_all_identical() {
            lines.push(self.certainty(answer, candidates, &zone));
        }
        if let Some(tried) = self.study.search {
            let tried = count(tried);
            lines.push(format!(
                "A search tried {tried} orders; there are too many to try all, so it is no proof."
            ));
        }
        if let Some(other) = self.other(answer) {
            lines.push(other);
        }
        lines.iter().map(|line| format!("  {line}\n")).collect()
    }

    /// What the best order gains over the file's.
    fn gain(&self, answer: &Answer) -> String {
        if answer.as_filed == 0 {
            return "; that is the order in the file".to_owned();
        }
        let filed = &answer.orders[answer.as_filed];
        let mean = filed.estimates[answer.objective as usize].mean;
        let Interval {
            mean: Some(saved),
            half_width,
            ..
        } = filed.against_best[answer.objective as usize]
        else {
            return String::new();
        };
        let less = match half_width {
            _ if saved == 0.0 => "the same".to_owned(),
            Some(half) if saved < half => "no difference to be seen".to_owned(),
            _ if mean > 0.0 => format!("{} less", percent(saved / mean)),
            _ => String::new(),
        };
        let filed = fine(mean, half_width);
        format!("; as filed {filed}: {less}")
    }

    /// How sure it is.
    fn certainty(&self, answer: &Answer, candidates: usize, zone: &str) -> String {
        let orders = count(answer.orders.len() as u64);
        let sure = percent(self.study.confidence);
        let among = match self.study.search {
            None => format!("all {orders} orders"),
            Some(_) => format!("the {orders} orders a search ended with"),
        };
        match (candidates, answer.settled) {
            (1, _) => format!("{sure} sure that it is the best of {among}."),
            (_, true) if candidates == answer.orders.len() => format!("{sure} sure of that."),
            (n, true) => format!(
                "{sure} sure that the best of {among} is one of {}, all within {zone} of it.",
                count(n as u64)
            ),
            (n, false) => format!(
                "{sure} sure only that the best of {among} is one of {}: more by --max.",
                count(n as u64)
            ),
        }
    }

    /// The other thing one would like to be small, where another order makes it so.
    fn other(&self, answer: &Answer) -> Option<String> {
        let (other, what) = beside(answer.objective);
        let of = |standing: &Standing| standing.estimates[other as usize].mean;
        let best = &answer.orders[0];
        let least = answer.orders.iter().fold(best, |least, standing| {
            if of(standing) < of(least) * (1.0 - 1e-9) {
                standing
            } else {
                least
            }
        });
        // Only where it is more than chance.
        let high = least.against_best[other as usize].high;
        let clearly = high.is_some_and(|high| high < 0.0);
        (least.order != best.order && clearly).then(|| {
            format!(
                "{what}: {} ({} against {}), another order.",
                self.order(&least.order, self.arrow(), SENTENCE),
                fine(of(least), least.estimates[other as usize].half_width),
                fine(of(best), best.estimates[other as usize].half_width),
            )
        })
    }

    fn estimate(&self, estimate: Estimate) -> String {
        let mean = fine(estimate.mean, estimate.half_width);
        match estimate.half_width {
            Some(half) if half > 0.0 => {
                let half = fine(half, estimate.half_width);
                format!("{mean} {} {half}", self.plus_minus())
            }
            _ => mean,
        }
    }

    /// The table.
    fn ranking(&self, answer: &Answer, all: bool) -> String {
        let (other, _) = beside(answer.objective);
        let column = answer.objective as usize;
        let shown = match all {
            true => answer.orders.len(),
            false => answer.orders.len().min(SHOWN),
        };
        let mut rows = vec![[
            "order".to_owned(),
            heading(answer.objective).to_owned(),
            "against the best, paired".to_owned(),
            heading(other).to_owned(),
            String::new(),
        ]];
        let mut places: Vec<usize> = (0..shown).collect();
        if answer.as_filed >= shown {
            places.push(answer.as_filed);
        }
        for place in places {
            let standing = &answer.orders[place];
            let mark = match standing.candidate {
                true if self.paper.unicode => "●",
                true => "*",
                false => "",
            };
            let filed = if place == answer.as_filed {
                " as filed"
            } else {
                ""
            };
            rows.push([
                self.order(&standing.order, " ", COLUMN),
                self.estimate(standing.estimates[column]),
                self.against(answer, place),
                fine(
                    standing.estimates[other as usize].mean,
                    standing.estimates[other as usize].half_width,
                ),
                format!("{mark}{filed}"),
            ]);
        }
        let mut widths = [0; 5];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        for row in &rows {
            let mut line = String::from("  ");
            for (cell, width) in row.iter().zip(widths) {
                line += &format!("{cell:<width$}   ");
            }
            text += line.trim_end();
            text.push('\n');
        }
        if shown < answer.orders.len() {
            let more = count((answer.orders.len() - shown) as u64);
            let hint = format!("and {more} more: --all shows them, --out DIR files them");
            text += &format!("  {}\n", self.paper.paint(Ink::Faint, &hint));
        }
        text
    }

    fn against(&self, answer: &Answer, place: usize) -> String {
        if place == 0 {
            return String::new();
        }
        let together = |group: &&Vec<usize>| group.contains(&0) && group.contains(&place);
        if answer.identical.iter().any(|group| together(&group)) {
            return "identical".to_owned();
        }
        let difference = answer.orders[place].against_best[answer.objective as usize];
        let (Some(mean), Some(half)) = (difference.mean, difference.half_width) else {
            return String::new();
        };
        let sign = if mean < 0.0 { "-" } else { "+" };
        format!(
            "{sign} {} {} {}",
            fine(mean.abs(), Some(half)),
            self.plus_minus(),
            fine(half, Some(half))
        )
    }

    /// The order a rule names, and how far it lies from the best.
    fn said(&self, order: &[u16]) -> String {
        let answer = &self.study.answers[0];
        let mut said = format!("it says {}", self.order(order, self.arrow(), SENTENCE));
        let place = answer
            .orders
            .iter()
            .position(|standing| standing.order == order);
        match place {
            Some(0) => said += ": the best here",
            Some(place) => said += &format!(": {} against the best", self.against(answer, place)),
            None => {}
        }
        said
    }

    /// The published rules that apply; and those that do not, in a line.
    fn published(&self) -> String {
        let mut text = String::from("\n");
        let applies = |rule: &&Rule| rule.unless.is_none();
        for rule in self.study.published.iter().filter(applies) {
            let verdict = match rule.agrees {
                Some(true) => "this study agrees",
                _ => "this study does not",
            };
            text += &format!("  Published: {} ({}): {verdict}\n", rule.name, rule.source);
            if let Says::Best(order) = &rule.says {
                text += &format!("    {}\n", self.said(order));
            }
        }
        if !self.study.published.iter().any(|rule| applies(&rule)) {
            text += "  No published rule applies here.\n";
        }
        text
    }
}

/// What is shown beside an objective, and what its least is called.
fn beside(objective: Objective) -> (Objective, &'static str) {
    match objective {
        Objective::QueuesJoined => (Objective::Waiting, "Least waiting"),
        _ => (Objective::QueuesJoined, "Fewest queues to stand in"),
    }
}

fn heading(objective: Objective) -> &'static str {
    match objective {
        Objective::Waiting => "waiting",
        Objective::QueuesJoined => "queues joined",
        Objective::IdleTime => "idle time",
        Objective::IdleTimeMax => "idle time, most",
        Objective::Sojourn => "sojourn",
    }
}

/// A number to the second figure of its uncertainty.
fn fine(number: f64, uncertainty: Option<f64>) -> String {
    let places = match uncertainty {
        Some(half) if half > 0.0 => (1.0 - half.log10().floor()).clamp(0.0, 9.0) as usize,
        _ if number == 0.0 => 0,
        _ => (3.0 - number.abs().log10().floor()).clamp(0.0, 9.0) as usize,
    };
    format!("{number:.places$}")
}
