//! The line compared with queueing theory: means, deviations, quantiles, losses, throughputs.
//!
//! Each figure is the mean over independent replications; it must lie within 4.5 standard errors of
//! the true one, and the standard error must be small, or the test would show nothing.

use filas::actor::{Recording, Runtime, Surroundings};
use filas::random::Law;
use filas::random::laws::{
    Constant, Erlang, Exponential, Gamma, Hyperexponential, Lognormal, Uniform,
};
use filas::scenario::{Blocking, Horizon, LineArrivals, Stage, Tandem, WarmUp};
use filas::tandem::{self, LineSummary};

const REPLICATIONS: u64 = 12;
const CUSTOMERS: u64 = 150_000;
const WARM_UP: u64 = 5_000;

fn stage(servers: u32, buffer: Option<u64>, service: Law) -> Stage {
    Stage {
        buffer,
        ..Stage::new("", servers, service)
    }
}

fn exponential(mean: f64) -> Law {
    Law::Exponential(Exponential { mean })
}

fn line(arrivals: LineArrivals, blocking: Blocking, stages: Vec<Stage>) -> Vec<LineSummary> {
    let stages = stages.into_iter().enumerate().map(|(index, stage)| Stage {
        name: format!("s{index}"),
        ..stage
    });
    let horizon = Horizon::Customers(CUSTOMERS);
    let line = Tandem {
        seed: 20_261_122,
        warm_up: WarmUp::Customers(WARM_UP),
        blocking,
        ..Tandem::new("theory", arrivals, horizon, stages.collect())
    };
    let around = Surroundings {
        conductor: &(),
        recorder: &(),
    };
    (0..REPLICATIONS)
        .map(|replication| {
            let run = tandem::run(
                &line,
                replication,
                Runtime::Inline,
                512,
                Recording::Nothing,
                around,
            );
            run.unwrap().summary
        })
        .collect()
}

fn open(gaps: Law, stages: Vec<Stage>) -> Vec<LineSummary> {
    line(LineArrivals::Renewal(gaps), Blocking::AfterService, stages)
}

/// Compares the mean of a measure with the truth; `precision` is the largest relative standard
/// error with which the test is still meaningful.
fn agrees(
    what: &str,
    runs: &[LineSummary],
    measure: impl Fn(&LineSummary) -> f64,
    truth: f64,
    precision: f64,
) {
    let values: Vec<f64> = runs.iter().map(measure).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let error = (variance / n).sqrt();
    assert!(
        error <= precision * truth.abs(),
        "{what}: a standard error of {error} says nothing about {truth}"
    );
    assert!(
        (mean - truth).abs() <= 4.5 * error,
        "{what}: {mean} with standard error {error}, the truth is {truth}"
    );
}

fn wait_mean(stage: usize) -> impl Fn(&LineSummary) -> f64 {
    move |run| run.stages[stage].waiting.mean.unwrap()
}

/// Probability of waiting in M/M/c with offered load a (Erlang 1917).
fn erlang_c(servers: u32, load: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 0..servers {
        sum += term;
        term *= load / f64::from(k + 1);
    }
    let waiting = term * f64::from(servers) / (f64::from(servers) - load);
    waiting / (sum + waiting)
}

