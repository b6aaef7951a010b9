//! What happens: one instant after another, in rounds of six phases.

mod arrivals;
mod begins;
mod calendar;
mod ends;
mod places;
mod routes;
mod work;

use super::{
    Blocking, Customer, Discipline, Doing, Ends, Faults, Flow, History, Horizon, Outcome, Past,
    Preemption, Source, Spec, StationSpec, Visit, Work,
};
use std::collections::{BTreeMap, VecDeque};

/// Runs a system until it is empty, or until it stops.
///
/// # Panics
/// If it has more rounds at one instant than could be meant, too few draws, or no end.
pub(crate) fn simulate(spec: &Spec) -> Past {
    simulate_within(spec, 1_000_000).expect("it comes to an end")
}

/// Runs a system that comes to an end within so many instants.
pub(crate) fn simulate_within(spec: &Spec, instants: usize) -> Option<Past> {
    let mut system = System::new(spec);
    system.instant();
    let mut passed = 0;
    while system.deadlocked.is_none() && system.goes_on() {
        passed += 1;
        if passed > instants || system.endless {
            return None;
        }
        let Some(next) = system.next_instant() else {
            if system.present > 0 && !spec.stop {
                let there = |station: &usize| {
                    let mut visits = system.visits.iter();
                    visits.any(|live| live.at != At::Gone && live.visit.station == *station)
                };
                let stations = (0..system.stations.len()).filter(there);
                system.deadlocked = Some((system.now, stations.collect()));
            }
            break;
        };
        if spec.stop && next > system.until() {
            break;
        }
        system.now = next;
        system.instant();
    }
    (!system.endless).then(|| system.past())
}

/// Where a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Waiting,
    SetUp,
    Service,
    /// Where servers are shared, the service is over and nothing is decided yet.
    Ended,
    Blocked,
    Gone,
}

/// A visit that is going on.
struct Live {
    visit: Visit,
    at: At,
    priority: i64,
    /// The order of arrival among all visits.
    arrived: usize,
    deadline: f64,
    /// The order of the first begin among all visits.
    began: Option<usize>,
    /// Whether it was cut off and waits again.
    cut_off: bool,
    work: f64,
    left: f64,
    setup_left: f64,
    /// When the piece of set-up or service going on began, and will end; infinite where none goes on.
    resumed: f64,
    end: f64,
    /// The station where a place is reserved.
    reserved: Option<usize>,
    /// Where servers are shared, the service given to one always there at which this one ends.
    v_end: f64,
    /// The time and round in which it ended.
    ended: Option<(f64, usize)>,
}

struct Server {
    holder: Option<usize>,
    on_duty: bool,
    down: bool,
    slowed: bool,
    idle_since: f64,
    set_for: Option<usize>,
    /// Which draw of the time to the next fault counts.
    fault: usize,
    next_fault: Option<f64>,
    /// The time served since the clock of faults began anew.
    served: f64,
    failed_at: f64,
    repair_end: Option<f64>,
}

/// A station as it is.
struct Here {
    servers: Vec<Server>,
    /// Those without a server, cut-off ones included.
    waiting: Vec<usize>,
    /// Those in service where servers are unlimited.
    served: Vec<usize>,
    /// Promised places: to those on the way and by reservation.
    promised: usize,
    /// Those blocked for this station, in the order in which they were blocked.
    blocked: VecDeque<usize>,
    choices: usize,
    repairing: usize,
    /// Servers that wait for a crew.
    broken: Vec<usize>,
    history: History,
    /// Where servers are shared: the service given to one who is always there, and up to when.
    v: f64,
    v_at: f64,
}

struct System<'a> {
    spec: &'a Spec,
    now: f64,
    round: usize,
    /// Whether the round changed anything.
    moved: bool,
    /// Those still to come from outside, latest first.
    outside: Vec<(f64, usize)>,
    customers: Vec<Customer>,
    visits: Vec<Live>,
    /// Customers between stations, each with the next, in the order of leaving.
    transit: Vec<(usize, usize)>,
    stations: Vec<Here>,
    begun: usize,
    present: usize,
    /// The class of each customer now, and the number of stations it has been sent to.
    class: Vec<usize>,
    stops: Vec<usize>,
    /// How often each list was taken in turn, by station and list.
    turns: BTreeMap<(usize, usize), usize>,
    /// The order in which visits were blocked.
    blocked_at: BTreeMap<usize, usize>,
    deadlocked: Option<(f64, Vec<usize>)>,
    swaps: usize,
    /// Whether an instant had more rounds than could be meant.
    endless: bool,
}

