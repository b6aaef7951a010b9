//! A stage of a line as the rest of the program uses it: its servers, its services, and its people and machines.
//!
//! A stage without people and machines is [plain](Stage::plain): a number of servers that are alike and always
//! present, customers who are alike, first come first served. Closed forms and fast kernels are valid for plain
//! stages only.

use crate::random::Law;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stage of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Its name, which is also the name of its random streams.
    pub name: String,
    /// The number of servers.
    pub servers: Servers,
    /// Waiting places, not counting those in service; `None` means no limit.
    pub buffer: Option<u64>,
    /// The speed of each server, by number; empty if all are 1.
    pub speeds: Vec<f64>,
    /// The law of a service.
    pub service: Service,
    /// The law of a set-up before a service on a server that is set up for another class, by the new class.
    pub setup: PerClass<Option<Law>>,
    /// The order in which waiting customers are served, within one priority.
    pub discipline: Discipline,
    /// Whether a customer of higher priority takes the server of one in service.
    pub preemption: Preemption,
    /// Probabilities of joining, by the number found waiting from 0, the last for all larger numbers; empty means
    /// always.
    pub join: Vec<f64>,
    /// The time a customer waits for its first service before it leaves; `None` means for ever.
    pub patience: PerClass<Option<Law>>,
    /// Faults and repairs of servers; `None` means never.
    pub faults: Option<StageFaults>,
    /// The probability of leaving the line as scrap after the service.
    pub scrap: f64,
}

impl Stage {
    /// A plain stage without a limit on waiting customers.
    #[must_use]
    pub fn new(name: &str, servers: u32, service: Law) -> Stage {
        Stage {
            name: name.to_owned(),
            servers: Servers::Count(servers),
            buffer: None,
            speeds: Vec::new(),
            service: service.into(),
            setup: PerClass::Same(None),
            discipline: Discipline::Fifo,
            preemption: Preemption::None,
            join: Vec::new(),
            patience: PerClass::Same(None),
            faults: None,
            scrap: 0.0,
        }
    }

    /// Whether servers have no numbers: if they are unlimited or shared.
    #[must_use]
    pub fn is_unnumbered(&self) -> bool {
        self.servers == Servers::Unlimited || self.discipline == Discipline::ProcessorSharing
    }

    /// Servers and waiting places; `None` means no limit. Every server is a place, on duty or off.
    #[must_use]
    pub fn places(&self) -> Option<u64> {
        let servers = self.servers.most()?;
        self.buffer.map(|buffer| buffer + u64::from(servers))
    }

    /// The maximum number of places that customers at servers take: the number of servers if they have numbers; if
    /// customers share them, each takes one of its own.
    #[must_use]
    pub fn places_at_servers(&self) -> u64 {
        let numbered = self.servers.most().filter(|_| !self.is_unnumbered());
        u64::from(numbered.unwrap_or(u32::MAX))
    }

    /// The laws that give each customer its own value here, each with its key and the only class it is for, if any.
    #[must_use]
    pub fn laws_of_customers(&self) -> Vec<(&'static str, &Law, Option<usize>)> {
        let mut laws = Vec::new();
        match &self.service {
            Service::PerClass(PerClass::Same(law)) => laws.push(("service", law, None)),
            Service::PerClass(PerClass::Each(each)) => {
                let each = each.iter().enumerate();
                laws.extend(each.map(|(class, law)| ("service", law, Some(class))));
            }
            Service::PerServer(each) => laws.extend(each.iter().map(|law| ("service", law, None))),
        }
        for (key, by_class) in [("setup", &self.setup), ("patience", &self.patience)] {
            match by_class {
                PerClass::Same(law) => laws.extend(law.iter().map(|law| (key, law, None))),
                PerClass::Each(each) => {
                    let each = each.iter().enumerate();
                    laws.extend(
                        each.filter_map(|(class, law)| Some((key, law.as_ref()?, Some(class)))),
                    );
                }
            }
        }
        laws
    }

