//! The crew that repairs chance failures: a limited number at once, first failed first.

use std::collections::VecDeque;

/// The attendants under repair, and those waiting for it.
#[derive(Clone, Debug)]
pub(super) struct Crew {
    /// The maximum number of repairs at once; none for no limit.
    size: Option<u32>,
    /// Whether each attendant is under repair by the crew.
    under_repair: Vec<bool>,
    count: u32,
    /// The waiting attendants, with the time of the repair.
    waiting: VecDeque<(usize, f64)>,
}

impl Crew {
    pub(super) fn new(size: Option<u32>, attendants: usize) -> Crew {
        Crew {
            size,
            under_repair: vec![false; attendants],
            count: 0,
            waiting: VecDeque::new(),
        }
    }

    /// Adds a failed attendant; returns whether its repair begins at once.
    pub(super) fn take(&mut self, index: usize, lasts: f64) -> bool {
        if self.size.is_some_and(|most| self.count >= most) {
            self.waiting.push_back((index, lasts));
            return false;
        }
        self.begin(index);
        true
    }

    /// Whether this attendant waits for its repair.
    pub(super) fn awaits(&self, index: usize) -> bool {
        self.waiting.iter().any(|&(waits, _)| waits == index)
    }

    fn begin(&mut self, index: usize) {
        self.count += 1;
        self.under_repair[index] = true;
    }

    /// Removes an attendant that no longer needs the crew; returns the one whose repair begins instead, and its
    /// duration.
    pub(super) fn leave(&mut self, index: usize) -> Option<(usize, f64)> {
        if !std::mem::take(&mut self.under_repair[index]) {
            self.waiting.retain(|&(waits, _)| waits != index);
            return None;
        }
        self.count -= 1;
        let next = self.waiting.pop_front()?;
        self.begin(next.0);
        Some(next)
    }
}
