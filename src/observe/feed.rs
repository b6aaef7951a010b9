//! A feed: copies of entries for any number of readers, in bounded memory.
//!
//! The writer never waits for a reader. The newest entries are kept; a reader that falls behind skips those that are
//! gone, and learns their number. Each reader has a [`Place`] of its own, so the cost of writing does not depend on the
//! number of readers.

use parking_lot::Mutex;
use std::collections::VecDeque;

/// The newest entries, and the number of those already gone.
#[derive(Debug)]
pub struct Feed<T> {
    capacity: usize,
    ring: Mutex<Ring<T>>,
}

#[derive(Debug)]
struct Ring<T> {
    entries: VecDeque<T>,
    /// Number of entries gone before the first one kept.
    gone: u64,
}

/// The position of a reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    next: u64,
    dropped: u64,
}

impl Place {
    /// Number of entries that were gone before this reader came to them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl<T: Clone> Feed<T> {
    /// A feed that keeps the newest `capacity` entries, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Feed<T> {
        Feed {
            capacity: capacity.max(1),
            ring: Mutex::new(Ring {
                entries: VecDeque::new(),
                gone: 0,
            }),
        }
    }

    /// Adds an entry; removes the oldest one if the feed is full.
    pub fn push(&self, entry: T) {
        let mut ring = self.ring.lock();
        if ring.entries.len() == self.capacity {
            ring.entries.pop_front();
            ring.gone += 1;
        }
        ring.entries.push_back(entry);
    }

    /// The place of a reader that begins with the next entry.
    #[must_use]
    pub fn end(&self) -> Place {
        let ring = self.ring.lock();
        Place {
            next: ring.gone + ring.entries.len() as u64,
            dropped: 0,
        }
    }

    /// Copies at most `most` entries from a place on, and moves the place on. A reader at [`Place::default`] begins
    /// with the oldest entry kept.
    pub fn read(&self, place: &mut Place, most: usize) -> Vec<T> {
        let ring = self.ring.lock();
        if place.next < ring.gone {
            place.dropped += ring.gone - place.next;
            place.next = ring.gone;
        }
        let from = (place.next - ring.gone) as usize;
        let read: Vec<T> = ring.entries.iter().skip(from).take(most).cloned().collect();
        place.next += read.len() as u64;
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_falls_behind_is_told_how_much_is_gone() {
        let feed = Feed::new(3);
        let (mut early, mut quick) = (Place::default(), Place::default());
        for number in 1..=5 {
            feed.push(number);
            assert_eq!(feed.read(&mut quick, 10), [number]);
        }
        assert_eq!(feed.read(&mut early, 2), [3, 4]);
        assert_eq!(feed.read(&mut early, 2), [5]);
        assert!(feed.read(&mut early, 2).is_empty());
        assert_eq!((early.dropped(), quick.dropped()), (2, 0));
        let mut late = feed.end();
        feed.push(6);
        assert_eq!(feed.read(&mut late, 2), [6]);
    }
}
