//! The closed forms of telephone traffic, against published values, one another, and desks in continuous time.

use crate::desk_cases::outcome;
use crate::theory::assert_close;
use filas::actor::Runtime;
use filas::scenario::{Desk, Origin, Overrides, load};
use filas::study::ClosedForm;
use filas::theory::preemptive::Class;
use filas::theory::redial::Redial;
use filas::theory::{NoAnswer, erlang, m_m_c, m_m_c_abandonment, m_m_c_k, priorities};

#[test]
fn erlang_a_gives_the_published_values() {
    let steady = m_m_c_abandonment::solve(2.0, 0.25, 1.0 / 3.0, 9).unwrap();
    for (seen, right) in [
        (steady.abandoned, 0.09696),
        (steady.waiting_all_mean, 0.29087),
        (steady.waited_fraction, 0.38443),
        (steady.utilisation, 0.80271),
    ] {
        assert!((seen - right).abs() < 1e-5, "{steady:?}");
    }
}

/// The share of arrivals served within a time, by the differential equations of the wait, in small steps.
fn followed(lambda: f64, mu: f64, theta: f64, c: usize, time: f64) -> f64 {
    let states = 150;
    let mut p = vec![1.0];
    for n in 1..states {
        let (busy, waiting) = (n.min(c) as f64, n.saturating_sub(c) as f64);
        p.push(p[n - 1] * lambda / (busy * mu + waiting * theta));
    }
    let all: f64 = p.iter().sum();
    let mut waits: Vec<f64> = p[c..].iter().map(|p| p / all).collect();
    let mut served = 1.0 - waits.iter().sum::<f64>();
    let steps = 6_000;
    let dt = time / f64::from(steps);
    let rate = |ahead: usize| c as f64 * mu + theta * ahead as f64;
    for _ in 0..steps {
        // The middle of the step, by half a step of Euler.
        let slope = |waits: &[f64], ahead: usize| {
            let next = waits.get(ahead + 1).copied().unwrap_or(0.0);
            next * rate(ahead + 1) - waits[ahead] * (rate(ahead) + theta)
        };
        let middle: Vec<f64> = (0..waits.len())
            .map(|ahead| waits[ahead] + dt / 2.0 * slope(&waits, ahead))
            .collect();
        served += dt * middle[0] * rate(0);
        waits = (0..waits.len())
            .map(|ahead| waits[ahead] + dt * slope(&middle, ahead))
            .collect();
    }
    served
}

#[test]
fn the_service_level_of_erlang_a_follows_the_wait_of_one_caller() {
    for (lambda, mu, theta, c, time) in [
        (2.0, 0.25, 1.0 / 3.0, 9, 0.3),
        (3.0, 1.0, 2.0, 2, 0.5),
        (1.0, 1.0, 0.1, 1, 2.0),
    ] {
        let steady = m_m_c_abandonment::solve(lambda, mu, theta, c).unwrap();
        let right = followed(lambda, mu, theta, c as usize, time);
        assert_close(steady.answered_within(time), right, 1e-6);
        assert_close(steady.answered_within(1000.0), 1.0 - steady.abandoned, 1e-9);
        assert_close(
            steady.answered_within(0.0),
            1.0 - steady.waited_fraction,
            1e-12,
        );
    }
}

#[test]
fn callers_of_endless_patience_wait_as_erlang_c_says() {
    let steady = m_m_c_abandonment::solve(2.0, 0.25, 1e-9, 10).unwrap();
    let right = m_m_c::waiting_mean(2.0, 0.25, 10).unwrap();
    assert_close(steady.waiting_mean, right, 1e-6);
    assert_close(steady.waited_fraction, erlang::c(8.0, 10).unwrap(), 1e-6);
    let within = 1.0 - erlang::c(8.0, 10).unwrap() * (-0.5f64 / 3.0).exp();
    assert_close(steady.answered_within(1.0 / 3.0), within, 1e-6);
}

#[test]
fn with_many_places_the_service_level_is_that_of_erlang_c_and_with_none_all_are_in_time() {
    let delay = erlang::c(8.0, 10).unwrap();
    let many = m_m_c_k::answered_within(2.0, 0.25, 10, 2000, 0.7).unwrap();
    assert_close(many, 1.0 - delay * (-0.5f64 * 0.7).exp(), 1e-9);
    let none = m_m_c_k::answered_within(2.0, 0.25, 10, 10, 0.0).unwrap();
    assert_close(none, 1.0 - erlang::b(8.0, 10).unwrap(), 1e-12);
    // One server and one place: half of those who wait do so for longer than the median of a service.
    let one = m_m_c_k::answered_within(1.0, 1.0, 1, 2, std::f64::consts::LN_2).unwrap();
    assert_close(one, 1.0 / 3.0 + 1.0 / 6.0, 1e-12);
}

