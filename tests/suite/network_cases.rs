//! Made-up networks: each as a scenario file, and as what the oracle is given.
//!
//! As for made-up lines (`station_cases`), times are small whole numbers, so that much happens at one instant, and a
//! case is made from bytes. Laws are constants, or two values alike likely: then the oracle is told what the streams
//! of the scenario's seed give, visit by visit. What the scenario's door refuses and what has no end is left out.

mod ahead;

use crate::station_cases::{Dice, Failing, NAMES, a_plan, choices, plan_toml, sums};
use crate::station_oracle::routes::{Course, Link, Routes, Way};
use crate::station_oracle::{
    Blocking, Discipline, Draw, Drawn, Ends, Flow, Horizon, Past, Plan, Preemption, Source, Spec,
    StationSpec, WarmUp, simulate_within,
};
use filas::random::laws::{Discrete, Uniform};
use filas::random::{Draws, Law, Purpose};
use filas::scenario::{Origin, Overrides, Scenario, Tandem, load};
use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;

/// The most instants of a case.
const INSTANTS_MAX: usize = 1500;

/// A gap after all customers that a case lets come.
const AFTER_ALL: f64 = 10_000.0;

/// A made-up network.
#[derive(Debug)]
pub(crate) struct NetworkCase {
    pub(crate) toml: String,
    pub(crate) network: Tandem,
    pub(crate) spec: Spec,
    pub(crate) past: Past,
}

impl NetworkCase {
    /// The case that these bytes say, if the door lets it in and it comes to an end.
    pub(crate) fn of(bytes: &[u8]) -> Option<NetworkCase> {
        let mut dice = Dice(bytes.iter());
        NetworkCase::of_made(&Made::of_chance(&mut dice))
    }

    fn of_made(made: &Made) -> Option<NetworkCase> {
        let toml = made.toml();
        let (name, text) = ("case.toml", &toml);
        let loaded = load(Origin::Embedded { name, text }, &Overrides::default()).ok()?;
        let Scenario::Tandem(network) = loaded.scenario else {
            panic!("a case is a network");
        };
        let spec = made.spec();
        let past = simulate_within(&spec, INSTANTS_MAX)?;
        Some(NetworkCase {
            toml,
            network,
            spec,
            past,
        })
    }
}

/// A law: one value, or two alike likely.
#[derive(Clone, Debug)]
struct Values(Vec<f64>);

impl Values {
    fn made(dice: &mut Dice<'_>, least: usize, bound: usize) -> Values {
        let one = (least + dice.below(bound)) as f64;
        match dice.one_in(3) {
            true => Values(vec![one, (least + dice.below(bound)) as f64]),
            false => Values(vec![one]),
        }
    }

    fn toml(&self) -> String {
        match self.0.as_slice() {
            [one] => format!("{{ constant = {{ value = {one} }} }}"),
            all => format!("{{ discrete = {{ values = {all:?}, probabilities = [0.5, 0.5] }} }}"),
        }
    }

    /// The value of each visit of a customer, by the stream of this owner.
    fn draw(&self, owner: &str, purpose: Purpose) -> impl Fn(usize, usize) -> f64 + use<> {
        let law = Law::Discrete(Discrete {
            values: self.0.clone(),
            probabilities: vec![1.0 / self.0.len() as f64; self.0.len()],
        });
        let one = (self.0.len() == 1).then(|| self.0[0]);
        let draws = RefCell::new(Draws::new(&law, 1, 0, owner, purpose));
        move |customer, visit| {
            one.unwrap_or_else(|| {
                draws
                    .borrow_mut()
                    .at_visit(customer as u64 + 1, visit as u32)
            })
        }
    }
}

/// A law for all, or for each class that has one.
#[derive(Clone, Debug)]
enum Laws {
    Same(Values),
    ByClass(Vec<Option<Values>>),
}

impl Laws {
    fn made(
        dice: &mut Dice<'_>,
        (least, bound): (usize, usize),
        classes: usize,
        all: bool,
    ) -> Laws {
        if classes == 1 || !dice.one_in(3) {
            return Laws::Same(Values::made(dice, least, bound));
        }
        let each = (0..classes).map(|_| {
            let has = all || !dice.one_in(3);
            has.then(|| Values::made(dice, least, bound))
        });
        Laws::ByClass(each.collect())
    }

