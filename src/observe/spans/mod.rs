//! A run as spans, the form in which tracing tools show a request or a customer.
//!
//! A case (a request, a customer) is a trace. Its root span lasts from the arrival to the end; its children follow one
//! another without a gap: `waiting`, `set-up`, `service`, `interrupted`, `blocked`. An attendant of a desk and a server
//! of a line with people and machines are traces too, with a span for each time they were `down`, `off duty`, `slowed`
//! or in `wrap-up`. Spans are made from the records of a run and are the same on every engine, except for their order.

mod customers;
mod requests;
mod states;

use super::ordered::{HandOn, Ordered};
use crate::actor::Recorder;
use crate::scenario::Scenario;
use crate::station::Happening;
use customers::Customers;
use parking_lot::Mutex;
use requests::Requests;
use states::States;
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

/// An interval of logical time in the life of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace it belongs to.
    pub trace: Trace,
    /// Its number within the trace, from 1; 1 is the root.
    pub number: u32,
    /// The activity or state.
    pub name: &'static str,
    /// The logical time at which it begins.
    pub from: f64,
    /// The logical time at which it ends.
    pub to: f64,
    /// Further facts, by the names they have in the log.
    pub attributes: Vec<(&'static str, Value)>,
    /// The reason why the case failed, if this is the root of one that was not served to the end.
    pub failed: Option<&'static str>,
    /// Events within it, with their logical times.
    pub events: Vec<(&'static str, f64)>,
}

impl Span {
    /// A span without events that ended well.
    fn new(
        trace: Trace,
        number: u32,
        name: &'static str,
        (from, to): (f64, f64),
        attributes: Vec<(&'static str, Value)>,
    ) -> Span {
        Span {
            trace,
            number,
            name,
            from,
            to,
            attributes,
            failed: None,
            events: Vec::new(),
        }
    }
}

/// The subject of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trace {
    /// A request or a customer, by its number.
    Case(u64),
    /// An attendant: the indexes of the server and of the attendant within it. Or a server of a line: the index of the
    /// stage, and the server's number.
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
    /// Hands each finished trace to `hand_on`.
    #[must_use]
    pub fn new(
        scenario: &'a Scenario,
        hand_on: impl Fn(Vec<Span>) + Send + Sync + 'a,
    ) -> Spans<'a> {
        let fold = Arc::new(Mutex::new(Fold {
            customers: Customers::default(),
            requests: Requests::default(),
            states: States::new(scenario),
            traces: Traces {
                scenario,
                hand_on: Box::new(hand_on),
            },
        }));
        // Requests pass between actors, whose records come in no common order.
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

    /// Hands on the traces still open when the run ends at this time; see [`Outcome::end`](crate::model::Outcome::end).
    pub fn finish(mut self, end: f64) {
        drop(self.ordered.take());
        let mut fold = self.fold.lock();
        let Fold {
            customers,
            requests,
            states,
            traces,
        } = &mut *fold;
        customers.finish(traces, end);
        requests.finish(traces, end);
        states.finish(traces, end);
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

/// The unfinished traces.
struct Fold<'a> {
    customers: Customers,
    requests: Requests,
    states: States,
    traces: Traces<'a>,
}

impl Fold<'_> {
    fn take(&mut self, happening: &Happening) {
        let traces = &self.traces;
        match happening {
            Happening::Passage(passage) => customers::passed(traces, passage),
            Happening::Station(event) => {
                self.customers.event(traces, event);
                self.states.event(traces, event);
            }
            Happening::Finished(end) => self.customers.finished(traces, end),
            Happening::Request(event) => {
                let (number, class) = (event.request, event.class);
                let time = event.time.get();
                self.requests
                    .event(traces, (number, class), time, event.kind);
                self.states.request(traces, event);
            }
            Happening::Ended(request) => self.requests.ended(traces, request),
            Happening::Fault(fault) => self.states.fault(traces, fault),
            _ => {}
        }
    }
}

/// Names of the scenario, and the receiver of finished traces.
struct Traces<'a> {
    scenario: &'a Scenario,
    hand_on: Box<dyn Fn(Vec<Span>) + Send + Sync + 'a>,
}

impl Traces<'_> {
    /// Hands on a finished case: its root is number 1, and its children are numbered after the `first` ones, which were
    /// handed on before.
    fn case(&self, root: Span, children: Vec<Span>, first: u32) {
        let mut spans = vec![Span { number: 1, ..root }];
        spans.extend(numbered(children, first));
        (self.hand_on)(spans);
    }

    /// Hands on children of an unfinished case; returns their number.
    fn children(&self, children: Vec<Span>, first: u32) -> u32 {
        let number = children.len() as u32;
        (self.hand_on)(numbered(children, first).collect());
        number
    }

    fn at_stage(&self, stage: u32, server: Option<u32>) -> Vec<(&'static str, Value)> {
        let stages = self.scenario.line().map(|line| &line.stages);
        let name = stages.map(|stages| Value::Text(stages[stage as usize].name.clone()));
        let mut attributes: Vec<_> = name.map(|name| ("stage", name)).into_iter().collect();
        attributes.extend(server.map(|server| ("server", Value::Whole(u64::from(server)))));
        attributes
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
}

/// Children of a case, numbered after the root and its `first` children.
fn numbered(children: Vec<Span>, first: u32) -> impl Iterator<Item = Span> {
    (first + 2..)
        .zip(children)
        .map(|(number, span)| Span { number, ..span })
}

/// A span of a case, numbered when its trace is handed on.
fn of_case(
    case: u64,
    name: &'static str,
    window: (f64, f64),
    attributes: Vec<(&'static str, Value)>,
) -> Span {
    Span::new(Trace::Case(case), 0, name, window, attributes)
}
