//! Streams of random numbers, each with a name of its own.
//!
//! A stream is named by (seed, replication, actor, purpose), and from the name alone follows every
//! number in it. So faults switched on, a server more or another order of the stages shift nobody
//! else's draws: common random numbers hold without being asked for. The generator is
//! xoshiro256++ 1.0 (Blackman and Vigna 2021), named here because `StdRng` and `SmallRng` may change
//! with any release of `rand`.

use crate::digest::Digest;
use rand::rand_core::{Infallible, SeedableRng, TryRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What a stream's numbers are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Times between arrivals, or how many arrive in a step.
    Arrivals,
    /// Which class a request has.
    Class,
    /// How long a service takes.
    Service,
    /// How long a request waits before it gives up.
    Patience,
    /// When attendants go down.
    Faults,
    /// For how long they stay down.
    Repair,
    /// Which server a dispatch policy chooses.
    Dispatch,
    /// Which actor moves next where a schedule is chosen at random; never part of a model.
    Schedule,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Arrivals => "arrivals",
            Purpose::Class => "class",
            Purpose::Service => "service",
            Purpose::Patience => "patience",
            Purpose::Faults => "faults",
            Purpose::Repair => "repair",
            Purpose::Dispatch => "dispatch",
            Purpose::Schedule => "schedule",
        }
    }
}

/// An endless sequence of random numbers that follows from its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of this name. An actor's name is its own, not its position: a stage takes its
    /// stream along when it moves.
    #[must_use]
    pub fn new(seed: u64, replication: u64, actor: &str, purpose: Purpose) -> Stream {
        let mut name = Digest::EMPTY;
        name.fold(seed);
        name.fold(replication);
        name.fold_bytes(actor.as_bytes());
        name.fold_bytes(purpose.name().as_bytes());
        let mut state = [0; 32];
        for word in state.chunks_exact_mut(8) {
            name.fold(word.len() as u64);
            word.copy_from_slice(&name.value().to_le_bytes());
        }
        Stream(Xoshiro256PlusPlus::from_seed(state))
    }

    /// The next 64 random bits.
    #[inline]
    pub fn next_word(&mut self) -> u64 {
        let Ok(word) = self.0.try_next_u64();
        word
    }

    /// A number in [0, 1), a multiple of 2^-53, all alike likely.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        const SCALE: f64 = 1.0 / (1u64 << 53) as f64;
        (self.next_word() >> 11) as i64 as f64 * SCALE
    }

    /// A number in (0, 1), an odd multiple of 2^-53, all alike likely: neither end, and as far from
    /// the one as from the other, so that any inverse of a distribution function is finite there.
    #[inline]
    pub fn open(&mut self) -> f64 {
        const SCALE: f64 = 1.0 / (1u64 << 53) as f64;
        // Signed, because a machine converts signed integers in one instruction.
        ((self.next_word() >> 11) | 1) as i64 as f64 * SCALE
    }

    /// A whole number below `bound`, all alike likely (Lemire 2019, with rejection).
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

/// Lets `rand_distr` draw from a stream.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.try_fill_bytes(bytes)
    }
}
