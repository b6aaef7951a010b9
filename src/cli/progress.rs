//! Progress of a run or a study: one line on stderr if that is a terminal, otherwise nothing.
#![allow(
    clippy::disallowed_methods,
    reason = "the time left is a matter of the wall clock"
)]

use super::call::{self, Handle};
use crate::actor::{Conductor, Wish};
use crate::number;
#[cfg(feature = "page")]
use crate::observe::metrics::Text;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The least time between two updates of the line.
const PAUSE: Duration = Duration::from_millis(100);

/// The time before a single run shows a line, so that a short one shows none at all.
const SHORT_RUN: Duration = Duration::from_secs(1);

/// Cells of the bar, if the terminal is wide enough.
const BAR: usize = 24;

/// The width assumed for a terminal that does not report its own.
const COLUMNS: usize = 80;

/// The progress line.
#[derive(Debug)]
pub(super) struct Progress {
    shown: bool,
    unicode: bool,
    done: Arc<AtomicU64>,
    wanted: Arc<AtomicU64>,
    begun: Instant,
    /// The greatest share shown so far, as bits: more runs may be wanted later, but the bar does not run backwards.
    shown_share: AtomicU64,
    /// The time at which the line was last written.
    last: Mutex<Instant>,
    /// Whether it was written at all.
    written: AtomicBool,
    /// The result so far, shown in place of the rate.
    note: Mutex<String>,
}

impl Progress {
    /// Begins the line, unless `quiet` or stderr is no terminal.
    pub(super) fn begin(quiet: bool) -> Progress {
        let now = Instant::now();
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let call = call::handle();
        let counter = |of: fn(&Handle) -> &Arc<AtomicU64>| match &call {
            Some(handle) => Arc::clone(of(handle)),
            None => Arc::default(),
        };
        Progress {
            shown: !quiet && !dumb && call.is_none() && super::output::is_for_people(),
            unicode: super::output::unicode(),
            done: counter(|handle| &handle.done),
            wanted: counter(|handle| &handle.wanted),
            begun: now,
            shown_share: AtomicU64::new(0),
            last: Mutex::new(now),
            written: AtomicBool::new(false),
            note: Mutex::new(String::new()),
        }
    }

    /// The metrics of a study, for a scrape.
    #[cfg(feature = "page")]
    pub(super) fn metrics(&self) -> impl Fn() -> String + use<> {
        let (done, wanted) = (Arc::clone(&self.done), Arc::clone(&self.wanted));
        move || {
            let mut text = Text::default();
            let now = |count: &AtomicU64| [(String::new(), count.load(Ordering::Relaxed) as f64)];
            text.counter(
                "filas_replications_total",
                "Runs that are done.",
                now(&done),
            );
            let help = "Runs that are wanted, as far as is known.";
            text.gauge("filas_replications_wanted", help, now(&wanted));
            text.into_text()
        }
    }

    /// Whether the line is shown.
    pub(super) fn is_shown(&self) -> bool {
        self.shown
    }

    /// Adds to the number of runs wanted.
    pub(super) fn expect(&self, more: u64) {
        self.wanted.fetch_add(more, Ordering::Relaxed);
    }

    /// Sets a note on the results so far, such as the number of candidates left.
    pub(super) fn say(&self, note: String) {
        if let Ok(mut said) = self.note.lock() {
            *said = note;
        }
    }

    /// Counts one finished run.
    pub(super) fn done(&self) {
        self.done_more(1);
    }

    /// Counts `more` finished runs.
    pub(super) fn done_more(&self, more: u64) {
        let done = self.done.fetch_add(more, Ordering::Relaxed) + more;
        if let Some(now) = self.due() {
            let wanted = self.wanted.load(Ordering::Relaxed).max(done);
            let note = self.note.lock().map_or(String::new(), |note| note.clone());
            let words = replications(done, wanted, now - self.begun, &note);
            // Bits of numbers from 0 to 1 are in the order of the numbers.
            let share = (done as f64 / wanted.max(1) as f64).to_bits();
            let share = self
                .shown_share
                .fetch_max(share, Ordering::Relaxed)
                .max(share);
            self.write(Some(f64::from_bits(share)), &words);
        }
    }

