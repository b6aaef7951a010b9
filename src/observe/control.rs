//! Control of a running model: pause, single step, pace, stop, interventions.
//!
//! A [`Control`] is the [`Conductor`] of a run and is shared with its observers. It holds the clock that paces the run:
//! real time multiplied by a pace, or stopped while the run is paused. A turn begins when that clock reaches the turn's
//! logical time. Only interventions affect results; each is entered in the journal with the time from which it applies.
#![allow(
    clippy::disallowed_methods,
    reason = "pace is a matter of the wall clock, and of nothing else"
)]

use super::journal::{Entry, Journal};
use crate::actor::{Conductor, Intervention, Wish};
use crate::time::Time;
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The longest time until a stop requested elsewhere is noticed.
const GLANCE: Duration = Duration::from_millis(50);

/// The slowest and the fastest pace, in steps or units of time per second.
pub const PACE: (f64, f64) = (1e-6, 1e9);

/// The control of one run.
#[derive(Debug)]
pub struct Control {
    state: Mutex<State>,
    changed: Condvar,
    stop: AtomicBool,
    signal: Option<&'static AtomicBool>,
}

#[derive(Debug)]
struct State {
    pace: Option<f64>,
    paused: bool,
    /// Single steps still to be made while paused.
    steps: u64,
    /// An instant and the clock's reading then.
    since: (Instant, f64),
    /// The turn that waits, or the last one made; the clock does not run ahead of it.
    turn: f64,
    wanted: VecDeque<Intervention>,
    journal: Journal,
    over: bool,
}

/// The state of a control, as a view shows it.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Reading {
    /// The logical time reached: the step underway, or the time of a line.
    pub clock: f64,
    /// Steps or units of time per second; `None` for as fast as possible.
    pub pace: Option<f64>,
    /// Whether the run is paused.
    pub paused: bool,
    /// Whether the run was asked to stop.
    pub stopped: bool,
    /// Whether the run has ended.
    pub over: bool,
}

impl State {
    /// The clock's reading.
    fn clock(&self, now: Instant) -> f64 {
        let (since, reading) = self.since;
        let reached = match self.pace {
            _ if self.paused => reading,
            Some(pace) => reading + pace * now.duration_since(since).as_secs_f64(),
            None => self.turn,
        };
        reached.min(self.turn).max(reading)
    }

    /// Restarts the clock from its present reading.
    fn begin_anew(&mut self, now: Instant) {
        self.since = (now, self.clock(now));
    }
}

impl Control {
    /// A control for one run, at this pace; `None` for as fast as possible.
    #[must_use]
    pub fn new(pace: Option<f64>) -> Control {
        Control {
            state: Mutex::new(State {
                pace: pace.map(|pace| pace.clamp(PACE.0, PACE.1)),
                paused: false,
                steps: 0,
                since: (Instant::now(), 0.0),
                turn: 0.0,
                wanted: VecDeque::new(),
                journal: Journal::default(),
                over: false,
            }),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            signal: None,
        }
    }

    /// The same control, which also stops the run when `signal` is set, as by Ctrl-C.
    #[must_use]
    pub fn heeding(self, signal: &'static AtomicBool) -> Control {
        Control {
            signal: Some(signal),
            ..self
        }
    }

