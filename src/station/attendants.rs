//! Attendants of one place as its server and the supervisor see them: which are on duty, up and free, and the order
//! in which free attendants are taken: fewest skills first, then longest idle, then lowest number.
//!
//! Attendants with the same skills form one group with one queue, since they are interchangeable. The cost of a
//! query grows with the number of groups, not with the number of attendants.

use crate::scenario::Skill;
use crate::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The skills of all attendants, fixed for the whole run.
#[derive(Clone, Debug)]
pub(crate) struct Skills {
    /// The groups' skills, by rising class; groups with fewer skills come first.
    groups: Vec<Vec<Skill>>,
    /// The group of each attendant.
    group_of: Vec<usize>,
    /// Per class the groups that serve it, each with the rank the group gives the class.
    serving: Vec<Vec<(i64, usize)>>,
    /// The distinct ranks, ascending.
    ranks: Vec<i64>,
}

impl Skills {
    pub(crate) fn new(lists: &[Vec<Skill>], classes: usize) -> Skills {
        let key = |list: &Vec<Skill>| {
            let skills = list.iter();
            let skills = skills.map(|skill| (skill.class, skill.rank, skill.speed.to_bits()));
            (list.len(), skills.collect::<Vec<_>>())
        };
        let mut numbers: BTreeMap<_, (usize, &Vec<Skill>)> =
            lists.iter().map(|list| (key(list), (0, list))).collect();
        let mut groups = Vec::with_capacity(numbers.len());
        let mut serving = vec![Vec::new(); classes];
        for (group, (number, list)) in numbers.values_mut().enumerate() {
            *number = group;
            groups.push(list.clone());
            for skill in list.iter() {
                serving[skill.class].push((skill.rank, group));
            }
        }
        let mut ranks: Vec<i64> = lists.iter().flatten().map(|skill| skill.rank).collect();
        ranks.sort_unstable();
        ranks.dedup();
        Skills {
            group_of: lists.iter().map(|list| numbers[&key(list)].0).collect(),
            groups,
            serving,
            ranks,
        }
    }

    /// The distinct ranks, ascending.
    pub(crate) fn ranks(&self) -> &[i64] {
        &self.ranks
    }

    /// The speed of an attendant serving a class that it has the skill for.
    pub(crate) fn speed(&self, attendant: u32, class: u32) -> f64 {
        let group = &self.groups[self.group_of[attendant as usize]];
        let found = group.iter().find(|skill| skill.class == class as usize);
        found.map_or(1.0, |skill| skill.speed)
    }
}

/// The state of all attendants: on duty, up, free.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    skills: Arc<Skills>,
    standing: Vec<Standing>,
    /// The number on duty, and the number of these that are up.
    on_duty: u64,
    up: u64,
    /// The number of attendants that can be given work, by skill.
    up_with_skill: Vec<u32>,
    /// The time since which each attendant is idle; none if it is not free.
    idle_since: Vec<Option<Time>>,
    /// Per group the free attendants, longest idle first, then by number.
    free: Vec<VecDeque<(Time, u32)>>,
}

/// The state of an attendant.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    down: bool,
    off: bool,
    /// Its shift has ended, but it still finishes its current work.
    leaving: bool,
    busy: bool,
}

impl Standing {
    /// Whether it can be given work, now or once it is no longer busy.
    fn able(&self) -> bool {
        !self.down && !self.off && !self.leaving
    }
}

impl Roster {
    /// A roster with every attendant on duty, up, and idle since time 0.
    pub(crate) fn new(skills: Arc<Skills>) -> Roster {
        let attendants = skills.group_of.len();
        let mut roster = Roster {
            standing: vec![Standing::default(); attendants],
            on_duty: attendants as u64,
            up: attendants as u64,
            up_with_skill: vec![0; skills.serving.len()],
            idle_since: vec![None; attendants],
            free: vec![VecDeque::new(); skills.groups.len()],
            skills,
        };
        for attendant in 0..attendants as u32 {
            roster.count_skills(attendant, true);
            roster.release(attendant, Time::ZERO);
        }
        roster
    }

    /// The number of attendants.
    pub(crate) fn attendants(&self) -> usize {
        self.standing.len()
    }

