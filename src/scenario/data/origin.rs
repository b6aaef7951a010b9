//! Instants of a column, and the origin they are counted from.
//!
//! Times of day and instants of ISO 8601 are whole nanoseconds: an origin or another column is subtracted in
//! nanoseconds, and the difference is divided once by the scenario's unit.

use super::cell::{self, Cell};
use super::quoted;
use super::rows::{Column, Rows};
use crate::date;
use crate::problem::{KeyPath, Problem};
use crate::scenario::clock::{Clock, DAY, UNITS, time_of_day};
use crate::scenario::input::Origin;
use crate::scenario::load::Door;
use std::cmp::Ordering;

/// The latest instant accepted.
pub(super) const LATEST: f64 = 1e100;

/// Nanoseconds of a second.
const SECOND: i128 = 1_000_000_000;

/// The message for a time that would be negative.
const BEFORE: &str = "before the origin";

/// A value before it is converted to a number of units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::scenario) enum Moment {
    Number(f64),
    /// Nanoseconds from time 0.
    OfDay(i64),
    /// Nanoseconds since 1970.
    Instant {
        nanoseconds: i128,
        zoned: bool,
    },
    /// Nanoseconds between two values.
    Difference(i128),
}

/// The value of a cell, with times of day counted from the start.
pub(super) fn moment(rows: &Rows, column: Column, clock: &Clock) -> Result<Moment, Problem> {
    let cell = rows.cell(column)?;
    let what = match cell {
        Cell::Number(number) => return Ok(Moment::Number(number)),
        Cell::TimeOfDay(_) => "a time of day",
        Cell::Instant { .. } => "an instant",
    };
    if clock.unit.is_none() {
        let text = rows.text(column);
        return Err(rows
            .wrong(
                column,
                &format!(
                    "is {}, {what}, but the unit of time is not known",
                    quoted(&text)
                ),
            )
            .help(format!("`time_unit` must be {UNITS}")));
    }
    Ok(match cell {
        Cell::TimeOfDay(of_day) => Moment::OfDay(clock.since_start(of_day)),
        Cell::Instant { nanoseconds, zoned } => Moment::Instant { nanoseconds, zoned },
        Cell::Number(number) => Moment::Number(number),
    })
}

/// One value minus another of its kind.
pub(super) fn difference(first: Moment, second: Moment) -> Option<Moment> {
    Some(match (first, second) {
        (Moment::Number(first), Moment::Number(second)) => Moment::Number(first - second),
        (Moment::OfDay(first), Moment::OfDay(second)) => {
            Moment::Difference(i128::from(first) - i128::from(second))
        }
        (
            Moment::Instant { nanoseconds, zoned },
            Moment::Instant {
                nanoseconds: other,
                zoned: other_zoned,
            },
        ) if zoned == other_zoned => Moment::Difference(nanoseconds - other),
        (Moment::Difference(first), Moment::Difference(second)) => {
            Moment::Difference(first - second)
        }
        _ => return None,
    })
}

impl Moment {
    /// The earlier of two instants, if both name a zone or neither does.
    pub(in crate::scenario) fn earlier(self, other: Moment) -> Option<Moment> {
        difference(self, other)?;
        Some(match self.cmp_time(other) {
            Ordering::Greater => other,
            _ => self,
        })
    }

    /// Compares two moments of one kind in time.
    pub(in crate::scenario) fn cmp_time(self, other: Moment) -> Ordering {
        let nanoseconds = |moment| match moment {
            Moment::Number(_) => 0,
            Moment::OfDay(nanoseconds) => nanoseconds.into(),
            Moment::Instant { nanoseconds, .. } | Moment::Difference(nanoseconds) => nanoseconds,
        };
        match (self, other) {
            // Zero is zero, whatever its sign.
            (Moment::Number(one), Moment::Number(other)) => (one + 0.0).total_cmp(&(other + 0.0)),
            (one, other) => i128::cmp(&nanoseconds(one), &nanoseconds(other)),
        }
    }
}

/// The origin from which the instants of one column are counted.
pub(in crate::scenario) struct Zero {
    given: Option<Origin>,
    at: KeyPath,
    clock: Clock,
    scale: f64,
    /// The first instant of all recordings, if known.
    first_of_all: Option<Moment>,
    kind: Option<Moment>,
    origin: Option<Moment>,
    /// The previous moment.
    last: Option<Moment>,
}

impl Zero {
    /// The origin a scenario gives, or the default of its kind of times; `at` is the key of the times.
    pub(in crate::scenario) fn new(
        given: Option<&Origin>,
        scale: f64,
        at: &KeyPath,
        door: &Door,
    ) -> Zero {
        Zero {
            given: given.cloned(),
            at: at.clone(),
            clock: door.clock,
            scale,
            first_of_all: door.first,
            kind: None,
            origin: None,
            last: None,
        }
    }

