//! The timeline of a line. A stage records its visits in its own order of time, so the events of one track are in
//! order; those of different tracks are written as they become known.

use super::{Event, Trace};
use crate::scenario::Tandem;
use crate::station::{Happening, Visit};
use crate::time::Moment;
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

/// The trace of a line.
#[derive(Debug)]
pub(super) struct LineTimeline<W> {
    trace: Trace<W>,
    name: String,
    stages: Vec<Station>,
}

/// A stage as far as its queue is known.
#[derive(Debug, Default)]
struct Station {
    /// Service starts of the customers waiting.
    leaving: BinaryHeap<Reverse<Moment>>,
    waiting: u64,
}

/// Names the processes and tracks: a stage is a process, a server a track.
pub(super) fn tracks<W: Write>(line: &Tandem, trace: &mut Trace<W>) -> io::Result<()> {
    for (index, stage) in line.stages.iter().enumerate() {
        let pid = index + 1;
        for event in Event::process(pid, &stage.name) {
            trace.put(&event)?;
        }
        for server in 1..=stage.servers.most().unwrap_or(0) as usize {
            let name = format!("{} {server}", stage.name);
            trace.put(&Event::track((pid, server), &name))?;
        }
    }
    Ok(())
}

impl<W: Write> LineTimeline<W> {
    pub(super) fn begin(line: &Tandem, mut trace: Trace<W>) -> io::Result<LineTimeline<W>> {
        tracks(line, &mut trace)?;
        Ok(LineTimeline {
            trace,
            name: line.name.clone(),
            stages: line.stages.iter().map(|_| Station::default()).collect(),
        })
    }

    pub(super) fn take(&mut self, event: &Happening) -> io::Result<()> {
        match *event {
            Happening::Began(visit) => self.queue(&visit),
            Happening::Left(visit) => self.visit(&visit),
            Happening::Lost { customer, time } => {
                let name = format!("#{customer} lost");
                self.trace.put(&Event::instant(name, "loss", (1, 1), time))
            }
            _ => Ok(()),
        }
    }

    fn visit(&mut self, visit: &Visit) -> io::Result<()> {
        let track = (visit.stage as usize + 1, visit.server as usize);
        let customer = visit.customer;
        let about = json!({ "customer": customer, "waited": visit.service_start - visit.arrival });
        let spell = (visit.service_start, visit.service_end);
        self.trace.put(&Event::slice(
            format!("#{customer}"),
            "service",
            track,
            spell,
            about,
        ))?;
        if visit.departure > visit.service_end {
            let about = json!({ "customer": customer });
            let spell = (visit.service_end, visit.departure);
            let name = format!("#{customer} blocked");
            self.trace
                .put(&Event::slice(name, "blocked", track, spell, about))?;
        }
        Ok(())
    }

    /// Writes the queue at a stage, in the order of service starts: everything up to this arrival is known.
    fn queue(&mut self, visit: &Visit) -> io::Result<()> {
        self.queue_until(visit.stage as usize, visit.arrival)?;
        if visit.service_start > visit.arrival {
            let station = &mut self.stages[visit.stage as usize];
            station
                .leaving
                .push(Reverse(Moment::at(visit.service_start)));
            station.waiting += 1;
            let (pid, waiting) = (visit.stage as usize + 1, station.waiting);
            let counter = Event::counter("waiting", pid, visit.arrival, waiting);
            self.trace.put(&counter)?;
        }
        Ok(())
    }

    fn queue_until(&mut self, stage: usize, time: f64) -> io::Result<()> {
        let station = &mut self.stages[stage];
        while let Some(&Reverse(next)) = station.leaving.peek() {
            if next.time > time {
                break;
            }
            station.leaving.pop();
            station.waiting -= 1;
            let counter = Event::counter("waiting", stage + 1, next.time, station.waiting);
            self.trace.put(&counter)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        for stage in 0..self.stages.len() {
            self.queue_until(stage, f64::INFINITY)?;
        }
        self.trace.end(&self.name)
    }
}
