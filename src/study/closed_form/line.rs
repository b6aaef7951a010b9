//! The closed form of a line.
//!
//! One stage is Kendall's A/S/c or A/S/c/K; several without limits are Jackson's; several after a first stage that
//! always has work, with few places between, are a Markov chain. A single stage without a limit that is none of
//! these gets Allen and Cunneen's approximation.

use super::saturated::saturated;
use super::{ClosedForm, Trial, is_recorded, length, people, settles, settling, settling_within};
use crate::random::Law;
use crate::random::laws::Exponential;
use crate::scenario::{LineArrivals, Stage, Tandem};
use crate::theory::{NoAnswer, erlang, g_g_c, gi_m_1, jackson, m_d_c, m_g_1, m_m_c, m_m_c_k};

type Values = Vec<(String, f64)>;

/// The assumption that services are drawn.
pub(super) const NOT_RECORDED: &str = "services follow a law and are not recorded ones";

/// The assumption about the length of a run.
pub(super) const LONG_RUN: &str = "the run is long enough to forget that it began empty";

/// The largest K of an M/M/c/K that is summed.
const PLACES_MAX: u64 = 10_000_000;

pub(super) fn fit(line: &Tandem) -> ClosedForm {
    if !all_alike(line) {
        return people::fit(line);
    }
    if line.arrivals == LineArrivals::Saturated {
        return saturated(line);
    }
    let mut trial = Trial::new(model(line));
    let recorded = match &line.arrivals {
        LineArrivals::Times(_) => true,
        LineArrivals::Renewal(law) => is_recorded(law),
        _ => false,
    };
    trial.assume("arrivals follow a law and are not recorded ones", !recorded);
    let gaps = gaps(&line.arrivals);
    trial.assume(
        "the rate of arrivals does not change over time",
        gaps.is_some(),
    );
    let traced = |stage: &&Stage| is_recorded(stage.expect_plain().service);
    let fine = |name: String, at: Option<&Stage>| match at {
        Some(stage) => (format!("{name} (not so at {})", stage.name), false),
        None => (name, true),
    };
    let (name, holds) = fine(NOT_RECORDED.to_owned(), line.stages.iter().find(traced));
    trial.assume(name, holds);
    let Some(gaps) = gaps else {
        return trial.conclude(|| Ok(Vec::new()));
    };
    match line.stages.as_slice() {
        [stage] => single(line, &gaps, stage, trial),
        stages => {
            trial.assume("arrivals are a Poisson process", gaps.is_exponential());
            let (name, holds) = fine(
                "every service is exponential".to_owned(),
                stages
                    .iter()
                    .find(|stage| !stage.expect_plain().service.is_exponential()),
            );
            trial.assume(name, holds);
            let (name, holds) = fine(
                "no stage has a finite buffer".to_owned(),
                stages.iter().find(|stage| stage.buffer.is_some()),
            );
            trial.assume(name, holds);
            steady(&mut trial, line, &gaps);
            trial.conclude(|| series(line, 1.0 / gaps.mean()))
        }
    }
}

/// Whether customers are alike and come one by one, stages are plain, and the line drains.
pub(super) fn all_alike(line: &Tandem) -> bool {
    line.classes.is_empty()
        && line.batch.is_none()
        && line.busy_day.is_none()
        && !line.stop
        && line.stages.iter().all(|stage| stage.plain().is_some())
}

/// The law of the time between arrivals, if they are a renewal process.
pub(super) fn gaps(arrivals: &LineArrivals) -> Option<Law> {
    match arrivals {
        LineArrivals::Renewal(law) => Some(law.clone()),
        LineArrivals::Rates(pieces) => {
            let first = pieces.first()?;
            let same = pieces.iter().all(|piece| piece.rate == first.rate);
            let mean = 1.0 / first.rate;
            (same && first.rate > 0.0).then_some(Law::Exponential(Exponential { mean }))
        }
        // A Poisson process instead, only to list the other assumptions.
        LineArrivals::Times(_) => Some(Law::Exponential(Exponential { mean: 1.0 })),
        LineArrivals::Saturated
        | LineArrivals::Recorded { .. }
        | LineArrivals::PerClass(_)
        | LineArrivals::Population(_) => None,
    }
}

