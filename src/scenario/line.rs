//! From the form of a tandem file to a checked [`Tandem`].

use super::arrivals::{self, Arrivals, exactly_one};
use super::data::series::Take;
use super::load::{Door, unique};
use super::{
    Blocking, Flow, Horizon, LineArrivals, Preemption, Servers, Tandem, WarmUp, estimate_line,
    input, report, stage, traces,
};
use crate::problem::{KeyPath, Problem};
use crate::random::Law;
use crate::random::laws::Trace;

/// Checks a tandem file.
pub(super) fn check(file: input::TandemFile, door: &mut Door) -> Result<Tandem, Problem> {
    let top = KeyPath::default();
    let name = door.scenario_name(file.name)?;
    let seed = door.seed(file.seed)?;
    let time_unit = file.time_unit.map(unit_of_time).transpose()?;
    door.limit_actors(file.stages.len() as u64, "stages", &top.key("stages"))?;
    let forms = arrivals::Forms {
        arrivals: file.arrivals,
        busy_day: file.busy_day,
        classes: file.classes,
    };
    let Arrivals {
        classes,
        all: Flow { arrivals, batch },
        busy_day,
    } = arrivals::check(forms, &file.horizon, door)?;
    let horizon = check_horizon(&file.horizon, &arrivals, batch.as_ref())?;
    door.take = services_needed(&arrivals, batch.as_ref(), horizon);
    let mut stages = Vec::with_capacity(file.stages.len());
    for (index, form) in file.stages.into_iter().enumerate() {
        let at = top.key("stages").index(index);
        stages.push(stage::check(form, &at, &classes, door)?);
    }
    unique("stages", stages.iter().map(|stage| stage.name.as_str()))?;
    let mut tandem = Tandem {
        name,
        seed,
        time_unit,
        start: door.clock.start,
        arrivals,
        batch,
        busy_day,
        classes,
        horizon,
        stop: file.horizon.stop,
        warm_up: match file.horizon.warm_up {
            input::WarmUp::Customers(customers) => WarmUp::Customers(customers),
            input::WarmUp::Time { time } => WarmUp::Time(time + 0.0),
        },
        intervals: None,
        blocking: file.line.blocking,
        stages,
    };
    check_horizon_together(&tandem)?;
    check_saturated(&tandem)?;
    check_endless(&tandem)?;
    check_before_service(&tandem)?;
    traces::check(&tandem)?;
    let end = match tandem.horizon {
        Horizon::Until(until) => report::End::Known(until),
        Horizon::Customers(_) => report::End::About(estimate_line(&tandem).span),
    };
    tandem.intervals = report::check(&file.report, end)?;
    Ok(tandem)
}

/// The number of values of a stage's trace that a run can use, as far as that is known before it.
fn services_needed(arrivals: &LineArrivals, batch: Option<&Law>, horizon: Horizon) -> Take {
    match (arrivals, horizon) {
        (_, Horizon::Customers(customers)) => Take::First(customers),
        (LineArrivals::Times(times), Horizon::Until(until)) if batch.is_none() => {
            Take::First(times.partition_point(|&time| time <= until) as u64)
        }
        _ => Take::All,
    }
}

pub(super) fn unit_of_time(text: String) -> Result<String, Problem> {
    let count = text.chars().count();
    // Characters without a form of their own could turn the text around them on a terminal.
    let shown = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ';
    if count == 0 || count > 32 || !text.chars().all(shown) {
        let message =
            "`time_unit` must have 1 to 32 characters: letters, figures, blanks or signs of ASCII";
        return Err(Problem::value(&KeyPath::to(&["time_unit"]), message));
    }
    Ok(text)
}

fn check_horizon(
    horizon: &input::Horizon,
    arrivals: &LineArrivals,
    batch: Option<&Law>,
) -> Result<Horizon, Problem> {
    let at = KeyPath::to(&["horizon"]);
    match (horizon.customers, horizon.until) {
        (Some(customers), None) => Ok(Horizon::Customers(customers)),
        (None, Some(until)) => Ok(Horizon::Until(until)),
        (Some(_), Some(_)) => exactly_one(&at, &[("customers", true), ("until", true)])
            .map(|()| Horizon::Customers(0)),
        // What was recorded is finite, so all of it is a horizon.
        (None, None) => recorded(arrivals, batch)
            .map(Horizon::Customers)
            .ok_or_else(|| {
                Problem::value(&at, "missing horizon").help(
                    "`[horizon]` has either `customers` = how many arrive, or `until` = a time",
                )
            }),
    }
}

/// How many customers were recorded, where all were.
fn recorded(arrivals: &LineArrivals, batch: Option<&Law>) -> Option<u64> {
    if batch.is_some() {
        return None;
    }
    match arrivals {
        LineArrivals::Times(values)
        | LineArrivals::Recorded { times: values, .. }
        | LineArrivals::Renewal(Law::Trace(Trace {
            values,
            repeat: false,
        })) => Some(values.len() as u64),
        LineArrivals::PerClass(flows) => {
            let flows = flows.iter();
            flows
                .map(|flow| recorded(&flow.arrivals, flow.batch.as_ref()))
                .sum()
        }
        LineArrivals::Renewal(_) | LineArrivals::Rates(_) | LineArrivals::Saturated => None,
    }
}

