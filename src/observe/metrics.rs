//! Counters and gauges of a run as it goes, in the text format of Prometheus (version 0.0.4).
//!
//! They are read from the [room](super::room) that every view shows, and from counts by class. A scrape
//! takes a copy; the run never waits for it.
//!
//! | metric | kind | labels |
//! | --- | --- | --- |
//! | `filas_clock` | gauge | |
//! | `filas_requests_total` | counter | `outcome`: generated, completed, rejected, abandoned, failed |
//! | `filas_class_requests_total` | counter | `class`, `outcome` |
//! | `filas_buffer`, `filas_handed_over` | gauge | |
//! | `filas_interrupted_total`, `filas_reallocated_total`, `filas_faults_total` | counter | |
//! | `filas_waiting`, `filas_in_service`, `filas_attendants_up` | gauge | `server` |
//! | `filas_completed_total` | counter | `server` |
//! | `filas_customers_total` | counter | `outcome`: arrived, served, lost, balked, abandoned, failed, scrapped |
//! | `filas_customers_present` | gauge | |
//! | `filas_waiting`, `filas_busy`, `filas_blocked` | gauge | `stage` |
//! | `filas_departures_total` | counter | `stage` |

use super::room::{AttendantState, DeskRoom, LineRoom, Room, StageRoom, Watch};
use crate::actor::Recorder;
use crate::scenario::Scenario;
use crate::station::{Happening, RequestEventKind};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The recorder that keeps the metrics of a run with [`Recording::Everything`](crate::actor::Recording).
#[derive(Debug)]
pub struct Metrics {
    watch: Watch,
    classes: Vec<String>,
    /// The number of requests by class and outcome, `generated` among them.
    by_class: Mutex<BTreeMap<(u32, &'static str), u64>>,
}

impl Metrics {
    /// The metrics before anything happens.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Metrics {
        let classes = scenario.desk().map(|desk| desk.classes.iter());
        Metrics {
            watch: Watch::new(scenario),
            classes: classes
                .into_iter()
                .flatten()
                .map(|class| class.name.clone())
                .collect(),
            by_class: Mutex::new(BTreeMap::new()),
        }
    }

    /// All metrics as a scrape reads them, up to the time that the records have reached.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Text::default();
        match self.watch.room(self.watch.end()) {
            Room::Desk(room) => self.of_desk(&room, &mut text),
            Room::Line(room) => of_line(&room, &mut text),
        }
        text.0
    }

    fn of_desk(&self, room: &DeskRoom, text: &mut Text) {
        let counts = &room.counts;
        text.gauge(
            "filas_clock",
            "Logical time.",
            [(String::new(), room.time.get())],
        );
        let outcome = |name: &str, count: u64| (label("outcome", name), count as f64);
        text.counter(
            "filas_requests_total",
            "Requests by what became of them.",
            [
                outcome("generated", counts.generated),
                outcome("completed", counts.completed),
                outcome("rejected", counts.rejected),
                outcome("abandoned", counts.abandoned),
                outcome("failed", counts.failed),
            ],
        );
        let by_class = self.by_class.lock();
        let classes = by_class.iter().map(|((class, outcome), count)| {
            let class = label("class", &self.classes[*class as usize]);
            (
                format!("{class},{}", label("outcome", outcome)),
                *count as f64,
            )
        });
        text.counter(
            "filas_class_requests_total",
            "Requests by class and by what became of them.",
            classes,
        );
        for (name, help, count) in [
            (
                "filas_interrupted_total",
                "Requests cut off in service.",
                counts.interrupted,
            ),
            (
                "filas_reallocated_total",
                "Requests that went to another server.",
                counts.reallocated,
            ),
            ("filas_faults_total", "Faults of attendants.", counts.faults),
        ] {
            text.counter(name, help, [(String::new(), count as f64)]);
        }
        let buffer = &room.buffer;
        for (name, help, count) in [
            ("filas_buffer", "Requests in the buffer.", buffer.length),
            (
                "filas_handed_over",
                "Requests handed over, with the supervisor.",
                buffer.handed_over,
            ),
        ] {
            text.gauge(name, help, [(String::new(), count as f64)]);
        }
        let servers = room.servers.iter();
        let each = |of: &dyn Fn(&super::room::ServerRoom) -> u64| -> Vec<(String, f64)> {
            let servers = servers.clone();
            servers
                .map(|server| (label("server", &server.name), of(server) as f64))
                .collect()
        };
        text.gauge(
            "filas_waiting",
            "Requests waiting at the server.",
            each(&|s| s.waiting),
        );
        text.gauge(
            "filas_in_service",
            "Requests in service.",
            each(&|s| s.in_service()),
        );
        let up = |server: &super::room::ServerRoom| {
            let attendants = server.attendants.iter();
            let up = attendants.filter(|one| !matches!(one.state, AttendantState::Down));
            up.count() as u64
        };
        text.gauge(
            "filas_attendants_up",
            "Attendants who are not down.",
            each(&up),
        );
        let completed = |server: &super::room::ServerRoom| {
            server.attendants.iter().map(|one| one.completed).sum()
        };
        text.counter(
            "filas_completed_total",
            "Requests completed by the server.",
            each(&completed),
        );
    }
}

