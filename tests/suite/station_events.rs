//! Every change of state at the stations of a line of people and machines: one list on every engine, under any schedule
//! and with kills, from which the visits and the servers' times can be told again.

use crate::station_cases::{Case, cases};
use crate::station_runs::{Records, line, line_of, run};
use filas::actor::trial::{Schedule, Strategy as Scheduling};
use filas::actor::{Recording, Runtime, Surroundings};
use filas::observe::room::LineWatch;
use filas::scenario::Tandem;
use filas::station::{
    Happening, Onward, StationEvent, StationEventKind as Event, StationVisit, VisitOutcome,
};
use filas::tandem::{self, LineOutcome, StageSummary};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A visit as its events tell it, and since when its customer is in set-up or in service.
#[derive(Debug)]
struct Told {
    visit: StationVisit,
    setting_up: Option<f64>,
    serving: Option<f64>,
}

impl Told {
    fn of(event: &StationEvent) -> Told {
        let who = event.customer.unwrap();
        Told {
            visit: StationVisit {
                customer: who.number,
                stage: event.stage,
                class: who.class,
                visit: 1,
                server: None,
                arrival: event.time,
                setup: 0.0,
                service_start: None,
                service: 0.0,
                service_end: None,
                departure: None,
                outcome: VisitOutcome::Unfinished,
            },
            setting_up: None,
            serving: None,
        }
    }

    fn pause(&mut self, time: f64) {
        self.visit.setup += self.setting_up.take().map_or(0.0, |since| time - since);
        self.visit.service += self.serving.take().map_or(0.0, |since| time - since);
    }

    fn take(&mut self, event: &StationEvent) {
        let time = event.time;
        self.pause(time);
        match event.kind {
            Event::SetUp { waited, .. } | Event::Began { waited, .. } => {
                if self.visit.service_start.is_none() {
                    self.visit.service_start = Some(time);
                    assert_eq!(waited, Some(time - self.visit.arrival));
                } else {
                    assert_eq!(waited, None);
                }
                self.visit.server = event.server;
                match event.kind {
                    Event::SetUp { .. } => self.setting_up = Some(time),
                    _ => self.serving = Some(time),
                }
            }
            Event::Resumed { .. } => {
                self.visit.server = event.server;
                self.serving = Some(time);
            }
            Event::Blocked => self.visit.service_end = Some(time),
            Event::Left { blocked, to } => {
                let end = *self.visit.service_end.get_or_insert(time);
                assert_eq!(blocked, time - end);
                self.end(
                    time,
                    match to {
                        Onward::Station(_) => VisitOutcome::Next,
                        Onward::Out => VisitOutcome::Served,
                        Onward::Scrap => VisitOutcome::Scrapped,
                    },
                );
            }
            Event::GaveUp { waited } => {
                assert_eq!(waited, time - self.visit.arrival);
                self.end(time, VisitOutcome::Abandoned);
            }
            Event::Failed => self.end(time, VisitOutcome::Failed),
            Event::CutOff { .. } => {}
            other => panic!("{other:?} is of no visit underway"),
        }
    }

    fn end(&mut self, time: f64, outcome: VisitOutcome) {
        self.visit.departure = Some(time);
        self.visit.outcome = outcome;
    }
}

fn events(records: &[Happening]) -> Vec<StationEvent> {
    let events = records.iter().filter_map(|record| match record {
        Happening::Station(event) => Some(*event),
        _ => None,
    });
    events.collect()
}

/// The visits that events tell, by customer and stage.
fn visits_told(events: &[StationEvent], clock: f64) -> BTreeMap<(u64, u32), StationVisit> {
    let mut told: BTreeMap<(u64, u32), Told> = BTreeMap::new();
    for event in events {
        let Some(who) = event.customer else {
            continue;
        };
        let key = (who.number, event.stage);
        match event.kind {
            Event::Arrived => {
                let before = told.insert(key, Told::of(event));
                assert!(before.is_none(), "{event:?}");
            }
            Event::Lost | Event::Balked { .. } => {
                // Its last visit ended so.
                if let Some(before) = event.stage.checked_sub(1) {
                    let last = told.get_mut(&(who.number, before)).unwrap();
                    last.visit.outcome = match event.kind {
                        Event::Lost => VisitOutcome::Lost,
                        _ => VisitOutcome::Balked,
                    };
                }
            }
            _ => told.get_mut(&key).unwrap().take(event),
        }
    }
    let closed = told.into_iter().map(|(key, mut one)| {
        one.pause(clock);
        (key, one.visit)
    });
    closed.collect()
}

