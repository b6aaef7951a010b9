//! The space of settings: whole numbers for a few keys, some of them with a fixed sum.
//!
//! Settings are counted before any is created: keys without a sum by their product, those of a sum by the number of
//! ways to write it, one key after the other.

use crate::study::keys::{Place, twice};
use std::fmt;

/// The maximum number of values of one key.
const VALUES_MAX: i64 = 1_000_000;

/// A key of the scenario and the whole numbers it may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The dotted key, as it was typed.
    pub key: String,
    /// The smallest value.
    pub low: i64,
    /// The largest value that is a whole number of steps above the smallest.
    pub high: i64,
    /// The distance between values, at least 1.
    pub step: i64,
}

impl Choice {
    /// Reads `KEY=LO..HI` or `KEY=LO..HI:STEP`.
    ///
    /// # Errors
    /// The mistake, as a sentence.
    pub fn parse(text: &str) -> Result<Choice, String> {
        let example = "as in stages.0.servers=1..8 or stages.0.buffer=0..20:5";
        let form = || format!("a key to choose is KEY=LO..HI or KEY=LO..HI:STEP, {example}");
        let (key, range) = text.split_once('=').ok_or_else(form)?;
        let (low, rest) = range.split_once("..").ok_or_else(form)?;
        let (high, step) = rest.split_once(':').unwrap_or((rest, "1"));
        let whole = |text: &str| {
            let text = text.trim();
            text.parse::<i64>()
                .map_err(|_| format!("`{text}` is not a whole number; {}", form()))
        };
        let (key, low, high, step) = (key.trim(), whole(low)?, whole(high)?, whole(step)?);
        if key.is_empty() {
            return Err(form());
        }
        if step < 1 {
            return Err(format!("a step of {step} leads nowhere; give at least 1"));
        }
        if low > high {
            return Err(format!(
                "{low}..{high} is empty; the first number is the smaller one"
            ));
        }
        let steps = high.checked_sub(low).map(|span| span / step);
        match steps {
            Some(steps) if steps < VALUES_MAX => Ok(Choice {
                key: key.to_owned(),
                low,
                high: low + steps * step,
                step,
            }),
            _ => Err(format!(
                "{low}..{high}:{step} has more than {VALUES_MAX} values; give a greater step"
            )),
        }
    }

    fn values(&self) -> u128 {
        ((self.high - self.low) / self.step + 1) as u128
    }

    /// Whether it may have this value.
    #[must_use]
    pub fn holds(&self, value: i64) -> bool {
        (self.low..=self.high).contains(&value) && (value - self.low) % self.step == 0
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}..{}", self.key, self.low, self.high)?;
        match self.step {
            1 => Ok(()),
            step => write!(f, ":{step}"),
        }
    }
}

/// Keys whose values add up to a fixed number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sum {
    keys: Vec<usize>,
    total: i64,
}

/// A setting: a value for each key, in the order of the choices.
pub type Setting = Vec<i64>;

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    choices: Vec<Choice>,
    /// The places of their keys in the scenario.
    places: Vec<String>,
    sums: Vec<Sum>,
}

