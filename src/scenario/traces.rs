//! Recorded values that are used once, in order: the check that there are enough of them, if that can be known
//! before the run. If it depends on draws of the run, the run checks it.

use super::{Flow, Horizon, LineArrivals, Stage, Tandem};
use crate::number::of_them;
use crate::problem::{KeyPath, Problem, Segment};
use crate::random::laws::Trace;
use crate::random::{Law, Purpose, Sampler, Stream};

/// Checks that every trace is long enough.
pub(super) fn check(tandem: &Tandem) -> Result<(), Problem> {
    let Some(customers) = entering(tandem)? else {
        return Ok(());
    };
    for (index, stage) in tandem.stages.iter().enumerate() {
        for (key, law, class) in stage.laws_of_customers() {
            let all = match class {
                None => Some(customers),
                Some(class) => of_class(tandem, class, customers),
            };
            if let Some(has) = law.length()
                && let Some(all) = all
                && has < all
            {
                let path = KeyPath::to(&[tandem.list()]).index(index).key(key);
                let whom = match class {
                    None => "customer".to_owned(),
                    Some(class) => format!("customer of class `{}`", tandem.classes[class].name),
                };
                let why = format!(", one for each {whom}");
                return Err(needed(&path, has, all, &why));
            }
        }
    }
    Ok(())
}

/// The problem of a trace that is too short.
fn needed(path: &KeyPath, has: u64, needed: u64, why: &str) -> Problem {
    let has = of_them(has, "value");
    let message = format!("`{path}` has {has}, but {needed} are needed{why}");
    let times = path.0.last() == Some(&Segment::Key("times".to_owned()));
    let help = match times {
        true => "every time is used once: let fewer customers come, or name times for all",
        false => {
            "a trace is used once, in order; with `repeat = true` it begins again, and `empirical` \
             draws with replacement"
        }
    };
    Problem::value(path, message)
        .also(KeyPath::to(&["horizon"]))
        .help(help)
}

/// The number of customers who enter, if it is known.
fn entering(tandem: &Tandem) -> Result<Option<u64>, Problem> {
    let at = KeyPath::to(&["arrivals"]);
    let batch = tandem.batch.as_ref();
    match &tandem.arrivals {
        LineArrivals::PerClass(flows) => {
            let mut all = Some(0);
            for (class, Flow { arrivals, batch }) in flows.iter().enumerate() {
                let at = KeyPath::to(&["classes"]).index(class).key("arrivals");
                let entering = match tandem.horizon {
                    Horizon::Customers(_) => None,
                    Horizon::Until(_) => brought(arrivals, batch.as_ref(), tandem, &at)?,
                };
                all = all.zip(entering).map(|(all, one): (u64, u64)| all + one);
            }
            Ok(match tandem.horizon {
                Horizon::Customers(customers) => Some(customers),
                Horizon::Until(_) => all,
            })
        }
        arrivals => brought(arrivals, batch, tandem, &at),
    }
}

/// The number of customers that some arrivals bring, if it is known.
fn brought(
    arrivals: &LineArrivals,
    batch: Option<&Law>,
    tandem: &Tandem,
    at: &KeyPath,
) -> Result<Option<u64>, Problem> {
    let known = batch.is_none() && tandem.busy_day.is_none();
    match (arrivals, tandem.horizon) {
        (_, Horizon::Customers(customers)) if !known => Ok(Some(customers)),
        (_, Horizon::Until(_)) if !known => Ok(None),
        (
            LineArrivals::Times(times) | LineArrivals::Recorded { times, .. },
            Horizon::Customers(customers),
        ) => {
            if (times.len() as u64) < customers {
                return Err(needed(&at.key("times"), times.len() as u64, customers, ""));
            }
            Ok(Some(customers))
        }
        (
            LineArrivals::Times(times) | LineArrivals::Recorded { times, .. },
            Horizon::Until(until),
        ) => Ok(Some(times.partition_point(|&time| time <= until) as u64)),
        (
            LineArrivals::Renewal(Law::Trace(Trace {
                values,
                repeat: false,
            })),
            Horizon::Customers(customers),
        ) => {
            if (values.len() as u64) < customers {
                let path = at.key("interarrival");
                return Err(needed(&path, values.len() as u64, customers, ""));
            }
            Ok(Some(customers))
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
                let path = at.key("interarrival");
                return Err(needed(
                    &path,
                    values.len() as u64,
                    values.len() as u64 + 1,
                    &why,
                ));
            }
            Ok(Some(entered as u64))
        }
        (LineArrivals::Population(count), _) => Ok(Some(*count)),
        (_, Horizon::Customers(customers)) => Ok(Some(customers)),
        (LineArrivals::Renewal(law), Horizon::Until(until)) if tandem.classes.is_empty() => {
            let longest = longest_trace(tandem);
            Ok(longest.map(|longest| count_until(law, until, tandem.seed, longest)))
        }
        (_, Horizon::Until(_)) => Ok(None),
    }
}

/// The number of customers of a class among the first ones, if it is known.
fn of_class(tandem: &Tandem, class: usize, customers: u64) -> Option<u64> {
    match &tandem.arrivals {
        LineArrivals::Recorded { classes, .. } if tandem.batch.is_none() => {
            let first = classes.iter().zip(0..customers);
            Some(first.filter(|(one, _)| **one == class).count() as u64)
        }
        _ => None,
    }
}

fn longest_trace(tandem: &Tandem) -> Option<u64> {
    let laws = tandem.stages.iter().flat_map(Stage::laws_of_customers);
    laws.filter_map(|(_, law, _)| law.length()).max()
}

/// The number of customers of replication 0 who enter: the source's own draws, summed as it sums them. Counting
/// continues past the longest trace only as far as it is quick.
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
