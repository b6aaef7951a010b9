//! A quantity over time in columns of equal width: its mean in each, with the least and the greatest value as a band. A
//! long run stays readable, and needs no more memory than a short one.

use crate::report::chart::{Ink, Line, Shade};

/// The most columns: a chart is not much wider.
pub(super) const COLUMNS: usize = 200;

/// A quantity by column.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    origin: f64,
    width: f64,
    /// Distance of two values if time counts steps, 0 if it is continuous.
    step: f64,
    end: f64,
    held: Vec<Held>,
}

/// The content of one column.
#[derive(Clone, Copy, Debug)]
struct Held {
    sum: f64,
    /// Number of values, or the duration for which one was held.
    weight: f64,
    least: f64,
    greatest: f64,
}

impl Held {
    const NOTHING: Held = Held {
        sum: 0.0,
        weight: 0.0,
        least: f64::INFINITY,
        greatest: f64::NEG_INFINITY,
    };
}

impl Columns {
    /// Columns for steps 1 to `steps`: of one step each, if there are not too many.
    pub(super) fn of_steps(steps: u64) -> Columns {
        let width = steps.div_ceil(COLUMNS as u64).max(1);
        Columns {
            origin: 1.0,
            width: width as f64,
            step: 1.0,
            end: steps as f64 + 1.0,
            held: vec![Held::NOTHING; steps.div_ceil(width).max(1) as usize],
        }
    }

    /// Columns for continuous time from one instant to another, with this number of events: fewer columns for fewer
    /// events, since a column with one event or none shows nothing.
    pub(super) fn of_time(from: f64, to: f64, things: u64) -> Columns {
        let most = ((things / 10) as usize).clamp(10, COLUMNS);
        Columns {
            origin: from,
            width: ((to - from) / most as f64).max(f64::MIN_POSITIVE),
            step: 0.0,
            end: to,
            held: vec![Held::NOTHING; most],
        }
    }

    /// The same columns without content.
    pub(super) fn clone_empty(&self) -> Columns {
        Columns {
            held: vec![Held::NOTHING; self.held.len()],
            ..self.clone()
        }
    }

    /// The width of a column.
    pub(super) fn width(&self) -> f64 {
        self.width
    }

    fn place(&self, time: f64) -> usize {
        let place = ((time - self.origin) / self.width).max(0.0) as usize;
        place.min(self.held.len() - 1)
    }

    /// Adds a number at a time.
    pub(super) fn add(&mut self, time: f64, number: f64) {
        let place = self.place(time);
        self.held[place].sum += number;
    }

    /// Adds the value of a step.
    pub(super) fn value(&mut self, time: f64, value: f64) {
        let place = self.place(time);
        let held = &mut self.held[place];
        held.sum += value;
        held.weight += 1.0;
        held.least = held.least.min(value);
        held.greatest = held.greatest.max(value);
    }

    /// Adds a level from one instant to another.
    pub(super) fn hold(&mut self, from: f64, to: f64, value: f64) {
        let to = to.min(self.end);
        if to <= from {
            return;
        }
        let (first, last) = (self.place(from), self.place(to));
        for at in first..=last {
            let begins = self.origin + at as f64 * self.width;
            let ends = match at + 1 == self.held.len() {
                true => self.end,
                false => begins + self.width,
            };
            let inside = to.min(ends) - from.max(begins);
            if inside > 0.0 {
                let held = &mut self.held[at];
                held.sum += value * inside;
                held.weight += inside;
                held.least = held.least.min(value);
                held.greatest = held.greatest.max(value);
            }
        }
    }

    /// The middle of a column, and its width up to the end of the run.
    fn middle(&self, at: usize) -> (f64, f64) {
        let begins = self.origin + at as f64 * self.width;
        let width = self.width.min(self.end - begins).max(f64::MIN_POSITIVE);
        (begins + (width - self.step) / 2.0, width)
    }

    /// Its rate per unit of time, or per step.
    pub(super) fn rate(&self, name: &str, ink: Ink) -> Line {
        self.line(name, ink, |_, held, width| held.sum / width)
    }

