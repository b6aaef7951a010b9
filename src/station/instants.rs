//! The instants of arrivals in continuous time.

use crate::random::{ChangingRate, Sampler, Stream};
use crate::scenario::Arrivals;
use crate::time::Time;
use std::sync::Arc;

/// The source of the instants.
#[derive(Clone, Debug)]
enum Source {
    Renewal(Box<Sampler>, f64),
    Times(Arc<Vec<f64>>, usize),
    Rates(Box<ChangingRate>),
}

/// Instants of arrival, up to a last one.
#[derive(Clone, Debug)]
pub(crate) struct Instants {
    source: Source,
    until: Time,
    next: Time,
    /// The number of values of a trace, if it ended before the last instant.
    short: Option<usize>,
    drawn: usize,
}

impl Instants {
    /// The instants of these arrivals that are not after `until`, at `factor` times their rate.
    ///
    /// # Panics
    /// If these arrivals are counted by step, which the checks of the scenario exclude.
    pub(crate) fn new(arrivals: &Arrivals, factor: f64, stream: Stream, until: Time) -> Instants {
        let source = match arrivals {
            Arrivals::Renewal(law) => Source::Renewal(Box::new(Sampler::new(law, stream)), factor),
            Arrivals::Times(times) => Source::Times(Arc::clone(times), 0),
            Arrivals::Rates(pieces) => {
                let pieces = pieces
                    .iter()
                    .map(|piece| (piece.until, piece.rate * factor));
                Source::Rates(Box::new(ChangingRate::new(pieces.collect(), stream)))
            }
            Arrivals::PerStep(_) => unreachable!("arrivals by the step have no instants"),
        };
        let mut instants = Instants {
            source,
            until,
            next: Time::ZERO,
            short: None,
            drawn: 0,
        };
        instants.advance();
        instants
    }

    /// The next instant.
    pub(crate) fn next(&self) -> Time {
        self.next
    }

    /// Advances to the next instant; after the last one it is [`Time::NEVER`].
    pub(crate) fn advance(&mut self) {
        if self.next.is_never() {
            return;
        }
        let next = match &mut self.source {
            Source::Renewal(gaps, factor) => match gaps.draw() {
                Some(gap) if *factor == 1.0 => self.next.after(gap),
                Some(gap) => self.next.after(gap / *factor),
                None => {
                    self.short = Some(self.drawn);
                    Time::NEVER
                }
            },
            Source::Times(times, read) => {
                let time = times.get(*read).copied();
                *read += 1;
                time.map_or(Time::NEVER, Time::at)
            }
            Source::Rates(rate) => Time::at(rate.instant()),
        };
        self.drawn += 1;
        self.next = if next > self.until { Time::NEVER } else { next };
    }

    /// The number of values of a trace of interarrival times that was too short.
    pub(crate) fn short(&self) -> Option<usize> {
        self.short
    }
}