/// A new call a minute for three attendants who take two minutes each; of the callers seven in ten come again when rejected.
const REDIAL: Redial = Redial {
    lambda: 1.0,
    mu: 0.5,
    c: 3,
    places: Some(3),
    theta: 0.0,
    nu: 0.5,
    again_rejected: 0.7,
    again_abandoned: 0.0,
};

#[test]
fn redial_gives_the_published_values_and_without_it_erlang_b() {
    let steady = REDIAL.solve().unwrap();
    for (seen, right) in [
        (steady.tries_per_client, 1.29385),
        (steady.rejected, 0.32445),
        (1.0 - steady.throughput / REDIAL.lambda, 0.12594),
        (steady.utilisation, 0.58271),
    ] {
        assert!((seen - right).abs() < 1e-5, "{steady:?}");
    }
    let once = Redial {
        again_rejected: 0.0,
        ..REDIAL
    };
    let once = once.solve().unwrap();
    assert_close(once.rejected, erlang::b(2.0, 3).unwrap(), 1e-12);
    assert_close(once.tries_per_client, 1.0, 1e-12);
}

#[test]
fn one_server_whose_callers_never_tire_has_the_orbit_of_falin_and_templeton() {
    // M/M/1/1 with retrials: busy with rho, and rho (lambda + rho nu) / ((1 - rho) nu) who will come again.
    for (lambda, nu) in [(0.3, 2.0), (0.6, 0.5), (0.8, 10.0)] {
        let queue = Redial {
            lambda,
            mu: 1.0,
            c: 1,
            places: Some(1),
            nu,
            again_rejected: 1.0,
            ..REDIAL
        };
        let steady = queue.solve().unwrap();
        let rho = lambda;
        assert_close(steady.utilisation, rho, 1e-9);
        let coming = rho * (lambda + rho * nu) / ((1.0 - rho) * nu);
        assert_close(steady.coming_mean, coming, 1e-8);
        let full = Redial {
            lambda: 1.0,
            ..queue
        };
        assert!(matches!(full.solve(), Err(NoAnswer::Unstable { .. })));
    }
}

#[test]
fn callers_who_hang_up_and_do_not_come_again_are_those_of_erlang_a() {
    let queue = Redial {
        lambda: 2.0,
        mu: 0.25,
        c: 9,
        places: None,
        theta: 1.0 / 3.0,
        again_rejected: 0.0,
        ..REDIAL
    };
    let (seen, right) = (
        queue.solve().unwrap(),
        m_m_c_abandonment::solve(2.0, 0.25, 1.0 / 3.0, 9).unwrap(),
    );
    assert_close(seen.abandoned, right.abandoned, 1e-10);
    assert_close(seen.waiting_mean, right.waiting_mean, 1e-10);
    assert_close(seen.time_to_abandon_mean, right.time_to_abandon_mean, 1e-9);
    assert_close(seen.waited_fraction, right.waited_fraction, 1e-10);
    assert_close(seen.answered_within(0.4), right.answered_within(0.4), 1e-9);
    // With places, too, and those who come again: all who come are served, rejected, or give up, and the attendants
    // are as busy as those served make them.
    let again = Redial {
        places: Some(14),
        again_rejected: 0.5,
        again_abandoned: 0.9,
        ..queue
    };
    let steady = again.solve().unwrap();
    let tries = again.lambda * steady.tries_per_client;
    let ends = steady.served() + steady.rejected + steady.abandoned;
    assert_close(ends, 1.0, 1e-10);
    assert_close(steady.throughput, tries * steady.served(), 1e-9);
    let lost = 0.5 * steady.rejected + 0.1 * steady.abandoned;
    assert_close(steady.throughput + tries * lost, again.lambda, 1e-9);
    assert!(steady.tries_per_client > 1.1 && steady.rejected > 0.01);
}

#[test]
fn a_chain_of_redial_that_is_too_large_is_said_to_be() {
    let large = Redial {
        lambda: 2990.0,
        mu: 1.0,
        c: 3000,
        places: Some(3000),
        ..REDIAL
    };
    assert!(matches!(large.solve(), Err(NoAnswer::TooLarge { .. })));
}

#[test]
fn priorities_shift_waits_between_classes_and_keep_their_sum() {
    // Kleinrock's conservation law: the sum of load times wait is that without priorities.
    let class = |lambda, mean| Class {
        lambda,
        mean,
        variance: mean * mean,
    };
    let waits = priorities::one_server(&[class(0.3, 1.0), class(0.2, 2.0)]).unwrap();
    let (left, load) = (0.3 + 0.8, 0.3 + 0.4);
    assert_close(
        0.3 * waits[0] + 0.4 * waits[1],
        load * left / (1.0 - load),
        1e-12,
    );
    let many = priorities::many_servers(&[0.8, 1.0], 0.5, 5).unwrap();
    let fifo = m_m_c::waiting_mean(1.8, 0.5, 5).unwrap();
    assert_close((0.8 * many[0] + many[1]) / 1.8, fifo, 1e-12);
    assert!(many[0] < fifo && fifo < many[1]);
}

