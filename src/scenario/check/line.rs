//! The estimated cost of a line, and warnings about likely mistakes in it.

use super::pace::seconds_a_customer;
use super::{
    Estimate, MEMORY_ACTOR, MEMORY_BASE, MEMORY_CUSTOMER, MEMORY_INTERVAL, MEMORY_SERVER,
    MEMORY_STAYS, PLACES_A_CUSTOMER, THREAD_MESSAGE, THREAD_VISIT, THREAD_VISITS, VISITS_CLOCK,
    mean_rate, renewals, warn_of_drift, whole,
};
use crate::number::{agreeing, of_them};
use crate::random::Law;
use crate::scenario::{
    Blocking, Discipline, FaultWork, Flow, Horizon, LineArrivals, PerClass, Plan, Preemption,
    Routing, Servers, Service, Stage, StageFaults, Tandem, WarmUp, traffic,
};

/// Estimates the cost of a run of a line.
#[must_use]
pub fn estimate_line(tandem: &Tandem) -> Estimate {
    let stages = tandem.stages.len() as u64;
    let customers = customers(tandem);
    let visits = match &tandem.routing {
        Some(routing) => network_visits(tandem, routing, customers),
        None => customers * stages as f64,
    };
    let simple = |stage: &Stage| matches!(stage.plain(), Some(plain) if plain.servers == 1 && plain.buffer.is_none());
    let fast = tandem.is_plain() && tandem.stages.iter().all(simple);
    let servers = tandem
        .stages
        .iter()
        .filter_map(|stage| stage.servers.most());
    let servers: u64 = servers.map(u64::from).sum();
    let laws = tandem.stages.iter().flat_map(Stage::laws_of_customers);
    let traced: u64 =
        laws.map(|(_, law, _)| law.values_held()).sum::<u64>() + held(&tandem.arrivals);
    let waiting = longest_queue(tandem, customers);
    let (seconds, on_threads) = match (fast, tandem.is_plain()) {
        (true, _) => (customers * seconds_a_customer(tandem), THREAD_VISITS[0]),
        (false, true) => (customers * seconds_a_customer(tandem), THREAD_VISITS[1]),
        (false, false) => (visits / VISITS_CLOCK, THREAD_VISITS[2]),
    };
    let on_threads = visits / on_threads;
    let limited = tandem.stages.iter().skip(1).filter_map(Stage::places);
    // Stages with plain servers report places one by one; other stations ask when none is known to be free.
    let (least, loses) = match tandem.is_plain() {
        true => (PLACES_A_CUSTOMER, false),
        false => (1.0, tandem.routing.as_ref().is_some_and(|one| one.loses)),
    };
    let messages: f64 = limited
        .filter(|_| !loses)
        .map(|places| customers / (places as f64 / least).max(1.0))
        .sum();
    let span = match (&tandem.arrivals, tandem.horizon) {
        (LineArrivals::Times(times) | LineArrivals::Recorded { times, .. }, _) => {
            times.last().copied().unwrap_or(0.0)
        }
        (_, Horizon::Customers(customers)) => customers as f64 / arrival_rate(tandem),
        (_, Horizon::Until(until)) => until,
    };
    let intervals = tandem.intervals.map_or(0, |one| one.count(span) as u64);
    let threads_told_seconds = match tandem.is_plain() {
        true => on_threads + messages * THREAD_MESSAGE,
        false => on_threads + visits * THREAD_VISIT,
    };
    Estimate {
        events: whole(visits),
        memory_bytes: MEMORY_BASE
            .saturating_add(stages * MEMORY_ACTOR)
            .saturating_add(servers.saturating_mul(MEMORY_SERVER))
            .saturating_add(intervals.saturating_mul(MEMORY_INTERVAL))
            .saturating_add(traced.saturating_mul(8))
            .saturating_add(whole(population(tandem) * MEMORY_STAYS))
            .saturating_add(whole(
                waiting * MEMORY_CUSTOMER[usize::from(!tandem.is_plain())],
            )),
        seconds,
        threads_seconds: match tandem.is_plain() {
            false if tandem.feeds().is_ok() => on_threads + messages * THREAD_MESSAGE,
            _ => threads_told_seconds,
        },
        threads_told_seconds,
        span,
    }
}

