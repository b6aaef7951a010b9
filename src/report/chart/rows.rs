//! The layout of charts with rows: row heights and name positions, from two rows to a thousand.

use super::drawing::Hold;
use super::pen::Pen;
use super::text::{TICK, fitted, width};

/// The positions of rows, in units of the frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    /// Top of the first row.
    pub(super) top: f64,
    /// Distance from one row to the next.
    pub(super) pitch: f64,
    /// Height of the marks in a row.
    pub(super) bar: f64,
    /// Left end of the marks.
    pub(super) left: f64,
    /// Whether names are above the marks because there is too little space beside them.
    above: bool,
    /// A name is written every this many rows.
    every: usize,
}

impl Rows {
    /// Lays out rows with these names, their marks `bar` high if there is space.
    pub(super) fn new<'n>(
        pen: &Pen<'_>,
        names: impl ExactSizeIterator<Item = &'n str>,
        top: f64,
        bar: f64,
    ) -> Rows {
        /// Largest total height of many rows.
        const HEIGHT: f64 = 2400.0;
        let count = names.len();
        let widest = names.map(|name| width(name, TICK)).fold(0.0, f64::max);
        let room = pen.frame.width * if pen.narrow() { 0.3 } else { 0.34 };
        let above = widest > room && count <= 60;
        let gap = (bar * 0.35).clamp(2.0, 8.0);
        let wanted = bar + gap + if above { 17.0 } else { 0.0 };
        let pitch = wanted.min(HEIGHT / count.max(1) as f64).max(3.0);
        let bar = match above {
            true => bar,
            false => (pitch - gap.min(pitch * 0.25)).min(bar),
        };
        Rows {
            top,
            pitch,
            bar,
            left: if above { 14.0 } else { widest.min(room) + 8.0 },
            above,
            every: (14.0 / pitch).ceil().max(1.0) as usize,
        }
    }

    pub(super) fn bottom(&self, count: usize) -> f64 {
        self.top + self.pitch * count as f64
    }

    /// Top of the marks of a row.
    pub(super) fn y(&self, row: usize) -> f64 {
        let name = if self.above { 17.0 } else { 0.0 };
        self.top + self.pitch * row as f64 + name
    }

    /// Writes the name of a row.
    pub(super) fn name(&self, pen: &mut Pen<'_>, row: usize, name: &str) {
        if !row.is_multiple_of(self.every) {
            return;
        }
        let y = self.y(row);
        match self.above {
            // Lines of the grid run behind it.
            true => pen.on_marks(
                (0.0, y - 4.0),
                Hold::Start,
                TICK,
                &fitted(name, TICK, pen.frame.width),
            ),
            false => {
                let middle = y + self.bar / 2.0 + 4.0;
                pen.name(
                    (self.left - 8.0, middle),
                    Hold::End,
                    TICK,
                    self.left - 8.0,
                    name,
                );
            }
        }
    }
}
