//! Named streams of random numbers.
//!
//! A stream is named by (seed, replication, actor, purpose), and every number in it follows from
//! the name alone. Switching faults on, adding a server or reordering stages therefore does not
//! change any other actor's draws: common random numbers come for free. The generator is
//! xoshiro256++ 1.0 (Blackman and Vigna 2021), fixed here because `StdRng` and `SmallRng` may
//! change with any release of `rand`. A stream deals in turn from [`LANES`] generators, each with a
//! state of its own that follows from the name, so that whole rows of words are made at once.

use crate::digest::Digest;
use crate::lanes::LANES;
use rand::rand_core::{Infallible, TryRng};

/// The use of a stream's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Times between arrivals, or the number of arrivals in a step.
    Arrivals,
    /// The class of a request.
    Class,
    /// The length of a service.
    Service,
    /// The time a request waits before it abandons.
    Patience,
    /// The attendant's work after a request is completed.
    WrapUp,
    /// The time after which a client stops waiting for its answer.
    Timeout,
    /// Whether a client retries.
    Retry,
    /// The time until a retry.
    Delay,
    /// The times at which attendants go down.
    Faults,
    /// The time they stay down.
    Repair,
    /// The number of customers per arrival.
    Batch,
    /// The factor of a replication's arrival rates.
    BusyDay,
    /// Whether a customer joins the queue it finds.
    Joining,
    /// The length of a set-up.
    Setup,
    /// Whether a customer leaves as scrap.
    Scrap,
    /// The waiting customer who is served next, if the discipline is random.
    Discipline,
    /// The station a customer goes to next, and the class it becomes.
    Routing,
    /// Whether a duration is rounded up or down.
    Rounding,
    /// The server a dispatch policy chooses.
    Dispatch,
    /// The actor that moves next under a random schedule; never part of a model.
    Schedule,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Arrivals => "arrivals",
            Purpose::Class => "class",
            Purpose::Service => "service",
            Purpose::Patience => "patience",
            Purpose::WrapUp => "wrap-up",
            Purpose::Timeout => "timeout",
            Purpose::Retry => "retry",
            Purpose::Delay => "delay",
            Purpose::Faults => "faults",
            Purpose::Repair => "repair",
            Purpose::Batch => "batch",
            Purpose::BusyDay => "busy-day",
            Purpose::Joining => "joining",
            Purpose::Setup => "setup",
            Purpose::Scrap => "scrap",
            Purpose::Discipline => "discipline",
            Purpose::Routing => "routing",
            Purpose::Rounding => "rounding",
            Purpose::Dispatch => "dispatch",
            Purpose::Schedule => "schedule",
        }
    }
}

/// An endless sequence of random numbers determined by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    generators: Generators,
    /// The latest row of words, and the number of them dealt.
    row: [u64; LANES],
    dealt: usize,
}

/// The name of a stream: (seed, replication, actor, purpose).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamName(Digest);

impl StreamName {
    /// The name made of these parts. An actor's name does not depend on its position: a stage keeps its
    /// stream when it moves.
    #[must_use]
    pub fn new(seed: u64, replication: u64, actor: &str, purpose: Purpose) -> StreamName {
        let mut name = Digest::EMPTY;
        name.fold(seed);
        name.fold(replication);
        name.fold_bytes(actor.as_bytes());
        name.fold_bytes(purpose.name().as_bytes());
        StreamName(name)
    }

    /// The stream of this name.
    #[must_use]
    pub fn stream(self) -> Stream {
        let mut name = self.0;
        let mut state = [[0; LANES]; 4];
        for word in state.as_flattened_mut() {
            name.fold(8);
            *word = name.value();
        }
        Stream {
            generators: Generators { state },
            row: [0; LANES],
            dealt: LANES,
        }
    }

    /// The stream of one block of the numbers of this name.
    #[must_use]
    pub fn block(self, number: u64) -> Stream {
        self.block_name(number).stream()
    }

    /// A stream of only the first word of [`StreamName::block`], at a fraction of the cost. No second word may be
    /// drawn.
    pub(super) fn block_of_one(self, number: u64) -> Stream {
        let mut name = self.block_name(number).0;
        // The first of the generators has the first word of each row of states.
        let state = [0; 4].map(|_: u64| {
            name.fold(8);
            let word = name.value();
            (1..LANES).for_each(|_| name.fold(8));
            word
        });
        let [s0, _, _, s3] = state;
        let word = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
        Stream {
            generators: Generators {
                state: [[0; LANES]; 4],
            },
            row: [word; LANES],
            dealt: LANES - 1,
        }
    }

    fn block_name(self, number: u64) -> StreamName {
        let mut name = self.0;
        name.fold_bytes(b"block");
        name.fold(number);
        StreamName(name)
    }
}

impl Stream {
    /// Creates the stream of this name; see [`StreamName`].
    #[must_use]
    pub fn new(seed: u64, replication: u64, actor: &str, purpose: Purpose) -> Stream {
        StreamName::new(seed, replication, actor, purpose).stream()
    }

