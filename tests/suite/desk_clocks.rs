//! Desks on either clock agree with the reference of both: every row of every table, every measure, on every engine;
//! ranks, speeds, the central queue, the limit of the system; and a desk of steps is one in continuous time on whole
//! times.

use crate::desk_cases::{Tables, class, plain, server, tables};
use crate::desk_clock_reference::{Chance, Drawn, Outcome, Place, Spell, simulate};
use filas::actor::Runtime;
use filas::desk::DeskSummary;
use filas::random::laws::Constant;
use filas::random::{Law, Purpose, Rounding, Stream};
use filas::scenario::{
    Desk, DeskArrivals, DeskHorizon, Dispatch, FaultClock, Faults, InterruptedWork, Loss, Overflow,
    Queue, RecordedRequest, Retry, ScriptEntry, ScriptEvent, ServerGroup, ServiceLevel, Shift,
    ShiftLeaving, Skill, Timeout,
};
use filas::station::RequestOutcome;
use filas::stats::{Statistics, Tally};
use filas::time::Time;
use proptest::prelude::*;

/// The draws of a run, from the desk's own streams.
struct Draws {
    dispatch: Stream,
    speed: Rounding,
    wrap_up: Rounding,
}

impl Draws {
    fn of(desk: &Desk) -> Draws {
        Draws {
            dispatch: Stream::new(desk.seed, 0, "supervisor", Purpose::Dispatch),
            speed: Rounding::new(desk.seed, 0, "speed"),
            wrap_up: Rounding::new(desk.seed, 0, "wrap-up"),
        }
    }
}

impl Chance for Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.dispatch.below(bound as u64) as usize
    }

    fn whole(&mut self, value: f64, request: usize, attempts: u64) -> f64 {
        self.speed.nth(value, (request as u64, attempts))
    }

    fn whole_wrap_up(&mut self, value: f64, request: usize, attempts: u64) -> f64 {
        self.wrap_up.from_zero(value, (request as u64, attempts))
    }
}

/// The recorded requests of a desk on its clock.
fn drawn(desk: &Desk) -> Vec<Drawn> {
    let DeskArrivals::Recorded(requests) = &desk.arrivals else {
        unreachable!("these desks have recorded requests")
    };
    let one = |(client, request): (usize, &RecordedRequest)| {
        let class = &desk.classes[request.class];
        let timeout = class.timeout.as_ref();
        let retry = class.retry.as_ref();
        let retry = retry.filter(|retry| retry.probability == 1.0 && retry.most != Some(0));
        Drawn {
            arrival: desk.on_clock(request.arrival).get(),
            class: request.class,
            service: request.service.unwrap(),
            patience: request.patience,
            wrap_up: class.wrap_up.as_ref().map_or(0.0, Law::mean),
            timeout: timeout.map(|timeout| timeout.after.mean()),
            withdraw: timeout.is_some_and(|timeout| timeout.withdraw),
            client: client + 1,
            attempt: 1,
            delay: retry.map(|retry| retry.delay.mean()),
        }
    };
    requests.iter().enumerate().map(one).collect()
}

fn reference(desk: &Desk) -> Outcome {
    simulate(desk, &drawn(desk), &mut Draws::of(desk))
}

fn near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * (1.0 + one.abs()),
        _ => one == other,
    }
}

fn statistics_of(values: impl Iterator<Item = f64>) -> Statistics {
    let mut tally = Tally::default();
    values.for_each(|value| tally.add(value));
    tally.statistics()
}

fn same_statistics(got: &Statistics, values: impl Iterator<Item = f64>, what: &str) {
    let wanted = statistics_of(values);
    assert_eq!(
        (got.n, got.min, got.max),
        (wanted.n, wanted.min, wanted.max),
        "{what}"
    );
    assert!(
        near(got.mean, wanted.mean) && near(got.sd, wanted.sd),
        "{what}: {got:?} {wanted:?}"
    );
}

/// Compares one run with the reference.
fn assert_equal(desk: &Desk, got: &Tables, wanted: &Outcome) {
    assert_eq!(got.requests.len(), wanted.requests.len(), "requests");
    for (row, other) in got.requests.iter().zip(&wanted.requests) {
        let outcome = match other.place {
            Place::Ended(outcome) => outcome,
            _ => RequestOutcome::InSystem,
        };
        let served_by = row.server.zip(row.attendant);
        let same = row.class as usize == other.drawn.class
            && row.arrival.get() == other.drawn.arrival
            && row.first_start.map(Time::get) == other.first_start
            && (row.end.map(Time::get), row.outcome) == (other.end, outcome)
            && row.attempts == other.attempts
            && (row.client as usize, row.attempt) == (other.drawn.client, other.drawn.attempt)
            && row.gone.map(Time::get) == other.gone
            && served_by.map(|(s, a)| (s as usize, a as usize)) == other.served_by;
        assert!(same, "{row:?}\n{other:?}");
    }
    let changes = got.faults.iter().map(|row| {
        let place = (row.server as usize, row.attendant as usize);
        let request = row.request.map(|id| id as usize);
        (row.time.get(), place.0, place.1, row.event, request)
    });
    assert_eq!(changes.collect::<Vec<_>>(), wanted.changes);
    let levels = got.steps.iter().map(|row| {
        let levels = [
            row.buffer,
            row.handed_over,
            row.waiting_at_servers,
            row.in_service,
            row.on_duty,
            row.attendants_up,
        ];
        (row.time.get(), levels.map(|level| level as usize))
    });
    assert_eq!(
        changes_of(levels),
        changes_of(wanted.levels.iter().copied())
    );
    assert_same_measures(desk, &got.outcome.summary, wanted);
}

/// The rows in which a level is another than before.
fn changes_of(rows: impl Iterator<Item = (f64, [usize; 6])>) -> Vec<(f64, [usize; 6])> {
    let mut rows: Vec<_> = rows.collect();
    rows.dedup_by(|next, before| next.1 == before.1);
    rows
}