    /// The keys that make the end of a service unknown when it begins.
    #[must_use]
    pub fn cuts_off(&self) -> Option<&'static [&'static str]> {
        if self.discipline == Discipline::ProcessorSharing {
            return Some(&["discipline"]);
        }
        if self.preemption != Preemption::None {
            return Some(&["preemption"]);
        }
        if let Servers::Plan(plan) = &self.servers
            && plan.leaving == Leaving::Interrupt
        {
            return Some(&["servers", "leaving"]);
        }
        let faults = self.faults.as_ref()?;
        if faults.work == FaultWork::Requeue && faults.slow.is_none() {
            return Some(&["faults", "work"]);
        }
        faults.crew.map(|_| ["faults", "crew"].as_slice())
    }

    /// The stage as one without people and machines, if it is one.
    #[must_use]
    pub fn plain(&self) -> Option<Plain<'_>> {
        let (Servers::Count(servers), Service::PerClass(PerClass::Same(service))) =
            (&self.servers, &self.service)
        else {
            return None;
        };
        let plain = self.speeds.is_empty()
            && self.setup == PerClass::Same(None)
            && self.discipline == Discipline::Fifo
            && self.preemption == Preemption::None
            && self.join.is_empty()
            && self.patience == PerClass::Same(None)
            && self.faults.is_none()
            && self.scrap == 0.0;
        plain.then_some(Plain {
            name: &self.name,
            servers: *servers,
            buffer: self.buffer,
            service,
        })
    }

    /// The stage as one without people and machines, if the line is known to be [plain](super::Tandem::is_plain).
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn expect_plain(&self) -> Plain<'_> {
        let plain = self.plain();
        plain.unwrap_or_else(|| panic!("stage `{}` has people and machines", self.name))
    }

    /// The speed of a server, by its index.
    #[must_use]
    pub fn speed(&self, server: usize) -> f64 {
        self.speeds.get(server).copied().unwrap_or(1.0)
    }
}

/// A stage without people and machines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plain<'a> {
    /// Its name.
    pub name: &'a str,
    /// The number of servers, at least one.
    pub servers: u32,
    /// Waiting places; `None` means no limit.
    pub buffer: Option<u64>,
    /// The law of a service.
    pub service: &'a Law,
}

/// The number of servers of a stage.
#[derive(Clone, Debug, PartialEq)]
pub enum Servers {
    /// A number, at least one.
    Count(u32),
    /// One for each customer present.
    Unlimited,
    /// A number that changes at planned instants.
    Plan(Plan),
}

impl Servers {
    /// The maximum number at any time; `None` if unlimited.
    #[must_use]
    pub fn most(&self) -> Option<u32> {
        match self {
            Servers::Count(count) => Some(*count),
            Servers::Unlimited => None,
            Servers::Plan(plan) => Some(plan.most()),
        }
    }

    /// The number on duty at time 0; `None` if unlimited.
    #[must_use]
    pub fn at_first(&self) -> Option<u32> {
        match self {
            Servers::Plan(plan) => Some(plan.pieces[0].count),
            other => other.most(),
        }
    }
}

/// A number of servers that changes at planned instants.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The number on duty from each instant on: the first is 0, and they ascend. Server n is on duty while n <=
    /// count.
    pub pieces: Vec<PlanPiece>,
    /// The length of time after which the plan repeats, above all instants; `None` means that its last number
    /// stays.
    pub repeat: Option<f64>,
    /// The rule for a server that goes off duty while it serves.
    pub leaving: Leaving,
}

impl Plan {
    /// The maximum number of servers, at least one.
    #[must_use]
    pub fn most(&self) -> u32 {
        let counts = self.pieces.iter().map(|piece| piece.count);
        counts.max().expect("a plan has a piece")
    }
}

/// A piece of a plan; it ends where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanPiece {
    /// The instant from which the number is valid.
    pub from: f64,
    /// The number of servers on duty.
    pub count: u32,
}

/// What a server does that goes off duty while it serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Leaving {
    /// It finishes the service it is in.
    #[default]
    Finish,
    /// It goes at once, and its customer waits with what is left of the service.
    Interrupt,
}

