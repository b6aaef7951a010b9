//! The length of a run, the same scenario at another length, and the pace at which it is shown.

use super::Model;
use crate::scenario::{Horizon, LineArrivals, Scenario};

impl Model<'_> {
    /// The unit in which the length of a run is counted (customers, the time until which they enter, or steps), and
    /// the scenario's own.
    #[must_use]
    pub fn length(self) -> (&'static str, f64) {
        match self {
            Model::Line(line) => match line.horizon {
                Horizon::Customers(customers) => ("customers", customers as f64),
                Horizon::Until(until) => ("until", until),
            },
            Model::Desk(desk) => ("steps", desk.steps as f64),
        }
    }

    /// The scenario at another length, in the unit of [`Model::length`], with as much of its warm-up as
    /// leaves most of it measured.
    #[must_use]
    pub fn cut_to(self, length: f64) -> Scenario {
        match self {
            Model::Line(line) => {
                let mut cut = line.clone();
                match &mut cut.horizon {
                    Horizon::Customers(customers) => {
                        *customers = length as u64;
                        cut.warm_up = cut.warm_up.min(*customers / 10);
                    }
                    Horizon::Until(until) => {
                        *until = length;
                        cut.warm_up = cut.warm_up.min(5);
                    }
                }
                Scenario::Tandem(cut)
            }
            Model::Desk(desk) => {
                let mut cut = desk.clone();
                cut.steps = length as u64;
                Scenario::Desk(cut)
            }
        }
    }

    /// The scenario of a run of the given number of customers or steps, its warm-up as it is: a run that
    /// was wound up equals one that was to end there.
    #[must_use]
    pub fn ending_after(self, length: u64) -> Scenario {
        match self {
            Model::Line(line) => {
                let mut cut = line.clone();
                cut.horizon = Horizon::Customers(length);
                Scenario::Tandem(cut)
            }
            Model::Desk(desk) => {
                let mut cut = desk.clone();
                cut.steps = length;
                Scenario::Desk(cut)
            }
        }
    }

    /// The key of the summary that tells how long a run was, as [`Model::ending_after`] takes it.
    #[must_use]
    pub fn length_key(self) -> &'static str {
        match self {
            Model::Line(_) => "customers.arrived",
            Model::Desk(_) => "steps",
        }
    }

    /// Units of time a second at which a run can be watched: five steps, or about five customers.
    #[must_use]
    pub fn usual_pace(self) -> f64 {
        let line = match self {
            Model::Desk(_) => return 5.0,
            Model::Line(line) => line,
        };
        let customers = match (&line.arrivals, line.horizon) {
            (LineArrivals::Renewal(law), _) => law.mean(),
            (LineArrivals::Times(times), _) if !times.is_empty() => {
                times[times.len() - 1] / times.len() as f64
            }
            (_, Horizon::Until(until)) => until / 600.0,
            _ => line.stages[0].service.mean(),
        };
        let customers = if customers.is_finite() {
            customers
        } else {
            0.2
        };
        (5.0 * customers).clamp(1e-3, 1e6)
    }
}
