//! A level that is read once a step, kept up only in the steps in which it may have changed.

use crate::time::Step;

/// Sum and greatest of the readings, one a step from step 1 on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    /// The last step in which something happened.
    step: Step,
    /// Its reading, which may still change within the step.
    reading: u64,
    /// The reading of each step after it, as long as nothing happens.
    resting: u64,
    /// The sum of all readings before it, and the greatest of them.
    before: (u128, u64),
}

impl Level {
    /// Something happened in `step`: its reading is now this, and those of quiet steps after it that.
    pub(super) fn set(&mut self, step: Step, reading: u64, resting: u64) {
        if step > self.step {
            self.before = self.over(step - 1);
            self.step = step;
        }
        self.reading = reading;
        self.resting = resting;
    }

    /// The sum of the readings of steps 1 to `last`, and the greatest of them.
    pub(super) fn over(&self, last: Step) -> (u128, u64) {
        let (sum, max) = self.before;
        let quiet = last - self.step;
        let resting = if quiet > 0 { self.resting } else { 0 };
        (
            sum + u128::from(self.reading) + u128::from(quiet) * u128::from(self.resting),
            max.max(self.reading).max(resting),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_steps_are_read_too() {
        // Readings 0 0 5 2 2 7 1 1.
        let mut level = Level::default();
        level.set(3, 4, 4);
        level.set(3, 5, 2);
        level.set(6, 7, 1);
        assert_eq!(level.over(6), (16, 7));
        assert_eq!(level.over(8), (18, 7));
        assert_eq!(Level::default().over(0), (0, 0));
    }
}
