//! Made-up desks in continuous time, in which nearly everything ties: times and lengths are multiples of a half, drawn
//! by laws or recorded. And the same desks in steps.

use crate::desk_cases::{class, plain};
use crate::desk_clock_draws::arrivals;
use filas::random::Law;
use filas::random::laws::{Constant, Discrete};
use filas::scenario::{
    Arrivals, Class, Desk, DeskArrivals, DeskHorizon, Dispatch, FaultClock, Faults,
    InterruptedWork, Intervals, Loss, Overflow, Queue, RecordedRequest, Retry, ScriptEntry,
    ScriptEvent, ServerGroup, ServiceLevel, Shift, ShiftLeaving, Skill, Timeout,
};
use filas::time::Time;
use proptest::prelude::*;
use std::ops::Range;
use std::sync::Arc;

fn halves(range: Range<u32>) -> impl Strategy<Value = f64> + Clone {
    range.prop_map(|halves| f64::from(halves) / 2.0)
}

/// Always the same multiple of a half, or one of two.
fn law(range: Range<u32>) -> impl Strategy<Value = Law> + Clone {
    let constant = halves(range.clone()).prop_map(|value| Law::Constant(Constant { value }));
    let two = (halves(range.clone()), halves(range)).prop_map(|(one, other)| {
        Law::Discrete(Discrete {
            values: vec![one, other],
            probabilities: vec![0.25, 0.75],
        })
    });
    prop_oneof![2 => constant, 1 => two]
}

fn servers(classes: usize) -> impl Strategy<Value = Vec<ServerGroup>> {
    let speed = prop_oneof![3 => Just(1.0), 1 => Just(0.5), 1 => Just(2.0)];
    let skill = (1i64..3, speed);
    let skills = prop::sample::subsequence((0..classes).collect::<Vec<_>>(), 1..=classes)
        .prop_flat_map(move |classes| {
            let each = prop::collection::vec(skill.clone(), classes.len());
            (Just(classes), each).prop_map(|(classes, each)| {
                let skill = |(class, (rank, speed))| Skill { class, rank, speed };
                classes.into_iter().zip(each).map(skill).collect::<Vec<_>>()
            })
        });
    let server = (
        prop::option::of(1u64..5),
        prop::collection::vec(skills, 1..4),
    );
    prop::collection::vec(server, 1..4).prop_map(|drawn| {
        ('A'..)
            .zip(drawn)
            .map(|(name, (capacity, attendants))| ServerGroup {
                capacity,
                ..ServerGroup::new(&name.to_string(), attendants)
            })
            .collect()
    })
}

/// Entries at multiples of a half, which in steps are made whole.
fn script(servers: Vec<ServerGroup>) -> impl Strategy<Value = Vec<ScriptEntry>> {
    let entry = (
        0u32..40,
        0..servers.len(),
        prop::option::of(0usize..3),
        prop_oneof![
            3 => prop::option::of(0u32..8).prop_map(Some),
            2 => Just(None),
        ],
        prop_oneof![3 => Just(None), 1 => Just(Some(0.5)), 1 => Just(Some(0.25))],
    )
        .prop_map(
            move |(halves, server, attendant, event, slow)| ScriptEntry {
                at: Time::at(f64::from(halves) / 2.0),
                server,
                attendant: attendant.map(|number| number % servers[server].attendants.len()),
                event: match event {
                    Some(down_for) => {
                        let down_for = down_for.map(|halves| f64::from(halves) / 2.0);
                        match slow {
                            Some(factor) => ScriptEvent::Slow { down_for, factor },
                            None => ScriptEvent::Fault { down_for },
                        }
                    }
                    None => ScriptEvent::Repair,
                },
            },
        );
    prop::collection::vec(entry, 0..6)
}

/// Spells, repeat and leaving.
type ShiftKind = (Vec<[f64; 2]>, Option<f64>, ShiftLeaving);

