//! filas
pub mod actor;
pub mod digest;
pub mod random;
pub mod scenario;
pub mod stats;
pub mod tandem;
pub mod theory;
pub mod time;
