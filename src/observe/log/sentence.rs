//! Sentences about events, for the log, the live view and the page: time, actor, sign, words. Events are worded in this
//! file only, and in `station` for lines of people and machines; each sign has one meaning.
//!
//! | sign | means |
//! | --- | --- |
//! | `+` | a request arrives |
//! | `→` | goes to a server |
//! | `▶` | a service begins |
//! | `✔` | a service is completed, a customer leaves the stage |
//! | `▣` | a customer is blocked, or leaves after having been blocked |
//! | `⇄` | goes back to the supervisor or to the queue, or over to another server |
//! | `▷` | the work after a service begins |
//! | `↻` | will retry |
//! | `⊘` | gives up waiting in a queue or for an answer, or does not join a queue |
//! | `✕` | goes down or is slowed, is rejected, has failed, is lost, leaves as scrap |
//! | `▲` | comes up, or on duty |
//! | `▼` | goes off duty |
//! | `·` | the step is over |
//!
//! In the log every sentence is a `tracing` event, with logical time and the names and numbers in the sentence as
//! fields, which a filter can match.

use super::station;
use crate::number::plain;
use crate::scenario::{Desk, Scenario};
use crate::station::{
    FaultEvent, FaultRecord, Happening, RequestEvent, RequestEventKind, RequestOutcome,
    RequestRecord, StationEvent, StationEventKind, StepRecord, Visit,
};
use std::fmt;
use tracing::{debug, info, trace};

/// The subject of a sentence, by which the page colours it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A step is over.
    Step,
    /// An attendant goes down.
    Down,
    /// An attendant comes up.
    Up,
    /// A request arrives.
    Arrives,
    /// A request goes to a server.
    Sent,
    /// A service begins.
    Begins,
    /// A service is completed.
    Done,
    /// A request goes back, or over to another server.
    Moved,
    /// A request or a customer is lost, whatever the cause.
    Lost,
}

impl Kind {
    /// The name that the page uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Step => "step",
            Kind::Down => "down",
            Kind::Up => "up",
            Kind::Arrives => "arrives",
            Kind::Sent => "sent",
            Kind::Begins => "begin",
            Kind::Done => "done",
            Kind::Moved => "moved",
            Kind::Lost => "lost",
        }
    }
}

/// The kind of actor concerned, by which the log is filtered: `filas::attendant=debug`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Coordinator,
    Faults,
    Generator,
    Supervisor,
    Server,
    Attendant,
    Line,
}

/// A sentence about one event.
#[derive(Clone, Debug)]
pub struct Sentence<'a> {
    /// Step or time.
    pub time: f64,
    /// The same as a time of day, if the scenario gives its start.
    pub clock: Option<String>,
    /// The subject.
    pub kind: Kind,
    /// The sign before the words.
    pub sign: char,
    source: Source,
    /// The actor, if it has a name of its own.
    who: Option<String>,
    attendant: Option<String>,
    server: Option<&'a str>,
    class: Option<&'a str>,
    stage: Option<&'a str>,
    /// The number of the request or the customer.
    number: Option<u64>,
    /// The name of the actor.
    from: Option<String>,
    /// The desk, for its clock.
    desk: Option<&'a Desk>,
    happening: &'a Happening,
}

