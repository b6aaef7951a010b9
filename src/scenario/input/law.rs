//! The form of a law of chance, whose recorded values may be a column of a file.

use super::Column;
use crate::random::laws;

/// A law of chance: a table whose single key names it.
pub(in crate::scenario) type Law = laws::Form<Column>;
