//! Every law's sampler against its distribution function and its own block sizes.
//!
//! Seeds are fixed, so a test either always passes or never. The thresholds are such that a right
//! sampler exceeds them for one seed in ten thousand or rarer, and that a parameter wrong by one per
//! cent is seen: a test shifts every law by that much and asks for the rejection.

use filas::random::laws::{
    Binomial, Empirical, Erlang, Exponential, Gamma, Geometric, Hyperexponential, Lognormal,
    NegativeBinomial, Normal, Pareto, Poisson, Trace, Triangular, Uniform, UniformInt, Weibull,
};
use filas::random::{Law, Purpose, Sampler, Stream};
use filas::scenario::{Loaded, Origin, Overrides, Scenario, ScenarioError, load};
use proptest::prelude::*;
use std::sync::Arc;

pub(crate) const DRAWS: usize = 100_000;

pub(crate) fn stream(name: &str) -> Stream {
    Stream::new(20_261_122, 0, name, Purpose::Service)
}

pub(crate) fn drawn(law: &Law, name: &str, n: usize) -> Vec<f64> {
    let mut values = vec![0.0; n];
    assert_eq!(Sampler::new(law, stream(name)).fill(&mut values), n);
    values
}

/// Laws whose distribution function is continuous, each in the shapes its sampler tells apart.
pub(crate) fn continuous() -> Vec<Law> {
    vec![
        Law::Exponential(Exponential { mean: 2.0 }),
        Law::Uniform(Uniform {
            low: 1.0,
            high: 3.0,
        }),
        triangular(1.0, 1.5, 4.0),
        triangular(0.0, 0.0, 2.0),
        triangular(0.0, 2.0, 2.0),
        Law::Normal(Normal { mean: 5.0, sd: 1.0 }),
        Law::Normal(Normal { mean: 1.0, sd: 1.0 }),
        Law::Normal(Normal {
            mean: -3.0,
            sd: 1.0,
        }),
        Law::Lognormal(Lognormal { mean: 2.0, cv: 0.8 }),
        Law::Lognormal(Lognormal { mean: 0.1, cv: 3.0 }),
        Law::Gamma(Gamma { mean: 2.0, cv: 0.5 }),
        Law::Gamma(Gamma { mean: 2.0, cv: 1.4 }),
        Law::Gamma(Gamma { mean: 3.0, cv: 3.0 }),
        Law::Erlang(Erlang { k: 1, mean: 1.5 }),
        Law::Erlang(Erlang { k: 3, mean: 1.5 }),
        Law::Erlang(Erlang { k: 16, mean: 1.5 }),
        Law::Erlang(Erlang { k: 40, mean: 1.5 }),
        Law::Erlang(Erlang { k: 100, mean: 1.5 }),
        Law::Weibull(Weibull {
            shape: 0.7,
            scale: 2.0,
        }),
        Law::Weibull(Weibull {
            shape: 2.5,
            scale: 2.0,
        }),
        Law::Pareto(Pareto {
            scale: 1.0,
            shape: 4.5,
        }),
        hyperexponential(&[0.3, 0.5, 0.2], &[0.5, 2.0, 8.0]),
        written(
            "{ mixture = { weights = [3, 0, 7], of = [{ uniform = { low = 0.5, high = 2 } }, \
             { constant = { value = 1 } }, { gamma = { mean = 3, cv = 0.5 } }] } }",
        ),
        written("{ shifted = { by = 1.5, law = { exponential = { mean = 2 } } } }"),
        written("{ phase_type = { initial = [0.6, 0.4], rates = [[0.5, 1], [0.3, 0.8]] } }"),
    ]
}

