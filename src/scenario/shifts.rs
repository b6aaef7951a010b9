//! The shifts of a desk: the times at which attendants are on duty.

use super::clock::DAY;
use super::load::{Door, name, unique};
use super::{Desk, DeskHorizon, input};
use crate::problem::{KeyPath, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The periods during which some attendants are on duty.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// Its name.
    pub name: String,
    /// Beginning and end of each period, in file order.
    pub spells: Vec<[f64; 2]>,
    /// The length of time after which they repeat, also back in time; `None` means once.
    pub repeat: Option<f64>,
    /// The rule for an attendant whose period on duty ends while it serves.
    pub leaving: ShiftLeaving,
}

/// What an attendant does whose spell ends while it serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ShiftLeaving {
    /// It finishes service and wrap-up, and takes nothing new.
    #[default]
    Finish,
    /// It goes at once, and its request is handed over as after a fault.
    HandOver,
}

/// Checks the shifts of a desk.
pub(super) fn check(
    forms: Vec<input::Shift>,
    horizon: DeskHorizon,
    door: &Door,
) -> Result<Vec<Shift>, Problem> {
    let mut shifts = Vec::with_capacity(forms.len());
    for (index, form) in forms.into_iter().enumerate() {
        let at = KeyPath::to(&["shifts"]).index(index);
        let stepped = matches!(horizon, DeskHorizon::Steps(_));
        let whole = |length: f64, at: &KeyPath| {
            if stepped && length.fract() != 0.0 {
                let message = format!("`{at}` is {length}, not a whole number of steps");
                return Err(Problem::value(at, message)
                    .help("in continuous time (`[horizon]` with `until`) it may be any"));
            }
            Ok(())
        };
        let mut spells = Vec::with_capacity(form.spells.len());
        for (number, input::Spell(from, until)) in form.spells.into_iter().enumerate() {
            let at = at.key("spells").index(number);
            whole(from, &at.index(0))?;
            whole(until, &at.index(1))?;
            // If both are times of day, an end not after the beginning is on the next day.
            let of_day = (0..2).all(|end| door.is_time_of_day(&at.index(end)));
            let until = match door.clock.unit {
                Some(unit) if of_day && until <= from => until + unit.of_nanoseconds(DAY.into()),
                _ => until,
            };
            if until <= from {
                let message = format!("`{at}` ends at {until}, not after its beginning at {from}");
                return Err(Problem::value(&at.index(1), message)
                    .also(at.index(0))
                    .help("a spell over the end of a day or a `repeat` is counted on, such as [20, 30]"));
            }
            spells.push([from, until]);
        }
        if let Some(repeat) = form.repeat {
            whole(repeat, &at.key("repeat"))?;
        }
        shifts.push(Shift {
            name: name(form.name, &at.key("name"))?,
            spells,
            repeat: form.repeat,
            leaving: form.leaving,
        });
    }
    unique("shifts", shifts.iter().map(|shift| shift.name.as_str()))?;
    Ok(shifts)
}

impl Shift {
    /// The periods on duty from the first that ends after time 0, joined if they touch, in order. A period without
    /// an end ends [never](f64::INFINITY).
    #[must_use]
    pub fn joined(&self) -> Spells {
        let next = |&[from, until]: &[f64; 2]| match self.repeat {
            // The first of its repeats that ends after 0.
            Some(repeat) => {
                let mut round = (-until / repeat).floor() as i64;
                while until + round as f64 * repeat <= 0.0 {
                    round += 1;
                }
                Some((from, until, round))
            }
            None => (until > 0.0).then_some((from, until, 0)),
        };
        Spells {
            repeat: self.repeat,
            next: self.spells.iter().filter_map(next).collect(),
        }
    }
}

/// Periods on duty, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Spells {
    repeat: Option<f64>,
    /// For each period, as written, the number of repeats before its next occurrence.
    next: Vec<(f64, f64, i64)>,
}

impl Spells {
    fn begin(&self, (from, _, round): (f64, f64, i64)) -> f64 {
        from + self.repeat.unwrap_or(0.0) * round as f64
    }

    fn end(&self, (_, until, round): (f64, f64, i64)) -> f64 {
        until + self.repeat.unwrap_or(0.0) * round as f64
    }

    /// Takes the period that begins first.
    fn take_first(&mut self) -> Option<[f64; 2]> {
        let begins = self.next.iter().map(|&spell| self.begin(spell));
        let first = begins.reduce(f64::min)?;
        let at = self
            .next
            .iter()
            .position(|&spell| self.begin(spell) == first)?;
        let spell = [self.begin(self.next[at]), self.end(self.next[at])];
        match self.repeat {
            Some(_) => self.next[at].2 += 1,
            None => {
                self.next.remove(at);
            }
        }
        Some(spell)
    }

    fn begins_by(&self, time: f64) -> bool {
        self.next.iter().any(|&spell| self.begin(spell) <= time)
    }
}

impl Iterator for Spells {
    type Item = [f64; 2];

    fn next(&mut self) -> Option<[f64; 2]> {
        let [begin, mut end] = self.take_first()?;
        while self.begins_by(end) {
            let [_, other] = self.take_first()?;
            end = end.max(other);
            // On duty for a whole repeat means on duty for ever.
            if self.repeat.is_some_and(|repeat| end - begin > repeat) {
                self.next.clear();
                return Some([begin, f64::INFINITY]);
            }
        }
        Some([begin, end])
    }
}

impl Desk {
    /// Whether an attendant is on duty at time 0.
    #[must_use]
    pub fn begins_on_duty(&self, server: usize, attendant: usize) -> bool {
        let Some(shift) = self.servers[server].shift(attendant) else {
            return true;
        };
        let first = self.shifts[shift].joined().next();
        first.is_some_and(|[begin, _]| begin <= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spells(spells: &[[f64; 2]], repeat: Option<f64>) -> Vec<[f64; 2]> {
        let shift = Shift {
            name: "early".to_owned(),
            spells: spells.to_vec(),
            repeat,
            leaving: ShiftLeaving::Finish,
        };
        shift.joined().take(4).collect()
    }

    #[test]
    fn spells_that_touch_are_one_and_repeats_reach_back_before_their_first_date() {
        let never = f64::INFINITY;
        assert_eq!(
            spells(&[[4.0, 6.0], [1.0, 2.0], [2.0, 3.0]], None),
            [[1.0, 3.0], [4.0, 6.0]]
        );
        assert_eq!(
            spells(&[[30.0, 34.0]], Some(10.0))[..2],
            [[0.0, 4.0], [10.0, 14.0]]
        );
        // Across the end of a repeat, and in progress at 0.
        assert_eq!(
            spells(&[[8.0, 13.0]], Some(10.0))[..2],
            [[-2.0, 3.0], [8.0, 13.0]]
        );
        assert_eq!(
            spells(&[[0.0, 5.0], [5.0, 10.0]], Some(10.0)),
            [[0.0, never]]
        );
        assert_eq!(spells(&[[3.0, 15.0]], Some(10.0)), [[-7.0, never]]);
        assert_eq!(spells(&[[0.0, 0.5]], None), [[0.0, 0.5]]);
    }
}
