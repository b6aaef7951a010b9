//! The tables of a desk: `steps`, a row per step; `requests`, a row per request; `faults`, a row each
//! time an attendant went down or came up.

use super::table::{Cell, Kind, Table};
use super::{Formats, Tables};
use crate::report::{Draft, Folder, WriteError};
use crate::scenario::{Desk, ServerGroup, Start};
use crate::station::{FaultRecord, Happening, RequestRecord, StepRecord};
use crate::time::Step;

/// `steps`, `requests` and `faults`.
///
/// Steps and faults come from one actor each, in order. Requests end with many actors, and on threads
/// in any order within a step; they are held until the step is over and filed by step of their end
/// and id, those still in the system last.
#[derive(Debug)]
pub(super) struct DeskTables {
    names: Names,
    steps: Table,
    requests: Table,
    faults: Table,
    ended: Vec<RequestRecord>,
}

/// The names of classes, servers and attendants.
#[derive(Debug)]
struct Names {
    classes: Vec<String>,
    servers: Vec<(String, Vec<String>)>,
}

impl DeskTables {
    /// Begins the tables of a desk.
    ///
    /// # Errors
    /// If the system will not make the files.
    pub(super) fn begin(
        folder: &Folder,
        written: (Formats, Option<Start>),
        scenario: &Desk,
    ) -> Result<DeskTables, WriteError> {
        const STEPS: [&str; 14] = [
            "step",
            "generated",
            "rejected",
            "dispatched",
            "reallocated",
            "interrupted",
            "completed",
            "abandoned",
            "failed",
            "buffer",
            "handed_over",
            "waiting_at_servers",
            "in_service",
            "attendants_up",
        ];
        let requests = [
            ("id", Kind::Whole),
            ("class", Kind::Text),
            ("arrival", Kind::Whole),
            ("first_start", Kind::Whole),
            ("end", Kind::Whole),
            ("outcome", Kind::Text),
            ("attempts", Kind::Whole),
            ("server", Kind::Text),
            ("attendant", Kind::Text),
        ];
        let faults = [
            ("step", Kind::Whole),
            ("server", Kind::Text),
            ("attendant", Kind::Text),
            ("event", Kind::Text),
            ("request", Kind::Whole),
        ];
        let steps = STEPS.map(|name| (name, Kind::Whole));
        Ok(DeskTables {
            names: Names::of(scenario),
            steps: Table::begin(folder, "steps", &steps, written)?,
            requests: Table::begin(folder, "requests", &requests, written)?,
            faults: Table::begin(folder, "faults", &faults, written)?,
            ended: Vec::new(),
        })
    }

    /// Files the requests that ended by this step; `None` stands for the end of the run.
    fn file_ended(&mut self, by: Option<Step>) -> Result<(), WriteError> {
        let is_due = |request: &RequestRecord| match by {
            Some(step) => request.end.is_some_and(|end| end <= step),
            None => true,
        };
        let (mut due, kept) = self.ended.drain(..).partition::<Vec<_>, _>(is_due);
        self.ended = kept;
        due.sort_unstable_by_key(|request| (request.end.unwrap_or(Step::MAX), request.id));
        due.iter()
            .try_for_each(|request| self.requests.push(request_row(&self.names, request)))
    }
}

impl Tables for DeskTables {
    fn take(&mut self, record: &Happening) -> Result<(), WriteError> {
        match record {
            Happening::Ended(request) => {
                self.ended.push(*request);
                Ok(())
            }
            Happening::Fault(fault) => self.faults.push(fault_row(&self.names, fault)),
            Happening::Step(step) => {
                self.file_ended(Some(step.step))?;
                self.steps.push(step_row(step))
            }
            _ => Ok(()),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Draft>, WriteError> {
        self.file_ended(None)?;
        let mut drafts = self.steps.finish()?;
        drafts.extend(self.requests.finish()?);
        drafts.extend(self.faults.finish()?);
        Ok(drafts)
    }
}

impl Names {
    fn of(scenario: &Desk) -> Names {
        let server = |server: &ServerGroup| {
            let numbers = 0..server.attendants.len() as u32;
            let attendants = numbers.map(|number| server.attendant(number)).collect();
            (server.name.clone(), attendants)
        };
        Names {
            classes: scenario.classes.iter().map(|c| c.name.clone()).collect(),
            servers: scenario.servers.iter().map(server).collect(),
        }
    }

    fn server(&self, server: u32) -> &str {
        &self.servers[server as usize].0
    }

    fn attendant(&self, server: u32, attendant: u32) -> &str {
        &self.servers[server as usize].1[attendant as usize]
    }
}

fn step_row(row: &StepRecord) -> [Cell<'static>; 14] {
    [
        row.step,
        row.generated,
        row.rejected,
        row.dispatched,
        row.reallocated,
        row.interrupted,
        row.completed,
        row.abandoned,
        row.failed,
        row.buffer,
        row.handed_over,
        row.waiting_at_servers,
        row.in_service,
        row.attendants_up,
    ]
    .map(Cell::Whole)
}

fn request_row<'a>(names: &'a Names, row: &RequestRecord) -> [Cell<'a>; 9] {
    let server = row.server.map(|server| names.server(server));
    let attendant = row
        .server
        .zip(row.attendant)
        .map(|(server, attendant)| names.attendant(server, attendant));
    [
        Cell::Whole(row.id),
        Cell::Text(&names.classes[row.class as usize]),
        Cell::Whole(row.arrival),
        Cell::from(row.first_start),
        Cell::from(row.end),
        Cell::Text(row.outcome.name()),
        Cell::Whole(row.attempts),
        Cell::from(server),
        Cell::from(attendant),
    ]
}

fn fault_row<'a>(names: &'a Names, row: &FaultRecord) -> [Cell<'a>; 5] {
    [
        Cell::Whole(row.step),
        Cell::Text(names.server(row.server)),
        Cell::Text(names.attendant(row.server, row.attendant)),
        Cell::Text(row.event.name()),
        Cell::from(row.request),
    ]
}