impl<'a> Sentence<'a> {
    /// Words one event; `None` if there is nothing to report.
    #[must_use]
    pub fn of(scenario: &'a Scenario, happening: &'a Happening) -> Option<Sentence<'a>> {
        let sentence = Sentence::without_clock(scenario, happening)?;
        Some(Sentence {
            clock: scenario.clock().map(|start| start.at(sentence.time)),
            ..sentence
        })
    }

    fn without_clock(scenario: &'a Scenario, happening: &'a Happening) -> Option<Sentence<'a>> {
        let silent = Sentence {
            time: 0.0,
            clock: None,
            kind: Kind::Step,
            sign: '·',
            source: Source::Coordinator,
            who: None,
            attendant: None,
            server: None,
            class: None,
            stage: None,
            number: None,
            from: None,
            desk: scenario.desk(),
            happening,
        };
        match happening {
            Happening::Step(row) => Some(Sentence {
                time: row.time.get(),
                ..silent
            }),
            Happening::Fault(row) => Some(silent.fault(scenario, row)),
            Happening::Request(event) => silent.request(scenario, event),
            Happening::Ended(row) => silent.ended(scenario, row),
            Happening::Began(visit) => {
                let (kind, sign) = (Kind::Begins, '▶');
                Some(silent.visit(scenario, visit, visit.service_start, (kind, sign)))
            }
            Happening::Left(visit) => {
                let blocked = visit.departure > visit.service_end;
                let sign = if blocked { '▣' } else { '✔' };
                Some(silent.visit(scenario, visit, visit.departure, (Kind::Done, sign)))
            }
            Happening::Lost { customer, time } => {
                let stage = scenario.line()?.stages.first()?.name.as_str();
                Some(Sentence {
                    time: *time,
                    kind: Kind::Lost,
                    sign: '✕',
                    source: Source::Line,
                    who: Some(stage.to_owned()),
                    stage: Some(stage),
                    number: Some(*customer),
                    ..silent
                })
            }
            Happening::Station(event) => Some(silent.station(scenario, event)),
            Happening::Reached { .. }
            | Happening::Passage(_)
            | Happening::Visited(_)
            | Happening::Finished(_) => None,
        }
    }

    fn station(self, scenario: &'a Scenario, event: &StationEvent) -> Sentence<'a> {
        let (kind, sign) = station::sign(event);
        let line = scenario.line();
        let stage = line.map(|line| line.stages[event.stage as usize].name.as_str());
        let class = |class: u32| Some(line?.classes.get(class as usize)?.name.as_str());
        Sentence {
            time: event.time,
            kind,
            sign,
            source: Source::Line,
            who: stage.map(str::to_owned),
            stage,
            number: event.customer.map(|who| who.number),
            class: event.customer.and_then(|who| class(who.class)),
            ..self
        }
    }

    fn visit(
        self,
        scenario: &'a Scenario,
        visit: &Visit,
        time: f64,
        (kind, sign): (Kind, char),
    ) -> Sentence<'a> {
        let stages = scenario.line().map(|line| &line.stages);
        let stage = stages.map(|stages| stages[visit.stage as usize].name.as_str());
        Sentence {
            time,
            kind,
            sign,
            source: Source::Line,
            who: stage.map(str::to_owned),
            stage,
            number: Some(visit.customer),
            ..self
        }
    }

    fn at(mut self, scenario: &'a Scenario, server: u32, attendant: Option<u32>) -> Sentence<'a> {
        if let Some(desk) = scenario.desk() {
            let group = &desk.servers[server as usize];
            self.server = Some(&group.name);
            self.attendant = attendant.map(|number| group.attendant(number));
        }
        self
    }

    fn about(mut self, scenario: &'a Scenario, request: u64, class: u32) -> Sentence<'a> {
        self.number = Some(request);
        self.class = scenario
            .desk()
            .map(|desk| desk.classes[class as usize].name.as_str());
        self
    }

    fn fault(self, scenario: &'a Scenario, row: &FaultRecord) -> Sentence<'a> {
        let (kind, sign) = match row.event {
            FaultEvent::Fault => (Kind::Down, '✕'),
            FaultEvent::Slow => (Kind::Down, '✕'),
            FaultEvent::Repair | FaultEvent::OnDuty => (Kind::Up, '▲'),
            FaultEvent::OffDuty => (Kind::Down, '▼'),
        };
        let told = self.at(scenario, row.server, Some(row.attendant));
        Sentence {
            time: row.time.get(),
            kind,
            sign,
            source: Source::Faults,
            who: told.attendant.clone(),
            number: row.request,
            ..told
        }
    }

    /// An event of a request. The slow-down or repair by which an attendant's speed changes is reported itself.
    fn request(self, scenario: &'a Scenario, event: &RequestEvent) -> Option<Sentence<'a>> {
        let told = self.about(scenario, event.request, event.class);
        let told = Sentence {
            time: event.time.get(),
            source: Source::Supervisor,
            ..told
        };
        let told = match event.kind {
            RequestEventKind::Arrived => Sentence {
                kind: Kind::Arrives,
                sign: '+',
                source: Source::Generator,
                ..told
            },
            RequestEventKind::Dispatched { server } => Sentence {
                kind: Kind::Sent,
                sign: '→',
                ..told.at(scenario, server, None)
            },
            RequestEventKind::Started {
                server, attendant, ..
            } => {
                let told = told.at(scenario, server, Some(attendant));
                Sentence {
                    kind: Kind::Begins,
                    sign: '▶',
                    source: Source::Attendant,
                    who: told.attendant.clone(),
                    ..told
                }
            }
            RequestEventKind::HandedOver { server, attendant } => {
                let told = told.at(scenario, server, attendant);
                let from = told.attendant.clone().or(told.server.map(str::to_owned));
                Sentence {
                    kind: Kind::Moved,
                    sign: '⇄',
                    from,
                    ..told
                }
            }
            RequestEventKind::Moved {
                from,
                to,
                attendant,
            } => {
                let servers = scenario.desk().map(|desk| &desk.servers);
                let from = servers.map(|servers| servers[from as usize].name.clone());
                Sentence {
                    kind: Kind::Moved,
                    sign: '⇄',
                    from,
                    ..told.at(scenario, to, Some(attendant))
                }
            }
            RequestEventKind::TimedOut { with, .. } => {
                let told = Sentence {
                    kind: Kind::Lost,
                    sign: '⊘',
                    ..told
                };
                match with {
                    Some((server, attendant)) => told.at(scenario, server, Some(attendant)),
                    None => told,
                }
            }
            RequestEventKind::WrapUp {
                server, attendant, ..
            } => {
                let told = told.at(scenario, server, Some(attendant));
                Sentence {
                    kind: Kind::Begins,
                    sign: '▷',
                    source: Source::Attendant,
                    who: told.attendant.clone(),
                    ..told
                }
            }
            RequestEventKind::ComesAgain { .. } => Sentence {
                kind: Kind::Arrives,
                sign: '↻',
                ..told
            },
            RequestEventKind::GaveUp { server, .. } => {
                let told = Sentence {
                    kind: Kind::Lost,
                    sign: '⊘',
                    ..told
                };
                match server {
                    None => told,
                    Some(server) => {
                        let told = told.at(scenario, server, None);
                        Sentence {
                            source: Source::Server,
                            who: told.server.map(str::to_owned),
                            ..told
                        }
                    }
                }
            }
            RequestEventKind::SpeedChanged { .. } => return None,
        };
        Some(told)
    }

    /// The end of a request. Giving up is reported when it happens; a request still in the system when the run ends is
    /// not reported.
    fn ended(self, scenario: &'a Scenario, row: &RequestRecord) -> Option<Sentence<'a>> {
        let told = Sentence {
            time: row.end?.get(),
            kind: Kind::Lost,
            sign: '✕',
            source: Source::Supervisor,
            ..self.about(scenario, row.id, row.class)
        };
        match row.outcome {
            RequestOutcome::Completed => {
                let told = told.at(scenario, row.server?, row.attendant);
                Some(Sentence {
                    kind: Kind::Done,
                    sign: '✔',
                    source: Source::Attendant,
                    who: told.attendant.clone(),
                    ..told
                })
            }
            RequestOutcome::Rejected | RequestOutcome::Failed => Some(told),
            RequestOutcome::Abandoned | RequestOutcome::TimedOut | RequestOutcome::InSystem => None,
        }
    }

    /// The actor: its name, or the kind of actor.
    #[must_use]
    pub fn who(&self) -> &str {
        self.who.as_deref().unwrap_or(match self.source {
            Source::Coordinator => "coordinator",
            Source::Faults => "faults",
            Source::Generator => "generator",
            Source::Supervisor => "supervisor",
            Source::Server => "server",
            Source::Attendant => "attendant",
            Source::Line => "line",
        })
    }

    /// The step, for a desk that counts steps.
    fn step(&self) -> Option<u64> {
        self.desk?.steps().map(|_| self.time as u64)
    }

    /// The time, unless the desk counts steps.
    fn instant(&self) -> Option<f64> {
        self.step().is_none().then_some(self.time)
    }

    /// A duration in words.
    fn lasting(&self, duration: f64) -> String {
        self.desk
            .map_or(String::new(), |desk| desk.lasting(duration))
    }

    /// The words after the sign.
    #[must_use]
    pub fn words(&self) -> Words<'_> {
        Words(self)
    }

    /// Writes the sentence to the log of this process.
    pub fn log(&self) {
        match self.happening {
            Happening::Step(row) => log_step(self, row),
            Happening::Began(visit) => log_began(self, visit),
            Happening::Left(visit) => log_left(self, visit),
            Happening::Lost { .. } => log_lost(self, ()),
            Happening::Station(event) => match event.kind {
                StationEventKind::Arrived => log_arrival(self, event),
                _ => log_station(self, event),
            },
            _ => log_request(self, ()),
        }
    }
}

/// The target of the events of a line; all others are of a desk.
pub(super) const LINE: &str = "filas::line";

/// Logs one event with its fields.
macro_rules! say {
    ($say:ident $target:literal $told:ident { $($field:ident = $value:expr,)* }) => {
        $say!(target: $target, $($field = $value,)* "{}", Message($told))
    };
}

/// Names the fields of one event.
macro_rules! names {
    ({ $($field:ident = $value:expr,)* }) => { &[$(stringify!($field)),*] };
}

/// Makes a logging function for each event, and a row of [`EVENTS`], with which a filter is checked.
macro_rules! events {
    ($($name:ident($told:ident, $row:ident: $kind:ty)
        [$($source:ident => $say:ident $target:literal),+] $fields:tt)*) => {
        /// The targets and the fields of every event.
        pub(super) const EVENTS: &[(&[&str], &[&str])] = &[$((&[$($target),+], names!($fields))),*];

        $(fn $name($told: &Sentence<'_>, $row: $kind) {
            match $told.source {
                $(Source::$source => say!($say $target $told $fields),)+
                _ => {}
            }
        })*
    };
}

events! {
    log_step(told, row: &StepRecord) [Coordinator => info "filas::coordinator"] {
        step = told.step(), time = told.instant(), clock = told.clock.as_deref(), generated = row.generated,
        rejected = row.rejected,
        dispatched = row.dispatched, reallocated = row.reallocated,
        interrupted = row.interrupted, completed = row.completed, abandoned = row.abandoned,
        failed = row.failed, timed_out = row.timed_out, buffer = row.buffer, handed_over = row.handed_over,
        waiting_at_servers = row.waiting_at_servers, in_service = row.in_service,
        attendants_up = row.attendants_up, on_duty = row.on_duty,
    }
    log_began(told, visit: &Visit) [Line => debug "filas::line"] {
        time = told.time, clock = told.clock.as_deref(), stage = told.stage, customer = told.number, server = visit.server,
        waited = visit.service_start - visit.arrival,
    }
    log_left(told, visit: &Visit) [Line => debug "filas::line"] {
        time = told.time, clock = told.clock.as_deref(), stage = told.stage, customer = told.number, server = visit.server,
        blocked = Some(visit.departure - visit.service_end).filter(|&blocked| blocked > 0.0),
    }
    log_lost(told, _none: ()) [Line => debug "filas::line"] {
        time = told.time, clock = told.clock.as_deref(), stage = told.stage, customer = told.number,
    }
    log_arrival(told, _event: &StationEvent) [Line => trace "filas::line"] {
        time = told.time, clock = told.clock.as_deref(), stage = told.stage, customer = told.number, class = told.class,
    }
    log_station(told, event: &StationEvent) [Line => debug "filas::line"] {
        time = told.time, clock = told.clock.as_deref(), stage = told.stage, customer = told.number, class = told.class,
        server = event.server,
    }
    log_request(told, _none: ()) [
        Faults => info "filas::faults",
        Generator => trace "filas::generator",
        Server => debug "filas::server",
        Attendant => debug "filas::attendant",
        Supervisor => debug "filas::supervisor"
    ] {
        step = told.step(), time = told.instant(), clock = told.clock.as_deref(), request = told.number,
        class = told.class,
        server = told.server, attendant = told.attendant.as_deref(),
    }
}

/// A sentence as the log shows it: the name if there is one, the sign, the words.
struct Message<'a>(&'a Sentence<'a>);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(who) = &self.0.who {
            write!(f, "{who} ")?;
        }
        write!(f, "{} {}", self.0.sign, Words(self.0))
    }
}

