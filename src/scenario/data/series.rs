//! A column of a data file, or a list in its place, as durations, instants or counts.
//!
//! Times of day and instants are whole nanoseconds: an origin or another column is subtracted there,
//! and the difference is divided once by the scenario's unit. A scale is one multiplication.

use super::cell::{self, Cell};
use super::quoted;
use super::rows::{Column, Rows};
use crate::problem::{KeyPath, Problem};
use crate::scenario::clock::{Clock, UNITS, time_of_day};
use crate::scenario::input::{self, ColumnName, Is, Origin};
use crate::scenario::load::Door;
use std::cmp::Ordering;
use std::sync::Arc;

/// The latest instant that is accepted.
const LATEST: f64 = 1e100;

/// The message for a time that would be negative.
const BEFORE: &str = "before the origin";

/// The part of a column that is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::scenario) enum Take {
    /// All of it.
    #[default]
    All,
    /// This many values.
    First(u64),
    /// Values up to the first above a time.
    Beyond(f64),
    /// Values up to the first whose sum with those before is above a time.
    SumBeyond(f64),
}

impl Take {
    /// Whether these values, of which the last is new, are enough.
    fn enough(self, values: &[f64], sum: &mut f64) -> bool {
        let Some(&last) = values.last() else {
            return self == Take::First(0);
        };
        match self {
            Take::All => false,
            Take::First(count) => values.len() as u64 >= count,
            Take::Beyond(time) => last > time,
            Take::SumBeyond(time) => {
                *sum += last;
                *sum > time
            }
        }
    }
}

/// A value before it is a number of units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::scenario) enum Moment {
    Number(f64),
    /// Nanoseconds from time 0.
    OfDay(i64),
    /// Nanoseconds from 1970 on.
    Instant {
        nanoseconds: i128,
        zoned: bool,
    },
    /// Nanoseconds between two of them.
    Difference(i128),
}

/// The chosen rows of a source, with a column of interest.
struct Reader {
    rows: Rows,
    column: Column,
    minus: Option<Column>,
    filter: Option<Filter>,
    clock: Clock,
}

/// A choice of rows that is being made.
pub(in crate::scenario) struct Filter {
    column: Column,
    is: String,
    number: Option<f64>,
    matched: bool,
    /// Some other values of the column, while none has matched.
    others: Vec<String>,
}

impl Filter {
    /// A choice of the rows of a source; `at` is the key of the choice.
    pub(in crate::scenario) fn new(
        filter: &input::Where,
        rows: &mut Rows,
        at: &KeyPath,
    ) -> Result<Filter, Problem> {
        let (is, number) = match &filter.is {
            Is::Truth(truth) => (truth.to_string(), None),
            Is::Number(number) => (number.to_string(), Some(*number)),
            Is::Text(text) => (text.trim().to_owned(), None),
        };
        Ok(Filter {
            column: rows.column(&filter.column, &at.key("column"))?,
            is,
            number,
            matched: false,
            others: Vec::new(),
        })
    }

    /// Whether the row at hand is chosen.
    pub(in crate::scenario) fn takes(&mut self, rows: &Rows) -> bool {
        const SHOWN: usize = 8;
        let text = rows.text(self.column);
        let taken = text == self.is
            || self.number.is_some_and(|number| {
                matches!(cell::read(&text, false), Some(Cell::Number(found)) if found == number)
            });
        self.matched |= taken;
        if !self.matched && self.others.len() < SHOWN && !self.others.iter().any(|o| *o == text) {
            self.others.push(text.into_owned());
        }
        taken
    }

    /// The problem of a choice that matched no row.
    pub(in crate::scenario) fn without_rows(&self, rows: &Rows, at: &KeyPath) -> Option<Problem> {
        if self.matched {
            return None;
        }
        let message = format!("no row of {} has {} there", rows.name(), quoted(&self.is));
        let others: Vec<&str> = self.others.iter().map(String::as_str).collect();
        Some(
            Problem::value(&at.key("is"), message)
                .help(crate::scenario::error::choices(&self.is, &others)),
        )
    }
}

impl Reader {
    fn open(form: &input::Column, at: &KeyPath, door: &mut Door) -> Result<Reader, Problem> {
        let (Some(file), Some(column)) = (&form.file, &form.column) else {
            return Err(incomplete(form, at));
        };
        let mut rows = door.files.open(file, &at.key("file"))?;
        door.warnings.extend(rows.doubtful_first_line(column));
        let column = rows.column(column, &at.key("column"))?;
        let minus = match &form.minus {
            Some(minus) => Some(rows.column(minus, &at.key("minus"))?),
            None => None,
        };
        let filter = match &form.filter {
            Some(filter) => Some(Filter::new(filter, &mut rows, &at.key("where"))?),
            None => None,
        };
        Ok(Reader {
            rows,
            column,
            minus,
            filter,
            clock: door.clock,
        })
    }

