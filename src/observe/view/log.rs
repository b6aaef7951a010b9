//! The log in the terminal view: the lines up to the clock, the newest at the bottom; keys scroll back in it.
//!
//! A line arrives as soon as its event is certain, which may be long before the clock shown reaches it. Lines not yet
//! due are kept, however many lines have been shown.

use super::paint::Paint;
use crate::observe::log::Said;
use crate::scenario::Start;
use ratatui::crossterm::event::KeyCode;
use ratatui::text::{Line, Span};
use std::cell::Cell;
use std::collections::VecDeque;

/// Number of due lines that are kept.
const KEPT: usize = 4000;

/// The most lines kept in all.
const MOST: usize = 200_000;

/// Lines of the log, and the position to which keys have scrolled back.
#[derive(Debug, Default)]
pub(super) struct LogLines {
    lines: VecDeque<Said>,
    /// Number of lines removed before the first of these.
    gone: u64,
    /// Number of lines removed before they were due.
    unseen: u64,
    /// Number of lines that never arrived.
    dropped: u64,
    /// The number of the line after the last one shown, if scrolled back.
    end: Option<u64>,
    /// The time shown last.
    clock: Cell<f64>,
    /// Number of rows shown last.
    rows: Cell<usize>,
}

/// The width of each part of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// Width of the whole line.
    pub(super) all: usize,
    /// Width of the names.
    pub(super) names: usize,
    /// Whether times are whole steps.
    pub(super) steps: bool,
}

impl LogLines {
    /// Adds lines, and sets the number dropped so far on their way.
    pub(super) fn hear(&mut self, said: impl IntoIterator<Item = Said>, dropped: u64) {
        self.lines.extend(said);
        self.dropped = dropped;
        while let Some(next) = self.lines.get(KEPT) {
            // Enough other lines have been due, and the view is not scrolled back.
            let is_past = next.time <= self.clock.get() && !self.is_back();
            if !is_past && self.lines.len() <= MOST {
                break;
            }
            let first = self.lines.pop_front().expect("there are more");
            self.unseen += u64::from(first.time > self.clock.get());
            self.gone += 1;
        }
    }

    /// Number of lines gone that were never shown.
    pub(super) fn lost(&self) -> u64 {
        self.dropped + self.unseen
    }

    /// Whether the view is scrolled back.
    pub(super) fn is_back(&self) -> bool {
        self.end.is_some()
    }

    /// The due lines of this actor, or of all actors, the newest first, each with its number.
    fn due<'a>(&'a self, only: Option<&'a str>) -> impl Iterator<Item = (u64, &'a Said)> {
        let clock = self.clock.get();
        let after = self.gone + self.lines.len() as u64;
        let numbered = self.lines.iter().rev().zip(1..);
        numbered
            .map(move |(said, back)| (after - back, said))
            .skip_while(move |(_, said)| said.time > clock)
            .filter(move |(_, said)| only.is_none_or(|name| said.concerns(name)))
    }

    /// Scrolls by a screen, to the first line or to the newest; returns false for another key.
    pub(super) fn press(&mut self, key: KeyCode, only: Option<&str>) -> bool {
        let page = self.rows.get().saturating_sub(1).max(1);
        let from = self.end.unwrap_or(u64::MAX);
        let end = match key {
            KeyCode::PageUp => {
                let before = self.due(only).skip_while(|(number, _)| *number >= from);
                let mut before = before.skip(page);
                // The first screen is the limit of scrolling back.
                before.next().map_or_else(
                    || self.first_screen(only),
                    |(number, _)| Some(number + 1).max(self.first_screen(only)),
                )
            }
            KeyCode::PageDown => {
                let after: Vec<u64> = self
                    .due(only)
                    .map(|(number, _)| number)
                    .take_while(|number| *number >= from)
                    .collect();
                let at = after.len().checked_sub(page);
                at.filter(|at| *at > 0).map(|at| after[at] + 1)
            }
            KeyCode::Home => self.first_screen(only),
            KeyCode::End => None,
            _ => return false,
        };
        self.end = end;
        true
    }

    /// The end of the first screen; `None` if all lines fit on one.
    fn first_screen(&self, only: Option<&str>) -> Option<u64> {
        let numbers: Vec<u64> = self.due(only).map(|(number, _)| number).collect();
        let rows = self.rows.get().max(1);
        (numbers.len() > rows).then(|| numbers[numbers.len() - rows] + 1)
    }

    /// The lines up to this time that fit into `rows` rows.
    pub(super) fn rows(
        &self,
        rows: usize,
        clock: f64,
        only: Option<&str>,
        (columns, start): (Columns, Option<Start>),
        paint: Paint,
    ) -> Vec<Line<'static>> {
        self.clock.set(clock);
        self.rows.set(rows);
        let end = self.end.unwrap_or(u64::MAX);
        let shown = self.due(only).filter(|(number, _)| *number < end);
        let mut shown: Vec<Line<'_>> = shown
            .take(rows)
            .map(|(_, said)| line(said, columns, start, paint))
            .collect();
        shown.reverse();
        shown
    }
}

/// One line, cut between words if it is too long.
fn line(said: &Said, columns: Columns, start: Option<Start>, paint: Paint) -> Line<'static> {
    let time = match start {
        Some(start) => format!("{:>12} ", start.at(said.time)),
        None if columns.steps => format!("{:>6} ", said.time),
        None => format!("{:>10.3} ", said.time),
    };
    let actor = format!("{:<1$} ", said.actor, columns.names);
    let room = columns
        .all
        .saturating_sub(time.len() + actor.chars().count());
    let text = within(&said.text, room);
    Line::from(vec![paint.faint(time), Span::raw(actor), paint.sign(text)])
}

/// Cuts a text to at most `columns` columns, between words, so that no number loses digits.
pub(super) fn within(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let fits: String = text.chars().take(columns.saturating_sub(1)).collect();
    let words = match text.chars().nth(columns.saturating_sub(1)) {
        Some(' ') => fits.as_str(),
        _ => fits.rsplit_once(' ').map_or("", |(words, _)| words),
    };
    format!("{}…", words.trim_end_matches([' ', ',', ';', ':']))
}
