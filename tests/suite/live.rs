//! Watching and intervening in a run: the view shows what happened, and interventions are a patch
//! of the scenario that gives the same digest.

use crate::desk_cases::outcome;
use filas::actor::{
    Change, Conductor, Intervention, Recorder, Recording, Runtime, Surroundings, Wish,
};
use filas::desk;
use filas::model::Model;
use filas::observe::control::Control;
use filas::observe::room::{
    AttendantState, DeskRoom, DeskWatch, LineRoom, LineWatch, ServerState, Spell, StageRoom,
};
use filas::scenario::shipped::SHIPPED;
use filas::scenario::{Desk, Origin, Overrides, Patch, Scenario, Tandem, load};
use filas::station::{Happening, Passage};
use filas::tandem;
use proptest::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

fn load_desk(name: &str, steps: u64, patches: Vec<Patch>) -> Desk {
    let path = format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let span = match name {
        "call-centre" => "horizon.until",
        _ => "steps",
    };
    let overrides = Overrides {
        set: vec![(span.to_owned(), steps.to_string())],
        patches,
        ..Overrides::default()
    };
    match load(Origin::File(path.as_ref()), &overrides)
        .unwrap()
        .scenario
    {
        Scenario::Desk(desk) => desk,
        Scenario::Tandem(_) => unreachable!("{name} is a desk"),
    }
}

/// Intervenes in certain steps, through the control that a view would use.
struct Hand {
    control: Control,
    plan: Vec<(u64, Intervention)>,
    done: Mutex<usize>,
}

impl Hand {
    fn new(mut plan: Vec<(u64, Intervention)>) -> Hand {
        plan.sort_by_key(|one| one.0);
        Hand {
            control: Control::new(None),
            plan,
            done: Mutex::new(0),
        }
    }
}

impl Conductor for Hand {
    fn before(&self, clock: f64) -> Wish {
        let mut done = self.done.lock().unwrap();
        while let Some((_, intervention)) = self
            .plan
            .get(*done)
            .filter(|(step, _)| *step <= clock as u64)
        {
            self.control.intervene(*intervention);
            *done += 1;
        }
        self.control.before(clock)
    }
}

/// Compares the state shown of a desk, at the end of every step, with the step's row.
struct Compared(DeskWatch);

impl Recorder<Happening> for Compared {
    fn record(&self, records: &mut Vec<Happening>) {
        for record in records.drain(..) {
            self.0.record(&mut vec![record.clone()]);
            if let Happening::Step(row) = record {
                let room = self.0.room();
                let sum = |of: fn(&filas::observe::room::ServerRoom) -> u64| {
                    room.servers.iter().map(of).sum::<u64>()
                };
                assert_eq!(room.time, row.time);
                assert_eq!(room.buffer.length, row.buffer);
                assert_eq!(room.buffer.handed_over, row.handed_over);
                assert_eq!(sum(|server| server.waiting), row.waiting_at_servers);
                assert_eq!(
                    sum(filas::observe::room::ServerRoom::in_service),
                    row.in_service
                );
                assert_eq!(up(&room), row.attendants_up);
            }
        }
    }
}

fn up(room: &DeskRoom) -> u64 {
    let attendants = room.servers.iter().flat_map(|server| &server.attendants);
    attendants
        .filter(|attendant| attendant.state != AttendantState::Down)
        .count() as u64
}

const RUNTIMES: [Runtime; 3] = [
    Runtime::Inline,
    Runtime::Threads {
        channel_capacity: 1,
    },
    Runtime::Explore {
        channel_capacity: 2,
        seed: 7,
    },
];

const DESKS: [&str; 5] = [
    "desk",
    "failover",
    "call-centre",
    "original-desk",
    "restarts",
];