#[test]
fn mm1_agrees_in_mean_deviation_quantiles_and_queue() {
    let (rate, service) = (0.8, 1.0);
    let runs = open(
        exponential(1.0 / rate),
        vec![stage(1, None, exponential(service))],
    );
    agrees("mean wait", &runs, wait_mean(0), 4.0, 0.01);
    let sd = |run: &LineSummary| run.stages[0].waiting.sd.unwrap();
    agrees("deviation of the wait", &runs, sd, 24f64.sqrt(), 0.015);
    // P(W > t) = 0.8 exp(-0.2 t)
    for (p, of) in [
        (
            0.5,
            (|run| run.waiting.p50) as fn(&LineSummary) -> Option<f64>,
        ),
        (0.9, |run| run.waiting.p90),
        (0.95, |run| run.waiting.p95),
        (0.99, |run| run.waiting.p99),
    ] {
        let truth = f64::ln(0.8 / (1.0 - p)) / 0.2;
        let values: Vec<f64> = runs.iter().map(|run| of(run).unwrap()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        // Up to 0.8 % low by the sketch, and what chance makes of it.
        assert!((mean / truth - 0.996).abs() < 0.03, "p{p}: {mean} {truth}");
    }
    agrees(
        "waited",
        &runs,
        |run| run.stages[0].waited_fraction.unwrap(),
        0.8,
        0.01,
    );
    agrees(
        "utilisation",
        &runs,
        |run| run.stages[0].utilisation.unwrap(),
        0.8,
        0.01,
    );
    agrees(
        "queue",
        &runs,
        |run| run.stages[0].queue_length.mean.unwrap(),
        3.2,
        0.015,
    );
    agrees("sojourn", &runs, |run| run.sojourn.mean.unwrap(), 5.0, 0.01);
    agrees(
        "throughput",
        &runs,
        |run| run.throughput.unwrap(),
        0.8,
        0.01,
    );
}

#[test]
fn mmc_agrees_in_mean_wait_and_share_that_waits() {
    for (servers, load) in [(2, 1.6), (5, 4.0), (20, 18.0)] {
        let gaps = exponential(1.0 / load);
        let runs = open(gaps, vec![stage(servers, None, exponential(1.0))]);
        let waits = erlang_c(servers, load);
        let truth = waits / (f64::from(servers) - load);
        agrees("mean wait", &runs, wait_mean(0), truth, 0.03);
        agrees(
            "waited",
            &runs,
            |run| run.stages[0].waited_fraction.unwrap(),
            waits,
            0.01,
        );
        let busy = load / f64::from(servers);
        agrees(
            "busy",
            &runs,
            |run| run.stages[0].utilisation.unwrap(),
            busy,
            0.01,
        );
    }
}

#[test]
fn mg1_agrees_with_pollaczek_and_khinchine() {
    for law in [
        Law::Constant(Constant { value: 1.0 }),
        Law::Erlang(Erlang { k: 3, mean: 1.0 }),
        Law::Gamma(Gamma { mean: 1.0, cv: 0.7 }),
        Law::Lognormal(Lognormal { mean: 1.0, cv: 1.2 }),
        Law::Uniform(Uniform {
            low: 0.5,
            high: 1.5,
        }),
        Law::Hyperexponential(Hyperexponential {
            probabilities: vec![0.9, 0.1],
            means: vec![0.5, 5.5],
        }),
    ] {
        let squared_cv = match law {
            Law::Constant(_) => 0.0,
            Law::Erlang(_) => 1.0 / 3.0,
            Law::Gamma(Gamma { cv, .. }) | Law::Lognormal(Lognormal { cv, .. }) => cv * cv,
            Law::Uniform(_) => 1.0 / 12.0,
            _ => 2.0 * (0.9 * 0.25 + 0.1 * 30.25) - 1.0,
        };
        let runs = open(exponential(1.0 / 0.7), vec![stage(1, None, law)]);
        let truth = 0.7 / 0.3 * (1.0 + squared_cv) / 2.0;
        agrees("mean wait", &runs, wait_mean(0), truth, 0.02);
    }
}

#[test]
fn gim1_agrees_with_its_root() {
    // E2/M/1 with rate 0.8: sigma solves x = (1.6 / (1.6 + 1 - x))^2.
    let mut sigma: f64 = 0.5;
    for _ in 0..200 {
        sigma = (1.6 / (2.6 - sigma)).powi(2);
    }
    let gaps = Law::Erlang(Erlang { k: 2, mean: 1.25 });
    let runs = open(gaps, vec![stage(1, None, exponential(1.0))]);
    agrees(
        "waited",
        &runs,
        |run| run.stages[0].waited_fraction.unwrap(),
        sigma,
        0.01,
    );
    agrees(
        "mean wait",
        &runs,
        wait_mean(0),
        sigma / (1.0 - sigma),
        0.02,
    );
    // D/M/1: sigma solves x = exp(-(1 - x) / 0.8).
    let mut sigma: f64 = 0.5;
    for _ in 0..500 {
        sigma = (-(1.0 - sigma) / 0.8).exp();
    }
    let gaps = Law::Constant(Constant { value: 1.25 });
    let runs = open(gaps, vec![stage(1, None, exponential(1.0))]);
    agrees(
        "mean wait",
        &runs,
        wait_mean(0),
        sigma / (1.0 - sigma),
        0.02,
    );
}

#[test]
fn a_jackson_line_is_a_row_of_independent_queues() {
    let stages = vec![
        stage(1, None, exponential(1.0)),
        stage(3, None, exponential(3.0)),
        stage(1, None, exponential(0.8)),
        stage(2, None, exponential(1.5)),
    ];
    let runs = open(exponential(1.25), stages);
    let truths = [
        4.0,
        erlang_c(3, 2.4) / (1.0 - 0.8),
        0.64 / (1.25 - 0.8),
        erlang_c(2, 1.2) / (2.0 / 1.5 - 0.8),
    ];
    for (index, truth) in truths.into_iter().enumerate() {
        agrees(
            &format!("stage {index}"),
            &runs,
            wait_mean(index),
            truth,
            0.02,
        );
    }
    let whole = truths.iter().sum();
    agrees("line", &runs, |run| run.waiting.mean.unwrap(), whole, 0.01);
}

#[test]
fn limited_places_lose_as_many_as_erlang_says() {
    for (servers, buffer, load) in [(1, 0, 0.8), (1, 4, 0.9), (3, 0, 2.0), (4, 6, 5.0)] {
        let stages = vec![stage(servers, Some(buffer), exponential(1.0))];
        let runs = open(exponential(1.0 / load), stages);
        // The birth-and-death chain of M/M/c/K.
        let places = u64::from(servers) + buffer;
        let mut weights = vec![1.0];
        for present in 1..=places {
            let before = weights[present as usize - 1];
            weights.push(before * load / present.min(u64::from(servers)) as f64);
        }
        let whole: f64 = weights.iter().sum();
        let loss = weights[places as usize] / whole;
        let queue: f64 = (u64::from(servers)..=places)
            .map(|present| (present - u64::from(servers)) as f64 * weights[present as usize])
            .sum::<f64>()
            / whole;
        let lost = |run: &LineSummary| run.customers.lost as f64 / run.customers.arrived as f64;
        agrees("loss", &runs, lost, loss, 0.02);
        let share = |run: &LineSummary| run.lost.and_then(|lost| lost.total).unwrap_or(f64::NAN);
        agrees("lost.total", &runs, share, loss, 0.02);
        if buffer > 0 {
            let wait = queue / (load * (1.0 - loss));
            agrees("mean wait", &runs, wait_mean(0), wait, 0.02);
            let length = |run: &LineSummary| run.stages[0].queue_length.mean.unwrap();
            agrees("queue", &runs, length, queue, 0.02);
        }
    }
}

fn saturated(blocking: Blocking, count: usize, places: u64) -> Vec<LineSummary> {
    let stages = (0..count)
        .map(|index| stage(1, (index > 0).then_some(places), exponential(1.0)))
        .collect();
    line(LineArrivals::Saturated, blocking, stages)
}

#[test]
fn saturated_lines_reach_their_known_throughput() {
    let throughput = |run: &LineSummary| run.throughput.unwrap();
    for places in [0, 1, 2, 5] {
        let runs = saturated(Blocking::AfterService, 2, places);
        let truth = (places as f64 + 2.0) / (places as f64 + 3.0);
        agrees("two stages", &runs, throughput, truth, 0.005);
    }
    for (places, truth) in [(0, 0.564_103), (1, 0.670_466), (2, 0.734_017)] {
        let runs = saturated(Blocking::AfterService, 3, places);
        agrees("three stages", &runs, throughput, truth, 0.005);
    }
    let runs = saturated(Blocking::BeforeService, 3, 0);
    agrees("before service", &runs, throughput, 0.4, 0.005);
}

#[test]
fn the_servers_shares_of_time_add_up_to_the_window() {
    let runs = saturated(Blocking::AfterService, 3, 1);
    for run in &runs {
        for stage in &run.stages {
            let window = run.clock; // less a warm-up that the parts show
            let parts = stage.idle_time.unwrap() + stage.blocked_time.unwrap();
            let busy = stage.utilisation.unwrap();
            let whole = parts / (1.0 - busy);
            assert!(
                whole > 0.9 * window && whole <= window,
                "{whole} of {window}"
            );
        }
        assert!(run.stages[0].blocked_time.unwrap() > 0.0);
        assert_eq!(run.stages[2].blocked_time.unwrap(), 0.0);
        assert!(run.stages[2].idle_time.unwrap() > 0.0);
    }
}
