//! The measures of a run, each by itself from the visits and the histories.

use super::{Customer, Doing, History, Outcome, Past, Source, Spec, StationSpec, Visit, WarmUp};

/// The measures of one station. Lists are of measured visits in the order of visits; what is over time is over the
/// window, and absent without one. Times of servers are summed over them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StationMeasures {
    /// Of the whole run: who took a place.
    pub(crate) arrivals: usize,
    /// Of the whole run: who left after the service ended. Chosen: one who is blocked when a run stops is still there.
    pub(crate) departures: usize,
    pub(crate) balked: usize,
    pub(crate) abandoned: usize,
    pub(crate) scrapped: usize,
    pub(crate) failed: usize,
    pub(crate) unfinished: usize,
    /// Waits of visits whose service began.
    pub(crate) waiting: Vec<f64>,
    pub(crate) waited_fraction: Option<f64>,
    /// Times served of services that ended.
    pub(crate) service: Vec<f64>,
    pub(crate) time_to_abandon: Vec<f64>,
    pub(crate) window: Option<(f64, f64)>,
    pub(crate) busy: f64,
    pub(crate) idle: f64,
    pub(crate) blocked: f64,
    pub(crate) setup: f64,
    pub(crate) down: f64,
    pub(crate) off: f64,
    pub(crate) utilisation: Option<f64>,
    pub(crate) occupancy: Option<f64>,
    pub(crate) idle_longest: Option<f64>,
    pub(crate) queue_length_mean: Option<f64>,
    pub(crate) queue_length_max: Option<usize>,
    pub(crate) queue_length_max_at: Option<f64>,
    /// Of unlimited servers.
    pub(crate) in_service_mean: Option<f64>,
}

/// How customers ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) arrived: usize,
    pub(crate) departed: usize,
    pub(crate) lost: usize,
    pub(crate) balked: usize,
    pub(crate) abandoned: usize,
    pub(crate) scrapped: usize,
    pub(crate) failed: usize,
    pub(crate) unfinished: usize,
    pub(crate) measured: usize,
}

/// One customer over all its visits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Whole {
    /// From 1.
    pub(crate) customer: usize,
    pub(crate) class: usize,
    pub(crate) waiting: f64,
    pub(crate) service: f64,
    pub(crate) blocked: f64,
    pub(crate) sojourn: f64,
    /// Stations at which its wait was longer than zero.
    pub(crate) queues_joined: usize,
}

/// The measures of a run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measures {
    pub(crate) clock: f64,
    pub(crate) customers: Ended,
    /// By class.
    pub(crate) classes: Vec<Ended>,
    /// The measured customers who were served to the end, by number.
    pub(crate) served: Vec<Whole>,
    pub(crate) throughput: Option<f64>,
    pub(crate) stations: Vec<StationMeasures>,
}

/// Measures what happened.
pub(crate) fn measure(spec: &Spec, past: &Past) -> Measures {
    let ended = |which: &dyn Fn(&Customer) -> bool| {
        let customers = past.customers.iter().enumerate();
        let customers = customers.filter(|(_, customer)| which(customer));
        ended(spec, past, customers)
    };
    let served: Vec<Whole> = (0..past.customers.len())
        .filter(|&customer| is_measured(spec, past, customer))
        .filter(|&customer| past.customers[customer].outcome == Outcome::Served)
        .map(|customer| whole(past, customer))
        .collect();
    let first = (0..past.customers.len()).find(|&one| is_measured(spec, past, one));
    let first = first.map(|customer| {
        let one = &past.customers[customer];
        match spec.warm_up {
            WarmUp::Time(time) if stays(spec, one.class) => one.arrival.max(time),
            _ => one.arrival,
        }
    });
    Measures {
        clock: past.clock,
        customers: ended(&|_| true),
        classes: (0..spec.priorities.len())
            .map(|class| ended(&|customer| customer.class == class))
            .collect(),
        throughput: first.and_then(|first| ratio(served.len() as f64, past.clock - first)),
        served,
        stations: (0..spec.stations.len())
            .map(|station| station_measures(spec, past, station))
            .collect(),
    }
}

/// Whether a class has customers who are there from the beginning and never leave.
fn stays(spec: &Spec, class: usize) -> bool {
    let routes = spec.routes.as_ref();
    routes.is_some_and(|routes| routes.courses[class].stays)
}

/// Whether a visit is measured: of a customer who stays for ever, if it begins after the warm-up.
fn is_visit_measured(spec: &Spec, past: &Past, visit: &Visit) -> bool {
    let customer = visit.customer - 1;
    if stays(spec, past.customers[customer].class) {
        return match spec.warm_up {
            WarmUp::Time(time) => visit.arrival >= time,
            WarmUp::Customers(_) => true,
        };
    }
    is_measured(spec, past, customer)
}

