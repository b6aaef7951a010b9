//! Value stability: the first numbers of streams and samplers, to the last bit, on every machine.
//!
//! A failure here means that a seed no longer gives the results it gave. If that is meant, take the new
//! table from the failure's message and head the change **Numbers changed** in the changelog.

use super::{Law, Purpose, Sampler, Stream};
use crate::digest::Digest;

const PURPOSES: [(Purpose, u64); 8] = [
    (Purpose::Arrivals, 0x6662_32fb_d708_5d3a),
    (Purpose::Class, 0x544f_8041_0373_1d79),
    (Purpose::Service, 0x2cb3_7ec5_0711_e865),
    (Purpose::Patience, 0xc485_1095_8ec0_e1c1),
    (Purpose::Faults, 0xbd32_7123_a724_5f0e),
    (Purpose::Repair, 0xe361_8203_9cd7_b17d),
    (Purpose::Dispatch, 0x6828_61e7_323c_3a0f),
    (Purpose::Schedule, 0xdcc0_af7a_6b78_c324),
];

#[test]
fn every_purpose_begins_with_its_golden_word() {
    let drawn = PURPOSES.map(|(purpose, _)| {
        let mut stream = Stream::new(7, 3, "triage", purpose);
        (purpose, stream.next_word())
    });
    assert!(
        drawn == PURPOSES,
        "streams changed; they now begin {drawn:#x?}"
    );
}

/// The third value, and a digest of the first thousand.
fn fingerprint(law: &Law) -> (f64, u64) {
    let mut values = [0.0; 1000];
    let mut sampler = Sampler::new(law, Stream::new(7, 3, "triage", Purpose::Service));
    assert_eq!(sampler.fill(&mut values), values.len());
    let mut digest = Digest::EMPTY;
    values.iter().for_each(|&value| digest.fold_number(value));
    (values[2], digest.value())
}

fn golden() -> Vec<(Law, f64, u64)> {
    vec![
        (Law::Constant { value: 2.5 }, 2.5, 0x40d5_a065_4c63_08dd),
        (
            Law::Exponential { mean: 2.0 },
            1.030612732438653,
            0x53ec_6921_24a3_b62a,
        ),
        (
            Law::Uniform {
                low: 1.0,
                high: 3.0,
            },
            2.1946351373158723,
            0x6369_1488_2ae0_c4d8,
        ),
        (
            Law::Triangular {
                low: 1.0,
                mode: 1.5,
                high: 4.0,
            },
            2.262151262317264,
            0x8d07_c282_06b0_1717,
        ),
        (
            Law::Normal { mean: 1.0, sd: 1.0 },
            0.9936080590745852,
            0x7100_e01f_adf2_7797,
        ),
        (
            Law::Lognormal { mean: 2.0, cv: 0.8 },
            1.8572755645180619,
            0xe9da_248a_2448_d760,
        ),
        (
            Law::Gamma { mean: 2.0, cv: 0.5 },
            3.131864348900015,
            0xdaef_e968_2f64_20c6,
        ),
        (
            Law::Gamma { mean: 2.0, cv: 2.0 },
            0.03209694275173731,
            0x1c18_dc04_0e6a_9c24,
        ),
        (
            Law::Erlang { k: 3, mean: 1.5 },
            1.484885930431235,
            0xde11_cea6_bfba_dbb3,
        ),
        (
            Law::Erlang { k: 40, mean: 1.5 },
            1.2629683444430586,
            0x99ee_b0f0_7216_76d1,
        ),
        (
            Law::Erlang { k: 100, mean: 1.5 },
            1.669489351709802,
            0x014e_d7d1_cb28_cee7,
        ),
        (
            Law::Weibull {
                shape: 0.7,
                scale: 2.0,
            },
            0.775702170967479,
            0x529c_3334_74aa_a0a6,
        ),
        (
            Law::Pareto {
                scale: 1.0,
                shape: 2.5,
            },
            1.228903792611614,
            0x8ba5_c205_6950_5ad1,
        ),
        (
            Law::Hyperexponential {
                probabilities: vec![0.3, 0.5, 0.2],
                means: vec![0.5, 2.0, 8.0],
            },
            0.43985644940234175,
            0x92d0_dd54_cd74_ea76,
        ),
        (
            Law::Empirical {
                values: [1.0, 2.0, 2.5, 7.0].into(),
            },
            2.5,
            0x06b5_c6e9_d392_01f6,
        ),
        (Law::Poisson { mean: 7.5 }, 16.0, 0xc38f_e6de_2cd3_3893),
        (Law::Poisson { mean: 60.0 }, 54.0, 0xb011_6d5a_e765_6c73),
        (
            Law::UniformInt { low: 10, high: 20 },
            16.0,
            0xf857_d70c_57e6_4c14,
        ),
        (Law::Binomial { n: 12, p: 0.3 }, 4.0, 0x8086_cd74_5fe2_741e),
        (
            Law::Binomial { n: 200, p: 0.85 },
            167.0,
            0x1e18_c21f_58c9_d0af,
        ),
        (Law::Geometric { mean: 1.5 }, 1.0, 0x3ac7_05d2_5908_9053),
        (
            Law::NegativeBinomial { mean: 4.0, cv: 1.0 },
            17.0,
            0x9fcf_8793_d842_33d9,
        ),
    ]
}

#[test]
fn every_law_begins_with_its_golden_values() {
    let mut changed = String::new();
    for (law, third, digest) in golden() {
        let now = fingerprint(&law);
        if now.0.to_bits() != third.to_bits() || now.1 != digest {
            changed += &format!("\n{law:?}: {:?}, 0x{:016x}", now.0, now.1);
        }
    }
    assert!(changed.is_empty(), "samples changed; they are now{changed}");
}
