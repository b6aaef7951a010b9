//! The form of what a run reports, whichever the model.

use schemars::JsonSchema;
use serde::Deserialize;

/// What a run reports beside its totals.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Report {
    /// The length of the intervals from 0 on, for each of which measures are reported too; left out: none.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "duration"))]
    pub(in crate::scenario) interval: Option<f64>,
}