/// The closest form.
fn model(line: &Tandem) -> String {
    let gaps = gaps(&line.arrivals);
    let poisson = gaps.as_ref().is_none_or(Law::is_exponential);
    let [stage] = line.stages.as_slice() else {
        let single = line
            .stages
            .iter()
            .all(|stage| stage.expect_plain().servers == 1);
        let letter = if single { "1" } else { "c" };
        return format!("M/M/{letter} in series (Jackson)");
    };
    let c = stage.expect_plain().servers;
    let service = letter(stage.expect_plain().service);
    if let Some(places) = stage.places() {
        return if stage.buffer == Some(0) {
            format!(
                "M/{}/{c}/{c} (Erlang B)",
                if service == "M" { "M" } else { "G" }
            )
        } else {
            format!("M/M/{c}/{places}")
        };
    }
    match (poisson, service, c) {
        (true, "M", 1) => "M/M/1".to_owned(),
        (true, "M", c) => format!("M/M/{c} (Erlang C)"),
        (true, "D", c) => format!("M/D/{c}"),
        (true, _, 1) => "M/G/1 (Pollaczek-Khinchine)".to_owned(),
        (false, "M", 1) => format!("{}/M/1", gaps.as_ref().map_or("GI", renewal_letter)),
        (_, _, c) => format!("G/G/{c} (Allen-Cunneen, approximate)"),
    }
}

fn letter(law: &Law) -> &'static str {
    if law.is_exponential() {
        "M"
    } else if law.variance() == 0.0 {
        "D"
    } else {
        "G"
    }
}

fn renewal_letter(law: &Law) -> &'static str {
    match letter(law) {
        "D" => "D",
        _ => "GI",
    }
}

/// Checks the last assumption of all forms of a line without end: that there is a steady state, and time to reach
/// it.
fn steady(trial: &mut Trial, line: &Tandem, gaps: &Law) {
    let lambda = 1.0 / gaps.mean();
    let load = |stage: &Stage| {
        lambda * stage.expect_plain().service.mean() / f64::from(stage.expect_plain().servers)
    };
    let unlimited = || line.stages.iter().filter(|stage| stage.buffer.is_none());
    let over = unlimited().find(|stage| load(stage) >= 1.0 || load(stage).is_nan());
    // A stage with a limit has a steady state at any load.
    if unlimited().next().is_some() {
        let not_so = over.map_or(String::new(), |stage| {
            format!(" (not so at {})", stage.name)
        });
        let name = format!("the load of every stage is below 1{not_so}");
        trial.assume(name, over.is_none());
    }
    let of_stage = |stage: &Stage| {
        let spread = gaps.cv2() + stage.expect_plain().service.cv2();
        let pace = f64::from(stage.expect_plain().servers) / stage.expect_plain().service.mean();
        let free = settling(load(stage), spread, pace);
        let places = stage.places();
        places.map_or(free, |places| {
            free.min(settling_within(places as f64, lambda, spread))
        })
    };
    let settling = line.stages.iter().map(of_stage).fold(0.0, f64::max);
    trial.assume(LONG_RUN, settles(length(line, lambda), settling));
}

