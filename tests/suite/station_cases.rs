//! Made-up lines of people and machines: each as a scenario file, and as what the oracle is given.
//!
//! All times are small whole numbers (speeds and what they make are halves and quarters, which are exact), so that as
//! much as can be happens at one instant. A case is made from bytes: each says which of several possibilities holds,
//! and where there are none left it is the plainest. What the scenario's door refuses is not made; what has no
//! end, such as a service that is longer than the time between faults and always begins anew, is left out.
//! Every law is a trace or a constant, and chances are 0 or 1: both sides then know every draw.

use crate::station_oracle::{
    Blocking, Discipline, Ends, Faults, Flow, Horizon, Past, Plan, Preemption, Services, Source,
    Spec, StationSpec, WarmUp, Work, entering, simulate_within,
};
use filas::random::{Purpose, Stream};
use proptest::prelude::*;
use std::fmt::Write;

/// The most instants of a case.
const INSTANTS_MAX: usize = 3000;

/// The names of the classes.
pub(crate) const NAMES: [&str; 3] = ["a", "b", "c"];

/// A made-up line.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The scenario file.
    pub(crate) toml: String,
    /// The same for the oracle.
    pub(crate) spec: Spec,
    /// What the oracle says of it.
    pub(crate) past: Past,
}

/// Lines of every kind.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let bytes = prop::collection::vec(any::<u8>(), 0..160);
    bytes.prop_filter_map("it comes to an end", |bytes| Case::of(&bytes))
}

impl Case {
    /// One of the cases that are the same in every run, if it comes to an end.
    pub(crate) fn numbered(number: u64) -> Option<Case> {
        Case::of(&bytes(number))
    }

    /// The case that these bytes say, if it comes to an end.
    fn of(bytes: &[u8]) -> Option<Case> {
        let mut dice = Dice(bytes.iter());
        let line = Line::made(&mut dice);
        let spec = line.spec();
        let past = simulate_within(&spec, INSTANTS_MAX)?;
        Some(Case {
            toml: line.toml(),
            spec,
            past,
        })
    }
}

/// The bytes of the case of a number.
pub(crate) fn bytes(number: u64) -> Vec<u8> {
    // SplitMix64 (Steele, Lea and Flood 2014).
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 56) as u8
    };
    (0..400).map(|_| next()).collect()
}

/// Choices.
pub(crate) struct Dice<'a>(pub(crate) std::slice::Iter<'a, u8>);

impl Dice<'_> {
    /// One of the first whole numbers; 0 where choices have run out.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0.next().map_or(0, |&byte| usize::from(byte) % bound)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// So many whole numbers.
    pub(crate) fn list(&mut self, count: usize, bound: usize) -> Vec<f64> {
        (0..count).map(|_| self.below(bound) as f64).collect()
    }
}

/// Values of a law.
#[derive(Clone, Debug)]
enum Values {
    Constant(f64),
    Trace(Vec<f64>),
}

impl Values {
    fn made(dice: &mut Dice<'_>, count: usize, bound: usize) -> Values {
        match dice.one_in(2) {
            true => Values::Trace(dice.list(count, bound)),
            false => Values::Constant(dice.below(bound) as f64),
        }
    }

    fn at(&self, index: usize) -> f64 {
        match self {
            Values::Constant(value) => *value,
            Values::Trace(values) => values[index],
        }
    }

    fn toml(&self) -> String {
        match self {
            Values::Constant(value) => format!("{{ constant = {{ value = {value} }} }}"),
            Values::Trace(values) => format!("{{ trace = {{ values = {values:?} }} }}"),
        }
    }
}

/// How customers come.
#[derive(Clone, Debug)]
enum Arrivals {
    Times(Vec<f64>),
    Gaps(Vec<f64>),
    /// Instants with recorded classes.
    Recorded(Vec<(f64, usize)>),
    /// For each class times or gaps, and how many come at once.
    PerClass(Vec<(Box<Arrivals>, usize)>),
    Saturated,
}

