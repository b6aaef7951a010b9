//! A column for a property of customers that is zero for most or all of them.
//!
//! Zeros after the last nonzero value take no memory and no time: if no customer is blocked, or has been at a stage
//! yet, nothing is written, looked up or carried along.

use std::ops::Range;

/// A list of numbers of which those after the stored part are zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Column<T> {
    /// The stored part; the remaining numbers are zero.
    told: Vec<T>,
    length: usize,
}

impl<T: Copy + Default + PartialEq> Column<T> {
    /// A column of `length` zeros.
    pub(super) fn zeros(length: usize) -> Column<T> {
        Column {
            told: Vec::new(),
            length,
        }
    }

    /// The number at this index.
    ///
    /// # Panics
    /// If the index is not in the column.
    pub(super) fn get(&self, index: usize) -> T {
        assert!(index < self.length, "{index} lies in the column");
        self.told.get(index).copied().unwrap_or_default()
    }

    /// Appends a number.
    pub(super) fn push(&mut self, number: T) {
        if number != T::default() {
            self.told.resize(self.length, T::default());
            self.told.push(number);
        }
        self.length += 1;
    }

    /// The numbers in this range, to be changed.
    pub(super) fn piece_mut(&mut self, piece: Range<usize>) -> &mut [T] {
        assert!(piece.end <= self.length, "{piece:?} lies in the column");
        if self.told.len() < piece.end {
            self.told.reserve(self.length - self.told.len());
            self.told.resize(piece.end, T::default());
        }
        &mut self.told[piece]
    }

    /// Whether no number is stored from this index on, so that all are zero.
    pub(super) fn is_untold_from(&self, begin: usize) -> bool {
        self.told.len() <= begin
    }

    /// Sets the numbers from this index on; none may be stored there yet.
    pub(super) fn tell(&mut self, begin: usize, numbers: impl ExactSizeIterator<Item = T>) {
        let end = begin + numbers.len();
        assert!(
            self.told.len() <= begin && end <= self.length,
            "{begin}..{end} is free in the column"
        );
        self.told.reserve(self.length - self.told.len());
        self.told.resize(begin, T::default());
        self.told.extend(numbers);
    }

    /// The numbers in this range; they are copied to `room`, which must be long enough, unless all are stored.
    pub(super) fn piece<'a>(&'a self, piece: Range<usize>, room: &'a mut [T]) -> &'a [T] {
        assert!(piece.end <= self.length, "{piece:?} lies in the column");
        if piece.end <= self.told.len() {
            return &self.told[piece];
        }
        let told = self.told(&piece);
        let room = &mut room[..piece.len()];
        room[..told.len()].copy_from_slice(told);
        room[told.len()..].fill(T::default());
        room
    }

    /// The stored numbers in this range.
    fn told(&self, piece: &Range<usize>) -> &[T] {
        let end = self.told.len();
        &self.told[piece.start.min(end)..piece.end.min(end)]
    }

    /// Sets the numbers in this range to zero.
    pub(super) fn clear_piece(&mut self, piece: Range<usize>) {
        let end = piece.end.min(self.told.len());
        if piece.start < end {
            self.told[piece.start..end].fill(T::default());
        }
    }

    /// Whether the numbers in this range are zero.
    pub(super) fn is_zero(&self, piece: Range<usize>) -> bool {
        let mut told = self.told(&piece).iter();
        told.all(|&number| number == T::default())
    }

    /// Appends the numbers at these indices to `to`, in this order.
    pub(super) fn gather(&self, places: &[u32], to: &mut Column<T>) {
        if !self.is_zero(0..self.length) {
            to.told.resize(to.length, T::default());
            if self.told.len() == self.length {
                let told = places.iter().map(|&place| self.told[place as usize]);
                to.told.extend(told);
            } else {
                let all = places.iter().map(|&place| self.get(place as usize));
                to.told.extend(all);
            }
        }
        to.length += places.len();
    }

    /// Appends the numbers of `from` in this range.
    pub(super) fn extend(&mut self, from: &Column<T>, piece: Range<usize>) {
        let told = from.told(&piece);
        if !told.is_empty() {
            self.told.resize(self.length, T::default());
            self.told.extend_from_slice(told);
        }
        self.length += piece.len();
    }