/// Laws on the whole numbers.
pub(crate) fn whole() -> Vec<Law> {
    vec![
        Law::Poisson(Poisson { mean: 0.7 }),
        Law::Poisson(Poisson { mean: 7.5 }),
        Law::Poisson(Poisson { mean: 60.0 }),
        Law::UniformInt(UniformInt { low: 10, high: 20 }),
        Law::Binomial(Binomial { n: 12, p: 0.3 }),
        Law::Binomial(Binomial { n: 200, p: 0.85 }),
        Law::Geometric(Geometric { mean: 1.5 }),
        Law::Geometric(Geometric { mean: 20.0 }),
        Law::NegativeBinomial(NegativeBinomial { mean: 4.0, cv: 1.0 }),
        Law::NegativeBinomial(NegativeBinomial {
            mean: 30.0,
            cv: 0.4,
        }),
        Law::NegativeBinomial(NegativeBinomial { mean: 0.5, cv: 3.0 }),
        Law::Empirical(Empirical {
            values: vec![0.0, 1.0, 1.0, 5.0].into(),
        }),
        written("{ discrete = { values = [7, 0, 2, 3], probabilities = [0.2, 0.1, 0.4, 0.3] } }"),
        written(
            "{ mixture = { weights = [1, 2], of = [{ poisson = { mean = 9 } }, \
             { uniform_int = { low = 2, high = 5 } }] } }",
        ),
        written("{ shifted = { by = -1, law = { geometric = { mean = 3 } } } }"),
    ]
}

pub(crate) fn triangular(low: f64, mode: f64, high: f64) -> Law {
    Law::Triangular(Triangular { low, mode, high })
}

fn hyperexponential(probabilities: &[f64], means: &[f64]) -> Law {
    Law::Hyperexponential(Hyperexponential {
        probabilities: probabilities.to_vec(),
        means: means.to_vec(),
    })
}

/// A line whose services follow the law written so, in its only stage.
fn service(law: &str) -> Result<Loaded, ScenarioError> {
    let text = format!(
        "model = \"tandem\"\narrivals = {{ interarrival = {{ exponential = {{ mean = 99 }} }} }}\n\
         horizon = {{ customers = 10 }}\nstages = [ {{ name = \"s\", service = {law} }} ]\n"
    );
    let origin = Origin::Embedded {
        name: "x.toml",
        text: &text,
    };
    load(origin, &Overrides::default())
}

/// The law written so; as `filas check` writes it, it is the same.
fn written(law: &str) -> Law {
    let service_of = |loaded: &Loaded| match &loaded.scenario {
        Scenario::Tandem(line) => line.stages[0].expect_plain().service.clone(),
        Scenario::Desk(_) => unreachable!("it is a line"),
    };
    let loaded = service(law).unwrap_or_else(|error| panic!("{}", error.plain()));
    let normalised = loaded.normalised();
    let origin = Origin::Embedded {
        name: "x.toml",
        text: &normalised,
    };
    let again = load(origin, &Overrides::default());
    let again = again.unwrap_or_else(|error| panic!("{}", error.plain()));
    assert_eq!(again.scenario, loaded.scenario, "{normalised}");
    service_of(&again)
}

/// The error for a law written this way, with the remedy.
fn refused(law: &str) -> String {
    let error = service(law).expect_err(law);
    let remedy = error.remedy().unwrap_or("no remedy").to_owned();
    format!("{error}; {remedy}")
}

/// Whether two laws have the same moments, distribution function and transform.
fn coincide(one: &Law, other: &Law) {
    let close = |one: f64, other: f64, what: &str| {
        let off = (one - other).abs() / other.abs().max(1e-3);
        assert!(off < 1e-12, "{what}: {one}, not {other}");
    };
    close(one.mean(), other.mean(), "mean");
    close(one.variance(), other.variance(), "variance");
    close(one.third_moment(), other.third_moment(), "third moment");
    for x in [0.0, 0.01, 0.5, 1.0, 2.0, 3.5, 10.0, 200.0] {
        close(one.cdf(x), other.cdf(x), "distribution function");
        let (one, other) = (one.laplace(x), other.laplace(x));
        close(one.expect("a law"), other.expect("a law"), "transform");
    }
}