struct Line {
    arrivals: Arrivals,
    batch: usize,
    priorities: Vec<i64>,
    horizon: Horizon,
    stop: bool,
    warm_up: WarmUp,
    blocking: Blocking,
    stages: Vec<Stage>,
}

/// How many servers.
#[derive(Clone, Debug)]
enum Servers {
    Count(usize),
    Unlimited,
    Plan(Plan),
}

/// Values for all, for each class, or for each server.
#[derive(Clone, Debug)]
enum Laws {
    Same(Values),
    ByClass(Vec<Option<Values>>),
    ByServer(Vec<Values>),
}

#[derive(Clone, Debug)]
struct Stage {
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
}

/// Faults of servers that are all alike.
#[derive(Clone, Debug)]
pub(crate) struct Failing {
    every: f64,
    repair: f64,
    busy: bool,
    crew: Option<usize>,
    work: Work,
    slow: Option<f64>,
}

impl Failing {
    /// Makes faults and repairs take time.
    pub(crate) fn take_time(&mut self) {
        self.every = self.every.max(1.0);
        self.repair = self.repair.max(1.0);
    }

    /// Makes work that is cut off go on later.
    pub(crate) fn resume(&mut self) {
        self.work = Work::Resume;
    }
}

/// The sum of all values up to each.
pub(crate) fn sums(gaps: &[f64]) -> Vec<f64> {
    let mut clock = 0.0;
    let add = |gap: &f64| {
        clock += gap;
        clock
    };
    gaps.iter().map(add).collect()
}

impl Arrivals {
    fn one(dice: &mut Dice<'_>, count: usize) -> Arrivals {
        let gaps = dice.list(count, 4);
        match dice.one_in(2) {
            true => Arrivals::Gaps(gaps),
            false => Arrivals::Times(sums(&gaps)),
        }
    }

    fn made(dice: &mut Dice<'_>, count: usize, classes: usize) -> Arrivals {
        if classes > 1 && dice.one_in(2) {
            let each = (0..classes).map(|_| {
                let arrivals = Arrivals::one(dice, 1 + count / 2);
                (Box::new(arrivals), 1 + dice.below(2))
            });
            return Arrivals::PerClass(each.collect());
        }
        if classes > 1 {
            let times = sums(&dice.list(count, 4)).into_iter();
            return Arrivals::Recorded(times.map(|time| (time, dice.below(classes))).collect());
        }
        match dice.one_in(6) {
            true => Arrivals::Saturated,
            false => Arrivals::one(dice, count),
        }
    }

    /// One flow, of one class, with so many at once.
    fn flow(&self, class: usize, batch: usize) -> Flow {
        let (absolute, times) = match self {
            Arrivals::Times(times) => (true, times.clone()),
            Arrivals::Gaps(gaps) => (false, sums(gaps)),
            other => panic!("{other:?} is no flow of one class"),
        };
        let arrivals = times.iter().map(|&time| (time, vec![class; batch]));
        Flow {
            absolute,
            arrivals: arrivals.collect(),
        }
    }

    fn source(&self, batch: usize, most: usize) -> Source {
        match self {
            Arrivals::Saturated => Source::Saturated(vec![0; most]),
            Arrivals::Recorded(rows) => {
                let rows = rows.iter().map(|&(time, class)| (time, vec![class; batch]));
                Source::Flows(vec![Flow {
                    absolute: true,
                    arrivals: rows.collect(),
                }])
            }
            Arrivals::PerClass(each) => {
                let each = each.iter().enumerate();
                Source::Flows(
                    each.map(|(class, (arrivals, batch))| arrivals.flow(class, *batch))
                        .collect(),
                )
            }
            one => Source::Flows(vec![one.flow(0, batch)]),
        }
    }

