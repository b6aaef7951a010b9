//! The attendants of a server as the server and the supervisor see them: who is up, who is free, and in
//! what order the free ones are taken: fewest skills first, then longest idle, then lowest number.
//!
//! Attendants with the same skills stand in one queue, since whoever may take the one may take the other:
//! what is asked of a roster costs by the number of such groups, not by that of attendants.

use crate::time::Step;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Who can do what: the same for the whole run.
#[derive(Clone, Debug)]
pub(super) struct Skills {
    /// The groups' classes, rising; groups with fewer skills come first.
    groups: Vec<Vec<usize>>,
    /// How many classes each group has.
    breadths: Vec<usize>,
    /// The group of each attendant.
    group_of: Vec<usize>,
    /// Per class the groups that serve it.
    serving: Vec<Vec<usize>>,
}

impl Skills {
    pub(super) fn new(lists: &[Vec<usize>], classes: usize) -> Skills {
        let mut numbers: BTreeMap<(usize, &[usize]), usize> = lists
            .iter()
            .map(|list| ((list.len(), list.as_slice()), 0))
            .collect();
        let mut groups = Vec::with_capacity(numbers.len());
        let mut serving = vec![Vec::new(); classes];
        for (group, ((_, list), number)) in numbers.iter_mut().enumerate() {
            *number = group;
            groups.push(list.to_vec());
            list.iter().for_each(|&class| serving[class].push(group));
        }
        let group_of = lists.iter().map(|list| numbers[&(list.len(), &list[..])]);
        Skills {
            group_of: group_of.collect(),
            breadths: groups.iter().map(Vec::len).collect(),
            groups,
            serving,
        }
    }
}

/// Who is up and who is free.
#[derive(Clone, Debug)]
pub(super) struct Roster {
    skills: Arc<Skills>,
    up: Vec<bool>,
    up_count: u64,
    up_with_skill: Vec<u32>,
    /// Since when each attendant is idle; none if it is not free.
    idle_since: Vec<Option<Step>>,
    /// Per group those who are free, longest idle first, then by number.
    free: Vec<VecDeque<(Step, u32)>>,
}

impl Roster {
    /// All are up and idle since step 0.
    pub(super) fn new(skills: Arc<Skills>) -> Roster {
        let attendants = skills.group_of.len();
        let mut roster = Roster {
            up: vec![false; attendants],
            up_count: 0,
            up_with_skill: vec![0; skills.serving.len()],
            idle_since: vec![None; attendants],
            free: vec![VecDeque::new(); skills.groups.len()],
            skills,
        };
        (0..attendants as u32).for_each(|attendant| roster.come_up(attendant, 0));
        roster
    }

    /// How many are up.
    pub(super) fn up_count(&self) -> u64 {
        self.up_count
    }

    /// How many are up that have this skill.
    pub(super) fn up_with_skill(&self, class: usize) -> u64 {
        u64::from(self.up_with_skill[class])
    }

    /// Whether anybody is free that has this skill.
    pub(super) fn has_free(&self, class: usize) -> bool {
        let mut serving = self.skills.serving[class].iter();
        serving.any(|&group| !self.free[group].is_empty())
    }

    /// The step since which the longest idle of the free attendants with this skill is idle; none if none is free.
    pub(super) fn idle_since_with(&self, class: usize) -> Option<Step> {
        let serving = self.skills.serving[class].iter();
        let first = |&group: &usize| self.free[group].front().map(|&(since, _)| since);
        serving.filter_map(first).min()
    }

    /// How many groups of attendants with the same skills there are.
    pub(super) fn groups(&self) -> usize {
        self.free.len()
    }

    /// The classes served by an attendant of this group, rising.
    pub(super) fn skills_of(&self, group: usize) -> &[usize] {
        &self.skills.groups[group]
    }

    /// The first free attendant with this skill, who has something to do now.
    pub(super) fn take_first_free(&mut self, class: usize) -> Option<u32> {
        let serving = self.skills.serving[class].iter().copied();
        let (group, attendant) = self.first_of(serving)?;
        self.free[group].pop_front();
        self.idle_since[attendant as usize] = None;
        Some(attendant)
    }

