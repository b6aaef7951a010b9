//! Acceptance tests of the order study, too slow for the suite: `cargo test --release --test
//! selection -- --nocapture`.
//!
//! Repeated studies of lines with a known answer, by theorem or by a much longer run, must be right at
//! least as often as they say; and the race must spend at most a third of what equal spending needs.
#![allow(
    clippy::print_stdout,
    reason = "figures for the README, with --nocapture"
)]

use filas::random::Law;
use filas::random::laws::{Constant, Erlang, Exponential, Hyperexponential, Lognormal, Uniform};
use filas::scenario::{Blocking, Horizon, LineArrivals, Stage, Tandem, WarmUp};
use filas::stats::Interval;
use filas::study::order::{Objective, OrderStudy, Question, order};
use filas::study::permutation::{Order, Round, Runs, all_orders};
use filas::study::ranking::Ranking;
use filas::study::{Conditions, InMemory, Workers};

const STUDIES: u64 = 200;
const CONFIDENCE: f64 = 0.95;

/// Number of replications of the long run that determines the truth.
const TRUTH: u64 = 6000;

fn constant(value: f64) -> Law {
    Law::Constant(Constant { value })
}
fn uniform(low: f64, high: f64) -> Law {
    Law::Uniform(Uniform { low, high })
}
fn erlang(k: u32, mean: f64) -> Law {
    Law::Erlang(Erlang { k, mean })
}
fn exponential(mean: f64) -> Law {
    Law::Exponential(Exponential { mean })
}
fn lognormal(mean: f64, cv: f64) -> Law {
    Law::Lognormal(Lognormal { mean, cv })
}
/// A squared coefficient of variation of about 3.
fn hyper(mean: f64) -> Law {
    Law::Hyperexponential(Hyperexponential {
        probabilities: vec![0.8, 0.2],
        means: vec![0.5 * mean, 3.0 * mean],
    })
}

struct Case {
    name: &'static str,
    arrivals: Law,
    services: Vec<Law>,
    buffer: Option<u64>,
    blocking: Blocking,
    customers: u64,
    warm_up: u64,
}

impl Case {
    fn new(name: &'static str, arrivals: Law, services: &[Law], customers: u64) -> Case {
        Case {
            name,
            arrivals,
            services: services.to_vec(),
            buffer: None,
            blocking: Blocking::AfterService,
            customers,
            warm_up: 0,
        }
    }

    fn line(&self, seed: u64) -> Tandem {
        let stage = |(index, law): (usize, &Law)| Stage {
            buffer: self.buffer.filter(|_| index > 0),
            ..Stage::new(&format!("s{index}"), 1, law.clone())
        };
        Tandem {
            seed,
            warm_up: WarmUp::Customers(self.warm_up),
            blocking: self.blocking,
            ..Tandem::new(
                "case",
                LineArrivals::Renewal(self.arrivals.clone()),
                Horizon::Customers(self.customers),
                self.services.iter().enumerate().map(stage).collect(),
            )
        }
    }
}

fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "2 stages, terminating: hyperexponential, constant",
            exponential(1.0),
            &[hyper(0.6), constant(0.7)],
            100,
        ),
        Case::new(
            "2 stages, services do not overlap, Erlang arrivals",
            erlang(3, 1.0),
            &[uniform(0.1, 0.55), uniform(0.6, 1.0)],
            200,
        ),
        Case {
            warm_up: 300,
            ..Case::new(
                "3 stages, long run: Erlang, hyperexponential, exponential",
                exponential(1.0),
                &[erlang(3, 0.7), hyper(0.6), exponential(0.5)],
                2000,
            )
        },
        Case::new(
            "3 stages, hyperexponential arrivals: lognormal, constant, uniform",
            hyper(1.0),
            &[lognormal(0.7, 2.0), constant(0.6), uniform(0.2, 1.4)],
            200,
        ),
        Case::new(
            "4 stages, terminating: lognormal, Erlang, uniform, constant",
            exponential(1.0),
            &[
                lognormal(0.6, 1.5),
                erlang(4, 0.7),
                uniform(0.0, 1.0),
                constant(0.8),
            ],
            150,
        ),
        Case {
            buffer: Some(1),
            ..Case::new(
                "3 stages, buffers of 1, blocking after service",
                exponential(1.0),
                &[hyper(0.5), constant(0.55), exponential(0.5)],
                150,
            )
        },
        Case {
            buffer: Some(2),
            blocking: Blocking::BeforeService,
            ..Case::new(
                "2 stages, buffers of 2, blocking before service, Erlang arrivals",
                erlang(2, 1.0),
                &[exponential(0.5), uniform(0.1, 0.9)],
                150,
            )
        },
        Case::new(
            "3 exponential stages: a tie (Weber 1979)",
            exponential(1.0),
            &[exponential(0.5), exponential(0.7), exponential(0.6)],
            300,
        ),
        Case::new(
            "3 constant stages: identical (Friedman 1965)",
            exponential(1.0),
            &[constant(0.5), constant(0.8), constant(0.6)],
            300,
        ),
    ]
}

fn question(indifference: f64) -> Question {
    Question {
        objectives: vec![Objective::Waiting],
        indifference: Some(indifference),
        max: None,
    }
}

