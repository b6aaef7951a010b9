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

impl RequestTally {
    fn join(&mut self, other: &RequestTally) {
        self.completed += other.completed;
        self.rejected += other.rejected;
        self.abandoned += other.abandoned;
        self.failed += other.failed;
        self.waiting.join(&other.waiting);
        self.sojourn.join(&other.sojourn);
    }
}

/// The same class by class.
#[derive(Clone, Debug)]
pub(super) struct Measures {
    pub(super) classes: Vec<RequestTally>,
}

impl Measures {
    pub(super) fn new(classes: usize) -> Measures {
        Measures {
            classes: vec![RequestTally::default(); classes],
        }
    }

    /// All requests: whole numbers, so it is the same in whatever order they are added.
    pub(super) fn all(&self) -> RequestTally {
        let mut all = RequestTally::default();
        self.classes.iter().for_each(|class| all.join(class));
        all
    }

    pub(super) fn began(&mut self, class: u32, waited: u64) {
        self.of(class).waiting.add(waited);
    }

    pub(super) fn completed(&mut self, class: u32, arrival: Step, step: Step) {
        let tally = self.of(class);
        tally.completed += 1;
        tally.sojourn.add(step - arrival + 1);
    }

    pub(super) fn rejected(&mut self, class: u32) {
        self.of(class).rejected += 1;
    }

    pub(super) fn abandoned(&mut self, class: u32) {
        self.of(class).abandoned += 1;
    }

    pub(super) fn failed(&mut self, class: u32) {
        self.of(class).failed += 1;
    }

    fn of(&mut self, class: u32) -> &mut RequestTally {
        &mut self.classes[class as usize]
    }
}
