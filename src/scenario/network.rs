//! From the form of a network file to a checked [`Tandem`] with its [`Routing`].

use super::arrivals::{self, ClassForm, Comes};
use super::error::choices;
use super::line::{self, Parts};
use super::load::Door;
use super::shape::quoted;
use super::stage::OTHER;
use super::{
    Blocking, ByClass, Course, CustomerClass, Flow, Horizon, LineArrivals, Link, Next, Routing,
    Tandem, To, input, reach, traces,
};
use crate::number::of_them;
use crate::problem::{KeyPath, Problem};
use crate::random::laws::sums_to_one;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The word for leaving the network.
const OUT: &str = "out";

/// The words for the rules of a way on.
const RULES: [&str; 4] = ["by_class", "shortest", "round_robin", "random"];

/// Checks a network file.
pub(super) fn check(file: input::NetworkFile, door: &mut Door) -> Result<Tandem, Problem> {
    check_names(&file.stations)?;
    let shared = file.arrivals.is_some();
    let mut forms = Vec::with_capacity(file.classes.len());
    let mut courses = Vec::with_capacity(file.classes.len());
    for (index, class) in file.classes.into_iter().enumerate() {
        let at = KeyPath::to(&["classes"]).index(index);
        let (form, course) = class_of(class, shared, &at)?;
        forms.push(form);
        courses.push(course);
    }
    let (stages, links): (Vec<_>, Vec<_>) = file
        .stations
        .into_iter()
        .map(|station| (station.stage, station.links))
        .unzip();
    let parts = Parts {
        name: file.name,
        seed: file.seed,
        time_unit: file.time_unit,
        arrivals: arrivals::Forms {
            arrivals: file.arrivals,
            busy_day: file.busy_day,
            classes: forms,
        },
        horizon: file.horizon,
        report: file.report,
        blocking: match file.line.blocking {
            input::NetworkBlocking::BeforeService => Blocking::BeforeService,
            input::NetworkBlocking::AfterService | input::NetworkBlocking::Lose => {
                Blocking::AfterService
            }
        },
        stages,
        list: "stations",
    };
    let mut tandem = line::put_together(parts, door)?;
    let names = Names {
        stations: tandem.stages.iter().map(|stage| &stage.name[..]).collect(),
        classes: &tandem.classes,
    };
    let courses = match courses.is_empty() {
        true => vec![Course {
            enter: Some(0),
            ..Course::default()
        }],
        false => (courses.into_iter().enumerate())
            .map(|(class, form)| names.course(form, class))
            .collect::<Result<_, _>>()?,
    };
    let links = (links.into_iter().enumerate())
        .map(|(station, form)| {
            let at = KeyPath::to(&["stations"]).index(station);
            Ok(Link {
                next: form
                    .next
                    .map(|next| names.next(next, &at.key("next"), true))
                    .transpose()?,
                becomes: names.becomes(form.becomes, &at.key("becomes"), &courses)?,
            })
        })
        .collect::<Result<_, _>>()?;
    let routing = Routing {
        links,
        courses,
        loses: file.line.blocking == input::NetworkBlocking::Lose,
        deadlock: file.line.deadlock,
        system_capacity: file.system_capacity,
        reserves: Vec::new(),
    };
    tandem.routing = Some(routing);
    check_together(&mut tandem, door)?;
    Ok(tandem)
}

/// Refuses names of stations that have another meaning in a way on.
fn check_names(stations: &[input::Station]) -> Result<(), Problem> {
    for (index, station) in stations.iter().enumerate() {
        let name = station.stage.name.as_str();
        if name == OUT || RULES.contains(&name) {
            let path = KeyPath::to(&["stations"]).index(index).key("name");
            let message = format!("no station may have the name `{name}`");
            let meaning = match name {
                OUT => "in `next` it stands for leaving the network",
                _ => "in `next` it names a rule",
            };
            return Err(Problem::value(&path, message).help(meaning));
        }
    }
    Ok(())
}

