//! Thinning of long series that keeps every peak: in each column of neighbouring points the first,
//! the least, the greatest and the last are kept, in their order (Jugel et al., "M4: A
//! visualization-oriented time series data aggregation", VLDB 2014).

/// A series thinned while it is read, in bounded memory: columns of equal width, whose width
/// doubles when there are too many.
#[derive(Clone, Debug)]
pub struct Thinned {
    most: usize,
    width: f64,
    origin: Option<f64>,
    columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug)]
struct Column {
    number: u64,
    first: (f64, f64),
    least: (f64, f64),
    greatest: (f64, f64),
    last: (f64, f64),
}

impl Column {
    fn of(number: u64, point: (f64, f64)) -> Column {
        Column {
            number,
            first: point,
            least: point,
            greatest: point,
            last: point,
        }
    }

    /// Merges the column that follows this one.
    fn join(&mut self, next: &Column) {
        if next.least.1 < self.least.1 {
            self.least = next.least;
        }
        if next.greatest.1 > self.greatest.1 {
            self.greatest = next.greatest;
        }
        self.last = next.last;
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let mut inner = [self.least, self.greatest];
        inner.sort_by(|a, b| a.0.total_cmp(&b.0));
        let points = [self.first, inner[0], inner[1], self.last];
        let mut before: Option<(f64, f64)> = None;
        points
            .into_iter()
            .filter(move |&point| before.replace(point) != Some(point))
    }
}

impl Thinned {
    /// Creates an empty series of at most `most` columns, each with at most four points; `width` is
    /// the first column width, ideally the distance of two points.
    #[must_use]
    pub fn new(most: usize, width: f64) -> Thinned {
        Thinned {
            most: most.max(2),
            width,
            origin: None,
            columns: Vec::new(),
        }
    }

    /// Adds the next point, in order of rising x; a point that is not finite is skipped.
    pub fn push(&mut self, x: f64, y: f64) {
        if !x.is_finite() || !y.is_finite() {
            return;
        }
        let origin = *self.origin.get_or_insert(x);
        let mut number = ((x - origin) / self.width).max(0.0);
        while number >= self.most as f64 {
            self.fold();
            number = ((x - origin) / self.width).max(0.0);
        }
        let point = Column::of(number as u64, (x, y));
        match self.columns.last_mut() {
            Some(last) if last.number >= point.number => last.join(&point),
            _ => self.columns.push(point),
        }
    }

    /// Merges the columns in pairs.
    fn fold(&mut self) {
        self.width *= 2.0;
        let mut folded: Vec<Column> = Vec::with_capacity(self.most);
        for mut column in self.columns.drain(..) {
            column.number /= 2;
            match folded.last_mut() {
                Some(last) if last.number == column.number => last.join(&column),
                _ => folded.push(column),
            }
        }
        self.columns = folded;
    }

    /// The points kept.
    #[must_use]
    pub fn points(&self) -> Vec<(f64, f64)> {
        self.columns.iter().flat_map(Column::points).collect()
    }
}

/// Thins a series to `columns` columns over its range; a shorter one is returned unchanged.
pub(super) fn thinned(points: &[(f64, f64)], columns: usize) -> Vec<(f64, f64)> {
    let range = super::scale::range(points.iter().map(|point| point.0));
    match range {
        Some((low, high)) if points.len() > 4 * columns && high > low => {
            // Slightly wider than the range, so that the last point needs no further column.
            let width = (high / 2.0 - low / 2.0) / columns as f64 * 2.0;
            let mut thinned = Thinned::new(columns + 1, width.max(f64::MIN_POSITIVE));
            for &(x, y) in points {
                thinned.push(x, y);
            }
            thinned.points()
        }
        _ => points.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peak_survives() {
        let height = |x: u64| match x {
            12_345 => 900.0,
            77_777 => -50.0,
            x => ((x * 7919) % 101) as f64,
        };
        let points: Vec<(f64, f64)> = (0..100_000).map(|x| (x as f64, height(x))).collect();
        let short = thinned(&points, 500);
        assert!(short.len() <= 4 * 501, "{}", short.len());
        assert!(short.contains(&(12_345.0, 900.0)));
        assert!(short.contains(&(77_777.0, -50.0)));
        assert_eq!(short.first(), points.first());
        assert_eq!(short.last(), points.last());
        assert!(short.is_sorted_by(|a, b| a.0 <= b.0));
    }

    #[test]
    fn what_is_read_bit_by_bit_keeps_its_extremes_whatever_its_length() {
        for length in [1_u64, 2, 63, 64, 65, 5000, 100_001] {
            let mut thinned = Thinned::new(64, 1.0);
            let height = |x: u64| ((x * 2_654_435_761) % 1009) as f64;
            for x in 0..length {
                thinned.push(x as f64, height(x));
            }
            let points = thinned.points();
            assert!(points.len() <= 4 * 64);
            let most = |points: &mut dyn Iterator<Item = f64>| points.fold(0.0, f64::max);
            assert_eq!(
                most(&mut points.iter().map(|point| point.1)),
                most(&mut (0..length).map(height))
            );
            assert_eq!(points.last().unwrap().0, (length - 1) as f64);
        }
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = vec![(0.0, 1.0), (1.0, 5.0)];
        assert_eq!(thinned(&points, 500), points);
        assert!(thinned(&[], 500).is_empty());
    }
}
