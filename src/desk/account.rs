//! Builds the summary of a run from the counts of its actors.

use super::attendant::{Attendant, AttendantTally};
use super::audit;
use super::clock::Clock;
use super::coordinator::Coordinator;
use super::generator::Generator;
use super::intervals::{self, DeskInterval, OnClock, Spans};
use super::measures::{Ends, RequestTally, wasted};
use super::record::Register;
use super::server::Server;
use super::summary::{
    AttendantSummary, BufferSummary, ClassSummary, DeskSummary, FaultSummary, HeldSummary,
    LostShares, RequestCounts, ServerSummary, ServiceLevelSummary,
};
use super::supervisor::Supervisor;
use crate::scenario::{Class, Desk, ServerGroup, Skill};

/// The actors of a run that is over.
pub(super) struct Actors<'a> {
    pub(super) coordinator: &'a Coordinator,
    pub(super) generator: &'a Generator,
    pub(super) supervisor: &'a Supervisor,
    /// Each server with its attendants.
    pub(super) servers: Vec<(&'a Server, Vec<&'a Attendant>)>,
    /// The registers of all actors.
    pub(super) registers: &'a [&'a Register],
}

impl Actors<'_> {
    /// All measures of the run.
    pub(super) fn summary(&self, scenario: &Desk) -> DeskSummary {
        let (clock, end) = (Clock::of(scenario), self.coordinator.end());
        let window = clock.window(end);
        let measures = self.supervisor.measures();
        let generated = self.generator.by_class();
        let total = &measures.total;
        let classes = scenario.classes.iter().zip(generated);
        let servers = scenario.servers.iter().zip(&self.servers);
        let everyone = self.servers.iter().flat_map(|(_, attendants)| attendants);
        let sums = Sums::of(everyone.map(|attendant| *attendant.tally()), window);
        let last_left = self.coordinator.last_left().get();
        let left = self.wasted_on_those_left(scenario);
        DeskSummary {
            steps: clock.stepped().then(|| end.get() as u64 - 1),
            clock: (!clock.stepped()).then_some(last_left),
            window,
            requests: counts(total, generated.iter().sum()),
            waiting: total.waiting.statistics(),
            sojourn: total.sojourn.statistics(),
            service: total.service.statistics(),
            time_to_abandon: total.time_to_abandon.statistics(),
            waited_fraction: waited_fraction(total),
            lost: lost(total),
            clients: total.clients,
            tries_per_client: share(total.tries, total.clients),
            completed_in_time: in_time(total),
            goodput: ratio(in_time(total) as f64, window),
            wasted_work: total.wasted + left.iter().sum::<f64>(),
            service_level: desk_level(scenario, total),
            classes: classes
                .zip(&measures.classes)
                .zip(&left)
                .map(|(((class, &generated), tally), &left)| {
                    class_summary(class, tally, generated, (window, left))
                })
                .collect(),
            intervals: self.intervals(scenario),
            buffer: self.buffer(window),
            occupancy: sums.occupancy(),
            faults: self.faults(&sums),
            servers: servers
                .map(|(group, (server, attendants))| {
                    let held = server.held(end);
                    server_summary(scenario, group, server, attendants, (window, held))
                })
                .collect(),
        }
    }

    /// Per class the time in service wasted on requests still in the system.
    fn wasted_on_those_left(&self, scenario: &Desk) -> Vec<f64> {
        let clock = Clock::of(scenario);
        let mut left = vec![0.0; scenario.classes.len()];
        for register in self.registers {
            for &(class, arrival, work) in register.worked_on() {
                if clock.measures(arrival) {
                    left[class as usize] += wasted(work);
                }
            }
        }
        left
    }

    fn intervals(&self, scenario: &Desk) -> Vec<DeskInterval> {
        let Some(on_clock) = OnClock::of(scenario) else {
            return Vec::new();
        };
        let everyone = self.servers.iter().flat_map(|(_, attendants)| attendants);
        let spans: Vec<&Spans> = everyone.filter_map(|one| one.spans()).collect();
        let arrived = &self.supervisor.measures().intervals;
        intervals::summaries(on_clock, arrived, &spans, self.coordinator.end())
    }

    /// Checks that the attendants' time is accounted for.
    pub(super) fn check_work(&self) {
        let mut books = self.supervisor.measures().books();
        for register in self.registers {
            books.join(register.books());
        }
        let everyone = self.servers.iter().flat_map(|(_, attendants)| attendants);
        let (mut busy, mut wrapped) = (0.0, 0.0);
        for attendant in everyone {
            busy += attendant.tally().busy_ever;
            wrapped += attendant.tally().wrapped_ever;
        }
        audit::work_is_accounted_for(busy, wrapped, books);
    }

    fn buffer(&self, window: f64) -> BufferSummary {
        let buffer = self.coordinator.buffer();
        let (area, max) = buffer.level.over(self.coordinator.end());
        BufferSummary {
            mean: ratio(area, window),
            max: (window > 0.0).then_some(max),
            last: (window > 0.0).then_some(buffer.last),
            full_steps: buffer.overflowing,
        }
    }

    fn faults(&self, sums: &Sums) -> FaultSummary {
        let totals = self.coordinator.totals();
        FaultSummary {
            count: sums.all.faults,
            repairs: sums.all.repairs,
            interrupted: totals.interrupted,
            reallocated: totals.reallocated,
            availability: sums.availability(),
            repair_time_mean: repair_time_mean(&sums.all),
            outage_longest: outage_longest(&sums.all),
        }
    }
}