#[test]
fn the_room_of_a_desk_is_its_row_after_every_step_and_watching_changes_nothing() {
    for name in DESKS {
        let scenario = load_desk(name, 150, Vec::new());
        let quiet = outcome(&scenario, 0, Runtime::Inline);
        for runtime in RUNTIMES {
            let compared = Compared(DeskWatch::new(&scenario));
            let around = Surroundings {
                conductor: &(),
                recorder: &compared,
            };
            let watched = desk::run(&scenario, 0, runtime, Recording::Everything, around).unwrap();
            assert_eq!(watched.digest, quiet.digest, "{name}");
            let counts = compared.0.room().counts;
            let requests = &watched.summary.requests;
            assert_eq!(
                [
                    counts.generated,
                    counts.completed,
                    counts.rejected,
                    counts.abandoned,
                    counts.failed
                ],
                [
                    requests.generated,
                    requests.completed,
                    requests.rejected,
                    requests.abandoned,
                    requests.failed
                ]
            );
            assert_eq!(counts.faults, watched.summary.faults.count);
            assert_eq!(counts.reallocated, watched.summary.faults.reallocated);
        }
    }
}

/// Slowed in its service from 3 to 5, and in the wrap-up after it from 7 to 9.
const SLOWED: &str = r#"
model = "desk"
horizon = { until = 40 }
faults = { script = [ { at = 3, attendant = "A-1", slow = 0.5, down_for = 2 }, { at = 7, attendant = "A-1", slow = 0.5, down_for = 2 } ] }
classes = [ { name = "c", arrivals = { times = [1, 30] }, service = { constant = { value = 4 } }, wrap_up = { constant = { value = 4 } } } ]
servers = [ { name = "A", attendants = [ { skills = ["c"] } ] } ]
"#;

/// The ends of services that were shown, and since when the attendant was shown idle, each once.
struct Shown(DeskWatch, Mutex<[Vec<f64>; 2]>);

impl Recorder<Happening> for Shown {
    fn record(&self, records: &mut Vec<Happening>) {
        for record in records.drain(..) {
            self.0.record(&mut vec![record]);
            let room = self.0.room();
            let who = &room.servers[0].attendants[0];
            let ends = who.serving.map(|serving| serving.ends.get());
            let idle = (who.state == AttendantState::Idle).then_some(who.since.get());
            for (list, shown) in self.1.lock().unwrap().iter_mut().zip([ends, idle]) {
                list.extend(shown.filter(|shown| list.last() != Some(shown)));
            }
        }
    }
}

#[test]
fn the_end_of_a_service_or_wrap_up_moves_with_the_speed_of_its_attendant() {
    let origin = Origin::Embedded {
        name: "x",
        text: SLOWED,
    };
    let loaded = load(origin, &Overrides::default()).unwrap();
    let desk = loaded.scenario.desk().unwrap();
    for runtime in RUNTIMES {
        let shown = Shown(DeskWatch::new(desk), Mutex::default());
        let around = Surroundings {
            conductor: &(),
            recorder: &shown,
        };
        desk::run(desk, 0, runtime, Recording::Everything, around).unwrap();
        let [ends, idle] = shown.1.into_inner().unwrap();
        assert_eq!(ends, [5.0, 7.0, 6.0, 34.0]);
        assert!(idle.contains(&11.0), "{idle:?}");
        assert!(
            idle.iter().all(|since| ![10.0, 13.0].contains(since)),
            "{idle:?}"
        );
    }
}

/// A pace waits for the clock of each turn, which therefore has to come.
#[test]
fn every_turn_of_every_scenario_has_a_time_and_none_goes_back() {
    struct Clock(Mutex<f64>);
    impl Conductor for Clock {
        fn before(&self, clock: f64) -> Wish {
            let mut last = self.0.lock().unwrap();
            assert!(clock.is_finite() && clock >= *last, "{clock} after {last}");
            *last = clock;
            Wish::Go
        }
    }
    for shipped in SHIPPED {
        let (name, text) = (shipped.name, shipped.text);
        let loaded = load(Origin::Embedded { name, text }, &Overrides::default()).unwrap();
        let clock = Clock(Mutex::new(0.0));
        let around = Surroundings {
            conductor: &clock,
            recorder: &(),
        };
        let model = Model::of(&loaded.scenario);
        let ran = model.run(0, Runtime::Inline, Some(1), Recording::Everything, around);
        // One of them is a deadlock, which is an end too.
        assert!(ran.is_ok() || name.contains("gridlock"), "{name}");
        assert!(*clock.0.lock().unwrap() > 0.0, "{name}");
    }
}

