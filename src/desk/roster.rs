//! The attendants of a server as the server and the supervisor see them: who is up, who is free, and in
//! what order the free ones are taken: fewest skills first, then longest idle, then lowest number.

use crate::time::Step;
use std::sync::Arc;

/// Who can do what: the same for the whole run.
#[derive(Clone, Debug)]
pub(super) struct Skills {
    /// Per attendant the classes it serves, rising.
    lists: Vec<Vec<usize>>,
    /// The same as a table: per attendant and class.
    table: Vec<bool>,
    classes: usize,
}

impl Skills {
    pub(super) fn new(lists: &[Vec<usize>], classes: usize) -> Skills {
        let mut table = vec![false; lists.len() * classes];
        for (attendant, list) in lists.iter().enumerate() {
            list.iter()
                .for_each(|class| table[attendant * classes + class] = true);
        }
        Skills {
            lists: lists.to_vec(),
            table,
            classes,
        }
    }

    /// How many attendants there are.
    pub(super) fn attendants(&self) -> usize {
        self.lists.len()
    }

    /// The classes this attendant serves, rising.
    pub(super) fn of(&self, attendant: u32) -> &[usize] {
        &self.lists[attendant as usize]
    }

    fn has(&self, attendant: u32, class: usize) -> bool {
        self.table[attendant as usize * self.classes + class]
    }
}

/// One free attendant: how many skills it has, since when it is idle, its number. The order of these is
/// the order in which they are taken.
type Free = (usize, Step, u32);

/// Who is up and who is free.
#[derive(Clone, Debug)]
pub(super) struct Roster {
    skills: Arc<Skills>,
    up: Vec<bool>,
    up_count: u64,
    up_with_skill: Vec<u32>,
    free_with_skill: Vec<u32>,
    /// In order.
    free: Vec<Free>,
}

impl Roster {
    /// All are up and idle since step 0.
    pub(super) fn new(skills: Arc<Skills>) -> Roster {
        let attendants = skills.attendants();
        let mut roster = Roster {
            up: vec![false; attendants],
            up_count: 0,
            up_with_skill: vec![0; skills.classes],
            free_with_skill: vec![0; skills.classes],
            free: Vec::with_capacity(attendants),
            skills,
        };
        (0..attendants as u32).for_each(|attendant| roster.come_up(attendant, 0));
        roster
    }

    /// How many are up.
    pub(super) fn up_count(&self) -> u64 {
        self.up_count
    }

    /// How many are up.that have this skill.
    pub(super) fn up_with_skill(&self, class: usize) -> u64 {
        u64::from(self.up_with_skill[class])
    }

    /// How many are free that have this skill.
    pub(super) fn free_with_skill(&self, class: usize) -> u32 {
        self.free_with_skill[class]
    }

    /// The free attendant of this place in the order.
    pub(super) fn free_at(&self, place: usize) -> Option<u32> {
        self.free.get(place).map(|free| free.2)
    }

    /// The classes an attendant serves, rising.
    pub(super) fn skills_of(&self, attendant: u32) -> &[usize] {
        self.skills.of(attendant)
    }

    /// The first free attendant with this skill.
    pub(super) fn first_free(&self, class: usize) -> Option<u32> {
        if self.free_with_skill[class] == 0 {
            return None;
        }
        let attendants = self.free.iter().map(|free| free.2);
        attendants
            .into_iter()
            .find(|&attendant| self.skills.has(attendant, class))
    }

    /// A free attendant has something to do now.
    pub(super) fn take(&mut self, attendant: u32) {
        let found = self.free.iter().position(|free| free.2 == attendant);
        self.free
            .remove(found.expect("only a free attendant is given work"));
        for &class in self.skills.of(attendant) {
            self.free_with_skill[class] -= 1;
        }
    }

    /// An attendant is free from this step on.
    pub(super) fn release(&mut self, attendant: u32, idle_since: Step) {
        let skills = self.skills.of(attendant);
        let entry = (skills.len(), idle_since, attendant);
        let place = self.free.partition_point(|other| *other < entry);
        self.free.insert(place, entry);
        for &class in skills {
            self.free_with_skill[class] += 1;
        }
    }

    /// An attendant comes up, and is free.
    pub(super) fn come_up(&mut self, attendant: u32, step: Step) {
        assert!(!self.up[attendant as usize], "who is up does not come up");
        self.up[attendant as usize] = true;
        self.up_count += 1;
        for &class in self.skills.of(attendant) {
            self.up_with_skill[class] += 1;
        }
        self.release(attendant, step);
    }

    /// An attendant goes down, free or not.
    pub(super) fn go_down(&mut self, attendant: u32) {
        assert!(self.up[attendant as usize], "who is down does not go down");
        self.up[attendant as usize] = false;
        self.up_count -= 1;
        for &class in self.skills.of(attendant) {
            self.up_with_skill[class] -= 1;
        }
        if self.free.iter().any(|free| free.2 == attendant) {
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
        assert_eq!(roster.first_free(0), Some(1));
        roster.take(1);
        assert_eq!(roster.first_free(0), Some(2));
        roster.release(1, 5);
        roster.go_down(2);
        roster.come_up(2, 4);
        assert_eq!(roster.first_free(0), Some(2));
        roster.take(2);
        roster.take(1);
        assert_eq!(
            (roster.first_free(0), roster.first_free(1)),
            (Some(0), Some(3))
        );
        roster.go_down(3);
        assert_eq!(
            (roster.first_free(1), roster.up_with_skill(1)),
            (Some(0), 1)
        );
    }
}
