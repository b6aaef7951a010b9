//! What is allowed but probably not meant, and what a run will cost.

use super::law::mean_in_steps;
use super::{
    Arrivals, Desk, DeskArrivals, DeskHorizon, Horizon, LineArrivals, Queue, RatePiece, Scenario,
    Tandem,
};
use crate::random::Law;
use crate::random::laws::Constant;

/// What a run is expected to cost; rough, and for one run without tables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Visits of a line; requests of a desk, and in steps those of its attendants.
    pub events: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Seconds on one core with the `inline` runtime.
    pub seconds: f64,
    /// Seconds on two cores with the `threads` runtime.
    pub threads_seconds: f64,
    /// Steps, or units of time until the last arrival.
    pub span: f64,
}

/// Visits a second of single-server stages without limits, by recursion.
const VISITS_FAST: f64 = 50e6;
/// Visits a second of lines with finite buffers or several servers.
const VISITS_SLOW: f64 = 5e6;
/// Steps of attendants a second.
const ATTENDANT_STEPS: f64 = 1e6;
/// Requests of a desk a second in continuous time.
const REQUESTS: f64 = 0.4e6;
/// Messages between the actors of a desk for a request in continuous time.
const MESSAGES_A_REQUEST: f64 = 18.0;
/// Seconds an actor of a desk takes for a step on a thread of its own, where it is woken for it.
const THREAD_STEP: f64 = 5e-6;
/// Seconds that customers take from one stage's thread to the next, whose places are limited, until
/// the answer is there.
const THREAD_MESSAGE: f64 = 5e-6;
/// Customers who go together where places are limited: one for so many places.
const PLACES_A_CUSTOMER: f64 = 8.0;
/// The program itself.
const MEMORY_BASE: u64 = 16 << 20;
/// What an actor and its tallies take.
const MEMORY_ACTOR: u64 = 128 << 10;
/// A server of a line: when it is free, in the order of all of them, and who is with it.
const MEMORY_SERVER: u64 = 128;

/// Estimates what a run will cost.
#[must_use]
pub fn estimate(scenario: &Scenario) -> Estimate {
    match scenario {
        Scenario::Tandem(tandem) => estimate_line(tandem),
        Scenario::Desk(desk) => estimate_desk(desk),
    }
}

/// Estimates what a run of a line will cost.
#[must_use]
pub fn estimate_line(tandem: &Tandem) -> Estimate {
    let stages = tandem.stages.len() as u64;
    let customers = customers(tandem);
    let visits = customers * stages as f64;
    let simple = |stage: &super::Stage| stage.servers == 1 && stage.buffer.is_none();
    let fast = tandem.stages.iter().all(simple);
    let servers: u64 = tandem
        .stages
        .iter()
        .map(|stage| u64::from(stage.servers))
        .sum();
    let laws = tandem.stages.iter().map(|stage| &stage.service);
    let traced: u64 = laws.map(Law::values_held).sum::<u64>()
        + match &tandem.arrivals {
            LineArrivals::Renewal(law) => law.values_held(),
            LineArrivals::Times(times) => times.len() as u64,
            LineArrivals::Rates(_) | LineArrivals::Saturated => 0,
        };
    let waiting = longest_queue(tandem, customers);
    let seconds = visits / if fast { VISITS_FAST } else { VISITS_SLOW };
    let limited = tandem
        .stages
        .iter()
        .skip(1)
        .filter_map(super::Stage::places);
    let messages: f64 = limited
        .map(|places| customers / (places as f64 / PLACES_A_CUSTOMER).max(1.0))
        .sum();
    Estimate {
        events: whole(visits),
        memory_bytes: MEMORY_BASE
            .saturating_add(stages * MEMORY_ACTOR)
            .saturating_add(servers.saturating_mul(MEMORY_SERVER))
            .saturating_add(traced.saturating_mul(8))
            .saturating_add(whole(waiting * 32.0)),
        seconds,
        threads_seconds: seconds + messages * THREAD_MESSAGE,
        span: match (&tandem.arrivals, tandem.horizon) {
            (LineArrivals::Times(times), _) => times.last().copied().unwrap_or(0.0),
            (_, Horizon::Customers(customers)) => customers as f64 / arrival_rate(tandem),
            (_, Horizon::Until(until)) => until,
        },
    }
}

