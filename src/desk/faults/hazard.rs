//! Faults by chance: with a probability in each step, or after a time that runs always or only while the attendant
//! serves.
//!
//! In steps it draws, instead of once for every step, *the number of steps that pass* before a fault:
//! `floor(ln(1 - u) / ln(1 - p))`, with one uniform number from the stream (attendant, faults) at the start and after
//! each fault by chance, and none if p is 0 or 1. The steps counted are those in which a fault can occur, that is, in
//! which the attendant is on duty and up after repairs and script; other changes of its state leave the count as it is.
//! This is the same law as one draw per step. In continuous time the times to faults are drawn from the same stream,
//! one after the other.

use crate::random::{Sampler, Stream};
use crate::time::Time;

/// The chance of a fault of one attendant.
#[derive(Clone, Debug)]
pub(super) enum Hazard {
    Never,
    /// With a probability in each step in which it is on duty and up.
    Steps {
        probability: f64,
        stream: Box<Stream>,
        /// The number of further steps before the one with the fault.
        stands: u64,
        /// The time from which they count; none while they do not.
        since: Option<Time>,
    },
    /// At a time, whatever the attendant does until then.
    Calendar {
        every: Box<Sampler>,
        due: Time,
    },
    /// After a time in service.
    Busy {
        every: Box<Sampler>,
        left: f64,
        serving: Option<Time>,
    },
}

impl Hazard {
    /// A probability in each step, which counts from `since`.
    pub(super) fn steps(probability: f64, mut stream: Stream, since: Option<Time>) -> Hazard {
        Hazard::Steps {
            probability,
            stands: stands(probability, &mut stream),
            stream: Box::new(stream),
            since,
        }
    }

    /// The time of the next fault by chance, if nothing else comes before.
    pub(super) fn due(&self) -> Option<Time> {
        match self {
            Hazard::Never => None,
            Hazard::Steps { stands, since, .. } => Some((*since)?.after(*stands as f64)),
            Hazard::Calendar { due, .. } => Some(*due).filter(|due| !due.is_never()),
            Hazard::Busy { left, serving, .. } => Some((*serving)?.after(*left)),
        }
    }

    /// Notes that the fault occurs.
    pub(super) fn strike(&mut self) {
        match self {
            Hazard::Never => {}
            Hazard::Steps {
                probability,
                stream,
                stands: count,
                since,
            } => {
                *count = stands(*probability, stream);
                *since = None;
            }
            Hazard::Calendar { due, .. } => *due = Time::NEVER,
            Hazard::Busy { serving, .. } => *serving = None,
        }
    }

    /// Notes that a fault is due while the attendant is off duty: it does not occur, and the next time runs from
    /// now.
    pub(super) fn pass(&mut self, now: Time) {
        if let Hazard::Calendar { every, due } = self {
            *due = now.after(drawn(every));
        }
    }

    /// Notes that something else takes the attendant down or slows it, before chance has its turn.
    pub(super) fn stop(&mut self, now: Time) {
        self.pause(now, 0);
        self.strike_out();
    }

    /// Stops the clocks of continuous time while the attendant is down or slowed.
    fn strike_out(&mut self) {
        match self {
            Hazard::Calendar { due, .. } => *due = Time::NEVER,
            Hazard::Busy { serving, .. } => *serving = None,
            Hazard::Never | Hazard::Steps { .. } => {}
        }
    }

    /// Notes that the attendant is repaired, whether it was down or slowed; it may be on duty, and may serve.
    pub(super) fn renew(&mut self, now: Time, on_duty: bool, serves: bool) {
        match self {
            Hazard::Never => {}
            Hazard::Steps { since, .. } => *since = on_duty.then_some(now),
            Hazard::Calendar { every, due } => *due = now.after(drawn(every)),
            Hazard::Busy {
                every,
                left,
                serving,
            } => {
                *left = drawn(every);
                *serving = serves.then_some(now);
            }
        }
    }

    /// Notes that it comes on duty, and is up.
    pub(super) fn come_on_duty(&mut self, now: Time) {
        if let Hazard::Steps { since, .. } = self {
            *since = Some(now);
        }
    }

    /// Notes that it goes off duty at the end of a turn in which chance has had its turn.
    pub(super) fn go_off_duty(&mut self, now: Time) {
        self.pause(now, 1);
        self.ended(now);
    }

    /// Stops the count of steps; `last` is 1 if chance has had its turn in the last one, otherwise 0.
    fn pause(&mut self, now: Time, last: u64) {
        if let Hazard::Steps { stands, since, .. } = self
            && let Some(since) = since.take()
        {
            *stands -= now.since(since) as u64 + last;
        }
    }

    /// Notes the beginning of a service; the attendant is up and not slowed.
    pub(super) fn began(&mut self, at: Time) {
        if let Hazard::Busy { serving, .. } = self {
            *serving = Some(at);
        }
    }

    /// Notes the end of a service.
    pub(super) fn ended(&mut self, at: Time) {
        if let Hazard::Busy {
            every,
            left,
            serving,
        } = self
            && let Some(since) = serving.take()
        {
            // A fault due at that very instant does not occur, and the time starts again.
            *left = match since.after(*left) <= at {
                true => drawn(every),
                false => *left - at.since(since),
            };
        }
    }
}

/// A time drawn from a law that is not a trace.
pub(super) fn drawn(law: &mut Sampler) -> f64 {
    law.draw().expect("times of faults are no trace")
}

/// The number of steps before a fault.
fn stands(probability: f64, stream: &mut Stream) -> u64 {
    if probability <= 0.0 {
        return u64::MAX;
    }
    if probability >= 1.0 {
        return 0;
    }
    // Conversion saturates: a number beyond all steps means never.
    (libm::log1p(-stream.unit()) / libm::log1p(-probability)).floor() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn standing_follows_the_law_of_a_draw_a_step() {
        let mut stream = Stream::new(3, 0, "A-1", Purpose::Faults);
        let draws = 200_000;
        let mut at_once = 0.0;
        let mut sum = 0.0;
        for _ in 0..draws {
            let count = stands(0.1, &mut stream);
            at_once += f64::from(u8::from(count == 0));
            sum += count as f64;
        }
        let draws = f64::from(draws);
        // Mean 0.9 / 0.1, variance 0.9 / 0.01; five standard errors.
        assert!((at_once / draws - 0.1).abs() < 5.0 * (0.09 / draws).sqrt());
        assert!((sum / draws - 9.0).abs() < 5.0 * (90.0 / draws).sqrt());
        assert_eq!(stands(0.0, &mut stream), u64::MAX);
        assert_eq!(stands(1.0, &mut stream), 0);
    }
}