    /// A flag that stops the run when set, as [`Control::stop`] does.
    #[must_use]
    pub fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// The present state, as a view shows it.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let state = self.state.lock();
        Reading {
            clock: state.clock(Instant::now()),
            pace: state.pace,
            paused: state.paused,
            stopped: self.is_stopped(),
            over: state.over,
        }
    }

    /// Pauses the clock, or lets it run again.
    pub fn pause(&self, paused: bool) {
        self.change(|state| {
            state.paused = paused;
            state.steps = 0;
        });
    }

    /// Makes one step and pauses: the clock advances to the next turn that lies ahead of it.
    pub fn step(&self) {
        self.change(|state| {
            state.steps = if state.paused { state.steps + 1 } else { 1 };
            state.paused = true;
        });
    }

    /// Sets the pace.
    pub fn set_pace(&self, pace: Option<f64>) {
        self.change(|state| state.pace = pace.map(|pace| pace.clamp(PACE.0, PACE.1)));
    }

    /// Stops the run.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// Takes an attendant of a desk down, or repairs it, before the next step.
    pub fn intervene(&self, intervention: Intervention) {
        self.change(|state| state.wanted.push_back(intervention));
    }

    /// Records that the run has ended at this logical time; the clock runs on to it.
    pub fn finish(&self, clock: f64) {
        self.change(|state| {
            state.turn = state.turn.max(clock);
            state.over = true;
        });
    }

    /// The interventions made so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.state.lock().journal.clone()
    }

    fn change(&self, what: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        state.begin_anew(Instant::now());
        what(&mut state);
        self.changed.notify_all();
    }

    fn is_stopped(&self) -> bool {
        let set = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        set(&self.stop) || self.signal.is_some_and(set)
    }

    /// Waits until the clock reaches a turn, or until there is a stop or an intervention.
    fn wait(&self, mut state: MutexGuard<'_, State>, turn: f64) -> Wish {
        loop {
            if self.is_stopped() {
                state.journal.forget_from(Time::at(turn));
                return Wish::Stop;
            }
            if let Some(intervention) = state.wanted.pop_front() {
                state.journal.enter(Entry {
                    time: Time::at(turn),
                    server: intervention.server,
                    attendant: intervention.attendant,
                    change: intervention.change,
                });
                return Wish::Intervene(intervention);
            }
            let now = Instant::now();
            let ahead = turn - state.clock(now);
            if ahead <= 0.0 {
                return Wish::Go;
            }
            if state.paused && state.steps > 0 {
                state.steps -= 1;
                state.since = (now, turn);
                return Wish::Go;
            }
            let most = match state.pace {
                _ if state.paused => GLANCE,
                Some(pace) => Duration::from_secs_f64((ahead / pace).min(GLANCE.as_secs_f64())),
                None => GLANCE,
            };
            self.changed.wait_for(&mut state, most);
        }
    }
}

impl Conductor for Control {
    fn before(&self, clock: f64) -> Wish {
        let mut state = self.state.lock();
        state.turn = state.turn.max(clock);
        self.wait(state, clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Change;

    #[test]
    fn without_a_pace_nothing_waits_and_the_clock_is_the_last_turn() {
        let control = Control::new(None);
        for step in 1..=1000 {
            assert_eq!(control.before(f64::from(step)), Wish::Go);
        }
        assert_eq!(control.reading().clock, 1000.0);
    }

    #[test]
    fn while_paused_only_single_steps_go_on() {
        let control = Control::new(None);
        control.pause(true);
        control.step();
        control.step();
        assert_eq!(control.before(1.0), Wish::Go);
        assert_eq!(control.before(2.0), Wish::Go);
        let reading = control.reading();
        assert!(reading.paused && reading.clock == 2.0);
        // A turn that is due goes ahead: the step has brought the clock there.
        assert_eq!(control.before(2.0), Wish::Go);
        control.stop();
        assert_eq!(control.before(3.0), Wish::Stop);
    }

    #[test]
    fn an_intervention_holds_for_the_step_that_waits_and_one_before_a_stop_never_was() {
        let control = Control::new(None);
        let down = Intervention {
            server: 1,
            attendant: 2,
            change: Change::TakeDown,
        };
        assert_eq!(control.before(4.0), Wish::Go);
        control.intervene(down);
        assert_eq!(control.before(5.0), Wish::Intervene(down));
        assert_eq!(control.before(5.0), Wish::Go);
        let steps = |control: &Control| -> Vec<f64> {
            let journal = control.journal();
            let times = journal.entries.iter().map(|entry| entry.time.get());
            times.collect()
        };
        assert_eq!(steps(&control), [5.0]);
        control.intervene(down);
        assert_eq!(control.before(6.0), Wish::Intervene(down));
        control.stop();
        assert_eq!(control.before(6.0), Wish::Stop);
        assert_eq!(steps(&control), [5.0]);
    }

    #[test]
    fn the_clock_runs_on_to_the_end_and_no_further() {
        let control = Control::new(Some(1e9));
        assert_eq!(control.before(3.0), Wish::Go);
        control.finish(7.5);
        while control.reading().clock < 7.5 {
            std::hint::spin_loop();
        }
        assert!(control.reading().over && control.reading().clock == 7.5);
    }
}
