//! Lines with people and machines, and networks: stations on one clock, and their measures.

use super::summary::{
    ClassSummary, CustomerCounts, DeadlockSummary, IdleTime, InService, LineLoss, LineSummary,
    LongestQueue, QueueLengthSummary, QueuesJoined, StageSummary,
};
use super::{LineOutcome, intervals};
use crate::actor::RunError;
use crate::lockstep::{Customers, LockstepActor, Run};
use crate::scenario::{Stage, Tandem};
use crate::station::{Measures, ServerTime, Station};
use crate::stats::Tally;

/// The outcome of a run that is over, from its actors.
pub(super) fn settle(
    line: &Tandem,
    mut actors: Vec<LockstepActor>,
) -> Result<LineOutcome, RunError> {
    let run = Run::of(&mut actors)?;
    let clock = run.clock();
    let stages = line.stages.iter().zip(&run.stations).zip(run.lost());
    let stages: Vec<StageSummary> = stages
        .map(|((stage, station), lost)| StageSummary {
            lost: Some(lost),
            ..stage_summary(stage, station, clock)
        })
        .collect();
    let customers = run.customers();
    let (joined, joined_most) = run.queues_joined();
    let all = counts(&customers);
    let served = customers.measured_served;
    let summary = LineSummary {
        clock,
        throughput: run
            .first_measured()
            .map(|first| clock - first)
            .filter(|span| *span > 0.0)
            .map(|span| served as f64 / span),
        customers: all,
        waiting: customers.waiting.statistics(),
        service: customers.service.statistics(),
        blocked: customers.blocked.statistics(),
        sojourn: customers.sojourn.statistics(),
        queues_joined: QueuesJoined {
            mean: (served > 0).then(|| joined as f64 / served as f64),
            max: (served > 0).then_some(u64::from(joined_most)),
        },
        idle_time: IdleTime::over(&stages),
        queue_length_max: LongestQueue::over(&stages),
        lost: Some(LineLoss::of(customers.later_unserved, served)),
        stages,
        classes: line
            .classes
            .iter()
            .zip(run.classes())
            .enumerate()
            .map(|(index, (class, customers))| ClassSummary {
                cycle_time: line.stays(index).then(|| run.cycles()[index].statistics()),
                cycle_rate: line.stays(index).then(|| run.cycle_rate(index)),
                name: class.name.clone(),
                customers: counts(&customers),
                waiting: customers.waiting.statistics(),
                service: customers.service.statistics(),
                sojourn: customers.sojourn.statistics(),
            })
            .collect(),
        deadlock: line.is_network().then(|| DeadlockSummary {
            time: run.deadlocked().map(|deadlocked| deadlocked.time),
            swaps: run.swaps(),
        }),
        intervals: intervals::summaries(line, &run),
    };
    let digest = summary.digest([run.digest()]);
    Ok(LineOutcome {
        digest,
        summary,
        interrupted: run.interrupted(),
        waiting_batches: run.waiting_batches().clone(),
        deadlocked: run.deadlocked().cloned(),
    })
}

fn counts(customers: &Customers<'_>) -> CustomerCounts {
    CustomerCounts {
        arrived: customers.arrived,
        lost: customers.lost,
        departed: customers.served,
        measured: customers.measured,
        balked: Some(customers.balked),
        abandoned: Some(customers.abandoned),
        scrapped: Some(customers.scrapped),
        failed: Some(customers.failed),
        unfinished: Some(customers.unfinished),
    }
}

fn stage_summary(stage: &Stage, station: &Station, clock: f64) -> StageSummary {
    let measures = station.measures();
    // If no customer ever had a place, the window does not open.
    let opened = measures.opened.filter(|&opened| opened <= clock);
    let window = opened.map(|opened| clock - opened);
    let time = station.server_time(clock);
    let share = |part: fn(&ServerTime) -> f64| {
        let time = time.as_ref()?;
        Some(part(time) / f64::from(time.servers))
    };
    let per_window = |total: f64| {
        window
            .filter(|&window| window > 0.0)
            .map(|window| total / window)
    };
    let in_use = share(|time| time.busy + time.idle + time.blocked + time.setup);
    StageSummary {
        name: stage.name.clone(),
        servers: stage.servers.most(),
        arrivals: measures.arrivals,
        departures: measures.departures,
        waiting: measures.waiting.statistics(),
        waited_fraction: waited_fraction(&measures.waiting),
        service: measures.service.statistics(),
        utilisation: share(|time| time.busy).and_then(per_window),
        occupancy: share(|time| time.busy)
            .zip(in_use)
            .filter(|&(_, whole)| whole > 0.0)
            .map(|(busy, whole)| busy / whole),
        idle_time: share(|time| time.idle),
        idle_longest: time.map(|time| time.idle_longest),
        blocked_time: share(|time| time.blocked),
        queue_length: queue_length(measures, window, clock),
        lost: None,
        balked: Some(measures.balked),
        abandoned: Some(measures.abandoned),
        scrapped: Some(measures.scrapped),
        failed: Some(measures.failed),
        unfinished: Some(station.counts_left()),
        time_to_abandon: Some(measures.time_to_abandon.statistics()),
        setup_time: Some(share(|time| time.setup)),
        down_time: Some(share(|time| time.down)),
        off_time: Some(share(|time| time.off)),
        in_service: Some(InService {
            mean: per_window(measures.in_service.until(clock).0),
        }),
    }
}

fn waited_fraction(waiting: &Tally) -> Option<f64> {
    (waiting.n() > 0).then(|| waiting.positive() as f64 / waiting.n() as f64)
}

fn queue_length(measures: &Measures, window: Option<f64>, clock: f64) -> QueueLengthSummary {
    let lasting = window.filter(|&window| window > 0.0);
    let (area, max, max_at) = measures.queue.until(clock);
    QueueLengthSummary {
        mean: lasting.map(|window| area / window),
        max: lasting.map(|_| max),
        max_at: max_at.filter(|_| lasting.is_some()),
    }
}
