//! The report of replications: every measure with its interval, and for a desk bands over the steps.

use super::desk_course::line;
use super::document::{Document, Section};
use super::intervals as by_interval;
use super::repeat::{self, Course};
use super::results::{Results, ResultsError};
use crate::number::{given_percent, of_them};
use crate::report::chart::{Axis, Body, Chart, Estimate, Ink, Intervals, Line, Lines, Unit};
use crate::report::study::Replications;
use crate::scenario::{Entries, Scenario};
use crate::station::Happening;
use crate::study::answer::{Measure, capital};

/// Number of replications of a desk that are repeated for bands over the steps.
const AGAIN: u64 = 30;

/// Columns of such a band.
const COLUMNS: u64 = 120;

/// The report of `filas replicate` from its document alone; the scenario names its parts.
#[must_use]
pub fn replications(study: &Replications, scenario: Option<&Scenario>) -> Document {
    let mut document = Document::of(&study.answer);
    document.facts = vec![
        of_them(study.replications, "replication"),
        format!("{} confidence", given_percent(study.confidence)),
    ];
    document.sections.push(intervals(study, scenario));
    document
        .sections
        .push(by_interval::of_replications(study, scenario));
    let mut theory = Section::new("Theory beside simulation");
    theory.text.push(study.theory.sentence());
    if study.theory.applies {
        theory
            .tables
            .push(study.theory_table(scenario).in_words(scenario));
    }
    document.sections.push(theory);
    document
}

/// The report of a folder of replications: of a desk with bands over the steps.
pub(super) fn of_folder(results: &Results) -> Result<Document, ResultsError> {
    let study: Replications = results.summary_as()?;
    let scenario = results
        .scenario
        .as_ref()
        .ok()
        .map(|loaded| &loaded.scenario);
    let mut document = replications(&study, scenario);
    if scenario.is_some_and(|scenario| scenario.desk().is_some()) && study.replications > 0 {
        let bands = bands(results, study.replications, &mut document.notices);
        document.sections.insert(0, bands);
    }
    Ok(document)
}

/// The requested measure, of the whole and of its parts; then measures of one kind below one another, and a table of
/// all measures.
fn intervals(study: &Replications, scenario: Option<&Scenario>) -> Section {
    let mut section = Section::new("Every measure with its interval");
    section.text.extend(study.answer.notes.iter().cloned());
    let asked = study.answer.measure.as_deref().unwrap_or("waiting.mean");
    let numbered = scenario.map(|scenario| Entries::of(scenario).numbered(asked));
    let asked = numbered.as_deref().unwrap_or(asked);
    let kinds = [
        ("waiting.mean", "mean wait", Unit::Number),
        ("utilisation", "busy share", Unit::Share),
        ("availability", "share of the time up", Unit::Share),
        ("queue_length.mean", "mean queue", Unit::Number),
        ("lost.total", "lost share", Unit::Share),
    ];
    // A measure of a part is shown together with that of the other parts.
    let asked_end = match asked.splitn(3, '.').collect::<Vec<_>>().as_slice() {
        [_, at, end] if at.parse::<usize>().is_ok() => *end,
        _ => asked,
    };
    let is_known = kinds.iter().any(|(end, ..)| *end == asked_end);
    let words = scenario.map(|scenario| Measure::of(asked_end, scenario));
    let title = words.as_ref().map_or(asked_end.to_owned(), Measure::title);
    let is_share = words.is_some_and(|measure| measure.is_share());
    let unit = if is_share { Unit::Share } else { Unit::Number };
    let first = (!is_known).then_some((asked_end, title.as_str(), unit));
    let mut kinds: Vec<_> = first.into_iter().chain(kinds).collect();
    kinds.sort_by_key(|(end, ..)| *end != asked_end);
    for (end, title, unit) in kinds {
        let of = study.measures.0.iter().filter_map(|(key, seen)| {
            let rest = key.strip_suffix(end)?;
            // Attendants are too many and too similar; intervals have charts of their own.
            let many = ["attendants", "intervals"];
            let is_shown = !many.iter().any(|one| rest.contains(one))
                && (rest.is_empty() || rest.ends_with('.'));
            let name = match rest.trim_end_matches('.') {
                _ if !is_shown => return None,
                "" | "faults" => "all".to_owned(),
                rest => scenario
                    .and_then(|s| known_as(s, rest))
                    .unwrap_or_else(|| rest.to_owned()),
            };
            Some(Estimate {
                name,
                mean: seen.mean?,
                interval: seen.low.zip(seen.high),
                ink: Ink::Busy,
                note: String::new(),
            })
        });
        let mut rows: Vec<Estimate> = of.take(60).collect();
        rows.sort_by_key(|row| row.name != "all");
        if rows.len() > usize::from(end != asked_end) {
            let axis = Axis {
                label: title.to_owned(),
                unit,
                cropped: true,
                ..Axis::default()
            };
            let body = Body::Intervals(Intervals {
                axis,
                rows,
                mark: None,
            });
            section.charts.push(Chart::new(
                format!("{}, with intervals", capital(title)),
                body,
            ));
        }
    }
    section
        .tables
        .push(study.table(|_, _| true).in_words(scenario));
    section
}