impl<'a> System<'a> {
    fn new(spec: &'a Spec) -> System<'a> {
        let mut system = System {
            spec,
            now: 0.0,
            round: 0,
            moved: false,
            outside: outside(spec),
            customers: Vec::new(),
            visits: Vec::new(),
            transit: Vec::new(),
            stations: spec.stations.iter().map(Here::new).collect(),
            begun: 0,
            present: 0,
            class: Vec::new(),
            stops: Vec::new(),
            turns: BTreeMap::new(),
            blocked_at: BTreeMap::new(),
            deadlocked: None,
            swaps: 0,
            endless: false,
        };
        system.note();
        system
    }

    fn until(&self) -> f64 {
        match self.spec.horizon {
            Horizon::Until(until) => until,
            Horizon::Customers(_) => f64::INFINITY,
        }
    }

    /// Whether anybody is there or will come.
    fn goes_on(&self) -> bool {
        self.spec.stop || self.present > 0 || !self.outside.is_empty() || self.may_enter()
    }

    /// Whether a saturated first station takes one more customer now.
    fn may_enter(&self) -> bool {
        match (&self.spec.source, self.spec.horizon) {
            (Source::Flows(_), _) => false,
            (Source::Saturated(_), Horizon::Customers(most)) => self.customers.len() < most,
            (Source::Saturated(_), Horizon::Until(until)) => self.now <= until,
        }
    }

    /// The next instant at which anything is due.
    fn next_instant(&self) -> Option<f64> {
        let mut due: Vec<f64> = self
            .outside
            .last()
            .map(|&(time, _)| time)
            .into_iter()
            .collect();
        for live in &self.visits {
            due.push(live.end);
            if live.at == At::Waiting && live.began.is_none() {
                due.push(live.deadline);
            }
        }
        for (station, here) in self.stations.iter().enumerate() {
            for server in 0..here.servers.len() {
                due.extend(here.servers[server].repair_end);
                due.extend(self.fault_due(station, server));
            }
            due.extend(next_change(&self.spec.stations[station], self.now));
        }
        let later = due.into_iter().filter(|&time| time > self.now);
        later.reduce(f64::min).filter(|time| time.is_finite())
    }

    /// All rounds of an instant.
    fn instant(&mut self) {
        self.round = 0;
        loop {
            self.moved = false;
            for phase in [
                Self::ends,
                Self::come_up,
                Self::go_down,
                Self::arrivals,
                Self::begins,
                Self::patience,
            ] {
                phase(self);
                self.note();
            }
            if !self.moved {
                let stuck = match &self.spec.routes {
                    Some(_) => self.deadlock(),
                    None => Vec::new(),
                };
                if stuck.is_empty() {
                    return;
                }
                if !self.spec.routes.as_ref().is_some_and(|routes| routes.swaps) {
                    self.deadlocked = Some((self.now, stuck));
                    return;
                }
                self.swap(&stuck);
                self.note();
                continue;
            }
            self.round += 1;
            let most = 1000 + 10 * self.customers.len();
            if self.round > most {
                self.endless = true;
                return;
            }
        }
    }

    fn faults(&self, station: usize) -> &'a Faults {
        let faults = self.spec.stations[station].faults.as_ref();
        faults.expect("only what has faults fails")
    }

    /// The station and the customer (from 0) of a visit.
    fn place(&self, v: usize) -> (usize, usize) {
        let visit = &self.visits[v].visit;
        (visit.station, visit.customer - 1)
    }

    /// The server a visit holds, from 0.
    fn holds(&self, v: usize) -> Option<usize> {
        let (station, _) = self.place(v);
        let mut servers = self.stations[station].servers.iter();
        servers.position(|one| one.holder == Some(v))
    }

    fn path(&self, customer: usize) -> Vec<usize> {
        let all = || (0..self.stations.len()).collect();
        self.spec.paths.get(customer).cloned().unwrap_or_else(all)
    }

    /// Where a customer goes after the visit it is in.
    fn next_station(&mut self, v: usize) -> Option<usize> {
        if self.spec.routes.is_some() {
            return self.routed(v);
        }
        let (_, customer) = self.place(v);
        let visits = self.visits.iter();
        let visits = visits.filter(|live| live.visit.customer == customer + 1);
        self.path(customer).get(visits.count()).copied()
    }

    /// Writes the history.
    fn note(&mut self) {
        let visits = &self.visits;
        for here in &mut self.stations {
            here.history.servers.resize(here.servers.len(), Vec::new());
            for (server, one) in here.servers.iter().enumerate() {
                let doing = one.doing(|v| visits[v].at);
                changed(&mut here.history.servers[server], self.now, doing);
            }
            changed(&mut here.history.queue, self.now, here.waiting.len());
            let served = here.served.iter().filter(|&&v| visits[v].at != At::Blocked);
            changed(&mut here.history.in_service, self.now, served.count());
            let served = here.served.iter().filter(|&&v| visits[v].at == At::Service);
            let sharing = served.count();
            let blocked = here.served.len() - sharing;
            changed(&mut here.history.sharing, self.now, (sharing, blocked));
        }
    }