/// Whether a customer (from 0) is measured: after the warm-up, with a place, and not balked at its first station.
fn is_measured(spec: &Spec, past: &Past, customer: usize) -> bool {
    let warm = match spec.warm_up {
        _ if stays(spec, past.customers[customer].class) => true,
        WarmUp::Customers(first) => customer >= first,
        WarmUp::Time(time) => past.customers[customer].arrival >= time,
    };
    warm && past
        .visits
        .iter()
        .any(|visit| visit.customer == customer + 1)
}

fn ended<'a>(
    spec: &Spec,
    past: &Past,
    customers: impl Iterator<Item = (usize, &'a Customer)>,
) -> Ended {
    let mut ended = Ended::default();
    for (number, customer) in customers {
        ended.arrived += 1;
        ended.measured += usize::from(is_measured(spec, past, number));
        *match customer.outcome {
            Outcome::Served => &mut ended.departed,
            Outcome::Lost => &mut ended.lost,
            Outcome::Balked => &mut ended.balked,
            Outcome::Abandoned => &mut ended.abandoned,
            Outcome::Scrapped => &mut ended.scrapped,
            Outcome::Failed => &mut ended.failed,
            Outcome::Unfinished => &mut ended.unfinished,
            Outcome::Next => panic!("a customer does not end by going on"),
        } += 1;
    }
    ended
}

fn whole(past: &Past, customer: usize) -> Whole {
    let mut visits: Vec<&Visit> = past.visits.iter().collect();
    visits.retain(|visit| visit.customer == customer + 1);
    visits.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
    let one = &past.customers[customer];
    Whole {
        customer: customer + 1,
        class: one.class,
        waiting: visits.iter().filter_map(|visit| wait(visit)).sum(),
        service: visits.iter().map(|visit| visit.service).sum(),
        blocked: visits
            .iter()
            .filter_map(|visit| Some(visit.departure? - visit.service_end?))
            .sum(),
        sojourn: one.left.expect("it was served") - one.arrival,
        queues_joined: visits
            .iter()
            .filter(|visit| wait(visit).is_some_and(|wait| wait > 0.0))
            .count(),
    }
}

/// The wait of a visit whose service began.
fn wait(visit: &Visit) -> Option<f64> {
    Some(visit.service_start? - visit.arrival)
}

fn ratio(total: f64, over: f64) -> Option<f64> {
    (over > 0.0).then(|| total / over)
}

/// The window of a station, which opens when the first measured customer arrives there; without a warm-up at 0, or
/// at the first arrival where any is at a given instant.
fn window(spec: &Spec, past: &Past, station: usize) -> Option<(f64, f64)> {
    let opens = if spec.warm_up == WarmUp::Customers(0) {
        let absolute = match &spec.source {
            Source::Flows(flows) => flows.iter().any(|flow| flow.absolute),
            Source::Saturated(_) => false,
        };
        let first = past.customers.first().map_or(0.0, |first| first.arrival);
        Some(if absolute { first } else { 0.0 })
    } else if let (WarmUp::Time(time), true) = (
        spec.warm_up,
        (0..spec.priorities.len()).any(|class| stays(spec, class)),
    ) {
        Some(time)
    } else {
        let here = past.visits.iter().filter(|visit| visit.station == station);
        let measured = here.filter(|visit| is_measured(spec, past, visit.customer - 1));
        measured.map(|visit| visit.arrival).reduce(f64::min)
    };
    // Chosen: where nobody ever had a place, a window that opens at the first arrival does not open.
    opens
        .filter(|&open| open <= past.clock)
        .map(|open| (open, past.clock))
}

/// The pieces of a history, longer than zero, in a window.
fn pieces<T: Copy + PartialEq>(history: &[(f64, T)], window: (f64, f64)) -> Vec<(f64, f64, T)> {
    let mut pieces: Vec<(f64, f64, T)> = Vec::new();
    for (at, &(began, value)) in history.iter().enumerate() {
        let ended = history.get(at + 1).map_or(f64::INFINITY, |next| next.0);
        let (from, to) = (began.max(window.0), ended.min(window.1));
        if from >= to {
            continue;
        }
        // What lasted no time does not split a piece.
        match pieces.last_mut() {
            Some(last) if last.2 == value && last.1 == from => last.1 = to,
            _ => pieces.push((from, to, value)),
        }
    }
    pieces
}

