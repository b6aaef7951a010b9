//! From the form of a tandem file to a checked [`Tandem`].

use super::arrivals::{self, Arrivals, ClassForm, exactly_one};
use super::data::series::Take;
use super::load::{Door, unique};
use super::{
    Blocking, Discipline, Flow, Horizon, LineArrivals, Preemption, Servers, Tandem, WarmUp,
    estimate_line, input, report, stage, traces,
};
use crate::number::{agreeing, of_them};
use crate::problem::{KeyPath, Problem};
use crate::random::Law;
use crate::random::laws::Trace;

/// The parts that a line and a network have in common.
pub(super) struct Parts {
    pub(super) name: Option<String>,
    pub(super) seed: Option<input::Seed>,
    pub(super) time_unit: Option<String>,
    pub(super) arrivals: arrivals::Forms,
    pub(super) horizon: input::Horizon,
    pub(super) report: input::Report,
    pub(super) blocking: Blocking,
    /// The stages, and their key.
    pub(super) stages: Vec<input::Stage>,
    pub(super) list: &'static str,
}

/// Checks a tandem file.
pub(super) fn check(file: input::TandemFile, door: &mut Door) -> Result<Tandem, Problem> {
    let parts = Parts {
        name: file.name,
        seed: file.seed,
        time_unit: file.time_unit,
        arrivals: arrivals::Forms {
            arrivals: file.arrivals,
            busy_day: file.busy_day,
            classes: file.classes.into_iter().map(ClassForm::from).collect(),
        },
        horizon: file.horizon,
        report: file.report,
        blocking: file.line.blocking,
        stages: file.stages,
        list: "stages",
    };
    let tandem = put_together(parts, door)?;
    check_saturated(&tandem, 0)?;
    check_endless(&tandem, 0)?;
    check_before_service(&tandem)?;
    traces::check(&tandem)?;
    Ok(tandem)
}

/// Checks the parts, and the rules that concern several of them in lines and networks alike.
pub(super) fn put_together(parts: Parts, door: &mut Door) -> Result<Tandem, Problem> {
    let list = parts.list;
    let at = KeyPath::to(&[list]);
    let name = door.scenario_name(parts.name)?;
    let seed = door.seed(parts.seed)?;
    let time_unit = parts.time_unit.map(unit_of_time).transpose()?;
    door.limit_actors(parts.stages.len() as u64, list, &at)?;
    let Arrivals {
        classes,
        all: Flow { arrivals, batch },
        busy_day,
    } = arrivals::check(parts.arrivals, &parts.horizon, door)?;
    let horizon = check_horizon(&parts.horizon, &arrivals, batch.as_ref())?;
    door.take = services_needed(&arrivals, batch.as_ref(), horizon);
    let mut stages = Vec::with_capacity(parts.stages.len());
    for (index, form) in parts.stages.into_iter().enumerate() {
        stages.push(stage::check(form, &at.index(index), &classes, door)?);
    }
    unique(list, stages.iter().map(|stage| stage.name.as_str()))?;
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
        stop: parts.horizon.stop,
        warm_up: match parts.horizon.warm_up {
            input::WarmUp::Customers(customers) => WarmUp::Customers(customers),
            // A warm-up of length 0 is the same as one of no customers.
            input::WarmUp::Time { time: 0.0 } => WarmUp::Customers(0),
            input::WarmUp::Time { time } => WarmUp::Time(time),
        },
        intervals: None,
        blocking: parts.blocking,
        stages,
        routing: None,
    };
    check_horizon_together(&tandem)?;
    let end = match tandem.horizon {
        Horizon::Until(until) => report::End::Known(until),
        Horizon::Customers(_) => report::End::About(estimate_line(&tandem).span),
    };
    tandem.intervals = report::check(&parts.report, end)?;
    Ok(tandem)
}

