//! From the form of a stage to a checked [`Stage`]: all checks of a stage by itself, wherever its customers come
//! from and go to.

use super::error::choices;
use super::input;
use super::law::{self, For};
use super::load::{Door, name};
use super::shape::quoted;
use super::{
    CustomerClass, Discipline, PerClass, Plan, PlanPiece, Preemption, Servers, Service, Stage,
    StageFaults,
};
use crate::number::{agreeing, of_them};
use crate::problem::{KeyPath, Problem};
use crate::random::Law;

/// The name that stands for all classes that are not named.
pub(super) const OTHER: &str = "other";

/// Checks a stage.
pub(super) fn check(
    form: input::Stage,
    at: &KeyPath,
    classes: &[CustomerClass],
    door: &mut Door,
) -> Result<Stage, Problem> {
    let servers = check_servers(form.servers, &at.key("servers"))?;
    let stage = Stage {
        name: name(form.name, &at.key("name"))?,
        buffer: form.buffer,
        speeds: check_speeds(form.speeds, &servers, at)?,
        service: check_service(form.service, &servers, at, classes, door)?,
        setup: class_laws(form.setup, &at.key("setup"), classes, door)?,
        discipline: form.discipline,
        preemption: form.preemption,
        join: without_effect(form.join, |chance| chance == 1.0),
        patience: class_laws(form.patience, &at.key("patience"), classes, door)?,
        faults: match form.faults {
            Some(form) => Some(check_faults(form, &at.key("faults"), door)?),
            None => None,
        },
        scrap: form.scrap + 0.0,
        servers,
    };
    check_together(&stage, at)?;
    Ok(stage)
}

fn check_servers(form: input::Servers, at: &KeyPath) -> Result<Servers, Problem> {
    match form {
        input::Servers::Count(count) => Ok(Servers::Count(count)),
        input::Servers::Unlimited(_) => Ok(Servers::Unlimited),
        input::Servers::Plan(form) => check_plan(form, at).map(Servers::Plan),
    }
}

/// Checks a plan: its instants begin with 0, ascend and are before its repetition, and a server is on duty at some
/// time.
fn check_plan(form: input::Plan, at: &KeyPath) -> Result<Plan, Problem> {
    let at_plan = at.key("plan");
    let from = |index: usize| at_plan.index(index).key("from");
    if form.plan[0].from != 0.0 {
        let message = format!("`{}` is {}, but must be 0", from(0), form.plan[0].from);
        return Err(Problem::value(&from(0), message)
            .help(
                "the first entry says how many servers are on duty from the beginning: write `from = 0`, or the time \
                 of day of `start`",
            ));
    }
    for (index, pair) in form.plan.windows(2).enumerate() {
        if pair[1].from <= pair[0].from {
            let path = from(index + 1);
            let message = format!(
                "`{path}` is {}, but must be above the {} before it",
                pair[1].from, pair[0].from
            );
            return Err(Problem::value(&path, message).also(from(index)));
        }
    }
    let last = form.plan.len() - 1;
    if let Some(repeat) = form.repeat
        && form.plan[last].from >= repeat
    {
        let path = from(last);
        let message = format!(
            "`{path}` is {}, but the plan begins again after {repeat}",
            form.plan[last].from
        );
        return Err(Problem::value(&path, message)
            .also(at.key("repeat"))
            .help("every `from` lies before `repeat`"));
    }
    if form.plan.iter().all(|entry| entry.count == 0) {
        let message = format!("`{at_plan}` never has a server, so nobody is ever served");
        return Err(Problem::value(&at_plan, message).help("a `count` must be above 0"));
    }
    let entries = form.plan.iter();
    Ok(Plan {
        pieces: entries
            .map(|entry| PlanPiece {
                from: entry.from + 0.0,
                count: entry.count,
            })
            .collect(),
        repeat: form.repeat,
        leaving: form.leaving,
    })
}

