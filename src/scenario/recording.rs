//! A recorded day of requests, read from the columns of a data file or from a list of rows.

use super::data::filter::Filter;
use super::data::origin::{Moment, Zero};
use super::data::rows::{Column, Rows};
use super::data::series::falls;
use super::error::choices;
use super::input;
use super::load::Door;
use super::shape::quoted;
use super::{Class, DeskArrivals, DeskHorizon, RecordedRequest};
use crate::problem::{KeyPath, Problem};

/// Durations beyond this are refused.
const LONGEST: f64 = 9_007_199_254_740_992.0;

/// Reads recorded requests. In steps an arrival at `t` comes in step floor(t / step) + 1 and a duration `d` is
/// d / step, made whole when its request is made; an empty cell of a duration is drawn from the class's law.
/// Requests after the last step or the last instant are left out, with a warning.
pub(super) fn read(
    form: input::Recording,
    classes: &[Class],
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<DeskArrivals, Problem> {
    // The time of an arrival on the desk's clock, if it comes before the end.
    let arrival = |time: f64| match horizon {
        DeskHorizon::Steps(steps) => {
            Some((time / form.step).floor()).filter(|time| *time < steps as f64)
        }
        DeskHorizon::Until { until, .. } => Some(time / form.step).filter(|time| *time <= until),
    };
    let mut rows = open(&form, at, door)?;
    let columns = Columns::of(&form, classes, &mut rows, at)?;
    let mut filter = match &form.filter {
        Some(filter) => Some(Filter::new(filter, &mut rows, &at.key("where"))?),
        None => None,
    };
    let mut zero = Zero::new(form.origin.as_ref(), 1.0, at, door);
    let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let mut requests: Vec<(Moment, RecordedRequest)> = Vec::new();
    let mut times: Vec<f64> = Vec::new();
    let mut late = false;
    while rows.next()? {
        if filter.as_mut().is_some_and(|filter| !filter.takes(&rows)) {
            continue;
        }
        let moment = zero.moment(&rows, columns.arrival)?;
        if !form.sort {
            let time = zero.since(moment, &rows, columns.arrival)?;
            if let Some(&before) = times.last()
                && time < before
            {
                return Err(falls(&rows, columns.arrival, time, before));
            }
            if arrival(time).is_none() {
                late = true;
                break;
            }
            times.push(time);
        }
        let request = RecordedRequest {
            arrival: 0.0,
            class: columns.class(&rows, &names)?,
            service: columns.duration(columns.service, &rows, form.step)?,
            patience: columns.duration(columns.patience, &rows, form.step)?,
        };
        door.files.room_for(12 * requests.len(), &rows)?;
        requests.push((moment, request));
    }
    if form.sort {
        requests.sort_by(|(one, _), (other, _)| one.cmp_time(*other));
        for (moment, _) in &requests {
            times.push(zero.of_sorted(*moment, &rows)?);
        }
    }
    door.warnings.extend(zero.far(&times));
    let all = requests.len();
    let requests: Vec<RecordedRequest> = times
        .iter()
        .zip(requests)
        .map_while(|(time, (_, request))| {
            Some(RecordedRequest {
                arrival: arrival(*time)?,
                ..request
            })
        })
        .collect();
    door.files.close(&rows);
    if requests.is_empty() {
        if let Some(problem) =
            filter.and_then(|filter| filter.without_rows(&rows, &at.key("where")))
        {
            return Err(problem);
        }
        return Err(match horizon {
            DeskHorizon::Steps(steps) => rows
                .refuse(&format!("has no request in {steps} steps"))
                .also(KeyPath::to(&["steps"])),
            DeskHorizon::Until { until, .. } => rows
                .refuse(&format!("has no request until {until}"))
                .also(KeyPath::to(&["horizon", "until"])),
        });
    }
    if late || requests.len() < all {
        door.warnings.push(format!(
            "{} has requests after the end: they are left out",
            rows.name()
        ));
    }
    door.references.recording = Some(form);
    Ok(DeskArrivals::Recorded(requests.into()))
}

/// The rows of a recording: a file's, or a list's.
fn open(form: &input::Recording, at: &KeyPath, door: &Door) -> Result<Rows, Problem> {
    match (&form.file, &form.values) {
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
        let arrival = rows.column(&form.arrival, &at.key("arrival"))?;
        let mut column = |name: &Option<input::ColumnName>, key: &str| match name {
            Some(name) => rows.column(name, &at.key(key)).map(Some),
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

    /// The class of the row at hand.
    fn class(&self, rows: &Rows, names: &[&str]) -> Result<usize, Problem> {
        let Some(column) = self.class else {
            return Ok(0);
        };
        let found = rows.text(column);
        let known = names.iter().position(|name| *name == found);
        known.ok_or_else(|| {
            let what = format!("is {}, which is not a class", quoted(&found));
            rows.wrong(column, &what).help(choices(&found, names))
        })
    }

    /// A duration of the row at hand, where it has one.
    fn duration(
        &self,
        column: Option<Column>,
        rows: &Rows,
        step: f64,
    ) -> Result<Option<f64>, Problem> {
        let Some(column) = column.filter(|column| !rows.text(*column).is_empty()) else {
            return Ok(None);
        };
        let duration = rows.number(column)? / step;
        if duration > LONGEST {
            return Err(rows.wrong(column, "is longer than 2^53"));
        }
        Ok(Some(duration))
    }
}