/// The way of a class as written in a file.
struct CourseForm {
    enter: Option<String>,
    route: Option<Vec<String>>,
    /// Whether its customers stay for ever.
    stays: bool,
    /// Whether any customer arrives as this class.
    comes: bool,
}

/// Splits the form of a class into its arrivals and its way.
fn class_of(
    form: input::NetworkClass,
    shared: bool,
    at: &KeyPath,
) -> Result<(ClassForm, CourseForm), Problem> {
    if form.population.is_some() {
        for (key, given) in [
            ("arrivals", form.arrivals.is_some()),
            ("share", form.share.is_some()),
        ] {
            if given {
                let message = format!("`{at}` has both `population` and `{key}`");
                return Err(Problem::key(&at.key(key), message)
                    .also(at.key("population"))
                    .help(
                        "a population is there from the beginning, and nobody else comes as it",
                    ));
            }
        }
    }
    let entering = form.enter.is_some() || form.route.is_some();
    let brought = form.arrivals.is_some() || form.share.is_some();
    let comes = match form.population {
        Some(count) => Comes::Population(count),
        None if !brought && !entering => Comes::Nobody,
        None if shared && form.arrivals.is_none() && form.share.is_none() && !entering => {
            Comes::Nobody
        }
        None => Comes::Arrivals(form.arrivals.map(Box::new)),
    };
    let course = CourseForm {
        enter: form.enter,
        route: form.route,
        stays: form.population.is_some(),
        comes: !matches!(comes, Comes::Nobody),
    };
    let form = ClassForm {
        name: form.name,
        share: form.share,
        comes,
        priority: form.priority,
    };
    Ok((form, course))
}

/// The names used in routes.
struct Names<'a> {
    stations: Vec<&'a str>,
    classes: &'a [CustomerClass],
}

