//! Reachability in a network: checks that every way on is given and that every customer can leave, with the
//! consequences for traces and reserved places.

use super::error::listed;
use super::line::check_reserving;
use super::load::Door;
use super::{LineArrivals, PerClass, Routing, Service, Stop, Tandem, To};
use crate::problem::{KeyPath, Problem};
use crate::random::Law;
use std::collections::BTreeMap;

/// The stops that can be reached, each with its possible next stops, and whether each of these may be the way out.
pub(super) type Reached = BTreeMap<Stop, Vec<(To, Stop)>>;

/// Checks that routes lead somewhere and every customer can leave; warns of stations and classes that are never
/// reached.
pub(super) fn check(tandem: &Tandem, door: &mut Door) -> Result<Reached, Problem> {
    let routing = tandem.routing.as_ref().expect("a network");
    let mut seen = Reached::new();
    for class in 0..routing.courses.len() {
        let Some(first) = first_stop(tandem, routing, class) else {
            continue;
        };
        let reached = from(tandem, routing, first)?;
        check_end(tandem, class, &reached)?;
        seen.extend(reached);
    }
    for (station, stage) in tandem.stages.iter().enumerate() {
        if !seen.keys().any(|stop| stop.station == station) {
            door.warnings.push(format!(
                "nobody ever comes to station `{}`: no way leads there",
                stage.name
            ));
        }
    }
    for (class, one) in tandem.classes.iter().enumerate() {
        if !seen.keys().any(|stop| stop.class == class) {
            door.warnings.push(format!(
                "nobody is ever of class `{}`: nobody comes as it and nobody becomes it",
                one.name
            ));
        }
    }
    Ok(seen)
}

/// The first stop of customers of a class, if there are any.
fn first_stop(tandem: &Tandem, routing: &Routing, class: usize) -> Option<Stop> {
    let comes = match &tandem.arrivals {
        LineArrivals::PerClass(flows) => flows[class].arrivals != LineArrivals::Population(0),
        LineArrivals::Recorded { .. } => true,
        _ => tandem.classes.get(class).is_none_or(|one| one.share > 0.0),
    };
    let station = routing.courses[class].enter.filter(|_| comes)? as usize;
    let stop = 0;
    Some(Stop {
        station,
        class,
        stop,
    })
}

/// All stops that can be reached from one.
fn from(tandem: &Tandem, routing: &Routing, first: Stop) -> Result<Reached, Problem> {
    let mut seen = Reached::new();
    let mut open = vec![first];
    while let Some(at) = open.pop() {
        if seen.contains_key(&at) {
            continue;
        }
        let leaves_here = tandem.stages[at.station].scrap >= 1.0;
        let after = match leaves_here {
            true => Vec::new(),
            false => onward(tandem, routing, at)?,
        };
        let stations = after.iter().filter(|(to, _)| *to != To::Out);
        open.extend(stations.map(|&(_, stop)| stop));
        seen.insert(at, after);
    }
    Ok(seen)
}

/// The possible next stops.
fn onward(tandem: &Tandem, routing: &Routing, at: Stop) -> Result<Vec<(To, Stop)>, Problem> {
    let path = KeyPath::to(&["stations"]).index(at.station);
    let name = &tandem.stages[at.station].name;
    if routing.courses[at.class].route.is_none() {
        let Some(next) = &routing.links[at.station].next else {
            let message = format!(
                "missing key `next` in `{path}`: customers come to `{name}` without a route"
            );
            return Err(Problem::value(&path, message)
                .help("`next`: where they go after their service, such as `next = \"out\"`"));
        };
        for (class, _) in routing.becomes(at.station, at.class) {
            let routed = routing.courses[class].route.is_some();
            if next.of(class).is_none() && !routed {
                let class = &tandem.classes[class].name;
                let path = path.key("next").key("by_class");
                let message =
                    format!("`{path}` has no way for class `{class}`, which comes to `{name}`");
                return Err(Problem::value(&path, message).help(format!(
                    "give `{class}` one, or `other`, which stands for all classes not named"
                )));
            }
        }
    }
    let onward = routing.onward(at).into_iter();
    Ok(onward.map(|(to, stop, _)| (to, stop)).collect())
}