/// One stage.
fn single(line: &Tandem, gaps: &Law, stage: &Stage, mut trial: Trial) -> ClosedForm {
    let lambda = 1.0 / gaps.mean();
    let (mean, c) = (
        stage.expect_plain().service.mean(),
        stage.expect_plain().servers,
    );
    let mu = 1.0 / mean;
    if let Some(places) = stage.places() {
        trial.assume("arrivals are a Poisson process", gaps.is_exponential());
        let insensitive = stage.buffer == Some(0);
        if !insensitive {
            trial.assume(
                "services are exponential",
                stage.expect_plain().service.is_exponential(),
            );
        }
        trial.assume(
            "the buffer is of a size that can be summed over",
            places <= PLACES_MAX,
        );
        trial.assume("a service takes time", mean > 0.0);
        steady(&mut trial, line, gaps);
        return trial.conclude(|| finite(lambda, mu, c, places as u32, insensitive));
    }
    trial.assume("a service takes time", mean > 0.0);
    steady(&mut trial, line, gaps);
    let poisson = gaps.is_exponential();
    let kind = letter(stage.expect_plain().service);
    if poisson {
        trial.assume("arrivals are a Poisson process", true);
    }
    match (poisson, kind, c) {
        (true, "M", _) => {
            trial.assume("services are exponential", true);
            trial.conclude(|| exponential(lambda, mu, c))
        }
        (true, "D", 2..) => {
            trial.assume("services are all alike", true);
            trial.conclude(|| {
                let mut values = at_one(lambda, m_d_c::waiting_mean(lambda, mean, c)?, stage);
                let waited = m_d_c::waited_fraction(lambda, mean, c)?;
                both(&mut values, "waited_fraction", waited);
                Ok(values)
            })
        }
        (true, _, 1) => {
            let variance = stage.expect_plain().service.variance();
            trial.assume("services have a variance", variance.is_finite());
            trial.conclude(|| pollaczek(lambda, stage))
        }
        (false, "M", 1) => {
            trial.assume("times between arrivals are independent", true);
            trial.assume("services are exponential", true);
            trial.conclude(|| {
                let transform = |s: f64| gaps.laplace(s).unwrap_or(f64::NAN);
                let solved = gi_m_1::solve(gaps.mean(), transform, mu)?;
                let mut values = at_one(lambda, solved.mean(), stage);
                both(&mut values, "waited_fraction", solved.sigma);
                values.push(("waiting.sd".to_owned(), solved.sd()));
                quantiles(&mut values, |p| solved.quantile(p))?;
                Ok(values)
            })
        }
        _ => {
            trial.approximation = true;
            trial.assume("times between arrivals are independent", true);
            let (ca2, cs2) = (gaps.cv2(), stage.expect_plain().service.cv2());
            trial.assume(
                "times between arrivals and services have variances",
                ca2.is_finite() && cs2.is_finite(),
            );
            trial.conclude(|| {
                let wait = g_g_c::approximate_waiting_mean(lambda, mu, c, ca2, cs2)?;
                Ok(at_one(lambda, wait, stage))
            })
        }
    }
}

/// Adds the measures that follow from the mean wait at the only stage by Little's law.
fn at_one(lambda: f64, wait: f64, stage: &Stage) -> Values {
    let service = stage.expect_plain().service.mean();
    let mut values = vec![
        ("waiting.mean".to_owned(), wait),
        ("service.mean".to_owned(), service),
        ("sojourn.mean".to_owned(), wait + service),
        ("throughput".to_owned(), lambda),
        ("stages.0.waiting.mean".to_owned(), wait),
    ];
    let load = lambda * service / f64::from(stage.expect_plain().servers);
    values.push(("stages.0.utilisation".to_owned(), load));
    values.push(("stages.0.queue_length.mean".to_owned(), lambda * wait));
    values
}

/// The share of customers who wait, which at one stage is also the mean number of queues joined.
fn both(values: &mut Values, key: &str, share: f64) {
    values.push((format!("stages.0.{key}"), share));
    values.push(("queues_joined.mean".to_owned(), share));
}

fn quantiles(
    values: &mut Values,
    of: impl Fn(f64) -> Result<f64, NoAnswer>,
) -> Result<(), NoAnswer> {
    for (name, p) in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)] {
        values.push((format!("waiting.{name}"), of(p)?));
    }
    Ok(())
}

/// M/M/c.
fn exponential(lambda: f64, mu: f64, c: u32) -> Result<Values, NoAnswer> {
    let service = Law::Exponential(Exponential { mean: 1.0 / mu });
    let stage = Stage::new("", c, service);
    let mut values = at_one(lambda, m_m_c::waiting_mean(lambda, mu, c)?, &stage);
    both(
        &mut values,
        "waited_fraction",
        m_m_c::waited_fraction(lambda, mu, c)?,
    );
    let sd = m_m_c::waiting_sd(lambda, mu, c)?;
    values.push(("waiting.sd".to_owned(), sd));
    values.push(("stages.0.waiting.sd".to_owned(), sd));
    values.push(("sojourn.sd".to_owned(), m_m_c::sojourn_sd(lambda, mu, c)?));
    quantiles(&mut values, |p| m_m_c::waiting_quantile(lambda, mu, c, p))?;
    Ok(values)
}