    /// The key with its value.
    fn toml(&self) -> String {
        match self {
            Arrivals::Times(times) => format!("times = {times:?}"),
            Arrivals::Gaps(gaps) => {
                format!("interarrival = {}", Values::Trace(gaps.clone()).toml())
            }
            Arrivals::Recorded(rows) => {
                let rows = rows.iter().map(|(time, class)| {
                    format!("{{ at = {time}, kind = \"{}\" }}", NAMES[*class])
                });
                let rows: Vec<String> = rows.collect();
                let rows = rows.join(", ");
                format!("trace = {{ arrival = \"at\", class = \"kind\", values = [{rows}] }}")
            }
            Arrivals::Saturated => "saturated = true".to_owned(),
            Arrivals::PerClass(_) => panic!("each class has its own"),
        }
    }

    /// Whether each arrival is at a given instant, so that none is missing before a horizon.
    fn is_absolute(&self) -> bool {
        match self {
            Arrivals::Times(_) | Arrivals::Recorded(_) => true,
            Arrivals::Gaps(_) | Arrivals::Saturated => false,
            Arrivals::PerClass(each) => each.iter().all(|(one, _)| one.is_absolute()),
        }
    }
}

impl Line {
    fn made(dice: &mut Dice<'_>) -> Line {
        let count = 1 + dice.below(12);
        let classes = 1 + dice.below(3);
        let priorities = (0..classes).map(|_| dice.below(3) as i64).collect();
        let arrivals = Arrivals::made(dice, count, classes);
        let saturated = matches!(arrivals, Arrivals::Saturated);
        let batch = match arrivals {
            Arrivals::PerClass(_) | Arrivals::Saturated => 1,
            _ => 1 + dice.below(2),
        };
        let mut line = Line {
            arrivals,
            batch,
            priorities,
            horizon: Horizon::Customers(count),
            stop: false,
            warm_up: WarmUp::Customers(0),
            blocking: dice.of(&[Blocking::AfterService, Blocking::BeforeService]),
            stages: Vec::new(),
        };
        let there = match saturated {
            true => count,
            false => entering(&Spec {
                horizon: Horizon::Customers(usize::MAX),
                ..line.spec()
            })
            .len(),
        };
        line.horizon = Horizon::Customers(there.min(if dice.one_in(3) { count } else { there }));
        if line.arrivals.is_absolute() && dice.one_in(3) {
            line.horizon = Horizon::Until(dice.below(20) as f64);
            line.stop = dice.one_in(2);
        }
        line.warm_up = line.a_warm_up(dice);
        let stages = 1 + dice.below(3);
        for _ in 0..stages {
            let stage = Stage::made(dice, there, classes);
            line.stages.push(stage);
        }
        line.allow();
        line
    }

    fn a_warm_up(&self, dice: &mut Dice<'_>) -> WarmUp {
        match (dice.below(3), self.horizon) {
            (1, Horizon::Customers(most)) => WarmUp::Customers(dice.below(most)),
            (1, Horizon::Until(_)) => WarmUp::Customers(dice.below(3)),
            (2, Horizon::Until(until)) if until >= 1.0 => {
                WarmUp::Time(1.0 + dice.below(until as usize) as f64)
            }
            (2, Horizon::Customers(_)) => WarmUp::Time(1.0 + dice.below(6) as f64),
            _ => WarmUp::Customers(0),
        }
    }

    /// Takes away what is refused.
    fn allow(&mut self) {
        if matches!(self.arrivals, Arrivals::Saturated) {
            let first = &mut self.stages[0];
            first.buffer = None;
            first.preemption = Preemption::None;
            if matches!(first.servers, Servers::Unlimited) {
                first.servers = Servers::Count(1);
                first.speeds = vec![1.0];
            }
        }
        for index in 1..self.stages.len() {
            let next = &self.stages[index];
            let limited = next.buffer.is_some() && !matches!(next.servers, Servers::Unlimited);
            if self.blocking == Blocking::BeforeService && limited {
                self.stages[index - 1].never_cut_off();
            }
        }
    }

