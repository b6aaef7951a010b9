//! The measures of a desk from what its reference did, as the rules define them: all compared with the summary of a
//! run.

use crate::desk_clock_reference::{Outcome, Place, Request, Spell};
use filas::desk::{DeskSummary, LostShares, RequestCounts, ServiceLevelSummary};
use filas::scenario::{Desk, DeskHorizon, Overflow};
use filas::station::RequestOutcome;
use filas::stats::{Statistics, Tally};

fn near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * (1.0 + one.abs()),
        _ => one == other,
    }
}

fn assert_near(got: Option<f64>, wanted: Option<f64>, what: &str) {
    assert!(near(got, wanted), "{what}: {got:?}, not {wanted:?}");
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    // Differences of sums of times that should be nothing are nearly nothing.
    (whole > 1e-9).then(|| part / whole)
}

fn same_statistics(got: &Statistics, values: impl Iterator<Item = f64>, what: &str) {
    let mut tally = Tally::default();
    values.for_each(|value| tally.add(value));
    let wanted = tally.statistics();
    assert_eq!(
        (got.n, got.min, got.max),
        (wanted.n, wanted.min, wanted.max),
        "{what}"
    );
    assert!(
        near(got.mean, wanted.mean) && near(got.sd, wanted.sd),
        "{what}: {got:?} {wanted:?}"
    );
}

/// The window: from the end of the warm-up to the last arrival, or the end of a run that ended before.
fn window(desk: &Desk, wanted: &Outcome) -> (f64, f64) {
    let until = desk.on_clock(desk.span()).get();
    let from = desk.on_clock(desk.warm_up).get();
    (from, until.min(wanted.end).max(from))
}

fn overlap((from, until): (f64, f64), begin: f64, end: f64) -> f64 {
    (end.min(until) - begin.max(from)).max(0.0)
}

/// What is measured of requests: of all, or of a class.
struct Measured<'a> {
    requests: &'a RequestCounts,
    times: [&'a Statistics; 4],
    waited_fraction: Option<f64>,
    lost: &'a LostShares,
    clients: (u64, Option<f64>),
    completed_in_time: u64,
    goodput: Option<f64>,
    wasted_work: f64,
    service_level: Option<ServiceLevelSummary>,
}

/// The measures that a summary and one of its classes have in common.
macro_rules! measured {
    ($got:expr) => {
        Measured {
            requests: &$got.requests,
            times: [
                &$got.waiting,
                &$got.sojourn,
                &$got.service,
                &$got.time_to_abandon,
            ],
            waited_fraction: $got.waited_fraction,
            lost: &$got.lost,
            clients: ($got.clients, $got.tries_per_client),
            completed_in_time: $got.completed_in_time,
            goodput: $got.goodput,
            wasted_work: $got.wasted_work,
            service_level: $got.service_level,
        }
    };
}

fn ended(one: &Request, of: RequestOutcome) -> bool {
    one.place == Place::Ended(of)
}

fn wait(one: &Request) -> Option<f64> {
    Some(one.first_start? - one.drawn.arrival)
}

/// All time until it left without ever having been served, if it did so by itself.
fn vain_wait(one: &Request) -> Option<f64> {
    let left = ended(one, RequestOutcome::Abandoned) || ended(one, RequestOutcome::TimedOut);
    (left && one.first_start.is_none()).then(|| one.end.unwrap() - one.drawn.arrival)
}

/// Offered are all but those still waiting whose service has not begun.
fn offered(one: &Request) -> bool {
    one.first_start.is_some() || matches!(one.place, Place::Ended(_))
}

fn answered(one: &Request) -> bool {
    one.first_start.is_some() && !one.for_nobody
}

/// Its work counts: completed while its client waited, or underway while it waits.
fn counts(one: &Request) -> bool {
    match one.place {
        Place::Ended(outcome) => outcome == RequestOutcome::Completed && one.gone.is_none(),
        _ => one.gone.is_none(),
    }
}

