//! The finished part of a study: rows under their numbers, wherever they are stored.
//!
//! A study consists of rounds of numbered jobs, and depends only on their rows. So the rows determine the study:
//! they may come from this process, from an earlier one that was killed, or from other machines.

use crate::digest::Digest;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

/// The result of one job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The digest of its results.
    pub digest: Digest,
    /// Its numbers, by the layout of the study; NaN for missing ones.
    pub values: Vec<f64>,
}

impl Row {
    /// Whether two rows are the same to the last bit.
    #[must_use]
    pub fn is_same(&self, other: &Row) -> bool {
        let bits = |row: &Row| row.values.iter().map(|value| value.to_bits()).collect();
        let (mine, theirs): (Vec<u64>, Vec<u64>) = (bits(self), bits(other));
        self.digest == other.digest && mine == theirs
    }
}

/// A store of rows. If a number is stored twice, both rows are the same.
pub trait Ledger: Sync {
    /// Lists the numbers in this range that have no row yet, in order.
    fn missing(&self, numbers: Range<u64>) -> Vec<u64>;

    /// Stores a row that took this long to compute.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn put(&self, number: u64, row: Row, took: Duration) -> Result<(), KeepError>;

    /// Makes all stored rows durable.
    ///
    /// # Errors
    /// If they cannot be stored.
    fn settle(&self) -> Result<(), KeepError>;

    /// Calls `visit` for the rows of these numbers that exist, in order.
    ///
    /// # Errors
    /// If they cannot be read, or two under one number differ.
    fn each(&self, numbers: Range<u64>, visit: &mut dyn FnMut(u64, &Row)) -> Result<(), KeepError>;
}

/// The error if rows cannot be stored or read.
#[derive(Debug)]
pub struct KeepError(Box<dyn Error + Send + Sync>);

impl KeepError {
    /// The error with this cause.
    pub fn new(cause: impl Error + Send + Sync + 'static) -> KeepError {
        KeepError(Box::new(cause))
    }

    /// The cause.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn Error + Send + Sync> {
        self.0
    }
}

impl fmt::Display for KeepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for KeepError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// A ledger that ends with its process.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<BTreeMap<u64, Row>>);

impl Ledger for InMemory {
    fn missing(&self, numbers: Range<u64>) -> Vec<u64> {
        let rows = self.0.lock();
        numbers
            .filter(|number| !rows.contains_key(number))
            .collect()
    }

    fn put(&self, number: u64, row: Row, _took: Duration) -> Result<(), KeepError> {
        self.0.lock().insert(number, row);
        Ok(())
    }

    fn settle(&self) -> Result<(), KeepError> {
        Ok(())
    }

    fn each(&self, numbers: Range<u64>, visit: &mut dyn FnMut(u64, &Row)) -> Result<(), KeepError> {
        let rows = self.0.lock();
        rows.range(numbers)
            .for_each(|(&number, row)| visit(number, row));
        Ok(())
    }
}