    /// The first free attendant of all groups but those passed over, its group before it.
    pub(super) fn first_free_but(&self, passed_over: &[bool]) -> Option<(usize, u32)> {
        self.first_of((0..self.free.len()).filter(|&group| !passed_over[group]))
    }

    /// The first free attendant of these groups, rising, and its group.
    fn first_of(&self, groups: impl Iterator<Item = usize>) -> Option<(usize, u32)> {
        let mut first: Option<(usize, (Step, u32))> = None;
        for group in groups {
            // Those with more skills come later, whoever they are.
            let breadths = &self.skills.breadths;
            if first.is_some_and(|(found, _)| breadths[found] < breadths[group]) {
                break;
            }
            if let Some(&free) = self.free[group].front()
                && first.is_none_or(|(_, least)| free < least)
            {
                first = Some((group, free));
            }
        }
        first.map(|(group, (_, attendant))| (group, attendant))
    }

    /// A free attendant has something to do now.
    pub(super) fn take(&mut self, attendant: u32) {
        let since = self.idle_since[attendant as usize].take();
        let entry = (
            since.expect("only a free attendant is given work"),
            attendant,
        );
        let queue = &mut self.free[self.skills.group_of[attendant as usize]];
        // Nearly always it is the first.
        if queue.front() == Some(&entry) {
            queue.pop_front();
        } else if let Ok(place) = queue.binary_search(&entry) {
            queue.remove(place);
        }
    }

    /// An attendant is free from this step on.
    pub(super) fn release(&mut self, attendant: u32, idle_since: Step) {
        self.idle_since[attendant as usize] = Some(idle_since);
        let entry = (idle_since, attendant);
        let queue = &mut self.free[self.skills.group_of[attendant as usize]];
        // Nearly always it is the last.
        if queue.back().is_none_or(|last| *last < entry) {
            queue.push_back(entry);
        } else {
            let place = queue.partition_point(|other| *other < entry);
            queue.insert(place, entry);
        }
    }

    /// An attendant comes up, and is free.
    pub(super) fn come_up(&mut self, attendant: u32, step: Step) {
        assert!(!self.up[attendant as usize], "who is up does not come up");
        self.up[attendant as usize] = true;
        self.up_count += 1;
        let group = self.skills.group_of[attendant as usize];
        for &class in &self.skills.groups[group] {
            self.up_with_skill[class] += 1;
        }
        self.release(attendant, step);
    }

    /// An attendant goes down, free or not.
    pub(super) fn go_down(&mut self, attendant: u32) {
        assert!(self.up[attendant as usize], "who is down does not go down");
        self.up[attendant as usize] = false;
        self.up_count -= 1;
        let group = self.skills.group_of[attendant as usize];
        for &class in &self.skills.groups[group] {
            self.up_with_skill[class] -= 1;
        }
        if self.idle_since[attendant as usize].is_some() {
            self.take(attendant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewest_skills_then_longest_idle_then_lowest_number() {
        let skills = Arc::new(Skills::new(&[vec![0, 1], vec![0], vec![0], vec![1]], 2));
        let mut roster = Roster::new(skills);
        assert_eq!(roster.take_first_free(0), Some(1));
        assert_eq!(roster.take_first_free(0), Some(2));
        roster.release(2, 0);
        roster.release(1, 5);
        roster.go_down(2);
        roster.come_up(2, 4);
        assert_eq!(roster.take_first_free(0), Some(2));
        assert_eq!(roster.take_first_free(0), Some(1));
        assert_eq!(roster.first_free_but(&[true, false, false]), Some((1, 3)));
        roster.go_down(3);
        assert_eq!(roster.first_free_but(&[false; 3]), Some((2, 0)));
        assert_eq!(
            (roster.up_with_skill(1), roster.take_first_free(1)),
            (1, Some(0))
        );
        assert!(!roster.has_free(0) && !roster.has_free(1));
    }
}
