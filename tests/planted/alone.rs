//! A planted fault affects the whole process, and timed tests should not share the machine: one
//! test runs at a time.

use std::sync::{Mutex, MutexGuard};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// While this is held, no other test runs. A panic while holding it does not stop the others.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(|broken| broken.into_inner())
}
