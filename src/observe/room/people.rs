//! The room of a line of people and machines. Its events come in the order of time, so the room shows the state after
//! the last one.

use super::line::{LeftEarly, LineCounts, LineRoom, Samples, StageRoom, Title};
use crate::observe::floor::Floor;
use crate::scenario::Tandem;
use crate::station::Happening;

/// The stations, and their fixed properties.
#[derive(Debug)]
pub(super) struct PeopleFold {
    title: Title,
    /// Names and waiting places of the stages, and whether their servers have no numbers.
    stages: Vec<(String, Option<u64>, bool)>,
    floor: Floor,
    samples: Samples,
    /// The time of the last event.
    pub(super) last_event: f64,
}

impl PeopleFold {
    pub(super) fn new(line: &Tandem) -> PeopleFold {
        let stages = line.stages.iter().map(|stage| {
            let unnumbered = stage.is_unnumbered();
            (stage.name.clone(), stage.buffer, unnumbered)
        });
        PeopleFold {
            title: Title::of(line),
            stages: stages.collect(),
            floor: Floor::new(line),
            samples: Samples::default(),
            last_event: 0.0,
        }
    }

    pub(super) fn take(&mut self, event: &Happening) {
        if let Happening::Station(event) = event {
            self.floor.take(event);
            self.last_event = event.time;
        }
    }

    pub(super) fn room(&mut self, clock: f64) -> LineRoom {
        let stations = self.stages.iter().zip(&self.floor.stations);
        let stages = stations.map(|((name, buffer, unnumbered), station)| StageRoom {
            name: name.clone(),
            buffer: *buffer,
            waiting: station.waiting.len() as u64,
            servers: station.states().collect(),
            in_service: unnumbered.then_some(station.served.len() as u64),
            departed: station.departed,
        });
        let ends = &self.floor.ends;
        let counts = LineCounts {
            arrived: ends.arrived,
            lost: ends.lost,
            departed: ends.departed,
            present: self.floor.present(),
            early: Some(LeftEarly {
                balked: ends.balked,
                abandoned: ends.abandoned,
                failed: ends.failed,
                scrapped: ends.scrapped,
            }),
        };
        self.samples.add(clock, &counts);
        self.title
            .room(clock, counts, stages.collect(), &self.samples)
    }
}
