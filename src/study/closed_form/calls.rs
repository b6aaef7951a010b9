//! The closed forms of a desk in continuous time: Erlang B, C and A, M/M/c/K, M/M/c with breakdowns, and priorities
//! without preemption; the assumptions they share, also with callers who retry (`redial`).

use super::desk::{assume_once, assume_plain_staff};
use super::line::{LONG_RUN, NOT_RECORDED};
use super::{ClosedForm, Trial, is_long, is_recorded, redial, settling, settling_within};
use crate::random::Law;
use crate::scenario::{
    Arrivals, Class, Desk, DeskArrivals, FaultClock, InterruptedWork, Queue, ServiceLevel, Skill,
};
use crate::theory::faulty_calls::{Fails, FaultyCalls};
use crate::theory::preemptive::Class as Stream;
use crate::theory::{NoAnswer, m_m_c, m_m_c_abandonment, m_m_c_k, priorities};

/// The largest K of an M/M/c/K that is summed.
const PLACES_MAX: u64 = 10_000_000;

pub(super) type Values = Result<Vec<(String, f64)>, NoAnswer>;

/// The parameters of the formulas for a desk.
pub(super) struct Calls {
    /// Arrivals of each class per unit of time.
    lambdas: Vec<f64>,
    /// Arrivals of all classes per unit of time.
    pub(super) lambda: f64,
    /// Services of one attendant per unit of time.
    pub(super) mu: f64,
    pub(super) attendants: u32,
}

pub(super) fn fit(desk: &Desk) -> ClosedForm {
    let patient = desk.classes.iter().all(|class| class.patience.is_none());
    let first = desk.classes[0].priority;
    let ranked = desk.classes.iter().any(|class| class.priority != first);
    let again = desk.classes.iter().any(|class| class.retry.is_some());
    let places = desk.places();
    let mut trial = Trial::new(match (ranked, patient, places) {
        _ if again => "redial (M/M/c with retrials)",
        (true, ..) => "priorities without preemption (Cobham)",
        (_, false, _) => "Erlang A (M/M/c + M)",
        (_, _, Some(places)) if places == desk.attendants() => "Erlang B (M/M/c/c)",
        (_, _, Some(_)) => "M/M/c/K",
        _ => "Erlang C (M/M/c)",
    });
    let lambdas = lambdas(desk);
    trial.assume("arrivals are a Poisson process", lambdas.is_some());
    trial.assume("no fault is scripted", desk.faults.script.is_empty());
    if again {
        let stays = desk.classes.iter().all(|class| class.timeout.is_none());
        trial.assume("no client waits for its answer only so long", stays);
    } else {
        assume_once(&mut trial, desk);
    }
    assume_plain_staff(&mut trial, desk);
    let speed = common_speed(desk);
    trial.assume(
        "attendants are alike and serve every class alike",
        speed.is_some(),
    );
    let one_queue = desk.queue == Queue::Central || desk.servers.len() == 1;
    trial.assume("all requests wait in one queue", one_queue);
    let keeps_all_busy = desk.servers.iter().all(|server| {
        let all = server.attendants.len() as u64;
        server.capacity.is_none_or(|most| most >= all)
    });
    trial.assume(
        "every server can hold a request for each of its attendants",
        keeps_all_busy,
    );
    let passes = desk.queue == Queue::Central || desk.buffer != Some(0);
    trial.assume("the buffer, which all pass, has a place", passes);
    let recorded = desk.classes.iter().any(|class| is_recorded(&class.service));
    trial.assume(NOT_RECORDED, !recorded);
    let lambdas = lambdas.unwrap_or_default();
    let lambda: f64 = lambdas.iter().sum();
    let speed = speed.unwrap_or(1.0);
    let settling = settling_of(desk, &lambdas, (speed, places));
    let long = is_long((desk.span(), desk.warm_up), lambda, settling);
    trial.assume(LONG_RUN, long);
    let calls = Calls {
        lambda,
        lambdas,
        mu: speed / desk.classes[0].service.mean(),
        attendants: u32::try_from(desk.attendants()).unwrap_or(u32::MAX),
    };
    if again {
        return redial::fit(desk, &calls, (speed, places), trial);
    }
    if ranked {
        trial.assume("nobody goes down", desk.faults.every.is_none());
        trial.assume("nobody gives up", patient);
        trial.assume("there is no limit of requests", places.is_none());
        return with_priorities(desk, &calls, speed, trial);
    }
    trial.assume(
        "services are exponential, of one mean for all classes",
        services_are_alike(desk),
    );
    if let Some(every) = &desk.faults.every {
        trial.model = "M/M/c with breakdowns".to_owned();
        trial.assume("nobody gives up", patient);
        trial.assume("there is no limit of requests", places.is_none());
        return with_faults(desk, &calls, every, trial);
    }
    if !patient {
        return with_patience(desk, &calls, places, trial);
    }
    match places {
        Some(places) => {
            trial.assume(
                format!("there are at most {PLACES_MAX} places"),
                places <= PLACES_MAX,
            );
            trial.conclude(|| limited(desk, &calls, places))
        }
        None => trial.conclude(|| unlimited(desk, &calls)),
    }
}