/// The window: from the end of the warm-up to the last arrival, or the end of a run that ended before.
fn window(desk: &Desk, wanted: &Outcome) -> (f64, f64) {
    let until = desk.on_clock(desk.span()).get();
    let from = desk.on_clock(desk.warm_up).get();
    (from, until.min(wanted.end).max(from))
}

fn overlap((from, until): (f64, f64), begin: f64, end: f64) -> f64 {
    (end.min(until) - begin.max(from)).max(0.0)
}

fn assert_same_measures(desk: &Desk, got: &DeskSummary, wanted: &Outcome) {
    let (from, until) = window(desk, wanted);
    let measured = |request: &&crate::desk_clock_reference::Request| request.drawn.arrival >= from;
    let requests = || wanted.requests.iter().filter(measured);
    let ended = |of: RequestOutcome| requests().filter(move |one| one.place == Place::Ended(of));
    let within = |one: &crate::desk_clock_reference::Request| {
        desk.classes[one.drawn.class]
            .service_level
            .map(|level| level.within)
    };
    let waits = || requests().filter_map(|one| Some(one.first_start? - one.drawn.arrival));
    let gone = || ended(RequestOutcome::Abandoned).map(|one| one.end.unwrap() - one.drawn.arrival);
    let last_step = if desk.steps().is_some() { 1.0 } else { 0.0 };
    let completed = || ended(RequestOutcome::Completed);
    let sojourn = completed().map(|one| one.end.unwrap() - one.drawn.arrival + last_step);
    assert_eq!(got.requests.measured, requests().count() as u64);
    assert_eq!(got.requests.generated, wanted.requests.len() as u64);
    same_statistics(&got.waiting, waits(), "waiting");
    same_statistics(&got.sojourn, sojourn, "sojourn");
    same_statistics(&got.service, completed().map(|one| one.served), "service");
    same_statistics(&got.time_to_abandon, gone(), "time to abandon");
    let (answered, rejected) = (waits().count(), ended(RequestOutcome::Rejected).count());
    let unanswered = ended(RequestOutcome::TimedOut).filter(|one| one.first_start.is_none());
    let unanswered: Vec<_> = unanswered.collect();
    let offered = answered + rejected + gone().count() + unanswered.len();
    let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    assert_eq!(got.lost.abandoned, share(gone().count(), offered));
    assert_eq!(got.lost.rejected, share(rejected, offered));
    assert_eq!(
        got.lost.failed,
        share(ended(RequestOutcome::Failed).count(), offered)
    );
    let timed_out = ended(RequestOutcome::TimedOut).count();
    assert_eq!(got.lost.timed_out, share(timed_out, offered));
    let too_long = unanswered.iter();
    let too_long = too_long.map(|one| one.end.unwrap() - one.drawn.arrival);
    let waited = waits().chain(gone()).chain(too_long);
    let waited = waited.filter(|&wait| wait > 0.0).count();
    assert_eq!(got.waited_fraction, share(waited, offered - rejected));
    // The five formulas, over requests of classes with a service level.
    let levelled = || requests().filter(|one| within(one).is_some());
    let wait =
        |one: &crate::desk_clock_reference::Request| Some(one.first_start? - one.drawn.arrival);
    let begun = |one: &&crate::desk_clock_reference::Request| one.first_start.is_some();
    let waits_still = |one: &&crate::desk_clock_reference::Request| !one.for_nobody;
    let answered = levelled().filter(begun).filter(waits_still).count();
    let nobody = levelled().filter(|one| one.for_nobody).count();
    let unanswered = unanswered
        .iter()
        .filter(|one| within(one).is_some())
        .count();
    let in_time = levelled()
        .filter(waits_still)
        .filter(|one| wait(one).is_some_and(|wait| wait <= within(one).unwrap()));
    let in_time = in_time.count();
    let rejected = levelled().filter(|one| one.place == Place::Ended(RequestOutcome::Rejected));
    let left = levelled().filter(|one| one.place == Place::Ended(RequestOutcome::Abandoned));
    let (quick, late): (Vec<_>, Vec<_>) =
        left.partition(|one| one.end.unwrap() - one.drawn.arrival <= within(one).unwrap());
    let (quick, late) = (quick.len(), late.len());
    let offered = answered + rejected.count() + quick + late + nobody + unanswered;
    match got.service_level {
        None => assert!(
            desk.classes
                .iter()
                .all(|class| class.service_level.is_none())
        ),
        Some(level) => {
            assert_eq!(level.of_offered, share(in_time, offered));
            assert_eq!(level.of_answered, share(in_time, answered));
            assert_eq!(level.of_offered_less_quick, share(in_time, offered - quick));
            assert_eq!(level.with_quick, share(in_time + quick, offered));
            assert_eq!(level.of_answered_and_late, share(in_time, answered + late));
        }
    }
    assert_same_clients(got, wanted, (from, until));
    assert_same_levels(desk, got, wanted, (from, until));
    assert_same_times(got, wanted, (from, until));
    if let Some(clock) = got.clock {
        let stop = matches!(desk.horizon, DeskHorizon::Until { stop: true, .. });
        let stopped = desk.overflow == Overflow::Stop && wanted.overflows > 0;
        let ends = wanted.requests.iter();
        let ends = ends.filter(|one| one.place != Place::Ended(RequestOutcome::Rejected));
        let last = ends.filter_map(|one| one.end).fold(0.0, f64::max);
        assert_eq!(clock, if stop || stopped { wanted.end } else { last });
    }
}

