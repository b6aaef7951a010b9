//! Properties of a law (moments, transform, ceiling) compared with its samples and distribution
//! function.

use crate::laws::{DRAWS, continuous, drawn, triangular, whole};
use filas::random::Law;
use filas::random::laws::{
    Binomial, Constant, Erlang, Exponential, Gamma, Geometric, Lognormal, NegativeBinomial, Normal,
    Pareto, Poisson, Uniform, UniformInt, Weibull,
};

#[test]
fn mean_variance_and_third_moment_are_those_of_the_samples() {
    for law in continuous().into_iter().chain(whole()) {
        let values = drawn(&law, "moments", 10 * DRAWS);
        // With such tails the fourth moment is so large that the sample's variance is not
        // meaningful.
        if law.cv2() > 4.0 || matches!(law, Law::Pareto(_)) {
            continue;
        }
        let n = values.len() as f64;
        let moment = |k: i32| values.iter().map(|x| x.powi(k)).sum::<f64>() / n;
        // Each within five standard errors, which are estimated from the sample.
        for (k, right) in [
            (1, law.mean()),
            (2, law.variance() + law.mean() * law.mean()),
            (3, law.third_moment()),
        ] {
            let error = ((moment(2 * k) - moment(k) * moment(k)) / n).sqrt();
            let off = (moment(k) - right) / error;
            assert!(
                off.abs() < 5.0,
                "{law:?}: moment {k} is off by {off} errors"
            );
        }
    }
}

#[test]
fn moments_agree_with_the_distribution_function() {
    // E X^k = integral of k x^(k-1) P(X > x), by the midpoint rule on a fine grid.
    for law in continuous() {
        if matches!(law, Law::Pareto(_)) || law.cv2() > 4.0 {
            continue;
        }
        let step = law.mean() / 2000.0;
        let (mut first, mut second, mut third) = (0.0, 0.0, 0.0);
        for i in 0..200_000 {
            let x = (f64::from(i) + 0.5) * step;
            let above = (1.0 - law.cdf(x)) * step;
            first += above;
            second += 2.0 * x * above;
            third += 3.0 * x * x * above;
        }
        let close = |mine: f64, right: f64| (mine / right - 1.0).abs() < 1e-4;
        assert!(close(first, law.mean()), "{law:?}: {first} {}", law.mean());
        assert!(close(second - first * first, law.variance()), "{law:?}");
        assert!(
            close(third, law.third_moment()),
            "{law:?}: {third} {}",
            law.third_moment()
        );
    }
}

#[test]
fn moments_that_do_not_exist_are_infinite() {
    let pareto = |shape| Law::Pareto(Pareto { scale: 1.0, shape });
    assert_eq!(pareto(1.0).mean(), f64::INFINITY);
    assert_eq!(pareto(2.0).variance(), f64::INFINITY);
    assert_eq!(pareto(1.5).cv2(), f64::INFINITY);
    assert_eq!(pareto(3.0).third_moment(), f64::INFINITY);
    assert_eq!(pareto(3.0).mean(), 1.5);
    assert_eq!(pareto(3.0).variance(), 0.75);
    assert!((pareto(6.0).third_moment() - 2.0).abs() < 1e-12);
}

#[test]
fn means_up_to_a_limit_are_those_of_closed_forms() {
    let near = |law: Law, most: f64, wanted: f64| {
        let mean = law.mean_up_to(most);
        assert!(
            (mean / wanted - 1.0).abs() < 0.01,
            "{law:?}: {mean} for {wanted}"
        );
    };
    for shape in [0.5_f64, 0.9, 2.0] {
        let scale = 0.25_f64;
        let tail = |most: f64| (most.powf(1.0 - shape) - scale.powf(1.0 - shape)) / (1.0 - shape);
        let wanted = |most: f64| scale + scale.powf(shape) * tail(most);
        for most in [1.0, 1e3, 1e9] {
            near(Pareto { scale, shape }.into(), most, wanted(most));
        }
    }
    near(
        Exponential { mean: 2.0 }.into(),
        3.0,
        2.0 * (1.0 - (-1.5_f64).exp()),
    );
    near(Constant { value: 2.0 }.into(), 3.0, 2.0);
}

#[test]
fn laplace_transforms_agree_with_the_distribution_function() {
    // E exp(-s X) = P(X = 0) + s integral exp(-s x) (P(X <= x) - P(X = 0)), in steps where X has
    // steps.
    for law in continuous().into_iter().chain(whole()) {
        for load in [0.1, 1.0, 7.0] {
            let s = load / law.mean();
            let cells = 40_000;
            let width = if law.is_whole() {
                1.0
            } else {
                40.0 / s / f64::from(cells)
            };
            let mut right = 0.0;
            for i in 0..cells {
                let (from, to) = (f64::from(i) * width, f64::from(i + 1) * width);
                let inside = if law.is_whole() {
                    from
                } else {
                    0.5 * (from + to)
                };
                right += law.cdf(inside) * ((-s * from).exp() - (-s * to).exp());
            }
            let mine = law.laplace(s).expect("not a trace");
            assert!(
                (mine - right).abs() < 2e-5,
                "{law:?} at {s}: {mine}, not {right}"
            );
        }
        assert_eq!(law.laplace(0.0), Some(1.0));
    }
}

