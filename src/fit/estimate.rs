//! Laws fitted by maximum likelihood: in closed form if there is one, else by iteration.

use super::Sample;
use super::density::log_likelihood;
use crate::random::Law;
use crate::random::laws::{
    Binomial, Constant, Erlang, Exponential, Gamma, Geometric, Hyperexponential, Lognormal,
    NegativeBinomial, Normal, Pareto, Poisson, Triangular, Uniform, UniformInt, Weibull,
};

/// A law that can be fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Constant,
    Exponential,
    Uniform,
    Triangular,
    Normal,
    Lognormal,
    Gamma,
    Erlang,
    Weibull,
    Pareto,
    Hyperexponential,
    Poisson,
    UniformInt,
    Binomial,
    Geometric,
    NegativeBinomial,
}

/// All laws that can be fitted.
pub(super) const KINDS: [Kind; 16] = [
    Kind::Constant,
    Kind::Exponential,
    Kind::Uniform,
    Kind::Triangular,
    Kind::Normal,
    Kind::Lognormal,
    Kind::Gamma,
    Kind::Erlang,
    Kind::Weibull,
    Kind::Pareto,
    Kind::Hyperexponential,
    Kind::Poisson,
    Kind::UniformInt,
    Kind::Binomial,
    Kind::Geometric,
    Kind::NegativeBinomial,
];

/// The laws that give values above 0 only, with their names.
const ABOVE_ZERO: [(Kind, &str); 6] = [
    (Kind::Lognormal, "lognormal"),
    (Kind::Gamma, "gamma"),
    (Kind::Erlang, "erlang"),
    (Kind::Weibull, "weibull"),
    (Kind::Pareto, "pareto"),
    (Kind::Geometric, "geometric"),
];

/// The names of the laws from which a sample could come but for the zeros in it.
pub(super) fn ruled_out_by_zeros(sample: &Sample) -> Vec<&'static str> {
    let ruled_out = ABOVE_ZERO
        .iter()
        .filter(|(kind, _)| sample.zeros() > 0 && kind.may_give_above_zero(sample));
    ruled_out.map(|&(_, name)| name).collect()
}

/// The standard deviation from which whole numbers may also be fitted by continuous laws.
const FINE: f64 = 30.0;

impl Kind {
    /// The kind of a law, if it can be fitted.
    pub(super) fn of(law: &Law) -> Option<Kind> {
        Some(match law {
            Law::Constant(_) => Kind::Constant,
            Law::Exponential(_) => Kind::Exponential,
            Law::Uniform(_) => Kind::Uniform,
            Law::Triangular(_) => Kind::Triangular,
            Law::Normal(_) => Kind::Normal,
            Law::Lognormal(_) => Kind::Lognormal,
            Law::Gamma(_) => Kind::Gamma,
            Law::Erlang(_) => Kind::Erlang,
            Law::Weibull(_) => Kind::Weibull,
            Law::Pareto(_) => Kind::Pareto,
            Law::Hyperexponential(_) => Kind::Hyperexponential,
            Law::Poisson(_) => Kind::Poisson,
            Law::UniformInt(_) => Kind::UniformInt,
            Law::Binomial(_) => Kind::Binomial,
            Law::Geometric(_) => Kind::Geometric,
            Law::NegativeBinomial(_) => Kind::NegativeBinomial,
            Law::Empirical(_)
            | Law::Trace(_)
            | Law::Discrete(_)
            | Law::Mixture(_)
            | Law::Shifted(_)
            | Law::PhaseType(_) => return None,
        })
    }

    /// The number of parameters estimated.
    pub(super) fn parameters(self, law: &Law) -> f64 {
        match (self, law) {
            (Kind::Constant | Kind::Exponential | Kind::Poisson | Kind::Geometric, _) => 1.0,
            (Kind::Triangular, _) => 3.0,
            (_, Law::Hyperexponential(law)) => (2 * law.means.len() - 1) as f64,
            _ => 2.0,
        }
    }

    fn is_whole(self) -> bool {
        matches!(
            self,
            Kind::Poisson
                | Kind::UniformInt
                | Kind::Binomial
                | Kind::Geometric
                | Kind::NegativeBinomial
        )
    }

