//! The attendants of the reference simulator: faults, crews, slow-downs and shifts, written from the rules.
//!
//! Whether a shift is on duty is asked anew of its spells at every instant, and in steps whether chance takes an attendant
//! down in every step in which it may.

use crate::desk_clock_reference::{Attendant, Place, Run, WrapUp};
use filas::scenario::{Desk, FaultClock, InterruptedWork, Loss, ScriptEvent, Shift, ShiftLeaving};
use filas::station::{FaultEvent, RequestOutcome};

/// An attendant at time 0.
pub(crate) fn at_first(
    desk: &Desk,
    (server, number): (usize, usize),
    every: Option<f64>,
) -> Attendant {
    let origin = desk.on_clock(0.0).get();
    let calendar = desk.faults.clock == FaultClock::Calendar;
    let shift = desk.servers[server].shift(number);
    Attendant {
        server,
        number,
        down: false,
        slow: 1.0,
        off: shift.is_some_and(|shift| !is_on(&desk.shifts[shift], 0.0)),
        leaving: false,
        due: None,
        crew: false,
        repair: 0.0,
        counted: false,
        as_it_is: origin,
        off_since: origin,
        fault: every.filter(|_| calendar).map(|every| origin + every),
        left: every.filter(|_| !calendar).unwrap_or(f64::INFINITY),
        runs: None,
        idle_since: 0.0,
        since: 0.0,
        ends: 0.0,
        speed: 1.0,
        paced: 0.0,
        changes: 0,
        wraps_up: None,
    }
}

/// Whether a spell, or a repeat of one, holds at this time.
fn is_on(shift: &Shift, time: f64) -> bool {
    holds(shift, &|from, until| from <= time && time < until)
}

/// The same just before it.
fn was_on(shift: &Shift, time: f64) -> bool {
    holds(shift, &|from, until| from < time && time <= until)
}

fn holds(shift: &Shift, held: &dyn Fn(f64, f64) -> bool) -> bool {
    repeats(shift)
        .into_iter()
        .any(|[from, until]| held(from, until))
}

/// All spells that matter within the longest run.
fn repeats(shift: &Shift) -> Vec<[f64; 2]> {
    let Some(repeat) = shift.repeat else {
        return shift.spells.clone();
    };
    let mut all = Vec::new();
    for &[from, until] in &shift.spells {
        for round in -100..100 {
            let passed = f64::from(round) * repeat;
            all.push([from + passed, until + passed]);
        }
    }
    all
}

