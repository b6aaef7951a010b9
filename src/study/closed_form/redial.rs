//! The closed form of a desk whose callers retry: its Markov chain, while that is small.

use super::calls::{Calls, Values, levels, services_are_alike};
use super::{ClosedForm, Trial};
use crate::random::Law;
use crate::scenario::{Class, Desk, Loss, Retry};
use crate::theory::redial::Redial;

/// The probability of one more try than allowed below which the limit does not matter.
const MORE: f64 = 1e-9;

/// The form for one class, after the assumptions common to all calls.
pub(super) fn fit(
    desk: &Desk,
    calls: &Calls,
    (speed, places): (f64, Option<u64>),
    mut trial: Trial,
) -> ClosedForm {
    trial.assume("nobody goes down", desk.faults.every.is_none());
    trial.assume("there is one class of requests", desk.classes.len() == 1);
    trial.assume("services are exponential", services_are_alike(desk));
    let class = &desk.classes[0];
    let exponential = |law: &Law| law.is_exponential();
    if let Some(patience) = &class.patience {
        trial.assume("patience is exponential", exponential(patience));
    }
    let retry = class.retry.as_ref();
    trial.assume(
        "clients come again after an exponential time",
        retry.is_some_and(|retry| exponential(&retry.delay)),
    );
    trial.assume(
        "they do so as often as they like",
        retry.is_some_and(|retry| retry.most.is_none_or(|most| never_all(retry, most))),
    );
    trial.assume(
        "some are lost",
        places.is_some() || class.patience.is_some(),
    );
    trial.conclude(|| values(desk, calls, class, (speed, places)))
}

/// Whether hardly any client uses up its tries, even if all of them are lost.
fn never_all(retry: &Retry, most: u64) -> bool {
    let most = i32::try_from(most).unwrap_or(i32::MAX);
    retry.probability.powi(most) < MORE
}

fn values(
    desk: &Desk,
    calls: &Calls,
    class: &Class,
    (speed, places): (f64, Option<u64>),
) -> Values {
    let retry = class.retry.as_ref();
    let again = |loss| match retry {
        Some(retry) if retry.after.contains(&loss) => retry.probability,
        _ => 0.0,
    };
    let places = places.map(|places| u32::try_from(places).unwrap_or(u32::MAX));
    // With fewer places than attendants, the surplus attendants are always idle.
    let c = calls.attendants.min(places.unwrap_or(u32::MAX));
    let solved = Redial {
        lambda: calls.lambda,
        mu: calls.mu,
        c,
        places,
        theta: class.patience.as_ref().map_or(0.0, |law| 1.0 / law.mean()),
        nu: retry.map_or(1.0, |retry| 1.0 / retry.delay.mean()),
        again_rejected: again(Loss::Rejected),
        again_abandoned: again(Loss::Abandoned),
    }
    .solve()?;
    let busy = solved.utilisation * f64::from(c) / f64::from(calls.attendants);
    let sojourn = solved.waiting_mean + class.service.mean() / speed;
    let mut values = vec![
        ("waiting.mean", solved.waiting_mean),
        ("sojourn.mean", sojourn),
        ("waited_fraction", solved.waited_fraction),
        ("lost.total", solved.rejected + solved.abandoned),
    ];
    if places.is_some() {
        values.push(("lost.rejected", solved.rejected));
    }
    if class.patience.is_some() {
        values.push(("lost.abandoned", solved.abandoned));
        values.push(("time_to_abandon.mean", solved.time_to_abandon_mean));
    }
    values.extend([
        ("tries_per_client", solved.tries_per_client),
        ("goodput", solved.throughput),
        ("occupancy", busy),
    ]);
    let named = values.into_iter();
    let mut values = named.map(|(key, value)| (key.to_owned(), value)).collect();
    levels(desk, calls, &mut values, |level| {
        Ok(solved.answered_within(level.within))
    })?;
    Ok(values)
}
