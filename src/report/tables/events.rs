//! The table `events`: an event log for process mining, a row for each step of a case.
//!
//! A case is a customer or a request. A customer has a row for each station at which it takes a server, with the
//! station's name and that time, and one for an end other than being served (`lost`, `balked`, `abandoned`, `scrapped`,
//! `failed`), so that the graph of successions is the line itself. A request has `arrived`, `started` each time its
//! service begins, `handed over`, and its outcome; `client gone` if the client has waited too long and the work goes
//! on, `wrap-up` when the attendant begins the wrap-up, and `comes again` if its client will retry.
//!
//! Timestamps are those of a clock that shows the scenario's `start`, or midnight, on 1 January 1970 when the run
//! begins, so the table does not depend on when the run is made. Step s is the time from s - 1 to s: a service that
//! ends in it is `completed` at s, and its wrap-up begins then; all other events of the step happen at s - 1.

use super::Formats;
use super::table::{Cell, Kind, Table};
use crate::actor::Recorder;
use crate::observe::ordered::{HandOn, Ordered};
use crate::report::manifest::date_and_time;
use crate::report::{Draft, Folder, WriteError};
use crate::scenario::{Scenario, Start};
use crate::station::{
    Happening, Onward, RequestEventKind, RequestOutcome, StationEvent, StationEventKind,
};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const COLUMNS: [(&str, Kind); 5] = [
    ("case", Kind::Whole),
    ("activity", Kind::Text),
    ("timestamp", Kind::Text),
    ("resource", Kind::Text),
    ("class", Kind::Text),
];

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
struct Row<'a> {
    case: u64,
    activity: &'a str,
    time: f64,
    resource: Option<String>,
    class: Option<&'a str>,
}

/// The recorder that writes the event log of a run, which must record everything. The first error stops the run;
/// [`EventLog::finish`] returns it.
pub struct EventLog<'a> {
    rows: Ordered<HandOn<'a>>,
    table: Arc<Mutex<Result<Table, WriteError>>>,
}

impl std::fmt::Debug for EventLog<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventLog").finish_non_exhaustive()
    }
}

impl<'a> EventLog<'a> {
    /// Begins the table in these formats; an error while it is written sets `stop`.
    ///
    /// # Errors
    /// If the files cannot be created.
    pub fn begin(
        folder: &Folder,
        formats: Formats,
        scenario: &'a Scenario,
        stop: &'a AtomicBool,
    ) -> Result<EventLog<'a>, WriteError> {
        let table = Table::begin(folder, "events", &COLUMNS, (formats, None))?;
        let table = Arc::new(Mutex::new(Ok(table)));
        let clock = scenario.real_clock();
        let written = Arc::clone(&table);
        let write = move |happening: &Happening| {
            let Some(row) = row(scenario, happening) else {
                return;
            };
            let mut table = written.lock();
            if let Ok(open) = table.as_mut()
                && let Err(error) = push(open, clock, &row)
            {
                *table = Err(error);
                stop.store(true, Ordering::Relaxed);
            }
        };
        Ok(EventLog {
            rows: Ordered::new(scenario, Box::new(write)),
            table,
        })
    }

    /// The files, complete but not yet under their final names.
    ///
    /// # Errors
    /// The first error met while writing.
    pub fn finish(self) -> Result<Vec<Draft>, WriteError> {
        // Dropping it writes the events held back.
        drop(self.rows);
        let table = Arc::into_inner(self.table).expect("the writer is dropped");
        table.into_inner()?.finish()
    }
}

impl Recorder<Happening> for EventLog<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        self.rows.record(records);
    }
}

fn push(table: &mut Table, clock: Start, row: &Row<'_>) -> Result<(), WriteError> {
    let timestamp = date_and_time(clock.nanoseconds_at(row.time));
    table.push([
        Cell::Whole(row.case),
        Cell::Text(row.activity),
        Cell::Text(&timestamp),
        Cell::from(row.resource.as_deref()),
        Cell::from(row.class),
    ])
}

/// The row of an event; `None` if it is no step of a case.
fn row<'a>(scenario: &'a Scenario, happening: &Happening) -> Option<Row<'a>> {
    match happening {
        Happening::Began(visit) => {
            let stage = &scenario.line()?.stages[visit.stage as usize].name;
            Some(Row {
                case: visit.customer,
                activity: stage,
                time: visit.service_start,
                resource: Some(format!("{stage}-{}", visit.server)),
                class: None,
            })
        }
        Happening::Lost { customer, time } => Some(Row {
            case: *customer,
            activity: "lost",
            time: *time,
            resource: None,
            class: None,
        }),
        Happening::Station(event) => at_station(scenario, event),
        Happening::Request(event) => {
            let desk = scenario.desk()?;
            let mut time = event.time;
            let (activity, resource) = match event.kind {
                RequestEventKind::Arrived => ("arrived", None),
                RequestEventKind::Started {
                    server, attendant, ..
                } => {
                    let server = &desk.servers[server as usize];
                    ("started", Some(server.attendant(attendant)))
                }
                RequestEventKind::HandedOver { server, .. } => {
                    let server = &desk.servers[server as usize];
                    ("handed over", Some(server.name.clone()))
                }
                // A request withdrawn with its client has that as its outcome.
                RequestEventKind::TimedOut {
                    withdrawn: false,
                    with,
                    ..
                } => {
                    let name = |(server, attendant): (u32, u32)| {
                        desk.servers[server as usize].attendant(attendant)
                    };
                    ("client gone", with.map(name))
                }
                RequestEventKind::WrapUp {
                    server, attendant, ..
                } => {
                    let server = &desk.servers[server as usize];
                    time = desk.end_of_turn(time);
                    ("wrap-up", Some(server.attendant(attendant)))
                }
                RequestEventKind::ComesAgain { .. } => ("comes again", None),
                _ => return None,
            };
            Some(Row {
                case: event.request,
                activity,
                time: time.get(),
                resource,
                class: Some(&desk.classes[event.class as usize].name),
            })
        }
        Happening::Ended(request) => {
            let desk = scenario.desk()?;
            let served = request.server.zip(request.attendant);
            let served = served.filter(|_| request.outcome == RequestOutcome::Completed);
            Some(Row {
                case: request.id,
                activity: request.outcome.name(),
                time: request.over(desk)?.get(),
                resource: served
                    .map(|(server, attendant)| desk.servers[server as usize].attendant(attendant)),
                class: Some(&desk.classes[request.class as usize].name),
            })
        }
        _ => None,
    }
}

fn at_station<'a>(scenario: &'a Scenario, event: &StationEvent) -> Option<Row<'a>> {
    let line = scenario.line()?;
    let stage = &line.stages[event.stage as usize].name;
    let customer = event.customer?;
    let (activity, resource) = match event.kind {
        // Only the first server that it takes on this visit.
        StationEventKind::SetUp {
            waited: Some(_), ..
        }
        | StationEventKind::Began {
            waited: Some(_), ..
        } => {
            let resource = event.server.map(|server| format!("{stage}-{server}"));
            (stage.as_str(), resource)
        }
        StationEventKind::Lost => ("lost", None),
        StationEventKind::Balked { .. } => ("balked", None),
        StationEventKind::GaveUp { .. } => ("abandoned", None),
        StationEventKind::Failed => ("failed", None),
        StationEventKind::Left {
            to: Onward::Scrap, ..
        } => ("scrapped", None),
        _ => return None,
    };
    let class = line.classes.get(customer.class as usize);
    Some(Row {
        case: customer.number,
        activity,
        time: event.time,
        resource,
        class: class.map(|class| class.name.as_str()),
    })
}