    /// The number of attendants on duty, down or not.
    pub(crate) fn on_duty_count(&self) -> u64 {
        self.on_duty
    }

    /// The number of attendants on duty and up.
    pub(crate) fn up_count(&self) -> u64 {
        self.up
    }

    /// The number of attendants with this skill that can be given work.
    pub(crate) fn up_with_skill(&self, class: usize) -> u64 {
        u64::from(self.up_with_skill[class])
    }

    /// Whether any attendant with this skill is free.
    pub(crate) fn has_free(&self, class: usize) -> bool {
        let mut serving = self.skills.serving[class].iter();
        serving.any(|&(_, group)| !self.free[group].is_empty())
    }

    /// The time since which the longest idle of the free attendants with this skill is idle; none if there is none.
    pub(crate) fn idle_since_with(&self, class: usize) -> Option<Time> {
        let serving = self.skills.serving[class].iter();
        let first = |&(_, group): &(i64, usize)| self.free[group].front().map(|&(since, _)| since);
        serving.filter_map(first).min()
    }

    /// The number of groups of attendants with the same skills.
    pub(crate) fn groups(&self) -> usize {
        self.free.len()
    }

    /// The skills of an attendant of this group, by rising class.
    pub(crate) fn skills_of(&self, group: usize) -> &[Skill] {
        &self.skills.groups[group]
    }

    /// The skills of all attendants.
    pub(crate) fn skills(&self) -> &Skills {
        &self.skills
    }

    /// The first free attendant that serves this class at this rank, preceded by the number of its skills and the
    /// time since which it is idle.
    pub(crate) fn first_free(&self, class: usize, rank: i64) -> Option<(usize, Time, u32)> {
        let serving = self.skills.serving[class].iter();
        let serving = serving.filter(|&&(of, _)| of == rank);
        let (group, attendant) = self.first_of(serving.map(|&(_, group)| group))?;
        let since = self.free[group].front()?.0;
        Some((self.skills.groups[group].len(), since, attendant))
    }

    /// Takes the first free attendant that serves this class at this rank and marks it busy.
    pub(crate) fn take_first_free(&mut self, class: usize, rank: i64) -> Option<u32> {
        let serving = self.skills.serving[class].iter();
        let serving = serving.filter(|&&(of, _)| of == rank);
        let (group, attendant) = self.first_of(serving.map(|&(_, group)| group))?;
        self.free[group].pop_front();
        self.idle_since[attendant as usize] = None;
        self.standing[attendant as usize].busy = true;
        Some(attendant)
    }

    /// The first free attendant of the groups not passed over, preceded by its group.
    pub(crate) fn first_free_but(&self, passed_over: &[bool]) -> Option<(usize, u32)> {
        self.first_of((0..self.free.len()).filter(|&group| !passed_over[group]))
    }

    /// The first free attendant of these groups, and its group; the groups are in ascending order.
    fn first_of(&self, groups: impl Iterator<Item = usize>) -> Option<(usize, u32)> {
        let mut first: Option<(usize, (Time, u32))> = None;
        for group in groups {
            // Groups with more skills come later, however long their attendants have been idle.
            let breadth = |group: usize| self.skills.groups[group].len();
            if first.is_some_and(|(found, _)| breadth(found) < breadth(group)) {
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

    /// Marks a free attendant busy.
    pub(crate) fn take(&mut self, attendant: u32) {
        self.unlist(attendant);
        self.standing[attendant as usize].busy = true;
    }

    /// Removes an attendant from the free ones.
    fn unlist(&mut self, attendant: u32) {
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

    /// Marks an attendant not busy; it is free from `idle_since` if it can be given work.
    pub(crate) fn release(&mut self, attendant: u32, idle_since: Time) {
        let standing = &mut self.standing[attendant as usize];
        standing.busy = false;
        if !standing.able() {
            return;
        }
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

    /// Marks an attendant up; it becomes free if it is on duty.
    pub(crate) fn come_up(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| {
            assert!(one.down, "who is up does not come up");
            one.down = false;
        });
    }

    /// Marks an attendant down and no longer busy.
    pub(crate) fn go_down(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| {
            assert!(!one.down, "who is down does not go down");
            one.down = true;
            one.busy = false;
        });
    }

    /// Puts an attendant on duty, or keeps it on duty if it has not left yet.
    pub(crate) fn come_on_duty(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| {
            assert!(one.off || one.leaving, "who is on duty does not come");
            (one.off, one.leaving) = (false, false);
        });
    }

    /// Ends the shift of an attendant that still finishes its current work.
    pub(crate) fn leave(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| one.leaving = true);
    }

    /// Takes an attendant off duty; it is no longer busy.
    pub(crate) fn go_off_duty(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| {
            assert!(!one.off, "who is off duty does not go off duty");
            (one.off, one.leaving, one.busy) = (true, false, false);
        });
    }