fn of_line(room: &LineRoom, text: &mut Text) {
    let counts = &room.counts;
    let outcome = |name: &str, count: u64| (label("outcome", name), count as f64);
    text.gauge(
        "filas_clock",
        "Logical time.",
        [(String::new(), room.clock)],
    );
    let mut outcomes = vec![
        outcome("arrived", counts.arrived),
        outcome("served", counts.departed),
        outcome("lost", counts.lost),
    ];
    if let Some(early) = &counts.early {
        outcomes.extend([
            outcome("balked", early.balked),
            outcome("abandoned", early.abandoned),
            outcome("failed", early.failed),
            outcome("scrapped", early.scrapped),
        ]);
    }
    text.counter(
        "filas_customers_total",
        "Customers by what became of them.",
        outcomes,
    );
    let present = [(String::new(), counts.present as f64)];
    text.gauge(
        "filas_customers_present",
        "Customers in the system.",
        present,
    );
    let each = |of: fn(&StageRoom) -> u64| -> Vec<(String, f64)> {
        let stages = room.stages.iter();
        stages
            .map(|stage| (label("stage", &stage.name), of(stage) as f64))
            .collect()
    };
    text.gauge(
        "filas_waiting",
        "Customers waiting at the stage.",
        each(|s| s.waiting),
    );
    let busy = |stage: &StageRoom| stage.in_service.unwrap_or(stage.busy() as u64);
    text.gauge("filas_busy", "Customers in service.", each(busy));
    text.gauge(
        "filas_blocked",
        "Servers that hold a blocked customer.",
        each(|s| s.blocked() as u64),
    );
    text.counter(
        "filas_departures_total",
        "Customers who have left the stage.",
        each(|s| s.departed),
    );
}

impl Recorder<Happening> for Metrics {
    fn record(&self, records: &mut Vec<Happening>) {
        self.watch.record(records);
        let mut by_class = self.by_class.lock();
        for record in records.iter() {
            let (class, outcome) = match record {
                Happening::Request(event) if event.kind == RequestEventKind::Arrived => {
                    (event.class, "generated")
                }
                Happening::Ended(request) if request.end.is_some() => {
                    (request.class, request.outcome.name())
                }
                _ => continue,
            };
            *by_class.entry((class, outcome)).or_default() += 1;
        }
    }
}

/// A label and its value; names of a scenario have no character that must be escaped.
fn label(name: &str, value: &str) -> String {
    format!("{name}=\"{value}\"")
}

/// Metrics as text.
#[derive(Debug, Default)]
pub struct Text(String);

impl Text {
    /// A number that only rises.
    pub fn counter(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (String, f64)>,
    ) {
        self.family((name, "counter"), help, samples);
    }

    /// A number that rises and falls.
    pub fn gauge(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (String, f64)>,
    ) {
        self.family((name, "gauge"), help, samples);
    }

    /// The text of all of them.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    fn family(
        &mut self,
        (name, kind): (&str, &str),
        help: &str,
        samples: impl IntoIterator<Item = (String, f64)>,
    ) {
        let text = &mut self.0;
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            let _ = match labels.is_empty() {
                true => writeln!(text, "{name} {value}"),
                false => writeln!(text, "{name}{{{labels}}} {value}"),
            };
        }
    }
}
