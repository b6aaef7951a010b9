//! How far a study is: one line on a terminal's stderr, and nothing anywhere else.
#![allow(
    clippy::disallowed_methods,
    reason = "the time left is a matter of the wall clock"
)]

use crate::number;
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The line is written anew after so long at the soonest.
const PAUSE: Duration = Duration::from_millis(100);

const WIDTH: u64 = 24;

/// The line.
#[derive(Debug)]
pub(super) struct Progress {
    shown: bool,
    unicode: bool,
    done: AtomicU64,
    wanted: AtomicU64,
    begun: Instant,
    /// When the line was last written.
    last: Mutex<Instant>,
    /// What is known so far, shown in place of the rate.
    note: Mutex<String>,
}

impl Progress {
    /// Begins the line, unless `quiet` or stderr is no terminal.
    pub(super) fn begin(quiet: bool) -> Progress {
        let now = Instant::now();
        Progress {
            shown: !quiet && io::stderr().is_terminal(),
            unicode: super::output::unicode(),
            done: AtomicU64::new(0),
            wanted: AtomicU64::new(0),
            begun: now,
            last: Mutex::new(now),
            note: Mutex::new(String::new()),
        }
    }

    /// So many more are wanted.
    pub(super) fn expect(&self, more: u64) {
        self.wanted.fetch_add(more, Ordering::Relaxed);
    }

    /// Says what is known so far, such as how many can still be the best.
    pub(super) fn say(&self, note: String) {
        if let Ok(mut said) = self.note.lock() {
            *said = note;
        }
    }

    /// One is done.
    pub(super) fn done(&self) {
        self.done_more(1);
    }

    /// So many more are done.
    pub(super) fn done_more(&self, more: u64) {
        let done = self.done.fetch_add(more, Ordering::Relaxed) + more;
        if let Some(now) = self.due() {
            let wanted = self.wanted.load(Ordering::Relaxed).max(done);
            let note = self.note.lock().map_or(String::new(), |note| note.clone());
            let line = line(done, wanted, now - self.begun, &note, self.unicode);
            write(&format!("\r{line}\x1b[K"));
        }
    }

    /// One more of these is done, of which nobody knows how many are wanted.
    pub(super) fn one_more(&self, what: &str) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(now) = self.due() {
            let took = number::duration(now - self.begun);
            write(&format!("\r  {done} {what}, {took}\x1b[K"));
        }
    }

    /// Now, if the line is due to be written again.
    fn due(&self) -> Option<Instant> {
        if !self.shown {
            return None;
        }
        let now = Instant::now();
        // Who finds the line being written leaves it to the one who writes.
        let mut last = self.last.try_lock().ok()?;
        (now - *last >= PAUSE).then(|| {
            *last = now;
            now
        })
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        if self.shown {
            write("\r\x1b[K");
        }
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    // A closed stderr is no reason to fail.
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

/// A bar, the count, the rate, the time left.
fn line(done: u64, wanted: u64, took: Duration, note: &str, unicode: bool) -> String {
    let cells = (u128::from(WIDTH) * u128::from(done) / u128::from(wanted.max(1))) as usize;
    let [full, empty] = if unicode { ["█", "░"] } else { ["#", "."] };
    let bar = full.repeat(cells) + &empty.repeat(WIDTH as usize - cells);
    if !note.is_empty() {
        return format!("  {bar} {done} of {wanted}   {note}");
    }
    let rate = done as f64 / took.as_secs_f64().max(1e-3);
    let left = Duration::from_secs_f64(((wanted - done) as f64 / rate).min(1e9));
    format!(
        "  {bar} {done} of {wanted} replications, {} a second, {} left",
        number::plain(rate),
        number::duration(left)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_rate_and_time_left() {
        let said = line(25, 100, Duration::from_secs(5), "", false);
        assert_eq!(
            said,
            "  ######.................. 25 of 100 replications, 5 a second, 15.0 s left"
        );
        assert!(
            line(10_000, 10_000, Duration::ZERO, "", true)
                .chars()
                .count()
                <= 100
        );
    }
}
