//! Loops over a block of values.

/// Applies `rule` to every value; the loop that becomes vector code.
#[inline(always)]
pub(super) fn each(block: &mut [f64], rule: impl Fn(f64) -> f64) {
    for value in block {
        *value = rule(*value);
    }
}

/// Draws every value in turn.
#[inline(always)]
pub(super) fn one_by_one(block: &mut [f64], mut draw: impl FnMut() -> f64) {
    for value in block {
        *value = draw();
    }
}

/// The value, or 0 for -0, which a file may hold.
#[inline(always)]
pub(super) fn positive_zero(value: f64) -> f64 {
    value + 0.0
}
