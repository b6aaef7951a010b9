//! What a run leaves behind, made from records and summaries alone: the results folder with its
//! tables, the summary as JSON, the manifest that says how to get the same again; and what is made of
//! that folder, charts and one page.
//!
//! Nothing here knows how a model works. Figures come from `stats`, by way of the model's summary; all
//! that is counted here is how often a chart's values fall where.

pub mod chart;
mod draft;
mod folder;
mod manifest;
pub mod order;
pub mod page;
pub mod publish;
pub mod rows;
pub mod stress;
pub mod study;
mod summary;
pub mod tables;

pub use draft::{Draft, WriteError, sweep};
pub use folder::{Folder, FolderError};
pub use manifest::{InputFile, Manifest, RuntimeOptions, Setting, timestamp};
pub use order::{OrderReport, order_table};
pub use rows::{About, AboutError, RowFolder, RowsError};
pub use summary::Summary;