#[test]
fn the_course_of_a_desk_is_the_whole_run_in_no_more_spells_than_can_be_drawn() {
    for (steps, width) in [(100, 1.0), (240, 1.0), (241, 2.0), (1_000, 8.0)] {
        let desk = load_desk("desk", steps, Vec::new());
        let watch = DeskWatch::new(&desk);
        let stop = AtomicBool::new(false);
        let around = Surroundings {
            conductor: &stop,
            recorder: &watch,
        };
        desk::run(&desk, 0, Runtime::Inline, Recording::Everything, around).expect("it runs");
        let DeskRoom { course, counts, .. } = watch.room();
        assert_eq!(
            (course.width, course.spells.len() as f64),
            (width, (steps as f64 / width).ceil())
        );
        let sum = |value: fn(&Spell) -> u64| course.spells.iter().map(value).sum::<u64>();
        assert_eq!(sum(|spell| spell.completed), counts.completed);
        assert_eq!(sum(|spell| spell.rows), steps);
        assert_eq!(
            sum(|spell| spell.lost),
            counts.rejected + counts.abandoned + counts.failed + counts.timed_out
        );
        assert!(course.spells.iter().any(|spell| spell.buffer > 30));
    }
}

fn interventions() -> impl Strategy<Value = Vec<(u64, usize, usize, bool)>> {
    prop::collection::vec((1u64..45, 0usize..8, 0usize..16, any::<bool>()), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_was_done_by_hand_is_a_patch_that_gives_the_same_run(
        drawn in interventions(), which in 0..DESKS.len(),
    ) {
        let plain = load_desk(DESKS[which], 40, Vec::new());
        let plan: Vec<(u64, Intervention)> = drawn.iter().map(|&(step, server, attendant, down)| {
            let server = server % plain.servers.len();
            let attendant = attendant % plain.servers[server].attendants.len();
            let change = if down { Change::TakeDown } else { Change::Repair };
            (step, Intervention { server: server as u32, attendant: attendant as u32, change })
        }).collect();
        let mut digests = Vec::new();
        let mut patch = String::new();
        for runtime in RUNTIMES {
            let hand = Hand::new(plan.clone());
            let around = Surroundings { conductor: &hand, recorder: &() };
            let lived = desk::run(&plain, 0, runtime, Recording::Nothing, around).unwrap();
            patch = hand.control.journal().patch(&plain);
            digests.push(lived.digest);
        }
        let patch = Patch { name: "patch.toml".to_owned(), text: patch };
        let patched = load_desk(DESKS[which], 40, vec![patch]);
        for runtime in RUNTIMES {
            digests.push(outcome(&patched, 0, runtime).digest);
        }
        prop_assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
    }
}

#[test]
fn taking_down_changes_the_run_and_repairing_ends_it() {
    let plain = load_desk("desk", 60, Vec::new());
    let deed = |step, change| {
        let intervention = Intervention {
            server: 1,
            attendant: 2,
            change,
        };
        (step, intervention)
    };
    let hand = Hand::new(vec![deed(10, Change::TakeDown), deed(30, Change::Repair)]);
    let watch = DeskWatch::new(&plain);
    let around = Surroundings {
        conductor: &hand,
        recorder: &watch,
    };
    let lived = desk::run(&plain, 0, Runtime::Inline, Recording::Everything, around).unwrap();
    assert_ne!(lived.digest, outcome(&plain, 0, Runtime::Inline).digest);
    let text = hand.control.journal().patch(&plain);
    assert!(
        text.contains(r#"{ step = 10, attendant = "B-3", event = "fault" }"#),
        "{text}"
    );
    assert!(
        text.contains(r#"{ step = 30, attendant = "B-3", event = "repair" }"#),
        "{text}"
    );
}

fn lines() -> Vec<(&'static str, Tandem)> {
    let line = |name| {
        let path = format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let overrides = Overrides {
            set: [("horizon.customers", "400"), ("horizon.warm_up", "0")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .to_vec(),
            ..Overrides::default()
        };
        match load(Origin::File(path.as_ref()), &overrides)
            .unwrap()
            .scenario
        {
            Scenario::Tandem(line) => (name, line),
            Scenario::Desk(_) => unreachable!("{name} is a line"),
        }
    };
    ["clinic", "two-stage", "buffers"].map(line).to_vec()
}

/// The state of a stage at an instant, computed from the visits.
fn truth(line: &Tandem, passages: &[Passage], stage: usize, clock: f64) -> StageRoom {
    let mut servers = vec![ServerState::Idle; line.stages[stage].expect_plain().servers as usize];
    let (mut waiting, mut departed) = (0, 0);
    for visit in passages.iter().flat_map(|passage| &passage.visits) {
        if visit.stage as usize != stage || visit.arrival > clock {
            continue;
        }
        let customer = visit.customer;
        let server = visit.server as usize - 1;
        if visit.departure <= clock {
            departed += 1;
        } else if visit.service_end <= clock {
            servers[server] = ServerState::Blocked { customer };
        } else if visit.service_start <= clock {
            servers[server] = ServerState::Busy { customer };
        } else {
            waiting += 1;
        }
    }
    StageRoom {
        name: line.stages[stage].name.clone(),
        buffer: line.stages[stage].buffer,
        waiting,
        servers,
        in_service: None,
        departed,
    }
}

/// Looks at the state before every turn, as a view that paces the run would.
struct Looks<'a> {
    watch: &'a LineWatch,
    rooms: Mutex<Vec<LineRoom>>,
}

impl Conductor for Looks<'_> {
    fn before(&self, clock: f64) -> Wish {
        let mut rooms = self.rooms.lock().unwrap();
        if clock > rooms.last().map_or(0.0, |last| last.clock) {
            rooms.push(self.watch.room(clock));
        }
        Wish::Go
    }
}

/// Keeps the passages, and passes the records to the watch.
struct Kept<'a> {
    watch: &'a LineWatch,
    passages: Mutex<Vec<Passage>>,
}

impl Recorder<Happening> for Kept<'_> {
    fn record(&self, records: &mut Vec<Happening>) {
        self.watch.record(records);
        let mut passages = self.passages.lock().unwrap();
        for record in records.drain(..) {
            if let Happening::Passage(passage) = record {
                passages.push(passage);
            }
        }
    }
}