/// The list, or an empty one if all entries are the default and so have no effect.
fn without_effect(list: Option<Vec<f64>>, default: impl Fn(f64) -> bool) -> Vec<f64> {
    let mut list = list.unwrap_or_default();
    if list.iter().all(|&entry| default(entry)) {
        list.clear();
    }
    list.iter_mut().for_each(|entry| *entry += 0.0);
    list
}

fn check_speeds(
    form: Option<Vec<f64>>,
    servers: &Servers,
    at: &KeyPath,
) -> Result<Vec<f64>, Problem> {
    if let Some(speeds) = &form {
        if *servers == Servers::Unlimited {
            return Err(unlimited("speeds", at));
        }
        one_for_each_server(&at.key("speeds"), speeds.len(), servers, at)?;
    }
    Ok(without_effect(form, |speed| speed == 1.0))
}

/// Refuses a list whose length is not the number of servers.
fn one_for_each_server(
    path: &KeyPath,
    found: usize,
    servers: &Servers,
    at: &KeyPath,
) -> Result<(), Problem> {
    match servers.most() {
        Some(most) if found != most as usize => {
            let message = format!(
                "`{path}` has {}, but there {} {}",
                of_them(found as u64, "entry"),
                agreeing(u64::from(most), "is", "are"),
                of_them(u64::from(most), "server")
            );
            Err(Problem::value(path, message)
                .also(at.key("servers"))
                .help("one entry for each server, in the order of their numbers"))
        }
        _ => Ok(()),
    }
}

fn check_service(
    form: input::Service,
    servers: &Servers,
    at: &KeyPath,
    classes: &[CustomerClass],
    door: &mut Door,
) -> Result<Service, Problem> {
    let path = at.key("service");
    match form {
        input::Service::Law(law) => {
            let law = law::check(law, &path, For::Time, door)?;
            Ok(Service::PerClass(PerClass::Same(law)))
        }
        input::Service::ByClass(form) => {
            let laws = by_class(form, &path, classes, door)?;
            if let Some(without) = laws.iter().position(Option::is_none) {
                let class = &classes[without].name;
                let message =
                    format!("`{path}` has no law for class `{class}`, which nobody could serve");
                return Err(Problem::value(&path.key("by_class"), message).help(format!(
                    "give `{class}` a law, or `{OTHER}` one that stands for all classes not named"
                )));
            }
            let laws = laws.into_iter().flatten().collect();
            Ok(Service::PerClass(PerClass::Each(laws)))
        }
        input::Service::ByServer(form) => {
            let path = path.key("by_server");
            if *servers == Servers::Unlimited {
                let message = format!("`{path}` tells servers apart, but they are unlimited");
                return Err(Problem::key(&path, message)
                    .also(at.key("servers"))
                    .help("give all one law, or give a number of servers"));
            }
            one_for_each_server(&path, form.by_server.len(), servers, at)?;
            let laws = form.by_server.into_iter().enumerate();
            let laws =
                laws.map(|(index, law)| law::check(law, &path.index(index), For::Time, door));
            laws.collect::<Result<_, _>>().map(Service::PerServer)
        }
    }
}

/// One law for all classes or one for each, with the possibility that a class has none.
fn class_laws(
    form: Option<input::ClassLaws>,
    at: &KeyPath,
    classes: &[CustomerClass],
    door: &mut Door,
) -> Result<PerClass<Option<Law>>, Problem> {
    match form {
        None => Ok(PerClass::Same(None)),
        Some(input::ClassLaws::Law(law)) => {
            let law = law::check(law, at, For::Time, door)?;
            Ok(PerClass::Same(Some(law)))
        }
        Some(input::ClassLaws::ByClass(form)) => {
            let laws = by_class(form, at, classes, door)?;
            Ok(match laws.iter().all(Option::is_none) {
                true => PerClass::Same(None),
                false => PerClass::Each(laws),
            })
        }
    }
}

