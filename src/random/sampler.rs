//! Samplers: from a law and a stream to a sequence of values, drawn in blocks.
//!
//! A sampler works block by block: the law's constants first, then uniforms from the stream, one
//! after the other, then the law's arithmetic over the whole block, in loops that the compiler
//! turns into vector code. The sequence does not depend on the sizes of the blocks asked for.
//!
//! If the inverse of the distribution function has a closed form, a value is that inverse of one
//! uniform (of `k` for an Erlang law, of two for a hyperexponential one). That keeps streams in
//! step: the n-th values of two laws of one family come from the same uniforms. The arithmetic of
//! each law is in its file in `laws`.

use super::laws::GREATEST_COUNT;
use super::stream::StreamName;
use super::{Law, Stream};
use crate::lanes::{Work, widest};

/// Number of values processed at a time: few enough to stay in the first-level cache.
const PIECE: usize = 512;

/// Largest number of values drawn ahead for callers that take one at a time.
const AHEAD: usize = 64;

/// The greatest count.
const LONGEST: f64 = GREATEST_COUNT;

/// Draws the values of one law from one stream, in order.
#[derive(Clone, Debug)]
pub struct Sampler {
    law: Law,
    stream: Stream,
    /// Number of values drawn.
    drawn: usize,
    /// Values drawn ahead for callers that take one at a time, and the number taken of them.
    ahead: Vec<f64>,
    taken: usize,
}

impl Sampler {
    /// Creates a sampler at the beginning of its stream.
    ///
    /// # Panics
    /// If the law can yield values that are not times or counts ([`Law::ceiling`]); reading a
    /// scenario refuses such laws.
    #[must_use]
    pub fn new(law: &Law, stream: Stream) -> Sampler {
        assert!(
            (0.0..f64::INFINITY).contains(&law.ceiling()),
            "the {} law yields values without bound",
            law.name()
        );
        Sampler {
            law: law.clone(),
            stream,
            drawn: 0,
            ahead: Vec::new(),
            taken: 0,
        }
    }

    /// The stream, before its next word; shows how many words a value took.
    #[must_use]
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Fills `block` with the next values, finite and >= 0, and returns their number: fewer than asked for only if
    /// a trace ends.
    ///
    /// # Panics
    /// If a value is negative or not finite, which the checks of the scenario exclude.
    pub fn fill(&mut self, block: &mut [f64]) -> usize {
        // Values drawn ahead come first.
        let left = &self.ahead[self.taken..];
        let mut filled = left.len().min(block.len());
        block[..filled].copy_from_slice(&left[..filled]);
        self.taken += filled;
        let block = &mut block[filled..];
        for piece in block.chunks_mut(PIECE) {
            let asked = piece.len();
            let got = filled_with(&self.law, self.drawn, &mut self.stream, piece);
            filled += got;
            self.drawn += got;
            if got < asked {
                break;
            }
        }
        filled
    }

    /// Draws the next value; `None` if a trace has ended.
    #[inline]
    pub fn draw(&mut self) -> Option<f64> {
        if self.taken == self.ahead.len() {
            self.look_ahead();
        }
        let value = *self.ahead.get(self.taken)?;
        self.taken += 1;
        Some(value)
    }

    /// Draws a block for callers that take one value at a time: twice as many as before, so that short runs draw
    /// few values in vain.
    #[cold]
    fn look_ahead(&mut self) {
        let mut block = std::mem::take(&mut self.ahead);
        block.resize((2 * block.len()).clamp(1, AHEAD), 0.0);
        self.taken = 0;
        let got = self.fill(&mut block);
        block.truncate(got);
        self.ahead = block;
    }

    /// Draws the next value of a law for counts; `None` if a trace has ended.
    ///
    /// # Panics
    /// If the value is not a whole number up to 2^53, which the checks of the scenario exclude.
    pub fn whole(&mut self) -> Option<u64> {
        self.draw().map(|value| {
            let whole = value as u64;
            assert!(
                whole as f64 == value && value <= LONGEST,
                "the {} law yielded {value}, which is no count",
                self.law.name()
            );
            whole
        })
    }
}

/// The first value of a law from the stream of this block of a name, as a [`Sampler`] there would draw it.
pub(super) fn first(law: &Law, name: StreamName, block: u64) -> f64 {
    let one_word = matches!(
        law,
        Law::Exponential(_) | Law::Uniform(_) | Law::Weibull(_) | Law::Pareto(_)
    );
    let mut stream = match one_word {
        true => name.block_of_one(block),
        false => name.block(block),
    };
    let mut value = [0.0];
    filled_with(law, 0, &mut stream, &mut value);
    value[0]
}

/// Fills at most [`PIECE`] values, and checks them; returns their number.
#[inline]
fn filled_with(law: &Law, drawn: usize, stream: &mut Stream, piece: &mut [f64]) -> usize {
    let (got, are_times) = widest(Fill {
        law,
        drawn,
        stream,
        piece,
    });
    assert!(
        are_times,
        "the {} law yielded a value that is no time",
        law.name()
    );
    got
}

/// Fills at most [`PIECE`] values; returns their number and whether all are times.
struct Fill<'a> {
    law: &'a Law,
    drawn: usize,
    stream: &'a mut Stream,
    piece: &'a mut [f64],
}

impl Work for Fill<'_> {
    type Output = (usize, bool);

    #[inline(always)]
    fn run(self) -> (usize, bool) {
        let got = self.law.fill(self.drawn, self.stream, self.piece);
        (got, are_times(&self.piece[..got]))
    }
}

/// Whether every value is finite and >= 0; -0 does not count as such. Works on the bits, with
/// operations that every vector unit has: the sign bit is set if the value is negative, or if
/// adding one to the exponent overflows into it.
#[inline(always)]
fn are_times(values: &[f64]) -> bool {
    const EXPONENT_ONE: u64 = 1 << 52;
    let signs = values.iter().fold(0, |signs, value| {
        let bits = value.to_bits();
        signs | bits | bits.wrapping_add(EXPONENT_ONE)
    });
    signs >> 63 == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::laws::{Constant, Empirical, Trace};

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
            Law::Constant(Constant { value: -0.0 }),
            Law::Trace(Trace {
                values: values.to_vec().into(),
                repeat: false,
            }),
            Law::Empirical(Empirical {
                values: vec![-0.0].into(),
            }),
        ] {
            let stream = Stream::new(1, 0, "zero", crate::random::Purpose::Service);
            let first = Sampler::new(&law, stream).draw();
            assert_eq!(first.map(f64::to_bits), Some(0), "{law:?}");
        }
    }
}
