//! Counters and gauges of a run in progress, in the text format of Prometheus (version 0.0.4).
//!
//! They are read from the [room](super::room) that every view shows, and from counts by class. A scrape
//! takes a copy; the run never waits for it.
//!
//! | metric | kind | labels |
//! | --- | --- | --- |
//! | `filas_clock` | gauge | |
//! | `filas_requests_total` | counter | `outcome`: generated, completed, rejected, abandoned, failed, timed-out |
//! | `filas_class_requests_total` | counter | `class`, `outcome` |
//! | `filas_buffer`, `filas_handed_over` | gauge | |
//! | `filas_interrupted_total`, `filas_reallocated_total`, `filas_faults_total` | counter | |
//! | `filas_timed_out_total`, `filas_retries_total` | counter | |
//! | `filas_waiting`, `filas_in_service`, `filas_wrapping_up` | gauge | `server` |
//! | `filas_attendants_up`, `filas_down`, `filas_off_duty`, `filas_slowed` | gauge | `server` |
//! | `filas_completed_total` | counter | `server` |
//! | `filas_customers_total` | counter | `outcome`: arrived, served, lost, balked, abandoned, failed, scrapped |
//! | `filas_customers_present` | gauge | |
//! | `filas_waiting`, `filas_busy`, `filas_blocked` | gauge | `stage` |
//! | `filas_departures_total` | counter | `stage` |
//!
//! A line or a network with people and machines has these too:
//!
//! | metric | kind | labels |
//! | --- | --- | --- |
//! | `filas_setting_up`, `filas_down`, `filas_off_duty` | gauge | `stage` |
//! | `filas_faults_total` | counter | `stage` |
//! | `filas_cut_off_total` | counter | `stage`, `by`: fault, plan, preemption |

mod text;

pub use text::Text;

use super::room::{
    AttendantRoom, AttendantState, DeskRoom, LineRoom, Room, ServerRoom, ServerState, StageRoom,
    Watch,
};
use crate::actor::Recorder;
use crate::scenario::Scenario;
use crate::station::{Happening, RequestEventKind, StationEvent, StationEventKind};
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// The recorder that keeps the metrics of a run with [`Recording::Everything`](crate::actor::Recording).
#[derive(Debug)]
pub struct Metrics {
    watch: Watch,
    classes: Vec<String>,
    counts: Mutex<Counts>,
}

/// Counts that no view shows.
#[derive(Debug, Default)]
struct Counts {
    /// The number of requests by class and outcome, `generated` among them.
    by_class: BTreeMap<(u32, &'static str), u64>,
    timed_out: u64,
    retries: u64,
    /// Faults by stage.
    faults: BTreeMap<u32, u64>,
    /// Services and set-ups interrupted, by stage and cause.
    cut_off: BTreeMap<(u32, &'static str), u64>,
}

impl Counts {
    fn take(&mut self, record: &Happening) {
        match record {
            Happening::Request(event) => match event.kind {
                RequestEventKind::Arrived => self.of_class(event.class, "generated"),
                RequestEventKind::TimedOut { .. } => self.timed_out += 1,
                RequestEventKind::ComesAgain { .. } => self.retries += 1,
                _ => {}
            },
            Happening::Ended(request) if request.end.is_some() => {
                self.of_class(request.class, request.outcome.name());
            }
            Happening::Station(event) => self.at_station(event),
            _ => {}
        }
    }

    fn of_class(&mut self, class: u32, outcome: &'static str) {
        *self.by_class.entry((class, outcome)).or_default() += 1;
    }

    fn at_station(&mut self, event: &StationEvent) {
        match event.kind {
            StationEventKind::Down | StationEventKind::Slowed { .. } => {
                *self.faults.entry(event.stage).or_default() += 1;
            }
            StationEventKind::CutOff { by, .. } => {
                *self.cut_off.entry((event.stage, by.name())).or_default() += 1;
            }
            _ => {}
        }
    }
}

impl Metrics {
    /// The metrics before the first event.
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
            counts: Mutex::default(),
        }
    }

