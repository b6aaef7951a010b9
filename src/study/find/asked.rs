//! The question of a search: the measure or cost to minimise or maximise, and the requirements.

use super::space::{Setting, Space, terms};
use crate::number::moved;
use crate::study::keys::Place;
use std::fmt;

/// The comparison of a measure with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// At least.
    AtLeast,
    /// More than.
    More,
    /// At most.
    AtMost,
    /// Less than.
    Less,
}

/// A requirement: the mean of a measure against a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The key of the measure.
    pub measure: String,
    /// The comparison.
    pub comparison: Comparison,
    /// The value it is compared with.
    pub value: f64,
}

impl Requirement {
    /// Reads `KEY >= VALUE`; the other signs are `<=`, `>` and `<`.
    ///
    /// # Errors
    /// The mistake, as a sentence.
    pub fn parse(text: &str) -> Result<Requirement, String> {
        let form = || {
            format!(
                "`{text}` is not KEY >= VALUE (or <=, >, <), as in \"waiting.mean <= 2.5\"; VALUE is a number in the \
                 scenario's `time_unit`, written without a unit, or a percentage"
            )
        };
        let signs = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            (">", Comparison::More),
            ("<", Comparison::Less),
        ];
        let found = signs.into_iter().find_map(|(sign, comparison)| {
            let (measure, value) = text.split_once(sign)?;
            Some((measure.trim(), comparison, value.trim()))
        });
        let (measure, comparison, value) = found.ok_or_else(form)?;
        let (number, places) = match value.strip_suffix('%') {
            Some(percent) => (percent.trim(), -2),
            None => (value, 0),
        };
        match number.parse::<f64>() {
            Ok(number) if number.is_finite() && !measure.is_empty() => Ok(Requirement {
                measure: measure.to_owned(),
                comparison,
                value: moved(number, places),
            }),
            _ => Err(form()),
        }
    }

    /// The margin by which a value of the measure meets the requirement; negative if it does not.
    #[must_use]
    pub fn margin(&self, value: f64) -> f64 {
        match self.comparison {
            Comparison::AtLeast | Comparison::More => value - self.value,
            Comparison::AtMost | Comparison::Less => self.value - value,
        }
    }

    /// Whether the requirement holds if the margin is exactly 0.
    #[must_use]
    pub fn holds_at_value(&self) -> bool {
        matches!(self.comparison, Comparison::AtLeast | Comparison::AtMost)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.comparison {
            Comparison::AtLeast => ">=",
            Comparison::More => ">",
            Comparison::AtMost => "<=",
            Comparison::Less => "<",
        };
        write!(f, "{} {sign} {}", self.measure, self.value)
    }
}

/// The quantity to optimise.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// A sum of chosen keys, each with its factor, by index.
    Cost(Vec<(f64, usize)>),
    /// The mean of a measure.
    Measure(String),
}

/// The quantity to minimise or maximise.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    /// The text as typed.
    pub text: String,
    /// The quantity.
    pub subject: Subject,
    /// Whether it is to be maximised.
    pub greatest: bool,
}

impl Aim {
    /// Reads a measure, or a sum of chosen keys with factors: `21*KEY + 30*KEY`.
    ///
    /// # Errors
    /// The mistake, as a sentence.
    pub fn parse(
        text: &str,
        greatest: bool,
        space: &Space,
        place: Place<'_>,
    ) -> Result<Aim, String> {
        let mut cost = Vec::new();
        let parts = terms(text);
        let mut subject = None;
        for part in &parts {
            let (factor, key) = factor_and_key(part);
            match space.find(key, place) {
                Ok(at) if factor.is_finite() => cost.push((factor, at)),
                Err(_) if parts.len() == 1 && factor == 1.0 && !key.is_empty() => {
                    subject = Some(Subject::Measure(key.to_owned()));
                }
                Ok(_) => return Err(format!("`{part}` is not FACTOR*KEY")),
                Err(unknown) => {
                    return Err(format!(
                        "`{text}` is neither a measure nor a sum of chosen keys: {unknown}"
                    ));
                }
            }
        }
        // A key is spelled as it was chosen.
        let text = match cost.as_slice() {
            [(1.0, at)] => space.choices()[*at].key.clone(),
            _ => text.trim().to_owned(),
        };
        Ok(Aim {
            text,
            subject: subject.unwrap_or(Subject::Cost(cost)),
            greatest,
        })
    }

    /// The value of a setting, if it needs no run; smaller is better.
    #[must_use]
    pub(super) fn cost(&self, setting: &Setting) -> Option<f64> {
        match &self.subject {
            Subject::Cost(terms) => Some(
                self.sign()
                    * terms
                        .iter()
                        .map(|(factor, at)| factor * setting[*at] as f64)
                        .sum::<f64>(),
            ),
            Subject::Measure(_) => None,
        }
    }

    /// The key of the measure, if the aim is one.
    #[must_use]
    pub fn measure(&self) -> Option<&str> {
        match &self.subject {
            Subject::Measure(key) => Some(key),
            Subject::Cost(_) => None,
        }
    }

    /// The factor that makes smaller better.
    pub(super) fn sign(&self) -> f64 {
        if self.greatest { -1.0 } else { 1.0 }
    }
}

/// The factor before or after a star, 1 without one.
fn factor_and_key(part: &str) -> (f64, &str) {
    let Some((a, b)) = part.split_once('*') else {
        return (1.0, part);
    };
    let (a, b) = (a.trim(), b.trim());
    match (a.parse(), b.parse()) {
        (Ok(factor), _) => (factor, b),
        (_, Ok(factor)) => (factor, a),
        _ => (f64::NAN, part),
    }
}

#[cfg(test)]
mod tests {
    use super::super::space::Choice;
    use super::*;

    #[test]
    fn requirements_are_read_and_say_by_how_much_they_hold() {
        let read = |text: &str| Requirement::parse(text).unwrap();
        let level = read("service_level.of_offered >= 80 %");
        assert_eq!(
            (level.measure.as_str(), level.value),
            ("service_level.of_offered", 0.8)
        );
        assert!((level.margin(0.85) - 0.05).abs() < 1e-12);
        let waits = read("waiting.mean<2.5");
        assert!(waits.margin(3.0) < 0.0 && !waits.holds_at_value());
        for wrong in [
            "waiting.mean",
            "waiting.mean = 2",
            ">= 3",
            "waiting.mean >= much",
            "waiting.mean <= 20 s",
        ] {
            let error = Requirement::parse(wrong).unwrap_err();
            assert!(error.contains("without a unit"), "{error}");
        }
    }

    #[test]
    fn an_aim_is_a_measure_or_a_sum_of_chosen_keys() {
        let choices = ["a.b=1..4", "c=1..4"].map(|text| Choice::parse(text).unwrap());
        let space = Space::new(choices.to_vec(), &[], &str::to_owned).unwrap();
        let aim = Aim::parse("21*a.b + c*2.5", false, &space, &str::to_owned).unwrap();
        assert_eq!(aim.cost(&vec![2, 4]), Some(52.0));
        let aim = Aim::parse("c", true, &space, &str::to_owned).unwrap();
        assert_eq!(aim.cost(&vec![2, 4]), Some(-4.0));
        let aim = Aim::parse("throughput", true, &space, &str::to_owned).unwrap();
        assert_eq!(
            (aim.measure(), aim.cost(&vec![1, 1])),
            (Some("throughput"), None)
        );
        for wrong in ["2*waiting.mean", "c + waiting.mean", "a.b*c", ""] {
            assert!(
                Aim::parse(wrong, false, &space, &str::to_owned).is_err(),
                "{wrong}"
            );
        }
    }
}