#[test]
fn laplace_transforms_by_quadrature_meet_closed_forms_where_laws_coincide() {
    let close = |mine: &Law, closed: &Law| {
        for s in [1e-6, 0.01, 0.5, 3.0, 200.0] {
            let (mine, closed) = (mine.laplace(s).unwrap(), closed.laplace(s).unwrap());
            assert!(
                (mine - closed).abs() < 1e-11,
                "{mine} is not {closed} at {s}"
            );
        }
    };
    let exponential = Law::Exponential(Exponential { mean: 2.0 });
    close(
        &Law::Weibull(Weibull {
            shape: 1.0,
            scale: 2.0,
        }),
        &exponential,
    );
    close(&Law::Gamma(Gamma { mean: 2.0, cv: 1.0 }), &exponential);
    close(
        &Law::Lognormal(Lognormal { mean: 2.0, cv: 0.0 }),
        &Law::Constant(Constant { value: 2.0 }),
    );
    close(
        &Law::Normal(Normal {
            mean: 2.0,
            sd: 1e-6,
        }),
        &Law::Constant(Constant { value: 2.0 }),
    );
    // A sum of two uniforms is triangular.
    for s in [1e-6, 0.5, 30.0] {
        let uniform = Law::Uniform(Uniform {
            low: 0.5,
            high: 1.5,
        })
        .laplace(s)
        .unwrap();
        let sum = triangular(1.0, 2.0, 3.0).laplace(s).unwrap();
        assert!((uniform * uniform - sum).abs() < 1e-13, "{s}");
    }
}

#[test]
fn samples_at_the_extremes_of_parameters_are_times() {
    let laws = [
        Law::Exponential(Exponential { mean: 1e-300 }),
        Law::Exponential(Exponential { mean: 1e300 }),
        Law::Exponential(Exponential { mean: 0.0 }),
        Law::Erlang(Erlang {
            k: 10_000,
            mean: 1e-3,
        }),
        Law::Gamma(Gamma {
            mean: 1.0,
            cv: 100.0,
        }),
        Law::Gamma(Gamma {
            mean: 1e12,
            cv: 1e-6,
        }),
        Law::Gamma(Gamma { mean: 1.0, cv: 0.0 }),
        Law::Lognormal(Lognormal { mean: 1.0, cv: 1e6 }),
        Law::Lognormal(Lognormal {
            mean: 1.0,
            cv: 1e-9,
        }),
        Law::Weibull(Weibull {
            shape: 0.05,
            scale: 1.0,
        }),
        Law::Weibull(Weibull {
            shape: 100.0,
            scale: 1.0,
        }),
        Law::Pareto(Pareto {
            scale: 1.0,
            shape: 0.1,
        }),
        Law::Pareto(Pareto {
            scale: 1.0,
            shape: 1e6,
        }),
        Law::Normal(Normal {
            mean: -30.0,
            sd: 1.0,
        }),
        Law::Normal(Normal {
            mean: 1e12,
            sd: 1e-12,
        }),
        Law::Uniform(Uniform {
            low: 1.0,
            high: 1f64.next_up(),
        }),
        triangular(3.0, 3.0, 3.0),
        Law::Poisson(Poisson { mean: 0.0 }),
        Law::Poisson(Poisson { mean: 1e15 }),
        Law::Poisson(Poisson { mean: 1e-300 }),
        Law::UniformInt(UniformInt {
            low: 0,
            high: 1 << 53,
        }),
        Law::Binomial(Binomial {
            n: 1 << 50,
            p: 1e-14,
        }),
        Law::Binomial(Binomial { n: 1 << 50, p: 0.5 }),
        Law::Binomial(Binomial { n: 0, p: 0.5 }),
        Law::Binomial(Binomial { n: 7, p: 1.0 }),
        Law::Geometric(Geometric { mean: 1.0 }),
        Law::Geometric(Geometric { mean: 1e14 }),
        Law::NegativeBinomial(NegativeBinomial {
            mean: 1e-3,
            cv: 100.0,
        }),
        Law::NegativeBinomial(NegativeBinomial {
            mean: 1e10,
            cv: 2.0,
        }),
        Law::NegativeBinomial(NegativeBinomial { mean: 4.0, cv: 0.5 }),
    ];
    for law in laws {
        let ceiling = law.ceiling();
        assert!(ceiling.is_finite(), "{law:?}");
        for value in drawn(&law, "extremes", 20_000) {
            assert!(
                (0.0..=ceiling).contains(&value),
                "{law:?} gave {value} above {ceiling}"
            );
            assert!(
                !law.is_whole() || value.fract() == 0.0,
                "{law:?} gave {value}"
            );
        }
    }
}

#[test]
fn laws_that_no_clock_can_hold_have_no_ceiling() {
    for law in [
        Law::Pareto(Pareto {
            scale: 1.0,
            shape: 0.01,
        }),
        Law::Weibull(Weibull {
            shape: 0.001,
            scale: 1.0,
        }),
        Law::Normal(Normal {
            mean: -100.0,
            sd: 1.0,
        }),
        Law::Poisson(Poisson { mean: 1e16 }),
        Law::Geometric(Geometric { mean: 1e16 }),
        Law::UniformInt(UniformInt {
            low: 0,
            high: u64::MAX,
        }),
    ] {
        assert_eq!(law.ceiling(), f64::INFINITY, "{law:?}");
    }
}
