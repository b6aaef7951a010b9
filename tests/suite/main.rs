//! The test suite of the library: one binary, so that it links once. A module a subject.

/// Every law's sampler against its distribution function and its own block sizes.
mod laws;
/// What is said of a law (moments, transform, ceiling) against its samples and distribution function.
mod moments;
/// The closed forms of single queues against Markov chains, published values and one another.
mod theory;
/// The closed forms of whole lines against chains and published values.
mod theory_lines;