    /// The value of the next chosen row.
    fn next(&mut self) -> Result<Option<Moment>, Problem> {
        loop {
            if !self.rows.next()? {
                return Ok(None);
            }
            if self
                .filter
                .as_mut()
                .is_none_or(|filter| filter.takes(&self.rows))
            {
                break;
            }
        }
        let first = moment(&self.rows, self.column, &self.clock)?;
        let Some(minus) = self.minus else {
            return Ok(Some(first));
        };
        let second = moment(&self.rows, minus, &self.clock)?;
        match difference(first, second) {
            Some(difference) => Ok(Some(difference)),
            None => {
                let other = self.rows.text(minus);
                let what = format!(
                    "cannot be counted from {}, which is of another kind",
                    quoted(&other)
                );
                Err(self.rows.wrong(self.column, &what))
            }
        }
    }

    /// Ends the reading: says what is wrong if nothing was chosen.
    fn close(self, empty: bool, at: &KeyPath, door: &mut Door) -> Result<(), Problem> {
        door.files.close(&self.rows);
        if !empty {
            return Ok(());
        }
        let nothing = self
            .filter
            .and_then(|filter| filter.without_rows(&self.rows, &at.key("where")));
        Err(nothing.unwrap_or_else(|| self.rows.refuse("has no rows after its first line")))
    }
}

