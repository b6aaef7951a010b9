//! The form of what a run reports, whichever the model.

use schemars::JsonSchema;
use serde::Deserialize;

/// Reports beside the totals of a run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Report {
    /// The length of the intervals, counted from time 0, for each of which measures are reported; if left out, there are
    /// none.
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-quantity" = "duration"))]
    pub(in crate::scenario) interval: Option<f64>,
}
