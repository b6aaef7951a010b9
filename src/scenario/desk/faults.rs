//! The faults of a desk, by chance and by script.

use super::STEPS_MAX;
use super::{at_most, whole_in_steps};
use crate::number::of_them;
use crate::problem::{KeyPath, Problem};
use crate::scenario::arrivals::exactly_one;
use crate::scenario::error::{choices, nearest};
use crate::scenario::input;
use crate::scenario::law;
use crate::scenario::law::For;
use crate::scenario::load::Door;
use crate::scenario::shape::quoted;
use crate::scenario::{DeskHorizon, Faults, ScriptEntry, ScriptEvent, ServerGroup};
use crate::time::Time;

pub(super) fn check_faults(
    faults: input::Faults,
    servers: &[ServerGroup],
    horizon: DeskHorizon,
    door: &mut Door,
) -> Result<Faults, Problem> {
    let at = KeyPath::to(&["faults"]);
    check_chance(&faults, horizon, &at)?;
    let every = match faults.every {
        Some(form) => {
            let path = at.key("every");
            let law = law::check(form, &path, For::Repair, door)?;
            if law.mean() <= 0.0 {
                let message = format!("`{path}` is always 0, so no attendant is ever up");
                return Err(Problem::value(&path, message).help("use a law whose mean is above 0"));
            }
            Some(law)
        }
        None => None,
    };
    let repair = |law| law::check(law, &at.key("repair"), For::Repair, door);
    let repair = faults.repair.map(repair).transpose()?;
    let mut script = Vec::with_capacity(faults.script.len());
    for (index, entry) in faults.script.into_iter().enumerate() {
        let at = at.key("script").index(index);
        let time = entry_time(&entry, horizon, &at)?;
        match horizon {
            DeskHorizon::Steps(steps) if time > Time::of(steps) => door.warnings.push(format!(
                "`{at}` is for step {time}, but the run has {}: it never happens",
                of_them(steps, "step")
            )),
            DeskHorizon::Until { end: Some(end), .. } if time > Time::at(end) => {
                door.warnings.push(format!(
                    "`{at}` is for {time}, but the run stops at {end}: it never happens"
                ));
            }
            _ => {}
        }
        script.push(check_entry(&entry, time, servers, &at)?);
    }
    Ok(Faults {
        probability: faults.probability + 0.0,
        every,
        clock: faults.clock.unwrap_or_default(),
        repair,
        crew: faults.crew,
        slow: faults.slow,
        work: faults.work,
        script,
    })
}

/// Refuses keys of faults by chance that are for the other clock, or without a fault.
fn check_chance(faults: &input::Faults, horizon: DeskHorizon, at: &KeyPath) -> Result<(), Problem> {
    let by_steps = matches!(horizon, DeskHorizon::Steps(_));
    let refused = |key: &str, message: String, also: KeyPath, help: &str| {
        Err(Problem::key(&at.key(key), message).also(also).help(help))
    };
    if by_steps && faults.every.is_some() {
        return refused(
            "every",
            "`faults.every` is for continuous time, but the desk goes by steps".to_owned(),
            KeyPath::to(&["steps"]),
            "in steps `probability` is the chance of a fault in each of them",
        );
    }
    if !by_steps && faults.probability > 0.0 {
        return refused(
            "probability",
            "`faults.probability` is for steps, but time is continuous".to_owned(),
            KeyPath::to(&["horizon", "until"]),
            "in continuous time `every` is the law of the time between faults, and a `script` says at which \
             instants who goes down",
        );
    }
    if by_steps && faults.clock.is_some() {
        return refused(
            "clock",
            "`faults.clock` is for continuous time, but the desk goes by steps".to_owned(),
            KeyPath::to(&["steps"]),
            "in steps `probability` is the chance of a fault in each of them, busy or idle: leave the key out",
        );
    }
    let chance = faults.every.is_some() || by_steps;
    for (key, given) in [
        ("clock", faults.clock.is_some() && faults.every.is_none()),
        ("repair", faults.repair.is_some() && !chance),
        ("crew", faults.crew.is_some() && !chance),
        ("slow", faults.slow.is_some() && !chance),
    ] {
        if given {
            let message = format!("`faults.{key}` says nothing without `every`");
            return refused(
                key,
                message,
                at.clone(),
                "give `every`, the law of the time between faults; in a `script` each entry says for how long (`down_for`) and how (`slow`)",
            );
        }
    }
    Ok(())
}

