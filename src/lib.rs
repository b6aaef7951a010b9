//! filas
pub mod actor;
pub mod desk;
pub mod digest;
pub mod random;
pub mod scenario;
pub mod stats;
pub mod tandem;
pub mod time;