/// The tallies of several attendants, added up.
#[derive(Default)]
struct Sums {
    /// The sum of their windows.
    window: f64,
    /// Sums of the fields; the longest outage is the maximum.
    all: AttendantTally,
}

impl Sums {
    fn of(tallies: impl Iterator<Item = AttendantTally>, window: f64) -> Sums {
        tallies.fold(Sums::default(), |mut sums, tally| {
            let all = &mut sums.all;
            sums.window += window;
            all.completed += tally.completed;
            all.faults += tally.faults;
            all.repairs += tally.repairs;
            all.busy += tally.busy;
            all.down += tally.down;
            all.off += tally.off;
            all.slow += tally.slow;
            all.outages += tally.outages;
            all.repair_time += tally.repair_time;
            all.longest_outage = all.longest_outage.max(tally.longest_outage);
            sums
        })
    }

    fn utilisation(&self) -> Option<f64> {
        ratio(self.all.busy, self.window)
    }

    fn occupancy(&self) -> Option<f64> {
        ratio(self.all.busy, self.window - self.all.down - self.all.off)
    }

    fn availability(&self) -> Option<f64> {
        let on_duty = self.window - self.all.off;
        ratio(on_duty - self.all.down, on_duty)
    }
}

fn class_summary(
    class: &Class,
    tally: &RequestTally,
    generated: u64,
    (window, left): (f64, f64),
) -> ClassSummary {
    let level = class.service_level;
    ClassSummary {
        name: class.name.clone(),
        requests: counts(tally, generated),
        waiting: tally.waiting.statistics(),
        sojourn: tally.sojourn.statistics(),
        service: tally.service.statistics(),
        time_to_abandon: tally.time_to_abandon.statistics(),
        waited_fraction: waited_fraction(tally),
        lost: lost(tally),
        clients: tally.clients,
        tries_per_client: share(tally.tries, tally.clients),
        completed_in_time: in_time(tally),
        goodput: ratio(in_time(tally) as f64, window),
        wasted_work: tally.wasted + left,
        service_level: level.map(|asked| level_of(tally, Some(asked.within), asked.target)),
    }
}

fn server_summary(
    scenario: &Desk,
    group: &ServerGroup,
    server: &Server,
    attendants: &[&Attendant],
    (window, (area, most)): (f64, (f64, u64)),
) -> ServerSummary {
    let sums = Sums::of(
        attendants.iter().map(|attendant| *attendant.tally()),
        window,
    );
    let outage = server.longest_outage();
    let each = attendants.iter().zip(&group.attendants);
    ServerSummary {
        name: group.name.clone(),
        capacity: group.capacity,
        completed: sums.all.completed,
        utilisation: sums.utilisation(),
        occupancy: sums.occupancy(),
        availability: sums.availability(),
        held: HeldSummary {
            mean: ratio(area, window),
            max: (window > 0.0).then_some(most),
        },
        faults: sums.all.faults,
        repairs: sums.all.repairs,
        repair_time_mean: repair_time_mean(&sums.all),
        outage_longest: (outage > 0.0).then_some(outage),
        attendants: each
            .map(|(attendant, skills)| attendant_summary(scenario, attendant, skills, window))
            .collect(),
    }
}

