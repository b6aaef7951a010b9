//! Writes the routes of a checked network.

use super::{list, number, quoted};
use crate::scenario::{ByClass, Course, LineArrivals, Link, Next, Tandem, To};
use std::fmt::Write;

/// Whether no customer arrives as this class, if all classes share arrivals.
pub(super) fn nobody_comes(tandem: &Tandem, class: usize) -> bool {
    let course = tandem
        .routing
        .as_ref()
        .map(|routing| &routing.courses[class]);
    let shared = !matches!(tandem.arrivals, LineArrivals::PerClass(_));
    shared && course.is_some_and(|course| course.enter.is_none())
}

/// The keys of the way of a class.
pub(super) fn course(out: &mut String, tandem: &Tandem, course: &Course) -> std::fmt::Result {
    let name = |station: u32| quoted(&tandem.stages[station as usize].name);
    if let Some(enter) = course.enter {
        writeln!(out, "enter = {}", name(enter))?;
    }
    if let Some(route) = &course.route {
        let end = (!course.repeats).then(|| quoted("out"));
        let stations = route.iter().map(|&station| name(station));
        writeln!(out, "route = {}", list(stations.chain(end)))?;
    }
    Ok(())
}

/// The keys of the way on from a station.
pub(super) fn link(out: &mut String, tandem: &Tandem, link: &Link) -> std::fmt::Result {
    if let Some(next) = &link.next {
        writeln!(out, "next = {}", self::next(tandem, next))?;
    }
    let class = |class: usize| key(&tandem.classes[class].name);
    let becomes = link.becomes.iter().enumerate();
    let becomes = becomes.filter(|(_, chances)| !chances.is_empty());
    let becomes = becomes.map(|(from, chances)| {
        let chances = chances.iter();
        let chances =
            chances.map(|&(to, chance)| format!("{} = {}", class(to as usize), number(chance)));
        format!("{} = {}", class(from), table(chances))
    });
    let becomes: Vec<String> = becomes.collect();
    if !becomes.is_empty() {
        writeln!(out, "becomes = {}", table(becomes.into_iter()))?;
    }
    Ok(())
}

fn next(tandem: &Tandem, next: &Next) -> String {
    let name = |to: &To| match to {
        To::Station(station) => &tandem.stages[*station as usize].name[..],
        To::Out => "out",
    };
    let names = |places: &[To]| list(places.iter().map(|to| quoted(name(to))));
    match next {
        Next::All(to) => quoted(name(to)),
        Next::Chances(chances) => table(
            chances
                .iter()
                .map(|(to, chance)| format!("{} = {}", key(name(to)), number(*chance))),
        ),
        Next::ByClass(ByClass { rules, of }) => {
            let sharing = |rule: usize| of.iter().filter(|&&one| one == Some(rule)).count();
            let entries = rules.iter().enumerate().map(|(rule, next)| {
                let class = of.iter().position(|&one| one == Some(rule));
                let class = class.filter(|_| sharing(rule) == 1);
                let name = class.map_or("other", |class| &tandem.classes[class].name);
                format!("{} = {}", key(name), self::next(tandem, next))
            });
            format!("{{ by_class = {} }}", table(entries))
        }
        Next::Shortest(stations) => {
            let places: Vec<To> = stations.iter().map(|&one| To::Station(one)).collect();
            format!("{{ shortest = {} }}", names(&places))
        }
        Next::RoundRobin(places) => format!("{{ round_robin = {} }}", names(places)),
        Next::Random(places) => format!("{{ random = {} }}", names(places)),
    }
}

fn key(name: &str) -> String {
    toml_edit::Key::new(name).display_repr().into_owned()
}

fn table(entries: impl Iterator<Item = String>) -> String {
    let entries: Vec<String> = entries.collect();
    format!("{{ {} }}", entries.join(", "))
}
