//! The form of recorded values, and with it that of a law of chance.

use crate::random::laws;
use schemars::JsonSchema;
use serde::Deserialize;

/// A law of chance: a table whose single key names it.
pub(in crate::scenario) type Law = laws::Form<Recorded>;

/// Recorded values: a list, or a column of a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Recorded {
    /// The values.
    #[schemars(length(min = 1), inner(range(min = 0.0)))]
    pub(in crate::scenario) values: Option<Vec<f64>>,
    /// The file, relative to the scenario's and within its folder.
    pub(in crate::scenario) file: Option<String>,
    /// The column's name in the file's first line.
    pub(in crate::scenario) column: Option<String>,
}