/// What joins horizon and warm-up.
fn check_horizon_together(tandem: &Tandem) -> Result<(), Problem> {
    let horizon = KeyPath::to(&["horizon"]);
    let warm_up = horizon.key("warm_up");
    match (tandem.horizon, tandem.warm_up) {
        (Horizon::Customers(customers), WarmUp::Customers(first)) if first >= customers => {
            let message = format!(
                "`{warm_up}` is {first}, but only {customers} customers arrive, so none would be measured"
            );
            return Err(Problem::value(&warm_up, message).also(horizon.key("customers")));
        }
        (Horizon::Until(until), WarmUp::Time(time)) if time > until => {
            let message = format!(
                "`{warm_up}` is the time {time}, but nobody enters after {until}, so none would be measured"
            );
            return Err(Problem::value(&warm_up, message).also(horizon.key("until")));
        }
        _ => {}
    }
    if tandem.stop && matches!(tandem.horizon, Horizon::Customers(_)) {
        let message = "`stop` ends a run at a time, but the horizon is a number of customers";
        return Err(Problem::key(&horizon.key("stop"), message)
            .also(horizon.key("customers"))
            .help("use `until` in `[horizon]`, or leave `stop` out"));
    }
    Ok(())
}

/// What a first stage that is never starved cannot have.
fn check_saturated(tandem: &Tandem) -> Result<(), Problem> {
    if tandem.arrivals != LineArrivals::Saturated {
        return Ok(());
    }
    let first = &tandem.stages[0];
    let at = KeyPath::to(&["stages"]).index(0);
    let refuse = |key: &str, message: &str, help: &str| {
        Err(Problem::key(&at.key(key), message)
            .also(KeyPath::to(&["arrivals", "saturated"]))
            .help(help))
    };
    if first.buffer.is_some() {
        return refuse(
            "buffer",
            "a saturated line has no waiting before its first stage, so no `buffer` there",
            "leave `buffer` out at the first stage, or give the arrivals a law",
        );
    }
    if first.preemption != Preemption::None {
        return refuse(
            "preemption",
            "nobody waits before the first stage of a saturated line, so nobody preempts there",
            "leave `preemption` out at the first stage, or give the arrivals a law",
        );
    }
    if first.servers == Servers::Unlimited {
        return refuse(
            "servers",
            "a saturated line whose first stage has unlimited servers has no end of customers at once",
            "give the first stage a number of servers, or the arrivals a law",
        );
    }
    Ok(())
}

/// Refuses customers without end before a time.
fn check_endless(tandem: &Tandem) -> Result<(), Problem> {
    let Horizon::Until(until) = tandem.horizon else {
        return Ok(());
    };
    let refuse = |path: KeyPath| {
        let message =
            format!("`{path}` is always 0, so customers without end arrive before time {until}");
        Err(Problem::value(&path, message)
            .also(KeyPath::to(&["horizon", "until"]))
            .help("use `customers` in `[horizon]`, or a law whose mean is above 0"))
    };
    let always_zero = |arrivals: &LineArrivals| matches!(arrivals, LineArrivals::Renewal(law) if law.mean() <= 0.0);
    match &tandem.arrivals {
        LineArrivals::Saturated => {
            let mut laws = tandem.stages[0].service.laws();
            if laws.any(|law| law.mean() <= 0.0) {
                return refuse(KeyPath::to(&["stages"]).index(0).key("service"));
            }
        }
        LineArrivals::PerClass(flows) => {
            let endless = |flow: &Flow| always_zero(&flow.arrivals);
            if let Some(class) = flows.iter().position(endless) {
                let class = KeyPath::to(&["classes"]).index(class);
                return refuse(class.key("arrivals").key("interarrival"));
            }
        }
        arrivals if always_zero(arrivals) => {
            return refuse(KeyPath::to(&["arrivals", "interarrival"]));
        }
        _ => {}
    }
    Ok(())
}

/// Refuses what makes the end of a service unknown at its beginning, where a place of the next stage is
/// reserved for that end.
fn check_before_service(tandem: &Tandem) -> Result<(), Problem> {
    if tandem.blocking != Blocking::BeforeService {
        return Ok(());
    }
    for (index, pair) in tandem.stages.windows(2).enumerate() {
        if pair[1].places().is_none() {
            continue;
        }
        let at = KeyPath::to(&["stages"]).index(index);
        if let Some(key) = pair[0].cuts_off() {
            let path = key.iter().fold(at.clone(), |path, key| path.key(key));
            let message = format!(
                "`{path}` makes the end of a service unknown when it begins, but `before-service` reserves a \
                 place of stage `{}` for it",
                pair[1].name
            );
            return Err(Problem::value(&path, message)
                .also(KeyPath::to(&["line", "blocking"]))
                .also(KeyPath::to(&["stages"]).index(index + 1).key("buffer"))
                .help("use `blocking = \"after-service\"`, or leave out the `buffer` of the next stage"));
        }
    }
    Ok(())
}