/// The time in which a desk settles: shorter if requests find no place, or give up.
fn settling_of(desk: &Desk, lambdas: &[f64], (speed, places): (f64, Option<u64>)) -> f64 {
    let all = joined(desk.classes.iter().zip(lambdas), speed);
    let pace = desk.attendants() as f64 / all.mean;
    let spread = 1.0 + all.variance / (all.mean * all.mean);
    let free = settling(all.lambda / pace, spread, pace);
    let within = places.map(|places| settling_within(places as f64, all.lambda, spread));
    let patience: Option<Vec<f64>> = desk
        .classes
        .iter()
        .map(|class| class.patience.as_ref().map(Law::mean))
        .collect();
    let longest = patience.map(|means| means.into_iter().fold(0.0, f64::max));
    within.into_iter().chain(longest).fold(free, f64::min)
}

/// The rate of each class, if all arrivals are Poisson with a constant rate, one at a time, on days that are alike.
fn lambdas(desk: &Desk) -> Option<Vec<f64>> {
    let mut batches = desk.classes.iter().map(|class| &class.batch);
    if desk.busy_day.is_some() || desk.batch.is_some() || batches.any(Option::is_some) {
        return None;
    }
    let rate = |arrivals: &Arrivals| match arrivals {
        Arrivals::Renewal(law) if law.is_exponential() => Some(1.0 / law.mean()),
        Arrivals::Rates(pieces) if pieces.windows(2).all(|two| two[0].rate == two[1].rate) => {
            Some(pieces.first()?.rate)
        }
        _ => None,
    };
    match &desk.arrivals {
        DeskArrivals::Shared(all) => {
            let rate = rate(all)?;
            let shares = desk.classes.iter().map(|class| class.share);
            Some(shares.map(|share| share * rate).collect())
        }
        DeskArrivals::PerClass => {
            let own = desk.classes.iter();
            own.map(|class| rate(class.arrivals.as_ref()?)).collect()
        }
        DeskArrivals::Recorded(_) => None,
    }
}

/// The speed of every attendant, if all serve all classes at one rank and speed.
fn common_speed(desk: &Desk) -> Option<f64> {
    let everyone = || desk.servers.iter().flat_map(|server| &server.attendants);
    let first: &Skill = everyone().next()?.first()?;
    let alike = |skills: &Vec<Skill>| {
        skills.len() == desk.classes.len()
            && skills
                .iter()
                .all(|skill| (skill.rank, skill.speed) == (first.rank, first.speed))
    };
    everyone().all(alike).then_some(first.speed)
}

pub(super) fn services_are_alike(desk: &Desk) -> bool {
    let mean = desk.classes[0].service.mean();
    let alike = |class: &Class| class.service.is_exponential() && class.service.mean() == mean;
    desk.classes.iter().all(alike)
}

/// Adds a value for the desk and, since the formula does not distinguish the classes, for each of them.
fn for_all(desk: &Desk, values: &mut Vec<(String, f64)>, key: &str, value: f64) {
    values.push((key.to_owned(), value));
    if desk.classes.len() > 1 {
        let each = (0..desk.classes.len()).map(|at| (format!("classes.{at}.{key}"), value));
        values.extend(each);
    }
}

