//! A run as spans: what a tracing tool shows of a request or a customer.
//!
//! A case (a request, a customer) is a trace. Its root span lasts from the arrival to the end; its children
//! are its waits and its services, and where it was blocked. An attendant of a desk is a trace too, with a
//! span for each time it was down. Spans are made of the records of a run and are the same on every engine,
//! but for their order.

use super::ordered::{HandOn, Ordered};
use crate::actor::Recorder;
use crate::scenario::Scenario;
use crate::station::{
    CustomerEnd, FaultEvent, Happening, RequestEventKind, RequestOutcome, RequestRecord,
    StationVisit, VisitOutcome,
};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A name.
    Text(String),
    /// A number.
    Whole(u64),
}

/// A stretch of logical time in the life of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace it belongs to.
    pub trace: Trace,
    /// Its number within the trace, from 1; 1 is the root.
    pub number: u32,
    /// What goes on.
    pub name: &'static str,
    /// The logical time at which it begins.
    pub from: f64,
    /// The logical time at which it ends.
    pub to: f64,
    /// Further facts, by the names they have in the log.
    pub attributes: Vec<(&'static str, Value)>,
    /// Why the case failed, where this is the root of one that was not served to the end.
    pub failed: Option<&'static str>,
}

/// What a trace is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trace {
    /// A request or a customer, by its number.
    Case(u64),
    /// An attendant: the indexes of the server and of the attendant within it.
    Attendant(u32, u32),
}

/// The recorder that makes spans of a run with [`Recording::Everything`](crate::actor::Recording).
pub struct Spans<'a> {
    fold: Arc<Mutex<Fold<'a>>>,
    ordered: Option<Ordered<HandOn<'a>>>,
}

impl fmt::Debug for Spans<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spans").finish_non_exhaustive()
    }
}

impl<'a> Spans<'a> {
    /// Hands each trace that is over to `hand_on`.
    #[must_use]
    pub fn new(
        scenario: &'a Scenario,
        hand_on: impl Fn(Vec<Span>) + Send + Sync + 'a,
    ) -> Spans<'a> {
        let fold = Arc::new(Mutex::new(Fold {
            scenario,
            hand_on: Box::new(hand_on),
            visits: BTreeMap::new(),
            requests: BTreeMap::new(),
            down: BTreeMap::new(),
            outages: BTreeMap::new(),
            clock: 0.0,
        }));
        // Requests change hands between actors, whose records are in no order among them.
        let ordered = scenario.desk().map(|_| {
            let fold = Arc::clone(&fold);
            let take = move |happening: &Happening| fold.lock().take(happening);
            Ordered::new(
                scenario,
                Box::new(take) as Box<dyn Fn(&Happening) + Send + Sync + 'a>,
            )
        });
        Spans { fold, ordered }
    }

    /// Hands on what the end of the run leaves open, as far as it has come.
    pub fn finish(mut self) {
        drop(self.ordered.take());
        self.fold.lock().finish();
    }
}

impl Recorder<Happening> for Spans<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        match &self.ordered {
            Some(ordered) => ordered.record(records),
            None => {
                let mut fold = self.fold.lock();
                records.iter().for_each(|record| fold.take(record));
            }
        }
    }
}

/// What is known of traces that are not over.
struct Fold<'a> {
    scenario: &'a Scenario,
    hand_on: Box<dyn Fn(Vec<Span>) + Send + Sync + 'a>,
    /// The spans of customers' visits.
    visits: BTreeMap<u64, Vec<Span>>,
    requests: BTreeMap<u64, Open>,
    /// Since when attendants are down.
    down: BTreeMap<(u32, u32), f64>,
    outages: BTreeMap<(u32, u32), u32>,
    clock: f64,
}

/// A request that is not over.
#[derive(Debug)]
struct Open {
    class: u32,
    arrival: f64,
    /// What it does now: since when, and of a service the server and the attendant.
    since: f64,
    served: Option<(u32, u32)>,
    spans: Vec<Span>,
}