#[test]
fn the_room_of_a_line_is_what_the_visits_say_at_every_turn() {
    for (name, line) in lines() {
        let watch = LineWatch::new(&line);
        let looks = Looks {
            watch: &watch,
            rooms: Mutex::default(),
        };
        let kept = Kept {
            watch: &watch,
            passages: Mutex::default(),
        };
        let around = Surroundings {
            conductor: &looks,
            recorder: &kept,
        };
        let watched =
            tandem::run(&line, 0, Runtime::Inline, 1, Recording::Everything, around).unwrap();
        let quiet = Surroundings {
            conductor: &(),
            recorder: &(),
        };
        let quiet = tandem::run(&line, 0, Runtime::Inline, 256, Recording::Nothing, quiet).unwrap();
        assert_eq!(watched.digest, quiet.digest, "{name}");
        let passages = kept.passages.into_inner().unwrap();
        let rooms = looks.rooms.into_inner().unwrap();
        assert!(rooms.len() > 100, "{name}: {} rooms", rooms.len());
        for room in rooms {
            for (stage, shown) in room.stages.iter().enumerate() {
                assert_eq!(
                    *shown,
                    truth(&line, &passages, stage, room.clock),
                    "{name} at {}",
                    room.clock
                );
            }
        }
        let end = watch.room(watch.last_departure());
        assert_eq!(end.counts.arrived, watched.summary.customers.arrived);
        assert_eq!(end.counts.departed, watched.summary.customers.departed);
        assert_eq!(end.counts.lost, watched.summary.customers.lost);
    }
}
