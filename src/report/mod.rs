//! The output of a run, made from records and summaries alone: the results folder with its tables, the summary as JSON,
//! and the manifest with the command to reproduce them; charts and one page made from that folder.
//!
//! Nothing here depends on how a model works. Figures come from `stats`, by way of the model's
//! summary; only the bins of histograms are counted here.

pub mod chart;
pub mod comparison;
mod draft;
pub mod filed;
pub mod finding;
pub mod fit;
mod folder;
mod manifest;
pub mod order;
pub mod page;
pub mod publish;
pub mod rows;
pub mod shell;
pub mod stress;
pub mod study;
mod summary;
pub mod tables;

pub use draft::{Draft, WriteError, sweep};
pub use folder::{Folder, FolderError};
pub use manifest::{
    InputFile, Manifest, RuntimeOptions, Setting, as_run, data_folder, filed_scenario, timestamp,
    unaltered,
};
pub use order::{OrderReport, order_table};
pub use rows::{About, AboutError, RowFolder, RowsError};
pub use summary::Summary;