/// The parts of a sum at the plus signs outside quotes.
pub(super) fn terms(text: &str) -> Vec<&str> {
    let (mut quoted, mut from, mut parts) = (false, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '+' if !quoted => {
                parts.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts
}

impl Space {
    /// The space of these choices, with sums as `KEY+KEY=20`.
    ///
    /// # Errors
    /// The mistake, as a sentence.
    pub fn new(choices: Vec<Choice>, sums: &[String], place: Place<'_>) -> Result<Space, String> {
        let keys = || choices.iter().map(|choice| choice.key.as_str());
        if let Some(twice) = twice(keys(), "chosen", place) {
            return Err(twice);
        }
        let places = keys().map(place).collect();
        let mut space = Space {
            choices,
            places,
            sums: Vec::new(),
        };
        for text in sums {
            let sum = space.sum(text, place)?;
            space.sums.push(sum);
        }
        Ok(space)
    }

    fn sum(&self, text: &str, place: Place<'_>) -> Result<Sum, String> {
        let form = || {
            format!("`--sum {text}` is not KEY+KEY=TOTAL, as in stages.1.buffer+stages.2.buffer=12")
        };
        let (keys, total) = text.rsplit_once('=').ok_or_else(form)?;
        let total: i64 = total.trim().parse().map_err(|_| form())?;
        let mut sum = Sum {
            keys: Vec::new(),
            total,
        };
        for key in terms(keys) {
            let at = self.find(key, place)?;
            let summed = self.sums.iter().any(|other| other.keys.contains(&at));
            if summed || sum.keys.contains(&at) {
                return Err(format!(
                    "`{key}` stands in the sums twice; a key belongs to one sum"
                ));
            }
            sum.keys.push(at);
        }
        let ends =
            |end: fn(&Choice) -> i64| sum.keys.iter().map(|&at| end(&self.choices[at])).sum();
        let (low, high): (i64, i64) = (ends(|choice| choice.low), ends(|choice| choice.high));
        if !(low..=high).contains(&total) {
            return Err(format!(
                "`--sum {text}` cannot be met: these keys add up to {low} at least and {high} at most"
            ));
        }
        if self.ways(&sum) == 0 {
            return Err(format!(
                "`--sum {text}` cannot be met: no values of these keys, by their steps, add up to {total}"
            ));
        }
        Ok(sum)
    }

    /// The index of a chosen key, in any spelling.
    ///
    /// # Errors
    /// The chosen keys, in a sentence.
    pub fn find(&self, key: &str, place: Place<'_>) -> Result<usize, String> {
        let wanted = place(key);
        let found = self.places.iter().position(|place| *place == wanted);
        found.ok_or_else(|| {
            let chosen: Vec<String> = self
                .choices
                .iter()
                .map(|choice| format!("`{}`", choice.key))
                .collect();
            format!(
                "`{key}` is not a chosen key; chosen are {}",
                chosen.join(", ")
            )
        })
    }

    /// The choices.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// Whether a key has a fixed sum with others.
    #[must_use]
    pub fn is_summed(&self, at: usize) -> bool {
        self.sums.iter().any(|sum| sum.keys.contains(&at))
    }

    /// Pairs of keys between which a value can be moved without changing a sum.
    pub(super) fn exchanges(&self) -> Vec<(usize, usize)> {
        let of = |sum: &Sum| {
            let keys = sum.keys.clone();
            let pairs = keys.iter().flat_map(|&from| {
                let others = keys.iter().filter(move |&&to| to != from);
                others.map(move |&to| (from, to)).collect::<Vec<_>>()
            });
            pairs.collect::<Vec<_>>()
        };
        self.sums.iter().flat_map(of).collect()
    }

    /// Number of settings; the maximum of the type if there are more.
    #[must_use]
    pub fn count(&self) -> u128 {
        let free = self.choices.iter().enumerate();
        let free = free.filter(|(at, _)| !self.is_summed(*at));
        let free = free.fold(1_u128, |count, (_, choice)| {
            count.saturating_mul(choice.values())
        });
        let sums = self.sums.iter();
        sums.fold(free, |count, sum| count.saturating_mul(self.ways(sum)))
    }

    /// Number of ways to meet a sum.
    fn ways(&self, sum: &Sum) -> u128 {
        let choices = sum.keys.iter().map(|&at| &self.choices[at]);
        let low: i64 = choices.clone().map(|choice| choice.low).sum();
        let Ok(rest) = usize::try_from(sum.total - low) else {
            return 0;
        };
        // The number of ways to distribute each amount above the smallest values over the keys so far.
        let mut ways = vec![0_u128; rest + 1];
        ways[0] = 1;
        for choice in choices {
            let (step, most) = (choice.step as usize, (choice.high - choice.low) as usize);
            let mut with = vec![0_u128; rest + 1];
            for spent in 0..=rest {
                let before = if spent >= step { with[spent - step] } else { 0 };
                let gone = spent.checked_sub(most + step).map_or(0, |at| ways[at]);
                with[spent] = before.saturating_add(ways[spent]).saturating_sub(gone);
            }
            ways = with;
        }
        ways[rest]
    }

    /// Whether a setting belongs to the space.
    #[must_use]
    pub fn holds(&self, setting: &[i64]) -> bool {
        let each = setting.iter().zip(&self.choices);
        let total = |sum: &Sum| sum.keys.iter().map(|&at| setting[at]).sum::<i64>();
        each.clone().all(|(&value, choice)| choice.holds(value))
            && self.sums.iter().all(|sum| total(sum) == sum.total)
    }

    /// All settings, the last key changing fastest.
    #[must_use]
    pub fn all(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        self.extend(&mut Vec::new(), &mut settings);
        settings
    }

    fn extend(&self, begun: &mut Setting, settings: &mut Vec<Setting>) {
        let at = begun.len();
        let Some(choice) = self.choices.get(at) else {
            settings.push(begun.clone());
            return;
        };
        let mut value = choice.low;
        while value <= choice.high {
            begun.push(value);
            if self.can_be_met(begun) {
                self.extend(begun, settings);
            }
            begun.pop();
            value += choice.step;
        }
    }

    /// Whether the sums can still be met, by their bounds; for a complete setting, whether they are.
    fn can_be_met(&self, begun: &[i64]) -> bool {
        self.sums.iter().all(|sum| {
            let bound = |end: fn(&Choice) -> i64| -> i64 {
                let value = |&at: &usize| match begun.get(at) {
                    Some(&value) => value,
                    None => end(&self.choices[at]),
                };
                sum.keys.iter().map(value).sum()
            };
            (bound(|choice| choice.low)..=bound(|choice| choice.high)).contains(&sum.total)
        })
    }

    /// The setting at this share of the way from the smallest values to the largest; sums are met as evenly as
    /// steps allow.
    #[must_use]
    pub fn between(&self, share: f64) -> Option<Setting> {
        let at = |choice: &Choice| {
            let steps = (choice.high - choice.low) / choice.step;
            choice.low + (share * steps as f64).round() as i64 * choice.step
        };
        let mut setting: Setting = self.choices.iter().map(at).collect();
        for sum in &self.sums {
            let mut left = sum.total;
            for &key in &sum.keys {
                setting[key] = self.choices[key].low;
                left -= setting[key];
            }
            // In turn, one step each.
            while left > 0 {
                let before = left;
                for &key in &sum.keys {
                    let choice = &self.choices[key];
                    if setting[key] < choice.high && choice.step <= left {
                        setting[key] += choice.step;
                        left -= choice.step;
                    }
                }
                if left == before {
                    return None;
                }
            }
        }
        Some(setting)
    }

    /// The settings one step of `size` away: a free key up and down, summed keys from one to another.
    #[must_use]
    pub fn neighbours(&self, setting: &[i64], size: i64) -> Vec<Setting> {
        let mut found = Vec::new();
        for (at, choice) in self.choices.iter().enumerate() {
            for way in [-1, 1] {
                let mut next = setting.to_vec();
                next[at] += way * size * choice.step;
                found.push(next);
            }
        }
        for (from, to) in self.exchanges() {
            let mut next = setting.to_vec();
            let step = size * self.choices[from].step.max(self.choices[to].step);
            next[from] -= step;
            next[to] += step;
            found.push(next);
        }
        found.retain(|next| self.holds(next));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(choices: &[&str], sums: &[&str]) -> Result<Space, String> {
        let choices = choices.iter().map(|text| Choice::parse(text).unwrap());
        let sums: Vec<String> = sums.iter().map(|&sum| sum.to_owned()).collect();
        Space::new(choices.collect(), &sums, &str::to_owned)
    }

    #[test]
    fn settings_are_as_many_as_were_counted_and_each_meets_its_sums() {
        for (choices, sums) in [
            (&["a=1..4", "b=0..10:5"][..], &[][..]),
            (&["a=0..6", "b=0..6", "c=1..9"], &["a+b+c=9"]),
            (&["a=0..8:2", "b=1..5", "c=0..3"], &["a+b=7"]),
            (
                &["a=2..9:3", "b=0..9", "c=0..4", "d=1..3"],
                &["a+c=8", "d+b=5"],
            ),
        ] {
            let space = space(choices, sums).unwrap();
            let all = space.all();
            assert_eq!(all.len() as u128, space.count(), "{choices:?} {sums:?}");
            assert!(all.iter().all(|setting| space.holds(setting)));
            assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn forty_million_settings_are_counted_and_not_made() {
        let space = space(&["a=1..200", "b=1..200", "c=1..1000"], &[]).unwrap();
        assert_eq!(space.count(), 40_000_000);
        let middle = space.between(0.5).unwrap();
        assert!(space.holds(&middle));
    }

    #[test]
    fn what_is_no_choice_or_no_sum_is_refused() {
        for wrong in [
            "a",
            "a=1",
            "=1..2",
            "a=1.5..2",
            "a=3..1",
            "a=1..5:0",
            "a=0..9999999",
        ] {
            assert!(Choice::parse(wrong).is_err(), "{wrong}");
        }
        for (sum, part) in [
            ("a+b=99", "10 at most"),
            ("a+b=1", "2 at least"),
            ("a+x=4", "`x` is not a chosen key"),
            ("a+a=4", "twice"),
            ("a+b", "KEY+KEY=TOTAL"),
        ] {
            let error = space(&["a=1..5", "b=1..5"], &[sum]).unwrap_err();
            assert!(error.contains(part), "{sum}: {error}");
        }
        let odd = space(&["a=0..8:2", "b=0..8:2"], &["a+b=7"]).unwrap_err();
        assert!(odd.contains("by their steps"), "{odd}");
    }
}