/// Clients, their tries, and what the work was for.
fn assert_same_clients(got: &DeskSummary, wanted: &Outcome, (from, until): (f64, f64)) {
    let first = |client: usize| {
        let mut tries = wanted.requests.iter();
        let first = tries.find(|one| one.drawn.client == client);
        first.unwrap().drawn.arrival >= from
    };
    let firsts = wanted.requests.iter().filter(|one| one.drawn.attempt == 1);
    let clients = firsts.filter(|one| first(one.drawn.client)).count();
    let tries = wanted
        .requests
        .iter()
        .filter(|one| first(one.drawn.client))
        .count();
    assert_eq!(got.clients, clients as u64);
    let each = (clients > 0).then(|| tries as f64 / clients as f64);
    assert!(
        near(got.tries_per_client, each),
        "{:?} {each:?}",
        got.tries_per_client
    );
    let all = || wanted.requests.iter();
    let completed = |one: &&crate::desk_clock_reference::Request| {
        one.place == Place::Ended(RequestOutcome::Completed)
    };
    let late = all()
        .filter(completed)
        .filter(|one| one.gone.is_some())
        .count();
    assert_eq!(got.requests.late, late as u64);
    let ended = |of: RequestOutcome| all().filter(|one| one.place == Place::Ended(of)).count();
    assert_eq!(
        got.requests.timed_out,
        ended(RequestOutcome::TimedOut) as u64
    );
    let measured = || all().filter(|one| one.drawn.arrival >= from);
    let in_time = measured()
        .filter(completed)
        .filter(|one| one.gone.is_none());
    let in_time = in_time.count() as u64;
    assert_eq!(got.completed_in_time, in_time);
    let window = until - from;
    let goodput = (window > 0.0).then(|| in_time as f64 / window);
    assert!(near(got.goodput, goodput), "{:?} {goodput:?}", got.goodput);
    let wasted = measured().map(|one| {
        let kept = match one.place {
            Place::Ended(RequestOutcome::Completed) => one.gone.is_none(),
            Place::Ended(_) => false,
            _ => one.gone.is_none(),
        };
        one.worked - if kept { one.served } else { 0.0 }
    });
    let wasted = wasted.sum::<f64>();
    assert!(
        near(Some(got.wasted_work), Some(wasted)),
        "{} {wasted}",
        got.wasted_work
    );
}

/// Means over time and greatest levels.
fn assert_same_levels(desk: &Desk, got: &DeskSummary, wanted: &Outcome, window: (f64, f64)) {
    let length = window.1 - window.0;
    let spells = |level: &dyn Fn(usize) -> usize| {
        let (mut area, mut most) = (0.0, 0);
        for at in 0..wanted.levels.len() {
            let begin = wanted.levels[at].0;
            let next = wanted.levels.get(at + 1).map_or(wanted.end, |row| row.0);
            let lasts = overlap(window, begin, next);
            area += lasts * level(at) as f64;
            if lasts > 0.0 {
                most = most.max(level(at) as u64);
            }
        }
        (area, most)
    };
    let mean = |area: f64| (length > 0.0).then(|| area / length);
    let (area, most) = spells(&|at| wanted.levels[at].1[0]);
    assert!(near(got.buffer.mean, mean(area)), "{:?} {area}", got.buffer);
    assert_eq!(got.buffer.max, (length > 0.0).then_some(most));
    let until = desk.on_clock(desk.span()).get();
    let last = wanted.levels.iter().rev().find(|row| row.0 <= until);
    let last = last.map(|row| row.1[0] as u64).filter(|_| length > 0.0);
    assert_eq!(got.buffer.last, last);
    for (index, server) in got.servers.iter().enumerate() {
        let (area, most) = spells(&|at| wanted.held[at][index]);
        assert!(
            near(server.held.mean, mean(area)),
            "{:?} {area}",
            server.held
        );
        assert_eq!(server.held.max, (length > 0.0).then_some(most));
    }
}

/// What attendants did.
fn assert_same_times(got: &DeskSummary, wanted: &Outcome, window: (f64, f64)) {
    let attendants = got.servers.iter().flat_map(|server| &server.attendants);
    let length = window.1 - window.0;
    let mut all = [0.0; 4];
    for (who, attendant) in attendants.enumerate() {
        let sum = |spells: &[Spell]| {
            let own = spells.iter().filter(|spell| spell.0 == who);
            own.map(|spell| overlap(window, spell.1, spell.2))
                .sum::<f64>()
        };
        let (busy, down, off) = (sum(&wanted.busy), sum(&wanted.down), sum(&wanted.off));
        let parts = [busy, length - busy - down - off, down, off];
        let slow = attendant
            .slow_time
            .or(attendant.slow_steps.map(|steps| steps as f64));
        assert!(near(slow, Some(sum(&wanted.slow))), "{slow:?}");
        let counts = (attendant.faults as usize, attendant.repairs as usize);
        assert_eq!(counts, (wanted.faults[who], wanted.repairs[who]));
        for (sum, (part, other)) in all.iter_mut().zip(attendant.spent().iter().zip(parts)) {
            assert!(
                near(Some(*part), Some(other)),
                "{:?} {parts:?}",
                attendant.spent()
            );
            *sum += other;
        }
    }
    let [busy, idle, ..] = all;
    let occupancy = (busy + idle > 0.0).then(|| busy / (busy + idle));
    assert!(
        near(got.occupancy, occupancy),
        "{:?} {occupancy:?}",
        got.occupancy
    );
}

/// Runs a desk on every engine and compares with the reference.
fn agrees(desk: &Desk, seed: u64) {
    let wanted = reference(desk);
    let inline = tables(desk, 0, Runtime::Inline).unwrap();
    assert_equal(desk, &inline, &wanted);
    let runtimes = [
        Runtime::Threads {
            channel_capacity: [0, 1, 64][seed as usize % 3],
        },
        Runtime::Explore {
            channel_capacity: [0, 1, 2][seed as usize % 3],
            seed,
        },
    ];
    for runtime in runtimes {
        let other = tables(desk, 0, runtime).unwrap();
        assert_eq!(other.outcome.digest, inline.outcome.digest, "{runtime:?}");
        assert_eq!(other.requests, inline.requests);
        assert_eq!(other.steps, inline.steps);
        assert_eq!(other.faults, inline.faults);
    }
}