    /// Whether the moments so far are times of day, or instants.
    pub(in crate::scenario) fn is_on_clock(&self) -> bool {
        matches!(self.kind, Some(Moment::OfDay(_) | Moment::Instant { .. }))
    }

    /// The moment in a cell, of the same kind as those before it.
    pub(in crate::scenario) fn moment(
        &mut self,
        rows: &Rows,
        column: Column,
    ) -> Result<Moment, Problem> {
        let moment = moment(rows, column, &self.clock)?;
        self.of_one_kind(moment, rows, column)?;
        Ok(moment)
    }

    /// Refuses a moment of another kind than those before it.
    pub(super) fn of_one_kind(
        &mut self,
        moment: Moment,
        rows: &Rows,
        column: Column,
    ) -> Result<(), Problem> {
        let kind = *self.kind.get_or_insert(moment);
        let same = match (kind, moment) {
            (Moment::Instant { zoned, .. }, Moment::Instant { zoned: other, .. }) => zoned == other,
            _ => std::mem::discriminant(&kind) == std::mem::discriminant(&moment),
        };
        if same {
            return Ok(());
        }
        let name = |moment| match moment {
            Moment::Number(_) => "a number",
            Moment::OfDay(_) => "a time of day",
            Moment::Instant { zoned: true, .. } => "an instant with a zone",
            Moment::Instant { zoned: false, .. } => "an instant without a zone",
            Moment::Difference(_) => "a difference",
        };
        let what = format!(
            "is {}, where the rows before have {}",
            name(moment),
            name(kind)
        );
        Err(rows.wrong(column, &what))
    }

    /// The time of a moment of the current row in units, which must not be negative or before that of the previous
    /// row.
    pub(in crate::scenario) fn since(
        &mut self,
        moment: Moment,
        rows: &Rows,
        column: Column,
    ) -> Result<f64, Problem> {
        if let Some(before) = self.last
            && moment.cmp_time(before).is_lt()
        {
            return Err(self.falls(moment, before, rows, column));
        }
        let time = self.passed(moment)?.map_err(|wrong| {
            let text = rows.text(column);
            let problem = rows.wrong(column, &format!("is {}, {wrong}", quoted(&text)));
            match wrong {
                BEFORE => problem.help(
                    "`sort = true` puts the rows in their order; `origin` says what times are counted from",
                ),
                _ => problem,
            }
        })?;
        self.last = Some(moment);
        Ok(time)
    }

    /// A complaint about a row whose time is before that of the previous row.
    fn falls(&self, moment: Moment, before: Moment, rows: &Rows, column: Column) -> Problem {
        let text = || quoted(&rows.text(column));
        let unit = self.clock.unit;
        let (found, before) = match before {
            Moment::OfDay(passed) => (text(), quoted(&self.clock.time_of_day(passed))),
            Moment::Instant { nanoseconds, zoned } => {
                let mut before = date::date_and_time(nanoseconds.div_euclid(SECOND) as i64);
                let fraction = nanoseconds.rem_euclid(SECOND);
                if fraction > 0 {
                    let digits = format!("{fraction:09}");
                    before += &format!(".{}", digits.trim_end_matches('0'));
                }
                (text(), quoted(&if zoned { before + "Z" } else { before }))
            }
            Moment::Number(_) | Moment::Difference(_) => {
                let number = |moment| match (moment, unit) {
                    (Moment::Number(number), _) => number,
                    (Moment::Difference(passed), Some(unit)) => unit.of_nanoseconds(passed),
                    _ => f64::NAN,
                };
                (number(moment).to_string(), number(before).to_string())
            }
        };
        let problem = rows.wrong(
            column,
            &format!("is {found}, before the {before} it follows"),
        );
        problem.help(match self.kind {
            Some(Moment::OfDay(_)) => {
                "times must not fall; a time of day before `start` is the next day's: `start` says when the day \
                 begins; `sort = true` puts the rows in their order"
            }
            _ => "times must not fall; `sort = true` puts the rows in their order",
        })
    }

    /// The time of a moment in units, which must not be negative, after the rows were sorted.
    pub(in crate::scenario) fn of_sorted(
        &mut self,
        moment: Moment,
        rows: &Rows,
    ) -> Result<f64, Problem> {
        self.passed(moment)?.map_err(|wrong| {
            let at = self.at.key("origin");
            Problem::value(&at, format!("a time of {} is {wrong}", rows.name()))
        })
    }

