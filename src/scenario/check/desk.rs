//! The estimated cost of a desk, and warnings about likely mistakes in it.

use super::{
    ATTENDANT_STEP, Estimate, MEMORY_ACTOR, MEMORY_ATTENDANT, MEMORY_BASE, MEMORY_REQUEST,
    MESSAGES_A_REQUEST, REQUEST, SERVER_STEP, STEP, STEP_REQUEST, THREAD_STEP, mean_rate, renewals,
    warn_of_drift, whole,
};
use crate::number::{agreeing, of_them};
use crate::random::Law;
use crate::random::laws::Constant;
use crate::scenario::law::mean_in_steps;
use crate::scenario::{
    Arrivals, Desk, DeskArrivals, DeskHorizon, Dispatch, InterruptedWork, Loss, Queue,
    RecordedRequest, ServerGroup, Shift, ShiftLeaving, Skill,
};

pub(super) fn estimate(desk: &Desk) -> Estimate {
    let attendants = desk.attendants();
    let servers = desk.servers.len() as u64;
    let requests = requests(desk);
    let in_time = usize::from(desk.steps().is_none());
    let (events, seconds, threads_seconds) = match desk.horizon {
        DeskHorizon::Steps(steps) => {
            let steps = steps as f64;
            let events = steps * attendants as f64 + requests;
            let threads = steps * (attendants + servers) as f64 * THREAD_STEP;
            let step = STEP + servers as f64 * SERVER_STEP + attendants as f64 * ATTENDANT_STEP;
            (events, steps * step + requests * STEP_REQUEST, threads)
        }
        DeskHorizon::Until { .. } => {
            let threads = requests * MESSAGES_A_REQUEST * THREAD_STEP;
            (requests, requests * REQUEST, threads)
        }
    };
    Estimate {
        events: whole(events),
        memory_bytes: MEMORY_BASE
            .saturating_add(servers.saturating_mul(MEMORY_ACTOR))
            .saturating_add(attendants.saturating_mul(MEMORY_ATTENDANT))
            .saturating_add(held(desk))
            .saturating_add(whole(piled_up(desk, requests) * MEMORY_REQUEST[in_time])),
        seconds,
        threads_seconds,
        threads_told_seconds: threads_seconds,
        span: desk.span(),
    }
}

/// The number of requests that wait at the end: those that do not give up and exceed the capacity of the
/// attendants.
fn piled_up(desk: &Desk, requests: f64) -> f64 {
    let up = up_fraction(desk);
    let can_do = |server: &ServerGroup| -> f64 {
        let each = server.attendants.iter().enumerate();
        let speeds = each.map(|(number, skills)| {
            let fastest = skills.iter().map(|skill| skill.speed).fold(0.0, f64::max);
            fastest * on_duty_fraction(desk, server.shift(number)) * up
        });
        speeds.sum()
    };
    let stays = |class: usize| match desk.classes[class].patience {
        None => work_of(desk, class),
        Some(_) => 0.0,
    };
    let work: f64 = (0..desk.classes.len()).map(stays).sum();
    let excess = |work: f64, can_do: f64| match work > can_do {
        true => 1.0 - can_do / work,
        false => 0.0,
    };
    let servers = desk.servers.len() as f64;
    let all = || desk.servers.iter().map(can_do).sum();
    // A server may be sent more than its capacity, unless others take over.
    let stays_there = desk.queue == Queue::Servers && !desk.rebalance;
    let share: f64 = match desk.dispatch {
        Dispatch::FirstAvailable if stays_there && desk.servers[0].capacity.is_none() => {
            excess(work, can_do(&desk.servers[0]))
        }
        Dispatch::Random | Dispatch::RoundRobin if stays_there => {
            let each = desk.servers.iter();
            each.map(|server| excess(work / servers, can_do(server)) / servers)
                .sum()
        }
        _ => excess(work, all()),
    };
    let places = desk.servers.iter().map(|server| server.capacity);
    let places: Option<u64> = match desk.queue {
        Queue::Central => Some(0),
        Queue::Servers => places.sum(),
    };
    let most = desk
        .buffer
        .and_then(|buffer| Some((buffer + places?) as f64));
    let waiting = requests * share;
    most.map_or(waiting, |most| waiting.min(most))
}

/// Bytes of recorded requests, with their times, and of values of laws.
fn held(desk: &Desk) -> u64 {
    let number = size_of::<f64>() as u64;
    let recorded = match &desk.arrivals {
        DeskArrivals::Recorded(requests) => {
            requests.len() as u64 * (size_of::<RecordedRequest>() as u64 + number)
        }
        DeskArrivals::Shared(arrivals) => instants_held(arrivals) * number,
        DeskArrivals::PerClass => 0,
    };
    let classes = desk.classes.iter();
    let values = classes.map(|class| {
        let timeout = class.timeout.as_ref().map(|timeout| &timeout.after);
        let laws = [Some(&class.service), class.patience.as_ref(), timeout];
        let values: u64 = laws.into_iter().flatten().map(Law::values_held).sum();
        values + class.arrivals.as_ref().map_or(0, instants_held)
    });
    recorded + values.sum::<u64>() * number
}