/// How many customers are expected.
fn customers(tandem: &Tandem) -> f64 {
    match tandem.horizon {
        Horizon::Customers(customers) => customers as f64,
        Horizon::Until(until) => match &tandem.arrivals {
            LineArrivals::Times(times) => times.partition_point(|&time| time <= until) as f64,
            _ => until * arrival_rate(tandem),
        },
    }
}

/// Customers per unit of time; infinite where times between arrivals are always 0.
fn arrival_rate(tandem: &Tandem) -> f64 {
    match &tandem.arrivals {
        LineArrivals::Renewal(law) => 1.0 / law.mean(),
        LineArrivals::Times(times) => match (times.first(), times.last()) {
            (Some(first), Some(last)) if last > first => (times.len() - 1) as f64 / (last - first),
            _ => f64::INFINITY,
        },
        LineArrivals::Rates(pieces) => mean_rate(pieces),
        LineArrivals::Saturated => {
            let first = &tandem.stages[0];
            f64::from(first.servers) / first.service.mean()
        }
    }
}

/// The mean of a rate over its period.
fn mean_rate(pieces: &[RatePiece]) -> f64 {
    let mut begin = 0.0;
    let mut area = 0.0;
    for piece in pieces {
        area += (piece.until - begin) * piece.rate;
        begin = piece.until;
    }
    area / begin
}

/// Customers expected to wait at the end where a stage cannot keep up.
fn longest_queue(tandem: &Tandem, customers: f64) -> f64 {
    if tandem.arrivals == LineArrivals::Saturated {
        return 0.0;
    }
    let rate = arrival_rate(tandem);
    let excess = |stage: &super::Stage| {
        let load = rate * stage.service.mean() / f64::from(stage.servers);
        let waiting = customers * (1.0 - 1.0 / load.max(1.0));
        stage
            .buffer
            .map_or(waiting, |buffer| waiting.min(buffer as f64))
    };
    tandem.stages.iter().map(excess).fold(0.0, f64::max)
}

fn estimate_desk(desk: &Desk) -> Estimate {
    let attendants: u64 = desk
        .servers
        .iter()
        .map(|server| server.attendants.len() as u64)
        .sum();
    let servers = desk.servers.len() as u64;
    let requests = requests(desk);
    let recorded = match &desk.arrivals {
        DeskArrivals::Recorded(requests) => requests.len() as u64,
        DeskArrivals::Shared(arrivals) => instants_held(arrivals),
        DeskArrivals::PerClass => {
            let own = desk
                .classes
                .iter()
                .filter_map(|class| class.arrivals.as_ref());
            own.map(instants_held).sum()
        }
    };
    let held = match desk.buffer {
        Some(capacity) => requests.min(capacity as f64),
        None => requests,
    };
    let (events, seconds, threads_seconds) = match desk.horizon {
        DeskHorizon::Steps(steps) => {
            let steps = steps as f64;
            let events = steps * attendants as f64 + requests;
            let threads = steps * (attendants + servers) as f64 * THREAD_STEP;
            (events, events / ATTENDANT_STEPS, threads)
        }
        DeskHorizon::Until { .. } => {
            let threads = requests * MESSAGES_A_REQUEST * THREAD_STEP;
            (requests, requests / REQUESTS, threads)
        }
    };
    Estimate {
        events: whole(events),
        memory_bytes: MEMORY_BASE
            .saturating_add((attendants + servers).saturating_mul(MEMORY_ACTOR))
            .saturating_add(recorded.saturating_mul(48))
            .saturating_add(whole(held * 160.0)),
        seconds,
        threads_seconds,
        span: desk.span(),
    }
}

