//! Desks on either clock agree with the reference of both: every row of every table, every measure, on every engine;
//! ranks, speeds, the central queue, the limit of the system; and a desk of steps is one in continuous time on whole
//! times.

use crate::desk_cases::{Tables, class, plain, server, tables, tried};
use crate::desk_clock_cases::{desks, desks_of_steps, whole};
use crate::desk_clock_draws::{Draws, arrivals};
use crate::desk_clock_measures::assert_same_measures;
use crate::desk_clock_reference::{Outcome, Place, simulate};
use filas::actor::Runtime;
use filas::actor::trial::{Schedule, Strategy};
use filas::scenario::{
    Desk, DeskArrivals, DeskHorizon, Dispatch, Overflow, Queue, RecordedRequest, ScriptEntry,
    ScriptEvent,
};
use filas::station::{RequestOutcome, StepRecord};
use filas::time::Time;
use proptest::prelude::{prop_assert_eq, proptest};
use std::sync::Arc;

fn reference(desk: &Desk) -> Outcome {
    simulate(desk, &arrivals(desk, 0), &mut Draws::of(desk, 0))
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
    if desk.steps().is_some() {
        for row in &got.steps {
            assert_eq!(counts(row), counts_of(wanted, row.time.get()), "{row:?}");
        }
    }
    assert_same_measures(desk, &got.outcome.summary, wanted);
}

/// What happened in a step: requests generated, sent to servers, handed over or moved, cut off; rejected, completed,
/// abandoned, failed, withdrawn.
fn counts(row: &StepRecord) -> [u64; 9] {
    [
        row.generated,
        row.dispatched,
        row.reallocated,
        row.interrupted,
        row.rejected,
        row.completed,
        row.abandoned,
        row.failed,
        row.timed_out,
    ]
}

fn counts_of(wanted: &Outcome, step: f64) -> [u64; 9] {
    let requests = wanted.requests.iter();
    let generated = requests.filter(|one| one.drawn.arrival == step).count() as u64;
    let ended = |of: RequestOutcome| {
        let ended = wanted.requests.iter();
        let ended = ended.filter(|one| one.place == Place::Ended(of) && one.end == Some(step));
        ended.count() as u64
    };
    let moves = wanted.moves.iter().find(|turn| turn.0 == step);
    let [dispatched, reallocated, interrupted] = moves.map_or([0; 3], |turn| turn.1);
    [
        generated,
        dispatched,
        reallocated,
        interrupted,
        ended(RequestOutcome::Rejected),
        ended(RequestOutcome::Completed),
        ended(RequestOutcome::Abandoned),
        ended(RequestOutcome::Failed),
        ended(RequestOutcome::TimedOut),
    ]
}

/// The rows in which a level is another than before.
fn changes_of(rows: impl Iterator<Item = (f64, [usize; 6])>) -> Vec<(f64, [usize; 6])> {
    let mut rows: Vec<_> = rows.collect();
    rows.dedup_by(|next, before| next.1 == before.1);
    rows
}

/// Runs a desk on every engine, with actors killed and not, and compares with the reference.
fn agrees(desk: &Desk, seed: u64) {
    let wanted = reference(desk);
    let inline = tables(desk, 0, Runtime::Inline).unwrap();
    assert_equal(desk, &inline, &wanted);
    let channel_capacity = [0, 1, 64][seed as usize % 3];
    let schedule = |strategy, kills| Schedule {
        strategy,
        seed,
        channel_capacity,
        chunk: 1,
        kills,
    };
    let killed = match seed {
        0 => Strategy::Threads,
        _ => Strategy::Random,
    };
    let others = [
        tables(desk, 0, Runtime::Threads { channel_capacity }).unwrap(),
        tried(desk, &schedule(Strategy::Random, 0)),
        tried(desk, &schedule(killed, 500)),
    ];
    for other in others {
        assert_eq!(other.outcome.digest, inline.outcome.digest);
        assert_eq!(other.outcome.summary, inline.outcome.summary);
        assert_eq!(other.requests, inline.requests);
        assert_eq!(other.steps, inline.steps);
        assert_eq!(other.faults, inline.faults);
    }
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
    fn every_desk_of_steps_agrees_with_the_reference_on_every_engine(
        desk in desks_of_steps(),
        seed in 0u64..9,
    ) {
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
        // Who is repaired at the very beginning has been idle as long as the others, or a step less.
        desk.faults.script.retain(|entry| match entry.event {
            ScriptEvent::Slow { .. } => false,
            ScriptEvent::Repair => entry.at >= Time::at(1.0),
            ScriptEvent::Fault { .. } => true,
        });
        let at_servers = desk.queue == Queue::Servers;
        for skill in desk.servers.iter_mut().flat_map(|server| server.attendants.iter_mut().flatten()) {
            skill.speed = 1.0;
        }
        let until = DeskHorizon::Until { until: 20.0, end: Some(20.0) };
        let (mut stepped, mut timed) = (whole(&desk, DeskHorizon::Steps(21)), whole(&desk, until));
        if at_servers {
            for desk in [&mut stepped, &mut timed] {
                let DeskArrivals::Recorded(day) = &mut desk.arrivals else { unreachable!() };
                Arc::make_mut(day).iter_mut().for_each(|one| one.patience = None);
                desk.classes.iter_mut().for_each(|class| class.patience = None);
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
    DeskArrivals::Recorded(Arc::new(requests.iter().map(one).collect()))
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
        end: None,
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
        end: None,
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
        end: None,
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
        end: Some(5.0),
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
