//! The digest: a short fingerprint by which two runs are known to be the same to the last bit.
//!
//! Every actor folds its records, in its own order, into a [`Digest`]; a model combines them in the
//! order of its actors and folds its summary on top. Neither the runtime nor the tables asked for,
//! file names nor the seed enter it. It is meant to tell results apart, not to resist an attacker.

use std::fmt;

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// A running 64-bit fold over words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// The digest of nothing.
    pub const EMPTY: Digest = Digest(0x243F_6A88_85A3_08D3);

    /// Takes one more word in; the order of words matters.
    #[inline]
    pub fn fold(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    }

    /// Takes a record of four words in at the cost of one step of the chain.
    #[inline]
    pub fn fold_record(&mut self, record: [u64; 4]) {
        // Odd multipliers keep every bit of each word; they differ, so words cannot trade places.
        let mixed = record[0]
            .wrapping_mul(0xD6E8_FEB8_6659_FD93)
            .wrapping_add(
                record[1]
                    .wrapping_mul(0xA076_1D64_78BD_642F)
                    .rotate_left(17),
            )
            .wrapping_add(
                record[2]
                    .wrapping_mul(0xE703_7ED1_A0B4_28DB)
                    .rotate_left(31),
            )
            .wrapping_add(
                record[3]
                    .wrapping_mul(0x8EBC_6AF0_9C88_C6E3)
                    .rotate_left(47),
            );
        self.fold(mixed ^ (mixed >> 29));
    }

    /// Takes a number in by its bits.
    #[inline]
    pub fn fold_number(&mut self, number: f64) {
        self.fold(number.to_bits());
    }

    /// Takes a text in, its length first.
    pub fn fold_bytes(&mut self, bytes: &[u8]) {
        self.fold(bytes.len() as u64);
        for piece in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..piece.len()].copy_from_slice(piece);
            self.fold(u64::from_le_bytes(word));
        }
    }

    /// The fold as it stands, to go on with it or to keep it.
    #[must_use]
    pub fn state(self) -> u64 {
        self.0
    }

    /// The fold that stood so.
    #[must_use]
    pub fn from_state(state: u64) -> Digest {
        Digest(state)
    }

    /// The fingerprint: the fold with its bits mixed (the finaliser of MurmurHash3).
    #[must_use]
    pub fn value(self) -> u64 {
        let mut x = self.0;
        x = (x ^ (x >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        x = (x ^ (x >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
        x ^ (x >> 33)
    }
}

impl Default for Digest {
    fn default() -> Self {
        Digest::EMPTY
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_every_bit_matter() {
        let of = |words: &[u64]| {
            let mut digest = Digest::EMPTY;
            words.iter().for_each(|&word| digest.fold(word));
            digest.value()
        };
        assert_ne!(of(&[1, 2]), of(&[2, 1]));
        assert_ne!(of(&[0]), of(&[]));
        for bit in 0..64 {
            assert_ne!(of(&[1 << bit, 5]), of(&[0, 5]));
        }
    }

    #[test]
    fn every_bit_and_place_of_a_record_matters() {
        let of = |record| {
            let mut digest = Digest::EMPTY;
            digest.fold_record(record);
            digest.value()
        };
        let base = [1, 2, 3, 4];
        for word in 0..4 {
            for bit in 0..64 {
                let mut other = base;
                other[word] ^= 1 << bit;
                assert_ne!(of(base), of(other));
            }
        }
        assert_ne!(of(base), of([2, 1, 3, 4]));
        assert_ne!(of(base), of([1, 2, 4, 3]));
    }

    #[test]
    fn texts_of_different_length_differ() {
        let of = |text: &str| {
            let mut digest = Digest::EMPTY;
            digest.fold_bytes(text.as_bytes());
            digest.value()
        };
        assert_ne!(of("a"), of("a\0"));
    }
}
