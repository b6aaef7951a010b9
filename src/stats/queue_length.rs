//! The length of a first-in-first-out queue over time, seen through its customers.
//!
//! Customers join in the order of their arrivals and are served in that order, so the pairs
//! (arrival, service start) in that order say all there is to say: the area under the length is the
//! sum of the waits, and the length is above a record R exactly when the customer R places ahead
//! has not yet started (`start[i - R] > arrival[i]`). That needs the last R + 1 starts and nothing
//! else: memory grows with the longest queue, not with the customers.

/// Queue length (those waiting, not those in service) over a window of time.
#[derive(Clone, Debug)]
pub struct QueueLength {
    /// The latest starts, at `index & mask`; always more than the record.
    starts: Vec<f64>,
    seen: u64,
    record: u64,
    record_at: Option<f64>,
    area: f64,
    open: bool,
}

impl Default for QueueLength {
    fn default() -> Self {
        QueueLength {
            starts: vec![f64::NEG_INFINITY; 8],
            seen: 0,
            record: 0,
            record_at: None,
            area: 0.0,
            open: false,
        }
    }
}

impl QueueLength {
    /// Opens the window at `time`; the queue found there counts. To be called before the first
    /// customer who arrives at `time` is added. Until then nothing is measured.
    pub fn open(&mut self, time: f64) {
        let found = (1..=self.seen.min(self.starts.len() as u64))
            .map(|back| self.start(self.seen - back))
            .take_while(|&start| start > time);
        let (mut length, mut area) = (0, 0.0);
        for start in found {
            length += 1;
            area += start - time;
        }
        self.open = true;
        self.area = area;
        self.record = length;
        self.record_at = Some(time);
    }

    /// The next customer, in the order of arrivals; neither may lie before the one before.
    #[inline]
    pub fn add(&mut self, arrival: f64, start: f64) {
        self.remember(start);
        if start > arrival {
            if self.open {
                self.area += start - arrival;
            }
            self.compare(arrival);
        }
        self.seen += 1;
    }

    /// The next customers, as if one after the other.
    pub fn add_all(&mut self, arrivals: &[f64], starts: &[f64]) {
        let mut area = self.area;
        for (&arrival, &start) in arrivals.iter().zip(starts) {
            self.remember(start);
            if start > arrival {
                area += start - arrival;
                self.compare(arrival);
            }
            self.seen += 1;
        }
        if self.open {
            self.area = area;
        }
    }

    fn remember(&mut self, start: f64) {
        let mask = self.starts.len() - 1;
        self.starts[self.seen as usize & mask] = start;
    }

    /// While the record grows by one, one customer more must be remembered.
    #[inline]
    fn compare(&mut self, arrival: f64) {
        if self.seen >= self.record && self.start(self.seen - self.record) > arrival {
            self.set_record(arrival);
        }
    }

    #[cold]
    fn set_record(&mut self, arrival: f64) {
        self.record += 1;
        self.record_at = Some(arrival);
        let length = self.starts.len();
        if self.record as usize + 2 > length {
            let mut wider = vec![f64::NEG_INFINITY; 2 * length];
            let oldest = (self.seen + 1).saturating_sub(length as u64);
            for index in oldest..=self.seen {
                wider[index as usize & (2 * length - 1)] = self.start(index);
            }
            self.starts = wider;
        }
    }

    fn start(&self, index: u64) -> f64 {
        self.starts[index as usize & (self.starts.len() - 1)]
    }

    /// The integral of the length over the window.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.area
    }

    /// The greatest length in the window that lasted longer than zero, and when it was first
    /// reached: the opening for the queue found there, be it empty.
    #[must_use]
    pub fn max(&self) -> (u64, Option<f64>) {
        (self.record, self.record_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_with_known_times_has_the_lengths_worked_out_by_hand() {
        // Arrivals 0 1 2 3, services of 3: starts 0 3 6 9. Length 1 on [1,2), 2 on [2,3), 2 on
        // [3,6) (one starts as one arrives), 1 on [6,9).
        let mut queue = QueueLength::default();
        queue.open(0.0);
        for (arrival, start) in [(0.0, 0.0), (1.0, 3.0), (2.0, 6.0), (3.0, 9.0)] {
            queue.add(arrival, start);
        }
        assert_eq!(queue.area(), 1.0 + 2.0 + 6.0 + 3.0);
        assert_eq!(queue.max(), (2, Some(2.0)));
    }

    #[test]
    fn a_length_that_lasts_no_time_is_no_record() {
        let mut queue = QueueLength::default();
        queue.open(0.0);
        queue.add(5.0, 5.0);
        queue.add(5.0, 5.0);
        assert_eq!(queue.max(), (0, Some(0.0)));
    }

    #[test]
    fn the_queue_found_at_opening_counts_from_there() {
        let mut queue = QueueLength::default();
        for (arrival, start) in [(0.0, 0.0), (1.0, 3.0), (2.0, 6.0)] {
            queue.add(arrival, start);
        }
        queue.open(4.0);
        queue.add(4.0, 9.0);
        assert_eq!(queue.area(), 2.0 + 5.0);
        assert_eq!(queue.max(), (2, Some(4.0)));
    }

    #[test]
    fn a_record_of_any_length_is_remembered() {
        let mut queue = QueueLength::default();
        queue.open(0.0);
        for i in 0..1000 {
            queue.add(f64::from(i), f64::from(10 * i));
        }
        // Customer i sees those of 0..=i that start after i: all above i / 10.
        assert_eq!(queue.max().0, 999 - 99);
    }
}
