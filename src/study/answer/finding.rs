//! The findings of a search for the best setting.

use super::{Answer, Measure, capital, ended_in_a_deadlock};
use crate::number::{agreeing, count, given_percent, of_them, plain};
use crate::scenario::Scenario;
use crate::study::find::{Bounds, Comparison, Found, Question, Requirement, Space, Tried, Verdict};

/// The maximum number of settings named.
const NAMED: usize = 3;

/// A setting in words: `KEY=VALUE` of every key.
#[must_use]
pub fn named(space: &Space, setting: &[i64]) -> String {
    let each = space.choices().iter().zip(setting);
    let each = each.map(|(choice, value)| format!("{}={value}", choice.key));
    each.collect::<Vec<_>>().join(" ")
}

/// The answer: the setting to take, how sure that is, the effect of one step more or less, and what is not settled.
#[must_use]
pub fn finding(scenario: &Scenario, question: &Question, found: &Found, confidence: f64) -> Answer {
    let said = Said {
        scenario,
        question,
        found,
    };
    let mut answer = Answer {
        measure: question.aim.measure().map(str::to_owned),
        headline: said.headline(),
        sureness: said.sureness(confidence),
        confidence: Some(confidence),
        ties: said.ties(),
        notes: said
            .meaning()
            .into_iter()
            .chain(said.requirements())
            .collect(),
        unsettled: said.unsettled(),
    };
    let beside = found.beside.iter().map(|&at| said.beside(&found.tried[at]));
    answer.notes.extend(beside);
    let of = format!("of {}", of_them(found.runs, "run"));
    answer
        .notes
        .extend(ended_in_a_deadlock(found.blocked, &of, found.runs));
    answer.notes.push(said.spent());
    answer
}

struct Said<'a> {
    scenario: &'a Scenario,
    question: &'a Question,
    found: &'a Found,
}

