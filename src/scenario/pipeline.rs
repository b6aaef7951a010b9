//! Stations that can run ahead of each other, and the parts of a line or network that need one clock.
//!
//! A station can run ahead of the others if it needs to know only its arrivals, and when places of stations that it
//! alone fills become free: it then depends only on its inputs, like a stage of a pipeline. Loops, places for which
//! customers wait at several stations, choices by the number at another station, limits of the whole system and
//! measures of all stations together need a common clock.

use super::{
    Blocking, FaultClock, FaultWork, LineArrivals, Next, Routing, Servers, Stage, Stop, Tandem, To,
};
use std::collections::BTreeSet;
use std::fmt;

/// The maximum number of stations of a pipeline. With this many, all events at one instant have ended long before
/// the maximum number of rounds of an instant is reached, which a single station could not detect.
const STATIONS_MAX: usize = 100;

/// A reason why the stations of a line or network need one clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneClock {
    /// Customers can return to this station.
    Loop(String),
    /// This station has a finite buffer, and customers reach it from several sides and wait there for its places.
    Buffer(String),
    /// Services that begin elsewhere reserve places at this station.
    Reserved(String),
    /// Customers who do not join the queue at this station let others leave while customers who look at the queue
    /// arrive where those leave.
    Join(String),
    /// Customers leave this station for the one with the fewest customers.
    Shortest(String),
    /// Servers of this station may fail again at the instant at which they have been repaired.
    Faults(String),
    /// Work at this station restarts after faults, and may never end.
    Restart(String),
    /// No server of this station comes on duty again after the end of its plan.
    Plan(String),
    /// Customers are present from the beginning and stay.
    Population,
    /// Customers are generated when a service can begin at this station, and some services there may take no time.
    Saturated(String),
    /// The number of customers in the system is limited.
    SystemCapacity,
    /// Measures are reported by intervals, over all stations.
    Intervals,
    /// There are more stations than a pipeline takes.
    Stations(usize),
}

impl fmt::Display for OneClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OneClock::Loop(station) => write!(f, "customers can return to `{station}`"),
            OneClock::Buffer(station) => {
                write!(
                    f,
                    "customers from several sides wait for places at `{station}`"
                )
            }
            OneClock::Reserved(station) => {
                write!(f, "services before `{station}` reserve places there")
            }
            OneClock::Join(station) => {
                write!(
                    f,
                    "customers may balk at `{station}` and at a station before it"
                )
            }
            OneClock::Shortest(station) => {
                write!(f, "`{station}` sends customers where the fewest are")
            }
            OneClock::Faults(station) => {
                write!(f, "servers of `{station}` may fail again at once")
            }
            OneClock::Restart(station) => {
                write!(f, "work at `{station}` may begin anew for ever")
            }
            OneClock::Plan(station) => {
                write!(f, "all servers of `{station}` leave for good")
            }
            OneClock::Population => f.write_str("a population stays"),
            OneClock::Saturated(station) => {
                write!(
                    f,
                    "services at `{station}`, which is never starved, may take no time"
                )
            }
            OneClock::SystemCapacity => f.write_str("`system_capacity` counts everybody"),
            OneClock::Intervals => f.write_str("`report.interval` counts everybody"),
            OneClock::Stations(count) => write!(f, "there are {count} stations"),
        }
    }
}

impl Tandem {
    /// For each station the stations that it feeds, in order, if all stations can run ahead of each other. A plain
    /// line has a pipeline of its own.
    ///
    /// # Errors
    /// The part that needs one clock.
    pub fn feeds(&self) -> Result<Vec<Vec<u32>>, OneClock> {
        if self.has_population() {
            return Err(OneClock::Population);
        }
        if self.intervals.is_some() {
            return Err(OneClock::Intervals);
        }
        let routing = self.routing.as_ref();
        if routing.is_some_and(|routing| routing.system_capacity.is_some()) {
            return Err(OneClock::SystemCapacity);
        }
        if self.stages.len() > STATIONS_MAX {
            return Err(OneClock::Stations(self.stages.len()));
        }
        let name = |station: usize| self.stages[station].name.clone();
        for (station, stage) in self.stages.iter().enumerate() {
            if self.arrivals == LineArrivals::Saturated && self.enters(station) && is_instant(stage)
            {
                return Err(OneClock::Saturated(name(station)));
            }
            if fails_at_once(stage) {
                return Err(OneClock::Faults(name(station)));
            }
            if stage.may_restart_for_ever() {
                return Err(OneClock::Restart(name(station)));
            }
            if stage.closes() {
                return Err(OneClock::Plan(name(station)));
            }
            let next = routing.and_then(|routing| routing.links[station].next.as_ref());
            if next.is_some_and(asks_numbers) {
                return Err(OneClock::Shortest(name(station)));
            }
        }
        let feeds = self.ways();
        let returning = loops(&feeds).iter().position(Option::is_some);
        if let Some(station) = returning {
            return Err(OneClock::Loop(name(station)));
        }
        match self.awaited(&feeds) {
            Some(why) => Err(why),
            None => Ok(feeds),
        }
    }

