//! From the form of a desk file to a checked [`Desk`].

use super::arrivals::{Sharing, check_rates, check_times, exactly_one, shares_sum_to_one};
use super::clients::may_be_zero;
use super::data::series::Take;
use super::error::{choices, nearest};
use super::input;
use super::law::{self, For};
use super::line::unit_of_time;
use super::load::{Door, name, unique};
use super::recording;
use super::report;
use super::shape::quoted;
use super::shifts::{self, Shift};
use super::{
    Arrivals, Class, Desk, DeskArrivals, DeskHorizon, Dispatch, Faults, LineArrivals, Loss, Queue,
    RatePiece, Retry, ScriptEntry, ScriptEvent, ServerGroup, ServiceLevel, Skill, Timeout,
};
use crate::problem::{KeyPath, Problem};
use crate::random::Law;
use crate::time::Time;

/// More steps than this are not whole numbers of floating point.
const STEPS_MAX: u64 = 1 << 53;

/// The latest end of arrivals, so that ten times as much is still a time.
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
    // Before the counts are written out, so that a count of 10^15 costs nothing.
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
    let busy_day = check_busy_day(busy_day, &arrivals, &classes, &path)?;
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

/// On which clock it runs, how long, and with how much of a warm-up.
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
            let stop = form.stop.unwrap_or(false);
            DeskHorizon::Until { until, stop }
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

/// Refuses a length that is not whole where the desk goes by steps.
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
    if let Some(retry) = &retry
        && retry.after.contains(&Loss::TimedOut)
        && timeout.is_none()
    {
        door.warnings.push(format!(
            "`{at}` has clients come again after \"timed-out\", but no `timeout`: none ever is"
        ));
    }
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

/// Checks which clients come again.
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

