//! When chance takes an attendant down: by a chance in each step, or after a time that passes always or only while it
//! serves.
//!
//! In steps it draws, instead of once for every step, *how many steps the attendant stands* before chance takes it
//! down: `floor(ln(1 - u) / ln(1 - p))`, one uniform from the stream (attendant, faults) at the start and one
//! after each fault by chance, none where p is 0 or 1. Steps count in which chance has its turn, that is, in which the
//! attendant is on duty and up after repairs and script; what else befalls it leaves the count where it is. That is the
//! same law as a draw a step. In continuous time the times to faults are drawn from the same stream, one after the
//! other.

use crate::random::{Sampler, Stream};
use crate::time::Time;

/// The chance that hangs over one attendant.
#[derive(Clone, Debug)]
pub(super) enum Hazard {
    Never,
    /// In each step in which it is on duty and up.
    Steps {
        probability: f64,
        stream: Box<Stream>,
        /// In how many more steps chance has its turn before the one in which it strikes.
        stands: u64,
        /// From when on they count; none while they do not.
        since: Option<Time>,
    },
    /// At a time, whatever the attendant does meanwhile.
    Calendar {
        every: Box<Sampler>,
        due: Time,
    },
    /// After so long a time in service.
    Busy {
        every: Box<Sampler>,
        left: f64,
        serving: Option<Time>,
    },
}

impl Hazard {
    /// A chance in each step, which counts from `since`.
    pub(super) fn steps(probability: f64, mut stream: Stream, since: Option<Time>) -> Hazard {
        Hazard::Steps {
            probability,
            stands: stands(probability, &mut stream),
            stream: Box::new(stream),
            since,
        }
    }

    /// When chance strikes, if nothing comes before.
    pub(super) fn due(&self) -> Option<Time> {
        match self {
            Hazard::Never => None,
            Hazard::Steps { stands, since, .. } => Some((*since)?.after(*stands as f64)),
            Hazard::Calendar { due, .. } => Some(*due).filter(|due| !due.is_never()),
            Hazard::Busy { left, serving, .. } => Some((*serving)?.after(*left)),
        }
    }

    /// It strikes.
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

    /// It would strike while the attendant is off duty: it does not, and the next time runs from then.
    pub(super) fn pass(&mut self, now: Time) {
        if let Hazard::Calendar { every, due } = self {
            *due = now.after(drawn(every));
        }
    }

    /// Something else takes the attendant down or slows it, before chance has its turn.
    pub(super) fn stop(&mut self, now: Time) {
        self.pause(now, 0);
        self.strike_out();
    }

    /// The clocks of continuous time do not run while the attendant is down or slowed.
    fn strike_out(&mut self) {
        match self {
            Hazard::Calendar { due, .. } => *due = Time::NEVER,
            Hazard::Busy { serving, .. } => *serving = None,
            Hazard::Never | Hazard::Steps { .. } => {}
        }
    }

    /// The attendant is repaired, whether it was down or slowed; it is on duty, and serves, or not.
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

    /// It comes on duty, and is up.
    pub(super) fn come_on_duty(&mut self, now: Time) {
        if let Hazard::Steps { since, .. } = self {
            *since = Some(now);
        }
    }

    /// It goes off duty at the end of a turn in which chance has had its own.
    pub(super) fn go_off_duty(&mut self, now: Time) {
        self.pause(now, 1);
        self.ended(now);
    }

    /// Steps count no more; in the last one chance has had its turn, or not.
    fn pause(&mut self, now: Time, last: u64) {
        if let Hazard::Steps { stands, since, .. } = self
            && let Some(since) = since.take()
        {
            *stands -= now.since(since) as u64 + last;
        }
    }

    /// A service begins, of an attendant that is up and not slowed.
    pub(super) fn began(&mut self, at: Time) {
        if let Hazard::Busy { serving, .. } = self {
            *serving = Some(at);
        }
    }

    /// It ends.
    pub(super) fn ended(&mut self, at: Time) {
        if let Hazard::Busy {
            every,
            left,
            serving,
        } = self
            && let Some(since) = serving.take()
        {
            // One that is due at that very instant does not happen, and the time begins anew.
            *left = match since.after(*left) <= at {
                true => drawn(every),
                false => *left - at.since(since),
            };
        }
    }
}

/// A time of a law that has no end.
pub(super) fn drawn(law: &mut Sampler) -> f64 {
    law.draw().expect("times of faults are no trace")
}

/// In how many steps chance leaves an attendant standing before it strikes.
fn stands(probability: f64, stream: &mut Stream) -> u64 {
    if probability <= 0.0 {
        return u64::MAX;
    }
    if probability >= 1.0 {
        return 0;
    }
    // Conversion saturates: what is beyond all steps never happens.
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
