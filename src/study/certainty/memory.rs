//! The number of customers over which waits are correlated, from the scenario alone.
//!
//! A queue that no customer leaves has the memory of heavy traffic ([`relaxation`]; for an M/M/1 at load 0.8 it is
//! 82 customers by the exact formula and 100 by this one); it is longer if services vary more than exponential
//! ones. The order of service does not change the amount of work present, so priorities and disciplines do not
//! matter. If customers give up or are rejected, the queue forgets sooner than otherwise, and at any load: in about
//! the time for which they wait.

use crate::random::Law;
use crate::scenario::{
    Arrivals, Class, Desk, DeskArrivals, Discipline, FaultWork, LineArrivals, PerClass, Preemption,
    Servers, Service, Stage, StageFaults, Tandem, entering, traffic,
};
use crate::theory::relaxation;

/// The memory of a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Memory {
    /// About this many customers.
    Customers(f64),
    /// It has a memory, but there is no formula for it here.
    Unknown,
    /// Its parts are not alike, for this reason.
    NotAlike(&'static str),
}

const CHANGING: &str =
    "arrivals are recorded or change with time, so that the parts of the run are not alike";
const STAYING: &str = "customers who never leave have no wait that is over";
const BUSY_DAY: &str = "a run is one day, busy or calm, and says nothing of the others";
const PLANNED: &str = "servers come and go by plan, so that the parts of the run are not alike";
const HEAVY: &str = "services or repairs are now and then so long that waits have no variance";
pub(super) const OVERLOAD: &str =
    "waits grow for as long as it goes on, and there is no steady state to know the mean of";

/// A stream of customers, or of services.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Stream {
    rate: f64,
    /// The variance of the number of arrivals in a long time, over its mean.
    dispersion: f64,
}

/// A queue in the heavy-traffic approximation.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    arrivals: Stream,
    /// Mean and squared coefficient of variation of a server's time per customer.
    service: (f64, f64),
    servers: f64,
    /// The number of arrivals during the longest mean patience, if every customer gives up after some time.
    patience: Option<f64>,
    /// The maximum number in the system, if customers who find no place are lost.
    places: Option<f64>,
    /// Whether fewer customers arrive than `arrivals`, since some were lost before.
    is_thinned: bool,
}

impl Node {
    fn load(&self) -> f64 {
        self.arrivals.rate * self.service.0 / self.servers
    }

    /// Whether some arrivals are not served.
    fn loses(&self) -> bool {
        self.patience.is_some() || self.places.is_some()
    }

    /// Its memory; none if it has no steady state. Services that vary more than exponential ones are now and then
    /// very long, and a run without such a service seems calm, so that its interval misses the mean too often: in a
    /// measurement at s = 9, in one run out of nine. So s^2 times as many customers are asked for.
    fn memory(&self) -> Option<f64> {
        let s = self.service.1;
        let (spread, rare) = (self.arrivals.dispersion + s, s.max(1.0).powi(2));
        // If nothing varies, a queue at load exactly 1 does not grow.
        let stands = spread == 0.0 && self.load() == 1.0;
        if self.load() >= 1.0 && !self.loses() && !stands {
            return None;
        }
        if spread == 0.0 {
            return Some(1.0);
        }
        let patience = self
            .patience
            .map(|customers| spread * (customers + self.servers));
        let places = self
            .places
            .map(|places| relaxation::bounded(places, spread) + spread);
        let free = relaxation::free(self.load(), spread);
        let least = patience.into_iter().chain(places).fold(free, f64::min);
        Some((least * rare).max(1.0))
    }
}

/// The largest memory of these queues.
fn greatest(queues: impl Iterator<Item = Node>) -> Memory {
    let mut greatest: f64 = 1.0;
    for queue in queues {
        match queue.memory() {
            Some(memory) => greatest = greatest.max(memory),
            None if queue.is_thinned => return Memory::Unknown,
            None => return Memory::NotAlike(OVERLOAD),
        }
    }
    // Moments may not exist.
    match greatest.is_finite() {
        true => Memory::Customers(greatest),
        false => Memory::Unknown,
    }
}

