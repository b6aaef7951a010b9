//! Samplers: from a law and a stream to a sequence of values, drawn in blocks.

use super::{Law, Stream};

/// Draws the values of one law from one stream, in order.
#[derive(Clone, Debug)]
pub struct Sampler {
    law: Law,
    stream: Stream,
    used: usize,
}

impl Sampler {
    /// A sampler at the beginning of its stream.
    #[must_use]
    pub fn new(law: &Law, stream: Stream) -> Sampler {
        Sampler {
            law: law.clone(),
            stream,
            used: 0,
        }
    }

    /// Fills `block` with the next values and returns how many there were: fewer than asked for
    /// only where a trace ends.
    pub fn fill(&mut self, block: &mut [f64]) -> usize {
        for value in block.iter_mut() {
            *value = match self.law {
                Law::Constant { value } => value,
                Law::Exponential { mean } => -mean * libm::log(1.0 - self.stream.unit()),
                Law::Poisson { mean } => {
                    let (mut count, mut product) = (0.0, self.stream.unit());
                    while product > libm::exp(-mean) {
                        count += 1.0;
                        product *= self.stream.unit();
                    }
                    count
                }
                Law::UniformInt { low, high } => (low + self.stream.below(high - low + 1)) as f64,
                Law::Geometric { mean } if mean > 1.0 => {
                    let tail = libm::log(1.0 - self.stream.unit());
                    (tail / libm::log1p(-1.0 / mean)).floor() + 1.0
                }
                _ => 1.0,
            };
        }
        match &self.law {
            Law::Trace { values } => {
                let from = self.used.min(values.len());
                let count = block.len().min(values.len() - from);
                block[..count].copy_from_slice(&values[from..from + count]);
                self.used += count;
                count
            }
            _ => block.len(),
        }
    }

    /// The next value of a law of whole numbers.
    pub fn whole(&mut self) -> Option<u64> {
        self.draw().map(|value| value as u64)
    }

    /// The next value as a duration in steps: rounded up, at least 1.
    pub fn steps(&mut self) -> Option<u64> {
        self.draw().map(|value| value.ceil().max(1.0) as u64)
    }

    /// The next value, or none where a trace has ended.
    pub fn draw(&mut self) -> Option<f64> {
        let mut block = [0.0];
        (self.fill(&mut block) == 1).then_some(block[0])
    }
}