/// Compares all measures of one run with those of the reference.
pub(crate) fn assert_same_measures(desk: &Desk, got: &DeskSummary, wanted: &Outcome) {
    let window = window(desk, wanted);
    let all = |_: &Request| true;
    same_requests(desk, &measured!(got), (wanted, window), &all);
    for (index, class) in got.classes.iter().enumerate() {
        let own = move |one: &Request| one.drawn.class == index;
        same_requests(desk, &measured!(class), (wanted, window), &own);
    }
    if let Some(level) = got.service_level {
        let mut each = desk.classes.iter().filter_map(|class| class.service_level);
        let first = each.next().unwrap().within;
        let same = each.all(|other| other.within == first);
        assert_eq!(level.within, same.then_some(first));
    }
    same_levels(desk, got, wanted, window);
    same_times(got, wanted, window);
    same_faults(got, wanted);
    same_intervals(desk, got, wanted);
    if let Some(clock) = got.clock {
        let stop = matches!(desk.horizon, DeskHorizon::Until { end: Some(_), .. });
        let stopped = desk.overflow == Overflow::Stop && wanted.overflows > 0;
        let ends = wanted.requests.iter();
        let ends = ends.filter(|one| !ended(one, RequestOutcome::Rejected));
        let last = ends.filter_map(|one| one.end).fold(0.0, f64::max);
        assert_eq!(clock, if stop || stopped { wanted.end } else { last });
    }
}

/// Measures of some requests.
fn same_requests(
    desk: &Desk,
    got: &Measured<'_>,
    (wanted, (from, until)): (&Outcome, (f64, f64)),
    which: &dyn Fn(&Request) -> bool,
) {
    let all = || wanted.requests.iter().filter(|one| which(one));
    let requests = || all().filter(|one| one.drawn.arrival >= from);
    let count = |of: RequestOutcome| all().filter(|one| ended(one, of)).count() as u64;
    let late = all().filter(|one| ended(one, RequestOutcome::Completed) && one.gone.is_some());
    let counts_wanted = RequestCounts {
        generated: all().count() as u64,
        completed: count(RequestOutcome::Completed),
        rejected: count(RequestOutcome::Rejected),
        abandoned: count(RequestOutcome::Abandoned),
        failed: count(RequestOutcome::Failed),
        timed_out: count(RequestOutcome::TimedOut),
        late: late.count() as u64,
        in_system: all()
            .filter(|one| !matches!(one.place, Place::Ended(_)))
            .count() as u64,
        measured: requests().count() as u64,
    };
    assert_eq!(*got.requests, counts_wanted);

    let last_step = if desk.steps().is_some() { 1.0 } else { 0.0 };
    let of = |outcome: RequestOutcome| requests().filter(move |one| ended(one, outcome));
    let completed = || of(RequestOutcome::Completed);
    let sojourn = completed().map(|one| one.end.unwrap() - one.drawn.arrival + last_step);
    let gave_up = of(RequestOutcome::Abandoned).map(|one| one.end.unwrap() - one.drawn.arrival);
    let [waits, sojourns, services, times_to_abandon] = got.times;
    same_statistics(waits, requests().filter_map(wait), "waiting");
    same_statistics(sojourns, sojourn, "sojourn");
    same_statistics(services, completed().map(|one| one.served), "service");
    same_statistics(times_to_abandon, gave_up, "time to abandon");

    let whole = requests().filter(|one| offered(one)).count();
    let lost = [
        RequestOutcome::Rejected,
        RequestOutcome::Abandoned,
        RequestOutcome::Failed,
        RequestOutcome::TimedOut,
    ];
    let lost = lost.map(|cause| of(cause).count());
    let shares = LostShares {
        total: share(lost.iter().sum(), whole),
        rejected: share(lost[0], whole),
        abandoned: share(lost[1], whole),
        failed: share(lost[2], whole),
        timed_out: share(lost[3], whole),
    };
    assert_eq!(*got.lost, shares);
    let waited = requests().filter(|one| wait(one).or(vain_wait(one)) > Some(0.0));
    assert_eq!(got.waited_fraction, share(waited.count(), whole - lost[0]));

    let firsts = || all().filter(|one| one.drawn.attempt == 1 && one.drawn.arrival >= from);
    let clients: Vec<usize> = firsts().map(|one| one.drawn.client).collect();
    let tries = all().filter(|one| clients.contains(&one.drawn.client));
    let tries = (clients.len() as u64, share(tries.count(), clients.len()));
    assert_eq!(got.clients, tries);
    let in_time = completed().filter(|one| one.gone.is_none()).count();
    assert_eq!(got.completed_in_time, in_time as u64);
    assert_near(got.goodput, ratio(in_time as f64, until - from), "goodput");
    let wasted = requests().map(|one| one.worked - if counts(one) { one.served } else { 0.0 });
    assert_near(Some(got.wasted_work), Some(wasted.sum()), "wasted work");
    same_service_level(desk, got, &requests().collect::<Vec<_>>());
}

