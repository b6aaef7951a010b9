//! Situations of a desk: those that its scenario allows, and whether each arose in a run.

use super::subject::Met;
use crate::desk::DeskOutcome;
use crate::scenario::{
    Class, Desk, DeskArrivals, DeskHorizon, InterruptedWork, Loss, Queue, ScriptEvent, Shift,
    ShiftLeaving,
};
use crate::station::{
    FaultEvent, FaultRecord, Happening, RequestEvent, RequestEventKind, RequestOutcome,
    RequestRecord, StepRecord,
};
use std::collections::{BTreeMap, BTreeSet};

/// A situation that can arise.
type Name = &'static str;

/// Server and attendant.
type Place = (u32, u32);

/// The situations of a run, and whether each arose in these records of every change of state.
pub(super) fn met(desk: &Desk, outcome: &DeskOutcome, records: &[Happening]) -> Met {
    let mut seen = Seen::default();
    for record in records {
        match record {
            Happening::Step(row) => seen.step(desk, row),
            Happening::Request(event) => seen.event(desk, event),
            Happening::Fault(row) => seen.fault(desk, row),
            Happening::Ended(row) => seen.end(desk, row),
            _ => {}
        }
    }
    seen.wrap_ups_cut_off();
    seen.tries_that_met(desk);
    seen.note(
        "requests were there at the end",
        outcome.summary.requests.in_system > 0,
    );
    let possible = possible(desk).into_iter();
    possible
        .map(|name| (name, seen.arose.contains(name)))
        .collect()
}

/// The situations that a desk allows.
fn possible(desk: &Desk) -> Vec<Name> {
    let class = |has: &dyn Fn(&Class) -> bool| desk.classes.iter().any(has);
    let faults = &desk.faults;
    let by_chance = faults.probability > 0.0 || faults.every.is_some();
    let script = |has: &dyn Fn(&ScriptEvent) -> bool| {
        let mut script = faults.script.iter();
        script.any(|entry| has(&entry.event))
    };
    let stops = by_chance && faults.slow.is_none()
        || script(&|event| matches!(event, ScriptEvent::Fault { .. }));
    let slows = by_chance && faults.slow.is_some()
        || script(&|event| matches!(event, ScriptEvent::Slow { .. }));
    let in_use = desk.servers.iter().flat_map(|server| &server.shifts);
    let in_use: Vec<&Shift> = in_use.flatten().map(|&shift| &desk.shifts[shift]).collect();
    let (shifts, leaves) = (!in_use.is_empty(), |leaving| {
        in_use.iter().any(|shift| shift.leaving == leaving)
    });
    let hands_over = leaves(ShiftLeaving::HandOver);
    let cuts_off = stops || hands_over;
    let takes_over = desk.rebalance && desk.queue == Queue::Servers && desk.servers.len() > 1;
    let fills = desk.buffer.is_some() || desk.system_capacity.is_some();
    let recorded_patience = match &desk.arrivals {
        DeskArrivals::Recorded(day) => day.iter().any(|one| one.patience.is_some()),
        _ => false,
    };
    let patience = recorded_patience || class(&|class| class.patience.is_some());
    let wraps_up = class(&|class| class.wrap_up.is_some());
    let times_out = class(&|class| class.timeout.is_some());
    let stays = class(&leaves_work_behind);
    let fails = cuts_off && (faults.work == InterruptedWork::Lost || desk.max_attempts.is_some());
    let stop = matches!(
        desk.horizon,
        DeskHorizon::Until { end: Some(_), .. } | DeskHorizon::Steps(_)
    );
    [
        ("two requests tied", true),
        ("the buffer was full", fills),
        ("an attendant went down", stops),
        ("an attendant was slowed", slows),
        ("a repair waited for its crew", faults.crew.is_some()),
        ("a request was interrupted", cuts_off),
        (
            "a request was reallocated",
            cuts_off || shifts || takes_over,
        ),
        ("a request was rejected", fills),
        ("a request gave up", patience),
        ("a request failed", fails),
        ("an attendant went off duty", shifts),
        (
            "an attendant finished after its spell",
            leaves(ShiftLeaving::Finish),
        ),
        ("the end of a spell cut off a service", hands_over),
        ("an attendant came on duty in an outage", shifts && stops),
        ("an attendant wrapped up", wraps_up),
        ("a fault cut off a wrap-up", wraps_up && stops),
        (
            "the end of a spell cut off a wrap-up",
            wraps_up && hands_over,
        ),
        ("a time-out struck while a request waited", times_out),
        ("a time-out struck during a service", times_out),
        ("a service began for a client who had gone", stays),
        ("a client came again", class(&|class| class.retry.is_some())),
        (
            "a try met work that an earlier one left behind",
            class(&|class| leaves_work_behind(class) && comes_after(class, Loss::TimedOut)),
        ),
        (
            "a client had used up its tries",
            class(&|class| {
                class
                    .retry
                    .as_ref()
                    .is_some_and(|retry| retry.most.is_some())
            }),
        ),
        ("requests were there at the end", stop),
    ]
    .into_iter()
    .filter_map(|(name, possible)| possible.then_some(name))
    .collect()
}

