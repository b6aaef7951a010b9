//! The findings of replications of a scenario.

use super::{Answer, Measure, capital, ended_in_a_deadlock, one_run};
use crate::model::Model;
use crate::number::{count, fine, given_percent, of_them};
use crate::scenario::Scenario;
use crate::stats::Interval;
use crate::study::measures::usual;
use crate::study::{ClosedForm, Layout, Replicated};

/// The request that the replications answer.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The measures asked for, by key; empty for the main ones.
    pub measures: Vec<String>,
    /// The confidence of the intervals.
    pub confidence: f64,
    /// The precision asked for, as a fraction of the mean.
    pub precision: Option<f64>,
}

/// The answer of replications.
#[must_use]
pub fn replications(
    scenario: &Scenario,
    layout: &Layout,
    found: &Replicated,
    fit: &ClosedForm,
    asked: &Asked,
) -> Answer {
    let seen = Seen {
        scenario,
        layout,
        found,
    };
    let usual = usual(scenario);
    let main = asked.measures.first().unwrap_or(&usual).as_str();
    let headline = match asked.measures.first() {
        Some(key) => seen.sentence(key),
        None => seen.of_all(),
    };
    let others = asked.measures.iter().skip(1);
    let mut notes: Vec<String> = others.map(|key| seen.sentence_by(key)).collect();
    notes.extend(seen.beside_theory(fit, main));
    notes.extend(seen.targets());
    let (completion, n) = (
        &found.completion,
        of_them(found.completion.replications, "replication"),
    );
    let mut unsettled = Vec::new();
    let blocked = layout.blocked(|measure| found.intervals[measure].n);
    unsettled.extend(ended_in_a_deadlock(
        blocked,
        &format!("of {n}"),
        completion.replications,
    ));
    if completion.interrupted {
        unsettled.push(format!(
            "It was stopped before its end: this is the answer of {n}."
        ));
    }
    if let (Some(precision), false) = (asked.precision.map(given_percent), completion.met)
        && completion.is_whole()
    {
        unsettled.push(format!(
            "A precision of {precision} was not reached with {n}: raise --max."
        ));
    }
    if completion.replications == 1 {
        unsettled.push("One replication gives no interval: raise -n.".to_owned());
    }
    let by = seen.by(main).map_or(n.clone(), |few| {
        format!("{few}: the others had no such value")
    });
    let sureness = match found.is_one_run {
        true => one_run(&n),
        false => format!("{} sure, by {by}.", given_percent(asked.confidence)),
    };
    Answer {
        measure: Some(main.to_owned()),
        headline,
        sureness: seen.interval(main).half_width.map(|_| sureness),
        confidence: Some(asked.confidence),
        ties: Vec::new(),
        notes,
        unsettled,
    }
}

struct Seen<'a> {
    scenario: &'a Scenario,
    layout: &'a Layout,
    found: &'a Replicated,
}

