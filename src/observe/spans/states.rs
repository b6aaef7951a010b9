//! The spans of attendants and servers: the times when they were down, off duty, slowed, or in wrap-up.

use super::{Span, Trace, Traces, Value};
use crate::scenario::Scenario;
use crate::station::{
    FaultEvent, FaultRecord, RequestEvent, RequestEventKind, StationEvent,
    StationEventKind as Event,
};
use std::collections::BTreeMap;

const DOWN: &str = "down";
const OFF: &str = "off duty";
const SLOWED: &str = "slowed";

/// The states of attendants and servers, by group and number.
#[derive(Debug, Default)]
pub(super) struct States {
    since: BTreeMap<((u32, u32), &'static str), f64>,
    /// Wrap-ups: the request, the start and the end, unless the attendant is interrupted before.
    wrapping: BTreeMap<(u32, u32), (u64, f64, f64)>,
    /// Number of spans so far, by attendant or server.
    numbers: BTreeMap<(u32, u32), u32>,
}

impl States {
    /// The states before the first event: attendants and servers that begin off duty are off.
    pub(super) fn new(scenario: &Scenario) -> States {
        let mut states = States::default();
        if let Some(desk) = scenario.desk() {
            let begin = if desk.steps().is_some() { 1.0 } else { 0.0 };
            for (server, group) in desk.servers.iter().enumerate() {
                for attendant in 0..group.attendants.len() {
                    if !desk.begins_on_duty(server, attendant) {
                        let at = (server as u32, attendant as u32);
                        states.since.insert((at, OFF), begin);
                    }
                }
            }
        }
        for (stage, of) in scenario
            .line()
            .iter()
            .flat_map(|line| (0..).zip(&line.stages))
        {
            let most = of.servers.most().filter(|_| !of.is_unnumbered());
            let at_first = of.servers.at_first();
            for number in at_first.unwrap_or(0)..most.unwrap_or(0) {
                states.since.insert(((stage, number + 1), OFF), 0.0);
            }
        }
        states
    }

    /// Handles a change of state of a server of a stage with people and machines.
    pub(super) fn event(&mut self, traces: &Traces<'_>, event: &StationEvent) {
        let Some(server) = event.server else {
            return;
        };
        let at = (event.stage, server);
        match event.kind {
            Event::Down => self.begin(at, DOWN, event.time),
            Event::Slowed { .. } => self.begin(at, SLOWED, event.time),
            Event::Up => {
                self.end(traces, at, DOWN, event.time);
                self.end(traces, at, SLOWED, event.time);
            }
            Event::OffDuty => self.begin(at, OFF, event.time),
            Event::OnDuty => self.end(traces, at, OFF, event.time),
            _ => {}
        }
    }

    /// Handles a change of state of an attendant of a desk. One who goes off duty in an outage is off, not down, until
    /// it comes back.
    pub(super) fn fault(&mut self, traces: &Traces<'_>, fault: &FaultRecord) {
        let at = (fault.server, fault.attendant);
        let time = fault.time.get();
        match fault.event {
            FaultEvent::Fault => {
                self.wrapped(traces, at, time);
                self.begin(at, DOWN, time);
            }
            FaultEvent::Slow => self.begin(at, SLOWED, time),
            FaultEvent::Repair => {
                self.end(traces, at, DOWN, time);
                self.end(traces, at, SLOWED, time);
            }
            FaultEvent::OffDuty => {
                self.wrapped(traces, at, time);
                self.end(traces, at, DOWN, time);
                self.end(traces, at, SLOWED, time);
                self.begin(at, OFF, time);
            }
            FaultEvent::OnDuty => {
                self.end(traces, at, OFF, time);
                if fault.waits {
                    self.begin(at, DOWN, time);
                }
            }
        }
    }

    /// Handles an event of a request: an attendant may begin the wrap-up after it, or must have ended an earlier one.
    pub(super) fn request(&mut self, traces: &Traces<'_>, event: &RequestEvent) {
        match event.kind {
            RequestEventKind::WrapUp {
                server,
                attendant,
                lasts,
            } => {
                let desk = traces.scenario.desk();
                let from = desk.map_or(event.time, |desk| desk.end_of_turn(event.time));
                let (at, from) = ((server, attendant), from.get());
                self.wrapping
                    .insert(at, (event.request, from, from + lasts));
            }
            RequestEventKind::SpeedChanged {
                server,
                attendant,
                lasts,
            } => {
                if let Some(wrap_up) = self.wrapping.get_mut(&(server, attendant)) {
                    wrap_up.2 = event.time.get() + lasts;
                }
            }
            RequestEventKind::Started {
                server, attendant, ..
            } => self.wrapped(traces, (server, attendant), event.time.get()),
            _ => {}
        }
    }

    /// Ends the run; servers may have changed state after the last customer left.
    pub(super) fn finish(&mut self, traces: &Traces<'_>, clock: f64) {
        let wrapping: Vec<_> = self.wrapping.keys().copied().collect();
        for at in wrapping {
            self.wrapped(traces, at, clock);
        }
        for ((at, name), since) in std::mem::take(&mut self.since) {
            self.span(traces, at, name, (since, clock.max(since)), None);
        }
    }

    fn begin(&mut self, at: (u32, u32), name: &'static str, time: f64) {
        self.since.entry((at, name)).or_insert(time);
    }

    fn end(&mut self, traces: &Traces<'_>, at: (u32, u32), name: &'static str, time: f64) {
        if let Some(since) = self.since.remove(&(at, name)) {
            self.span(traces, at, name, (since, time), None);
        }
    }

    /// Ends a wrap-up, at this time at the latest.
    fn wrapped(&mut self, traces: &Traces<'_>, at: (u32, u32), latest: f64) {
        if let Some((request, from, to)) = self.wrapping.remove(&at) {
            let to = to.min(latest).max(from);
            self.span(traces, at, "wrap-up", (from, to), Some(request));
        }
    }

    fn span(
        &mut self,
        traces: &Traces<'_>,
        at: (u32, u32),
        name: &'static str,
        window: (f64, f64),
        request: Option<u64>,
    ) {
        let number = self.numbers.entry(at).or_default();
        *number += 1;
        let mut attributes = match traces.scenario.desk() {
            Some(_) => traces.at_attendant(at),
            None => traces.at_stage(at.0, Some(at.1)),
        };
        attributes.extend(request.map(|request| ("request", Value::Whole(request))));
        let trace = Trace::Attendant(at.0, at.1);
        let span = Span::new(trace, *number, name, window, attributes);
        (traces.hand_on)(vec![span]);
    }
}
