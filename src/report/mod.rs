//! What a run leaves behind, made from records and summaries alone: the results folder with its
//! tables, the summary as JSON, and the manifest that says how to get the same again.
//!
//! Nothing here knows how a model works, and no figure is computed here: figures come from
//! `stats`, by way of the model's summary.

mod folder;
mod manifest;
mod order;
pub mod stress;
pub mod study;
mod summary;
pub mod tables;

pub use folder::{Draft, Folder, FolderError, WriteError, sweep};
pub use manifest::{InputFile, Manifest, RuntimeOptions, timestamp};
pub use order::{OrderReport, order_table};
pub use summary::Summary;