    fn toml(&self) -> String {
        let mut toml = "model = \"tandem\"\nname = \"case\"\n".to_owned();
        let batch = |batch: usize| match batch {
            1 => String::new(),
            batch => format!("batch = {}", Values::Constant(batch as f64).toml()),
        };
        let own = match &self.arrivals {
            Arrivals::PerClass(each) => each.as_slice(),
            shared => {
                let (key, batch) = (shared.toml(), batch(self.batch));
                write!(toml, "[arrivals]\n{key}\n{batch}\n").unwrap();
                &[]
            }
        };
        if self.priorities.len() > 1 {
            for (class, priority) in self.priorities.iter().enumerate() {
                let name = NAMES[class];
                write!(
                    toml,
                    "[[classes]]\nname = \"{name}\"\npriority = {priority}\n"
                )
                .unwrap();
                if let Some((one, several)) = own.get(class) {
                    let (key, batch) = (one.toml(), batch(*several));
                    let comma = if batch.is_empty() { "" } else { ", " };
                    writeln!(toml, "arrivals = {{ {key}{comma}{batch} }}").unwrap();
                }
            }
        }
        match self.horizon {
            Horizon::Customers(most) => write!(toml, "[horizon]\ncustomers = {most}\n"),
            Horizon::Until(until) => {
                write!(toml, "[horizon]\nuntil = {until}\nstop = {}\n", self.stop)
            }
        }
        .unwrap();
        match self.warm_up {
            WarmUp::Customers(first) => writeln!(toml, "warm_up = {first}"),
            WarmUp::Time(time) => writeln!(toml, "warm_up = {{ time = {time} }}"),
        }
        .unwrap();
        if self.blocking == Blocking::BeforeService {
            toml += "[line]\nblocking = \"before-service\"\n";
        }
        for (index, stage) in self.stages.iter().enumerate() {
            write!(toml, "[[stages]]\nname = \"s{index}\"\n").unwrap();
            stage.toml(&mut toml);
        }
        toml
    }

    fn spec(&self) -> Spec {
        let most = match self.horizon {
            Horizon::Customers(most) => most,
            Horizon::Until(_) => 0,
        };
        let mut spec = Spec {
            source: self.arrivals.source(self.batch, most.min(1000)),
            priorities: self.priorities.clone(),
            horizon: self.horizon,
            stop: self.stop,
            warm_up: self.warm_up,
            blocking: self.blocking,
            ends: Ends::LaterStationsFirst,
            stations: Vec::new(),
            paths: Vec::new(),
            routes: None,
        };
        let classes: Vec<usize> = match &spec.source {
            Source::Saturated(classes) => classes.clone(),
            Source::Flows(_) => entering(&spec).iter().map(|(_, class)| *class).collect(),
        };
        spec.stations = self
            .stages
            .iter()
            .enumerate()
            .map(|(at, stage)| stage.spec(at, &classes))
            .collect();
        spec
    }
}

impl Laws {
    /// The value of each customer, where it has one.
    fn values(&self, classes: &[usize]) -> Vec<Option<f64>> {
        let mut seen = [0; NAMES.len()];
        let value = |(customer, &class): (usize, &usize)| match self {
            Laws::Same(values) => Some(values.at(customer)),
            Laws::ByClass(each) => {
                seen[class] += 1;
                Some(each[class].as_ref()?.at(seen[class] - 1))
            }
            Laws::ByServer(_) => panic!("it depends on the server"),
        };
        classes.iter().enumerate().map(value).collect()
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
            Laws::ByServer(each) => {
                let laws: Vec<String> = each.iter().map(Values::toml).collect();
                format!("{{ by_server = [{}] }}", laws.join(", "))
            }
        }
    }

    /// Values for all, or for each class, where some classes may have none.
    fn made(
        dice: &mut Dice<'_>,
        (count, bound): (usize, usize),
        classes: usize,
        all: bool,
    ) -> Laws {
        if classes == 1 || !dice.one_in(2) {
            return Laws::Same(Values::made(dice, count, bound));
        }
        let each = (0..classes).map(|_| {
            let has = all || !dice.one_in(3);
            has.then(|| Values::made(dice, count, bound))
        });
        Laws::ByClass(each.collect())
    }
}

