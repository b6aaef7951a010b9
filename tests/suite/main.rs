//! Everything that is tested through the library's public door, in one binary.

/// Random desks agree with the reference to the last row, on every runtime.
mod desk_agrees;
/// Small desks whose results were worked out by hand.
mod desk_by_hand;
/// What the desks of these tests have in common.
mod desk_cases;
/// Desks against what probability theory says of them.
mod desk_chance;
/// An independent simulator of the desk's seven phases, in the plainest way.
mod desk_reference;
/// Threads, schedules, channel capacities, stopping and what it costs to wake.
mod desk_runtimes;
