//! Studies: many runs of a scenario, compared.
//!
//! [`order`] asks which order of a line's stages is best. It rests on [`selection`], which drops what
//! cannot be the best and spends the replications on what still can, and knows nothing of lines.

pub mod order;
pub mod permutation;
pub mod published;
pub mod search;
pub mod selection;
