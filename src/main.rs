//! filas
fn main() {}
