//! What a run leaves behind, made from records and summaries alone: the results folder with its
//! tables, the summary as JSON, the manifest that says how to get the same again, and the charts.
//!
//! Nothing here knows how a model works, and no figure is computed here: figures come from
//! `stats`, by way of the model's summary.

pub mod chart;
mod folder;
mod manifest;
pub mod number;
mod order;
pub mod study;
mod summary;
pub mod tables;

pub use folder::{Draft, Folder, FolderError, WriteError, sweep};
pub use manifest::{InputFile, Manifest, RuntimeOptions, timestamp};
pub use order::{OrderReport, order_table};
pub use summary::Summary;