/// The law of a service.
#[derive(Clone, Debug, PartialEq)]
pub enum Service {
    /// By the customer's class.
    PerClass(PerClass<Law>),
    /// By the first server taken, one for each server.
    PerServer(Vec<Law>),
}

impl From<Law> for Service {
    fn from(law: Law) -> Service {
        Service::PerClass(PerClass::Same(law))
    }
}

impl Service {
    /// Every law, once.
    pub fn laws(&self) -> impl Iterator<Item = &Law> {
        match self {
            Service::PerClass(PerClass::Same(law)) => std::slice::from_ref(law),
            Service::PerClass(PerClass::Each(laws)) | Service::PerServer(laws) => laws,
        }
        .iter()
    }

    /// Mean and squared coefficient of variation of a service; if there are several laws, of a draw from any of
    /// them with equal probability. A measure for sorting stages, not one of a run.
    #[must_use]
    pub fn mean_and_cv2(&self) -> (f64, f64) {
        let laws: Vec<&Law> = self.laws().collect();
        if let [only] = laws.as_slice() {
            return (only.mean(), only.cv2());
        }
        let count = laws.len() as f64;
        let mean = laws.iter().map(|law| law.mean()).sum::<f64>() / count;
        let squares = laws
            .iter()
            .map(|law| law.variance() + law.mean() * law.mean());
        let square = squares.sum::<f64>() / count;
        let cv2 = if mean == 0.0 {
            0.0
        } else {
            square / mean / mean - 1.0
        };
        (mean, cv2)
    }
}

/// One value for all classes, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub enum PerClass<T> {
    /// One for all classes. A trace gives its k-th value to customer k.
    Same(T),
    /// One for each, in the order of the classes. A trace gives its k-th value to the k-th customer of the class.
    Each(Vec<T>),
}

impl<T> PerClass<T> {
    /// The value for a class, by its index.
    pub fn of(&self, class: usize) -> &T {
        match self {
            PerClass::Same(all) => all,
            PerClass::Each(each) => &each[class],
        }
    }

    /// Every value, once.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        match self {
            PerClass::Same(all) => std::slice::from_ref(all),
            PerClass::Each(each) => each,
        }
        .iter()
    }
}

/// Which of those waiting is served first, within one priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Discipline {
    /// The one who arrived first.
    #[default]
    Fifo,
    /// The one who arrived last.
    Lifo,
    /// Any, all alike likely.
    Random,
    /// The one with the least service.
    Shortest,
    /// None: all are in service at once, and share the speed of the servers.
    ProcessorSharing,
}

/// Whether a customer of higher priority takes the server of one in service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Preemption {
    /// It waits.
    #[default]
    None,
    /// It does, and the other keeps the work that was done.
    Resume,
    /// It does, and the other's work begins again.
    Restart,
}

/// Faults and repairs of the servers of a stage, each with draws of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct StageFaults {
    /// The time from 0, or from the end of a repair, to the next fault.
    pub every: Law,
    /// The clock on which that time runs.
    pub clock: FaultClock,
    /// The duration of a repair.
    pub repair: Law,
    /// The maximum number of simultaneous repairs of the stage, first failed first; `None` means no limit.
    pub crew: Option<u32>,
    /// The effect of a fault on the work it interrupts.
    pub work: FaultWork,
    /// The factor of a server's speed until it is repaired, above 0; `None` means that it stops.
    pub slow: Option<f64>,
}

/// When the time to the next fault passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum FaultClock {
    /// Always.
    #[default]
    Calendar,
    /// While the server serves.
    Busy,
}

/// What a fault does to the work it cuts off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum FaultWork {
    /// It stays with its server, and goes on after the repair.
    #[default]
    Resume,
    /// It stays with its server, and begins again after the repair.
    Restart,
    /// Its customer waits with what is left of it, and may take any server.
    Requeue,
    /// Its customer has failed, and leaves.
    Lost,
}