    fn toml(&self) -> String {
        match self {
            Laws::Same(values) => values.toml(),
            Laws::ByClass(each) => {
                let laws = each.iter().zip(NAMES);
                let laws = laws
                    .filter_map(|(law, name)| Some(format!("{name} = {}", law.as_ref()?.toml())));
                let laws: Vec<String> = laws.collect();
                format!("{{ by_class = {{ {} }} }}", laws.join(", "))
            }
        }
    }

    fn draw(&self, station: usize, purpose: Purpose) -> Draw {
        match self {
            Laws::Same(values) => {
                let draw = values.draw(&format!("s{station}"), purpose);
                Draw(Rc::new(move |customer, _, visit| {
                    Some(draw(customer, visit))
                }))
            }
            Laws::ByClass(each) => {
                let each = each.iter().enumerate().map(|(class, values)| {
                    let owner = format!("s{station}/{}", class + 1);
                    values.as_ref().map(|values| values.draw(&owner, purpose))
                });
                let each: Vec<_> = each.collect();
                Draw(Rc::new(move |customer, class, visit| {
                    Some(each[class].as_ref()?(customer, visit))
                }))
            }
        }
    }
}

/// Uniform numbers of visits.
fn uniform(owner: &str, purpose: Purpose) -> Draw {
    let law = Law::Uniform(Uniform {
        low: 0.0,
        high: 1.0,
    });
    let draws = RefCell::new(Draws::new(&law, 1, 0, owner, purpose));
    Draw(Rc::new(move |customer, _, visit| {
        Some(
            draws
                .borrow_mut()
                .at_visit(customer as u64 + 1, visit as u32),
        )
    }))
}

#[derive(Clone, Debug)]
enum Servers {
    Count(usize),
    Unlimited,
    Plan(Plan),
}

#[derive(Clone, Debug)]
struct Station {
    servers: Servers,
    buffer: Option<usize>,
    speeds: Vec<f64>,
    service: Laws,
    setup: Option<Laws>,
    discipline: Discipline,
    preemption: Preemption,
    join: Vec<f64>,
    patience: Option<Laws>,
    faults: Option<Failing>,
    scrap: bool,
    way: Way,
    becomes: Vec<Vec<(usize, f64)>>,
}

#[derive(Clone, Debug)]
enum Coming {
    Times(Vec<f64>),
    Gaps(Vec<f64>),
    Population(usize),
    Nobody,
}

#[derive(Clone, Debug)]
struct Class {
    coming: Coming,
    batch: usize,
    enter: usize,
    route: Option<Vec<usize>>,
    priority: i64,
}

#[derive(Clone, Debug)]
struct Made {
    classes: Vec<Class>,
    named: bool,
    stations: Vec<Station>,
    blocking: &'static str,
    swaps: bool,
    capacity: Option<usize>,
    horizon: Horizon,
    stop: bool,
    warm_up: WarmUp,
}

