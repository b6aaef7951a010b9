//! The tables of a line: `visits`, a row per customer and stage, and `customers`, a row per customer.

use super::table::{Cell, Kind, Table};
use super::{Formats, Tables};
use crate::report::{Draft, Folder, WriteError};
use crate::scenario::{Start, Tandem};
use crate::station::{CustomerRecord, Happening};

/// `visits` and `customers`, both in the order in which customers left the line, lost ones in between.
#[derive(Debug)]
pub(super) struct LineTables {
    stages: Vec<String>,
    visits: Table,
    customers: Table,
}

impl LineTables {
    /// Begins the tables of a line.
    ///
    /// # Errors
    /// If the files cannot be created.
    pub(super) fn begin(
        folder: &Folder,
        written: (Formats, Option<Start>),
        line: &Tandem,
    ) -> Result<LineTables, WriteError> {
        let visits = [
            ("customer", Kind::Whole),
            ("stage", Kind::Text),
            ("arrival", Kind::Number),
            ("service_start", Kind::Number),
            ("service_end", Kind::Number),
            ("departure", Kind::Number),
            ("server", Kind::Whole),
        ];
        let customers = [
            ("customer", Kind::Whole),
            ("arrival", Kind::Number),
            ("departure", Kind::Number),
            ("waiting", Kind::Number),
            ("service", Kind::Number),
            ("blocked", Kind::Number),
            ("sojourn", Kind::Number),
            ("queues_joined", Kind::Whole),
            ("lost", Kind::Flag),
        ];
        Ok(LineTables {
            stages: line.stages.iter().map(|stage| stage.name.clone()).collect(),
            visits: Table::begin(folder, "visits", &visits, written)?,
            customers: Table::begin(folder, "customers", &customers, written)?,
        })
    }
}

impl Tables for LineTables {
    fn take(&mut self, record: &Happening) -> Result<(), WriteError> {
        let Happening::Passage(passage) = record else {
            return Ok(());
        };
        for visit in &passage.visits {
            self.visits.push([
                Cell::Whole(visit.customer),
                Cell::Text(&self.stages[visit.stage as usize]),
                Cell::Number(visit.arrival),
                Cell::Number(visit.service_start),
                Cell::Number(visit.service_end),
                Cell::Number(visit.departure),
                Cell::Whole(u64::from(visit.server)),
            ])?;
        }
        self.customers.push(customer_row(&passage.customer))
    }

    fn finish(self: Box<Self>) -> Result<Vec<Draft>, WriteError> {
        let mut drafts = self.visits.finish()?;
        drafts.extend(self.customers.finish()?);
        Ok(drafts)
    }
}

/// A lost customer has only a number and an arrival.
fn customer_row(customer: &CustomerRecord) -> [Cell<'_>; 9] {
    let served = |cell| if customer.lost { Cell::Empty } else { cell };
    [
        Cell::Whole(customer.customer),
        Cell::Number(customer.arrival),
        served(Cell::Number(customer.departure)),
        served(Cell::Number(customer.waiting)),
        served(Cell::Number(customer.service)),
        served(Cell::Number(customer.blocked)),
        served(Cell::Number(customer.departure - customer.arrival)),
        served(Cell::Whole(u64::from(customer.queues_joined))),
        Cell::Flag(customer.lost),
    ]
}
