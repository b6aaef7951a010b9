//! The suite: one binary, each module a sentence.

/// CSV files beside a scenario are read; those that are wrong, elsewhere or too short are refused.
mod scenario_files;
/// Options change a scenario before it is judged, keep its comments, and are named where wrong.
mod scenario_options;
/// Every scenario that is shipped loads, and its normalised form is the same scenario.
mod scenario_shipped;
/// What is allowed but probably not meant is said in a warning, and a sound scenario has none.
mod scenario_warnings;
/// What is wrong with a file is said with its place, what is allowed and the nearest name.
mod scenario_wrong_files;