impl Made {
    fn of_chance(dice: &mut Dice<'_>) -> Made {
        let stations = match dice.below(8) {
            0 => 1,
            7 => 4 + dice.below(5),
            _ => 2 + dice.below(3),
        };
        let classes = 1 + dice.below(3);
        let closed = dice.one_in(4);
        let blocking = dice.of(&["after-service", "after-service", "lose", "before-service"]);
        let simple = blocking == "before-service";
        let made = |dice: &mut Dice<'_>, class: usize| Class {
            coming: match dice.below(6) {
                0 if class > 0 => Coming::Nobody,
                1 | 2 => Coming::Times(sums(&an_odd_list(dice))),
                _ if closed && class == 0 => Coming::Population(1 + dice.below(4)),
                _ => {
                    let mut gaps = an_odd_list(dice);
                    // A recording must last for as long as others come.
                    gaps.push(AFTER_ALL);
                    Coming::Gaps(gaps)
                }
            },
            batch: 1 + usize::from(dice.one_in(5)),
            enter: dice.below(stations),
            route: None,
            priority: dice.below(3) as i64,
        };
        let mut classes: Vec<Class> = (0..classes).map(|class| made(dice, class)).collect();
        for class in &mut classes {
            if !simple && dice.one_in(4) && !matches!(class.coming, Coming::Nobody) {
                let more = (0..dice.below(4)).map(|_| dice.below(stations));
                class.route = Some([class.enter].into_iter().chain(more).collect());
            }
        }
        let populated = |class: &Class| matches!(class.coming, Coming::Population(_));
        let closed = classes.iter().any(populated);
        let tight = dice.one_in(3);
        let made = |dice: &mut Dice<'_>, at: usize| {
            let mut station = Station::made(dice, at, stations, &classes, simple);
            // Few places and nobody who gives up, so that stations block each other.
            if tight {
                station.servers = Servers::Count(1);
                station.speeds = vec![1.0];
                station.buffer = Some(dice.below(2));
                station.patience = None;
                station.join = Vec::new();
                station.faults = station.faults.filter(|_| at == 0);
            }
            station
        };
        let all: Vec<Station> = (0..stations).map(|at| made(dice, at)).collect();
        let count: usize = classes.iter().map(Class::count).sum();
        let until = 3.0 + dice.below(25) as f64;
        let by_time = closed || dice.one_in(3);
        let times_alone = classes
            .iter()
            .all(|class| !matches!(class.coming, Coming::Gaps(_)));
        let mut made = Made {
            named: classes.len() > 1
                || closed
                || classes[0].enter > 0
                || classes[0].route.is_some()
                || dice.one_in(2),
            classes,
            stations: all,
            blocking,
            swaps: dice.one_in(2),
            capacity: dice.one_in(6).then(|| 1 + dice.below(5)),
            horizon: match by_time && (closed || times_alone) {
                true => Horizon::Until(until),
                false => Horizon::Customers(count.max(1)),
            },
            stop: closed || dice.one_in(2),
            warm_up: match dice.below(4) {
                1 if !closed => WarmUp::Customers(dice.below(3)),
                2 => WarmUp::Time(1.0 + dice.below(6) as f64),
                _ => WarmUp::Customers(0),
            },
        };
        if closed {
            // Gaps would run out before the end.
            for class in &mut made.classes {
                if let Coming::Gaps(gaps) = &class.coming {
                    class.coming = Coming::Times(sums(&gaps[..gaps.len() - 1]));
                }
            }
        }
        made.stop &= matches!(made.horizon, Horizon::Until(_));
        if let (Horizon::Customers(most), WarmUp::Customers(first)) = (made.horizon, made.warm_up) {
            made.warm_up = WarmUp::Customers(first.min(most - 1));
        }
        made
    }

    fn toml(&self) -> String {
        let mut toml = "model = \"network\"\nname = \"case\"\n".to_owned();
        if let Some(most) = self.capacity {
            writeln!(toml, "system_capacity = {most}").unwrap();
        }
        if !self.named {
            let (key, _) = self.classes[0].coming();
            writeln!(toml, "[arrivals]\n{key}").unwrap();
        }
        for (class, name) in self.classes.iter().zip(NAMES) {
            if !self.named {
                break;
            }
            writeln!(
                toml,
                "[[classes]]\nname = \"{name}\"\npriority = {}",
                class.priority
            )
            .unwrap();
            let (key, arrives) = class.coming();
            match arrives {
                true => writeln!(toml, "arrivals = {{ {} }}", key.replace('\n', ", ")),
                false => writeln!(toml, "{key}"),
            }
            .unwrap();
            if !matches!(class.coming, Coming::Nobody) {
                writeln!(toml, "enter = \"s{}\"", class.enter).unwrap();
            }
            if let Some(route) = &class.route {
                let mut names: Vec<String> = route.iter().map(|at| format!("\"s{at}\"")).collect();
                if !matches!(class.coming, Coming::Population(_)) {
                    names.push("\"out\"".to_owned());
                }
                writeln!(toml, "route = [{}]", names.join(", ")).unwrap();
            }
        }
        match self.horizon {
            Horizon::Customers(most) => writeln!(toml, "[horizon]\ncustomers = {most}"),
            Horizon::Until(until) => {
                writeln!(toml, "[horizon]\nuntil = {until}\nstop = {}", self.stop)
            }
        }
        .unwrap();
        match self.warm_up {
            WarmUp::Customers(first) => writeln!(toml, "warm_up = {first}"),
            WarmUp::Time(time) => writeln!(toml, "warm_up = {{ time = {time} }}"),
        }
        .unwrap();
        let deadlock = if self.swaps { "swap" } else { "stop" };
        writeln!(
            toml,
            "[line]\nblocking = \"{}\"\ndeadlock = \"{deadlock}\"",
            self.blocking
        )
        .unwrap();
        for (at, station) in self.stations.iter().enumerate() {
            writeln!(toml, "[[stations]]\nname = \"s{at}\"").unwrap();
            station.toml(&mut toml);
        }
        toml
    }

    fn spec(&self) -> Spec {
        let flows = self.classes.iter().enumerate().map(|(class, one)| {
            let (absolute, times) = match &one.coming {
                Coming::Times(times) => (true, times.clone()),
                Coming::Gaps(gaps) => (false, sums(gaps)),
                Coming::Population(_) => (false, vec![0.0]),
                Coming::Nobody => (false, Vec::new()),
            };
            let together = match one.coming {
                Coming::Population(count) => count,
                _ => one.batch,
            };
            let arrivals = times.iter().map(|&time| (time, vec![class; together]));
            Flow {
                absolute,
                arrivals: arrivals.collect(),
            }
        });
        let link = |(at, station): (usize, &Station)| Link {
            way: station.way.clone(),
            becomes: station.becomes.clone(),
            to: uniform(&format!("s{at}"), Purpose::Routing),
            class: uniform(&format!("s{at}/becomes"), Purpose::Routing),
        };
        let course = |class: &Class| Course {
            enter: class.enter,
            route: class.route.clone(),
            stays: matches!(class.coming, Coming::Population(_)),
        };
        let limited = |at: &usize| {
            let station = &self.stations[*at];
            station.buffer.is_some() && !matches!(station.servers, Servers::Unlimited)
        };
        let reserves = self.stations.iter().map(|station| match station.way {
            Way::To(Some(to)) if self.blocking == "before-service" => Some(to).filter(limited),
            _ => None,
        });
        Spec {
            source: Source::Flows(flows.collect()),
            priorities: self.classes.iter().map(|class| class.priority).collect(),
            horizon: self.horizon,
            stop: self.stop,
            warm_up: self.warm_up,
            blocking: match self.blocking {
                "before-service" => Blocking::BeforeService,
                _ => Blocking::AfterService,
            },
            ends: Ends::AsBegun,
            stations: (self.stations.iter().enumerate())
                .map(|(at, station)| station.spec(at))
                .collect(),
            paths: Vec::new(),
            routes: Some(Routes {
                links: self.stations.iter().enumerate().map(link).collect(),
                courses: self.classes.iter().map(course).collect(),
                loses: self.blocking == "lose",
                swaps: self.swaps,
                capacity: self.capacity,
                reserves: reserves.collect(),
            }),
        }
    }
}