impl Said<'_> {
    fn best(&self) -> &Tried {
        &self.found.tried[self.found.best]
    }

    fn named(&self, tried: &Tried) -> String {
        named(&self.question.space, &tried.setting)
    }

    /// Whether the aim is one of the keys, so that the setting states its value.
    fn is_key(&self) -> bool {
        let mut choices = self.question.space.choices().iter();
        choices.any(|choice| choice.key == self.question.aim.text)
    }

    fn superlative(&self) -> &'static str {
        if self.question.aim.greatest {
            "greatest"
        } else {
            "least"
        }
    }

    /// The aim of a setting in words, such as `the mean wait is 3.2 min` or `21*a + 30*b is 147`.
    fn aim(&self, tried: &Tried) -> String {
        let aim = &self.question.aim;
        match aim.measure() {
            Some(key) => {
                let measure = Measure::of(key, self.scenario);
                format!("{} is {}", measure.name, measure.value(tried.value, None))
            }
            None => {
                let value = tried.value.map_or("–".to_owned(), exact);
                format!("{} is {value}", self.total().unwrap_or(&aim.text))
            }
        }
    }

    /// The word for the aim if it is a sum of keys, which is too long to repeat.
    fn total(&self) -> Option<&'static str> {
        let is_sum = self.question.aim.measure().is_none() && !self.is_key();
        is_sum.then_some(match self.question.aim.greatest {
            true => "the total",
            false => "the cost",
        })
    }

    /// The sum that a total or a cost stands for.
    fn meaning(&self) -> Option<String> {
        let total = self.total()?;
        Some(format!("{} is {}.", capital(total), self.question.aim.text))
    }

    fn headline(&self) -> String {
        let best = self.best();
        let (setting, aim) = (self.named(best), self.aim(best));
        let (and_aim, aim_and) = match self.is_key() {
            true => (String::new(), String::new()),
            false => (format!("; {aim}"), format!("{aim}, ")),
        };
        let superlative = self.superlative();
        let required = match self.question.requirements.len() {
            0 => String::new(),
            1 => " that meets the requirement".to_owned(),
            _ => " that meets all requirements".to_owned(),
        };
        let nothing = best.verdict == Verdict::No || best.replications == 0;
        match (best.verdict, self.found.settled) {
            (Verdict::Yes, true) => {
                format!("Take {setting}: {aim_and}the {superlative}{required}.")
            }
            (Verdict::Yes, false) => {
                format!("Take {setting}: {aim_and}the {superlative} found so far{required}.")
            }
            _ if nothing => format!(
                "No setting meets {}: {setting} comes nearest{and_aim}.",
                match self.question.requirements.len() {
                    1 => "the requirement",
                    _ => "all requirements",
                }
            ),
            _ => format!(
                "Not settled: {setting} may be the best, but whether it meets {} is not known{and_aim}.",
                match self.question.requirements.len() {
                    1 => "the requirement",
                    _ => "all requirements",
                }
            ),
        }
    }

    fn sureness(&self, confidence: f64) -> Option<String> {
        let sure = given_percent(confidence);
        let best = self.best();
        let all = of_them(
            u64::try_from(self.found.settings).unwrap_or(u64::MAX),
            "setting",
        );
        let none_required = self.question.requirements.is_empty();
        let is_measure = self.question.aim.measure().is_some();
        match (best.verdict, self.found.searched) {
            (Verdict::Yes, Some(tried)) if none_required => Some(format!(
                "{sure} sure only that it is the best of the settings a search ended with: it tried {} of {all}.",
                count(tried)
            )),
            (Verdict::Yes, Some(tried)) => Some(format!(
                "{sure} sure that it meets them; that nothing better exists is no proof: a search tried {} of {all}.",
                count(tried)
            )),
            (Verdict::Yes, None) if !self.found.settled => (!none_required).then(|| {
                format!("{sure} sure that it meets them, but not that nothing better does.")
            }),
            (Verdict::Yes, None) => {
                let zone = self.found.zone.filter(|zone| is_measure && *zone > 0.0);
                let by = zone.map_or(String::new(), |zone| {
                    let key = self.question.aim.measure().unwrap_or_default();
                    let measure = Measure::of(key, self.scenario);
                    let zone = match self.question.indifference {
                        Some(given) => measure.given(given),
                        None => measure.difference(Some(zone), None),
                    };
                    format!(" by more than {zone}")
                });
                Some(match none_required {
                    true => format!("{sure} sure that none of {all} is better{by}."),
                    false => format!(
                        "{sure} sure, of everything together: it meets them, and none of {all} that is better{by} \
                         does."
                    ),
                })
            }
            (Verdict::No, None) if self.found.settled => {
                Some(format!("{sure} sure of each of {all} by itself."))
            }
            _ => None,
        }
    }

    fn ties(&self) -> Vec<String> {
        use crate::study::find::Standing;
        let tried = self.found.tried.iter();
        let as_good = tried.filter(|one| one.standing == Standing::AsGood);
        as_good.map(|one| self.named(one)).collect()
    }

    /// A measure of a requirement, and the required value.
    fn requirement(&self, requirement: &Requirement, seen: &Bounds) -> String {
        let measure = Measure::of(&requirement.measure, self.scenario);
        let value = |value: Option<f64>| measure.beside(value, &[requirement.value]);
        let required = measure.given(requirement.value);
        let least = ("at least", seen.low);
        let most = ("at most", seen.high);
        let ((word, near), far) = match requirement.comparison {
            Comparison::AtLeast | Comparison::More => (least, most),
            Comparison::AtMost | Comparison::Less => (most, least),
        };
        // If it fails, the other end says so.
        let fails = far.1.is_some_and(|end| requirement.margin(end) < 0.0);
        let (surely, end) = if fails { far } else { (word, near) };
        let sure = end.map_or(String::new(), |end| {
            let bound = measure.bound(end, surely == most.0, requirement.value);
            format!(", surely {surely} {bound}")
        });
        format!(
            "{} is {}{sure}; {word} {required} is required.",
            capital(&measure.name),
            value(seen.mean)
        )
    }

    fn requirements(&self) -> Vec<String> {
        let best = self.best();
        if best.replications == 0 {
            return Vec::new();
        }
        let required = self.question.requirements.iter().zip(&best.measures);
        required
            .map(|(requirement, seen)| self.requirement(requirement, seen))
            .collect()
    }

    /// The effect of a setting one step from the best.
    fn beside(&self, tried: &Tried) -> String {
        let choices = self.question.space.choices().iter();
        let best = &self.best().setting;
        let changed = choices.zip(best).zip(&tried.setting);
        let changed = changed.filter(|((_, a), b)| a != b);
        let changed = changed.map(|((choice, a), b)| {
            let way = if b > a { "more" } else { "fewer" };
            let by = match (b - a).abs() {
                1 => "one".to_owned(),
                by => count(by.unsigned_abs()),
            };
            format!("{by} {way} of {}", choice.key)
        });
        let changed: Vec<String> = changed.collect();
        let measures = self.question.requirements.iter().zip(&tried.measures);
        let measures = measures.map(|(requirement, seen)| {
            let measure = Measure::of(&requirement.measure, self.scenario);
            let value = measure.beside(seen.mean, &[requirement.value]);
            format!("{} {value}", measure.name)
        });
        let mut parts: Vec<String> = (!self.is_key())
            .then(|| self.aim(tried))
            .into_iter()
            .collect();
        parts.extend(measures);
        let verdict = match (tried.verdict, self.question.requirements.is_empty()) {
            (_, true) => "",
            (Verdict::Yes, _) => ", which meets all",
            (Verdict::No, _) => ", which fails",
            (Verdict::Open, _) if tried.seems_to_meet(&self.question.requirements) => {
                ", which seems to meet all"
            }
            (Verdict::Open, _) => ", which seems to fail",
        };
        format!(
            "With {}: {}{verdict}.",
            changed.join(", "),
            parts.join(", ")
        )
    }

    fn unsettled(&self) -> Vec<String> {
        let mut unsettled = Vec::new();
        if self.found.interrupted {
            unsettled
                .push("It was stopped before its end: this is what is known so far.".to_owned());
        }
        let open: Vec<&Tried> = self.found.open().collect();
        let run: Vec<&&Tried> = open.iter().filter(|one| one.replications > 0).collect();
        let names: Vec<String> = run.iter().take(NAMED).map(|one| self.named(one)).collect();
        let more = match open.len().saturating_sub(names.len()) {
            0 => String::new(),
            more => format!(" and {} more", count(more as u64)),
        };
        if !names.is_empty() && self.best().verdict == Verdict::Yes {
            unsettled.push(format!(
                "Not settled: {}{more} could be better and meet everything: raise --max.",
                names.join(", ")
            ));
        } else if !open.is_empty() || !self.found.settled {
            unsettled.push(format!(
                "{} not settled: raise --max.",
                match open.len() {
                    0 => "Whether it meets everything is".to_owned(),
                    n => format!(
                        "{} {}",
                        of_them(n as u64, "other setting"),
                        agreeing(n as u64, "is", "are")
                    ),
                }
            ));
        }
        unsettled
    }

    fn spent(&self) -> String {
        let run = self.found.tried.iter().filter(|one| one.replications > 0);
        let most = self.found.tried.iter().map(|one| one.replications).max();
        let of = u64::try_from(self.found.settings).unwrap_or(u64::MAX);
        format!(
            "{} of {} were run in the race, {} at most each: {} in all.",
            count(run.count() as u64),
            of_them(of, "setting"),
            of_them(most.unwrap_or(0), "time"),
            of_them(self.found.runs, "run")
        )
    }
}

/// A sum of keys with factors, as a whole number if it is one.
fn exact(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        plain(value)
    }
}