    /// The reason why stations with places for which customers wait elsewhere need one clock, if there is one.
    fn awaited(&self, feeds: &[Vec<u32>]) -> Option<OneClock> {
        let routing = self.routing.as_ref();
        if routing.is_some_and(|routing| routing.loses) {
            return None;
        }
        let sides = |station: usize| {
            let feeds = (0..).zip(feeds);
            let feeds = feeds.filter(move |(_, to)| to.contains(&(station as u32)));
            feeds.map(|(from, _): (usize, _)| from)
        };
        let limited = |station: usize| self.stages[station].places().is_some();
        let looks = |station: usize| !self.stages[station].join.is_empty();
        for (station, stage) in self.stages.iter().enumerate() {
            let name = || stage.name.clone();
            let Some(side) = sides(station).next().filter(|_| limited(station)) else {
                continue;
            };
            if self.blocking == Blocking::BeforeService {
                return Some(OneClock::Reserved(name()));
            }
            if self.enters(station) || sides(station).count() > 1 {
                return Some(OneClock::Buffer(name()));
            }
            // Customers who may leave when a customer balks here.
            let mut leaves = Some(side).filter(|_| looks(station));
            while let Some(at) = leaves {
                let side = sides(at).next();
                if looks(at) && side.is_some() {
                    return Some(OneClock::Join(name()));
                }
                leaves = side.filter(|_| limited(at));
            }
        }
        None
    }

    /// Whether customers enter at a station.
    fn enters(&self, station: usize) -> bool {
        self.routing.as_ref().map_or(station == 0, |routing| {
            let mut entries = routing.courses.iter().map(|course| course.enter);
            entries.any(|enter| enter == Some(station as u32))
        })
    }

    /// The number of the loop of each station; none if no customer can return to it.
    #[must_use]
    pub fn loops(&self) -> Vec<Option<u32>> {
        loops(&self.ways())
    }

    /// For each station those to which customers can go from there.
    fn ways(&self) -> Vec<Vec<u32>> {
        let count = self.stages.len() as u32;
        match &self.routing {
            Some(routing) => ways(routing, self.stages.len()),
            None => (1..=count)
                .map(|next| Vec::from_iter((next < count).then_some(next)))
                .collect(),
        }
    }
}

/// Whether a service may take no time: endlessly at one instant, if customers never run out.
fn is_instant(stage: &Stage) -> bool {
    let mut laws = stage.laws_of_customers().into_iter();
    laws.any(|(key, law, _)| key == "service" && law.may_be_zero())
}

/// Whether a server may fail, or be repaired, in no time: an instant may then never end.
fn fails_at_once(stage: &Stage) -> bool {
    let faults = stage.faults.as_ref();
    faults.is_some_and(|faults| faults.every.may_be_zero() || faults.repair.may_be_zero())
}

impl Stage {
    /// Whether no server is on duty from some time on, so that customers may be left.
    #[must_use]
    pub fn closes(&self) -> bool {
        match &self.servers {
            Servers::Plan(plan) if plan.repeat.is_none() => {
                plan.pieces.last().is_some_and(|piece| piece.count == 0)
            }
            _ => false,
        }
    }

    /// Whether a service may take longer than any time between two faults, each of which restarts it.
    fn may_restart_for_ever(&self) -> bool {
        let faults = self.faults.as_ref();
        let Some(faults) = faults.filter(|faults| faults.work == FaultWork::Restart) else {
            return false;
        };
        let (_, apart) = faults.every.support();
        let fastest = self.speeds.iter().copied().reduce(f64::max).unwrap_or(1.0);
        let laws = self.laws_of_customers().into_iter();
        let mut services = laws.filter(|(key, ..)| *key == "service");
        services.any(|(_, law, _)| law.support().1 / fastest > apart)
    }