/// The expected number of visits to stations of a network.
fn network_visits(tandem: &Tandem, routing: &Routing, customers: f64) -> f64 {
    let traffic = traffic(tandem, routing, &entering(tandem));
    let rate = arrival_rate(tandem);
    let visits = match rate > 0.0 && rate.is_finite() {
        true => customers * traffic.values().sum::<f64>() / rate,
        false => customers * tandem.stages.len() as f64,
    };
    // Customers who stay for ever at most keep the servers busy.
    let closed = match tandem.horizon {
        Horizon::Until(until) if tandem.has_population() => {
            // At most as fast as the slowest station, and as customers would go round without waiting.
            let counts = populations(tandem);
            let shares: Vec<f64> = counts
                .iter()
                .map(|count| count / population(tandem))
                .collect();
            let means = tandem
                .stages
                .iter()
                .map(|stage| mean_by_shares(stage, &shares).max(1e-9));
            let around = population(tandem) / means.clone().sum::<f64>();
            let stages = tandem.stages.iter().zip(means);
            let rates = stages.map(|(stage, mean)| capacity(stage).min(population(tandem)) / mean);
            let slowest = rates.fold(around, f64::min);
            until * slowest * tandem.stages.len() as f64
        }
        _ => 0.0,
    };
    visits + closed
}

/// The number of customers who stay for ever.
fn population(tandem: &Tandem) -> f64 {
    populations(tandem).iter().sum()
}

/// The same by class.
fn populations(tandem: &Tandem) -> Vec<f64> {
    let LineArrivals::PerClass(flows) = &tandem.arrivals else {
        return Vec::new();
    };
    let counts = flows.iter().map(|flow| match flow.arrivals {
        LineArrivals::Population(count) => count as f64,
        _ => 0.0,
    });
    counts.collect()
}

/// Customers of each class per unit of time.
pub fn entering(tandem: &Tandem) -> Vec<f64> {
    match &tandem.arrivals {
        LineArrivals::PerClass(flows) => {
            let rates = rates_of(flows, tandem.horizon).into_iter();
            rates
                .map(|rate| if rate.is_finite() { rate } else { 0.0 })
                .collect()
        }
        _ => {
            let all = arrival_rate(tandem);
            let all = if all.is_finite() { all } else { 0.0 };
            shares(tandem).iter().map(|share| share * all).collect()
        }
    }
}

/// The work that arrives at a station of a network per unit of time.
fn offered(tandem: &Tandem, routing: &Routing, station: usize) -> f64 {
    let traffic = traffic(tandem, routing, &entering(tandem));
    let here = traffic.iter().filter(|(stop, _)| stop.station == station);
    let work = |class: usize| match &tandem.stages[station].service {
        Service::PerClass(laws) => laws.of(class).mean(),
        Service::PerServer(_) => mean_service(tandem, &tandem.stages[station]),
    };
    here.map(|(stop, rate)| rate * work(stop.class)).sum()
}

/// The number of values that arrivals hold in memory.
fn held(arrivals: &LineArrivals) -> u64 {
    match arrivals {
        LineArrivals::Renewal(law) => law.values_held(),
        LineArrivals::Times(times) => times.len() as u64,
        LineArrivals::Recorded { times, .. } => 2 * times.len() as u64,
        LineArrivals::Rates(_) | LineArrivals::Saturated | LineArrivals::Population(_) => 0,
        LineArrivals::PerClass(flows) => flows.iter().map(|flow| held(&flow.arrivals)).sum(),
    }
}

/// The expected number of customers.
fn customers(tandem: &Tandem) -> f64 {
    match tandem.horizon {
        Horizon::Customers(customers) => customers as f64,
        Horizon::Until(until) => match &tandem.arrivals {
            LineArrivals::Saturated => until * arrival_rate(tandem),
            LineArrivals::PerClass(flows) => flows
                .iter()
                .map(|flow| arrivals_until(&flow.arrivals, until) * batch(flow.batch.as_ref()))
                .sum(),
            arrivals => arrivals_until(arrivals, until) * batch(tandem.batch.as_ref()),
        },
    }
}

/// The expected number of arrivals from one source until a time.
fn arrivals_until(arrivals: &LineArrivals, until: f64) -> f64 {
    match arrivals {
        LineArrivals::Times(times) | LineArrivals::Recorded { times, .. } => {
            times.partition_point(|&time| time <= until) as f64
        }
        LineArrivals::Population(count) => *count as f64,
        _ => until * rate(arrivals, Horizon::Until(until)),
    }
}

/// The mean number of customers at an arrival.
fn batch(law: Option<&Law>) -> f64 {
    law.map_or(1.0, Law::mean)
}