/// The words of a sentence, formatted on demand.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a>(&'a Sentence<'a>);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.0;
        // `#7 calls`, or only `#7`.
        if let Some(number) = told.number
            && told.source != Source::Faults
        {
            write!(f, "#{number}")?;
            if let Some(class) = told.class {
                write!(f, " {class}")?;
            }
        }
        match told.happening {
            Happening::Step(row) => step(f, row),
            Happening::Fault(row) => {
                match (row.event, row.lasts) {
                    (FaultEvent::Fault, Some(lasts)) => {
                        write!(f, "down for {}", told.lasting(lasts))?;
                    }
                    (FaultEvent::Fault, None) if row.waits => write!(f, "down, waits for repair")?,
                    (FaultEvent::Fault, None) => write!(f, "down for good")?,
                    (FaultEvent::Slow, Some(lasts)) => {
                        write!(f, "slowed for {}", told.lasting(lasts))?;
                    }
                    (FaultEvent::Slow, None) if row.waits => {
                        write!(f, "slowed, waits for repair")?;
                    }
                    (FaultEvent::Slow, None) => write!(f, "slowed for good")?,
                    (FaultEvent::OnDuty, _) if row.waits => write!(f, "on duty, but down")?,
                    (FaultEvent::OnDuty, _) => write!(f, "on duty")?,
                    (FaultEvent::OffDuty, _) => write!(f, "off duty")?,
                    (FaultEvent::Repair, lasted) => {
                        write!(f, "up after {}", told.lasting(lasted.unwrap_or(0.0)))?;
                    }
                }
                match row.request {
                    Some(request) => write!(f, ", interrupts #{request}"),
                    None => Ok(()),
                }
            }
            Happening::Request(event) => request(f, told, event),
            Happening::Ended(row) => match row.outcome {
                RequestOutcome::Completed => {
                    let waited = row
                        .first_start
                        .map_or(0.0, |start| start.since(row.arrival));
                    write!(f, ", waited {}", plain(waited))
                }
                RequestOutcome::Rejected => {
                    let limits = told.desk.and_then(|desk| desk.system_capacity);
                    let full = limits.map_or("the buffer is full", |_| "no place is free");
                    write!(f, " rejected, {full}")
                }
                RequestOutcome::Failed => {
                    write!(f, " failed, interrupted in attempt {}", row.attempts)
                }
                RequestOutcome::Abandoned | RequestOutcome::TimedOut | RequestOutcome::InSystem => {
                    Ok(())
                }
            },
            Happening::Began(visit) => {
                let waited = visit.service_start - visit.arrival;
                write!(f, " at server {}, waited {waited:.3}", visit.server)
            }
            Happening::Left(visit) => {
                write!(f, " leaves server {}", visit.server)?;
                let blocked = visit.departure - visit.service_end;
                match blocked > 0.0 {
                    true => write!(f, ", blocked for {blocked:.3}"),
                    false => Ok(()),
                }
            }
            Happening::Lost { .. } => write!(f, " lost, no place is free"),
            Happening::Station(event) => station::words(f, event),
            Happening::Reached { .. }
            | Happening::Passage(_)
            | Happening::Visited(_)
            | Happening::Finished(_) => Ok(()),
        }
    }
}