    /// The time of a moment, or what is wrong with it.
    fn passed(&mut self, moment: Moment) -> Result<Result<f64, &'static str>, Problem> {
        let origin = match self.origin {
            Some(origin) => origin,
            None => *self.origin.insert(self.find(moment)?),
        };
        let passed = match (difference(moment, origin), self.clock.unit) {
            (Some(Moment::Number(number)), _) => number,
            (Some(Moment::Difference(nanoseconds)), Some(unit)) => unit.of_nanoseconds(nanoseconds),
            _ => unreachable!("an origin is of the kind of its times"),
        };
        let time = passed * self.scale;
        Ok(if (0.0..=LATEST).contains(&time) {
            Ok(time + 0.0)
        } else if origin == Moment::Number(0.0) || !time.is_finite() {
            Err("but must be a finite number that is not negative")
        } else if time < 0.0 {
            Err(BEFORE)
        } else {
            Err("but must be at most 1e100")
        })
    }

    /// The origin, in the kind of the first moment.
    fn find(&self, first: Moment) -> Result<Moment, Problem> {
        let at = self.at.key("origin");
        let zero = match first {
            Moment::Number(_) => Moment::Number(0.0),
            Moment::OfDay(_) => Moment::OfDay(0),
            Moment::Difference(_) => Moment::Difference(0),
            Moment::Instant { zoned, .. } => Moment::Instant {
                nanoseconds: 0,
                zoned,
            },
        };
        let refuse = |help: &str| {
            let given = match &self.given {
                Some(Origin::Text(text)) => quoted(text),
                Some(Origin::Number(number)) => number.to_string(),
                None => String::new(),
            };
            Err(Problem::value(&at, format!("`{at}` is {given}")).help(help))
        };
        match (&self.given, first) {
            (None, Moment::Instant { .. }) => Ok(self.first_of_all.unwrap_or(first)),
            (None, _) => Ok(zero),
            (Some(Origin::Text(text)), _) if text == "first" => Ok(first),
            (Some(Origin::Text(text)), _) if text == "zero" => Ok(zero),
            (Some(Origin::Number(number)), Moment::Number(_)) => Ok(Moment::Number(*number)),
            (Some(Origin::Text(text)), Moment::OfDay(_)) => match time_of_day(text.trim(), false) {
                Some(of_day) => Ok(Moment::OfDay(self.clock.since_start(of_day))),
                None => refuse(
                    "these times are times of day: \"first\", \"zero\" or one such as \"8:30\" is allowed",
                ),
            },
            (Some(Origin::Text(text)), Moment::Instant { zoned, .. }) => {
                match cell::instant(text.trim(), false) {
                    Some(Cell::Instant {
                        nanoseconds,
                        zoned: other,
                    }) if other == zoned => Ok(Moment::Instant { nanoseconds, zoned }),
                    Some(_) => refuse(if zoned {
                        "these times name a zone, so the origin must, too, as in \"2024-05-10T08:30:00Z\""
                    } else {
                        "these times name no zone, so the origin must not, as in \"2024-05-10T08:30:00\""
                    }),
                    None => refuse(
                        "\"first\", \"zero\" or an instant such as \"2024-05-10T08:30:00Z\" is allowed",
                    ),
                }
            }
            _ => refuse(
                "these times are numbers: \"first\", \"zero\" or a number in their unit is allowed",
            ),
        }
    }

    /// Called after all rows are read, with their times: warns of likely mistakes, and notes the origin if the
    /// scenario names none.
    pub(in crate::scenario) fn end(&self, times: &[f64], door: &mut Door) {
        door.warnings.extend(self.far(times));
        if let (None, Some(origin @ Moment::Instant { nanoseconds, zoned })) =
            (&self.given, self.origin)
        {
            door.firsts.push(origin);
            if !zoned {
                door.warnings.extend(self.off_the_clock(nanoseconds));
            }
        }
    }

    /// A warning if an instant that is time 0 has another time of day than `start`.
    fn off_the_clock(&self, origin: i128) -> Option<String> {
        let start = self.clock.start?;
        let since_start = (origin - start.nanoseconds_at(0.0)).rem_euclid(DAY.into());
        let [first, day] = [origin, origin - since_start].map(|at| at.div_euclid(SECOND) as i64);
        (since_start != 0).then(|| {
            format!(
                "`{}` count from {}, which is put at {start}, the `start`: `origin = \"{}T{start}\"` keeps the \
                 recorded times of day",
                self.at,
                date::date_and_time(first),
                date::date(day)
            )
        })
    }

    /// A warning if times begin far from zero compared with their span.
    fn far(&self, times: &[f64]) -> Option<String> {
        let from_zero = match &self.given {
            None => !matches!(self.kind, Some(Moment::Instant { .. })),
            Some(Origin::Text(text)) => text == "zero",
            Some(Origin::Number(_)) => false,
        };
        let remedy = match self.kind {
            Some(Moment::OfDay(_)) => "`start` says the time of day at time 0",
            _ => "`origin = \"first\"` counts from the first",
        };
        far_from_zero(&self.at, times, remedy).filter(|_| from_zero)
    }
}

/// A warning if times begin far from zero compared with their span.
pub(in crate::scenario) fn far_from_zero(
    at: &KeyPath,
    times: &[f64],
    remedy: &str,
) -> Option<String> {
    let (first, last) = (*times.first()?, *times.last()?);
    let lasts = last - first;
    (lasts > 0.0 && first > 10.0 * lasts).then(|| {
        format!("`{at}` begin at {first}, more than ten times the {lasts} they last: {remedy}")
    })
}
