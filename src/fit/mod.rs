//! Fits probability laws to a recorded column, and tests whether a law can represent it at all.
//!
//! Each law is fitted by maximum likelihood ([`estimate`]). Laws are ranked by the Bayesian information criterion
//! (Schwarz 1978): of two that fit the values equally well, the one with fewer parameters is better. The fit of a law
//! is measured by the greatest distance of its distribution function from that of the values (Kolmogorov), with a
//! p-value by parametric bootstrap: samples drawn from the fitted law are fitted again, since tables of the distance do
//! not hold for fitted parameters (Stute, González Manteiga and Presedo Quindimil 1993). A law describes values without
//! their order; if they drift or come in bursts, only the recording itself describes them ([`mod@order`]).

mod density;
mod estimate;
mod order;
mod sample;

pub use order::{Order, order};
pub use sample::Sample;

use crate::random::{Law, Purpose, Sampler, Stream};

/// Number of samples drawn for a p-value.
pub const BOOTSTRAP: usize = 199;

/// The largest size of a drawn sample. For more values their distance is scaled to this size: it shrinks with the square
/// root of the number of values.
pub const BOOTSTRAP_VALUES: usize = 2_000;

/// A law fitted to a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The law.
    pub law: Law,
    /// The Bayesian information criterion; less is better.
    pub bic: f64,
    /// The greatest distance between the distribution functions of the law and of the values.
    pub distance: f64,
}

/// Fits every law from which these values may come, best first.
#[must_use]
pub fn fit(sample: &Sample) -> Vec<Fitted> {
    let mut fits: Vec<Fitted> = estimate::KINDS
        .iter()
        .filter(|kind| kind.may_give(sample))
        .filter_map(|kind| fitted(*kind, sample))
        .collect();
    fits.sort_by(|one, other| one.bic.total_cmp(&other.bic));
    fits
}

/// The names of the laws that are not fitted because some of these values are 0, which such a law never gives.
#[must_use]
pub fn ruled_out_by_zeros(sample: &Sample) -> Vec<&'static str> {
    estimate::ruled_out_by_zeros(sample)
}

fn fitted(kind: estimate::Kind, sample: &Sample) -> Option<Fitted> {
    let law = kind.estimate(sample)?;
    let likelihood = density::log_likelihood(&law, sample);
    let finite = likelihood.is_finite() && law.ceiling().is_finite();
    let values = sample.len() as f64;
    finite.then(|| Fitted {
        bic: kind.parameters(&law) * values.ln() - 2.0 * likelihood,
        distance: sample.distance(&law),
        law,
    })
}

/// The share of samples drawn from the fitted law that are at least as far from their own fit as these values; small if
/// the law does not fit. `None` if the law cannot be fitted to its own samples.
#[must_use]
pub fn p_value(fit: &Fitted, sample: &Sample, seed: u64) -> Option<f64> {
    let kind = estimate::Kind::of(&fit.law)?;
    let size = sample.len().min(BOOTSTRAP_VALUES);
    let observed = fit.distance * (sample.len() as f64 / size as f64).sqrt();
    let mut values = vec![0.0; size];
    let mut farther = 0;
    for number in 0..BOOTSTRAP as u64 {
        let stream = Stream::new(seed, number, "fit", Purpose::Service);
        Sampler::new(&fit.law, stream).fill(&mut values);
        let drawn = Sample::new(values.clone())?;
        let distance = drawn.distance(&kind.estimate(&drawn)?);
        farther += usize::from(distance >= observed);
    }
    Some((1 + farther) as f64 / (1 + BOOTSTRAP) as f64)
}
