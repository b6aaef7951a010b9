//! Arrivals of requests at a desk.

use crate::problem::{KeyPath, Problem};
use crate::random::Law;
use crate::scenario::arrivals::{check_rates, check_times, exactly_one};
use crate::scenario::data::series::Take;
use crate::scenario::input;
use crate::scenario::law;
use crate::scenario::law::For;
use crate::scenario::load::Door;
use crate::scenario::recording;
use crate::scenario::{Arrivals, Class, DeskArrivals, DeskHorizon, LineArrivals, RatePiece};

/// Checks the arrivals of one class.
pub(super) fn flow(
    form: input::ClassFlow,
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Arrivals, Problem> {
    exactly_one(
        at,
        &[
            ("interarrival", form.interarrival.is_some()),
            ("times", form.times.is_some()),
            ("rates", form.rates.is_some()),
            ("trace", form.trace.is_some()),
        ],
    )?;
    if let Some(law) = form.interarrival {
        return renewal(law, horizon, &at.key("interarrival"), door);
    }
    if let Some(form) = form.times {
        return times(form, horizon, &at.key("times"), door);
    }
    if let Some(form) = form.trace {
        let at = at.key("trace");
        let until = in_continuous_time(horizon, &at)?;
        if form.class.is_some() {
            let message = format!("`{at}` names a column of classes in the arrivals of one class");
            return Err(Problem::key(&at.key("class"), message)
                .help("choose its rows by `where`, or put the trace into `[arrivals]`"));
        }
        let recorded = recording::customers(form, &[], Take::Beyond(until), &at, door)?;
        let LineArrivals::Times(times) = recorded else {
            unreachable!("without classes a recording is its instants");
        };
        return Ok(Arrivals::Times(times));
    }
    let Some(rates) = form.rates else {
        unreachable!("exactly one of the keys is given");
    };
    desk_rates(rates, horizon, &at.key("rates"), door).map(Arrivals::Rates)
}

/// Checks the number of requests per arrival.
pub(super) fn check_batch(
    form: Option<input::Law>,
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Option<Law>, Problem> {
    let Some(form) = form else {
        return Ok(None);
    };
    in_continuous_time(horizon, at)?;
    let law = law::check(form, at, For::Count, door)?;
    if law.mean() <= 0.0 {
        let message = format!("`{at}` is always 0, so nobody ever comes");
        return Err(Problem::value(at, message).help("use a law whose mean is above 0"));
    }
    Ok(Some(law))
}

/// Checks the factor of all rates; none if it does not vary.
pub(super) fn check_busy_day(
    form: Option<input::BusyDay>,
    arrivals: &DeskArrivals,
    classes: &[Class],
    (at, horizon): (&KeyPath, DeskHorizon),
) -> Result<Option<f64>, Problem> {
    let Some(input::BusyDay { cv }) = form.filter(|form| form.cv > 0.0) else {
        return Ok(None);
    };
    let has_rate = |one: &Arrivals| matches!(one, Arrivals::Rates(_) | Arrivals::Renewal(_));
    let all = match arrivals {
        DeskArrivals::Shared(all) => has_rate(all),
        DeskArrivals::PerClass => {
            let own = classes.iter().filter_map(|class| class.arrivals.as_ref());
            own.into_iter().all(has_rate)
        }
        DeskArrivals::Recorded(_) => false,
    };
    if all {
        return Ok(Some(cv));
    }
    let message = "arrivals at given instants, or by a law of counts, have no rate that a busy day could raise";
    let help = match horizon {
        DeskHorizon::Steps(_) => "leave `busy_day` out, or give all arrivals by `rates`",
        DeskHorizon::Until { .. } => {
            "leave `busy_day` out, or give all arrivals by `interarrival` or `rates`"
        }
    };
    Err(Problem::key(at, message).help(help))
}

/// Checks the number of requests per step.
pub(super) fn per_step(
    law: input::Law,
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Arrivals, Problem> {
    if let DeskHorizon::Until { .. } = horizon {
        let message = format!("`{at}` counts arrivals by the step, but time is continuous");
        return Err(Problem::key(at, message)
            .also(KeyPath::to(&["horizon", "until"]))
            .help(
                "in continuous time arrivals have an `interarrival` law, `times` or `rates`, such as \
                 `interarrival = { exponential = { rate = 2.0 } }`",
            ));
    }
    law::check(law, at, For::Count, door).map(Arrivals::PerStep)
}

/// Refuses arrivals in continuous time if the desk is in steps.
fn in_continuous_time(horizon: DeskHorizon, at: &KeyPath) -> Result<f64, Problem> {
    match horizon {
        DeskHorizon::Until { until, .. } => Ok(until),
        DeskHorizon::Steps(_) => {
            let message = format!("`{at}` is for continuous time, but the desk goes by steps");
            Err(Problem::key(at, message)
                .also(KeyPath::to(&["steps"]))
                .help(
                    "in steps arrivals are counted by the step, such as `poisson = { mean = 7.5 }`; or \
                     `[horizon]` has an `until` in place of `steps`",
                ))
        }
    }
}

/// Checks independent times between arrivals.
fn renewal(
    law: input::Law,
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Arrivals, Problem> {
    let until = in_continuous_time(horizon, at)?;
    let before = std::mem::replace(&mut door.take, Take::SumBeyond(until));
    let law = law::check(law, at, For::Time, door);
    door.take = before;
    let law = law?;
    // If a mean gap hardly moves the clock, arrivals would not end.
    if law.mean() <= until * f64::EPSILON {
        let message = format!(
            "`{at}` has a mean of {}, so requests without end arrive before time {until}",
            law.mean()
        );
        return Err(Problem::value(at, message).also(KeyPath::to(&["horizon", "until"])));
    }
    Ok(Arrivals::Renewal(law))
}

/// Checks absolute times of arrival.
fn times(
    form: input::Times,
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Arrivals, Problem> {
    let until = in_continuous_time(horizon, at)?;
    check_times(form, at, Take::Beyond(until), door).map(Arrivals::Times)
}

/// Checks a table of rates; in steps its ends must be whole.
fn desk_rates(
    rates: input::Rates,
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Vec<RatePiece>, Problem> {
    let pieces = check_rates(rates, at, door)?;
    for (index, piece) in pieces.iter().enumerate() {
        if matches!(horizon, DeskHorizon::Steps(_)) && piece.until.fract() != 0.0 {
            let path = at.index(index).key("until");
            let message = format!("`{path}` is {}, not a whole step", piece.until);
            return Err(Problem::value(&path, message));
        }
    }
    Ok(pieces)
}

pub(super) fn check_arrivals(
    arrivals: input::DeskArrivals,
    classes: &[Class],
    horizon: DeskHorizon,
    door: &mut Door,
) -> Result<DeskArrivals, Problem> {
    let at = KeyPath::to(&["arrivals"]);
    exactly_one(
        &at,
        &[
            ("per_step", arrivals.per_step.is_some()),
            ("interarrival", arrivals.interarrival.is_some()),
            ("times", arrivals.times.is_some()),
            ("rates", arrivals.rates.is_some()),
            ("trace", arrivals.trace.is_some()),
        ],
    )?;
    let shared = if let Some(law) = arrivals.per_step {
        per_step(law, horizon, &at.key("per_step"), door)?
    } else if let Some(law) = arrivals.interarrival {
        renewal(law, horizon, &at.key("interarrival"), door)?
    } else if let Some(form) = arrivals.times {
        times(form, horizon, &at.key("times"), door)?
    } else if let Some(rates) = arrivals.rates {
        Arrivals::Rates(desk_rates(rates, horizon, &at.key("rates"), door)?)
    } else {
        return match arrivals.trace {
            Some(trace) => recording::read(trace, classes, horizon, &at.key("trace"), door),
            None => Ok(DeskArrivals::PerClass),
        };
    };
    Ok(DeskArrivals::Shared(shared))
}