    /// Whether a sample may come from a law of this kind.
    pub(super) fn may_give(self, sample: &Sample) -> bool {
        let above_zero = ABOVE_ZERO.iter().any(|&(kind, _)| kind == self);
        self.may_give_above_zero(sample) && (!above_zero || sample.zeros() == 0)
    }

    /// Whether the values above 0 may come from a law of this kind. Continuous laws are excluded if the values are whole
    /// numbers with little spread.
    fn may_give_above_zero(self, sample: &Sample) -> bool {
        if sample.least() == sample.greatest() {
            return self == Kind::Constant;
        }
        match self {
            Kind::Constant => false,
            _ if self.is_whole() => sample.is_whole(),
            _ if sample.is_whole() && sample.variance().sqrt() < FINE => false,
            Kind::Hyperexponential => sample.cv() > 1.0,
            _ => true,
        }
    }

    /// The law of this kind with the greatest likelihood; `None` if it cannot be fitted.
    pub(super) fn estimate(self, sample: &Sample) -> Option<Law> {
        let mean = sample.mean();
        if sample.least() == sample.greatest() {
            let value = sample.least();
            return (self == Kind::Constant).then(|| Constant { value }.into());
        }
        Some(match self {
            Kind::Constant => return None,
            Kind::Exponential => Exponential { mean }.into(),
            Kind::Uniform => {
                let (low, high) = (sample.least(), sample.greatest());
                Uniform { low, high }.into()
            }
            Kind::Triangular => triangular(sample).into(),
            Kind::Normal => normal(sample).into(),
            Kind::Lognormal => {
                let log = sample.average(f64::ln);
                let variance = sample.average(|x| (x.ln() - log) * (x.ln() - log));
                let (mean, cv) = ((log + variance / 2.0).exp(), variance.exp_m1().sqrt());
                Lognormal { mean, cv }.into()
            }
            Kind::Gamma => {
                let cv = 1.0 / gamma_shape(sample).sqrt();
                Gamma { mean, cv }.into()
            }
            Kind::Erlang => erlang(sample),
            Kind::Weibull => weibull(sample).into(),
            Kind::Pareto => {
                let scale = sample.least();
                let shape = 1.0 / sample.average(|x| (x / scale).ln());
                Pareto { scale, shape }.into()
            }
            Kind::Hyperexponential => hyperexponential(sample)?,
            Kind::Poisson => Poisson { mean }.into(),
            Kind::UniformInt => {
                let (low, high) = (sample.least() as u64, sample.greatest() as u64);
                UniformInt { low, high }.into()
            }
            Kind::Binomial => binomial(sample)?,
            Kind::Geometric => Geometric { mean }.into(),
            Kind::NegativeBinomial => negative_binomial(sample)?,
        })
    }
}

/// Fits a triangular law. Both ends lie beyond the values, the mode between the ends.
fn triangular(sample: &Sample) -> Triangular {
    let (least, greatest) = (sample.least(), sample.greatest());
    let width = greatest - least;
    let law = |place: &[f64]| {
        let low = (least - place[0].exp()).max(0.0);
        let high = greatest + place[1].exp();
        let mode = low + (high - low) / (1.0 + (-place[2]).exp());
        Triangular { low, mode, high }
    };
    let cost = |place: &[f64]| -log_likelihood(&law(place).into(), sample);
    let small = (width * 0.02).ln();
    let starts = [-1.5, 0.0, 1.5].map(|peak| minimise(&[small, small, peak], 1.0, cost));
    let best = starts
        .into_iter()
        .min_by(|one, other| cost(one).total_cmp(&cost(other)));
    law(&best.unwrap_or_else(|| vec![small, small, 0.0]))
}

/// Fits a normal law truncated at zero; its mean is at least -3 standard deviations.
fn normal(sample: &Sample) -> Normal {
    let law = |place: &[f64]| Normal {
        mean: place[0],
        sd: place[1].exp(),
    };
    let deviation = sample.variance().sqrt();
    let cost = |place: &[f64]| {
        let law = law(place);
        if law.mean < -3.0 * law.sd {
            f64::INFINITY
        } else {
            -log_likelihood(&law.into(), sample)
        }
    };
    // The mean is measured in deviations, so that the first step has the right size in both directions.
    let scaled = |place: &[f64]| cost(&[place[0] * deviation, place[1]]);
    let start = [sample.mean() / deviation, deviation.ln()];
    let found = minimise(&start, 0.2, scaled);
    law(&[found[0] * deviation, found[1]])
}

