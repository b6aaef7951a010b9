//! From the form of a desk file to a checked [`Desk`].

mod arrivals;
mod faults;
mod staff;

use super::arrivals::{Sharing, shares_sum_to_one};
use super::clients::may_be_zero;
use super::input;
use super::law;
use super::law::For;
use super::line::unit_of_time;
use super::load::{Door, name, unique};
use super::report;
use super::shifts;
use super::{
    Class, Desk, DeskArrivals, DeskHorizon, Dispatch, Queue, Retry, ServiceLevel, Timeout,
};
use crate::problem::{KeyPath, Problem};
use arrivals::{check_arrivals, check_batch, check_busy_day, flow, per_step};
use faults::check_faults;
use staff::check_servers;

/// The number of steps above which they are not all exact in floating point.
const STEPS_MAX: u64 = 1 << 53;

/// The latest end of arrivals, such that ten times as much is still a valid time.
const UNTIL_MAX: f64 = 1e15;

/// Checks a desk file.
pub(super) fn check(file: input::DeskFile, door: &mut Door) -> Result<Desk, Problem> {
    let name = door.scenario_name(file.name)?;
    let seed = door.seed(file.seed)?;
    let time_unit = file.time_unit.map(unit_of_time).transpose()?;
    let (horizon, warm_up) = check_horizon(file.steps, &file.horizon)?;
    let attendants = file
        .servers
        .iter()
        .flat_map(|server| &server.attendants)
        .fold(0u64, |all, group| all.saturating_add(group.count));
    // Checked before the counts are expanded, so that a count of 10^15 costs nothing.
    let actors = attendants.saturating_add(file.servers.len() as u64);
    door.limit_actors(actors, "attendants and servers", &KeyPath::to(&["servers"]))?;

    let arrivals_given = file.arrivals.is_some();
    let recorded = file
        .arrivals
        .as_ref()
        .is_some_and(|all| all.trace.is_some());
    let mut classes = Vec::with_capacity(file.classes.len());
    let sharing = Sharing {
        shared: arrivals_given,
        recorded,
        only: file.classes.len() == 1,
        example: "arrivals = { poisson = { mean = 7.5 } }",
    };
    for (index, class) in file.classes.into_iter().enumerate() {
        let at = KeyPath::to(&["classes"]).index(index);
        let share = sharing.share(class.share, class.arrivals.is_some(), &at)?;
        classes.push(check_class(
            class,
            share,
            file.service_level,
            (horizon, &at),
            door,
        )?);
    }
    unique("classes", classes.iter().map(|class| class.name.as_str()))?;
    if arrivals_given && !recorded {
        shares_sum_to_one(classes.iter().map(|class| class.share))?;
    }
    let shifts = shifts::check(file.shifts, horizon, door)?;
    let servers = check_servers(file.servers, &classes, &shifts)?;
    let top = KeyPath::to(&["busy_day"]);
    let (arrivals, batch, busy_day, path) = match file.arrivals {
        Some(mut form) => {
            let at = KeyPath::to(&["arrivals"]);
            if file.busy_day.is_some() {
                let message = "`busy_day` stands at the top, but all classes share `[arrivals]`";
                return Err(Problem::key(&top, message)
                    .also(at)
                    .help("put it into `[arrivals]`"));
            }
            let (batch, busy_day) = (form.batch.take(), form.busy_day);
            let batch = check_batch(batch, horizon, &at.key("batch"), door)?;
            if batch.is_some() && recorded {
                let message =
                    "recorded requests come one by one, as their rows say, so no `batch` does";
                return Err(Problem::key(&at.key("batch"), message).also(at.key("trace")));
            }
            let arrivals = check_arrivals(form, &classes, horizon, door)?;
            (arrivals, batch, busy_day, at.key("busy_day"))
        }
        None => (DeskArrivals::PerClass, None, file.busy_day, top),
    };
    let busy_day = check_busy_day(busy_day, &arrivals, &classes, (&path, horizon))?;
    let faults = check_faults(file.faults, &servers, horizon, door)?;
    let span = match horizon {
        DeskHorizon::Steps(steps) => steps as f64,
        DeskHorizon::Until { until, .. } => until,
    };
    if let Some(interval) = file.report.interval {
        let path = KeyPath::to(&["report", "interval"]);
        whole_in_steps(interval, horizon, &path)?;
    }
    let intervals = report::check(&file.report, report::End::Known(span))?;
    let supervisor = file.supervisor;
    if supervisor.queue == Queue::Central {
        let at = KeyPath::to(&["supervisor"]);
        for (key, given) in [
            ("dispatch", supervisor.dispatch.is_some()),
            ("rebalance", supervisor.rebalance.is_some()),
        ] {
            if given {
                let message = format!("`{at}` has a central queue, and `{key}`");
                return Err(Problem::key(&at.key(key), message)
                    .also(at.key("queue"))
                    .help("requests of a central queue wait at no server: leave the key out"));
            }
        }
    }
    Ok(Desk {
        name,
        seed,
        time_unit,
        start: door.clock.start,
        horizon,
        warm_up,
        intervals,
        arrivals,
        batch,
        busy_day,
        classes,
        system_capacity: file.system_capacity,
        buffer: file.buffer.capacity,
        overflow: file.buffer.overflow,
        queue: supervisor.queue,
        dispatch: supervisor.dispatch.unwrap_or(Dispatch::LeastLoaded),
        rebalance: supervisor.rebalance.unwrap_or(true),
        max_attempts: supervisor.max_attempts,
        faults,
        shifts,
        servers,
    })
}