/// Customers per unit of time; infinite if times between arrivals are always 0.
fn arrival_rate(tandem: &Tandem) -> f64 {
    match &tandem.arrivals {
        LineArrivals::PerClass(flows) => rates_of(flows, tandem.horizon).iter().sum(),
        LineArrivals::Saturated => {
            let first = &tandem.stages[0];
            capacity(first) / mean_service(tandem, first)
        }
        arrivals => rate(arrivals, tandem.horizon) * batch(tandem.batch.as_ref()),
    }
}

/// Customers per unit of time of each class; if all are recorded, over the span of all recordings.
fn rates_of(flows: &[Flow], horizon: Horizon) -> Vec<f64> {
    let horizon = match horizon {
        Horizon::Customers(most) => last_of(flows, most).map_or(horizon, Horizon::Until),
        until => until,
    };
    let recorded = |flow: &Flow| match &flow.arrivals {
        LineArrivals::Times(times) | LineArrivals::Recorded { times, .. } => {
            let times = entering_of(times, horizon);
            Some((times.len(), *times.first()?, *times.last()?))
        }
        _ => None,
    };
    let spans = flows.iter().filter_map(recorded);
    let all = spans.reduce(|one, other| {
        let (first, last) = (one.1.min(other.1), one.2.max(other.2));
        (one.0 + other.0, first, last)
    });
    let of = |flow: &Flow| match (recorded(flow), all) {
        (Some((count, ..)), Some((all, first, last))) => {
            rate_within(all, first, last) * (count as f64 / all as f64)
        }
        _ => rate(&flow.arrivals, horizon),
    };
    let many = |flow: &Flow| of(flow) * batch(flow.batch.as_ref());
    flows.iter().map(many).collect()
}

/// The arrival of the last of this many customers, if all are recorded and there are more.
fn last_of(flows: &[Flow], most: u64) -> Option<f64> {
    let mut all = Vec::new();
    for flow in flows {
        match &flow.arrivals {
            LineArrivals::Times(times) | LineArrivals::Recorded { times, .. } => {
                all.extend(times.iter())
            }
            _ => return None,
        }
    }
    let last = usize::try_from(most.checked_sub(1)?).ok()?;
    (last < all.len()).then(|| *all.select_nth_unstable_by(last, f64::total_cmp).1)
}

/// The recorded customers who enter before the horizon.
fn entering_of(times: &[f64], horizon: Horizon) -> &[f64] {
    let entering = match horizon {
        Horizon::Until(until) => times.partition_point(|&time| time <= until),
        Horizon::Customers(most) => times.len().min(usize::try_from(most).unwrap_or(usize::MAX)),
    };
    &times[..entering]
}

/// The rate of this many arrivals between the first and the last of them.
fn rate_within(count: usize, first: f64, last: f64) -> f64 {
    match last > first {
        true => (count - 1) as f64 / (last - first),
        false => f64::INFINITY,
    }
}

/// Arrivals per unit of time of one source.
fn rate(arrivals: &LineArrivals, horizon: Horizon) -> f64 {
    match arrivals {
        LineArrivals::Renewal(law) => match horizon {
            Horizon::Until(until) => renewals(law, until),
            Horizon::Customers(_) => 1.0 / law.mean(),
        },
        LineArrivals::Times(times) | LineArrivals::Recorded { times, .. } => {
            let times = entering_of(times, horizon);
            match (times.first(), times.last()) {
                (Some(&first), Some(&last)) => rate_within(times.len(), first, last),
                _ => 0.0,
            }
        }
        LineArrivals::Rates(pieces) => mean_rate(pieces),
        LineArrivals::Saturated | LineArrivals::PerClass(_) => f64::INFINITY,
        LineArrivals::Population(_) => 0.0,
    }
}

/// The share of each class among the customers.
fn shares(tandem: &Tandem) -> Vec<f64> {
    match &tandem.arrivals {
        LineArrivals::PerClass(flows) => {
            let rates = rates_of(flows, tandem.horizon);
            let all: f64 = rates.iter().sum();
            let even = 1.0 / rates.len() as f64;
            let is_known = all > 0.0 && all.is_finite();
            let share = |rate: &f64| if is_known { rate / all } else { even };
            rates.iter().map(share).collect()
        }
        LineArrivals::Recorded { classes, .. } => {
            let mut counts = vec![0.0; tandem.class_count()];
            classes.iter().for_each(|&class| counts[class] += 1.0);
            let all = classes.len() as f64;
            counts.iter().map(|count| count / all).collect()
        }
        _ if tandem.classes.is_empty() => vec![1.0],
        _ => tandem.classes.iter().map(|class| class.share).collect(),
    }
}

