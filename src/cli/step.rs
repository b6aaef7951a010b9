//! `--step`: the run waits for a key before every step.

use super::output;
use crate::actor::{Conductor, Wish};
use parking_lot::Mutex;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The longest time until a stop requested elsewhere is noticed.
const GLANCE: Duration = Duration::from_millis(50);

/// Asks the terminal before every step.
pub(super) struct Keys {
    stop: &'static AtomicBool,
    unicode: bool,
    state: Mutex<State>,
}

struct State {
    /// The last step made.
    clock: f64,
    /// Whether the rest runs without waiting.
    free: bool,
}

enum Answer {
    Step,
    RunOn,
    Stop,
}

impl Keys {
    pub(super) fn new(stop: &'static AtomicBool, unicode: bool) -> Keys {
        Keys {
            stop,
            unicode,
            state: Mutex::new(State {
                clock: 0.0,
                free: false,
            }),
        }
    }
}

impl Conductor for Keys {
    fn before(&self, clock: f64) -> Wish {
        let mut state = self.state.lock();
        if !state.free && clock > state.clock && !self.stop.load(Ordering::Relaxed) {
            let dot = if self.unicode { '·' } else { '-' };
            output::prompt(&format!(
                "next {clock} {dot} any key: go on {dot} r: run on {dot} q: stop"
            ));
            // If the terminal fails, the run stops.
            let answer = ask(self.stop).unwrap_or(Answer::Stop);
            output::prompt("");
            match answer {
                Answer::Step => {}
                Answer::RunOn => state.free = true,
                Answer::Stop => self.stop.store(true, Ordering::Relaxed),
            }
            state.clock = clock;
        }
        self.stop.before(clock)
    }
}

/// Waits for a key, with the terminal in raw mode meanwhile.
fn ask(stop: &AtomicBool) -> io::Result<Answer> {
    enable_raw_mode()?;
    let answer = answer(stop);
    disable_raw_mode()?;
    answer
}

fn answer(stop: &AtomicBool) -> io::Result<Answer> {
    while !stop.load(Ordering::Relaxed) {
        if !event::poll(GLANCE)? {
            continue;
        }
        let Event::Key(key) = event::read()? else {
            continue;
        };
        let interrupt =
            key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
        match key.code {
            _ if key.kind == KeyEventKind::Release => {}
            _ if interrupt => return Ok(Answer::Stop),
            KeyCode::Char('q') => return Ok(Answer::Stop),
            KeyCode::Char('r') => return Ok(Answer::RunOn),
            _ => return Ok(Answer::Step),
        }
    }
    Ok(Answer::Stop)
}
