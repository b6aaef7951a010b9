//! Samples of 2,000 of every law that can be fitted: by name, `cargo test --release --test fit`.
//!
//! In 95 of 100 samples the law that `filas fit` names differs from the true one by at most 0.03 in its
//! distribution function; and where it is the law of the sample that is fitted, its p-value is no smaller
//! than chance makes it.

use filas::fit::{Sample, fit, p_value};
use filas::random::laws::{
    Binomial, Constant, Erlang, Exponential, Gamma, Geometric, Hyperexponential, Lognormal,
    NegativeBinomial, Normal, Pareto, Poisson, Triangular, Uniform, UniformInt, Weibull,
};
use filas::random::{Law, Purpose, Sampler, Stream};

const VALUES: usize = 2_000;
const SAMPLES: u64 = 100;
const NEEDED: usize = 95;
const CLOSE: f64 = 0.03;

/// Each law with parameters of everyday size.
fn laws() -> Vec<Law> {
    vec![
        Constant { value: 3.0 }.into(),
        Exponential { mean: 2.0 }.into(),
        Uniform {
            low: 1.0,
            high: 4.0,
        }
        .into(),
        Triangular {
            low: 1.0,
            mode: 2.0,
            high: 6.0,
        }
        .into(),
        Normal {
            mean: 10.0,
            sd: 3.0,
        }
        .into(),
        Normal { mean: 1.0, sd: 2.0 }.into(),
        Lognormal { mean: 4.0, cv: 1.3 }.into(),
        Gamma { mean: 5.0, cv: 0.7 }.into(),
        Gamma { mean: 5.0, cv: 1.5 }.into(),
        Erlang { k: 3, mean: 6.0 }.into(),
        Weibull {
            shape: 1.8,
            scale: 3.0,
        }
        .into(),
        Weibull {
            shape: 0.7,
            scale: 3.0,
        }
        .into(),
        Pareto {
            scale: 1.0,
            shape: 2.5,
        }
        .into(),
        Hyperexponential {
            probabilities: vec![0.8, 0.2],
            means: vec![1.0, 8.0],
        }
        .into(),
        Poisson { mean: 4.0 }.into(),
        UniformInt { low: 2, high: 9 }.into(),
        Binomial { n: 12, p: 0.3 }.into(),
        Geometric { mean: 3.0 }.into(),
        NegativeBinomial { mean: 5.0, cv: 0.9 }.into(),
    ]
}

fn sample(law: &Law, number: u64) -> Sample {
    let mut values = vec![0.0; VALUES];
    Sampler::new(law, Stream::new(7, number, "test", Purpose::Service)).fill(&mut values);
    Sample::new(values).unwrap()
}

/// The greatest distance between two distribution functions, over the values of a large sample of each.
fn distance(one: &Law, other: &Law) -> f64 {
    let mut places = vec![0.0; 4_000];
    let mut greatest = 0.0f64;
    for law in [one, other] {
        Sampler::new(law, Stream::new(11, 0, "places", Purpose::Service)).fill(&mut places);
        for &place in &places {
            // Just below, too, where a whole-number law jumps.
            for at in [place, place * (1.0 - 1e-9)] {
                greatest = greatest.max((one.cdf(at) - other.cdf(at)).abs());
            }
        }
    }
    greatest
}

#[test]
fn the_best_law_is_close_to_the_true_one() {
    let mut wrong = Vec::new();
    for law in laws() {
        let distances = (0..SAMPLES).map(|number| {
            let fits = fit(&sample(&law, number));
            distance(&fits[0].law, &law)
        });
        let close = distances.filter(|distance| *distance <= CLOSE).count();
        if close < NEEDED {
            wrong.push(format!("{law:?}: {close} of {SAMPLES}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Of p-values of true laws about a twentieth is below 0.05: of 5 laws with 20 samples each, between 0 and 13.
#[test]
fn p_values_of_true_laws_are_spread_evenly() {
    let laws: Vec<Law> = vec![
        Exponential { mean: 2.0 }.into(),
        Lognormal { mean: 4.0, cv: 1.3 }.into(),
        Gamma { mean: 5.0, cv: 0.7 }.into(),
        Poisson { mean: 4.0 }.into(),
        Geometric { mean: 3.0 }.into(),
    ];
    let mut values = Vec::new();
    for law in &laws {
        for number in 0..20 {
            let sample = sample(law, number);
            let fits = fit(&sample);
            let own = fits
                .iter()
                .find(|fit| fit.law.name() == law.name())
                .unwrap();
            values.push(p_value(own, &sample, 3).unwrap());
        }
    }
    let small = values.iter().filter(|p| **p <= 0.05).count();
    let half = values.iter().filter(|p| **p <= 0.5).count();
    assert!(small <= 13, "{small} of 100 are at most 0.05");
    assert!((30..=70).contains(&half), "{half} of 100 are at most 0.5");
}