impl Seen<'_> {
    fn interval(&self, key: &str) -> Interval {
        let place = self.layout.find(key);
        place.map_or_else(|_| Interval::default(), |at| self.found.intervals[at])
    }

    fn value(&self, key: &str) -> String {
        let seen = self.interval(key);
        let half_width = seen.half_width.filter(|_| !self.found.is_one_run);
        Measure::of(key, self.scenario).value(seen.mean, half_width)
    }

    fn sentence(&self, key: &str) -> String {
        let name = capital(&Measure::of(key, self.scenario).name);
        match self.interval(key).mean {
            Some(_) => format!("{name} is {}.", self.value(key)),
            None => format!("{name} has no value."),
        }
    }

    /// The same, with the number of replications that had a value, if not all had one.
    fn sentence_by(&self, key: &str) -> String {
        let sentence = self.sentence(key);
        match self.by(key).filter(|_| self.interval(key).n > 0) {
            Some(few) => format!("{}, by {few}.", sentence.trim_end_matches('.')),
            None => sentence,
        }
    }

    /// The replications that had a value of a measure, if not all had one: `5 of 50 replications`.
    fn by(&self, key: &str) -> Option<String> {
        let (n, all) = (self.interval(key).n, self.found.completion.replications);
        (n < all).then(|| format!("{} of {}", count(n), of_them(all, "replication")))
    }

    /// The cycles of customers, if no customer ever leaves.
    fn cycles(&self) -> Option<String> {
        let line = self.scenario.line().filter(|line| line.is_closed())?;
        let (mut times, mut measured) = (Vec::new(), 0.0);
        for (class, known) in line.classes.iter().enumerate() {
            let key = |end: &str| format!("classes.{class}.cycle_time.{end}");
            if self.interval(&key("mean")).mean.is_some() {
                times.push(format!("{} {}", known.name, self.value(&key("mean"))));
                measured += self.interval(&key("n")).mean.unwrap_or(0.0);
            }
        }
        Some(match times.is_empty() {
            true => "No cycle was measured.".to_owned(),
            false => format!(
                "A cycle takes on average: {}; a run measured {} on average.",
                times.join(", "),
                of_them(measured.round() as u64, "cycle")
            ),
        })
    }

    /// The main measures of a scenario: waits and losses, or cycles.
    fn of_all(&self) -> String {
        if let Some(cycles) = self.cycles() {
            return cycles;
        }
        let is_zero = |key: &str| self.interval(key).max.is_none_or(|max| max == 0.0);
        let served = Model::of(self.scenario).served();
        let who = served.to_lowercase();
        let who = who.trim_end_matches('s');
        let late = self.interval("waiting.p95");
        let waits = match self.interval("waiting.mean").mean {
            None => format!("No {who} was measured"),
            Some(_) if is_zero("waiting.max") => {
                // Waits are those of customers who are served; the measures for the others differ by model.
                let tells = |key: &&String| {
                    key.ends_with("queue_length.max")
                        || ["waited_fraction", "requests.in_system"].contains(&key.as_str())
                };
                let others = self.layout.keys().iter().filter(tells);
                match others.map(String::as_str).all(is_zero) {
                    true => format!("No {who} waits"),
                    false if self.scenario.desk().is_some() => {
                        format!("No {who} whose service began had to wait")
                    }
                    false => format!("No {who} who was served had to wait"),
                }
            }
            Some(_) => {
                let mut text = format!("{served} wait {} on average", self.value("waiting.mean"));
                if let Some(p95) = late.mean.filter(|&p95| p95 > 0.0) {
                    text += &format!(
                        "; one in twenty waits more than {}",
                        fine(p95, late.half_width)
                    );
                }
                text
            }
        };
        match is_zero("lost.total") {
            true => format!("{waits}."),
            false => format!("{waits}; {} are lost.", self.value("lost.total")),
        }
    }

    /// Whether the service levels of a desk meet their targets.
    fn targets(&self) -> Vec<String> {
        let Some(desk) = self.scenario.desk() else {
            return Vec::new();
        };
        let targets = desk.classes.iter().enumerate().filter_map(|(at, class)| {
            let target = class.service_level?.target?;
            let key = format!("classes.{at}.service_level.of_offered");
            let found = self.interval(&key);
            let (mean, half) = (found.mean?, found.half_width.unwrap_or(0.0));
            let verdict = match (mean - half >= target, mean + half < target) {
                (true, _) => "is met",
                (_, true) => "is not met",
                _ => "lies inside the interval: whether it is met is open",
            };
            let of = match desk.classes.len() {
                1 => String::new(),
                _ => format!(" of {}", class.name),
            };
            Some(format!(
                "{} of the requests{of} offered are answered in time; the target of {} {verdict}.",
                match found.half_width {
                    Some(_) => self.value(&key),
                    None => Measure::of(&key, self.scenario).beside(found.mean, &[target]),
                },
                given_percent(target)
            ))
        });
        targets.collect()
    }

    fn beside_theory(&self, fit: &ClosedForm, key: &str) -> Option<String> {
        let known = self.layout.known(&[key.to_owned()]);
        let value = fit.measure(known.first()?)?;
        // An approximation differs from the truth by more than chance.
        let verdict = match self.interval(key).holds(value)? {
            _ if fit.approximation => "",
            true => ", inside the interval",
            false => ", outside the interval",
        };
        let value = Measure::of(key, self.scenario).value(Some(value), None);
        Some(format!("Theory ({}) says {value}{verdict}.", fit.model))
    }
}
