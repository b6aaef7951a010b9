//! A line in desque: an event for each arrival and each departure.

use crate::line::{Customer, Line, Station, Tally, exponential};
use desque::serial::{Event, Simulation};
use desque::{Result, SimState, SimTime};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Time(pub(crate) f64);

impl Eq for Time {}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl SimTime for Time {}

struct State {
    stations: Vec<Station>,
    tally: Tally,
    rng: Xoshiro256PlusPlus,
    to_come: u64,
    rate: f64,
}

impl SimState<Time> for State {}

#[derive(Debug)]
struct Arrival;

#[derive(Debug)]
struct Departure(usize, Customer);

fn join(sim: &mut Simulation<State, Time>, stage: usize, customer: Customer) -> Result {
    let now = sim.current_time().0;
    match sim.state_mut().stations[stage].arrive(customer, now) {
        Some(customer) => start(sim, stage, customer),
        None => Ok(()),
    }
}

fn start(sim: &mut Simulation<State, Time>, stage: usize, customer: Customer) -> Result {
    let ends = sim.current_time().0 + exponential(&mut sim.state_mut().rng);
    sim.schedule(Departure(stage, customer), Time(ends))
}

impl Event<State, Time> for Arrival {
    fn execute(&mut self, sim: &mut Simulation<State, Time>) -> Result {
        let now = sim.current_time().0;
        let state = sim.state_mut();
        state.to_come -= 1;
        if state.to_come > 0 {
            let next = now + exponential(&mut state.rng) / state.rate;
            sim.schedule(Arrival, Time(next))?;
        }
        join(sim, 0, Customer::new(now))
    }
}

impl Event<State, Time> for Departure {
    fn execute(&mut self, sim: &mut Simulation<State, Time>) -> Result {
        let now = sim.current_time().0;
        let Departure(stage, customer) = *self;
        if let Some(next) = sim.state_mut().stations[stage].leave(now) {
            start(sim, stage, next)?;
        }
        if stage + 1 < sim.state().stations.len() {
            return join(sim, stage + 1, customer);
        }
        sim.state_mut().tally.add(&customer, now);
        Ok(())
    }
}

pub(crate) fn run(line: &Line, seed: u64) -> Tally {
    let mut state = State {
        stations: vec![Station::new(line.servers); line.stages],
        tally: Tally::default(),
        rng: Xoshiro256PlusPlus::seed_from_u64(seed),
        to_come: line.customers,
        rate: line.rate,
    };
    let first = exponential(&mut state.rng) / state.rate;
    let mut sim = Simulation::new(state, Time(0.0));
    sim.schedule(Arrival, Time(first))
        .expect("the first arrival lies ahead");
    sim.run().expect("no event lies in the past");
    sim.state().tally
}