/// Checks that every customer of an open class can leave, from every stop it reaches; a population never can.
fn check_end(tandem: &Tandem, class: usize, reached: &Reached) -> Result<(), Problem> {
    let stays = tandem.stays(class);
    let name = |stop: &Stop| &tandem.stages[stop.station].name[..];
    let leaves = |after: &Vec<(To, Stop)>| after.iter().any(|(to, _)| *to == To::Out);
    let class_name = tandem
        .classes
        .get(class)
        .map_or("", |class| &class.name[..]);
    if stays {
        let Some((stop, _)) = reached.iter().find(|(_, after)| leaves(after)) else {
            return Ok(());
        };
        let message = format!(
            "class `{class_name}` has a population, which never leaves, but from `{}` it may go `out`",
            name(stop)
        );
        let path = KeyPath::to(&["stations"]).index(stop.station).key("next");
        return Err(Problem::value(&path, message)
            .also(KeyPath::to(&["classes"]).index(class).key("population"))
            .help("let it go to a station, or give the class arrivals in place of a population"));
    }
    let mut ending: Vec<Stop> = Vec::new();
    loop {
        let more = reached.iter().find(|(stop, after)| {
            !ending.contains(stop)
                && (tandem.stages[stop.station].scrap > 0.0
                    || leaves(after)
                    || after.iter().any(|(_, next)| ending.contains(next)))
        });
        match more {
            Some((stop, _)) => ending.push(*stop),
            None => break,
        }
    }
    let stuck: Vec<&Stop> = reached
        .keys()
        .filter(|stop| !ending.contains(stop))
        .collect();
    let Some(first) = stuck.first() else {
        return Ok(());
    };
    let mut among: Vec<&str> = stuck.iter().map(|stop| name(stop)).collect();
    among.dedup();
    let who = match class_name {
        "" => "customers".to_owned(),
        class => format!("customers of class `{class}`"),
    };
    let path = KeyPath::to(&["stations"]).index(first.station).key("next");
    let as_what = match tandem.classes.get(first.class) {
        Some(now) if first.class != class => format!(" as `{}`", now.name),
        _ => String::new(),
    };
    let message = format!(
        "{who} who come to `{}`{as_what} can never leave the network",
        name(first)
    );
    Err(Problem::value(&path, message)
        .also(KeyPath::to(&["stations"]).index(first.station))
        .help(format!(
            "from {} no way leads `out`; customers who are to stay for ever are a `population`",
            listed(&among)
        )))
}

/// Whether a customer can come to a station more than once.
fn returns(reached: &Reached, station: usize) -> bool {
    let mut seen: Vec<Stop> = Vec::new();
    let mut open: Vec<Stop> = Vec::new();
    for (stop, after) in reached {
        if stop.station == station {
            open.extend(
                after
                    .iter()
                    .filter(|(to, _)| *to != To::Out)
                    .map(|(_, next)| *next),
            );
        }
    }
    while let Some(stop) = open.pop() {
        if stop.station == station {
            return true;
        }
        if seen.contains(&stop) {
            continue;
        }
        seen.push(stop);
        let after = reached.get(&stop).into_iter().flatten();
        open.extend(
            after
                .filter(|(to, _)| *to != To::Out)
                .map(|(_, next)| *next),
        );
    }
    false
}

