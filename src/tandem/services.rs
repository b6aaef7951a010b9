//! The service times of a stage: the k-th value belongs to customer k, whoever comes first.

use crate::planted::{self, Fault};
use crate::random::{Law, Purpose, Sampler, Stream};
use std::collections::VecDeque;

/// How many values are drawn at a time.
const BLOCK: usize = 256;

/// Gives each customer the service time that is its own.
#[derive(Clone, Debug)]
pub(super) struct Services {
    sampler: Sampler,
    /// Values drawn and not all taken; a taken one is NaN.
    window: VecDeque<f64>,
    /// Whose value stands first in the window.
    first: u64,
}

impl Services {
    pub(super) fn new(law: &Law, seed: u64, replication: u64, stage: &str) -> Services {
        let stream = Stream::new(seed, replication, stage, Purpose::Service);
        Services {
            sampler: Sampler::new(law, stream),
            window: VecDeque::new(),
            first: 1,
        }
    }

    /// The value of this customer, once.
    ///
    /// # Panics
    /// If the value was taken before, or a trace has none for it; the scenario's door sees to that.
    pub(super) fn take(&mut self, customer: u64) -> f64 {
        let index = usize::try_from(customer - self.first).expect("the window fits in memory");
        while index >= self.window.len() {
            let mut block = [0.0; BLOCK];
            let drawn = self.sampler.fill(&mut block);
            assert!(drawn > 0, "the trace has no value for customer {customer}");
            if planted::is(Fault::SharedGenerator) {
                share_generator(&mut block);
            }
            self.window.extend(&block[..drawn]);
        }
        let value = std::mem::replace(&mut self.window[index], f64::NAN);
        assert!(!value.is_nan(), "customer {customer} was served before");
        if index == 0 {
            while self.window.front().is_some_and(|value| value.is_nan()) {
                self.window.pop_front();
                self.first += 1;
            }
        }
        value
    }

    /// The values of the next customers, where all come in the order of their numbers: of
    /// `customer` and those who follow, as many as `values` is long.
    ///
    /// # Panics
    /// If values were skipped before, or a trace has too few.
    pub(super) fn take_in_order(&mut self, customer: u64, values: &mut [f64]) {
        assert!(
            self.first == customer && self.window.is_empty(),
            "customer {customer} came out of order"
        );
        let drawn = self.sampler.fill(values);
        assert_eq!(drawn, values.len(), "the trace ends at customer {customer}");
        if planted::is(Fault::SharedGenerator) {
            share_generator(values);
        }
        self.first += drawn as u64;
    }
}

/// Makes values depend on a generator that all stages draw from, by turns that nobody orders.
fn share_generator(values: &mut [f64]) {
    for value in values {
        *value *= 0.5 + planted::shared_draw();
    }
}
