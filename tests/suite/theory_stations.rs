//! The closed forms for people and machines, against Markov chains solved here, published values and one another.

use crate::theory::assert_close;
use filas::scenario::{Origin, Overrides, load};
use filas::study::{Assumption, ClosedForm};
use filas::theory::two_machines::{Machine, solve as pair};
use filas::theory::{
    batch_arrivals, m_g_1, m_m_c, m_m_c_balking, m_m_c_k, preemptive, saturated_line,
    unreliable_server,
};

/// The stationary probabilities of a chain, by iteration of a chain in discrete time that has the same.
fn settled(states: usize, moves: &[(usize, usize, f64)]) -> Vec<f64> {
    let mut out = vec![0.0; states];
    for &(from, _, rate) in moves {
        out[from] += rate;
    }
    let fastest = 1.1 * out.iter().copied().fold(0.0, f64::max);
    let mut chances = vec![1.0 / states as f64; states];
    for _ in 0..200_000 {
        let mut next: Vec<f64> = (0..states)
            .map(|state| chances[state] * (1.0 - out[state] / fastest))
            .collect();
        for &(from, to, rate) in moves {
            next[to] += chances[from] * rate / fastest;
        }
        chances = next;
    }
    chances
}

#[test]
fn balking_agrees_with_its_markov_chain() {
    for (lambda, mu, c, chances) in [
        (1.5, 1.0, 1, &[1.0, 0.5, 0.25][..]),
        (0.7, 1.0, 1, &[0.3]),
        (4.0, 1.0, 3, &[1.0, 1.0, 0.5, 0.0]),
        (2.0, 0.5, 5, &[0.9, 0.2]),
    ] {
        let solved = m_m_c_balking::solve(lambda, mu, c, chances).unwrap();
        let chance = |n: u32| match n.checked_sub(c) {
            None => 1.0,
            Some(waiting) => chances[(waiting as usize).min(chances.len() - 1)],
        };
        let mut p = vec![1.0];
        for n in 1..400 {
            let last = p[p.len() - 1];
            p.push(last * lambda * chance(n - 1) / (mu * f64::from(n.min(c))));
        }
        let all: f64 = p.iter().sum();
        let mean = |of: &dyn Fn(u32) -> f64| -> f64 {
            (0..).zip(&p).map(|(n, p)| of(n) * p).sum::<f64>() / all
        };
        let joined = mean(&chance);
        assert_close(solved.balked, 1.0 - joined, 1e-12);
        assert_close(solved.throughput, lambda * joined, 1e-12);
        let lq = mean(&|n| f64::from(n.saturating_sub(c)));
        assert_close(solved.queue_length_mean, lq, 1e-12);
        assert_close(solved.waiting_mean, lq / (lambda * joined), 1e-12);
        let waited = mean(&|n| if n >= c { chance(n) } else { 0.0 });
        assert_close(solved.waited_fraction, waited / joined, 1e-12);
        let busy = mean(&|n| f64::from(n.min(c)));
        assert_close(solved.utilisation, busy / f64::from(c), 1e-12);
    }
}

#[test]
fn balking_always_or_never_is_a_queue_without_and_with_places() {
    let solved = m_m_c_balking::solve(2.4, 1.0, 3, &[1.0]).unwrap();
    assert_close(
        solved.waiting_mean,
        m_m_c::waiting_mean(2.4, 1.0, 3).unwrap(),
        1e-13,
    );
    assert_eq!(solved.balked, 0.0);
    // Who finds two waiting never joins: five places.
    let solved = m_m_c_balking::solve(4.0, 1.0, 3, &[1.0, 1.0, 0.0]).unwrap();
    let finite = m_m_c_k::solve(4.0, 1.0, 3, 5).unwrap();
    assert_close(solved.balked, finite.loss, 1e-13);
    assert_close(solved.waiting_mean, finite.waiting_mean, 1e-13);
    assert!(m_m_c_balking::solve(1.0, 1.0, 1, &[1.0]).is_err());
    assert!(m_m_c_balking::solve(1.0, 1.0, 1, &[]).is_err());
    assert!(m_m_c_balking::solve(1.0, 1.0, 1, &[1.5]).is_err());
    assert_eq!(
        m_m_c_balking::solve(0.0, 1.0, 2, &[0.5])
            .unwrap()
            .waiting_mean,
        0.0
    );
}

