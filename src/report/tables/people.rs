//! The tables of a line with people and machines: `visits`, a row per customer and place taken, and `customers`, a row
//! per customer, both in the order of ending.

use super::table::{Cell, Kind, Table};
use super::{Formats, Tables};
use crate::report::{Draft, Folder, WriteError};
use crate::scenario::{Start, Tandem};
use crate::station::{CustomerEnd, Happening, StationVisit};

/// `visits` and `customers`.
#[derive(Debug)]
pub(super) struct PeopleTables {
    names: Names,
    visits: Table,
    customers: Table,
}

/// The names of stages and classes.
#[derive(Debug)]
struct Names {
    stages: Vec<String>,
    classes: Vec<String>,
}

impl PeopleTables {
    /// Begins the tables of a line.
    ///
    /// # Errors
    /// If the files cannot be created.
    pub(super) fn begin(
        folder: &Folder,
        written: (Formats, Option<Start>),
        line: &Tandem,
    ) -> Result<PeopleTables, WriteError> {
        let visits = [
            ("customer", Kind::Whole),
            ("stage", Kind::Text),
            ("class", Kind::Text),
            ("visit", Kind::Whole),
            ("arrival", Kind::Number),
            ("setup", Kind::Number),
            ("service_start", Kind::Number),
            ("service", Kind::Number),
            ("service_end", Kind::Number),
            ("departure", Kind::Number),
            ("server", Kind::Whole),
            ("outcome", Kind::Text),
        ];
        let customers = [
            ("customer", Kind::Whole),
            ("class", Kind::Text),
            ("arrival", Kind::Number),
            ("departure", Kind::Number),
            ("waiting", Kind::Number),
            ("service", Kind::Number),
            ("blocked", Kind::Number),
            ("sojourn", Kind::Number),
            ("queues_joined", Kind::Whole),
            ("outcome", Kind::Text),
            ("stage", Kind::Text),
        ];
        Ok(PeopleTables {
            names: Names {
                stages: line.stages.iter().map(|stage| stage.name.clone()).collect(),
                classes: line
                    .classes
                    .iter()
                    .map(|class| class.name.clone())
                    .collect(),
            },
            visits: Table::begin(folder, "visits", &visits, written)?,
            customers: Table::begin(folder, "customers", &customers, written)?,
        })
    }
}

impl Names {
    fn class(&self, class: u32) -> Cell<'_> {
        let name = self.classes.get(class as usize);
        name.map_or(Cell::Empty, |name| Cell::Text(name))
    }

    fn visit(&self, visit: &StationVisit) -> [Cell<'_>; 12] {
        let began = visit.service_start.is_some();
        [
            Cell::Whole(visit.customer),
            Cell::Text(&self.stages[visit.stage as usize]),
            self.class(visit.class),
            Cell::Whole(u64::from(visit.visit)),
            Cell::Number(visit.arrival),
            number(began.then_some(visit.setup)),
            number(visit.service_start),
            number(began.then_some(visit.service)),
            number(visit.service_end),
            number(visit.departure),
            visit
                .server
                .map_or(Cell::Empty, |server| Cell::Whole(u64::from(server))),
            Cell::Text(visit.outcome.name()),
        ]
    }

    fn customer(&self, end: &CustomerEnd) -> [Cell<'_>; 11] {
        // Customers who never joined a station have an arrival only.
        let joined = |cell| if end.joined { cell } else { Cell::Empty };
        let sojourn = end.departure.map(|departure| departure - end.arrival);
        [
            Cell::Whole(end.customer),
            self.class(end.class),
            Cell::Number(end.arrival),
            joined(number(end.departure)),
            joined(Cell::Number(end.waiting)),
            joined(Cell::Number(end.service)),
            joined(Cell::Number(end.blocked)),
            joined(number(sojourn)),
            joined(Cell::Whole(u64::from(end.queues_joined))),
            Cell::Text(end.outcome.name()),
            end.stage.map_or(Cell::Empty, |stage| {
                Cell::Text(&self.stages[stage as usize])
            }),
        ]
    }
}

fn number<'a>(number: Option<f64>) -> Cell<'a> {
    number.map_or(Cell::Empty, Cell::Number)
}

impl Tables for PeopleTables {
    fn take(&mut self, record: &Happening) -> Result<(), WriteError> {
        match record {
            Happening::Visited(visit) => self.visits.push(self.names.visit(visit)),
            Happening::Finished(end) => self.customers.push(self.names.customer(end)),
            _ => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> Result<Vec<Draft>, WriteError> {
        let mut drafts = self.visits.finish()?;
        drafts.extend(self.customers.finish()?);
        Ok(drafts)
    }
}