fn servers(classes: usize) -> impl Strategy<Value = Vec<ServerGroup>> {
    let speed = prop_oneof![3 => Just(1.0), 1 => Just(0.5), 1 => Just(2.0)];
    let skill = (1i64..3, speed);
    let skills = prop::sample::subsequence((0..classes).collect::<Vec<_>>(), 1..=classes)
        .prop_flat_map(move |classes| {
            let each = prop::collection::vec(skill.clone(), classes.len());
            (Just(classes), each).prop_map(|(classes, each)| {
                let skill = |(class, (rank, speed))| Skill { class, rank, speed };
                classes.into_iter().zip(each).map(skill).collect::<Vec<_>>()
            })
        });
    let server = (
        prop::option::of(1u64..5),
        prop::collection::vec(skills, 1..4),
    );
    prop::collection::vec(server, 1..4).prop_map(|drawn| {
        ('A'..)
            .zip(drawn)
            .map(|(name, (capacity, attendants))| ServerGroup {
                capacity,
                ..ServerGroup::new(&name.to_string(), attendants)
            })
            .collect()
    })
}

/// Entries at multiples of a half, which in steps are made whole.
fn script(servers: Vec<ServerGroup>) -> impl Strategy<Value = Vec<ScriptEntry>> {
    let entry = (
        0u32..40,
        0..servers.len(),
        prop::option::of(0usize..3),
        prop_oneof![
            3 => prop::option::of(0u32..8).prop_map(Some),
            2 => Just(None),
        ],
        prop_oneof![3 => Just(None), 1 => Just(Some(0.5)), 1 => Just(Some(0.25))],
    )
        .prop_map(
            move |(halves, server, attendant, event, slow)| ScriptEntry {
                at: Time::at(f64::from(halves) / 2.0),
                server,
                attendant: attendant.map(|number| number % servers[server].attendants.len()),
                event: match event {
                    Some(down_for) => {
                        let down_for = down_for.map(|halves| f64::from(halves) / 2.0);
                        match slow {
                            Some(factor) => ScriptEvent::Slow { down_for, factor },
                            None => ScriptEvent::Fault { down_for },
                        }
                    }
                    None => ScriptEvent::Repair,
                },
            },
        );
    prop::collection::vec(entry, 0..6)
}

/// Spells, repeat and leaving.
type ShiftKind = (Vec<[f64; 2]>, Option<f64>, ShiftLeaving);

/// Shifts at multiples of a half, and which attendant has which.
fn shifts(servers: Vec<ServerGroup>) -> impl Strategy<Value = (Vec<Shift>, Vec<ServerGroup>)> {
    let spell = (0u32..40, 1u32..20).prop_map(|(from, lasts)| {
        let from = f64::from(from) / 2.0;
        [from, from + f64::from(lasts) / 2.0]
    });
    let leaving = prop_oneof![Just(ShiftLeaving::Finish), Just(ShiftLeaving::HandOver)];
    let shift = (
        prop::collection::vec(spell, 1..4),
        prop::option::of((8u32..30).prop_map(|halves| f64::from(halves) / 2.0)),
        leaving,
    );
    let everyone: usize = servers.iter().map(|server| server.attendants.len()).sum();
    let whose = prop::collection::vec(prop::option::of(any::<prop::sample::Index>()), everyone);
    (prop::collection::vec(shift, 0..3), whose).prop_map(move |(drawn, whose)| {
        let shift = |(number, (spells, repeat, leaving)): (usize, ShiftKind)| Shift {
            name: format!("shift{number}"),
            spells,
            repeat,
            leaving,
        };
        let shifts: Vec<Shift> = drawn.into_iter().enumerate().map(shift).collect();
        let mut servers = servers.clone();
        if !shifts.is_empty() {
            let mut whose = whose
                .iter()
                .map(|one| one.map(|index| index.index(shifts.len())));
            for server in &mut servers {
                server.shifts = whose.by_ref().take(server.attendants.len()).collect();
            }
        }
        (shifts, servers)
    })
}

/// Faults by chance after times that do not vary, at multiples of a half.
fn chance() -> impl Strategy<Value = Faults> {
    let halves = |range: std::ops::Range<u32>| range.prop_map(|halves| f64::from(halves) / 2.0);
    let always = |value: f64| Law::Constant(Constant { value });
    (
        prop::option::of(halves(1..16)),
        any::<bool>(),
        prop::option::of(halves(0..8)),
        prop::option::of(1u32..3),
        prop_oneof![2 => Just(None), 1 => Just(Some(0.5))],
    )
        .prop_map(move |(every, busy, repair, crew, slow)| match every {
            None => Faults::default(),
            Some(every) => Faults {
                every: Some(always(every)),
                clock: if busy {
                    FaultClock::Busy
                } else {
                    FaultClock::Calendar
                },
                repair: repair.map(always),
                crew,
                slow,
                ..Faults::default()
            },
        })
}

/// Recorded requests at multiples of a half.
fn day(classes: usize) -> impl Strategy<Value = Vec<RecordedRequest>> {
    let halves = |most: u32| (0..most).prop_map(|halves| f64::from(halves) / 2.0);
    let one = (
        halves(40),
        0..classes,
        halves(12),
        prop::option::of(halves(8)),
    );
    prop::collection::vec(one, 0..40).prop_map(|mut drawn| {
        drawn.sort_by(|one, other| one.0.total_cmp(&other.0));
        let request = |(arrival, class, service, patience)| RecordedRequest {
            arrival,
            class,
            service: Some(service),
            patience,
        };
        drawn.into_iter().map(request).collect()
    })
}

/// Priority, service level in halves, and what becomes of clients.
type Kind = (i64, Option<u32>, ClientKind);
type ClientKind = (Option<f64>, Option<Timeout>, Option<Retry>);