    fn past(mut self) -> Past {
        if self.spec.stop && self.deadlocked.is_none() {
            self.now = self.until();
        }
        for v in 0..self.visits.len() {
            if self.visits[v].at != At::Blocked {
                self.pause(v);
            }
        }
        let mut visits = self.visits;
        visits.sort_by(|a, b| {
            let key = |live: &Live| {
                let (time, round) = live.ended.unwrap_or((f64::INFINITY, 0));
                let station = live.ended.map_or(0, |_| live.visit.station);
                (time, round, station, live.visit.customer)
            };
            key(a).partial_cmp(&key(b)).expect("numbers")
        });
        let left = self.customers.iter().filter_map(|customer| customer.left);
        Past {
            clock: if self.spec.stop || self.deadlocked.is_some() {
                self.now
            } else {
                left.fold(0.0, f64::max)
            },
            visits: visits.into_iter().map(|live| live.visit).collect(),
            customers: self.customers,
            stations: self.stations.into_iter().map(|here| here.history).collect(),
            deadlocked: self.deadlocked,
            swaps: self.swaps,
        }
    }
}

impl Here {
    fn new(spec: &StationSpec) -> Here {
        let count = planned(spec, 0.0);
        let server = |server: usize| {
            let mut one = Server {
                holder: None,
                on_duty: server < count,
                down: false,
                slowed: false,
                idle_since: 0.0,
                set_for: None,
                fault: 0,
                next_fault: None,
                served: 0.0,
                failed_at: 0.0,
                repair_end: None,
            };
            if let Some(faults) = spec.faults.as_ref().filter(|faults| !faults.busy) {
                one.next_fault = Some(every(faults, server, &one));
            }
            one
        };
        Here {
            servers: (0..if spec.shared {
                0
            } else {
                spec.servers.unwrap_or(0)
            })
                .map(server)
                .collect(),
            waiting: Vec::new(),
            served: Vec::new(),
            promised: 0,
            blocked: VecDeque::new(),
            choices: 0,
            repairing: 0,
            broken: Vec::new(),
            history: History::default(),
            v: 0.0,
            v_at: 0.0,
        }
    }
}

impl Server {
    /// Whether it can be taken.
    fn is_free(&self) -> bool {
        self.holder.is_none() && self.on_duty && !self.down
    }

    fn doing(&self, at: impl Fn(usize) -> At) -> Doing {
        match self.holder.map(at) {
            Some(At::Blocked) => Doing::Blocked,
            Some(_) if self.down => Doing::DownWithWork,
            Some(At::SetUp) => Doing::SetUp,
            Some(_) => Doing::Busy,
            None if !self.on_duty => Doing::Off,
            None if self.down => Doing::Down,
            None => Doing::Idle,
        }
    }
}

/// The time to the next fault of a server.
fn every(faults: &Faults, server: usize, one: &Server) -> f64 {
    let lengths = &faults.every[server];
    lengths[one.fault % lengths.len()]
}

/// How many servers a plan has on duty at an instant.
fn planned(spec: &StationSpec, now: f64) -> usize {
    let all = spec.servers.unwrap_or(0);
    let Some(plan) = &spec.plan else {
        return all;
    };
    let since = match plan.repeat {
        Some(repeat) => now - (now / repeat).floor() * repeat,
        None => now,
    };
    let mut begun = plan.pieces.iter().rev();
    let piece = begun.find(|(from, _)| *from <= since);
    piece.expect("the first piece begins at 0").1
}

/// The next instant of a plan after `now`.
fn next_change(spec: &StationSpec, now: f64) -> Option<f64> {
    let plan = spec.plan.as_ref()?;
    let starts: Vec<f64> = match plan.repeat {
        Some(repeat) => {
            let base = (now / repeat).floor() * repeat;
            vec![base, base + repeat]
        }
        None => vec![0.0],
    };
    let all = starts
        .iter()
        .flat_map(|start| plan.pieces.iter().map(move |(from, _)| start + from));
    all.filter(|&at| at > now).reduce(f64::min)
}

/// Those who come from outside, latest first, each with its class.
fn outside(spec: &Spec) -> Vec<(f64, usize)> {
    let mut all = entering(spec);
    all.reverse();
    all
}

/// Those who come from outside in the order of their numbers, each with its class.
pub(crate) fn entering(spec: &Spec) -> Vec<(f64, usize)> {
    let Source::Flows(flows) = &spec.source else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (flow, Flow { arrivals, .. }) in flows.iter().enumerate() {
        for (time, classes) in arrivals {
            all.extend(classes.iter().map(|&class| (*time, flow, class)));
        }
    }
    // At one instant the flows come in their order; each flow is in order already.
    all.sort_by(|a, b| {
        (a.0, a.1)
            .partial_cmp(&(b.0, b.1))
            .expect("times are numbers")
    });
    match spec.horizon {
        Horizon::Customers(most) => all.truncate(most),
        Horizon::Until(until) => all.retain(|&(time, ..)| time <= until),
    }
    all.into_iter()
        .map(|(time, _, class)| (time, class))
        .collect()
}

/// Adds to a history what is new.
fn changed<T: PartialEq>(history: &mut Vec<(f64, T)>, now: f64, value: T) {
    if history.last().is_none_or(|(_, last)| *last != value) {
        history.push((now, value));
    }
}
