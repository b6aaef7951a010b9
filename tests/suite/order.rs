//! The study of orders: shared work changes no bit, streams belong to stages, ties are ties.

use filas::actor::{Recorder, Recording, Runtime, Surroundings};
use filas::random::Law;
use filas::random::laws::{
    Constant, Empirical, Exponential, Gamma, Hyperexponential, Lognormal, Uniform, UniformInt,
};
use filas::scenario::{Blocking, Horizon, LineArrivals, Servers, Stage, Tandem, WarmUp};
use filas::station::Happening;
use filas::study::comparable::Incomparable;
use filas::study::order::{Objective, OrderError, OrderStudy, Question, order};
use filas::study::permutation::{Order, Round, Runs, all_orders, reordered};
use filas::study::published::Says;
use filas::study::{Conditions, InMemory, Workers};
use filas::tandem::{self, LineMeans};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

fn line(laws: &[Law]) -> Tandem {
    let stage = |(index, law): (usize, &Law)| Stage::new(&format!("s{index}"), 1, law.clone());
    Tandem {
        seed: 11,
        warm_up: WarmUp::Customers(50),
        ..Tandem::new(
            "case",
            LineArrivals::Renewal(Law::Exponential(Exponential { mean: 1.0 })),
            Horizon::Customers(700),
            laws.iter().enumerate().map(stage).collect(),
        )
    }
}

fn mixed() -> Tandem {
    line(&[
        Law::Hyperexponential(Hyperexponential {
            probabilities: vec![0.9, 0.1],
            means: vec![0.4, 3.0],
        }),
        Law::Constant(Constant { value: 0.7 }),
        Law::Lognormal(Lognormal { mean: 0.6, cv: 1.5 }),
        Law::Uniform(Uniform {
            low: 0.0,
            high: 1.2,
        }),
    ])
}

fn question(objectives: &[Objective]) -> Question {
    Question {
        objectives: objectives.to_vec(),
        indifference: None,
        max: Some(400),
    }
}

fn study(line: &Tandem, question: &Question) -> OrderStudy {
    by(2, line, question)
}

fn by(workers: usize, line: &Tandem, question: &Question) -> OrderStudy {
    let workers = Workers::new(workers).unwrap();
    order(
        line,
        question,
        Conditions::by(&workers, &InMemory::default()),
        &mut |_| {},
    )
    .unwrap()
}

fn bits(means: &LineMeans) -> [Option<u64>; 6] {
    let LineMeans {
        waiting,
        queues_joined,
        idle_time,
        idle_time_max,
        sojourn,
        clock,
    } = *means;
    [
        waiting,
        queues_joined,
        idle_time,
        idle_time_max,
        sojourn,
        Some(clock),
    ]
    .map(|value| value.map(f64::to_bits))
}

/// The means of a plain run of the reordered line.
fn plain(line: &Tandem, order: &[u16], replication: u64) -> LineMeans {
    let around = Surroundings {
        conductor: &NEVER,
        recorder: &(),
    };
    let line = reordered(line, order);
    let outcome = tandem::run(
        &line,
        replication,
        Runtime::Inline,
        512,
        Recording::Nothing,
        around,
    )
    .unwrap();
    LineMeans::of(&outcome.summary)
}

#[test]
fn orders_that_share_their_beginnings_have_the_means_of_plain_runs_to_the_bit() {
    let mut several = mixed();
    several.stages[0].servers = Servers::Count(2);
    several.stages[2].servers = Servers::Count(3);
    let mut alone = several.clone();
    alone.stages.truncate(1);
    let mut zeros = mixed();
    zeros.stages[1].service = Law::Empirical(Empirical {
        values: vec![0.0, 0.0, 1.0].into(),
    })
    .into();
    zeros.arrivals = LineArrivals::Renewal(Law::UniformInt(UniformInt { low: 0, high: 2 }));
    let mut saturated = mixed();
    saturated.arrivals = LineArrivals::Saturated;
    let mut until = several.clone();
    until.horizon = Horizon::Until(300.0);
    let mut saturated_until = saturated.clone();
    saturated_until.horizon = Horizon::Until(200.0);
    for line in [
        mixed(),
        several,
        alone,
        zeros,
        saturated,
        until,
        saturated_until,
    ] {
        let workers = Workers::new(2).unwrap();
        let rows = InMemory::default();
        let runs = Runs::new(&line, Conditions::by(&workers, &rows));
        assert!(runs.share_prefixes());
        let stages = line.stages.len();
        let orders = all_orders(stages);
        assert!(stages == 1 || runs.passes(&orders) < (orders.len() * stages) as u64);
        let Round::Means(table) = runs.replicate(&orders, 3..5).unwrap() else {
            panic!("nobody stops it")
        };
        for (replication, row) in (3..).zip(&table) {
            for (order, means) in orders.iter().zip(row) {
                let plain = plain(&line, order, replication);
                assert_eq!(bits(means), bits(&plain), "{order:?}");
            }
        }
    }
}