/// What a server holds, as its events tell it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Holds {
    Nobody,
    SetUp,
    Service,
    Blocked,
    Stopped,
}

/// The time of the servers of a stage by what it went into, from `opened` on: busy, blocked, set-up, down, off, idle.
fn times_told(
    events: &[StationEvent],
    (stage, on_duty, servers): (u32, u32, u32),
    (opened, clock): (f64, f64),
) -> [f64; 6] {
    let mut times = [0.0; 6];
    for server in 1..=servers {
        let (mut holds, mut up, mut on_duty) = (Holds::Nobody, true, server <= on_duty);
        let mut since = opened;
        let here = |event: &&StationEvent| event.stage == stage && event.server == Some(server);
        let last = StationEvent {
            time: clock,
            stage,
            customer: None,
            server: Some(server),
            kind: Event::Arrived,
        };
        for event in events.iter().filter(here).chain([&last]) {
            let part = match holds {
                Holds::Blocked => 1,
                Holds::Stopped => 3,
                Holds::SetUp => 2,
                Holds::Service => 0,
                Holds::Nobody if !on_duty => 4,
                Holds::Nobody if !up => 3,
                Holds::Nobody => 5,
            };
            times[part] += (event.time.min(clock) - since).max(0.0);
            since = since.max(event.time);
            match event.kind {
                Event::SetUp { .. } => holds = Holds::SetUp,
                Event::Began { .. } | Event::Resumed { .. } => holds = Holds::Service,
                Event::CutOff { stays: true, .. } => holds = Holds::Stopped,
                Event::CutOff { .. } | Event::Failed | Event::Left { .. } => holds = Holds::Nobody,
                Event::Blocked => holds = Holds::Blocked,
                Event::Down => up = false,
                Event::Up => up = true,
                Event::OnDuty => on_duty = true,
                Event::OffDuty => on_duty = false,
                _ => {}
            }
        }
    }
    times
}

/// Holds the events of a run against its visits and its summary.
fn hold(case: &Case, line: &Tandem, outcome: &LineOutcome, records: &[Happening]) {
    let events = events(records);
    assert!(events.is_sorted_by_key(|event| event.time), "{}", case.toml);
    let clock = outcome.summary.clock;
    let told = visits_told(&events, clock);
    let filed = records.iter().filter_map(|record| match record {
        Happening::Visited(visit) => Some(((visit.customer, visit.stage), *visit)),
        _ => None,
    });
    let filed: BTreeMap<(u64, u32), StationVisit> = filed.collect();
    for (key, visit) in &filed {
        assert_eq!(told.get(key), Some(visit), "(told left)\n{}", case.toml);
    }
    assert_eq!(told.len(), filed.len(), "{}", case.toml);

    for (position, (stage, rules)) in (0..).zip(outcome.summary.stages.iter().zip(&line.stages)) {
        let (Some(servers), Some(parts)) = (rules.servers.most(), parts(stage)) else {
            continue;
        };
        let window: f64 = parts.iter().sum();
        let on_duty = rules.servers.at_first().unwrap();
        let opened = clock - window;
        let told = times_told(&events, (position, on_duty, servers), (opened, clock));
        for (told, part) in told.iter().zip(parts) {
            let filed = part * f64::from(servers);
            assert!(
                (told - filed).abs() < 1e-6,
                "stage {position}: {told} {filed}\n{}",
                case.toml
            );
        }
    }
}

/// Time per server: busy, blocked, set-up, down, off, idle. The busy time follows from its share of the window.
fn parts(stage: &StageSummary) -> Option<[f64; 6]> {
    let rest = [
        stage.blocked_time?,
        stage.setup_time??,
        stage.down_time??,
        stage.off_time??,
        stage.idle_time?,
    ];
    let busy = stage.utilisation?;
    let sum: f64 = rest.iter().sum();
    let window = match busy < 1.0 {
        true => sum / (1.0 - busy),
        // Nothing else says how long it was.
        false => return None,
    };
    let [blocked, setup, down, off, idle] = rest;
    Some([window * busy, blocked, setup, down, off, idle])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_events_tell_every_visit_and_what_the_servers_time_went_into(case in cases()) {
        if let Some(line) = line_of(&case) {
            let (outcome, records) = run(&line, Runtime::Inline, Recording::Everything);
            hold(&case, &line, &outcome, &records);
        }
    }
}

