//! The closed form of a network: Jackson's if customers come and go, that of Gordon and Newell if they stay.

use super::line::{LONG_RUN, NOT_RECORDED, gaps};
use super::{
    CUSTOMERS_LONG, ClosedForm, SETTLING_TIMES, Trial, is_long, is_recorded, length, settling,
};
use crate::random::Law;
use crate::scenario::{
    Discipline, Horizon, LineArrivals, Next, PerClass, Routing, Servers, Service, Stage, Stop,
    Tandem, To, entering, traffic,
};
use crate::theory::chain::stationary;
use crate::theory::closed_network::{self, Station};
use crate::theory::{NoAnswer, m_m_c};
use std::collections::BTreeMap;

type Values = Vec<(String, f64)>;

/// The form of an open network.
const JACKSON: &str = "a network of M/M/c queues (Jackson)";

/// The text before the name of the first station at which an assumption fails.
const NOT_SO_AT: &str = " (not so at ";

/// The maximum number of terms summed: about a second's work.
const TERMS_MAX: f64 = 2e8;

/// The maximum number of customers who stay: some hundred megabytes of sums.
const POPULATION_MAX: u64 = 5_000_000;

/// The closest form.
pub(super) fn fit(line: &Tandem, routing: &Routing) -> ClosedForm {
    match line.has_population() {
        true => closed(line, routing),
        false => open(line, routing),
    }
}

/// The form of a line with features that only the forms of networks cover: sharing, unlimited servers, scrap,
/// classes.
pub(super) fn of_line(line: &Tandem) -> ClosedForm {
    let routing = Routing::in_series(line.stages.len(), line.class_count());
    let mut form = open(line, &routing);
    if form.model == JACKSON {
        form.model = match line.stages.as_slice() {
            [only] if only.servers == Servers::Unlimited => "M/G/∞",
            [_] => "M/M/c",
            _ => "M/M/c in series (Jackson)",
        }
        .to_owned();
    }
    for assumption in &mut form.assumptions {
        // The rest is a name.
        let (words, name) = match assumption.name.split_once(NOT_SO_AT) {
            Some((words, name)) => (words, format!("{NOT_SO_AT}{name}")),
            None => (assumption.name.as_str(), String::new()),
        };
        let words = words
            .replace("stations", "stages")
            .replace("the network", "the line");
        assumption.name = words + &name;
    }
    for (key, _) in &mut form.measures {
        if let Some(rest) = key.strip_prefix("stations.") {
            *key = format!("stages.{rest}");
        }
    }
    form
}

/// Checks the assumptions of all forms of networks.
fn assume_stations(trial: &mut Trial, line: &Tandem, routing: &Routing, most: Option<u64>) {
    let fails = |fine: &dyn Fn(&Stage) -> bool| {
        let found = line.stages.iter().find(|stage| !fine(stage));
        found.map(|stage| stage.name.clone())
    };
    let mut assume = |name: &str, fails: Option<String>| {
        match fails {
            Some(at) => trial.assume(format!("{name}{NOT_SO_AT}{at})"), false),
            None => trial.assume(name, true),
        };
    };
    let always = |stage: &Stage| {
        !matches!(stage.servers, Servers::Plan(_))
            && stage.faults.is_none()
            && stage.speeds.is_empty()
    };
    let drawn = |stage: &Stage| !stage.service.laws().any(is_recorded);
    assume(NOT_RECORDED, fails(&drawn));
    assume("servers are alike and always there", fails(&always));
    let patient = |stage: &Stage| stage.join.is_empty() && stage.patience == PerClass::Same(None);
    assume("everybody joins and nobody gives up", fails(&patient));
    let room = |stage: &Stage| {
        stage
            .places()
            .is_none_or(|places| most.is_some_and(|most| most <= places))
    };
    assume("there is a place for everybody", fails(&room));
    let plain = |stage: &Stage| {
        stage.setup == PerClass::Same(None)
            && matches!(
                stage.discipline,
                Discipline::Fifo | Discipline::ProcessorSharing
            )
    };
    assume(
        "stations serve first come first served, or all at once",
        fails(&plain),
    );
    let exponential = |stage: &Stage| is_insensitive(stage) || one_exponential(stage).is_some();
    assume(
        "services first come first served are exponential, and alike for all classes",
        fails(&exponential),
    );
    let mut priorities = line.classes.iter().map(|class| class.priority);
    let first = priorities.next();
    let alike = priorities.all(|priority| Some(priority) == first);
    trial.assume("all customers have one priority", alike);
    let links = routing.links.iter().filter_map(|link| link.next.as_ref());
    trial.assume(
        "customers go on by chance or by a fixed way",
        { links }.all(is_by_chance),
    );
}

/// Whether the next station depends on chance and class alone.
fn is_by_chance(next: &Next) -> bool {
    match next {
        Next::Shortest(_) | Next::RoundRobin(_) => false,
        Next::ByClass(each) => each.rules.iter().all(is_by_chance),
        Next::All(_) | Next::Chances(_) | Next::Random(_) => true,
    }
}