fn station_measures(spec: &Spec, past: &Past, station: usize) -> StationMeasures {
    let history = &past.stations[station];
    let all: Vec<&Visit> = past
        .visits
        .iter()
        .filter(|visit| visit.station == station)
        .collect();
    let measured = all.iter().copied();
    let measured: Vec<&Visit> = measured
        .filter(|visit| is_visit_measured(spec, past, visit))
        .collect();
    let waiting: Vec<f64> = measured.iter().filter_map(|visit| wait(visit)).collect();
    let waited = waiting.iter().filter(|&&wait| wait > 0.0).count();
    let count = |outcome: Outcome| all.iter().filter(|visit| visit.outcome == outcome).count();
    let served = |visit: &&&Visit| visit.service_end.is_some();
    let mut measures = StationMeasures {
        arrivals: all.len(),
        departures: all
            .iter()
            .filter(|visit| visit.service_end.is_some() && visit.departure.is_some())
            .count(),
        balked: history.balked.len(),
        abandoned: count(Outcome::Abandoned),
        scrapped: count(Outcome::Scrapped),
        failed: count(Outcome::Failed),
        unfinished: count(Outcome::Unfinished),
        waited_fraction: ratio(waited as f64, waiting.len() as f64),
        waiting,
        service: measured
            .iter()
            .filter(served)
            .map(|visit| visit.service)
            .collect(),
        time_to_abandon: measured
            .iter()
            .filter(|visit| visit.outcome == Outcome::Abandoned)
            .filter_map(|visit| Some(visit.departure? - visit.arrival))
            .collect(),
        window: window(spec, past, station),
        busy: 0.0,
        idle: 0.0,
        blocked: 0.0,
        setup: 0.0,
        down: 0.0,
        off: 0.0,
        utilisation: None,
        occupancy: None,
        idle_longest: None,
        queue_length_mean: None,
        queue_length_max: None,
        queue_length_max_at: None,
        in_service_mean: None,
    };
    if let Some(window) = measures.window {
        times(&mut measures, &spec.stations[station], history, window);
        queue(&mut measures, history, window);
    }
    measures
}

fn times(
    measures: &mut StationMeasures,
    spec: &StationSpec,
    history: &History,
    window: (f64, f64),
) {
    let length = window.1 - window.0;
    let mut longest: f64 = 0.0;
    for server in &history.servers {
        for (from, to, doing) in pieces(server, window) {
            *match doing {
                Doing::Blocked => &mut measures.blocked,
                Doing::DownWithWork | Doing::Down => &mut measures.down,
                Doing::SetUp => &mut measures.setup,
                Doing::Busy => &mut measures.busy,
                Doing::Off => &mut measures.off,
                Doing::Idle => &mut measures.idle,
            } += to - from;
            if doing == Doing::Idle {
                longest = longest.max(to - from);
            }
        }
    }
    if spec.shared {
        let all = spec.servers.unwrap_or(0);
        let mut free: Vec<(f64, bool)> = Vec::new();
        for &(at, (served, blocked)) in &history.sharing {
            free.push((at, served + blocked < all));
        }
        for (from, to, (served, blocked)) in pieces(&history.sharing, window) {
            let busy = served.min(all);
            let held = blocked.min(all - busy);
            measures.busy += busy as f64 * (to - from);
            measures.blocked += held as f64 * (to - from);
            measures.idle += (all - busy - held) as f64 * (to - from);
        }
        for (from, to, free) in pieces(&free, window) {
            if free {
                longest = longest.max(to - from);
            }
        }
    }
    let servers = match spec.shared {
        true => spec.servers.unwrap_or(0) as f64,
        false => history.servers.len() as f64,
    };
    measures.utilisation = ratio(measures.busy, servers * length);
    let there = measures.busy + measures.idle + measures.blocked + measures.setup;
    measures.occupancy = ratio(measures.busy, there);
    if spec.servers.is_none() {
        let in_service = pieces(&history.in_service, window).into_iter();
        let total: f64 = in_service
            .map(|(from, to, count)| count as f64 * (to - from))
            .sum();
        measures.in_service_mean = ratio(total, length);
    } else {
        measures.idle_longest = Some(longest);
    }
}

fn queue(measures: &mut StationMeasures, history: &History, window: (f64, f64)) {
    let mut total = 0.0;
    for (from, to, length) in pieces(&history.queue, window) {
        total += length as f64 * (to - from);
        if measures.queue_length_max.is_none_or(|max| length > max) {
            measures.queue_length_max = Some(length);
            measures.queue_length_max_at = Some(from);
        }
    }
    measures.queue_length_mean = ratio(total, window.1 - window.0);
}