/// A child, numbered when its trace is handed on.
fn child(
    case: u64,
    name: &'static str,
    (from, to): (f64, f64),
    attributes: Vec<(&'static str, Value)>,
) -> Span {
    Span {
        trace: Trace::Case(case),
        number: 0,
        name,
        from,
        to,
        attributes,
        failed: None,
    }
}

impl Fold<'_> {
    fn take(&mut self, happening: &Happening) {
        match happening {
            Happening::Passage(passage) => {
                let customer = &passage.customer;
                let mut spans = Vec::new();
                for visit in &passage.visits {
                    let at = |server: u32| self.at_stage(visit.stage, Some(server));
                    let times = [visit.arrival, visit.service_start, visit.service_end];
                    let times = [times[0], times[1], times[2], visit.departure];
                    stretches(customer.customer, times, &at(visit.server), &mut spans);
                }
                let failed = customer.lost.then_some("lost");
                let outcome = failed.unwrap_or("served");
                let times = (customer.arrival, customer.departure);
                self.end_customer(customer.customer, (None, outcome, failed), times, spans);
            }
            Happening::Visited(visit) => self.visited(visit),
            Happening::Finished(end) => self.finished(end),
            Happening::Request(event) => {
                self.request((event.request, event.class), event.time.get(), event.kind)
            }
            Happening::Ended(request) => self.ended(request),
            Happening::Fault(fault) => {
                let at = (fault.server, fault.attendant);
                match fault.event {
                    FaultEvent::Fault => {
                        self.down.entry(at).or_insert(fault.time.get());
                    }
                    FaultEvent::Repair => {
                        if let Some(since) = self.down.remove(&at) {
                            self.outage(at, since, fault.time.get());
                        }
                    }
                    // Who goes off duty in an outage is off, not down, until it comes back.
                    FaultEvent::OffDuty => {
                        if let Some(since) = self.down.remove(&at) {
                            self.outage(at, since, fault.time.get());
                        }
                    }
                    FaultEvent::OnDuty if fault.waits => {
                        self.down.insert(at, fault.time.get());
                    }
                    FaultEvent::OnDuty | FaultEvent::Slow => {}
                }
            }
            Happening::Step(row) => self.clock = row.time.get(),
            _ => {}
        }
    }

    fn at_stage(&self, stage: u32, server: Option<u32>) -> Vec<(&'static str, Value)> {
        let stages = self.scenario.line().map(|line| &line.stages);
        let name = stages.map(|stages| Value::Text(stages[stage as usize].name.clone()));
        let mut attributes: Vec<_> = name.map(|name| ("stage", name)).into_iter().collect();
        attributes.extend(server.map(|server| ("server", Value::Whole(u64::from(server)))));
        attributes
    }

    fn visited(&mut self, visit: &StationVisit) {
        let attributes = self.at_stage(visit.stage, visit.server);
        let spans = self.visits.entry(visit.customer).or_default();
        match (visit.service_start, visit.service_end, visit.departure) {
            (Some(start), Some(end), Some(departure)) => {
                let times = [visit.arrival, start, end, departure];
                stretches(visit.customer, times, &attributes, spans);
            }
            (None, _, Some(departure)) => {
                let times = (visit.arrival, departure);
                spans.push(child(visit.customer, "waiting", times, attributes));
            }
            (Some(start), None, Some(departure)) => {
                let times = [visit.arrival, start, departure, departure];
                stretches(visit.customer, times, &attributes, spans);
            }
            (_, _, None) => {}
        }
    }

    fn finished(&mut self, end: &CustomerEnd) {
        let spans = self.visits.remove(&end.customer).unwrap_or_default();
        let failed = match end.outcome {
            VisitOutcome::Served | VisitOutcome::Next | VisitOutcome::Unfinished => None,
            other => Some(other.name()),
        };
        let Some(departure) = end.departure else {
            return;
        };
        let about = (Some(end.class), end.outcome.name(), failed);
        self.end_customer(end.customer, about, (end.arrival, departure), spans);
    }

    fn end_customer(
        &self,
        customer: u64,
        (class, outcome, failed): (Option<u32>, &'static str, Option<&'static str>),
        (from, to): (f64, f64),
        spans: Vec<Span>,
    ) {
        let classes = self.scenario.line().map(|line| &line.classes);
        let class = classes.and_then(|classes| classes.get(class? as usize));
        let mut attributes = vec![
            ("customer", Value::Whole(customer)),
            ("outcome", Value::Text(outcome.to_owned())),
        ];
        attributes.extend(class.map(|class| ("class", Value::Text(class.name.clone()))));
        let mut root = child(customer, "customer", (from, to), attributes);
        root.failed = failed;
        self.hand_on(root, spans);
    }

    fn hand_on(&self, root: Span, children: Vec<Span>) {
        let mut spans = vec![root];
        spans.extend(children);
        for (number, span) in (1..).zip(&mut spans) {
            span.number = number;
        }
        (self.hand_on)(spans);
    }

    fn at_attendant(&self, (server, attendant): (u32, u32)) -> Vec<(&'static str, Value)> {
        let desk = self.scenario.desk();
        let group = desk.map(|desk| &desk.servers[server as usize]);
        group.map_or(Vec::new(), |group| {
            vec![
                ("server", Value::Text(group.name.clone())),
                ("attendant", Value::Text(group.attendant(attendant))),
            ]
        })
    }

    fn request(&mut self, (request, class): (u64, u32), time: f64, kind: RequestEventKind) {
        let served = match kind {
            RequestEventKind::Arrived => {
                let open = Open {
                    class,
                    arrival: time,
                    since: time,
                    served: None,
                    spans: Vec::new(),
                };
                self.requests.insert(request, open);
                return;
            }
            RequestEventKind::Started {
                server, attendant, ..
            } => Some((server, attendant)),
            RequestEventKind::HandedOver { .. } => None,
            _ => return,
        };
        let Some(mut open) = self.requests.remove(&request) else {
            return;
        };
        self.close(&mut open, request, time);
        open.served = served;
        self.requests.insert(request, open);
    }

    /// Closes what a request does.
    fn close(&self, open: &mut Open, request: u64, time: f64) {
        let (name, attributes) = match open.served {
            Some(at) => ("service", self.at_attendant(at)),
            None => ("waiting", Vec::new()),
        };
        if time > open.since || open.served.is_some() {
            let times = (open.since, time);
            open.spans.push(child(request, name, times, attributes));
        }
        open.since = time;
    }

    fn ended(&mut self, request: &RequestRecord) {
        let Some(end) = request.end else {
            return;
        };
        // A step is the time from its beginning to its end.
        let steps = self.scenario.desk().and_then(|desk| desk.steps());
        let is_served = request.outcome == RequestOutcome::Completed;
        let end = match (steps, is_served) {
            (Some(_), true) => end.get() + 1.0,
            _ => end.get(),
        };
        let mut open = self.requests.remove(&request.id).unwrap_or_else(|| Open {
            class: request.class,
            arrival: request.arrival.get(),
            since: request.arrival.get(),
            served: None,
            spans: Vec::new(),
        });
        self.close(&mut open, request.id, end);
        let classes = self.scenario.desk().map(|desk| &desk.classes);
        let class = classes.map(|classes| classes[open.class as usize].name.clone());
        let attributes = vec![
            ("request", Value::Whole(request.id)),
            ("class", Value::Text(class.unwrap_or_default())),
            ("outcome", Value::Text(request.outcome.name().to_owned())),
            ("attempts", Value::Whole(request.attempts)),
        ];
        let mut root = child(request.id, "request", (open.arrival, end), attributes);
        root.failed = (!is_served).then(|| request.outcome.name());
        self.hand_on(root, open.spans);
    }

    fn outage(&mut self, at: (u32, u32), from: f64, to: f64) {
        let number = self.outages.entry(at).or_default();
        *number += 1;
        let span = Span {
            trace: Trace::Attendant(at.0, at.1),
            number: *number,
            name: "down",
            from,
            to,
            attributes: self.at_attendant(at),
            failed: None,
        };
        (self.hand_on)(vec![span]);
    }

    fn finish(&mut self) {
        let clock = self.clock;
        for (at, since) in std::mem::take(&mut self.down) {
            self.outage(at, since, clock.max(since));
        }
    }
}

/// The wait, the service and the time blocked of a visit; a wait or a block of no length is left out.
fn stretches(
    case: u64,
    [arrival, start, end, departure]: [f64; 4],
    attributes: &[(&'static str, Value)],
    spans: &mut Vec<Span>,
) {
    if start > arrival {
        spans.push(child(
            case,
            "waiting",
            (arrival, start),
            attributes.to_vec(),
        ));
    }
    spans.push(child(case, "service", (start, end), attributes.to_vec()));
    if departure > end {
        spans.push(child(
            case,
            "blocked",
            (end, departure),
            attributes.to_vec(),
        ));
    }
}