/// The value of a cell, with times of day counted from the start.
fn moment(rows: &Rows, column: Column, clock: &Clock) -> Result<Moment, Problem> {
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

/// One value less another of its kind.
fn difference(first: Moment, second: Moment) -> Option<Moment> {
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

/// A column of durations, remembered with the place it came from.
pub(in crate::scenario) fn durations(
    form: input::Column,
    at: &KeyPath,
    take: Take,
    door: &mut Door,
) -> Result<Arc<[f64]>, Problem> {
    if let Some(list) = list_of(&form, at)? {
        return Ok(list.into());
    }
    let order = door.files.order(&form);
    let take_read = if order.is_some() { Take::All } else { take };
    let mut reader = Reader::open(&form, at, door)?;
    let (mut values, mut sum) = (Vec::new(), 0.0);
    while !take_read.enough(&values, &mut sum) {
        let Some(moment) = reader.next()? else { break };
        let value = duration(moment, &reader, form.scale.unwrap_or(1.0))?;
        door.files.room_for(values.len(), &reader.rows)?;
        values.push(value);
    }
    reader.close(values.is_empty(), at, door)?;
    if let Some(order) = order {
        if order.len() == values.len() {
            values = order.iter().map(|&row| values[row as usize]).collect();
        }
        if let Take::First(count) = take {
            values.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        }
    }
    let values: Arc<[f64]> = values.into();
    door.references.remember(&values, form.toml());
    Ok(values)
}

/// A duration in units of time, which is not negative.
fn duration(moment: Moment, reader: &Reader, scale: f64) -> Result<f64, Problem> {
    let (rows, column) = (&reader.rows, reader.column);
    let refuse = |what: &str| {
        let text = rows.text(column);
        rows.wrong(column, &format!("is {}, {what}", quoted(&text)))
    };
    let value = match (moment, reader.clock.unit) {
        (Moment::Number(number), _) => number,
        (Moment::Difference(nanoseconds), Some(unit)) => unit.of_nanoseconds(nanoseconds),
        (Moment::OfDay(_), _) => {
            return Err(refuse("a time of day, where a duration is needed")
                .help("`minus` names the column from which it is counted"));
        }
        (Moment::Instant { .. } | Moment::Difference(_), _) => {
            return Err(refuse("an instant, where a duration is needed")
                .help("`minus` names the column from which it is counted"));
        }
    };
    if let Some(minus) = reader.minus.filter(|_| value < 0.0) {
        let other = rows.text(minus);
        let problem = refuse(&format!(
            "less than the {} that is subtracted",
            quoted(&other)
        ));
        return Err(match moment {
            Moment::Difference(_) => problem.help(
                "a time of day before `start` is the next day's: `start` says when the day begins",
            ),
            _ => problem,
        });
    }
    let value = value * scale;
    if value.is_finite() && value >= 0.0 {
        Ok(value + 0.0)
    } else {
        Err(refuse("but must be a finite number that is not negative"))
    }
}

/// A list of values, where the form has one; refuses one that has both, or neither.
fn list_of(form: &input::Column, at: &KeyPath) -> Result<Option<Vec<f64>>, Problem> {
    let Some(values) = &form.values else {
        return Ok(None);
    };
    for (key, given) in [
        ("file", form.file.is_some()),
        ("column", form.column.is_some()),
        ("minus", form.minus.is_some()),
        ("where", form.filter.is_some()),
    ] {
        if given {
            let message = format!("`{at}` has both `values` and `{key}`");
            return Err(Problem::key(&at.key(key), message)
                .also(at.key("values"))
                .help("either `values`, or `file` and `column` are allowed"));
        }
    }
    let scale = form.scale.unwrap_or(1.0);
    Ok(Some(
        values.iter().map(|value| value * scale + 0.0).collect(),
    ))
}

/// The problem of a form that has no values.
fn incomplete(form: &input::Column, at: &KeyPath) -> Problem {
    match (&form.file, &form.column) {
        (None, None) => Problem::value(at, format!("missing key in `{at}`"))
            .help("either `values`, or `file` and `column` are needed"),
        (Some(_), _) => Problem::value(at, format!("missing key `column` in `{at}`"))
            .help("`column`: the column's name in the file's first line, or its number from 1"),
        (None, _) => Problem::value(at, format!("missing key `file` in `{at}`"))
            .help("`file`: the data file, relative to the scenario"),
    }
}

/// A column of counts.
pub(in crate::scenario) fn counts(
    form: &input::Counts,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Vec<f64>, Problem> {
    let column = input::Column {
        values: form.values.clone(),
        file: form.file.clone(),
        column: form.column.clone(),
        minus: None,
        scale: form.scale,
        filter: form.filter.clone(),
    };
    Ok(durations(column, at, Take::All, door)?.to_vec())
}

/// A column of instants, which do not fall, remembered with the place it came from.
pub(in crate::scenario) fn instants(
    form: input::Instants,
    at: &KeyPath,
    take: Take,
    door: &mut Door,
) -> Result<Arc<[f64]>, Problem> {
    let scale = form.column.scale.unwrap_or(1.0);
    if let Some(list) = list_of(&form.column, at)? {
        return from_list(list, &form, at);
    }
    let mut reader = Reader::open(&form.column, at, door)?;
    let mut zero = Zero::new(form.origin.as_ref(), scale, at, door);
    let (mut values, mut sum) = (Vec::new(), 0.0);
    if form.sort {
        let mut moments = Vec::new();
        while let Some(moment) = reader.next()? {
            zero.of_one_kind(moment, &reader.rows, reader.column)?;
            door.files.room_for(4 * moments.len(), &reader.rows)?;
            moments.push(moment);
        }
        let order = order_of(&moments);
        for &row in &order {
            let moment = moments[row as usize];
            values.push(zero.of_sorted(moment, &reader.rows)?);
        }
        door.files.sorted(&form.column, order);
        values.truncate(values.len().min(match take {
            Take::First(count) => usize::try_from(count).unwrap_or(usize::MAX),
            _ => usize::MAX,
        }));
    } else {
        while !take.enough(&values, &mut sum) {
            let Some(moment) = reader.next()? else { break };
            zero.of_one_kind(moment, &reader.rows, reader.column)?;
            let time = zero.since(moment, &reader.rows, reader.column)?;
            if let Some(&before) = values.last()
                && time < before
            {
                return Err(falls(&reader.rows, reader.column, time, before));
            }
            door.files.room_for(values.len(), &reader.rows)?;
            values.push(time);
        }
    }
    reader.close(values.is_empty(), at, door)?;
    door.warnings.extend(zero.far(&values));
    let values: Arc<[f64]> = values.into();
    door.references.remember(&values, form.toml());
    Ok(values)
}

/// A complaint about a row whose time is before that of the row before it.
pub(in crate::scenario) fn falls(rows: &Rows, column: Column, time: f64, before: f64) -> Problem {
    rows.wrong(
        column,
        &format!("is {time}, before the {before} it follows"),
    )
    .help("times must not fall; `sort = true` puts the rows in their order")
}

/// Instants of a list in the scenario.
fn from_list(
    mut list: Vec<f64>,
    form: &input::Instants,
    at: &KeyPath,
) -> Result<Arc<[f64]>, Problem> {
    let path = at.key("values");
    if form.sort {
        list.sort_by(f64::total_cmp);
    }
    let scale = form.column.scale.unwrap_or(1.0);
    let origin = match &form.origin {
        None => 0.0,
        Some(Origin::Number(number)) => number * scale,
        Some(Origin::Text(text)) if text == "zero" => 0.0,
        Some(Origin::Text(text)) if text == "first" => list.first().copied().unwrap_or(0.0),
        Some(Origin::Text(text)) => {
            let message = format!(
                "`{}` is {}, but `values` are numbers",
                at.key("origin"),
                quoted(text)
            );
            return Err(Problem::value(&at.key("origin"), message)
                .help("allowed here: \"first\", \"zero\" or a number"));
        }
    };
    let times: Vec<f64> = list.iter().map(|time| time - origin + 0.0).collect();
    rising(&times, &path)?;
    Ok(times.into())
}

/// Refuses times that fall, or are too large or negative.
pub(in crate::scenario) fn rising(times: &[f64], at: &KeyPath) -> Result<(), Problem> {
    for (index, pair) in times.windows(2).enumerate() {
        if pair[1] < pair[0] {
            let path = at.index(index + 1);
            let message = format!("`{path}` is {}, before the {} it follows", pair[1], pair[0]);
            return Err(Problem::value(&path, message).help("times must not fall"));
        }
    }
    if let Some(index) = times.iter().position(|time| !(0.0..=LATEST).contains(time)) {
        let path = at.index(index);
        let message = format!("`{path}` is {}, but must be from 0 to 1e100", times[index]);
        return Err(Problem::value(&path, message));
    }
    Ok(())
}

/// The order of moments of one kind in time; equal ones stay in the order of their rows.
fn order_of(moments: &[Moment]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).take(moments.len()).collect();
    order.sort_by(|&one, &other| moments[one as usize].cmp_time(moments[other as usize]));
    order
}

impl Moment {
    /// Which of two moments of one kind comes first.
    pub(in crate::scenario) fn cmp_time(self, other: Moment) -> Ordering {
        let nanoseconds = |moment| match moment {
            Moment::Number(_) => 0,
            Moment::OfDay(nanoseconds) => nanoseconds.into(),
            Moment::Instant { nanoseconds, .. } | Moment::Difference(nanoseconds) => nanoseconds,
        };
        match (self, other) {
            (Moment::Number(one), Moment::Number(other)) => one.total_cmp(&other),
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
    kind: Option<Moment>,
    origin: Option<Moment>,
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
            kind: None,
            origin: None,
        }
    }

    /// The moment a cell names, of the kind of those before it.
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
    fn of_one_kind(&mut self, moment: Moment, rows: &Rows, column: Column) -> Result<(), Problem> {
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

    /// The time of a moment in units, which is not negative; it stands in the row at hand.
    pub(in crate::scenario) fn since(
        &mut self,
        moment: Moment,
        rows: &Rows,
        column: Column,
    ) -> Result<f64, Problem> {
        self.passed(moment)?.map_err(|wrong| {
            let text = rows.text(column);
            let problem = rows.wrong(column, &format!("is {}, {wrong}", quoted(&text)));
            match wrong {
                BEFORE => problem.help(
                    "`sort = true` puts the rows in their order; `origin` says what times are counted from",
                ),
                _ => problem,
            }
        })
    }

    /// The time of a moment in units, which is not negative, after the rows were put in order.
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
            (None, Moment::Instant { .. }) => Ok(first),
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

    /// A warning where times begin far from zero for how long they last.
    pub(in crate::scenario) fn far(&self, times: &[f64]) -> Option<String> {
        let (first, last) = (*times.first()?, *times.last()?);
        let from_zero = match &self.given {
            None => !matches!(self.kind, Some(Moment::Instant { .. })),
            Some(Origin::Text(text)) => text == "zero",
            Some(Origin::Number(_)) => false,
        };
        let far = from_zero && last > first && first > 10.0 * (last - first);
        let remedy = match self.kind {
            Some(Moment::OfDay(_)) => "`start` says the time of day at time 0",
            _ => "`origin = \"first\"` counts from the first",
        };
        far.then(|| {
            format!(
                "`{}` begin at {first}, more than ten times the {} they last: {remedy}",
                self.at,
                last - first
            )
        })
    }
}

impl super::Files {
    /// Refuses one more value than the memory allowed has room for.
    pub(in crate::scenario) fn room_for(&self, values: usize, rows: &Rows) -> Result<(), Problem> {
        if (values as u64) < self.values_max {
            return Ok(());
        }
        let mebibytes = self.values_max >> 17;
        Err(rows
            .refuse(&format!(
                "has more values than {mebibytes} MiB of memory hold"
            ))
            .help(
                "lift the limit with `--max-memory`, or take fewer rows with `[horizon] customers`",
            ))
    }

    /// Remembers the order in which the chosen rows of a file are taken.
    fn sorted(&mut self, column: &input::Column, order: Vec<u32>) {
        let rows = rows_of(column);
        self.orders.retain(|(other, _)| *other != rows);
        self.orders.push((rows, order.into()));
    }

    /// The order in which the chosen rows of a file are taken, where they were sorted.
    fn order(&self, column: &input::Column) -> Option<Arc<[u32]>> {
        let rows = rows_of(column);
        let found = self.orders.iter().find(|(other, _)| *other == rows);
        found.map(|(_, order)| Arc::clone(order))
    }
}

fn rows_of(column: &input::Column) -> super::RowsOf {
    let filter = column.filter.as_ref().map(input::Where::toml);
    (
        column.file.clone().unwrap_or_default(),
        filter.unwrap_or_default(),
    )
}

/// The TOML of a name of a column.
fn name(column: &ColumnName) -> String {
    match column {
        ColumnName::Number(number) => number.to_string(),
        ColumnName::Name(name) => text(name),
    }
}

fn text(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

impl input::Where {
    /// Its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        let is = match &self.is {
            Is::Truth(truth) => truth.to_string(),
            Is::Number(number) => format!("{number:?}"),
            Is::Text(is) => text(is),
        };
        format!("{{ column = {}, is = {is} }}", name(&self.column))
    }
}

impl input::Column {
    /// The keys and values of its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        let mut keys = Vec::new();
        keys.extend(
            self.file
                .as_deref()
                .map(|file| format!("file = {}", text(file))),
        );
        keys.extend(
            self.column
                .as_ref()
                .map(|column| format!("column = {}", name(column))),
        );
        keys.extend(
            self.minus
                .as_ref()
                .map(|minus| format!("minus = {}", name(minus))),
        );
        keys.extend(self.scale.map(|scale| format!("scale = {scale:?}")));
        keys.extend(
            self.filter
                .as_ref()
                .map(|filter| format!("where = {}", filter.toml())),
        );
        keys.join(", ")
    }
}

impl input::Instants {
    /// The keys and values of its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        let mut toml = self.column.toml();
        if let Some(origin) = &self.origin {
            toml += &format!(", origin = {}", origin.toml());
        }
        if self.sort {
            toml += ", sort = true";
        }
        toml
    }
}

