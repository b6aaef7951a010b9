//! From the form of a tandem file to a checked [`Tandem`].

use super::data::series::{Take, counts, instants, rising};
use super::input;
use super::law::{self, For};
use super::load::{Door, name, unique};
use super::{Horizon, LineArrivals, RatePiece, Stage, Tandem};
use crate::problem::{KeyPath, Problem};
use crate::random::laws::Trace;
use crate::random::{Law, Purpose, Sampler, Stream};
use std::sync::Arc;

/// Checks a tandem file.
pub(super) fn check(file: input::TandemFile, door: &mut Door) -> Result<Tandem, Problem> {
    let top = KeyPath::default();
    let name = door.scenario_name(file.name)?;
    let seed = door.seed(file.seed)?;
    let time_unit = file.time_unit.map(unit_of_time).transpose()?;
    door.limit_actors(file.stages.len() as u64, "stages", &top.key("stages"))?;
    let arrivals = check_arrivals(file.arrivals, &file.horizon, door)?;
    let horizon = check_horizon(&file.horizon, &arrivals)?;
    door.take = services_needed(&arrivals, horizon);
    let mut stages = Vec::with_capacity(file.stages.len());
    for (index, stage) in file.stages.into_iter().enumerate() {
        stages.push(check_stage(stage, &top.key("stages").index(index), door)?);
    }
    unique("stages", stages.iter().map(|stage| stage.name.as_str()))?;
    let tandem = Tandem {
        name,
        seed,
        time_unit,
        start: door.clock.start,
        arrivals,
        horizon,
        warm_up: file.horizon.warm_up,
        blocking: file.line.blocking,
        stages,
    };
    check_together(&tandem)?;
    check_traces(&tandem)?;
    Ok(tandem)
}

/// The number of values of a stage's trace that a run can use, as far as that is known before it.
fn services_needed(arrivals: &LineArrivals, horizon: Horizon) -> Take {
    match (arrivals, horizon) {
        (_, Horizon::Customers(customers)) => Take::First(customers),
        (LineArrivals::Times(times), Horizon::Until(until)) => {
            Take::First(times.partition_point(|&time| time <= until) as u64)
        }
        _ => Take::All,
    }
}

pub(super) fn unit_of_time(text: String) -> Result<String, Problem> {
    let count = text.chars().count();
    if count == 0 || count > 32 || text.chars().any(char::is_control) {
        let message = "`time_unit` must have 1 to 32 characters, none of them a control character";
        return Err(Problem::value(&KeyPath::to(&["time_unit"]), message));
    }
    Ok(text)
}

fn check_stage(stage: input::Stage, at: &KeyPath, door: &mut Door) -> Result<Stage, Problem> {
    Ok(Stage {
        name: name(stage.name, &at.key("name"))?,
        servers: stage.servers,
        buffer: stage.buffer,
        service: law::check(stage.service, &at.key("service"), For::Time, door)?,
    })
}

fn check_arrivals(
    arrivals: input::LineArrivals,
    horizon: &input::Horizon,
    door: &mut Door,
) -> Result<LineArrivals, Problem> {
    let at = KeyPath::to(&["arrivals"]);
    let saturated = arrivals.saturated.unwrap_or(false);
    exactly_one(
        &at,
        &[
            ("interarrival", arrivals.interarrival.is_some()),
            ("times", arrivals.times.is_some()),
            ("rates", arrivals.rates.is_some()),
            ("trace", arrivals.trace.is_some()),
            ("saturated", saturated),
        ],
    )?;
    if let Some(law) = arrivals.interarrival {
        door.take = match (horizon.customers, horizon.until) {
            (Some(customers), _) => Take::First(customers),
            (None, Some(until)) => Take::SumBeyond(until),
            (None, None) => Take::All,
        };
        let law = law::check(law, &at.key("interarrival"), For::Time, door)?;
        return Ok(LineArrivals::Renewal(law));
    }
    let take = match (horizon.customers, horizon.until) {
        (Some(customers), _) => Take::First(customers),
        (None, Some(until)) => Take::Beyond(until),
        (None, None) => Take::All,
    };
    if let Some(times) = arrivals.times {
        return check_times(times, &at.key("times"), take, door).map(LineArrivals::Times);
    }
    if let Some(trace) = arrivals.trace {
        let column = input::Column {
            file: Some(trace.file),
            column: Some(trace.arrival),
            filter: trace.filter,
            ..input::Column::default()
        };
        let form = input::Instants {
            column,
            origin: trace.origin,
            sort: trace.sort,
        };
        return instants(form, &at.key("trace"), take, door).map(LineArrivals::Times);
    }
    if let Some(rates) = arrivals.rates {
        return check_rates(rates, &at.key("rates"), door).map(LineArrivals::Rates);
    }
    Ok(LineArrivals::Saturated)
}