/// Shifts at multiples of a half, and which attendant has which.
fn shifts(servers: Vec<ServerGroup>) -> impl Strategy<Value = (Vec<Shift>, Vec<ServerGroup>)> {
    let spell = (0u32..40, 1u32..20).prop_map(|(from, lasts)| {
        let from = f64::from(from) / 2.0;
        [from, from + f64::from(lasts) / 2.0]
    });
    let leaving = prop_oneof![Just(ShiftLeaving::Finish), Just(ShiftLeaving::HandOver)];
    let shift = (
        prop::collection::vec(spell, 1..4),
        prop::option::of((8u32..30).prop_map(|halves| f64::from(halves) / 2.0)),
        leaving,
    );
    let everyone: usize = servers.iter().map(|server| server.attendants.len()).sum();
    let whose = prop::collection::vec(prop::option::of(any::<prop::sample::Index>()), everyone);
    (prop::collection::vec(shift, 0..3), whose).prop_map(move |(drawn, whose)| {
        let shift = |(number, (spells, repeat, leaving)): (usize, ShiftKind)| Shift {
            name: format!("shift{number}"),
            spells,
            repeat,
            leaving,
        };
        let shifts: Vec<Shift> = drawn.into_iter().enumerate().map(shift).collect();
        let mut servers = servers.clone();
        if !shifts.is_empty() {
            let mut whose = whose
                .iter()
                .map(|one| one.map(|index| index.index(shifts.len())));
            for server in &mut servers {
                server.shifts = whose.by_ref().take(server.attendants.len()).collect();
            }
        }
        (shifts, servers)
    })
}

/// Faults by chance after times.
fn chance() -> impl Strategy<Value = Faults> {
    (
        prop::option::of(law(1..16)),
        any::<bool>(),
        prop::option::of(law(0..8)),
        prop::option::of(1u32..3),
        prop_oneof![2 => Just(None), 1 => Just(Some(0.5))],
    )
        .prop_map(|(every, busy, repair, crew, slow)| match every {
            None => Faults::default(),
            Some(every) => Faults {
                every: Some(every),
                clock: if busy {
                    FaultClock::Busy
                } else {
                    FaultClock::Calendar
                },
                repair,
                crew,
                slow,
                ..Faults::default()
            },
        })
}

/// Recorded requests, of which some values are drawn all the same.
fn day(classes: usize) -> impl Strategy<Value = DeskArrivals> {
    let one = (
        halves(0..40),
        0..classes,
        prop_oneof![3 => halves(0..12).prop_map(Some), 1 => Just(None)],
        prop::option::of(halves(0..8)),
    );
    prop::collection::vec(one, 0..40).prop_map(|mut drawn| {
        drawn.sort_by(|one, other| one.0.total_cmp(&other.0));
        let request = |(arrival, class, service, patience)| RecordedRequest {
            arrival,
            class,
            service,
            patience,
        };
        DeskArrivals::Recorded(Arc::new(drawn.into_iter().map(request).collect()))
    })
}

/// Arrivals by a law or at given instants, in batches or not.
type Flow = (Arrivals, Option<Law>);

fn flow() -> impl Strategy<Value = Flow> {
    let times = prop::collection::vec(halves(0..40), 0..12).prop_map(|mut times| {
        times.sort_by(f64::total_cmp);
        Arrivals::Times(times.into())
    });
    let batch = prop_oneof![
        Just(vec![0.0, 2.0]),
        Just(vec![1.0, 3.0]),
        Just(vec![1.0, 2.0]),
    ];
    let batch = batch.prop_map(|values| {
        let probabilities = vec![0.5, 0.5];
        Law::Discrete(Discrete {
            values,
            probabilities,
        })
    });
    (
        prop_oneof![2 => law(1..8).prop_map(Arrivals::Renewal), 1 => times],
        prop::option::of(batch),
    )
}

/// How requests come: the coefficient of variation of a busy day, all arrivals, those of each class.
type Coming = (Option<f64>, DeskArrivals, Option<Law>, Vec<Option<Flow>>);

fn coming(classes: usize) -> impl Strategy<Value = Coming> {
    let cv = || prop_oneof![2 => Just(None), 1 => Just(Some(0.5))];
    let recorded = day(classes).prop_map(move |day| (None, day, None, vec![None; classes]));
    let shared = (cv(), flow()).prop_map(move |(cv, (flow, batch))| {
        // Given instants know no busy days.
        let cv = cv.filter(|_| !matches!(flow, Arrivals::Times(_)));
        (cv, DeskArrivals::Shared(flow), batch, vec![None; classes])
    });
    let own = (cv(), prop::collection::vec(flow(), classes)).prop_map(|(cv, flows)| {
        let mut flows_of = flows.iter();
        let cv = cv.filter(|_| !flows_of.any(|flow| matches!(flow.0, Arrivals::Times(_))));
        let flows = flows.into_iter().map(Some).collect();
        (cv, DeskArrivals::PerClass, None, flows)
    });
    prop_oneof![3 => recorded, 1 => shared, 1 => own]
}

