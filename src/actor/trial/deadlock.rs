//! Finds the cycle among actors that wait for each other.

use super::super::Waiting;

/// Orders the waiting actors so that a cycle among them, if any, comes first in its own order.
pub(super) fn cycle_first(mut waiting: Vec<Waiting>) -> Vec<Waiting> {
    let peers: Vec<Option<usize>> = waiting
        .iter()
        .map(|one| waiting.iter().position(|other| other.actor == one.peer))
        .collect();
    let Some(cycle) = cycle(&peers) else {
        return waiting;
    };
    let mut slots: Vec<Option<Waiting>> = waiting.drain(..).map(Some).collect();
    let first: Vec<Waiting> = cycle.iter().filter_map(|&at| slots[at].take()).collect();
    first
        .into_iter()
        .chain(slots.into_iter().flatten())
        .collect()
}

/// Finds a cycle in a graph in which each node points at one other at most.
pub(super) fn cycle(points_at: &[Option<usize>]) -> Option<Vec<usize>> {
    // For each node the walk that reached it; a walk starts only at a node no walk has reached.
    let mut walk_of: Vec<Option<usize>> = vec![None; points_at.len()];
    for start in 0..points_at.len() {
        let mut at = start;
        while walk_of[at].is_none() {
            walk_of[at] = Some(start);
            match points_at[at] {
                Some(next) => at = next,
                None => break,
            }
        }
        if walk_of[at] == Some(start) && points_at[at].is_some() {
            let mut cycle = vec![at];
            let mut next = points_at[at]?;
            while next != at {
                cycle.push(next);
                next = points_at[next]?;
            }
            return Some(cycle);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_found_wherever_one_begins_to_look() {
        let to = |points: &[usize]| -> Vec<Option<usize>> {
            let none_for_itself = points.iter().enumerate();
            none_for_itself
                .map(|(at, &next)| (next != at).then_some(next))
                .collect()
        };
        assert_eq!(cycle(&to(&[1, 2, 3, 1])), Some(vec![1, 2, 3]));
        assert_eq!(cycle(&to(&[1, 0])), Some(vec![0, 1]));
        assert_eq!(cycle(&to(&[0, 0, 1, 4, 3])), Some(vec![3, 4]));
        assert_eq!(cycle(&to(&[0, 0, 1, 2])), None);
        assert_eq!(cycle(&[]), None);
    }
}