impl Origin {
    /// Its TOML.
    pub(in crate::scenario) fn toml(&self) -> String {
        match self {
            Origin::Number(number) => format!("{number:?}"),
            Origin::Text(origin) => text(origin),
        }
    }
}

impl input::Recording {
    /// The keys and values of its TOML, a line each.
    pub(in crate::scenario) fn toml(&self) -> String {
        let mut keys = Vec::new();
        keys.extend(
            self.file
                .as_deref()
                .map(|file| format!("file = {}", text(file))),
        );
        keys.extend(self.values.as_ref().map(|rows| {
            let rows: Vec<String> = rows.iter().map(row).collect();
            format!("values = [{}]", rows.join(", "))
        }));
        keys.push(format!("arrival = {}", name(&self.arrival)));
        for (key, column) in [
            ("class", &self.class),
            ("service", &self.service),
            ("patience", &self.patience),
        ] {
            keys.extend(
                column
                    .as_ref()
                    .map(|column| format!("{key} = {}", name(column))),
            );
        }
        keys.push(format!("step = {:?}", self.step));
        keys.extend(
            self.filter
                .as_ref()
                .map(|filter| format!("where = {}", filter.toml())),
        );
        keys.extend(
            self.origin
                .as_ref()
                .map(|origin| format!("origin = {}", origin.toml())),
        );
        if self.sort {
            keys.push("sort = true".to_owned());
        }
        keys.join("\n")
    }
}

/// A row of a list of recorded requests, as an inline table.
fn row(cells: &serde_json::Map<String, serde_json::Value>) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|(key, value)| {
            let value = match value {
                serde_json::Value::String(cell) => text(cell),
                other => other.to_string(),
            };
            format!("{} = {value}", toml_edit::Key::new(key).display_repr())
        })
        .collect();
    format!("{{ {} }}", cells.join(", "))
}