/// The shape whose logarithm minus its digamma function equals the logarithm of the sample's mean minus the mean of its
/// logarithms (Minka 2002).
fn gamma_shape(sample: &Sample) -> f64 {
    let gap = (sample.mean().ln() - sample.average(f64::ln)).max(1e-12);
    let start = (3.0 - gap + ((gap - 3.0).powi(2) + 24.0 * gap).sqrt()) / (12.0 * gap);
    let cost = |place: &[f64]| {
        let shape = place[0].exp();
        // The negative mean log likelihood of a gamma law with the sample's mean, without the terms that do not depend
        // on the shape.
        libm::lgamma(shape) - shape * (shape.ln() - 1.0 - gap)
    };
    minimise(&[start.ln()], 0.1, cost)[0].exp()
}

fn erlang(sample: &Sample) -> Law {
    let shape = gamma_shape(sample).clamp(1.0, 100_000.0);
    let law = |k: f64| {
        Law::from(Erlang {
            k: k as u32,
            mean: sample.mean(),
        })
    };
    let (below, above) = (law(shape.floor()), law(shape.ceil()));
    if log_likelihood(&below, sample) >= log_likelihood(&above, sample) {
        below
    } else {
        above
    }
}

/// Fits a Weibull law; the scale follows from the shape.
fn weibull(sample: &Sample) -> Weibull {
    // Divided by the greatest value, so that no power overflows.
    let greatest = sample.greatest();
    let law = |shape: f64| Weibull {
        shape,
        scale: greatest
            * sample
                .average(|x| (x / greatest).powf(shape))
                .powf(1.0 / shape),
    };
    let cost = |place: &[f64]| -log_likelihood(&law(place[0].exp()).into(), sample);
    let start = -sample.cv().max(1e-3).ln();
    law(minimise(&[start], 0.3, cost)[0].exp())
}

/// Fits two or three branches by expectation-maximisation (Dempster, Laird and Rubin 1977).
fn hyperexponential(sample: &Sample) -> Option<Law> {
    let mean = sample.mean();
    if mean <= 0.0 {
        return None;
    }
    let starts: [(&[f64], &[f64]); 3] = [
        (&[0.5, 0.5], &[0.5, 1.5]),
        (&[0.9, 0.1], &[0.5, 5.5]),
        (&[0.6, 0.3, 0.1], &[0.2, 1.0, 5.0]),
    ];
    let fits = starts.map(|(shares, means)| {
        let means = means.iter().map(|branch| branch * mean).collect();
        let law = Law::from(mixed(sample, shares.to_vec(), means));
        let likelihood = log_likelihood(&law, sample);
        (
            2.0 * shares.len() as f64 * (sample.len() as f64).ln() - 2.0 * likelihood,
            law,
        )
    });
    let sound = fits.into_iter().filter(|(cost, _)| cost.is_finite());
    let best = sound.min_by(|(one, _), (other, _)| one.total_cmp(other));
    best.map(|(_, law)| law)
}

fn mixed(sample: &Sample, mut shares: Vec<f64>, mut means: Vec<f64>) -> Hyperexponential {
    const ROUNDS: usize = 400;
    let mut before = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let mut weights = vec![0.0; shares.len()];
        let mut sums = vec![0.0; shares.len()];
        let mut likelihood = 0.0;
        let mut parts = vec![0.0; shares.len()];
        for &(value, count) in sample.distinct() {
            for ((part, share), mean) in parts.iter_mut().zip(&shares).zip(&means) {
                *part = share / mean * (-value / mean).exp();
            }
            let whole: f64 = parts.iter().sum();
            likelihood += whole.ln() * count as f64;
            for ((part, weight), sum) in parts.iter().zip(&mut weights).zip(&mut sums) {
                let belongs = part / whole * count as f64;
                *weight += belongs;
                *sum += belongs * value;
            }
        }
        for (branch, weight) in weights.iter().enumerate() {
            shares[branch] = weight / sample.len() as f64;
            means[branch] = (sums[branch] / weight.max(1e-300)).max(1e-300);
        }
        if (likelihood - before).abs() < 1e-6 {
            break;
        }
        before = likelihood;
    }
    // Corrects for rounding, so that the shares add up to 1.
    let whole: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= whole);
    Hyperexponential {
        probabilities: shares,
        means,
    }
}