/// How many instants a flow of arrivals holds in memory.
fn instants_held(arrivals: &Arrivals) -> u64 {
    match arrivals {
        Arrivals::Renewal(law) => law.values_held(),
        Arrivals::Times(times) => times.len() as u64,
        Arrivals::PerStep(_) | Arrivals::Rates(_) => 0,
    }
}

/// How many requests are expected in the whole run.
fn requests(desk: &Desk) -> f64 {
    match &desk.arrivals {
        DeskArrivals::Recorded(requests) => requests.len() as f64,
        _ => {
            let each = (0..desk.classes.len()).map(|class| rate_of(desk, class));
            desk.span() * each.sum::<f64>()
        }
    }
}

/// How many requests of a class are expected in a step or a unit of time.
fn rate_of(desk: &Desk, class: usize) -> f64 {
    let its = &desk.classes[class];
    match (&desk.arrivals, &its.arrivals) {
        (DeskArrivals::Shared(all), _) => its.share * flow(desk, all),
        (DeskArrivals::Recorded(requests), _) => {
            let of_class = requests.iter().filter(|request| request.class == class);
            of_class.count() as f64 / desk.span()
        }
        (DeskArrivals::PerClass, Some(own)) => flow(desk, own),
        (DeskArrivals::PerClass, None) => 0.0,
    }
}

fn flow(desk: &Desk, arrivals: &Arrivals) -> f64 {
    match arrivals {
        Arrivals::PerStep(law) => law.mean(),
        Arrivals::Rates(pieces) => mean_rate(pieces),
        Arrivals::Renewal(law) => 1.0 / law.mean(),
        Arrivals::Times(times) => {
            times.partition_point(|&time| time <= desk.span()) as f64 / desk.span()
        }
    }
}

/// The mean of a duration on the desk's clock.
fn mean_of(desk: &Desk, law: &Law) -> f64 {
    match desk.horizon {
        DeskHorizon::Steps(_) => mean_in_steps(law),
        DeskHorizon::Until { .. } => law.mean(),
    }
}

/// A number of things from an estimate; what is not a number or infinite is as many as can be.
fn whole(number: f64) -> u64 {
    if number.is_nan() {
        u64::MAX
    } else {
        number.ceil() as u64
    }
}

/// Adds what is probably not meant.
pub(super) fn warn(scenario: &Scenario, warnings: &mut Vec<String>) {
    match scenario {
        Scenario::Tandem(tandem) => warn_line(tandem, warnings),
        Scenario::Desk(desk) => warn_desk(desk, warnings),
    }
}

fn warn_line(tandem: &Tandem, warnings: &mut Vec<String>) {
    let customers = customers(tandem);
    if tandem.warm_up as f64 >= customers && tandem.warm_up > 0 {
        warnings.push(format!(
            "the warm-up of {} customers is not shorter than the run (about {customers:.0} \
             customers), so perhaps none is measured",
            tandem.warm_up
        ));
    } else if tandem.warm_up as f64 > customers / 2.0 {
        warnings.push(format!(
            "the warm-up of {} customers is more than half of the run (about {customers:.0} customers)",
            tandem.warm_up
        ));
    }
    if tandem.arrivals != LineArrivals::Saturated {
        let rate = arrival_rate(tandem);
        for stage in &tandem.stages {
            let load = rate * stage.service.mean() / f64::from(stage.servers);
            let name = &stage.name;
            let just_one = (load - 1.0).abs() < 1e-9;
            if just_one && stage.buffer.is_none() {
                if varies(tandem, stage) {
                    warnings.push(format!(
                        "stage `{name}` has a load of 1.00: work comes in as fast as its servers can \
                         do it, and since times vary, the queue has no steady length"
                    ));
                }
            } else if load >= 1.0 {
                warnings.push(match stage.buffer {
                    None => format!(
                        "stage `{name}` has a load of {load:.2}: work comes in faster than its \
                         servers can do it, and the queue grows for as long as the run"
                    ),
                    Some(_) => format!(
                        "stage `{name}` has a load of {load:.2}: its buffer will be full most of \
                         the time"
                    ),
                });
            }
        }
    }
    warn_of_vanishing(tandem, warnings);
    let blocks = tandem
        .stages
        .iter()
        .skip(1)
        .any(|stage| stage.buffer.is_some());
    if tandem.blocking == super::Blocking::BeforeService && !blocks {
        warnings.push(
            "`line.blocking` is set, but no stage after the first has a `buffer`, so nothing is \
             ever blocked"
                .to_owned(),
        );
    }
}

