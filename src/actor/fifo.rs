//! A queue that nearly always holds no element or one, as an outbox does. The first element is
//! stored in place; a heap-allocated queue is used only for those behind it.

use std::collections::VecDeque;

/// A first-in, first-out queue.
#[derive(Clone, Debug)]
pub(super) struct Fifo<T> {
    first: Option<T>,
    /// Elements after the first; empty when `first` is `None`.
    behind: VecDeque<T>,
}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Fifo {
            first: None,
            behind: VecDeque::new(),
        }
    }
}

impl<T> Fifo<T> {
    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.behind.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(&self.behind)
    }

    #[inline]
    pub(super) fn push(&mut self, one: T) {
        match self.first {
            None => self.first = Some(one),
            Some(_) => self.behind.push_back(one),
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<T> {
        let first = self.first.take();
        if !self.behind.is_empty() {
            self.first = self.behind.pop_front();
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_first_comes_out_first() {
        let mut fifo = Fifo::default();
        let mut out = Vec::new();
        for round in 0..4 {
            (0..=round).for_each(|i| fifo.push(10 * round + i));
            out.extend(fifo.pop());
        }
        assert_eq!(fifo.iter().count(), fifo.len());
        while let Some(one) = fifo.pop() {
            out.push(one);
        }
        assert_eq!(out, [0, 10, 11, 20, 21, 22, 30, 31, 32, 33]);
        assert_eq!(fifo.len(), 0);
    }
}