/// The number of instants that a flow of arrivals holds in memory.
fn instants_held(arrivals: &Arrivals) -> u64 {
    match arrivals {
        Arrivals::Renewal(law) => law.values_held(),
        Arrivals::Times(times) => times.len() as u64,
        Arrivals::PerStep(_) | Arrivals::Rates(_) => 0,
    }
}

/// The expected number of requests in the whole run.
fn requests(desk: &Desk) -> f64 {
    match &desk.arrivals {
        DeskArrivals::Recorded(requests) => requests.len() as f64,
        _ => {
            let each = (0..desk.classes.len()).map(|class| rate_of(desk, class));
            desk.span() * each.sum::<f64>()
        }
    }
}

/// The expected number of requests of a class per step or unit of time.
fn rate_of(desk: &Desk, class: usize) -> f64 {
    let its = &desk.classes[class];
    match (&desk.arrivals, &its.arrivals) {
        (DeskArrivals::Shared(all), _) => its.share * flow(desk, all) * many(desk.batch.as_ref()),
        (DeskArrivals::Recorded(requests), _) => {
            let of_class = requests.iter().filter(|request| request.class == class);
            of_class.count() as f64 / desk.span()
        }
        (DeskArrivals::PerClass, Some(own)) => flow(desk, own) * many(its.batch.as_ref()),
        (DeskArrivals::PerClass, None) => 0.0,
    }
}

/// The mean number of requests per arrival.
fn many(batch: Option<&Law>) -> f64 {
    batch.map_or(1.0, Law::mean)
}