/// Refuses a table in which none or several of some keys are given.
pub(super) fn exactly_one(at: &KeyPath, given: &[(&str, bool)]) -> Result<(), Problem> {
    let names: Vec<&str> = given.iter().map(|(key, _)| *key).collect();
    let found: Vec<&str> = given
        .iter()
        .filter(|(_, given)| *given)
        .map(|(key, _)| *key)
        .collect();
    let help = format!("exactly one is allowed of {}", super::error::listed(&names));
    match found.as_slice() {
        [_] => Ok(()),
        [] => Err(Problem::value(at, format!("missing key in `{at}`")).help(help)),
        [first, second, ..] => Err(Problem::key(
            &at.key(second),
            format!("`{at}` has both `{first}` and `{second}`"),
        )
        .also(at.key(first))
        .help(format!(
            "{help}; an option replaces the whole table by `--set '{at}={{ {second} = ... }}'`"
        ))),
    }
}

pub(super) fn check_times(
    times: input::Times,
    at: &KeyPath,
    take: Take,
    door: &mut Door,
) -> Result<Arc<[f64]>, Problem> {
    match times {
        input::Times::List(times) => {
            rising(&times, at)?;
            Ok(times.iter().map(|time| time + 0.0).collect())
        }
        input::Times::Column(form) => instants(form, at, take, door),
    }
}

/// How few customers a table of rates may bring: with fewer the clock could not tell its pieces apart.
const FEWEST_A_TABLE: f64 = 1e-9;