#[test]
fn preemptive_resume_agrees_with_the_markov_chain_of_two_exponential_classes() {
    let (urgent, other) = ((0.3, 1.0), (0.25, 0.8));
    let class = |(lambda, mu): (f64, f64)| preemptive::Class {
        lambda,
        mean: 1.0 / mu,
        variance: 1.0 / (mu * mu),
    };
    let times = preemptive::solve(&[class(urgent), class(other)]).unwrap();
    // The first class is alone in the world.
    let alone = m_m_c::waiting_mean(urgent.0, urgent.1, 1).unwrap();
    assert_close(times[0].waiting_mean, alone, 1e-13);
    assert_close(times[0].sojourn_mean, alone + 1.0, 1e-13);
    // The numbers of both classes are a Markov chain; the second is served where there is none of the first.
    let most = 25;
    let at = |i: usize, j: usize| i * (most + 1) + j;
    let mut moves = Vec::new();
    for i in 0..=most {
        for j in 0..=most {
            if i < most {
                moves.push((at(i, j), at(i + 1, j), urgent.0));
            }
            if j < most {
                moves.push((at(i, j), at(i, j + 1), other.0));
            }
            if i > 0 {
                moves.push((at(i, j), at(i - 1, j), urgent.1));
            } else if j > 0 {
                moves.push((at(i, j), at(i, j - 1), other.1));
            }
        }
    }
    let chances = settled((most + 1) * (most + 1), &moves);
    let number: f64 = (0..=most)
        .flat_map(|i| (0..=most).map(move |j| (i, j)))
        .map(|(i, j)| j as f64 * chances[at(i, j)])
        .sum();
    assert_close(times[1].sojourn_mean, number / other.0, 1e-4);
}

#[test]
fn one_class_alone_waits_as_in_m_g_1() {
    let class = preemptive::Class {
        lambda: 0.4,
        mean: 1.5,
        variance: 2.0,
    };
    let times = preemptive::solve(&[class]).unwrap();
    let right = m_g_1::waiting_mean(0.4, 1.5, 2.0).unwrap();
    assert_close(times[0].waiting_mean, right, 1e-14);
    assert_close(times[0].sojourn_mean, right + 1.5, 1e-14);
    let too_much = preemptive::Class {
        lambda: 0.7,
        ..class
    };
    assert!(preemptive::solve(&[too_much]).is_err());
}

