//! The closed form of a line whose first stage always has work: its throughput.

use super::line::{LONG_RUN, NOT_RECORDED};
use super::{ClosedForm, Trial, is_recorded};
use crate::scenario::{Horizon, Tandem};
use crate::theory::saturated_line;

/// A line whose first stage always has work.
pub(super) fn saturated(line: &Tandem) -> ClosedForm {
    let stages = &line.stages;
    let two = stages.len() == 2;
    let mut trial = Trial::new(match stages.len() {
        1 => "one stage that always has work",
        2 => "two stages with blocking, the first always at work",
        _ => "stages with blocking, the first always at work (Markov chain)",
    });
    trial.assume("the first stage always has work", true);
    let rates: Vec<f64> = stages
        .iter()
        .map(|stage| 1.0 / stage.expect_plain().service.mean())
        .collect();
    let traced = stages
        .iter()
        .any(|stage| is_recorded(stage.expect_plain().service));
    trial.assume(NOT_RECORDED, !traced);
    trial.assume(
        "a service takes time",
        rates.iter().all(|rate| rate.is_finite()),
    );
    let long = match line.horizon {
        Horizon::Customers(customers) => customers >= 100 * stages.len() as u64,
        Horizon::Until(until) => rates.iter().all(|rate| until * rate >= 100.0),
    };
    if let [stage] = stages.as_slice() {
        trial.assume(LONG_RUN, long);
        return trial.conclude(|| {
            Ok(vec![
                (
                    "throughput".to_owned(),
                    rates[0] * f64::from(stage.expect_plain().servers),
                ),
                ("waiting.mean".to_owned(), 0.0),
                ("stages.0.utilisation".to_owned(), 1.0),
            ])
        });
    }
    trial.assume(
        "every stage has one server",
        stages.iter().all(|stage| stage.expect_plain().servers == 1),
    );
    let exponential = stages
        .iter()
        .all(|stage| stage.expect_plain().service.is_exponential());
    trial.assume("every service is exponential", exponential);
    let buffers: Option<Vec<u32>> = stages[1..]
        .iter()
        .map(|stage| stage.buffer.and_then(|buffer| u32::try_from(buffer).ok()))
        .collect();
    trial.assume(
        "every stage after the first has a finite buffer",
        buffers.is_some(),
    );
    trial.assume(LONG_RUN, long);
    trial.conclude(|| {
        let buffers = buffers.unwrap_or_default();
        let throughput = match two {
            true => saturated_line::two_stages(rates[0], rates[1], buffers[0], line.blocking)?,
            false => saturated_line::throughput(&rates, &buffers, line.blocking)?,
        };
        let mut values = vec![("throughput".to_owned(), throughput)];
        let busy = rates.iter().enumerate();
        values
            .extend(busy.map(|(at, rate)| (format!("stages.{at}.utilisation"), throughput / rate)));
        Ok(values)
    })
}
