//! `filas schema`: the JSON Schema of scenario files, for editors.

use super::{Exit, Failure, output};
use crate::scenario;

/// Nothing may be said yet.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn schema(_: &Arguments) -> Result<Exit, Failure> {
    let schema = scenario::schema();
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
    output::print(&(text + "\n"))?;
    Ok(Exit::Done)
}
