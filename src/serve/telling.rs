//! A line of the log for every change of state a person may want to follow, with one grammar: when, who,
//! a sign, what.

use crate::scenario::{Desk, Tandem};
use crate::station::{
    FaultEvent, Happening, RequestEventKind, RequestOutcome, RequestRecord, Visit,
};
use serde::Serialize;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Line {
    /// The step, or the time.
    pub(super) clock: f64,
    who: String,
    sign: char,
    what: String,
    /// For colour, beside the sign.
    kind: &'static str,
}

impl Line {
    fn new(clock: f64, who: String, sign: char, what: String, kind: &'static str) -> Line {
        Line {
            clock,
            who,
            sign,
            what,
            kind,
        }
    }
}

/// The line of a desk's record; arrivals, dispatch and rows of steps have none.
pub(super) fn of_desk(desk: &Desk, record: &Happening) -> Option<Line> {
    let server = |index: u32| desk.servers[index as usize].name.clone();
    let attendant = |at: u32, number: u32| format!("{}-{}", server(at), number + 1);
    let class = |index: u32| &desk.classes[index as usize].name;
    match record {
        Happening::Fault(fault) => {
            let who = attendant(fault.server, fault.attendant);
            let clock = fault.step as f64;
            let cut = fault
                .request
                .map_or(String::new(), |id| format!(", interrupts #{id}"));
            Some(match fault.event {
                FaultEvent::Fault => Line::new(clock, who, '✕', format!("down{cut}"), "down"),
                FaultEvent::Repair => Line::new(clock, who, '○', "up again".to_owned(), "up"),
            })
        }
        Happening::Ended(request) => ended(request, &attendant, class(request.class)),
        Happening::Request(event) => {
            let (clock, id) = (event.step as f64, event.request);
            let class = class(event.class);
            match event.kind {
                RequestEventKind::Arrived | RequestEventKind::Dispatched { .. } => None,
                RequestEventKind::Started {
                    server,
                    attendant: number,
                    attempt,
                    steps,
                } => {
                    let again = match attempt {
                        0 | 1 => String::new(),
                        attempt => format!(", attempt {attempt}"),
                    };
                    let what = format!("#{id} {class}, {steps} to do{again}");
                    Some(Line::new(
                        clock,
                        attendant(server, number),
                        '▶',
                        what,
                        "begin",
                    ))
                }
                RequestEventKind::HandedOver { server: from, .. } => {
                    let what = format!("#{id} back from {}", server(from));
                    Some(Line::new(
                        clock,
                        "supervisor".to_owned(),
                        '⇄',
                        what,
                        "moved",
                    ))
                }
                RequestEventKind::Moved {
                    from,
                    to,
                    attendant: number,
                } => {
                    let what = format!("#{id} taken over from {}", server(from));
                    Some(Line::new(clock, attendant(to, number), '⇄', what, "moved"))
                }
            }
        }
        _ => None,
    }
}

fn ended(
    request: &RequestRecord,
    attendant: &dyn Fn(u32, u32) -> String,
    class: &str,
) -> Option<Line> {
    let clock = request.end? as f64;
    let id = request.id;
    let who = match (request.server, request.attendant) {
        (Some(server), Some(number)) => attendant(server, number),
        _ => "buffer".to_owned(),
    };
    let waited = |until: u64| until - request.arrival;
    Some(match request.outcome {
        RequestOutcome::Completed => {
            let waited = request.first_start.map_or(0, waited);
            let what = format!("#{id} {class} done, waited {waited}");
            Line::new(clock, who, '✔', what, "done")
        }
        RequestOutcome::Rejected => {
            let what = format!("#{id} {class} rejected: no place");
            Line::new(clock, who, '✕', what, "lost")
        }
        RequestOutcome::Abandoned => {
            let waited = request.end.map_or(0, waited);
            let what = format!("#{id} {class} gave up after {waited}");
            Line::new(clock, who, '✕', what, "lost")
        }
        RequestOutcome::Failed => {
            let what = format!("#{id} {class} failed after {} attempts", request.attempts);
            Line::new(clock, who, '✕', what, "lost")
        }
        RequestOutcome::InSystem => return None,
    })
}

/// The line of what happens in a line; that a customer joins a queue has none.
pub(super) fn of_line(line: &Tandem, event: &Happening) -> Option<Line> {
    let stage = |visit: &Visit| line.stages[visit.stage as usize].name.clone();
    match event {
        Happening::Began(visit) => {
            let waited = visit.service_start - visit.arrival;
            let (id, server) = (visit.customer, visit.server);
            let what = format!("#{id} at server {server}, waited {waited:.2}");
            Some(Line::new(
                visit.service_start,
                stage(visit),
                '▶',
                what,
                "begin",
            ))
        }
        Happening::Left(visit) => {
            let blocked = visit.departure - visit.service_end;
            let blocked = match blocked > 0.0 {
                true => format!(", blocked {blocked:.2}"),
                false => String::new(),
            };
            let what = format!(
                "#{} done, waited {:.2}, served {:.2}{blocked}",
                visit.customer,
                visit.service_start - visit.arrival,
                visit.service_end - visit.service_start
            );
            Some(Line::new(visit.departure, stage(visit), '✔', what, "done"))
        }
        Happening::Lost { customer, time } => {
            let what = format!("#{customer} lost: no place");
            Some(Line::new(*time, "line".to_owned(), '✕', what, "lost"))
        }
        _ => None,
    }
}
