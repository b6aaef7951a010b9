//! Samplers: from a law and a stream to a sequence of values, drawn in blocks.

use super::{Law, Stream};

/// Draws the values of one law from one stream, in order.
#[derive(Clone, Debug)]
pub struct Sampler {
    law: Law,
    stream: Stream,
    at: usize,
}

impl Sampler {
    /// A sampler at the beginning of its stream.
    #[must_use]
    pub fn new(law: &Law, stream: Stream) -> Sampler {
        Sampler {
            law: law.clone(),
            stream,
            at: 0,
        }
    }

    /// Fills `block` with the next values and returns how many there were: fewer than asked for
    /// only where a trace ends.
    pub fn fill(&mut self, block: &mut [f64]) -> usize {
        if let Law::Trace { values } = &self.law {
            let left = &values[self.at..];
            let n = left.len().min(block.len());
            block[..n].copy_from_slice(&left[..n]);
            self.at += n;
            return n;
        }
        for value in block.iter_mut() {
            *value = match self.law {
                Law::Constant { value } => value,
                Law::Exponential { mean } => -mean * libm::log(1.0 - self.stream.unit()),
                _ => 1.0,
            };
        }
        block.len()
    }

    /// The next value, or none where a trace has ended.
    pub fn draw(&mut self) -> Option<f64> {
        let mut block = [0.0];
        (self.fill(&mut block) == 1).then_some(block[0])
    }
}