    /// Counts one finished job when the total is unknown.
    pub(super) fn one_more(&self, what: &str) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(now) = self.due() {
            let took = number::duration(now - self.begun);
            self.write(None, &format!("{done} {what}, {took}"));
        }
    }

    /// Shows the share of a single run that is done.
    fn reached(&self, share: f64) {
        if let Some(now) = self.due().filter(|now| *now - self.begun >= SHORT_RUN) {
            self.write(Some(share), &of_run(share, now - self.begun));
        }
    }

    /// The present time, if the line is due to be written again.
    fn due(&self) -> Option<Instant> {
        if !self.shown {
            return None;
        }
        let now = Instant::now();
        // If another thread is writing the line, this one does not.
        let mut last = self.last.try_lock().ok()?;
        (now - *last >= PAUSE).then(|| {
            *last = now;
            now
        })
    }

    /// Writes the line in place of the one before.
    fn write(&self, share: Option<f64>, words: &str) {
        let columns = crossterm::terminal::size().map_or(COLUMNS, |(columns, _)| columns.into());
        let columns = if columns == 0 { COLUMNS } else { columns };
        self.written.store(true, Ordering::Relaxed);
        write(&format!(
            "\r{}\x1b[K",
            line(share, words, columns, self.unicode)
        ));
    }

    /// Removes the line.
    pub(super) fn end(&self) {
        if self.written.load(Ordering::Relaxed) {
            write("\r\x1b[K");
        }
    }
}

/// The conductor of a single run, which also shows its progress.
#[derive(Debug)]
pub(super) struct ProgressConductor<'a, C: ?Sized> {
    /// The run's own conductor.
    pub(super) conductor: &'a C,
    /// The line on which it is shown.
    pub(super) progress: &'a Progress,
    /// The logical time at which the last turn is expected.
    pub(super) span: f64,
}

impl<C: Conductor + ?Sized> Conductor for ProgressConductor<'_, C> {
    fn before(&self, clock: f64) -> Wish {
        let wish = self.conductor.before(clock);
        self.progress.reached(clock / self.span);
        wish
    }
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    // A closed stderr is no reason to fail.
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

/// A bar and the words beside it, in one row of a terminal; if there is too little room, the bar is shortened first.
fn line(share: Option<f64>, words: &str, columns: usize, unicode: bool) -> String {
    // The last column is left free: some terminals begin a new row when it is written.
    let room = columns.saturating_sub(1);
    let bar = room.saturating_sub(words.chars().count() + 3).min(BAR);
    let line = match share {
        Some(share) if bar > 0 => {
            let cells = (bar as f64 * share.clamp(0.0, 1.0)) as usize;
            let [full, empty] = if unicode { ["█", "░"] } else { ["#", "."] };
            format!(
                "  {}{} {words}",
                full.repeat(cells),
                empty.repeat(bar - cells)
            )
        }
        _ => format!("  {words}"),
    };
    line.chars().take(room).collect()
}

/// The count of replications, their rate and the time left; or the count and a note.
fn replications(done: u64, wanted: u64, took: Duration, note: &str) -> String {
    if !note.is_empty() {
        return format!("{done} of {wanted}   {note}");
    }
    let rate = done as f64 / took.as_secs_f64().max(1e-3);
    format!(
        "{done} of {}, {} a second, {} left",
        number::of_them(wanted, "replication"),
        number::plain(rate),
        left((wanted - done) as f64 / rate)
    )
}

/// The share of a run that is done, and the time left.
fn of_run(share: f64, took: Duration) -> String {
    // The last customers are still served after the last arrival.
    let share = share.clamp(1e-9, 0.99);
    format!(
        "{:.0} %, {} left",
        (100.0 * share).floor(),
        left(took.as_secs_f64() * (1.0 - share) / share)
    )
}

fn left(seconds: f64) -> String {
    number::duration(Duration::from_secs_f64(seconds.min(1e9)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_rate_and_time_left() {
        let words = replications(25, 100, Duration::from_secs(5), "");
        assert_eq!(
            line(Some(0.25), &words, 100, false),
            "  ######.................. 25 of 100 replications, 5 a second, 15.0 s left"
        );
        let words = of_run(0.25, Duration::from_secs(5));
        assert_eq!(
            line(Some(0.25), &words, 80, false),
            "  ######.................. 25 %, 15.0 s left"
        );
    }

    #[test]
    fn the_line_never_fills_a_row_and_its_bar_gives_way_to_its_words() {
        let words = replications(999, 1000, Duration::from_secs(5000), "");
        for columns in 1..100 {
            let line = line(Some(0.999), &words, columns, true);
            assert!(line.chars().count() < columns, "{columns}: {line}");
        }
        let narrow = line(Some(0.5), &words, 60, false);
        assert!(
            narrow.ends_with("5.0 s left") && narrow.contains('#'),
            "{narrow}"
        );
    }

    #[test]
    fn a_run_whose_last_customers_are_served_is_not_yet_done() {
        let said = of_run(1.5, Duration::from_secs(99));
        assert_eq!(said, "99 %, 1.0 s left");
    }
}