    /// Its mean in each column.
    pub(super) fn mean(&self, name: &str, ink: Ink) -> Line {
        self.line(name, ink, |_, held, _| held.sum / held.weight)
    }

    /// Its mean in each column, if levels overlap and add up.
    pub(super) fn total(&self, name: &str, ink: Ink) -> Line {
        let line = self.line(name, ink, |_, held, width| held.sum / width);
        Line {
            band: Vec::new(),
            ..line
        }
    }

    fn line(&self, name: &str, ink: Ink, value: impl Fn(usize, &Held, f64) -> f64) -> Line {
        let columns = self.held.iter().enumerate();
        let points = columns.map(|(at, held)| {
            let (middle, width) = self.middle(at);
            (middle, value(at, held, width))
        });
        let points: Vec<(f64, f64)> = points.collect();
        let varies = self.held.iter().any(|held| held.greatest > held.least);
        let band = self.held.iter().zip(&points);
        let band = band.filter(|(held, _)| varies && held.weight > 0.0);
        Line {
            name: name.to_owned(),
            ink,
            band: band
                .map(|(held, point)| (point.0, held.least, held.greatest))
                .collect(),
            points,
            stepped: false,
        }
    }

    /// The amounts by which these columns are below others, as shades: as a share of `all`.
    pub(super) fn below(&self, others: &Columns, all: f64) -> Vec<Shade> {
        let columns = self.held.iter().zip(&others.held).enumerate();
        let shades = columns.filter(|(_, (held, _))| held.weight > 0.0);
        let shades = shades.map(|(at, (held, other))| {
            let (middle, width) = self.middle(at);
            Shade {
                from: middle - width / 2.0,
                to: middle + width / 2.0,
                share: (other.sum - held.sum) / held.weight / all,
            }
        });
        let shades: Vec<Shade> = shades.filter(|shade| shade.share > 1e-9).collect();
        shades
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_of_few_steps_is_each_step_and_of_many_the_mean_of_some() {
        let mut few = Columns::of_steps(5);
        (1..=5).for_each(|step| few.value(f64::from(step), f64::from(step * step)));
        let line = few.mean("squares", Ink::Waiting);
        let wanted: Vec<(f64, f64)> = [1.0, 2.0, 3.0, 4.0, 5.0].map(|x| (x, x * x)).to_vec();
        assert_eq!((line.points, line.band), (wanted, Vec::new()));

        let mut many = Columns::of_steps(1001);
        (1..=1001).for_each(|step| many.value(f64::from(step), f64::from(step)));
        let line = many.mean("number", Ink::Waiting);
        assert_eq!(many.width(), 6.0);
        // Steps 1 to 6, and at the end 997 to 1001.
        assert_eq!(line.points[0], (3.5, 3.5));
        assert_eq!(line.band[0], (3.5, 1.0, 6.0));
        assert_eq!(line.points.last(), Some(&(999.0, 999.0)));
    }

    #[test]
    fn a_level_counts_by_how_long_it_is_held() {
        let mut level = Columns::of_time(0.0, 100.0, 100);
        level.hold(0.0, 5.0, 2.0);
        level.hold(5.0, 25.0, 4.0);
        level.hold(25.0, 1000.0, 0.0);
        let line = level.mean("level", Ink::Waiting);
        let values: Vec<f64> = line.points.iter().map(|point| point.1).collect();
        assert_eq!(values[..4], [3.0, 4.0, 2.0, 0.0]);
        assert_eq!(line.band[..2], [(5.0, 2.0, 4.0), (15.0, 4.0, 4.0)]);
        // Three are on duty at first, then four: half an attendant is missing on average.
        let mut others = Columns::of_time(0.0, 100.0, 100);
        others.hold(0.0, 5.0, 3.0);
        others.hold(5.0, 15.0, 4.0);
        let missing = level.below(&others, 4.0);
        assert_eq!(
            (missing[0].from, missing[0].to, missing[0].share),
            (0.0, 10.0, 0.125)
        );
    }
}
