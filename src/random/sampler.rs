//! Samplers: from a law and a stream to a sequence of values, drawn in blocks.
//!
//! A sampler prepares a law's constants once, then works block by block: uniforms first, from the
//! stream, one after the other; then the law's arithmetic over the whole block, in loops the compiler
//! turns into vector code. The sequence does not depend on the sizes of the blocks asked for.
//!
//! Where the inverse of the distribution function is closed, a value is that inverse of one uniform
//! (`k` of them for an Erlang law, two for a hyperexponential one). That keeps streams in step: the
//! n-th value of two laws of one family comes of the same uniforms. A normal variable redrawn until
//! it is not negative *is* the normal variable given that it is not negative, and so is drawn by
//! inversion too. Gamma and negative binomial variables are drawn by rejection; Poisson and binomial
//! ones by `rand_distr`, whose results there are whole numbers, so that the last bits of the platform's
//! logarithm cannot show.

use super::logarithm::{ln, scaled_negative_ln};
use super::plan::{FACTORS, Plan};
use super::power::exp;
use super::{Law, Stream, normal};
use crate::lanes::{Work, widest};
use rand_distr::{Distribution, Poisson};

/// How many values are worked on at a time: few enough to stay in the first-level cache.
const PIECE: usize = 256;

/// At most how many values are drawn ahead for those who take one at a time.
const AHEAD: usize = 64;

/// How many values of a hyperexponential law, of two uniforms each, are worked on at a time.
const PAIRS: usize = 16;

/// The longest duration in steps; whatever is longer ends after every simulation.
const LONGEST: f64 = super::law::GREATEST_COUNT;

/// Draws the values of one law from one stream, in order.
#[derive(Clone, Debug)]
pub struct Sampler {
    name: &'static str,
    plan: Plan,
    stream: Stream,
    /// Values drawn for those who take one at a time, and how many of them were taken.
    ahead: Vec<f64>,
    taken: usize,
}

impl Sampler {
    /// A sampler at the beginning of its stream.
    ///
    /// # Panics
    /// If the law can yield values that are no times or counts ([`Law::ceiling`]); the scenario's door
    /// refuses such laws.
    #[must_use]
    pub fn new(law: &Law, stream: Stream) -> Sampler {
        let ceiling = law.ceiling();
        let name = law.name();
        assert!(
            (0.0..f64::INFINITY).contains(&ceiling),
            "the {name} law yields values without bound"
        );
        Sampler {
            name,
            plan: Plan::new(law),
            stream,
            ahead: Vec::new(),
            taken: 0,
        }
    }

    /// Fills `block` with the next values, finite and >= 0, and returns how many there were: fewer
    /// than asked for only where a trace ends.
    ///
    /// # Panics
    /// If a value is negative or not finite, which the door's checks exclude.
    pub fn fill(&mut self, block: &mut [f64]) -> usize {
        // What was drawn ahead goes first.
        let left = &self.ahead[self.taken..];
        let mut filled = left.len().min(block.len());
        block[..filled].copy_from_slice(&left[..filled]);
        self.taken += filled;
        let block = &mut block[filled..];
        for piece in block.chunks_mut(PIECE) {
            let asked = piece.len();
            let (got, are_times) = widest(Fill {
                plan: &mut self.plan,
                stream: &mut self.stream,
                piece,
            });
            assert!(
                are_times,
                "the {} law yielded a value that is no time",
                self.name
            );
            filled += got;
            if got < asked {
                break;
            }
        }
        filled
    }

    /// The next value, or none where a trace has ended.
    #[inline]
    pub fn draw(&mut self) -> Option<f64> {
        if self.taken == self.ahead.len() {
            self.look_ahead();
        }
        let value = *self.ahead.get(self.taken)?;
        self.taken += 1;
        Some(value)
    }

    /// Draws a block for those who take one value at a time: twice as many as before, so that short
    /// runs draw few in vain.
    #[cold]
    fn look_ahead(&mut self) {
        let mut block = std::mem::take(&mut self.ahead);
        block.resize((2 * block.len()).clamp(1, AHEAD), 0.0);
        self.taken = 0;
        let got = self.fill(&mut block);
        block.truncate(got);
        self.ahead = block;
    }