/// What becomes of clients of a class: the work after, time-outs, further tries; at multiples of a half.
fn clients() -> impl Strategy<Value = ClientKind> {
    let halves = |range: std::ops::Range<u32>| range.prop_map(|halves| f64::from(halves) / 2.0);
    let always = |value: f64| Law::Constant(Constant { value });
    let timeout = (halves(0..10), any::<bool>()).prop_map(move |(after, withdraw)| Timeout {
        after: always(after),
        withdraw,
    });
    let losses = vec![
        Loss::Rejected,
        Loss::Abandoned,
        Loss::TimedOut,
        Loss::Failed,
    ];
    let after = prop::sample::subsequence(losses, 1..=4);
    let retry = (after, halves(0..8), 0u64..4).prop_map(move |(after, delay, most)| Retry {
        after,
        probability: 1.0,
        delay: always(delay),
        most: Some(most),
    });
    (
        prop::option::of(halves(0..6)),
        prop::option::of(timeout),
        prop::option::of(retry),
    )
}

fn rules() -> impl Strategy<Value = Desk> {
    let policy = prop_oneof![
        Just(Dispatch::FirstAvailable),
        Just(Dispatch::RoundRobin),
        Just(Dispatch::Random),
        Just(Dispatch::LeastLoaded),
        Just(Dispatch::PowerOfTwo),
        Just(Dispatch::LongestIdle),
    ];
    let work = prop_oneof![
        Just(InterruptedWork::Restart),
        Just(InterruptedWork::Resume),
        Just(InterruptedWork::Lost)
    ];
    let limits = (
        prop::option::of(1u64..10),
        prop::option::of(0u64..6),
        prop_oneof![4 => Just(Overflow::Reject), 1 => Just(Overflow::Stop)],
        prop::option::of(1u64..4),
    );
    (
        policy,
        work,
        limits,
        any::<[bool; 3]>(),
        any::<u64>(),
        0u32..10,
    )
        .prop_map(
            |(dispatch, work, limits, [central, rebalance, stop], seed, warm_up)| {
                let mut desk = plain(1);
                desk.seed = seed;
                desk.horizon = DeskHorizon::Until { until: 17.5, stop };
                desk.warm_up = f64::from(warm_up.saturating_sub(5)) / 2.0;
                desk.queue = if central {
                    Queue::Central
                } else {
                    Queue::Servers
                };
                desk.dispatch = dispatch;
                desk.rebalance = rebalance;
                desk.faults.work = work;
                (desk.system_capacity, desk.buffer) = (limits.0, limits.1);
                (desk.overflow, desk.max_attempts) = (limits.2, limits.3);
                desk
            },
        )
}

/// Desks in continuous time, where nearly everything ties.
fn desks() -> impl Strategy<Value = Desk> {
    let kind = (-1i64..2, prop::option::of(0u32..6), clients());
    (rules(), prop::collection::vec(kind, 1..4))
        .prop_flat_map(|(desk, drawn)| {
            let classes = drawn.len();
            (Just(desk), Just(drawn), servers(classes), day(classes))
        })
        .prop_flat_map(|(desk, drawn, servers, day)| {
            let script = script(servers.clone());
            let staff = (shifts(servers), chance());
            (Just(desk), Just(drawn), staff, Just(day), script)
        })
        .prop_map(
            |(mut desk, drawn, ((shifts, servers), chance), day, script)| {
                let one =
                    |(number, (priority, within, (wrap_up, timeout, retry))): (usize, Kind)| {
                        let mut one = class(&format!("class{number}"));
                        one.wrap_up = wrap_up.map(|value| Law::Constant(Constant { value }));
                        (one.timeout, one.retry) = (timeout, retry);
                        one.priority = priority;
                        one.service_level = within.map(|halves| ServiceLevel {
                            within: f64::from(halves) / 2.0,
                            target: None,
                        });
                        one
                    };
                desk.classes = drawn.into_iter().enumerate().map(one).collect();
                desk.servers = servers;
                desk.arrivals = DeskArrivals::Recorded(day.into());
                desk.shifts = shifts;
                desk.faults = Faults {
                    script,
                    work: desk.faults.work,
                    ..chance
                };
                desk
            },
        )
}

/// The same desk in steps, or on whole times: everything made whole.
fn whole(desk: &Desk, horizon: DeskHorizon) -> Desk {
    let mut whole = desk.clone();
    whole.horizon = horizon;
    whole.warm_up = whole.warm_up.floor();
    let DeskArrivals::Recorded(day) = &desk.arrivals else {
        unreachable!("these desks have recorded requests")
    };
    let day = day.iter().map(|one| RecordedRequest {
        arrival: one.arrival.floor(),
        service: one.service.map(|lasts| lasts.ceil().max(1.0)),
        patience: one.patience.map(|lasts| lasts.ceil().max(1.0)),
        ..*one
    });
    whole.arrivals = DeskArrivals::Recorded(day.collect());
    for class in &mut whole.classes {
        let up = |law: &mut Law, least: f64| {
            let value = law.mean().ceil().max(least);
            *law = Law::Constant(Constant { value });
        };
        class.wrap_up.iter_mut().for_each(|law| up(law, 0.0));
        class
            .timeout
            .iter_mut()
            .for_each(|timeout| up(&mut timeout.after, 1.0));
        class
            .retry
            .iter_mut()
            .for_each(|retry| up(&mut retry.delay, 1.0));
    }
    for entry in &mut whole.faults.script {
        entry.at = whole_time(horizon, entry.at);
        if let ScriptEvent::Fault { down_for } | ScriptEvent::Slow { down_for, .. } =
            &mut entry.event
        {
            *down_for = down_for.map(|lasts| lasts.ceil().max(1.0));
        }
    }
    for shift in &mut whole.shifts {
        for spell in &mut shift.spells {
            *spell = [spell[0].floor(), spell[1].floor() + 1.0];
        }
        shift.repeat = shift.repeat.map(f64::ceil);
    }
    if matches!(horizon, DeskHorizon::Steps(_)) {
        whole.faults.every = None;
        (whole.faults.crew, whole.faults.slow) = (None, None);
        whole.faults.repair = None;
    }
    whole
}