/// The scenario's name for the part that a key counts: for `servers.0`, its first server.
fn known_as(scenario: &Scenario, key: &str) -> Option<String> {
    let key = Entries::of(scenario).numbered(key);
    let (list, number) = key.split_once('.')?;
    let mut entries = scenario.entries().into_iter();
    let (_, names) = entries.find(|(known, _)| known == list)?;
    names.get(number.parse::<usize>().ok()?).cloned()
}

/// Completed, lost and buffer of one replication, in columns of equal numbers of steps or lengths of time.
struct Columns {
    width: f64,
    origin: f64,
    /// Completed, lost and the area under the buffer; and the time covered.
    held: Vec<([f64; 3], f64)>,
    /// The last row: its time, and the length of the buffer since.
    last: (f64, f64),
}

impl Columns {
    /// Extends the last buffer length up to this time.
    fn reach(&mut self, time: f64) {
        let (mut from, buffer) = self.last;
        while from < time {
            let place = (from / self.width) as usize;
            let to = ((place + 1) as f64 * self.width).min(time);
            let Some((sums, passed)) = self.held.get_mut(place).filter(|_| to > from) else {
                break;
            };
            sums[2] += buffer * (to - from);
            *passed += to - from;
            from = to;
        }
        self.last.0 = time;
    }
}

impl Course for Columns {
    fn take(&mut self, record: &Happening) {
        if let Happening::Step(row) = record {
            let time = row.time.get() - self.origin;
            self.reach(time);
            let last = self.held.len() - 1;
            let place = ((time / self.width) as usize).min(last);
            let lost = row.rejected + row.abandoned + row.failed;
            self.held[place].0[0] += row.completed as f64;
            self.held[place].0[1] += lost as f64;
            self.last.1 = row.buffer as f64;
            // A step lasts until the next one; the last has no next one.
            if self.origin > 0.0 {
                self.reach(time + 1.0);
            }
        }
    }
}

/// Completed and lost over time, with bands over replications.
fn bands(results: &Results, done: u64, notices: &mut Vec<String>) -> Section {
    let mut section = Section::new("Processed and failed");
    let desk = results.scenario.as_ref().ok();
    let desk = desk.and_then(|loaded| loaded.scenario.desk());
    let (span, origin) = desk.map_or((1.0, 0.0), |desk| (desk.span(), desk.on_clock(0.0).get()));
    let stepped = origin > 0.0;
    let width = match stepped {
        true => (span / COLUMNS as f64).ceil().max(1.0),
        false => span / COLUMNS as f64,
    };
    let made = repeat::replications(results, done.min(AGAIN), || Columns {
        width,
        origin,
        held: vec![([0.0; 3], 0.0); (span / width).ceil().max(1.0) as usize],
        last: (0.0, 0.0),
    });
    let made = match made {
        Ok(made) if !made.is_empty() => made,
        Ok(_) => return section,
        Err(why) => {
            notices.push(format!("Bands over time are missing: {why}."));
            return section;
        }
    };
    section.text.push(format!(
        "The first {} were made again for the course over time. A line is their mean; nine in ten lie within its band.",
        of_them(made.len() as u64, "replication")
    ));
    let series = |part: usize, name: &str, ink: Ink, cumulative: bool| -> Line {
        let mut mean = Vec::new();
        let mut band = Vec::new();
        let mut sums = vec![0.0; made.len()];
        for at in 0..made[0].held.len() {
            let x = origin + at as f64 * width + (width - origin) / 2.0;
            let mut values: Vec<f64> = Vec::new();
            for (sum, one) in sums.iter_mut().zip(&made) {
                let (held, passed) = one.held[at];
                *sum += held[part];
                if passed > 0.0 {
                    values.push(if cumulative {
                        *sum
                    } else {
                        held[part] / passed
                    });
                }
            }
            if values.is_empty() {
                continue;
            }
            values.sort_by(f64::total_cmp);
            mean.push((x, values.iter().sum::<f64>() / values.len() as f64));
            let rank = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
            band.push((x, rank(0.05), rank(0.95)));
        }
        Line {
            band,
            ..line(name, ink, mean)
        }
    };
    let a_time = match stepped {
        true => ("Processed and lost a step", "requests a step"),
        false => (
            "Processed and lost a unit of time",
            "requests a unit of time",
        ),
    };
    for (title, y, cumulative) in [
        ("Processed and lost so far", "requests so far", true),
        (a_time.0, a_time.1, false),
    ] {
        let body = Body::Lines(Lines {
            x: results.desk_axis(),
            y: Axis::numbers(y),
            series: vec![
                series(0, "processed", Ink::Completed, cumulative),
                series(1, "lost", Ink::Failed, cumulative),
            ],
            marks: Vec::new(),
        });
        section.charts.push(Chart::new(title, body));
    }
    let body = Body::Lines(Lines {
        x: results.desk_axis(),
        y: Axis::numbers("requests in the buffer"),
        series: vec![series(2, "buffer", Ink::Waiting, false)],
        marks: Vec::new(),
    });
    section
        .charts
        .push(Chart::new("Requests in the buffer", body));
    section
}