/// Keeps every record.
#[derive(Default)]
struct Shelf(Mutex<Vec<Happening>>);

impl Recorder<Happening> for Shelf {
    fn record(&self, records: &mut Vec<Happening>) {
        self.0.lock().unwrap().append(records);
    }
}

#[test]
fn reordering_leaves_every_service_of_every_customer_at_every_stage_to_the_bit() {
    let mut line = mixed();
    line.stages[2].servers = Servers::Count(2);
    line.stages[3].buffer = Some(1);
    let mut seen: Vec<BTreeMap<(u64, String), u64>> = Vec::new();
    for order in all_orders(4) {
        let line = reordered(&line, &order);
        assert_eq!(line.stages[3].buffer, Some(1), "buffers stay");
        let shelf = Shelf::default();
        let around = Surroundings {
            conductor: &NEVER,
            recorder: &shelf,
        };
        tandem::run(&line, 5, Runtime::Inline, 512, Recording::Tables, around).unwrap();
        let records = shelf.0.into_inner().unwrap();
        // The line gives a customer's services as their sum: with the other stages' at zero, the
        // sum is the one stage's own, free of the rounding of clocks.
        assert_eq!(records.len(), 700);
        let mut services = BTreeMap::new();
        for only in &line.stages {
            let mut alone = line.clone();
            for stage in &mut alone.stages {
                if stage.name != only.name {
                    stage.service = Law::Constant(Constant { value: 0.0 }).into();
                }
            }
            let shelf = Shelf::default();
            let around = Surroundings {
                conductor: &NEVER,
                recorder: &shelf,
            };
            tandem::run(&alone, 5, Runtime::Inline, 512, Recording::Tables, around).unwrap();
            for record in shelf.0.into_inner().unwrap() {
                let Happening::Passage(passage) = record else {
                    unreachable!("nobody asked for events")
                };
                let customer = passage.customer;
                let key = (customer.customer, only.name.clone());
                services.insert(key, customer.service.to_bits());
            }
        }
        seen.push(services);
    }
    assert_eq!(seen[0].len(), 2800);
    assert!(seen.iter().all(|services| *services == seen[0]));
}

#[test]
fn workers_and_runtimes_change_nothing() {
    let line = mixed();
    let asked = question(&[Objective::Waiting, Objective::IdleTimeMax]);
    let one = by(1, &line, &asked);
    let three = by(3, &line, &asked);
    let threads = Runtime::Threads {
        channel_capacity: 2,
    };
    let few = Question {
        max: Some(16),
        ..asked.clone()
    };
    let inline = study(&line, &few);
    let (workers, rows) = (Workers::new(2).unwrap(), InMemory::default());
    let threads = Conditions {
        runtime: threads,
        ..Conditions::by(&workers, &rows)
    };
    let threaded = order(&line, &few, threads, &mut |_| {}).unwrap();
    assert_eq!(one.digest, three.digest);
    assert_eq!(inline.digest, threaded.digest);
    assert_ne!(inline.digest, one.digest);
}

#[test]
fn the_best_of_two_is_found_and_the_gain_over_the_file_said() {
    let mut line = mixed();
    line.stages.truncate(2);
    let study = study(&line, &question(&[Objective::Waiting]));
    let answer = &study.rankings[0];
    let best = &answer.orders[0];
    assert!(best.candidate && answer.candidates().next().unwrap().order == best.order);
    // The stage of the most variable service comes last.
    assert_eq!(*best.order.last().unwrap(), 0);
    let filed = &answer.orders[answer.as_filed];
    assert_eq!(filed.order, [0, 1]);
    assert!(!filed.candidate && filed.against_best[0].low.unwrap() > 0.0);
    let means: Vec<f64> = answer.orders.iter().map(|s| s.estimates[0].mean).collect();
    assert!(means.is_sorted(), "best first");
    let replications = answer.orders.iter().map(|s| s.replications);
    assert_eq!(study.runs, replications.sum::<u64>());
}

#[test]
fn constant_services_are_identical_in_any_order_and_not_better_by_a_rounding() {
    let laws = [0.7, 0.1, 0.3].map(|value| Law::Constant(Constant { value }));
    let mut line = line(&laws);
    line.horizon = Horizon::Customers(5000);
    let study = study(&line, &question(&[Objective::Waiting, Objective::Sojourn]));
    for answer in &study.rankings {
        assert!(answer.is_all_identical() && answer.settled);
        assert_eq!(answer.candidates().count(), 6);
    }
    let friedman = study
        .published
        .iter()
        .find(|rule| rule.says == Says::Identical);
    assert_eq!(friedman.unwrap().agrees, Some(true));
}