/// The five formulas, over requests of classes with a service level.
fn same_service_level(desk: &Desk, got: &Measured<'_>, requests: &[&Request]) {
    let within = |one: &Request| Some(desk.classes[one.drawn.class].service_level?.within);
    let Some(level) = got.service_level else {
        assert!(requests.iter().all(|one| within(one).is_none()));
        return;
    };
    let judged = || {
        requests
            .iter()
            .filter(|one| within(one).is_some() && offered(one))
    };
    let answers = judged().filter(|one| answered(one)).count();
    let in_time = judged()
        .filter(|one| answered(one) && wait(one) <= within(one))
        .count();
    let left = |quick: bool| {
        let left = judged().filter(|one| ended(one, RequestOutcome::Abandoned));
        let quickly = left.filter(|one| (vain_wait(one) <= within(one)) == quick);
        quickly.count()
    };
    let (quick, late, offered) = (left(true), left(false), judged().count());
    assert_eq!(level.of_offered, share(in_time, offered));
    assert_eq!(level.of_answered, share(in_time, answers));
    assert_eq!(level.of_offered_less_quick, share(in_time, offered - quick));
    assert_eq!(level.with_quick, share(in_time + quick, offered));
    assert_eq!(level.of_answered_and_late, share(in_time, answers + late));
    if let Some(target) = level.target {
        let met = share(in_time, offered).map(|share| share >= target);
        assert_eq!(level.met, Some(met));
    }
}

/// Means over time and greatest levels.
fn same_levels(desk: &Desk, got: &DeskSummary, wanted: &Outcome, window: (f64, f64)) {
    let length = window.1 - window.0;
    let spells = |level: &dyn Fn(usize) -> usize| {
        let (mut area, mut most) = (0.0, 0);
        for at in 0..wanted.levels.len() {
            let begin = wanted.levels[at].0;
            let next = wanted.levels.get(at + 1).map_or(wanted.end, |row| row.0);
            let lasts = overlap(window, begin, next);
            area += lasts * level(at) as f64;
            if lasts > 0.0 {
                most = most.max(level(at) as u64);
            }
        }
        (area, most)
    };
    let (area, most) = spells(&|at| wanted.levels[at].1[0]);
    assert_near(got.buffer.mean, ratio(area, length), "buffer");
    assert_eq!(got.buffer.max, (length > 0.0).then_some(most));
    let until = desk.on_clock(desk.span()).get();
    let last = wanted.levels.iter().rev().find(|row| row.0 <= until);
    let last = last.map(|row| row.1[0] as u64).filter(|_| length > 0.0);
    assert_eq!(got.buffer.last, last);
    for (index, server) in got.servers.iter().enumerate() {
        let (area, most) = spells(&|at| wanted.held[at][index]);
        assert_near(server.held.mean, ratio(area, length), "held");
        assert_eq!(server.held.max, (length > 0.0).then_some(most));
    }
}

/// The parts of an attendant's time in a window: busy, idle, down, off duty.
fn parts(wanted: &Outcome, who: usize, window: (f64, f64)) -> [f64; 4] {
    let sum = |spells: &[Spell]| {
        let own = spells.iter().filter(|spell| spell.0 == who);
        own.map(|spell| overlap(window, spell.1, spell.2))
            .sum::<f64>()
    };
    let [busy, down, off] = [&wanted.busy, &wanted.down, &wanted.off].map(|spells| sum(spells));
    [busy, window.1 - window.0 - busy - down - off, down, off]
}

/// What attendants did, and their shares by server and of all.
fn same_times(got: &DeskSummary, wanted: &Outcome, window: (f64, f64)) {
    let shares = |[busy, idle, down, off]: [f64; 4]| {
        let all = busy + idle + down + off;
        let up = busy + idle;
        [ratio(busy, all), ratio(busy, up), ratio(up, up + down)]
    };
    let mut who = 0;
    let mut of_all = [0.0; 4];
    for server in &got.servers {
        let mut of_server = [0.0; 4];
        let first = who;
        for attendant in &server.attendants {
            let parts = parts(wanted, who, window);
            for (at, part) in parts.into_iter().enumerate() {
                assert_near(Some(attendant.spent()[at]), Some(part), &attendant.name);
                of_server[at] += part;
                of_all[at] += part;
            }
            let slow = attendant.slow_time;
            let slow = slow.or(attendant.slow_steps.map(|steps| steps as f64));
            let spells = wanted.slow.iter().filter(|spell| spell.0 == who);
            let wanted_slow = spells.map(|spell| overlap(window, spell.1, spell.2)).sum();
            assert_near(slow, Some(wanted_slow), "slow");
            let counted = [attendant.faults, attendant.repairs, attendant.completed];
            let right = [&wanted.faults, &wanted.repairs, &wanted.completed];
            assert_eq!(counted, right.map(|counts| counts[who] as u64));
            let figures = [
                attendant.utilisation,
                attendant.occupancy,
                attendant.availability,
            ];
            same_shares(figures, shares(parts), &attendant.name);
            who += 1;
        }
        let figures = [server.utilisation, server.occupancy, server.availability];
        same_shares(figures, shares(of_server), &server.name);
        let counted = [server.faults, server.repairs, server.completed];
        let right = [&wanted.faults, &wanted.repairs, &wanted.completed];
        let right = right.map(|counts| counts[first..who].iter().sum::<usize>() as u64);
        assert_eq!(counted, right);
    }
    let [_, occupancy, availability] = shares(of_all);
    assert_near(got.occupancy, occupancy, "occupancy");
    assert_near(got.faults.availability, availability, "availability");
}

