//! A recorded day of requests, read from the columns of a CSV file.

use super::error::choices;
use super::input;
use super::load::Door;
use super::shape::quoted;
use super::{Class, DeskArrivals, RecordedRequest};
use crate::problem::{KeyPath, Problem};

/// Durations and instants beyond this many steps are refused.
const STEPS_MAX: f64 = 9_007_199_254_740_992.0;

/// Reads recorded requests. An arrival at `t` comes in step floor(t / step) + 1; a duration `d` takes
/// ceil(d / step) steps, at least 1; an empty cell of a duration is drawn from the class's law.
/// Requests after the last step are left out, with a warning.
pub(super) fn read(
    form: input::Recording,
    classes: &[Class],
    steps: u64,
    at: &KeyPath,
    door: &mut Door,
) -> Result<DeskArrivals, Problem> {
    let sheet = door.files.sheet(&form.file, &at.key("file"))?;
    let column = |name: &Option<String>, key: &str| {
        let find = |name: &String| sheet.column(name, &at.key(key));
        name.as_ref().map(find).transpose()
    };
    let arrival = sheet.column(&form.arrival, &at.key("arrival"))?;
    let class = column(&form.class, "class")?;
    let service = column(&form.service, "service")?;
    let patience = column(&form.patience, "patience")?;
    if class.is_none() && classes.len() > 1 {
        let message = format!("missing key `class` in `{at}`");
        return Err(Problem::value(at, message).help(
            "`class`: the column of class names, needed where there is more than one class",
        ));
    }
    let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let mut requests = Vec::new();
    let (mut before, mut late) = (0.0, 0u64);
    sheet.each(|row| {
        let time = row.number(arrival)?;
        if time < before {
            let what = format!("is {time}, before the {before} it follows");
            return Err(row
                .wrong(arrival, &what)
                .help("arrival times must not fall"));
        }
        before = time;
        let found = class.map(|column| (column, row.cell(column)));
        let class = match found {
            None => 0,
            Some((column, found)) => {
                let known = names.iter().position(|name| *name == found);
                known.ok_or_else(|| {
                    let what = format!("is {}, which is not a class", quoted(found));
                    row.wrong(column, &what).help(choices(found, &names))
                })?
            }
        };
        let duration = |column: Option<usize>| match column {
            Some(column) if !row.cell(column).is_empty() => {
                let steps = (row.number(column)? / form.step).ceil().max(1.0);
                if steps > STEPS_MAX {
                    return Err(row.wrong(column, "is longer than 2^53 steps"));
                }
                Ok(Some(steps as u64))
            }
            _ => Ok(None),
        };
        let step = (time / form.step).floor();
        if step >= steps as f64 {
            late += 1;
        } else {
            requests.push(RecordedRequest {
                step: step as u64 + 1,
                class,
                service: duration(service)?,
                patience: duration(patience)?,
            });
        }
        Ok(())
    })?;
    if requests.is_empty() {
        let message = format!("{} has no request in {steps} steps", quoted(&form.file));
        return Err(Problem::value(&at.key("file"), message).also(KeyPath::to(&["steps"])));
    }
    if late > 0 {
        door.warnings.push(format!(
            "{late} requests of {} come after the last step and are left out",
            quoted(&form.file)
        ));
    }
    door.references.recording = Some(form);
    Ok(DeskArrivals::Recorded(requests.into()))
}
