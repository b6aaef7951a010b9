//! A fault is planted in the whole process, and what is timed should be alone: one test at a time.

use std::sync::{Mutex, MutexGuard};

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Held, no other test runs. One that panicked with it does not stop the others.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(|broken| broken.into_inner())
}