    /// All metrics as a scrape reads them, up to the time that the records have reached.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Text::default();
        match self.watch.room(self.watch.end()) {
            Room::Desk(room) => self.of_desk(&room, &mut text),
            Room::Line(room) => self.of_line(&room, &mut text),
        }
        text.into_text()
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
                outcome("timed-out", counts.timed_out),
            ],
        );
        let kept = self.counts.lock();
        let classes = kept.by_class.iter().map(|((class, outcome), count)| {
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
            (
                "filas_timed_out_total",
                "Clients who had waited too long for the answer.",
                kept.timed_out,
            ),
            (
                "filas_retries_total",
                "Clients who come again after they were not served.",
                kept.retries,
            ),
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
        drop(kept);
        of_servers(&room.servers, text);
    }

    fn of_line(&self, room: &LineRoom, text: &mut Text) {
        of_customers(room, text);
        of_stages(&room.stages, text);
        if room.counts.early.is_none() {
            return;
        }
        let each = |is: fn(&ServerState) -> bool| -> Vec<(String, f64)> {
            let stages = room.stages.iter();
            stages
                .map(|stage| (label("stage", &stage.name), stage.count(is) as f64))
                .collect()
        };
        text.gauge(
            "filas_setting_up",
            "Servers that are set up for a customer.",
            each(|state| matches!(state, ServerState::SetUp { .. })),
        );
        text.gauge(
            "filas_down",
            "Servers that are down.",
            each(|state| matches!(state, ServerState::Down { .. })),
        );
        text.gauge(
            "filas_off_duty",
            "Servers that are off duty.",
            each(|state| matches!(state, ServerState::Off)),
        );
        let kept = self.counts.lock();
        let named = |stage: u32| label("stage", &room.stages[stage as usize].name);
        let faults = (0..).zip(&room.stages).map(|(stage, _)| {
            let count = kept.faults.get(&stage).copied().unwrap_or(0);
            (named(stage), count as f64)
        });
        text.counter("filas_faults_total", "Faults of servers.", faults);
        let cut_off = kept.cut_off.iter().map(|((stage, by), count)| {
            let labels = format!("{},{}", named(*stage), label("by", by));
            (labels, *count as f64)
        });
        text.counter(
            "filas_cut_off_total",
            "Services and set-ups cut off, by what cut them off.",
            cut_off,
        );
    }
}

/// The gauges and counters of each server of a desk.
fn of_servers(servers: &[ServerRoom], text: &mut Text) {
    let each = |of: &dyn Fn(&ServerRoom) -> u64| -> Vec<(String, f64)> {
        servers
            .iter()
            .map(|server| (label("server", &server.name), of(server) as f64))
            .collect()
    };
    let count = |is: fn(&AttendantRoom) -> bool| {
        each(&|server| server.attendants.iter().filter(|one| is(one)).count() as u64)
    };
    for (name, help, samples) in [
        (
            "filas_waiting",
            "Requests waiting at the server.",
            each(&|server| server.waiting),
        ),
        (
            "filas_in_service",
            "Requests in service.",
            each(&ServerRoom::in_service),
        ),
        (
            "filas_wrapping_up",
            "Attendants at the work after a service.",
            count(|one| one.state == AttendantState::Busy && one.serving.is_none()),
        ),
        (
            "filas_attendants_up",
            "Attendants on duty who are not down.",
            count(|one| !matches!(one.state, AttendantState::Down | AttendantState::Off)),
        ),
        (
            "filas_down",
            "Attendants who are down.",
            count(|one| one.state == AttendantState::Down),
        ),
        (
            "filas_off_duty",
            "Attendants who are off duty.",
            count(|one| one.state == AttendantState::Off),
        ),
        (
            "filas_slowed",
            "Attendants who are slowed by a fault.",
            count(|one| one.slowed),
        ),
    ] {
        text.gauge(name, help, samples);
    }
    text.counter(
        "filas_completed_total",
        "Requests completed by the server.",
        each(&|server| server.attendants.iter().map(|one| one.completed).sum()),
    );
}

/// The counts of customers of a line as a whole.
fn of_customers(room: &LineRoom, text: &mut Text) {
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
}

/// The gauges and counters of each stage of a line.
fn of_stages(stages: &[StageRoom], text: &mut Text) {
    let each = |of: fn(&StageRoom) -> u64| -> Vec<(String, f64)> {
        stages
            .iter()
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
        let mut counts = self.counts.lock();
        records.iter().for_each(|record| counts.take(record));
    }
}

/// A label and its value; names of a scenario contain no character that must be escaped.
fn label(name: &str, value: &str) -> String {
    format!("{name}=\"{value}\"")
}
