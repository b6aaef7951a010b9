//! The exponential function, over blocks, with the same bits everywhere.
//!
//! The reduction and the rational approximation are those of FreeBSD's `e_exp.c` (Sun Microsystems
//! 1993; error below 1 ulp): x = k ln 2 + r with |r| <= ln 2 / 2, then e^r from a polynomial in r^2.
//! As in `logarithm` there is no branch, call or fused multiply-add. The range is clamped: below
//! -708 every result is that of -708 (3e-308, practically zero for a time), above 709 that of 709
//! (8e307), so that a result is always positive, normal and finite.

#![expect(clippy::excessive_precision, reason = "coefficients as published")]

const LN2_HIGH: f64 = 6.931_471_803_691_238_164_9e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
const P1: f64 = 1.666_666_666_666_660_190_37e-1;
const P2: f64 = -2.777_777_777_701_559_338_42e-3;
const P3: f64 = 6.613_756_321_437_934_361_17e-5;
const P4: f64 = -1.653_390_220_546_525_153_90e-6;
const P5: f64 = 4.138_136_797_057_238_460_39e-8;

/// 1.5 * 2^52: added to a small number, it rounds it to a whole one, found in the lowest bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;

/// The least argument; smaller ones give the same result.
const LEAST: f64 = -708.0;
/// The greatest argument; greater ones give the same result.
pub(super) const GREATEST: f64 = 709.0;

/// e to the power `x`, clamped to [-708, 709]; the result for a NaN is meaningless.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    let x = x.clamp(LEAST, GREATEST);
    let rounded = x * std::f64::consts::LOG2_E + ROUNDING;
    let k = rounded - ROUNDING;
    let high = x - k * LN2_HIGH;
    let low = k * LN2_LOW;
    let r = high - low;
    let square = r * r;
    let c = r - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
    let power = 1.0 + (r * c / (2.0 - c) - low + high);
    // `power` lies in [0.7, 1.42] and k in [-1022, 1023], so adding k to the exponent is exact.
    f64::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << 52))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_within_two_ulps_of_libm_over_its_range() {
        let points = (0..1_000_000).map(|i| f64::from(i) * 1.417e-3 - 708.0);
        let near_zero = (0..1000).map(|i| f64::from(i - 500) * 1e-5);
        for point in points.chain(near_zero) {
            let right = libm::exp(point);
            let distance = (exp(point) - right).abs() / (right.next_up() - right);
            assert!(distance <= 2.0, "exp {point}: {distance} ulps");
        }
    }

    #[test]
    fn it_is_exact_at_zero_and_clamped_at_the_ends() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-1e9).to_bits(), exp(LEAST).to_bits());
        assert_eq!(exp(f64::INFINITY).to_bits(), exp(GREATEST).to_bits());
        assert!(exp(LEAST).is_normal() && exp(GREATEST).is_normal());
    }
}
