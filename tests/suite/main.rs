//! The suite: one binary, a module for each promise.

/// Every law's sampler against its distribution function, its moments and its own block sizes.
mod laws;
/// The line equals the event-list oracle, in every runtime, whatever chunks and channels.
mod line;
/// The oracle itself: the line's rules in the plainest form, and cases worked out by hand.
mod line_oracle;
/// The line agrees with queueing theory.
mod line_theory;
/// The study of orders: shared work changes no bit, chance goes with the stage, ties are ties.
mod order;
/// `filas order` from outside: what it prints, what it writes, what it refuses.
mod order_command;
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
/// Parquet and CSV read back to the same bits, and an error in writing them is told.
mod tables;
/// The closed forms against Markov chains, published values and one another.
mod theory;
/// The house rules that a compiler does not know: floors, banned words and calls.
mod tidy;
