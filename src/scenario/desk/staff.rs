//! The servers of a desk: attendants, shifts and skills.

use crate::problem::{KeyPath, Problem};
use crate::scenario::error::choices;
use crate::scenario::input;
use crate::scenario::load::{name, unique};
use crate::scenario::shape::quoted;
use crate::scenario::shifts::Shift;
use crate::scenario::{Class, ServerGroup, Skill};

pub(super) fn check_servers(
    servers: Vec<input::Server>,
    classes: &[Class],
    shifts: &[Shift],
) -> Result<Vec<ServerGroup>, Problem> {
    let known: Vec<&str> = shifts.iter().map(|shift| shift.name.as_str()).collect();
    let skills: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let mut checked = Vec::with_capacity(servers.len());
    for (index, server) in servers.into_iter().enumerate() {
        let at = KeyPath::to(&["servers"]).index(index);
        let (mut attendants, mut on_shift) = (Vec::new(), Vec::new());
        for (group, form) in server.attendants.into_iter().enumerate() {
            let at = at.key("attendants").index(group);
            let able = check_skills(form.skills, &skills, &at.key("skills"))?;
            let shift = match &form.shift {
                Some(name) => Some(shift_named(name, &known, &at.key("shift"))?),
                None => None,
            };
            for _ in 0..form.count {
                attendants.push(able.clone());
                on_shift.push(shift);
            }
        }
        if on_shift.iter().all(Option::is_none) {
            on_shift.clear();
        }
        checked.push(ServerGroup {
            name: name(server.name, &at.key("name"))?,
            capacity: server.capacity,
            attendants,
            shifts: on_shift,
        });
    }
    unique("servers", checked.iter().map(|server| server.name.as_str()))?;
    Ok(checked)
}

fn shift_named(name: &str, known: &[&str], at: &KeyPath) -> Result<usize, Problem> {
    let found = known.iter().position(|shift| *shift == name);
    found.ok_or_else(|| {
        let problem = Problem::value(at, format!("unknown shift {}", quoted(name)));
        match known {
            [] => problem.help("the scenario has no `[[shifts]]`"),
            known => problem.help(choices(name, known)),
        }
    })
}

fn check_skills(
    form: input::Skills,
    classes: &[&str],
    at: &KeyPath,
) -> Result<Vec<Skill>, Problem> {
    let named: Vec<(String, KeyPath, input::Skill)> = match form {
        input::Skills::Names(names) => (0..)
            .zip(names)
            .map(|(place, name)| (name, at.index(place), input::Skill::default()))
            .collect(),
        input::Skills::Ranked(table) => table
            .into_iter()
            .map(|(name, skill)| (name.clone(), at.key(&name), skill))
            .collect(),
    };
    if named.is_empty() {
        let message = format!("`{at}` names no class");
        return Err(Problem::value(at, message));
    }
    let mut known: Vec<Skill> = Vec::with_capacity(named.len());
    for (skill, path, form) in named {
        let Some(class) = classes.iter().position(|name| *name == skill) else {
            let message = format!("unknown skill {}: no class has this name", quoted(&skill));
            return Err(Problem::value(&path, message).help(choices(&skill, classes)));
        };
        if known.iter().any(|skill| skill.class == class) {
            let message = format!("the skill {} is named twice", quoted(&skill));
            return Err(Problem::value(&path, message));
        }
        let plain = Skill::from(class);
        known.push(Skill {
            class,
            rank: form.rank.unwrap_or(plain.rank),
            speed: form.speed.unwrap_or(plain.speed),
        });
    }
    known.sort_unstable_by_key(|skill| skill.class);
    Ok(known)
}