/// Adds the share of requests offered that were answered in time, for each class that has a service level.
pub(super) fn levels(
    desk: &Desk,
    calls: &Calls,
    values: &mut Vec<(String, f64)>,
    within: impl Fn(ServiceLevel) -> Result<f64, NoAnswer>,
) -> Result<(), NoAnswer> {
    let (mut all, mut in_time) = (0.0, 0.0);
    for (at, class) in desk.classes.iter().enumerate() {
        if let Some(level) = class.service_level {
            let share = within(level)?;
            let key = format!("classes.{at}.service_level.of_offered");
            values.push((key, share));
            all += calls.lambdas[at];
            in_time += calls.lambdas[at] * share;
        }
    }
    if all > 0.0 {
        values.push(("service_level.of_offered".to_owned(), in_time / all));
    }
    Ok(())
}

/// No request is lost: Erlang C.
fn unlimited(desk: &Desk, calls: &Calls) -> Values {
    let (lambda, mu, c) = (calls.lambda, calls.mu, calls.attendants);
    let mut values = Vec::new();
    let waited = m_m_c::waited_fraction(lambda, mu, c)?;
    let waiting = m_m_c::waiting_mean(lambda, mu, c)?;
    for_all(desk, &mut values, "waiting.mean", waiting);
    for_all(desk, &mut values, "sojourn.mean", waiting + 1.0 / mu);
    for_all(desk, &mut values, "waited_fraction", waited);
    values.push(("occupancy".to_owned(), lambda / mu / f64::from(c)));
    values.push((
        "waiting.p95".to_owned(),
        m_m_c::waiting_quantile(lambda, mu, c, 0.95)?,
    ));
    let left = f64::from(c) * mu - lambda;
    levels(desk, calls, &mut values, |level| {
        Ok(1.0 - waited * libm::exp(-left * level.within))
    })?;
    Ok(values)
}

/// With a limited number of places in all: Erlang B and M/M/c/K.
fn limited(desk: &Desk, calls: &Calls, places: u64) -> Values {
    let (lambda, mu) = (calls.lambda, calls.mu);
    let k = u32::try_from(places).unwrap_or(u32::MAX);
    // With fewer places than attendants, the surplus attendants are always idle.
    let c = calls.attendants.min(k);
    let solved = m_m_c_k::solve(lambda, mu, c, k)?;
    let mut values = Vec::new();
    for_all(desk, &mut values, "waiting.mean", solved.waiting_mean);
    for_all(
        desk,
        &mut values,
        "sojourn.mean",
        solved.waiting_mean + 1.0 / mu,
    );
    for_all(desk, &mut values, "waited_fraction", solved.waited_fraction);
    for_all(desk, &mut values, "lost.rejected", solved.loss);
    for_all(desk, &mut values, "lost.total", solved.loss);
    let busy = solved.utilisation * f64::from(c) / f64::from(calls.attendants);
    values.push(("occupancy".to_owned(), busy));
    levels(desk, calls, &mut values, |level| {
        m_m_c_k::answered_within(lambda, mu, c, k, level.within)
    })?;
    Ok(values)
}

/// Attendants that go down and come up.
fn with_faults(desk: &Desk, calls: &Calls, every: &Law, mut trial: Trial) -> ClosedForm {
    let faults = &desk.faults;
    let repair = faults.repair.as_ref().filter(|law| law.is_exponential());
    trial.assume(
        "times to a fault and repairs are exponential",
        every.is_exponential() && repair.is_some(),
    );
    trial.assume(
        "an interruption undoes no work and fails no request",
        faults.work == InterruptedWork::Resume && desk.max_attempts.is_none(),
    );
    trial.conclude(|| {
        let solved = FaultyCalls {
            lambda: calls.lambda,
            mu: calls.mu,
            c: calls.attendants,
            fault_rate: 1.0 / every.mean(),
            fails: match faults.clock {
                FaultClock::Calendar => Fails::WhileUp,
                FaultClock::Busy => Fails::WhileBusy,
            },
            repair_rate: 1.0 / repair.map_or(1.0, Law::mean),
            crew: faults
                .crew
                .unwrap_or(calls.attendants)
                .min(calls.attendants),
        }
        .solve()?;
        let mut values = Vec::new();
        for_all(desk, &mut values, "sojourn.mean", solved.sojourn_mean);
        values.push(("occupancy".to_owned(), solved.occupancy));
        values.push(("faults.availability".to_owned(), solved.availability));
        Ok(values)
    })
}