/// Whether anything varies in what a stage gets and does: not where all times are constant.
fn varies(tandem: &Tandem, last: &super::Stage) -> bool {
    let constant = |law: &Law| matches!(law, Law::Constant(_));
    let passed = tandem
        .stages
        .iter()
        .take_while(|stage| stage.name != last.name);
    let regular = match &tandem.arrivals {
        LineArrivals::Renewal(law) => constant(law),
        LineArrivals::Times(_) | LineArrivals::Rates(_) | LineArrivals::Saturated => false,
    };
    !(regular
        && constant(&last.service)
        && passed.into_iter().all(|stage| constant(&stage.service)))
}

/// Warns where the clock shows times so large that a service hardly changes them.
fn warn_of_vanishing(tandem: &Tandem, warnings: &mut Vec<String>) {
    let latest = estimate_line(tandem).span;
    let step = latest * f64::EPSILON;
    for stage in &tandem.stages {
        let mean = stage.service.mean();
        if mean > 0.0 && step.is_finite() && step > mean * 1e-3 {
            warnings.push(format!(
                "services of stage `{}`, of about {mean:.3}, vanish in times as large as {latest:e}, which \
                 come in steps of {step:.3}: count times from the first (`origin = \"first\"`), or choose a \
                 smaller `time_unit`",
                stage.name
            ));
        }
    }
}

fn warn_desk(desk: &Desk, warnings: &mut Vec<String>) {
    let able = |class: usize| {
        let attendants = desk.servers.iter().flat_map(|server| &server.attendants);
        let skills = attendants.filter_map(|skills| skills.iter().find(|s| s.class == class));
        skills.fold((0, 0.0), |(count, speed), skill| {
            (count + 1, speed + skill.speed)
        })
    };
    let per = match desk.steps() {
        Some(_) => "steps of work a step",
        None => "units of work a unit of time",
    };
    let mut work_all = 0.0;
    for (index, class) in desk.classes.iter().enumerate() {
        let name = &class.name;
        let (attendants, speed) = able(index);
        let work = rate_of(desk, index) * mean_of(desk, &class.service);
        work_all += work;
        if attendants == 0 {
            warnings.push(format!(
                "no attendant has the skill `{name}`, so nobody ever serves requests of this class"
            ));
        } else if work >= speed && class.patience.is_none() {
            warnings.push(format!(
                "class `{name}` brings {work:.2} {per} for {attendants} attendants who have the \
                 skill: more than they can do"
            ));
        }
        if let (Some(patience), Some(level)) = (&class.patience, class.service_level)
            && let Law::Constant(Constant { value }) = patience
            && *value <= level.within
        {
            warnings.push(format!(
                "requests of class `{name}` give up within the service level, so all answers are \
                 in time"
            ));
        }
    }
    warn_of_coarse_steps(desk, warnings);
    warn_of_starving(desk, warnings);
    let attendants: usize = desk
        .servers
        .iter()
        .map(|server| server.attendants.len())
        .sum();
    let up = up_fraction(desk);
    let fast = desk.servers.iter().flat_map(|server| &server.attendants);
    let fast = fast.flatten().any(|skill| skill.speed > 1.0);
    let served = (0..desk.classes.len()).all(|class| able(class).0 > 0);
    if work_all >= attendants as f64 * up && served && !fast {
        warnings.push(format!(
            "all classes together bring {work_all:.2} {per}, and {attendants} \
             attendants, up {:.0} % of the time, do {:.2}: requests pile up",
            up * 100.0,
            attendants as f64 * up
        ));
    }
    for server in &desk.servers {
        let count = server.attendants.len() as u64;
        if server.capacity.is_some_and(|capacity| capacity < count) {
            warnings.push(format!(
                "server `{}` holds fewer requests than it has attendants ({count}), so some are \
                 always idle",
                server.name
            ));
        }
    }
    if desk.buffer == Some(0) && desk.queue == Queue::Servers {
        warnings.push(
            "a buffer of 0 places rejects every request, since all pass through it; with \
             `queue = \"central\"` one that can start at once needs no place"
                .to_owned(),
        );
    }
    if desk.faults.probability > 0.0 && desk.faults.repair.is_none() {
        let half = (0.5f64.ln() / (-desk.faults.probability).ln_1p()).ceil();
        if half < desk.span() {
            warnings.push(format!(
                "attendants that go down are never repaired: half of them are down for good after \
                 about {half:.0} steps"
            ));
        }
    }
}

