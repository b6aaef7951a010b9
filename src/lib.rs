//! filas
pub mod actor;
pub mod cli;
pub mod digest;
pub mod observe;
pub mod random;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod study;
pub mod tandem;
pub mod theory;
pub mod time;
