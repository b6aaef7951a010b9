//! Intervals of time for which a run reports measures besides its totals: `[report] interval` of any model.

use super::input;
use crate::problem::{KeyPath, Problem};

/// The maximum number of intervals of a report.
const INTERVALS_MAX: usize = 10_000;

/// Intervals of equal length from time 0 on, the last of which may be shorter.
///
/// Interval j is `[j * length, (j + 1) * length)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intervals {
    /// The length of each, above 0.
    pub length: f64,
    /// The end of the last, if the scenario defines it; an event exactly then belongs to the last. `None` means the
    /// end of the run.
    pub end: Option<f64>,
}

impl Intervals {
    /// The beginning of an interval.
    #[must_use]
    pub fn begin(&self, index: usize) -> f64 {
        index as f64 * self.length
    }

    /// The interval to which an instant belongs.
    #[must_use]
    pub fn of(&self, time: f64) -> usize {
        let last = self.end.map_or(INTERVALS_MAX, |end| self.count(end)) - 1;
        let mut index = (time / self.length) as usize;
        // The quotient may be rounded up to the next whole number, or down to the previous one.
        while index > 0 && self.begin(index) > time {
            index -= 1;
        }
        while index < last && self.begin(index + 1) <= time {
            index += 1;
        }
        index.min(last)
    }

    /// The number of intervals of a run that ends at `close`, at least one.
    #[must_use]
    pub fn count(&self, close: f64) -> usize {
        let end = self.end.unwrap_or(close);
        let mut count = (end / self.length).ceil() as usize;
        while count > 1 && self.begin(count - 1) >= end {
            count -= 1;
        }
        while count < INTERVALS_MAX && self.begin(count) < end {
            count += 1;
        }
        count.clamp(1, INTERVALS_MAX)
    }

    /// The intervals of a run that ends at `close`, which may be before the end of the last.
    #[must_use]
    pub fn cut(self, close: f64) -> Intervals {
        let end = self.end.map_or(close, |end| end.min(close));
        Intervals {
            end: Some(end),
            ..self
        }
    }

    /// The end of an interval of a run that ends at `close`.
    #[must_use]
    pub fn ending(&self, index: usize, close: f64) -> f64 {
        match index + 1 == self.count(close) {
            true => self.end.unwrap_or(close),
            false => self.begin(index + 1),
        }
    }

    /// Calls `piece` with the part of a span of time in each interval: the index of the interval, the beginning and
    /// the end of the part. Any part after the last interval is left out.
    pub fn split(&self, (from, to): (f64, f64), mut piece: impl FnMut(usize, f64, f64)) {
        let to = match self.end {
            Some(end) => to.min(end),
            None if to.is_infinite() => from,
            None => to,
        };
        let mut at = from;
        while at < to {
            let index = self.of(at);
            let until = match index + 1 == INTERVALS_MAX {
                true => to,
                false => to.min(self.begin(index + 1)),
            };
            piece(index, at, until);
            at = until;
        }
    }
}

/// Checks the intervals of a run. `end` is the last instant of arrivals, if known, or an estimate of the end.
pub(super) fn check(form: &input::Report, end: End) -> Result<Option<Intervals>, Problem> {
    let Some(length) = form.interval else {
        return Ok(None);
    };
    let path = KeyPath::to(&["report", "interval"]);
    let (End::Known(until) | End::About(until)) = end;
    if until.is_finite() && until / length > INTERVALS_MAX as f64 {
        let about = if matches!(end, End::About(_)) {
            "about "
        } else {
            ""
        };
        let message = format!(
            "`{path}` divides a run of {about}{until} into more than {INTERVALS_MAX} intervals"
        );
        return Err(Problem::value(&path, message).help("choose longer intervals"));
    }
    let end = match end {
        End::Known(until) => Some(until),
        End::About(_) => None,
    };
    Ok(Some(Intervals { length, end }))
}

/// The end of the intervals of a run.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The last instant of arrivals.
    Known(f64),
    /// The estimated length of a run that ends with its last customer.
    About(f64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_half_open_and_the_last_takes_its_end() {
        let intervals = Intervals {
            length: 10.0,
            end: Some(30.0),
        };
        assert_eq!(intervals.count(99.0), 3);
        let of = [0.0, 9.99, 10.0, 29.0, 30.0].map(|time| intervals.of(time));
        assert_eq!(of, [0, 0, 1, 2, 2]);
        let cut = Intervals {
            end: Some(25.0),
            ..intervals
        };
        assert_eq!((cut.count(99.0), cut.ending(2, 99.0)), (3, 25.0));
        let open = Intervals {
            end: None,
            ..intervals
        };
        assert_eq!((open.count(41.0), open.ending(4, 41.0)), (5, 41.0));
        assert_eq!(open.count(0.0), 1);
    }

    #[test]
    fn lengths_without_an_exact_form_leave_no_instant_out() {
        for length in [0.1, 0.3, 0.7, 1.0 / 3.0] {
            let intervals = Intervals { length, end: None };
            for index in 0..500 {
                let begin = intervals.begin(index);
                assert_eq!(intervals.of(begin), index);
                assert_eq!(intervals.of(begin.next_down()), index.saturating_sub(1));
                assert_eq!(intervals.count(begin), index.max(1));
            }
        }
    }

    #[test]
    fn a_span_of_time_is_split_among_the_intervals_it_touches() {
        let intervals = Intervals {
            length: 2.0,
            end: Some(7.0),
        };
        let mut pieces = Vec::new();
        intervals.split((1.0, 9.0), |index, from, to| pieces.push((index, from, to)));
        intervals.split((2.5, 2.75), |index, from, to| {
            pieces.push((index, from, to))
        });
        let whole = [(0, 1.0, 2.0), (1, 2.0, 4.0), (2, 4.0, 6.0), (3, 6.0, 7.0)];
        assert_eq!(pieces, [&whole[..], &[(1, 2.5, 2.75)]].concat());
    }
}
