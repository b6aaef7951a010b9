//! The timeline of a line of people and machines: a track for each server with its services, set-ups, blocked time,
//! outages and time off duty; customers who leave early are instants.

use super::{Event, Trace};
use crate::observe::floor::Floor;
use crate::observe::room::ServerState;
use crate::scenario::Tandem;
use crate::station::{Happening, Onward, StationEvent, StationEventKind};
use serde_json::json;
use std::io::{self, Write};

/// The trace of a line of people and machines.
#[derive(Debug)]
pub(super) struct PeopleTimeline<W> {
    trace: Trace<W>,
    name: String,
    floor: Floor,
    /// The queue and the number in service of each stage, as last written.
    told: Vec<[u64; 2]>,
    clock: f64,
}

impl<W: Write> PeopleTimeline<W> {
    pub(super) fn begin(line: &Tandem, mut trace: Trace<W>) -> io::Result<PeopleTimeline<W>> {
        super::line::tracks(line, &mut trace)?;
        Ok(PeopleTimeline {
            trace,
            name: line.name.clone(),
            floor: Floor::new(line),
            told: vec![[0, 0]; line.stages.len()],
            clock: 0.0,
        })
    }

    pub(super) fn take(&mut self, event: &Happening) -> io::Result<()> {
        let Happening::Station(event) = event else {
            return Ok(());
        };
        if event.time > self.clock {
            self.levels()?;
            self.clock = event.time;
        }
        if let (Some((before, since)), Some(server)) = (self.floor.take(event), event.server) {
            self.spell(event.stage, server, before, (since, event.time))?;
        }
        self.end(event)
    }

    /// Writes the state of a server between two times.
    fn spell(
        &mut self,
        stage: u32,
        server: u32,
        state: ServerState,
        (from, to): (f64, f64),
    ) -> io::Result<()> {
        if to <= from {
            return Ok(());
        }
        let track = (stage as usize + 1, server as usize);
        let (customer, kind) = match state {
            ServerState::Idle => return Ok(()),
            ServerState::Busy { customer } => (Some(customer), "service"),
            ServerState::Blocked { customer } => (Some(customer), "blocked"),
            ServerState::SetUp { customer } => (Some(customer), "set-up"),
            ServerState::Down { customer } => (customer, "down"),
            ServerState::Off => (None, "off duty"),
        };
        let name = match (customer, kind) {
            (Some(customer), "service") => format!("#{customer}"),
            (Some(customer), kind) => format!("#{customer} {kind}"),
            (None, kind) => kind.to_owned(),
        };
        let about = json!({ "customer": customer });
        let slice = Event::slice(name, kind, track, (from, to), about);
        self.trace.put(&slice)
    }

    /// Writes the queues and the numbers in service at the end of an instant.
    fn levels(&mut self) -> io::Result<()> {
        let stations = self.floor.stations.iter().zip(&mut self.told);
        for (pid, (station, told)) in (1..).zip(stations) {
            let now = [station.waiting.len() as u64, station.served.len() as u64];
            for (name, at) in [("waiting", 0), ("in service", 1)] {
                if told[at] != now[at] {
                    let counter = Event::counter(name, pid, self.clock, now[at]);
                    self.trace.put(&counter)?;
                }
            }
            *told = now;
        }
        Ok(())
    }

    /// Writes the end of a customer who is not served.
    fn end(&mut self, event: &StationEvent) -> io::Result<()> {
        let (how, kind) = match event.kind {
            StationEventKind::Lost => ("lost", "loss"),
            StationEventKind::Balked { .. } => ("does not join", "balking"),
            StationEventKind::GaveUp { .. } => ("gave up", "abandonment"),
            StationEventKind::Failed => ("failed", "failure"),
            StationEventKind::Left {
                to: Onward::Scrap, ..
            } => ("scrap", "scrap"),
            _ => return Ok(()),
        };
        let number = event.customer.map_or(0, |who| who.number);
        let server = event.server.map_or(1, |server| server as usize);
        let track = (event.stage as usize + 1, server);
        let name = format!("#{number} {how}");
        self.trace
            .put(&Event::instant(name, kind, track, event.time))
    }

    /// Ends all open spells with the run.
    pub(super) fn finish(mut self, end: f64) -> io::Result<W> {
        self.levels()?;
        for stage in 0..self.floor.stations.len() {
            for server in 0..self.floor.stations[stage].servers.len() {
                let one = &self.floor.stations[stage].servers[server];
                let (state, since) = (one.state(), one.since);
                self.spell(stage as u32, server as u32 + 1, state, (since, end))?;
            }
        }
        self.trace.end(&self.name)
    }
}