#[test]
fn the_events_are_one_list_on_every_engine_under_any_schedule_and_with_kills() {
    let mut kills = 0;
    let lines = (200..260).filter_map(Case::numbered);
    let lines = lines.filter_map(|case| Some((line_of(&case)?, case)));
    for (line, case) in lines {
        let (_, whole) = run(&line, Runtime::Inline, Recording::Everything);
        for channel_capacity in [0, 64] {
            let (_, records) = run(
                &line,
                Runtime::Threads { channel_capacity },
                Recording::Everything,
            );
            assert!(records == whole, "{channel_capacity}\n{}", case.toml);
        }
        for seed in 0..30 {
            let schedule = Schedule {
                strategy: Scheduling::Random,
                seed,
                channel_capacity: [0, 1, 2, 64][(seed % 4) as usize],
                chunk: 1,
                kills: 20,
            };
            let records = Records::default();
            let around = Surroundings {
                conductor: &(),
                recorder: &records,
            };
            let tried = tandem::trial(&line, &schedule, 200, Recording::Everything, around);
            tried.ending.unwrap();
            kills += tried.seen.kills;
            let records = records.into_records();
            assert!(records == whole, "{schedule:?}\n{}", case.toml);
        }
    }
    assert!(kills > 100, "only {kills} actors were killed");
}

#[test]
fn the_room_ends_as_the_summary_says() {
    for case in (300..400).filter_map(Case::numbered) {
        let Some(line) = line_of(&case) else {
            continue;
        };
        let watch = LineWatch::new(&line);
        let around = Surroundings {
            conductor: &(),
            recorder: &watch,
        };
        let runtime = Runtime::Inline;
        let outcome = tandem::run(&line, 0, runtime, 1, Recording::Everything, around).unwrap();
        let (room, customers) = (watch.room(outcome.summary.clock), outcome.summary.customers);
        let early = room.counts.early.unwrap();
        let seen = [
            room.counts.arrived,
            room.counts.lost,
            room.counts.departed,
            room.counts.present,
        ];
        let wanted = [
            customers.arrived,
            customers.lost,
            customers.departed,
            customers.unfinished.unwrap(),
        ];
        assert_eq!(seen, wanted, "{}", case.toml);
        let seen = [early.balked, early.abandoned, early.failed, early.scrapped];
        let wanted = [
            customers.balked,
            customers.abandoned,
            customers.failed,
            customers.scrapped,
        ];
        assert_eq!(seen.map(Some), wanted, "{}", case.toml);
        for (stage, summary) in room.stages.iter().zip(&outcome.summary.stages) {
            let held = stage
                .servers
                .iter()
                .filter(|state| state.customer().is_some())
                .count();
            let there = stage.waiting + held as u64 + stage.in_service.unwrap_or(0);
            assert_eq!(
                Some(there),
                summary.unfinished,
                "{}\n{}",
                stage.name,
                case.toml
            );
            assert_eq!(
                stage.departed, summary.departures,
                "{}\n{}",
                stage.name, case.toml
            );
        }
    }
}

#[test]
fn a_service_of_length_zero_does_not_split_an_idle_spell() {
    for servers in [
        "servers = 1",
        "servers = 1\nbuffer = 2",
        "servers = 1\nscrap = 0.0\nspeeds = [1.0]",
    ] {
        let text = format!(
            "model = \"tandem\"\n\
             arrivals = {{ interarrival = {{ trace = {{ values = [1.0, 1.0, 3.0, 2.0] }} }} }}\n\
             horizon = {{ customers = 4 }}\n\
             [[stages]]\nname = \"a\"\n{servers}\n\
             service = {{ trace = {{ values = [0.0, 0.0, 1.5, 0.0] }} }}\n"
        );
        let line = line(&text);
        let (outcome, _) = run(&line, Runtime::Inline, Recording::Nothing);
        // Idle from 0 to 5, busy until 6.5, idle until 7, the end.
        assert_eq!(
            outcome.summary.stages[0].idle_longest,
            Some(5.0),
            "{servers}"
        );
    }
}