#[test]
fn completion_times_agree_with_the_markov_chain_of_an_exponential_server() {
    let (lambda, mu, xi, r) = (0.5, 1.0, 0.2, 0.4_f64);
    let exponential = |rate: f64| [1.0 / rate, 2.0 / rate.powi(2), 6.0 / rate.powi(3)];
    let [c1, c2, c3] = unreliable_server::completion(exponential(mu), xi, exponential(r)).unwrap();
    assert_close(c1, 1.5, 1e-14);
    // The number there, and whether the server is down.
    let most = 300;
    let at = |n: usize, down: bool| 2 * n + usize::from(down);
    let mut moves = Vec::new();
    for n in 0..=most {
        for down in [false, true] {
            if n < most && (n > 0 || !down) {
                moves.push((at(n, down), at(n + 1, down), lambda));
            }
            if n > 0 {
                let (to, rate) = if down {
                    (at(n, false), r)
                } else {
                    (at(n - 1, false), mu)
                };
                moves.push((at(n, down), to, rate));
                if !down {
                    moves.push((at(n, false), at(n, true), xi));
                }
            }
        }
    }
    // Nobody is at a server that is down and empty: the state is never entered.
    moves.push((at(0, true), at(0, false), 1.0));
    let chances = settled(2 * (most + 1), &moves);
    let number: f64 = (0..=most)
        .map(|n| n as f64 * (chances[at(n, false)] + chances[at(n, true)]))
        .sum();
    let wait = m_g_1::waiting_mean(lambda, c1, c2 - c1 * c1).unwrap();
    assert_close(wait + c1, number / lambda, 1e-6);
    // Without faults nothing changes; with repairs of no length neither.
    let plain = exponential(mu);
    assert_eq!(
        unreliable_server::completion(plain, 0.0, [1.0, 2.0, 3.0]),
        Ok(plain)
    );
    assert_eq!(
        unreliable_server::completion(plain, 5.0, [0.0; 3]),
        Ok(plain)
    );
    // A constant service and constant repairs: the number of repairs is a Poisson variable, whose third cumulant
    // is its mean.
    let fixed = |x: f64| [x, x * x, x * x * x];
    let [m1, m2, m3] = unreliable_server::completion(fixed(2.0), 0.5, fixed(3.0)).unwrap();
    let (mean, variance) = (2.0 + 3.0, 9.0);
    assert_close(m1, mean, 1e-14);
    assert_close(m2, variance + mean * mean, 1e-14);
    assert_close(m3, 27.0 + 3.0 * mean * variance + mean.powi(3), 1e-14);
    assert!(c3 > 0.0);
}

#[test]
fn batches_agree_with_published_values_and_their_markov_chain() {
    // Gross and Harris, section 3.1: L = (rho + r E X^2) / (2 (1 - rho)) with r = lambda / mu.
    let (lambda, mu) = (0.3, 1.0);
    let sizes = [(1.0, 0.5), (2.0, 0.3), (3.0, 0.2)];
    let x1: f64 = sizes.iter().map(|(x, p)| x * p).sum();
    let x2: f64 = sizes.iter().map(|(x, p)| x * x * p).sum();
    let service = (1.0 / mu, 1.0 / (mu * mu));
    let wait = batch_arrivals::waiting_mean(lambda, (x1, x2 - x1 * x1), service).unwrap();
    let rho: f64 = lambda * x1 / mu;
    let number = (rho + lambda / mu * x2) / (2.0 * (1.0 - rho));
    assert_close(lambda * x1 * (wait + 1.0 / mu), number, 1e-13);
    let most = 200;
    let mut moves = Vec::new();
    for n in 0..=most {
        for (size, p) in sizes {
            let to = n + size as usize;
            if to <= most {
                moves.push((n, to, lambda * p));
            }
        }
        if n > 0 {
            moves.push((n, n - 1, mu));
        }
    }
    let chances = settled(most + 1, &moves);
    let found: f64 = chances.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
    assert_close(found, number, 1e-6);
    // One at a time it is M/G/1.
    let single = batch_arrivals::waiting_mean(0.4, (1.0, 0.0), (1.5, 2.0)).unwrap();
    assert_close(single, m_g_1::waiting_mean(0.4, 1.5, 2.0).unwrap(), 1e-14);
}

fn machine(mu: f64, faults: f64, repairs: f64) -> Machine {
    Machine {
        mu,
        faults,
        repairs,
    }
}

#[test]
fn two_machines_that_never_fail_are_a_saturated_line() {
    for (mu1, mu2, buffer) in [(1.0, 1.0, 0), (1.3, 0.7, 3), (0.5, 2.0, 10)] {
        let solved = pair([machine(mu1, 0.0, 1.0), machine(mu2, 0.0, 1.0)], buffer).unwrap();
        let right = saturated_line::two_stages(mu1, mu2, buffer, Default::default()).unwrap();
        assert_close(solved.throughput, right, 1e-13);
        assert_close(solved.busy[0] * mu1, right, 1e-13);
        assert_eq!(solved.down, [0.0, 0.0]);
    }
}

