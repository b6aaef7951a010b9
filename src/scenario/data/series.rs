//! A column of a data file, or a list in its place, as durations, instants or counts.
//!
//! A scale is one multiplication, after another column or the [`origin`](super::origin) was subtracted.

use super::filter::Filter;
use super::origin::{LATEST, Moment, Zero, difference, far_from_zero, moment};
use super::quoted;
use super::rows::{Column, Rows};
use crate::problem::{KeyPath, Problem};
use crate::scenario::clock::Clock;
use crate::scenario::input::{self, Origin};
use crate::scenario::load::Door;
use std::sync::Arc;

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
    pub(in crate::scenario) fn enough(self, values: &[f64], sum: &mut f64) -> bool {
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

/// The selected rows of a source, with a column of interest.
struct Reader {
    rows: Rows,
    column: Column,
    minus: Option<Column>,
    filter: Option<Filter>,
    clock: Clock,
}

impl Reader {
    fn open(form: &input::Column, at: &KeyPath, door: &mut Door) -> Result<Reader, Problem> {
        let (Some(file), Some(column)) = (&form.file, &form.column) else {
            return Err(incomplete(form, at));
        };
        let mut rows = door.files.open(file, &at.key("file"))?;
        door.warnings.extend(rows.doubtful_first_line(column));
        let chosen = form.filter.is_some();
        let column = rows.column_of(chosen, column, &at.key("column"))?;
        let minus = match &form.minus {
            Some(minus) => Some(rows.column_of(chosen, minus, &at.key("minus"))?),
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

    /// The value of the next selected row.
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
        self.rows.chosen();
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

    /// Refuses a value less than what was subtracted from it.
    fn is_not_less(&self, moment: Moment) -> Result<(), Problem> {
        let is_less = match moment {
            Moment::Number(number) => number < 0.0,
            Moment::Difference(nanoseconds) => nanoseconds < 0,
            Moment::OfDay(_) | Moment::Instant { .. } => false,
        };
        let Some(minus) = self.minus.filter(|_| is_less) else {
            return Ok(());
        };
        let [text, other] = [self.column, minus].map(|column| quoted(&self.rows.text(column)));
        let what = format!("is {text}, less than the {other} that is subtracted");
        let problem = self.rows.wrong(self.column, &what);
        Err(match moment {
            Moment::Difference(_) => problem.help(
                "a time of day before `start` is the next day's: `start` says when the day begins",
            ),
            _ => problem,
        })
    }

    /// Ends the reading; returns the problem if no row was selected.
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

/// A column of durations, stored with its origin; its rows belong to customers in order, or are drawn from.
pub(in crate::scenario) fn durations(
    form: input::Column,
    at: &KeyPath,
    (take, is_in_order): (Take, bool),
    door: &mut Door,
) -> Result<Arc<Vec<f64>>, Problem> {
    if let Some(list) = list_of(&form, at)? {
        return Ok(list.into());
    }
    let order = match is_in_order {
        true => order_for(&form, at, door),
        false => None,
    };
    let take_read = if order.is_some() { Take::All } else { take };
    let mut reader = Reader::open(&form, at, door)?;
    let (mut values, mut sum) = (Vec::new(), 0.0);
    while !take_read.enough(&values, &mut sum) {
        let Some(moment) = reader.next()? else { break };
        let value = duration(moment, &reader, form.scale.unwrap_or(1.0))?;
        door.files
            .room_for(values.len(), size_of::<f64>(), &reader.rows)?;
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
    let values = door.files.keep(values);
    door.references.remember(&values, form.toml());
    Ok(values)
}

/// The order in which the selected rows are taken, if arrivals of the same file were sorted: by the times of these
/// rows, if all of them have one.
fn order_for(form: &input::Column, at: &KeyPath, door: &mut Door) -> Option<Arc<[u32]>> {
    let times = match door.files.order(form) {
        Order::None => return None,
        Order::Known(order) => return Some(order),
        Order::By(times) => input::Column {
            filter: form.filter.clone(),
            ..times
        },
    };
    let mut reader = Reader::open(&times, at, door).ok()?;
    let mut zero = Zero::new(None, 1.0, at, door);
    let mut moments = Vec::new();
    while let Some(moment) = reader.next().ok()? {
        zero.of_one_kind(moment, &reader.rows, reader.column).ok()?;
        let bytes = size_of::<Moment>();
        let rows = &reader.rows;
        door.files.room_for(moments.len(), bytes, rows).ok()?;
        moments.push(moment);
    }
    Some(door.files.sorted(&times, order_of(&moments)))
}

/// A duration in units of time, which must not be negative.
fn duration(moment: Moment, reader: &Reader, scale: f64) -> Result<f64, Problem> {
    let (rows, column) = (&reader.rows, reader.column);
    let refuse = |what: &str| {
        let text = rows.text(column);
        rows.wrong(column, &format!("is {}, {what}", quoted(&text)))
    };
    let value = match (moment, reader.clock.unit) {
        (Moment::Number(number), _) => number,
        (Moment::Difference(nanoseconds), Some(unit)) => unit.of_nanoseconds(nanoseconds),
        _ => rows.duration(column, reader.clock.unit).map_err(|problem| {
            problem.help(
                "a duration is a number, such as 2.5, or has hours, minutes and seconds, such as 0:02:30; \
                 `minus` names the column from which an instant is counted",
            )
        })?,
    };
    reader.is_not_less(moment)?;
    let value = value * scale;
    if value.is_finite() && value >= 0.0 {
        Ok(value + 0.0)
    } else {
        Err(refuse("but must be a finite number that is not negative"))
    }
}

/// A list of values, if the form has one; refuses a form with both a list and a file, or neither.
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
    Ok(durations(column, at, (Take::All, false), door)?.to_vec())
}

/// A column of non-decreasing instants, stored with its origin.
pub(in crate::scenario) fn instants(
    form: input::Instants,
    at: &KeyPath,
    take: Take,
    door: &mut Door,
) -> Result<Arc<Vec<f64>>, Problem> {
    let scale = form.column.scale.unwrap_or(1.0);
    if let Some(list) = list_of(&form.column, at)? {
        let times = from_list(list, &form, at)?;
        if form.origin.is_none() {
            let remedy = "`origin = \"first\"` counts from the first";
            door.warnings.extend(far_from_zero(at, &times, remedy));
        }
        return Ok(times);
    }
    let mut reader = Reader::open(&form.column, at, door)?;
    let mut zero = Zero::new(form.origin.as_ref(), scale, at, door);
    let (mut values, mut sum) = (Vec::new(), 0.0);
    if form.sort {
        let mut moments = Vec::new();
        while let Some(moment) = reader.next()? {
            zero.of_one_kind(moment, &reader.rows, reader.column)?;
            let bytes = size_of::<Moment>() + size_of::<u32>() + size_of::<f64>();
            door.files.room_for(moments.len(), bytes, &reader.rows)?;
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
            if form.origin.is_none() {
                reader.is_not_less(moment)?;
            }
            let time = zero.since(moment, &reader.rows, reader.column)?;
            door.files
                .room_for(values.len(), size_of::<f64>(), &reader.rows)?;
            values.push(time);
        }
    }
    reader.close(values.is_empty(), at, door)?;
    zero.end(&values, door);
    let values = door.files.keep(values);
    door.references.remember(&values, form.toml());
    Ok(values)
}

/// Instants of a list in the scenario.
fn from_list(
    mut list: Vec<f64>,
    form: &input::Instants,
    at: &KeyPath,
) -> Result<Arc<Vec<f64>>, Problem> {
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

/// Refuses times that decrease, or are too large or negative.
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
pub(in crate::scenario) fn order_of(moments: &[Moment]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).take(moments.len()).collect();
    order.sort_by(|&one, &other| moments[one as usize].cmp_time(moments[other as usize]));
    order
}

impl super::Files {
    /// Refuses a further row that would exceed the memory allowed, together with all values read before; each row
    /// takes this many bytes.
    pub(in crate::scenario) fn room_for(
        &self,
        count: usize,
        bytes: usize,
        rows: &Rows,
    ) -> Result<(), Problem> {
        if self.bytes_held + (count as u64 + 1) * bytes as u64 <= self.bytes_max {
            return Ok(());
        }
        let mebibytes = self.bytes_max >> 20;
        Err(rows
            .refuse(&format!(
                "has more values than {mebibytes} MiB of memory hold"
            ))
            .help(
                "lift the limit with `--max-memory`, or take fewer rows with `[horizon] customers`",
            ))
    }

    /// Stores values, without their spare capacity.
    pub(in crate::scenario) fn keep<T>(&mut self, mut values: Vec<T>) -> Arc<Vec<T>> {
        values.shrink_to_fit();
        self.bytes_held += (values.len() * size_of::<T>()) as u64;
        Arc::new(values)
    }

    /// Records the order in which the selected rows of a file are taken: by this column of times.
    pub(in crate::scenario) fn sorted(
        &mut self,
        times: &input::Column,
        order: Vec<u32>,
    ) -> Arc<[u32]> {
        let (rows, order) = (rows_of(times), Arc::from(order));
        self.orders.retain(|sorted| rows_of(&sorted.by) != rows);
        self.orders.push(super::Sorted {
            by: times.clone(),
            order: Arc::clone(&order),
        });
        order
    }

    /// The order in which the selected rows of a file are taken, if its arrivals were sorted.
    fn order(&self, column: &input::Column) -> Order {
        let rows = rows_of(column);
        let sorted = |sorted: &&super::Sorted| rows_of(&sorted.by) == rows;
        if let Some(sorted) = self.orders.iter().find(sorted) {
            return Order::Known(Arc::clone(&sorted.order));
        }
        let of_file = self
            .orders
            .iter()
            .find(|sorted| rows_of(&sorted.by).0 == rows.0);
        of_file.map_or(Order::None, |sorted| Order::By(sorted.by.clone()))
    }
}

/// The order in which the selected rows of a file are taken.
enum Order {
    /// As in the file.
    None,
    /// This order.
    Known(Arc<[u32]>),
    /// By this column of times, by which other rows of the file were sorted.
    By(input::Column),
}

/// The rows that a column is read from: its file, and the text of the selection.
fn rows_of(column: &input::Column) -> (String, String) {
    let filter = column.filter.as_ref().map(input::Where::toml);
    (
        column.file.clone().unwrap_or_default(),
        filter.unwrap_or_default(),
    )
}