/// The mean work of a service at a stage.
fn mean_service(tandem: &Tandem, stage: &Stage) -> f64 {
    mean_by_shares(stage, &shares(tandem))
}

/// The same with these shares of the classes.
fn mean_by_shares(stage: &Stage, shares: &[f64]) -> f64 {
    match &stage.service {
        Service::PerClass(PerClass::Same(law)) => law.mean(),
        Service::PerClass(PerClass::Each(laws)) => {
            let parts = laws.iter().zip(shares).filter(|(_, share)| **share > 0.0);
            parts.map(|(law, share)| law.mean() * share).sum()
        }
        Service::PerServer(laws) => {
            // All servers together, when busy, finish customers at the sum of their rates.
            let rates: f64 = laws.iter().map(|law| 1.0 / law.mean()).sum();
            laws.len() as f64 / rates
        }
    }
}

/// The work a stage does per unit of time while all servers on duty and up are busy.
fn capacity(stage: &Stage) -> f64 {
    let on_duty = |count: u32| -> f64 { (0..count as usize).map(|n| stage.speed(n)).sum() };
    let planned = match &stage.servers {
        Servers::Unlimited => return f64::INFINITY,
        Servers::Count(count) => on_duty(*count),
        Servers::Plan(plan) => mean_over(plan, on_duty),
    };
    let Some(faults) = &stage.faults else {
        return planned;
    };
    let (up, down) = (faults.every.mean(), faults.repair.mean());
    let (up, down) = match (up.is_finite(), down.is_finite()) {
        (true, true) => (up / (up + down), down / (up + down)),
        (false, _) => (1.0, 0.0),
        (true, false) => (0.0, 1.0),
    };
    planned * (up + down * faults.slow.unwrap_or(0.0))
}

/// The mean over a plan's period, or the value of its last piece if it is not repeated.
fn mean_over(plan: &Plan, value: impl Fn(u32) -> f64) -> f64 {
    let last = plan.pieces.last().expect("a plan has a piece");
    let Some(repeat) = plan.repeat else {
        return value(last.count);
    };
    let ends = plan.pieces.iter().skip(1).map(|piece| piece.from);
    let pieces = plan.pieces.iter().zip(ends.chain([repeat]));
    let areas = pieces.map(|(piece, end)| (end - piece.from) * value(piece.count));
    areas.sum::<f64>() / repeat
}

/// The work that arrives at a stage, over its capacity.
fn load(tandem: &Tandem, stage: &Stage) -> f64 {
    if let Some(routing) = &tandem.routing {
        let station = tandem.stages.iter().position(|one| one.name == stage.name);
        return offered(tandem, routing, station.unwrap_or(0)) / capacity(stage);
    }
    let before = tandem.stages.iter();
    let before = before.take_while(|one| one.name != stage.name);
    let stay: f64 = before.map(|one| 1.0 - one.scrap).product();
    arrival_rate(tandem) * stay * mean_service(tandem, stage) / capacity(stage)
}

/// The load of each stage from outside arrivals, without set-ups.
pub(super) fn loads(tandem: &Tandem) -> Vec<Option<f64>> {
    let known = tandem.arrivals != LineArrivals::Saturated && !tandem.has_population();
    let of = |stage: &Stage| {
        let load = Some(load(tandem, stage)).filter(|load| load.is_finite());
        load.filter(|_| known && stage.servers != Servers::Unlimited)
    };
    tandem.stages.iter().map(of).collect()
}

/// The expected number of customers waiting at the end, if a stage cannot keep up.
fn longest_queue(tandem: &Tandem, customers: f64) -> f64 {
    if tandem.arrivals == LineArrivals::Saturated {
        return 0.0;
    }
    let excess = |stage: &Stage| {
        if keeps_its_queue_short(stage) {
            return 0.0;
        }
        let waiting = customers * (1.0 - 1.0 / load(tandem, stage).max(1.0));
        stage
            .buffer
            .map_or(waiting, |buffer| waiting.min(buffer as f64))
    };
    tandem.stages.iter().map(excess).fold(0.0, f64::max)
}