/// The law of each class, if it has one.
fn by_class(
    form: input::ByClass,
    at: &KeyPath,
    classes: &[CustomerClass],
    door: &mut Door,
) -> Result<Vec<Option<Law>>, Problem> {
    let at = at.key("by_class");
    if classes.is_empty() {
        let message = format!("`{at}` names classes, but the scenario has none");
        return Err(Problem::key(&at, message)
            .help("give the scenario `[[classes]]`, or all customers one law"));
    }
    let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
    let mut laws = vec![None; classes.len()];
    let mut rest = None;
    for (found, law) in form.by_class {
        let path = at.key(&found);
        let class = names.iter().position(|name| *name == found);
        if class.is_none() && found != OTHER {
            let message = format!("unknown class {}", quoted(&found));
            let allowed: Vec<&str> = names.iter().copied().chain([OTHER]).collect();
            return Err(Problem::key(&path, message).help(choices(&found, &allowed)));
        }
        let law = Some(law::check(law, &path, For::Time, door)?);
        match class {
            Some(class) => laws[class] = law,
            None => rest = law,
        }
    }
    for law in &mut laws {
        *law = law.take().or_else(|| rest.clone());
    }
    Ok(laws)
}

fn check_faults(
    form: input::StageFaults,
    at: &KeyPath,
    door: &mut Door,
) -> Result<StageFaults, Problem> {
    let path = at.key("every");
    let every = law::check(form.every, &path, For::Fault, door)?;
    if every.mean() <= 0.0 {
        let message = format!("`{path}` is always 0, so no server is ever up");
        return Err(Problem::value(&path, message).help("use a law whose mean is above 0"));
    }
    Ok(StageFaults {
        every,
        clock: form.clock,
        repair: law::check(form.repair, &at.key("repair"), For::Fault, door)?,
        crew: form.crew,
        work: form.work,
        slow: form.slow,
    })
}

/// Checks the rules that concern several keys of a stage.
fn check_together(stage: &Stage, at: &KeyPath) -> Result<(), Problem> {
    if stage.servers == Servers::Unlimited {
        for (key, given) in [
            ("buffer", stage.buffer.is_some()),
            ("faults", stage.faults.is_some()),
            ("preemption", stage.preemption != Preemption::None),
            ("join", !stage.join.is_empty()),
            ("patience", stage.patience != PerClass::Same(None)),
            ("setup", stage.setup != PerClass::Same(None)),
        ] {
            if given {
                return Err(unlimited(key, at));
            }
        }
    }
    if stage.discipline == Discipline::ProcessorSharing {
        for (key, given) in [
            ("speeds", !stage.speeds.is_empty()),
            ("setup", stage.setup != PerClass::Same(None)),
            ("patience", stage.patience != PerClass::Same(None)),
            ("join", !stage.join.is_empty()),
            ("faults", stage.faults.is_some()),
            ("servers.plan", matches!(stage.servers, Servers::Plan(_))),
            ("preemption", stage.preemption != Preemption::None),
            (
                "service.by_server",
                matches!(stage.service, Service::PerServer(_)),
            ),
        ] {
            if given {
                let path = key.split('.').fold(at.clone(), |path, key| path.key(key));
                let message =
                    format!("`{path}` means nothing where all in service share the servers");
                return Err(Problem::key(&path, message)
                    .also(at.key("discipline"))
                    .help("leave it out, or choose another `discipline`"));
            }
        }
    }
    if stage.discipline == Discipline::Shortest && matches!(stage.service, Service::PerServer(_)) {
        let path = at.key("discipline");
        let message = "the least service is not known before a server is taken, since it depends on the server";
        return Err(Problem::value(&path, message)
            .also(at.key("service"))
            .help("with `by_server` use \"fifo\", \"lifo\" or \"random\""));
    }
    Ok(())
}

/// The problem of a key that has no meaning if servers are unlimited.
fn unlimited(key: &str, at: &KeyPath) -> Problem {
    let path = at.key(key);
    let message =
        format!("`{at}` has unlimited servers, so nobody waits there and `{key}` means nothing");
    Problem::key(&path, message)
        .also(at.key("servers"))
        .help(format!("leave `{key}` out, or give a number of servers"))
}