/// How requests of one class come.
fn flow(
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

/// How many come at each arrival.
fn check_batch(
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

/// Checks the factor of all rates; one that does not vary is none.
fn check_busy_day(
    form: Option<input::BusyDay>,
    arrivals: &DeskArrivals,
    classes: &[Class],
    at: &KeyPath,
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
    Err(Problem::key(at, message)
        .help("leave `busy_day` out, or give all arrivals by `interarrival` or `rates`"))
}

/// How many come in a step.
fn per_step(
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

/// Refuses arrivals in continuous time where the desk goes by steps.
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

/// Independent times between arrivals.
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
    // Where a mean gap hardly moves the clock, arrivals would not end.
    if law.mean() <= until * f64::EPSILON {
        let message = format!(
            "`{at}` has a mean of {}, so requests without end arrive before time {until}",
            law.mean()
        );
        return Err(Problem::value(at, message).also(KeyPath::to(&["horizon", "until"])));
    }
    Ok(Arrivals::Renewal(law))
}

/// Absolute times of arrival.
fn times(
    form: input::Times,
    horizon: DeskHorizon,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Arrivals, Problem> {
    let until = in_continuous_time(horizon, at)?;
    check_times(form, at, Take::Beyond(until), door).map(Arrivals::Times)
}

/// A table of rates, whose ends are whole in steps.
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

fn check_arrivals(
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

fn check_servers(
    servers: Vec<input::Server>,
    classes: &[Class],
    shifts: &[Shift],
) -> Result<Vec<ServerGroup>, Problem> {
    let known: Vec<&str> = shifts.iter().map(|shift| shift.name.as_str()).collect();
    let skills: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let mut checked = Vec::with_capacity(servers.len());
    for (index, server) in servers.into_iter().enumerate() {
        let at = KeyPath::to(&["servers"]).index(index);
        let (mut attendants, mut on_shift) = (Vec::new(), Vec::new());
        for (group, form) in server.attendants.into_iter().enumerate() {
            let at = at.key("attendants").index(group);
            let able = check_skills(form.skills, &skills, &at.key("skills"))?;
            let shift = match &form.shift {
                Some(name) => Some(shift_named(name, &known, &at.key("shift"))?),
                None => None,
            };
            for _ in 0..form.count {
                attendants.push(able.clone());
                on_shift.push(shift);
            }
        }
        if on_shift.iter().all(Option::is_none) {
            on_shift.clear();
        }
        checked.push(ServerGroup {
            name: name(server.name, &at.key("name"))?,
            capacity: server.capacity,
            attendants,
            shifts: on_shift,
        });
    }
    unique("servers", checked.iter().map(|server| server.name.as_str()))?;
    Ok(checked)
}

fn shift_named(name: &str, known: &[&str], at: &KeyPath) -> Result<usize, Problem> {
    let found = known.iter().position(|shift| *shift == name);
    found.ok_or_else(|| {
        let problem = Problem::value(at, format!("unknown shift {}", quoted(name)));
        match known {
            [] => problem.help("the scenario has no `[[shifts]]`"),
            known => problem.help(choices(name, known)),
        }
    })
}

fn check_skills(
    form: input::Skills,
    classes: &[&str],
    at: &KeyPath,
) -> Result<Vec<Skill>, Problem> {
    let named: Vec<(String, KeyPath, input::Skill)> = match form {
        input::Skills::Names(names) => (0..)
            .zip(names)
            .map(|(place, name)| (name, at.index(place), input::Skill::default()))
            .collect(),
        input::Skills::Ranked(table) => table
            .into_iter()
            .map(|(name, skill)| (name.clone(), at.key(&name), skill))
            .collect(),
    };
    if named.is_empty() {
        let message = format!("`{at}` names no class");
        return Err(Problem::value(at, message));
    }
    let mut known: Vec<Skill> = Vec::with_capacity(named.len());
    for (skill, path, form) in named {
        let Some(class) = classes.iter().position(|name| *name == skill) else {
            let message = format!("unknown skill {}: no class has this name", quoted(&skill));
            return Err(Problem::value(&path, message).help(choices(&skill, classes)));
        };
        if known.iter().any(|skill| skill.class == class) {
            let message = format!("the skill {} is named twice", quoted(&skill));
            return Err(Problem::value(&path, message));
        }
        let plain = Skill::from(class);
        known.push(Skill {
            class,
            rank: form.rank.unwrap_or(plain.rank),
            speed: form.speed.unwrap_or(plain.speed),
        });
    }
    known.sort_unstable_by_key(|skill| skill.class);
    Ok(known)
}

fn check_faults(
    faults: input::Faults,
    servers: &[ServerGroup],
    horizon: DeskHorizon,
    door: &mut Door,
) -> Result<Faults, Problem> {
    let at = KeyPath::to(&["faults"]);
    check_chance(&faults, horizon, &at)?;
    let every = match faults.every {
        Some(form) => {
            let path = at.key("every");
            let law = law::check(form, &path, For::Repair, door)?;
            if law.mean() <= 0.0 {
                let message = format!("`{path}` is always 0, so no attendant is ever up");
                return Err(Problem::value(&path, message).help("use a law whose mean is above 0"));
            }
            Some(law)
        }
        None => None,
    };
    let repair = |law| law::check(law, &at.key("repair"), For::Repair, door);
    let repair = faults.repair.map(repair).transpose()?;
    let mut script = Vec::with_capacity(faults.script.len());
    for (index, entry) in faults.script.into_iter().enumerate() {
        let at = at.key("script").index(index);
        let time = entry_time(&entry, horizon, &at)?;
        match horizon {
            DeskHorizon::Steps(steps) if time > Time::of(steps) => door.warnings.push(format!(
                "`{at}` is for step {time}, but there are {steps} steps: it never happens"
            )),
            DeskHorizon::Until { until, stop: true } if time > Time::at(until) => {
                door.warnings.push(format!(
                    "`{at}` is for {time}, but the run stops at {until}: it never happens"
                ));
            }
            _ => {}
        }
        script.push(check_entry(&entry, time, servers, &at)?);
    }
    Ok(Faults {
        probability: faults.probability + 0.0,
        every,
        clock: faults.clock.unwrap_or_default(),
        repair,
        crew: faults.crew,
        slow: faults.slow,
        work: faults.work,
        script,
    })
}

/// Refuses keys of faults by chance that are for the other clock, or without a fault.
fn check_chance(faults: &input::Faults, horizon: DeskHorizon, at: &KeyPath) -> Result<(), Problem> {
    let by_steps = matches!(horizon, DeskHorizon::Steps(_));
    let refused = |key: &str, message: String, also: KeyPath, help: &str| {
        Err(Problem::key(&at.key(key), message).also(also).help(help))
    };
    if by_steps && faults.every.is_some() {
        return refused(
            "every",
            "`faults.every` is for continuous time, but the desk goes by steps".to_owned(),
            KeyPath::to(&["steps"]),
            "in steps `probability` is the chance of a fault in each of them",
        );
    }
    if !by_steps && faults.probability > 0.0 {
        return refused(
            "probability",
            "`faults.probability` is for steps, but time is continuous".to_owned(),
            KeyPath::to(&["horizon", "until"]),
            "in continuous time `every` is the law of the time between faults, and a `script` says at which \
             instants who goes down",
        );
    }
    if by_steps && faults.clock.is_some() {
        return refused(
            "clock",
            "`faults.clock` is for continuous time, but the desk goes by steps".to_owned(),
            KeyPath::to(&["steps"]),
            "in steps `probability` is the chance of a fault in each of them, busy or idle: leave the key out",
        );
    }
    let chance = faults.every.is_some() || by_steps;
    for (key, given) in [
        ("clock", faults.clock.is_some() && faults.every.is_none()),
        ("repair", faults.repair.is_some() && !chance),
        ("crew", faults.crew.is_some() && !chance),
        ("slow", faults.slow.is_some() && !chance),
    ] {
        if given {
            let message = format!("`faults.{key}` says nothing without `every`");
            return refused(
                key,
                message,
                at.clone(),
                "give `every`, the law of the time between faults; in a `script` each entry says for how long (`down_for`) and how (`slow`)",
            );
        }
    }
    Ok(())
}

/// When an entry of the script happens.
fn entry_time(
    entry: &input::ScriptEntry,
    horizon: DeskHorizon,
    at: &KeyPath,
) -> Result<Time, Problem> {
    exactly_one(
        at,
        &[("step", entry.step.is_some()), ("at", entry.at.is_some())],
    )?;
    let down_for = entry.down_for.unwrap_or(1.0);
    let path = at.key("down_for");
    whole_in_steps(down_for, horizon, &path)?;
    match (horizon, entry.step, entry.at) {
        (DeskHorizon::Steps(_), Some(step), _) => {
            if down_for < 1.0 {
                let message = format!("`{path}` is {down_for}, but must be at least 1");
                return Err(Problem::value(&path, message));
            }
            at_most(down_for as u64, STEPS_MAX, &path)?;
            Ok(Time::of(step))
        }
        (DeskHorizon::Until { .. }, _, Some(time)) => Ok(Time::at(time)),
        (DeskHorizon::Steps(_), None, _) => {
            let message = format!("`{at}` has an instant, but the desk goes by steps");
            Err(Problem::key(&at.key("at"), message)
                .also(KeyPath::to(&["steps"]))
                .help("write `step = ` the number of the step, from 1"))
        }
        (DeskHorizon::Until { .. }, ..) => {
            let message = format!("`{at}` has a step, but time is continuous");
            Err(Problem::key(&at.key("step"), message)
                .also(KeyPath::to(&["horizon", "until"]))
                .help("write `at = ` the instant"))
        }
    }
}

fn check_entry(
    entry: &input::ScriptEntry,
    time: Time,
    servers: &[ServerGroup],
    at: &KeyPath,
) -> Result<ScriptEntry, Problem> {
    if let (input::ScriptEvent::Repair, Some(_)) = (entry.event, entry.slow) {
        let message = format!("`{at}` is a repair, and has `slow`");
        return Err(Problem::key(&at.key("slow"), message)
            .also(at.key("event"))
            .help("`slow` is the speed after a fault; a repair gives an attendant its own speed again"));
    }
    let event = match (entry.event, entry.down_for) {
        (input::ScriptEvent::Fault, down_for) => match entry.slow {
            Some(factor) => ScriptEvent::Slow { down_for, factor },
            None => ScriptEvent::Fault { down_for },
        },
        (input::ScriptEvent::Repair, None) => ScriptEvent::Repair,
        (input::ScriptEvent::Repair, Some(_)) => {
            let message = format!("`{at}` is a repair, and has `down_for`");
            return Err(Problem::key(&at.key("down_for"), message)
                .also(at.key("event"))
                .help("`down_for` says how long a fault lasts; a repair ends one at its step"));
        }
    };
    exactly_one(
        at,
        &[
            ("server", entry.server.is_some()),
            ("attendant", entry.attendant.is_some()),
        ],
    )?;
    let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
    let (server, attendant) = match (&entry.server, &entry.attendant) {
        (Some(found), _) => match names.iter().position(|name| name == found) {
            Some(server) => (server, None),
            None => {
                let message = format!("unknown server {}", quoted(found));
                return Err(Problem::value(&at.key("server"), message).help(choices(found, &names)));
            }
        },
        (None, Some(found)) => {
            let (server, attendant) = attendant_named(found, servers).map_err(|help| {
                let message = format!("unknown attendant {}", quoted(found));
                Problem::value(&at.key("attendant"), message).help(help)
            })?;
            (server, Some(attendant))
        }
        (None, None) => (0, None),
    };
    Ok(ScriptEntry {
        at: time,
        server,
        attendant,
        event,
    })
}

/// The indexes of an attendant such as `B-3`, or what attendants there are.
fn attendant_named(found: &str, servers: &[ServerGroup]) -> Result<(usize, usize), String> {
    let range = |server: &ServerGroup| {
        format!("`{0}-1` to `{0}-{1}`", server.name, server.attendants.len())
    };
    let parts = found.rsplit_once('-');
    let server = parts.and_then(|(name, number)| {
        let index = servers.iter().position(|server| server.name == name)?;
        Some((index, number))
    });
    if let Some((index, number)) = server {
        let count = servers[index].attendants.len();
        return match number.parse::<usize>() {
            Ok(number) if (1..=count).contains(&number) => Ok((index, number - 1)),
            _ => Err(format!(
                "attendants of this server: {}",
                range(&servers[index])
            )),
        };
    }
    let all: Vec<String> = servers.iter().take(20).map(range).collect();
    let near = parts.and_then(|(name, number)| {
        let name = nearest(name, servers.iter().map(|server| server.name.as_str()))?;
        Some(format!("did you mean `{name}-{number}`? "))
    });
    Err(format!(
        "{}attendants: {}",
        near.unwrap_or_default(),
        all.join(", ")
    ))
}

fn at_most(found: u64, most: u64, at: &KeyPath) -> Result<(), Problem> {
    if found > most {
        let message = format!("`{at}` is {found}, but must be at most {most}");
        return Err(Problem::value(at, message));
    }
    Ok(())
}