/// The number of values of a stage's trace that a run can use, as far as it is known before the run.
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
    // Characters that are not printable could reverse the text around them on a terminal.
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
        // Recordings are finite, so their end is a horizon.
        (None, None) => recorded(arrivals, batch)
            .map(Horizon::Customers)
            .ok_or_else(|| {
                let help =
                    "`[horizon]` has either `customers` = how many arrive, or `until` = a time";
                let why = match has_batches_at_recorded_times(arrivals, batch) {
                    true => "with a `batch` it is not known how many come at the recorded times; ",
                    false => "",
                };
                Problem::value(&at, "missing horizon").help(format!("{why}{help}"))
            }),
    }
}

/// Whether customers arrive in batches at recorded times.
fn has_batches_at_recorded_times(arrivals: &LineArrivals, batch: Option<&Law>) -> bool {
    match arrivals {
        LineArrivals::PerClass(flows) => flows
            .iter()
            .any(|flow| flow.batch.is_some() && flow.arrivals.are_recorded()),
        one => batch.is_some() && one.are_recorded(),
    }
}

/// The number of recorded customers, if all are recorded.
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
        LineArrivals::Renewal(_)
        | LineArrivals::Rates(_)
        | LineArrivals::Saturated
        | LineArrivals::Population(_) => None,
    }
}

/// Checks the rules that concern both horizon and warm-up.
fn check_horizon_together(tandem: &Tandem) -> Result<(), Problem> {
    let horizon = KeyPath::to(&["horizon"]);
    let warm_up = horizon.key("warm_up");
    match (tandem.horizon, tandem.warm_up) {
        (Horizon::Customers(customers), WarmUp::Customers(first)) if first >= customers => {
            let message = format!(
                "`{warm_up}` is {first}, but only {} {}, so none would be measured",
                of_them(customers, "customer"),
                agreeing(customers, "arrives", "arrive")
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

/// Refuses what the first stage, `first`, cannot have if it is never starved.
pub(super) fn check_saturated(tandem: &Tandem, first: usize) -> Result<(), Problem> {
    if tandem.arrivals != LineArrivals::Saturated {
        return Ok(());
    }
    let at = KeyPath::to(&[tandem.list()]).index(first);
    let first = &tandem.stages[first];
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
    if first.discipline == Discipline::ProcessorSharing {
        return refuse(
            "discipline",
            "a saturated line whose first stage shares its servers has no end of customers at once",
            "choose another discipline at the first stage, or give the arrivals a law",
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

/// Refuses an endless number of customers before a time.
pub(super) fn check_endless(tandem: &Tandem, first: usize) -> Result<(), Problem> {
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
            let mut laws = tandem.stages[first].service.laws();
            if laws.any(|law| law.mean() <= 0.0) {
                let list = KeyPath::to(&[tandem.list()]);
                return refuse(list.index(first).key("service"));
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

/// Refuses features that make the end of a service unknown at its beginning, if a place of the next stage is
/// reserved for that end.
fn check_before_service(tandem: &Tandem) -> Result<(), Problem> {
    if tandem.blocking != Blocking::BeforeService {
        return Ok(());
    }
    for index in 1..tandem.stages.len() {
        check_reserving(tandem, index - 1, index)?;
    }
    Ok(())
}

/// Refuses features that make the end of a service at stage `from` unknown at its beginning, if it reserves a place
/// of stage `to`.
pub(super) fn check_reserving(tandem: &Tandem, from: usize, to: usize) -> Result<(), Problem> {
    let (here, next) = (&tandem.stages[from], &tandem.stages[to]);
    if next.places().is_none() {
        return Ok(());
    }
    let list = KeyPath::to(&[tandem.list()]);
    let noun = tandem.noun();
    let Some(key) = here.cuts_off() else {
        return Ok(());
    };
    let at = list.index(from);
    let path = key.iter().fold(at, |path, key| path.key(key));
    let message = format!(
        "`{path}` makes the end of a service unknown when it begins, but `before-service` reserves a \
         place of {noun} `{}` for it",
        next.name
    );
    Err(Problem::value(&path, message)
        .also(KeyPath::to(&["line", "blocking"]))
        .also(list.index(to).key("buffer"))
        .help(format!(
            "use `blocking = \"after-service\"`, or leave out the `buffer` of the next {noun}"
        )))
}