fn desk(text: &str) -> Desk {
    let loaded = load(Origin::Embedded { name: "x", text }, &Overrides::default());
    let loaded = loaded.unwrap_or_else(|error| panic!("{}", error.plain()));
    loaded.scenario.desk().unwrap().clone()
}

const BASE: &str = r#"
model = "desk"
horizon = { until = 4000.0, warm_up = 200.0 }
supervisor = { queue = "central" }
[[servers]]
name = "centre"
attendants = [ { skills = ["calls", "bills"], count = 4 } ]
"#;

/// A desk of one class, whose clients come again.
fn redial(more: &str, calls: &str) -> Desk {
    desk(&format!(
        "{more}\n{}\n[[classes]]\nname = \"calls\"\narrivals = {{ interarrival = {{ exponential = {{ rate = 3.6 }} }} }}\n\
         service = {{ exponential = {{ mean = 1.0 }} }}\nservice_level = {{ within = 0.2 }}\n{calls}\n",
        BASE.replace("\"calls\", \"bills\"", "\"calls\"")
    ))
}

/// A desk of two classes that share what comes.
fn of_two(more: &str, calls: &str, bills: &str) -> Desk {
    desk(&format!(
        "{more}\n{BASE}\n[arrivals]\ninterarrival = {{ exponential = {{ rate = 3.6 }} }}\n\
         [[classes]]\nname = \"calls\"\nshare = 0.25\nservice = {{ exponential = {{ mean = 1.0 }} }}\n{calls}\n\
         [[classes]]\nname = \"bills\"\nshare = 0.75\nservice = {{ exponential = {{ mean = 1.0 }} }}\n{bills}\n"
    ))
}

/// Attendants who fail now and then, and go on with their work after a repair.
fn faults(clock: &str, more: &str) -> String {
    format!(
        "faults = {{ every = {{ exponential = {{ mean = 90.0 }} }}, clock = \"{clock}\", \
         repair = {{ exponential = {{ mean = 3.0 }} }}, work = \"resume\", {more} }}"
    )
}

#[test]
fn every_form_agrees_with_desks_in_continuous_time() {
    let level = "service_level = { within = 0.5 }";
    let patience = "patience = { exponential = { mean = 1.5 } }";
    for (model, desk) in [
        ("Erlang C (M/M/c)", of_two("", level, "")),
        (
            "Erlang A (M/M/c + M)",
            of_two("", &format!("{level}\n{patience}"), patience),
        ),
        ("Erlang B (M/M/c/c)", of_two("system_capacity = 4", "", "")),
        ("M/M/c/K", of_two("buffer = { capacity = 3 }", level, level)),
        (
            "priorities without preemption (Cobham)",
            of_two("", "priority = 1", ""),
        ),
        (
            "M/M/c with breakdowns",
            of_two(&faults("calendar", "crew = 1"), "", ""),
        ),
        (
            "M/M/c with breakdowns",
            of_two(&faults("busy", ""), "priority = 0", ""),
        ),
        (
            "redial (M/M/c with retrials)",
            redial(
                "system_capacity = 6",
                &format!(
                    "{patience}\nretry = {{ after = [\"rejected\", \"abandoned\"], probability = 0.6, delay = {{ exponential = {{ mean = 2.0 }} }} }}"
                ),
            ),
        ),
        (
            "redial (M/M/c with retrials)",
            redial(
                "",
                &format!(
                    "{patience}\nretry = {{ after = [\"abandoned\"], probability = 0.8, delay = {{ exponential = {{ mean = 5.0 }} }} }}"
                ),
            ),
        ),
    ] {
        let fit = ClosedForm::of_desk(&desk);
        assert_eq!((fit.model.as_str(), fit.fails()), (model, None));
        assert!(fit.measures.len() >= 4, "{:?}", fit.measures);
        let runs: Vec<serde_json::Value> = (0..12)
            .map(|replication| {
                let summary = outcome(&desk, replication, Runtime::Inline).summary;
                serde_json::to_value(summary).unwrap()
            })
            .collect();
        for (key, expected) in &fit.measures {
            let at = format!("/{}", key.replace('.', "/"));
            let values = runs
                .iter()
                .map(|run| run.pointer(&at).unwrap().as_f64().unwrap());
            let values: Vec<f64> = values.collect();
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let error = (squares / (n - 1.0) / n).sqrt();
            // Quantiles are within 1 %.
            let near = 5.0 * error
                + if key.contains(".p") {
                    0.01 * expected
                } else {
                    1e-12
                };
            assert!(
                (mean - expected).abs() <= near,
                "{model}: {key}: {mean} +- {error}, not {expected}"
            );
        }
    }
}