impl Names<'_> {
    fn station(&self, name: &str, at: &KeyPath) -> Result<u32, Problem> {
        match self.to(name, at)? {
            To::Station(station) => Ok(station),
            To::Out => {
                let message = format!("`{at}` is `{OUT}`, but must be a station");
                Err(Problem::value(at, message).help(choices(name, &self.stations)))
            }
        }
    }

    /// The station with this name, or the way out.
    fn to(&self, name: &str, at: &KeyPath) -> Result<To, Problem> {
        self.place(name).ok_or_else(|| {
            let allowed: Vec<&str> = self.stations.iter().copied().chain([OUT]).collect();
            let message = format!("`{at}` leads to {}, which is no station", quoted(name));
            Problem::value(at, message).help(choices(name, &allowed))
        })
    }

    fn place(&self, name: &str) -> Option<To> {
        if name == OUT {
            return Some(To::Out);
        }
        let station = self.stations.iter().position(|known| *known == name)?;
        Some(To::Station(station as u32))
    }

    fn class(&self, name: &str, at: &KeyPath, other: bool) -> Result<Option<usize>, Problem> {
        if other && name == OTHER {
            return Ok(None);
        }
        let known = self.classes.iter().position(|class| class.name == name);
        let Some(class) = known else {
            let mut allowed: Vec<&str> = self.classes.iter().map(|class| &class.name[..]).collect();
            allowed.extend(other.then_some(OTHER));
            let message = format!("unknown class {}", quoted(name));
            return Err(Problem::key(at, message).help(match allowed.is_empty() {
                true => "the scenario has no `[[classes]]`".to_owned(),
                false => choices(name, &allowed),
            }));
        };
        Ok(Some(class))
    }

    /// The way of a class.
    fn course(&self, form: CourseForm, class: usize) -> Result<Course, Problem> {
        let at = KeyPath::to(&["classes"]).index(class);
        let enter = match &form.enter {
            Some(name) => Some(self.station(name, &at.key("enter"))?),
            None => None,
        };
        let Some(mut names) = form.route else {
            if form.comes && enter.is_none() {
                let message = format!("missing key `enter` in `{at}`");
                return Err(Problem::value(&at, message)
                    .help("`enter`: the station at which customers of the class enter"));
            }
            return Ok(Course {
                enter,
                ..Course::default()
            });
        };
        let path = at.key("route");
        let leaves = names.last().is_some_and(|last| last == OUT);
        if leaves == form.stays {
            let last = path.index(names.len() - 1);
            let (message, help) = match form.stays {
                true => (
                    format!("`{path}` ends in `{OUT}`, but a population never leaves"),
                    "leave `out` away: the route of a population begins again after its end",
                ),
                false => (
                    format!("`{path}` does not end in `{OUT}`, so its customers would never leave"),
                    "put `\"out\"` at the end",
                ),
            };
            return Err(Problem::value(&last, message).also(path).help(help));
        }
        if leaves {
            names.pop();
        }
        if names.is_empty() {
            let message = format!("`{path}` names no station");
            return Err(
                Problem::value(&path, message).help("a route begins at the class's `enter`")
            );
        }
        let stations = names.iter().enumerate();
        let stations = stations.map(|(index, name)| self.station(name, &path.index(index)));
        let stations: Vec<u32> = stations.collect::<Result<_, _>>()?;
        if let Some(enter) = enter
            && enter != stations[0]
        {
            let (first, enters) = (&names[0], self.stations[enter as usize]);
            let message =
                format!("`{path}` begins at `{first}`, but the class enters at `{enters}`");
            return Err(Problem::value(&path.index(0), message)
                .also(at.key("enter"))
                .help(
                    "a route begins at the class's `enter`; without `enter` it says itself where",
                ));
        }
        Ok(Course {
            enter: Some(stations[0]),
            route: Some(Arc::from(stations)),
            repeats: form.stays,
        })
    }

    fn next(&self, form: input::Next, at: &KeyPath, classes: bool) -> Result<Next, Problem> {
        let table = match form {
            input::Next::To(name) => return self.to(&name, at).map(Next::All),
            input::Next::Table(table) => table,
        };
        let rule = table.keys().find(|key| RULES.contains(&key.as_str()));
        let Some(rule) = rule.cloned() else {
            return self.chances(table, at);
        };
        let path = at.key(&rule);
        if table.len() > 1 {
            let other = table.keys().find(|key| **key != rule).expect("another");
            let message = format!("`{at}` has both `{rule}` and `{other}`");
            return Err(Problem::key(&at.key(other), message)
                .also(path)
                .help(format!("`{rule}` stands alone")));
        }
        let value = table.into_values().next().expect("one");
        match (rule.as_str(), value) {
            ("by_class", input::Rule::ByClass(each)) if classes => self.by_class(each, &path),
            ("by_class", _) => {
                let message = format!("`{path}` stands within another `by_class`");
                Err(Problem::key(&path, message).help("a class has one way on"))
            }
            (rule, input::Rule::Places(names)) => {
                let all = names.iter().enumerate();
                if rule == "shortest" {
                    let stations = all.map(|(index, name)| self.station(name, &path.index(index)));
                    return stations.collect::<Result<_, _>>().map(Next::Shortest);
                }
                let places = all.map(|(index, name)| self.to(name, &path.index(index)));
                let places = places.collect::<Result<_, _>>()?;
                Ok(match rule {
                    "random" => Next::Random(places),
                    _ => Next::RoundRobin(places),
                })
            }
            (rule, _) => {
                let message = format!("`{path}` must be a list of stations");
                Err(Problem::value(&path, message)
                    .help(format!("write for example `{{ {rule} = [\"a\", \"b\"] }}`")))
            }
        }
    }

    fn by_class(&self, each: BTreeMap<String, input::Next>, at: &KeyPath) -> Result<Next, Problem> {
        let mut named = vec![None; self.classes.len()];
        let mut rest = None;
        for (name, form) in each {
            let path = at.key(&name);
            let class = self.class(&name, &path, true)?;
            let next = self.next(form, &path, false)?;
            match class {
                Some(class) => named[class] = Some(next),
                None => rest = Some(next),
            }
        }
        // In the order of classes, with the shared one last, so that writing it back gives the same.
        let mut rules = Vec::new();
        let mut of = Vec::with_capacity(named.len());
        for rule in named {
            of.push(rule.as_ref().map(|_| rules.len()));
            rules.extend(rule);
        }
        if let Some(rest) = rest {
            let unnamed = of.iter_mut().filter(|rule| rule.is_none());
            if unnamed.map(|rule| *rule = Some(rules.len())).count() > 0 {
                rules.push(rest);
            }
        }
        Ok(Next::ByClass(ByClass { rules, of }))
    }

    /// Probabilities of stations and of leaving, in the order of stations.
    fn chances(&self, table: BTreeMap<String, input::Rule>, at: &KeyPath) -> Result<Next, Problem> {
        let mut chances = Vec::with_capacity(table.len());
        for (name, value) in table {
            let path = at.key(&name);
            let Some(to) = self.place(&name) else {
                let mut allowed = self.stations.clone();
                allowed.push(OUT);
                allowed.extend(RULES);
                let message = format!("`{at}` leads to {}, which is no station", quoted(&name));
                return Err(Problem::key(&path, message).help(choices(&name, &allowed)));
            };
            let input::Rule::Chance(chance) = value else {
                let message = format!("`{path}` must be a chance");
                return Err(Problem::value(&path, message).help("a number from 0 to 1"));
            };
            chances.push((to, chance + 0.0));
        }
        chances.sort_by_key(|&(to, _)| to);
        add_up(&chances, at)?;
        Ok(match chances.as_slice() {
            [(to, _)] => Next::All(*to),
            _ => Next::Chances(chances),
        })
    }

    /// The classes that customers of each class become.
    fn becomes(
        &self,
        form: BTreeMap<String, input::Becomes>,
        at: &KeyPath,
        courses: &[Course],
    ) -> Result<Vec<Vec<(u32, f64)>>, Problem> {
        let mut all = vec![Vec::new(); self.classes.len()];
        let free = |class: usize, at: &KeyPath| match &courses[class].route {
            None => Ok(()),
            Some(_) => {
                let name = &self.classes[class].name;
                let message =
                    format!("class `{name}` has a `route`, so it neither becomes nor is become");
                Err(Problem::key(at, message)
                    .also(KeyPath::to(&["classes"]).index(class).key("route"))
                    .help("leave the route away, and say by `next` where the class goes"))
            }
        };
        for (from, form) in form {
            let path = at.key(&from);
            let class = self.class(&from, &path, false)?.expect("a class");
            free(class, &path)?;
            let mut chances = Vec::new();
            let named = match form {
                input::Becomes::Class(name) => BTreeMap::from([(name, 1.0)]),
                input::Becomes::Chances(chances) => chances,
            };
            for (name, chance) in named {
                let to = self
                    .class(&name, &path.key(&name), false)?
                    .expect("a class");
                free(to, &path.key(&name))?;
                chances.push((to as u32, chance + 0.0));
            }
            chances.sort_by_key(|&(class, _)| class);
            add_up(&chances, &path)?;
            if chances.as_slice() != [(class as u32, 1.0)] {
                all[class] = chances;
            }
        }
        if all.iter().all(Vec::is_empty) {
            all.clear();
        }
        Ok(all)
    }
}

