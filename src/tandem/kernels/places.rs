//! The limited places of a stage with one server: the times at which each became free again.

use crate::time::Moment;

/// A point on the clock of a recursion: an instant, if every service takes time, or else a moment.
pub(super) trait Instant: Copy + PartialOrd + From<Moment> + Into<Moment> {
    /// The beginning of time.
    const ZERO: Self;
    /// Whether it has rounds.
    const HAS_ROUNDS: bool;

    fn time(self) -> f64;

    fn round(self) -> Option<u32>;

    /// The end of a service of this length that starts now.
    fn after(self, service: f64) -> Self;

    /// The later of two.
    fn later_of(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// The entry at an index of a ring.
    fn get(times: &[f64], rounds: &[u32], index: usize) -> Self;

    /// Stores it in a ring.
    fn put(self, times: &mut [f64], rounds: &mut [u32], index: usize);
}

/// An instant, in the first round.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Plain(pub(super) f64);

impl From<Moment> for Plain {
    fn from(moment: Moment) -> Plain {
        Plain(moment.time)
    }
}

impl From<Plain> for Moment {
    fn from(Plain(time): Plain) -> Moment {
        Moment::at(time)
    }
}

impl Instant for Plain {
    const ZERO: Plain = Plain(0.0);
    const HAS_ROUNDS: bool = false;

    #[inline(always)]
    fn time(self) -> f64 {
        self.0
    }

    #[inline(always)]
    fn round(self) -> Option<u32> {
        None
    }

    #[inline(always)]
    fn after(self, service: f64) -> Plain {
        Plain(self.0 + service)
    }

    #[inline(always)]
    fn get(times: &[f64], _: &[u32], index: usize) -> Plain {
        Plain(times[index])
    }

    #[inline(always)]
    fn put(self, times: &mut [f64], _: &mut [u32], index: usize) {
        times[index] = self.0;
    }
}

impl Instant for Moment {
    const ZERO: Moment = Moment::ZERO;
    const HAS_ROUNDS: bool = true;

    fn time(self) -> f64 {
        self.time
    }

    fn round(self) -> Option<u32> {
        Some(self.round)
    }

    fn after(self, service: f64) -> Moment {
        Moment::after(self, service)
    }

    fn get(times: &[f64], rounds: &[u32], index: usize) -> Moment {
        Moment {
            time: times[index],
            round: rounds[index],
        }
    }

    fn put(self, times: &mut [f64], rounds: &mut [u32], index: usize) {
        times[index] = self.time;
        rounds[index] = self.round;
    }
}

/// The places of a stage, and the departures that freed them.
///
/// Customer n, counting from 0 those who took a place, has the place that customer n - `most` left; the first ones
/// have places that are free from the beginning.
#[derive(Clone, Debug)]
pub(super) struct Places {
    most: u64,
    /// The first customer whose departure may still matter.
    known: u64,
    /// Departures from `known` on, by customer, in rings whose length is a power of two.
    times: Vec<f64>,
    rounds: Vec<u32>,
}

impl Places {
    pub(super) fn new(most: u64) -> Places {
        Places {
            most,
            known: 0,
            times: Vec::new(),
            rounds: Vec::new(),
        }
    }

    /// The time at which the place of this customer was freed.
    #[inline(always)]
    pub(super) fn freed<T: Instant>(&self, customer: u64) -> T {
        match customer.checked_sub(self.most) {
            Some(left) if left >= self.known => T::get(&self.times, &self.rounds, self.at(left)),
            _ => T::ZERO,
        }
    }

    /// Stores the departure of this customer.
    #[inline(always)]
    pub(super) fn leave<T: Instant>(&mut self, customer: u64, departure: T) {
        let at = self.at(customer);
        departure.put(&mut self.times, &mut self.rounds, at);
    }

    #[inline(always)]
    fn at(&self, customer: u64) -> usize {
        customer as usize & (self.times.len() - 1)
    }

    /// Makes room for the departures of `more` customers after `passed` others; none of their events comes before
    /// `now`, so earlier departures are discarded.
    pub(super) fn make_room(&mut self, passed: u64, more: u64, now: f64) {
        self.known = self.known.max(passed.saturating_sub(self.most));
        while self.known < passed && self.times[self.at(self.known)] < now {
            self.known += 1;
        }
        let room = (passed - self.known + more).next_power_of_two() as usize;
        if room > self.times.len() {
            let (mut times, mut rounds) = (vec![0.0; room], vec![0; room]);
            for customer in self.known..passed {
                let (from, to) = (self.at(customer), customer as usize & (room - 1));
                times[to] = self.times[from];
                rounds[to] = self.rounds[from];
            }
            (self.times, self.rounds) = (times, rounds);
        }
    }

    /// Whether all departures that may still matter are in the first round of their instants. If so, later ones may
    /// be stored without their rounds.
    pub(super) fn calm_down(&mut self, passed: u64) -> bool {
        let calm = (self.known..passed).all(|customer| self.rounds[self.at(customer)] == 0);
        if calm {
            self.rounds.fill(0);
        }
        calm
    }
}