/// Up to a dozen small whole numbers.
fn an_odd_list(dice: &mut Dice<'_>) -> Vec<f64> {
    let count = 1 + dice.below(12);
    dice.list(count, 4)
}

impl Class {
    fn count(&self) -> usize {
        self.batch
            * match &self.coming {
                Coming::Times(list) => list.len(),
                Coming::Gaps(list) => list.len() - 1,
                Coming::Population(_) | Coming::Nobody => 0,
            }
    }

    /// The keys by which its customers come, and whether these are arrivals.
    fn coming(&self) -> (String, bool) {
        let batch = match self.batch {
            1 => String::new(),
            batch => format!("\nbatch = {{ constant = {{ value = {batch} }} }}"),
        };
        match &self.coming {
            Coming::Times(times) => (format!("times = {times:?}{batch}"), true),
            Coming::Gaps(gaps) => (
                format!("interarrival = {{ trace = {{ values = {gaps:?} }} }}{batch}"),
                true,
            ),
            Coming::Population(count) => (format!("population = {count}"), false),
            Coming::Nobody => (String::new(), false),
        }
    }
}

impl Station {
    fn made(
        dice: &mut Dice<'_>,
        at: usize,
        stations: usize,
        classes: &[Class],
        simple: bool,
    ) -> Station {
        let count = classes.len();
        let servers = match dice.below(7) {
            0..=4 => Servers::Count(1 + dice.below(2)),
            5 => Servers::Plan(a_plan(dice)),
            _ => Servers::Unlimited,
        };
        let most = match &servers {
            Servers::Count(count) => *count,
            Servers::Plan(plan) => plan.pieces.iter().map(|piece| piece.1).max().expect("one"),
            Servers::Unlimited => 0,
        };
        let least = usize::from(!dice.one_in(6));
        let mut station = Station {
            buffer: dice.one_in(2).then(|| dice.below(3)).filter(|_| most > 0),
            speeds: vec![1.0; most],
            service: Laws::made(dice, (least, 4), count, true),
            setup: None,
            discipline: dice.of(&[
                Discipline::Fifo,
                Discipline::Fifo,
                Discipline::Lifo,
                Discipline::Shortest,
                Discipline::Random,
            ]),
            preemption: Preemption::None,
            join: Vec::new(),
            patience: None,
            faults: None,
            scrap: dice.one_in(6),
            way: a_way(dice, at, stations, count, simple),
            becomes: Vec::new(),
            servers,
        };
        let free: Vec<usize> = (0..count)
            .filter(|&class| classes[class].route.is_none())
            .collect();
        if free.len() > 1 && dice.one_in(2) {
            station.becomes = vec![Vec::new(); count];
            let from = dice.of(&free);
            let to = dice.of(&free);
            station.becomes[from] = match dice.one_in(2) || to == from {
                true => vec![(to, 1.0)],
                false => {
                    let mut both = vec![(from, 0.5), (to, 0.5)];
                    both.sort_by_key(|one| one.0);
                    both
                }
            };
        }
        if most == 0 {
            return station;
        }
        if dice.one_in(4) {
            station.speeds = (0..most).map(|_| dice.of(&[1.0, 2.0, 0.5])).collect();
        }
        if dice.one_in(4) {
            station.setup = Some(Laws::made(dice, (0, 3), count, false));
        }
        if !simple {
            station.preemption = dice.of(&[
                Preemption::None,
                Preemption::None,
                Preemption::Resume,
                Preemption::Restart,
            ]);
        }
        if dice.one_in(4) {
            station.join = (0..=dice.below(3)).map(|_| dice.below(2) as f64).collect();
        }
        if dice.one_in(4) {
            station.patience = Some(Laws::made(dice, (0, 6), count, false));
        }
        station.faults = (!simple && dice.one_in(3)).then(|| Failing::made(dice));
        if let (true, Servers::Plan(plan)) = (simple, &mut station.servers) {
            plan.interrupt = false;
        }
        station
    }

