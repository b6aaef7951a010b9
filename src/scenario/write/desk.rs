//! Writes a checked desk.

use super::{References, law, list, number, numbers, quoted, rates, report, seed, time, word};
use crate::random::Law;
use crate::scenario::{
    Arrivals, Desk, DeskArrivals, DeskHorizon, Queue, RecordedRequest, Retry, ScriptEvent, Skill,
};
use std::fmt::Write;

pub(super) fn desk(out: &mut String, desk: &Desk, references: &References) -> std::fmt::Result {
    writeln!(out, "model = \"desk\"")?;
    writeln!(out, "name = {}", quoted(&desk.name))?;
    writeln!(out, "seed = {}", seed(desk.seed))?;
    time(out, desk.time_unit.as_deref(), desk.start)?;
    if let Some(steps) = desk.steps() {
        writeln!(out, "steps = {steps}")?;
    }
    if let Some(most) = desk.system_capacity {
        writeln!(out, "system_capacity = {most}")?;
    }
    if let (Some(cv), DeskArrivals::PerClass) = (desk.busy_day, &desk.arrivals) {
        writeln!(out, "busy_day = {{ cv = {} }}", number(cv))?;
    }
    writeln!(out, "\n[horizon]")?;
    if let DeskHorizon::Until { until, end } = desk.horizon {
        let stop = end.is_some();
        writeln!(out, "until = {}\nstop = {stop}", number(until))?;
    }
    writeln!(out, "warm_up = {}", number(desk.warm_up))?;
    report(out, desk.intervals)?;
    let shared = desk_arrivals(out, desk, references)?;
    for class in &desk.classes {
        writeln!(out, "\n[[classes]]\nname = {}", quoted(&class.name))?;
        if shared {
            writeln!(out, "share = {}", number(class.share))?;
        }
        match &class.arrivals {
            Some(Arrivals::PerStep(count)) => {
                writeln!(out, "arrivals = {}", law(count, references))?;
            }
            Some(own) => {
                let batch = batch_of(class.batch.as_ref(), references);
                let batch = batch.map(|batch| format!(", {batch}")).unwrap_or_default();
                writeln!(out, "arrivals = {{ {}{batch} }}", flow(own, references))?;
            }
            None => {}
        }
        writeln!(out, "service = {}", law(&class.service, references))?;
        if let Some(patience) = &class.patience {
            writeln!(out, "patience = {}", law(patience, references))?;
        }
        writeln!(out, "priority = {}", class.priority)?;
        if let Some(wrap_up) = &class.wrap_up {
            writeln!(out, "wrap_up = {}", law(wrap_up, references))?;
        }
        if let Some(timeout) = &class.timeout {
            let after = law(&timeout.after, references);
            let withdraw = timeout.withdraw;
            writeln!(
                out,
                "timeout = {{ after = {after}, withdraw = {withdraw} }}"
            )?;
        }
        if let Some(retry) = &class.retry {
            writeln!(out, "retry = {{ {} }}", retry_of(retry, references))?;
        }
        if let Some(level) = class.service_level {
            let target = level.target;
            let target = target.map(|target| format!(", target = {}", number(target)));
            let (within, target) = (number(level.within), target.unwrap_or_default());
            writeln!(out, "service_level = {{ within = {within}{target} }}")?;
        }
    }
    writeln!(out, "\n[buffer]")?;
    if let Some(capacity) = desk.buffer {
        writeln!(out, "capacity = {capacity}")?;
    }
    writeln!(out, "overflow = {}", word(desk.overflow))?;
    writeln!(out, "\n[supervisor]\nqueue = {}", word(desk.queue))?;
    if desk.queue == Queue::Servers {
        writeln!(out, "dispatch = {}", word(desk.dispatch))?;
        writeln!(out, "rebalance = {}", desk.rebalance)?;
    }
    if let Some(attempts) = desk.max_attempts {
        writeln!(out, "max_attempts = {attempts}")?;
    }
    faults(out, desk, references)?;
    shifts(out, desk)?;
    servers(out, desk)
}

/// Writes the table of arrivals; returns whether the classes share a total.
fn desk_arrivals(
    out: &mut String,
    desk: &Desk,
    references: &References,
) -> Result<bool, std::fmt::Error> {
    match &desk.arrivals {
        DeskArrivals::Shared(total) => {
            writeln!(out, "\n[arrivals]\n{}", flow(total, references))?;
            if let Some(batch) = batch_of(desk.batch.as_ref(), references) {
                writeln!(out, "{batch}")?;
            }
            if let Some(cv) = desk.busy_day {
                writeln!(out, "busy_day = {{ cv = {} }}", number(cv))?;
            }
            return Ok(true);
        }
        DeskArrivals::PerClass => {}
        DeskArrivals::Recorded(requests) => match &references.recording {
            Some(form) => {
                writeln!(out, "\n[arrivals.trace]\n{}", form.toml())?;
            }
            None => recorded(out, desk, requests)?,
        },
    }
    Ok(false)
}

/// The keys of a retry.
fn retry_of(retry: &Retry, references: &References) -> String {
    let after = list(retry.after.iter().map(|&loss| word(loss)));
    let most = retry.most.map(|most| format!(", most = {most}"));
    format!(
        "after = {after}, probability = {}, delay = {}{}",
        number(retry.probability),
        law(&retry.delay, references),
        most.unwrap_or_default()
    )
}

/// The number per arrival, as a key and its value.
fn batch_of(batch: Option<&Law>, references: &References) -> Option<String> {
    batch.map(|batch| format!("batch = {}", law(batch, references)))
}

