//! From what the actors counted to the summary.

use super::attendant::{Attendant, AttendantTally};
use super::coordinator::Coordinator;
use super::generator::Generator;
use super::measures::RequestTally;
use super::server::Server;
use super::summary::{
    AttendantSummary, BufferSummary, ClassSummary, DeskSummary, FaultSummary, HeldSummary,
    LostShares, RequestCounts, ServerSummary, ServiceLevelSummary,
};
use super::supervisor::Supervisor;
use crate::scenario::{Class, Desk, ServerGroup};
use crate::time::Step;

/// The actors of a run that is over.
pub(super) struct Actors<'a> {
    pub(super) coordinator: &'a Coordinator,
    pub(super) generator: &'a Generator,
    pub(super) supervisor: &'a Supervisor,
    /// Each with its attendants.
    pub(super) servers: Vec<(&'a Server, Vec<&'a Attendant>)>,
}

impl Actors<'_> {
    /// All measures of the run.
    pub(super) fn summary(&self, scenario: &Desk) -> DeskSummary {
        let steps = self.coordinator.steps_done();
        let measures = self.supervisor.measures();
        let generated = self.generator.by_class();
        let all = measures.all();
        let requests = counts(&all, generated.iter().sum());
        let classes = scenario.classes.iter().zip(generated);
        let servers: Vec<ServerSummary> = scenario
            .servers
            .iter()
            .zip(&self.servers)
            .map(|(group, (server, attendants))| {
                server_summary(scenario, group, server, attendants, steps)
            })
            .collect();
        DeskSummary {
            steps,
            requests,
            waiting: all.waiting.statistics(),
            sojourn: all.sojourn.statistics(),
            lost: lost(&requests),
            classes: classes
                .zip(&measures.classes)
                .map(|((class, &generated), tally)| class_summary(class, tally, generated))
                .collect(),
            buffer: self.buffer(),
            faults: self.faults(),
            servers,
        }
    }

    fn buffer(&self) -> BufferSummary {
        let steps = self.coordinator.steps_done();
        let level = self.coordinator.buffer();
        BufferSummary {
            mean: mean(level.sum, steps),
            max: (steps > 0).then_some(level.max),
            last: (steps > 0).then_some(level.last),
            full_steps: level.overflowing,
        }
    }

    fn faults(&self) -> FaultSummary {
        let steps = self.coordinator.steps_done();
        let totals = self.coordinator.totals();
        let everyone = self.servers.iter().flat_map(|(_, attendants)| attendants);
        let sums = Sums::of(everyone.map(|attendant| *attendant.tally()));
        FaultSummary {
            count: sums.all.faults,
            repairs: sums.all.repairs,
            interrupted: totals.interrupted,
            reallocated: totals.reallocated,
            availability: sums.availability(steps),
            repair_time_mean: repair_time_mean(&sums.all),
            outage_longest: outage_longest(&sums.all),
        }
    }
}

/// Tallies of several attendants in one.
#[derive(Default)]
struct Sums {
    attendants: u64,
    /// Sums, and the longest of the longest outages.
    all: AttendantTally,
}

impl Sums {
    fn of(tallies: impl Iterator<Item = AttendantTally>) -> Sums {
        tallies.fold(Sums::default(), |mut sums, tally| {
            let all = &mut sums.all;
            sums.attendants += 1;
            all.completed += tally.completed;
            all.faults += tally.faults;
            all.repairs += tally.repairs;
            all.busy += tally.busy;
            all.down += tally.down;
            all.repair_time += tally.repair_time;
            all.longest_outage = all.longest_outage.max(tally.longest_outage);
            sums
        })
    }

    fn utilisation(&self, steps: Step) -> Option<f64> {
        share(self.all.busy, self.attendants * steps)
    }

    fn availability(&self, steps: Step) -> Option<f64> {
        let whole = self.attendants * steps;
        share(whole - self.all.down, whole)
    }
}

fn class_summary(class: &Class, tally: &RequestTally, generated: u64) -> ClassSummary {
    let requests = counts(tally, generated);
    ClassSummary {
        name: class.name.clone(),
        requests,
        waiting: tally.waiting.statistics(),
        sojourn: tally.sojourn.statistics(),
        lost: lost(&requests),
        service_level: class.service_level.map(|within| {
            let answered = tally.waiting.at_most(within);
            ServiceLevelSummary {
                within,
                answered,
                share: share(answered, generated),
            }
        }),
    }
}

fn server_summary(
    scenario: &Desk,
    group: &ServerGroup,
    server: &Server,
    attendants: &[&Attendant],
    steps: Step,
) -> ServerSummary {
    let sums = Sums::of(attendants.iter().map(|attendant| *attendant.tally()));
    let (held, most) = server.held(steps);
    let outage = server.longest_outage();
    let each = attendants.iter().zip(&group.attendants);
    ServerSummary {
        name: group.name.clone(),
        capacity: group.capacity,
        completed: sums.all.completed,
        utilisation: sums.utilisation(steps),
        availability: sums.availability(steps),
        held: HeldSummary {
            mean: mean(held, steps),
            max: (steps > 0).then_some(most),
        },
        faults: sums.all.faults,
        repairs: sums.all.repairs,
        repair_time_mean: repair_time_mean(&sums.all),
        outage_longest: (outage > 0).then_some(outage),
        attendants: each
            .map(|(attendant, skills)| {
                let names = skills
                    .iter()
                    .map(|&class| scenario.classes[class].name.clone());
                attendant_summary(attendant, names.collect(), steps)
            })
            .collect(),
    }
}

fn attendant_summary(attendant: &Attendant, skills: Vec<String>, steps: Step) -> AttendantSummary {
    let tally = attendant.tally();
    AttendantSummary {
        name: attendant.name().to_owned(),
        skills,
        completed: tally.completed,
        faults: tally.faults,
        repairs: tally.repairs,
        busy_steps: tally.busy,
        idle_steps: steps - tally.busy - tally.down,
        down_steps: tally.down,
        utilisation: share(tally.busy, steps),
        availability: share(steps - tally.down, steps),
        repair_time_mean: repair_time_mean(tally),
        outage_longest: outage_longest(tally),
    }
}

fn counts(tally: &RequestTally, generated: u64) -> RequestCounts {
    let ended = tally.completed + tally.rejected + tally.abandoned + tally.failed;
    RequestCounts {
        generated,
        completed: tally.completed,
        rejected: tally.rejected,
        abandoned: tally.abandoned,
        failed: tally.failed,
        in_system: generated - ended,
    }
}

fn lost(requests: &RequestCounts) -> LostShares {
    let of_all = |count| share(count, requests.generated);
    LostShares {
        total: of_all(requests.rejected + requests.abandoned + requests.failed),
        rejected: of_all(requests.rejected),
        abandoned: of_all(requests.abandoned),
        failed: of_all(requests.failed),
    }
}

fn repair_time_mean(tally: &AttendantTally) -> Option<f64> {
    share(tally.repair_time, tally.repairs)
}

fn outage_longest(tally: &AttendantTally) -> Option<u64> {
    (tally.longest_outage > 0).then_some(tally.longest_outage)
}

fn share(part: u64, whole: u64) -> Option<f64> {
    mean(u128::from(part), whole)
}

fn mean(sum: u128, count: u64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64)
}
