//! Work on eight numbers at a time, with the widest instructions the processor has.
//!
//! Blocks of numbers are processed in rows of [`LANES`], in plain loops that the compiler turns
//! into vector code by itself. The program is built for every processor of its kind, so by default
//! the compiler may only use the oldest one's instructions; [`widest`] therefore holds each such
//! [`Work`] in several versions, compiled from the same source for several instruction sets, and
//! picks the best at run time. All give the same bits: there is no fused multiply-add, which Rust
//! never introduces by itself, and no sum whose order depends on the width.
//!
//! This is the one file with unsafe code: a function that needs an instruction set may be called
//! only after checking that the processor has it. The gain was measured on these loops by
//! themselves: an exponential draw takes 4.1, 2.9 and 1.2 ns with SSE2, AVX2 and AVX-512 (`cargo
//! bench --bench limits` shows all three side by side).
#![allow(
    unsafe_code,
    reason = "the processor is asked before a function that needs its instructions is called"
)]

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

/// Number of numbers in a row.
pub const LANES: usize = 8;

/// An instruction set that work is compiled for, from the narrowest up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum InstructionSet {
    /// The set that every processor of this kind has: SSE2 on x86-64.
    Baseline = 1,
    /// AVX2: four numbers at a time.
    Avx2 = 2,
    /// AVX-512 (F, BW, CD, DQ, VL): eight numbers at a time.
    Avx512 = 3,
}

impl InstructionSet {
    /// The sets this processor has.
    #[must_use]
    pub fn all_here() -> Vec<InstructionSet> {
        [Self::Baseline, Self::Avx2, Self::Avx512]
            .into_iter()
            .filter(|set| set.is_here())
            .collect()
    }

    #[cfg(target_arch = "x86_64")]
    fn is_here(self) -> bool {
        match self {
            Self::Baseline => true,
            Self::Avx2 => std::arch::is_x86_feature_detected!("avx2"),
            Self::Avx512 => {
                Self::Avx2.is_here()
                    && std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512cd")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vl")
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_here(self) -> bool {
        self == Self::Baseline
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        })
    }
}

/// The set in use; 0 until first queried. Every set gives the same results, so the order in which
/// threads see a change does not matter.
static IN_USE: AtomicU8 = AtomicU8::new(0);

/// The instruction set in use in this process.
#[must_use]
pub fn in_use() -> InstructionSet {
    match IN_USE.load(Ordering::Relaxed) {
        1 => InstructionSet::Baseline,
        2 => InstructionSet::Avx2,
        3 => InstructionSet::Avx512,
        _ => {
            let all = InstructionSet::all_here();
            let widest = all.into_iter().max().unwrap_or(InstructionSet::Baseline);
            IN_USE.store(widest as u8, Ordering::Relaxed);
            widest
        }
    }
}

/// Uses this instruction set from now on, in the whole process: for tests and benchmarks that
/// compare the sets.
///
/// # Panics
/// If the processor does not have it.
pub fn use_only(set: InstructionSet) {
    assert!(set.is_here(), "this processor has no {set}");
    IN_USE.store(set as u8, Ordering::Relaxed);
}

/// Number of the next `length` numbers, after `before` others, that come before the next whole row.
#[must_use]
pub fn ragged(before: u64, length: usize) -> usize {
    let missing = (LANES - before as usize % LANES) % LANES;
    missing.min(length)
}

/// The lesser of two numbers, neither of them NaN; `one` if they are equal. It compiles to one
/// instruction, which `f64::min` does not.
#[inline(always)]
#[must_use]
pub fn lesser(one: f64, other: f64) -> f64 {
    if other < one { other } else { one }
}

/// The greater of two numbers, neither of them NaN; `one` if they are equal.
#[inline(always)]
#[must_use]
pub fn greater(one: f64, other: f64) -> f64 {
    if other > one { other } else { one }
}

/// Finds the least of these numbers, none of them NaN; infinity if there are none.
#[derive(Clone, Copy, Debug)]
pub struct Least<'a>(pub &'a [f64]);

impl Work for Least<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut lanes = [f64::INFINITY; LANES];
        let (rows, rest) = self.0.as_chunks::<LANES>();
        for row in rows {
            for lane in 0..LANES {
                lanes[lane] = lesser(lanes[lane], row[lane]);
            }
        }
        lanes
            .iter()
            .chain(rest)
            .copied()
            .fold(f64::INFINITY, lesser)
    }
}

/// A computation on blocks of numbers. `run` and all functions it calls must be
/// `#[inline(always)]`, or they are compiled for the narrowest set only.
pub trait Work {
    /// The result.
    type Output;

    /// Runs it.
    fn run(self) -> Self::Output;
}

/// Runs the work with the instruction set in use.
#[inline]
pub fn widest<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    match in_use() {
        // SAFETY: a set is put in use only after checking that the processor has it.
        InstructionSet::Avx512 => return unsafe { with_avx512(work) },
        // SAFETY: as above.
        InstructionSet::Avx2 => return unsafe { with_avx2(work) },
        InstructionSet::Baseline => {}
    }
    plainly(work)
}

#[inline(never)]
fn plainly<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
fn with_avx512<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers whose sum depends on the order of addition and the number of roundings.
    struct Sum<'a>(&'a [f64]);

    impl Work for Sum<'_> {
        type Output = u64;

        #[inline(always)]
        fn run(self) -> u64 {
            let mut lanes = [0.0; LANES];
            for row in self.0.as_chunks::<LANES>().0 {
                for lane in 0..LANES {
                    lanes[lane] += row[lane] * row[lane];
                }
            }
            lanes.iter().sum::<f64>().to_bits()
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let numbers: Vec<f64> = (1..=4096).map(|i| 1.0 / f64::from(i)).collect();
        let plain = plainly(Sum(&numbers));
        for set in InstructionSet::all_here() {
            use_only(set);
            assert_eq!(in_use(), set);
            assert_eq!(widest(Sum(&numbers)), plain, "{set}");
        }
    }

    #[test]
    fn the_least_is_found_wherever_it_stands() {
        assert_eq!(Least(&[]).run(), f64::INFINITY);
        for length in [1, 7, 8, 9, 20, 64] {
            for at in 0..length {
                let mut numbers = vec![5.0; length];
                numbers[at] = 3.0;
                assert_eq!(Least(&numbers).run(), 3.0);
            }
        }
    }

    #[test]
    fn the_baseline_is_everywhere_and_the_widest_is_taken() {
        let all = InstructionSet::all_here();
        assert_eq!(all[0], InstructionSet::Baseline);
        assert!(all.is_sorted());
    }
}