/// The clock of the desk, the length of its run, and its warm-up.
fn check_horizon(
    steps: Option<u64>,
    form: &input::DeskHorizon,
) -> Result<(DeskHorizon, f64), Problem> {
    let at = KeyPath::to(&["horizon"]);
    let top = KeyPath::to(&["steps"]);
    let horizon = match (steps, form.until) {
        (Some(steps), None) => {
            at_most(steps, STEPS_MAX, &top)?;
            DeskHorizon::Steps(steps)
        }
        (None, Some(until)) => {
            if until > UNTIL_MAX {
                let path = at.key("until");
                let message = format!("`{path}` is {until}, but must be at most {UNTIL_MAX:e}");
                return Err(Problem::value(&path, message));
            }
            let end = form.stop.unwrap_or(false).then_some(until);
            DeskHorizon::Until { until, end }
        }
        (Some(_), Some(_)) => {
            let message = "the desk has both `steps` and `horizon.until`";
            return Err(Problem::key(&at.key("until"), message).also(top).help(
                "a desk goes either by whole steps or in continuous time: leave one of the two out",
            ));
        }
        (None, None) => {
            return Err(Problem::value(&top, "missing key `steps`").help(
                "either `steps` = how many logical steps, or `[horizon]` with `until` = a time, for \
                 continuous time",
            ));
        }
    };
    if let (DeskHorizon::Steps(_), Some(_)) = (horizon, form.stop) {
        let message = "`horizon.stop` is for continuous time, but the desk goes by steps";
        return Err(Problem::key(&at.key("stop"), message)
            .also(top)
            .help("a desk of steps always ends with its last one"));
    }
    let warm_up = form.warm_up.unwrap_or(0.0);
    let path = at.key("warm_up");
    let (span, end) = match horizon {
        DeskHorizon::Steps(steps) => (steps as f64, top),
        DeskHorizon::Until { until, .. } => (until, at.key("until")),
    };
    whole_in_steps(warm_up, horizon, &path)?;
    if warm_up >= span {
        let message =
            format!("`{path}` is {warm_up}, but requests arrive until {span}, so none is measured");
        return Err(Problem::value(&path, message).also(end));
    }
    Ok((horizon, warm_up))
}

/// Refuses a length that is not whole if the desk is in steps.
fn whole_in_steps(length: f64, horizon: DeskHorizon, at: &KeyPath) -> Result<(), Problem> {
    if matches!(horizon, DeskHorizon::Steps(_)) && length.fract() != 0.0 {
        let message = format!("`{at}` is {length}, not a whole number of steps");
        return Err(Problem::value(at, message)
            .help("in continuous time (`[horizon]` with `until`) it may be any"));
    }
    Ok(())
}

fn check_class(
    class: input::Class,
    share: f64,
    level: Option<input::ServiceLevel>,
    (horizon, at): (DeskHorizon, &KeyPath),
    door: &mut Door,
) -> Result<Class, Problem> {
    let path = at.key("arrivals");
    let (arrivals, batch) = match class.arrivals {
        None => (None, None),
        Some(input::ClassArrivals::Law(law)) => (Some(per_step(law, horizon, &path, door)?), None),
        Some(input::ClassArrivals::Flow(mut form)) => {
            let batch = form.batch.take();
            let batch = check_batch(batch, horizon, &path.key("batch"), door)?;
            (Some(flow(*form, horizon, &path, door)?), batch)
        }
    };
    let timeout = match class.timeout {
        Some(form) => {
            let path = at.key("timeout").key("after");
            Some(Timeout {
                after: law::check(form.after, &path, For::Steps, door)?,
                withdraw: form.withdraw,
            })
        }
        None => None,
    };
    let retry = match class.retry {
        Some(form) => Some(check_retry(form, horizon, &at.key("retry"), door)?),
        None => None,
    };
    let mut duration = |law, key: &str| law::check(law, &at.key(key), For::Steps, door);
    let wrap_up = class
        .wrap_up
        .map(|law| duration(law, "wrap_up"))
        .transpose()?;
    let patience = |law| duration(law, "patience");
    let level = class.service_level.or(level);
    Ok(Class {
        name: name(class.name, &at.key("name"))?,
        share,
        arrivals,
        batch,
        wrap_up,
        timeout,
        retry,
        patience: class.patience.map(patience).transpose()?,
        service: law::check(class.service, &at.key("service"), For::Steps, door)?,
        priority: class.priority,
        service_level: level.map(|level| ServiceLevel {
            within: level.within + 0.0,
            target: level.target,
        }),
    })
}

/// Checks the rule for retries.
fn check_retry(
    form: input::Retry,
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Retry, Problem> {
    let delay = law::check(form.delay, &at.key("delay"), For::Steps, door)?;
    // In steps a delay is at least 1.
    let at_once = matches!(horizon, DeskHorizon::Until { .. }) && may_be_zero(&delay);
    if at_once && form.most.is_none() && form.probability > 0.0 {
        let message = format!(
            "`{at}` has a delay that may be 0, and no `most`: tries could go on without end"
        );
        return Err(Problem::key(&at.key("delay"), message)
            .help("`most = 3` allows three further tries; or choose a delay above 0"));
    }
    let mut after = form.after;
    after.sort_unstable();
    after.dedup();
    Ok(Retry {
        after,
        probability: form.probability + 0.0,
        delay,
        most: form.most,
    })
}

fn at_most(found: u64, most: u64, at: &KeyPath) -> Result<(), Problem> {
    if found > most {
        let message = format!("`{at}` is {found}, but must be at most {most}");
        return Err(Problem::value(at, message));
    }
    Ok(())
}
