//! The tables of a desk: `steps`, a row per step, or in continuous time `levels`, a row per change of a level;
//! `requests`, a row per request; `faults`, a row each time an attendant goes down, is slowed, comes up, or goes on or
//! off duty.

use super::table::{Cell, Kind, Table};
use super::{Formats, Tables};
use crate::report::{Draft, Folder, WriteError};
use crate::scenario::{Desk, ServerGroup, Start};
use crate::station::{FaultRecord, Happening, RequestOutcome, RequestRecord, StepRecord};
use crate::time::Time;

/// `steps` or `levels`, `requests` and `faults`.
///
/// The rows of steps or levels, and those of faults, come from one actor each, in order. Requests end at many actors,
/// and on threads in any order within a turn; they are held until the turn is over and filed by their end and id, those
/// still in the system last.
#[derive(Debug)]
pub(super) struct DeskTables {
    names: Names,
    stepped: bool,
    turns: Table,
    /// The last levels filed.
    levels: Option<[u64; 6]>,
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
    /// If the files cannot be created.
    pub(super) fn begin(
        folder: &Folder,
        written: (Formats, Option<Start>),
        scenario: &Desk,
    ) -> Result<DeskTables, WriteError> {
        const STEPS: [&str; 16] = [
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
            "timed_out",
            "on_duty",
        ];
        const LEVELS: [&str; 6] = [
            "buffer",
            "handed_over",
            "waiting_at_servers",
            "in_service",
            "on_duty",
            "up",
        ];
        let stepped = scenario.steps().is_some();
        let (time, when) = match stepped {
            true => (Kind::Whole, "step"),
            false => (Kind::Number, "time"),
        };
        let requests = [
            ("id", Kind::Whole),
            ("class", Kind::Text),
            ("arrival", time),
            ("first_start", time),
            ("end", time),
            ("outcome", Kind::Text),
            ("attempts", Kind::Whole),
            ("server", Kind::Text),
            ("attendant", Kind::Text),
            ("client", Kind::Whole),
            ("try", Kind::Whole),
            ("gone", time),
        ];
        let faults = [
            (when, time),
            ("server", Kind::Text),
            ("attendant", Kind::Text),
            ("event", Kind::Text),
            ("request", Kind::Whole),
        ];
        let turns = match stepped {
            true => Table::begin(
                folder,
                "steps",
                &STEPS.map(|name| (name, Kind::Whole)),
                written,
            )?,
            false => {
                let mut columns = vec![("time", Kind::Number)];
                columns.extend(LEVELS.map(|name| (name, Kind::Whole)));
                Table::begin(folder, "levels", &columns, written)?
            }
        };
        Ok(DeskTables {
            names: Names::of(scenario),
            stepped,
            turns,
            levels: None,
            requests: Table::begin(folder, "requests", &requests, written)?,
            faults: Table::begin(folder, "faults", &faults, written)?,
            ended: Vec::new(),
        })
    }

    /// Files the row of a turn.
    fn file_turn(&mut self, row: &StepRecord) -> Result<(), WriteError> {
        if self.stepped {
            let mut cells = [self.time(row.time); 16];
            cells[1..].copy_from_slice(&row.counts().map(Cell::Whole));
            return self.turns.push(cells);
        }
        let levels = row.levels();
        if self.levels == Some(levels) {
            return Ok(());
        }
        self.levels = Some(levels);
        let mut cells = [self.time(row.time); 7];
        cells[1..].copy_from_slice(&levels.map(Cell::Whole));
        self.turns.push(cells)
    }

    /// A time in the form of its column.
    fn time(&self, time: Time) -> Cell<'static> {
        match self.stepped {
            true => Cell::Whole(time.get() as u64),
            false => Cell::Number(time.get()),
        }
    }

    /// Files the requests that ended by this time; `None` stands for the end of the run.
    fn file_ended(&mut self, by: Option<Time>) -> Result<(), WriteError> {
        let is_due = |request: &RequestRecord| match by {
            Some(time) => request.end.is_some_and(|end| end <= time),
            None => true,
        };
        let (mut due, kept) = self.ended.drain(..).partition::<Vec<_>, _>(is_due);
        self.ended = kept;
        due.sort_unstable_by_key(|request| (request.end.unwrap_or(Time::NEVER), request.id));
        let stepped = self.stepped;
        due.iter().try_for_each(|request| {
            self.requests
                .push(request_row(&self.names, stepped, request))
        })
    }
}

impl Tables for DeskTables {
    fn take(&mut self, record: &Happening) -> Result<(), WriteError> {
        match record {
            Happening::Ended(request) => {
                self.ended.push(*request);
                Ok(())
            }
            Happening::Fault(fault) => {
                let time = self.time(fault.time);
                self.faults.push(fault_row(&self.names, time, fault))
            }
            Happening::Step(row) => {
                self.file_ended(Some(row.time))?;
                self.file_turn(row)
            }
            _ => Ok(()),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Draft>, WriteError> {
        self.file_ended(None)?;
        let mut drafts = self.turns.finish()?;
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

fn request_row<'a>(names: &'a Names, stepped: bool, row: &RequestRecord) -> [Cell<'a>; 12] {
    let time = |time: Option<Time>| match stepped {
        true => Cell::from(time.map(|time| time.get() as u64)),
        false => Cell::from(time.map(Time::get)),
    };
    let end = match (stepped, row.end) {
        (true, Some(end)) if row.outcome == RequestOutcome::Completed => {
            Cell::ThroughStep(end.get() as u64)
        }
        (_, end) => time(end),
    };
    let server = row.server.map(|server| names.server(server));
    let attendant = row
        .server
        .zip(row.attendant)
        .map(|(server, attendant)| names.attendant(server, attendant));
    [
        Cell::Whole(row.id),
        Cell::Text(&names.classes[row.class as usize]),
        time(Some(row.arrival)),
        time(row.first_start),
        end,
        Cell::Text(row.outcome.name()),
        Cell::Whole(row.attempts),
        Cell::from(server),
        Cell::from(attendant),
        Cell::Whole(row.client),
        Cell::Whole(row.attempt),
        time(row.gone),
    ]
}

fn fault_row<'a>(names: &'a Names, time: Cell<'a>, row: &FaultRecord) -> [Cell<'a>; 5] {
    [
        time,
        Cell::Text(names.server(row.server)),
        Cell::Text(names.attendant(row.server, row.attendant)),
        Cell::Text(row.event.name()),
        Cell::from(row.request),
    ]
}