fn flow(desk: &Desk, arrivals: &Arrivals) -> f64 {
    match arrivals {
        Arrivals::PerStep(law) => law.mean(),
        Arrivals::Rates(pieces) => mean_rate(pieces),
        Arrivals::Renewal(law) => renewals(law, desk.span()),
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

/// The work of a class per step or unit of time.
fn work_of(desk: &Desk, class: usize) -> f64 {
    let its = &desk.classes[class];
    let wrap_up = its.wrap_up.as_ref().map_or(0.0, Law::mean);
    rate_of(desk, class) * (mean_service(desk, class) + wrap_up)
}

/// Whether requests of a class have a recorded patience.
fn has_recorded_patience(desk: &Desk, class: usize) -> bool {
    match &desk.arrivals {
        DeskArrivals::Recorded(requests) => requests
            .iter()
            .any(|request| request.class == class && request.patience.is_some()),
        DeskArrivals::Shared(_) | DeskArrivals::PerClass => false,
    }
}

/// The mean service of a class: for recorded requests the recorded values, or the law's mean if one is missing.
fn mean_service(desk: &Desk, class: usize) -> f64 {
    let drawn = mean_of(desk, &desk.classes[class].service);
    let DeskArrivals::Recorded(requests) = &desk.arrivals else {
        return drawn;
    };
    // A service in whole steps takes at least one.
    let least = desk.steps().map_or(0.0, |_| 1.0);
    let own = requests.iter().filter(|request| request.class == class);
    let (count, sum) = own.fold((0.0, 0.0), |(count, sum), request| {
        let service = request.service.map_or(drawn, |service| service.max(least));
        (count + 1.0, sum + service)
    });
    if count > 0.0 { sum / count } else { drawn }
}

/// The number of attendants with the skill for a class, and the work on it that they can do per step or unit of
/// time while up.
fn able(desk: &Desk, class: usize) -> (usize, f64) {
    let speeds = desk.servers.iter().flat_map(|server| {
        let each = server.attendants.iter().enumerate();
        each.filter_map(|(number, skills)| {
            let found = skills.iter().find(|skill| skill.class == class)?;
            Some(found.speed * on_duty_fraction(desk, server.shift(number)))
        })
    });
    speeds.fold((0, 0.0), |(count, sum), speed| (count + 1, sum + speed))
}

/// The load of each server, with the work of each class spread evenly over the time of the attendants with the
/// skill.
pub(super) fn loads(desk: &Desk) -> Vec<Option<f64>> {
    let share = |class: usize| work_of(desk, class) / able(desk, class).1;
    let shares: Vec<f64> = (0..desk.classes.len()).map(share).collect();
    let up = up_fraction(desk);
    let of = |server: &ServerGroup| {
        let attendants = server.attendants.iter().enumerate();
        let times = attendants.map(|(number, skills)| {
            let part = on_duty_fraction(desk, server.shift(number));
            let work: f64 = skills.iter().map(|skill| shares[skill.class]).sum();
            (part * work, part * up)
        });
        let (work, time) = times.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        Some(work / time).filter(|load| load.is_finite())
    };
    desk.servers.iter().map(of).collect()
}

pub(super) fn warn(desk: &Desk, warnings: &mut Vec<String>) {
    let hands_over = |shift: &Shift| shift.leaving == ShiftLeaving::HandOver;
    if desk.faults.work == InterruptedWork::Lost && desk.shifts.iter().any(hands_over) {
        warnings.push(
            "with `leaving = \"hand-over\"` and `work = \"lost\"` requests fail when a spell ends; with \
             `leaving = \"finish\"` they are finished"
                .to_owned(),
        );
    }
    warn_of_idle_shifts(desk, warnings);
    let own = desk
        .classes
        .iter()
        .filter_map(|class| class.arrivals.as_ref());
    let shared = match &desk.arrivals {
        DeskArrivals::Shared(all) => Some(all),
        DeskArrivals::PerClass | DeskArrivals::Recorded(_) => None,
    };
    for arrivals in own.chain(shared) {
        if let Arrivals::Rates(rates) = arrivals {
            warn_of_drift(desk.start, rates, desk.span(), warnings);
        }
    }
    let per = match desk.steps() {
        Some(_) => "steps of work a step",
        None => "units of work a unit of time",
    };
    let goes = |class: usize| {
        let its = &desk.classes[class];
        its.patience.is_some() || its.timeout.is_some() || has_recorded_patience(desk, class)
    };
    let mut work_all = 0.0;
    for (index, class) in desk.classes.iter().enumerate() {
        let name = &class.name;
        let (attendants, speed) = able(desk, index);
        let work = work_of(desk, index);
        work_all += work;
        if attendants == 0 {
            warnings.push(format!(
                "no attendant has the skill `{name}`, so nobody ever serves requests of this class"
            ));
        } else if work >= speed && !goes(index) {
            warnings.push(format!(
                "class `{name}` brings {work:.2} {per} for {} who {} the skill: more than {} can do",
                of_them(attendants as u64, "attendant"),
                agreeing(attendants as u64, "has", "have"),
                agreeing(attendants as u64, "that one", "they"),
            ));
        }
        let has_patience = class.patience.is_some() || has_recorded_patience(desk, index);
        let ends = [
            (
                Loss::TimedOut,
                "timed-out",
                "timeout",
                class.timeout.is_some(),
            ),
            (Loss::Abandoned, "abandoned", "patience", has_patience),
        ];
        let retry = class.retry.as_ref();
        for (end, called, key, may_be) in ends {
            if !may_be && retry.is_some_and(|retry| retry.after.contains(&end)) {
                warnings.push(format!(
                    "class `{name}` has clients come again after \"{called}\", but no `{key}`: no request ever ends so"
                ));
            }
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
    let attendants = desk.attendants();
    let parts = desk.servers.iter().flat_map(|server| {
        let numbers = 0..server.attendants.len();
        numbers.map(|number| on_duty_fraction(desk, server.shift(number)))
    });
    let up = up_fraction(desk) * parts.sum::<f64>() / attendants as f64;
    let fast = desk.servers.iter().flat_map(|server| &server.attendants);
    let fast = fast.flatten().any(|skill| skill.speed > 1.0);
    let served = (0..desk.classes.len()).all(|class| able(desk, class).0 > 0);
    if work_all >= attendants as f64 * up && served && !fast {
        warnings.push(format!(
            "all classes together bring {work_all:.2} {per}, and {}, on duty and up {:.0} % of the \
             time, {} {:.2}: {}",
            of_them(attendants, "attendant"),
            up * 100.0,
            agreeing(attendants, "does", "do"),
            attendants as f64 * up,
            match (0..desk.classes.len()).all(goes) {
                true => "many requests are not served in time, and go",
                false => "requests pile up",
            }
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

/// Warns of shifts that no attendant has.
fn warn_of_idle_shifts(desk: &Desk, warnings: &mut Vec<String>) {
    let has = |server: &ServerGroup, shift| {
        (0..server.attendants.len()).any(|number| server.shift(number) == Some(shift))
    };
    for (index, shift) in desk.shifts.iter().enumerate() {
        if !desk.servers.iter().any(|server| has(server, index)) {
            let name = &shift.name;
            warnings.push(format!(
                "no attendant has the shift `{name}`, so it changes nothing: attendants have it by \
                 `shift = \"{name}\"`"
            ));
        }
    }
}

/// With fewer steps than this, for a law that is not whole, steps are coarse.
const STEPS_COARSE: f64 = 50.0;

/// Warns if steps are so long that rounding to them shows in the results.
fn warn_of_coarse_steps(desk: &Desk, warnings: &mut Vec<String>) {
    if desk.steps().is_none() {
        return;
    }
    for class in &desk.classes {
        let laws = [
            ("service", Some(&class.service)),
            ("patience", class.patience.as_ref()),
            (
                "time-out",
                class.timeout.as_ref().map(|timeout| &timeout.after),
            ),
        ];
        for (what, law) in laws {
            let Some(law) = law.filter(|law| !law.is_whole() && law.mean() < STEPS_COARSE) else {
                continue;
            };
            let [mean, rounded] = [law.mean(), mean_in_steps(law)].map(|mean| format!("{mean:.3}"));
            let change = match mean == rounded {
                true => {
                    format!("each is rounded to whole steps, which keeps the mean of {mean} alone")
                }
                false => format!(
                    "its mean of {mean} steps comes out at {rounded} in whole steps, and waits with it"
                ),
            };
            warnings.push(format!(
                "steps are coarse for the {what} of class `{}`: {change}; in continuous time (`[horizon]` \
                 with `until` in place of `steps`) nothing is rounded",
                class.name
            ));
        }
    }
}

/// Warns if requests that wait at a server or in the buffer keep others from idle attendants.
fn warn_of_starving(desk: &Desk, warnings: &mut Vec<String>) {
    if desk.queue == Queue::Central {
        return;
    }
    let starving: Vec<(&str, u64)> = desk
        .servers
        .iter()
        .filter_map(|server| {
            let skills = |skills: &Vec<Skill>| -> Vec<usize> {
                skills.iter().map(|skill| skill.class).collect()
            };
            let first = skills(&server.attendants[0]);
            let are_alike = server.attendants.iter().all(|other| skills(other) == first);
            let capacity = server.capacity.filter(|_| !are_alike)?;
            Some((server.name.as_str(), capacity))
        })
        .collect();
    if let Some((first, capacity)) = starving.first() {
        let server = match starving.as_slice() {
            [_] => format!(
                "server `{first}` holds at most {}",
                of_them(*capacity, "request")
            ),
            several => {
                let names = several.iter().map(|(name, _)| format!("`{name}`"));
                let capacities = several.iter().map(|(_, capacity)| capacity.to_string());
                let holds = match several.iter().all(|(_, other)| other == capacity) {
                    true => format!("{} each", of_them(*capacity, "request")),
                    false => format!("{} requests", listed(capacities)),
                };
                format!("servers {} hold at most {holds}", listed(names))
            }
        };
        warnings.push(format!(
            "{server}, of several skills: those that wait for one skill can keep others from attendants of \
             another who are free; with `queue = \"central\"` in `[supervisor]` a request waits in the buffer \
             until an attendant is free"
        ));
    }
    if let Some(places) = desk.buffer
        && places > 0
        && everyone_can_go_on(desk)
    {
        warnings.push(format!(
            "the buffer of {} hardly ever fills: servers without a `capacity` take every \
             request out of it at once, and waits are at the servers; with `queue = \"central\"` \
             requests wait in the buffer",
            of_them(places, "place")
        ));
    }
}

/// Names for a sentence: the first few of them.
fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    const MOST: usize = 5;
    let count = names.len();
    let mut names: Vec<String> = names
        .take(if count > MOST { MOST - 1 } else { MOST })
        .collect();
    if count > MOST {
        names.push(format!("{} others", count - names.len()));
    }
    let last = names.pop().unwrap_or_default();
    match names.is_empty() {
        true => last,
        false => format!("{} and {last}", names.join(", ")),
    }
}

/// Whether each class has a server without a limit at which an attendant has the skill.
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

/// The share of the time up to the last arrival during which a shift is on duty.
fn on_duty_fraction(desk: &Desk, shift: Option<usize>) -> f64 {
    let Some(shift) = shift else {
        return 1.0;
    };
    let span = desk.span();
    let mut on_duty = 0.0;
    for [begin, end] in desk.shifts[shift].joined() {
        if begin >= span {
            break;
        }
        on_duty += end.min(span) - begin.max(0.0);
    }
    on_duty / span
}

/// The share of time during which an attendant is up in the long run.
fn up_fraction(desk: &Desk) -> f64 {
    if let (Some(every), Some(repair), None) =
        (&desk.faults.every, &desk.faults.repair, desk.faults.slow)
    {
        return every.mean() / (every.mean() + repair.mean());
    }
    match &desk.faults.repair {
        Some(repair) if desk.faults.probability > 0.0 => {
            let up = 1.0 / desk.faults.probability;
            up / (up + mean_in_steps(repair))
        }
        // Without repair it depends on the length of the run; that has a warning of its own.
        _ => 1.0,
    }
}