/// Adds warnings about likely mistakes in a line.
pub(super) fn warn(tandem: &Tandem, warnings: &mut Vec<String>) {
    warn_of_warm_up(tandem, warnings);
    let span = estimate_line(tandem).span;
    let mut of_flow = |arrivals: &LineArrivals| {
        if let LineArrivals::Rates(rates) = arrivals {
            warn_of_drift(tandem.start, rates, span, warnings);
        }
    };
    match &tandem.arrivals {
        LineArrivals::PerClass(flows) => flows.iter().for_each(|flow| of_flow(&flow.arrivals)),
        all => of_flow(all),
    }
    if tandem.arrivals != LineArrivals::Saturated {
        for stage in &tandem.stages {
            warnings.extend(overload(tandem, stage));
        }
    }
    warn_of_vanishing(tandem, warnings);
    warn_of_blocking(tandem, warnings);
    if tandem.has_population() {
        warn_of_leavers(tandem, warnings);
    }
    for stage in &tandem.stages {
        warn_of_plan(stage, tandem.noun(), warnings);
        warn_of_classes(tandem, stage, warnings);
    }
}

/// Warns of features by which customers of a population leave.
fn warn_of_leavers(tandem: &Tandem, warnings: &mut Vec<String>) {
    let loses = tandem.routing.as_ref().is_some_and(|routing| routing.loses);
    let is_lost = |faults: &StageFaults| faults.work == FaultWork::Lost;
    let stays = |class: usize| tandem.stays(class);
    let is_impatient = |patience: &PerClass<Option<Law>>| match patience {
        PerClass::Same(law) => law.is_some(),
        PerClass::Each(laws) => (0..)
            .zip(laws)
            .any(|(class, law)| law.is_some() && stays(class)),
    };
    for stage in &tandem.stages {
        let keys: Vec<&str> = [
            ("patience", is_impatient(&stage.patience)),
            ("join", !stage.join.is_empty()),
            ("scrap", stage.scrap > 0.0),
            ("faults.work", stage.faults.as_ref().is_some_and(is_lost)),
            ("buffer", loses && stage.places().is_some()),
        ]
        .into_iter()
        .filter_map(|(key, given)| given.then_some(key))
        .collect();
        if let Some(key) = keys.first() {
            warnings.push(format!(
                "at station `{}` customers may leave by `{key}`, so that the population shrinks",
                stage.name
            ));
        }
    }
}

fn warn_of_blocking(tandem: &Tandem, warnings: &mut Vec<String>) {
    let limited = |stages: &[Stage]| stages.iter().any(|stage| stage.places().is_some());
    if let Some(routing) = &tandem.routing {
        if (routing.loses || tandem.blocking == Blocking::BeforeService) && !limited(&tandem.stages)
        {
            warnings.push(
                "`line.blocking` is set, but no station has a `buffer`, so there is always a place"
                    .to_owned(),
            );
        }
        return;
    }
    if tandem.blocking == Blocking::BeforeService && !limited(&tandem.stages[1..]) {
        warnings.push(
            "`line.blocking` is set, but no stage after the first has a `buffer`, so nothing is \
             ever blocked"
                .to_owned(),
        );
    }
}

fn warn_of_warm_up(tandem: &Tandem, warnings: &mut Vec<String>) {
    let expected = customers(tandem);
    let (what, warm_up, run) = match tandem.warm_up {
        WarmUp::Customers(first) => (
            format!("the warm-up of {}", of_them(first, "customer")),
            first as f64,
            (
                expected,
                format!("about {}", of_them(expected.round() as u64, "customer")),
            ),
        ),
        WarmUp::Time(time) => {
            let span = estimate_line(tandem).span;
            (
                format!("the warm-up until {time}"),
                time,
                (span, format!("customers arrive until about {span:.0}")),
            )
        }
    };
    let (run, length) = run;
    if warm_up >= run && warm_up > 0.0 {
        warnings.push(format!(
            "{what} is not shorter than the run ({length}), so perhaps none is measured"
        ));
    } else if warm_up > run / 2.0 {
        warnings.push(format!("{what} is more than half of the run ({length})"));
    }
}

