//! The measures of a run by intervals of time, each by itself from the visits and the histories.

use super::summary::statistics;
use super::{Doing, Horizon, Outcome, Past, Spec, Visit};
use serde_json::{Value, json};

/// The intervals that a run should report. Chosen: without a time at which arrivals end, the last is cut when the last
/// customer leaves, or arrives and is lost; where customers wait for each other for good, it is cut there.
pub(crate) fn intervals(spec: &Spec, past: &Past, length: f64) -> Value {
    let last = past.customers.iter().map(|one| one.arrival);
    let end = match spec.horizon {
        Horizon::Until(until) => match past.deadlocked {
            Some((time, _)) => until.min(time),
            None => until,
        },
        Horizon::Customers(_) => last.fold(past.clock, f64::max),
    };
    let mut intervals = Vec::new();
    let mut from = 0.0;
    // An arrival at the very end joins the last.
    while from < end || intervals.is_empty() {
        let next = (intervals.len() + 1) as f64 * length;
        let to = if next < end { next } else { f64::INFINITY };
        intervals.push(interval(spec, past, (from, to), end));
        from = next;
    }
    intervals.into()
}

fn interval(spec: &Spec, past: &Past, (from, to): (f64, f64), end: f64) -> Value {
    let arrived = past.customers.iter().zip(1..);
    let arrived = arrived.filter(|(one, _)| from <= one.arrival && one.arrival < to);
    let arrived: Vec<_> = arrived.collect();
    let served = arrived
        .iter()
        .filter(|(one, _)| one.outcome == Outcome::Served);
    let waits = served.map(|&(_, number)| {
        let mut visits: Vec<&Visit> = past.visits.iter().collect();
        visits.retain(|visit| visit.customer == number);
        visits.sort_by(|a, b| a.arrival.total_cmp(&b.arrival));
        let waits = visits.iter();
        let waits = waits.filter_map(|visit| Some(visit.service_start? - visit.arrival));
        waits.sum::<f64>()
    });
    let waits: Vec<f64> = waits.collect();
    let to = to.min(end);
    let busy: f64 = past
        .stations
        .iter()
        .flat_map(|station| &station.servers)
        .map(|server| {
            let pieces = server.iter().enumerate();
            let pieces = pieces.filter(|(_, (_, doing))| *doing == Doing::Busy);
            let lengths = pieces.map(|(at, (began, _))| {
                let ended = server.get(at + 1).map_or(f64::INFINITY, |next| next.0);
                (ended.min(to) - began.max(from)).max(0.0)
            });
            lengths.sum::<f64>()
        })
        .sum();
    let shared = past.stations.iter().zip(&spec.stations);
    let shared = shared.filter_map(|(station, spec)| {
        let most = spec.servers.filter(|_| spec.shared)?;
        let pieces = station.sharing.iter().enumerate();
        let busy = pieces.map(|(at, &(began, (served, _)))| {
            let next = station.sharing.get(at + 1);
            let ended = next.map_or(f64::INFINITY, |next| next.0).min(to);
            served.min(most) as f64 * (ended - began.max(from)).max(0.0)
        });
        Some(busy.sum::<f64>())
    });
    let busy = busy + shared.sum::<f64>();
    let servers: usize = spec.stations.iter().filter_map(|one| one.servers).sum();
    let whole = servers as f64 * (to - from);
    let queue = queue(past, (from, to));
    json!({
        "from": from,
        "arrivals": arrived.len(),
        "departures": waits.len(),
        "waiting": statistics(&waits),
        "queue_length": queue,
        "utilisation": (whole > 0.0).then(|| busy / whole),
    })
}

/// The number waiting at all stations together.
fn queue(past: &Past, (from, to): (f64, f64)) -> Value {
    let changes = past.stations.iter().flat_map(|station| &station.queue);
    let mut times: Vec<f64> = changes.map(|&(time, _)| time).collect();
    times.extend([from, to]);
    times.retain(|&time| from <= time && time <= to);
    times.sort_by(f64::total_cmp);
    times.dedup();
    let number = |time: f64| -> usize {
        let of = past.stations.iter().map(|station| {
            let before = station.queue.iter().rev();
            let mut before = before.filter(|&&(began, _)| began <= time);
            before.next().map_or(0, |&(_, number)| number)
        });
        of.sum()
    };
    let mut area = 0.0;
    let mut most: Option<(usize, f64)> = None;
    for pair in times.windows(2) {
        let number = number(pair[0]);
        area += number as f64 * (pair[1] - pair[0]);
        if most.is_none_or(|(most, _)| number > most) {
            most = Some((number, pair[0]));
        }
    }
    json!({
        "mean": (to > from).then(|| area / (to - from)),
        "max": most.map(|(most, _)| most),
        "max_at": most.map(|(_, at)| at),
    })
}
