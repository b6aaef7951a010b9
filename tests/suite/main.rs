//! The suite: one binary, a module for each promise.

/// The line equals the event-list oracle, in every runtime, whatever chunks and channels.
mod line;
/// The oracle itself: the line's rules in the plainest form, and cases worked out by hand.
mod line_oracle;
/// The line agrees with queueing theory.
mod line_theory;
