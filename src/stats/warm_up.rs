//! The length of the warm-up, by the marginal standard error rule on batches of five.
//!
//! MSER-5 (White 1997; White, Cobb and Spratt 2000): of the batch means of a curve, leave out the
//! first d such that the squared standard error of the rest, the sum over j > d of (Y(j) - Y)^2 /
//! (k - d)^2, is least. Cuts in the last quarter of the curve are not considered, since a handful of
//! neighbours always agree; a cut in the second half means that the run is too short to determine
//! the warm-up.

/// Observations in a batch.
const BATCH: usize = 5;

/// The run is too short to determine its warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the run is too short: its first {cut} of {length} would have to be left out, more than half"
)]
pub struct TooShort {
    /// The cut found.
    pub cut: usize,
    /// The length of the curve.
    pub length: usize,
}

/// Number of observations to leave out at the beginning of a curve, a multiple of five.
///
/// # Errors
/// [`TooShort`] if that is more than half of them, or there are fewer than forty.
pub fn mser5(curve: &[f64]) -> Result<usize, TooShort> {
    let length = curve.len();
    let (batches, _) = curve.as_chunks::<BATCH>();
    let means: Vec<f64> = batches
        .iter()
        .map(|batch| batch.iter().sum::<f64>() / BATCH as f64)
        .collect();
    let k = means.len();
    if k < 8 {
        return Err(TooShort {
            cut: length,
            length,
        });
    }
    // From the end, where each step adds one mean to the sums; relative to the last, so that
    // nothing cancels.
    let about = means[k - 1];
    let (mut sum, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for d in (0..k).rev() {
        let y = means[d] - about;
        sum += y;
        squares += y * y;
        let n = (k - d) as f64;
        let error = (squares - sum * sum / n).max(0.0) / (n * n);
        // Among equal errors, the earliest cut leaves out least.
        if d <= k - k / 4 && error <= best.0 {
            best = (error, d);
        }
    }
    let cut = best.1 * BATCH;
    if 2 * cut > length {
        Err(TooShort { cut, length })
    } else {
        Ok(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn noise(length: usize, seed: u64) -> Vec<f64> {
        let mut stream = Stream::new(seed, 0, "noise", Purpose::Service);
        (0..length).map(|_| stream.unit() - 0.5).collect()
    }

    #[test]
    fn a_curve_that_was_steady_from_the_start_loses_little() {
        let cuts: Vec<usize> = (0..50)
            .map(|seed| mser5(&noise(4000, seed)).unwrap_or(4000))
            .collect();
        let mean = cuts.iter().sum::<usize>() / cuts.len();
        assert!(mean < 600, "{cuts:?}");
    }

    #[test]
    fn the_rise_at_the_beginning_is_cut_off() {
        for seed in 0..20 {
            let rise = |(at, noise): (usize, f64)| noise - 20.0 * (-(at as f64) / 100.0).exp();
            let curve: Vec<f64> = noise(5000, seed)
                .into_iter()
                .enumerate()
                .map(rise)
                .collect();
            let cut = mser5(&curve).unwrap();
            assert!((300..1500).contains(&cut), "{cut}");
        }
    }

    #[test]
    fn the_rule_is_the_one_written_down() {
        // By its definition, batch by batch.
        let curve: Vec<f64> = noise(400, 7)
            .iter()
            .enumerate()
            .map(|(at, x)| x + 30.0 / (at + 1) as f64)
            .collect();
        let means: Vec<f64> = curve
            .chunks(5)
            .map(|five| five.iter().sum::<f64>() / 5.0)
            .collect();
        let error = |d: usize| {
            let rest = &means[d..];
            let n = rest.len() as f64;
            let mean = rest.iter().sum::<f64>() / n;
            rest.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (n * n)
        };
        let best = (0..=60)
            .min_by(|&a, &b| error(a).total_cmp(&error(b)))
            .unwrap();
        assert_eq!(mser5(&curve), Ok(5 * best));
    }

    #[test]
    fn a_curve_that_never_settles_is_too_short() {
        let rise: Vec<f64> = noise(2000, 1)
            .iter()
            .enumerate()
            .map(|(at, x)| x + at as f64)
            .collect();
        assert!(mser5(&rise).is_err());
        assert!(mser5(&[1.0; 30]).is_err());
        assert_eq!(mser5(&[1.0; 100]), Ok(0));
    }
}
