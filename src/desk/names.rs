//! The names of a desk, for people: its log and its summary. Nothing is decided by them.

use crate::scenario::Desk;
use std::fmt;

/// Who is called what.
#[derive(Clone, Debug)]
pub(super) struct Names {
    classes: Vec<String>,
    servers: Vec<(String, Vec<String>)>,
}

impl Names {
    pub(super) fn new(scenario: &Desk) -> Names {
        let server = |server: &crate::scenario::ServerGroup| {
            let attendants = (1..=server.attendants.len())
                .map(|number| format!("{}-{number}", server.name))
                .collect();
            (server.name.clone(), attendants)
        };
        Names {
            classes: scenario.classes.iter().map(|c| c.name.clone()).collect(),
            servers: scenario.servers.iter().map(server).collect(),
        }
    }

    pub(super) fn class(&self, class: u32) -> &str {
        &self.classes[class as usize]
    }

    pub(super) fn server(&self, server: u32) -> &str {
        &self.servers[server as usize].0
    }

    pub(super) fn attendant(&self, server: u32, attendant: u32) -> &str {
        &self.servers[server as usize].1[attendant as usize]
    }
}

/// A number of steps, as people say it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps(pub(super) u64);

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} step{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}
