//! The standard normal law: distribution function, and its inverse over blocks.
//!
//! The inverse is PPND16 (Wichura, Algorithm AS 241, Applied Statistics 37, 1988; relative error
//! about 1e-16). It uses exactly one uniform for each value, which keeps streams in step; a
//! ziggurat would use one or two.

#![expect(clippy::excessive_precision, reason = "coefficients as published")]

use super::logarithm::ln;

/// Coefficients of the seventh degree, highest power first.
type Polynomial = [f64; 8];

const CENTRE_ABOVE: Polynomial = [
    2.509_080_928_730_122_672_7e3,
    3.343_057_558_358_812_810_5e4,
    6.726_577_092_700_870_085_3e4,
    4.592_195_393_154_987_145_7e4,
    1.373_169_376_550_946_112_5e4,
    1.971_590_950_306_551_442_7e3,
    1.331_416_678_917_843_774_5e2,
    3.387_132_872_796_366_608_0,
];
const CENTRE_BELOW: Polynomial = [
    5.226_495_278_852_854_561_0e3,
    2.872_908_573_572_194_267_4e4,
    3.930_789_580_009_271_061_0e4,
    2.121_379_430_158_659_586_7e4,
    5.394_196_021_424_751_107_7e3,
    6.871_870_074_920_579_083_0e2,
    4.231_333_070_160_091_125_2e1,
    1.0,
];
const TAIL_ABOVE: Polynomial = [
    7.745_450_142_783_414_076_40e-4,
    2.272_384_498_926_918_458_33e-2,
    2.417_807_251_774_506_117_70e-1,
    1.270_458_252_452_368_382_58,
    3.647_848_324_763_204_605_04,
    5.769_497_221_460_691_405_50,
    4.630_337_846_156_545_295_90,
    1.423_437_110_749_683_577_34,
];
const TAIL_BELOW: Polynomial = [
    1.050_750_071_644_416_843_24e-9,
    5.475_938_084_995_344_946_00e-4,
    1.519_866_656_361_645_719_66e-2,
    1.481_039_764_274_800_745_90e-1,
    6.897_673_349_851_000_045_50e-1,
    1.676_384_830_183_803_849_40,
    2.053_191_626_637_758_821_87,
    1.0,
];
const FAR_ABOVE: Polynomial = [
    2.010_334_399_292_288_132_65e-7,
    2.711_555_568_743_487_578_15e-5,
    1.242_660_947_388_078_438_60e-3,
    2.653_218_952_657_612_309_30e-2,
    2.965_605_718_285_048_912_30e-1,
    1.784_826_539_917_291_335_80,
    5.463_784_911_164_114_369_90,
    6.657_904_643_501_103_777_20,
];
const FAR_BELOW: Polynomial = [
    2.044_263_103_389_939_785_64e-15,
    1.421_511_758_316_445_888_70e-7,
    1.846_318_317_510_054_681_80e-5,
    7.868_691_311_456_132_591_00e-4,
    1.487_536_129_085_061_485_25e-2,
    1.369_298_809_227_358_053_10e-1,
    5.998_322_065_558_879_376_90e-1,
    1.0,
];

#[inline(always)]
fn at(polynomial: &Polynomial, x: f64) -> f64 {
    let mut value = polynomial[0];
    for &coefficient in &polynomial[1..] {
        value = value * x + coefficient;
    }
    value
}

#[inline(always)]
fn centre(from_half: f64) -> f64 {
    let r = 0.180_625 - from_half * from_half;
    from_half * at(&CENTRE_ABOVE, r) / at(&CENTRE_BELOW, r)
}

/// The quantile for `p` outside [0.075, 0.925].
fn tail(p: f64) -> f64 {
    let (smaller, sign) = if p < 0.5 { (p, -1.0) } else { (1.0 - p, 1.0) };
    let r = (0.0 - ln(smaller)).sqrt();
    let size = if r <= 5.0 {
        at(&TAIL_ABOVE, r - 1.6) / at(&TAIL_BELOW, r - 1.6)
    } else {
        at(&FAR_ABOVE, r - 5.0) / at(&FAR_BELOW, r - 5.0)
    };
    sign * size
}

/// The x with probability `p` to its left; `p` in [1e-300, 1 - 2^-53].
#[inline]
pub(crate) fn quantile(p: f64) -> f64 {
    let from_half = p - 0.5;
    if from_half.abs() <= 0.425 {
        centre(from_half)
    } else {
        tail(p)
    }
}

/// Replaces every probability of a block by its quantile.
#[inline(always)]
pub(super) fn quantiles(block: &mut [f64]) {
    let (eights, rest) = block.as_chunks_mut::<8>();
    for eight in eights {
        let probabilities = *eight;
        // The central formula for all, vectorised; then the tail formula for the one value in seven
        // that needs it.
        for value in eight.iter_mut() {
            *value = centre(*value - 0.5);
        }
        for (value, p) in eight.iter_mut().zip(probabilities) {
            if (p - 0.5).abs() > 0.425 {
                *value = tail(p);
            }
        }
    }
    for value in rest {
        *value = quantile(*value);
    }
}

/// The probability to the left of `x`.
pub(super) fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_the_tables() {
        // NIST / Abramowitz and Stegun 26.2; Wichura's own check values.
        for (p, right) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_409),
            (0.975, 1.959_963_984_540_054_2),
        ] {
            assert!((quantile(p) - right).abs() < 4e-15 * right.abs(), "{p}");
        }
        assert_eq!(quantile(0.5), 0.0);
    }

    #[test]
    fn the_distribution_function_undoes_the_quantile() {
        for i in 1..20_000 {
            let p = f64::from(i) / 20_000.0;
            assert!((cdf(quantile(p)) - p).abs() < 1e-14, "{p}");
        }
        for exponent in 1..300 {
            let p = 10f64.powi(-exponent);
            assert!((cdf(quantile(p)) / p - 1.0).abs() < 1e-11, "{p:e}");
        }
    }

    #[test]
    fn a_block_gives_the_bits_of_single_values() {
        let mut block: Vec<f64> = (1..1003).map(|i| f64::from(i) / 1003.0).collect();
        let single: Vec<u64> = block.iter().map(|&p| quantile(p).to_bits()).collect();
        quantiles(&mut block);
        let blocked: Vec<u64> = block.iter().map(|x| x.to_bits()).collect();
        assert_eq!(blocked, single);
    }
}