#[test]
fn exponential_single_servers_are_a_tie() {
    let mut line = line(&[0.5, 0.7, 0.6].map(|mean| Law::Exponential(Exponential { mean })));
    // One study in twenty may err: of the first hundred seeds two do, and 11 is one of them.
    line.seed = 12;
    let asked = Question {
        indifference: Some(0.2),
        max: None,
        ..question(&[Objective::Waiting])
    };
    let study = study(&line, &asked);
    let answer = &study.rankings[0];
    assert!(answer.settled);
    assert_eq!(answer.candidates().count(), 6);
    assert!(answer.identical.is_empty(), "alike is not identical");
    let weber = study.published.iter().find(|rule| rule.says == Says::Alike);
    assert_eq!(weber.unwrap().agrees, Some(true));
}

#[test]
fn of_orders_that_are_alike_the_published_one_is_named_where_the_files_own_is_not_among_them() {
    let exponential = || Law::Exponential(Exponential { mean: 0.6 });
    let steady = Law::Uniform(Uniform {
        low: 0.3,
        high: 0.9,
    });
    for seed in 0..6 {
        let line = Tandem {
            seed,
            ..line(&[exponential(), exponential(), steady.clone()])
        };
        let asked = Question {
            indifference: Some(0.3),
            ..question(&[Objective::Waiting])
        };
        let found = study(&line, &asked);
        let ranking = &found.rankings[0];
        let alike = ranking.candidates().count() > 1;
        assert!(ranking.settled && alike, "seed {seed}");
        assert_eq!(ranking.orders[0].order, [2, 0, 1], "seed {seed}");
    }
}

#[test]
fn finite_buffers_stay_with_their_position_and_every_order_is_run() {
    let mut line = mixed();
    line.stages.truncate(3);
    line.stages[1].buffer = Some(2);
    for blocking in [Blocking::AfterService, Blocking::BeforeService] {
        line.blocking = blocking;
        let study = study(&line, &question(&[Objective::Sojourn]));
        let answer = &study.rankings[0];
        for ranked in &answer.orders {
            let replications = 0..ranked.replications;
            let sum: f64 = replications
                .map(|r| plain(&line, &ranked.order, r).sojourn.unwrap())
                .sum();
            let mean = sum / ranked.replications as f64;
            let mine = ranked.estimates[Objective::Sojourn as usize].observed;
            assert!((mine / mean - 1.0).abs() < 1e-12);
        }
        assert!(answer.candidates().count() >= 1);
    }
}

#[test]
fn a_line_that_can_lose_customers_is_refused() {
    let mut line = mixed();
    line.stages[0].buffer = Some(3);
    let workers = Workers::new(1).unwrap();
    let asked = question(&[Objective::Waiting]);
    let refused = order(
        &line,
        &asked,
        Conditions::by(&workers, &InMemory::default()),
        &mut |_| {},
    );
    assert!(matches!(
        refused,
        Err(OrderError::Incomparable(Incomparable::Loses))
    ));
}

#[test]
fn a_line_too_long_for_all_orders_is_searched_and_says_so() {
    let laws: Vec<Law> = (1..=10)
        .map(|k| {
            Law::Gamma(Gamma {
                mean: 0.6,
                cv: 0.2 * f64::from(11 - k),
            })
        })
        .collect();
    let mut line = line(&laws);
    line.horizon = Horizon::Customers(300);
    line.warm_up = WarmUp::Customers(0);
    let asked = Question {
        max: Some(60),
        ..question(&[Objective::Waiting])
    };
    let study = study(&line, &asked);
    let answer = &study.rankings[0];
    assert!(study.search.unwrap() > answer.orders.len() as u64);
    assert_eq!(answer.orders[answer.as_filed].order, all_order(10));
    assert!(!answer.orders[answer.as_filed].candidate);
    // The file has the most variable first; the rule's order is its reverse, and takes part.
    let rule: Order = (0..10).rev().collect();
    assert!(answer.orders.iter().any(|s| s.order == rule));
}

fn all_order(stages: u16) -> Order {
    (0..stages).collect()
}

#[test]
fn one_stage_has_one_order() {
    let study = study(
        &line(&[Law::Constant(Constant { value: 0.5 })]),
        &question(&[Objective::Waiting]),
    );
    assert_eq!(study.rankings[0].candidates().count(), 1);
    assert!(study.rankings[0].settled && study.runs == 16);
}
