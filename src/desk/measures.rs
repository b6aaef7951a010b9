//! What the supervisor counts and tallies of requests: everything whole numbers, so exact.

use crate::stats::WholeTally;
use crate::time::Step;

/// Counts and tallies of some requests: all of them, or those of a class.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestTally {
    pub(super) completed: u64,
    pub(super) rejected: u64,
    pub(super) abandoned: u64,
    pub(super) failed: u64,
    /// First start minus arrival, over those whose service began.
    pub(super) waiting: WholeTally,
    /// Completion minus arrival plus one, over those completed.
    pub(super) sojourn: WholeTally,
}

/// The same for all requests and class by class.
#[derive(Clone, Debug)]
pub(super) struct Measures {
    pub(super) all: RequestTally,
    pub(super) classes: Vec<RequestTally>,
}

impl Measures {
    pub(super) fn new(classes: usize) -> Measures {
        Measures {
            all: RequestTally::default(),
            classes: vec![RequestTally::default(); classes],
        }
    }

    pub(super) fn began(&mut self, class: u32, waited: u64) {
        self.each(class, |tally| tally.waiting.add(waited));
    }

    pub(super) fn completed(&mut self, class: u32, arrival: Step, step: Step) {
        self.each(class, |tally| {
            tally.completed += 1;
            tally.sojourn.add(step - arrival + 1);
        });
    }

    pub(super) fn rejected(&mut self, class: u32) {
        self.each(class, |tally| tally.rejected += 1);
    }

    pub(super) fn abandoned(&mut self, class: u32) {
        self.each(class, |tally| tally.abandoned += 1);
    }

    pub(super) fn failed(&mut self, class: u32) {
        self.each(class, |tally| tally.failed += 1);
    }

    fn each(&mut self, class: u32, mut change: impl FnMut(&mut RequestTally)) {
        change(&mut self.all);
        change(&mut self.classes[class as usize]);
    }
}