    /// Draws the next 64 random bits.
    #[inline]
    pub fn next_word(&mut self) -> u64 {
        if self.dealt == LANES {
            self.row = self.generators.next_row();
            self.dealt = 0;
        }
        let word = self.row[self.dealt];
        self.dealt += 1;
        word
    }

    /// Draws a number in [0, 1), uniform over the multiples of 2^-53.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        const SCALE: f64 = 1.0 / (1u64 << 53) as f64;
        (self.next_word() >> 11) as i64 as f64 * SCALE
    }

    /// Draws a number in (0, 1), uniform over the odd multiples of 2^-53: neither end is included
    /// and both are equally far, so that any inverse of a distribution function is finite there.
    #[inline]
    pub fn open(&mut self) -> f64 {
        open(self.next_word())
    }

    /// Fills a block with the values [`Stream::open`] would return, one after the other.
    #[inline(always)]
    pub(super) fn fill_open(&mut self, block: &mut [f64]) {
        let held = (LANES - self.dealt).min(block.len());
        let (before, rest) = block.split_at_mut(held);
        before.iter_mut().for_each(|value| *value = self.open());
        let (rows, after) = rest.as_chunks_mut::<LANES>();
        if !rows.is_empty() {
            // A copy, so that the generators' states may stay in registers.
            let mut generators = self.generators;
            for row in rows {
                let words = generators.next_row();
                for lane in 0..LANES {
                    row[lane] = open(words[lane]);
                }
            }
            self.generators = generators;
        }
        after.iter_mut().for_each(|value| *value = self.open());
    }

    /// Draws a whole number below `bound`, uniformly (Lemire 2019, with rejection).
    ///
    /// # Panics
    /// If `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "a choice among nothing");
        loop {
            let wide = u128::from(self.next_word()) * u128::from(bound);
            let low = wide as u64;
            // The division is needed only where the low word is small, which is rare.
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (wide >> 64) as u64;
            }
        }
    }
}

/// Maps a word to a number in (0, 1).
#[inline(always)]
fn open(word: u64) -> f64 {
    // 52 bits as the mantissa of a number in [1, 2), less 1 - 2^-53: exact, and cheaper than the
    // conversion of an integer.
    const BELOW_ONE: f64 = 1.0 - 0.5 * f64::EPSILON;
    f64::from_bits((word >> 12) | 1.0f64.to_bits()) - BELOW_ONE
}

/// Independent generators, xoshiro256++ each, that step together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Generators {
    /// The four words of state, each for every generator.
    state: [[u64; LANES]; 4],
}

impl Generators {
    /// The next word of each generator.
    #[inline(always)]
    fn next_row(&mut self) -> [u64; LANES] {
        let [s0, s1, s2, s3] = &mut self.state;
        let mut row = [0; LANES];
        for lane in 0..LANES {
            row[lane] = s0[lane]
                .wrapping_add(s3[lane])
                .rotate_left(23)
                .wrapping_add(s0[lane]);
            let shifted = s1[lane] << 17;
            s2[lane] ^= s0[lane];
            s3[lane] ^= s1[lane];
            s1[lane] ^= s2[lane];
            s0[lane] ^= s3[lane];
            s2[lane] ^= shifted;
            s3[lane] = s3[lane].rotate_left(45);
        }
        row
    }
}