fn attendant_summary(
    scenario: &Desk,
    attendant: &Attendant,
    skills: &[Skill],
    window: f64,
) -> AttendantSummary {
    let tally = attendant.tally();
    let sums = Sums::of(std::iter::once(*tally), window);
    let names = skills.iter();
    let names = names.map(|skill| scenario.classes[skill.class].name.clone());
    let idle = (window - tally.busy - tally.down - tally.off).max(0.0);
    let stepped = scenario.steps().is_some();
    let steps = |spent: f64| stepped.then_some(spent as u64);
    let time = |spent: f64| (!stepped).then_some(spent);
    AttendantSummary {
        name: attendant.name().to_owned(),
        skills: names.collect(),
        completed: tally.completed,
        faults: tally.faults,
        repairs: tally.repairs,
        busy_steps: steps(tally.busy),
        idle_steps: steps(idle),
        down_steps: steps(tally.down),
        off_steps: steps(tally.off),
        slow_steps: steps(tally.slow),
        busy_time: time(tally.busy),
        idle_time: time(idle),
        down_time: time(tally.down),
        off_time: time(tally.off),
        slow_time: time(tally.slow),
        utilisation: sums.utilisation(),
        occupancy: sums.occupancy(),
        availability: sums.availability(),
        repair_time_mean: repair_time_mean(tally),
        outage_longest: outage_longest(tally),
    }
}

fn counts(tally: &RequestTally, generated: u64) -> RequestCounts {
    let Ends {
        completed,
        rejected,
        abandoned,
        failed,
        timed_out,
        late,
    } = tally.all;
    RequestCounts {
        generated,
        completed,
        rejected,
        abandoned,
        failed,
        timed_out,
        late,
        in_system: generated - completed - rejected - abandoned - failed - timed_out,
        measured: tally.arrived,
    }
}

fn lost(tally: &RequestTally) -> LostShares {
    let ends = &tally.measured;
    let of_all = |count| share(count, tally.offered());
    LostShares {
        total: of_all(ends.rejected + ends.abandoned + ends.failed + ends.timed_out),
        rejected: of_all(ends.rejected),
        abandoned: of_all(ends.abandoned),
        failed: of_all(ends.failed),
        timed_out: of_all(ends.timed_out),
    }
}

fn waited_fraction(tally: &RequestTally) -> Option<f64> {
    share(tally.waited, tally.offered() - tally.measured.rejected)
}

/// The number of requests completed while their clients waited.
fn in_time(tally: &RequestTally) -> u64 {
    tally.measured.completed - tally.measured.late
}

/// The service level over all classes that have one, each request judged by that of its class.
fn desk_level(scenario: &Desk, total: &RequestTally) -> Option<ServiceLevelSummary> {
    let mut levels = scenario
        .classes
        .iter()
        .filter_map(|class| class.service_level);
    let first = levels.next()?;
    let (mut within, mut target) = (Some(first.within), first.target);
    for level in levels {
        within = within.filter(|&within| within == level.within);
        target = target.filter(|&target| Some(target) == level.target);
    }
    Some(level_of(total, within, target))
}

fn level_of(tally: &RequestTally, within: Option<f64>, target: Option<f64>) -> ServiceLevelSummary {
    let counts = &tally.level;
    let gone = counts.quick + counts.late + counts.timed_out;
    let offered = counts.answered + counts.rejected + gone;
    let of_offered = share(counts.in_time, offered);
    ServiceLevelSummary {
        within,
        of_offered,
        of_answered: share(counts.in_time, counts.answered),
        of_offered_less_quick: share(counts.in_time, offered - counts.quick),
        with_quick: share(counts.in_time + counts.quick, offered),
        of_answered_and_late: share(counts.in_time, counts.answered + counts.late),
        target,
        met: target.map(|target| of_offered.map(|share| share >= target)),
    }
}

fn repair_time_mean(tally: &AttendantTally) -> Option<f64> {
    ratio(tally.repair_time, tally.outages as f64)
}

fn outage_longest(tally: &AttendantTally) -> Option<f64> {
    (tally.longest_outage > 0.0).then_some(tally.longest_outage)
}

fn share(part: u64, whole: u64) -> Option<f64> {
    ratio(part as f64, whole as f64)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