/// Mean and squared coefficient of variation of draws from one of these laws, chosen by weight.
fn mixed<'a>(laws: impl Iterator<Item = (f64, &'a Law)>) -> (f64, f64) {
    let (mut weight, mut first, mut second) = (0.0, 0.0, 0.0);
    for (share, law) in laws.filter(|(share, _)| *share > 0.0) {
        let mean = law.mean();
        weight += share;
        first += share * mean;
        second += share * (law.variance() + mean * mean);
    }
    match first > 0.0 {
        true => (first / weight, weight * second / (first * first) - 1.0),
        false => (0.0, 0.0),
    }
}

/// Customers who arrive in batches at the points of a renewal process.
fn renewal(gap: &Law, batch: Option<&Law>) -> Stream {
    let (size, of_size) = batch.map_or((1.0, 0.0), |law| (law.mean(), law.variance()));
    Stream {
        rate: size / gap.mean(),
        dispersion: size * gap.cv2() + of_size / size,
    }
}

/// The superposition of these streams.
fn superposed(streams: impl Iterator<Item = Stream>) -> Stream {
    let mut all = Stream::default();
    for stream in streams {
        all.rate += stream.rate;
        all.dispersion += stream.rate * stream.dispersion;
    }
    all.dispersion /= all.rate;
    all
}

/// A server's time for a customer, including repairs during it (Hopp and Spearman 2008, *Factory Physics*, 8.4).
fn held_up((mean, cv2): (f64, f64), every: &Law, repair: &Law) -> (f64, f64) {
    let (gap, down) = (every.mean(), repair.mean());
    let longer = mean * (1.0 + down / gap);
    let variance = cv2 * longer * longer + mean / gap * (repair.variance() + down * down);
    (longer, variance / (longer * longer))
}

pub(super) fn of_line(line: &Tandem) -> Memory {
    let changes = |arrivals: &LineArrivals| {
        matches!(
            arrivals,
            LineArrivals::Rates(_) | LineArrivals::Times(_) | LineArrivals::Recorded { .. }
        )
    };
    let flows = match &line.arrivals {
        LineArrivals::PerClass(flows) => flows.as_slice(),
        _ => &[],
    };
    let stays = |arrivals: &LineArrivals| matches!(arrivals, LineArrivals::Population(_));
    if !flows.is_empty() && flows.iter().all(|flow| stays(&flow.arrivals)) {
        return Memory::NotAlike(STAYING);
    }
    if changes(&line.arrivals) || flows.iter().any(|flow| changes(&flow.arrivals)) {
        return Memory::NotAlike(CHANGING);
    }
    if line.busy_day.is_some() {
        return Memory::NotAlike(BUSY_DAY);
    }
    let is_planned = |stage: &Stage| matches!(stage.servers, Servers::Plan(_));
    if line.stages.iter().any(is_planned) {
        return Memory::NotAlike(PLANNED);
    }
    let limited = |stage: &&Stage| stage.servers != Servers::Unlimited;
    let mut limited = line.stages.iter().filter(limited);
    let is_heavy = |stage: &Stage| {
        let repair = stage.faults.as_ref().map(|faults| &faults.repair);
        stage.service.laws().chain(repair).any(has_no_third_moment)
    };
    if limited.any(is_heavy) {
        return Memory::NotAlike(HEAVY);
    }
    let all = match &line.arrivals {
        LineArrivals::Renewal(gap) => renewal(gap, line.batch.as_ref()),
        LineArrivals::PerClass(_) => {
            let streams = flows.iter().filter_map(|flow| match &flow.arrivals {
                LineArrivals::Renewal(gap) => Some(renewal(gap, flow.batch.as_ref())),
                _ => None,
            });
            superposed(streams)
        }
        _ => return Memory::Unknown,
    };
    let stays =
        |arrivals: &LineArrivals| *arrivals != LineArrivals::Population(0) && stays(arrivals);
    if flows.iter().any(|flow| stays(&flow.arrivals)) || !line.stages.iter().all(is_known) {
        return Memory::Unknown;
    }
    match line.routing {
        Some(_) => of_network(line, all),
        None => of_series(line, all),
    }
}

