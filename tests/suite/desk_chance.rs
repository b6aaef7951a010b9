//! Desks compared with probability theory.

use crate::desk_cases::{always, class, outcome, plain, server};
use filas::actor::Runtime;
use filas::random::Law;
use filas::random::laws::{Geometric, Poisson, UniformInt};
use filas::scenario::{Arrivals, DeskArrivals};

/// Mean of the values, and the standard error of that mean.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// One server that holds three, with two attendants; a buffer of four; zero to three new requests a
/// step, equally likely; geometric services, so that each service in progress ends in a step with
/// probability `ends`.
#[derive(Default)]
struct Expected {
    buffer: f64,
    held: f64,
    busy: f64,
    rejected: f64,
}

/// The queue as a Markov chain of (held, in the buffer) at the ends of the steps, from empty, step
/// by step: the expectations of each step, summed.
fn solve(steps: u64, ends: f64) -> Expected {
    const HOLDS: usize = 3;
    const ATTENDANTS: usize = 2;
    const PLACES: usize = 4;
    let mut sum = Expected::default();
    let mut chance = [[0.0; PLACES + 1]; HOLDS + 1];
    chance[0][0] = 1.0;
    for _ in 0..steps {
        let mut next = [[0.0; PLACES + 1]; HOLDS + 1];
        for (held, row) in chance.iter().enumerate() {
            for (buffer, chance) in row.iter().enumerate() {
                for arrivals in 0..=3 {
                    let p = chance / 4.0;
                    let entered = arrivals.min(PLACES - buffer);
                    let sent = (buffer + entered).min(HOLDS - held);
                    let (held, buffer) = (held + sent, buffer + entered - sent);
                    let busy = held.min(ATTENDANTS);
                    sum.rejected += p * (arrivals - entered) as f64;
                    sum.held += p * held as f64;
                    sum.busy += p * busy as f64;
                    sum.buffer += p * buffer as f64;
                    let stays = 1.0 - ends;
                    match busy {
                        0 => next[held][buffer] += p,
                        1 => {
                            next[held - 1][buffer] += p * ends;
                            next[held][buffer] += p * stays;
                        }
                        _ => {
                            next[held - 2][buffer] += p * ends * ends;
                            next[held - 1][buffer] += 2.0 * p * ends * stays;
                            next[held][buffer] += p * stays * stays;
                        }
                    }
                }
            }
        }
        chance = next;
    }
    sum
}

#[test]
fn one_server_without_faults_is_the_discrete_time_queue() {
    let steps = 5_000;
    let mut desk = plain(steps);
    desk.arrivals = DeskArrivals::Shared(Arrivals::PerStep(Law::UniformInt(UniformInt {
        low: 0,
        high: 3,
    })));
    desk.classes[0].service = Law::Geometric(Geometric { mean: 1.5 });
    desk.servers = vec![server("A", &[&[0], &[0]])];
    desk.servers[0].capacity = Some(3);
    desk.buffer = Some(4);
    let expected = solve(steps, 1.0 / 1.5);
    let mut seen = [const { Vec::new() }; 4];
    for replication in 0..40 {
        let summary = outcome(&desk, replication, Runtime::Inline).summary;
        let server = &summary.servers[0];
        let values = [
            summary.buffer.mean.unwrap(),
            server.held.mean.unwrap(),
            server.utilisation.unwrap() * 2.0,
            summary.requests.rejected as f64 / steps as f64,
        ];
        seen.iter_mut()
            .zip(values)
            .for_each(|(all, value)| all.push(value));
    }
    let wanted = [
        expected.buffer,
        expected.held,
        expected.busy,
        expected.rejected,
    ];
    for (values, wanted) in seen.iter().zip(wanted) {
        let (mean, error) = mean_and_error(values);
        let wanted = wanted / steps as f64;
        assert!(wanted > 0.05 && error < 0.02 * wanted);
        assert!(
            (mean - wanted).abs() < 4.0 * error,
            "{mean} is not {wanted} ± {error}"
        );
    }
}

#[test]
fn identical_classes_are_treated_alike() {
    let mut desk = plain(3_000);
    desk.classes = vec![class("one"), class("other")];
    for class in &mut desk.classes {
        class.share = 0.5;
        class.service = Law::Geometric(Geometric { mean: 2.0 });
        class.patience = Some(Law::Geometric(Geometric { mean: 8.0 }));
    }
    desk.arrivals = DeskArrivals::Shared(Arrivals::PerStep(Law::Poisson(Poisson { mean: 3.0 })));
    desk.buffer = Some(10);
    desk.max_attempts = Some(3);
    desk.faults.probability = 0.05;
    desk.faults.repair = Some(always(3));
    desk.servers = vec![
        server("A", &[&[0, 1], &[0], &[1]]),
        server("B", &[&[0, 1], &[0], &[1]]),
    ];
    let mut seen = [const { Vec::new() }; 4];
    for replication in 0..40 {
        let summary = outcome(&desk, replication, Runtime::Inline).summary;
        let of = |class: usize| {
            let class = &summary.classes[class];
            [
                class.waiting.mean.unwrap(),
                class.sojourn.mean.unwrap(),
                class.lost.abandoned.unwrap(),
                class.lost.failed.unwrap(),
            ]
        };
        let pairs = of(0).into_iter().zip(of(1));
        seen.iter_mut()
            .zip(pairs)
            .for_each(|(all, (one, other))| all.push(one - other));
    }
    for differences in seen {
        let (mean, error) = mean_and_error(&differences);
        assert!(error > 0.0 && mean.abs() < 4.0 * error, "{mean} ± {error}");
    }
}
