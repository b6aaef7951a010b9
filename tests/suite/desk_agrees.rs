//! Random desks agree with the reference exactly: every row of every table, every count and value, on
//! every runtime. The reference is fed from the same named streams, in the way `desk/generator.rs`,
//! `desk/faults.rs` and `desk/dispatch.rs` document.

use crate::desk_cases::{Tables, always, plainly, recorded, step, tables};
use crate::desk_reference::{
    self as reference, AttendantSpec, Chance, ClassSpec, DeskSpec, Drawn, Policy, ScriptEntry,
    ScriptedEvent, ServerSpec, Target, simulate,
};
use filas::actor::Runtime;
use filas::random::laws::{Exponential, Gamma, Geometric, Poisson, UniformInt};
use filas::random::{Draws, Law, Purpose, Rounding, Sampler, Stream};
use filas::scenario::{
    Arrivals, Class, Desk, DeskArrivals, DeskHorizon, Dispatch, Faults, InterruptedWork, Overflow,
    RatePiece, ScriptEntry as Scripted, ScriptEvent, ServerGroup, ServiceLevel,
};
use filas::station::{FaultEvent, RequestOutcome};
use filas::stats::{Statistics, WholeTally};
use filas::time::Time;
use proptest::prelude::*;
use std::collections::VecDeque;

/// A desk without its laws, for the reference.
fn spec(desk: &Desk) -> DeskSpec {
    DeskSpec {
        steps: desk.steps().unwrap(),
        classes: desk
            .classes
            .iter()
            .map(|class| ClassSpec {
                name: class.name.clone(),
                priority: class.priority,
            })
            .collect(),
        buffer: desk.buffer.map(|places| places as usize),
        overflow: match desk.overflow {
            Overflow::Reject => reference::Overflow::Reject,
            Overflow::Stop => reference::Overflow::Stop,
        },
        policy: match desk.dispatch {
            Dispatch::FirstAvailable => Policy::FirstAvailable,
            Dispatch::RoundRobin => Policy::RoundRobin,
            Dispatch::Random => Policy::Random,
            Dispatch::LeastLoaded => Policy::LeastLoaded,
            Dispatch::PowerOfTwo => Policy::PowerOfTwo,
            Dispatch::LongestIdle => Policy::LongestIdle,
        },
        rebalance: desk.rebalance,
        max_attempts: desk.max_attempts,
        work: match desk.faults.work {
            InterruptedWork::Restart => reference::InterruptedWork::Restart,
            InterruptedWork::Resume => reference::InterruptedWork::Resume,
            InterruptedWork::Lost => reference::InterruptedWork::Lost,
        },
        script: desk
            .faults
            .script
            .iter()
            .map(|entry| ScriptEntry {
                step: entry.at.get() as u64,
                target: match entry.attendant {
                    Some(attendant) => Target::Attendant(entry.server, attendant),
                    None => Target::Server(entry.server),
                },
                event: match entry.event {
                    ScriptEvent::Fault { down_for } => {
                        ScriptedEvent::Fault(down_for.map(|lasts| lasts as u64))
                    }
                    ScriptEvent::Repair => ScriptedEvent::Repair,
                    ScriptEvent::Slow { .. } => unreachable!("nobody is slowed here"),
                },
            })
            .collect(),
        servers: desk
            .servers
            .iter()
            .map(|server| ServerSpec {
                name: server.name.clone(),
                capacity: server.capacity.map(|most| most as usize),
                attendants: server
                    .attendants
                    .iter()
                    .map(|skills| AttendantSpec {
                        skills: skills.iter().map(|skill| skill.class).collect(),
                    })
                    .collect(),
            })
            .collect(),
    }
}

/// The reference's draws, from the desk's own streams.
struct Streams<'a> {
    desk: &'a Desk,
    totals: Vec<Sampler>,
    class: Stream,
    service: Vec<Draws>,
    patience: Vec<Option<Draws>>,
    /// By class: of services and patience, and how many requests it had.
    rounding: Vec<([Rounding; 2], u64)>,
    people: Vec<Vec<Person>>,
    dispatch: Stream,
}

/// An attendant's stream, its repairs with their rounding and number, and the number of questions still to be
/// answered with no.
type Person = (Stream, Option<(Sampler, Rounding, u64)>, Option<u64>);