/// The time of an entry of the script.
fn entry_time(
    entry: &input::ScriptEntry,
    horizon: DeskHorizon,
    at: &KeyPath,
) -> Result<Time, Problem> {
    exactly_one(
        at,
        &[("step", entry.step.is_some()), ("at", entry.at.is_some())],
    )?;
    let down_for = entry.down_for.unwrap_or(1.0);
    let path = at.key("down_for");
    whole_in_steps(down_for, horizon, &path)?;
    match (horizon, entry.step, entry.at) {
        (DeskHorizon::Steps(_), Some(step), _) => {
            if down_for < 1.0 {
                let message = format!("`{path}` is {down_for}, but must be at least 1");
                return Err(Problem::value(&path, message));
            }
            at_most(down_for as u64, STEPS_MAX, &path)?;
            Ok(Time::of(step))
        }
        (DeskHorizon::Until { .. }, _, Some(time)) => Ok(Time::at(time)),
        (DeskHorizon::Steps(_), None, _) => {
            let message = format!("`{at}` has an instant, but the desk goes by steps");
            Err(Problem::key(&at.key("at"), message)
                .also(KeyPath::to(&["steps"]))
                .help("write `step = ` the number of the step, from 1"))
        }
        (DeskHorizon::Until { .. }, ..) => {
            let message = format!("`{at}` has a step, but time is continuous");
            Err(Problem::key(&at.key("step"), message)
                .also(KeyPath::to(&["horizon", "until"]))
                .help("write `at = ` the instant"))
        }
    }
}

fn check_entry(
    entry: &input::ScriptEntry,
    time: Time,
    servers: &[ServerGroup],
    at: &KeyPath,
) -> Result<ScriptEntry, Problem> {
    if let (input::ScriptEvent::Repair, Some(_)) = (entry.event, entry.slow) {
        let message = format!("`{at}` is a repair, and has `slow`");
        return Err(Problem::key(&at.key("slow"), message)
            .also(at.key("event"))
            .help("`slow` is the speed after a fault; a repair gives an attendant its own speed again"));
    }
    let event = match (entry.event, entry.down_for) {
        (input::ScriptEvent::Fault, down_for) => match entry.slow {
            Some(factor) => ScriptEvent::Slow { down_for, factor },
            None => ScriptEvent::Fault { down_for },
        },
        (input::ScriptEvent::Repair, None) => ScriptEvent::Repair,
        (input::ScriptEvent::Repair, Some(_)) => {
            let message = format!("`{at}` is a repair, and has `down_for`");
            return Err(Problem::key(&at.key("down_for"), message)
                .also(at.key("event"))
                .help("`down_for` says how long a fault lasts; a repair ends one at its step"));
        }
    };
    exactly_one(
        at,
        &[
            ("server", entry.server.is_some()),
            ("attendant", entry.attendant.is_some()),
        ],
    )?;
    let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
    let (server, attendant) = match (&entry.server, &entry.attendant) {
        (Some(found), _) => match names.iter().position(|name| name == found) {
            Some(server) => (server, None),
            None => {
                let message = format!("unknown server {}", quoted(found));
                return Err(Problem::value(&at.key("server"), message).help(choices(found, &names)));
            }
        },
        (None, Some(found)) => {
            let (server, attendant) = attendant_named(found, servers).map_err(|help| {
                let message = format!("unknown attendant {}", quoted(found));
                Problem::value(&at.key("attendant"), message).help(help)
            })?;
            (server, Some(attendant))
        }
        (None, None) => (0, None),
    };
    Ok(ScriptEntry {
        at: time,
        server,
        attendant,
        event,
    })
}

/// The indexes of an attendant such as `B-3`, or a text listing the attendants.
fn attendant_named(found: &str, servers: &[ServerGroup]) -> Result<(usize, usize), String> {
    let range = |server: &ServerGroup| {
        format!("`{0}-1` to `{0}-{1}`", server.name, server.attendants.len())
    };
    let parts = found.rsplit_once('-');
    let server = parts.and_then(|(name, number)| {
        let index = servers.iter().position(|server| server.name == name)?;
        Some((index, number))
    });
    if let Some((index, number)) = server {
        let count = servers[index].attendants.len();
        return match number.parse::<usize>() {
            Ok(number) if (1..=count).contains(&number) => Ok((index, number - 1)),
            _ => Err(format!(
                "attendants of this server: {}",
                range(&servers[index])
            )),
        };
    }
    let all: Vec<String> = servers.iter().take(20).map(range).collect();
    let near = parts.and_then(|(name, number)| {
        let name = nearest(name, servers.iter().map(|server| server.name.as_str()))?;
        Some(format!("did you mean `{name}-{number}`? "))
    });
    Err(format!(
        "{}attendants: {}",
        near.unwrap_or_default(),
        all.join(", ")
    ))
}
