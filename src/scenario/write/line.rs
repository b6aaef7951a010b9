//! Writes a checked line.

use super::{
    References, law, list, network, number, numbers, quoted, rates, report, seed, time, word,
};
use crate::random::Law;
use crate::scenario::{
    CustomerClass, Discipline, Horizon, LineArrivals, PerClass, Preemption, Servers, Service,
    Stage, StageFaults, Tandem, WarmUp,
};
use std::fmt::Write;

pub(super) fn line(out: &mut String, tandem: &Tandem, references: &References) -> std::fmt::Result {
    writeln!(out, "model = \"{}\"", tandem.model())?;
    writeln!(out, "name = {}", quoted(&tandem.name))?;
    writeln!(out, "seed = {}", seed(tandem.seed))?;
    time(out, tandem.time_unit.as_deref(), tandem.start)?;
    if let Some(most) = tandem.routing.as_ref().and_then(|all| all.system_capacity) {
        writeln!(out, "system_capacity = {most}")?;
    }
    let own = match &tandem.arrivals {
        LineArrivals::PerClass(flows) => flows.as_slice(),
        shared => {
            let keys = arrivals(tandem, shared, tandem.batch.as_ref(), references);
            writeln!(out, "\n[arrivals]\n{}", keys.join("\n"))?;
            &[]
        }
    };
    // At the top if classes have their own arrivals, otherwise in their table.
    if let Some(cv) = tandem.busy_day {
        writeln!(out, "busy_day = {{ cv = {} }}", number(cv))?;
    }
    for (index, class) in tandem.classes.iter().enumerate() {
        writeln!(out, "\n[[classes]]\nname = {}", quoted(&class.name))?;
        match (own.get(index), &tandem.arrivals) {
            (Some(flow), _) => {
                if flow.arrivals == LineArrivals::Population(0) {
                    writeln!(out, "priority = {}", class.priority)?;
                    continue;
                }
                let keys = arrivals(tandem, &flow.arrivals, flow.batch.as_ref(), references);
                match flow.arrivals {
                    LineArrivals::Population(_) => writeln!(out, "{}", keys[0])?,
                    _ => writeln!(out, "arrivals = {{ {} }}", keys.join(", "))?,
                }
            }
            (None, LineArrivals::Recorded { .. }) => {}
            (None, _) if network::nobody_comes(tandem, index) => {}
            (None, _) => writeln!(out, "share = {}", number(class.share))?,
        }
        writeln!(out, "priority = {}", class.priority)?;
        if let Some(routing) = &tandem.routing {
            network::course(out, tandem, &routing.courses[index])?;
        }
    }
    writeln!(out, "\n[horizon]")?;
    match tandem.horizon {
        Horizon::Customers(customers) => writeln!(out, "customers = {customers}")?,
        Horizon::Until(until) => {
            writeln!(out, "until = {}", number(until))?;
            writeln!(out, "stop = {}", tandem.stop)?;
        }
    }
    match tandem.warm_up {
        WarmUp::Customers(customers) => writeln!(out, "warm_up = {customers}")?,
        WarmUp::Time(time) => writeln!(out, "warm_up = {{ time = {} }}", number(time))?,
    }
    let blocking = match &tandem.routing {
        Some(routing) if routing.loses => quoted("lose"),
        _ => word(tandem.blocking),
    };
    writeln!(out, "\n[line]\nblocking = {blocking}")?;
    if let Some(routing) = &tandem.routing {
        writeln!(out, "deadlock = {}", word(routing.deadlock))?;
    }
    report(out, tandem.intervals)?;
    for (index, one) in tandem.stages.iter().enumerate() {
        writeln!(out, "\n[[{}]]", tandem.list())?;
        stage(out, one, &tandem.classes, references)?;
        if let Some(routing) = &tandem.routing {
            network::link(out, tandem, &routing.links[index])?;
        }
    }
    Ok(())
}

/// The keys and values of arrivals.
fn arrivals(
    tandem: &Tandem,
    arrivals: &LineArrivals,
    batch: Option<&Law>,
    references: &References,
) -> Vec<String> {
    let when = match arrivals {
        LineArrivals::Renewal(times) => format!("interarrival = {}", law(times, references)),
        LineArrivals::Times(times) => match references.find(times) {
            Some(reference) => format!("times = {{ {} }}", reference.toml),
            None => format!("times = {}", numbers(times)),
        },
        LineArrivals::Rates(pieces) => format!("rates = {}", rates(pieces)),
        LineArrivals::Saturated => "saturated = true".to_owned(),
        LineArrivals::Recorded { times, classes } => match references.find(times) {
            Some(reference) => format!("trace = {{ {} }}", reference.toml),
            None => {
                let rows = times.iter().zip(classes.iter()).map(|(time, class)| {
                    let class = quoted(&tandem.classes[*class].name);
                    format!("{{ arrival = {}, class = {class} }}", number(*time))
                });
                let rows = list(rows);
                format!("trace = {{ arrival = \"arrival\", class = \"class\", values = {rows} }}")
            }
        },
        LineArrivals::Population(count) => return vec![format!("population = {count}")],
        LineArrivals::PerClass(_) => unreachable!("classes have their own arrivals"),
    };
    let batch = batch.map(|batch| format!("batch = {}", law(batch, references)));
    [when].into_iter().chain(batch).collect()
}

