//! Value stability: the first numbers of streams and samplers, to the last bit, on every machine.
//!
//! A failure here means that a seed no longer gives the results it gave. If that is intended, take
//! the new table from the failure's message and put the change under **Numbers changed** in the
//! changelog.

use filas::digest::Digest;
use filas::random::laws::{
    Binomial, Constant, Discrete, Empirical, Erlang, Exponential, Gamma, Geometric,
    Hyperexponential, Lognormal, Mixture, NegativeBinomial, Normal, Pareto, PhaseType, Poisson,
    Shifted, Triangular, Uniform, UniformInt, Weibull,
};
use filas::random::{Law, Purpose, Sampler, Stream};

const PURPOSES: [(Purpose, u64); 20] = [
    (Purpose::Arrivals, 0x13f0_5585_075c_9b23),
    (Purpose::Class, 0x9792_ed42_cc68_eacd),
    (Purpose::Service, 0xdff1_c83e_8e7f_220a),
    (Purpose::Patience, 0x1f0d_2bef_86be_1d00),
    (Purpose::WrapUp, 0x0513_a4db_68aa_0261),
    (Purpose::Timeout, 0x4b13_257b_b0ce_5ff6),
    (Purpose::Retry, 0xde21_f4d3_9486_9f54),
    (Purpose::Delay, 0x75ef_a624_e5a8_d189),
    (Purpose::Faults, 0x6fa0_39d7_d901_a0e6),
    (Purpose::Repair, 0x0c8a_3867_9873_304e),
    (Purpose::Batch, 0xa688_947b_e1d2_16af),
    (Purpose::BusyDay, 0xad97_1431_2e37_375f),
    (Purpose::Joining, 0xc705_72a9_17d1_75d9),
    (Purpose::Setup, 0xd4fa_ade9_6992_7b75),
    (Purpose::Scrap, 0x0b97_509b_b4c8_875b),
    (Purpose::Discipline, 0x5160_771a_9532_3823),
    (Purpose::Routing, 0x441a_541e_a072_0fc3),
    (Purpose::Rounding, 0xa8ba_1cc3_e95e_239d),
    (Purpose::Dispatch, 0x0a12_eb63_2421_b538),
    (Purpose::Schedule, 0xd544_1118_37fc_d573),
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
        (
            Law::Constant(Constant { value: 2.5 }),
            2.5,
            0x40d5_a065_4c63_08dd,
        ),
        (
            Law::Exponential(Exponential { mean: 2.0 }),
            6.425117782545172,
            0x92f0_fa01_0dec_0571,
        ),
        (
            Law::Uniform(Uniform {
                low: 1.0,
                high: 3.0,
            }),
            1.0805069541998817,
            0x496b_dde2_03c6_74e6,
        ),
        (
            Law::Triangular(Triangular {
                low: 1.0,
                mode: 1.5,
                high: 4.0,
            }),
            1.2457238605628507,
            0x8b5c_cda0_0550_58bb,
        ),
        (
            Law::Normal(Normal { mean: 1.0, sd: 1.0 }),
            2.8267716978179047,
            0x14db_2878_5298_9096,
        ),
        (
            Law::Lognormal(Lognormal { mean: 2.0, cv: 0.8 }),
            0.45681525446180976,
            0x5ffd_a67c_5631_736b,
        ),
        (
            Law::Gamma(Gamma { mean: 2.0, cv: 0.5 }),
            1.4292291799970984,
            0x7c17_faba_48b1_2bcc,
        ),
        (
            Law::Gamma(Gamma { mean: 2.0, cv: 2.0 }),
            0.11837376863753635,
            0x9dca_1d1a_e997_31fb,
        ),
        (
            Law::Erlang(Erlang { k: 3, mean: 1.5 }),
            1.4195528928667018,
            0x47fc_a2b7_ad3e_f01b,
        ),
        (
            Law::Erlang(Erlang { k: 40, mean: 1.5 }),
            1.5115071108091276,
            0x23cd_f254_6933_60ce,
        ),
        (
            Law::Erlang(Erlang { k: 100, mean: 1.5 }),
            1.4275235903042998,
            0xf8a6_114b_28d0_60e5,
        ),
        (
            Law::Weibull(Weibull {
                shape: 0.7,
                scale: 2.0,
            }),
            10.595049556786481,
            0xbc79_639c_7c26_9656,
        ),
        (
            Law::Pareto(Pareto {
                scale: 1.0,
                shape: 2.5,
            }),
            3.6147531071787524,
            0x501e_9f80_d6d3_0da4,
        ),
        (
            Law::Hyperexponential(Hyperexponential {
                probabilities: vec![0.3, 0.5, 0.2],
                means: vec![0.5, 2.0, 8.0],
            }),
            1.2509406404789933,
            0xa6ca_69ee_415a_53fa,
        ),
        (
            Law::Empirical(Empirical {
                values: vec![1.0, 2.0, 2.5, 7.0].into(),
            }),
            1.0,
            0xe400_17a6_b458_f3ef,
        ),
        (
            Law::Poisson(Poisson { mean: 7.5 }),
            3.0,
            0x4a48_d5c8_5a67_e33d,
        ),
        (
            Law::Poisson(Poisson { mean: 60.0 }),
            64.0,
            0x7619_083e_5600_3459,
        ),
        (
            Law::UniformInt(UniformInt { low: 10, high: 20 }),
            10.0,
            0xb0c7_9d51_7766_89a2,
        ),
        (
            Law::Binomial(Binomial { n: 12, p: 0.3 }),
            1.0,
            0x65e8_a54f_9ca5_ec45,
        ),
        (
            Law::Binomial(Binomial { n: 200, p: 0.85 }),
            168.0,
            0x8ec3_dce6_40b6_d2a2,
        ),
        (
            Law::Geometric(Geometric { mean: 1.5 }),
            3.0,
            0x2904_cc36_4dd0_34bf,
        ),
        (
            Law::NegativeBinomial(NegativeBinomial { mean: 4.0, cv: 1.0 }),
            1.0,
            0xefa4_369b_0786_eef6,
        ),
        (
            Law::Discrete(Discrete {
                values: vec![1.0, 2.0, 5.0],
                probabilities: vec![0.5, 0.3, 0.2],
            }),
            1.0,
            0xe8c2_2562_2c54_e754,
        ),
        (
            Law::Mixture(Mixture {
                weights: vec![3.0, 1.0],
                of: vec![
                    Law::Exponential(Exponential { mean: 2.0 }),
                    Law::Uniform(Uniform {
                        low: 1.0,
                        high: 3.0,
                    }),
                ],
            }),
            1.2509406404789933,
            0x3d20_e7e4_fc6f_4207,
        ),
        (
            Law::Shifted(Shifted {
                by: 1.5,
                law: Law::Exponential(Exponential { mean: 2.0 }).into(),
            }),
            7.925117782545172,
            0x8099_a5af_0770_86f7,
        ),
        (
            Law::PhaseType(PhaseType {
                initial: vec![0.6, 0.4],
                rates: vec![vec![0.5, 1.0], vec![0.3, 0.8]],
            }),
            2.140533400617349,
            0x32b1_278c_4a05_4efd,
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