impl<'a> Streams<'a> {
    fn new(desk: &'a Desk, replication: u64) -> Streams<'a> {
        let stream = |actor: &str, purpose| Stream::new(desk.seed, replication, actor, purpose);
        let factor = desk.busy_day.map_or(1.0, |cv| {
            let law = Law::Gamma(Gamma { mean: 1.0, cv });
            Draws::new(&law, desk.seed, replication, "generator", Purpose::BusyDay).of(1)
        });
        let table = |name: &str, pieces: &[RatePiece]| {
            (0..pieces.len())
                .map(|i| {
                    let mean = pieces[i].rate * factor;
                    let stream = stream(&format!("{name}#{i}"), Purpose::Arrivals);
                    Sampler::new(&Law::Poisson(Poisson { mean }), stream)
                })
                .collect::<Vec<_>>()
        };
        let totals = match &desk.arrivals {
            DeskArrivals::Shared(Arrivals::PerStep(law)) => {
                vec![Sampler::new(law, stream("generator", Purpose::Arrivals))]
            }
            DeskArrivals::Shared(Arrivals::Rates(pieces)) => table("generator", pieces),
            DeskArrivals::PerClass => desk
                .classes
                .iter()
                .map(|class| match &class.arrivals {
                    Some(Arrivals::PerStep(law)) => {
                        Sampler::new(law, stream(&class.name, Purpose::Arrivals))
                    }
                    _ => unreachable!("these tests have laws per class"),
                })
                .collect(),
            _ => Vec::new(),
        };
        let draws = |class: &Class, law: &Law, purpose| {
            Draws::new(law, desk.seed, replication, &class.name, purpose)
        };
        let faults = &desk.faults;
        let person = |server: &ServerGroup, number: usize| {
            let name = format!("{}-{}", server.name, number + 1);
            let mut own = stream(&name, Purpose::Faults);
            let repair = faults.repair.as_ref();
            let repair = repair.map(|law| {
                let rounding = Rounding::new(desk.seed, replication, &format!("{name} repair"));
                (
                    Sampler::new(law, stream(&name, Purpose::Repair)),
                    rounding,
                    0,
                )
            });
            let stands = stands(faults.probability, &mut own);
            (own, repair, stands)
        };
        let people = desk.servers.iter().map(|server| {
            (0..server.attendants.len())
                .map(|number| person(server, number))
                .collect()
        });
        Streams {
            totals,
            class: stream("generator", Purpose::Class),
            service: desk
                .classes
                .iter()
                .map(|class| draws(class, &class.service, Purpose::Service))
                .collect(),
            patience: desk
                .classes
                .iter()
                .map(|class| {
                    let law = class.patience.as_ref()?;
                    Some(draws(class, law, Purpose::Patience))
                })
                .collect(),
            rounding: desk
                .classes
                .iter()
                .map(|class| {
                    let rounding = ["service", "patience"].map(|what| {
                        let name = format!("{} {what}", class.name);
                        Rounding::new(desk.seed, replication, &name)
                    });
                    (rounding, 0)
                })
                .collect(),
            people: people.collect(),
            dispatch: stream("supervisor", Purpose::Dispatch),
            desk,
        }
    }

    fn by_shares(&mut self, count: u64) -> Vec<usize> {
        let mut classes = Vec::new();
        for _ in 0..count {
            let u = self.class.unit();
            let mut sum = 0.0;
            let found = self.desk.classes.iter().position(|class| {
                sum += class.share;
                u < sum
            });
            classes.push(found.unwrap_or(self.desk.classes.len() - 1));
        }
        classes
    }
}

/// Number of questions whether an attendant fails that are answered with no; `None` for all.
fn stands(probability: f64, stream: &mut Stream) -> Option<u64> {
    if probability == 0.0 {
        return None;
    }
    if probability == 1.0 {
        return Some(0);
    }
    let steps = libm::log1p(-stream.unit()) / libm::log1p(-probability);
    Some(steps.floor() as u64)
}

impl Chance for Streams<'_> {
    fn arrivals(&mut self, step: u64) -> Vec<Drawn> {
        let classes: Vec<(usize, Option<f64>, Option<f64>)> = match &self.desk.arrivals {
            DeskArrivals::Shared(Arrivals::PerStep(_)) => {
                let count = self.totals[0].whole().unwrap();
                let classes = self.by_shares(count);
                classes.into_iter().map(|c| (c, None, None)).collect()
            }
            DeskArrivals::Shared(Arrivals::Rates(pieces)) => {
                let period = pieces.last().unwrap().until as u64;
                let within = (step - 1) % period;
                let piece = pieces.iter().position(|p| within < p.until as u64).unwrap();
                let rate = pieces[piece].rate;
                let count = if rate > 0.0 {
                    self.totals[piece].whole().unwrap()
                } else {
                    0
                };
                let classes = self.by_shares(count);
                classes.into_iter().map(|c| (c, None, None)).collect()
            }
            DeskArrivals::PerClass => {
                let mut rows: VecDeque<(usize, u64)> = self
                    .totals
                    .iter_mut()
                    .map(|sampler| sampler.whole().unwrap())
                    .enumerate()
                    .collect();
                let mut classes = Vec::new();
                while let Some((class, left)) = rows.pop_front() {
                    if left > 0 {
                        classes.push((class, None, None));
                        rows.push_back((class, left - 1));
                    }
                }
                classes
            }
            DeskArrivals::Recorded(day) => day
                .iter()
                .filter(|one| one.arrival + 1.0 == step as f64)
                .map(|one| (one.class, one.service, one.patience))
                .collect(),
            DeskArrivals::Shared(_) => unreachable!("a desk of steps"),
        };
        classes
            .into_iter()
            .map(|(class, service, patience)| {
                let (rounding, number) = &mut self.rounding[class];
                *number += 1;
                let own_service = self.service[class].of(*number);
                let own_patience = self.patience[class].as_mut().map(|draws| draws.of(*number));
                let name = (*number, 0);
                let whole = |kind: usize, value| rounding[kind].nth(value, name) as u64;
                Drawn {
                    class,
                    service: whole(0, service.unwrap_or(own_service)),
                    patience: patience.or(own_patience).map(|value| whole(1, value)),
                }
            })
            .collect()
    }

