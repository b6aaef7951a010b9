//! The spans of requests of a desk.

use super::{Span, Traces, Value, of_case};
use crate::station::{RequestEventKind, RequestOutcome, RequestRecord};
use std::collections::BTreeMap;

/// Requests in progress, by number, and those still in the system when the run ends.
#[derive(Debug, Default)]
pub(super) struct Requests {
    open: BTreeMap<u64, Open>,
    left: Vec<RequestRecord>,
}

/// A request in progress.
#[derive(Debug)]
struct Open {
    class: u32,
    arrival: f64,
    /// Start of its present activity.
    since: f64,
    /// For a service, the server and the attendant.
    served: Option<(u32, u32)>,
    spans: Vec<Span>,
}

impl Open {
    fn new(class: u32, arrival: f64) -> Open {
        Open {
            class,
            arrival,
            since: arrival,
            served: None,
            spans: Vec::new(),
        }
    }

    /// Ends its present activity; a wait of no length is left out.
    fn close(&mut self, traces: &Traces<'_>, request: u64, now: f64) {
        let since = std::mem::replace(&mut self.since, now);
        let (name, attributes) = match self.served {
            Some(at) => ("service", traces.at_attendant(at)),
            None => ("waiting", Vec::new()),
        };
        if now > since || self.served.is_some() {
            self.spans
                .push(of_case(request, name, (since, now), attributes));
        }
    }
}

impl Requests {
    pub(super) fn event(
        &mut self,
        traces: &Traces<'_>,
        (request, class): (u64, u32),
        time: f64,
        kind: RequestEventKind,
    ) {
        let served = match kind {
            RequestEventKind::Arrived => {
                self.open.insert(request, Open::new(class, time));
                return;
            }
            RequestEventKind::Started {
                server, attendant, ..
            } => Some((server, attendant)),
            RequestEventKind::HandedOver { .. } => None,
            _ => return,
        };
        let Some(open) = self.open.get_mut(&request) else {
            return;
        };
        let is_interrupted = open.served.is_some() && served.is_none();
        open.close(traces, request, time);
        open.served = served;
        if is_interrupted && let Some(service) = open.spans.last_mut() {
            service.events.push(("interrupted", time));
        }
    }

    /// Handles the end of a request; one still in the system when the run ends lasts until then.
    pub(super) fn ended(&mut self, traces: &Traces<'_>, request: &RequestRecord) {
        let desk = traces.scenario.desk();
        match desk.and_then(|desk| request.over(desk)) {
            Some(end) => self.hand_on(traces, request, end.get()),
            None => self.left.push(*request),
        }
    }

    /// Hands on the requests left in the system when the run ends.
    pub(super) fn finish(&mut self, traces: &Traces<'_>, end: f64) {
        for request in std::mem::take(&mut self.left) {
            self.hand_on(traces, &request, end);
        }
    }

    fn hand_on(&mut self, traces: &Traces<'_>, request: &RequestRecord, end: f64) {
        let open = self.open.remove(&request.id);
        let mut open = open.unwrap_or_else(|| Open::new(request.class, request.arrival.get()));
        open.close(traces, request.id, end);
        let classes = traces.scenario.desk().map(|desk| &desk.classes);
        let class = classes.map(|classes| classes[open.class as usize].name.clone());
        let attributes = vec![
            ("request", Value::Whole(request.id)),
            ("class", Value::Text(class.unwrap_or_default())),
            ("outcome", Value::Text(request.outcome.name().to_owned())),
            ("attempts", Value::Whole(request.attempts)),
            ("client", Value::Whole(request.client)),
            ("try", Value::Whole(request.attempt)),
        ];
        let mut root = of_case(request.id, "request", (open.arrival, end), attributes);
        root.failed = match request.outcome {
            RequestOutcome::Completed | RequestOutcome::InSystem => None,
            other => Some(other.name()),
        };
        root.events = (request.gone.iter())
            .map(|gone| ("timed out", gone.get()))
            .collect();
        traces.case(root, open.spans, 0);
    }
}