    fn toml(&self, toml: &mut String) {
        let servers = match &self.servers {
            Servers::Count(count) => count.to_string(),
            Servers::Unlimited => "\"unlimited\"".to_owned(),
            Servers::Plan(plan) => plan_toml(plan),
        };
        let mut key = |key: &str, value: String| writeln!(toml, "{key} = {value}").unwrap();
        key("servers", servers);
        if let Some(buffer) = self.buffer {
            key("buffer", buffer.to_string());
        }
        if self.speeds.iter().any(|&speed| speed != 1.0) {
            key("speeds", format!("{:?}", self.speeds));
        }
        key("service", self.service.toml());
        if let Some(setup) = &self.setup {
            key("setup", setup.toml());
        }
        key(
            "discipline",
            format!("\"{:?}\"", self.discipline).to_lowercase(),
        );
        key(
            "preemption",
            format!("\"{:?}\"", self.preemption).to_lowercase(),
        );
        if !self.join.is_empty() {
            key("join", format!("{:?}", self.join));
        }
        if let Some(patience) = &self.patience {
            key("patience", patience.toml());
        }
        if let Some(faults) = &self.faults {
            key("faults", faults.toml());
        }
        if self.scrap {
            key("scrap", "0.25".to_owned());
        }
        key("next", way_toml(&self.way));
        let becomes = self
            .becomes
            .iter()
            .enumerate()
            .filter(|(_, all)| !all.is_empty());
        let becomes = becomes.map(|(from, all)| {
            let all = all
                .iter()
                .map(|(to, chance)| format!("{} = {chance:?}", NAMES[*to]));
            let all: Vec<String> = all.collect();
            format!("{} = {{ {} }}", NAMES[from], all.join(", "))
        });
        let becomes: Vec<String> = becomes.collect();
        if !becomes.is_empty() {
            key("becomes", format!("{{ {} }}", becomes.join(", ")));
        }
    }