/// What becomes of the clients of a class.
#[derive(Clone, Debug)]
struct Kind {
    priority: i64,
    service: Law,
    patience: Option<Law>,
    wrap_up: Option<Law>,
    timeout: Option<Timeout>,
    retry: Option<Retry>,
    service_level: Option<ServiceLevel>,
}

fn kinds() -> impl Strategy<Value = Kind> {
    let timeout =
        (law(0..10), any::<bool>()).prop_map(|(after, withdraw)| Timeout { after, withdraw });
    let losses = vec![
        Loss::Rejected,
        Loss::Abandoned,
        Loss::TimedOut,
        Loss::Failed,
    ];
    let after = prop::sample::subsequence(losses, 1..=4);
    let probability = prop_oneof![3 => Just(1.0), 1 => Just(0.5)];
    let retry =
        (after, probability, law(0..8), 0u64..4).prop_map(|(after, probability, delay, most)| {
            Retry {
                after,
                probability,
                delay,
                most: Some(most),
            }
        });
    let level = (halves(0..6), prop::option::of(Just(0.5)))
        .prop_map(|(within, target)| ServiceLevel { within, target });
    (
        -1i64..2,
        law(0..8),
        prop::option::of(law(0..8)),
        prop::option::of(law(0..6)),
        prop::option::of(timeout),
        prop::option::of(retry),
        prop::option::of(level),
    )
        .prop_map(
            |(priority, service, patience, wrap_up, timeout, retry, service_level)| Kind {
                priority,
                service,
                patience,
                wrap_up,
                timeout,
                retry,
                service_level,
            },
        )
}

fn rules() -> impl Strategy<Value = Desk> {
    let policy = prop_oneof![
        Just(Dispatch::FirstAvailable),
        Just(Dispatch::RoundRobin),
        Just(Dispatch::Random),
        Just(Dispatch::LeastLoaded),
        Just(Dispatch::PowerOfTwo),
        Just(Dispatch::LongestIdle),
    ];
    let work = prop_oneof![
        Just(InterruptedWork::Restart),
        Just(InterruptedWork::Resume),
        Just(InterruptedWork::Lost)
    ];
    let limits = (
        prop::option::of(1u64..10),
        prop::option::of(0u64..6),
        prop_oneof![4 => Just(Overflow::Reject), 1 => Just(Overflow::Stop)],
        prop::option::of(1u64..4),
    );
    (
        policy,
        work,
        limits,
        any::<[bool; 3]>(),
        any::<u64>(),
        (0u32..10, prop::option::of(halves(1..14))),
    )
        .prop_map(
            |(dispatch, work, limits, [central, rebalance, stop], seed, (warm_up, interval))| {
                let mut desk = plain(1);
                desk.seed = seed;
                let end = stop.then_some(17.5);
                desk.horizon = DeskHorizon::Until { until: 17.5, end };
                desk.warm_up = f64::from(warm_up.saturating_sub(5)) / 2.0;
                desk.intervals = interval.map(|length| Intervals {
                    length,
                    end: Some(desk.span()),
                });
                desk.queue = if central {
                    Queue::Central
                } else {
                    Queue::Servers
                };
                desk.dispatch = dispatch;
                desk.rebalance = rebalance;
                desk.faults.work = work;
                (desk.system_capacity, desk.buffer) = (limits.0, limits.1);
                (desk.overflow, desk.max_attempts) = (limits.2, limits.3);
                desk
            },
        )
}

/// Desks in continuous time.
pub(crate) fn desks() -> impl Strategy<Value = Desk> {
    (rules(), prop::collection::vec(kinds(), 1..4))
        .prop_flat_map(|(desk, kinds)| {
            let classes = kinds.len();
            (Just(desk), Just(kinds), servers(classes), coming(classes))
        })
        .prop_flat_map(|(desk, kinds, servers, coming)| {
            let script = script(servers.clone());
            let staff = (shifts(servers), chance());
            (Just(desk), Just(kinds), staff, Just(coming), script)
        })
        .prop_map(|(mut desk, kinds, (staff, chance), coming, script)| {
            let (busy_day, arrivals, batch, flows) = coming;
            let share = 1.0 / kinds.len() as f64;
            let classes = kinds.into_iter().zip(flows).enumerate();
            let classes = classes.map(|(number, (kind, flow))| {
                let (arrivals, batch) = flow.unzip();
                Class {
                    share,
                    priority: kind.priority,
                    service: kind.service,
                    patience: kind.patience,
                    wrap_up: kind.wrap_up,
                    timeout: kind.timeout,
                    retry: kind.retry,
                    service_level: kind.service_level,
                    arrivals,
                    batch: batch.flatten(),
                    ..class(&format!("class{number}"))
                }
            });
            desk.classes = classes.collect();
            (desk.busy_day, desk.arrivals, desk.batch) = (busy_day, arrivals, batch);
            (desk.shifts, desk.servers) = staff;
            desk.faults = Faults {
                script,
                work: desk.faults.work,
                ..chance
            };
            desk
        })
}

