//! The answer of a fit: the laws tried, their fit, and the text to paste into a scenario.

use super::chart::{Axis, Body, Chart, Frame, Ink, Line, Lines, Theme};
use crate::fit::{Fitted, Order, Sample, ruled_out_by_zeros};
use crate::random::Law;
use crate::random::laws::Parameter;
use serde_json::{Value, json};

/// The p-value below which a law does not fit.
const SIGNIFICANT: f64 = 0.05;

/// The distance below which distribution functions are equal for most purposes.
const CLOSE: f64 = 0.03;

/// Number of points of a chart.
const POINTS: usize = 240;

/// A fitted law and its p-value.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The law.
    pub fit: Fitted,
    /// By parametric bootstrap; `None` if there is none.
    pub p_value: Option<f64>,
}

impl Judged {
    /// Whether the p-value is large enough.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.p_value.is_some_and(|p| p >= SIGNIFICANT)
    }
}

/// The whole answer of a fit.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// The values.
    pub sample: &'a Sample,
    /// The findings on their order.
    pub order: Order,
    /// The laws, best first.
    pub fits: Vec<Judged>,
}

/// The advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A law fits.
    Fits,
    /// The best law is distinguishable from the values, but close to them.
    Close,
    /// No law is close: use the values themselves, drawn with replacement.
    Empirical,
    /// The order of the values matters: use the recording itself.
    Recording,
}

impl Answer<'_> {
    /// The recommended law: the best one that fits or, if none does, the best one.
    #[must_use]
    pub fn chosen(&self) -> Option<&Judged> {
        let fits = self.fits.iter().find(|judged| judged.fits());
        fits.or(self.fits.first())
    }

    /// The advice.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.chosen() {
            _ if self.order.matters() => Verdict::Recording,
            Some(chosen) if chosen.fits() => Verdict::Fits,
            Some(best) if best.fit.distance <= CLOSE => Verdict::Close,
            _ => Verdict::Empirical,
        }
    }

    /// The answer as a JSON document, with a line break at its end.
    #[must_use]
    pub fn json(&self) -> String {
        let best = self.fits.first().map_or(0.0, |best| best.fit.bic);
        let fits: Vec<Value> = self
            .fits
            .iter()
            .map(|judged| {
                json!({
                    "law": judged.fit.law.name(),
                    "toml": toml(&judged.fit.law),
                    "distance": judged.fit.distance,
                    "p_value": judged.p_value,
                    "bic_above_best": judged.fit.bic - best,
                })
            })
            .collect();
        let document = json!({
            "n": self.sample.len(),
            "mean": self.sample.mean(),
            "cv": self.sample.cv(),
            "zeros": self.sample.zeros(),
            "min": self.sample.least(),
            "max": self.sample.greatest(),
            "trend": self.order.trend,
            "autocorrelation": self.order.autocorrelation,
            "burstiness": self.order.burstiness,
            "verdict": match self.verdict() {
                Verdict::Fits => "fits",
                Verdict::Close => "close",
                Verdict::Empirical => "empirical",
                Verdict::Recording => "recording",
            },
            "law": self.chosen().map(|chosen| chosen.fit.law.name()),
            "fits": fits,
            "ruled_out_by_zeros": ruled_out_by_zeros(self.sample),
        });
        let mut text = serde_json::to_string_pretty(&document).expect("an answer is plain data");
        text.push('\n');
        text
    }
}

/// A law as written in a scenario, its parameters to six figures.
#[must_use]
pub fn toml(law: &Law) -> String {
    let parameters = law.parameters().into_iter().map(|(key, parameter)| {
        let value = match parameter {
            Parameter::Number(number) => format!("{:?}", rounded(number)),
            Parameter::Whole(number) => number.to_string(),
            Parameter::Numbers(numbers) => {
                let mut numbers: Vec<f64> = numbers.iter().map(|number| rounded(*number)).collect();
                // Rounded probabilities must still add up to 1.
                if key == "probabilities"
                    && let Some((last, others)) = numbers.split_last_mut()
                {
                    *last = ((1.0 - others.iter().sum::<f64>()) * 1e9).round() / 1e9;
                }
                format!("{numbers:?}")
            }
            _ => "..".to_owned(),
        };
        format!("{key} = {value}")
    });
    let parameters: Vec<String> = parameters.collect();
    format!("{{ {} = {{ {} }} }}", law.name(), parameters.join(", "))
}

fn rounded(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(number)
}

/// Places at which distribution functions are compared: most of them where most values are.
#[must_use]
pub fn places(sample: &Sample, count: usize) -> Vec<f64> {
    let high = quantile(sample, 0.98).max(sample.least());
    let low = if sample.least() < 0.2 * high {
        0.0
    } else {
        sample.least()
    };
    let step = (high - low).max(f64::MIN_POSITIVE) / count as f64;
    (0..=count).map(|place| low + place as f64 * step).collect()
}

/// The least value with at least this share of the values at or below it.
fn quantile(sample: &Sample, share: f64) -> f64 {
    let rank = (share * sample.len() as f64).ceil() as usize;
    let mut below = 0;
    let found = sample.distinct().iter().find(|(_, count)| {
        below += count;
        below >= rank
    });
    found.map_or(sample.greatest(), |(value, _)| *value)
}

/// Both distribution functions as an SVG chart.
#[must_use]
pub fn chart(answer: &Answer<'_>) -> String {
    let places = places(answer.sample, POINTS);
    let line = |name: String, ink, of: &dyn Fn(f64) -> f64, stepped| Line {
        name,
        ink,
        points: places.iter().map(|&place| (place, of(place))).collect(),
        band: Vec::new(),
        stepped,
    };
    let mut series = vec![line(
        "recorded".to_owned(),
        Ink::Series(0),
        &|x| answer.sample.cdf(x),
        true,
    )];
    if let Some(chosen) = answer.chosen() {
        let law = &chosen.fit.law;
        series.push(line(
            law.name().to_owned(),
            Ink::Series(1),
            &|x| law.cdf(x),
            law.is_whole(),
        ));
    }
    let body = Body::Lines(Lines {
        x: Axis::numbers("value"),
        y: Axis::shares("of the values are at most that"),
        series,
        marks: Vec::new(),
    });
    Chart::new("Recorded values and the law that fits best", body).svg(&Frame {
        id: "fit",
        width: Frame::SLIDE,
        theme: Theme::Light,
        titled: true,
    })
}
