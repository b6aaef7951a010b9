//! The desk in desque: an event for each step and one for the end of each service. An event cannot
//! be cancelled, so that of an interrupted service is recognised by its outdated number.

use crate::desk::{ATTENDANTS, Counts, Desk};
use crate::line_desque::Time;
use desque::serial::{Event, Simulation};
use desque::{Result, SimState};

struct State {
    desk: Desk,
    services: [u64; ATTENDANTS],
    steps: u64,
    interrupted: Vec<usize>,
    started: Vec<usize>,
}

impl SimState<Time> for State {}

#[derive(Debug)]
struct Step;

#[derive(Debug)]
struct Finish(usize, u64);

impl Event<State, Time> for Step {
    fn execute(&mut self, sim: &mut Simulation<State, Time>) -> Result {
        let now = sim.current_time().0;
        let state = sim.state_mut();
        let mut started = std::mem::take(&mut state.started);
        state.desk.step(&mut state.interrupted, &mut started);
        for attendant in state.interrupted.drain(..) {
            state.services[attendant] += 1;
        }
        state.steps -= 1;
        if state.steps > 0 {
            sim.schedule(Step, Time(now + 1.0))?;
        }
        for attendant in started.drain(..) {
            let state = sim.state();
            let service = state.desk.busy[attendant].map_or(1, |request| request.service);
            let finish = Finish(attendant, state.services[attendant]);
            sim.schedule(finish, Time(now + service as f64 - 0.5))?;
        }
        sim.state_mut().started = started;
        Ok(())
    }
}

impl Event<State, Time> for Finish {
    fn execute(&mut self, sim: &mut Simulation<State, Time>) -> Result {
        let state = sim.state_mut();
        let &mut Finish(attendant, service) = self;
        if state.services[attendant] == service {
            state.services[attendant] += 1;
            state.desk.complete(attendant);
        }
        Ok(())
    }
}

pub(crate) fn run(steps: u64) -> Counts {
    let state = State {
        desk: Desk::new(1),
        services: [0; ATTENDANTS],
        steps,
        interrupted: Vec::new(),
        started: Vec::new(),
    };
    let mut sim = Simulation::new(state, Time(0.0));
    sim.schedule(Step, Time(1.0))
        .expect("the first step lies ahead");
    sim.run().expect("no event lies in the past");
    sim.state().desk.counts
}
