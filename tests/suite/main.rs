//! The test suite of the library: one binary, so that it links once. A module a subject.

/// Every law's sampler against its distribution function, its moments and its own block sizes.
mod laws;
/// The closed forms against Markov chains, published values and one another.
mod theory;
