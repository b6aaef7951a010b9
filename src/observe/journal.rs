//! The interventions made by hand in a live run, by time: equivalent to a patch of the scenario, with which the run can
//! be repeated.

use crate::actor::Change;
use crate::scenario::Desk;
use crate::time::Time;
use serde::Serialize;
use std::fmt::Write;

/// Interventions in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    pub(super) entries: Vec<Entry>,
}

/// One intervention and the time from which it applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Step or instant.
    pub time: Time,
    /// Index of the server.
    pub server: u32,
    /// Index of the attendant within it.
    pub attendant: u32,
    /// Down or up.
    pub change: Change,
}

/// An entry with names, for a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Step or instant.
    pub time: Time,
    /// The attendant's name.
    pub attendant: String,
    /// `fault` or `repair`, as in the `faults` table.
    pub event: &'static str,
}

impl Journal {
    /// Adds an entry.
    pub fn enter(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Removes the entries for this time and later, which the run will not reach.
    pub fn forget_from(&mut self, time: Time) {
        self.entries.retain(|entry| entry.time < time);
    }

    /// Whether there were no interventions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries with names.
    #[must_use]
    pub fn told(&self, desk: &Desk) -> Vec<Told> {
        let tell = |entry: &Entry| Told {
            time: entry.time,
            attendant: format!(
                "{}-{}",
                desk.servers[entry.server as usize].name,
                entry.attendant + 1
            ),
            event: match entry.change {
                Change::TakeDown => "fault",
                Change::Repair => "repair",
            },
        };
        self.entries.iter().map(tell).collect()
    }

    /// The patch: applied to the scenario with `--patch`, it gives the same run.
    #[must_use]
    pub fn patch(&self, desk: &Desk) -> String {
        let mut text = String::from(
            "# What was done by hand in a live run. The same run again: filas run FILE --patch THIS\n\n\
             [faults]\nscript = [\n",
        );
        let when = match desk.steps() {
            Some(_) => "step",
            None => "at",
        };
        for Told {
            time,
            attendant,
            event,
        } in self.told(desk)
        {
            let name = toml_edit::Value::from(attendant);
            writeln!(
                text,
                "  {{ {when} = {time}, attendant = {name}, event = \"{event}\" }},"
            )
            .expect("a text takes text");
        }
        text.push_str("]\n");
        text
    }
}