impl Run<'_> {
    /// The time since the beginning.
    fn time(&self) -> f64 {
        self.now - self.desk.on_clock(0.0).get()
    }

    fn shift_of(&self, who: usize) -> Option<&Shift> {
        let one = &self.attendants[who];
        let shift = self.desk.servers[one.server].shift(one.number)?;
        Some(&self.desk.shifts[shift])
    }

    fn is_busy(&self, who: usize) -> bool {
        self.serves(who).is_some() || self.attendants[who].wraps_up.is_some()
    }

    /// Whether it can be given work, now or when it is done.
    pub(crate) fn able(&self, who: usize) -> bool {
        let one = &self.attendants[who];
        !one.down && !one.off && !one.leaving
    }

    /// When something becomes of attendants by itself.
    pub(crate) fn staff_due(&self) -> Vec<f64> {
        let mut due = Vec::new();
        let origin = self.desk.on_clock(0.0).get();
        for (who, one) in self.attendants.iter().enumerate() {
            due.extend(one.due);
            let runs = !one.down && one.slow == 1.0;
            due.extend(one.fault.filter(|_| runs));
            due.extend(one.runs.filter(|_| runs).map(|since| since + one.left));
            if let Some(shift) = self.shift_of(who) {
                let ends = repeats(shift).into_iter().flatten();
                let later = ends.filter(|&end| end + origin > self.now);
                let changes = later.filter(|&end| is_on(shift, end) != was_on(shift, end));
                due.extend(changes.map(|end| end + origin));
            }
        }
        due
    }

    /// Whether one who cannot be given work now will be able to at some time.
    pub(crate) fn somebody_will_come(&self) -> bool {
        (0..self.attendants.len()).any(|who| {
            let one = &self.attendants[who];
            let script = self.desk.faults.script.iter().enumerate();
            let mut left = script.filter(|(entry, _)| !self.done[*entry]);
            let scripted = left.any(|(entry, one)| {
                one.event == ScriptEvent::Repair && self.concerned(entry).contains(&who)
            });
            let repaired = !one.down || one.due.is_some() || self.broken.contains(&who) || scripted;
            let comes = self.shift_of(who).is_none_or(|shift| {
                let time = self.time();
                let later = |begin: f64| begin > time && !was_on(shift, begin);
                is_on(shift, time) && !one.off
                    || repeats(shift).into_iter().any(|spell| later(spell[0]))
            });
            !self.able(who) && repaired && comes
        })
    }

    /// Notes how it has been since it last became otherwise.
    pub(crate) fn as_it_was(&mut self, who: usize, now: f64) {
        let one = &mut self.attendants[who];
        if !one.off {
            let spell = (who, one.as_it_is, now);
            if one.down {
                self.outcome.down.push(spell);
            }
            if one.slow != 1.0 {
                self.outcome.slow.push(spell);
            }
        }
        one.as_it_is = now;
    }

    fn changed(&mut self, who: usize, event: FaultEvent, cut: Option<usize>) {
        let one = &self.attendants[who];
        let change = (self.now, one.server, one.number, event, cut.map(|r| r + 1));
        self.outcome.changes.push(change);
    }

    /// Phase 1: repairs that are due.
    pub(crate) fn repairs(&mut self) {
        let due =
            (0..self.attendants.len()).filter(|&who| self.attendants[who].due == Some(self.now));
        let due: Vec<usize> = due.collect();
        for who in due {
            self.come_up(who);
        }
    }

    fn come_up(&mut self, who: usize) {
        self.as_it_was(who, self.now);
        let (now, serves) = (self.now, self.serves(who).is_some());
        let slowed = !self.attendants[who].down;
        let one = &mut self.attendants[who];
        if one.counted || !one.off {
            self.changed(who, FaultEvent::Repair, None);
        }
        let one = &mut self.attendants[who];
        self.outcome.repairs[who] += usize::from(one.counted);
        (one.down, one.slow, one.due) = (false, 1.0, None);
        if !slowed {
            one.idle_since = now;
        }
        // The clock of faults begins anew.
        if self.desk.faults.every.is_some() {
            let every = self.chance.every(who);
            match self.desk.faults.clock {
                FaultClock::Calendar => one.fault = Some(now + every),
                FaultClock::Busy => {
                    one.left = every;
                    one.runs = serves.then_some(now);
                }
            }
        }
        if slowed {
            self.pace(who);
        }
        self.release_crew(who);
    }

    fn release_crew(&mut self, who: usize) {
        self.broken.retain(|&waits| waits != who);
        if std::mem::take(&mut self.attendants[who].crew) {
            self.employ_crew();
        }
    }

    /// The crew takes up as many as it can, first failed first.
    fn employ_crew(&mut self) {
        let at_work = |run: &Self| run.attendants.iter().filter(|one| one.crew).count();
        let most = self.desk.faults.crew.unwrap_or(u32::MAX) as usize;
        while at_work(self) < most && !self.broken.is_empty() {
            let next = self.broken.remove(0);
            let one = &mut self.attendants[next];
            one.crew = true;
            one.due = Some(self.now + one.repair);
        }
    }

    /// The end of phase 1.
    pub(crate) fn on_duty(&mut self) {
        for who in 0..self.attendants.len() {
            let (now, time) = (self.now, self.time());
            let Some(shift) = self.shift_of(who) else {
                continue;
            };
            let on = is_on(shift, time);
            let one = &mut self.attendants[who];
            if on && one.leaving {
                one.leaving = false;
            } else if on && one.off {
                one.off = false;
                self.outcome.off.push((who, one.off_since, now));
                one.as_it_is = now;
                one.idle_since = now;
                self.changed(who, FaultEvent::OnDuty, None);
            }
        }
    }

    /// Phase 2: the script, then chance.
    pub(crate) fn faults(&mut self) {
        for entry in 0..self.desk.faults.script.len() {
            if !self.happens(entry) {
                continue;
            }
            let (down_for, slow) = match self.desk.faults.script[entry].event {
                ScriptEvent::Repair => {
                    for who in self.concerned(entry) {
                        if self.attendants[who].down || self.attendants[who].slow != 1.0 {
                            self.come_up(who);
                        }
                    }
                    continue;
                }
                ScriptEvent::Fault { down_for } => (down_for, None),
                ScriptEvent::Slow { down_for, factor } => (down_for, Some(factor)),
            };
            for who in self.concerned(entry) {
                let one = &self.attendants[who];
                if one.down || (one.slow != 1.0 && slow.is_some()) {
                    continue;
                }
                self.release_crew(who);
                self.strike(who, slow);
                self.attendants[who].due = down_for.map(|lasts| self.now + lasts);
            }
        }
        for (entry, done) in self.desk.faults.script.iter().zip(&mut self.done) {
            *done |= entry.at.get() <= self.now;
        }
        for who in 0..self.attendants.len() {
            let one = &self.attendants[who];
            if one.down || one.slow != 1.0 {
                continue;
            }
            if self.desk.faults.every.is_none() {
                if self.desk.faults.probability == 0.0 || one.off || !self.chance.fails(who) {
                    continue;
                }
            } else {
                let runs = one.runs.map(|since| since + one.left);
                if one.fault != Some(self.now) && runs != Some(self.now) {
                    continue;
                }
                if one.off {
                    self.attendants[who].fault = Some(self.now + self.chance.every(who));
                    continue;
                }
            }
            self.strike(who, self.desk.faults.slow);
            if self.desk.faults.repair.is_some() {
                self.attendants[who].repair = self.chance.repair(who);
                self.broken.push(who);
                self.employ_crew();
            }
        }
    }

    fn happens(&self, entry: usize) -> bool {
        !self.done[entry] && self.desk.faults.script[entry].at.get() == self.now
    }

    fn concerned(&self, entry: usize) -> Vec<usize> {
        let entry = &self.desk.faults.script[entry];
        let everyone = 0..self.attendants.len();
        let concerned = everyone.filter(|&who| {
            let one = &self.attendants[who];
            one.server == entry.server && entry.attendant.is_none_or(|number| number == one.number)
        });
        concerned.collect()
    }

    /// It goes down or is slowed.
    fn strike(&mut self, who: usize, slow: Option<f64>) {
        self.as_it_was(who, self.now);
        let cut = self.serves(who).filter(|_| slow.is_none());
        let one = &mut self.attendants[who];
        one.counted = !one.off;
        (one.fault, one.runs, one.due) = (None, None, None);
        let event = match slow {
            Some(factor) => {
                one.slow = factor;
                FaultEvent::Slow
            }
            None => {
                (one.down, one.slow) = (true, 1.0);
                FaultEvent::Fault
            }
        };
        if self.attendants[who].counted {
            self.outcome.faults[who] += 1;
            self.changed(who, event, cut);
        }
        match slow {
            Some(_) => self.pace(who),
            None => self.break_off(who),
        }
    }

    /// The end of phase 2.
    pub(crate) fn off_duty(&mut self) {
        for who in 0..self.attendants.len() {
            let (now, time, busy) = (self.now, self.time(), self.is_busy(who));
            let Some(shift) = self.shift_of(who) else {
                continue;
            };
            let finishes = shift.leaving == ShiftLeaving::Finish;
            if is_on(shift, time) || self.attendants[who].off {
                continue;
            }
            if busy && finishes {
                self.attendants[who].leaving = true;
                continue;
            }
            self.as_it_was(who, now);
            let cut = self.serves(who);
            let one = &mut self.attendants[who];
            (one.off, one.leaving, one.off_since) = (true, false, now);
            self.changed(who, FaultEvent::OffDuty, cut);
            if cut.is_some() {
                self.clock_ends(who, now);
            }
            self.break_off(who);
        }
    }

    /// Who waits where nobody has the skill any more is handed over.
    pub(crate) fn hand_over(&mut self) {
        for r in self.present() {
            let class = self.outcome.requests[r].drawn.class;
            if let Place::At(server) = self.outcome.requests[r].place
                && self.up_with_skill(server, class) == 0
            {
                self.count_move(1);
                self.outcome.requests[r].place = Place::HandedOver;
            }
        }
    }

    /// What it is at is cut off.
    fn break_off(&mut self, who: usize) {
        let now = self.now;
        if let Some(wrap) = self.attendants[who].wraps_up.take() {
            self.outcome
                .busy
                .push((who, wrap.since, now.max(wrap.since)));
        }
        let Some(r) = self.serves(who) else {
            return;
        };
        let (since, speed, paced) = {
            let one = &self.attendants[who];
            (one.since, one.speed, one.paced)
        };
        self.outcome.busy.push((who, since, now));
        self.count_move(2);
        let request = &mut self.outcome.requests[r];
        let worked = now - since;
        request.worked += worked;
        let used_up = self.desk.max_attempts == Some(request.attempts);
        if self.desk.faults.work == InterruptedWork::Lost || used_up {
            request.place = Place::Ended(RequestOutcome::Failed);
            request.end = Some(now);
            if request.gone.is_none() {
                self.again(r, Loss::Failed);
            }
            return;
        }
        request.place = Place::HandedOver;
        self.outcome.moves.last_mut().unwrap().1[1] += 1;
        match self.desk.faults.work {
            InterruptedWork::Resume => {
                request.served += worked;
                request.left = (request.left - (now - paced) * speed).max(0.0);
            }
            _ => request.left = request.drawn.values.service,
        }
    }

    /// Its speed is another from now on.
    fn pace(&mut self, who: usize) {
        let (now, stepped) = (self.now, self.stepped());
        if let Some(r) = self.serves(who) {
            let own = self
                .skill(who, self.outcome.requests[r].drawn.class)
                .unwrap()
                .1;
            let one = &mut self.attendants[who];
            let request = &mut self.outcome.requests[r];
            request.left -= (now - one.paced) * one.speed;
            (one.speed, one.paced) = (own * one.slow, now);
            one.changes += 1;
            let mut lasts = request.left.max(0.0) / one.speed;
            if stepped {
                let name = (request.attempts - 1) | one.changes << 32;
                lasts = self.chance.whole(lasts, r + 1, name);
            }
            one.ends = now + lasts;
        }
        let one = &mut self.attendants[who];
        if let Some(wrap) = &mut one.wraps_up {
            wrap.left -= (now - wrap.paced) * wrap.speed;
            (wrap.speed, wrap.paced) = (wrap.own * one.slow, now);
            wrap.changes += 1;
            let mut lasts = wrap.left.max(0.0) / wrap.speed;
            if stepped {
                let (request, attempts) = wrap.name;
                let name = attempts | wrap.changes << 32;
                lasts = self.chance.whole_wrap_up(lasts, request, name).max(1.0);
            }
            wrap.ends = now + lasts;
        }
    }

    /// A service ends, and with it the time by which faults are counted: one due then does not happen.
    pub(crate) fn clock_ends(&mut self, who: usize, ends: f64) {
        let one = &mut self.attendants[who];
        if let Some(since) = one.runs.take() {
            one.left = match since + one.left <= ends {
                true if self.desk.faults.every.is_some() => self.chance.every(who),
                true => f64::INFINITY,
                false => one.left - (ends - since),
            };
        }
    }

    /// The work after a service of this request begins.
    pub(crate) fn wrap_up(&mut self, who: usize, r: usize, (ends, attempts): (f64, u64)) {
        let drawn = self.outcome.requests[r].drawn;
        let own = self.skill(who, drawn.class).unwrap().1;
        let speed = own * self.attendants[who].slow;
        let mut lasts = drawn.values.wrap_up / speed;
        if self.stepped() {
            lasts = self.chance.whole_wrap_up(lasts, r + 1, attempts);
        }
        if ends + lasts > ends {
            self.attendants[who].wraps_up = Some(WrapUp {
                since: ends,
                ends: ends + lasts,
                left: drawn.values.wrap_up,
                paced: ends,
                speed,
                own,
                name: (r + 1, attempts),
                changes: 0,
            });
        }
    }
}
