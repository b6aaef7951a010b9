//! The service times of a stage: value k belongs to customer k, in whatever order customers come.

use crate::lanes::{Work, widest};
use crate::planted::{self, Fault};
use crate::random::{Draws, Law, Purpose};

/// The source of each customer's own service time.
#[derive(Clone, Debug)]
pub(super) struct Services {
    draws: Draws,
}

impl Services {
    pub(super) fn new(law: &Law, seed: u64, replication: u64, stage: &str) -> Services {
        Services {
            draws: Draws::new(law, seed, replication, stage, Purpose::Service),
        }
    }

    /// The value of this customer.
    ///
    /// # Panics
    /// If a recording has no value for it; the checks of the scenario exclude that.
    pub(super) fn of(&mut self, customer: u64) -> f64 {
        let mut value = [self.draws.of(customer)];
        share_generator(&mut value);
        value[0]
    }

    /// The values of these customers.
    ///
    /// # Panics
    /// As [`Services::of`].
    pub(super) fn of_all(&mut self, customers: &[u64], values: &mut [f64]) {
        let Some(&first) = customers.first() else {
            return;
        };
        if widest(Consecutive(customers)) {
            self.draws.fill(first, values);
        } else {
            for (value, &customer) in values.iter_mut().zip(customers) {
                *value = self.draws.of(customer);
            }
        }
        share_generator(values);
    }
}

/// Makes values depend on a generator that all stages draw from in an unordered way, if this fault is planted.
fn share_generator(values: &mut [f64]) {
    if planted::is(Fault::SharedGenerator) {
        for value in values {
            *value *= 0.5 + planted::shared_draw();
        }
    }
}

/// Checks that each number is one more than the one before.
struct Consecutive<'a>(&'a [u64]);

impl Work for Consecutive<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let first = self.0[0];
        let due = (first..).zip(self.0);
        due.fold(0, |differ, (due, &number)| differ | (due ^ number)) == 0
    }
}