fn has_no_third_moment(law: &Law) -> bool {
    !law.third_moment().is_finite()
}

/// Whether the work of a stage, and the time customers stay in its queue, is known without a run.
fn is_known(stage: &Stage) -> bool {
    let goes_on = |faults: &StageFaults| {
        faults.crew.is_none() && faults.slow.is_none() && faults.work == FaultWork::Resume
    };
    stage.setup == PerClass::Same(None)
        && stage.preemption != Preemption::Restart
        && stage.discipline != Discipline::ProcessorSharing
        && stage.join.is_empty()
        && stage.faults.as_ref().is_none_or(goes_on)
}

/// The queue of a stage with this many customers of each class per unit of time; none if its servers are unlimited.
fn at_stage(stage: &Stage, arrivals: Stream, classes: &[f64]) -> Option<Node> {
    let servers = f64::from(stage.servers.most()?);
    let own = match &stage.service {
        Service::PerClass(laws) => {
            let rates = classes.iter().enumerate();
            mixed(rates.map(|(class, &rate)| (rate, laws.of(class))))
        }
        Service::PerServer(laws) => mixed(laws.iter().map(|law| (1.0, law))),
    };
    let speed = |server: usize| stage.speeds.get(server).copied().unwrap_or(1.0);
    let mean = match &stage.service {
        Service::PerClass(_) => {
            let speeds = (0..servers as usize).map(speed);
            own.0 * servers / speeds.sum::<f64>()
        }
        // The combined pace of servers of different speed.
        Service::PerServer(laws) => {
            let paces = laws.iter().enumerate();
            let paces = paces.map(|(server, law)| speed(server) / law.mean());
            servers / paces.sum::<f64>()
        }
    };
    let own = (mean, own.1);
    let service = match &stage.faults {
        Some(faults) => held_up(own, &faults.every, &faults.repair),
        None => own,
    };
    let patience = stage.patience.all().map(Option::as_ref);
    Some(Node {
        arrivals,
        service,
        servers,
        patience: longest(patience).map(|longest| arrivals.rate * longest),
        places: stage.places().map(|places| places as f64),
        is_thinned: false,
    })
}

/// The longest mean patience, if every customer gives up after some time.
fn longest<'a>(patience: impl Iterator<Item = Option<&'a Law>>) -> Option<f64> {
    let laws: Option<Vec<&Law>> = patience.collect();
    laws.map(|laws| laws.iter().map(|law| law.mean()).fold(0.0, f64::max))
}

/// The memory of stages in series.
fn of_series(line: &Tandem, mut arrivals: Stream) -> Memory {
    // A stage that waits for places in the next has a load of its own.
    if line.stages[1..].iter().any(|stage| stage.buffer.is_some()) {
        return Memory::Unknown;
    }
    let classes = entering(line);
    let mut queues = Vec::new();
    let mut is_thinned = false;
    for stage in &line.stages {
        let queue = at_stage(stage, arrivals, &classes);
        let queue = queue.map(|queue| Node {
            is_thinned,
            ..queue
        });
        queues.extend(queue);
        if let Some(queue) = queue {
            is_thinned |= queue.loses();
            // The variability of departures from the stage (Whitt 1983, "The queueing network analyzer").
            let square = queue.load().min(1.0).powi(2);
            let out = &mut arrivals.dispersion;
            *out = 1.0
                + (1.0 - square) * (*out - 1.0)
                + square * (queue.service.1 - 1.0) / queue.servers.sqrt();
        }
        arrivals.rate *= 1.0 - stage.scrap;
    }
    greatest(queues.into_iter())
}