fn step(f: &mut fmt::Formatter<'_>, row: &StepRecord) -> fmt::Result {
    write!(f, "{} new, {} completed", row.generated, row.completed)?;
    let lost = [
        (row.rejected, "rejected"),
        (row.abandoned, "gave up"),
        (row.failed, "failed"),
        (row.timed_out, "timed out"),
    ];
    for (number, word) in lost.into_iter().filter(|(number, _)| *number > 0) {
        write!(f, ", {number} {word}")?;
    }
    write!(f, "; {} in the buffer", row.buffer)
}

fn request(f: &mut fmt::Formatter<'_>, told: &Sentence<'_>, event: &RequestEvent) -> fmt::Result {
    let server = told.server.unwrap_or_default();
    let from = told.from.as_deref().unwrap_or_default();
    match event.kind {
        RequestEventKind::Arrived => write!(f, " arrives"),
        RequestEventKind::Dispatched { .. } => write!(f, " to {server}"),
        RequestEventKind::Started { attempt, lasts, .. } => {
            write!(f, ", {} of work", told.lasting(lasts))?;
            match attempt {
                0 | 1 => Ok(()),
                attempt => write!(f, ", attempt {attempt}"),
            }
        }
        RequestEventKind::HandedOver { attendant, .. } => {
            write!(f, " back from {from}")?;
            match attendant {
                Some(_) => Ok(()),
                None => write!(f, ", where nobody can serve it"),
            }
        }
        RequestEventKind::Moved { .. } => {
            let to = told.attendant.as_deref().unwrap_or_default();
            write!(f, " from {from} to {to}")
        }
        RequestEventKind::TimedOut {
            after, withdrawn, ..
        } => {
            write!(f, "'s client waited too long, {}", told.lasting(after))?;
            match withdrawn {
                true => write!(f, "; withdrawn"),
                false => write!(f, "; the work goes on"),
            }
        }
        RequestEventKind::WrapUp { lasts, .. } => {
            write!(f, ", {} of work after it", told.lasting(lasts))
        }
        RequestEventKind::ComesAgain { after, attempt } => {
            write!(
                f,
                " comes again after {}, try {attempt}",
                told.lasting(after)
            )
        }
        RequestEventKind::GaveUp { waited, .. } => {
            write!(f, " gave up after {}", told.lasting(waited))
        }
        RequestEventKind::SpeedChanged { .. } => Ok(()),
    }
}
