//! The clock of a desk: whole steps or continuous time, and the window in which it is measured.
//!
//! A desk in steps is one in continuous time with whole times, with two differences. The actors' time of a step is
//! its number, and a service of d steps that begins in step s ends when s + d begins, which is recorded in the row
//! of the step before. And since no phase comes between the work of a step and its end, services that end with the
//! step are ended together with its work.

use crate::scenario::{Desk, DeskHorizon};
use crate::time::Time;

/// The time scale that all actors of a desk share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    stepped: bool,
    /// The window: from the end of the warm-up to the last arrival.
    from: Time,
    until: Time,
}

impl Clock {
    pub(super) fn of(desk: &Desk) -> Clock {
        Clock {
            stepped: matches!(desk.horizon, DeskHorizon::Steps(_)),
            from: desk.on_clock(desk.warm_up),
            until: desk.on_clock(desk.span()),
        }
    }

    /// The time on this clock that is `time` after the beginning.
    pub(super) fn at(&self, time: f64) -> Time {
        Time::at(if self.stepped { time + 1.0 } else { time })
    }

    /// Whether requests may arrive at this time.
    pub(super) fn admits(&self, now: Time) -> bool {
        now < self.until || (now == self.until && !self.stepped)
    }

    /// Whether time advances in steps.
    pub(super) fn stepped(&self) -> bool {
        self.stepped
    }

    /// The end of the window.
    pub(super) fn until(&self) -> Time {
        self.until
    }

    /// The time by which services end that are ended in this turn.
    pub(super) fn ended_by(&self, now: Time) -> Time {
        if self.stepped { now.after(1.0) } else { now }
    }

    /// The time at which the services of this turn end, as it appears in records.
    pub(super) fn told(&self, ends: Time) -> Time {
        if self.stepped {
            Time::at(ends.get() - 1.0)
        } else {
            ends
        }
    }

    /// The length of the part of a period that lies in the window.
    pub(super) fn measured(&self, begin: Time, end: Time) -> f64 {
        let (begin, end) = (begin.max(self.from), end.min(self.until));
        if end > begin { end.since(begin) } else { 0.0 }
    }

    /// The length of the window of a run that ended at this time.
    pub(super) fn window(&self, end: Time) -> f64 {
        self.measured(Time::ZERO, end)
    }

    /// Whether a request that arrives at this time is measured.
    pub(super) fn measures(&self, arrival: Time) -> bool {
        arrival >= self.from
    }
}
