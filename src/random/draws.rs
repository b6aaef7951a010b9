//! Draws by index: value k belongs to customer k, in whatever order values are asked for.
//!
//! The values of an owner are cut into blocks of [`BLOCK`]. Each block has a stream of its own, named by the
//! owner, the purpose and the block, so any value is found without those before its block, and a value that
//! is asked for twice is the same. Values asked for in order cost no more than those of a [`Sampler`].

use super::laws::Trace;
use super::stream::StreamName;
use super::{Law, Purpose, Sampler, sampler};

/// Number of values that share a stream.
const BLOCK: u64 = 1024;

/// Number of blocks remembered for values asked for out of order.
const REMEMBERED: usize = 4;

/// The values of one owner for one purpose, by index from 1.
#[derive(Clone, Debug)]
pub struct Draws {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Recorded(Trace),
    Drawn(Box<Drawn>),
}

#[derive(Clone, Debug)]
struct Drawn {
    law: Law,
    name: StreamName,
    /// The index of the next value in order, and the sampler that yields it; the sampler belongs to the
    /// block of the value before.
    next: u64,
    sampler: Sampler,
    /// The blocks last used, the latest first.
    blocks: Vec<Block>,
}

/// The first values of a block, up to the last one asked for.
#[derive(Clone, Debug)]
struct Block {
    number: u64,
    sampler: Sampler,
    values: Vec<f64>,
}

impl Draws {
    /// The values of this law that belong to `owner`.
    #[must_use]
    pub fn new(law: &Law, seed: u64, replication: u64, owner: &str, purpose: Purpose) -> Draws {
        let source = if let Law::Trace(trace) = law {
            Source::Recorded(trace.clone())
        } else {
            let name = StreamName::new(seed, replication, owner, purpose);
            Source::Drawn(Box::new(Drawn {
                law: law.clone(),
                name,
                next: 1,
                sampler: Sampler::new(law, name.block(0)),
                blocks: Vec::new(),
            }))
        };
        Draws { source }
    }

    /// The value of this index, from 1.
    ///
    /// # Panics
    /// If a recording is too short; see [`Draws::fill`].
    #[inline]
    pub fn of(&mut self, index: u64) -> f64 {
        match &mut self.source {
            Source::Recorded(trace) => {
                let mut value = [0.0];
                trace.from(before(index), &mut value);
                value[0]
            }
            Source::Drawn(drawn) => drawn.of(index),
        }
    }

    /// The value of this index and visit, both from 1. First visits are those of [`Draws::of`]; each later visit
    /// has a block of its own. A recording has values for first visits only.
    #[inline]
    pub fn at_visit(&mut self, index: u64, visit: u32) -> f64 {
        match &mut self.source {
            Source::Drawn(drawn) if visit > 1 => drawn.of_later_visit(index, visit),
            _ => self.of(index),
        }
    }

    /// Fills `block` with the values from index `first` on.
    ///
    /// # Panics
    /// If a recording is too short, which a model must check before: only the model knows how many values its run
    /// needs.
    pub fn fill(&mut self, first: u64, block: &mut [f64]) {
        match &mut self.source {
            Source::Recorded(trace) => trace.from(before(first), block),
            Source::Drawn(drawn) => drawn.fill(first, block),
        }
    }
}

/// The number of values before the one of this index.
fn before(index: u64) -> usize {
    usize::try_from(index - 1).expect("a recording fits in memory")
}

impl Drawn {
    fn fill(&mut self, first: u64, mut block: &mut [f64]) {
        if first != self.next && (first - 1).is_multiple_of(BLOCK) {
            self.next = first;
        }
        if first != self.next {
            for (index, value) in (first..).zip(block) {
                *value = self.of(index);
            }
            return;
        }
        while !block.is_empty() {
            let (number, offset) = place(self.next);
            if offset == 0 && self.next > 1 {
                self.sampler = Sampler::new(&self.law, self.name.block(number));
            }
            let count = block.len().min((BLOCK - offset) as usize);
            let (now, later) = block.split_at_mut(count);
            self.sampler.fill(now);
            self.next += count as u64;
            block = later;
        }
    }

    #[inline]
    fn of(&mut self, index: u64) -> f64 {
        let (number, offset) = place(index);
        if let Some(latest) = self.blocks.first()
            && latest.number == number
            && let Some(&value) = latest.values.get(offset as usize)
        {
            return value;
        }
        self.look_up(number, offset as usize)
    }