/// Desks of steps: the same, with arrivals and the times of scripts and shifts made whole, and faults with a chance in
/// each step.
pub(crate) fn desks_of_steps() -> impl Strategy<Value = Desk> {
    let probability = prop_oneof![2 => Just(0.0), 2 => 0.02f64..0.4, 1 => Just(1.0)];
    (desks(), 1u64..22, probability).prop_map(|(desk, steps, probability)| {
        let classes = desk.classes.clone();
        let faults = desk.faults.clone();
        let mut whole = whole(&desk, DeskHorizon::Steps(steps));
        whole.warm_up = whole.warm_up.min(steps as f64 - 1.0);
        // What laws give is made whole by the desk.
        whole.classes = classes;
        whole
            .classes
            .iter_mut()
            .for_each(|class| class.arrivals = None);
        whole.faults.probability = probability;
        (whole.faults.repair, whole.faults.crew) = (faults.repair, faults.crew);
        whole.faults.slow = faults.slow;
        whole
    })
}

/// The same desk in steps, or on whole times: everything made whole.
pub(crate) fn whole(desk: &Desk, horizon: DeskHorizon) -> Desk {
    let mut whole = desk.clone();
    whole.horizon = horizon;
    whole.warm_up = whole.warm_up.floor();
    let day = arrivals(desk, 0).into_iter().map(|one| RecordedRequest {
        arrival: (one.time - desk.on_clock(0.0).get()).floor(),
        class: one.class,
        service: one.service.map(|lasts| lasts.ceil().max(1.0)),
        patience: one.patience.map(|lasts| lasts.ceil().max(1.0)),
    });
    whole.arrivals = DeskArrivals::Recorded(Arc::new(day.collect()));
    (whole.busy_day, whole.batch) = (None, None);
    whole.intervals = whole.intervals.map(|intervals| Intervals {
        length: intervals.length.ceil(),
        end: Some(whole.span()),
    });
    for class in &mut whole.classes {
        (class.arrivals, class.batch) = (None, None);
        whole_law(&mut class.service, 1.0);
        class
            .patience
            .iter_mut()
            .for_each(|law| whole_law(law, 1.0));
        class.wrap_up.iter_mut().for_each(|law| whole_law(law, 0.0));
        let timeout = class.timeout.iter_mut();
        timeout.for_each(|timeout| whole_law(&mut timeout.after, 1.0));
        let retry = class.retry.iter_mut();
        retry.for_each(|retry| whole_law(&mut retry.delay, 1.0));
    }
    for entry in &mut whole.faults.script {
        entry.at = whole_time(horizon, entry.at);
        if let ScriptEvent::Fault { down_for } | ScriptEvent::Slow { down_for, .. } =
            &mut entry.event
        {
            *down_for = down_for.map(|lasts| lasts.ceil().max(1.0));
        }
    }
    for shift in &mut whole.shifts {
        for spell in &mut shift.spells {
            *spell = [spell[0].floor(), spell[1].floor() + 1.0];
        }
        shift.repeat = shift.repeat.map(f64::ceil);
    }
    if matches!(horizon, DeskHorizon::Steps(_)) {
        whole.faults.every = None;
        (whole.faults.crew, whole.faults.slow) = (None, None);
        whole.faults.repair = None;
    }
    whole
}

/// Rounds the values of a law up.
fn whole_law(law: &mut Law, least: f64) {
    let up = |value: f64| value.ceil().max(least);
    match law {
        Law::Constant(Constant { value }) => *value = up(*value),
        Law::Discrete(Discrete { values, .. }) => {
            values.iter_mut().for_each(|value| *value = up(*value));
        }
        _ => unreachable!("these desks have no other laws"),
    }
}

fn whole_time(horizon: DeskHorizon, at: Time) -> Time {
    let first = match horizon {
        DeskHorizon::Steps(_) => 1.0,
        DeskHorizon::Until { .. } => 0.0,
    };
    Time::at(at.get().floor() + first)
}
