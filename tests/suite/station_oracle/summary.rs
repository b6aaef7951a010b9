//! The summary that a run should have, as the contract names its keys, and the comparison with one that it has.

use super::Spec;
use super::measures::{Ended, Measures, StationMeasures, Whole};
use serde_json::{Map, Value, json};

/// The summary of a run, but for what does not follow from what happened (name, seed, digest) and for quantiles.
pub(crate) fn summary(spec: &Spec, measures: &Measures, classes: &[&str]) -> Value {
    let stages: Vec<Value> = (measures.stations.iter().enumerate())
        .map(|(at, station)| stage(at, spec, station))
        .collect();
    let of = |key: &'static str| {
        stages
            .iter()
            .filter_map(|stage| Some((stage["name"].clone(), stage.pointer(key)?.as_f64()?)))
    };
    let idle: Vec<f64> = of("/idle_time").map(|(_, idle)| idle).collect();
    let (max_stage, max) = greatest(of("/idle_time"));
    let (stage, length) = greatest(of("/queue_length/max"));
    let mut summary = json!({
        "clock": measures.clock,
        "throughput": measures.throughput,
        "customers": ended(&measures.customers),
        "queues_joined": {
            "mean": mean(&of_served(&measures.served, |whole| whole.queues_joined as f64)),
            "max": measures.served.iter().map(|whole| whole.queues_joined).max(),
        },
        "idle_time": { "mean": mean(&idle), "max": max, "max_stage": max_stage },
        "queue_length_max": { "length": length, "stage": stage },
        "stages": stages,
    });
    add_totals(
        &mut summary,
        &measures.served,
        &["waiting", "service", "blocked", "sojourn"],
    );
    let classes = classes.iter().enumerate().map(|(class, name)| {
        let served = measures.served.iter().filter(|whole| whole.class == class);
        let served: Vec<Whole> = served.copied().collect();
        let mut of = json!({ "name": name, "customers": ended(&measures.classes[class]) });
        add_totals(&mut of, &served, &["waiting", "service", "sojourn"]);
        of
    });
    let classes: Vec<Value> = classes.collect();
    if !classes.is_empty() {
        summary["classes"] = classes.into();
    }
    summary
}

/// The first of the greatest, with its name.
fn greatest(values: impl Iterator<Item = (Value, f64)>) -> (Value, Option<f64>) {
    values.fold((Value::Null, None), |best, (name, value)| match best.1 {
        Some(greatest) if greatest >= value => best,
        _ => (name, Some(value)),
    })
}

fn of_served(served: &[Whole], of: impl Fn(&Whole) -> f64) -> Vec<f64> {
    served.iter().map(of).collect()
}

fn add_totals(to: &mut Value, served: &[Whole], keys: &[&str]) {
    for &key in keys {
        let values = of_served(served, |whole| match key {
            "waiting" => whole.waiting,
            "service" => whole.service,
            "blocked" => whole.blocked,
            _ => whole.sojourn,
        });
        to[key] = statistics(&values);
    }
}

fn ended(ended: &Ended) -> Value {
    json!({
        "arrived": ended.arrived,
        "departed": ended.departed,
        "lost": ended.lost,
        "balked": ended.balked,
        "abandoned": ended.abandoned,
        "scrapped": ended.scrapped,
        "failed": ended.failed,
        "unfinished": ended.unfinished,
        "measured": ended.measured,
    })
}

fn stage(at: usize, spec: &Spec, station: &StationMeasures) -> Value {
    let servers = spec.stations[at].servers;
    let per_server = |total: f64| {
        let servers = servers.filter(|_| station.window.is_some())?;
        Some(total / servers as f64)
    };
    let mut stage = json!({
        "name": format!("s{at}"),
        "servers": servers,
        "arrivals": station.arrivals,
        "departures": station.departures,
        "balked": station.balked,
        "abandoned": station.abandoned,
        "scrapped": station.scrapped,
        "failed": station.failed,
        "unfinished": station.unfinished,
        "waiting": statistics(&station.waiting),
        "waited_fraction": station.waited_fraction,
        "service": statistics(&station.service),
        "time_to_abandon": statistics(&station.time_to_abandon),
        "utilisation": station.utilisation,
        "occupancy": station.occupancy,
        "idle_time": per_server(station.idle),
        "idle_longest": station.idle_longest,
        "blocked_time": per_server(station.blocked),
        "setup_time": per_server(station.setup),
        "down_time": per_server(station.down),
        "off_time": per_server(station.off),
        "queue_length": {
            "mean": station.queue_length_mean,
            "max": station.queue_length_max,
            "max_at": station.queue_length_max_at,
        },
    });
    if servers.is_none() {
        stage["in_service"] = json!({ "mean": station.in_service_mean });
    }
    stage
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

pub(super) fn statistics(values: &[f64]) -> Value {
    let squares = |mean: f64| values.iter().map(move |value| (value - mean).powi(2));
    let sd = mean(values)
        .filter(|_| values.len() > 1)
        .map(|mean| (squares(mean).sum::<f64>() / (values.len() as f64 - 1.0)).sqrt());
    json!({
        "n": values.len(),
        "mean": mean(values),
        "sd": sd,
        "min": values.iter().copied().reduce(f64::min),
        "max": values.iter().copied().reduce(f64::max),
    })
}

/// Every key of what a summary should be under which it is something else, with both values. Numbers are equal to
/// within the rounding of a few operations.
pub(crate) fn differences(right: &Value, seen: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(right, seen, String::new(), &mut found);
    found
}

fn compare(right: &Value, seen: &Value, path: String, found: &mut Vec<String>) {
    match (right, seen) {
        (Value::Object(right), Value::Object(seen)) => members(right, seen, &path, found),
        (Value::Array(right), Value::Array(seen)) if right.len() == seen.len() => {
            for (at, (right, seen)) in right.iter().zip(seen).enumerate() {
                compare(right, seen, format!("{path}.{at}"), found);
            }
        }
        (Value::Number(right), Value::Number(seen))
            if close(right.as_f64().unwrap(), seen.as_f64().unwrap()) => {}
        _ if right == seen => {}
        _ => found.push(format!("{path} is {seen}, not {right}")),
    }
}

fn members(
    right: &Map<String, Value>,
    seen: &Map<String, Value>,
    path: &str,
    found: &mut Vec<String>,
) {
    for (key, right) in right {
        let path = format!("{path}.{key}");
        match seen.get(key) {
            Some(seen) => compare(right, seen, path, found),
            None => found.push(format!("{path} is missing, not {right}")),
        }
    }
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(1e-3)
}
