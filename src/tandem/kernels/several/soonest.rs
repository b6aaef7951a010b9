//! The least key among some players: a tournament tree in which every match stores its loser (Knuth 1998, section
//! 5.4.1). A player who replaces the winner plays only against the losers on the winner's path to the top. So a
//! replacement costs the logarithm of the number of players, without an unpredictable branch.

/// A key; the least one wins. A player's key is less than [`LAST`].
pub(super) type Key = u128;

/// The key of an absent player: it loses against every other. One bit is left for a sign.
const LAST: Key = Key::MAX >> 1;

/// The lesser of two keys, and the greater. Written with `min` and `max` it became a branch in the loop below.
#[inline(always)]
fn in_order(one: Key, other: Key) -> (Key, Key) {
    // All bits are set if the other is less, otherwise none.
    let swap = ((other.wrapping_sub(one) as i128) >> (Key::BITS - 1)) as Key;
    let difference = (one ^ other) & swap;
    (one ^ difference, other ^ difference)
}

/// The tournament.
#[derive(Clone, Debug)]
pub(super) struct Soonest {
    winner: Key,
    /// An unused entry, then the loser of the last match, those of the two before it, and so on. [`LAST`] stands
    /// for absent players.
    losers: Vec<Key>,
}

impl Soonest {
    /// A tournament of players with these keys.
    pub(super) fn new(keys: &[Key]) -> Soonest {
        let leaves = keys.len().next_power_of_two();
        let mut winners = vec![LAST; 2 * leaves];
        winners[leaves..leaves + keys.len()].copy_from_slice(keys);
        let mut losers = vec![LAST; leaves];
        for node in (1..leaves).rev() {
            let (one, other) = (winners[2 * node], winners[2 * node + 1]);
            (winners[node], losers[node]) = in_order(one, other);
        }
        Soonest {
            winner: winners[1],
            losers,
        }
    }

    /// The least key.
    #[inline]
    pub(super) fn winner(&self) -> Key {
        self.winner
    }

    /// Gives the winner, who is this player, a new key.
    #[inline]
    pub(super) fn replace_winner(&mut self, player: usize, key: Key) {
        let mut node = (self.losers.len() + player) / 2;
        let mut winner = key;
        while node > 0 {
            (winner, self.losers[node]) = in_order(winner, self.losers[node]);
            node /= 2;
        }
        self.winner = winner;
    }

    /// The least key of all players except the winner, who is this one; none if there are no others.
    pub(super) fn runner_up(&self, player: usize) -> Option<Key> {
        let mut node = (self.losers.len() + player) / 2;
        let mut least = LAST;
        while node > 0 {
            least = least.min(self.losers[node]);
            node /= 2;
        }
        (least != LAST).then_some(least)
    }

    /// The keys of all players, in no particular order.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let losers = self.losers.iter().copied();
        let players = losers.filter(|&loser| loser != LAST);
        players.chain([self.winner])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_wins_whoever_takes_its_place() {
        for players in 1..20 {
            let mut keys: Vec<Key> = (0..players).map(|k| (k * 7 % 5 * 100 + k) as Key).collect();
            let mut soonest = Soonest::new(&keys);
            for turn in 0..200 {
                let least = keys.iter().copied().min();
                assert_eq!(Some(soonest.winner()), least);
                let first = keys.iter().position(|&key| Some(key) == least).unwrap();
                let others = (0..keys.len()).filter(|&player| player != first);
                let second = others.map(|player| keys[player]).min();
                assert_eq!(soonest.runner_up(first), second);
                keys[first] += (turn * 7919 % 501) as Key * 100;
                soonest.replace_winner(first, keys[first]);
                let mut all: Vec<Key> = soonest.keys().collect();
                all.sort_unstable();
                let mut wanted = keys.clone();
                wanted.sort_unstable();
                assert_eq!(all, wanted);
            }
        }
    }
}