fn whole_time(horizon: DeskHorizon, at: Time) -> Time {
    let first = match horizon {
        DeskHorizon::Steps(_) => 1.0,
        DeskHorizon::Until { .. } => 0.0,
    };
    Time::at(at.get().floor() + first)
}

proptest! {
    #[test]
    fn every_desk_in_continuous_time_agrees_with_the_reference_on_every_engine(
        desk in desks(),
        seed in 0u64..9,
    ) {
        agrees(&desk, seed);
    }

    #[test]
    fn every_desk_of_steps_with_ranks_and_a_central_queue_agrees_with_the_reference(
        desk in desks(),
        steps in 1u64..22,
        seed in 0u64..9,
    ) {
        let mut desk = whole(&desk, DeskHorizon::Steps(steps));
        desk.warm_up = desk.warm_up.min(steps as f64 - 1.0);
        agrees(&desk, seed);
    }

    #[test]
    fn a_desk_of_steps_is_one_in_continuous_time_on_whole_times(desk in desks()) {
        // Where neither rebalancing nor patience frees a place at a server: see the test of these.
        // A run that a full buffer ends does so at an instant, or with the step that begins then.
        let mut desk = desk;
        desk.rebalance = false;
        desk.overflow = Overflow::Reject;
        (desk.faults.every, desk.faults.repair) = (None, None);
        desk.faults.script.retain(|entry| !matches!(entry.event, ScriptEvent::Slow { .. }));
        let at_servers = desk.queue == Queue::Servers;
        for skill in desk.servers.iter_mut().flat_map(|server| server.attendants.iter_mut().flatten()) {
            skill.speed = 1.0;
        }
        let until = DeskHorizon::Until { until: 20.0, stop: true };
        let (mut stepped, mut timed) = (whole(&desk, DeskHorizon::Steps(21)), whole(&desk, until));
        if at_servers {
            for desk in [&mut stepped, &mut timed] {
                let DeskArrivals::Recorded(day) = &mut desk.arrivals else { unreachable!() };
                std::sync::Arc::make_mut(day).iter_mut().for_each(|one| one.patience = None);
            }
        }
        let stepped = tables(&stepped, 0, Runtime::Inline).unwrap();
        let timed = tables(&timed, 0, Runtime::Inline).unwrap();
        prop_assert_eq!(stepped.requests.len(), timed.requests.len());
        for (step, time) in stepped.requests.iter().zip(&timed.requests) {
            let earlier = |step: Option<Time>| step.map(|step| step.get() - 1.0);
            let first_start = time.first_start.map(Time::get);
            // What ends with the last step ends after the last instant.
            if step.end == Some(Time::of(21)) && step.outcome == RequestOutcome::Completed {
                prop_assert_eq!(time.outcome, RequestOutcome::InSystem);
            } else {
                prop_assert_eq!(step.outcome, time.outcome);
                let end = match step.outcome {
                    RequestOutcome::Completed => step.end.map(Time::get),
                    _ => earlier(step.end),
                };
                prop_assert_eq!(end, time.end.map(Time::get));
            }
            prop_assert_eq!(earlier(step.first_start), first_start);
            prop_assert_eq!((step.attempts, step.server, step.attendant), (time.attempts, time.server, time.attendant));
        }
    }
}

/// Requests as (arrival, class, service, patience).
fn arriving(requests: &[(f64, usize, f64, Option<f64>)]) -> DeskArrivals {
    let one =
        |&(arrival, class, service, patience): &(f64, usize, f64, Option<f64>)| RecordedRequest {
            arrival,
            class,
            service: Some(service),
            patience,
        };
    DeskArrivals::Recorded(requests.iter().map(one).collect())
}

#[test]
fn a_place_freed_by_patience_or_rebalancing_is_given_away_a_step_later() {
    // One attendant, and one place to wait. 1 is served from instant 0 to 4; 2 waits at the server until its
    // patience ends at 2; 3 waits in the buffer, and takes the place of 2: at 2, or in steps at 3.
    let mut desk = plain(9);
    desk.servers[0].capacity = Some(2);
    desk.arrivals = arriving(&[
        (0.0, 0, 4.0, None),
        (0.0, 0, 4.0, Some(2.0)),
        (0.0, 0, 1.0, None),
    ]);
    let until = DeskHorizon::Until {
        until: 8.0,
        stop: false,
    };
    // The instants at which the buffer is empty for the first time, the server holding somebody who waits.
    let taken = |desk: &Desk| {
        let got = tables(desk, 0, Runtime::Inline).unwrap();
        let mut rows = got.steps.into_iter();
        let row = rows.find(|row| row.buffer == 0 && row.waiting_at_servers == 1);
        row.unwrap().time.get() - desk.on_clock(0.0).get()
    };
    assert_eq!(taken(&desk), 3.0);
    desk.horizon = until;
    assert_eq!(taken(&desk), 2.0);

    // 1 is served at A, 2 waits there, 3 is served at B until 2; 4, whom only A serves, waits in the buffer. At 2
    // B takes 2 over, and 4 its place: at once, or in steps at 3.
    let mut desk = plain(9);
    desk.classes = ["a", "b", "c"].map(class).to_vec();
    desk.servers = vec![server("A", &[&[0, 2]]), server("B", &[&[0, 1]])];
    (desk.servers[0].capacity, desk.servers[1].capacity) = (Some(2), Some(1));
    desk.dispatch = Dispatch::FirstAvailable;
    let request = |class, service| (0.0, class, service, None);
    desk.arrivals = arriving(&[
        request(0, 9.0),
        request(0, 9.0),
        request(1, 2.0),
        request(2, 1.0),
    ]);
    assert_eq!(taken(&desk), 3.0);
    desk.horizon = until;
    assert_eq!(taken(&desk), 2.0);
}

