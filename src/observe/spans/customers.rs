//! The spans of customers of a line or a network.

use super::{Span, Traces, Value, of_case};
use crate::station::{
    CustomerEnd, CutOff, Passage, StationEvent, StationEventKind as Event, VisitOutcome,
};
use std::collections::BTreeMap;

/// Customers of stations with people and machines who have not ended, by number.
#[derive(Debug, Default)]
pub(super) struct Customers(BTreeMap<u64, Open>);

/// A customer who has not ended.
#[derive(Debug)]
struct Open {
    class: u32,
    /// Time of arrival.
    arrival: f64,
    now: Doing,
    /// Start of the present activity.
    since: f64,
    stage: u32,
    server: Option<u32>,
    spans: Vec<Span>,
    /// Number of its spans already handed on.
    first: u32,
}

/// Number of spans after which those of a customer who stays long, such as one of a population, are handed on.
const SPANS: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Waiting,
    SettingUp,
    Served,
    /// Its work is interrupted, at its server or in the queue.
    Interrupted(CutOff),
    Blocked,
    /// It is at no station.
    Moving,
}

impl Customers {
    /// Handles a change of state at a station, which ends the customer's activity until then.
    pub(super) fn event(&mut self, traces: &Traces<'_>, event: &StationEvent) {
        let Some(who) = event.customer else {
            return;
        };
        let now = match event.kind {
            Event::Arrived => Doing::Waiting,
            Event::SetUp { .. } => Doing::SettingUp,
            Event::Began { .. } | Event::Resumed { .. } => Doing::Served,
            Event::CutOff { by, .. } => Doing::Interrupted(by),
            Event::Blocked => Doing::Blocked,
            _ => Doing::Moving,
        };
        let is_there = self.0.contains_key(&who.number);
        if now == Doing::Moving && !is_there {
            return;
        }
        let open = self.0.entry(who.number).or_insert_with(|| Open {
            class: who.class,
            arrival: event.time,
            now: Doing::Moving,
            since: event.time,
            stage: event.stage,
            server: None,
            spans: Vec::new(),
            first: 0,
        });
        open.close(traces, who.number, event.time);
        if open.spans.len() >= SPANS {
            open.first += traces.children(std::mem::take(&mut open.spans), open.first);
        }
        open.now = now;
        open.stage = event.stage;
        open.server = event.server;
    }

    /// Handles the end of a customer; one still at a station when the run ends lasts until then.
    pub(super) fn finished(&mut self, traces: &Traces<'_>, end: &CustomerEnd) {
        let Some(to) = end.departure else {
            return;
        };
        let spans = match self.0.remove(&end.customer) {
            Some(mut open) => {
                open.close(traces, end.customer, to);
                (open.spans, open.first)
            }
            None => (Vec::new(), 0),
        };
        let outcome = (Some(end.class), end.outcome.name());
        let failed = match end.outcome {
            VisitOutcome::Served | VisitOutcome::Next => None,
            other => Some(other.name()),
        };
        ended(
            traces,
            end.customer,
            (outcome, failed),
            (end.arrival, to),
            spans,
        );
    }

    /// Ends the run: the customers still in the line are unfinished.
    pub(super) fn finish(&mut self, traces: &Traces<'_>, clock: f64) {
        for (customer, mut open) in std::mem::take(&mut self.0) {
            open.close(traces, customer, clock);
            let outcome = (Some(open.class), VisitOutcome::Unfinished.name());
            let times = (open.arrival, clock);
            let spans = (open.spans, open.first);
            ended(traces, customer, (outcome, None), times, spans);
        }
    }
}

impl Open {
    /// Ends the present activity at this time; a span of no length is left out, unless it is a service.
    fn close(&mut self, traces: &Traces<'_>, customer: u64, now: f64) {
        let since = std::mem::replace(&mut self.since, now);
        let name = match self.now {
            Doing::Waiting => "waiting",
            Doing::SettingUp => "set-up",
            Doing::Served => "service",
            Doing::Interrupted(_) => "interrupted",
            Doing::Blocked => "blocked",
            Doing::Moving => return,
        };
        if now <= since && self.now != Doing::Served {
            return;
        }
        let server = self.server.filter(|_| self.now != Doing::Waiting);
        let mut attributes = traces.at_stage(self.stage, server);
        if let Doing::Interrupted(by) = self.now {
            attributes.push(("by", Value::Text(by.name().to_owned())));
        }
        self.spans
            .push(of_case(customer, name, (since, now), attributes));
    }
}

/// Hands on a customer who has left a line of plain servers, with all its visits.
pub(super) fn passed(traces: &Traces<'_>, passage: &Passage) {
    let customer = &passage.customer;
    let number = customer.customer;
    let mut spans = Vec::new();
    for visit in &passage.visits {
        let (start, end) = (visit.service_start, visit.service_end);
        let mut stretch = |name, from, to, server| {
            if to > from || name == "service" {
                let attributes = traces.at_stage(visit.stage, server);
                spans.push(of_case(number, name, (from, to), attributes));
            }
        };
        stretch("waiting", visit.arrival, start, None);
        stretch("service", start, end, Some(visit.server));
        stretch("blocked", end, visit.departure, Some(visit.server));
    }
    let failed = customer.lost.then_some("lost");
    let outcome = (None, failed.unwrap_or("served"));
    let times = (customer.arrival, customer.departure);
    ended(traces, number, (outcome, failed), times, (spans, 0));
}

fn ended(
    traces: &Traces<'_>,
    customer: u64,
    ((class, outcome), failed): ((Option<u32>, &str), Option<&'static str>),
    times: (f64, f64),
    (spans, first): (Vec<Span>, u32),
) {
    let classes = traces.scenario.line().map(|line| &line.classes);
    let class = classes.and_then(|classes| classes.get(class? as usize));
    let mut attributes = vec![
        ("customer", Value::Whole(customer)),
        ("outcome", Value::Text(outcome.to_owned())),
    ];
    attributes.extend(class.map(|class| ("class", Value::Text(class.name.clone()))));
    let mut root = of_case(customer, "customer", times, attributes);
    root.failed = failed;
    traces.case(root, spans, first);
}
