//! The check that the orders of a line's stages can be compared: each must be a valid line, and all must serve the
//! same customers.

use crate::scenario::{
    Blocking, FaultWork, LineArrivals, PerClass, Preemption, Servers, Stage, Tandem,
};
use thiserror::Error;

/// The reason why the orders of a line cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Incomparable {
    /// Customers can be lost at the first position.
    #[error(
        "the first position has a `buffer`, so customers can be lost there, and orders that serve \
         different customers cannot be compared; leave `buffer` out at the first stage"
    )]
    Loses,
    /// Customers can leave without being served, different ones in each order.
    #[error(
        "stage `{stage}` has `{key}`, so customers can leave there without being served, and orders that serve \
         different customers cannot be compared; leave `{key}` out"
    )]
    Leaves {
        /// The stage.
        stage: String,
        /// The key by which they leave.
        key: &'static str,
    },
    /// The run ends while customers are present, different ones in each order.
    #[error(
        "`horizon.stop` leaves customers unserved who are there at the end, and orders that serve different \
         customers cannot be compared; leave `stop` out"
    )]
    Stops,
    /// A stage cannot be at every position.
    #[error(
        "stage `{stage}` has `{key}`, and so cannot be {place}; leave it out, or compare orders by `filas sweep` \
             over files of your own"
    )]
    Displaced {
        /// The stage.
        stage: String,
        /// The key that excludes it from a position.
        key: String,
        /// The position.
        place: &'static str,
    },
}

/// Checks whether the orders of a line can be compared.
///
/// # Errors
/// [`Incomparable`].
pub fn comparable(line: &Tandem) -> Result<(), Incomparable> {
    let saturated = line.arrivals == LineArrivals::Saturated;
    if line.stages[0].buffer.is_some() && !saturated {
        return Err(Incomparable::Loses);
    }
    if line.stop {
        return Err(Incomparable::Stops);
    }
    for stage in &line.stages {
        if let Some(key) = leaves(stage) {
            let stage = stage.name.clone();
            return Err(Incomparable::Leaves { stage, key });
        }
    }
    // One stage has only one order.
    if line.stages.len() < 2 {
        return Ok(());
    }
    let limited = line.stages.iter().any(|stage| stage.buffer.is_some());
    for stage in &line.stages {
        let displaced = |key: &str, place| {
            let (stage, key) = (stage.name.clone(), key.to_owned());
            Err(Incomparable::Displaced { stage, key, place })
        };
        if saturated && stage.preemption != Preemption::None {
            return displaced("preemption", "the first of a saturated line");
        }
        if saturated && stage.servers == Servers::Unlimited {
            return displaced("servers = \"unlimited\"", "the first of a saturated line");
        }
        if limited && stage.servers == Servers::Unlimited {
            return displaced(
                "servers = \"unlimited\"",
                "at the position that has a `buffer`",
            );
        }
        if limited
            && line.blocking == Blocking::BeforeService
            && let Some(key) = stage.cuts_off()
        {
            let place = "before the position that has a `buffer`, where a place is reserved for the end of its services";
            return displaced(&key.join("."), place);
        }
    }
    Ok(())
}

/// The key by which customers may leave at a stage without being served, different ones in each order. Scrap is not
/// one: each customer's draw at each stage is the same in every order, and so are the customers who come through
/// all of them.
fn leaves(stage: &Stage) -> Option<&'static str> {
    let lost = |work| work == FaultWork::Lost;
    if stage.patience != PerClass::Same(None) {
        Some("patience")
    } else if stage.join.iter().any(|&chance| chance < 1.0) {
        Some("join")
    } else {
        let faults = stage.faults.as_ref();
        faults
            .is_some_and(|faults| lost(faults.work) && faults.slow.is_none())
            .then_some("work = \"lost\"")
    }
}
