//! A sparkline: a course as small as a word, to stand beside a number.

use super::Frame;
use super::ink::Ink;
use super::pen::Pen;
use super::scale::{Scale, range};
use super::thin::thinned;

/// How high a sparkline is, in units of its frame.
const HEIGHT: f64 = 28.0;

/// Draws values, one after the other, from zero up; `title` says what they are.
#[must_use]
pub fn spark(values: &[f64], ink: Ink, title: &str, frame: &Frame<'_>) -> String {
    let mut pen = Pen::new(*frame);
    let (low, high) = range(values.iter().copied()).unwrap_or((0.0, 1.0));
    let (low, high) = (low.min(0.0), high.max(0.0));
    let x = Scale {
        low: 0.0,
        high: (values.len().max(2) - 1) as f64,
        places: (2.0, frame.width - 4.0),
    };
    let y = Scale {
        low,
        high: if high > low { high } else { low + 1.0 },
        places: (HEIGHT - 3.0, 3.0),
    };
    pen.grid((0.0, y.at(0.0)), (frame.width, y.at(0.0)));
    let points = (0..).map(f64::from).zip(values.iter().copied());
    let points: Vec<_> = points.filter(|point| point.1.is_finite()).collect();
    let places: Vec<_> = thinned(&points, frame.width as usize)
        .into_iter()
        .map(|(at, value)| (x.at(at), y.at(value)))
        .collect();
    let mut under = places.clone();
    if let (Some(first), Some(last)) = (places.first(), places.last()) {
        under.extend([(last.0, y.at(0.0)), (first.0, y.at(0.0))]);
    }
    pen.band(&under, ink);
    pen.line(&places, ink, 1.5);
    if let Some(&last) = places.last() {
        pen.dot(last, 2.2, ink);
    }
    let says = match points.last() {
        Some((_, last)) => format!(
            "{} values between {} and {}, at last {}.",
            points.len(),
            crate::report::number::plain(low),
            crate::report::number::plain(high),
            crate::report::number::plain(*last)
        ),
        None => "No values yet.".to_owned(),
    };
    pen.finish(title, &says, HEIGHT).svg()
}