/// Refuses recorded values if a customer could need two of them, or none belongs to it.
pub(super) fn check_traces(tandem: &Tandem, reached: &Reached) -> Result<(), Problem> {
    let recorded = |law: &Law| matches!(law, Law::Trace(_));
    let routing = tandem.routing.as_ref().expect("a network");
    for (index, stage) in tandem.stages.iter().enumerate() {
        let at = KeyPath::to(&["stations"]).index(index);
        let optional = |laws: &PerClass<Option<Law>>| laws.all().flatten().any(recorded);
        let services = stage.service.laws().any(recorded);
        let traced = [
            ("service", services),
            ("setup", optional(&stage.setup)),
            ("patience", optional(&stage.patience)),
        ];
        let traced = traced.into_iter().find(|&(_, traced)| traced);
        if let Some((key, _)) = traced
            && returns(reached, index)
        {
            let path = at.key(key);
            let message = format!(
                "`{path}` is a trace, but a customer can come to `{}` more than once",
                stage.name
            );
            return Err(Problem::value(&path, message)
                .help("`empirical` draws from the same values with replacement"));
        }
        // The k-th value belongs to the k-th customer who arrives as the class.
        let own = match &stage.service {
            Service::PerClass(PerClass::Each(laws)) => laws.iter().map(recorded).collect(),
            _ => Vec::new(),
        };
        let become_so = routing
            .links
            .iter()
            .flat_map(|link| link.becomes.iter().enumerate());
        let changes = become_so.flat_map(|(from, chances)| {
            let others = chances.iter().filter(move |(to, _)| *to as usize != from);
            others.map(|&(to, _)| to as usize)
        });
        let of = |laws: &PerClass<Option<Law>>, class: usize| match laws {
            PerClass::Each(each) => each[class].as_ref().is_some_and(recorded),
            PerClass::Same(_) => false,
        };
        for class in changes {
            for (key, recorded) in [
                ("service", own.get(class).copied().unwrap_or(false)),
                ("setup", of(&stage.setup, class)),
                ("patience", of(&stage.patience, class)),
            ] {
                if recorded {
                    let name = &tandem.classes[class].name;
                    let path = at.key(key).key("by_class");
                    let message =
                        format!("`{path}` has a trace for class `{name}`, which customers become");
                    return Err(Problem::value(&path, message)
                        .help("`empirical` draws from the same values with replacement"));
                }
            }
        }
    }
    Ok(())
}

/// Checks that the next station is known when a service begins, if a place there is reserved then. Returns the
/// station at which each reserves one.
pub(super) fn check_before_service(
    tandem: &Tandem,
    reached: &Reached,
) -> Result<Vec<Option<u32>>, Problem> {
    let routing = tandem.routing.as_ref().expect("a network");
    let mut reserves = vec![None; tandem.stages.len()];
    for (station, stage) in tandem.stages.iter().enumerate() {
        let here = reached.iter().filter(|(stop, _)| stop.station == station);
        let mut places: Vec<To> = here
            .flat_map(|(stop, after)| {
                // If all customers are scrapped none goes on, but each service has reserved a place.
                let onward = (stage.scrap >= 1.0).then(|| onward(tandem, routing, *stop).ok());
                let after = onward.flatten().unwrap_or_else(|| after.clone());
                after.into_iter().map(|(to, _)| to)
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        let limited = |to: &To| match to {
            To::Station(to) => tandem.stages[*to as usize].places().is_some(),
            To::Out => false,
        };
        let Some(To::Station(to)) = places.iter().copied().find(limited) else {
            continue;
        };
        let at = KeyPath::to(&["stations"]).index(station);
        let next = &tandem.stages[to as usize].name;
        if places.len() > 1 {
            let message = format!(
                "from `{}` customers go to several places, but `before-service` reserves a place of `{next}` when a \
                 service begins",
                stage.name
            );
            return Err(Problem::value(&at.key("next"), message)
                .also(at)
                .also(KeyPath::to(&["line", "blocking"]))
                .help("use `blocking = \"after-service\"`, give one `next`, or leave out the `buffer` there"));
        }
        check_reserving(tandem, station, to as usize)?;
        reserves[station] = Some(to);
    }
    Ok(reserves)
}
