//! Attendants of one place as its server and the supervisor see them: who is on duty, who is up, who is free, and in
//! what order the free ones are taken: fewest skills first, then longest idle, then lowest number.
//!
//! Attendants with the same skills stand in one queue, since whoever may take the one may take the other:
//! what is asked of a roster costs by the number of such groups, not by that of attendants.

use crate::scenario::Skill;
use crate::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Who can do what: the same for the whole run.
#[derive(Clone, Debug)]
pub(crate) struct Skills {
    /// The groups' skills, by rising class; groups with fewer skills come first.
    groups: Vec<Vec<Skill>>,
    /// The group of each attendant.
    group_of: Vec<usize>,
    /// Per class the groups that serve it, each with the class's rank there.
    serving: Vec<Vec<(i64, usize)>>,
    /// Every rank there is, rising.
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

    /// Every rank there is, rising.
    pub(crate) fn ranks(&self) -> &[i64] {
        &self.ranks
    }

    /// The speed of an attendant at work of a class that it serves.
    pub(crate) fn speed(&self, attendant: u32, class: u32) -> f64 {
        let group = &self.groups[self.group_of[attendant as usize]];
        let found = group.iter().find(|skill| skill.class == class as usize);
        found.map_or(1.0, |skill| skill.speed)
    }
}

/// Who is on duty, who is up and who is free.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    skills: Arc<Skills>,
    standing: Vec<Standing>,
    /// How many are on duty, and how many of them are up.
    on_duty: u64,
    up: u64,
    /// How many there are that can be given work, by skill.
    up_with_skill: Vec<u32>,
    /// Since when each attendant is idle; none if it is not free.
    idle_since: Vec<Option<Time>>,
    /// Per group those who are free, longest idle first, then by number.
    free: Vec<VecDeque<(Time, u32)>>,
}

/// How it stands with an attendant.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    down: bool,
    off: bool,
    /// Its spell has ended, and it finishes what it is at.
    leaving: bool,
    busy: bool,
}

impl Standing {
    /// Whether it can be given work, now or when it is done.
    fn able(&self) -> bool {
        !self.down && !self.off && !self.leaving
    }
}

impl Roster {
    /// All are on duty and up, and idle since the beginning.
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

    /// How many there are.
    pub(crate) fn attendants(&self) -> usize {
        self.standing.len()
    }

    /// How many are on duty, down or not.
    pub(crate) fn on_duty_count(&self) -> u64 {
        self.on_duty
    }

    /// How many are on duty and up.
    pub(crate) fn up_count(&self) -> u64 {
        self.up
    }

    /// How many are up that have this skill.
    pub(crate) fn up_with_skill(&self, class: usize) -> u64 {
        u64::from(self.up_with_skill[class])
    }

    /// Whether anybody is free that has this skill.
    pub(crate) fn has_free(&self, class: usize) -> bool {
        let mut serving = self.skills.serving[class].iter();
        serving.any(|&(_, group)| !self.free[group].is_empty())
    }

    /// The time since which the longest idle of the free attendants with this skill is idle; none if none is free.
    pub(crate) fn idle_since_with(&self, class: usize) -> Option<Time> {
        let serving = self.skills.serving[class].iter();
        let first = |&(_, group): &(i64, usize)| self.free[group].front().map(|&(since, _)| since);
        serving.filter_map(first).min()
    }

    /// How many groups of attendants with the same skills there are.
    pub(crate) fn groups(&self) -> usize {
        self.free.len()
    }

    /// The skills of an attendant of this group, by rising class.
    pub(crate) fn skills_of(&self, group: usize) -> &[Skill] {
        &self.skills.groups[group]
    }

    /// What is the same for the whole run.
    pub(crate) fn skills(&self) -> &Skills {
        &self.skills
    }

    /// The first free attendant who serves this class at this rank, after the number of its skills and the
    /// time since which it is idle.
    #[inline]
    pub(crate) fn first_free(&self, class: usize, rank: i64) -> Option<(usize, Time, u32)> {
        let serving = self.skills.serving[class].iter();
        let serving = serving.filter(|&&(of, _)| of == rank);
        let (group, attendant) = self.first_of(serving.map(|&(_, group)| group))?;
        let since = self.free[group].front()?.0;
        Some((self.skills.groups[group].len(), since, attendant))
    }

    /// The first free attendant who serves this class at this rank: it has something to do now.
    pub(crate) fn take_first_free(&mut self, class: usize, rank: i64) -> Option<u32> {
        let serving = self.skills.serving[class].iter();
        let serving = serving.filter(|&&(of, _)| of == rank);
        let (group, attendant) = self.first_of(serving.map(|&(_, group)| group))?;
        self.free[group].pop_front();
        self.idle_since[attendant as usize] = None;
        self.standing[attendant as usize].busy = true;
        Some(attendant)
    }

    /// The first free attendant of all groups but those passed over, its group before it.
    pub(crate) fn first_free_but(&self, passed_over: &[bool]) -> Option<(usize, u32)> {
        self.first_of((0..self.free.len()).filter(|&group| !passed_over[group]))
    }

    /// The first free attendant of these groups, rising, and its group.
    fn first_of(&self, groups: impl Iterator<Item = usize>) -> Option<(usize, u32)> {
        let mut first: Option<(usize, (Time, u32))> = None;
        for group in groups {
            // Those with more skills come later, whoever they are.
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

    /// A free attendant has something to do now.
    pub(crate) fn take(&mut self, attendant: u32) {
        self.unlist(attendant);
        self.standing[attendant as usize].busy = true;
    }

    /// An attendant is not among the free any more.
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

    /// An attendant has nothing to do from this time on; it is free if it can be given work.
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

    /// An attendant comes up; it is free if it is on duty.
    pub(crate) fn come_up(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| {
            assert!(one.down, "who is up does not come up");
            one.down = false;
        });
    }

    /// An attendant goes down, free or not, and is busy no more.
    pub(crate) fn go_down(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| {
            assert!(!one.down, "who is down does not go down");
            one.down = true;
            one.busy = false;
        });
    }

    /// An attendant comes on duty, or stays, having not left yet.
    pub(crate) fn come_on_duty(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| {
            assert!(one.off || one.leaving, "who is on duty does not come");
            (one.off, one.leaving) = (false, false);
        });
    }

    /// The spell of an attendant has ended, which finishes what it is at.
    pub(crate) fn leave(&mut self, attendant: u32, now: Time) {
        self.change(attendant, now, |one| one.leaving = true);
    }

    /// An attendant goes off duty, busy no more.
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
        // Down while it is off duty, it comes down.
        roster.go_down(0, at(5));
        roster.come_on_duty(0, at(6));
        assert_eq!((roster.on_duty_count(), roster.up_count()), (2, 1));
        roster.come_up(0, at(7));
        roster.go_off_duty(1, at(7));
        assert_eq!(roster.first_free(0, 1), Some((1, at(7), 0)));
    }
}