/// Refuses probabilities that do not add up to 1.
fn add_up<T>(chances: &[(T, f64)], at: &KeyPath) -> Result<(), Problem> {
    let values: Vec<f64> = chances.iter().map(|&(_, chance)| chance).collect();
    sums_to_one(&format!("chances of `{at}`"), &values, at)
}

/// Checks the rules that concern stations, classes and routes together.
fn check_together(tandem: &mut Tandem, door: &mut Door) -> Result<(), Problem> {
    check_populations(tandem)?;
    let seen = reach::check(tandem, door)?;
    let first = check_source(tandem)?;
    line::check_saturated(tandem, first)?;
    line::check_endless(tandem, first)?;
    if tandem.blocking == Blocking::BeforeService {
        let reserves = reach::check_before_service(tandem, &seen)?;
        if let Some(routing) = &mut tandem.routing {
            routing.reserves = reserves;
        }
    }
    reach::check_traces(tandem, &seen)?;
    traces::check(tandem)
}

/// Checks what may be combined with customers who are present from the beginning and never leave.
fn check_populations(tandem: &mut Tandem) -> Result<(), Problem> {
    let classes = KeyPath::to(&["classes"]);
    let populations = match &tandem.arrivals {
        LineArrivals::PerClass(flows) => flows.iter().map(population).collect(),
        _ => Vec::new(),
    };
    let Some(first) = populations.iter().position(|&count| count > 0) else {
        return Ok(());
    };
    let at = classes.index(first).key("population");
    if let Horizon::Customers(_) = tandem.horizon {
        let message = format!("`{at}` never leaves, so a number of customers is no end of a run");
        return Err(
            Problem::key(&KeyPath::to(&["horizon", "customers"]), message)
                .also(at)
                .help("use `until` in `[horizon]`"),
        );
    }
    tandem.stop = true;
    if let Some(most) = tandem.warm_up.customers()
        && most > 0
    {
        let path = KeyPath::to(&["horizon", "warm_up"]);
        let message = format!("`{path}` counts customers, but a population does not arrive");
        return Err(Problem::value(&path, message)
            .also(at)
            .help("give a duration, such as `{ time = 100.0 }`"));
    }
    let routing = tandem.routing.as_ref().expect("a network");
    let all: u64 = populations.iter().sum();
    if let Some(most) = routing.system_capacity.filter(|&most| most < all) {
        let message = format!(
            "{all} customers are there from the beginning, and `system_capacity` is {most}"
        );
        return Err(Problem::value(&at, message)
            .also(KeyPath::to(&["system_capacity"]))
            .help("a population must fit into the system"));
    }
    for (station, stage) in (0..).zip(&tandem.stages) {
        let Some(places) = stage.places() else {
            continue;
        };
        let entering = |class: usize| routing.courses[class].enter == Some(station);
        let counts = populations.iter().enumerate();
        let there = counts.filter(|&(class, _)| entering(class));
        let there: u64 = there.map(|(_, &count)| count).sum();
        if there > places {
            let message = format!(
                "{there} customers are at station `{}` from the beginning, which has {}",
                stage.name,
                of_them(places, "place")
            );
            return Err(Problem::value(&at, message)
                .also(
                    KeyPath::to(&["stations"])
                        .index(station as usize)
                        .key("buffer"),
                )
                .help("a population must fit where it enters"));
        }
    }
    Ok(())
}

/// The number of customers of a class who are present from the beginning.
fn population(flow: &Flow) -> u64 {
    match flow.arrivals {
        LineArrivals::Population(count) => count,
        _ => 0,
    }
}

/// The station at which customers are generated if it is never starved: one for all classes.
fn check_source(tandem: &Tandem) -> Result<usize, Problem> {
    let routing = tandem.routing.as_ref().expect("a network");
    let mut entries = (routing.courses.iter().enumerate())
        .filter_map(|(class, course)| Some((class, course.enter?)));
    let first = entries.next().map_or(0, |(_, station)| station);
    let other = entries.find(|&(_, station)| station != first);
    if let (LineArrivals::Saturated, Some((class, _))) = (&tandem.arrivals, other) {
        let path = KeyPath::to(&["classes"]).index(class).key("enter");
        let message =
            "with `saturated = true` all classes enter at one station, which is never starved";
        return Err(Problem::value(&path, message)
            .also(KeyPath::to(&["arrivals", "saturated"]))
            .help("let all classes enter there, or give the arrivals a law"));
    }
    Ok(first as usize)
}