/// A warning about a stage that receives more work than its capacity.
fn overload(tandem: &Tandem, stage: &Stage) -> Option<String> {
    let load = load(tandem, stage);
    let (name, noun) = (&stage.name, tandem.noun());
    let bounded = keeps_its_queue_short(stage);
    if (load - 1.0).abs() < 1e-9 && stage.buffer.is_none() {
        let bounded = bounded || is_recorded(tandem);
        return (varies(tandem, stage) && !bounded).then(|| {
            format!(
                "{noun} `{name}` has a load of 1.00: work comes in as fast as its servers can \
                 do it, and since times vary, the queue has no steady length"
            )
        });
    }
    // A recording of one instant has no rate.
    if load < 1.0 || !load.is_finite() || bounded {
        return None;
    }
    let comes = match is_recorded(tandem) {
        true => "while its recording lasts, work comes in",
        false => "work comes in",
    };
    let grows = match is_recorded(tandem) {
        true => "",
        false => ", and the queue grows for as long as the run",
    };
    Some(match stage.buffer {
        None => format!(
            "{noun} `{name}` has a load of {load:.2}: {comes} faster than its servers can do it{grows}"
        ),
        Some(_) => format!(
            "{noun} `{name}` has a load of {load:.2}: its buffer will be full most of \
             the time"
        ),
    })
}

/// Whether all arrivals are recorded, so that their number is fixed.
fn is_recorded(tandem: &Tandem) -> bool {
    match &tandem.arrivals {
        LineArrivals::PerClass(flows) => flows.iter().all(|flow| flow.arrivals.are_recorded()),
        arrivals => arrivals.are_recorded(),
    }
}

/// Whether the queue is bounded because customers give up or balk.
fn keeps_its_queue_short(stage: &Stage) -> bool {
    stage.patience != PerClass::Same(None) || !stage.join.is_empty()
}

/// Whether any time at a stage or before it varies: not if all are constant.
fn varies(tandem: &Tandem, last: &Stage) -> bool {
    let constant = |law: &Law| matches!(law, Law::Constant(_));
    let regular = |stage: &Stage| matches!(stage.plain(), Some(plain) if constant(plain.service));
    let passed = tandem
        .stages
        .iter()
        .take_while(|stage| stage.name != last.name);
    let arrivals = tandem.batch.is_none()
        && matches!(&tandem.arrivals, LineArrivals::Renewal(law) if constant(law));
    !(arrivals && regular(last) && passed.into_iter().all(regular))
}

/// Warns if times become so large that a service hardly changes them.
fn warn_of_vanishing(tandem: &Tandem, warnings: &mut Vec<String>) {
    let latest = estimate_line(tandem).span;
    let step = latest * f64::EPSILON;
    for stage in &tandem.stages {
        let mean = mean_service(tandem, stage);
        if mean > 0.0 && step.is_finite() && step > mean * 1e-3 {
            warnings.push(format!(
                "services of {} `{}`, of about {mean:.3}, vanish in times as large as {latest:e}, which \
                 come in steps of {step:.3}: count times from the first (`origin = \"first\"`), or choose a \
                 smaller `time_unit`",
                tandem.noun(),
                stage.name
            ));
        }
    }
}

/// Warns of places before servers off duty, and of a plan that ends without servers.
fn warn_of_plan(stage: &Stage, noun: &str, warnings: &mut Vec<String>) {
    let Servers::Plan(plan) = &stage.servers else {
        return;
    };
    let name = &stage.name;
    if let (Some(buffer), Some(places)) = (stage.buffer, stage.places()) {
        warnings.push(format!(
            "{noun} `{name}` has a plan and a buffer of {buffer}: a server off duty is still a place, so up \
             to {} {} where none is on duty",
            of_them(places, "customer"),
            agreeing(places, "waits", "wait")
        ));
    }
    if let Some(last) = plan.pieces.last()
        && plan.repeat.is_none()
        && last.count == 0
    {
        warnings.push(format!(
            "{noun} `{name}` has no server from {} on: customers who are there then are never served; \
             `repeat` begins the plan again",
            last.from
        ));
    }
}

/// Warns of rules that distinguish customers by properties that all share.
fn warn_of_classes(tandem: &Tandem, stage: &Stage, warnings: &mut Vec<String>) {
    let (name, noun) = (&stage.name, tandem.noun());
    let mut priorities = tandem.classes.iter().map(|class| class.priority);
    let first = priorities.next();
    let alike = priorities.all(|priority| Some(priority) == first);
    if stage.discipline == Discipline::ProcessorSharing && !alike {
        warnings.push(format!(
            "at {noun} `{name}` all in service share the servers alike, whatever their priority"
        ));
    }
    if stage.preemption != Preemption::None && alike {
        warnings.push(format!(
            "{noun} `{name}` has `preemption`, but all customers have the same priority, so nobody \
             preempts: give the classes a `priority`"
        ));
    }
    if stage.setup != PerClass::Same(None) && tandem.classes.len() < 2 {
        warnings.push(format!(
            "{noun} `{name}` has a `setup` for another class, but there is no other class, so it never \
             happens"
        ));
    }
}