    fn spec(&self, at: usize) -> StationSpec {
        let (servers, plan) = match &self.servers {
            Servers::Count(count) => (Some(*count), None),
            Servers::Unlimited => (None, None),
            Servers::Plan(plan) => (Some(self.speeds.len()), Some(plan.clone())),
        };
        let given = |laws: &Option<Laws>, purpose| match laws {
            Some(laws) => laws.draw(at, purpose),
            None => Draw(Rc::new(|_, _, _| None)),
        };
        let scrap = uniform(&format!("s{at}"), Purpose::Scrap);
        let scraps = self.scrap;
        StationSpec {
            servers,
            plan,
            buffer: self.buffer,
            speeds: self.speeds.clone(),
            discipline: self.discipline,
            choices: match self.discipline {
                Discipline::Random => choices(at, 20_000),
                _ => Vec::new(),
            },
            preemption: self.preemption,
            join: self.join.clone(),
            join_draws: vec![0.5; 200],
            faults: self
                .faults
                .as_ref()
                .map(|faults| faults.spec(self.speeds.len())),
            drawn: Some(Drawn {
                service: self.service.draw(at, Purpose::Service),
                setup: given(&self.setup, Purpose::Setup),
                patience: given(&self.patience, Purpose::Patience),
                scrap: Draw(Rc::new(move |customer, class, visit| {
                    let drawn = (scrap.0)(customer, class, visit);
                    drawn.filter(|drawn| scraps && *drawn < 0.25)
                })),
            }),
            ..StationSpec::new(0, &[])
        }
    }
}

/// A way on from a station. A simple one leads to one place alone.
fn a_way(dice: &mut Dice<'_>, at: usize, stations: usize, classes: usize, simple: bool) -> Way {
    let one = |dice: &mut Dice<'_>| match dice.one_in(3) {
        true => None,
        false => Some(dice.below(stations)),
    };
    if simple {
        return Way::To(match dice.below(3) {
            0 => None,
            1 => Some(dice.below(stations)),
            _ => Some(at + 1).filter(|&next| next < stations),
        });
    }
    let plain = |dice: &mut Dice<'_>| match dice.below(8) {
        0..=2 => Way::To(one(dice)),
        3 | 4 => {
            let mut places = [one(dice), one(dice)];
            // Stations in their order, out last.
            places.sort_by_key(|to| to.unwrap_or(usize::MAX));
            match places[0] == places[1] {
                true => Way::To(places[0]),
                false => Way::Chances(vec![(places[0], 0.75), (places[1], 0.25)]),
            }
        }
        5 => Way::Shortest(vec![dice.below(stations), dice.below(stations)]),
        6 => Way::RoundRobin(vec![one(dice), one(dice), one(dice)]),
        _ => Way::Random(vec![one(dice), one(dice)]),
    };
    if classes == 1 || !dice.one_in(3) {
        return plain(dice);
    }
    let mut ways: Vec<Way> = (0..classes).map(|_| plain(dice)).collect();
    match classes > 2 && dice.one_in(2) {
        // The last two share what is written for all not named.
        true => {
            ways.truncate(2);
            Way::ByClass(ways, vec![0, 1, 1])
        }
        false => Way::ByClass(ways, (0..classes).collect()),
    }
}

fn place(to: &Option<usize>) -> String {
    to.map_or("out".to_owned(), |to| format!("s{to}"))
}

fn way_toml(way: &Way) -> String {
    let list = |places: &[Option<usize>]| {
        let places: Vec<String> = places
            .iter()
            .map(|to| format!("\"{}\"", place(to)))
            .collect();
        format!("[{}]", places.join(", "))
    };
    match way {
        Way::To(to) => format!("\"{}\"", place(to)),
        Way::Chances(chances) => {
            let chances = chances
                .iter()
                .map(|(to, chance)| format!("{} = {chance}", place(to)));
            let chances: Vec<String> = chances.collect();
            format!("{{ {} }}", chances.join(", "))
        }
        Way::Shortest(stations) => {
            let places: Vec<Option<usize>> = stations.iter().map(|&one| Some(one)).collect();
            format!("{{ shortest = {} }}", list(&places))
        }
        Way::RoundRobin(places) => format!("{{ round_robin = {} }}", list(places)),
        Way::Random(places) => format!("{{ random = {} }}", list(places)),
        Way::ByClass(ways, of) => {
            let shared = ways.len() < of.len();
            let each = ways.iter().enumerate().map(|(list, way)| {
                let name = match shared && list + 1 == ways.len() {
                    true => "other",
                    false => NAMES[list],
                };
                format!("{name} = {}", way_toml(way))
            });
            let each: Vec<String> = each.collect();
            format!("{{ by_class = {{ {} }} }}", each.join(", "))
        }
    }
}