    fn change(&mut self, attendant: u32, now: Time, change: impl FnOnce(&mut Standing)) {
        let before = self.standing[attendant as usize];
        change(&mut self.standing[attendant as usize]);
        let after = self.standing[attendant as usize];
        let count = |one: Standing| (u64::from(!one.off), u64::from(!one.off && !one.down));
        let ((was_on, was_up), (on, up)) = (count(before), count(after));
        self.on_duty = self.on_duty + on - was_on;
        self.up = self.up + up - was_up;
        if before.able() != after.able() {
            self.count_skills(attendant, after.able());
        }
        match (
            after.able() && !after.busy,
            self.idle_since[attendant as usize],
        ) {
            (true, None) => self.release(attendant, now),
            (false, Some(_)) => self.unlist(attendant),
            _ => {}
        }
    }

    fn count_skills(&mut self, attendant: u32, more: bool) {
        let group = self.skills.group_of[attendant as usize];
        for skill in &self.skills.groups[group] {
            let count = &mut self.up_with_skill[skill.class];
            *count = if more { *count + 1 } else { *count - 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewest_skills_then_longest_idle_then_lowest_number() {
        let lists = [vec![0, 1], vec![0], vec![0], vec![1]];
        let lists = lists.map(|list| list.into_iter().map(Skill::from).collect());
        let mut roster = Roster::new(Arc::new(Skills::new(&lists, 2)));
        let at = Time::of;
        assert_eq!(roster.take_first_free(0, 1), Some(1));
        assert_eq!(roster.take_first_free(0, 1), Some(2));
        roster.release(2, at(0));
        roster.release(1, at(5));
        roster.go_down(2, at(3));
        roster.come_up(2, at(4));
        assert_eq!(roster.take_first_free(0, 1), Some(2));
        assert_eq!(roster.take_first_free(0, 1), Some(1));
        assert_eq!(roster.first_free_but(&[true, false, false]), Some((1, 3)));
        roster.go_down(3, at(6));
        assert_eq!(roster.first_free_but(&[false; 3]), Some((2, 0)));
        assert_eq!(roster.up_with_skill(1), 1);
        assert_eq!(roster.take_first_free(0, 2), None);
        assert_eq!(roster.take_first_free(1, 1), Some(0));
        assert!(!roster.has_free(0) && !roster.has_free(1));
    }
    #[test]
    fn who_finishes_after_its_spell_is_given_nothing_and_is_free_again_if_it_stays() {
        let lists = [vec![0.into()], vec![0.into()]];
        let mut roster = Roster::new(Arc::new(Skills::new(&lists, 1)));
        let at = Time::of;
        assert_eq!(roster.take_first_free(0, 1), Some(0));
        roster.leave(0, at(1));
        assert_eq!((roster.up_with_skill(0), roster.up_count()), (1, 2));
        roster.come_on_duty(0, at(2));
        assert_eq!(
            (roster.up_with_skill(0), roster.first_free(0, 1)),
            (2, Some((1, at(0), 1)))
        );
        roster.leave(0, at(3));
        roster.release(0, at(4));
        roster.go_off_duty(0, at(4));
        assert_eq!((roster.on_duty_count(), roster.up_count()), (1, 1));
        // It goes down while off duty, and comes up on duty.
        roster.go_down(0, at(5));
        roster.come_on_duty(0, at(6));
        assert_eq!((roster.on_duty_count(), roster.up_count()), (2, 1));
        roster.come_up(0, at(7));
        roster.go_off_duty(1, at(7));
        assert_eq!(roster.first_free(0, 1), Some((1, at(7), 0)));
    }
}