#[test]
fn what_a_form_assumes_is_said_where_it_fails() {
    let two = |calls: &str| of_two("", calls, "");
    let retry = "retry = { after = [\"rejected\"], probability = 0.5, delay = { exponential = { mean = 1.0 } } }";
    let most = retry.replace("} } }", "} }, most = 2 }");
    let constant = retry.replace("exponential = { mean", "constant = { value");
    for (desk, reason) in [
        (redial("", retry), "some are lost"),
        (redial("system_capacity = 5", &most), "as often as they like"),
        (redial("system_capacity = 5", &constant), "after an exponential time"),
        (redial("system_capacity = 5\nbusy_day = { cv = 0.2 }", retry),"Poisson"),
        (desk(&BASE.replace("[[servers]]", "[arrivals]\ninterarrival = { exponential = { rate = 1.0 } }\nbatch = { constant = { value = 2 } }\n[[classes]]\nname = \"calls\"\nservice = { exponential = { mean = 1.0 } }\n[[servers]]").replace(", \"bills\"", "")), "Poisson"),
        (desk(&BASE.replace("queue = \"central\"", "queue = \"servers\"").replace("attendants", "capacity = 3\nattendants").replace(
            "[[servers]]",
            "[arrivals]\ninterarrival = { exponential = { rate = 1.0 } }\n[[classes]]\nname = \"calls\"\nservice = { exponential = { mean = 1.0 } }\n[[servers]]",
        ).replace(", \"bills\"", "")), "each of its attendants"),
        (two("patience = { exponential = { mean = 1.0 } }"), "patience is exponential"),
        (of_two(&faults("busy", "").replace("resume", "restart"), "", ""), "undoes no work"),
        (of_two(&faults("busy", "slow = 0.5"), "", ""), "no fault slows an attendant"),
        (two("priority = 1\npatience = { exponential = { mean = 1.0 } }"), "nobody gives up"),
        (desk(&BASE.replace("\"calls\", \"bills\"", "\"calls\"").replace("count = 4", "count = 400").replace(
            "[[servers]]",
            "[[classes]]\nname = \"calls\"\narrivals = { interarrival = { constant = { value = 1.0 } } }\nservice = { exponential = { mean = 1.0 } }\n[[servers]]",
        )), "Poisson"),
    ] {
        let fit = ClosedForm::of_desk(&desk);
        assert!(fit.fails().is_some_and(|fails| fails.contains(reason)), "{:?}", fit.fails());
    }
}

#[test]
fn erlang_a_in_overload_where_the_queue_is_never_empty() {
    // By first passages over all states of the chain, in Python; the level by simulation, 7.0 ± 0.8 %.
    let steady = m_m_c_abandonment::solve(10.0, 1.0, 0.05, 3).unwrap();
    assert_close(steady.waiting_mean, 23.913, 1e-4);
    assert_close(steady.time_to_abandon_mean, 9.751, 1e-4);
    let level = steady.answered_within(22.0);
    assert!((0.06..0.08).contains(&level), "{level}");
    // So many that all wait about log(3000 / 500) / 0.01 = 179.
    let crowd = m_m_c_abandonment::solve(3000.0, 1.0, 0.01, 500).unwrap();
    assert!(crowd.answered_within(160.0) < 0.01);
    assert_close(crowd.answered_within(200.0), 1.0 / 6.0, 1e-2);
    assert!((170.0..188.0).contains(&crowd.waiting_mean), "{crowd:?}");
}

#[test]
fn the_level_of_a_desk_that_keeps_all_its_calls_is_that_of_erlang_c() {
    let text = "model = 'desk'\nhorizon = { until = 100000.0 }\n\
        arrivals = { interarrival = { exponential = { mean = 1.0 } } }\n\
        classes = [{ name = 'a', service = { exponential = { mean = 1.5 } }, service_level = { within = 2.0 } }]\n\
        supervisor = { queue = 'central' }\n\
        servers = [{ name = 'S', attendants = [{ skills = ['a'], count = 2 }] }]";
    let origin = Origin::Embedded { name: "x", text };
    let form = ClosedForm::of(&load(origin, &Overrides::default()).unwrap().scenario);
    let right = 1.0 - erlang::c(1.5, 2).unwrap() * (-(2.0 / 1.5 - 1.0) * 2.0_f64).exp();
    let level = form.measure("service_level.of_offered").unwrap();
    assert_close(level, right, 1e-12);
}