    /// Keeps only the numbers at these indices, which ascend.
    pub(super) fn keep(&mut self, places: &[u32]) {
        let told = places.partition_point(|&place| (place as usize) < self.told.len());
        keep(&mut self.told, &places[..told]);
        self.length = places.len();
    }

    /// Keeps only the first `length` numbers.
    pub(super) fn truncate(&mut self, length: usize) {
        self.told.truncate(length);
        self.length = self.length.min(length);
    }

    /// Removes all numbers.
    pub(super) fn clear(&mut self) {
        self.told.clear();
        self.length = 0;
    }
}

impl<T: Copy + Default + PartialEq> PartialEq for Column<T> {
    fn eq(&self, other: &Column<T>) -> bool {
        self.length == other.length && (0..self.length).all(|i| self.get(i) == other.get(i))
    }
}

/// Keeps only the values of a list at these indices, which ascend.
pub(super) fn keep<T: Copy>(values: &mut Vec<T>, places: &[u32]) {
    for (to, &from) in places.iter().enumerate() {
        values[to] = values[from as usize];
    }
    values.truncate(places.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column, and the same numbers in a list.
    fn both(numbers: &[u32], told: usize) -> (Column<u32>, Vec<u32>) {
        let mut column = Column::zeros(numbers.len());
        let first = column.piece_mut(0..told);
        first.copy_from_slice(&numbers[..told]);
        (column, numbers.to_vec())
    }

    fn numbers(column: &Column<u32>) -> Vec<u32> {
        (0..column.length).map(|index| column.get(index)).collect()
    }

    #[test]
    fn told_or_not_it_is_a_list_of_numbers() {
        for told in [0, 3, 4, 6] {
            let (column, list) = both(&[5, 0, 7, 0, 0, 0], told.max(3));
            assert_eq!(numbers(&column), list);
            for piece in [0..0, 0..6, 2..3, 2..5, 3..6, 5..6] {
                let mut room = vec![77; 6];
                assert_eq!(column.piece(piece.clone(), &mut room), &list[piece.clone()]);
                let zero = list[piece.clone()].iter().all(|&number| number == 0);
                assert_eq!(column.is_zero(piece.clone()), zero, "{piece:?}");

                let (mut cleared, mut expected) = (column.clone(), list.clone());
                cleared.clear_piece(piece.clone());
                expected[piece.clone()].fill(0);
                assert_eq!(numbers(&cleared), expected);

                let (mut more, mut expected) = both(&[1, 0, 0], 1);
                more.extend(&column, piece.clone());
                more.push(0);
                more.push(9);
                expected.extend_from_slice(&list[piece]);
                expected.extend([0, 9]);
                assert_eq!(numbers(&more), expected);
            }
            for places in [&[][..], &[0], &[1, 2, 5], &[3, 5]] {
                let (mut gathered, mut expected) = both(&[0, 8, 0], 2);
                column.gather(places, &mut gathered);
                expected.extend(places.iter().map(|&place| list[place as usize]));
                assert_eq!(numbers(&gathered), expected);

                let mut kept = column.clone();
                kept.keep(places);
                assert_eq!(numbers(&kept), expected[3..]);
            }
        }
    }

    #[test]
    fn what_is_told_from_a_place_on_leaves_zeros_before() {
        let mut column = Column::zeros(6);
        column.tell(2, [7_u32, 0].into_iter());
        assert!(column.is_untold_from(4) && !column.is_untold_from(3));
        column.tell(5, [9].into_iter());
        assert_eq!(numbers(&column), [0, 0, 7, 0, 0, 9]);
    }

    #[test]
    #[should_panic(expected = "4..5 is free")]
    fn what_was_told_is_not_told_again() {
        let mut column = Column::zeros(6);
        column.tell(2, [7_u32, 0, 5].into_iter());
        column.tell(4, [9].into_iter());
    }

    #[test]
    fn columns_are_equal_by_their_numbers() {
        let (few, _) = both(&[4, 0, 0], 1);
        let (all, _) = both(&[4, 0, 0], 3);
        assert_eq!(few, all);
        let (other, _) = both(&[4, 0, 1], 3);
        assert_ne!(few, other);
        assert_ne!(few, both(&[4, 0], 1).0);
    }

    #[test]
    #[should_panic(expected = "lies in the column")]
    fn beyond_its_end_there_is_nothing() {
        let _ = Column::<u32>::zeros(3).get(3);
    }
}