/// Below so many steps, by a law that is not whole, steps are coarse.
const STEPS_COARSE: f64 = 50.0;

/// Warns where steps are so long that rounding to them shows in the results.
fn warn_of_coarse_steps(desk: &Desk, warnings: &mut Vec<String>) {
    if desk.steps().is_none() {
        return;
    }
    for class in &desk.classes {
        let laws = [
            ("service", Some(&class.service)),
            ("patience", class.patience.as_ref()),
        ];
        for (what, law) in laws {
            let Some(law) = law.filter(|law| !law.is_whole() && law.mean() < STEPS_COARSE) else {
                continue;
            };
            warnings.push(format!(
                "steps are coarse for the {what} of class `{}`: its mean of {:.3} steps comes out at \
                 {:.3} in whole steps, and waits with it; in continuous time (`[horizon]` with `until` \
                 in place of `steps`) nothing is rounded",
                class.name,
                law.mean(),
                mean_in_steps(law)
            ));
        }
    }
}

/// Warns where requests that wait at a server or in the buffer keep others from attendants who are idle.
fn warn_of_starving(desk: &Desk, warnings: &mut Vec<String>) {
    if desk.queue == Queue::Central {
        return;
    }
    for server in &desk.servers {
        let first: Vec<usize> = server.attendants[0].iter().map(|s| s.class).collect();
        let alike = |skills: &Vec<super::Skill>| {
            skills
                .iter()
                .map(|skill| skill.class)
                .eq(first.iter().copied())
        };
        if let Some(capacity) = server.capacity
            && !server.attendants.iter().all(alike)
        {
            warnings.push(format!(
                "server `{}` holds at most {capacity} requests, of several skills: those that wait for \
                 one skill can keep others from attendants of another who are free; with \
                 `queue = \"central\"` in `[supervisor]` a request waits in the buffer until an \
                 attendant is free",
                server.name
            ));
        }
    }
    if let Some(places) = desk.buffer
        && places > 0
        && everyone_can_go_on(desk)
    {
        warnings.push(format!(
            "the buffer of {places} places hardly ever fills: servers without a `capacity` take every \
             request out of it at once, and waits are at the servers; with `queue = \"central\"` \
             requests wait in the buffer"
        ));
    }
}

/// Whether each class has a server without a limit where an attendant has the skill.
fn everyone_can_go_on(desk: &Desk) -> bool {
    (0..desk.classes.len()).all(|class| {
        let open = desk
            .servers
            .iter()
            .filter(|server| server.capacity.is_none());
        let mut attendants = open.flat_map(|server| &server.attendants);
        attendants.any(|skills| skills.iter().any(|skill| skill.class == class))
    })
}

/// The share of time an attendant is up in the long run.
fn up_fraction(desk: &Desk) -> f64 {
    match &desk.faults.repair {
        Some(repair) if desk.faults.probability > 0.0 => {
            let up = 1.0 / desk.faults.probability;
            up / (up + mean_in_steps(repair))
        }
        // Without repair it depends on how long the run is; that has a warning of its own.
        _ => 1.0,
    }
}