/// Lets `rand_distr` draw from a stream.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_word() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for piece in bytes.chunks_mut(8) {
            piece.copy_from_slice(&self.next_word().to_le_bytes()[..piece.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rand_core::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    const N: usize = 20_000;

    #[test]
    fn words_come_from_eight_published_generators_by_turns() {
        let mut stream = Stream::new(1, 0, "lanes", Purpose::Service);
        let state = stream.generators.state;
        let mut generators: Vec<_> = (0..LANES)
            .map(|lane| {
                let mut seed = [0; 32];
                for (bytes, words) in seed.chunks_exact_mut(8).zip(state) {
                    bytes.copy_from_slice(&words[lane].to_le_bytes());
                }
                Xoshiro256PlusPlus::from_seed(seed)
            })
            .collect();
        for i in 0..1000 {
            let Ok(word) = generators[i % LANES].try_next_u64();
            assert_eq!(stream.next_word(), word);
        }
    }

    #[test]
    fn the_first_word_of_a_block_is_found_alone() {
        let name = StreamName::new(3, 1, "alone", Purpose::Routing);
        for number in [0, 1, 77, 5 << 40 | 9, u64::MAX] {
            let alone = name.block_of_one(number).next_word();
            assert_eq!(alone, name.block(number).next_word());
        }
    }

    #[test]
    fn blocks_of_any_size_are_dealt_the_same_numbers() {
        let stream = Stream::new(1, 0, "blocks", Purpose::Service);
        let mut single = stream.clone();
        let numbers: Vec<f64> = (0..N).map(|_| single.open()).collect();
        for size in [1, 3, 7, 8, 9, 256] {
            let (mut blocks, mut seen) = (stream.clone(), Vec::new());
            while seen.len() < N {
                let mut block = vec![0.0; size];
                blocks.fill_open(&mut block);
                seen.extend(block);
                seen.push(blocks.open());
            }
            assert_eq!(seen[..N], numbers);
        }
    }

    fn units(stream: &mut Stream) -> Vec<f64> {
        (0..N).map(|_| stream.unit()).collect()
    }

    /// The correlation of two samples of uniforms, in its own standard deviations.
    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let products: f64 = a.iter().zip(b).map(|(a, b)| (a - 0.5) * (b - 0.5)).sum();
        products * 12.0 / (a.len() as f64).sqrt()
    }

    #[test]
    fn neighbouring_names_give_unrelated_streams() {
        let mut samples = Vec::new();
        for seed in [0, 1, 2, 1 << 32, u64::MAX] {
            for replication in [0, 1, 2] {
                for actor in ["A", "B", "A-1", "A-2", "AA"] {
                    let mut stream = Stream::new(seed, replication, actor, Purpose::Service);
                    samples.push(units(&mut stream));
                }
            }
        }
        for purpose in [Purpose::Arrivals, Purpose::Class, Purpose::Faults] {
            samples.push(units(&mut Stream::new(0, 0, "A", purpose)));
        }
        // 3003 pairs, each at lags 0 and 1 both ways: beyond 5 for one set of pairs in two hundred.
        for (i, a) in samples.iter().enumerate() {
            for b in &samples[i + 1..] {
                for (a, b) in [
                    (&a[..], &b[..]),
                    (&a[1..], &b[..N - 1]),
                    (&a[..N - 1], &b[1..]),
                ] {
                    assert!(correlation(a, b).abs() < 5.0);
                }
            }
        }
    }

    #[test]
    fn first_numbers_over_seeds_replications_and_names_are_uniform_and_unrelated() {
        let over = |first: &dyn Fn(u64) -> Stream| -> Vec<f64> {
            (0..N as u64).map(|i| first(i).unit()).collect()
        };
        for firsts in [
            over(&|i| Stream::new(i, 0, "A", Purpose::Service)),
            over(&|i| Stream::new(5, i, "A", Purpose::Service)),
            over(&|i| Stream::new(5, 0, &format!("stage-{i}"), Purpose::Service)),
        ] {
            assert!(correlation(&firsts[1..], &firsts[..N - 1]).abs() < 4.0);
            let mut cells = [0.0; 100];
            firsts
                .iter()
                .for_each(|u| cells[(u * 100.0) as usize] += 1.0);
            let due = N as f64 / 100.0;
            let chi: f64 = cells
                .iter()
                .map(|seen| (seen - due) * (seen - due) / due)
                .sum();
            // 99 degrees of freedom: mean 99, deviation 14.
            assert!((50.0..160.0).contains(&chi), "{chi}");
        }
    }

    #[test]
    fn the_parts_of_a_name_are_not_confused() {
        let word = |seed, replication, actor: &str, purpose| {
            Stream::new(seed, replication, actor, purpose).next_word()
        };
        let mut words = vec![
            word(1, 2, "A", Purpose::Service),
            word(2, 1, "A", Purpose::Service),
            word(1, 2, "Aservice", Purpose::Arrivals),
            word(1, 2, "", Purpose::Service),
            word(1, 2, "A\0", Purpose::Service),
            word(1, 2, "\u{e9}", Purpose::Service),
            word(1, 2, "e\u{301}", Purpose::Service),
        ];
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 7);
    }

    #[test]
    fn uniforms_lie_where_they_promise_to() {
        let mut stream = Stream::new(1, 0, "units", Purpose::Service);
        let mut same = stream.clone();
        for _ in 0..N {
            let (unit, open) = (stream.unit(), same.open());
            assert!((0.0..1.0).contains(&unit) && open > 0.0 && open < 1.0);
            assert!((0.0..=2f64.powi(-53)).contains(&(open - unit)));
        }
        let ends = |word: u64| ((word >> 11) | 1) as f64 / (1u64 << 53) as f64;
        assert_eq!(
            (ends(0), ends(u64::MAX)),
            (2f64.powi(-53), 1.0 - 2f64.powi(-53))
        );
    }

    #[test]
    fn choices_below_a_bound_are_alike_likely() {
        let mut stream = Stream::new(1, 0, "choices", Purpose::Dispatch);
        for bound in [1, 2, 3, 7, 10, 64] {
            let mut cells = vec![0.0; bound as usize];
            (0..N).for_each(|_| cells[stream.below(bound) as usize] += 1.0);
            let due = N as f64 / bound as f64;
            for seen in cells {
                assert!((seen - due).abs() <= 4.5 * due.sqrt(), "{seen} of {due}");
            }
        }
        // With a bound of 3 * 2^62 a method without rejection would favour every third number.
        let bound = 3u64 << 62;
        let thirds = (0..N)
            .filter(|_| stream.below(bound).is_multiple_of(3))
            .count() as f64;
        let due = N as f64 / 3.0;
        assert!((thirds - due).abs() < 4.5 * due.sqrt());
        assert!((0..100).any(|_| stream.below(u64::MAX) > 1 << 63));
    }
}