#[test]
fn a_service_of_length_zero_ends_in_a_second_round_of_its_instant() {
    // Three requests of no length at one attendant, all at instant 1: each begins when the one before has ended.
    let mut desk = plain(1);
    desk.horizon = DeskHorizon::Until {
        until: 5.0,
        stop: false,
    };
    desk.arrivals = arriving(&[(1.0, 0, 0.0, None); 3]);
    let got = tables(&desk, 0, Runtime::Inline).unwrap();
    assert!(
        got.requests
            .iter()
            .all(|row| row.end == Some(Time::at(1.0)))
    );
    assert_eq!(got.steps.len(), 2);
    assert_eq!(got.outcome.summary.servers[0].held.max, Some(0));
    assert_eq!(got.outcome.summary.waited_fraction, Some(0.0));
}

#[test]
fn a_run_ends_when_nobody_left_can_be_served_or_at_ten_times_its_length() {
    let mut desk = plain(1);
    desk.horizon = DeskHorizon::Until {
        until: 5.0,
        stop: false,
    };
    desk.arrivals = arriving(&[(1.0, 0, 3.0, None), (4.0, 0, 100.0, None)]);
    let run = |desk: &Desk| {
        let got = tables(desk, 0, Runtime::Inline).unwrap();
        let outcomes = got.requests.iter().map(|row| row.outcome);
        (
            outcomes.collect::<Vec<_>>(),
            got.outcome.unfinished,
            got.outcome.summary.clock,
        )
    };
    let (completed, in_system) = (RequestOutcome::Completed, RequestOutcome::InSystem);
    let too_long = Some(filas::desk::Unfinished::TooLong);
    assert_eq!(
        run(&desk),
        (vec![completed, in_system], too_long, Some(4.0))
    );
    desk.faults.script = vec![ScriptEntry {
        at: Time::at(6.0),
        server: 0,
        attendant: None,
        event: ScriptEvent::Fault { down_for: None },
    }];
    let nobody = Some(filas::desk::Unfinished::NobodyServes);
    assert_eq!(run(&desk), (vec![completed, in_system], nobody, Some(4.0)));
    desk.horizon = DeskHorizon::Until {
        until: 5.0,
        stop: true,
    };
    assert_eq!(run(&desk), (vec![completed, in_system], None, Some(5.0)));
}

/// A desk in continuous time from its text.
fn loaded(text: &str) -> Desk {
    use filas::scenario::{Origin, Overrides, load};
    let loaded = load(Origin::Embedded { name: "x", text }, &Overrides::default());
    let loaded = loaded.unwrap_or_else(|error| panic!("{}", error.plain()));
    loaded.scenario.desk().unwrap().clone()
}

/// Two classes at a desk of many attendants.
fn with_arrivals(top: &str, one: &str, two: &str) -> Desk {
    let class = |name: &str, more: &str| {
        format!(
            "[[classes]]\nname = \"{name}\"\nservice = {{ constant = {{ value = 0.25 }} }}\n{more}\n"
        )
    };
    loaded(&format!(
        "model = \"desk\"\nseed = 3\nhorizon = {{ until = 50.0 }}\n{top}\n{}{}\
         [[servers]]\nname = \"A\"\nattendants = [ {{ skills = [\"one\", \"two\"], count = 40 }} ]\n",
        class("one", one),
        class("two", two)
    ))
}

/// When each request came, and its class.
fn arrivals_of(desk: &Desk, replication: u64) -> Vec<(f64, u32)> {
    let got = tables(desk, replication, Runtime::Inline).unwrap();
    let rows = got.requests.iter();
    rows.map(|row| (row.arrival.get(), row.class)).collect()
}

#[test]
fn a_batch_comes_at_one_instant_and_may_be_empty() {
    let batch = "batch = { discrete = { values = [0, 3], probabilities = [0.5, 0.5] } }";
    let times = "arrivals = { times = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], BATCH }"
        .replace("BATCH", batch);
    let other = "arrivals = { interarrival = { constant = { value = 5.0 } }, batch = { constant = { value = 2 } } }";
    let came = arrivals_of(&with_arrivals("", &times, other), 0);
    let ones: Vec<f64> = came
        .iter()
        .filter(|one| one.1 == 0)
        .map(|one| one.0)
        .collect();
    assert!(
        ones.chunks(3)
            .all(|three| three.len() == 3 && three[0] == three[2]),
        "{ones:?}"
    );
    assert!(!ones.is_empty() && ones.len() < 24);
    let twos: Vec<f64> = came
        .iter()
        .filter(|one| one.1 == 1)
        .map(|one| one.0)
        .collect();
    let every: Vec<f64> = (1..=10).flat_map(|k| [5.0 * f64::from(k); 2]).collect();
    assert_eq!(twos, every);
    // At 5 they enter by turns, as far as there are any.
    let at_five: Vec<u32> = came
        .iter()
        .filter(|one| one.0 == 5.0)
        .map(|one| one.1)
        .collect();
    assert!(
        at_five == [1, 1] || at_five == [0, 1, 0, 1, 0],
        "{at_five:?}"
    );
}

#[test]
fn a_busy_day_stretches_all_arrivals_of_a_replication_by_one_factor() {
    let gaps = "arrivals = { interarrival = { constant = { value = 1.0 } } }";
    let rates = "arrivals = { rates = [ { until = 50.0, rate = 4.0 } ] }";
    let busy = with_arrivals("busy_day = { cv = 0.5 }", gaps, rates);
    let plain = with_arrivals("", gaps, rates);
    let mut factors = Vec::new();
    for replication in 0..30 {
        let came = arrivals_of(&busy, replication);
        let ones: Vec<f64> = came
            .iter()
            .filter(|one| one.1 == 0)
            .map(|one| one.0)
            .collect();
        let gap = ones[0];
        assert!(
            ones.windows(2)
                .all(|two| (two[1] - two[0] - gap).abs() < 1e-9)
        );
        let twos = came.iter().filter(|one| one.1 == 1).count() as f64;
        // Poisson of 200 / gap: within six standard deviations.
        assert!(
            (twos - 200.0 / gap).abs() < 6.0 * (200.0 / gap).sqrt(),
            "{twos} {gap}"
        );
        factors.push(1.0 / gap);
        let calm = arrivals_of(&plain, replication);
        assert_eq!(calm.iter().filter(|one| one.1 == 0).count(), 50);
    }
    let mean = factors.iter().sum::<f64>() / 30.0;
    let squares: f64 = factors.iter().map(|factor| (factor - mean).powi(2)).sum();
    // Mean 1 and deviation 0.5, within five standard errors or so.
    assert!(
        (mean - 1.0).abs() < 0.46 && ((squares / 29.0).sqrt() - 0.5).abs() < 0.35,
        "{factors:?}"
    );
}