/// Whether the work on requests of a class goes on after their clients have left.
fn leaves_work_behind(class: &Class) -> bool {
    let timeout = class.timeout.as_ref();
    timeout.is_some_and(|timeout| !timeout.withdraw)
}

/// Whether clients of a class retry after this loss.
fn comes_after(class: &Class, loss: Loss) -> bool {
    let retry = class.retry.as_ref();
    retry.is_some_and(|retry| retry.after.contains(&loss))
}

/// A wrap-up, with its end if nothing interrupts it.
#[derive(Clone, Copy, Debug)]
struct WrapUp {
    place: Place,
    begin: f64,
    end: f64,
}

/// Observations so far.
#[derive(Debug, Default)]
struct Seen {
    arose: BTreeSet<Name>,
    /// Requests whose clients have left.
    gone: BTreeSet<u64>,
    wrap_ups: Vec<WrapUp>,
    /// The changes of each attendant, in order.
    changes: BTreeMap<Place, Vec<(f64, FaultEvent)>>,
    /// Tries of each client: arrival, and end of the work on it.
    tries: BTreeMap<u64, Vec<(f64, f64)>>,
}

impl Seen {
    fn note(&mut self, name: Name, arose: bool) {
        if arose {
            self.arose.insert(name);
        }
    }

    fn step(&mut self, desk: &Desk, row: &StepRecord) {
        let full = desk.buffer.is_some_and(|most| row.buffer >= most);
        self.note("two requests tied", row.generated > 1);
        self.note("the buffer was full", full || row.rejected > 0);
        self.note("a request was interrupted", row.interrupted > 0);
        self.note("a request was reallocated", row.reallocated > 0);
    }

    fn event(&mut self, desk: &Desk, event: &RequestEvent) {
        match event.kind {
            RequestEventKind::TimedOut { with, .. } => {
                self.gone.insert(event.request);
                self.note(
                    match with {
                        Some(_) => "a time-out struck during a service",
                        None => "a time-out struck while a request waited",
                    },
                    true,
                );
            }
            RequestEventKind::Started { .. } => {
                let gone = self.gone.contains(&event.request);
                self.note("a service began for a client who had gone", gone);
            }
            RequestEventKind::ComesAgain { .. } => self.note("a client came again", true),
            RequestEventKind::WrapUp {
                server,
                attendant,
                lasts,
            } => {
                // In steps it begins with the step after the one in which the service ended.
                let step = if desk.steps().is_some() { 1.0 } else { 0.0 };
                let begin = event.time.get() + step;
                self.note("an attendant wrapped up", true);
                self.wrap_ups.push(WrapUp {
                    place: (server, attendant),
                    begin,
                    end: begin + lasts,
                });
            }
            RequestEventKind::SpeedChanged {
                server,
                attendant,
                lasts,
            } => {
                let place = (server, attendant);
                let mut latest = self.wrap_ups.iter_mut().rev();
                if let Some(wrap_up) = latest.find(|wrap_up| wrap_up.place == place)
                    && wrap_up.end > event.time.get()
                {
                    wrap_up.end = event.time.get() + lasts;
                }
            }
            _ => {}
        }
    }