    /// The next value of a law for counts, or none where a trace has ended.
    ///
    /// # Panics
    /// If the value is not a whole number up to 2^53, which the door's checks exclude.
    pub fn whole(&mut self) -> Option<u64> {
        self.draw().map(|value| {
            let whole = value as u64;
            assert!(
                whole as f64 == value && value <= LONGEST,
                "the {} law yielded {value}, which is no count",
                self.name
            );
            whole
        })
    }

    /// The next value as a duration in steps: rounded up to a whole number, at least 1, at most
    /// 2^53; none where a trace has ended.
    pub fn steps(&mut self) -> Option<u64> {
        self.draw()
            .map(|value| value.ceil().clamp(1.0, LONGEST) as u64)
    }
}

/// Filling at most [`PIECE`] values: how many there were, and whether all are times.
struct Fill<'a> {
    plan: &'a mut Plan,
    stream: &'a mut Stream,
    piece: &'a mut [f64],
}

impl Work for Fill<'_> {
    type Output = (usize, bool);

    #[inline(always)]
    fn run(mut self) -> (usize, bool) {
        let got = self.fill();
        (got, are_times(&self.piece[..got]))
    }
}

impl Fill<'_> {
    /// Fills the piece, and returns how many values there were.
    #[inline(always)]
    fn fill(&mut self) -> usize {
        let (stream, piece) = (&mut *self.stream, &mut *self.piece);
        match &mut *self.plan {
            Plan::Constant(value) => piece.fill(positive_zero(*value)),
            Plan::Exponential { mean } => {
                stream.fill_open(piece);
                scaled_negative_ln(piece, *mean);
            }
            &mut Plan::Uniform {
                low,
                span,
                greatest,
            } => {
                stream.fill_open(piece);
                each(piece, |u| (low + span * u).min(greatest));
            }
            &mut Plan::Triangular {
                low,
                high,
                span,
                left,
            } => {
                stream.fill_open(piece);
                each(piece, |u| {
                    let rising = u < left;
                    let share = if rising {
                        u * left
                    } else {
                        (1.0 - u) * (1.0 - left)
                    };
                    let distance = span * share.sqrt();
                    if rising {
                        low + distance
                    } else {
                        (high - distance).max(low)
                    }
                });
            }
            &mut Plan::Normal { mean, sd, mass } => {
                stream.fill_open(piece);
                // A uniform stands for the probability of something greater.
                each(piece, |u| u * mass);
                normal::quantiles(piece);
                each(piece, |z| (mean - sd * z).max(0.0));
            }
            &mut Plan::Lognormal { median, sigma } => {
                stream.fill_open(piece);
                normal::quantiles(piece);
                each(piece, |z| median * exp(sigma * z));
            }
            Plan::Gamma(gamma) => one_by_one(piece, || gamma.draw(stream)),
            &mut Plan::Erlang { k, mean } if k <= FACTORS => {
                one_by_one(piece, || product(stream, k));
                scaled_negative_ln(piece, mean);
            }
            &mut Plan::Erlang { k, mean } => one_by_one(piece, || {
                let mut sum = 0.0;
                for start in (0..k).step_by(FACTORS as usize) {
                    sum -= ln(product(stream, FACTORS.min(k - start)));
                }
                sum * mean
            }),
            &mut Plan::Weibull { scale, power } => {
                stream.fill_open(piece);
                scaled_negative_ln(piece, 1.0);
                each(piece, |x| scale * exp(power * ln(x)));
            }
            &mut Plan::Pareto { scale, power } => {
                stream.fill_open(piece);
                each(piece, |u| scale * exp(power * (0.0 - ln(u))));
            }
            Plan::Hyperexponential { thresholds, means } => {
                for some in piece.chunks_mut(PAIRS) {
                    let mut branches = [0.0; PAIRS];
                    for (branch, size) in branches.iter_mut().zip(&mut *some) {
                        *branch = stream.open();
                        *size = stream.open();
                    }
                    let chosen = choose(branches, thresholds, means);
                    for (size, mean) in some.iter_mut().zip(chosen) {
                        *size = (0.0 - ln(*size)) * mean;
                    }
                }
            }
            Plan::Empirical(values) => {
                let count = values.len() as u64;
                one_by_one(piece, || {
                    positive_zero(values[stream.below(count) as usize])
                });
            }
            Plan::Trace { values, next } => {
                let got = piece.len().min(values.len() - *next);
                for (value, &given) in piece.iter_mut().zip(&values[*next..*next + got]) {
                    *value = positive_zero(given);
                }
                *next += got;
                return got;
            }
            Plan::Poisson(poisson) => one_by_one(piece, || poisson.sample(stream)),
            &mut Plan::UniformInt { low, count } => {
                one_by_one(piece, || (low + stream.below(count)) as f64);
            }
            Plan::Binomial(binomial) => one_by_one(piece, || binomial.sample(stream) as f64),
            &mut Plan::Geometric { inverse } => {
                stream.fill_open(piece);
                each(piece, |u| (ln(u) * inverse).ceil().max(1.0));
            }
            Plan::NegativeBinomial(gamma) => one_by_one(piece, || {
                // Of a mean that underflows to nothing nothing comes.
                Poisson::new(gamma.draw(stream)).map_or(0.0, |poisson| poisson.sample(stream))
            }),
        }
        piece.len()
    }
}

