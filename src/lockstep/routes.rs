//! The destinations of customers after a service, and their changes of class.

use super::places::Way;
use super::system::System;
use crate::random::laws::Uniform;
use crate::random::{Draws, Law, Purpose};
use crate::scenario::{ByClass, Next, To};
use crate::station::{Ended, Person, VisitOutcome};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The routes of a system.
#[derive(Clone, Debug)]
pub(super) struct Routes {
    /// The ways on after a service at some stations, starting with station `first`.
    stations: Vec<Branches>,
    first: usize,
    classes: Vec<Course>,
    /// The loop that each station is on, if any; customers may return to a station on a loop.
    loops: Vec<Option<u32>>,
}

/// The rules that apply after a service at one station.
#[derive(Clone, Debug)]
struct Branches {
    next: Option<Next>,
    becomes: Vec<Vec<(u32, f64)>>,
    routing: Draws,
    becoming: Draws,
    /// The next place of each list that is taken in turn, by its rule if there are several.
    turns: BTreeMap<Option<usize>, usize>,
}

/// The way of a class through the system.
#[derive(Clone, Debug)]
struct Course {
    enter: u32,
    route: Option<Arc<[u32]>>,
    repeats: bool,
}

impl Routes {
    pub(super) fn new(system: &System, replication: u64) -> Routes {
        Routes::of_stations(system, replication, 0..system.stations.len())
    }

    /// The routes from one station only.
    pub(super) fn of_station(system: &System, replication: u64, station: usize) -> Routes {
        Routes::of_stations(system, replication, station..station + 1)
    }

    fn of_stations(system: &System, replication: u64, some: Range<usize>) -> Routes {
        let unit = Law::Uniform(Uniform {
            low: 0.0,
            high: 1.0,
        });
        let draws =
            |name: &str| Draws::new(&unit, system.seed, replication, name, Purpose::Routing);
        let first = some.start;
        let stations = system.stations[some].iter().map(|node| {
            let name = &node.stage.name;
            Branches {
                next: node.next.clone(),
                becomes: node.becomes.clone(),
                routing: draws(name),
                becoming: draws(&format!("{name}/becomes")),
                turns: BTreeMap::new(),
            }
        });
        Routes {
            stations: stations.collect(),
            first,
            classes: system
                .classes
                .iter()
                .map(|class| Course {
                    enter: class.enter,
                    route: class.route.clone(),
                    repeats: class.repeats,
                })
                .collect(),
            loops: system.loops.clone(),
        }
    }

    /// The station at which a class enters.
    pub(super) fn entry(&self, class: u32) -> u32 {
        self.classes[class as usize].enter
    }

    /// The way of a customer whose service has ended. `number` returns the number of customers at a station and on
    /// the way there.
    pub(super) fn way(&mut self, ended: &Ended, number: impl Fn(u32) -> u64) -> Way {
        let mut way = Way {
            to: To::Out,
            class: ended.class,
            outcome: VisitOutcome::Served,
        };
        if ended.scrapped {
            way.outcome = VisitOutcome::Scrapped;
            return way;
        }
        let course = &self.classes[ended.class as usize];
        if let Some(route) = &course.route {
            let stop = ended.stop as usize;
            way.to = match route.get(stop) {
                Some(&next) => To::Station(next),
                None if course.repeats => To::Station(route[stop % route.len()]),
                None => To::Out,
            };
            return way;
        }
        let here = &mut self.stations[ended.stage as usize - self.first];
        if let Some(chances) = here.becomes.get(ended.class as usize)
            && !chances.is_empty()
        {
            let drawn = here.becoming.at_visit(ended.number, ended.visit);
            way.class = chosen(chances, drawn);
        }
        let next = here.next.as_ref().expect("a way on");
        let (next, list) = match next {
            Next::ByClass(ByClass { rules, of }) => {
                let rule = of[way.class as usize].expect("the class comes here");
                (&rules[rule], Some(rule))
            }
            next => (next, None),
        };
        way.to = match next {
            Next::All(to) => *to,
            Next::Chances(chances) => {
                let drawn = here.routing.at_visit(ended.number, ended.visit);
                chosen(chances, drawn)
            }
            Next::Random(places) => {
                let drawn = here.routing.at_visit(ended.number, ended.visit);
                let place = (drawn * places.len() as f64) as usize;
                places[place.min(places.len() - 1)]
            }
            Next::RoundRobin(places) => {
                let turn = here.turns.entry(list).or_default();
                let place = places[*turn];
                *turn = (*turn + 1) % places.len();
                place
            }
            Next::Shortest(stations) => {
                let least = stations.iter().min_by_key(|&&one| number(one));
                To::Station(*least.expect("a list has a station"))
            }
            Next::ByClass(_) => unreachable!("no class has classes"),
        };
        way
    }

    /// Sends a customer on its way to a station.
    #[inline]
    pub(super) fn set_out(&self, person: &mut Person, to: u32) {
        person.stop += 1;
        let here = self.loops[to as usize];
        if here.is_none() {
            person.visit = 1;
            return;
        }
        // No customer returns to the stations of a loop that was left.
        let visits = &mut person.visits;
        if let Some(&(station, _)) = visits.first()
            && self.loops[station as usize] != here
        {
            visits.clear();
        }
        let place = visits.iter().position(|&(station, _)| station == to);
        let place = place.unwrap_or_else(|| {
            visits.push((to, 0));
            visits.len() - 1
        });
        visits[place].1 += 1;
        person.visit = visits[place].1;
    }
}

/// The entry that a number in [0, 1) selects.
fn chosen<T: Copy>(chances: &[(T, f64)], drawn: f64) -> T {
    let mut sum = 0.0;
    for &(one, chance) in chances {
        sum += chance;
        if drawn < sum {
            return one;
        }
    }
    // The sum of all probabilities may be a little less than 1; an entry with probability 0 is never chosen.
    let possible = chances.iter().rev().find(|&&(_, chance)| chance > 0.0);
    possible.expect("something has a chance").0
}