impl Stage {
    fn made(dice: &mut Dice<'_>, count: usize, classes: usize) -> Stage {
        let buffer = dice.one_in(2).then(|| dice.below(3));
        let servers = match dice.below(6) {
            0..=2 => Servers::Count(1 + dice.below(3)),
            3 | 4 => Servers::Plan(a_plan(dice)),
            _ => Servers::Unlimited,
        };
        let most = match &servers {
            Servers::Count(count) => *count,
            Servers::Plan(plan) => plan.pieces.iter().map(|piece| piece.1).max().expect("one"),
            Servers::Unlimited => 0,
        };
        let service = match most > 0 && dice.one_in(4) {
            true => {
                let each = (0..most).map(|_| Values::made(dice, count, 5));
                Laws::ByServer(each.collect())
            }
            false => Laws::made(dice, (count, 5), classes, true),
        };
        let disciplines = [
            Discipline::Fifo,
            Discipline::Lifo,
            Discipline::Shortest,
            Discipline::Random,
        ];
        let discipline = match (dice.of(&disciplines), &service) {
            (Discipline::Shortest, Laws::ByServer(_)) => Discipline::Fifo,
            (any, _) => any,
        };
        let mut stage = Stage {
            servers,
            buffer,
            speeds: vec![1.0; most],
            service,
            setup: None,
            discipline,
            preemption: Preemption::None,
            join: Vec::new(),
            patience: None,
            faults: None,
            scrap: dice.one_in(12),
        };
        if most == 0 {
            stage.buffer = None;
            return stage;
        }
        if dice.one_in(3) {
            stage.speeds = (0..most).map(|_| dice.of(&[1.0, 2.0, 0.5])).collect();
        }
        if dice.one_in(3) {
            stage.setup = Some(Laws::made(dice, (count, 3), classes, false));
        }
        stage.preemption = dice.of(&[Preemption::None, Preemption::Resume, Preemption::Restart]);
        if dice.one_in(3) {
            stage.join = (0..=dice.below(3)).map(|_| dice.below(2) as f64).collect();
        }
        if dice.one_in(3) {
            stage.patience = Some(Laws::made(dice, (count, 6), classes, false));
        }
        stage.faults = dice.one_in(2).then(|| Failing::made(dice));
        stage
    }

    /// Takes away what makes the end of a service unknown when it begins.
    fn never_cut_off(&mut self) {
        self.preemption = Preemption::None;
        if let Servers::Plan(plan) = &mut self.servers {
            plan.interrupt = false;
        }
        if let Some(faults) = &mut self.faults {
            faults.crew = None;
            if faults.work == Work::Requeue && faults.slow.is_none() {
                faults.work = Work::Resume;
            }
        }
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
            format!("{:?}", self.discipline).to_lowercase().quoted(),
        );
        key(
            "preemption",
            format!("{:?}", self.preemption).to_lowercase().quoted(),
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
            key("scrap", "1".to_owned());
        }
    }

    fn spec(&self, at: usize, classes: &[usize]) -> StationSpec {
        let customers = classes.len();
        let given = |laws: &Option<Laws>| match laws {
            Some(laws) => laws.values(classes),
            None => vec![None; customers],
        };
        let (servers, plan) = match &self.servers {
            Servers::Count(count) => (Some(*count), None),
            Servers::Unlimited => (None, None),
            Servers::Plan(plan) => (Some(self.speeds.len()), Some(plan.clone())),
        };
        StationSpec {
            servers,
            plan,
            buffer: self.buffer,
            speeds: self.speeds.clone(),
            services: match &self.service {
                Laws::ByServer(each) => {
                    let of = |values: &Values| (0..customers).map(|k| values.at(k)).collect();
                    Services::ByServer(each.iter().map(of).collect())
                }
                laws => Services::Same(laws.values(classes).into_iter().flatten().collect()),
            },
            setups: given(&self.setup),
            discipline: self.discipline,
            choices: choices(at, 1000),
            preemption: self.preemption,
            join: self.join.clone(),
            join_draws: vec![0.5; customers],
            patience: given(&self.patience),
            faults: self
                .faults
                .as_ref()
                .map(|faults| faults.spec(self.speeds.len())),
            scrapped: vec![self.scrap; customers],
            drawn: None,
            shared: false,
        }
    }
}

