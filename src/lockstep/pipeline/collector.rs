//! The sink of a pipeline: it merges the visits and customers that have ended at the stations, in the order of
//! time.

use super::message::{Ends, Exit, Last, Phase};
use crate::actor::{Outbox, Port, Wants};
use crate::lockstep::Message;
use crate::lockstep::due::Due;
use crate::lockstep::sink::Sink;
use crate::station::{Gone, Happening};
use crate::time::Moment;
use std::collections::VecDeque;

/// Collects visits and customers from all stations of a pipeline.
#[derive(Clone, Debug)]
pub struct Collector {
    pub(in crate::lockstep) sink: Sink,
    /// The station of each input.
    inputs: Vec<u32>,
    reading: usize,
    /// Visits and customers that have ended at each station and are not merged yet.
    visits: Vec<VecDeque<Last>>,
    exits: Vec<VecDeque<Exit>>,
    unfinished: Vec<Vec<Gone>>,
    /// The moment at which the first of these ended, by station.
    due: Due,
    /// The last instant at which anything ended.
    instant: f64,
    pub(in crate::lockstep) stop_at: Option<f64>,
    done: bool,
    /// Buffers for the customers who end at one moment, and their stations.
    together: Vec<(u32, Exit)>,
    concerned: Vec<u32>,
}

impl Collector {
    /// A sink whose inputs come from these stations, out of `stations`.
    pub(super) fn new(
        sink: Sink,
        inputs: Vec<u32>,
        stations: usize,
        stop_at: Option<f64>,
    ) -> Collector {
        Collector {
            sink,
            done: inputs.is_empty(),
            inputs,
            reading: 0,
            visits: vec![VecDeque::new(); stations],
            exits: vec![VecDeque::new(); stations],
            unfinished: vec![Vec::new(); stations],
            due: Due::new((0..stations).map(|_| Moment::NEVER)),
            instant: 0.0,
            stop_at,
            together: Vec::new(),
            concerned: Vec::new(),
        }
    }

    pub(in crate::lockstep) fn wants(&self) -> Wants {
        match self.done {
            true => Wants::Nothing,
            false => Wants::Message(Port(self.reading)),
        }
    }

    pub(in crate::lockstep) fn handle(
        &mut self,
        ends: Ends,
        outbox: &mut Outbox<Message, Happening>,
    ) {
        let Ends {
            visits,
            exits,
            unfinished,
            span,
        } = ends;
        let station = self.inputs[self.reading];
        let at = station as usize;
        self.visits[at] = visits.into();
        self.exits[at] = exits.into();
        self.unfinished[at] = unfinished;
        self.expect(station);
        self.reading += 1;
        if self.reading < self.inputs.len() {
            return;
        }
        self.reading = 0;
        self.put_together();
        if span.last {
            self.done = true;
            self.end();
        }
        for record in self.sink.records().drain(..) {
            outbox.record(record);
        }
    }

    /// Notes the moment at which the next customer or visit ended at a station.
    fn expect(&mut self, station: u32) {
        let at = station as usize;
        let visit = self.visits[at].front().map(|&(at, _)| at);
        let exit = self.exits[at].front().map(|exit| exit.at);
        let first = visit.into_iter().chain(exit).min();
        self.due.set(station, first.unwrap_or(Moment::NEVER));
    }

    /// Merges all that has ended, moment by moment.
    fn put_together(&mut self) {
        let mut concerned = std::mem::take(&mut self.concerned);
        loop {
            let now = self.due.first();
            if now == Moment::NEVER {
                break;
            }
            if now.time > self.instant {
                self.sink.end_instant();
                self.instant = now.time;
            }
            self.due.list(now, &mut concerned);
            for station in concerned.drain(..) {
                let at = station as usize;
                while let Some((_, visit)) = self.visits[at].pop_front_if(|(at, _)| *at == now) {
                    self.sink.visited(visit, now);
                }
                while let Some(exit) = self.exits[at].pop_front_if(|exit| exit.at == now) {
                    self.together.push((station, exit));
                }
                self.expect(station);
            }
            self.take_exits(now);
        }
        self.concerned = concerned;
    }

    /// Takes the customers who ended at one moment, phase by phase.
    fn take_exits(&mut self, now: Moment) {
        let mut together = std::mem::take(&mut self.together);
        if together.len() > 1 {
            together.sort_by_key(|(_, exit)| (exit.phase, exit.rank));
        }
        for (station, exit) in together.drain(..) {
            let Exit {
                phase,
                person,
                visit,
                lost,
                ..
            } = exit;
            if let Some((_, visit)) = visit.filter(|_| phase != Phase::Refused) {
                self.sink.entered();
                self.sink.ended(&person, visit, now);
                continue;
            }
            if visit.is_some() || !lost {
                self.sink.entered();
            }
            let last = visit.map(|(left, visit)| self.sink.visited(visit, left));
            if lost {
                self.sink.lost(&person, last, station, now);
            } else {
                self.sink.balked(&person, last, station, now);
            }
        }
        self.together = together;
    }

    /// Ends the run; customers may be left if it was stopped by the clock.
    fn end(&mut self) {
        self.sink.end_instant();
        let now = Moment::at(self.stop_at.unwrap_or(self.instant));
        for left in &mut self.unfinished {
            for Gone { person, visit } in left.drain(..) {
                self.sink.entered();
                self.sink.unfinished(&person, visit, now);
            }
        }
        self.sink.end_instant();
    }
}
