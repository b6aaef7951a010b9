//! The line compared with the event-list oracle: every time of every customer and every measure are
//! equal, in every runtime, chunk size and channel capacity, with one digest.

use crate::line_oracle::{self as oracle, LineSpec, Source, StageSpec};
use filas::actor::script::Operation;
use filas::actor::{Recorder, Recording, Runtime, Surroundings};
use filas::random::Law;
use filas::random::laws::Trace;
use filas::scenario::{Blocking, Horizon, LineArrivals, Stage, Tandem, WarmUp};
use filas::station::{Happening, Passage};
use filas::tandem::{self, LineOutcome};
use proptest::prelude::*;
use std::sync::Mutex;

/// Keeps every record.
#[derive(Default)]
struct Shelf(Mutex<Vec<Happening>>);

impl Recorder<Happening> for Shelf {
    fn record(&self, records: &mut Vec<Happening>) {
        self.0.lock().unwrap().append(records);
    }
}

pub(crate) fn run(line: &Tandem, runtime: Runtime, chunk: usize) -> (LineOutcome, Vec<Passage>) {
    let shelf = Shelf::default();
    let around = Surroundings {
        conductor: &(),
        recorder: &shelf,
    };
    let outcome = tandem::run(line, 0, runtime, chunk, Recording::Tables, around).unwrap();
    let records = shelf.0.into_inner().unwrap().into_iter();
    let passages = records.map(|record| match record {
        Happening::Passage(passage) => passage,
        _ => unreachable!("nobody asked for it"),
    });
    (outcome, passages.collect())
}

/// The scenario of the oracle's line, with its times given as traces.
pub(crate) fn scenario(spec: &LineSpec) -> Tandem {
    let (arrivals, horizon) = match &spec.source {
        Source::Times(times) => (
            LineArrivals::Times(times.clone().into()),
            Horizon::Customers(times.len() as u64),
        ),
        Source::Saturated { customers } => (
            LineArrivals::Saturated,
            Horizon::Customers(*customers as u64),
        ),
        Source::SaturatedUntil { until, .. } => (LineArrivals::Saturated, Horizon::Until(*until)),
    };
    let stages = spec.stages.iter().enumerate().map(|(index, stage)| {
        let values = stage.services.clone().into();
        let service = Law::Trace(Trace {
            values,
            repeat: false,
        });
        Stage {
            buffer: stage.buffer.map(|buffer| buffer as u64),
            ..Stage::new(&format!("s{index}"), stage.servers as u32, service)
        }
    });
    Tandem {
        warm_up: WarmUp::Customers(spec.warm_up as u64),
        blocking: match spec.blocking {
            oracle::Blocking::AfterService => Blocking::AfterService,
            oracle::Blocking::BeforeService => Blocking::BeforeService,
        },
        ..Tandem::new("case", arrivals, horizon, stages.collect())
    }
}

/// Compares every visit of a run with the oracle's.
pub(crate) fn compare_visits(records: &[Passage], truth: &oracle::Outcome) {
    let mut visits: Vec<oracle::Visit> = records
        .iter()
        .flat_map(|record| &record.visits)
        .map(|visit| oracle::Visit {
            customer: visit.customer as usize,
            stage: visit.stage as usize,
            arrival: visit.arrival,
            service_start: visit.service_start,
            service_end: visit.service_end,
            departure: visit.departure,
            server: visit.server as usize,
        })
        .collect();
    visits.sort_by_key(|visit| (visit.customer, visit.stage));
    for (visit, truth) in visits.iter().zip(&truth.visits) {
        assert_eq!(visit, truth);
    }
    assert_eq!(visits.len(), truth.visits.len());
}

