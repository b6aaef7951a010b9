//! Made-up networks that need no common clock: every way leads on, in an order of the stations that is not that of the
//! file, nobody waits for places of a station that has several sides, and servers neither fail in no time, nor leave for
//! good, nor begin work anew for ever.

use super::{Coming, Made, NetworkCase, Servers, Station};
use crate::station_cases::{Dice, sums};
use crate::station_oracle::routes::Way;
use filas::scenario::OneClock;

impl NetworkCase {
    /// The case that these bytes say, if the door lets it in and it comes to an end.
    pub(crate) fn ahead(bytes: &[u8]) -> Option<NetworkCase> {
        let mut dice = Dice(bytes.iter());
        let mut made = Made::of_chance(&mut dice);
        let turns = dice.below(made.stations.len());
        made.lead_ahead(turns, dice.one_in(2), !dice.one_in(3));
        loop {
            let case = NetworkCase::of_made(&made)?;
            let Err(why) = case.network.feeds() else {
                return Some(case);
            };
            let station =
                |name: &str| -> usize { name[1..].parse().expect("a station has a number") };
            match why {
                OneClock::Buffer(name) | OneClock::Join(name) | OneClock::Reserved(name) => {
                    made.stations[station(&name)].buffer = None;
                }
                OneClock::Restart(name) => {
                    let faults = made.stations[station(&name)].faults.as_mut();
                    faults.expect("it has faults").resume();
                }
                _ => return Some(case),
            }
        }
    }
}

impl Made {
    /// Changes it so that all ways lead on, in the order of the file turned by so many places, or backwards; where
    /// customers block each other, to the very next station if `straight`.
    fn lead_ahead(&mut self, turns: usize, backwards: bool, straight: bool) {
        let count = self.stations.len();
        let place = |station: usize| match backwards {
            true => (count - station + turns) % count,
            false => (station + turns) % count,
        };
        self.capacity = None;
        for class in &mut self.classes {
            if let Coming::Population(count) = class.coming {
                class.coming = Coming::Times(sums(&vec![1.0; count]));
            }
            if let Some(route) = &mut class.route {
                route.sort_by_key(|&station| place(station));
                route.dedup();
                class.enter = route[0];
            }
        }
        let straight = straight && self.blocking == "after-service";
        let first = (0..count).min_by_key(|&station| place(station));
        if straight {
            self.named = true;
            for class in &mut self.classes {
                class.enter = first.expect("there is a station");
                class.route = None;
            }
        }
        for (at, station) in self.stations.iter_mut().enumerate() {
            let later: Vec<usize> = (0..count)
                .filter(|&other| place(other) > place(at))
                .collect();
            let ahead = |to: Option<usize>| {
                let to = to.filter(|_| !later.is_empty())?;
                let stays = later.contains(&to);
                Some(if stays { to } else { later[to % later.len()] })
            };
            station.way = leading(&station.way, &ahead);
            let next = later.iter().min_by_key(|&&other| place(other));
            if let Some(&next) = next.filter(|_| straight) {
                station.way = Way::To(Some(next));
            }
            station.stay();
        }
    }
}

impl Station {
    /// Its servers come again.
    fn stay(&mut self) {
        if let Some(faults) = &mut self.faults {
            faults.take_time();
        }
        if let Servers::Plan(plan) = &mut self.servers
            && let Some((_, count)) = plan.pieces.last_mut()
        {
            *count = (*count).max(1);
        }
    }
}

/// The way with all its places replaced.
fn leading(way: &Way, ahead: &dyn Fn(Option<usize>) -> Option<usize>) -> Way {
    let all = |places: &[Option<usize>]| places.iter().map(|&to| ahead(to)).collect();
    match way {
        Way::To(to) => Way::To(ahead(*to)),
        Way::Chances(chances) => {
            let chances = chances.iter().map(|&(to, chance)| (ahead(to), chance));
            let mut chances: Vec<(Option<usize>, f64)> = chances.collect();
            chances.sort_by_key(|(to, _)| to.unwrap_or(usize::MAX));
            match chances[0].0 == chances[1].0 {
                true => Way::To(chances[0].0),
                false => Way::Chances(chances),
            }
        }
        Way::Shortest(stations) => {
            let places: Vec<Option<usize>> = stations.iter().map(|&one| Some(one)).collect();
            Way::RoundRobin(all(&places))
        }
        Way::RoundRobin(places) => Way::RoundRobin(all(places)),
        Way::Random(places) => Way::Random(all(places)),
        Way::ByClass(ways, of) => {
            let ways = ways.iter().map(|way| leading(way, ahead));
            Way::ByClass(ways.collect(), of.clone())
        }
    }
}
