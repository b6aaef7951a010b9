//! The tables of a run, streamed to disk during the run, in constant memory.
//!
//! A [`Filing`] is the recorder of a run. Each table gets its rows from one actor of the model, so that their order is
//! determined by the model and not by the schedule. Parquet and CSV are written from the same rows and contain the same
//! values to the last bit.

mod csv_file;
mod desk;
mod events;
mod intervals;
mod line;
#[cfg(feature = "tables")]
mod parquet_file;
mod people;
pub mod study;
mod table;

pub use events::EventLog;
pub use intervals::intervals;
pub use table::{Cell, Kind, Table};

use crate::actor::Recorder;
use crate::model::Model;
use crate::report::{Draft, Folder, WriteError};
use crate::scenario::Scenario;
use crate::station::Happening;
use desk::DeskTables;
use line::LineTables;
use parking_lot::Mutex;
use people::PeopleTables;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// The formats in which tables are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Formats {
    /// As `.parquet`.
    #[cfg(feature = "tables")]
    pub parquet: bool,
    /// As `.csv`.
    pub csv: bool,
}

impl Formats {
    /// No tables.
    pub const NONE: Formats = Formats {
        #[cfg(feature = "tables")]
        parquet: false,
        csv: false,
    };

    /// CSV alone.
    pub const CSV: Formats = Formats {
        #[cfg(feature = "tables")]
        parquet: false,
        csv: true,
    };

    /// Parquet alone.
    #[cfg(feature = "tables")]
    pub const PARQUET: Formats = Formats {
        parquet: true,
        ..Formats::NONE
    };

    /// The default formats: Parquet, or CSV in a build without Parquet.
    #[cfg(feature = "tables")]
    pub const USUAL: Formats = Formats::PARQUET;
    /// The default formats: CSV, since this build has no Parquet.
    #[cfg(not(feature = "tables"))]
    pub const USUAL: Formats = Formats::CSV;

    /// All formats that this build can write.
    pub const ALL: Formats = Formats {
        #[cfg(feature = "tables")]
        parquet: true,
        csv: true,
    };

    /// Whether any format is written.
    #[must_use]
    pub fn any(self) -> bool {
        self != Formats::NONE
    }
}

/// A receiver of a run's records that becomes the files of tables.
pub trait Tables: Send {
    /// Takes one record.
    ///
    /// # Errors
    /// If the system will not write.
    fn take(&mut self, record: &Happening) -> Result<(), WriteError>;

    /// Writes buffered rows and returns the files, complete but not yet under their final names.
    ///
    /// # Errors
    /// If the system will not write.
    fn finish(self: Box<Self>) -> Result<Vec<Draft>, WriteError>;
}

/// Begins the tables of a scenario's model.
///
/// # Errors
/// If the files cannot be created.
pub fn begin(
    folder: &Folder,
    formats: Formats,
    scenario: &Scenario,
) -> Result<Box<dyn Tables>, WriteError> {
    let written = (formats, scenario.clock());
    Ok(match Model::of(scenario) {
        Model::Desk(desk) => Box::new(DeskTables::begin(folder, written, desk)?),
        Model::Line(line) if line.is_plain() => Box::new(LineTables::begin(folder, written, line)?),
        Model::Line(line) => Box::new(PeopleTables::begin(folder, written, line)?),
    })
}

/// The recorder that files records in tables. The first error stops the run; [`Filing::finish`] returns it.
pub struct Filing<'a> {
    state: Mutex<Result<Box<dyn Tables>, WriteError>>,
    stop: &'a AtomicBool,
}

impl<'a> Filing<'a> {
    /// Files into these tables; an error sets `stop`.
    pub fn new(tables: Box<dyn Tables>, stop: &'a AtomicBool) -> Filing<'a> {
        Filing {
            state: Mutex::new(Ok(tables)),
            stop,
        }
    }

    /// The files, complete but not yet under their final names.
    ///
    /// # Errors
    /// The first error met while filing.
    pub fn finish(self) -> Result<Vec<Draft>, WriteError> {
        self.state.into_inner()?.finish()
    }
}

impl Recorder<Happening> for Filing<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        let mut state = self.state.lock();
        if let Ok(tables) = state.as_mut() {
            let filed = records.iter().try_for_each(|record| tables.take(record));
            if let Err(error) = filed {
                *state = Err(error);
                self.stop.store(true, Ordering::Relaxed);
            }
        }
    }
}

impl fmt::Debug for Filing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filing").finish_non_exhaustive()
    }
}