/// Half the size of the finer of two grids.
const FINE_GRID: u64 = 500;

/// Fits the number of trials over a grid, and over a finer one around the best; `None` if the variance is not less than
/// the mean.
fn binomial(sample: &Sample) -> Option<Law> {
    let mean = sample.mean();
    if sample.variance() >= mean {
        return None;
    }
    let law = |n: u64| {
        let p = (mean / n as f64).min(1.0);
        let law = Law::from(Binomial { n, p });
        (log_likelihood(&law, sample), law)
    };
    let least = (sample.greatest() as u64).max(1);
    let mut best = law(least);
    let (mut trials, mut centre) = (least, least);
    while trials < least.saturating_mul(200) {
        trials = (trials + 1).max((trials as f64 * 1.05) as u64);
        let tried = law(trials);
        if tried.0 > best.0 {
            (best, centre) = (tried, trials);
        }
    }
    let near = (centre as f64 * 0.06) as u64 + 1;
    let around = centre.saturating_sub(near).max(least)..=centre.saturating_add(near);
    for trials in around.step_by((near / FINE_GRID + 1) as usize) {
        let tried = law(trials);
        if tried.0 > best.0 {
            best = tried;
        }
    }
    Some(best.1)
}

/// Fits a Poisson law with a gamma-distributed mean; `None` if the variance is not greater than the mean.
fn negative_binomial(sample: &Sample) -> Option<Law> {
    let (mean, variance) = (sample.mean(), sample.variance());
    if variance <= mean {
        return None;
    }
    let law = |place: &[f64]| NegativeBinomial {
        mean,
        cv: (1.0 / mean + (-place[0]).exp()).sqrt(),
    };
    let start = (mean * mean / (variance - mean)).ln();
    let found = minimise(&[start], 0.3, |place| {
        -log_likelihood(&law(place).into(), sample)
    });
    Some(law(&found).into())
}

/// Minimises a function, starting near `start` (Nelder and Mead 1965).
fn minimise(start: &[f64], step: f64, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    const ROUNDS: usize = 400;
    let cost = |place: &[f64]| {
        let cost = of(place);
        if cost.is_nan() { f64::INFINITY } else { cost }
    };
    let size = start.len();
    let mut corners: Vec<(f64, Vec<f64>)> = vec![(cost(start), start.to_vec())];
    for axis in 0..size {
        let mut corner = start.to_vec();
        corner[axis] += step;
        corners.push((cost(&corner), corner));
    }
    for _ in 0..ROUNDS {
        corners.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let (least, most) = (corners[0].0, corners[size].0);
        if most - least <= 1e-9 * (least.abs() + 1e-9) {
            break;
        }
        let centre: Vec<f64> = (0..size)
            .map(|axis| corners[..size].iter().map(|(_, c)| c[axis]).sum::<f64>() / size as f64)
            .collect();
        let along = |far: f64| {
            let worst = &corners[size].1;
            let place: Vec<f64> = centre
                .iter()
                .zip(worst)
                .map(|(c, w)| c + far * (w - c))
                .collect();
            (cost(&place), place)
        };
        let reflected = along(-1.0);
        let next = if reflected.0 < least {
            let expanded = along(-2.0);
            if expanded.0 < reflected.0 {
                expanded
            } else {
                reflected
            }
        } else if reflected.0 < corners[size - 1].0 {
            reflected
        } else {
            let inside = along(if reflected.0 < most { -0.5 } else { 0.5 });
            if inside.0 < most.min(reflected.0) {
                inside
            } else {
                let best = corners[0].1.clone();
                for (value, corner) in &mut corners[1..] {
                    for (place, best) in corner.iter_mut().zip(&best) {
                        *place = best + 0.5 * (*place - best);
                    }
                    *value = cost(corner);
                }
                continue;
            }
        };
        corners[size] = next;
    }
    corners
        .swap_remove(
            (0..=size)
                .min_by(|&a, &b| corners[a].0.total_cmp(&corners[b].0))
                .unwrap_or(0),
        )
        .1
}
