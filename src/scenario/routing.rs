//! The routes of a network as the rest of the program uses them: the entry of each class, the ways on after a
//! service, and changes of class.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The routes that make a line of stations a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    /// The way on after a service, by station.
    pub links: Vec<Link>,
    /// The way of each class; a single one if all customers are alike.
    pub courses: Vec<Course>,
    /// Whether a customer that finds no place at the next station is lost, instead of
    /// [`Tandem::blocking`](super::Tandem::blocking).
    pub loses: bool,
    /// The rule for full stations that wait for each other.
    pub deadlock: Deadlock,
    /// The maximum number of customers in the network at once; `None` means no limit.
    pub system_capacity: Option<u64>,
    /// The station at which a service reserves a place when it begins, by station; empty if none does.
    pub reserves: Vec<Option<u32>>,
}

/// The way on after a service at a station.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The destinations of customers; `None` if not needed, because all have routes.
    pub next: Option<Next>,
    /// For each class the probabilities of the classes that it becomes; empty if it does not change, or if none
    /// does.
    pub becomes: Vec<Vec<(u32, f64)>>,
}

/// The way of a class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The station at which it enters; `None` if no customer arrives as this class.
    pub enter: Option<u32>,
    /// The stations it visits in order, whatever their `next` says. After the last it leaves; a population starts
    /// again.
    pub route: Option<Arc<[u32]>>,
    /// Whether the route starts again.
    pub repeats: bool,
}

/// The destination of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum To {
    /// To a station.
    Station(u32),
    /// Out of the system.
    Out,
}

/// The rule by which customers leave a station.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// All to one place.
    All(To),
    /// By chance.
    Chances(Vec<(To, f64)>),
    /// By class.
    ByClass(ByClass),
    /// To the station with the fewest customers at it or on the way, the first of equals.
    Shortest(Vec<u32>),
    /// To each in turn.
    RoundRobin(Vec<To>),
    /// To any, with equal probability.
    Random(Vec<To>),
}

/// Rules by class. Classes that share a rule share its turns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByClass {
    /// The rules, none of which is by class.
    pub rules: Vec<Next>,
    /// The rule of each class, by index; none if a class never comes.
    pub of: Vec<Option<usize>>,
}

/// What happens where stations that are full wait for each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Deadlock {
    /// The run ends there.
    #[default]
    Stop,
    /// The customers who wait for each other all move at once.
    Swap,
}

impl Next {
    /// The rule for a class; none if it never comes.
    #[must_use]
    pub fn of(&self, class: usize) -> Option<&Next> {
        match self {
            Next::ByClass(ByClass { rules, of }) => Some(&rules[(*of.get(class)?)?]),
            all => Some(all),
        }
    }

    /// The places where a customer of this class may go, each with its share as far as it is known: those of
    /// `shortest` are taken to be equal.
    #[must_use]
    pub fn places(&self, class: usize) -> Vec<(To, f64)> {
        let alike = |places: &[To]| {
            let share = 1.0 / places.len() as f64;
            places.iter().map(|&to| (to, share)).collect()
        };
        match self {
            Next::All(to) => vec![(*to, 1.0)],
            Next::Chances(chances) => {
                let possible = chances.iter().filter(|(_, chance)| *chance > 0.0);
                possible.copied().collect()
            }
            Next::ByClass(_) => self.of(class).map_or(Vec::new(), |next| next.places(class)),
            Next::Shortest(stations) => {
                let places: Vec<To> = stations.iter().map(|&to| To::Station(to)).collect();
                alike(&places)
            }
            Next::RoundRobin(places) | Next::Random(places) => alike(places),
        }
    }
}

impl Routing {
    /// The routing of a line: stations in series, for this many classes.
    #[must_use]
    pub fn in_series(stations: usize, classes: usize) -> Routing {
        let next = |station: usize| match u32::try_from(station + 1) {
            Ok(next) if station + 1 < stations => To::Station(next),
            _ => To::Out,
        };
        let course = Course {
            enter: Some(0),
            ..Course::default()
        };
        Routing {
            links: (0..stations)
                .map(|station| Link {
                    next: Some(Next::All(next(station))),
                    becomes: Vec::new(),
                })
                .collect(),
            courses: vec![course; classes],
            loses: false,
            deadlock: Deadlock::Stop,
            system_capacity: None,
            reserves: vec![None; stations],
        }
    }

    /// The classes a customer may have after a service here, each with its probability.
    #[must_use]
    pub fn becomes(&self, station: usize, class: usize) -> Vec<(usize, f64)> {
        match self.links[station].becomes.get(class) {
            Some(chances) if !chances.is_empty() => {
                let possible = chances.iter().filter(|(_, chance)| *chance > 0.0);
                possible
                    .map(|&(class, chance)| (class as usize, chance))
                    .collect()
            }
            _ => vec![(class, 1.0)],
        }
    }

    /// The possible next stops of a customer after a service, with their places and probabilities. Empty if no rule
    /// is given.
    #[must_use]
    pub fn onward(&self, at: Stop) -> Vec<(To, Stop, f64)> {
        let Stop {
            station,
            class,
            stop,
        } = at;
        if let Some(route) = &self.courses[class].route {
            let after = stop + 1;
            let (to, after) = match route.get(after) {
                Some(&next) => (To::Station(next), after),
                None if self.courses[class].repeats => (To::Station(route[0]), 0),
                None => (To::Out, 0),
            };
            return vec![(to, Stop::at(to, class, after), 1.0)];
        }
        let Some(next) = &self.links[station].next else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for (class, chance) in self.becomes(station, class) {
            for (to, share) in next.places(class) {
                all.push((to, Stop::at(to, class, 0), chance * share));
            }
        }
        all
    }
}

/// A customer at a station: its class, and its position on the route of that class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stop {
    /// The station, by position.
    pub station: usize,
    /// The class, by index.
    pub class: usize,
    /// The position on the route, from 0; 0 if the class has none.
    pub stop: usize,
}

impl Stop {
    fn at(to: To, class: usize, stop: usize) -> Stop {
        let station = match to {
            To::Station(station) => station as usize,
            To::Out => 0,
        };
        Stop {
            station,
            class,
            stop,
        }
    }
}
