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