/// The memory of stations: the arrivals at each are taken to vary as much as those from outside, or as a Poisson
/// process.
fn of_network(line: &Tandem, all: Stream) -> Memory {
    let Some(routing) = &line.routing else {
        return Memory::Unknown;
    };
    if !routing.loses && line.stages.iter().any(|stage| stage.buffer.is_some()) {
        return Memory::Unknown;
    }
    let traffic = traffic(line, routing, &entering(line));
    let queues = line
        .stages
        .iter()
        .enumerate()
        .filter_map(|(station, stage)| {
            let mut classes = vec![0.0; line.class_count()];
            for (stop, rate) in traffic.iter().filter(|(stop, _)| stop.station == station) {
                classes[stop.class] += rate;
            }
            let arrivals = Stream {
                rate: classes.iter().sum(),
                dispersion: all.dispersion.max(1.0),
            };
            at_stage(stage, arrivals, &classes).filter(|_| arrivals.rate > 0.0)
        });
    let queues: Vec<Node> = queues.collect();
    let is_thinned = routing.system_capacity.is_some() || queues.iter().any(|queue| queue.loses());
    let queues = queues.into_iter();
    greatest(queues.map(|queue| Node {
        is_thinned,
        ..queue
    }))
}

pub(super) fn of_desk(desk: &Desk) -> Memory {
    let changes = |arrivals: &Arrivals| matches!(arrivals, Arrivals::Rates(_) | Arrivals::Times(_));
    let own = desk
        .classes
        .iter()
        .filter_map(|class| class.arrivals.as_ref());
    let changes = match &desk.arrivals {
        DeskArrivals::Recorded(_) => true,
        DeskArrivals::Shared(arrivals) => changes(arrivals),
        DeskArrivals::PerClass => own.into_iter().any(changes),
    };
    if changes {
        return Memory::NotAlike(CHANGING);
    }
    if desk.busy_day.is_some() {
        return Memory::NotAlike(BUSY_DAY);
    }
    if desk.servers.iter().any(|server| !server.shifts.is_empty()) {
        return Memory::NotAlike(
            "attendants come and go by shifts, so that the parts of the run are not alike",
        );
    }
    if !desk.faults.script.is_empty() {
        return Memory::NotAlike(
            "faults come by a script, so that the parts of the run are not alike",
        );
    }
    let is_heavy = |class: &Class| {
        let laws = [Some(&class.service), class.wrap_up.as_ref()];
        laws.into_iter().flatten().any(has_no_third_moment)
    };
    let repair = desk.faults.repair.as_ref();
    if desk.classes.iter().any(is_heavy) || repair.is_some_and(has_no_third_moment) {
        return Memory::NotAlike(HEAVY);
    }
    match one_queue(desk) {
        Some(queue) => greatest([queue].into_iter()),
        None => Memory::Unknown,
    }
}