    #[inline(never)]
    fn of_later_visit(&self, index: u64, visit: u32) -> f64 {
        sampler::first(&self.law, self.name, u64::from(visit) << 40 | index)
    }

    fn look_up(&mut self, number: u64, offset: usize) -> f64 {
        let known = self.blocks.iter().position(|block| block.number == number);
        let place = known.unwrap_or_else(|| {
            let full = self.blocks.len() == REMEMBERED;
            let oldest = self.blocks.pop_if(|_| full);
            let mut values = oldest.map_or_else(Vec::new, |block| block.values);
            values.clear();
            self.blocks.push(Block {
                number,
                sampler: Sampler::new(&self.law, self.name.block(number)),
                values,
            });
            self.blocks.len() - 1
        });
        self.blocks[..=place].rotate_right(1);
        self.blocks[0].at(offset)
    }
}

impl Block {
    fn at(&mut self, offset: usize) -> f64 {
        let known = self.values.len();
        if offset >= known {
            // At least twice as many as before, so that short runs draw few values in vain.
            let wanted = (offset + 1).max(2 * known).min(BLOCK as usize);
            self.values.resize(wanted, 0.0);
            self.sampler.fill(&mut self.values[known..]);
        }
        self.values[offset]
    }
}

/// The block of this index, and its place in it.
fn place(index: u64) -> (u64, u64) {
    ((index - 1) / BLOCK, (index - 1) % BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::laws::{Exponential, Gamma, Pareto, Uniform, Weibull};
    use std::sync::Arc;

    fn draws(law: &Law) -> Draws {
        Draws::new(law, 5, 2, "press", Purpose::Service)
    }

    #[test]
    fn a_value_is_the_same_in_whatever_order_it_is_asked_for() {
        for law in [
            Law::Exponential(Exponential { mean: 2.0 }),
            Law::Gamma(Gamma { mean: 2.0, cv: 0.7 }),
            Law::Trace(Trace {
                values: Arc::new((0..9000).map(f64::from).collect()),
                repeat: false,
            }),
            Law::Trace(Trace {
                values: Arc::new((0..700).map(f64::from).collect()),
                repeat: true,
            }),
        ] {
            let mut in_order = vec![0.0; 9000];
            draws(&law).fill(1, &mut in_order);
            let mut sizes = draws(&law);
            let mut first = 1;
            for size in [1, 700, 0, 400, 3, 1024, 2048, 1, 1500] {
                let mut block = vec![0.0; size];
                sizes.fill(first, &mut block);
                assert_eq!(block, in_order[first as usize - 1..][..size]);
                first += size as u64;
            }
            let mut any = draws(&law);
            // Every residue of a prime modulus once: back and forth over all blocks.
            for step in 0..8999_u64 {
                let index = step * 5003 % 8999 + 1;
                assert_eq!(any.of(index), in_order[index as usize - 1], "{index}");
            }
            let mut block = vec![0.0; 2000];
            any.fill(5000, &mut block);
            assert_eq!(block, in_order[4999..6999]);
            any.fill(2049, &mut block);
            assert_eq!(block, in_order[2048..4048]);
        }
    }

    #[test]
    fn a_later_visit_has_the_first_value_of_a_block_of_its_own() {
        let (low, high, shape, scale) = (0.0, 1.0, 2.5, 0.5);
        for law in [
            Law::Exponential(Exponential { mean: 2.0 }),
            Law::Gamma(Gamma { mean: 2.0, cv: 0.7 }),
            Law::Uniform(Uniform { low, high }),
            Law::Weibull(Weibull { shape, scale }),
            Law::Pareto(Pareto { scale, shape }),
        ] {
            let name = StreamName::new(5, 2, "press", Purpose::Service);
            for (index, visit) in [(1, 2), (7, 3), (1 << 39, 90)] {
                let block = name.block(u64::from(visit) << 40 | index);
                let expected = Sampler::new(&law, block).draw();
                assert_eq!(Some(draws(&law).at_visit(index, visit)), expected);
            }
        }
    }

    #[test]
    #[should_panic(expected = "no value 3")]
    fn a_recording_has_no_more_values_than_it_has() {
        let law = Law::Trace(Trace {
            values: vec![1.0, 2.0].into(),
            repeat: false,
        });
        draws(&law).fill(2, &mut [0.0; 2]);
    }
}