/// Whether every value is finite and >= 0; -0 is not. On the bits, in operations that every vector unit
/// has: the sign is set of what is negative, and of what has the greatest exponent after adding one to
/// that.
#[inline(always)]
fn are_times(values: &[f64]) -> bool {
    const EXPONENT_ONE: u64 = 1 << 52;
    let signs = values.iter().fold(0, |signs, value| {
        let bits = value.to_bits();
        signs | bits | bits.wrapping_add(EXPONENT_ONE)
    });
    signs >> 63 == 0
}

/// Applies `rule` to every value; the loop that becomes vector code.
#[inline(always)]
fn each(piece: &mut [f64], rule: impl Fn(f64) -> f64) {
    for value in piece {
        *value = rule(*value);
    }
}

/// The value, or 0 for -0, which a file may hold.
#[inline(always)]
fn positive_zero(value: f64) -> f64 {
    value + 0.0
}

/// Draws every value in turn.
#[inline(always)]
fn one_by_one(piece: &mut [f64], mut draw: impl FnMut() -> f64) {
    for value in piece {
        *value = draw();
    }
}

/// The product of `factors` uniforms, at most [`FACTORS`].
#[inline(always)]
fn product(stream: &mut Stream, factors: u32) -> f64 {
    (0..factors).fold(1.0, |product, _| product * stream.open())
}

/// The mean of the branch each uniform falls on.
#[inline(always)]
fn choose(uniforms: [f64; PAIRS], thresholds: &[f64], means: &[f64]) -> [f64; PAIRS] {
    let mut chosen = [means[0]; PAIRS];
    for (&threshold, &mean) in thresholds.iter().zip(&means[1..]) {
        for (chosen, uniform) in chosen.iter_mut().zip(uniforms) {
            *chosen = if uniform >= threshold { mean } else { *chosen };
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_numbers_that_are_not_negative_are_times() {
        assert!(are_times(&[0.0, f64::MIN_POSITIVE, 5e-324, 1.0, f64::MAX]));
        for wrong in [
            -0.0,
            -1.0,
            -5e-324,
            f64::INFINITY,
            -f64::INFINITY,
            f64::NAN,
            -f64::NAN,
        ] {
            assert!(!are_times(&[1.0, wrong, 2.0]), "{wrong}");
        }
    }

    #[test]
    fn a_negative_zero_from_a_file_is_zero() {
        let values = [-0.0, 3.0];
        for law in [
            Law::Constant { value: -0.0 },
            Law::Trace {
                values: values.into(),
            },
            Law::Empirical {
                values: [-0.0].into(),
            },
        ] {
            let stream = Stream::new(1, 0, "zero", crate::random::Purpose::Service);
            let first = Sampler::new(&law, stream).draw();
            assert_eq!(first.map(f64::to_bits), Some(0), "{law:?}");
        }
    }
}
