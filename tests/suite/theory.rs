//! The closed forms against Markov chains solved here, published values and one another.

use filas::random::Law;
use filas::random::laws::{
    Constant, Empirical, Erlang, Exponential, Gamma, Geometric, Hyperexponential, Lognormal,
    Normal, Pareto, Triangular, Uniform, Weibull,
};
use filas::theory::{NoAnswer, erlang, g_g_c, gi_m_1, m_d_c, m_g_1, m_m_c, m_m_c_k};

#[track_caller]
pub(crate) fn assert_close(mine: f64, right: f64, tolerance: f64) {
    let distance = (mine - right).abs();
    assert!(
        distance <= tolerance * right.abs().max(1.0),
        "{mine} is not {right}"
    );
}

/// State probabilities of a birth-death chain truncated at `states`, straight from its balance.
fn birth_death(lambda: f64, mu: f64, c: u32, states: u32) -> Vec<f64> {
    let mut weights = vec![1.0];
    for n in 1..=states {
        let before = weights[weights.len() - 1];
        weights.push(before * lambda / (mu * f64::from(n.min(c))));
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

#[test]
fn erlang_formulas_give_the_published_values() {
    // B(10, 10) = 0.2146 and B(5, 2) = 0.0367 (standard Erlang B tables); c = 1 and 2 in closed form.
    assert_close(erlang::b(10.0, 10).unwrap(), 0.214_582_343_1, 1e-9);
    assert_close(erlang::b(2.0, 5).unwrap(), 4.0 / 109.0, 1e-14);
    assert_close(erlang::b(0.5, 1).unwrap(), 1.0 / 3.0, 1e-15);
    // Two servers: C = a^2 / (2 + a); three at a = 2: C = 4/9 (Gross and Harris).
    assert_close(erlang::c(1.5, 2).unwrap(), 2.25 / 3.5, 1e-14);
    assert_close(erlang::c(2.0, 3).unwrap(), 4.0 / 9.0, 1e-14);
    assert_eq!(erlang::b(0.0, 3), Ok(0.0));
    assert_eq!(erlang::c(0.0, 3), Ok(0.0));
}

#[test]
fn m_m_c_agrees_with_its_markov_chain() {
    for (lambda, mu, c) in [
        (0.8, 1.0, 1),
        (2.4, 1.0, 3),
        (1.0, 0.3, 5),
        (0.1, 1.0, 4),
        (45.0, 1.0, 50),
    ] {
        let p = birth_death(lambda, mu, c, 3000);
        let waited: f64 = p[c as usize..].iter().sum();
        let queue = |n: usize| n.saturating_sub(c as usize) as f64;
        let lq: f64 = p.iter().enumerate().map(|(n, p)| p * queue(n)).sum();
        // An arrival that finds n >= c waits n - c + 1 services at rate c mu: an Erlang variable.
        let rate = f64::from(c) * mu;
        let second: f64 = p
            .iter()
            .enumerate()
            .skip(c as usize)
            .map(|(n, p)| p * (queue(n) + 1.0) * (queue(n) + 2.0) / (rate * rate))
            .sum();
        let wq = lq / lambda;
        assert_close(
            m_m_c::waited_fraction(lambda, mu, c).unwrap(),
            waited,
            1e-11,
        );
        assert_close(m_m_c::queue_length_mean(lambda, mu, c).unwrap(), lq, 1e-10);
        assert_close(m_m_c::waiting_mean(lambda, mu, c).unwrap(), wq, 1e-10);
        assert_close(
            m_m_c::waiting_sd(lambda, mu, c).unwrap(),
            (second - wq * wq).sqrt(),
            1e-10,
        );
        assert_close(
            m_m_c::sojourn_mean(lambda, mu, c).unwrap(),
            wq + 1.0 / mu,
            1e-10,
        );
    }
}

#[test]
fn m_m_1_is_what_the_textbooks_say() {
    // rho = 0.8: wq = 4, W = 5, both in services; the sojourn is exponential.
    assert_close(m_m_c::waiting_mean(0.8, 1.0, 1).unwrap(), 4.0, 1e-14);
    assert_close(m_m_c::sojourn_mean(0.8, 1.0, 1).unwrap(), 5.0, 1e-14);
    assert_close(m_m_c::sojourn_sd(0.8, 1.0, 1).unwrap(), 5.0, 1e-14);
    assert_close(m_m_c::queue_length_mean(0.8, 1.0, 1).unwrap(), 3.2, 1e-14);
    let q = |p| m_m_c::waiting_quantile(0.8, 1.0, 1, p).unwrap();
    assert_eq!((q(0.0), q(0.2)), (0.0, 0.0));
    assert_close(q(0.9), 8f64.ln() / 0.2, 1e-13);
}

#[test]
fn m_m_c_stays_right_up_to_the_edge_and_for_a_thousand_servers() {
    // Heavy traffic: (1 - rho) wq c mu tends to 1.
    for c in [1, 10, 1000] {
        let lambda = f64::from(c) * (1.0 - 1e-9);
        let wq = m_m_c::waiting_mean(lambda, 1.0, c).unwrap();
        assert_close(wq * f64::from(c) * 1e-9, 1.0, 1e-5);
        assert!(matches!(
            m_m_c::waiting_mean(f64::from(c), 1.0, c),
            Err(NoAnswer::Unstable { .. })
        ));
    }
    // Halfin and Whitt 1981: with rho = 1 - beta / sqrt(c), C tends to
    // 1 / (1 + beta Phi(beta) / phi(beta)): 0.2234 for beta = 1.
    let waited = m_m_c::waited_fraction(1e6 - 1e3, 1.0, 1_000_000).unwrap();
    assert_close(waited, 0.2234, 1e-3);
    // A load so light that waiting is next to impossible is not an error.
    let rare = m_m_c::waited_fraction(1.0, 1.0, 1000).unwrap();
    assert!((0.0..1e-300).contains(&rare));
}

#[test]
fn m_m_c_k_agrees_with_its_markov_chain() {
    for (lambda, mu, c, k) in [
        (0.8, 1.0, 1, 5),
        (3.0, 1.0, 2, 7),
        (2.0, 1.0, 3, 3),
        (1.0, 1.0, 1, 9),
        (9.0, 1.0, 10, 40),
    ] {
        let p = birth_death(lambda, mu, c, k);
        let solved = m_m_c_k::solve(lambda, mu, c, k).unwrap();
        let full = p[k as usize];
        let queue = |n: usize| n.saturating_sub(c as usize) as f64;
        let lq: f64 = p.iter().enumerate().map(|(n, p)| p * queue(n)).sum();
        let waited: f64 = p[c as usize..k as usize].iter().sum();
        assert_close(solved.loss, full, 1e-12);
        assert_close(solved.queue_length_mean, lq, 1e-12);
        assert_close(solved.throughput, lambda * (1.0 - full), 1e-12);
        assert_close(solved.waiting_mean, lq / (lambda * (1.0 - full)), 1e-12);
        assert_close(solved.waited_fraction, waited / (1.0 - full), 1e-12);
        assert_close(
            solved.utilisation,
            solved.throughput / (mu * f64::from(c)),
            1e-12,
        );
    }
}

#[test]
fn m_m_c_k_meets_its_neighbours() {
    // Without waiting places it is Erlang's loss system; with many, M/M/c; overloaded, c mu goes
    // through.
    assert_close(
        m_m_c_k::solve(8.0, 1.0, 10, 10).unwrap().loss,
        erlang::b(8.0, 10).unwrap(),
        1e-13,
    );
    let wide = m_m_c_k::solve(2.4, 1.0, 3, 5000).unwrap();
    assert_close(
        wide.waiting_mean,
        m_m_c::waiting_mean(2.4, 1.0, 3).unwrap(),
        1e-12,
    );
    let overloaded = m_m_c_k::solve(1e6, 1.0, 1000, 100_000).unwrap();
    assert_close(overloaded.throughput, 1000.0, 1e-12);
    assert_close(overloaded.loss, 0.999, 1e-12);
    assert_eq!(m_m_c_k::solve(0.0, 1.0, 2, 4).unwrap().throughput, 0.0);
    assert!(m_m_c_k::solve(1.0, 1.0, 3, 2).is_err());
}

#[test]
fn m_g_1_agrees_with_m_m_1_and_halves_without_variance() {
    let law = Law::Exponential(Exponential { mean: 1.0 });
    let (mean, variance, third) = (law.mean(), law.variance(), law.third_moment());
    assert_close(
        m_g_1::waiting_mean(0.8, mean, variance).unwrap(),
        4.0,
        1e-14,
    );
    let sd = m_g_1::waiting_sd(0.8, mean, variance, third).unwrap();
    assert_close(sd, m_m_c::waiting_sd(0.8, 1.0, 1).unwrap(), 1e-13);
    assert_close(m_g_1::waiting_mean(0.8, 1.0, 0.0).unwrap(), 2.0, 1e-14);
    assert_close(
        m_g_1::waiting_mean(0.8, 1.0, 0.0).unwrap(),
        m_d_c::waiting_mean(0.8, 1.0, 1).unwrap(),
        1e-14,
    );
    assert_eq!(
        m_g_1::waiting_mean(0.8, 1.0, f64::INFINITY),
        Ok(f64::INFINITY)
    );
    assert!(matches!(
        m_g_1::waiting_mean(1.0, 1.0, 1.0),
        Err(NoAnswer::Unstable { rho: 1.0 })
    ));
}

#[test]
fn m_g_1_agrees_with_a_chain_of_phases() {
    // Hyperexponential services by their Markov chain (n in system, which branch), by iteration.
    let (lambda, p, rates) = (0.5, [0.4, 0.6], [0.8, 2.0]);
    let law = Law::Hyperexponential(Hyperexponential {
        probabilities: p.to_vec(),
        means: rates.map(|rate| 1.0 / rate).to_vec(),
    });
    // Uniformised: every state is left at the same rate, possibly to itself.
    let (levels, pace) = (150, lambda + 2.0);
    let mut empty = 1.0;
    let mut full = vec![[0.0; 2]; levels];
    for _ in 0..6000 {
        let mut next_empty = empty * (1.0 - lambda / pace);
        let mut next = vec![[0.0; 2]; levels];
        for phase in 0..2 {
            next[0][phase] += empty * lambda / pace * p[phase];
            for n in 0..levels {
                let now = full[n][phase];
                let done = now * rates[phase] / pace;
                let come = if n + 1 < levels {
                    now * lambda / pace
                } else {
                    0.0
                };
                if n + 1 < levels {
                    next[n + 1][phase] += come;
                }
                next[n][phase] += now - done - come;
                if n == 0 {
                    next_empty += done;
                } else {
                    next[n - 1][0] += done * p[0];
                    next[n - 1][1] += done * p[1];
                }
            }
        }
        (empty, full) = (next_empty, next);
    }
    let lq: f64 = full
        .iter()
        .enumerate()
        .map(|(n, at)| n as f64 * (at[0] + at[1]))
        .sum();
    let wq = m_g_1::waiting_mean(lambda, law.mean(), law.variance()).unwrap();
    assert_close(lambda * wq, lq, 1e-9);
    assert_close(1.0 - empty, lambda * law.mean(), 1e-10);
}

fn gi_m_1_of(law: &Law, mu: f64) -> gi_m_1::Waiting {
    gi_m_1::solve(law.mean(), |s| law.laplace(s).unwrap(), mu).unwrap()
}

#[test]
fn gi_m_1_agrees_with_the_roots_known_in_closed_form() {
    // Exponential arrivals: sigma = rho.
    let poisson = gi_m_1_of(&Law::Exponential(Exponential { mean: 1.25 }), 1.0);
    assert_close(poisson.sigma, 0.8, 1e-14);
    assert_close(poisson.mean(), 4.0, 1e-12);
    assert_close(poisson.sd(), m_m_c::waiting_sd(0.8, 1.0, 1).unwrap(), 1e-12);
    assert_close(poisson.quantile(0.9).unwrap(), 8f64.ln() / 0.2, 1e-12);
    // Two phases of rate r each: sigma solves s^2 mu^2 - s (mu^2 + 2 r mu) + r^2 = 0 (s = 1 removed).
    let r: f64 = 1.6;
    let erlang = gi_m_1_of(
        &Law::Erlang(Erlang {
            k: 2,
            mean: 2.0 / r,
        }),
        1.0,
    );
    let b = 1.0 + 2.0 * r;
    assert_close(
        erlang.sigma,
        (b - (b * b - 4.0 * r * r).sqrt()) / 2.0,
        1e-13,
    );
    // Kleinrock I, section 6.4, example: A(s) = 2 mu^2 / ((s + mu) (s + 2 mu)), sigma = 2 - sqrt 2.
    let example = gi_m_1::solve(1.5, |s| 2.0 / ((s + 1.0) * (s + 2.0)), 1.0).unwrap();
    assert_close(example.sigma, 2.0 - 2f64.sqrt(), 1e-14);
}

#[test]
fn gi_m_1_solves_its_equation_for_every_law() {
    let mean = 1.25;
    for law in [
        Law::Constant(Constant { value: mean }),
        Law::Uniform(Uniform {
            low: 0.25,
            high: 2.25,
        }),
        Law::Triangular(Triangular {
            low: 0.5,
            mode: 1.0,
            high: 2.25,
        }),
        Law::Normal(Normal { mean: 1.2, sd: 0.4 }),
        Law::Lognormal(Lognormal { mean, cv: 1.5 }),
        Law::Gamma(Gamma { mean, cv: 0.3 }),
        Law::Weibull(Weibull {
            shape: 0.8,
            scale: 1.1,
        }),
        Law::Pareto(Pareto {
            scale: 0.75,
            shape: 2.5,
        }),
        Law::Empirical(Empirical {
            values: vec![0.5, 1.0, 2.25].into(),
        }),
        Law::Geometric(Geometric { mean }),
    ] {
        for mu in [20.0, 1.0, 1.001 / law.mean()] {
            let waiting = gi_m_1_of(&law, mu);
            assert!((0.0..1.0).contains(&waiting.sigma), "{law:?}");
            let image = law.laplace(waiting.rate).unwrap();
            assert!(
                (image - waiting.sigma).abs() < 1e-12,
                "{law:?}: {waiting:?}"
            );
        }
        let slow = gi_m_1::solve(law.mean(), |s| law.laplace(s).unwrap(), 0.99 / law.mean());
        assert!(
            matches!(slow, Err(NoAnswer::Unstable { .. })),
            "{law:?}: {slow:?}"
        );
    }
    // Near saturation wq tends to (ca2 + cs2) / 2 of that of M/M/1 (Kingman 1962).
    let heavy = gi_m_1_of(&Law::Constant(Constant { value: 1.0 }), 1.0001);
    let poisson = m_m_c::waiting_mean(1.0, 1.0001, 1).unwrap();
    assert_close(heavy.mean() / poisson, 0.5, 1e-3);
}

/// M/D/c from the chain N' = max(N - c, 0) + A, iterated to rest: mean queue and P(N >= c).
fn m_d_c_chain(a: f64, c: usize, states: usize) -> (f64, f64) {
    let mut poisson = vec![(-a).exp()];
    for k in 1..states {
        poisson.push(poisson[k - 1] * a / k as f64);
    }
    let mut p = vec![0.0; states];
    p[0] = 1.0;
    for _ in 0..4000 {
        let mut next = vec![0.0; states];
        for (n, &from) in p.iter().enumerate() {
            let kept = n.saturating_sub(c);
            for (to, &k) in next[kept..].iter_mut().zip(&poisson) {
                *to += from * k;
            }
        }
        let change: f64 = next.iter().zip(&p).map(|(a, b)| (a - b).abs()).sum();
        p = next;
        if change < 1e-15 {
            break;
        }
    }
    let lq = p
        .iter()
        .enumerate()
        .map(|(n, p)| n.saturating_sub(c) as f64 * p)
        .sum();
    (lq, p[c..].iter().sum())
}

#[test]
fn m_d_c_agrees_with_its_embedded_chain() {
    for (rho, c) in [(0.2, 2), (0.7, 2), (0.8, 5), (0.6, 12)] {
        let a = rho * c as f64;
        let (lq, waited) = m_d_c_chain(a, c, 160);
        let c = c as u32;
        assert_close(a * m_d_c::waiting_mean(a, 1.0, c).unwrap(), lq, 1e-12);
        assert_close(m_d_c::waited_fraction(a, 1.0, c).unwrap(), waited, 1e-12);
    }
}

#[test]
fn m_d_c_is_half_of_m_m_c_near_saturation_and_less_far_from_it() {
    for c in [1, 2, 7, 50, 1000] {
        let count = f64::from(c);
        let heavy = count * (1.0 - 1e-6);
        let ratio = m_d_c::waiting_mean(heavy, 1.0, c).unwrap()
            / m_m_c::waiting_mean(heavy, 1.0, c).unwrap();
        assert_close(ratio, 0.5, 1e-4 * count.sqrt());
        let light = 0.3 * count;
        let (wq, exponential) = (
            m_d_c::waiting_mean(light, 1.0, c).unwrap(),
            m_m_c::waiting_mean(light, 1.0, c).unwrap(),
        );
        assert!(
            wq < exponential || exponential < 1e-100,
            "{c}: {wq} {exponential}"
        );
        assert!(matches!(
            m_d_c::waiting_mean(count, 1.0, c),
            Err(NoAnswer::Unstable { .. })
        ));
    }
    assert_eq!(m_d_c::waiting_mean(0.0, 1.0, 3), Ok(0.0));
}

#[test]
fn m_d_c_has_no_seam_between_its_two_ways() {
    // Around (1 - rho)^2 c = 0.04 the method changes; the ratio to M/M/c must not.
    for c in [2u32, 8, 64] {
        let edge = 1.0 - (0.04 / f64::from(c)).sqrt();
        let ratio = |rho: f64| {
            let lambda = rho * f64::from(c);
            m_d_c::waiting_mean(lambda, 1.0, c).unwrap()
                / m_m_c::waiting_mean(lambda, 1.0, c).unwrap()
        };
        assert_close(ratio(edge - 1e-9), ratio(edge + 1e-9), 1e-8);
    }
}

#[test]
fn the_approximation_is_exact_where_it_should_be() {
    let wq = g_g_c::approximate_waiting_mean(2.4, 1.0, 3, 1.0, 1.0).unwrap();
    assert_close(wq, m_m_c::waiting_mean(2.4, 1.0, 3).unwrap(), 1e-15);
    let wq = g_g_c::approximate_waiting_mean(0.8, 1.0, 1, 1.0, 0.25).unwrap();
    assert_close(wq, m_g_1::waiting_mean(0.8, 1.0, 0.25).unwrap(), 1e-14);
}

#[test]
fn arguments_out_of_range_are_named() {
    let named = |answer: Result<f64, NoAnswer>| answer.unwrap_err().to_string();
    assert_eq!(
        named(erlang::b(-1.0, 2)),
        "offered load = -1 is out of range"
    );
    assert_eq!(named(erlang::c(1.0, 0)), "c = 0 is out of range");
    assert_eq!(
        named(m_m_c::waiting_mean(1.0, f64::NAN, 2)),
        "mu = NaN is out of range"
    );
    assert_eq!(
        named(m_m_c::waiting_quantile(0.5, 1.0, 2, 1.0)),
        "p = 1 is out of range"
    );
    assert_eq!(
        named(m_m_c::waiting_mean(3.0, 1.0, 2)),
        "no steady state: the load of 1.5 per server is not below 1"
    );
}
