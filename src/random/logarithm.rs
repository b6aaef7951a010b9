//! The natural logarithm, over blocks, with the same bits everywhere.
//!
//! The reduction and the polynomial are those of FreeBSD's `e_log.c` (Sun Microsystems 1993; error below 1 ulp): x
//! = 2^k m with m in [sqrt(1/2), sqrt(2)), s = f / (2 + f) where f = m - 1, and ln m = f - (f^2/2 - s (f^2/2 +
//! R(s^2))). The result equals the `libm` crate's `log` to the last bit (a test checks that), but there is no
//! branch, no call, no fused multiply-add and no conversion between integer and float that SSE2 lacks, so the
//! compiler vectorises the loops for any instruction set, without a change of bits.

#![expect(clippy::excessive_precision, reason = "coefficients as published")]

const LN2_HIGH: f64 = 6.931_471_803_691_238_164_9e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
const LG1: f64 = 6.666_666_666_666_735_130e-1;
const LG2: f64 = 3.999_999_999_940_941_908e-1;
const LG3: f64 = 2.857_142_874_366_239_149e-1;
const LG4: f64 = 2.222_219_843_214_978_396e-1;
const LG5: f64 = 1.818_357_216_161_805_012e-1;
const LG6: f64 = 1.531_383_769_920_937_332e-1;
const LG7: f64 = 1.479_819_860_511_658_591e-1;

/// The high word of sqrt(1/2), below which a mantissa is doubled; the low word is not used.
const ROOT_HALF: u64 = 0x3FE6_A09E << 32;
const ONE: u64 = 1023 << 52;
const MANTISSA: u64 = (1 << 52) - 1;
/// 2^52: an integer below it, put into its mantissa, reads as 2^52 plus that integer.
const TWO_52: u64 = 1075 << 52;

/// ln `x` for a positive, normal, finite `x`; the result for anything else is meaningless.
#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    let shifted = x.to_bits() + (ONE - ROOT_HALF);
    let exponent = f64::from_bits((shifted >> 52) | TWO_52) - (f64::from_bits(TWO_52) + 1023.0);
    let f = f64::from_bits((shifted & MANTISSA) + ROOT_HALF) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (LG2 + w * (LG4 + w * LG6));
    let odd = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
    s * (half_square + (odd + even)) + exponent * LN2_LOW - half_square + f + exponent * LN2_HIGH
}

/// Replaces every u in (0, 1] of a block by -`scale` ln u, which is never negative, nor -0.
#[inline(always)]
pub(super) fn scaled_negative_ln(block: &mut [f64], scale: f64) {
    for value in block {
        *value = (0.0 - ln(*value)) * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    /// Distance in units of the last place of `right`.
    fn ulps(mine: f64, right: f64) -> f64 {
        (mine - right).abs() / (right.abs().next_up() - right.abs())
    }

    #[test]
    fn it_equals_libm_to_the_last_bit_and_std_within_an_ulp() {
        let mut stream = Stream::new(1, 0, "logarithm", Purpose::Service);
        let mut points: Vec<f64> = (0..200_000).map(|_| stream.open()).collect();
        points.extend((0..1_000_000).map(|i| f64::from(i).mul_add(1e-6, 1e-9)));
        for exponent in -1022..=1023 {
            let power = 2f64.powi(exponent);
            points.extend([power, power.next_up(), power * 1.4, power * 1.999_999]);
        }
        for &point in &points {
            assert_eq!(
                ln(point).to_bits(),
                libm::log(point).to_bits(),
                "ln {point:e}"
            );
            assert!(ulps(ln(point), point.ln()) <= 1.0, "ln {point:e}");
        }
    }

    #[test]
    fn the_ends_of_the_unit_interval_are_right() {
        assert_eq!(ln(1.0).to_bits(), 0f64.to_bits());
        assert_eq!(ln(2f64.powi(-53)), -53.0 * std::f64::consts::LN_2);
        let mut ends = [1.0, 1.0 - 2f64.powi(-53), 2f64.powi(-53)];
        scaled_negative_ln(&mut ends, 1.0);
        assert_eq!(ends[0].to_bits(), 0, "not -0");
        assert!(ends[1] > 0.0 && ends[1] < 2e-16);
        assert!(ends[2] > 36.7 && ends[2] < 36.8);
    }
}