#[test]
fn a_trace_in_a_class_gives_its_arrivals_alone() {
    let trace = "arrivals = { trace = { arrival = \"t\", values = [ { t = 1.5 }, { t = 1.5 }, { t = 60.0 } ] } }";
    let other = "arrivals = { times = [ 1.5, 2.0 ] }";
    let came = arrivals_of(&with_arrivals("", trace, other), 0);
    assert_eq!(came, [(1.5, 0), (1.5, 1), (1.5, 0), (2.0, 1)]);
}

#[test]
fn schedules_and_kills_leave_a_desk_in_continuous_time_as_it_is() {
    let desk = loaded(
        "model = \"desk\"\nseed = 8\nhorizon = { until = 30.0, warm_up = 2.0 }\n\
         faults = { work = \"resume\", script = [ { at = 7.5, server = \"A\", down_for = 4.0 } ] }\n\
         [[classes]]\nname = \"one\"\narrivals = { interarrival = { exponential = { rate = 2.0 } } }\n\
         service = { exponential = { mean = 1.0 } }\npatience = { exponential = { mean = 3.0 } }\n\
         [[servers]]\nname = \"A\"\nattendants = [ { skills = [\"one\"], count = 2 } ]\n\
         [[servers]]\nname = \"B\"\nattendants = [ { skills = [\"one\"] } ]\n",
    );
    let right = tables(&desk, 0, Runtime::Inline).unwrap().outcome.digest;
    for seed in 0..12 {
        let runtime = Runtime::Explore {
            channel_capacity: seed as usize % 3,
            seed,
        };
        assert_eq!(
            tables(&desk, 0, runtime).unwrap().outcome.digest,
            right,
            "{runtime:?}"
        );
    }
}

/// One class with these keys at one attendant who is always there.
fn of_one(keys: &str) -> Desk {
    loaded(&format!(
        "model = \"desk\"\nhorizon = {{ until = 20.0 }}\n[[classes]]\nname = \"one\"\n{keys}\n\
         [[servers]]\nname = \"A\"\nattendants = [ {{ skills = [\"one\"] }} ]\n"
    ))
}

#[test]
fn an_answer_at_the_instant_of_a_time_out_is_in_time_and_a_service_cannot_begin() {
    // 1 is answered at 3, when its time is over; 2 would begin then, when its time is over too.
    let desk = of_one(
        "arrivals = { times = [ 0.0, 0.0, 0.0 ] }\nservice = { constant = { value = 3.0 } }\n\
         timeout = { after = { constant = { value = 3.0 } }, withdraw = true }",
    );
    let got = tables(&desk, 0, Runtime::Inline).unwrap();
    let outcomes: Vec<_> = got.requests.iter().map(|row| row.outcome).collect();
    let (completed, timed_out) = (RequestOutcome::Completed, RequestOutcome::TimedOut);
    assert_eq!(outcomes, [completed, timed_out, timed_out]);
    let summary = &got.outcome.summary;
    assert_eq!((summary.completed_in_time, summary.wasted_work), (1, 0.0));
    assert_eq!(summary.lost.timed_out, Some(2.0 / 3.0));
}

#[test]
fn work_for_a_client_who_has_gone_is_wasted_and_its_next_try_is_a_request_of_its_own() {
    // Served from 0 to 5, but the client goes at 2 and comes again at 3: that try waits until 5, goes at 5.
    let desk = of_one(
        "arrivals = { times = [ 0.0 ] }\nservice = { constant = { value = 5.0 } }\n\
         timeout = { after = { constant = { value = 2.0 } } }\n\
         retry = { after = [\"timed-out\"], delay = { constant = { value = 1.0 } }, most = 1 }",
    );
    let got = tables(&desk, 0, Runtime::Inline).unwrap();
    let rows = got.requests.iter();
    let rows: Vec<_> = rows
        .map(|row| {
            (
                row.client,
                row.attempt,
                row.arrival.get(),
                row.gone.map(Time::get),
                row.end.map(Time::get),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (1, 1, 0.0, Some(2.0), Some(5.0)),
            (1, 2, 3.0, Some(5.0), Some(10.0))
        ]
    );
    let summary = &got.outcome.summary;
    assert_eq!((summary.clients, summary.tries_per_client), (1, Some(2.0)));
    assert_eq!(
        (summary.requests.late, summary.wasted_work, summary.goodput),
        (2, 10.0, Some(0.0))
    );
}

#[test]
fn the_work_after_a_service_keeps_the_attendant_and_is_no_part_of_the_service() {
    let desk = of_one(
        "arrivals = { times = [ 0.0, 1.0 ] }\nservice = { constant = { value = 2.0 } }\n\
         wrap_up = { constant = { value = 1.5 } }",
    );
    let got = tables(&desk, 0, Runtime::Inline).unwrap();
    let starts: Vec<_> = got
        .requests
        .iter()
        .map(|row| row.first_start.map(Time::get))
        .collect();
    assert_eq!(starts, [Some(0.0), Some(3.5)]);
    let summary = &got.outcome.summary;
    assert_eq!(
        (summary.service.mean, summary.sojourn.max),
        (Some(2.0), Some(4.5))
    );
    let attendant = &summary.servers[0].attendants[0];
    assert_eq!(attendant.busy_time, Some(7.0));
}
