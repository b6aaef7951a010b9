//! The document of `filas stress`, as JSON: `summary.json` of its results folder.

use super::study::{Head, Keyed};
use crate::actor::trial::{ActorSeen, ChannelSeen};
use crate::actor::{Fill, Waited, Waiting};
use crate::stress::{Failure, Report, Speed};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The document of a report; `again` is the command that repeats a failure.
#[must_use]
pub fn document(head: &Head, report: &Report, again: Option<&str>) -> String {
    let situations = report.situations();
    let named = |came: bool| -> Vec<&str> {
        let some = situations.iter().filter(|(_, did)| *did == came);
        some.map(|(name, _)| *name).collect()
    };
    let strategies = report.strategies.iter().map(|(strategy, count)| {
        json!({
            "strategy": strategy.to_string(),
            "schedules": count.schedules,
            "distinct": count.distinct,
            "kills": count.kills,
        })
    });
    let own = vec![
        ("verdict", json!(report.verdict.name())),
        ("digest", json!(report.digest.to_string())),
        (
            "schedules",
            json!({
                "explored": report.schedules.explored,
                "distinct": report.schedules.distinct,
                "threaded": report.schedules.threaded,
            }),
        ),
        ("kills", json!(report.kills)),
        ("lost", json!(report.lost)),
        ("duplicated", json!(report.duplicated)),
        ("deadlocks", json!(report.deadlocks)),
        ("blocked_sends", json!(report.blocked_sends)),
        ("replay", json!(report.failure.as_ref().and_then(replay))),
        ("replay_command", json!(again)),
        ("failure", json!(report.failure.as_ref().map(failure))),
        ("redone", json!(report.redone)),
        ("repeats_dropped", json!(report.repeats)),
        ("moves", json!(report.moves)),
        ("strategies", json!(strategies.collect::<Vec<_>>())),
        (
            "shortened",
            json!(report.shortened.as_ref().map(|cut| json!({
                "unit": cut.unit, "from": cut.from, "to": cut.to,
            }))),
        ),
        (
            "restarts",
            json!({
                "n": report.restarts.n,
                "p50_ms": milliseconds(report.restarts.p50),
                "p99_ms": milliseconds(report.restarts.p99),
                "max_ms": milliseconds(report.restarts.max),
            }),
        ),
        (
            "situations",
            json!({
                "reached": named(true),
                "not_reached": named(false),
                "whole_reaches": report.beyond,
            }),
        ),
        (
            "throughput",
            json!(report.speed.as_ref().map(|speed| throughput(speed, report))),
        ),
        (
            "replayed",
            json!(report.replayed.map(|schedule| schedule.to_string())),
        ),
        ("answer", json!(report.answer())),
        ("interrupted", json!(report.interrupted)),
        ("seconds", json!(report.took.as_secs_f64())),
    ];
    super::study::json(&Document {
        head,
        own: Keyed(own),
    })
}

/// The head and the results of a stress test.
#[derive(Debug, Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: &'a Head,
    #[serde(flatten)]
    own: Keyed<&'a str, Value>,
}

fn throughput(speed: &Speed, report: &Report) -> Value {
    let cells = speed.cells.iter().map(|cell| {
        let seen = cell.throughput;
        json!({
            "capacity": cell.capacity, "chunk": cell.chunk, "n": seen.n,
            "mean": seen.mean, "half_width": seen.half_width, "low": seen.low, "high": seen.high,
        })
    });
    let losses = report.losses.iter().map(|loss| {
        json!({ "capacity": loss.capacity, "chunk": loss.chunk, "was": loss.was, "is": loss.is })
    });
    json!({
        "unit": format!("{} per second", speed.unit),
        "cells": cells.collect::<Vec<_>>(),
        "knee": speed.knee.filter(|_| speed.knee_is_told()).map(pair),
        "counted": pair(speed.counted),
        "channels": speed.channels.iter().map(channel).collect::<Vec<_>>(),
        "actors": speed.actors.iter().map(actor).collect::<Vec<_>>(),
        "fairness": fairness(&speed.actors),
        "losses": losses.collect::<Vec<_>>(),
        "compared": report.compared.map(|all| json!({ "combinations": all.combinations, "untold": all.untold })),
    })
}

fn pair((capacity, chunk): (usize, usize)) -> Value {
    json!({ "capacity": capacity, "chunk": chunk })
}

fn channel(seen: &ChannelSeen) -> Value {
    json!({
        "from": seen.from, "to": seen.to, "capacity": seen.capacity,
        "high_water": seen.high_water, "sends": seen.sends, "blocked_sends": seen.blocked_sends,
        "blocked_ms": milliseconds(seen.blocked),
        "blocked_p99_ms": milliseconds(seen.blocked_p99),
    })
}

fn actor(seen: &ActorSeen) -> Value {
    json!({
        "name": seen.name, "turns": seen.turns, "running": seen.running,
        "blocked": seen.blocked, "idle": seen.idle,
        "longest_wait_ms": milliseconds(seen.longest_wait),
    })
}

/// The fairness of the actors' shares of the time, from 1 / n (one actor had all) to 1 (all equal): Jain, Chiu and Hawe
/// 1984.
#[must_use]
pub fn fairness(actors: &[ActorSeen]) -> Option<f64> {
    let sum: f64 = actors.iter().map(|seen| seen.running).sum();
    let squares: f64 = actors.iter().map(|seen| seen.running * seen.running).sum();
    (squares > 0.0).then(|| sum * sum / (actors.len() as f64 * squares))
}

/// The value for `--replay`; `None` if no schedule is needed to reproduce the failure.
fn replay(failure: &Failure) -> Option<String> {
    failure.schedule.map(|schedule| schedule.to_string())
}

fn failure(failure: &Failure) -> Value {
    let last = failure
        .last
        .iter()
        .map(|(name, acts)| (name.as_str(), acts));
    json!({
        "schedule": replay(failure),
        "what": failure.what,
        "waiting": failure.waiting.iter().map(waiting).collect::<Vec<_>>(),
        "first_difference": failure.first_difference,
        "reproduced": failure.reproduced,
        "tried_again": failure.reproduced.map(|_| Failure::TRIED_AGAIN),
        "last_operations": Keyed(last.collect()),
    })
}

fn waiting(one: &Waiting) -> Value {
    let since = match one.waited {
        Waited::Unknown => Value::Null,
        Waited::Time(time) => json!({ "ms": milliseconds(time) }),
        Waited::Moves(moves) => json!({ "moves": moves }),
    };
    json!({
        "actor": one.actor,
        "operation": if one.sending { "send" } else { "receive" },
        "peer": one.peer,
        "fill": one.channel.map(|Fill { holds, .. }| holds),
        "capacity": one.channel.map(|Fill { capacity, .. }| capacity),
        "waited": since,
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fairness_is_one_where_all_have_alike_and_one_nth_where_one_has_all() {
        let of = |shares: &[f64]| {
            let actor = |&running: &f64| ActorSeen {
                name: String::new(),
                turns: 0,
                running,
                blocked: 0.0,
                idle: 1.0 - running,
                longest_wait: Duration::ZERO,
            };
            fairness(&shares.iter().map(actor).collect::<Vec<_>>())
        };
        assert_eq!(of(&[0.25; 4]), Some(1.0));
        assert_eq!(of(&[1.0, 0.0, 0.0, 0.0]), Some(0.25));
        assert_eq!(of(&[]), None);
    }
}