fn same_shares(got: [Option<f64>; 3], wanted: [Option<f64>; 3], whose: &str) {
    let names = ["utilisation", "occupancy", "availability"];
    for ((got, wanted), name) in got.into_iter().zip(wanted).zip(names) {
        assert_near(got, wanted, &format!("{name} of {whose}"));
    }
}

/// Counts of faults and of what they did, of the whole run.
fn same_faults(got: &DeskSummary, wanted: &Outcome) {
    let moves = |what: usize| wanted.moves.iter().map(|turn| turn.1[what]).sum::<u64>();
    let sum = |counts: &[usize]| counts.iter().sum::<usize>() as u64;
    let faults = &got.faults;
    assert_eq!(
        [
            faults.count,
            faults.repairs,
            faults.interrupted,
            faults.reallocated
        ],
        [
            sum(&wanted.faults),
            sum(&wanted.repairs),
            moves(2),
            moves(1)
        ]
    );
}

/// Measures by intervals, those of the warm-up too.
fn same_intervals(desk: &Desk, got: &DeskSummary, wanted: &Outcome) {
    let Some(length) = desk.intervals.map(|intervals| intervals.length) else {
        assert!(got.intervals.is_empty());
        return;
    };
    let origin = desk.on_clock(0.0).get();
    let stopped = desk.overflow == Overflow::Stop && wanted.overflows > 0;
    // Of a run that ends early there are no intervals after its end.
    let until = match stopped {
        true => desk.span().min(wanted.end - origin),
        false => desk.span(),
    };
    let mut j = 0.0;
    let mut intervals = got.intervals.iter();
    // One that ends at 0 has an interval for those who came then.
    while j == 0.0 || j * length < until {
        let (from, to) = (j * length, ((j + 1.0) * length).min(until));
        let last = to == until;
        let interval = intervals.next().expect("an interval for each");
        assert_eq!(interval.from, from);
        let here = |one: &&Request| {
            let arrival = one.drawn.arrival - origin;
            from <= arrival && (arrival < to || last)
        };
        let requests = || wanted.requests.iter().filter(here);
        let count = |of: &dyn Fn(&Request) -> bool| requests().filter(|one| of(one)).count() as u64;
        assert_eq!(interval.offered, count(&offered), "offered in {from}");
        assert_eq!(interval.answered, count(&answered), "answered in {from}");
        let rejected = count(&|one| ended(one, RequestOutcome::Rejected));
        assert_eq!(interval.rejected, rejected, "rejected in {from}");
        let abandoned = count(&|one| ended(one, RequestOutcome::Abandoned));
        assert_eq!(interval.abandoned, abandoned, "abandoned in {from}");
        same_statistics(&interval.waiting, requests().filter_map(wait), "interval");
        let within = |one: &Request| Some(desk.classes[one.drawn.class].service_level?.within);
        let judged = count(&|one| within(one).is_some() && offered(one));
        let in_time = count(&|one| {
            within(one).is_some_and(|within| answered(one) && wait(one) <= Some(within))
        });
        let level = share(in_time as usize, judged as usize);
        assert_eq!(interval.service_level, level, "service level in {from}");
        let end = (to + origin).min(wanted.end);
        let window = (from + origin, end.max(from + origin));
        let mut sums = [0.0; 4];
        let everyone = wanted.faults.len();
        for who in 0..everyone {
            let parts = parts(wanted, who, window);
            (0..4).for_each(|at| sums[at] += parts[at]);
        }
        let [busy, idle, down, _] = sums;
        assert_near(interval.occupancy, ratio(busy, busy + idle), "occupancy");
        let on_duty = ratio(busy + idle + down, window.1 - window.0);
        assert_near(interval.on_duty, on_duty, "on duty");
        j += 1.0;
    }
    assert!(intervals.next().is_none(), "an interval too many");
}
