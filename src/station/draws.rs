//! Random draws at a station. Draws for a fault belong to the server, the others to the customer and its visit.

use super::person::Person;
use crate::random::laws::Uniform;
use crate::random::{Draws, Law, Purpose, Stream};
use crate::scenario::{PerClass, Service, Stage};

/// The random draws of a station.
#[derive(Clone, Debug)]
pub(super) struct StationDraws {
    service: ServiceDraws,
    setup: Vec<Option<ByCustomer>>,
    patience: Vec<Option<ByCustomer>>,
    joining: ByCustomer,
    scrap: ByCustomer,
    discipline: Stream,
    /// By server: times to faults, and repair times.
    faults: Vec<(Draws, Draws)>,
}

#[derive(Clone, Debug)]
enum ServiceDraws {
    ByClass(Vec<Option<ByCustomer>>),
    ByServer(Vec<ByCustomer>),
}

/// The draws of one law.
#[derive(Clone, Debug)]
struct ByCustomer {
    draws: Draws,
    /// Whether value k belongs to the k-th customer of a class.
    by_class: bool,
}

impl ByCustomer {
    fn of(&mut self, person: &Person) -> f64 {
        let number = match self.by_class {
            true => person.of_class,
            false => person.number,
        };
        self.draws.at_visit(number, person.visit)
    }
}

/// The origin of a station's random streams.
#[derive(Clone, Copy, Debug)]
pub struct Chance<'a> {
    /// The scenario's seed.
    pub seed: u64,
    /// The replication.
    pub replication: u64,
    /// The station's name.
    pub name: &'a str,
}

impl Chance<'_> {
    fn draws(&self, law: &Law, part: Option<usize>, purpose: Purpose) -> Draws {
        let name = match part {
            Some(part) => format!("{}/{}", self.name, part + 1),
            None => self.name.to_owned(),
        };
        Draws::new(law, self.seed, self.replication, &name, purpose)
    }

    /// The draws for each class, by its index.
    fn by_class(
        &self,
        laws: &PerClass<Option<Law>>,
        classes: usize,
        purpose: Purpose,
    ) -> Vec<Option<ByCustomer>> {
        let own = matches!(laws, PerClass::Each(_));
        let each = (0..classes).map(|class| {
            let law = laws.of(class).as_ref()?;
            Some(ByCustomer {
                draws: self.draws(law, own.then_some(class), purpose),
                by_class: own && matches!(law, Law::Trace(_)),
            })
        });
        each.collect()
    }

    fn chance(&self, purpose: Purpose) -> ByCustomer {
        let unit = Law::Uniform(Uniform {
            low: 0.0,
            high: 1.0,
        });
        ByCustomer {
            draws: self.draws(&unit, None, purpose),
            by_class: false,
        }
    }
}

impl StationDraws {
    pub(super) fn new(stage: &Stage, classes: usize, chance: Chance<'_>) -> StationDraws {
        let service = match &stage.service {
            Service::PerClass(laws) => {
                let laws = match laws {
                    PerClass::Same(law) => PerClass::Same(Some(law.clone())),
                    PerClass::Each(laws) => {
                        PerClass::Each(laws.iter().map(|law| Some(law.clone())).collect())
                    }
                };
                ServiceDraws::ByClass(chance.by_class(&laws, classes, Purpose::Service))
            }
            Service::PerServer(laws) => {
                let each = laws.iter().enumerate().map(|(server, law)| ByCustomer {
                    draws: chance.draws(law, Some(server), Purpose::Service),
                    by_class: false,
                });
                ServiceDraws::ByServer(each.collect())
            }
        };
        let servers = stage.servers.most().unwrap_or(0) as usize;
        let faults = stage.faults.iter().flat_map(|faults| {
            (0..servers).map(|server| {
                let draws = |law, purpose| chance.draws(law, Some(server), purpose);
                (
                    draws(&faults.every, Purpose::Faults),
                    draws(&faults.repair, Purpose::Repair),
                )
            })
        });
        StationDraws {
            service,
            setup: chance.by_class(&stage.setup, classes, Purpose::Setup),
            patience: chance.by_class(&stage.patience, classes, Purpose::Patience),
            joining: chance.chance(Purpose::Joining),
            scrap: chance.chance(Purpose::Scrap),
            discipline: Stream::new(
                chance.seed,
                chance.replication,
                chance.name,
                Purpose::Discipline,
            ),
            faults: faults.collect(),
        }
    }

    /// The service of a customer whose first server is this one.
    pub(super) fn service(&mut self, person: &Person, server: usize) -> f64 {
        match &mut self.service {
            ServiceDraws::ByClass(laws) => laws[person.class as usize].as_mut(),
            ServiceDraws::ByServer(laws) => laws.get_mut(server),
        }
        .expect("every class and server has a law of service")
        .of(person)
    }

    /// The set-up of a customer, if its class has one.
    pub(super) fn setup(&mut self, person: &Person) -> Option<f64> {
        let draws = self.setup[person.class as usize].as_mut()?;
        Some(draws.of(person))
    }

    /// The patience of a customer, if its class has one.
    pub(super) fn patience(&mut self, person: &Person) -> Option<f64> {
        let draws = self.patience[person.class as usize].as_mut()?;
        Some(draws.of(person))
    }

    /// Whether a customer joins, with this probability.
    pub(super) fn joins(&mut self, person: &Person, chance: f64) -> bool {
        self.joining.of(person) < chance
    }

    /// Whether a customer leaves as scrap, with this probability.
    pub(super) fn scraps(&mut self, person: &Person, chance: f64) -> bool {
        chance > 0.0 && self.scrap.of(person) < chance
    }

    /// The next number in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        self.discipline.unit()
    }

    /// The time to a server's fault with this number, from 1.
    pub(super) fn every(&mut self, server: u32, number: u64) -> f64 {
        self.faults[server as usize].0.of(number)
    }

    /// The repair time of a server's fault with this number, from 1.
    pub(super) fn repair(&mut self, server: u32, number: u64) -> f64 {
        self.faults[server as usize].1.of(number)
    }
}