/// Kolmogorov's statistic times sqrt(n), looked at in 20,000 places; above 2.23 for one right sample
/// in ten thousand (2 exp(-2 x^2)).
fn kolmogorov(values: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let places = sorted.iter().enumerate().step_by(sorted.len() / 20_000);
    let distance = places.fold(0.0f64, |distance, (i, &x)| {
        let below = cdf(x);
        distance
            .max(below - i as f64 / n)
            .max((i as f64 + 1.0) / n - below)
    });
    distance * n.sqrt()
}

const KOLMOGOROV_LIMIT: f64 = 2.23;

/// Pearson's chi-square over cells of whole numbers, each expecting at least 20 values, as deviations
/// from its mean in its own standard deviations (Wilson and Hilferty): standard normal for a right
/// sampler.
fn chi_square(values: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let n = values.len() as f64;
    let greatest = values.iter().fold(0.0f64, |a, &b| a.max(b)) as usize;
    let mut observed = vec![0.0; greatest + 2];
    values
        .iter()
        .for_each(|&value| observed[value as usize] += 1.0);
    let (mut statistic, mut cells) = (0.0, 0.0);
    let (mut seen, mut due) = (0.0, 0.0);
    let mut before = 0.0;
    for (k, count) in observed.iter().enumerate() {
        let up_to = cdf(k as f64);
        seen += count;
        due += n * (up_to - before);
        before = up_to;
        if due >= 20.0 && n * (1.0 - up_to) >= 20.0 {
            statistic += (seen - due) * (seen - due) / due;
            cells += 1.0;
            (seen, due) = (0.0, 0.0);
        }
    }
    due += n * (1.0 - before);
    if due > 0.0 {
        statistic += (seen - due) * (seen - due) / due;
        cells += 1.0;
    } else {
        assert_eq!(seen, 0.0, "values where the law has none");
    }
    let freedom: f64 = cells - 1.0;
    let spread = 2.0 / (9.0 * freedom);
    ((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}

/// One-sided; a normal variable exceeds it once in ten thousand.
const CHI_LIMIT: f64 = 3.72;

#[test]
fn continuous_samples_follow_their_distribution_function() {
    for law in continuous() {
        let values = drawn(&law, "kolmogorov", DRAWS);
        let distance = kolmogorov(&values, |x| law.cdf(x));
        assert!(distance < KOLMOGOROV_LIMIT, "{law:?}: {distance}");
        assert!(!law.is_whole(), "{law:?}");
    }
}

#[test]
fn whole_samples_follow_their_distribution_function() {
    for law in whole() {
        let values = drawn(&law, "chi", DRAWS);
        let excess = chi_square(&values, |x| law.cdf(x));
        assert!(excess < CHI_LIMIT, "{law:?}: {excess}");
        assert!(law.is_whole(), "{law:?}");
    }
}

#[test]
fn a_scale_wrong_by_one_per_cent_is_rejected() {
    // Of a law that varies much a per cent of scale hardly moves the distribution function (by 0.001
    // where the cv is 3), so there it takes five.
    for law in continuous() {
        let values: Vec<f64> = drawn(&law, "shifted", 10 * DRAWS);
        let right = kolmogorov(&values, |x| law.cdf(x));
        let factor = if law.cv2() > 2.0 { 1.05 } else { 1.01 };
        let wrong = kolmogorov(&values, |x| law.cdf(x * factor));
        assert!(right < KOLMOGOROV_LIMIT, "{law:?}: {right}");
        assert!(wrong > KOLMOGOROV_LIMIT, "{law:?}: {wrong}");
    }
}

#[test]
fn a_parameter_of_a_count_wrong_by_one_per_cent_is_rejected() {
    let pairs = [
        (
            Law::Poisson(Poisson { mean: 7.5 }),
            Law::Poisson(Poisson { mean: 7.575 }),
        ),
        (
            Law::Poisson(Poisson { mean: 60.0 }),
            Law::Poisson(Poisson { mean: 60.6 }),
        ),
        (
            Law::Binomial(Binomial { n: 200, p: 0.85 }),
            Law::Binomial(Binomial { n: 200, p: 0.8585 }),
        ),
        (
            Law::Geometric(Geometric { mean: 20.0 }),
            Law::Geometric(Geometric { mean: 20.2 }),
        ),
        (
            Law::NegativeBinomial(NegativeBinomial { mean: 4.0, cv: 1.0 }),
            Law::NegativeBinomial(NegativeBinomial {
                mean: 4.0,
                cv: 1.01,
            }),
        ),
        (
            Law::UniformInt(UniformInt {
                low: 100,
                high: 199,
            }),
            Law::UniformInt(UniformInt {
                low: 100,
                high: 200,
            }),
        ),
    ];
    for (law, wrong) in pairs {
        let values = drawn(&law, "shifted", 10 * DRAWS);
        assert!(chi_square(&values, |x| law.cdf(x)) < CHI_LIMIT, "{law:?}");
        let excess = chi_square(&values, |x| wrong.cdf(x));
        assert!(excess > CHI_LIMIT, "{wrong:?} passes for {law:?}: {excess}");
    }
}

#[test]
fn uniform_samples_stay_below_the_upper_end() {
    let law = Law::Uniform(Uniform {
        low: 1.0,
        high: 1.0 + 4.0 * f64::EPSILON,
    });
    let values = drawn(&law, "upper", 1000);
    assert!(
        values
            .iter()
            .all(|&x| (1.0..1.0 + 4.0 * f64::EPSILON).contains(&x))
    );
    assert!(values.iter().any(|&x| x != values[0]));
}

#[test]
fn a_trace_is_used_once_and_ends() {
    let values: Vec<f64> = (0..600).map(f64::from).collect();
    let law = Law::Trace(Trace {
        values: values.clone().into(),
        repeat: false,
    });
    let mut sampler = Sampler::new(&law, stream("trace"));
    let mut block = [-1.0; 599];
    assert_eq!(sampler.fill(&mut block), 599);
    assert_eq!(block[..], values[..599]);
    assert_eq!(sampler.fill(&mut block), 1);
    assert_eq!(block[0], 599.0);
    assert_eq!(sampler.draw(), None);
    assert_eq!(sampler.whole(), None);
    assert_eq!(law.laplace(1.0), None);
}

#[test]
fn a_trace_that_repeats_begins_again_whatever_the_blocks() {
    let values = [4.0, 0.0, 7.0];
    let law = Law::Trace(Trace {
        values: values.to_vec().into(),
        repeat: true,
    });
    let given: Vec<f64> = (0..5000).map(|at| values[at % 3]).collect();
    let mut sampler = Sampler::new(&law, stream("trace"));
    let mut drawn = Vec::new();
    for size in [1, 2, 3, 1000, 4, 2048] {
        let mut block = vec![-1.0; size];
        assert_eq!(sampler.fill(&mut block), size);
        drawn.extend(block);
        drawn.extend(sampler.draw());
    }
    assert_eq!(drawn, given[..drawn.len()]);
    assert_eq!(law.length(), None);
    assert_eq!(law.mean(), 11.0 / 3.0);
}

#[test]
#[should_panic(expected = "the trace law yielded 0.5, which is no count")]
fn a_count_that_is_not_whole_is_our_mistake() {
    let law = Law::Trace(Trace {
        values: vec![0.5].into(),
        repeat: false,
    });
    let _ = Sampler::new(&law, stream("whole")).whole();
}

#[test]
#[should_panic(expected = "the pareto law yields values without bound")]
fn a_law_without_ceiling_gets_no_sampler() {
    let _ = Sampler::new(
        &Law::Pareto(Pareto {
            scale: 1.0,
            shape: 0.01,
        }),
        stream("refused"),
    );
}

#[test]
fn one_uniform_a_value_keeps_streams_in_step() {
    // The n-th value of every law of one uniform comes of the same uniform: ranks agree, or oppose.
    let exponential = drawn(&Law::Exponential(Exponential { mean: 1.0 }), "step", 5000);
    for law in [
        Law::Exponential(Exponential { mean: 7.0 }),
        Law::Weibull(Weibull {
            shape: 0.5,
            scale: 3.0,
        }),
        Law::Pareto(Pareto {
            scale: 1.0,
            shape: 2.5,
        }),
        Law::Normal(Normal { mean: 1.0, sd: 1.0 }),
    ] {
        let values = drawn(&law, "step", 5000);
        for (pair, other) in exponential.windows(2).zip(values.windows(2)) {
            assert_eq!(pair[0] < pair[1], other[0] < other[1], "{law:?}");
        }
    }
}

#[test]
fn a_discrete_law_gives_each_value_as_often_as_it_says() {
    let law = written(
        "{ discrete = { values = [3, 1, 2.5, 1], probabilities = [0.5, 0.125, 0, 0.375] } }",
    );
    let empirical = Law::Empirical(Empirical {
        values: vec![3.0, 1.0].into(),
    });
    coincide(&law, &empirical);
    assert!(law.is_whole(), "2.5 never comes");
    assert_eq!((law.support(), law.ceiling()), ((1.0, 3.0), 3.0));
    let values = drawn(&law, "discrete", DRAWS);
    let threes = values.iter().filter(|value| **value == 3.0).count() as f64;
    assert!(values.iter().all(|value| [1.0, 3.0].contains(value)));
    assert!((threes - 0.5 * DRAWS as f64).abs() < 4.0 * (0.25 * DRAWS as f64).sqrt());
    // Probabilities that add up to a little less than 1 are shares of their sum.
    let short =
        written("{ discrete = { values = [1, 2, 9], probabilities = [0.5, 0.4999999995, 0] } }");
    assert!(
        drawn(&short, "short", DRAWS)
            .iter()
            .all(|value| *value < 9.0)
    );
}

#[test]
fn a_discrete_law_that_is_none_is_refused() {
    let of = |values: &str, probabilities: &str| {
        refused(&format!(
            "{{ discrete = {{ values = {values}, probabilities = {probabilities} }} }}"
        ))
    };
    assert_eq!(
        of("[1, 2]", "[0.5, 0.4]"),
        "the probabilities add up to 0.9, but must add up to 1; within 1e-9"
    );
    assert_eq!(
        of("[1, 2]", "[1]"),
        "`stages.0.service.discrete` has 2 entries in `values`, but 1 in `probabilities`; \
         `values` and `probabilities` are lists of equal length"
    );
    assert_eq!(
        of("[-1]", "[1]"),
        "`stages.0.service.discrete.values.0` is -1, but must be at least 0; no remedy"
    );
    assert!(refused("{ discret = { values = [1] } }").contains("did you mean `discrete`?"));
}

#[test]
fn a_mixture_is_what_its_laws_are_in_proportion() {
    let exponentials = "[{ exponential = { mean = 0.5 } }, { exponential = { mean = 2 } }, { exponential = { mean = 8 } }]";
    let law = written(&format!(
        "{{ mixture = {{ weights = [3, 5, 2], of = {exponentials} }} }}"
    ));
    coincide(&law, &hyperexponential(&[0.3, 0.5, 0.2], &[0.5, 2.0, 8.0]));
    assert!(!law.is_exponential());
    // One within another is the mixture of all.
    let nested = written(
        "{ mixture = { weights = [1, 1], of = [{ constant = { value = 1 } }, { mixture = { weights = [1, 1], \
         of = [{ constant = { value = 2 } }, { constant = { value = 4 } }] } }] } }",
    );
    let values = vec![1.0, 1.0, 2.0, 4.0].into();
    coincide(&nested, &Law::Empirical(Empirical { values }));
    assert!(
        nested.is_whole()
            && drawn(&nested, "nested", 100)
                .iter()
                .all(|x| [1.0, 2.0, 4.0].contains(x))
    );
    let endless = written(
        "{ mixture = { weights = [1, 9], of = [{ pareto = { scale = 1, shape = 1.5 } }, { constant = { value = 1 } }] } }",
    );
    assert_eq!((endless.mean(), endless.variance()), (1.2, f64::INFINITY));
}

#[test]
fn a_mixture_that_is_none_is_refused() {
    let of = |weights: &str, of: &str| {
        refused(&format!(
            "{{ mixture = {{ weights = {weights}, of = {of} }} }}"
        ))
    };
    assert_eq!(
        of(
            "[0, 0]",
            "[{ constant = { value = 1 } }, { constant = { value = 2 } }]"
        ),
        "every weight in `stages.0.service.mixture.weights` is 0; at least one law must be drawn"
    );
    assert_eq!(
        of(
            "[1]",
            "[{ constant = { value = 1 } }, { constant = { value = 2 } }]"
        ),
        "`stages.0.service.mixture` has 1 entry in `weights`, but 2 in `of`; `weights` and `of` are lists of equal length"
    );
    assert!(of("[1, -1]", "[{ constant = { value = 1 } }]").contains("must be at least 0"));
    assert!(
        of("[1]", "[{ trace = { values = [1, 2] } }]")
            .contains("`stages.0.service.mixture.of.0` is a trace")
    );
    assert!(
        of("[1]", "[{ uniform = { low = 2, high = 1 } }]").contains("`low` must be at most `high`")
    );
    assert!(of("[1]", "[{ expnential = { mean = 1 } }]").contains("did you mean `exponential`?"));
}

#[test]
fn a_shifted_law_is_the_law_with_a_constant_added() {
    let uniform = |low, high| Law::Uniform(Uniform { low, high });
    coincide(
        &written("{ shifted = { by = 1.5, law = { uniform = { low = 0.5, high = 2 } } } }"),
        &uniform(2.0, 3.5),
    );
    coincide(
        &written("{ shifted = { by = -0.5, law = { uniform = { low = 0.5, high = 2 } } } }"),
        &uniform(0.0, 1.5),
    );
    let moved = drawn(
        &written("{ shifted = { by = 3, law = { gamma = { mean = 2, cv = 0.5 } } } }"),
        "moved",
        1000,
    );
    let gamma = drawn(&Law::Gamma(Gamma { mean: 2.0, cv: 0.5 }), "moved", 1000);
    assert!(
        moved
            .iter()
            .zip(&gamma)
            .all(|(moved, plain)| *moved == plain + 3.0)
    );
    // From the least value up nothing is negative, whatever the rounding.
    let pareto =
        written("{ shifted = { by = -0.3, law = { pareto = { scale = 0.3, shape = 900 } } } }");
    assert!(
        drawn(&pareto, "pareto", DRAWS)
            .iter()
            .all(|value| *value >= 0.0)
    );
    assert_eq!(
        written(
            "{ shifted = { by = 1, law = { trace = { values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } } } }"
        ),
        Law::Trace(Trace {
            values: Arc::new((2..=11).map(f64::from).collect()),
            repeat: false,
        })
    );
    assert!(written("{ shifted = { by = 2, law = { geometric = { mean = 3 } } } }").is_whole());
    assert!(!written("{ shifted = { by = 0.5, law = { geometric = { mean = 3 } } } }").is_whole());
}

#[test]
fn a_shift_below_zero_is_refused() {
    assert_eq!(
        refused("{ shifted = { by = -2, law = { geometric = { mean = 3 } } } }"),
        "`stages.0.service.shifted.by` is -2, but `stages.0.service.shifted.law` can give values down to 1; \
         no value may be negative: `by` must be at least -1"
    );
    assert!(
        refused("{ shifted = { by = 1, law = { constnt = { value = 1 } } } }")
            .contains("did you mean `constant`?")
    );
    assert!(
        refused("{ shifted = { law = { constant = { value = 1 } } } }")
            .contains("missing key `by`")
    );
}

#[test]
fn a_chain_of_phases_is_the_law_it_is_known_to_be() {
    let phases = |initial: &str, rates: &str| {
        written(&format!(
            "{{ phase_type = {{ initial = {initial}, rates = {rates} }} }}"
        ))
    };
    coincide(
        &phases("[1, 0, 0]", "[[0, 2, 0], [0, 0, 2], [0, 0, 2]]"),
        &Law::Erlang(Erlang { k: 3, mean: 1.5 }),
    );
    coincide(
        &phases("[0.25, 0.75]", "[[0.5, 0], [0, 4]]"),
        &hyperexponential(&[0.25, 0.75], &[2.0, 0.25]),
    );
    // One service after another until one is the last, with probability 1/4: exponential of mean 4 times 0.5.
    let again = phases("[1, 0]", "[[0.5, 1.5], [1.5, 0.5]]");
    coincide(&again, &Law::Exponential(Exponential { mean: 2.0 }));
    // A phase that is never reached may have no end.
    let lone = phases("[1, 0]", "[[2, 0], [3, 0]]");
    coincide(&lone, &Law::Exponential(Exponential { mean: 0.5 }));
    assert!(lone.is_exponential() && !again.is_exponential());
    assert!(
        lone.ceiling() > 36.8 * 0.5,
        "the longest exponential is possible"
    );
}

#[test]
fn the_moments_of_phases_are_those_of_their_closed_form() {
    // Coxian: 1/r1 + p/r2 with p = 0.6; E X^2 by adding variances given the path.
    let law = written("{ phase_type = { initial = [1, 0], rates = [[0.8, 1.2], [0, 5]] } }");
    let (first, second) = (0.5, 0.2);
    assert!((law.mean() - (first + 0.6 * second)).abs() < 1e-15);
    let square = 2.0 * first * first + 2.0 * 0.6 * (first * second + second * second);
    assert!((law.variance() + law.mean() * law.mean() - square).abs() < 1e-15);
    // A cycle left rarely: 100 rounds of two phases on average, and digits are not lost.
    let cycle = written("{ phase_type = { initial = [1, 0], rates = [[0, 1], [0.99, 0.01]] } }");
    assert!(
        (cycle.mean() / 200.0 - 1.0).abs() < 1e-14,
        "{}",
        cycle.mean()
    );
}

#[test]
fn phases_without_an_end_are_refused() {
    let of = |initial: &str, rates: &str| {
        refused(&format!(
            "{{ phase_type = {{ initial = {initial}, rates = {rates} }} }}"
        ))
    };
    assert_eq!(
        of("[1, 0]", "[[1, 1], [0, 0]]"),
        "`stages.0.service.phase_type.rates.1` is a phase that can be reached, and from which no end is; \
         `stages.0.service.phase_type.rates.1.1` is the rate of ending there; it, or that of a phase that can \
         follow, must be above 0"
    );
    assert!(of("[1, 0]", "[[0, 1], [1, 0]]").contains("rates.0` is a phase that can be reached"));
    assert!(
        of("[0.5, 0.4]", "[[1, 0], [0, 1]]").contains("the initial probabilities add up to 0.9")
    );
    assert!(of("[1, 0]", "[[1, 0]]").contains("has 2 entries in `initial`, but 1 in `rates`"));
    assert!(
        of("[1, 0]", "[[1, 0], [1]]")
            .contains("`stages.0.service.phase_type.rates.1` has 1 rate, but there are 2 phases")
    );
    assert!(of("[1, 0]", "[[1, -1], [0, 1]]").contains("rates.0.1` is -1, but must be at least 0"));
    assert!(of("[1, 0]", "[[0, 1], [1, 1e-9]]").contains("phases in the mean before it ends"));
    // However seldom the long way is taken, it has an end as near.
    let seldom = of("[1, 0, 0]", "[[1, 1e-9, 0], [0, 0, 1], [0, 1, 0.001]]");
    assert!(
        seldom
            .contains("passes through 2002 phases in the mean before it ends, from one of them on"),
        "{seldom}"
    );
}

#[test]
fn distribution_functions_of_extreme_parameters_come_at_once_and_are_right() {
    let near = |law: &str, x: f64, right: f64| {
        let share = written(law).cdf(x);
        assert!(
            (share - right).abs() < 1e-6,
            "{law}: P(X <= {x}) is {share}"
        );
    };
    // Nearly constant: a third of a deviation, over the root of the shape, from the normal law; or none at all.
    let skew = 1e-6 / 3.0 / (2.0 * std::f64::consts::PI).sqrt();
    let share = written("{ gamma = { mean = 0.7005, cv = 1e-6 } }").cdf(0.7005);
    assert!((share - 0.5 - skew).abs() < 1e-12, "{share}");
    near("{ gamma = { mean = 1, cv = 1e-5 } }", 1.00001, 0.841_344_7);
    near(
        "{ gamma = { mean = 1, cv = 1e-8 } }",
        0.999_999_98,
        0.022_750_1,
    );
    for law in ["gamma", "lognormal"] {
        for cv in ["1e-100", "1e-300"] {
            let law = format!("{{ {law} = {{ mean = 3, cv = {cv} }} }}");
            near(&law, 2.9, 0.0);
            near(&law, 3.1, 1.0);
            assert!(
                drawn(&written(&law), "constant", 9)
                    .iter()
                    .all(|value| *value == 3.0)
            );
        }
    }
    // Times that no float can halve.
    near("{ erlang = { k = 3, mean = 1e-320 } }", 1e-300, 1.0);
    near("{ gamma = { mean = 1e-320, cv = 1000 } }", 0.0, 0.0);
    // Counts too great for the terms of a fraction; between them, half of what is at the middle.
    near(
        "{ binomial = { n = 1000000000000, p = 0.5 } }",
        5e11,
        0.5 + 4e-7,
    );
    near(
        "{ binomial = { n = 1000000000000, p = 0.5 } }",
        5e11 + 5e5,
        0.841_344_7,
    );
    near(
        "{ binomial = { n = 100000, p = 0.5 } }",
        49_999.0,
        0.5 - 0.001_261_56,
    );
    near(
        "{ negative_binomial = { mean = 1e12, cv = 2e-6 } }",
        1e12 - 2e6,
        0.158_655_3,
    );
    near(
        "{ negative_binomial = { mean = 893.6269794069095, cv = 0.03345198273563366 } }",
        893.0,
        0.500_529_95,
    );
    near("{ poisson = { mean = 1e12 } }", 1e12 + 1e6, 0.841_344_7);
    // Nothing ends at once, whatever the rounding of the probabilities.
    let rounded =
        written("{ phase_type = { initial = [0.4999999999, 0.5], rates = [[1, 0], [0, 2]] } }");
    assert_eq!(rounded.cdf(0.0), 0.0);
    // Phases whose rates are far apart.
    near(
        "{ phase_type = { initial = [1], rates = [[1]] } }",
        f64::INFINITY,
        1.0,
    );
    let apart = "{ phase_type = { initial = [1, 0], rates = [[0, 1e60], [1e-9, 1e-9]] } }";
    near(apart, 1e9, 1.0 - (-1.0f64).exp());
    near(
        "{ phase_type = { initial = [0.5, 0.5], rates = [[1e12, 0], [0, 1]] } }",
        1.0,
        1.0 - 0.5 * (-1.0f64).exp(),
    );
}

proptest! {
    #[test]
    fn the_sequence_does_not_depend_on_the_blocks_asked_for(
        which in 0..400usize,
        seed in any::<u64>(),
        sizes in prop::collection::vec(0..700usize, 1..6),
    ) {
        let laws: Vec<Law> = continuous().into_iter().chain(whole()).collect();
        let law = &laws[which % laws.len()];
        let stream = Stream::new(seed, 1, "blocks", Purpose::Service);
        let mut at_once = vec![0.0; sizes.iter().sum()];
        Sampler::new(law, stream.clone()).fill(&mut at_once);
        let mut sampler = Sampler::new(law, stream);
        let mut pieces = Vec::new();
        for size in sizes {
            let mut block = vec![0.0; size];
            // A clone carries on where the original is.
            sampler = sampler.clone();
            sampler.fill(&mut block);
            pieces.extend(block);
        }
        let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&at_once), bits(&pieces));
    }
}