    fn fault(&mut self, desk: &Desk, row: &FaultRecord) {
        let place = (row.server, row.attendant);
        let changes = self.changes.entry(place).or_default();
        changes.push((row.time.get(), row.event));
        match row.event {
            FaultEvent::Fault => self.note("an attendant went down", true),
            FaultEvent::Slow => self.note("an attendant was slowed", true),
            FaultEvent::OnDuty => self.note("an attendant came on duty in an outage", row.waits),
            FaultEvent::OffDuty => {
                let cut_off = row.request.is_some();
                let late = !spell_ends(desk, row);
                self.note("an attendant went off duty", true);
                self.note("the end of a spell cut off a service", cut_off);
                self.note("an attendant finished after its spell", late);
            }
            FaultEvent::Repair => {}
        }
        let broken = matches!(row.event, FaultEvent::Fault | FaultEvent::Slow);
        self.note("a repair waited for its crew", broken && row.waits);
    }

    fn end(&mut self, desk: &Desk, row: &RequestRecord) {
        let loss = match row.outcome {
            RequestOutcome::Rejected => Some(("a request was rejected", Loss::Rejected)),
            RequestOutcome::Abandoned => Some(("a request gave up", Loss::Abandoned)),
            RequestOutcome::Failed => Some(("a request failed", Loss::Failed)),
            RequestOutcome::TimedOut | RequestOutcome::Completed | RequestOutcome::InSystem => None,
        };
        if let Some((name, _)) = loss {
            self.note(name, true);
        }
        let loss = match row.gone {
            Some(_) => Some(Loss::TimedOut),
            None => loss.map(|loss| loss.1),
        };
        let class = &desk.classes[row.class as usize];
        let retry = class.retry.as_ref();
        let used_up = retry
            .and_then(|retry| retry.most)
            .is_some_and(|most| row.attempt > most);
        let lost = loss.is_some_and(|loss| comes_after(class, loss));
        self.note("a client had used up its tries", used_up && lost);
        if retry.is_some() {
            let end = row.end.map_or(f64::INFINITY, |end| end.get());
            let tries = self.tries.entry(row.client).or_default();
            tries.push((row.arrival.get(), end));
        }
    }

    /// Finds wrap-ups during which an attendant went down or off duty.
    fn wrap_ups_cut_off(&mut self) {
        for WrapUp { place, begin, end } in std::mem::take(&mut self.wrap_ups) {
            let changes = self.changes.get(&place).into_iter().flatten();
            let ends = |event| matches!(event, FaultEvent::Fault | FaultEvent::OffDuty);
            let first = changes
                .copied()
                .find(|change| change.0 >= begin && ends(change.1));
            let cut_off = first.filter(|&(time, _)| time < end);
            match cut_off {
                Some((_, FaultEvent::Fault)) => self.note("a fault cut off a wrap-up", true),
                Some((_, FaultEvent::OffDuty)) => {
                    self.note("the end of a spell cut off a wrap-up", true);
                }
                _ => {}
            }
        }
    }

    /// Finds tries that arrived while the work on an earlier one of the same client went on.
    fn tries_that_met(&mut self, desk: &Desk) {
        // A request completed in a step is in service until its end.
        let within_step = desk.steps().is_some();
        let mut tries = self.tries.values();
        let met = tries.any(|tries| {
            let still = |arrival: f64, end: f64| end > arrival || within_step && end == arrival;
            let each = tries.iter();
            each.clone().any(|&(arrival, _)| {
                let mut earlier = each.clone().filter(|one| one.0 < arrival);
                earlier.any(|&(_, end)| still(arrival, end))
            })
        });
        self.note("a try met work that an earlier one left behind", met);
    }
}

/// Whether an attendant that went off duty did so at the end of a period of its shift.
fn spell_ends(desk: &Desk, row: &FaultRecord) -> bool {
    let shift = desk.servers[row.server as usize].shift(row.attendant as usize);
    let Some(shift) = shift else {
        return true;
    };
    let spells = desk.shifts[shift].joined();
    let mut begun = spells.take_while(|&[begin, _]| desk.on_clock(begin) < row.time);
    begun.any(|[_, end]| desk.on_clock(end) == row.time)
}
