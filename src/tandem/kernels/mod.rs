//! Faster ways to compute what a [station](super::stage) computes, and the choice between them.
//!
//! A kernel is a recursion over customers instead of a search for the next event. The benefit of each is measured
//! (`cargo bench --bench line`), and the tests compare each with the station and with an event list.

pub(super) mod chain;
mod places;
pub(super) mod several;
pub(super) mod waited;

use crate::actor::{Recording, Runtime};
use crate::planted::{self, Fault};
use crate::scenario::{LineArrivals, Servers, Stage, Tandem};
use std::ops::Range;

/// The method by which a stage is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kernel {
    /// Event by event.
    Station,
    /// As part of a [chain](chain::Chain) of stages with one server.
    Chain,
    /// As a stage with [several servers](several::SeveralServers) before one without limits.
    Several,
}

/// Chooses a kernel for each stage of a line.
pub(super) fn choose(scenario: &Tandem, runtime: Runtime, recording: Recording) -> Vec<Kernel> {
    let stages = &scenario.stages;
    let mut kernels = vec![Kernel::Station; stages.len()];
    // Faults of credits are planted between stations.
    let credits = planted::is(Fault::CreditOffByOne) || planted::is(Fault::WaitForEachOther);
    let together = runtime == Runtime::Inline && recording < Recording::Everything && !credits;
    for run in runs(scenario, together) {
        if together {
            // In one thread stages with one server are one actor, whatever limits are between them.
            let limited = |at: usize| stages.get(at).is_some_and(|stage| stage.buffer.is_some());
            let begin = (run.clone()).find(|&at| at == 0 || !limited(at));
            let end = run.clone().rev().find(|&at| !limited(at + 1));
            if let (Some(begin), Some(end)) = (begin, end)
                && begin <= end
            {
                kernels[begin..=end].fill(Kernel::Chain);
            }
            continue;
        }
        for at in run {
            if stands_alone(stages, at, recording) {
                kernels[at] = Kernel::Chain;
            }
        }
    }
    for (at, stage) in stages.iter().enumerate() {
        // With several servers, if every change of state is recorded, each event must come when it happens.
        let alone = stands_alone(stages, at, recording) && recording < Recording::Everything;
        if !one_server(stage) && alone && !is_supplied(scenario, at) {
            kernels[at] = Kernel::Several;
        }
    }
    kernels
}

/// Whether neither this stage nor the next can make a customer wait at the stage before: the first one may have
/// limited places, since a customer who finds none there is lost. (Not if every change of state is recorded, which
/// includes losses.)
fn stands_alone(stages: &[Stage], at: usize, recording: Recording) -> bool {
    let limited = |stage: &Stage| stage.buffer.is_some();
    let before = limited(&stages[at]) && (at > 0 || recording == Recording::Everything);
    !before && !stages.get(at + 1).is_some_and(limited)
}

/// Whether a stage generates its own customers: the first stage of a saturated line.
fn is_supplied(scenario: &Tandem, at: usize) -> bool {
    at == 0 && scenario.arrivals == LineArrivals::Saturated
}

/// Whether a stage has one server.
fn one_server(stage: &Stage) -> bool {
    stage.servers == Servers::Count(1)
}

/// The longest runs of stages with one server, with or without a first one that is never starved.
fn runs(scenario: &Tandem, with_supplied: bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, stage) in scenario.stages.iter().enumerate() {
        if one_server(stage) && (with_supplied || !is_supplied(scenario, at)) {
            match runs.last_mut() {
                Some(run) if run.end == at => run.end += 1,
                _ => runs.push(at..at + 1),
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Origin, Overrides, goes_by_events, load};
    use std::fmt::Write;

    #[test]
    fn an_estimate_knows_the_stages_that_go_event_by_event_in_one_thread() {
        let mut several_ways = 0;
        for shape in 0..2 * 4_usize.pow(4) {
            let arrivals = match shape % 2 {
                0 => "{ saturated = true }",
                _ => "{ interarrival = { exponential = { mean = 1.0 } } }",
            };
            let mut text = format!(
                "model = \"tandem\"\narrivals = {arrivals}\nhorizon = {{ customers = 9 }}\n"
            );
            for at in 0..4_u32 {
                let kind = shape / 2 / 4_usize.pow(at) % 4;
                let servers = kind % 2 + 1;
                writeln!(text, "[[stages]]\nname = \"s{at}\"\nservers = {servers}").unwrap();
                // The first stage of a saturated line has no buffer.
                if kind / 2 == 1 && (at > 0 || shape % 2 == 1) {
                    text += "buffer = 3\n";
                }
                text += "service = { exponential = { mean = 0.5 } }\n";
            }
            let text = &text;
            let name = "line";
            let loaded = load(Origin::Embedded { name, text }, &Overrides::default()).unwrap();
            let line = loaded.scenario.line().unwrap();
            let chosen = choose(line, Runtime::Inline, Recording::Nothing);
            let by_events: Vec<bool> = chosen.iter().map(|one| *one == Kernel::Station).collect();
            assert_eq!(goes_by_events(line), by_events, "{text}");
            several_ways += usize::from(by_events.contains(&true) && by_events.contains(&false));
        }
        assert!(several_ways > 50, "{several_ways}");
    }
}
