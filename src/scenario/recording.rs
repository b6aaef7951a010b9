//! Recorded requests of a desk and customers of a line, read from the columns of a data file or from a list of
//! rows.

use super::clock::Unit;
use super::data::filter::Filter;
use super::data::origin::{Moment, Zero};
use super::data::rows::{Column, Rows};
use super::data::series::{Take, instants, order_of};
use super::error::choices;
use super::input;
use super::load::Door;
use super::shape::quoted;
use super::{Class, CustomerClass, DeskArrivals, DeskHorizon, LineArrivals, RecordedRequest};
use crate::number::of_them;
use crate::problem::{KeyPath, Problem};

/// Durations above this are refused.
const LONGEST: f64 = 9_007_199_254_740_992.0;

/// Reads recorded requests. In steps an arrival at `t` is in step floor(t / step) + 1 and a duration `d` is d /
/// step, rounded when its request is generated; an empty cell of a duration is drawn from the class's law. Requests
/// after the last step or the last instant are left out, with a warning.
pub(super) fn read(
    form: input::Recording,
    classes: &[Class],
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<DeskArrivals, Problem> {
    // The time of an arrival on the desk's clock, if it is before the end.
    let arrival = |time: f64| match horizon {
        DeskHorizon::Steps(steps) => {
            Some((time / form.step).floor()).filter(|time| *time < steps as f64)
        }
        DeskHorizon::Until { until, .. } => Some(time / form.step).filter(|time| *time <= until),
    };
    let mut rows = open(form.file.as_deref(), form.values.as_deref(), at, door)?;
    let columns = Columns::of(&form, classes, &mut rows, at)?;
    let mut filter = match &form.filter {
        Some(filter) => Some(Filter::new(filter, &mut rows, &at.key("where"))?),
        None => None,
    };
    let mut zero = Zero::new(form.origin.as_ref(), 1.0, at, door);
    let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let (mut moments, mut requests) = (Vec::<Moment>::new(), Vec::<RecordedRequest>::new());
    let mut times: Vec<f64> = Vec::new();
    let bytes = size_of::<RecordedRequest>()
        + size_of::<f64>()
        + match form.sort {
            true => size_of::<Moment>() + size_of::<RecordedRequest>() + size_of::<u32>(),
            false => 0,
        };
    let (mut late, unit) = (false, door.clock.unit);
    while rows.next()? {
        if filter.as_mut().is_some_and(|filter| !filter.takes(&rows)) {
            continue;
        }
        rows.chosen();
        let moment = zero.moment(&rows, columns.arrival)?;
        if !form.sort {
            let time = zero.since(moment, &rows, columns.arrival)?;
            if arrival(time).is_none() {
                late = true;
                break;
            }
            times.push(time);
        } else {
            moments.push(moment);
        }
        door.files.room_for(requests.len(), bytes, &rows)?;
        requests.push(RecordedRequest {
            arrival: 0.0,
            class: class_of(columns.class, &rows, &names)?,
            service: columns.duration(columns.service, &rows, (form.step, unit))?,
            patience: columns.duration(columns.patience, &rows, (form.step, unit))?,
        });
    }
    if form.sort {
        let order = order_of(&moments);
        for &row in &order {
            times.push(zero.of_sorted(moments[row as usize], &rows)?);
        }
        let sorted = order.iter().map(|&row| requests[row as usize]);
        requests = sorted.collect();
        let column = column_of(&form.file, &form.arrival, &form.filter);
        door.files.sorted(&column, order);
    }
    if form.step != 1.0 && zero.is_on_clock() && door.names_times_of_day() {
        return Err(two_clocks(form.step, at));
    }
    if let Some(problem) = rows.never_seen().filter(|_| !times.is_empty()) {
        return Err(problem);
    }
    zero.end(&times, door);
    let all = requests.len();
    let arrivals = times.iter().map_while(|time| arrival(*time));
    let mut before_the_end = 0;
    for (request, arrival) in requests.iter_mut().zip(arrivals) {
        request.arrival = arrival;
        before_the_end += 1;
    }
    requests.truncate(before_the_end);
    door.files.close(&rows);
    if requests.is_empty() {
        if let Some(problem) =
            filter.and_then(|filter| filter.without_rows(&rows, &at.key("where")))
        {
            return Err(problem);
        }
        return Err(match horizon {
            DeskHorizon::Steps(steps) => rows
                .refuse(&format!("has no request in {}", of_them(steps, "step")))
                .also(KeyPath::to(&["steps"]))
                .help("`origin = \"first\"` counts times from the first"),
            DeskHorizon::Until { until, .. } => rows
                .refuse(&format!("has no request until {until}"))
                .also(KeyPath::to(&["horizon", "until"]))
                .help("`origin = \"first\"` counts times from the first"),
        });
    }
    if late || requests.len() < all {
        door.warnings.push(format!(
            "{} has requests after the end: they are left out",
            rows.name()
        ));
    }
    door.references.recording = Some(form);
    Ok(DeskArrivals::Recorded(door.files.keep(requests)))
}

/// The problem of a recording whose times of day would be divided, while those in the rest of the scenario are not.
fn two_clocks(step: f64, at: &KeyPath) -> Problem {
    let at = at.key("step");
    let message = format!(
        "`{at}` is {step}, but for the times of day elsewhere in the scenario a step is one `time_unit`"
    );
    Problem::value(&at, message).help(
        "leave `step` out; or leave `start` out and give all times but the recording's as numbers of steps",
    )
}

/// The column of times of a recording.
fn column_of(
    file: &Option<String>,
    arrival: &input::ColumnName,
    filter: &Option<input::Where>,
) -> input::Column {
    input::Column {
        file: file.clone(),
        column: Some(arrival.clone()),
        filter: filter.clone(),
        ..input::Column::default()
    }
}

/// Reads recorded customers: the arrival of each, and its class if the form names a column of classes.
pub(super) fn customers(
    form: input::LineRecording,
    classes: &[CustomerClass],
    take: Take,
    at: &KeyPath,
    door: &mut Door,
) -> Result<LineArrivals, Problem> {
    if form.class.is_none() && form.file.is_some() && form.values.is_none() {
        let form = input::Instants {
            column: column_of(&form.file, &form.arrival, &form.filter),
            origin: form.origin,
            sort: form.sort,
        };
        return instants(form, at, take, door).map(LineArrivals::Times);
    }
    let mut rows = open(form.file.as_deref(), form.values.as_deref(), at, door)?;
    let chosen = form.filter.is_some();
    let arrival = rows.column_of(chosen, &form.arrival, &at.key("arrival"))?;
    let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let class = match &form.class {
        None => None,
        Some(_) if names.is_empty() => {
            let message = format!("`{at}` names a column of classes, but the scenario has none");
            return Err(Problem::key(&at.key("class"), message)
                .help("give the scenario `[[classes]]`, or leave `class` out"));
        }
        Some(class) => Some(rows.column_of(chosen, class, &at.key("class"))?),
    };
    let mut filter = match &form.filter {
        Some(filter) => Some(Filter::new(filter, &mut rows, &at.key("where"))?),
        None => None,
    };
    let mut zero = Zero::new(form.origin.as_ref(), 1.0, at, door);
    let (mut moments, mut found) = (Vec::new(), Vec::new());
    let (mut times, mut sum) = (Vec::<f64>::new(), 0.0);
    let bytes = size_of::<f64>()
        + size_of::<usize>()
        + match form.sort {
            true => size_of::<Moment>() + size_of::<usize>() + size_of::<u32>(),
            false => 0,
        };
    while (form.sort || !take.enough(&times, &mut sum)) && rows.next()? {
        if filter.as_mut().is_some_and(|filter| !filter.takes(&rows)) {
            continue;
        }
        rows.chosen();
        let moment = zero.moment(&rows, arrival)?;
        if !form.sort {
            let time = zero.since(moment, &rows, arrival)?;
            times.push(time);
        } else {
            moments.push(moment);
        }
        door.files.room_for(found.len(), bytes, &rows)?;
        found.push(class_of(class, &rows, &names)?);
    }
    if form.sort {
        let order = order_of(&moments);
        for &row in &order {
            times.push(zero.of_sorted(moments[row as usize], &rows)?);
        }
        found = order.iter().map(|&row| found[row as usize]).collect();
        let column = column_of(&form.file, &form.arrival, &form.filter);
        door.files.sorted(&column, order);
        if let Take::First(count) = take {
            times.truncate(usize::try_from(count).unwrap_or(usize::MAX));
            found.truncate(times.len());
        }
    }
    if let Some(problem) = rows.never_seen().filter(|_| !times.is_empty()) {
        return Err(problem);
    }
    zero.end(&times, door);
    door.files.close(&rows);
    if times.is_empty() {
        let nothing = filter.and_then(|filter| filter.without_rows(&rows, &at.key("where")));
        return Err(nothing.unwrap_or_else(|| rows.refuse("has no rows")));
    }
    let times = door.files.keep(times);
    if class.is_none() {
        return Ok(LineArrivals::Times(times));
    }
    door.references.remember(&times, form.toml());
    Ok(LineArrivals::Recorded {
        times,
        classes: door.files.keep(found),
    })
}

/// The rows of a recording, from a file or a list.
fn open(
    file: Option<&str>,
    values: Option<&[serde_json::Map<String, serde_json::Value>]>,
    at: &KeyPath,
    door: &Door,
) -> Result<Rows, Problem> {
    match (file, values) {
        (Some(file), None) => door.files.open(file, &at.key("file")),
        (None, Some(rows)) => Rows::of_list(rows, &at.key("values")),
        (None, None) => Err(Problem::value(at, format!("missing key in `{at}`"))
            .help("either `file` or `values` is needed")),
        (Some(_), Some(_)) => Err(Problem::key(
            &at.key("values"),
            format!("`{at}` has both `file` and `values`"),
        )
        .also(at.key("file"))
        .help("either a file or a list of rows is allowed")),
    }
}

/// The class of the current row.
fn class_of(column: Option<Column>, rows: &Rows, names: &[&str]) -> Result<usize, Problem> {
    let Some(column) = column else {
        return Ok(0);
    };
    let found = rows.text(column);
    let known = names.iter().position(|name| *name == found);
    known.ok_or_else(|| {
        let what = match found.is_empty() {
            true => "is empty, but must name a class".to_owned(),
            false => format!("is {}, which is not a class", quoted(&found)),
        };
        rows.wrong(column, &what).help(choices(&found, names))
    })
}

/// The columns of a recording.
struct Columns {
    arrival: Column,
    class: Option<Column>,
    service: Option<Column>,
    patience: Option<Column>,
}

impl Columns {
    fn of(
        form: &input::Recording,
        classes: &[Class],
        rows: &mut Rows,
        at: &KeyPath,
    ) -> Result<Columns, Problem> {
        let chosen = form.filter.is_some();
        let arrival = rows.column_of(chosen, &form.arrival, &at.key("arrival"))?;
        let mut column = |name: &Option<input::ColumnName>, key: &str| match name {
            Some(name) => rows.column_of(chosen, name, &at.key(key)).map(Some),
            None => Ok(None),
        };
        let columns = Columns {
            arrival,
            class: column(&form.class, "class")?,
            service: column(&form.service, "service")?,
            patience: column(&form.patience, "patience")?,
        };
        if columns.class.is_none() && classes.len() > 1 {
            let message = format!("missing key `class` in `{at}`");
            return Err(Problem::value(at, message).help(
                "`class`: the column of class names, needed where there is more than one class",
            ));
        }
        Ok(columns)
    }

    /// A duration of the current row, if it has one.
    fn duration(
        &self,
        column: Option<Column>,
        rows: &Rows,
        (step, unit): (f64, Option<Unit>),
    ) -> Result<Option<f64>, Problem> {
        let Some(column) = column.filter(|column| !rows.text(*column).is_empty()) else {
            return Ok(None);
        };
        let duration = rows.duration(column, unit)? / step;
        if duration > LONGEST {
            return Err(rows.wrong(column, "is longer than 2^53"));
        }
        Ok(Some(duration))
    }
}
