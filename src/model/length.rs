//! The length of a run, the same scenario at another length, and the pace at which it is shown.

use super::Model;
use crate::scenario::{DeskHorizon, Horizon, LineArrivals, Scenario, WarmUp};

/// A warm-up of at most this many customers, if it is counted in customers.
fn shorter(warm_up: WarmUp, most: u64) -> WarmUp {
    match warm_up {
        WarmUp::Customers(first) => WarmUp::Customers(first.min(most)),
        time => time,
    }
}

impl Model<'_> {
    /// The unit in which the length of a run is counted (customers, the time until which they enter, or steps), and
    /// the scenario's own length.
    #[must_use]
    pub fn length(self) -> (&'static str, f64) {
        match self {
            Model::Line(line) => match line.horizon {
                Horizon::Customers(customers) => ("customers", customers as f64),
                Horizon::Until(until) => ("until", until),
            },
            Model::Desk(desk) => match desk.horizon {
                DeskHorizon::Steps(steps) => ("steps", steps as f64),
                DeskHorizon::Until { until, .. } => ("until", until),
            },
        }
    }

    /// The scenario at another length, in the unit of [`Model::length`], with as much of its warm-up as leaves most
    /// of it measured.
    #[must_use]
    pub fn cut_to(self, length: f64) -> Scenario {
        match self {
            Model::Line(line) => {
                let mut cut = line.clone();
                match &mut cut.horizon {
                    Horizon::Customers(customers) => {
                        *customers = length as u64;
                        cut.warm_up = shorter(cut.warm_up, *customers / 10);
                    }
                    Horizon::Until(until) => {
                        *until = length;
                        cut.warm_up = match shorter(cut.warm_up, 5) {
                            WarmUp::Time(time) => WarmUp::Time(time.min(length / 10.0)),
                            first => first,
                        };
                    }
                }
                Scenario::Tandem(cut)
            }
            Model::Desk(desk) => {
                let mut cut = desk.clone();
                match &mut cut.horizon {
                    DeskHorizon::Steps(steps) => *steps = length as u64,
                    DeskHorizon::Until { until, end } => {
                        *until = length;
                        *end = end.map(|_| length);
                    }
                }
                cut.warm_up = cut.warm_up.min((length / 10.0).floor());
                Scenario::Desk(cut)
            }
        }
    }

    /// The scenario of a run of at most the given number of customers or steps, or up to the given time of a desk,
    /// with its warm-up unchanged: a run that was wound up equals one that was to end there. (A line that customers
    /// enter until a time takes the given number of customers, even after that time.)
    #[must_use]
    pub fn ending_after(self, length: f64) -> Scenario {
        match self {
            Model::Line(line) => {
                let mut cut = line.clone();
                cut.horizon = match (line.horizon, line.has_population()) {
                    (Horizon::Until(until), true) => Horizon::Until(until.min(length)),
                    (Horizon::Until(_), false) => Horizon::Customers(length as u64),
                    (Horizon::Customers(all), _) => Horizon::Customers(all.min(length as u64)),
                };
                Scenario::Tandem(cut)
            }
            Model::Desk(desk) => {
                let mut cut = desk.clone();
                cut.horizon = match cut.horizon {
                    DeskHorizon::Steps(steps) => DeskHorizon::Steps(steps.min(length as u64)),
                    DeskHorizon::Until { until, end } => DeskHorizon::Until {
                        until: until.min(length),
                        end: Some(end.map_or(length, |end| end.min(length))),
                    },
                };
                Scenario::Desk(cut)
            }
        }
    }

    /// The scenario of a run of one customer or step, or one unit of time of a desk, with nothing of its warm-up left
    /// but its kind, on which the measures of a line depend.
    #[must_use]
    pub fn shortest(self) -> Scenario {
        let mut shortest = self.ending_after(1.0);
        match &mut shortest {
            Scenario::Tandem(line) => {
                line.warm_up = match line.warm_up {
                    WarmUp::Customers(_) => WarmUp::Customers(0),
                    WarmUp::Time(_) => WarmUp::Time(0.0),
                }
            }
            Scenario::Desk(desk) => desk.warm_up = 0.0,
        }
        shortest
    }

    /// The key of the summary with the length of a run, as [`Model::ending_after`] takes it.
    #[must_use]
    pub fn length_key(self) -> &'static str {
        match self {
            Model::Line(line) if line.has_population() => "clock",
            Model::Line(_) => "customers.arrived",
            Model::Desk(desk) if desk.steps().is_some() => "steps",
            Model::Desk(_) => "clock",
        }
    }

    /// A pace at which a run can be watched, in units of time per second: five steps, or about five customers; for
    /// a desk in continuous time, the whole run in two minutes.
    #[must_use]
    pub fn usual_pace(self) -> f64 {
        let line = match self {
            Model::Desk(desk) => return desk.steps().map_or(desk.span() / 120.0, |_| 5.0),
            Model::Line(line) => line,
        };
        let customers = match (&line.arrivals, line.horizon) {
            (LineArrivals::Renewal(law), _) => law.mean(),
            (LineArrivals::Times(times), _) if !times.is_empty() => {
                times[times.len() - 1] / times.len() as f64
            }
            (_, Horizon::Until(until)) => until / 600.0,
            _ => line.stages[0].service.mean_and_cv2().0,
        };
        let customers = if customers.is_finite() {
            customers
        } else {
            0.2
        };
        (5.0 * customers).clamp(1e-3, 1e6)
    }
}
