//! Closed forms of whole lines (Jackson's, saturated ones) against chains and published values.

use crate::theory::assert_close;
use filas::theory::{NoAnswer, jackson, m_m_c, saturated_line, saturated_line::Blocking};

#[test]
fn a_jackson_line_is_the_sum_of_its_stages() {
    let one = jackson::Stage { mu: 1.0, c: 1 };
    let two = jackson::Stage { mu: 0.5, c: 3 };
    let both = jackson::waiting_mean(0.8, &[one, two]).unwrap();
    assert_close(both, 4.0 + m_m_c::waiting_mean(0.8, 0.5, 3).unwrap(), 1e-13);
    assert_close(jackson::sojourn_mean(0.8, &[one; 5]).unwrap(), 25.0, 1e-12);
    assert_close(jackson::sojourn_sd(0.8, &[one; 4]).unwrap(), 10.0, 1e-12);
    assert_close(
        jackson::queues_joined_mean(0.8, &[one; 5]).unwrap(),
        4.0,
        1e-12,
    );
    assert!(jackson::sojourn_sd(0.8, &[two]).is_err());
    assert!(jackson::waiting_mean(1.2, &[two, one]).is_err());
}

#[test]
fn two_saturated_stages_have_the_known_throughput() {
    for buffer in 0..6 {
        let b = f64::from(buffer);
        let after = saturated_line::two_stages(1.0, 1.0, buffer, Blocking::AfterService).unwrap();
        assert_close(after, (b + 2.0) / (b + 3.0), 1e-15);
        let before = saturated_line::two_stages(1.0, 1.0, buffer, Blocking::BeforeService).unwrap();
        assert_close(before, (b + 1.0) / (b + 2.0), 1e-15);
        for blocking in [Blocking::AfterService, Blocking::BeforeService] {
            for (mu1, mu2) in [(1.0, 1.0), (0.7, 1.3), (3.0, 0.2), (1.0, 1.0 + 1e-9)] {
                let closed = saturated_line::two_stages(mu1, mu2, buffer, blocking).unwrap();
                let chain = saturated_line::throughput(&[mu1, mu2], &[buffer], blocking).unwrap();
                assert_close(closed, chain, 1e-13);
            }
        }
    }
    let wide = saturated_line::two_stages(2.0, 1.0, u32::MAX, Blocking::AfterService).unwrap();
    assert_close(wide, 1.0, 1e-15);
}

#[test]
fn three_saturated_stages_have_the_published_throughput() {
    // Hunt 1956: 22/39 without buffers; Hillier and Boling 1967 give 0.5641, 0.5148 (four stages),
    // 0.4858 (five).
    let equal = |stages: usize, buffer| {
        let mu = vec![1.0; stages];
        saturated_line::throughput(&mu, &vec![buffer; stages - 1], Blocking::AfterService).unwrap()
    };
    assert_close(equal(3, 0), 22.0 / 39.0, 1e-13);
    assert_close(equal(4, 0), 0.5148, 1e-4);
    assert_close(equal(5, 0), 0.4858, 1e-4);
    // A line and its mirror image have the same throughput (Muth 1979).
    let forth =
        saturated_line::throughput(&[1.0, 2.0, 0.7], &[1, 4], Blocking::AfterService).unwrap();
    let back =
        saturated_line::throughput(&[0.7, 2.0, 1.0], &[4, 1], Blocking::AfterService).unwrap();
    assert_close(forth, back, 1e-13);
    // More buffer places give more throughput, never above that of the slowest stage.
    assert!(equal(3, 0) < equal(3, 1) && equal(3, 1) < equal(3, 5) && equal(3, 5) < 1.0);
}

#[test]
fn lines_too_large_or_malformed_have_no_answer() {
    let large = saturated_line::throughput(&[1.0; 4], &[50; 3], Blocking::AfterService);
    assert!(matches!(large, Err(NoAnswer::TooLarge { .. })));
    assert!(saturated_line::throughput(&[1.0; 3], &[1], Blocking::AfterService).is_err());
    assert!(saturated_line::throughput(&[1.0, 0.0], &[1], Blocking::AfterService).is_err());
}