/// The arrivals of requests, as a key and its value.
fn flow(arrivals: &Arrivals, references: &References) -> String {
    match arrivals {
        Arrivals::PerStep(count) => format!("per_step = {}", law(count, references)),
        Arrivals::Rates(pieces) => format!("rates = {}", rates(pieces)),
        Arrivals::Renewal(gaps) => format!("interarrival = {}", law(gaps, references)),
        Arrivals::Times(times) => match references.find(times) {
            Some(reference) => format!("times = {{ {} }}", reference.toml),
            None => format!("times = {}", numbers(times)),
        },
    }
}

/// Recorded requests as a list of rows, in the desk's own time.
fn recorded(out: &mut String, desk: &Desk, requests: &[RecordedRequest]) -> std::fmt::Result {
    writeln!(
        out,
        "\n[arrivals.trace]\narrival = \"arrival\"\nclass = \"class\""
    )?;
    for (key, any) in [
        (
            "service",
            requests.iter().any(|request| request.service.is_some()),
        ),
        (
            "patience",
            requests.iter().any(|request| request.patience.is_some()),
        ),
    ] {
        if any {
            writeln!(out, "{key} = \"{key}\"")?;
        }
    }
    writeln!(out, "values = [")?;
    for request in requests {
        let class = quoted(&desk.classes[request.class].name);
        let arrival = number(request.arrival);
        write!(out, "  {{ arrival = {arrival}, class = {class}")?;
        for (key, time) in [("service", request.service), ("patience", request.patience)] {
            if let Some(time) = time {
                write!(out, ", {key} = {}", number(time))?;
            }
        }
        writeln!(out, " }},")?;
    }
    writeln!(out, "]")
}

fn faults(out: &mut String, desk: &Desk, references: &References) -> std::fmt::Result {
    writeln!(out, "\n[faults]")?;
    if desk.steps().is_some() {
        writeln!(out, "probability = {}", number(desk.faults.probability))?;
    }
    if let Some(every) = &desk.faults.every {
        writeln!(out, "every = {}", law(every, references))?;
        writeln!(out, "clock = {}", word(desk.faults.clock))?;
    }
    if let Some(crew) = desk.faults.crew {
        writeln!(out, "crew = {crew}")?;
    }
    if let Some(slow) = desk.faults.slow {
        writeln!(out, "slow = {}", number(slow))?;
    }
    if let Some(repair) = &desk.faults.repair {
        writeln!(out, "repair = {}", law(repair, references))?;
    }
    writeln!(out, "work = {}", word(desk.faults.work))?;
    writeln!(out, "script = [")?;
    for entry in &desk.faults.script {
        let server = &desk.servers[entry.server].name;
        let whom = match entry.attendant {
            Some(index) => {
                let name = format!("{server}-{}", index + 1);
                format!("attendant = {}", quoted(&name))
            }
            None => format!("server = {}", quoted(server)),
        };
        let lasting = |lasts: Option<f64>| match lasts {
            Some(lasts) => format!(", down_for = {}", number(lasts)),
            None => String::new(),
        };
        let what = match entry.event {
            ScriptEvent::Fault { down_for } => lasting(down_for),
            ScriptEvent::Slow { down_for, factor } => {
                format!("{}, slow = {}", lasting(down_for), number(factor))
            }
            ScriptEvent::Repair => ", event = \"repair\"".to_owned(),
        };
        let when = match desk.steps() {
            Some(_) => format!("step = {}", entry.at),
            None => format!("at = {}", number(entry.at.get())),
        };
        writeln!(out, "  {{ {when}, {whom}{what} }},")?;
    }
    writeln!(out, "]")
}

fn shifts(out: &mut String, desk: &Desk) -> std::fmt::Result {
    for shift in &desk.shifts {
        writeln!(out, "\n[[shifts]]\nname = {}", quoted(&shift.name))?;
        let spells = shift.spells.iter();
        let spells = spells.map(|[from, until]| format!("[{}, {}]", number(*from), number(*until)));
        writeln!(out, "spells = {}", list(spells))?;
        if let Some(repeat) = shift.repeat {
            writeln!(out, "repeat = {}", number(repeat))?;
        }
        writeln!(out, "leaving = {}", word(shift.leaving))?;
    }
    Ok(())
}

fn servers(out: &mut String, desk: &Desk) -> std::fmt::Result {
    for server in &desk.servers {
        writeln!(out, "\n[[servers]]\nname = {}", quoted(&server.name))?;
        if let Some(capacity) = server.capacity {
            writeln!(out, "capacity = {capacity}")?;
        }
        writeln!(out, "attendants = [")?;
        let each = server.attendants.iter().enumerate();
        let each: Vec<_> = each
            .map(|(number, skills)| (skills, server.shift(number)))
            .collect();
        for alike in each.chunk_by(|one, next| one == next) {
            let (skills, shift) = (skills(desk, alike[0].0), alike[0].1);
            let shift =
                shift.map(|shift| format!(", shift = {}", quoted(&desk.shifts[shift].name)));
            let shift = shift.unwrap_or_default();
            let count = alike.len();
            writeln!(out, "  {{ skills = {skills}, count = {count}{shift} }},")?;
        }
        writeln!(out, "]")?;
    }
    Ok(())
}

/// Skills as a list, or as a table if ranks or speeds differ from 1.
fn skills(desk: &Desk, skills: &[Skill]) -> String {
    let name = |skill: &Skill| quoted(&desk.classes[skill.class].name);
    if skills
        .iter()
        .all(|skill| *skill == Skill::from(skill.class))
    {
        return list(skills.iter().map(name));
    }
    let ranked = skills.iter().map(|skill| {
        let (rank, speed) = (skill.rank, number(skill.speed));
        format!("{} = {{ rank = {rank}, speed = {speed} }}", name(skill))
    });
    format!("{{ {} }}", ranked.collect::<Vec<_>>().join(", "))
}