/// Compares a run of whole times with the oracle's: visits and measures.
pub(crate) fn compare(outcome: &LineOutcome, records: &[Passage], truth: &oracle::Outcome) {
    compare_visits(records, truth);
    let lost: Vec<usize> = records
        .iter()
        .filter(|record| record.customer.lost)
        .map(|record| record.customer.customer as usize)
        .collect();
    assert_eq!(lost, truth.lost);
    let summary = &outcome.summary;
    assert_eq!(summary.clock, truth.clock);
    assert_eq!(summary.customers.arrived, truth.line.arrived as u64);
    assert_eq!(summary.customers.departed, truth.line.departed as u64);
    assert_eq!(
        summary.customers.measured,
        truth.line.customers.len() as u64
    );
    assert_eq!(summary.throughput, truth.line.throughput);
    assert_eq!(summary.idle_time.max, truth.line.idle_time_max);
    close(summary.idle_time.mean, truth.line.idle_time_mean);
    let longest = truth.line.queue_length_max;
    assert_eq!(
        summary.queue_length_max.length,
        longest.map(|(length, _)| length as u64)
    );
    assert_eq!(
        summary.queue_length_max.stage,
        longest.map(|(_, stage)| format!("s{stage}"))
    );
    let per_customer = |of: fn(&oracle::CustomerMeasures) -> f64| {
        truth.line.customers.values().map(of).collect::<Vec<_>>()
    };
    statistics(&summary.waiting, &per_customer(|c| c.waiting));
    statistics(&summary.service, &per_customer(|c| c.service));
    statistics(&summary.blocked, &per_customer(|c| c.blocked));
    statistics(&summary.sojourn, &per_customer(|c| c.sojourn));
    let joined = per_customer(|c| c.queues_joined as f64);
    close(summary.queues_joined.mean, mean(&joined));
    for (stage, truth) in summary.stages.iter().zip(&truth.stages) {
        assert_eq!(stage.arrivals, truth.arrivals as u64);
        assert_eq!(stage.departures, truth.departures as u64);
        statistics(&stage.waiting, &truth.waiting);
        statistics(&stage.service, &truth.service);
        assert_eq!(stage.waited_fraction, truth.waited_fraction);
        close(stage.utilisation, truth.utilisation);
        assert_eq!(stage.idle_time, truth.idle_time);
        assert_eq!(stage.idle_longest, truth.idle_longest);
        assert_eq!(stage.blocked_time, truth.blocked_time);
        assert_eq!(stage.queue_length.mean, truth.queue_length_mean);
        assert_eq!(
            stage.queue_length.max,
            truth.queue_length_max.map(|length| length as u64)
        );
        assert_eq!(stage.queue_length.max_at, truth.queue_length_max_at);
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Equal up to the rounding of one division.
fn close(seen: Option<f64>, truth: Option<f64>) {
    match (seen, truth) {
        (Some(seen), Some(truth)) => {
            assert!(
                (seen - truth).abs() <= 1e-14 * truth.abs(),
                "{seen} {truth}"
            );
        }
        _ => assert_eq!(seen, truth),
    }
}

fn statistics(seen: &filas::stats::Statistics, values: &[f64]) {
    assert_eq!(seen.n, values.len() as u64);
    close(seen.mean, mean(values));
    assert_eq!(seen.max, values.iter().copied().reduce(f64::max));
    assert_eq!(seen.min, values.iter().copied().reduce(f64::min));
    if let (Some(sd), Some(mean)) = (seen.sd, mean(values)) {
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let truth = (squares / (values.len() as f64 - 1.0)).sqrt();
        assert!((sd - truth).abs() <= 1e-9 * truth.max(1e-3), "{sd} {truth}");
    }
}

/// Lines of 1 to 5 stages with 1 to 13 servers and every kind of limit, with times so coarse that
/// ties and services of length zero are common.
pub(crate) fn lines() -> impl Strategy<Value = LineSpec> {
    let customers = 1..40_usize;
    customers.prop_flat_map(|customers| {
        let services = prop::collection::vec((0..6_u8).prop_map(f64::from), customers);
        let buffer = prop::sample::select(vec![None, Some(0), Some(1), Some(3)]);
        let servers = prop::sample::select(vec![1_usize, 1, 2, 2, 3, 4, 5, 8, 9, 13]);
        let stage = (servers, buffer, services).prop_map(|(servers, buffer, services)| StageSpec {
            servers,
            buffer,
            services,
        });
        let gaps = prop::collection::vec((0..5_u8).prop_map(f64::from), customers);
        let kind = 0..4_u8;
        let blocking = prop::bool::ANY;
        let stages = prop::collection::vec(stage, 1..6);
        (stages, gaps, kind, blocking, 0..customers).prop_map(
            move |(mut stages, gaps, kind, blocking, warm_up)| {
                let source = if kind == 0 {
                    stages[0].buffer = None;
                    Source::Saturated { customers }
                } else {
                    let mut clock = 0.0;
                    Source::Times(
                        gaps.iter()
                            .map(|gap| {
                                clock += gap;
                                clock
                            })
                            .collect(),
                    )
                };
                let blocking = if blocking {
                    oracle::Blocking::AfterService
                } else {
                    oracle::Blocking::BeforeService
                };
                LineSpec {
                    source,
                    blocking,
                    warm_up: if kind == 1 { warm_up } else { 0 },
                    stages,
                }
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn one_thread_equals_the_oracle(spec in lines(), chunk in prop::sample::select(vec![1_usize, 3, 512])) {
        let truth = oracle::simulate(&spec);
        let line = scenario(&spec);
        let (outcome, records) = run(&line, Runtime::Inline, chunk);
        compare(&outcome, &records, &truth);
        // A watched run moves event by event, where otherwise a recursion is used.
        let around = Surroundings { conductor: &(), recorder: &() };
        let watched = tandem::run(&line, 0, Runtime::Inline, chunk, Recording::Everything, around);
        prop_assert!(watched.unwrap() == outcome);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn threads_equal_the_oracle_at_every_capacity(spec in lines(), chunk in prop::sample::select(vec![1_usize, 3, 512])) {
        let line = scenario(&spec);
        let truth = oracle::simulate(&spec);
        let (inline, inline_records) = run(&line, Runtime::Inline, 512);
        for channel_capacity in [0, 1, 2, 64] {
            let (outcome, records) = run(&line, Runtime::Threads { channel_capacity }, chunk);
            compare(&outcome, &records, &truth);
            prop_assert_eq!(outcome.digest, inline.digest);
            prop_assert!(outcome == inline && records == inline_records);
        }
    }

    #[test]
    fn every_schedule_gives_one_digest_and_no_deadlock(spec in lines(), chunk in prop::sample::select(vec![1_usize, 3, 512])) {
        let line = scenario(&spec);
        let (inline, inline_records) = run(&line, Runtime::Inline, 512);
        for channel_capacity in [0, 1, 2, 64] {
            for seed in 0..25 {
                let runtime = Runtime::Explore { channel_capacity, seed };
                let (outcome, records) = run(&line, runtime, chunk);
                prop_assert_eq!(outcome.digest, inline.digest);
                prop_assert!(outcome == inline && records == inline_records);
            }
        }
    }
}

/// An endless sequence of numbers from 0 to 999.
fn numbers() -> impl FnMut() -> f64 {
    let mut state = 1_u64;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % 1000) as f64
    }
}

/// Many more customers, and servers, than are processed at a time; times are either multiples of a
/// thousandth (almost all different), or whole numbers (many equal, and services of length zero).
#[test]
fn long_lines_of_many_servers_equal_the_oracle() {
    const CUSTOMERS: usize = 1500;
    for whole in [false, true] {
        let mut number = numbers();
        // A multiple of 1/1024, or of 1: sums of these are exact.
        let mut time = |mean: f64| match whole {
            false => (number() * mean * 2.048).round() / 1024.0,
            true => (number() * (mean + 0.3) / 500.0).floor(),
        };
        let mut clock = 0.0;
        let arrivals = (0..CUSTOMERS).map(|_| {
            clock += time(0.5);
            clock
        });
        let arrivals = arrivals.collect();
        let stages = [300, 1, 1, 9, 1, 6, 2].map(|servers| StageSpec {
            servers,
            buffer: None,
            services: (0..CUSTOMERS).map(|_| time(0.4 * servers as f64)).collect(),
        });
        let spec = LineSpec {
            source: Source::Times(arrivals),
            blocking: oracle::Blocking::AfterService,
            warm_up: 0,
            stages: stages.to_vec(),
        };
        let truth = oracle::simulate(&spec);
        let line = scenario(&spec);
        let threads = Runtime::Threads {
            channel_capacity: 2,
        };
        for (runtime, chunk) in [
            (Runtime::Inline, 1),
            (Runtime::Inline, 300),
            (Runtime::Inline, 5000),
            (threads, 700),
        ] {
            let (outcome, records) = run(&line, runtime, chunk);
            compare(&outcome, &records, &truth);
            for recording in [Recording::Nothing, Recording::Everything] {
                let around = Surroundings {
                    conductor: &(),
                    recorder: &(),
                };
                let other = tandem::run(&line, 0, runtime, chunk, recording, around);
                assert!(other.unwrap() == outcome);
            }
        }
    }
}

#[test]
fn a_saturated_line_ends_at_its_time_as_the_oracle_does() {
    for until in [0.0, 1.0, 7.0, 30.0] {
        let services = |step: u32| (0..200).map(|k| f64::from(k * step % 4)).collect();
        let spec = LineSpec {
            source: Source::SaturatedUntil { until, cap: 200 },
            blocking: oracle::Blocking::AfterService,
            warm_up: 0,
            stages: vec![
                StageSpec {
                    servers: 2,
                    buffer: None,
                    services: services(3),
                },
                StageSpec {
                    servers: 1,
                    buffer: Some(1),
                    services: services(1),
                },
            ],
        };
        let truth = oracle::simulate(&spec);
        let (outcome, records) = run(&scenario(&spec), Runtime::Inline, 512);
        compare(&outcome, &records, &truth);
    }
}

#[test]
fn a_trace_that_ends_before_a_saturated_line_is_an_error_that_counts() {
    let spec = LineSpec {
        source: Source::SaturatedUntil {
            until: 100.0,
            cap: 5,
        },
        blocking: oracle::Blocking::AfterService,
        warm_up: 0,
        stages: vec![StageSpec {
            servers: 1,
            buffer: None,
            services: vec![1.0; 5],
        }],
    };
    let around = Surroundings {
        conductor: &(),
        recorder: &(),
    };
    let error = tandem::run(
        &scenario(&spec),
        0,
        Runtime::Inline,
        512,
        Recording::Nothing,
        around,
    );
    let text = error.unwrap_err().to_string();
    assert!(
        text.contains("has 5 values, but the run needs at least 6"),
        "{text}"
    );
}

#[test]
fn a_trace_that_ends_before_the_arrivals_do_is_an_error_that_counts() {
    let piece = filas::scenario::RatePiece {
        until: 10.0,
        rate: 2.0,
    };
    for servers in [1, 2] {
        let mut line = scenario(&LineSpec {
            source: Source::Times(vec![0.0]),
            blocking: oracle::Blocking::AfterService,
            warm_up: 0,
            stages: vec![StageSpec {
                servers,
                buffer: None,
                services: vec![1.0; 1000],
            }],
        });
        line.arrivals = LineArrivals::Rates(vec![piece]);
        line.horizon = Horizon::Until(100.0);
        let (whole, _) = run(&line, Runtime::Inline, 7);
        let needed = whole.summary.customers.arrived;
        for values in [3, needed - 1, needed] {
            line.stages[0].service = Law::from(Trace {
                values: vec![1.0; values as usize].into(),
                repeat: false,
            })
            .into();
            let around = Surroundings {
                conductor: &(),
                recorder: &(),
            };
            let threads = Runtime::Threads {
                channel_capacity: 1,
            };
            for runtime in [Runtime::Inline, threads] {
                let outcome = tandem::run(&line, 0, runtime, 7, Recording::Nothing, around);
                let says = format!("has {values} values, but the run needs at least {needed}");
                match outcome {
                    Ok(_) => assert_eq!(values, needed),
                    Err(error) => assert!(error.to_string().contains(&says), "{error}"),
                }
            }
        }
    }
}

#[test]
fn the_script_of_a_line_receives_what_it_sends_and_plays_over_any_channel() {
    let spec = LineSpec {
        source: Source::Saturated { customers: 50 },
        blocking: oracle::Blocking::AfterService,
        warm_up: 0,
        stages: [None, Some(0), Some(2)]
            .map(|buffer| StageSpec {
                servers: 1,
                buffer,
                services: (0..50).map(|k| f64::from(k % 3)).collect(),
            })
            .into(),
    };
    for channel_capacity in [0, 1, 4] {
        let runtime = Runtime::Threads { channel_capacity };
        let script = tandem::script(&scenario(&spec), runtime, 3).unwrap();
        let mut balance = [0_i64; 5];
        for operation in script.operations().iter().flatten() {
            match *operation {
                Operation::Send(link) => balance[link] += 1,
                Operation::Receive(link) => balance[link] -= 1,
            }
        }
        assert_eq!(balance, [0; 5], "three links downstream, two back");
        assert!(script.messages() > 50);
        script.replay(channel_capacity);
    }
}