/// Whether only the mean of its services matters.
fn is_insensitive(stage: &Stage) -> bool {
    stage.discipline == Discipline::ProcessorSharing || stage.servers == Servers::Unlimited
}

/// The mean of a station's services, if they are all exponential with one mean.
fn one_exponential(stage: &Stage) -> Option<f64> {
    let Service::PerClass(laws) = &stage.service else {
        return None;
    };
    let mut laws = laws.all();
    let first = laws.next().filter(|law| law.is_exponential())?;
    let alike = |law: &Law| law.is_exponential() && law.mean() == first.mean();
    laws.all(alike).then(|| first.mean())
}

fn mean_of(stage: &Stage, class: usize) -> f64 {
    match &stage.service {
        Service::PerClass(laws) => laws.of(class).mean(),
        Service::PerServer(_) => f64::NAN,
    }
}

/// Whether arrivals are a Poisson process.
fn is_poisson(arrivals: &LineArrivals) -> bool {
    match arrivals {
        LineArrivals::PerClass(flows) => flows.iter().all(|flow| {
            flow.arrivals == LineArrivals::Population(0)
                || flow.batch.is_none() && is_poisson(&flow.arrivals)
        }),
        LineArrivals::Renewal(_) | LineArrivals::Rates(_) => {
            gaps(arrivals).is_some_and(|law| law.is_exponential())
        }
        _ => false,
    }
}

/// The arrivals at a station per unit of time, and the mean service.
fn at_station(line: &Tandem, traffic: &BTreeMap<Stop, f64>, station: usize) -> (f64, f64) {
    let here = traffic.iter().filter(|(stop, _)| stop.station == station);
    let (mut rate, mut work) = (0.0, 0.0);
    for (stop, flow) in here {
        rate += flow;
        work += flow * mean_of(&line.stages[station], stop.class);
    }
    (rate, if rate > 0.0 { work / rate } else { 0.0 })
}

fn open(line: &Tandem, routing: &Routing) -> ClosedForm {
    let alone = line.stages.len() == 1;
    let mut trial = Trial::new(match &line.stages[0] {
        stage if alone && stage.discipline == Discipline::ProcessorSharing => {
            "a station whose servers are shared (M/G/c with processor sharing)"
        }
        _ => JACKSON,
    });
    let poisson = is_poisson(&line.arrivals) && line.batch.is_none() && line.busy_day.is_none();
    trial.assume(
        "arrivals are Poisson processes, one customer at a time",
        poisson,
    );
    assume_stations(&mut trial, line, routing, None);
    trial.assume(
        "the network has no limit",
        routing.system_capacity.is_none(),
    );
    let entering = entering(line);
    let rate: f64 = entering.iter().sum();
    let traffic = traffic(line, routing, &entering);
    let settling = |(station, stage): (usize, &Stage)| {
        let (here, mean) = at_station(line, &traffic, station);
        let servers = f64::from(stage.servers.most().filter(|_| here > 0.0)?);
        Some(settling(here * mean / servers, 2.0, servers / mean))
    };
    let settling = line.stages.iter().enumerate().filter_map(settling);
    let settling = settling.fold(0.0, f64::max);
    trial.assume(LONG_RUN, is_long(length(line, rate), rate, settling));
    trial.conclude(|| jackson(line, &traffic, rate))
}

/// The values of an open network: each station is a queue by itself.
fn jackson(line: &Tandem, traffic: &BTreeMap<Stop, f64>, rate: f64) -> Result<Values, NoAnswer> {
    let mut values = Values::new();
    let (mut waiting, mut service, mut joined) = (0.0, 0.0, 0.0);
    for (station, stage) in line.stages.iter().enumerate() {
        let (here, mean) = at_station(line, traffic, station);
        if here == 0.0 {
            continue;
        }
        let visits = here / rate;
        let mut put =
            |key: &str, value: f64| values.push((format!("stations.{station}.{key}"), value));
        let Some(servers) = stage.servers.most() else {
            service += visits * mean;
            put("service.mean", mean);
            put("in_service.mean", here * mean);
            continue;
        };
        let mu = 1.0 / mean;
        let wait = m_m_c::waiting_mean(here, mu, servers)?;
        put("utilisation", here * mean / f64::from(servers));
        if stage.discipline == Discipline::ProcessorSharing {
            service += visits * (wait + mean);
            put("service.mean", wait + mean);
            put("in_service.mean", here * (wait + mean));
            continue;
        }
        let waited = m_m_c::waited_fraction(here, mu, servers)?;
        waiting += visits * wait;
        service += visits * mean;
        joined += visits * waited;
        put("waiting.mean", wait);
        put("waited_fraction", waited);
        put("service.mean", mean);
        put("queue_length.mean", here * wait);
    }
    // The measures of the whole network cover only customers served to the end.
    if line.stages.iter().all(|stage| stage.scrap == 0.0) {
        for (key, value) in [
            ("waiting.mean", waiting),
            ("service.mean", service),
            ("sojourn.mean", waiting + service),
            ("queues_joined.mean", joined),
            ("throughput", rate),
        ] {
            values.push((key.to_owned(), value));
        }
    }
    Ok(values)
}