/// Checks a table of rates: its ends rise, and not every rate is zero.
pub(super) fn check_rates(
    rates: input::Rates,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Vec<RatePiece>, Problem> {
    let pieces = match rates {
        input::Rates::Pieces(pieces) => pieces,
        input::Rates::Counts(form) => (1..)
            .zip(counts(&form, at, door)?)
            .map(|(number, count)| input::RatePiece {
                until: f64::from(number) * form.every,
                rate: count / form.every,
            })
            .collect(),
    };
    for (index, pair) in pieces.windows(2).enumerate() {
        if pair[1].until <= pair[0].until {
            let path = at.index(index + 1).key("until");
            let message = format!(
                "`{path}` is {}, but must be above the {} before it",
                pair[1].until, pair[0].until
            );
            return Err(Problem::value(&path, message).also(at.index(index).key("until")));
        }
    }
    if pieces.iter().all(|piece| piece.rate == 0.0) {
        let message = format!("`{at}` has no rate above 0, so nobody ever arrives");
        return Err(Problem::value(at, message));
    }
    for (index, piece) in pieces.iter().enumerate() {
        for (key, value) in [("until", piece.until), ("rate", piece.rate)] {
            if value > 1e15 {
                let path = at.index(index).key(key);
                let message = format!("`{path}` is {value}, but must be at most 1e15");
                return Err(Problem::value(&path, message));
            }
        }
    }
    let mut begin = 0.0;
    let mut expected = 0.0;
    for piece in &pieces {
        expected += (piece.until - begin) * piece.rate;
        begin = piece.until;
    }
    if expected < FEWEST_A_TABLE {
        let message = format!(
            "`{at}` brings {expected:e} customers each time it is gone through, but must bring at \
             least {FEWEST_A_TABLE:e}"
        );
        return Err(Problem::value(at, message));
    }
    Ok(pieces
        .iter()
        .map(|piece| RatePiece {
            until: piece.until,
            rate: piece.rate + 0.0,
        })
        .collect())
}

fn check_horizon(horizon: &input::Horizon, arrivals: &LineArrivals) -> Result<Horizon, Problem> {
    let at = KeyPath::to(&["horizon"]);
    match (horizon.customers, horizon.until) {
        (Some(customers), None) => Ok(Horizon::Customers(customers)),
        (None, Some(until)) => Ok(Horizon::Until(until)),
        (Some(_), Some(_)) => exactly_one(&at, &[("customers", true), ("until", true)])
            .map(|()| Horizon::Customers(0)),
        (None, None) => match arrivals {
            // What was recorded is finite, so all of it is a horizon.
            LineArrivals::Times(values)
            | LineArrivals::Renewal(Law::Trace(Trace {
                values,
                repeat: false,
            })) => Ok(Horizon::Customers(values.len() as u64)),
            _ => Err(Problem::value(&at, "missing horizon")
                .help("`[horizon]` has either `customers` = how many arrive, or `until` = a time")),
        },
    }
}

/// The rules that join several tables.
fn check_together(tandem: &Tandem) -> Result<(), Problem> {
    let horizon = KeyPath::to(&["horizon"]);
    if let Horizon::Customers(customers) = tandem.horizon
        && tandem.warm_up >= customers
    {
        let path = horizon.key("warm_up");
        let message = format!(
            "`{path}` is {}, but only {customers} customers arrive, so none would be measured",
            tandem.warm_up
        );
        return Err(Problem::value(&path, message).also(horizon.key("customers")));
    }
    let first = &tandem.stages[0];
    if tandem.arrivals == LineArrivals::Saturated && first.buffer.is_some() {
        let path = KeyPath::to(&["stages"]).index(0).key("buffer");
        let message =
            "a saturated line has no waiting before its first stage, so no `buffer` there";
        return Err(Problem::key(&path, message)
            .also(KeyPath::to(&["arrivals", "saturated"]))
            .help("leave `buffer` out at the first stage, or give the arrivals a law"));
    }
    if let Horizon::Until(until) = tandem.horizon {
        let (law, path) = match &tandem.arrivals {
            LineArrivals::Renewal(law) => (law, KeyPath::to(&["arrivals", "interarrival"])),
            LineArrivals::Saturated => (
                &first.service,
                KeyPath::to(&["stages"]).index(0).key("service"),
            ),
            LineArrivals::Times(_) | LineArrivals::Rates(_) => return Ok(()),
        };
        if law.mean() <= 0.0 {
            let message = format!(
                "`{path}` is always 0, so customers without end arrive before time {until}"
            );
            return Err(Problem::value(&path, message)
                .also(horizon.key("until"))
                .help("use `customers` in `[horizon]`, or a law whose mean is above 0"));
        }
    }
    Ok(())
}

/// Every trace must last: what it lacks is said here wherever it can be known before the run.
fn check_traces(tandem: &Tandem) -> Result<(), Problem> {
    let arrivals = KeyPath::to(&["arrivals"]);
    let needed = |path: &KeyPath, has: usize, needed: u64, why: &str| {
        let message = format!("`{path}` has {has} values, but {needed} are needed{why}");
        let help = match &tandem.arrivals {
            LineArrivals::Times(_) if *path == arrivals.key("times") => {
                "every time is used once: let fewer customers come, or name times for all"
            }
            _ => {
                "a trace is used once, in order; with `repeat = true` it begins again, and `empirical` \
                 draws with replacement"
            }
        };
        Err(Problem::value(path, message)
            .also(KeyPath::to(&["horizon"]))
            .help(help))
    };
    let customers = match (&tandem.arrivals, tandem.horizon) {
        (LineArrivals::Times(times), Horizon::Customers(customers)) => {
            if (times.len() as u64) < customers {
                return needed(&arrivals.key("times"), times.len(), customers, "");
            }
            Some(customers)
        }
        (LineArrivals::Times(times), Horizon::Until(until)) => {
            Some(times.partition_point(|&time| time <= until) as u64)
        }
        (
            LineArrivals::Renewal(Law::Trace(Trace {
                values,
                repeat: false,
            })),
            Horizon::Customers(customers),
        ) => {
            if (values.len() as u64) < customers {
                let path = arrivals.key("interarrival");
                return needed(&path, values.len(), customers, "");
            }
            Some(customers)
        }
        (
            LineArrivals::Renewal(Law::Trace(Trace {
                values,
                repeat: false,
            })),
            Horizon::Until(until),
        ) => {
            let mut clock = 0.0;
            let entered = values.iter().take_while(|&&value| {
                clock += value;
                clock <= until
            });
            let entered = entered.count();
            if entered == values.len() {
                let why = format!(
                    " at least: the last customer arrives at {clock}, and `until` is {until}"
                );
                let path = arrivals.key("interarrival");
                return needed(&path, values.len(), values.len() as u64 + 1, &why);
            }
            Some(entered as u64)
        }
        (_, Horizon::Customers(customers)) => Some(customers),
        (LineArrivals::Renewal(law), Horizon::Until(until)) => {
            let longest = longest_service_trace(tandem);
            longest.map(|longest| count_until(law, until, tandem.seed, longest))
        }
        // How many enter depends on draws that belong to the run, which then says so.
        (LineArrivals::Rates(_) | LineArrivals::Saturated, Horizon::Until(_)) => None,
    };
    let Some(customers) = customers else {
        return Ok(());
    };
    for (index, stage) in tandem.stages.iter().enumerate() {
        if let Some(length) = stage.service.length().filter(|&length| length < customers) {
            let path = KeyPath::to(&["stages"]).index(index).key("service");
            return needed(&path, length as usize, customers, ", one for each customer");
        }
    }
    Ok(())
}

fn longest_service_trace(tandem: &Tandem) -> Option<u64> {
    let lengths = tandem.stages.iter().map(|stage| stage.service.length());
    lengths.flatten().max()
}

/// How many customers of replication 0 enter: the source's own draws, summed as it sums them. Counting
/// goes on past the longest trace only as far as saying how many were needed is quick.
fn count_until(law: &Law, until: f64, seed: u64, longest: u64) -> u64 {
    let stream = Stream::new(seed, 0, "arrivals", Purpose::Arrivals);
    let mut sampler = Sampler::new(law, stream);
    let (mut clock, mut entered) = (0.0, 0);
    let most = longest.saturating_add(100_000_000);
    while entered < most {
        let Some(value) = sampler.draw() else { break };
        clock += value;
        if clock > until {
            break;
        }
        entered += 1;
    }
    entered
}