/// M/G/1.
fn pollaczek(lambda: f64, stage: &Stage) -> Result<Values, NoAnswer> {
    let (mean, variance) = (
        stage.expect_plain().service.mean(),
        stage.expect_plain().service.variance(),
    );
    let mut values = at_one(lambda, m_g_1::waiting_mean(lambda, mean, variance)?, stage);
    both(&mut values, "waited_fraction", lambda * mean);
    let third = stage.expect_plain().service.third_moment();
    let sd = m_g_1::waiting_sd(lambda, mean, variance, third)?;
    values.push(("waiting.sd".to_owned(), sd));
    values.push(("stages.0.waiting.sd".to_owned(), sd));
    values.push(("sojourn.sd".to_owned(), sd.hypot(variance.sqrt())));
    Ok(values)
}

/// M/M/c/K, and with no waiting places M/G/c/c.
fn finite(lambda: f64, mu: f64, c: u32, k: u32, insensitive: bool) -> Result<Values, NoAnswer> {
    let (mut solved, b) = (
        m_m_c_k::solve(lambda, mu, c, k)?,
        erlang::b(lambda / mu, c)?,
    );
    if insensitive {
        solved.loss = b;
    }
    let mut values = vec![
        ("lost.total".to_owned(), solved.loss),
        ("throughput".to_owned(), solved.throughput),
        ("waiting.mean".to_owned(), solved.waiting_mean),
        ("service.mean".to_owned(), 1.0 / mu),
        ("sojourn.mean".to_owned(), solved.waiting_mean + 1.0 / mu),
        ("stages.0.waiting.mean".to_owned(), solved.waiting_mean),
        ("stages.0.utilisation".to_owned(), solved.utilisation),
        (
            "stages.0.queue_length.mean".to_owned(),
            solved.queue_length_mean,
        ),
    ];
    both(&mut values, "waited_fraction", solved.waited_fraction);
    Ok(values)
}

/// Stages in series without limits, all exponential.
fn series(line: &Tandem, lambda: f64) -> Result<Values, NoAnswer> {
    let rate = |stage: &Stage| jackson::Stage {
        mu: 1.0 / stage.expect_plain().service.mean(),
        c: stage.expect_plain().servers,
    };
    let stages: Vec<jackson::Stage> = line.stages.iter().map(rate).collect();
    let service: f64 = line
        .stages
        .iter()
        .map(|stage| stage.expect_plain().service.mean())
        .sum();
    let mut values = vec![
        (
            "waiting.mean".to_owned(),
            jackson::waiting_mean(lambda, &stages)?,
        ),
        ("service.mean".to_owned(), service),
        (
            "sojourn.mean".to_owned(),
            jackson::sojourn_mean(lambda, &stages)?,
        ),
        ("throughput".to_owned(), lambda),
    ];
    if stages.iter().all(|stage| stage.c == 1) {
        values.push((
            "sojourn.sd".to_owned(),
            jackson::sojourn_sd(lambda, &stages)?,
        ));
    }
    let joined = jackson::queues_joined_mean(lambda, &stages)?;
    values.push(("queues_joined.mean".to_owned(), joined));
    for (at, &jackson::Stage { mu, c }) in stages.iter().enumerate() {
        let mut push = |key: &str, value| values.push((format!("stages.{at}.{key}"), value));
        push("waiting.mean", m_m_c::waiting_mean(lambda, mu, c)?);
        push("waiting.sd", m_m_c::waiting_sd(lambda, mu, c)?);
        push("waited_fraction", m_m_c::waited_fraction(lambda, mu, c)?);
        push("utilisation", lambda / mu / f64::from(c));
        push(
            "queue_length.mean",
            m_m_c::queue_length_mean(lambda, mu, c)?,
        );
    }
    Ok(values)
}