fn study(line: &Tandem, question: &Question) -> OrderStudy {
    let workers = Workers::new(0).unwrap();
    order(
        line,
        question,
        Conditions::by(&workers, &InMemory::default()),
        &mut |_| {},
    )
    .unwrap()
}

/// The waiting time of every order in each of this many replications.
fn waiting(line: &Tandem, orders: &[Order], replications: u64) -> Vec<Vec<f64>> {
    let workers = Workers::new(0).unwrap();
    let rows = InMemory::default();
    let runs = Runs::new(line, Conditions::by(&workers, &rows));
    let mut columns = vec![Vec::new(); orders.len()];
    let Round::Means(table) = runs.replicate(orders, 0..replications).unwrap() else {
        panic!("nobody stops it")
    };
    for row in table {
        for (column, means) in columns.iter_mut().zip(row) {
            column.push(means.waiting.unwrap());
        }
    }
    columns
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[test]
fn studies_are_right_as_often_as_they_say() {
    for case in cases() {
        let truth = case.line(1 << 40);
        let orders = all_orders(case.services.len());
        let columns = waiting(&truth, &orders, TRUTH);
        let means: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let best = (0..orders.len()).min_by(|&a, &b| means[a].total_cmp(&means[b]));
        let best = best.unwrap();
        // The most and the least by which each order may be worse than the best, by the long run.
        let gaps: Vec<Interval> = columns
            .iter()
            .map(|column| Interval::of(&differences(column, &columns[best]), 0.999))
            .collect();
        let zone = 0.03 * means[best];
        let equal = |gap: &Interval| gap.low.unwrap() <= 0.0;
        let by_theorem = case.name.contains("19");
        let ties = gaps.iter().filter(|gap| equal(gap)).count();
        let right = |answer: &Ranking| {
            let candidate = |order: &Order| answer.candidates().any(|c| c.order == *order);
            if by_theorem {
                return orders.iter().all(candidate);
            }
            // The best is kept, and no order that is worse by more than the zone.
            let holds = candidate(&orders[best])
                || ties > 1 && (0..orders.len()).any(|o| equal(&gaps[o]) && candidate(&orders[o]));
            let worse =
                (0..orders.len()).any(|o| candidate(&orders[o]) && gaps[o].low.unwrap() > zone);
            holds && !worse
        };
        let (mut good, mut runs) = (0, 0);
        for seed in 1..=STUDIES {
            let study = study(&case.line(seed), &question(zone));
            good += u64::from(right(&study.rankings[0]));
            runs += study.runs;
        }
        let second = gaps
            .iter()
            .enumerate()
            .filter(|&(o, _)| o != best)
            .map(|(_, gap)| gap.mean.unwrap())
            .fold(f64::INFINITY, f64::min);
        println!(
            "{good} of {STUDIES} right, {} runs a study, the next best {:+.1} %: {}",
            runs / STUDIES,
            100.0 * second / means[best],
            case.name
        );
        assert!(
            good as f64 >= CONFIDENCE * STUDIES as f64,
            "{}: {good} of {STUDIES}",
            case.name
        );
    }
}

#[test]
fn the_race_spends_at_most_a_third_of_equal_spending() {
    let case = Case::new(
        "5 stages",
        exponential(1.0),
        &[
            hyper(0.6),
            constant(0.7),
            erlang(3, 0.65),
            uniform(0.2, 1.0),
            lognormal(0.55, 1.2),
        ],
        400,
    );
    let orders = all_orders(5);
    let (mut spent, mut same_test, mut one_shot) = (0, 0, 0);
    for seed in 1..=10 {
        let line = case.line(seed);
        let zone = 0.02 * 4.0;
        let study = study(&line, &question(zone));
        let answer = &study.rankings[0];
        let most = answer.orders.iter().map(|s| s.replications).max().unwrap();
        // Equal spending with the same test ends when the race does.
        same_test += most * orders.len() as u64;
        // Equal spending with the ideal number of replications known in advance: one look,
        // Bonferroni's paired t-intervals against the best, no price for looking often.
        let columns = waiting(&line, &orders, most);
        let place = |order: &Order| orders.iter().position(|o| o == order).unwrap();
        let best = &columns[place(&answer.orders[0].order)];
        let level = 1.0 - 2.0 * (1.0 - CONFIDENCE) / (orders.len() - 1) as f64;
        let enough = |n: usize| {
            answer.orders[1..].iter().all(|ranked| {
                let column = &columns[place(&ranked.order)];
                let gap = Interval::of(&differences(&column[..n], &best[..n]), level);
                match ranked.candidate {
                    true => gap.high.unwrap() <= zone,
                    false => gap.low.unwrap() > 0.0,
                }
            })
        };
        let needed = (2..=most as usize)
            .find(|&n| enough(n))
            .unwrap_or(most as usize);
        one_shot += (needed * orders.len()) as u64;
        spent += study.runs;
    }
    println!(
        "the race: {} runs a study; equal spending: {} by the same test, {} by one look foretold",
        spent / 10,
        same_test / 10,
        one_shot / 10
    );
    assert!(3 * spent <= same_test);
    assert!(3 * spent <= one_shot);
}
