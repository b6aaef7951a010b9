//! The closed form that fits a scenario, and its values.
//!
//! Each form comes with its assumptions, checked in order against the scenario; the first that fails is the reason
//! why it does not apply, and a form that does not apply gives no values. Its values have the keys of the summary,
//! so that they can be compared with a simulation.

mod calls;
mod desk;
mod line;
mod network;
mod people;
mod redial;
mod saturated;

use crate::model::Model;
use crate::random::Law;
use crate::scenario::{Desk, DeskHorizon, Horizon, Scenario, Tandem, WarmUp};
use crate::theory::{NoAnswer, relaxation};
use serde::{Deserialize, Serialize};

/// A number of customers or steps, or a factor of time, that makes any run long.
const LONG: u64 = 1 << 40;

/// The smallest number of customers of a long run, and of rounds of each customer who stays.
const CUSTOMERS_LONG: f64 = 1000.0;

/// Number of settling times that a run must last if it begins empty.
const SETTLING_TIMES: f64 = 5.0;

/// The time in which a queue forgets that it began empty ([`relaxation::free`]). `spread` is the sum of the squared
/// coefficients of variation of times between arrivals and of services, `pace` the number of services of all
/// servers together per unit of time. Infinite unless the load is below 1.
fn settling(load: f64, spread: f64, pace: f64) -> f64 {
    relaxation::free(load, spread) / pace
}

/// The time in which a queue with this many places settles, at any load.
fn settling_within(places: f64, lambda: f64, spread: f64) -> f64 {
    relaxation::bounded(places, spread) / lambda
}

/// Whether a run of this length and warm-up, with `lambda` customers per unit of time, has enough of them and is
/// long for queues that settle in this time.
fn is_long(length: (f64, f64), lambda: f64, settling: f64) -> bool {
    length.0 * lambda >= CUSTOMERS_LONG && settles(length, settling)
}

/// Whether a run of this length and warm-up is long for a queue that settles in this time. True for a queue that
/// never settles: it has no steady state, or no moments, and the form will say so.
fn settles((span, warm_up): (f64, f64), settling: f64) -> bool {
    span >= SETTLING_TIMES * settling || warm_up >= 2.0 * settling || !settling.is_finite()
}

/// The length of a run of a line and its warm-up, in units of time, with these arrivals per unit of time.
fn length(line: &Tandem, lambda: f64) -> (f64, f64) {
    let span = match line.horizon {
        Horizon::Customers(customers) => customers as f64 / lambda,
        Horizon::Until(until) => until,
    };
    let warm_up = match line.warm_up {
        WarmUp::Customers(first) => first as f64 / lambda,
        WarmUp::Time(time) => time,
    };
    (span, warm_up)
}

/// Whether a run of a line brings as many customers as a long one, as far as their rate is known.
fn brings_many(line: &Tandem) -> bool {
    line::gaps(&line.arrivals).is_none_or(|gaps| {
        let lambda = 1.0 / gaps.mean();
        length(line, lambda).0 * lambda >= CUSTOMERS_LONG
    })
}

/// Whether values are recorded, and taken in their order.
fn is_recorded(law: &Law) -> bool {
    matches!(law, Law::Trace(_))
}

/// An assumption of a closed form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// The assumption, as a sentence.
    pub name: String,
    /// Whether the scenario fulfils it.
    pub holds: bool,
}

/// The verdict of theory on a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedForm {
    /// Whether all assumptions hold.
    pub applies: bool,
    /// The closed form that fits, or the closest one.
    pub model: String,
    /// Whether its values are approximate even where all assumptions hold.
    pub approximation: bool,
    /// The assumptions in the order in which they were checked, up to the first that fails.
    pub assumptions: Vec<Assumption>,
    /// Values under keys of the summary; empty if it does not apply.
    pub measures: Vec<(String, f64)>,
}

impl ClosedForm {
    /// The closed form for a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> ClosedForm {
        match Model::of(scenario) {
            Model::Line(line) => ClosedForm::of_line(line),
            Model::Desk(desk) => ClosedForm::of_desk(desk),
        }
    }

    /// The closed form for a line.
    #[must_use]
    pub fn of_line(line: &Tandem) -> ClosedForm {
        // In the long run a line that stops is one that drains.
        if line.stop && brings_many(line) {
            return ClosedForm::of_line(&Tandem {
                stop: false,
                ..line.clone()
            });
        }
        match &line.routing {
            Some(routing) => network::fit(line, routing),
            None => line::fit(line),
        }
    }

    /// The closed form for a desk.
    #[must_use]
    pub fn of_desk(desk: &Desk) -> ClosedForm {
        desk::fit(desk)
    }

    /// The closed form for a scenario as if its run were long. For a run that is too short it is a guess.
    #[must_use]
    pub fn in_the_long_run(scenario: &Scenario) -> ClosedForm {
        match Model::of(scenario) {
            Model::Line(line) => ClosedForm::of_line(&Tandem {
                horizon: match line.horizon {
                    Horizon::Customers(_) => Horizon::Customers(LONG),
                    Horizon::Until(until) => Horizon::Until(until * LONG as f64),
                },
                ..line.clone()
            }),
            Model::Desk(desk) => ClosedForm::of_desk(&Desk {
                horizon: match desk.horizon {
                    DeskHorizon::Steps(_) => DeskHorizon::Steps(LONG),
                    DeskHorizon::Until { until, end } => DeskHorizon::Until {
                        until: until * LONG as f64,
                        end: end.map(|end| end * LONG as f64),
                    },
                },
                ..desk.clone()
            }),
        }
    }

    /// The first assumption that fails.
    #[must_use]
    pub fn fails(&self) -> Option<&str> {
        let failed = self.assumptions.iter().find(|assumption| !assumption.holds);
        failed.map(|assumption| assumption.name.as_str())
    }

    /// The value of a measure.
    #[must_use]
    pub fn measure(&self, key: &str) -> Option<f64> {
        let found = self.measures.iter().find(|(known, _)| known == key);
        found.map(|&(_, value)| value)
    }
}

/// A form whose assumptions are being checked: nothing is checked after the first that fails.
#[derive(Debug)]
struct Trial {
    model: String,
    approximation: bool,
    assumptions: Vec<Assumption>,
    fails: bool,
}

impl Trial {
    fn new(model: impl Into<String>) -> Trial {
        Trial {
            model: model.into(),
            approximation: false,
            assumptions: Vec::new(),
            fails: false,
        }
    }

    fn assume(&mut self, name: impl Into<String>, holds: bool) -> &mut Trial {
        if !self.fails {
            let name = name.into();
            self.assumptions.push(Assumption { name, holds });
            self.fails = !holds;
        }
        self
    }

    /// Computes the values if all assumptions hold; if they cannot be computed, that counts as a failed assumption.
    fn conclude(
        mut self,
        values: impl FnOnce() -> Result<Vec<(String, f64)>, NoAnswer>,
    ) -> ClosedForm {
        let mut measures = Vec::new();
        if !self.fails {
            match values() {
                Ok(values) => measures = values,
                Err(NoAnswer::Unstable { .. }) => {
                    self.assume("the load is below 1", false);
                }
                Err(reason) => {
                    self.assume(format!("the form has an answer ({reason})"), false);
                }
            }
        }
        measures.retain(|(_, value)| value.is_finite());
        // The line as a whole first, then stage by stage.
        measures.sort_by_key(|(key, _)| key.starts_with("stages.") || key.starts_with("stations."));
        ClosedForm {
            applies: !self.fails,
            model: self.model,
            approximation: self.approximation,
            assumptions: self.assumptions,
            measures,
        }
    }
}