    fn fails(&mut self, _step: u64, server: usize, attendant: usize) -> bool {
        let probability = self.desk.faults.probability;
        let (stream, _, stands_for) = &mut self.people[server][attendant];
        match stands_for {
            None => false,
            Some(0) => {
                *stands_for = stands(probability, stream);
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    fn repair(&mut self, server: usize, attendant: usize) -> Option<u64> {
        let (sampler, rounding, number) = self.people[server][attendant].1.as_mut()?;
        *number += 1;
        Some(rounding.nth(sampler.draw()?, (*number, 0)) as u64)
    }

    fn choose(&mut self, among: usize) -> usize {
        self.dispatch.below(among as u64) as usize
    }

    fn choose_two(&mut self, among: usize) -> (usize, usize) {
        let one = self.choose(among);
        let other = self.choose(among - 1);
        (one, if other >= one { other + 1 } else { other })
    }
}

/// Compares one run with the reference, column by column.
fn assert_equal(desk: &Desk, got: &Tables, wanted: &reference::Outcome) {
    assert_eq!(got.steps.len(), wanted.steps.len(), "steps done");
    for (row, other) in got.steps.iter().zip(&wanted.steps) {
        let columns = [
            (row.generated, other.generated),
            (row.rejected, other.rejected),
            (row.dispatched, other.dispatched),
            (row.reallocated, other.reallocated),
            (row.interrupted, other.interrupted),
            (row.completed, other.completed),
            (row.abandoned, other.abandoned),
            (row.failed, other.failed),
            (row.buffer, other.buffer),
            (row.handed_over, other.handed_over),
            (row.waiting_at_servers, other.waiting_at_servers),
            (row.in_service, other.in_service),
            (row.attendants_up, other.attendants_up),
        ];
        assert_eq!(step(row.time), other.step);
        let same = columns.iter().all(|&(one, other)| one == other as u64);
        assert!(same, "{row:?}\n{other:?}");
    }
    assert_eq!(got.requests.len(), wanted.requests.len(), "requests");
    for (row, other) in got.requests.iter().zip(&wanted.requests) {
        let outcome = match other.outcome {
            reference::RequestOutcome::Completed => RequestOutcome::Completed,
            reference::RequestOutcome::Rejected => RequestOutcome::Rejected,
            reference::RequestOutcome::Abandoned => RequestOutcome::Abandoned,
            reference::RequestOutcome::Failed => RequestOutcome::Failed,
            reference::RequestOutcome::InSystem => RequestOutcome::InSystem,
        };
        let same = row.id == other.id as u64
            && row.class as usize == other.class
            && (step(row.arrival), row.first_start.map(step)) == (other.arrival, other.first_start)
            && (row.end.map(step), row.outcome) == (other.end, outcome)
            && row.attempts == other.attempts
            && row.server.map(|server| server as usize) == other.server
            && row.attendant.map(|attendant| attendant as usize) == other.attendant;
        assert!(same, "{row:?}\n{other:?}");
    }
    assert_eq!(got.faults.len(), wanted.faults.len(), "faults");
    for (row, other) in got.faults.iter().zip(&wanted.faults) {
        let event = match other.event {
            reference::FaultEvent::Fault => FaultEvent::Fault,
            reference::FaultEvent::Repair => FaultEvent::Repair,
        };
        let place = (row.server as usize, row.attendant as usize);
        let same = (step(row.time), place) == (other.step, (other.server, other.attendant))
            && (row.event, row.request) == (event, other.request.map(|id| id as u64));
        assert!(same, "{row:?}\n{other:?}");
    }
    assert_same_summary(desk, got, wanted);
}

fn assert_same_summary(desk: &Desk, got: &Tables, wanted: &reference::Outcome) {
    let summary = &got.outcome.summary;
    assert_eq!(summary.steps, Some(wanted.steps.len() as u64));
    assert_requests(&summary.requests, &wanted.total);
    assert_eq!(summary.waiting, statistics(&wanted.total.waiting));
    assert_eq!(summary.sojourn, statistics(&wanted.total.sojourn));
    for ((class, other), asked) in summary
        .classes
        .iter()
        .zip(&wanted.classes)
        .zip(&desk.classes)
    {
        assert_requests(&class.requests, other);
        assert_eq!(class.waiting, statistics(&other.waiting));
        assert_eq!(class.sojourn, statistics(&other.sojourn));
        assert_eq!(class.service_level.is_some(), asked.service_level.is_some());
        if let (Some(level), Some(within)) = (class.service_level, asked.service_level) {
            let in_time = other
                .waiting
                .iter()
                .filter(|&&waited| waited as f64 <= within.within);
            let share =
                |whole: usize| (whole > 0).then(|| in_time.clone().count() as f64 / whole as f64);
            assert_eq!(level.of_answered, share(other.waiting.len()));
            let offered = other.waiting.len() + other.rejected + other.abandoned;
            assert_eq!(level.of_offered, share(offered));
        }
    }
    let whole = |count: Option<usize>| count.map(|count| count as u64);
    assert_eq!(summary.buffer.mean, wanted.buffer.mean);
    assert_eq!(summary.buffer.max, whole(wanted.buffer.max));
    assert_eq!(summary.buffer.last, whole(wanted.buffer.last));
    let (faults, other) = (&summary.faults, &wanted.fault_summary);
    assert_eq!(faults.count, other.count as u64);
    assert_eq!(faults.repairs, other.repairs as u64);
    assert_eq!(faults.interrupted, other.interrupted as u64);
    assert_eq!(faults.reallocated, other.reallocated as u64);
    assert_eq!(faults.availability, other.availability);
    for (server, other) in summary.servers.iter().zip(&wanted.servers) {
        assert_eq!(server.completed, other.completed as u64);
        assert_eq!(server.utilisation, other.utilisation);
        assert_eq!(server.availability, other.availability);
        assert_eq!(server.held.mean, other.held.mean);
        assert_eq!(server.held.max, whole(other.held.max));
        for (attendant, other) in server.attendants.iter().zip(&other.attendants) {
            assert_eq!(attendant.completed, other.completed as u64);
            assert_eq!(attendant.faults, other.faults as u64);
            let steps = [other.busy_steps, other.idle_steps, other.down_steps];
            assert_eq!(attendant.spent()[..3], steps.map(|steps| steps as f64));
        }
    }
}

fn assert_requests(counts: &filas::desk::RequestCounts, other: &reference::RequestSummary) {
    let got = [
        counts.generated,
        counts.completed,
        counts.rejected,
        counts.abandoned,
        counts.failed,
        counts.in_system,
    ];
    let wanted = [
        other.generated,
        other.completed,
        other.rejected,
        other.abandoned,
        other.failed,
        other.in_system,
    ];
    assert_eq!(got, wanted.map(|count| count as u64));
}

fn statistics(values: &[u64]) -> Statistics {
    let mut tally = WholeTally::default();
    values.iter().for_each(|&value| tally.add(value));
    tally.statistics()
}

/// Runs a desk on every runtime and compares each run with the reference.
pub(crate) fn agrees_everywhere(desk: &Desk, replication: u64) {
    let wanted = simulate(&spec(desk), &mut Streams::new(desk, replication));
    let inline = tables(desk, replication, Runtime::Inline).unwrap();
    assert_equal(desk, &inline, &wanted);
    let runtimes = [
        Runtime::Threads {
            channel_capacity: [0, 1, 64][replication as usize % 3],
        },
        Runtime::Explore {
            channel_capacity: [0, 1, 2][replication as usize % 3],
            seed: replication,
        },
    ];
    for runtime in runtimes {
        let other = tables(desk, replication, runtime).unwrap();
        assert_eq!(other.outcome.digest, inline.outcome.digest, "{runtime:?}");
        assert_eq!(other.outcome.summary, inline.outcome.summary);
        assert_eq!(other.outcome.history, inline.outcome.history);
        assert_eq!(other.steps, inline.steps);
        assert_eq!(other.requests, inline.requests);
        assert_eq!(other.faults, inline.faults);
    }
}

fn durations() -> impl Strategy<Value = Law> {
    prop_oneof![
        (1u64..4).prop_map(always),
        (1.0f64..6.0).prop_map(|mean| Law::Geometric(Geometric { mean })),
        (0.2f64..5.0).prop_map(|mean| Law::Exponential(Exponential { mean })),
        (1u64..3, 0u64..6).prop_map(|(low, more)| Law::UniformInt(UniformInt {
            low,
            high: low + more
        })),
    ]
}

fn counts(most: u64) -> impl Strategy<Value = Law> {
    prop_oneof![
        (0..=most).prop_map(always),
        (0..=most / 2, 0..=most / 2).prop_map(|(low, more)| Law::UniformInt(UniformInt {
            low,
            high: low + more
        })),
        (0.05f64..most as f64).prop_map(|mean| Law::Poisson(Poisson { mean })),
    ]
}

fn classes() -> impl Strategy<Value = Vec<Class>> {
    let class = (
        durations(),
        prop::option::of(durations()),
        -1i64..2,
        counts(3),
        prop::option::of(0u32..4),
        0.1f64..1.0,
    );
    prop::collection::vec(class, 1..4).prop_map(|drawn| {
        let whole: f64 = drawn.iter().map(|class| class.5).sum();
        (1..)
            .zip(drawn)
            .map(|(number, class)| Class {
                share: class.5 / whole,
                arrivals: Some(Arrivals::PerStep(class.3)),
                patience: class.1,
                priority: class.2,
                service_level: class.4.map(|within| ServiceLevel {
                    within: f64::from(within),
                    target: None,
                }),
                ..Class::new(&format!("class{number}"), class.0)
            })
            .collect()
    })
}

fn servers(classes: usize) -> impl Strategy<Value = Vec<ServerGroup>> {
    let skills = prop::sample::subsequence((0..classes).collect::<Vec<_>>(), 1..=classes);
    let server = (
        prop::option::of(1u64..6),
        prop::collection::vec(skills, 1..5),
    );
    prop::collection::vec(server, 1..5).prop_map(|drawn| {
        ('A'..)
            .zip(drawn)
            .map(|(name, (capacity, attendants))| {
                let attendants = attendants.iter().map(|skills| plainly(skills)).collect();
                ServerGroup {
                    capacity,
                    ..ServerGroup::new(&name.to_string(), attendants)
                }
            })
            .collect()
    })
}

fn faults(steps: u64, servers: Vec<ServerGroup>) -> impl Strategy<Value = Faults> {
    let entry = (
        1..=steps,
        0..servers.len(),
        prop::option::of(0usize..4),
        prop_oneof![
            3 => prop::option::of(1u32..6).prop_map(|down_for| ScriptEvent::Fault {
                down_for: down_for.map(f64::from)
            }),
            2 => Just(ScriptEvent::Repair),
        ],
    )
        .prop_map(move |(step, server, attendant, event)| Scripted {
            at: Time::of(step),
            server,
            attendant: attendant.map(|number| number % servers[server].attendants.len()),
            event,
        });
    (
        prop_oneof![3 => 0.0f64..0.4, 1 => Just(0.0), 1 => Just(1.0)],
        prop_oneof![3 => durations().prop_map(Some), 1 => Just(None)],
        prop_oneof![
            Just(InterruptedWork::Restart),
            Just(InterruptedWork::Resume),
            Just(InterruptedWork::Lost)
        ],
        prop::collection::vec(entry, 0..6),
    )
        .prop_map(|(probability, repair, work, script)| Faults {
            probability,
            repair,
            work,
            script,
            ..Faults::default()
        })
}

fn arrivals(steps: u64, classes: usize) -> impl Strategy<Value = DeskArrivals> {
    let one = (
        1..=steps + 2,
        0..classes,
        prop::option::of(1u32..20),
        prop::option::of(0u32..5),
    );
    let piece = (1u64..6, prop_oneof![Just(0.0), 0.1f64..6.0]);
    prop_oneof![
        counts(9).prop_map(|law| DeskArrivals::Shared(Arrivals::PerStep(law))),
        Just(DeskArrivals::PerClass),
        prop::collection::vec(piece, 1..4).prop_map(|drawn| {
            let mut until = 0;
            let pieces = drawn.into_iter().map(|(length, rate)| {
                until += length;
                RatePiece {
                    until: until as f64,
                    rate,
                }
            });
            DeskArrivals::Shared(Arrivals::Rates(pieces.collect()))
        }),
        prop::collection::vec(one, 0..60).prop_map(|mut day| {
            day.sort_unstable();
            let DeskArrivals::Recorded(mut requests) =
                recorded(&day.iter().map(|one| (one.0, one.1, 1)).collect::<Vec<_>>())
            else {
                unreachable!("recorded requests are recorded")
            };
            let all = std::sync::Arc::make_mut(&mut requests);
            for (request, one) in all.iter_mut().zip(&day) {
                request.service = one.2.map(|quarters| f64::from(quarters) / 4.0);
                request.patience = one.3.map(f64::from);
            }
            DeskArrivals::Recorded(requests)
        }),
    ]
}

fn desks() -> impl Strategy<Value = Desk> {
    let policy = prop_oneof![
        Just(Dispatch::FirstAvailable),
        Just(Dispatch::RoundRobin),
        Just(Dispatch::Random),
        Just(Dispatch::LeastLoaded),
        Just(Dispatch::PowerOfTwo),
        Just(Dispatch::LongestIdle),
    ];
    let rules = (
        policy,
        prop::option::of(1u64..12),
        prop_oneof![4 => Just(Overflow::Reject), 1 => Just(Overflow::Stop)],
        any::<[bool; 2]>(),
        prop::option::of(1u64..4),
    );
    (1u64..40, classes(), any::<u64>(), rules)
        .prop_flat_map(|(steps, classes, seed, rules)| {
            let count = classes.len();
            let arrivals = arrivals(steps, count);
            (
                Just((steps, classes, seed, rules)),
                servers(count),
                arrivals,
            )
        })
        .prop_flat_map(|(head, servers, arrivals)| {
            let faults = faults(head.0, servers.clone());
            (Just(head), Just(servers), Just(arrivals), faults)
        })
        .prop_map(
            |((steps, classes, seed, rules), servers, arrivals, faults)| Desk {
                seed,
                busy_day: match arrivals {
                    DeskArrivals::Shared(Arrivals::Rates(_)) if rules.3[1] => Some(0.5),
                    _ => None,
                },
                buffer: rules.1,
                overflow: rules.2,
                dispatch: rules.0,
                rebalance: rules.3[0],
                max_attempts: rules.4,
                faults,
                ..Desk::new(
                    "drawn",
                    DeskHorizon::Steps(steps),
                    arrivals,
                    classes,
                    servers,
                )
            },
        )
}

proptest! {
    #[test]
    fn every_desk_agrees_with_the_reference_on_every_runtime(desk in desks(), replication in 0u64..9) {
        agrees_everywhere(&desk, replication);
    }
}
