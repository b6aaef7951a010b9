//! From the form of a desk file to a checked [`Desk`].

use super::error::{choices, nearest};
use super::input;
use super::law::{self, For};
use super::line::{check_rates, exactly_one, unit_of_time};
use super::load::{Door, name, unique};
use super::recording;
use super::shape::quoted;
use super::{
    Class, ClassArrivals, Desk, DeskArrivals, Faults, RatePiece, ScriptEntry, ScriptEvent,
    ServerGroup,
};
use crate::problem::{KeyPath, Problem};
use crate::random::laws::sums_to_one;

/// More steps than this would leave no room for durations in 64 bits.
const STEPS_MAX: u64 = 1 << 53;

/// Checks a desk file.
pub(super) fn check(file: input::DeskFile, door: &mut Door) -> Result<Desk, Problem> {
    let name = door.scenario_name(file.name)?;
    let seed = door.seed(file.seed)?;
    let time_unit = file.time_unit.map(unit_of_time).transpose()?;
    at_most(file.steps, STEPS_MAX, &KeyPath::to(&["steps"]))?;
    let attendants = file
        .servers
        .iter()
        .flat_map(|server| &server.attendants)
        .fold(0u64, |all, group| all.saturating_add(group.count));
    // Before the counts are written out, so that a count of 10^15 costs nothing.
    let actors = attendants.saturating_add(file.servers.len() as u64);
    door.limit_actors(actors, "attendants and servers", &KeyPath::to(&["servers"]))?;

    let arrivals_given = file.arrivals.is_some();
    let recorded = file
        .arrivals
        .as_ref()
        .is_some_and(|all| all.trace.is_some());
    let mut classes = Vec::with_capacity(file.classes.len());
    let only = file.classes.len() == 1;
    for (index, class) in file.classes.into_iter().enumerate() {
        let at = KeyPath::to(&["classes"]).index(index);
        let share = share(&class, arrivals_given, recorded, only, &at)?;
        classes.push(check_class(class, share, file.service_level, &at, door)?);
    }
    unique("classes", classes.iter().map(|class| class.name.as_str()))?;
    if arrivals_given && !recorded {
        let shares: Vec<f64> = classes.iter().map(|class| class.share).collect();
        let last = KeyPath::to(&["classes"])
            .index(classes.len() - 1)
            .key("share");
        sums_to_one("shares of the classes", &shares, &last).map_err(|problem| {
            (0..shares.len()).fold(problem, |problem, index| {
                problem.also(KeyPath::to(&["classes"]).index(index).key("share"))
            })
        })?;
    }
    let servers = check_servers(file.servers, &classes)?;
    let arrivals = match file.arrivals {
        Some(arrivals) => check_arrivals(arrivals, &classes, file.steps, door)?,
        None => DeskArrivals::PerClass,
    };
    let faults = check_faults(file.faults, &servers, file.steps, door)?;
    Ok(Desk {
        name,
        seed,
        time_unit,
        start: door.clock.start,
        steps: file.steps,
        arrivals,
        classes,
        buffer: file.buffer.capacity,
        overflow: file.buffer.overflow,
        dispatch: file.supervisor.dispatch,
        rebalance: file.supervisor.rebalance,
        max_attempts: file.supervisor.max_attempts,
        faults,
        servers,
    })
}

/// A class's share: needed where a total is split, out of place elsewhere.
fn share(
    class: &input::Class,
    arrivals_given: bool,
    recorded: bool,
    only: bool,
    at: &KeyPath,
) -> Result<f64, Problem> {
    let total = KeyPath::to(&["arrivals"]);
    if arrivals_given && class.arrivals.is_some() {
        let message = "arrivals are given both in `[arrivals]` and in a class";
        return Err(Problem::key(&at.key("arrivals"), message).also(total).help(
            "either `[arrivals]` gives a total that the classes share, or each class has its own \
             `arrivals`",
        ));
    }
    if !arrivals_given && class.arrivals.is_none() {
        let message = format!("missing key `arrivals` in `{at}`");
        return Err(Problem::value(at, message).help(
            "without a table `[arrivals]` each class has its own, such as \
             `arrivals = { poisson = { mean = 7.5 } }`",
        ));
    }
    if !arrivals_given && class.share.is_some() {
        let message = format!("`{at}` has both `share` and its own `arrivals`");
        return Err(Problem::key(&at.key("share"), message)
            .also(at.key("arrivals"))
            .help("a share is for classes that split the total of `[arrivals]`"));
    }
    match class.share {
        Some(_) if recorded => {
            let message = format!("`{at}` has a `share`, but its requests are recorded");
            Err(Problem::key(&at.key("share"), message)
                .also(total.key("trace"))
                .help("leave `share` out: the file says which class each request has"))
        }
        Some(share) => Ok(share + 0.0),
        None if !arrivals_given || recorded => Ok(0.0),
        None if only => Ok(1.0),
        None => Err(Problem::value(at, format!("missing key `share` in `{at}`"))
            .help("with `[arrivals]` each class has a share of the total, and shares add up to 1")),
    }
}