#[test]
fn two_unreliable_machines_keep_balance_and_their_mirror_image_makes_as_much() {
    let (first, second) = (machine(1.0, 0.1, 0.3), machine(1.4, 0.3, 0.5));
    let mut before = 0.0;
    for buffer in [0, 1, 2, 5, 20, 200] {
        let solved = pair([first, second], buffer).unwrap();
        let mirror = pair([second, first], buffer).unwrap();
        assert_close(solved.throughput, mirror.throughput, 1e-12);
        assert_close(solved.busy[0] * first.mu, solved.throughput, 1e-12);
        for (busy, down, machine) in [
            (solved.busy[0], solved.down[0], first),
            (solved.busy[1], solved.down[1], second),
        ] {
            assert_close(busy * machine.faults, down * machine.repairs, 1e-12);
        }
        assert_close(solved.busy[0] + solved.down[0] + solved.blocked, 1.0, 1e-12);
        assert!(
            solved.throughput > before,
            "a place more is worth something"
        );
        before = solved.throughput;
    }
    // Far apart the slower one makes what it makes alone.
    let alone = |machine: Machine| machine.mu / (1.0 + machine.faults / machine.repairs);
    assert_close(before, alone(first).min(alone(second)), 1e-3);
    assert!(pair([first, second], 400).is_err());
}

#[test]
fn two_unreliable_machines_without_a_buffer_agree_with_their_chain_written_out() {
    // States of two alike machines of rate 1, faults a, repairs r: (held, first down, second down).
    let (a, r) = (0.2, 0.5);
    let solved = pair([machine(1.0, a, r); 2], 0).unwrap();
    let states = [
        (0, false, false), // 0: the first works, the second has nothing
        (0, true, false),  // 1
        (1, false, false), // 2: both work
        (1, true, false),  // 3
        (1, false, true),  // 4
        (1, true, true),   // 5
        (2, false, false), // 6: the first is blocked
        (2, false, true),  // 7
    ];
    let moves = [
        (0, 2, 1.0),
        (0, 1, a),
        (1, 0, r),
        (2, 6, 1.0),
        (2, 0, 1.0),
        (2, 3, a),
        (2, 4, a),
        (3, 2, r),
        (3, 1, 1.0),
        (3, 5, a),
        (4, 2, r),
        (4, 7, 1.0),
        (4, 5, a),
        (5, 4, r),
        (5, 3, r),
        (6, 2, 1.0),
        (6, 7, a),
        (7, 6, r),
    ];
    let chances = settled(states.len(), &moves);
    let works = |state: &(usize, bool, bool)| state.0 > 0 && !state.2;
    let both = states.iter().zip(&chances);
    let busy: f64 = both.filter(|(state, _)| works(state)).map(|(_, p)| p).sum();
    assert_close(solved.throughput, busy, 1e-9);
    assert_close(solved.blocked, chances[6] + chances[7], 1e-9);
    assert_eq!(solved.queue_length_mean, 0.0);
}

/// The closed form of a line written like this.
fn form(text: &str) -> ClosedForm {
    form_of(&format!("model = \"tandem\"\n{text}"))
}

/// The closed form of a scenario written like this.
fn form_of(text: &str) -> ClosedForm {
    let name = "x.toml";
    let origin = Origin::Embedded { name, text };
    match load(origin, &Overrides::default()) {
        Ok(loaded) => ClosedForm::of(&loaded.scenario),
        Err(error) => panic!("{}", error.plain()),
    }
}

