//! The suite: one binary, each module a sentence.

/// Every scenario that is shipped loads, and its normalised form is the same scenario.
mod scenario_shipped;
/// What is wrong with a file is said with its place, what is allowed and the nearest name.
mod scenario_wrong_files;
