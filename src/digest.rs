//! The digest: a short fingerprint that shows whether two runs agree to the last bit.
//!
//! Every actor folds its records, in its own order, into a [`Digest`]; a model combines them in the order of its actors
//! and folds its summary on top. The runtime, the tables requested, file names and the seed do not enter it. It
//! distinguishes results; it does not resist an attacker.

use crate::lanes::{LANES, Work, ragged, widest};
use std::fmt;

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// A running 64-bit fold over words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// The digest of no words.
    pub const EMPTY: Digest = Digest(0x243F_6A88_85A3_08D3);

    /// Folds one more word in; the order of words matters.
    #[inline]
    pub fn fold(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    }

    /// Folds a number in by its bits.
    #[inline]
    pub fn fold_number(&mut self, number: f64) {
        self.fold(number.to_bits());
    }

    /// Folds a byte string in, its length first.
    pub fn fold_bytes(&mut self, bytes: &[u8]) {
        self.fold(bytes.len() as u64);
        for piece in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..piece.len()].copy_from_slice(piece);
            self.fold(u64::from_le_bytes(word));
        }
    }

    /// The fold's state, to continue from or to store.
    #[must_use]
    pub fn state(self) -> u64 {
        self.0
    }

    /// Restores the fold from its state.
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

/// A running fold over records of four words, several of which can be folded at once.
///
/// Each record is hashed with its index as a key, and the hashes are added up: the n-th in lane n
/// mod 8, with operations that every vector unit has. A sum does not depend on the order of its
/// terms, but the keys do: a record at another index has another hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordDigest {
    lanes: [u64; LANES],
    count: u64,
}

impl RecordDigest {
    /// Folds the next record in.
    #[inline]
    pub fn fold(&mut self, record: [u64; 4]) {
        let lane = &mut self.lanes[self.count as usize % LANES];
        *lane = lane.wrapping_add(hash_of(record, self.count.wrapping_mul(MULTIPLIER)));
        self.count += 1;
    }

    /// Folds the next records in, given by columns of equal length: a word and three numbers each.
    ///
    /// # Panics
    /// If the columns differ in length.
    pub fn fold_columns(&mut self, words: &[u64], numbers: [&[f64]; 3]) {
        let head = ragged(self.count, words.len());
        let rows = (words.len() - head) / LANES * LANES;
        let one = |i: usize| {
            [
                words[i],
                bits(numbers[0], i),
                bits(numbers[1], i),
                bits(numbers[2], i),
            ]
        };
        (0..head).for_each(|i| self.fold(one(i)));
        let part = head..head + rows;
        if rows > 0 {
            widest(FoldRows {
                digest: self,
                words: &words[part.clone()],
                numbers: numbers.map(|column| &column[part.clone()]),
            });
        }
        (part.end..words.len()).for_each(|i| self.fold(one(i)));
    }

    /// Number of records folded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The fold over the lanes and the count.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::EMPTY;
        digest.fold(self.count);
        self.lanes.iter().for_each(|&lane| digest.fold(lane));
        digest
    }
}

fn bits(column: &[f64], index: usize) -> u64 {
    column[index].to_bits()
}

/// The hash of a record under a key. Each bit changes the sum of the rotated words, and the product
/// of the sum's halves mixes them.
#[inline(always)]
fn hash_of([a, b, c, d]: [u64; 4], key: u64) -> u64 {
    let sum = a
        .rotate_left(41)
        .wrapping_add(b)
        .wrapping_add(c.rotate_left(19))
        .wrapping_add(d.rotate_left(31));
    let keyed = sum ^ key;
    let mixed = (keyed & 0xFFFF_FFFF)
        .wrapping_mul(keyed >> 32)
        .wrapping_add(keyed.rotate_left(32));
    mixed ^ (mixed >> 29)
}

/// Folds whole rows of records, beginning in lane 0.
struct FoldRows<'a> {
    digest: &'a mut RecordDigest,
    words: &'a [u64],
    numbers: [&'a [f64]; 3],
}

/// Number of hashes added up side by side. One row of them would suffice, but compilers vectorise a
/// loop over this many that has no sum across lanes.
const BLOCK: usize = 8 * LANES;

impl Work for FoldRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [b, c, d] = self.numbers.map(|column| column.chunks(BLOCK));
        let mut sums = [0_u64; BLOCK];
        for (((a, b), c), d) in self.words.chunks(BLOCK).zip(b).zip(c).zip(d) {
            let mut key = self.digest.count.wrapping_mul(MULTIPLIER);
            let sums = &mut sums[..a.len()];
            for ((((sum, a), b), c), d) in sums.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                let hash = hash_of([*a, b.to_bits(), c.to_bits(), d.to_bits()], key);
                *sum = sum.wrapping_add(hash);
                key = key.wrapping_add(MULTIPLIER);
            }
            self.digest.count += a.len() as u64;
        }
        for row in sums.as_chunks::<LANES>().0 {
            for (lane, sum) in self.digest.lanes.iter_mut().zip(row) {
                *lane = lane.wrapping_add(*sum);
            }
        }
    }
}
