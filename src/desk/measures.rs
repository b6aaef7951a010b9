//! What the supervisor counts and tallies of requests: in steps whole numbers, so exact.

use super::clock::Clock;
use crate::scenario::Desk;
use crate::stats::{Statistics, Tally, WholeTally};
use crate::time::Time;

/// Durations of requests: exact in steps.
#[derive(Clone, Debug)]
pub(super) enum Durations {
    Whole(WholeTally),
    Real(Box<Tally>),
}

impl Durations {
    fn new(stepped: bool) -> Durations {
        match stepped {
            true => Durations::Whole(WholeTally::default()),
            false => Durations::Real(Box::default()),
        }
    }

    fn add(&mut self, duration: f64) {
        match self {
            Durations::Whole(tally) => tally.add(duration as u64),
            Durations::Real(tally) => tally.add(duration),
        }
    }

    pub(super) fn statistics(&self) -> Statistics {
        match self {
            Durations::Whole(tally) => tally.statistics(),
            Durations::Real(tally) => tally.statistics(),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        match self {
            Durations::Whole(tally) => tally.n(),
            Durations::Real(tally) => tally.n(),
        }
    }

    /// How many are longer than zero.
    pub(super) fn positive(&self) -> u64 {
        match self {
            Durations::Whole(tally) => tally.n() - tally.at_most(0),
            Durations::Real(tally) => tally.positive(),
        }
    }
}

/// What became of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) completed: u64,
    pub(super) rejected: u64,
    pub(super) abandoned: u64,
    pub(super) failed: u64,
}

/// Counts and tallies of some requests: all of them, or those of a class.
#[derive(Clone, Debug)]
pub(super) struct RequestTally {
    /// Of the whole run.
    pub(super) all: Ends,
    /// Of those that arrived from the end of the warm-up on, as is everything that follows.
    pub(super) measured: Ends,
    /// How many of these arrived.
    pub(super) arrived: u64,
    /// First start minus arrival, over those whose service began.
    pub(super) waiting: Durations,
    /// From arrival to the end of service, over those completed.
    pub(super) sojourn: Durations,
    /// The time in service that counted, over those completed.
    pub(super) service: Durations,
    /// End minus arrival, over those who gave up.
    pub(super) time_to_abandon: Durations,
    /// Of those of a class with a service level: answered in time; answered, offered, abandoned no later.
    pub(super) level: LevelCounts,
}

/// What a service level is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LevelCounts {
    pub(super) in_time: u64,
    pub(super) answered: u64,
    pub(super) rejected: u64,
    /// Gave up within the time in which an answer would have been in time, and after it.
    pub(super) quick: u64,
    pub(super) late: u64,
}

impl RequestTally {
    fn new(stepped: bool) -> RequestTally {
        let durations = || Durations::new(stepped);
        RequestTally {
            all: Ends::default(),
            measured: Ends::default(),
            arrived: 0,
            waiting: durations(),
            sojourn: durations(),
            service: durations(),
            time_to_abandon: durations(),
            level: LevelCounts::default(),
        }
    }

    /// Those measured less those who still wait and whose service has not begun.
    pub(super) fn offered(&self) -> u64 {
        self.waiting.count() + self.measured.rejected + self.measured.abandoned
    }
}

/// The tallies of all requests, and class by class.
#[derive(Clone, Debug)]
pub(super) struct Measures {
    clock: Clock,
    /// Per class the longest wait of an answer in time.
    within: Vec<Option<f64>>,
    pub(super) total: RequestTally,
    pub(super) classes: Vec<RequestTally>,
}

impl Measures {
    pub(super) fn new(desk: &Desk) -> Measures {
        let clock = Clock::of(desk);
        let within = desk.classes.iter();
        Measures {
            clock,
            within: within
                .map(|class| Some(class.service_level?.within))
                .collect(),
            total: RequestTally::new(clock.stepped()),
            classes: vec![RequestTally::new(clock.stepped()); desk.classes.len()],
        }
    }

    pub(super) fn arrived(&mut self, class: u32, arrival: Time) {
        if self.clock.measures(arrival) {
            self.both(class, |tally| tally.arrived += 1);
        }
    }

    pub(super) fn began(&mut self, class: u32, arrival: Time, now: Time) {
        if !self.clock.measures(arrival) {
            return;
        }
        let waited = now.since(arrival);
        let within = self.within[class as usize];
        self.both(class, |tally| {
            tally.waiting.add(waited);
            if let Some(within) = within {
                tally.level.answered += 1;
                tally.level.in_time += u64::from(waited <= within);
            }
        });
    }

    /// A service ended at `end`, after this time in service.
    pub(super) fn completed(&mut self, class: u32, arrival: Time, (end, served): (Time, f64)) {
        let measured = self.clock.measures(arrival);
        self.both(class, |tally| {
            tally.all.completed += 1;
            if measured {
                tally.measured.completed += 1;
                tally.sojourn.add(end.since(arrival));
                tally.service.add(served);
            }
        });
    }

    pub(super) fn rejected(&mut self, class: u32, arrival: Time) {
        let measured = self.clock.measures(arrival);
        let level = self.within[class as usize].is_some();
        self.both(class, |tally| {
            tally.all.rejected += 1;
            tally.measured.rejected += u64::from(measured);
            tally.level.rejected += u64::from(measured && level);
        });
    }

    pub(super) fn abandoned(&mut self, class: u32, arrival: Time, now: Time) {
        let measured = self.clock.measures(arrival);
        let within = self.within[class as usize];
        let waited = now.since(arrival);
        self.both(class, |tally| {
            tally.all.abandoned += 1;
            if measured {
                tally.measured.abandoned += 1;
                tally.time_to_abandon.add(waited);
                if let Some(within) = within {
                    tally.level.quick += u64::from(waited <= within);
                    tally.level.late += u64::from(waited > within);
                }
            }
        });
    }

    pub(super) fn failed(&mut self, class: u32, arrival: Time) {
        let measured = self.clock.measures(arrival);
        self.both(class, |tally| {
            tally.all.failed += 1;
            tally.measured.failed += u64::from(measured);
        });
    }

    /// The tally of the class and the total.
    fn both(&mut self, class: u32, change: impl Fn(&mut RequestTally)) {
        change(&mut self.total);
        change(&mut self.classes[class as usize]);
    }
}
