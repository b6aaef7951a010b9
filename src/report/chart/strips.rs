//! Strips: the states of actors over time, one strip per row. Height and texture show the state as
//! well as colour: busy and blocked fill the strip, down is a low bar, idle is a thin line.

use super::axes::x_axis_below;
use super::ink::Ink;
use super::pen::{Pen, Sample};
use super::rows::Rows;
use super::scale::{Axis, Scale, range};
use super::{listed, scale};

/// Strips over a common axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Strips {
    /// The axis of time.
    pub x: Axis,
    /// The states, by name.
    pub states: Vec<(String, Ink)>,
    /// The strips, one for each actor.
    pub rows: Vec<Strip>,
}

/// The states of one actor.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Name of the actor.
    pub name: String,
    /// Its states, in order of time, without overlap.
    pub spans: Vec<Span>,
}

/// A state over an interval of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Start.
    pub from: f64,
    /// End.
    pub to: f64,
    /// Index of the state in [`Strips::states`].
    pub state: usize,
}

impl Strips {
    pub(super) fn draw(&self, pen: &mut Pen<'_>, top: f64) -> f64 {
        let states = self.states.iter();
        let states: Vec<_> = states
            .map(|(name, ink)| (*ink, sample(*ink), name.as_str()))
            .collect();
        let top = pen.legend(&states, top) + 4.0;
        let names = self.rows.iter().map(|row| row.name.as_str());
        let rows = Rows::new(pen, names, top, 14.0);
        let bottom = rows.bottom(self.rows.len()) + 2.0;
        let spans = self.rows.iter().flat_map(|row| &row.spans);
        let seen = range(spans.flat_map(|span| [span.from, span.to]));
        let (x, below) = x_axis_below(pen, (&self.x, seen), (rows.left, 8.0), (top, bottom));
        // By state, and by the quarters of a column it fills: one mark each.
        let mut strips = vec![vec![Vec::new(); 5]; self.states.len()];
        for (at, row) in self.rows.iter().enumerate() {
            rows.name(pen, at, &row.name);
            for (from, to, shares) in columns(&row.spans, &x, self.states.len()) {
                for (state, (_, ink)) in self.states.iter().enumerate() {
                    let quarters = shares.shown(state, *ink);
                    let (high, low) = height(*ink, quarters);
                    let middle = rows.y(at) + rows.bar * (high + low) / 2.0;
                    if quarters > 0 {
                        strips[state][quarters].push((from, middle, to - from));
                    }
                }
            }
        }
        for ((_, ink), strips) in self.states.iter().zip(&strips) {
            for (quarters, strips) in strips.iter().enumerate() {
                let (high, low) = height(*ink, quarters);
                pen.strips(strips, rows.bar * (low - high), *ink);
            }
        }
        below
    }

    pub(super) fn says(&self) -> String {
        let row = |row: &Strip| {
            let all: f64 = row.spans.iter().map(|span| span.to - span.from).sum();
            let states = self.states.iter().enumerate().map(|(state, (name, _))| {
                let spans = row.spans.iter().filter(|span| span.state == state);
                let share = spans.map(|span| span.to - span.from).sum::<f64>() / all;
                format!("{} {name}", scale::said(share, scale::Unit::Share))
            });
            match all > 0.0 {
                true => format!("{}: {}", row.name, states.collect::<Vec<_>>().join(", ")),
                false => format!("{}: nothing observed", row.name),
            }
        };
        format!("{}.", listed(self.rows.iter().map(row)))
    }
}

fn sample(ink: Ink) -> Sample {
    match ink {
        Ink::Idle => Sample::Thin,
        Ink::Down => Sample::Low,
        _ => Sample::Surface,
    }
}

/// The vertical range of a state in a strip, from above: 0 to 1.
fn height(ink: Ink, quarters: usize) -> (f64, f64) {
    match ink {
        Ink::Idle => (0.44, 0.56),
        // A short outage stays visible.
        Ink::Down => (1.0 - 0.125 * quarters.max(2) as f64, 1.0),
        _ => (0.0, 1.0),
    }
}

/// Number of quarters of a column that each state had, rounded up.
#[derive(Clone, Debug, PartialEq)]
struct Shares(Vec<usize>);

impl Shares {
    /// Number of quarters shown for a state: of busy, idle and blocked only the longest is shown;
    /// down is always shown, so that no outage is lost.
    fn shown(&self, state: usize, ink: Ink) -> usize {
        let share = self.0[state];
        let longest = (0..self.0.len()).rev().max_by_key(|&other| self.0[other]);
        match ink == Ink::Down || longest == Some(state) {
            true => share,
            false => 0,
        }
    }
}

/// Divides a strip into columns: its spans if there is space for them, otherwise columns two units
/// wide.
fn columns(spans: &[Span], x: &Scale, states: usize) -> Vec<(f64, f64, Shares)> {
    const COLUMN: f64 = 2.0;
    let width = (x.places.1 - x.places.0).max(COLUMN);
    let mut columns: Vec<(f64, f64, Shares)> = Vec::new();
    let mut take = |from: f64, to: f64, shares: Shares| match columns.last_mut() {
        // Equal neighbours are merged.
        Some(last) if last.2 == shares && from - last.1 < 0.05 => last.1 = to,
        _ => columns.push((from, to, shares)),
    };
    let known = spans
        .iter()
        .filter(|span| span.state < states && span.to > span.from);
    if spans.len() as f64 <= width / COLUMN / 2.0 {
        for span in known {
            let mut shares = vec![0; states];
            shares[span.state] = 4;
            take(x.at(span.from), x.at(span.to), Shares(shares));
        }
        return columns;
    }
    let mut held = vec![vec![0.0; states]; (width / COLUMN).ceil() as usize];
    for span in known {
        let place = |value: f64| ((x.at(value) - x.places.0) / COLUMN).max(0.0);
        let (from, to) = (place(span.from), place(span.to));
        let last = (to as usize).min(held.len() - 1);
        for (at, column) in held
            .iter_mut()
            .enumerate()
            .take(last + 1)
            .skip(from as usize)
        {
            let inside = to.min(at as f64 + 1.0) - from.max(at as f64);
            column[span.state] += inside.max(0.0);
        }
    }
    for (at, held) in held.into_iter().enumerate() {
        let all: f64 = held.iter().sum();
        if all > 0.0 {
            let quarters = held
                .into_iter()
                .map(|share| (share / all * 4.0).ceil() as usize);
            let from = x.places.0 + COLUMN * at as f64;
            take(from, from + COLUMN, Shares(quarters.collect()));
        }
    }
    columns
}
