//! Stations that can run ahead of each other, and the parts of a line or network that need one clock.
//!
//! A station can run ahead of the others where all it needs to know is who comes and when: it then goes by its inputs
//! alone, as a stage of a pipeline does. Loops, places that others wait for, choices by the number at another station,
//! limits of the whole system and measures of all stations together need a clock that all of them keep.

use super::{LineArrivals, Next, Routing, Servers, Stage, Stop, Tandem, To};
use std::collections::BTreeSet;
use std::fmt;

/// The most stations of a pipeline. With so many, whatever happens at one instant has come to an end long before the
/// rounds of an instant run out, which a station by itself could not notice.
const STATIONS_MAX: usize = 100;

/// A reason to keep the stations of a line or network on one clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneClock {
    /// Customers can return to this station.
    Loop(String),
    /// This station has a finite buffer, and customers wait elsewhere for its places.
    Buffer(String),
    /// Customers leave this station for the one with the fewest customers.
    Shortest(String),
    /// Servers of this station may fail again at the instant at which they have been repaired.
    Faults(String),
    /// No server of this station comes on duty again after the end of its plan.
    Plan(String),
    /// Customers are there from the beginning and stay.
    Population,
    /// Customers are made when a service can begin.
    Saturated,
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
            OneClock::Buffer(station) => write!(f, "customers wait for places at `{station}`"),
            OneClock::Shortest(station) => {
                write!(f, "`{station}` sends customers where the fewest are")
            }
            OneClock::Faults(station) => {
                write!(f, "servers of `{station}` may fail again at once")
            }
            OneClock::Plan(station) => {
                write!(f, "all servers of `{station}` leave for good")
            }
            OneClock::Population => f.write_str("a population stays"),
            OneClock::Saturated => f.write_str("arrivals are saturated"),
            OneClock::SystemCapacity => f.write_str("`system_capacity` counts everybody"),
            OneClock::Intervals => f.write_str("`report.interval` counts everybody"),
            OneClock::Stations(count) => write!(f, "there are {count} stations"),
        }
    }
}

impl Tandem {
    /// For each station the stations that it feeds, in order, where all stations can run ahead of each other; what
    /// needs one clock otherwise. A plain line has a pipeline of its own.
    ///
    /// # Errors
    /// The part that needs one clock.
    pub fn feeds(&self) -> Result<Vec<Vec<u32>>, OneClock> {
        if self.has_population() {
            return Err(OneClock::Population);
        }
        if self.arrivals == LineArrivals::Saturated {
            return Err(OneClock::Saturated);
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
            if fails_at_once(stage) {
                return Err(OneClock::Faults(name(station)));
            }
            if leaves_for_good(stage) {
                return Err(OneClock::Plan(name(station)));
            }
            let next = routing.and_then(|routing| routing.links[station].next.as_ref());
            if next.is_some_and(asks_numbers) {
                return Err(OneClock::Shortest(name(station)));
            }
        }
        let feeds = match routing {
            Some(routing) => ways(routing, self.stages.len()),
            None => (1..=self.stages.len() as u32)
                .map(|next| Vec::from_iter((next < self.stages.len() as u32).then_some(next)))
                .collect(),
        };
        if let Some(station) = returning(&feeds) {
            return Err(OneClock::Loop(name(station)));
        }
        let loses = routing.is_some_and(|routing| routing.loses);
        let awaited = feeds.iter().flatten().map(|&station| station as usize);
        let mut limited = awaited.filter(|&station| self.stages[station].places().is_some());
        match limited.next().filter(|_| !loses) {
            Some(station) => Err(OneClock::Buffer(name(station))),
            None => Ok(feeds),
        }
    }
}

/// Whether a server may fail, or be repaired, in no time: an instant may then have no end.
fn fails_at_once(stage: &Stage) -> bool {
    let faults = stage.faults.as_ref();
    faults.is_some_and(|faults| faults.every.may_be_zero() || faults.repair.may_be_zero())
}

/// Whether nobody is on duty from some time on, so that customers may be left over.
fn leaves_for_good(stage: &Stage) -> bool {
    match &stage.servers {
        Servers::Plan(plan) if plan.repeat.is_none() => {
            plan.pieces.last().is_some_and(|piece| piece.count == 0)
        }
        _ => false,
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

/// For each station those to which customers can go from there.
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

/// A station to which customers can return, if there is one.
fn returning(feeds: &[Vec<u32>]) -> Option<usize> {
    (0..feeds.len()).find(|&first| {
        let mut seen = vec![false; feeds.len()];
        let mut open = vec![first];
        while let Some(station) = open.pop() {
            for &next in &feeds[station] {
                if next as usize == first {
                    return true;
                }
                if !std::mem::replace(&mut seen[next as usize], true) {
                    open.push(next as usize);
                }
            }
        }
        false
    })
}