fn closed(line: &Tandem, routing: &Routing) -> ClosedForm {
    let repair = line.stages.len() == 2
        && line
            .stages
            .iter()
            .filter(|stage| stage.servers == Servers::Unlimited)
            .count()
            == 1;
    let mut trial = Trial::new(match repair {
        true => "machine repair (M/M/c//N)",
        false => "a closed network (Gordon and Newell)",
    });
    let only = line.classes.len() == 1;
    trial.assume("there is one class of customers, who stay for ever", only);
    let population = match &line.arrivals {
        LineArrivals::PerClass(flows) => match flows[0].arrivals {
            LineArrivals::Population(count) => count,
            _ => 0,
        },
        _ => 0,
    };
    assume_stations(&mut trial, line, routing, Some(population));
    let scrapped = line.stages.iter().any(|stage| stage.scrap > 0.0);
    trial.assume("nothing is scrapped", !scrapped);
    let visits = rounds(line, routing);
    trial.assume("everybody comes back to the entry", visits.is_some());
    let until = match line.horizon {
        Horizon::Until(until) => until,
        Horizon::Customers(_) => 0.0,
    };
    let visits = visits.unwrap_or_default();
    let work = visits.iter().zip(&line.stages);
    let work: f64 = work.map(|(visits, stage)| visits * mean_of(stage, 0)).sum();
    // No round is shorter than its work, or than the time the busiest station takes to serve all customers.
    let busiest = visits.iter().zip(&line.stages).map(|(visits, stage)| {
        let servers = stage.servers.most().map_or(f64::INFINITY, f64::from);
        population as f64 * visits * mean_of(stage, 0) / servers
    });
    let round = busiest.fold(work, f64::max);
    let long =
        until * population as f64 >= CUSTOMERS_LONG * work && until >= SETTLING_TIMES * round;
    trial.assume("the run is long enough to forget how it began", long);
    let stations = line.stages.iter().zip(&visits);
    let stations: Vec<Station> = stations
        .map(|(stage, &visits)| Station {
            visits,
            service: mean_of(stage, 0),
            servers: stage.servers.most(),
        })
        .collect();
    trial.assume(
        "customers and servers are few enough to sum over",
        closed_network::terms(population, &stations) <= TERMS_MAX && population <= POPULATION_MAX,
    );
    trial.conclude(|| gordon_newell(line, routing, &stations, population))
}

/// Visits to each station per visit to the entry, in proportion to the stationary probabilities of a customer's
/// way; none if a customer may not return.
fn rounds(line: &Tandem, routing: &Routing) -> Option<Vec<f64>> {
    let entry = Stop {
        station: routing.courses[0].enter? as usize,
        class: 0,
        stop: 0,
    };
    let mut stops = vec![entry];
    let mut ways: Vec<(usize, usize, f64)> = Vec::new();
    let mut from = 0;
    while from < stops.len() {
        for (to, next, share) in routing.onward(stops[from]) {
            if to == To::Out {
                return None;
            }
            let known = stops.iter().position(|&other| other == next);
            let to = known.unwrap_or_else(|| {
                stops.push(next);
                stops.len() - 1
            });
            ways.push((from, to, share));
        }
        from += 1;
    }
    let mut shares = vec![vec![0.0; stops.len()]; stops.len()];
    for (from, to, share) in ways {
        shares[from][to] += share;
    }
    let mut visits = vec![0.0; line.stages.len()];
    for (stop, chance) in stops.iter().zip(stationary(shares)) {
        visits[stop.station] += chance;
    }
    let first = visits[entry.station];
    visits.iter_mut().for_each(|value| *value /= first);
    visits
        .iter()
        .all(|value| value.is_finite())
        .then_some(visits)
}

fn gordon_newell(
    line: &Tandem,
    routing: &Routing,
    stations: &[Station],
    population: u64,
) -> Result<Values, NoAnswer> {
    let (rounds, seen) = closed_network::solve(population, stations)?;
    let mut values = Values::new();
    for (station, (stage, seen)) in line.stages.iter().zip(&seen).enumerate() {
        let Station {
            visits,
            service,
            servers,
        } = stations[station];
        if visits == 0.0 {
            continue;
        }
        let mut put =
            |key: &str, value: f64| values.push((format!("stations.{station}.{key}"), value));
        let rate = rounds * visits;
        if let Some(servers) = servers {
            put("utilisation", rate * service / f64::from(servers));
        }
        if is_insensitive(stage) {
            put("service.mean", seen.sojourn);
            put("in_service.mean", seen.customers);
        } else {
            put("waiting.mean", seen.sojourn - service);
            put("service.mean", service);
            put("queue_length.mean", seen.customers - rate * service);
        }
    }
    let entry = routing.courses[0].enter.unwrap_or(0) as usize;
    let rate = rounds * stations[entry].visits;
    for (key, value) in [
        ("cycle_time.mean", population as f64 / rate),
        ("cycle_rate", rate),
    ] {
        values.push((format!("classes.0.{key}"), value));
    }
    Ok(values)
}