/// Erlang A.
fn with_patience(desk: &Desk, calls: &Calls, places: Option<u64>, mut trial: Trial) -> ClosedForm {
    let patience = |class: &Class| match &class.patience {
        Some(law) if law.is_exponential() => Some(law.mean()),
        _ => None,
    };
    let mean = patience(&desk.classes[0]);
    let alike = desk.classes.iter().all(|class| patience(class) == mean);
    trial.assume(
        "patience is exponential, of one mean for all classes",
        alike && mean.is_some(),
    );
    trial.assume("there is no limit of requests", places.is_none());
    trial.conclude(|| {
        let theta = 1.0 / mean.unwrap_or(1.0);
        let (lambda, mu, c) = (calls.lambda, calls.mu, calls.attendants);
        let solved = m_m_c_abandonment::solve(lambda, mu, theta, c)?;
        let mut values = Vec::new();
        for_all(desk, &mut values, "waiting.mean", solved.waiting_mean);
        let sojourn = solved.waiting_mean + 1.0 / mu;
        for_all(desk, &mut values, "sojourn.mean", sojourn);
        let gave_up = solved.time_to_abandon_mean;
        for_all(desk, &mut values, "time_to_abandon.mean", gave_up);
        for_all(desk, &mut values, "waited_fraction", solved.waited_fraction);
        for_all(desk, &mut values, "lost.abandoned", solved.abandoned);
        for_all(desk, &mut values, "lost.total", solved.abandoned);
        values.push(("occupancy".to_owned(), solved.utilisation));
        levels(desk, calls, &mut values, |level| {
            Ok(solved.answered_within(level.within))
        })?;
        Ok(values)
    })
}

/// Cobham's waits: for one attendant with any services, for several with one exponential law.
fn with_priorities(desk: &Desk, calls: &Calls, speed: f64, mut trial: Trial) -> ClosedForm {
    trial.assume(
        "there is one attendant, or services are exponential of one mean for all classes",
        calls.attendants == 1 || services_are_alike(desk),
    );
    trial.conclude(|| {
        let mut ranks: Vec<i64> = desk.classes.iter().map(|class| class.priority).collect();
        ranks.sort_unstable_by(|one, other| other.cmp(one));
        ranks.dedup();
        let of = |rank: i64| {
            let classes = desk.classes.iter().zip(&calls.lambdas);
            classes.filter(move |(class, _)| class.priority == rank)
        };
        let waits = match calls.attendants {
            1 => priorities::one_server(
                &ranks
                    .iter()
                    .map(|&rank| joined(of(rank), speed))
                    .collect::<Vec<_>>(),
            )?,
            c => {
                let lambdas = ranks
                    .iter()
                    .map(|&rank| of(rank).map(|(_, lambda)| lambda).sum());
                priorities::many_servers(&lambdas.collect::<Vec<f64>>(), calls.mu, c)?
            }
        };
        let mut values = Vec::new();
        let (mut all, mut work) = (0.0, 0.0);
        for (at, class) in desk.classes.iter().enumerate() {
            let rank = ranks.iter().position(|&rank| rank == class.priority);
            let wait = waits[rank.unwrap_or(0)];
            let service = class.service.mean() / speed;
            values.push((format!("classes.{at}.waiting.mean"), wait));
            values.push((format!("classes.{at}.sojourn.mean"), wait + service));
            all += calls.lambdas[at] * wait / calls.lambda;
            work += calls.lambdas[at] * service;
        }
        values.insert(0, ("waiting.mean".to_owned(), all));
        values.insert(
            1,
            ("occupancy".to_owned(), work / f64::from(calls.attendants)),
        );
        Ok(values)
    })
}

/// The rate of a class without arrivals, so that it has a service all the same.
const HARDLY: f64 = 1e-300;

/// The classes of one priority, combined.
fn joined<'a>(classes: impl Iterator<Item = (&'a Class, &'a f64)>, speed: f64) -> Stream {
    let (mut lambda, mut first, mut second) = (0.0, 0.0, 0.0);
    for (class, rate) in classes {
        let law: &Law = &class.service;
        let (mean, rate) = (law.mean() / speed, rate.max(HARDLY));
        lambda += rate;
        first += rate * mean;
        second += rate * (law.variance() / speed / speed + mean * mean);
    }
    let (mean, square) = (first / lambda, second / lambda);
    Stream {
        lambda,
        mean,
        variance: (square - mean * mean).max(0.0),
    }
}