/// The queue of a desk in continuous time with a single queue for attendants who are all alike, and one request per
/// client.
fn one_queue(desk: &Desk) -> Option<Node> {
    let streams: Vec<Stream> = match &desk.arrivals {
        DeskArrivals::Shared(Arrivals::Renewal(gap)) => vec![renewal(gap, desk.batch.as_ref())],
        DeskArrivals::PerClass => {
            let own = desk
                .classes
                .iter()
                .map(|class| match class.arrivals.as_ref()? {
                    Arrivals::Renewal(gap) => Some(renewal(gap, class.batch.as_ref())),
                    _ => None,
                });
            own.collect::<Option<_>>()?
        }
        _ => return None,
    };
    let once = desk
        .classes
        .iter()
        .all(|class| class.timeout.is_none() && class.retry.is_none());
    let mut attendants = desk.servers.iter().flat_map(|server| &server.attendants);
    let knows_all = attendants.all(|skills| {
        skills.len() == desk.classes.len() && skills.iter().all(|skill| skill.speed == 1.0)
    });
    let is_up = desk.faults.probability == 0.0 && desk.faults.every.is_none();
    let is_roomy = desk.servers.iter().all(|server| server.capacity.is_none());
    if desk.steps().is_some() || !(once && knows_all && is_up && is_roomy) {
        return None;
    }
    let shares: Vec<f64> = match &desk.arrivals {
        DeskArrivals::PerClass => streams.iter().map(|stream| stream.rate).collect(),
        _ => desk.classes.iter().map(|class| class.share).collect(),
    };
    let arrivals = superposed(streams.into_iter());
    let all = || desk.classes.iter().zip(&shares);
    let served = mixed(all().map(|(class, &share)| (share, &class.service)));
    let after = all().filter_map(|(class, &share)| Some((share, class.wrap_up.as_ref()?)));
    let wrapping: f64 = all()
        .filter(|(class, _)| class.wrap_up.is_some())
        .map(|(_, share)| share)
        .sum::<f64>()
        / shares.iter().sum::<f64>();
    let (mean_after, cv2_after) = mixed(after);
    let mean = served.0 + wrapping * mean_after;
    let variance = served.1 * served.0 * served.0
        + wrapping * mean_after * mean_after * (1.0 + cv2_after)
        - (wrapping * mean_after).powi(2);
    let patience = desk.classes.iter().map(|class| class.patience.as_ref());
    Some(Node {
        patience: longest(patience).map(|longest| arrivals.rate * longest),
        places: desk.places().map(|places| places as f64),
        arrivals,
        service: (mean, variance / (mean * mean)),
        servers: desk.attendants() as f64,
        is_thinned: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Origin, Overrides, load};

    /// The memory of a line or a desk.
    fn of(text: &str) -> Memory {
        let loaded = load(Origin::Embedded { name: "x", text }, &Overrides::default());
        let scenario = loaded
            .unwrap_or_else(|error| panic!("{}", error.plain()))
            .scenario;
        match (scenario.line(), scenario.desk()) {
            (Some(line), _) => of_line(line),
            (_, Some(desk)) => of_desk(desk),
            _ => unreachable!("there is no third"),
        }
    }

    /// One stage, with arrivals of rate 1.
    fn stage(head: &str, service: &str, more: &str) -> Memory {
        of(&format!(
            "model = 'tandem'\narrivals = {{ interarrival = {{ exponential = {{ mean = 1.0 }} }} }}\n{head}\n\
             horizon = {{ customers = 1000 }}\nstages = [{{ name = 's', service = {service}{more} }}]"
        ))
    }

    fn close(memory: Memory, right: f64) {
        let Memory::Customers(found) = memory else {
            panic!("{memory:?} is not {right}");
        };
        assert!((found / right - 1.0).abs() < 1e-9, "{found} is not {right}");
    }

    #[test]
    fn it_goes_by_load_and_spread_and_not_by_who_goes_first() {
        let service = "{ exponential = { mean = 0.8 } }";
        close(stage("", service, ""), 100.0);
        let urgent =
            "classes = [{ name = 'a', share = 0.3, priority = 1 }, { name = 'b', share = 0.7 }]";
        close(stage(urgent, service, ""), 100.0);
        close(stage(urgent, service, ", preemption = 'resume'"), 100.0);
        close(stage("", service, ", discipline = 'lifo'"), 100.0);
        close(
            stage("", "{ exponential = { mean = 1.6 } }", ", servers = 2"),
            100.0,
        );
        // Batches of 2 vary twice as much; half of the services 0.4 and half 1.2, all exponential, have s = 1.5.
        close(
            of("model = 'tandem'\nhorizon = { customers = 1000 }\n\
                arrivals = { interarrival = { exponential = { mean = 2.0 } }, batch = { constant = { value = 2 } } }\n\
                stages = [{ name = 's', service = { exponential = { mean = 0.8 } } }]"),
            150.0,
        );
        let by_class = "{ by_class = { a = { exponential = { mean = 0.4 } }, b = { exponential = { mean = 1.2 } } } }";
        let halves = "classes = [{ name = 'a', share = 0.5 }, { name = 'b', share = 0.5 }]";
        close(stage(halves, by_class, ""), 125.0 * 1.5 * 1.5);
    }

    #[test]
    fn patience_and_loss_end_it_at_any_load() {
        let heavy = "{ exponential = { mean = 1.2 } }";
        assert_eq!(stage("", heavy, ""), Memory::NotAlike(OVERLOAD));
        close(
            stage("", heavy, ", patience = { exponential = { mean = 10.0 } }"),
            22.0,
        );
        close(
            stage("", heavy, ", buffer = 3"),
            relaxation::bounded(4.0, 2.0) + 2.0,
        );
        assert_eq!(
            stage("", "{ constant = { value = 1.0 } }", ""),
            Memory::NotAlike(OVERLOAD)
        );
        let heavy = stage("", "{ pareto = { scale = 0.3, shape = 2.5 } }", "");
        assert_eq!(heavy, Memory::NotAlike(HEAVY));
        // Servers of different speed have the combined pace 1 / 0.8 + 1 / 9.
        let Memory::Customers(_) = stage(
            "",
            "{ by_server = [{ exponential = { mean = 0.8 } }, { exponential = { mean = 9.0 } }] }",
            ", servers = 2",
        ) else {
            panic!("they keep up");
        };
        // Customers lost at the first stage do not come to the second.
        let lossy = of(
            "model = 'tandem'\narrivals = { interarrival = { exponential = { mean = 0.5 } } }\n\
                        horizon = { customers = 1000 }\n\
                        stages = [{ name = 'a', buffer = 0, service = { exponential = { mean = 1.0 } } }, \
                        { name = 'b', service = { exponential = { mean = 1.0 } } }]",
        );
        assert_eq!(lossy, Memory::Unknown);
        // With repairs: 0.7 becomes 0.77, and its spread (0.77^2 + 0.7 / 200 * 800) / 0.77^2.
        let s = (0.77_f64.powi(2) + 2.8) / 0.77_f64.powi(2);
        close(
            stage(
                "",
                "{ exponential = { mean = 0.7 } }",
                ", faults = { every = { exponential = { mean = 200.0 } }, repair = { exponential = { mean = 20.0 } } }",
            ),
            2.0 * (1.0 + s) / 0.23_f64.powi(2) * s * s,
        );
    }

    #[test]
    fn networks_and_desks_have_one_too() {
        close(
            of("model = 'network'\nhorizon = { customers = 1000 }\n\
                arrivals = { interarrival = { exponential = { mean = 1.0 } } }\n\
                stations = [{ name = 's', service = { exponential = { mean = 0.4 } }, next = { s = 0.5, out = 0.5 } }]"),
            100.0,
        );
        let desk = |class: &str| {
            of(&format!(
                "model = 'desk'\nhorizon = {{ until = 1000.0 }}\n\
                 arrivals = {{ interarrival = {{ exponential = {{ mean = 1.0 }} }} }}\n\
                 classes = [{{ name = 'a', service = {{ exponential = {{ mean = 1.6 }} }}{class} }}]\n\
                 servers = [{{ name = 'S', attendants = [{{ skills = ['a'], count = 2 }}] }}]"
            ))
        };
        close(desk(""), 100.0);
        close(desk(", patience = { constant = { value = 5.0 } }"), 14.0);
        // A buffer is no limit if requests wait at servers.
        let with_buffer = |queue: &str| {
            of(&format!(
                "model = 'desk'\nhorizon = {{ until = 1000.0 }}\nbuffer = {{ capacity = 2 }}\n\
                 arrivals = {{ interarrival = {{ exponential = {{ mean = 1.0 }} }} }}\n\
                 classes = [{{ name = 'a', service = {{ exponential = {{ mean = 0.8 }} }} }}]\n\
                 supervisor = {{ queue = '{queue}' }}\n\
                 servers = [{{ name = 'S', attendants = [{{ skills = ['a'] }}] }}]"
            ))
        };
        close(with_buffer("servers"), 100.0);
        close(with_buffer("central"), relaxation::bounded(3.0, 2.0) + 2.0);
        assert_eq!(
            desk(
                ", retry = { after = ['rejected'], probability = 0.5, delay = { constant = { value = 1.0 } } }"
            ),
            Memory::Unknown
        );
    }
}