fn check_class(
    class: input::Class,
    share: f64,
    level: Option<input::ServiceLevel>,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Class, Problem> {
    let path = at.key("arrivals");
    let arrivals = match class.arrivals {
        None => None,
        Some(input::ClassArrivals::Law(law)) => {
            let law = law::check(law, &path, For::Count, door)?;
            Some(ClassArrivals::Law(law))
        }
        Some(input::ClassArrivals::Rates(table)) => {
            let rates = step_rates(table.rates, &path.key("rates"), door)?;
            Some(ClassArrivals::Rates(rates))
        }
    };
    let patience = |law| law::check(law, &at.key("patience"), For::Steps, door);
    Ok(Class {
        name: name(class.name, &at.key("name"))?,
        share,
        arrivals,
        patience: class.patience.map(patience).transpose()?,
        service: law::check(class.service, &at.key("service"), For::Steps, door)?,
        priority: class.priority,
        service_level: class.service_level.or(level).map(|level| level.within),
    })
}

/// A table of rates over steps, whose ends are whole.
fn step_rates(
    rates: input::Rates,
    at: &KeyPath,
    door: &mut Door,
) -> Result<Vec<RatePiece>, Problem> {
    let pieces = check_rates(rates, at, door)?;
    for (index, piece) in pieces.iter().enumerate() {
        if piece.until.fract() != 0.0 {
            let path = at.index(index).key("until");
            let message = format!("`{path}` is {}, not a whole step", piece.until);
            return Err(Problem::value(&path, message));
        }
    }
    Ok(pieces)
}

fn check_arrivals(
    arrivals: input::DeskArrivals,
    classes: &[Class],
    steps: u64,
    door: &mut Door,
) -> Result<DeskArrivals, Problem> {
    let at = KeyPath::to(&["arrivals"]);
    exactly_one(
        &at,
        &[
            ("per_step", arrivals.per_step.is_some()),
            ("rates", arrivals.rates.is_some()),
            ("trace", arrivals.trace.is_some()),
        ],
    )?;
    if let Some(law) = arrivals.per_step {
        let law = law::check(law, &at.key("per_step"), For::Count, door)?;
        return Ok(DeskArrivals::Shared(law));
    }
    if let Some(rates) = arrivals.rates {
        return step_rates(rates, &at.key("rates"), door).map(DeskArrivals::SharedRates);
    }
    match arrivals.trace {
        Some(trace) => recording::read(trace, classes, steps, &at.key("trace"), door),
        None => Ok(DeskArrivals::PerClass),
    }
}

fn check_servers(
    servers: Vec<input::Server>,
    classes: &[Class],
) -> Result<Vec<ServerGroup>, Problem> {
    let skills: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let mut checked = Vec::with_capacity(servers.len());
    for (index, server) in servers.into_iter().enumerate() {
        let at = KeyPath::to(&["servers"]).index(index);
        let mut attendants = Vec::new();
        for (group, form) in server.attendants.into_iter().enumerate() {
            let at = at.key("attendants").index(group).key("skills");
            let mut known = Vec::with_capacity(form.skills.len());
            for (place, skill) in form.skills.iter().enumerate() {
                let path = at.index(place);
                let Some(class) = skills.iter().position(|name| name == skill) else {
                    let message =
                        format!("unknown skill {}: no class has this name", quoted(skill));
                    return Err(Problem::value(&path, message).help(choices(skill, &skills)));
                };
                if known.contains(&class) {
                    let message = format!("the skill {} is named twice", quoted(skill));
                    return Err(Problem::value(&path, message));
                }
                known.push(class);
            }
            known.sort_unstable();
            for _ in 0..form.count {
                attendants.push(known.clone());
            }
        }
        checked.push(ServerGroup {
            name: name(server.name, &at.key("name"))?,
            capacity: server.capacity,
            attendants,
        });
    }
    unique("servers", checked.iter().map(|server| server.name.as_str()))?;
    Ok(checked)
}

fn check_faults(
    faults: input::Faults,
    servers: &[ServerGroup],
    steps: u64,
    door: &mut Door,
) -> Result<Faults, Problem> {
    let at = KeyPath::to(&["faults"]);
    let repair = |law| law::check(law, &at.key("repair"), For::Repair, door);
    let repair = faults.repair.map(repair).transpose()?;
    let mut script = Vec::with_capacity(faults.script.len());
    for (index, entry) in faults.script.into_iter().enumerate() {
        let at = at.key("script").index(index);
        if entry.step > steps {
            door.warnings.push(format!(
                "`{at}` is for step {}, but there are {steps} steps: it never happens",
                entry.step
            ));
        }
        at_most(entry.down_for.unwrap_or(1), STEPS_MAX, &at.key("down_for"))?;
        script.push(check_entry(&entry, servers, &at)?);
    }
    Ok(Faults {
        probability: faults.probability + 0.0,
        repair,
        work: faults.work,
        script,
    })
}

fn check_entry(
    entry: &input::ScriptEntry,
    servers: &[ServerGroup],
    at: &KeyPath,
) -> Result<ScriptEntry, Problem> {
    let event = match (entry.event, entry.down_for) {
        (input::ScriptEvent::Fault, down_for) => ScriptEvent::Fault { down_for },
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
        step: entry.step,
        server,
        attendant,
        event,
    })
}

/// The indexes of an attendant such as `B-3`, or what attendants there are.
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

fn at_most(found: u64, most: u64, at: &KeyPath) -> Result<(), Problem> {
    if found > most {
        let message = format!("`{at}` is {found}, but must be at most {most}");
        return Err(Problem::value(at, message));
    }
    Ok(())
}