/// The keys of a stage.
fn stage(
    out: &mut String,
    stage: &Stage,
    classes: &[CustomerClass],
    references: &References,
) -> std::fmt::Result {
    let by_class = |laws: &PerClass<Option<Law>>| match laws {
        PerClass::Same(one) => one.as_ref().map(|one| law(one, references)),
        PerClass::Each(each) => {
            let laws = classes.iter().zip(each);
            Some(self::by_class(
                laws.filter_map(|(class, one)| Some((class, one.as_ref()?))),
                references,
            ))
        }
    };
    writeln!(out, "name = {}", quoted(&stage.name))?;
    writeln!(out, "servers = {}", servers(&stage.servers))?;
    if let Some(buffer) = stage.buffer {
        writeln!(out, "buffer = {buffer}")?;
    }
    if !stage.speeds.is_empty() {
        writeln!(out, "speeds = {}", numbers(&stage.speeds))?;
    }
    let service = match &stage.service {
        Service::PerClass(PerClass::Same(one)) => law(one, references),
        Service::PerClass(PerClass::Each(each)) => {
            self::by_class(classes.iter().zip(each), references)
        }
        Service::PerServer(each) => {
            let laws = list(each.iter().map(|one| law(one, references)));
            format!("{{ by_server = {laws} }}")
        }
    };
    writeln!(out, "service = {service}")?;
    if let Some(setup) = by_class(&stage.setup) {
        writeln!(out, "setup = {setup}")?;
    }
    if stage.discipline != Discipline::default() {
        writeln!(out, "discipline = {}", word(stage.discipline))?;
    }
    if stage.preemption != Preemption::default() {
        writeln!(out, "preemption = {}", word(stage.preemption))?;
    }
    if !stage.join.is_empty() {
        writeln!(out, "join = {}", numbers(&stage.join))?;
    }
    if let Some(patience) = by_class(&stage.patience) {
        writeln!(out, "patience = {patience}")?;
    }
    if let Some(faults) = &stage.faults {
        writeln!(out, "faults = {}", stage_faults(faults, references))?;
    }
    if stage.scrap > 0.0 {
        writeln!(out, "scrap = {}", number(stage.scrap))?;
    }
    Ok(())
}

fn servers(servers: &Servers) -> String {
    match servers {
        Servers::Count(count) => count.to_string(),
        Servers::Unlimited => quoted("unlimited"),
        Servers::Plan(plan) => {
            let pieces = list(plan.pieces.iter().map(|piece| {
                format!(
                    "{{ from = {}, count = {} }}",
                    number(piece.from),
                    piece.count
                )
            }));
            let repeat = plan
                .repeat
                .map(|repeat| format!("repeat = {}, ", number(repeat)));
            format!(
                "{{ plan = {pieces}, {}leaving = {} }}",
                repeat.unwrap_or_default(),
                word(plan.leaving)
            )
        }
    }
}

/// Laws by the names of their classes.
fn by_class<'a>(
    laws: impl Iterator<Item = (&'a CustomerClass, &'a Law)>,
    references: &References,
) -> String {
    let laws = laws.map(|(class, one)| {
        let name = toml_edit::Key::new(&class.name);
        format!("{} = {}", name.display_repr(), law(one, references))
    });
    let laws: Vec<String> = laws.collect();
    format!("{{ by_class = {{ {} }} }}", laws.join(", "))
}

fn stage_faults(faults: &StageFaults, references: &References) -> String {
    let mut keys = vec![
        format!("every = {}", law(&faults.every, references)),
        format!("clock = {}", word(faults.clock)),
        format!("repair = {}", law(&faults.repair, references)),
    ];
    keys.extend(faults.crew.map(|crew| format!("crew = {crew}")));
    keys.push(format!("work = {}", word(faults.work)));
    keys.extend(faults.slow.map(|slow| format!("slow = {}", number(slow))));
    format!("{{ {} }}", keys.join(", "))
}