/// A text in quotes.
trait Quoted {
    fn quoted(self) -> String;
}

impl Quoted for String {
    fn quoted(self) -> String {
        format!("\"{self}\"")
    }
}

pub(crate) fn a_plan(dice: &mut Dice<'_>) -> Plan {
    let mut pieces = vec![(0.0, 1 + dice.below(3))];
    let mut from = 0.0;
    for _ in 0..dice.below(3) {
        from += 1.0 + dice.below(4) as f64;
        pieces.push((from, dice.below(4)));
    }
    let repeat = dice.one_in(2).then(|| from + 1.0 + dice.below(4) as f64);
    // Without a repetition somebody must be there in the end.
    if repeat.is_none() {
        let last = pieces.last_mut().expect("a piece");
        last.1 = last.1.max(1);
    }
    Plan {
        pieces,
        repeat,
        interrupt: dice.one_in(2),
    }
}

pub(crate) fn plan_toml(plan: &Plan) -> String {
    let pieces = plan.pieces.iter();
    let pieces: Vec<String> = pieces
        .map(|(from, count)| format!("{{ from = {from}, count = {count} }}"))
        .collect();
    let repeat = plan.repeat.map(|repeat| format!(", repeat = {repeat}"));
    let leaving = if plan.interrupt {
        "interrupt"
    } else {
        "finish"
    };
    format!(
        "{{ plan = [{}]{}, leaving = \"{leaving}\" }}",
        pieces.join(", "),
        repeat.unwrap_or_default()
    )
}

impl Failing {
    pub(crate) fn made(dice: &mut Dice<'_>) -> Failing {
        Failing {
            every: 1.0 + dice.below(7) as f64,
            repair: dice.below(4) as f64,
            busy: dice.one_in(2),
            crew: dice.one_in(2).then_some(1),
            work: dice.of(&[Work::Resume, Work::Restart, Work::Requeue, Work::Lost]),
            slow: dice.one_in(4).then_some(0.5),
        }
    }

    pub(crate) fn toml(&self) -> String {
        let (every, repair) = (Values::Constant(self.every), Values::Constant(self.repair));
        let clock = if self.busy { "busy" } else { "calendar" };
        let crew = self.crew.map(|crew| format!(", crew = {crew}"));
        let slow = self.slow.map(|slow| format!(", slow = {slow}"));
        let work = format!("{:?}", self.work).to_lowercase();
        format!(
            "{{ every = {}, repair = {}, clock = \"{clock}\", work = \"{work}\"{}{} }}",
            every.toml(),
            repair.toml(),
            crew.unwrap_or_default(),
            slow.unwrap_or_default()
        )
    }

    pub(crate) fn spec(&self, servers: usize) -> Faults {
        Faults {
            every: vec![vec![self.every]; servers],
            repair: vec![vec![self.repair]; servers],
            busy: self.busy,
            crew: self.crew,
            work: self.work,
            slow: self.slow,
        }
    }
}

/// The numbers by which a stage chooses at random: those of its own stream, so that both sides know them.
pub(crate) fn choices(stage: usize, count: usize) -> Vec<f64> {
    let name = format!("s{stage}");
    let mut stream = Stream::new(1, 0, &name, Purpose::Discipline);
    (0..count).map(|_| stream.unit()).collect()
}
