//! The whole of a published trace, 8,819 requests; run by name, `cargo test --test trace`.
//!
//! The file is not part of the project: `AzureLLMInferenceTrace_code.csv` of the AzurePublicDataset
//! is read from the folder named by `FILAS_DATA`, by default `../shared/data` beside the project.

/// Runs of lines, held against the oracle.
#[allow(dead_code, reason = "the suite asks for more of it")]
#[path = "suite/line.rs"]
mod line;
/// The event-list oracle.
#[allow(dead_code, reason = "the suite asks for more of it")]
#[path = "suite/line_oracle.rs"]
mod line_oracle;
/// The scenario that reads the trace.
#[allow(dead_code, reason = "the suite asks for more of it")]
#[path = "suite/real_trace.rs"]
mod real_trace;

use std::path::PathBuf;

#[test]
fn a_whole_published_trace_gives_the_waits_of_an_event_list() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("FILAS_DATA").map_or(root.join("../shared/data"), PathBuf::from);
    let trace = folder.join("AzureLLMInferenceTrace_code.csv");
    assert!(trace.exists(), "there is no {}", trace.display());
    real_trace::hold(&trace, &[1, 2, 4, 8]);
}
