//! Loops over a block of values.

/// Applies `rule` to every value, in a loop that compilers vectorise.
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

/// Returns the value, or 0 for -0, which a file may contain.
#[inline(always)]
pub(super) fn positive_zero(value: f64) -> f64 {
    value + 0.0
}