const BAKERY: &str = "
    arrivals = { interarrival = { exponential = { mean = 0.75 } } }
    horizon = { customers = 10000 }
    stages = [ { name = \"counter\", servers = 2, service = { exponential = { mean = 1.75 } }, join = [0.9, 0.5, 0.2] } ]
";

const WARD: &str = "
    arrivals = { interarrival = { exponential = { mean = 2 } } }
    classes = [ { name = \"plain\", share = 0.75 }, { name = \"urgent\", share = 0.25, priority = 1 } ]
    horizon = { until = 10000 }
    [[stages]]
    name = \"doctor\"
    preemption = \"resume\"
    service = { by_class = { urgent = { constant = { value = 2 } }, plain = { exponential = { mean = 1 } } } }
";

const MACHINE: &str = "
    arrivals = { interarrival = { exponential = { mean = 2 } } }
    horizon = { customers = 10000 }
    [[stages]]
    name = \"press\"
    service = { constant = { value = 1 } }
    faults = { every = { exponential = { mean = 10 } }, clock = \"busy\", repair = { gamma = { mean = 3, cv = 1 } } }
";

const BUSES: &str = "
    arrivals = { interarrival = { exponential = { mean = 10 } }, batch = { discrete = { values = [2, 5], probabilities = [0.5, 0.5] } } }
    horizon = { customers = 10000 }
    stages = [ { name = \"gate\", service = { exponential = { mean = 2 } } } ]
";

const SHOP: &str = "
    arrivals = { interarrival = { exponential = { mean = 2 } } }
    horizon = { customers = 10000 }
    stages = [ { name = \"till\", buffer = 4, service = { exponential = { mean = 1 } } } ]
";

const PAIR: &str = "
    arrivals = { saturated = true }
    horizon = { customers = 10000 }
    [[stages]]
    name = \"lathe\"
    service = { exponential = { mean = 1 } }
    faults = { every = { exponential = { mean = 50 } }, clock = \"busy\", repair = { exponential = { mean = 10 } } }
    [[stages]]
    name = \"mill\"
    buffer = 5
    service = { exponential = { mean = 0.5 } }
";

#[test]
fn the_closed_form_of_a_line_with_people_or_machines_is_found() {
    let quick = MACHINE.replace("constant = { value = 1 }", "constant = { value = 0.5 }");
    for (text, key, right) in [
        (
            BAKERY,
            "waiting.mean",
            m_m_c_balking::solve(1.0 / 0.75, 1.0 / 1.75, 2, &[0.9, 0.5, 0.2])
                .unwrap()
                .waiting_mean,
        ),
        // Alone the urgent are M/D/1 of load 0.25, and the others see all the work: 0.125 4 + 0.375 2 over
        // 2 (1 - 0.25) (1 - 0.625).
        (WARD, "classes.1.waiting.mean", 0.5 / (2.0 * 0.75)),
        (WARD, "classes.0.waiting.mean", 1.25 / (2.0 * 0.75 * 0.375)),
        (
            WARD,
            "classes.0.sojourn.mean",
            1.25 / (2.0 * 0.75 * 0.375) + 1.0 / 0.75,
        ),
        // C has mean 1.3 and second moment 1.69 + 0.1 E R^2, with E R^2 = 18.
        (MACHINE, "waiting.mean", 0.5 * 3.49 / (2.0 * 0.35)),
        (MACHINE, "sojourn.mean", 0.5 * 3.49 / (2.0 * 0.35) + 1.3),
        // It works for half of the time, and stands still for another 0.5 0.1 3.
        (MACHINE, "stages.0.utilisation", 0.5),
        (&quick, "stages.0.utilisation", 0.25),
        (
            &quick,
            "sojourn.mean",
            0.5 * (0.4225 + 0.05 * 18.0) / (2.0 * 0.675) + 0.65,
        ),
        // Of 1 + r + ... + r^5 at r = 1/2 the last is lost.
        (SHOP, "lost.total", 1.0 / 63.0),
        // x1 = 3.5, x2 = 14.5, rho = 0.7.
        (BUSES, "waiting.mean", (0.35 * 8.0 + 2.0 * 11.0 / 3.5) / 0.6),
        (
            PAIR,
            "throughput",
            pair([machine(1.0, 0.02, 0.1), machine(2.0, 0.0, 1.0)], 5)
                .unwrap()
                .throughput,
        ),
    ] {
        let form = form(text);
        assert!(form.applies, "{form:#?}");
        let long = |one: &Assumption| one.name.starts_with("the run is long enough");
        assert!(form.assumptions.iter().any(long), "{form:#?}");
        assert_close(form.measure(key).unwrap(), right, 1e-12);
    }
}

#[test]
fn a_long_run_that_stops_has_the_form_of_one_that_drains() {
    for text in [BAKERY, MACHINE, SHOP, PAIR] {
        let until = "horizon = { until = 20000 }";
        let drains = text.replace("horizon = { customers = 10000 }", until);
        assert!(drains.contains(until));
        let stops = drains.replace("20000 }", "20000, stop = true }");
        let stops = form(&stops);
        assert!(stops.applies, "{stops:?}");
        assert_eq!(stops, form(&drains));
    }
    // The run ends before the first service does.
    let short = "
        arrivals = { interarrival = { constant = { value = 1 } } }
        horizon = { until = 3, stop = true }
        stages = [ { name = \"s\", servers = 5, service = { constant = { value = 4 } } } ]
    ";
    assert!(!form(short).applies, "{:?}", form(short));
}

#[test]
fn a_line_with_people_or_machines_that_no_form_covers_says_why() {
    for (text, old, new, why) in [
        (
            BAKERY,
            "exponential = { mean = 1.75",
            "constant = { value = 1.75",
            "services are exponential",
        ),
        (
            BAKERY,
            "join =",
            "patience = { constant = { value = 9 } }, join =",
            "nothing else sets people",
        ),
        (
            BAKERY,
            "customers = 10000",
            "customers = 100",
            "the run is long enough",
        ),
        (
            WARD,
            "\"resume\"",
            "\"restart\"",
            "goes on where it stopped",
        ),
        (
            WARD,
            ", priority = 1",
            "",
            "no two classes have one priority",
        ),
        (
            WARD,
            "preemption",
            "servers = 2\npreemption",
            "there is one server",
        ),
        (
            MACHINE,
            "\"busy\"",
            "\"calendar\"",
            "break down in time of service",
        ),
        (
            MACHINE,
            "every = { exponential = { mean = 10 } }",
            "every = { constant = { value = 10 } }",
            "the time to a fault",
        ),
        (
            MACHINE,
            "clock = \"busy\"",
            "clock = \"busy\", work = \"restart\"",
            "goes on where it stopped",
        ),
        (
            MACHINE,
            "clock = \"busy\"",
            "clock = \"busy\", slow = 0.5",
            "goes on where it stopped",
        ),
        (
            BUSES,
            "exponential = { mean = 10 }",
            "constant = { value = 10 }",
            "arrivals are a Poisson process",
        ),
        (
            SHOP,
            "buffer = 4",
            "buffer = 20000000",
            "a size that can be summed over",
        ),
        (PAIR, "buffer = 5\n", "", "finite buffer"),
        (
            PAIR,
            "service = { exponential = { mean = 0.5",
            "scrap = 0.5\nservice = { exponential = { mean = 0.5",
            "nothing else sets people",
        ),
    ] {
        assert!(text.contains(old), "{old}");
        let form = form(&text.replacen(old, new, 1));
        assert!(!form.applies, "{form:#?}");
        let fails = form.fails().unwrap();
        assert!(fails.contains(why), "{new}: {fails}");
    }
}

/// The same queue on a line, in a network and at a desk: the interarrival time, the service, and what comes at the head.
fn three_ways(customers: u32, service: &str) -> [ClosedForm; 3] {
    let gap = "interarrival = { exponential = { mean = 1.0 } }";
    let line = format!(
        "model = 'tandem'\narrivals = {{ {gap} }}\nhorizon = {{ customers = {customers} }}\n\
         stages = [{{ name = 'a', service = {service} }}]"
    );
    let network = format!(
        "model = 'network'\narrivals = {{ {gap} }}\nhorizon = {{ customers = {customers} }}\n\
         stations = [{{ name = 'a', service = {service}, next = 'out' }}]"
    );
    let desk = format!(
        "model = 'desk'\narrivals = {{ {gap} }}\nhorizon = {{ until = {customers} }}\n\
         classes = [{{ name = 'a', service = {service} }}]\nsupervisor = {{ queue = 'central' }}\n\
         servers = [{{ name = 'S', attendants = [{{ skills = ['a'] }}] }}]"
    );
    [line, network, desk].map(|text| form_of(&text))
}

#[test]
fn a_run_too_short_for_its_load_and_recorded_services_have_no_form_in_any_model() {
    let exponential = |mean: f64| format!("{{ exponential = {{ mean = {mean} }} }}");
    for form in three_ways(1000, &exponential(0.99)) {
        assert_eq!(
            form.fails(),
            Some("the run is long enough to forget that it began empty"),
            "{form:?}"
        );
    }
    for form in three_ways(1000, &exponential(0.5)) {
        assert!(form.applies, "{form:?}");
    }
    let recorded = "{ trace = { values = [0.5, 0.2], repeat = true } }";
    let many = "{ customers = 100000 }";
    let batch = format!(
        "arrivals = {{ interarrival = {{ exponential = {{ mean = 1.0 }} }}, \
         batch = {{ constant = {{ value = 1 }} }} }}\nhorizon = {many}\n\
         stages = [{{ name = 'a', service = {recorded} }}]"
    );
    let forms = three_ways(100_000, recorded).into_iter();
    for form in forms.chain([form(&batch)]) {
        let fails = form.fails().unwrap_or_default();
        assert!(
            fails.starts_with("services follow a law and are not recorded ones"),
            "{form:?}"
        );
    }
}

#[test]
fn a_closed_network_of_a_thousand_rounds_is_long() {
    let alone = |until: &str| {
        form_of(&format!(
            "model = 'network'\nclasses = [{{ name = 'c', population = 1, enter = 'a' }}]\nhorizon = {{ until = {until} }}\n\
             stations = [{{ name = 'a', service = {{ exponential = {{ mean = 2.0 }} }}, next = 'a' }}]"
        ))
    };
    assert!(alone("2000.0").applies, "{:?}", alone("2000.0"));
    let fails = alone("1999.0").fails().map(str::to_owned);
    assert_eq!(
        fails.unwrap(),
        "the run is long enough to forget how it began"
    );
}

#[test]
fn a_line_has_the_form_of_the_network_that_it_is() {
    let written = |model: &str, list: &str, next: &str, more: &str| {
        form_of(&format!(
            "model = '{model}'\narrivals = {{ interarrival = {{ exponential = {{ mean = 1.0 }} }} }}\n\
             horizon = {{ customers = 100000 }}\n\
             {list} = [{{ name = 'a', service = {{ exponential = {{ mean = 0.5 }} }}{more}{next} }}]"
        ))
    };
    for more in [
        ", discipline = 'processor-sharing'",
        ", servers = 'unlimited'",
        ", scrap = 0.25",
    ] {
        let line = written("tandem", "stages", "", more);
        let network = written("network", "stations", ", next = 'out'", more);
        assert!(line.applies && network.applies, "{line:?}");
        assert!(
            line.measures
                .iter()
                .any(|(key, _)| key.starts_with("stages.0."))
        );
        for (key, value) in &network.measures {
            let key = key.replace("stations.", "stages.");
            assert_eq!(line.measure(&key), Some(*value), "{key}");
        }
    }
    for (more, why) in [
        (
            ", patience = { exponential = { mean = 3.0 } }",
            "nobody gives up",
        ),
        (", discipline = 'lifo'", "first come first served"),
        (", speeds = [0.5]", "servers are alike"),
    ] {
        let form = written("tandem", "stages", "", more);
        let fails = form.fails().unwrap_or_default();
        assert!(
            fails.contains(why) && !fails.contains("station"),
            "{form:?}"
        );
    }
}
