//! The time per customer of a plain line in one thread, by the way in which its stages are computed: those with one
//! server together, those with several one after the other, and event by event if customers wait at one stage for a
//! place at the next and one of the two has several servers. Measured by `cargo test --test estimates`.

use super::PLACES_A_CUSTOMER;
use crate::scenario::{LineArrivals, Servers, Stage, Tandem};

/// Seconds per visit to a stage with one server, without and with a buffer.
const ONE_SERVER: [f64; 2] = [12e-9, 25e-9];
/// Seconds per visit to a stage with several servers.
const SEVERAL: f64 = 40e-9;
/// Seconds per visit to a stage that is computed event by event.
const EVENTS: f64 = 0.13e-6;
/// Seconds per group of customers who go on together, if places are limited.
const TOGETHER: f64 = 0.5e-6;

/// Seconds per customer in one thread, over all stages.
pub(super) fn seconds_a_customer(tandem: &Tandem) -> f64 {
    let stages = &tandem.stages;
    let by_events = goes_by_events(tandem);
    let seconds = (0..stages.len()).map(|at| {
        let stage = &stages[at];
        match by_events[at] {
            true if at > 0 && stage.buffer.is_some() => {
                let places = stage.places().map_or(f64::INFINITY, |places| places as f64);
                EVENTS + TOGETHER / (places / PLACES_A_CUSTOMER).max(1.0)
            }
            true => EVENTS,
            false if one_server(stage) => ONE_SERVER[usize::from(stage.buffer.is_some())],
            false => SEVERAL,
        }
    });
    seconds.sum()
}

fn one_server(stage: &Stage) -> bool {
    stage.servers == Servers::Count(1)
}

/// The stages that are computed event by event in one thread if events are not recorded, as `tandem::kernels`
/// chooses.
pub(crate) fn goes_by_events(tandem: &Tandem) -> Vec<bool> {
    let stages = &tandem.stages;
    let mut slow = vec![false; stages.len()];
    slow[0] = tandem.arrivals == LineArrivals::Saturated && !one_server(&stages[0]);
    let links: Vec<usize> = (1..stages.len())
        .filter(|&at| stages[at].buffer.is_some())
        .collect();
    let mixed = |at: usize| !one_server(&stages[at - 1]) || !one_server(&stages[at]);
    // Stages connected to such a stage by limited places are computed event by event too: onwards, then back.
    for &at in links.iter().chain(links.iter().rev()) {
        if mixed(at) || slow[at - 1] || slow[at] {
            slow[at - 1] = true;
            slow[at] = true;
        }
    }
    slow
}