    /// Whether servers come and go for ever, with or without customers.
    #[must_use]
    pub fn comes_and_goes(&self) -> bool {
        let faults = self.faults.as_ref();
        faults.is_some_and(|faults| faults.clock == FaultClock::Calendar)
            || matches!(&self.servers, Servers::Plan(plan) if plan.repeat.is_some())
    }
}

/// Whether a rule depends on the numbers at stations.
fn asks_numbers(next: &Next) -> bool {
    match next {
        Next::Shortest(_) => true,
        Next::ByClass(by_class) => by_class.rules.iter().any(asks_numbers),
        _ => false,
    }
}

fn ways(routing: &Routing, stations: usize) -> Vec<Vec<u32>> {
    let mut seen = BTreeSet::new();
    let mut feeds = vec![BTreeSet::new(); stations];
    let entries = routing.courses.iter().enumerate();
    let mut open: Vec<Stop> = entries
        .filter_map(|(class, course)| {
            Some(Stop {
                station: course.enter? as usize,
                class,
                stop: 0,
            })
        })
        .collect();
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        for (to, stop, _) in routing.onward(at) {
            if let To::Station(to) = to {
                feeds[at.station].insert(to);
                open.push(stop);
            }
        }
    }
    feeds
        .into_iter()
        .map(|to| to.into_iter().collect())
        .collect()
}

/// The number of the loop of each station; none if no customer can return to it. Two stations are on one loop if
/// customers can go from each to the other (Tarjan 1972).
fn loops(ways: &[Vec<u32>]) -> Vec<Option<u32>> {
    const UNSEEN: usize = usize::MAX;
    let mut seen = vec![UNSEEN; ways.len()];
    let mut earliest = vec![0; ways.len()];
    let mut loops = vec![None; ways.len()];
    let mut done = vec![false; ways.len()];
    let (mut count, mut path, mut open) = (0, Vec::new(), Vec::new());
    for first in 0..ways.len() {
        if seen[first] == UNSEEN {
            open.push((first, 0));
        }
        while let Some((station, at)) = open.pop() {
            if at == 0 {
                (seen[station], earliest[station]) = (count, count);
                count += 1;
                path.push(station);
            }
            if let Some(&next) = ways[station].get(at) {
                open.push((station, at + 1));
                let next = next as usize;
                if seen[next] == UNSEEN {
                    open.push((next, 0));
                } else if !done[next] {
                    earliest[station] = earliest[station].min(seen[next]);
                }
                continue;
            }
            if let Some(&(before, _)) = open.last() {
                earliest[before] = earliest[before].min(earliest[station]);
            }
            if earliest[station] == seen[station] {
                let start = path.iter().rposition(|&other| other == station);
                let together = path.split_off(start.expect("it is on the path"));
                let alone = together.len() == 1 && !ways[station].contains(&(station as u32));
                for other in together {
                    done[other] = true;
                    loops[other] = (!alone).then_some(station as u32);
                }
            }
        }
    }
    loops
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stations_on_one_loop_can_reach_each_other() {
        let mut drawn = 1_u64;
        for turn in 0..2000_usize {
            let (count, mut ways) = (turn % 7 + 1, Vec::new());
            for _ in 0..count {
                let mut next = || {
                    drawn = drawn
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (drawn >> 33) as usize
                };
                ways.push(Vec::from_iter(
                    (0..next() % 3).map(|_| (next() % count) as u32),
                ));
            }
            // By transitive closure of the relation.
            let mut reaches = vec![vec![false; count]; count];
            for (from, ways) in ways.iter().enumerate() {
                ways.iter()
                    .for_each(|&to| reaches[from][to as usize] = true);
            }
            for over in 0..count {
                for from in 0..count {
                    for to in 0..count {
                        reaches[from][to] |= reaches[from][over] && reaches[over][to];
                    }
                }
            }
            let found = loops(&ways);
            for (one, at) in found.iter().enumerate() {
                assert_eq!(at.is_some(), reaches[one][one], "{ways:?}");
                for (other, there) in found.iter().enumerate() {
                    let together = reaches[one][other] && reaches[other][one];
                    assert_eq!(at.is_some() && at == there, together, "{ways:?}");
                }
            }
        }
    }
}
